"""Starting the window: it is shown first, and what takes time is loaded behind it."""

import builtins

_plain_import = builtins.__import__
import PySide6.QtCore  # noqa: E402, F401 - its first import wraps __import__, which slows every later one by a fifth

builtins.__import__ = _plain_import

import asyncio  # noqa: E402 - as above
import os  # noqa: E402 - as above
import signal  # noqa: E402 - as above
import sys  # noqa: E402 - as above
from collections.abc import Callable, Sequence  # noqa: E402 - as above
from contextlib import suppress  # noqa: E402 - as above
from dataclasses import dataclass  # noqa: E402 - as above
from pathlib import Path  # noqa: E402 - as above
from types import TracebackType  # noqa: E402 - as above
from typing import TYPE_CHECKING  # noqa: E402 - as above

from PySide6.QtWidgets import QApplication  # noqa: E402 - as above

from pos_app.config import SMALLEST, Config  # noqa: E402 - as above
from pos_app.errors import PosError, Refused, not_writable  # noqa: E402 - as above
from pos_app.messages import sentence  # noqa: E402 - as above
from ui import loop  # noqa: E402 - as above
from ui.errors import note  # noqa: E402 - as above
from ui.main_window import MainWindow  # noqa: E402 - as above
from ui.style import theme  # noqa: E402 - as above

if TYPE_CHECKING:
    from ui.start import Starter

TITLE_BAR = 40


@dataclass(frozen=True)
class Wish:
    """What the command line asks of the window."""

    demo: bool
    page: str
    sign_in: tuple[str, str] | None
    screenshot: Path | None
    died: Sequence[Path]


def run_window(
    config: Config,
    *,
    demo: bool = False,
    page: str | None = None,
    sign_in: tuple[str, str] | None = None,
    screenshot: Path | None = None,
    died: Sequence[Path] = (),
    load: Callable[[], Config] | None = None,
) -> int:
    """Open the window and give the exit code; `died` are the reports of crashes nobody was told of yet.

    `load` reads the settings anew, where the shop does not open and somebody tries again.
    Raises Refused("display.missing").
    """
    _see_to_display(screenshot)
    qt = _application(config.theme, config.text_scale)
    wish = Wish(demo, (page or "checkout").capitalize(), sign_in, screenshot, died)
    return loop.run(qt, lambda: _main(qt, config, wish, load))


def show_fault(text: str, load: Callable[[], Config]) -> bool:
    """Say in a window why there is no till: whoever started it from a menu sees no terminal.

    True where somebody tried again, and `load` found settings that will do. Raises Refused("display.missing").
    """
    _see_to_display(None)
    qt = _application("system", 100)

    async def told(said: str) -> bool:
        window = MainWindow(SMALLEST)
        _catch(window)
        window.show()
        try:
            while await window.ask_after_failure(said):
                try:
                    load()
                except PosError as error:
                    said = sentence(error)
                else:
                    return True
            return False
        finally:
            await window.shut_down()

    return loop.run(qt, lambda: told(text))


def _application(colours: str, text_scale: int) -> QApplication:
    """The one there may be in a process: a window that told a fault had one already."""
    there = QApplication.instance()
    qt = there if isinstance(there, QApplication) else QApplication(sys.argv[:1])
    qt.setApplicationName("Bookstore POS")
    qt.setDesktopFileName("bookstore-pos")
    qt.setQuitOnLastWindowClosed(False)
    theme.apply(qt, colours, text_scale)
    return qt


def _see_to_display(screenshot: Path | None) -> None:
    """On Linux a program without a display ends in Qt's own words; say it in ours, or draw off the screen."""
    if not sys.platform.startswith("linux") or os.environ.get("QT_QPA_PLATFORM"):
        return
    if os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"):
        return
    if screenshot is None:
        raise Refused("display.missing")
    os.environ["QT_QPA_PLATFORM"] = "offscreen"


async def _main(qt: QApplication, config: Config, wish: Wish, load: Callable[[], Config] | None) -> int:
    window = MainWindow(config.window_size, kiosk=config.kiosk and wish.screenshot is None)
    _catch(window)
    _show(window, wish)
    qt.processEvents()
    from ui.start import Starter  # noqa: PLC0415 - brings SQLAlchemy: the window is shown first

    starter = Starter(qt, window, config, demo=wish.demo, asks=wish.screenshot is None, load=load)
    try:
        return await _work(starter, wish)
    finally:
        await starter.close()


async def _work(starter: "Starter", wish: Wish) -> int:
    window = starter.window
    if not await _open(starter, wish):
        return 1
    if wish.died and window.has_shop:
        window.tell_at_counter(
            f"The program ended by a fault of its own the last time. What was stored is all there. "
            f"{wish.died[-1]} says more; Settings, Status packs it for whoever looks after the tills."
        )
    if wish.sign_in is not None and not window.closed.is_set():
        try:
            await starter.sign_in(*wish.sign_in, wish.page)
        except PosError as error:
            if wish.screenshot is not None:
                raise
            window.sign_in_page.tell(error)
    if wish.screenshot is not None:
        await _draw(window, wish.screenshot)
    else:
        await window.closed.wait()
    return 0


async def _open(starter: "Starter", wish: Wish) -> bool:
    """Open the shop, as often as somebody tries again; False where the window was closed instead."""
    window, wanted = starter.window, ""
    while True:
        try:
            if wanted:
                await starter.begin_again(mend=wanted == "mend")
            await starter.open()
        except Exception as error:
            if wish.screenshot is not None:
                raise
            said = _why_not(error, starter.data_dir)
            print(f"bookstore-pos: {said}", file=sys.stderr)
            if window.has_shop:
                window.tell_at_counter(said)
                return True
            # What the sentence tells to do, such as putting a backup back, needs the till and the file for itself.
            await starter.let_go()
            wanted = await window.ask_after_failure(said, starter.way_out(error))
            if not wanted:
                return False
        else:
            return True


def _why_not(error: Exception, data_dir: Path) -> str:
    """Why the shop is not opened; what nobody foresaw stands in the log too."""
    if isinstance(error, OSError):
        error = not_writable(error.filename or data_dir, error)
    if isinstance(error, PosError):
        return sentence(error)
    fault = note(error)
    return (
        f"The shop cannot be opened: {type(error).__name__}. Give whoever looks after the tills this number: "
        f"{fault.number}. The log says more under it."
    )


def _catch(window: MainWindow) -> None:
    """Report faults that no task carries, and close the window when the system asks the program to end."""

    def fault(_kind: type[BaseException], error: BaseException, _trace: TracebackType | None) -> None:
        window.on_error(error)

    sys.excepthook = fault
    # Not everywhere can a loop hear of signals; there the program ends as it does without.
    with suppress(NotImplementedError):
        for name in (signal.SIGINT, signal.SIGTERM):
            asyncio.get_running_loop().add_signal_handler(name, window.end)


def _show(window: MainWindow, wish: Wish) -> None:
    """A till's window fills a screen that has no more room than it needs, and as a kiosk every screen."""
    if window.kiosk:
        window.showFullScreen()
        return
    room = window.screen().availableGeometry()
    fits = room.width() > window.width() and room.height() > window.height() + TITLE_BAR
    if fits or wish.screenshot is not None:
        window.show()
    else:
        window.showMaximized()


async def _draw(window: MainWindow, file: Path) -> None:
    """Write the window as a picture once everything on it is there."""
    await window.settled()
    for _ in range(3):
        await asyncio.sleep(0.05)
        await window.settled()
    if not window.grab().save(str(file), "PNG"):
        raise Refused("screenshot.not_written", path=str(file))
