"""A manager's report: drawn first, then its rows, each of which leads to its documents."""

from datetime import date

from PySide6.QtCore import QModelIndex, Qt, Signal
from PySide6.QtGui import QFont, QFontMetrics, QResizeEvent
from PySide6.QtWidgets import QStackedLayout, QVBoxLayout, QWidget

from pos_app.domain.order_status import OrderKind
from pos_app.domain.sales_report import OF_TITLES, Figure, ReportKind, ReportRow, ReportTable
from pos_app.services.letter import Letter
from pos_app.services.receipt import read_receipt
from pos_app.services.sales_report import MOST_DOCUMENTS, DocumentRow, list_documents
from ui import dialogs
from ui.checkout.receipt_dialog import show_receipt
from ui.context import Context
from ui.format import Formatter
from ui.reports.charts import Bars, Chart, Columns
from ui.reports.drawn import Drawn, cell_text, drawn, first_text
from ui.reports.paper import ReportPaper
from ui.stock.paper import ListPaper
from ui.stock.sheet import StockSheet
from ui.stock.table import Column, RowsTable
from ui.style.theme import font, px
from ui.widgets.basic import EmptyState, label, panel

AUTHOR = "Author"
PRINTED = 400
WIDTHS = {Figure.TEXT: 140, Figure.COUNT: 88, Figure.MONEY: 116, Figure.PERCENT: 88}
# Where names would have no room beside the others.
NARROWER = {Figure.TEXT: 140, Figure.COUNT: 72, Figure.MONEY: 96, Figure.PERCENT: 72}
COLUMNS_HEIGHT, LEAST, LEAST_NAME, LEAST_COLUMN = 210, 130, 200, 60
NOTHING = {
    ReportKind.SUMMARY: "Nothing was sold and no cash moved on these days.",
    ReportKind.DISCOUNTS: "Nobody sold anything on these days.",
    ReportKind.SLOW: "Everything in stock sold on these days.",
    ReportKind.LOW_STOCK: "Nothing is at its reorder level.",
    ReportKind.STOCK_VALUE: "Nothing is in stock.",
    ReportKind.CATEGORIES: "There are no titles yet.",
    ReportKind.SELL_THROUGH: "There are no titles yet.",
}
KINDS = {
    OrderKind.SALE: "Sale",
    OrderKind.RETURN: "Return",
    OrderKind.EXCHANGE: "Exchange",
    OrderKind.VOID: "Void",
    OrderKind.CUSTOMER_ORDER: "Order",
}


class ReportView(QWidget):
    """One report at a time; `table` is what is shown."""

    # What is behind the row chosen: its documents, or its title.
    wanted = Signal()
    # What could not be read is to be read again.
    again = Signal()

    def __init__(self, context: Context) -> None:
        """Start with nothing."""
        super().__init__()
        self._context, self._fmt = context, context.fmt
        self.table: ReportTable | None = None
        self.rows: RowsTable | None = None
        self._places: list[int] = []
        self._shown: Drawn | None = None
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(8)
        box = panel()
        drawn = QVBoxLayout(box)
        drawn.setContentsMargins(14, 8, 14, 10)
        self._columns, self._bars = Columns("", self._fmt.currency.unit), Bars("")
        for chart in (self._columns, self._bars):
            chart.activated.connect(self._drawn_wanted)
            drawn.addWidget(chart)
        self._columns.setMaximumHeight(px(COLUMNS_HEIGHT))
        self._picture = box
        column.addWidget(box)
        paper = panel()
        self._list = QStackedLayout(paper)
        self._list.setContentsMargins(1, 1, 1, 1)
        self._nothing = EmptyState("")
        self._failed = EmptyState("This report could not be read.", "Read again", self.again.emit, "Alt+A")
        self._list.addWidget(self._nothing)
        self._list.addWidget(self._failed)
        column.addWidget(paper, 1)
        self._total = label("", "sum")
        self._total.setWordWrap(True)
        self._note = label("", "small")
        self._note.setWordWrap(True)
        column.addWidget(self._total)
        column.addWidget(self._note)

    def show_table(self, table: ReportTable) -> None:
        """Show a report."""
        self.table = table
        self._draw(table)
        if self.rows is not None:
            self._list.removeWidget(self.rows)
            self.rows.deleteLater()
        self._places = self._shown_places(table)
        self.rows = RowsTable(
            table.kind.words, [self._column(table, place) for place in self._places], height=px(LEAST)
        )
        self.rows.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAsNeeded)
        self.rows.horizontalHeader().setMinimumSectionSize(px(LEAST_COLUMN))
        self.rows.show_rows(table.rows, 0)
        self.rows.activated.connect(lambda _: self.wanted.emit())
        self._list.addWidget(self.rows)
        self._nothing.say(NOTHING.get(table.kind, "Nothing was sold on these days."))
        self._list.setCurrentWidget(self.rows if table.rows else self._nothing)
        self._fold()
        self._total.setText(total_text(self._fmt, table))
        self._total.setVisible(bool(self._total.text()))
        self._note.setText(table.note if table.rows else "")
        self._note.setVisible(bool(self._note.text()))

    def show_nothing(self) -> None:
        """Show that nothing could be read."""
        self.table = None
        self._picture.hide()
        self._total.hide()
        self._note.hide()
        self._list.setCurrentWidget(self._failed)

    def focus_home(self) -> bool:
        """Put the focus into the rows; False where there are none."""
        if self.table is None or self.rows is None or not self.table.rows:
            return False
        self.rows.setFocus(Qt.FocusReason.OtherFocusReason)
        return True

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Fold where there is little room."""
        super().resizeEvent(event)
        self._fold()

    def _fold(self) -> None:
        """Leave names their room: codes, shelves and publishers go first, from the right."""
        if self.table is None or self.rows is None:
            return
        words = [
            place for place, of in enumerate(self._places) if place and self.table.columns[of].figure is Figure.TEXT
        ]
        for place in words:
            self.rows.showColumn(place)
        wanted = [px(column.width) for column in self.rows.rows.columns]
        room = self.width() - sum(wanted)
        for place in reversed(words):
            if room >= px(LEAST_NAME):
                break
            room += wanted[place]
            self.rows.hideColumn(place)
        self.rows.fit()

    def _draw(self, table: ReportTable) -> None:
        shown = self._shown = drawn(self._fmt, table)
        chart: Chart = self._columns if shown.in_time else self._bars
        self._columns.setVisible(shown.in_time)
        self._bars.setVisible(not shown.in_time)
        self._columns.mark_words = shown.mark_words
        chart.show_rows(shown.heads, shown.rows, shown.title)
        self._picture.setVisible(bool(shown.rows))

    def _drawn_wanted(self, index: QModelIndex) -> None:
        """Enter on what is drawn: what is behind its row; of all others the first of them is shown."""
        if self.rows is None or self._shown is None:
            return
        places, drawn_at = self._shown.places, index.row()
        if drawn_at < len(places):
            self.rows.setCurrentIndex(self.rows.rows.index(places[drawn_at], 0))
            self.wanted.emit()
        else:
            self.rows.setCurrentIndex(self.rows.rows.index(drawn_at, 0))

    def _name(self, table: ReportTable, row: ReportRow) -> str:
        """What a row is about."""
        return first_text(self._fmt, table.kind, str(row.cells[0]))

    def _shown_places(self, table: ReportTable) -> list[int]:
        """The columns; an author stands under the title, and what a summary sums under what it is of."""
        hidden = "Sum" if table.kind is ReportKind.SUMMARY else AUTHOR
        return [place for place, column in enumerate(table.columns) if column.name != hidden]

    def _column(self, table: ReportTable, place: int) -> Column[ReportRow]:
        column = table.columns[place]
        if table.kind is ReportKind.SUMMARY and place == 1:
            return Column[ReportRow](
                "Sum",
                0,
                lambda row: str(row.cells[1] or row.cells[0]),
                below=lambda row: str(row.cells[0]) if row.cells[1] else "",
            )
        if place == 0:
            by_author = table.columns[1].name == AUTHOR
            below = (lambda row: str(row.cells[1] or "")) if by_author else None
            return Column[ReportRow](column.name, 0, lambda row: self._name(table, row), below=below)
        right = column.figure is not Figure.TEXT
        text = lambda row: cell_text(self._fmt, column, row.cells[place])  # noqa: E731 - what the column wants
        head = QFontMetrics(font(12, QFont.Weight.Medium)).horizontalAdvance(column.name) * 100 // px(100)
        others = sum(WIDTHS[one.figure] for one in table.columns[1:])
        width = (NARROWER if px(others + LEAST_NAME) > self.width() else WIDTHS)[column.figure]
        return Column[ReportRow](column.name, max(width, head + 26), text, right=right)

    async def show_documents(self) -> None:
        """Enter on a row: the documents behind it."""
        table, row = self.table, self.rows.chosen if self.rows is not None else None
        if table is None or row is None or row.key is None:
            return
        name = self._name(table, row)
        await show_documents(self._context, self, table.kind, row.key, name, (table.first, table.last))

    def title_chosen(self) -> str:
        """What the title of the row chosen is found by, its ISBN or its name; "" where the report has none."""
        row = self.rows.chosen if self.rows is not None else None
        if self.table is None or row is None or self.table.kind not in OF_TITLES:
            return ""
        return str(row.cells[2] or row.cells[0])

    def paper(self) -> ReportPaper | None:
        """The report as it is printed; None where there is none."""
        return table_paper(self._fmt, self.table) if self.table is not None else None


def table_paper(fmt: Formatter, table: ReportTable) -> ReportPaper | None:
    """Lay a report out for paper, its first rows where there are many; None where there are none."""
    if not table.rows:
        return None
    rows = []
    for row in table.rows[:PRINTED]:
        name = first_text(fmt, table.kind, str(row.cells[0]))
        pairs = zip(table.columns[1:], row.cells[1:], strict=True)
        rows.append((name, *(cell_text(fmt, column, value) for column, value in pairs)))
    note = table.note
    if len(table.rows) > PRINTED:
        note = f"{note} The first {PRINTED} of {fmt.count(len(table.rows))} rows.".strip()
    letter = Letter(
        name=f"{table.kind.value.replace('_', '-')}-{table.first.isoformat()}_{table.last.isoformat()}",
        title=table.kind.words,
        sender=(fmt.settings.shop_name,),
        to=(),
        facts=(("Business days", fmt.days(table.first, table.last)),),
        heads=tuple(column.name for column in table.columns),
        right=frozenset(place for place, column in enumerate(table.columns) if column.figure is not Figure.TEXT),
        rows=tuple(rows),
        total=total_text(fmt, table),
        note=note,
    )
    return ReportPaper(letter, drawn(fmt, table))


def total_text(fmt: Formatter, table: ReportTable) -> str:
    """Say the sums of a report's columns; nothing where there is nothing to sum."""
    sums = [
        f"{column.name} {cell_text(fmt, column, value)}"
        for column, value in zip(table.columns[1:], table.total[1:], strict=True)
        if value is not None
    ]
    return f"{table.total[0]}: " + ", ".join(sums) if table.rows and sums else ""


async def show_documents(  # noqa: PLR0913 - what they are found by, and where they are shown
    context: Context, parent: QWidget, kind: ReportKind, key: str | int, name: str, days: tuple[date, date]
) -> None:
    """Show the documents behind a row of a report over some days, both included."""
    sheet = DocumentsSheet(context, name, kind, key, days, parent)
    sheet.start(sheet.load())
    try:
        await dialogs.show(sheet)
    finally:
        await sheet.tasks.close()


class DocumentsSheet(StockSheet):
    """The documents behind a row of a report; Enter shows one as it was printed."""

    def __init__(  # noqa: PLR0913 - what they are found by, and where they are shown
        self,
        context: Context,
        name: str,
        kind: ReportKind,
        key: str | int,
        days: tuple[date, date],
        parent: QWidget,
    ) -> None:
        """Take what they are behind; they are read by `load`."""
        super().__init__(context, f"Documents: {name[:60]}", parent, end="Done", width=760)
        fmt = context.fmt
        self.table = RowsTable(
            "Documents",
            [
                Column[DocumentRow]("Number", 0, lambda row: row.number),
                Column[DocumentRow]("When", 170, lambda row: fmt.dated(row.paid_at)),
                Column[DocumentRow]("What", 110, lambda row: KINDS[row.kind]),
                Column[DocumentRow]("By", 130, lambda row: row.person),
                Column[DocumentRow]("Amount", 130, lambda row: fmt.amount(row.total), right=True),
            ],
        )
        self.table.activated.connect(lambda _: self.submit())
        self._paper = ListPaper(self.table, "The documents", "There is no document behind it.", self.read_again)
        self.body.addWidget(self._paper, 1)
        self._behind = (kind, key, days)
        self.back.hide()
        self.table.setFocus(Qt.FocusReason.OtherFocusReason)

    async def load(self) -> None:
        """Read them."""
        kind, key, days = self._behind
        with self._paper.reading():
            found = await list_documents(self.app, self.operator, kind, key, *days)
        self.table.show_rows(found, 0)
        self._paper.show_list(there=bool(found))
        (self.table if found else self.end).setFocus(Qt.FocusReason.OtherFocusReason)
        many = "1 document" if len(found) == 1 else f"{self.fmt.count(len(found))} documents"
        if len(found) == MOST_DOCUMENTS:
            many = f"The newest {many}"
        whole = self.fmt.money(sum(row.total for row in found))
        self.message.say(f"{many}, {whole} in all. Enter shows one." if found else "", "none")

    def submit(self) -> None:
        """Show the document chosen."""
        if (row := self.table.chosen) is not None:
            self.start(self._show(row), "show")

    async def _show(self, row: DocumentRow) -> None:
        await show_receipt(await read_receipt(self.app, row.number), self.fmt, self)
