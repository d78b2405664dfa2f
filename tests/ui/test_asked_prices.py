"""Titles whose price nobody knows, and used copies: seen as what they are in the list, beside it and on labels."""

import pytest
from PySide6.QtCore import Qt

from pos_app.domain.used import Grade
from pos_app.services.book import get_book
from pos_app.services.book_copy import add_copy
from pos_app.services.book_edit import edit_book
from pos_app.services.label import book_labels
from tests.shop import KLARA, PRIDE
from tests.ui.keyboard import until
from tests.ui.till import Till
from ui.checkout.results import ResultsList
from ui.inventory.book_forms import FieldsDialog
from ui.inventory.bulk_dialog import BulkDialog
from ui.inventory.columns import PLACES, SortBy

Key, CTRL = Qt.Key, Qt.KeyboardModifier.ControlModifier
# What the window does with either database is the same.
pytestmark = pytest.mark.parametrize("config", ["sqlite"], indirect=True)


def look_at(till: Till, words: str, title: str) -> None:
    till.key(Key.Key_F2)
    till.type(words)
    till.run(until(lambda: till.page.detail.book is not None and till.page.detail.book.title.startswith(title)))


def test_a_price_that_is_asked_for_is_not_shown_as_nothing(till: Till) -> None:
    app, book = till.shop.app, till.run(get_book(till.shop.app, till.shop.books[KLARA]))
    till.run(edit_book(app, till.shop.sam, book.id, book.version, {"price": 0, "open_price": True}))
    assert [label.price for label in till.run(book_labels(app, book.id, 1, with_price_code=True)).labels] == [None]
    till.sign_in("Sam", "Inventory")
    look_at(till, "klara", "Klara")
    assert till.page.books.index(0, PLACES[SortBy.PRICE]).data() == "price?"
    detail = till.page.detail
    assert (detail._price.text(), detail._price.placeholderText()) == ("", "price?")
    # Nothing typed is no change; the first price typed ends the asking.
    assert not detail.dirty
    detail._price.setFocus()
    till.type("12")
    till.key(Key.Key_S, modifier=CTRL)
    till.run(until(lambda: till.page.books.index(0, PLACES[SortBy.PRICE]).data() == "12.00"))
    assert not till.run(get_book(app, book.id)).open_price


def test_the_till_is_told_to_ask_by_a_switch(till: Till) -> None:
    till.sign_in("Sam", "Inventory")
    look_at(till, "klara", "Klara")
    till.key(Key.Key_D, modifier=CTRL)
    dialog = till.dialog
    assert isinstance(dialog, FieldsDialog)
    till.do(dialog._open.setFocus)
    till.key(Key.Key_Down)
    till.key(Key.Key_Return)
    till.run(until(lambda: till.page.books.index(0, PLACES[SortBy.PRICE]).data() == "price?"))
    till.sign_in("Ana")
    till.type("klara")
    found = till.page.findChild(ResultsList).model()
    till.run(until(lambda: found.rowCount() == 1))
    assert "price?" in found.index(0, 0).data()


def test_a_used_copy_says_so_beside_the_list(till: Till) -> None:
    app, of = till.shop.app, till.shop.books[PRIDE]
    made = till.run(add_copy(app, till.shop.sam, of, Grade.VERY_GOOD, 450, note="inscribed"))
    till.sign_in("Sam", "Inventory")
    look_at(till, "pride used", "Pride and Prejudice (used")
    assert till.sees("Used, very good · inscribed")
    assert till.sees(made.code)
    look_at(till, "klara", "Klara")
    assert not till.page.detail._used.isVisible()


def test_what_many_titles_would_become_stands_in_a_table(till: Till) -> None:
    till.sign_in("Sam", "Inventory")
    till.run(until(lambda: till.page.detail.book is not None))
    till.key(Key.Key_B, modifier=CTRL)
    dialog = till.dialog
    assert isinstance(dialog, BulkDialog)
    till.type("+10")
    dialog._reorder.setText("3")
    till.key(Key.Key_Return)
    till.run(until(dialog._preview.isVisible))
    model = dialog._preview.rows
    cells = [[model.index(row, column).data() for column in range(4)] for row in range(model.rowCount())]
    assert ["Klara and the Sun", "Price", "16.95", "18.65"] in cells
    assert ["Klara and the Sun", "Reorder at", "0", "3"] in cells
    till.type("1")
    assert not dialog._preview.isVisible()
    till.key(Key.Key_Escape)
