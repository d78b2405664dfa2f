"""The right side of the sale: sums, total or change, and the tender buttons."""

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QLabel, QVBoxLayout, QWidget

from pos_app.domain.document import OrderView
from pos_app.domain.payment import Tender, quick_notes
from pos_app.services.cart import CartView
from ui.format import Formatter
from ui.widgets.basic import ElidedLabel, FigureLabel, label, panel, separator
from ui.widgets.key_button import KeyButton

WIDTH, NARROW_WIDTH = 388, 320
TENDER_NAMES = {Tender.CASH: "Cash", Tender.CARD: "Card"}


class Totals(QWidget):
    """Shows a basket's sums, or after payment the change, large, until the next scan."""

    pay = Signal(object, object)

    def __init__(self, fmt: Formatter) -> None:
        """Lay out as the mock-up has it."""
        super().__init__()
        self._fmt = fmt
        frame = panel("aside")
        around = QVBoxLayout(self)
        around.setContentsMargins(0, 0, 0, 0)
        around.addWidget(frame)
        layout = QVBoxLayout(frame)
        layout.setContentsMargins(20, 20, 20, 20)
        layout.setSpacing(12)
        self._sums = QGridLayout()
        self._sums.setVerticalSpacing(8)
        self._sums.setColumnStretch(0, 1)
        layout.addLayout(self._sums)
        layout.addWidget(separator())
        layout.addLayout(self._make_total())
        layout.addStretch(1)
        layout.addLayout(self._make_quick())
        self._card = KeyButton("Card", "F11", size="big", name="Pay card")
        self._cash = KeyButton("Pay cash", "F12", role="primary", size="pay", name="Pay cash")
        self._card.clicked.connect(lambda: self.pay.emit(Tender.CARD, None))
        self._cash.clicked.connect(lambda: self.pay.emit(Tender.CASH, None))
        layout.addWidget(self._card)
        layout.addWidget(self._cash)

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
        rows += [(TENDER_NAMES[paid.tender], self._fmt.amount(-paid.amount), "saving") for paid in cart.payments]
        if cart.payments:
            rows.insert(len(rows) - len(cart.payments), ("Total", self._fmt.amount(totals.total), "figure"))
        self._show_rows(rows)
        word = "To pay" if cart.payments else "Total"
        due = self._fmt.money(cart.due)
        self._total_word.setText(word)
        self._total.setText(due)
        self._total.setAccessibleName(f"{word} {due}")
        self._show_change(visible=False)
        notes = quick_notes(cart.due, self._fmt.currency) if cart.lines else []
        for place, button in enumerate(self._quick):
            amount = notes[place] if place < len(notes) else None
            button.setProperty("amount", amount)
            text = "" if amount is None else self._fmt.short(amount)
            button.show_text(text, name=f"Cash {text}" if text else "No amount")
            button.setEnabled(amount is not None)
            button.setVisible(amount is not None)
        self._cash.setEnabled(bool(cart.lines))
        self._card.setEnabled(bool(cart.lines))

    def show_paid(self, sale: OrderView) -> None:
        """Show what was paid and the change to give."""
        rows = [(f"Paid · {_items(sale.item_count)}", self._fmt.amount(sale.total), "figure")]
        rows += [(TENDER_NAMES[paid.tender], self._fmt.amount(paid.amount), "figure") for paid in sale.payments]
        rows.append((f"Receipt {sale.number}", "", "figure"))
        self._show_rows(rows)
        change = self._fmt.money(sale.change)
        self._change.setText(change)
        self._change.setAccessibleName(f"Change {change}")
        self._show_change(visible=True)
        for button in (*self._quick, self._cash, self._card):
            button.setEnabled(False)

    def _show_change(self, *, visible: bool) -> None:
        for widget in (self._change_word, self._change):
            widget.setVisible(visible)
        for widget in (self._total_word, self._total):
            widget.setVisible(not visible)

    def _tax_word(self, taxes: str) -> str:
        word = "Includes tax" if self._fmt.settings.prices_include_tax else "Tax"
        return f"{word} · {taxes}" if taxes else word

    def _show_rows(self, rows: list[tuple[str, str, str]]) -> None:
        while (item := self._sums.takeAt(0)) is not None:
            widget = item.widget()
            if isinstance(widget, QLabel):
                widget.hide()
                widget.deleteLater()
        for row, (word, figure, role) in enumerate(rows):
            self._sums.addWidget(ElidedLabel(word, "sum"), row, 0)
            amount = label(figure, role)
            amount.setAlignment(Qt.AlignmentFlag.AlignRight)
            self._sums.addWidget(amount, row, 1)


def _items(count: int) -> str:
    return "1 item" if count == 1 else f"{count} items"
