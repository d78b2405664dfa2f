"""The receipt printer, tried on paper before there is a shop; the catalogue to begin with; and the last look."""

from dataclasses import replace

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QGridLayout, QWidget

from pos_app.devices.find import Found
from pos_app.log import without_password
from pos_app.services.machine import find_devices, try_printer
from ui import dialogs
from ui.actions import shortcut
from ui.inventory.import_sheet import KINDS
from ui.printing import DRAWING
from ui.settings.device_dialog import PRINTER_KINDS, DeviceDialog, named
from ui.settings.device_row import DeviceRow, boxed
from ui.setup.countries import LANGUAGES
from ui.setup.step import Answers, FileField, Place, Say, Step
from ui.tasks import Tasks
from ui.widgets.basic import caption, label


class PrinterStep(Step):
    """How receipts are printed; everything else that is plugged in is set in Settings."""

    title = "The receipt printer"
    about = "Without one, receipts are kept as files. It can be set or changed later, as drawer and displays can."

    def __init__(self, answers: Answers, tasks: Tasks, say: Say) -> None:
        """Lay the printer's row out."""
        super().__init__(answers, tasks, say)
        self._found: list[Found] = []
        self._row = DeviceRow("Receipt printer")
        self.test = self._row.add_button("Test page", lambda: self.tasks.start(self._test(), key="printer"))
        self.choose = self._row.add_button("Choose…", lambda: self.tasks.start(self._choose(), key="printer"))
        for button, key in ((self.test, "F5"), (self.choose, "F6")):
            button.show_key(key)
            shortcut(self, key, button.click, within=False)
        self.column.addWidget(boxed([self._row]))
        self._hint = self.hint()
        self.column.addStretch(1)

    def entered(self) -> None:
        """Look for printers meanwhile."""
        self._show("Not tried yet")
        self.tasks.start(self._find(), key="find")

    def left(self) -> None:
        """Look no longer."""
        self.tasks.cancel("find")

    def _show(self, state: str, kind: str = "off") -> None:
        printer = self.answers.config.printer
        self.test.setEnabled(printer not in ("none", "simulated"))
        if printer == "none":
            self._row.show_state("Receipts are kept as files", "None", "off")
        elif printer == "simulated":
            self._row.show_state("Draws its papers in Settings", "Simulated", "info")
        else:
            self._row.show_state(named(printer, PRINTER_KINDS), state, kind)

    async def _find(self) -> None:
        self._hint.setText("Printers are looked for…")
        self._found = await find_devices()
        named = ", ".join(one.name for one in self._found)
        self._hint.setText(
            f"Found at this computer: {named}. F6 chooses one."
            if named
            else "None was found at this computer. "
            "Press F6 for one on the network, or another that is not found by itself."
        )

    async def _choose(self) -> None:
        dialog = DeviceDialog("Receipt printer", PRINTER_KINDS, self.answers.config.printer, self._found, self.window())
        if await dialogs.show(dialog):
            self.answers.config = replace(self.answers.config, printer=dialog.setting)
            self._show("Not tried yet")
            self.say("", "none")
        if self.test.isEnabled():
            self.test.setFocus()
        else:
            self.done.emit()

    async def _test(self) -> None:
        self._show("Printing…", "info")
        self.say("", "none")
        try:
            status = await try_printer(self.answers.config.printer, self.answers.settings, DRAWING)
        except BaseException:
            self._show("Not reached", "bad")
            raise
        self._show("Test page sent", "ok" if status.ready else "warn")
        self.done.emit()
        said = f" {status.sentence}" if status.answers else ""
        self.say(
            f"The test page is sent: its figures must fill one line, and its letters must be readable.{said}", "ok"
        )


class CatalogueStep(Step):
    """A file of titles to begin with: it is looked through and taken in once the shop is open."""

    title = "The catalogue"
    about = "A file of titles: CSV, Excel, ONIX or MARC. Leave it empty to begin without, or to take one in later."

    def __init__(self, answers: Answers, tasks: Tasks, say: Say) -> None:
        """Lay the field out."""
        super().__init__(answers, tasks, say)
        self.file = FileField("File of titles", KINDS, tasks)
        self.fields([[("File of titles", self.file)]])
        self.hint("Once the shop is open, what the file would do is shown row by row before anything is stored.")
        self.column.addStretch(1)

    def wanted(self) -> bool:
        """Only for a new shop."""
        return self.answers.is_new

    def home(self) -> QWidget:
        """The path."""
        return self.file.field

    async def keep(self) -> None:
        """Take a file that is there, or none."""
        self.answers.catalogue = self.file.path()


class ReadyStep(Step):
    """Everything answered, once more; from here it is carried out."""

    title = "Ready"
    about = "This is what will be stored. Go back to change it."
    go = "Open the shop"

    def __init__(self, answers: Answers, tasks: Tasks, say: Say) -> None:
        """Lay nothing out yet."""
        super().__init__(answers, tasks, say)
        self._list: QWidget | None = None

    def entered(self) -> None:
        """Show what was answered."""
        if self._list is not None:
            self._list.hide()
            self._list.deleteLater()
            self.column.takeAt(0)
        self._list = QWidget()
        grid = QGridLayout(self._list)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setHorizontalSpacing(16)
        grid.setVerticalSpacing(8)
        grid.setColumnStretch(1, 1)
        for row, (name, value) in enumerate(self._rows()):
            said = label(value)
            said.setWordWrap(True)
            grid.addWidget(caption(name), row, 0, Qt.AlignmentFlag.AlignTop)
            grid.addWidget(said, row, 1)
        grid.setRowStretch(grid.rowCount(), 1)
        self.column.insertWidget(0, self._list)

    def _rows(self) -> list[tuple[str, str]]:
        answers = self.answers
        rows = [("Where", self._where())]
        if answers.is_new:
            settings = answers.settings
            tax = "prices include tax" if settings.prices_include_tax else "tax is added at the till"
            rows += [
                ("Shop", settings.shop_name),
                ("Money", f"{settings.currency}, {tax}"),
                ("Tax", f"{answers.tax_name}: {(answers.tax_rate * 100).normalize():f} %"),
                ("Language, time", f"{LANGUAGES[settings.locale]}, {settings.time_zone}"),
                ("Admin", answers.admin_name),
            ]
        if answers.joins or answers.till_asked:
            rows.append(("Till", f"{answers.config.till} {answers.till_name}".strip()))
        printer = answers.config.printer
        rows.append(("Printer", named(printer, PRINTER_KINDS)))
        if answers.is_new:
            rows.append(("Catalogue", answers.catalogue.name if answers.catalogue else "None yet"))
        return rows

    def _where(self) -> str:
        answers = self.answers
        if not answers.asks_place:
            return without_password(answers.config.database_url)
        if answers.place is Place.SHARED:
            server, standing = answers.server, answers.standing
            known = f": {standing.shop}" if standing is not None and standing.shop else ""
            return f"{server.database} on {server.host}, as {server.user}{known}"
        copied = f", from {answers.backup}" if answers.place is Place.COPY else ""
        return f"{answers.config.data_dir}{copied}"
