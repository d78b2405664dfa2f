"""Who may do what where the shop departs from the program's defaults, and single acts that a manager let pass."""

from datetime import datetime

from sqlalchemy import Boolean, CheckConstraint, ForeignKey, Index, Integer, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from pos_app.domain.card import CardKind
from pos_app.domain.permission import UserRole
from pos_app.models.base import BaseModel, Money, UtcDateTime, Versioned, enum_column, one_of

# A refund stays open until the money went back.
_OPEN = "outcome IN ('pending', 'unknown') OR kind = 'refund' AND outcome <> 'approved'"


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
    """Something asked of the card terminal, written before it is asked, so that no fault can forget it.

    A charge and its reversal belong to a basket; a refund carries the uid of the document's payment. `of_uid` is what a
    reversal gives back, and `said_by_id` who said by hand what became of it where the terminal did not.
    """

    __tablename__ = "card_attempts"
    __table_args__ = (
        CheckConstraint(one_of("kind", CardKind), name="kind_known"),
        Index(
            "idx_card_attempts_open",
            "till_id",
            sqlite_where=text(_OPEN),
            postgresql_where=text(_OPEN),
        ),
    )

    uid: Mapped[str] = mapped_column(String(36), unique=True)
    kind: Mapped[CardKind] = mapped_column(enum_column(CardKind), server_default="charge", default=CardKind.CHARGE)
    of_uid: Mapped[str | None] = mapped_column(String(36), index=True)
    cart_id: Mapped[int | None] = mapped_column(ForeignKey("carts.id", ondelete="SET NULL"), index=True)
    till_id: Mapped[int] = mapped_column(ForeignKey("tills.id", ondelete="RESTRICT"))
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id", ondelete="RESTRICT"))
    amount: Mapped[int] = mapped_column(Money)
    outcome: Mapped[str] = mapped_column(String(20), server_default="pending", default="pending")
    scheme: Mapped[str | None] = mapped_column(String(40))
    terminal_reference: Mapped[str | None] = mapped_column(String(64))
    tries: Mapped[int] = mapped_column(Integer, server_default="0", default=0)
    said_by_id: Mapped[int | None] = mapped_column(ForeignKey("users.id", ondelete="RESTRICT"))
