"""Buying: the ways of a purchase order, and how many copies to order."""

from dataclasses import dataclass
from enum import StrEnum

from pos_app.errors import Refused

MAX_PIECES = 100_000


class PurchaseStatus(StrEnum):
    """Where a purchase order stands; what it orders can change while it is a draft."""

    DRAFT = "draft"
    SENT = "sent"
    CLOSED = "closed"
    CANCELLED = "cancelled"


_MOVES = {
    PurchaseStatus.DRAFT: (PurchaseStatus.SENT, PurchaseStatus.CANCELLED),
    PurchaseStatus.SENT: (PurchaseStatus.CLOSED, PurchaseStatus.CANCELLED),
    PurchaseStatus.CLOSED: (),
    PurchaseStatus.CANCELLED: (),
}


def check_purchase_move(status: PurchaseStatus, to: PurchaseStatus) -> None:
    """Raise Refused("purchase.move") unless a purchase order may go from one to the other."""
    if to not in _MOVES[status]:
        raise Refused("purchase.move", status=status.value, to=to.value)


def check_pieces(pieces: object, *, least: int = 0) -> int:
    """Give a number of pieces back. Raises Refused("pieces.invalid")."""
    if not isinstance(pieces, int) or isinstance(pieces, bool) or not least <= pieces <= MAX_PIECES:
        raise Refused("pieces.invalid", least=least, limit=MAX_PIECES)
    return pieces


@dataclass(frozen=True, slots=True)
class Need:
    """What a title's purchase rests on, in pieces; `sold` within `sold_days`, `lead_days` until a delivery."""

    reorder_at: int
    stock: int
    reserved: int
    on_order: int
    waiting: int
    sold: int
    sold_days: int
    lead_days: int

    @property
    def during_delivery(self) -> int:
        """What is likely to be sold until an order comes: the speed of sales times the lead time, rounded up."""
        return -(-max(self.sold, 0) * self.lead_days // self.sold_days) if self.sold_days else 0

    @property
    def available(self) -> int:
        """Stock that nobody has spoken for."""
        return self.stock - self.reserved

    @property
    def suggested(self) -> int:
        """How many to order: never below nothing.

        Reorder level, sales until the delivery and copies customers wait for, less what is there and on its way.
        """
        wanted = self.reorder_at + self.during_delivery + self.waiting
        return min(max(wanted - self.available - self.on_order, 0), MAX_PIECES)
