"""The paper a list lies on: what it says while it is read, where there is nothing, and where it cannot be read."""

import asyncio
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from PySide6.QtWidgets import QStackedLayout, QVBoxLayout, QWidget

from pos_app.errors import PosError
from ui.widgets.basic import EmptyState, ThinProgress, panel

# A bar after a glance, words after a moment.
SLOW_S, SAID_S = 0.15, 0.6


class ListPaper(QWidget):
    """Shows a list or why there is none; `widget` is what is shown now.

    A list that is not read yet is not an empty one, and neither is one that could not be.
    """

    def __init__(self, table: QWidget, what: str, empty: str, again: Callable[[], None]) -> None:
        """Take the list, what its rows are called in all, what is said where there are none, and what reads anew."""
        super().__init__()
        self._what, self._table = what, table
        around = QVBoxLayout(self)
        around.setContentsMargins(0, 0, 0, 0)
        around.setSpacing(2)
        self._bar = ThinProgress()
        around.addWidget(self._bar)
        paper = panel()
        around.addWidget(paper, 1)
        self._stack = QStackedLayout(paper)
        self._waits, self._empty = EmptyState(""), EmptyState(empty)
        self._failed = EmptyState(f"{what} could not be read.", "Read again", again, "Alt+A")
        for widget in (self._waits, self._empty, self._failed, table):
            self._stack.addWidget(widget)

    @contextmanager
    def reading(self) -> Iterator[None]:
        """Show that the list is being read while that takes longer than a glance, and where it could not be.

        Rows that are there stay meanwhile, and where what is newer cannot be read.
        """
        there = self._stack.currentWidget() is self._table
        if not there:
            self._waits.say("")
            self._stack.setCurrentWidget(self._waits)
        loop = asyncio.get_running_loop()
        waits = [
            loop.call_later(SLOW_S, self._bar.busy, True),  # noqa: FBT003 - a switch
            loop.call_later(SAID_S, self._waits.say, f"{self._what} are being read …"),
        ]
        try:
            yield
        except PosError:
            if not there:
                self._stack.setCurrentWidget(self._failed)
            raise
        finally:
            for wait in waits:
                wait.cancel()
            self._bar.busy(False)  # noqa: FBT003 - a switch

    def show_list(self, *, there: bool) -> None:
        """Show the list, or that there is nothing."""
        self._stack.setCurrentWidget(self._table if there else self._empty)
