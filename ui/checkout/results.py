"""The books found while somebody types, under the entry field."""

from PySide6.QtCore import (
    QAbstractListModel,
    QModelIndex,
    QPersistentModelIndex,
    QRect,
    QRectF,
    QSize,
    Qt,
)
from PySide6.QtGui import QFont, QPainter
from PySide6.QtWidgets import (
    QListView,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QWidget,
)

from pos_app.services.book_search import BookRow
from ui.format import ASKED, Formatter
from ui.models.drawing import draw_text, draw_two_lines, fill_row
from ui.style.theme import tokens
from ui.widgets.cover import paint_cover

ROW_HEIGHT = 52
MOST_ROWS = 8
Index = QModelIndex | QPersistentModelIndex


class ResultsModel(QAbstractListModel):
    """The books found, the best first."""

    def __init__(self, fmt: Formatter) -> None:
        """Start empty."""
        super().__init__()
        self.fmt = fmt
        self.books: list[BookRow] = []

    def show(self, books: list[BookRow]) -> None:
        """Show other books."""
        self.beginResetModel()
        self.books = books
        self.endResetModel()

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008 - signature of Qt
        """One row a book."""
        return 0 if parent.isValid() else len(self.books)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        """A book in words, for assistive programs."""
        if role not in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.AccessibleTextRole):
            return None
        book = self.books[index.row()]
        return ", ".join(part for part in (book.title, book.author, self.price(book), self.stock(book)) if part)

    def price(self, book: BookRow) -> str:
        """What it costs."""
        return ASKED if book.open_price else self.fmt.money(book.price)

    @staticmethod
    def stock(book: BookRow) -> str:
        """How many there are."""
        return f"{book.stock} in stock" if book.stock > 0 else "Out of stock"


class ResultsDelegate(QStyledItemDelegate):
    """Draws title, author, shelf, stock and price."""

    def sizeHint(self, option: QStyleOptionViewItem, _index: Index) -> QSize:
        """All rows are alike."""
        return QSize(option.rect.width(), ROW_HEIGHT)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        """Draw one book."""
        model = index.model()
        assert isinstance(model, ResultsModel)  # noqa: S101 - it is set beside this delegate
        book = model.books[index.row()]
        rect: QRect = option.rect
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        fill_row(painter, option)
        paint_cover(painter, QRectF(rect.left() + 12, rect.top() + 7, 26, 37), book.title)
        where = " · ".join(part for part in (book.author, book.isbn or "") if part)
        draw_two_lines(painter, rect.adjusted(52, 0, -310, 0), book.title, where)
        right = rect.right()
        draw_text(painter, QRect(right - 300, rect.top(), 90, rect.height()), book.shelf or "", colour=tokens().ink_2)
        colour = tokens().ink_2 if book.stock > 0 else tokens().danger
        draw_text(painter, QRect(right - 210, rect.top(), 110, rect.height()), model.stock(book), colour=colour)
        price = QRect(right - 100, rect.top(), 88, rect.height())
        draw_text(
            painter, price, model.fmt.price(book.price, asked=book.open_price), right=True, weight=QFont.Weight.Bold
        )
        painter.restore()


class ResultsList(QListView):
    """A list that lies over the sale while there is something to choose."""

    def __init__(self, parent: QWidget, model: ResultsModel) -> None:
        """Start hidden."""
        super().__init__(parent)
        self.setProperty("role", "results")
        self.setAccessibleName("Books found")
        self.setModel(model)
        self.setItemDelegate(ResultsDelegate(self))
        self.setUniformItemSizes(True)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._model = model
        self.hide()

    def show_books(self, books: list[BookRow]) -> None:
        """Show books and choose the first; hide when there are none."""
        self._model.show(books)
        self.setVisible(bool(books))
        if books:
            self.setFixedHeight(min(len(books), MOST_ROWS) * ROW_HEIGHT + 4)
            self.setCurrentIndex(self._model.index(0, 0))
            self.raise_()

    def move_choice(self, step: int) -> None:
        """Choose the next or the last book."""
        row = min(max(self.currentIndex().row() + step, 0), self._model.rowCount() - 1)
        self.setCurrentIndex(self._model.index(row, 0))

    def chosen(self) -> BookRow | None:
        """The book chosen, while the list is shown."""
        row = self.currentIndex().row()
        return self._model.books[row] if self.isVisible() and 0 <= row < len(self._model.books) else None
