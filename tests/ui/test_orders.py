"""Orders as they are looked after."""

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QFont, QFontMetrics

from pos_app.domain.order_status import OrderStatus
from pos_app.services.order import place_order
from pos_app.services.order_move import move_order
from tests.shop import DARKNESS, PRIDE
from tests.ui.till import Till
from ui.orders.table import Column
from ui.style.theme import font


@pytest.fixture
def order(till: Till) -> int:
    ana = till.shop.ana
    items = {till.shop.books[PRIDE]: 1, till.shop.books[DARKNESS]: 2}
    return till.run(place_order(till.shop.app, ana.user_id, items, till_id=ana.till_id)).id


def test_an_order_is_listed_counted_and_shown(till: Till, order: int) -> None:
    till.sign_in("Ana", "Orders")
    assert till.page._chips["Pending"].words == "Pending 1"
    assert f"Order {order}" in till.labels()
    assert till.sees("Placed by Ana, till 1")


def test_an_order_is_moved_on_by_key_and_button(till: Till, order: int) -> None:
    till.sign_in("Ana", "Orders")
    till.key(Qt.Key.Key_Right, modifier=Qt.KeyboardModifier.ControlModifier)
    assert till.sees(f"Message: Order {order} is confirmed now.")
    assert till.sees("Mark shipped")
    till.do(lambda: till.page.move_to(OrderStatus.CANCELLED))
    assert till.run(till.shop.stock(DARKNESS)) == 7


def test_a_move_that_somebody_else_made_first_is_told(till: Till, order: int) -> None:
    till.sign_in("Ana", "Orders")
    till.run(move_order(till.shop.app, till.shop.sam, order, 1, OrderStatus.CONFIRMED))
    till.do(lambda: till.page.move_to(OrderStatus.CANCELLED))
    assert till.sees("Somebody else changed this order meanwhile")
    assert till.sees("Confirmed by Sam")


def test_sales_are_found_by_receipt_number(till: Till, order: int) -> None:
    till.run(till.shop.sell(PRIDE))
    till.sign_in("Ana", "Orders")
    till.do(lambda: till.page.choose_list("Sales"))
    till.type("1-000001")
    assert "Sale 1-000001" in till.labels()
    till.key(Qt.Key.Key_Escape)
    till.type("nobody")
    assert till.page._paper.currentWidget() is till.page._empty
    assert till.sees("Nothing here matches “nobody”.")


def test_what_is_not_in_the_list_shown_is_found_by_enter_where_it_is(till: Till, order: int) -> None:
    till.run(till.shop.sell(PRIDE))
    till.sign_in("Ana", "Orders")
    till.type("1-000001")
    assert till.sees("Nothing here matches “1-000001”. There is 1 under Sales: Enter shows Sales.")
    till.key(Qt.Key.Key_Return)
    assert "Sale 1-000001" in till.labels()


def test_the_receipt_of_what_is_shown_is_a_key_away_once_it_is_paid(till: Till, order: int) -> None:
    till.run(till.shop.sell(PRIDE))
    till.sign_in("Ana", "Orders")
    assert f"Order {order}" in till.labels()
    till.key(Qt.Key.Key_R, modifier=Qt.KeyboardModifier.ControlModifier)
    assert till.dialog is None
    till.do(lambda: till.page.choose_list("Sales"))
    till.key(*[Qt.Key.Key_R] * 2, modifier=Qt.KeyboardModifier.ControlModifier)
    assert till.dialog is not None
    assert till.sees("Receipt 1-000001")
    till.key(Qt.Key.Key_Escape)
    assert till.dialog is None


def test_receipt_numbers_are_whole_on_the_smallest_screen(till: Till) -> None:
    till.run(till.shop.sell(PRIDE))
    till.sign_in("Ana", "Orders")
    till.do(lambda: till.window.resize(1024, 768))
    till.do(lambda: till.page.choose_list("Sales"))
    bold = font(14, QFont.Weight.Bold)
    assert QFontMetrics(bold).horizontalAdvance("1-000399") + 24 <= till.page.table.columnWidth(Column.ORDER)
