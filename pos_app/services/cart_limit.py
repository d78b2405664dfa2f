"""Whether the discounts people gave are within what somebody may give: after any step, and when the basket is paid."""

from collections.abc import Mapping
from datetime import datetime
from fractions import Fraction
from math import ceil

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from pos_app.domain.document import AdjustmentKind
from pos_app.domain.permission import Permission
from pos_app.domain.pricing import BASIS_POINTS
from pos_app.errors import Refused
from pos_app.models import Cart, CartItem, table
from pos_app.services.cart_view import CartContent, CartLine, line_key
from pos_app.services.right import Operator, grant_of, require_or_approved

_I, _C = table(CartItem).c, table(Cart).c
_GIVEN = (AdjustmentKind.LINE_DISCOUNT, AdjustmentKind.SALE_DISCOUNT)


def given_points(session: Session, cart_id: int, read: CartContent) -> dict[str, int]:
    """Give how much of each line people took off, in hundredths of a per cent, the sale's discount included.

    Promotions are rules and count for nothing here, and neither does another price, which has a right of its own. Both
    discounts are measured as they were given: a part as that part, an amount against what it is taken off before
    promotions, so that scanning one more book never makes it larger. Rounded up: no limit is passed by rounding.
    """
    if not any(why.kind in _GIVEN for line in read.lines for why in line.adjustments):
        return {}
    rates = {
        line_key(row.book_id, row.part): row.discount_rate
        for row in session.execute(select(_I.book_id, _I.part, _I.discount_rate).where(_I.cart_id == cart_id))
    }
    sale_rate = session.scalar(select(_C.discount_rate).where(_C.id == cart_id))
    open_lines = [line for line in read.lines if not line.comes_back and not line.gift_card]
    gross = sum(line.quantity * line.price - _off(line, AdjustmentKind.LINE_DISCOUNT) for line in open_lines)
    of_sale = _part(sale_rate, sum(_off(line, AdjustmentKind.SALE_DISCOUNT) for line in open_lines), gross)
    points = {}
    for line in open_lines:
        off = _off(line, AdjustmentKind.LINE_DISCOUNT)
        of_line = _part(rates[line.key] if off else None, off, line.quantity * line.price)
        whole = of_line + (1 - of_line) * of_sale
        if whole:
            points[line.key] = min(ceil(whole * BASIS_POINTS), BASIS_POINTS)
    return points


def check_discounts(session: Session, operator: Operator, cart_id: int, read: CartContent) -> None:
    """See that no line has more taken off than was let pass for it, or than the person at the till may take off.

    Raises Refused("discount.grows", percent).
    """
    points = given_points(session, cart_id, read)
    if not points:
        return
    allowed = _allowed(session, cart_id)
    largest = max((taken for key, taken in points.items() if taken > allowed[key]), default=0)
    if largest and not grant_of(session, operator.user_id, Permission.DISCOUNT).covers(largest):
        raise Refused("discount.grows", percent=f"{largest / 100:g}")


def keep_allowed(session: Session, cart_id: int, points: Mapping[str, int], *, at_most: bool = False) -> None:
    """Keep for each line how much off it was let pass just now; `at_most` what was let pass before."""
    before = _allowed(session, cart_id)
    for row in session.execute(select(_I.id, _I.book_id, _I.part).where(_I.cart_id == cart_id)).all():
        key = line_key(row.book_id, row.part)
        taken = min(points.get(key, 0), before[key]) if at_most else points.get(key, 0)
        session.execute(update(table(CartItem)).where(_I.id == row.id).values(allowed_points=taken or None))


def _allowed(session: Session, cart_id: int) -> dict[str, int]:
    rows = session.execute(select(_I.book_id, _I.part, _I.allowed_points).where(_I.cart_id == cart_id))
    return {line_key(row.book_id, row.part): row.allowed_points or 0 for row in rows}


def let_unproved(session: Session, operator: Operator, cart_id: int, approval: str | None, now: datetime) -> int | None:
    """See that books without a receipt were let back by a manager, or by whoever is paying for them now.

    The basket may have come to another person since. Gives the manager who lets it pass now, where it takes one.
    Raises Refused("right.…" | "approval.invalid").
    """
    unproved = _I.comes_back & _I.returned_item_id.is_(None) & (_I.cart_id == cart_id)
    if not session.scalar(select(func.count()).where(unproved, _I.allowed_by_id.is_(None))):
        return None
    worth = int(session.scalar(select(func.sum(_I.quantity * _I.price)).where(unproved)) or 0)  # PostgreSQL: a decimal
    return require_or_approved(session, operator, Permission.RETURN_WITHOUT_RECEIPT, worth, approval, now)


def _off(line: CartLine, kind: AdjustmentKind) -> int:
    return sum(why.amount for why in line.adjustments if why.kind is kind)


def _part(rate: object, off: int, whole: int) -> Fraction:
    if rate is not None:
        return Fraction(str(rate))
    return Fraction(off, whole) if off and whole > 0 else Fraction(0)
