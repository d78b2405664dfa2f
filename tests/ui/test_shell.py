"""Coming to the till, leaving it, and what happens when something goes wrong."""

import asyncio
import logging

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication, QKeySequence, QShortcut
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QPushButton

from pos_app.domain.permission import UserRole
from pos_app.services import user
from pos_app.services.cart import open_cart
from pos_app.services.order_view import last_sale
from tests.shop import DARKNESS, KLARA, PIN, PRIDE, Shop
from tests.ui.keyboard import focus_window, outside, press, shown, until
from tests.ui.till import Run, Till
from ui.actions import KEYS
from ui.errors import FaultDialog
from ui.main_window import MainWindow
from ui.start import PAGES

CTRL = Qt.KeyboardModifier.ControlModifier
SIGN_IN, CHECKOUT = "Sign in – Bookstore POS", "Checkout – Bookstore POS"

pytestmark = pytest.mark.parametrize("config", ["sqlite"], indirect=True)


def burst(*codes: str) -> None:
    """Scan, and leave the rest to the caller: nothing is waited for."""
    for code in codes:
        for letter in code:
            QTest.keyClick(focus_window(), letter)
        QTest.keyClick(focus_window(), Qt.Key.Key_Return)


def titles(till: Till) -> list[str]:
    cart = till.run(open_cart(till.shop.app, till.shop.ana))
    return [line.title for line in cart.lines]


def test_a_sale_paid_in_the_moment_of_locking_keeps_its_receipt(till: Till) -> None:
    till.sign_in().scan(PRIDE)

    def pay_and_lock() -> None:
        QTest.keyClick(focus_window(), Qt.Key.Key_F12)
        QTest.keyClick(focus_window(), Qt.Key.Key_L, CTRL)

    till.do(pay_and_lock)
    assert till.window.windowTitle() == SIGN_IN
    receipt = till.shop.app.config.receipts_dir / "1-000001.txt"
    till.run(until(receipt.exists))


def test_scans_made_before_locking_are_in_the_basket(till: Till) -> None:
    till.sign_in()

    def scan_and_lock() -> None:
        burst(PRIDE, DARKNESS, KLARA)
        QTest.keyClick(focus_window(), Qt.Key.Key_L, CTRL)

    till.do(scan_and_lock)
    till.run(until(lambda: not till.window._leaving))
    assert titles(till) == ["Pride and Prejudice", "The Left Hand of Darkness", "Klara and the Sun"]


def test_what_was_scanned_and_paid_before_quitting_is_carried_out(shop: Shop, run: Run) -> None:
    till = Till(shop, run).sign_in()
    till.scan(PRIDE)

    def pay_scan_and_quit() -> None:
        QTest.keyClick(focus_window(), Qt.Key.Key_F12)
        burst(KLARA)
        QTest.keyClick(focus_window(), Qt.Key.Key_Q, CTRL)

    run(outside(pay_scan_and_quit))
    run(asyncio.wait_for(till.window.closed.wait(), 20))
    sale = run(last_sale(shop.app, shop.ana.till_id))
    assert sale is not None
    assert (shop.app.config.receipts_dir / f"{sale.number}.txt").exists()
    assert titles(till) == ["Klara and the Sun"]
    assert till.faults == []


def test_a_window_that_is_closed_leaves_no_task_behind(shop: Shop, run: Run) -> None:
    async def others() -> set[asyncio.Task[object]]:
        return asyncio.all_tasks() - {asyncio.current_task()}  # type: ignore[arg-type] # there is one here

    before = run(others())
    till = Till(shop, run).sign_in()
    till.scan(PRIDE)
    till.close()
    assert run(others()) - before == set()


def test_the_keyboard_signs_in_again_right_after_locking(till: Till) -> None:
    till.sign_in()
    till.key(Qt.Key.Key_L, modifier=CTRL)
    till.type(PIN)
    till.key(Qt.Key.Key_Return)
    assert till.window.windowTitle() == CHECKOUT


def test_arrows_choose_who_is_at_the_till_and_digits_find_the_pin_from_any_button(till: Till) -> None:
    till.key(Qt.Key.Key_Down, Qt.Key.Key_Down)
    sam = next(button for button in till.window.findChildren(QPushButton) if button.accessibleName() == "Sam")
    assert sam.isChecked()
    sam.setFocus()
    till.type(PIN)
    till.key(Qt.Key.Key_Return)
    assert till.sees("Sam · Manager")


def test_everybody_has_a_button_however_many_they_are(shop: Shop, run: Run) -> None:
    names = [f"Person {number}" for number in range(12)]
    for name in names:
        run(user.add_user(shop.app, name, UserRole.CASHIER, "2468"))
    till = Till(shop, run)
    seen = {button.accessibleName() for button in till.window.findChildren(QPushButton)}
    assert {*names, "Ana", "1", "0", "Enter"} <= seen
    till.close()


def test_a_person_is_chosen_by_alt_and_a_digit_and_digits_stay_the_pins(till: Till) -> None:
    page = till.window.sign_in_page
    names = list(page._people)
    till.key(Qt.Key.Key_3, modifier=Qt.KeyboardModifier.AltModifier)
    assert page._people[names[2]].isChecked()
    till.type(PIN)
    assert page._pin.text() == PIN


def test_too_many_wrong_pins_are_counted_down(till: Till) -> None:
    # The seconds are told by hand below.
    till.window.sign_in_page._second.setInterval(1_000_000)
    for _ in range(5):
        till.type("9999")
        till.key(Qt.Key.Key_Return)
    assert till.sees("30 s")
    page = till.window.sign_in_page
    page._second.stop()
    page._tick()
    assert till.sees("29 s")
    till.type(PIN)
    till.key(Qt.Key.Key_Return)
    assert till.window.windowTitle() == SIGN_IN
    assert till.sees("Message: That PIN was not tried. Too many wrong PINs. Try again in 29 s.")
    # A scan made meanwhile is told, and the seconds do not hide it.
    till.scan(PRIDE)
    page._tick()
    assert till.sees(f"Message: {PRIDE} was not sold: nobody is signed in. Too many wrong PINs. Try again in 28 s.")
    for _ in range(28):
        page._tick()
    assert till.sees(f"Message: {PRIDE} was not sold: nobody is signed in. You can try again now.")
    till.shop.app.clock.forward(seconds=31)
    till.type(PIN)
    till.key(Qt.Key.Key_Return)
    assert till.window.windowTitle() != SIGN_IN


def test_a_fault_of_the_program_is_told_with_a_number_and_the_window_stays_open(
    till: Till, caplog: pytest.LogCaptureFixture
) -> None:
    till.sign_in()

    async def faults() -> None:
        with caplog.at_level(logging.ERROR):
            await outside(lambda: MainWindow.on_error(till.window, ValueError("first")))
            await outside(lambda: MainWindow.on_error(till.window, ValueError("second")))
            await until(lambda: isinstance(QApplication.activeModalWidget(), FaultDialog))
        dialog = QApplication.activeModalWidget()
        assert dialog is not None
        QGuiApplication.clipboard().setText("")
        keys = {button.accessibleName(): button.accessibleDescription() for button in dialog.findChildren(QPushButton)}
        assert keys == {"Copy details": "Key Ctrl C", "Go on": "Key Enter"}
        await press(Qt.Key.Key_C, Qt.KeyboardModifier.ControlModifier)
        await until(lambda: "ValueError: first" in QGuiApplication.clipboard().text())
        await press(Qt.Key.Key_Return)
        await until(lambda: QApplication.activeModalWidget() is None)
        await shown(till.window)

    till.run(faults())
    number = QGuiApplication.clipboard().text().split()[0]
    assert f"fault {number}" in caplog.text
    assert "ValueError: first" in QGuiApplication.clipboard().text()
    assert "ValueError: second" in caplog.text
    till.scan(PRIDE)
    assert till.sees("Total £8.99")


def test_f1_from_any_field_lists_keys_that_work(till: Till) -> None:
    till.sign_in(page="Orders")

    async def asked() -> None:
        await press(Qt.Key.Key_F1)
        await until(lambda: QApplication.activeModalWidget() is not None)
        dialog = QApplication.activeModalWidget()
        assert dialog is not None
        assert dialog.windowTitle() == "All shortcuts – Bookstore POS"
        # Keys go to the window that has the focus, which it gets a little after it is shown.
        await until(dialog.isActiveWindow)
        await press(Qt.Key.Key_Escape)
        await until(lambda: QApplication.activeModalWidget() is None)

    till.run(asked())


SIGNS = {"−": "-", "↑": "Up", "↓": "Down", "→": "Right", "←": "Left"}


def listed() -> set[str]:
    """Every key that F1 lists, one by one."""
    keys: set[str] = set()
    for group in KEYS.values():
        for text, _what in group:
            if "…" in text:
                first, last = (part.strip() for part in text.split("…"))
                keys |= {f"{first[:-1]}{number}" for number in range(int(first[-1]), int(last[-1]) + 1)}
                continue
            for key in text.replace(" or ", " ").replace(", ", " ").split():
                *held, last = key.split("+") if len(key) > 1 else [key]
                keys.add("+".join([*held, SIGNS.get(last, last)]))
    return {QKeySequence(key).toString() for key in keys}


def test_f1_lists_every_key_of_the_window(till: Till) -> None:
    till.sign_in("Max")
    for page in PAGES:
        till.do(lambda page=page: till.window.show_page(page))
    bound = {one.key().toString(): one.parent() for one in till.window.findChildren(QShortcut)}
    assert len(bound) > 30
    assert {key: owner for key, owner in bound.items() if key not in listed()} == {}
