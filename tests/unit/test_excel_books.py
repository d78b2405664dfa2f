"""Books in spreadsheets: what cells say, and files that are no sheets or far too large ones."""

import struct
import subprocess
import sys
import time
import tracemalloc
import zipfile
from collections.abc import Callable, Iterable
from contextlib import suppress
from datetime import UTC, date, datetime
from itertools import repeat
from pathlib import Path

import pytest
import xlsxwriter

from pos_app.errors import Refused
from pos_app.exchange import sheet_part, xls_rows, xlsx_rows
from pos_app.exchange.book_file import TableColumns, read_book_file, table_columns
from pos_app.exchange.book_table import HEAD
from pos_app.exchange.csv_books import CsvRow
from pos_app.exchange.excel_books import read_sheet
from pos_app.exchange.retail_price import Market
from tests.sheets import CONTENT, ODS, ods_row, old, old_cell, open_document, record

DATA = Path(__file__).parents[1] / "data" / "sheets"


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


MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
BOOK = f"""<workbook xmlns="{MAIN}"
 xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships">
 <sheets><sheet name="a" sheetId="1" r:id="rId1"/></sheets></workbook>"""
RELATIONS = """<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">
 <Relationship Id="rId1" Target="worksheets/sheet1.xml" Type="http://x/relationships/worksheet"/>
 <Relationship Id="rId2" Target="/xl/sharedStrings.xml" Type="http://x/relationships/sharedStrings"/>
 <Relationship Id="rId3" Target="styles.xml" Type="http://x/relationships/styles"/></Relationships>"""


def excel_of(
    folder: Path, rows: Iterable[str], *, texts: Iterable[str] = (), styles: str = "", before: str = ""
) -> Path:
    """Write a sheet by its XML, as programs and attackers other than Excel do."""
    path = folder / "a.xlsx"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as packed:
        packed.writestr("xl/workbook.xml", BOOK)
        packed.writestr("xl/_rels/workbook.xml.rels", RELATIONS)
        packed.writestr("xl/styles.xml", f'<styleSheet xmlns="{MAIN}">{styles}</styleSheet>')
        with packed.open("xl/sharedStrings.xml", "w") as part:
            part.write(f'<sst xmlns="{MAIN}">'.encode())
            part.writelines(f"<si>{text}</si>".encode() for text in texts)
            part.write(b"</sst>")
        with packed.open("xl/worksheets/sheet1.xml", "w") as part:
            part.write(f'{before}<worksheet xmlns="{MAIN}"><sheetData>'.encode())
            part.writelines(row.encode() for row in rows)
            part.write(b"</sheetData></worksheet>")
    return path


def inline(*texts: str) -> str:
    return "<row>" + "".join(f'<c t="inlineStr"><is><t>{text}</t></is></c>' for text in texts) + "</row>"


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
    """Much, and nothing in it: each row is an honest one.

    Not of the real size: 2 GB take a quarter of a minute to write and to read. Tried by hand, they end like these.
    """
    return excel_of(folder, [inline("isbn"), *repeat("<row><c><v>1</v></c>" + " " * 100_000 + "</row>", 510)])


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
        (one_row_that_is_a_million, "cells"),
        (an_old_one_that_is_damaged, "no whole spreadsheet"),
    ],
)
def test_what_is_no_sheet_or_far_too_large_is_refused(
    tmp_path: Path, make: Callable[[Path], Path], reason: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sheet_part, "MOST_BYTES", 50_000_000)
    with pytest.raises(Refused, match=r"import\.unreadable") as refused:
        read(make(tmp_path))
    assert reason in refused.value.params["reason"]


def test_a_sheet_as_large_as_a_real_catalogue_is_within_the_limits() -> None:
    assert 1_000_000 * len(HEAD) < sheet_part.MOST_CELLS


def test_a_cell_far_away_takes_no_room(tmp_path: Path) -> None:
    path = tmp_path / "a.xlsx"
    with xlsxwriter.Workbook(path) as book:
        sheet = book.add_worksheet()
        sheet.write(0, 0, "ISBN")
        sheet.write(1_048_575, 16_383, "far away")
    assert [(row.line, row.fields) for row in read(path)] == [(1_048_576, {"isbn": ""})]


def test_what_excel_and_other_programs_write_in_cells_is_read(tmp_path: Path) -> None:
    texts = [
        "<t>isbn</t>",
        "<r><t>Pr</t></r><r><rPr><b/></rPr><t>ide</t></r><rPh sb='0' eb='1'><t>spoken</t></rPh>",
        "<t>a_x000D_b_xD800_</t>",
    ]
    formats = '<numFmts><numFmt numFmtId="164" formatCode="[$-409]d\\. mmm yyyy"/>'
    formats += '<numFmt numFmtId="165" formatCode="0.00 &quot;days&quot;"/></numFmts>'
    styles = (
        formats + '<cellXfs><xf numFmtId="0"/><xf numFmtId="14"/><xf numFmtId="164"/><xf numFmtId="165"/></cellXfs>'
    )
    head = ["title", "author", "published_on", "price", "series", "shelf", "active", "reorder_at"]
    rows = [
        '<row r="3"><c r="B3" t="s"><v>0</v></c>'
        + "".join(f'<c t="str"><v>{name}</v></c>' for name in head)
        + "</row>",
        (
            '<row r="5"><c r="B5"><v>9.780141439518E12</v></c><c t="s"><v>1</v></c><c t="s"><v>2</v></c>'
            '<c s="1"><v>40577</v></c><c s="3"><v>9.5</v></c><c s="2"><v>59</v></c><c t="d"><v>2011-02-03T00:00:00</v></c>'
            '<c t="b"><v>1</v></c><c><f>1+1</f><v>2</v></c></row>'
        ),
    ]
    (row,) = read(excel_of(tmp_path, rows, texts=texts, styles=styles))
    assert row.line == 5
    assert row.fields == {
        "isbn": "9780141439518",
        "title": "Pride",
        "author": "a\rb",
        "published_on": "2011-02-03",
        "price": "9.5",
        "series": "1900-02-28",
        "shelf": "2011-02-03",
        "active": "True",
        "reorder_at": "2",
    }


MEASURED = """
import resource, sys
from datetime import date
from pathlib import Path
from pos_app.errors import Refused
from pos_app.exchange.book_file import read_book_file
from pos_app.exchange.retail_price import Market
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
count, said = 0, ""
try:
    for row in read_book_file(Path(sys.argv[1]), Market("GBP", with_tax=True, country="GB", today=date(2026, 1, 1))):
        count += 1
except Refused as refused:
    said = refused.params["reason"]
print(count, (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) // 1024, said)
"""


def measured(path: Path) -> tuple[int, int, str]:
    """Read a file in a process of its own: how many rows it gave, how many MB that took, and why it ended."""
    if sys.platform != "linux":
        pytest.skip("what a process took at most is told in other ways here")
    done = subprocess.run([sys.executable, "-c", MEASURED, str(path)], capture_output=True, text=True, check=True)
    count, megabytes, said = done.stdout.strip("\n").split(" ", 2)
    return int(count), int(megabytes), said


def a_large_one(folder: Path) -> Path:
    texts = (f"<t>The title of the book numbered {number}, as it stands on its cover</t>" for number in range(60_000))
    cells = "".join(f"<c><v>{number}</v></c>" for number in range(13))
    rows = (f'<row><c><v>{number}</v></c><c t="s"><v>{number}</v></c>{cells}</row>' for number in range(60_000))
    return excel_of(folder, (part for more in ([inline("isbn", "title")], rows) for part in more), texts=texts)


def a_text_in_every_cell(folder: Path) -> Path:
    texts = (f"<t>{'x' * 30_000}{number}</t>" for number in range(20))
    cells = "".join(f'<c t="s"><v>{number}</v></c>' for number in range(20))
    return excel_of(folder, [inline("isbn", "title"), *repeat(f"<row>{cells}</row>", 2_000)], texts=texts)


def a_document_of_repeated_rows(folder: Path) -> Path:
    wide = '<table:table-row table:number-rows-repeated="2000"><table:table-cell table:number-columns-repeated="9000" '
    wide += 'office:value-type="string"><text:p>x</text:p></table:table-cell></table:table-row>'
    return open_document(folder / "a.ods", ods_row("isbn", "title") + wide)


@pytest.mark.parametrize("make", [a_large_one, a_text_in_every_cell, a_document_of_repeated_rows])
def test_how_large_a_sheet_is_costs_no_memory(tmp_path: Path, make: Callable[[Path], Path]) -> None:
    # Held whole, each of them is more than 60 MB.
    count, megabytes, said = measured(make(tmp_path))
    assert (count >= 2_000, said) == (True, "")
    assert megabytes < 20


def declared_entities(folder: Path) -> Path:
    bomb = "".join(f'<!ENTITY e{n} "{f"&e{n - 1};" * 10 if n else "x" * 10}">' for n in range(12))
    return excel_of(
        folder, [inline("isbn", "title"), inline("9780141439518", "&e11;")], before=f"<!DOCTYPE x [{bomb}]>"
    )


def an_entity_from_outside(folder: Path) -> Path:
    (folder / "secret.txt").write_text("secret", encoding="utf-8")
    outside = f'<!DOCTYPE x [<!ENTITY e SYSTEM "{(folder / "secret.txt").as_uri()}">]>'
    return excel_of(folder, [inline("isbn", "title"), inline("9780141439518", "&e;")], before=outside)


def an_entity_from_outside_in_a_document(folder: Path) -> Path:
    (folder / "secret.txt").write_text("secret", encoding="utf-8")
    path = folder / "a.ods"
    with zipfile.ZipFile(path, "w") as packed:
        outside = f'?><!DOCTYPE x [<!ENTITY e SYSTEM "{(folder / "secret.txt").as_uri()}">]>'
        content = CONTENT.format(ods_row("ISBN", "Title") + ods_row("9780141439518", "&e;"))
        packed.writestr("content.xml", content.replace("?>", outside, 1))
    return path


def entities_in_shared_texts(folder: Path) -> Path:
    path = excel_of(folder, [inline("isbn", "title")])
    with zipfile.ZipFile(path) as packed:
        parts = {name: packed.read(name) for name in packed.namelist()}
    parts["xl/sharedStrings.xml"] = b'<!DOCTYPE x [<!ENTITY e "x">]><sst><si><t>&e;</t></si></sst>'
    with zipfile.ZipFile(path, "w") as packed:
        for name, data in parts.items():
            packed.writestr(name, data)
    return path


def more_names_than_there_are(folder: Path) -> Path:
    return excel_of(folder, (f'<row b{number}=""/>' for number in range(300_000)))


def a_comment_without_an_end(folder: Path) -> Path:
    return excel_of(folder, ["<!--", *repeat("x" * 1_000_000, 100)])


def a_row_without_an_end(folder: Path) -> Path:
    return excel_of(folder, ["<row>", *repeat("<c/>" * 100_000, 200)])


def elements_inside_of_each_other(folder: Path) -> Path:
    return excel_of(folder, ["<row>", *repeat("<c>" * 100_000, 100)])


def blanks_before_the_first_row(folder: Path) -> Path:
    return excel_of(folder, repeat(" " * 1_000_000, 100))


def a_heap_of_parts(folder: Path) -> Path:
    path = folder / "a.xlsx"
    with zipfile.ZipFile(path, "w") as packed:
        for number in range(60_000):
            packed.writestr(f"{number:0100}", b"")
    return path


@pytest.mark.parametrize(
    ("make", "reason"),
    [
        (an_entity_that_grows, "declares entities"),
        (declared_entities, "declares entities"),
        (an_entity_from_outside, "declares entities"),
        (an_entity_from_outside_in_a_document, "declares entities"),
        (entities_in_shared_texts, "declares entities"),
        (more_names_than_there_are, "more names"),
        (a_comment_without_an_end, "tag or comment"),
        (a_row_without_an_end, "a row or a text"),
        (elements_inside_of_each_other, "a row or a text"),
        (blanks_before_the_first_row, "a row or a text"),
        (a_heap_of_parts, "heap of more files"),
    ],
)
def test_an_attack_ends_soon_in_little_memory(tmp_path: Path, make: Callable[[Path], Path], reason: str) -> None:
    path, started = make(tmp_path), time.monotonic()
    count, megabytes, said = measured(path)
    assert (count, reason in said) == (0, True), said
    assert (megabytes < 100, time.monotonic() - started < 60) == (True, True)


def test_too_many_cells_and_texts_are_told_with_what_to_do(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(xlsx_rows, "MOST_CELLS", 1_000)
    path = excel_of(tmp_path, [inline("isbn", "title"), *repeat(inline("9780141439518", "Pride"), 400)])
    with pytest.raises(Refused) as refused:
        read(path)
    assert "save it as CSV" in refused.value.params["reason"]
    monkeypatch.setattr(xlsx_rows, "MOST_TEXTS", 10)
    with pytest.raises(Refused) as refused:
        read(excel_of(tmp_path, [inline("isbn")], texts=repeat("<t>x</t>", 12)))
    assert "different texts: save it as CSV" in refused.value.params["reason"]


def test_one_text_that_all_cells_share_is_not_read_for_ever(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(xlsx_rows, "MOST_BYTES", 5_000_000)
    monkeypatch.setattr(sheet_part, "MOST_BYTES", 5_000_000)
    path = excel_of(
        tmp_path, [inline("isbn"), *repeat('<row><c t="s"><v>0</v></c></row>', 100)], texts=[f"<t>{'x' * 90_000}</t>"]
    )
    with pytest.raises(Refused) as refused:
        read(path)
    assert refused.value.params["reason"] == "it unpacks to more than 5 MB"


def test_a_row_of_more_letters_than_a_line_may_have_is_refused_alone(tmp_path: Path) -> None:
    texts = [f"<t>{'x' * 90_000}</t>"]
    long = "<row>" + '<c t="s"><v>0</v></c>' * 12 + "</row>"
    rows = read(excel_of(tmp_path, [inline("isbn", "title"), long, inline("9780141439518", "Pride")], texts=texts))
    assert [row.fault for row in rows] == ["the row is longer than 1,000,000 characters", None]


def test_the_binary_format_of_excel_is_told_from_others(tmp_path: Path) -> None:
    path = tmp_path / "a.xlsx"
    with zipfile.ZipFile(path, "w") as packed:
        packed.writestr("xl/workbook.bin", b"")
    with pytest.raises(Refused) as refused:
        read(path)
    assert "save it as xlsx" in refused.value.params["reason"]


def test_a_locked_document_is_told_so(tmp_path: Path) -> None:
    path = tmp_path / "a.ods"
    with zipfile.ZipFile(path, "w") as packed:
        packed.writestr("content.xml", b"\x8f\x00")
        packed.writestr("META-INF/manifest.xml", "<manifest:encryption-data/>")
    with pytest.raises(Refused) as refused:
        read(path)
    assert refused.value.params["reason"] == "a password protects it: save it without one"


def old_texts(*texts: str) -> bytes:
    whole = b"".join(struct.pack("<HB", len(text), 0) + text.encode() for text in texts)
    return record(0xFC, struct.pack("<II", len(texts), len(texts)) + whole)


ROW = old_cell(0, 0, "isbn") + old_cell(0, 1, "title") + old_cell(1, 0, "9780141439518") + old_cell(1, 1)


def test_the_old_format_as_its_records_tell(tmp_path: Path) -> None:
    rows = read(old(tmp_path, ROW, old_texts("Pride")))
    assert [row.fields for row in rows] == [{"isbn": "9780141439518", "title": "Pride"}]


def old_with_a_cell_far_away(folder: Path) -> Path:
    return old(folder, old_cell(0, 0, "isbn") + old_cell(65_535, 255, "x"))


def old_with_a_text_in_every_cell(folder: Path) -> Path:
    cells = b"".join(old_cell(row, column) for row in range(1, 1_000) for column in range(100))
    return old(folder, ROW + cells, old_texts("x" * 8_000))


def old_with_one_sheet_many_times(folder: Path) -> Path:
    return old(folder, b"".join(old_cell(row, 0, "9780141439518") for row in range(20_000)), sheets=250)


def old_that_states_a_size_of_its_own(folder: Path) -> Path:
    return old(folder, record(0x200, struct.pack("<IIHHH", 0, 0xFFFFFFFF, 0, 0xFFFF, 0)) + ROW)


def old_that_states_texts_of_its_own(folder: Path) -> Path:
    return old(folder, ROW, record(0xFC, struct.pack("<II", 0x7FFFFFFF, 0x7FFFFFFF)))


def old_with_macros(folder: Path) -> Path:
    return old(folder, ROW, also="_VBA_PROJECT_CUR")


@pytest.mark.parametrize(
    ("make", "reason"),
    [
        (old_with_a_cell_far_away, "larger than sheets of the old format are taken: save it as xlsx"),
        (old_with_a_text_in_every_cell, "larger than sheets of the old format are taken"),
        (old_with_one_sheet_many_times, "larger than sheets of the old format are taken"),
        (old_that_states_a_size_of_its_own, "says that it is larger"),
        (old_that_states_texts_of_its_own, "more texts than it can hold"),
        (old_with_macros, "macros"),
    ],
)
def test_the_old_format_is_weighed_before_it_is_opened(
    tmp_path: Path, make: Callable[[Path], Path], reason: str
) -> None:
    count, megabytes, said = measured(make(tmp_path))
    assert (count, reason in said) == (0, True), said
    assert megabytes < 60


def weighed(path: Path) -> int:
    stream = xls_rows._stream(path.read_bytes())  # noqa: SLF001 - what is weighed is what is to be measured
    assert stream is not None
    return 2 * path.stat().st_size + xls_rows._weight(stream)  # noqa: SLF001 - as above


def test_the_old_format_as_large_as_it_is_taken_stays_small(tmp_path: Path) -> None:
    # Weighed at just under what is let pass: what is weighed is not less than what it takes.
    cells = b"".join(old_cell(row, column, "" if row else "isbn") for row in range(15_000) for column in range(30))
    path = old(tmp_path, cells, old_texts("A text of a cell, as long as"))
    assert 0 < xls_rows.MOST_MEMORY - weighed(path) < 30_000_000
    count, megabytes, said = measured(path)
    assert (count, said) == (14_999, "")
    assert megabytes < 130


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
