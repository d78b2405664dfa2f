"""Who may do what where the shop departs from the program's defaults, and single acts that a manager let pass."""

from datetime import datetime

from sqlalchemy import Boolean, CheckConstraint, ForeignKey, Integer, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from pos_app.domain.permission import UserRole
from pos_app.models.base import BaseModel, Money, UtcDateTime, Versioned, enum_column, one_of


class Right(Versioned, BaseModel):
    """One role's right; `most` is its limit, per cent for discounts and minor units for money."""

    __tablename__ = "rights"
    __table_args__ = (
        CheckConstraint(one_of("role", UserRole), name="role_known"),
        UniqueConstraint("role", "permission", name="uq_rights_role_permission"),
    )

    role: Mapped[UserRole] = mapped_column(enum_column(UserRole))
    permission: Mapped[str] = mapped_column(String(40))
    allowed: Mapped[bool] = mapped_column(Boolean)
    most: Mapped[int | None] = mapped_column(Money)


class Approval(BaseModel):
    """One act of one amount that a manager's PIN let pass, good once and for a minute."""

    __tablename__ = "approvals"

    uid: Mapped[str] = mapped_column(String(36), unique=True)
    approver_id: Mapped[int] = mapped_column(ForeignKey("users.id", ondelete="RESTRICT"))
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id", ondelete="RESTRICT"))
    till_id: Mapped[int] = mapped_column(ForeignKey("tills.id", ondelete="RESTRICT"))
    permission: Mapped[str] = mapped_column(String(40))
    amount: Mapped[int | None] = mapped_column(Money)
    expires_at: Mapped[datetime] = mapped_column(UtcDateTime)
    used_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class CardAttempt(Versioned, BaseModel):
    """A charge asked of the card terminal, written before it is asked, so that no fault can forget it."""

    __tablename__ = "card_attempts"

    uid: Mapped[str] = mapped_column(String(36), unique=True)
    cart_id: Mapped[int] = mapped_column(ForeignKey("carts.id", ondelete="CASCADE"), index=True)
    till_id: Mapped[int] = mapped_column(ForeignKey("tills.id", ondelete="RESTRICT"))
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id", ondelete="RESTRICT"))
    amount: Mapped[int] = mapped_column(Money)
    outcome: Mapped[str] = mapped_column(String(20), server_default="pending", default="pending")
    scheme: Mapped[str | None] = mapped_column(String(40))
    terminal_reference: Mapped[str | None] = mapped_column(String(64))
    tries: Mapped[int] = mapped_column(Integer, server_default="0", default=0)
