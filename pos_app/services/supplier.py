"""Suppliers: their terms, and which titles come from them."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any

from sqlalchemy import delete, func, insert, select, update
from sqlalchemy.orm import Session

from pos_app.app import App
from pos_app.domain.free_text import free_lines, free_text
from pos_app.domain.permission import Permission
from pos_app.domain.pricing import check_price
from pos_app.errors import Conflict, Refused
from pos_app.models import Book, BookSupplier, Supplier, table
from pos_app.services.right import Operator, require

LIMITS = {"name": 255, "account_number": 40, "san": 20, "email": 255, "phone": 40, "address": 500, "note": 2000}
LINES = frozenset({"address", "note"})
MOST_DAYS = 3650
# What the history of a title calls whom it usually comes from.
USUAL = "usual_supplier"
# And what that one asks for a copy.
ASKED = "supplier_cost"


@dataclass(frozen=True, slots=True)
class SupplierView:
    """A supplier; `discount_rate` is a fraction off the retail price, days are calendar days.

    `return_days` None says that nothing goes back. `id` 0 is one that is not stored yet.
    """

    id: int = 0
    version: int = 1
    name: str = ""
    account_number: str | None = None
    san: str | None = None
    email: str | None = None
    phone: str | None = None
    address: str | None = None
    discount_rate: Decimal = Decimal(0)
    terms_days: int = 30
    lead_days: int = 7
    return_days: int | None = None
    note: str | None = None
    active: bool = True


_FIELDS = (
    "name", "account_number", "san", "email", "phone", "address", "discount_rate", "terms_days", "lead_days",
    "return_days", "note", "active",
)  # fmt: skip


async def list_suppliers(app: App, *, also_inactive: bool = False) -> list[SupplierView]:
    """Give the suppliers by name."""

    def act(session: Session) -> list[SupplierView]:
        wanted = select(Supplier).order_by(func.lower(Supplier.name), Supplier.id)
        if not also_inactive:
            wanted = wanted.where(Supplier.active)
        return [supplier_view(row) for row in session.scalars(wanted)]

    return await app.db.read(act)


async def keep_supplier(app: App, operator: Operator, wanted: SupplierView) -> SupplierView:
    """Add a supplier, or change one provided nobody else did since its `version`.

    Raises Conflict("supplier.changed", current: SupplierView), Refused("supplier.name" | "supplier.text" |
    "supplier.terms" | "supplier.missing" | "code.card_number" | "right.missing").
    """
    wanted = _cleaned(wanted)

    def act(session: Session) -> SupplierView:
        require(session, operator, Permission.BUY)
        _check(session, wanted)
        if wanted.id:
            kept = session.scalar(select(Supplier).where(Supplier.id == wanted.id).with_for_update())
            if kept is None:
                raise Refused("supplier.missing")
            if kept.version != wanted.version:
                raise Conflict("supplier.changed", current=supplier_view(kept))
            kept.version += 1
        else:
            kept = Supplier()
            session.add(kept)
        for name in _FIELDS:
            setattr(kept, name, getattr(wanted, name))
        session.flush()
        return supplier_view(kept)

    return await app.db.write(act)


async def set_supplier_of(
    app: App, operator: Operator, book_id: int, supplier_id: int, *, cost: int | None = None
) -> None:
    """Say that a title usually comes from a supplier, and at what cost in minor units.

    Raises Refused("supplier.missing" | "book.missing" | "price.invalid" | "right.missing").
    """

    def act(session: Session) -> None:
        require(session, operator, Permission.BUY)
        if session.get(Supplier, supplier_id) is None:
            raise Refused("supplier.missing")
        if session.scalar(select(Book.id).where(Book.id == book_id).with_for_update()) is None:
            raise Refused("book.missing", book_id=book_id)
        if cost is not None:
            check_price(cost)
        note_cost(session, book_id, supplier_id, cost, usual=True)

    await app.db.write(act)


def usual_suppliers(session: Session, book_ids: Sequence[int]) -> dict[int, int]:
    """Give whom titles usually come from, inside an act; those that come from nobody are left out."""
    row = table(BookSupplier).c
    found = session.execute(select(row.book_id, row.supplier_id).where(row.book_id.in_(book_ids), row.position == 1))
    return {book_id: supplier_id for book_id, supplier_id in found}  # noqa: C416 - rows are no pairs to a type checker


def set_usual(session: Session, book_ids: Sequence[int], supplier_id: int | None) -> None:
    """Let titles usually come from a supplier, or from nobody, inside an act that holds their locks.

    What other suppliers asked for them stays known.
    """
    rows = table(BookSupplier)
    these = rows.c.book_id.in_(book_ids)
    if supplier_id is None:
        session.execute(delete(rows).where(these, rows.c.position == 1, rows.c.cost.is_(None)))
    session.execute(update(rows).where(these).values(position=rows.c.position + 1))
    if supplier_id is None:
        return
    known = set(session.scalars(select(rows.c.book_id).where(these, rows.c.supplier_id == supplier_id)))
    session.execute(update(rows).where(these, rows.c.supplier_id == supplier_id).values(position=1))
    fresh = [number for number in book_ids if number not in known]
    if fresh:
        session.execute(
            insert(rows), [{"book_id": number, "supplier_id": supplier_id, "position": 1} for number in fresh]
        )


def set_asked(session: Session, book_id: int, cost: int | None) -> None:
    """Keep what a title's usual supplier asks for a copy, inside an act that holds the title's lock."""
    rows = table(BookSupplier)
    usual = (rows.c.book_id == book_id) & (rows.c.position == 1)
    session.execute(update(rows).where(usual).values(cost=cost))


def check_supplier(session: Session, supplier_id: int | None) -> None:
    """Raise Refused("supplier.missing") unless there is such a supplier; None is nobody."""
    if supplier_id is not None and session.get(Supplier, supplier_id) is None:
        raise Refused("supplier.missing")


def note_cost(session: Session, book_id: int, supplier_id: int, cost: int | None, *, usual: bool = False) -> None:
    """Keep what a supplier last asked for a title, inside an act that holds the title's lock."""
    rows = session.scalars(select(BookSupplier).where(BookSupplier.book_id == book_id)).all()
    mine = next((row for row in rows if row.supplier_id == supplier_id), None)
    if mine is None:
        mine = BookSupplier(
            book_id=book_id, supplier_id=supplier_id, position=1 + max((row.position for row in rows), default=0)
        )
        session.add(mine)
    if cost is not None:
        mine.cost = cost
    if usual and mine.position != 1:
        for row in rows:
            if row.position < mine.position:
                row.position += 1
        mine.position = 1
    session.flush()


def expected_cost(price: int, noted: int | None, discount_rate: Decimal) -> int:
    """Give what a copy should cost: what the supplier asked last, else the price less its discount, half rounded up."""
    if noted is not None:
        return noted
    return int(price * (1 - discount_rate) + Decimal("0.5"))


def supplier_view(row: Supplier) -> SupplierView:
    """Give a stored supplier."""
    return SupplierView(id=row.id, version=row.version, **{name: getattr(row, name) for name in _FIELDS})


def _cleaned(wanted: SupplierView) -> SupplierView:
    """A supplier's texts as they may be stored. Raises Refused("supplier.name" | "supplier.text" | …)."""
    texts: dict[str, Any] = {
        name: (free_lines if name in LINES else free_text)(getattr(wanted, name), limit, "supplier.text") or None
        for name, limit in LIMITS.items()
        if name != "name"
    }
    return replace(wanted, name=free_text(wanted.name, LIMITS["name"], "supplier.text"), **texts)


def _check(session: Session, wanted: SupplierView) -> None:
    taken = select(Supplier.id).where(Supplier.name == wanted.name, Supplier.id != wanted.id)
    if not wanted.name or session.scalar(taken) is not None:
        raise Refused("supplier.name", limit=LIMITS["name"])
    days = (wanted.terms_days, wanted.lead_days, wanted.return_days or 0)
    if not 0 <= wanted.discount_rate <= 1 or not all(0 <= one <= MOST_DAYS for one in days):
        raise Refused("supplier.terms", limit=MOST_DAYS)
