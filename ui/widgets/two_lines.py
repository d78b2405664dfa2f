"""A short list of two-line rows, with a figure at the right."""

from collections.abc import Sequence

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QRect, QSize, Qt, Signal
from PySide6.QtGui import QFont, QFontMetrics, QPainter
from PySide6.QtWidgets import QListWidget, QListWidgetItem, QStyledItemDelegate, QStyleOptionViewItem

from ui.models.drawing import draw_text, draw_two_lines, fill_row
from ui.style.theme import font, px

MOST_ROWS, LEAST_ROWS, RING = 7, 3, 2
PARTS = Qt.ItemDataRole.UserRole
Index = QModelIndex | QPersistentModelIndex


def row_height() -> int:
    """Two lines, and room to touch them."""
    return px(52)


class TwoLinesDelegate(QStyledItemDelegate):
    """Draws a row: what it is over what is to be known of it, and its figure."""

    def sizeHint(self, option: QStyleOptionViewItem, _index: Index) -> QSize:
        """All rows are alike."""
        return QSize(option.rect.width(), row_height())

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        """Draw one row."""
        what, about, figure = index.data(PARTS)
        inner: QRect = option.rect.adjusted(12, 0, -12, 0)
        painter.save()
        fill_row(painter, option)
        room = QFontMetrics(font(14, QFont.Weight.Bold)).horizontalAdvance(figure)
        draw_text(painter, inner, figure, right=True, weight=QFont.Weight.Bold)
        draw_two_lines(painter, inner.adjusted(0, 0, -room - 16, 0), what, about)
        painter.restore()


class TwoLinesList(QListWidget):
    """A list of (what, about, figure), whose rows leave the ring of the focus to be seen.

    Letters typed in it are told by `typed`.
    """

    typed = Signal(str)

    def __init__(self, name: str) -> None:
        """Start empty; take the accessible name."""
        super().__init__()
        self.setAccessibleName(name)
        self.setViewportMargins(RING, RING, RING, RING)
        self.setUniformItemSizes(True)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setItemDelegate(TwoLinesDelegate(self))

    def show_rows(self, rows: Sequence[tuple[str, str, str]]) -> None:
        """Show other rows; the place that was chosen stays chosen."""
        place = max(self.currentRow(), 0)
        self.clear()
        for what, about, figure in rows:
            # What a screen reader reads; on the screen it stands in two lines.
            item = QListWidgetItem(" · ".join(part for part in (what, figure, about) if part))
            item.setData(PARTS, (what, about, figure))
            self.addItem(item)
        self.setCurrentRow(min(place, self.count() - 1))

    def keyboardSearch(self, search: str) -> None:
        """Tell what is typed: it is an act of the question, and no search."""
        self.typed.emit(search)

    def make_room(self, rows: int) -> None:
        """Be as high as so many rows, within what a question has room for."""
        self.setMinimumHeight(row_height() * min(max(rows, LEAST_ROWS), MOST_ROWS) + 4 * RING)
