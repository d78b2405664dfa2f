"""People who buy."""

from sqlalchemy import Boolean, String, Text, true
from sqlalchemy.orm import Mapped, mapped_column

from pos_app.models.base import BaseModel, SortKey, Versioned


class Customer(Versioned, BaseModel):
    """A customer the shop knows by name."""

    __tablename__ = "customers"

    name: Mapped[str] = mapped_column(String(255))
    name_key: Mapped[str] = mapped_column(SortKey, index=True)
    email: Mapped[str | None] = mapped_column(String(255), index=True)
    phone: Mapped[str | None] = mapped_column(String(40), index=True)
    note: Mapped[str | None] = mapped_column(Text)
    active: Mapped[bool] = mapped_column(Boolean, server_default=true(), default=True)
