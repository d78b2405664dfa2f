"""Training: by right, or by a manager's PIN for the rest of a person's shift at a till."""

from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from pos_app.app import App
from pos_app.domain.permission import Permission
from pos_app.errors import Refused
from pos_app.models import Shift, TillEvent, table
from pos_app.services import journal
from pos_app.services.right import Operator, require, require_or_approved

_EVENTS = table(TillEvent)
_ACT = "training"


async def begin_training(app: App, operator: Operator, approval: str | None = None) -> None:
    """Let a person train at this till; who let them is kept. Raises Refused("right.missing" | "approval.invalid")."""
    now = app.clock.now()

    def act(session: Session) -> None:
        approver = require_or_approved(session, operator, Permission.TRAIN, None, approval, now)
        if approver is not None:
            session.execute(
                insert(_EVENTS).values(
                    till_id=operator.till_id,
                    shift_id=_shift_id(session, operator),
                    user_id=operator.user_id,
                    allowed_by_id=approver,
                    act=_ACT,
                    training=True,
                    happened_at=now,
                )
            )
        journal.append(session, operator.till_id, _ACT, now, user_id=operator.user_id, allowed_by=approver)

    await app.db.write(act)


def require_training(session: Session, operator: Operator) -> None:
    """See inside an act that a person may train: by right, or as a manager let them in this shift.

    Raises Refused("right.missing").
    """
    try:
        require(session, operator, Permission.TRAIN)
    except Refused as refused:
        let = session.scalar(
            select(_EVENTS.c.id)
            .where(
                _EVENTS.c.shift_id == _shift_id(session, operator),
                _EVENTS.c.user_id == operator.user_id,
                _EVENTS.c.act == _ACT,
            )
            .limit(1)
        )
        if refused.code != "right.missing" or let is None:
            raise


def _shift_id(session: Session, operator: Operator) -> int | None:
    return session.scalar(select(Shift.id).where(Shift.till_id == operator.till_id, Shift.closed_at.is_(None)))
