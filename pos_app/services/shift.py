"""A till's working day."""

from datetime import date, datetime, timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from pos_app.domain.payment import Tender
from pos_app.domain.shop import ShopSettings
from pos_app.ids import Ids
from pos_app.models import CashMovement, Order, Payment, Shift


def business_date(settings: ShopSettings, now: datetime) -> date:
    """The business day an instant belongs to: the shop's calendar, turning at its own hour instead of midnight."""
    local = now.astimezone(settings.zone).replace(tzinfo=None)
    return (local - timedelta(hours=settings.day_starts_at_hour)).date()


def ensure_open(
    session: Session, ids: Ids, settings: ShopSettings, *, till_id: int, user_id: int, now: datetime
) -> Shift:
    """Give the till's open shift of today; one left open on an earlier day is closed first, uncounted."""
    today = business_date(settings, now)
    # Locked, as a sale locks it: no sale slips in between counting what is expected and closing.
    shift = session.scalar(select(Shift).where(Shift.till_id == till_id, Shift.closed_at.is_(None)).with_for_update())
    if shift is not None and shift.business_date < today:
        shift.expected = expected_cash(session, shift)
        shift.closed_at = now
        session.flush()
        shift = None
    if shift is None:
        shift = Shift(uid=ids.new(), till_id=till_id, user_id=user_id, business_date=today, opened_at=now)
        session.add(shift)
        session.flush()
    return shift


def expected_cash(session: Session, shift: Shift) -> int:
    """What the drawer should hold: float, cash taken less change given, and cash put in less taken out."""
    taken = session.scalar(
        select(func.coalesce(func.sum(Payment.amount), 0))
        .join(Order, Order.id == Payment.order_id)
        .where(Order.shift_id == shift.id, Payment.tender == Tender.CASH)
    )
    change = session.scalar(select(func.coalesce(func.sum(Order.change_amount), 0)).where(Order.shift_id == shift.id))
    moved = session.scalar(
        select(func.coalesce(func.sum(CashMovement.amount), 0)).where(CashMovement.shift_id == shift.id)
    )
    return shift.opening_float + int(taken or 0) - int(change or 0) + int(moved or 0)
