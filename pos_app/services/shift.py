"""A till's working day: opened at sign-in, closed by counting, which always succeeds."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta

from sqlalchemy import bindparam, insert, select, update
from sqlalchemy.orm import Session

from pos_app.app import App
from pos_app.domain.free_text import one_line, refuse_card_number
from pos_app.domain.money import MAX_AMOUNT
from pos_app.domain.permission import Permission
from pos_app.domain.report import ShiftReport, from_json
from pos_app.domain.shop import ShopSettings
from pos_app.errors import Refused
from pos_app.ids import Ids
from pos_app.models import Shift, Till, TillEvent, User, ZReport, table
from pos_app.services import journal
from pos_app.services.report import LEFT_OPEN, shift_report
from pos_app.services.right import Operator, require, require_or_approved
from pos_app.services.setting import get_settings, shop_settings

MAX_REASON = 255
_SHIFTS = table(Shift)
# Built once: putting a statement together takes longer than SQLite takes to carry it out.
_OPEN_SHIFT = (
    select(_SHIFTS.c.id, _SHIFTS.c.business_date)
    .where(_SHIFTS.c.till_id == bindparam("till"), _SHIFTS.c.closed_at.is_(None))
    .with_for_update()
)


@dataclass(frozen=True, slots=True)
class ShiftCount:
    """What was counted: `total` in minor units, or `pieces`, note or coin → how many; neither where nobody counted."""

    total: int | None
    pieces: Mapping[int, int] = field(default_factory=dict)
    reason: str = ""

    @property
    def counted(self) -> int | None:
        """What was counted, in minor units."""
        if self.total is None and self.pieces:
            return sum(piece * count for piece, count in self.pieces.items())
        return self.total

    def check(self) -> None:
        """Raise Refused("amount.too_large" | "amount.invalid") for what no drawer holds and no database keeps."""
        if any(piece <= 0 or count < 0 for piece, count in self.pieces.items()) or (self.total or 0) < 0:
            raise Refused("amount.invalid", text="")
        if (self.counted or 0) > MAX_AMOUNT or any(count > MAX_AMOUNT for count in self.pieces.values()):
            raise Refused("amount.too_large", limit=MAX_AMOUNT)


def business_date(settings: ShopSettings, now: datetime) -> date:
    """The business day an instant belongs to: the shop's calendar, turning at its own hour instead of midnight."""
    local = now.astimezone(settings.zone).replace(tzinfo=None)
    return (local - timedelta(hours=settings.day_starts_at_hour)).date()


def ensure_open(
    session: Session, ids: Ids, settings: ShopSettings, *, till_id: int, user_id: int, now: datetime
) -> Shift:
    """Give the till's open shift of today; one left open on an earlier day is closed first, uncounted.

    One of a later day stays: who knows whether the clock was wrong then or is now. The till's row must be locked,
    where the till is not new.
    """
    today = business_date(settings, now)
    shift = open_shift(session, till_id)
    if shift is not None and shift.business_date < today:
        _close(session, shift, user_id, ShiftCount(None, reason=LEFT_OPEN), now)
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
        journal.append(
            session,
            till_id,
            "shift_opened",
            now,
            user_id=user_id,
            shift=shift.uid,
            day=today.isoformat(),
            opening_float=shift.opening_float,
        )
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


def shift_to_sell_in(
    session: Session, app: App, settings: ShopSettings, till_id: int, user_id: int, now: datetime
) -> tuple[int, date]:
    """Give the id and day of the till's open shift, locked; where the business day has turned since, a new one's.

    Nobody need sign in for that: a till that is never locked sells on into the next day. Raises
    Refused("shift.closed").
    """
    connection, till = session.connection(), {"till": till_id}
    shift = connection.execute(_OPEN_SHIFT, till).one_or_none()
    if shift is None:
        # Another sale may have turned the day while this one waited for the old shift's row: look for the new one.
        shift = connection.execute(_OPEN_SHIFT, till).one_or_none()
    if shift is None:
        raise Refused("shift.closed")
    if shift.business_date < business_date(settings, now):
        session.scalar(select(Till.id).where(Till.id == till_id).with_for_update())
        turned = ensure_open(session, app.ids, settings, till_id=till_id, user_id=user_id, now=now)
        return turned.id, turned.business_date
    return shift.id, shift.business_date


async def x_report(app: App, operator: Operator, approval: str | None = None) -> ShiftReport:
    """Sum the open shift up; closes nothing. Raises Refused("shift.closed" | "right.…" | "approval.invalid").

    In a shop that counts blind it says what should be in the drawer, and takes the right to see reports.
    """
    settings = await get_settings(app)
    permission = Permission.SEE_REPORTS if settings.blind_count else Permission.X_REPORT
    if approval is None:
        return await _open_report(app, operator, permission)
    now = app.clock.now()

    def act(session: Session) -> ShiftReport:
        require_or_approved(session, operator, permission, None, approval, now)
        return shift_report(session, require_open(session, operator.till_id))

    return await app.db.write(act)


async def shift_summary(app: App, operator: Operator) -> ShiftReport:
    """Sum the open shift up for closing it, which needs no right to X reports. Raises as `x_report` does.

    Whoever may not close is asked for a manager's PIN when they do, so that selling is all that is needed here.
    """
    return await _open_report(app, operator, Permission.SELL)


async def _open_report(app: App, operator: Operator, permission: Permission) -> ShiftReport:
    def act(session: Session) -> ShiftReport:
        require(session, operator, permission)
        shift = session.scalar(select(Shift).where(Shift.till_id == operator.till_id, Shift.closed_at.is_(None)))
        if shift is None:
            raise Refused("shift.closed")
        return shift_report(session, shift)

    return await app.db.read(act)


async def reopen(app: App, operator: Operator) -> Operator:
    """Open the next shift at once, for a person still at a till whose shift was closed.

    Gives the person as they stand now; an open shift stays as it is. Raises Refused("right.…").
    """
    now = app.clock.now()

    def act(session: Session) -> datetime:
        require(session, operator, Permission.SELL)
        # As a sign-in does: of two at once the second finds the first one's shift.
        session.scalar(select(Till.id).where(Till.id == operator.till_id).with_for_update())
        shift = ensure_open(
            session, app.ids, shop_settings(session), till_id=operator.till_id, user_id=operator.user_id, now=now
        )
        return shift.opened_at

    return replace(operator, shift_opened_at=await app.db.write(act))


async def set_float(app: App, operator: Operator, amount: int, approval: str | None = None) -> ShiftReport:
    """Say what the drawer held when the shift was opened; what was said before is kept in the till's events.

    It takes the right to move as much cash as it differs by, from what was said before and from what the shop starts
    a drawer with: nobody gets further in small steps. Raises
    Refused("float.invalid" | "shift.closed" | "right.…" | "approval.invalid").
    """
    if not 0 <= amount <= MAX_AMOUNT:
        raise Refused("float.invalid")
    now = app.clock.now()

    def act(session: Session) -> ShiftReport:
        shift = require_open(session, operator.till_id)
        usual = shop_settings(session).default_float
        off = max(abs(amount - shift.opening_float), abs(amount - usual))
        approver = require_or_approved(session, operator, Permission.MOVE_CASH, off, approval, now)
        _note(session, operator, shift, "float", amount, f"was {shift.opening_float}", now, approver)
        shift.opening_float = amount
        session.flush()
        return shift_report(session, shift)

    return await app.db.write(act)


def _note(
    session: Session,
    operator: Operator,
    shift: Shift,
    act: str,
    amount: int | None,
    details: str,
    now: datetime,
    approver: int | None,
) -> None:
    session.execute(
        insert(table(TillEvent)).values(
            till_id=operator.till_id,
            shift_id=shift.id,
            user_id=operator.user_id,
            allowed_by_id=approver,
            act=act,
            amount=amount,
            details=details,
            happened_at=now,
        )
    )
    journal.append(
        session,
        operator.till_id,
        act,
        now,
        user_id=operator.user_id,
        amount=amount,
        details=details,
        allowed_by=approver,
    )


async def close_shift(
    app: App, operator: Operator, opened_at: datetime, count: ShiftCount, approval: str | None = None
) -> ShiftReport:
    """Close the shift that was opened then; gives its Z report, the same one however often it is asked for.

    A difference is booked with its reason, "not given" where there is none; however large it is, it refuses nothing.
    Raises Refused("amount.too_large" | "amount.invalid" | "code.card_number") for what is no count or no reason, and
    Refused("right.…" | "approval.invalid" | "shift.closed").
    """
    refuse_card_number(count.reason)
    count.check()
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
        approver = require_or_approved(session, operator, Permission.CLOSE_SHIFT, None, approval, now)
        if approver is not None:
            _note(session, operator, shift, "shift_closed", None, "", now, approver)
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
    counted = count.counted
    difference = None if counted is None else counted - x.expected
    reason = one_line(count.reason)[:MAX_REASON].strip() or ("not given" if difference else None)
    shift.expected, shift.counted, shift.difference = x.expected, counted, difference
    shift.closed_at = now
    session.flush()
    report = shift_report(
        session,
        shift,
        number=number,
        closed_at=now,
        closed_by=session.get_one(User, user_id).username,
        counted=counted,
        difference=difference,
        reason=reason,
        pieces=tuple(sorted(count.pieces.items(), reverse=True)),
    )
    # The paper carries the head, outside the reach of whoever can write to the database.
    head = journal.append(
        session,
        shift.till_id,
        "shift_closed",
        now,
        user_id=user_id,
        shift=shift.uid,
        z=number,
        expected=x.expected,
        counted=counted,
        difference=difference,
        takings=report.totals.takings,
        tax=report.totals.tax,
    )
    report = replace(report, journal_sequence=head.sequence, journal_hash=head.hash)
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
