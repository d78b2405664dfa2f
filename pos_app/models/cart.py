"""The basket being rung up: a row from its first line, so that a crash loses nothing."""

from datetime import datetime
from decimal import Decimal
from enum import StrEnum

from sqlalchemy import (
    Boolean,
    CheckConstraint,
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

from pos_app.domain.document import Restock
from pos_app.models.base import (
    BaseModel,
    Money,
    Rate,
    UtcDateTime,
    Versioned,
    enum_column,
    one_of,
)


class CartStatus(StrEnum):
    """Open on a till, parked for any till, or paid."""

    OPEN = "open"
    PARKED = "parked"
    PAID = "paid"


class Cart(Versioned, BaseModel):
    """A basket. `uid` is the id its sale will carry: paying twice gives one order."""

    __tablename__ = "carts"
    __table_args__ = (
        CheckConstraint(one_of("status", CartStatus), name="status_known"),
        Index(
            "uq_carts_open_user",
            "user_id",
            unique=True,
            sqlite_where=text("status = 'open'"),
            postgresql_where=text("status = 'open'"),
        ),
        # Paid baskets stay, so that the few that are parked are not looked for among them.
        Index(
            "idx_carts_parked",
            "parked_at",
            sqlite_where=text("status = 'parked'"),
            postgresql_where=text("status = 'parked'"),
        ),
    )

    uid: Mapped[str] = mapped_column(String(36), unique=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id", ondelete="RESTRICT"))
    status: Mapped[CartStatus] = mapped_column(enum_column(CartStatus), server_default="open", default=CartStatus.OPEN)
    till_id: Mapped[int | None] = mapped_column(ForeignKey("tills.id", ondelete="RESTRICT"))
    customer_id: Mapped[int | None] = mapped_column(ForeignKey("customers.id", ondelete="RESTRICT"))
    note: Mapped[str | None] = mapped_column(Text)
    parked_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    training: Mapped[bool] = mapped_column(Boolean, server_default=false(), default=False)
    discount_rate: Mapped[Decimal | None] = mapped_column(Rate)
    discount_amount: Mapped[int | None] = mapped_column(Money)
    discount_reason: Mapped[str | None] = mapped_column(String(80))
    discount_allowed_by_id: Mapped[int | None] = mapped_column(ForeignKey("users.id", ondelete="RESTRICT"))
    # Why books come back in this basket, where some do, and who let them without a receipt.
    return_reason: Mapped[str | None] = mapped_column(String(80))


class CartItem(BaseModel):
    """One line of a basket, at the price it was scanned at.

    `part` tells apart lines of one title that are not the same thing: a miscellaneous item of a department, a gift
    card, a book that comes back. `comes_back` makes the line count against the customer's due.
    """

    __tablename__ = "cart_items"
    __table_args__ = (
        UniqueConstraint("cart_id", "book_id", "part", name="uq_cart_book"),
        CheckConstraint("quantity >= 1 AND quantity <= 9999", name="quantity_range"),
        CheckConstraint("price >= 0", name="price_not_negative"),
    )

    cart_id: Mapped[int] = mapped_column(ForeignKey("carts.id", ondelete="CASCADE"))
    book_id: Mapped[int] = mapped_column(ForeignKey("books.id", ondelete="RESTRICT"), index=True)
    part: Mapped[str] = mapped_column(String(64), server_default="", default="")
    position: Mapped[int] = mapped_column(Integer)
    quantity: Mapped[int] = mapped_column(Integer, server_default="1", default=1)
    price: Mapped[int] = mapped_column(Money)
    price_override: Mapped[int | None] = mapped_column(Money)
    discount_rate: Mapped[Decimal | None] = mapped_column(Rate)
    discount_amount: Mapped[int | None] = mapped_column(Money)
    discount_reason: Mapped[str | None] = mapped_column(String(80))
    # How much off this line was let pass, the sale's discount included, in hundredths of a per cent.
    allowed_points: Mapped[int | None] = mapped_column(Integer)
    allowed_by_id: Mapped[int | None] = mapped_column(ForeignKey("users.id", ondelete="RESTRICT"))
    price_reason: Mapped[str | None] = mapped_column(String(80))
    price_allowed_by_id: Mapped[int | None] = mapped_column(ForeignKey("users.id", ondelete="RESTRICT"))
    tax_rate_id: Mapped[int | None] = mapped_column(ForeignKey("tax_rates.id", ondelete="RESTRICT"))
    tax_reason: Mapped[str | None] = mapped_column(String(80))
    tax_allowed_by_id: Mapped[int | None] = mapped_column(ForeignKey("users.id", ondelete="RESTRICT"))
    cover_price: Mapped[int | None] = mapped_column(Money)
    note: Mapped[str | None] = mapped_column(String(255))
    gift_card: Mapped[str | None] = mapped_column(String(32))
    comes_back: Mapped[bool] = mapped_column(Boolean, server_default=false(), default=False)
    returned_item_id: Mapped[int | None] = mapped_column(ForeignKey("order_items.id", ondelete="RESTRICT"))
    restock: Mapped[Restock | None] = mapped_column(enum_column(Restock))


class CartPayment(BaseModel):
    """Money taken towards a basket that is not yet paid in full."""

    __tablename__ = "cart_payments"
    __table_args__ = (CheckConstraint("amount > 0", name="amount_positive"),)

    uid: Mapped[str] = mapped_column(String(36), unique=True)
    cart_id: Mapped[int] = mapped_column(ForeignKey("carts.id", ondelete="CASCADE"), index=True)
    tender: Mapped[str] = mapped_column(ForeignKey("tenders.code", ondelete="RESTRICT"))
    amount: Mapped[int] = mapped_column(Money)
    reference: Mapped[str | None] = mapped_column(String(64))
    scheme: Mapped[str | None] = mapped_column(String(40))


class CartChange(BaseModel):
    """A step that can be undone: the basket's lines and payments as they were before it, as JSON."""

    __tablename__ = "cart_changes"

    cart_id: Mapped[int] = mapped_column(ForeignKey("carts.id", ondelete="CASCADE"), index=True)
    act: Mapped[str] = mapped_column(String(20))
    title: Mapped[str | None] = mapped_column(String(255))
    before: Mapped[str] = mapped_column(Text)
    undone: Mapped[bool] = mapped_column(Boolean, server_default=false(), default=False)
