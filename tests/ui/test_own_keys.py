"""Keys of the counter that a shop changed: they work, and everything names them."""

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QKeySequenceEdit, QLabel

from pos_app.services.setting import change_settings, get_settings
from tests.shop import PRIDE
from tests.ui.till import Till
from ui.widgets.key_button import KeyButton

Key = Qt.Key
CTRL = Qt.KeyboardModifier.ControlModifier

# What the window does with either database is the same.
pytestmark = pytest.mark.parametrize("config", ["sqlite"], indirect=True)


def with_keys(till: Till, text: str) -> Till:
    till.run(change_settings(till.shop.app, till.shop.people["Max"], counter_keys=text))
    return till.sign_in()


def shown_key(till: Till, name: str) -> str:
    button = next(one for one in till.window.findChildren(KeyButton) if one.accessibleName() == name)
    return button.accessibleDescription()


def test_a_changed_key_works_and_the_usual_one_does_nothing(till: Till) -> None:
    with_keys(till, "F12=F8 F8=Ctrl+D").scan(PRIDE)
    till.key(Key.Key_F12)
    assert not till.sees("is paid")
    till.key(Key.Key_F8)
    assert till.sees("is paid and stored")


def test_buttons_messages_and_the_list_of_keys_name_the_key_in_force(till: Till) -> None:
    with_keys(till, "F7=Ctrl+G F6=F7 Ctrl+P=Ctrl+U")
    assert [shown_key(till, name) for name in ("Park", "Recall", "Reprint", "More")] == [
        "Key F7",
        "Key Ctrl G",
        "Key Ctrl U",
        "Key F10",
    ]
    till.scan(PRIDE)
    till.key(Key.Key_F7)
    assert till.sees("Parked. Ctrl+G takes it up again")
    till.key(Key.Key_F1)
    keys = {one.text() for one in till.dialog.findChildren(QLabel)}
    assert {"Ctrl+G", "Ctrl+U"} <= keys


def test_a_key_is_changed_by_pressing_it_and_taken_back(till: Till) -> None:
    till.sign_in("Max", "Settings")
    till.click("Section Keys")
    fields = {one.accessibleName(): one for one in till.window.findChildren(QKeySequenceEdit)}
    park = next(field for name, field in fields.items() if name.startswith("Key for Park"))

    def press(key: Key, modifier: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier) -> None:
        till.do(park.setFocus)
        till.do(lambda: (QTest.keyClick(park, key, modifier), park.editingFinished.emit()))

    press(Key.Key_F7)
    assert till.sees("F7 is “Recall; in a return: why” already")
    press(Key.Key_A)
    assert till.sees("A cannot be a key of the counter")
    assert park.keySequence().toString() == "F6"
    press(Key.Key_G, CTRL)
    assert till.run(get_settings(till.shop.app)).counter_keys == "F6=Ctrl+G"
    till.click("Undo")
    assert till.run(get_settings(till.shop.app)).counter_keys == ""
    press(Key.Key_G, CTRL)
    assert till.run(get_settings(till.shop.app)).counter_keys == "F6=Ctrl+G"
    till.key(Key.Key_1, modifier=CTRL)
    assert shown_key(till, "Park") == "Key Ctrl G"
    till.key(Key.Key_Comma, modifier=CTRL)
    till.click("Section Keys")
    till.click("Back to the usual keys")
    assert till.run(get_settings(till.shop.app)).counter_keys == ""


def test_a_cashier_sees_the_keys_and_cannot_change_them(till: Till) -> None:
    till.sign_in("Ana", "Settings")
    till.click("Section Keys")
    assert not any(one.isEnabled() for one in till.window.findChildren(QKeySequenceEdit))
    assert till.sees("You see this, and admins can change it")
