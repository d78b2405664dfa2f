"""Keys as a window system sends them, at times of their own."""

import asyncio
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from PySide6.QtCore import QEvent, Qt
from PySide6.QtGui import QGuiApplication, QKeyEvent, QWindow
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QWidget

from ui.scan_router import ScanRouter


async def shown(widget: QWidget) -> None:
    """Show a window and wait until it is the active one."""
    widget.show()
    widget.activateWindow()
    await until(widget.isActiveWindow)


async def until(holds: Callable[[], bool], timeout_s: float = 5) -> None:
    """Wait until something holds, letting Qt work between looks."""
    async with asyncio.timeout(timeout_s):
        while not holds():
            await asyncio.sleep(0.002)


def focus_window() -> QWindow:
    """Give the window that keys go to."""
    window = QGuiApplication.focusWindow()
    assert window is not None
    return window


def strike(key: Qt.Key | str, modifiers: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier) -> None:
    """Press and release a key. The press may close the window it went to, and QTest's click would then release it there.

    Must be called outside of any task.
    """
    QTest.keyPress(focus_window(), key, modifiers)
    if (window := QGuiApplication.focusWindow()) is not None:
        QTest.keyRelease(window, key, modifiers)


async def outside(act: Callable[[], object]) -> None:
    """Do something on the running loop, but in no task: Qt's events, and so other tasks, may run inside it."""
    loop = asyncio.get_running_loop()
    done: asyncio.Future[None] = loop.create_future()

    def go() -> None:
        try:
            act()
        except Exception as error:  # noqa: BLE001 - handed on
            done.set_exception(error)
        else:
            done.set_result(None)

    loop.call_soon(go)
    await done


async def press(key: Qt.Key, modifiers: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier) -> None:
    """Press and release a key: shortcuts are asked first, then the window."""
    await outside(lambda: strike(key, modifiers))


class Keyboard:
    """Queues keys with the times they were pressed at, which a busy program sees late."""

    def __init__(self) -> None:
        self.now_ms = 1_000_000

    def type(self, text: str, gap_ms: int, *, after_ms: int = 500) -> None:
        """Queue keys that type a text; a line feed is Enter."""
        self.now_ms += after_ms
        for letter in text:
            self.send(focus_window(), letter)
            self.now_ms += gap_ms

    def send(self, window: QWindow, letter: str) -> None:
        """Queue one key for a window."""
        key = Qt.Key.Key_Return if letter == "\n" else ord(letter.upper())
        for kind in (QEvent.Type.KeyPress, QEvent.Type.KeyRelease):
            event = QKeyEvent(kind, key, Qt.KeyboardModifier.NoModifier, "\r" if letter == "\n" else letter)
            event.setTimestamp(self.now_ms)
            QApplication.postEvent(window, event)

    def scan(self, code: str, *, after_ms: int = 50) -> None:
        """Queue a scan."""
        self.type(f"{code}\n", 2, after_ms=after_ms)


@contextmanager
def paced(router: ScanRouter, gap_ms: int) -> Iterator[None]:
    """Let keys count as pressed so far apart at least, without waiting for it."""
    pressed_at = router._now
    last: list[int] = []

    def later(event: QKeyEvent) -> int:
        last[:] = [max(pressed_at(event), last[0] + gap_ms) if last else pressed_at(event)]
        return last[0]

    router._now = later  # type: ignore[method-assign]
    try:
        yield
    finally:
        router._now = pressed_at  # type: ignore[method-assign]


@contextmanager
def without_pause(router: ScanRouter) -> Iterator[None]:
    """Let keys count as pressed at once, as a scanner does, also where the machine pauses the test between them."""
    pressed_at = router._now
    first: list[int] = []

    def at_once(event: QKeyEvent) -> int:
        first.append(pressed_at(event))
        return first[0]

    router._now = at_once  # type: ignore[method-assign]
    # A key sent lets timers run too: the one that lets held keys go would see the machine's pause.
    router._timer.blockSignals(True)
    try:
        yield
    finally:
        router._timer.blockSignals(False)
        router._now = pressed_at  # type: ignore[method-assign]
