"""What takes a delivery, a count or a publisher return back: a document of its own, since those stay."""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Integer, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from pos_app.models.base import BaseModel, UtcDateTime

_OF_ONE = " + ".join(
    f"CASE WHEN {key} IS NULL THEN 0 ELSE 1 END" for key in ("delivery_id", "stock_count_id", "publisher_return_id")
)


class StockReversal(BaseModel):
    """A delivery, a posted count or a publisher return taken back, as far as it could be. Append-only."""

    __tablename__ = "stock_reversals"
    __table_args__ = (CheckConstraint(f"{_OF_ONE} = 1", name="of_one_document"),)

    uid: Mapped[str] = mapped_column(String(36), unique=True)
    content_hash: Mapped[str] = mapped_column(String(64))
    number: Mapped[int] = mapped_column(Integer, unique=True)
    delivery_id: Mapped[int | None] = mapped_column(ForeignKey("deliveries.id", ondelete="RESTRICT"), index=True)
    stock_count_id: Mapped[int | None] = mapped_column(ForeignKey("stock_counts.id", ondelete="RESTRICT"), index=True)
    publisher_return_id: Mapped[int | None] = mapped_column(
        ForeignKey("publisher_returns.id", ondelete="RESTRICT"), index=True
    )
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id", ondelete="RESTRICT"))
    till_id: Mapped[int] = mapped_column(ForeignKey("tills.id", ondelete="RESTRICT"))
    posted_at: Mapped[datetime] = mapped_column(UtcDateTime)


class StockReversalLine(BaseModel):
    """What it moved of a title: below zero where copies go, above where some come back. Append-only."""

    __tablename__ = "stock_reversal_lines"
    __table_args__ = (
        CheckConstraint("quantity <> 0", name="quantity_not_zero"),
        UniqueConstraint("stock_reversal_id", "book_id", name="uq_stock_reversal_lines_book"),
    )

    stock_reversal_id: Mapped[int] = mapped_column(ForeignKey("stock_reversals.id", ondelete="RESTRICT"))
    book_id: Mapped[int] = mapped_column(ForeignKey("books.id", ondelete="RESTRICT"), index=True)
    quantity: Mapped[int] = mapped_column(Integer)
