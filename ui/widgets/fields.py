"""Fields to search and to enter in."""

from typing import Any

from PySide6.QtCore import QEvent, QRectF, Qt
from PySide6.QtGui import (
    QColor,
    QFontMetrics,
    QKeyEvent,
    QKeySequence,
    QPainter,
    QPaintEvent,
    QPen,
    QResizeEvent,
)
from PySide6.QtWidgets import QComboBox, QLineEdit, QStyleOptionComboBox

from ui.style import icons, theme
from ui.style.theme import font, tokens
from ui.widgets.key_button import GAP, key_width, paint_key
from ui.widgets.tip import plain_tip

# Of a box of choices what is neither words nor arrow: its padding, and the room around the arrow.
BESIDE = 26
# Between a field's end and the key that stands in it.
EDGE = 16


class _Kept:
    """A value as it was given: Qt would make plain text of a choice that is text, and `is` and `match` then miss it."""

    __slots__ = ("value",)

    def __init__(self, value: object) -> None:
        self.value = value


class Choice(QComboBox):
    """One of several; the arrow is drawn here, since a styled box loses it, and before it the key that opens it."""

    def __init__(self, key: str = "") -> None:
        """Take the key."""
        super().__init__()
        self._key = key
        if key:
            self.setAccessibleDescription(f"Key {key}")

    def addItem(self, text: str, value: object = None) -> None:  # type: ignore[override] # none here has an icon
        """Add one of them, and what it stands for."""
        super().addItem(text, _Kept(value))

    def itemData(self, place: int, role: int = Qt.ItemDataRole.UserRole) -> Any:
        """Give what one of them stands for, the very object that was given."""
        kept = super().itemData(place, role)
        return kept.value if isinstance(kept, _Kept) else kept

    def currentData(self, role: int = Qt.ItemDataRole.UserRole) -> Any:
        """Give what the one chosen stands for."""
        return self.itemData(self.currentIndex(), role)

    def findData(self, value: object) -> int:  # type: ignore[override] # what it stands for, and nothing else
        """Give the place of the first that stands for a value, −1 where none does."""
        return next((place for place in range(self.count()) if self.itemData(place) == value), -1)

    def initStyleOption(self, option: QStyleOptionComboBox) -> None:
        """End in … what has no room, as everywhere; the tool tip has it whole."""
        super().initStyleOption(option)
        whole = self.currentText()
        key = key_width(self._key) + GAP if self._key else 0
        room = self.width() - BESIDE - theme.px(16) - key
        option.currentText = self.fontMetrics().elidedText(whole, Qt.TextElideMode.ElideRight, room)
        tip = plain_tip(whole) if option.currentText != whole else ""
        if tip != self.toolTip():
            self.setToolTip(tip)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the box, then the arrow."""
        super().paintEvent(event)
        painter = QPainter(self)
        side = theme.px(16)
        where = QRectF(self.width() - side - 8, (self.height() - side) / 2, side, side)
        icons.draw(painter, "chevron-down", where, tokens().ink_2 if self.isEnabled() else tokens().line_strong)
        if self._key:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            paint_key(painter, self.height(), where.left() - key_width(self._key) - GAP, self._key, tokens().ink)


class PageField(QLineEdit):
    """A line to type in that leaves keys to its page: undo and redo, once it has nothing of its own to undo."""

    def __init__(self) -> None:
        """Start with no further key left to the page."""
        super().__init__()
        self._left: set[QKeySequence] = set()

    def leave(self, *keys: str) -> None:
        """Leave keys to the page that a field would else take to edit its text, as some desktops have it."""
        self._left |= {QKeySequence(key) for key in keys}

    def event(self, event: QEvent) -> bool:
        """Let the keys that are left to the page pass."""
        if event.type() == QEvent.Type.ShortcutOverride and isinstance(event, QKeyEvent) and self._passes(event):
            event.ignore()
            return False
        return super().event(event)

    def _passes(self, event: QKeyEvent) -> bool:
        if event.matches(QKeySequence.StandardKey.Undo) and not self.isUndoAvailable():
            return True
        if event.matches(QKeySequence.StandardKey.Redo) and not self.isRedoAvailable():
            return True
        return QKeySequence(event.keyCombination()) in self._left


class IconField(PageField):
    """A line to type in, with an icon before and a key or a note after."""

    def __init__(self, role: str, name: str, placeholder: str, *, key: str = "", icon: str = "scan-barcode") -> None:
        """Take the style's role (entry or search), the accessible name, and what an empty field says."""
        super().__init__()
        self.setProperty("role", role)
        self.setAccessibleName(name)
        self.setPlaceholderText(placeholder)
        self.setMaxLength(200)
        self._key, self._icon, self._note = key, icon, ""
        self._big = role == "entry"

    def show_note(self, text: str) -> None:
        """Say something small at the right end, such as the number of hits."""
        self._note = text
        self._keep_clear()
        self.setAccessibleDescription(text)
        self.update()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Keep words off what is drawn at the end."""
        super().resizeEvent(event)
        self._keep_clear()

    def _cap_width(self) -> int:
        return self.fontMetrics().horizontalAdvance(self._key) + 10

    def _keep_clear(self) -> None:
        """No word runs under the key, nor under the note before it."""
        taken = EDGE + (self._cap_width() + GAP if self._key else 0)
        if self._note:
            taken += QFontMetrics(font(12)).horizontalAdvance(self._note) + GAP
        self.setTextMargins(0, 0, max(taken - (theme.px(56) if self._big else 12), 0), 0)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the field, then what belongs to it."""
        super().paintEvent(event)
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        side = theme.px(24 if self._big else 20)
        icons.draw(painter, self._icon, QRectF(16, (self.height() - side) / 2, side, side), tokens().ink)
        if self._key:
            width = self._cap_width()
            cap = QRectF(self.width() - width - EDGE - 0.5, (self.height() - 22) / 2 + 0.5, width, 21)
            painter.setPen(QPen(QColor(tokens().line_strong), 1))
            painter.setBrush(QColor(tokens().surface_2))
            painter.drawRoundedRect(cap, 4, 4)
            painter.setPen(QColor(tokens().ink_2))
            painter.setFont(font(11))
            painter.drawText(cap, Qt.AlignmentFlag.AlignCenter, self._key)
        if self._note:
            painter.setPen(QColor(tokens().ink_2))
            painter.setFont(font(12))
            cap_room = self._cap_width() + GAP if self._key else 0
            where = QRectF(0, 0, self.width() - EDGE - cap_room, self.height())
            painter.drawText(where, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter, self._note)
