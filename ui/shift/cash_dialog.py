"""Cash put in or taken out, the opening float, and the drawer opened without a sale."""

from PySide6.QtWidgets import QWidget

from pos_app.errors import Refused
from ui.errors import sentence
from ui.format import Formatter
from ui.widgets.sheet import NO_REASON, Choices, Sheet

OUT, IN = "Taken out", "Put in"
REASONS = ("Change", "Bank", "Window cleaner", "Postage", "Petty cash", "Other")
NO_SALE_REASONS = ("Give change", "Check the drawer", "Wrong change given", "Other")


class CashDialog(Sheet):
    """In or out, how much, and why; `amount` is below zero where it was taken out.

    Both are kept once it is accepted: what comes after, a manager's PIN say, outlives the fields.
    """

    def __init__(self, fmt: Formatter, parent: QWidget) -> None:
        """Start with taking out, which is the usual case."""
        super().__init__("Cash in or out", parent, go="Note it", width=560)
        self._fmt = fmt
        self.amount, self.reason = 0, ""
        self._way = Choices((OUT, IN), columns=2, chosen=OUT)
        self.body.addWidget(self._way)
        self._field = self.add_field("Amount")
        self._reasons = self.add_reasons("Reason", REASONS, first=3)
        self._words = self.add_field("In your own words")
        self._reasons.take_letters(self._field)
        for one in (self._way, self._reasons):
            one.changed.connect(lambda _: self._field.setFocus())
        self._field.setFocus()

    def submit(self) -> None:
        """Read the amount, and why: in the person's own words where there are any."""
        try:
            amount = self._fmt.parse(self._field.text())
            if not amount:
                raise Refused("cash.amount")
        except Refused as refused:
            self.message.say(sentence(refused), "warn")
            self._field.setFocus()
            return
        reason = self._words.text().strip() or self._reasons.chosen
        if not reason:
            self.message.say(NO_REASON, "warn")
            self._field.setFocus()
            return
        self.amount = amount if self._way.chosen == IN else -amount
        self.reason = reason
        self.accept()


class NoSaleDialog(Sheet):
    """Why the drawer is opened without a sale."""

    def __init__(self, parent: QWidget) -> None:
        """Offer the usual reasons."""
        super().__init__("Open the drawer", parent, go="Open it")
        self.reason = ""
        self._reason = self.add_reasons("Reason, which is kept", NO_SALE_REASONS, columns=2)
        self._reason.take_letters(self.go)
        self._reason.changed.connect(lambda _: self.go.setFocus())
        self.go.setFocus()

    def submit(self) -> None:
        """Keep why: it is asked for once the question is gone."""
        if not self._reason.chosen:
            self.message.say(NO_REASON, "warn")
            return
        self.reason = self._reason.chosen
        self.accept()
