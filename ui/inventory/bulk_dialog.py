"""Changing many titles at once: what is to change, the first of them as they would become, then how far it is."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Any

from PySide6.QtWidgets import QGridLayout, QLineEdit, QStackedLayout, QWidget

from pos_app.errors import PosError, Refused
from pos_app.services.book import CategoryRow
from pos_app.services.book_bulk import BulkChange, BulkReport, Scope, bulk_edit, preview_bulk
from pos_app.services.supplier import list_suppliers
from pos_app.services.tax_rate import TaxRateRow
from ui.context import Context
from ui.errors import kind_of, sentence
from ui.inventory.history_dialog import FIELDS, said
from ui.stock.table import Column, RowsTable
from ui.tasks import Tasks
from ui.widgets.basic import EmptyState, caption, label
from ui.widgets.fields import Choice
from ui.widgets.sheet import Sheet

TALL = 176
SAME = "Leave as it is"


@dataclass(frozen=True)
class Cell:
    """A field of a title, as it is and as it would be."""

    title: str
    field: str
    now: str
    then: str


class BulkDialog(Sheet):
    """Enter shows what would become of the titles; Enter again changes them. Esc stops what is under way."""

    def __init__(
        self,
        context: Context,
        scope: Scope,
        which: str,
        categories: Sequence[CategoryRow],
        taxes: Sequence[TaxRateRow],
        parent: QWidget,
        *,
        nothing_chosen: str = "",
    ) -> None:
        """Take which titles are meant, and words that say so; `nothing_chosen` warns where no rows were chosen."""
        super().__init__("Change many titles", parent, go="Preview", width=760)
        self._context, self._scope = context, scope
        self.tasks = Tasks(self._tell)
        self._cancel = asyncio.Event()
        self._previewed: BulkChange | None = None
        self._running = False
        self._uid, self._done = context.app.ids.new(), ""
        self.begun = False
        self.report: BulkReport | None = None
        self._names = {
            "category_id": {row.id: row.name for row in categories},
            "tax_rate_id": {row.id: row.name for row in taxes},
        }
        self.body.addWidget(label(which, "title"))
        self._grid = QGridLayout()
        self._grid.setHorizontalSpacing(12)
        self._grid.setVerticalSpacing(4)
        self.body.addLayout(self._grid)
        self._rate = self._add_field("Price, per cent up or down", "+5 or −10")
        self._reorder = self._add_field("Reorder at", SAME)
        self._category = self._add_choice("Category", [(row.name, row.id) for row in categories])
        self._tax = self._add_choice("Tax", [(row.name, row.id) for row in taxes])
        self._active = self._add_choice("On sale", [("Yes", True), ("No", False)])
        self._supplier = self._add_choice("Supplier", [])
        self.tasks.start(self._read_suppliers())
        self._preview = RowsTable(
            "The first titles as they would become",
            [
                Column[Cell]("Title", 0, lambda cell: cell.title),
                Column[Cell]("Field", 130, lambda cell: cell.field),
                Column[Cell]("Now", 120, lambda cell: cell.now, right=True),
                Column[Cell]("Then", 120, lambda cell: cell.then, right=True),
            ],
            height=TALL,
        )
        # Its room is there from the start: a window that grows later grows out of a small screen.
        paper = QWidget()
        self._stack = QStackedLayout(paper)
        self._stack.addWidget(EmptyState("Enter shows the first titles as they would become."))
        self._stack.addWidget(self._preview)
        self._more = label("", "small")
        self.body.addWidget(paper, 1)
        self.body.addWidget(self._more)
        for field in (self._rate, self._reorder):
            field.textEdited.connect(lambda _: self._changed())
        self._rate.setFocus()
        self._warning = nothing_chosen
        self.message.say(self._warning, "warn")

    def _place(self, name: str, field: QWidget) -> None:
        """Two fields a row: all of it fits a small screen also where text is large."""
        row, column = divmod(self._grid.count() // 2, 2)
        field.setAccessibleName(name)
        self._grid.addWidget(caption(name), 2 * row, column)
        self._grid.addWidget(field, 2 * row + 1, column)
        self._grid.setColumnStretch(column, 1)

    def _add_field(self, name: str, placeholder: str) -> QLineEdit:
        field = QLineEdit()
        field.setPlaceholderText(placeholder)
        field.setMaxLength(20)
        self._place(name, field)
        return field

    def _add_choice(self, name: str, options: Sequence[tuple[str, Any]]) -> Choice:
        box = Choice()
        box.setSizeAdjustPolicy(Choice.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        box.addItem(SAME, None)
        for text, value in options:
            box.addItem(text, value)
        box.currentIndexChanged.connect(lambda _: self._changed())
        self._place(name, box)
        return box

    async def _read_suppliers(self) -> None:
        for row in await list_suppliers(self._context.app):
            self._supplier.addItem(row.name, row.id)
            self._names.setdefault("usual_supplier", {})[row.id] = row.name

    def _changed(self) -> None:
        if self.begun:
            # Another change is another act.
            self._uid, self._done = self._context.app.ids.new(), ""
        self._previewed = None
        self.go.show_text("Preview")
        self._stack.setCurrentIndex(0)
        self._more.setText("")
        self.message.say(self._warning, "warn")

    def _wanted(self) -> BulkChange:
        fields: dict[str, Any] = {}
        for name, box in (("category_id", self._category), ("tax_rate_id", self._tax), ("active", self._active)):
            if box.currentData() is not None:
                fields[name] = box.currentData()
        if text := self._reorder.text().strip():
            fields["reorder_at"] = int(text) if text.isascii() and text.isdigit() else -1
        return BulkChange(_rate(self._rate), fields=fields, usual_supplier=self._supplier.currentData())

    def submit(self) -> None:
        """Show what would change; the second time, change it."""
        if self._running:
            return
        if self._previewed is not None:
            self.tasks.start(self._carry_out(self._previewed))
            return
        try:
            wanted = self._wanted()
        except Refused as error:
            self._tell(error)
            return
        self.tasks.start(self._show_preview(wanted))

    async def _show_preview(self, wanted: BulkChange) -> None:
        preview = await preview_bulk(self._context.app, self._context.operator, self._scope, wanted)
        cells = []
        for row in preview.rows:
            cells += [
                Cell(row.title, FIELDS[name], self._said(name, old), self._said(name, new))
                for name, (old, new) in row.changes.items()
            ] or [Cell(row.title, "–", "stays as it is", "")]
        self._preview.show_rows(cells, 0)
        self._stack.setCurrentIndex(1 if cells else 0)
        more = preview.total - len(preview.rows)
        self._more.setText(f"and {self._context.fmt.count(more)} more" if more > 0 else "")
        self._previewed = wanted
        titles = "1 title" if preview.total == 1 else f"{self._context.fmt.count(preview.total)} titles"
        self.go.show_text(f"Change {titles}")
        count = self._context.fmt.count
        worries = [f"{count(preview.free)} would cost nothing"] if preview.free else []
        worries += (
            [f"{count(preview.below)} less than {'its' if preview.below == 1 else 'their'} cost"]
            if preview.below
            else []
        )
        if preview.below and not preview.free:
            worries[0] = worries[0].replace(" less", " would be priced at less", 1)
        worry = f"Of {titles}, {' and '.join(worries)}. " if worries else ""
        look = "Look at the first ones, then press Enter. One Ctrl+Z takes it all back."
        self.message.say(f"{self._warning} {worry}{look}".strip(), "warn" if self._warning or worry else "none")

    def _said(self, name: str, value: Any) -> str:
        return self._names.get(name, {}).get(value) or said(self._context.fmt, name, value)

    async def _carry_out(self, wanted: BulkChange) -> None:
        self._running = self.begun = True
        self.go.setEnabled(False)
        try:
            # Asked for once more after it was cut off, it goes on: nothing is changed twice.
            self.report = await bulk_edit(
                self._context.app,
                self._context.operator,
                self._scope,
                wanted,
                uid=self._uid,
                progress=self._show_progress,
                cancel=self._cancel,
            )
        finally:
            self._running = False
            self.go.setEnabled(True)
        self.accept()

    def _show_progress(self, done: int, total: int) -> None:
        count = self._context.fmt.count
        self._done = f"{count(done)} of {count(total)} done."
        self.message.say(f"{self._done} Esc stops.")

    def reject(self) -> None:
        """Stop what is under way, else leave."""
        if self._running:
            self._cancel.set()
            return
        super().reject()

    def _tell(self, error: BaseException) -> None:
        if isinstance(error, PosError):
            so_far = f" {self._done} Enter goes on." if self._done else ""
            self.message.say(f"{sentence(error)}{so_far}", kind_of(error))
        else:
            self._context.on_error(error)


def _rate(field: QLineEdit) -> Decimal | None:
    """Read per cent: "+5", "-10", "2.5 %". Raises Refused("bulk.rate")."""
    text = field.text().strip().removesuffix("%").strip().replace("−", "-").replace(",", ".")
    if not text:
        return None
    try:
        rate = Decimal(text) / 100
    except InvalidOperation as error:
        raise Refused("bulk.rate") from error
    if not rate.is_finite():
        raise Refused("bulk.rate")
    return rate
