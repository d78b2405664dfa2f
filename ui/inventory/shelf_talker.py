"""The card on the shelf that says who picked a title and why: seen first, then printed or written as PDF."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from PySide6.QtCore import QMarginsF, QRectF, QSize, Qt
from PySide6.QtGui import QPageLayout, QPageSize, QPainter, QPaintEvent, QPdfWriter, QPen
from PySide6.QtPrintSupport import QPrinter
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from pos_app.errors import Unavailable
from pos_app.receipts.label import MM_PER_INCH
from pos_app.services.book import BookDetail
from pos_app.services.review import ReviewRow
from ui.context import Context
from ui.printers import ask_printer
from ui.printing import GROUND, INK
from ui.stock.sheet import StockSheet
from ui.style.theme import print_font, px, tokens
from ui.widgets.basic import ElidedLabel, caption
from ui.widgets.fields import Choice

SIZES = {"A6": QPageSize.PageSizeId.A6, "A7": QPageSize.PageSizeId.A7}
# Of A6; of smaller ones as much less.
FULL_MM = 148
EDGE_MM = 8
DOTS_PER_INCH = 300
POINTS_PER_INCH = 72
# About the smallest that can be read, in points.
SMALLEST = 4
PREVIEW, LEAST_PREVIEW, TALLEST = QSize(270, 380), QSize(200, 282), 480


@dataclass(frozen=True, slots=True)
class Card:
    """What stands on it."""

    title: str
    author: str
    pick: ReviewRow
    price: str
    shop: str
    size: QPageSize.PageSizeId = QPageSize.PageSizeId.A6

    @property
    def millimetres(self) -> QRectF:
        """How large it is."""
        return QPageSize(self.size).rect(QPageSize.Unit.Millimeter)


def draw_card(painter: QPainter, card: Card, dots: float) -> None:
    """Draw a card at the painter's origin, on something that has so many `dots` a millimetre."""
    painter.setPen(INK)
    size = card.millimetres
    left, width = EDGE_MM * dots, (size.width() - 2 * EDGE_MM) * dots
    top, height = EDGE_MM * dots, (size.height() - 2 * EDGE_MM) * dots
    scale = size.height() / FULL_MM
    wrap = int(Qt.TextFlag.TextWordWrap)
    for text, points, bold, part in (
        (f"{card.pick.person}’s pick  {'★' * card.pick.rating}", 17, False, 0.1),
        (card.title, 32, True, 0.3),
        (card.author, 18, False, 0.1),
        (card.pick.comment, 20, False, 0.32),
        (card.price, 30, True, 0.12),
        (card.shop, 12, False, 0.06),
    ):
        font = print_font()
        font.setBold(bold)
        room = QRectF(left, top, width, height * part)
        tall = points * scale
        # Smaller until it fits: nothing a member of staff wrote is cut.
        while tall > SMALLEST:
            font.setPixelSize(max(round(tall * dots * MM_PER_INCH / POINTS_PER_INCH), 1))
            painter.setFont(font)
            needed = painter.boundingRect(room, wrap, text)
            if needed.height() <= room.height() and needed.width() <= room.width() + 1:
                break
            tall -= 0.5
        painter.drawText(room, wrap, text)
        top += height * part


def write_card(card: Card, path: Path) -> None:
    """Write a card as a PDF of its size. Raises OSError."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.open("wb").close()  # fails as any file does; Qt's own writer only complains
    writer = QPdfWriter(str(path))
    writer.setTitle(f"Staff pick: {card.title}")
    writer.setPageSize(QPageSize(card.size))
    writer.setPageMargins(QMarginsF(0, 0, 0, 0), QPageLayout.Unit.Millimeter)
    writer.setResolution(DOTS_PER_INCH)
    painter = QPainter()
    if not painter.begin(writer):
        raise OSError(f"{path} cannot be written")
    draw_card(painter, card, DOTS_PER_INCH / MM_PER_INCH)
    painter.end()


def print_card(card: Card, printer: QPrinter) -> None:
    """Print a card on the paper that lies in a printer, in a frame to be cut along. Raises OSError."""
    printer.setDocName(f"Staff pick: {card.title}")
    painter = QPainter()
    if not painter.begin(printer):
        raise OSError("it cannot be drawn on")
    dots = printer.logicalDpiX() / MM_PER_INCH
    size, room = card.millimetres, printer.pageLayout().paintRect(QPageLayout.Unit.Millimeter)
    # Smaller where the paper is the card's own size, as few printers reach its edges.
    fits = min(1.0, room.width() / size.width(), room.height() / size.height())
    painter.scale(fits, fits)
    painter.setPen(QPen(INK, dots / 8))
    painter.drawRect(QRectF(0, 0, size.width() * dots - 1, size.height() * dots - 1))
    draw_card(painter, card, dots)
    painter.end()


class ShelfTalkerSheet(StockSheet):
    """Whose pick and how large; beside it the card as it will be."""

    def __init__(self, context: Context, book: BookDetail, picks: Sequence[ReviewRow], parent: QWidget) -> None:
        """Take the title and what its pickers wrote."""
        super().__init__(context, "Shelf-talker", parent, end="Print", width=640)
        self._book = book
        self._size, self._pick = Choice(), Choice()
        for name, size in SIZES.items():
            self._size.addItem(name, size)
        for pick in picks:
            self._pick.addItem(f"{pick.person}, {'★' * pick.rating}", pick)
        self.preview = CardPreview(self.card)
        left = QVBoxLayout()
        left.setSpacing(4)
        title = ElidedLabel(book.title, role="title")
        left.addWidget(title)
        for name, choice in (("Size", self._size), ("Whose pick", self._pick)):
            choice.setAccessibleName(name)
            left.addSpacing(8)
            left.addWidget(caption(name))
            left.addWidget(choice)
            choice.currentIndexChanged.connect(lambda _: self.preview.show_card(self.card))
        self._pick.setEnabled(len(picks) > 1)
        left.addStretch(1)
        across = QHBoxLayout()
        across.setSpacing(20)
        across.addLayout(left, 1)
        across.addWidget(self.preview)
        self.body.addLayout(across, 1)
        self.add_act("PDF", "F9", lambda: self.start(self._pdf(), key="pdf"))
        self._size.setFocus(Qt.FocusReason.OtherFocusReason)

    @property
    def card(self) -> Card:
        """The card as it is chosen."""
        book, fmt = self._book, self.fmt
        shop, pick = fmt.settings.shop_name, self._pick.currentData()
        price = fmt.price(book.price, asked=True) if book.open_price else fmt.money(book.price)
        return Card(book.title, book.author, pick, price, shop, self._size.currentData())

    def submit(self) -> None:
        """Enter prints, too."""
        self.finish()

    async def post(self) -> None:
        """F12: on a printer that is asked for, the system's own way."""
        printer = await ask_printer(self, self.context, "F9 writes a PDF instead.")
        if printer is None:
            return
        name = printer.printerName() or "the printer"
        try:
            print_card(self.card, printer)
        except OSError as error:
            raise Unavailable("export.not_written", path=name, reason=error.strerror or str(error)) from error
        self.message.say(f"Sent to {name}.", "ok")

    async def _pdf(self) -> None:
        """F9: as a PDF into the data folder's exports, as orders are."""
        path = self.app.config.data_dir / "exports" / f"shelf-talker-{self._book.id}.pdf"
        try:
            write_card(self.card, path)
        except OSError as error:
            raise Unavailable("export.not_written", path=str(path), reason=error.strerror or str(error)) from error
        self.message.say(f"The card is in {path}.", "ok")


class CardPreview(QWidget):
    """The card as it will be."""

    def __init__(self, card: Card) -> None:
        """Take the first one."""
        super().__init__()
        self._card = card
        self.setAccessibleName("Preview")
        # Large text leaves less room for it on the same screen.
        self.setFixedSize(PREVIEW if px(PREVIEW.height()) <= TALLEST else LEAST_PREVIEW)
        self.show_card(card)

    def show_card(self, card: Card) -> None:
        """Show another one."""
        self._card = card
        self.setAccessibleDescription(f"{card.title}\n{card.author}\n{card.pick.comment}\n{card.price}\n{card.shop}")
        self.update()

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Draw it, a small one smaller."""
        size = self._card.millimetres
        scale = min((self.width() - 2) / QPageSize(SIZES["A6"]).rect(QPageSize.Unit.Millimeter).width(),
                    (self.height() - 2) / FULL_MM)  # fmt: skip
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.translate((self.width() - size.width() * scale) / 2, 1)
        painter.setPen(QPen(tokens().line_strong))
        painter.setBrush(GROUND)
        painter.drawRect(QRectF(0, 0, size.width() * scale, size.height() * scale))
        dots = DOTS_PER_INCH / MM_PER_INCH
        painter.scale(scale / dots, scale / dots)
        draw_card(painter, self._card, dots)
