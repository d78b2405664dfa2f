"""Documents: counter sales, returns, exchanges, voids and customer orders; append-only once paid."""

from datetime import date, datetime
from decimal import Decimal

from sqlalchemy import (
    Boolean,
    CheckConstraint,
    Date,
    ForeignKey,
    Index,
    Integer,
    String,
    Text,
    UniqueConstraint,
    false,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column

from pos_app.domain.document import AdjustmentKind, Restock
from pos_app.domain.order_status import OrderKind, OrderStatus
from pos_app.domain.tax import TaxLevel
from pos_app.models.base import (
    BaseModel,
    Money,
    Rate,
    UtcDateTime,
    Versioned,
    enum_column,
    one_of,
)


class Order(Versioned, BaseModel):
    """One document. The tax policy in force is stored on it; amounts are minor units of `currency`."""

    __tablename__ = "orders"
    __table_args__ = (
        CheckConstraint(one_of("status", OrderStatus), name="status_known"),
        CheckConstraint(one_of("kind", OrderKind), name="kind_known"),
        CheckConstraint(one_of("tax_level", TaxLevel), name="tax_level_known"),
        # A number is drawn when, and only when, the document is paid.
        CheckConstraint("(receipt_number IS NULL) = (paid_at IS NULL)", name="numbered_when_paid"),
        # Training has a series of its own, so that the real one stays without gap.
        UniqueConstraint("till_id", "training", "receipt_number", name="uq_orders_receipt_number"),
        Index("idx_orders_kind_status", "kind", "status", "id"),
        Index("idx_orders_business_date", "business_date", "id"),
    )

    uid: Mapped[str] = mapped_column(String(36), unique=True)
    content_hash: Mapped[str] = mapped_column(String(64))
    kind: Mapped[OrderKind] = mapped_column(enum_column(OrderKind))
    status: Mapped[OrderStatus] = mapped_column(enum_column(OrderStatus), index=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id", ondelete="RESTRICT"), index=True)
    customer_id: Mapped[int | None] = mapped_column(ForeignKey("customers.id", ondelete="RESTRICT"), index=True)
    till_id: Mapped[int | None] = mapped_column(ForeignKey("tills.id", ondelete="RESTRICT"))
    shift_id: Mapped[int | None] = mapped_column(ForeignKey("shifts.id", ondelete="RESTRICT"), index=True)
    receipt_number: Mapped[int | None] = mapped_column(Integer)
    business_date: Mapped[date] = mapped_column(Date)
    placed_at: Mapped[datetime] = mapped_column(UtcDateTime)
    paid_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    currency: Mapped[str] = mapped_column(String(3))
    prices_include_tax: Mapped[bool] = mapped_column(Boolean)
    tax_level: Mapped[TaxLevel] = mapped_column(enum_column(TaxLevel))
    discount_amount: Mapped[int] = mapped_column(Money, server_default="0", default=0)
    net_amount: Mapped[int] = mapped_column(Money)
    tax_amount: Mapped[int] = mapped_column(Money)
    rounding_amount: Mapped[int] = mapped_column(Money, server_default="0", default=0)
    total_amount: Mapped[int] = mapped_column(Money)
    change_amount: Mapped[int] = mapped_column(Money, server_default="0", default=0)
    item_count: Mapped[int] = mapped_column(Integer)
    shipping_address: Mapped[str | None] = mapped_column(String(500))
    note: Mapped[str | None] = mapped_column(Text)
    training: Mapped[bool] = mapped_column(Boolean, server_default=false(), default=False)
    refers_to_id: Mapped[int | None] = mapped_column(ForeignKey("orders.id", ondelete="RESTRICT"), index=True)
    reason: Mapped[str | None] = mapped_column(String(80))
    allowed_by_id: Mapped[int | None] = mapped_column(ForeignKey("users.id", ondelete="RESTRICT"))


class OrderItem(BaseModel):
    """One line as it was sold: title, price, discount and tax of that moment.

    Quantity and amounts are below zero where the line came back.
    """

    __tablename__ = "order_items"
    __table_args__ = (
        # A line of nothing is one of an order that is no longer wanted.
        CheckConstraint("quantity <> 0 OR amount = 0 AND net_amount = 0 AND tax_amount = 0", name="quantity_not_zero"),
        CheckConstraint(
            "returned_quantity >= 0 AND (returned_quantity <= quantity OR quantity < 0 AND returned_quantity = 0)",
            name="returned_at_most_sold",
        ),
        UniqueConstraint("order_id", "position", name="uq_order_items_position"),
        # Takings leave the gift cards sold out: few lines among millions.
        Index(
            "idx_order_items_gift_card",
            "order_id",
            sqlite_where=text("gift_card IS NOT NULL"),
            postgresql_where=text("gift_card IS NOT NULL"),
        ),
    )

    order_id: Mapped[int] = mapped_column(ForeignKey("orders.id", ondelete="CASCADE"))
    position: Mapped[int] = mapped_column(Integer)
    book_id: Mapped[int] = mapped_column(ForeignKey("books.id", ondelete="RESTRICT"), index=True)
    title: Mapped[str] = mapped_column(String(255))
    isbn: Mapped[str | None] = mapped_column(String(13))
    quantity: Mapped[int] = mapped_column(Integer)
    price: Mapped[int] = mapped_column(Money)
    # What a piece cost the shop then; of a line that came back, what it cost when it was sold.
    cost: Mapped[int | None] = mapped_column(Money)
    discount_amount: Mapped[int] = mapped_column(Money, server_default="0", default=0)
    amount: Mapped[int] = mapped_column(Money)
    tax_name: Mapped[str] = mapped_column(String(80))
    tax_rate: Mapped[Decimal] = mapped_column(Rate)
    net_amount: Mapped[int] = mapped_column(Money)
    tax_amount: Mapped[int] = mapped_column(Money)
    returned_item_id: Mapped[int | None] = mapped_column(ForeignKey("order_items.id", ondelete="RESTRICT"), index=True)
    returned_quantity: Mapped[int] = mapped_column(Integer, server_default="0", default=0)
    note: Mapped[str | None] = mapped_column(String(255))
    gift_card: Mapped[str | None] = mapped_column(String(32))
    restock: Mapped[Restock | None] = mapped_column(enum_column(Restock))


class OrderChange(BaseModel):
    """How a line of an order that is not paid stands from now on. Append-only; the database carries it out.

    A trigger writes it into the line and sums the order and its taxes up anew: a till's role changes no document.
    """

    __tablename__ = "order_changes"
    __table_args__ = (CheckConstraint("quantity >= 0", name="quantity_not_negative"),)

    order_id: Mapped[int] = mapped_column(ForeignKey("orders.id", ondelete="RESTRICT"), index=True)
    order_item_id: Mapped[int] = mapped_column(ForeignKey("order_items.id", ondelete="RESTRICT"))
    quantity: Mapped[int] = mapped_column(Integer)
    discount_amount: Mapped[int] = mapped_column(Money)
    amount: Mapped[int] = mapped_column(Money)
    net_amount: Mapped[int] = mapped_column(Money)
    tax_amount: Mapped[int] = mapped_column(Money)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id", ondelete="RESTRICT"))
    till_id: Mapped[int] = mapped_column(ForeignKey("tills.id", ondelete="RESTRICT"))
    happened_at: Mapped[datetime] = mapped_column(UtcDateTime)


class OrderAdjustment(BaseModel):
    """One reason for a line's amount, as it was then. Append-only."""

    __tablename__ = "order_adjustments"
    __table_args__ = (CheckConstraint(one_of("kind", AdjustmentKind), name="kind_known"),)

    order_item_id: Mapped[int] = mapped_column(ForeignKey("order_items.id", ondelete="RESTRICT"), index=True)
    kind: Mapped[AdjustmentKind] = mapped_column(enum_column(AdjustmentKind))
    name: Mapped[str] = mapped_column(String(80))
    amount: Mapped[int] = mapped_column(Money, server_default="0", default=0)
    was: Mapped[str | None] = mapped_column(String(80))
    allowed_by_id: Mapped[int | None] = mapped_column(ForeignKey("users.id", ondelete="RESTRICT"))


class OrderTax(BaseModel):
    """A document's total of one tax rate."""

    __tablename__ = "order_taxes"
    __table_args__ = (UniqueConstraint("order_id", "name", "rate", name="uq_order_taxes_rate"),)

    order_id: Mapped[int] = mapped_column(ForeignKey("orders.id", ondelete="CASCADE"))
    name: Mapped[str] = mapped_column(String(80))
    rate: Mapped[Decimal] = mapped_column(Rate)
    net_amount: Mapped[int] = mapped_column(Money)
    tax_amount: Mapped[int] = mapped_column(Money)


class Payment(BaseModel):
    """Money taken for a document, or paid back where below zero; the order's change came out of it. Append-only."""

    __tablename__ = "payments"
    __table_args__ = (CheckConstraint("amount <> 0", name="amount_not_zero"),)

    uid: Mapped[str] = mapped_column(String(36), unique=True)
    order_id: Mapped[int] = mapped_column(ForeignKey("orders.id", ondelete="RESTRICT"), index=True)
    tender: Mapped[str] = mapped_column(ForeignKey("tenders.code", ondelete="RESTRICT"))
    amount: Mapped[int] = mapped_column(Money)
    reference: Mapped[str | None] = mapped_column(String(64))
    scheme: Mapped[str | None] = mapped_column(String(40))


class OrderEvent(BaseModel):
    """One step in a document's life, for its timeline. Append-only."""

    __tablename__ = "order_events"

    order_id: Mapped[int] = mapped_column(ForeignKey("orders.id", ondelete="RESTRICT"), index=True)
    act: Mapped[str] = mapped_column(String(20))
    user_id: Mapped[int | None] = mapped_column(ForeignKey("users.id", ondelete="RESTRICT"))
    till_id: Mapped[int | None] = mapped_column(ForeignKey("tills.id", ondelete="RESTRICT"))
    happened_at: Mapped[datetime] = mapped_column(UtcDateTime)
    details: Mapped[str | None] = mapped_column(Text)
