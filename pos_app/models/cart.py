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

from pos_app.domain.payment import Tender
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
    )

    uid: Mapped[str] = mapped_column(String(36), unique=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id", ondelete="RESTRICT"))
    status: Mapped[CartStatus] = mapped_column(enum_column(CartStatus), server_default="open", default=CartStatus.OPEN)
    till_id: Mapped[int | None] = mapped_column(ForeignKey("tills.id", ondelete="RESTRICT"))
    customer_id: Mapped[int | None] = mapped_column(ForeignKey("customers.id", ondelete="RESTRICT"))
    note: Mapped[str | None] = mapped_column(Text)
    parked_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class CartItem(BaseModel):
    """One title in a basket, at the price it was scanned at."""

    __tablename__ = "cart_items"
    __table_args__ = (
        UniqueConstraint("cart_id", "book_id", name="uq_cart_book"),
        CheckConstraint("quantity >= 1 AND quantity <= 9999", name="quantity_range"),
        CheckConstraint("price >= 0", name="price_not_negative"),
    )

    cart_id: Mapped[int] = mapped_column(ForeignKey("carts.id", ondelete="CASCADE"))
    book_id: Mapped[int] = mapped_column(ForeignKey("books.id", ondelete="RESTRICT"), index=True)
    position: Mapped[int] = mapped_column(Integer)
    quantity: Mapped[int] = mapped_column(Integer, server_default="1", default=1)
    price: Mapped[int] = mapped_column(Money)
    price_override: Mapped[int | None] = mapped_column(Money)
    discount_rate: Mapped[Decimal | None] = mapped_column(Rate)
    discount_amount: Mapped[int | None] = mapped_column(Money)
    allowed_by_id: Mapped[int | None] = mapped_column(ForeignKey("users.id", ondelete="RESTRICT"))


class CartPayment(BaseModel):
    """Money taken towards a basket that is not yet paid in full."""

    __tablename__ = "cart_payments"
    __table_args__ = (
        CheckConstraint(one_of("tender", Tender), name="tender_known"),
        CheckConstraint("amount > 0", name="amount_positive"),
    )

    uid: Mapped[str] = mapped_column(String(36), unique=True)
    cart_id: Mapped[int] = mapped_column(ForeignKey("carts.id", ondelete="CASCADE"), index=True)
    tender: Mapped[Tender] = mapped_column(enum_column(Tender))
    amount: Mapped[int] = mapped_column(Money)
    reference: Mapped[str | None] = mapped_column(String(64))


class CartChange(BaseModel):
    """A step that can be undone: the basket's lines and payments as they were before it, as JSON."""

    __tablename__ = "cart_changes"

    cart_id: Mapped[int] = mapped_column(ForeignKey("carts.id", ondelete="CASCADE"), index=True)
    act: Mapped[str] = mapped_column(String(20))
    title: Mapped[str | None] = mapped_column(String(255))
    before: Mapped[str] = mapped_column(Text)
    undone: Mapped[bool] = mapped_column(Boolean, server_default=false(), default=False)
