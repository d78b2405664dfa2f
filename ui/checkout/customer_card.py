"""Whose sale it is: the card above the totals."""

from PySide6.QtCore import QRect, QRectF, QSize, Qt
from PySide6.QtGui import QFont, QFontMetrics, QPaintEvent
from PySide6.QtWidgets import QPushButton

from pos_app.services.customer import CustomerRow
from ui.customers.list import account_words, contact_words, waiting_short, waiting_words
from ui.format import Formatter
from ui.models.drawing import draw_text, draw_two_lines
from ui.style import icons
from ui.style.theme import font, px, tokens
from ui.widgets.key_button import framed, key_width, paint_key

KEY = "F4"
EDGE, GAP = 12, 10
NOBODY = "No customer"


class CustomerCard(QPushButton):
    """Icon, name, account and what waits, and the key; it is pressed to change the customer."""

    def __init__(self, fmt: Formatter) -> None:
        """Start with nobody."""
        super().__init__()
        self._fmt = fmt
        self._name, self._below, self._points = NOBODY, [("", True)], ""
        self.setAutoDefault(False)
        self.setProperty("tall", "big")
        self.setAccessibleDescription(f"Key {KEY}")
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.show_customer(None)

    def show_customer(self, customer: CustomerRow | None) -> None:
        """Show whose sale it is, or that it is nobody's."""
        if customer is None:
            self._name, self._below, self._points = NOBODY, [("", True)], ""
            self.setAccessibleName(NOBODY)
        else:
            self._name, self._below = customer.name, self._said(customer)
            self._points = customer.loyalty.short if customer.loyalty is not None else ""
            self.setAccessibleName(f"Customer {customer.name}, {self._below[0][0]}")
        self.update()

    def _said(self, customer: CustomerRow) -> list[tuple[str, bool]]:
        """The second line, from all there is to say to the least, and whether it tells the points."""
        account, waits = account_words(customer, self._fmt), waiting_words(customer)
        stand = customer.loyalty
        loyal, few = (stand.words, stand.short) if stand is not None else ("", "")
        if not account and not waits:
            return [(loyal or contact_words(customer) or "Customer", True)]
        short = waiting_short(customer)
        whole = f"Account {account}" if account else ""
        ways = (
            *((whole, loyal, waits), (account, loyal, waits), (account, few, waits), (account, few, short)),
            *((account, "", short), ("", "", short)),
        )
        return [(" · ".join(part for part in way if part), bool(way[1])) for way in ways]

    def sizeHint(self) -> QSize:
        """Two lines high, as wide as it is given."""
        lines = QFontMetrics(font(14, QFont.Weight.Medium)).height() + QFontMetrics(font(12)).height()
        return QSize(px(240), max(56, lines + 20))

    def minimumSizeHint(self) -> QSize:
        """Narrower names end in …."""
        return QSize(px(140), self.sizeHint().height())

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Draw the frame as styled, then icon, words and key."""
        painter = framed(self)
        side = px(22)
        nobody = not self._below[0][0]
        colour = tokens().ink_2 if nobody else tokens().ink
        icons.draw(painter, "user", QRectF(EDGE, (self.height() - side) / 2, side, side), colour)
        left = EDGE + side + GAP
        key = key_width(KEY)
        words = QRect(left, 0, self.width() - left - key - EDGE - GAP // 2, self.height())
        if nobody:
            draw_text(painter, words, self._name, colour=colour)
        else:
            draw_two_lines(painter, words, *self.lines(words.width()))
        paint_key(painter, self.height(), self.width() - EDGE - key, KEY, tokens().ink)

    def lines(self, width: int) -> tuple[str, str]:
        """The two lines where there is so much room; points that the second has none for stand beside the name."""
        metrics = QFontMetrics(font(12))
        # A line that fits by less than this is cut all the same.
        room = width - 4
        fits = [one for one in self._below if metrics.horizontalAdvance(one[0]) <= room]
        below, told = fits[0] if fits else self._below[-1]
        named = f"{self._name} · {self._points}"
        fits_named = QFontMetrics(font(14, QFont.Weight.Medium)).horizontalAdvance(named) <= room
        return named if self._points and not told and fits_named else self._name, below
