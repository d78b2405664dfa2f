"""Price labels drawn with Qt: on the screen, as PDF, and on the office printer or a roll."""

from collections.abc import Generator, Sequence
from pathlib import Path

from PySide6.QtCore import QMarginsF, QRectF, QSizeF, Qt
from PySide6.QtGui import (
    QColor,
    QFont,
    QFontMetricsF,
    QPagedPaintDevice,
    QPageLayout,
    QPageSize,
    QPainter,
    QPdfWriter,
)

from pos_app.domain.label import Label, LabelStock, pages
from pos_app.domain.money import currency
from pos_app.domain.shop import ShopSettings
from pos_app.receipts.barcode import barcode
from pos_app.receipts.label import EDGE_MM, MM_PER_INCH, QUIET_EDGE_MM, STANDARD_MM, module_dots
from ui.format import Formatter
from ui.printing import broken_between_words, no_window
from ui.style.theme import print_font

INK = QColor("#000000")
TALLEST_MM = 16
# Many printers blacken every dot that a bar touches at all: a bar that is a hair narrower grows by none.
GIVE = 0.15
# Where so much is left the price stands beside the barcode; on a label so tall a title may have two lines.
PRICE_BESIDE_MM = 16
TALL_MM = 28


class LabelPen:
    """Draws labels; `dots` are those of a millimetre on what it draws on."""

    def __init__(self, painter: QPainter, fmt: Formatter, dots: float) -> None:
        """Take what to draw on."""
        self._painter, self._fmt, self._dots = painter, fmt, dots

    def page(self, labels: Sequence[tuple[int, Label]], stock: LabelStock) -> None:
        """Draw a page of labels, each at its place."""
        for place, label in labels:
            left, top = stock.corner(place)
            self.label(label, QRectF(left, top, stock.width, stock.height))

    def label(self, label: Label, where: QRectF) -> None:
        """Draw a label that is `fitted` into its rectangle, in millimetres."""
        painter = self._painter
        painter.setPen(INK)
        room = where.adjusted(EDGE_MM, EDGE_MM, -EDGE_MM, -EDGE_MM)
        tall = where.height() >= TALL_MM
        line = 3.2 if tall else 2.6
        top = self._title(label.title, room, line, lines=2 if tall else 1)
        if tall and label.author:
            self._words(label.author, QRectF(room.left(), top, room.width(), line), line * 0.9)
            top += line
        rest = QRectF(room.left(), top + 0.6, room.width(), room.bottom() - top - 0.6)
        price = "" if label.price is None else self._fmt.money(label.price)
        module = module_dots(label, rest.width() - PRICE_BESIDE_MM, self._dots)
        if module is None or label.code is None or module < STANDARD_MM * self._dots:
            # Wider bars before a price beside them.
            high = min(rest.height() * 0.4, 6.0)
            self._words(price, QRectF(rest.left(), rest.top(), rest.width(), high), high, bold=True, whole=True)
            wide = where.width() - 2 * QUIET_EDGE_MM
            below = QRectF(where.left() + QUIET_EDGE_MM, rest.top() + high + 0.4, wide, rest.height() - high - 0.4)
            if label.code is not None and (module := module_dots(label, wide, self._dots)) is not None:
                self._barcode(label.code, label.addon, below, module)
            return
        wide = barcode(label.code, label.addon).modules * module / self._dots
        self._barcode(label.code, label.addon, QRectF(rest.left(), rest.top(), wide, rest.height()), module)
        beside = QRectF(rest.left() + wide, rest.top(), rest.width() - wide, min(rest.height(), 8))
        self._words(price, beside, beside.height(), bold=True, right=True, whole=True)

    def _title(self, text: str, room: QRectF, line: float, lines: int) -> float:
        """Draw a title in as many lines as it needs and may have; gives where the next thing may begin, in mm."""
        font = _font(line * self._dots, bold=True)
        broken = broken_between_words(text, QFontMetricsF(font), room.width() * self._dots, lines)
        for place, words in enumerate(broken):
            self._words(words, QRectF(room.left(), room.top() + place * line, room.width(), line), line, bold=True)
        return room.top() + len(broken) * line

    def _barcode(self, code: str, addon: str | None, room: QRectF, module: int) -> None:
        """Draw a barcode at the left with its code below it."""
        text_mm = min(2.6, room.height() * 0.3)
        drawn, dots = barcode(code, addon), self._dots
        left, top = round(room.left() * dots), room.top() * dots
        high = min(room.height() - text_mm, TALLEST_MM) * dots
        for first, width, begins, ends in drawn.bars:
            across = (left + first * module + GIVE, width * module - 2 * GIVE)
            bar = QRectF(across[0], top + begins * high, across[1], (ends - begins) * high)
            self._painter.fillRect(bar, INK)
        wide = drawn.modules * module / dots
        words = f"{code}  {addon}" if addon else code
        self._words(words, QRectF(room.left(), room.top() + high / dots, wide, text_mm), text_mm, centred=True)

    def _words(
        self,
        text: str,
        room: QRectF,
        line: float,
        *,
        bold: bool = False,
        right: bool = False,
        centred: bool = False,
        whole: bool = False,
    ) -> None:
        """Draw a line of words into a rectangle, in mm: cut with dots, or as small as it takes to be `whole`."""
        dots = self._dots
        area = QRectF(room.left() * dots, room.top() * dots, room.width() * dots, room.height() * dots)
        font = _font(line * dots, bold=bold)
        wide = QFontMetricsF(font).horizontalAdvance(text)
        if whole and wide > area.width():
            font.setPixelSize(max(int(font.pixelSize() * area.width() / wide), 1))
        elif not whole:
            text = QFontMetricsF(font).elidedText(text, Qt.TextElideMode.ElideRight, area.width())
        side = Qt.AlignmentFlag.AlignRight if right else Qt.AlignmentFlag.AlignLeft
        side = Qt.AlignmentFlag.AlignHCenter if centred else side
        self._painter.setFont(font)
        self._painter.drawText(area, side | Qt.AlignmentFlag.AlignVCenter, text)


def _font(line: float, *, bold: bool) -> QFont:
    """The font whose lines are so many dots tall."""
    font = print_font()
    font.setBold(bold)
    font.setPixelSize(max(int(line * 0.78), 1))
    return font


def page_layout(stock: LabelStock) -> QPageLayout:
    """The page of a sheet or roll, without edges: where labels lie is the sheet's own affair."""
    wide, tall = stock.page
    across = QPageLayout.Orientation.Landscape if wide > tall else QPageLayout.Orientation.Portrait
    size = QPageSize(
        QSizeF(min(wide, tall), max(wide, tall)),
        QPageSize.Unit.Millimeter,
        stock.name,
        QPageSize.SizeMatchPolicy.ExactMatch,
    )
    layout = QPageLayout(size, across, QMarginsF(0, 0, 0, 0), QPageLayout.Unit.Millimeter)
    layout.setMode(QPageLayout.Mode.FullPageMode)
    return layout


def draw_labels(
    device: QPagedPaintDevice, labels: Sequence[Label], stock: LabelStock, fmt: Formatter, *, first: int = 1
) -> Generator[int, None, None]:
    """Draw labels on a PDF or a printer, a page a step, so that a window lives on; gives how many are drawn.

    Raises OSError.
    """
    device.setPageLayout(page_layout(stock))
    painter = QPainter()
    if not painter.begin(device):
        raise OSError("it cannot be drawn on")
    try:
        pen = LabelPen(painter, fmt, device.logicalDpiX() / MM_PER_INCH)
        done = 0
        for page in pages(labels, stock, first):
            if done:
                device.newPage()
            pen.page(page, stock)
            done += len(page)
            yield done
    finally:
        painter.end()


def write_labels(
    path: Path, labels: Sequence[Label], stock: LabelStock, fmt: Formatter, *, first: int = 1
) -> Generator[int, None, None]:
    """Write labels as a PDF, a page a step; the file is there whole or not at all. Raises OSError."""
    fresh = path.with_name(path.name + ".part")
    fresh.open("wb").close()  # fails as any file does; Qt's own writer only complains
    try:
        writer = QPdfWriter(str(fresh))
        writer.setResolution(stock.dots_per_inch)
        writer.setTitle("Labels")
        yield from draw_labels(writer, labels, stock, fmt, first=first)
        del writer
        fresh.replace(path)
    finally:
        fresh.unlink(missing_ok=True)


def write_labels_alone(path: Path, labels: Sequence[Label], stock: LabelStock, settings: ShopSettings) -> None:
    """Write labels as a PDF from a command, where no window is open. Raises OSError."""
    with no_window():
        for _ in write_labels(path, labels, stock, Formatter(settings, currency(settings.currency))):
            pass
