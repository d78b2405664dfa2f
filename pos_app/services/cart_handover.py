"""A basket that goes from one person to the next at the same till, with who began it on record."""

from datetime import datetime

from sqlalchemy import exists, insert, select, update
from sqlalchemy.orm import Session

from pos_app.models import Cart, CartItem, CartStatus, Shift, TillEvent, User, table
from pos_app.services import journal
from pos_app.services.right import Operator

_C, _I = table(Cart), table(CartItem)


def has_lines(session: Session, cart_id: int) -> bool:
    """Whether there is anything in a basket, inside an act."""
    return bool(session.scalar(select(exists().where(_I.c.cart_id == cart_id))))


def left_here(session: Session, operator: Operator, *, training: bool) -> tuple[int, int, str] | None:
    """The basket that somebody else left on the screen of this till: its id, whose it is, and their name."""
    row = session.execute(
        select(_C.c.id, _C.c.user_id, table(User).c.username)
        .join(table(User), table(User).c.id == _C.c.user_id)
        .where(
            _C.c.status == CartStatus.OPEN,
            _C.c.till_id == operator.till_id,
            _C.c.user_id != operator.user_id,
            _C.c.training.is_(training),
            exists().where(_I.c.cart_id == _C.c.id),
        )
        .order_by(_C.c.updated_at.desc(), _C.c.id.desc())
        .limit(1)
    ).one_or_none()
    return None if row is None else (row.id, row.user_id, row.username)


def make_ones_own(session: Session, operator: Operator, cart_id: int, owner_id: int, now: datetime) -> bool:
    """Make a basket left at this till the operator's, who has no open one; False where somebody was quicker.

    What it holds stays as it is. Whoever allowed something by their own right is written beside it, so that more of it
    is asked for anew, and the till's events say who began the basket.
    """
    taken = session.connection().execute(
        update(_C)
        .where(
            _C.c.id == cart_id,
            _C.c.user_id == owner_id,
            _C.c.till_id == operator.till_id,
            _C.c.status == CartStatus.OPEN,
        )
        .values(user_id=operator.user_id, version=_C.c.version + 1)
    )
    if taken.rowcount != 1:
        return False
    keep_who_allowed(session, cart_id, owner_id)
    uid, training = session.execute(select(_C.c.uid, _C.c.training).where(_C.c.id == cart_id)).one()
    shift_id = session.scalar(select(Shift.id).where(Shift.till_id == operator.till_id, Shift.closed_at.is_(None)))
    began = session.scalar(select(User.username).where(User.id == owner_id))
    session.execute(
        insert(table(TillEvent)).values(
            till_id=operator.till_id,
            shift_id=shift_id,
            user_id=operator.user_id,
            act="basket_taken_over",
            details=f"begun by {began}: {uid}",
            training=training,
            happened_at=now,
        )
    )
    journal.append(
        session, operator.till_id, "basket_taken_over", now, user_id=operator.user_id, cart=uid, begun_by=owner_id
    )
    return True


def keep_who_allowed(session: Session, cart_id: int, user_id: int) -> None:
    """Write down who allowed what was taken off by their own right, before the basket is another person's."""
    for allowed_by, given in (
        ("allowed_by_id", _I.c.discount_rate.is_not(None) | _I.c.discount_amount.is_not(None)),
        ("price_allowed_by_id", _I.c.price_override.is_not(None)),
        ("tax_allowed_by_id", _I.c.tax_rate_id.is_not(None)),
    ):
        nobody = _I.c[allowed_by].is_(None)
        session.execute(
            update(_I)
            .where(_I.c.cart_id == cart_id, _I.c.comes_back.is_(False), given, nobody)
            .values({allowed_by: user_id})
        )
    session.execute(
        update(_C)
        .where(
            _C.c.id == cart_id,
            _C.c.discount_rate.is_not(None) | _C.c.discount_amount.is_not(None),
            _C.c.discount_allowed_by_id.is_(None),
        )
        .values(discount_allowed_by_id=user_id)
    )
