"""What rows of files say of titles, as spreadsheets leave them."""

import pytest

from pos_app.domain.money import currency
from pos_app.errors import Refused
from pos_app.exchange.csv_books import CsvRow
from pos_app.messages import sentence
from pos_app.services.book_import_row import NewBook, understand

KLARA = "9780593318171"


def read(**fields: str) -> NewBook:
    return understand(CsvRow(2, {"isbn": KLARA, "title": "Klara and the Sun"} | fields, 0), currency("GBP"))


@pytest.mark.parametrize("isbn", ["9780593318171.0", "9.780593318171E+12", "9.780593318171e12", "9,780593318171E+12"])
def test_a_number_that_lost_nothing_is_read_as_the_isbn(isbn: str) -> None:
    assert read(isbn=isbn).isbn == KLARA


@pytest.mark.parametrize("isbn", ["9.78059331817E+12", "9.78059E+12", "9E+12"])
def test_a_rounded_number_is_refused_as_rounded(isbn: str) -> None:
    with pytest.raises(Refused, match=r"import\.rounded"):
        read(isbn=isbn)


@pytest.mark.parametrize("isbn", ["9780593318171.5", "97805E", "9780593318170.0"])
def test_other_numbers_are_no_isbn(isbn: str) -> None:
    with pytest.raises(Refused, match=r"isbn\."):
        read(isbn=isbn)


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("2021", "2021"),
        ("2021.0", "2021"),
        ("2021-02-28", "2021-02-28"),
        ("-750", "-0750"),
        ("2024-02-29", "2024-02-29"),
    ],
)
def test_a_date_is_kept_as_far_as_it_is_known(text: str, day: str) -> None:
    row = read(published_on=text)
    assert (row.fields["published_on"], row.note) == (day, "")


@pytest.mark.parametrize("text", ["soon", "2021-13", "2021-02-29", "03/04/2021", "2021-00-00"])
def test_a_date_that_cannot_be_read_is_told_and_takes_none_away(text: str) -> None:
    row = read(published_on=text)
    assert "published_on" not in row.fields
    assert row.note == f"Its date of publication, “{text}”, cannot be read: left out."


def test_what_is_cut_is_told() -> None:
    row = read(series_number="the twenty-first of them all", publisher="P" * 300)
    assert (row.fields["series_number"], len(row.fields["publisher"])) == ("the twenty-first of ", 255)
    assert row.note == "Its publisher is cut after 255 characters. Its series number is cut after 20 characters."


def test_a_row_with_an_isbn_may_do_without_a_title() -> None:
    row = read(title="", price="8.99")
    assert (row.fields, row.can_be_new) == ({"price": 899}, False)


def test_what_has_neither_isbn_nor_title_is_refused() -> None:
    with pytest.raises(Refused, match=r"import\.row") as refused:
        read(isbn="", title="", kind="other")
    assert refused.value.params["reason"] == "it has neither an ISBN nor a title"


def test_a_title_that_is_too_long_is_refused_as_that() -> None:
    with pytest.raises(Refused, match=r"import\.title"):
        read(title="x" * 256)


@pytest.mark.parametrize(
    ("isbn", "beside", "found"),
    [
        # Of goodbooks, as a spreadsheet left them.
        ("385535144", "9.78038553514e+12", "9780385535144"),
        ("1416913184", "9.78141691318e+12", "9781416913184"),
        ("152061548", "", "9780152061548"),
        ("9380658797", "97893806587.0", "9789380658797"),
        ("61707803", "9.7800617078e+12", "9780061707803"),
        ("385535144", "9780385535144", "9780385535144"),
    ],
)
def test_a_number_that_lost_its_978_is_read_and_said(isbn: str, beside: str, found: str) -> None:
    book = read(isbn=isbn, isbn13=beside)
    assert book.isbn == found
    assert book.note == f"Its ISBN is read as {found}: {isbn} is one that lost the 978 at its beginning."


@pytest.mark.parametrize(
    ("isbn", "beside"),
    [
        # The row says another number; too little to tell; no ISBN with 978 either.
        ("385535144", "9.78043902348e+12"),
        ("385535144", "9780439023481"),
        ("61707803", ""),
        ("7203116", "9.78e+12"),
        ("812971060", "9.78081297106e+12"),
    ],
)
def test_a_number_that_may_be_another_is_not_repaired(isbn: str, beside: str) -> None:
    with pytest.raises(Refused, match=r"isbn\.check_digit"):
        read(isbn=isbn, isbn13=beside)


def test_one_that_lost_only_zeros_is_an_isbn_of_ten_digits_first() -> None:
    book = read(isbn="439023483", isbn13="9.78043902348e+12")
    assert (book.isbn, book.note) == ("9780439023481", "")


def test_thirteen_digits_that_stand_alone_are_taken_or_told_as_rounded() -> None:
    assert read(isbn="", isbn13="9780439023481").isbn == "9780439023481"
    with pytest.raises(Refused, match=r"import\.rounded") as refused:
        read(isbn="", isbn13="9.78125E+12")
    said = sentence(refused.value)
    assert "9.78125E+12 was rounded by a spreadsheet" in said
    assert "make the column text, or a number without decimals, and save it again" in said
