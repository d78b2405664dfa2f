"""Quotes of baskets, invoices of what was sold on account, and which accounts are overdue."""

from dataclasses import dataclass
from datetime import date, timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from pos_app.app import App
from pos_app.domain.payment import Tender
from pos_app.domain.permission import Permission
from pos_app.errors import Refused
from pos_app.models import AccountMovement, Customer, CustomerMerge, Order, table
from pos_app.receipts.invoice import invoice_document, reminder_document
from pos_app.receipts.layout import Document
from pos_app.receipts.order import money
from pos_app.services.cart_view import CartView
from pos_app.services.customer_family import kept_id
from pos_app.services.order_view import order_view
from pos_app.services.right import Operator, require
from pos_app.services.setting import shop_settings
from pos_app.services.shift import business_date

_A, _C, _M, _O = (table(model).c for model in (AccountMovement, Customer, CustomerMerge, Order))
QUOTE_DAYS = 30
MOST_OVERDUE = 200


@dataclass(frozen=True, slots=True)
class Overdue:
    """A customer who owes what was bought before `since`, or on that day; amounts in minor units."""

    customer_id: int
    name: str
    owed: int
    overdue: int
    since: date


async def quote_paper(app: App, cart: CartView) -> Document:
    """Give a basket as a quote for its customer, which holds nothing. Raises Refused("order.nobody" | "cart.empty")."""

    def act(session: Session) -> Document:
        settings = shop_settings(session)
        if cart.customer_id is None:
            raise Refused("order.nobody")
        if not cart.lines:
            raise Refused("cart.empty")
        today = business_date(settings, app.clock.now())
        dates = [("Date", today), ("Prices hold until", today + timedelta(days=QUOTE_DAYS))]
        lines = [(line.quantity, line.title, line.isbn, line.amount) for line in cart.lines]
        return invoice_document(
            settings,
            "QUOTE",
            _whose(session, cart.customer_id),
            dates,
            lines,
            cart.totals.taxes,
            cart.totals.total,
            (),
            prices_include_tax=settings.prices_include_tax,
        )

    return await app.db.read(act)


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


async def reminder_paper(app: App, one: Overdue) -> Document:
    """Give the letter that reminds a customer of what is overdue."""

    def act(session: Session) -> Document:
        settings = shop_settings(session)
        today = business_date(settings, app.clock.now())
        whose = _whose(session, one.customer_id)
        return reminder_document(settings, whose, today, one.owed, one.overdue, one.since)

    return await app.db.read(act)


def _whose(session: Session, customer_id: int) -> tuple[str, str]:
    row = session.execute(select(_C.name, _C.address).where(_C.id == kept_id(session, customer_id))).one()
    return row.name, row.address or ""
