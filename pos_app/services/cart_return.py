"""Books that come back: the sale they come from, and the lines of a basket that take them back."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from pos_app.app import App
from pos_app.domain.document import Restock
from pos_app.domain.free_text import free_text
from pos_app.domain.kinds import BookKind
from pos_app.domain.order_status import OrderKind
from pos_app.domain.payment import PaidPart
from pos_app.domain.permission import Permission
from pos_app.domain.pricing import check_quantity
from pos_app.domain.sale import SoldLine, mirror
from pos_app.domain.tax import TaxPolicy
from pos_app.errors import Refused
from pos_app.models import Book, Cart, CartItem, Order, OrderItem, Till, User, table
from pos_app.services.book import find_sellable
from pos_app.services.cart import insert_line, items_of, line_of, remember, step, write_line
from pos_app.services.cart_price import MAX_REASON
from pos_app.services.cart_view import CartView, line_key
from pos_app.services.order_number import parse_receipt_number, receipt_text_number
from pos_app.services.refund import purse_of
from pos_app.services.right import About, require_or_approved
from pos_app.services.setting import shop_settings
from pos_app.services.shift import business_date
from pos_app.services.sign_in import Operator

_OI = table(OrderItem)


@dataclass(frozen=True, slots=True)
class ReturnLine:
    """One line of a sale that books may come back from; `amount` is what all of it came to.

    `coming` pieces are in the basket already, `returned` came back before, the last time at `returned_at`.
    """

    item_id: int
    key: str
    book_id: int
    title: str
    author: str
    isbn: str | None
    kind: BookKind
    quantity: int
    returned: int
    coming: int
    amount: int
    discount: int
    refund: int
    gift_card: str | None
    returned_at: datetime | None = None

    @property
    def left(self) -> int:
        """How many may still come back, those in the basket included."""
        return self.quantity - self.returned


@dataclass(frozen=True, slots=True)
class ReturnView:
    """A sale whose books may come back, and what its payments still stand for."""

    order_id: int
    number: str
    placed_at: datetime
    business_date: date
    operator: str
    training: bool
    lines: tuple[ReturnLine, ...]
    parts: tuple[PaidPart, ...]


@dataclass(frozen=True, slots=True)
class Asked:
    """What is said of books that come back, and by what approval."""

    restock: Restock
    reason: str
    approval: str | None
    now: datetime


async def find_return(app: App, number: str, cart_id: int | None = None) -> ReturnView:
    """Give a sale by its receipt number, with what came back of it and what is coming back in a basket.

    Raises Refused("receipt.number" | "receipt.missing" | "return.nothing").
    """
    return await app.db.read(lambda session: _find(session, number, cart_id))


async def take_back(
    app: App,
    operator: Operator,
    cart_id: int,
    item_id: int,
    quantity: int,
    *,
    restock: Restock = Restock.SELLABLE,
    reason: str = "",
    approval: str | None = None,
) -> CartView:
    """Have so many pieces of a sold line come back in a basket; 0 leaves them with the customer.

    A return later than the shop's number of days needs a manager. Raises Refused("return.…" | "right.…" |
    "approval.invalid" | "cart.…").
    """
    if quantity != 0:
        check_quantity(quantity)
    now = app.clock.now()

    return await step(
        app,
        operator,
        cart_id,
        lambda session, cart: _take_back(
            session, operator, cart, item_id, quantity, Asked(restock, reason, approval, now)
        ),
    )


async def take_back_without_receipt(
    app: App,
    operator: Operator,
    cart_id: int,
    code: str,
    *,
    quantity: int = 1,
    restock: Restock = Restock.SELLABLE,
    reason: str = "",
    approval: str | None = None,
) -> CartView:
    """Have a book come back that no receipt was found for, at today's price; needs the right, up to its limit.

    Raises Refused("right.missing" | "right.limit" | "approval.invalid" | "book.…" | "code.…" | "cart.…").
    """
    check_quantity(quantity)
    now = app.clock.now()

    def act(session: Session, cart: Cart) -> str:
        book = find_sellable(session, code)
        old = items_of(session, cart.id).get(line_key(book.id, "back"))
        pieces = quantity + (old["quantity"] if old else 0)
        return _take_unproved(session, operator, cart, book, pieces, Asked(restock, reason, approval, now))

    return await step(app, operator, cart_id, act)


async def change_return(
    app: App, operator: Operator, cart_id: int, key: str, quantity: int, approval: str | None = None
) -> CartView:
    """Have more or fewer pieces of a line come back; more takes what taking it back took. Raises as those do."""
    check_quantity(quantity)
    now = app.clock.now()

    def act(session: Session, cart: Cart) -> str:
        item = line_of(session, cart, key)
        if not item["comes_back"]:
            raise Refused("return.nothing")
        asked = Asked(Restock(item["restock"]), "", approval, now)
        if item["returned_item_id"] is not None:
            return _take_back(session, operator, cart, item["returned_item_id"], quantity, asked)
        book = session.get_one(Book, item["book_id"])
        return _take_unproved(session, operator, cart, book, quantity, asked)

    return await step(app, operator, cart_id, act)


async def set_restock(app: App, operator: Operator, cart_id: int, key: str, restock: Restock) -> CartView:
    """Say where a book that comes back goes. Raises Refused("cart.no_line" | "cart.…")."""

    def act(session: Session, cart: Cart) -> str:
        item = line_of(session, cart, key)
        if not item["comes_back"]:
            raise Refused("return.nothing")
        remember(session, cart, "restock", lines=[key])
        write_line(session, item["id"], restock=restock)
        return key

    return await step(app, operator, cart_id, act)


def _take_back(session: Session, operator: Operator, cart: Cart, item_id: int, quantity: int, asked: Asked) -> str:
    sold = session.execute(
        select(_OI, table(Order).c.business_date, table(Order).c.training, table(Order).c.kind)
        .join_from(_OI, table(Order), table(Order).c.id == _OI.c.order_id)
        .where(_OI.c.id == item_id)
    ).one_or_none()
    if sold is None or sold.quantity < 0 or sold.kind not in (OrderKind.SALE, OrderKind.EXCHANGE):
        raise Refused("return.nothing")
    if sold.training is not cart.training:
        raise Refused("return.training")
    _refuse_two_sales(session, cart, sold.order_id)
    if quantity > sold.quantity - sold.returned_quantity:
        raise Refused("return.too_many", title=sold.title, left=sold.quantity - sold.returned_quantity)
    settings = shop_settings(session)
    days = settings.return_days
    late = days and sold.business_date < business_date(settings, asked.now) - timedelta(days=days)
    permission = Permission.RETURN_WITHOUT_RECEIPT if late else Permission.RETURN
    part, approver = f"back {item_id}", None
    items = items_of(session, cart.id)
    key = line_key(sold.book_id, part)
    # What was let through before needs no second PIN to be told where it goes.
    if quantity > (items[key]["quantity"] if key in items else 0):
        worth = _worth(items, key, quantity * sold.price, proved=True)
        approver = require_or_approved(
            session, operator, permission, worth, asked.approval, asked.now, _pieces(quantity, sold.title)
        )
    return _put(session, cart, sold.book_id, part, quantity, _values(sold, asked.restock), asked.reason, approver)


def _take_unproved(session: Session, operator: Operator, cart: Cart, book: Book, quantity: int, asked: Asked) -> str:
    key = line_key(book.id, "back")
    items = items_of(session, cart.id)
    approver = None
    if quantity > (items[key]["quantity"] if key in items else 0):
        worth = _worth(items, key, quantity * book.price, proved=False)
        permission = Permission.RETURN_WITHOUT_RECEIPT
        approver = require_or_approved(
            session, operator, permission, worth, asked.approval, asked.now, _pieces(quantity, book.title)
        )
    values = {"price": book.price, "restock": asked.restock, "comes_back": True}
    return _put(session, cart, book.id, "back", quantity, values, asked.reason, approver)


def _pieces(quantity: int, title: str) -> About:
    return About(title if quantity == 1 else f"{quantity} × {title}")


def _worth(items: dict[str, dict[str, Any]], key: str, amount: int, *, proved: bool) -> int:
    """What all comes to that comes back with a receipt, or without one: a limit is for the whole return."""
    others: list[int] = [
        item["quantity"] * item["price"]
        for name, item in items.items()
        if name != key and item["comes_back"] and (item["returned_item_id"] is not None) is proved
    ]
    return amount + sum(others)


def _refuse_two_sales(session: Session, cart: Cart, order_id: int) -> None:
    """What a sale was paid with can be followed back for one sale at a time."""
    other = session.scalar(
        select(OrderItem.id)
        .join(CartItem, CartItem.returned_item_id == OrderItem.id)
        .where(CartItem.cart_id == cart.id, OrderItem.order_id != order_id)
        .limit(1)
    )
    if other is not None:
        raise Refused("return.one_sale")


def _values(sold: Any, restock: Restock) -> dict[str, Any]:
    return {
        "price": sold.price,
        "restock": restock,
        "comes_back": True,
        "returned_item_id": sold.id,
        "gift_card": sold.gift_card,
    }


def _put(
    session: Session,
    cart: Cart,
    book_id: int,
    part: str,
    quantity: int,
    values: dict[str, Any],
    reason: str,
    approver: int | None,
) -> str:
    """Set how many of a line come back, as one step; the manager who let it pass is kept with the line."""
    text = free_text(reason, MAX_REASON, "reason.invalid")
    key = line_key(book_id, part)
    items = items_of(session, cart.id)
    remember(session, cart, "return", lines=[key], items=items, heading=True)
    if key in items:
        if quantity:
            let = {"allowed_by_id": approver} if approver is not None else {}
            write_line(session, items[key]["id"], quantity=quantity, restock=values["restock"], **let)
        else:
            session.execute(delete(CartItem).where(CartItem.id == items[key]["id"]))
    elif quantity:
        insert_line(
            session, cart, items, book_id=book_id, part=part, quantity=quantity, allowed_by_id=approver, **values
        )
    if text:
        cart.return_reason = text
        session.flush()
    return key


def _find(session: Session, number: str, cart_id: int | None) -> ReturnView:
    till, serial, training = parse_receipt_number(number)
    row = session.execute(
        select(Order, User.username)
        .join(Till, Till.id == Order.till_id)
        .join(User, User.id == Order.user_id)
        .where(Till.number == till, Order.receipt_number == serial, Order.training.is_(training))
    ).one_or_none()
    if row is None:
        raise Refused("receipt.missing", number=receipt_text_number(till, serial, training=training))
    order = row.Order
    if order.kind not in (OrderKind.SALE, OrderKind.EXCHANGE) or not order.item_count:
        raise Refused("return.nothing")
    coming = _coming(session, cart_id)
    return ReturnView(
        order_id=order.id,
        number=receipt_text_number(till, serial, training=training),
        placed_at=order.placed_at,
        business_date=order.business_date,
        operator=row.username,
        training=order.training,
        lines=tuple(_return_lines(session, order, coming)),
        parts=purse_of(session, order.id, shop_settings(session).cash_rounding).parts,
    )


def _coming(session: Session, cart_id: int | None) -> dict[int, int]:
    if cart_id is None:
        return {}
    rows = session.execute(
        select(CartItem.returned_item_id, CartItem.quantity).where(
            CartItem.cart_id == cart_id, CartItem.returned_item_id.is_not(None)
        )
    )
    return {item_id: quantity for item_id, quantity in rows if item_id is not None}


def _return_lines(session: Session, order: Order, coming: dict[int, int]) -> list[ReturnLine]:
    policy = TaxPolicy(order.prices_include_tax, order.tax_level)
    back = table(OrderItem).alias("back")
    later = table(Order).alias("later")
    returned_at = (
        select(later.c.placed_at)
        .join_from(later, back, back.c.order_id == later.c.id)
        .where(back.c.returned_item_id == _OI.c.id)
        .order_by(later.c.id.desc())
        .limit(1)
        .scalar_subquery()
    )
    rows = session.execute(
        select(_OI, table(Book).c.author, table(Book).c.kind, returned_at.label("returned_at"))
        .join_from(_OI, table(Book), table(Book).c.id == _OI.c.book_id)
        .where(_OI.c.order_id == order.id, _OI.c.quantity > 0)
        .order_by(_OI.c.position)
    )
    return [_return_line(row, policy, coming.get(row.id, 0)) for row in rows]


def _return_line(row: Any, policy: TaxPolicy, coming: int) -> ReturnLine:
    rate: Decimal = row.tax_rate
    sold = SoldLine(row.quantity, row.price, row.net_amount, row.tax_amount, row.returned_quantity, row.tax_name, rate)
    pieces = coming or min(1, row.quantity - row.returned_quantity)
    back = mirror(policy, sold, pieces) if pieces else None
    return ReturnLine(
        item_id=row.id,
        key=line_key(row.book_id, f"back {row.id}"),
        book_id=row.book_id,
        title=row.title,
        author=row.author,
        isbn=row.isbn,
        kind=row.kind,
        quantity=row.quantity,
        returned=row.returned_quantity,
        coming=coming,
        amount=row.amount,
        discount=row.discount_amount,
        refund=-(back.net + back.tax) if back else row.net_amount + row.tax_amount,
        gift_card=row.gift_card,
        returned_at=row.returned_at,
    )
