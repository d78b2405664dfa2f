"""A document as it is shown and printed."""

from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum

from pos_app.domain.loyalty import LoyaltyMoved
from pos_app.domain.order_status import OrderKind, OrderStatus
from pos_app.domain.payment import PaymentIn, Tender
from pos_app.domain.sale import TaxTotal


class AdjustmentKind(StrEnum):
    """What made a line cost something else than its price and its title's tax say."""

    PRICE = "price"
    TAX = "tax"
    PROMOTION = "promotion"
    LINE_DISCOUNT = "line_discount"
    SALE_DISCOUNT = "sale_discount"


class Restock(StrEnum):
    """Where a book that came back goes; only a sellable one counts as stock."""

    SELLABLE = "sellable"
    DAMAGED = "damaged"
    PUBLISHER = "publisher"


@dataclass(frozen=True, slots=True)
class Adjustment:
    """One reason for a line's amount: `amount` is what it took off the line, in minor units.

    `name` is the promotion's or the reason's, as it was then; `was` is the price or tax before an override, in words
    that need no looking up; `allowed_by` is the manager whose PIN let it pass.
    """

    kind: AdjustmentKind
    name: str
    amount: int = 0
    was: str | None = None
    allowed_by: str | None = None


@dataclass(frozen=True, slots=True)
class OrderLine:
    """One line of a document as it was made; amounts in minor units.

    `quantity`, and with it every amount but the price, is below zero where the line came back. `gift_card` is the code
    of a card sold on this line.
    """

    book_id: int
    title: str
    isbn: str | None
    quantity: int
    price: int
    discount: int
    amount: int
    tax_name: str
    tax_rate: Decimal
    returned_quantity: int
    # Known once it is read back; a document just written does without.
    id: int = field(default=0, compare=False)
    note: str | None = None
    gift_card: str | None = None
    restock: Restock | None = None
    returned_item_id: int | None = None
    # The line's part of the document's amounts before tax and of tax.
    net: int = 0
    tax: int = 0
    adjustments: tuple[Adjustment, ...] = ()


@dataclass(frozen=True, slots=True)
class OrderView:
    """One document, whole."""

    id: int
    uid: str
    kind: OrderKind
    status: OrderStatus
    version: int
    number: str
    currency: str
    prices_include_tax: bool
    placed_at: datetime
    paid_at: datetime | None
    business_date: date
    operator: str
    till: int | None
    customer: str | None
    shipping_address: str | None
    note: str | None
    discount: int
    net: int
    tax: int
    rounding: int
    total: int
    change: int
    lines: tuple[OrderLine, ...]
    taxes: tuple[TaxTotal, ...]
    payments: tuple[PaymentIn, ...]
    training: bool = False
    customer_id: int | None = None
    # The number of the sale that this document takes back or voids.
    refers_to: str | None = None
    # Why it was taken back or voided, and the manager whose PIN let it pass; known once it is read back.
    reason: str | None = None
    allowed_by: str | None = field(default=None, compare=False)
    # What it did to its customer's points, where the shop gives any.
    loyalty: LoyaltyMoved | None = None
    # The orders that stand again since it voided what they were collected by; known to who voided.
    orders_again: tuple[int, ...] = field(default=(), compare=False)
    # What of it is to be put aside, and for whom: somebody waited for it.
    put_aside: tuple[str, ...] = field(default=(), compare=False)

    @property
    def goes_back(self) -> int:
        """What a document that comes to less than nothing pays out: deposits of orders that stand again stay."""
        return sum(-paid.amount for paid in self.payments if paid.amount < 0 and paid.tender != Tender.DEPOSIT)

    @property
    def item_count(self) -> int:
        """How many pieces the lines hold together, those that came back counted too."""
        return sum(abs(line.quantity) for line in self.lines)
