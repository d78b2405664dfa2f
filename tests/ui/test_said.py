"""What the windows say where somebody would otherwise wonder what happened."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QKeySequenceEdit, QLineEdit

from pos_app.domain.order_status import OrderKind
from pos_app.errors import Unavailable
from pos_app.services.printing import PrintQueue
from pos_app.services.receipt import keep_receipt
from tests.shop import KLARA, PIN, PRIDE, SAPIENS, Shop
from tests.ui.keyboard import until
from tests.ui.till import Run, Till
from ui.checkout.ask_dialog import VoidDialog
from ui.settings.devices import DevicesSection

# What the windows do with either database is the same.
pytestmark = pytest.mark.parametrize("config", ["sqlite"], indirect=True)

Key = Qt.Key
ALT, CTRL = Qt.KeyboardModifier.AltModifier, Qt.KeyboardModifier.ControlModifier


def test_a_scan_while_nobody_is_signed_in_is_told(till: Till) -> None:
    till.scan(PRIDE)
    assert till.sees(f"Message: {PRIDE} was not sold: nobody is signed in.")
    till.type(PIN)
    till.key(Key.Key_Return)
    till.window.lock()
    till.scan(KLARA)
    assert till.sees(f"Message: {KLARA} was not sold: nobody is signed in.")
    till.type(PIN)
    till.key(Key.Key_Return)
    assert till.page.lines.lines == ()


def test_undo_names_what_it_took_back_and_whose_it_was(till: Till) -> None:
    till.sign_in("Ana").scan(PRIDE, KLARA)
    till.key(Key.Key_Z, modifier=CTRL)
    assert till.sees("Message: Undone: the scan. Klara and the Sun is out of the basket.")
    till.scan(PRIDE)
    till.window.lock()
    till.sign_in("Jo")
    till.key(Key.Key_Z, modifier=CTRL)
    assert till.sees("Message: Undone: Ana's scan. Pride and Prejudice · 1 × 8.99")


def test_after_a_payment_no_note_of_the_sale_before_is_offered(till: Till) -> None:
    till.sign_in().scan(PRIDE)
    assert till.sees("Cash 10")
    till.key(Key.Key_F12)
    assert till.sees("Change £0.00")
    assert not till.sees("Cash 10")
    till.scan(KLARA)
    assert till.sees("Cash 20")


def test_a_void_proposes_only_a_sale_of_today(till: Till, run: Run) -> None:
    till.sign_in("Sam").scan(PRIDE)
    till.key(Key.Key_F12)
    assert proposed(till) == "1-000001"
    till.scan("1-000001", PRIDE)
    till.key(Key.Key_F9)
    till.scan(KLARA)
    till.key(Key.Key_F12)
    assert till.page.last.kind is OrderKind.EXCHANGE
    assert proposed(till) == ""
    sale = run(till.shop.sell(KLARA))
    till.do(lambda: till.page.show_last(sale))
    assert proposed(till) == sale.number
    yesterday = replace(sale, business_date=sale.business_date - timedelta(days=1))
    till.do(lambda: till.page.show_last(yesterday))
    assert proposed(till) == ""


def proposed(till: Till) -> str:
    """The receipt that F10, V begins with."""
    till.key(Key.Key_F10)
    till.key(Key.Key_V)
    assert isinstance(till.dialog, VoidDialog)
    number = till.dialog._number.text()
    till.key(Key.Key_Escape)
    return number


def test_undo_in_a_fresh_basket_says_where_the_one_before_is(till: Till) -> None:
    till.sign_in().scan(PRIDE)
    till.key(Key.Key_F6)
    till.key(Key.Key_Return)
    till.key(Key.Key_Z, modifier=CTRL)
    assert till.sees("Message: Nothing was done in this basket yet. F7 takes up a parked sale")


def test_a_receipt_scanned_into_a_basket_says_what_f12_does_with_both(till: Till, run: Run) -> None:
    sale = run(till.shop.sell(PRIDE))
    run(keep_receipt(till.shop.app, sale))
    till.sign_in().scan(sale.number)
    assert till.sees("or touch their lines. F12 refunds.")
    till.key(Key.Key_Escape)
    till.scan(KLARA, SAPIENS)
    till.scan(sale.number)
    assert till.sees("2 items to be sold stay in the basket: F12 takes or gives back the difference.")


def test_a_key_that_turns_to_a_section_goes_to_its_first_field(till: Till) -> None:
    till.sign_in("Max", "Settings")
    till.key(Key.Key_1, modifier=ALT)
    assert isinstance(QApplication.focusWidget(), QLineEdit)
    assert till.page.sections["Shop"].isAncestorOf(QApplication.focusWidget())
    # On the page of the keys the next key is not to become one.
    till.key(Key.Key_8, modifier=ALT)
    till.key(Key.Key_9, modifier=ALT)
    assert till.sees("Receipt printer: None")
    assert till.page.sections["Printers and devices"].isAncestorOf(QApplication.focusWidget())


def test_the_fields_of_the_keys_have_names_within_too(till: Till) -> None:
    till.sign_in("Max", "Settings")
    till.key(Key.Key_8, modifier=ALT)
    fields = till.page.sections["Keys"].findChildren(QKeySequenceEdit)
    inner = [field.findChild(QLineEdit).accessibleName() for field in fields]
    assert inner == [field.accessibleName() for field in fields]
    assert all(inner)


@pytest.fixture
def at_papers(shop: Shop, run: Run) -> Iterator[tuple[Till, list[bool]]]:
    on: list[bool] = []

    def send(_printer: str, _data: bytes) -> None:
        if not on:
            raise Unavailable("printer.not_ready", state="The paper is out: put a new roll in.")

    queue = PrintQueue(shop.app.config.data_dir / "print-queue", "simulated", send)
    till = Till(replace(shop, app=replace(shop.app, printing=queue)), run)
    yield till, on
    till.close()
    run(queue.close())
    assert till.faults == []


def test_the_focus_stays_among_the_papers_and_then_with_the_printer(
    at_papers: tuple[Till, list[bool]], run: Run
) -> None:
    till, on = at_papers
    run(keep_receipt(till.shop.app, run(till.shop.sell(PRIDE))))
    run(until(lambda: any(job.tries for job in till.shop.app.printing.jobs)))
    till.sign_in("Max", "Settings")
    assert till.sees("1 paper waits. The paper is out: put a new roll in. Then it is printed; nothing is lost.")
    till.click("Section Printers and devices")
    section = next(one for one in till.page.sections.values() if isinstance(one, DevicesSection))
    section._job_rows[0].buttons[0].setFocus()
    on.append(True)
    till.do(till.shop.app.printing.retry)
    run(until(lambda: not till.shop.app.printing.jobs))
    till.settle()
    assert QApplication.focusWidget().accessibleName() == "Test receipt printer"
