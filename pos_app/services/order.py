"""Documents: counter sales, customer orders, their payment and their way from pending to delivered."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime

from sqlalchemy import bindparam, func, select, update
from sqlalchemy.orm import Session

from pos_app.app import App
from pos_app.domain.document import OrderView, Restock
from pos_app.domain.free_text import MAX_TEXT, free_text, refuse_card_number
from pos_app.domain.journal import rows_hash
from pos_app.domain.money import currency
from pos_app.domain.order_status import OrderKind, OrderStatus
from pos_app.domain.payment import PaidPart, PaymentIn, Tender, most_change, settle
from pos_app.domain.permission import Permission
from pos_app.domain.pricing import check_quantity
from pos_app.domain.sale import SaleLine, SaleTotals, compute_sale
from pos_app.domain.shop import ShopSettings, StockPolicy
from pos_app.errors import Refused
from pos_app.models import (
    Book,
    Cart,
    CartItem,
    CartStatus,
    Customer,
    Order,
    OrderItem,
    StockMovement,
    StockReason,
    TaxRate,
    table,
)
from pos_app.services import journal
from pos_app.services.account import move_account
from pos_app.services.cart import card_is_open
from pos_app.services.cart_limit import check_discounts, let_unproved
from pos_app.services.cart_payment import check_reference, checked_payment
from pos_app.services.cart_view import CartContent, CartLine, CartView, content, line_key
from pos_app.services.customer_family import kept_id
from pos_app.services.deposit import move_deposits
from pos_app.services.gift_card import move_gift_cards
from pos_app.services.journal_document import note_ordered
from pos_app.services.loyalty import move_loyalty
from pos_app.services.order_hold import collect_lines, end_collected, hand_out, item_of, lock
from pos_app.services.order_view import (
    order_view,
)
from pos_app.services.order_write import (
    Heading,
    draw_number,
    line_facts,
    sale_view,
    stocked,
    write_card_refunds,
    write_document,
    write_event,
    write_movements,
    write_payments,
)
from pos_app.services.quote import end_quotes
from pos_app.services.right import require, require_or_approved, require_user
from pos_app.services.setting import shop_settings
from pos_app.services.shift import business_date, shift_to_sell_in
from pos_app.services.sign_in import Operator

# Built once: putting a statement together takes longer than SQLite takes to carry it out. Each row that a decision
# rests on is locked, so that the same request sent twice, or a shift being closed, waits its turn.
_CARTS, _BOOKS, _MOVED = table(Cart), table(Book), table(StockMovement)
_CART_TO_PAY = (
    select(
        _CARTS.c.id,
        _CARTS.c.uid,
        _CARTS.c.status,
        _CARTS.c.user_id,
        _CARTS.c.till_id,
        _CARTS.c.customer_id,
        _CARTS.c.note,
        _CARTS.c.training,
        _CARTS.c.return_reason,
        table(Customer).c.name,
        card_is_open(_CARTS.c.id).label("card_open"),
    )
    .join_from(_CARTS, table(Customer), table(Customer).c.id == _CARTS.c.customer_id, isouter=True)
    .where(_CARTS.c.id == bindparam("cart"))
    .with_for_update(of=_CARTS)
)
_CLOSE_CART = (
    update(_CARTS).where(_CARTS.c.id == bindparam("cart")).values(status=CartStatus.PAID, version=_CARTS.c.version + 1)
)
_TAKE = (
    update(_BOOKS)
    .where(_BOOKS.c.id == bindparam("book_id"))
    .values(stock=_BOOKS.c.stock - bindparam("taken"), sold_count=_BOOKS.c.sold_count + bindparam("taken"))
)
_FREE = _BOOKS.c.stock - _BOOKS.c.reserved
# What is set aside for somebody is not there for anybody else.
_TAKE_IF_THERE = _TAKE.where((bindparam("taken") <= 0) | (bindparam("taken") <= _FREE))
_ITEMS = table(OrderItem)
_LOCK_SALES = (
    select(table(Order).c.id)
    .where(
        table(Order).c.id.in_(
            select(_ITEMS.c.order_id)
            .join_from(_ITEMS, table(CartItem), table(CartItem).c.returned_item_id == _ITEMS.c.id)
            .where(table(CartItem).c.cart_id == bindparam("cart"))
        )
    )
    .with_for_update()
)
# What a refund falls short of its books by less than this is rounding; more of it has gone back before.
_ROUNDED = 100
# Who let books back, or gift cards be sold; who let a discount pass stands with the discount.
_WHO_LET_IT = select(func.max(table(CartItem).c.allowed_by_id)).where(
    table(CartItem).c.cart_id == bindparam("cart"),
    table(CartItem).c.comes_back | table(CartItem).c.gift_card.is_not(None),
)
_MARK_RETURNED = (
    update(_ITEMS)
    .where(_ITEMS.c.id == bindparam("item"), _ITEMS.c.returned_quantity + bindparam("back") <= _ITEMS.c.quantity)
    .values(returned_quantity=_ITEMS.c.returned_quantity + bindparam("back"))
)


@dataclass(frozen=True, slots=True)
class PayRequest:
    """What is to be paid, exactly as the person at the till saw it.

    `uid` is the basket's: the same request sent again gives the same sale. `lines` are (book id, quantity, unit price,
    discount), quantities below zero for what comes back; amounts are minor units. `total` is the lines', before cash
    rounding. `payments` holds every payment, part payments taken before included, and money paid back below zero.
    `closes_in_cash` says that what is left rounds to nothing and is let go.
    """

    uid: str
    cart_id: int
    lines: tuple[tuple[int, int, int, int], ...]
    total: int
    payments: tuple[PaymentIn, ...]
    closes_in_cash: bool = False

    @classmethod
    def of(cls, cart: CartView, *payments: PaymentIn) -> "PayRequest":
        """The request that pays the basket on the screen with what it holds already and `payments`."""
        return cls(cart.uid, cart.id, seen(cart.lines), cart.totals.total, (*cart.payments, *payments))

    @classmethod
    def closing(cls, cart: CartView) -> "PayRequest":
        """The request that closes a basket whose rest no coin can pay."""
        return cls(cart.uid, cart.id, seen(cart.lines), cart.totals.total, cart.payments, closes_in_cash=True)

    @classmethod
    def refund(cls, cart: CartView, *payments: PaymentIn) -> "PayRequest":
        """The request that pays back what a basket comes to below nothing; payments are below zero."""
        return cls(cart.uid, cart.id, seen(cart.lines), cart.totals.total, payments)

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


async def pay(app: App, operator: Operator, request: PayRequest, approval: str | None = None) -> OrderView:
    """Settle a basket: order, lines, taxes, payments, ledgers, stock and receipt number in one transaction.

    A basket that holds books that come back becomes a return, or an exchange where others are sold with them.
    Returns once the document is durable. The same request again gives the stored one; another request under its uid
    raises Refused("sale.other_content"). Raises Refused("sale.changed" | "cart.…" | "payment.…" | "refund.…" |
    "return.…" | "gift_card.…" | "account.…" | "stock.short" | "shift.closed" | "right.missing").
    """
    now = app.clock.now()
    return await app.db.write(lambda session: pay_within(session, app, operator, request, now, approval))


async def find_stored(app: App, uid: str) -> OrderView | None:
    """Give the document a basket became, if it did: what settles a payment whose answer was lost on the way.

    Waits for a payment that is still under way: it holds the basket's row.
    """

    def act(session: Session) -> OrderView | None:
        session.execute(select(_CARTS.c.id).where(_CARTS.c.uid == uid).with_for_update())
        order_id = session.scalar(select(Order.id).where(Order.uid == uid, Order.paid_at.is_not(None)))
        return None if order_id is None else order_view(session, order_id)

    return await app.db.write(act)


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
    "book.inactive" | "stock.short" | "quantity.…" | "note.invalid" | "code.card_number" | "right.missing").
    """
    now = app.clock.now()
    uid = app.ids.new()
    note = free_text(note, MAX_TEXT, "note.invalid") or None
    refuse_card_number(shipping_address)

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
        move_stock(session, lines, settings)
        order_id = write_document(session, heading, lines, totals, settings)
        write_movements(session, app, heading, order_id, lines, StockReason.ORDER, f"Order {order_id}")
        write_event(session, heading, order_id, "placed", None)
        if till_id is not None:
            note_ordered(session, till_id, "ordered", order_id, now, user_id=user_id)
        return order_view(session, order_id)

    return await app.db.write(act)


def pay_within(
    session: Session,
    app: App,
    operator: Operator,
    request: PayRequest,
    now: datetime,
    approval: str | None = None,
    *,
    rehearsed: bool = False,
) -> OrderView:
    """Settle a basket inside an act; one that is `rehearsed` will be rolled back, and its card is not charged yet."""
    cart = session.connection().execute(_CART_TO_PAY, {"cart": request.cart_id}).one_or_none()
    if cart is None or cart.uid != request.uid:
        raise Refused("cart.gone")
    if cart.status is CartStatus.PAID:
        return _stored(session, request)
    require(session, operator, Permission.SELL)
    if cart.user_id != operator.user_id or cart.till_id != operator.till_id:
        raise Refused("cart.gone")
    if cart.card_open:
        raise Refused("card.open")
    settings = shop_settings(session)
    if any(quantity < 0 for _, quantity, _, _ in request.lines):
        # Locked before the lines are computed: what came back before decides what a piece is worth, and what is left of
        # what was paid, be it for another line.
        session.connection().execute(_LOCK_SALES, {"cart": cart.id})
    read = content(session, cart.id, settings, now)
    # Said first: what came back by another till leaves no refund to look at.
    _mark_returned(session, read.lines)
    rounding, change = _checked(session, request, read, settings, training=cart.training)
    allowed_by_id = _let_back(session, operator, request, read, approval, now)
    if allowed_by_id is None and any(line.comes_back or line.gift_card for line in read.lines):
        allowed_by_id = session.connection().scalar(_WHO_LET_IT, {"cart": cart.id})
    check_discounts(session, operator, cart.id, read)
    if app.terminal is not None and not cart.training and not rehearsed:
        _refuse_uncharged(request, read)
    shift_id, day = shift_to_sell_in(session, app, settings, operator.till_id, operator.user_id, now)
    ordered = _collected(session, app, read.lines, now)
    if not cart.training:
        move_stock(session, read.lines, settings)
    customer_id, customer = _whose(session, cart.customer_id, cart.name, request, read)
    heading = Heading(
        uid=request.uid,
        content_hash=request.content_hash,
        kind=_kind(read.lines),
        status=OrderStatus.DELIVERED,
        user_id=operator.user_id,
        till_id=operator.till_id,
        shift_id=shift_id,
        business_date=day,
        placed_at=now,
        paid_at=now,
        customer_id=customer_id,
        note=cart.note,
        change_amount=change,
        rounding_amount=rounding,
        training=cart.training,
        refers_to_id=read.returned_orders[0] if read.returned_orders else None,
        reason=cart.return_reason,
        allowed_by_id=allowed_by_id,
    )
    refers_to = read.returns_of[0] if read.returns_of else None
    sale = write_paid(session, app, operator, heading, read, request.payments, settings, customer, refers_to, cart.id)
    end_collected(session, operator, ordered, sale, now)
    if cart.training:
        return sale
    end_quotes(session, (line.key for line in read.lines if not line.comes_back), sale.id)
    return replace(sale, put_aside=hand_out(session, app, operator, _came_back(read.lines), now))


def _came_back(lines: Sequence[CartLine]) -> dict[int, int]:
    """How many copies of which titles are on the shelf again."""
    came: dict[int, int] = {}
    for line in stocked(lines):
        if line.comes_back and line.restock is Restock.SELLABLE:
            came[line.book_id] = came.get(line.book_id, 0) - line.quantity
    return came


def _collected(session: Session, app: App, lines: Sequence[CartLine], now: datetime) -> list[int]:
    """Free what is held for the lines of orders that a basket sells, before its stock is moved; gives the orders."""
    sold: dict[int, int] = {}
    for line in lines:
        item_id = item_of(line.key)
        if item_id is not None and not line.comes_back:
            sold[item_id] = sold.get(item_id, 0) + line.quantity
    if not sold:
        return []
    lock(session, [line.book_id for line in stocked(lines)])
    return collect_lines(session, app, sold, now)


def write_paid(
    session: Session,
    app: App,
    operator: Operator,
    heading: Heading,
    read: CartContent,
    payments: Sequence[PaymentIn],
    settings: ShopSettings,
    customer: str | None,
    refers_to: str | None,
    cart_id: int | None,
) -> OrderView:
    """Write a paid document whole and number it, inside its act; stock and returned pieces have been moved already.

    One whose payments do not come to its total is written by nobody, whatever is asked.
    """
    paid, owed = sum(payment.amount for payment in payments) - heading.change_amount, read.totals.total
    if paid != owed + heading.rounding_amount:
        raise ValueError(f"a document of {owed}, rounded by {heading.rounding_amount}, is paid with {paid}")
    till = draw_number(session, operator.till_id, training=heading.training)
    heading = replace(heading, receipt_number=till.drawn)
    order_id = write_document(session, heading, read.lines, read.totals, settings)
    write_payments(session, order_id, payments)
    if app.terminal is not None and not heading.training:
        write_card_refunds(session, operator, payments, cart_id)
    sale = sale_view(order_id, operator, heading, read.lines, read.totals, settings, payments, customer, refers_to)
    if not heading.training:
        write_movements(session, app, heading, order_id, read.lines, StockReason.SALE, sale.number)
        move_gift_cards(session, app, order_id, read.lines, payments)
        move_account(session, app, order_id, heading.customer_id, payments, read.refunds)
        move_deposits(session, app, order_id, payments, heading.refers_to_id)
        moved = move_loyalty(
            session, app, order_id, heading.customer_id, read.lines, payments, heading.refers_to_id, settings
        )
        sale = replace(sale, loyalty=moved)
    act = {OrderKind.SALE: "paid", OrderKind.VOID: "voided"}.get(heading.kind, "returned")
    write_event(session, heading, order_id, act, sale.number)
    if heading.refers_to_id is not None:
        write_event(session, heading, heading.refers_to_id, act, sale.number)
    journal.append_behind(
        session,
        till,
        act,
        heading.placed_at,
        user_id=heading.user_id,
        order=heading.uid,
        kind=heading.kind,
        receipt=heading.receipt_number,
        training=heading.training,
        day=heading.business_date.isoformat(),
        total=sale.total,
        tax=sale.tax,
        change=sale.change,
        customer=heading.customer_id,
        allowed_by=heading.allowed_by_id,
        content=heading.content_hash,
        lines=rows_hash(line_facts(read.lines, read.totals)),
    )
    if cart_id is not None:
        session.connection().execute(_CLOSE_CART, {"cart": cart_id})
    return sale


def write_money(
    session: Session,
    app: App,
    operator: Operator,
    uid: str,
    payments: Sequence[PaymentIn],
    when: tuple[int, date, datetime],
    settings: ShopSettings,
    customer_id: int | None,
    *,
    back: Sequence[PaidPart] = (),
    note: str | None = None,
    allowed_by_id: int | None = None,
    cart_id: int | None = None,
) -> OrderView:
    """Write a numbered document of money that comes and goes and sells nothing, inside its act: its total is nothing.

    `when` is the shift, the business day and the moment; `back` is what goes back to an account.
    """
    shift_id, day, now = when
    heading = Heading(
        uid=uid,
        content_hash=content_hash(uid, (), 0, payments),
        kind=OrderKind.SALE,
        status=OrderStatus.DELIVERED,
        user_id=operator.user_id,
        till_id=operator.till_id,
        shift_id=shift_id,
        business_date=day,
        placed_at=now,
        paid_at=now,
        customer_id=customer_id,
        note=note,
        allowed_by_id=allowed_by_id,
    )
    read = CartContent((), compute_sale(settings.tax_policy, []), (), tuple(back))
    customer = session.scalar(select(Customer.name).where(Customer.id == customer_id))
    return write_paid(session, app, operator, heading, read, payments, settings, customer, None, cart_id)


def _whose(
    session: Session, attached: int | None, name: str | None, request: PayRequest, read: CartContent
) -> tuple[int | None, str | None]:
    """Whose document it is: of the customer whose books come back, and else of the one attached.

    An exchange that is paid from somebody's account or full card is theirs: they saw what they pay.
    """
    own = {Tender.ACCOUNT, Tender.LOYALTY}
    if not read.returned_orders or any(part.tender in own and part.amount > 0 for part in request.payments):
        return attached, name
    sold_to = session.scalar(select(Order.customer_id).where(Order.id == read.returned_orders[0]))
    if sold_to is None:
        return attached, name
    kept = kept_id(session, sold_to)
    return kept, session.scalar(select(Customer.name).where(Customer.id == kept))


def _kind(lines: Sequence[CartLine]) -> OrderKind:
    back = [line.comes_back for line in lines]
    if not any(back):
        return OrderKind.SALE
    return OrderKind.RETURN if all(back) else OrderKind.EXCHANGE


def _stored(session: Session, request: PayRequest) -> OrderView:
    """The sale this request made before; the same id with another content is a fault that must be heard."""
    row = session.execute(select(Order.id, Order.content_hash).where(Order.uid == request.uid)).one()
    if row.content_hash != request.content_hash:
        raise Refused("sale.other_content", uid=request.uid)
    return order_view(session, row.id)


def _checked(
    session: Session, request: PayRequest, read: CartContent, settings: ShopSettings, *, training: bool
) -> tuple[int, int]:
    """Settle the basket, provided it is the one the person saw and the money covers it: its rounding and change."""
    if not read.lines:
        raise Refused("cart.empty")
    kept = {payment.uid: payment for payment in request.payments}
    same_lines = seen(read.lines) == request.lines and read.totals.total == request.total
    if not same_lines or any(kept.get(payment.uid) != payment for payment in read.payments):
        raise Refused("sale.changed", total=read.totals.total)
    if request.total < 0:
        return _checked_refund(request, read, settings), 0
    _check_new(session, request, read, settings, training=training)
    settlement = settle(
        request.total,
        request.payments,
        cash_step=settings.cash_rounding,
        closes_in_cash=request.closes_in_cash,
    )
    if settlement.due > 0:
        raise Refused("payment.too_little", due=settlement.due)
    if settlement.change > most_change(currency(settings.currency)):
        raise Refused("payment.change_large")
    return settlement.rounding, settlement.change


def _check_new(
    session: Session, request: PayRequest, read: CartContent, settings: ShopSettings, *, training: bool
) -> None:
    """See that each payment not in the basket yet may be taken, and that only cash is more than is due by then."""
    taken = [*read.payments]
    known = {payment.uid for payment in taken}
    for payment in request.payments:
        if payment.uid in known:
            continue
        if payment.amount > 0:
            check_reference(payment)
            if payment.tender != Tender.CASH:
                due = settle(request.total, taken, cash_step=settings.cash_rounding).due
                if checked_payment(session, payment, due, training=training).amount != payment.amount:
                    raise Refused("payment.over", due=due)
        taken.append(payment)


def _refuse_uncharged(request: PayRequest, read: CartContent) -> None:
    """What the till's own terminal charges is in the basket before it is paid."""
    known = {payment.uid for payment in read.payments}
    for payment in request.payments:
        if payment.tender == Tender.CARD and payment.amount > 0 and payment.uid not in known:
            raise Refused("card.not_charged")


def _checked_refund(request: PayRequest, read: CartContent, settings: ShopSettings) -> int:
    """What cash rounding adds to a refund: it goes back to the sale's own tenders, or all of it in cash."""
    asked = sorted((payment.tender, payment.reference or "", -payment.amount) for payment in request.payments)
    in_cash = [PaidPart(Tender.CASH, read.in_cash)] if read.in_cash else []
    for plan in (read.refunds, in_cash):
        given = sum(part.amount for part in plan)
        if asked == sorted((str(part.tender), part.reference or "", part.amount) for part in plan):
            if -request.total - given >= max(2 * settings.cash_rounding, _ROUNDED):
                raise Refused("refund.spent")
            return -given - request.total
    raise Refused("refund.other_tenders")


def _let_back(
    session: Session,
    operator: Operator,
    request: PayRequest,
    read: CartContent,
    approval: str | None,
    now: datetime,
) -> int | None:
    """See that books may come back without a receipt, and money in cash that was not paid in cash: who let them.

    What was put on an account was never paid, and nothing of it is there to give.
    """
    if not any(line.comes_back for line in read.lines):
        return None
    unproved = let_unproved(session, operator, request.cart_id, approval, now)
    planned = sum(part.amount for part in read.refunds if part.tender == Tender.CASH)
    given = -sum(payment.amount for payment in request.payments if payment.tender == Tender.CASH)
    if request.total >= 0 or given <= planned:
        return unproved
    if any(part.tender in (Tender.ACCOUNT, Tender.LOYALTY) for part in read.refunds):
        raise Refused("refund.account")
    return require_or_approved(session, operator, Permission.REFUND_IN_CASH, given - planned, approval, now)


def _mark_returned(session: Session, lines: Sequence[CartLine]) -> None:
    """Count what comes back on the lines it was sold on; the condition stands in the UPDATE, for two tills at once."""
    back = [line for line in lines if line.comes_back and line.returned_item_id is not None]
    for line in sorted(back, key=lambda line: line.returned_item_id or 0):
        values = {"item": line.returned_item_id, "back": -line.quantity}
        if session.connection().execute(_MARK_RETURNED, values).rowcount != 1:
            raise Refused("return.too_many", title=line.title, left=0)


def move_stock(session: Session, lines: Sequence[CartLine], settings: ShopSettings) -> None:
    """Take books from stock, and put back what comes back to be sold again.

    The condition stands in the UPDATE, since reading first and writing later oversells. A title that is both sold and
    brought back moves by the difference.
    """
    taken: dict[int, int] = {}
    for line in stocked(lines):
        taken[line.book_id] = taken.get(line.book_id, 0) + line.quantity
    if not taken:
        return
    statement = _TAKE_IF_THERE if settings.stock_policy is StockPolicy.STRICT else _TAKE
    values = [{"book_id": book_id, "taken": pieces} for book_id, pieces in taken.items()]
    # Title by title in their order, but in one trip to a server.
    if session.connection().execute(statement, values).rowcount != len(values):
        raise _short(session, taken)


def _short(session: Session, taken: Mapping[int, int]) -> Refused:
    """The refusal of the first title that was not taken.

    There are too few of it still; so may there be of one whose last copies were taken, but the ledger, written after
    the stock, no longer agrees with that one's.
    """
    ledger = select(func.sum(_MOVED.c.delta)).where(_MOVED.c.book_id == _BOOKS.c.id).scalar_subquery()
    left = (_BOOKS.c.stock == func.coalesce(ledger, 0)).label("left")
    found = select(_BOOKS.c.id, _BOOKS.c.title, _FREE.label("free"), left).where(_BOOKS.c.id.in_(taken))
    rows = session.execute(found.order_by(_BOOKS.c.id)).all()
    missing = taken.keys() - {row.id for row in rows}
    if missing:
        return Refused("book.missing", book_id=min(missing))
    # Too few comes first: a ledger that is wrong already agrees with none, and names none that there is enough of.
    sold = (row for row in rows if taken[row.id] > 0)
    row = min(sold, key=lambda row: (taken[row.id] <= row.free, not row.left))
    wanted, available = taken[row.id], max(row.free, 0)
    return Refused("stock.short", book_id=row.id, title=row.title, wanted=wanted, available=available)


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
            key=line_key(row.Book.id, ""),
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
