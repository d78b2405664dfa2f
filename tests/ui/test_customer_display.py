"""What the customer sees, and that it never gets in the cashier's way."""

from dataclasses import replace
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication

from pos_app.receipts.two_lines import START, two_lines
from tests.shop import KLARA, PRIDE, Shop
from tests.ui.till import Run, Till
from ui.customer_display.display import CustomerDisplay

Key = Qt.Key


@pytest.fixture
def till(shop: Shop, run: Run, tmp_path: Path) -> Till:
    lines = tmp_path / "lines"
    lines.touch()
    config = replace(shop.app.config, customer_display="window", line_display=f"file:{lines}")
    return Till(replace(shop, app=replace(shop.app, config=config)), run)


def display(till: Till) -> CustomerDisplay:
    window = till.page.displays.window
    assert isinstance(window, CustomerDisplay)
    return window


def start(till: Till) -> None:
    """Sign in; off the screen there is no window manager that keeps the focus from a window that does not want it."""
    till.sign_in()
    till.do(till.window.activateWindow)


def test_the_customer_sees_lines_total_change_and_then_the_shop(till: Till, tmp_path: Path) -> None:
    start(till)
    till.scan(PRIDE, KLARA)
    seen = display(till)
    assert seen.isVisible()
    assert seen.accessibleDescription() == "Pride and Prejudice 8.99; Klara and the Sun 16.95; Total £25.94"
    assert not seen.grab().toImage().isNull()
    till.type("30")
    till.key(Key.Key_F12)
    assert seen.accessibleDescription() == "Change £4.06; Thank you"
    till.do(seen.show_idle)
    assert seen.accessibleDescription() == ""
    assert not seen.grab().toImage().isNull()
    till.close()
    shown = (tmp_path / "lines").read_bytes()
    assert b"Change          4.06" in shown


def test_the_display_takes_neither_focus_nor_keys(till: Till) -> None:
    start(till)
    till.scan(PRIDE)
    assert QApplication.activeWindow() is till.window
    assert display(till).windowFlags() & Qt.WindowType.WindowDoesNotAcceptFocus
    till.type("klara")
    assert till.page.entry.text() == "klara"
    till.close()


def test_a_line_display_never_cuts_the_figure() -> None:
    data = two_lines("The Left Hand of Darkness", "A long word before", "1,234.56").removeprefix(START)
    assert data == b"The Left Hand of Dar" + b"A long word 1,234.56"
    assert len(two_lines("é", "Total", "8.99").removeprefix(START)) == 40
