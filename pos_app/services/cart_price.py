"""Discounts and overrides in a basket, each with its reason and, where it takes one, the manager who let it pass."""

from collections.abc import Callable, Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from pos_app.app import App
from pos_app.domain.free_text import free_text
from pos_app.domain.journal import Fact
from pos_app.domain.permission import Permission
from pos_app.domain.pricing import check_price, points_below
from pos_app.errors import Refused
from pos_app.models import Book, Cart, TaxRate
from pos_app.services import journal
from pos_app.services.cart import about_line, items_of, line_of, remember, step, title_of, write_line
from pos_app.services.cart_limit import given_points, keep_allowed
from pos_app.services.cart_view import CartView, content
from pos_app.services.right import About, require_or_approved
from pos_app.services.setting import shop_settings
from pos_app.services.sign_in import Operator

MAX_REASON = 80


async def discount_line(
    app: App,
    operator: Operator,
    cart_id: int,
    key: str,
    discount: Decimal | int | None,
    reason: str = "",
    approval: str | None = None,
) -> CartView:
    """Take a part (Decimal, 0 to 1) or an amount (int) off a line; None takes the discount away again.

    Raises Refused("discount.…" | "reason.invalid" | "right.limit" | "right.missing" | "approval.invalid" | "cart.…").
    """
    reason = _checked(reason, "Discount")
    now = app.clock.now()

    def act(session: Session, cart: Cart) -> str:
        item = _own_line(session, cart, key, "discount")
        unit = item["price"] if item["price_override"] is None else item["price_override"]
        given = {
            "discount_rate": discount if isinstance(discount, Decimal) else None,
            "discount_amount": discount if isinstance(discount, int) else None,
            "discount_reason": None if discount is None else reason,
        }
        write_line(session, item["id"], **given, allowed_by_id=None)
        read = content(session, cart.id, shop_settings(session), now)
        points = given_points(session, cart.id, read).get(key, 0)
        if discount is None:
            # What the sale takes off may still be more than the person may: that was let pass with the sale.
            write_line(session, item["id"], allowed_points=min(points, item["allowed_points"] or 0) or None)
            return key
        _check_size(discount, item["quantity"] * unit)
        approver = require_or_approved(
            session, operator, Permission.DISCOUNT, points, approval, now, about_line(read, key)
        )
        write_line(session, item["id"], allowed_by_id=approver, allowed_points=points)
        off = {"book": item["book_id"], "points": points}
        _tell(session, operator, cart, "discounted", now, reason=reason, allowed_by=approver, **off)
        return key

    return await step(app, operator, cart_id, act)


async def discount_sale(
    app: App,
    operator: Operator,
    cart_id: int,
    discount: Decimal | int | None,
    reason: str = "",
    approval: str | None = None,
) -> CartView:
    """Take a part or an amount off the whole sale, spread over its lines. Raises as `discount_line` does."""
    reason = _checked(reason, "Discount")
    now = app.clock.now()

    def act(session: Session, cart: Cart) -> None:
        remember(session, cart, "discount", lines=list(items_of(session, cart.id)), heading=True)
        cart.discount_rate = discount if isinstance(discount, Decimal) else None
        cart.discount_amount = discount if isinstance(discount, int) else None
        cart.discount_reason = None if discount is None else reason
        cart.discount_allowed_by_id = None
        session.flush()
        read = content(session, cart.id, shop_settings(session), now)
        points = given_points(session, cart.id, read)
        if discount is None:
            keep_allowed(session, cart.id, points, at_most=True)
            return
        open_lines = [line for line in read.lines if not line.comes_back and not line.gift_card]
        _check_size(discount, sum(line.quantity * line.price for line in open_lines))
        largest = max(points.values(), default=0)
        about = About(
            None, sum(line.quantity * line.price for line in open_lines), sum(line.amount for line in open_lines)
        )
        cart.discount_allowed_by_id = require_or_approved(
            session, operator, Permission.DISCOUNT, largest, approval, now, about
        )
        session.flush()
        # Each line keeps its own: what was let pass for one covers no other.
        keep_allowed(session, cart.id, points)
        approver = cart.discount_allowed_by_id
        off = {"was": about.was, "amount": about.now}
        _tell(session, operator, cart, "discounted", now, reason=reason, allowed_by=approver, **off)

    return await step(app, operator, cart_id, act)


async def override_price(
    app: App,
    operator: Operator,
    cart_id: int,
    key: str,
    price: int | None,
    reason: str = "",
    approval: str | None = None,
) -> CartView:
    """Sell a line at another unit price; None brings the title's own back. Raises as `discount_line` does.

    The limit is how far below the title's price it is; a higher price needs the right as such.
    """
    if price is not None:
        check_price(price)
    reason = _checked(reason, "Price")
    now = app.clock.now()

    def change(session: Session, cart: Cart, item: Mapping[str, Any]) -> Mapping[str, Any]:
        if price is None:
            return {"price_override": None, "price_reason": None, "price_allowed_by_id": None}
        below = points_below(price, item["price"])
        about = About(title_of(session, item["book_id"]), item["price"], price)
        approver = require_or_approved(session, operator, Permission.OVERRIDE_PRICE, below, approval, now, about)
        paid = {"book": item["book_id"], "was": item["price"], "amount": price}
        _tell(session, operator, cart, "price_override", now, reason=reason, allowed_by=approver, **paid)
        return {"price_override": price, "price_reason": reason, "price_allowed_by_id": approver}

    return await _change_line(app, operator, cart_id, key, "price", change)


async def override_tax(
    app: App,
    operator: Operator,
    cart_id: int,
    key: str,
    tax_rate_id: int | None,
    reason: str = "",
    approval: str | None = None,
) -> CartView:
    """Tax a line at another rate; None brings the title's own back.

    Raises as `discount_line` does, and Refused("book.tax_rate").
    """
    reason = _checked(reason, "Tax")
    now = app.clock.now()

    def change(session: Session, cart: Cart, item: Mapping[str, Any]) -> Mapping[str, Any]:
        if tax_rate_id is None:
            return {"tax_rate_id": None, "tax_reason": None, "tax_allowed_by_id": None}
        rate = session.get(TaxRate, tax_rate_id)
        if rate is None or not rate.active:
            raise Refused("book.tax_rate")
        own = session.scalar(
            select(TaxRate.name).join(Book, Book.tax_rate_id == TaxRate.id).where(Book.id == item["book_id"])
        )
        about = About(title_of(session, item["book_id"]), own, rate.name)
        approver = require_or_approved(session, operator, Permission.OVERRIDE_TAX, None, approval, now, about)
        taxed = {"book": item["book_id"], "tax": rate.name, "was": own}
        _tell(session, operator, cart, "tax_override", now, reason=reason, allowed_by=approver, **taxed)
        return {"tax_rate_id": tax_rate_id, "tax_reason": reason, "tax_allowed_by_id": approver}

    return await _change_line(app, operator, cart_id, key, "tax", change)


async def _change_line(
    app: App,
    operator: Operator,
    cart_id: int,
    key: str,
    what: str,
    change: Callable[[Session, Cart, Mapping[str, Any]], Mapping[str, Any]],
) -> CartView:
    """Change one line as one step."""

    def act(session: Session, cart: Cart) -> str:
        item = _own_line(session, cart, key, what)
        write_line(session, item["id"], **change(session, cart, item))
        return key

    return await step(app, operator, cart_id, act)


def _tell(session: Session, operator: Operator, cart: Cart, act: str, now: datetime, **facts: Fact) -> None:
    """Write into the journal that a person made something cheaper, or dearer; what is taken back is not sold so."""
    journal.append(
        session, operator.till_id, act, now, user_id=operator.user_id, basket=cart.uid, training=cart.training, **facts
    )


def _own_line(session: Session, cart: Cart, key: str, what: str) -> dict[str, Any]:
    """The line a step is about to change; gift cards are worth what they say, and what comes back costs what it did."""
    item = line_of(session, cart, key)
    if item["gift_card"] or item["comes_back"]:
        raise Refused("discount.not_here")
    remember(session, cart, what, lines=[key])
    return item


def _check_size(discount: Decimal | int, whole: int) -> None:
    """Raise Refused("discount.…") unless a discount is above nothing and not above the whole."""
    if discount <= 0:
        raise Refused("discount.negative")
    if discount > (1 if isinstance(discount, Decimal) else whole):
        raise Refused("discount.too_large")


def _checked(reason: str, otherwise: str) -> str:
    return free_text(reason, MAX_REASON, "reason.invalid") or otherwise
