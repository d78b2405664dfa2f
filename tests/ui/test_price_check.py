"""F3: a price is shown, large, and nothing is sold before somebody says so."""

from collections.abc import Iterator
from decimal import Decimal

import pytest
from PySide6.QtCore import Qt

from pos_app.domain.promotion import PromotionKind
from pos_app.models import Promotion
from pos_app.services.book import get_book
from pos_app.services.book_edit import edit_book
from tests.shop import PRIDE, SAPIENS
from tests.ui.till import Till
from ui.checkout.price_check import PriceCheckPanel

# What the window does is the same on either database; the services are tried on both.
pytestmark = pytest.mark.parametrize("config", ["sqlite"], indirect=True)

Key = Qt.Key


class Desk:
    """The panel on the page, and what it said."""

    def __init__(self, till: Till) -> None:
        self.till = till
        self.added: list[int] = []
        self.times_left = 0
        self.panel: PriceCheckPanel = till.page.price_check
        self.panel.add.connect(self.added.append)
        self.panel.left.connect(self._left)

    def _left(self) -> None:
        self.times_left += 1

    def ask(self) -> None:
        self.till.do(self.panel.ask)

    def show(self, code: str) -> None:
        self.till.run(self.panel.show_code(code))
        self.till.settle()


@pytest.fixture
def desk(till: Till) -> Iterator[Desk]:
    till.sign_in()
    return Desk(till)


def test_it_asks_then_shows_and_sells_nothing(till: Till, desk: Desk) -> None:
    desk.ask()
    assert till.sees("Message: Scan to see the price")
    desk.show(PRIDE)
    for shown in ("Pride and Prejudice", "Jane Austen · 9780141439518", "Price £8.99", "23 in stock"):
        assert till.sees(shown), shown
    assert desk.added == []
    assert list(till.page.lines.lines) == []


def test_f3_and_a_scan_show_a_price_and_the_next_scan_sells(till: Till, desk: Desk) -> None:
    till.key(Key.Key_F3)
    till.scan(SAPIENS)
    assert till.sees("Price £24.99")
    till.scan(PRIDE)
    assert not till.sees("Price £24.99")
    assert [line.title for line in till.page.lines.lines] == ["Pride and Prejudice"]


def test_enter_sells_what_is_shown_once(till: Till, desk: Desk) -> None:
    desk.ask()
    desk.show(PRIDE)
    till.key(Key.Key_Return, Key.Key_Return)
    assert desk.added == [till.shop.books[PRIDE]]
    assert desk.times_left == 1
    assert not desk.panel.isVisible()


def test_enter_before_a_scan_and_escape_sell_nothing(till: Till, desk: Desk) -> None:
    desk.ask()
    till.key(Key.Key_Return)
    desk.show(PRIDE)
    till.key(Key.Key_Escape)
    assert desk.added == []
    assert desk.times_left == 1
    assert not desk.panel.isVisible()


def test_a_typed_number_is_looked_up(till: Till, desk: Desk) -> None:
    desk.ask()
    till.type("978-0-14-143951-8")
    till.key(Key.Key_Return)
    assert till.sees("Price £8.99")
    till.key(Key.Key_Return)
    assert desk.added == [till.shop.books[PRIDE]]


def test_a_shelf_and_an_empty_stock_are_told(till: Till, desk: Desk) -> None:
    till.run(edit_book(till.shop.app, till.shop.sam, till.shop.books[SAPIENS], 1, {"shelf": "B3"}))
    desk.show(SAPIENS)
    assert till.sees("Out of stock · Shelf B3")
    assert till.sees("Message: Out of stock.")


def test_a_running_promotion_is_named_and_its_price_shown(till: Till, desk: Desk) -> None:
    week = Promotion(name="Austen week", kind=PromotionKind.PERCENT, rate=Decimal("0.1"))
    till.run(till.shop.app.db.write(lambda session: session.add(week)))
    desk.show(PRIDE)
    assert till.sees("Price £8.09")
    assert till.sees("instead of £8.99")
    assert till.sees("Promotion Austen week")


def test_a_book_no_longer_sold_cannot_be_added(till: Till, desk: Desk) -> None:
    book = till.run(get_book(till.shop.app, till.shop.books[PRIDE]))
    till.run(edit_book(till.shop.app, till.shop.sam, book.id, book.version, {"active": False}))
    desk.show(PRIDE)
    assert till.sees("Message: It is no longer sold")
    till.key(Key.Key_Return)
    assert desk.added == []


def test_what_is_wrong_with_a_code_is_said_and_the_last_price_is_gone(till: Till, desk: Desk) -> None:
    desk.show(PRIDE)
    desk.show("9780141439587")
    assert till.sees("Message: No book has the number 9780141439587")
    assert not till.sees("Price £8.99")
    till.key(Key.Key_Return)
    assert desk.added == []
    till.type("4012888888881881")
    till.key(Key.Key_Return)
    assert till.sees("looks like a card number")
    assert desk.panel.field.text() == ""


def test_buttons_do_what_their_keys_do(till: Till, desk: Desk) -> None:
    desk.show(PRIDE)
    till.click("Add to the sale")
    assert len(desk.added) == 1
    desk.ask()
    till.click("Leave the price check")
    assert desk.times_left == 2


def test_digits_before_a_tenders_key_are_money_in_the_price_check_too(till: Till) -> None:
    till.sign_in().scan(PRIDE)
    till.key(Key.Key_F3)
    till.type("50")
    till.key(Key.Key_F12)
    assert till.sees("Change £41.01")
