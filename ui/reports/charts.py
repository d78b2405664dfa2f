"""Sums drawn so that they can be compared at a glance, and said in words for who listens."""

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFont, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from ui.style.theme import font, px, tokens

HEAD, ROW, FOOT, AXIS = 28, 26, 22, 66
LINES = 4
NICE = (1, 2, 5, 10)


class Chart(QWidget):
    """Rows of (name, figure, size) under a title; the sizes are what is drawn."""

    def __init__(self, title: str) -> None:
        """Take what the sums are of."""
        super().__init__()
        self._title = title
        self._rows: list[tuple[str, str, int]] = []
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setAccessibleName(title)

    def show_rows(self, rows: list[tuple[str, str, int]], title: str | None = None) -> None:
        """Show other rows, under another title if one is given."""
        self._rows, self._title = rows, title or self._title
        self.setAccessibleName(self._title)
        self.setAccessibleDescription("; ".join(f"{name} {figure}" for name, figure, _ in rows) or "nothing")
        self.updateGeometry()
        self.update()

    def minimumSizeHint(self) -> QSize:
        """The least room in which names can be read."""
        return QSize(px(260), self.sizeHint().height())

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Draw the title, then what there is."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setFont(font(14, QFont.Weight.DemiBold))
        painter.setPen(QColor(tokens().ink))
        painter.drawText(QRectF(0, 0, self.width(), px(HEAD)), Qt.AlignmentFlag.AlignVCenter, self._title)
        painter.setFont(font(13))
        if self._rows:
            self.draw(painter)
        else:
            painter.setPen(QColor(tokens().ink_2))
            below = QRectF(0, px(HEAD), self.width(), px(ROW))
            painter.drawText(below, Qt.AlignmentFlag.AlignVCenter, "Nothing yet")

    def draw(self, painter: QPainter) -> None:
        """Draw the rows."""


class Bars(Chart):
    """Shares as rows with bars, the largest as long as there is room; the figures stand to the right."""

    def sizeHint(self) -> QSize:
        """A row for each share."""
        return QSize(px(360), px(HEAD) + max(len(self._rows), 1) * px(ROW) + 8)

    def draw(self, painter: QPainter) -> None:
        """Draw each share's bar, its name on it, and its figure."""
        most = max(abs(size) for _, _, size in self._rows) or 1
        tall, figures = px(ROW), px(110)
        for place, (name, figure, size) in enumerate(self._rows):
            top = px(HEAD) + place * tall
            across = (self.width() - figures) * abs(size) / most
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(QColor(tokens().accent_soft if size >= 0 else tokens().danger_soft))
            painter.drawRoundedRect(QRectF(0, top + 2, max(across, 2), tall - 4), 4, 4)
            painter.setPen(QColor(tokens().ink))
            words = QRectF(8, top, self.width() - figures - 8, tall)
            shown = painter.fontMetrics().elidedText(name, Qt.TextElideMode.ElideRight, int(words.width()))
            painter.drawText(words, Qt.AlignmentFlag.AlignVCenter, shown)
            right = QRectF(self.width() - figures, top, figures, tall)
            painter.drawText(right, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter, figure)


class Columns(Chart):
    """Sums side by side, as days or hours follow each other; below zero where more was given back than taken.

    `unit` is what one of the currency's major unit is in sizes, for the axis.
    """

    def __init__(self, title: str, unit: int) -> None:
        """Take what the sums are of."""
        super().__init__(title)
        self._unit = unit

    def sizeHint(self) -> QSize:
        """Tall enough to compare."""
        return QSize(px(500), px(190))

    def draw(self, painter: QPainter) -> None:
        """Draw lines at round amounts, a column for each sum, and names where they have room."""
        top, bottom = px(HEAD) + 8, self.height() - px(FOOT)
        low, high = min(0, *(size for *_, size in self._rows)), max(0, *(size for *_, size in self._rows))
        step = nice_step(high - low, self._unit)
        first, last = low // step, -(-high // step)
        scale = (bottom - top) / max(last - first, 1)
        painter.setFont(font(12))
        for line in range(first, last + 1):
            y = bottom - (line - first) * scale
            painter.setPen(QColor(tokens().line_strong if line == 0 else tokens().line))
            painter.drawLine(px(AXIS), int(y), self.width(), int(y))
            painter.setPen(QColor(tokens().ink_2))
            side = QRectF(0, y - px(9), px(AXIS) - 8, px(18))
            words = f"{line * step / self._unit:,.10g}"
            painter.drawText(side, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter, words)
        zero = bottom + first * scale
        wide = (self.width() - px(AXIS)) / len(self._rows)
        named = max(max(painter.fontMetrics().horizontalAdvance(name) for name, *_ in self._rows) + 6, 1)
        each = max(-(-named // int(max(wide, 1))), 1)
        for place, (name, _, size) in enumerate(self._rows):
            left = px(AXIS) + place * wide
            tall = size * scale / step
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(QColor(tokens().accent if size >= 0 else tokens().danger))
            column = QRectF(left + wide * 0.2, zero - max(tall, 0), min(wide * 0.6, px(40)), max(abs(tall), 1))
            painter.drawRoundedRect(column, 2, 2)
            if place % each == 0:
                painter.setPen(QColor(tokens().ink_2))
                below = QRectF(column.center().x() - named, bottom + 2, 2 * named, px(FOOT) - 2)
                painter.drawText(below, Qt.AlignmentFlag.AlignCenter, name)


def nice_step(span: int, unit: int) -> int:
    """Give the distance of a few lines across a span: 1, 2 or 5 times a power of ten, and at least one unit."""
    power = unit
    while True:
        for times in NICE:
            if power * times * LINES >= span:
                return power * times
        power *= 10
