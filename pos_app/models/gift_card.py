"""Gift cards and their ledger."""

from datetime import date
from enum import StrEnum

from sqlalchemy import CheckConstraint, Date, ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from pos_app.models.base import BaseModel, Money, Versioned, enum_column, one_of


class GiftCardReason(StrEnum):
    """Why a card's balance moved."""

    SOLD = "sold"
    REDEEMED = "redeemed"
    REFUNDED = "refunded"
    TAKEN_BACK = "taken_back"


class GiftCard(Versioned, BaseModel):
    """A card; `balance` is the sum of its movements and never below zero."""

    __tablename__ = "gift_cards"
    __table_args__ = (CheckConstraint("balance >= 0", name="balance_not_negative"),)

    code: Mapped[str] = mapped_column(String(32), unique=True)
    balance: Mapped[int] = mapped_column(Money, server_default="0", default=0)
    expires_on: Mapped[date | None] = mapped_column(Date)


class GiftCardMovement(BaseModel):
    """One change of one card's balance. Append-only."""

    __tablename__ = "gift_card_movements"
    __table_args__ = (
        CheckConstraint("delta <> 0", name="delta_not_zero"),
        CheckConstraint(one_of("reason", GiftCardReason), name="reason_known"),
    )

    uid: Mapped[str] = mapped_column(String(36), unique=True)
    gift_card_id: Mapped[int] = mapped_column(ForeignKey("gift_cards.id", ondelete="RESTRICT"), index=True)
    delta: Mapped[int] = mapped_column(Money)
    reason: Mapped[GiftCardReason] = mapped_column(enum_column(GiftCardReason))
    order_id: Mapped[int] = mapped_column(ForeignKey("orders.id", ondelete="RESTRICT"), index=True)
