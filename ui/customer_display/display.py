"""The customer's window: lines and total, then the change, and between customers the shop."""

from PySide6.QtCore import QRectF, Qt, QTimer
from PySide6.QtGui import QColor, QFont, QFontMetricsF, QGuiApplication, QPainter, QPaintEvent, QScreen
from PySide6.QtWidgets import QWidget

from pos_app.clock import Clock
from pos_app.domain.document import OrderView
from pos_app.services.cart_view import CartView
from ui.customer_display.pictures import Slide
from ui.format import Formatter
from ui.style.theme import font, tokens

EDGE = 40
LINES_SHOWN = 8
SHOWN_AFTER_PAYING_MS = 30_000
SMALLEST = (800, 480)
# The size at which texts have the sizes written here; they grow and shrink with the screen.
DESIGN = (1024, 600)
SMALLEST_TEXT = 10

CENTRE = Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWordWrap
LEFT = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
RIGHT = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter


class CustomerDisplay(QWidget):
    """Draws itself, takes neither focus nor keys, and follows the second screen as it comes and goes."""

    def __init__(self, fmt: Formatter, clock: Clock, *, windowed: bool = False) -> None:
        """Start idle; `windowed` shows it as a window of its own on the only screen."""
        super().__init__()
        self._fmt, self._clock, self._windowed = fmt, clock, windowed
        self._rows: list[tuple[str, str]] = []
        self._word, self._figure, self._below = "", "", ""
        self._training = self._waiting = False
        self._slide = Slide()
        self.setWindowTitle("Customer display – Bookstore POS")
        self.setAccessibleName("Customer display")
        flags = Qt.WindowType.Window | Qt.WindowType.WindowDoesNotAcceptFocus
        self.setWindowFlags(flags if windowed else flags | Qt.WindowType.FramelessWindowHint)
        self.setAttribute(Qt.WidgetAttribute.WA_ShowWithoutActivating)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setMinimumSize(*SMALLEST)
        self._idle = QTimer(self)
        self._idle.setSingleShot(True)
        self._idle.setInterval(SHOWN_AFTER_PAYING_MS)
        self._idle.timeout.connect(self.show_idle)
        self._minute = QTimer(self)
        self._minute.setInterval(10_000)
        self._minute.timeout.connect(self.update)
        self._minute.start()
        application = QGuiApplication.instance()
        if isinstance(application, QGuiApplication):
            # Methods, not lambdas: Qt forgets them with the window.
            application.screenAdded.connect(self._screens_changed)
            application.screenRemoved.connect(self._screens_changed)

    def _screens_changed(self, _screen: QScreen) -> None:
        self.place()

    def place(self) -> None:
        """Fill the second screen; without one stay away, or be a window where that was asked for."""
        second = _second_screen()
        if self._windowed:
            if not self.isVisible():
                self.resize(*DESIGN)
                self.show()
        elif second is not None:
            self.setScreen(second)
            self.setGeometry(second.geometry())
            self.showFullScreen()
        else:
            self.hide()

    @property
    def idle(self) -> bool:
        """Whether nothing of a sale is shown."""
        return not self._word

    @property
    def slide(self) -> Slide:
        """What stands between customers beside the shop's name and the time."""
        return self._slide

    @slide.setter
    def slide(self, slide: Slide) -> None:
        self._slide = slide
        self.update()

    def show_cart(self, cart: CartView) -> None:
        """Show the lines of a sale and what they come to."""
        if not cart.lines:
            if not self._idle.isActive():
                self.show_idle()
            return
        self._idle.stop()
        amount = self._fmt.amount
        self._rows = [
            (f"{line.quantity} × {line.title}" if line.quantity != 1 else line.title, amount(line.amount))
            for line in cart.lines
        ]
        if cart.totals.discount > 0:
            self._rows.append(("You save", amount(cart.totals.discount)))
        self._rows += [(paid.name, amount(-paid.amount)) for paid in cart.payments]
        word = "We give back" if cart.due < 0 else "To pay" if cart.payments else "Total"
        self._say(word, self._fmt.money(abs(cart.due)), "", training=cart.training)

    def show_paid(self, sale: OrderView) -> None:
        """Show the change, for a while."""
        self._rows = []
        if sale.total < 0:
            self._say("We give back", self._fmt.money(-sale.total), "Thank you", training=sale.training)
        else:
            self._say("Change", self._fmt.money(sale.change), "Thank you", training=sale.training)
        self._idle.start()

    def show_waiting(self, amount: int) -> None:
        """Ask the customer to pay on the terminal."""
        self._idle.stop()
        self._say("Please pay on the terminal", self._fmt.money(amount), "", training=False)
        self._waiting = True

    def show_test(self) -> None:
        """Show what a customer would see of a sale, and say that it is a test."""
        self._rows = [("Display test", self._fmt.amount(100_000)), ("2 × äöü ñ ç ß ł é €", self._fmt.amount(23_456))]
        self._say("Total", self._fmt.money(123_456), "", training=False)
        self._idle.start()

    def show_idle(self) -> None:
        """Show the shop until the next customer."""
        self._idle.stop()
        self._rows = []
        self._say("", "", "", training=False)

    def _say(self, word: str, figure: str, below: str, *, training: bool) -> None:
        self._word, self._figure, self._below, self._training = word, figure, below, training
        self._waiting = False
        said = [f"{name} {amount}" for name, amount in self._rows]
        self.setAccessibleDescription("; ".join(part for part in (*said, f"{word} {figure}".strip(), below) if part))
        self.update()

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Draw what is to be seen, large."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        painter.fillRect(self.rect(), QColor(tokens().surface))
        if self.idle:
            self._paint_idle(painter)
            return
        if self._training:
            band = QRectF(0, 0, self.width(), self._size(44))
            painter.fillRect(band, QColor(tokens().warn_soft))
            self._text(painter, band, "TRAINING: NOTHING IS SOLD", 20, CENTRE, tokens().warn)
        if self._rows:
            self._paint_lines(painter)
            self._paint_total(painter)
        else:
            self._paint_alone(painter)

    def _paint_lines(self, painter: QPainter) -> None:
        tall = self.height() * 0.62 / LINES_SHOWN
        top = self._size(52 if self._training else 20)
        rows = self._rows
        if len(rows) > LINES_SHOWN:
            hidden = len(rows) - LINES_SHOWN + 1
            rows = [(f"and {hidden} more above", ""), *rows[-LINES_SHOWN + 1 :]]
        for place, (name, amount) in enumerate(rows):
            area = QRectF(EDGE, top + place * tall, self.width() - 2 * EDGE, tall)
            used = self._font(22, QFont.Weight.DemiBold)
            figure = QFontMetricsF(used).horizontalAdvance(amount)
            self._text(painter, area, amount, 22, RIGHT, weight=QFont.Weight.DemiBold)
            left = area.adjusted(0, 0, -figure - self._size(32), 0)
            colour = tokens().ink if amount else tokens().ink_2
            self._text(painter, left, name, 22, LEFT, colour, weight=QFont.Weight.Medium)
            painter.setPen(QColor(tokens().line))
            painter.drawLine(area.bottomLeft(), area.bottomRight())

    def _paint_total(self, painter: QPainter) -> None:
        """The word to the left and the figure to the right; each has its share, whatever it says."""
        width = self.width() - 2 * EDGE
        colour = tokens().accent if self._waiting else tokens().ink_2
        area = QRectF(EDGE, self.height() * 0.74, width, self.height() * 0.24)
        self._text(painter, area.adjusted(0, 0, -width * 0.55, 0), self._word, 30, LEFT, colour)
        self._text(painter, area.adjusted(width * 0.46, 0, 0, 0), self._figure, 76, RIGHT, weight=QFont.Weight.Bold)

    def _paint_alone(self, painter: QPainter) -> None:
        """A figure with nothing beside it: the change, or what is to be paid on the terminal."""
        area = QRectF(EDGE, 0, self.width() - 2 * EDGE, self.height())
        high = self.height()
        self._text(painter, QRectF(area.x(), high * 0.18, area.width(), high * 0.14), self._word, 36, CENTRE)
        colour = tokens().accent if self._below else tokens().ink
        middle = QRectF(area.x(), high * 0.33, area.width(), high * 0.28)
        self._text(painter, middle, self._figure, 120, CENTRE, colour, weight=QFont.Weight.Bold)
        below = QRectF(area.x(), high * 0.66, area.width(), high * 0.14)
        self._text(painter, below, self._below, 32, CENTRE, tokens().ink_2)

    def _paint_idle(self, painter: QPainter) -> None:
        now = self._clock.now()
        said = f"{self._fmt.time(now)} · {self._fmt.long_day(now)}"
        whole, words = QRectF(self.rect()), self._slide.words
        picture = self._slide.picture
        if picture is not None:
            foot = whole.height() * (0.26 if words else 0.16)
            room = whole.adjusted(0, 0, 0, -foot).adjusted(EDGE / 2, EDGE / 2, -EDGE / 2, -EDGE / 2)
            shown = picture.size().toSizeF().scaled(room.size(), Qt.AspectRatioMode.KeepAspectRatio)
            where = QRectF(0, 0, shown.width(), shown.height())
            where.moveCenter(room.center())
            painter.drawImage(where, picture)
            band = QRectF(EDGE, whole.height() - foot, whole.width() - 2 * EDGE, foot)
            if words:
                self._text(painter, band.adjusted(0, 0, 0, -foot / 2), words, 26, CENTRE, weight=QFont.Weight.DemiBold)
                band.setTop(band.top() + foot / 2)
            half = band.width() / 2
            self._text(painter, band.adjusted(0, 0, -half, 0), self._fmt.settings.shop_name, 26, LEFT, tokens().ink_2)
            self._text(painter, band.adjusted(half, 0, 0, 0), said, 24, RIGHT, tokens().ink_2)
            return
        high, across = whole.height(), whole.width() - 2 * EDGE
        name = QRectF(EDGE, high * 0.2, across, high * 0.24)
        self._text(painter, name, self._fmt.settings.shop_name, 56, CENTRE, weight=QFont.Weight.DemiBold)
        self._text(painter, QRectF(EDGE, high * 0.46, across, high * 0.1), said, 28, CENTRE, tokens().ink_2)
        self._text(painter, QRectF(EDGE, high * 0.64, across, high * 0.2), words, 30, CENTRE)

    def _text(
        self,
        painter: QPainter,
        area: QRectF,
        text: str,
        size: int,
        flags: Qt.AlignmentFlag | Qt.TextFlag,
        colour: str | None = None,
        *,
        weight: QFont.Weight = QFont.Weight.Normal,
    ) -> None:
        """Draw plain text: over more lines where the flags let it, smaller where it would not fit, cut at the last."""
        if not text:
            return
        whole = int(flags)
        used = self._font(size, weight)
        smallest = size if flags == LEFT else SMALLEST_TEXT
        while size > smallest and not _fits(used, area, text, whole):
            size -= 2
            used = self._font(size, weight)
        if flags == LEFT:
            text = QFontMetricsF(used).elidedText(text, Qt.TextElideMode.ElideRight, area.width())
        painter.setFont(used)
        painter.setPen(QColor(colour or tokens().ink))
        painter.drawText(area, whole, text)

    def _font(self, size: int, weight: QFont.Weight) -> QFont:
        return font(round(self._size(size)), weight)

    def _size(self, size: float) -> float:
        """A size of the design on this screen."""
        return size * min(self.width() / DESIGN[0], self.height() / DESIGN[1])


def _fits(used: QFont, area: QRectF, text: str, flags: int) -> bool:
    needed = QFontMetricsF(used).boundingRect(area, flags, text)
    return needed.width() <= area.width() and needed.height() <= area.height()


def _second_screen() -> QScreen | None:
    screens = QGuiApplication.screens()
    return screens[1] if len(screens) > 1 else None
