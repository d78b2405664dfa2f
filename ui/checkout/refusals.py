"""Scans refused a moment ago: the scans that waited behind them would hide what was said, unseen."""

from PySide6.QtCore import QElapsedTimer

from pos_app.domain.isbn import try_isbn13
from pos_app.services.cart_view import CartView

# As long as it takes to read a sentence.
UNSEEN_MS = 3_000


class Refusals:
    """What is said again beside the next scans' own words."""

    def __init__(self) -> None:
        """Start with none."""
        self._said, self._count = "", 0
        self._since = QElapsedTimer()

    def keep(self, code: str, said: str, cart: CartView | None) -> None:
        """Keep what was said of a scan, named by its title where the basket knows it."""
        isbn = try_isbn13(code)
        lines = cart.lines if cart is not None else ()
        # A code alone is not shown: it may be the number of somebody's bank card.
        title = next((line.title for line in lines if isbn is not None and line.isbn == isbn), None)
        self._count = self._count + 1 if self.unseen() else 1
        self._said = said if title is None else f"Not added: {title}. {said}"
        self._since.start()

    def unseen(self) -> str:
        """What nobody can have read yet; empty where there was time for it."""
        if not self._count or self._since.hasExpired(UNSEEN_MS):
            return ""
        return self._said if self._count == 1 else f"{self._count} scans were refused. The last: {self._said}"
