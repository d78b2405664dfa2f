"""A manager's reports: documents summed up by what they tell, month by month, so that years can be watched and stopped.

Training is in none of them, gift cards are sold and not earned: `services.report` says why.
"""

import asyncio
import heapq
from collections import defaultdict
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from datetime import date, timedelta
from decimal import Decimal
from functools import partial
from typing import Any

from sqlalchemy import ColumnElement, Select, Subquery, case, exists, func, select
from sqlalchemy.orm import Session

from pos_app.app import App
from pos_app.domain.kinds import BookKind
from pos_app.domain.order_status import OrderKind
from pos_app.domain.permission import Permission
from pos_app.domain.report import Share, TaxShare
from pos_app.domain.sales_report import (
    Compare,
    Figure,
    ReportColumn,
    ReportKind,
    ReportRow,
    ReportTable,
    beside,
    share,
    with_before,
)
from pos_app.exchange.csv_books import INSIDE
from pos_app.models import Book, Category, Order, OrderItem, User, table
from pos_app.models.base import RATE_SCALE
from pos_app.services.category import category_tree
from pos_app.services.report import (
    Scope,
    day_scope,
    day_shares,
    hour_shares,
    list_z_reports,
    people_shares,
    takings_of_months,
    tax_shares,
    tender_shares,
)
from pos_app.services.report_summary import summary_table
from pos_app.services.right import Operator, require
from pos_app.services.sales_sums import (
    DISCOUNTED,
    Progress,
    Sold,
    add,
    figures_sold,
    read_steps,
    sold_query,
    steps_of,
    titles_sold,
)
from pos_app.services.setting import get_settings
from pos_app.services.stock import stock_value

MOST_ROWS = 1_000
MOST_SHIFTS = 5_000
ID_SPAN = 50_000
_B = table(Book).c
_NO_CATEGORY, _NO_PUBLISHER = "No category", "No publisher"


async def make_report(
    app: App,
    operator: Operator,
    kind: ReportKind,
    first: date,
    last: date,
    *,
    compare: Compare = Compare.WEEKDAYS,
    progress: Progress | None = None,
) -> ReportTable:
    """Make a report over business days, both included; `progress` gets steps done and in all.

    Every step is a short statement of its own, so that tills sell on meanwhile; cancelling stops it. Days stand beside
    those that `compare` says. Raises Refused("right.missing").
    """
    right = Permission.X_REPORT if kind is ReportKind.SHIFTS else Permission.SEE_REPORTS
    await app.db.read(lambda session: require(session, operator, right))
    maker = _Maker(app, operator, first, last, progress or _untold)
    return await (maker.by_day(compare) if kind is ReportKind.DAY else _MAKERS[kind](maker))


async def sold_by_isbn(app: App, operator: Operator, first: date, last: date) -> list[tuple[str, int]]:
    """Give how many of each ISBN stayed sold, the most first. Raises Refused("right.missing")."""
    await app.db.read(lambda session: require(session, operator, Permission.SEE_REPORTS))
    query = (
        select(OrderItem.isbn, func.sum(OrderItem.quantity))
        .join_from(Order, OrderItem, OrderItem.order_id == Order.id)
        .where(day_scope(first, last), OrderItem.isbn.is_not(None), OrderItem.gift_card.is_(None))
        .group_by(OrderItem.isbn)
    )
    sold = await app.db.read_until_cancelled(lambda session: session.execute(query).all())
    pieces = [(isbn, int(one)) for isbn, one in sold if isbn and one > 0]
    return sorted(pieces, key=lambda one: (-one[1], one[0]))


def _untold(_done: int, _total: int) -> None:
    """Nobody watches."""


def _money(*names: str) -> tuple[ReportColumn, ...]:
    return tuple(ReportColumn(name, Figure.MONEY) for name in names)


def _count(*names: str) -> tuple[ReportColumn, ...]:
    return tuple(ReportColumn(name, Figure.COUNT) for name in names)


def _percent(name: str) -> ReportColumn:
    return ReportColumn(name, Figure.PERCENT)


def _rows(session: Session, query: Select[Any]) -> Sequence[Any]:
    return session.execute(query).all()


def _of_all(*summed: Any) -> list[ColumnElement[Any]]:
    """How many rows a query finds, and sums over them, however few of them it gives."""
    sums = [func.sum(one).over().label(f"sum{place}") for place, one in enumerate(summed)]
    return [func.count().over().label("titles"), *sums]


def _sum(rows: Sequence[ReportRow], place: int, column: ReportColumn) -> int | None:
    """A column summed up, where its sum says something."""
    if column.figure not in (Figure.COUNT, Figure.MONEY):
        return None
    return sum(cell for row in rows if isinstance(cell := row.cells[place], int))


def _totals(columns: Sequence[ReportColumn], rows: Sequence[ReportRow]) -> tuple[Any, ...]:
    return ("Total", *(_sum(rows, place, column) for place, column in enumerate(columns) if place))


def _compared(count: int, amount: int, before: int) -> tuple[Any, ...]:
    return (count, amount, before, share(amount - before, before))


async def category_names(app: App) -> dict[int | None, str]:
    """Give what categories are called, None of them too."""
    rows = await app.db.read(lambda session: session.execute(select(Category.id, Category.name)).all())
    return {None: _NO_CATEGORY} | {row.id: row.name for row in rows}


async def category_paths(app: App) -> dict[int | None, str]:
    """Give what categories are called with what they are inside of, in the order of the tree, None of them last."""
    return {node.id: INSIDE.join(node.path) for node in await category_tree(app)} | {None: _NO_CATEGORY}


def category_table(
    sold: Mapping[int | None, Sold], names: Mapping[int | None, str], first: date, last: date
) -> ReportTable:
    """Lay out what was sold by category, the most first."""
    keyed = [(names.get(key, _NO_CATEGORY), key if key is not None else 0, one) for key, one in sold.items()]
    return _shares_table(ReportKind.CATEGORY, keyed, first, last)


def _shares_table(
    kind: ReportKind, keyed: Sequence[tuple[str, str | int, Sold]], first: date, last: date
) -> ReportTable:
    whole = sum(one.amount for *_, one in keyed)
    rows = tuple(
        ReportRow((name, one.pieces, one.amount, share(one.amount, whole)), key)
        for name, key, one in sorted(keyed, key=lambda row: (-row[2].amount, row[0]))
    )
    columns = (ReportColumn(kind.value.capitalize()), *_count("Pieces"), *_money("Takings"), _percent("Share"))
    note = "Without cash rounding, which belongs to no line."
    return ReportTable(kind, first, last, columns, rows, _totals(columns, rows), 2, note)


_BOOK = (_B.id, _B.title, _B.author, _B.isbn, _B.stock)


def _books_sold(titles: Subquery) -> Select[Any]:
    """Of what was sold by title, the books."""
    return (
        select(titles.c.book_id, *figures_sold(titles))
        .join_from(titles, table(Book), _B.id == titles.c.book_id)
        .where(_B.kind == BookKind.BOOK)
    )


async def bestsellers_table(
    app: App, sums: Mapping[int, Sequence[int]], first: date, last: date, most: int = 0
) -> ReportTable:
    """Lay out the books that sold most of all that `sums` has by id, pieces and takings first; the total is of all."""

    def sort() -> tuple[list[int], tuple[int, int, int]]:
        kept = [(-one[0], -one[1], key) for key, one in sums.items() if one[0] > 0]
        all_ = (len(kept), -sum(one[0] for one in kept), -sum(one[1] for one in kept))
        return [key for *_, key in heapq.nsmallest(most or MOST_ROWS, kept)], all_

    # Looking through every title there is would keep the window waiting.
    best, all_ = await asyncio.to_thread(sort)
    query = select(*_BOOK).where(_B.id.in_(best))
    books = {row.id: row for row in await app.db.read(partial(_rows, query=query))}
    return _best_table([_best_row(books[key], *sums[key][:2]) for key in best if key in books], all_, first, last)


def _best_row(book: Any, pieces: int, amount: int) -> ReportRow:
    return ReportRow((book.title, book.author, book.isbn or "", pieces, amount, book.stock), book.id)


def _best_table(rows: Sequence[ReportRow], all_: tuple[int, int, int], first: date, last: date) -> ReportTable:
    titles, pieces, amount = all_
    columns = (
        ReportColumn("Title"),
        ReportColumn("Author"),
        ReportColumn("ISBN"),
        *_count("Pieces"),
        *_money("Takings"),
        *_count("In stock"),
    )
    note = "Books only: other goods stand among the sales by category."
    if titles > len(rows):
        note += f" Shown are the first {len(rows):,} of {titles:,} titles; the total is of all."
    total = ("Total", None, None, pieces, amount, None)
    return ReportTable(ReportKind.BESTSELLERS, first, last, columns, tuple(rows), total, 3, note)


class _Maker:
    """One report under way."""

    def __init__(self, app: App, operator: Operator, first: date, last: date, progress: Progress) -> None:
        self._app, self._operator, self._first, self._last, self._progress = app, operator, first, last, progress

    def _table(
        self,
        kind: ReportKind,
        columns: Sequence[ReportColumn],
        rows: Iterable[ReportRow],
        *,
        charted: int = 1,
        note: str = "",
        total: tuple[Any, ...] | None = None,
    ) -> ReportTable:
        rows = tuple(rows)
        if total is None:
            total = _totals(columns, rows)
        return ReportTable(kind, self._first, self._last, tuple(columns), rows, total, charted, note)

    async def _each_month(self, take: Callable[[Session, Scope], None], *ranges: tuple[date, date]) -> None:
        await read_steps(self._app, take, ranges or ((self._first, self._last),), self._progress)

    # By documents

    async def summary(self) -> ReportTable:
        days = self._first, self._last
        return summary_table(await takings_of_months(self._app, self._operator, *days, self._progress), *days)

    async def _shares(
        self, of: Callable[[Session, Scope], Sequence[Share]], *ranges: tuple[date, date]
    ) -> dict[str, Share]:
        sums: dict[str, Share] = {}

        def take(session: Session, scope: Scope) -> None:
            for one in of(session, scope):
                before = sums.get(one.name, Share(one.name, 0, 0, one.code))
                sums[one.name] = Share(one.name, before.count + one.count, before.amount + one.amount, one.code)

        await self._each_month(take, *ranges)
        return sums

    async def by_day(self, compare: Compare) -> ReportTable:
        return await self._by_time(ReportKind.DAY, compare)

    async def by_month(self) -> ReportTable:
        return await self._by_time(ReportKind.MONTH, Compare.DATES)

    async def _by_time(self, kind: ReportKind, compare: Compare) -> ReportTable:
        before, these = with_before(self._first, self._last, compare)
        adjoining = these[0] - before[1] == timedelta(days=1)
        shares = await self._shares(day_shares, *([(before[0], these[1])] if adjoining else [before, these]))
        days = {date.fromisoformat(name): (one.count, one.amount) for name, one in shares.items()}
        sums = beside(days, self._first, self._last, kind, compare)
        rows = [ReportRow((name, *_compared(*figures)), name) for name, figures in sums.items()]
        if not any(any(figures) for figures in sums.values()):
            rows = []
        columns = (
            ReportColumn("Day" if kind is ReportKind.DAY else "Month"),
            *_count("Documents"),
            *_money("Takings", compare.beside.capitalize()),
            _percent("Change"),
        )
        total = ("Total", *_compared(*(sum(one[place] for one in sums.values()) for place in range(3))))
        note = compare.note if kind is ReportKind.DAY else ""
        return self._table(kind, columns, rows, charted=2, total=total, note=note)

    async def by_share(self, kind: ReportKind) -> ReportTable:
        if kind is ReportKind.HOUR:
            sums = await self._shares(hour_shares)
            starts = (await get_settings(self._app)).day_starts_at_hour
            shares = sorted(sums.values(), key=lambda one: (int(one.name) - starts) % 24)
            rows = [ReportRow((f"{one.name}:00", one.count, one.amount), one.name) for one in shares]
            return self._table(kind, (ReportColumn("Hour"), *_count("Documents"), *_money("Takings")), rows, charted=2)
        people = kind is ReportKind.PERSON
        sums = await self._shares(people_shares if people else tender_shares)
        shares = sorted(sums.values(), key=lambda one: (-one.amount, one.name))
        if people:
            columns = (
                ReportColumn("Person"),
                *_count("Documents"),
                *_money("Takings", "A document"),
            )
            rows = [
                ReportRow((one.name, one.count, one.amount, one.amount // one.count if one.count else 0), one.name)
                for one in shares
            ]
            count, amount = sum(one.count for one in shares), sum(one.amount for one in shares)
            return self._table(kind, columns, rows, charted=2, total=("Total", count, amount, None))
        rows = [ReportRow((one.name, one.count, one.amount), one.code) for one in shares]
        note = "Less the change given. Gift cards sold are in it: they were paid for."
        return self._table(
            kind, (ReportColumn("Tender"), *_count("Payments"), *_money("Amount")), rows, charted=2, note=note
        )

    async def by_tax(self) -> ReportTable:
        sums: dict[tuple[str, int], TaxShare] = {}

        def take(session: Session, scope: Scope) -> None:
            for one in tax_shares(session, scope):
                before = sums.get((one.name, one.rate), TaxShare(one.name, one.rate, 0, 0))
                sums[one.name, one.rate] = TaxShare(one.name, one.rate, before.net + one.net, before.tax + one.tax)

        await self._each_month(take)
        rows = [
            ReportRow(
                (one.name, Decimal(one.rate) / RATE_SCALE, one.net, one.tax, one.net + one.tax),
                f"{one.rate}:{one.name}",
            )
            for _, one in sorted(sums.items(), key=lambda both: both[0][1])
        ]
        columns = (ReportColumn("Tax"), _percent("Rate"), *_money("Net", "Tax", "Gross"))
        return self._table(ReportKind.TAX, columns, rows, charted=3)

    # By lines

    async def _sold(self, key: ColumnElement[Any], *, costs: bool = False) -> dict[Any, Sold]:
        """What was sold by a column of titles."""
        sums: dict[Any, Sequence[int]] = {}
        await self._each_month(
            lambda session, scope: add(sums, session.execute(sold_query(key, scope, costs=costs)).all())
        )
        return {name: Sold(*summed) for name, summed in sums.items()}

    async def by_line(self, kind: ReportKind) -> ReportTable:
        if kind is ReportKind.CATEGORY:
            return category_table(
                await self._sold(_B.category_id), await category_paths(self._app), self._first, self._last
            )
        sold = await self._sold(_B.publisher)
        keyed = [(key or _NO_PUBLISHER, key or "", one) for key, one in sold.items()]
        return _shares_table(kind, keyed, self._first, self._last)

    async def bestsellers(self) -> ReportTable:
        if len(steps_of(self._app, (self._first, self._last))) == 1:
            return await self._best_at_once()
        sums: dict[int, Sequence[int]] = {}

        def take(session: Session, scope: Scope) -> None:
            add(sums, session.execute(_books_sold(titles_sold(scope))).all())

        await self._each_month(take)
        return await bestsellers_table(self._app, sums, self._first, self._last)

    async def _best_at_once(self) -> ReportTable:
        """Where one statement reads all there is, it can sort too."""
        titles = titles_sold(day_scope(self._first, self._last))
        sold = titles.c
        query = (
            _books_sold(titles)
            .add_columns(*_BOOK, *_of_all(sold.pieces, sold.amount))
            .where(sold.pieces > 0)
            .order_by(sold.pieces.desc(), sold.amount.desc(), sold.book_id)
            .limit(MOST_ROWS)
        )
        found = await self._app.db.read_until_cancelled(partial(_rows, query=query))
        self._progress(1, 1)
        all_ = (found[0].titles, int(found[0].sum0), int(found[0].sum1)) if found else (0, 0, 0)
        rows = [_best_row(row, row.pieces, row.amount) for row in found]
        return _best_table(rows, all_, self._first, self._last)

    async def margin(self) -> ReportTable:
        sold = await self._sold(_B.category_id, costs=True)
        names = await category_paths(self._app)
        ordered = sorted(sold, key=lambda key: sold[key].cost - sold[key].costed_net)

        def cells(name: str, one: Sold) -> tuple[Any, ...]:
            earned = one.costed_net - one.cost
            return (name, one.pieces, one.costed_net, one.cost, earned, share(earned, one.costed_net))

        rows = [
            ReportRow(cells(names.get(key, _NO_CATEGORY), sold[key]), key if key is not None else 0) for key in ordered
        ]
        whole = Sold(*(sum(figures) for figures in zip(*sold.values(), strict=True)))
        columns = (ReportColumn("Category"), *_count("Pieces"), *_money("Net sales", "Cost", "Margin"), _percent("%"))
        notes = []
        if whole.net != whole.costed_net:
            notes.append("What has no known cost is left out of net sales, cost and margin.")
        if whole.unkept:
            notes.append("Lines sold before costs were kept count at today's cost.")
        return self._table(
            ReportKind.MARGIN, columns, rows, charted=4, note=" ".join(notes), total=cells("Total", whole)
        )

    async def _stock_by_category(self) -> dict[int | None, tuple[int, int, int, int]]:
        """Titles, titles in stock, copies and their price, by category."""
        query = (
            select(
                _B.category_id,
                func.count(),
                func.sum(case((_B.stock > 0, 1), else_=0)),
                func.sum(case((_B.stock > 0, _B.stock), else_=0)),
                func.sum(case((_B.stock > 0, _B.stock * _B.price), else_=0)),
            )
            .where(_B.active, _B.kind != BookKind.SERVICE)
            .group_by(_B.category_id)
        )
        rows = await self._app.db.read(lambda session: session.execute(query).all())
        return {row[0]: (int(row[1]), int(row[2]), int(row[3]), int(row[4])) for row in rows}

    async def sell_through(self) -> ReportTable:
        sold = await self._sold(_B.category_id)
        stock, names = await self._stock_by_category(), await category_paths(self._app)
        pairs = [
            (names.get(key, _NO_CATEGORY), key, sold.get(key, Sold()).pieces, stock.get(key, (0, 0, 0, 0))[2])
            for key in names
            if key in sold or key in stock
        ]
        rows = [
            ReportRow((name, pieces, left, share(max(pieces, 0), max(pieces, 0) + left)), key if key is not None else 0)
            for name, key, pieces, left in sorted(
                pairs, key=lambda one: (-(share(max(one[2], 0), max(one[2], 0) + one[3]) or 0), one[0])
            )
        ]
        pieces, left = sum(one[2] for one in pairs), sum(one[3] for one in pairs)
        columns = (ReportColumn("Category"), *_count("Sold", "Still in stock"), _percent("Sell-through"))
        return self._table(
            ReportKind.SELL_THROUGH,
            columns,
            rows,
            charted=3,
            total=("Total", pieces, left, share(max(pieces, 0), max(pieces, 0) + left)),
            note="Sold in these days, of what was sold and what is in stock today.",
        )

    async def categories(self) -> ReportTable:
        sold = await self._sold(_B.category_id)
        stock, names = await self._stock_by_category(), await category_paths(self._app)
        found = {name for key, name in names.items() if key in sold or key in stock}
        rows = []
        for key, name in names.items():
            # Also what something is inside of: a name further in would hang in the air.
            if name in found or any(other.startswith(name + INSIDE) for other in found):
                one = sold.get(key, Sold())
                cells = (name, *stock.get(key, (0, 0, 0, 0)), one.pieces, one.amount)
                rows.append(ReportRow(cells, key if key is not None else 0))
        columns = (
            ReportColumn("Category"),
            *_count("Titles", "In stock", "Copies"),
            *_money("At price"),
            *_count("Sold"),
            *_money("Takings"),
        )
        note = "Each row is of what stands in a category itself; what is inside it stands below, and is counted there."
        return self._table(ReportKind.CATEGORIES, columns, rows, charted=6, note=note)

    async def discounts(self) -> ReportTable:
        sums: defaultdict[str, list[int]] = defaultdict(lambda: [0] * 6)
        given = Order.kind.in_(DISCOUNTED)
        back, void = Order.kind.in_((OrderKind.RETURN, OrderKind.EXCHANGE)), Order.kind == OrderKind.VOID
        query = (
            select(
                User.username,
                func.sum(case((given & (Order.discount_amount > 0), 1), else_=0)),
                func.sum(case((given, Order.discount_amount), else_=0)),
                func.sum(case((back, 1), else_=0)),
                func.sum(case((Order.kind == OrderKind.RETURN, Order.total_amount), else_=0)),
                func.sum(case((void, 1), else_=0)),
                func.sum(case((void, Order.total_amount), else_=0)),
            )
            .join(Order, Order.user_id == User.id)
            .group_by(User.username)
        )

        def take(session: Session, scope: Scope) -> None:
            for name, *figures in session.execute(query.where(scope)):
                for place, figure in enumerate(figures):
                    sums[name][place] += int(figure or 0)

        await self._each_month(take)
        rows = [
            ReportRow((name, *figures), name)
            for name, figures in sorted(sums.items(), key=lambda both: (-both[1][1], both[0]))
        ]
        columns = (
            ReportColumn("Person"),
            *_count("Discounted"),
            *_money("Discounts"),
            *_count("Returns"),
            *_money("Paid back"),
            *_count("Voids"),
            *_money("Voided"),
        )
        note = "Exchanges count among the returns; what they settled is in the takings, not among what was paid back."
        return self._table(ReportKind.DISCOUNTS, columns, rows, charted=2, note=note)

    # By titles

    async def slow(self) -> ReportTable:
        """Titles in stock of which nothing was sold in these days, what is worth most first."""
        sold = (
            exists()
            .where(OrderItem.book_id == _B.id, OrderItem.quantity > 0, Order.id == OrderItem.order_id)
            .where(day_scope(self._first, self._last))
            .correlate(table(Book))
        )
        worth = (_B.stock * _B.cost).label("worth")
        without_cost = case((_B.cost.is_(None), _B.stock), else_=0)
        query = (
            select(_B.id, _B.title, _B.author, _B.isbn, _B.stock, _B.shelf, worth, _B.created_at)
            .add_columns(*_of_all(_B.stock, func.coalesce(worth, 0), without_cost))
            .where(_B.stock > 0, _B.active, _B.kind == BookKind.BOOK, ~sold)
            .order_by(func.coalesce(worth, 0).desc(), _B.id)
            .limit(MOST_ROWS)
        )
        highest = await self._app.db.read(lambda session: session.scalar(select(func.max(_B.id))) or 0)
        found: list[Any] = []
        count, pieces, value, unknown = 0, 0, 0, 0
        for start in range(0, highest + 1, ID_SPAN):
            span = query.where(_B.id >= start, _B.id < start + ID_SPAN)
            some = await self._app.db.read_until_cancelled(partial(_rows, query=span))
            if some:
                count, pieces, value = (count + some[0].titles, pieces + int(some[0].sum0), value + int(some[0].sum1))
                unknown += int(some[0].sum2)
            found = sorted([*found, *some], key=lambda row: (-(row.worth or 0), row.id))[:MOST_ROWS]
            self._progress(min(start + ID_SPAN, highest), highest)
        rows = [
            ReportRow((row.title, row.author, row.isbn or "", row.shelf or "", row.stock, row.worth)) for row in found
        ]
        columns = (
            ReportColumn("Title"),
            ReportColumn("Author"),
            ReportColumn("ISBN"),
            ReportColumn("Shelf"),
            *_count("In stock"),
            *_money("Worth at cost"),
        )
        note = "In stock today, and none sold in these days."
        if unknown:
            note += f" Of {unknown:,} copies no cost is known: they are left out of the worth."
        if count > len(rows):
            note += f" Shown are the {len(rows):,} worth most of {count:,} titles; the total is of all."
        total = ("Total", None, None, None, pieces, value)
        return self._table(ReportKind.SLOW, columns, rows, charted=5, note=note, total=total)

    async def low_stock(self) -> ReportTable:
        there = _B.stock - _B.reserved
        query = (
            select(_B.title, _B.author, _B.isbn, _B.stock, _B.reserved, _B.reorder_at, _B.publisher)
            .add_columns(*_of_all(_B.stock, _B.reserved, _B.reorder_at, _B.reorder_at - there))
            .where(_B.active, _B.reorder_at > 0, there <= _B.reorder_at)
            .order_by(there - _B.reorder_at, _B.title_key, _B.id)
            .limit(MOST_ROWS)
        )
        found = await self._app.db.read(lambda session: session.execute(query).all())
        rows = [
            ReportRow(
                (
                    row.title,
                    row.author,
                    row.isbn or "",
                    row.publisher or "",
                    row.stock,
                    row.reserved,
                    row.reorder_at,
                    row.reorder_at - row.stock + row.reserved,
                )
            )
            for row in found
        ]
        columns = (
            ReportColumn("Title"),
            ReportColumn("Author"),
            ReportColumn("ISBN"),
            ReportColumn("Publisher"),
            *_count("In stock", "Set aside", "Reorder at", "Short by"),
        )
        note = "What can be sold is at the reorder level, or below."
        sums = (found[0].sum0, found[0].sum1, found[0].sum2, found[0].sum3) if found else (0, 0, 0, 0)
        if found and found[0].titles > len(rows):
            note += f" Shown are the {len(rows):,} farthest below of {found[0].titles:,}; the total is of all."
        total = ("Total", None, None, None, *map(int, sums))
        return self._table(ReportKind.LOW_STOCK, columns, rows, charted=7, note=note, total=total)

    async def stock_value(self) -> ReportTable:
        values = await stock_value(self._app, self._operator)
        rows = [
            ReportRow((one.category or _NO_CATEGORY, one.titles, one.pieces, one.at_cost, one.at_price))
            for one in sorted(values, key=lambda one: -one.at_price)
        ]
        columns = (ReportColumn("Category"), *_count("Titles", "Copies"), *_money("At cost", "At price"))
        unknown = sum(one.without_cost for one in values)
        note = f"{unknown:,} copies have no known cost." if unknown else ""
        return self._table(ReportKind.STOCK_VALUE, columns, rows, charted=4, note=note)

    # By shifts

    async def shifts(self) -> ReportTable:
        found = await list_z_reports(self._app, self._operator, (self._first, self._last), MOST_SHIFTS)
        settings = await get_settings(self._app)
        rows = [
            ReportRow(
                (
                    f"Z {row.till}-{row.number:06d}",
                    row.business_date.isoformat(),
                    row.closed_at.astimezone(settings.zone).strftime("%Y-%m-%d %H:%M"),
                    row.closed_by,
                    row.takings,
                    row.difference,
                )
            )
            for row in found
        ]
        columns = (
            ReportColumn("Z report"),
            ReportColumn("Business day"),
            ReportColumn("Closed"),
            ReportColumn("By"),
            *_money("Takings", "Over or short"),
        )
        note = "Nothing stands under over or short where the drawer was not counted."
        if len(rows) == MOST_SHIFTS:
            note = f"The newest {MOST_SHIFTS:,}. {note}"
        total = ("Total", None, None, None, *(_sum(rows, place, columns[place]) for place in (4, 5)))
        return self._table(ReportKind.SHIFTS, columns, rows, charted=0, note=note, total=total)


_MAKERS: dict[ReportKind, Callable[[_Maker], Awaitable[ReportTable]]] = {
    ReportKind.SUMMARY: _Maker.summary,
    ReportKind.MONTH: _Maker.by_month,
    ReportKind.HOUR: lambda maker: maker.by_share(ReportKind.HOUR),
    ReportKind.PERSON: lambda maker: maker.by_share(ReportKind.PERSON),
    ReportKind.TENDER: lambda maker: maker.by_share(ReportKind.TENDER),
    ReportKind.CATEGORY: lambda maker: maker.by_line(ReportKind.CATEGORY),
    ReportKind.PUBLISHER: lambda maker: maker.by_line(ReportKind.PUBLISHER),
    ReportKind.TAX: _Maker.by_tax,
    ReportKind.BESTSELLERS: _Maker.bestsellers,
    ReportKind.MARGIN: _Maker.margin,
    ReportKind.SELL_THROUGH: _Maker.sell_through,
    ReportKind.CATEGORIES: _Maker.categories,
    ReportKind.DISCOUNTS: _Maker.discounts,
    ReportKind.SLOW: _Maker.slow,
    ReportKind.LOW_STOCK: _Maker.low_stock,
    ReportKind.STOCK_VALUE: _Maker.stock_value,
    ReportKind.SHIFTS: _Maker.shifts,
}
