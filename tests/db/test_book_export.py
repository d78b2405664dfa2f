"""Titles taken out as a file: whole or not at all, as they are, and read back as they were."""

import asyncio
import csv
import zipfile
from datetime import date
from pathlib import Path

import pytest
from sqlalchemy import insert, update
from sqlalchemy.orm import Session

from pos_app.domain.kinds import Missing
from pos_app.domain.subject import subject_title
from pos_app.errors import Refused, Unavailable
from pos_app.models import Book, BookSupplier, table
from pos_app.services.book_edit import Change, change_book
from pos_app.services.book_export import export_books
from pos_app.services.book_filter import BookFilter
from pos_app.services.book_filter_named import NamedFilter, filter_named
from pos_app.services.book_import import import_books
from pos_app.services.book_list import ListOrder, SortBy
from pos_app.services.supplier import SupplierView, keep_supplier
from tests.shop import DARKNESS, KLARA, PRIDE, SAPIENS, Shop


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with nothing in it: the shop's own file may lie in the one above."""
    made = tmp_path / "out"
    made.mkdir()
    return made


NASTY = '=HYPERLINK("http://evil.test") — ünïcode, "quotes"\tand commas'


def rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


async def test_every_title_stands_in_the_file_in_the_lists_order(shop: Shop, folder: Path) -> None:
    seen: list[tuple[int, int]] = []
    file = folder / "titles.csv"
    report = await export_books(shop.app, file, order=ListOrder(SortBy.PRICE), progress=lambda *at: seen.append(at))
    found = rows(file)
    assert report.titles == len(found) == len(shop.books)
    assert [row["price"] for row in found] == sorted((row["price"] for row in found), key=float)
    pride = next(row for row in found if row["isbn13"] == PRIDE)
    assert (pride["title"], pride["authors"], pride["price"], pride["stock"], pride["category"]) == (
        "Pride and Prejudice",
        "Jane Austen",
        "8.99",
        "23",
        "Fiction",
    )
    assert seen[-1] == (len(shop.books), len(shop.books))
    assert [path.name for path in folder.iterdir()] == ["titles.csv"]


async def test_a_filtered_list_is_written_as_it_is(shop: Shop, folder: Path) -> None:
    file = folder / "some.csv"
    await export_books(shop.app, file, BookFilter(text="klara"))
    assert [row["isbn13"] for row in rows(file)] == [KLARA]
    await export_books(shop.app, file, BookFilter(in_stock=True))
    assert SAPIENS not in {row["isbn13"] for row in rows(file)}


@pytest.mark.parametrize("name", ["some.csv", "some.xlsx"])
async def test_some_columns_are_written_and_read_back(shop: Shop, folder: Path, name: str) -> None:
    await export_books(shop.app, folder / name, columns=["title", "isbn13", "price"])
    if name.endswith(".csv"):
        assert list(rows(folder / name)[0]) == ["title", "isbn13", "price"]
    report = await import_books(shop.app, folder / name)
    assert (report.added, report.changed, report.unchanged) == (0, 0, 4)
    await export_books(shop.app, folder / name, columns=["isbn", "author", "published"])
    if name.endswith(".csv"):
        assert list(rows(folder / name)[0]) == ["isbn", "author", "published"]
    report = await import_books(shop.app, folder / name)
    assert (report.added, report.changed, report.unchanged) == (0, 0, 4)
    for columns in (["title", "weight"], []):
        with pytest.raises(Refused, match=r"export\.columns"):
            await export_books(shop.app, folder / name, columns=columns)


async def test_what_was_written_reads_back_unchanged(shop: Shop, folder: Path) -> None:
    file = folder / "titles.csv"
    await export_books(shop.app, file)
    report = await import_books(shop.app, file)
    assert (report.added, report.changed, report.unchanged) == (0, 0, len(shop.books))


@pytest.mark.parametrize("title", ["-30- and other endings", "=1+1", "+44", "@home", "'Tis", "  - - -"])
async def test_a_title_that_looks_like_a_formula_reads_back_as_it_is(shop: Shop, folder: Path, title: str) -> None:
    def rename(session: Session) -> None:
        session.execute(update(Book).where(Book.isbn == PRIDE).values(title=title.strip()))

    await shop.app.db.write(rename)
    await export_books(shop.app, folder / "titles.csv")
    report = await import_books(shop.app, folder / "titles.csv")
    assert (report.added, report.changed) == (0, 0)


async def test_no_cell_computes(shop: Shop, folder: Path) -> None:
    def rename(session: Session) -> None:
        session.execute(update(Book).where(Book.isbn == PRIDE).values(title=NASTY))

    await shop.app.db.write(rename)
    file = folder / "titles.csv"
    await export_books(shop.app, file)
    title = next(row["title"] for row in rows(file) if row["isbn13"] == PRIDE)
    assert title.startswith("'=HYPERLINK")
    sheet = folder / "titles.xlsx"
    await export_books(shop.app, sheet)
    with zipfile.ZipFile(sheet) as packed:
        xml = packed.read("xl/worksheets/sheet1.xml").decode()
    assert "<f>" not in xml
    assert "HYPERLINK" in xml
    assert f"<t>{PRIDE}</t>" in xml  # a code is text: no sheet makes 9.78E+12 of it
    assert "<v>8.99</v>" in xml


async def test_a_name_that_says_nothing_is_refused(shop: Shop, folder: Path) -> None:
    with pytest.raises(Refused, match=r"export\.format"):
        await export_books(shop.app, folder / "titles.pdf")
    assert list(folder.iterdir()) == []


@pytest.mark.parametrize("name", ["titles.csv", "titles.xlsx"])
async def test_a_file_that_cannot_be_written_is_told_and_leaves_nothing(shop: Shop, folder: Path, name: str) -> None:
    with pytest.raises(Unavailable, match=r"export\.not_written"):
        await export_books(shop.app, folder / "missing" / name)
    taken = folder / name
    taken.mkdir()
    with pytest.raises(Unavailable, match=r"export\.not_written"):
        await export_books(shop.app, taken)
    assert [path.name for path in folder.iterdir()] == [name]


async def test_one_that_is_cancelled_leaves_the_file_that_was_there(shop: Shop, folder: Path) -> None:
    file = folder / "titles.csv"
    file.write_text("before", encoding="utf-8")
    work: asyncio.Task[object] | None = None

    def stop(_done: int, _total: int) -> None:
        assert work is not None
        work.cancel()

    work = asyncio.ensure_future(export_books(shop.app, file, progress=stop))
    with pytest.raises(asyncio.CancelledError):
        await work
    assert file.read_text(encoding="utf-8") == "before"
    assert [path.name for path in folder.iterdir()] == ["titles.csv"]


@pytest.mark.parametrize("name", ["none.csv", "none.xlsx", "none.xml"])
async def test_nothing_is_no_file(shop: Shop, folder: Path, name: str) -> None:
    with pytest.raises(Refused, match=r"export\.nothing"):
        await export_books(shop.app, folder / name, BookFilter(text="zzzz"))
    assert not list(folder.iterdir())


async def found(shop: Shop, folder: Path, named: NamedFilter) -> set[str]:
    file = folder / "named.csv"
    try:
        await export_books(shop.app, file, await filter_named(shop.app, named))
    except Refused as error:
        assert error.code == "export.nothing"
        return set()
    return {row["title"].split()[0] for row in rows(file) if row["isbn13"]}


async def test_no_title_is_left_out_whose_publisher_is_written_in_other_letters(shop: Shop, folder: Path) -> None:
    for isbn, publisher in ((PRIDE, "PENGUIN"), (KLARA, "Penguin"), (SAPIENS, "¿?")):
        await change_book(shop.app, shop.sam, shop.books[isbn], {"publisher": Change(None, publisher)})
    with pytest.raises(Refused, match=r"filter\.several") as refused:
        await filter_named(shop.app, NamedFilter(publisher="penguin"))
    assert refused.value.params["known"] == "PENGUIN, Penguin"
    assert await found(shop, folder, NamedFilter(publisher="Penguin")) == {"Klara"}
    # Signs alone say nothing.
    with pytest.raises(Refused, match=r"filter\.publisher"):
        await filter_named(shop.app, NamedFilter(publisher="!"))


async def test_what_a_command_asks_for_is_what_the_list_shows(shop: Shop, folder: Path) -> None:
    supplier = await keep_supplier(shop.app, shop.sam, SupplierView(name="Gardners"))
    link = insert(table(BookSupplier)).values(book_id=shop.books[PRIDE], supplier_id=supplier.id)
    await shop.app.db.write(lambda session: session.execute(link))
    told = {"subjects": "93:FLC", "publisher": "Éditions du Soleil", "format": "Hardback", "language": "en-GB"}
    await change_book(shop.app, shop.sam, shop.books[KLARA], {name: Change(None, new) for name, new in told.items()})
    wanted = {
        "klara": NamedFilter(text="klara"),
        "history": NamedFilter(category="HISTORY"),
        "any": NamedFilter(category="Fiction", stock="any"),
        "out": NamedFilter(stock="out"),
        "supplier": NamedFilter(supplier="gardners"),
        "subject": NamedFilter(subject="science fiction"),
        "some of its words": NamedFilter(subject="science"),
        "publisher": NamedFilter(publisher="editions DU soleil"),
        "format": NamedFilter(format="hardback"),
        "language": NamedFilter(language="EN"),
        "spoken": NamedFilter(language="en-gb"),
        "price": NamedFilter(price_from="10", price_to="17.00"),
        "tomorrow": NamedFilter(changed_since=date(2100, 1, 1)),
        "today": NamedFilter(changed_since=date(2000, 1, 1), text="sapiens"),
        "missing": NamedFilter(missing=Missing.SUPPLIER, category="Fiction"),
    }
    assert {name: await found(shop, folder, named) for name, named in wanted.items()} == {
        "klara": {"Klara"},
        "history": {"Sapiens"},
        "any": {"Pride", "The", "Klara"},
        "out": {"Sapiens"},
        "supplier": {"Pride"},
        "subject": {"Klara"},
        "some of its words": {"Klara"},
        "publisher": {"Klara"},
        "format": {"Klara"},
        "language": {"Klara"},
        "spoken": {"Klara"},
        "price": {"The", "Klara"},
        "tomorrow": set(),
        "today": {"Sapiens"},
        "missing": {"The", "Klara"},
    }
    # Another scheme has a subject of the same name: neither is left out unsaid.
    await change_book(shop.app, shop.sam, shop.books[DARKNESS], {"subjects": Change(None, "12:FL")})
    assert await found(shop, folder, NamedFilter(subject="BIC FL")) == {"The"}
    assert await found(shop, folder, NamedFilter(subject=subject_title("12:FL"))) == {"The"}
    for code, named in (
        ("category", NamedFilter(category="Fishing")),
        ("supplier", NamedFilter(supplier="Nobody")),
        ("publisher", NamedFilter(publisher="Nobody")),
        ("format", NamedFilter(format="Vellum")),
        ("language", NamedFilter(language="xx")),
        ("subjects", NamedFilter(subject="science fiction")),
        ("subjects", NamedFilter(subject="fiction")),
        ("subject", NamedFilter(subject="angling")),
    ):
        with pytest.raises(Refused, match=f"filter.{code}") as refusal:
            await filter_named(shop.app, named)
        assert refusal.value.params["known"]
    with pytest.raises(Refused, match=r"filter\.prices"):
        await filter_named(shop.app, NamedFilter(price_from="20", price_to="10"))
