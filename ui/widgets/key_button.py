"""A button that shows its key."""

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFont, QFontMetrics, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QPushButton, QStyle, QStyleOptionButton, QStylePainter

from ui.style import icons, theme
from ui.style.theme import font, tokens

GAP, EDGE = 8, 4


class KeyButton(QPushButton):
    """A push button with a key cap beside its text; with no text it shows an icon."""

    def __init__(
        self,
        text: str,
        key: str = "",
        *,
        role: str | None = None,
        size: str | None = None,
        name: str | None = None,
        icon: str | None = None,
    ) -> None:
        """Take what it says and its key; `name` is for assistive programs where it differs from the text."""
        super().__init__()
        self._words, self._key, self._icon = text, key, icon
        self.usual_key = key
        self.setAutoDefault(False)
        if role:
            self.setProperty("role", role)
        if size:
            self.setProperty("tall", size)
        self.setAccessibleName(name or text)
        if key:
            self.setAccessibleDescription(f"Key {key}")

    def show_text(self, text: str, *, name: str | None = None) -> None:
        """Say something else."""
        self.setAccessibleName(name or text)
        if text == self._words:
            return
        self._words = text
        self.updateGeometry()
        self.update()

    def show_key(self, key: str) -> None:
        """Show another key in the place of the usual one."""
        if key != self._key:
            self._key = key
            self.setAccessibleDescription(f"Key {key}")
            self.updateGeometry()
            self.update()

    @property
    def words(self) -> str:
        """What the button says."""
        return self._words

    def _text_font(self) -> QFont:
        match self.property("tall"):
            case "pay":
                return font(20, QFont.Weight.DemiBold)
            case "big":
                return font(17, QFont.Weight.DemiBold)
            case "key":
                return font(18, QFont.Weight.Medium)
            case _ if self.property("role") == "quiet":
                return font(12)
            case _ if self.property("role") == "filter":
                return font(13)
            case _:
                return font(14, QFont.Weight.Medium)

    def _widths(self) -> tuple[int, int]:
        words = QFontMetrics(self._text_font()).horizontalAdvance(self._words)
        if self._icon:
            words += theme.px(18) + (GAP if self._words else 0)
        key = key_width(self._key) if self._key else 0
        return words, key

    def sizeHint(self) -> QSize:
        """Room for words and key, beside what the style sheet asks for."""
        words, key = self._widths()
        padding = {"quiet": 16, "filter": 24}.get(str(self.property("role")), 30)
        return QSize(words + key + (GAP if key else 0) + padding, super().sizeHint().height())

    def minimumSizeHint(self) -> QSize:
        """Never cut."""
        return self.sizeHint()

    def _colour(self) -> str:
        t, role = tokens(), self.property("role")
        if not self.isEnabled():
            return t.ink_3
        if role == "primary" or (role == "chip" and self.isChecked()):
            return t.accent_ink
        return {"danger": t.danger, "quiet": t.ink_2}.get(str(role), t.ink)

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Draw the frame as styled, then icon, words and key in the middle."""
        painter = framed(self)
        words, key = self._widths()
        said, room = self._words, self.width() - 2 * EDGE - (key + GAP if key else 0)
        if words > room and key:
            # Words before keys, where a large text leaves no room for both.
            key, room = 0, self.width() - 2 * EDGE
        if words > room and not self._icon:
            said, words = QFontMetrics(self._text_font()).elidedText(said, Qt.TextElideMode.ElideRight, room), room
        colour = self._colour()
        left = (self.width() - words - key - (GAP if key else 0)) / 2
        if self._icon:
            side = theme.px(18)
            icons.draw(painter, self._icon, QRectF(left, (self.height() - side) / 2, side, side), colour)
            left, words = left + side + GAP, words - side - GAP
        painter.setFont(self._text_font())
        painter.setPen(QColor(colour))
        painter.drawText(QRectF(left, 0, words + 2, self.height()), Qt.AlignmentFlag.AlignVCenter, said)
        if key:
            paint_key(painter, self.height(), left + words + GAP, self._key, colour)


def framed(button: QPushButton) -> QStylePainter:
    """Draw a button's frame as styled, and give the painter for what stands in it."""
    option = QStyleOptionButton()
    button.initStyleOption(option)
    option.text = ""
    painter = QStylePainter(button)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.drawControl(QStyle.ControlElement.CE_PushButton, option)
    return painter


def key_width(key: str) -> int:
    """How wide the cap of a key is."""
    return QFontMetrics(font(11)).horizontalAdvance(key) + 14


def paint_key(painter: QPainter, around: int, left: float, key: str, colour: str) -> None:
    """Draw a key's cap in the middle of the height around it, beside words of a colour."""
    height = theme.px(11) + 9
    cap = QRectF(left + 0.5, (around - height) / 2 + 0.5, key_width(key) - 1, height - 1)
    plain = colour == tokens().ink
    painter.setPen(QPen(QColor(tokens().line_strong if plain else colour), 1))
    painter.setBrush(QColor(tokens().surface_2) if plain else Qt.BrushStyle.NoBrush)
    painter.drawRoundedRect(cap, 4, 4)
    painter.setFont(font(11))
    painter.setPen(QColor(tokens().ink_2 if plain else colour))
    painter.drawText(cap, Qt.AlignmentFlag.AlignCenter, key)
