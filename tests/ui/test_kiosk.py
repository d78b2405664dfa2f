"""A till that fills its screen: nobody leaves it without a manager's PIN, and the machine may go down all the same."""

import asyncio
from collections.abc import Iterator

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QFrame, QLineEdit

from tests.shop import PIN, PRIDE, Shop
from tests.ui.keyboard import press, until
from tests.ui.till import Run, Till
from ui.kiosk import EndDialog, NoEndDialog

Key = Qt.Key
CTRL = Qt.KeyboardModifier.ControlModifier


@pytest.fixture
def kiosk(shop: Shop, run: Run) -> Iterator[Till]:
    made = Till(shop, run)
    made.window.kiosk = True
    made.window.showFullScreen()
    made.settle()
    yield made
    made.close()
    for fault in made.faults:
        raise fault


def asked(till: Till) -> None:
    till.run(until(lambda: isinstance(till.dialog, EndDialog)))
    till.settle()


def test_ctrl_q_asks_for_a_managers_pin_and_esc_goes_on(kiosk: Till) -> None:
    kiosk.sign_in().scan(PRIDE)
    kiosk.key(Key.Key_Q, modifier=CTRL)
    asked(kiosk)
    kiosk.key(Key.Key_Escape)
    assert kiosk.dialog is None
    assert not kiosk.window.closed.is_set()
    assert kiosk.sees("Pride and Prejudice")


def test_closing_the_window_is_asked_too_and_a_wrong_pin_leaves_it_open(kiosk: Till) -> None:
    kiosk.sign_in()
    kiosk.do(kiosk.window.close)
    asked(kiosk)
    kiosk.type("9999")
    kiosk.key(Key.Key_Return)
    assert kiosk.sees("Wrong PIN")
    kiosk.type(PIN)
    kiosk.run(press(Key.Key_Return))
    kiosk.run(asyncio.wait_for(kiosk.window.closed.wait(), 20))


def test_where_nobody_is_signed_in_it_is_asked_as_well(kiosk: Till) -> None:
    kiosk.key(Key.Key_Q, modifier=CTRL)
    asked(kiosk)
    # Twice is once: the question is on the screen already.
    kiosk.do(kiosk.window.close)
    kiosk.key(Key.Key_Escape)
    assert kiosk.dialog is None


def test_a_window_made_smaller_fills_the_screen_again(kiosk: Till) -> None:
    for act in (kiosk.window.showNormal, kiosk.window.showMinimized):
        kiosk.do(act)
        kiosk.run(until(kiosk.window.isFullScreen))


def test_what_is_put_away_comes_back_a_question_too(kiosk: Till) -> None:
    kiosk.sign_in()
    kiosk.key(Key.Key_Q, modifier=CTRL)
    asked(kiosk)
    question = kiosk.dialog
    assert question is not None
    hints = Qt.WindowType.WindowMinimizeButtonHint | Qt.WindowType.WindowSystemMenuHint
    assert not question.windowFlags() & hints
    # A title bar has such a button for all that, under some window managers; a line shows where the question ends.
    assert question.windowFlags() & Qt.WindowType.FramelessWindowHint
    (edge,) = [one for one in question.findChildren(QFrame) if one.property("role") == "edge"]
    assert edge.geometry() == question.rect()
    for window in (question, kiosk.window):
        kiosk.do(lambda window=window: window.setWindowState(window.windowState() | Qt.WindowState.WindowMinimized))
        kiosk.run(until(lambda window=window: not window.isMinimized() and window.isVisible()))
    assert kiosk.window.isFullScreen()
    kiosk.key(Key.Key_Escape)


def test_without_the_database_it_is_said_that_no_pin_can_be_looked_at(kiosk: Till) -> None:
    kiosk.sign_in()
    kiosk.window._app.db.link.online = False
    kiosk.key(Key.Key_Q, modifier=CTRL)
    kiosk.run(until(lambda: isinstance(kiosk.dialog, NoEndDialog)))
    assert kiosk.sees("no PIN can be looked at")
    # A PIN typed out of habit is shown nowhere.
    kiosk.type(PIN)
    kiosk.key(Key.Key_Return)
    assert kiosk.dialog is None
    assert all(PIN not in field.text() for field in kiosk.window.findChildren(QLineEdit))
    kiosk.window._app.db.link.online = True


def test_a_machine_that_goes_down_asks_nobody(kiosk: Till, monkeypatch: pytest.MonkeyPatch) -> None:
    kiosk.sign_in()
    monkeypatch.setattr(QApplication, "isSavingSession", lambda _: True)
    kiosk.do(kiosk.window.close)
    kiosk.run(asyncio.wait_for(kiosk.window.closed.wait(), 20))


def test_another_till_closes_without_being_asked(till: Till) -> None:
    till.sign_in()
    till.run(_closed(till))


async def _closed(till: Till) -> None:
    till.window.close()
    await asyncio.wait_for(till.window.closed.wait(), 20)
