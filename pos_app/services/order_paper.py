"""What customer orders have on paper and by message: slips, picking lists, and words that tell the customer."""

import asyncio
from collections.abc import Collection, Mapping, Sequence
from email.message import EmailMessage
from email.policy import SMTP
from pathlib import Path

from sqlalchemy import select
from sqlalchemy.orm import Session

from pos_app.app import App
from pos_app.domain.customer_order import LineStand
from pos_app.domain.document import OrderLine
from pos_app.domain.free_text import one_line
from pos_app.domain.stock import ReservationStatus
from pos_app.errors import Refused, Unavailable
from pos_app.models import Book, Customer, Order, OrderItem, Reservation, table
from pos_app.receipts.escpos import encode
from pos_app.receipts.layout import Document
from pos_app.receipts.order import card_document, day, hold_document, money, order_document, picking_document
from pos_app.services.customer_order import OrderStand, order_stand
from pos_app.services.order_hold import Slip
from pos_app.services.order_view import order_detail
from pos_app.services.setting import shop_settings
from pos_app.services.shift import business_date
from pos_app.services.stock import Held, held_elsewhere

_B, _I, _R = table(Book).c, table(OrderItem).c, table(Reservation).c


async def order_paper(app: App, order_id: int) -> Document:
    """Give an order as its customer takes it home. Raises Refused("order.missing")."""

    def act(session: Session) -> Document:
        order, stand = order_detail(session, order_id).order, order_stand(session, app, order_id)
        settings = shop_settings(session)
        return order_document(settings, order, stand.lines, stand.way, stand.promised_on, stand.deposit)

    return await app.db.read(act)


async def hold_papers(app: App, slips: Sequence[Slip]) -> list[Document]:
    """Give the slips of copies that came for somebody."""
    settings = await app.db.read(shop_settings)
    return [
        hold_document(
            settings, slip.order_id, slip.customer, slip.title, slip.pieces, whole=slip.whole, place=slip.place
        )
        for slip in slips
    ]


async def slips_of_order(app: App, order_id: int) -> list[Document]:
    """Give the slips of what is held for an order, to be printed again."""

    def act(session: Session) -> list[Slip]:
        stand, order = order_stand(session, app, order_id), order_detail(session, order_id).order
        away, names = held_elsewhere(session, (line.book_id for line in order.lines))
        return [
            Slip(
                order_id, order.customer or "", line.title, None, line.held, stand.whole, _place(away, names, of, line)
            )
            for of, line in zip(order.lines, stand.lines, strict=True)
            if line.held
        ]

    return await hold_papers(app, await app.db.read(act))


def _place(away: Mapping[int, Held], names: Mapping[int, str], of: OrderLine, line: LineStand) -> str:
    """Where the copies of a line lie that the shop floor has not."""
    places = away[of.book_id].take(line.held) if of.book_id in away else []
    return ", ".join(names[number] for number, _ in places if number is not None)


async def picking_list(app: App, order_ids: Collection[int]) -> Document:
    """Give what is held for some orders, by shelf, to be fetched. Raises Refused("order.nothing_ready")."""

    def act(session: Session) -> Document:
        rows = session.execute(
            select(_B.shelf, _B.title, _R.quantity, _I.order_id, _B.id)
            .join_from(table(Reservation), table(OrderItem), _I.id == _R.order_item_id)
            .join(table(Book), _B.id == _R.book_id)
            .where(_I.order_id.in_(order_ids), _R.status == ReservationStatus.HELD)
            .order_by(_B.shelf, _B.title_key, _B.id, _I.order_id)
        )
        found = rows.all()
        if not found:
            raise Refused("order.nothing_ready")
        away, names = held_elsewhere(session, (row.id for row in found))
        wanted: dict[tuple[str, int], tuple[str, str, int, list[int]]] = {}
        for shelf, title, pieces, order_id, book_id in found:
            for number, some in away[book_id].take(pieces) if book_id in away else [(None, pieces)]:
                where = (shelf or "") if number is None else names[number]
                before = wanted.get((where, book_id), (where, title, 0, []))
                wanted[where, book_id] = (*before[:2], before[2] + some, [*before[3], order_id])
        settings = shop_settings(session)
        return picking_document(
            settings, sorted(wanted.values(), key=lambda one: one[0]), business_date(settings, app.clock.now())
        )

    return await app.db.read(act)


async def message_of(app: App, order_id: int) -> tuple[str, str, str]:
    """Give whom to tell that their order is there, their e-mail, and the words, from the shop's template.

    The template may name {name}, {order}, {titles}, {due}, {until} and {shop}; what it does not know stays as it is.
    Raises Refused("order.nothing_ready" | "order.missing").
    """

    def act(session: Session) -> tuple[str, str, str]:
        order, stand = order_detail(session, order_id).order, order_stand(session, app, order_id)
        settings = shop_settings(session)
        if not stand.held:
            raise Refused("order.nothing_ready")
        email = session.scalar(
            select(Customer.email).join(Order, Order.customer_id == Customer.id).where(Order.id == order_id)
        )
        values = {
            "{name}": order.customer or "",
            "{order}": str(order_id),
            "{titles}": _titles(stand),
            "{due}": money(settings, stand.unpaid),
            "{until}": day(settings, stand.hold_until) if stand.hold_until else "you come",
            "{shop}": settings.shop_name,
        }
        words = settings.order_message
        for name, value in values.items():
            words = words.replace(name, value)
        return order.customer or "", email or "", words

    return await app.db.read(act)


def _titles(stand: OrderStand) -> str:
    return ", ".join(line.title for line in stand.lines if line.held)


async def card_paper(app: App, order_id: int) -> Document:
    """Give the message as a card to be printed. Raises Refused("order.missing")."""
    name, _, words = await message_of(app, order_id)
    return card_document(await app.db.read(shop_settings), name, words, order_id)


async def write_draft(app: App, order_id: int, folder: Path) -> Path:
    """Write the message as an unsent e-mail, for a mail program. Raises Unavailable("export.not_written")."""
    _, email, words = await message_of(app, order_id)
    settings = await app.db.read(shop_settings)
    message = EmailMessage(policy=SMTP)
    message["X-Unsent"] = "1"
    message["Subject"] = one_line(f"{settings.shop_name}: order {order_id}")
    if email:
        message["To"] = one_line(email)
    message.set_content(words)
    path = folder / f"order-{order_id}.eml"
    try:
        await asyncio.to_thread(_write, path, message.as_bytes())
    except OSError as error:
        reason = error.strerror or str(error)
        raise Unavailable("export.not_written", path=str(path), reason=reason) from error
    return path


def _write(path: Path, content: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)


async def print_papers(app: App, name: str, papers: Sequence[Document]) -> None:
    """Hand papers to the receipt printer's queue. Raises Unavailable("receipt.not_kept")."""
    for paper in papers:
        await app.printing.put(name, encode(paper, app.drawing))
