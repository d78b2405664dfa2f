"""Receive a delivery: against a purchase order or without one, scanned or from the supplier's file."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLineEdit, QWidget

from pos_app.domain.purchase import PurchaseStatus
from pos_app.errors import PosError, Refused
from pos_app.services.delivery import (
    Came,
    DeliveryRequest,
    DeliveryView,
    ExpectedTitle,
    expect_title,
    receive_delivery,
)
from pos_app.services.delivery_file import read_delivery_file
from pos_app.services.order_hold import Slip
from pos_app.services.order_paper import hold_papers, print_papers
from pos_app.services.purchase_order import PurchaseRow, get_purchase_order, list_purchase_orders
from pos_app.services.saved_view import keep_text, kept_text
from pos_app.services.stock import list_locations
from pos_app.services.supplier import list_suppliers
from ui import dialogs
from ui.context import Context
from ui.errors import sentence
from ui.files import ask_file
from ui.format import Formatter
from ui.inventory.label_dialog import label_delivery
from ui.stock.sheet import Choice, ScanSheet, StockSheet, fill, fill_choice, number_field, read_number
from ui.stock.suppliers import offer_supplier
from ui.stock.table import Column, RowsTable
from ui.stock.words import counted, pieces
from ui.widgets.basic import label
from ui.widgets.sheet import Sheet, Sure

NAME_SHOWN = 16
# So many titles that are not in the catalogue are named in the message.
NAMED = 3
TABLES = ["Tables (*.csv *.txt *.gz *.xlsx *.xls *.ods)", "All (*)"]
# Under what a delivery that is not posted is kept, for each till.
KEPT = "delivery"


@dataclass(slots=True)
class Line:
    """A title as it comes in: all copies that came, the damaged ones among them."""

    expected: ExpectedTitle
    came: int = 0
    damaged: int = 0
    cost: int | None = None
    accept_over: bool = False
    ordered_on: bool = False

    @property
    def over(self) -> int:
        """How many more came than were still to come, where it was ordered."""
        return max(self.good - self.expected.ordered, 0) if self.ordered_on else 0

    @property
    def good(self) -> int:
        """How many of them can be sold."""
        return self.came - self.damaged

    @property
    def dearer(self) -> int:
        """How much more a copy costs than was expected."""
        return 0 if self.cost is None else self.cost - self.expected.expected_cost


def signed(amount: int, fmt: Formatter) -> str:
    """A difference with its sign; nothing for none."""
    return "" if not amount else f"{'+' if amount > 0 else '−'}{fmt.amount(abs(amount))}"


def remark(line: Line) -> str:
    """What is to be looked at."""
    if line.over:
        return f"{line.over} over, taken" if line.accept_over else f"{line.over} over"
    if line.expected.waiting:
        return f"For {line.expected.waiting[0].name[:NAME_SHOWN]}"
    if line.ordered_on and line.good < line.expected.ordered:
        return f"{line.expected.ordered - line.good} to come"
    return ""


def remark_kind(line: Line) -> str | None:
    """How loud that is."""
    if not remark(line):
        return None
    if line.over:
        return "warn" if line.accept_over else "bad"
    return "info" if line.expected.waiting else "off"


class ReceiveSheet(ScanSheet):
    """What came, title by title; `made` is the delivery as stored."""

    def __init__(self, context: Context, parent: QWidget) -> None:
        """Lay out; suppliers and orders are read by `load`."""
        fmt = context.fmt
        columns = [
            Column[Line]("Title", 0, lambda line: line.expected.title, below=lambda line: line.expected.isbn or ""),
            Column[Line](
                "Ordered", 76, lambda line: str(line.expected.ordered) if line.ordered_on else "–", right=True
            ),
            Column[Line]("Came", 72, lambda line: str(line.came), right=True),
            Column[Line]("Damaged", 82, lambda line: str(line.damaged or ""), right=True),
            Column[Line]("Cost", 84, lambda line: "" if line.cost is None else fmt.amount(line.cost), right=True),
            Column[Line]("Difference", 94, lambda line: signed(line.dearer, fmt), right=True),
            Column[Line]("", 168, remark, pill=remark_kind),
        ]
        super().__init__(
            context,
            "Receive delivery",
            parent,
            end="Take into stock",
            columns=columns,
            what="Suppliers and orders",
            empty="Nothing has come yet. Scan a book, load the supplier's file (F3), or say all came (F4).",
        )
        self._orders: list[PurchaseRow] = []
        self._supplier, self._order, self._place = Choice(), Choice(), Choice()
        self._reference = QLineEdit()
        self._reference.setMaxLength(80)
        self._reference.setPlaceholderText("Number on it")
        self.add_row(
            ("Supplier", self._supplier, 4),
            ("Purchase order", self._order, 3),
            ("Into", self._place, 2),
            ("Delivery note", self._reference, 2),
        )
        self.lay_list()
        self._came, self._damaged, self._cost = number_field("Came"), number_field("Damaged"), QLineEdit()
        self._cost.setMaxLength(12)
        self._cost.setAlignment(Qt.AlignmentFlag.AlignRight)
        self.add_row(
            ("Came, of the title chosen", self._came, 1),
            ("of them damaged", self._damaged, 1),
            ("Cost of a copy", self._cost, 1),
        )
        for field in (self._came, self._damaged, self._cost):
            field.textEdited.connect(lambda _: self._edited())
        self._supplier.currentIndexChanged.connect(lambda _: self._supplier_chosen())
        self._order.currentIndexChanged.connect(lambda _: self._order_chosen())
        self.add_act("Load file", "F3", lambda: self.start(self._ask_file()))
        self.add_act("All came", "F4", lambda: self.start(self._all_came()))
        self.add_act("Damaged", "F5", self.one_damaged)
        self.add_act("Accept extra", "F6", self.take_over)
        self._reference.textEdited.connect(lambda _: self._keep())
        # What is listed is kept as it grows, from when it is read on: a machine that dies takes no scans with it.
        self._read = self._keeping = self._unkept = self.ended = False
        self._wrong = ""
        self._refused: tuple[str, ...] = ()
        # The note's number that is taken in although it was before.
        self._note_again = ""
        self._refusals = self.add_act("Not taken", "F7", self.show_refused)
        self.show_act(self._refusals, shown=False)

    async def load(self) -> None:
        """Read who delivers, what is on its way, and where it can go."""
        with self.reading():
            self._orders = await list_purchase_orders(self.app, statuses=(PurchaseStatus.SENT,))
            suppliers = await list_suppliers(self.app)
            fill_choice(self._place, [(place.name, place.id) for place in await list_locations(self.app)])
            waiting = {row.supplier for row in self._orders}
            suppliers.sort(key=lambda one: one.name not in waiting)
            fill_choice(self._supplier, [(one.name, one.id) for one in suppliers])
            if suppliers:
                await self._go_on()
        if not suppliers:
            offer_supplier(self, self.load)
        self.end.setEnabled(bool(suppliers))
        self.entry.setEnabled(bool(suppliers))
        self._read = True
        self.home()

    # What is not posted yet

    async def _go_on(self) -> None:
        """List again what was listed when the program was killed, or the till left."""
        kept = json.loads(await kept_text(self.app, self.operator, KEPT, str(self.operator.till_id)) or "{}")
        if not kept.get("lines"):
            return
        self.uid = kept["uid"]
        for box, value in (
            (self._supplier, kept["supplier"]),
            (self._order, kept["order"]),
            (self._place, kept["into"]),
        ):
            if (place := box.findData(value)) >= 0:
                box.setCurrentIndex(place)
        self._reference.setText(kept["reference"])
        for number, came, damaged, cost, over in kept["lines"]:
            line = await self._line(number)
            line.came, line.damaged, line.cost, line.accept_over = came, damaged, cost, over
        self.show_lines()
        titles = counted(len(self.lines), "title")
        self.message.say(f"Not taken into stock yet: {titles}, here again as they were. Esc twice drops them.", "warn")

    def show_lines(self, book_id: int | None = None) -> None:
        """Show the list, and keep it."""
        super().show_lines(book_id)
        self._keep()

    def _keep(self) -> None:
        self._unkept = self._read
        if self._unkept and not self._keeping:
            self._keeping = True
            self.tasks.start(self._keep_all())

    async def _keep_all(self) -> None:
        try:
            while self._unkept:
                self._unkept = False
                await keep_text(self.app, self.operator, KEPT, str(self.operator.till_id), self._written())
        finally:
            self._keeping = False

    def _written(self) -> str:
        lines = [(number, line.came, line.damaged, line.cost, line.accept_over) for number, line in self.lines.items()]
        return json.dumps(
            {
                "uid": self.uid, "supplier": self._supplier.currentData(), "order": self._order.currentData(),
                "into": self._place.currentData(), "reference": self._reference.text(), "lines": lines,
            }
        )  # fmt: skip

    def done(self, result: int) -> None:
        """It is posted, or dropped by whoever had it."""
        self.ended = True
        super().done(result)

    async def drop_kept(self) -> None:
        """Nothing is left to be posted."""
        if self._read:
            await keep_text(self.app, self.operator, KEPT, str(self.operator.till_id), "")

    # Choosing

    def _supplier_chosen(self) -> None:
        self._order.blockSignals(True)  # noqa: FBT003 - Qt's own
        self._order.clear()
        for row in self._orders:
            if row.supplier == self._supplier.currentText():
                self._order.addItem(f"{row.number} · {row.pieces - row.received:,} to come", row.id)
        self._order.addItem("None", None)
        self._order.blockSignals(False)  # noqa: FBT003 - Qt's own
        self._order_chosen()

    def _order_chosen(self) -> None:
        """Look at what is listed already anew: it may be of another order."""
        self.start(self._look_again(), "order")

    async def _look_again(self) -> None:
        number = self._order.currentData()
        for line in self.lines.values():
            line.expected = await self._expect(line.expected.book_id)
            line.ordered_on = number is not None
        self.show_lines()

    async def _expect(self, title: str | int) -> ExpectedTitle:
        return await expect_title(self.app, self._supplier.currentData(), self._order.currentData(), title)

    # Taking

    async def take(self, title: str | int) -> None:
        """One more of a title came."""
        line = await self._line(title)
        line.came += 1
        self.show_lines(line.expected.book_id)
        self._say(line)

    async def _line(self, title: str | int) -> Line:
        expected = await self._expect(title)
        kept = self.lines.get(expected.book_id)
        if kept is None:
            kept = self.lines[expected.book_id] = Line(expected, ordered_on=self._order.currentData() is not None)
        return kept

    def _say(self, line: Line) -> None:
        if line.over and not line.accept_over:
            self.message.say(f"“{line.expected.title}”: more came than was ordered. F6 takes it.", "warn")
        elif line.expected.waiting:
            first = line.expected.waiting[0]
            self.message.say(f"{first.name} waits for {pieces(first.quantity)} of “{line.expected.title}”.", "ok")
        else:
            self.message.say(f"“{line.expected.title}”: {line.came}", "ok")

    async def _all_came(self) -> None:
        """Take all that was ordered for delivered."""
        number = self._order.currentData()
        if number is None:
            self.message.say("Choose the purchase order first.", "warn")
            return
        for ordered in (await get_purchase_order(self.app, number)).lines:
            if ordered.open:
                line = await self._line(ordered.book_id)
                line.came = max(line.came, ordered.open + line.damaged)
        self.show_lines()

    async def _ask_file(self) -> None:
        path = await ask_file(self, "The supplier's file", TABLES)
        if path is not None:
            await self.load_file(path)

    async def load_file(self, path: Path) -> None:
        """Take what a supplier's file says came."""
        read = await read_delivery_file(self.app, path)
        for isbn, came in read.came:
            line = await self._line(isbn)
            line.came, line.cost = came.quantity, came.cost if came.cost is not None else line.cost
            line.damaged = min(line.damaged, line.came)
        self.show_lines()
        taken = f"{counted(len(read.came), 'title')} of the file {'is' if len(read.came) == 1 else 'are'} taken."
        self._refused = read.refused
        self.show_act(self._refusals, shown=bool(read.refused))
        if not read.refused:
            self.message.say(taken, "ok")
            return
        named = listing(read.unknown)
        unknown = f" Not in the catalogue: {named}." if named else ""
        self.message.say(f"{taken} Not taken: {counted(len(read.refused), 'row')}; F7 shows them.{unknown}", "warn")
        await dialogs.show(RefusedSheet(path.name, read.refused, self))

    def show_refused(self) -> None:
        """What of the file was not taken, and why."""
        if self._refused:
            self.start(self._show_refused())

    async def _show_refused(self) -> None:
        await dialogs.show(RefusedSheet("the file", self._refused, self))

    # The title chosen

    def row_chosen(self) -> None:
        """Show what came of the title chosen."""
        line: Line | None = self.table.chosen if self.lines else None
        for field in (self._came, self._damaged, self._cost):
            field.setEnabled(line is not None)
        if line is None or self.editing:
            return
        self._wrong = ""
        fill(self._came, str(line.came))
        fill(self._damaged, str(line.damaged))
        fill(self._cost, "" if line.cost is None else self.fmt.plain(line.cost))
        self._cost.setPlaceholderText(f"expected {self.fmt.plain(line.expected.expected_cost)}")

    def _edited(self) -> None:
        line: Line | None = self.table.chosen
        if line is None:
            return
        self._wrong = self._take_typed_of(line)
        self.message.say(self._wrong, "warn")
        self.show_edited(line.expected.book_id)

    def _take_typed_of(self, line: Line) -> str:
        """Take what the fields say of the title chosen; gives what is wrong with it."""
        came, damaged = read_number(self._came.text()), read_number(self._damaged.text())
        if came is None or damaged is None:
            return "Pieces are whole numbers."
        try:
            line.cost = self.fmt.parse(self._cost.text()) if self._cost.text().strip() else None
        except PosError as error:
            return sentence(error)
        line.came, line.damaged = came, damaged
        return f"{pieces(came)} came: no more of them can be damaged." if damaged > came else ""

    def one_damaged(self) -> None:
        """One of the copies that came of the title chosen is damaged."""
        line: Line | None = self.table.chosen if self.lines else None
        if line is not None and line.good:
            line.damaged += 1
            self.show_lines(line.expected.book_id)

    def take_over(self) -> None:
        """Take what came over of the title chosen, or no longer."""
        line: Line | None = self.table.chosen if self.lines else None
        if line is not None and line.over:
            line.accept_over = not line.accept_over
            self.show_lines(line.expected.book_id)

    async def post(self) -> None:
        """Take the good copies into stock; the damaged ones are noted, to be claimed."""
        wrong = next((number for number, line in self.lines.items() if line.damaged > line.came), None)
        if self._wrong or wrong is not None:
            if not self._wrong:
                self.show_lines(wrong)
            self.message.say(self._wrong or "More are damaged than came. Correct one of the two.", "warn")
            return
        request = DeliveryRequest(
            uid=self.uid,
            supplier_id=self._supplier.currentData(),
            lines=tuple(
                Came(number, line.good, line.damaged, line.cost, line.accept_over)
                for number, line in self.lines.items()
                if line.came
            ),
            purchase_order_id=self._order.currentData(),
            location_id=self._place.currentData(),
            reference=self._reference.text(),
            note_again=self._reference.text() == self._note_again,
        )
        try:
            self.made = await receive_delivery(self.app, self.operator, request)
        except Refused as told:
            if told.code == "delivery.known_note":
                if not await dialogs.show(self._known_note(told)):
                    return
                self._note_again = request.reference
                await self.post()
                return
            if told.code != "delivery.over":
                raise
            over = next(number for number, line in self.lines.items() if line.over and not line.accept_over)
            self.show_lines(over)
            self.message.say(f"{sentence(told)} F6 takes them.", "warn")
            return
        await print_slips(self.context, self.made)
        self.accept()

    def _known_note(self, told: Refused) -> Sure:
        """Ask whether a note whose number was taken in before came once more."""
        known = told.params
        when = self.fmt.dated(known["posted_at"])
        held = "the same copies as this one" if known["same"] else "other copies than this one"
        said = (
            f"{known['reference']} of {known['supplier']} is delivery {known['number']}, taken in on {when}.",
            f"It held {held}. Taken in again, all listed here is added to the stock once more.",
        )
        return Sure("Was this delivery taken in already?", said, self, go="Take it in again", key="T")


async def print_slips(context: Context, made: DeliveryView) -> None:
    """Print a slip for each copy that came for somebody."""
    await print_papers(context.app, f"Slips of delivery {made.number}", await hold_papers(context.app, made.slips))


def _order_words(slip: Slip) -> str:
    if slip.order_id is None:
        return ""
    where = f", in {slip.place}" if slip.place else ""
    return f", order {slip.order_id}{'' if slip.whole else ', more to come'}{where}"


def listing(isbns: Sequence[str]) -> str:
    """Name the first of some ISBNs, and how many more there are."""
    more = f" and {len(isbns) - NAMED} more" if len(isbns) > NAMED else ""
    return ", ".join(isbns[:NAMED]) + more


class RefusedSheet(Sheet):
    """What of a supplier's file could not be taken, row by row, and why."""

    def __init__(self, name: str, refused: Sequence[str], parent: QWidget) -> None:
        """Show all of it."""
        super().__init__("Not taken", parent, go="Close", width=720)
        self.back.hide()
        self.message.hide()
        self.body.addWidget(label(f"Of {name[:60]}: {counted(len(refused), 'row')}. All others are on the list."))
        table = RowsTable("Not taken", [Column[str]("Why", 0, lambda row: row)])
        table.show_rows(refused, 0)
        self.body.addWidget(table, 1)
        table.setFocus(Qt.FocusReason.OtherFocusReason)


class DeliverySheet(StockSheet):
    """What came of a delivery: who waits, what was damaged, what costs another amount."""

    def __init__(self, context: Context, made: DeliveryView, parent: QWidget) -> None:
        """Show a stored delivery."""
        super().__init__(context, f"Delivery {made.number}", parent, end="Done", width=860)
        self.back.hide()
        fmt = context.fmt
        damaged = sum(line.damaged for line in made.lines)
        titles = counted(sum(1 for line in made.lines if line.quantity), "title")
        said = f"{pieces(made.pieces)} of {titles} from {made.supplier} in stock now."
        if damaged:
            said += f" Damaged, to be claimed: {damaged}."
        self.body.addWidget(label(said))
        names = {line.book_id: line.title for line in made.lines}
        rows = [
            (slip.title, f"{pieces(slip.pieces)} held for {slip.customer}{_order_words(slip)}", "ok")
            for slip in made.slips
        ]
        rows += [(names[one.book_id], f"{one.name} waits for {pieces(one.quantity)}", "info") for one in made.waiting]
        rows += [(line.title, f"{signed(line.dearer, fmt)} a copy", "warn") for line in made.lines if line.dearer]
        rows += [(line.title, f"{line.damaged} damaged", "bad") for line in made.lines if line.damaged]
        rows += [(line.title, "more than ordered", "warn") for line in made.lines if line.over]
        if rows:
            table = RowsTable(
                "To look after",
                [
                    Column[tuple[str, str, str]]("Title", 0, lambda row: row[0]),
                    Column[tuple[str, str, str]]("To look after", 440, lambda row: row[1], pill=lambda row: row[2]),
                ],
            )
            table.show_rows(rows)
            self.body.addWidget(table)
        else:
            self.body.addWidget(label("Nothing is to be looked after: all as ordered, and nobody waits.", "muted"))
        self.take_back = False
        self.add_act("Take it back", "F4", self._take_back)
        if made.slips:
            self.add_act("Slips again", "F8", lambda: self.start(print_slips(context, made)))
        if made.pieces:
            self.add_act("Labels", "F9", lambda: self.start(label_delivery(context, made, self)))
        self.end.setFocus(Qt.FocusReason.OtherFocusReason)

    def _take_back(self) -> None:
        """It was not right: what that would do is shown first."""
        self.take_back = True
        self.accept()

    def submit(self) -> None:
        """Enter is done, too."""
        self.accept()
