"""Tills, their shifts, and cash put in or taken out."""

from datetime import date, datetime

from sqlalchemy import (
    Boolean,
    CheckConstraint,
    Date,
    ForeignKey,
    Index,
    Integer,
    String,
    Text,
    UniqueConstraint,
    false,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column

from pos_app.models.base import BaseModel, Money, UtcDateTime, Versioned


class Till(Versioned, BaseModel):
    """One counter; receipts of its series run 1 … n, `next_receipt_number` being drawn in the sale's transaction."""

    __tablename__ = "tills"
    __table_args__ = (CheckConstraint("next_receipt_number >= 1", name="next_receipt_number_positive"),)

    number: Mapped[int] = mapped_column(Integer, unique=True)
    name: Mapped[str] = mapped_column(String(80))
    next_receipt_number: Mapped[int] = mapped_column(Integer, server_default="1", default=1)
    next_training_number: Mapped[int] = mapped_column(Integer, server_default="1", default=1)
    next_z_number: Mapped[int] = mapped_column(Integer, server_default="1", default=1)
    # The newest entry of the till's journal.
    journal_sequence: Mapped[int] = mapped_column(Integer, server_default="0", default=0)
    journal_hash: Mapped[str] = mapped_column(String(64), server_default="", default="")
    journal_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    # The data folder that has the number, the machine's name, and where the folder lies; None while it is free.
    machine_uid: Mapped[str | None] = mapped_column(String(36))
    machine_name: Mapped[str | None] = mapped_column(String(80))
    machine_place: Mapped[str | None] = mapped_column(String(64))
    pin_failures: Mapped[int] = mapped_column(Integer, server_default="0", default=0)
    pin_blocked_until: Mapped[datetime | None] = mapped_column(UtcDateTime)


class Shift(BaseModel):
    """A till's working day; its business date stamps every document made in it. Append-only once closed."""

    __tablename__ = "shifts"
    __table_args__ = (
        Index(
            "uq_shifts_open_till",
            "till_id",
            unique=True,
            sqlite_where=text("closed_at IS NULL"),
            postgresql_where=text("closed_at IS NULL"),
        ),
    )

    uid: Mapped[str] = mapped_column(String(36), unique=True)
    till_id: Mapped[int] = mapped_column(ForeignKey("tills.id", ondelete="RESTRICT"), index=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id", ondelete="RESTRICT"))
    business_date: Mapped[date] = mapped_column(Date, index=True)
    opened_at: Mapped[datetime] = mapped_column(UtcDateTime)
    closed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    opening_float: Mapped[int] = mapped_column(Money, server_default="0", default=0)
    expected: Mapped[int | None] = mapped_column(Money)
    counted: Mapped[int | None] = mapped_column(Money)
    difference: Mapped[int | None] = mapped_column(Money)


class CashMovement(BaseModel):
    """Cash put into the drawer (positive) or taken out (negative) that is no payment. Append-only."""

    __tablename__ = "cash_movements"

    uid: Mapped[str] = mapped_column(String(36), unique=True)
    shift_id: Mapped[int] = mapped_column(ForeignKey("shifts.id", ondelete="RESTRICT"), index=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id", ondelete="RESTRICT"))
    amount: Mapped[int] = mapped_column(Money)
    reason: Mapped[str] = mapped_column(String(255))


class ZReport(BaseModel):
    """A closed shift's report as it was printed: `content` is JSON, so that a reprint shows the same. Append-only."""

    __tablename__ = "z_reports"
    __table_args__ = (UniqueConstraint("till_id", "number", name="uq_z_reports_number"),)

    shift_id: Mapped[int] = mapped_column(ForeignKey("shifts.id", ondelete="RESTRICT"), unique=True)
    till_id: Mapped[int] = mapped_column(ForeignKey("tills.id", ondelete="RESTRICT"))
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id", ondelete="RESTRICT"))
    number: Mapped[int] = mapped_column(Integer)
    content: Mapped[str] = mapped_column(Text)


class TillEvent(BaseModel):
    """Something done at a till that is no document: the drawer opened, a line removed, an approval. Append-only.

    `uid` is made by the client where a resend must not count twice. Cash that only training moved stands here alone.
    """

    __tablename__ = "till_events"

    uid: Mapped[str | None] = mapped_column(String(36), unique=True, index=True)
    till_id: Mapped[int] = mapped_column(ForeignKey("tills.id", ondelete="RESTRICT"))
    shift_id: Mapped[int | None] = mapped_column(ForeignKey("shifts.id", ondelete="RESTRICT"), index=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id", ondelete="RESTRICT"))
    allowed_by_id: Mapped[int | None] = mapped_column(ForeignKey("users.id", ondelete="RESTRICT"))
    act: Mapped[str] = mapped_column(String(30))
    amount: Mapped[int | None] = mapped_column(Money)
    details: Mapped[str | None] = mapped_column(Text)
    training: Mapped[bool] = mapped_column(Boolean, server_default=false(), default=False)
    happened_at: Mapped[datetime] = mapped_column(UtcDateTime)
