"""Who is acting, whether they may, and what a manager's PIN lets pass once."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import bindparam, delete, select, update
from sqlalchemy.orm import Session

from pos_app.app import App
from pos_app.domain.permission import (
    PERMISSIONS,
    Grant,
    Permission,
    UserRole,
    allowed,
    check_grant,
    default_grant,
)
from pos_app.errors import Refused
from pos_app.models import Approval, Right, User, table
from pos_app.services import journal
from pos_app.services.setting_text import SETTING_TEXT, note_setting_text

APPROVAL_S = 60
_RIGHTS = table(Right)
# Asked by nearly every act, so the settings come along.
_PERSON = (
    select(
        table(User).c.role,
        table(User).c.is_active,
        _RIGHTS.c.allowed,
        _RIGHTS.c.most,
        SETTING_TEXT.label("setting_text"),
    )
    .join_from(
        table(User),
        _RIGHTS,
        (_RIGHTS.c.role == table(User).c.role) & (_RIGHTS.c.permission == bindparam("permission")),
        isouter=True,
    )
    .where(table(User).c.id == bindparam("user"))
)


@dataclass(frozen=True, slots=True)
class Operator:
    """A person signed in at a till; `opened_with` is what the drawer should hold where that opened a new shift."""

    user_id: int
    name: str
    role: UserRole
    till_id: int
    till_number: int
    shift_opened_at: datetime
    opened_with: int | None = None

    def may(self, permission: Permission) -> bool:
        """Tell what the role may by default, to order what the screen offers; services decide."""
        return allowed(self.role, permission)


@dataclass(frozen=True, slots=True)
class About:
    """What somebody is to let pass: a title or a document, or None for a whole sale.

    `was` and `now` are what it costs before and after, in minor units, or in words what else becomes of it.
    """

    what: str | None
    was: int | str | None = None
    now: int | str | None = None


@dataclass(frozen=True, slots=True)
class RightRow:
    """One role's right as it stands; `changed` where the shop departs from the default."""

    role: UserRole
    permission: Permission
    grant: Grant
    changed: bool


def require(session: Session, operator: Operator, permission: Permission, amount: int | None = None) -> None:
    """Check inside an act that the operator still may.

    Raises Refused("right.missing" | "right.limit" | "right.inactive").
    """
    require_user(session, operator.user_id, permission, amount)


def require_user(session: Session, user_id: int, permission: Permission, amount: int | None = None) -> None:
    """Check inside an act that a person, as stored now, may. Raises as `require` does."""
    role, grant = _grant(session, user_id, permission)
    _check(session, grant, role, permission, amount)


def require_or_approved(
    session: Session,
    operator: Operator,
    permission: Permission,
    amount: int | None,
    approval: str | None,
    now: datetime,
    about: About | None = None,
) -> int | None:
    """Check a right inside an act, using up a manager's approval where the operator's own does not reach.

    `amount` is in the permission's own measure (domain.permission). `approval` may be several, parted by blanks, for an
    act that takes more than one right. Gives the approving manager's id, or None where none was needed. Raises as
    `require` does, naming what it is `about`, and Refused("approval.invalid").
    """
    role, grant = _grant(session, operator.user_id, permission)
    if grant.covers(amount):
        return None
    uids = (approval or "").split()
    if not _are_about(session, uids, permission):
        try:
            _check(session, grant, role, permission, amount)
        except Refused as refused:
            if about is not None:
                refused.params["about"] = about
            raise
    return _use(session, operator, permission, amount, uids, now)


def _are_about(session: Session, uids: list[str], permission: Permission) -> bool:
    """Whether one of some approvals is about a permission; an unknown one is about any, and will not do."""
    if not uids:
        return False
    approval = table(Approval).c
    known = session.scalars(select(approval.permission).where(approval.uid.in_(uids))).all()
    return permission.value in known or len(known) < len(uids)


def _check(session: Session, grant: Grant, role: UserRole, permission: Permission, amount: int | None) -> None:
    """Check a grant inside an act; a refusal names the roles that may, as the shop has it."""
    if not grant.covers(amount):
        check_grant(grant, role, permission, amount, roles_granted(session, permission, amount))


def _use(
    session: Session, operator: Operator, permission: Permission, amount: int | None, uids: list[str], now: datetime
) -> int:
    """Use an approval up: of this person, at this till, for this act and amount, within its minute, once."""
    approval = table(Approval).c
    approver: int | None = session.execute(
        update(table(Approval))
        .where(
            approval.uid.in_(uids),
            approval.user_id == operator.user_id,
            approval.till_id == operator.till_id,
            approval.permission == permission.value,
            approval.amount == amount if amount is not None else approval.amount.is_(None),
            approval.used_at.is_(None),
            approval.expires_at >= now,
        )
        .values(used_at=now)
        .returning(approval.approver_id)
    ).scalar_one_or_none()
    if approver is None:
        raise Refused("approval.invalid")
    return approver


def _grant(session: Session, user_id: int, permission: Permission) -> tuple[UserRole, Grant]:
    row = session.connection().execute(_PERSON, {"user": user_id, "permission": permission.value}).one_or_none()
    if row is None or not row.is_active:
        raise Refused("right.inactive")
    note_setting_text(session, row.setting_text)
    grant = default_grant(row.role, permission) if row.allowed is None else Grant(row.allowed, row.most)
    return row.role, grant


def grant_of(session: Session, user_id: int, permission: Permission) -> Grant:
    """Give what a person is granted, inside an act. Raises Refused("right.inactive")."""
    return _grant(session, user_id, permission)[1]


def roles_granted(session: Session, permission: Permission, amount: int | None = None) -> set[UserRole]:
    """Give the roles that may do something of an amount, inside an act."""
    stored = {
        row.role: Grant(row.allowed, row.most)
        for row in session.execute(
            select(_RIGHTS.c.role, _RIGHTS.c.allowed, _RIGHTS.c.most).where(_RIGHTS.c.permission == permission.value)
        )
    }
    return {role for role in UserRole if stored.get(role, default_grant(role, permission)).covers(amount)}


async def granted(app: App, operator: Operator, *permissions: Permission) -> frozenset[Permission]:
    """Give which of some things a person may do as the shop has it now, so that nothing is offered in vain."""

    def act(session: Session) -> frozenset[Permission]:
        return frozenset(one for one in permissions if grant_of(session, operator.user_id, one).allowed)

    return await app.db.read(act)


async def check_right(app: App, operator: Operator, permission: Permission) -> None:
    """Refuse at once, naming who may, what would be refused at its end. Raises as `require` does."""
    await app.db.read(lambda session: require(session, operator, permission))


async def list_rights(app: App) -> list[RightRow]:
    """Give every role's rights, in the order of the roles and of the permissions."""

    def act(session: Session) -> list[RightRow]:
        stored = {
            (row.role, row.permission): Grant(row.allowed, row.most)
            for row in session.execute(select(_RIGHTS.c.role, _RIGHTS.c.permission, _RIGHTS.c.allowed, _RIGHTS.c.most))
        }
        return [
            RightRow(
                role,
                permission,
                stored.get((role, permission.value), default_grant(role, permission)),
                (role, permission.value) in stored,
            )
            for role in PERMISSIONS
            for permission in Permission
        ]

    return await app.db.read(act)


async def change_right(
    app: App, operator: Operator, role: UserRole, permission: Permission, grant: Grant
) -> list[RightRow]:
    """Decide what a role may; admins keep the rights to change rights and people.

    Raises Refused("right.missing" | "right.fixed").
    """
    now = app.clock.now()

    def act(session: Session) -> None:
        _change(session, operator, {(role, permission): grant})
        journal.append(
            session,
            operator.till_id,
            "rights",
            now,
            user_id=operator.user_id,
            role=role.value,
            permission=permission.value,
            allowed=grant.allowed,
            most=grant.most,
        )

    await app.db.write(act)
    return await list_rights(app)


def _change(session: Session, operator: Operator, changes: dict[tuple[UserRole, Permission], Grant]) -> None:
    require(session, operator, Permission.MANAGE_USERS)
    for (role, permission), grant in changes.items():
        if role is UserRole.USER or (role is UserRole.ADMIN and permission in _KEPT and grant != Grant(allowed=True)):
            raise Refused("right.fixed", role=role.value)
        session.execute(delete(_RIGHTS).where(_RIGHTS.c.role == role, _RIGHTS.c.permission == permission.value))
        if grant != default_grant(role, permission):
            session.add(Right(role=role, permission=permission.value, allowed=grant.allowed, most=grant.most))


_KEPT: Iterable[Permission] = (Permission.SELL, Permission.MANAGE_USERS, Permission.CHANGE_SETTINGS)
