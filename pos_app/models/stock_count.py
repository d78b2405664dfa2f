"""Counting the stock, and setting copies aside."""

from datetime import date, datetime

from sqlalchemy import CheckConstraint, Date, ForeignKey, Index, Integer, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from pos_app.domain.stock import CountStatus, ReservationStatus
from pos_app.models.base import BaseModel, UtcDateTime, Versioned, enum_column, one_of


class StockCountDocument(Versioned, BaseModel):
    """A count of one location: of a category, a shelf, or everything. Append-only once posted or cancelled."""

    __tablename__ = "stock_counts"
    __table_args__ = (CheckConstraint(one_of("status", CountStatus), name="status_known"),)

    uid: Mapped[str] = mapped_column(String(36), unique=True)
    number: Mapped[int] = mapped_column(Integer, unique=True)
    status: Mapped[CountStatus] = mapped_column(enum_column(CountStatus), index=True)
    # None is the shop floor.
    location_id: Mapped[int | None] = mapped_column(ForeignKey("locations.id", ondelete="RESTRICT"))
    category_id: Mapped[int | None] = mapped_column(ForeignKey("categories.id", ondelete="RESTRICT"))
    shelf: Mapped[str | None] = mapped_column(String(40))
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id", ondelete="RESTRICT"))
    started_at: Mapped[datetime] = mapped_column(UtcDateTime)
    ended_by_id: Mapped[int | None] = mapped_column(ForeignKey("users.id", ondelete="RESTRICT"))
    ended_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class StockCountEntry(BaseModel):
    """One scan or figure of one person, below zero to take one back. Append-only.

    `expected` is what the ledger held at the location at that moment, read with the title locked.
    """

    __tablename__ = "stock_count_entries"
    __table_args__ = (
        CheckConstraint("quantity <> 0", name="quantity_not_zero"),
        Index("idx_stock_count_entries_book", "stock_count_id", "book_id", "id"),
    )

    uid: Mapped[str] = mapped_column(String(36), unique=True)
    stock_count_id: Mapped[int] = mapped_column(ForeignKey("stock_counts.id", ondelete="RESTRICT"))
    book_id: Mapped[int] = mapped_column(ForeignKey("books.id", ondelete="RESTRICT"), index=True)
    quantity: Mapped[int] = mapped_column(Integer)
    expected: Mapped[int] = mapped_column(Integer)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id", ondelete="RESTRICT"))
    till_id: Mapped[int] = mapped_column(ForeignKey("tills.id", ondelete="RESTRICT"))
    counted_at: Mapped[datetime] = mapped_column(UtcDateTime)


class StockCountLine(BaseModel):
    """What a posted count found of a title, and the difference it moved. Append-only."""

    __tablename__ = "stock_count_lines"
    __table_args__ = (UniqueConstraint("stock_count_id", "book_id", name="uq_stock_count_lines_book"),)

    stock_count_id: Mapped[int] = mapped_column(ForeignKey("stock_counts.id", ondelete="RESTRICT"))
    book_id: Mapped[int] = mapped_column(ForeignKey("books.id", ondelete="RESTRICT"), index=True)
    expected: Mapped[int] = mapped_column(Integer)
    counted: Mapped[int] = mapped_column(Integer)
    # What was sold, delivered or carried between the count and its posting.
    moved: Mapped[int] = mapped_column(Integer)
    difference: Mapped[int] = mapped_column(Integer)


class Reservation(Versioned, BaseModel):
    """Copies set aside for somebody, or waited for; `books.reserved` is the sum of those held."""

    __tablename__ = "reservations"
    __table_args__ = (
        CheckConstraint("quantity >= 1", name="quantity_positive"),
        CheckConstraint(one_of("status", ReservationStatus), name="status_known"),
        Index("idx_reservations_book", "book_id", "status", "id"),
    )

    uid: Mapped[str] = mapped_column(String(36), unique=True)
    book_id: Mapped[int] = mapped_column(ForeignKey("books.id", ondelete="RESTRICT"))
    quantity: Mapped[int] = mapped_column(Integer)
    status: Mapped[ReservationStatus] = mapped_column(enum_column(ReservationStatus))
    customer_id: Mapped[int | None] = mapped_column(ForeignKey("customers.id", ondelete="RESTRICT"), index=True)
    name: Mapped[str] = mapped_column(String(120))
    until: Mapped[date | None] = mapped_column(Date)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id", ondelete="RESTRICT"))
    made_at: Mapped[datetime] = mapped_column(UtcDateTime)
    ended_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    # The sale it was collected by.
    sale_id: Mapped[int | None] = mapped_column(Integer)
    # The line of a customer order it is for, and the delivery its copies came with.
    order_item_id: Mapped[int | None] = mapped_column(ForeignKey("order_items.id", ondelete="RESTRICT"), index=True)
    delivery_id: Mapped[int | None] = mapped_column(ForeignKey("deliveries.id", ondelete="RESTRICT"), index=True)
