"""Files of books as spreadsheets, suppliers and accidents leave them."""

import gzip
import time
import tracemalloc
from pathlib import Path

import pytest

from pos_app.errors import Refused
from pos_app.exchange import book_table
from pos_app.exchange.book_file import TableColumns, table_columns
from pos_app.exchange.csv_books import MAX_FIELD, MAX_LINE, CsvRow, places_of, read_books

HEAD = "isbn,title,author,price\n"
PRIDE = "9780141439518,Pride and Prejudice,Jane Austen,8.99\n"
EMMA = "9780141439587,Emma,Jane Austen,7.99\n"


def read(tmp_path: Path, content: str | bytes, name: str = "books.csv") -> list[CsvRow]:
    path = tmp_path / name
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return list(read_books(path))


def titles(rows: list[CsvRow]) -> list[str]:
    return [row.fields["title"] for row in rows if row.fault is None]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
def test_a_file_is_read_in_the_encoding_it_is_written_in(tmp_path: Path, encoding: str) -> None:
    (row,) = read(tmp_path, (HEAD + "9782070612758,Le Petit Prince – édition,Saint-Exupéry,€9\n").encode(encoding))
    assert row.fields["title"] == "Le Petit Prince – édition"
    assert row.fields["author"] == "Saint-Exupéry"


def test_a_line_pasted_in_another_encoding_does_not_spoil_the_others(tmp_path: Path) -> None:
    utf8 = "9782070612758,Édition,Saint-Exupéry,9\n"
    rows = read(tmp_path, HEAD.encode() + utf8.encode() * 20_000 + utf8.encode("cp1252") + utf8.encode())
    assert set(titles(rows)) == {"Édition"}


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|", "~", "#", "/", "!", "*", "§", "¦"])
def test_columns_may_be_parted_by_what_the_first_line_shows(tmp_path: Path, delimiter: str) -> None:
    (row,) = read(tmp_path, (HEAD + PRIDE).replace(",", delimiter))
    assert row.fields == {
        "isbn": "9780141439518",
        "title": "Pride and Prejudice",
        "author": "Jane Austen",
        "price": "8.99",
    }


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_lines_may_end_in_any_way(tmp_path: Path, end: str) -> None:
    assert len(read(tmp_path, (HEAD + PRIDE + EMMA).replace("\n", end))) == 2


def test_the_columns_of_goodbooks_are_known_and_its_rounded_isbn13_is_not_believed(tmp_path: Path) -> None:
    head = "book_id,isbn,isbn13,authors,original_publication_year,original_title,title,language_code\n"
    (row,) = read(tmp_path, head + '1,439023483,9.78043902348e+12,Suzanne Collins,2008.0,x,"The Hunger Games",eng\n')
    assert row.fields == {
        "isbn": "439023483",
        # Kept beside it, to see whether it says another one.
        "isbn13": "9.78043902348e+12",
        "title": "The Hunger Games",
        "author": "Suzanne Collins",
        "published_on": "2008.0",
        "language": "eng",
    }


def test_a_packed_file_is_read_as_it_is(tmp_path: Path) -> None:
    assert titles(read(tmp_path, gzip.compress((HEAD + PRIDE).encode()), "books.csv.gz")) == ["Pride and Prejudice"]


def test_a_quoted_field_may_run_over_lines_and_rows_keep_the_number_of_their_first(tmp_path: Path) -> None:
    rows = read(tmp_path, HEAD + '9780141439518,"Pride\nand, ""Prejudice""",Jane Austen,8.99\n\n' + EMMA)
    assert [(row.line, row.fields["title"]) for row in rows] == [(2, 'Pride\nand, "Prejudice"'), (5, "Emma")]


def test_a_quotation_mark_that_never_closes_costs_its_own_row_only(tmp_path: Path) -> None:
    rows = read(tmp_path, HEAD + PRIDE + '9780593318171,"Klara and the Sun,Kazuo Ishiguro,16.95\n' + EMMA * 3)
    assert [(row.line, row.fault) for row in rows if row.fault] == [(3, "its quotation marks do not match")]
    assert titles(rows) == ["Pride and Prejudice", "Emma", "Emma", "Emma"]
    assert "Klara" in rows[1].fields["title"]


def test_two_quotation_marks_that_do_not_belong_together_cost_two_rows(tmp_path: Path) -> None:
    odd = '9780593318171,"Klara and the Sun,Kazuo Ishiguro,16.95\n'
    rows = read(tmp_path, HEAD + odd + EMMA + odd + PRIDE)
    assert [row.line for row in rows if row.fault] == [2, 4]
    assert titles(rows) == ["Emma", "Pride and Prejudice"]


def test_a_file_full_of_odd_quotation_marks_is_read_to_the_end(tmp_path: Path) -> None:
    rows = read(tmp_path, HEAD + '1,"x,y,2\n' * 2_000)
    assert [row.line for row in rows] == list(range(2, 2_002))
    assert all(row.fault for row in rows)


@pytest.mark.parametrize(
    ("line", "fault"),
    [
        ("9780593318171,Klara\n", "it has fewer columns than the first line"),
        ("9780593318171,Klara, and the Sun,Kazuo Ishiguro,16.95\n", "it has more columns than the first line"),
        ("9780593318171,Kla\0ra,Kazuo Ishiguro,16.95\n", "the line has NUL characters in it"),
        (f"9780593318171,{'x' * (MAX_FIELD + 1)},,\n", f"a field is longer than {MAX_FIELD:,} characters"),
        (f"9780593318171,{'x' * (3 * MAX_LINE)},,\n", f"the line is longer than {MAX_LINE:,} characters"),
        (f'9780593318171,"{"x" * (3 * MAX_LINE)},,\n', f"the line is longer than {MAX_LINE:,} characters"),
    ],
)
def test_a_row_that_cannot_be_read_says_why_and_stops_no_other(tmp_path: Path, line: str, fault: str) -> None:
    rows = read(tmp_path, HEAD + PRIDE + line + EMMA)
    assert [row.fault for row in rows] == [None, fault, None]
    assert rows[1].line == 3
    assert titles(rows) == ["Pride and Prejudice", "Emma"]


def test_a_line_of_hundreds_of_megabytes_is_told_in_little_time_and_memory(tmp_path: Path) -> None:
    path = tmp_path / "huge.csv.gz"
    packed = gzip.compress(b"x" * 10_000_000, 1)
    with path.open("wb") as file:
        file.write(gzip.compress((HEAD + PRIDE).encode()))
        # A packed file may have many parts: these make one line.
        file.writelines(packed for _ in range(30))
        file.write(gzip.compress(("\n" + EMMA).encode()))
    tracemalloc.start()
    started = time.monotonic()
    rows = list(read_books(path))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert [row.fault for row in rows] == [None, f"the line is longer than {MAX_LINE:,} characters", None]
    assert time.monotonic() - started < 30
    assert peak < 20_000_000


def test_empty_columns_to_the_right_do_no_harm(tmp_path: Path) -> None:
    assert titles(read(tmp_path, HEAD + PRIDE.replace("\n", ",,,\n"))) == ["Pride and Prejudice"]


@pytest.mark.parametrize("content", [b"", b"\n", b"\0" * 100, b"\x89PNG\r\n\x1a\n", b"price,stock\n1,2\n", b"\xff\xfe"])
def test_a_file_that_holds_no_books_is_refused(tmp_path: Path, content: bytes) -> None:
    with pytest.raises(Refused, match=r"import\.no_columns"):
        read(tmp_path, content)


@pytest.mark.parametrize(
    "spoil", [lambda packed: packed[:-20], lambda packed: packed[:200] + b"\0" * 50 + packed[250:]]
)
def test_a_packed_file_that_is_damaged_is_refused(tmp_path: Path, spoil: "type[bytes]") -> None:
    packed = gzip.compress("".join([HEAD, *(f"{n},{n * 7919},x,1\n" for n in range(500))]).encode())
    with pytest.raises(Refused, match=r"import\.unreadable"):
        read(tmp_path, spoil(packed), "books.csv.gz")


def test_a_missing_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(Refused, match=r"import\.unreadable"):
        list(read_books(tmp_path / "none.csv"))


@pytest.mark.parametrize("cell", ['="1250809061"', '"=""1250809061"""', '"1250809061"', '="1250809061" '])
def test_a_code_wrapped_as_a_formula_is_read_as_the_code(tmp_path: Path, cell: str) -> None:
    (row,) = read(tmp_path, f"isbn,title\n{cell},Wool\n")
    assert row.fields["isbn"] == "1250809061"
    (row,) = read(tmp_path, 'isbn,title\n="",Wool\n')
    assert row.fields["isbn"] == ""


@pytest.mark.parametrize("separator", [",", ";", "\t", "|", "^", ":", "~"])
def test_excels_line_of_the_separator_is_no_head(tmp_path: Path, separator: str) -> None:
    assert titles(read(tmp_path, f"sep={separator}\n" + (HEAD + PRIDE).replace(",", separator))) == [
        "Pride and Prejudice"
    ]
    assert titles(read(tmp_path, (HEAD + PRIDE).replace(",", separator))) == ["Pride and Prejudice"]


def test_a_sign_that_parts_nothing_known_is_no_separator(tmp_path: Path) -> None:
    # Two known names are enough for the usual sign, and one for none.
    (row,) = read(tmp_path, "isbn;title;price/name/cost\n9780141439518;Pride;x\n")
    assert row.fields == {"isbn": "9780141439518", "title": "Pride"}
    (row,) = read(tmp_path, "isbn\n9780141439518\n")
    assert row.fields == {"isbn": "9780141439518"}
    with pytest.raises(Refused, match=r"import\.no_columns"):
        read(tmp_path, "isbn/number\n9780141439518/1\n")
    (row,) = read(tmp_path, 'isbn~"the, title"~title~price\n9780141439518~x~"Pride ~ Prejudice"~8,99\n')
    assert row.fields == {"isbn": "9780141439518", "title": "Pride ~ Prejudice", "price": "8,99"}


def test_separators_in_quotation_marks_part_nothing(tmp_path: Path) -> None:
    (row,) = read(tmp_path, 'isbn;title;"note, a, b, c, d"\n9780141439518;Pride and Prejudice;x\n')
    assert row.fields["isbn"] == "9780141439518"


def test_blank_lines_above_the_head_are_passed_over(tmp_path: Path) -> None:
    (row,) = read(tmp_path, "\n  \r\n" * 30 + HEAD + PRIDE)
    assert (row.line, row.fields["title"]) == (62, "Pride and Prejudice")


@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be"])
def test_utf_16_without_its_mark_is_recognised(tmp_path: Path, encoding: str) -> None:
    (row,) = read(tmp_path, (HEAD + "9782070612758,Édition – Ω,Saint-Exupéry,9\n").encode(encoding))
    assert (row.fault, row.fields["title"]) == (None, "Édition – Ω")


UNNAMED = "9780141439518;Pride and Prejudice;8.99\n9780141439587;Emma;7.99\n"
PLACES = {"isbn": "Column 1", "title": "Column 2", "price": "Column 3"}


@pytest.mark.parametrize("first", ["", "sep=;\n", "\n"])
def test_a_file_that_names_no_columns_is_read_by_their_numbers(tmp_path: Path, first: str) -> None:
    path = tmp_path / "books.csv"
    path.write_text(first + UNNAMED, encoding="utf-8")
    found = table_columns(path)
    assert found == TableColumns(
        ["Column 1", "Column 2", "Column 3"], {"isbn": "Column 1"}, ["9780141439518", "Pride and Prejudice", "8.99"]
    )
    rows = list(read_books(path, columns=PLACES))
    assert [(row.fields["isbn"], row.fields["price"]) for row in rows] == [
        ("9780141439518", "8.99"),
        ("9780141439587", "7.99"),
    ]
    assert rows[0].line == len(first.splitlines()) + 1


@pytest.mark.parametrize("head", ["EAN;2019;2020", "Artikel;Bezeichnung;12345", "isbn;9780141439518;x"])
def test_a_first_line_without_a_code_or_with_a_known_name_names_the_columns(tmp_path: Path, head: str) -> None:
    path = tmp_path / "books.csv"
    path.write_text(f"{head}\n9780141439518;a;b\n", encoding="utf-8")
    found = table_columns(path)
    assert found is not None
    assert (found.names, found.first) == (head.split(";"), [])


@pytest.mark.parametrize("cell", ["0-14-143951-3", "9780141439518.0", "9.78014E+12", '="9780141439518"', "014143951X"])
def test_a_code_is_known_however_it_is_written(tmp_path: Path, cell: str) -> None:
    path = tmp_path / "books.csv"
    path.write_text(f"{cell},Pride and Prejudice\n", encoding="utf-8")
    found = table_columns(path)
    assert found is not None
    assert found.names == ["Column 1", "Column 2"]


def test_a_damaged_packed_file_is_told_in_plain_words(tmp_path: Path) -> None:
    path = tmp_path / "books.csv.gz"
    packed = gzip.compress((HEAD + PRIDE * 500).encode())
    for content, reason in (
        (packed[:60], "it ends before its end"),
        (packed[:12] + b"\xff" * 30 + packed[42:], "it is damaged where it is packed"),
    ):
        path.write_bytes(content)
        with pytest.raises(Refused) as refusal:
            list(read_books(path))
        assert str(refusal.value.params["reason"]).startswith(reason)


@pytest.mark.parametrize("name", [*book_table.HEAD, *book_table.ALSO])
def test_what_an_export_calls_its_columns_is_taken_and_stands_in_the_guide(name: str) -> None:
    taken = places_of([name])
    # What was sold is a sum of sales, and no file's to say.
    assert len(taken) == (name != "sold")
    # Either name means the same.
    assert taken == places_of([book_table.ALSO.get(name, name)])
    guide = (Path(__file__).parents[2] / "docs/user-guide/manager.md").read_text("utf-8")
    assert f"`{name}`" in guide
