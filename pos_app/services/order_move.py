"""Moving customer orders on, or calling them off: by who may, and where what must be true is true."""

from collections.abc import Sequence
from datetime import datetime
from functools import partial

from sqlalchemy import func, insert, select, update
from sqlalchemy.orm import Session

from pos_app.app import App
from pos_app.domain.customer_order import LineStand, Way, check_way_on
from pos_app.domain.kinds import BookKind, StockReason
from pos_app.domain.order_status import OrderKind, OrderStatus, check_move
from pos_app.domain.payment import PaymentIn, Tender
from pos_app.domain.permission import Permission
from pos_app.domain.sale import SaleLine, SaleLineTotal, total_up
from pos_app.errors import Conflict, Refused
from pos_app.models import (
    Book,
    Cart,
    CartItem,
    CartStatus,
    Customer,
    CustomerOrder,
    Order,
    OrderItem,
    StockMovement,
    table,
)
from pos_app.services.cart_view import CartContent, CartLine, line_key
from pos_app.services.deposit import deposits_of
from pos_app.services.order import content_hash, move_stock, seen, write_paid
from pos_app.services.order_hold import collect_lines, end_collected, let_go, line_part, lock, stands, write_step
from pos_app.services.order_view import OrderDetail, order_detail
from pos_app.services.order_write import Heading
from pos_app.services.right import require
from pos_app.services.setting import shop_settings
from pos_app.services.shift import business_date, shift_to_sell_in
from pos_app.services.sign_in import Operator
from pos_app.services.tender import tender_rules

_B, _C, _I, _O = (table(model).c for model in (Book, CustomerOrder, OrderItem, Order))


async def move_order(app: App, operator: Operator, order_id: int, version: int, to: OrderStatus) -> OrderDetail:
    """Move a customer order to its next status; cancelling gives what it holds back, and its deposits stay to be given.

    An order that is paid in advance is sold when it is delivered. Raises Conflict("order.changed", current:
    OrderDetail) when somebody else moved it first, Refused("order.move" | "order.not_whole" | "order.unpaid" |
    "order.at_the_till" | "order.missing" | "shift.closed" | "right.missing").
    """
    now = app.clock.now()
    return await app.db.write(lambda session: _move(session, app, operator, order_id, version, to, now))


async def let_expired_go(app: App, operator: Operator) -> tuple[int, ...]:
    """Cancel the orders that nobody collected in time, where the shop wants it so; gives their numbers.

    What a deposit was paid for stays until somebody decides about the money, and what a basket sells just now is being
    collected. The rule is the shop's: whoever is at the till needs no right for it.
    """
    now = app.clock.now()

    def expired(session: Session) -> Sequence[int]:
        settings = shop_settings(session)
        if not settings.let_expired_go:
            return ()
        late = select(_O.id).join_from(table(Order), table(CustomerOrder), _C.order_id == _O.id)
        late = late.where(_O.status == OrderStatus.SHIPPED, _C.way == Way.COLLECT)
        return session.scalars(late.where(_C.hold_until < business_date(settings, now)).order_by(_O.id)).all()

    def let_one_go(session: Session, order_id: int) -> bool:
        lines = session.execute(select(_I.id, _I.book_id).where(_I.order_id == order_id)).all()
        lock(session, [line.book_id for line in lines])
        order = session.scalar(select(Order).where(Order.id == order_id).with_for_update())
        in_basket = select(CartItem.id).join(Cart, Cart.id == CartItem.cart_id)
        in_basket = in_basket.where(CartItem.part.in_([line_part(line.id) for line in lines]))
        # Asked again under the lock: meanwhile it may have been collected, kept longer, or let go at another till.
        if (
            order is None
            or order_id not in expired(session)
            or deposits_of(session, [order_id])[order_id]
            or session.scalar(in_basket.where(Cart.status != CartStatus.PAID)) is not None
        ):
            return False
        write_step(session, operator, order_id, "expired", now)
        _move_followed(session, app, operator, order, Way.COLLECT, OrderStatus.CANCELLED, now)
        return True

    late = await app.db.read(expired)
    return tuple([one for one in late if await app.db.write(partial(let_one_go, order_id=one))])


def _move(
    session: Session, app: App, operator: Operator, order_id: int, version: int, to: OrderStatus, now: datetime
) -> OrderDetail:
    require(session, operator, Permission.MOVE_ORDERS)
    way = session.scalar(select(CustomerOrder.way).where(CustomerOrder.order_id == order_id))
    if way is not None:
        # Titles before orders, as a delivery locks them.
        lock(session, session.scalars(select(_I.book_id).where(_I.order_id == order_id)).all())
    order = session.scalar(select(Order).where(Order.id == order_id).with_for_update())
    if order is None:
        raise Refused("order.missing", order_id=order_id)
    if order.version != version:
        raise Conflict("order.changed", current=order_detail(session, order_id))
    check_move(order.status, to)
    if way is not None:
        _move_followed(session, app, operator, order, way, to, now)
        session.expire(order)
        return order_detail(session, order_id)
    order.status = to
    session.flush()
    if to is OrderStatus.CANCELLED:
        _give_back_stock(session, app, operator, order_id)
    write_step(session, operator, order_id, to.value, now)
    session.expire(order)
    return order_detail(session, order_id)


def _move_followed(
    session: Session, app: App, operator: Operator, order: Order, way: Way, to: OrderStatus, now: datetime
) -> None:
    lines = stands(session, [order.id])[order.id]
    unpaid = order.total_amount - deposits_of(session, [order.id])[order.id]
    check_way_on(to, way, list(lines.values()), unpaid)
    if to is OrderStatus.DELIVERED:
        _deliver(session, app, operator, order, lines, now)
        return
    order.status = to
    session.flush()
    if to is OrderStatus.CANCELLED:
        let_go(session, app, operator, order.id, now)
    write_step(session, operator, order.id, to.value, now)


def _deliver(
    session: Session, app: App, operator: Operator, order: Order, lines: dict[int, LineStand], now: datetime
) -> None:
    """Sell an order that its deposits pay whole, as it was agreed; a part that was sold before is sold at the till."""
    if any(line.collected for line in lines.values()):
        raise Refused("order.at_the_till", due=0)
    settings = shop_settings(session)
    shift_id, day = shift_to_sell_in(session, app, settings, operator.till_id, operator.user_id, now)
    read = _as_ordered(session, order.id)
    name = tender_rules(session)[Tender.DEPOSIT].name
    payment = PaymentIn(app.ids.new(), Tender.DEPOSIT, order.total_amount, str(order.id), name=name)
    collect_lines(session, app, {item_id: line.quantity for item_id, line in lines.items()}, now)
    move_stock(session, read.lines, settings)
    uid = app.ids.new()
    heading = Heading(
        uid=uid,
        content_hash=content_hash(uid, seen(read.lines), read.totals.total, (payment,)),
        kind=OrderKind.SALE,
        status=OrderStatus.DELIVERED,
        user_id=operator.user_id,
        till_id=operator.till_id,
        shift_id=shift_id,
        business_date=day,
        placed_at=now,
        paid_at=now,
        customer_id=order.customer_id,
    )
    customer = session.scalar(select(Customer.name).where(Customer.id == order.customer_id))
    sale = write_paid(session, app, operator, heading, read, [payment], settings, customer, None, None)
    end_collected(session, operator, [order.id], sale, now)


def _as_ordered(session: Session, order_id: int) -> CartContent:
    """An order's lines as they were agreed, to be sold."""
    rows = session.execute(
        select(table(OrderItem), _B.author, _B.kind.label("book_kind"))
        .join_from(table(OrderItem), table(Book), _B.id == _I.book_id)
        .where(_I.order_id == order_id, _I.quantity > 0)
        .order_by(_I.position)
    ).all()
    totals = [SaleLineTotal(row.discount_amount, row.amount, row.net_amount, row.tax_amount) for row in rows]
    sold = [SaleLine(row.quantity, row.price, row.discount_amount, row.tax_name, row.tax_rate) for row in rows]
    lines = tuple(
        CartLine(
            key=line_key(row.book_id, line_part(row.id)),
            book_id=row.book_id,
            title=row.title,
            author=row.author,
            isbn=row.isbn,
            kind=BookKind(row.book_kind),
            quantity=row.quantity,
            price=row.price,
            discount=row.discount_amount,
            amount=row.amount,
            tax_name=row.tax_name,
            tax_rate=row.tax_rate,
            note=row.note,
        )
        for row in rows
    )
    return CartContent(lines, total_up(sold, totals), ())


def _give_back_stock(session: Session, app: App, operator: Operator, order_id: int) -> None:
    """Undo what the order's own movements took, where they took it."""
    moved = table(StockMovement).c
    book = table(Book).c
    taken = session.execute(
        select(moved.book_id, moved.location_id, func.sum(moved.delta).label("delta"))
        .where(moved.order_id == order_id)
        .group_by(moved.book_id, moved.location_id)
        .order_by(moved.book_id, moved.location_id)
    ).all()
    for row in taken:
        back = {"stock": book.stock - row.delta, "sold_count": book.sold_count + row.delta}
        session.execute(update(table(Book)).where(book.id == row.book_id).values(back))
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
                location_id=row.location_id,
            )
        )
