"""The orders as a table."""

from datetime import datetime
from enum import IntEnum

from PySide6.QtCore import QRect
from PySide6.QtGui import QFont, QPainter
from PySide6.QtWidgets import QStyledItemDelegate, QStyleOptionViewItem

from pos_app.clock import Clock
from pos_app.domain.order_status import OrderKind, OrderStatus
from pos_app.services.order_view import OrderRow
from ui.format import Formatter
from ui.models.drawing import draw_pill, draw_text, fill_row
from ui.models.paged import Index, PagedTableModel, Start

ROW_HEIGHT = 52


class Column(IntEnum):
    """What the columns hold; the customer takes the room that is left."""

    CUSTOMER = 0
    ORDER = 1
    ITEMS = 2
    TOTAL = 3
    PLACED = 4
    STATUS = 5


HEADS = ("Customer", "Order", "Items", "Total", "Placed", "Status")
WIDTHS = {Column.ORDER: 112, Column.ITEMS: 104, Column.TOTAL: 104, Column.PLACED: 130, Column.STATUS: 124}
NARROW_WIDTHS = {Column.ORDER: 108, Column.ITEMS: 0, Column.TOTAL: 86, Column.PLACED: 108, Column.STATUS: 116}
FIGURES = frozenset({Column.TOTAL})
STATUS = {
    OrderStatus.PENDING: ("Pending", "info"),
    OrderStatus.CONFIRMED: ("Confirmed", "ok"),
    OrderStatus.SHIPPED: ("Shipped", "warn"),
    OrderStatus.DELIVERED: ("Delivered", "off"),
    OrderStatus.CANCELLED: ("Cancelled", "bad"),
}


def who(row: OrderRow) -> str:
    """Whose order it is."""
    return row.customer or ("Counter sale" if row.kind is OrderKind.SALE else "No name")


def pieces(count: int) -> str:
    """How many things."""
    return "1 item" if count == 1 else f"{count} items"


class OrdersModel(PagedTableModel[OrderRow]):
    """Orders, newest first."""

    def __init__(self, fmt: Formatter, clock: Clock, start: Start) -> None:
        """Take the shop's formats, and the clock that says what is today."""
        super().__init__(HEADS, FIGURES, start)
        self._fmt, self._clock = fmt, clock

    @property
    def now(self) -> datetime:
        """The time that "today" is about."""
        return self._clock.now()

    def text(self, row: OrderRow, column: int) -> str:
        """Say a cell."""
        match column:
            case Column.CUSTOMER:
                return who(row)
            case Column.ORDER:
                return row.number
            case Column.ITEMS:
                return pieces(row.item_count)
            case Column.TOTAL:
                return self._fmt.money(row.total)
            case Column.PLACED:
                return self._fmt.recent(row.placed_at, self.now)
            case _:
                return STATUS[row.status][0]


class OrdersDelegate(QStyledItemDelegate):
    """Draws an order, its status as a pill."""

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        """Draw one cell."""
        rect: QRect = option.rect
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        fill_row(painter, option)
        model = index.model()
        assert isinstance(model, OrdersModel)  # noqa: S101 - it is set beside this delegate
        row = model.row(index.row())
        if row is not None:
            inner = rect.adjusted(12, 0, -12, 0)
            if index.column() == Column.STATUS:
                draw_pill(painter, inner, *STATUS[row.status])
            else:
                strong = {Column.ORDER: QFont.Weight.Bold, Column.CUSTOMER: QFont.Weight.Medium}
                weight = strong.get(Column(index.column()), QFont.Weight.Normal)
                text = model.text(row, index.column())
                draw_text(painter, inner, text, right=index.column() in FIGURES, weight=weight)
        painter.restore()
