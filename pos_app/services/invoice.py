"""Invoices of what was sold on account, which accounts are overdue, and what reminds of them."""

from dataclasses import dataclass
from datetime import date, timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from pos_app.app import App
from pos_app.domain.payment import Tender
from pos_app.domain.permission import Permission
from pos_app.errors import Refused
from pos_app.models import AccountMovement, Customer, CustomerMerge, Order, Till, table
from pos_app.receipts.invoice import invoice_document, reminder_document
from pos_app.receipts.layout import Document
from pos_app.receipts.order import money
from pos_app.services.customer_family import family, kept_id
from pos_app.services.order_number import document_number
from pos_app.services.order_view import order_view
from pos_app.services.right import Operator, require
from pos_app.services.setting import shop_settings
from pos_app.services.shift import business_date

_A, _C, _M, _O, _T = (table(model).c for model in (AccountMovement, Customer, CustomerMerge, Order, Till))
MOST_OVERDUE = 200
# More than anybody is reminded of one by one: the rest is summed up.
MOST_INVOICES = 500


@dataclass(frozen=True, slots=True)
class Overdue:
    """A customer who owes what was bought before `since`, or on that day; amounts in minor units."""

    customer_id: int
    name: str
    owed: int
    overdue: int
    since: date


@dataclass(frozen=True, slots=True)
class OpenInvoice:
    """An invoice that is not paid, or not whole; `left` is what is still owed of `amount`, in minor units."""

    order_id: int
    number: str
    bought_on: date
    due_on: date
    amount: int
    left: int


async def invoice_paper(app: App, order_id: int) -> Document:
    """Give what was sold on an account as an invoice: its number is the receipt's, its due date the shop's terms.

    Raises Refused("invoice.not_on_account" | "order.missing").
    """

    def act(session: Session) -> Document:
        sale, settings = order_view(session, order_id), shop_settings(session)
        owed = sum(paid.amount for paid in sale.payments if paid.tender == Tender.ACCOUNT)
        if sale.customer_id is None or owed <= 0 or not sale.lines:
            raise Refused("invoice.not_on_account")
        due = sale.business_date + timedelta(days=settings.invoice_days)
        foot = [] if owed == sale.total else [f"Left to pay on this invoice: {money(settings, owed)}"]
        return invoice_document(
            settings,
            f"INVOICE {sale.number}",
            _whose(session, sale.customer_id),
            [("Date", sale.business_date), ("Due", due)],
            [(line.quantity, line.title, line.isbn, line.amount) for line in sale.lines],
            sale.taxes,
            sale.total,
            foot,
            prices_include_tax=sale.prices_include_tax,
        )

    return await app.db.read(act)


async def list_overdue(app: App, operator: Operator) -> list[Overdue]:
    """Give the accounts that owe what is past the shop's terms, most first; money received pays the oldest first.

    Raises Refused("right.missing").
    """

    def act(session: Session) -> list[Overdue]:
        require(session, operator, Permission.SELL_ON_ACCOUNT)
        settings = shop_settings(session)
        since = business_date(settings, app.clock.now()) - timedelta(days=settings.invoice_days + 1)
        owner = func.coalesce(_M.into_id, _A.customer_id)
        recent = (
            select(owner.label("owner"), func.sum(_A.delta).label("bought"))
            .join_from(table(AccountMovement), table(Order), _O.id == _A.order_id)
            .join(table(CustomerMerge), _M.customer_id == _A.customer_id, isouter=True)
            .where(_A.delta > 0, _O.business_date > since)
            .group_by(owner)
            .subquery()
        )
        late = _C.balance - func.coalesce(recent.c.bought, 0)
        rows = session.execute(
            select(_C.id, _C.name, _C.balance, late.label("late"))
            .join_from(table(Customer), recent, recent.c.owner == _C.id, isouter=True)
            .where(_C.balance > 0, late > 0)
            .order_by(late.desc(), _C.id)
            .limit(MOST_OVERDUE)
        )
        return [Overdue(row.id, row.name, row.balance, int(row.late), since) for row in rows]

    return await app.db.read(act)


async def overdue_invoices(app: App, one: Overdue) -> list[OpenInvoice]:
    """Give what of an account's invoices is overdue, the oldest first."""

    def act(session: Session) -> list[OpenInvoice]:
        return _open_invoices(session, one, shop_settings(session).invoice_days)

    return await app.db.read(act)


async def reminder_paper(app: App, one: Overdue) -> Document:
    """Give the letter that reminds a customer of what is overdue, invoice by invoice."""

    def act(session: Session) -> Document:
        settings = shop_settings(session)
        today = business_date(settings, app.clock.now())
        invoices = _open_invoices(session, one, settings.invoice_days)
        rows = [(invoice.number, invoice.bought_on, invoice.due_on, invoice.left) for invoice in invoices]
        whose = _whose(session, one.customer_id)
        return reminder_document(settings, whose, today, rows, one.owed, one.overdue)

    return await app.db.read(act)


def _open_invoices(session: Session, one: Overdue, days: int) -> list[OpenInvoice]:
    """What is left of the newest invoices, since money received pays the oldest first; those of them that are due."""
    bought = session.execute(
        select(_O.id, _O.business_date, _T.number, _O.receipt_number, _O.training, _A.delta)
        .join_from(table(AccountMovement), table(Order), _O.id == _A.order_id)
        .join(table(Till), _T.id == _O.till_id, isouter=True)
        .where(_A.customer_id.in_(family(one.customer_id)), _A.delta > 0)
        .order_by(_O.business_date.desc(), _A.id.desc())
        .limit(MOST_INVOICES)
    )
    found, owed = [], one.owed
    for row in bought:
        left = min(row.delta, owed)
        owed -= left
        if left and row.business_date <= one.since:
            number = document_number(row.id, row.number, row.receipt_number, training=row.training)
            due = row.business_date + timedelta(days=days)
            found.append(OpenInvoice(row.id, number, row.business_date, due, row.delta, left))
        if not owed:
            break
    return found[::-1]


def _whose(session: Session, customer_id: int) -> tuple[str, str]:
    row = session.execute(select(_C.name, _C.address).where(_C.id == kept_id(session, customer_id))).one()
    return row.name, row.address or ""
