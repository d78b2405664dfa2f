"""People who buy, and what they owe."""

from sqlalchemy import Boolean, CheckConstraint, ForeignKey, String, Text, true
from sqlalchemy.orm import Mapped, mapped_column

from pos_app.models.base import BaseModel, Money, SortKey, Versioned


class Customer(Versioned, BaseModel):
    """A customer the shop knows by name. `balance` is what they owe, the sum of their account's movements."""

    __tablename__ = "customers"

    name: Mapped[str] = mapped_column(String(255))
    name_key: Mapped[str] = mapped_column(SortKey, index=True)
    email: Mapped[str | None] = mapped_column(String(255), index=True)
    phone: Mapped[str | None] = mapped_column(String(40), index=True)
    note: Mapped[str | None] = mapped_column(Text)
    active: Mapped[bool] = mapped_column(Boolean, server_default=true(), default=True)
    card: Mapped[str | None] = mapped_column(String(64), index=True, unique=True)
    credit_limit: Mapped[int] = mapped_column(Money, server_default="0", default=0)
    balance: Mapped[int] = mapped_column(Money, server_default="0", default=0)


class AccountMovement(BaseModel):
    """One change of what a customer owes: positive where something was bought on account. Append-only."""

    __tablename__ = "account_movements"
    __table_args__ = (CheckConstraint("delta <> 0", name="delta_not_zero"),)

    uid: Mapped[str] = mapped_column(String(36), unique=True)
    customer_id: Mapped[int] = mapped_column(ForeignKey("customers.id", ondelete="RESTRICT"), index=True)
    delta: Mapped[int] = mapped_column(Money)
    order_id: Mapped[int] = mapped_column(ForeignKey("orders.id", ondelete="RESTRICT"), index=True)
