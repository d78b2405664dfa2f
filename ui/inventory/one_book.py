"""The one book beside the list: shown, saved, and what is asked where somebody else changed the same field."""

from typing import TYPE_CHECKING

from PySide6.QtCore import QModelIndex, QTimer

from pos_app.errors import Conflict, PosError
from pos_app.services.book import BookDetail, StockStep, get_book, stock_history
from pos_app.services.book_edit import Change, StockCount, change_book
from pos_app.services.book_history import book_history
from pos_app.services.cover import get_cover
from pos_app.services.saved_view import keep_text, kept_text
from ui.inventory.detail import Edits
from ui.inventory.price_words import priced_low
from ui.inventory.table import with_changes

if TYPE_CHECKING:
    from ui.inventory.page import InventoryPage

NO_WHY = "Why does the stock change? Choose by its first letter, then press Enter."
# Under what a person's last reason is kept.
LAST_REASON = ("stock", "reason")
UNSAVED = "Save the book (Ctrl+S) or revert it (Esc) first."


class OneBook:
    """What the panel asks for, carried out."""

    def __init__(self, page: "InventoryPage") -> None:
        """Answer the panel of a page."""
        self._page = page
        # The title that is shown, or is about to be.
        self._coming: int | None = None
        # Whether the current row is on the way, and its title is to be shown as soon as it is here.
        self._awaited = False
        self._saving = False
        # Why this person corrected a stock last; None where that was not read yet.
        self._reason: str | None = None
        page.books.dataChanged.connect(self._rows_came)
        detail = page.detail
        detail.save.connect(self.save)
        detail.revert.connect(self.reload)
        detail.settled.connect(self._settled)

    def row_chosen(self, now: QModelIndex, _before: QModelIndex) -> None:
        """Show the book of another row."""
        page = self._page
        row = page.books.here(now.row(), stale=True) if now.isValid() else None
        if page.detail.dirty and (row is None or not self._shows(row.id)):
            page.message.say(UNSAVED, "warn")
            # Once the list is done with the key or the click that went there.
            QTimer.singleShot(0, page, self._go_back)
            return
        self.follow()

    def _go_back(self) -> None:
        """Mark the title beside the list again, where it is in it: row and panel never show different ones for long."""
        page, book = self._page, self._page.detail.book
        if not page.detail.dirty or book is None:
            return
        index = page.table.currentIndex()
        row = page.books.here(index.row(), stale=True) if index.isValid() else None
        number = next((number for number, one in page.books.loaded() if one.id == book.id), None)
        if number is not None and (row is None or row.id != book.id):
            page.table.setCurrentIndex(page.books.index(number, max(index.column(), 0)))

    def follow(self) -> None:
        """Show the book of the current row, at once or as soon as the row is here; none where the list is empty."""
        page, self._awaited = self._page, False
        if page.detail.dirty:
            return
        if page.books.rowCount() == 0:
            page.tasks.cancel("book")
            self._coming = None
            page.detail.show_none()
            return
        number = page.table.currentIndex().row()
        if number < 0:
            return
        row = page.books.here(number)
        if row is None:
            self._awaited = True
            # Asks for it.
            page.books.row(number)
        elif row.id != self._coming or page.detail.book is None:
            self._start(row.id)

    def _rows_came(self, first: QModelIndex, last: QModelIndex) -> None:
        number = self._page.table.currentIndex().row()
        if self._awaited and first.row() <= number <= last.row() and self._page.books.here(number) is not None:
            self.follow()

    def _shows(self, book_id: int) -> bool:
        book = self._page.detail.book
        return book is not None and book.id == book_id

    def _start(self, book_id: int) -> None:
        self._coming = book_id
        self._page.start(self.show(book_id), "book")

    async def chosen(self, *, needed: bool = True) -> BookDetail | None:
        """Give the book of the current row, once the panel shows it; say so where one is `needed` and none is there."""
        page = self._page
        number = page.table.currentIndex().row()
        if number >= 0:
            row = page.books.here(number)
            found = [row] if row is not None else await page.rows_from(number, 1)
            if found and not self._shows(found[0].id):
                if page.detail.dirty:
                    page.message.say(UNSAVED, "warn")
                    return None
                self._start(found[0].id)
                await self.show(found[0].id)
        if page.detail.book is None and needed:
            page.message.say("Choose a title first.", "warn")
        return page.detail.book

    async def show(self, book_id: int) -> None:
        """Show a book as it is stored."""
        page = self._page
        self._coming = book_id
        await page.read_choices()
        if self._reason is None:
            self._reason = await kept_text(page.app, page.context.operator, *LAST_REASON) or ""
            page.detail.remember(self._reason)
        try:
            book = await get_book(page.app, book_id)
        except PosError:
            # What is shown beside another row could be taken for that row's, and changed.
            if not (page.detail.dirty or self._shows(book_id)):
                page.detail.show_none()
            raise
        self._show(book, await stock_history(page.app, book_id))
        if book.cover_image is not None:
            page.detail.cover.show_picture(await get_cover(page.app, book_id))

    def _show(self, book: BookDetail, steps: list[StockStep]) -> None:
        page = self._page
        page.detail.show_book(book, steps)
        number = page.table.currentIndex().row()
        row = page.books.row(number) if number >= 0 else None
        if row is not None and row.id == book.id:
            page.books.replace(number, with_changes(row, book))

    def reload(self) -> None:
        """Show the book as it is stored, that of the current row; what was typed is dropped."""
        page = self._page
        if page.detail.book is not None:
            page.message.say("")
            number = page.table.currentIndex().row()
            row = page.books.here(number) if number >= 0 else None
            self._start(page.detail.book.id if row is None else row.id)

    def changed(self, book_id: int) -> None:
        """Show a book as it is stored now, where it is the one shown and nothing is typed."""
        if book_id == self._coming and not self._page.detail.dirty:
            self._start(book_id)

    def save(self) -> None:
        """Store what was changed."""
        detail = self._page.detail
        if not detail.dirty or detail.book is None or detail.asking or self._saving:
            return
        if fault := detail.fault():
            detail.go_to_fault()
            self._page.message.say(fault, "warn")
            return
        edits = detail.edits()
        if edits.counted is not None and not edits.reason:
            detail.ask_why()
            self._page.message.say(NO_WHY, "warn")
            return
        # Pressed again while it waits for the database, it is stored once.
        self._saving = True
        self._page.start(self._save_once(detail.book, edits))

    async def _save_once(self, base: BookDetail, edits: Edits) -> None:
        try:
            await self._save(base, edits)
        finally:
            self._saving = False

    async def _save(self, base: BookDetail, edits: Edits) -> None:
        """Store the fields changed here; others' stay theirs, and only the same ones are asked for."""
        page, operator = self._page, self._page.context.operator
        changes = {name: Change(getattr(base, name), value) for name, value in edits.fields.items()}
        count = None if edits.counted is None else StockCount(edits.counted, base.stock, edits.reason)
        try:
            with page.storing():
                book = await change_book(page.app, operator, base.id, changes, count)
        except Conflict as error:
            names = error.params["fields"]
            page.detail.ask(error.current, {name: await self.who_changed(base.id, name) for name in names})
            return
        if count is not None and count.reason != self._reason:
            self._reason = count.reason
            page.detail.remember(count.reason)
            await keep_text(page.app, operator, *LAST_REASON, count.reason)
        theirs = page.detail.differences(base, book, but=(*edits.fields, "stock"))
        self._show(book, await stock_history(page.app, book.id))
        also = f" Changed by somebody else meanwhile, and kept: {theirs}." if theirs else ""
        low = priced_low([book], page.fmt) if edits.fields.keys() & {"price", "cost"} else ""
        page.message.say(f"“{book.title}” is saved.{also}{low and ' '}{low}", "warn" if low else "ok")
        self.follow()

    async def who_changed(self, book_id: int, name: str) -> str:
        """Say who changed a field last, where that is known: ", by Jo"."""
        page = self._page
        if name == "stock":
            steps = await stock_history(page.app, book_id, 1)
            who = steps[0].operator if steps else None
        else:
            rows = await book_history(page.app, page.context.operator, book_id, field=name)
            who = rows[0].operator if rows else None
        return f", by {who}" if who else ""

    def _settled(self) -> None:
        """Each field that two people changed is answered for: store what is left to store."""
        if self._page.detail.dirty:
            self.save()
        else:
            self.reload()
