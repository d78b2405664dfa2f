"""Correct a title's stock, with a reason that stands in the ledger."""

from PySide6.QtWidgets import QWidget

from pos_app.services.book import BookDetail
from pos_app.services.book_edit import StockCount, correct_stock
from ui.context import Context
from ui.stock.sheet import StockSheet, number_field, read_number
from ui.widgets.basic import label
from ui.widgets.sheet import NO_REASON

REASONS = ("Miscounted", "Found", "Damaged", "Stolen or lost", "Own use", "Given away")


class CorrectSheet(StockSheet):
    """How many there are and why; `made` is the title as it is stored then."""

    def __init__(self, context: Context, book: BookDetail, parent: QWidget) -> None:
        """Take the title as the person sees it: a sale since is not overwritten."""
        super().__init__(context, "Correct the stock", parent, end="Correct", width=620)
        self._book = book
        self.body.addWidget(label(book.title, "title"))
        self.body.addWidget(label(f"The ledger says {book.stock}.", "muted"))
        self._there = number_field("There are")
        self._there.setText(str(max(book.stock, 0)))
        self.add_row(("There are", self._there, 1))
        self._reason = self.add_reasons("Reason, which is kept", REASONS)
        self._words = self.add_field("In your own words")
        self._reason.take_letters(self._there)
        self._reason.changed.connect(lambda _: self._there.setFocus())
        self._there.selectAll()
        self._there.setFocus()

    def submit(self) -> None:
        """Enter corrects, too."""
        self.finish()

    async def post(self) -> None:
        """Write the difference into the ledger."""
        there = read_number(self._there.text()) if self._there.text().strip() else None
        if there is None:
            self.message.say("Type how many there are.", "warn")
            return
        words = self._words.text().strip()
        if not words and not self._reason.chosen:
            self.message.say(NO_REASON, "warn")
            return
        reason = ": ".join(part for part in (self._reason.chosen, words) if part)
        count = StockCount(there, self._book.stock, reason)
        self.made = await correct_stock(self.app, self.operator, self._book.id, count)
        self.accept()
