"""What a customer order has beside the document it is: how it comes to its customer, and its deposits."""

from datetime import date, datetime

from sqlalchemy import CheckConstraint, Date, ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from pos_app.domain.customer_order import Way
from pos_app.models.base import BaseModel, Money, UtcDateTime, enum_column, one_of


class CustomerOrder(BaseModel):
    """How an order of `orders` is fulfilled: its lines are held as reservations, and sold once they are collected."""

    __tablename__ = "customer_orders"
    __table_args__ = (CheckConstraint(one_of("way", Way), name="way_known"),)

    order_id: Mapped[int] = mapped_column(ForeignKey("orders.id", ondelete="RESTRICT"), unique=True)
    way: Mapped[Way] = mapped_column(enum_column(Way))
    promised_on: Mapped[date | None] = mapped_column(Date)
    # Since when all of it is there, and until when it is kept.
    ready_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    hold_until: Mapped[date | None] = mapped_column(Date)
    # When the customer was last told.
    told_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class DepositMovement(BaseModel):
    """Money paid in advance for an order, or below zero used or given back, by the tender it came by. Append-only.

    `document_id` is the numbered document that took it, used it or gave it back.
    """

    __tablename__ = "deposit_movements"
    __table_args__ = (CheckConstraint("delta <> 0", name="delta_not_zero"),)

    uid: Mapped[str] = mapped_column(String(36), unique=True)
    order_id: Mapped[int] = mapped_column(ForeignKey("orders.id", ondelete="RESTRICT"), index=True)
    document_id: Mapped[int] = mapped_column(ForeignKey("orders.id", ondelete="RESTRICT"), index=True)
    delta: Mapped[int] = mapped_column(Money)
    tender: Mapped[str] = mapped_column(ForeignKey("tenders.code", ondelete="RESTRICT"))
    reference: Mapped[str | None] = mapped_column(String(64))
    scheme: Mapped[str | None] = mapped_column(String(40))
