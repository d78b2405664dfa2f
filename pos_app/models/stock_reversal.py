"""What takes a delivery or a count back: a document of its own, since both stay."""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Integer, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from pos_app.models.base import BaseModel, UtcDateTime


class StockReversal(BaseModel):
    """A delivery or a posted count taken back, as far as it could be. Append-only."""

    __tablename__ = "stock_reversals"
    __table_args__ = (CheckConstraint("(delivery_id IS NULL) <> (stock_count_id IS NULL)", name="of_one_document"),)

    uid: Mapped[str] = mapped_column(String(36), unique=True)
    content_hash: Mapped[str] = mapped_column(String(64))
    number: Mapped[int] = mapped_column(Integer, unique=True)
    delivery_id: Mapped[int | None] = mapped_column(ForeignKey("deliveries.id", ondelete="RESTRICT"), index=True)
    stock_count_id: Mapped[int | None] = mapped_column(ForeignKey("stock_counts.id", ondelete="RESTRICT"), index=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id", ondelete="RESTRICT"))
    till_id: Mapped[int] = mapped_column(ForeignKey("tills.id", ondelete="RESTRICT"))
    posted_at: Mapped[datetime] = mapped_column(UtcDateTime)


class StockReversalLine(BaseModel):
    """What it moved of a title: below zero where copies go, above where written off ones come back. Append-only."""

    __tablename__ = "stock_reversal_lines"
    __table_args__ = (
        CheckConstraint("quantity <> 0", name="quantity_not_zero"),
        UniqueConstraint("stock_reversal_id", "book_id", name="uq_stock_reversal_lines_book"),
    )

    stock_reversal_id: Mapped[int] = mapped_column(ForeignKey("stock_reversals.id", ondelete="RESTRICT"))
    book_id: Mapped[int] = mapped_column(ForeignKey("books.id", ondelete="RESTRICT"), index=True)
    quantity: Mapped[int] = mapped_column(Integer)
