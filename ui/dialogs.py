"""Dialogs without a loop of their own: one inside a coroutine would keep other tasks from ever running again."""

import asyncio

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QDialog

_open: set[asyncio.Future[int]] = set()


async def show(dialog: QDialog) -> int:
    """Show a dialog over its window, wait for its end, and give its result."""
    answer: asyncio.Future[int] = asyncio.get_running_loop().create_future()
    dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose, on=False)

    def ended(result: int) -> None:
        if not answer.done():
            answer.set_result(result)

    dialog.finished.connect(ended)
    _open.add(answer)
    try:
        dialog.open()
        return await answer
    finally:
        _open.discard(answer)
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
