"""Who is acting, and whether they may."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session

from pos_app.domain.permission import Permission, UserRole, allowed
from pos_app.errors import Refused
from pos_app.models import User, table

_PERSON = select(table(User).c.role, table(User).c.is_active).where(table(User).c.id == bindparam("user"))


@dataclass(frozen=True, slots=True)
class Operator:
    """A person signed in at a till."""

    user_id: int
    name: str
    role: UserRole
    till_id: int
    till_number: int
    shift_opened_at: datetime

    def may(self, permission: Permission) -> bool:
        """Tell what to offer on the screen; services check again."""
        return allowed(self.role, permission)


def require(session: Session, operator: Operator, permission: Permission) -> None:
    """Check inside an act that the operator still may. Raises Refused("right.missing" | "right.inactive")."""
    require_user(session, operator.user_id, permission)


def require_user(session: Session, user_id: int, permission: Permission) -> None:
    """Check inside an act that a person, as stored now, may. Raises as `require` does."""
    row = session.connection().execute(_PERSON, {"user": user_id}).one_or_none()
    if row is None or not row.is_active:
        raise Refused("right.inactive")
    if not allowed(row.role, permission):
        raise Refused("right.missing", permission=permission.value, role=row.role.value)
