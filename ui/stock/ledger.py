"""The ledger of a title: every movement of its stock with what it left, and correcting it."""

from collections.abc import Sequence

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QWidget

from pos_app.domain.kinds import BookKind
from pos_app.services.book import BookDetail, get_book
from pos_app.services.stock import StockStep, availability, stock_ledger
from ui import dialogs
from ui.context import Context
from ui.models.paged import PAGE
from ui.stock.correct import CorrectSheet
from ui.stock.paper import ListPaper
from ui.stock.sheet import StockSheet
from ui.stock.table import Column, RowsTable
from ui.stock.words import REASONS, pieces, with_sign
from ui.widgets.basic import label


class LedgerSheet(StockSheet):
    """The movements, newest first, read as they are looked at; `made` is the title as a correction left it."""

    def __init__(self, context: Context, book: BookDetail, parent: QWidget, *, may_correct: bool) -> None:
        """Take the title; its movements are read by `load`."""
        super().__init__(context, "Stock movements", parent, end="Done", width=860)
        self.back.hide()
        self._book = book
        self._steps: list[StockStep] = []
        fmt = context.fmt
        title = label(book.title, "title")
        title.setWordWrap(True)
        self.body.addWidget(title)
        self._note = label("")
        self._note.setWordWrap(True)
        self.body.addWidget(self._note)
        self.table = RowsTable(
            "Movements",
            [
                Column[StockStep](
                    "Movement", 0, lambda step: REASONS[step.reason], below=lambda step: step.document or ""
                ),
                Column[StockStep]("When", 164, lambda step: fmt.when(step.happened_at, context.app.clock.now())),
                Column[StockStep]("By", 110, lambda step: step.operator or ""),
                Column[StockStep]("Where", 130, lambda step: step.location or "Shop floor"),
                Column[StockStep]("Change", 86, lambda step: with_sign(step.delta), right=True),
                Column[StockStep]("Stock", 86, lambda step: str(step.balance).replace("-", "−"), right=True),
            ],
            start=self.start,
        )
        self._paper = ListPaper(self.table, "The movements", "Its stock never moved.", self.read_again)
        self.body.addWidget(self._paper, 1)
        if may_correct and book.kind is not BookKind.SERVICE:
            self.add_act("Correct", "F4", lambda: self.start(self._correct(), "correct"))
        self.table.setFocus(Qt.FocusReason.OtherFocusReason)

    async def load(self) -> None:
        """Read what is there, and the newest movements."""
        with self._paper.reading():
            there = await availability(self.app, self._book.id)
            self._steps = await stock_ledger(self.app, self._book.id, limit=PAGE)
        places = ", ".join(f"{name} {count}" for name, count in there.places if count)
        said = f"{pieces(there.stock)}: {places or 'nowhere'}."
        if there.reserved:
            said += f" Set aside: {there.reserved}, so that {there.available} can be sold."
        self._note.setText(said)
        self.table.rows.show(max(there.movements, len(self._steps)), self._steps[:PAGE], self._fetch)
        self.table.setCurrentIndex(self.table.rows.index(0, 0))
        self._paper.show_list(there=bool(self._steps))
        (self.table if self._steps else self.end).setFocus(Qt.FocusReason.OtherFocusReason)

    async def _fetch(self, first: int, count: int) -> Sequence[StockStep]:
        """Movements further back; each page is read from where the one before it ends."""
        while len(self._steps) < first + count:
            more = await stock_ledger(self.app, self._book.id, before=self._steps[-1].id, limit=PAGE)
            if not more:
                break
            self._steps += more
        return self._steps[first : first + count]

    async def _correct(self) -> None:
        self._book = await get_book(self.app, self._book.id)
        sheet = CorrectSheet(self.context, self._book, self)
        try:
            await dialogs.show(sheet)
        finally:
            await sheet.tasks.close()
        if sheet.made is not None:
            self.made = self._book = sheet.made
            await self.load()
            self.message.say(f"{self._book.stock} in stock now.", "ok")

    def submit(self) -> None:
        """Enter is done, too."""
        self.accept()

    async def post(self) -> None:
        """F12 closes it."""
        self.accept()
