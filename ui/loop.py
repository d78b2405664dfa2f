"""The one event loop: asyncio on Qt's. The only file that knows qasync."""

import asyncio
import ctypes
import os
import sys
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from typing import TypeVar

os.environ["QT_API"] = "pyside6"
from PySide6.QtCore import QAbstractEventDispatcher  # noqa: E402 - qasync takes the binding that is loaded first
from PySide6.QtWidgets import QApplication  # noqa: E402 - qasync takes the binding that is loaded first

from pos_app.aside import window_waits  # noqa: E402 - as above
from pos_app.errors import Unavailable  # noqa: E402 - as above

import qasync  # isort: skip  # noqa: E402

T = TypeVar("T")
# How long a thread keeps the interpreter that others wait for. Between two that work, such as those that read a file
# and store it, the window's own waits for it several times over: with Python's own 5 ms for up to 240 ms.
# Windows waits in whole milliseconds, and for none of them by going round and round.
SWITCH_S = 0.001 if sys.platform == "win32" else 0.0002
# What mallopt calls the number of heaps (malloc.h). By itself each thread gets one, which took 20 MB more.
M_ARENA_MAX = -8


class Loop(qasync.QSelectorEventLoop):  # type: ignore[misc] # qasync has no types
    """A selector loop on every system: psycopg refuses the loop that qasync takes by default on Windows.

    qasync 0.28.0 leaves two QObjects behind that outlive the loop and crash at exit; they are given a parent here,
    which later releases do by themselves.
    """

    def __init__(self, app: QApplication) -> None:
        """Take the application whose events are to be the loop's."""
        super().__init__(app)
        self._signaller = self._QEventLoop__call_soon_signaller
        self._timer.setParent(app)
        self._signaller.setParent(app)
        QAbstractEventDispatcher.instance().aboutToBlock.connect(window_waits)
        # qasync's own executor starts ten threads at its first use.
        self.set_default_executor(ThreadPoolExecutor(4, thread_name_prefix="worker"))

    def run_until_complete(self, future: Awaitable[T]) -> T:
        """Run until a future is done. qasync's own works Qt's events once more, when no task may run any longer.

        Raises Unavailable("display.lost").
        """
        task = asyncio.ensure_future(future, loop=self)
        task.add_done_callback(self._stop_for)
        try:
            self.run_forever()
        finally:
            task.remove_done_callback(self._stop_for)
            window_waits()
        if not task.done():
            # Qt ends its loop by itself where the screen it draws on goes away.
            raise Unavailable("display.lost")
        return task.result()

    def _stop_for(self, _task: asyncio.Future[T]) -> None:
        self.stop()

    def close(self) -> None:
        """Close once, and let Qt take the two objects away."""
        if self.is_closed():
            return
        super().close()
        QAbstractEventDispatcher.instance().aboutToBlock.disconnect(window_waits)
        self._timer.deleteLater()
        self._signaller.deleteLater()


def run(app: QApplication, main: Callable[[], Awaitable[T]]) -> T:
    """Run the program's main coroutine on the application's events."""

    async def started() -> T:
        return await main()

    sys.setswitchinterval(SWITCH_S)
    if sys.platform == "linux":
        with suppress(AttributeError):  # a C library other than GNU's has no such thing
            ctypes.CDLL(None).mallopt(M_ARENA_MAX, 1)
    with asyncio.Runner(loop_factory=lambda: Loop(app)) as runner:
        return runner.run(started())
