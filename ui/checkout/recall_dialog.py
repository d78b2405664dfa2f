"""F7 where several baskets wait: which one."""

from datetime import datetime

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QRect, QSize, Qt
from PySide6.QtGui import QFont, QFontMetrics, QPainter
from PySide6.QtWidgets import QListWidget, QListWidgetItem, QStyledItemDelegate, QStyleOptionViewItem, QWidget

from pos_app.services.cart_park import ParkedCart
from ui.format import Formatter
from ui.models.drawing import draw_text, draw_two_lines, fill_row
from ui.style.theme import font, px
from ui.widgets.sheet import Sheet

MINUTES_PER_HOUR = 60
MOST_ROWS, RING = 7, 2
PARTS = Qt.ItemDataRole.UserRole
Index = QModelIndex | QPersistentModelIndex


def age(parked_at: datetime, now: datetime) -> str:
    """How long a basket has waited, in words."""
    minutes = max(int((now - parked_at).total_seconds() // 60), 0)
    if minutes < 1:
        return "just now"
    if minutes < MINUTES_PER_HOUR:
        return f"{minutes} min ago"
    hours = minutes // MINUTES_PER_HOUR
    return f"{hours} h ago" if hours < 24 else f"{hours // 24} d ago"  # noqa: PLR2004 - hours in a day


def row_height() -> int:
    """Two lines, and room to touch them."""
    return px(52)


class WaitingDelegate(QStyledItemDelegate):
    """Draws a basket: whose it is and what it comes to; under it how long it has waited, and where it was parked."""

    def sizeHint(self, option: QStyleOptionViewItem, _index: Index) -> QSize:
        """All rows are alike."""
        return QSize(option.rect.width(), row_height())

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        """Draw one basket."""
        who, about, total = index.data(PARTS)
        inner: QRect = option.rect.adjusted(12, 0, -12, 0)
        painter.save()
        fill_row(painter, option)
        room = QFontMetrics(font(14, QFont.Weight.Bold)).horizontalAdvance(total)
        draw_text(painter, inner, total, right=True, weight=QFont.Weight.Bold)
        draw_two_lines(painter, inner.adjusted(0, 0, -room - 16, 0), who, about)
        painter.restore()


class WaitingList(QListWidget):
    """A list whose rows leave the ring of the focus to be seen."""

    def __init__(self) -> None:
        """Start empty."""
        super().__init__()
        self.setViewportMargins(RING, RING, RING, RING)


class RecallDialog(Sheet):
    """The baskets that wait, with what tells them apart."""

    def __init__(self, waiting: list[ParkedCart], fmt: Formatter, now: datetime, parent: QWidget) -> None:
        """Take the baskets, the newest first."""
        super().__init__("Recall", parent, go="Take it up", width=620)
        self._waiting = waiting
        self._list = WaitingList()
        self._list.setAccessibleName("Parked sales")
        self._list.setUniformItemSizes(True)
        self._list.setMinimumHeight(row_height() * min(max(len(waiting), 3), MOST_ROWS) + 4 * RING)
        self._list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._list.setItemDelegate(WaitingDelegate(self._list))
        for one in waiting:
            who = one.note or one.customer or one.first_title
            items = "1 item" if one.item_count == 1 else f"{one.item_count} items"
            mark = "Training · " if one.training else ""
            about = f"{mark}{age(one.parked_at, now)} · {items} · {one.operator}, till {one.till}"
            # What a screen reader reads; on the screen it stands in two lines.
            item = QListWidgetItem(f"{who} · {fmt.money(one.total)} · {about}")
            item.setData(PARTS, (who, about, fmt.money(one.total)))
            self._list.addItem(item)
        self._list.setCurrentRow(0)
        self._list.itemActivated.connect(lambda _: self.submit())
        self.body.addWidget(self._list)
        self._list.setFocus(Qt.FocusReason.OtherFocusReason)

    @property
    def chosen(self) -> ParkedCart:
        """The basket chosen."""
        return self._waiting[self._list.currentRow()]
