"""The states of a document and the moves between them, as data."""

from enum import StrEnum

from pos_app.errors import Refused


class OrderStatus(StrEnum):
    """Where an order stands."""

    PENDING = "pending"
    CONFIRMED = "confirmed"
    SHIPPED = "shipped"
    DELIVERED = "delivered"
    CANCELLED = "cancelled"


class OrderKind(StrEnum):
    """What a document is.

    A counter sale (delivered at once), books that came back, both in one, the taking back of a whole sale on its own
    day, or an order to be fulfilled.
    """

    SALE = "sale"
    RETURN = "return"
    EXCHANGE = "exchange"
    VOID = "void"
    CUSTOMER_ORDER = "customer_order"


# Books collected in the shop go from confirmed to delivered without being shipped.
ALLOWED_MOVES: dict[OrderStatus, tuple[OrderStatus, ...]] = {
    OrderStatus.PENDING: (OrderStatus.CONFIRMED, OrderStatus.CANCELLED),
    OrderStatus.CONFIRMED: (OrderStatus.SHIPPED, OrderStatus.DELIVERED, OrderStatus.CANCELLED),
    OrderStatus.SHIPPED: (OrderStatus.DELIVERED, OrderStatus.CANCELLED),
    OrderStatus.DELIVERED: (),
    OrderStatus.CANCELLED: (),
}


def allowed_moves(status: OrderStatus) -> tuple[OrderStatus, ...]:
    """Give the states an order may move to, the usual one first."""
    return ALLOWED_MOVES[status]


def can_move(status: OrderStatus, to: OrderStatus) -> bool:
    """Tell whether an order may move."""
    return to in ALLOWED_MOVES[status]


def check_move(status: OrderStatus, to: OrderStatus) -> None:
    """Raise Refused("order.move") where an order may not move."""
    if not can_move(status, to):
        raise Refused("order.move", status=status.value, to=to.value)
