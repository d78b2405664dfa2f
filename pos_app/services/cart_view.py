"""A basket as it stands: its rows read in one act, priced by rule, and explained."""

from collections.abc import Container, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import Row, String, bindparam, exists, false, func, literal_column, or_, select, union_all
from sqlalchemy.orm import Session

from pos_app.domain.document import Adjustment, Restock
from pos_app.domain.kinds import BookKind
from pos_app.domain.payment import PaidPart, PaymentIn, Settlement, settle
from pos_app.domain.purse import Purse, Refund, plan_refund
from pos_app.domain.sale import SaleLine, SaleLineTotal, SaleTotals, SoldLine, compute_sale, mirror, total_up
from pos_app.domain.shop import ShopSettings, StockPolicy
from pos_app.errors import Refused
from pos_app.models import (
    Book,
    Cart,
    CartChange,
    CartItem,
    CartPayment,
    CartStatus,
    Customer,
    Order,
    OrderItem,
    ShopTender,
    StockMovement,
    TaxRate,
    Till,
    User,
    table,
)
from pos_app.services.line_price import PricedLine, price_lines
from pos_app.services.order_hold import item_of
from pos_app.services.order_number import receipt_text_number
from pos_app.services.promotion import ANY_ACTIVE
from pos_app.services.refund import purse_of
from pos_app.services.setting import shop_settings
from pos_app.services.stock import held_elsewhere


@dataclass(frozen=True, slots=True)
class CartLine:
    """One line as shown; amounts in minor units.

    `key` names the line within its basket. Quantity, discount and amount are below zero where the line comes back.
    """

    key: str
    book_id: int
    title: str
    author: str
    isbn: str | None
    kind: BookKind
    quantity: int
    price: int
    discount: int
    amount: int
    tax_name: str
    tax_rate: Decimal
    adjustments: tuple[Adjustment, ...] = ()
    allowed_by: tuple[int | None, ...] = ()
    list_price: int = 0
    cover_price: int | None = None
    note: str | None = None
    gift_card: str | None = None
    returned_item_id: int | None = None
    restock: Restock | None = None
    # Where the copies lie that the shop floor has not: (place, pieces).
    elsewhere: tuple[tuple[str, int], ...] = ()
    # How many there are to sell, in a shop that sells nothing it has not.
    available: int | None = None

    @property
    def comes_back(self) -> bool:
        """Whether the customer brings it back."""
        return self.quantity < 0


@dataclass(frozen=True, slots=True)
class CartView:
    """A basket as it stands in the database. `touched` is the key of the line the last act changed.

    `refunds` is what goes back to which tender where the basket comes to less than nothing; `returns_of` are the
    numbers of the sales that lines come back from.
    """

    id: int
    uid: str
    currency: str
    lines: tuple[CartLine, ...]
    totals: SaleTotals
    payments: tuple[PaymentIn, ...]
    settlement: Settlement
    can_undo: bool
    # The step that an undo would take back: another one is a basket that was changed.
    last_step: int | None = None
    touched: str | None = None
    message: str | None = None
    params: dict[str, Any] = field(default_factory=dict)
    note: str | None = None
    customer_id: int | None = None
    customer: str | None = None
    training: bool = False
    discount_rate: Decimal | None = None
    discount_amount: int | None = None
    refunds: tuple[PaidPart, ...] = ()
    returns_of: tuple[str, ...] = ()
    parked: int = 0
    # The smallest coin cash is rounded to, in minor units.
    cash_step: int = 1

    @property
    def item_count(self) -> int:
        """How many pieces the lines hold together."""
        return sum(abs(line.quantity) for line in self.lines)

    @property
    def due(self) -> int:
        """What is still to pay; below zero where money goes back."""
        return self.totals.total if self.totals.total < 0 else self.settlement.due

    @property
    def cash_due(self) -> int:
        """What is still to pay in coins."""
        return self.settlement.cash_due

    def in_coins(self, amount: int) -> int:
        """What is handed over where somebody types `amount`: the very sum due means what coins make of it.

        Raises Refused("payment.coins") for another amount that no coins make up.
        """
        if amount == self.due:
            return self.cash_due
        if amount % self.cash_step:
            raise Refused("payment.coins")
        return amount


@dataclass(frozen=True, slots=True)
class CartContent:
    """A basket's rows, read in one act and computed.

    `in_cash` is what goes back where all of `refunds` is given in coins; `away` are the titles that do not all lie on
    the shop floor.
    """

    lines: tuple[CartLine, ...]
    totals: SaleTotals
    payments: tuple[PaymentIn, ...]
    refunds: tuple[PaidPart, ...] = ()
    in_cash: int = 0
    returns_of: tuple[str, ...] = ()
    returned_orders: tuple[int, ...] = ()
    away: frozenset[int] = frozenset()


def line_key(book_id: int, part: str) -> str:
    """The name of a line within its basket."""
    return f"{book_id}:{part}" if part else str(book_id)


_I, _B, _T, _C = table(CartItem), table(Book), table(TaxRate), table(Cart)
_MOVED, _PAID = table(StockMovement), table(CartPayment)
# A row a line, or one without a line; each has the basket's own discount, and whether there is more to ask for.
_LINES = (
    select(
        _C.c.discount_rate.label("sale_rate"),
        _C.c.discount_amount.label("sale_amount"),
        _C.c.discount_reason.label("sale_reason"),
        _C.c.discount_allowed_by_id.label("sale_allowed_by_id"),
        exists().where(_PAID.c.cart_id == _C.c.id).label("part_paid"),
        ANY_ACTIVE.label("promoted"),
        exists().where(_MOVED.c.book_id == _I.c.book_id, _MOVED.c.location_id.is_not(None)).label("away"),
        _I,
        _B.c.title,
        _B.c.author,
        _B.c.isbn,
        _B.c.kind,
        _B.c.category_id,
        _B.c.open_price,
        (_B.c.stock - _B.c.reserved).label("free"),
        _T.c.name.label("tax_name"),
        _T.c.rate.label("tax_rate"),
    )
    .join_from(_C, _I, _I.c.cart_id == _C.c.id, isouter=True)
    .join(_B, _B.c.id == _I.c.book_id, isouter=True)
    .join(_T, _T.c.id == func.coalesce(_I.c.tax_rate_id, _B.c.tax_rate_id), isouter=True)
    .where(_C.c.id == bindparam("cart"))
    .order_by(_I.c.position)
)
_PAYMENTS = (
    select(_PAID.c.uid, _PAID.c.tender, _PAID.c.amount, _PAID.c.reference, _PAID.c.scheme, table(ShopTender).c.name)
    .join_from(_PAID, table(ShopTender), table(ShopTender).c.code == _PAID.c.tender)
    .where(_PAID.c.cart_id == bindparam("cart"))
    .order_by(_PAID.c.id)
)
_OI, _O = table(OrderItem), table(Order)


def content(session: Session, cart_id: int, settings: ShopSettings, now: datetime) -> CartContent:
    """Read and compute a basket inside an act."""
    rows = session.connection().execute(_LINES, {"cart": cart_id}).all()
    heading = rows[0]
    payments = payments_of(session, cart_id) if heading.part_paid else ()
    if heading.book_id is None:
        return CartContent((), compute_sale(settings.tax_policy, []), payments)
    sold = _sold_lines(session, rows)
    pricing = price_lines(session, rows, heading, settings, now)
    totals = _totals(settings, rows, sold, pricing)
    names = _names(session, pricing)
    lines = tuple(
        replace(
            _line(row, total, priced, sold.get(row.returned_item_id or 0), names), available=_to_sell(row, settings)
        )
        for row, total, priced in zip(rows, totals.lines, pricing, strict=True)
    )
    away = frozenset(row.book_id for row in rows if row.away)
    if not any(line.comes_back for line in lines):
        return CartContent(lines, totals, payments, away=away)
    origins = _origins(session, lines)
    refund = _refund(session, lines, totals, origins, settings) if totals.total < 0 else Refund()
    numbers = tuple(receipt_text_number(row.number, row.receipt_number or 0, training=row.training) for row in origins)
    orders = tuple(row.id for row in origins)
    return CartContent(lines, totals, payments, refund.parts, refund.in_cash, numbers, orders, away)


def _names(session: Session, pricing: Sequence[PricedLine]) -> Mapping[int, str]:
    ids = {who for one in pricing for _, who in one.adjustments if who is not None}
    if not ids:
        return {}
    return dict(session.execute(select(User.id, User.username).where(User.id.in_(ids))).all())


def _totals(
    settings: ShopSettings, rows: Sequence[Row[Any]], sold: Mapping[int, SoldLine], pricing: Sequence[PricedLine]
) -> SaleTotals:
    policy = settings.tax_policy
    asked = [
        SaleLine(row.quantity, one.unit, one.discount, row.tax_name, row.tax_rate)
        for row, one in zip(rows, pricing, strict=True)
    ]
    selling = [line for row, line in zip(rows, asked, strict=True) if not row.comes_back]
    computed = iter(compute_sale(policy, selling).lines)
    totals: list[SaleLineTotal] = []
    lines: list[SaleLine | SoldLine] = []
    for row, line in zip(rows, asked, strict=True):
        original = sold.get(row.returned_item_id or 0)
        if not row.comes_back:
            totals.append(next(computed))
            lines.append(line)
        elif original is not None:
            totals.append(mirror(policy, original, row.quantity))
            lines.append(original)
        else:
            (one,) = compute_sale(policy, [line]).lines
            totals.append(SaleLineTotal(-one.discount, -one.amount, -one.net, -one.tax))
            lines.append(line)
    return total_up(lines, totals)


def _sold_lines(session: Session, rows: Sequence[Row[Any]]) -> Mapping[int, SoldLine]:
    ids = [row.returned_item_id for row in rows if row.returned_item_id is not None]
    if not ids:
        return {}
    found = session.execute(select(_OI).where(_OI.c.id.in_(ids)))
    return {
        row.id: SoldLine(
            row.quantity, row.price, row.net_amount, row.tax_amount, row.returned_quantity, row.tax_name, row.tax_rate
        )
        for row in found
    }


def _to_sell(row: Row[Any], settings: ShopSettings) -> int | None:
    """How many of a line's title there are to sell where that matters; what is held for the line's own order is."""
    free_to_all = row.kind is BookKind.SERVICE or row.comes_back or row.gift_card or item_of(row.part) is not None
    return None if settings.stock_policy is not StockPolicy.STRICT or free_to_all else max(row.free, 0)


def _line(
    row: Row[Any], total: SaleLineTotal, one: PricedLine, sold: SoldLine | None, names: Mapping[int, str]
) -> CartLine:
    adjustments = tuple(
        Adjustment(why.kind, why.name, why.amount, why.was, names.get(who or 0)) for why, who in one.adjustments
    )
    return CartLine(
        key=line_key(row.book_id, row.part),
        book_id=row.book_id,
        title=row.title,
        author=row.author,
        isbn=row.isbn,
        kind=row.kind,
        quantity=-row.quantity if row.comes_back else row.quantity,
        price=sold.price if sold is not None else one.unit,
        discount=total.discount,
        amount=total.amount,
        tax_name=sold.tax_name if sold is not None else row.tax_name,
        tax_rate=sold.tax_rate if sold is not None else row.tax_rate,
        adjustments=adjustments,
        allowed_by=tuple(who for _, who in one.adjustments),
        list_price=row.price,
        cover_price=row.cover_price,
        note=row.note,
        gift_card=row.gift_card,
        returned_item_id=row.returned_item_id,
        restock=row.restock,
    )


def _origins(session: Session, lines: Sequence[CartLine]) -> Sequence[Any]:
    """The sales that lines come back from: one at a time, so that what they were paid with is followed back."""
    items = [line.returned_item_id for line in lines if line.returned_item_id is not None]
    return session.execute(
        select(_O.c.id, _O.c.receipt_number, _O.c.training, table(Till).c.number)
        .join_from(_O, _OI, _OI.c.order_id == _O.c.id)
        .join(table(Till), table(Till).c.id == _O.c.till_id)
        .where(_OI.c.id.in_(items))
        .distinct()
        .order_by(_O.c.id)
    ).all()


def _refund(
    session: Session,
    lines: Sequence[CartLine],
    totals: SaleTotals,
    origins: Sequence[Any],
    settings: ShopSettings,
) -> Refund:
    """What goes back: to the sale's tenders what came back of it, and in cash what no receipt was found for."""
    coming = zip(lines, totals.lines, strict=True)
    worth = sum(-one.net - one.tax for line, one in coming if line.returned_item_id is not None)
    proved = min(-totals.total, worth)
    step = settings.cash_rounding
    purse = purse_of(session, origins[0].id, step) if origins else Purse()
    return plan_refund(purse, proved, -totals.total - proved, step)


def payments_of(session: Session, cart_id: int) -> tuple[PaymentIn, ...]:
    """The money already taken towards a basket, in order."""
    return tuple(PaymentIn(*row) for row in session.connection().execute(_PAYMENTS, {"cart": cart_id}))


def settlement_of(now: CartContent, settings: ShopSettings) -> Settlement:
    """How a basket's payments stand; one that comes to less than nothing has none, and `cash_due` is what goes back."""
    if now.totals.total < 0:
        return Settlement(now.totals.total, 0, 0, 0, -now.in_cash)
    return settle(now.totals.total, now.payments, cash_step=settings.cash_rounding)


# Written out, since each has an index of its own that a prepared statement finds by the word.
_OPEN = literal_column(f"'{CartStatus.OPEN}'", String)
_PARKED = literal_column(f"'{CartStatus.PARKED}'", String)


def waiting(carts: Any, *, user_id: Any, till_id: Any, training: Any) -> Any:
    """The condition that a basket can be taken up: it is parked, or somebody else left it open at this till.

    Training takes up what training parked, and nothing else; selling takes up none of that.
    """
    return or_(*_ways_to_wait(carts, user_id, till_id, training))


def _ways_to_wait(carts: Any, user_id: Any, till_id: Any, training: Any) -> tuple[Any, Any]:
    left = (carts.status == _OPEN) & (carts.till_id == till_id) & (carts.user_id != user_id)
    alike = carts.training == training
    return (carts.status == _PARKED) & alike, left & alike


# Apart, since SQLite uses neither index where both ways stand in one condition.
_WAITING = union_all(
    *(
        select(_C.c.id).where(way)
        for way in _ways_to_wait(_C.c, bindparam("user"), bindparam("till"), bindparam("training"))
    )
)
_COUNT_WAITING = select(func.count(_I.c.cart_id.distinct())).where(_I.c.cart_id.in_(_WAITING))
_CHANGES, _CUSTOMERS = table(CartChange), table(Customer)
_LAST_STEP = select(func.max(_CHANGES.c.id)).where(
    _CHANGES.c.cart_id == bindparam("cart"), _CHANGES.c.undone == false()
)
_CUSTOMER = select(_CUSTOMERS.c.name).where(_CUSTOMERS.c.id == bindparam("customer"))
# One question and one answer for three things.
_STANDING = select(
    _LAST_STEP.scalar_subquery().label("last_step"),
    _CUSTOMER.scalar_subquery().label("customer"),
    _COUNT_WAITING.scalar_subquery().label("parked"),
)


def count_waiting_for(session: Session, user_id: int, till_id: int | None, *, training: bool) -> int:
    """How many baskets with lines somebody at a till could take up."""
    return session.scalar(_COUNT_WAITING, {"user": user_id, "till": till_id, "training": training}) or 0


def _with_places(session: Session, lines: tuple[CartLine, ...], titles: Container[int]) -> tuple[CartLine, ...]:
    """Say which copies of some titles, of what is to be sold, are to be fetched from another place."""
    selling = (line.book_id for line in lines if line.quantity > 0)
    held, names = held_elsewhere(session, (book_id for book_id in selling if book_id in titles))
    if not held:
        return lines
    placed = []
    for line in lines:
        taken = held[line.book_id].take(line.quantity) if line.book_id in held and not line.comes_back else []
        away = tuple((names[number], pieces) for number, pieces in taken if number is not None)
        placed.append(replace(line, elsewhere=away) if away else line)
    return tuple(placed)


def view_of(
    session: Session,
    cart: Cart,
    now: datetime,
    *,
    read: CartContent | None = None,
    touched: str | None = None,
    message: str | None = None,
    params: dict[str, Any] | None = None,
) -> CartView:
    """Give a basket as it stands, inside an act."""
    settings = shop_settings(session)
    read = read or content(session, cart.id, settings, now)
    whose = {"cart": cart.id, "customer": cart.customer_id, "user": cart.user_id, "till": cart.till_id}
    standing = session.execute(_STANDING, whose | {"training": cart.training}).one()
    return CartView(
        id=cart.id,
        uid=cart.uid,
        currency=settings.currency,
        lines=_with_places(session, read.lines, read.away),
        totals=read.totals,
        payments=read.payments,
        settlement=settlement_of(read, settings),
        can_undo=standing.last_step is not None,
        last_step=standing.last_step,
        touched=touched,
        message=message,
        params=params or {},
        note=cart.note,
        customer_id=cart.customer_id,
        customer=standing.customer,
        training=cart.training,
        discount_rate=cart.discount_rate,
        discount_amount=cart.discount_amount,
        refunds=read.refunds,
        returns_of=read.returns_of,
        parked=standing.parked,
        cash_step=settings.cash_rounding,
    )
