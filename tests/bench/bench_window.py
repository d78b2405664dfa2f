"""A scan until its line is painted, beside bare key events into a bare field; in a real window without a screen."""

import asyncio
import time

from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLineEdit, QMainWindow
from sqlalchemy import select
from sqlalchemy.orm import Session

from pos_app.app import App
from pos_app.domain.money import currency
from pos_app.models import Book
from pos_app.services.setting import get_settings
from pos_app.services.sign_in import sign_in
from tests.bench.harness import Sample, report
from tests.ui.keyboard import outside, shown
from ui.checkout.page import CheckoutPage
from ui.format import Formatter
from ui.main_window import MainWindow
from ui.scan_router import ScanRouter
from ui.start import PAGES

ROUNDS = 150


class Painted(QObject):
    """Tells when a widget has been painted after it was asked to tell."""

    def __init__(self, widget: QObject) -> None:
        super().__init__()
        self.event = asyncio.Event()
        self.wanted = lambda: True
        widget.installEventFilter(self)

    def eventFilter(self, _watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Paint and self.wanted():
            asyncio.get_event_loop().call_soon(self.event.set)
        return False


async def press(window: QMainWindow, text: str) -> None:
    """Send a scanner's keys as Qt does: on the running loop, in no task."""

    def keys() -> None:
        for letter in text:
            QTest.keyClick(window.windowHandle(), letter)
        QTest.keyClick(window.windowHandle(), Qt.Key.Key_Return)

    await outside(keys)


async def scans(qt: QApplication, app: App) -> Sample:
    window = MainWindow((1366, 768))
    faults: list[BaseException] = []
    router = ScanRouter(qt, faults.append)
    window.open_shop(app, router, dict(PAGES))
    settings = await get_settings(app)
    window.show_sign_in(Formatter(settings, currency(settings.currency)))
    window.signed_in(await sign_in(app, "Ana", "1111"))
    await shown(window)
    await window.settled()

    def some(session: Session) -> list[str]:
        return [isbn for isbn in session.scalars(select(Book.isbn).where(Book.isbn.is_not(None)).limit(ROUNDS)) if isbn]

    isbns = await app.db.read(some)
    page = window.current_page
    assert isinstance(page, CheckoutPage)
    painted = Painted(page.table.viewport())
    times = []
    for number, isbn in enumerate(isbns):
        if number % 10 == 0 and page.cart is not None and page.cart.lines:
            await outside(lambda: page.act(page.clear))
            await window.settled()
        before = [line.quantity for line in page.lines.lines]
        painted.event.clear()
        painted.wanted = lambda before=before: [line.quantity for line in page.lines.lines] != before
        started = time.perf_counter()
        await press(window, isbn)
        await asyncio.wait_for(painted.event.wait(), 5)
        times.append((time.perf_counter() - started) * 1000)
        await window.settled()
    assert not faults, faults
    await outside(window.close)
    await window.closed.wait()
    return Sample("scan (14 keys) → line painted", times[5:])


async def bare_field() -> Sample:
    window = QMainWindow()
    field = QLineEdit()
    window.setCentralWidget(field)
    window.resize(1366, 768)
    await shown(window)
    field.setFocus()
    painted = Painted(field)
    times = []
    for _ in range(ROUNDS):
        field.clear()
        await asyncio.sleep(0.005)
        painted.event.clear()
        painted.wanted = lambda: len(field.text()) == 13
        started = time.perf_counter()
        await press(window, "9780141439518")
        await asyncio.wait_for(painted.event.wait(), 5)
        times.append((time.perf_counter() - started) * 1000)
    window.close()
    return Sample("limit", times[5:])


async def run(qt: QApplication, app: App, title: str) -> None:
    limit = await bare_field()
    ours = await scans(qt, app)
    report(f"Scan: {title}, {app.db.kind}", [(ours, limit)])
