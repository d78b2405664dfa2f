"""The orders as a table, and as the cards of the board."""

from datetime import date, datetime, time
from enum import IntEnum

from PySide6.QtCore import QRect, Qt
from PySide6.QtGui import QColor, QFont, QFontMetrics, QPainter
from PySide6.QtWidgets import QStyledItemDelegate, QStyleOptionViewItem, QTableView

from pos_app.clock import Clock
from pos_app.domain.customer_order import Way
from pos_app.domain.order_status import OrderKind, OrderStatus
from pos_app.services.order_view import OPEN_STATUSES, OrderRow
from pos_app.services.shift import business_date
from ui.format import Formatter
from ui.models.drawing import draw_pill, draw_text, draw_two_lines, fill_row
from ui.models.paged import Index, PagedTableModel, Start
from ui.style.theme import font, px, tokens

ROW_HEIGHT = 52
CARD_HEIGHT = 84
EDGE = 4


class Column(IntEnum):
    """What the columns hold; the customer takes the room that is left."""

    CUSTOMER = 0
    ORDER = 1
    ITEMS = 2
    TOTAL = 3
    PLACED = 4
    STATUS = 5


HEADS = ("Customer", "Order", "Items", "Total", "Placed", "Status")
WIDTHS = {Column.ORDER: 112, Column.ITEMS: 92, Column.TOTAL: 96, Column.PLACED: 118, Column.STATUS: 124}
NARROW_WIDTHS = {Column.ORDER: 108, Column.ITEMS: 0, Column.TOTAL: 86, Column.PLACED: 108, Column.STATUS: 126}
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
    """How many things; a document without any took money or gave it back, as a deposit's does."""
    if not count:
        return "money only"
    return "1 item" if count == 1 else f"{count} items"


def state(status: OrderStatus, way: Way | None) -> tuple[str, str]:
    """A status in the words of how the order comes to its customer."""
    if status is OrderStatus.SHIPPED and way is not None:
        return ("Ready", "warn") if way is Way.COLLECT else ("Sent", "warn")
    return STATUS[status]


def short_day(day: date, fmt: Formatter) -> str:
    """A day without its year: 3 Dec."""
    return fmt.day(datetime.combine(day, time(12), fmt.settings.zone))


def remarks(row: OrderRow, today: date, fmt: Formatter) -> str:
    """What is to be known of an order at a glance: what it waits for, what is late, expired or unpaid."""
    follow = row.follow
    if follow is None:
        return ""
    if row.status not in OPEN_STATUSES:
        return f"deposit of {fmt.money(follow.deposit)} to give back" if follow.deposit else ""
    said = []
    if follow.promised_on is not None:
        late = follow.promised_on < today
        said.append(f"{'LATE, promised' if late else 'promised'} {short_day(follow.promised_on, fmt)}")
    if row.status is OrderStatus.SHIPPED and follow.hold_until is not None and follow.hold_until < today:
        said.insert(0, "EXPIRED")
    if follow.to_come:
        whole = follow.held + follow.to_come
        said.append(f"{follow.held} of {whole} held" if follow.held else f"{whole} to come")
    if row.total > follow.deposit:
        # What all of it comes to stands beside it already.
        said.append(f"{fmt.money(row.total - follow.deposit)} to pay" if follow.deposit else "unpaid")
    said += ["told"] if follow.told else []
    return " · ".join(said)


class OrdersModel(PagedTableModel[OrderRow]):
    """Orders, newest first; those that another till just changed are marked."""

    def __init__(self, fmt: Formatter, clock: Clock, start: Start, *, cards: bool = False) -> None:
        """Take the shop's formats, and the clock that says what is today; `cards` have one column."""
        super().__init__(HEADS[:1] if cards else HEADS, FIGURES, start)
        self._fmt, self._clock, self._cards = fmt, clock, cards
        self.marked: frozenset[int] = frozenset()

    @property
    def now(self) -> datetime:
        """The time that "today" is about."""
        return self._clock.now()

    def remarks(self, row: OrderRow) -> str:
        """What is to be known of an order at a glance."""
        said = remarks(row, business_date(self._fmt.settings, self.now), self._fmt)
        return " · ".join(part for part in ("Changed" if row.id in self.marked else "", said) if part)

    def mark(self, ids: frozenset[int]) -> None:
        """Mark other rows as just changed."""
        before, self.marked = self.marked, ids
        for number, row in list(self.loaded()):
            if row.id in before ^ ids:
                self.changed(number, number)

    def text(self, row: OrderRow, column: int) -> str:
        """Say a cell."""
        if self._cards:
            said = (f"Order {row.number}", who(row), pieces(row.item_count), self._fmt.money(row.total))
            return ", ".join(part for part in (*said, self.remarks(row)) if part)
        match column:
            case Column.CUSTOMER:
                return ", ".join(part for part in (who(row), self.remarks(row)) if part)
            case Column.ORDER:
                return row.number
            case Column.ITEMS:
                return pieces(row.item_count)
            case Column.TOTAL:
                return self._fmt.money(row.total)
            case Column.PLACED:
                return self._fmt.recent(row.placed_at, self.now)
            case _:
                return state(row.status, None if row.follow is None else row.follow.way)[0]

    def card(self, row: OrderRow) -> tuple[str, str, str]:
        """A card's three lines."""
        about = f"{row.number} · {pieces(row.item_count)} · {self._fmt.money(row.total)}"
        return who(row), about, self.remarks(row)


def _mark(painter: QPainter, rect: QRect) -> None:
    """The edge of a row that was just changed; the word stands beside it."""
    painter.fillRect(QRect(rect.left(), rect.top(), EDGE, rect.height() - 1), QColor(tokens().warn))


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
            if index.column() == Column.CUSTOMER:
                if row.id in model.marked:
                    _mark(painter, rect)
                # Where the number has no column, it goes before what is to be known.
                table = option.widget
                hidden = isinstance(table, QTableView) and table.isColumnHidden(Column.ORDER)
                number = row.number if hidden else ""
                below = " · ".join(part for part in (number, model.remarks(row)) if part)
                draw_two_lines(painter, inner, who(row), below)
            elif index.column() == Column.STATUS:
                draw_pill(painter, inner, *state(row.status, None if row.follow is None else row.follow.way))
            else:
                weight = QFont.Weight.Bold if index.column() == Column.ORDER else QFont.Weight.Normal
                text = model.text(row, index.column())
                draw_text(painter, inner, text, right=index.column() in FIGURES, weight=weight)
        painter.restore()


class CardsDelegate(QStyledItemDelegate):
    """Draws an order as a card: whose, which, and what is to be known."""

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        """Draw one card."""
        rect: QRect = option.rect
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        fill_row(painter, option)
        model = index.model()
        assert isinstance(model, OrdersModel)  # noqa: S101 - it is set beside this delegate
        row = model.row(index.row())
        if row is not None:
            if row.id in model.marked:
                _mark(painter, rect)
            name, about, said = model.card(row)
            inner = rect.adjusted(12, px(8), -8, -px(8))
            third = inner.height() // 3
            draw_two_lines(painter, QRect(inner.left(), inner.top(), inner.width(), 2 * third), name, about)
            below = QRect(inner.left(), inner.top() + 2 * third, inner.width(), third)
            draw_small(painter, below, said)
        painter.restore()


def draw_small(painter: QPainter, rect: QRect, text: str) -> None:
    """Draw a small line; what is wrong is said in capitals and in the colour of attention."""
    used = font(12, QFont.Weight.Medium)
    painter.setFont(used)
    urgent = text.startswith(("LATE", "EXPIRED", "Changed"))
    painter.setPen(QColor(tokens().warn if urgent else tokens().ink_2))
    shown = QFontMetrics(used).elidedText(text, Qt.TextElideMode.ElideRight, rect.width())
    painter.drawText(rect, Qt.AlignmentFlag.AlignVCenter, shown)
