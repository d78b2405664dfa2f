"""A customer's account: what moved it, its statement, and money received on it at the till."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import Row, Select, func, select
from sqlalchemy.orm import Session

from pos_app.app import App
from pos_app.domain.document import OrderView
from pos_app.domain.payment import PaidPart, PaymentIn, Tender
from pos_app.domain.permission import Permission
from pos_app.domain.shop import ShopSettings
from pos_app.errors import Refused
from pos_app.models import AccountMovement, Customer, Order, Till, table
from pos_app.receipts.escpos import encode
from pos_app.receipts.layout import Document
from pos_app.receipts.statement import statement_document
from pos_app.services.cart_payment import check_reference
from pos_app.services.customer_edit import customer_file
from pos_app.services.customer_family import family, kept_id
from pos_app.services.customer_list import LedgerRow
from pos_app.services.order import write_money
from pos_app.services.order_number import document_number
from pos_app.services.order_view import order_view
from pos_app.services.right import Operator, require
from pos_app.services.setting import shop_settings
from pos_app.services.shift import shift_to_sell_in
from pos_app.services.tender import tender_rules

LEDGER = 200
_A, _O, _T = table(AccountMovement).c, table(Order).c, table(Till).c


@dataclass(frozen=True, slots=True)
class Statement:
    """What stood on an account before a day, what moved it since, and what stands on it now; in minor units."""

    name: str
    address: str
    since: date
    until: date
    before: int
    rows: tuple[LedgerRow, ...]
    after: int


async def page_account(app: App, customer_id: int, limit: int = LEDGER) -> list[LedgerRow]:
    """Give the last changes of a customer's account, newest first."""

    def act(session: Session) -> list[LedgerRow]:
        balance = session.scalar(select(Customer.balance).where(Customer.id == customer_id)) or 0
        rows = []
        for row in session.execute(_moves(customer_id).order_by(_A.id.desc()).limit(limit)):
            rows.append(_ledger_row(row, balance))
            balance -= row.delta
        return rows

    return await app.db.read(act)


async def statement(app: App, customer_id: int, since: date, until: date) -> Statement:
    """Give a customer's account over some business days. Raises Refused("customer.missing")."""

    def act(session: Session) -> Statement:
        person = customer_file(session, customer_id)
        earlier = select(func.sum(_A.delta)).join_from(table(AccountMovement), table(Order), _O.id == _A.order_id)
        earlier = earlier.where(_A.customer_id.in_(family(customer_id)), _O.business_date < since)
        before = balance = int(session.scalar(earlier) or 0)
        rows = []
        within = _moves(customer_id).where(_O.business_date.between(since, until))
        for row in session.execute(within.order_by(_O.business_date, _A.id)):
            balance += row.delta
            rows.append(_ledger_row(row, balance))
        return Statement(person.name, person.address, since, until, before, tuple(rows), balance)

    return await app.db.read(act)


async def statement_paper(app: App, customer_id: int, since: date, until: date) -> Document:
    """Give the same as a paper. Raises Refused("customer.missing")."""
    found = await statement(app, customer_id, since, until)
    settings = await app.db.read(shop_settings)
    lines = [(row.at, row.number, row.delta, row.balance) for row in found.rows]
    return statement_document(
        settings, found.name, found.address, found.since, found.until, found.before, lines, found.after
    )


async def print_statement(app: App, paper: Document) -> None:
    """Hand a statement to the receipt printer's queue. Raises Unavailable("receipt.not_kept")."""
    await app.printing.put("Statement", encode(paper, app.drawing))


async def receive_payment(app: App, operator: Operator, customer_id: int, payment: PaymentIn) -> OrderView:
    """Take money a customer owes, as a document of its own: it sells nothing, and its total is nothing.

    What comes in by `payment` goes out to the account, so that drawer, shift and account agree. The same payment sent
    again gives the stored document. Raises Refused("account.amount" | "account.tender" | "customer.missing" |
    "shift.closed" | "right.missing" | "code.card_number").
    """
    now = app.clock.now()
    check_reference(payment)

    def act(session: Session) -> OrderView:
        stored = session.scalar(select(Order.id).where(Order.uid == payment.uid))
        if stored is not None:
            return order_view(session, stored)
        require(session, operator, Permission.SELL)
        owner = kept_id(session, customer_id)
        person = session.scalar(select(Customer).where(Customer.id == owner, Customer.active).with_for_update())
        if person is None:
            raise Refused("customer.missing")
        if not 0 < payment.amount <= person.balance:
            raise Refused("account.amount", name=person.name)
        if payment.tender not in (Tender.CASH, Tender.CARD) or (payment.tender == Tender.CARD and app.terminal):
            raise Refused("account.tender")
        settings = shop_settings(session)
        return _write(session, app, operator, payment, person, settings, now)

    return await app.db.write(act)


def _write(
    session: Session,
    app: App,
    operator: Operator,
    payment: PaymentIn,
    person: Customer,
    settings: ShopSettings,
    now: datetime,
) -> OrderView:
    names = tender_rules(session)
    payments = (
        PaymentIn(payment.uid, payment.tender, payment.amount, None, payment.scheme, names[payment.tender].name),
        PaymentIn(app.ids.new(), Tender.ACCOUNT, -payment.amount, name=names[Tender.ACCOUNT].name),
    )
    when = (*shift_to_sell_in(session, app, settings, operator.till_id, operator.user_id, now), now)
    back = PaidPart(Tender.ACCOUNT, payment.amount, customer_id=person.id)
    return write_money(session, app, operator, payment.uid, payments, when, settings, person.id, back=[back])


def _moves(customer_id: int) -> Select[Any]:
    """The movements of an account, with the documents that made them."""
    return (
        select(_O.placed_at, _O.paid_at, _O.id, _T.number, _O.receipt_number, _O.training, _A.delta)
        .join_from(table(AccountMovement), table(Order), _O.id == _A.order_id)
        .join(table(Till), _T.id == _O.till_id, isouter=True)
        .where(_A.customer_id.in_(family(customer_id)))
    )


def _ledger_row(row: Row[Any], balance: int) -> LedgerRow:
    number = document_number(row.id, row.number, row.receipt_number, training=row.training)
    return LedgerRow(row.paid_at or row.placed_at, number, row.delta, balance)
