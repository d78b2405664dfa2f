"""Purchase orders: the list, and one of them drawn up, sent, saved as PDF and CSV."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLineEdit, QStackedLayout, QWidget

from pos_app.domain.purchase import PurchaseStatus
from pos_app.errors import Unavailable
from pos_app.services.delivery import expect_title
from pos_app.services.publisher_return import PublisherReturnView
from pos_app.services.purchase_order import (
    MOST_COUNTED,
    Coming,
    PurchaseRow,
    PurchaseView,
    count_nobodys,
    edit_purchase_order,
    list_purchase_orders,
    make_purchase_order,
    move_purchase_order,
    still_to_come,
    suggest,
)
from pos_app.services.stock_export import export_lines, letter_of
from pos_app.services.supplier import list_suppliers
from ui import dialogs
from ui.context import Context
from ui.printers import WRITE_INSTEAD, ask_printer
from ui.stock.letter import print_letter, write_letter
from ui.stock.paper import ListPaper
from ui.stock.sheet import Choice, ScanSheet, StockSheet, fill, number_field, read_number
from ui.stock.suppliers import offer_supplier
from ui.stock.table import Column, RowsTable
from ui.stock.words import counted, pieces
from ui.widgets.basic import EmptyState, label, panel
from ui.widgets.sheet import Sure

STATUS = {
    PurchaseStatus.DRAFT: ("Draft", "info"),
    PurchaseStatus.SENT: ("Sent", "ok"),
    PurchaseStatus.CLOSED: ("Closed", "off"),
    PurchaseStatus.CANCELLED: ("Cancelled", "bad"),
}

# The columns that say why a title is suggested, and what came of it.
WHY, RECEIVED = 1, 3
LIST_LEAST = 120


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


async def print_document(sheet: StockSheet, document: PurchaseView | PublisherReturnView) -> None:
    """Print a document's letter on a printer that is asked for."""
    letter = await letter_of(sheet.app, document)
    if (printer := await ask_printer(sheet, sheet.context, WRITE_INSTEAD)) is not None:
        print_letter(letter, printer)
        sheet.message.say(f"{letter.title} is sent to {printer.printerName() or 'the printer'}.", "ok")


class PurchaseListSheet(StockSheet):
    """The purchase orders; `made` is the one chosen, or None for a new one."""

    def __init__(self, context: Context, parent: QWidget, *, may_buy: bool) -> None:
        """Lay out; orders are read by `load`."""
        super().__init__(context, "Purchase orders", parent, end="New order")
        fmt = context.fmt
        self.table = RowsTable(
            "Purchase orders",
            [
                Column[PurchaseRow]("Supplier", 0, lambda row: row.supplier),
                Column[PurchaseRow]("Order", 66, lambda row: str(row.number), right=True),
                Column[PurchaseRow]("Made", 112, lambda row: fmt.day_of(row.made_at, context.app.clock.now())),
                Column[PurchaseRow](
                    "Expected", 112, lambda row: "" if row.expected_on is None else fmt.date(row.expected_on)
                ),
                Column[PurchaseRow]("Copies", 74, lambda row: fmt.count(row.pieces), right=True),
                Column[PurchaseRow]("Received", 88, lambda row: fmt.count(row.received), right=True),
                Column[PurchaseRow]("At cost", 98, lambda row: fmt.amount(row.total), right=True),
                Column[PurchaseRow](
                    "Status", 124, lambda row: STATUS[row.status][0], pill=lambda row: STATUS[row.status][1]
                ),
            ],
        )
        empty = "Nothing is on order." + (" F12 draws an order up." if may_buy else "")
        self._paper = ListPaper(self.table, "The purchase orders", empty, self.read_again)
        self.body.addWidget(self._paper, 1)
        self._open = self.add_act("Open", "Enter", self.submit)
        self.add_act("Still to come", "F6", lambda: self.start(self._coming()))
        self.show_end(shown=may_buy)

    async def load(self) -> None:
        """Read the orders."""
        with self._paper.reading():
            rows = await list_purchase_orders(self.app)
        self.table.show_rows(rows, 0)
        self._paper.show_list(there=bool(rows))
        self.show_act(self._open, shown=bool(rows))
        (self.table if rows else self.end if self.end.isVisible() else self.back).setFocus(
            Qt.FocusReason.OtherFocusReason
        )

    async def _coming(self) -> None:
        sheet = ComingSheet(self.context, await still_to_come(self.app), self)
        try:
            await dialogs.show(sheet)
        finally:
            await sheet.tasks.close()

    def submit(self) -> None:
        """Enter opens the one chosen."""
        if self.table.chosen is not None:
            self.made = self.table.chosen
            self.accept()


class ComingSheet(StockSheet):
    """What suppliers still have to deliver, all of it or of one of them, and what that comes to."""

    def __init__(self, context: Context, rows: Sequence[Coming], parent: QWidget) -> None:
        """Take what is still to come."""
        super().__init__(context, "Still to come", parent, end="Done")
        self.back.hide()
        fmt, today = context.fmt, context.app.clock.now().date()
        self._rows = rows
        self._whose = Choice()
        self._whose.addItem("All suppliers", None)
        for name in dict.fromkeys(row.supplier for row in rows):
            self._whose.addItem(name, name)
        self._whose.currentIndexChanged.connect(lambda _: self._show())
        self.add_row(("Supplier", self._whose, 1))
        self.table = RowsTable(
            "Still to come",
            [
                Column[Coming]("Title", 0, lambda row: row.title, below=lambda row: row.isbn or ""),
                Column[Coming]("Supplier", 200, lambda row: row.supplier, below=lambda row: f"Order {row.number}"),
                Column[Coming](
                    "Expected",
                    136,
                    lambda row: "" if row.expected_on is None else fmt.date(row.expected_on),
                    pill=lambda row: "warn" if row.expected_on is not None and row.expected_on < today else None,
                ),
                Column[Coming]("To come", 84, lambda row: fmt.count(row.pieces), right=True),
                Column[Coming]("Waited for", 96, lambda row: str(row.waiting or ""), right=True),
                Column[Coming]("At cost", 100, lambda row: fmt.amount(row.amount), right=True),
            ],
            height=260,
        )
        paper = panel()
        self._stack = QStackedLayout(paper)
        self._stack.addWidget(EmptyState("Nothing is on its way: no order that was sent waits for copies."))
        self._stack.addWidget(self.table)
        self.body.addWidget(paper, 1)
        self._sum = label("", "sum")
        self.body.addWidget(self._sum)
        self.fill(parent)
        self._show()
        (self.table if rows else self.end).setFocus(Qt.FocusReason.OtherFocusReason)

    def _show(self) -> None:
        whose = self._whose.currentData()
        rows = [row for row in self._rows if whose in (None, row.supplier)]
        self.table.show_rows(rows, 0)
        self._stack.setCurrentIndex(1 if rows else 0)
        copies, amount = sum(row.pieces for row in rows), sum(row.amount for row in rows)
        titles = counted(len({row.book_id for row in rows}), "title", fmt=self.fmt)
        said = f"{pieces(copies, self.fmt)} of {titles}, {self.fmt.money(amount)} at cost."
        self._sum.setText(said if rows else "")

    def submit(self) -> None:
        """Enter is done, too."""
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
            end="Mark as sent",
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
        self._sum = label("", "muted")
        self._sum.setWordWrap(True)
        self.body.addWidget(self._sum)
        for part in (self.table, self.paper):
            # With large text the sum below takes some of the list's room.
            part.setMinimumHeight(LIST_LEAST)
        self._dirty = False
        self._may_buy = may_buy
        self._buttons: dict[str, Any] = {
            "suggest": self.add_act("Suggest", "F3", lambda: self.start(self._suggest())),
            "save": self.add_act("Save", "F4", lambda: self.start(self._save_said())),
            "pdf": self.add_act("PDF", "F5", lambda: self.start(self._pdf())),
            "csv": self.add_act("CSV", "F6", lambda: self.start(self._csv())),
            "print": self.add_act("Print", "F9", lambda: self.start(self._print())),
            "close": self.add_act("Close order", "F7", lambda: self.start(self._end(PurchaseStatus.CLOSED))),
            "cancel": self.add_act("Cancel order", "F8", lambda: self.start(self._end(PurchaseStatus.CANCELLED))),
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
        for field in (self.entry, self._note, self._copies):
            field.setEnabled(draft and self._may_buy)
        shown = {"pdf": stored, "csv": stored, "print": stored, "close": sent, "cancel": stored and (draft or sent)}
        for name, button in self._buttons.items():
            self.show_act(button, shown=shown.get(name, draft) and (self._may_buy or name in ("pdf", "csv", "print")))
        self.show_end(shown=draft and self._may_buy)
        self._show_sum()

    def show_lines(self, book_id: int | None = None) -> None:
        """Show the list, and what it comes to."""
        super().show_lines(book_id)
        # Titles take the room of what has nothing to say.
        self.table.setColumnHidden(WHY, not (self.draft and any(line.why for line in self.lines.values())))
        self.table.setColumnHidden(RECEIVED, self.draft)
        self.table.fit()
        self._show_sum()

    def _show_sum(self) -> None:
        """What the order comes to at cost, and where it stands."""
        lines = [line for line in self.lines.values() if line.quantity]
        copies = pieces(sum(line.quantity for line in lines), self.fmt)
        total = self.fmt.money(sum(line.quantity * line.cost for line in lines))
        said = f"{copies} of {counted(len(lines), 'title', fmt=self.fmt)}, {total} at cost." if lines else ""
        order = self.order
        if order is not None and order.sent_at is not None:
            said += f" Sent on {self.fmt.day(order.sent_at)}."
            left = sum(line.open for line in order.lines)
            if order.status is PurchaseStatus.SENT and order.expected_on is not None:
                said += f" {pieces(left, self.fmt)} still to come, expected {self.fmt.date(order.expected_on)}."
        if order is not None and order.status in (PurchaseStatus.CLOSED, PurchaseStatus.CANCELLED):
            said += f" It is {order.status.value}."
        self._sum.setText(said)

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

    async def _end(self, to: PurchaseStatus) -> None:
        """Close or cancel the order, once that is sure: it opens no more."""
        if self.order is None:
            return
        number, cancelled = self.order.number, to is PurchaseStatus.CANCELLED
        left = sum(line.open for line in self.order.lines)
        said = [f"{pieces(left, self.fmt)} still to come {'is' if left == 1 else 'are'} waited for no more."]
        if self.order.status is PurchaseStatus.SENT:
            said.append("The supplier is not told by this: write or call, if it should not deliver.")
        title = f"{'Cancel' if cancelled else 'Close'} order {number}?"
        go = "Cancel the order" if cancelled else "Close the order"
        if await dialogs.show(Sure(title, said, self, go=go, key="C")):
            await self._move(to)

    async def _pdf(self) -> None:
        path = await save_pdf(self, await self._save())
        self.message.say(f"Written to {path}", "ok")

    async def _print(self) -> None:
        await print_document(self, await self._save())

    async def _csv(self) -> None:
        path = await export_lines(self.app, await self._save())
        self.message.say(f"Written to {path}", "ok")

    async def post(self) -> None:
        """Take it for sent: stored, its PDF and CSV written, and waiting for the delivery. Sending those is by hand."""
        if not self.draft:
            return
        order = await self._save()
        await self._move(PurchaseStatus.SENT)
        assert self.order is not None  # noqa: S101 - it was moved just now
        path = await save_pdf(self, self.order)
        await export_lines(self.app, self.order)
        self.made = order
        said = f"Order {order.number} is marked as sent and waits for its delivery. Send the supplier {path}"
        self.message.say(f"{said}, or the CSV beside it.", "ok")
