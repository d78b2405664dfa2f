"""What is ordered from suppliers, and what goes back to them."""

from datetime import date, datetime

from sqlalchemy import CheckConstraint, Date, ForeignKey, Index, Integer, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from pos_app.domain.purchase import PurchaseStatus
from pos_app.models.base import BaseModel, Money, UtcDateTime, Versioned, enum_column, one_of


class PurchaseOrder(Versioned, BaseModel):
    """An order to a supplier: a draft until it is sent. Append-only once closed or cancelled."""

    __tablename__ = "purchase_orders"
    __table_args__ = (
        CheckConstraint(one_of("status", PurchaseStatus), name="status_known"),
        Index("idx_purchase_orders_supplier", "supplier_id", "status", "id"),
    )

    uid: Mapped[str] = mapped_column(String(36), unique=True)
    number: Mapped[int] = mapped_column(Integer, unique=True)
    supplier_id: Mapped[int] = mapped_column(ForeignKey("suppliers.id", ondelete="RESTRICT"))
    status: Mapped[PurchaseStatus] = mapped_column(enum_column(PurchaseStatus))
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id", ondelete="RESTRICT"))
    made_at: Mapped[datetime] = mapped_column(UtcDateTime)
    sent_by_id: Mapped[int | None] = mapped_column(ForeignKey("users.id", ondelete="RESTRICT"))
    sent_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    ended_by_id: Mapped[int | None] = mapped_column(ForeignKey("users.id", ondelete="RESTRICT"))
    ended_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    expected_on: Mapped[date | None] = mapped_column(Date)
    note: Mapped[str | None] = mapped_column(Text)


class PurchaseOrderLine(BaseModel):
    """So many copies of a title; `cost` is what the supplier is expected to ask for one, in minor units."""

    __tablename__ = "purchase_order_lines"
    __table_args__ = (
        CheckConstraint("quantity >= 1", name="quantity_positive"),
        CheckConstraint("received_quantity >= 0", name="received_not_negative"),
        CheckConstraint("cost >= 0", name="cost_not_negative"),
        UniqueConstraint("purchase_order_id", "book_id", name="uq_purchase_order_lines_book"),
    )

    purchase_order_id: Mapped[int] = mapped_column(ForeignKey("purchase_orders.id", ondelete="RESTRICT"))
    book_id: Mapped[int] = mapped_column(ForeignKey("books.id", ondelete="RESTRICT"), index=True)
    quantity: Mapped[int] = mapped_column(Integer)
    received_quantity: Mapped[int] = mapped_column(Integer, server_default="0", default=0)
    cost: Mapped[int | None] = mapped_column(Money)


class PublisherReturn(BaseModel):
    """Unsold copies sent back to a supplier. Append-only."""

    __tablename__ = "publisher_returns"

    uid: Mapped[str] = mapped_column(String(36), unique=True)
    content_hash: Mapped[str] = mapped_column(String(64))
    number: Mapped[int] = mapped_column(Integer, unique=True)
    supplier_id: Mapped[int] = mapped_column(ForeignKey("suppliers.id", ondelete="RESTRICT"), index=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id", ondelete="RESTRICT"))
    till_id: Mapped[int] = mapped_column(ForeignKey("tills.id", ondelete="RESTRICT"))
    posted_at: Mapped[datetime] = mapped_column(UtcDateTime)
    # What the supplier gave for it: an authorisation, or a reason.
    note: Mapped[str | None] = mapped_column(String(255))
    # None is the shop floor. The ledger's rows of a return name the place too, and have the key.
    location_id: Mapped[int | None] = mapped_column(Integer)


class PublisherReturnLine(BaseModel):
    """Copies of a title that go back at `cost` each; `return_by` is the last day of the window. Append-only."""

    __tablename__ = "publisher_return_lines"
    __table_args__ = (
        CheckConstraint("quantity >= 1", name="quantity_positive"),
        CheckConstraint("cost >= 0", name="cost_not_negative"),
        UniqueConstraint("publisher_return_id", "book_id", name="uq_publisher_return_lines_book"),
    )

    publisher_return_id: Mapped[int] = mapped_column(ForeignKey("publisher_returns.id", ondelete="RESTRICT"))
    book_id: Mapped[int] = mapped_column(ForeignKey("books.id", ondelete="RESTRICT"), index=True)
    quantity: Mapped[int] = mapped_column(Integer)
    cost: Mapped[int | None] = mapped_column(Money)
    return_by: Mapped[date | None] = mapped_column(Date)
