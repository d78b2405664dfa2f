"""What customers see of the sale, on whatever displays this machine has."""

from pos_app.app import App
from pos_app.devices.line_display import LineDisplay
from pos_app.domain.document import OrderView
from pos_app.receipts.two_lines import two_lines
from pos_app.services.cart_view import CartView
from ui.customer_display.display import CustomerDisplay
from ui.format import Formatter


class CustomerDisplays:
    """Hands each basket and document on to the window and the line display, where there are any."""

    def __init__(self, app: App, fmt: Formatter) -> None:
        """Open what this machine has."""
        self._fmt = fmt
        self._line = LineDisplay(app.config.line_display)
        self.window: CustomerDisplay | None = None
        if app.config.customer_display != "none":
            windowed = app.config.customer_display == "window"
            self.window = CustomerDisplay(fmt, app.clock, windowed=windowed)
            self.window.place()

    def show_cart(self, cart: CartView) -> None:
        """Show a basket as it stands."""
        if self.window is not None:
            self.window.show_cart(cart)
        if cart.lines:
            line = next((line for line in cart.lines if line.key == cart.touched), cart.lines[-1])
            self._line.show(two_lines(line.title, "Total", self._fmt.amount(cart.due)))

    def show_sale(self, sale: OrderView) -> None:
        """Show a document just stored."""
        if self.window is not None:
            self.window.show_paid(sale)
        self._line.show(two_lines("Thank you", "Change", self._fmt.amount(sale.change)))

    def show_waiting(self, amount: int) -> None:
        """Ask the customer to pay on the terminal."""
        if self.window is not None:
            self.window.show_waiting(amount)
        self._line.show(two_lines("Please pay", "On the terminal", self._fmt.amount(amount)))

    async def close(self) -> None:
        """Take the window away and let go of the display."""
        if self.window is not None:
            self.window.hide()
            self.window.deleteLater()
            self.window = None
        await self._line.close()
