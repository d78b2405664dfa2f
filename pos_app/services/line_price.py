"""What each line of a basket costs, and why: its own price or another, promotions, discounts, another tax."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Row, select
from sqlalchemy.orm import Session

from pos_app.domain.document import Adjustment, AdjustmentKind
from pos_app.domain.money import allocate, round_half_away
from pos_app.domain.promotion import PromotedLine, Saving, apply_promotions
from pos_app.domain.shop import ShopSettings
from pos_app.models import Book, TaxRate, table
from pos_app.services.order_hold import item_of
from pos_app.services.promotion import promotion_rules
from pos_app.services.quote_line import line_of_quote
from pos_app.services.shift import business_date

_B, _T = table(Book), table(TaxRate)
_BASE_TAX = select(_B.c.id, _T.c.name).join_from(_B, _T, _T.c.id == _B.c.tax_rate_id)


@dataclass(frozen=True, slots=True)
class PricedLine:
    """One line's price, what came off it, and why; who allowed what stands beside each reason."""

    unit: int
    discount: int
    adjustments: tuple[tuple[Adjustment, int | None], ...]


def price_lines(
    session: Session, rows: Sequence[Row[Any]], heading: Any, settings: ShopSettings, now: datetime
) -> list[PricedLine]:
    """Price a basket's lines inside an act: overrides, promotions, the lines' discounts, then the sale's, spread."""
    savings = _savings(session, rows, settings, now) if heading.promoted else [None] * len(rows)
    priced = [_price_line(row, saving) for row, saving in zip(rows, savings, strict=True)]
    base = _base_taxes(session, rows)
    if base:
        priced = [_with_tax(one, row, base) for one, row in zip(priced, rows, strict=True)]
    if heading.sale_rate is None and heading.sale_amount is None:
        return priced
    open_amounts = [
        0 if row.comes_back or row.gift_card else row.quantity * one.unit - one.discount
        for row, one in zip(rows, priced, strict=True)
    ]
    whole = sum(open_amounts)
    off = round_half_away(whole * heading.sale_rate) if heading.sale_amount is None else min(heading.sale_amount, whole)
    reason = heading.sale_reason or "Discount"
    parts = allocate(off, open_amounts) if off else [0] * len(rows)
    return [
        PricedLine(
            one.unit,
            one.discount + part,
            (
                *one.adjustments,
                (Adjustment(AdjustmentKind.SALE_DISCOUNT, reason, part), heading.sale_allowed_by_id),
            ),
        )
        if part
        else one
        for one, part in zip(priced, parts, strict=True)
    ]


def _savings(
    session: Session, rows: Sequence[Row[Any]], settings: ShopSettings, now: datetime
) -> Sequence[Saving | None]:
    rules = promotion_rules(session)
    today = business_date(settings, now)
    selling = apply_promotions(rules, [_promoted(row, back=False) for row in rows], today)
    # What comes back without a receipt is worth what it would be sold for today, apart from what is sold with it.
    back = apply_promotions(rules, [_promoted(row, back=True) for row in rows], today)
    return [one or other for one, other in zip(selling, back, strict=True)]


def _promoted(row: Row[Any], *, back: bool) -> PromotedLine:
    """A line as promotions see it: `back` has those open to them that come back without a receipt."""
    fixed = row.gift_card or row.open_price or row.price_override is not None or row.returned_item_id is not None
    # What was ordered, or offered, costs what was agreed then.
    fixed = fixed or item_of(row.part) is not None or line_of_quote(row.part) is not None
    return PromotedLine(
        row.book_id, row.category_id, row.quantity, row.price, open=row.comes_back is back and not fixed
    )


def _price_line(row: Row[Any], saving: Saving | None) -> PricedLine:
    unit = row.price if row.price_override is None else row.price_override
    reasons: list[tuple[Adjustment, int | None]] = []
    if row.price_override is not None:
        reason = Adjustment(AdjustmentKind.PRICE, row.price_reason or "Price", 0, was=str(row.price))
        reasons.append((reason, row.price_allowed_by_id))
    off = 0
    if saving is not None:
        off = saving.amount
        reasons.append((Adjustment(AdjustmentKind.PROMOTION, saving.name, off), None))
    left = row.quantity * unit - off
    if row.discount_rate is not None or row.discount_amount is not None:
        more = round_half_away(left * row.discount_rate) if row.discount_amount is None else row.discount_amount
        more = min(more, left)
        off += more
        reason = Adjustment(AdjustmentKind.LINE_DISCOUNT, row.discount_reason or "Discount", more)
        reasons.append((reason, row.allowed_by_id))
    return PricedLine(unit, off, tuple(reasons))


def _base_taxes(session: Session, rows: Sequence[Row[Any]]) -> Mapping[int, str]:
    """The names of the taxes that lines with another one would have."""
    books = [row.book_id for row in rows if row.tax_rate_id is not None]
    if not books:
        return {}
    return {row.id: row.name for row in session.execute(_BASE_TAX.where(_B.c.id.in_(books)))}


def _with_tax(one: PricedLine, row: Row[Any], base: Mapping[int, str]) -> PricedLine:
    if row.tax_rate_id is None:
        return one
    why = Adjustment(AdjustmentKind.TAX, row.tax_reason or "Tax", 0, was=base.get(row.book_id))
    return PricedLine(one.unit, one.discount, (*one.adjustments, (why, row.tax_allowed_by_id)))
