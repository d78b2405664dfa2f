"""Ctrl+O: the basket becomes its customer's order."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from PySide6.QtWidgets import QHBoxLayout, QLineEdit, QVBoxLayout, QWidget

from pos_app.domain.customer_order import Way
from pos_app.domain.payment import TenderRule
from pos_app.errors import Refused
from pos_app.services.cart_view import CartView
from ui.errors import sentence
from ui.format import Formatter
from ui.widgets.basic import caption, label
from ui.widgets.sheet import Choices, Sheet

COLLECT, SHIP = "Collects it", "Is sent it"


@dataclass(frozen=True, slots=True)
class Answer:
    """What was answered, as it was typed; asked again it stands there."""

    way: Way = Way.COLLECT
    promised: str = ""
    note: str = ""
    address: str = ""
    deposit: str = ""
    tender: str | None = None


class OrderDialog(Sheet):
    """When, how and with what deposit; Enter alone places it, to be collected, without one."""

    def __init__(
        self,
        cart: CartView,
        held: int,
        before: Answer,
        tenders: Sequence[TenderRule],
        today: date,
        fmt: Formatter,
        parent: QWidget,
    ) -> None:
        """Take the basket, how much of it is there, and what is answered already."""
        super().__init__(f"Order for {cart.customer}", parent, go="Place it", width=620)
        self._fmt, self._today, self._cart = fmt, today, cart
        self.answer = before
        self.way, self.address, self.note = Way.COLLECT, "", ""
        self.promised_on: date | None = None
        self.deposit, self.tender = 0, ""
        taken = sum(payment.amount for payment in cart.payments)
        self._taken = taken
        come = cart.item_count - held
        said = [f"{held} held at once" if held else "", f"{come} to come from the supplier" if come else ""]
        words = label(f"{', '.join(part for part in said if part)} · {fmt.money(cart.totals.total)}", "sum")
        words.setWordWrap(True)
        self.body.addWidget(words)
        self._way = Choices([COLLECT, SHIP], columns=2, chosen=COLLECT)
        self._way.changed.connect(self._way_chosen)
        self.body.addWidget(self._way)
        row = QHBoxLayout()
        row.setSpacing(12)
        self._promised = self._field(row, "Promised", "In days or 2026-12-24, or none", before.promised)
        self._note = self._field(row, "Note", "", before.note)
        self.body.addLayout(row)
        self._address_word = caption("Sent to")
        self._address = QLineEdit(before.address.replace("\n", ", "))
        self._address.setAccessibleName("Sent to")
        self._address.setMaxLength(500)
        for widget in (self._address_word, self._address):
            self.body.addWidget(widget)
            widget.hide()
        self._codes = {rule.name: rule.code for rule in tenders}
        more = f" beside the {fmt.money(taken)} taken" if taken else ""
        self._deposit = self.add_field(f"Deposit now{more}", before.deposit, placeholder="0.00")
        chosen = before.tender or next(iter(self._codes), None)
        self._tenders = Choices(list(self._codes), columns=3, chosen=chosen, first=3)
        self._tenders.take_letters(self._deposit)
        self.body.addWidget(self._tenders)
        hint = label(
            "A gift card or voucher, and a card with a terminal: take it into the sale before, by its key.", "muted"
        )
        hint.setWordWrap(True)
        self.body.addWidget(hint)
        if before.way is Way.SHIP:
            self._way.choose(SHIP)
        (self._deposit if before.deposit else self._promised).setFocus()

    def _field(self, row: QHBoxLayout, name: str, placeholder: str, text: str) -> QLineEdit:
        column = QVBoxLayout()
        column.setSpacing(4)
        made = QLineEdit(text)
        made.setAccessibleName(name)
        made.setPlaceholderText(placeholder)
        made.setMaxLength(200)
        column.addWidget(caption(name))
        column.addWidget(made)
        row.addLayout(column, 1)
        return made

    def _way_chosen(self, chosen: str) -> None:
        for widget in (self._address_word, self._address):
            widget.setVisible(chosen == SHIP)
        if chosen == SHIP:
            self._address.setFocus()

    def submit(self) -> None:
        """Read what was typed, and keep it: the fields do not outlive the question."""
        try:
            self.promised_on = promised(self._promised.text(), self._today)
        except ValueError:
            self._wrong(self._promised, "Type in how many days, 0 for today, or a day like 2026-12-24.")
            return
        typed = self._deposit.text().strip()
        try:
            self.deposit = self._fmt.parse(typed) if typed else 0
        except Refused as refused:
            self._wrong(self._deposit, sentence(refused))
            return
        left = self._cart.totals.total - self._taken
        if not 0 <= self.deposit <= left:
            self._wrong(self._deposit, f"No more than {self._fmt.money(left)} is left to pay.")
            return
        self.way = Way.SHIP if self._way.chosen == SHIP else Way.COLLECT
        self.address = self._address.text().strip() if self.way is Way.SHIP else ""
        if self.way is Way.SHIP and not self.address:
            self._wrong(self._address, "Say where it is to be sent.")
            return
        self.note = self._note.text().strip()
        self.tender = self._codes.get(self._tenders.chosen, "")
        self.answer = Answer(
            self.way, self._promised.text(), self.note, self._address.text(), typed, self._tenders.chosen or None
        )
        self.accept()

    def _wrong(self, field: QLineEdit, said: str) -> None:
        self.message.say(said, "warn")
        field.setFocus()
        field.selectAll()


def promised(text: str, today: date) -> date | None:
    """A day as typed: empty, in how many days, or year-month-day. Raises ValueError."""
    text = text.strip()
    if not text:
        return None
    if text.isascii() and text.isdigit() and len(text) <= 3:  # noqa: PLR2004 - days, no year
        return today + timedelta(days=int(text))
    found = date.fromisoformat(text)
    if found < today:
        raise ValueError(text)
    return found
