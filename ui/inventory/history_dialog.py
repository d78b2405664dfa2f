"""The history of one title: what was changed, by whom, when, from what to what."""

from collections.abc import Awaitable, Callable, Iterable, Sequence
from datetime import datetime

from PySide6.QtCore import Qt
from PySide6.QtGui import QFontMetrics
from PySide6.QtWidgets import QHeaderView, QTableWidget, QTableWidgetItem, QWidget

from pos_app.domain.subject import subject_words
from pos_app.services.book_history import SHOWN, ChangeRow
from pos_app.services.review import REVIEW
from pos_app.services.stock_correction import CORRECTED
from ui.context import Context
from ui.format import Formatter
from ui.languages import language_words
from ui.style.theme import WIDEST, font, px
from ui.widgets.basic import ElidedLabel, label
from ui.widgets.sheet import WorkSheet
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
MOST = (0, 140, 150)
BESIDE = 20
ReadOn = Callable[[int], Awaitable[Sequence[ChangeRow]]]


class HistoryDialog(WorkSheet):
    """Lists the changes of one title; those further back are read as one comes to the end of the list."""

    def __init__(
        self, context: Context, title: str, rows: Sequence[ChangeRow], read_on: ReadOn, parent: QWidget
    ) -> None:
        """Take the newest changes, and what reads those before one of them."""
        super().__init__(context, "History", parent, go="Close", width=860)
        self.back.hide()
        self.body.addWidget(ElidedLabel(title, role="title"))
        if not rows:
            self.body.addWidget(label("Nothing was changed yet.", "muted"))
            return
        self._read_on, self._oldest, self._reading = read_on, 0, False
        # What the time is: what is not of this year says its own.
        self._now = context.app.clock.now()
        self.table = QTableWidget(0, len(HEADS))
        self.table.setAccessibleName("History")
        self.table.setHorizontalHeaderLabels(HEADS)
        self.table.verticalHeader().hide()
        self.table.setShowGrid(False)
        self.table.setEditTriggers(QTableWidget.EditTrigger.NoEditTriggers)
        self.table.setSelectionBehavior(QTableWidget.SelectionBehavior.SelectRows)
        self.table.setMinimumHeight(px(300))
        head = self.table.horizontalHeader()
        head.setProperty("role", "close")
        head.setDefaultAlignment(Qt.AlignmentFlag.AlignLeft)
        head.setSectionResizeMode(QHeaderView.ResizeMode.Stretch)
        for column in range(len(MOST)):
            head.setSectionResizeMode(column, QHeaderView.ResizeMode.Fixed)
            head.resizeSection(column, _width([HEADS[column]]))
        self.body.addWidget(self.table)
        self._told = label("", "muted")
        self.body.addWidget(self._told)
        self._add(rows)
        self.table.verticalScrollBar().valueChanged.connect(lambda _: self._look_on())

    def _add(self, rows: Sequence[ChangeRow]) -> None:
        """Put changes below those that are there."""
        cells = [_cells(row, self.context.fmt, self._now) for row in rows]
        there = self.table.rowCount()
        self.table.setRowCount(there + len(rows))
        for number, texts in enumerate(cells, there):
            for column, text in enumerate(texts):
                item = QTableWidgetItem(text)
                item.setToolTip(plain_tip(text))
                self.table.setItem(number, column, item)
        head = self.table.horizontalHeader()
        for column, most in enumerate(MOST):
            wanted = _width([texts[column] for texts in cells])
            head.resizeSection(column, max(head.sectionSize(column), min(wanted, px(most) or WIDEST)))
        self._tell_count(rows[-1].id if len(rows) == SHOWN else 0)

    def _tell_count(self, oldest: int) -> None:
        """Say how many there are, and whether there may be more before the one last shown; 0 for none."""
        self._oldest = oldest
        count = self.context.fmt.count(self.table.rowCount())
        more = f"The newest {count} changes; further down are more." if self._oldest else f"All {count} changes."
        self._told.setText(more if self.table.rowCount() >= SHOWN else "")
        self._told.setVisible(bool(self._told.text()))

    def _look_on(self) -> None:
        """Near the end of the list, read on."""
        bar = self.table.verticalScrollBar()
        if self._oldest and not self._reading and bar.value() + bar.pageStep() >= bar.maximum():
            self._reading = True
            self.tasks.start(self._go_on())

    async def _go_on(self) -> None:
        try:
            rows = await self._read_on(self._oldest)
        finally:
            self._reading = False
        self.message.say("")
        if rows:
            self._add(rows)
        else:
            self._tell_count(0)


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
