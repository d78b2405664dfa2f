"""A manager's reports over five years, beside statements written by hand for the same days in the raw driver.

Sales, returns and voids, discounts, two taxes, gift cards, cash with change and cards: what each report comes to is held
against sums over the documents themselves, to the smallest unit.
"""

import asyncio
import gc
import os
import time
from collections.abc import Awaitable, Callable
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

from sqlalchemy import insert, select, text
from sqlalchemy.orm import Session

from pos_app.app import App
from pos_app.domain.order_status import OrderKind, OrderStatus
from pos_app.domain.permission import UserRole
from pos_app.domain.sales_report import ReportKind
from pos_app.domain.tax import TaxLevel
from pos_app.models import Book, Order, OrderItem, OrderTax, Payment, table
from pos_app.services.report import takings
from pos_app.services.right import Operator
from pos_app.services.sales_overview import make_overview
from pos_app.services.sales_report import make_report
from tests.bench.bench_day import Heart, memory_kb
from tests.bench.harness import Act, interleave, report
from tests.bench.raw import raw_reader

DAYS, LINES, BATCH = 5 * 365, 3, 20_000
LAST = date(2025, 12, 31)
FIRST = LAST - timedelta(days=DAYS - 1)
ROUNDS = 3
# What some customers pay with, in minor units.
NOTE = 5_000
_SCOPE = "o.business_date BETWEEN {first} AND {last} AND o.paid_at IS NOT NULL AND o.training = {no}"
_LINES = f"FROM orders o JOIN order_items i ON i.order_id = o.id WHERE {_SCOPE} AND i.gift_card IS NULL"
_OF_BOOKS = (
    "FROM orders o JOIN order_items i ON i.order_id = o.id JOIN books b ON b.id = i.book_id "
    f"WHERE {_SCOPE} AND i.gift_card IS NULL"
)
_STOCK = (
    "SELECT category_id, count(*), sum(stock), sum(stock * price), sum(stock * cost) FROM books WHERE active GROUP BY 1"
)
_BY_CATEGORY = f"SELECT b.category_id, sum(i.quantity), sum(i.net_amount + i.tax_amount) {_OF_BOOKS} GROUP BY 1"
_BY_DAY = f"SELECT o.business_date, count(*), sum(o.total_amount) FROM orders o WHERE {_SCOPE} GROUP BY 1"
_BY_HOUR = f"SELECT {{hour}}, count(*), sum(o.total_amount) FROM orders o WHERE {_SCOPE} GROUP BY 1"
_BY_PERSON = f"SELECT o.user_id, count(*), sum(o.total_amount) FROM orders o WHERE {_SCOPE} GROUP BY 1"
_BY_TENDER = (
    "SELECT p.tender, count(*), sum(p.amount) FROM orders o JOIN payments p ON p.order_id = o.id "
    f"WHERE {_SCOPE} GROUP BY 1"
)
_BY_TAX = (
    "SELECT t.name, t.rate, sum(t.net_amount), sum(t.tax_amount) FROM orders o "
    f"JOIN order_taxes t ON t.order_id = o.id WHERE {_SCOPE} GROUP BY 1, 2"
)
_BY_KIND = (
    "SELECT o.kind, count(*), sum(o.total_amount), sum(o.net_amount), sum(o.tax_amount), sum(o.discount_amount), "
    f"sum(o.change_amount) FROM orders o WHERE {_SCOPE} GROUP BY 1"
)
_BEST = f"SELECT i.book_id, sum(i.quantity), sum(i.net_amount + i.tax_amount) {_LINES} GROUP BY 1 ORDER BY 2 DESC LIMIT 1000"
BY_HAND: dict[ReportKind, tuple[str, ...]] = {
    ReportKind.SUMMARY: (_BY_KIND, _BY_DAY, _BY_HOUR, _BY_PERSON, _BY_TENDER, _BY_TAX, _BY_CATEGORY),
    ReportKind.DAY: (_BY_DAY,),
    ReportKind.MONTH: (_BY_DAY,),
    ReportKind.HOUR: (_BY_HOUR,),
    ReportKind.PERSON: (_BY_PERSON,),
    ReportKind.TENDER: (_BY_TENDER,),
    ReportKind.TAX: (_BY_TAX,),
    ReportKind.DISCOUNTS: (
        (
            "SELECT o.user_id, o.kind, count(*), sum(o.discount_amount), sum(o.total_amount) "
            f"FROM orders o WHERE {_SCOPE} GROUP BY 1, 2"
        ),
    ),
    ReportKind.CATEGORY: (_BY_CATEGORY,),
    ReportKind.PUBLISHER: (
        f"SELECT b.publisher, sum(i.quantity), sum(i.net_amount + i.tax_amount) {_OF_BOOKS} GROUP BY 1",
    ),
    ReportKind.BESTSELLERS: (_BEST,),
    ReportKind.MARGIN: (
        (
            "SELECT b.category_id, sum(i.quantity), sum(i.net_amount), "
            f"sum(coalesce(i.cost, b.cost) * i.quantity) {_OF_BOOKS} GROUP BY 1"
        ),
    ),
    ReportKind.SELL_THROUGH: (_BY_CATEGORY, _STOCK),
    ReportKind.CATEGORIES: (_BY_CATEGORY, _STOCK),
    ReportKind.SLOW: (
        (
            "SELECT b.title, b.author, b.isbn, b.stock, b.shelf, b.stock * b.cost, count(*) OVER (), "
            "sum(b.stock) OVER (), sum(b.stock * b.cost) OVER () FROM books b WHERE b.stock > 0 AND b.active "
            "AND NOT EXISTS (SELECT 1 FROM order_items i JOIN orders o ON o.id = i.order_id "
            f"WHERE i.book_id = b.id AND i.quantity > 0 AND {_SCOPE}) ORDER BY 6 DESC LIMIT 1000"
        ),
    ),
    ReportKind.LOW_STOCK: (
        (
            "SELECT title, author, isbn, publisher, stock, reserved, reorder_at, count(*) OVER (), "
            "sum(stock) OVER (), sum(reserved) OVER (), sum(reorder_at) OVER () FROM books WHERE active AND reorder_at > 0 "
            "AND stock - reserved <= reorder_at ORDER BY stock - reserved - reorder_at, title_key LIMIT 1000"
        ),
    ),
    ReportKind.STOCK_VALUE: (_STOCK,),
}
# Of the year before too, the same days by hand.
WITH_BEFORE = (ReportKind.DAY, ReportKind.MONTH)
HOURS = {"sqlite": "strftime('%H', o.paid_at)", "postgresql": "extract(hour FROM o.paid_at)"}


async def run(app: App, orders: int) -> None:
    """Fill five years into a demo shop, then make reports of a month, a year and all of it."""
    await fill(app, orders)
    sam = Operator(3, "Sam", UserRole.MANAGER, 1, 1, app.clock.now())
    ask, close = await raw_reader(app)
    quoted = {"no": "0" if app.db.kind == "sqlite" else "false", "hour": HOURS[app.db.kind]}
    for name, first in (("a month", LAST.replace(day=1)), ("a year", date(2025, 1, 1)), ("five years", FIRST)):
        pairs = []
        for kind, statements in BY_HAND.items():
            since = first.replace(year=first.year - 1) if kind in WITH_BEFORE and name != "five years" else first
            days = {"first": f"'{since.isoformat()}'", "last": f"'{LAST.isoformat()}'"}

            async def ours(kind: ReportKind = kind, first: date = first) -> object:
                return await make_report(app, sam, kind, first, LAST)

            async def by_hand(
                sent: tuple[str, ...] = tuple(one.format(**days, **quoted) for one in statements),
            ) -> None:
                for statement in sent:
                    await ask(statement, ())

            pairs.append(await interleave(kind.words, ours, by_hand, ROUNDS, warm=1))

        async def glance(first: date = first) -> object:
            return await make_overview(app, sam, first, LAST)

        async def glance_by_hand(first: date = first) -> None:
            days = {"first": f"'{first.isoformat()}'", "last": f"'{LAST.isoformat()}'"}
            before = {"first": f"'{first.replace(year=first.year - 1).isoformat()}'", "last": days["first"]}
            sent = [(_BY_DAY, before), (_BY_KIND, days), (_BY_DAY, days), (_BY_CATEGORY, days), (_BEST, days)]
            for statement, between in sent:
                await ask(statement.format(**between, **quoted), ())

        pairs.append(await interleave("Overview", glance, glance_by_hand, ROUNDS, warm=1))
        size = f"{orders:,} orders, {orders * LINES:,} lines"
        report(f"Reports of {name}, {size}, {app.db.kind}, beside statements by hand", pairs)
    # As the window does, so that looking for garbage does not look at all that is there for good.
    gc.collect()
    gc.freeze()
    before = memory_kb()
    await beating("idle for two seconds", lambda: asyncio.sleep(2))
    for years, first in (("a year", date(2025, 1, 1)), ("five years", FIRST)):

        async def best(first: date = first) -> object:
            return await make_report(app, sam, ReportKind.BESTSELLERS, first, LAST)

        async def glance(first: date = first) -> object:
            return await make_overview(app, sam, first, LAST)

        await beating(f"bestsellers of {years}", best)
        await beating(f"overview of {years}", glance)
    gc.unfreeze()
    print(f"  memory {(memory_kb() - before) / 1024:+.1f} MB")
    await hold(app, sam, ask)
    await close()
    await app.printing.close()
    await app.db.close()


async def hold(app: App, sam: Operator, ask: Callable[[str, Any], Awaitable[Any]]) -> None:
    """Hold each report's sum against the documents and lines of five years, added up without any of the program."""

    of_days = f"o.business_date BETWEEN '{FIRST.isoformat()}' AND '{LAST.isoformat()}'"

    async def documents(figures: str, tables: str = "orders o") -> tuple[int, ...]:
        return tuple(map(int, (await ask(f"SELECT {figures} FROM {tables} WHERE {of_days}", ()))[0]))

    lines = "orders o JOIN order_items i ON i.order_id = o.id"
    (cards,) = await documents("sum(CASE WHEN i.gift_card IS NULL THEN 0 ELSE i.amount END)", lines)
    count, all_, change = await documents("count(*), sum(o.total_amount), sum(o.change_amount)")
    (paid,) = await documents("sum(p.amount)", "orders o JOIN payments p ON p.order_id = o.id")
    sold = "CASE WHEN i.gift_card IS NULL THEN {} ELSE 0 END"
    pieces, gross = await documents(
        ", ".join(f"sum({sold.format(one)})" for one in ("i.quantity", "i.net_amount + i.tax_amount")), lines
    )
    costed = sold.format("CASE WHEN coalesce(i.cost, b.cost) IS NULL THEN 0 ELSE {} END")
    figures = [costed.format(one) for one in ("i.net_amount", "coalesce(i.cost, b.cost) * i.quantity")]
    net, cost = await documents(
        ", ".join(f"sum({one})" for one in figures), f"{lines} JOIN books b ON b.id = i.book_id"
    )
    # Of books, what more was sold than came back.
    titles = (
        "SELECT sum(i.quantity) AS pieces, sum(i.net_amount + i.tax_amount) AS gross "
        f"FROM {lines} JOIN books b ON b.id = i.book_id AND b.kind = 'book' "
        f"WHERE {of_days} AND i.gift_card IS NULL GROUP BY i.book_id"
    )
    best = tuple(map(int, (await ask(f"SELECT sum(pieces), sum(gross) FROM ({titles}) t WHERE pieces > 0", ()))[0]))
    net_taxed, tax = await documents(
        "sum(t.net_amount), sum(t.tax_amount)", "orders o JOIN order_taxes t ON t.order_id = o.id"
    )
    back, void = [
        await documents(
            f"sum(CASE WHEN o.kind = '{one}' THEN 1 ELSE 0 END), "
            f"sum(CASE WHEN o.kind = '{one}' THEN o.total_amount ELSE 0 END)"
        )
        for one in ("return", "void")
    ]
    given = await documents(
        "sum(CASE WHEN o.kind = 'sale' AND o.discount_amount > 0 THEN 1 ELSE 0 END), "
        "sum(CASE WHEN o.kind = 'sale' THEN o.discount_amount ELSE 0 END)"
    )
    takings_ = (count, all_ - cards)
    expected: dict[ReportKind, dict[int, int]] = {
        **{key: dict(enumerate(takings_, 1)) for key in (ReportKind.DAY, ReportKind.MONTH, ReportKind.HOUR, ReportKind.PERSON)},
        ReportKind.TENDER: {2: paid - change},
        ReportKind.TAX: {2: net_taxed, 3: tax, 4: net_taxed + tax},
        ReportKind.CATEGORY: {1: pieces, 2: gross},
        ReportKind.PUBLISHER: {1: pieces, 2: gross},
        ReportKind.BESTSELLERS: dict(enumerate(best, 3)),
        ReportKind.MARGIN: {1: pieces, 2: net, 3: cost, 4: net - cost},
        ReportKind.SELL_THROUGH: {1: pieces},
        ReportKind.CATEGORIES: {5: pieces, 6: gross},
        ReportKind.DISCOUNTS: dict(enumerate((*given, *back, *void), 1)),
    }  # fmt: skip
    print(f"  documents {count:,}, takings {all_ - cards:,} minor units, gift cards {cards:,}, change {change:,}")
    assert gross == all_ - cards, (gross, all_, cards)
    for kind, sums in expected.items():
        made = await make_report(app, sam, kind, FIRST, LAST)
        told = {place: made.total[place] for place in sums}
        assert told == sums, (kind, told, sums)
        print(f"  {kind.words}: {', '.join(f'{one:,}' for one in sums.values())}, as the documents")
    for name, whole in (("summary", await takings(app, sam, FIRST, LAST)), ("overview", None)):
        told_ = whole.takings if whole else (await make_overview(app, sam, FIRST, LAST)).totals.takings
        assert told_ == all_ - cards, (name, told_)
        print(f"  {name}: {told_:,}, as the documents")


async def beating(name: str, act: Act) -> None:
    """How long an act takes, and how long it kept the loop meanwhile."""
    heart, started = Heart(), time.perf_counter()
    await act()
    took = time.perf_counter() - started
    heart.stop()
    stalls = f"longest stall of the loop {heart.longest:.0f} ms, of its own work {heart.longest_work:.0f} ms"
    print(f"  {name}: {took:.1f} s, {stalls}; load {os.getloadavg()[0]:.1f}", flush=True)


async def fill(app: App, orders: int) -> None:
    """Put in sales of three lines, spread evenly over the days."""
    books = await app.db.read(
        lambda session: session.execute(
            select(Book.id, Book.title, Book.isbn, Book.price, Book.cost).where(Book.tax_rate_id == 1)
        ).all()
    )
    started = time.perf_counter()
    for start in range(0, orders, BATCH):
        rows = await asyncio.to_thread(_rows, books, range(start, min(start + BATCH, orders)), orders)
        await app.db.write(lambda session, rows=rows: _insert(session, rows))  # type: ignore[misc] # bound now
    await app.db.write(lambda session: session.execute(text("ANALYZE")))
    print(f"\n{orders:,} orders were made in {time.perf_counter() - started:.0f} s")


def _insert(session: Session, rows: dict[Any, list[dict[str, Any]]]) -> None:
    for model, values in rows.items():
        session.connection().execute(insert(table(model)), values)


def _rows(books: Any, numbers: range, orders: int) -> dict[Any, list[dict[str, Any]]]:
    """Of a hundred documents four are returns and one is a void; each tenth has a discount, each two-hundredth a card."""
    rows: dict[Any, list[dict[str, Any]]] = {Order: [], OrderItem: [], OrderTax: [], Payment: []}
    for number in numbers:
        day = FIRST + timedelta(days=number * DAYS // orders)
        order_id = 1_000_000 + number
        kind = OrderKind.VOID if _one_in(100, number) else OrderKind.RETURN if _one_in(25, number) else OrderKind.SALE
        sign = 1 if kind is OrderKind.SALE else -1
        found = [books[(number * 7919 + place * 104_729) % len(books)] for place in range(LINES)]
        lines = [_line(order_id, place, book, sign, number) for place, book in enumerate(found, 1)]
        total = sum(line["amount"] for line in lines)
        taxes: dict[str, dict[str, Any]] = {}
        for line in lines:
            if line["gift_card"] is None:
                tax = taxes.setdefault(
                    line["tax_name"],
                    {
                        "order_id": order_id,
                        "name": line["tax_name"],
                        "rate": line["tax_rate"],
                        "net_amount": 0,
                        "tax_amount": 0,
                    },
                )
                tax["net_amount"] += line["net_amount"]
                tax["tax_amount"] += line["tax_amount"]
        # One in five pays with a note, and gets change.
        change = NOTE - total if sign > 0 and number % 5 == 0 and total < NOTE else 0
        rows[Order].append(_order(order_id, day, kind, lines, change))
        rows[OrderItem] += lines
        rows[OrderTax] += taxes.values()
        tender = "cash" if number % 5 == 0 or number % 2 else "card"
        paid = {"uid": f"bench-{number}", "order_id": order_id, "tender": tender, "amount": total + change}
        rows[Payment].append(paid)
    return rows


def _one_in(each: int, number: int) -> bool:
    return number % each == each // 2


def _line(order_id: int, place: int, book: Any, sign: int, number: int) -> dict[str, Any]:
    discount = book.price // 10 if _one_in(10, number) else 0
    # Each fifth title is taxed at 20 %, which its price includes.
    taxed = book.id % 5 == 0
    gross = book.price - discount
    card = f"BENCH-{number}" if _one_in(200, number) and place == LINES and sign > 0 else None
    tax = gross - round(gross * 100 / 120) if taxed and card is None else 0
    return {
        "order_id": order_id,
        "position": place,
        "book_id": book.id,
        "title": book.title,
        "isbn": book.isbn,
        "quantity": sign,
        "price": book.price,
        "cost": book.cost,
        "discount_amount": sign * discount,
        "amount": sign * gross,
        "tax_name": "Goods 20 %" if taxed else "Books 0 %",
        "tax_rate": Decimal("0.2") if taxed else Decimal(0),
        "net_amount": sign * (gross - tax),
        "tax_amount": sign * tax,
        "gift_card": card,
    }


def _order(order_id: int, day: date, kind: OrderKind, lines: list[dict[str, Any]], change: int) -> dict[str, Any]:
    at = datetime(day.year, day.month, day.day, 9 + order_id % 9, order_id % 60, tzinfo=UTC)
    return {
        "id": order_id,
        "uid": f"bench-{order_id}",
        "content_hash": "",
        "kind": kind,
        "status": OrderStatus.DELIVERED,
        "user_id": 1 + order_id % 3,
        "till_id": 1,
        "receipt_number": order_id,
        "business_date": day,
        "placed_at": at,
        "paid_at": at,
        "currency": "GBP",
        "prices_include_tax": True,
        "tax_level": TaxLevel.LINE,
        "discount_amount": sum(line["discount_amount"] for line in lines),
        "net_amount": sum(line["net_amount"] for line in lines),
        "tax_amount": sum(line["tax_amount"] for line in lines),
        "total_amount": sum(line["amount"] for line in lines),
        "change_amount": change,
        "item_count": LINES,
    }
