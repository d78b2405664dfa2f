"""Scrolling through a million titles for a minute, also while a file is imported: the longest frame, and memory.

Beside them what the window's own thread worked in a frame, and frames less the time it waited for a processor, which is
the machine's other work. The window has a process of its own, so that its memory is a till's and not the benchmark's.
"""

import argparse
import asyncio
import os
import sys
import time
from functools import partial
from pathlib import Path

from PySide6.QtCore import QEvent, QObject
from PySide6.QtWidgets import QApplication

from pos_app import app as application
from pos_app.app import App
from pos_app.config import Config
from pos_app.domain.money import currency
from pos_app.services.setting import get_settings
from pos_app.services.sign_in import sign_in
from tests.bench.harness import Sample
from tests.ui.keyboard import outside, shown
from ui import garbage, loop
from ui.format import Formatter
from ui.inventory.page import InventoryPage
from ui.main_window import MainWindow
from ui.scan_router import ScanRouter
from ui.start import PAGES
from ui.style import theme

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


async def run(config: Config, title: str, seconds: int = SECONDS, *, importing: bool = False) -> None:
    """Scroll in a program of its own, and let it say what it saw."""
    said = [str(config.data_dir), config.database_url, title, "--seconds", str(seconds)]
    path = config.data_dir / "titles.csv"
    if importing:
        from tests.bench.bench_import import write_file  # noqa: PLC0415 - not into the process that is measured

        await asyncio.to_thread(write_file, path, IMPORTED)
        said += ["--importing", str(path)]
    process = await asyncio.create_subprocess_exec(sys.executable, "-m", "tests.bench.bench_scroll", *said)
    assert await process.wait() == 0
    path.unlink(missing_ok=True)


async def scroll(qt: QApplication, app: App, title: str, seconds: int, imported: Path | None) -> None:
    window = MainWindow((1366, 768))
    faults: list[BaseException] = []
    window.open_shop(app, ScanRouter(qt, faults.append), dict(PAGES))
    settings = await get_settings(app)
    # As the window does.
    garbage.spare_what_lasts()
    garbage.collect_here(window)
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
    imports = None
    if imported is not None:
        from pos_app.services.book_import import import_books  # noqa: PLC0415 - as the window loads it, on first use

        # A file that outlasts the scrolling.
        imports = asyncio.create_task(import_books(app, imported, cancel=cancel))
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
        f"{f' while {added:,} were imported' if imported else ''}, {len(frames)} frames, "
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


if __name__ == "__main__":
    parser = argparse.ArgumentParser(prog="tests.bench.bench_scroll")
    parser.add_argument("folder", type=Path)
    parser.add_argument("url")
    parser.add_argument("title")
    parser.add_argument("--seconds", type=int, default=SECONDS)
    parser.add_argument("--importing", type=Path)
    given = parser.parse_args()
    made = QApplication(sys.argv[:1])
    made.setQuitOnLastWindowClosed(False)
    theme.apply(made, "light")

    async def main() -> None:
        app = application.build(Config(given.folder, given.url))
        await scroll(made, app, given.title, given.seconds, given.importing)
        await app.db.close()

    loop.run(made, main)
