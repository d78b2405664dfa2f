"""Summing documents up step by step, their lines by title first: there are few titles to look up, and many lines."""

from collections.abc import Callable, Iterable
from datetime import date
from typing import Any, NamedTuple

from sqlalchemy import BigInteger, ColumnElement, Select, Subquery, case, cast, func, select
from sqlalchemy.orm import Session

from pos_app.app import App
from pos_app.domain.order_status import OrderKind
from pos_app.domain.sales_report import A_YEAR, months
from pos_app.models import Book, Order, OrderItem, table
from pos_app.services.report import MONTHS_READ, Scope, day_scope

Progress = Callable[[int, int], None]
SALES = (OrderKind.SALE, OrderKind.CUSTOMER_ORDER)
# What can have a discount of its own.
DISCOUNTED = (*SALES, OrderKind.EXCHANGE)
_B = table(Book).c


class Sold(NamedTuple):
    """What was sold of something: pieces, what they came to with and without tax, and what they cost.

    `costed_net` is the net of lines whose cost is known; `unkept` counts pieces whose cost was not kept with the line.
    """

    pieces: int = 0
    amount: int = 0
    net: int = 0
    cost: int = 0
    costed_net: int = 0
    unkept: int = 0


def steps_of(app: App, *ranges: tuple[date, date]) -> list[tuple[date, date]]:
    """Cut days into what is read at a time."""
    each = MONTHS_READ[app.db.kind][sum((last - first).days for first, last in ranges) > A_YEAR]
    return [step for one in ranges for step in months(*one, each)]


async def read_steps(
    app: App, take: Callable[[Session, Scope], None], ranges: Iterable[tuple[date, date]], progress: Progress
) -> None:
    """Let `take` look at some months of documents at a time, so that it can be watched and stopped.

    More months where there are years: each step has a cost of its own.
    """
    steps = steps_of(app, *ranges)
    for done, days in enumerate(steps, 1):
        scope = day_scope(*days)
        await app.db.read_until_cancelled(lambda session, scope=scope: take(session, scope))  # type: ignore[misc] # bound now
        progress(done, len(steps))


def titles_sold(scope: Scope, *, costs: bool = False) -> Subquery:
    """What lines came to by title, gift cards left out: pieces and amounts; with `costs` all figures of `Sold`."""
    net, kept = OrderItem.net_amount, OrderItem.cost.is_not(None)
    figures: dict[str, ColumnElement[Any]] = {
        "pieces": OrderItem.quantity.expression,
        "amount": net + OrderItem.tax_amount,
    }
    if costs:
        figures |= {
            "sold_pieces": case((Order.kind.in_(SALES), OrderItem.quantity), else_=0),
            "net": net.expression,
            "cost": func.coalesce(OrderItem.cost, 0) * OrderItem.quantity,
            "unkept": case((kept, 0), else_=OrderItem.quantity),
            "unkept_net": case((kept, 0), else_=net),
        }
    return (
        select(OrderItem.book_id, *(_sum(figure).label(name) for name, figure in figures.items()))
        .join_from(Order, OrderItem, OrderItem.order_id == Order.id)
        .where(scope, OrderItem.gift_card.is_(None))
        .group_by(OrderItem.book_id)
        .subquery()
    )


def figures_sold(titles: Subquery) -> tuple[ColumnElement[Any], ...]:
    """The figures of `Sold`, of what is joined with its titles: a cost that was not kept is that of today."""
    sold = titles.c
    if "cost" not in sold:
        return (sold.pieces, sold.amount)
    return (
        sold.pieces,
        sold.amount,
        sold.net,
        sold.cost + sold.unkept * func.coalesce(_B.cost, 0),
        case((_B.cost.is_(None), sold.net - sold.unkept_net), else_=sold.net),
        sold.unkept,
    )


def sold_query(key: ColumnElement[Any], scope: Scope, *, costs: bool) -> Select[Any]:
    """What was sold by a column of titles, as `Sold`."""
    titles = titles_sold(scope, costs=costs)
    return (
        select(key, *map(_sum, figures_sold(titles)))
        .join_from(titles, table(Book), _B.id == titles.c.book_id)
        .group_by(key)
    )


def add(sums: dict[Any, Any], rows: Iterable[Any]) -> None:
    """Add rows of a key and figures to sums, in the plainest way: a month may tell of every title there is."""
    for name, *added in rows:
        before = sums.get(name)
        sums[name] = added if before is None else [one + two for one, two in zip(before, added, strict=True)]


def _sum(figure: ColumnElement[Any]) -> ColumnElement[Any]:
    # PostgreSQL's sums of large integers are decimals, which are slow to add up and to read.
    return cast(func.sum(figure), BigInteger)
