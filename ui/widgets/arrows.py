"""Arrows pressed in a search field, which has no use for them, choose in the list below it."""

from collections.abc import Callable

from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QApplication, QLineEdit, QWidget

ARROWS = (Qt.Key.Key_Up, Qt.Key.Key_Down, Qt.Key.Key_PageUp, Qt.Key.Key_PageDown)


class ArrowsToList(QObject):
    """Hands the arrows of a field on to what shows the list, which gets the focus with them."""

    def __init__(self, field: QLineEdit, to: Callable[[], QWidget]) -> None:
        """Take the field, and how to find the list: there may be one of several."""
        super().__init__(field)
        self._to = to
        field.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Hand an arrow on."""
        if event.type() != QEvent.Type.KeyPress or not isinstance(event, QKeyEvent) or event.key() not in ARROWS:
            return super().eventFilter(watched, event)
        shown = self._to()
        if shown.isVisible():
            shown.setFocus(Qt.FocusReason.OtherFocusReason)
            QApplication.sendEvent(shown, QKeyEvent(event))
        return True
