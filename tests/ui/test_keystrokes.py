"""The counter's tasks, counted in keys: a key, chord or click is one, a scan is none."""

from PySide6.QtCore import Qt

from tests.shop import DARKNESS, KLARA, PRIDE
from tests.ui.till import Till

Key = Qt.Key
CTRL, SHIFT = Qt.KeyboardModifier.ControlModifier, Qt.KeyboardModifier.ShiftModifier


def counted(till: Till) -> int:
    """The keys pressed since the last count."""
    strokes, till.strokes = till.strokes, 0
    return strokes


def test_a_day_at_the_counter_takes_sixteen_keys_and_the_digits_counted(till: Till) -> None:
    till.sign_in()
    spent = []

    till.scan(PRIDE, DARKNESS, KLARA)
    till.key(Key.Key_F12)
    assert till.sees("Message: Sale 1-000001 is paid")
    spent.append(counted(till))

    till.scan(PRIDE, DARKNESS)
    till.type("50")
    till.key(Key.Key_F12)
    assert till.sees("Change £30.02")
    spent.append(counted(till))

    till.scan(PRIDE, DARKNESS, DARKNESS)
    till.type("20")
    till.key(Key.Key_F12)
    assert till.sees("To pay £10.97")
    till.key(Key.Key_F11)
    assert till.sees("Message: Sale 1-000003 is paid")
    spent.append(counted(till))

    till.scan("1-000001", DARKNESS)
    till.key(Key.Key_F12)
    assert till.sees("Give back £10.99")
    spent.append(counted(till))

    till.scan(PRIDE)
    till.key(Key.Key_F6)
    till.key(Key.Key_F7)
    assert [line.title for line in till.page.lines.lines] == ["Pride and Prejudice"]
    till.page.flows.park()
    till.settle()
    spent.append(counted(till))

    till.key(Key.Key_F3)
    till.scan(DARKNESS)
    assert till.sees("Price £10.99")
    spent.append(counted(till))
    till.key(Key.Key_Escape)
    counted(till)

    till.key(Key.Key_F10, modifier=SHIFT)
    assert till.dialog is not None
    spent.append(counted(till))
    till.key(Key.Key_Escape)
    counted(till)

    digits = "65.92"
    till.key(Key.Key_F10, modifier=CTRL)
    till.type(digits)
    till.key(Key.Key_Return)
    spent.append(counted(till))
    till.key(Key.Key_Escape)
    assert till.window.windowTitle() == "Sign in – Bookstore POS"

    assert spent == [1, 3, 4, 1, 2, 1, 1, 2 + len(digits)]
    assert sum(spent) <= 16 + len(digits)
