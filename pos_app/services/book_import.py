"""Taking a file of books into the catalogue: what is wrong with a row is reported, and never stops the others."""

import asyncio
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path

from sqlalchemy import insert, select, update
from sqlalchemy.orm import Session

from pos_app.app import App
from pos_app.domain.isbn import repair_isbn
from pos_app.domain.kinds import StockReason
from pos_app.domain.money import Currency, currency, parse_amount
from pos_app.domain.permission import Permission
from pos_app.errors import PosError, Refused
from pos_app.exchange.book_file import read_book_file
from pos_app.exchange.csv_books import CsvRow
from pos_app.messages import sentence
from pos_app.models import Book, Category, StockMovement, TaxRate, table
from pos_app.services.right import Operator, require
from pos_app.services.setting import shop_settings
from pos_app.services.shift import business_date

BATCH = 500
MAX_TEXT = 255
MAX_STOCK = 1_000_000
REPORTED = 1_000
TEXTS = (
    ("publisher", MAX_TEXT),
    ("language", 16),
    ("format", 40),
    ("shelf", 40),
    ("series", MAX_TEXT),
    ("series_number", 20),
)
SHOWN = 200


@dataclass(frozen=True, slots=True)
class RefusedRow:
    """A row that was not taken: its line in the file, what it said, and why."""

    line: int
    text: str
    reason: str


_DATE = re.compile(r"(-?)([0-9]{1,4})((?:-[0-9]{2}){0,2})")

Progress = Callable[[int, int], None]
Report = Callable[[RefusedRow], None]


@dataclass(slots=True)
class ImportReport:
    """What became of a file; `refused` holds the first thousand, `refused_count` counts all."""

    added: int = 0
    changed: int = 0
    unchanged: int = 0
    refused_count: int = 0
    refused: list[RefusedRow] = field(default_factory=list)
    cancelled: bool = False


@dataclass(frozen=True, slots=True)
class _NewBook:
    line: int
    isbn: str
    fields: dict[str, object]
    stock: int | None
    category: str | None


async def import_books(
    app: App,
    path: Path,
    *,
    operator: Operator | None = None,
    progress: Progress = lambda _done, _total: None,
    refused: Report = lambda _row: None,
    cancel: asyncio.Event | None = None,
    dry_run: bool = False,
) -> ImportReport:
    """Add and change books by ISBN, five hundred rows a transaction; `progress` gets bytes done and in all.

    Takes what `exchange.book_file` reads. A dry run finds out what would become of every row and stores nothing.

    `refused` gets every row that is not taken, as it is met; what happens to it never stops the others.
    Without an operator it is the shop's own machine that asks. Cancelled, it keeps the rows taken so far.
    Raises Refused("import.unreadable" | "import.no_columns" | "import.no_tax_rate" | "right.missing").
    """
    report = ImportReport()
    try:
        total = (await asyncio.to_thread(path.stat)).st_size
    except OSError as error:
        raise Refused("import.unreadable", path=str(path), reason=error.strerror or str(error)) from error
    settings = await app.db.read(shop_settings)
    money = currency(settings.currency)
    rows = read_book_file(
        path,
        currency=settings.currency,
        with_tax=settings.prices_include_tax,
        today=business_date(settings, app.clock.now()),
    )
    while batch := await asyncio.to_thread(lambda: list(islice(rows, BATCH))):
        if cancel is not None and cancel.is_set():
            report.cancelled = True
            break
        books = list(_understood(batch, money, report, refused))
        counts = await _try_out(app, operator, books) if dry_run else await _stored(app, operator, books)
        report.added += counts[0]
        report.changed += counts[1]
        report.unchanged += len(books) - counts[0] - counts[1]
        progress(min(batch[-1].position, total), total)
    return report


class _DryRun(Exception):
    """Takes back what a dry run wrote; carries what became of it."""


async def _stored(app: App, operator: Operator | None, books: list[_NewBook]) -> tuple[int, int]:
    return await app.db.write(lambda session: _store(session, app, operator, books))


async def _try_out(app: App, operator: Operator | None, books: list[_NewBook]) -> tuple[int, int]:
    """Write a batch as it would be, and take it back: what is said is what would happen, by the same code."""

    def act(session: Session) -> None:
        raise _DryRun(*_store(session, app, operator, books))

    try:
        await app.db.write(act)
    except _DryRun as done:
        added, changed = done.args
    return added, changed


def _understood(batch: list[CsvRow], money: Currency, report: ImportReport, refused: Report) -> Iterator[_NewBook]:
    """The rows that make sense, each ISBN once; the others go into the report."""
    seen: dict[str, _NewBook] = {}
    for row in batch:
        try:
            if row.fault:
                raise Refused("import.row", reason=row.fault)
            book = _understand(row, money)
        except PosError as error:
            told = RefusedRow(row.line, _shown(row, error), sentence(error))
            report.refused_count += 1
            refused(told)
            if len(report.refused) < REPORTED:
                report.refused.append(told)
        else:
            seen[book.isbn] = book
    yield from seen.values()


def _shown(row: CsvRow, error: PosError) -> str:
    """What the row said, but never the digits of a card."""
    hidden = "isbn" if error.code == "code.card_number" else None
    return ", ".join(value for name, value in row.fields.items() if value and name != hidden)[:SHOWN]


def _understand(row: CsvRow, money: Currency) -> _NewBook:
    given = {name: value for name, value in row.fields.items() if value}
    if "isbn" not in given:
        raise Refused("import.row", reason="it has no ISBN")
    isbn = repair_isbn(given["isbn"])
    title = given.get("title", "")
    if not title or len(title) > MAX_TEXT:
        raise Refused("book.title")
    fields: dict[str, object] = {"title": title, "author": given.get("author", "")[:MAX_TEXT]}
    for name in ("price", "cost"):
        if name in given:
            fields[name] = parse_amount(given[name], money.digits)
    for name, limit in TEXTS:
        if name in given:
            fields[name] = given[name][:limit]
    if "published_on" in given:
        fields["published_on"] = _published(given["published_on"])
    if "reorder_at" in given:
        fields["reorder_at"] = _whole(given["reorder_at"])
    stock = _whole(given["stock"]) if "stock" in given else None
    return _NewBook(row.line, isbn, fields, stock, given.get("category", "")[:MAX_TEXT].strip() or None)


def _published(text: str) -> str | None:
    """A year or an ISO date as far as it can be read; spreadsheets make floats of years."""
    match = _DATE.fullmatch(text.removesuffix(".0"))
    return f"{match[1]}{int(match[2]):04d}{match[3]}" if match else None


def _whole(text: str) -> int:
    text = text.removesuffix(".0")
    if not (text.isascii() and text.isdigit() and int(text[:9]) <= MAX_STOCK):
        raise Refused("stock.invalid", limit=MAX_STOCK)
    return int(text)


def _store(session: Session, app: App, operator: Operator | None, books: list[_NewBook]) -> tuple[int, int]:
    """Write a batch; gives how many were added and changed."""
    if operator is not None:
        require(session, operator, Permission.IMPORT)
    # Locked in the order in which sales lock: what is read here is still so when it is written.
    found = select(Book).where(Book.isbn.in_([book.isbn for book in books])).order_by(Book.id).with_for_update()
    known = {book.isbn: book for book in session.scalars(found)}
    categories = _categories(session, {book.category for book in books if book.category})
    tax_rate_id = _default_tax_rate(session)
    added = changed = 0
    movements = []
    for new in books:
        book = known.get(new.isbn)
        if book is None:
            book = Book(isbn=new.isbn, price=0, stock=0, tax_rate_id=tax_rate_id, title_key="", search_text="")
            session.add(book)
            added += 1
        elif _differs(book, new, categories):
            book.version += 1
            changed += 1
        for name, value in new.fields.items():
            setattr(book, name, value)
        if new.category:
            book.category_id = categories[new.category]
        book.fold_words()
        if new.stock is not None and new.stock != book.stock:
            movements.append((book, new.stock - book.stock))
    session.flush()
    _move_stock(session, app, operator, movements)
    return added, changed


def _differs(book: Book, new: _NewBook, categories: dict[str, int]) -> bool:
    return (
        any(getattr(book, name) != value for name, value in new.fields.items())
        or (new.category is not None and book.category_id != categories[new.category])
        or (new.stock is not None and new.stock != book.stock)
    )


def _move_stock(session: Session, app: App, operator: Operator | None, movements: list[tuple[Book, int]]) -> None:
    column = table(Book).c
    rows = []
    for book, delta in sorted(movements, key=lambda movement: movement[0].id):
        session.execute(update(table(Book)).where(column.id == book.id).values(stock=column.stock + delta))
        rows.append(
            {
                "uid": app.ids.new(),
                "book_id": book.id,
                "delta": delta,
                "reason": StockReason.IMPORT,
                "user_id": operator.user_id if operator else None,
                "till_id": operator.till_id if operator else None,
            }
        )
    if rows:
        session.execute(insert(table(StockMovement)), rows)


def _categories(session: Session, names: set[str]) -> dict[str, int]:
    """The ids of categories by name; new ones are made."""
    found = {category.name: category for category in session.scalars(select(Category).where(Category.name.in_(names)))}
    for name in sorted(names - found.keys()):
        found[name] = Category(name=name)
        session.add(found[name])
    session.flush()
    return {name: category.id for name, category in found.items()}


def _default_tax_rate(session: Session) -> int:
    """The shop's choice, else its lowest rate: books are taxed least where rates differ."""
    chosen = shop_settings(session).default_tax_rate_id
    if chosen is not None and session.get(TaxRate, chosen) is not None:
        return chosen
    lowest = session.scalar(select(TaxRate.id).where(TaxRate.active).order_by(TaxRate.rate, TaxRate.id).limit(1))
    if lowest is None:
        raise Refused("import.no_tax_rate")
    return lowest
