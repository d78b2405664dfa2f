"""The field where every sale begins: codes scanned or typed into it, and the books found for its words."""

import asyncio
import re
from typing import TYPE_CHECKING

from PySide6.QtCore import QRect, Qt
from PySide6.QtGui import QKeyEvent

from pos_app.errors import Refused
from pos_app.services.book_search import BookRow, suggest
from pos_app.services.order_number import is_receipt_number
from ui.checkout.results import ResultsList, ResultsModel
from ui.widgets.fields import IconField

if TYPE_CHECKING:
    from ui.checkout.page import CheckoutPage

# "3*", or "3*" before what is to be added three times.
MULTIPLIED = re.compile(r"\s*(\d{1,9})\s*\*\s*(.*)", re.DOTALL)
CODE_LIKE = re.compile(r"[\d\s-]{7,}[\dXx]")
AMOUNT_LIKE = re.compile(r"\s*\d*[.,]?\d*\s*")
TYPING_PAUSE_S = 0.03
SHORTEST_SEARCH = 2
LONGEST_AMOUNT = 6
PROMPT = "Scan a book, or type title, author or ISBN"
PROMPT_SHORT = "Scan, or type to search"
PROMPT_RETURNING = "Scan the books that come back"


class Entry(IconField):
    """The entry field of a page, which owns the list of `results` that lies under it."""

    def __init__(self, page: "CheckoutPage") -> None:
        """Take the page whose acts the keys start."""
        super().__init__("entry", "Scan or search", PROMPT, key="F2")
        self._page = page
        self.leave("Ctrl+Z", "Ctrl+A", "Ctrl+K")
        self.textEdited.connect(self._edited)
        self.results = ResultsList(page, ResultsModel(page.fmt))
        self.results.clicked.connect(lambda _: self._add_chosen())

    def put_away(self) -> None:
        """Empty the field, and put away what was found."""
        self.clear()
        self.results.hide()

    def place_results(self) -> None:
        """Keep the results right under the field."""
        below = self.geometry()
        self.results.setGeometry(QRect(below.left(), below.bottom() + 4, below.width(), self.results.height()))

    def take_times(self) -> int:
        """How often the next scan is meant: "3*" is used up by it, anything else typed stays."""
        times, wanted = _split(self.text())
        if times is None or wanted:
            return 1
        self.clear()
        return times

    # Searching

    def _edited(self, text: str) -> None:
        times, wanted = _split(text)
        if times is not None and not wanted:
            self._page.message.say(f"{times} of the next book.", "none")
        if len(wanted) < SHORTEST_SEARCH or (AMOUNT_LIKE.fullmatch(wanted) and len(wanted) <= LONGEST_AMOUNT):
            self.results.hide()
            return
        self._page.start(self._search(wanted), key="search")

    async def _search(self, wanted: str) -> None:
        await asyncio.sleep(TYPING_PAUSE_S)
        await self._find(wanted)

    async def _find(self, wanted: str) -> list[BookRow]:
        books = await suggest(self._page.app, wanted)
        if wanted in self.text():
            self.results.show_books(books)
            self.place_results()
            if not books:
                self._page.message.say(f"Nothing found for “{wanted[:60]}”. Try fewer letters.", "none")
        return books

    # Keys

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Enter, arrows, and the keys that work on the chosen line while the field is empty."""
        if not self._takes(Qt.Key(event.key())):
            super().keyPressEvent(event)

    def _takes(self, key: Qt.Key) -> bool:
        page, empty = self._page, not self.text()
        if key in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self._entered()
        elif key in (Qt.Key.Key_Down, Qt.Key.Key_Up):
            step = 1 if key == Qt.Key.Key_Down else -1
            (self.results if self.results.isVisible() else page.table).move_choice(step)
        elif empty and key == Qt.Key.Key_Plus:
            page.step(1)
        elif empty and key == Qt.Key.Key_Minus:
            page.step(-1)
        elif empty and key == Qt.Key.Key_Delete:
            page.remove_line()
        elif empty and key == Qt.Key.Key_Equal:
            page.flows.explain()
        else:
            return False
        return True

    def _entered(self) -> None:
        """Enter: a code is added; of what was found the chosen book; else it is searched for now."""
        page, text = self._page, self.text()
        times, wanted = _split(text)
        if not wanted:
            return
        if is_receipt_number(wanted):
            self.clear()
            page.act(lambda: page.returns.start(wanted))
        elif CODE_LIKE.fullmatch(wanted):
            self.put_away()
            page.act(lambda: self._add_typed(wanted, 1 if times is None else times, text))
        elif self.results.chosen() is not None:
            self._add_chosen()
        else:
            page.start(self._find_and_add(wanted), key="search")

    async def _add_typed(self, code: str, times: int, text: str) -> None:
        """Add a typed code; a mistyped one stays in the field to be corrected."""
        try:
            await self._page.add(code, times)
        except Refused as error:
            if error.code != "code.card_number" and not self.text():
                self.setText(text)
                self.selectAll()
            raise

    async def _find_and_add(self, wanted: str) -> None:
        if await self._find(wanted):
            self._add_chosen()

    def _add_chosen(self) -> None:
        book = self.results.chosen()
        if book is None:
            return
        times, _ = _split(self.text())
        self.put_away()
        self.setFocus()
        self._page.act(lambda: self._page.add_book(book.id, 1 if times is None else times))


def _split(text: str) -> tuple[int | None, str]:
    """How often, where it says so, and what."""
    match = MULTIPLIED.fullmatch(text)
    return (int(match[1]), match[2].strip()) if match else (None, text.strip())
