"""Labels: what is drawn reads back, and the window makes what it shows."""

from collections.abc import Iterator
from pathlib import Path

import pypdfium2
import pytest
import zxingcpp
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication

from pos_app.domain.label import STOCKS, Label, LabelStock, own_roll
from pos_app.domain.money import currency
from pos_app.domain.shop import ShopSettings
from pos_app.receipts.label import fitted
from pos_app.services.book_code import add_code
from tests.shop import DARKNESS, PRIDE
from tests.ui.keyboard import until
from tests.ui.till import Till
from ui.format import Formatter
from ui.inventory.label_dialog import LabelSheet
from ui.labels import write_labels
from ui.printers import PrinterDialog
from ui.printing import no_window

Key = Qt.Key
CTRL = Qt.KeyboardModifier.ControlModifier
FMT = Formatter(ShopSettings(), currency("GBP"))
LONG = "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789ABCDEFGH"
EAN, OWN, DEAR = "9780141439518", "U0000123", "9780062316097"
LABELS = [
    Label("The Left Hand of Darkness, and further words that no label has room for", "Le Guin", 1099, EAN),
    Label("Dune (used, very good)", "Frank Herbert", 450, OWN),
    Label("Gift wrap", "", 200, None),
    Label("Sapiens", "Yuval Noah Harari", 2499, DEAR),
]

# What the window does with either database is the same.
sqlite = pytest.mark.parametrize("config", ["sqlite"], indirect=True)


def pictures(path: Path, dots_per_inch: int = 600) -> Iterator[memoryview]:
    """The pages as they come out of a printer."""
    with pypdfium2.PdfDocument(path) as document:
        for page in document:
            drawn = page.render(scale=dots_per_inch / 72, grayscale=True)
            yield memoryview(bytes(drawn.buffer)).cast("B", (drawn.height, drawn.stride))


def codes(path: Path, dots_per_inch: int = 600) -> list[list[str]]:
    """What a scanner reads, page by page."""
    return [[code.text for code in zxingcpp.read_barcodes(page)] for page in pictures(path, dots_per_inch)]


def write(path: Path, labels: list[Label], stock: LabelStock, first: int = 1) -> None:
    assert [*write_labels(path, labels, stock, FMT, first=first)][-1] == len(labels)


@pytest.mark.parametrize("stock", [*STOCKS, own_roll(45, 20)], ids=lambda stock: f"{stock.name} {stock.width}")
def test_every_size_of_label_reads_back(qapp: QApplication, tmp_path: Path, stock: LabelStock) -> None:
    write(tmp_path / "labels.pdf", LABELS, stock)
    read = codes(tmp_path / "labels.pdf", stock.dots_per_inch)
    assert sorted(code for page in read for code in page) == sorted([EAN, OWN, DEAR])
    assert len(read) == (1 if stock.is_sheet else len(LABELS))


@pytest.mark.parametrize("stock", [STOCKS[3], STOCKS[9], STOCKS[10], STOCKS[11]], ids=lambda stock: stock.name)
def test_the_price_behind_the_barcode_reads_back(qapp: QApplication, tmp_path: Path, stock: LabelStock) -> None:
    made = fitted([Label("Pride", "Jane Austen", 899, EAN, "00899")], stock)
    assert made.without_addon == 0
    write(tmp_path / "labels.pdf", made.labels, stock)
    (page,) = pictures(tmp_path / "labels.pdf", stock.dots_per_inch)
    (code,) = zxingcpp.read_barcodes(page, ean_add_on_symbol=zxingcpp.EanAddOnSymbol.Require)
    assert code.text.replace(" ", "") == EAN + "00899"
    # From the first bar of the EAN-13 to its last: 95 modules, of which the standard has 80 % of 0.33 mm at least.
    corners = code.position
    assert (corners.top_right.x - corners.top_left.x) / stock.dots_per_inch * 25.4 / 95 > 0.264 * 0.98


@pytest.mark.parametrize("stock", [STOCKS[0], STOCKS[1], STOCKS[6]], ids=lambda stock: stock.name)
def test_labels_too_narrow_for_a_price_that_any_scanner_reads_have_the_code_alone(stock: LabelStock) -> None:
    made = fitted([Label("Pride", "Jane Austen", 899, EAN, "00899"), LABELS[1]], stock)
    assert (made.without_addon, [label.addon for label in made.labels]) == (1, [None, None])


def test_where_there_is_no_room_for_the_price_the_code_stays(qapp: QApplication, tmp_path: Path) -> None:
    made = fitted([Label("Pride", "Jane Austen", 899, EAN, "00899")], STOCKS[6])
    write(tmp_path / "labels.pdf", made.labels, STOCKS[6])
    assert codes(tmp_path / "labels.pdf", STOCKS[6].dots_per_inch) == [[EAN]]


def test_a_code_too_long_for_the_label_is_not_printed() -> None:
    long = Label("Long", "", 100, LONG)
    made = fitted([long, LABELS[0]], STOCKS[6])
    assert (made.labels, made.too_long) == ([LABELS[0]], [long])
    assert fitted([long], own_roll(140, 30)).labels == [long]


@sqlite
def test_the_window_says_which_label_it_does_not_print_and_why(till: Till) -> None:
    till.sign_in("Sam", "Inventory")
    till.run(add_code(till.shop.app, till.shop.sam, till.shop.books["Gift wrap"], LONG))
    till.key(Key.Key_P, modifier=CTRL)
    till.key(Key.Key_End)
    till.run(until(lambda: till.sees("4 labels on 1 sheet. 1 label is not printed: the bars of ABCDEF")))
    assert LONG not in {label.code for label in sheet_of(till).printed}
    till.key(Key.Key_Escape)


def test_a_sheet_begun_before_goes_on_where_it_was(qapp: QApplication, tmp_path: Path) -> None:
    sheet = STOCKS[3]
    write(tmp_path / "labels.pdf", [LABELS[0]] * 3, sheet, first=sheet.a_page - 1)
    assert [len(page) for page in codes(tmp_path / "labels.pdf", 300)] == [2, 1]


def test_one_that_is_stopped_leaves_no_file(qapp: QApplication, tmp_path: Path) -> None:
    steps = write_labels(tmp_path / "labels.pdf", LABELS, STOCKS[6], FMT)
    next(steps)
    steps.close()
    assert list(tmp_path.iterdir()) == []


def test_labels_are_drawn_without_a_window_too(qapp: QApplication, tmp_path: Path) -> None:
    with no_window():
        write(tmp_path / "labels.pdf", LABELS, STOCKS[0])
    assert (tmp_path / "labels.pdf").exists()


def sheet_of(till: Till) -> LabelSheet:
    assert isinstance(till.dialog, LabelSheet)
    return till.dialog


@sqlite
def test_the_title_chosen_is_labelled_as_often_as_it_is_there(till: Till, tmp_path: Path) -> None:
    till.sign_in("Sam", "Inventory")
    till.type("darkness")
    till.run(until(lambda: till.page.detail.book is not None and till.page.detail.book.isbn == DARKNESS))
    till.key(Key.Key_P, modifier=CTRL)
    sheet = sheet_of(till)
    till.run(until(lambda: till.sees("1 label on 1 sheet")))
    till.key(Key.Key_F6)
    till.run(until(lambda: till.sees("7 labels on 1 sheet")))
    path = tmp_path / "labels.pdf"
    sheet.start(sheet.write_pdf(path))
    till.run(until(lambda: till.sees("Written to")))
    assert codes(path) == [[DARKNESS] * 7]
    with pypdfium2.PdfDocument(path) as document:
        assert "£10.99" in document[0].get_textpage().get_text_range()
    till.key(Key.Key_Escape)
    assert till.dialog is None


@sqlite
def test_the_list_is_labelled_and_the_size_remembered(till: Till, tmp_path: Path) -> None:
    till.sign_in("Sam", "Inventory")
    till.key(Key.Key_P, modifier=CTRL)
    till.key(Key.Key_End)
    till.run(until(lambda: till.sees("1 without a barcode: the title has no code.")))
    sheet = sheet_of(till)
    till.key(Key.Key_Tab)
    till.key(Key.Key_End)
    till.run(until(lambda: till.sees("5 labels. 1 without")))
    till.run(sheet.write_pdf(tmp_path / "labels.pdf"))
    assert sum(len(page) for page in codes(tmp_path / "labels.pdf")) == 4
    till.key(Key.Key_Escape)
    till.key(Key.Key_P, modifier=CTRL)
    till.run(until(sheet_of(till).end.isEnabled))
    assert sheet_of(till).stock == own_roll(50, 30)
    till.key(Key.Key_Escape)


@sqlite
def test_a_size_no_label_has_is_told_and_nothing_printed(till: Till) -> None:
    till.sign_in("Sam", "Inventory")
    till.key(Key.Key_P, modifier=CTRL)
    sheet = sheet_of(till)
    till.key(Key.Key_Tab)
    till.key(Key.Key_End)
    till.key(Key.Key_Tab)
    till.key(Key.Key_Tab)
    till.type("500")
    till.run(until(lambda: till.sees("A label is 15 to 210 mm")))
    assert not sheet.end.isEnabled()
    till.key(Key.Key_Escape)


@sqlite
def test_a_printer_is_asked_for(till: Till) -> None:
    till.sign_in("Sam", "Inventory")
    till.type("pride")
    till.run(until(lambda: till.page.detail.book is not None and till.page.detail.book.isbn == PRIDE))
    till.key(Key.Key_P, modifier=CTRL)
    till.run(until(sheet_of(till).end.isEnabled))
    till.key(Key.Key_F12)
    till.run(until(lambda: isinstance(till.dialog, PrinterDialog)))
    till.key(Key.Key_Escape)
    till.run(until(lambda: isinstance(till.dialog, LabelSheet)))
    till.key(Key.Key_Escape)
