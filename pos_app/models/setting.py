"""The shop's settings: one typed value a key, as JSON text."""

from sqlalchemy import String, Text
from sqlalchemy.orm import Mapped, mapped_column

from pos_app.models.base import BaseModel, Versioned


class Setting(Versioned, BaseModel):
    """One setting; services/setting.py knows the keys, their types and their defaults."""

    __tablename__ = "settings"

    key: Mapped[str] = mapped_column(String(100), unique=True)
    value: Mapped[str] = mapped_column(Text)
