"""A catalogue written as a file and read into an empty shop is the same catalogue, whatever the format."""

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
from sqlalchemy.orm import Session

from pos_app import app as application
from pos_app.app import App
from pos_app.config import Config
from pos_app.models import Book, Category, TaxRate, table
from pos_app.services.book_export import export_books
from pos_app.services.book_import import import_books
from tests.conftest import SetClock
from tests.shop import fill

# What the book trade's format has a place for; stock, cost, shelf and reorder level are the shop's own affair.
TRADE = ("isbn", "title", "author", "price", "category", "publisher", "published_on", "format", "language", "series",
         "series_number")  # fmt: skip
ALL = (*TRADE, "cost", "stock", "shelf", "reorder_at")
TITLES = """\
isbn,title,authors,price,cost,stock,category,publisher,published_on,format,language,series,series_number,shelf,reorder_at
9780060929879,Brave New World,Aldous Huxley,12.50,7.10,4,Science Fiction,HarperPerennial,1932,Paperback,en,,,SF HUX,2
9780439023481,"The Hunger Games","Suzanne Collins",8.99,,0,Young Adult,Scholastic,2008-09,hardback,en-US,The Hunger Games,1,,0
9780441172719,"Dune: ""Deluxe"" <i>& more</i>","Frank Herbert, Martin Luther King, Jr., Ann B. Sales, Ph.D.",0.00,,1,,,1965-08-01,Tête-bêche,mul,Dune,,,0
9780140449136,"The Odyssey ὈΔΎΣΣΕΙΑ, 😀",Homer,10.95,,9,Classics,,-0700,,grc,,,,0
9780307474278,=1+1,,1.99,1.00,3,"Crime, noir & <more>","O’Reilly & Söhne",,Board book,de-AT,,,,0
9780062316110,No more than a title,Yuval Noah Harari,24.99,,0,,,,,,,,,0
"""


@pytest_asyncio.fixture
async def source(sqlite_template: Path, tmp_path: Path) -> AsyncIterator[App]:
    """A shop of its own with titles of every kind."""
    folder = tmp_path / "source"
    folder.mkdir()
    shutil.copyfile(sqlite_template, folder / "shop.db")
    clock = SetClock(datetime(2026, 11, 23, 14, 6, tzinfo=UTC))
    app = application.build(Config(folder, f"sqlite:///{folder / 'shop.db'}"), clock=clock)
    await fill(app)
    file = folder / "titles.csv"
    file.write_text(TITLES, encoding="utf-8")
    report = await import_books(app, file)
    assert (report.added, report.refused_count) == (6, 0)
    yield app
    await app.printing.close()
    await app.db.close()


async def catalogue(app: App, fields: tuple[str, ...]) -> set[tuple[Any, ...]]:
    """What is said of every title with an ISBN."""
    book, category = table(Book).c, table(Category).c
    columns = [category.name if name == "category" else book[name] for name in fields]

    def act(session: Session) -> set[tuple[Any, ...]]:
        rows = select(*columns).join_from(table(Book), table(Category), isouter=True).where(book.isbn.is_not(None))
        return {tuple(row) for row in session.execute(rows)}

    return await app.db.read(act)


@pytest.mark.parametrize(("ending", "fields"), [("csv", ALL), ("xlsx", ALL), ("xml", TRADE)])
async def test_an_empty_shop_gets_the_same_catalogue(
    source: App, app: App, tmp_path: Path, ending: str, fields: tuple[str, ...]
) -> None:
    file = tmp_path / f"titles.{ending}"
    await export_books(source, file)
    await app.db.write(lambda session: session.execute(insert(TaxRate).values(name="Books 0 %", rate=Decimal(0))))
    report = await import_books(app, file)
    expected = await catalogue(source, fields)
    assert (report.added, len(expected)) == (10, 10)
    assert await catalogue(app, fields) == expected
    again = await import_books(app, file)
    assert (again.added, again.changed, again.unchanged) == (0, 0, 10)


async def test_onix_that_is_written_holds_to_the_trades_schema(source: App, tmp_path: Path) -> None:
    file = tmp_path / "titles.xml"
    report = await export_books(source, file)
    assert onixcheck.validate(str(file)) == []
    # The gift wrap has no ISBN.
    assert (report.titles, report.left_out) == (10, 1)
    text = file.read_text("utf-8")
    assert "<SenderName>Marlow &amp; Daughters</SenderName>" in text
    assert "<SentDateTime>20261123T140600Z</SentDateTime>" in text


async def test_the_schema_would_find_a_fault(source: App, tmp_path: Path) -> None:
    file = tmp_path / "titles.xml"
    await export_books(source, file)
    file.write_text(file.read_text("utf-8").replace("<PriceAmount>12.50<", "<PriceAmount>12,50<"), "utf-8")
    assert onixcheck.validate(str(file)) != []
