"""Paper on the screen: light in the dark theme too, as paper is."""

from collections.abc import Sequence

from PySide6.QtCore import QRectF, QSize
from PySide6.QtGui import QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QWidget

from pos_app.receipts.escpos_decode import Paper, Printed
from pos_app.receipts.layout import Document
from ui.printing import GROUND, heights, paint, printed
from ui.style.theme import px, tokens

COLUMN = 8
EDGE = 16


class PaperView(QWidget):
    """Shows a document, or what a printer was sent."""

    def __init__(self, name: str = "Paper") -> None:
        """Start with a blank paper."""
        super().__init__()
        self._things: Sequence[Printed] = ()
        self._columns = 42
        self._name = name
        self.setAccessibleName(name)

    def show_document(self, document: Document) -> None:
        """Show a paper as it would be printed."""
        self._show(printed(document), document.width)

    def show_printed(self, paper: Paper, columns: int = 42) -> None:
        """Show what a printer was sent."""
        self._show(paper.things, columns)

    def _show(self, things: Sequence[Printed], columns: int) -> None:
        self._things, self._columns = things, columns
        self.setAccessibleDescription("\n".join(thing.barcode or thing.text for thing in things))
        size = self.sizeHint()
        self.setMinimumHeight(size.height())
        self.setFixedWidth(size.width())
        self.updateGeometry()
        self.update()

    def sizeHint(self) -> QSize:
        """As wide as its columns, as long as what stands on it."""
        width = self._columns * px(COLUMN)
        tall = sum(heights(self._things, px(COLUMN) * 1.9, width))
        return QSize(width + 2 * EDGE, int(tall) + 2 * EDGE)

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Draw the paper and what stands on it."""
        painter = QPainter(self)
        painter.setPen(QPen(tokens().line_strong))
        painter.setBrush(GROUND)
        painter.drawRect(QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5))
        inside = QRectF(self.rect()).adjusted(EDGE, EDGE, -EDGE, -EDGE)
        paint(painter, self._things, self._columns, inside)
