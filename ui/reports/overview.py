"""Business days at a glance: four figures, the takings as they came, by category, and what sold best."""

from datetime import date
from decimal import Decimal

from PySide6.QtCore import QModelIndex, Qt, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QBoxLayout, QScrollArea, QStackedLayout, QVBoxLayout, QWidget

from pos_app.domain.sales_report import Overview, ReportKind, ReportRow, Span
from ui.format import Formatter
from ui.reports.charts import Bars, ChartRow, Columns
from ui.reports.flow import Flow
from ui.stock.table import Column, RowsTable
from ui.style.theme import px
from ui.widgets.basic import ElidedLabel, FigureLabel, label, panel, restyle

CARDS = ("Takings", "Sales", "Margin", "Returns")
UNKNOWN, UNREAD, NO_BEST = "–", "Not read", "No books sold"
BARS = 5
# Narrower, what sold best stands under the takings.
NARROW, WIDE = 720, 1100
WIDE_SHARES, NARROW_SHARES = (66, 34), (60, 40)
TITLES = {ReportKind.HOUR: "Takings by hour", ReportKind.DAY: "Takings by day", ReportKind.MONTH: "Takings by month"}
OTHERS = "Others"


class OverviewView(QScrollArea):
    """The first of the reports; `documents_wanted` tells the kind of a row, its key, and its name."""

    documents_wanted = Signal(object, object, str)

    def __init__(self, fmt: Formatter) -> None:
        """Start with nothing."""
        super().__init__()
        self._fmt = fmt
        self._cards: dict[str, tuple[FigureLabel, ElidedLabel]] = {}
        self._spans: tuple[Span, ...] = ()
        self._grain = ReportKind.HOUR
        self._categories: tuple[ReportRow, ...] = ()
        self.setWidgetResizable(True)
        self.setFrameShape(QScrollArea.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setAccessibleName("Sums")
        inner = QWidget()
        column = QVBoxLayout(inner)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(12)
        column.addWidget(Flow([self._make_card(name) for name in CARDS], (4, 2, 1), gap=12))
        self._body = QBoxLayout(QBoxLayout.Direction.LeftToRight)
        self._body.setSpacing(12)
        self._body.addWidget(self._make_drawn())
        self._body.addWidget(self._make_best())
        column.addLayout(self._body, 1)
        self.setWidget(inner)

    def _make_card(self, name: str) -> QWidget:
        box = panel()
        box.setMinimumWidth(px(170))
        column = QVBoxLayout(box)
        column.setContentsMargins(16, 12, 16, 12)
        column.setSpacing(2)
        column.addWidget(label(name, "small", name=f"{name}:"))
        figure = FigureLabel("due", left=True)
        note = ElidedLabel("", "small")
        column.addWidget(figure)
        column.addWidget(note)
        self._cards[name] = (figure, note)
        return box

    def _make_drawn(self) -> QWidget:
        self.columns = Columns(TITLES[ReportKind.HOUR], self._fmt.currency.unit, "No takings")
        self.columns.activated.connect(self._span_wanted)
        self.bars = Bars("By category", "No categories")
        self.bars.activated.connect(self._category_wanted)
        box = panel()
        column = QVBoxLayout(box)
        column.setContentsMargins(14, 8, 14, 10)
        column.setSpacing(4)
        column.addWidget(self.columns, 1)
        column.addWidget(self.bars)
        return box

    def _make_best(self) -> QWidget:
        fmt = self._fmt
        self.best = RowsTable(
            "Bestsellers",
            [
                Column[ReportRow]("Title", 0, lambda row: str(row.cells[0]), below=lambda row: str(row.cells[1] or "")),
                Column[ReportRow]("Sold", 54, lambda row: fmt.count(_int(row.cells[3])), right=True),
                Column[ReportRow]("Takings", 86, lambda row: fmt.amount(_int(row.cells[4])), right=True),
            ],
            height=150,
        )
        self.best.activated.connect(self._book_wanted)
        box = panel()
        column = QVBoxLayout(box)
        column.setContentsMargins(1, 12, 1, 10)
        column.setSpacing(6)
        title = label("Bestsellers", "section", name="Bestsellers:")
        title.setContentsMargins(11, 0, 11, 0)
        column.addWidget(title)
        nothing = self._no_best = label(NO_BEST, "muted")
        nothing.setContentsMargins(11, 6, 11, 0)
        nothing.setAlignment(Qt.AlignmentFlag.AlignTop)
        self._best = QStackedLayout()
        self._best.addWidget(nothing)
        self._best.addWidget(self.best)
        column.addLayout(self._best, 1)
        hint = self._hint = ElidedLabel("A row opens its documents · Enter", "small")
        hint.setContentsMargins(11, 0, 11, 0)
        column.addWidget(hint)
        return box

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Fold where there is little room."""
        down, across = QBoxLayout.Direction.TopToBottom, QBoxLayout.Direction.LeftToRight
        self._body.setDirection(down if self.width() < px(NARROW) else across)
        for place, share in enumerate(WIDE_SHARES if self.width() >= px(WIDE) else NARROW_SHARES):
            self._body.setStretch(place, share)
        super().resizeEvent(event)

    def focus_home(self) -> bool:
        """Put the focus where rows lead on; False where there is nothing."""
        folded = self._body.direction() == QBoxLayout.Direction.TopToBottom
        home = self.columns if folded else self.best
        if not home.model().rowCount():
            return False
        home.setFocus(Qt.FocusReason.OtherFocusReason)
        return True

    def show_overview(self, overview: Overview) -> None:
        """Show other days."""
        beside = overview.compare.beside if overview.grain is not ReportKind.MONTH else "a year before"
        self._show_cards(overview, beside)
        self.columns.mark_words = overview.compare.legend if overview.grain is not ReportKind.MONTH else beside
        self._spans, self._grain = overview.spans, overview.grain
        with_past = any(span.before for span in overview.spans)
        heads = (overview.grain.value.capitalize(), "takings", *((beside,) if with_past else ()))
        any_ = any(span.amount or span.before for span in overview.spans)
        rows = [self._span_row(span, with_past=with_past) for span in overview.spans if any_]
        self.columns.show_rows(heads, rows, TITLES[overview.grain])
        self._show_categories(overview)
        best = overview.bestsellers.rows
        self.best.show_rows(best, 0)
        self._best.setCurrentIndex(1 if best else 0)
        self._hint.setVisible(bool(best))
        self._no_best.setText(NO_BEST)

    def show_nothing(self) -> None:
        """Show that nothing could be read."""
        for name in CARDS:
            self._show_card(name, UNKNOWN, UNREAD)
            restyle(self._cards[name][0], "kind", "")
        self._spans = self._categories = ()
        for chart in (self.columns, self.bars):
            chart.show_unread()
        self.best.show_rows(())
        self._no_best.setText(UNREAD)
        self._best.setCurrentIndex(0)
        self._hint.hide()

    def _show_card(self, name: str, text: str, note: str) -> None:
        figure, under = self._cards[name]
        figure.setText(text)
        figure.setAccessibleName(f"{name} {text}")
        under.show_text(note)

    def _show_cards(self, overview: Overview, beside: str) -> None:
        fmt, totals = self._fmt, overview.totals
        self._show_card("Takings", fmt.money(totals.takings), self._change_text(overview, beside))
        restyle(self._cards["Takings"][0], "kind", "ok" if totals.takings > 0 else "")
        each = f"{fmt.money(totals.average)} each · {totals.pieces_a_sale:.1f} pieces" if totals.sales else "No sales"
        self._show_card("Sales", fmt.count(totals.sales), each)
        if overview.margin is None:
            self._show_card("Margin", UNKNOWN, "No cost is known" if totals.documents else "No sales")
        else:
            self._show_card("Margin", fmt.percent(round(overview.margin, 3)), f"{fmt.money(overview.earned)} earned")
        self._show_card("Returns", fmt.money(totals.back), self._returns_text(overview))

    def _change_text(self, overview: Overview, beside: str) -> str:
        change = overview.change
        if change is None:
            return f"No takings {beside}"
        if not overview.totals.documents:
            return f"{self._fmt.money(overview.before)} {beside}"
        if not change:
            return f"As {beside}"
        shown = self._fmt.percent(abs(round(change, 3)))
        return f"{'+' if change > 0 else '−'}{shown} on {beside}"

    def _returns_text(self, overview: Overview) -> str:
        totals = overview.totals
        many = totals.came_back
        if not many:
            return "Nothing came back"
        documents = "1 document" if many == 1 else f"{self._fmt.count(many)} documents"
        if totals.sold <= 0:
            return documents
        return f"{self._fmt.percent(round(Decimal(totals.back) / totals.sold, 3))} of sales · {documents}"

    def _span_row(self, span: Span, *, with_past: bool) -> ChartRow:
        fmt = self._fmt
        past = (fmt.amount(span.before),) if with_past else ()
        short, full = span_names(fmt, self._grain, span.key)
        return ChartRow(short, span.amount, (full, fmt.amount(span.amount), *past), span.before or None)

    def _show_categories(self, overview: Overview) -> None:
        fmt, rows = self._fmt, overview.categories.rows
        self._categories = rows if len(rows) <= BARS + 1 else rows[:BARS]
        shown = [(str(row.cells[0]), _int(row.cells[2])) for row in self._categories]
        if rest := rows[len(self._categories) :]:
            shown.append((OTHERS, sum(_int(row.cells[2]) for row in rest)))
        whole = sum(_int(row.cells[2]) for row in rows)
        drawn = [
            ChartRow(
                name,
                amount,
                (name, fmt.amount(amount), fmt.percent(round(Decimal(amount) / whole, 2)) if whole else ""),
            )
            for name, amount in shown
        ]
        self.bars.show_rows(("Category", "takings", "share"), drawn)

    def _span_wanted(self, index: QModelIndex) -> None:
        span = self._spans[index.row()]
        self.documents_wanted.emit(self._grain, span.key, span_names(self._fmt, self._grain, span.key)[1])

    def _category_wanted(self, index: QModelIndex) -> None:
        if index.row() < len(self._categories):
            row = self._categories[index.row()]
            self.documents_wanted.emit(ReportKind.CATEGORY, row.key, str(row.cells[0]))

    def _book_wanted(self) -> None:
        if (row := self.best.chosen) is not None:
            self.documents_wanted.emit(ReportKind.BESTSELLERS, row.key, str(row.cells[0]))


def span_names(fmt: Formatter, grain: ReportKind, key: str) -> tuple[str, str]:
    """Say an hour, a day or a month: in short, and in full."""
    match grain:
        case ReportKind.DAY:
            day = date.fromisoformat(key)
            return str(day.day), fmt.date(day)
        case ReportKind.MONTH:
            full = fmt.month(date.fromisoformat(f"{key}-01"))
            return full.split()[0], full
        case _:
            return key[:2], f"{key[:2]}:00"


def _int(value: object) -> int:
    return value if isinstance(value, int) else 0
