"""What the counter puts into the foot of the window: Undo, and the last sale."""

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QWidget

from pos_app.domain.document import OrderView
from ui.format import Formatter
from ui.widgets.fitting import FittingLabel
from ui.widgets.key_button import KeyButton

if TYPE_CHECKING:
    from ui.checkout.page import CheckoutPage


class Foot:
    """Small buttons, and in words what was sold last."""

    def __init__(self, page: "CheckoutPage") -> None:
        """Take the page whose acts the buttons start."""
        self._last = FittingLabel("small")
        self.undo, self._receipt, self._reprint = (
            KeyButton(name, key, role="quiet", name=shown)
            for name, key, shown in (
                ("Undo", "Ctrl Z", "Undo"),
                ("Receipt", "Ctrl R", "Show receipt"),
                ("Reprint", "Ctrl P", "Reprint"),
            )
        )
        for button, act in (
            (self.undo, page.undo),
            (self._receipt, page.flows.show_receipt),
            (self._reprint, page.flows.reprint),
        ):
            button.setFocusPolicy(Qt.FocusPolicy.NoFocus)
            button.clicked.connect(act)

    @property
    def widgets(self) -> list[QWidget]:
        """From left to right."""
        return [self.undo, self._last, self._receipt, self._reprint]

    def show_last(self, sale: OrderView | None, fmt: Formatter) -> None:
        """Name the last sale, if there is one."""
        for button in (self._receipt, self._reprint):
            button.setEnabled(sale is not None)
        if sale is None:
            self._last.show_wordings("No sale at this till yet", "No sale yet")
            return
        # Money onto an account or for an order sells nothing: what moved is said, and not its sum of nothing.
        amount = sale.total if sale.lines else sum(paid.amount for paid in sale.payments if paid.amount > 0)
        total = f"{sale.number} · {fmt.money(amount)}"
        wordings = [f"Last {'sale' if sale.lines else 'receipt'} {total}", total, sale.number]
        if sale.change:
            change = f"change {fmt.money(sale.change)}"
            wordings = [f"Last sale {total} · {change}", f"{total} · {change}", *wordings[1:]]
        self._last.show_wordings(*wordings)
