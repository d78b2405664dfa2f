"""What people type in their own words: no card's number, no control sign, no more than there is room for."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st
from stdnum import luhn

from pos_app.domain.free_text import free_lines, free_text, holds_card_number, one_line
from pos_app.errors import Refused

CARDS = ["4111111111111111", "5500005555555559", "378282246310005", "30569309025904", "6011111111111117"]


@pytest.mark.parametrize("number", CARDS)
@pytest.mark.parametrize("sign", ["", " ", "-", ".", "\u00a0", "–", "/"])
@pytest.mark.parametrize(
    "around", ["{}", "card {} 12/27", "ref{}", "12 {}", "{}.", "pays\n{}\tlater", "No. 7, {}, 123"]
)
def test_a_card_number_is_found_however_it_is_parted(number: str, sign: str, around: str) -> None:
    parted = sign.join(number[place : place + 4] for place in range(0, len(number), 4))
    assert holds_card_number(around.format(parted))
    with pytest.raises(Refused, match=r"code\.card_number") as refused:
        free_text(around.format(parted), 300, "note.invalid")
    assert number not in str(refused.value)


@given(st.text("0123456789", min_size=12, max_size=18), st.text("abc xyz", max_size=9))
def test_every_number_that_passes_luhn_is_found_but_an_ean(digits: str, words: str) -> None:
    number = digits + luhn.calc_check_digit(digits)
    if len(number) in (13, 14, 15, 18) or not number.strip("0"):
        return
    assert holds_card_number(f"{words}{number}{words}")


@pytest.mark.parametrize(
    "text",
    [
        "9780141439518",
        "978-0-14-143951-8 and 9780241341629",
        "9780141439518 51299",
        "020 7946 0018 or 020 7946 0019",
        "Order 1-000123 of 24 Nov 2026, 12:30",
        "0193a0c4-7c5f-7000-8123-411111111111",
        "",
    ],
)
def test_what_is_no_card_is_let_pass(text: str) -> None:
    assert free_text(text, 300, "note.invalid") == text


@given(st.text(max_size=50))
def test_what_is_kept_is_one_line_that_a_printer_only_prints(text: str) -> None:
    kept = one_line(text)
    assert not kept or kept.isprintable()
    assert kept == kept.strip() == one_line(kept)


def test_control_signs_are_left_out_and_what_is_too_long_is_refused() -> None:
    assert free_text("\x1b@Bell\x07 \x1dV\x00\n twice\u202e", 300, "note.invalid") == "@Bell V twice"
    for text in ("x" * 301, "x" * 10**6):
        with pytest.raises(Refused, match=r"note\.invalid"):
            free_text(text, 300, "note.invalid")
    with pytest.raises(Refused, match=r"void\.reason"):
        free_text(" \x1b ", 300, "void.reason", needed=True)


def test_lines_stay_lines() -> None:
    assert free_lines(" 1 High St\r\n\x1bSpringfield \n", 300, "supplier.text") == "1 High St\nSpringfield"
    with pytest.raises(Refused, match=r"supplier\.text"):
        free_lines("x" * 301, 300, "supplier.text")
    with pytest.raises(Refused, match=r"code\.card_number"):
        free_lines("Mastercard\n5500 0000 0000 0004", 300, "supplier.text")


def test_very_many_groups_of_digits_are_looked_through_in_no_time() -> None:
    started = time.thread_time()
    assert not holds_card_number("1 " * 15_000)
    assert time.thread_time() - started < 2
