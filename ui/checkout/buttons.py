"""The row of buttons under the sale, and the one that takes its place while books come back."""

from collections.abc import Callable
from typing import TYPE_CHECKING

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QGridLayout, QStackedWidget, QWidget

from pos_app.services.cart_view import CartView
from ui.widgets.key_button import KeyButton

if TYPE_CHECKING:
    from ui.checkout.page import CheckoutPage

GAP = 8


class Buttons(QStackedWidget):
    """Selling, or taking back."""

    def __init__(self, page: "CheckoutPage") -> None:
        """Take the page whose acts the buttons start."""
        super().__init__()
        self._grids: dict[int, QGridLayout] = {}
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
            ("Put: Sellable", "F6", returns.next_restock),
            ("Why: Changed mind", "F7", returns.next_reason),
            ("No receipt", "F8", returns.without_receipt),
            ("Exchange", "F9", returns.key),
            ("Leave", "Esc", returns.leave),
        )
        self._columns = 0
        self._arrange(6)

    def _row(self, *buttons: tuple[str, str, Callable[[], object]]) -> dict[str, KeyButton]:
        row = QWidget()
        layout = QGridLayout(row)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(GAP)
        made = {}
        for name, key, act in buttons:
            button = KeyButton(name, key, name=name)
            button.setFocusPolicy(Qt.FocusPolicy.NoFocus)
            button.clicked.connect(act)
            made[name] = button
        self.addWidget(row)
        self._grids[id(made)] = layout
        return made

    def minimumSizeHint(self) -> QSize:
        """As narrow as a row of two: the buttons stand in two or three rows where six do not fit."""
        return QSize(2 * self._widest() + GAP, self.height())

    def _widest(self) -> int:
        return max(button.sizeHint().width() for row in (self._selling, self._returning) for button in row.values())

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Stand in as few rows as there is room for."""
        super().resizeEvent(event)
        self._fit()

    def _fit(self) -> None:
        shown = (self._selling, self._returning)[self.currentIndex()].values()
        wanted = sum(button.sizeHint().width() for button in shown) + 5 * GAP
        in_threes = 3 * max(button.sizeHint().width() for button in shown) + 2 * GAP <= self.width()
        self._arrange(6 if wanted <= self.width() else 3 if in_threes else 2)

    def _arrange(self, columns: int) -> None:
        if columns == self._columns:
            return
        self._columns = columns
        for row in (self._selling, self._returning):
            layout = self._grids[id(row)]
            for place, button in enumerate(row.values()):
                layout.addWidget(button, place // columns, place % columns)
            for column in range(6):
                layout.setColumnStretch(column, 1 if column < columns else 0)
        height = next(iter(self._selling.values())).sizeHint().height()
        lines = 6 // columns
        self.setFixedHeight(lines * height + (lines - 1) * GAP)

    def show_cart(self, cart: CartView) -> None:
        """Say how many baskets wait, and what there is nothing to do with."""
        self.show_parked(cart.parked)
        self._selling["Park"].setEnabled(bool(cart.lines))
        self._selling["Discount"].setEnabled(bool(cart.lines))

    def show_parked(self, count: int) -> None:
        """Say how many baskets wait, at whichever till they were parked."""
        words = f"Recall · {count}" if count else "Recall"
        if words != self._selling["Recall"].words:
            self._selling["Recall"].show_text(words, name="Recall")
            self._fit()
        self._selling["Recall"].setEnabled(bool(count))

    def show_paid(self) -> None:
        """A sale is paid: there is no basket to park or to discount until the next scan."""
        self._selling["Park"].setEnabled(False)
        self._selling["Discount"].setEnabled(False)

    def show_returning(self, restock: str, reason: str) -> None:
        """Show the row for taking back, with where the books go and why they come."""
        self._returning["Put: Sellable"].show_text(f"Put: {restock}", name=f"They go to: {restock}")
        self._returning["Why: Changed mind"].show_text(f"Why: {reason}", name=f"Reason: {reason}")
        self.setCurrentIndex(1)
        self._fit()

    def show_selling(self) -> None:
        """Show the row for selling."""
        self.setCurrentIndex(0)
        self._fit()
