"""Who the shop buys from."""

from decimal import Decimal

from sqlalchemy import Boolean, CheckConstraint, ForeignKey, Index, Integer, String, Text, UniqueConstraint, true
from sqlalchemy.orm import Mapped, mapped_column

from pos_app.models.base import BaseModel, Money, Rate, Versioned


class Supplier(Versioned, BaseModel):
    """A publisher or wholesaler with the terms it grants.

    `discount_rate` is off the retail price; `terms_days` until an invoice is due; `lead_days` from order to delivery;
    `return_days` is how long after delivery unsold copies go back, None where they do not; `san` is the trade's
    Standard Address Number.
    """

    __tablename__ = "suppliers"
    __table_args__ = (
        # Millionths, as rates are stored.
        CheckConstraint("discount_rate >= 0 AND discount_rate <= 1000000", name="discount_at_most_whole"),
    )

    name: Mapped[str] = mapped_column(String(255), unique=True)
    account_number: Mapped[str | None] = mapped_column(String(40))
    san: Mapped[str | None] = mapped_column(String(20))
    email: Mapped[str | None] = mapped_column(String(255))
    phone: Mapped[str | None] = mapped_column(String(40))
    address: Mapped[str | None] = mapped_column(String(500))
    discount_rate: Mapped[Decimal] = mapped_column(Rate, server_default="0", default=Decimal(0))
    terms_days: Mapped[int] = mapped_column(Integer, server_default="30", default=30)
    lead_days: Mapped[int] = mapped_column(Integer, server_default="7", default=7)
    return_days: Mapped[int | None] = mapped_column(Integer)
    note: Mapped[str | None] = mapped_column(Text)
    active: Mapped[bool] = mapped_column(Boolean, server_default=true(), default=True)


class BookSupplier(BaseModel):
    """One supplier of one title; `position` 1 is the usual one, `cost` what it asks for a copy in minor units."""

    __tablename__ = "book_suppliers"
    __table_args__ = (
        CheckConstraint("cost >= 0", name="cost_not_negative"),
        UniqueConstraint("book_id", "supplier_id", name="uq_book_suppliers_supplier"),
        Index("idx_book_suppliers_supplier", "supplier_id", "book_id"),
    )

    book_id: Mapped[int] = mapped_column(ForeignKey("books.id", ondelete="CASCADE"))
    supplier_id: Mapped[int] = mapped_column(ForeignKey("suppliers.id", ondelete="CASCADE"))
    position: Mapped[int] = mapped_column(Integer, server_default="1", default=1)
    article_number: Mapped[str | None] = mapped_column(String(40))
    cost: Mapped[int | None] = mapped_column(Money)
