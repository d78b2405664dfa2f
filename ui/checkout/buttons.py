"""The row of buttons under the sale, and the one that takes its place while books come back."""

from collections.abc import Callable
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHBoxLayout, QStackedWidget, QWidget

from pos_app.services.cart_view import CartView
from ui.widgets.key_button import KeyButton

if TYPE_CHECKING:
    from ui.checkout.page import CheckoutPage


class Buttons(QStackedWidget):
    """Selling, or taking back."""

    def __init__(self, page: "CheckoutPage") -> None:
        """Take the page whose acts the buttons start."""
        super().__init__()
        flows, returns = page.flows, page.returns
        self._selling = self._row(
            ("Park", "F6", flows.park),
            ("Recall", "F7", flows.recall),
            ("Discount", "F8", flows.discount),
            ("Return", "F9", returns.key),
            ("Customer", "F4", flows.customer),
            ("More", "F10", flows.more),
        )
        self._returning = self._row(
            ("All", "Ctrl A", returns.all),
            ("Sellable", "", returns.next_restock),
            ("Changed mind", "", returns.next_reason),
            ("No receipt", "", returns.without_receipt),
            ("Exchange", "F9", returns.key),
            ("Leave", "Esc", returns.leave),
        )
        self.setFixedHeight(self.sizeHint().height())

    def _row(self, *buttons: tuple[str, str, Callable[[], object]]) -> dict[str, KeyButton]:
        row = QWidget()
        layout = QHBoxLayout(row)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(8)
        made = {}
        for name, key, act in buttons:
            button = KeyButton(name, key, name=name)
            button.setFocusPolicy(Qt.FocusPolicy.NoFocus)
            button.clicked.connect(act)
            layout.addWidget(button, 1)
            made[name] = button
        self.addWidget(row)
        return made

    def show_cart(self, cart: CartView) -> None:
        """Say how many baskets wait, and what there is nothing to do with."""
        count = cart.parked
        self._selling["Recall"].show_text(f"Recall · {count}" if count else "Recall", name="Recall")
        self._selling["Recall"].setEnabled(bool(count))
        self._selling["Park"].setEnabled(bool(cart.lines))
        self._selling["Discount"].setEnabled(bool(cart.lines))

    def show_returning(self, restock: str, reason: str) -> None:
        """Show the row for taking back, with where the books go and why they come."""
        self._returning["Sellable"].show_text(restock, name=f"They go to: {restock}")
        self._returning["Changed mind"].show_text(reason, name=f"Reason: {reason}")
        self.setCurrentIndex(1)

    def show_selling(self) -> None:
        """Show the row for selling."""
        self.setCurrentIndex(0)
