"""A list says what it is: being read, empty, or not to be read, and what can be done then."""

import asyncio
from typing import Any

import pytest
from PySide6.QtCore import QPoint, QRect, Qt
from PySide6.QtGui import QFontMetrics

from pos_app.domain.purchase import PurchaseStatus
from pos_app.errors import Unavailable
from pos_app.services.book import get_book
from pos_app.services.purchase_order import make_purchase_order, move_purchase_order
from pos_app.services.stock_count import start_count
from pos_app.services.stock_count_view import list_counts
from pos_app.services.supplier import SupplierView, keep_supplier
from tests.shop import KLARA
from tests.ui.keyboard import until
from tests.ui.till import Till
from ui.stock import flows
from ui.stock.count import CATEGORY
from ui.style.theme import font

Key = Qt.Key
ALT = Qt.KeyboardModifier.AltModifier
LISTS = [
    (flows.take_back_posted, "The documents posted", "Nothing was posted yet"),
    (flows.purchase_orders, "The purchase orders", "Nothing is on order."),
    (flows.suppliers, "The suppliers", "There is no supplier yet."),
    (flows.reservations, "The reservations", "Nothing is set aside."),
]


class Reading:
    """The database as a till sees it: answering, waiting, or away."""

    def __init__(self, till: Till, monkeypatch: pytest.MonkeyPatch) -> None:
        self.away = False
        self.answers = asyncio.Event()
        self._read = till.shop.app.db.read
        monkeypatch.setattr(till.shop.app.db, "read", self.read)

    async def read(self, *act: Any, **how: Any) -> Any:
        if self.away:
            raise Unavailable("database.unreachable")
        await self.answers.wait()
        if self.away:
            raise Unavailable("database.unreachable")
        return await self._read(*act, **how)


@pytest.fixture
def reading(till: Till, monkeypatch: pytest.MonkeyPatch) -> Reading:
    till.sign_in("Sam", "Inventory")
    # What else the page asks for by itself is not what is tried here.
    till.page.live.stop()
    return Reading(till, monkeypatch)


def open_list(till: Till, reading: Reading, flow: Any, *more: Any) -> None:
    """Open a question and let it read."""
    reading.answers.set()
    till.do(lambda: till.page.start(flow(till.page, *more)))
    till.run(until(lambda: till.dialog is not None))
    till.settle()


@pytest.mark.parametrize(("flow", "what", "empty"), LISTS)
def test_a_list_that_cannot_be_read_is_no_empty_one(
    till: Till, reading: Reading, flow: Any, what: str, empty: str
) -> None:
    open_list(till, reading, flow)
    assert till.sees(empty)
    assert not till.sees(f"{what} could not be read.")
    reading.away = True
    till.do(till.dialog.read_again)  # type: ignore[union-attr]
    assert till.sees(f"{what} could not be read.")
    assert not till.sees(empty)
    reading.away = False
    till.key(Key.Key_A, modifier=ALT)
    assert till.sees(empty)
    assert till.dialog.message.text() == ""  # type: ignore[union-attr]
    # Slow, it says what it does.
    reading.answers.clear()

    async def slow() -> None:
        till.dialog.read_again()  # type: ignore[union-attr]
        await until(lambda: till.sees(f"{what} are being read …"))

    till.run(slow())
    assert not till.sees(empty)
    reading.answers.set()
    till.settle()
    assert till.sees(empty)
    till.key(Key.Key_Escape)


def test_purchase_orders_lie_whole_on_their_paper_and_say_their_days(till: Till, reading: Reading) -> None:
    app, sam = till.shop.app, till.shop.sam
    reading.answers.set()
    penguin = till.run(keep_supplier(app, sam, SupplierView(name="Penguin Random House Distribution")))
    made = till.run(make_purchase_order(app, sam, app.ids.new(), penguin.id, {till.shop.books[KLARA]: 12}))
    # Sent, it is expected on a day, which is said with its year.
    till.run(move_purchase_order(app, sam, made.id, made.version, PurchaseStatus.SENT))
    till.window.resize(1024, 768)
    open_list(till, reading, flows.purchase_orders)
    table, paper = till.dialog.table, till.dialog._paper  # type: ignore[union-attr]
    assert paper.rect().contains(QRect(table.mapTo(paper, QPoint(0, 0)), table.size()))
    metrics = QFontMetrics(font())
    for column in range(table.rows.columnCount()):
        text = table.rows.index(0, column).data()
        assert column in (0, 7) or metrics.horizontalAdvance(text) + 20 <= table.columnWidth(column), text
    till.key(Key.Key_Escape)


def test_movements_that_are_shown_stay_where_newer_ones_cannot_be_read(till: Till, reading: Reading) -> None:
    reading.answers.set()
    book = till.run(get_book(till.shop.app, till.shop.books[KLARA]))
    open_list(till, reading, flows.show_ledger, book)
    assert till.dialog.table.isVisible()  # type: ignore[union-attr]
    reading.away = True
    till.do(till.dialog.read_again)  # type: ignore[union-attr]
    assert till.dialog.table.isVisible()  # type: ignore[union-attr]
    assert till.dialog.message.property("kind") == "bad"  # type: ignore[union-attr]
    till.key(Key.Key_Escape)


def test_open_counts_that_cannot_be_read_are_not_said_to_be_none(till: Till, reading: Reading) -> None:
    reading.answers.set()
    till.run(start_count(till.shop.app, till.shop.sam, till.shop.app.ids.new()))
    open_list(till, reading, flows.count_stock)
    assert till.sees("Being counted now")
    reading.away = True
    till.do(till.dialog.read_again)  # type: ignore[union-attr]
    assert till.sees("What is being counted could not be read.")
    reading.away = False
    till.key(Key.Key_F5)
    assert till.sees("Being counted now")
    till.key(Key.Key_Escape)


def test_a_count_of_a_category_that_could_not_be_read_is_not_one_of_everything(
    till: Till, reading: Reading, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def away(_app: Any) -> Any:
        raise Unavailable("database.unreachable")

    monkeypatch.setattr("ui.stock.count.list_counts", away)
    open_list(till, reading, flows.count_stock)
    assert till.sees("What is being counted could not be read.")
    sheet: Any = till.dialog
    till.do(lambda: sheet._scope.choose(CATEGORY))
    till.key(Key.Key_F12)
    assert till.sees("Choose which category.")
    assert till.run(list_counts(till.shop.app)) == []
    till.key(Key.Key_Escape)


NOTHING_COMES = "Nothing has come yet."
SCANNING = [
    (flows.return_to_publisher, "The titles of this supplier", "Nothing of this supplier is there to go back."),
    (flows.receive_delivery, "Suppliers and orders", NOTHING_COMES),
    (flows.transfer_stock, "The places", "Nothing is carried yet."),
]


@pytest.mark.parametrize(("flow", "what", "empty"), [*LISTS, *SCANNING])
def test_before_it_is_read_a_list_says_nothing_and_not_that_it_is_empty(
    till: Till, reading: Reading, monkeypatch: pytest.MonkeyPatch, flow: Any, what: str, empty: str
) -> None:
    reading.answers.set()
    till.run(keep_supplier(till.shop.app, till.shop.sam, SupplierView(name="Penguin")))
    empty = "Penguin" if flow is flows.suppliers else empty
    ask = flows._ask

    async def ask_slowly(sheet: Any) -> bool:
        reading.answers.clear()
        return await ask(sheet)

    monkeypatch.setattr(flows, "_ask", ask_slowly)
    till.run(open_and_look(till, flow))
    assert not till.sees(empty)
    reading.away = True
    reading.answers.set()
    till.settle()
    assert till.sees(f"{what} could not be read.")
    assert not till.sees(empty)
    reading.away = False
    till.key(Key.Key_A, modifier=ALT)
    assert till.sees(empty) or till.dialog.table.rows.rowCount()  # type: ignore[union-attr]
    assert till.dialog.message.text() == ""  # type: ignore[union-attr]
    till.key(Key.Key_Escape)


async def open_and_look(till: Till, flow: Any) -> None:
    """Open a question, whatever it reads."""
    till.page.start(flow(till.page))
    await until(lambda: till.dialog is not None)


def publisher_return(till: Till, reading: Reading) -> Any:
    """Two suppliers, of whom the second takes a title back that goes; gives the question."""
    app, sam = till.shop.app, till.shop.sam
    reading.answers.set()
    for name in ("Gardners", "Penguin"):
        till.run(keep_supplier(app, sam, SupplierView(name=name, return_days=30)))
    open_list(till, reading, flows.return_to_publisher)
    assert till.sees("Nothing of this supplier is there to go back.")
    till.scan(KLARA)
    sheet: Any = till.dialog
    assert sheet.end.isEnabled()
    return sheet


def test_copies_of_one_supplier_cannot_go_to_another_whose_titles_cannot_be_read(till: Till, reading: Reading) -> None:
    sheet = publisher_return(till, reading)
    reading.away = True
    till.do(lambda: sheet._supplier.setCurrentIndex(1))
    assert till.sees("The titles of this supplier could not be read.")
    assert not sheet.end.isEnabled()
    assert not sheet.unsaved
    reading.away = False
    till.key(Key.Key_A, modifier=ALT)
    assert till.sees("Nothing of this supplier is there to go back.")
    assert sheet.end.isEnabled()
    till.key(Key.Key_Escape)


def test_copies_that_are_to_go_still_do_once_another_place_could_be_read(till: Till, reading: Reading) -> None:
    sheet = publisher_return(till, reading)
    reading.away = True
    till.do(lambda: sheet._from.setCurrentIndex(1))
    assert till.sees("The titles of this supplier could not be read.")
    assert not sheet.end.isEnabled()
    reading.away = False
    # A scan reads them, too, and is one more.
    till.scan(KLARA)
    (line,) = sheet.lines.values()
    assert (line.quantity, line.there) == (2, 0)
    assert sheet.end.isEnabled()
    till.key(Key.Key_Escape, Key.Key_Escape)


def test_quotes_and_orders_that_cannot_be_read_are_not_said_to_be_none(till: Till, reading: Reading) -> None:
    reading.answers.set()
    till.do(lambda: till.window.show_page("Orders"))
    assert till.sees("No orders here.")
    till.do(lambda: till.page.start(till.page.acts.quotes()))
    till.run(until(lambda: till.dialog is not None))
    till.settle()
    assert till.sees("No quotes yet.")
    reading.away = True
    till.do(till.dialog.read_again)  # type: ignore[union-attr]
    assert till.sees("The quotes could not be read.")
    assert not till.sees("No quotes yet.")
    reading.away = False
    till.key(Key.Key_A, modifier=ALT)
    assert till.sees("No quotes yet.")
    till.key(Key.Key_Escape)
    reading.away = True
    till.do(till.page._try_again)
    assert till.sees("The orders could not be read.")
    assert not till.sees("No orders here.")
    reading.away = False
    till.key(Key.Key_A, modifier=ALT)
    assert till.sees("No orders here.")
    assert till.page.message.text() == ""
