"""Editing titles as in a spreadsheet, many at once, and taking it back, by keys alone."""

import re
import resource
import sqlite3
import struct
import time
import tracemalloc
import zlib
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pypdfium2
import pytest
from PySide6.QtCore import QBuffer, QRect, Qt
from PySide6.QtGui import QFontMetrics, QGuiApplication, QImage, QPageSize
from PySide6.QtPrintSupport import QPrinter
from PySide6.QtWidgets import QApplication
from stdnum import ean

from pos_app.domain.kinds import BookKind
from pos_app.domain.money import currency
from pos_app.domain.shop import ShopSettings
from pos_app.errors import Refused, Unavailable
from pos_app.messages import sentence
from pos_app.services import book_bulk
from pos_app.services.book import find_by_code, get_book
from pos_app.services.book_add import add_book
from pos_app.services.book_bulk import BulkChange, bulk_edit
from pos_app.services.book_bulk_left import list_left
from pos_app.services.book_copy import list_copies
from pos_app.services.book_edit import Change, change_book, edit_book
from pos_app.services.book_filter import BookFilter
from pos_app.services.book_history import book_history
from pos_app.services.book_list import SortBy
from pos_app.services.review import keep_review, own_review
from tests.conftest import SetClock
from tests.shop import DARKNESS, KLARA, PRIDE, SAPIENS
from tests.ui.keyboard import outside, strike, until
from tests.ui.till import Till
from ui.format import Formatter
from ui.inventory import shelf_talker
from ui.inventory.ask import AskSheet
from ui.inventory.cell_clipboard import read, written
from ui.inventory.cells import bare_amount
from ui.inventory.columns import PLACES
from ui.inventory.merge_sheet import MergeSheet
from ui.inventory.new_book import NewBookSheet
from ui.inventory.picture import cover_from_bytes, cover_from_file, cover_from_image
from ui.inventory.review_sheet import ReviewSheet
from ui.inventory.shelf_talker import ShelfTalkerSheet
from ui.printers import PrinterDialog
from ui.style import theme

CTRL = Qt.KeyboardModifier.ControlModifier

# What the window does with either database is the same.
sqlite = pytest.mark.parametrize("config", ["sqlite"], indirect=True)


def isbn13(start: str) -> str:
    return start + ean.calc_check_digit(start)


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
    assert till.sees("Message: Undone: Price of “Klara and the Sun” is 16.95 again.")
    till.key(Qt.Key.Key_Y, modifier=CTRL)
    assert price(till, KLARA) == 1800
    assert till.sees("Message: Done again: Price of “Klara and the Sun” is 18.00 again.")


@sqlite
def test_a_price_of_nothing_or_below_cost_is_said(till: Till) -> None:
    shop = till.shop
    till.run(edit_book(shop.app, shop.sam, shop.books[KLARA], 1, {"cost": 900}))
    till.sign_in("Sam", "Inventory")
    for typed, said in (
        ("0", "“Klara and the Sun” costs nothing now: its price is 0. Ctrl+Z takes it back."),
        ("8.99", "“Klara and the Sun” is priced below its cost now: 8.99 under 9.00. Ctrl+Z takes it back."),
        ("9", ""),
    ):
        at(till, "Klara and the Sun", PLACES[SortBy.PRICE])
        till.type(typed)
        till.key(Qt.Key.Key_Return)
        assert till.page.message.text() == said
    at(till, "Klara and the Sun", PLACES[SortBy.PRICE])
    till.do(lambda: (till.page.detail._price.setFocus(), till.page.detail._price.selectAll()))
    till.type("5")
    till.key(Qt.Key.Key_S, modifier=CTRL)
    assert till.sees("“Klara and the Sun” is saved. “Klara and the Sun” is priced below its cost now: 5.00 under 9.00.")
    till.key(Qt.Key.Key_B, modifier=CTRL)
    till.type("-100")
    till.key(Qt.Key.Key_Return)
    assert till.sees("Of 5 titles, 4 would cost nothing. Look at the first ones")
    till.dialog._rate.selectAll()  # type: ignore[union-attr]
    till.type("-10")
    till.key(Qt.Key.Key_Return)
    assert till.sees("Of 5 titles, 1 would be priced at less than its cost. Look at the first ones")


@sqlite
def test_what_waits_for_a_busy_database_is_said_and_stored_once(till: Till) -> None:
    """What is wrong with a price is told once it is stored; until then nothing looks forgotten."""
    shop = till.shop
    till.run(edit_book(shop.app, shop.sam, shop.books[KLARA], 1, {"cost": 900}))
    till.sign_in("Sam", "Inventory")
    file = shop.app.config.database_url.removeprefix("sqlite:///")

    def at_once(key: Qt.Key, modifier: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier) -> None:
        till.run(outside(lambda: strike(key, modifier)))

    for where in ("list", "panel"):
        at(till, "Klara and the Sun", PLACES[SortBy.PRICE])
        if where == "panel":
            till.do(lambda: (till.page.detail._price.setFocus(), till.page.detail._price.selectAll()))
        till.type("8" if where == "list" else "7")
        with closing(sqlite3.connect(file, isolation_level=None)) as other:
            other.execute("BEGIN IMMEDIATE")
            for _ in range(2 if where == "panel" else 1):
                at_once(Qt.Key.Key_Return)
            till.run(until(lambda: till.sees("Message: Being stored; the database is busy.")))
            other.execute("ROLLBACK")
        till.settle()
        assert till.sees("is priced below its cost now")
        assert not till.sees("Being stored")
    assert till.run(get_book(shop.app, shop.books[KLARA])).price == 700
    rows = till.run(book_history(shop.app, shop.sam, shop.books[KLARA], field="price"))
    assert [(row.old, row.new) for row in rows] == [(800, 700), (1695, 800)]


def cell(till: Till) -> QRect:
    """Where a cell is typed into, in the list."""
    return till.page.book_actions.cells.over.geometry()


@pytest.mark.parametrize(
    ("typed", "change", "seen"),
    [("", {"title": "Zara and the Sun"}, True), ("a", {"title": "Zzz", "author": "Zzz"}, False)],
    ids=["it moves", "it leaves the list"],
)
def test_a_cell_is_the_book_it_was_begun_in_whatever_becomes_of_the_list(
    till: Till, typed: str, change: dict[str, str], *, seen: bool
) -> None:
    till.sign_in("Sam", "Inventory")
    till.key(Qt.Key.Key_F2)
    till.type(typed)
    at(till, "Klara and the Sun", PLACES[SortBy.PRICE])
    till.type("1")
    book = till.run(get_book(till.shop.app, till.shop.books[KLARA]))
    till.run(edit_book(till.shop.app, till.shop.sam, book.id, book.version, change))
    till.do(till.page.live.look)
    cells = till.page.book_actions.cells
    if seen:
        row = till.page.books.index(till.page.books.rowCount() - 1, PLACES[SortBy.PRICE])
        assert till.page.books.index(row.row(), 0).data() == "Zara and the Sun"
        assert till.page.table.visualRect(row).contains(cell(till))
    else:
        assert not cells.over.isVisible()
        assert till.sees("Klara and the Sun · Price")
    till.type("8")
    till.key(Qt.Key.Key_Return)
    assert (price(till, KLARA), price(till, PRIDE)) == (1800, 899)
    assert not cells.over.isVisible()
    assert not cells.bar.isVisible()


@sqlite
def test_a_cell_that_is_scrolled_away_is_typed_into_under_the_list(till: Till) -> None:
    for number in range(30):
        till.run(add_book(till.shop.app, till.shop.sam, isbn13(f"978014{number:06}"), f"Volume {number:03}", 500))
    till.sign_in("Sam", "Inventory")
    at(till, "Klara and the Sun", PLACES[SortBy.PRICE])
    till.type("1")
    bar = till.page.table.verticalScrollBar()
    till.do(lambda: bar.setValue(20))
    assert till.page.table.visualRect(till.page.table.currentIndex()).contains(cell(till))
    till.do(lambda: bar.setValue(bar.maximum()))
    assert till.sees("Klara and the Sun · Price")
    till.type("8")
    till.do(lambda: bar.setValue(0))
    assert till.page.table.visualRect(till.page.table.currentIndex()).contains(cell(till))
    till.key(Qt.Key.Key_Return)
    assert price(till, KLARA) == 1800


@sqlite
def test_what_was_typed_is_kept_where_the_person_goes_on_elsewhere_and_dropped_by_esc(till: Till) -> None:
    till.sign_in("Sam", "Inventory")
    at(till, "Klara and the Sun", PLACES[SortBy.PRICE])
    till.type("18")
    till.do(till.page.search.setFocus)
    assert price(till, KLARA) == 1800
    at(till, "Klara and the Sun", PLACES[SortBy.PRICE])
    till.type("19")
    till.key(Qt.Key.Key_Escape)
    assert price(till, KLARA) == 1800
    at(till, "Klara and the Sun", PLACES[SortBy.PRICE])
    till.type("1..2")
    till.do(till.page.search.setFocus)
    assert till.sees("“1..2” is no amount")


def test_cells_of_a_spreadsheet_are_pasted_as_one_change(till: Till) -> None:
    till.sign_in("Sam", "Inventory")
    at(till, "Klara and the Sun", PLACES[SortBy.PRICE])
    till.do(lambda: QGuiApplication.clipboard().setText("17.00\t2\t4\n9.50\t1\t5\n"))
    till.key(Qt.Key.Key_V, modifier=CTRL)
    assert (price(till, KLARA), price(till, PRIDE)) == (1700, 950)
    assert till.run(get_book(till.shop.app, till.shop.books[PRIDE])).reorder_at == 5
    till.key(Qt.Key.Key_Z, modifier=CTRL)
    assert (price(till, KLARA), price(till, PRIDE)) == (1695, 899)
    assert till.sees("Message: Undone: 4 changes in 2 titles: price, reorder at.")
    till.key(Qt.Key.Key_C, modifier=CTRL)
    assert QGuiApplication.clipboard().text() != ""


@pytest.mark.parametrize(
    ("text", "cells"),
    [
        ('"12.50"\t3\n', [["12.50", "3"]]),
        ('"Two\nlines"\t"a\ttab"\r\n"say ""hi"""\tplain\r\n', [["Two\nlines", "a\ttab"], ['say "hi"', "plain"]]),
        ('"Two\r\nlines"', [["Two\r\nlines"]]),
        ('6" by 9"\t1\n', [['6" by 9"', "1"]]),
        ('"A" is for Alibi\t1\n2\t3\n', [['"A" is for Alibi', "1"], ["2", "3"]]),
        ('"never closed\t1\n2\t3', [['"never closed', "1"], ["2", "3"]]),
        ("a\n\nb\n", [["a"], [""], ["b"]]),
        ("\t\n", [["", ""]]),
        ("", []),
        ("x" * 200_000, [["x" * 200_000]]),
    ],
)
def test_cells_are_read_as_spreadsheets_write_them(text: str, cells: list[list[str]]) -> None:
    assert read(text) == cells


@pytest.mark.parametrize(
    "cells", [[['say "hi"', "a\ttab"], ["two\nlines", ""]], [["a"], [""], ["b"]], [['"all of it"']], [["", ""]]]
)
def test_cells_copied_are_read_back_as_they_were(cells: list[list[str]]) -> None:
    assert read(written(cells)) == cells


def test_a_cell_without_quotes_is_copied_without_them() -> None:
    assert written([["Klara and the Sun", "16.95"], ["", "8.99"]]) == "Klara and the Sun\t16.95\n\t8.99"
    assert written([[""]]) == ""


@sqlite
def test_quoted_cells_with_line_breaks_are_pasted_and_copied_again(till: Till) -> None:
    till.sign_in("Sam", "Inventory")
    at(till, "Klara and the Sun", PLACES[SortBy.TITLE])
    till.do(lambda: QGuiApplication.clipboard().setText('"Klara\nand ""her"" Sun"\r\n"Pride\tand Prejudice"\r\n'))
    till.key(Qt.Key.Key_V, modifier=CTRL)
    books = [till.run(get_book(till.shop.app, till.shop.books[isbn])) for isbn in (KLARA, PRIDE)]
    assert [book.title for book in books] == ['Klara and "her" Sun', "Pride and Prejudice"]
    at(till, 'Klara and "her" Sun', PLACES[SortBy.TITLE])
    till.key(Qt.Key.Key_C, modifier=CTRL)
    assert QGuiApplication.clipboard().text() == '"Klara and ""her"" Sun"'
    at(till, 'Klara and "her" Sun', PLACES[SortBy.PRICE])
    till.do(lambda: QGuiApplication.clipboard().setText('"12.50"\n'))
    till.key(Qt.Key.Key_V, modifier=CTRL)
    assert price(till, KLARA) == 1250


@sqlite
def test_one_cell_is_pasted_into_all_rows_chosen(till: Till) -> None:
    till.sign_in("Sam", "Inventory")
    at(till, "Klara and the Sun", PLACES[SortBy.PRICE])
    till.key(Qt.Key.Key_Down, modifier=Qt.KeyboardModifier.ShiftModifier)
    till.do(lambda: QGuiApplication.clipboard().setText("7.00\n"))
    till.key(Qt.Key.Key_V, modifier=CTRL)
    assert (price(till, KLARA), price(till, PRIDE)) == (700, 700)
    till.key(Qt.Key.Key_Z, modifier=CTRL)
    assert (price(till, KLARA), price(till, PRIDE)) == (1695, 899)


@sqlite
def test_more_rows_than_the_list_has_are_not_pasted_in_part(till: Till) -> None:
    till.sign_in("Sam", "Inventory")
    at(till, "Sapiens", PLACES[SortBy.PRICE])
    till.do(lambda: QGuiApplication.clipboard().setText("7.00\n8.00\n9.00\n"))
    till.key(Qt.Key.Key_V, modifier=CTRL)
    assert till.sees("The list ends before the 3 rows pasted do.")
    assert price(till, SAPIENS) == 2499


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


@pytest.mark.parametrize("config", ["sqlite"], indirect=True)
@pytest.mark.parametrize("scale", [100, 150])
def test_an_old_change_says_its_year_and_no_moment_is_cut(
    till: Till, clock: SetClock, qapp: QApplication, scale: int
) -> None:
    app, sam, klara = till.shop.app, till.shop.sam, till.shop.books[KLARA]
    till.run(change_book(app, sam, klara, {"price": Change(1695, 1795)}))
    # The database writes down the true time of a change; to the till a year has gone by.
    clock.time = datetime.now(UTC) + timedelta(days=366)
    theme.apply(qapp, "light", scale)
    try:
        till.window.resize(1024, 768)
        till.sign_in("Sam", "Inventory")
        at(till, "Klara and the Sun", PLACES[SortBy.PRICE])
        till.key(Qt.Key.Key_H, modifier=CTRL)
        table = till.dialog.table  # type: ignore[union-attr]
        moments = [table.item(row, 0).text() for row in range(table.rowCount())]
        assert re.fullmatch(rf"\d+ \w+ {clock.time.year - 1} \d\d:\d\d", moments[0])
        metrics = QFontMetrics(theme.font())
        assert table.columnWidth(0) >= max(metrics.horizontalAdvance(text) for text in moments) + 12
        # What was changed has the rest, and is not pushed off the edge.
        assert table.horizontalHeader().length() <= table.viewport().width()
        assert min(table.columnWidth(column) for column in (3, 4)) >= theme.px(100)
        till.key(Qt.Key.Key_Return)
    finally:
        theme.apply(qapp, "light")


def test_price_and_stock_saved_in_the_panel_are_taken_back_as_one_and_stand_in_the_history(till: Till) -> None:
    till.sign_in("Sam", "Inventory")
    at(till, "Klara and the Sun", PLACES[SortBy.PRICE])
    detail = till.page.detail
    till.do(lambda: (detail._price.setFocus(), detail._price.selectAll()))
    till.type("18")
    till.do(lambda: (detail._stock.setFocus(), detail._stock.selectAll()))
    till.type("5")
    till.key(Qt.Key.Key_Tab)
    till.type("f")
    till.key(Qt.Key.Key_S, modifier=CTRL)
    at(till, "Klara and the Sun", PLACES[SortBy.PRICE])
    till.key(Qt.Key.Key_H, modifier=CTRL)
    table = till.dialog.table  # type: ignore[union-attr]
    rows = [[table.item(row, column).text() for column in range(1, 5)] for row in range(2)]
    assert rows == [["Sam, till 1", "Stock", "2", "5"], ["Sam, till 1", "Price", "16.95", "18.00"]]
    till.key(Qt.Key.Key_Return)
    till.key(Qt.Key.Key_Z, modifier=CTRL)
    assert (price(till, KLARA), till.run(till.shop.stock(KLARA))) == (1695, 2)
    assert till.sees("Message: Undone: stock, price of “Klara and the Sun”.")
    assert till.sees("Taken back: Found")
    assert (detail._price.text(), detail._stock.text()) == ("16.95", "2")
    till.key(Qt.Key.Key_Y, modifier=CTRL)
    assert (price(till, KLARA), till.run(till.shop.stock(KLARA))) == (1800, 5)
    # Sold since, its copies cannot be taken out again; its price can.
    for _ in range(4):
        till.run(till.shop.sell(KLARA))
    till.key(Qt.Key.Key_Z, modifier=CTRL)
    assert (price(till, KLARA), till.run(till.shop.stock(KLARA))) == (1695, 1)
    assert till.sees(
        "Message: Undone: Price of “Klara and the Sun” is 16.95 again. The stock stays 1: it was counted again, or copies "
        "were sold or set aside since."
    )


@sqlite
def test_a_correction_of_stock_that_cannot_be_taken_back_is_told(till: Till) -> None:
    till.sign_in("Sam", "Inventory")
    at(till, "Klara and the Sun", PLACES[SortBy.PRICE])
    detail = till.page.detail
    till.do(lambda: (detail._stock.setFocus(), detail._stock.selectAll()))
    till.type("3")
    till.key(Qt.Key.Key_Tab)
    till.type("f")
    till.key(Qt.Key.Key_Return)
    for _ in range(3):
        till.run(till.shop.sell(KLARA))
    at(till, "Klara and the Sun", PLACES[SortBy.PRICE])
    till.key(Qt.Key.Key_Z, modifier=CTRL)
    assert till.sees("Message: The stock of “Klara and the Sun” stays 0: it was counted again, or copies were sold")


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


@sqlite
def test_goods_without_an_isbn_are_added_and_a_twin_is_told_of(till: Till) -> None:
    till.sign_in("Sam", "Inventory")
    for again in (False, True):
        till.key(Qt.Key.Key_N, modifier=CTRL)
        till.key(Qt.Key.Key_Tab)
        till.type("Tote bag")
        till.key(Qt.Key.Key_Tab, Qt.Key.Key_Tab)
        till.type("12")
        sheet = till.dialog
        assert isinstance(sheet, NewBookSheet)
        sheet._kind.setCurrentIndex(2)
        till.key(Qt.Key.Key_Return)
        if again:
            assert till.sees("Message: “Tote bag” is there already: no ISBN, £12.00. Enter again adds a second one.")
            till.key(Qt.Key.Key_Return)
        till.run(until(lambda: till.dialog is None))
        till.run(until(lambda: till.page.detail.book is not None and till.page.detail.book.title == "Tote bag"))
    assert till.page.detail.book.kind is BookKind.OTHER
    assert till.page.detail.book.isbn is None


def test_a_code_is_added_and_a_used_copy_under_f10(till: Till) -> None:
    till.sign_in("Sam", "Inventory")
    at(till, "Klara and the Sun", PLACES[SortBy.PRICE])
    till.key(Qt.Key.Key_F10)
    till.key(Qt.Key.Key_B)
    till.type("4006381333931")
    till.key(Qt.Key.Key_Return)
    assert till.sees("Message: “Klara and the Sun” has the further codes 4006381333931.")
    till.key(Qt.Key.Key_Escape)
    till.key(Qt.Key.Key_F10)
    till.key(Qt.Key.Key_U)
    till.type("6.50")
    till.key(Qt.Key.Key_Return)
    (copy,) = till.run(list_copies(till.shop.app, till.shop.books[KLARA]))
    assert (copy.price, copy.stock) == (650, 1)


@sqlite
def test_a_new_books_number_is_scanned_and_what_it_still_needs_is_said(till: Till) -> None:
    till.sign_in("Sam", "Inventory")
    till.key(Qt.Key.Key_N, modifier=CTRL)
    till.scan("9780131103627")
    dialog = till.dialog
    assert isinstance(dialog, NewBookSheet)
    assert dialog._fields["ISBN"].text() == "9780131103627"
    till.type("The C Book")
    till.key(Qt.Key.Key_Return)
    assert till.sees("It has no price yet. Type one")


@sqlite
def test_a_new_book_that_is_sold_already_is_told_of_and_nothing_typed_is_lost(till: Till) -> None:
    till.sign_in("Sam", "Inventory")
    till.key(Qt.Key.Key_N, modifier=CTRL)
    sheet = till.dialog
    assert isinstance(sheet, NewBookSheet)
    till.scan(KLARA)
    known = "“Klara and the Sun” is sold under this number already, at £16.95. Nothing was added."
    assert sheet._faults["ISBN"].text() == known
    assert sheet._fields["ISBN"].hasFocus()
    till.scan("9780140449136")
    assert sheet._faults["ISBN"].text() == ""
    sheet._fields["ISBN"].setText(KLARA)
    for name, text in (("Title", "Another book"), ("Price", "5")):
        till.do(sheet._fields[name].setFocus)
        till.type(text)
    till.key(Qt.Key.Key_Return)
    assert till.dialog is sheet
    assert sheet._faults["ISBN"].text() == known
    assert [field.text() for field in sheet._fields.values()] == [KLARA, "Another book", "", "5"]
    till.key(Qt.Key.Key_Escape)
    assert till.dialog is None
    assert not till.sees("Ctrl+Z takes it back")
    assert price(till, KLARA) == 1695


def test_a_price_mistyped_for_a_new_book_loses_nothing_of_it(till: Till) -> None:
    till.sign_in("Sam", "Inventory")
    till.key(Qt.Key.Key_N, modifier=CTRL)
    for text in ("9780140449136", "Crime and Punishment", "Fyodor Dostoevsky"):
        till.type(text)
        till.key(Qt.Key.Key_Tab)
    till.type("9..99")
    till.key(Qt.Key.Key_Return)
    assert till.sees("Message: “9..99” is no amount")
    sheet = till.dialog
    assert isinstance(sheet, AskSheet)
    assert [field.text() for field in sheet._fields.values()] == [
        "9780140449136", "Crime and Punishment", "Fyodor Dostoevsky", "9..99",
    ]  # fmt: skip
    assert sheet._fields["Price"].hasFocus()
    till.type("9.99")
    assert not till.sees("is no amount")
    till.key(Qt.Key.Key_Return)
    assert till.page.detail.book.title == "Crime and Punishment"
    assert till.page.detail.book.price == 999


@sqlite
def test_an_isbn_with_a_digit_wrong_is_told_beside_it(till: Till) -> None:
    till.sign_in("Sam", "Inventory")
    till.key(Qt.Key.Key_N, modifier=CTRL)
    till.type("9780140449137")
    till.key(Qt.Key.Key_Tab)
    till.type("Crime and Punishment")
    till.key(Qt.Key.Key_Tab, Qt.Key.Key_Tab)
    till.type("9.99")
    till.key(Qt.Key.Key_Return)
    sheet = till.dialog
    assert isinstance(sheet, AskSheet)
    assert sheet._fields["ISBN"].hasFocus()
    assert sheet._faults["ISBN"].isVisible()
    till.key(Qt.Key.Key_Escape)


@sqlite
def test_duplicates_are_merged_by_keys_and_parted_again(till: Till) -> None:
    till.sign_in("Sam", "Inventory")
    app, sam = till.shop.app, till.shop.sam
    other = till.run(add_book(app, sam, "9780571364909", "Klara and the Sun", 899, "Kazuo Ishiguro"))
    till.key(Qt.Key.Key_F10)
    till.key(Qt.Key.Key_D)
    sheet = till.dialog
    assert isinstance(sheet, MergeSheet)
    assert sheet._choice.currentText() == f"Klara and the Sun (9780571364909 and {KLARA})"
    assert till.sees("Goes: Price £8.99")
    assert till.sees("The same: title, author. Different: ISBN, price.")
    till.key(Qt.Key.Key_F4)
    assert till.sees("Stays: Price £8.99")
    till.key(Qt.Key.Key_F4)
    till.key(Qt.Key.Key_Return)
    assert till.sees("Message: Merged into “Klara and the Sun”. Ctrl+Z takes it back.")
    assert till.run(find_by_code(app, "9780571364909")).id == till.shop.books[KLARA]
    assert not till.run(get_book(app, other)).active
    till.key(Qt.Key.Key_Z, modifier=CTRL)
    assert till.run(find_by_code(app, "9780571364909")).id == other
    assert till.run(get_book(app, other)).active


@sqlite
def test_two_rows_chosen_are_merged_by_hand(till: Till) -> None:
    till.sign_in("Sam", "Inventory")
    at(till, "Klara and the Sun", PLACES[SortBy.PRICE])
    till.key(Qt.Key.Key_Down, modifier=Qt.KeyboardModifier.ShiftModifier)
    till.key(Qt.Key.Key_F10)
    till.key(Qt.Key.Key_D)
    till.run(until(lambda: isinstance(till.dialog, MergeSheet)))
    assert till.sees("Stays: Title Klara and the Sun")
    assert till.sees("You chose these two. The same: nothing. Different: title, author, ISBN, price.")
    till.key(Qt.Key.Key_Escape)


@sqlite
def test_where_no_two_titles_are_alike_it_says_so(till: Till) -> None:
    till.sign_in("Sam", "Inventory")
    till.key(Qt.Key.Key_F10)
    till.key(Qt.Key.Key_D)
    assert till.dialog is None
    assert till.sees("Message: No two titles on sale have the same words and author.")


@sqlite
def test_a_staff_pick_is_written_and_its_card_made_by_keys(till: Till) -> None:
    till.sign_in("Sam", "Inventory")
    at(till, "Klara and the Sun", PLACES[SortBy.PRICE])
    till.key(Qt.Key.Key_F10)
    till.key(Qt.Key.Key_T)
    assert till.sees("Nobody picked this title yet.")
    till.key(Qt.Key.Key_F10)
    till.key(Qt.Key.Key_S)
    assert till.sees("Stars")
    till.type("Read it twice in a week.")
    till.key(Qt.Key.Key_Return)
    assert till.sees("Message: “Klara and the Sun” is a staff pick.")
    till.key(Qt.Key.Key_F10)
    till.key(Qt.Key.Key_T)
    assert isinstance(till.dialog, ShelfTalkerSheet)
    till.key(Qt.Key.Key_F9)
    file = till.shop.app.config.data_dir / "exports" / f"shelf-talker-{till.shop.books[KLARA]}.pdf"
    assert till.sees(f"Message: The card is in {file}.")
    with pypdfium2.PdfDocument(file) as document:
        words = document[0].get_textpage().get_text_range().split()
        size = document.get_page_size(0)
    text = " ".join(words)
    assert "Sam’s pick" in text
    assert "£16.95" in text
    assert "Klara and the Sun" in text
    assert "Read it twice in a week" in text
    assert "£" in text
    assert [round(side / 72 * 25.4) for side in size] == [105, 148]


@sqlite
def test_a_shelf_talker_is_printed_as_labels_are(till: Till, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    till.sign_in("Sam", "Inventory")
    shop, book = till.shop, till.shop.books[KLARA]
    for person, words in ((shop.sam, "Read it twice."), (shop.ana, "I cried. " * 100)):
        till.run(keep_review(shop.app, person, book, 5, words))
    at(till, "Klara and the Sun", PLACES[SortBy.PRICE])
    till.key(Qt.Key.Key_F10)
    till.key(Qt.Key.Key_T)
    till.key(Qt.Key.Key_F12)
    till.run(until(lambda: isinstance(till.dialog, PrinterDialog)))
    till.key(Qt.Key.Key_Escape)
    assert isinstance(till.dialog, ShelfTalkerSheet)
    paper = tmp_path / "paper.pdf"

    async def chosen(*_: object) -> QPrinter:
        printer = QPrinter(QPrinter.PrinterMode.HighResolution)
        printer.setOutputFileName(str(paper))
        printer.setPageSize(QPageSize(QPageSize.PageSizeId.A4))
        return printer

    monkeypatch.setattr(shelf_talker, "ask_printer", chosen)
    # The last one written comes first; A7 is the next size, and so is the other person's.
    till.key(Qt.Key.Key_Down)
    till.key(Qt.Key.Key_F12)
    assert till.sees("Message: Sent to")
    with pypdfium2.PdfDocument(paper) as document:
        text = document[0].get_textpage()
        assert "Ana’s pick" in text.get_text_range()
        assert text.get_text_range().count("I cried.") == 100
        height = document.get_page_size(0)[1]
        every = [text.get_charbox(place) for place in range(text.count_chars())]
        boxes = [box for box in every if box[2] > box[0]]
        # On the printer's own paper, in the corner: all of it within the frame of an A7.
        assert round(height / 72 * 25.4) == 297
        assert max(box[2] for box in boxes) < (74 + 15) / 25.4 * 72
        assert min(box[1] for box in boxes) > height - (105 + 15) / 25.4 * 72
    till.key(Qt.Key.Key_Tab, Qt.Key.Key_Down)
    till.key(Qt.Key.Key_Return)
    with pypdfium2.PdfDocument(paper) as document:
        assert "Sam’s pick" in document[0].get_textpage().get_text_range()


@sqlite
def test_an_opinion_is_shown_as_it_is_changed_and_taken_away_by_keys(till: Till) -> None:
    till.sign_in("Sam", "Inventory")
    shop, book = till.shop, till.shop.books[KLARA]
    till.run(keep_review(shop.app, shop.ana, book, 4, "Witty.", staff_pick=False))
    at(till, "Klara and the Sun", PLACES[SortBy.PRICE])

    def opened() -> ReviewSheet:
        till.key(Qt.Key.Key_F10)
        till.key(Qt.Key.Key_S)
        assert isinstance(till.dialog, ReviewSheet)
        return till.dialog

    def mine() -> tuple[int, str, bool] | None:
        row = till.run(own_review(shop.app, shop.sam, book))
        return None if row is None else (row.rating, row.comment, row.staff_pick)

    sheet = opened()
    assert till.sees("Ana’s review: ★★★★ Witty.")
    assert not sheet.away.isVisible()
    till.type("The best.")
    till.key(Qt.Key.Key_Return, modifier=Qt.KeyboardModifier.ShiftModifier)
    till.type("Twice.")
    till.key(Qt.Key.Key_Return)
    assert mine() == (5, "The best.\nTwice.", True)
    # Opened again it is there: Enter changes nothing of it, and letters go on behind it.
    sheet = opened()
    assert sheet.words.toPlainText() == "The best.\nTwice."
    till.key(Qt.Key.Key_Return)
    assert mine() == (5, "The best.\nTwice.", True)
    opened()
    till.type(" Or so.")
    till.key(Qt.Key.Key_Backtab, Qt.Key.Key_Down, Qt.Key.Key_Backtab, Qt.Key.Key_Down)
    till.key(Qt.Key.Key_Return)
    assert till.sees("Message: Your review of “Klara and the Sun” is kept. Ctrl+Z takes it back.")
    assert mine() == (4, "The best.\nTwice. Or so.", False)
    opened()
    till.do(lambda: till.dialog.words.setPlainText("x" * 1001))  # type: ignore[union-attr]
    till.key(Qt.Key.Key_Return)
    assert till.sees("Message: An opinion has 1 to 5 stars and at most 1000 letters.")
    till.key(Qt.Key.Key_T, modifier=Qt.KeyboardModifier.AltModifier)
    assert till.sees("Message: Your review of “Klara and the Sun” is taken away. Ctrl+Z takes it back.")
    assert mine() is None
    till.key(Qt.Key.Key_Z, modifier=CTRL)
    assert mine() == (4, "The best.\nTwice. Or so.", False)
    assert till.sees("Message: Undone: review of “Klara and the Sun”.")
    till.key(Qt.Key.Key_H, modifier=CTRL)
    table = till.dialog.table  # type: ignore[union-attr]
    assert [table.item(0, column).text() for column in range(2, 5)] == [
        "Review",
        "none",
        "review 4★ The best. Twice. Or so.",
    ]
    till.key(Qt.Key.Key_Return)


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


def jpeg() -> bytes:
    image = QImage(1200, 1800, QImage.Format.Format_RGB32)
    image.fill(Qt.GlobalColor.darkGreen)
    buffer = QBuffer()
    buffer.open(QBuffer.OpenModeFlag.WriteOnly)
    image.save(buffer, "JPG")
    return bytes(buffer.data().data())


@pytest.mark.parametrize(
    ("name", "content", "code"),
    [
        ("page.jpg", b"<html><body>Not found</body></html>", "cover.picture"),
        ("cover.png", jpeg()[:200], "cover.picture"),
        ("cover.jpg", b"MZ" + bytes(1000), "cover.picture"),
        ("huge.jpg", png(60_000, 60_000), "cover.large"),
        ("long.png", b"\x89PNG\r\n\x1a\n" + bytes(21_000_000), "cover.large"),
    ],
    ids=["a page", "broken off", "a program", "60,000 x 60,000", "a long file"],
)
def test_files_that_are_no_covers_are_refused_by_a_sentence(
    qapp: object, tmp_path: Path, name: str, content: bytes, code: str
) -> None:
    (tmp_path / name).write_bytes(content)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    started = time.monotonic()
    with pytest.raises(Refused) as refused:
        cover_from_file(str(tmp_path / name))
    assert refused.value.code == code
    assert len(sentence(refused.value)) > 20
    assert time.monotonic() - started < 1
    # In kB, and of the whole process: what Qt itself took is in it.
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 60_000


def test_a_picture_is_told_by_what_it_is_and_not_by_its_name(qapp: object, tmp_path: Path) -> None:
    (tmp_path / "cover.png").write_bytes(jpeg())
    assert cover_from_file(str(tmp_path / "cover.png"))[:3] == b"\xff\xd8\xff"
    with pytest.raises(Refused, match=r"cover\.picture"):
        cover_from_file(str(tmp_path / "missing.png"))
    with pytest.raises(Refused, match=r"cover\.picture"):
        cover_from_file(str(tmp_path))


@sqlite
def test_a_file_dropped_on_the_cover_that_is_none_is_told(till: Till, tmp_path: Path) -> None:
    (tmp_path / "cover.jpg").write_bytes(png(60_000, 60_000))
    till.sign_in("Sam", "Inventory")
    at(till, "Klara and the Sun", PLACES[SortBy.PRICE])
    till.do(lambda: till.page.detail.cover.dropped.emit(str(tmp_path / "cover.jpg")))
    assert till.sees("Message: " + sentence(Refused("cover.large", side="12,000")))


def test_a_large_picture_becomes_a_small_cover(qapp: object) -> None:
    image = QImage(2000, 3000, QImage.Format.Format_ARGB32)
    image.fill(Qt.GlobalColor.transparent)
    made = cover_from_image(image)
    shown = QImage.fromData(made)
    assert (shown.width(), shown.height(), made[:3]) == (320, 480, b"\xff\xd8\xff")
    assert shown.pixelColor(5, 5) == Qt.GlobalColor.white
    assert cover_from_bytes(made)[:3] == b"\xff\xd8\xff"


@sqlite
@pytest.mark.parametrize(
    ("keys", "after"),
    [((Qt.Key.Key_Return, None), 1780), ((Qt.Key.Key_T, Qt.KeyboardModifier.AltModifier), 1695)],
    ids=["it goes on", "it is taken back"],
)
def test_a_change_of_many_that_was_cut_off_is_asked_for_at_the_next_start(
    till: Till, monkeypatch: pytest.MonkeyPatch, keys: tuple[Qt.Key, Qt.KeyboardModifier | None], after: int
) -> None:
    monkeypatch.setattr(book_bulk, "BATCH", 2)

    def pull(_done: int, _total: int) -> None:
        raise InterruptedError

    with pytest.raises(InterruptedError):
        till.run(bulk_edit(till.shop.app, till.shop.sam, BookFilter(), BulkChange(Decimal("0.05")), progress=pull))
    till.sign_in("Sam", "Inventory")
    assert till.sees("2 of 5 titles are changed")
    till.key(keys[0], modifier=keys[1] or Qt.KeyboardModifier.NoModifier)
    assert till.dialog is None
    assert price(till, KLARA) == after
    assert not till.run(list_left(till.shop.app, till.shop.sam))


@sqlite
def test_the_list_stays_where_it_is_after_acts_on_titles(till: Till) -> None:
    for number in range(60):
        till.run(add_book(till.shop.app, till.shop.sam, isbn13(f"978014{number:06}"), f"Volume {number:03}", 500))
    till.sign_in("Sam", "Inventory")
    at(till, "Volume 040", 0)
    top = till.page.table.rowAt(0)
    assert top > 0

    def stands() -> tuple[int, str]:
        return till.page.table.rowAt(0), till.page.table.currentIndex().siblingAtColumn(0).data()

    till.key(Qt.Key.Key_B, modifier=CTRL)
    till.type("5")
    till.key(Qt.Key.Key_Return)
    till.key(Qt.Key.Key_Return)
    assert stands() == (top, "Volume 040")
    till.key(Qt.Key.Key_Z, modifier=CTRL)
    assert stands() == (top, "Volume 040")
    till.key(Qt.Key.Key_D, modifier=CTRL)
    till.type("Volume 040 b")
    till.key(Qt.Key.Key_Return)
    assert stands() == (top, "Volume 040 b")


@sqlite
def test_what_is_typed_in_a_cell_is_there_after_another_page(till: Till) -> None:
    till.sign_in("Sam", "Inventory")
    at(till, "Klara and the Sun", PLACES[SortBy.PRICE])
    till.type("1")
    till.key(Qt.Key.Key_1, modifier=CTRL)
    assert price(till, KLARA) == 1695
    till.key(Qt.Key.Key_2, modifier=CTRL)
    till.type("8")
    till.key(Qt.Key.Key_Return)
    assert price(till, KLARA) == 1800


@sqlite
def test_what_could_not_be_stored_is_still_typed_in_its_cell(till: Till, monkeypatch: pytest.MonkeyPatch) -> None:
    till.sign_in("Sam", "Inventory")
    at(till, "Klara and the Sun", PLACES[SortBy.PRICE])
    write = till.shop.app.db.write

    async def gone(_act: object) -> None:
        raise Unavailable("database.unreachable")

    monkeypatch.setattr(till.shop.app.db, "write", gone)
    till.type("18")
    till.key(Qt.Key.Key_Return)
    assert price(till, KLARA) == 1695
    assert till.page.book_actions.cells.field.text() == "18.00"
    assert till.page.table.currentIndex().siblingAtColumn(0).data() == "Klara and the Sun"
    monkeypatch.setattr(till.shop.app.db, "write", write)
    till.key(Qt.Key.Key_Return)
    assert price(till, KLARA) == 1800


def paste(till: Till, text: str) -> None:
    till.do(lambda: QGuiApplication.clipboard().setText(text))
    till.key(Qt.Key.Key_V, modifier=CTRL)


@sqlite
def test_what_is_pasted_starts_at_the_top_of_the_rows_chosen_and_stays_among_them(till: Till) -> None:
    till.sign_in("Sam", "Inventory")
    at(till, "Klara and the Sun", PLACES[SortBy.PRICE])
    for _ in range(2):
        till.key(Qt.Key.Key_Down, modifier=Qt.KeyboardModifier.ShiftModifier)
    paste(till, "7.00\n8.00\n")
    assert [price(till, isbn) for isbn in (KLARA, PRIDE, SAPIENS, DARKNESS)] == [700, 800, 2499, 1099]
    paste(till, "1.00\n2.00\n3.00\n4.00\n")
    assert till.sees("4 rows were copied and 3 are chosen. Nothing was pasted")
    assert [price(till, isbn) for isbn in (KLARA, PRIDE, SAPIENS, DARKNESS)] == [700, 800, 2499, 1099]


@sqlite
def test_a_paste_says_what_it_changed_and_what_it_left(till: Till) -> None:
    till.sign_in("Sam", "Inventory")
    at(till, "Klara and the Sun", PLACES[SortBy.PRICE])
    paste(till, "abc")
    assert till.sees("“Klara and the Sun”, Price: “abc” is no amount")
    paste(till, "18.50\t7\t2\n")
    assert till.sees("2 cells of 1 title changed. Ctrl+Z takes it back. Not taken: Stock (1). Stock is counted (F7).")
    assert price(till, KLARA) == 1850
    paste(till, "19.00\n\n")
    assert till.sees("1 cell of 1 title changed. Ctrl+Z takes it back. Not taken: Price (1).")
    paste(till, "19.00")
    assert till.sees("The cells say that already: nothing was changed.")


@sqlite
def test_rows_copied_are_pasted_back_with_titles_authors_and_categories(till: Till) -> None:
    till.sign_in("Sam", "Inventory")
    shift = Qt.KeyboardModifier.ShiftModifier
    at(till, "Klara and the Sun", PLACES[SortBy.PRICE])
    till.key(Qt.Key.Key_Down, modifier=shift)
    till.key(Qt.Key.Key_C, modifier=CTRL)
    copied = QGuiApplication.clipboard().text()
    till.key(Qt.Key.Key_V, modifier=CTRL)
    assert till.sees("The cells say that already")
    at(till, "Klara and the Sun", 0)
    paste(
        till, copied.replace("Klara and the Sun", "Klara").replace("Fiction", "history").replace("16.95", "£1,016.95")
    )
    book = till.run(get_book(till.shop.app, till.shop.books[KLARA]))
    assert (book.title, book.category, book.price) == ("Klara", "History", 101695)
    at(till, "Klara", PLACES[SortBy.PRICE])
    till.key(Qt.Key.Key_Down, modifier=shift)
    till.key(Qt.Key.Key_C, modifier=CTRL | shift)
    assert QGuiApplication.clipboard().text() == "1,016.95\n8.99"
    till.key(Qt.Key.Key_V, modifier=CTRL)
    assert till.sees("The cells say that already")


@pytest.mark.parametrize(
    ("text", "locale", "amount"),
    [
        ("£12.50", "en_GB", 1250),
        ("12.50 GBP", "en_GB", 1250),
        ("1,234.50", "en_GB", 123450),
        ("1,234", "en_GB", 123400),
        ("1.234,50", "en_GB", 123450),
        ("1,234,567", "en_GB", 123456700),
        ("12,50", "en_GB", 1250),
        ("1.234", "de_DE", 123400),
        ("1 234,50", "fr_FR", 123450),
        ("12 50", "en_GB", None),
        ("1,23,4", "en_GB", None),
        ("£", "en_GB", None),
    ],
)
def test_amounts_are_read_as_spreadsheets_show_them(text: str, locale: str, amount: int | None) -> None:
    fmt = Formatter(replace(ShopSettings(), locale=locale), currency("GBP"))
    if amount is None:
        with pytest.raises(Refused):
            fmt.parse(bare_amount(text, fmt))
    else:
        assert fmt.parse(bare_amount(text, fmt)) == amount


@sqlite
def test_what_could_not_be_stored_stays_in_its_cell_also_for_who_went_on_elsewhere(
    till: Till, monkeypatch: pytest.MonkeyPatch
) -> None:
    till.sign_in("Sam", "Inventory")
    cells = till.page.book_actions.cells
    write = till.shop.app.db.write

    async def gone(_act: object) -> None:
        raise Unavailable("database.unreachable")

    at(till, "Klara and the Sun", PLACES[SortBy.PRICE])
    monkeypatch.setattr(till.shop.app.db, "write", gone)
    till.type("59")
    till.key(Qt.Key.Key_Return)
    till.do(till.page.search.setFocus)
    assert (cells.field.text(), cells.field.isVisible()) == ("59.00", True)
    at(till, "Pride and Prejudice", PLACES[SortBy.PRICE])
    till.type("7")
    assert till.sees("Klara and the Sun · Price is not stored yet.")
    assert cells.field.text() == "59.00"
    monkeypatch.setattr(till.shop.app.db, "write", write)
    till.key(Qt.Key.Key_Return)
    assert (price(till, KLARA), price(till, PRIDE)) == (5900, 899)


@sqlite
def test_of_a_cell_that_two_people_changed_it_is_asked_whose_stays(till: Till) -> None:
    till.sign_in("Sam", "Inventory")
    shop = till.shop

    def theirs(amount: int) -> None:
        book = till.run(get_book(shop.app, shop.books[KLARA]))
        till.run(edit_book(shop.app, shop.people["Max"], book.id, book.version, {"price": amount}))

    at(till, "Klara and the Sun", PLACES[SortBy.PRICE])
    till.type("18")
    theirs(2000)
    till.key(Qt.Key.Key_Return)
    said = "Price of “Klara and the Sun” became 20.00 meanwhile, by Max. You typed 18.00"
    assert till.sees(f"Message: {said}: Enter stores yours, Esc keeps theirs.")
    till.key(Qt.Key.Key_Return)
    assert price(till, KLARA) == 1800
    assert not till.sees("meanwhile")
    at(till, "Klara and the Sun", PLACES[SortBy.PRICE])
    till.type("19")
    theirs(2100)
    till.key(Qt.Key.Key_Return)
    till.key(Qt.Key.Key_Escape)
    assert price(till, KLARA) == 2100
    theirs(2200)
    at(till, "Klara and the Sun", PLACES[SortBy.PRICE])
    paste(till, "1.00\n2.00")
    assert till.sees("became 22.00 meanwhile, by Max. Nothing was pasted: paste again")
    till.key(Qt.Key.Key_V, modifier=CTRL)
    assert (price(till, KLARA), price(till, PRIDE)) == (100, 200)
