"""Cash put in or taken out, and the drawer opened without a sale."""

from sqlalchemy import insert
from sqlalchemy.orm import Session

from pos_app.app import App
from pos_app.domain.money import MAX_AMOUNT
from pos_app.domain.permission import Permission
from pos_app.errors import Refused
from pos_app.models import CashMovement, TillEvent, table
from pos_app.services.right import Operator, require_or_approved
from pos_app.services.shift import require_open

MAX_REASON = 255


async def move_cash(app: App, operator: Operator, amount: int, reason: str, approval: str | None = None) -> None:
    """Put cash into the drawer (above zero) or take it out. Raises Refused("cash.…" | "shift.closed" | "right.…")."""
    reason = _checked(reason)
    if not amount or abs(amount) > MAX_AMOUNT:
        raise Refused("cash.amount")
    now, uid = app.clock.now(), app.ids.new()

    def act(session: Session) -> None:
        approver = require_or_approved(session, operator, Permission.MOVE_CASH, abs(amount), approval, now)
        shift = require_open(session, operator.till_id)
        session.execute(
            insert(table(CashMovement)).values(
                uid=uid, shift_id=shift.id, user_id=operator.user_id, amount=amount, reason=reason
            )
        )
        if approver is not None:
            _note(session, operator, shift.id, "cash_moved", reason, now, amount=amount, allowed_by_id=approver)

    await app.db.write(act)


async def no_sale(app: App, operator: Operator, reason: str, approval: str | None = None) -> None:
    """Note that the drawer is opened without a sale; opening it is the caller's.

    Raises Refused("cash.reason" | "shift.closed" | "right.…").
    """
    reason = _checked(reason)
    now = app.clock.now()

    def act(session: Session) -> None:
        approver = require_or_approved(session, operator, Permission.OPEN_DRAWER, None, approval, now)
        shift = require_open(session, operator.till_id)
        _note(session, operator, shift.id, "no_sale", reason, now, allowed_by_id=approver)

    await app.db.write(act)


def _note(
    session: Session, operator: Operator, shift_id: int, act: str, details: str, now: object, **more: object
) -> None:
    values = {
        "till_id": operator.till_id,
        "shift_id": shift_id,
        "user_id": operator.user_id,
        "act": act,
        "details": details,
        "happened_at": now,
        **more,
    }
    session.execute(insert(table(TillEvent)).values(**values))


def _checked(reason: str) -> str:
    reason = " ".join(reason.split())
    if not reason or len(reason) > MAX_REASON or not reason.isprintable():
        raise Refused("cash.reason", limit=MAX_REASON)
    return reason
