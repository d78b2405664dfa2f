"""Purchase orders: the list, and one of them drawn up, sent, saved as PDF and CSV."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from PySide6.QtCore import Qt
from PySide6.QtPrintSupport import QPrintDialog, QPrinter
from PySide6.QtWidgets import QDialog, QLineEdit, QStackedLayout, QWidget

from pos_app.domain.purchase import PurchaseStatus
from pos_app.errors import Unavailable
from pos_app.services.delivery import expect_title
from pos_app.services.publisher_return import PublisherReturnView
from pos_app.services.purchase_order import (
    MOST_COUNTED,
    PurchaseRow,
    PurchaseView,
    count_nobodys,
    edit_purchase_order,
    list_purchase_orders,
    make_purchase_order,
    move_purchase_order,
    suggest,
)
from pos_app.services.stock_export import export_lines, letter_of
from pos_app.services.supplier import list_suppliers
from ui import dialogs
from ui.context import Context
from ui.stock.letter import print_letter, write_letter
from ui.stock.sheet import Choice, ScanSheet, StockSheet, fill, number_field, read_number
from ui.stock.suppliers import offer_supplier
from ui.stock.table import Column, RowsTable
from ui.stock.words import counted, pieces
from ui.widgets.basic import EmptyState, panel

STATUS = {
    PurchaseStatus.DRAFT: ("Draft", "info"),
    PurchaseStatus.SENT: ("Sent", "ok"),
    PurchaseStatus.CLOSED: ("Closed", "off"),
    PurchaseStatus.CANCELLED: ("Cancelled", "bad"),
}

# The column that says why a title is suggested.
WHY = 1


async def save_pdf(sheet: StockSheet, document: PurchaseView | PublisherReturnView) -> Path:
    """Write a document's letter as PDF into the data folder's `exports`. Raises Unavailable."""
    letter = await letter_of(sheet.app, document)
    path = sheet.app.config.data_dir / "exports" / f"{letter.name}.pdf"
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        # In this thread: Qt's text layout is not to be used from another.
        write_letter(letter, path)
    except OSError as error:
        raise Unavailable("export.not_written", path=str(path), reason=error.strerror or str(error)) from error
    return path


class PrinterDialog(QPrintDialog):
    """Which printer; shown as every question is."""

    def open(self) -> None:  # type: ignore[override] # what every other dialog has
        """Show it without a loop of its own: the print dialog's own way wants to know whom to tell."""
        QDialog.open(self)


async def print_document(sheet: StockSheet, document: PurchaseView | PublisherReturnView) -> None:
    """Print a document's letter on a printer that is asked for."""
    letter = await letter_of(sheet.app, document)
    printer = QPrinter(QPrinter.PrinterMode.HighResolution)
    if await dialogs.show(PrinterDialog(printer, sheet)) == QDialog.DialogCode.Accepted.value:
        print_letter(letter, printer)
        sheet.message.say(f"{letter.title} is sent to {printer.printerName() or 'the printer'}.", "ok")


class PurchaseListSheet(StockSheet):
    """The purchase orders; `made` is the one chosen, or None for a new one."""

    def __init__(self, context: Context, parent: QWidget, *, may_buy: bool) -> None:
        """Lay out; orders are read by `load`."""
        super().__init__(context, "Purchase orders", parent, end="New order", width=760)
        self.table = RowsTable(
            "Purchase orders",
            [
                Column[PurchaseRow]("Supplier", 0, lambda row: row.supplier),
                Column[PurchaseRow]("Order", 80, lambda row: str(row.number), right=True),
                Column[PurchaseRow]("Made", 110, lambda row: context.fmt.day(row.made_at)),
                Column[PurchaseRow]("Copies", 90, lambda row: str(row.pieces), right=True),
                Column[PurchaseRow]("Received", 96, lambda row: str(row.received), right=True),
                Column[PurchaseRow](
                    "Status", 124, lambda row: STATUS[row.status][0], pill=lambda row: STATUS[row.status][1]
                ),
            ],
        )
        paper = panel()
        self._stack = QStackedLayout(paper)
        self._stack.addWidget(EmptyState("Nothing is on order." + (" F12 draws an order up." if may_buy else "")))
        self._stack.addWidget(self.table)
        self.body.addWidget(paper, 1)
        self._open = self.add_act("Open", "Enter", self.submit)
        self.show_end(shown=may_buy)

    async def load(self) -> None:
        """Read the orders."""
        rows = await list_purchase_orders(self.app)
        self.table.show_rows(rows, 0)
        self._stack.setCurrentIndex(1 if rows else 0)
        self.show_act(self._open, shown=bool(rows))
        (self.table if rows else self.end if self.end.isVisible() else self.back).setFocus(
            Qt.FocusReason.OtherFocusReason
        )

    def submit(self) -> None:
        """Enter opens the one chosen."""
        if self.table.chosen is not None:
            self.made = self.table.chosen
            self.accept()


@dataclass(slots=True)
class Line:
    """A title to order."""

    book_id: int
    isbn: str | None
    title: str
    quantity: int
    cost: int
    why: str = ""
    received: int = 0


class PurchaseSheet(ScanSheet):
    """One order: a draft is changed and sent; what was sent is looked at, exported, closed."""

    def __init__(self, context: Context, order: PurchaseView | None, parent: QWidget, *, may_buy: bool) -> None:
        """Take the order, None for a new one."""
        fmt = context.fmt
        columns = [
            Column[Line]("Title", 0, lambda line: line.title, below=lambda line: line.isbn or ""),
            Column[Line]("Why", 260, lambda line: line.why),
            Column[Line]("Copies", 92, lambda line: str(line.quantity), right=True),
            Column[Line]("Received", 92, lambda line: str(line.received or ""), right=True),
            Column[Line]("Each", 84, lambda line: fmt.amount(line.cost), right=True),
            Column[Line]("Amount", 112, lambda line: fmt.amount(line.cost * line.quantity), right=True),
        ]
        title = f"Purchase order {order.number}" if order else "New purchase order"
        super().__init__(
            context,
            title,
            parent,
            end="Send",
            columns=columns,
            empty="Nothing is ordered yet. Suggest what is needed (F3), or scan a book.",
        )
        self.order = order
        self._supplier, self._note = Choice(), QLineEdit()
        self._note.setMaxLength(500)
        self._note.setPlaceholderText("Stands below the titles")
        self._copies = number_field("Copies of the title chosen")
        self._copies.textEdited.connect(lambda _: self._edited())
        self.add_row(
            ("Supplier", self._supplier, 3), ("Note", self._note, 3), ("Copies of the title chosen", self._copies, 2)
        )
        self.lay_list()
        self._dirty = False
        self._may_buy = may_buy
        self._buttons: dict[str, Any] = {
            "suggest": self.add_act("Suggest", "F3", lambda: self.start(self._suggest())),
            "save": self.add_act("Save", "F4", lambda: self.start(self._save_said())),
            "pdf": self.add_act("PDF", "F5", lambda: self.start(self._pdf())),
            "csv": self.add_act("CSV", "F6", lambda: self.start(self._csv())),
            "print": self.add_act("Print", "F9", lambda: self.start(self._print())),
            "close": self.add_act("Close order", "F7", lambda: self.start(self._move(PurchaseStatus.CLOSED))),
            "cancel": self.add_act("Cancel order", "F8", lambda: self.start(self._move(PurchaseStatus.CANCELLED))),
        }

    async def load(self) -> None:
        """Read suppliers, and show the order."""
        for supplier in await list_suppliers(self.app):
            self._supplier.addItem(supplier.name, supplier.id)
        if self.order is not None:
            self._show(self.order)
        elif not self._supplier.count():
            offer_supplier(self, self.load)
        self._show_state()
        self.home()

    @property
    def draft(self) -> bool:
        """Whether it can be changed."""
        return self.order is None or self.order.status is PurchaseStatus.DRAFT

    @property
    def unsaved(self) -> str:
        """What is not stored yet."""
        return "What was changed" if self._dirty else ""

    def _show(self, order: PurchaseView) -> None:
        self.order = order
        place = self._supplier.findData(order.supplier.id)
        if place < 0:
            self._supplier.addItem(order.supplier.name, order.supplier.id)
            place = self._supplier.count() - 1
        self._supplier.setCurrentIndex(place)
        self._note.setText(order.note or "")
        why = {number: line.why for number, line in self.lines.items()}
        self.lines = {
            line.book_id: Line(
                line.book_id,
                line.isbn,
                line.title,
                line.quantity,
                line.cost or 0,
                why.get(line.book_id, ""),
                line.received,
            )
            for line in order.lines
        }
        self._dirty = False
        self.show_lines()
        self._show_state()

    def _show_state(self) -> None:
        draft, stored = self.draft, self.order is not None
        sent = self.order is not None and self.order.status is PurchaseStatus.SENT
        self._supplier.setEnabled(not stored)
        self.table.setColumnHidden(WHY, not draft)
        for field in (self.entry, self._note, self._copies):
            field.setEnabled(draft and self._may_buy)
        shown = {"pdf": stored, "csv": stored, "print": stored, "close": sent, "cancel": stored and (draft or sent)}
        for name, button in self._buttons.items():
            self.show_act(button, shown=shown.get(name, draft) and (self._may_buy or name in ("pdf", "csv", "print")))
        self.show_end(shown=draft and self._may_buy)

    def row_chosen(self) -> None:
        """Show how many copies of the title chosen."""
        line: Line | None = self.table.chosen if self.lines else None
        if line is not None and not self.editing:
            fill(self._copies, str(line.quantity))

    def _edited(self) -> None:
        line: Line | None = self.table.chosen if self.lines else None
        number = read_number(self._copies.text())
        if line is None:
            return
        if number is None:
            self.message.say("Pieces are whole numbers; 0 takes the title off.", "warn")
            return
        line.quantity = number
        self._dirty = True
        self.show_edited(line.book_id)

    async def take(self, title: str | int) -> None:
        """One more of a title."""
        if not self.draft or not self._may_buy:
            return
        expected = await expect_title(self.app, self._supplier.currentData(), None, title)
        line = self.lines.get(expected.book_id)
        if line is None:
            line = Line(expected.book_id, expected.isbn, expected.title, 0, expected.expected_cost)
            self.lines[expected.book_id] = line
        line.quantity += 1
        self._dirty = True
        self.show_lines(expected.book_id)
        self.message.say(f"“{expected.title}”: {pieces(line.quantity)}", "ok")

    async def _suggest(self) -> None:
        if not self.draft or self._supplier.currentData() is None:
            return
        found = await suggest(self.app, self.operator, self._supplier.currentData())
        for one in found:
            need = one.need
            why = [f"level {need.reorder_at}"] if need.reorder_at else []
            why += [f"{need.sold} sold in {need.sold_days} d"] if need.sold else []
            why += [f"{need.waiting} waited for"] if need.waiting else []
            why.append(f"{need.available} there")
            self.lines.setdefault(
                one.book_id, Line(one.book_id, one.isbn, one.title, need.suggested, one.cost)
            ).why = ", ".join(why)
        self._dirty = self._dirty or bool(found)
        self.show_lines()
        if found:
            self.message.say(f"{counted(len(found), 'title')} suggested.", "ok")
            return
        said = "Nothing of this supplier needs to be ordered."
        if nobodys := await count_nobodys(self.app):
            more = f"{counted(nobodys, 'title')} below their level" if nobodys < MOST_COUNTED else f"{nobodys} or more"
            said += f" But {more} {'has' if nobodys == 1 else 'have'} no supplier: give them one in the list (Ctrl+B)."
        self.message.say(said, "warn" if nobodys else "ok")

    async def _save(self) -> PurchaseView:
        lines = {number: line.quantity for number, line in self.lines.items() if line.quantity}
        note = self._note.text()
        if self.order is None:
            supplier = self._supplier.currentData()
            self._show(await make_purchase_order(self.app, self.operator, self.uid, supplier or 0, lines, note))
        elif self.draft and (self._dirty or note != (self.order.note or "")):
            order = self.order
            self._show(await edit_purchase_order(self.app, self.operator, order.id, order.version, lines, note))
        assert self.order is not None  # noqa: S101 - it was stored just now
        return self.order

    async def _save_said(self) -> None:
        order = await self._save()
        self.message.say(f"Order {order.number} is saved as a draft.", "ok")

    async def _move(self, to: PurchaseStatus) -> None:
        if self.order is None:
            return
        self._show(await move_purchase_order(self.app, self.operator, self.order.id, self.order.version, to))
        self.message.say(f"Order {self.order.number} is {to.value} now.", "ok")

    async def _pdf(self) -> None:
        path = await save_pdf(self, await self._save())
        self.message.say(f"Written to {path}", "ok")

    async def _print(self) -> None:
        await print_document(self, await self._save())

    async def _csv(self) -> None:
        path = await export_lines(self.app, await self._save())
        self.message.say(f"Written to {path}", "ok")

    async def post(self) -> None:
        """Send it: stored, its PDF and CSV written, and waiting for the delivery."""
        if not self.draft:
            return
        order = await self._save()
        await self._move(PurchaseStatus.SENT)
        assert self.order is not None  # noqa: S101 - it was moved just now
        path = await save_pdf(self, self.order)
        await export_lines(self.app, self.order)
        self.made = order
        self.message.say(f"Order {order.number} is sent: {path}, and the same as CSV beside it.", "ok")
