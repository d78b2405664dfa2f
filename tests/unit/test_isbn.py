"""Codes: read in any usual form, and told what is wrong."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pos_app.domain.isbn import CodeKind, parse_code, repair_isbn, try_isbn13
from pos_app.errors import Refused
from pos_app.messages import sentence


@pytest.mark.parametrize(
    "text",
    [
        "9780141439518",
        "978-0-14-143951-8",
        " 978 0 14 143951 8 ",
        "0141439513",
        "0-14-143951-3",
        "978‑0‑14‑143951‑8",
        "19780141439515",
    ],
)
def test_one_book_in_all_its_forms(text: str) -> None:
    code = parse_code(text)
    assert (code.kind, code.value) == (CodeKind.ISBN, "9780141439518")


def test_an_isbn_10_with_x_and_a_979() -> None:
    assert parse_code("080442957X").value == "9780804429573"
    assert parse_code("080442957x").value == "9780804429573"
    assert parse_code("9791090636071").kind is CodeKind.ISBN


def test_an_add_on_is_kept_apart() -> None:
    code = parse_code("978014143951850999")
    assert (code.value, code.addon) == ("9780141439518", "50999")


def test_other_barcodes() -> None:
    assert parse_code("96385074").kind is CodeKind.EAN
    assert parse_code("5901234123457").kind is CodeKind.EAN
    assert parse_code("036000291452").value == "0036000291452"
    assert parse_code("SHELF-A1").kind is CodeKind.OTHER


def refused(text: str) -> Refused:
    with pytest.raises(Refused) as refusal:
        parse_code(text)
    return refusal.value


def test_a_wrong_check_digit_is_named_and_a_swap_is_found() -> None:
    error = refused("9780141439519")
    assert error.code == "isbn.check_digit"
    assert "should be 8, not 9" in sentence(error)
    assert "Did you mean 9780141439518?" in sentence(refused("9780144139518"))


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("123", "isbn.length"),
        ("97801414395", "isbn.length"),
        ("978014143951X", "isbn.letters"),
        ("x" * 65, "code.too_long"),
        ("9" * 4096, "code.too_long"),
        ("  ", "code.empty"),
        ("\x1b\x00", "code.empty"),
        ("4111111111111111", "code.card_number"),
        ("4111 1111 1111 1111", "code.card_number"),
        ("5500005555555559", "code.card_number"),
    ],
)
def test_what_is_wrong_has_its_own_word(text: str, code: str) -> None:
    assert refused(text).code == code


def test_a_card_number_is_nowhere_in_its_refusal() -> None:
    error = refused("4111111111111111")
    assert "4111" not in str(error) + sentence(error) + repr(error.params)


@pytest.mark.parametrize(
    ("text", "isbn"),
    [("439023483", "9780439023481"), ("441478123", "9780441478125"), ("9780141439518", "9780141439518")],
)
def test_leading_zeros_that_a_spreadsheet_lost_are_put_back(text: str, isbn: str) -> None:
    assert repair_isbn(text) == isbn


@given(st.text(max_size=100))
def test_any_text_is_read_or_refused(text: str) -> None:
    try:
        parse_code(text)
    except Refused as error:
        assert sentence(error)
    try_isbn13(text)
