"""Charges asked of the card terminal: written down before they are asked, so that no fault can forget one."""

from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from pos_app.app import App
from pos_app.domain.card import CardResult
from pos_app.errors import Refused
from pos_app.models import CardAttempt
from pos_app.services.cart import owned
from pos_app.services.sign_in import Operator

OPEN = ("pending", "unknown")


@dataclass(frozen=True, slots=True)
class OpenCharge:
    """A charge of which nobody knows yet what became of it; `uid` is what the terminal knows it by."""

    uid: str
    amount: int


async def begin_charge(app: App, operator: Operator, cart_id: int, uid: str, amount: int) -> OpenCharge | None:
    """Write a charge down before it is asked for.

    Gives an earlier one of this basket that is still open: that is to be settled first, and nothing is written.
    Raises Refused("cart.…").
    """

    def act(session: Session) -> OpenCharge | None:
        cart = owned(session, operator, cart_id)
        before = session.scalar(
            select(CardAttempt).where(CardAttempt.cart_id == cart.id, CardAttempt.outcome.in_(OPEN)).limit(1)
        )
        if before is not None:
            return OpenCharge(before.uid, before.amount)
        session.add(
            CardAttempt(uid=uid, cart_id=cart.id, till_id=operator.till_id, user_id=operator.user_id, amount=amount)
        )
        return None

    return await app.db.write(act)


async def end_charge(app: App, result: CardResult) -> None:
    """Write down what became of a charge; what is final stays so. Raises Refused("card.missing")."""

    def act(session: Session) -> None:
        attempt = session.scalar(select(CardAttempt).where(CardAttempt.uid == result.reference).with_for_update())
        if attempt is None:
            raise Refused("card.missing")
        if attempt.outcome in OPEN:
            attempt.outcome = result.outcome.value
            attempt.scheme = result.card
            attempt.terminal_reference = result.authorisation
            attempt.tries += 1

    await app.db.write(act)
