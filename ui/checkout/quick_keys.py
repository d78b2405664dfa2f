"""The grid of what has no barcode."""

from functools import partial

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QColor, QFontMetrics, QKeyEvent, QPaintEvent
from PySide6.QtWidgets import QGridLayout, QWidget

from pos_app.services.quick_key import QuickKeyRow
from ui.format import Formatter
from ui.style.theme import font, px
from ui.widgets.basic import EmptyState
from ui.widgets.key_button import EDGE, GAP, KeyButton, framed, key_width, paint_key
from ui.widgets.sheet import Sheet

COLUMNS = 4
PADDING, NAME_LINES = 8, 2
LARGE, FEW = 110, 16
LETTERS = "123456789ABCDEFGHIJKLMNO"


class QuickButton(KeyButton):
    """What is sold in up to two lines, and under it its key and its price."""

    def __init__(self, said: str, price: str, key: str, lines: int) -> None:
        """Take what it sells, for how much, and in how many lines it is named at most."""
        super().__init__(said, key, size="quick", name=f"{said}, {price}")
        self._price, self._lines = price, lines
        self.setToolTip(said)

    def sizeHint(self) -> QSize:
        """Room for the lines; a long name is shortened, its key and price never are."""
        metrics, foot = QFontMetrics(self._text_font()), QFontMetrics(font(12))
        width = max(key_width(self._key) + GAP + foot.horizontalAdvance(self._price), metrics.averageCharWidth() * 9)
        return QSize(width + 2 * PADDING, self._lines * metrics.height() + px(11) + 9 + 2 * PADDING + EDGE)

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Draw the frame as styled, then the name above, key and price below."""
        painter = framed(self)
        inner, colour = self.rect().adjusted(PADDING, PADDING, -PADDING, -PADDING), self._colour()
        foot = px(11) + 9
        above = inner.adjusted(0, 0, 0, -foot - EDGE)
        metrics = QFontMetrics(self._text_font())
        painter.setFont(self._text_font())
        painter.setPen(QColor(colour))
        most = max(above.height() // metrics.height(), 1)
        for number, text in enumerate(wrapped(self._words, metrics, above.width(), most)):
            line = above.adjusted(0, number * metrics.height(), 0, 0)
            painter.drawText(line, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignTop, text)
        below = inner.adjusted(0, inner.height() - foot, 0, 0)
        painter.setFont(font(12))
        painter.drawText(below, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter, self._price)
        paint_key(painter, 2 * below.top() + foot, inner.left(), self._key, colour)


def wrapped(text: str, metrics: QFontMetrics, width: int, most: int) -> list[str]:
    """Break a text between its words into lines; what does not fit ends in …."""
    lines = [""]
    for word in text.split():
        longer = f"{lines[-1]} {word}".strip()
        if lines[-1] and len(lines) < most and metrics.horizontalAdvance(longer) > width:
            lines.append(word)
        else:
            lines[-1] = longer
    return [metrics.elidedText(line, Qt.TextElideMode.ElideRight, width) for line in lines]


class QuickKeysDialog(Sheet):
    """Big keys to touch, each with its digit or letter; `chosen` is the one pressed."""

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
        # Six rows of large text leave no room for two lines of a name.
        lines = 1 if px(100) > LARGE and len(keys) > FEW else NAME_LINES
        for place, key in enumerate(keys):
            price = fmt.price(key.price, asked=key.open_price)
            button = QuickButton(key.label, price, LETTERS[place], lines)
            button.clicked.connect(partial(self._choose, key))
            self.take_letter(LETTERS[place], partial(self._choose, key))
            grid.setColumnStretch(place % COLUMNS, 1)
            # The style sheet's least height goes before the button's own, and is that of one line.
            grid.setRowMinimumHeight(place // COLUMNS, button.sizeHint().height())
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
