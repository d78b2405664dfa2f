"""Scrolling through a million titles for a minute, also while a file is imported: the longest frame, and memory.

Beside them what the window's own thread worked in a frame, and frames less the time it waited for a processor, which is
the machine's other work.
"""

import asyncio
import os
import time
from functools import partial
from pathlib import Path

from PySide6.QtCore import QEvent, QObject
from PySide6.QtWidgets import QApplication

from pos_app.app import App
from pos_app.domain.money import currency
from pos_app.services.book_import import ImportReport, import_books
from pos_app.services.setting import get_settings
from pos_app.services.sign_in import sign_in
from tests.bench.bench_import import write_file
from tests.bench.harness import Sample
from tests.ui.keyboard import outside, shown
from ui import garbage
from ui.format import Formatter
from ui.inventory.page import InventoryPage
from ui.main_window import MainWindow
from ui.scan_router import ScanRouter
from ui.start import PAGES

SECONDS = 60
IMPORTED = 400_000
FRAME_S = 1 / 60


class Paints(QObject):
    """Counts paintings."""

    def __init__(self) -> None:
        super().__init__()
        self.count = 0

    def eventFilter(self, _watched: QObject, event: QEvent) -> bool:
        self.count += event.type() == QEvent.Type.Paint
        return False


def memory_mb() -> tuple[float, float]:
    """What the process holds now and held at most, in MB; SQLite's file is not in it."""
    said = dict(line.split(":", 1) for line in Path("/proc/self/status").read_text().splitlines() if ":" in line)
    return tuple(int(said[name].split()[0]) / 1024 for name in ("VmRSS", "VmHWM"))  # type: ignore[return-value]


def waited_ms() -> float:
    """How long this thread was ready to run and had no processor."""
    return int(Path("/proc/thread-self/schedstat").read_text(encoding="ascii").split()[1]) / 1e6


async def _import(app: App, cancel: asyncio.Event) -> "asyncio.Task[ImportReport]":
    """Start taking in a file that outlasts the scrolling."""
    path = app.config.data_dir / "titles.csv"
    await asyncio.to_thread(write_file, path, IMPORTED)
    return asyncio.create_task(import_books(app, path, cancel=cancel))


async def run(qt: QApplication, app: App, title: str, seconds: int = SECONDS, *, importing: bool = False) -> None:
    window = MainWindow((1366, 768))
    faults: list[BaseException] = []
    window.open_shop(app, ScanRouter(qt, faults.append), dict(PAGES))
    settings = await get_settings(app)
    # As the window does.
    garbage.spare_what_lasts()
    window.show_sign_in(Formatter(settings, currency(settings.currency)))
    window.signed_in(await sign_in(app, "Sam", "3333"))
    window.show_page("Inventory")
    await shown(window)
    await window.settled()
    page = window.current_page
    assert isinstance(page, InventoryPage)
    paints = Paints()
    page.table.viewport().installEventFilter(paints)
    bar = page.table.verticalScrollBar()
    frames: list[float] = []
    worked: list[float] = []
    unhindered: list[float] = []
    cancel = asyncio.Event()
    imports = await _import(app, cancel) if importing else None
    started = time.perf_counter()
    step = 0
    while time.perf_counter() - started < seconds:
        begun, work, waited = time.perf_counter(), time.thread_time(), waited_ms()
        # A wheel turned without rest, and every second a jump somewhere else, as a drawn scroll bar makes.
        step += 1
        place = (step * 7_919_331) % bar.maximum() if step % 60 == 0 else bar.value() + 144
        await outside(partial(bar.setValue, place))
        await asyncio.sleep(max(FRAME_S - (time.perf_counter() - begun), 0))
        frames.append((time.perf_counter() - begun) * 1000)
        worked.append((time.thread_time() - work) * 1000)
        unhindered.append(frames[-1] - waited_ms() + waited)
    sample = Sample("frames", frames)
    added = 0
    if imports is not None:
        cancel.set()
        added = (await imports).added
    print(
        f"{title}, {app.db.kind}: scrolled {seconds} s over {page.books.rowCount():,} rows"
        f"{f' while {added:,} were imported' if importing else ''}, {len(frames)} frames, "
        f"{paints.count} paintings: p50 {sample.p50:.1f}, p99 {sample.at(99):.1f}, longest {max(frames):.1f} ms, "
        f"{sum(frame > 50 for frame in frames)} over 50 ms; "
        f"without waiting for a processor p99 {Sample('', unhindered).at(99):.1f}, longest {max(unhindered):.1f} ms, {sum(one > 50 for one in unhindered)} over "
        f"50 ms; own work at most {max(worked):.1f} ms; memory now and at most (MB): "
        f"{', '.join(f'{each:.0f}' for each in memory_mb())}; load {os.getloadavg()[0]:.1f}",
        flush=True,
    )
    assert not faults, faults
    await outside(window.close)
    await window.closed.wait()
