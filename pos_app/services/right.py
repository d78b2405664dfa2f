"""Who is acting, and whether they may."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from pos_app.domain.permission import Permission, UserRole, allowed
from pos_app.errors import Refused
from pos_app.models import User, table


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
    user = table(User).c
    row = session.execute(select(user.role, user.is_active).where(user.id == user_id)).one_or_none()
    if row is None or not row.is_active:
        raise Refused("right.inactive")
    if not allowed(row.role, permission):
        raise Refused("right.missing", permission=permission.value, role=row.role.value)
