"""Cash in and out, the drawer without a sale, and the opening float: by keys, with a reason, a manager's PIN where needed."""

import pytest
from PySide6.QtCore import Qt
from sqlalchemy import select

from pos_app.models import TillEvent
from pos_app.services.shift import x_report
from tests.shop import PIN, PRIDE
from tests.ui.till import Till
from ui.shift.cash_dialog import CashDialog, NoSaleDialog

Key = Qt.Key
ALT = Qt.KeyboardModifier.AltModifier

pytestmark = pytest.mark.parametrize("config", ["sqlite"], indirect=True)


def more(till: Till, key: Key) -> None:
    till.key(Key.Key_F10)
    till.key(key)


def moves(till: Till) -> list[tuple[str, int]]:
    report = till.run(x_report(till.shop.app, till.shop.ana))
    return [(move.reason, move.amount) for move in report.cash_moves]


def test_cash_is_taken_out_with_a_reason(till: Till) -> None:
    till.sign_in()
    more(till, Key.Key_C)
    assert isinstance(till.dialog, CashDialog)
    till.key(Key.Key_4, modifier=ALT)
    till.type("12.50")
    till.key(Key.Key_Return)
    assert till.sees("Message: £12.50 taken out: Bank.")
    assert moves(till) == [("Bank", -1250)]


def test_cash_is_put_in_with_words_of_ones_own(till: Till) -> None:
    till.sign_in()
    more(till, Key.Key_C)
    till.key(Key.Key_2, modifier=ALT)
    till.type("20")
    till.key(Key.Key_Tab)
    dialog = till.dialog
    assert isinstance(dialog, CashDialog)
    till.do(dialog._words.setFocus)
    till.type("Float of till 3")
    till.key(Key.Key_Return)
    assert moves(till) == [("Float of till 3", 2000)]


@pytest.mark.parametrize("typed", ["", "0", "-5", "1.234", "abc"])
def test_no_amount_is_said_and_nothing_moves(till: Till, typed: str) -> None:
    till.sign_in()
    more(till, Key.Key_C)
    dialog = till.dialog
    assert isinstance(dialog, CashDialog)
    till.type(typed)
    till.key(Key.Key_Return)
    assert till.dialog is dialog
    assert dialog.message.text()
    till.key(Key.Key_Escape)
    assert moves(till) == []


def test_more_than_a_cashier_may_asks_for_a_pin_and_goes_on(till: Till) -> None:
    till.sign_in()
    more(till, Key.Key_C)
    till.type("100.01")
    till.key(Key.Key_Return)
    assert till.dialog is not None
    till.type(PIN)
    till.key(Key.Key_Return)
    assert moves(till) == [("Change", -10_001)]
    till.scan(PRIDE)
    assert till.sees("Total £8.99")


def test_the_drawer_opens_without_a_sale_once_a_reason_is_chosen(till: Till) -> None:
    till.sign_in()
    more(till, Key.Key_O)
    assert isinstance(till.dialog, NoSaleDialog)
    till.key(Key.Key_Escape)
    more(till, Key.Key_O)
    till.key(Key.Key_2, modifier=ALT)
    till.key(Key.Key_Return)
    assert till.sees("Message: The drawer is opened: Check the drawer.")
    events = till.run(till.shop.app.db.read(lambda session: session.scalars(select(TillEvent)).all()))
    assert [(event.act, event.details) for event in events] == [("no_sale", "Check the drawer")]


def test_the_opening_float_is_corrected_while_the_shift_is_open(till: Till) -> None:
    till.sign_in()
    more(till, Key.Key_F)
    till.type("150")
    till.key(Key.Key_Return)
    assert till.sees("Message: The shift opened with £150.00.")
    assert till.run(x_report(till.shop.app, till.shop.ana)).expected == 15_000
