"""What the counter's message says after a step."""

from pos_app.domain.document import OrderView
from pos_app.domain.order_status import OrderKind
from pos_app.domain.payment import Tender
from pos_app.services.cart_view import CartLine, CartView
from ui.format import Formatter

# What is said of a step that was taken back, by its act.
UNDONE = {
    "add": "scan",
    "quantity": "change of quantity",
    "remove": "removal of a line",
    "clear": "emptying of the basket",
    "note": "note",
    "customer": "choice of customer",
    "gift card": "gift card",
    "restock": "change of where a book goes",
    "return": "return of a book",
    "discount": "discount",
    "price": "other price",
    "tax": "other tax",
    "order": "taking of the order",
    "quote": "taking of the quote",
}


def said_of_step(cart: CartView, fmt: Formatter) -> tuple[str, str] | None:
    """What the step did that led to this basket, and the kind of the message; None where there is nothing to say."""
    line = next((line for line in cart.lines if line.key == cart.touched), None)
    if cart.message:
        # By hand, on the terminal that stands apart, there is still something to do.
        by_hand = cart.message == "undone.payment" and cart.params["tender"] == Tender.CARD
        return _undone(cart, fmt), "warn" if by_hand else "none"
    if line is not None:
        return _said_of_line(line, fmt)
    if not cart.lines:
        return "The basket is empty. Ctrl+Z brings the lines back.", "none"
    if cart.touched is not None:
        return "Line removed. Ctrl+Z brings it back.", "none"
    return None


def _said_of_line(line: CartLine, fmt: Formatter) -> tuple[str, str]:
    text = f"{line.title} · {line.quantity} × {fmt.amount(line.price)}"
    if line.available is not None and line.quantity > line.available:
        there = "None is" if not line.available else f"Only {line.available} is" if line.available == 1 else ""
        there = there or f"Only {line.available} are"
        return f"{text}. {there} in stock, and the shop sells no more than it has.", "warn"
    if line.cover_price in (None, line.list_price):
        return text, "ok"
    return f"{text}. The cover says {fmt.money(line.cover_price or 0)}: check the price.", "warn"


def _undone(cart: CartView, fmt: Formatter) -> str:
    if cart.message == "undone.payment":
        text = f"{cart.params['name']} {fmt.money(cart.params['amount'])} taken back."
        return text + (" Cancel it on the card terminal too." if cart.params["tender"] == Tender.CARD else "")
    step = UNDONE.get((cart.message or "").removeprefix("undone."), "last step")
    whose = f"{cart.params['by']}'s" if cart.params.get("by") else "the"
    text = f"Undone: {whose} {step}."
    title = cart.params.get("title")
    if title is None:
        return text
    line = next((line for line in cart.lines if line.key == cart.touched), None)
    if line is None:
        return f"{text} {title} is out of the basket."
    return f"{text} {title} · {line.quantity} × {fmt.amount(line.price)}"


def said_of_waiting(cart: CartView) -> tuple[str, str]:
    """What a basket is that is on the screen after signing in."""
    name = cart.params.get("name", "")
    if cart.message == "basket.taken_over":
        own = " Your own basket of another till is parked: F7." if cart.params["parked"] else ""
        return f"{name} began this basket. It goes on as yours.{own}", "none"
    if cart.message == "basket.waits":
        return f"This is your own basket. {name}'s of this till waits: F7 takes it up.", "warn"
    return "This basket was waiting here.", "none"


def said_of_sale(sale: OrderView) -> str:
    """What was stored."""
    word = {OrderKind.RETURN: "Return", OrderKind.EXCHANGE: "Exchange", OrderKind.VOID: "Void"}.get(sale.kind)
    practice = " It was training: nothing was sold." if sale.training else ""
    done = "is stored" if word else "is paid and stored"
    again = "".join(f" Order {number} stands again, its copies held." for number in sale.orders_again)
    aside = f" Put aside: {', '.join(sale.put_aside)}." if sale.put_aside else ""
    return f"{word or 'Sale'} {sale.number} {done}.{again}{aside}{practice}"
