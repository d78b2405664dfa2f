"""Signing in at a till with a name and a PIN."""

import asyncio
from dataclasses import dataclass
from datetime import datetime, timedelta

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from pos_app.app import App
from pos_app.domain.permission import Permission, UserRole, allowed
from pos_app.errors import Refused
from pos_app.models import Till, User
from pos_app.services.right import Operator
from pos_app.services.setting import shop_settings
from pos_app.services.shift import ensure_open

__all__ = ["Operator", "Person", "hash_pin", "list_people", "sign_in"]

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
class _Attempt:
    user_id: int | None
    till_id: int
    hashed_pin: str


def hash_pin(pin: str) -> str:
    """Hash a PIN with Argon2id; takes some 50 ms, so call it in a thread. Raises Refused("pin.invalid")."""
    if not (pin.isascii() and pin.isdigit() and 4 <= len(pin) <= 12):  # noqa: PLR2004 - the rule itself
        raise Refused("pin.invalid")
    return _HASHER.hash(pin)


async def list_people(app: App) -> list[Person]:
    """Give everybody who may sign in at a till, by role and name."""

    def act(session: Session) -> list[Person]:
        users = session.scalars(select(User).where(User.is_active, User.hashed_pin.is_not(None)).order_by(User.id))
        return [Person(user.id, user.username, user.role) for user in users if allowed(user.role, Permission.SELL)]

    return await app.db.read(act)


async def sign_in(app: App, name: str, pin: str) -> Operator:
    """Sign a person in at this machine's till and see to it that a shift is open.

    Five wrong PINs, counted for the person and for the till and kept over restarts, start a delay that doubles.
    The hash is checked in a thread, outside any transaction.
    Raises Refused("sign_in.wrong", tries_left=…) or Refused("sign_in.blocked", wait_s=…).
    """
    number = app.config.till
    attempt = await app.db.write(lambda session: _begin(session, name, number, app.clock.now()))
    right = await asyncio.to_thread(_verify, attempt.hashed_pin, pin)
    if not right or attempt.user_id is None:
        left = await app.db.write(lambda session: _count_failure(session, attempt, app.clock.now()))
        raise Refused("sign_in.wrong", tries_left=left) if left else Refused("sign_in.blocked", wait_s=FIRST_DELAY_S)
    return await app.db.write(lambda session: _succeed(session, app, attempt))


def _begin(session: Session, name: str, number: int, now: datetime) -> _Attempt:
    """Find the person and the till, and refuse while either has to wait."""
    till = session.scalar(select(Till).where(Till.number == number))
    if till is None:
        till = Till(number=number, name=f"Till {number}")
        session.add(till)
        session.flush()
    user = session.scalar(select(User).where(User.username == name, User.is_active, User.hashed_pin.is_not(None)))
    if user is not None and not allowed(user.role, Permission.SELL):
        user = None
    for counted in (till, user):
        wait = _wait(counted, now) if counted is not None else 0
        if wait:
            raise Refused("sign_in.blocked", wait_s=wait)
    if user is None or user.hashed_pin is None:
        return _Attempt(None, till.id, _NOBODY)
    return _Attempt(user.id, till.id, user.hashed_pin)


def _wait(counted: Till | User, now: datetime) -> int:
    """Seconds still to wait; never more than the longest delay, whatever was done to the clock."""
    if counted.pin_blocked_until is None:
        return 0
    left = (counted.pin_blocked_until - now).total_seconds()
    return min(max(round(left + 0.5), 0), LONGEST_DELAY_S) if left > 0 else 0


def _verify(hashed: str, pin: str) -> bool:
    try:
        return _HASHER.verify(hashed, pin)
    except (VerificationError, InvalidHashError):
        return False


def _count_failure(session: Session, attempt: _Attempt, now: datetime) -> int:
    """Count a wrong PIN for the till and the person; gives the tries left before a delay."""
    left = TRIES
    rows: list[tuple[type[Till] | type[User], int | None]] = [(Till, attempt.till_id), (User, attempt.user_id)]
    for table, row_id in rows:
        if row_id is None:
            continue
        failures = session.scalar(
            update(table)
            .where(table.id == row_id)
            .values(pin_failures=table.pin_failures + 1)
            .returning(table.pin_failures),
            execution_options={"synchronize_session": False},
        )
        assert failures is not None  # noqa: S101 - the row was just read
        over = failures - TRIES
        if over >= 0:
            delay = min(FIRST_DELAY_S * 2 ** min(over, 10), LONGEST_DELAY_S)
            session.execute(
                update(table).where(table.id == row_id).values(pin_blocked_until=now + timedelta(seconds=delay)),
                execution_options={"synchronize_session": False},
            )
        left = min(left, max(-over, 0))
    return left


def _succeed(session: Session, app: App, attempt: _Attempt) -> Operator:
    user = session.get_one(User, attempt.user_id)
    till = session.get_one(Till, attempt.till_id)
    for counted in (user, till):
        counted.pin_failures = 0
        counted.pin_blocked_until = None
    shift = ensure_open(session, app.ids, shop_settings(session), till_id=till.id, user_id=user.id, now=app.clock.now())
    return Operator(user.id, user.username, user.role, till.id, till.number, shift.opened_at)
