"""Cash put in or taken out, and the drawer opened without a sale."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import insert, literal, select, union_all
from sqlalchemy.orm import Session

from pos_app.app import App
from pos_app.domain.free_text import free_text
from pos_app.domain.money import MAX_AMOUNT
from pos_app.domain.permission import Permission
from pos_app.errors import Refused
from pos_app.models import CashMovement, Shift, TillEvent, table
from pos_app.services import journal
from pos_app.services.right import Operator, require_or_approved
from pos_app.services.shift import open_shift

MAX_REASON = 255
_MOVES, _EVENTS, _SHIFTS = table(CashMovement), table(TillEvent), table(Shift)


@dataclass(frozen=True, slots=True)
class _Asked:
    """What a question came to: the same under the same uid is the same act, sent again."""

    act: str
    user_id: int
    till_id: int
    amount: int | None
    reason: str
    training: bool


async def move_cash(
    app: App,
    operator: Operator,
    uid: str,
    amount: int,
    reason: str,
    approval: str | None = None,
    *,
    training: bool = False,
) -> None:
    """Put cash into the drawer (above zero) or take it out.

    `uid` is made once a question: the same sent again moves nothing more, another content under it raises
    Refused("cash.other_content"). What training moves is kept as an event and is in no total.
    Raises Refused("cash.…" | "shift.closed" | "right.…" | "approval.invalid").
    """
    if not amount or abs(amount) > MAX_AMOUNT:
        raise Refused("cash.amount")
    asked = _Asked("cash_moved", operator.user_id, operator.till_id, amount, _checked(reason), training)
    await _note(app, operator, uid, asked, Permission.MOVE_CASH, approval)


async def no_sale(
    app: App, operator: Operator, uid: str, reason: str, approval: str | None = None, *, training: bool = False
) -> None:
    """Note that the drawer is opened without a sale; opening it is the caller's. `uid` and the rest as in `move_cash`.

    Raises Refused("cash.reason" | "cash.other_content" | "shift.closed" | "right.…" | "approval.invalid").
    """
    asked = _Asked("no_sale", operator.user_id, operator.till_id, None, _checked(reason), training)
    await _note(app, operator, uid, asked, Permission.OPEN_DRAWER, approval)


async def _note(
    app: App, operator: Operator, uid: str, asked: _Asked, permission: Permission, approval: str | None
) -> None:
    now = app.clock.now()
    measured = None if asked.amount is None else abs(asked.amount)

    def act(session: Session) -> None:
        # Locked first: of two resends at once the second finds what the first one wrote.
        shift = open_shift(session, operator.till_id)
        before = _stored(session, uid)
        if before is not None:
            if before != asked:
                raise Refused("cash.other_content", uid=uid)
            return
        approver = require_or_approved(session, operator, permission, measured, approval, now)
        if shift is None:
            raise Refused("shift.closed")
        if asked.amount is not None and not asked.training:
            session.execute(
                insert(_MOVES).values(
                    uid=uid, shift_id=shift.id, user_id=asked.user_id, amount=asked.amount, reason=asked.reason
                )
            )
        if asked.training or asked.amount is None or approver is not None:
            _write_event(session, uid, asked, shift.id, approver, now)
        journal.append(
            session,
            operator.till_id,
            asked.act,
            now,
            user_id=operator.user_id,
            uid=uid,
            amount=asked.amount,
            reason=asked.reason,
            training=asked.training,
            allowed_by=approver,
        )

    await app.db.write(act)


def _stored(session: Session, uid: str) -> _Asked | None:
    """What was noted under a uid, whatever became of its shift since."""
    moved = (
        select(
            literal("cash_moved").label("act"),
            _MOVES.c.user_id,
            _SHIFTS.c.till_id,
            _MOVES.c.amount,
            _MOVES.c.reason,
            literal(value=False).label("training"),
        )
        .join_from(_MOVES, _SHIFTS, _SHIFTS.c.id == _MOVES.c.shift_id)
        .where(_MOVES.c.uid == uid)
    )
    done = select(
        _EVENTS.c.act, _EVENTS.c.user_id, _EVENTS.c.till_id, _EVENTS.c.amount, _EVENTS.c.details, _EVENTS.c.training
    ).where(_EVENTS.c.uid == uid)
    row = session.execute(union_all(moved, done).limit(1)).one_or_none()
    return None if row is None else _Asked(*row)


def _write_event(session: Session, uid: str, asked: _Asked, shift_id: int, approver: int | None, now: datetime) -> None:
    session.execute(
        insert(_EVENTS).values(
            uid=uid,
            till_id=asked.till_id,
            shift_id=shift_id,
            user_id=asked.user_id,
            allowed_by_id=approver,
            act=asked.act,
            amount=asked.amount,
            details=asked.reason,
            training=asked.training,
            happened_at=now,
        )
    )


def _checked(reason: str) -> str:
    return free_text(reason, MAX_REASON, "cash.reason", needed=True)
