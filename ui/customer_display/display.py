"""The customer's window: lines and total, then the change, and between customers the shop."""

from PySide6.QtCore import QRectF, Qt, QTimer
from PySide6.QtGui import QColor, QFont, QGuiApplication, QPainter, QPaintEvent, QScreen
from PySide6.QtWidgets import QWidget

from pos_app.clock import Clock
from pos_app.domain.document import OrderView
from pos_app.services.cart_view import CartView
from ui.format import Formatter
from ui.models.drawing import draw_text
from ui.style.theme import font, tokens

EDGE = 40
LINES_SHOWN = 8
SHOWN_AFTER_PAYING_MS = 30_000
SMALLEST = (800, 480)


class CustomerDisplay(QWidget):
    """Draws itself, takes neither focus nor keys, and follows the second screen as it comes and goes."""

    def __init__(self, fmt: Formatter, clock: Clock, *, windowed: bool = False) -> None:
        """Start idle; `windowed` shows it as a window of its own on the only screen."""
        super().__init__()
        self._fmt, self._clock, self._windowed = fmt, clock, windowed
        self._rows: list[tuple[str, str]] = []
        self._word, self._figure, self._below = "", "", ""
        self._training = False
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
            application.screenAdded.connect(lambda _: self.place())
            application.screenRemoved.connect(lambda _: self.place())

    def place(self) -> None:
        """Fill the second screen; without one stay away, or be a window where that was asked for."""
        second = _second_screen()
        if self._windowed:
            self.resize(1024, 600)
            self.show()
        elif second is not None:
            self.setGeometry(second.geometry())
            self.showFullScreen()
        else:
            self.hide()

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
        self._say("Please pay on the terminal", self._fmt.money(amount), "", training=False)

    def show_idle(self) -> None:
        """Show the shop until the next customer."""
        self._idle.stop()
        self._rows = []
        self._say("", "", "", training=False)

    def _say(self, word: str, figure: str, below: str, *, training: bool) -> None:
        self._word, self._figure, self._below, self._training = word, figure, below, training
        said = [f"{name} {amount}" for name, amount in self._rows]
        self.setAccessibleDescription("; ".join(part for part in (*said, f"{word} {figure}".strip(), below) if part))
        self.update()

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Draw what is to be seen, large."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.fillRect(self.rect(), QColor(tokens().surface))
        if not self._word:
            self._paint_idle(painter)
            return
        if self._training:
            self._paint(painter, QRectF(0, 8, self.width(), 40), "TRAINING", 22, colour=tokens().warn)
        if self._rows:
            self._paint_lines(painter)
        foot = QRectF(
            EDGE, self.height() * (0.68 if self._rows else 0.3), self.width() - 2 * EDGE, self.height() * 0.28
        )
        self._paint_figure(painter, foot)

    def _paint_lines(self, painter: QPainter) -> None:
        tall = int(self.height() * 0.62 / LINES_SHOWN)
        rows = self._rows[-LINES_SHOWN:]
        top = 48 if self._training else 24
        width = self.width() - 2 * EDGE
        for place, (name, amount) in enumerate(rows):
            area = QRectF(EDGE, top + place * tall, width, tall).toRect()
            painter.save()
            draw_text(painter, area.adjusted(0, 0, -160, 0), name, weight=QFont.Weight.Medium)
            draw_text(painter, area, amount, right=True, weight=QFont.Weight.DemiBold)
            painter.setPen(QColor(tokens().line))
            painter.drawLine(area.bottomLeft(), area.bottomRight())
            painter.restore()

    def _paint_figure(self, painter: QPainter, area: QRectF) -> None:
        painter.setPen(QColor(tokens().ink_2))
        painter.setFont(font(28))
        flags = Qt.AlignmentFlag.AlignVCenter
        painter.drawText(area, Qt.AlignmentFlag.AlignLeft | flags, self._word)
        painter.setPen(QColor(tokens().accent if self._below else tokens().ink))
        painter.setFont(font(72, QFont.Weight.Bold))
        painter.drawText(area, Qt.AlignmentFlag.AlignRight | flags, self._figure)
        if self._below:
            self._paint(painter, area.translated(0, area.height()), self._below, 30, colour=tokens().ink_2)

    def _paint_idle(self, painter: QPainter) -> None:
        whole = QRectF(self.rect())
        self._paint(painter, whole.adjusted(0, 0, 0, -120), self._fmt.settings.shop_name, 44)
        now = self._clock.now()
        said = f"{self._fmt.time(now)} · {self._fmt.long_day(now)}"
        self._paint(painter, whole.adjusted(0, 120, 0, 0), said, 24, colour=tokens().ink_2)

    def _paint(self, painter: QPainter, area: QRectF, text: str, size: int, *, colour: str | None = None) -> None:
        painter.setFont(font(size, QFont.Weight.DemiBold))
        painter.setPen(QColor(colour or tokens().ink))
        painter.drawText(area, Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWordWrap, text)


def _second_screen() -> QScreen | None:
    screens = QGuiApplication.screens()
    return screens[1] if len(screens) > 1 else None
