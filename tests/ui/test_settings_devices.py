"""Printers and devices as a person sees and tries them."""

import asyncio
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLineEdit

from pos_app import config as configuration
from pos_app.devices.find import Found
from pos_app.errors import Unavailable
from pos_app.services import machine, printing
from tests.shop import KLARA
from tests.ui.keyboard import focus_window, outside
from tests.ui.till import Till
from ui.settings.device_dialog import DeviceDialog
from ui.settings.devices import DevicesSection
from ui.settings.scan_test import ScanTest

# What the window does is the same on either database; the services are tried on both.
pytestmark = pytest.mark.parametrize("config", ["sqlite"], indirect=True)

Key = Qt.Key


@pytest.fixture(autouse=True)
def nothing_plugged_in(monkeypatch: pytest.MonkeyPatch) -> None:
    """Keep the machine the tests run on out of them."""
    monkeypatch.setattr(machine, "find_printers", lambda: [Found("file:/dev/usb/lp7", "Printer at lp7")])


@pytest.fixture
def devices(till: Till) -> DevicesSection:
    till.sign_in("Max", "Settings")
    till.click("Section Printers and devices")
    return next(one for one in till.page.sections.values() if isinstance(one, DevicesSection))


def printed(till: Till) -> None:
    """Wait until the queue is empty and the page shows it."""

    async def wait() -> None:
        async with asyncio.timeout(10):
            while till.shop.app.printing.jobs:
                await asyncio.sleep(0.01)

    till.run(wait())
    till.settle()


def kept(till: Till) -> configuration.Config:
    return configuration.load({"data_dir": till.shop.app.config.data_dir}, {})


def test_without_a_printer_it_says_what_happens_to_receipts(till: Till, devices: DevicesSection) -> None:
    assert till.sees("Receipts are kept as files")
    assert till.sees("Card terminal: Separate")
    assert till.sees("Waiting: 0.")
    till.click("Test receipt printer")
    assert till.sees("This till has no receipt printer")


def test_the_simulated_printer_draws_its_paper_and_is_taken_back(till: Till, devices: DevicesSection) -> None:
    till.click("Simulated printer: off")
    assert till.sees("Simulated printer: on")
    assert kept(till).printer == "simulated"
    assert till.sees("Receipt printer: “Simulated: drawn on the screen” from now on.")
    till.click("Test receipt printer")
    printed(till)
    assert till.sees("What the simulated printer printed last")
    assert "TEST PAGE" in devices._paper.accessibleDescription()
    till.click("Test cash drawer")
    printed(till)
    assert till.sees("and the drawer opened")
    till.key(Key.Key_Z, modifier=Qt.KeyboardModifier.ControlModifier)
    assert till.shop.app.printing.printer == "none"
    assert kept(till).printer == "none"


def test_a_printer_is_chosen_among_those_found(till: Till, devices: DevicesSection) -> None:
    till.click("Find devices")
    dialog = till.dialog
    assert isinstance(dialog, DeviceDialog)
    till.do(lambda: dialog._list.setCurrentRow(0))
    till.key(Key.Key_Return)
    assert till.shop.app.printing.printer == "file:/dev/usb/lp7"
    assert till.sees("Receipt printer: It does not say") or till.sees("Receipt printer: Does not say")


def test_an_address_that_cannot_be_is_told(till: Till, devices: DevicesSection) -> None:
    till.click("Change receipt printer")
    dialog = till.dialog
    assert isinstance(dialog, DeviceDialog)
    till.do(lambda: dialog._way.setCurrentIndex(2))
    till.key(Key.Key_Return)
    assert till.sees("Type it first")
    till.do(lambda: dialog.findChild(QLineEdit).setText("nowhere"))  # type: ignore[union-attr] # it has one
    till.key(Key.Key_Return)
    assert till.dialog is dialog
    assert till.sees("“nowhere” is no address and port. Type it like 192.0.2.21:9100.")
    assert dialog.findChild(QLineEdit).text() == "nowhere"  # type: ignore[union-attr] # it has one
    till.key(Key.Key_Escape)
    assert till.shop.app.printing.printer == "none"


def test_what_waits_is_sent_elsewhere_or_dropped(
    till: Till, devices: DevicesSection, monkeypatch: pytest.MonkeyPatch
) -> None:
    queue = till.shop.app.printing
    monkeypatch.setattr(printing, "PAUSES_S", (60.0,))

    def off(printer: str, _data: bytes) -> None:
        if printer != "simulated":
            raise Unavailable("printer.failed", reason="it is switched off")

    monkeypatch.setattr(queue, "_send", off)
    queue.printer = "tcp:127.0.0.1:9"

    async def two() -> None:
        await queue.put("1-000001", b"one")
        await queue.put("1-000002", b"two")
        while not queue.jobs[0].reason:
            await asyncio.sleep(0.01)

    till.run(two())
    till.settle()
    assert till.sees("it is switched off")
    assert till.sees("1-000001: Failed")
    assert till.sees("Waiting: 2.")
    till.click("Drop 1-000002")
    assert till.sees("Waiting: 1.")
    till.click("Other printer 1-000001")
    dialog = till.dialog
    assert isinstance(dialog, DeviceDialog)
    till.do(lambda: dialog._way.setCurrentIndex(1))
    till.key(Key.Key_Return)
    printed(till)
    assert queue.simulated[-1].endswith(b"one")
    assert till.sees("Waiting: 0.")


def test_a_scan_is_taken_apart(till: Till, devices: DevicesSection) -> None:
    till.click("Test scanner")
    assert isinstance(till.dialog, ScanTest)
    till.scan(KLARA)
    assert till.sees(f"It sent: {KLARA}")
    assert till.sees("Characters: 13")
    assert till.sees("Ends with: Enter")
    assert till.sees("Read as: a book number")
    assert till.sees("The till takes this as a scan")

    async def pause() -> None:
        await asyncio.sleep(0.45)

    till.run(pause())
    till.key(Key.Key_Return)
    assert till.dialog is None
    assert till.sees(f"Scanner: Last scan {KLARA}")


def test_a_slow_scanner_is_told_apart_and_its_enter_closes_nothing(till: Till, devices: DevicesSection) -> None:
    till.click("Test scanner")

    async def slowly() -> None:
        for letter in "12345678":
            await outside(lambda letter=letter: QTest.keyClick(focus_window(), letter))
            await asyncio.sleep(0.05)
        await outside(lambda: QTest.keyClick(focus_window(), Key.Key_Return))

    till.run(slowly())
    till.settle()
    assert isinstance(till.dialog, ScanTest)
    assert till.sees("Characters: 8")
    assert till.sees("is taken for typing")
    till.key(Key.Key_Escape)


def test_a_cards_number_is_not_shown(till: Till, devices: DevicesSection) -> None:
    till.click("Test scanner")
    till.scan("4111111111111111")
    assert till.sees("It sent: hidden")
    assert not till.sees("4111")
    till.key(Key.Key_Escape)
    assert till.sees("Scanner: Not tried yet")


def test_a_cashier_may_test_and_not_change(till: Till) -> None:
    till.sign_in("Ana", "Settings")
    till.click("Section Printers and devices")
    section = next(one for one in till.page.sections.values() if isinstance(one, DevicesSection))
    assert not section._simulated.isEnabled()
    assert till.sees("You see this, and admins can change it")
    till.click("Test scanner")
    till.key(Key.Key_Escape)


def test_a_terminal_holds_from_the_next_start(till: Till, devices: DevicesSection) -> None:
    till.click("Change card terminal")
    dialog = till.dialog
    assert isinstance(dialog, DeviceDialog)
    till.do(lambda: dialog._way.setCurrentIndex(1))
    till.key(Key.Key_Return)
    assert kept(till).card_terminal == "simulated"
    assert till.sees("Card terminal: “Simulated: takes no real money”, once this program is started again.")


def test_displays_are_chosen_tried_and_taken_back(till: Till, devices: DevicesSection, tmp_path: Path) -> None:
    assert till.sees("Customer screen: None")
    assert till.sees("Line display: None")
    till.click("Change customer screen")
    choose(till, "A window of its own on this screen")
    assert till.sees("Customer screen: Shown")
    assert till.sees("Customer screen: “A window of its own on this screen” from now on.")
    window = devices.context.displays.window
    till.click("Change line display")
    choose(till, "A device file", str(tmp_path / "lines"))
    assert till.sees(f"Line display: “A device file, {tmp_path / 'lines'}” from now on.")
    till.click("Test line display")
    assert till.sees("Line display: Taken")
    assert till.sees("The displays now say “Display test” and 1,234.56.")
    assert (tmp_path / "lines").read_bytes().endswith(b"Display test        Total       1,234.56")
    assert devices.context.displays.window.accessibleDescription().endswith("Total £1,234.56")
    assert (kept(till).customer_display, kept(till).line_display) == ("window", f"file:{tmp_path / 'lines'}")
    # Off the screen there is no window manager that keeps the focus from a window that does not want it.
    till.do(till.window.activateWindow)
    till.key(Key.Key_Z, modifier=Qt.KeyboardModifier.ControlModifier)
    assert till.sees("Line display: None")
    till.do(till.window.activateWindow)
    till.key(Key.Key_Z, modifier=Qt.KeyboardModifier.ControlModifier)
    assert till.sees("Customer screen: None")
    assert devices.context.displays.window is None
    assert window is not None


def test_a_line_display_that_is_off_is_told(
    till: Till, devices: DevicesSection, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    till.click("Change line display")
    choose(till, "A device file", str(tmp_path / "not there" / "lines"))
    till.click("Test line display")
    assert till.sees("Line display: Not reached")
    assert "line display shows nothing" in caplog.text


def test_a_second_screen_that_is_not_there_is_told(till: Till, devices: DevicesSection) -> None:
    till.click("Change customer screen")
    choose(till, "The second screen, while one is plugged in")
    assert till.sees("Customer screen: No second screen")
    till.click("Test customer screen")
    assert till.sees("There is no second screen now")


def choose(till: Till, way: str, address: str = "") -> None:
    """Answer the question how a device is reached."""
    dialog = till.dialog
    assert isinstance(dialog, DeviceDialog)

    def answer() -> None:
        dialog._way.setCurrentText(way)
        dialog._address.setText(address)
        dialog.submit()

    till.do(answer)
