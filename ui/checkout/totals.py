"""The right side of the sale: sums, total or change, and the tender buttons."""

from collections.abc import Callable, Sequence
from enum import Enum
from functools import partial

from PySide6.QtCore import QEvent, Qt, Signal
from PySide6.QtGui import QFontMetrics, QResizeEvent
from PySide6.QtWidgets import QBoxLayout, QGridLayout, QHBoxLayout, QLabel, QVBoxLayout, QWidget

from pos_app.domain.document import OrderView
from pos_app.domain.order_status import OrderKind
from pos_app.domain.payment import PaidPart, PaymentIn, Tender, quick_notes
from pos_app.services.cart_return import ReturnView
from pos_app.services.cart_view import CartView
from pos_app.services.gift_card import masked
from ui.format import Formatter
from ui.style.theme import font
from ui.widgets.basic import ElidedLabel, FigureLabel, label, panel, restyle, separator
from ui.widgets.key_button import KeyButton

WIDTH, NARROW_WIDTH = 388, 320
EDGE = 20
# The size of a sum's text, and what lies between two of them.
FIGURE, ROW_GAP = 15, 8
Rows = list[tuple[str, str, str]]


class Detail(Enum):
    """How much is said beside the total, from all there is to what a small screen with large text has room for."""

    ALL = 1
    MERGED = 2
    LEAST = 3


class Totals(QWidget):
    """Shows a basket's sums, or after payment the change, large, until the next scan."""

    pay = Signal(object, object)
    gift_card = Signal()
    all_in_cash = Signal()

    def __init__(self, fmt: Formatter) -> None:
        """Lay out as the mock-up has it."""
        super().__init__()
        self._fmt = fmt
        frame = panel("aside")
        around = QVBoxLayout(self)
        around.setContentsMargins(0, 0, 0, 0)
        around.addWidget(frame)
        self._layout = layout = QVBoxLayout(frame)
        layout.setContentsMargins(EDGE, EDGE, EDGE, EDGE)
        layout.setSpacing(12)
        self.above = QVBoxLayout()
        layout.addLayout(self.above)
        self._sums = QGridLayout()
        self._sums.setVerticalSpacing(ROW_GAP)
        self._sums.setColumnStretch(0, 1)
        self._rows: list[tuple[ElidedLabel, QLabel]] = []
        self._rows_of: Callable[[Detail], Rows] = lambda _: []
        layout.addLayout(self._sums)
        layout.addWidget(separator())
        layout.addLayout(self._make_total())
        layout.addStretch(1)
        layout.addLayout(self._make_quick())
        self._card = KeyButton("Card", "F11", size="big", name="Pay card")
        self._gift = KeyButton("Gift card", "F5", size="big")
        self._gift.clicked.connect(self.gift_card.emit)
        self._all_cash = KeyButton("All in cash", "Ctrl F12", size="big")
        self._all_cash.clicked.connect(self.all_in_cash.emit)
        self._cash = KeyButton("Pay cash", "F12", role="primary", size="pay", name="Pay cash")
        self._card.clicked.connect(lambda: self.pay.emit(Tender.CARD, None))
        self._cash.clicked.connect(lambda: self.pay.emit(Tender.CASH, None))
        self._other = QBoxLayout(QBoxLayout.Direction.LeftToRight)
        self._other.setSpacing(8)
        self._other.addWidget(self._card, 1)
        self._other.addWidget(self._gift, 1)
        layout.addLayout(self._other)
        layout.addWidget(self._all_cash)
        layout.addWidget(self._cash)
        for button in (self._card, self._gift, self._all_cash, self._cash):
            button.setFocusPolicy(Qt.FocusPolicy.NoFocus)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Put one above the other what has no room beside it: no key is to be cut off its button."""
        super().resizeEvent(event)
        wanted = self._card.sizeHint().width() + self._gift.sizeHint().width() + 8 + 2 * EDGE
        beside = wanted <= self.width()
        self._other.setDirection(QBoxLayout.Direction.LeftToRight if beside else QBoxLayout.Direction.TopToBottom)
        self._fit_rows()

    def _make_total(self) -> QVBoxLayout:
        box = QVBoxLayout()
        row = QHBoxLayout()
        self._total_word = label("Total", "heading")
        self._total = FigureLabel("total")
        row.addWidget(self._total_word, alignment=Qt.AlignmentFlag.AlignBottom)
        row.addWidget(self._total, 1)
        box.addLayout(row)
        self._change_word = label("Change", "heading")
        self._change = FigureLabel("change")
        box.addWidget(self._change_word)
        box.addWidget(self._change)
        return box

    def _make_quick(self) -> QHBoxLayout:
        row = QHBoxLayout()
        row.setSpacing(8)
        self._quick = []
        for _ in range(4):
            button = KeyButton("", size="quick")
            button.setFocusPolicy(Qt.FocusPolicy.NoFocus)
            button.clicked.connect(lambda _=False, made=button: self.pay.emit(Tender.CASH, made.property("amount")))
            self._quick.append(button)
            row.addWidget(button, 1)
        return row

    def show_cart(self, cart: CartView) -> None:
        """Show what a basket comes to and what is still to pay."""
        word = "Refund" if cart.due < 0 else "To pay" if cart.payments else "Total"
        self._show_total(word, _goes_back(cart) or abs(cart.due))
        refunding = cart.due < 0
        self._show_buttons(refunding=refunding, lines=bool(cart.lines))
        self._show_notes(quick_notes(cart.cash_due, self._fmt.currency) if cart.lines and not refunding else [])
        self._show_rows(partial(self._cart_rows, cart))

    def _cart_rows(self, cart: CartView, detail: Detail) -> Rows:
        totals, items = cart.totals, _items(cart.item_count)
        rows = [(f"Subtotal · {items}", self._fmt.amount(totals.subtotal), "figure")]
        if totals.discount:
            rows.append(("Discount", self._fmt.amount(-totals.discount), "saving"))
        taxes = ", ".join(tax.name for tax in totals.taxes)
        rows.append((self._tax_word(taxes), self._fmt.amount(totals.tax), "figure"))
        if cart.payments:
            rows.append(("Total", self._fmt.amount(totals.total), "figure"))
        if detail is Detail.LEAST and cart.payments:
            rows = [(f"Total · {items}", self._fmt.amount(totals.total), "figure")]
        rows += self._payment_rows(cart.payments, detail, sign=-1, role="saving")
        if cart.due > 0 and cart.cash_due != cart.due:
            rows.append(("In cash, rounded", self._fmt.amount(cart.settlement.cash_due), "figure"))
        return rows + self._part_rows("Goes back to", cart.refunds, whole=detail is not Detail.LEAST)

    def show_return(self, sale: ReturnView, cart: CartView) -> None:
        """Show what a sale was paid with and what goes back, while its books are ticked."""
        self._show_total("Refund" if cart.due <= 0 else "To pay", _goes_back(cart) or abs(cart.due))
        self._show_buttons(refunding=cart.due <= 0, lines=bool(cart.lines))
        self._show_notes([])
        self._show_rows(partial(self._return_rows, sale, cart))

    def _return_rows(self, sale: ReturnView, cart: CartView, detail: Detail) -> Rows:
        rows = self._part_rows("Paid with", sale.parts, whole=detail is Detail.ALL)
        back = [line for line in cart.lines if line.comes_back]
        sold = [line for line in cart.lines if not line.comes_back]
        if as_sold := sum(line.discount for line in back):
            rows.append(("Discount as sold", self._fmt.amount(-as_sold), "figure"))
        if sold:
            # They are not in the list beside: the sale that was open is settled with what comes back.
            rows.append(("Comes back", self._fmt.amount(-sum(line.amount for line in back)), "figure"))
            items = _items(sum(line.quantity for line in sold))
            rows.append((f"To be sold · {items}", self._fmt.amount(sum(line.amount for line in sold)), "figure"))
        if rounding := _goes_back(cart) + min(cart.due, 0):
            rows.append(("Rounding", self._fmt.amount(rounding), "figure"))
        return rows + self._part_rows("Goes back to", cart.refunds, whole=detail is not Detail.LEAST)

    def _part_rows(self, head: str, parts: tuple[PaidPart, ...], *, whole: bool) -> Rows:
        if not parts:
            return []
        if not whole and len(parts) > 1:
            return [(f"{head} {len(parts)} tenders", self._fmt.amount(sum(part.amount for part in parts)), "figure")]
        rows = [(self._name(part), self._fmt.amount(part.amount), "figure") for part in parts]
        return [(head, "", "title"), *rows]

    def _payment_rows(self, payments: Sequence[PaymentIn | PaidPart], detail: Detail, *, sign: int, role: str) -> Rows:
        """A row each, or one for all where there is no room: the payment dialog and the receipt name them."""
        if detail is Detail.ALL or len(payments) < 2:  # noqa: PLR2004 - more than one
            return [(self._name(paid), self._fmt.amount(sign * paid.amount), role) for paid in payments]
        return [(f"{len(payments)} payments", self._fmt.amount(sign * sum(paid.amount for paid in payments)), role)]

    @staticmethod
    def _name(paid: PaymentIn | PaidPart) -> str:
        """A payment as people know it: the card's brand and last digits, a gift card's or voucher's last four."""
        name = paid.name or paid.tender.replace("_", " ").capitalize()
        if paid.scheme:
            return f"{name} {paid.scheme}"
        return f"{name} {masked(paid.reference)}" if paid.reference and paid.tender != Tender.CARD else name

    def _show_total(self, word: str, amount: int) -> None:
        text = self._fmt.money(amount)
        self._total_word.setText(word)
        self._total.setText(text)
        self._total.setAccessibleName(f"{word} {text}")
        self._show_change(visible=False)

    def _show_buttons(self, *, refunding: bool, lines: bool) -> None:
        self._cash.show_text("Refund" if refunding else "Pay cash")
        self._all_cash.setVisible(refunding)
        for button in (self._card, self._gift):
            button.setVisible(not refunding)
        for button in (self._cash, self._all_cash, self._card, self._gift):
            button.setEnabled(lines)

    def _show_notes(self, notes: list[int]) -> None:
        for place, button in enumerate(self._quick):
            amount = notes[place] if place < len(notes) else None
            button.setProperty("amount", amount)
            text = "" if amount is None else self._fmt.short(amount)
            button.show_text(text, name=f"Cash {text}" if text else "No amount")
            button.setEnabled(amount is not None)
            button.setVisible(amount is not None)

    def show_paid(self, sale: OrderView) -> None:
        """Show what was paid and the change to give, or what goes back."""
        back = sale.kind in (OrderKind.RETURN, OrderKind.VOID) or sale.total < 0
        word, given = self._given(sale) if back else ("Change", sale.change)
        amount = self._fmt.money(given)
        self._change_word.setText(word)
        self._change.setText(amount)
        self._change.setAccessibleName(f"{word} {amount}")
        self._show_change(visible=True)
        self._show_buttons(refunding=False, lines=False)
        self._show_notes([])
        self._show_rows(partial(self._paid_rows, sale, "Paid back" if back else "Paid"))

    def _paid_rows(self, sale: OrderView, word: str, detail: Detail) -> Rows:
        rows = [(f"{word} · {_items(sale.item_count)}", self._fmt.amount(abs(sale.total)), "figure")]
        rows += self._payment_rows(sale.payments, detail, sign=1, role="figure")
        if sale.rounding:
            rows.append(("Rounding", self._fmt.amount(sale.rounding), "figure"))
        return [*rows, (f"Receipt {sale.number}", "", "figure")]

    def _given(self, sale: OrderView) -> tuple[str, int]:
        """What is given out of the drawer, or else where the money went."""
        in_cash = -sum(paid.amount for paid in sale.payments if paid.tender == Tender.CASH)
        if in_cash or not sale.payments:
            return "Give back", in_cash
        names = ", ".join(dict.fromkeys(paid.name or paid.tender for paid in sale.payments))
        return f"Back to: {names}", -sum(paid.amount for paid in sale.payments)

    def _show_change(self, *, visible: bool) -> None:
        for widget in (self._change_word, self._change):
            widget.setVisible(visible)
        for widget in (self._total_word, self._total):
            widget.setVisible(not visible)

    def _tax_word(self, taxes: str) -> str:
        word = "Includes tax" if self._fmt.settings.prices_include_tax else "Tax"
        return f"{word} · {taxes}" if taxes else word

    def _show_rows(self, rows: Callable[[Detail], Rows]) -> None:
        """Show rows of a word and a figure, as many as there is room for without cutting any."""
        self._rows_of = rows
        self._fit_rows()

    def _fit_rows(self) -> None:
        others = self._layout.minimumSize().height() - self._sums.minimumSize().height()
        one = QFontMetrics(font(FIGURE)).height() + ROW_GAP
        room = self.height() - others + ROW_GAP
        made = [self._rows_of(detail) for detail in Detail]
        self._put_rows(next((rows for rows in made if len(rows) * one <= room), made[-1]))

    def event(self, event: QEvent) -> bool:
        """Fit the rows anew where something else here takes more room, or less."""
        done = super().event(event)
        if event.type() == QEvent.Type.LayoutRequest:
            self._fit_rows()
        return done

    def _put_rows(self, rows: Rows) -> None:
        """Show them in the labels that are there: only what differs is touched."""
        while len(self._rows) < len(rows):
            word, figure = ElidedLabel("", "sum"), label("", "figure")
            figure.setAlignment(Qt.AlignmentFlag.AlignRight)
            for column, made in enumerate((word, figure)):
                self._sums.addWidget(made, len(self._rows), column)
            self._rows.append((word, figure))
        for place, (word, figure) in enumerate(self._rows):
            there = place < len(rows)
            if there:
                text, amount, role = rows[place]
                restyle(word, "role", "title" if role == "title" else "sum")
                restyle(figure, "role", role)
                word.show_text(text)
                figure.setText(amount)
            word.setVisible(there)
            figure.setVisible(there)


def _goes_back(cart: CartView) -> int:
    """What is really given back: cash of it is rounded as it was taken."""
    return sum(part.amount for part in cart.refunds) if cart.due < 0 else 0


def _items(count: int) -> str:
    return "1 item" if count == 1 else f"{count} items"
