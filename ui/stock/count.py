"""Count the stock: started by shelf or category, scanned by several, reviewed, posted."""

import asyncio

from PySide6.QtCore import Qt, QTimer
from PySide6.QtWidgets import QLineEdit, QStackedLayout, QWidget

from pos_app.domain.permission import Permission
from pos_app.errors import PosError, Refused
from pos_app.services.book import list_categories
from pos_app.services.right import check_right
from pos_app.services.stock import list_locations
from pos_app.services.stock_count import cancel_count, count_code, post_count, start_count
from pos_app.services.stock_count_view import (
    CountedTitle,
    CountView,
    Uncounted,
    last_counted,
    list_counts,
    review_count,
    sum_uncounted,
    uncounted,
)
from ui import dialogs
from ui.context import Context
from ui.errors import sentence
from ui.format import Formatter
from ui.stock.receive import signed
from ui.stock.sheet import TYPE, Choice, ScanSheet, StockSheet, number_field, read_number
from ui.stock.table import Column, RowsTable
from ui.stock.words import counted, pieces, with_sign
from ui.widgets.basic import EmptyState, label, panel
from ui.widgets.sheet import Choices, Sure

# What the lists of a review say where they are empty.
NOTHING = {
    "Differences": "No differences: all that was counted is as the ledger says.",
    "All counted": "Nothing is counted yet. Esc goes back to counting.",
    "Not counted": "All that should be there was counted.",
}
EVERYTHING, CATEGORY, SHELF = "Everything", "A category", "A shelf"
REFRESH_MS = 3_000
LAST_SHOWN = 100
# How long a review is on the screen before it can be posted: the key that opened it may have bounced, or be pressed
# twice by habit.
READ_SECONDS = 0.8


class StartCountSheet(StockSheet):
    """Go on with a count that is open, or start another; `made` is the count chosen."""

    def __init__(self, context: Context, parent: QWidget) -> None:
        """Lay out; counts and categories are read by `load`."""
        super().__init__(context, "Count stock", parent, end="Start a new count", width=720)
        fmt = context.fmt
        self._note = label("", "muted")
        self.body.addWidget(self._note)
        self._open = RowsTable(
            "Open counts",
            [
                Column[CountView]("Count", 0, lambda row: f"{row.scope}, {row.location}"),
                Column[CountView]("Number", 80, lambda row: str(row.number), right=True),
                Column[CountView]("Started by", 120, lambda row: row.operator),
                Column[CountView]("Titles", 80, lambda row: fmt.count(row.titles), right=True),
                Column[CountView]("Copies", 80, lambda row: fmt.count(row.pieces), right=True),
            ],
            height=140,
        )
        self.body.addWidget(self._open)
        self._go_on = self.add_act("Go on counting", "Enter", self.submit)
        self._drop = self.add_act("Throw away", "F8", lambda: self.start(self._throw_away()))
        self._again = self.add_act("Read again", "F5", self.read_again)
        # Shown once it is known what is being counted, or that it is not.
        for act in (self._go_on, self._drop, self._again):
            self.show_act(act, shown=False)
        self._open.hide()
        self._scope = Choices((EVERYTHING, CATEGORY, SHELF), chosen=EVERYTHING)
        self._scope.changed.connect(lambda _: self._scope_changed())
        self.body.addWidget(label("A new count of", "small"))
        self.body.addWidget(self._scope)
        self._category, self._place, self._shelf = Choice(), Choice(), QLineEdit()
        self._shelf.setMaxLength(40)
        self._shelf.setPlaceholderText("Such as A1")
        self.add_row(("Category", self._category, 2), ("Shelf", self._shelf, 2), ("In", self._place, 2))
        self.body.addStretch(1)
        self._scope_changed()

    async def load(self) -> None:
        """Read what is being counted, and what could be."""
        self.show_act(self._again, shown=False)
        self._note.setText("What is being counted is read …")
        try:
            categories, places = await list_categories(self.app), await list_locations(self.app)
            await self._show_open()
        except PosError:
            self._note.setText("What is being counted could not be read.")
            self.show_act(self._again, shown=True)
            raise
        for box, rows in ((self._category, categories), (self._place, places)):
            box.clear()
            for row in rows:
                box.addItem(row.name, row.id)

    async def _show_open(self) -> None:
        counts = await list_counts(self.app)
        self._open.show_rows(counts, 0)
        self._open.setVisible(bool(counts))
        for act in (self._go_on, self._drop):
            self.show_act(act, shown=bool(counts))
        self._note.setText("Being counted now" if counts else "Nothing is being counted. Choose what to count.")
        (self._open if counts else self.end).setFocus(Qt.FocusReason.OtherFocusReason)

    async def _throw_away(self) -> None:
        """Give the count chosen up, once that is sure."""
        count: CountView | None = self._open.chosen
        if count is None:
            return
        await check_right(self.app, self.operator, Permission.CORRECT_STOCK)
        held = f"{pieces(count.pieces, self.fmt)} of {counted(count.titles, 'title', fmt=self.fmt)}"
        said = (
            f"{count.scope}: {held} counted, started by {count.operator}.",
            "The stock stays as it is. What was counted is not posted, and is not given back.",
        )
        if await dialogs.show(Sure(f"Throw count {count.number} away?", said, self, go="Throw it away", key="T")):
            await cancel_count(self.app, self.operator, count.id, count.version)
            await self._show_open()
            self.message.say(f"Count {count.number} is thrown away; the stock is as it was.", "ok")

    def _scope_changed(self) -> None:
        self._category.setEnabled(self._scope.chosen == CATEGORY)
        self._shelf.setEnabled(self._scope.chosen == SHELF)
        if self._scope.chosen == SHELF:
            self._shelf.setFocus()

    def submit(self) -> None:
        """Enter goes on with the count chosen."""
        chosen = self._open.chosen
        if chosen is not None:
            self.made = chosen
            self.accept()
        else:
            self.finish()

    async def post(self) -> None:
        """Start it."""
        scope, shelf = self._scope.chosen, self._shelf.text().strip()
        if scope == SHELF and not shelf:
            self.message.say("Type which shelf.", "warn")
            return
        if scope == CATEGORY and self._category.currentData() is None:
            # Not read: without a category all would be counted.
            self.message.say("Choose which category. Where there is none to choose, F5 reads them again.", "warn")
            return
        self.made = await start_count(
            self.app,
            self.operator,
            self.uid,
            location_id=self._place.currentData(),
            category_id=self._category.currentData() if scope == CATEGORY else None,
            shelf=shelf if scope == SHELF else None,
        )
        self.accept()


class CountSheet(ScanSheet):
    """Scan what is there. What should be there is not shown: it is counted, not confirmed."""

    def __init__(self, context: Context, count: CountView, parent: QWidget) -> None:
        """Take the count, which others may be counting too."""
        columns = [
            Column[CountedTitle]("Title", 0, lambda row: row.title, below=lambda row: row.isbn or ""),
            Column[CountedTitle]("Counted", 110, lambda row: str(row.counted), right=True),
        ]
        super().__init__(
            context,
            f"Count {count.number}: {count.scope}, {count.location}",
            parent,
            end="Review",
            columns=columns,
            what="The titles counted last",
            empty="Scan each copy, or type how many and then scan one. Others can scan the same count at their tills.",
        )
        self.count = count
        self._pieces = number_field("Copies a scan")
        self._pieces.setText("1")
        self.add_row(("Copies a scan", self._pieces, 1), (TYPE, self.entry, 4))
        self.body.addWidget(self.paper, 1)
        self._sum = label("", "muted")
        self.body.addWidget(self._sum)
        self.add_act("Take one back", "F4", self.take_back)
        self._show_sum()
        self._timer = QTimer(self)
        self._timer.timeout.connect(self._look_again)
        self._timer.start(REFRESH_MS)
        self.home()

    @property
    def unsaved(self) -> str:
        """Every scan is stored as it is made."""
        return ""

    async def load(self) -> None:
        """Show what was counted last, here or at another till."""
        with self.reading():
            last = await last_counted(self.app, self.count.id, LAST_SHOWN)
            self.lines = {row.book_id: row for row in last} | self.lines

    async def take(self, title: str | int) -> None:
        """Count a scan."""
        number = read_number(self._pieces.text())
        if not number:
            self.message.say("Type how many copies a scan counts.", "warn")
            return
        self._pieces.setText("1")
        await self._count(title, number)

    async def _count(self, title: str | int, number: int) -> None:
        row = await count_code(self.app, self.operator, self.app.ids.new(), self.count.id, title, number)
        self.lines.pop(row.book_id, None)
        self.lines = {row.book_id: row, **dict(list(self.lines.items())[:LAST_SHOWN])}
        self.show_lines(row.book_id)
        self.message.say(f"“{row.title}”: {row.counted}", "ok")
        await self._read_sum()

    def take_back(self) -> None:
        """One fewer of the title chosen."""
        row: CountedTitle | None = self.table.chosen if self.lines else None
        if row is not None:
            self.start(self._take_back(row.book_id))

    async def _take_back(self, book_id: int) -> None:
        async with self.turn:
            await self._count(book_id, -1)

    def _look_again(self) -> None:
        """What others counted meanwhile."""
        if self.tasks.idle:
            self.tasks.start(self._read_others(), key="sum")

    async def _read_others(self) -> None:
        before = self.count.pieces
        await self._read_sum()
        if self.count.pieces == before or not self.lines:
            return
        async with self.turn:
            now = {row.book_id: row for row in await last_counted(self.app, self.count.id, LAST_SHOWN)}
            self.lines = {number: now.get(number, row) for number, row in self.lines.items()}
            chosen: CountedTitle | None = self.table.chosen
            self.show_lines(None if chosen is None else chosen.book_id)

    async def _read_sum(self) -> None:
        for count in await list_counts(self.app):
            if count.id == self.count.id:
                self.count = count
        self._show_sum()

    def _show_sum(self) -> None:
        titles = counted(self.count.titles, "title", fmt=self.fmt)
        self._sum.setText(
            f"Counted by everybody so far: {pieces(self.count.pieces, self.fmt)} of {titles}. The shop may sell on."
        )

    def done(self, result: int) -> None:
        """Look no more."""
        self._timer.stop()
        super().done(result)


class ReviewSheet(StockSheet):
    """Differences before they are posted."""

    def __init__(self, context: Context, count: CountView, parent: QWidget) -> None:
        """Lay out; the differences are read by `load`."""
        super().__init__(context, f"Review count {count.number}: {count.scope}", parent, end="Post the count")
        self.count = count
        fmt = context.fmt
        self._found: list[CountedTitle] = []
        self._missing: list[CountedTitle] = []
        self._uncounted = Uncounted(0, 0, 0)
        self._note = label("")
        self._note.setWordWrap(True)
        self.body.addWidget(self._note)
        self._shown = Choices(("Differences", "All counted", "Not counted"), chosen="Differences")
        self._shown.changed.connect(lambda _: self.start(self._read(), "read"))
        self.body.addWidget(self._shown)
        self._table = RowsTable(
            "Differences",
            [
                Column[CountedTitle]("Title", 0, lambda row: row.title, below=lambda row: row.isbn or ""),
                Column[CountedTitle]("Expected", 86, lambda row: str(row.expected), right=True),
                Column[CountedTitle]("Counted", 82, lambda row: str(row.counted), right=True),
                Column[CountedTitle](
                    "Moved since", 110, lambda row: with_sign(row.moved) if row.moved else "", right=True
                ),
                Column[CountedTitle]("Difference", 94, lambda row: with_sign(row.difference), right=True),
                Column[CountedTitle]("Value", 100, lambda row: signed(row.value, fmt), right=True),
                Column[CountedTitle](
                    "",
                    130,
                    lambda row: "Count again" if row.moved_between else "",
                    pill=lambda row: "warn" if row.moved_between else None,
                ),
            ],
        )
        paper = panel()
        self._stack = QStackedLayout(paper)
        self._nothing = EmptyState("")
        self._stack.addWidget(self._nothing)
        self._stack.addWidget(self._table)
        self._stack.setCurrentWidget(self._table)
        self.body.addWidget(paper, 1)
        self._gone = self.add_toggle("Not counted is gone", "F4", self._say)
        self.back.show_text("Count on")
        self._timer = QTimer(self)
        self._timer.timeout.connect(self._look_again)
        self._timer.start(REFRESH_MS)
        # Off until what it would post is on the screen.
        self.end.setEnabled(False)
        self._known = False
        self._note.setText("The differences are being read …")
        self._table.setFocus(Qt.FocusReason.OtherFocusReason)

    async def load(self) -> None:
        """Read differences, and what nobody counted; once they are shown, the count can be posted."""
        try:
            self._missing = await uncounted(self.app, self.count.id)
            self._uncounted = await sum_uncounted(self.app, self.count.id)
        except PosError:
            self._note.setText("The differences could not be read yet. It is tried again by itself.")
            raise
        self._known = True
        await self._read()
        try:
            await check_right(self.app, self.operator, Permission.CORRECT_STOCK)
        except Refused as error:
            self.message.say(f"{sentence(error)} The count stays open until then, at any till.", "warn")
        await asyncio.sleep(READ_SECONDS)
        self.end.setEnabled(True)
        if self._table.hasFocus() or (not self._table.isVisible() and not self._shown.isAncestorOf(self.focusWidget())):
            self.end.setFocus(Qt.FocusReason.OtherFocusReason)

    def finish(self) -> None:
        """F12 posts what was read; pressed before that, it says what is to be looked at."""
        if not self.end.isEnabled() and not self.message.text():
            self.message.say("Read the differences first, then press F12 again.", "warn")
        super().finish()

    def submit(self) -> None:
        """Enter, pressed in the list, does as F12."""
        self.finish()

    async def _read(self) -> None:
        self._found = await review_count(self.app, self.count.id)
        match self._shown.chosen:
            case "Not counted":
                rows = self._missing
            case "All counted":
                rows = await review_count(self.app, self.count.id, only_differences=False)
            case _:
                rows = self._found
        chosen: CountedTitle | None = self._table.chosen
        books = [row.book_id for row in rows]
        place = books.index(chosen.book_id) if chosen is not None and chosen.book_id in books else 0
        self._table.show_rows(rows, place)
        nothing = self._shown.chosen if self.count.titles else "All counted"
        self._nothing.say(NOTHING[nothing])
        had_focus = self._table.hasFocus()
        self._stack.setCurrentWidget(self._table if rows else self._nothing)
        if had_focus and not rows:
            # Not on whatever stands next: Enter, pressed by habit, would leave the review.
            self.setFocus(Qt.FocusReason.OtherFocusReason)
        self._say()

    def _look_again(self) -> None:
        """What was sold or counted meanwhile."""
        if self.tasks.idle:
            # What could not be read at first is tried again: without it nothing can be posted.
            self.tasks.start(self._read() if self._known else self.load(), key="read")

    def done(self, result: int) -> None:
        """Look no more."""
        self._timer.stop()
        super().done(result)

    def _say(self) -> None:
        if not self._known:
            return
        worth = sum(row.value for row in self._found)
        told = f"{'+' if worth > 0 else '−'}{self.fmt.money(abs(worth))}" if worth else "nothing"
        text = f"{counted(len(self._found), 'difference', fmt=self.fmt)}, worth {told}. "
        gone, left = self._gone.isChecked(), self._uncounted
        if not left.titles:
            text += "All that should be there was counted."
        else:
            one = left.titles == 1
            becomes = (
                f"{'is' if one else 'are'} set to nothing"
                if gone
                else f"stay{'s' if one else ''} as {'it is' if one else 'they are'}"
            )
            copies = f"{pieces(left.pieces, self.fmt)} worth {self.fmt.money(left.value)}"
            text += f"Not counted: {counted(left.titles, 'title', fmt=self.fmt)} ({copies}), which {becomes}."
        self._note.setText(text)

    async def post(self) -> None:
        """Move each title by its difference."""
        gone = self._gone.isChecked()
        await check_right(self.app, self.operator, Permission.CORRECT_STOCK)
        # Asked for now: the shop sells on, and what is written off is asked about as it is.
        left = await sum_uncounted(self.app, self.count.id) if gone else Uncounted(0, 0, 0)
        if left.titles and not await dialogs.show(WriteOffDialog(left, self.fmt, self)):
            return
        self.made = await post_count(self.app, self.operator, self.count.id, self.count.version, missing_are_gone=gone)
        self.accept()


class WriteOffDialog(Sure):
    """Whether what nobody counted is really gone: it may be the stock of the whole shop."""

    def __init__(self, left: Uncounted, fmt: Formatter, parent: QWidget) -> None:
        """Take what would be written off."""
        copies = f"{pieces(left.pieces, fmt)} worth {fmt.money(left.value)}"
        said = (
            f"Nobody counted {'it' if left.titles == 1 else 'them'}. {copies} would be gone from the stock.",
            "A posted count is kept; copies that turn up are put back by another count, or one by one.",
        )
        title = f"Set {counted(left.titles, 'title', fmt=fmt)} to nothing?"
        super().__init__(title, said, parent, go="Write them off", key="W")
