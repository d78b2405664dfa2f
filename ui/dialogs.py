"""Dialogs without a loop of their own: one inside a coroutine would keep other tasks from ever running again."""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from functools import partial

from PySide6.QtCore import QEvent, QObject, Qt, QTimer
from PySide6.QtGui import QMouseEvent
from PySide6.QtWidgets import QDialog, QFrame, QLineEdit, QPlainTextEdit, QWidget

# What is on the screen now, the topmost last.
_open: dict[asyncio.Future[int], QDialog] = {}
# What is made, but not on the screen yet.
_opening: set[QDialog] = set()
# So many turns of the loop have let everything in that waited.
TURNS = 3
# Waits for the end of a scan that has begun, and for so many seconds at most.
scan_ended: Callable[[], Awaitable[object]] | None = None
SCAN_S = 0.5
# So much of a question's top moves it where it has no title bar.
HEAD = 56


async def show(dialog: QDialog, stays: Callable[[], bool] = lambda: False) -> int:
    """Show a dialog over its window, wait for its end, and give its result.

    Where it `stays` at its end it is put aside, and may be shown again.
    """
    answer: asyncio.Future[int] = asyncio.get_running_loop().create_future()
    dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose, on=False)
    if in_kiosk(dialog) and not dialog.windowFlags() & Qt.WindowType.FramelessWindowHint:
        keep_on_screen(dialog)

    def ended(result: int) -> None:
        if not answer.done():
            answer.set_result(result)

    dialog.finished.connect(ended)
    _open[answer] = dialog
    try:
        await _let_keys_through(dialog)
        dialog.open()
        return await answer
    finally:
        _open.pop(answer, None)
        dialog.finished.disconnect(ended)
        if stays():
            dialog.hide()
        else:
            dialog.close()
            dialog.deleteLater()


def in_kiosk(widget: QWidget | None) -> bool:
    """Whether a part or a question belongs to a window that fills the screen for good."""
    while widget is not None:
        if getattr(widget, "kiosk", False):
            return True
        widget = widget.parentWidget()
    return False


def keep_on_screen(window: QWidget) -> None:
    """Offer no way to put a window away, and bring it back where the desktop has one all the same.

    It has no title bar: window managers, openbox among them, give it buttons whatever it asks for, and what is put away
    takes the window beneath along. A question says its title itself, and is moved by that.
    """
    kind = window.windowFlags() & Qt.WindowType.WindowType_Mask
    window.setWindowFlags(kind | Qt.WindowType.FramelessWindowHint)
    window.installEventFilter(_BringBack(window))
    if isinstance(window, QDialog):
        window.installEventFilter(_Edge(window))


class _BringBack(QObject):
    """Shows a window again that was put away."""

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Look at every change of its state."""
        if event.type() == QEvent.Type.WindowStateChange and isinstance(watched, QWidget) and watched.isMinimized():
            QTimer.singleShot(0, watched, partial(bring_back, watched))
        return False


class _Edge(QFrame):
    """The line around a question that has no title bar, over all that is in it; its top moves it."""

    def __init__(self, window: QDialog) -> None:
        """Lie over the question, out of the pointer's way."""
        super().__init__(window)
        self.setProperty("role", "edge")
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Follow the question's size, and move it where somebody drags its top."""
        if isinstance(watched, QDialog) and event.type() in (QEvent.Type.Resize, QEvent.Type.Show):
            self.setGeometry(watched.rect())
            self.raise_()
        elif isinstance(event, QMouseEvent) and event.type() == QEvent.Type.MouseButtonPress:
            handle = self.window().windowHandle()
            if event.position().y() < HEAD and handle is not None:
                handle.startSystemMove()
        return False


def bring_back(window: QWidget) -> None:
    """Show a window that was put away, before all others."""
    if window.isMinimized() and not window.isHidden():
        window.setWindowState(window.windowState() & ~Qt.WindowState.WindowMinimized)
        window.show()
        window.raise_()
        window.activateWindow()


async def _let_keys_through(dialog: QDialog) -> None:
    """Let keys in that were pressed while a question was made: Qt drops them for a window that the question blocks.

    A scan that has begun ends first; on X the window below is sent keys until the question has the focus.
    """
    _opening.add(dialog)
    try:
        for _ in range(TURNS):
            await asyncio.sleep(0)
        if scan_ended is not None:
            with suppress(TimeoutError):
                await asyncio.wait_for(scan_ended(), SCAN_S)
    finally:
        _opening.discard(dialog)


def opening() -> bool:
    """Whether a question is about to be shown: what is pressed now is not for the window below, but for a scan."""
    return bool(_opening)


def shows(dialog: QDialog) -> bool:
    """Whether a question is on the screen, or about to be."""
    return dialog in _open.values()


def close_all() -> None:
    """Take every question off the screen, unanswered."""
    for answer in _open:
        if not answer.done():
            answer.set_result(QDialog.DialogCode.Rejected)


async def none_open() -> None:
    """Wait until no question is on the screen."""
    while _open:
        await asyncio.wait(set(_open))


def typed() -> list[tuple[str, list[str]]]:
    """Give what somebody typed into the questions on the screen, by their titles: what is shown of it, and no PIN."""
    found = ((one.windowTitle().partition(" – ")[0], typed_in(one)) for one in _open.values())
    return [(title, texts) for title, texts in found if texts]


def typed_in(widget: QWidget) -> list[str]:
    """Give what somebody typed into the fields of a part of a window."""
    lines = [
        one.text()
        for one in widget.findChildren(QLineEdit)
        if one.isModified() and one.echoMode() is QLineEdit.EchoMode.Normal
    ]
    notes = [one.toPlainText() for one in widget.findChildren(QPlainTextEdit) if one.document().isModified()]
    return [text.strip() for text in (*lines, *notes) if text.strip()]


def topmost() -> QDialog | None:
    """Give the question on the screen, the last one shown."""
    return next(reversed(_open.values()), None)


def taker() -> Callable[[str], None] | None:
    """Give what takes scans of the topmost question, where it asked for some."""
    return getattr(topmost(), "scanned", None)


def tell_waiting(count: int) -> None:
    """Say in the topmost question, where there is one that can, that scans wait until it is answered."""
    if (say := getattr(topmost(), "scans_wait", None)) is not None:
        say(count)
