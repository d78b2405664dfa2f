"""A page of the guide on paper."""

from collections.abc import Callable, Generator
from pathlib import Path

from PySide6.QtCore import QLocale, QMarginsF, QRectF, QSizeF
from PySide6.QtGui import (
    QAbstractTextDocumentLayout,
    QFont,
    QPagedPaintDevice,
    QPageLayout,
    QPageSize,
    QPainter,
    QPalette,
    QPdfWriter,
)
from PySide6.QtPrintSupport import QPrinter

from ui.guide.pages import CARD, GuidePage, read_page
from ui.printing import INK
from ui.style.theme import on_paper, print_font

MARGIN_MM = 12
# The sheet is laid out in pixels as a screen has them, and drawn larger by as much as the device is finer.
PIXELS_PER_INCH, DOTS_PER_INCH = 96, 300
MM_PER_INCH = 25.4
BODY_PX, CARD_PX = 14, 12
# Where printers have Letter in them.
LETTER_LANDS = (
    QLocale.Country.UnitedStates,
    QLocale.Country.Canada,
    QLocale.Country.Mexico,
    QLocale.Country.Philippines,
    QLocale.Country.Chile,
    QLocale.Country.Colombia,
)


def paper_here() -> QPageSize:
    """Give the paper that printers of this country have in them."""
    letter = QLocale.system().territory() in LETTER_LANDS
    return QPageSize(QPageSize.PageSizeId.Letter if letter else QPageSize.PageSizeId.A4)


def lay_out(name: str, paper: QPageSize, named: Callable[[str], str] = str) -> GuidePage:
    """Lay a page of the guide out for sheets of paper; whatever the screen looks like, dark on white."""
    sheet = paper.size(QPageSize.Unit.Millimeter)
    room = QSizeF(*((side - 2 * MARGIN_MM) / MM_PER_INCH * PIXELS_PER_INCH for side in (sheet.width(), sheet.height())))
    body = CARD_PX if name == CARD else BODY_PX
    with on_paper():
        page = read_page(name, named, face=_face, body=body, wide=int(room.width()))
    page.document.setDocumentMargin(0)
    page.document.setPageSize(room)
    return page


def write_pdf(
    name: str, path: Path, paper: QPageSize, named: Callable[[str], str] = str
) -> Generator[None, None, None]:
    """Write a page of the guide as a PDF, a step at a time: whoever shows a window does something else between.

    Given up half way it leaves no file. Raises OSError.
    """
    path.open("wb").close()  # fails as any file does; Qt's own writer only complains
    whole = False
    try:
        writer = QPdfWriter(str(path))
        writer.setResolution(DOTS_PER_INCH)
        _set_paper(writer, paper)
        page = lay_out(name, paper, named)
        writer.setTitle(page.title)
        yield from _draw(page, writer, DOTS_PER_INCH)
        whole = True
    finally:
        if not whole:
            path.unlink(missing_ok=True)


def print_page(name: str, printer: QPrinter, named: Callable[[str], str] = str) -> Generator[None, None, None]:
    """Send a page of the guide to a printer that somebody chose, on the paper it has, a step at a time.

    Raises OSError.
    """
    paper = printer.pageLayout().pageSize()
    _set_paper(printer, paper)
    page = lay_out(name, paper, named)
    printer.setDocName(page.title)
    yield from _draw(page, printer, printer.resolution())


def _set_paper(device: QPagedPaintDevice, paper: QPageSize) -> None:
    device.setPageLayout(
        QPageLayout(paper, QPageLayout.Orientation.Portrait, QMarginsF(*[MARGIN_MM] * 4), QPageLayout.Unit.Millimeter)
    )


def _draw(page: GuidePage, device: QPagedPaintDevice, dots_per_inch: int) -> Generator[None, None, None]:
    """Draw sheet by sheet."""
    yield
    painter = QPainter()
    if not painter.begin(device):
        raise OSError("it cannot be drawn on")
    try:
        painter.scale(dots_per_inch / PIXELS_PER_INCH, dots_per_inch / PIXELS_PER_INCH)
        size = page.document.pageSize()
        sheet = QAbstractTextDocumentLayout.PaintContext()
        ink = QPalette(sheet.palette)
        ink.setColor(QPalette.ColorRole.Text, INK)
        sheet.palette = ink
        for number in range(page.document.pageCount()):
            if number:
                device.newPage()
            painter.save()
            painter.translate(0, -number * size.height())
            sheet.clip = QRectF(0, number * size.height(), size.width(), size.height())
            painter.setClipRect(sheet.clip)
            page.document.documentLayout().draw(painter, sheet)
            painter.restore()
            yield
    finally:
        painter.end()


def _face(size: int, weight: QFont.Weight) -> QFont:
    made = print_font()
    made.setPixelSize(size)
    made.setWeight(weight)
    return made
