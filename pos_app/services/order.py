"""Documents: counter sales, customer orders, their payment and their way from pending to delivered."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import bindparam, func, insert, select, update
from sqlalchemy.orm import Session

from pos_app.app import App
from pos_app.domain.document import OrderView
from pos_app.domain.order_status import OrderKind, OrderStatus, check_move
from pos_app.domain.payment import PaymentIn, Settlement, settle
from pos_app.domain.permission import Permission
from pos_app.domain.pricing import check_quantity
from pos_app.domain.sale import SaleLine, SaleTotals, compute_sale
from pos_app.domain.shop import ShopSettings, StockPolicy
from pos_app.errors import Conflict, Refused
from pos_app.models import (
    Book,
    Cart,
    CartStatus,
    Customer,
    Order,
    OrderEvent,
    Shift,
    StockMovement,
    StockReason,
    TaxRate,
    table,
)
from pos_app.services import cart as basket
from pos_app.services.cart import CartContent, CartLine, CartView
from pos_app.services.order_view import (
    OrderDetail,
    order_detail,
    order_view,
)
from pos_app.services.order_write import (
    Heading,
    draw_number,
    sale_view,
    stocked,
    write_document,
    write_event,
    write_movements,
    write_payments,
)
from pos_app.services.right import require, require_user
from pos_app.services.setting import shop_settings
from pos_app.services.shift import business_date
from pos_app.services.sign_in import Operator

# Built once: putting a statement together takes longer than SQLite takes to carry it out. Each row that a decision
# rests on is locked, so that the same request sent twice, or a shift being closed, waits its turn.
_CARTS, _SHIFTS, _BOOKS = table(Cart), table(Shift), table(Book)
_CART_TO_PAY = (
    select(
        _CARTS.c.id,
        _CARTS.c.uid,
        _CARTS.c.status,
        _CARTS.c.user_id,
        _CARTS.c.till_id,
        _CARTS.c.customer_id,
        table(Customer).c.name,
    )
    .join_from(_CARTS, table(Customer), table(Customer).c.id == _CARTS.c.customer_id, isouter=True)
    .where(_CARTS.c.id == bindparam("cart"))
    .with_for_update(of=_CARTS)
)
_OPEN_SHIFT = (
    select(_SHIFTS.c.id, _SHIFTS.c.business_date)
    .where(_SHIFTS.c.till_id == bindparam("till"), _SHIFTS.c.closed_at.is_(None))
    .with_for_update()
)
_CLOSE_CART = (
    update(_CARTS).where(_CARTS.c.id == bindparam("cart")).values(status=CartStatus.PAID, version=_CARTS.c.version + 1)
)
_TAKE = update(_BOOKS).where(_BOOKS.c.id == bindparam("book_id")).values(stock=_BOOKS.c.stock - bindparam("taken"))
_TAKE_IF_THERE = _TAKE.where(_BOOKS.c.stock >= bindparam("taken"))


@dataclass(frozen=True, slots=True)
class PayRequest:
    """What is to be paid, exactly as the person at the till saw it.

    `uid` is the basket's: the same request sent again gives the same sale. `lines` are (book id, quantity, unit price,
    discount); amounts are minor units. `payments` holds every payment, part payments taken before included.
    """

    uid: str
    cart_id: int
    lines: tuple[tuple[int, int, int, int], ...]
    total: int
    payments: tuple[PaymentIn, ...]

    @classmethod
    def of(cls, cart: CartView, *payments: PaymentIn) -> "PayRequest":
        """The request that pays the basket on the screen with what it holds already and `payments`."""
        return cls(cart.uid, cart.id, seen(cart.lines), cart.totals.total, (*cart.payments, *payments))

    @property
    def content_hash(self) -> str:
        """SHA-256 (hex) over the request in a fixed form; integers for amounts, so that nothing depends on format."""
        return content_hash(self.uid, self.lines, self.total, self.payments)


def seen(lines: Sequence[CartLine]) -> tuple[tuple[int, int, int, int], ...]:
    """A basket's lines in the form a payment request carries."""
    return tuple((line.book_id, line.quantity, line.price, line.discount) for line in lines)


def content_hash(uid: str, lines: Sequence[Sequence[int]], total: int, payments: Sequence[PaymentIn]) -> str:
    """SHA-256 (hex) of a document's content."""
    paid = [[payment.uid, str(payment.tender), payment.amount, payment.reference] for payment in payments]
    text = json.dumps([1, uid, [list(line) for line in lines], total, paid], separators=(",", ":"), ensure_ascii=True)
    return hashlib.sha256(text.encode()).hexdigest()


async def pay(app: App, operator: Operator, request: PayRequest) -> OrderView:
    """Sell a basket: order, lines, taxes, payments, stock movements and receipt number in one transaction.

    Returns once the sale is durable. The same request again gives the stored sale; another request under its uid
    raises Refused("sale.other_content"). Raises Refused("sale.changed" | "cart.…" | "payment.…" | "stock.short" |
    "shift.closed" | "right.missing").
    """
    now = app.clock.now()
    return await app.db.write(lambda session: _pay(session, app, operator, request, now))


async def place_order(
    app: App,
    user_id: int,
    items: Mapping[int, int],
    *,
    till_id: int | None = None,
    customer_id: int | None = None,
    shipping_address: str | None = None,
    note: str | None = None,
) -> OrderView:
    """Place a customer order of `items` (book id → quantity): stock is taken at once, payment comes later.

    Insufficient stock refuses the whole order and changes nothing. Raises Refused("order.empty" | "book.missing" |
    "book.inactive" | "stock.short" | "quantity.…" | "right.missing").
    """
    now = app.clock.now()
    uid = app.ids.new()

    def act(session: Session) -> OrderView:
        require_user(session, user_id, Permission.SELL)
        settings = shop_settings(session)
        lines, totals = _ordered_lines(session, items, settings)
        heading = Heading(
            uid=uid,
            content_hash=content_hash(uid, seen(lines), totals.total, ()),
            kind=OrderKind.CUSTOMER_ORDER,
            status=OrderStatus.PENDING,
            user_id=user_id,
            till_id=till_id,
            shift_id=None,
            business_date=business_date(settings, now),
            placed_at=now,
            customer_id=customer_id,
            shipping_address=shipping_address,
            note=note,
        )
        _take_stock(session, lines, settings)
        order_id = write_document(session, heading, lines, totals, settings)
        write_movements(session, app, heading, order_id, lines, StockReason.ORDER, f"Order {order_id}")
        write_event(session, heading, order_id, "placed", None)
        return order_view(session, order_id)

    return await app.db.write(act)


async def move_order(app: App, operator: Operator, order_id: int, version: int, to: OrderStatus) -> OrderDetail:
    """Move a customer order to its next status; cancelling gives its stock back.

    Raises Conflict("order.changed", current: OrderDetail) when somebody else moved it first,
    Refused("order.move" | "order.missing" | "right.missing").
    """
    now = app.clock.now()
    return await app.db.write(lambda session: _move(session, app, operator, order_id, version, to, now))


def _pay(session: Session, app: App, operator: Operator, request: PayRequest, now: datetime) -> OrderView:
    cart = session.connection().execute(_CART_TO_PAY, {"cart": request.cart_id}).one_or_none()
    if cart is None or cart.uid != request.uid:
        raise Refused("cart.gone")
    if cart.status is CartStatus.PAID:
        return _stored(session, request)
    require(session, operator, Permission.SELL)
    if cart.user_id != operator.user_id or cart.till_id != operator.till_id:
        raise Refused("cart.gone")
    settings = shop_settings(session)
    content = basket.content(session, cart.id, settings)
    settlement = _checked(request, content)
    shift = session.connection().execute(_OPEN_SHIFT, {"till": operator.till_id}).one_or_none()
    if shift is None:
        raise Refused("shift.closed")
    _take_stock(session, content.lines, settings)
    heading = Heading(
        uid=request.uid,
        content_hash=request.content_hash,
        kind=OrderKind.SALE,
        status=OrderStatus.DELIVERED,
        user_id=operator.user_id,
        till_id=operator.till_id,
        shift_id=shift.id,
        business_date=shift.business_date,
        placed_at=now,
        receipt_number=draw_number(session, operator.till_id),
        paid_at=now,
        customer_id=cart.customer_id,
        change_amount=settlement.change,
    )
    order_id = write_document(session, heading, content.lines, content.totals, settings)
    write_payments(session, order_id, request.payments)
    sale = sale_view(order_id, operator, heading, content.lines, content.totals, settings, request.payments, cart.name)
    write_movements(session, app, heading, order_id, content.lines, StockReason.SALE, sale.number)
    write_event(session, heading, order_id, "paid", sale.number)
    session.connection().execute(_CLOSE_CART, {"cart": cart.id})
    return sale


def _stored(session: Session, request: PayRequest) -> OrderView:
    """The sale this request made before; the same id with another content is a fault that must be heard."""
    row = session.execute(select(Order.id, Order.content_hash).where(Order.uid == request.uid)).one()
    if row.content_hash != request.content_hash:
        raise Refused("sale.other_content", uid=request.uid)
    return order_view(session, row.id)


def _checked(request: PayRequest, content: CartContent) -> Settlement:
    """Settle the basket, provided it is the one the person saw and the money covers it."""
    if not content.lines:
        raise Refused("cart.empty")
    kept = {payment.uid: payment for payment in request.payments}
    same_lines = seen(content.lines) == request.lines and content.totals.total == request.total
    if not same_lines or any(kept.get(payment.uid) != payment for payment in content.payments):
        raise Refused("sale.changed", total=content.totals.total)
    settlement = settle(request.total, request.payments)
    if settlement.due > 0:
        raise Refused("payment.too_little", due=settlement.due)
    return settlement


def _take_stock(session: Session, lines: Sequence[CartLine], settings: ShopSettings) -> None:
    """Take books from stock; the condition stands in the UPDATE, since reading first and writing later oversells."""
    statement = _TAKE_IF_THERE if settings.stock_policy is StockPolicy.STRICT else _TAKE
    connection = session.connection()
    for line in stocked(lines):
        taken = {"book_id": line.book_id, "taken": line.quantity}
        if connection.execute(statement, taken).rowcount != 1:
            raise _short(session, line.book_id, line.quantity)


def _short(session: Session, book_id: int, wanted: int) -> Refused:
    found = session.execute(select(Book.title, Book.stock).where(Book.id == book_id)).one_or_none()
    if found is None:
        return Refused("book.missing", book_id=book_id)
    return Refused("stock.short", book_id=book_id, title=found.title, wanted=wanted, available=max(found.stock, 0))


def _ordered_lines(
    session: Session, items: Mapping[int, int], settings: ShopSettings
) -> tuple[list[CartLine], SaleTotals]:
    """The lines of a new customer order at today's prices."""
    if not items:
        raise Refused("order.empty")
    rows = session.execute(
        select(Book, TaxRate.name, TaxRate.rate).join(TaxRate, TaxRate.id == Book.tax_rate_id).where(Book.id.in_(items))
    ).all()
    found = {row.Book.id: row for row in rows}
    for book_id, quantity in items.items():
        check_quantity(quantity)
        if book_id not in found:
            raise Refused("book.missing", book_id=book_id)
        if not found[book_id].Book.active:
            raise Refused("book.inactive", title=found[book_id].Book.title)
    chosen = [(found[book_id], quantity) for book_id, quantity in items.items()]
    totals = compute_sale(
        settings.tax_policy,
        [SaleLine(quantity, row.Book.price, None, row.name, row.rate) for row, quantity in chosen],
    )
    lines = [
        CartLine(
            book_id=row.Book.id,
            title=row.Book.title,
            author=row.Book.author,
            isbn=row.Book.isbn,
            kind=row.Book.kind,
            quantity=quantity,
            price=row.Book.price,
            discount=total.discount,
            amount=total.amount,
            tax_name=row.name,
            tax_rate=row.rate,
        )
        for (row, quantity), total in zip(chosen, totals.lines, strict=True)
    ]
    return lines, totals


def _move(
    session: Session, app: App, operator: Operator, order_id: int, version: int, to: OrderStatus, now: datetime
) -> OrderDetail:
    require(session, operator, Permission.MOVE_ORDERS)
    order = session.scalar(select(Order).where(Order.id == order_id).with_for_update())
    if order is None:
        raise Refused("order.missing", order_id=order_id)
    if order.version != version:
        raise Conflict("order.changed", current=order_detail(session, order_id))
    check_move(order.status, to)
    order.status = to
    order.version += 1
    session.flush()
    if to is OrderStatus.CANCELLED:
        _give_back_stock(session, app, operator, order_id)
    session.execute(
        insert(table(OrderEvent)).values(
            order_id=order_id,
            act=to.value,
            user_id=operator.user_id,
            till_id=operator.till_id,
            happened_at=now,
        )
    )
    return order_detail(session, order_id)


def _give_back_stock(session: Session, app: App, operator: Operator, order_id: int) -> None:
    """Undo what the order's own movements took."""
    moved = table(StockMovement).c
    book = table(Book).c
    taken = session.execute(
        select(moved.book_id, func.sum(moved.delta).label("delta"))
        .where(moved.order_id == order_id)
        .group_by(moved.book_id)
        .order_by(moved.book_id)
    ).all()
    for row in taken:
        session.execute(update(table(Book)).where(book.id == row.book_id).values(stock=book.stock - row.delta))
        session.execute(
            insert(table(StockMovement)).values(
                uid=app.ids.new(),
                book_id=row.book_id,
                delta=-row.delta,
                reason=StockReason.CANCELLATION,
                document=f"Order {order_id}",
                order_id=order_id,
                user_id=operator.user_id,
                till_id=operator.till_id,
            )
        )
