"""The demo shop's books: real titles and numbers, invented prices, formats, shelves and stock."""

import csv
import gzip
import io
import random
from dataclasses import dataclass
from decimal import Decimal
from importlib import resources
from typing import Any

from pos_app.demo.subjects import MARKS, subject, thema
from pos_app.domain.isbn import repair_isbn
from pos_app.domain.kinds import BookKind
from pos_app.domain.search import fold, search_words, sort_key
from pos_app.domain.used import Grade, copy_code, copy_title
from pos_app.errors import Refused
from pos_app.exchange.trade_codes import language_tag

BOOKS_TAX, OTHER_TAX = 1, 2
TAX_RATES = ((BOOKS_TAX, "Books 0 %", Decimal(0)), (OTHER_TAX, "Standard 20 %", Decimal("0.2")))
MAX_TEXT = 255
BESTSELLERS, STEADY_SELLERS = 300, 2_000
# So many of the best known have a subject code: of older books the trade's files seldom tell one.
CODED = 5_000
# Title, code printed on it, price, cost, stock, reorder level. The codes are EAN-13 from the range for use in a shop.
_GOODS = (
    ("Tote bag, canvas", "2000000000015", 1200, 540, 34, 10),
    ("Bookmark, leather", "2000000000022", 450, 160, 61, 20),
    ("Notebook, A5 ruled", "2000000000039", 899, 410, 18, 12),
    ("Greeting card", "2000000000046", 295, 95, 140, 40),
    ("Reading light", "2000000000053", 1599, 820, 3, 4),
)
# Of which of the best known books (from 0) there is a used copy: its grade, price, how many, and what is to be said.
_COPIES = (
    (7, Grade.VERY_GOOD, 549, 1, None),
    (21, Grade.GOOD, 349, 2, "Creased spine"),
    (25, Grade.GOOD, 250, 3, None),
    (25, Grade.POOR, 100, 1, "Water stain on the last pages, all there"),
    (27, Grade.FAIR, 300, 2, "School copy, a name inside"),
    (31, Grade.AS_NEW, 599, 1, None),
    (42, Grade.VERY_GOOD, 450, 1, "Bound in cloth, no jacket"),
    (42, Grade.FAIR, 250, 1, "Notes in pencil"),
    (44, Grade.GOOD, 399, 1, None),
    (47, Grade.AS_NEW, 550, 1, "Signed on the title page"),
)
_SERVICES = (("Gift wrap", "2000000000060", 200), ("Postage and packing", "2000000000077", 395))


@dataclass(frozen=True, slots=True)
class Catalogue:
    """Rows of the book tables; a book's row has its category by name, to be replaced by its id.

    `copies` are the used ones' rows, with what makes them used in `used`: none of them was ever traded in.
    """

    books: list[dict[str, Any]]
    codes: list[dict[str, Any]]
    copies: list[dict[str, Any]]
    used: list[dict[str, Any]]


def make_catalogue(chance: random.Random) -> Catalogue:
    """Make all titles, best known first; the same `chance` makes the same shop."""
    taken: set[str] = set()
    books = [_book(place, row, taken, chance) for place, row in enumerate(_source())]
    codes = []
    for title, code, price, cost, stock, reorder_at in _GOODS:
        books.append(_good(len(books) + 1, title, price, cost, stock, reorder_at, BookKind.OTHER))
        codes.append({"book_id": len(books), "code": code})
    for title, code, price in _SERVICES:
        books.append(_good(len(books) + 1, title, price, None, 0, 0, BookKind.SERVICE))
        codes.append({"book_id": len(books), "code": code})
    copies = [_copy(len(books) + 1 + number, books[row[0]], *row[1:4]) for number, row in enumerate(_COPIES)]
    used = []
    for made, (place, grade, _, _, note) in zip(copies, _COPIES, strict=True):
        used.append({"book_id": made["id"], "copy_of_id": place + 1, "grade": grade, "note": note})
        codes.append({"book_id": made["id"], "code": copy_code(made["id"])})
    return Catalogue(books, codes, copies, used)


def _source() -> list[dict[str, str]]:
    packed = resources.files("pos_app.demo").joinpath("data", "books.csv.gz").read_bytes()
    return list(csv.DictReader(io.StringIO(gzip.decompress(packed).decode(), newline="")))


def _book(place: int, row: dict[str, str], taken: set[str], chance: random.Random) -> dict[str, Any]:
    title, author = _shortened(row["title"], " "), _shortened(row["authors"], ", ")
    first_author = author.split(",")[0].strip()
    year = int(float(row["original_publication_year"])) if row["original_publication_year"] else None
    isbn = _isbn(row["isbn"], taken)
    category = subject(title, first_author, year)
    form, price = _form_and_price(year, chance)
    stock, reorder_at = _stock(place, chance)
    return {
        "id": place + 1,
        "isbn": isbn,
        "title": title,
        "author": author,
        "price": price,
        "cost": (price * chance.randint(55, 65) + 50) // 100,
        "stock": stock,
        "reorder_at": reorder_at,
        "category": category,
        "tax_rate_id": BOOKS_TAX,
        "published_on": _year_text(year),
        "format": form,
        "language": language_tag(row["language_code"]) or None,
        "shelf": _shelf(category, first_author),
        "kind": BookKind.BOOK,
        "subjects": thema(category, place) if place < CODED else None,
        "title_key": sort_key(title),
        "search_text": search_words(title, author),
    }


def _good(
    number: int, title: str, price: int, cost: int | None, stock: int, reorder_at: int, kind: BookKind
) -> dict[str, Any]:
    return {
        "id": number,
        "isbn": None,
        "title": title,
        "author": "",
        "price": price,
        "cost": cost,
        "stock": stock,
        "reorder_at": reorder_at,
        "category": "Gifts & Stationery",
        "tax_rate_id": OTHER_TAX,
        "published_on": None,
        "format": None,
        "language": None,
        "shelf": None if kind is BookKind.SERVICE else "Counter",
        "kind": kind,
        "subjects": None,
        "title_key": sort_key(title),
        "search_text": search_words(title, ""),
    }


def _copy(number: int, new: dict[str, Any], grade: Grade, price: int, stock: int) -> dict[str, Any]:
    title = copy_title(new["title"], grade)
    about = {"title": title, "title_key": sort_key(title), "search_text": search_words(title, new["author"])}
    there = {"id": number, "isbn": None, "price": price, "cost": None, "stock": stock, "reorder_at": 0}
    return {**new, **there, **about}


def _isbn(text: str, taken: set[str]) -> str | None:
    """The number as it was before a spreadsheet cut its zeros; none rather than a wrong one."""
    try:
        isbn = repair_isbn(text)
    except Refused:
        return None
    if isbn in taken:
        return None
    taken.add(isbn)
    return isbn


def _shortened(text: str, between: str) -> str:
    """A text that fits its column, cut between words or names."""
    text = " ".join(text.split())
    return text if len(text) <= MAX_TEXT else text[: MAX_TEXT + 1].rpartition(between)[0]


def _shelf(category: str, author: str) -> str:
    """The subject's mark and the beginning of the author's last name, where it has letters a mark can show."""
    name = (fold(author).split() or [""])[-1][:3].upper()
    return f"{MARKS[category]}-{name}" if name.isascii() else MARKS[category]


def _year_text(year: int | None) -> str | None:
    if year is None:
        return None
    return f"{year:04d}" if year >= 0 else f"-{-year:04d}"


def _form_and_price(year: int | None, chance: random.Random) -> tuple[str, int]:
    """A format and a shelf price in pence, 7.99 to 24.99; new books and hard covers cost more."""
    recent = year is not None and year >= 2005  # noqa: PLR2004 - a demo's notion of recent
    if chance.random() < (0.22 if recent else 0.08):
        pounds = chance.randint(14, 24)
        form = "Hardback"
    else:
        pounds = chance.randint(8, 14) if recent else chance.randint(7, 11)
        form = "Paperback"
    pence = 99 if pounds == 7 else chance.choices((99, 49, 95), (76, 11, 13))[0]  # noqa: PLR2004 - 7.99 at least
    return form, pounds * 100 + pence


def _stock(place: int, chance: random.Random) -> tuple[int, int]:
    """Copies on the shelf now and the level to order at."""
    if place < BESTSELLERS:
        return chance.choices(range(13), (2, 3, 4, 6, 9, 10, 10, 8, 7, 6, 5, 4, 3))[0], chance.randint(2, 4)
    if place < STEADY_SELLERS:
        return chance.choices(range(7), (7, 20, 22, 18, 12, 8, 5))[0], chance.randint(1, 2)
    return chance.choices(range(4), (14, 58, 20, 8))[0], int(chance.random() < 0.15)  # noqa: PLR2004 - some
