"""The program tries itself out where it is installed: a new shop, a scan and a sale, in a window that nobody sees."""

import asyncio
import json
import os
import platform
import sys
import time
import traceback
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import asdict, dataclass, field
from decimal import Decimal
from pathlib import Path
from tempfile import TemporaryDirectory

from PySide6.QtCore import QEvent, Qt, qVersion
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QAbstractButton, QApplication

from pos_app.config import Config
from pos_app.errors import PosError, Refused
from pos_app.log import end_log, start_log
from pos_app.messages import plain, sentence
from pos_app.version import is_bundled, program_version
from ui import loop
from ui.main_window import MainWindow
from ui.style import theme

# How long a step may take; the slowest machine that sells needs a fraction of it.
TIME_LIMIT_S = 60.0
LOOK_S = 0.002
ISBN, PRICE = "9780141439518", 899
NAME, PIN = "Smoke", "2580"


@dataclass
class Report:
    """What was found; `ms` is how long after the start each step was done."""

    ok: bool = False
    error: str = ""
    trace: str = ""
    version: str = field(default_factory=program_version)
    bundled: bool = field(default_factory=is_bundled)
    system: str = field(default_factory=lambda: platform.platform(terse=True))
    python: str = field(default_factory=platform.python_version)
    qt: str = field(default_factory=lambda: str(qVersion()))
    sqlite: str = ""
    database: str = ""
    schema: str = ""
    receipt: str = ""
    total: int = 0
    rules_checked: int = 0
    ms: dict[str, int] = field(default_factory=dict)


class _Window(MainWindow):
    """Keeps a fault of ours for the report, where the real one would ask somebody to read it."""

    def __init__(self) -> None:
        self.faults: list[BaseException] = []
        super().__init__((1366, 768))

    def on_error(self, error: BaseException) -> None:
        self.faults.append(error)


class _Trial:
    """One run, from an empty folder to a kept receipt."""

    def __init__(self, qt: QApplication, config: Config, report: Report, started: float) -> None:
        self._qt, self._config, self._report, self._started = qt, config, report, started

    async def run(self) -> None:
        """Go through it all. Raises what went wrong."""
        self._window = _Window()
        self._window.show()
        self._qt.processEvents()
        self._done("window")
        await self._make_shop()
        await self._sell()

    def _done(self, step: str) -> None:
        self._report.ms[step] = round((time.perf_counter() - self._started) * 1000)

    async def _make_shop(self) -> None:
        """Make the tables, a shop, its admin and one title."""
        from pos_app import app as application  # noqa: PLC0415 - brings SQLAlchemy: the window is shown first
        from pos_app import sqlite_library  # noqa: PLC0415 - as above
        from pos_app.domain.shop import ShopSettings  # noqa: PLC0415 - as above
        from pos_app.migrate import SCHEMA_HEAD, bring_up_to_date, schema_revision  # noqa: PLC0415 - as above
        from pos_app.services.book_add import add_book  # noqa: PLC0415 - as above
        from pos_app.services.first_start import FirstStart, set_up  # noqa: PLC0415 - as above
        from pos_app.services.sign_in import sign_in  # noqa: PLC0415 - as above

        # A shop that sells must never get a sale that was none.
        if await schema_revision(self._config) is not None:
            raise Refused("smoke.not_empty")
        await bring_up_to_date(self._config)
        app = application.build(self._config)
        try:
            settings = ShopSettings(shop_name="Smoke test")
            await set_up(app, FirstStart(settings, "Books 0 %", Decimal(0), NAME, PIN))
            await add_book(app, await sign_in(app, NAME, PIN), ISBN, "Pride and Prejudice", PRICE, stock=3)
        finally:
            await app.db.close()
        self._report.database, self._report.schema = app.db.kind, SCHEMA_HEAD
        self._report.sqlite = ".".join(map(str, sqlite_library.version()))
        self._done("shop")

    async def _sell(self) -> None:
        """Open the shop as every start does, scan, take cash, and look at what was stored."""
        from pos_app.services.check import verify  # noqa: PLC0415 - as above
        from ui.checkout.page import CheckoutPage  # noqa: PLC0415 - as above
        from ui.start import Starter  # noqa: PLC0415 - as above

        starter = Starter(self._qt, self._window, self._config, demo=False, asks=False)
        try:
            await starter.open()
            await starter.sign_in(NAME, PIN, "Checkout")
            page = self._window.current_page
            assert isinstance(page, CheckoutPage)  # noqa: S101 - the page just turned to
            await self._until(lambda: page.cart is not None, "The basket was not opened")
            self._done("signed in")
            self._scan(ISBN)
            await self._until(lambda: bool(page.lines.lines), "The scan was not taken")
            self._done("scanned")
            self._button("Pay cash").click()
            await self._until(lambda: page.last is not None, "The payment was not taken")
            assert page.last is not None  # noqa: S101 - waited for
            self._report.receipt = number = page.last.number
            self._report.total = page.last.total
            kept = self._config.receipts_dir / f"{number}.txt"
            await self._until(kept.is_file, "The receipt was not kept")
            await self._window.settled()
            self._done("paid")
            assert starter.app is not None  # noqa: S101 - opened above
            checked = await verify(starter.app)
            if checked.findings:
                found = next(finding for check in checked.checks for finding in check.findings)
                raise Refused("smoke.unbalanced", finding=plain(found))
            self._report.rules_checked = len(checked.checks)
            self._done("checked")
        finally:
            await starter.close()

    def _scan(self, code: str) -> None:
        """Send the window the keys a scanner sends."""
        window = self._window.windowHandle()
        for letter in [*code, "\r"]:
            key = Qt.Key.Key_Return if letter == "\r" else Qt.Key(ord(letter))
            for kind in (QEvent.Type.KeyPress, QEvent.Type.KeyRelease):
                QApplication.sendEvent(window, QKeyEvent(kind, key, Qt.KeyboardModifier.NoModifier, letter))

    def _button(self, name: str) -> QAbstractButton:
        buttons = self._window.findChildren(QAbstractButton)
        return next(button for button in buttons if button.accessibleName() == name and button.isVisible())

    async def _until(self, reached: Callable[[], bool], otherwise: str) -> None:
        """Wait for something on the screen, until a fault comes or the time is up."""
        deadline = time.monotonic() + TIME_LIMIT_S
        while not reached():
            if self._window.faults:
                raise self._window.faults[0]
            if time.monotonic() > deadline:
                raise Refused("smoke.stuck", what=otherwise, seconds=round(TIME_LIMIT_S))
            await asyncio.sleep(LOOK_S)


def run_smoke(database_url: str | None, file: Path | None) -> int:
    """Try the program out, write the report, and give the exit code.

    Everything lies in a folder made for it and removed again; only an address given for this run names another
    database, which has to be empty.
    """
    started = time.perf_counter()
    if "QT_QPA_PLATFORM" not in os.environ:
        os.environ["QT_QPA_PLATFORM"] = "offscreen"
    report = Report()
    with ExitStack() as stack:
        # What guards a machine may still be reading what was written.
        folder = Path(
            stack.enter_context(TemporaryDirectory(prefix="bookstore-pos-smoke-", ignore_cleanup_errors=True))
        )
        stack.callback(end_log)
        config = Config(data_dir=folder, database_url=database_url or f"sqlite:///{folder / 'shop.db'}")
        start_log(config.log_file)
        try:
            qt = QApplication(sys.argv[:1])
            qt.setQuitOnLastWindowClosed(False)
            theme.apply(qt, "light", 100)
            loop.run(qt, _Trial(qt, config, report, started).run)
        except PosError as error:
            report.error = sentence(error)
        except Exception as error:  # noqa: BLE001 - whatever it is, the report says so
            report.error = plain(f"{type(error).__name__}: {error}")
            report.trace = "".join(traceback.format_exception(error))
        report.ok = not report.error
    return _tell(report, file)


def _tell(report: Report, file: Path | None) -> int:
    """Give the report where it was asked for, and in one line: a program without a console has only the file."""
    if file is not None:
        try:
            file.write_text(json.dumps(asdict(report), indent=2) + "\n", encoding="utf-8")
        except OSError as error:
            raise Refused("smoke.report", path=str(file), reason=error.strerror or str(error)) from error
    if not report.ok:
        raise Refused("smoke.failed", reason=report.error)
    print(f"It works: receipt {report.receipt} on {report.database}, {report.rules_checked} rules hold.")
    return 0
