"""The history of one title: what was changed, by whom, when, from what to what."""

from collections.abc import Iterable
from datetime import datetime

from PySide6.QtCore import Qt
from PySide6.QtGui import QFontMetrics
from PySide6.QtWidgets import QHeaderView, QTableWidget, QTableWidgetItem, QWidget

from pos_app.domain.subject import subject_words
from pos_app.services.book_history import ChangeRow
from pos_app.services.review import REVIEW
from pos_app.services.stock_correction import CORRECTED
from ui.format import Formatter
from ui.languages import language_words
from ui.style.theme import WIDEST, font, px
from ui.widgets.basic import ElidedLabel, label
from ui.widgets.sheet import Sheet
from ui.widgets.tip import plain_tip

FIELDS = {
    "price": "Price", "cost": "Cost", "reorder_at": "Reorder at", "category_id": "Category", "tax_rate_id": "Tax",
    "title": "Title", "author": "Author", "publisher": "Publisher", "shelf": "Shelf", "active": "On sale",
    "description": "Description", "series": "Series", "series_number": "Number in series", "format": "Format",
    "language": "Language", "published_on": "Published", "kind": "Kind", "isbn": "ISBN", "code": "Barcode",
    "open_price": "Price asked for", "cover_image": "Cover", "merged_into": "Merged into",
    "moved_stock": "Stock moved", "supplier": "Supplier", "category": "Category",
    "usual_supplier": "Usual supplier", "supplier_cost": "Supplier’s cost", "availability": "Supply",
    "subjects": "Subjects", CORRECTED: "Stock", REVIEW: "Review",
}  # fmt: skip
HEADS = ("When", "Who", "Field", "Before", "After")
# A moment is never cut; of the next two, no more than this is shown, so that what changed has the rest.
WHO_ROOM, FIELD_ROOM = 140, 150
BESIDE = 20


class HistoryDialog(Sheet):
    """Lists the last hundred changes of one title."""

    def __init__(self, title: str, rows: list[ChangeRow], fmt: Formatter, now: datetime, parent: QWidget) -> None:
        """Take the changes, the newest first, and what the time is: what is not of this year says its own."""
        super().__init__("History", parent, go="Close", width=860)
        self.back.hide()
        self.body.addWidget(ElidedLabel(title, role="title"))
        if not rows:
            self.body.addWidget(label("Nothing was changed yet.", "muted"))
            return
        self.table = QTableWidget(len(rows), len(HEADS))
        self.table.setAccessibleName("History")
        self.table.setHorizontalHeaderLabels(HEADS)
        self.table.verticalHeader().hide()
        self.table.setShowGrid(False)
        self.table.setEditTriggers(QTableWidget.EditTrigger.NoEditTriggers)
        self.table.setSelectionBehavior(QTableWidget.SelectionBehavior.SelectRows)
        self.table.setMinimumHeight(px(300))
        cells = [_cells(row, fmt, now) for row in rows]
        for number, texts in enumerate(cells):
            for column, text in enumerate(texts):
                item = QTableWidgetItem(text)
                item.setToolTip(plain_tip(text))
                self.table.setItem(number, column, item)
        head = self.table.horizontalHeader()
        head.setProperty("role", "close")
        head.setDefaultAlignment(Qt.AlignmentFlag.AlignLeft)
        head.setSectionResizeMode(QHeaderView.ResizeMode.Stretch)
        for column, most in enumerate((WIDEST, px(WHO_ROOM), px(FIELD_ROOM))):
            head.setSectionResizeMode(column, QHeaderView.ResizeMode.Fixed)
            head.resizeSection(column, min(_width([HEADS[column], *(texts[column] for texts in cells)]), most))
        self.body.addWidget(self.table)


def _cells(row: ChangeRow, fmt: Formatter, now: datetime) -> tuple[str, ...]:
    who = f"{row.operator or 'Import'}, till {row.till}" if row.till else row.operator or "Import"
    what = FIELDS.get(row.field, row.field) + (" (undone)" if row.undone else "")
    before, after = (said(fmt, row.field, value) for value in (row.old, row.new))
    return fmt.when(row.happened_at, now), who, what, before, after


def _width(texts: Iterable[str]) -> int:
    metrics = QFontMetrics(font())
    return max(metrics.horizontalAdvance(text) for text in texts) + BESIDE


def said(fmt: Formatter, field: str, value: object) -> str:
    """Say a value as people write it."""
    match value:
        case None:
            return "none"
        case bool():
            return "yes" if value else "no"
        case int() if field in ("price", "cost", "supplier_cost"):
            return fmt.amount(value)
        case dict() if field == REVIEW:
            what, words = "pick" if value["staff_pick"] else "review", " ".join(value["comment"].split())
            return f"{what} {value['rating']}★ {words[:80]}".rstrip()
        case dict():
            return "added"
        case str() if field == "language":
            return language_words(value)
        case str() if field == "subjects":
            return ", ".join(subject_words(value))
    return "a picture" if field == "cover_image" else str(value)[:200]
