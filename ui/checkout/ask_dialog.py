"""Small questions at the counter: a text, an amount, a discount."""

from collections.abc import Sequence
from decimal import Decimal, InvalidOperation

from PySide6.QtWidgets import QWidget

from pos_app.domain.isbn import try_isbn13
from pos_app.errors import Refused
from pos_app.services.cart_view import CartLine, CartView
from pos_app.services.gift_card import checked_code
from pos_app.services.order_number import is_receipt_number
from ui.actions import shortcut
from ui.errors import sentence
from ui.format import Formatter
from ui.widgets.basic import label
from ui.widgets.key_button import KeyButton
from ui.widgets.sheet import NO_REASON, Choices, Sheet

REASONS = ("Damaged", "Regular customer", "Staff", "School", "Price match", "Goodwill")
PRICE_REASONS = ("Marked on the shelf", "Damaged", "Price match", "Second hand", "Other")
VOID_REASONS = ("Rung up wrong", "Rung up twice", "Changed mind", "Cannot pay", "Other")
RETURN_REASONS = ("Changed mind", "Damaged", "Wrong title", "A present", "Other")


class TextDialog(Sheet):
    """One line of text, which may be empty."""

    def __init__(self, title: str, name: str, text: str, parent: QWidget, *, go: str = "Keep") -> None:
        """Take what is asked."""
        super().__init__(title, parent, go=go)
        self.text = text
        self._field = self.add_field(name, text)
        self._field.selectAll()
        self._field.setFocus()

    def submit(self) -> None:
        """Keep what was typed: it is asked for once the dialog, and its field, are gone."""
        self.text = self._field.text()
        self.accept()


class AmountDialog(Sheet):
    """An amount, and where asked for a text or a scan beside it."""

    def __init__(
        self,
        title: str,
        fmt: Formatter,
        parent: QWidget,
        *,
        go: str = "Keep",
        amount: int | None = None,
        name: str = "Amount",
        code: str | None = None,
        note: str = "",
        reasons: Sequence[str] = (),
    ) -> None:
        """Take what is asked; `code` is the name of a field that takes scans, `reasons` are to be chosen of."""
        super().__init__(title, parent, go=go)
        self._fmt = fmt
        self.amount: int | None = None
        self.code: str | None = None
        self.reason = ""
        if note:
            text = label(note, "muted")
            text.setWordWrap(True)
            self.body.addWidget(text)
        self._field = self.add_field(name, "" if amount is None else fmt.plain(amount))
        self._code = None if code is None else self.add_field(code, placeholder="Scan or type; empty for a new one")
        # A question without such a field takes no scans: they wait for the sale.
        self.scanned = None if self._code is None else self._take_code
        # None is chosen for the person: a reason that nobody chose says nothing.
        self._reasons = self.add_reasons("Reason", reasons) if reasons else None
        if self._reasons is not None:
            self._reasons.take_letters(self._field)
            self._reasons.changed.connect(lambda _: self._field.setFocus())
        self._field.selectAll()
        self._field.setFocus()

    def _take_code(self, code: str) -> None:
        """Take a scan as the code; a book held under the scanner is none."""
        if self._code is None:
            return
        if try_isbn13(code) is not None:
            self.message.say(sentence(Refused("gift_card.book", title="a book")), "warn")
            return
        self._code.setText(code)
        self.message.say("")

    def prefill(self, text: str) -> None:
        """Start with what was typed before."""
        self._field.setText(text)
        self._field.selectAll()

    def submit(self) -> None:
        """Read the amount, and keep it with what was scanned and chosen: the fields do not outlive the question."""
        try:
            self.amount = self._fmt.parse(self._field.text())
        except Refused as refused:
            self.message.say(sentence(refused), "warn")
            self._field.setFocus()
            self._field.selectAll()
            return
        if self._reasons is not None and not self._reasons.chosen:
            self.message.say(NO_REASON, "warn")
            self._field.setFocus()
            return
        if self._code is not None:
            self.code = self._code.text().strip() or None
            try:
                if self.code is not None:
                    checked_code(self.code)
            except Refused as refused:
                self.message.say(sentence(refused), "warn")
                self._code.setFocus()
                self._code.selectAll()
                return
        self.reason = self._reasons.chosen if self._reasons is not None else ""
        self.accept()


class VoidDialog(Sheet):
    """Which sale is voided, and why; the receipt of another one of the day is scanned or its number typed."""

    def __init__(self, last: str, parent: QWidget) -> None:
        """Start with the last sale of the till, where there is one."""
        super().__init__("Void a sale", parent, go="Void it", width=560)
        self.number, self.reason = "", ""
        self._number = self.add_field("Receipt number", last, placeholder="Scan the receipt, or type 2-004183")
        self._reasons = self.add_reasons("Reason, which is kept", VOID_REASONS)
        self._words = self.add_field("In your own words")
        self._reasons.changed.connect(lambda _: self.go.setFocus())
        self._reasons.take_letters(self.go)
        # A receipt's number has no letters: they choose the reason from its field too.
        self._reasons.take_letters(self._number)
        note = label("Everything in it goes back, and all that was paid. It must be of today.", "muted")
        note.setWordWrap(True)
        self.body.addWidget(note)
        self._number.selectAll()
        self._number.setFocus()

    def scanned(self, code: str) -> None:
        """Take the receipt's barcode."""
        if is_receipt_number(code):
            self._number.setText(code.strip())
            self.message.say("Now the reason.")
            self.go.setFocus()
        else:
            self.message.say("That is no receipt. Scan the barcode at the foot of one.", "warn")

    def submit(self) -> None:
        """Keep which and why; whether it can be voided is found out beside the work."""
        self.number = self._number.text().strip()
        self.reason = self._words.text().strip() or self._reasons.chosen
        if not is_receipt_number(self.number):
            self.message.say("Scan the receipt or type its number, like 2-004183.", "warn")
            self._number.setFocus()
        elif not self.reason:
            self.message.say(NO_REASON, "warn")
            self.go.setFocus()
        else:
            self.accept()


class TaxDialog(Sheet):
    """Another tax for a line, or its own again; `rate_id` is None for its own."""

    OWN = "As the title has it"

    def __init__(self, line: CartLine, rates: Sequence[tuple[int, str]], parent: QWidget) -> None:
        """Take the line and the rates to choose of."""
        super().__init__("Another tax", parent, go="Tax it so", width=560)
        self.rate_id: int | None = None
        self.reason = ""
        self.body.addWidget(label(line.title, "muted"))
        self._ids = {name: rate_id for rate_id, name in rates}
        self._rates = Choices([self.OWN, *self._ids], columns=2, chosen=self.OWN)
        self.body.addWidget(self._rates)
        self._reason = self.add_field("Reason, which is kept")
        self._rates.changed.connect(lambda _: self._reason.setFocus())
        self._reason.setFocus()

    def submit(self) -> None:
        """Keep the rate and why: a manager's PIN may be asked for once the fields are gone."""
        self.rate_id, self.reason = self._ids.get(self._rates.chosen), self._reason.text()
        self.accept()


class DiscountDialog(Sheet):
    """F8: a part or an amount, off the line or the whole sale, and why."""

    WHERE_LINE, WHERE_SALE = "This line", "Whole sale"
    PERCENT, MONEY = "Per cent", "Amount"

    def __init__(self, cart: CartView, line: CartLine | None, fmt: Formatter, typed: str, parent: QWidget) -> None:
        """Start with what was typed into the entry field, as per cent."""
        super().__init__("Discount", parent, go="Give it", width=560)
        self._fmt = fmt
        self.discount: Decimal | int | None = None
        self.on_line, self.reason = False, ""
        reduced = [one for one in cart.lines if not one.comes_back and not one.gift_card]
        whole = sum(one.quantity * one.price for one in reduced)
        self._whole = {True: whole if line is None else line.quantity * line.price, False: whole}
        where = [self.WHERE_SALE] if line is None else [self.WHERE_LINE, self.WHERE_SALE]
        items = "1 item" if cart.item_count == 1 else f"{cart.item_count} items"
        said = line.title if line is not None else items
        self.body.addWidget(label(said, "muted"))
        self._where = Choices(where, columns=2, chosen=where[0])
        self.body.addWidget(self._where)
        self._unit = Choices([self.PERCENT, self.MONEY], columns=2, chosen=self.PERCENT, first=3)
        self._field = self.add_field("How much", typed.strip().rstrip("%"), placeholder="10, or 0 to take it away")
        self.body.addWidget(self._unit)
        self._reason = self.add_reasons("Reason", REASONS, first=5)
        for one in (self._where, self._unit, self._reason):
            one.changed.connect(lambda _: self._field.setFocus())
        self._reason.take_letters(self._field)
        self._field.selectAll()
        self._field.setFocus()

    def submit(self) -> None:
        """Read how much, and keep it with what it is off and why."""
        text = self._field.text().strip().replace(",", ".")
        try:
            if self._unit.chosen == self.PERCENT:
                rate = Decimal(text.rstrip("% ")) / 100
                if not rate.is_finite() or rate != round(rate, 6) or rate < 0:
                    raise InvalidOperation
                self.discount = rate or None
            else:
                self.discount = self._fmt.parse(text) or None
        except (InvalidOperation, Refused):
            self.message.say("Type how much: digits with at most one decimal mark.", "warn")
            self._field.setFocus()
            self._field.selectAll()
            return
        if self.discount is not None and not self._reason.chosen:
            self.message.say(NO_REASON, "warn")
            self._field.setFocus()
            return
        self.on_line, self.reason = self._where.chosen == self.WHERE_LINE, self._reason.chosen
        whole = self._whole[self.on_line]
        if (self.discount or 0) > (1 if isinstance(self.discount, Decimal) else whole):
            self.message.say(sentence(Refused("discount.too_large")), "warn")
            self._field.setFocus()
            self._field.selectAll()
            return
        self.accept()


class ReceiptNumberDialog(Sheet):
    """F9: which receipt books come back from; scanning it does the same without this question."""

    def __init__(self, typed: str, parent: QWidget) -> None:
        """Start with what was typed."""
        super().__init__("Return", parent, go="Find the sale")
        self.number = ""
        self.without_receipt = False
        self._field = self.add_field("Receipt number", typed, placeholder="Scan the receipt, or type 2-004183")
        without = KeyButton("No receipt", "Alt N", size="big")
        without.clicked.connect(self._without)
        shortcut(self, "Alt+N", self._without, within=False)
        self.foot.insertWidget(1, without)
        self._field.setFocus()

    def _without(self) -> None:
        self.without_receipt = True
        self.accept()

    def scanned(self, code: str) -> None:
        """Take the receipt's barcode."""
        self._field.setText(code)
        self.submit()

    def submit(self) -> None:
        """Give the number back; whether there is such a sale is found out beside the work."""
        self.number = self._field.text().strip()
        if not self.number:
            self.message.say("Scan the receipt or type its number; without one, Alt+N.", "warn")
            return
        self.accept()
