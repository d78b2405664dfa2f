"""How a person likes to look at a list."""

from sqlalchemy import ForeignKey, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from pos_app.models.base import BaseModel


class SavedView(BaseModel):
    """One view of one list: filters, order and columns as JSON. Without a name it is how the list was left."""

    __tablename__ = "saved_views"
    __table_args__ = (UniqueConstraint("user_id", "list_name", "name", name="uq_saved_views_name"),)

    user_id: Mapped[int] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"))
    list_name: Mapped[str] = mapped_column(String(40))
    name: Mapped[str] = mapped_column(String(80))
    content: Mapped[str] = mapped_column(Text)
