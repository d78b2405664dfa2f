"""The ledger of stock."""

from sqlalchemy import CheckConstraint, ForeignKey, Index, Integer, String, text
from sqlalchemy.orm import Mapped, mapped_column

from pos_app.domain.kinds import StockReason
from pos_app.models.base import BaseModel, enum_column, one_of


class StockMovement(BaseModel):
    """One change of one title's stock. Append-only; `books.stock` is their sum."""

    __tablename__ = "stock_movements"
    __table_args__ = (
        CheckConstraint("delta <> 0", name="delta_not_zero"),
        CheckConstraint(one_of("reason", StockReason), name="reason_known"),
        Index("idx_stock_movements_book", "book_id", "id"),
        # Small, since most movements are of the shop floor; what a location holds is read from it.
        Index(
            "idx_stock_movements_elsewhere",
            "book_id",
            "location_id",
            sqlite_where=text("location_id IS NOT NULL"),
            postgresql_where=text("location_id IS NOT NULL"),
        ),
    )

    uid: Mapped[str] = mapped_column(String(36), unique=True)
    book_id: Mapped[int] = mapped_column(ForeignKey("books.id", ondelete="RESTRICT"))
    delta: Mapped[int] = mapped_column(Integer)
    reason: Mapped[StockReason] = mapped_column(enum_column(StockReason))
    # The document a person can look up: a receipt number, "Order 12", a delivery note, or the reason typed in.
    document: Mapped[str | None] = mapped_column(String(255))
    order_id: Mapped[int | None] = mapped_column(ForeignKey("orders.id", ondelete="RESTRICT"), index=True)
    user_id: Mapped[int | None] = mapped_column(ForeignKey("users.id", ondelete="RESTRICT"))
    till_id: Mapped[int | None] = mapped_column(ForeignKey("tills.id", ondelete="RESTRICT"))
    # None is the shop floor, where tills sell from.
    location_id: Mapped[int | None] = mapped_column(ForeignKey("locations.id", ondelete="RESTRICT"))
