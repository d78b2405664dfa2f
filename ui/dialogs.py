"""Dialogs without a loop of their own: one inside a coroutine would keep other tasks from ever running again."""

import asyncio
from collections.abc import Callable

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QDialog

# What is on the screen now, the topmost last.
_open: dict[asyncio.Future[int], QDialog] = {}


async def show(dialog: QDialog) -> int:
    """Show a dialog over its window, wait for its end, and give its result."""
    answer: asyncio.Future[int] = asyncio.get_running_loop().create_future()
    dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose, on=False)

    def ended(result: int) -> None:
        if not answer.done():
            answer.set_result(result)

    dialog.finished.connect(ended)
    _open[answer] = dialog
    try:
        dialog.open()
        return await answer
    finally:
        _open.pop(answer, None)
        dialog.close()
        dialog.deleteLater()


def close_all() -> None:
    """Take every question off the screen, unanswered."""
    for answer in _open:
        if not answer.done():
            answer.set_result(QDialog.DialogCode.Rejected)


async def none_open() -> None:
    """Wait until no question is on the screen."""
    while _open:
        await asyncio.wait(set(_open))


def taker() -> Callable[[str], None] | None:
    """Give what takes scans of the topmost question, where it asked for some."""
    top = next(reversed(_open.values()), None)
    return getattr(top, "scanned", None)


def tell_waiting(count: int) -> None:
    """Say in the topmost question, where there is one that can, that scans wait until it is answered."""
    top = next(reversed(_open.values()), None)
    if (say := getattr(top, "scans_wait", None)) is not None:
        say(count)
