"""Summing up the documents of a shift or of some days, in a few statements that load none of them."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

from sqlalchemy import BigInteger, BindParameter, ColumnElement, bindparam, case, cast, extract, func, select
from sqlalchemy.orm import InstrumentedAttribute, Session, aliased

from pos_app.app import App
from pos_app.domain.document import AdjustmentKind
from pos_app.domain.order_status import OrderKind
from pos_app.domain.payment import Tender
from pos_app.domain.permission import Permission
from pos_app.domain.report import CashLine, Share, ShiftReport, TaxShare, Totals, add_up, from_json
from pos_app.domain.sales_report import A_YEAR, months
from pos_app.errors import Refused
from pos_app.models import (
    Book,
    CashMovement,
    Category,
    Order,
    OrderAdjustment,
    OrderItem,
    OrderTax,
    Payment,
    Shift,
    ShopTender,
    Till,
    TillEvent,
    User,
    ZReport,
)
from pos_app.models.base import RATE_SCALE
from pos_app.services.right import Operator, require
from pos_app.services.setting import get_settings, shop_settings

ADJUSTMENT_NAMES = {
    AdjustmentKind.PRICE: "Other prices",
    AdjustmentKind.TAX: "Other taxes",
    AdjustmentKind.PROMOTION: "Promotions",
    AdjustmentKind.LINE_DISCOUNT: "Line discounts",
    AdjustmentKind.SALE_DISCOUNT: "Sale discounts",
}
NOT_SALES = {
    (Tender.ACCOUNT, False): "Paid onto accounts",
    (Tender.DEPOSIT, False): "Deposits for orders",
    (Tender.DEPOSIT, True): "Deposits given back",
}
Scope = ColumnElement[bool]
# The act of the events that say what cash was taken towards a basket, or given back; `details` is the payment's uid.
PART_PAYMENT = "part_payment"
MOST_Z_REPORTS = 400
# The reason a shift carries that nobody closed: it was found open on a later day.
LEFT_OPEN = "left open"
# How many months a reading takes of up to a year, and of more. PostgreSQL reads a table through for a month as it does
# for years; SQLite reads along an index.
MONTHS_READ = {"sqlite": (1, 3), "postgresql": (12, 24)}
# All time zones differ from UTC by a multiple of this, so that documents of one such span share an hour everywhere.
SPAN_S = 900


@dataclass(frozen=True, slots=True)
class ZRow:
    """One Z report in a list."""

    till: int
    number: int
    business_date: date
    closed_at: datetime
    closed_by: str
    takings: int
    difference: int | None


@dataclass(frozen=True, slots=True)
class Scopes:
    """What is summed up: which documents, and which shifts' events and movements of cash."""

    documents: Scope
    events: Scope
    moves: Scope


def shift_scope(shift_id: int) -> Scope:
    """The documents of a shift."""
    return (Order.shift_id == shift_id) & Order.paid_at.is_not(None) & Order.training.is_(False)


def day_scope(first: date, last: date) -> Scope:
    """The documents of some business days, both ends included.

    The days stand in the statement itself: a plan that PostgreSQL keeps for any days takes them to be few.
    """
    days: list[BindParameter[date]] = [bindparam(None, day, literal_execute=True) for day in (first, last)]
    return Order.business_date.between(days[0], days[1]) & Order.paid_at.is_not(None) & Order.training.is_(False)


async def takings(app: App, operator: Operator, first: date, last: date) -> Totals:
    """Sum up business days of all tills, both ends included. Raises Refused("right.missing")."""

    def act(session: Session) -> Totals:
        require(session, operator, Permission.SEE_REPORTS)
        shifts = select(Shift.id).where(Shift.business_date.between(first, last))
        return totals(
            session,
            Scopes(day_scope(first, last), TillEvent.shift_id.in_(shifts), CashMovement.shift_id.in_(shifts)),
        )

    return await app.db.read_until_cancelled(act)


async def takings_of_months(
    app: App,
    operator: Operator,
    first: date,
    last: date,
    progress: Callable[[int, int], None] = lambda _done, _total: None,
) -> Totals:
    """Sum up business days some months at a time, so that it can be watched and stopped.

    `progress` gets the parts done and in all. Raises Refused("right.missing").
    """
    each = MONTHS_READ[app.db.kind][(last - first).days > A_YEAR]
    steps, parts = list(months(first, last, each)), []
    for done, days in enumerate(steps, 1):
        parts.append(await takings(app, operator, *days))
        progress(done, len(steps))
    return parts[0] if len(parts) == 1 else add_up(parts, (await get_settings(app)).day_starts_at_hour)


async def newest_business_day(app: App, operator: Operator) -> date | None:
    """Give the last business day that has a document, None before the first. Raises Refused("right.missing")."""

    def act(session: Session) -> date | None:
        require(session, operator, Permission.SEE_REPORTS)
        newest: date | None = session.scalar(
            select(Order.business_date)
            .where(Order.paid_at.is_not(None), Order.training.is_(False))
            .order_by(Order.business_date.desc(), Order.id.desc())
            .limit(1)
        )
        return newest

    return await app.db.read(act)


async def list_z_reports(
    app: App, operator: Operator, days: tuple[date, date] | None = None, limit: int = MOST_Z_REPORTS
) -> list[ZRow]:
    """Give the newest Z reports of all tills, of all business days or some, both ends included.

    Raises Refused("right.missing").
    """
    query = select(ZReport.content).order_by(ZReport.id.desc()).limit(limit)
    if days is not None:
        query = query.join(Shift, Shift.id == ZReport.shift_id).where(Shift.business_date.between(*days))

    def act(session: Session) -> list[ZRow]:
        require(session, operator, Permission.X_REPORT)
        rows = session.execute(query).scalars()
        reports = [from_json(json.loads(content)) for content in rows]
        return [
            ZRow(
                report.till,
                report.number or 0,
                report.business_date,
                report.closed_at or report.opened_at,
                report.closed_by or report.opened_by,
                report.totals.takings,
                report.difference,
            )
            for report in reports
        ]

    return await app.db.read(act)


async def get_z_report(app: App, operator: Operator, till: int, number: int) -> ShiftReport:
    """Give a Z report as it was stored. Raises Refused("z.missing" | "right.missing")."""

    def act(session: Session) -> ShiftReport:
        require(session, operator, Permission.X_REPORT)
        content = session.scalar(
            select(ZReport.content)
            .join(Till, Till.id == ZReport.till_id)
            .where(Till.number == till, ZReport.number == number)
        )
        if content is None:
            raise Refused("z.missing", number=f"{till}-{number:06d}")
        return from_json(json.loads(content))

    return await app.db.read(act)


async def newest_z_reports(app: App, till: int, limit: int) -> list[ShiftReport]:
    """Give a till's newest Z reports as they were stored, the oldest of them first; for the program itself."""

    def act(session: Session) -> list[ShiftReport]:
        rows = session.execute(
            select(ZReport.content)
            .join(Till, Till.id == ZReport.till_id)
            .where(Till.number == till)
            .order_by(ZReport.number.desc())
            .limit(limit)
        ).scalars()
        return [from_json(json.loads(content)) for content in rows][::-1]

    return await app.db.read(act)


def shift_report(session: Session, shift: Shift, **closing: Any) -> ShiftReport:
    """Sum a shift up inside an act; `closing` is what a Z knows more than an X."""
    till = session.get_one(Till, shift.till_id)
    opened_by = session.get_one(User, shift.user_id)
    taken, back = _cash(session, shift.id)
    moves = tuple(
        CashLine(row.reason, row.amount, row.username)
        for row in session.execute(
            select(CashMovement.reason, CashMovement.amount, User.username)
            .join(User, User.id == CashMovement.user_id)
            .where(CashMovement.shift_id == shift.id)
            .order_by(CashMovement.id)
        )
    )
    open_sales = _open_sales(session, shift.id)
    expected = shift.opening_float + taken - back + open_sales + sum(move.amount for move in moves)
    values: dict[str, Any] = {
        "number": None,
        "closed_at": None,
        "closed_by": None,
        "counted": None,
        "difference": None,
        "reason": None,
        "pieces": (),
    } | closing
    return ShiftReport(
        till=till.number,
        opened_at=shift.opened_at,
        opened_by=opened_by.username,
        business_date=shift.business_date,
        currency=shop_settings(session).currency,
        opening_float=shift.opening_float,
        cash_taken=taken,
        cash_paid_back=back,
        cash_moves=moves,
        expected=expected,
        open_sales=open_sales,
        totals=totals(
            session,
            Scopes(shift_scope(shift.id), TillEvent.shift_id == shift.id, CashMovement.shift_id == shift.id),
        ),
        next_number=till.next_z_number if values["number"] is None else None,
        **values,
    )


def _open_sales(session: Session, shift_id: int) -> int:
    """Cash taken in a shift towards sales that are not stored, less what its sales count and was taken before."""
    came = session.scalar(
        select(func.coalesce(func.sum(TillEvent.amount), 0)).where(
            TillEvent.shift_id == shift_id, TillEvent.act == PART_PAYMENT
        )
    )
    stored = (
        select(Payment.uid)
        .join(Order, Order.id == Payment.order_id)
        .where(shift_scope(shift_id), Payment.tender == Tender.CASH)
    )
    counted = session.scalar(
        select(func.coalesce(func.sum(TillEvent.amount), 0)).where(
            TillEvent.act == PART_PAYMENT, TillEvent.shift_id.is_not(None), TillEvent.details.in_(stored)
        )
    )
    return int(came or 0) - int(counted or 0)


def _cash(session: Session, shift_id: int) -> tuple[int, int]:
    """Cash taken less change given, and cash paid back, of a shift's documents."""
    row = session.execute(
        select(
            func.coalesce(func.sum(case((Payment.amount > 0, Payment.amount), else_=0)), 0).label("taken"),
            func.coalesce(func.sum(case((Payment.amount < 0, -Payment.amount), else_=0)), 0).label("back"),
        )
        .join(Order, Order.id == Payment.order_id)
        .where(shift_scope(shift_id), Payment.tender == Tender.CASH)
    ).one()
    change = session.scalar(select(func.coalesce(func.sum(Order.change_amount), 0)).where(shift_scope(shift_id)))
    return int(row.taken) - int(change or 0), int(row.back)


def totals(session: Session, scopes: Scopes) -> Totals:
    """Sum documents up inside an act."""
    scope = scopes.documents
    head = session.execute(
        select(
            *(
                # Money put on an account is no sale.
                func.coalesce(func.sum(case(((Order.kind == kind) & (Order.item_count > 0), 1), else_=0)), 0).label(
                    kind.value
                )
                for kind in (OrderKind.SALE, OrderKind.RETURN, OrderKind.EXCHANGE, OrderKind.VOID)
            ),
            func.coalesce(func.sum(case((Order.kind == OrderKind.CUSTOMER_ORDER, 1), else_=0)), 0).label("orders"),
            *(
                func.coalesce(func.sum(case((Order.kind == kind, Order.total_amount), else_=0)), 0).label(
                    f"{kind.value}_amount"
                )
                for kind in (OrderKind.RETURN, OrderKind.EXCHANGE, OrderKind.VOID)
            ),
            func.coalesce(func.sum(Order.total_amount), 0).label("total"),
            func.coalesce(func.sum(Order.net_amount), 0).label("net"),
            func.coalesce(func.sum(Order.tax_amount), 0).label("tax"),
            func.coalesce(func.sum(Order.rounding_amount), 0).label("rounding"),
            func.coalesce(func.sum(Order.discount_amount), 0).label("discount"),
            func.min(Order.receipt_number).label("first"),
            func.max(Order.receipt_number).label("last"),
            func.coalesce(func.sum(case((Order.item_count == 0, 1), else_=0)), 0).label("money_only"),
        ).where(scope)
    ).one()
    cards = session.execute(
        select(func.count(), func.coalesce(func.sum(OrderItem.amount), 0))
        .join(Order, Order.id == OrderItem.order_id)
        .where(scope, OrderItem.gift_card.is_not(None))
    ).one()
    pieces = session.scalar(
        select(func.coalesce(func.sum(OrderItem.quantity), 0))
        .join(Order, Order.id == OrderItem.order_id)
        .where(scope, OrderItem.gift_card.is_(None))
    )
    of_sales = scope & Order.kind.in_((OrderKind.SALE, OrderKind.CUSTOMER_ORDER))
    sold = session.scalar(select(func.coalesce(func.sum(Order.total_amount), 0)).where(of_sales))
    sold_lines = session.execute(
        select(
            func.coalesce(func.sum(case((OrderItem.gift_card.is_not(None), OrderItem.amount), else_=0)), 0).label(
                "cards"
            ),
            func.coalesce(func.sum(case((OrderItem.gift_card.is_(None), OrderItem.quantity), else_=0)), 0).label(
                "pieces"
            ),
        )
        .join(Order, Order.id == OrderItem.order_id)
        .where(of_sales)
    ).one()
    no_sales = session.scalar(
        select(func.count())
        .select_from(TillEvent)
        .where(scopes.events, TillEvent.act == "no_sale", TillEvent.training.is_(False))
    )
    return Totals(
        sales=int(head.sale) + int(head.orders),
        returns=int(head[1]),
        exchanges=int(head.exchange),
        voids=int(head.void),
        pieces=int(pieces or 0),
        takings=int(head.total) - int(cards[1]),
        net=int(head.net) - int(cards[1]),
        tax=int(head.tax),
        rounding=int(head.rounding),
        discount=int(head.discount),
        gift_cards=Share("Gift cards sold", int(cards[0]), int(cards[1])),
        tenders=tender_shares(session, scope),
        taxes=tax_shares(session, scope),
        departments=_departments(session, scope),
        people=people_shares(session, scope),
        adjustments=_adjustments(session, scope),
        hours=hour_shares(session, scope),
        no_sales=int(no_sales or 0),
        first_number=head.first,
        last_number=head.last,
        days=day_shares(session, scope),
        sold_amount=int(sold or 0) - int(sold_lines.cards),
        sold_pieces=int(sold_lines.pieces),
        returned_amount=int(head.return_amount),
        exchanged_amount=int(head.exchange_amount),
        voided_amount=int(head.void_amount),
        not_sales=_not_sales(session, scope) if head.money_only else (),
        cash_in=_moves(session, "Cash put in", scopes.moves & (CashMovement.amount > 0)),
        cash_out=_moves(session, "Cash taken out", scopes.moves & (CashMovement.amount < 0)),
    )


def _moves(session: Session, name: str, scope: Scope) -> Share:
    row = session.execute(select(func.count(), func.coalesce(func.sum(CashMovement.amount), 0)).where(scope)).one()
    return Share(name, row[0], int(row[1]))


def _not_sales(session: Session, scope: Scope) -> tuple[Share, ...]:
    """What came onto accounts, as deposits and back by documents that sell nothing."""
    back = Payment.amount > 0
    deposit = aliased(Payment)
    of_deposit = select(deposit.id).where(deposit.order_id == Order.id, deposit.tender == Tender.DEPOSIT).exists()
    rows = session.execute(
        select(Payment.tender, back, func.count(), -func.sum(Payment.amount))
        .join(Order, Order.id == Payment.order_id)
        .where(scope, Order.item_count == 0)
        # A deposit may itself be paid from an account, or go back to one.
        .where((Payment.tender == Tender.DEPOSIT) | ((Payment.tender == Tender.ACCOUNT) & ~of_deposit))
        .group_by(Payment.tender, back)
        .order_by(Payment.tender, back)
    )
    return tuple(
        Share(NOT_SALES[Tender(tender), bool(given)], count, int(amount)) for tender, given, count, amount in rows
    )


def tender_shares(session: Session, scope: Scope) -> tuple[Share, ...]:
    """Payments by tender, less the change given."""
    rows = session.execute(
        select(ShopTender.code, ShopTender.name, func.count(), func.sum(Payment.amount))
        .join(Payment, Payment.tender == ShopTender.code)
        .join(Order, Order.id == Payment.order_id)
        .where(scope)
        .group_by(ShopTender.code, ShopTender.name, ShopTender.position)
        .order_by(ShopTender.position)
    ).all()
    change = session.scalar(select(func.coalesce(func.sum(Order.change_amount), 0)).where(scope)) or 0
    return tuple(
        Share(name, count, int(amount) - (int(change) if code == Tender.CASH else 0), code)
        for code, name, count, amount in rows
    )


def tax_shares(session: Session, scope: Scope) -> tuple[TaxShare, ...]:
    """Net amounts and taxes by tax."""
    rows = session.execute(
        select(OrderTax.name, OrderTax.rate, func.sum(OrderTax.net_amount), func.sum(OrderTax.tax_amount))
        .join(Order, Order.id == OrderTax.order_id)
        .where(scope)
        .group_by(OrderTax.name, OrderTax.rate)
        .order_by(OrderTax.rate, OrderTax.name)
    )
    return tuple(TaxShare(name, int(rate * RATE_SCALE), int(net), int(tax)) for name, rate, net, tax in rows)


def _departments(session: Session, scope: Scope) -> tuple[Share, ...]:
    name = func.coalesce(Category.name, "Other")
    amount = func.sum(OrderItem.net_amount + OrderItem.tax_amount)
    rows = session.execute(
        select(name, func.sum(OrderItem.quantity), amount)
        .join(Order, Order.id == OrderItem.order_id)
        .join(Book, Book.id == OrderItem.book_id)
        .join(Category, Category.id == Book.category_id, isouter=True)
        .where(scope, OrderItem.gift_card.is_(None))
        .group_by(name)
        .order_by(amount.desc())
    )
    return tuple(Share(name, int(count), int(sum_)) for name, count, sum_ in rows)


def people_shares(session: Session, scope: Scope) -> tuple[Share, ...]:
    """Documents and takings by person, the largest first."""
    sums = sums_by(session, scope, Order.user_id)
    names = {row.id: row.username for row in session.execute(select(User.id, User.username).where(User.id.in_(sums)))}
    by_amount = sorted(sums, key=lambda key: (-sums[key][1], names[key]))
    return tuple(Share(names[key], *sums[key]) for key in by_amount)


def day_shares(session: Session, scope: Scope) -> tuple[Share, ...]:
    """Documents and takings by business day."""
    sums = sums_by(session, scope, Order.business_date)
    return tuple(Share(day.isoformat(), *sums[day]) for day in sorted(sums))


def sums_by(
    session: Session, scope: Scope, key: ColumnElement[Any] | InstrumentedAttribute[Any]
) -> dict[Any, tuple[int, int]]:
    """How many documents sold or took back, and their takings: the gift cards sold are taken off again."""
    sums = {
        one: (int(count), int(amount))
        for one, count, amount in session.execute(
            select(key, func.sum(case((Order.item_count > 0, 1), else_=0)), func.sum(Order.total_amount))
            .where(scope)
            .group_by(key)
        )
        if count or amount
    }
    cards = session.execute(
        select(key, func.sum(OrderItem.amount))
        .join(OrderItem, OrderItem.order_id == Order.id)
        .where(scope, OrderItem.gift_card.is_not(None))
        .group_by(key)
    )
    for one, amount in cards:
        sums[one] = (sums[one][0], sums[one][1] - int(amount))
    return sums


def _adjustments(session: Session, scope: Scope) -> tuple[Share, ...]:
    rows = session.execute(
        select(OrderAdjustment.kind, func.count(), func.sum(OrderAdjustment.amount))
        .join(OrderItem, OrderItem.id == OrderAdjustment.order_item_id)
        .join(Order, Order.id == OrderItem.order_id)
        .where(scope)
        .group_by(OrderAdjustment.kind)
        .order_by(OrderAdjustment.kind)
    )
    return tuple(Share(ADJUSTMENT_NAMES[kind], count, int(amount)) for kind, count, amount in rows)


def hour_shares(session: Session, scope: Scope) -> tuple[Share, ...]:
    """Takings by the hour of the shop's clock, in the order of its day.

    The hour is computed here, since the databases' clocks are UTC.
    """
    settings = shop_settings(session)
    seconds = extract("epoch", Order.paid_at)
    hours: dict[int, tuple[int, int]] = {}
    for moment, (count, amount) in sums_by(session, scope, cast(seconds - seconds % SPAN_S, BigInteger)).items():
        hour = datetime.fromtimestamp(moment, UTC).astimezone(settings.zone).hour
        before = hours.get(hour, (0, 0))
        hours[hour] = (before[0] + count, before[1] + amount)
    in_turn = sorted(hours, key=lambda hour: (hour - settings.day_starts_at_hour) % 24)
    return tuple(Share(f"{hour:02d}", *hours[hour]) for hour in in_turn)
