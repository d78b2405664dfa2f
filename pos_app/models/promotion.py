"""Promotions, applied by rule, and the grid of what has no barcode."""

from datetime import date
from decimal import Decimal

from sqlalchemy import Boolean, CheckConstraint, Date, ForeignKey, Integer, String, UniqueConstraint, true
from sqlalchemy.orm import Mapped, mapped_column

from pos_app.domain.promotion import PromotionKind
from pos_app.models.base import BaseModel, Money, Rate, Versioned, enum_column, one_of


class Promotion(Versioned, BaseModel):
    """A rule that makes titles cheaper from one day to another, both included.

    It holds for a category, for the titles listed in `promotion_books`, or for both where both are given.
    """

    __tablename__ = "promotions"
    __table_args__ = (
        CheckConstraint(one_of("kind", PromotionKind), name="kind_known"),
        CheckConstraint("ends_on IS NULL OR starts_on IS NULL OR ends_on >= starts_on", name="ends_after_start"),
    )

    name: Mapped[str] = mapped_column(String(80))
    kind: Mapped[PromotionKind] = mapped_column(enum_column(PromotionKind))
    rate: Mapped[Decimal | None] = mapped_column(Rate)
    amount: Mapped[int | None] = mapped_column(Money)
    buy: Mapped[int | None] = mapped_column(Integer)
    pay: Mapped[int | None] = mapped_column(Integer)
    category_id: Mapped[int | None] = mapped_column(ForeignKey("categories.id", ondelete="RESTRICT"))
    starts_on: Mapped[date | None] = mapped_column(Date)
    ends_on: Mapped[date | None] = mapped_column(Date)
    active: Mapped[bool] = mapped_column(Boolean, server_default=true(), default=True)


class PromotionBook(BaseModel):
    """One title a promotion holds for."""

    __tablename__ = "promotion_books"
    __table_args__ = (UniqueConstraint("promotion_id", "book_id", name="uq_promotion_books_book"),)

    promotion_id: Mapped[int] = mapped_column(ForeignKey("promotions.id", ondelete="CASCADE"))
    book_id: Mapped[int] = mapped_column(ForeignKey("books.id", ondelete="CASCADE"), index=True)


class QuickKey(BaseModel):
    """One button of the grid at the counter: a thing without a barcode, or a department asked for its price."""

    __tablename__ = "quick_keys"

    position: Mapped[int] = mapped_column(Integer, unique=True)
    label: Mapped[str] = mapped_column(String(40))
    book_id: Mapped[int] = mapped_column(ForeignKey("books.id", ondelete="CASCADE"), index=True)
