"""A short list in a question: its columns as functions of a row."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from PySide6.QtCore import QEvent, QRect
from PySide6.QtGui import QFontMetrics, QHelpEvent, QPainter, QResizeEvent
from PySide6.QtWidgets import QAbstractItemView, QHeaderView, QStyledItemDelegate, QStyleOptionViewItem

from ui.models.drawing import (
    PILL_BESIDE,
    draw_pill,
    draw_text,
    draw_two_lines,
    draw_wrapped,
    fill_row,
    tell_whole,
    wrapped_height,
)
from ui.models.paged import PAGE, Index, PagedTableModel, Start
from ui.style.theme import font, px
from ui.widgets.table import ListTable

Row = TypeVar("Row")
ROW_HEIGHT = 44
EDGE = 10
# What the column that names a row keeps of the list's width, in per cent.
NAMED_SHARE = 24
# What words keep of the width they were given, and states, which say what is to be done, of it in large text.
WORDS_SHARE, PILL_SHARE = 60, 72
# Of so many rows the figures are measured.
MEASURED = 100


@dataclass(frozen=True)
class Column(Generic[Row]):
    """A column: its head, its width (0 takes the room that is left), what it says; `below` is a smaller second line.

    `pill` gives the kind of a state, or None to draw plain text.
    """

    head: str
    width: int
    text: Callable[[Row], str]
    right: bool = False
    below: Callable[[Row], str] | None = None
    pill: Callable[[Row], str | None] | None = None


class RowsModel(PagedTableModel[Row]):
    """Rows that are all here; with a `start` for coroutines, rows that are read as they are looked at."""

    def __init__(self, columns: Sequence[Column[Row]], start: Start | None = None) -> None:
        """Take the columns."""
        right = frozenset(place for place, column in enumerate(columns) if column.right)
        super().__init__([column.head for column in columns], right, start or _never)
        self.columns = columns

    def show_rows(self, rows: Sequence[Row]) -> None:
        """Show other rows."""

        async def fetch(first: int, count: int) -> Sequence[Row]:
            return rows[first : first + count]

        self.show(len(rows), rows[:PAGE], fetch)
        for page in range(PAGE, len(rows), PAGE):
            self._pages[page // PAGE] = rows[page : page + PAGE]

    def text(self, row: Row, column: int) -> str:
        """Say a cell."""
        made = self.columns[column]
        below = made.below(row) if made.below else ""
        return f"{made.text(row)}, {below}" if below else made.text(row)


def _never(_work: object) -> None:
    """Nothing is ever fetched: all rows are here."""


class RowsDelegate(QStyledItemDelegate):
    """Draws a cell as its column says; `wraps` lets words take the lines they need."""

    def __init__(self, *, wraps: bool = False) -> None:
        super().__init__()
        self.wraps = wraps

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        """Draw one cell."""
        rect: QRect = option.rect
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        fill_row(painter, option)
        model: Any = index.model()
        row = model.row(index.row())
        if row is not None:
            column: Column[Any] = model.columns[index.column()]
            inner = rect.adjusted(EDGE, 0, -EDGE, 0)
            kind = column.pill(row) if column.pill else None
            if kind is not None:
                draw_pill(painter, inner, column.text(row), kind)
            elif column.below is not None and self.wraps:
                draw_wrapped(painter, inner, column.text(row), column.below(row))
            elif column.below is not None:
                draw_two_lines(painter, inner, column.text(row), column.below(row))
            else:
                draw_text(painter, inner, column.text(row), right=column.right)
        painter.restore()

    def helpEvent(self, event: QHelpEvent, view: QAbstractItemView, option: QStyleOptionViewItem, index: Index) -> bool:
        """Say whole what is cut in a cell under the mouse."""
        model: Any = index.model()
        row = model.row(index.row()) if index.isValid() else None
        if row is None or event.type() != QEvent.Type.ToolTip:
            return super().helpEvent(event, view, option, index)
        column: Column[Any] = model.columns[index.column()]
        pill = column.pill is not None and column.pill(row) is not None
        lines = [(column.text(row), font(12 if pill else 14))]
        if column.below is not None:
            lines.append((column.below(row), font(12)))
        beside = PILL_BESIDE if pill else 0
        return tell_whole(event, view, option.rect.width() - 2 * EDGE - beside, lines)


class RowsTable(ListTable):
    """The list itself."""

    def __init__(
        self,
        name: str,
        columns: Sequence[Column[Any]],
        *,
        height: int = 300,
        start: Start | None = None,
        wraps: bool = False,
    ) -> None:
        """Take the accessible name and the columns; the first without a width takes the room that is left."""
        self.rows: RowsModel[Any] = RowsModel(columns, start)
        widths = {place: column.width for place, column in enumerate(columns) if column.width}
        super().__init__(name, self.rows, RowsDelegate(wraps=wraps), widths, px(ROW_HEIGHT))
        if rest := next((place for place, column in enumerate(columns) if not column.width), 0):
            self.horizontalHeader().setSectionResizeMode(0, QHeaderView.ResizeMode.Fixed)
            self.horizontalHeader().setSectionResizeMode(rest, QHeaderView.ResizeMode.Stretch)
        self._widths = widths
        # Not scaled: with large text fewer rows are shown, and the fields below keep their room.
        self.setMinimumHeight(height)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Share the room out anew."""
        super().resizeEvent(event)
        self.fit()

    def fit(self) -> None:
        """Leave what names a row its share: with large text the other columns give way, to their heads and figures."""
        head = self.horizontalHeader().fontMetrics()
        least = {
            place: max(head.horizontalAdvance(self.rows.columns[place].head) + 2 * EDGE, self._least(place))
            for place in self._widths
            if not self.isColumnHidden(place)
        }
        wanted = {place: max(px(self._widths[place]), needed) for place, needed in least.items()}
        give = {place: width - least[place] for place, width in wanted.items()}
        over = sum(wanted.values()) - self.viewport().width() * (100 - NAMED_SHARE) // 100
        share = min(max(over, 0) / max(sum(give.values()), 1), 1)
        for place, width in wanted.items():
            self.setColumnWidth(place, width - int(give[place] * share))

    def _least(self, place: int) -> int:
        """What a column's words need at least; figures are whole."""
        column = self.rows.columns[place]
        if column.pill is not None:
            return px(column.width) * PILL_SHARE // 100
        if not column.right:
            return column.width * WORDS_SHARE // 100
        metrics = QFontMetrics(font(14))
        rows = (self.rows.here(number) for number in range(min(self.rows.rowCount(), MEASURED)))
        texts = {column.text(row) for row in rows if row is not None}
        return max((metrics.horizontalAdvance(text) for text in texts), default=0) + 2 * EDGE + 2

    def show_rows(self, rows: Sequence[Any], chosen: int | None = None) -> None:
        """Show other rows, one of them chosen."""
        before = self.currentIndex().row()
        self.rows.show_rows(rows)
        self.fit()
        place = min(max(before if chosen is None else chosen, 0), len(rows) - 1)
        if rows:
            self.setCurrentIndex(self.rows.index(place, 0))

    @property
    def chosen(self) -> Any | None:
        """The row chosen."""
        index = self.currentIndex()
        return self.rows.row(index.row()) if index.isValid() else None


class WrappingTable(RowsTable):
    """A list of sentences, each row as high as what it says; for lists that are short."""

    def __init__(self, name: str, columns: Sequence[Column[Any]], *, height: int = 300) -> None:
        """Take what a `RowsTable` does."""
        super().__init__(name, columns, height=height, wraps=True)

    def fit(self) -> None:
        """Give the rows their heights, too: a list that grows gets a scroll bar, and is fitted once more."""
        super().fit()
        for number in range(self.rows.rowCount()):
            row = self.rows.here(number)
            if row is not None:
                self.setRowHeight(number, max(px(ROW_HEIGHT), self._height(row)))

    def _height(self, row: Any) -> int:
        said = [(place, one, one.below) for place, one in enumerate(self.rows.columns) if one.below is not None]
        heights = (wrapped_height(one.text(row), below(row), self._room(place)) for place, one, below in said)
        return max(heights, default=0) + EDGE

    def _room(self, place: int) -> int:
        """What words have; the column that takes what is left is told its width later than the list its own."""
        if self._widths.get(place):
            return self.columnWidth(place) - 2 * EDGE
        return self.viewport().width() - sum(map(self.columnWidth, self._widths)) - 2 * EDGE
