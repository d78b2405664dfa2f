"""A till that locks itself asks nobody: what was typed and not stored waits for who typed it."""

import asyncio

import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLineEdit

from pos_app.services.customer_edit import get_customer
from tests.shop import PRIDE
from tests.ui.keyboard import outside, until
from tests.ui.till import Till

Key = Qt.Key
CTRL = Qt.KeyboardModifier.ControlModifier
ROSA = 1

pytestmark = pytest.mark.parametrize("config", ["sqlite"], indirect=True)


def phone(till: Till) -> QLineEdit:
    return next(one for one in till.page.findChildren(QLineEdit) if one.accessibleName() == "Phone")


def type_phone(till: Till, name: str = "Ana") -> None:
    till.sign_in(name, "Customers")
    till.do(lambda: (phone(till).setText("020 7946 0018"), till.page.detail._edited()))
    assert till.page.unsaved == "Rosa Marchetti"


def lock_itself(till: Till) -> None:
    till.do(till.window._lock_idle)
    assert till.page is None


def test_every_key_click_and_move_says_that_somebody_is_there(till: Till) -> None:
    till.sign_in()
    watch = till.window._idle
    assert (watch.isActive(), watch.interval()) == (True, 600_000)
    handle, place = till.window.windowHandle(), QPoint(200, 200)
    for touch in (
        lambda: QTest.keyClick(handle, Key.Key_7),
        lambda: QTest.mouseClick(handle, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, place),
        lambda: QTest.mouseMove(handle, QPoint(300, 300)),
        lambda: QTest.wheelEvent(handle, QPointF(place), QPoint(0, 120)),
    ):
        watch.stop()
        till.do(touch)
        assert watch.isActive()
    till.do(till.window._lock_idle)
    till.do(lambda: QTest.mouseMove(handle, place))
    # Nobody is signed in: there is nothing to lock.
    assert not watch.isActive()


def test_who_typed_it_finds_it_again_and_stores_it(till: Till) -> None:
    type_phone(till)
    lock_itself(till)
    till.sign_in("Ana", "Checkout")
    assert till.sees("What you typed is still there, not saved yet: Customers (Rosa Marchetti)")
    till.key(Key.Key_4, modifier=CTRL)
    assert phone(till).text() == "020 7946 0018"
    till.key(Key.Key_S, modifier=CTRL)
    assert till.run(get_customer(till.shop.app, ROSA)).phone == "020 7946 0018"
    # Stored, it is nobody's any more.
    lock_itself(till)
    assert till.window._kept == {}


def test_a_colleague_in_between_sees_nothing_of_it_and_takes_nothing_away(till: Till) -> None:
    type_phone(till)
    lock_itself(till)
    till.sign_in("Jo", "Customers")
    assert not till.sees("What you typed is still there")
    assert phone(till).text() == ""
    till.scan(PRIDE)
    till.key(Key.Key_F12)
    till.key(Key.Key_L, modifier=CTRL)
    assert till.page is None
    till.sign_in("Ana", "Customers")
    assert phone(till).text() == "020 7946 0018"
    # The buttons of its foot came with it.
    assert all(part.window() is till.window for part in till.window._foot_parts["Customers"])


def test_locked_again_and_again_it_waits_each_time(till: Till) -> None:
    type_phone(till)
    for _ in range(3):
        lock_itself(till)
        till.sign_in("Ana", "Checkout")
    till.key(Key.Key_4, modifier=CTRL)
    assert phone(till).text() == "020 7946 0018"


def test_whoever_locks_by_hand_is_asked_and_keeps_nothing(till: Till) -> None:
    type_phone(till)
    till.run(outside(till.window.ask_lock))
    till.run(until(lambda: till.dialog is not None))
    till.key(Key.Key_D)
    till.run(until(lambda: till.page is None))
    assert till.window._kept == {}


def test_closing_the_program_asks_before_it_drops_what_waits(till: Till) -> None:
    type_phone(till)
    lock_itself(till)
    till.run(outside(till.window.close))
    till.run(until(lambda: till.dialog is not None))
    assert till.sees("Rosa Marchetti: what Ana typed is not saved.")
    till.key(Key.Key_Escape)
    assert not till.window.closed.is_set()
    till.run(outside(till.window.close))
    till.run(until(lambda: till.dialog is not None))
    till.run(outside(till.dialog.submit))
    till.run(asyncio.wait_for(till.window.closed.wait(), 20))
    assert till.run(get_customer(till.shop.app, ROSA)).phone == ""


def test_what_was_typed_into_a_question_is_told_to_who_typed_it(till: Till) -> None:
    till.sign_in("Ana", "Customers")
    till.key(Key.Key_N, modifier=CTRL)
    till.run(until(lambda: till.dialog is not None))
    till.type("Ida Lund")
    lock_itself(till)
    assert till.dialog is None
    till.sign_in("Jo")
    assert not till.sees("Ida Lund")
    lock_itself(till)
    till.sign_in("Ana")
    assert till.sees("The till locked itself. “Customer” is not done; typed in it: Ida Lund.")
    # Once.
    lock_itself(till)
    till.sign_in("Ana")
    assert not till.sees("Ida Lund")


def test_what_stood_in_the_scan_field_is_told_too(till: Till) -> None:
    till.sign_in("Ana")
    till.type("pride and")
    lock_itself(till)
    till.sign_in("Ana")
    assert till.sees("The till locked itself. In the scan field: pride and.")
