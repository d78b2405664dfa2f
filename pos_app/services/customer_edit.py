"""Editing a customer in place, what they agreed to, and noticing what somebody else changed meanwhile."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import delete, insert, select, update
from sqlalchemy.orm import Session, aliased

from pos_app.app import App
from pos_app.domain.free_text import free_lines, free_text
from pos_app.domain.permission import Permission
from pos_app.domain.search import customer_keys, customer_words
from pos_app.errors import Conflict, Refused
from pos_app.models import Customer, CustomerConsent, User, table
from pos_app.services.customer import check_card_free, checked
from pos_app.services.customer_family import family
from pos_app.services.right import Operator, require

MAX_ADDRESS, MAX_LANGUAGE, MAX_NOTE, MAX_CONSENT = 500, 8, 2000, 80
FIELDS = ("name", "phone", "email", "card", "address", "language", "note")
_C, _N = table(Customer).c, table(CustomerConsent).c


@dataclass(frozen=True, slots=True)
class CustomerFile:
    """What is kept of a person's contacts, as it may be edited."""

    id: int
    version: int
    name: str
    phone: str
    email: str
    card: str
    address: str
    language: str
    note: str

    def value(self, field: str) -> str:
        """Give one field's text."""
        return str(getattr(self, field))


@dataclass(frozen=True, slots=True)
class Consent:
    """What a customer agreed to: what for, how, when and before whom, and when it was taken back, before whom."""

    id: int
    purpose: str
    given_how: str
    given_at: datetime
    by: str
    withdrawn_at: datetime | None
    withdrawn_by: str | None


async def get_customer(app: App, customer_id: int) -> CustomerFile:
    """Give a customer's contacts. Raises Refused("customer.missing")."""
    return await app.db.read(lambda session: customer_file(session, customer_id))


async def edit_customer(
    app: App, operator: Operator, customer_id: int, version: int, changes: Mapping[str, str]
) -> CustomerFile:
    """Change some of a customer's fields (`FIELDS`); an empty text takes one away.

    Raises Conflict("customer.changed", current: CustomerFile) when somebody else changed them first,
    Refused("customer.…" | "code.card_number" | "right.missing").
    """

    def act(session: Session) -> CustomerFile:
        require(session, operator, Permission.EDIT_CUSTOMERS)
        row = session.execute(select(table(Customer)).where(_C.id == customer_id, _C.active).with_for_update()).first()
        if row is None:
            raise Refused("customer.missing")
        before = customer_file(session, customer_id)
        if row.version != version:
            raise Conflict("customer.changed", current=before)
        values = _checked({field: changes.get(field, before.value(field)) for field in FIELDS})
        check_card_free(session, values["card"], customer_id)
        session.execute(update(table(Customer)).where(_C.id == customer_id).values(version=_C.version + 1, **values))
        index_customer(session, customer_id)
        return customer_file(session, customer_id)

    return await app.db.write(act)


def customer_file(session: Session, customer_id: int) -> CustomerFile:
    """Read a customer's contacts inside an act. Raises Refused("customer.missing")."""
    columns = (_C.id, _C.version, *(_C[field] for field in FIELDS))
    row = session.execute(select(*columns).where(_C.id == customer_id, _C.active)).one_or_none()
    if row is None:
        raise Refused("customer.missing")
    return CustomerFile(row.id, row.version, *(text or "" for text in row[2:]))


def index_customer(session: Session, customer_id: int) -> None:
    """Write down anew what a customer is found by, what was kept of those joined with them included, inside an act."""
    rows = session.execute(select(table(Customer)).where(_C.id.in_(family(customer_id)))).all()
    own = next(row for row in rows if row.id == customer_id)
    others = [
        customer_words(row.phone, row.email, row.card, row.address, row.note, row.name)
        for row in rows
        if row.id != customer_id
    ]
    keys = customer_keys(own.name, own.phone, own.email, own.card, own.address, own.note, *others)
    session.execute(update(table(Customer)).where(_C.id == customer_id).values(keys))


def _checked(texts: Mapping[str, str]) -> dict[str, Any]:
    """Fields as they are stored."""
    language = texts["language"].strip()
    if language and not (len(language) <= MAX_LANGUAGE and language.replace("-", "").isalpha() and language.isascii()):
        raise Refused("customer.language")
    return {
        **checked(texts["name"], texts["phone"], texts["email"], texts["card"]),
        "address": free_lines(texts["address"], MAX_ADDRESS, "customer.address") or None,
        "language": language.casefold() or None,
        "note": free_lines(texts["note"], MAX_NOTE, "customer.note") or None,
    }


# What they agreed to


async def list_consents(app: App, customer_id: int) -> list[Consent]:
    """Give what a customer agreed to, newest first, what was taken back too."""
    return await app.db.read(lambda session: consents_of(session, customer_id))


async def give_consent(app: App, operator: Operator, customer_id: int, purpose: str, how: str) -> list[Consent]:
    """Keep what a customer agreed to. Raises Refused("consent.…" | "customer.missing" | "right.missing")."""
    now = app.clock.now()
    purpose = free_text(purpose, MAX_CONSENT, "consent.purpose", needed=True)
    how = free_text(how, MAX_CONSENT, "consent.how", needed=True)

    def act(session: Session) -> list[Consent]:
        require(session, operator, Permission.EDIT_CUSTOMERS)
        customer_file(session, customer_id)
        values = {"purpose": purpose, "given_how": how, "given_at": now, "user_id": operator.user_id}
        session.execute(insert(table(CustomerConsent)).values(customer_id=customer_id, **values))
        return consents_of(session, customer_id)

    return await app.db.write(act)


async def withdraw_consent(app: App, operator: Operator, customer_id: int, consent_id: int) -> list[Consent]:
    """Keep that a customer took back what they agreed to. Raises Refused("consent.missing" | "right.missing")."""
    now = app.clock.now()

    def act(session: Session) -> list[Consent]:
        require(session, operator, Permission.EDIT_CUSTOMERS)
        taken = (
            update(table(CustomerConsent))
            .where(_N.id == consent_id, _N.customer_id.in_(family(customer_id)), _N.withdrawn_at.is_(None))
            .values(withdrawn_at=now, withdrawn_user_id=operator.user_id)
        )
        if session.connection().execute(taken).rowcount != 1:
            raise Refused("consent.missing")
        return consents_of(session, customer_id)

    return await app.db.write(act)


def consents_of(session: Session, customer_id: int) -> list[Consent]:
    """Read what a customer agreed to, inside an act."""
    other = aliased(User)
    query = (
        select(
            _N.id, _N.purpose, _N.given_how, _N.given_at, User.username, _N.withdrawn_at, other.username.label("other")
        )
        .join_from(table(CustomerConsent), User, User.id == _N.user_id)
        .join(other, other.id == _N.withdrawn_user_id, isouter=True)
        .where(_N.customer_id.in_(family(customer_id)))
        .order_by(_N.id.desc())
    )
    return [Consent(*row) for row in session.execute(query)]


def forget_consents(session: Session, ids: list[int]) -> None:
    """Take away what some customers agreed to, inside the act that erases them."""
    session.execute(delete(table(CustomerConsent)).where(_N.customer_id.in_(ids)))
