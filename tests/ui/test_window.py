"""What is true of the window as a whole."""

import asyncio
import subprocess
import sys
from dataclasses import replace

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from pos_app.errors import Unavailable
from tests.shop import PIN, PRIDE
from tests.ui.keyboard import focus_window, outside, press, until
from tests.ui.till import Till
from ui.loop import Loop
from ui.style.tokens import CONTRAST, DARK, LIGHT, Tokens


def test_qt_does_not_miscount_references() -> None:
    code = (
        "from PySide6.QtCore import QObject, Signal\n"
        "class S(QObject):\n s = Signal(bool)\n"
        "a = S(); a.s.connect(lambda on: None)\n"
        "for _ in range(10000): a.s.emit(True)\n"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_the_loop_is_one_that_psycopg_accepts(loop: Loop) -> None:
    assert isinstance(loop, asyncio.SelectorEventLoop)


def test_a_screen_that_goes_away_ends_the_program_in_words(loop: Loop, qapp: QApplication) -> None:
    asyncio.set_event_loop(loop)

    async def wait() -> None:
        loop.call_later(0.01, qapp.exit, 1)
        await asyncio.sleep(60)

    task = loop.create_task(wait())
    with pytest.raises(Unavailable, match=r"display\.lost"):
        loop.run_until_complete(task)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        loop.run_until_complete(task)


def luminance(colour: str) -> float:
    channels = [int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.03928 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    high, low = sorted((luminance(one), luminance(other)), reverse=True)
    return (high + 0.05) / (low + 0.05)


def pairs(t: Tokens) -> list[tuple[str, str]]:
    inks = [(ink, ground) for ink in (t.ink, t.ink_2, t.ink_3) for ground in (t.canvas, t.surface, t.surface_2)]
    soft = [(t.accent, t.accent_soft), (t.danger, t.danger_soft), (t.warn, t.warn_soft), (t.info, t.info_soft)]
    return [*inks, *soft, (t.accent_ink, t.accent), (t.accent, t.surface), (t.danger, t.surface)]


@pytest.mark.parametrize(("tokens", "least", "edge"), [(LIGHT, 4.5, 3), (DARK, 4.5, 3), (CONTRAST, 7, 7)])
def test_text_stands_out_from_its_ground_in_every_theme(tokens: Tokens, least: float, edge: float) -> None:
    for ink, ground in pairs(tokens):
        assert contrast(ink, ground) >= least, (ink, ground)
    for ground in (tokens.canvas, tokens.surface):
        assert contrast(tokens.line_strong, ground) >= edge
        assert contrast(tokens.focus, ground) >= 3


def test_a_person_signs_in_with_the_keyboard_alone(till: Till) -> None:
    assert till.sees("PIN")
    till.type(PIN)
    till.key(Qt.Key.Key_Return)
    assert till.window.windowTitle() == "Checkout – Bookstore POS"


def test_who_opens_the_shift_is_told_what_the_drawer_is_to_hold(till: Till) -> None:
    till.do(lambda: till.window.signed_in(replace(till.shop.ana, opened_with=5000)))
    assert till.sees("Message: The shift is open, with £50.00 in the drawer. F10 F")


def test_a_wrong_pin_is_told_and_can_be_tried_again(till: Till) -> None:
    till.type("9999")
    till.key(Qt.Key.Key_Return)
    assert till.sees("Message: Wrong PIN. Tries left: 4.")
    till.type(PIN)
    till.key(Qt.Key.Key_Return)
    assert till.window.windowTitle() == "Checkout – Bookstore POS"


def test_the_pages_are_turned_by_key(till: Till) -> None:
    till.sign_in()
    for key, title in ((Qt.Key.Key_2, "Inventory"), (Qt.Key.Key_3, "Orders"), (Qt.Key.Key_1, "Checkout")):
        till.key(key, modifier=Qt.KeyboardModifier.ControlModifier)
        assert till.window.windowTitle() == f"{title} – Bookstore POS"


def test_f1_lists_the_keys_and_scans_wait_until_it_is_closed(till: Till) -> None:
    till.sign_in()

    async def story() -> None:
        await press(Qt.Key.Key_F1)
        await until(lambda: QApplication.activeModalWidget() is not None)
        for letter in PRIDE:
            await outside(lambda letter=letter: QTest.keyClick(focus_window(), letter))
        await press(Qt.Key.Key_Return)
        await asyncio.sleep(0.2)
        assert till.page.lines.lines == ()
        await press(Qt.Key.Key_Escape)

    till.run(story())
    till.settle()
    assert [line.title for line in till.page.lines.lines] == ["Pride and Prejudice"]


def test_the_database_is_named(till: Till) -> None:
    till.sign_in()
    kind = till.shop.app.db.kind
    assert till.sees("Database: SQLite" if kind == "sqlite" else "Database: PostgreSQL online")
