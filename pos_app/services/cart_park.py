"""Parking a basket for later, at any till, and taking it up again."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from pos_app.app import App
from pos_app.domain.free_text import free_text
from pos_app.domain.permission import Permission
from pos_app.errors import Refused
from pos_app.models import Cart, CartStatus, Customer, Till, User, table
from pos_app.services.cart import MAX_NOTE, card_open_at, items_of, owned
from pos_app.services.cart_handover import keep_who_allowed
from pos_app.services.cart_view import CartView, content, count_waiting_for, view_of, waiting
from pos_app.services.right import require
from pos_app.services.setting import shop_settings
from pos_app.services.sign_in import Operator

_C = table(Cart)


@dataclass(frozen=True, slots=True)
class ParkedCart:
    """One basket that waits; `total` in minor units."""

    id: int
    note: str | None
    customer: str | None
    operator: str
    till: int | None
    parked_at: datetime
    item_count: int
    first_title: str
    total: int
    training: bool


async def park(app: App, operator: Operator, cart_id: int, note: str = "") -> CartView:
    """Set the basket aside and give a new, empty one. Raises Refused("cart.empty" | "note.invalid" | "cart.…")."""
    now = app.clock.now()

    def act(session: Session) -> CartView:
        cart = owned(session, operator, cart_id)
        if not items_of(session, cart.id):
            raise Refused("cart.empty")
        _park(session, cart, note, now)
        return _fresh(session, app, operator, training=cart.training)

    return await app.db.write(act)


async def recall(app: App, operator: Operator, cart_id: int, parked_id: int) -> CartView:
    """Take up a parked basket; one with lines that is open is parked in its place, so that two never mix.

    Training takes up training's and selling the real ones. Two tills asking for the same basket: one gets it.
    Raises Refused("cart.taken" | "card.elsewhere" | "cart.…").
    """
    now = app.clock.now()

    def act(session: Session) -> CartView:
        cart = owned(session, operator, cart_id)
        training = cart.training
        if items_of(session, cart.id):
            _park(session, cart, cart.note or "", now)
        else:
            session.delete(cart)
        session.flush()
        began = session.scalar(select(_C.c.user_id).where(_C.c.id == parked_id))
        taken = session.connection().execute(
            update(_C)
            .where(_C.c.id == parked_id, _waiting(operator, training=training))
            .values(
                status=CartStatus.OPEN,
                user_id=operator.user_id,
                till_id=operator.till_id,
                parked_at=None,
                version=_C.c.version + 1,
            )
        )
        if taken.rowcount != 1:
            raise Refused("cart.taken")
        if began is not None and began != operator.user_id:
            keep_who_allowed(session, parked_id, began)
        number = card_open_at(session, parked_id)
        if number is not None and number != operator.till_number:
            raise Refused("card.elsewhere", till=number)
        return view_of(session, session.get_one(Cart, parked_id, populate_existing=True), now)

    return await app.db.write(act)


async def count_parked(app: App, operator: Operator, *, training: bool = False) -> int:
    """Give how many baskets could be taken up now, from any till."""
    return await app.db.read(
        lambda session: count_waiting_for(session, operator.user_id, operator.till_id, training=training)
    )


async def list_parked(app: App, operator: Operator, *, training: bool = False) -> list[ParkedCart]:
    """Give the baskets that can be taken up, the newest first: parked ones, and what others left open at this till.

    They are training's, or the real ones, as asked.
    """
    now = app.clock.now()

    def act(session: Session) -> list[ParkedCart]:
        settings = shop_settings(session)
        rows = session.execute(
            select(Cart, User.username, Till.number, Customer.name)
            .join(User, User.id == Cart.user_id)
            .join(Till, Till.id == Cart.till_id, isouter=True)
            .join(Customer, Customer.id == Cart.customer_id, isouter=True)
            .where(_waiting(operator, training=training))
            .order_by(func.coalesce(Cart.parked_at, Cart.updated_at).desc(), Cart.id.desc())
            .limit(50)
        ).all()
        found = []
        for row in rows:
            read = content(session, row.Cart.id, settings, now)
            found.append(
                ParkedCart(
                    id=row.Cart.id,
                    note=row.Cart.note,
                    customer=row.name,
                    operator=row.username,
                    till=row.number,
                    parked_at=row.Cart.parked_at or row.Cart.updated_at,
                    item_count=sum(abs(line.quantity) for line in read.lines),
                    first_title=read.lines[0].title if read.lines else "",
                    total=read.totals.total,
                    training=row.Cart.training,
                )
            )
        return [one for one in found if one.item_count]

    return await app.db.read(act)


def _waiting(operator: Operator, *, training: bool) -> Any:
    return waiting(_C.c, user_id=operator.user_id, till_id=operator.till_id, training=training)


def _park(session: Session, cart: Cart, note: str, now: datetime) -> None:
    text = free_text(note, MAX_NOTE, "note.invalid")
    cart.status, cart.parked_at = CartStatus.PARKED, now
    cart.note = text or cart.note
    cart.version += 1
    session.flush()


def _fresh(session: Session, app: App, operator: Operator, *, training: bool) -> CartView:
    require(session, operator, Permission.SELL)
    cart = Cart(uid=app.ids.new(), user_id=operator.user_id, till_id=operator.till_id, training=training)
    session.add(cart)
    session.flush()
    return view_of(session, cart, app.clock.now())
