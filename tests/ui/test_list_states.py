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
from pos_app.services.supplier import SupplierView, keep_supplier
from tests.shop import KLARA
from tests.ui.keyboard import until
from tests.ui.till import Till
from ui.stock import flows
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
