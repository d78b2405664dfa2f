"""Tax rates a shop charges."""

from decimal import Decimal

from sqlalchemy import Boolean, CheckConstraint, String, true
from sqlalchemy.orm import Mapped, mapped_column

from pos_app.models.base import BaseModel, Rate, Versioned


class TaxRate(Versioned, BaseModel):
    """A named rate; `rate` is a fraction (0.2 is 20 %)."""

    __tablename__ = "tax_rates"
    __table_args__ = (CheckConstraint("rate >= 0 AND rate <= 1000000", name="rate_range"),)

    name: Mapped[str] = mapped_column(String(80), unique=True)
    rate: Mapped[Decimal] = mapped_column(Rate)
    active: Mapped[bool] = mapped_column(Boolean, server_default=true(), default=True)
