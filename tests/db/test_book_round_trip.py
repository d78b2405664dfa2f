"""A catalogue written as a file and read into an empty shop is the same catalogue, whatever the format."""

import csv
import re
import shutil
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import onixcheck
import pytest
import pytest_asyncio
from sqlalchemy import insert, select
from sqlalchemy.orm import Session, aliased

from pos_app import app as application
from pos_app.app import App
from pos_app.config import Config
from pos_app.domain.used import Grade
from pos_app.models import Book, BookCode, Category, TaxRate, UsedCopy, table
from pos_app.services.book import find_by_code
from pos_app.services.book_copy import CopyRow, add_copy, list_copies
from pos_app.services.book_export import export_books
from pos_app.services.book_import import ImportOptions, import_books
from pos_app.services.book_list import ListOrder, SortBy
from pos_app.services.book_undo import undo_act
from pos_app.services.category import category_tree
from tests.conftest import SetClock
from tests.shop import DARKNESS, PRIDE, Shop, fill

# What the book trade's format has a place for; stock, cost, shelf and reorder level are the shop's own affair.
TRADE = ("isbn", "title", "author", "price", "category", "publisher", "published_on", "format", "language", "series",
         "series_number", "kind", "active", "description", "availability", "subjects")  # fmt: skip
ALL = (*TRADE, "cost", "stock", "shelf", "reorder_at", "open_price", "tax_rate")
TITLES = """\
isbn,title,authors,price,cost,stock,category,publisher,published_on,format,language,series,series_number,shelf,reorder_at
9780060929879,Brave New World,Aldous Huxley,12.50,7.10,4,Fiction › Science Fiction,HarperPerennial,1932,Paperback,en,,,SF HUX,2
9780439023481,"The Hunger Games","Suzanne Collins",8.99,,0,Fiction › Young Adult,Scholastic,2008-09,hardback,en-US,The Hunger Games,1,,0
9780441172719,"Dune: ""Deluxe"" <i>& more</i>","Frank Herbert, Martin Luther King, Jr., Ann B. Sales, Ph.D.",0.00,,1,,,1965-08-01,Tête-bêche,mul,Dune,,,0
9780140449136,"The Odyssey ὈΔΎΣΣΕΙΑ, 😀",هومر اسماعیل‌زاده,10.95,,9,Classics,,-0700,,grc,,,,0
9780307474278,=1+1,,1.99,1.00,3,"Crime, noir & <more>","O’Reilly & Söhne",,Board book,de-AT,,,,0
9780062316110,No more than a title,Yuval Noah Harari,24.99,,0,,,,,,,,,0
4006381333931,Pencil,,1.20,0.40,12,Things › Paper and pens,Faber,,Toy,,,,,5
"""
# What lists of suppliers do not say: goods without an ISBN, what is off sale, further codes, other taxes.
GOODS = """\
isbn,title,price,stock,category,kind,active,open_price,barcodes,tax_rate,description,availability,subjects
9780060929879,Brave New World,12.50,4,Fiction › Science Fiction,book,no,no,2000000000015|SHELF 7|9780099477464,Books 0 %,A <i>brave</i> & new world,out of print,Thema FL|Thema FBC|Thema place 1DDU-GB-ESL|BIC FL|BISAC FIC028000
9780439023481,The Hunger Games,8.99,0,Fiction › Young Adult,book,yes,no,,Books 0 %,,forthcoming,
,Tote bag,12.00,34,Things,other,yes,no,2000000000022|TOTE,Standard 20 %,,,
,Greeting card,2.95,140,Things › Paper and pens,other,yes,no,2000000000039,Standard 20 %,,,
,Greeting card,3.95,14,Things › Paper and pens,other,no,no,2000000000046,Standard 20 %,,,
,Department Toys,0.00,0,,other,yes,yes,,Standard 20 %,,,
,Postage and packing,3.95,0,,service,yes,no,,Standard 20 %,,,
"""


@pytest_asyncio.fixture
async def source(sqlite_template: Path, tmp_path: Path) -> AsyncIterator[App]:
    """A shop of its own with titles of every kind."""
    folder = tmp_path / "source"
    folder.mkdir()
    shutil.copyfile(sqlite_template, folder / "shop.db")
    clock = SetClock(datetime(2026, 11, 23, 14, 6, tzinfo=UTC))
    app = application.build(Config(folder, f"sqlite:///{folder / 'shop.db'}"), clock=clock)
    sam = (await fill(app)).sam
    file = folder / "titles.csv"
    file.write_text(TITLES, encoding="utf-8")
    report = await import_books(app, file)
    assert (report.added, report.refused_count) == (7, 0)
    file.write_text(GOODS, encoding="utf-8")
    report = await import_books(app, file)
    assert (report.added, report.changed, report.refused_count) == (5, 2, 0)
    again = await import_books(app, file)
    assert (again.added, again.changed, again.refused_count) == (0, 0, 0)
    brave, bag = await find_by_code(app, "9780060929879"), await find_by_code(app, "TOTE")
    await add_copy(app, sam, brave.id, Grade.GOOD, 450, stock=2, note="Name on the first page")
    await add_copy(app, sam, brave.id, Grade.POOR, 150)
    await add_copy(app, sam, bag.id, Grade.AS_NEW, 600)
    yield app
    await app.printing.close()
    await app.db.close()


async def catalogue(app: App, fields: tuple[str, ...], *, coded: bool) -> list[tuple[Any, ...]]:
    """What is said of every title, its further codes, what its category is inside of, and what it is a used copy of.

    `coded` gives those with an ISBN.
    """
    book, category, rate = table(Book).c, table(Category).c, table(TaxRate).c
    names = {"category": category.name, "tax_rate": rate.name}
    columns = [names[name] if name in names else book[name] for name in fields]
    paths = {node.name: node.path for node in await category_tree(app)}

    def act(session: Session) -> list[tuple[Any, ...]]:
        codes: dict[int, set[str]] = {}
        original = aliased(Book)
        copies = select(UsedCopy.book_id, original.isbn, original.title, UsedCopy.grade, UsedCopy.note)
        copied = {
            one: rest for one, *rest in session.execute(copies.join(original, original.id == UsedCopy.copy_of_id))
        }
        for book_id, code in session.execute(select(BookCode.book_id, BookCode.code)):
            codes.setdefault(book_id, set()).add(code)
        rows = select(book.id, *columns).join_from(table(Book), table(Category), isouter=True).join(table(TaxRate))
        found = session.execute(rows.where(book.isbn.is_not(None)) if coded else rows)
        place = 1 + fields.index("category")
        said = [
            (*row[1:place], paths.get(row[place]), *row[place + 1 :], codes.get(row[0]), copied.get(row[0]))
            for row in found
        ]
        return sorted(said, key=repr)

    return await app.db.read(act)


@pytest.mark.parametrize(("ending", "fields"), [("csv", ALL), ("xlsx", ALL), ("xml", TRADE)])
async def test_an_empty_shop_gets_the_same_catalogue(
    source: App, app: App, tmp_path: Path, ending: str, fields: tuple[str, ...]
) -> None:
    file = tmp_path / f"titles.{ending}"
    await export_books(source, file)
    rates = [{"name": "Books 0 %", "rate": Decimal(0)}, {"name": "Standard 20 %", "rate": Decimal("0.2")}]
    await app.db.write(lambda session: session.execute(insert(TaxRate), rates))
    report = await import_books(app, file)
    # ONIX is for what has an ISBN or an EAN.
    coded = ending == "xml"
    count = 11 if coded else 20
    expected = await catalogue(source, fields, coded=coded)
    assert (report.added, report.refused_count, len(expected)) == (count, 0, count)
    assert await catalogue(app, fields, coded=coded) == expected
    again = await import_books(app, file)
    assert (again.added, again.changed, again.unchanged) == (0, 0, count)


def test_the_catalogue_that_is_compared_has_all_there_is() -> None:
    """A round trip of what is nowhere to be found shows nothing."""
    for told in (
        "Paper and pens",
        "service",
        "no,no",
        "2000000000022|TOTE",
        "King, Jr.",
        "de-AT",
        "Dune,,",
        "yes,yes",
        "Thema FBC",
    ):
        assert told in TITLES + GOODS


async def test_onix_that_is_written_holds_to_the_trades_schema(source: App, tmp_path: Path) -> None:
    file = tmp_path / "titles.xml"
    report = await export_books(source, file)
    assert onixcheck.validate(str(file)) == []
    # Goods and services without a code, the gift wrap, and used copies.
    assert (report.titles, report.left_out) == (11, 9)
    text = file.read_text("utf-8")
    assert "<SenderName>Marlow &amp; Daughters</SenderName>" in text
    assert "<SentDateTime>20261123T140600Z</SentDateTime>" in text
    codes = re.findall(
        r"<Subject>(<MainSubject />)?<SubjectSchemeIdentifier>([0-9]+)<[^>]+><SubjectCode>([^<]+)<", text
    )
    assert [(bool(main), scheme, code) for main, scheme, code in codes] == [
        (True, "93", "FL"),
        (False, "93", "FBC"),
        (False, "94", "1DDU-GB-ESL"),
        (True, "12", "FL"),
        (True, "10", "FIC028000"),
    ]


async def test_the_schema_would_find_a_fault(source: App, tmp_path: Path) -> None:
    file = tmp_path / "titles.xml"
    await export_books(source, file)
    file.write_text(file.read_text("utf-8").replace("<PriceAmount>12.50<", "<PriceAmount>12,50<"), "utf-8")
    assert onixcheck.validate(str(file)) != []


async def copies_of(app: App, code: str) -> list[CopyRow]:
    return await list_copies(app, (await find_by_code(app, code)).id)


async def test_used_copies_come_after_their_titles_whatever_the_order_and_stay_copies(
    source: App, shop: Shop, tmp_path: Path
) -> None:
    file = tmp_path / "titles.csv"
    await export_books(source, file, order=ListOrder(SortBy.PRICE))
    rows = list(csv.DictReader(file.read_text("utf-8-sig").splitlines()))
    assert [row["copy_grade"] for row in rows[-3:]] == ["poor", "good", "as_new"]
    tried = await import_books(shop.app, file, ImportOptions(dry_run=True))
    report = await import_books(shop.app, file, operator=shop.sam)
    assert (tried.added, tried.refused_count) == (report.added, report.refused_count)
    good, poor = await copies_of(shop.app, "9780060929879")
    assert (good.grade, good.price, good.stock, good.note) == (Grade.POOR, 150, 1, None)
    assert (poor.grade, poor.price, poor.stock, poor.note) == (Grade.GOOD, 450, 2, "Name on the first page")
    assert good.code in {row["barcodes"] for row in rows}
    # Copies taken in come with codes that a shop would give itself.
    for _ in range(12):
        await add_copy(shop.app, shop.sam, (await find_by_code(shop.app, "9780060929879")).id, Grade.FAIR, 300)
    assert len({copy.code for copy in await copies_of(shop.app, "9780060929879")}) == 14
    assert await shop.findings() == []
    # Taken back: copies first, then what they are copies of.
    await undo_act(shop.app, shop.sam, report.act, kind="import")
    assert not any(copy.active for copy in (await copies_of(shop.app, "9780060929879"))[:2])
    assert await shop.findings() == []


COPY = "isbn,barcodes,title,price,kind,copy_of,copy_grade\n,{},{},4.50,book,{},{}\n"


@pytest.mark.parametrize(
    ("code", "of", "grade", "reason"),
    [
        ("U0000900", "9780141439600", "good", "is not in the catalogue"),
        ("U0000900", PRIDE, "worn", "one of as_new"),
        ("U0000900", "U0000100", "good", "no used copies"),
        ("U0000100", DARKNESS, "good", "something else"),
        ("U0000100", PRIDE, "poor", "something else"),
    ],
)
async def test_a_used_copy_of_nothing_is_refused_with_a_reason(
    shop: Shop, tmp_path: Path, code: str, of: str, grade: str, reason: str
) -> None:
    file = tmp_path / "titles.csv"
    file.write_text(COPY.format("U0000100", "Pride (used)", PRIDE, "good"))
    assert (await import_books(shop.app, file, operator=shop.sam)).added == 1
    file.write_text(COPY.format(code, "Copy", of, grade))
    for dry_run in (True, False):
        report = await import_books(shop.app, file, ImportOptions(dry_run=dry_run), operator=shop.sam)
        assert report.refused_count == 1
        assert reason in report.refused[0].reason
    assert await shop.findings() == []
