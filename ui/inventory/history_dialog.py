"""The history of one title: what was changed, by whom, when, from what to what."""

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHeaderView, QTableWidget, QTableWidgetItem, QWidget

from pos_app.domain.subject import subject_words
from pos_app.services.book_history import ChangeRow
from pos_app.services.review import REVIEW
from pos_app.services.stock_correction import CORRECTED
from ui.format import Formatter
from ui.style.theme import px
from ui.widgets.basic import ElidedLabel, label
from ui.widgets.sheet import Sheet

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


class HistoryDialog(Sheet):
    """Lists the last hundred changes of one title."""

    def __init__(self, title: str, rows: list[ChangeRow], fmt: Formatter, parent: QWidget) -> None:
        """Take the changes, the newest first."""
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
        for number, row in enumerate(rows):
            who = f"{row.operator or 'Import'}, till {row.till}" if row.till else row.operator or "Import"
            what = FIELDS.get(row.field, row.field) + (" (undone)" if row.undone else "")
            cells = (
                fmt.moment(row.happened_at),
                who,
                what,
                said(fmt, row.field, row.old),
                said(fmt, row.field, row.new),
            )
            for column, text in enumerate(cells):
                self.table.setItem(number, column, QTableWidgetItem(text))
        head = self.table.horizontalHeader()
        head.setDefaultAlignment(Qt.AlignmentFlag.AlignLeft)
        head.setSectionResizeMode(QHeaderView.ResizeMode.Stretch)
        self.body.addWidget(self.table)


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
        case str() if field == "subjects":
            return ", ".join(subject_words(value))
    return "a picture" if field == "cover_image" else str(value)[:200]
