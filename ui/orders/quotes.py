"""The quotes kept: found by number, customer, title or ISBN, written again, and taken into the sale."""

import asyncio
from functools import partial

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QStackedWidget, QWidget

from pos_app.services.quote import QuoteRow, list_quotes, quote_paper
from ui.actions import shortcut
from ui.context import Context
from ui.printing import write_paper
from ui.widgets.basic import EmptyState
from ui.widgets.fields import IconField
from ui.widgets.key_button import KeyButton
from ui.widgets.sheet import WorkSheet
from ui.widgets.two_lines import TwoLinesList

TYPING_PAUSE_S = 0.03
# What a small window has room for beside the rest, in large text too.
ROWS = 5
NONE_YET = "No quotes yet. Checkout, F10, U, Q keeps a basket as one."
NONE_FOUND = "No quote has that: a number, a customer, a title or an ISBN."


class QuotesDialog(WorkSheet):
    """Enter takes the quote chosen into the sale, where this is asked at the till; Ctrl+P writes it as PDF."""

    def __init__(self, context: Context, parent: QWidget, *, sells: bool) -> None:
        """Take whether a sale stands behind it."""
        super().__init__(context, "Quotes", parent, go="Into the sale" if sells else "Write as PDF", width=680)
        self.chosen: QuoteRow | None = None
        self._sells, self._rows = sells, list[QuoteRow]()
        self.search = IconField("search", "Search quotes", "Number, customer, title, ISBN", icon="search")
        self.search.textChanged.connect(lambda _: self.tasks.start(self._read(TYPING_PAUSE_S), key="search"))
        self.body.addWidget(self.search)
        self.list = TwoLinesList("Quotes")
        self.list.make_room(ROWS)
        self.list.itemActivated.connect(lambda _: self.submit())
        self._empty = EmptyState(NONE_YET)
        self._paper = QStackedWidget()
        for widget in (self._empty, self.list):
            self._paper.addWidget(widget)
        # Not read yet is not the same as none.
        self._paper.setCurrentWidget(self.list)
        self.body.addWidget(self._paper, 1)
        if sells:
            pdf = KeyButton("Write as PDF", "Ctrl P", size="big")
            pdf.clicked.connect(self.write)
            self.foot.insertWidget(2, pdf)
        shortcut(self, "Ctrl+P", self.write, within=False)
        for keys, step in (("Down", 1), ("Up", -1)):
            shortcut(self.search, keys, partial(self._step, step))
        self.tasks.start(self._read(0))
        self.search.setFocus(Qt.FocusReason.OtherFocusReason)

    def _step(self, step: int) -> None:
        self.list.setCurrentRow(min(max(self.list.currentRow() + step, 0), self.list.count() - 1))

    async def _read(self, pause: float) -> None:
        await asyncio.sleep(pause)
        fmt, text = self.context.fmt, self.search.text()
        self._rows = await list_quotes(self.context.app, text)
        self.list.show_rows(
            [(f"{row.id} · {row.customer}", self._about(row), fmt.money(row.total)) for row in self._rows]
        )
        self._empty.say(NONE_FOUND if text.strip() else NONE_YET)
        self._paper.setCurrentWidget(self.list if self._rows else self._empty)
        self.go.setEnabled(bool(self._rows))

    def _about(self, row: QuoteRow) -> str:
        fmt = self.context.fmt
        items = "1 item" if row.item_count == 1 else f"{row.item_count} items"
        became = f"became {row.became}" if row.became else f"holds until {fmt.date(row.valid_until)}"
        return f"{fmt.date(row.made_on)} · {items} · {became}"

    @property
    def current(self) -> QuoteRow | None:
        """The quote chosen."""
        place = self.list.currentRow()
        return self._rows[place] if 0 <= place < len(self._rows) else None

    def submit(self) -> None:
        """Enter: take it, or write it."""
        if not self._sells:
            self.write()
        elif self.current is not None:
            self.chosen = self.current
            self.accept()

    def write(self) -> None:
        """Ctrl+P: write the quote chosen."""
        if self.current is not None:
            self.tasks.start(self._write(self.current.id), key="write")

    async def _write(self, quote_id: int) -> None:
        path = await write_quote(self.context, quote_id)
        self.message.say(f"The quote is in {path}.", "ok")


async def write_quote(context: Context, quote_id: int) -> str:
    """Write a quote as PDF among the papers; gives where. Raises Unavailable("export.not_written")."""
    paper = await quote_paper(context.app, quote_id)
    return str(write_paper(paper, context.app.config.data_dir, f"quote-{quote_id}.pdf"))
