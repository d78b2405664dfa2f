"""The lines of the sale: model and drawing."""

from enum import IntEnum

from PySide6.QtCore import QAbstractItemModel, QEvent, QModelIndex, QRect, QRectF, Qt, Signal
from PySide6.QtGui import QColor, QFont, QFontMetrics, QMouseEvent, QPainter, QPen
from PySide6.QtWidgets import QStyledItemDelegate, QStyleOptionViewItem

from pos_app.domain.kinds import BookKind
from pos_app.services.cart_view import CartLine, CartView
from pos_app.services.gift_card import masked
from ui.format import Formatter
from ui.models.drawing import draw_reduced, draw_two_lines, fill_row
from ui.models.table import Index, TableModel
from ui.style.theme import font, px, tokens
from ui.widgets.cover import paint_cover
from ui.widgets.table import ListTable

ROW_HEIGHT = 56
STEP = 32


class Column(IntEnum):
    """What the columns hold."""

    TITLE = 0
    QUANTITY = 1
    PRICE = 2
    DISCOUNT = 3
    AMOUNT = 4


HEADS = ("Item", "Quantity", "Price", "Discount", "Amount")
WIDTHS = {Column.QUANTITY: 126, Column.PRICE: 86, Column.DISCOUNT: 86, Column.AMOUNT: 100}
NARROW_WIDTHS = {Column.QUANTITY: 120, Column.PRICE: 70, Column.DISCOUNT: 0, Column.AMOUNT: 82}


class LinesModel(TableModel):
    """Shows a basket; a change of one line changes one row."""

    def __init__(self, fmt: Formatter) -> None:
        """Start empty."""
        super().__init__(HEADS, frozenset(range(1, len(HEADS))))
        self.fmt = fmt
        self.lines: tuple[CartLine, ...] = ()

    def show(self, cart: CartView) -> None:
        """Show a basket as it now stands, touching only what differs."""
        old, new = self.lines, cart.lines
        same = [line.key for line in old] == [line.key for line in new[: len(old)]]
        if not same:
            self.beginResetModel()
            self.lines = new
            self.endResetModel()
            return
        self.lines = new[: len(old)]
        for row, (before, after) in enumerate(zip(old, new, strict=False)):
            if before != after:
                self.changed(row, row)
        if len(new) > len(old):
            self.beginInsertRows(QModelIndex(), len(old), len(new) - 1)
            self.lines = new
            self.endInsertRows()

    def show_none(self) -> None:
        """Show an empty table."""
        self.beginResetModel()
        self.lines = ()
        self.endResetModel()

    def row_count(self) -> int:
        """One row a line."""
        return len(self.lines)

    def cell(self, row: int, column: int) -> str:
        """Say a cell."""
        line = self.lines[row]
        match column:
            case Column.TITLE:
                return line.title
            case Column.QUANTITY:
                return str(line.quantity)
            case Column.PRICE:
                return self.fmt.amount(line.price)
            case Column.DISCOUNT:
                return self.fmt.amount(-line.discount) if line.discount else ""
            case _:
                return self.fmt.amount(line.amount)


class LinesDelegate(QStyledItemDelegate):
    """Draws a line in two rows of text, with a minus and a plus that can be pressed."""

    step = Signal(int, int)

    def __init__(self, fmt: Formatter) -> None:
        """Take how amounts are written."""
        super().__init__()
        self._fmt = fmt
        # Whether the discount has no column of its own.
        self.narrow = False

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        """Draw one cell."""
        rect: QRect = option.rect
        model = index.model()
        assert isinstance(model, LinesModel)  # noqa: S101 - it is set beside this delegate
        line = model.lines[index.row()]
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        fill_row(painter, option)
        text = str(index.data())
        match index.column():
            case Column.TITLE:
                if line.kind is BookKind.BOOK:
                    paint_cover(painter, QRectF(rect.left() + 12, rect.top() + 8, 28, 40), line.title)
                room = rect.adjusted(64, 0, -8, 0)
                title, under = line.title, _under(line, self._fmt, room.width())
                metrics = QFontMetrics(font(14, QFont.Weight.Medium))
                if self.narrow and _is_plain(line) and metrics.horizontalAdvance(title) > room.width():
                    # Of a long title more is said than of who wrote it, but not than of what is out of the ordinary.
                    title, under = _broken(title, room.width())
                draw_two_lines(painter, room, title, under)
            case Column.QUANTITY:
                self._draw_steps(painter, rect, text)
            case Column.PRICE if self.narrow and line.discount:
                draw_reduced(painter, rect.adjusted(0, 0, -12, 0), text, self._fmt.amount(-line.discount))
            case column:
                weight = QFont.Weight.Bold if column == Column.AMOUNT else QFont.Weight.Normal
                painter.setFont(font(14, weight))
                painter.setPen(QColor(tokens().accent if column == Column.DISCOUNT else tokens().ink))
                flags = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
                painter.drawText(rect.adjusted(0, 0, -12, 0), flags, text)
        painter.restore()

    def _draw_steps(self, painter: QPainter, rect: QRect, text: str) -> None:
        minus, plus = _step_rects(rect)
        for where, sign in ((minus, "−"), (plus, "+")):
            painter.setPen(QPen(QColor(tokens().line_strong), 1))
            painter.setBrush(QColor(tokens().surface))
            painter.drawRoundedRect(QRectF(where).adjusted(0.5, 0.5, -0.5, -0.5), 6, 6)
            painter.setPen(QColor(tokens().ink))
            painter.setFont(font(14, QFont.Weight.DemiBold))
            painter.drawText(where, Qt.AlignmentFlag.AlignCenter, sign)
        painter.setFont(font(14, QFont.Weight.Bold))
        between = QRect(minus.right(), rect.top(), plus.left() - minus.right(), rect.height())
        painter.drawText(between, Qt.AlignmentFlag.AlignCenter, text)

    def editorEvent(
        self, event: QEvent, _model: QAbstractItemModel, option: QStyleOptionViewItem, index: Index
    ) -> bool:
        """Take a press of the minus or the plus."""
        if (
            event.type() == QEvent.Type.MouseButtonRelease
            and isinstance(event, QMouseEvent)
            and index.column() == Column.QUANTITY
        ):
            minus, plus = _step_rects(option.rect)
            point = event.position().toPoint()
            if minus.contains(point) or plus.contains(point):
                self.step.emit(index.row(), 1 if plus.contains(point) else -1)
                return True
        return False


def _broken(title: str, width: int) -> tuple[str, str]:
    """A title in two lines: as many words in the first as there is room for."""
    metrics, words = QFontMetrics(font(14, QFont.Weight.Medium)), title.split()
    count = next((n for n in range(len(words), 1, -1) if metrics.horizontalAdvance(" ".join(words[:n])) <= width), 1)
    return " ".join(words[:count]), " ".join(words[count:])


def _under(line: CartLine, fmt: Formatter, width: int) -> str:
    """The smaller line: who wrote it, its number, and what is out of the ordinary; of many authors less is said."""
    kind = "Service" if line.kind is BookKind.SERVICE and not line.gift_card else ""
    before, after = [], [line.isbn or kind]
    if line.cover_price is not None and line.cover_price != line.list_price:
        before.append(f"The cover says {fmt.amount(line.cover_price)}")
    if line.elsewhere:
        before.append(", ".join(f"{pieces} from the {place}" for place, pieces in line.elsewhere))
    if line.comes_back:
        before.append("Comes back")
    if line.available is not None and line.quantity > line.available:
        before.append(f"{line.available} in stock")
    if line.gift_card:
        after.append(masked(line.gift_card))
    why = [one.name for one in line.adjustments]
    if line.note:
        why.append(f"“{line.note}”")
    metrics = QFontMetrics(font(12))
    taken = metrics.horizontalAdvance(_joined(*before, *after, *why) + " · ")
    author = metrics.elidedText(line.author, Qt.TextElideMode.ElideRight, max(width - taken, width // 4))
    if taken + metrics.horizontalAdvance(author) > width:
        # A small screen has room for what is out of the ordinary alone.
        return _joined(*before, *why, *after, line.author)
    return _joined(*before, author, *after, *why)


def _is_plain(line: CartLine) -> bool:
    """Whether nothing of a line is out of the ordinary."""
    short = line.available is not None and line.quantity > line.available
    cover = line.cover_price not in (None, line.list_price)
    return not (short or cover or line.adjustments or line.note or line.elsewhere or line.gift_card)


def _joined(*parts: str) -> str:
    return " · ".join(part for part in parts if part)


def _step_rects(cell: QRect) -> tuple[QRect, QRect]:
    top = cell.top() + (cell.height() - STEP) // 2
    right = cell.right() - 12
    return QRect(right - 2 * STEP - 32, top, STEP, STEP), QRect(right - STEP, top, STEP, STEP)


class LinesTable(ListTable):
    """The table of the sale's lines."""

    def __init__(self, model: LinesModel) -> None:
        """Set the columns as the mock-up has them."""
        delegate = LinesDelegate(model.fmt)
        super().__init__("Sale lines", model, delegate, {}, ROW_HEIGHT)
        self.delegate = delegate
        # The keys that work on lines are taken by the entry field, where the focus stays.
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.set_narrow(narrow=False)

    def set_narrow(self, *, narrow: bool) -> None:
        """Leave the titles their room on a small screen: the discount shows under the price there."""
        for column, width in (NARROW_WIDTHS if narrow else WIDTHS).items():
            self.setColumnWidth(column, width if column is Column.QUANTITY else px(width))
        self.setColumnHidden(Column.DISCOUNT, narrow)
        self.delegate.narrow = narrow

    def choose(self, row: int) -> None:
        """Choose a line, if there is one at this place, and show it."""
        index = self.model().index(row, 0)
        if index.isValid():
            self.setCurrentIndex(index)
            self.scrollTo(index)

    def move_choice(self, step: int) -> None:
        """Choose the next or the last line."""
        self.choose(self.currentIndex().row() + step)
