"""Sums drawn so that they can be compared at a glance; to a keyboard and to assistive programs they are tables."""

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QItemSelection, QItemSelectionModel, QModelIndex, QPoint, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFont, QFontMetrics, QPainter, QPaintEvent, QPen, QWheelEvent
from PySide6.QtWidgets import QAbstractItemView, QSizePolicy, QTableView

from ui.models.table import Index, TableModel
from ui.style.theme import font, px, tokens

HEAD, ROW, FOOT = 30, 26, 22
LINES = 4
NICE = (1, 2, 5, 10)
EDGE = 2
# A column's share of its room, and the most it takes.
COLUMN_SHARE, COLUMN_WIDEST = 0.58, 40
# The names of bars take this share of the width at most.
NAMES_SHARE = 0.4
FEWEST_BARS = 3


@dataclass(frozen=True)
class ChartRow:
    """What is drawn of one thing: its short name, its size, and `mark`, the size of what is beside it.

    `cells` say the same in full, the name first, one for each head.
    """

    name: str
    size: int
    cells: tuple[str, ...]
    mark: int | None = None


class ChartModel(TableModel):
    """A chart's rows as a table."""

    def __init__(self) -> None:
        """Start without rows."""
        super().__init__((), frozenset())
        self.rows: Sequence[ChartRow] = ()

    def show_rows(self, heads: Sequence[str], rows: Sequence[ChartRow]) -> None:
        """Show other rows under other heads."""
        self.beginResetModel()
        self._heads, self.rows = heads, rows
        self.endResetModel()

    def row_count(self) -> int:
        """How many there are."""
        return len(self.rows)

    def cell(self, row: int, column: int) -> str:
        """Say a cell."""
        return self.rows[row].cells[column]

    def heads(self) -> Sequence[str]:
        """What the cells are."""
        return self._heads

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        """What a cell says; the whole row in a tool tip."""
        if role == Qt.ItemDataRole.ToolTipRole:
            return told(self._heads, self.rows[index.row()])
        if role == Qt.ItemDataRole.AccessibleTextRole and index.column():
            return f"{self._heads[index.column()]} {self.cell(index.row(), index.column())}"
        return super().data(index, role)


def told(heads: Sequence[str], row: ChartRow) -> str:
    """Say a row in one line."""
    return ", ".join((row.cells[0], *(f"{head} {cell}" for head, cell in zip(heads[1:], row.cells[1:], strict=True))))


class Chart(QTableView):
    """Rows drawn under a title. The arrows go from one to the next; `activated` asks for the documents of one."""

    def __init__(self, title: str, empty: str = "Nothing yet") -> None:
        """Take what the sums are of, and what stands there when there are none."""
        super().__init__()
        self._title, self._empty = title, empty
        self._nothing = empty
        self.chart = ChartModel()
        self.setModel(self.chart)
        self.setProperty("role", "chart")
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.setTabKeyNavigation(False)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.horizontalHeader().hide()
        self.verticalHeader().hide()
        self.setAccessibleName(title)

    def show_rows(self, heads: Sequence[str], rows: Sequence[ChartRow], title: str | None = None) -> None:
        """Show other rows, under another title if one is given."""
        self._title = title or self._title
        self._show(heads, rows, self._empty)

    def show_unread(self) -> None:
        """Show that nothing could be read."""
        self._show((), (), "Not read")

    def _show(self, heads: Sequence[str], rows: Sequence[ChartRow], nothing: str) -> None:
        self._nothing = nothing
        self.chart.show_rows(heads, rows)
        self.setAccessibleName(self._title)
        self.setAccessibleDescription("" if rows else nothing)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus if rows else Qt.FocusPolicy.NoFocus)
        if rows:
            self.setCurrentIndex(self.chart.index(self.first_current(), 0))
        self.updateGeometry()
        self.viewport().update()

    def first_current(self) -> int:
        """Where the keyboard begins."""
        return 0

    @property
    def rows(self) -> Sequence[ChartRow]:
        """What is drawn."""
        return self.chart.rows

    def minimumSizeHint(self) -> QSize:
        """The least room in which names can be read."""
        return QSize(px(220), self.sizeHint().height())

    def where(self, row: int) -> QRect:
        """Where a row is drawn."""
        raise NotImplementedError

    def draw(self, painter: QPainter, width: int, height: int) -> None:
        """Draw the rows."""
        raise NotImplementedError

    # What Qt, and through it assistive programs, ask a table for

    def visualRect(self, index: Index) -> QRect:
        """Where a cell is: its row is drawn as one."""
        return self.where(index.row()) if index.isValid() else QRect()

    def indexAt(self, point: QPoint) -> QModelIndex:
        """Which row is drawn there."""
        found = (row for row in range(len(self.rows)) if self.where(row).contains(point))
        return self.chart.index(row, 0) if (row := next(found, -1)) >= 0 else QModelIndex()

    def scrollTo(
        self, _index: Index, _hint: QAbstractItemView.ScrollHint = QAbstractItemView.ScrollHint.EnsureVisible
    ) -> None:
        """Everything is in sight."""

    def moveCursor(self, action: QAbstractItemView.CursorAction, _modifiers: Qt.KeyboardModifier) -> QModelIndex:
        """Go from row to row, along or across."""
        actions = QAbstractItemView.CursorAction
        row, last = self.currentIndex().row(), len(self.rows) - 1
        if action in (actions.MoveRight, actions.MoveDown, actions.MoveNext, actions.MovePageDown):
            row += 1
        elif action in (actions.MoveLeft, actions.MoveUp, actions.MovePrevious, actions.MovePageUp):
            row -= 1
        elif action == actions.MoveHome:
            row = 0
        elif action == actions.MoveEnd:
            row = last
        return self.chart.index(min(max(row, 0), last), 0)

    def setSelection(self, rect: QRect, command: QItemSelectionModel.SelectionFlag) -> None:
        """Choose what was clicked."""
        index = self.indexAt(rect.center())
        self.selectionModel().select(QItemSelection(index, index), command)

    def currentChanged(self, now: Index, before: Index) -> None:
        """Draw where the keyboard is."""
        super().currentChanged(now, before)
        self.viewport().update()

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Leave the wheel to what the chart stands on."""
        event.ignore()

    # Drawing

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Draw the title, then what there is."""
        self._paint(QPainter(self.viewport()), self.viewport().width(), self.viewport().height())

    def draw_on(self, painter: QPainter, width: int, height: int) -> None:
        """Draw it on something else, as large as it is told."""
        self.resize(width, height)
        self.viewport().resize(width, height)
        self._paint(painter, width, height)

    def _paint(self, painter: QPainter, width: int, height: int) -> None:
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        used = font(14, QFont.Weight.DemiBold)
        painter.setFont(used)
        painter.setPen(QColor(tokens().ink))
        painter.drawText(QRectF(EDGE, 0, width, px(HEAD)), Qt.AlignmentFlag.AlignVCenter, self._title)
        painter.setFont(font(13))
        if not self.rows:
            painter.setPen(QColor(tokens().ink_2))
            below = QRectF(EDGE, px(HEAD), width, px(ROW))
            painter.drawText(below, Qt.AlignmentFlag.AlignVCenter, self._nothing)
            return
        self._tell_current(painter, QFontMetrics(used).horizontalAdvance(self._title) + EDGE + 16, width)
        painter.setFont(font(13))
        self.draw(painter, width, height)

    def _tell_current(self, painter: QPainter, left: int, width: int) -> None:
        """Beside the title: where the keyboard is, in words."""
        row = self.currentIndex().row()
        if not self.hasFocus() or not 0 <= row < len(self.rows):
            self.draw_legend(painter, left, width)
            return
        painter.setFont(font(12))
        painter.setPen(QColor(tokens().ink_2))
        words = painter.fontMetrics().elidedText(
            told(self.chart.heads(), self.rows[row]), Qt.TextElideMode.ElideRight, width - left
        )
        where = QRectF(left, 0, width - left - EDGE, px(HEAD))
        painter.drawText(where, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignRight, words)
        here = QRectF(self.where(row)).adjusted(1, 1, -1, -1)
        painter.setPen(QPen(QColor(tokens().focus), 1.5))
        painter.setBrush(QColor(tokens().accent_soft))
        painter.drawRoundedRect(here, 4, 4)

    def draw_legend(self, painter: QPainter, left: int, width: int) -> None:
        """Say what the marks are, where there are any."""


class Bars(Chart):
    """Shares as rows with bars, the largest as long as there is room; what the cells say stands to the right."""

    def __init__(self, title: str, empty: str = "Nothing yet") -> None:
        """Take what the sums are of."""
        super().__init__(title, empty)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Maximum)

    def sizeHint(self) -> QSize:
        """A row for each share."""
        return QSize(px(360), px(HEAD) + max(len(self.rows), 1) * px(ROW) + 2 * EDGE + 4)

    def minimumSizeHint(self) -> QSize:
        """Where there is little room, the largest are drawn."""
        few = min(max(len(self.rows), 1), FEWEST_BARS)
        return QSize(px(220), px(HEAD) + few * px(ROW) + 2 * EDGE + 4)

    def where(self, row: int) -> QRect:
        """Row under row."""
        return QRect(0, px(HEAD) + row * px(ROW), self.viewport().width(), px(ROW))

    def draw(self, painter: QPainter, width: int, height: int) -> None:
        """Draw each share's name, its bar, and its figures."""
        metrics = painter.fontMetrics()
        most = max(abs(row.size) for row in self.rows) or 1
        names = max(metrics.horizontalAdvance(row.name) for row in self.rows)
        names = min(names, int(width * NAMES_SHARE)) + 12
        columns = [
            max(metrics.horizontalAdvance(row.cells[place]) for row in self.rows) + 12
            for place in range(1, len(self.rows[0].cells))
        ]
        room = max(width - names - sum(columns) - 2 * EDGE, px(24))
        thick = px(10)
        for place, row in enumerate(self.rows):
            top = px(HEAD) + place * px(ROW)
            if top + px(ROW) > height:
                break
            line = QRectF(EDGE, top, names - 12, px(ROW))
            painter.setPen(QColor(tokens().ink))
            shown = metrics.elidedText(row.name, Qt.TextElideMode.ElideRight, int(line.width()) + 1)
            painter.drawText(line, Qt.AlignmentFlag.AlignVCenter, shown)
            track = QRectF(EDGE + names, top + (px(ROW) - thick) / 2, room, thick)
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(QColor(tokens().line))
            painter.drawRoundedRect(track, thick / 2, thick / 2)
            if row.size:
                painter.setBrush(QColor(tokens().accent if row.size > 0 else tokens().danger))
                track.setWidth(max(track.width() * abs(row.size) / most, thick))
                painter.drawRoundedRect(track, thick / 2, thick / 2)
            painter.setPen(QColor(tokens().ink))
            left = EDGE + names + room
            for cell, wide in zip(row.cells[1:], columns, strict=True):
                where = QRectF(left, top, wide, px(ROW))
                painter.drawText(where, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter, cell)
                left += wide


class Columns(Chart):
    """Sums side by side, as days or hours follow each other; below zero where more was given back than taken.

    `unit` is what one of the currency's major unit is in sizes, for the axis. A line marks what is
    beside it, as `mark_words` says.
    """

    def __init__(self, title: str, unit: int, empty: str = "Nothing yet") -> None:
        """Take what the sums are of."""
        super().__init__(title, empty)
        self._unit = unit
        # What the lines across the columns are.
        self.mark_words = ""
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)

    def sizeHint(self) -> QSize:
        """Tall enough to compare."""
        return QSize(px(420), px(170))

    def minimumSizeHint(self) -> QSize:
        """Lower, sizes can no longer be told apart."""
        return QSize(px(220), px(120))

    def first_current(self) -> int:
        """At the newest that has something."""
        return max((place for place, row in enumerate(self.rows) if row.size), default=0)

    def _axis(self) -> tuple[int, int, int, int]:
        """The distance of the lines, the first and last of them in such distances, and the room for what they say."""
        sizes = [0, *(row.size for row in self.rows), *(row.mark for row in self.rows if row.mark is not None)]
        step = nice_step(max(sizes) - min(sizes), self._unit)
        first, last = min(sizes) // step, -(-max(sizes) // step)
        metrics = QFontMetrics(font(12))
        wide = max(metrics.horizontalAdvance(self._line_text(line, step)) for line in range(first, last + 1))
        return step, first, max(last, first + 1), EDGE + wide + 10

    def _line_text(self, line: int, step: int) -> str:
        return f"{line * step / self._unit:,.10g}"

    def where(self, row: int) -> QRect:
        """Row beside row."""
        left = self._axis()[-1]
        wide = (self.viewport().width() - left) / max(len(self.rows), 1)
        start = int(left + row * wide)
        return QRect(start, px(HEAD), int(left + (row + 1) * wide) - start, self.viewport().height() - px(HEAD))

    @property
    def _marked(self) -> bool:
        return any(row.mark for row in self.rows)

    def draw_legend(self, painter: QPainter, left: int, width: int) -> None:
        """A square for now, a line for what is beside them."""
        if not self._marked:
            return
        painter.setFont(font(12))
        metrics = painter.fontMetrics()
        now, before = "these days", self.mark_words
        if metrics.horizontalAdvance(now + before) + 90 > width - left:
            return
        x = width - EDGE - metrics.horizontalAdvance(before)
        y = px(HEAD) / 2
        painter.setPen(QColor(tokens().ink_2))
        painter.drawText(QRectF(x, 0, width - x, px(HEAD)), Qt.AlignmentFlag.AlignVCenter, before)
        painter.fillRect(QRectF(x - 22, y - 1, 16, 2), QColor(tokens().ink_2))
        x -= 38 + metrics.horizontalAdvance(now)
        painter.drawText(QRectF(x, 0, width - x, px(HEAD)), Qt.AlignmentFlag.AlignVCenter, now)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(tokens().accent))
        painter.drawRoundedRect(QRectF(x - 16, y - 5, 10, 10), 2, 2)

    def draw(self, painter: QPainter, width: int, height: int) -> None:
        """Draw lines at round amounts, a column for each sum, and names where they have room."""
        step, first, last, axis = self._axis()
        top, bottom = px(HEAD) + px(8), height - px(FOOT)
        scale = (bottom - top) / (last - first)
        painter.setFont(font(12))
        for line in range(first, last + 1):
            y = bottom - (line - first) * scale
            painter.setPen(QColor(tokens().line_strong if line == 0 else tokens().line))
            painter.drawLine(axis, int(y), width - EDGE, int(y))
            painter.setPen(QColor(tokens().ink_2))
            side = QRectF(0, y - px(9), axis - 8, px(18))
            words = self._line_text(line, step)
            painter.drawText(side, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter, words)
        zero = bottom + first * scale
        wide = (width - axis) / len(self.rows)
        named = max(max(painter.fontMetrics().horizontalAdvance(row.name) for row in self.rows) + 8, 1)
        each = max(-(-named // int(max(wide, 1))), 1)
        for place, row in enumerate(self.rows):
            middle = axis + (place + 0.5) * wide
            thick = min(wide * COLUMN_SHARE, px(COLUMN_WIDEST))
            tall = row.size * scale / step
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(QColor(tokens().accent if row.size >= 0 else tokens().danger))
            if row.size:
                column = QRectF(middle - thick / 2, zero - max(tall, 0), thick, max(abs(tall), 1))
                painter.drawRoundedRect(column, 3, 3)
            if row.mark:
                self._draw_mark(painter, middle, zero - row.mark * scale / step, min(thick + px(6), wide))
            if place % each == 0:
                painter.setPen(QColor(tokens().ink_2))
                below = QRectF(middle - named, bottom + 2, 2 * named, px(FOOT) - 2)
                painter.drawText(below, Qt.AlignmentFlag.AlignCenter, row.name)

    def _draw_mark(self, painter: QPainter, middle: float, y: float, wide: float) -> None:
        """A line that is seen on the column and beside it."""
        painter.fillRect(QRectF(middle - wide / 2, y - 2, wide, 4), QColor(tokens().surface))
        painter.fillRect(QRectF(middle - wide / 2, y - 1, wide, 2), QColor(tokens().ink_2))


def nice_step(span: int, unit: int) -> int:
    """Give the distance of a few lines across a span: 1, 2 or 5 times a power of ten, and at least one unit."""
    power = unit
    while True:
        for times in NICE:
            if power * times * LINES >= span:
                return power * times
        power *= 10
