"""Reports as a manager reads them."""

from PySide6.QtCore import Qt

from tests.shop import DARKNESS, PRIDE
from tests.ui.till import Till
from ui.reports.page import Bars

Key = Qt.Key
CTRL = Qt.KeyboardModifier.ControlModifier


def sell_and_close(till: Till) -> None:
    till.sign_in("Sam").scan(PRIDE, DARKNESS)
    till.key(Key.Key_F12)
    till.scan("1-000001", DARKNESS)
    till.key(Key.Key_F12)
    till.key(Key.Key_F10, modifier=CTRL)
    till.type("8.99")
    till.key(Key.Key_Return)
    till.key(Key.Key_Escape)


def test_the_days_takings_are_summed_and_broken_down(till: Till) -> None:
    sell_and_close(till)
    till.sign_in("Sam", "Reports")
    assert till.sees("Takings £8.99")
    assert till.sees("Sales 1")
    assert till.sees("Returns 1")
    said = {bars.accessibleName(): bars.accessibleDescription() for bars in till.page.findChildren(Bars)}
    assert "Cash" in said["Tenders"]
    assert said["Departments"] == "Fiction · 1 8.99"
    till.click("Yesterday")
    assert till.sees("Nothing was sold on these days")


def test_a_z_is_looked_at_and_printed_again(till: Till) -> None:
    sell_and_close(till)
    till.sign_in("Sam", "Reports")
    assert "Z 1-000001" in till.page._list.item(0).text()
    till.click("Look at the Z report")
    assert till.dialog is not None
    assert till.sees("Receipt Z1-000001")
    till.key(Key.Key_Escape)


def test_a_cashier_is_told_who_sees_what_was_taken(till: Till) -> None:
    till.sign_in("Ana", "Reports")
    assert till.sees("Managers and admins see what the shop took")
    assert till.page._list.item(0).text().startswith("No shift was closed yet")
