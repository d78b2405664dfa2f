"""Import: what a file would do, row by row, before it does it; then how far it is, and what came of it.

Once it is under way its sheet can be put aside: the import goes on behind the window (`ui.import_banner`).
"""

import asyncio
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QMimeData, Qt, QTimer, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QDialog, QHBoxLayout, QProgressBar, QStackedLayout, QWidget

from pos_app.domain.permission import Permission
from pos_app.exchange.book_file import table_columns
from pos_app.exchange.csv_books import NEEDED
from pos_app.services.book_bulk_left import Left, list_left
from pos_app.services.book_import import ImportOptions, ImportReport, import_books
from pos_app.services.book_import_columns import chosen_columns, keep_columns
from pos_app.services.book_import_log import FateLog
from pos_app.services.book_import_row import Fate, RowFate
from pos_app.services.book_undo import UndoReport, undo_act
from ui import dialogs
from ui.actions import shortcut
from ui.context import Context
from ui.files import ask_file
from ui.format import Formatter
from ui.inventory.import_columns import ColumnsDialog
from ui.inventory.import_words import kind_of_end, told, why
from ui.inventory.undo_words import undone
from ui.models.paged import PAGE
from ui.stock.table import Column, RowsTable
from ui.style.theme import px
from ui.widgets.basic import ElidedLabel, EmptyState, label, panel
from ui.widgets.key_button import KeyButton
from ui.widgets.sheet import AROUND, Choices, WorkSheet

if TYPE_CHECKING:
    from ui.inventory.page import InventoryPage

# With five digits in each of the counts their keys are seen too, where the window is so wide.
WIDTH = 1280
WIDEST_TEXT = 1420
REFRESH_MS = 200
# What takes longer is told in minutes.
MINUTES_S = 120
# Of a file's name so much is said beside how far it is.
LONG_NAME = 40
KINDS = "Titles (*.csv *.txt *.tsv *.gz *.xlsx *.xls *.ods *.xml *.onix *.mrc *.marc *.dat);;All files (*)"
ALL = "All"
FATES = {
    ALL: None,
    "New": Fate.NEW,
    "Changed": Fate.CHANGED,
    "Unchanged": Fate.UNCHANGED,
    "Taken out": Fate.OUT,
    "Refused": Fate.REFUSED,
}
LOOKS = {Fate.NEW: "ok", Fate.CHANGED: "info", Fate.UNCHANGED: "off", Fate.OUT: "warn", Fate.REFUSED: "bad"}


async def ask_import(page: "InventoryPage") -> None:
    """Ctrl+I: ask for a file, then show what it would do."""
    if await _none_aside(page) and (path := await ask_file(page, "Import titles", KINDS.split(";;"))) is not None:
        await import_from(page, path)


def dropped_file(dragged: QMimeData) -> Path | None:
    """Give the file that is dragged, where it is one and no more."""
    paths = [Path(url.toLocalFile()) for url in dragged.urls() if url.isLocalFile()]
    return paths[0] if len(paths) == 1 and paths[0].is_file() else None


async def import_from(page: "InventoryPage", path: Path) -> None:
    """Show what a file would do, and take it in where that is wanted."""
    if not await _none_aside(page):
        return
    # What an earlier import came to is not of this file.
    page.message.say("")
    sheet = ImportSheet(page.context, path, page.window())
    sheet.begin()
    await _show_on(page, sheet)


async def _none_aside(page: "InventoryPage") -> bool:
    """Whether another file may be taken in; one that this person put aside is shown first."""
    imports, operator = page.context.imports, page.context.operator
    if (mine := imports.of(operator)) is not None:
        if mine.goes_on:
            mine.message.say("This import goes on. Another file can be taken in once it has ended.", "warn")
        await _show_on(page, mine)
        if mine.stays and not mine.goes_on:
            # The till locked itself, or it is shown already.
            return False
    if (other := imports.under_way) is not None:
        if other is not mine:
            page.message.say(f"{other.whose} Another file can be taken in once that has ended.", "warn")
        return False
    return True


async def import_goes_on(page: "InventoryPage") -> bool:
    """Whether an import goes on behind the window, which is shown or said: none is taken back beside it.

    What it stores after its own undo could never be taken back.
    """
    imports, operator = page.context.imports, page.context.operator
    if (sheet := imports.under_way) is None:
        return False
    if sheet is imports.of(operator):
        sheet.message.say("This goes on. An import can be taken back once it has ended.", "warn")
        await _show_on(page, sheet)
    else:
        page.message.say(f"{sheet.whose} An import can be taken back once that has ended.", "warn")
    return True


async def _show_on(page: "InventoryPage", sheet: "ImportSheet") -> None:
    await show_import(sheet, page.context)
    if not sheet.stays and sheet.report is not None:
        if not page.detail.dirty:
            page.reload()
        page.show_again()
        page.message.say(*sheet.ending)


async def show_import(sheet: "ImportSheet", context: Context) -> None:
    """Show a sheet until it is closed or put aside; a till that locks itself puts it aside, where something came of it.

    It works from now on for the person's time at the till that is now.
    """
    if dialogs.shows(sheet):
        # Two keys that bring it back were pressed at once.
        return
    sheet.context = context
    try:
        await dialogs.show(sheet, stays=lambda: sheet.stays)
    finally:
        if sheet.stays:
            context.imports.take(sheet)
        else:
            context.imports.drop(sheet)
            await sheet.end()


class ImportSheet(WorkSheet):
    """The dry run, the import and its end; `report` is what was stored, None where nothing was."""

    # It is somewhere else, or something else is said of it.
    moved = Signal()

    def __init__(self, context: Context, path: Path, parent: QWidget) -> None:
        """Take the file; it is read by `begin`."""
        super().__init__(context, "Import titles", parent, go="Import", width=WIDTH)
        self.report: ImportReport | None = None
        self.log = FateLog()
        self._path, self.file_name = path, path.name
        # What came of it in the end, and how loud that is told.
        self.ending = "", "none"
        # What is left to take back, where that was stopped.
        self._rest: Left | None = None
        self._taken_back = False
        # Whether something was begun whose end nobody closed yet.
        self._open = False
        # How long it takes still, in words.
        self._left = ""
        # Rows stored so far.
        self.stored = 0
        # A table's columns, what their names say they hold, and what the person says.
        self._names: list[str] = []
        self._known: dict[str, str] = {}
        self._first: list[str] = []
        self._columns: dict[str, str] = {}
        self._listed: tuple[FateLog, Fate | None] | None = None
        self._cancel = asyncio.Event()
        self._stage = "reading"
        # While the file's columns are looked at.
        self._looking = False
        self._began = 0.0
        self._done, self._total = 0, 1
        self.head.insertSpacing(1, 12)
        self.head.insertWidget(2, ElidedLabel(path.name, "muted"), 1)
        self._lay_choices(parent)
        self._lay_list()
        self._lay_progress()
        self._timer = QTimer(self)
        self._timer.setInterval(REFRESH_MS)
        self._timer.timeout.connect(self._show)
        self.go.setEnabled(False)
        self.fill(parent)
        self.resize(max(self.width(), min(px(WIDTH), parent.window().width() - 2 * AROUND)), self.height())

    def _lay_choices(self, parent: QWidget) -> None:
        # With large text or in a small window in two lines: none of the counts is cut.
        one_line = px(WIDTH) <= min(WIDEST_TEXT, parent.window().width())
        self._shown = Choices(list(FATES), columns=len(FATES) if one_line else len(FATES) // 2, chosen=ALL)
        self._shown.changed.connect(lambda _: self._show_rows())
        self.body.addWidget(self._shown)
        self._keep_prices = self._toggle("Keep prices", "F6", self._again)
        self._all_or_none = self._toggle("All or none", "F7", self._show)
        self._choose = KeyButton("Columns", "F8", size="quick")
        self._choose.clicked.connect(lambda: self.tasks.start(self._choose_columns()))
        shortcut(self, "F8", self._choose.click, within=False)
        for place, button in enumerate((self._keep_prices, self._all_or_none, self._choose), start=1):
            self.foot.insertWidget(place, button)
        self._choose.hide()

    def _toggle(self, text: str, key: str, changed: Callable[[], None]) -> KeyButton:
        button = KeyButton(text, key, size="quick", role="chip")
        button.setCheckable(True)
        button.toggled.connect(lambda _: changed())
        shortcut(self, key, button.click, within=False)
        return button

    def _lay_list(self) -> None:
        fmt = self.context.fmt
        self._table = RowsTable(
            "What becomes of each row",
            [
                Column[RowFate]("Row", 70, lambda row: fmt.count(row.line), right=True),
                Column[RowFate]("What happens", 130, lambda row: row.fate.value.capitalize(), pill=_look),
                Column[RowFate]("ISBN", 140, lambda row: row.isbn or "–"),
                Column[RowFate](
                    "Title, and what or why",
                    0,
                    lambda row: row.text.removeprefix(f"{row.isbn}, ") or "–",
                    below=lambda row: why(row, fmt),
                ),
                Column[RowFate](
                    "Price", 90, lambda row: "" if row.price is None else fmt.amount(row.price), right=True
                ),
            ],
            height=200,
            start=self.tasks.start,
        )
        paper = panel()
        self._stack = QStackedLayout(paper)
        self._stack.setContentsMargins(1, 1, 1, 1)
        self._nothing = EmptyState("The file is being read.")
        self._stack.addWidget(self._nothing)
        self._stack.addWidget(self._table)
        self.body.addWidget(paper, 1)

    def _lay_progress(self) -> None:
        line = QHBoxLayout()
        self._where = label("", "sum")
        self._pace = label("", "small")
        line.addWidget(self._where)
        line.addStretch(1)
        line.addWidget(self._pace)
        self.body.addLayout(line)
        # What is cut in the list stands here whole.
        self._whole = label("", "small")
        self._whole.setWordWrap(True)
        self.body.addWidget(self._whole)
        self._table.selectionModel().currentRowChanged.connect(lambda *_: self._show_whole())
        self._bar = QProgressBar()
        self._bar.setTextVisible(False)
        self._bar.setAccessibleName("How much of the file is read")
        self.body.addWidget(self._bar)
        self._take_back = KeyButton("Take it all back", "F9", size="quick")
        self._take_back.clicked.connect(self._take_it_back)
        shortcut(self, "F9", self._take_back.click, within=False)
        self._take_back.hide()
        self.foot.insertWidget(1, self._take_back)
        self._aside = KeyButton("Work on", "F2", size="quick")
        self._aside.clicked.connect(self.put_aside)
        shortcut(self, "F2", self._aside.click, within=False)
        self._aside.hide()
        self.foot.insertWidget(1, self._aside)

    # Trying out

    def begin(self) -> None:
        """Look at the file's columns, then at what it would do."""
        self._looking = True
        self._show()
        self.tasks.start(self._begin())

    async def _begin(self) -> None:
        try:
            found = await asyncio.to_thread(table_columns, self._path)
        except Exception:
            self._looking = False
            self._nothing.say("The file cannot be taken.")
            raise
        if found is not None:
            self._names, self._known, self._first = found.names, found.known, found.first
            self._columns = await chosen_columns(self.context.app, self._names)
            missing = any(not (self._columns.get(what) or self._known.get(what)) for what in NEEDED)
            # A price list needs no title, but what is called otherwise may be one.
            if missing or ("title" not in self._columns and "title" not in self._known):
                self._looking = False
                await self._choose_columns()
                return
        self._again()

    async def _choose_columns(self) -> None:
        if not self._choose.isEnabled():
            return
        dialog = ColumnsDialog(self._names, self._known | self._columns, self, first=self._first)
        if await dialogs.show(dialog) == QDialog.DialogCode.Accepted:
            self._columns = dialog.columns
            await keep_columns(self.context.app, self.context.operator, self._names, self._columns)
            self._again()
        elif self._stage == "reading":
            self._nothing.say("Say which column holds what (F8).")

    def _again(self) -> None:
        """Try the file out, from its beginning."""
        if self._stage in ("reading", "trying", "tried"):
            self.tasks.start(self._try_out(), key="try")

    async def _try_out(self) -> None:
        self._start("trying")
        try:
            await self._run(dry_run=True)
        except Exception:
            self._nothing.say("The file cannot be taken.")
            self._end("reading")
            raise
        self._end("tried")
        self._table.setFocus()

    async def _run(self, *, dry_run: bool) -> ImportReport:
        options = ImportOptions(
            columns=self._columns,
            keep_prices=self._keep_prices.isChecked(),
            all_or_none=self._all_or_none.isChecked(),
            dry_run=dry_run,
        )
        context, log = self.context, self.log
        return await import_books(
            context.app,
            self._path,
            options,
            operator=context.operator,
            progress=self._progress,
            told=log.add if dry_run else self._count_stored,
            cancel=self._cancel,
        )

    def _start(self, stage: str) -> None:
        self._stage, self._looking = stage, False
        self._open = self.goes_on
        self._began = time.monotonic()
        self._done, self._total = 0, 1
        self._cancel = asyncio.Event()
        if stage == "trying":
            self.log.close()
            self.log = FateLog()
        self.stored = 0
        self.message.say("")
        self.back.show_text("Cancel")
        self._timer.start()
        self._show()

    def _progress(self, done: int, total: int) -> None:
        self._done, self._total = done, max(total, 1)

    def _count_stored(self, fates: Sequence[RowFate]) -> None:
        self.stored += len(fates)

    def _end(self, stage: str) -> None:
        self._stage = stage
        self._timer.stop()
        self.back.show_text("Back" if stage == "tried" else "Close")
        self._show()

    # Importing

    def submit(self) -> None:
        """Enter: take the file in."""
        if self._stage == "tried" and self.go.isEnabled() and not self._waits():
            self.tasks.start(self._import())

    def _take_it_back(self) -> None:
        if not self._waits():
            self.tasks.start(self._undo())

    def _waits(self) -> bool:
        """Whether another goes on at this till, which is said then: one at a time."""
        other = self.context.imports.under_way
        if other is None or other is self:
            return False
        self.message.say(f"{other.whose} This can be done once that has ended.", "warn")
        return True

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Enter waits while the way forward is grey: the focus it gave away lies on Cancel, which nobody meant."""
        working = self._looking or self._stage == "trying" or self.goes_on
        enter = event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter)
        if not (enter and working and self.focusWidget() in (self.back, self.go)):
            super().keyPressEvent(event)

    async def _import(self) -> None:
        # Left to Qt, the focus would go from the way forward to what nobody meant.
        self._table.setFocus()
        self._start("importing")
        try:
            report = await self._run(dry_run=False)
        except Exception:
            self._end("tried")
            raise
        if report.withheld or (report.cancelled and (not self.stored or not report.act)):
            self._end("tried")
            held = "since rows are refused and all or none were to be taken" if report.withheld else "it was stopped"
            self._tell_end(f"Nothing new is stored: {held}.", "warn")
        else:
            self.report = report
            self._end("done")
            self._tell_end(told(report, self.context.fmt), kind_of_end(report))

    def _tell_end(self, text: str, kind: str) -> None:
        self.ending = text, kind
        self.message.say(text, kind)
        self.moved.emit()

    async def _undo(self) -> None:
        if self.report is None or self._stage != "done" or self._take_back.isHidden():
            return
        self._table.setFocus()
        self._start("undoing")
        context, act = self.context, self.report.act
        report: UndoReport | None = None
        try:
            # One that failed told nothing of its rest, and what it told may have been gone on with elsewhere.
            rests = await list_left(context.app, context.operator)
            left = next((one for one in rests if one.undoes == act), None)
            report = await undo_act(
                context.app, context.operator, act, self._progress, kind="import", left=left, cancel=self._cancel
            )
        finally:
            if report is not None:
                self._rest, self._taken_back = report.rest, report.rest is None
            self._end("done")
        kept = report.left or report.titles.left or report.rest
        self._tell_end(undone(report, context.fmt), "warn" if kept else "ok")

    def reject(self) -> None:
        """Esc: stop what is under way, else leave."""
        if self.goes_on:
            self.stop()
        else:
            self._open = False
            self._timer.stop()
            super().reject()

    # Aside

    @property
    def goes_on(self) -> bool:
        """Whether the catalogue is being changed, with the sheet on the screen or aside."""
        return self._stage in ("importing", "undoing")

    @property
    def stays(self) -> bool:
        """Whether it is kept aside once it is off the screen: until whoever began it has closed its end."""
        return self.goes_on or self._open

    @property
    def whose(self) -> str:
        """Who imports what, as others are told."""
        return f"{self.context.operator.name} imports {self.file_name} at this till."

    def put_aside(self) -> None:
        """F2: let it go on behind the window."""
        if self.goes_on:
            self.done(QDialog.DialogCode.Accepted)

    def stop(self) -> None:
        """Stop what is under way, between two transactions."""
        self._cancel.set()

    @property
    def what_if_stopped(self) -> str:
        """What is so where it is stopped now."""
        if self._stage == "undoing":
            return "What is taken back stays so, and the rest can be taken back later."
        if self._all_or_none.isChecked():
            return "Stopped now, nothing of the file is stored."
        return "What is stored stays so, and the same file imported again goes on there."

    @property
    def _what_is_so(self) -> str:
        """What is so after a fault of ours."""
        if self._stage == "done":
            return ". F9 takes the rest back."
        if self._all_or_none.isChecked():
            return ": nothing of the file is stored."
        return ". The same file imported again goes on where it stopped."

    async def end(self) -> None:
        """End its work, and throw the rows away."""
        self._timer.stop()
        await self.tasks.close()
        self.log.close()

    def tell(self, error: BaseException) -> None:
        """Tell the person of an error, aside too."""
        super().tell(error)
        self.moved.emit()

    @property
    def how_far(self) -> tuple[int, int]:
        """How much is done, and of how much."""
        return self._done, self._total

    def told_aside(self) -> tuple[str, str]:
        """What is said of it while it is aside, and how loud: how far it is, or what came of it."""
        said, kind = self.message.text(), str(self.message.property("kind"))
        if self.goes_on:
            self._show_where(self.context.fmt, working=True)
            said, kind = " · ".join(filter(None, (self._where.text(), self._left))), "none"
        elif not said:
            said, kind = f"Broken off{self._what_is_so}", "bad"
        name = self.file_name if len(self.file_name) <= LONG_NAME else f"{self.file_name[: LONG_NAME - 1]}…"
        return f"{name} – {said}", kind

    # What is seen

    def _show(self) -> None:
        fmt, stage = self.context.fmt, self._stage
        after = stage in ("done", "undoing")
        for name, fate in FATES.items():
            self._shown.say(name, f"{name} {fmt.count(self.log.count(fate))}")
        working = stage == "trying" or self.goes_on
        self._bar.setVisible(working)
        self._bar.setMaximum(self._total)
        self._bar.setValue(self._done)
        self._show_where(fmt, working=working)
        refused = self.log.count(Fate.REFUSED)
        to_do = sum(self.log.count(fate) for fate in (Fate.NEW, Fate.CHANGED, Fate.OUT))
        withheld = bool(refused) and self._all_or_none.isChecked()
        self.go.setVisible(not after)
        self.go.setEnabled(stage == "tried" and to_do > 0 and not withheld)
        self._aside.setVisible(self.goes_on)
        for button in (self._keep_prices, self._all_or_none, self._choose):
            button.setEnabled(stage in ("reading", "trying", "tried"))
            button.setVisible(not after and (button is not self._choose or bool(self._names)))
        report = self.report
        stored = bool(report and (report.added or report.changed or report.taken_out))
        self._take_back.setVisible(stage == "done" and stored and not self._taken_back)
        self._take_back.show_text("Take the rest back" if self._rest is not None else "Take it all back")
        if stage == "tried":
            self._say_tried(to_do, withheld=withheld)
        self._show_rows()
        if self.goes_on:
            # Its end is told with what came of it.
            self.moved.emit()

    def _show_where(self, fmt: Formatter, *, working: bool) -> None:
        passed = time.monotonic() - self._began
        rows = {"trying": self.log.count(), "undoing": self._done}.get(self._stage, self.stored)
        self._left = ""
        if not working or not rows or passed < 1 or not self._done:
            self._pace.setText("")
        else:
            left = passed * (self._total - self._done) / self._done
            self._left = f"{left / 60:.0f} min left" if left > MINUTES_S else f"{left:.0f} s left"
            whole = self._stage == "importing" and self._all_or_none.isChecked()
            selling = "what tills sell may wait" if whole else "tills go on selling"
            self._pace.setText(f"{fmt.count(int(rows / passed))} a second · {self._left} · {selling}")
            if whole:
                self._left = f"{self._left} · {selling}"
        match self._stage:
            case "trying":
                text = f"Trying out… {fmt.count(rows)} rows"
            case "importing":
                text = f"Importing… {fmt.count(rows)} of {fmt.count(self.log.count())}"
            case "undoing":
                of = f" {fmt.count(self._done)} of {fmt.count(self._total)}" if self._done else ""
                text = f"Taking it all back…{of}"
            case "tried":
                text = "A dry run: nothing is stored yet."
            case "done" if self.report is not None and (self.report.cancelled or self.report.skipped):
                text = "The list is of the whole file, as it was tried out."
            case _:
                text = ""
        if self._cancel.is_set() and self.goes_on:
            text = "Stopping…"
        self._where.setText(text)

    def _say_tried(self, to_do: int, *, withheld: bool) -> None:
        refused, rows = self.log.count(Fate.REFUSED), self.log.count()
        if not rows:
            self.message.say("The file has no rows: there is nothing to do.", "warn")
        elif refused == rows:
            self.message.say("All rows are refused: nothing can be stored. The list says why, row by row.", "warn")
        elif withheld:
            self.message.say("Rows are refused, so nothing would be stored. F7 takes the others.", "warn")
        elif not to_do and refused:
            self.message.say("Nothing would change: the other rows are refused. The list says why.", "warn")
        elif not to_do:
            self.message.say("The catalogue is as the file says: there is nothing to do.", "ok")
        else:
            self.message.say("")

    def _show_rows(self) -> None:
        fate, log = FATES[self._shown.chosen], self.log
        total = log.count(fate)

        async def fetch(first: int, count: int) -> Sequence[RowFate]:
            return log.rows(fate, first, count)

        rows = self._table.rows
        if (log, fate) != self._listed:
            self._listed = (log, fate)
            rows.show(total, log.rows(fate, 0, PAGE), fetch)
        elif total != rows.rowCount():
            rows.renew(total, fetch)
        if self._stage not in ("reading", "trying"):
            self._nothing.say("There is no such row." if log.count() else "The file has no rows.")
        self._stack.setCurrentWidget(self._table if total else self._nothing)
        if total and not self._table.currentIndex().isValid():
            self._table.setCurrentIndex(rows.index(0, 0))
        self._show_whole()

    def _show_whole(self) -> None:
        row: RowFate | None = self._table.chosen
        text = why(row, self.context.fmt) if row is not None else ""
        self._whole.setText(f"Row {self.context.fmt.count(row.line)}: {text}" if row is not None and text else "")


def _look(row: RowFate) -> str:
    return LOOKS[row.fate]


def may_import(context: Context) -> bool:
    """Whether this person may take files in."""
    return context.operator.may(Permission.IMPORT)
