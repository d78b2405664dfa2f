"""Arranging promotions: what is cheaper, by what rule, from when to when."""

import json
from dataclasses import asdict, dataclass, replace
from datetime import date
from decimal import Decimal
from typing import Any

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from pos_app.app import App
from pos_app.domain.free_text import free_text
from pos_app.domain.money import MAX_AMOUNT
from pos_app.domain.permission import Permission
from pos_app.domain.promotion import PromotionKind
from pos_app.errors import Conflict, Refused
from pos_app.models import Book, Category, Promotion, PromotionBook
from pos_app.services import journal
from pos_app.services.right import Operator, require

MAX_NAME, MAX_PIECES = 80, 99
RATE_PLACES = 6


@dataclass(frozen=True, slots=True)
class PromotionRow:
    """One promotion as a manager arranges it; `id` 0 is a new one. `isbns` are the titles it is limited to."""

    name: str
    kind: PromotionKind
    id: int = 0
    version: int = 1
    rate: Decimal | None = None
    amount: int | None = None
    buy: int | None = None
    pay: int | None = None
    category_id: int | None = None
    category: str | None = None
    starts_on: date | None = None
    ends_on: date | None = None
    active: bool = True
    isbns: tuple[str, ...] = ()


async def list_promotions(app: App) -> list[PromotionRow]:
    """Give all promotions, the newest first."""
    return await app.db.read(_rows)


async def keep_promotion(app: App, operator: Operator, wanted: PromotionRow) -> list[PromotionRow]:
    """Add a promotion, or change one; gives all.

    Raises Conflict("promotion.changed", current: PromotionRow), Refused("promotion.…" | "book.unknown" |
    "right.missing").
    """
    _check(wanted)
    now = app.clock.now()

    def act(session: Session) -> list[PromotionRow]:
        require(session, operator, Permission.CHANGE_PROMOTIONS)
        stored = _stored(session, wanted)
        for name in ("kind", "rate", "amount", "buy", "pay", "category_id", "starts_on", "ends_on", "active"):
            setattr(stored, name, getattr(wanted, name))
        stored.name = free_text(wanted.name, MAX_NAME, "promotion.name")
        session.flush()
        session.execute(delete(PromotionBook).where(PromotionBook.promotion_id == stored.id))
        for book_id in _books(session, wanted.isbns):
            session.add(PromotionBook(promotion_id=stored.id, book_id=book_id))
        session.flush()
        kept = next(row for row in _rows(session) if row.id == stored.id)
        said = json.dumps(asdict(kept), default=str, sort_keys=True)
        journal.append(session, operator.till_id, "promotion", now, user_id=operator.user_id, kept=said)
        return _rows(session)

    return await app.db.write(act)


def _stored(session: Session, wanted: PromotionRow) -> Promotion:
    if wanted.category_id is not None and session.get(Category, wanted.category_id) is None:
        raise Refused("book.category")
    if not wanted.id:
        stored = Promotion(name=wanted.name, kind=wanted.kind)
        session.add(stored)
        return stored
    found = session.scalar(select(Promotion).where(Promotion.id == wanted.id).with_for_update())
    if found is None:
        raise Refused("promotion.missing")
    if found.version != wanted.version:
        raise Conflict("promotion.changed", current=next(row for row in _rows(session) if row.id == wanted.id))
    found.version += 1
    return found


def _books(session: Session, isbns: tuple[str, ...]) -> list[int]:
    ids = []
    for isbn in dict.fromkeys(isbns):
        book_id = session.scalar(select(Book.id).where(Book.isbn == isbn))
        if book_id is None:
            raise Refused("book.unknown", code=isbn)
        ids.append(book_id)
    return ids


def _rows(session: Session) -> list[PromotionRow]:
    listed: dict[int, list[str]] = {}
    for promotion_id, isbn in session.execute(
        select(PromotionBook.promotion_id, Book.isbn).join(Book, Book.id == PromotionBook.book_id).order_by(Book.id)
    ):
        listed.setdefault(promotion_id, []).append(isbn or "")
    rows = session.execute(
        select(Promotion, Category.name)
        .join(Category, Category.id == Promotion.category_id, isouter=True)
        .order_by(Promotion.id.desc())
    )
    return [_row(row.Promotion, row.name, tuple(listed.get(row.Promotion.id, ()))) for row in rows]


def _row(stored: Promotion, category: str | None, isbns: tuple[str, ...]) -> PromotionRow:
    same: dict[str, Any] = {
        name: getattr(stored, name)
        for name in ("id", "version", "name", "kind", "rate", "amount", "buy", "pay", "category_id", "active")
    }
    row = PromotionRow(**same, category=category, isbns=isbns)
    return replace(row, starts_on=stored.starts_on, ends_on=stored.ends_on)


def _check(wanted: PromotionRow) -> None:
    free_text(wanted.name, MAX_NAME, "promotion.name", needed=True)
    if wanted.starts_on and wanted.ends_on and wanted.ends_on < wanted.starts_on:
        raise Refused("promotion.days")
    _check_worth(wanted)


def _check_worth(wanted: PromotionRow) -> None:
    match wanted.kind:
        case PromotionKind.PERCENT:
            # As it is stored: less than its last place would come to nothing.
            rate = wanted.rate
            if rate is None or not rate.is_finite() or not 0 < round(rate, RATE_PLACES) <= 1:
                raise Refused("promotion.percent")
        case PromotionKind.BUNDLE:
            if not 0 < (wanted.pay or 0) < (wanted.buy or 0) <= MAX_PIECES:
                raise Refused("promotion.bundle", limit=MAX_PIECES)
        case PromotionKind.AMOUNT:
            if not 0 < (wanted.amount or 0) <= MAX_AMOUNT:
                raise Refused("promotion.amount")
        case PromotionKind.PRICE:
            if wanted.amount is None or not 0 <= wanted.amount <= MAX_AMOUNT:
                raise Refused("promotion.price")
