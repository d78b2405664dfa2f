"""A page's button in the rail."""

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFont, QFontMetrics, QPaintEvent
from PySide6.QtWidgets import QPushButton

from ui.style import icons
from ui.style.theme import font, tokens
from ui.widgets.key_button import framed


class RailButton(QPushButton):
    """A page's place in the rail: icon over name."""

    def __init__(self, name: str, icon: str, key: str) -> None:
        """Take the page's name, its icon and its key."""
        super().__init__()
        self._name, self._icon = name, icon
        self.setProperty("role", "rail")
        self.setAccessibleName(name)
        self.setToolTip(f"{name} ({key})")
        text = QFontMetrics(font(11, QFont.Weight.DemiBold))
        self.setFixedSize(QSize(max(64, text.horizontalAdvance(name) + 6), max(58, 36 + text.height())))

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Draw the frame as styled, then icon and name."""
        painter = framed(self)
        colour = tokens().accent if self.isChecked() else tokens().ink_2
        icons.draw(painter, self._icon, QRectF((self.width() - 20) / 2, 10, 20, 20), colour)
        painter.setFont(font(11, font().weight() if not self.isChecked() else font().Weight.DemiBold))
        painter.setPen(QColor(colour))
        painter.drawText(QRectF(0, 32, self.width(), self.height() - 38), Qt.AlignmentFlag.AlignCenter, self._name)
