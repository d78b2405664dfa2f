"""The line that keys change at the counter is the one scanned or chosen last, whatever came between."""

import pytest
from PySide6.QtCore import Qt

from pos_app.services.customer import add_customer
from tests.shop import DARKNESS, KLARA, PRIDE
from tests.ui.till import Till

pytestmark = pytest.mark.parametrize("config", ["sqlite"], indirect=True)
Key = Qt.Key
CTRL = Qt.KeyboardModifier.ControlModifier


def lines(till: Till) -> list[tuple[str, int]]:
    return [(line.title, line.quantity) for line in till.page.lines.lines]


def test_a_scan_from_another_page_chooses_its_line(till: Till) -> None:
    till.sign_in().scan(PRIDE, DARKNESS, KLARA)
    till.key(Key.Key_2, modifier=CTRL)
    till.scan(PRIDE)
    assert till.sees("Message: Pride and Prejudice · 2 × 8.99")
    till.type("-")
    assert lines(till) == [("Pride and Prejudice", 1), ("The Left Hand of Darkness", 1), ("Klara and the Sun", 1)]


def test_a_look_at_another_page_leaves_the_line_chosen(till: Till) -> None:
    till.sign_in().scan(PRIDE, DARKNESS, KLARA)
    till.key(Key.Key_Up, Key.Key_Up)
    till.key(Key.Key_2, modifier=CTRL)
    till.key(Key.Key_1, modifier=CTRL)
    till.key(Key.Key_Delete)
    assert lines(till) == [("The Left Hand of Darkness", 1), ("Klara and the Sun", 1)]


def test_attaching_a_customer_leaves_the_line_chosen(till: Till) -> None:
    till.run(add_customer(till.shop.app, till.shop.ana, "Jonas Weber"))
    till.sign_in().scan(PRIDE, DARKNESS, KLARA)
    till.key(Key.Key_Up, Key.Key_Up)
    till.key(Key.Key_F4)
    till.type("weber")
    till.key(Key.Key_Return)
    assert till.sees("Customer Jonas Weber")
    assert till.page.current_line.title == "Pride and Prejudice"


def test_the_line_chosen_in_one_basket_is_not_chosen_in_the_next(till: Till) -> None:
    till.sign_in().scan(PRIDE, DARKNESS)
    till.key(Key.Key_F6)
    till.scan(PRIDE)
    till.key(Key.Key_F7)
    assert till.page.current_line.title == "The Left Hand of Darkness"
