"""What customers see of the sale, on whatever displays this machine has."""

import asyncio

from pos_app.app import App
from pos_app.devices.line_display import LineDisplay
from pos_app.domain.document import OrderView
from pos_app.errors import PosError
from pos_app.receipts.two_lines import letters, two_lines
from pos_app.services.cart_view import CartView
from ui.customer_display.display import CustomerDisplay
from ui.customer_display.pictures import read_slide
from ui.format import Formatter

# How long a picture stands between customers.
TURN_S = 12.0


class CustomerDisplays:
    """Hands each basket and document on to the window and the line display, where there are any.

    They belong to the machine, not to who is at the till: between people they show the shop.
    """

    def __init__(self, app: App, fmt: Formatter) -> None:
        """Open what this machine has."""
        self._fmt, self._clock = fmt, app.clock
        self._paid = False
        self._folder = app.config.data_dir / "customer-display"
        self._turning: asyncio.Task[None] | None = None
        self.window: CustomerDisplay | None = None
        self.screen, self.line = "none", app.config.line_display
        self._line = LineDisplay(self.line)
        self._open(app.config.customer_display)
        self.show_nothing()

    def _open(self, screen: str) -> None:
        self.screen = screen
        if screen == "none":
            return
        self.window = CustomerDisplay(self._fmt, self._clock, windowed=screen == "window")
        self.window.place()
        self._turning = asyncio.get_event_loop().create_task(self._turn(self.window))

    async def use(self, screen: str, line: str) -> None:
        """Use other displays from now on. Raises Refused("printer.setting")."""
        fresh = LineDisplay(line)
        await self.close()
        self.line, self._line = line, fresh
        self._open(screen)
        self.show_nothing()

    async def test(self) -> PosError | None:
        """Show a test on both, and give why the line display shows nothing, if it does not."""
        if self.window is not None:
            self.window.place()
            self.window.show_test()
        self._say("Display test", "Total", self._fmt.amount(123456))
        await self._line.settled()
        return self._line.fault

    def show_nothing(self) -> None:
        """Show the shop: nobody is served."""
        self._paid = False
        if self.window is not None:
            self.window.show_idle()
        self._say(self._fmt.settings.shop_name, "", "")

    def show_cart(self, cart: CartView) -> None:
        """Show a basket as it stands."""
        if self.window is not None:
            self.window.show_cart(cart)
        if cart.lines:
            self._paid = False
            line = next((line for line in cart.lines if line.key == cart.touched), cart.lines[-1])
            word = "We give back" if cart.due < 0 else "To pay" if cart.payments else "Total"
            # A title that has no letter the display knows is told by its number.
            self._say(line.title if letters(line.title) else line.isbn or "", word, self._fmt.amount(abs(cart.due)))
        elif not self._paid:
            # Nothing of a sale that was parked or taken back stays for the next customer.
            self._say(self._fmt.settings.shop_name, "", "")

    def show_sale(self, sale: OrderView) -> None:
        """Show a document just stored; it stays until the next line."""
        self._paid = True
        if self.window is not None:
            self.window.show_paid(sale)
        if sale.total < 0:
            self._say("Thank you", "We give back", self._fmt.amount(-sale.total))
        else:
            self._say("Thank you", "Change", self._fmt.amount(sale.change))

    def show_waiting(self, amount: int) -> None:
        """Ask the customer to pay on the terminal."""
        if self.window is not None:
            self.window.show_waiting(amount)
        self._say("Please pay", "On the terminal", self._fmt.amount(amount))

    async def close(self) -> None:
        """Take the window away and let go of the display."""
        if self._turning is not None:
            self._turning.cancel()
            await asyncio.gather(self._turning, return_exceptions=True)
            self._turning = None
        if self.window is not None:
            self.window.hide()
            self.window.deleteLater()
            self.window = None
        await self._line.close()

    def _say(self, upper: str, lower: str, figure: str) -> None:
        self._line.show(two_lines(upper, lower, figure))

    async def _turn(self, window: CustomerDisplay) -> None:
        turn = 0
        while True:
            if window.idle:
                window.slide = await asyncio.to_thread(read_slide, self._folder, turn, window.size())
                turn += 1
            await asyncio.sleep(TURN_S)
