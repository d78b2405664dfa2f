"""What the shop took: business days at a glance, a manager's reports, and the Z reports of closed shifts."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import date, timedelta
from decimal import Decimal
from functools import partial
from pathlib import Path
from time import monotonic
from typing import TypeVar

from PySide6.QtCore import Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import (
    QBoxLayout,
    QHBoxLayout,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from pos_app.domain.permission import Permission
from pos_app.domain.sales_report import OF_TITLES, OF_TODAY, WITHOUT_DOCUMENTS, Compare, ReportKind, ReportTable
from pos_app.errors import PosError, Unavailable
from pos_app.services.receipt import keep_report
from pos_app.services.report import MOST_Z_REPORTS, ZRow, get_z_report, list_z_reports, newest_business_day
from pos_app.services.sales_overview import MOST_DAYS, make_overview
from pos_app.services.sales_report import make_report
from pos_app.services.sales_report_export import export_report, export_trade_week
from pos_app.services.sales_sums import Progress
from pos_app.services.shift import business_date, x_report
from ui import dialogs
from ui.actions import shortcut
from ui.approval import with_approval
from ui.checkout.receipt_dialog import ReceiptDialog
from ui.context import Context
from ui.files import ask_where
from ui.page import Page
from ui.printers import WRITE_INSTEAD, ask_printer
from ui.reports.days_dialog import DaysDialog
from ui.reports.overview import OverviewView
from ui.reports.paper import ReportPaper, print_report, write_report_pdf
from ui.reports.report_view import ReportView, show_documents, table_paper
from ui.reports.shifts import ShiftsView
from ui.style.theme import px
from ui.widgets.basic import ThinProgress, label
from ui.widgets.fields import Choice
from ui.widgets.flow import FlowLayout
from ui.widgets.key_button import KeyButton

T = TypeVar("T")
TODAY, YESTERDAY, WEEK, MONTH, YEAR, CHOSEN = PERIODS = (
    "Today",
    "Yesterday",
    "This week",
    "This month",
    "This year",
    "From – to",
)
OVERVIEW, SHIFTS = "Overview", "Closed shifts"
# Kinds of report, in groups.
GROUPS = (
    (ReportKind.SUMMARY, ReportKind.DAY, ReportKind.HOUR, ReportKind.MONTH),
    (ReportKind.CATEGORY, ReportKind.PUBLISHER, ReportKind.PERSON, ReportKind.TENDER, ReportKind.DISCOUNTS),
    (ReportKind.MARGIN, ReportKind.TAX),
    (ReportKind.BESTSELLERS, ReportKind.SLOW, ReportKind.SELL_THROUGH),
    (ReportKind.CATEGORIES, ReportKind.LOW_STOCK, ReportKind.STOCK_VALUE),
)
# What a button that changes the days beside those shown is called.
BESIDE = {Compare.DATES: "Same dates", Compare.WEEKDAYS: "Same weekdays"}
FILES = {"Excel (*.xlsx)": "xlsx", "Comma-separated (*.csv)": "csv", "PDF (*.pdf)": "pdf"}
SLOW_S, SAID_S = 0.15, 0.6
# The least room for the choice of a report beside the days.
CHOICE = 230
# Narrower, how long summing up took has no room.
NARROW = 900


class ReportsPage(Page):
    """One report over some business days."""

    title = "Reports"

    def __init__(self, context: Context) -> None:
        """Lay out; nothing is read before the page is shown."""
        super().__init__(context)
        self._period = TODAY
        # Until somebody chooses, the page opens at days that have something.
        self._own_choice = False
        self._compare = Compare.WEEKDAYS
        # What is being read and can be stopped: the newest, whatever was given up for it.
        self._reading: asyncio.Task[object] | None = None
        self._chosen_days: tuple[date, date] | None = None
        self._shown_days = self._days()
        self._told = label("", "small", name="Computed")
        self._foot = self._make_foot()
        column = QVBoxLayout(self)
        column.setContentsMargins(20, 16, 20, 6)
        column.setSpacing(8)
        column.addLayout(self._make_choice())
        self._overview, self._view, self._shifts = OverviewView(self.fmt), ReportView(context), ShiftsView(self.fmt)
        self._overview.documents_wanted.connect(self._show_documents)
        self._view.wanted.connect(self._show_behind)
        self._shifts.wanted.connect(self.show_z)
        self._view.again.connect(self._show_period)
        self._shifts.again.connect(self._show_period)
        self._stack = QStackedWidget()
        for view in (self._overview, self._view, self._shifts):
            self._stack.addWidget(view)
        column.addWidget(self._stack, 1)
        column.addWidget(self.message)
        for keys, act in (
            ("F4", self._ask_report),
            ("F6", self.compare_otherwise),
            ("F9", self.export_week),
            ("Esc", self.stop),
            ("Ctrl+E", self.export),
            ("Ctrl+P", self.print_shown),
            ("Shift+F10", self.show_x),
        ):
            shortcut(self, keys, act)

    def _make_foot(self) -> QWidget:
        foot = QWidget()
        row = QHBoxLayout(foot)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(8)
        self._acts: dict[str, KeyButton] = {}
        for name, key, full, act in (
            ("Stop", "Esc", "Stop", self.stop),
            ("Documents", "Enter", "Documents", self._show_behind),
            ("The title", "Enter", "The title in the inventory", self._show_behind),
            ("Look at it", "Enter", "Look at the Z report", self.show_z),
            (BESIDE[Compare.DATES], "F6", "Beside the same dates", self.compare_otherwise),
            (BESIDE[Compare.WEEKDAYS], "F6", "Beside the same weekdays", self.compare_otherwise),
            ("Export", "Ctrl E", "Export", self.export),
            ("Print", "Ctrl P", "Print the report", self.print_shown),
            ("Print again", "Ctrl P", "Print the Z report again", self.print_z),
            ("Week for the trade", "F9", "Week for the trade", self.export_week),
            ("X report", "Shift F10", "X report", self.show_x),
        ):
            button = KeyButton(name, key, role="quiet", name=full)
            button.clicked.connect(lambda _=False, act=act: act())
            # A key does the same; the page's keys work while the focus is on the page.
            button.setFocusPolicy(Qt.FocusPolicy.NoFocus)
            button.hide()
            row.addWidget(button)
            self._acts[name] = button
        row.addWidget(self._told)
        return foot

    def foot_widgets(self) -> list[QWidget]:
        """What is done with the report shown, and how long summing up took."""
        return [self._foot]

    def _make_choice(self) -> QVBoxLayout:
        """Which report, and over which days; under it how far reading is."""
        self._report = Choice("F4")
        self._report.setAccessibleName("Report")
        self._report.setMinimumWidth(px(CHOICE))
        self._report.setMinimumHeight(40)
        self._report.addItem(OVERVIEW, None)
        for group in GROUPS:
            for kind in group:
                self._report.addItem(kind.words, kind)
            self._report.insertSeparator(self._report.count())
        self._report.addItem(SHIFTS, SHIFTS)
        self._report.setMaxVisibleItems(self._report.count())
        self._report.currentIndexChanged.connect(lambda _: self._show_period())
        days = QWidget()
        self._days_row = FlowLayout(days)
        self._periods: dict[str, KeyButton] = {}
        for place, name in enumerate(PERIODS, 1):
            button = KeyButton(name, f"Alt {place}", role="chip")
            button.setCheckable(True)
            button.clicked.connect(self._chooser(name))
            shortcut(self, f"Alt+{place}", self._chooser(name))
            self._days_row.addWidget(button)
            self._periods[name] = button
        self._fold = QBoxLayout(QBoxLayout.Direction.LeftToRight)
        self._fold.setSpacing(8)
        self._fold.addWidget(self._report, 1)
        self._fold.addWidget(days)
        self._bar = ThinProgress()
        column = QVBoxLayout()
        column.setSpacing(4)
        column.addLayout(self._fold)
        column.addWidget(self._bar)
        return column

    def resizeEvent(self, event: QResizeEvent) -> None:
        """The days go under the choice where both have no room side by side."""
        down, across = QBoxLayout.Direction.TopToBottom, QBoxLayout.Direction.LeftToRight
        room = self.width() - 48 - px(CHOICE) * self._report.isVisibleTo(self)
        self._fold.setDirection(down if self._days_row.sizeHint().width() > room else across)
        self._told.setVisible(self.width() >= px(NARROW))
        super().resizeEvent(event)

    def _ask_report(self) -> None:
        if self._report.isVisible():
            self._report.setFocus(Qt.FocusReason.ShortcutFocusReason)
            self._report.showPopup()

    def _chooser(self, name: str) -> Callable[[], None]:
        return lambda: self.choose(name)

    def activated(self) -> None:
        """Read what may have changed."""
        self.start(self._open(), key="open")

    async def _open(self) -> None:
        if not self._own_choice:
            await self._find_days()
        self._show_period()
        self.focus_home()

    async def _find_days(self) -> None:
        """Choose the shortest usual days that have something."""
        today = business_date(self.fmt.settings, self.app.clock.now())
        if not self._allowed:
            self._period = MONTH
            return
        newest = await newest_business_day(self.app, self.context.operator)
        usual = (TODAY, MONTH, WEEK, YEAR)
        if newest is None or newest > today:
            self._period = TODAY
            return
        for period in usual:
            self._period = period
            if self._days()[0] <= newest:
                return
        self._period, self._chosen_days = CHOSEN, (newest.replace(day=1), newest)

    def focus_home(self) -> None:
        """Into what is shown; where that is empty, to the choice of a report."""
        view = self._stack.currentWidget()
        assert isinstance(view, OverviewView | ReportView | ShiftsView)  # noqa: S101 - nothing else is in it
        if not view.focus_home():
            self._report.setFocus(Qt.FocusReason.OtherFocusReason)

    def choose(self, period: str) -> None:
        """Choose the business days to sum up; the last choice asks which."""
        if period == CHOSEN:
            self._mark(self._period)  # a press has checked the button
            self.start(self._ask_days())
            return
        self._period, self._own_choice = period, True
        self._show_period()

    async def _ask_days(self) -> None:
        dialog = DaysDialog(self.fmt.settings.locale, *self._days(), self)
        if await dialogs.show(dialog):
            self._chosen_days = (dialog.first, dialog.last)
            self._period, self._own_choice = CHOSEN, True
            self._show_period()

    @property
    def _allowed(self) -> bool:
        return self.context.operator.may(Permission.SEE_REPORTS)

    @property
    def kind(self) -> ReportKind | None:
        """Which report is shown; None for the overview and for closed shifts."""
        chosen = self._report.currentData()
        return chosen if isinstance(chosen, ReportKind) else None

    def _mark(self, period: str) -> None:
        for name, button in self._periods.items():
            button.setChecked(name == period)

    def _show_period(self) -> None:
        allowed, kind = self._allowed, self.kind
        self._mark("" if kind in OF_TODAY else self._period)
        shifts = not allowed or self._report.currentData() == SHIFTS
        self._report.setVisible(allowed)
        self._stack.setCurrentWidget(self._shifts if shifts else self._view if kind is not None else self._overview)
        for period in self._periods.values():
            period.setEnabled(kind not in OF_TODAY)
        self._show_acts(kind, shifts=shifts)
        self.message.say("")
        if shifts:
            self.start(self._read_shifts(), key="takings")
        else:
            self.start(self._read(kind), key="takings")

    def _show_acts(self, kind: ReportKind | None, *, shifts: bool) -> None:
        reports = kind is not None
        shown = {
            "Documents": reports and kind not in WITHOUT_DOCUMENTS,
            "The title": kind in OF_TITLES,
            "Look at it": shifts,
            "Export": True,
            "Print": not shifts,
            "Print again": shifts,
            "Week for the trade": kind is ReportKind.BESTSELLERS,
            "X report": not reports,
        }
        months = kind is None and (self._days()[1] - self._days()[0]).days > MOST_DAYS
        days = not shifts and (kind is ReportKind.DAY or (kind is None and not months))
        shown |= {words: days and compare is not self._compare for compare, words in BESIDE.items()}
        for name, visible in shown.items():
            self._acts[name].setVisible(visible)

    def compare_otherwise(self) -> None:
        """F6: put the same dates beside the days shown, or the same weekdays again."""
        if any(self._acts[words].isVisible() for words in BESIDE.values()):
            self._compare = Compare.DATES if self._compare is Compare.WEEKDAYS else Compare.WEEKDAYS
            self._show_period()

    def _days(self) -> tuple[date, date]:
        today = business_date(self.fmt.settings, self.app.clock.now())
        first = {
            YESTERDAY: today - timedelta(days=1),
            WEEK: today - timedelta(days=today.weekday()),
            MONTH: today.replace(day=1),
            YEAR: today.replace(month=1, day=1),
        }.get(self._period, today)
        if self._period == CHOSEN and self._chosen_days is not None:
            return self._chosen_days
        return first, first if self._period == YESTERDAY else today

    async def _read(self, kind: ReportKind | None) -> None:
        """Make what is wanted."""
        days = self._days()
        self.show_subtitle("Today" if kind in OF_TODAY else self.fmt.days(*days))
        started = monotonic()
        there = self.window().focusWidget() is self._report or self._has_focus()
        try:
            documents = await self._watched(
                partial(self._read_overview, days) if kind is None else partial(self._read_report, kind, days)
            )
        except PosError:
            (self._overview if kind is None else self._view).show_nothing()
            self._shown_days = days
            self._told.setText("")
            raise
        self._shown_days = days
        took_ms = round((monotonic() - started) * 1000)
        self._told.setText(f"{documents} · computed in {self.fmt.count(took_ms)} ms")
        self._told.setAccessibleName(self._told.text())
        # What had the focus may have gone with the rows of before.
        if there and not self._has_focus():
            self.focus_home()

    async def _watched(self, make: Callable[[Progress], Awaitable[T]]) -> T:
        """Make something; where it takes longer than a glance, it is watched and Esc stops it."""
        started = monotonic()
        loop = asyncio.get_running_loop()
        timers = [loop.call_later(SLOW_S, self._acts["Stop"].show)]
        this = self._reading = asyncio.current_task()

        def tell(done: int, total: int) -> None:
            timers[-1].cancel()
            if monotonic() - started > SLOW_S:
                self._bar.setRange(0, total)
                self._bar.setValue(done)
                told = self.fmt.percent(Decimal(done * 100 // max(total, 1)) / 100)
                self.message.say(f"{told} read. Esc stops.", "none", aloud=False)

        # The first part may take its time: it is said that something is read.
        timers.append(loop.call_later(SAID_S, tell, 0, 1))
        try:
            return await make(tell)
        finally:
            for timer in timers:
                timer.cancel()
            # Given up for another, the bar and the key are the other's.
            if self._reading is this:
                self._reading = None
                self._acts["Stop"].hide()
                self._bar.busy(False)  # noqa: FBT003 - a switch

    def _has_focus(self) -> bool:
        """Whether the focus is in what is shown, or will be once the window has it."""
        focus = self.window().focusWidget()
        return focus is not None and self._stack.isAncestorOf(focus)

    async def _read_overview(self, days: tuple[date, date], tell: Progress) -> str:
        overview = await make_overview(self.app, self.context.operator, *days, compare=self._compare, progress=tell)
        self._overview.show_overview(overview)
        many = overview.totals.documents
        self.message.say("" if many else "Nothing was sold on these days.", "none")
        return "1 document" if many == 1 else f"{self.fmt.count(many)} documents"

    async def _read_report(self, kind: ReportKind, days: tuple[date, date], tell: Progress) -> str:
        table = await make_report(self.app, self.context.operator, kind, *days, compare=self._compare, progress=tell)
        self._view.show_table(table)
        self.message.say("")
        return "1 row" if len(table.rows) == 1 else f"{self.fmt.count(len(table.rows))} rows"

    async def _read_shifts(self) -> None:
        days = self._days()
        self.show_subtitle(self.fmt.days(*days))
        self._shown_days = days
        slow = asyncio.get_running_loop().call_later(SLOW_S, self._bar.busy, True)  # noqa: FBT003 - a switch
        try:
            rows = await list_z_reports(self.app, self.context.operator, days)
        except PosError:
            self._shifts.show_nothing()
            raise
        finally:
            slow.cancel()
            self._bar.busy(False)  # noqa: FBT003 - a switch
        self._shifts.show_rows(rows)
        many = "1 shift" if len(rows) == 1 else f"{self.fmt.count(len(rows))} shifts"
        self._told.setText(f"The newest {many}" if len(rows) == MOST_Z_REPORTS else many)
        self._told.setAccessibleName(self._told.text())
        if not self._allowed:
            self.message.say("Managers and admins see what the shop took. Closed shifts are for all.", "warn")
        self.focus_home()

    def stop(self) -> None:
        """Esc: stop what takes too long."""
        if self._reading is not None:
            self._reading.cancel()
            self.show_subtitle("Today" if self.kind in OF_TODAY else self.fmt.days(*self._shown_days))
            self.message.say("Stopped: what is shown is of before.", "warn")

    def _show_behind(self) -> None:
        """Enter on a row: its title in the inventory, else the documents behind it."""
        if title := self._view.title_chosen():
            self.book_wanted.emit(title)
        else:
            self.start(self._view.show_documents())

    def _show_documents(self, kind: ReportKind, key: str | int, name: str) -> None:
        self.start(show_documents(self.context, self, kind, key, name, self._shown_days))

    def print_shown(self) -> None:
        """Ctrl+P: the report shown, the overview as a summary; of closed shifts the one chosen, again."""
        if self._stack.currentWidget() is self._shifts:
            self.print_z()
        elif self._stack.currentWidget() is self._overview:
            self.start(self._print_summary(), key="print")
        elif (paper := self._view.paper()) is not None:
            self.start(self._print(paper), key="print")

    async def _print_summary(self) -> None:
        table = await self._make(ReportKind.SUMMARY)
        if (paper := table_paper(self.fmt, table)) is not None:
            await self._print(paper)
        else:
            self.message.say("There is nothing to print.", "warn")

    async def _make(self, kind: ReportKind) -> ReportTable:
        """Make a report of the days shown for paper or a file."""
        days = self._shown_days
        table = await self._watched(
            lambda tell: make_report(self.app, self.context.operator, kind, *days, progress=tell)
        )
        self.message.say("")
        return table

    async def _print(self, paper: ReportPaper) -> None:
        if (printer := await ask_printer(self, self.context, WRITE_INSTEAD)) is not None:
            print_report(paper, self.fmt, printer)
            self.message.say(f"{paper.letter.title} is sent to {printer.printerName() or 'the printer'}.", "ok")

    def export_week(self) -> None:
        """F9: what the last week sold, Sunday to Saturday, as the trade's lists want it."""
        if self.kind is ReportKind.BESTSELLERS and self._view.isVisible():
            self.start(self._export_week(), key="export")

    async def _export_week(self) -> None:
        path = await export_trade_week(self.app, self.context.operator)
        self.message.say(f"Written to {path}", "ok")

    async def _export_report(self, table: ReportTable) -> None:
        """Ctrl+E: the report shown, as the person wants it."""
        paper = table_paper(self.fmt, table)
        if paper is None:
            self.message.say("There is nothing to write.", "warn")
            return
        title, name = f"Export: {paper.letter.title}", f"{paper.letter.name}.xlsx"
        if (path := await ask_where(self.context, self, title, name, FILES)) is not None:
            await self.write_report(table, paper, path)

    async def write_report(self, table: ReportTable, paper: ReportPaper, path: Path) -> None:
        """Write a report as the file's name ends. Raises Refused("export.format") and Unavailable."""
        if path.suffix.lower() == ".pdf":
            try:
                write_report_pdf(paper, self.fmt, path)
            except OSError as error:
                raise Unavailable("export.not_written", path=str(path), reason=error.strerror or str(error)) from error
        else:
            await export_report(self.app, table, path)
        self.message.say(f"Written to {path}", "ok")

    def show_x(self) -> None:
        """Show this till's open shift so far, and print it where there is a printer."""
        self.start(self._show_x())

    async def _show_x(self) -> None:
        report = await with_approval(
            self.context, self, lambda approval: x_report(self.app, self.context.operator, approval)
        )
        await dialogs.show(ReceiptDialog(await keep_report(self.app, report), self))

    def export(self) -> None:
        """Ctrl+E: write the report shown to a file, the overview as a summary, the closed shifts as a list."""
        if self._stack.currentWidget() is not self._view:
            shifts = self._stack.currentWidget() is self._shifts
            self.start(self._export(ReportKind.SHIFTS if shifts else ReportKind.SUMMARY), key="export")
        elif self._view.table is not None:
            self.start(self._export_report(self._view.table), key="export")

    async def _export(self, kind: ReportKind) -> None:
        await self._export_report(await self._make(kind))

    def show_z(self) -> None:
        """Show the Z report chosen, as it was printed."""
        if (row := self._shifts.chosen) is not None:
            self.start(self._again(row, looked_at=True))

    def print_z(self) -> None:
        """Print the Z report chosen again, marked COPY."""
        if (row := self._shifts.chosen) is not None:
            self.start(self._again(row, looked_at=self.app.printing.printer == "none"))

    async def _again(self, row: ZRow, *, looked_at: bool) -> None:
        report = await get_z_report(self.app, self.context.operator, row.till, row.number)
        receipt = await keep_report(self.app, report, copy=True, printed=not looked_at)
        if looked_at:
            await dialogs.show(ReceiptDialog(receipt, self))
        else:
            self.message.say(f"Z {row.till}-{row.number:06d} printed again, marked COPY.", "ok")
