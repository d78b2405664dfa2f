"""The books as a table."""

from dataclasses import replace
from enum import IntEnum

from PySide6.QtCore import QRect, QRectF
from PySide6.QtGui import QFont, QPainter
from PySide6.QtWidgets import QStyledItemDelegate, QStyleOptionViewItem

from pos_app.services.book import BookDetail
from pos_app.services.book_search import BookRow
from ui.format import Formatter
from ui.models.drawing import draw_pill, draw_text, draw_two_lines, fill_row
from ui.models.paged import Index, PagedTableModel, Start
from ui.widgets.cover import paint_cover

ROW_HEIGHT = 48


class Column(IntEnum):
    """What the columns hold."""

    TITLE = 0
    ISBN = 1
    CATEGORY = 2
    PRICE = 3
    STOCK = 4
    REORDER = 5
    STATE = 6


HEADS = ("Title", "ISBN", "Category", "Price", "Stock", "Reorder at", "State")
WIDTHS = {
    Column.ISBN: 146,
    Column.CATEGORY: 128,
    Column.PRICE: 78,
    Column.STOCK: 64,
    Column.REORDER: 88,
    Column.STATE: 112,
}
FIGURES = frozenset({Column.PRICE, Column.STOCK, Column.REORDER})


def state_of(book: BookRow) -> tuple[str, str]:
    """A book's state in words and in kind."""
    if not book.active:
        return "Inactive", "off"
    if book.stock <= 0:
        return "Out", "bad"
    return ("Low", "warn") if book.stock < book.reorder_at else ("In stock", "ok")


class BooksModel(PagedTableModel[BookRow]):
    """Books by title, or those a search found."""

    def __init__(self, fmt: Formatter, start: Start) -> None:
        """Take the shop's formats."""
        super().__init__(HEADS, FIGURES, start)
        self._fmt = fmt

    def text(self, row: BookRow, column: int) -> str:
        """Say a cell."""
        match column:
            case Column.TITLE:
                return row.title
            case Column.ISBN:
                return row.isbn or ""
            case Column.CATEGORY:
                return row.category or ""
            case Column.PRICE:
                return self._fmt.amount(row.price)
            case Column.STOCK:
                return str(row.stock)
            case Column.REORDER:
                return str(row.reorder_at)
            case _:
                return state_of(row)[0]


class BooksDelegate(QStyledItemDelegate):
    """Draws a book: cover, title and author in two lines, its state as a pill."""

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        """Draw one cell."""
        rect: QRect = option.rect
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        fill_row(painter, option)
        model = index.model()
        assert isinstance(model, BooksModel)  # noqa: S101 - it is set beside this delegate
        book = model.row(index.row())
        if book is not None:
            self._draw(painter, rect, index.column(), book, model)
        painter.restore()

    def _draw(self, painter: QPainter, rect: QRect, column: int, book: BookRow, model: BooksModel) -> None:
        inner = rect.adjusted(12, 0, -12, 0)
        text = model.text(book, column)
        if column == Column.TITLE:
            paint_cover(painter, QRectF(rect.left() + 12, rect.top() + 4, 28, 40), book.title)
            draw_two_lines(painter, rect.adjusted(64, 0, -8, 0), book.title, book.author)
        elif column == Column.STATE:
            draw_pill(painter, inner, *state_of(book))
        else:
            weight = QFont.Weight.Bold if column == Column.STOCK else QFont.Weight.Normal
            draw_text(painter, inner, text, right=column in FIGURES, weight=weight)


def with_changes(row: BookRow, book: BookDetail) -> BookRow:
    """A row after its book was changed."""
    return replace(
        row,
        version=book.version,
        category_id=book.category_id,
        category=book.category,
        price=book.price,
        stock=book.stock,
        reorder_at=book.reorder_at,
        active=book.active,
    )
