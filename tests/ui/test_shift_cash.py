"""Cash in and out, the drawer without a sale, and the opening float: by keys, with a reason, a manager's PIN where needed."""

from typing import Any

import pytest
from PySide6.QtCore import Qt
from sqlalchemy import select

from pos_app.domain.permission import Grant, Permission, UserRole
from pos_app.errors import Unavailable
from pos_app.models import TillEvent
from pos_app.services.right import change_right
from pos_app.services.shift import x_report
from tests.shop import PIN, PRIDE
from tests.ui.till import Till
from ui.checkout.question import AgainDialog
from ui.checkout.receipt_dialog import ReceiptDialog
from ui.shift.cash_dialog import CashDialog, NoSaleDialog

Key = Qt.Key
ALT, SHIFT = Qt.KeyboardModifier.AltModifier, Qt.KeyboardModifier.ShiftModifier

pytestmark = pytest.mark.parametrize("config", ["sqlite"], indirect=True)


def more(till: Till, key: Key) -> None:
    till.key(Key.Key_F10)
    till.key(key)


def deny(till: Till, permission: Permission) -> None:
    shop = till.shop
    till.run(change_right(shop.app, shop.people["Max"], UserRole.CASHIER, permission, Grant(allowed=False)))


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


def test_more_taken_out_than_the_drawer_holds_is_told(till: Till) -> None:
    till.sign_in()
    more(till, Key.Key_C)
    till.key(Key.Key_4, modifier=ALT)
    till.type("50")
    till.key(Key.Key_Return)
    assert till.sees("The drawer should hold -£50.00 now: was it that much?")


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
    till.type("100.01c")
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
    till.type("90")
    till.key(Key.Key_Return)
    assert till.sees("Message: The shift opened with £90.00.")
    assert till.run(x_report(till.shop.app, till.shop.ana)).expected == 9_000


def test_a_float_beyond_what_one_may_move_takes_a_managers_pin(till: Till) -> None:
    till.sign_in()
    more(till, Key.Key_F)
    till.type("9999.99")
    till.key(Key.Key_Return)
    assert till.sees("A manager's PIN")
    till.key(Key.Key_Escape)
    assert till.run(x_report(till.shop.app, till.shop.ana)).expected == 0


def test_who_has_no_right_to_the_shift_corrects_the_float_with_a_managers_pin(till: Till) -> None:
    deny(till, Permission.X_REPORT)
    deny(till, Permission.MOVE_CASH)
    till.sign_in()
    more(till, Key.Key_F)
    till.type("150")
    till.key(Key.Key_Return)
    assert till.sees("A manager's PIN")
    till.type(PIN)
    till.key(Key.Key_Return)
    assert till.sees("Message: The shift opened with £150.00.")
    events = till.run(till.shop.app.db.read(lambda session: session.scalars(select(TillEvent)).all()))
    assert [(event.act, event.amount, event.allowed_by_id) for event in events] == [
        ("float", 15_000, till.shop.sam.user_id)
    ]


def test_a_managers_pin_lets_one_x_report_through(till: Till) -> None:
    deny(till, Permission.X_REPORT)
    till.sign_in()
    for _ in range(2):
        till.key(Key.Key_F10, modifier=SHIFT)
        assert till.sees("Ana asks for an X report")
        till.type(PIN)
        till.key(Key.Key_Return)
        assert isinstance(till.dialog, ReceiptDialog)
        till.key(Key.Key_Escape)
    till.key(Key.Key_F10, modifier=SHIFT)
    till.key(Key.Key_Escape)
    assert till.sees("Message: You may not do that (x report)") or till.sees("a manager")


def test_an_answer_lost_after_the_cash_was_booked_books_it_once(till: Till, monkeypatch: pytest.MonkeyPatch) -> None:
    """The commit is done, the answer is not heard; the same is sent again from the question that says so."""
    till.sign_in()
    write, lost = till.shop.app.db.write, []

    async def forgetful(act: Any) -> Any:
        answer = await write(act)
        if not lost:
            lost.append(answer)
            raise Unavailable("database.unreachable")
        return answer

    more(till, Key.Key_C)
    till.type("12.50c")
    monkeypatch.setattr(till.shop.app.db, "write", forgetful)
    till.key(Key.Key_Return)
    assert isinstance(till.dialog, AgainDialog)
    till.key(Key.Key_Return)
    assert till.sees("Message: £12.50 taken out: Change.")
    assert moves(till) == [("Change", -1250)]


def test_what_training_does_to_the_drawer_is_in_no_total(till: Till) -> None:
    till.sign_in()
    before = till.run(x_report(till.shop.app, till.shop.ana))
    more(till, Key.Key_M)
    more(till, Key.Key_C)
    till.type("12.50c")
    till.key(Key.Key_Return)
    assert till.sees("£12.50 taken out: Change. It was training: it is in no total.")
    more(till, Key.Key_O)
    till.type("g")
    till.key(Key.Key_Return)
    assert till.sees("The drawer stays shut in training")
    assert till.run(x_report(till.shop.app, till.shop.ana)) == before
    events = till.run(till.shop.app.db.read(lambda session: session.scalars(select(TillEvent)).all()))
    assert [(event.act, event.training) for event in events] == [("cash_moved", True), ("no_sale", True)]
