"""The board: a column of cards for each status an order stands in until it is with its customer."""

from collections.abc import Mapping, Sequence

from PySide6.QtCore import QEvent, QModelIndex, QObject, Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from pos_app.clock import Clock
from pos_app.domain.order_status import OrderStatus
from pos_app.services.order_view import OPEN_STATUSES, OrderRow
from ui.format import Formatter
from ui.models.paged import Start
from ui.orders.table import CARD_HEIGHT, CardsDelegate, OrdersModel
from ui.style.theme import px
from ui.widgets.basic import label, panel
from ui.widgets.table import ListTable

NAMES = {OrderStatus.PENDING: "Pending", OrderStatus.CONFIRMED: "Confirmed", OrderStatus.SHIPPED: "Ready or sent"}
# More cards than anybody looks through: the list has them all.
MOST_CARDS = 100


class Board(QWidget):
    """Three columns; one card is chosen at a time, and arrows go from card to card and from column to column."""

    chosen = Signal(int)

    def __init__(self, fmt: Formatter, clock: Clock, start: Start) -> None:
        """Lay the columns out empty."""
        super().__init__()
        across = QHBoxLayout(self)
        across.setContentsMargins(0, 0, 0, 0)
        across.setSpacing(8)
        self._fmt = fmt
        self.models: dict[OrderStatus, OrdersModel] = {}
        self.tables: dict[OrderStatus, ListTable] = {}
        self._heads = {}
        for status in OPEN_STATUSES:
            frame = panel()
            column = QVBoxLayout(frame)
            column.setContentsMargins(1, 8, 1, 1)
            column.setSpacing(6)
            head = label(NAMES[status], "title")
            head.setContentsMargins(12, 0, 8, 0)
            column.addWidget(head)
            model = OrdersModel(fmt, clock, start, cards=True)
            table = ListTable(f"{NAMES[status]} orders", model, CardsDelegate(), {}, px(CARD_HEIGHT))
            table.horizontalHeader().hide()
            table.selectionModel().currentRowChanged.connect(
                lambda now, _before, status=status: self._row_chosen(status, now)
            )
            table.installEventFilter(self)
            column.addWidget(table, 1)
            across.addWidget(frame, 1)
            self.models[status], self.tables[status], self._heads[status] = model, table, head

    def show_rows(self, rows: Mapping[OrderStatus, Sequence[OrderRow]], counts: Mapping[OrderStatus, int]) -> None:
        """Show other cards; the one chosen stays chosen where it has gone, and each column where it was scrolled to."""
        kept, focused = self.current_id, next((one for one, table in self.tables.items() if table.hasFocus()), None)
        for status, model in self.models.items():
            mine = list(rows[status])
            table = self.tables[status]
            scrolled = table.verticalScrollBar().value()

            async def fetch(first: int, count: int, mine: Sequence[OrderRow] = mine) -> Sequence[OrderRow]:
                return mine[first : first + count]

            model.show(len(mine), mine, fetch)
            table.verticalScrollBar().setValue(scrolled)
            more = f", {self._fmt.count(MOST_CARDS)} shown" if counts[status] > len(mine) else ""
            self._heads[status].setText(f"{NAMES[status]} {self._fmt.count(counts[status])}{more}")
        if kept is not None:
            self.choose(kept, focus=focused is not None)

    @property
    def current_id(self) -> int | None:
        """The order chosen."""
        for status, table in self.tables.items():
            row = self.models[status].row(table.currentIndex().row()) if table.currentIndex().isValid() else None
            if row is not None and table.selectionModel().hasSelection():
                return row.id
        return None

    def choose(self, order_id: int, *, focus: bool = False) -> bool:
        """Choose a card; gives whether it is on the board."""
        for status, model in self.models.items():
            for place, row in model.loaded():
                if row.id == order_id:
                    self.tables[status].setCurrentIndex(model.index(place, 0))
                    if focus:
                        self.tables[status].setFocus()
                    return True
        return False

    def focus_board(self) -> None:
        """Go to the card chosen, or the first there is."""
        for table in self.tables.values():
            if table.currentIndex().isValid() and table.selectionModel().hasSelection():
                table.setFocus()
                return
        for status, table in self.tables.items():
            if self.models[status].row_count():
                table.setCurrentIndex(self.models[status].index(0, 0))
                table.setFocus()
                return

    def mark(self, ids: frozenset[int]) -> None:
        """Mark cards as just changed."""
        for model in self.models.values():
            model.mark(ids)

    def _row_chosen(self, status: OrderStatus, now: QModelIndex) -> None:
        row = self.models[status].row(now.row()) if now.isValid() else None
        if row is None:
            return
        for other, table in self.tables.items():
            if other is not status:
                table.clearSelection()
                table.setCurrentIndex(QModelIndex())
        self.chosen.emit(row.id)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Left and right go to the next column that has cards, at about the same height."""
        if event.type() == QEvent.Type.KeyPress and isinstance(event, QKeyEvent) and not event.modifiers():
            step = {Qt.Key.Key_Left: -1, Qt.Key.Key_Right: 1}.get(Qt.Key(event.key()))
            here = next((status for status, table in self.tables.items() if table is watched), None)
            if step is not None and here is not None:
                self._go(here, step)
                return True
        return super().eventFilter(watched, event)

    def _go(self, here: OrderStatus, step: int) -> None:
        order = list(self.tables)
        place, row = order.index(here) + step, self.tables[here].currentIndex().row()
        while 0 <= place < len(order):
            status = order[place]
            if count := self.models[status].row_count():
                self.tables[status].setFocus()
                self.tables[status].setCurrentIndex(self.models[status].index(min(max(row, 0), count - 1), 0))
                return
            place += step
