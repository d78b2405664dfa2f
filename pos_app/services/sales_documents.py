"""The documents behind a row of a report, and what each of them adds to it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import ColumnElement, Executable, and_, case, exists, func, or_, select
from sqlalchemy.orm import Session

from pos_app.app import App
from pos_app.domain.order_status import OrderKind
from pos_app.domain.payment import Tender
from pos_app.domain.permission import Permission
from pos_app.domain.sales_report import WITHOUT_DOCUMENTS, ReportKind, months
from pos_app.models import Book, Order, OrderItem, OrderTax, Payment, Till, User, table
from pos_app.models.base import RATE_SCALE
from pos_app.services.order_number import receipt_text_number
from pos_app.services.report import day_scope
from pos_app.services.right import Operator, require
from pos_app.services.sales_sums import DISCOUNTED
from pos_app.services.setting import get_settings

MOST_DOCUMENTS = 500
_B, _O = table(Book).c, table(Order).c
# Whose share of a row is what they come to, less the gift cards sold.
_OF_DOCUMENTS = frozenset({ReportKind.DAY, ReportKind.HOUR, ReportKind.MONTH, ReportKind.PERSON})
# What a row of lines sums up of them.
_OF_LINES: dict[ReportKind, ColumnElement[Any]] = {
    ReportKind.MARGIN: case((or_(OrderItem.cost.is_not(None), _B.cost.is_not(None)), OrderItem.net_amount), else_=0),
    ReportKind.SELL_THROUGH: OrderItem.quantity.expression,
}


@dataclass(frozen=True, slots=True)
class DocumentRow:
    """A document behind a row of a report; `total` in minor units, `share` of the row's column `shared_out`."""

    number: str
    kind: OrderKind
    paid_at: datetime
    person: str
    total: int
    share: int


async def list_documents(
    app: App, operator: Operator, kind: ReportKind, key: str | int, first: date, last: date
) -> list[DocumentRow]:
    """Give the documents behind a row of a report, the newest first, five hundred at most.

    A basket has more in it than what a row is about: what each adds to the row stands beside its total, and the shares
    of all of them come to the row. Raises Refused("right.missing").
    """
    if kind in WITHOUT_DOCUMENTS:
        return []
    zone = (await get_settings(app)).zone
    query = (
        select(_O.receipt_number, _O.kind, _O.paid_at, User.username, _O.total_amount, Till.number, _O.id)
        .join(User, User.id == _O.user_id)
        .join(Till, Till.id == _O.till_id)
        .where(day_scope(first, last), _behind(kind, key))
        .order_by(Order.business_date.desc(), Order.id.desc())
    )

    def act(session: Session) -> list[DocumentRow]:
        require(session, operator, Permission.SEE_REPORTS)
        found: list[Any] = []
        # The hour is the shop's, which databases do not know.
        for row in session.execute(query if kind is ReportKind.HOUR else query.limit(MOST_DOCUMENTS)):
            if kind is ReportKind.HOUR and row.paid_at.astimezone(zone).hour != int(key):
                continue
            found.append(row)
            if len(found) == MOST_DOCUMENTS:
                break
        shares = {row.id: row.total_amount for row in found} if kind in _OF_DOCUMENTS else dict[int, int]()
        for document, share_ in session.execute(_shares_of(kind, key, [row.id for row in found])):
            shares[document] = shares.get(document, 0) + int(share_ or 0)
        return [
            DocumentRow(
                receipt_text_number(row.number, row.receipt_number),
                row.kind,
                row.paid_at,
                row.username,
                row.total_amount,
                shares.get(row.id, 0),
            )
            for row in found
        ]

    return await app.db.read(act)


def _shares_of(kind: ReportKind, key: str | int, documents: Sequence[int]) -> Executable:
    """What some documents add to a row, as it sums them up; of those in `_OF_DOCUMENTS`, what is taken off."""
    match kind:
        case ReportKind.TENDER:
            change = _O.change_amount if key == Tender.CASH else 0
            return (
                select(_O.id, func.sum(Payment.amount) - change)
                .join(Payment, Payment.order_id == _O.id)
                .where(_O.id.in_(documents), Payment.tender == key)
                .group_by(_O.id, _O.change_amount)
            )
        case ReportKind.TAX:
            return select(OrderTax.order_id, OrderTax.net_amount).where(
                OrderTax.order_id.in_(documents), _of_tax(str(key))
            )
        case ReportKind.DISCOUNTS:
            return select(_O.id, _O.discount_amount).where(_O.id.in_(documents), _O.kind.in_(DISCOUNTED))
        case kind if kind in _OF_DOCUMENTS:
            return (
                select(OrderItem.order_id, -func.sum(OrderItem.amount))
                .where(OrderItem.order_id.in_(documents), OrderItem.gift_card.is_not(None))
                .group_by(OrderItem.order_id)
            )
    figure = _OF_LINES.get(kind, OrderItem.net_amount + OrderItem.tax_amount)
    return (
        select(OrderItem.order_id, func.sum(figure))
        .join(table(Book), _B.id == OrderItem.book_id)
        .where(OrderItem.order_id.in_(documents), OrderItem.gift_card.is_(None), _of_title(kind, key))
        .group_by(OrderItem.order_id)
    )


def _of_tax(key: str) -> ColumnElement[bool]:
    """A tax is its name and its rate: one was raised, and kept its name."""
    rate, name = key.split(":", 1)
    return and_(OrderTax.name == name, OrderTax.rate == Decimal(rate) / RATE_SCALE)


def _of_title(kind: ReportKind, key: str | int) -> ColumnElement[bool]:
    """Whether a line's title is of a row."""
    if kind is ReportKind.BESTSELLERS:
        return _B.id == key
    if kind is ReportKind.PUBLISHER:
        return _B.publisher == key if key else _B.publisher.is_(None)
    return _B.category_id == key if key else _B.category_id.is_(None)


def _behind(kind: ReportKind, key: str | int) -> ColumnElement[bool]:
    """The condition that a document is behind a row."""
    of_line = and_(OrderItem.order_id == Order.id, OrderItem.gift_card.is_(None))
    match kind:
        case ReportKind.DAY:
            return Order.business_date == date.fromisoformat(str(key))
        case ReportKind.MONTH:
            first = date.fromisoformat(f"{key}-01")
            last = next(months(first, date.max))[1]
            return Order.business_date.between(first, last)
        case ReportKind.PERSON | ReportKind.DISCOUNTS:
            return User.username == key
        case ReportKind.TENDER:
            return exists().where(Payment.order_id == Order.id, Payment.tender == key)
        case ReportKind.TAX:
            return exists().where(OrderTax.order_id == Order.id, _of_tax(str(key)))
        case ReportKind.BESTSELLERS:
            return exists().where(of_line, OrderItem.book_id == key)
        case (
            ReportKind.PUBLISHER
            | ReportKind.CATEGORY
            | ReportKind.MARGIN
            | ReportKind.SELL_THROUGH
            | ReportKind.CATEGORIES
        ):
            return exists().where(of_line, _B.id == OrderItem.book_id, _of_title(kind, key))
        case _:
            return Order.id.is_not(None)
