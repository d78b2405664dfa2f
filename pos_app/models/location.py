"""Where in the shop stock lies, and what was carried from one place to another."""

from datetime import datetime

from sqlalchemy import Boolean, CheckConstraint, ForeignKey, Integer, String, UniqueConstraint, true
from sqlalchemy.orm import Mapped, mapped_column

from pos_app.models.base import BaseModel, UtcDateTime, Versioned

SHOP_FLOOR = 1
# The series that there are, each with the table of the documents that it numbers.
DOCUMENT_SERIES = {
    "purchase_order": "purchase_orders",
    "delivery": "deliveries",
    "publisher_return": "publisher_returns",
    "stock_count": "stock_counts",
    "transfer": "transfers",
    "stock_reversal": "stock_reversals",
}


class Location(Versioned, BaseModel):
    """A place that holds stock. The first is the shop floor, where tills sell: its movements carry no location."""

    __tablename__ = "locations"

    name: Mapped[str] = mapped_column(String(80), unique=True)
    active: Mapped[bool] = mapped_column(Boolean, server_default=true(), default=True)


class DocumentSeries(BaseModel):
    """The next number of a kind of stock document, drawn inside the transaction that writes it."""

    __tablename__ = "document_series"

    name: Mapped[str] = mapped_column(String(40), unique=True)
    next_number: Mapped[int] = mapped_column(Integer, server_default="1", default=1)


class Transfer(BaseModel):
    """Stock carried from one location to another. Append-only."""

    __tablename__ = "transfers"
    __table_args__ = (CheckConstraint("from_location_id <> to_location_id", name="somewhere_else"),)

    uid: Mapped[str] = mapped_column(String(36), unique=True)
    content_hash: Mapped[str] = mapped_column(String(64))
    number: Mapped[int] = mapped_column(Integer, unique=True)
    from_location_id: Mapped[int] = mapped_column(ForeignKey("locations.id", ondelete="RESTRICT"))
    to_location_id: Mapped[int] = mapped_column(ForeignKey("locations.id", ondelete="RESTRICT"))
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id", ondelete="RESTRICT"))
    till_id: Mapped[int] = mapped_column(ForeignKey("tills.id", ondelete="RESTRICT"))
    posted_at: Mapped[datetime] = mapped_column(UtcDateTime)


class TransferLine(BaseModel):
    """So many copies of a title carried over. Append-only."""

    __tablename__ = "transfer_lines"
    __table_args__ = (
        CheckConstraint("quantity >= 1", name="quantity_positive"),
        UniqueConstraint("transfer_id", "book_id", name="uq_transfer_lines_book"),
    )

    transfer_id: Mapped[int] = mapped_column(ForeignKey("transfers.id", ondelete="RESTRICT"))
    book_id: Mapped[int] = mapped_column(ForeignKey("books.id", ondelete="RESTRICT"), index=True)
    quantity: Mapped[int] = mapped_column(Integer)
