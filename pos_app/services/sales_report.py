"""A manager's reports: documents summed up by what they tell, month by month, so that years can be watched and stopped.

Training is in none of them, gift cards are sold and not earned: `services.report` says why.
"""

from collections import defaultdict
from collections.abc import Awaitable, Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from functools import partial
from typing import Any, NamedTuple

from sqlalchemy import BigInteger, ColumnElement, Select, and_, case, cast, exists, func, select
from sqlalchemy.orm import InstrumentedAttribute, Session

from pos_app.app import App
from pos_app.domain.kinds import BookKind
from pos_app.domain.order_status import OrderKind
from pos_app.domain.permission import Permission
from pos_app.domain.report import Share, TaxShare
from pos_app.domain.sales_report import (
    A_YEAR,
    WITHOUT_DOCUMENTS,
    Figure,
    ReportColumn,
    ReportKind,
    ReportRow,
    ReportTable,
    a_year_before,
    months,
    share,
)
from pos_app.models import Book, Category, Order, OrderItem, OrderTax, Payment, Till, User, table
from pos_app.models.base import RATE_SCALE
from pos_app.services.order_number import receipt_text_number
from pos_app.services.report import (
    MONTHS_READ,
    Scope,
    day_scope,
    day_shares,
    hour_shares,
    people_shares,
    takings_of_months,
    tax_shares,
    tender_shares,
)
from pos_app.services.report_summary import summary_table
from pos_app.services.right import Operator, require
from pos_app.services.setting import get_settings
from pos_app.services.stock import stock_value

MOST_ROWS = 1_000
MOST_DOCUMENTS = 500
ID_SPAN = 50_000
Progress = Callable[[int, int], None]
_B, _O = table(Book).c, table(Order).c
_NO_CATEGORY, _NO_PUBLISHER = "No category", "No publisher"


@dataclass(frozen=True, slots=True)
class DocumentRow:
    """A document behind a row of a report; `total` in minor units."""

    number: str
    kind: OrderKind
    paid_at: datetime
    person: str
    total: int


class _Sold(NamedTuple):
    """What was sold of something: pieces, what they came to with and without tax, and what they cost.

    `costed_net` is the net of lines whose cost is known; `unkept` counts pieces whose cost was not kept with the line.
    """

    pieces: int = 0
    amount: int = 0
    net: int = 0
    cost: int = 0
    costed_net: int = 0
    unkept: int = 0


async def make_report(
    app: App, operator: Operator, kind: ReportKind, first: date, last: date, *, progress: Progress | None = None
) -> ReportTable:
    """Make a report over business days, both included; `progress` gets steps done and in all.

    Every step is a short statement of its own, so that tills sell on meanwhile; cancelling stops between two.
    Raises Refused("right.missing").
    """
    await app.db.read(lambda session: require(session, operator, Permission.SEE_REPORTS))
    maker = _Maker(app, operator, first, last, progress or _untold)
    return await _MAKERS[kind](maker)


async def sold_by_isbn(app: App, operator: Operator, first: date, last: date) -> list[tuple[str, int]]:
    """Give how many of each ISBN stayed sold, the most first. Raises Refused("right.missing")."""
    await app.db.read(lambda session: require(session, operator, Permission.SEE_REPORTS))
    sold = await _Maker(app, operator, first, last, _untold).sold(OrderItem.isbn, with_book=False)
    pieces = [(isbn, one.pieces) for isbn, one in sold.items() if isbn and one.pieces > 0]
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
            total = ("Total", *(_sum(rows, place, column) for place, column in enumerate(columns) if place))
        return ReportTable(kind, self._first, self._last, tuple(columns), rows, total, charted, note)

    async def _each_month(self, take: Callable[[Session, Scope], None], *ranges: tuple[date, date]) -> None:
        """Let some months at a time be looked at, more where there are years: each costs a reading of its own."""
        each = MONTHS_READ[self._app.db.kind][(self._last - self._first).days > A_YEAR]
        steps = [month for one in ranges or ((self._first, self._last),) for month in months(*one, each)]
        for done, days in enumerate(steps):
            await self._look_at(take, day_scope(*days))
            self._progress(done + 1, len(steps))

    async def _look_at(self, take: Callable[[Session, Scope], None], scope: Scope) -> None:
        await self._app.db.read(lambda session: take(session, scope))

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

    async def by_time(self, kind: ReportKind) -> ReportTable:
        before = (a_year_before(self._first), a_year_before(self._last))
        # The same days a year before, unless that is among what is asked for anyway.
        ranges = [before] if before[1] < self._first else [(before[0], date.fromordinal(self._first.toordinal() - 1))]
        days = await self._shares(day_shares, *ranges, (self._first, self._last))
        keyed = {date.fromisoformat(name): one for name, one in days.items()}
        length = 7 if kind is ReportKind.MONTH else 10
        now: defaultdict[str, list[int]] = defaultdict(lambda: [0, 0])
        then: defaultdict[str, int] = defaultdict(int)
        for number in range(self._first.toordinal(), self._last.toordinal() + 1):
            day = date.fromordinal(number)
            name = day.isoformat()[:length]
            if (one := keyed.get(day)) is not None:
                now[name][0] += one.count
                now[name][1] += one.amount
            elif kind is ReportKind.DAY or name not in now:
                now[name] = now[name]
            past = keyed.get(a_year_before(day))
            # A leap day has no day of its own a year before.
            if past is not None and (day.month, day.day) != (2, 29):
                then[name] += past.amount
        rows = [
            ReportRow((name, count, amount, then[name], share(amount - then[name], then[name])), name)
            for name, (count, amount) in now.items()
        ]
        count, amount = (sum(one[place] for one in now.values()) for place in (0, 1))
        before_amount = sum(then.values())
        columns = (
            ReportColumn("Day" if kind is ReportKind.DAY else "Month"),
            *_count("Documents"),
            *_money("Takings", "A year before"),
            _percent("Change"),
        )
        total = ("Total", count, amount, before_amount, share(amount - before_amount, before_amount))
        return self._table(kind, columns, rows, charted=2, total=total)

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
            ReportRow((one.name, Decimal(one.rate) / RATE_SCALE, one.net, one.tax, one.net + one.tax), one.name)
            for _, one in sorted(sums.items(), key=lambda both: both[0][1])
        ]
        columns = (ReportColumn("Tax"), _percent("Rate"), *_money("Net", "Tax", "Gross"))
        return self._table(ReportKind.TAX, columns, rows, charted=3)

    # By lines

    async def sold(self, key: ColumnElement[Any] | InstrumentedAttribute[Any], *, with_book: bool) -> dict[Any, _Sold]:
        """What was sold by a key of a line or its title."""
        sums: dict[Any, Sequence[int]] = {}
        cost = func.coalesce(OrderItem.cost, _B.cost) if with_book else OrderItem.cost
        net = OrderItem.net_amount
        figures = (
            OrderItem.quantity,
            net + OrderItem.tax_amount,
            net,
            func.coalesce(cost, 0) * OrderItem.quantity,
            case((cost.is_(None), 0), else_=net),
            case((OrderItem.cost.is_(None), OrderItem.quantity), else_=0),
        )
        query = (
            select(key, *(cast(func.sum(figure), BigInteger) for figure in figures))
            .join_from(Order, OrderItem, OrderItem.order_id == Order.id)
            .group_by(key)
        )
        if with_book:
            query = query.join(table(Book), _B.id == OrderItem.book_id)

        def take(session: Session, scope: Scope) -> None:
            # A month may tell of every title there is: added up in the plainest way.
            for name, *added in session.execute(query.where(scope, OrderItem.gift_card.is_(None))):
                before = sums.get(name)
                sums[name] = added if before is None else [one + two for one, two in zip(before, added, strict=True)]

        await self._each_month(take)
        return {name: _Sold(*summed) for name, summed in sums.items()}

    async def _category_names(self) -> dict[int | None, str]:
        rows = await self._app.db.read(lambda session: session.execute(select(Category.id, Category.name)).all())
        return {None: _NO_CATEGORY} | {row.id: row.name for row in rows}

    async def by_line(self, kind: ReportKind) -> ReportTable:
        if kind is ReportKind.CATEGORY:
            sold = await self.sold(_B.category_id, with_book=True)
            names = await self._category_names()
            keyed = [(names.get(key, _NO_CATEGORY), key if key is not None else 0, one) for key, one in sold.items()]
        else:
            sold = await self.sold(_B.publisher, with_book=True)
            keyed = [(key or _NO_PUBLISHER, key or "", one) for key, one in sold.items()]
        whole = sum(one.amount for *_, one in keyed)
        rows = [
            ReportRow((name, one.pieces, one.amount, share(one.amount, whole)), key)
            for name, key, one in sorted(keyed, key=lambda row: (-row[2].amount, row[0]))
        ]
        columns = (ReportColumn(kind.value.capitalize()), *_count("Pieces"), *_money("Takings"), _percent("Share"))
        return self._table(kind, columns, rows, charted=2, note="Without cash rounding, which belongs to no line.")

    async def bestsellers(self) -> ReportTable:
        sold = await self.sold(OrderItem.book_id, with_book=False)
        best = sorted(sold, key=lambda key: (-sold[key].pieces, -sold[key].amount, key))
        books: dict[int, Any] = {}
        for start in range(0, len(best), MOST_ROWS):
            books |= await self._books(best[start : start + MOST_ROWS])
            if len(books) >= MOST_ROWS:
                break
        best = [key for key in best if key in books and sold[key].pieces > 0][:MOST_ROWS]
        rows = [
            ReportRow(
                (
                    books[key].title,
                    books[key].author,
                    books[key].isbn or "",
                    sold[key].pieces,
                    sold[key].amount,
                    books[key].stock,
                ),
                key,
            )
            for key in best
        ]
        columns = (
            ReportColumn("Title"),
            ReportColumn("Author"),
            ReportColumn("ISBN"),
            *_count("Pieces"),
            *_money("Takings"),
            *_count("In stock"),
        )
        note = "Books only: other goods stand among the sales by category."
        if len(rows) == MOST_ROWS:
            note += f" The first {MOST_ROWS:,}, and so is the total."
        return self._table(ReportKind.BESTSELLERS, columns, rows, charted=3, note=note)

    async def _books(self, ids: Sequence[int]) -> dict[int, Any]:
        """Those of some titles that are books."""
        query = select(_B.id, _B.title, _B.author, _B.isbn, _B.stock).where(_B.kind == BookKind.BOOK, _B.id.in_(ids))
        found = await self._app.db.read(lambda session: session.execute(query).all())
        return {row.id: row for row in found}

    async def margin(self) -> ReportTable:
        sold = await self.sold(_B.category_id, with_book=True)
        names = await self._category_names()
        ordered = sorted(sold, key=lambda key: sold[key].cost - sold[key].costed_net)

        def cells(name: str, one: _Sold) -> tuple[Any, ...]:
            earned = one.costed_net - one.cost
            return (name, one.pieces, one.costed_net, one.cost, earned, share(earned, one.costed_net))

        rows = [
            ReportRow(cells(names.get(key, _NO_CATEGORY), sold[key]), key if key is not None else 0) for key in ordered
        ]
        whole = _Sold(*(sum(figures) for figures in zip(*sold.values(), strict=True)))
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
        sold = await self.sold(_B.category_id, with_book=True)
        stock, names = await self._stock_by_category(), await self._category_names()
        pairs = [
            (names.get(key, _NO_CATEGORY), key, sold.get(key, _Sold()).pieces, stock.get(key, (0, 0, 0, 0))[2])
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
        sold = await self.sold(_B.category_id, with_book=True)
        stock, names = await self._stock_by_category(), await self._category_names()
        rows = []
        for key, name in sorted(names.items(), key=lambda both: both[1]):
            if key in sold or key in stock:
                one = sold.get(key, _Sold())
                cells = (name, *stock.get(key, (0, 0, 0, 0)), one.pieces, one.amount)
                rows.append(ReportRow(cells, key if key is not None else 0))
        columns = (
            ReportColumn("Category"),
            *_count("Titles", "In stock", "Copies"),
            *_money("At price"),
            *_count("Sold"),
            *_money("Takings"),
        )
        return self._table(ReportKind.CATEGORIES, columns, rows, charted=6)

    async def discounts(self) -> ReportTable:
        sums: defaultdict[str, list[int]] = defaultdict(lambda: [0] * 6)
        given = Order.kind.in_((OrderKind.SALE, OrderKind.CUSTOMER_ORDER, OrderKind.EXCHANGE))
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
            *_count("Sales with discount"),
            *_money("Discounts"),
            *_count("Returns, exchanges"),
            *_money("Paid back"),
            *_count("Voids"),
            *_money("Voided"),
        )
        note = "What an exchange settled is in the takings, not among what was paid back."
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
        worth = (_B.stock * func.coalesce(_B.cost, _B.price)).label("worth")
        query = (
            select(_B.id, _B.title, _B.author, _B.isbn, _B.stock, _B.shelf, worth, _B.created_at)
            .add_columns(*_of_all(_B.stock, worth))
            .where(_B.stock > 0, _B.active, _B.kind == BookKind.BOOK, ~sold)
            .order_by(worth.desc())
            .limit(MOST_ROWS)
        )
        highest = await self._app.db.read(lambda session: session.scalar(select(func.max(_B.id))) or 0)
        found: list[Any] = []
        count, pieces, value = 0, 0, 0
        for start in range(0, highest + 1, ID_SPAN):
            span = query.where(_B.id >= start, _B.id < start + ID_SPAN)
            some = await self._app.db.read(partial(_rows, query=span))
            if some:
                count, pieces, value = (count + some[0].titles, pieces + int(some[0].sum0), value + int(some[0].sum1))
            found = sorted([*found, *some], key=lambda row: (-row.worth, row.id))[:MOST_ROWS]
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


_MAKERS: dict[ReportKind, Callable[[_Maker], Awaitable[ReportTable]]] = {
    ReportKind.SUMMARY: _Maker.summary,
    ReportKind.DAY: lambda maker: maker.by_time(ReportKind.DAY),
    ReportKind.MONTH: lambda maker: maker.by_time(ReportKind.MONTH),
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
}


async def list_documents(
    app: App, operator: Operator, kind: ReportKind, key: str | int, first: date, last: date
) -> list[DocumentRow]:
    """Give the documents behind a row of a report, the newest first, five hundred at most.

    Raises Refused("right.missing").
    """
    if kind in WITHOUT_DOCUMENTS:
        return []
    zone = (await get_settings(app)).zone
    query = (
        select(_O.receipt_number, _O.kind, _O.paid_at, User.username, _O.total_amount, Till.number)
        .join(User, User.id == _O.user_id)
        .join(Till, Till.id == _O.till_id)
        .where(day_scope(first, last), _behind(kind, key))
        .order_by(Order.business_date.desc(), Order.id.desc())
    )

    def act(session: Session) -> list[DocumentRow]:
        require(session, operator, Permission.SEE_REPORTS)
        found: list[DocumentRow] = []
        # The hour is the shop's, which databases do not know.
        rows = session.execute(query if kind is ReportKind.HOUR else query.limit(MOST_DOCUMENTS))
        for number, what, paid_at, person, total, till in rows:
            if kind is ReportKind.HOUR and paid_at.astimezone(zone).hour != int(key):
                continue
            found.append(DocumentRow(receipt_text_number(till, number), what, paid_at, person, total))
            if len(found) == MOST_DOCUMENTS:
                break
        return found

    return await app.db.read(act)


def _behind(kind: ReportKind, key: str | int) -> ColumnElement[bool]:
    """The condition that a document is behind a row."""
    of_line = and_(OrderItem.order_id == Order.id, OrderItem.gift_card.is_(None))
    of_book = and_(of_line, _B.id == OrderItem.book_id)
    match kind:
        case ReportKind.DAY:
            return Order.business_date == date.fromisoformat(str(key))
        case ReportKind.MONTH:
            first = date.fromisoformat(f"{key}-01")
            last = next(months(first, date.max))[1]
            return Order.business_date.between(first, last)
        case ReportKind.PERSON | ReportKind.DISCOUNTS:
            return User.username == key
        case ReportKind.TENDER:
            return exists().where(Payment.order_id == Order.id, Payment.tender == key)
        case ReportKind.TAX:
            return exists().where(OrderTax.order_id == Order.id, OrderTax.name == key)
        case ReportKind.BESTSELLERS:
            return exists().where(of_line, OrderItem.book_id == key)
        case ReportKind.PUBLISHER:
            return exists().where(of_book, _B.publisher == key if key else _B.publisher.is_(None))
        case ReportKind.CATEGORY | ReportKind.MARGIN | ReportKind.SELL_THROUGH | ReportKind.CATEGORIES:
            return exists().where(of_book, _B.category_id == key if key else _B.category_id.is_(None))
        case _:
            return Order.id.is_not(None)
