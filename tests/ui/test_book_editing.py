"""Editing titles as in a spreadsheet, many at once, and taking it back, by keys alone."""

import struct
import time
import tracemalloc
import zlib

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication, QImage

from pos_app.errors import Refused
from pos_app.services.book import find_by_code, get_book
from pos_app.services.book_copy import list_copies
from pos_app.services.book_edit import edit_book
from pos_app.services.book_list import SortBy
from tests.shop import KLARA, PRIDE
from tests.ui.keyboard import until
from tests.ui.till import Till
from ui.inventory.columns import PLACES
from ui.inventory.picture import cover_from_bytes, cover_from_image

CTRL = Qt.KeyboardModifier.ControlModifier


def at(till: Till, title: str, column: int) -> None:
    model = till.page.books
    row = next(row for row in range(model.rowCount()) if model.index(row, 0).data() == title)

    def go() -> None:
        till.page.table.setFocus()
        till.page.table.setCurrentIndex(model.index(row, column))

    till.do(go)


def price(till: Till, isbn: str) -> int:
    return till.run(get_book(till.shop.app, till.shop.books[isbn])).price


def test_a_price_is_typed_into_the_list_and_taken_back(till: Till) -> None:
    till.sign_in("Sam", "Inventory")
    at(till, "Klara and the Sun", PLACES[SortBy.PRICE])
    till.type("18")
    till.key(Qt.Key.Key_Return)
    assert price(till, KLARA) == 1800
    till.key(Qt.Key.Key_Z, modifier=CTRL)
    assert price(till, KLARA) == 1695
    till.key(Qt.Key.Key_Y, modifier=CTRL)
    assert price(till, KLARA) == 1800


@pytest.mark.parametrize(
    ("typed", "change"),
    [("", {"title": "Zara and the Sun"}), ("a", {"title": "Zzz", "author": "Zzz"})],
    ids=["it moves", "it leaves the list"],
)
def test_a_cell_is_the_book_it_was_begun_in_whatever_becomes_of_the_list(
    till: Till, typed: str, change: dict[str, str]
) -> None:
    till.sign_in("Sam", "Inventory")
    till.key(Qt.Key.Key_F2)
    till.type(typed)
    at(till, "Klara and the Sun", PLACES[SortBy.PRICE])
    till.type("18")
    book = till.run(get_book(till.shop.app, till.shop.books[KLARA]))
    till.run(edit_book(till.shop.app, till.shop.sam, book.id, book.version, change))
    till.do(till.page.live.look)
    till.key(Qt.Key.Key_Return)
    assert (price(till, KLARA), price(till, PRIDE)) == (1800, 899)


def test_cells_of_a_spreadsheet_are_pasted_as_one_change(till: Till) -> None:
    till.sign_in("Sam", "Inventory")
    at(till, "Klara and the Sun", PLACES[SortBy.PRICE])
    till.do(lambda: QGuiApplication.clipboard().setText("17.00\t2\t4\n9.50\t1\t5\n"))
    till.key(Qt.Key.Key_V, modifier=CTRL)
    assert (price(till, KLARA), price(till, PRIDE)) == (1700, 950)
    assert till.run(get_book(till.shop.app, till.shop.books[PRIDE])).reorder_at == 5
    till.key(Qt.Key.Key_Z, modifier=CTRL)
    assert (price(till, KLARA), price(till, PRIDE)) == (1695, 899)
    till.key(Qt.Key.Key_C, modifier=CTRL)
    assert QGuiApplication.clipboard().text() != ""


def test_many_are_changed_by_keys(till: Till) -> None:
    till.sign_in("Sam", "Inventory")
    till.key(Qt.Key.Key_B, modifier=CTRL)
    till.type("+10")
    till.key(Qt.Key.Key_Return)
    assert price(till, KLARA) == 1695
    till.key(Qt.Key.Key_Return)
    assert (price(till, KLARA), price(till, PRIDE)) == (1865, 989)
    till.key(Qt.Key.Key_Z, modifier=CTRL)
    assert (price(till, KLARA), price(till, PRIDE)) == (1695, 899)


def test_the_history_is_shown(till: Till) -> None:
    till.sign_in("Sam", "Inventory")
    at(till, "Klara and the Sun", PLACES[SortBy.PRICE])
    till.type("18")
    till.key(Qt.Key.Key_Return)
    at(till, "Klara and the Sun", PLACES[SortBy.PRICE])
    till.key(Qt.Key.Key_H, modifier=CTRL)
    table = till.dialog.table  # type: ignore[union-attr]
    assert [table.item(0, column).text() for column in range(1, 5)] == ["Sam, till 1", "Price", "16.95", "18.00"]
    till.key(Qt.Key.Key_Return)


def test_a_book_is_added_and_all_its_fields_changed_by_keys(till: Till) -> None:
    till.sign_in("Sam", "Inventory")
    till.key(Qt.Key.Key_N, modifier=CTRL)
    for text in ("9780140449136", "Crime and Punishment", "Fyodor Dostoevsky"):
        till.type(text)
        till.key(Qt.Key.Key_Tab)
    till.type("9.99")
    till.key(Qt.Key.Key_Return)
    assert till.page.detail.book.title == "Crime and Punishment"
    till.key(Qt.Key.Key_D, modifier=CTRL)
    till.type("Guilt")
    till.key(Qt.Key.Key_Return)
    assert till.page.detail.book.title.startswith("Guilt")


def test_a_new_book_is_undone_and_done_again_by_keys(till: Till) -> None:
    till.sign_in("Sam", "Inventory")
    till.run(until(lambda: till.page.detail.book is not None))
    till.key(Qt.Key.Key_N, modifier=CTRL)
    till.run(until(lambda: till.dialog is not None))
    for text in ("9780140449136", "Crime and Punishment", ""):
        till.type(text)
        till.key(Qt.Key.Key_Tab)
    till.type("9.99")
    till.key(Qt.Key.Key_Return)
    till.run(until(lambda: till.page.detail.book.title == "Crime and Punishment"))
    assert till.sees("“Crime and Punishment” is in the catalogue. Ctrl+Z takes it back.")
    till.key(Qt.Key.Key_Z, modifier=CTRL)
    till.run(until(lambda: till.sees("Undone. 1 title that was added is gone.")))
    till.run(until(lambda: till.page.detail.book is not None and till.page.detail.book.isbn != "9780140449136"))
    till.key(Qt.Key.Key_Y, modifier=CTRL)
    till.run(until(lambda: till.sees("Done again. 1 title is there again.")))
    till.run(find_by_code(till.shop.app, "9780140449136"))


def test_a_code_is_added_and_a_used_copy_under_f10(till: Till) -> None:
    till.sign_in("Sam", "Inventory")
    at(till, "Klara and the Sun", PLACES[SortBy.PRICE])
    till.key(Qt.Key.Key_F10)
    till.key(Qt.Key.Key_B)
    till.type("4006381333931")
    till.key(Qt.Key.Key_Return)
    assert till.sees("Message: “Klara and the Sun” has the further codes 4006381333931.")
    till.key(Qt.Key.Key_F10)
    till.key(Qt.Key.Key_U)
    till.type("6.50")
    till.key(Qt.Key.Key_Return)
    (copy,) = till.run(list_copies(till.shop.app, till.shop.books[KLARA]))
    assert (copy.price, copy.stock) == (650, 1)


def test_a_cashier_changes_nothing_in_the_list(till: Till) -> None:
    till.sign_in("Ana", "Inventory")
    at(till, "Klara and the Sun", PLACES[SortBy.PRICE])
    till.type("18")
    till.key(Qt.Key.Key_Return)
    assert price(till, KLARA) == 1695


def chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def png(width: int, height: int) -> bytes:
    head = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0))
    return b"\x89PNG\r\n\x1a\n" + head + chunk(b"IDAT", zlib.compress(b"\0" * 1_000_000)) + chunk(b"IEND", b"")


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (png(60_000, 60_000), "cover.large"),
        (png(12_001, 1), "cover.large"),
        (png(0, 0), "cover.picture"),
        (b"\x89PNG\r\n\x1a\n", "cover.picture"),
        (b"<svg xmlns='http://www.w3.org/2000/svg' width='60000' height='60000'/>", "cover.picture"),
        (b"GIF89a" + b"\xff" * 20, "cover.picture"),
        (b"", "cover.picture"),
    ],
)
def test_attack_pictures_are_refused_at_once(qapp: object, content: bytes, code: str) -> None:
    tracemalloc.start()
    started = time.monotonic()
    with pytest.raises(Refused) as refused:
        cover_from_bytes(content)
    took, (_, peak) = time.monotonic() - started, tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert refused.value.code == code
    assert took < 1
    assert peak < 20_000_000


def test_a_large_picture_becomes_a_small_cover(qapp: object) -> None:
    image = QImage(2000, 3000, QImage.Format.Format_ARGB32)
    image.fill(Qt.GlobalColor.transparent)
    made = cover_from_image(image)
    shown = QImage.fromData(made)
    assert (shown.width(), shown.height(), made[:3]) == (320, 480, b"\xff\xd8\xff")
    assert shown.pixelColor(5, 5) == Qt.GlobalColor.white
    assert cover_from_bytes(made)[:3] == b"\xff\xd8\xff"
