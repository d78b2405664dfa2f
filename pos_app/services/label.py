"""Price labels for titles: one, a list, or what a delivery brought; with the code that a scan finds each by."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from enum import StrEnum

from sqlalchemy import select
from sqlalchemy.orm import Session

from pos_app.app import App
from pos_app.domain.cover_price import price_addon
from pos_app.domain.label import MOST_LABELS, STOCKS, Label, LabelStock, own_roll
from pos_app.errors import Refused
from pos_app.models import Book, BookCode, table
from pos_app.services.book_filter import BookFilter
from pos_app.services.book_list import ListOrder, measure_list, open_list, rows_at
from pos_app.services.delivery import get_delivery
from pos_app.services.right import Operator
from pos_app.services.saved_view import keep_text, kept_text
from pos_app.services.setting import get_settings

PAGE = 1_000
LIST = "labels"


class Copies(StrEnum):
    """How many labels a title of a list gets."""

    EACH = "each"
    STOCK = "stock"


@dataclass(frozen=True, slots=True)
class LabelJob:
    """Labels to be printed, and how many titles have any; `more` titles have the words that were searched for."""

    labels: list[Label]
    titles: int
    more: bool = False

    @property
    def without_code(self) -> int:
        """How many carry no barcode, as their titles have no code."""
        return sum(label.code is None for label in self.labels)


async def book_labels(app: App, book_id: int, count: int, *, with_price_code: bool = False) -> LabelJob:
    """Make labels for one title. Raises Refused("label.many" | "book.missing")."""
    made = await _make(app, {book_id: count}, with_price_code=with_price_code)
    if not made.titles and count:
        raise Refused("book.missing")
    return made


async def list_labels(
    app: App,
    wanted: BookFilter,
    order: ListOrder | None,
    copies: Copies,
    count: int = 1,
    *,
    with_price_code: bool = False,
) -> LabelJob:
    """Make labels for a list in its order: so many of each title, or as many as are in stock.

    Raises Refused("label.many").
    """
    opened, _ = await open_list(app, wanted, order)
    opened = await measure_list(app, opened)
    counts: dict[int, int] = {}
    for first in range(0, opened.total or 0, PAGE):
        for row in await rows_at(app, opened, first, PAGE):
            counts[row.id] = max(row.stock, 0) if copies is Copies.STOCK else count
        _check(sum(counts.values()))
    return replace(await _make(app, counts, with_price_code=with_price_code), more=opened.capped)


async def delivery_labels(app: App, delivery_id: int, *, with_price_code: bool = False) -> LabelJob:
    """Make labels for the good copies that a delivery brought. Raises Refused("label.many" | "delivery.missing")."""
    delivery = await get_delivery(app, delivery_id)
    counts: dict[int, int] = {}
    for line in delivery.lines:
        counts[line.book_id] = counts.get(line.book_id, 0) + line.quantity
    return await _make(app, counts, with_price_code=with_price_code)


async def kept_stock(app: App, operator: Operator) -> LabelStock | None:
    """Give the labels that this person chose last."""
    kept = await kept_text(app, operator, LIST, LIST)
    size = json.loads(kept) if kept else {}
    found = next((stock for stock in STOCKS if [stock.name, stock.width, stock.height] == size.get("stock")), None)
    return own_roll(*size["own"]) if "own" in size else found


async def keep_stock(app: App, operator: Operator, stock: LabelStock) -> None:
    """Remember the labels chosen."""
    size = (
        {"stock": [stock.name, stock.width, stock.height]} if stock in STOCKS else {"own": [stock.width, stock.height]}
    )
    await keep_text(app, operator, LIST, LIST, json.dumps(size))


def _check(count: int) -> None:
    if count > MOST_LABELS:
        raise Refused("label.many", limit=f"{MOST_LABELS:,}")


async def _make(app: App, counts: Mapping[int, int], *, with_price_code: bool) -> LabelJob:
    _check(sum(counts.values()))
    money = (await get_settings(app)).currency
    ids = [book_id for book_id, count in counts.items() if count > 0]

    def act(session: Session) -> dict[int, Label]:
        found: dict[int, Label] = {}
        for first in range(0, len(ids), PAGE):
            found |= _labels(session, ids[first : first + PAGE], money if with_price_code else None)
        return found

    labels = await app.db.read(act)
    made = [labels[book_id] for book_id in ids if book_id in labels for _ in range(counts[book_id])]
    return LabelJob(made, len(labels))


def _labels(session: Session, ids: list[int], money: str | None) -> dict[int, Label]:
    book, code = table(Book).c, table(BookCode).c
    codes = select(code.book_id, code.code).where(code.book_id.in_(ids)).order_by(code.id.desc())
    # The code a title was given first stands for it, where it has no ISBN.
    own = {row.book_id: row.code for row in session.execute(codes)}
    rows = select(book.id, book.title, book.author, book.price, book.open_price, book.isbn).where(book.id.in_(ids))
    return {
        row.id: Label(
            row.title,
            row.author,
            None if row.open_price else row.price,
            row.isbn or own.get(row.id),
            price_addon(row.price, money) if money and row.isbn and not row.open_price else None,
        )
        for row in session.execute(rows)
    }
