"""Carrying stock from one place in the shop to another: two movements that sum to nothing."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from pos_app.app import App
from pos_app.domain.kinds import StockReason
from pos_app.domain.permission import Permission
from pos_app.domain.purchase import check_pieces
from pos_app.errors import Refused
from pos_app.models import Transfer, TransferLine, table
from pos_app.services.right import Operator, require
from pos_app.services.stock import (
    check_location,
    content_hash,
    draw_document_number,
    lock_books,
    movement,
    stock_at,
    write_ledger,
)


@dataclass(frozen=True, slots=True)
class TransferView:
    """A transfer as stored; `lines` are (book id, pieces)."""

    uid: str
    number: int
    from_location_id: int
    to_location_id: int
    posted_at: datetime
    lines: tuple[tuple[int, int], ...]


async def transfer(
    app: App, operator: Operator, uid: str, from_id: int, to_id: int, lines: dict[int, int]
) -> TransferView:
    """Carry `lines` (book id → pieces) from one location to another.

    The same request again gives the stored one. Raises Refused("transfer.empty" | "transfer.same" | "transfer.short" |
    "pieces.invalid" | "location.missing" | "document.other_content" | "book.…" | "right.missing").
    """
    now = app.clock.now()

    def act(session: Session) -> TransferView:
        require(session, operator, Permission.TRANSFER_STOCK)
        hashed = content_hash([from_id, to_id, sorted(lines.items())])
        stored = session.scalar(select(Transfer).where(Transfer.uid == uid))
        if stored is not None:
            if stored.content_hash != hashed:
                raise Refused("document.other_content", uid=uid)
            return _view(session, stored)
        if not lines:
            raise Refused("transfer.empty")
        if from_id == to_id:
            raise Refused("transfer.same")
        source, target = check_location(session, from_id), check_location(session, to_id)
        for pieces in lines.values():
            check_pieces(pieces, least=1)
        books = lock_books(session, lines)
        there = stock_at(session, lines, source)
        for book_id, pieces in lines.items():
            if there[book_id] < pieces:
                raise Refused(
                    "transfer.short", title=books[book_id].title, wanted=pieces, available=max(there[book_id], 0)
                )
        made = Transfer(
            uid=uid,
            content_hash=hashed,
            number=draw_document_number(session, "transfer"),
            from_location_id=from_id,
            to_location_id=to_id,
            user_id=operator.user_id,
            till_id=operator.till_id,
            posted_at=now,
        )
        session.add(made)
        session.flush()
        session.execute(
            insert(table(TransferLine)),
            [{"transfer_id": made.id, "book_id": book_id, "quantity": pieces} for book_id, pieces in lines.items()],
        )
        name = f"Transfer {made.number}"
        write_ledger(
            session,
            [
                movement(app, operator, book_id, delta, StockReason.TRANSFER, name, location)
                for book_id, pieces in sorted(lines.items())
                for delta, location in ((-pieces, source), (pieces, target))
            ],
        )
        return _view(session, made)

    return await app.db.write(act)


def _view(session: Session, made: Transfer) -> TransferView:
    line = table(TransferLine).c
    rows = session.execute(
        select(line.book_id, line.quantity).where(line.transfer_id == made.id).order_by(line.book_id)
    )
    return TransferView(
        made.uid,
        made.number,
        made.from_location_id,
        made.to_location_id,
        made.posted_at,
        tuple((book_id, pieces) for book_id, pieces in rows),
    )
