"""What can be done to titles beside the fields of the panel: each act with its key, and all of them under F10."""

from collections.abc import Callable, Coroutine
from typing import TYPE_CHECKING, Any

from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QDialog, QFileDialog

from pos_app.domain.permission import Permission
from pos_app.domain.used import Grade
from pos_app.errors import Conflict, Refused
from pos_app.services.book import BookDetail, get_book, list_categories, list_tax_rates
from pos_app.services.book_add import add_book
from pos_app.services.book_addition import TakenBack
from pos_app.services.book_code import add_code, list_codes
from pos_app.services.book_copy import add_copy, list_copies
from pos_app.services.book_edit import change_cells
from pos_app.services.book_history import book_history
from pos_app.services.book_merge import find_duplicates, merge_books
from pos_app.services.book_undo import UndoReport, redo, undo
from pos_app.services.category import category_tree, keep_category
from pos_app.services.cover import set_cover
from pos_app.services.review import keep_review, list_reviews
from ui import dialogs
from ui.actions import shortcut
from ui.inventory.book_forms import FieldsDialog, ask, draw_shelf_talker
from ui.inventory.bulk_dialog import BulkDialog
from ui.inventory.edit_table import CellEditing, Cells
from ui.inventory.history_dialog import FIELDS, HistoryDialog, said
from ui.inventory.picture import cover_from_file, cover_from_image
from ui.inventory.table import with_changes
from ui.inventory.undo_words import undone
from ui.widgets.sheet import Menu

if TYPE_CHECKING:
    from ui.inventory.page import InventoryPage


WRITTEN = "What you write on the shelf"


class BookActions:
    """The acts of the inventory page."""

    def __init__(self, page: "InventoryPage") -> None:
        """Bind the keys, for those who may edit."""
        self._page = page
        self._cells: CellEditing | None = None
        if not page.context.operator.may(Permission.EDIT_BOOKS):
            return
        self._cells = CellEditing(page, lambda cells: page.start(self._store_cells(cells)))
        acts: dict[str, Callable[[], Coroutine[Any, Any, None]]] = {
            "Ctrl+Y": self.redo,
            "Ctrl+H": self.history,
            "Ctrl+B": self.bulk,
            "Ctrl+D": self.all_fields,
        }
        page.detail.cover.dropped.connect(lambda path: page.start(self.cover_dropped(path)))
        for keys, act in acts.items():
            shortcut(page, keys, lambda act=act: page.start(act()))  # type: ignore[misc] # bound now

    async def more(self) -> None:
        """F10: all acts."""
        menu = Menu(
            "More",
            [
                ("Z", "Undo", self.undo),
                ("Y", "Redo", self.redo),
                ("H", "History of this title", self.history),
                ("M", "Change many titles", self.bulk),
                ("B", "Add a barcode", self.add_barcode),
                ("U", "Add a used copy", self.add_used),
                ("C", "Cover from a file", self.cover_file),
                ("V", "Cover from the clipboard", self.cover_paste),
                ("X", "Take the cover away", self.cover_away),
                ("D", "Merge a duplicate", self.merge),
                ("S", "Staff pick", self.staff_pick),
                ("T", "Shelf-talker", self.shelf_talker),
                ("A", "All fields of this title", self.all_fields),
                ("N", "New book", self.new_book),
                ("G", "New category", self.add_category),
            ],
            self._page,
        )
        if await dialogs.show(menu) == QDialog.DialogCode.Accepted and menu.chosen is not None:
            await menu.chosen()

    # Undo

    async def undo(self) -> None:
        """Take back the last thing this person did to titles."""
        await self._tell_undone(await self._reported(undo), "Undone")

    async def redo(self) -> None:
        """Do again what was taken back."""
        await self._tell_undone(await self._reported(redo), "Done again")

    async def _reported(self, act: Callable[..., Coroutine[Any, Any, UndoReport]]) -> UndoReport | None:
        page = self._page
        try:
            return await act(page.app, page.context.operator)
        except Conflict as error:
            page.tell(error)
            return None

    async def _tell_undone(self, report: UndoReport | None, word: str) -> None:
        if report is None:
            return
        page = self._page
        if report.titles.gone:
            # What was shown is no longer there.
            page.detail.book = None
            page.search.clear()
        page.reload()
        page.show_again()
        text = f"{word}: {page.fmt.count(report.undone)} {'change' if report.undone == 1 else 'changes'}."
        if report.titles != TakenBack():
            text = f"{word}. {undone(report, page.fmt)}"
        elif report.left:
            first = report.kept[0]
            stands = f"{FIELDS.get(first.field, first.field)} of “{first.title[:40]}”"
            text += f" {page.fmt.count(report.left)} changed by somebody else since and kept, such as {stands}."
            text += f" It is {said(page.fmt, first.field, first.now)}." if first.field in ("price", "cost") else ""
        page.message.say(text, "warn" if report.left else "ok")

    # One title

    def _book(self) -> BookDetail | None:
        if self._page.detail.book is None:
            self._page.message.say("Choose a title first.", "warn")
        return self._page.detail.book

    async def history(self) -> None:
        """Show the history of the title chosen."""
        page = self._page
        if (book := self._book()) is not None:
            rows = await book_history(page.app, page.context.operator, book.id)
            await dialogs.show(HistoryDialog(book.title, rows, page.fmt, page))

    async def add_barcode(self) -> None:
        """Let the title be found by another code."""
        page = self._page
        if (book := self._book()) is None:
            return
        codes = ", ".join(await list_codes(page.app, book.id)) or "none yet"
        if (
            asked := await ask(page, "Add a barcode", {"Barcode": ""}, "Add", f"{book.title}\nFurther codes: {codes}")
        ) is None:
            return
        now = await add_code(page.app, page.context.operator, book.id, asked.answers[0])
        page.message.say(f"“{book.title}” has the further codes {', '.join(now)}.", "ok")

    async def add_used(self) -> None:
        """Add a used copy with its own price and label code."""
        page = self._page
        if (book := self._book()) is None:
            return
        rows = await list_copies(page.app, book.id)
        there = [f"{row.code}: {row.grade.words}, {page.fmt.amount(row.price)}, {row.stock} there" for row in rows]
        note = "\n".join([book.title, *there[-8:]]) if there else f"{book.title}\nNo used copies yet."
        grades: dict[str, Any] = {grade.words.capitalize(): grade for grade in Grade}
        asked = await ask(page, "Add a used copy", {"Price": "", "Note": ""}, "Add", note, grades)
        if asked is None:
            return
        price, remark = page.fmt.parse(asked.answers[0]), asked.answers[1] or None
        made = await add_copy(page.app, page.context.operator, book.id, Grade(asked.chosen), price, note=remark)
        page.show_again()
        page.message.say(f"A used copy of “{book.title}” is there. Its label code is {made.code}.", "ok")

    async def merge(self) -> None:
        """Merge a duplicate into the title that stays."""
        page = self._page
        found = await find_duplicates(page.app, page.context.operator)
        pairs: dict[str, Any] = {}
        for group in found:
            first, *others = group.books
            for other in others:
                name = f"{other.title[:40]} ({other.isbn or 'no ISBN'}) → {first.isbn or first.title[:20]}"
                pairs[name] = (first.id, other.id)
        if not pairs:
            page.message.say("No two titles on sale look like one.", "ok")
            return
        note = "The second keeps selling and gets the first one's codes, copies, suppliers and stock."
        if (asked := await ask(page, "Merge a duplicate", {}, "Merge", note, pairs)) is not None:
            merged = await merge_books(page.app, page.context.operator, *asked.chosen)
            page.reload()
            page.show_again()
            page.message.say(f"Merged into “{merged.title}”. Ctrl+Z takes it back.", "ok")

    async def staff_pick(self) -> None:
        """Write what the shop thinks of the title."""
        page = self._page
        if (book := self._book()) is None:
            return
        rows = await list_reviews(page.app, book.id)
        note = "\n".join([book.title, *(f"{row.person}: {'★' * row.rating} {row.comment[:80]}" for row in rows[:5])])
        stars: dict[str, Any] = {"★" * count: count for count in (5, 4, 3, 2, 1)}
        if (asked := await ask(page, "Staff pick", {WRITTEN: ""}, "Keep", note, stars)) is not None:
            await keep_review(page.app, page.context.operator, book.id, asked.chosen, asked.answers[0])
            page.message.say(f"“{book.title}” is a staff pick.", "ok")

    async def shelf_talker(self) -> None:
        """Draw the card for the shelf as PDF into the data folder."""
        page = self._page
        if (book := self._book()) is None:
            return
        picks = [row for row in await list_reviews(page.app, book.id) if row.staff_pick]
        if not picks:
            page.message.say("Nobody picked this title yet. Write a staff pick first.", "warn")
            return
        sizes: dict[str, Any] = {"A6": True, "A7": False}
        if (asked := await ask(page, "Shelf-talker", {}, "Make PDF", book.title, sizes)) is None:
            return
        path = page.app.config.data_dir / f"shelf-talker-{book.id}.pdf"
        draw_shelf_talker(path, book, picks[0], page.fmt.money(book.price), large=asked.chosen)
        page.message.say(f"The card is in {path}.", "ok")

    async def all_fields(self) -> None:
        """Change what the panel has no room for."""
        page = self._page
        if (book := self._book()) is None:
            return
        dialog = FieldsDialog(book, page)
        if await dialogs.show(dialog) == QDialog.DialogCode.Accepted and dialog.changes:
            await change_cells(page.app, page.context.operator, {book.id: dialog.changes})
            page.reload()
            page.show_again()
            page.message.say("Saved. Ctrl+Z takes it back.", "ok")

    async def new_book(self) -> None:
        """Add a title by its ISBN."""
        page = self._page
        fields = dict.fromkeys(("ISBN", "Title", "Author", "Price"), "")
        if (asked := await ask(page, "New book", fields, "Add")) is None:
            return
        isbn, title, author, price = asked.answers
        made = await add_book(page.app, page.context.operator, isbn, title, page.fmt.parse(price), author)
        book = await get_book(page.app, made)
        page.search.setText(book.isbn or book.title)
        page.message.say(f"“{book.title}” is in the catalogue. Ctrl+Z takes it back.", "ok")

    async def add_category(self) -> None:
        """Add a category, at the top of the tree or inside another."""
        page = self._page
        tree = await category_tree(page.app)
        places: dict[str, Any] = {"At the top": None} | {"Inside " + " › ".join(node.path): node.id for node in tree}
        if (asked := await ask(page, "New category", {"Name": ""}, "Add", options=places)) is not None:
            await keep_category(page.app, page.context.operator, asked.answers[0], parent_id=asked.chosen)
            page.message.say("The category is there when you come back to this page.", "ok")

    # Covers

    async def cover_file(self) -> None:
        """Take a cover from a file."""
        if (book := self._book()) is None:
            return
        chooser = QFileDialog(self._page, "Cover from a file", "", "Pictures (*.jpg *.jpeg *.png *.webp)")
        chooser.setFileMode(QFileDialog.FileMode.ExistingFile)
        if await dialogs.show(chooser) == QDialog.DialogCode.Accepted and chooser.selectedFiles():
            await self._set_cover(book, cover_from_file(chooser.selectedFiles()[0]))

    async def cover_dropped(self, path: str) -> None:
        """Take a cover from a file that was dropped on the old one."""
        if (book := self._book()) is not None:
            await self._set_cover(book, cover_from_file(path))

    async def cover_paste(self) -> None:
        """Take a cover from the clipboard."""
        if (book := self._book()) is not None:
            image = QGuiApplication.clipboard().image()
            if image.isNull():
                raise Refused("cover.picture")
            await self._set_cover(book, cover_from_image(image))

    async def cover_away(self) -> None:
        """Take the cover away."""
        if (book := self._book()) is not None:
            await self._set_cover(book, None)

    async def _set_cover(self, book: BookDetail, content: bytes | None) -> None:
        page = self._page
        await set_cover(page.app, page.context.operator, book.id, content)
        page.reload()
        page.message.say("The cover is kept." if content else "The cover is gone. Ctrl+Z brings it back.", "ok")

    # Many titles

    async def bulk(self) -> None:
        """Change the rows chosen, or all that the filters find."""
        page = self._page
        chosen = page.table.selectionModel().selectedRows()
        rows = [page.books.row(index.row()) for index in chosen]
        ids = [row.id for row in rows if row is not None]
        scope = ids if len(ids) > 1 else page.shown_filter
        categories, taxes = await list_categories(page.app), await list_tax_rates(page.app)
        dialog = BulkDialog(page.context, scope, categories, taxes, page)
        await dialogs.show(dialog)
        if (report := dialog.report) is not None:
            page.reload()
            page.show_again()
            stopped = "Stopped: " if report.cancelled else ""
            page.message.say(f"{stopped}{page.fmt.count(report.changed)} titles changed. Ctrl+Z takes it back.", "ok")

    async def _store_cells(self, cells: Cells) -> None:
        page = self._page
        try:
            books = await change_cells(page.app, page.context.operator, cells)
        except Conflict as error:
            page.tell(error)
            books = [await get_book(page.app, error.current.id)]
        by_id = {book.id: book for book in books}
        first = page.table.rowAt(0)
        for number in range(max(first - len(cells), 0), min(first + len(cells) + 100, page.books.rowCount())):
            row = page.books.row(number)
            if row is not None and row.id in by_id:
                page.books.replace(number, with_changes(row, by_id[row.id]))
        if page.detail.book is not None and page.detail.book.id in by_id and not page.detail.dirty:
            page.reload()
