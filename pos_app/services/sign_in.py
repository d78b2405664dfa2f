"""Signing in at a till with a name and a PIN."""

import asyncio
import math
from dataclasses import dataclass
from datetime import datetime, timedelta

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from pos_app.app import App
from pos_app.domain.permission import Permission, UserRole, allowed
from pos_app.errors import Refused
from pos_app.models import Approval, Till, User
from pos_app.services import journal
from pos_app.services.right import APPROVAL_S, Operator, require_user, roles_granted
from pos_app.services.setting import shop_settings
from pos_app.services.shift import ensure_open

__all__ = [
    "Operator",
    "Person",
    "approve",
    "forget_tries",
    "hash_pin",
    "list_approvers",
    "list_people",
    "sign_in",
    "try_pin",
]

# OWASP Password Storage Cheat Sheet: Argon2id, 19 MiB, two passes, one lane.
_HASHER = PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1)
# Verified in place of an unknown person's, so that a wrong name takes as long as a wrong PIN.
_NOBODY = "$argon2id$v=19$m=19456,t=2,p=1$vVRnC2MSM70CLqFl5I0p5g$kUKVFmKWhK8KEncYf3vxavpPim2MVANcyZMr3LlNqHM"  # noqa: S105 - of no PIN
TRIES = 5
FIRST_DELAY_S = 30
LONGEST_DELAY_S = 15 * 60


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody who may sign in at a till."""

    user_id: int
    name: str
    role: UserRole


@dataclass(frozen=True, slots=True)
class Attempt:
    """A try that is counted as wrong already; `wait_s` is above zero where it may not be made at all."""

    user_id: int | None
    till_id: int
    hashed_pin: str
    tries_left: int = 0
    wait_s: int = 0


def hash_pin(pin: str) -> str:
    """Hash a PIN with Argon2id; takes some 50 ms, so call it in a thread. Raises Refused("pin.invalid")."""
    check_pin(pin)
    return _HASHER.hash(pin)


def check_pin(pin: str) -> None:
    """Raise Refused("pin.invalid") unless it can be one."""
    if not (pin.isascii() and pin.isdigit() and 4 <= len(pin) <= 12):  # noqa: PLR2004 - the rule itself
        raise Refused("pin.invalid")


async def list_people(app: App) -> list[Person]:
    """Give everybody who may sign in at a till, by role and name."""

    def act(session: Session) -> list[Person]:
        users = session.scalars(select(User).where(User.is_active, User.has_pin).order_by(User.id))
        return [Person(user.id, user.username, user.role) for user in users if allowed(user.role, Permission.SELL)]

    return await app.db.read(act)


async def sign_in(app: App, name: str, pin: str) -> Operator:
    """Sign a person in at this machine's till and see to it that a shift is open.

    Five wrong PINs, counted for the person and for the till and kept over restarts, start a delay that doubles with
    each further one. The hash is checked in a thread, outside any transaction.
    Raises Refused("sign_in.wrong", tries_left=…) or Refused("sign_in.blocked", wait_s=…).
    """
    attempt = await try_pin(app, name, pin)
    return await app.db.write(lambda session: _succeed(session, app, attempt))


async def list_approvers(app: App, permission: Permission, amount: int | None = None) -> list[Person]:
    """Give the people whose PIN lets something of an amount pass, by role and name."""

    def act(session: Session) -> list[Person]:
        may = roles_granted(session, permission, amount) & roles_granted(session, Permission.APPROVE)
        users = session.scalars(select(User).where(User.is_active, User.has_pin).order_by(User.id))
        return [Person(user.id, user.username, user.role) for user in users if user.role in may]

    return await app.db.read(act)


async def approve(
    app: App, operator: Operator, approver: str, pin: str, permission: Permission, amount: int | None = None
) -> str:
    """Let one act of one amount pass by a manager's PIN; gives the approval's id, good once and for a minute.

    Raises as `sign_in` does, and Refused("right.missing" | "right.limit") where the approver may not either.
    """
    attempt = await try_pin(app, approver, pin)
    uid = app.ids.new()

    def act(session: Session) -> str:
        user = forget_tries(session, attempt)
        require_user(session, user.id, Permission.APPROVE)
        require_user(session, user.id, permission, amount)
        session.add(
            Approval(
                uid=uid,
                approver_id=user.id,
                user_id=operator.user_id,
                till_id=operator.till_id,
                permission=permission.value,
                amount=amount,
                expires_at=app.clock.now() + timedelta(seconds=APPROVAL_S),
            )
        )
        journal.append(
            session,
            operator.till_id,
            "approved",
            app.clock.now(),
            user_id=operator.user_id,
            allowed_by=user.id,
            uid=uid,
            permission=permission.value,
            amount=amount,
        )
        return uid

    return await app.db.write(act)


async def try_pin(app: App, name: str, pin: str) -> Attempt:
    """Check a PIN, wrong ones counted. Raises Refused("sign_in.wrong" | "sign_in.blocked")."""
    attempt = await app.db.write(lambda session: _begin(session, name, app.config.till, app.clock.now()))
    if attempt.wait_s:
        raise Refused("sign_in.blocked", wait_s=attempt.wait_s)
    right = await asyncio.to_thread(_verify, attempt.hashed_pin, pin)
    if right and attempt.user_id is not None:
        return attempt
    await app.db.write(
        lambda session: journal.append(
            session, attempt.till_id, "sign_in_failed", app.clock.now(), user_id=attempt.user_id
        )
    )
    if attempt.tries_left:
        raise Refused("sign_in.wrong", tries_left=attempt.tries_left)
    waiting = await app.db.write(lambda session: _seconds_to_wait(session, attempt, app.clock.now()))
    raise Refused("sign_in.blocked", wait_s=waiting)


def _begin(session: Session, name: str, number: int, now: datetime) -> Attempt:
    """Find the person and the till, and count the try before it is made.

    Counting first leaves nothing to gain from many tries at once or from ending the program before the answer.
    """
    till = session.scalar(select(Till).where(Till.number == number).with_for_update())
    if till is None:
        till = Till(number=number, name=f"Till {number}")
        session.add(till)
        session.flush()
    user = session.scalar(select(User).where(User.username == name, User.is_active, User.has_pin).with_for_update())
    if user is not None and not allowed(user.role, Permission.SELL):
        user = None
    counted: list[Till | User] = [till] if user is None else [till, user]
    user_id, hashed = (user.id, _hashed_pin(session, user.id)) if user else (None, _NOBODY)
    wait = max(_wait(one, now) for one in counted)
    if wait:
        session.flush()
        journal.append(session, till.id, "sign_in_failed", now, user_id=user_id, wait_s=wait)
        return Attempt(user_id, till.id, hashed, wait_s=wait)
    left = min(_count(one, now) for one in counted)
    return Attempt(user_id, till.id, hashed, tries_left=left)


def _hashed_pin(session: Session, user_id: int) -> str:
    """One person's hash: on PostgreSQL through a function, since a till's role may not read the column."""
    on_server = session.get_bind().dialect.name == "postgresql"
    query = select(func.pos_hashed_pin(user_id)) if on_server else select(User.hashed_pin).where(User.id == user_id)
    return session.scalar(query) or _NOBODY


def _wait(counted: Till | User, now: datetime) -> int:
    """Seconds still to wait; a clock set back cannot make it longer than the longest delay."""
    if counted.pin_blocked_until is None or counted.pin_blocked_until <= now:
        return 0
    longest = now + timedelta(seconds=LONGEST_DELAY_S)
    counted.pin_blocked_until = min(counted.pin_blocked_until, longest)
    return math.ceil((counted.pin_blocked_until - now).total_seconds())


def _count(counted: Till | User, now: datetime) -> int:
    """Count a try; gives how many are left before a delay, which starts with the last."""
    counted.pin_failures += 1
    over = counted.pin_failures - TRIES
    if over >= 0:
        delay_s = min(FIRST_DELAY_S * 2 ** min(over, 10), LONGEST_DELAY_S)
        counted.pin_blocked_until = now + timedelta(seconds=delay_s)
    return max(-over, 0)


def _seconds_to_wait(session: Session, attempt: Attempt, now: datetime) -> int:
    counted: list[Till | User] = [session.get_one(Till, attempt.till_id)]
    if attempt.user_id is not None:
        counted.append(session.get_one(User, attempt.user_id))
    return max(_wait(one, now) for one in counted)


def _verify(hashed: str, pin: str) -> bool:
    try:
        return _HASHER.verify(hashed, pin)
    except (VerificationError, InvalidHashError):
        return False


def _succeed(session: Session, app: App, attempt: Attempt) -> Operator:
    """Forget the tries and open the till's shift; the till's row is locked against a second program at it."""
    user = forget_tries(session, attempt)
    till = session.get_one(Till, attempt.till_id)
    journal.append(session, till.id, "signed_in", app.clock.now(), user_id=user.id)
    now = app.clock.now()
    shift = ensure_open(session, app.ids, shop_settings(session), till_id=till.id, user_id=user.id, now=now)
    opened_with = shift.opening_float if shift.opened_at == now else None
    return Operator(user.id, user.username, user.role, till.id, till.number, shift.opened_at, opened_with)


def forget_tries(session: Session, attempt: Attempt) -> User:
    """The person whose PIN was right, and still may come in."""
    till = session.get_one(Till, attempt.till_id, with_for_update=True)
    user = session.get_one(User, attempt.user_id, with_for_update=True)
    if not user.is_active:
        raise Refused("right.inactive")
    for counted in (till, user):
        counted.pin_failures = 0
        counted.pin_blocked_until = None
    session.flush()
    return user
