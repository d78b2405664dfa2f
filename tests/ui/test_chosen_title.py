"""The panel beside the list shows the title of the row that is marked, and what is done is done to that one."""

import asyncio
from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QDialog
from stdnum import ean

from pos_app.app import App
from pos_app.services.book import BookDetail, get_book
from pos_app.services.book_add import add_book
from pos_app.services.book_list import SortBy
from tests.shop import KLARA, Shop
from tests.ui.keyboard import outside, strike, until
from tests.ui.till import Run, Till
from ui.inventory import book_actions, one_book
from ui.inventory.book_forms import FieldsDialog
from ui.inventory.columns import PLACES
from ui.inventory.label_dialog import LabelSheet
from ui.models import paged

Key = Qt.Key
CTRL, PLAIN = Qt.KeyboardModifier.ControlModifier, Qt.KeyboardModifier.NoModifier

# What the window does with either database is the same.
pytestmark = pytest.mark.parametrize("config", ["sqlite"], indirect=True)


@pytest.fixture
def pages(shop: Shop, run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    """Pages of two rows: what is below those in sight is not here when it is gone to."""
    monkeypatch.setattr(paged, "PAGE", 2)
    for number in range(30):
        start = f"978014{number:06}"
        run(add_book(shop.app, shop.sam, start + ean.calc_check_digit(start), f"Cook {number:03}", 500))


def at(till: Till, title: str, column: int = 0) -> None:
    model = till.page.books
    row = next(row for row in range(model.rowCount()) if model.index(row, 0).data() == title)
    till.do(lambda: (till.page.table.setFocus(), till.page.table.setCurrentIndex(model.index(row, column))))


def marked(till: Till) -> str:
    return str(till.page.table.currentIndex().siblingAtColumn(0).data())


def beside(till: Till) -> str:
    return str(till.page.detail._title.text())


def together(till: Till, *strokes: tuple[Qt.Key, Qt.KeyboardModifier]) -> QDialog | None:
    """Press keys one right after the other, each with its own modifiers."""
    till.do(lambda: [strike(*one) for one in strokes])
    return till.dialog


@pytest.mark.usefixtures("pages")
def test_a_title_gone_to_where_nothing_is_read_yet_is_shown_beside_the_list(till: Till) -> None:
    till.sign_in("Sam", "Inventory")
    till.page.table.setFocus()
    till.key(Key.Key_End, modifier=CTRL)
    assert (marked(till), beside(till)) == ("The Left Hand of Darkness", "The Left Hand of Darkness")
    till.key(Key.Key_Home, modifier=CTRL)
    assert (marked(till), beside(till)) == ("Cook 000", "Cook 000")
    till.type("sap")
    assert (marked(till), beside(till)) == ("Sapiens", "Sapiens")


@pytest.mark.usefixtures("pages")
def test_an_act_right_after_is_done_to_the_row_that_is_marked(till: Till) -> None:
    till.sign_in("Sam", "Inventory")
    till.page.table.setFocus()
    dialog = together(till, (Key.Key_End, CTRL), (Key.Key_D, CTRL))
    assert isinstance(dialog, FieldsDialog)
    assert dialog._book.title == "The Left Hand of Darkness"
    till.key(Key.Key_Escape)
    dialog = together(till, (Key.Key_Home, CTRL), (Key.Key_P, CTRL))
    assert isinstance(dialog, LabelSheet)
    assert dialog._source.itemText(0) == "This title: Cook 000"
    till.key(Key.Key_Escape)


def test_enter_in_a_cell_goes_on_to_the_next_row_and_the_panel_with_it(
    till: Till, monkeypatch: pytest.MonkeyPatch
) -> None:
    till.sign_in("Sam", "Inventory")
    at(till, "Klara and the Sun", PLACES[SortBy.PRICE])
    read, stored, store = one_book.get_book, asyncio.Event(), book_actions.change_cells

    async def change_cells(*given: Any) -> list[BookDetail]:
        changed = await store(*given)
        stored.set()
        return changed

    async def get_book(app: App, book_id: int) -> BookDetail:
        await stored.wait()
        return await read(app, book_id)

    monkeypatch.setattr(book_actions, "change_cells", change_cells)
    monkeypatch.setattr(one_book, "get_book", get_book)
    till.type("18")
    till.key(Key.Key_Return)
    assert (marked(till), beside(till)) == ("Pride and Prejudice", "Pride and Prejudice")
    till.type("9")
    till.key(Key.Key_Return)
    assert (marked(till), beside(till)) == ("Sapiens", "Sapiens")
    till.key(Key.Key_Up)
    assert till.page.detail._price.text() == "9.00"


def test_where_nothing_is_found_no_title_stays_beside_the_list(till: Till) -> None:
    till.sign_in("Sam", "Inventory")
    till.type("zzz")
    assert beside(till) == "No title chosen"
    till.key(Key.Key_H, modifier=CTRL)
    assert till.dialog is None
    assert till.sees("Message: Choose a title first.")
    till.key(Key.Key_P, modifier=CTRL)
    assert isinstance(till.dialog, LabelSheet)
    assert till.dialog._source.itemText(0) == "The list as it is shown"
    till.key(Key.Key_Escape)
    till.key(Key.Key_Escape)
    assert (marked(till), beside(till)) == ("Gift wrap", "Gift wrap")


def test_undo_and_redo_reach_the_title_from_a_field_of_the_panel(till: Till) -> None:
    till.sign_in("Sam", "Inventory")
    at(till, "Klara and the Sun")
    field = till.page.detail._price
    till.do(lambda: (field.setFocus(), field.selectAll()))
    till.type("18")
    till.key(Key.Key_Z, modifier=CTRL)
    assert till.page.detail._price.text() == "16.95"
    till.do(field.selectAll)
    till.type("18")
    till.key(Key.Key_S, modifier=CTRL)
    assert till.sees("Message: “Klara and the Sun” is saved.")
    assert field.hasFocus()
    till.key(Key.Key_Z, modifier=CTRL)
    assert till.sees("Message: Undone: Price of “Klara and the Sun” is 16.95 again.")
    till.do(field.setFocus)
    till.key(Key.Key_Y, modifier=CTRL)
    assert till.sees("Message: Done again: Price of “Klara and the Sun” is 18.00 again.")
    at(till, "Klara and the Sun")
    assert field.text() == "18.00"


def test_the_list_stays_at_a_title_that_is_changed_until_that_is_saved(till: Till) -> None:
    till.sign_in("Sam", "Inventory")
    at(till, "Klara and the Sun")
    till.do(lambda: (till.page.detail._price.setFocus(), till.page.detail._price.selectAll()))
    till.type("18")
    till.do(till.page.table.setFocus)
    for leave in (lambda: till.key(Key.Key_Down), lambda: till.key(Key.Key_End), lambda: click_row(till, 0)):
        leave()
        till.run(until(lambda: marked(till) == "Klara and the Sun"))
        assert till.sees("Save the book (Ctrl+S) or revert it (Esc) first.")
        assert beside(till) == "Klara and the Sun"
        assert not till.page.choice.several
    till.key(Key.Key_S, modifier=CTRL)
    assert till.sees("Message: “Klara and the Sun” is saved.")
    till.key(Key.Key_Down)
    assert (marked(till), beside(till)) == ("Pride and Prejudice", "Pride and Prejudice")


def click_row(till: Till, number: int) -> None:
    table = till.page.table
    where = table.visualRect(till.page.books.index(number, 0)).center()
    till.do(lambda: QTest.mouseClick(table.viewport(), Qt.MouseButton.LeftButton, pos=where))


@pytest.mark.parametrize("leave", ["quit", "lock"])
def test_whoever_leaves_with_something_typed_is_asked_once(till: Till, leave: str) -> None:
    till.sign_in("Sam", "Inventory")
    at(till, "Klara and the Sun")
    till.do(lambda: (till.page.detail._price.setFocus(), till.page.detail._price.selectAll()))
    till.type("18")
    till.do(lambda: till.window.show_page("Orders"))
    key = Key.Key_Q if leave == "quit" else Key.Key_L
    till.key(key, modifier=CTRL)
    till.run(until(lambda: till.dialog is not None))
    assert till.sees("“Klara and the Sun”: what you typed is not saved.")
    till.key(Key.Key_Return)
    assert till.dialog is None
    assert till.window.current_page is till.window._pages["Inventory"]
    assert till.page.detail._price.text() == "18"
    till.key(key, modifier=CTRL)
    till.run(until(lambda: till.dialog is not None))
    till.run(outside(lambda: strike(Key.Key_D)))
    if leave == "quit":
        till.run(until(till.window.closed.is_set, 20))
    else:
        till.run(until(lambda: till.window.current_page is None))
    assert till.run(get_book(till.shop.app, till.shop.books[KLARA])).price == 1695


def test_whoever_leaves_with_a_cell_typed_in_is_asked_and_with_nothing_typed_is_not(till: Till) -> None:
    till.sign_in("Sam", "Inventory")
    at(till, "Klara and the Sun")
    till.do(lambda: till.page.table.setCurrentIndex(till.page.books.index(0, PLACES[SortBy.PRICE])))
    till.do(till.page.table.setFocus)
    till.key(Key.Key_Return)
    assert till.page.unsaved == ""
    till.type("5.55")
    till.run(outside(till.window.close))
    till.run(until(lambda: till.dialog is not None))
    assert till.sees("Price: what you typed is not saved.")
    till.key(Key.Key_Escape)
    assert not till.window.closed.is_set()
    till.key(Key.Key_Escape)
    till.run(outside(till.window.close))
    till.run(until(till.window.closed.is_set, 20))
