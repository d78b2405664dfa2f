"""Labels for titles chosen, for the list that is shown, or for what a delivery brought: seen first, then printed."""

import asyncio
from collections.abc import Generator, Sequence
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QVBoxLayout, QWidget

from pos_app.domain.cover_price import CURRENCIES
from pos_app.domain.label import STOCKS, Label, LabelStock, own_roll, pages
from pos_app.errors import Refused, Unavailable
from pos_app.receipts.label import MM_PER_INCH, Fitted, fitted
from pos_app.services.book import BookDetail
from pos_app.services.book_filter import BookFilter
from pos_app.services.book_list import ListOrder
from pos_app.services.delivery import DeliveryView, list_deliveries
from pos_app.services.label import (
    Copies,
    LabelJob,
    book_labels,
    delivery_labels,
    keep_stock,
    kept_stock,
    list_labels,
)
from ui import dialogs
from ui.actions import shortcut
from ui.context import Context
from ui.files import ask_where
from ui.format import Formatter
from ui.labels import LabelPen, draw_labels, write_labels
from ui.printers import ask_printer
from ui.printing import GROUND
from ui.stock.sheet import StockSheet, number_field, read_number
from ui.style.theme import px, tokens
from ui.widgets.basic import caption, label
from ui.widgets.fields import Choice

if TYPE_CHECKING:
    from ui.inventory.page import InventoryPage

OWN = "Roll of another size"
DELIVERIES = 20
PREVIEW, LEAST_PREVIEW, TALLEST = QSize(330, 420), QSize(240, 260), 480
# What of the preview's height one label takes at most, and what lies between it and the page.
NEAR_SHARE, BETWEEN = 0.45, 10
EDGE_OF_LABEL = QColor("#C9C5B8")
Source = BookDetail | DeliveryView | tuple[BookFilter, ListOrder]


async def ask_labels(page: "InventoryPage") -> None:
    """Ctrl+P: labels for the rows chosen, the title beside the list, the list, or a delivery."""
    deliveries = await list_deliveries(page.app, DELIVERIES)
    listed = (page.shown_filter, page.order)
    sources: dict[str, Source] = {}
    picked = await page.picked()
    if page.choice.several:
        sources[picked.words] = (picked.wanted, picked.order)
    if (book := await page.one_book.chosen(needed=False)) is not None:
        sources[f"This title: {book.title}"] = book
    sources["The list as it is shown"] = listed
    sources |= {_said(one, page.fmt): one for one in deliveries if one.pieces}
    await _show_labels(page.context, sources, page)


async def label_delivery(context: Context, delivery: DeliveryView, parent: QWidget) -> None:
    """Labels for what just came."""
    await _show_labels(context, {_said(delivery, context.fmt): delivery}, parent)


async def _show_labels(context: Context, sources: dict[str, Source], parent: QWidget) -> None:
    sheet = LabelSheet(context, sources, parent)
    sheet.start(sheet.load())
    try:
        await dialogs.show(sheet)
    finally:
        await sheet.tasks.close()


def _said(delivery: DeliveryView, fmt: Formatter) -> str:
    return f"Delivery {delivery.number}, {fmt.day(delivery.posted_at)}: {delivery.pieces} from {delivery.supplier}"


class LabelSheet(StockSheet):
    """What for, how many, on which labels; beside it the page as it will be."""

    def __init__(self, context: Context, sources: dict[str, Source], parent: QWidget) -> None:
        """Lay out; labels are made by `load`."""
        super().__init__(context, "Labels", parent, end="Print", width=860)
        self.job = LabelJob([], 0)
        # Those of them that fit the labels chosen.
        self.printed: list[Label] = []
        self._source, self._size = Choice(), Choice()
        for name, source in sources.items():
            self._source.addItem(name if len(name) < 60 else name[:58] + "…", source)  # noqa: PLR2004 - what fits
        for stock in STOCKS:
            self._size.addItem(f"{stock.name}: {stock.size_text}", stock)
        self._size.addItem(OWN, None)
        self._count, self._first = number_field("Labels of each title"), number_field("Begin at label")
        self._count.setText("1")
        self._first.setText("1")
        self._wide, self._tall = number_field("Width, mm"), number_field("Height, mm")
        self._wide.setText("50")
        self._tall.setText("30")
        self.preview = LabelPreview(self.fmt)
        self._lay_out()
        self.as_stock = self.add_toggle("As many as in stock", "F6", self._changed)
        self.price_code = self.add_toggle("Price in the barcode", "F7", self._changed)
        self.price_code.setVisible(context.fmt.settings.currency in CURRENCIES.values())
        self.pdf = self.add_act("PDF", "F9", lambda: self.start(self._pdf()))
        for field in (self._count, self._first, self._wide, self._tall):
            field.textChanged.connect(lambda _: self._changed())
        for choice in (self._source, self._size):
            choice.currentIndexChanged.connect(lambda _: self._changed())
        for key, step in (("PgUp", -1), ("PgDown", 1)):
            shortcut(self, key, lambda step=step: self.preview.turn(step), within=False)  # type: ignore[misc] # bound now
        for key, step in (("Alt+Left", -1), ("Alt+Right", 1)):
            shortcut(self, key, lambda step=step: self.preview.near(step), within=False)  # type: ignore[misc] # as above
        self._allow(there=False)
        self._source.setFocus(Qt.FocusReason.OtherFocusReason)

    def _lay_out(self) -> None:
        grid = QGridLayout()
        grid.setHorizontalSpacing(12)
        grid.setVerticalSpacing(4)
        fields: list[tuple[str, QWidget, int, int, int]] = [
            ("Labels for", self._source, 0, 0, 2),
            ("Label", self._size, 1, 0, 2),
            ("Labels of each title", self._count, 2, 0, 1),
            ("Begin at label", self._first, 2, 1, 1),
            ("Width, mm", self._wide, 3, 0, 1),
            ("Height, mm", self._tall, 3, 1, 1),
        ]
        self._captions: dict[QWidget, QWidget] = {}
        for name, field, row, column, span in fields:
            field.setAccessibleName(name)
            self._captions[field] = caption(name)
            grid.addWidget(self._captions[field], 2 * row, column, 1, span)
            grid.addWidget(field, 2 * row + 1, column, 1, span)
        left = QVBoxLayout()
        left.setSpacing(12)
        left.addLayout(grid)
        left.addStretch(1)
        right = QVBoxLayout()
        right.setSpacing(4)
        right.addWidget(self.preview, 1)
        right.addWidget(self.preview.told)
        across = QHBoxLayout()
        across.setSpacing(20)
        across.addLayout(left, 1)
        across.addLayout(right)
        self.body.addLayout(across, 1)

    # What is asked for

    @property
    def stock(self) -> LabelStock:
        """The labels chosen. Raises Refused("label.size")."""
        chosen: LabelStock | None = self._size.currentData()
        if chosen is not None:
            return chosen
        return own_roll(read_number(self._wide.text()) or 0, read_number(self._tall.text()) or 0)

    @property
    def first(self) -> int:
        """Which label of the first sheet is the first that is still there."""
        return min(max(read_number(self._first.text()) or 1, 1), self.stock.a_page)

    async def load(self) -> None:
        """Take up what was chosen last, and make the labels."""
        if (kept := await kept_stock(self.app, self.operator)) is not None:
            known = next((place for place, stock in enumerate(STOCKS) if stock == kept), len(STOCKS))
            if known == len(STOCKS):
                self._wide.setText(f"{kept.width:g}")
                self._tall.setText(f"{kept.height:g}")
            self._size.setCurrentIndex(known)
        self._changed()

    def _changed(self) -> None:
        source, own = self._source.currentData(), self._size.currentData() is None
        came = isinstance(source, DeliveryView)
        self.as_stock.setEnabled(not came)
        self._count.setEnabled(not came and not self.as_stock.isChecked())
        for field in (self._wide, self._tall):
            field.setVisible(own)
            self._captions[field].setVisible(own)
        for widget in (self._first, self._captions[self._first]):
            widget.setVisible(not own and self._size.currentData().is_sheet)
        self._allow(there=False)
        self.tasks.start(self._make(source), key="make")

    def _allow(self, *, there: bool) -> None:
        self.end.setEnabled(there)
        self.pdf.setEnabled(there)

    async def _make(self, source: Source) -> None:
        self.job, self.printed = LabelJob([], 0), []
        try:
            stock, count = self.stock, read_number(self._count.text())
            if count is None:
                raise Refused("stock.invalid", limit=999)
            self.job = await self._job(source, count)
            made = fitted(self.job.labels, stock)
            self.printed = made.labels
        finally:
            self._show(self.printed)
        left = self._left(made)
        if not self.printed:
            none = "No label: nothing of it is in stock." if self.as_stock.isChecked() else "No label."
            self.message.say(left or none, "warn")
            return
        words = f"{self.fmt.count(len(self.printed))} {'label' if len(self.printed) == 1 else 'labels'}"
        if stock.is_sheet:
            sheets = len(list(pages(self.printed, stock, self.first)))
            words += " on 1 sheet" if sheets == 1 else f" on {self.fmt.count(sheets)} sheets"
        self.message.say(" ".join(filter(None, (f"{words}.", left))), "warn" if left else "none")
        self._allow(there=True)

    def _left(self, made: Fitted) -> str:
        """What is not printed as it was asked for."""
        count, told = self.fmt.count, []
        if made.too_long:
            title, code = made.too_long[0].title, made.too_long[0].code
            several = f"{count(len(made.too_long))} labels are" if len(made.too_long) > 1 else "1 label is"
            told.append(f"{several} not printed: the bars of {code} (“{title[:40]}”) need a wider label.")
        if without := self.job.without_code:
            told.append(f"{count(without)} without a barcode: the title has no code.")
        if made.without_addon:
            narrow = "the label is too narrow for bars that every scanner reads"
            told.append(f"{count(made.without_addon)} without the price in the barcode: {narrow}.")
        return " ".join(told)

    async def _job(self, source: Source, count: int) -> LabelJob:
        with_price = self.price_code.isChecked()
        if isinstance(source, DeliveryView):
            return await delivery_labels(self.app, source.id, with_price_code=with_price)
        if isinstance(source, BookDetail):
            count = max(source.stock, 0) if self.as_stock.isChecked() else count
            return await book_labels(self.app, source.id, count, with_price_code=with_price)
        copies = Copies.STOCK if self.as_stock.isChecked() else Copies.EACH
        return await list_labels(self.app, *source, copies, count, with_price_code=with_price)

    def _show(self, labels: Sequence[Label]) -> None:
        try:
            self.preview.show_labels(labels, self.stock, self.first)
        except Refused:
            self.preview.show_labels([], STOCKS[0], 1)

    # What is done

    async def post(self) -> None:
        """F12: on a printer that is asked for, the system's own way."""
        printer = await ask_printer(self, self.context, "F9 writes a PDF instead.")
        if printer is None:
            return
        printer.setDocName("Labels")
        name = printer.printerName() or "the printer"
        # By the printer's own dots, which may be coarser than those that labels of this kind are usually printed in.
        made = fitted(self.job.labels, replace(self.stock, dots_per_inch=printer.logicalDpiX()))
        await self._draw(draw_labels(printer, made.labels, self.stock, self.fmt, first=self.first), name)
        await keep_stock(self.app, self.operator, self.stock)
        left = self._left(made)
        self.message.say(" ".join(filter(None, (f"Sent to {name}.", left))), "warn" if left else "ok")

    async def _pdf(self) -> None:
        """F9: as a PDF, where the person says."""
        if not self.pdf.isEnabled():
            return
        day = self.app.clock.now().date().isoformat()
        path = await ask_where(self.context, self, "Labels as PDF", f"labels-{day}.pdf", {"PDF (*.pdf)": "pdf"})
        if path is not None:
            await self.write_pdf(path)

    async def write_pdf(self, path: Path) -> None:
        """Write the labels. Raises Unavailable("export.not_written")."""
        await self._draw(write_labels(path, self.printed, self.stock, self.fmt, first=self.first), str(path))
        await keep_stock(self.app, self.operator, self.stock)
        self.message.say(f"Written to {path}.", "ok")

    async def _draw(self, steps: Generator[int, None, None], name: str) -> None:
        """Draw page after page, the window alive between them; leaving stops it."""
        total = self.fmt.count(len(self.printed))
        try:
            with closing(steps):
                for done in steps:
                    self.message.say(f"{self.fmt.count(done)} of {total}", aloud=False)
                    await asyncio.sleep(0)
        except OSError as error:
            raise Unavailable("export.not_written", path=name, reason=error.strerror or str(error)) from error


class LabelPreview(QWidget):
    """A page as it will be printed; of a sheet one label too, as wide as there is room."""

    def __init__(self, fmt: Formatter) -> None:
        """Start with nothing."""
        super().__init__()
        self._fmt = fmt
        self._pages: list[list[tuple[int, Label]]] = []
        self._stock, self._page, self._near = STOCKS[0], 0, 0
        self.told = label("", "small")
        self.setAccessibleName("Preview")
        # Large text leaves less room for it on the same screen.
        self.setMinimumSize(PREVIEW if px(PREVIEW.height()) <= TALLEST else LEAST_PREVIEW)

    def show_labels(self, labels: Sequence[Label], stock: LabelStock, first: int) -> None:
        """Show the first page of these labels."""
        self._pages, self._stock, self._page = list(pages(labels, stock, first)), stock, 0
        self.turn(0)

    def turn(self, step: int) -> None:
        """Show another page."""
        last = max(len(self._pages) - 1, 0)
        self._page, self._near = min(max(self._page + step, 0), last), 0
        page = "Sheet" if self._stock.is_sheet else "Label"
        where = f"{page} {self._fmt.count(self._page + 1)} of {self._fmt.count(len(self._pages))}"
        shown = self._pages[self._page] if self._pages else []
        keys = ("PgUp PgDn" if last else "", "Alt ← →" if len(shown) > 1 else "")
        self.told.setText("   ".join(filter(None, (where, *keys))) if self._pages else "")
        self.setAccessibleDescription("\n".join(self._said(one) for _, one in shown))
        self.update()

    def _said(self, one: Label) -> str:
        return one.title if one.price is None else f"{one.title}, {self._fmt.money(one.price)}"

    def near(self, step: int) -> None:
        """Look at another label of the page."""
        shown = len(self._pages[self._page]) if self._pages else 1
        self._near = min(max(self._near + step, 0), shown - 1)
        self.update()

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Draw the page, as large as there is room, and below it the label looked at."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        stock, below = self._stock, 0.0
        if stock.is_sheet:
            scale = min((self.width() - 2) / stock.width, (self.height() * NEAR_SHARE) / stock.height)
            below = stock.height * scale + BETWEEN
            where = QPointF((self.width() - stock.width * scale) / 2, self.height() - below + BETWEEN - 1)
            if self._pages:
                painter.save()
                self._draw_near(painter, where, scale)
                painter.restore()
        self._draw_page(painter, self.height() - below - 2)

    def _draw_near(self, painter: QPainter, where: QPointF, scale: float) -> None:
        """Draw the label that is looked at by itself."""
        stock, (_, shown) = self._stock, self._pages[self._page][self._near]
        painter.translate(where)
        painter.setPen(QPen(tokens().line_strong))
        painter.setBrush(GROUND)
        painter.drawRoundedRect(QRectF(0, 0, stock.width * scale, stock.height * scale), 4, 4)
        dots = stock.dots_per_inch / MM_PER_INCH
        painter.scale(scale / dots, scale / dots)
        LabelPen(painter, self._fmt, dots).label(shown, QRectF(0, 0, stock.width, stock.height))

    def _draw_page(self, painter: QPainter, height: float) -> None:
        wide, tall = self._stock.page
        scale = min((self.width() - 2) / wide, height / tall)
        left, top = (self.width() - wide * scale) / 2, 1.0
        painter.setPen(QPen(tokens().line_strong))
        painter.setBrush(GROUND)
        painter.drawRect(QRectF(left, top, wide * scale, tall * scale))
        painter.translate(left, top)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        if self._stock.is_sheet:
            looked_at = self._pages[self._page][self._near][0] if self._pages else None
            for place in range(self._stock.a_page):
                x, y = self._stock.corner(place)
                room = QRectF(x * scale, y * scale, self._stock.width * scale, self._stock.height * scale)
                painter.setPen(QPen(QColor(tokens().accent), 2) if place == looked_at else QPen(EDGE_OF_LABEL))
                painter.drawRoundedRect(room, 2, 2)
        if self._pages:
            dots = self._stock.dots_per_inch / MM_PER_INCH
            painter.scale(scale / dots, scale / dots)
            LabelPen(painter, self._fmt, dots).page(self._pages[self._page], self._stock)
