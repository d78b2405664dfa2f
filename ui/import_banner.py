"""The import that was put aside: told in one line of the window until it has ended and its end was looked at."""

import asyncio
from collections.abc import Callable
from contextlib import suppress
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHBoxLayout, QProgressBar, QWidget

from ui.widgets.basic import Message
from ui.widgets.key_button import KeyButton

if TYPE_CHECKING:
    from pos_app.services.right import Operator
    from ui.inventory.import_sheet import ImportSheet

KEY = "Ctrl+Shift+I"
BAR_WIDTH = 120


class ImportsAside:
    """The sheets of imports that were put aside at this till: one under way at most, and ended ones not looked at.

    They outlive a person's time at the till, and go on for who began them.
    """

    def __init__(self) -> None:
        """Begin with none."""
        self.sheets: list[ImportSheet] = []
        self.listeners: list[Callable[[], None]] = []

    def take(self, sheet: "ImportSheet") -> None:
        """Take a sheet that is no longer on the screen."""
        if sheet not in self.sheets:
            self.sheets.append(sheet)
            sheet.moved.connect(self._tell)
        self._tell()

    def drop(self, sheet: "ImportSheet") -> None:
        """Forget a sheet that was looked at to its end."""
        if sheet in self.sheets:
            self.sheets.remove(sheet)
            sheet.moved.disconnect(self._tell)
            self._tell()

    @property
    def under_way(self) -> "ImportSheet | None":
        """The one that goes on, whoever began it."""
        return next((sheet for sheet in self.sheets if sheet.goes_on), None)

    def of(self, operator: "Operator") -> "ImportSheet | None":
        """The one that this person put aside."""
        return next((sheet for sheet in self.sheets if sheet.context.operator.user_id == operator.user_id), None)

    def _tell(self) -> None:
        for listener in list(self.listeners):
            listener()

    def stop(self) -> None:
        """Stop what goes on, between two transactions."""
        for sheet in self.sheets:
            sheet.stop()

    async def close(self, patience_s: float) -> None:
        """Stop what goes on, and wait for it; what takes too long is cut off."""
        self.listeners.clear()
        self.stop()
        for sheet in self.sheets:
            with suppress(TimeoutError):
                async with asyncio.timeout(patience_s):
                    await sheet.tasks.settled()
            await sheet.end()
        self.sheets.clear()


class ImportBanner(QWidget):
    """One line under the top bar: what file, how far, and for who began it the key that brings its sheet back."""

    def __init__(
        self, imports: ImportsAside, operator: "Operator", show: Callable[[], object], ended: Callable[[], object]
    ) -> None:
        """Take whose window it is, what brings the sheet back, and what is done at the end of one."""
        super().__init__()
        self._imports, self._operator, self._ended = imports, operator, ended
        self._went_on = False
        row = QHBoxLayout(self)
        row.setContentsMargins(20, 8, 20, 8)
        row.setSpacing(12)
        self._message = Message()
        row.addWidget(self._message, 1)
        self._bar = QProgressBar()
        self._bar.setTextVisible(False)
        self._bar.setFixedWidth(BAR_WIDTH)
        self._bar.setAccessibleName("How much of the import is done")
        row.addWidget(self._bar)
        self._button = KeyButton("Show import", KEY.replace("+", " "))
        self._button.clicked.connect(show)
        self._button.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        row.addWidget(self._button)
        self._show()
        imports.listeners.append(self._show)

    def leave(self) -> None:
        """Hear of it no longer: it outlives a person's time at the till."""
        if self._show in self._imports.listeners:
            self._imports.listeners.remove(self._show)

    def _show(self) -> None:
        mine = self._imports.of(self._operator)
        sheet = mine or self._imports.under_way
        went_on, self._went_on = self._went_on, self._imports.under_way is not None
        if went_on and not self._went_on:
            self._ended()
        # While its sheet is on the screen, that tells.
        self.setVisible(sheet is not None and not sheet.isVisible())
        if sheet is None:
            return
        said, kind = sheet.told_aside()
        whose = "" if sheet is mine else f"{sheet.context.operator.name}: "
        if (other := self._imports.under_way) is not None and other is not sheet:
            # The end of one's own waits to be looked at.
            said = f"{said} {other.whose}"
        # What merely counts on is not read out each time.
        self._message.say(f"{whose}{said}", kind, aloud=not sheet.goes_on)
        done, total = sheet.how_far
        self._bar.setVisible(sheet.goes_on)
        self._bar.setMaximum(total)
        self._bar.setValue(done)
        self._button.setVisible(sheet is mine)
