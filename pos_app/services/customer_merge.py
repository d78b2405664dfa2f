"""Customers who are one person: found by what they have in common, and joined into the one who is kept."""

from dataclasses import dataclass

from sqlalchemy import String, case, cast, func, insert, select, update
from sqlalchemy.orm import Session

from pos_app.app import App
from pos_app.domain.permission import Permission
from pos_app.errors import Refused
from pos_app.models import Cart, CartStatus, Customer, CustomerMerge, table
from pos_app.services import journal
from pos_app.services.customer import CustomerRow, customer_rows
from pos_app.services.customer_edit import MAX_NOTE, index_customer
from pos_app.services.customer_search import LINE_DIGITS, TELLING_DIGITS, alike_ids, stored_digits
from pos_app.services.right import Operator, require

GROUPS = 50
_C, _M = table(Customer).c, table(CustomerMerge).c
FILLED = ("phone", "email", "address", "language")


@dataclass(frozen=True, slots=True)
class Alike:
    """Customers who may be one person, and what they have in common: name, phone or email."""

    common: str
    customers: tuple[CustomerRow, ...]


async def alike_groups(app: App) -> list[Alike]:
    """Give the first of those who share a number, an address or a name: at most 50 groups of each."""

    def act(session: Session) -> list[Alike]:
        digits = stored_digits(session.get_bind().dialect.name)
        line = case((func.length(digits) > LINE_DIGITS, func.substr(digits, func.length(digits) - LINE_DIGITS + 1)))
        ways = (
            ("phone", func.coalesce(line, digits), func.length(digits) >= TELLING_DIGITS),
            ("email", func.lower(_C.email), _C.email.is_not(None)),
            ("name", _C.name_key, _C.name_key != ""),
        )
        found: dict[tuple[int, ...], str] = {}
        for common, shared, there in ways:
            # Read off the column's own index: whoever was erased has none of these, and whoever is joined is left out.
            apart = _C.id.not_in(select(_M.customer_id))
            ids_of = func.aggregate_strings(cast(_C.id, String), ",")
            for ids in session.scalars(
                select(ids_of).where(there, apart).group_by(shared).having(func.count() > 1).limit(GROUPS)
            ):
                found.setdefault(tuple(sorted(map(int, ids.split(",")))), common)
        people = {row.id: row for row in customer_rows(session, {one for ids in found for one in ids})}
        groups = [(common, tuple(people[one] for one in ids if one in people)) for ids, common in found.items()]
        return [Alike(common, customers) for common, customers in groups if len(customers) > 1]

    return await app.db.read(act)


async def alike_to(app: App, customer_id: int) -> list[CustomerRow]:
    """Give who may be the same person as a customer. Raises Refused("customer.missing")."""

    def act(session: Session) -> list[CustomerRow]:
        rows = customer_rows(session, [customer_id])
        if not rows:
            raise Refused("customer.missing")
        ids = alike_ids(session, rows[0].name, rows[0].phone or "", rows[0].email or "")
        return customer_rows(session, [one for one in ids if one != customer_id])

    return await app.db.read(act)


async def merge_customers(app: App, operator: Operator, keep_id: int, other_id: int) -> CustomerRow:
    """Join a customer into another one, for good: account, points, documents, orders, cards and consents count there.

    Documents go on naming whom they were made for, as the journal has it; whoever asks for that one finds who was kept.
    Raises Refused("customer.same" | "customer.missing" | "customer.is_merged" | "right.missing").
    """
    now = app.clock.now()

    def act(session: Session) -> CustomerRow:
        require(session, operator, Permission.MERGE_CUSTOMERS)
        if keep_id == other_id:
            raise Refused("customer.same")
        query = select(Customer).where(Customer.id.in_((keep_id, other_id))).order_by(Customer.id).with_for_update()
        people = {person.id: person for person in session.scalars(query)}
        if len(people) != len((keep_id, other_id)):
            raise Refused("customer.missing")
        keep, other = people[keep_id], people[other_id]
        if not (keep.active and other.active):
            raise Refused("customer.is_merged")
        for field in FILLED:
            if not getattr(keep, field):
                setattr(keep, field, getattr(other, field))
        keep.note = "\n".join(filter(None, (keep.note, other.note)))[:MAX_NOTE] or None
        keep.balance, other.balance = keep.balance + other.balance, 0
        keep.points, other.points = keep.points + other.points, 0
        keep.credit_limit, other.credit_limit = max(keep.credit_limit, other.credit_limit), 0
        other.active = False
        keep.version += 1
        other.version += 1
        session.flush()
        session.execute(update(table(CustomerMerge)).where(_M.into_id == other_id).values(into_id=keep_id))
        session.execute(
            insert(table(CustomerMerge)).values(
                customer_id=other_id, into_id=keep_id, user_id=operator.user_id, merged_at=now
            )
        )
        carts = table(Cart)
        unpaid = carts.c.status != CartStatus.PAID
        session.execute(update(carts).where(carts.c.customer_id == other_id, unpaid).values(customer_id=keep_id))
        index_customer(session, keep_id)
        journal.append(
            session,
            operator.till_id,
            "customers_merged",
            now,
            user_id=operator.user_id,
            customer=keep_id,
            merged=other_id,
        )
        return customer_rows(session, [keep_id])[0]

    return await app.db.write(act)
