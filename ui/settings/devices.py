"""Printers and devices of this machine: how each is, a test of each, what waits to be printed, and the paper itself."""

from collections.abc import Awaitable, Callable, Sequence
from functools import partial

from PySide6.QtCore import Qt
from PySide6.QtGui import QHideEvent, QResizeEvent, QShowEvent
from PySide6.QtWidgets import QBoxLayout, QVBoxLayout, QWidget

from pos_app.errors import PosError
from pos_app.receipts.escpos_decode import decode
from pos_app.services.machine import (
    change_card_terminal,
    change_displays,
    change_printer,
    find_devices,
    print_test,
    printer_status,
    sample_paper,
    try_card_terminal,
    try_drawer,
)
from pos_app.services.printing import Job, JobState
from pos_app.services.setting import get_settings
from ui import dialogs
from ui.actions import shortcut
from ui.context import Context
from ui.errors import kind_of, sentence
from ui.settings.device_dialog import CARD_KINDS, LINE_KINDS, PRINTER_KINDS, SCREEN_KINDS, DeviceDialog, Way, named
from ui.settings.device_row import DeviceRow, boxed
from ui.settings.scan_test import ScanTest
from ui.settings.section import Section, hint
from ui.style.theme import px
from ui.tasks import Tasks
from ui.widgets.basic import label
from ui.widgets.key_button import KeyButton
from ui.widgets.paper import PaperView

NEVER = "Printing never holds up a sale: papers wait here while a printer is off, and can go to another one."
WIDE, STACKED = 980, 640
JOB_KEYS = ("Ctrl+T", "Ctrl+O", "Ctrl+Del")
Act = Callable[[], Awaitable[None]]


class DevicesSection(Section):
    """Everything plugged into this machine."""

    title = "Printers and devices"

    def __init__(self, context: Context, tasks: Tasks) -> None:
        """Lay the devices out; each is asked when it is shown."""
        super().__init__(context, tasks)
        self._queue = context.app.printing
        # What the simulated printer is switched off to.
        self._before = "none"
        self._columns = 42
        self._sides = QBoxLayout(QBoxLayout.Direction.LeftToRight)
        self._sides.setSpacing(20)
        self._sides.addLayout(self._make_devices(), 1)
        self._sides.addLayout(self._make_paper())
        self.form.addLayout(self._sides)

    def _make_devices(self) -> QVBoxLayout:
        column = QVBoxLayout()
        column.setSpacing(10)
        top = QBoxLayout(QBoxLayout.Direction.LeftToRight)
        self._top = top
        find = KeyButton("Find devices", role="primary")
        find.clicked.connect(self._choose_printer)
        find.setEnabled(self.may)
        self._simulated = KeyButton("Simulated printer: off")
        self._simulated.clicked.connect(self._toggle)
        self._simulated.setEnabled(self.may)
        top.addWidget(find)
        top.addStretch(1)
        top.addWidget(self._simulated)
        column.addLayout(top)
        self._printer, self._drawer = DeviceRow("Receipt printer"), DeviceRow("Cash drawer")
        self._scanner, self._terminal = DeviceRow("Scanner"), DeviceRow("Card terminal")
        self._screen, self._line = DeviceRow("Customer screen"), DeviceRow("Line display")
        self._scanner.show_state("types like a keyboard", "Not tried yet", "off")
        may = self.may

        def button(row: DeviceRow, text: str, key: str, act: Callable[[], object], *, on: bool = True) -> KeyButton:
            made = row.add_button(text, act)
            self.add_key(made, key)
            made.setEnabled(on)
            return made

        self.add_key(find, "F3")
        self.add_key(self._simulated, "F4")
        button(self._printer, "Test", "F5", lambda: self._act(self._test_printer))
        button(self._printer, "Change…", "F6", self._choose_printer, on=may)
        button(self._drawer, "Test", "F7", lambda: self._act(self._test_drawer))
        button(self._scanner, "Test", "F8", lambda: self._act(self._test_scanner))
        self._terminal_test = button(self._terminal, "Test", "F9", lambda: self._act(self._test_terminal))
        button(self._terminal, "Change…", "F10", lambda: self._act(self._change_terminal), on=may)
        self._screen_test = button(self._screen, "Test", "F11", lambda: self._act(self._test_displays))
        button(self._screen, "Change…", "F12", lambda: self._act(self._change_screen), on=may)
        self._line_test = button(self._line, "Test", "Shift+F11", lambda: self._act(self._test_displays))
        button(self._line, "Change…", "Shift+F12", lambda: self._act(self._change_line), on=may)
        self._rows = [self._printer, self._drawer, self._scanner, self._terminal, self._screen, self._line]
        # These keys are the first paper's that waits: the one that keeps the others waiting.
        self._job_acts: list[Callable[[], object]] = []
        self._job_rows: list[DeviceRow] = []
        for place, key in enumerate(JOB_KEYS):
            shortcut(self, key, partial(self._act_on_first, place), within=False)
        column.addWidget(boxed(self._rows))
        self._waiting = hint(NEVER)
        column.addWidget(self._waiting)
        self._jobs = QVBoxLayout()
        self._jobs.setSpacing(6)
        column.addLayout(self._jobs)
        column.addStretch(1)
        return column

    def _make_paper(self) -> QVBoxLayout:
        column = QVBoxLayout()
        self._paper_title = label("What the receipt looks like")
        column.addWidget(self._paper_title)
        self._paper = PaperView("Paper")
        column.addWidget(self._paper, 0, Qt.AlignmentFlag.AlignHCenter)
        column.addStretch(1)
        return column

    def showEvent(self, event: QShowEvent) -> None:
        """Hear of the print queue."""
        super().showEvent(event)
        if self._queue_changed not in self._queue.listeners:
            self._queue.listeners.append(self._queue_changed)

    def hideEvent(self, event: QHideEvent) -> None:
        """Hear of it no longer: the queue outlives this."""
        if self._queue_changed in self._queue.listeners:
            self._queue.listeners.remove(self._queue_changed)
        super().hideEvent(event)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Put the paper below the devices where there is no room beside them."""
        super().resizeEvent(event)
        wide = self.width() >= px(WIDE)
        self._sides.setDirection(QBoxLayout.Direction.LeftToRight if wide else QBoxLayout.Direction.TopToBottom)
        self._stack_rows()

    def _stack_rows(self) -> None:
        narrow = self.width() < px(STACKED)
        self._top.setDirection(QBoxLayout.Direction.TopToBottom if narrow else QBoxLayout.Direction.LeftToRight)
        for row in self.findChildren(DeviceRow):
            row.stack(narrow=narrow)

    def _act_on_first(self, place: int) -> None:
        """Do to the first paper that waits what a key says."""
        if self._job_acts:
            self._job_acts[place]()

    async def load(self) -> None:
        """Show how everything is."""
        self.say_who_may()
        self._columns = (await get_settings(self.context.app)).receipt_width
        self._show_terminal()
        self._show_displays()
        self._show_queue()
        await self._show_paper()
        await self._ask_printer()

    async def _ask_printer(self) -> None:
        printer = self._queue.printer
        self._simulated.show_text(f"Simulated printer: {'on' if printer == 'simulated' else 'off'}")
        self._drawer.show_state(*_drawer_state(printer))
        if printer == "none":
            self._printer.show_state("Receipts are kept as files", "None", "off")
        elif printer == "simulated":
            self._printer.show_state("Draws its papers on this page", "Simulated", "info")
        elif self._queue.jobs:
            # Most network printers take one connection at a time: the paper goes first.
            self._printer.show_state(printer, "Papers are waiting", "warn")
        else:
            self._printer.show_state(printer, "Asking…", "off")
            try:
                status = await printer_status(self.context.app)
            except PosError as error:
                self._printer.show_state(printer, "Not reached", "bad")
                self.message.say(sentence(error), kind_of(error))
                return
            if not status.answers:
                self._printer.show_state(printer, "Does not say", "off")
            else:
                kind = "bad" if not status.ready else "warn" if status.paper_low else "ok"
                self._printer.show_state(printer, status.sentence.partition(":")[0].rstrip("."), kind)

    def _show_terminal(self) -> None:
        setting = self.context.app.config.card_terminal
        self._terminal_test.setEnabled(setting != "none")
        if setting == "none":
            self._terminal.show_state("The cashier keys the amount in", "Separate", "off")
        elif setting == "simulated":
            self._terminal.show_state("Takes no real money", "Simulated", "info")
        else:
            self._terminal.show_state(setting, "Not tried yet", "off")

    def _show_displays(self) -> None:
        displays = self.context.displays
        self._screen_test.setEnabled(displays.screen != "none")
        if displays.screen == "none":
            self._screen.show_state("A second screen that shows the sale to customers", "None", "off")
        elif displays.window is not None and displays.window.isVisible():
            where = "on the second screen" if displays.screen == "screen" else "in a window of its own"
            self._screen.show_state(where, "Shown", "ok")
        else:
            self._screen.show_state("It is shown as soon as a second screen is plugged in", "No second screen", "warn")
        self._line_test.setEnabled(displays.line != "none")
        if displays.line == "none":
            self._line.show_state("Two lines of twenty letters for customers", "None", "off")
        else:
            self._line.show_state(displays.line, "Not tried yet", "off")

    async def _show_paper(self) -> None:
        if self._queue.simulated:
            paper = decode(self._queue.simulated[-1])
            opened = ", and the drawer opened" if paper.pulses else ""
            self._paper_title.setText(f"What the simulated printer printed last{opened}")
            self._paper.show_printed(paper, self._columns)
        else:
            self._paper_title.setText("What the receipt looks like")
            self._paper.show_document(await sample_paper(self.context.app, self.context.operator))

    def _queue_changed(self) -> None:
        """Show the queue as it is now; it tells in the loop's own thread."""
        self._show_queue()
        if not self._queue.jobs:
            self.start(self._calm())

    async def _calm(self) -> None:
        await self._show_paper()
        await self._ask_printer()

    def _show_queue(self) -> None:
        place = self._job_button_in_use()
        while (item := self._jobs.takeAt(0)) is not None:
            if (widget := item.widget()) is not None:
                widget.hide()
                widget.deleteLater()
        jobs = self._queue.jobs
        self._waiting.setText(f"{NEVER} Waiting: {len(jobs)}.")
        self._job_acts, self._job_rows = [], []
        for job in jobs:
            self._jobs.addWidget(self._job_row(job))
        self._stack_rows()
        if place is not None:
            # What had the focus is gone: the next paper's takes it, or what the printer itself can be asked.
            (self._job_rows[0].buttons[place] if self._job_rows else self._printer.buttons[0]).setFocus()

    def _job_button_in_use(self) -> int | None:
        """Which button of a waiting paper has the focus, if one has."""
        return next((at for row in self._job_rows for at, one in enumerate(row.buttons) if one.hasFocus()), None)

    def _job_row(self, job: Job) -> QWidget:
        row = DeviceRow(job.name)
        kind = {JobState.PRINTING: "info", JobState.FAILED: "bad"}.get(job.state, "off")
        tries = f", tried {job.tries} times" if job.tries > 1 else ""
        where = f"for “{named(job.printer, PRINTER_KINDS)}”"
        row.show_state(job.reason or where, f"{job.state.value.capitalize()}{tries}", kind)
        acts: list[Callable[[], object]] = [
            self._queue.retry,
            lambda: self._act(lambda: self._elsewhere(job)),
            lambda: self._act(lambda: self._drop(job)),
        ]
        first = not self._job_acts
        for text, key, act in zip(("Try now", "Other printer…", "Drop"), JOB_KEYS, acts, strict=True):
            button = row.add_button(text, act)
            if first:
                button.show_key(key.replace("+", " "))
        if first:
            self._job_acts = acts
        self._job_rows.append(row)
        return boxed([row])

    def _act(self, act: Act) -> None:
        """Do one thing at a time."""
        if self.tasks.idle:
            self.start(_run(act))

    async def _test_printer(self) -> None:
        await print_test(self.context.app)
        self.message.say("A test page is on its way: the figures must fill one line, the letters be as below it.", "ok")

    async def _test_drawer(self) -> None:
        await try_drawer(self.context.app, self.context.operator)
        self.message.say("The drawer was told to open. It is noted as opened without a sale.", "ok")

    async def _test_terminal(self) -> None:
        setting = self.context.app.config.card_terminal
        try:
            await try_card_terminal(self.context.app)
        except PosError:
            self._terminal.show_state(setting, "Not reached", "bad")
            raise
        self._terminal.show_state(setting, "Reached" if setting != "simulated" else "Simulated", "ok")
        self.message.say("The terminal is there. Nothing was charged.", "ok")

    async def _test_scanner(self) -> None:
        test = ScanTest(self.window())
        await dialogs.show(test)
        if test.last is not None:
            self._scanner.show_state(test.last.said, f"Last scan {test.last.text[:20]}", "ok")

    async def _test_displays(self) -> None:
        displays = self.context.displays
        fault = await displays.test()
        self._show_displays()
        if fault is not None:
            self._line.show_state(displays.line, "Not reached", "bad")
            raise fault
        if displays.line != "none":
            self._line.show_state(displays.line, "Taken", "ok")
        if displays.screen == "screen" and not (displays.window is not None and displays.window.isVisible()):
            self.message.say("There is no second screen now. Plug one in: the display moves there by itself.", "warn")
            return
        total = self.context.fmt.amount(123456)
        self.message.say(f"The displays now say “Display test” and {total}. Look whether all of it can be read.", "ok")

    async def _change_screen(self) -> None:
        await self._change_display("Customer screen", SCREEN_KINDS, self.context.displays.screen)

    async def _change_line(self) -> None:
        await self._change_display("Line display", LINE_KINDS, self.context.displays.line)

    async def _change_display(self, name: str, ways: Sequence[Way], before: str) -> None:
        dialog = DeviceDialog(name, ways, before, [], self.window())
        if not await dialogs.show(dialog) or dialog.setting == before:
            return
        displays, line = self.context.displays, ways is LINE_KINDS

        async def use(setting: str) -> None:
            screen, address = (displays.screen, setting) if line else (setting, displays.line)
            await change_displays(self.context.app, self.context.operator, screen, address)
            await displays.use(screen, address)
            self._show_displays()

        await use(dialog.setting)
        self.kept(f"{name}: “{named(dialog.setting, ways)}” from now on.", lambda: use(before))

    def _choose_printer(self) -> None:
        self._act(self._change_printer)

    async def _change_printer(self) -> None:
        self.message.say("Looking for printers…")
        found = await find_devices()
        self.message.say("")
        dialog = DeviceDialog("Receipt printer", PRINTER_KINDS, self._queue.printer, found, self.window())
        if await dialogs.show(dialog):
            await self._use(dialog.setting)

    async def _use(self, printer: str) -> None:
        app, operator, before = self.context.app, self.context.operator, self._queue.printer
        if printer == before:
            return
        await change_printer(app, operator, printer)

        async def undo() -> None:
            await change_printer(app, operator, before)
            await self._calm()

        await self._calm()
        self.kept(f"Receipt printer: “{named(printer, PRINTER_KINDS)}” from now on.", undo)

    def _toggle(self) -> None:
        now = self._queue.printer
        if now != "simulated":
            self._before = now
        self._act(lambda: self._use(self._before if now == "simulated" else "simulated"))

    async def _change_terminal(self) -> None:
        app, operator, before = self.context.app, self.context.operator, self.context.app.config.card_terminal
        dialog = DeviceDialog("Card terminal", CARD_KINDS, before, [], self.window())
        if not await dialogs.show(dialog):
            return
        await change_card_terminal(app, operator, dialog.setting)

        async def undo() -> None:
            await change_card_terminal(app, operator, before)

        said = f"Card terminal: “{named(dialog.setting, CARD_KINDS)}”, once this program is started again."
        self.kept(said, undo)

    async def _elsewhere(self, job: Job) -> None:
        dialog = DeviceDialog("Print it on", PRINTER_KINDS, job.printer, await find_devices(), self.window())
        if await dialogs.show(dialog):
            self._queue.send_to(job, dialog.setting)

    async def _drop(self, job: Job) -> None:
        await self._queue.drop(job)
        self.message.say(f"{job.name} is not printed. A receipt stays in the receipts' folder.", "ok")


def devices_section(context: Context, tasks: Tasks) -> DevicesSection:
    """Make the section."""
    return DevicesSection(context, tasks)


def _drawer_state(printer: str) -> tuple[str, str, str]:
    if printer == "none":
        return "A drawer is opened by the receipt printer", "No printer", "off"
    return "on the receipt printer, pin 2", "Not tried yet", "off"


async def _run(act: Act) -> None:
    await act()
