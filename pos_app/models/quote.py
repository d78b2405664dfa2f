"""Quotes: what was offered to a customer, at which prices, and until when."""

from datetime import date, datetime
from decimal import Decimal

from sqlalchemy import Boolean, CheckConstraint, Date, ForeignKey, Integer, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from pos_app.models.base import BaseModel, Money, Rate, UtcDateTime, Versioned


class Quote(Versioned, BaseModel):
    """One offer, known by its id; `order_id` is the order or sale it became. It holds no copy and moves no money."""

    __tablename__ = "quotes"

    uid: Mapped[str] = mapped_column(String(36), unique=True)
    customer_id: Mapped[int] = mapped_column(ForeignKey("customers.id", ondelete="RESTRICT"), index=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id", ondelete="RESTRICT"))
    till_id: Mapped[int] = mapped_column(ForeignKey("tills.id", ondelete="RESTRICT"))
    made_at: Mapped[datetime] = mapped_column(UtcDateTime)
    made_on: Mapped[date] = mapped_column(Date)
    valid_until: Mapped[date] = mapped_column(Date)
    currency: Mapped[str] = mapped_column(String(3))
    prices_include_tax: Mapped[bool] = mapped_column(Boolean)
    total_amount: Mapped[int] = mapped_column(Money)
    item_count: Mapped[int] = mapped_column(Integer)
    note: Mapped[str | None] = mapped_column(Text)
    order_id: Mapped[int | None] = mapped_column(ForeignKey("orders.id", ondelete="RESTRICT"), index=True)


class QuoteLine(BaseModel):
    """One title as it was offered."""

    __tablename__ = "quote_lines"
    __table_args__ = (
        CheckConstraint("quantity >= 1", name="quantity_positive"),
        UniqueConstraint("quote_id", "position", name="uq_quote_lines_position"),
    )

    quote_id: Mapped[int] = mapped_column(ForeignKey("quotes.id", ondelete="RESTRICT"))
    position: Mapped[int] = mapped_column(Integer)
    book_id: Mapped[int] = mapped_column(ForeignKey("books.id", ondelete="RESTRICT"), index=True)
    title: Mapped[str] = mapped_column(String(255))
    isbn: Mapped[str | None] = mapped_column(String(13))
    quantity: Mapped[int] = mapped_column(Integer)
    price: Mapped[int] = mapped_column(Money)
    discount_amount: Mapped[int] = mapped_column(Money)
    amount: Mapped[int] = mapped_column(Money)
    tax_name: Mapped[str] = mapped_column(String(80))
    tax_rate: Mapped[Decimal] = mapped_column(Rate)
    net_amount: Mapped[int] = mapped_column(Money)
    tax_amount: Mapped[int] = mapped_column(Money)
