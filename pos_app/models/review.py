"""Opinions on books: staff picks and customers' reviews."""

from sqlalchemy import Boolean, CheckConstraint, ForeignKey, Integer, Text, UniqueConstraint, false
from sqlalchemy.orm import Mapped, mapped_column
from sqlalchemy.sql.elements import conv

from pos_app.models.base import BaseModel


class Review(BaseModel):
    """One person's rating of one book, 1 to 5."""

    __tablename__ = "reviews"
    __table_args__ = (
        # The specification's name, hence without the table's prefix.
        CheckConstraint("rating >= 1 AND rating <= 5", name=conv("check_rating_range")),
        UniqueConstraint("user_id", "book_id", name="uq_user_book_review"),
    )

    user_id: Mapped[int] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"))
    book_id: Mapped[int] = mapped_column(ForeignKey("books.id", ondelete="CASCADE"), index=True)
    rating: Mapped[int] = mapped_column(Integer)
    comment: Mapped[str | None] = mapped_column(Text)
    staff_pick: Mapped[bool] = mapped_column(Boolean, server_default=false(), default=False)
