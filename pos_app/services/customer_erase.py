"""Erasing a person: what tells of them goes, the documents and the journal stay as they are.

Documents name a customer by number alone, and so does the journal. What is personal stands in the customer's row, in
notes and addresses, and in the receipts kept as files; each machine clears those it keeps.
"""

import asyncio
import os
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

from sqlalchemy import delete, func, select, update
from sqlalchemy.orm import Session

from pos_app.app import App
from pos_app.domain.permission import Permission
from pos_app.errors import Refused, Unavailable
from pos_app.models import (
    Cart,
    CartChange,
    CartItem,
    CartStatus,
    Customer,
    DepositMovement,
    GiftCard,
    Order,
    OrderItem,
    Quote,
    Reservation,
    Till,
    table,
)
from pos_app.receipts.sale import sale_document
from pos_app.receipts.text import document_text
from pos_app.services import journal
from pos_app.services.customer_edit import forget_consents
from pos_app.services.customer_family import family_ids
from pos_app.services.customer_list import outstanding_of
from pos_app.services.order_number import receipt_text_number
from pos_app.services.order_view import order_view
from pos_app.services.right import Operator, require
from pos_app.services.setting import get_settings

ERASED = "Erased customer"
# Up to which erasure this machine has cleared the receipts it keeps.
MARK = ".erased"
AT_ONCE = 200
_C, _O, _I, _K, _R, _T = (table(model).c for model in (Customer, Order, OrderItem, Cart, Reservation, Till))


@dataclass(frozen=True, slots=True)
class Erasure:
    """What erasing a person means: what stays of theirs, and what is lost.

    `obstacle` is why it cannot be done now. Notes on lines are part of what was sold, and stay: `line_notes` names the
    documents that have some.
    """

    customer_id: int
    name: str
    obstacle: Refused | None
    documents: int
    points: int
    gift_cards: int
    line_notes: tuple[str, ...]


async def plan_erasure(app: App, operator: Operator, customer_id: int) -> Erasure:
    """Say what erasing a person would do; changes nothing. Raises Refused("customer.missing" | "right.missing")."""

    def act(session: Session) -> Erasure:
        require(session, operator, Permission.ERASE_CUSTOMERS)
        return _plan(session, customer_id)

    return await app.db.read(act)


async def erase_customer(app: App, operator: Operator, customer_id: int) -> Erasure:
    """Take away what tells of a person, and keep in the journal that it was done, by number alone.

    Raises Refused("customer.owes" | "customer.waits" | "customer.missing" | "right.missing"),
    Unavailable("receipt.not_kept") where a receipt kept here could not be cleared; it is cleared at the next start.
    """
    now = app.clock.now()

    def act(session: Session) -> Erasure:
        require(session, operator, Permission.ERASE_CUSTOMERS)
        ids = family_ids(session, customer_id)
        session.execute(select(_C.id).where(_C.id.in_(ids)).order_by(_C.id).with_for_update()).all()
        planned = _plan(session, customer_id)
        if planned.obstacle is not None:
            raise planned.obstacle
        _erase(session, ids, now)
        journal.append(
            session, operator.till_id, "customer_erased", now, user_id=operator.user_id, customer=customer_id
        )
        return planned

    done = await app.db.write(act)
    await clear_receipts(app)
    return done


def _plan(session: Session, customer_id: int) -> Erasure:
    person = session.execute(select(table(Customer)).where(_C.id == customer_id, _C.active)).one_or_none()
    if person is None:
        raise Refused("customer.missing")
    ids = family_ids(session, customer_id)
    documents = session.scalar(select(func.count()).where(_O.customer_id.in_(ids), _O.paid_at.is_not(None))) or 0
    of_theirs = select(_O.id).where(_O.customer_id.in_(ids))
    cards = session.scalar(
        select(func.count(GiftCard.id)).where(
            GiftCard.balance > 0, GiftCard.code.in_(select(_I.gift_card).where(_I.order_id.in_(of_theirs)))
        )
    )
    noted = session.execute(
        select(_T.number, _O.receipt_number, _O.training)
        .join_from(table(Order), table(Till), _T.id == _O.till_id)
        .where(
            _O.id.in_(select(_I.order_id).where(_I.order_id.in_(of_theirs), _I.note.is_not(None))),
            _O.receipt_number.is_not(None),
        )
        .order_by(_O.id)
    ).all()
    return Erasure(
        customer_id,
        person.name,
        _obstacle(session, customer_id, ids, person.name, person.balance),
        documents,
        person.points,
        cards or 0,
        tuple(receipt_text_number(row.number, row.receipt_number, training=row.training) for row in noted),
    )


def _obstacle(session: Session, customer_id: int, ids: list[int], name: str, balance: int) -> Refused | None:
    if balance:
        return Refused("customer.owes", name=name)
    waits = outstanding_of(session, customer_id)
    what = [f"order {order.number}" for order in waits.orders]
    what += [f"“{hold.title}”, {'held' if hold.status == 'held' else 'waited for'}" for hold in waits.holds]
    pending = session.scalar(
        select(func.count()).where(_O.customer_id.in_(ids), _O.paid_at.is_(None), _O.status == "pending")
    )
    what += [f"{pending} pending order{'s' if pending > 1 else ''}"] if pending else []
    moved = table(DepositMovement).c
    theirs = moved.order_id.in_(select(_O.id).where(_O.customer_id.in_(ids)))
    left = select(moved.order_id).where(theirs).group_by(moved.order_id).having(func.sum(moved.delta) > 0)
    what += [f"the deposit of order {number}" for number in session.scalars(left.order_by(moved.order_id))]
    lines = table(CartItem).c
    open_carts = select(_K.id).where(_K.customer_id.in_(ids), _K.status != CartStatus.PAID)
    if session.scalar(select(lines.id).where(lines.cart_id.in_(open_carts)).limit(1)) is not None:
        what.append("a basket that is not paid yet")
    return Refused("customer.waits", name=name, what=", ".join(what)) if what else None


def _erase(session: Session, ids: list[int], now: datetime) -> None:
    nothing = dict.fromkeys(("email", "phone", "note", "card", "address", "language"))
    session.execute(
        update(table(Customer))
        .where(_C.id.in_(ids))
        .values(
            name=ERASED,
            name_key="",
            search_text="",
            search_grams="",
            active=False,
            credit_limit=0,
            erased_at=now,
            version=_C.version + 1,
            **nothing,
        )
    )
    forget_consents(session, ids)
    theirs = _O.customer_id.in_(ids)
    for column in ("note", "shipping_address"):
        said = update(table(Order)).where(theirs, _O[column].is_not(None))
        session.execute(said.values({column: None}))
    quotes = table(Quote)
    noted = (quotes.c.customer_id.in_(ids), quotes.c.note.is_not(None))
    session.execute(update(quotes).where(*noted).values(note=None, version=quotes.c.version + 1))
    carts = select(_K.id).where(_K.customer_id.in_(ids))
    session.execute(delete(table(CartChange)).where(table(CartChange).c.cart_id.in_(carts)))
    session.execute(update(table(CartItem)).where(table(CartItem).c.cart_id.in_(carts)).values(note=None))
    unpaid = _K.status != CartStatus.PAID
    session.execute(update(table(Cart)).where(_K.customer_id.in_(ids), unpaid).values(customer_id=None, note=None))
    session.execute(update(table(Cart)).where(_K.customer_id.in_(ids)).values(note=None))
    session.execute(update(table(Reservation)).where(_R.customer_id.in_(ids)).values(name=ERASED))


# The receipts kept as files


async def clear_receipts(app: App) -> int:
    """Write the receipts that this machine keeps of people erased since it last looked anew, without their names.

    Every till does so after an erasure of its own and when it starts. Gives how many were written. Raises
    Unavailable("receipt.not_kept").
    """
    folder = app.config.receipts_dir
    since = await asyncio.to_thread(_marked, folder)
    until = since
    written, last = 0, 0
    settings = await get_settings(app)
    while True:

        def act(session: Session, last: int = last) -> list[tuple[int, str, datetime]]:
            rows = session.execute(
                select(_O.id, _T.number, _O.receipt_number, _O.training, _C.erased_at)
                .join_from(table(Order), table(Customer), _C.id == _O.customer_id)
                .join(table(Till), _T.id == _O.till_id)
                .where(_C.erased_at > since, _O.id > last, _O.receipt_number.is_not(None))
                .order_by(_O.id)
                .limit(AT_ONCE)
            )
            return [
                (row.id, receipt_text_number(row.number, row.receipt_number, training=row.training), row.erased_at)
                for row in rows
            ]

        documents = await app.db.read(act)
        if not documents:
            break
        for order_id, number, erased_at in documents:
            path = folder / f"{number}.txt"
            if await asyncio.to_thread(path.exists):
                sale = await app.db.read(partial(order_view, order_id=order_id))
                text = document_text(sale_document(sale, settings))
                await asyncio.to_thread(_rewrite, path, text)
                written += 1
            until = max(until, erased_at)
        last = documents[-1][0]
    if until > since:
        await asyncio.to_thread(_rewrite, folder / MARK, until.isoformat())
    return written


def _marked(folder: Path) -> datetime:
    try:
        return datetime.fromisoformat((folder / MARK).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return datetime(2000, 1, 1, tzinfo=UTC)


def _rewrite(path: Path, text: str) -> None:
    """Write a file whole or not at all; the bytes once sent to the printer for it go."""
    fresh = path.with_name(path.name + ".part")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with fresh.open("w", encoding="utf-8") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        fresh.replace(path)
        path.with_suffix(".bin").unlink(missing_ok=True)
    except OSError as error:
        raise Unavailable("receipt.not_kept", path=str(path), reason=error.strerror or str(error)) from error
