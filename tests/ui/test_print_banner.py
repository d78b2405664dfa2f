"""Papers that wait for the printer are told at the counter, in words, and go away by themselves."""

from collections.abc import Iterator
from dataclasses import replace

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication

from pos_app.errors import Unavailable
from pos_app.services.printing import PrintQueue
from pos_app.services.receipt import keep_receipt
from pos_app.services.shift import ShiftCount, close_shift, reopen, x_report
from tests.shop import PRIDE, Shop
from tests.ui.keyboard import until
from tests.ui.till import Run, Till
from ui.print_banner import PrintBanner
from ui.start import Starter

Key = Qt.Key

# What the window does with either database is the same.
pytestmark = pytest.mark.parametrize("config", ["sqlite"], indirect=True)


class Printer:
    """Takes papers while it is on."""

    on = False

    def __init__(self) -> None:
        self.printed: list[bytes] = []

    def send(self, _printer: str, data: bytes) -> None:
        if not self.on:
            raise Unavailable("printer.failed", reason="it is off")
        self.printed.append(data)


@pytest.fixture
def printer() -> Printer:
    return Printer()


@pytest.fixture
def at_counter(shop: Shop, run: Run, printer: Printer) -> Iterator[Till]:
    queue = PrintQueue(shop.app.config.data_dir / "print-queue", "simulated", printer.send)
    till = Till(replace(shop, app=replace(shop.app, printing=queue)), run).sign_in()
    yield till
    till.close()
    run(queue.close())


def banner(till: Till) -> PrintBanner:
    return till.window.findChild(PrintBanner)


def test_a_printer_that_is_off_is_told_and_the_sales_go_on(at_counter: Till, printer: Printer) -> None:
    till = at_counter
    assert not banner(till).isVisible()
    till.scan(PRIDE)
    till.key(Key.Key_F12)
    till.run(until(lambda: banner(till).isVisible()))
    assert till.sees("1 paper waits. The printer does not take it: it is off. See that it is on")
    till.scan(PRIDE)
    till.key(Key.Key_F12)
    assert till.sees("Sale 1-000002 is paid and stored")
    till.run(until(lambda: len(till.shop.app.printing.jobs) == 2))
    printer.on = True
    till.click("Print now")
    till.run(until(lambda: len(printer.printed) == 2))
    till.run(until(lambda: not banner(till).isVisible()))


def test_a_key_leads_to_the_papers_that_wait(at_counter: Till) -> None:
    till = at_counter
    till.scan(PRIDE)
    till.key(Key.Key_F12)
    till.run(until(lambda: banner(till).isVisible()))
    till.key(Key.Key_P, modifier=Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.ShiftModifier)
    assert till.page.title == "Settings"
    assert till.sees("Try now")
    assert till.sees("Drop")


def test_the_next_person_is_told_too_and_the_one_before_no_longer(at_counter: Till) -> None:
    till = at_counter
    till.scan(PRIDE)
    till.key(Key.Key_F12)
    till.run(until(lambda: banner(till).isVisible()))
    till.key(Key.Key_L, modifier=Qt.KeyboardModifier.ControlModifier)
    assert till.shop.app.printing.listeners == []
    till.sign_in("Jo")
    assert till.sees("1 paper waits")


def test_a_closed_shift_without_its_paper_is_told_to_whoever_comes_next(
    shop: Shop, run: Run, qapp: QApplication
) -> None:
    run(keep_receipt(shop.app, run(shop.sell(PRIDE))))
    x = run(x_report(shop.app, shop.ana))
    run(close_shift(shop.app, shop.ana, x.opened_at, ShiftCount(899)))
    run(reopen(shop.app, shop.ana))
    till = Till(shop, run)
    starter = Starter(qapp, till.window, shop.app.config, demo=False, asks=True)
    run(starter._make_missed_papers(shop.app))
    said = "The program ended before the paper of a closed shift was made. Z1-000001 is kept among the receipts."
    assert till.sees(f"Message: {said}")
    till.sign_in()
    assert till.sees(f"Message: {said}")
    till.window.lock()
    till.sign_in()
    assert not till.sees(said)
    till.close()
    assert till.faults == []
