"""Take a delivery or a count back: which one, and what that does before it is done."""

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QStackedLayout, QWidget

from pos_app.domain.permission import Permission
from pos_app.errors import Conflict, Refused
from pos_app.services.right import check_right
from pos_app.services.stock_reversal import Posted, PostedRow, Reversal, ReversalLine, Stays, list_posted, take_back
from ui.context import Context
from ui.errors import sentence
from ui.stock.sheet import StockSheet
from ui.stock.table import Column, RowsTable
from ui.stock.words import counted, pieces, with_sign
from ui.widgets.basic import EmptyState, label, panel

KINDS = {Posted.DELIVERY: "Delivery", Posted.COUNT: "Count"}
STAYS = {Stays.GONE: "not there any more", Stays.CORRECTED: "counted since"}
# So many customers are named; the list below has the titles.
NAMED = 4


def state(row: PostedRow) -> tuple[str, str] | None:
    """What became of a posted document, and how loud that is."""
    if not row.back:
        return None
    return ("Taken back", "off") if row.back >= row.pieces else ("Partly taken back", "info")


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
        super().__init__(context, "Take back a delivery or count", parent, end="Look at it", width=820)
        fmt = context.fmt
        self.table = RowsTable(
            "Posted",
            [
                Column[PostedRow]("What", 0, lambda row: f"{KINDS[row.kind]} {row.number}", below=lambda row: row.whom),
                Column[PostedRow]("Posted", 150, lambda row: fmt.moment(row.posted_at)),
                Column[PostedRow]("By", 110, lambda row: row.operator),
                Column[PostedRow]("Copies", 90, lambda row: fmt.count(row.pieces), right=True),
                Column[PostedRow](
                    "",
                    170,
                    lambda row: (state(row) or ("",))[0],
                    pill=lambda row: (state(row) or ("", None))[1],
                ),
            ],
            height=380,
        )
        paper = panel()
        self._stack = QStackedLayout(paper)
        self._stack.addWidget(EmptyState("Nothing was posted yet: no delivery was received and no count ended."))
        self._stack.addWidget(self.table)
        self.body.addWidget(paper, 1)
        self.end.setEnabled(False)

    async def load(self) -> None:
        """Read what was posted, newest first."""
        rows = await list_posted(self.app)
        self.table.show_rows(rows, 0)
        self._stack.setCurrentIndex(1 if rows else 0)
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
    """What taking a document back does: shown once, done by F12. `made` is what was done."""

    def __init__(self, context: Context, seen: Reversal, parent: QWidget) -> None:
        """Take what it would do as it is now."""
        super().__init__(context, f"Take back {seen.name[0].lower()}{seen.name[1:]}", parent, end="Take it back")
        fmt = context.fmt
        delivery = seen.kind is Posted.DELIVERY
        self._note, self._told = label("", "muted"), label("")
        for line in (self._note, self._told):
            line.setWordWrap(True)
            self.body.addWidget(line)
        self._table = RowsTable(
            "What goes back",
            [
                Column[ReversalLine]("Title", 0, lambda row: row.title, below=lambda row: row.isbn or ""),
                Column[ReversalLine](
                    "Came" if delivery else "Difference",
                    100,
                    lambda row: str(row.moved) if delivery else with_sign(row.moved),
                    right=True,
                ),
                Column[ReversalLine](
                    "Back before", 110, lambda row: with_sign(row.before) if row.before else "", right=True
                ),
                Column[ReversalLine]("Now", 84, lambda row: with_sign(row.goes), right=True),
                Column[ReversalLine](
                    "",
                    240,
                    lambda row: "" if row.stays is None else f"{with_sign(row.left)} stays: {STAYS[row.stays]}",
                    pill=lambda row: None if row.stays is None else "warn",
                ),
            ],
        )
        self.body.addWidget(self._table, 1)
        self.fill(parent)
        self._when = f"{fmt.moment(seen.posted_at)} by {seen.operator}"
        self._show(seen)
        self._table.setFocus(Qt.FocusReason.OtherFocusReason)

    async def load(self) -> None:
        """Say at once where somebody may not: nothing is to be read through in vain."""
        needed = Permission.RECEIVE_DELIVERIES if self.seen.kind is Posted.DELIVERY else Permission.CORRECT_STOCK
        try:
            await check_right(self.app, self.operator, needed)
        except Refused:
            self.end.setEnabled(False)
            raise

    def _show(self, seen: Reversal) -> None:
        self.seen = seen
        self._table.show_rows(seen.lines, 0)
        from_whom = f"from {seen.whom}" if seen.kind is Posted.DELIVERY else f"of {seen.whom.lower()}"
        said = f"{seen.name} {from_whom}, {seen.place.lower()}, posted {self._when}."
        told = []
        if seen.goes:
            told.append(f"Taking it back moves {went(seen)}.")
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
        if seen.released:
            names = [
                f"{hold.pieces} × {hold.title} for {hold.name}"
                + (f" (order {hold.order_id})" if hold.order_id is not None else "")
                for hold in seen.released[:NAMED]
            ]
            more = len(seen.released) - NAMED
            told.append(f"Held no longer, and waited for again: {', '.join(names)}{f' and {more} more' * (more > 0)}.")
        if seen.purchase_order is not None and seen.goes:
            told.append(f"Purchase order {seen.purchase_order} waits for it again.")
        if seen.goes:
            told.append("The document stays; another one says that it was taken back, when and by whom.")
        self._note.setText(said)
        self._told.setText(" ".join(told))
        self.end.setEnabled(bool(seen.goes))

    def submit(self) -> None:
        """Enter, pressed by habit, does nothing that cannot be undone."""
        self.message.say("F12 takes it back, Esc leaves it as it is.", "warn")

    async def post(self) -> None:
        """Take it back; what was sold since it was shown is shown first."""
        try:
            self.made = await take_back(self.app, self.operator, self.uid, self.seen)
        except Conflict as told:
            self._show(told.current)
            self.message.say(sentence(told), "warn")
            return
        self.accept()
