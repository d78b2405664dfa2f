"""The people who work in the shop."""

import asyncio
import re
from dataclasses import dataclass
from secrets import token_hex

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from pos_app.app import App
from pos_app.domain.free_text import free_text
from pos_app.domain.permission import Permission, UserRole, allowed
from pos_app.domain.search import fold
from pos_app.errors import Refused
from pos_app.models import User
from pos_app.services.journal import append_here
from pos_app.services.sign_in import hash_pin

MAX_NAME = 100
_EMAIL = re.compile(r"(?=.{3,255}$)[^@\s]+@[^@\s]+")


@dataclass(frozen=True, slots=True)
class UserRow:
    """One person in the list."""

    id: int
    name: str
    email: str
    role: UserRole
    active: bool


async def list_users(app: App) -> list[UserRow]:
    """Give everybody, by name."""

    def act(session: Session) -> list[UserRow]:
        users = session.scalars(select(User).order_by(User.username))
        return [UserRow(user.id, user.username, user.email, user.role, user.is_active) for user in users]

    return await app.db.read(act)


async def add_user(app: App, name: str, role: UserRole, pin: str | None, email: str | None = None) -> UserRow:
    """Add a person; a role with a till needs a PIN. Meant for the shop's machine itself, which asks for no sign-in.

    Raises Refused("user.name" | "user.exists" | "user.email" | "user.pin_missing" | "pin.invalid").
    """
    if pin is None and allowed(role, Permission.SELL):
        raise Refused("user.pin_missing", role=role.value)
    hashed = await asyncio.to_thread(hash_pin, pin) if pin is not None else None

    def act(session: Session) -> UserRow:
        user = new_user(session, name, role, hashed, email)
        append_here(session, app, "user_added", person=user.id, role=role.value)
        return UserRow(user.id, user.username, user.email, user.role, user.is_active)

    return await app.db.write(act)


def new_user(session: Session, name: str, role: UserRole, hashed_pin: str | None, email: str | None = None) -> User:
    """Add a person inside an act.

    Raises Refused("user.name" | "user.exists" | "user.email"); names that differ in case only count as the same.
    """
    name = checked_name(name)
    people = session.execute(select(User.username, User.email)).all()
    if name.casefold() in {person.username.casefold() for person in people}:
        raise Refused("user.exists", name=name)
    # People at the till need no address, but the column wants one that nobody else has.
    email = email or f"{fold(name).replace(' ', '.')[:40]}.{token_hex(4)}@till.invalid"
    if not _EMAIL.fullmatch(email) or email in {person.email for person in people}:
        raise Refused("user.email", email=email)
    user = User(username=name, email=email, role=role, is_admin=role is UserRole.ADMIN, hashed_pin=hashed_pin)
    session.add(user)
    try:
        session.flush()
    except IntegrityError as error:
        raise Refused("user.exists", name=name) from error
    return user


def checked_name(name: str) -> str:
    """Give a person's name as it is stored. Raises Refused("user.name")."""
    if not " ".join(name.split()).isprintable():
        # Not mended: who signs in is to be known by the name they typed.
        raise Refused("user.name", limit=MAX_NAME)
    return free_text(name, MAX_NAME, "user.name", needed=True)


async def set_pin(app: App, name: str, pin: str) -> None:
    """Give a person a new PIN and forget their wrong tries. Raises Refused("user.missing" | "pin.invalid")."""
    hashed = await asyncio.to_thread(hash_pin, pin)

    def act(session: Session) -> None:
        user = _named(session, name)
        # First, as everywhere that a till's row and a person's are locked.
        append_here(session, app, "user_pin", person=user.id)
        user.hashed_pin = hashed
        user.pin_failures = 0
        user.pin_blocked_until = None

    await app.db.write(act)


async def set_active(app: App, name: str, *, active: bool) -> None:
    """Let a person in or out; the last active admin stays. Raises Refused("user.missing" | "user.last_admin")."""

    def act(session: Session) -> None:
        user = _named(session, name)
        append_here(session, app, "user_active", person=user.id, active=active)
        user.is_active = active
        _keep_an_admin(session, user)

    await app.db.write(act)


async def set_role(app: App, name: str, role: UserRole) -> None:
    """Give a person another role; the last active admin keeps theirs.

    Raises Refused("user.missing" | "user.last_admin" | "user.pin_missing").
    """

    def act(session: Session) -> None:
        user = _named(session, name)
        if not user.has_pin and allowed(role, Permission.SELL):
            raise Refused("user.pin_missing", role=role.value)
        append_here(session, app, "user_role", person=user.id, role=role.value, was=user.role.value)
        user.role = role
        user.is_admin = role is UserRole.ADMIN
        _keep_an_admin(session, user)

    await app.db.write(act)


def _keep_an_admin(session: Session, user: User) -> None:
    """Refuse a change that would leave a shop that has an admin without one.

    All admins' rows are locked, so that two of them cannot let each other out at the same time.
    """
    was_admin = session.scalars(
        select(User.id).where(User.role == UserRole.ADMIN, User.is_active).order_by(User.id).with_for_update(),
        execution_options={"autoflush": False},
    ).all()
    session.flush()
    still_admin = user.is_active and user.role is UserRole.ADMIN
    if was_admin == [user.id] and not still_admin:
        raise Refused("user.last_admin", name=user.username)


def _named(session: Session, name: str) -> User:
    user = session.scalar(select(User).where(User.username == name))
    if user is None:
        raise Refused("user.missing", name=name)
    return user
