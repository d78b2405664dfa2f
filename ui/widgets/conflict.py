"""What two people changed at once: both values, and whose stays."""

from functools import partial

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QAccessible, QAccessibleAnnouncementEvent
from PySide6.QtWidgets import QHBoxLayout, QLabel, QVBoxLayout, QWidget

from ui.actions import shortcut
from ui.widgets.key_button import KeyButton


class ConflictBar(QWidget):
    """Asks beside the fields whose value stays; `answered` says whether it is mine. Hidden while there is nothing."""

    answered = Signal(bool)

    def __init__(self) -> None:
        """Lay out."""
        super().__init__()
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        self._text = QLabel()
        self._text.setTextFormat(Qt.TextFormat.PlainText)
        self._text.setWordWrap(True)
        self._text.setProperty("role", "message")
        self._text.setProperty("kind", "warn")
        column.addWidget(self._text)
        row = QHBoxLayout()
        row.setSpacing(8)
        for word, key, mine in (("Take theirs", "Alt R", False), ("Keep mine", "Alt K", True)):
            button = KeyButton(word, key)
            button.clicked.connect(lambda _=False, mine=mine: self.answered.emit(mine))
            shortcut(self, key.replace(" ", "+"), partial(self.answered.emit, mine), within=False)
            row.addWidget(button, 1)
        column.addLayout(row)
        self.hide()

    def ask(self, text: str) -> None:
        """Ask, also aloud; nothing to ask hides it."""
        self._text.setText(text)
        self._text.setAccessibleName(f"Message: {text}")
        self.setVisible(bool(text))
        if text:
            QAccessible.updateAccessibility(QAccessibleAnnouncementEvent(self._text, text))
