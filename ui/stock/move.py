"""Carry stock from one place to another, and send copies back to a publisher."""

from dataclasses import dataclass
from datetime import date

from PySide6.QtWidgets import QLineEdit, QWidget

from pos_app.errors import Refused
from pos_app.services.book import find_by_code
from pos_app.services.publisher_return import (
    PublisherReturnRow,
    PublisherReturnView,
    get_publisher_return,
    list_publisher_returns,
    list_returnable,
    return_to_publisher,
)
from pos_app.services.stock import availability, list_locations
from pos_app.services.stock_export import export_lines
from pos_app.services.supplier import SupplierView, list_suppliers
from pos_app.services.transfer import transfer
from ui import dialogs
from ui.context import Context
from ui.errors import sentence
from ui.stock.purchase import print_document, save_pdf
from ui.stock.sheet import Choice, ScanSheet, StockSheet, fill, number_field, read_number
from ui.stock.suppliers import offer_supplier
from ui.stock.table import Column, RowsTable
from ui.stock.take_back import state
from ui.stock.words import pieces
from ui.widgets.basic import EmptyState


@dataclass(slots=True)
class Line:
    """A title that goes, and what is there of it."""

    book_id: int
    isbn: str | None
    title: str
    there: int
    quantity: int = 0
    return_by: date | None = None
    about: str = ""
    delivered: int | None = None


class _GoingSheet(ScanSheet):
    """Titles that go somewhere: how many of each."""

    def _lay_copies(self) -> None:
        # Where they go from.
        self.place = Choice()
        self._copies = number_field("Copies of the title chosen")
        self._copies.textEdited.connect(lambda _: self._edited())

    def row_chosen(self) -> None:
        """Show how many copies of the title chosen."""
        line: Line | None = self.table.chosen if self.lines else None
        if line is not None and not self.editing:
            fill(self._copies, str(line.quantity))

    def _edited(self) -> None:
        line: Line | None = self.table.chosen if self.lines else None
        number = read_number(self._copies.text())
        if line is not None and number is not None:
            line.quantity = number
            self.show_edited(line.book_id)

    def _one_more(self, line: Line) -> None:
        line.quantity += 1
        self.show_lines(line.book_id)
        kind = "warn" if line.quantity > line.there else "ok"
        self.message.say(f"“{line.title}”: {line.quantity} of {pieces(line.there)} there", kind)

    def _going(self) -> dict[int, int]:
        return {number: line.quantity for number, line in self.lines.items() if line.quantity}

    @property
    def unsaved(self) -> str:
        """What was chosen."""
        return f"{pieces(sum(self._going().values()))} listed" if self._going() else ""


async def _there(sheet: _GoingSheet, book_id: int) -> int:
    """What the place chosen holds of a title."""
    return dict((await availability(sheet.app, book_id)).places).get(sheet.place.currentText(), 0)


class TransferSheet(_GoingSheet):
    """From one place to another; `made` is the transfer as stored."""

    def __init__(self, context: Context, parent: QWidget) -> None:
        """Lay out; places are read by `load`."""
        columns = [
            Column[Line]("Title", 0, lambda line: line.title, below=lambda line: line.isbn or ""),
            Column[Line]("There", 90, lambda line: str(line.there), right=True),
            Column[Line]("Carried", 90, lambda line: str(line.quantity), right=True),
        ]
        empty = "Nothing is carried yet. Scan each copy, or scan one and type how many."
        super().__init__(context, "Transfer", parent, end="Transfer", columns=columns, empty=empty)
        self._lay_copies()
        self._from, self._to = self.place, Choice()
        self.add_row(("From", self._from, 2), ("To", self._to, 2), ("Copies of the title chosen", self._copies, 1))
        self._from.currentIndexChanged.connect(lambda _: self.start(self._look_again(), "there"))
        self.lay_list()
        self.add_act("Turn round", "F3", self._turn)
        self.way = ""

    async def load(self) -> None:
        """Read the places: usually the shop floor is filled up from the store room."""
        places = await list_locations(self.app)
        for place in places:
            self._from.addItem(place.name, place.id)
            self._to.addItem(place.name, place.id)
        self._from.setCurrentIndex(min(1, len(places) - 1))
        self._to.setCurrentIndex(0)
        self.home()

    def _turn(self) -> None:
        here, there = self._from.currentIndex(), self._to.currentIndex()
        self._from.setCurrentIndex(there)
        self._to.setCurrentIndex(here)

    async def _look_again(self) -> None:
        for line in self.lines.values():
            line.there = await _there(self, line.book_id)
        # What was said of a title was said of another place.
        self.message.say("")
        self.show_lines()

    async def take(self, title: str | int) -> None:
        """One more of a title."""
        book = await find_by_code(self.app, title)
        if book.id not in self.lines:
            self.lines[book.id] = Line(book.id, book.isbn, book.title, await _there(self, book.id))
        self._one_more(self.lines[book.id])

    async def post(self) -> None:
        """Carry it over."""
        here, there = self._from.currentData(), self._to.currentData()
        self.made = await transfer(self.app, self.operator, self.uid, here, there, self._going())
        self.way = f"from {self._from.currentText()} to {self._to.currentText()}"
        self.accept()


class ReturnSheet(_GoingSheet):
    """Back to a publisher; `made` is the return as stored, its letter written as PDF and CSV."""

    def __init__(self, context: Context, parent: QWidget) -> None:
        """Lay out; suppliers are read by `load`."""
        today = context.app.clock.now().date()
        columns = [
            Column[Line]("Title", 0, lambda line: line.title, below=lambda line: line.isbn or ""),
            Column[Line](
                "Delivered", 100, lambda line: "" if line.delivered is None else str(line.delivered), right=True
            ),
            Column[Line]("There", 80, lambda line: str(line.there), right=True),
            Column[Line]("Goes back", 100, lambda line: str(line.quantity or ""), right=True),
            Column[Line](
                "Until",
                170,
                lambda line: context.fmt.date(line.return_by) if line.return_by else "No window",
                pill=lambda line: "ok" if line.return_by and line.return_by >= today else "warn",
            ),
        ]
        empty = "Nothing of this supplier is there to go back. Choose another one, or scan a title it agreed to take."
        super().__init__(context, "Return to publisher", parent, end="Send back", columns=columns, empty=empty)
        self._suppliers: list[SupplierView] = []
        self._lay_copies()
        self._supplier, self._from, self._note = Choice(), self.place, QLineEdit()
        self._note.setMaxLength(255)
        self._note.setPlaceholderText("Reference, reason")
        self.add_row(
            ("Supplier", self._supplier, 11),
            ("From", self._from, 6),
            ("Note", self._note, 8),
            ("Copies of the title chosen", self._copies, 5),
        )
        self._supplier.currentIndexChanged.connect(lambda _: self.start(self._read(), "titles"))
        self._from.currentIndexChanged.connect(lambda _: self.start(self._look_again(), "titles"))
        self.lay_list()
        self._late = self.add_toggle("They agreed", "F4", self.home)
        self.add_act("Past returns", "F6", lambda: self.start(self._past()))
        self.files = ""
        # The number of a past return that is to be taken back once this has closed.
        self.take_back: int | None = None

    async def load(self) -> None:
        """Read the suppliers, and what the first one takes back."""
        for place in await list_locations(self.app):
            if self._from.findData(place.id) < 0:
                self._from.addItem(place.name, place.id)
        self._suppliers = await list_suppliers(self.app)
        for supplier in self._suppliers:
            self._supplier.addItem(supplier.name, supplier.id)
        if not self._suppliers:
            offer_supplier(self, self.load)
        self.home()

    async def _read(self) -> None:
        if (supplier := self._supplier.currentData()) is None:
            return
        found = await list_returnable(self.app, self.operator, supplier, self._from.currentData())
        self.lines = {
            one.book_id: Line(
                one.book_id, one.isbn, one.title, one.available, return_by=one.return_by, delivered=one.delivered
            )
            for one in found
        }
        self.show_lines()

    async def _look_again(self) -> None:
        """Another place: what was to go back still is, as far as it is there."""
        going = self._going()
        kept = {number: self.lines[number] for number in going}
        await self._read()
        for number, line in kept.items():
            if number not in self.lines:
                line.there = await _there(self, number)
                self.lines[number] = line
            self.lines[number].quantity = going[number]
        self.show_lines()

    async def take(self, title: str | int) -> None:
        """One more of a title."""
        book = await find_by_code(self.app, title)
        if book.id not in self.lines:
            self.lines[book.id] = Line(book.id, book.isbn, book.title, await _there(self, book.id))
        self._one_more(self.lines[book.id])

    async def _past(self) -> None:
        sheet = PastReturnsSheet(self.context, await list_publisher_returns(self.app), self)
        try:
            await dialogs.show(sheet)
        finally:
            await sheet.tasks.close()
        if sheet.take_back is None:
            return
        if self.unsaved:
            self.message.say(f"{self.unsaved} would be lost. Send it back or leave it first, then take back.", "warn")
            return
        self.take_back = sheet.take_back
        self.done(0)

    async def post(self) -> None:
        """Send it back."""
        supplier = self._supplier.currentData() or 0
        try:
            made = await return_to_publisher(
                self.app,
                self.operator,
                self.uid,
                supplier,
                self._going(),
                note=self._note.text(),
                accept_late=self._late.isChecked(),
                location_id=self._from.currentData(),
            )
        except Refused as told:
            if told.code not in ("publisher_return.late", "publisher_return.never", "publisher_return.more"):
                raise
            self.message.say(f"{sentence(told)} F4 sends it all the same.", "warn")
            return
        self.made = made
        await export_lines(self.app, made)
        self.files = str(await save_pdf(self, made))
        self.accept()


class PastReturnsSheet(StockSheet):
    """The returns made last; the letter of the one chosen is made again as PDF, or printed, or it is taken back."""

    def __init__(self, context: Context, rows: list[PublisherReturnRow], parent: QWidget) -> None:
        """Lay out."""
        super().__init__(context, "Past returns", parent, end="Make PDF", width=860)
        self.table = RowsTable(
            "Past returns",
            [
                Column[PublisherReturnRow]("Supplier", 0, lambda row: row.supplier),
                Column[PublisherReturnRow]("Return", 90, lambda row: str(row.number), right=True),
                Column[PublisherReturnRow](
                    "Sent", 120, lambda row: context.fmt.day_of(row.posted_at, context.app.clock.now())
                ),
                Column[PublisherReturnRow]("Copies", 90, lambda row: str(row.pieces), right=True),
                Column[PublisherReturnRow](
                    "",
                    200,
                    lambda row: (state(row.pieces, row.back) or ("",))[0],
                    pill=lambda row: (state(row.pieces, row.back) or ("", None))[1],
                ),
            ],
        )
        self.table.show_rows(rows, 0)
        nothing = EmptyState("Nothing was sent back yet.")
        for widget, shown in ((self.table, bool(rows)), (nothing, not rows)):
            self.body.addWidget(widget, 1)
            widget.setVisible(shown)
        print_key = self.add_act("Print", "F9", lambda: self.start(self._print()))
        back_key = self.add_act("Take back", "F4", self._take_back)
        for key in (print_key, back_key):
            self.show_act(key, shown=bool(rows))
        self.take_back: int | None = None
        self.show_end(shown=bool(rows))
        (self.table if rows else self.back).setFocus()

    def _take_back(self) -> None:
        """F4: it was sent in error."""
        row: PublisherReturnRow | None = self.table.chosen
        if row is not None:
            self.take_back = row.id
            self.done(0)

    async def _letter(self) -> PublisherReturnView:
        row: PublisherReturnRow | None = self.table.chosen
        return await get_publisher_return(self.app, row.id if row is not None else 0)

    def submit(self) -> None:
        """Enter makes it too."""
        self.finish()

    async def post(self) -> None:
        """Make the PDF again; the list stays."""
        made = await self._letter()
        await export_lines(self.app, made)
        self.message.say(f"The letter of return {made.number} is in {await save_pdf(self, made)}", "ok")

    async def _print(self) -> None:
        made = await self._letter()
        await print_document(self, made)
