"""A filter of a list as a command tells it: categories, suppliers, subjects by name, prices as typed, days as dates."""

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time

from sqlalchemy import select

from pos_app.app import App
from pos_app.domain.kinds import Missing, StockState
from pos_app.domain.money import currency, parse_amount
from pos_app.domain.search import fold
from pos_app.domain.subject import read_subject, subject_name, subject_title
from pos_app.errors import Refused
from pos_app.exchange.csv_books import INSIDE
from pos_app.models import Book
from pos_app.services.book_filter import BookFilter, Column
from pos_app.services.category import category_tree
from pos_app.services.setting import get_settings
from pos_app.services.subject import list_subjects
from pos_app.services.supplier import list_suppliers

STOCK = {"well": StockState.IN_STOCK, "low": StockState.LOW, "out": StockState.OUT, "inactive": StockState.INACTIVE}
ANY = "any"
NAMED = 12
# Of many names those are told that start with as many letters of what was typed.
NEAR = 3
_SHOWN = re.compile(r".*\(([^()]+)\)\s*")


@dataclass(frozen=True, slots=True, kw_only=True)
class NamedFilter:
    """What a command asks for; `stock` is one of `STOCK` or `ANY`, prices are in major units."""

    text: str = ""
    category: str | None = None
    supplier: str | None = None
    subject: str | None = None
    publisher: str | None = None
    format: str | None = None
    language: str | None = None
    stock: str | None = None
    price_from: str | None = None
    price_to: str | None = None
    changed_since: date | None = None
    missing: Missing | None = None


async def filter_named(app: App, named: NamedFilter) -> BookFilter:
    """Give the filter that is meant; a day begins at midnight where the shop is.

    A subject is told as a code ("Thema FF", "FF") or by its words ("crime and mystery"), of which those
    that name one subject alone will do ("crime"). Raises Refused("filter.category" | "filter.supplier" |
    "filter.subject" | "filter.subjects" | "filter.publisher" | "filter.format" | "filter.language" | "filter.several" |
    "filter.prices") with the names there are, and as `parse_amount` does.
    """
    settings = await get_settings(app)
    digits = currency(settings.currency).digits
    category_id = supplier_id = None
    if named.category is not None:
        tree = await category_tree(app)
        ids = {node.name: node.id for node in tree} | {INSIDE.join(node.path): node.id for node in tree}
        category_id = _found(ids, named.category)
        if category_id is None:
            raise Refused("filter.category", name=named.category[:80], known=_listed(node.name for node in tree))
    if named.supplier is not None:
        suppliers = {row.name: row.id for row in await list_suppliers(app, also_inactive=True)}
        supplier_id = _found(suppliers, named.supplier)
        if supplier_id is None:
            raise Refused("filter.supplier", name=named.supplier[:80], known=_listed(suppliers))
    least, most = (
        None if price is None else parse_amount(price, digits) for price in (named.price_from, named.price_to)
    )
    if least is not None and most is not None and least > most:
        raise Refused("filter.prices")
    since = named.changed_since
    return BookFilter(
        text=named.text,
        category_id=category_id,
        supplier_id=supplier_id,
        subject=None if named.subject is None else await _subject_named(app, named.subject),
        publisher=await _used(app, Book.publisher, named.publisher, lambda **told: Refused("filter.publisher", **told)),
        format=await _used(app, Book.format, named.format, lambda **told: Refused("filter.format", **told)),
        language=await _used(app, Book.language, named.language, lambda **told: Refused("filter.language", **told)),
        in_stock=named.stock == ANY,
        state=STOCK.get(named.stock or ""),
        min_price=least,
        max_price=most,
        changed_since=None if since is None else datetime.combine(since, time(), settings.zone),
        missing=named.missing,
    )


async def _used(app: App, column: Column, name: str | None, refusal: Callable[..., Refused]) -> str | None:
    """Give what is written in a column as it is written there, in whatever letters it was asked for."""
    if name is None:
        return None
    used = await app.db.read(lambda session: session.scalars(select(column).distinct().order_by(column)).all())
    known = {str(one): str(one) for one in used if one is not None}
    if column is Book.language:
        # What is spoken of a language anywhere is found by the language.
        known |= {tag.partition("-")[0]: tag.partition("-")[0] for tag in known}
    if name in known:
        return name
    found = [one for one in known if fold(one) == fold(name)] if fold(name) else []
    if len(found) > 1:
        # Half of what was meant would be left out.
        raise Refused("filter.several", name=name[:80], known=_listed(found))
    if not found:
        near = [one for one in known if fold(one).startswith(fold(name)[:NEAR])] if len(known) > NAMED else known
        raise refusal(name=name[:80], known=_listed(near or known))
    return found[0]


async def _subject_named(app: App, name: str) -> str:
    # As it is shown where names are told: “Crime and mystery (Thema FF)”.
    shown = _SHOWN.fullmatch(name)
    code = shown[1] if shown else name
    found = [one.subject for one in await list_subjects(app, code)]
    if (asked := read_subject(code)) in found:
        return str(asked)
    called = [one for one in found if fold(subject_name(one)) == fold(name)]
    if len(found) == 1 and fold(name):
        called = found
    if len(called) != 1 and found:
        # Schemes share names: half of what was meant would be left out.
        raise Refused("filter.subjects", name=name[:80], known=_listed(map(subject_title, called or found)))
    if not called:
        others = [one.subject for one in await list_subjects(app)]
        raise Refused("filter.subject", name=name[:80], known=_listed(map(subject_title, others)))
    return called[0]


def _found(ids: Mapping[str, int], name: str) -> int | None:
    """Give the number of what has a name, in whatever letters."""
    return {other.casefold(): number for other, number in ids.items()}.get(name.strip().casefold())


def _listed(known: Iterable[str]) -> str:
    names = list(known) or ["none"]
    more = f" and {len(names) - NAMED} more" if len(names) > NAMED else ""
    return ", ".join(names[:NAMED]) + more
