"""The right side of the sale: sums, total or change, and the tender buttons."""

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QBoxLayout, QGridLayout, QHBoxLayout, QLabel, QVBoxLayout, QWidget

from pos_app.domain.document import OrderView
from pos_app.domain.order_status import OrderKind
from pos_app.domain.payment import PaidPart, PaymentIn, Tender, quick_notes
from pos_app.services.cart_return import ReturnView
from pos_app.services.cart_view import CartView
from pos_app.services.gift_card import masked
from ui.format import Formatter
from ui.widgets.basic import ElidedLabel, FigureLabel, label, panel, restyle, separator
from ui.widgets.key_button import KeyButton

WIDTH, NARROW_WIDTH = 388, 320
EDGE = 20
Rows = list[tuple[str, str, str]]


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
        layout = QVBoxLayout(frame)
        layout.setContentsMargins(EDGE, EDGE, EDGE, EDGE)
        layout.setSpacing(12)
        self.above = QVBoxLayout()
        layout.addLayout(self.above)
        self._sums = QGridLayout()
        self._sums.setVerticalSpacing(8)
        self._sums.setColumnStretch(0, 1)
        self._rows: list[tuple[ElidedLabel, QLabel]] = []
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
        totals = cart.totals
        rows = [(f"Subtotal · {_items(cart.item_count)}", self._fmt.amount(totals.subtotal), "figure")]
        if totals.discount:
            rows.append(("Discount", self._fmt.amount(-totals.discount), "saving"))
        taxes = ", ".join(tax.name for tax in totals.taxes)
        rows.append((self._tax_word(taxes), self._fmt.amount(totals.tax), "figure"))
        if cart.payments:
            rows.append(("Total", self._fmt.amount(totals.total), "figure"))
        rows += [(self._name(paid), self._fmt.amount(-paid.amount), "saving") for paid in cart.payments]
        if cart.due > 0 and cart.cash_due != cart.due:
            rows.append(("In cash, rounded", self._fmt.amount(cart.settlement.cash_due), "figure"))
        self._show_rows(rows + self._part_rows("Goes back to", cart.refunds))
        word = "Refund" if cart.due < 0 else "To pay" if cart.payments else "Total"
        self._show_total(word, abs(cart.due))
        refunding = cart.due < 0
        self._show_buttons(refunding=refunding, lines=bool(cart.lines))
        self._show_notes(quick_notes(cart.cash_due, self._fmt.currency) if cart.lines and not refunding else [])

    def show_return(self, sale: ReturnView, cart: CartView) -> None:
        """Show what a sale was paid with and what goes back, while its books are ticked."""
        rows = self._part_rows("Paid with", sale.parts) + self._part_rows("Goes back to", cart.refunds)
        if as_sold := sum(line.discount for line in cart.lines if line.comes_back):
            rows.append(("Discount as sold", self._fmt.amount(-as_sold), "figure"))
        self._show_rows(rows)
        self._show_total("Refund" if cart.due <= 0 else "To pay", abs(cart.due))
        self._show_buttons(refunding=cart.due <= 0, lines=bool(cart.lines))
        self._show_notes([])

    def _part_rows(self, head: str, parts: tuple[PaidPart, ...]) -> Rows:
        if not parts:
            return []
        rows = [(self._name(part), self._fmt.amount(part.amount), "figure") for part in parts]
        return [(head, "", "title"), *rows]

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
        word = "Paid back" if back else "Paid"
        rows = [(f"{word} · {_items(sale.item_count)}", self._fmt.amount(abs(sale.total)), "figure")]
        rows += [(self._name(paid), self._fmt.amount(paid.amount), "figure") for paid in sale.payments]
        if sale.rounding:
            rows.append(("Rounding", self._fmt.amount(sale.rounding), "figure"))
        rows.append((f"Receipt {sale.number}", "", "figure"))
        self._show_rows(rows)
        word, given = self._given(sale) if back else ("Change", sale.change)
        amount = self._fmt.money(given)
        self._change_word.setText(word)
        self._change.setText(amount)
        self._change.setAccessibleName(f"{word} {amount}")
        self._show_change(visible=True)
        self._show_buttons(refunding=False, lines=False)
        for button in self._quick:
            button.setEnabled(False)

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

    def _show_rows(self, rows: Rows) -> None:
        """Show rows of a word and a figure, in the labels that are there: only what differs is touched."""
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


def _items(count: int) -> str:
    return "1 item" if count == 1 else f"{count} items"
