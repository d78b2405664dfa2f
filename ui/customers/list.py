"""Customers in a list: who they are, how to reach them, and what waits for them."""

from PySide6.QtCore import QAbstractListModel, QModelIndex, QPersistentModelIndex, QRect, QSize, Qt, Signal
from PySide6.QtGui import QFontMetrics, QPainter
from PySide6.QtWidgets import QListView, QStyledItemDelegate, QStyleOptionViewItem

from pos_app.services.customer import CustomerRow
from ui.format import Formatter
from ui.models.drawing import draw_pill, draw_text, draw_two_lines, fill_row, pill_width
from ui.style.theme import font, px, tokens

ROW_HEIGHT = 52
EDGE, GAP = 14, 12
Index = QModelIndex | QPersistentModelIndex


def waiting_words(customer: CustomerRow) -> str:
    """What waits for a customer: 1 order ready; 2 orders waiting, 1 ready; empty for nothing."""
    if not customer.waiting:
        return ""
    orders = "1 order" if customer.waiting == 1 else f"{customer.waiting} orders"
    if customer.ready == customer.waiting:
        return f"{orders} ready"
    return f"{orders} waiting" + (f", {customer.ready} ready" if customer.ready else "")


def waiting_short(customer: CustomerRow) -> str:
    """The same where there is little room: 1 ready, 2 waiting."""
    if not customer.waiting:
        return ""
    return f"{customer.ready} ready" if customer.ready else f"{customer.waiting} waiting"


def account_words(customer: CustomerRow, fmt: Formatter) -> str:
    """What a customer owes of what they may: £12.00 of £100.00; empty without an account."""
    if not customer.credit_limit and not customer.balance:
        return ""
    return f"{fmt.money(customer.balance)} of {fmt.money(customer.credit_limit)}"


def contact_words(customer: CustomerRow) -> str:
    """How to reach a customer, and their card."""
    card = f"Card {customer.card}" if customer.card else ""
    return " · ".join(part for part in (customer.phone, customer.email, card) if part)


class CustomersModel(QAbstractListModel):
    """Customers, the best first."""

    def __init__(self, fmt: Formatter) -> None:
        """Start empty."""
        super().__init__()
        self.fmt = fmt
        self.rows: list[CustomerRow] = []

    def show(self, rows: list[CustomerRow]) -> None:
        """Show other customers."""
        self.beginResetModel()
        self.rows = rows
        self.endResetModel()

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008 - signature of Qt
        """One row a customer."""
        return 0 if parent.isValid() else len(self.rows)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        """A customer in words, for assistive programs."""
        if role not in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.AccessibleTextRole):
            return None
        row = self.rows[index.row()]
        account = account_words(row, self.fmt)
        loyal = row.loyalty.words if row.loyalty is not None else ""
        said = (row.name, contact_words(row), f"Account {account}" if account else "", loyal, waiting_words(row))
        return ", ".join(part for part in said if part)


class CustomersDelegate(QStyledItemDelegate):
    """Draws name and contacts, and at the right the account and what waits."""

    def sizeHint(self, option: QStyleOptionViewItem, _index: Index) -> QSize:
        """All rows are alike."""
        return QSize(option.rect.width(), px(ROW_HEIGHT))

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        """Draw one customer."""
        model = index.model()
        assert isinstance(model, CustomersModel)  # noqa: S101 - it is set beside this delegate
        row = model.rows[index.row()]
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        fill_row(painter, option)
        rect: QRect = option.rect.adjusted(EDGE, 0, -EDGE, 0)
        right = rect.right()
        if words := waiting_words(row):
            width = pill_width(words)
            pill = QRect(right - width, rect.top(), width, rect.height())
            draw_pill(painter, pill, words, "ok" if row.ready else "info")
            right = pill.left() - GAP
        if words := account_words(row, model.fmt):
            width = QFontMetrics(font(14)).horizontalAdvance(words) + 2
            # What is owed beyond the limit is told by its colour and, as everywhere, by its figures.
            colour = tokens().danger if row.balance > row.credit_limit else tokens().ink_2
            draw_text(painter, QRect(right - width, rect.top(), width, rect.height()), words, colour=colour)
            right -= width + GAP
        draw_two_lines(
            painter, QRect(rect.left(), rect.top(), right - rect.left(), rect.height()), row.name, _below(row)
        )
        painter.restore()


def _below(row: CustomerRow) -> str:
    return contact_words(row) or "No phone, email or card"


class CustomersList(QListView):
    """A list of customers, one of them chosen."""

    chosen_changed = Signal()

    def __init__(self, fmt: Formatter, name: str = "Customers") -> None:
        """Take the accessible name."""
        super().__init__()
        self._model = CustomersModel(fmt)
        self.setAccessibleName(name)
        self.setModel(self._model)
        self.setItemDelegate(CustomersDelegate(self))
        self.setUniformItemSizes(True)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.selectionModel().currentChanged.connect(lambda _now, _before: self.chosen_changed.emit())

    def show_rows(self, rows: list[CustomerRow], *, choose: bool = True) -> None:
        """Show customers, and choose the first."""
        self._model.show(rows)
        if rows and choose:
            self.setCurrentIndex(self._model.index(0, 0))
        self.chosen_changed.emit()

    @property
    def rows(self) -> list[CustomerRow]:
        """What is shown."""
        return self._model.rows

    def move_choice(self, step: int) -> None:
        """Choose the next or the last one."""
        row = min(max(self.currentIndex().row() + step, 0), self._model.rowCount() - 1)
        self.setCurrentIndex(self._model.index(row, 0))

    def chosen(self) -> CustomerRow | None:
        """The customer chosen."""
        row = self.currentIndex().row()
        return self._model.rows[row] if 0 <= row < len(self._model.rows) else None
