"""What the shop took: business days summed up, and the Z reports of closed shifts."""

import asyncio
from collections.abc import Callable
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from time import monotonic

from PySide6.QtCore import Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtPrintSupport import QPrinter
from PySide6.QtWidgets import QDialog, QFileDialog, QHBoxLayout, QListWidget, QScrollArea, QVBoxLayout, QWidget

from pos_app.domain.permission import Permission
from pos_app.domain.report import Share, Totals
from pos_app.domain.sales_report import OF_TODAY, WITHOUT_DOCUMENTS, ReportKind, ReportTable
from pos_app.errors import Unavailable
from pos_app.services.letter import Letter
from pos_app.services.receipt import keep_report
from pos_app.services.report import ZRow, get_z_report, list_z_reports, takings
from pos_app.services.report_export import export_takings
from pos_app.services.sales_report import make_report
from pos_app.services.sales_report_export import export_report, export_trade_week
from pos_app.services.shift import business_date, x_report
from ui import dialogs
from ui.actions import shortcut
from ui.approval import with_approval
from ui.checkout.receipt_dialog import ReceiptDialog
from ui.context import Context
from ui.page import Page
from ui.reports.charts import Bars, Columns
from ui.reports.days_dialog import DaysDialog
from ui.reports.flow import Flow
from ui.reports.report_view import ReportView
from ui.stock.letter import print_letter, write_letter
from ui.stock.purchase import PrinterDialog
from ui.style.theme import px
from ui.widgets.basic import ElidedLabel, FigureLabel, ThinProgress, label, panel
from ui.widgets.fields import Choice
from ui.widgets.key_button import KeyButton

PERIODS = ("Today", "Yesterday", "This week", "This month", "This year", "From – to")
OVERVIEW = "Overview"
CARDS = ("Takings", "Sales", "Average", "Returns")
BARS = ("Tenders", "Taxes", "Departments", "People", "Discounts", "Besides")
FILES = {"Excel (*.xlsx)": "xlsx", "Comma-separated (*.csv)": "csv", "PDF (*.pdf)": "pdf"}
NOTHING = {
    ReportKind.SLOW: "Everything in stock sold on these days.",
    ReportKind.LOW_STOCK: "Nothing is at its reorder level.",
    ReportKind.STOCK_VALUE: "Nothing is in stock.",
    ReportKind.CATEGORIES: "There are no titles yet.",
    ReportKind.SELL_THROUGH: "There are no titles yet.",
}
MILLION = 10**6
SLOW_S = 0.15
ASIDE = 330
# The aside's share of a small screen, at most.
ASIDE_SHARE = 0.36


class ReportsPage(Page):
    """Takings of some business days at the left, Z reports at the right."""

    title = "Reports"

    def __init__(self, context: Context) -> None:
        """Lay out; nothing is read before the page is shown."""
        super().__init__(context)
        self._zs: list[ZRow] = []
        self._period = PERIODS[0]
        self._cards: dict[str, tuple[FigureLabel, ElidedLabel]] = {}
        self._chosen_days: tuple[date, date] | None = None
        across = QHBoxLayout(self)
        across.setContentsMargins(0, 0, 0, 0)
        across.setSpacing(0)
        across.addLayout(self._make_left(), 1)
        self._aside = self._make_right()
        across.addWidget(self._aside)
        self._told = label("", "small", name="Computed")
        self._foot: dict[str, KeyButton] = {}
        for name, key, act in (("X report", "Shift+F10", self.show_x), ("Export", "Ctrl+E", self.export)):
            button = KeyButton(name, key.replace("+", " "), role="quiet")
            button.clicked.connect(act)
            shortcut(self, key, act)
            self._foot[name] = button

    def foot_widgets(self) -> list[QWidget]:
        """An X of this till, the sums as a file, and how long summing up took."""
        return [*self._foot.values(), self._told]

    def _make_left(self) -> QVBoxLayout:
        left = QVBoxLayout()
        left.setContentsMargins(20, 16, 20, 0)
        left.setSpacing(8)
        self._periods: dict[str, KeyButton] = {}
        for place, name in enumerate(PERIODS, 1):
            button = KeyButton(name, f"Alt {place}", role="chip")
            button.setCheckable(True)
            button.clicked.connect(self._chooser(name))
            shortcut(self, f"Alt+{place}", self._chooser(name))
            self._periods[name] = button
        left.addLayout(self._make_choice())
        left.addWidget(Flow(list(self._periods.values()), (6, 3, 2), even=False))
        self._bar = ThinProgress()
        left.addWidget(self._bar)
        left.addWidget(self.message)
        inner = QWidget()
        sums = QVBoxLayout(inner)
        sums.setContentsMargins(0, 0, 8, 16)
        sums.setSpacing(12)
        sums.addWidget(Flow([self._make_card(name) for name in CARDS], (4, 2, 1)))
        self._columns = Columns("Takings by hour", self.fmt.currency.unit)
        box = panel()
        QVBoxLayout(box).addWidget(self._columns)
        sums.addWidget(box)
        self._bars = {name: Bars(name) for name in BARS}
        sums.addWidget(Flow(list(self._bars.values()), (2, 1), gap=20))
        sums.addStretch(1)
        self._sums = QScrollArea()
        self._sums.setWidgetResizable(True)
        self._sums.setFrameShape(QScrollArea.Shape.NoFrame)
        self._sums.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._sums.setAccessibleName("Sums")
        self._sums.setWidget(inner)
        left.addWidget(self._sums, 1)
        self._nothing = QWidget()
        left.addWidget(self._nothing, 1)
        self._nothing.hide()
        self._view = ReportView(self.context)
        self._view.documents_wanted.connect(lambda: self.start(self._view.show_documents()))
        left.addWidget(self._view, 1)
        return left

    def _make_choice(self) -> QHBoxLayout:
        """Which report, and what is done with it."""
        row = QHBoxLayout()
        row.setSpacing(8)
        self._report = Choice()
        self._report.setAccessibleName("Report")
        self._report.addItem(OVERVIEW, None)
        for kind in ReportKind:
            self._report.addItem(kind.words, kind)
        self._report.setMaxVisibleItems(len(ReportKind) + 1)
        self._report.currentIndexChanged.connect(lambda _: self._show_period())
        shortcut(self, "F4", self._ask_report)
        self._asked = KeyButton("Report", "F4", name="Choose a report")
        self._asked.clicked.connect(self._ask_report)
        row.addWidget(self._asked)
        row.addWidget(self._report, 1)
        self._acts: dict[str, KeyButton] = {}
        for name, key, act in (
            ("Documents", "Enter", lambda: self.start(self._view.show_documents())),
            ("Print", "Ctrl P", self.print_shown),
            ("Week for the trade", "F9", self.export_week),
        ):
            button = KeyButton(name, key, name="Print the report" if name == "Print" else name)
            button.clicked.connect(lambda _=False, act=act: act())
            row.addWidget(button)
            self._acts[name] = button
        shortcut(self, "F9", self.export_week)
        shortcut(self, "Esc", self.stop)
        return row

    def _ask_report(self) -> None:
        if self._report.isVisible():
            self._report.setFocus(Qt.FocusReason.ShortcutFocusReason)
            self._report.showPopup()

    def _make_card(self, name: str) -> QWidget:
        box = panel()
        box.setMinimumWidth(px(170))
        column = QVBoxLayout(box)
        column.setContentsMargins(16, 10, 16, 10)
        column.setSpacing(2)
        column.addWidget(label(name, "small", name=f"{name}:"))
        figure = FigureLabel("due")
        note = ElidedLabel("", "small")
        column.addWidget(figure)
        column.addWidget(note)
        self._cards[name] = (figure, note)
        return box

    def _make_right(self) -> QWidget:
        right = panel("aside")
        layout = QVBoxLayout(right)
        layout.setContentsMargins(16, 16, 16, 16)
        layout.setSpacing(8)
        layout.addWidget(label("Closed shifts", "title"))
        self._list = QListWidget()
        self._list.setAccessibleName("Z reports")
        self._list.setWordWrap(False)
        self._list.setTextElideMode(Qt.TextElideMode.ElideRight)
        self._list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._list.setSpacing(2)
        self._list.setWordWrap(True)
        self._list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._list.itemActivated.connect(lambda _: self.show_z())
        layout.addWidget(self._list, 1)
        look = KeyButton("Look at it", "Enter", name="Look at the Z report")
        look.clicked.connect(self.show_z)
        again = KeyButton("Print again", "Ctrl P", name="Print the Z report again")
        again.clicked.connect(self.print_z)
        shortcut(self, "Ctrl+P", self.print_shown)
        layout.addWidget(look)
        layout.addWidget(again)
        return right

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Leave the sums the larger part of a small screen."""
        self._aside.setFixedWidth(min(px(ASIDE), int(self.width() * ASIDE_SHARE)))
        super().resizeEvent(event)

    def _chooser(self, name: str) -> Callable[[], None]:
        return lambda: self.choose(name)

    def activated(self) -> None:
        """Read what may have changed."""
        self._show_period()
        self.start(self._read_zs(), key="z")
        self._list.setFocus()

    def choose(self, period: str) -> None:
        """Choose the business days to sum up; the last choice asks which."""
        if period == PERIODS[-1]:
            self._mark(self._period)
            self.start(self._ask_days())
            return
        self._period = period
        self._show_period()

    async def _ask_days(self) -> None:
        dialog = DaysDialog(self.fmt.settings.locale, *self._days(), self)
        if await dialogs.show(dialog):
            self._chosen_days = (dialog.first, dialog.last)
            self._period = PERIODS[-1]
            self._show_period()

    @property
    def kind(self) -> ReportKind | None:
        """Which report is shown; None for the overview."""
        # Qt gives plain text back.
        return ReportKind(chosen) if (chosen := self._report.currentData()) else None

    def _mark(self, period: str) -> None:
        for name, button in self._periods.items():
            button.setChecked(name == period)

    def _show_period(self) -> None:
        self._mark(self._period)
        allowed = self.context.operator.may(Permission.SEE_REPORTS)
        kind = self.kind if allowed else None
        self._report.setVisible(allowed)
        self._asked.setVisible(allowed)
        self._sums.setVisible(allowed and kind is None)
        self._view.setVisible(kind is not None)
        self._aside.setVisible(kind is None)
        for name, button in self._acts.items():
            shown = kind is not None if name == "Print" else kind not in WITHOUT_DOCUMENTS and kind is not None
            button.setVisible(kind is ReportKind.BESTSELLERS if name == "Week for the trade" else shown)
        for period in self._periods.values():
            period.setEnabled(kind not in OF_TODAY)
        self._nothing.setVisible(not allowed)
        if kind is not None:
            self.start(self._read_report(kind), key="takings")
        elif allowed:
            self.start(self._read(), key="takings")
        else:
            self.message.say("Managers and admins see what the shop took. The shifts at the right are for all.", "warn")

    def _days(self) -> tuple[date, date]:
        today = business_date(self.fmt.settings, self.app.clock.now())
        match self._period:
            case "Yesterday":
                return today - timedelta(days=1), today - timedelta(days=1)
            case "This week":
                return today - timedelta(days=today.weekday()), today
            case "This month":
                return today.replace(day=1), today
            case "This year":
                return today.replace(month=1, day=1), today
        return self._chosen_days if self._period == PERIODS[-1] and self._chosen_days else (today, today)

    async def _read(self) -> None:
        first, last = self._days()
        days = self.fmt.date(first) if first == last else f"{self.fmt.date(first)} to {self.fmt.date(last)}"
        self.show_subtitle(days)
        slow = asyncio.get_running_loop().call_later(SLOW_S, self._bar.busy, True)  # noqa: FBT003 - a switch
        try:
            started = monotonic()
            totals = await takings(self.app, self.context.operator, first, last)
            took_ms = round((monotonic() - started) * 1000)
        finally:
            slow.cancel()
            self._bar.busy(False)  # noqa: FBT003 - a switch
        self.message.say("" if totals.documents else "Nothing was sold on these days.", "none")
        documents = "1 document" if totals.documents == 1 else f"{self.fmt.count(totals.documents)} documents"
        self._told.setText(f"{documents} · computed in {took_ms} ms")
        self._told.setAccessibleName(self._told.text())
        self._show(totals, several=first != last)

    async def _read_report(self, kind: ReportKind) -> None:
        """Make a report, watched and stopped where it takes longer than a glance."""
        first, last = self._days()
        days = self.fmt.date(first) if first == last else f"{self.fmt.date(first)} to {self.fmt.date(last)}"
        self.show_subtitle("Today" if kind in OF_TODAY else days)
        self._view.setEnabled(False)
        started = monotonic()

        def tell(done: int, total: int) -> None:
            self._bar.setRange(0, total)
            self._bar.setValue(done)
            if monotonic() - started > SLOW_S:
                self.message.say(
                    f"{self.fmt.percent(Decimal(done * 100 // max(total, 1)) / 100)} read. Esc stops.",
                    "none",
                    aloud=False,
                )

        try:
            table = await make_report(self.app, self.context.operator, kind, first, last, progress=tell)
        finally:
            self._view.setEnabled(True)
            self._bar.busy(False)  # noqa: FBT003 - a switch
        took_ms = round((monotonic() - started) * 1000)
        self._view.show_table(table)
        if self._report.hasFocus() and self._view.rows is not None:
            self._view.rows.setFocus(Qt.FocusReason.OtherFocusReason)
        self.message.say("" if table.rows else NOTHING.get(kind, "Nothing was sold on these days."), "none")
        rows = "1 row" if len(table.rows) == 1 else f"{self.fmt.count(len(table.rows))} rows"
        self._told.setText(f"{rows} · computed in {self.fmt.count(took_ms)} ms")
        self._told.setAccessibleName(self._told.text())

    def stop(self) -> None:
        """Esc: stop what takes too long."""
        if not self._view.isEnabled():
            self.tasks.cancel("takings")
            self.message.say("Stopped: what is shown is of before.", "warn")

    def print_shown(self) -> None:
        """Ctrl+P: the report that is shown; on the overview the Z report chosen, again."""
        if not self._view.isVisible():
            self.print_z()
        elif (letter := self._view.letter(self.fmt.settings)) is not None:
            self.start(self._print(letter), key="print")

    async def _print(self, letter: Letter) -> None:
        printer = QPrinter(QPrinter.PrinterMode.HighResolution)
        if await dialogs.show(PrinterDialog(printer, self)) == QDialog.DialogCode.Accepted.value:
            print_letter(letter, printer)
            self.message.say(f"{letter.title} is sent to {printer.printerName() or 'the printer'}.", "ok")

    def export_week(self) -> None:
        """F9: what the last week sold, Sunday to Saturday, as the trade's lists want it."""
        if self._acts["Week for the trade"].isVisible():
            self.start(self._export_week(), key="export")

    async def _export_week(self) -> None:
        path = await export_trade_week(self.app, self.context.operator)
        self.message.say(f"Written to {path}", "ok")

    async def _export_report(self, table: ReportTable) -> None:
        """Ctrl+E: the report shown, as the person wants it."""
        letter = self._view.letter(self.fmt.settings)
        if letter is None:
            self.message.say("There is nothing to write.", "warn")
            return
        kept = self.app.config.data_dir / f"{letter.name}.xlsx"
        chooser = QFileDialog(self, f"Export: {letter.title}", str(kept), ";;".join(FILES))
        chooser.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
        chooser.setDefaultSuffix("xlsx")
        chooser.filterSelected.connect(lambda kind: chooser.setDefaultSuffix(FILES[kind]))
        if await dialogs.show(chooser) == QDialog.DialogCode.Accepted:
            await self.write_report(table, letter, Path(chooser.selectedFiles()[0]))

    async def write_report(self, table: ReportTable, letter: Letter, path: Path) -> None:
        """Write a report as the file's name ends. Raises Refused("export.format") and Unavailable."""
        if path.suffix.lower() == ".pdf":
            try:
                write_letter(letter, path)
            except OSError as error:
                raise Unavailable("export.not_written", path=str(path), reason=error.strerror or str(error)) from error
        else:
            await export_report(self.app, table, path)
        self.message.say(f"Written to {path}", "ok")

    def _show(self, totals: Totals, *, several: bool) -> None:
        fmt = self.fmt
        back = totals.returns + totals.voids + totals.exchanges
        for name, text, note in (
            ("Takings", fmt.money(totals.takings), f"{fmt.amount(totals.net)} net, {fmt.amount(totals.tax)} tax"),
            ("Sales", fmt.count(totals.sales), f"{fmt.count(totals.pieces)} pieces"),
            ("Average", fmt.money(totals.average), f"{totals.pieces_a_sale:.1f} pieces a sale"),
            (
                "Returns",
                fmt.count(back),
                f"{totals.returns} back, {totals.exchanges} exchanged, {totals.voids} void",
            ),
        ):
            figure, under = self._cards[name]
            figure.setText(text)
            figure.setAccessibleName(f"{name} {text}")
            under.show_text(note)
        for name, shares in (
            ("Tenders", totals.tenders),
            ("Departments", totals.departments),
            ("People", totals.people),
            ("Discounts", totals.adjustments),
        ):
            self._bars[name].show_rows([self._row(share) for share in shares])
        if several:
            in_turn = _with_gaps(totals.days, lambda day: (date.fromisoformat(day) + timedelta(days=1)).isoformat())
            rows = [(_day(share), fmt.amount(share.amount), share.amount) for share in in_turn]
        else:
            in_turn = _with_gaps(totals.hours, lambda hour: f"{(int(hour) + 1) % 24:02d}")
            rows = [(f"{share.name}:00", fmt.amount(share.amount), share.amount) for share in in_turn]
        self._columns.show_rows(rows, "Takings by day" if several else "Takings by hour")
        self._bars["Taxes"].show_rows(
            [
                (f"{tax.name} · {fmt.percent(Decimal(tax.rate) / MILLION)}", fmt.amount(tax.tax), tax.net)
                for tax in totals.taxes
            ]
        )
        besides = [self._row(share) for share in (totals.gift_cards, totals.cash_in, totals.cash_out) if share.count]
        if totals.rounding:
            besides.append(("Cash rounding, in the takings", fmt.amount(totals.rounding), totals.rounding))
        if totals.no_sales:
            besides.append(("Drawer opened without sale", fmt.count(totals.no_sales), 0))
        self._bars["Besides"].show_rows(besides)

    def _row(self, share: Share) -> tuple[str, str, int]:
        return f"{share.name} · {share.count}", self.fmt.amount(share.amount), share.amount

    async def _read_zs(self) -> None:
        self._zs = await list_z_reports(self.app, self.context.operator)
        self._list.clear()
        for row in self._zs:
            self._list.addItem(
                f"Z {row.till}-{row.number:06d} · {self.fmt.moment(row.closed_at)}\n{self._told_of(row)}"
            )
        if not self._zs:
            self._list.addItem("No shift was closed yet.\nCtrl+F10 at the checkout closes one.")
        self._list.setCurrentRow(0)

    def _told_of(self, row: ZRow) -> str:
        """What a Z came to, and how its count came out in words."""
        money = self.fmt.money(row.takings)
        if row.difference is None:
            return f"{money} · not counted"
        if not row.difference:
            return money
        return f"{money} · {self.fmt.amount(abs(row.difference))} {'over' if row.difference > 0 else 'short'}"

    def show_x(self) -> None:
        """Show this till's open shift so far, and print it where there is a printer."""
        self.start(self._show_x())

    async def _show_x(self) -> None:
        report = await with_approval(
            self.context, self, lambda approval: x_report(self.app, self.context.operator, approval)
        )
        await dialogs.show(ReceiptDialog(await keep_report(self.app, report), self))

    def export(self) -> None:
        """Write the sums shown to a file for a spreadsheet."""
        table = self._view.table if self._view.isVisible() else None
        self.start(self._export_report(table) if table is not None else self._export(), key="export")

    async def _export(self) -> None:
        path = await export_takings(self.app, self.context.operator, *self._days())
        self.message.say(f"Written to {path}", "ok")

    def _chosen(self) -> ZRow | None:
        row = self._list.currentRow()
        return self._zs[row] if 0 <= row < len(self._zs) else None

    def show_z(self) -> None:
        """Show the Z report chosen, as it was printed."""
        if (row := self._chosen()) is not None:
            self.start(self._again(row, looked_at=True))

    def print_z(self) -> None:
        """Print the Z report chosen again, marked COPY."""
        if (row := self._chosen()) is not None:
            self.start(self._again(row, looked_at=self.app.printing.printer == "none"))

    async def _again(self, row: ZRow, *, looked_at: bool) -> None:
        report = await get_z_report(self.app, self.context.operator, row.till, row.number)
        receipt = await keep_report(self.app, report, copy=True, printed=not looked_at)
        if looked_at:
            await dialogs.show(ReceiptDialog(receipt, self))
        else:
            self.message.say(f"Z {row.till}-{row.number:06d} printed again, marked COPY.", "ok")


def _day(share: Share) -> str:
    """A day's number, as it stands under its column."""
    return str(date.fromisoformat(share.name).day)


def _with_gaps(shares: tuple[Share, ...], following: Callable[[str], str]) -> tuple[Share, ...]:
    """Days or hours with the empty ones between them, so that a chart keeps time."""
    filled: list[Share] = []
    for share in shares:
        while filled and (expected := following(filled[-1].name)) != share.name:
            filled.append(Share(expected, 0, 0))
        filled.append(share)
    return tuple(filled)
