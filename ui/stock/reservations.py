"""Copies set aside, and who waits for one."""

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLineEdit, QWidget

from pos_app.domain.stock import ReservationStatus
from pos_app.errors import Conflict
from pos_app.services.book import find_by_code
from pos_app.services.reservation import (
    ReservationView,
    cancel_reservation,
    collect,
    hold,
    list_reservations,
    reserve,
)
from ui.context import Context
from ui.errors import sentence
from ui.stock.paper import ListPaper
from ui.stock.sheet import StockSheet, number_field, read_number
from ui.stock.table import Column, RowsTable
from ui.widgets.fields import IconField

STATUS = {ReservationStatus.HELD: ("Set aside", "ok"), ReservationStatus.WAITING: ("Waits", "warn")}


class ReservationsSheet(StockSheet):
    """Scan a title to set copies aside for the name typed; where none is there, it is noted that they wait."""

    def __init__(self, context: Context, parent: QWidget) -> None:
        """Lay out; reservations are read by `load`."""
        super().__init__(context, "Reservations", parent, end="Done")
        self._name, self._pieces = QLineEdit(), number_field("Copies")
        self._name.setMaxLength(120)
        self._name.setPlaceholderText("Name, telephone")
        self._pieces.setText("1")
        self.entry = IconField("search", "Title", "Scan, or type an ISBN or title")
        self.add_row(("For", self._name, 3), ("Copies", self._pieces, 1), ("Title", self.entry, 4))
        self.table = RowsTable(
            "Reservations",
            [
                Column[ReservationView]("Title", 0, lambda row: row.title),
                Column[ReservationView]("For", 220, lambda row: row.name),
                Column[ReservationView]("Copies", 80, lambda row: str(row.quantity), right=True),
                Column[ReservationView](
                    "", 130, lambda row: STATUS[row.status][0], pill=lambda row: STATUS[row.status][1]
                ),
            ],
            height=220,
        )
        empty = "Nothing is set aside. Type for whom, then scan the book."
        self._paper = ListPaper(self.table, "The reservations", empty, self.read_again)
        self.body.addWidget(self._paper, 1)
        self.add_act("Collected", "F3", lambda: self.start(self._move(ReservationStatus.COLLECTED)))
        self.add_act("Set aside", "F4", lambda: self.start(self._move(ReservationStatus.HELD)))
        self.add_act("Cancel it", "F5", lambda: self.start(self._move(ReservationStatus.CANCELLED)))
        self.fill(parent)
        self._name.setFocus(Qt.FocusReason.OtherFocusReason)

    async def load(self) -> None:
        """Read what is set aside."""
        with self._paper.reading():
            rows = await list_reservations(self.app)
        self.table.show_rows(rows)
        self._paper.show_list(there=bool(rows))

    def submit(self) -> None:
        """Enter goes to the title, or takes the one typed."""
        if code := self.entry.text().strip():
            self.entry.clear()
            self.start(self._take_typed(code))
        else:
            self.entry.setFocus()

    def scanned(self, code: str) -> None:
        """Set copies of a title aside."""
        self.entry.clear()
        self.start(self._take(code))

    async def _take(self, title: str | int) -> None:
        async with self.turn:
            number = read_number(self._pieces.text()) or 0
            book = await find_by_code(self.app, title)
            name = self._name.text()
            made = await reserve(self.app, self.operator, self.app.ids.new(), book.id, number, name, wait=True)
            held = made.status is ReservationStatus.HELD
            await self.load()
            said = "is set aside" if held else "is not there; it is noted that they wait"
            self.message.say(f"“{made.title}” for {made.name} {said}.", "ok" if held else "warn")
            self._name.clear()
            self._pieces.setText("1")
            self._name.setFocus()

    async def _move(self, to: ReservationStatus) -> None:
        row: ReservationView | None = self.table.chosen
        if row is None:
            return
        act = {ReservationStatus.COLLECTED: collect, ReservationStatus.HELD: hold}.get(to, cancel_reservation)
        try:
            await act(self.app, self.operator, row.id, row.version)
        except Conflict as told:
            self.message.say(sentence(told), "warn")
        else:
            said = {ReservationStatus.COLLECTED: "can be sold now", ReservationStatus.HELD: "is set aside"}
            self.message.say(f"“{row.title}” for {row.name} {said.get(to, 'is no longer kept')}.", "ok")
        await self.load()
