"""People who may sign in."""

from datetime import datetime

from sqlalchemy import Boolean, CheckConstraint, Computed, Integer, String, false, true
from sqlalchemy.orm import Mapped, mapped_column

from pos_app.domain.permission import UserRole
from pos_app.models.base import BaseModel, UtcDateTime, Versioned, enum_column, one_of


class User(Versioned, BaseModel):
    """A person; wrong PINs are counted here so that a restart does not forget them."""

    __tablename__ = "users"
    __table_args__ = (CheckConstraint(one_of("role", UserRole), name="role_known"),)

    email: Mapped[str] = mapped_column(String(255), unique=True)
    username: Mapped[str] = mapped_column(String(100), unique=True)
    # Never read along with a person: a till's database role may not (docs/decisions/0028).
    hashed_password: Mapped[str | None] = mapped_column(String(255), deferred=True)
    hashed_pin: Mapped[str | None] = mapped_column(String(255), deferred=True)
    has_pin: Mapped[bool] = mapped_column(Boolean, Computed("hashed_pin IS NOT NULL"))
    is_active: Mapped[bool] = mapped_column(Boolean, server_default=true(), default=True)
    is_admin: Mapped[bool] = mapped_column(Boolean, server_default=false(), default=False)
    role: Mapped[UserRole] = mapped_column(enum_column(UserRole), server_default="user", default=UserRole.USER)
    pin_failures: Mapped[int] = mapped_column(Integer, server_default="0", default=0)
    pin_blocked_until: Mapped[datetime | None] = mapped_column(UtcDateTime)
