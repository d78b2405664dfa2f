"""What suppliers delivered."""

from datetime import datetime

from sqlalchemy import Boolean, CheckConstraint, ForeignKey, Integer, String, UniqueConstraint, false
from sqlalchemy.orm import Mapped, mapped_column

from pos_app.models.base import BaseModel, Money, UtcDateTime


class Delivery(BaseModel):
    """A delivery taken into stock, against a purchase order or without one. Append-only."""

    __tablename__ = "deliveries"

    uid: Mapped[str] = mapped_column(String(36), unique=True)
    content_hash: Mapped[str] = mapped_column(String(64))
    number: Mapped[int] = mapped_column(Integer, unique=True)
    supplier_id: Mapped[int] = mapped_column(ForeignKey("suppliers.id", ondelete="RESTRICT"), index=True)
    purchase_order_id: Mapped[int | None] = mapped_column(
        ForeignKey("purchase_orders.id", ondelete="RESTRICT"), index=True
    )
    # None is the shop floor.
    location_id: Mapped[int | None] = mapped_column(ForeignKey("locations.id", ondelete="RESTRICT"))
    # The number on the supplier's own note.
    reference: Mapped[str | None] = mapped_column(String(80))
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id", ondelete="RESTRICT"))
    till_id: Mapped[int] = mapped_column(ForeignKey("tills.id", ondelete="RESTRICT"))
    posted_at: Mapped[datetime] = mapped_column(UtcDateTime)


class DeliveryLine(BaseModel):
    """Copies of a title that came; damaged ones are claimed and no stock. Costs are minor units a copy. Append-only.

    `over` says that more came than was ordered and was taken all the same.
    """

    __tablename__ = "delivery_lines"
    __table_args__ = (
        CheckConstraint("quantity >= 0 AND damaged >= 0 AND quantity + damaged >= 1", name="something_came"),
        CheckConstraint("cost >= 0", name="cost_not_negative"),
        UniqueConstraint("delivery_id", "book_id", name="uq_delivery_lines_book"),
    )

    delivery_id: Mapped[int] = mapped_column(ForeignKey("deliveries.id", ondelete="RESTRICT"))
    book_id: Mapped[int] = mapped_column(ForeignKey("books.id", ondelete="RESTRICT"), index=True)
    purchase_order_line_id: Mapped[int | None] = mapped_column(
        ForeignKey("purchase_order_lines.id", ondelete="RESTRICT"), index=True
    )
    quantity: Mapped[int] = mapped_column(Integer)
    damaged: Mapped[int] = mapped_column(Integer, server_default="0", default=0)
    cost: Mapped[int | None] = mapped_column(Money)
    expected_cost: Mapped[int | None] = mapped_column(Money)
    over: Mapped[bool] = mapped_column(Boolean, server_default=false(), default=False)
    # What the title cost before and after, and what the supplier had asked: put back where it is taken back.
    cost_before: Mapped[int | None] = mapped_column(Money)
    cost_after: Mapped[int | None] = mapped_column(Money)
    asked_before: Mapped[int | None] = mapped_column(Money)
