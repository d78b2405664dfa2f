"""A document as it is shown and printed."""

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from pos_app.domain.order_status import OrderKind, OrderStatus
from pos_app.domain.payment import PaymentIn
from pos_app.domain.sale import TaxTotal


@dataclass(frozen=True, slots=True)
class OrderLine:
    """One line of a document as it was made; amounts in minor units."""

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

    @property
    def item_count(self) -> int:
        """How many pieces the lines hold together."""
        return sum(line.quantity for line in self.lines)
