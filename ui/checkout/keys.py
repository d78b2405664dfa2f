"""The counter's keys, each with what it does; those of the empty entry field stand with the field."""

from typing import TYPE_CHECKING

from pos_app.domain.payment import Tender

if TYPE_CHECKING:
    from ui.checkout.page import CheckoutPage


def bind_keys(page: "CheckoutPage") -> None:
    """Bind every key of the page."""
    for keys, act in {
        "F2": page.focus_home,
        "Esc": page.escape,
        "F3": page.check_price,
        "F4": page.flows.customer,
        "F5": page.flows.gift_card,
        "F6": lambda: page.returns.next_restock() if page.returns.active else page.flows.park(),
        "F7": lambda: page.returns.next_reason() if page.returns.active else page.flows.recall(),
        "F8": lambda: page.returns.without_receipt() if page.returns.active else page.flows.discount(),
        "F9": page.returns.key,
        "F10": page.flows.more,
        "Shift+F10": page.flows.x_report,
        "Ctrl+F10": page.flows.close_shift,
        "F11": lambda: page.paying.pressed(Tender.CARD),
        "F12": lambda: page.paying.pressed(Tender.CASH),
        "Ctrl+F12": page.paying.refund_in_cash,
        "Ctrl+K": page.flows.quick_keys,
        "Ctrl+O": page.flows.order,
        "Ctrl+T": page.flows.take_ready,
        "Ctrl+A": page.returns.all,
        "Ctrl+Z": page.undo,
        "Ctrl+R": page.flows.show_receipt,
        "Ctrl+P": page.flows.reprint,
    }.items():
        page.keys.bind(page, keys, act)
