"""People who buy, what they owe, what they agreed to, and what their loyalty earned."""

from datetime import datetime

from sqlalchemy import Boolean, CheckConstraint, ForeignKey, Index, Integer, String, Text, text, true
from sqlalchemy.orm import Mapped, mapped_column

from pos_app.domain.loyalty import LoyaltyKind, LoyaltyReason
from pos_app.models.base import BaseModel, Money, SortKey, UtcDateTime, Versioned, enum_column, one_of


class Customer(Versioned, BaseModel):
    """A customer the shop knows by name. `balance` is what they owe, the sum of their account's movements.

    `search_text` is what they are found by beside their name, folded, and `search_grams` the index of both. `points` is
    the sum of the loyalty's movements. Of one that was merged into another the row stays, for documents name it, and
    its sums are counted there.
    """

    __tablename__ = "customers"
    __table_args__ = (Index("idx_customers_active_name_key", "active", "name_key", "id"),)

    name: Mapped[str] = mapped_column(String(255))
    name_key: Mapped[str] = mapped_column(SortKey, index=True)
    email: Mapped[str | None] = mapped_column(String(255), index=True)
    phone: Mapped[str | None] = mapped_column(String(40), index=True)
    note: Mapped[str | None] = mapped_column(Text)
    active: Mapped[bool] = mapped_column(Boolean, server_default=true(), default=True)
    card: Mapped[str | None] = mapped_column(String(64), index=True, unique=True)
    credit_limit: Mapped[int] = mapped_column(Money, server_default="0", default=0)
    balance: Mapped[int] = mapped_column(Money, server_default="0", default=0)
    address: Mapped[str | None] = mapped_column(String(500))
    language: Mapped[str | None] = mapped_column(String(8))
    search_text: Mapped[str] = mapped_column(Text, server_default=text("''"), default="")
    search_grams: Mapped[str] = mapped_column(Text, server_default=text("''"), default="")
    points: Mapped[int] = mapped_column(Integer, server_default="0", default=0)
    erased_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class CustomerMerge(BaseModel):
    """A customer who turned out to be another one; `into_id` is who was kept, never one merged themselves."""

    __tablename__ = "customer_merges"

    customer_id: Mapped[int] = mapped_column(ForeignKey("customers.id", ondelete="RESTRICT"), unique=True)
    into_id: Mapped[int] = mapped_column(ForeignKey("customers.id", ondelete="RESTRICT"), index=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id", ondelete="RESTRICT"))
    merged_at: Mapped[datetime] = mapped_column(UtcDateTime)


class CustomerConsent(BaseModel):
    """What a customer agreed to: what for, how, when and before whom, and when they took it back."""

    __tablename__ = "customer_consents"

    customer_id: Mapped[int] = mapped_column(ForeignKey("customers.id", ondelete="RESTRICT"), index=True)
    purpose: Mapped[str] = mapped_column(String(80))
    given_how: Mapped[str] = mapped_column(String(80))
    given_at: Mapped[datetime] = mapped_column(UtcDateTime)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id", ondelete="RESTRICT"))
    withdrawn_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    withdrawn_user_id: Mapped[int | None] = mapped_column(ForeignKey("users.id", ondelete="RESTRICT"))


class LoyaltyMovement(BaseModel):
    """One change of a customer's points, by a document, about a sale. Append-only.

    The rule it was made by stands with it; `balance` is what the customer had after it.
    """

    __tablename__ = "loyalty_movements"
    __table_args__ = (
        CheckConstraint("delta <> 0", name="delta_not_zero"),
        CheckConstraint(one_of("kind", LoyaltyKind), name="kind_known"),
        CheckConstraint(one_of("reason", LoyaltyReason), name="reason_known"),
    )

    uid: Mapped[str] = mapped_column(String(36), unique=True)
    customer_id: Mapped[int] = mapped_column(ForeignKey("customers.id", ondelete="RESTRICT"), index=True)
    order_id: Mapped[int] = mapped_column(ForeignKey("orders.id", ondelete="RESTRICT"), index=True)
    sale_id: Mapped[int] = mapped_column(ForeignKey("orders.id", ondelete="RESTRICT"), index=True)
    reason: Mapped[LoyaltyReason] = mapped_column(enum_column(LoyaltyReason))
    delta: Mapped[int] = mapped_column(Integer)
    balance: Mapped[int] = mapped_column(Integer)
    kind: Mapped[LoyaltyKind] = mapped_column(enum_column(LoyaltyKind))
    step: Mapped[int] = mapped_column(Money)
    full_at: Mapped[int] = mapped_column(Integer)
    worth: Mapped[int] = mapped_column(Money)


class AccountMovement(BaseModel):
    """One change of what a customer owes: positive where something was bought on account. Append-only."""

    __tablename__ = "account_movements"
    __table_args__ = (CheckConstraint("delta <> 0", name="delta_not_zero"),)

    uid: Mapped[str] = mapped_column(String(36), unique=True)
    customer_id: Mapped[int] = mapped_column(ForeignKey("customers.id", ondelete="RESTRICT"), index=True)
    delta: Mapped[int] = mapped_column(Money)
    order_id: Mapped[int] = mapped_column(ForeignKey("orders.id", ondelete="RESTRICT"), index=True)
