"""Books in spreadsheets: what cells say, and files that are no sheets or far too large ones."""

import time
import tracemalloc
import zipfile
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
import xlsxwriter

from pos_app.errors import Refused
from pos_app.exchange import excel_books
from pos_app.exchange.book_file import TableColumns, read_book_file, table_columns
from pos_app.exchange.csv_books import CsvRow
from pos_app.exchange.excel_books import read_sheet
from pos_app.exchange.retail_price import Market

DATA = Path(__file__).parents[1] / "data" / "sheets"
ODS = "application/vnd.oasis.opendocument.spreadsheet"
CONTENT = """<?xml version="1.0" encoding="UTF-8"?><office:document-content
 xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0"
 xmlns:table="urn:oasis:names:tc:opendocument:xmlns:table:1.0"
 xmlns:text="urn:oasis:names:tc:opendocument:xmlns:text:1.0"><office:body><office:spreadsheet>
 <table:table table:name="Titles">{}</table:table></office:spreadsheet></office:body></office:document-content>"""


def read(path: Path) -> list[CsvRow]:
    return list(read_book_file(path, Market("GBP", with_tax=True, country="GB", today=date(2026, 1, 1))))


def excel(path: Path, *rows: list[object]) -> Path:
    with xlsxwriter.Workbook(path) as book:
        sheet = book.add_worksheet()
        day = book.add_format({"num_format": "yyyy-mm-dd"})
        for place, row in enumerate(rows):
            for column, value in enumerate(row):
                if isinstance(value, datetime):
                    sheet.write_datetime(place, column, value, day)
                elif value is not None:
                    sheet.write(place, column, value)
    return path


def open_document(path: Path, rows: str) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as packed:
        packed.writestr("mimetype", ODS)
        packed.writestr("content.xml", CONTENT.format(rows))
        manifest = (
            '<manifest:manifest xmlns:manifest="urn:oasis:names:tc:opendocument:xmlns:manifest:1.0">'
            f'<manifest:file-entry manifest:full-path="/" manifest:media-type="{ODS}"/></manifest:manifest>'
        )
        packed.writestr("META-INF/manifest.xml", manifest)
    return path


def ods_row(*texts: str, repeated: str = "") -> str:
    cells = "".join(
        f'<table:table-cell office:value-type="string"><text:p>{text}</text:p></table:table-cell>' for text in texts
    )
    return f"<table:table-row{repeated}>{cells}</table:table-row>"


def test_numbers_dates_and_texts_say_what_a_table_of_text_would(tmp_path: Path) -> None:
    moment = datetime(2011, 2, 3, tzinfo=UTC).replace(tzinfo=None)
    path = excel(
        tmp_path / "books.xlsx",
        ["ISBN", "Title", "Price", "Stock", "Published"],
        [9780141439518, "Pride and Prejudice", 9.49, 3, moment],
        [],
        ["0-06-231609-5", 1984, 24, None, 2011],
    )
    assert [(row.line, row.fields) for row in read(path)] == [
        (
            2,
            {
                "isbn": "9780141439518",
                "title": "Pride and Prejudice",
                "price": "9.49",
                "stock": "3",
                "published_on": "2011-02-03",
            },
        ),
        (4, {"isbn": "0-06-231609-5", "title": "1984", "price": "24", "stock": "", "published_on": "2011"}),
    ]
    assert read(path)[-1].position == path.stat().st_size


def test_the_old_format_is_read_from_its_first_sheet_with_anything_on_it() -> None:
    rows = read(DATA / "books.xls")
    assert [(row.line, row.fields["isbn"], row.fields["price"]) for row in rows] == [
        (2, "9780141439518", "9.49"),
        (4, "0-06-231609-5", "24"),
    ]
    assert [row.fields["published_on"] for row in rows] == ["1913-01-28", "2011"]
    assert rows[1].fields["title"] == "Sapiens – Größe"


def test_an_open_document_is_read_with_the_empty_rest_that_offices_write(tmp_path: Path) -> None:
    rest = '<table:table-row table:number-rows-repeated="1048570"><table:table-cell '
    rest += 'table:number-columns-repeated="16384"/></table:table-row>'
    path = open_document(tmp_path / "books.ods", ods_row("ISBN", "Title") + ods_row("9780141439518", "Pride") + rest)
    assert [row.fields for row in read(path)] == [{"isbn": "9780141439518", "title": "Pride"}]


def test_columns_are_named_and_known_whatever_the_format(tmp_path: Path) -> None:
    path = excel(tmp_path / "a.xlsx", ["Bestellnummer", "EAN", "Titel"], ["1", "9780141439518", "Pride"])
    assert table_columns(path) == TableColumns(["Bestellnummer", "EAN", "Titel"], {"isbn": "EAN", "title": "Titel"})
    text = tmp_path / "a.csv"
    text.write_text("nr;EAN;Titel\n1;9780141439518;Pride\n", encoding="utf-8")
    assert table_columns(text) == TableColumns(["nr", "EAN", "Titel"], {"isbn": "EAN", "title": "Titel"})


def test_a_formula_is_read_as_what_it_showed_last_and_never_computed(tmp_path: Path) -> None:
    path = tmp_path / "a.xlsx"
    with xlsxwriter.Workbook(path) as book:
        sheet = book.add_worksheet()
        sheet.write_row(0, 0, ["ISBN", "Title"])
        sheet.write_string(1, 0, "9780141439518")
        sheet.write_formula(1, 1, '=HYPERLINK("http://x","y")', None, "Pride")
    assert [row.fields["title"] for row in read(path)] == ["Pride"]


def an_entity_that_grows(folder: Path) -> Path:
    bomb = "".join(f'<!ENTITY e{n} "{f"&e{n - 1};" * 10 if n else "x" * 10}">' for n in range(12))
    path = folder / "a.ods"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as packed:
        packed.writestr("mimetype", ODS)
        content = CONTENT.format(ods_row("ISBN", "Title") + ods_row("9780141439518", "&e11;"))
        packed.writestr("content.xml", content.replace("?>", f"?><!DOCTYPE x [{bomb}]>", 1))
    return path


def test_an_entity_that_grows_is_not_followed(tmp_path: Path) -> None:
    tracemalloc.start()
    started = time.monotonic()
    with suppress(Refused):
        assert all(len(text) < 1_000 for row in read(an_entity_that_grows(tmp_path)) for text in row.fields.values())
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert (time.monotonic() - started < 10, peak < 20_000_000) == (True, True)


def cut_short(folder: Path) -> Path:
    path = excel(folder / "a.xlsx", ["ISBN", "Title"], ["9780141439518", "Pride"])
    path.write_bytes(path.read_bytes()[:-200])
    return path


def no_sheet(folder: Path) -> Path:
    path = folder / "a.xlsx"
    with zipfile.ZipFile(path, "w") as packed:
        packed.writestr("readme.txt", "nothing")
    return path


def unpacks_to_far_too_much(folder: Path) -> Path:
    path = excel(folder / "a.xlsx", ["ISBN", "Title"], ["9780141439518", "Pride"])
    with zipfile.ZipFile(path, "a", zipfile.ZIP_DEFLATED, compresslevel=9) as packed, packed.open("x.xml", "w") as out:
        for _ in range(51):
            out.write(b" " * 1_000_000)
    return path


def one_cell_far_away(folder: Path) -> Path:
    path = folder / "a.xlsx"
    with xlsxwriter.Workbook(path) as book:
        sheet = book.add_worksheet()
        sheet.write(0, 0, "ISBN")
        sheet.write(1_048_575, 16_383, "far away")
    return path


def one_row_that_is_a_million(folder: Path) -> Path:
    cell = '<table:table-cell table:number-columns-repeated="16384" office:value-type="string"><text:p>x</text:p>'
    repeated = f'<table:table-row table:number-rows-repeated="1048576">{cell}</table:table-cell></table:table-row>'
    return open_document(folder / "a.ods", repeated)


def an_old_one_that_is_damaged(folder: Path) -> Path:
    path = folder / "a.xls"
    path.write_bytes((DATA / "books.xls").read_bytes()[:2_000])
    return path


@pytest.mark.parametrize(
    ("make", "reason"),
    [
        (cut_short, "no whole spreadsheet"),
        (no_sheet, "no whole spreadsheet"),
        (unpacks_to_far_too_much, "50 MB"),
        (one_cell_far_away, "cells"),
        (one_row_that_is_a_million, "cells"),
        (an_old_one_that_is_damaged, "no whole spreadsheet"),
    ],
)
def test_what_is_no_sheet_or_far_too_large_is_refused(
    tmp_path: Path, make: Callable[[Path], Path], reason: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(excel_books, "MOST_BYTES", 50_000_000)
    with pytest.raises(Refused, match=r"import\.unreadable") as refused:
        read(make(tmp_path))
    assert reason in refused.value.params["reason"]


def test_a_sheet_as_large_as_a_real_catalogue_is_within_the_limits() -> None:
    assert excel_books.MOST_CELLS > 1_000_000 * 16


def test_a_code_wrapped_as_a_formula_is_read_as_the_code(tmp_path: Path) -> None:
    path = tmp_path / "goodreads.xlsx"
    with xlsxwriter.Workbook(path) as book:
        sheet = book.add_worksheet()
        sheet.write_row(0, 0, ["ISBN", "Title"])
        sheet.write_string(1, 0, '="1250809061"')
        sheet.write_string(1, 1, "Wool")
    assert [row.fields["isbn"] for row in read_sheet(path)] == ["1250809061"]


def test_errors_and_formulas_that_were_never_computed_are_no_empty_cells(tmp_path: Path) -> None:
    path = tmp_path / "prices.xlsx"
    with xlsxwriter.Workbook(path) as book:
        sheet = book.add_worksheet()
        sheet.write_row(1, 1, ["isbn", "title", "price"])
        for row, isbn in enumerate(["9780141439518", "9780141439587", "9780593318171", "9780439023481"], start=2):
            sheet.write_row(row, 1, [isbn, "A title"])
        sheet.write_formula(2, 3, "=1/0", None, "#DIV/0!")
        sheet.write_formula(3, 3, "=1+1", None, "")
        sheet.write_formula(4, 3, "=1+1", None, 2)
    rows = list(read_sheet(path))
    said = "its price is an error in the sheet, or a formula that was never computed"
    assert [row.fault for row in rows] == [said, said, None, None]
    assert [row.line for row in rows] == [3, 4, 5, 6]
    assert rows[2].fields["price"] == "2"


def test_a_sheet_that_names_no_columns_is_read_by_their_numbers(tmp_path: Path) -> None:
    path = excel(tmp_path / "a.xlsx", [], [9780141439518, "Pride", 8.99], [9780141439587, "Emma", 7.99])
    found = table_columns(path)
    assert found == TableColumns(
        ["Column 1", "Column 2", "Column 3"], {"isbn": "Column 1"}, ["9780141439518", "Pride", "8.99"]
    )
    rows = list(read_sheet(path, columns={"isbn": "Column 1", "title": "Column 2"}))
    assert [(row.line, row.fields["title"]) for row in rows] == [(2, "Pride"), (3, "Emma")]


def test_a_damaged_sheet_is_told_in_plain_words(tmp_path: Path) -> None:
    path = tmp_path / "a.xlsx"
    path.write_bytes(b"PK\x03\x04 no sheet")
    with pytest.raises(Refused) as refusal:
        read(path)
    assert "open it in a spreadsheet program" in str(refusal.value.params["reason"])
