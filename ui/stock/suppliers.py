"""Suppliers: the list, and the terms of the one chosen."""

from collections.abc import Callable, Coroutine
from dataclasses import replace
from decimal import Decimal, InvalidOperation
from typing import Any

from PySide6.QtWidgets import QLineEdit, QWidget

from pos_app.errors import Conflict
from pos_app.services.supplier import SupplierView, keep_supplier, list_suppliers
from ui import dialogs
from ui.context import Context
from ui.errors import sentence
from ui.stock.paper import ListPaper
from ui.stock.sheet import ScanSheet, StockSheet
from ui.stock.table import Column, RowsTable

TEXTS = {
    "name": ("Name", 255),
    "account_number": ("Account number", 40),
    "san": ("SAN", 20),
    "email": ("Email", 255),
    "phone": ("Phone", 40),
    "address": ("Address", 500),
}
NUMBERS = {
    "discount": ("Discount in %", 6),
    "terms_days": ("Pay within days", 4),
    "lead_days": ("Delivers within days", 4),
    "return_days": ("Takes back within days", 4),
}


class SuppliersSheet(StockSheet):
    """The suppliers; F12 keeps what was changed of the one chosen."""

    def __init__(self, context: Context, parent: QWidget, *, may_buy: bool) -> None:
        """Lay out; suppliers are read by `load`."""
        super().__init__(context, "Suppliers", parent, end="Keep")
        self._row = SupplierView()
        fmt = context.fmt
        self.table = RowsTable(
            "Suppliers",
            [
                Column[SupplierView]("Name", 0, lambda row: row.name),
                Column[SupplierView]("Discount", 100, lambda row: fmt.percent(row.discount_rate), right=True),
                Column[SupplierView]("Pay within", 110, lambda row: f"{row.terms_days} days", right=True),
                Column[SupplierView]("Delivers in", 110, lambda row: f"{row.lead_days} days", right=True),
                Column[SupplierView](
                    "Takes back", 130, lambda row: "never" if row.return_days is None else f"{row.return_days} days"
                ),
                Column[SupplierView](
                    "",
                    110,
                    lambda row: "" if row.active else "Not used",
                    pill=lambda row: None if row.active else "off",
                ),
            ],
            height=200,
        )
        self.table.selectionModel().currentRowChanged.connect(lambda *_: self._chosen())
        more = "Fill in the fields below; F12 keeps it." if may_buy else "A manager can add one."
        self._paper = ListPaper(self.table, "The suppliers", f"There is no supplier yet. {more}", self.read_again)
        self.body.addWidget(self._paper, 1)
        self._fields = {name: QLineEdit() for name in (*TEXTS, *NUMBERS)}
        for name, (_, limit) in {**TEXTS, **NUMBERS}.items():
            self._fields[name].setMaxLength(limit)
        self._fields["return_days"].setPlaceholderText("Empty: never")
        for names in (("name", "account_number", "san"), ("email", "phone", "address"), tuple(NUMBERS)):
            self.add_row(*(({**TEXTS, **NUMBERS}[name][0], self._fields[name], 1) for name in names))
        self._shown = dict.fromkeys(self._fields, "")
        self._may_buy = may_buy
        self.show_end(shown=may_buy)
        for field in self._fields.values():
            field.setReadOnly(not self._may_buy)
        if self._may_buy:
            self.add_act("New", "F3", self.new)
            self.add_act("Use or no longer", "F4", self._switch)

    async def load(self) -> None:
        """Read the suppliers."""
        with self._paper.reading():
            rows = await list_suppliers(self.app, also_inactive=True)
        self.table.show_rows(rows, 0)
        self._paper.show_list(there=bool(rows))
        if rows:
            self.table.setFocus()
        elif self._may_buy:
            self.new()

    def new(self) -> None:
        """Empty the fields for another supplier."""
        if self._asks():
            return
        self._show(SupplierView())
        self._fields["name"].setFocus()

    def _chosen(self) -> None:
        row: SupplierView | None = self.table.chosen
        if row is None or row.id == self._row.id:
            return
        if self._asks():
            self._choose(self._row.id)
            return
        self._show(row)

    def _choose(self, supplier_id: int) -> None:
        place = next((place for place, (_, row) in enumerate(self.table.rows.loaded()) if row.id == supplier_id), None)
        index = self.table.rows.index(-1 if place is None else place, 0)
        self.table.setCurrentIndex(index)

    @property
    def unsaved(self) -> str:
        """What was typed and is not kept."""
        typed = any(field.text() != self._shown[name] for name, field in self._fields.items())
        return "What was typed" if typed and self._may_buy else ""

    def _asks(self) -> bool:
        """Where something would be lost: say so, the first time."""
        if not self.unsaved:
            return False
        said = "What was typed is not kept yet. F12 keeps it; Esc, twice, leaves without."
        self.message.say(said, "warn")
        return True

    def _show(self, row: SupplierView) -> None:
        self._row = row
        texts = {name: getattr(row, name) or "" for name in TEXTS}
        texts["discount"] = f"{row.discount_rate * 100:f}".rstrip("0").rstrip(".") or "0"
        for name in ("terms_days", "lead_days", "return_days"):
            days = getattr(row, name)
            texts[name] = "" if days is None else str(days)
        for name, text in texts.items():
            self._fields[name].setText(text)
            self._fields[name].setCursorPosition(0)
        self._shown = {name: field.text() for name, field in self._fields.items()}

    def _read(self) -> SupplierView | None:
        texts = {name: self._fields[name].text().strip() for name in (*TEXTS, *NUMBERS)}
        try:
            rate = Decimal(texts["discount"].replace(",", ".") or "0") / 100
            days = {name: int(texts[name] or "0") for name in ("terms_days", "lead_days")}
            back = int(texts["return_days"]) if texts["return_days"] else None
        except (InvalidOperation, ValueError):
            self.message.say("A discount is a number such as 40, and days are whole numbers.", "warn")
            return None
        words = {name: texts[name] or None for name in TEXTS if name != "name"}
        return replace(self._row, name=texts["name"], discount_rate=rate, return_days=back, **days, **words)  # type: ignore[arg-type]

    def _switch(self) -> None:
        if self._row.id and self.tasks.idle and not self._asks():
            self.start(self._keep(replace(self._row, active=not self._row.active)))

    async def post(self) -> None:
        """Keep what is in the fields."""
        if (wanted := self._read()) is not None:
            await self._keep(wanted)

    async def _keep(self, wanted: SupplierView) -> None:
        try:
            kept = await keep_supplier(self.app, self.operator, wanted)
        except Conflict as told:
            self._show(told.current)
            self.message.say(sentence(told), "warn")
            return
        self._show(kept)
        rows = await list_suppliers(self.app, also_inactive=True)
        self._paper.show_list(there=True)
        self.table.show_rows(rows, next(place for place, row in enumerate(rows) if row.id == kept.id))
        self.message.say(f"{kept.name} is kept.", "ok")

    def submit(self) -> None:
        """Enter keeps, too."""
        self.finish()


def offer_supplier(sheet: ScanSheet, reload: Callable[[], Coroutine[Any, Any, None]]) -> None:
    """Where there is no supplier yet, offer to add one from the window that needs it; `reload` reads it anew."""

    async def add() -> None:
        suppliers = SuppliersSheet(sheet.context, sheet, may_buy=True)
        suppliers.start(suppliers.load())
        try:
            await dialogs.show(suppliers)
        finally:
            await suppliers.tasks.close()
        if await list_suppliers(sheet.app):
            sheet.show_act(button, shown=False)
            sheet.nothing.say(sheet.empty)
            await reload()

    sheet.nothing.say("There is no supplier yet. F10 adds one.")
    button = sheet.add_act("Add a supplier", "F10", lambda: sheet.start(add()))
