"""A trading day through the window: 2,000 sales of three lines, one in twenty brought back; stalls and memory too."""

import asyncio
import gc
import random
import resource
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from sqlalchemy import select
from sqlalchemy.orm import Session

from pos_app.app import App
from pos_app.domain.money import currency
from pos_app.domain.shop import StockPolicy
from pos_app.models import Book
from pos_app.services.setting import get_settings, shop_settings, write_settings
from pos_app.services.sign_in import sign_in
from tests.bench.bench_window import bare_field
from tests.bench.harness import Sample, report
from tests.ui.keyboard import outside, shown, without_pause
from ui import garbage
from ui.checkout.page import CheckoutPage
from ui.format import Formatter
from ui.main_window import MainWindow
from ui.scan_router import ScanRouter
from ui.start import PAGES

WARM, BEAT_S, STALL_MS = 50, 0.002, 50.0


class Heart:
    """Beats on the loop; the longest pause between two beats is the longest stall.

    Beside it the longest the thread itself worked between two beats: the rest of a pause is the machine's other work.
    """

    def __init__(self, beat_s: float = BEAT_S) -> None:
        self._beat_s = beat_s
        self.longest = self.longest_work = 0.0
        self.stalls = self.work_stalls = 0
        self._last, self._last_work = time.perf_counter(), time.thread_time()
        self._task = asyncio.ensure_future(self._beat())

    async def _beat(self) -> None:
        while True:
            await asyncio.sleep(self._beat_s)
            now = time.perf_counter()
            pause = (now - self._last - self._beat_s) * 1000
            self.longest = max(self.longest, pause)
            self.stalls += pause > STALL_MS
            worked = time.thread_time()
            work = (worked - self._last_work) * 1000
            self.longest_work = max(self.longest_work, work)
            self.work_stalls += work > STALL_MS
            self._last, self._last_work = now, worked

    def stop(self) -> None:
        self._task.cancel()


def memory_kb() -> int:
    """What the program holds in memory now."""
    gc.collect()
    for line in Path("/proc/self/status").read_text(encoding="utf-8").splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1])
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss


async def until(holds: Callable[[], bool]) -> None:
    async with asyncio.timeout(20):
        while not holds():
            await asyncio.sleep(0)


class Day:
    """Somebody at the till."""

    def __init__(self, window: MainWindow, router: ScanRouter, isbns: list[str]) -> None:
        self.window, self.router, self.isbns = window, router, isbns
        page = window.current_page
        assert isinstance(page, CheckoutPage)
        self.page = page
        self.dice = random.Random(2026)
        self.times: dict[str, list[float]] = {"scan": [], "pay": [], "return": []}

    async def keys(self, text: str = "", *special: Qt.Key) -> None:
        def press() -> None:
            with without_pause(self.router):
                for letter in text:
                    QTest.keyClick(self.window.windowHandle(), letter)
                for key in special:
                    QTest.keyClick(self.window.windowHandle(), key)

        await outside(press)

    async def sell(self, *, kept: bool) -> None:
        for _ in range(3):
            pieces = self.page.cart.item_count if self.page.cart is not None else 0
            started = time.perf_counter()
            await self.keys(self.dice.choice(self.isbns), Qt.Key.Key_Return)
            await until(lambda before=pieces: self.page.cart is not None and self.page.cart.item_count > before)
            self._note("scan", started, kept=kept)
        await self._settle("pay", kept=kept)

    async def bring_back(self, *, kept: bool) -> None:
        sale = self.page.last
        assert sale is not None
        started = time.perf_counter()
        await self.keys(sale.number, Qt.Key.Key_Return)
        await until(lambda: self.page.returns.active)
        line = next(line for line in sale.lines if line.isbn)
        await self.keys(line.isbn or "", Qt.Key.Key_Return)
        await until(lambda: self.page.cart is not None and self.page.cart.item_count > 0)
        self._note("return", started, kept=kept)
        await self._settle("pay", kept=kept)

    async def _settle(self, name: str, *, kept: bool) -> None:
        before = self.page.last
        started = time.perf_counter()
        await self.keys("", Qt.Key.Key_F12)
        await until(lambda: self.page.last is not before)
        self._note(name, started, kept=kept)
        await self.window.settled()

    def _note(self, name: str, started: float, *, kept: bool) -> None:
        if kept:
            self.times[name].append((time.perf_counter() - started) * 1000)


async def run(qt: QApplication, app: App, sales: int) -> None:
    def prepare(session: Session) -> list[str]:
        write_settings(session, replace(shop_settings(session), stock_policy=StockPolicy.PHYSICAL, idle_lock_s=0))
        return [isbn for isbn in session.scalars(select(Book.isbn).where(Book.isbn.is_not(None)).limit(500)) if isbn]

    isbns = await app.db.write(prepare)
    limit = await bare_field()
    window = MainWindow((1366, 768))
    faults: list[BaseException] = []
    router = ScanRouter(qt, faults.append)
    window.open_shop(app, router, dict(PAGES))
    settings = await get_settings(app)
    garbage.spare_what_lasts()
    window.show_sign_in(Formatter(settings, currency(settings.currency)))
    window.signed_in(await sign_in(app, "Ana", "1111"))
    await shown(window)
    await window.settled()
    day = Day(window, router, isbns)
    for _ in range(WARM):
        await day.sell(kept=False)
    heart, before = Heart(), memory_kb()
    started = time.perf_counter()
    for number in range(sales):
        await day.sell(kept=True)
        if number % 20 == 0:
            await day.bring_back(kept=True)
    took = time.perf_counter() - started
    grown = (memory_kb() - before) / 1024
    heart.stop()
    assert not faults, faults
    pairs = [(Sample(f"day: {name}", times), limit) for name, times in day.times.items() if times]
    report(f"A trading day of {sales:,} sales, {app.db.kind}", pairs)
    print(
        f"longest stall of the loop {heart.longest:.1f} ms, {heart.stalls} over {STALL_MS:.0f} ms "
        f"(of its own work {heart.longest_work:.1f} ms, {heart.work_stalls}); "
        f"memory grew by {grown:.1f} MB; {took:.0f} s in all"
    )
    await outside(window.close)
    await window.closed.wait()
