"""The grid of what has no barcode."""

from functools import partial

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QGridLayout, QWidget

from pos_app.services.quick_key import QuickKeyRow
from ui.actions import shortcut
from ui.format import Formatter
from ui.widgets.basic import EmptyState
from ui.widgets.key_button import KeyButton
from ui.widgets.sheet import Sheet

COLUMNS = 4
LETTERS = "123456789ABCDEFGHIJKLMNO"


class QuickKeysDialog(Sheet):
    """Big keys to touch, each with a letter; `chosen` is the one pressed."""

    def __init__(self, keys: list[QuickKeyRow], fmt: Formatter, parent: QWidget) -> None:
        """Take the keys in their order."""
        super().__init__("Quick keys", parent, width=720)
        self.chosen: QuickKeyRow | None = None
        self.go.hide()
        if not keys:
            self.body.addWidget(EmptyState("No quick keys yet. A manager arranges them in Settings, Quick keys."))
            self.back.setFocus()
            return
        grid = QGridLayout()
        grid.setSpacing(8)
        for place, key in enumerate(keys):
            price = "price?" if key.open_price else fmt.amount(key.price)
            button = KeyButton(f"{key.label} · {price}", LETTERS[place], size="pay", name=f"{key.label}, {price}")
            button.clicked.connect(partial(self._choose, key))
            shortcut(self, LETTERS[place], partial(self._choose, key), within=False)
            grid.addWidget(button, place // COLUMNS, place % COLUMNS)
        self.body.addLayout(grid)
        self.message.say("A key with “price?” takes the amount typed before, or asks for it.", "none")

    def _choose(self, key: QuickKeyRow, _checked: bool = False) -> None:  # noqa: FBT001, FBT002 - what a click brings
        self.chosen = key
        self.accept()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Enter presses the button that has the focus."""
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            button = self.focusWidget()
            if isinstance(button, KeyButton) and not event.isAutoRepeat():
                button.click()
            return
        super().keyPressEvent(event)
