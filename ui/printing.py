"""Papers drawn with Qt: on the screen, as PDF, and as the pictures a receipt printer gets where it has no letters."""

import os
import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import lru_cache
from pathlib import Path

from PySide6.QtCore import QBuffer, QByteArray, QIODevice, QMarginsF, QRectF, QSizeF, Qt
from PySide6.QtGui import (
    QColor,
    QFont,
    QFontDatabase,
    QFontMetricsF,
    QGuiApplication,
    QImage,
    QImageReader,
    QPageLayout,
    QPageSize,
    QPainter,
    QPdfWriter,
)

from pos_app.errors import Unavailable
from pos_app.receipts.barcode import code128
from pos_app.receipts.escpos import DOTS_A_COLUMN, LINE_DOTS, MODULE_DOTS, Bitmap, Drawing
from pos_app.receipts.escpos_decode import Printed
from pos_app.receipts.layout import Barcode, Document, Logo, columns, lay_out

INK, GROUND = QColor("#17201B"), QColor("#FFFEFA")
BARCODE_LINES = 4
MARGIN_COLUMNS = 2
ROLL_MM = 80
A4_MARGIN_MM = 20
MAX_LOGO_BYTES = 4_000_000
MAX_LOGO_DOTS = 400
MAX_LOGO_SIDE = 4000
# Between the parts of a line that stand in columns of their own: wide gaps, and the one before a figure at the end.
_GAPS = re.compile(r" {2,}| (?=-?[0-9.,' ]+$)")


def printed(document: Document) -> list[Printed]:
    """A paper as the things that stand on it."""
    things: list[Printed] = []
    for block in document.blocks:
        if isinstance(block, Barcode):
            things.append(Printed(barcode=block.text))
        elif isinstance(block, Logo):
            if (picture := draw_picture(block.content, document.width * DOTS_A_COLUMN)) is not None:
                things.append(Printed(picture=picture))
        else:
            things += [Printed(line.text, line.bold, line.tall) for line in lay_out(block, document.width)]
    return things


def paper_font(column: float, *, bold: bool = False) -> QFont:
    """The fixed font whose letters are a column wide."""
    font = QFontDatabase.systemFont(QFontDatabase.SystemFont.FixedFont)
    font.setStyleHint(QFont.StyleHint.Monospace)
    font.setPixelSize(100)
    font.setPixelSize(max(int(100 * column / QFontMetricsF(font).horizontalAdvance("0")), 4))
    font.setBold(bold)
    # Sizes are whole dots, columns are not.
    font.setLetterSpacing(QFont.SpacingType.AbsoluteSpacing, column - QFontMetricsF(font).horizontalAdvance("0"))
    return font


def heights(things: Sequence[Printed], line: float, width: float) -> list[float]:
    """How tall each thing is where a line of letters is `line` tall and the paper `width` wide."""
    tall = []
    for thing in things:
        if thing.picture is not None:
            tall.append(thing.picture.height * width / max(thing.picture.width, 1))
        elif thing.barcode is not None:
            tall.append(line * (BARCODE_LINES + 1.5))
        else:
            tall.append(line * (2 if thing.tall else 1.5 if thing.cut else 1))
    return tall


def paint(painter: QPainter, things: Sequence[Printed], across: int, where: QRectF) -> None:
    """Draw a paper's things into a rectangle as wide as so many columns; it may be higher than they need."""
    column = where.width() / across
    line = column * 1.9
    y = where.top()
    painter.setPen(INK)
    for thing, tall in zip(things, heights(things, line, where.width()), strict=True):
        area = QRectF(where.left(), y, where.width(), tall)
        if thing.picture is not None:
            painter.drawImage(area, image_of(thing.picture))
        elif thing.barcode is not None:
            _paint_barcode(painter, thing.barcode, area, column, line)
        elif thing.cut:
            painter.drawText(area, Qt.AlignmentFlag.AlignCenter, "✂ " + "- " * (across // 2 - 2))
        else:
            _paint_line(painter, thing, area, column)
        y += tall


def _paint_line(painter: QPainter, thing: Printed, area: QRectF, column: float) -> None:
    painter.save()
    painter.setFont(paper_font(column, bold=thing.bold))
    painter.translate(area.topLeft())
    if thing.tall:
        painter.scale(1, 2)
    _draw_parts(painter, thing.text, column, area.height() / 2 if thing.tall else area.height())
    painter.restore()


def _draw_parts(painter: QPainter, text: str, column: float, tall: float) -> None:
    """Draw a line from the origin on, its parts each at its column, whatever the font makes of the letters between."""
    start = 0
    for gap in [*_GAPS.finditer(text), None]:
        end = gap.start() if gap is not None else len(text)
        _draw_part(painter, text[start:end], columns(text[:start]), column, tall)
        start = gap.end() if gap is not None else end


def _draw_part(painter: QPainter, part: str, first: int, column: float, tall: float) -> None:
    """Draw letters from a column on, squeezed where the font has them wider than their columns."""
    if not part:
        return
    room = max(columns(part), 1) * column
    drawn = QFontMetricsF(painter.font()).horizontalAdvance(part)
    painter.save()
    painter.translate(first * column, 0)
    if drawn > room + 1:
        painter.scale(room / drawn, 1)
    flags = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
    painter.drawText(QRectF(0, 0, max(drawn, room) + 1, tall), flags | Qt.TextFlag.TextDontClip, part)
    painter.restore()


def _paint_barcode(painter: QPainter, text: str, area: QRectF, column: float, line: float) -> None:
    bars = code128(text)
    module = min(2 * MODULE_DOTS * column / DOTS_A_COLUMN, area.width() / len(bars))
    left = area.left() + (area.width() - module * len(bars)) / 2
    tall = line * BARCODE_LINES
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing, on=False)
    for place, bar in enumerate(bars):
        if bar:
            painter.fillRect(QRectF(left + place * module, area.top() + line * 0.25, module, tall), INK)
    painter.setFont(paper_font(column))
    below = QRectF(area.left(), area.top() + tall + line * 0.25, area.width(), line)
    painter.drawText(below, Qt.AlignmentFlag.AlignCenter, text)
    painter.restore()


def image_of(picture: Bitmap) -> QImage:
    """A printer's picture as Qt has it."""
    across = (picture.width + 7) // 8
    image = QImage(picture.rows, across * 8, picture.height, across, QImage.Format.Format_Mono)
    image.setColorTable([GROUND.rgb(), INK.rgb()])
    return image.copy()


def bitmap_of(image: QImage) -> Bitmap:
    """Qt's image as a printer gets it: dark is black."""
    mono = image.convertToFormat(QImage.Format.Format_Mono, Qt.ImageConversionFlag.ThresholdDither)
    black = 0 if mono.colorCount() == 0 or QColor(mono.color(0)).lightness() < 128 else 1  # noqa: PLR2004 - half
    if black == 0:
        mono.invertPixels()
    across = (mono.width() + 7) // 8
    whole, stride = bytes(mono.constBits()), mono.bytesPerLine()
    rows = b"".join(whole[row * stride : row * stride + across] for row in range(mono.height()))
    return Bitmap(mono.width(), mono.height(), rows)


def draw_line(text: str, dots: int, bold: bool) -> Bitmap:  # noqa: FBT001 - the shape of Drawing.line
    """Draw a line of letters that no code page has, as wide as the paper, its figures in their columns."""
    image = QImage(dots, LINE_DOTS + 6, QImage.Format.Format_RGB32)
    image.fill(Qt.GlobalColor.white)
    painter = QPainter(image)
    painter.setPen(Qt.GlobalColor.black)
    painter.setFont(paper_font(DOTS_A_COLUMN, bold=bold))
    _draw_parts(painter, text, DOTS_A_COLUMN, image.height())
    painter.end()
    return bitmap_of(image)


@lru_cache(maxsize=4)
def draw_picture(content: bytes, dots: int) -> Bitmap | None:
    """Draw a picture in the middle of the paper, small; None where it is no picture or far too large."""
    buffer = QBuffer()
    buffer.setData(QByteArray(content))
    buffer.open(QIODevice.OpenModeFlag.ReadOnly)
    reader = QImageReader(buffer)
    # By what it is; and not so large that a receipt would wait for it.
    reader.setDecideFormatFromContent(True)
    whole = reader.size()
    if len(content) > MAX_LOGO_BYTES or whole.isEmpty() or max(whole.width(), whole.height()) > MAX_LOGO_SIDE:
        return None
    picture = reader.read()
    if picture.isNull():
        return None
    picture = picture.scaled(
        min(dots, MAX_LOGO_DOTS),
        MAX_LOGO_DOTS // 2,
        Qt.AspectRatioMode.KeepAspectRatio,
        Qt.TransformationMode.SmoothTransformation,
    )
    image = QImage(dots, picture.height(), QImage.Format.Format_RGB32)
    image.fill(Qt.GlobalColor.white)
    painter = QPainter(image)
    painter.drawImage((dots - picture.width()) // 2, 0, picture)
    painter.end()
    return bitmap_of(image)


DRAWING = Drawing(draw_line, draw_picture)


def write_pdf(document: Document, path: Path) -> None:
    """Write a paper as a PDF as wide as a roll and as long as it needs. Raises OSError."""
    things = printed(document)
    column = 1.0
    paper_columns = document.width + 2 * MARGIN_COLUMNS
    line = column * 1.9
    tall = sum(heights(things, line, document.width)) + 4 * line
    height_mm = tall * ROLL_MM / paper_columns
    path.open("wb").close()  # fails as any file does; Qt's own writer only complains
    writer = QPdfWriter(str(path))
    writer.setPageSize(QPageSize(QSizeF(ROLL_MM, height_mm), QPageSize.Unit.Millimeter))
    writer.setPageMargins(QMarginsF(0, 0, 0, 0))
    writer.setTitle("Receipt")
    painter = QPainter()
    if not painter.begin(writer):
        raise OSError(f"{path} cannot be written")
    across = writer.width()
    margin = across * MARGIN_COLUMNS / paper_columns
    paint(painter, things, document.width, QRectF(margin, margin, across - 2 * margin, writer.height()))
    painter.end()


def write_a4(document: Document, path: Path) -> None:
    """Write a paper as a PDF on A4, over as many pages as it needs. Raises OSError."""
    things = printed(document)
    path.open("wb").close()  # fails as any file does; Qt's own writer only complains
    writer = QPdfWriter(str(path))
    writer.setPageSize(QPageSize(QPageSize.PageSizeId.A4))
    writer.setPageMargins(QMarginsF(*[A4_MARGIN_MM] * 4), QPageLayout.Unit.Millimeter)
    writer.setTitle(path.stem)
    painter = QPainter()
    if not painter.begin(writer):
        raise OSError(f"{path} cannot be written")
    across, down = writer.width(), writer.height()
    tall = heights(things, across / document.width * 1.9, across)
    page: list[Printed] = []
    used = 0.0
    for thing, height in zip(things, tall, strict=True):
        if page and used + height > down:
            paint(painter, page, document.width, QRectF(0, 0, across, down))
            writer.newPage()
            page, used = [], 0.0
        page.append(thing)
        used += height
    paint(painter, page, document.width, QRectF(0, 0, across, down))
    painter.end()


def write_paper(document: Document, data_dir: Path, name: str) -> Path:
    """Write a paper on A4, as PDF, into the data folder's papers. Raises Unavailable("export.not_written")."""
    path = data_dir / "papers" / name
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        write_a4(document, path)
    except OSError as error:
        reason = error.strerror or str(error)
        raise Unavailable("export.not_written", path=str(path), reason=reason) from error
    return path


def write_pdf_alone(document: Document, path: Path) -> None:
    """Write a paper as a PDF from a command, where no window is open. Raises OSError."""
    with no_window():
        write_pdf(document, path)


@contextmanager
def no_window() -> Iterator[None]:
    """Let Qt draw in a process that shows nothing."""
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    made = QGuiApplication.instance() or QGuiApplication([])
    yield
    del made


def broken_between_words(text: str, metrics: QFontMetricsF, width: float, most: int) -> list[str]:
    """Break words into so many lines at most; what is left stands on the last, to be cut. A line keeps its blanks."""
    if metrics.horizontalAdvance(text) <= width:
        return [text]
    words, made = text.split(), [""]
    for place, word in enumerate(words):
        longer = f"{made[-1]} {word}".strip()
        if metrics.horizontalAdvance(longer) <= width or not made[-1]:
            made[-1] = longer
        elif len(made) < most:
            made.append(word)
        else:
            made[-1] = f"{made[-1]} {' '.join(words[place:])}"
            break
    return made
