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
from PySide6.QtGui import QFont, QFontMetrics, QPainter
from PySide6.QtWidgets import (
    QListView,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QWidget,
)

from pos_app.domain.kinds import BookKind
from pos_app.services.book_search import BookRow
from ui.format import ASKED, Formatter
from ui.models.drawing import draw_text, draw_two_lines, fill_row
from ui.style.theme import font, px, tokens
from ui.widgets.cover import paint_cover

MOST_ROWS = 8
EDGE, GAP, COVER = 12, 12, QSize(26, 37)
# What a title is given before stock and shelf have columns of their own, in pixels of the design.
TITLE_WIDTH, COLUMN = 250, 90
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
        """How many there are; nothing of a service, which is never out of stock."""
        if book.kind == BookKind.SERVICE:
            return ""
        return f"{book.stock} in stock" if book.stock > 0 else "Out of stock"


class ResultsDelegate(QStyledItemDelegate):
    """Draws title, author, shelf, stock and price."""

    def sizeHint(self, option: QStyleOptionViewItem, _index: Index) -> QSize:
        """All rows are alike."""
        return QSize(option.rect.width(), row_height())

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        """Draw one book."""
        model = index.model()
        assert isinstance(model, ResultsModel)  # noqa: S101 - it is set beside this delegate
        book = model.books[index.row()]
        rect: QRect = option.rect
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        fill_row(painter, option)
        top = rect.top() + (rect.height() - COVER.height()) / 2
        paint_cover(painter, QRectF(rect.left() + EDGE, top, COVER.width(), COVER.height()), book.title)
        left, right = rect.left() + EDGE + COVER.width() + GAP, rect.right() - EDGE

        def column(width: int) -> QRect:
            """The next column from the right."""
            nonlocal right
            right -= width
            taken = QRect(right, rect.top(), width, rect.height())
            right -= GAP
            return taken

        price = model.fmt.price(book.price, asked=book.open_price)
        draw_text(painter, column(px(80)), price, right=True, weight=QFont.Weight.Bold)
        stock, shelf = model.stock(book), book.shelf or ""
        parts = [book.author, book.isbn or ""]
        if right - left >= px(TITLE_WIDTH + 2 * COLUMN):
            colour = tokens().ink_2 if book.stock > 0 else tokens().danger
            draw_text(painter, column(px(COLUMN)), stock, colour=colour)
            draw_text(painter, column(px(COLUMN)), shelf, colour=tokens().ink_2)
        else:
            # What tells one edition from another is the end of its title: it has the row to itself.
            parts = [stock, shelf, *parts]
        draw_two_lines(
            painter,
            QRect(left, rect.top(), right - left, rect.height()),
            book.title,
            " · ".join(part for part in parts if part),
        )
        painter.restore()


def row_height() -> int:
    """As high as two lines of text, or a cover, take."""
    lines = QFontMetrics(font(14)).height() + QFontMetrics(font(12)).height()
    return max(COVER.height() + 15, lines + 12)


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
            self.setFixedHeight(min(len(books), MOST_ROWS) * row_height() + 4)
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
