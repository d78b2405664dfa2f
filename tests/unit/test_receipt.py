"""Papers: the same document as text, as printer's bytes and as what the printer shows of them."""

from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pos_app.domain.document import Adjustment, AdjustmentKind, OrderLine, OrderView
from pos_app.domain.gift_code import new_code
from pos_app.domain.order_status import OrderKind, OrderStatus
from pos_app.domain.payment import PaymentIn, Tender
from pos_app.domain.sale import TaxTotal
from pos_app.domain.shop import ShopSettings
from pos_app.receipts.escpos import FEED_AND_CUT, INIT, Bitmap, Drawing, encode
from pos_app.receipts.escpos_decode import decode
from pos_app.receipts.layout import Barcode, Document, Logo, Row, Text, columns, lay_out, plain
from pos_app.receipts.sale import sale_document
from pos_app.receipts.text import document_text

NOON = datetime(2026, 11, 23, 14, 9, tzinfo=UTC)
SETTINGS = ShopSettings(shop_name="Marlow & Daughters", address="12 High Street\nMarlow", receipt_footer="Thank you")


def line(title: str, quantity: int, price: int, *adjustments: Adjustment) -> OrderLine:
    off = sum(why.amount for why in adjustments)
    amount = quantity * price - off
    return OrderLine(1, title, None, quantity, price, off, amount, "Zero", Decimal(0), 0, adjustments=adjustments)


def sale(*lines: OrderLine, kind: OrderKind = OrderKind.SALE, **more: object) -> OrderView:
    total = sum(one.amount for one in lines)
    made = OrderView(
        id=1,
        uid="u",
        kind=kind,
        status=OrderStatus.DELIVERED,
        version=1,
        number="2-004183",
        currency="GBP",
        prices_include_tax=True,
        placed_at=NOON,
        paid_at=NOON,
        business_date=date(2026, 11, 23),
        operator="Ana",
        till=2,
        customer=None,
        shipping_address=None,
        note=None,
        discount=0,
        net=total,
        tax=0,
        rounding=0,
        total=total,
        change=0,
        lines=lines,
        taxes=(TaxTotal("Zero", Decimal(0), total, 0),),
        payments=(PaymentIn("p", Tender.CASH, total, name="Cash"),),
    )
    return replace(made, **more)  # type: ignore[arg-type] # fields of it


def no_picture(_text: str, dots: int, _bold: bool) -> Bitmap:
    return Bitmap(dots, 24, bytes(dots // 8 * 24))


DRAWING = Drawing(no_picture, lambda _path, _dots: None)


def test_a_receipt_says_what_was_sold_and_paid() -> None:
    why = Adjustment(AdjustmentKind.LINE_DISCOUNT, "Damaged", 169)
    text = document_text(sale_document(sale(line("Klara and the Sun", 1, 1695, why), line("Pride", 2, 899)), SETTINGS))
    assert "Klara and the Sun                    16.95" in text
    assert "  Damaged                            -1.69" in text
    assert "  2 x 8.99                           17.98" in text
    assert "TOTAL GBP                            33.24" in text
    assert "2-004183" in text.splitlines()[-2]
    assert all(columns(row) <= 42 for row in text.splitlines())


def test_taxes_of_one_rate_are_told_by_their_names_and_a_token_by_its_last_four() -> None:
    taxes = (TaxTotal("Books 0 %", Decimal(0), 799, 0), TaxTotal("Outside tax", Decimal(0), 3000, 0))
    paid = (PaymentIn("p", Tender.BOOK_TOKEN, 3799, "BT-7780", name="Book token"),)
    text = document_text(sale_document(sale(line("Pride", 1, 799), taxes=taxes, payments=paid), SETTINGS))
    assert "Includes Books 0 % on 7.99 " in text
    assert "Includes Outside tax on 30.00 " in text
    assert "Book token ending in 7780" in text


def test_a_gift_card_whose_code_the_till_made_is_on_the_paper_whole_and_on_no_other() -> None:
    made = new_code()
    sold = replace(line("Gift card", 1, 2000), gift_card=made)
    assert f"GIFT CARD\n{'20.00 GBP':^42}".replace(" ", "") in document_text(
        sale_document(sale(sold), SETTINGS)
    ).replace(" ", "")
    assert made in document_text(sale_document(sale(sold), SETTINGS))
    assert made not in document_text(sale_document(sale(sold), SETTINGS, gift=True))
    assert made not in document_text(sale_document(sale(replace(sold, quantity=-1)), SETTINGS))
    bought = replace(sold, gift_card="GC1001")
    assert "GC1001" not in document_text(sale_document(sale(bought), SETTINGS))


def test_a_title_as_wide_as_the_paper_leaves_no_empty_line() -> None:
    title = "The Lightning Thief (Percy Jackson and the Olympians, #1)"
    text = document_text(sale_document(sale(line(title, 2, 899)), SETTINGS)).splitlines()
    first = text.index("The Lightning Thief (Percy Jackson and the")
    assert text[first + 1] == "Olympians, #1)"


def test_a_gift_receipt_names_no_price() -> None:
    text = document_text(sale_document(sale(line("Pride", 2, 899)), SETTINGS, gift=True))
    assert "GIFT RECEIPT" in text
    assert "8.99" not in text
    assert "17.98" not in text
    assert "2-004183" in text


def test_copies_training_returns_and_voids_are_marked() -> None:
    copy = document_text(sale_document(sale(line("Pride", 1, 899)), SETTINGS, copy=True)).splitlines()
    assert copy[0].strip() == copy[-1].strip() == "*** COPY ***"
    training = document_text(sale_document(sale(line("Pride", 1, 899), training=True), SETTINGS)).splitlines()
    assert training[0].strip() == training[-1].strip() == "TRAINING - NOT A RECEIPT"
    back = sale(line("Pride", -1, 899), kind=OrderKind.VOID, refers_to="2-004182")
    text = document_text(sale_document(back, SETTINGS))
    assert "VOID of 2-004182" in text
    assert "Cash paid back                       -8.99" in text


@pytest.mark.parametrize("width", [32, 42, 48])
def test_an_amount_is_never_cut(width: int) -> None:
    words = "A text of a length that no paper has room for, by far"
    *before, row = [line.text for line in lay_out(Row(words, "1,234,567.89"), width)]
    assert row.endswith(" 1,234,567.89")
    assert columns(row) == width
    assert " ".join([*before, row.removesuffix("1,234,567.89").strip()]).strip() == words
    french = [line.text for line in lay_out(Row("dont 20 % de TVA sur 12\u202f345\u202f678,90", "2 469 135,78"), width)]
    assert any("12 345 678,90" in line for line in french)
    assert french[-1].endswith("2 469 135,78")
    name = [line.text for line in lay_out(Row("Opened", "23 Nov 14:09 Wolfeschlegelsteinhausenbergerdorff"), width)]
    assert "".join(name).replace(" ", "") == "Opened23Nov14:09Wolfeschlegelsteinhausenbergerdorff"
    assert all(columns(line) <= width for line in name)


@pytest.mark.parametrize("width", [32, 42, 48])
def test_a_long_title_takes_two_lines_and_every_line_fits(width: int) -> None:
    title = "The Life and Opinions of Tristram Shandy, Gentleman " * 200
    settings = replace(SETTINGS, receipt_width=width)
    for one in (line(title, 1, 899), line(title, 3, 89_999_999_999)):
        for gift in (False, True):
            text = document_text(sale_document(sale(one), settings, gift=gift)).splitlines()
            assert all(columns(row) <= width for row in text)
            assert len([row for row in text if "Tristram" in row or "Opinions" in row]) <= 2


def test_what_is_paid_names_its_brand_and_last_four_digits() -> None:
    payments = (
        PaymentIn("a", Tender.CARD, 500, scheme="Visa 1881", name="Card"),
        PaymentIn("b", Tender.GIFT_CARD, 300, reference="GC00112233", name="Gift card"),
        PaymentIn("c", Tender.CASH, 200, name="Cash"),
    )
    text = document_text(
        sale_document(sale(line("Pride", 1, 899), payments=payments, change=100, rounding=-1), SETTINGS)
    )
    assert "Card Visa 1881                        5.00" in text
    assert "Gift card ending in 2233              3.00" in text
    assert "Change                                1.00" in text
    assert "Rounding                             -0.01" in text
    assert "GC0011" not in text


def test_notes_gift_cards_and_changed_prices_are_named() -> None:
    cheaper = Adjustment(AdjustmentKind.PRICE, "Price changed", 0, was="1695")
    one = replace(line("Klara", 1, 1500, cheaper), note="For Jo", gift_card="GC00112233")
    text = document_text(sale_document(sale(one, note="Collected", customer="Łucja Żak"), SETTINGS))
    for wanted in (
        "Price changed, was 16.95",
        "For Jo",
        "Card ending in 2233",
        "Note: Collected",
        "Customer Łucja Żak",
    ):
        assert wanted in text


@pytest.mark.parametrize(
    "text", ["Zażółć gęślą jaźń Ł", "Straße – 5 €", "Café ’n’ Crème", "Война и мир", "Οδύσσεια", "naïve £ ½ ß é"]
)
def test_letters_of_europe_come_out_as_on_the_screen(text: str) -> None:
    document = Document((Text(text), Row(text, "8.99")), 42)
    paper = decode(encode(document, DRAWING))
    assert paper.text == document_text(document).rstrip("\n")
    assert paper.strange == []
    assert all(thing.picture is None for thing in paper.things)


@pytest.mark.parametrize(
    ("letters", "data"),
    [
        ("é", b"\x82"),
        ("Ø", b"\x1bt\x02\x9d"),
        ("€", b"\x1bt\x13\xd5"),
        ("’–", b"\x1bt\x10\x92\x96"),
        ("Ł", b"\x1bt\x12\x9d"),
        ("Ж", b"\x1bt\x11\x86"),
        ("Ω", b"\xea"),
        ("Ψ", b"\x1bt\x0e\x96"),
        ("1 €, x", b"1 \x1bt\x13\xd5, x"),
    ],
)
def test_letters_go_by_the_numbers_of_epsons_pages(letters: str, data: bytes) -> None:
    assert encode(Document((Text(letters),))) == INIT + data + b"\n" + FEED_AND_CUT


def test_a_tall_line_that_is_drawn_is_drawn_tall() -> None:
    paper = decode(encode(Document((Row("猫", "8.99", tall=True),)), DRAWING))
    assert paper.things[0].picture is not None
    assert paper.things[0].picture.height == 48  # noqa: PLR2004 - twice 24


@pytest.mark.parametrize("command", [b"\x10\x04\x01", b"\x10\x05\x02", b"\x10\x14\x01\x00\x01"])
def test_a_picture_holds_no_command_that_a_printer_heeds_at_once(command: bytes) -> None:
    picture = Bitmap(40, 24, (command + bytes(5))[:5] * 24)
    data = encode(Document((Logo(b"x"),)), Drawing(no_picture, lambda _path, _dots: picture))
    assert not any(command[:2] in data for command in (b"\x10\x04", b"\x10\x05", b"\x10\x14"))


@pytest.mark.parametrize("text", ["GC-2026-0011-2233-4455", "Łódź"])
def test_a_barcode_that_would_not_fit_or_cannot_be_is_printed_as_letters(text: str) -> None:
    paper = decode(encode(Document((Barcode(text),), 32), DRAWING))
    assert paper.text.strip() == text
    assert all(thing.barcode is None for thing in paper.things)


def test_letters_that_no_page_has_are_drawn() -> None:
    paper = decode(encode(Document((Text("吾輩は猫である"), Text("Pride"))), DRAWING))
    assert [thing.picture is not None for thing in paper.things if not thing.cut] == [True, False]
    without = decode(encode(Document((Text("吾輩"),))))
    assert without.text == "??"


def test_the_number_is_printed_as_a_barcode_and_the_paper_is_cut() -> None:
    paper = decode(encode(sale_document(sale(line("Pride", 1, 899)), SETTINGS), DRAWING, pulse=True))
    assert [thing.barcode for thing in paper.things if thing.barcode] == ["2-004183"]
    assert paper.things[-1].cut
    assert paper.pulses == 1


@pytest.mark.parametrize("title", ["\x1bp0AA", "\x1dV\x00 cut", "a\x00b", "x\u202egnp.exe", "10\x10\x04\x01", "\r\n\f"])
def test_a_title_cannot_steer_the_printer(title: str) -> None:
    paper = decode(encode(sale_document(sale(line(title, 1, 899)), SETTINGS), DRAWING))
    assert (paper.pulses, paper.strange) == (0, [])
    assert sum(thing.cut for thing in paper.things) == 1


@given(st.text(max_size=200), st.text(max_size=60), st.sampled_from([32, 42, 48]))
def test_whatever_is_printed_decodes_to_what_was_laid_out(text: str, left: str, width: int) -> None:
    document = Document((Text(text), Row(left, "12.34", bold=True, tall=True), Text(text, "centre")), width)
    paper = decode(encode(document, DRAWING))
    assert paper.strange == []
    assert paper.pulses == 0
    laid = [one.text for block in document.blocks for one in lay_out(block, width)]
    shown = [thing for thing in paper.things if not thing.cut]
    assert len(shown) == len(laid)
    for thing, expected in zip(shown, laid, strict=True):
        if thing.picture is None:
            assert thing.text == expected
        assert columns(expected) <= width


@given(st.text(max_size=300))
def test_plain_text_holds_no_control_or_direction_signs(text: str) -> None:
    assert all(letter.isprintable() or letter == " " or ord(letter) > 127 for letter in plain(text))  # noqa: PLR2004
