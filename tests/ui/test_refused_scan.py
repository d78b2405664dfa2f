"""A refused scan is still told when others waited behind it."""

import asyncio

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QDialog

from tests.shop import DARKNESS, KLARA, PIN, PRIDE
from tests.ui.keyboard import Keyboard, focus_window, outside, strike, until, without_pause
from tests.ui.till import Till
from ui import dialogs
from ui.checkout import refusals

pytestmark = pytest.mark.parametrize("config", ["sqlite"], indirect=True)
Key = Qt.Key


def discounted(till: Till) -> None:
    """One book at half its price, by a manager's PIN."""
    till.sign_in().scan(PRIDE)
    till.type("50")
    till.key(Key.Key_F8)
    till.type("d")
    till.key(Key.Key_Return)
    till.type(PIN)
    till.key(Key.Key_Return)


def test_the_scans_after_a_refused_one_say_it_too(till: Till, monkeypatch: pytest.MonkeyPatch) -> None:
    # Longer than a busy machine's pauses.
    monkeypatch.setattr(refusals, "UNSEEN_MS", 60_000)
    discounted(till)
    till.scan(PRIDE)
    assert till.sees("asks for a discount of 50 %")
    till.scan(DARKNESS)
    till.scan(KLARA)
    till.key(Key.Key_Escape)
    assert till.sees(
        "Message: Not added: Pride and Prejudice. That is beyond your limit: a discount. Ask a manager or an admin. "
        "Klara and the Sun · 1 × 16.95"
    )
    assert [(line.title, line.quantity) for line in till.page.cart.lines] == [
        ("Pride and Prejudice", 1),
        ("The Left Hand of Darkness", 1),
        ("Klara and the Sun", 1),
    ]


def test_several_refused_are_counted(till: Till, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(refusals, "UNSEEN_MS", 60_000)
    till.sign_in().scan("9780141439519", "9780441478126", KLARA)
    assert till.sees("Message: 2 scans were refused. The last: ")
    assert till.sees("Klara and the Sun · 1 × 16.95")


def test_what_there_was_time_to_read_is_not_said_again(till: Till, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(refusals, "UNSEEN_MS", 0)
    discounted(till)
    till.scan(PRIDE)
    till.key(Key.Key_Escape)
    till.scan(KLARA)
    assert till.sees("Message: Klara and the Sun · 1 × 16.95")


class Asked(QDialog):
    """Remembers whether a scan was under way when it was shown."""

    def __init__(self, till: Till) -> None:
        super().__init__(till.window)
        self.router, self.scanning = till.router, True

    def showEvent(self, event: QShowEvent) -> None:
        self.scanning = self.router.holding
        super().showEvent(event)


def test_a_question_waits_for_the_end_of_a_scan_that_has_begun(till: Till) -> None:
    till.sign_in()
    asked, keyboard = Asked(till), Keyboard()

    async def ask_in_the_middle() -> None:
        for letter in PRIDE[:7]:
            keyboard.send(focus_window(), letter)
        question = asyncio.ensure_future(dialogs.show(asked))
        await until(dialogs.opening)
        for letter in f"{PRIDE[7:]}\n":
            keyboard.send(focus_window(), letter)
        # What is no scan is for nobody: the window below must not pay while a question comes up.
        await outside(lambda: strike(Key.Key_F12))
        await until(asked.isVisible)
        asked.reject()
        await question

    with without_pause(till.router):
        till.run(ask_in_the_middle())
    till.settle()
    assert not asked.scanning
    assert [line.title for line in till.page.cart.lines] == ["Pride and Prejudice"]
    assert not till.page.paid_shown
