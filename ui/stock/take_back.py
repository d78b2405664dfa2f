"""Take a delivery, a count or a publisher return back: which one, what of it, and what that does before it is done."""

from collections.abc import Mapping

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QWidget

from pos_app.errors import Conflict, Refused
from pos_app.services.right import check_right
from pos_app.services.stock_reversal import (
    Posted,
    PostedRow,
    Reversal,
    ReversalLine,
    Stays,
    list_posted,
    look_at_reversal,
    take_back,
)
from ui.context import Context
from ui.errors import sentence
from ui.stock.paper import ListPaper
from ui.stock.sheet import StockSheet, fill, number_field, read_number
from ui.stock.table import Column, RowsTable
from ui.stock.words import counted, pieces, with_sign
from ui.widgets.basic import label

KINDS = {Posted.DELIVERY: "Delivery", Posted.COUNT: "Count", Posted.RETURN: "Publisher return"}
MOVED = {Posted.DELIVERY: "Came", Posted.COUNT: "Difference", Posted.RETURN: "Sent"}
STAYS = {Stays.GONE: "not there any more", Stays.CORRECTED: "counted since"}
BETWEEN = {Posted.DELIVERY: "from", Posted.COUNT: "of", Posted.RETURN: "to"}
# So many customers are named; the list below has the titles.
NAMED = 4


def state(pieces: int, back: int) -> tuple[str, str] | None:
    """What became of a posted document of so many pieces, and how loud that is."""
    if not back:
        return None
    return ("Taken back", "off") if back >= pieces else ("Partly taken back", "info")


def _moved(kind: Posted, moved: int) -> str:
    return with_sign(moved) if kind is Posted.COUNT else str(abs(moved))


def _stays(kind: Posted, row: ReversalLine) -> str:
    """What of a title stays as it was posted, and why."""
    if row.stays is not None:
        left = row.moved + row.before + row.most
        return f"{_moved(kind, left) if kind is Posted.RETURN else with_sign(left)} stays: {STAYS[row.stays]}"
    return "" if row.goes == row.most or not row.most else "stays" if not row.goes else f"{abs(row.left)} stays"


def _loud(row: ReversalLine) -> str | None:
    if row.stays is not None:
        return "warn"
    return "off" if row.goes != row.most else None


def _let_go(seen: Reversal) -> list[str]:
    """Whose copies go with it."""
    if not seen.released:
        return []
    names = [
        f"{hold.pieces} × {hold.title} for {hold.name}"
        + (f" (order {hold.order_id})" if hold.order_id is not None else "")
        for hold in seen.released[:NAMED]
    ]
    more = len(seen.released) - NAMED
    return [f"Held no longer, and waited for again: {', '.join(names)}{f' and {more} more' * (more > 0)}."]


def went(done: Reversal) -> str:
    """What taking a document back moved: "5 copies of 2 titles out of the stock"."""
    out = -sum(min(line.goes, 0) for line in done.lines)
    back = sum(max(line.goes, 0) for line in done.lines)
    titles = counted(len(done.goes), "title")
    said = [f"{pieces(out)} out of the stock"] if out or not back else []
    said += [f"{pieces(back)} into the stock"] if back else []
    return f"{' and '.join(said)}, of {titles}"


class PostedSheet(StockSheet):
    """What was posted lately; `made` is the row chosen."""

    def __init__(self, context: Context, parent: QWidget) -> None:
        """Lay out; the documents are read by `load`."""
        super().__init__(context, "Take back a delivery, count or return", parent, end="Look at it", width=820)
        fmt = context.fmt
        self.table = RowsTable(
            "Posted",
            [
                Column[PostedRow]("What", 0, lambda row: f"{KINDS[row.kind]} {row.number}", below=lambda row: row.whom),
                Column[PostedRow]("Posted", 164, lambda row: fmt.when(row.posted_at, context.app.clock.now())),
                Column[PostedRow]("By", 110, lambda row: row.operator),
                Column[PostedRow]("Copies", 90, lambda row: fmt.count(row.pieces), right=True),
                Column[PostedRow](
                    "",
                    170,
                    lambda row: (state(row.pieces, row.back) or ("",))[0],
                    pill=lambda row: (state(row.pieces, row.back) or ("", None))[1],
                ),
            ],
            height=380,
        )
        empty = "Nothing was posted yet: no delivery, no count, no return."
        self._paper = ListPaper(self.table, "The documents posted", empty, self.read_again)
        self.body.addWidget(self._paper, 1)
        self.end.setEnabled(False)

    async def load(self) -> None:
        """Read what was posted, newest first."""
        with self._paper.reading():
            rows = await list_posted(self.app)
        self.table.show_rows(rows, 0)
        self._paper.show_list(there=bool(rows))
        self.end.setEnabled(bool(rows))
        (self.table if rows else self.back).setFocus(Qt.FocusReason.OtherFocusReason)

    def submit(self) -> None:
        """Enter looks at the one chosen, too."""
        self.finish()

    async def post(self) -> None:
        """Take the one chosen."""
        self.made = self.table.chosen
        if self.made is not None:
            self.accept()


class TakeBackSheet(StockSheet):
    """What taking a document back does: shown once, done by F12. `made` is what was done.

    All of it goes unless single titles, and of a delivery or a return their copies, are chosen.
    """

    def __init__(self, context: Context, seen: Reversal, parent: QWidget) -> None:
        """Take what it would do as it is now."""
        super().__init__(context, f"Take back {seen.name[0].lower()}{seen.name[1:]}", parent, end="Take it back")
        fmt = context.fmt
        self._note, self._told = label("", "muted"), label("")
        for line in (self._note, self._told):
            line.setWordWrap(True)
            self.body.addWidget(line)
        self._table = RowsTable(
            "What goes back",
            [
                Column[ReversalLine]("Title", 0, lambda row: row.title, below=lambda row: row.isbn or ""),
                Column[ReversalLine](MOVED[seen.kind], 100, lambda row: _moved(seen.kind, row.moved), right=True),
                Column[ReversalLine](
                    "Back before", 110, lambda row: with_sign(row.before) if row.before else "", right=True
                ),
                Column[ReversalLine]("Now", 84, lambda row: with_sign(row.goes), right=True),
                Column[ReversalLine]("", 240, lambda row: _stays(seen.kind, row), pill=_loud),
            ],
        )
        self._copies = number_field("Copies of the title chosen")
        self._copies.textEdited.connect(lambda _: self._typed())
        if seen.kind is not Posted.COUNT:
            self.add_row(("Copies of the title chosen", self._copies, 1), ("", QWidget(), 3))
        self.body.addWidget(self._table, 1)
        self._choosing = (
            self.add_act("This title", "F5", self._turn),
            self.add_act("All or none", "F6", self._turn_all),
            self._copies,
        )
        self._table.selectionModel().currentRowChanged.connect(lambda *_: self._row_chosen())
        self.fill(parent)
        self._may = True
        self._when = f"{fmt.when(seen.posted_at, context.app.clock.now())} by {seen.operator}"
        self._show(seen)
        self._table.setFocus(Qt.FocusReason.OtherFocusReason)

    async def load(self) -> None:
        """Say at once where somebody may not: nothing is to be read through in vain."""
        try:
            await check_right(self.app, self.operator, self.seen.permission)
        except Refused:
            self._may = False
            self._show(self.seen)
            raise

    def _row_chosen(self) -> None:
        if not self._copies.hasFocus():
            self._fill_copies()

    def _fill_copies(self) -> None:
        """Show how many copies of the title chosen go."""
        line: ReversalLine | None = self._table.chosen
        if line is not None:
            fill(self._copies, str(abs(line.goes)))

    def _typed(self) -> None:
        line: ReversalLine | None = self._table.chosen
        number = read_number(self._copies.text())
        if line is None:
            return
        if number is None:
            # What was chosen before would go without having been asked for.
            self.message.say("Copies are whole numbers; 0 leaves the title as it is.", "warn")
            number = 0
        elif number > abs(line.most):
            self.message.say(f"“{line.title}”: {pieces(abs(line.most))} can go, not {number}.", "warn")
        else:
            self.message.say("")
        self._choose({line.book_id: number})

    def _turn(self) -> None:
        """F5: the title chosen goes as far as it can, or stays."""
        line: ReversalLine | None = self._table.chosen
        if line is None:
            return
        if not line.most:
            self.message.say(f"Of “{line.title}” nothing is left that can be taken back.", "warn")
            return
        self.message.say("")
        self._choose({line.book_id: 0 if line.goes else abs(line.most)})
        self._fill_copies()

    def _turn_all(self) -> None:
        """F6: all titles go, or none: then those that do are chosen one by one."""
        any_goes = bool(self.seen.goes)
        self._choose({line.book_id: 0 if any_goes else abs(line.most) for line in self.seen.lines})
        self._fill_copies()

    def _choose(self, pieces: Mapping[int, int]) -> None:
        self._show(self.seen.with_pieces(pieces), self._table.currentIndex().row())
        self.start(self._look_again(), "look")

    async def _look_again(self) -> None:
        """Who has to wait again depends on how many go."""
        chosen = self.seen
        seen = await look_at_reversal(self.app, chosen.kind, chosen.id, chosen)
        self._show(seen, self._table.currentIndex().row())

    def _show(self, seen: Reversal, place: int = 0) -> None:
        self.seen = seen
        self._table.show_rows(seen.lines, place)
        whom = seen.whom.lower() if seen.kind is Posted.COUNT else seen.whom
        from_whom = f"{BETWEEN[seen.kind]} {whom}"
        said = f"{seen.name} {from_whom}, {seen.place.lower()}, posted {self._when}."
        self._note.setText(said)
        self._told.setText(" ".join(self._effects(seen)))
        for one in self._choosing:
            one.setEnabled(self._may and any(line.most for line in seen.lines))
        self.end.setEnabled(self._may and bool(seen.goes))

    def _effects(self, seen: Reversal) -> list[str]:
        """What taking it back does, a sentence each."""
        told = []
        if seen.goes:
            told.append(f"Taking it back moves {went(seen)}.")
        elif any(line.most for line in seen.lines):
            told.append("Nothing of it is chosen. F5 chooses a title, F6 all.")
        elif any(line.before for line in seen.lines):
            told.append("Nothing of it is left to be taken back.")
        else:
            told.append("Nothing of it can be taken back.")
        for why, words in (
            (Stays.GONE, "was sold, carried elsewhere, set aside or sent back since"),
            (Stays.CORRECTED, "was put right by a count or a correction since"),
        ):
            if titles := sum(1 for line in seen.lines if line.stays is why):
                told.append(f"Of {counted(titles, 'title')}, what {words} stays as it is.")
        told += _let_go(seen)
        if seen.purchase_order is not None:
            told.append(f"Purchase order {seen.purchase_order} waits for it again.")
        if seen.credit:
            told.append(
                f"{seen.whom} was to credit {self.fmt.money(seen.credit)} for it: tell them that it stays here."
            )
        if seen.goes:
            told.append("The document stays; another one says that it was taken back, when and by whom.")
        return told

    def submit(self) -> None:
        """Enter, pressed by habit, does nothing that cannot be undone."""
        self.message.say("F12 takes it back, Esc leaves it as it is.", "warn")

    async def post(self) -> None:
        """Take it back; what was sold since it was shown is shown first."""
        try:
            self.made = await take_back(self.app, self.operator, self.uid, self.seen)
        except Conflict as told:
            self._show(told.current, self._table.currentIndex().row())
            self.message.say(sentence(told), "warn")
            return
        self.accept()
