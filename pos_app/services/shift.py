"""A till's working day: opened at sign-in, closed by counting, which always succeeds."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from sqlalchemy import insert, select, update
from sqlalchemy.orm import Session

from pos_app.app import App
from pos_app.domain.permission import Permission
from pos_app.domain.report import ShiftReport, from_json
from pos_app.domain.shop import ShopSettings
from pos_app.errors import Refused
from pos_app.ids import Ids
from pos_app.models import Shift, Till, TillEvent, User, ZReport, table
from pos_app.services.report import shift_report
from pos_app.services.right import Operator, require, require_or_approved

MAX_REASON = 255


@dataclass(frozen=True, slots=True)
class ShiftCount:
    """What was counted: `total` in minor units, None where nobody counted; `pieces` is note or coin → how many."""

    total: int | None
    pieces: Mapping[int, int] = field(default_factory=dict)
    reason: str = ""


def business_date(settings: ShopSettings, now: datetime) -> date:
    """The business day an instant belongs to: the shop's calendar, turning at its own hour instead of midnight."""
    local = now.astimezone(settings.zone).replace(tzinfo=None)
    return (local - timedelta(hours=settings.day_starts_at_hour)).date()


def ensure_open(
    session: Session, ids: Ids, settings: ShopSettings, *, till_id: int, user_id: int, now: datetime
) -> Shift:
    """Give the till's open shift of today; one left open on an earlier day is closed first, uncounted."""
    today = business_date(settings, now)
    shift = open_shift(session, till_id)
    if shift is not None and shift.business_date < today:
        _close(session, shift, user_id, ShiftCount(None, reason="left open"), now)
        shift = None
    if shift is None:
        shift = Shift(
            uid=ids.new(),
            till_id=till_id,
            user_id=user_id,
            business_date=today,
            opened_at=now,
            opening_float=settings.default_float,
        )
        session.add(shift)
        session.flush()
    return shift


def open_shift(session: Session, till_id: int) -> Shift | None:
    """The till's open shift, locked as a sale locks it: no sale slips in between counting and closing."""
    return session.scalar(select(Shift).where(Shift.till_id == till_id, Shift.closed_at.is_(None)).with_for_update())


def require_open(session: Session, till_id: int) -> Shift:
    """The till's open shift, locked. Raises Refused("shift.closed")."""
    shift = open_shift(session, till_id)
    if shift is None:
        raise Refused("shift.closed")
    return shift


async def x_report(app: App, operator: Operator) -> ShiftReport:
    """Sum the open shift up; changes nothing. Raises Refused("shift.closed" | "right.missing")."""

    def act(session: Session) -> ShiftReport:
        require(session, operator, Permission.X_REPORT)
        shift = session.scalar(select(Shift).where(Shift.till_id == operator.till_id, Shift.closed_at.is_(None)))
        if shift is None:
            raise Refused("shift.closed")
        return shift_report(session, shift)

    return await app.db.read(act)


async def set_float(app: App, operator: Operator, amount: int) -> ShiftReport:
    """Say what the drawer held when the shift was opened. Raises Refused("shift.closed" | "amount.…")."""
    now = app.clock.now()

    def act(session: Session) -> None:
        require(session, operator, Permission.CLOSE_SHIFT)
        shift = require_open(session, operator.till_id)
        session.execute(
            insert(table(TillEvent)).values(
                till_id=operator.till_id,
                shift_id=shift.id,
                user_id=operator.user_id,
                act="float",
                amount=amount,
                details=f"was {shift.opening_float}",
                happened_at=now,
            )
        )
        shift.opening_float = amount

    await app.db.write(act)
    return await x_report(app, operator)


async def close_shift(
    app: App, operator: Operator, opened_at: datetime, count: ShiftCount, approval: str | None = None
) -> ShiftReport:
    """Close the shift that was opened then; gives its Z report, the same one however often it is asked for.

    A difference is booked with its reason, "not given" where there is none; nothing about the count can refuse it.
    Raises Refused("right.…" | "approval.invalid" | "shift.closed").
    """
    now = app.clock.now()

    def act(session: Session) -> ShiftReport:
        shift = session.scalar(
            select(Shift)
            .where(Shift.till_id == operator.till_id, Shift.opened_at == opened_at)
            .order_by(Shift.id.desc())
            .limit(1)
            .with_for_update()
        )
        if shift is None:
            raise Refused("shift.closed")
        if shift.closed_at is not None:
            content = session.scalar(select(ZReport.content).where(ZReport.shift_id == shift.id))
            if content is None:
                raise Refused("shift.closed")
            return from_json(json.loads(content))
        require_or_approved(session, operator, Permission.CLOSE_SHIFT, None, approval, now)
        return _close(session, shift, operator.user_id, count, now)

    return await app.db.write(act)


def _close(session: Session, shift: Shift, user_id: int, count: ShiftCount, now: datetime) -> ShiftReport:
    """Close a shift inside an act, and keep its report as it is now."""
    number = session.execute(
        update(Till)
        .where(Till.id == shift.till_id)
        .values(next_z_number=Till.next_z_number + 1)
        .returning(Till.next_z_number - 1),
        execution_options={"synchronize_session": False},
    ).scalar_one()
    x = shift_report(session, shift)
    difference = None if count.total is None else count.total - x.expected
    reason = " ".join(count.reason.split())[:MAX_REASON] or ("not given" if difference else None)
    shift.expected, shift.counted, shift.difference = x.expected, count.total, difference
    shift.closed_at = now
    session.flush()
    report = shift_report(
        session,
        shift,
        number=number,
        closed_at=now,
        closed_by=session.get_one(User, user_id).username,
        counted=count.total,
        difference=difference,
        reason=reason,
        pieces=tuple(sorted(count.pieces.items(), reverse=True)),
    )
    session.add(
        ZReport(
            shift_id=shift.id,
            till_id=shift.till_id,
            user_id=user_id,
            number=number,
            content=json.dumps(report.to_json(), ensure_ascii=True),
        )
    )
    session.flush()
    return report
