"""A manager's report: drawn first, then its rows, each of which leads to its documents."""

from datetime import date
from decimal import Decimal

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QVBoxLayout, QWidget

from pos_app.domain.order_status import OrderKind
from pos_app.domain.sales_report import Figure, ReportColumn, ReportKind, ReportRow, ReportTable, Value
from pos_app.domain.shop import ShopSettings
from pos_app.services.letter import Letter
from pos_app.services.receipt import read_receipt
from pos_app.services.sales_report import DocumentRow, list_documents
from ui import dialogs
from ui.checkout.receipt_dialog import show_receipt
from ui.context import Context
from ui.format import Formatter
from ui.reports.charts import Bars, Chart, Columns
from ui.stock.sheet import StockSheet
from ui.stock.table import Column, RowsTable
from ui.widgets.basic import label, panel

IN_TIME = frozenset({ReportKind.DAY, ReportKind.HOUR, ReportKind.MONTH})
DRAWN, PRINTED = 6, 400
WIDTHS = {Figure.TEXT: 150, Figure.COUNT: 116, Figure.MONEY: 130, Figure.PERCENT: 96}
KINDS = {
    OrderKind.SALE: "Sale",
    OrderKind.RETURN: "Return",
    OrderKind.EXCHANGE: "Exchange",
    OrderKind.VOID: "Void",
    OrderKind.CUSTOMER_ORDER: "Order",
}


class ReportView(QWidget):
    """One report at a time; `table` is what is shown."""

    documents_wanted = Signal()

    def __init__(self, context: Context) -> None:
        """Start with nothing."""
        super().__init__()
        self._context, self._fmt = context, context.fmt
        self.table: ReportTable | None = None
        self.rows: RowsTable | None = None
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(8)
        box = panel()
        drawn = QVBoxLayout(box)
        self._columns, self._bars = Columns("", self._fmt.currency.unit), Bars("")
        for chart in (self._columns, self._bars):
            drawn.addWidget(chart)
        self._picture = box
        column.addWidget(box)
        self._list = QVBoxLayout()
        column.addLayout(self._list, 1)
        self._total = label("", "sum")
        self._note = label("", "small")
        self._note.setWordWrap(True)
        column.addWidget(self._total)
        column.addWidget(self._note)

    def show_table(self, table: ReportTable) -> None:
        """Show a report."""
        fmt, self.table = self._fmt, table
        self._draw(table)
        if self.rows is not None:
            self.rows.deleteLater()
        columns = [self._column(table, place) for place in range(len(table.columns))]
        self.rows = RowsTable(table.kind.words, columns, height=150)
        self.rows.show_rows(table.rows, 0)
        self.rows.activated.connect(lambda _: self.documents_wanted.emit())
        self._list.addWidget(self.rows)
        sums = [
            f"{column.name} {cell_text(fmt, column, value)}"
            for column, value in zip(table.columns[1:], table.total[1:], strict=True)
            if value is not None
        ]
        self._total.setText("Total: " + ", ".join(sums) if table.rows and sums else "")
        self._note.setText(table.note)
        self._note.setVisible(bool(table.note))

    def _draw(self, table: ReportTable) -> None:
        in_time = table.kind in IN_TIME
        chart: Chart = self._columns if in_time else self._bars
        self._columns.setVisible(in_time)
        self._bars.setVisible(not in_time)
        head = table.columns[table.charted]
        drawn = []
        for row in table.rows if in_time else table.rows[:DRAWN]:
            value = row.cells[table.charted]
            size = int(value * 10_000) if isinstance(value, Decimal) else value if isinstance(value, int) else 0
            drawn.append((self._drawn_name(table, row), cell_text(self._fmt, head, value), size))
        title = f"{table.kind.words}: {head.name.lower()}" if not in_time else table.kind.words
        chart.show_rows(drawn, title)
        self._picture.setVisible(bool(drawn))

    def _drawn_name(self, table: ReportTable, row: ReportRow) -> str:
        name = str(row.cells[0])
        return str(date.fromisoformat(name).day) if table.kind is ReportKind.DAY else self._name(table, row)

    def _name(self, table: ReportTable, row: ReportRow) -> str:
        """What a row is about."""
        return first_text(self._fmt, table.kind, str(row.cells[0]))

    def _column(self, table: ReportTable, place: int) -> Column[ReportRow]:
        column = table.columns[place]
        if place == 0:
            return Column[ReportRow](column.name, 0, lambda row: self._name(table, row))
        right = column.figure is not Figure.TEXT
        text = lambda row: cell_text(self._fmt, column, row.cells[place])  # noqa: E731 - what the column wants
        return Column[ReportRow](column.name, WIDTHS[column.figure], text, right=right)

    async def show_documents(self) -> None:
        """Enter on a row: the documents behind it."""
        table, row = self.table, self.rows.chosen if self.rows is not None else None
        if table is None or row is None or row.key is None:
            return
        sheet = DocumentsSheet(self._context, self._name(table, row), self)
        sheet.start(sheet.load(table, row))
        try:
            await dialogs.show(sheet)
        finally:
            await sheet.tasks.close()

    def letter(self, settings: ShopSettings) -> Letter | None:
        """The report as it is printed, its first rows where there are many; None where there is none."""
        if (table := self.table) is None or not table.rows:
            return None
        fmt = self._fmt
        rows = [(self._name(table, row), *self._texts(table, row.cells)) for row in table.rows[:PRINTED]]
        note = table.note
        if len(table.rows) > PRINTED:
            note = f"{note} The first {PRINTED} of {fmt.count(len(table.rows))} rows.".strip()
        days = fmt.date(table.first)
        if table.last != table.first:
            days = f"{days} to {fmt.date(table.last)}"
        right = frozenset(place for place, column in enumerate(table.columns) if column.figure is not Figure.TEXT)
        return Letter(
            name=f"{table.kind.value.replace('_', '-')}-{table.first.isoformat()}_{table.last.isoformat()}",
            title=table.kind.words,
            sender=(settings.shop_name,),
            to=(),
            facts=(("Business days", days),),
            heads=tuple(column.name for column in table.columns),
            right=right,
            rows=tuple(rows),
            total=self._total.text(),
            note=note,
        )

    def _texts(self, table: ReportTable, cells: tuple[Value, ...]) -> list[str]:
        return [cell_text(self._fmt, column, value) for column, value in zip(table.columns[1:], cells[1:], strict=True)]


def cell_text(fmt: Formatter, column: ReportColumn, value: Value) -> str:
    """Say a figure as its column means it."""
    if value is None:
        return ""
    if isinstance(value, str):
        return value
    if column.figure is Figure.PERCENT:
        return fmt.percent(round(Decimal(value), 3))
    return fmt.amount(int(value)) if column.figure is Figure.MONEY else fmt.count(int(value))


def first_text(fmt: Formatter, kind: ReportKind, name: str) -> str:
    """Say a day or a month as people do."""
    if kind is ReportKind.DAY:
        return fmt.date(date.fromisoformat(name))
    if kind is ReportKind.MONTH:
        return fmt.month(date.fromisoformat(f"{name}-01"))
    return name


class DocumentsSheet(StockSheet):
    """The documents behind a row of a report; Enter shows one as it was printed."""

    def __init__(self, context: Context, name: str, parent: QWidget) -> None:
        """Lay out; the documents are read by `load`."""
        super().__init__(context, f"Documents: {name[:60]}", parent, end="Done", width=760)
        fmt = context.fmt
        self.table = RowsTable(
            "Documents",
            [
                Column[DocumentRow]("Number", 0, lambda row: row.number),
                Column[DocumentRow]("When", 170, lambda row: fmt.moment(row.paid_at)),
                Column[DocumentRow]("What", 110, lambda row: KINDS[row.kind]),
                Column[DocumentRow]("By", 130, lambda row: row.person),
                Column[DocumentRow]("Amount", 130, lambda row: fmt.amount(row.total), right=True),
            ],
        )
        self.table.activated.connect(lambda _: self.submit())
        self.body.addWidget(self.table, 1)
        self.back.hide()
        self.table.setFocus(Qt.FocusReason.OtherFocusReason)

    async def load(self, table: ReportTable, row: ReportRow) -> None:
        """Read them."""
        assert row.key is not None  # noqa: S101 - only such rows lead here
        found = await list_documents(self.app, self.operator, table.kind, row.key, table.first, table.last)
        self.table.show_rows(found, 0)
        many = "1 document" if len(found) == 1 else f"{self.fmt.count(len(found))} documents"
        self.message.say(f"{many}. Enter shows one." if found else "No document.", "none")

    def submit(self) -> None:
        """Show the document chosen."""
        if (row := self.table.chosen) is not None:
            self.start(self._show(row), "show")

    async def _show(self, row: DocumentRow) -> None:
        await show_receipt(await read_receipt(self.app, row.number), self.fmt, self)
