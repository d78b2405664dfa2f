"""What the shop took: business days summed up, and the Z reports of closed shifts."""

from collections.abc import Callable
from datetime import date, timedelta
from decimal import Decimal

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QColor, QFont, QPainter, QPaintEvent
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QListWidget, QScrollArea, QVBoxLayout, QWidget

from pos_app.domain.permission import Permission
from pos_app.domain.report import Share, Totals
from pos_app.services.receipt import keep_report
from pos_app.services.report import ZRow, get_z_report, list_z_reports, takings
from pos_app.services.shift import business_date
from ui import dialogs
from ui.actions import shortcut
from ui.checkout.receipt_dialog import ReceiptDialog
from ui.context import Context
from ui.page import Page
from ui.style.theme import font, px, tokens
from ui.widgets.basic import FigureLabel, label, panel
from ui.widgets.key_button import KeyButton

PERIODS = ("Today", "Yesterday", "This week", "This month")
MILLION = 10**6


class Bars(QWidget):
    """Shares as rows with bars, the largest as long as there is room; the figures stand to the right."""

    def __init__(self, title: str) -> None:
        """Take what the shares are of."""
        super().__init__()
        self._title = title
        self._rows: list[tuple[str, str, int]] = []
        self.setAccessibleName(title)

    def show_rows(self, rows: list[tuple[str, str, int]]) -> None:
        """Show (name, figure, size) rows."""
        self._rows = rows
        self.setAccessibleDescription("; ".join(f"{name} {figure}" for name, figure, _ in rows) or "nothing")
        self.setMinimumHeight(px(30) + max(len(rows), 1) * px(26) + 8)
        self.update()

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Draw the title, then each row."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setFont(font(14, QFont.Weight.DemiBold))
        painter.setPen(QColor(tokens().ink))
        painter.drawText(QRectF(0, 0, self.width(), px(26)), Qt.AlignmentFlag.AlignVCenter, self._title)
        painter.setFont(font(13))
        if not self._rows:
            painter.setPen(QColor(tokens().ink_2))
            painter.drawText(QRectF(0, px(28), self.width(), px(26)), Qt.AlignmentFlag.AlignVCenter, "Nothing yet")
            return
        most = max(abs(size) for _, _, size in self._rows) or 1
        tall, figures = px(26), px(110)
        for place, (name, figure, size) in enumerate(self._rows):
            top = px(28) + place * tall
            across = (self.width() - figures) * abs(size) / most
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(QColor(tokens().accent_soft if size >= 0 else tokens().danger_soft))
            painter.drawRoundedRect(QRectF(0, top + 2, max(across, 2), tall - 4), 4, 4)
            painter.setPen(QColor(tokens().ink))
            words = QRectF(8, top, self.width() - figures - 8, tall)
            shown = painter.fontMetrics().elidedText(name, Qt.TextElideMode.ElideRight, int(words.width()))
            painter.drawText(words, Qt.AlignmentFlag.AlignVCenter, shown)
            right = QRectF(self.width() - figures, top, figures, tall)
            painter.drawText(right, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter, figure)


class ReportsPage(Page):
    """Takings of some business days at the left, Z reports at the right."""

    title = "Reports"

    def __init__(self, context: Context) -> None:
        """Lay out; nothing is read before the page is shown."""
        super().__init__(context)
        self._zs: list[ZRow] = []
        self._period = PERIODS[0]
        across = QHBoxLayout(self)
        across.setContentsMargins(0, 0, 0, 0)
        across.setSpacing(0)
        across.addLayout(self._make_left(), 1)
        across.addWidget(self._make_right())

    def _make_left(self) -> QVBoxLayout:
        left = QVBoxLayout()
        left.setContentsMargins(20, 16, 20, 16)
        left.setSpacing(8)
        row = QHBoxLayout()
        row.setSpacing(8)
        self._periods: dict[str, KeyButton] = {}
        for place, name in enumerate(PERIODS, 1):
            button = KeyButton(name, f"Alt {place}", role="chip")
            button.setCheckable(True)
            button.clicked.connect(self._chooser(name))
            shortcut(self, f"Alt+{place}", self._chooser(name))
            self._periods[name] = button
            row.addWidget(button)
        row.addStretch(1)
        left.addLayout(row)
        left.addWidget(self.message)
        left.addWidget(self._make_figures())
        inner = QWidget()
        grid = QGridLayout(inner)
        grid.setHorizontalSpacing(24)
        grid.setVerticalSpacing(12)
        self._bars = {name: Bars(name) for name in ("Tenders", "Taxes", "Departments", "People", "Hours", "Discounts")}
        for place, bars in enumerate(self._bars.values()):
            grid.addWidget(bars, place // 2, place % 2, Qt.AlignmentFlag.AlignTop)
            grid.setColumnStretch(place % 2, 1)
        grid.setRowStretch(3, 1)
        area = QScrollArea()
        area.setWidgetResizable(True)
        area.setFrameShape(QScrollArea.Shape.NoFrame)
        area.setWidget(inner)
        left.addWidget(area, 1)
        return left

    def _make_figures(self) -> QWidget:
        box = panel()
        row = QHBoxLayout(box)
        row.setContentsMargins(16, 10, 16, 10)
        row.setSpacing(24)
        self._figures: dict[str, FigureLabel] = {}
        for name in ("Takings", "Sales", "Average", "Returns"):
            column = QVBoxLayout()
            column.addWidget(label(name, "small"))
            figure = FigureLabel("due")
            figure.setMinimumWidth(px(90))
            column.addWidget(figure)
            self._figures[name] = figure
            row.addLayout(column, 1)
        return box

    def _make_right(self) -> QWidget:
        right = panel("aside")
        right.setFixedWidth(px(330))
        layout = QVBoxLayout(right)
        layout.setContentsMargins(16, 16, 16, 16)
        layout.setSpacing(8)
        layout.addWidget(label("Closed shifts", "title"))
        self._list = QListWidget()
        self._list.setAccessibleName("Z reports")
        self._list.setWordWrap(True)
        self._list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._list.itemActivated.connect(lambda _: self.show_z())
        layout.addWidget(self._list, 1)
        look = KeyButton("Look at it", "Enter", name="Look at the Z report")
        look.clicked.connect(self.show_z)
        again = KeyButton("Print again", "Ctrl P", name="Print the Z report again")
        again.clicked.connect(self.print_z)
        shortcut(self, "Ctrl+P", self.print_z)
        layout.addWidget(look)
        layout.addWidget(again)
        return right

    def _chooser(self, name: str) -> Callable[[], None]:
        return lambda: self.choose(name)

    def activated(self) -> None:
        """Read what may have changed."""
        self.choose(self._period)
        self.start(self._read_zs(), key="z")
        self._list.setFocus()

    def choose(self, period: str) -> None:
        """Choose the business days to sum up."""
        self._period = period
        for name, button in self._periods.items():
            button.setChecked(name == period)
        if self.context.operator.may(Permission.SEE_REPORTS):
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
        return today, today

    async def _read(self) -> None:
        first, last = self._days()
        totals = await takings(self.app, self.context.operator, first, last)
        days = self.fmt.date(first) if first == last else f"{self.fmt.date(first)} to {self.fmt.date(last)}"
        self.show_subtitle(days)
        self.message.say("" if totals.documents else "Nothing was sold on these days.", "none")
        self._show(totals)

    def _show(self, totals: Totals) -> None:
        fmt = self.fmt
        back = totals.returns + totals.voids + totals.exchanges
        for name, text in (
            ("Takings", fmt.money(totals.takings)),
            ("Sales", fmt.count(totals.sales)),
            ("Average", fmt.money(totals.average)),
            ("Returns", fmt.count(back)),
        ):
            self._figures[name].setText(text)
            self._figures[name].setAccessibleName(f"{name} {text}")
        for name, shares in (
            ("Tenders", totals.tenders),
            ("Departments", totals.departments),
            ("People", totals.people),
            ("Discounts", totals.adjustments),
        ):
            self._bars[name].show_rows([self._row(share) for share in shares])
        self._bars["Hours"].show_rows(
            [(f"{share.name}:00 · {share.count}", fmt.amount(share.amount), share.amount) for share in totals.hours]
        )
        self._bars["Taxes"].show_rows(
            [
                (f"{tax.name} · {fmt.percent(Decimal(tax.rate) / MILLION)}", fmt.amount(tax.tax), tax.net)
                for tax in totals.taxes
            ]
        )

    def _row(self, share: Share) -> tuple[str, str, int]:
        return f"{share.name} · {share.count}", self.fmt.amount(share.amount), share.amount

    async def _read_zs(self) -> None:
        self._zs = await list_z_reports(self.app, self.context.operator)
        self._list.clear()
        for row in self._zs:
            difference = "" if not row.difference else f" · {self.fmt.amount(row.difference)}"
            said = f"Z {row.till}-{row.number:06d} · {self.fmt.moment(row.closed_at)} · {self.fmt.money(row.takings)}"
            self._list.addItem(said + difference)
        if not self._zs:
            self._list.addItem("No shift was closed yet. Ctrl+F10 at the checkout closes one.")
        self._list.setCurrentRow(0)

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
