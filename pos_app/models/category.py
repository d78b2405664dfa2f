"""Categories of books, as a tree."""

from sqlalchemy import ForeignKey, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from pos_app.models.base import BaseModel, Versioned


class Category(Versioned, BaseModel):
    """A shelf's subject; `parent_id` makes a tree."""

    __tablename__ = "categories"

    name: Mapped[str] = mapped_column(String(255), unique=True, index=True)
    description: Mapped[str | None] = mapped_column(Text)
    parent_id: Mapped[int | None] = mapped_column(ForeignKey("categories.id", ondelete="RESTRICT"), index=True)
