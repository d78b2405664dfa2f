"""All fields of a title, and the card on the shelf."""

from collections.abc import Callable, Mapping
from decimal import Decimal
from pathlib import Path

from PySide6.QtCore import QMarginsF, QRectF, Qt
from PySide6.QtGui import QFont, QPageLayout, QPageSize, QPainter, QPdfWriter
from PySide6.QtWidgets import QGridLayout, QLineEdit, QWidget

from pos_app.domain.kinds import Availability, BookKind
from pos_app.services.book import BookDetail
from pos_app.services.book_edit import Change
from pos_app.services.review import ReviewRow
from pos_app.services.supplier import SupplierView
from ui.widgets.basic import caption
from ui.widgets.fields import Choice
from ui.widgets.sheet import Sheet

TEXTS = {
    "title": "Title", "author": "Author", "isbn": "ISBN", "publisher": "Publisher", "series": "Series",
    "series_number": "Number in series", "published_on": "Published", "format": "Format", "language": "Language",
    "shelf": "Shelf", "description": "Description",
}  # fmt: skip
NEEDED = frozenset({"title", "author"})
SUPPLIES: dict[str, Availability | None] = {
    "Can be ordered": None, "Not published yet": Availability.FORTHCOMING,
    "Not to be had for now": Availability.UNAVAILABLE, "Out of print": Availability.OUT_OF_PRINT,
    "Withdrawn": Availability.WITHDRAWN,
}  # fmt: skip
KINDS = {"Book": BookKind.BOOK, "Other goods": BookKind.OTHER, "Service": BookKind.SERVICE}


class FieldsDialog(Sheet):
    """All fields of a title that the panel has no room for; `changes` holds what differs."""

    def __init__(self, book: BookDetail, suppliers: Mapping[str, int], parent: QWidget) -> None:
        """Show them as they are stored; `suppliers` by what is said of them."""
        super().__init__("All fields", parent, go="Save", width=720)
        self._book = book
        self.changes: dict[str, Change] = {}
        grid = QGridLayout()
        grid.setHorizontalSpacing(12)
        grid.setVerticalSpacing(4)
        self._texts: dict[str, QLineEdit] = {}
        for place, (name, word) in enumerate(TEXTS.items()):
            field = QLineEdit(getattr(book, name) or "")
            field.setCursorPosition(0)
            field.setAccessibleName(word)
            field.setMaxLength(20_000 if name == "description" else 255)
            self._texts[name] = field
            self._place(grid, place, word, field)
        self._kind, self._active, self._supplier, self._supply = Choice(), Choice(), Choice(), Choice()
        self._supplier.setSizeAdjustPolicy(Choice.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        self._supplier.addItem("Nobody yet", None)
        for text, number in suppliers.items():
            self._supplier.addItem(text, number)
        for text, kind in KINDS.items():
            self._kind.addItem(text, kind)
        for text, active in (("Yes", True), ("No", False)):
            self._active.addItem(text, active)
        for text, supply in SUPPLIES.items():
            self._supply.addItem(text, supply)
        for extra, (word, box, value) in enumerate(
            (
                ("Kind", self._kind, list(KINDS.values()).index(book.kind)),
                ("Sold", self._active, int(not book.active)),
                ("Supplier", self._supplier, max(self._supplier.findData(book.usual_supplier), 0)),
                ("Supply", self._supply, list(SUPPLIES.values()).index(book.availability)),
            )
        ):
            box.setAccessibleName(word)
            box.setCurrentIndex(value)
            self._place(grid, len(TEXTS) + extra, word, box)
        self.body.addLayout(grid)
        self._texts["title"].setFocus()
        self._texts["title"].setCursorPosition(0)

    @staticmethod
    def _place(grid: QGridLayout, place: int, word: str, field: QWidget) -> None:
        row, column = divmod(place, 2)
        grid.addWidget(caption(word), 2 * row, column)
        grid.addWidget(field, 2 * row + 1, column)
        grid.setColumnStretch(column, 1)

    def _offered(self, supplier_id: int) -> bool:
        """Whether a supplier can be chosen; one no longer used stays that of its titles until another is chosen."""
        return self._supplier.findData(supplier_id) >= 0

    def submit(self) -> None:
        """Keep what differs."""
        now: dict[str, object] = {
            name: field.text().strip() or ("" if name in NEEDED else None) for name, field in self._texts.items()
        }
        now |= {"kind": list(KINDS.values())[self._kind.currentIndex()], "active": self._active.currentIndex() == 0}
        now["availability"] = list(SUPPLIES.values())[self._supply.currentIndex()]
        if (
            self._supplier.currentIndex()
            or self._book.usual_supplier is None
            or self._offered(self._book.usual_supplier)
        ):
            now["usual_supplier"] = self._supplier.currentData()
        was = {name: getattr(self._book, name) for name in now}
        self.changes = {name: Change(was[name], value) for name, value in now.items() if value != was[name]}
        self.accept()


def supplier_words(row: SupplierView, percent: Callable[[Decimal], str]) -> str:
    """A supplier with its terms, as it is chosen from a list."""
    return f"{row.name} · {percent(row.discount_rate)} off, pay in {row.terms_days} days"


def draw_shelf_talker(path: Path, book: BookDetail, pick: ReviewRow, price: str, *, large: bool = True) -> None:
    """Draw a card for the shelf as PDF, A6 or A7: title, author, who picked it and why, and the price."""
    writer = QPdfWriter(str(path))
    writer.setTitle(f"Staff pick: {book.title}")
    writer.setPageSize(QPageSize(QPageSize.PageSizeId.A6 if large else QPageSize.PageSizeId.A7))
    writer.setPageMargins(QMarginsF(8, 8, 8, 8), QPageLayout.Unit.Millimeter)
    writer.setResolution(300)
    painter = QPainter(writer)
    width, height = float(writer.width()), float(writer.height())
    scale = 1.0 if large else 0.72
    top = 0.0
    wrap = int(Qt.TextFlag.TextWordWrap)
    for text, points, bold, part in (
        (f"{pick.person}’s pick  {'★' * pick.rating}", 12, False, 0.1),
        (book.title, 20, True, 0.3),
        (book.author, 13, False, 0.1),
        (pick.comment, 12, False, 0.38),
        (price, 20, True, 0.12),
    ):
        font = QFont()
        font.setBold(bold)
        room = QRectF(0, top, width, height * part)
        size = points * scale
        # Smaller until it fits: nothing a member of staff wrote is cut.
        while size > 4:  # noqa: PLR2004 - points, about the smallest that can be read
            font.setPointSizeF(size)
            painter.setFont(font)
            if painter.boundingRect(room, wrap, text).height() <= room.height():
                break
            size -= 1
        painter.drawText(room, wrap, text)
        top += height * part
    painter.end()
