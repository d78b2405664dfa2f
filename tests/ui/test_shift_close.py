"""The end of a shift at the counter: counted in one total, by notes and coins, or blind, by keys alone."""

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QLineEdit

from pos_app.domain.permission import Grant, Permission, UserRole
from pos_app.services.drawer import move_cash
from pos_app.services.report import get_z_report
from pos_app.services.right import change_right
from pos_app.services.setting import change_settings
from tests.shop import DARKNESS, PIN, PRIDE
from tests.ui.till import Till
from ui.checkout.receipt_dialog import ReceiptDialog
from ui.shift.close_dialog import CloseShiftDialog

Key = Qt.Key
ALT, CTRL, SHIFT = (
    Qt.KeyboardModifier.AltModifier,
    Qt.KeyboardModifier.ControlModifier,
    Qt.KeyboardModifier.ShiftModifier,
)

pytestmark = pytest.mark.parametrize("config", ["sqlite"], indirect=True)


def sell(till: Till, *isbns: str) -> None:
    till.scan(*isbns)
    till.key(Key.Key_F12)


def closing(till: Till, name: str = "Ana") -> CloseShiftDialog:
    till.sign_in(name)
    sell(till, PRIDE)
    till.key(Key.Key_F10, modifier=CTRL)
    assert isinstance(till.dialog, CloseShiftDialog)
    return till.dialog


def z(till: Till, number: int = 1):  # noqa: ANN201 - a ShiftReport
    return till.run(get_z_report(till.shop.app, till.shop.sam, 1, number))


def test_the_difference_is_said_while_it_is_counted(till: Till) -> None:
    closing(till)
    assert till.sees("Close and print Z 000001")
    assert till.sees("Not counted")
    till.type("9.11")
    assert till.sees("Over +£0.12")
    assert till.sees("9.11")
    till.key(Key.Key_Backspace, Key.Key_Backspace)
    assert till.sees("Over +£0.01")
    till.key(Key.Key_Backspace, Key.Key_Backspace)
    till.type("8.99")
    assert till.sees("It is right £0.00")


def test_in_training_it_says_that_the_real_shift_is_closed(till: Till) -> None:
    till.sign_in("Sam")
    till.key(Key.Key_F10, Key.Key_M)
    till.key(Key.Key_F10, modifier=CTRL)
    warning = "Message: You are training, but this closes the real shift"
    assert till.sees(warning)
    till.key(Key.Key_2, modifier=ALT)
    assert till.sees(warning)
    till.key(Key.Key_Escape)
    assert till.page.training


def test_one_total_and_enter_close_the_shift_and_end_at_the_sign_in(till: Till) -> None:
    closing(till)
    till.type("8.49")
    till.key(Key.Key_Tab)
    assert QApplication.focusWidget().accessibleName() == "Reason for the difference (kept with the shift)"
    till.type("Wrong change")
    till.key(Key.Key_Return)
    assert isinstance(till.dialog, ReceiptDialog)
    till.key(Key.Key_Escape)
    assert till.window.windowTitle() == "Sign in – Bookstore POS"
    assert (z(till).counted, z(till).difference, z(till).reason) == (849, -50, "Wrong change")
    assert till.run(till.shop.findings()) == []


def test_notes_and_coins_are_counted_from_field_to_field_with_the_arrows(till: Till) -> None:
    dialog = closing(till)
    till.key(Key.Key_2, modifier=ALT)
    first = QApplication.focusWidget()
    assert isinstance(first, QLineEdit)
    assert first.accessibleName() == "Pieces of £50.00"
    for _ in range(3):
        till.key(Key.Key_Down)
    assert QApplication.focusWidget().accessibleName() == "Pieces of £5.00"
    till.type("1")
    till.key(Key.Key_Down)
    till.type("2")
    assert till.sees("Over +£0.01")
    till.key(Key.Key_Up)
    assert QApplication.focusWidget().accessibleName() == "Pieces of £5.00"
    assert till.dialog is dialog
    till.key(Key.Key_Return)
    assert till.sees("The drawer is £0.01 over. Say why, or press Enter again to close without.")
    assert till.dialog is dialog
    till.key(Key.Key_Return)
    till.key(Key.Key_Escape)
    assert z(till).pieces == ((500, 1), (200, 2))
    assert (z(till).counted, z(till).reason) == (900, "not given")


def test_blind_shows_nothing_of_what_should_be_there(till: Till) -> None:
    closing(till)
    till.key(Key.Key_3, modifier=ALT)
    assert not till.sees("Expected in drawer")
    till.type("8.00")
    assert not till.sees("Short")
    till.key(Key.Key_Return)
    till.key(Key.Key_Escape)
    assert (z(till).counted, z(till).difference) == (800, -99)


def test_enter_with_nothing_counted_asks_for_the_count_and_0_is_one(till: Till) -> None:
    dialog = closing(till)
    till.key(Key.Key_Return)
    assert till.dialog is dialog
    assert "Count the drawer first" in dialog.message.text()
    till.key(Key.Key_2, modifier=ALT)
    till.key(Key.Key_Return)
    assert till.dialog is dialog
    till.key(Key.Key_1, modifier=ALT)
    till.type("0")
    till.key(Key.Key_Return)
    till.key(Key.Key_Return)
    till.key(Key.Key_Escape)
    assert (z(till).counted, z(till).difference, z(till).expected) == (0, -899, 899)


def test_a_shop_that_counts_blind_offers_no_x_to_who_counts(till: Till) -> None:
    shop = till.shop
    till.sign_in()
    # Changed while somebody is signed in, at another machine say.
    till.run(change_settings(shop.app, shop.people["Max"], blind_count=True))
    sell(till, PRIDE)
    till.key(Key.Key_F10, modifier=CTRL)
    dialog = till.dialog
    assert isinstance(dialog, CloseShiftDialog)
    assert not till.sees("Expected in drawer")
    assert not till.sees("Print X")
    till.key(Key.Key_F10, modifier=SHIFT)
    assert till.dialog is dialog
    till.key(Key.Key_Escape)
    till.key(Key.Key_F10, modifier=SHIFT)
    assert till.sees("A manager's PIN")
    assert not isinstance(till.dialog, ReceiptDialog)


def test_cash_of_a_sale_that_is_not_finished_is_told(till: Till) -> None:
    till.sign_in().scan(PRIDE)
    till.type("5")
    till.key(Key.Key_F12)
    till.key(Key.Key_F10, modifier=CTRL)
    assert till.sees("In open sales")
    assert till.sees("A sale is not finished")
    till.type("5.00")
    assert till.sees("It is right £0.00")
    till.key(Key.Key_Return)
    assert till.sees("Z report 1-000001")


def test_what_is_no_amount_is_said_and_nothing_is_closed(till: Till) -> None:
    dialog = closing(till)
    till.type("8.9.9")
    till.key(Key.Key_Return)
    assert till.dialog is dialog
    assert "is no amount" in dialog.message.text()
    till.type("8.99")
    till.key(Key.Key_Return)
    till.key(Key.Key_Escape)
    assert z(till).difference == 0


def test_back_and_an_x_close_nothing(till: Till) -> None:
    closing(till)
    till.key(Key.Key_Escape)
    assert till.dialog is None
    till.key(Key.Key_F10, modifier=CTRL)
    till.key(Key.Key_F10, modifier=SHIFT)
    assert isinstance(till.dialog, ReceiptDialog)
    assert till.sees("X report 1")
    till.key(Key.Key_Escape)
    sell(till, DARKNESS)
    assert till.sees("Change £0.00")


def test_who_may_not_close_asks_a_manager_for_it(till: Till) -> None:
    grant = Grant(allowed=False)
    till.run(
        change_right(till.shop.app, till.shop.people["Max"], UserRole.CASHIER, Permission.CLOSE_SHIFT, grant),
    )
    closing(till)
    till.type("8.99")
    till.key(Key.Key_Return)
    assert till.dialog is not None
    assert not isinstance(till.dialog, CloseShiftDialog)
    till.type(PIN)
    till.key(Key.Key_Return)
    till.key(Key.Key_Escape)
    assert (z(till).closed_by, z(till).difference) == ("Ana", 0)


def test_much_cash_moved_for_long_reasons_leaves_the_question_whole(till: Till) -> None:
    for number in range(40):
        till.run(
            move_cash(till.shop.app, till.shop.sam, till.shop.app.ids.new(), 100 if number % 2 else -50, "Change " * 36)
        )
    dialog = closing(till)
    assert dialog.width() <= 980
    assert dialog.height() <= 740
    assert till.sees("Paid in · 20 times")
    assert till.sees("-10.00")
    till.key(Key.Key_Escape)


def test_a_few_movements_stand_with_their_reasons(till: Till) -> None:
    till.run(move_cash(till.shop.app, till.shop.sam, till.shop.app.ids.new(), -1200, "Window cleaner " * 17))
    dialog = closing(till)
    assert dialog.width() <= 980
    assert till.sees("Paid out · Window cleaner")
    till.key(Key.Key_Escape)


def test_who_may_not_see_an_x_report_closes_the_shift_all_the_same(till: Till) -> None:
    shop = till.shop
    till.run(change_right(shop.app, shop.people["Max"], UserRole.CASHIER, Permission.X_REPORT, Grant(allowed=False)))
    closing(till)
    till.type("8.99")
    till.key(Key.Key_Return)
    assert isinstance(till.dialog, ReceiptDialog)
    till.key(Key.Key_Escape)
    assert (z(till).counted, z(till).difference) == (899, 0)


def test_another_way_of_counting_forgets_what_was_wrong_with_the_last(till: Till) -> None:
    closing(till)
    till.type("12abc")
    till.key(Key.Key_Return)
    assert till.sees("“12abc” is no amount")
    till.key(Key.Key_2, modifier=ALT)
    assert not till.sees("is no amount")


def test_sales_that_are_parked_are_told_before_the_shift_is_closed(till: Till) -> None:
    till.sign_in().scan(PRIDE)
    till.key(Key.Key_F6)
    dialog = closing(till)
    assert dialog.message.text() == "1 sale is parked, for the next shift too. Esc goes back to look (F7)."
