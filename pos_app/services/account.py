"""Customers' accounts: what is bought on them, up to each customer's limit."""

from collections.abc import Sequence

from sqlalchemy import insert, select, update
from sqlalchemy.orm import Session

from pos_app.app import App
from pos_app.domain.payment import PaidPart, PaymentIn, Tender
from pos_app.errors import Refused
from pos_app.models import AccountMovement, Customer, table
from pos_app.services.customer_family import kept_id

_CUSTOMERS = table(Customer)


def move_account(
    session: Session,
    app: App,
    order_id: int,
    customer_id: int | None,
    payments: Sequence[PaymentIn],
    refunds: Sequence[PaidPart],
) -> None:
    """Write what a document adds to what a customer owes, inside its act.

    What goes back goes to the account it was put on, as `refunds` has it, whoever is attached now. Raises
    Refused("account.nobody" | "account.limit").
    """
    delta = sum(payment.amount for payment in payments if payment.tender == Tender.ACCOUNT)
    if delta > 0:
        _move(session, app, order_id, customer_id, delta)
    elif delta < 0:
        for part in sorted(refunds, key=lambda part: part.customer_id or 0):
            if part.tender == Tender.ACCOUNT:
                _move(session, app, order_id, part.customer_id, -part.amount)


def _move(session: Session, app: App, order_id: int, customer_id: int | None, delta: int) -> None:
    """Move one customer's balance; the limit stands in the UPDATE, so that two tills cannot pass it together."""
    if customer_id is None:
        raise Refused("account.nobody")
    customer_id = kept_id(session, customer_id)
    moved = session.connection().execute(
        update(_CUSTOMERS)
        .where(
            _CUSTOMERS.c.id == customer_id,
            (_CUSTOMERS.c.balance + delta <= _CUSTOMERS.c.credit_limit) if delta > 0 else _CUSTOMERS.c.id.is_not(None),
        )
        .values(balance=_CUSTOMERS.c.balance + delta)
    )
    if moved.rowcount != 1:
        found = session.execute(
            select(_CUSTOMERS.c.name, _CUSTOMERS.c.balance, _CUSTOMERS.c.credit_limit).where(
                _CUSTOMERS.c.id == customer_id
            )
        ).one()
        raise account_limit(found.name, found.balance, found.credit_limit)
    session.execute(
        insert(table(AccountMovement)).values(
            uid=app.ids.new(), customer_id=customer_id, delta=delta, order_id=order_id
        )
    )


def account_limit(name: str, balance: int, limit: int) -> Refused:
    """The refusal of what would pass a customer's limit, saying how much is left of it."""
    return Refused("account.limit", name=name, left=max(limit - balance, 0))
