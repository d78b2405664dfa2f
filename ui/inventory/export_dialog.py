"""Export: the list as it is shown, filtered and in its order, as a file for a spreadsheet or a partner."""

import asyncio
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QProgressBar, QWidget

from pos_app.exchange.book_table import HEAD
from pos_app.services.book_export import ExportFormat, ExportReport, export_books
from pos_app.services.export_columns import ExportColumns, export_columns, keep_export_columns
from ui import dialogs
from ui.context import Context
from ui.files import ask_where
from ui.inventory.columns import table_names
from ui.widgets.basic import label
from ui.widgets.sheet import Choices, WorkSheet

if TYPE_CHECKING:
    from ui.inventory.page import InventoryPage, Picked

KINDS = {
    "Excel (*.xlsx)": ExportFormat.EXCEL,
    "Comma-separated (*.csv)": ExportFormat.CSV,
    "ONIX for Books 3.0 (*.xml)": ExportFormat.ONIX,
}
WIDTH, LINES = 620, 3
COLUMNS = {"All columns": ExportColumns.ALL, "Those the list shows": ExportColumns.SHOWN}


async def ask_export(page: "InventoryPage") -> None:
    """Ctrl+E: ask where to, then write the rows chosen, or the list that is shown."""
    day = page.app.clock.now().date().isoformat()
    title = f"Export: {_first_small((await page.picked()).words)}"
    if (path := await ask_where(page.context, page, title, f"titles-{day}.xlsx", KINDS)) is not None:
        await export_to(page, path)


def _first_small(words: str) -> str:
    return words[0].lower() + words[1:]


async def export_to(page: "InventoryPage", path: Path) -> None:
    """Ask with which columns, then write the rows chosen, or the whole list, with progress and a way to stop."""
    dialog = ExportDialog(page.context, await page.picked(), table_names(page.shown_columns), path, page)
    dialog.begin()
    await dialogs.show(dialog)
    await dialog.tasks.close()
    if (report := dialog.report) is not None:
        titles = "1 title stands" if report.titles == 1 else f"{page.fmt.count(report.titles)} titles stand"
        without = "title without an ISBN is" if report.left_out == 1 else "titles without an ISBN are"
        left = f" {page.fmt.count(report.left_out)} {without} left out." if report.left_out else ""
        page.message.say(f"{titles} in {report.path}.{left}", "ok")
    elif dialog.stopped:
        page.message.say("Nothing was written.", "none")


class ExportDialog(WorkSheet):
    """Asks which columns, shows how far it is; `report` is what was written, None where it was stopped or failed."""

    def __init__(self, context: Context, picked: "Picked", columns: Sequence[str], path: Path, parent: QWidget) -> None:
        """Take the titles, the columns the list shows as tables call them, and the file."""
        super().__init__(context, "Export titles", parent, go="Write", width=WIDTH)
        self.report: ExportReport | None = None
        self.stopped = False
        self._picked, self._shown, self._path = picked, columns, path
        self._work: asyncio.Task[ExportReport] | None = None
        self.body.addWidget(label(picked.words, "title"))
        where = label(str(path), "muted")
        where.setWordWrap(True)
        self.body.addWidget(where)
        self._choices = Choices(list(COLUMNS), columns=2)
        self._choices.changed.connect(self._show_columns)
        self.body.addWidget(self._choices)
        self._names = label("", "small")
        self._names.setWordWrap(True)
        self._names.setAlignment(Qt.AlignmentFlag.AlignTop)
        # Room for what the longest choice says: the sheet does not grow once it is open.
        self._names.setMinimumHeight(LINES * self._names.fontMetrics().lineSpacing())
        self.body.addWidget(self._names)
        self._bar = QProgressBar()
        self._bar.setRange(0, 0)
        self._bar.setTextVisible(False)
        self._bar.setAccessibleName("Titles written")
        self.body.addWidget(self._bar)
        self._bar.hide()
        self.go.setEnabled(False)
        self.back.show_text("Cancel")

    def begin(self) -> None:
        """Ask which columns, where the file is to be a table; else start writing."""
        if self._path.suffix.lower() == f".{ExportFormat.ONIX}":
            self._write()
        else:
            self.tasks.start(self._ask())

    async def _ask(self) -> None:
        kept = await export_columns(self.context.app, self.context.operator)
        self._choices.choose(next(name for name, columns in COLUMNS.items() if columns is kept))
        self.go.setEnabled(True)
        self.go.setFocus()

    def _show_columns(self) -> None:
        shown = COLUMNS.get(self._choices.chosen) is ExportColumns.SHOWN
        names = ", ".join(self._shown if shown else HEAD)
        self._names.setText(names if "isbn13" in names else f"{names}. Without isbn13 it cannot be imported again.")

    def submit(self) -> None:
        """Enter: write it so."""
        if self.go.isEnabled() and self._work is None:
            self._write()

    def _write(self) -> None:
        self._choices.hide()
        self._names.hide()
        self.go.hide()
        self._bar.show()
        self.tasks.start(self._export())

    async def _export(self) -> None:
        context = self.context
        chosen = COLUMNS.get(self._choices.chosen)
        if chosen is not None:
            await keep_export_columns(context.app, context.operator, chosen)
        self._work = asyncio.ensure_future(
            export_books(
                context.app,
                self._path,
                self._picked.wanted,
                self._picked.order,
                columns=self._shown if chosen is ExportColumns.SHOWN else None,
                operator=context.operator,
                progress=self._show_progress,
            )
        )
        try:
            self.report = await self._work
        except asyncio.CancelledError:
            self.stopped = True
        super().reject()

    def _show_progress(self, done: int, total: int) -> None:
        self._bar.setRange(0, total)
        self._bar.setValue(done)
        self.message.say(f"{self.context.fmt.count(done)} of {self.context.fmt.count(total)}", aloud=False)

    def reject(self) -> None:
        """Stop what is under way, else leave."""
        if self._work is not None and not self._work.done():
            self._work.cancel()
        else:
            super().reject()
