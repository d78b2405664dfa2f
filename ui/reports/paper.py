"""A manager's report on paper: whose and of what on every page, its picture on the first, then its rows."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from PySide6.QtCore import QMarginsF, QRectF, Qt
from PySide6.QtGui import (
    QColor,
    QFont,
    QFontMetricsF,
    QPagedPaintDevice,
    QPageLayout,
    QPageSize,
    QPainter,
    QPdfWriter,
    QPen,
)
from PySide6.QtPrintSupport import QPrinter

from pos_app.services.letter import Letter
from ui.format import Formatter
from ui.printing import broken_between_words
from ui.reports.charts import Bars, Chart, Columns
from ui.reports.drawn import Drawn
from ui.stock.letter import DOTS_PER_INCH, MARGIN_MM, column_shares
from ui.style.theme import on_paper, print_font

INK, FAINT, LINE = QColor("#17201B"), QColor("#55605A"), QColor("#B9BEB7")
POINTS_PER_INCH = 72
# In points.
HEADING, BODY, SMALL = 20, 10, 8
EDGE, GAP = 3, 10
# The picture: in pixels of a screen, and how tall columns are.
PICTURE_WIDTH, COLUMNS_TALL = 640, 190
# A title is broken into so many lines, and cut after them.
MOST_LINES = 2


@dataclass(frozen=True)
class ReportPaper:
    """What stands on it: `letter` has its words, `drawn` its picture, where it has one."""

    letter: Letter
    drawn: Drawn | None


def write_report_pdf(paper: ReportPaper, fmt: Formatter, path: Path) -> None:
    """Write a report as a PDF of A4 pages. Raises OSError."""
    path.open("wb").close()  # fails as any file does; Qt's own writer only complains
    writer = QPdfWriter(str(path))
    writer.setResolution(DOTS_PER_INCH)
    writer.setPageSize(QPageSize(QPageSize.PageSizeId.A4))
    writer.setPageMargins(QMarginsF(*[MARGIN_MM] * 4), QPageLayout.Unit.Millimeter)
    writer.setTitle(paper.letter.title)
    _draw(paper, fmt, writer)


def print_report(paper: ReportPaper, fmt: Formatter, printer: QPrinter) -> None:
    """Send a report to a printer that somebody chose."""
    printer.setDocName(paper.letter.title)
    _draw(paper, fmt, printer)


def _draw(paper: ReportPaper, fmt: Formatter, device: QPagedPaintDevice) -> None:
    painter = QPainter()
    if not painter.begin(device):
        raise OSError("it cannot be drawn on")
    try:
        pen = _Pen(paper, fmt, painter, device)
        pages = list(pen.pages())
        for number, rows in enumerate(pages, 1):
            if number > 1:
                device.newPage()
            pen.page(rows, number, len(pages))
    finally:
        painter.end()


class _Pen:
    """Draws the pages of one report; measures are dots of the device."""

    def __init__(self, paper: ReportPaper, fmt: Formatter, painter: QPainter, device: QPagedPaintDevice) -> None:
        self._paper, self._letter, self._fmt, self._painter = paper, paper.letter, fmt, painter
        self._point = device.logicalDpiY() / POINTS_PER_INCH
        self._wide, self._tall = float(device.width()), float(device.height())
        shares, size = column_shares(self._letter)
        whole = max(sum(shares), 1)
        self._widths = [self._wide * share / whole for share in shares]
        self._used = self._font(size)
        self._line = QFontMetricsF(self._used).height()

    def _font(self, points: float, *, bold: bool = False) -> QFont:
        made = print_font()
        made.setBold(bold)
        made.setPixelSize(max(round(points * self._point), 1))
        return made

    # What goes on which page

    def pages(self) -> Iterator[Sequence[Sequence[str]]]:
        """Give the rows of page after page; none is parted, and the sums stand under the last."""
        page: list[Sequence[str]] = []
        room, used = self._room(first=True), 0.0
        below = self._foot_height()
        for place, row in enumerate(self._letter.rows):
            tall = self._row_height(row)
            last = place == len(self._letter.rows) - 1
            if page and used + tall + (below if last else 0) > room:
                yield page
                room, page, used = self._room(first=False), [], 0.0
            page.append(row)
            used += tall
        yield page

    def _room(self, *, first: bool) -> float:
        """How tall the rows of a page may be."""
        above = self._heading_height() + self._picture_height() if first else self._running_height()
        return self._tall - above - self._head_height() - self._number_height()

    def _heading_height(self) -> float:
        return (BODY + HEADING + BODY) * 1.35 * self._point + GAP * self._point

    def _running_height(self) -> float:
        return SMALL * 2.4 * self._point

    def _number_height(self) -> float:
        return SMALL * 2.4 * self._point

    def _head_height(self) -> float:
        return self._line + 2 * EDGE * self._point

    def _row_height(self, row: Sequence[str]) -> float:
        return max(len(lines) for lines in self._broken(row)) * self._line + 2 * EDGE * self._point

    def _foot_height(self) -> float:
        """What the sums and the note take."""
        metrics = QFontMetricsF(self._font(BODY, bold=True))
        area = QRectF(0, 0, self._wide, self._tall)
        wrap = Qt.TextFlag.TextWordWrap.value
        tall = metrics.boundingRect(area, wrap, self._letter.total).height() if self._letter.total else 0
        if self._letter.note:
            tall += QFontMetricsF(self._font(SMALL)).boundingRect(area, wrap, self._letter.note).height()
        return tall + 2 * GAP * self._point

    def _broken(self, row: Sequence[str]) -> list[list[str]]:
        """Each cell's lines: words are broken between, figures and what is too long are cut with dots."""
        metrics = QFontMetricsF(self._used)
        lines = []
        for place, text in enumerate(row):
            room = self._widths[place] - 2 * EDGE * self._point
            most = 1 if place in self._letter.right else MOST_LINES
            broken = broken_between_words(text, metrics, room, most)
            lines.append([metrics.elidedText(line, Qt.TextElideMode.ElideRight, room) for line in broken])
        return lines

    # Drawing

    def page(self, rows: Sequence[Sequence[str]], number: int, pages: int) -> None:
        """Draw one page."""
        top = self._heading() if number == 1 else self._running()
        if number == 1:
            top = self._picture(top)
        top = self._heads(top)
        for row in rows:
            top = self._row(row, top)
        if number == pages:
            self._foot(top + GAP * self._point)
        self._number(number, pages)

    def _say(self, text: str, where: QRectF, font: QFont, *, right: bool = False, ink: QColor = INK) -> None:
        self._painter.setFont(font)
        self._painter.setPen(ink)
        side = Qt.AlignmentFlag.AlignRight if right else Qt.AlignmentFlag.AlignLeft
        self._painter.drawText(where, side | Qt.AlignmentFlag.AlignVCenter, text)

    @property
    def _range(self) -> str:
        return "  ".join(f"{name}: {text}" for name, text in self._letter.facts)

    def _heading(self) -> float:
        """Whose it is, what it is, and of which days."""
        top = 0.0
        for text, points, bold, ink in (
            (" · ".join(self._letter.sender), BODY, True, FAINT),
            (self._letter.title, HEADING, True, INK),
            (self._range, BODY, False, INK),
        ):
            tall = points * 1.35 * self._point
            self._say(text, QRectF(0, top, self._wide, tall), self._font(points, bold=bold), ink=ink)
            top += tall
        return top + GAP * self._point

    def _running(self) -> float:
        """The same in a line, where a page goes on."""
        tall = self._running_height()
        said = " · ".join((*self._letter.sender, self._letter.title, self._range))
        self._say(said, QRectF(0, 0, self._wide, tall * 0.7), self._font(SMALL), ink=FAINT)
        return tall

    def _picture_height(self) -> float:
        if self._paper.drawn is None or not self._paper.drawn.rows:
            return 0.0
        with on_paper():
            return self._chart_size()[1] * self._scale + GAP * self._point

    @property
    def _scale(self) -> float:
        return self._wide / PICTURE_WIDTH

    def _chart_size(self) -> tuple[int, int]:
        chart = self._chart()
        tall = COLUMNS_TALL if isinstance(chart, Columns) else chart.sizeHint().height()
        return PICTURE_WIDTH, tall

    def _chart(self) -> Chart:
        shown = self._paper.drawn
        assert shown is not None  # noqa: S101 - asked for where there is one
        chart: Chart
        if shown.in_time:
            chart = Columns(shown.title, self._fmt.currency.unit)
            chart.mark_words = shown.mark_words
        else:
            chart = Bars(shown.title)
        chart.show_rows(shown.heads, shown.rows)
        return chart

    def _picture(self, top: float) -> float:
        """Draw what the screen draws, dark on white."""
        if not self._picture_height():
            return top
        with on_paper():
            chart, size = self._chart(), self._chart_size()
            self._painter.save()
            self._painter.translate(0, top)
            self._painter.scale(self._scale, self._scale)
            chart.draw_on(self._painter, *size)
            self._painter.restore()
        return top + self._picture_height()

    def _heads(self, top: float) -> float:
        bold = QFont(self._used)
        bold.setBold(True)
        self._cells([[head] for head in self._letter.heads], top, bold)
        return self._rule(top + self._head_height(), INK)

    def _row(self, row: Sequence[str], top: float) -> float:
        self._cells(self._broken(row), top, self._used)
        return self._rule(top + self._row_height(row), LINE)

    def _cells(self, cells: Sequence[Sequence[str]], top: float, font: QFont) -> None:
        left, edge = 0.0, EDGE * self._point
        for place, lines in enumerate(cells):
            for number, text in enumerate(lines):
                where = QRectF(
                    left + edge, top + edge + number * self._line, self._widths[place] - 2 * edge, self._line
                )
                self._say(text, where, font, right=place in self._letter.right)
            left += self._widths[place]

    def _rule(self, top: float, ink: QColor) -> float:
        self._painter.setPen(QPen(ink, max(self._point / 2, 1)))
        self._painter.drawLine(0, round(top), round(self._wide), round(top))
        return top

    def _foot(self, top: float) -> None:
        """The sums, and what a reader has to know."""
        wrap = Qt.TextFlag.TextWordWrap | Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignTop
        for text, font in ((self._letter.total, self._font(BODY, bold=True)), (self._letter.note, self._font(SMALL))):
            self._painter.setFont(font)
            self._painter.setPen(INK)
            area = QRectF(0, top, self._wide, self._tall)
            self._painter.drawText(area, wrap, text)
            top += QFontMetricsF(font).boundingRect(area, wrap.value, text).height()

    def _number(self, number: int, pages: int) -> None:
        tall = self._number_height()
        where = QRectF(0, self._tall - tall * 0.6, self._wide, tall * 0.6)
        said = f"Page {self._fmt.count(number)} of {self._fmt.count(pages)}"
        self._say(said, where, self._font(SMALL), right=True, ink=FAINT)
