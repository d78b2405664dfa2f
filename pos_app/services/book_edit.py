"""Changing the catalogue, with a history of every field; and correcting stock, which is a ledger."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, TypeGuard

from sqlalchemy import select
from sqlalchemy.orm import Session

from pos_app.app import App
from pos_app.domain.free_text import free_text, refuse_card_number
from pos_app.domain.isbn import parse_code
from pos_app.domain.kinds import Availability, BookKind
from pos_app.domain.permission import Permission
from pos_app.domain.pricing import check_price
from pos_app.domain.search import is_storable
from pos_app.domain.subject import read_subjects
from pos_app.errors import Conflict, Refused
from pos_app.models import Book, BookCode, Category, TaxRate
from pos_app.services.book import BookDetail, book_detail, usual_terms
from pos_app.services.book_history import record_changes
from pos_app.services.right import Operator, require
from pos_app.services.stock_correction import MAX_STOCK, correct
from pos_app.services.supplier import ASKED, USUAL, check_supplier, set_asked, set_usual

MAX_TEXT = 255
MAX_SHELF = 40
ISBN_LENGTH = 13
MAX_DESCRIPTION = 20_000
TEXTS = {
    "publisher": MAX_TEXT,
    "shelf": MAX_SHELF,
    "series": MAX_TEXT,
    "series_number": 20,
    "format": 40,
    "language": 16,
}
EDITABLE = frozenset(
    {
        "title", "author", "price", "cost", "reorder_at", "category_id", "tax_rate_id", "active", "description",
        "published_on", "kind", "isbn", "open_price", "availability", "subjects", *TEXTS,
    }
)  # fmt: skip
_PUBLISHED = re.compile(r"-?[0-9]{4}(-[0-9]{2}){0,2}")


@dataclass(frozen=True, slots=True)
class Change:
    """One field as the person saw it, and what they want it to be."""

    before: object
    after: object


@dataclass(frozen=True, slots=True)
class StockCount:
    """A correction: how many were counted, and how many the person was told there are."""

    counted: int
    expected: int
    reason: str = "Corrected by hand"


async def edit_book(
    app: App, operator: Operator, book_id: int, version: int, changes: Mapping[str, object]
) -> BookDetail:
    """Change a title's fields, provided nobody else did since `version`.

    Raises Conflict("book.changed", current: BookDetail) or Refused("book.…" | "price.invalid" | "reorder.invalid" |
    "right.missing").
    """
    return await app.db.write(lambda session: _edit(session, app, operator, book_id, version, changes))


async def correct_stock(app: App, operator: Operator, book_id: int, count: StockCount) -> BookDetail:
    """Set a title's stock to what was counted, as a movement of the difference that one undo takes back.

    A sale since the person looked is not overwritten: Refused("stock.changed", current_stock=…). Also raises
    Refused("stock.invalid" | "book.missing" | "book.service_stock" | "right.missing").
    """
    return await app.db.write(lambda session: _correct(session, app, operator, app.ids.new(), book_id, count))


async def change_book(
    app: App, operator: Operator, book_id: int, changes: Mapping[str, Change], count: StockCount | None = None
) -> BookDetail:
    """Change single fields and correct the stock as one act, each provided nobody changed just that since it was seen.

    Nothing is stored where one met another's change, such as a sale: Conflict("book.field_changed", current:
    BookDetail, fields=names), "stock" among them. Raises Refused as `edit_book` and `correct_stock` do.
    """

    def act(session: Session) -> BookDetail:
        book = locked(session, operator, book_id)
        met = _met(session, book, changes)
        if count is not None and _corrected(session, operator, book_id, count).stock != count.expected:
            met.append("stock")
        if met:
            raise Conflict("book.field_changed", current=book_detail(session, book_id), fields=tuple(met))
        uid = app.ids.new()
        if changes:
            _change(session, operator, uid, book, changes)
        return book_detail(session, book_id) if count is None else _correct(session, app, operator, uid, book_id, count)

    return await app.db.write(act)


async def change_cells(app: App, operator: Operator, cells: Mapping[int, Mapping[str, Change]]) -> list[BookDetail]:
    """Change fields of several titles as one act, such as cells pasted from a spreadsheet: all of them or none.

    Two more may be `usual_supplier`, by its number, and `supplier_cost`, what that one asks for a copy, which need the
    right to buy and are refused with "supplier.missing" and "supplier.nobody".

    Raises Conflict("book.field_changed", current: BookDetail, fields=names) and Refused as `edit_book` does.
    """

    def act(session: Session) -> list[BookDetail]:
        uid = app.ids.new()
        for book_id in sorted(cells):
            book = locked(session, operator, book_id)
            if met := _met(session, book, cells[book_id]):
                raise Conflict("book.field_changed", current=book_detail(session, book_id), fields=tuple(met))
            _change(session, operator, uid, book, cells[book_id])
        return [book_detail(session, book_id) for book_id in cells]

    return await app.db.write(act)


def _met(session: Session, book: Book, changes: Mapping[str, Change]) -> list[str]:
    """Which fields of a locked title somebody else changed since they were seen."""

    def now(name: str) -> object:
        if name in (USUAL, ASKED):
            return usual_terms(session, book.id)[name == ASKED]
        return getattr(book, name)

    return [name for name, cell in changes.items() if now(name) not in (cell.before, cell.after)]


def _change(session: Session, operator: Operator, act_uid: str, book: Book, changes: Mapping[str, Change]) -> None:
    fields = {name: cell.after for name, cell in changes.items() if name not in (USUAL, ASKED)}
    apply_changes(session, operator, act_uid, book, fields)
    if USUAL in changes:
        _supply(session, operator, act_uid, book, changes[USUAL].after)
    if ASKED in changes:
        _ask(session, operator, act_uid, book, changes[ASKED].after)


def locked(session: Session, operator: Operator, book_id: int) -> Book:
    """Give a title to be changed, inside an act. Raises Refused("right.missing" | "book.missing")."""
    require(session, operator, Permission.EDIT_BOOKS)
    book = session.scalar(
        select(Book).where(Book.id == book_id).with_for_update().execution_options(populate_existing=True)
    )
    if book is None:
        raise Refused("book.missing", book_id=book_id)
    return book


def apply_changes(
    session: Session, operator: Operator, act_uid: str, book: Book, changes: Mapping[str, Any], kind: str = "edit"
) -> int:
    """Change a locked title's fields inside an act, and write its history; gives how many fields changed.

    Raises Refused as `edit_book` does.
    """
    if unknown := set(changes) - EDITABLE - {"cover_image"}:
        raise TypeError(f"not editable: {unknown}")
    check_changes(session, changes)
    if changes.get("isbn") is not None and changes["isbn"] != book.isbn:
        _check_isbn(session, book.id, changes["isbn"])
    if kind == "edit" and changes.get("price") and book.open_price and not book.price:
        # It was asked for as there was none.
        changes = {"open_price": False, **changes}
    before = {name: getattr(book, name) for name in changes}
    changed = record_changes(session, operator, act_uid, book.id, before, changes, kind=kind)
    if changed:
        set_fields(book, changes)
        session.flush()
    return changed


def _supply(session: Session, operator: Operator, act_uid: str, book: Book, supplier_id: Any) -> None:
    """Say from whom a locked title usually comes, None for nobody; taken back as any other field."""
    require(session, operator, Permission.BUY)
    check_supplier(session, supplier_id)
    before = {USUAL: usual_terms(session, book.id)[0]}
    if record_changes(session, operator, act_uid, book.id, before, {USUAL: supplier_id}):
        set_usual(session, [book.id], supplier_id)
        set_fields(book, {})
        session.flush()


def _ask(session: Session, operator: Operator, act_uid: str, book: Book, cost: Any) -> None:
    """Say what the usual supplier of a locked title asks for a copy, None for the price less its discount."""
    require(session, operator, Permission.BUY)
    if cost is not None:
        check_price(cost if _is_whole(cost) else -1)
    supplier_id, before = usual_terms(session, book.id)
    if supplier_id is None:
        raise Refused("supplier.nobody")
    if record_changes(session, operator, act_uid, book.id, {ASKED: before}, {ASKED: cost}):
        set_asked(session, book.id, cost)
        set_fields(book, {})
        session.flush()


def set_fields(book: Book, changes: Mapping[str, Any]) -> None:
    """Set checked fields and what follows from them; a title of which something else changed has a new version, too."""
    for name, value in changes.items():
        setattr(book, name, BookKind(value) if name == "kind" else value)
    if not {"title", "author", "publisher", "series"}.isdisjoint(changes):
        book.fold_words()
    book.version += 1


def _edit(
    session: Session, app: App, operator: Operator, book_id: int, version: int, changes: Mapping[str, object]
) -> BookDetail:
    book = locked(session, operator, book_id)
    if book.version != version:
        raise Conflict("book.changed", current=book_detail(session, book_id))
    apply_changes(session, operator, app.ids.new(), book, changes)
    return book_detail(session, book_id)


def _check_isbn(session: Session, book_id: int, isbn: object) -> None:
    if not isinstance(isbn, str) or parse_code(isbn).value != isbn or len(isbn) != ISBN_LENGTH:
        raise Refused("isbn.letters", code=str(isbn)[:MAX_SHELF])
    taken = session.scalar(select(Book.title).where(Book.isbn == isbn, Book.id != book_id))
    if taken is None:
        taken = session.scalar(select(Book.title).join(BookCode).where(BookCode.code == isbn))
    if taken is not None:
        raise Refused("code.taken", code=isbn, title=taken)


def check_changes(session: Session, changes: Mapping[str, object]) -> None:
    """Raise Refused unless values fit their fields."""
    for name, value in changes.items():
        _check_text(name, value)
        refuse_card_number(value if isinstance(value, str) and name != "isbn" else None)
        match name:
            case "price" | "cost" if value is not None or name == "price":
                check_price(value if _is_whole(value) else -1)
            case "reorder_at" if not (_is_whole(value) and 0 <= value <= MAX_STOCK):
                raise Refused("reorder.invalid", limit=MAX_STOCK)
            case "active" | "open_price" if not isinstance(value, bool):
                raise TypeError(f"{name} is {value!r}")
            case "kind" if value not in set(BookKind):
                raise Refused("book.kind")
            case "availability" if value is not None and value not in set(Availability):
                raise Refused("book.availability")
            case "published_on" if value is not None and not (isinstance(value, str) and _PUBLISHED.fullmatch(value)):
                raise Refused("book.published")
            case "category_id" if value is not None and session.get(Category, value) is None:
                raise Refused("book.category")
            case "tax_rate_id" if value is None or session.get(TaxRate, value) is None:
                raise Refused("book.tax_rate")


def _check_text(name: str, value: object) -> None:
    match name:
        case "title" if not (_fits(value, MAX_TEXT) and value.strip()):
            raise Refused("book.title")
        case "author" if not _fits(value, MAX_TEXT):
            raise Refused("book.author")
        case "publisher" if value is not None and not _fits(value, MAX_TEXT):
            raise Refused("book.publisher")
        case "shelf" if value is not None and not _fits(value, MAX_SHELF):
            raise Refused("book.shelf")
        case "description" if value is not None and not _fits(value, MAX_DESCRIPTION):
            raise Refused("book.text", limit=MAX_DESCRIPTION)
        case "subjects" if value is not None and not (_fits(value, MAX_TEXT * 2) and read_subjects(value) == value):
            raise Refused("book.subjects")
        case _ if name in TEXTS and value is not None and not _fits(value, TEXTS[name]):
            raise Refused("book.text", limit=TEXTS[name])


def _is_whole(value: object) -> TypeGuard[int]:
    return isinstance(value, int) and not isinstance(value, bool)


def _fits(value: object, length: int) -> TypeGuard[str]:
    """Whether a text can be kept in a column of so many letters, on either database."""
    return isinstance(value, str) and len(value) <= length and is_storable(value)


def _corrected(session: Session, operator: Operator, book_id: int, count: StockCount) -> Book:
    """Give a title whose stock is to be corrected, locked. Raises Refused unless it can be."""
    require(session, operator, Permission.CORRECT_STOCK)
    if not 0 <= count.counted <= MAX_STOCK:
        raise Refused("stock.invalid", limit=MAX_STOCK)
    book = session.scalar(
        select(Book).where(Book.id == book_id).with_for_update().execution_options(populate_existing=True)
    )
    if book is None:
        raise Refused("book.missing", book_id=book_id)
    if book.kind is BookKind.SERVICE:
        raise Refused("book.service_stock")
    return book


def _correct(
    session: Session, app: App, operator: Operator, act_uid: str, book_id: int, count: StockCount
) -> BookDetail:
    book = _corrected(session, operator, book_id, count)
    if book.stock != count.expected:
        raise Refused("stock.changed", current_stock=book.stock, expected=count.expected)
    if delta := count.counted - count.expected:
        reason = free_text(count.reason, MAX_TEXT, "reason.invalid")
        correct(session, app, operator, act_uid, book, delta, reason)
    session.expire_all()
    return book_detail(session, book_id)
