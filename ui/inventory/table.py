"""The books as a table."""

import asyncio
from collections.abc import Awaitable, Callable, Collection

from PySide6.QtCore import QEvent, QPoint, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFont, QHelpEvent, QPainter, QPen, QPixmap
from PySide6.QtWidgets import QAbstractItemView, QStyle, QStyledItemDelegate, QStyleOptionViewItem, QTableView, QWidget

from pos_app.services.book import BookDetail
from pos_app.services.book_list import ListOrder, SortBy
from pos_app.services.book_search import BookRow
from ui.format import Formatter
from ui.inventory.columns import COLUMNS, PLACES, state_of, title_lines
from ui.inventory.reasons import beside, marks, reason
from ui.models.drawing import draw_marks, draw_pill, draw_text, draw_two_lines, fill_row, tell_whole
from ui.models.paged import Index, PagedTableModel, Start
from ui.style.theme import font, px, tokens
from ui.widgets.cover import paint_cover

ROW_HEIGHT = 48
COVER = QSize(28, 40)
# What a cell leaves free at its sides. A figure needs less on its left: nothing ends there.
EDGE, FIGURES_EDGE = 8, 2
COVER_ROOM = COVER.width() + 12
COVERS_KEPT = 500
ReadCovers = Callable[[Collection[str]], Awaitable[dict[str, bytes]]]
HEADS = tuple(column.head for column in COLUMNS)
WIDTHS = {place: column.width for place, column in enumerate(COLUMNS) if place}
FIGURES = frozenset(place for place, column in enumerate(COLUMNS) if column.figure)
SEARCHED = frozenset(PLACES[by] for by in (SortBy.AUTHOR, SortBy.ISBN, SortBy.PUBLISHER, SortBy.SERIES))


# What is always seen of a title: its name, and whose it is below.
IN_TITLE = frozenset({PLACES[SortBy.TITLE], PLACES[SortBy.AUTHOR]})


# What the head of the titles says where the list is in no column's order.
BEST_FIRST = " · best match"


class BooksModel(PagedTableModel[BookRow]):
    """Books in some order, or those a search found."""

    def __init__(self, fmt: Formatter, start: Start, covers: ReadCovers) -> None:
        """Take the shop's formats, what starts work, and what reads covers by their digests."""
        super().__init__(HEADS, FIGURES, start)
        self._fmt, self._read_covers = fmt, covers
        self.typed = ""
        # Small, and as many as are seen in a few pages; an empty one is still on the way, or cannot be read.
        self._covers: dict[str, QPixmap] = {}
        self._wanted: list[str] = []
        self.show_order(ListOrder())

    def cover(self, row: BookRow) -> QPixmap | None:
        """Give a title's cover if it is here, and ask for it if it is not."""
        digest = row.cover_image
        if digest is None:
            return None
        if digest not in self._covers:
            self._covers[digest] = QPixmap()
            self._wanted.append(digest)
            if len(self._wanted) == 1:
                self._start(self._take_covers())
        return self._covers[digest]

    async def _take_covers(self) -> None:
        # All that one painting asked for are read at once.
        await asyncio.sleep(0)
        digests, self._wanted = self._wanted[-COVERS_KEPT:], []
        keep, smooth = Qt.AspectRatioMode.KeepAspectRatio, Qt.TransformationMode.SmoothTransformation
        try:
            found = await self._read_covers(digests)
        except BaseException:
            for digest in digests:
                # Asked for again when it is looked at again.
                self._covers.pop(digest, None)
            raise
        for digest, content in found.items():
            self._covers[digest] = _picture(content).scaled(COVER * 2, keep, smooth)
        while len(self._covers) > COVERS_KEPT:
            self._covers.pop(next(iter(self._covers)))
        if self.row_count():
            self.changed(0, self.row_count() - 1)

    def show_order(self, order: ListOrder) -> None:
        """Say at the head of a column that the list is sorted by it, and which way."""
        arrow = "↓" if order.descending else "↑"
        # What matches best comes first only where something is searched.
        by = SortBy.TITLE if order.by is SortBy.MATCH and not self.typed.strip() else order.by
        self._heads = [f"{column.head} {arrow}" if column.by is by else column.head for column in COLUMNS]
        if by is SortBy.MATCH:
            self._heads[0] += BEST_FIRST
        self.headerDataChanged.emit(Qt.Orientation.Horizontal, 0, len(HEADS) - 1)

    def text(self, row: BookRow, column: int) -> str:
        """Say a cell."""
        return COLUMNS[column].text(row, self._fmt)


class BooksDelegate(QStyledItemDelegate):
    """Draws a book: cover, title and author in two lines, its state as a pill, and what was searched marked."""

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
            self._draw(painter, rect, index.column(), book, model, option.widget)
        if option.state & QStyle.StateFlag.State_Selected and index.column() in getattr(option.widget, "block", ()):
            # What would be copied: a column of the block in a row that is chosen.
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.setPen(QPen(QColor(tokens().focus), 1))
            painter.drawRect(rect.adjusted(0, 0, -1, -2))
        if option.state & QStyle.StateFlag.State_HasFocus:
            # Which cell the keys are about to change.
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.setPen(QPen(QColor(tokens().focus), 2))
            painter.drawRoundedRect(QRectF(rect).adjusted(2, 2, -2, -3), 4, 4)
        painter.restore()

    def helpEvent(self, event: QHelpEvent, view: QAbstractItemView, option: QStyleOptionViewItem, index: Index) -> bool:
        """Say whole what is cut in a cell under the mouse."""
        model = index.model()
        book = model.row(index.row()) if isinstance(model, BooksModel) else None
        if book is None or event.type() != QEvent.Type.ToolTip or COLUMNS[index.column()].by is SortBy.STATE:
            return super().helpEvent(event, view, option, index)
        if COLUMNS[index.column()].by is SortBy.TITLE:
            upper, lower = title_lines(book)
            lower = " · ".join(part for part in (lower, _reason(view, model, book)) if part)
            lines = [(upper, font(14, QFont.Weight.Medium)), (lower, font(12))]
            return tell_whole(event, view, text_room(option.rect, index.column()).width(), lines)
        room = text_room(option.rect, index.column()).width()
        return tell_whole(event, view, room, [(str(index.data() or ""), font(14))])

    def _draw(  # noqa: PLR0913 - a cell, and what it is of
        self, painter: QPainter, rect: QRect, place: int, book: BookRow, model: BooksModel, view: QWidget
    ) -> None:
        inner = text_room(rect, place)
        text = model.text(book, place)
        by = COLUMNS[place].by
        if by is SortBy.TITLE:
            where = QRect(QPoint(rect.left() + EDGE, rect.top() + 4), COVER)
            if (picture := model.cover(book)) is not None and not picture.isNull():
                size = picture.size().scaled(COVER, Qt.AspectRatioMode.KeepAspectRatio)
                drawn = QRect(QPoint(0, 0), size)
                drawn.moveCenter(where.center())
                painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
                painter.drawPixmap(drawn, picture)
            else:
                paint_cover(painter, QRectF(where), book.title)
            upper, lower = title_lines(book)
            if model.typed:
                lower = beside(lower, _reason(view, model, book), px(12), inner.width())
            draw_two_lines(
                painter,
                inner,
                upper,
                lower,
                upper_marks=marks(upper, model.typed),
                lower_marks=marks(lower, model.typed),
            )
        elif by is SortBy.STATE:
            draw_pill(painter, rect.adjusted(EDGE, 0, -2, 0), *state_of(book))
        else:
            if place in SEARCHED and model.typed:
                draw_marks(painter, inner, text, font(14), marks(text, model.typed))
            weight = QFont.Weight.Bold if by is SortBy.STOCK else QFont.Weight.Normal
            draw_text(painter, inner, text, right=place in FIGURES, weight=weight)


def text_room(cell: QRect, place: int) -> QRect:
    """Where the text of a column stands in its cell."""
    if COLUMNS[place].by is SortBy.TITLE:
        return cell.adjusted(EDGE + COVER_ROOM, 0, -EDGE, 0)
    return cell.adjusted(FIGURES_EDGE if place in FIGURES else EDGE, 0, -EDGE, 0)


def _reason(view: QWidget, model: object, book: BookRow) -> str:
    """Why a search found a title, where that is in no column shown."""
    if not (isinstance(model, BooksModel) and model.typed and isinstance(view, QTableView)):
        return ""
    shown: list[str] = [*title_lines(book)]
    hidden: list[str] = []
    for place in sorted(SEARCHED - IN_TITLE):
        (hidden if view.isColumnHidden(place) else shown).append(model.text(book, place))
    return reason(model.typed, tuple(shown), tuple(hidden))


def with_changes(row: BookRow, book: BookDetail) -> BookRow:
    """A row after its book was changed."""
    return row._replace(
        version=book.version,
        isbn=book.isbn,
        title=book.title,
        author=book.author,
        category_id=book.category_id,
        category=book.category,
        price=book.price,
        open_price=book.open_price,
        cost=book.cost,
        stock=book.stock,
        reserved=book.reserved,
        reorder_at=book.reorder_at,
        publisher=book.publisher,
        published_on=book.published_on,
        format=book.format,
        language=book.language,
        shelf=book.shelf,
        active=book.active,
        kind=book.kind,
        cover_image=book.cover_image,
    )


def _picture(content: bytes) -> QPixmap:
    """A stored cover, which was checked when it was stored."""
    made = QPixmap()
    made.loadFromData(content)
    return made
