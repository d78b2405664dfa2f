"""The customers as a table: who they are, what they owe, what their loyalty earned, what waits for them."""

from enum import IntEnum

from PySide6.QtCore import QRect
from PySide6.QtGui import QPainter
from PySide6.QtWidgets import QStyledItemDelegate, QStyleOptionViewItem

from pos_app.services.customer import CustomerRow
from ui.customers.list import account_words, contact_words, waiting_words
from ui.format import Formatter
from ui.models.drawing import draw_pill, draw_text, draw_two_lines, fill_row
from ui.models.paged import Index, PagedTableModel, Start
from ui.style.theme import tokens

ROW_HEIGHT = 52
NO_CONTACT = "No phone, email or card"


class Column(IntEnum):
    """What the columns hold; the customer takes the room that is left."""

    CUSTOMER = 0
    ACCOUNT = 1
    LOYALTY = 2
    WAITING = 3


HEADS = ("Customer", "Account", "Loyalty", "Waiting")
WIDTHS = {Column.ACCOUNT: 150, Column.LOYALTY: 176, Column.WAITING: 150}
FIGURES = frozenset({Column.ACCOUNT})


class CustomersTable(PagedTableModel[CustomerRow]):
    """Customers by name."""

    def __init__(self, fmt: Formatter, start: Start) -> None:
        """Take the shop's formats."""
        super().__init__(HEADS, FIGURES, start)
        self._fmt = fmt

    def text(self, row: CustomerRow, column: int) -> str:
        """Say a cell."""
        match column:
            case Column.CUSTOMER:
                return ", ".join(part for part in (row.name, contact_words(row)) if part)
            case Column.ACCOUNT:
                return account_words(row, self._fmt)
            case Column.LOYALTY:
                return row.loyalty.words if row.loyalty is not None else ""
            case _:
                return waiting_words(row)


class CustomersRowDelegate(QStyledItemDelegate):
    """Draws a customer in two lines, and what waits as a pill."""

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        """Draw one cell."""
        rect: QRect = option.rect
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        fill_row(painter, option)
        model = index.model()
        assert isinstance(model, CustomersTable)  # noqa: S101 - it is set beside this delegate
        row = model.row(index.row())
        if row is not None:
            inner = rect.adjusted(12, 0, -12, 0)
            text = model.text(row, index.column())
            match index.column():
                case Column.CUSTOMER:
                    draw_two_lines(painter, inner, row.name, contact_words(row) or NO_CONTACT, middle=True)
                case Column.WAITING if text:
                    draw_pill(painter, inner, text, "ok" if row.ready else "info")
                case Column.ACCOUNT:
                    # What is owed beyond the limit is told by its colour and, as everywhere, by its figures.
                    colour = tokens().danger if row.balance > row.credit_limit else None
                    draw_text(painter, inner, text, right=True, colour=colour)
                case Column.LOYALTY:
                    draw_text(painter, inner, text)
        painter.restore()
