"""Business days at a glance, beside days of the year before: what is shown is read in as few passes as it takes."""

import asyncio
from collections import Counter
from collections.abc import Sequence
from datetime import date
from typing import Any

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session

from pos_app.app import App
from pos_app.domain.kinds import BookKind
from pos_app.domain.order_status import OrderKind
from pos_app.domain.permission import Permission
from pos_app.domain.sales_report import Compare, Glance, Overview, ReportKind, Span, beside, share, with_before
from pos_app.models import Book, Order, OrderItem, table
from pos_app.services.report import Scope, day_scope, day_shares, hour_shares
from pos_app.services.right import Operator, require
from pos_app.services.sales_report import bestsellers_table, category_names, category_table
from pos_app.services.sales_sums import SALES, Progress, Sold, add, figures_sold, read_steps, titles_sold
from pos_app.services.setting import get_settings

# More days than these are shown as months.
MOST_DAYS = 62
BEST = 50
Lines = dict[tuple[int, int | None, BookKind], list[int]]
_B = table(Book).c


async def make_overview(
    app: App,
    operator: Operator,
    first: date,
    last: date,
    *,
    compare: Compare = Compare.WEEKDAYS,
    progress: Progress | None = None,
) -> Overview:
    """Sum business days up for a glance, both ends included; `progress` gets steps done and in all.

    Months stand beside the same months, whatever `compare` says of days. Cancelling stops it.
    Raises Refused("right.missing").
    """
    await app.db.read(lambda session: require(session, operator, Permission.SEE_REPORTS))
    grain = ReportKind.HOUR if first == last else ReportKind.DAY
    if (last - first).days > MOST_DAYS:
        grain, compare = ReportKind.MONTH, Compare.DATES
    documents = _Documents()
    lines: Lines = {}
    before, these = with_before(first, last, compare)

    def take(session: Session, scope: Scope) -> None:
        documents.take(session, scope)
        rows = session.execute(_lines_query(scope))
        add(lines, (((book, category, kind), *figures) for book, category, kind, *figures in rows))

    def take_before(session: Session, scope: Scope) -> None:
        for one in day_shares(session, scope):
            documents.days[date.fromisoformat(one.name)] = (one.count, one.amount)

    tell = progress or (lambda _done, _total: None)
    # Documents alone are read faster than those with their lines.
    await read_steps(app, take, [these], lambda done, total: tell(done * 4, total * 5))
    await read_steps(app, take_before, [before], lambda done, total: tell(total * 4 + done, total * 5))
    if grain is ReportKind.HOUR:
        spans = await _hours(app, first, compare.before(first))
    else:
        sums = beside(documents.days, first, last, grain, compare)
        spans = tuple(Span(key, amount, then) for key, (_, amount, then) in sums.items())
    categories, books = await asyncio.to_thread(_sorted_out, lines)
    net, cost = (sum(one[place] for one in categories.values()) for place in (4, 3))
    return Overview(
        totals=documents.glance(sum(one[-1] for one in lines.values())),
        grain=grain,
        compare=compare,
        spans=spans,
        before=sum(span.before for span in spans),
        earned=net - cost,
        margin=share(net - cost, net),
        categories=category_table(categories, await category_names(app), first, last),
        bestsellers=await bestsellers_table(app, books, first, last, BEST),
    )


class _Documents:
    """What documents came to, by day and by kind; gift cards are taken off again."""

    def __init__(self) -> None:
        self.days: dict[date, tuple[int, int]] = {}
        self._counts: Counter[OrderKind] = Counter()
        self._amounts: Counter[OrderKind] = Counter()
        self._cards: Counter[OrderKind] = Counter()

    def take(self, session: Session, scope: Scope) -> None:
        by = (Order.business_date, Order.kind)
        cards = (
            select(*by, func.sum(OrderItem.amount))
            .join_from(Order, OrderItem, OrderItem.order_id == Order.id)
            .where(scope, OrderItem.gift_card.is_not(None))
            .group_by(*by)
        )
        off = {(day, kind): int(amount) for day, kind, amount in session.execute(cards)}
        documents = select(*by, func.count(), func.sum(Order.total_amount)).where(scope).group_by(*by)
        for day, kind, count, amount in session.execute(documents):
            many, takings = self.days.get(day, (0, 0))
            self.days[day] = (many + count, takings + int(amount) - off.get((day, kind), 0))
            self._counts[kind] += count
            self._amounts[kind] += int(amount)
            self._cards[kind] += off.get((day, kind), 0)

    def glance(self, sold_pieces: int) -> Glance:
        sales = sum(self._counts[kind] for kind in SALES)
        return Glance(
            takings=self._amounts.total() - self._cards.total(),
            sales=sales,
            sold=sum(self._amounts[kind] - self._cards[kind] for kind in SALES),
            sold_pieces=sold_pieces,
            came_back=self._counts.total() - sales,
            back=-self._amounts[OrderKind.RETURN] - self._amounts[OrderKind.VOID],
        )


def _lines_query(scope: Scope) -> Select[Any]:
    """What was sold, by title and its category; the last figure is the pieces of sales alone."""
    titles = titles_sold(scope, costs=True)
    return select(titles.c.book_id, _B.category_id, _B.kind, *figures_sold(titles), titles.c.sold_pieces).join_from(
        titles, table(Book), _B.id == titles.c.book_id
    )


def _sorted_out(lines: Lines) -> tuple[dict[int | None, Sold], dict[int, Sequence[int]]]:
    """What was sold by category, and of each book."""
    categories: dict[int | None, Sequence[int]] = {}
    add(categories, ((category, *figures[:-1]) for (_, category, _), figures in lines.items()))
    books: dict[int, Sequence[int]] = {
        book: figures for (book, _, kind), figures in lines.items() if kind is BookKind.BOOK
    }
    return {key: Sold(*figures) for key, figures in categories.items()}, books


async def _hours(app: App, day: date, before: date) -> tuple[Span, ...]:
    """The hours of a day from its first sale to its last, as the shop's day goes, and those of the day beside it."""
    starts = (await get_settings(app)).day_starts_at_hour

    def act(session: Session) -> list[dict[int, int]]:
        return [{int(one.name): one.amount for one in hour_shares(session, day_scope(of, of))} for of in (day, before)]

    now, then = await app.db.read(act)
    places = sorted((hour - starts) % 24 for hour in {*now, *then})
    if not places:
        return ()
    hours = [(place + starts) % 24 for place in range(places[0], places[-1] + 1)]
    return tuple(Span(f"{hour:02d}", now.get(hour, 0), then.get(hour, 0)) for hour in hours)
