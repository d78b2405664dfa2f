"""What can be done to titles beside the fields of the panel: each act with its key, and all of them under F10."""

import asyncio
from collections.abc import Callable, Coroutine
from typing import TYPE_CHECKING, Any

from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QDialog

from pos_app.domain.permission import Permission
from pos_app.domain.used import Grade
from pos_app.errors import Conflict, PosError, Refused
from pos_app.services.book import BookDetail, list_categories
from pos_app.services.book_addition import TakenBack
from pos_app.services.book_bulk_left import list_left
from pos_app.services.book_copy import CopyRow, add_copy, list_copies
from pos_app.services.book_edit import change_cells
from pos_app.services.book_history import ChangeRow, book_history, undo_state
from pos_app.services.book_list import open_list
from pos_app.services.book_merge import find_duplicates
from pos_app.services.book_search import BookRow
from pos_app.services.book_undo import LastImport, Progress, UndoReport, last_import, redo, undo, undo_act
from pos_app.services.cover import set_cover
from pos_app.services.review import list_reviews, own_review
from pos_app.services.supplier import list_suppliers
from pos_app.services.tax_rate import list_tax_rates
from ui import dialogs
from ui.actions import shortcut
from ui.errors import kind_of, sentence
from ui.files import ask_file
from ui.inventory.ask import AskSheet, ask
from ui.inventory.book_forms import FieldsDialog, supplier_words
from ui.inventory.bulk_dialog import BulkDialog
from ui.inventory.categories import CategorySheet
from ui.inventory.cells import Cells
from ui.inventory.codes import CodesSheet
from ui.inventory.edit_table import CellEditing
from ui.inventory.export_dialog import ask_export
from ui.inventory.history_dialog import FIELDS, HistoryDialog, said
from ui.inventory.import_sheet import ask_import, import_goes_on, may_import
from ui.inventory.left_sheet import LeftSheet
from ui.inventory.merge_sheet import MergeSheet
from ui.inventory.new_book import NewBookSheet
from ui.inventory.picture import cover_from_file, cover_from_image
from ui.inventory.price_words import priced_low
from ui.inventory.review_sheet import ReviewSheet
from ui.inventory.shelf_talker import ShelfTalkerSheet
from ui.inventory.table import with_changes
from ui.inventory.undo_words import put_back, stays, undone
from ui.widgets.sheet import Menu, Sure

if TYPE_CHECKING:
    from pos_app.app import App
    from pos_app.services.right import Operator
    from ui.inventory.page import InventoryPage


class BookActions:
    """The acts of the inventory page."""

    def __init__(self, page: "InventoryPage") -> None:
        """Bind the keys, for those who may edit."""
        self._page = page
        # Set, it stops an import's being taken back.
        self._stop: asyncio.Event | None = None
        self.cells: CellEditing | None = None
        if not page.context.operator.may(Permission.EDIT_BOOKS):
            return
        self.cells = CellEditing(page, self._store_cells)
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
        acts: list[tuple[str, str, Callable[[], Coroutine[Any, Any, None]]]] = [
            ("Z", "Undo", self.undo),
            ("Y", "Redo", self.redo),
            ("H", "History of this title", self.history),
            ("A", "All fields of this title", self.all_fields),
            ("B", "Barcodes", self.barcodes),
            ("U", "Add a used copy", self.add_used),
            ("D", "Merge a duplicate", self.merge),
            ("S", "Staff pick or review", self.review),
            ("T", "Shelf-talker", self.shelf_talker),
            ("C", "Cover from a file", self.cover_file),
            ("V", "Cover from the clipboard", self.cover_paste),
            ("X", "Take the cover away", self.cover_away),
            ("N", "New book", self.new_book),
            ("M", "Change many titles", self.bulk),
            ("G", "Categories", self.categories),
            ("E", "Export titles", lambda: ask_export(self._page)),
        ]
        if may_import(self._page.context):
            acts.append(("I", "Import a file of titles", lambda: ask_import(self._page)))
            acts.append(("L", "Take the last import back", self.last_import))
        menu = Menu("More", acts, self._page)
        if await dialogs.show(menu) == QDialog.DialogCode.Accepted and menu.chosen is not None:
            await menu.chosen()

    # Undo

    async def undo(self) -> None:
        """Take back the last thing this person did to titles; where a file was imported since, ask what is meant."""
        page = self._page
        imported = await last_import(page.app, page.context.operator, since_undo=True)
        if imported is None:
            await self._undo_step()
            return
        acts: list[tuple[str, str, Callable[[], Coroutine[Any, Any, None]]]] = [
            ("T", "Take the import back", lambda: self._take_import_back(imported)),
        ]
        if (await undo_state(page.app, page.context.operator)).undo is not None:
            acts.append(("B", "Undo what you did before it", self._undo_step))
        menu = Menu("Undo", acts, page, note=f"{self._imported(imported)} That is the last thing you did to titles.")
        if await dialogs.show(menu) == QDialog.DialogCode.Accepted and menu.chosen is not None:
            await menu.chosen()

    async def _undo_step(self) -> None:
        await self._tell_undone(await self._reported(undo), "Undone")

    async def last_import(self) -> None:
        """Take the last import back, long after its window was closed, or what is left of one that was stopped."""
        page = self._page
        if await import_goes_on(page):
            return
        if any(left.change.get("kind") == "import" for left in await list_left(page.app, page.context.operator)):
            await self.go_on_with_left()
            return
        imported = await last_import(page.app, page.context.operator)
        if imported is None:
            page.message.say("There is no import of yours to take back.", "warn")
            return
        said = (self._imported(imported), "What was sold or changed since stays as it is; all else is as before it.")
        if await dialogs.show(Sure("Take the import back?", said, page, go="Take it all back", key="T")):
            await self._take_import_back(imported)

    def _imported(self, imported: LastImport) -> str:
        page = self._page
        when = page.fmt.recent(imported.happened_at, page.app.clock.now())
        return f"You imported {imported.file_name[:60]}: {when}."

    async def _take_import_back(self, imported: LastImport) -> None:
        if self._stop is not None or await import_goes_on(self._page):
            return
        self._stop = stop = asyncio.Event()

        async def act(app: "App", operator: "Operator", progress: Progress) -> UndoReport:
            return await undo_act(app, operator, imported.act, progress, kind="import", cancel=stop)

        try:
            report = await self._reported(act)
        finally:
            self._stop = None
        await self._tell_undone(report, "The import is taken back")

    def stop(self) -> bool:
        """Esc: stop an import's being taken back; tells whether there is one."""
        if self._stop is not None:
            self._stop.set()
        return self._stop is not None

    async def redo(self) -> None:
        """Do again what was taken back."""
        await self._tell_undone(await self._reported(redo), "Done again")

    async def _reported(self, act: Callable[..., Coroutine[Any, Any, UndoReport]]) -> UndoReport | None:
        page = self._page
        try:
            return await act(page.app, page.context.operator, self._show_progress)
        except Conflict as error:
            page.tell(error)
            return None

    def _show_progress(self, done: int, total: int) -> None:
        if done < total:
            stops = "" if self._stop is None else " Esc stops it."
            said = f"{self._page.fmt.count(done)} of {self._page.fmt.count(total)} done …{stops}"
            self._page.message.say(said, aloud=False)

    async def _tell_undone(self, report: UndoReport | None, word: str) -> None:
        if report is None:
            return
        page = self._page
        if report.titles.gone:
            # What was shown is no longer there.
            page.detail.book = None
        page.reload()
        if report.titles.gone and page.search.text():
            # Shows all titles.
            page.search.clear()
        else:
            page.show_again()
        text = f"{word}: {put_back(report, page.fmt)}"
        if report.rest is not None:
            text = f"{undone(report, page.fmt)} F10, L goes on."
        elif report.titles != TakenBack():
            text = f"{word}. {undone(report, page.fmt)}"
        elif report.left:
            text += stays(report, page.fmt)
        page.message.say(text, "warn" if report.left or report.rest else "ok")

    # One title

    async def _book(self) -> BookDetail | None:
        return await self._page.one_book.chosen()

    async def _ask(self, title: str, fields: dict[str, str], go: str, **more: Any) -> AskSheet | None:
        return await ask(self._page.context, self._page, title, fields, go, **more)

    async def history(self) -> None:
        """Show the history of the title chosen."""
        page = self._page
        if (book := await self._book()) is not None:
            with page.waiting("The history is being read …"):
                rows = await book_history(page.app, page.context.operator, book.id)

            async def read_on(before: int) -> list[ChangeRow]:
                return await book_history(page.app, page.context.operator, book.id, before=before)

            dialog = HistoryDialog(page.context, book.title, rows, read_on, page)
            try:
                await dialogs.show(dialog)
            finally:
                await dialog.tasks.close()

    async def barcodes(self) -> None:
        """The title's further codes: added, taken away."""
        page = self._page
        if (book := await self._book()) is not None:
            sheet = CodesSheet(page.context, book, page)
            sheet.tasks.start(sheet.load())
            await dialogs.show(sheet)
            await sheet.tasks.close()
            if sheet.told:
                page.message.say(f"{sheet.told} Ctrl+Z takes it back.", "ok")

    async def add_used(self) -> None:
        """Add a used copy with its own price and label code."""
        page = self._page
        if (book := await self._book()) is None:
            return
        rows = await list_copies(page.app, book.id)
        there = [f"{row.code}: {row.grade.words}, {page.fmt.amount(row.price)}, {row.stock} there" for row in rows]
        note = "\n".join([book.title, *there[-8:]]) if there else f"{book.title}\nNo used copies yet."
        grades: dict[str, Any] = {grade.words.capitalize(): grade for grade in Grade}

        async def add(sheet: AskSheet) -> CopyRow:
            price, remark = page.fmt.parse(sheet.answers[0]), sheet.answers[1] or None
            return await add_copy(page.app, page.context.operator, book.id, sheet.chosen, price, note=remark)

        asked = await self._ask(
            "Add a used copy", {"Price": "", "Note": ""}, "Add", act=add, note=note, options=grades, choose="Grade",
            blame={"amount": "Price", "price": "Price", "book.text": "Note", "code.card_number": "Note"},
        )  # fmt: skip
        if asked is not None:
            page.show_again()
            page.message.say(f"A used copy of “{book.title}” is there. Its label code is {asked.made.code}.", "ok")

    async def merge(self) -> None:
        """Merge a duplicate into the title that stays."""
        page = self._page
        pairs = await self._chosen_pair()
        found = not pairs
        if found:
            for group in await find_duplicates(page.app, page.context.operator):
                first, *others = group.books
                pairs += [(other, first) for other in others]
        if not pairs:
            page.message.say(
                "No two titles on sale have the same words and author. Choose two rows to merge them all the same.",
                "ok",
            )
            return
        sheet = MergeSheet(page.context, pairs, page, found=found)
        accepted = await dialogs.show(sheet) == QDialog.DialogCode.Accepted
        await sheet.tasks.close()
        if accepted and (merged := sheet.made) is not None:
            page.reload()
            page.show_again()
            page.message.say(f"Merged into “{merged.title}”. Ctrl+Z takes it back.", "ok")

    async def _chosen_pair(self) -> list[tuple[BookRow, BookRow]]:
        """The two titles chosen in the list, where two are."""
        picked = await self._page.picked()
        if not self._page.choice.several or picked.total != 2:  # noqa: PLR2004 - a pair
            return []
        _, rows = await open_list(self._page.app, picked.wanted, picked.order)
        return [(rows[1], rows[0])] if len(rows) == 2 else []  # noqa: PLR2004 - a pair

    async def review(self) -> None:
        """What whoever asks thinks of the title: a staff pick or a plain review, shown as it is and changed."""
        page = self._page
        if (book := await self._book()) is None:
            return
        mine = await own_review(page.app, page.context.operator, book.id)
        sheet = ReviewSheet(page.context, book, mine, await list_reviews(page.app, book.id), page)
        await dialogs.show(sheet)
        await sheet.tasks.close()
        if sheet.said:
            page.reload()
            page.message.say(f"{sheet.said} Ctrl+Z takes it back.", "ok")

    async def shelf_talker(self) -> None:
        """The card for the shelf, printed or as PDF."""
        page = self._page
        if (book := await self._book()) is None:
            return
        picks = [row for row in await list_reviews(page.app, book.id) if row.staff_pick]
        if not picks:
            page.message.say("Nobody picked this title yet. Write a staff pick first (F10, S).", "warn")
            return
        sheet = ShelfTalkerSheet(page.context, book, picks, page)
        await dialogs.show(sheet)
        await sheet.tasks.close()

    async def all_fields(self) -> None:
        """Change what the panel has no room for."""
        page = self._page
        if (book := await self._book()) is None:
            return
        suppliers = {supplier_words(row, page.fmt.percent): row.id for row in await list_suppliers(page.app)}
        dialog = FieldsDialog(page.context, book, suppliers, page)
        await dialogs.show(dialog)
        await dialog.tasks.close()
        if dialog.saved:
            page.reload()
            page.show_again()
            page.message.say("Saved. Ctrl+Z takes it back.", "ok")

    async def new_book(self) -> None:
        """Add a title, by its ISBN where it has one."""
        page = self._page
        sheet = NewBookSheet(page.context, await list_categories(page.app), page)
        accepted = await dialogs.show(sheet) == QDialog.DialogCode.Accepted
        await sheet.tasks.close()
        if accepted:
            book: BookDetail = sheet.made
            page.search.setText(book.isbn or book.title)
            page.message.say(f"“{book.title}” is in the catalogue. Ctrl+Z takes it back.", "ok")

    async def categories(self) -> None:
        """The tree of categories."""
        page = self._page
        sheet = CategorySheet(page.context, page)
        sheet.tasks.start(sheet.load())
        await dialogs.show(sheet)
        await sheet.tasks.close()
        if sheet.changed:
            await page.read_choices(anew=True)
            page.reload()
            page.show_again()
            page.message.say(f"{sheet.changed} Ctrl+Z takes it back.", "ok")

    # Covers

    async def cover_file(self) -> None:
        """Take a cover from a file."""
        if (book := await self._book()) is None:
            return
        path = await ask_file(self._page, "Cover from a file", ["Pictures (*.jpg *.jpeg *.png *.webp)"])
        if path is not None:
            await self._set_cover(book, cover_from_file(str(path)))

    async def cover_dropped(self, path: str) -> None:
        """Take a cover from a file that was dropped on the old one."""
        if (book := await self._book()) is not None:
            await self._set_cover(book, cover_from_file(path))

    async def cover_paste(self) -> None:
        """Take a cover from the clipboard."""
        if (book := await self._book()) is not None:
            image = QGuiApplication.clipboard().image()
            if image.isNull():
                raise Refused("cover.picture")
            await self._set_cover(book, cover_from_image(image))

    async def cover_away(self) -> None:
        """Take the cover away."""
        if (book := await self._book()) is not None:
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
        picked = await page.picked()
        categories, taxes = await list_categories(page.app), await list_tax_rates(page.app)
        none = "" if page.choice.several or picked.total == 1 else _no_row_chosen(picked.words)
        dialog = BulkDialog(page.context, picked.wanted, picked.words, categories, taxes, page, nothing_chosen=none)
        await dialogs.show(dialog)
        await dialog.tasks.close()
        if dialog.begun and dialog.report is None:
            page.show_again()
            await self.go_on_with_left()
        elif (report := dialog.report) is not None:
            page.reload()
            page.show_again()
            stopped = "Stopped: " if report.cancelled else ""
            titles = "1 title" if report.changed == 1 else f"{page.fmt.count(report.changed)} titles"
            page.message.say(f"{stopped}{titles} changed. Ctrl+Z takes it back.", "ok")

    async def go_on_with_left(self) -> None:
        """Ask what is to become of changes of many that were cut off, the program killed or the database gone."""
        page = self._page
        imports = page.context.imports
        # Asked before: what it ends meanwhile is offered no more.
        goes_on = imports.under_way is not None
        for left in await list_left(page.app, page.context.operator):
            # The undo that goes on behind the window is not cut off, and no other goes on beside an import.
            if left.change.get("kind") == "import" and (goes_on or imports.under_way is not None):
                continue
            sheet = LeftSheet(page.context, left, page)
            await dialogs.show(sheet)
            await sheet.tasks.close()
            if sheet.said:
                page.reload()
                page.show_again()
                page.message.say(sheet.said, sheet.kind)

    async def _store_cells(self, cells: Cells) -> bool:
        """Store what was typed or pasted in the list; tells whether it is."""
        page = self._page
        try:
            with page.storing():
                books = await change_cells(page.app, page.context.operator, cells)
        except Conflict as error:
            await self._met(cells, error.current, error.params["fields"][0])
            return False
        except PosError as error:
            lost = "1 cell is" if sum(map(len, cells.values())) == 1 else "The cells are"
            page.message.say(f"{sentence(error)} {lost} as before.", kind_of(error))
            if self.cells is not None:
                self.cells.take_up(cells)
            return False
        priced = {book_id for book_id, fields in cells.items() if fields.keys() & {"price", "cost"}}
        worry = priced_low((book for book in books if book.id in priced), page.fmt)
        if worry or page.message.property("kind") in ("warn", "bad"):
            page.message.say(worry, "warn")
        by_id = {book.id: book for book in books}
        first = page.table.rowAt(0)
        for number in range(max(first - len(cells), 0), min(first + len(cells) + 100, page.books.rowCount())):
            row = page.books.row(number)
            if row is not None and row.id in by_id:
                page.books.replace(number, with_changes(row, by_id[row.id]))
        for book_id in by_id:
            page.one_book.changed(book_id)
        return True

    async def _met(self, cells: Cells, now: BookDetail, field: str) -> None:
        """Say what somebody else stored in a cell meanwhile and who, and have it said whose stays."""
        page = self._page
        who = await self._page.one_book.who_changed(now.id, field)
        stored, mine = (said(page.fmt, field, value) for value in (getattr(now, field), cells[now.id][field].after))
        if field == "category_id":
            stored, mine = now.category or "none", "another"
        text = f"{FIELDS[field]} of “{now.title[:40]}” became {stored} meanwhile{who}."
        number, row = next(((number, row) for number, row in page.books.loaded() if row.id == now.id), (-1, None))
        row = None if row is None else with_changes(row, now)
        if row is not None:
            page.books.replace(number, row)
        if sum(map(len, cells.values())) == 1 and self.cells is not None and row is not None:
            page.message.say(f"{text} You typed {mine}: Enter stores yours, Esc keeps theirs.", "warn")
            self.cells.take_up(cells, row)
        else:
            page.message.say(f"{text} Nothing was pasted: paste again to put yours in its place.", "warn")


def _no_row_chosen(words: str) -> str:
    return f"No rows are chosen: this is about {words[0].lower()}{words[1:]}. Esc, then Shift+↑ ↓ or Ctrl+click choose."
