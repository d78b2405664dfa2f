"""Taking books back: the lines of a sale to tick, and what goes back to which tender."""

from PySide6.QtCore import QAbstractItemModel, QEvent, QRect, QRectF, Qt, Signal
from PySide6.QtGui import QColor, QFont, QMouseEvent, QPainter, QPen
from PySide6.QtWidgets import QStyledItemDelegate, QStyleOptionViewItem

from pos_app.domain.kinds import BookKind
from pos_app.services.cart_return import ReturnLine, ReturnView
from pos_app.services.gift_card import masked
from ui.format import Formatter
from ui.models.drawing import draw_reduced, draw_text, draw_two_lines, fill_row
from ui.models.table import Index, TableModel
from ui.style import icons
from ui.style.theme import px, tokens
from ui.widgets.table import ListTable

HEADS = ("Item", "Returning", "Discount", "Refund")
WIDTHS = {1: 130, 2: 150, 3: 110}
NARROW_WIDTHS = {1: 118, 2: 0, 3: 86}
ROW_HEIGHT, BOX = 56, 22


class ReturnModel(TableModel):
    """A sale's lines, ticked where they come back."""

    def __init__(self, fmt: Formatter) -> None:
        """Start empty."""
        super().__init__(HEADS, frozenset(WIDTHS))
        self.fmt = fmt
        self.lines: tuple[ReturnLine, ...] = ()

    def show(self, view: ReturnView | None) -> None:
        """Show a sale as it now stands."""
        new = view.lines if view is not None else ()
        if len(new) == len(self.lines):
            self.lines = new
            self.changed(0, len(new) - 1)
            return
        self.beginResetModel()
        self.lines = new
        self.endResetModel()

    def row_count(self) -> int:
        """One row a line."""
        return len(self.lines)

    def cell(self, row: int, column: int) -> str:
        """Say a cell."""
        line = self.lines[row]
        match column:
            case 0:
                return line.title
            case 1:
                return self.returning(line)
            case 2:
                return f"{self.fmt.amount(-line.discount)} as sold" if line.discount else ""
            case _:
                return self.fmt.amount(line.refund)

    def returning(self, line: ReturnLine) -> str:
        """How many come back, or when they did."""
        if not line.left:
            when = f" {self.fmt.time(line.returned_at)}" if line.returned_at is not None else ""
            return f"returned{when}"
        return f"{line.coming} of {line.left}"


class ReturnDelegate(QStyledItemDelegate):
    """Draws a tick, two lines of text and figures; what came back before is grey."""

    ticked = Signal(int)
    # Whether the discount has no column of its own.
    narrow = False

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        """Draw one cell."""
        model = index.model()
        assert isinstance(model, ReturnModel)  # noqa: S101 - it is set beside this delegate
        line = model.lines[index.row()]
        rect: QRect = option.rect
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if line.coming:
            painter.fillRect(rect, QColor(tokens().accent_soft))
        else:
            fill_row(painter, option)
        gone = not line.left
        if index.column() == 0:
            self._draw_box(painter, rect, ticked=bool(line.coming), gone=gone)
            kind = "Service" if line.kind is BookKind.SERVICE else ""
            number = masked(line.gift_card) if line.gift_card else line.isbn or kind
            under = " · ".join(part for part in (line.author, number) if part)
            painter.setOpacity(0.55 if gone else 1)
            draw_two_lines(painter, rect.adjusted(48, 0, -8, 0), line.title, under)
        elif self.narrow and index.column() == len(HEADS) - 1 and not gone and _reduced_whole(line):
            off = model.fmt.amount(-line.discount)
            draw_reduced(painter, rect.adjusted(0, 0, -12, 0), str(index.data()), off, weight=QFont.Weight.Bold)
        else:
            colour = tokens().ink_3 if gone else tokens().accent if index.column() == 2 else tokens().ink  # noqa: PLR2004
            weight = QFont.Weight.Bold if index.column() == len(HEADS) - 1 else QFont.Weight.Normal
            draw_text(painter, rect.adjusted(0, 0, -12, 0), str(index.data()), right=True, colour=colour, weight=weight)
        painter.restore()

    def _draw_box(self, painter: QPainter, rect: QRect, *, ticked: bool, gone: bool) -> None:
        where = QRectF(rect.left() + 12.5, rect.top() + (rect.height() - BOX) / 2 + 0.5, BOX, BOX)
        painter.setPen(QPen(QColor(tokens().line if gone else tokens().line_strong), 1.5))
        painter.setBrush(QColor(tokens().accent if ticked else tokens().surface))
        painter.drawRoundedRect(where, 5, 5)
        if ticked:
            icons.draw(painter, "check", where.adjusted(4, 4, -4, -4), tokens().accent_ink)

    def editorEvent(
        self, event: QEvent, _model: QAbstractItemModel, _option: QStyleOptionViewItem, index: Index
    ) -> bool:
        """Take a press anywhere on the line."""
        if event.type() == QEvent.Type.MouseButtonRelease and isinstance(event, QMouseEvent):
            self.ticked.emit(index.row())
            return True
        return False


def _reduced_whole(line: ReturnLine) -> bool:
    """Whether what was taken off a line belongs to the refund shown beside it: that of some copies has less."""
    return bool(line.discount) and line.quantity in {1, line.coming}


class ReturnTable(ListTable):
    """The lines of the sale that books come back from."""

    def __init__(self, model: ReturnModel) -> None:
        """Set the columns as the mock-up has them."""
        delegate = ReturnDelegate()
        super().__init__("Return lines", model, delegate, WIDTHS, ROW_HEIGHT)
        self.delegate = delegate
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)

    def set_narrow(self, *, narrow: bool) -> None:
        """Leave the titles their room on a small screen: the discount shows under the refund there."""
        for column, width in (NARROW_WIDTHS if narrow else WIDTHS).items():
            self.setColumnWidth(column, px(width))
        self.setColumnHidden(2, narrow)
        self.delegate.narrow = narrow
