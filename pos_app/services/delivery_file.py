"""A supplier's file of what it delivers, read against the catalogue."""

import asyncio
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from sqlalchemy import select
from sqlalchemy.orm import Session

from pos_app.app import App
from pos_app.domain.money import currency, parse_amount
from pos_app.domain.purchase import check_pieces
from pos_app.errors import PosError, Refused
from pos_app.exchange.book_file import read_table
from pos_app.exchange.csv_books import BESIDE, CsvRow
from pos_app.messages import sentence
from pos_app.models import Book
from pos_app.services.book_import_row import read_isbn
from pos_app.services.delivery import MOST_LINES, Came
from pos_app.services.setting import get_settings

NEEDED = ("isbn", "stock")
# Of a title's name, as a list of what was not taken shows it.
SHOWN = 80


@dataclass(frozen=True, slots=True)
class DeliveryFile:
    """What a file says came, with each title's ISBN; `refused` says of rows that cannot be taken why.

    `unknown` are the ISBNs among them that are not in the catalogue.
    """

    came: tuple[tuple[str, Came], ...]
    refused: tuple[str, ...]
    unknown: tuple[str, ...] = ()


async def read_delivery_file(app: App, path: Path) -> DeliveryFile:
    """Read a supplier's table, comma-separated or a spreadsheet: ISBN, quantity and, where it has it, cost.

    Columns are called as an import knows them, and ISBNs are repaired as there. Several rows of a title are summed.

    Raises Refused("import.unreadable" | "delivery.no_columns" | "delivery.too_long").
    """
    money = currency((await get_settings(app)).currency)
    try:
        rows = await asyncio.to_thread(lambda: list(islice(read_table(path, NEEDED), MOST_LINES + 1)))
    except Refused as told:
        if told.code != "import.no_columns":
            raise
        raise Refused("delivery.no_columns", path=path.name) from told
    if len(rows) > MOST_LINES:
        raise Refused("delivery.too_long", limit=MOST_LINES)
    pieces: dict[str, tuple[int, int | None]] = {}
    refused, names = [], dict[str, str]()
    for row in rows:
        try:
            isbn, quantity, cost = _understood(row, money.digits)
        except PosError as error:
            refused.append(f"Line {row.line}: {sentence(error)}")
            continue
        names.setdefault(isbn, row.fields.get("title", "")[:SHOWN])
        before, known = pieces.get(isbn, (0, None))
        pieces[isbn] = (before + quantity, cost if cost is not None else known)
    books = await app.db.read(lambda session: _books(session, list(pieces)))
    unknown = tuple(isbn for isbn in pieces if isbn not in books)
    for isbn in unknown:
        named = f" “{names[isbn]}”" if names[isbn] else ""
        refused.append(f"{isbn}{named} is not in the catalogue.")
    came = tuple((isbn, Came(books[isbn], *said[:1], cost=said[1])) for isbn, said in pieces.items() if isbn in books)
    return DeliveryFile(came, tuple(refused), unknown)


def _understood(row: CsvRow, digits: int) -> tuple[str, int, int | None]:
    if row.fault:
        raise Refused("import.row", reason=row.fault)
    beside = row.fields.get(BESIDE, "")
    isbn = read_isbn(row.fields.get("isbn", "") or beside, beside, [])
    text = row.fields.get("stock", "").removesuffix(".0")
    if not (text.isascii() and text.isdigit() and len(text) < 10):  # noqa: PLR2004 - more is no number of books
        raise Refused("import.row", reason="its quantity is no whole number")
    cost = row.fields.get("cost", "")
    return isbn, check_pieces(int(text), least=1), parse_amount(cost, digits) if cost else None


def _books(session: Session, isbns: list[str]) -> dict[str, int]:
    found: dict[str, int] = {}
    for start in range(0, len(isbns), 1_000):
        rows = session.execute(select(Book.isbn, Book.id).where(Book.isbn.in_(isbns[start : start + 1_000])))
        found |= {isbn: number for isbn, number in rows if isbn is not None}
    return found
