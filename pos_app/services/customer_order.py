"""Customer orders at the till: a basket becomes one, what is held is taken into a basket, deposits are given back."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import delete, insert, select, update
from sqlalchemy.orm import Session

from pos_app.app import App
from pos_app.domain.customer_order import LineStand, Way, discount_share, is_expired, is_whole
from pos_app.domain.document import OrderView
from pos_app.domain.free_text import MAX_TEXT, free_lines, free_text
from pos_app.domain.kinds import BookKind
from pos_app.domain.order_status import OrderKind, OrderStatus
from pos_app.domain.payment import PaidPart, PaymentIn, Tender, settle
from pos_app.domain.permission import Permission
from pos_app.domain.pricing import points_below
from pos_app.domain.shop import ShopSettings
from pos_app.domain.stock import ReservationStatus
from pos_app.errors import Conflict, Refused
from pos_app.models import (
    Book,
    Cart,
    CartChange,
    CartItem,
    CartPayment,
    CartStatus,
    Customer,
    CustomerOrder,
    Order,
    OrderItem,
    Payment,
    Reservation,
    Till,
    table,
)
from pos_app.receipts.order import order_code
from pos_app.services.cart import CART_FIELDS, insert_line, items_of, owned, remember
from pos_app.services.cart_limit import check_discounts
from pos_app.services.cart_payment import checked_payment
from pos_app.services.cart_view import CartContent, CartView, content, line_key, view_of
from pos_app.services.customer_family import family, kept_id
from pos_app.services.deposit import deposits_of, parts_left
from pos_app.services.journal_document import note_ordered
from pos_app.services.order import content_hash, seen, write_money
from pos_app.services.order_hold import (
    LINE_PART,
    OPEN,
    item_of,
    line_part,
    lock,
    make_ready,
    promised,
    reserve_line,
    stands,
    write_step,
)
from pos_app.services.order_view import OrderDetail, order_detail
from pos_app.services.order_write import Heading, write_document
from pos_app.services.quote import end_quotes
from pos_app.services.right import Operator, require, require_or_approved
from pos_app.services.setting import shop_settings
from pos_app.services.shift import business_date, shift_to_sell_in
from pos_app.services.tender import tender_rules

MAX_ADDRESS = 500
_B, _C, _I, _O, _P, _R = (table(model).c for model in (Book, CustomerOrder, OrderItem, Order, Payment, Reservation))


@dataclass(frozen=True, slots=True)
class OrderRequest:
    """A basket that becomes an order, as the person saw it; the same `uid` sent again gives the stored one.

    `payments` are the deposit: what the basket holds already, and what is paid now. Amounts are minor units.
    """

    uid: str
    cart_id: int
    lines: tuple[tuple[int, int, int, int], ...]
    total: int
    payments: tuple[PaymentIn, ...] = ()
    way: Way = Way.COLLECT
    promised_on: date | None = None
    address: str = ""
    note: str = ""

    @classmethod
    def of(
        cls,
        cart: CartView,
        uid: str,
        *payments: PaymentIn,
        way: Way = Way.COLLECT,
        promised_on: date | None = None,
        address: str = "",
        note: str = "",
    ) -> "OrderRequest":
        """The request that orders the basket on the screen."""
        paid = (*cart.payments, *payments)
        return cls(uid, cart.id, seen(cart.lines), cart.totals.total, paid, way, promised_on, address, note)


@dataclass(frozen=True, slots=True)
class Placed:
    """An order just placed, where its lines stand, and the document that took its deposit."""

    detail: OrderDetail
    stand: "OrderStand"
    deposit: OrderView | None


@dataclass(frozen=True, slots=True)
class OrderStand:
    """How an order is fulfilled so far; `lines` are in the order of its document's, amounts in minor units."""

    way: Way
    promised_on: date | None
    ready_at: datetime | None
    hold_until: date | None
    told_at: datetime | None
    lines: tuple[LineStand, ...]
    deposit: int
    unpaid: int
    expired: bool

    @property
    def whole(self) -> bool:
        """Whether nothing is still to come."""
        return is_whole(self.lines)

    @property
    def held(self) -> int:
        """How many pieces wait for the customer."""
        return sum(line.held for line in self.lines)


async def place_from_cart(app: App, operator: Operator, request: OrderRequest) -> Placed:
    """Turn a basket into an order of its customer: what is there is held, the rest is waited for.

    A deposit becomes a numbered document of its own, which sells nothing. Raises Refused("order.nobody" |
    "order.only_books" | "order.address" | "order.training" | "deposit.too_much" | "sale.changed" |
    "sale.other_content" | "payment.…" | "cart.…" | "shift.closed" | "right.missing").
    """
    now = app.clock.now()
    address = free_lines(request.address, MAX_ADDRESS, "note.invalid")
    note = free_text(request.note, MAX_TEXT, "note.invalid")

    def act(session: Session) -> Placed:
        stored = session.execute(select(_O.id, _O.content_hash).where(_O.uid == request.uid)).one_or_none()
        hashed = content_hash(request.uid, request.lines, request.total, ())
        if stored is not None:
            if stored.content_hash != hashed or not _paid_with(session, request.payments):
                raise Refused("sale.other_content", uid=request.uid)
            return Placed(order_detail(session, stored.id), order_stand(session, app, stored.id), None)
        cart = owned(session, operator, request.cart_id)
        settings = shop_settings(session)
        read = _checked(session, app, operator, cart, request, address, now)
        shift_id, day = shift_to_sell_in(session, app, settings, operator.till_id, operator.user_id, now)
        lock(session, {line.book_id for line in read.lines})
        heading = Heading(
            uid=request.uid,
            content_hash=hashed,
            kind=OrderKind.CUSTOMER_ORDER,
            status=OrderStatus.PENDING,
            user_id=operator.user_id,
            till_id=operator.till_id,
            shift_id=None,
            business_date=day,
            placed_at=now,
            customer_id=kept_id(session, cart.customer_id or 0),
            shipping_address=address or None,
            note=note or cart.note,
        )
        order_id = write_document(session, heading, read.lines, read.totals, settings)
        values = {"order_id": order_id, "way": request.way, "promised_on": request.promised_on}
        session.execute(insert(table(CustomerOrder)).values(values))
        write_step(session, operator, order_id, "placed", now)
        note_ordered(session, operator.till_id, "ordered", order_id, now, user_id=operator.user_id)
        end_quotes(session, (line.key for line in read.lines), order_id)
        _hold_lines(session, app, operator, order_id, heading.customer_id, now)
        deposit = None
        if request.payments:
            deposit = _take_deposit(session, app, operator, cart, request, order_id, (shift_id, day, now), settings)
        else:
            _empty(session, app, cart)
        make_ready(session, operator, order_id, now)
        session.expire_all()
        return Placed(order_detail(session, order_id), order_stand(session, app, order_id), deposit)

    return await app.db.write(act)


async def get_stand(app: App, order_id: int) -> OrderStand | None:
    """Give how an order is fulfilled; None for one that took its stock when it was placed, and for sales."""

    def act(session: Session) -> OrderStand | None:
        if session.scalar(select(_C.id).where(_C.order_id == order_id)) is None:
            return None
        return order_stand(session, app, order_id)

    return await app.db.read(act)


async def held_for(app: App, customer_id: int) -> tuple[str, ...]:
    """Give the titles that are held for a customer's open orders, whole or in part, oldest order first."""

    def act(session: Session) -> tuple[str, ...]:
        rows = session.execute(
            select(_I.title)
            .join_from(table(Reservation), table(OrderItem), _I.id == _R.order_item_id)
            .join(table(Order), _O.id == _I.order_id)
            .where(_O.customer_id.in_(family(customer_id)), _O.status.in_(OPEN), _R.status == ReservationStatus.HELD)
            .order_by(_O.id, _I.position)
        )
        return tuple(dict.fromkeys(rows.scalars()))

    return await app.db.read(act)


async def held_now(app: App, cart: CartView) -> int:
    """Tell how many pieces of a basket would be held at once if it were ordered; services need no stock."""
    wanted: dict[int, int] = {}
    for line in cart.lines:
        wanted[line.book_id] = wanted.get(line.book_id, 0) + line.quantity

    def act(session: Session) -> int:
        rows = session.execute(select(_B.id, _B.kind, (_B.stock - _B.reserved).label("free")).where(_B.id.in_(wanted)))
        before = promised(session, wanted)
        return sum(
            wanted[row.id]
            if row.kind is BookKind.SERVICE
            else min(wanted[row.id], max(row.free - before.get(row.id, 0), 0))
            for row in rows
        )

    return await app.db.read(act)


async def take_ready(app: App, operator: Operator, cart_id: int, order_id: int | None = None) -> CartView:
    """Take what is held for the basket's customer into the basket, of all their orders or of one, deposits netted.

    Each order's lines cost what was agreed. With an order the basket gets its customer. What another basket sells
    already is left there, and what is to be sent is taken only by its number. Raises Refused("order.in_basket" |
    "order.nothing_ready" | "order.to_be_sent" | "order.nobody" | "order.training" | "order.missing" | "cart.…").
    """
    now = app.clock.now()

    def act(session: Session) -> CartView:
        cart = owned(session, operator, cart_id)
        if cart.training:
            raise Refused("order.training")
        remember(session, cart, "order", heading=True, lines=_new_lines(session, cart, order_id))
        if order_id is not None:
            whose = session.scalar(select(_O.customer_id).where(_O.id == order_id))
            if whose is None:
                raise Refused("order.missing", order_id=order_id)
            cart.customer_id = kept_id(session, whose)
            session.flush()
        orders = _held_for(session, cart, order_id)
        elsewhere = _in_other_baskets(session, cart, orders)
        touched = [_take_order(session, app, cart, one) for one in orders if one not in elsewhere]
        if not any(touched):
            if elsewhere:
                raise next(iter(elsewhere.values()))
            raise Refused("order.nothing_ready")
        return view_of(session, cart, now, touched=next(key for key in touched if key))

    return await app.db.write(act)


async def give_back_deposit(
    app: App, operator: Operator, uid: str, order_id: int, approval: str | None = None
) -> OrderView:
    """Give what is left of a cancelled order's deposit back by the tenders it came by, as a document of its own.

    The same uid again gives the stored document. Raises Refused("deposit.none" | "deposit.order_stands" |
    "order.missing" | "shift.closed" | "right.…" | "approval.invalid").
    """
    now = app.clock.now()

    def act(session: Session) -> OrderView:
        stored = session.scalar(select(_O.id).where(_O.uid == uid))
        if stored is not None:
            return order_detail(session, stored).order
        order = session.scalar(select(Order).where(Order.id == order_id).with_for_update())
        if order is None:
            raise Refused("order.missing", order_id=order_id)
        if order.status in OPEN:
            raise Refused("deposit.order_stands", order_id=order_id)
        settings = shop_settings(session)
        parts = parts_left(session, order_id)
        left = sum(part.amount for part in parts)
        if not left:
            raise Refused("deposit.none", order_id=order_id)
        allowed_by = require_or_approved(session, operator, Permission.RETURN, left, approval, now)
        shift_id, day = shift_to_sell_in(session, app, settings, operator.till_id, operator.user_id, now)
        names = tender_rules(session)
        payments = (
            PaymentIn(app.ids.new(), Tender.DEPOSIT, left, str(order_id), name=names[Tender.DEPOSIT].name),
            *(
                PaymentIn(
                    app.ids.new(), part.tender, -part.amount, part.reference, part.scheme, names[part.tender].name
                )
                for part in parts
            ),
        )
        view = _write_deposit(
            session, app, operator, uid, payments, order, (shift_id, day, now), settings, None, allowed_by
        )
        write_step(session, operator, order_id, "deposit_back", now, view.number)
        return view

    return await app.db.write(act)


async def keep_longer(app: App, operator: Operator, order_id: int, version: int) -> OrderStand:
    """Keep a ready order's copies for as many days as the shop keeps them, from today on.

    Raises Conflict("order.changed"), Refused("order.not_ready" | "right.missing").
    """
    now = app.clock.now()

    def act(session: Session) -> OrderStand:
        require(session, operator, Permission.MOVE_ORDERS)
        order = session.scalar(select(Order).where(Order.id == order_id).with_for_update())
        if order is None or order.status is not OrderStatus.SHIPPED:
            raise Refused("order.not_ready")
        if order.version != version:
            raise Conflict("order.changed", current=order_detail(session, order_id))
        settings = shop_settings(session)
        until = business_date(settings, now) + timedelta(days=settings.hold_days or 14)
        session.execute(update(table(CustomerOrder)).where(_C.order_id == order_id).values(hold_until=until))
        write_step(session, operator, order_id, "kept", now, until.isoformat())
        return order_stand(session, app, order_id)

    return await app.db.write(act)


async def note_told(app: App, operator: Operator, order_id: int, how: str) -> None:
    """Write down that the customer was told that their order is there, and how. Raises Refused("right.missing")."""
    now = app.clock.now()

    def act(session: Session) -> None:
        require(session, operator, Permission.MOVE_ORDERS)
        session.execute(update(table(CustomerOrder)).where(_C.order_id == order_id).values(told_at=now))
        write_step(session, operator, order_id, "told", now, how)

    await app.db.write(act)


def order_stand(session: Session, app: App, order_id: int) -> OrderStand:
    """Read how an order is fulfilled, inside an act."""
    kept = session.execute(
        select(table(CustomerOrder), _O.status, _O.total_amount)
        .join_from(table(CustomerOrder), table(Order), _O.id == _C.order_id)
        .where(_C.order_id == order_id)
    ).one()
    lines = tuple(stands(session, [order_id])[order_id].values())
    deposit = deposits_of(session, [order_id])[order_id]
    today = business_date(shop_settings(session), app.clock.now())
    return OrderStand(
        way=kept.way,
        promised_on=kept.promised_on,
        ready_at=kept.ready_at,
        hold_until=kept.hold_until,
        told_at=kept.told_at,
        lines=lines,
        deposit=deposit,
        unpaid=max(kept.total_amount - deposit, 0) if kept.status in OPEN else 0,
        expired=is_expired(kept.status, kept.way, kept.hold_until, today),
    )


def _checked(
    session: Session, app: App, operator: Operator, cart: Cart, request: OrderRequest, address: str, now: datetime
) -> CartContent:
    """See that a basket may become an order, and is the one the person saw."""
    settings = shop_settings(session)
    if cart.training:
        raise Refused("order.training")
    if cart.customer_id is None:
        raise Refused("order.nobody")
    if request.way is Way.SHIP and not address:
        raise Refused("order.address")
    read = content(session, cart.id, settings, now)
    if not read.lines:
        raise Refused("cart.empty")
    if any(line.comes_back or line.gift_card or item_of(line.key) is not None for line in read.lines):
        raise Refused("order.only_books")
    kept = {payment.uid: payment for payment in request.payments}
    same = seen(read.lines) == request.lines and read.totals.total == request.total
    if not same or any(kept.get(payment.uid) != payment for payment in read.payments):
        raise Refused("sale.changed", total=read.totals.total)
    check_discounts(session, operator, cart.id, read)
    _check_deposit(session, app, request, read, settings)
    return read


def _check_deposit(
    session: Session, app: App, request: OrderRequest, read: CartContent, settings: ShopSettings
) -> None:
    """See that a deposit is paid as a sale would be, and is no more than the order comes to."""
    taken = list(read.payments)
    for payment in request.payments:
        if payment.uid in {one.uid for one in taken}:
            continue
        if payment.tender == Tender.CARD and app.terminal is not None:
            raise Refused("card.not_charged")
        due = settle(read.totals.total, taken, cash_step=settings.cash_rounding).due
        if payment.amount > due:
            raise Refused("deposit.too_much", due=due)
        if payment.tender == Tender.CASH and payment.amount % settings.cash_rounding:
            raise Refused("payment.coins")
        taken.append(checked_payment(session, payment, due, training=False))
    if any(payment.tender == Tender.LOYALTY for payment in taken):
        raise Refused("deposit.loyalty")


def _paid_with(session: Session, payments: Sequence[PaymentIn]) -> bool:
    """Tell whether some payments are those that were stored."""
    stored = select(_P.uid, _P.tender, _P.amount).where(_P.uid.in_([payment.uid for payment in payments]))
    asked = {(payment.uid, str(payment.tender), payment.amount) for payment in payments}
    return {tuple(row) for row in session.execute(stored)} == asked


def _hold_lines(
    session: Session, app: App, operator: Operator, order_id: int, customer_id: int | None, now: datetime
) -> None:
    """Hold what is there of each line; the titles' rows are locked."""
    name = session.scalar(select(Customer.name).where(Customer.id == customer_id)) or f"Order {order_id}"
    rows = session.execute(
        select(_I.id, _I.book_id, _I.quantity, (_B.stock - _B.reserved).label("free"))
        .join_from(table(OrderItem), table(Book), _B.id == _I.book_id)
        .where(_I.order_id == order_id, _B.kind != BookKind.SERVICE)
        .order_by(_I.position)
    ).all()
    used = promised(session, [row.book_id for row in rows])
    for row in rows:
        line, free = (row.id, row.book_id, row.quantity), row.free - used.get(row.book_id, 0)
        held = reserve_line(session, app, operator, line, free, (customer_id, name[:120]), now)
        used[row.book_id] = used.get(row.book_id, 0) + held


def _take_deposit(
    session: Session,
    app: App,
    operator: Operator,
    cart: Cart,
    request: OrderRequest,
    order_id: int,
    when: tuple[int, date, datetime],
    settings: ShopSettings,
) -> OrderView:
    """Write the document that takes a deposit; the basket's uid is its own, so that it is paid once."""
    amount = sum(payment.amount for payment in request.payments)
    name = tender_rules(session)[Tender.DEPOSIT].name
    payments = (*request.payments, PaymentIn(app.ids.new(), Tender.DEPOSIT, -amount, str(order_id), name=name))
    order = session.get_one(Order, order_id)
    view = _write_deposit(session, app, operator, cart.uid, payments, order, when, settings, cart.id, None)
    write_step(session, operator, order_id, "deposit", when[2], view.number)
    return view


def _write_deposit(
    session: Session,
    app: App,
    operator: Operator,
    uid: str,
    payments: Sequence[PaymentIn],
    order: Order,
    when: tuple[int, date, datetime],
    settings: ShopSettings,
    cart_id: int | None,
    allowed_by: int | None,
) -> OrderView:
    """Write the document that takes or gives back a deposit."""
    account = [
        PaidPart(Tender.ACCOUNT, -payment.amount, customer_id=order.customer_id)
        for payment in payments
        if payment.tender == Tender.ACCOUNT and payment.amount < 0
    ]
    return write_money(
        session,
        app,
        operator,
        uid,
        payments,
        when,
        settings,
        order.customer_id,
        back=account,
        note=f"Order {order.id}",
        allowed_by_id=allowed_by,
        cart_id=cart_id,
    )


def _empty(session: Session, app: App, cart: Cart) -> None:
    """Leave a basket that became an order as a new one, with nothing to take back."""
    session.execute(delete(CartItem).where(CartItem.cart_id == cart.id))
    session.execute(delete(CartChange).where(CartChange.cart_id == cart.id))
    for name in CART_FIELDS:
        setattr(cart, name, None)
    cart.uid, cart.status, cart.version = app.ids.new(), CartStatus.OPEN, cart.version + 1
    session.flush()


def _held_for(session: Session, cart: Cart, order_id: int | None) -> list[int]:
    """The open orders of the basket's customer, oldest first, or the one asked for."""
    if order_id is not None:
        return [order_id]
    if cart.customer_id is None:
        raise Refused("order.nobody")
    wanted = select(_O.id, _C.way).join_from(table(Order), table(CustomerOrder), _C.order_id == _O.id)
    wanted = wanted.where(_O.customer_id.in_(family(cart.customer_id)), _O.status.in_(OPEN))
    orders = session.execute(wanted.order_by(_O.id)).all()
    fetched = [order.id for order in orders if order.way is Way.COLLECT]
    if orders and not fetched:
        raise Refused("order.to_be_sent", order_id=orders[0].id, code=order_code(orders[0].id))
    return fetched


def _in_other_baskets(session: Session, cart: Cart, orders: Sequence[int]) -> dict[int, Refused]:
    """Which of some orders are in a basket that is not paid, and how it is said; locked, for two tills at once."""
    session.execute(select(_O.id).where(_O.id.in_(orders)).order_by(_O.id).with_for_update()).all()
    lines, carts = table(CartItem).c, table(Cart).c
    rows = session.execute(
        select(lines.part, carts.status, table(Till).c.number)
        .join_from(table(CartItem), table(Cart), carts.id == lines.cart_id)
        .join(table(Till), table(Till).c.id == carts.till_id, isouter=True)
        .where(carts.id != cart.id, carts.status != CartStatus.PAID, lines.part.startswith(LINE_PART))
    ).all()
    where = {item_of(row.part): row for row in rows}
    found = session.execute(select(_I.id, _I.order_id).where(_I.id.in_(where), _I.order_id.in_(orders)))
    told = {}
    for item_id, order_id in found:
        row = where[item_id]
        place = "a parked sale" if row.status is CartStatus.PARKED else f"the sale open at till {row.number}"
        told[order_id] = Refused("order.in_basket", order_id=order_id, place=place)
    return told


def _new_lines(session: Session, cart: Cart, order_id: int | None) -> list[str]:
    """The keys of the lines that taking orders into a basket adds, for the step that takes them back."""
    orders = _held_for(session, cart, order_id)
    rows = session.execute(select(_I.id, _I.book_id).where(_I.order_id.in_(orders)))
    return [line_key(row.book_id, line_part(row.id)) for row in rows]


def _take_order(session: Session, app: App, cart: Cart, order_id: int) -> str | None:
    """Put what is held of an order into a basket, at what was agreed; gives the key of its first line."""
    lines = stands(session, [order_id])[order_id]
    items = items_of(session, cart.id)
    first, worth = None, 0
    wanted = select(table(OrderItem)).where(_I.order_id == order_id, _I.quantity > 0)
    rows = session.execute(wanted.order_by(_I.position)).all()
    ready = any(line.held for line in lines.values())
    for row in rows:
        stand = lines[row.id]
        pieces = row.quantity - stand.collected if stand.service and ready else stand.held
        key = line_key(row.book_id, line_part(row.id))
        if not pieces or key in items:
            continue
        off = discount_share(row.discount_amount, row.quantity, stand.collected, pieces)
        insert_line(
            session,
            cart,
            items_of(session, cart.id),
            book_id=row.book_id,
            part=line_part(row.id),
            quantity=pieces,
            price=row.price,
            discount_amount=off or None,
            discount_reason="As ordered" if off else None,
            # It was looked at when the order was placed.
            allowed_points=points_below(row.price * pieces - off, row.price * pieces) if off else None,
        )
        worth += discount_share(row.net_amount + row.tax_amount, row.quantity, stand.collected, pieces)
        first = first or key
    left = min(deposits_of(session, [order_id])[order_id] - _in_baskets(session, order_id), worth)
    if first is not None and left > 0:
        _net_deposit(session, app, cart, order_id, left)
    return first


def _in_baskets(session: Session, order_id: int) -> int:
    """What of an order's deposit stands in baskets that are not paid yet."""
    paid = select(CartPayment.amount).join(Cart, Cart.id == CartPayment.cart_id)
    paid = paid.where(CartPayment.tender == Tender.DEPOSIT, CartPayment.reference == str(order_id))
    return sum(session.scalars(paid.where(Cart.status != CartStatus.PAID)))


def _net_deposit(session: Session, app: App, cart: Cart, order_id: int, amount: int) -> None:
    uid = app.ids.new()
    remember(session, cart, "payment", payment=uid)
    session.execute(
        insert(CartPayment).values(
            uid=uid, cart_id=cart.id, tender=Tender.DEPOSIT, amount=amount, reference=str(order_id)
        )
    )
