"""What rows of files say of titles, as spreadsheets leave them."""

import pytest

from pos_app.domain.money import currency
from pos_app.errors import Refused
from pos_app.exchange.csv_books import CsvRow
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
