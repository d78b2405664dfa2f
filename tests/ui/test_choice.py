"""Choosing several titles in the list by keys and mouse, and what is done to them."""

import csv
from pathlib import Path

import pytest
from PySide6.QtCore import QEvent, QPoint, Qt
from PySide6.QtGui import QGuiApplication, QKeyEvent
from PySide6.QtTest import QTest
from stdnum import ean

from pos_app.services.book import get_book
from pos_app.services.book_add import add_book
from pos_app.services.book_edit import edit_book
from pos_app.services.book_list import ListOrder, SortBy
from pos_app.services.saved_view import View
from tests.shop import DARKNESS, KLARA, PRIDE, SAPIENS
from tests.ui.keyboard import until
from tests.ui.till import Till
from ui.inventory import choice
from ui.inventory.bulk_dialog import BulkDialog
from ui.inventory.columns import PLACES
from ui.inventory.export_dialog import export_to
from ui.inventory.label_dialog import LabelSheet

Key = Qt.Key
CTRL, SHIFT = Qt.KeyboardModifier.ControlModifier, Qt.KeyboardModifier.ShiftModifier

# What the window does with either database is the same.
pytestmark = pytest.mark.parametrize("config", ["sqlite"], indirect=True)


def at(till: Till, title: str, column: int = 0) -> None:
    model = till.page.books
    row = next(row for row in range(model.rowCount()) if model.index(row, 0).data() == title)
    till.do(lambda: (till.page.table.setFocus(), till.page.table.setCurrentIndex(model.index(row, column))))


def marked(till: Till) -> list[str]:
    """What the list shows as chosen, and an assistive program says is."""
    return [index.data() for index in sorted(till.page.table.selectionModel().selectedRows())]


def price(till: Till, isbn: str) -> int:
    return till.run(get_book(till.shop.app, till.shop.books[isbn])).price


def click(till: Till, title: str, modifier: Qt.KeyboardModifier) -> None:
    model, table = till.page.books, till.page.table
    row = next(row for row in range(model.rowCount()) if model.index(row, 0).data() == title)
    where = table.visualRect(model.index(row, 0)).center() + QPoint(20, 0)
    till.do(lambda: QTest.mouseClick(table.viewport(), Qt.MouseButton.LeftButton, modifier, where))


def test_shift_and_the_arrows_choose_rows_and_the_change_of_many_is_made_to_them(till: Till) -> None:
    till.sign_in("Sam", "Inventory")
    at(till, "Klara and the Sun")
    till.key(Key.Key_Down, modifier=SHIFT)
    assert marked(till) == ["Klara and the Sun", "Pride and Prejudice"]
    assert till.sees("Message: 2 titles chosen.")
    assert till.page.subtitle == "5 titles · 2 chosen"
    till.key(Key.Key_B, modifier=CTRL)
    assert till.sees("2 titles chosen")
    till.type("+10")
    till.key(Key.Key_Return)
    till.key(Key.Key_Return)
    assert (price(till, KLARA), price(till, PRIDE)) == (1865, 989)
    assert (price(till, DARKNESS), price(till, SAPIENS)) == (1099, 2499)
    assert marked(till) == ["Klara and the Sun", "Pride and Prejudice"]
    till.key(Key.Key_Z, modifier=CTRL)
    assert (price(till, KLARA), price(till, PRIDE)) == (1695, 899)


def test_ctrl_and_space_take_a_row_out_and_go_nowhere(till: Till) -> None:
    till.sign_in("Sam", "Inventory")
    at(till, "Pride and Prejudice")
    till.key(Key.Key_A, modifier=CTRL)
    # With the text that X11 gives such a key.
    for kind in (QEvent.Type.KeyPress, QEvent.Type.KeyRelease):
        till.do(
            lambda kind=kind: QGuiApplication.sendEvent(till.page.table, QKeyEvent(kind, Key.Key_Space, CTRL, "\0"))
        )
    till.run(until(lambda: till.page.subtitle == "5 titles · 4 chosen"))
    assert till.page.table.currentIndex().data() == "Pride and Prejudice"


def test_a_row_too_many_is_given_back_by_shift_too(till: Till) -> None:
    till.sign_in("Sam", "Inventory")
    at(till, "Klara and the Sun")
    till.key(Key.Key_Down, Key.Key_Down, Key.Key_Up, modifier=SHIFT)
    assert marked(till) == ["Klara and the Sun", "Pride and Prejudice"]
    till.key(Key.Key_Up, Key.Key_Up, modifier=SHIFT)
    assert marked(till) == ["Gift wrap", "Klara and the Sun"]
    till.key(Key.Key_Escape)
    assert marked(till) == ["Gift wrap"]
    assert till.page.subtitle == "5 titles"
    assert not till.sees("chosen")


def test_ctrl_and_the_mouse_choose_rows_apart(till: Till) -> None:
    till.sign_in("Sam", "Inventory")
    click(till, "Klara and the Sun", Qt.KeyboardModifier.NoModifier)
    click(till, "Sapiens", CTRL)
    assert marked(till) == ["Klara and the Sun", "Sapiens"]
    click(till, "The Left Hand of Darkness", SHIFT)
    assert marked(till) == ["Klara and the Sun", "Sapiens", "The Left Hand of Darkness"]
    click(till, "Klara and the Sun", CTRL)
    assert marked(till) == ["Sapiens", "The Left Hand of Darkness"]


def test_ctrl_a_means_all_that_the_list_shows_also_what_comes_later(till: Till) -> None:
    till.sign_in("Sam", "Inventory")
    at(till, "Klara and the Sun")
    till.key(Key.Key_A, modifier=CTRL)
    assert till.sees("Message: All 5 titles that the list shows.")
    assert till.page.choice.titles.ids == frozenset()
    till.run(add_book(till.shop.app, till.shop.sam, "9780140328721", "Matilda", 799))
    till.do(till.page.live.look)
    assert len(marked(till)) == 6
    assert till.page.subtitle == "6 titles · 6 chosen"
    click(till, "Sapiens", CTRL)
    assert till.page.subtitle == "6 titles · 5 chosen"
    till.key(Key.Key_B, modifier=CTRL)
    till.type("+10")
    till.key(Key.Key_Return)
    till.key(Key.Key_Return)
    assert (price(till, KLARA), price(till, SAPIENS)) == (1865, 2499)


def test_with_one_row_chosen_all_that_the_list_shows_is_changed_and_it_says_so(till: Till) -> None:
    till.sign_in("Sam", "Inventory")
    till.type("sun")
    till.key(Key.Key_B, modifier=CTRL)
    assert till.sees("The 1 title that the list shows")
    assert not till.sees("No rows are chosen")
    till.key(Key.Key_Escape)
    till.do(till.page.clear_filters)
    till.key(Key.Key_B, modifier=CTRL)
    assert till.sees("All 5 titles that the list shows")
    dialog = till.dialog
    assert isinstance(dialog, BulkDialog)
    warned = "No rows are chosen: this is about all 5 titles that the list shows."
    for stroke in ("", "-10"):
        till.type(stroke)
        assert dialog.message.text().startswith(warned)
        assert dialog.message.property("kind") == "warn"
    till.key(Key.Key_Return)
    assert dialog.message.text().startswith(warned)
    assert dialog.message.property("kind") == "warn"
    till.key(Key.Key_Escape)
    at(till, "Klara and the Sun")
    till.key(Key.Key_Down, modifier=SHIFT)
    till.key(Key.Key_B, modifier=CTRL)
    assert not till.sees("No rows are chosen")


def test_what_is_chosen_stays_so_where_the_list_is_read_anew_or_sorted_otherwise(till: Till) -> None:
    till.sign_in("Sam", "Inventory")
    at(till, "Klara and the Sun")
    till.key(Key.Key_Down, modifier=SHIFT)
    book = till.run(get_book(till.shop.app, till.shop.books[KLARA]))
    till.run(edit_book(till.shop.app, till.shop.sam, book.id, book.version, {"title": "Zara and the Sun"}))
    till.do(till.page.live.look)
    assert marked(till) == ["Pride and Prejudice", "Zara and the Sun"]
    till.do(lambda: till.page.sort_by(ListOrder(SortBy.PRICE)))
    assert marked(till) == ["Pride and Prejudice", "Zara and the Sun"]
    till.do(till.page.search.setFocus)
    till.type("z")
    assert till.page.choice.count <= 1


def test_what_is_chosen_beyond_the_rows_that_are_here_is_known(till: Till, monkeypatch: pytest.MonkeyPatch) -> None:
    codes = [f"978014{number:06}" for number in range(230)]
    for number, code in enumerate(codes):
        isbn = code + ean.calc_check_digit(code)
        till.run(add_book(till.shop.app, till.shop.sam, isbn, f"Volume {number:03}", 500))
    till.sign_in("Sam", "Inventory")
    at(till, "Gift wrap")
    till.key(Key.Key_Down)
    monkeypatch.setattr(till.page.books, "_pages", {0: till.page.books._pages[0]})
    till.key(Key.Key_End, modifier=SHIFT)
    assert till.page.subtitle == "235 titles · 234 chosen"
    assert till.page.choice.titles.every is False
    monkeypatch.setattr(choice, "MOST_CHOSEN", 100)
    till.key(Key.Key_Home)
    till.key(Key.Key_Down)
    till.key(Key.Key_End, modifier=SHIFT)
    assert till.page.subtitle == "235 titles · 234 chosen"
    assert len(till.page.choice.titles.ids) == 1
    till.do(lambda: till.page.table.setCurrentIndex(till.page.books.index(110, 0)))
    till.key(Key.Key_End, modifier=SHIFT)
    assert till.sees("At most 100 titles are chosen row by row.")


def test_labels_are_made_for_the_rows_chosen(till: Till) -> None:
    till.sign_in("Sam", "Inventory")
    at(till, "Klara and the Sun")
    till.key(Key.Key_Down, modifier=SHIFT)
    till.key(Key.Key_P, modifier=CTRL)
    sheet = till.dialog
    assert isinstance(sheet, LabelSheet)
    assert sheet._source.currentText() == "2 titles chosen"
    assert [label.title for label in sheet.job.labels] == ["Klara and the Sun", "Pride and Prejudice"]
    till.key(Key.Key_Escape)


def test_the_rows_chosen_are_exported(till: Till, tmp_path: Path) -> None:
    till.sign_in("Sam", "Inventory")
    at(till, "Klara and the Sun")
    till.key(Key.Key_Down, modifier=SHIFT)
    till.key(Key.Key_E, modifier=CTRL)
    assert till.dialog is not None
    assert till.dialog.windowTitle() == "Export: 2 titles chosen"
    till.key(Key.Key_Escape)
    file = tmp_path / "chosen.csv"
    till.do(lambda: till.page.start(export_to(till.page, file)))
    till.key(Key.Key_Return)
    till.run(until(lambda: till.sees("2 titles stand in")))
    with file.open(encoding="utf-8-sig", newline="") as read:
        assert [row["isbn13"] for row in csv.DictReader(read)] == [KLARA, PRIDE]


def test_rows_chosen_are_copied_as_a_spreadsheet_takes_them(till: Till) -> None:
    till.sign_in("Sam", "Inventory")
    at(till, "Klara and the Sun")
    till.key(Key.Key_Down, modifier=SHIFT)
    till.key(Key.Key_C, modifier=CTRL)
    lines = [line.split("\t") for line in QGuiApplication.clipboard().text().splitlines()]
    assert [line[:2] for line in lines] == [["Klara and the Sun", KLARA], ["Pride and Prejudice", PRIDE]]


def test_a_cashier_chooses_and_is_offered_nothing(till: Till) -> None:
    till.sign_in("Ana", "Inventory")
    at(till, "Klara and the Sun")
    till.key(Key.Key_A, modifier=CTRL)
    assert till.sees("Message: All 5 titles that the list shows. Esc one again.")


def test_a_block_of_cells_is_copied_and_pasted_where_somebody_stands(till: Till) -> None:
    till.sign_in("Sam", "Inventory")
    till.do(lambda: till.page._show_view(View(columns=("price", "cost", "stock", "reorder_at"))))
    till.run(till.page.tasks.settled())
    at(till, "Klara and the Sun", PLACES[SortBy.PRICE])
    till.key(Key.Key_Down, modifier=SHIFT)
    till.key(Key.Key_Right, modifier=SHIFT)
    till.key(Key.Key_C, modifier=CTRL)
    till.run(until(lambda: till.sees("2 rows are copied: Price, Cost.")))
    assert QGuiApplication.clipboard().text() == "16.95\t\n8.99\t"
    assert till.page.table.block == [PLACES[SortBy.PRICE], PLACES[SortBy.COST]]
    # Columns first, then rows, is the same; back again is one column less.
    till.key(Key.Key_Right, modifier=SHIFT)
    till.key(Key.Key_Left, modifier=SHIFT)
    till.key(Key.Key_Down, modifier=SHIFT)
    till.key(Key.Key_C, modifier=CTRL)
    till.run(until(lambda: till.sees("3 rows are copied: Price, Cost.")))
    assert QGuiApplication.clipboard().text().count("\n") == 2
    # What a spreadsheet made of it goes where somebody stands, several columns and rows at once.
    QGuiApplication.clipboard().setText("17.00\t9.00\n9.10\t4.00")
    at(till, "Klara and the Sun", PLACES[SortBy.PRICE])
    assert till.page.table.block == []
    till.key(Key.Key_V, modifier=CTRL)
    till.run(until(lambda: till.sees("4 cells of 2 titles changed. Ctrl+Z takes it back.")))
    assert (price(till, KLARA), price(till, PRIDE)) == (1700, 910)
    till.key(Key.Key_Right)
    till.key(Key.Key_C, modifier=CTRL)
    assert QGuiApplication.clipboard().text() == "9.00"
