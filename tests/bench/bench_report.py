"""A manager's reports over five years, beside one statement written by hand for the same days in the raw driver."""

import asyncio
import gc
import os
import time
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
_SCOPE = "o.business_date BETWEEN {first} AND {last} AND o.paid_at IS NOT NULL AND o.training = {no}"
_LINES = f"FROM orders o JOIN order_items i ON i.order_id = o.id WHERE {_SCOPE} AND i.gift_card IS NULL"
_OF_BOOKS = (
    "FROM orders o JOIN order_items i ON i.order_id = o.id JOIN books b ON b.id = i.book_id "
    f"WHERE {_SCOPE} AND i.gift_card IS NULL"
)
BY_HAND = {
    ReportKind.DAY: f"SELECT o.business_date, count(*), sum(o.total_amount) FROM orders o WHERE {_SCOPE} GROUP BY 1",
    ReportKind.CATEGORY: "SELECT b.category_id, sum(i.quantity), sum(i.net_amount + i.tax_amount) "
    f"{_OF_BOOKS} GROUP BY 1",
    ReportKind.BESTSELLERS: "SELECT i.book_id, sum(i.quantity), sum(i.net_amount + i.tax_amount) "
    f"{_LINES} GROUP BY 1 ORDER BY 2 DESC LIMIT 1000",
    ReportKind.MARGIN: "SELECT b.category_id, sum(i.quantity), sum(i.net_amount), "
    f"sum(coalesce(i.cost, b.cost) * i.quantity) {_OF_BOOKS} GROUP BY 1",
    ReportKind.TAX: "SELECT t.name, t.rate, sum(t.net_amount), sum(t.tax_amount) FROM orders o "
    f"JOIN order_taxes t ON t.order_id = o.id WHERE {_SCOPE} GROUP BY 1, 2",
}  # fmt: skip


async def run(app: App, orders: int) -> None:
    """Fill five years into a demo shop, then make reports of a month, a year and all of it."""
    await fill(app, orders)
    sam = Operator(3, "Sam", UserRole.MANAGER, 1, 1, app.clock.now())
    ask, close = await raw_reader(app)
    quoted = {"no": "0" if app.db.kind == "sqlite" else "false"}
    for name, first in (("a month", LAST.replace(day=1)), ("a year", date(2025, 1, 1)), ("five years", FIRST)):
        pairs = []
        for kind, statement in BY_HAND.items():
            # Takings by day are read for the year before too: the same days by hand.
            since = first.replace(year=first.year - 1) if kind is ReportKind.DAY and name != "five years" else first
            days = {"first": f"'{since.isoformat()}'", "last": f"'{LAST.isoformat()}'"}

            async def ours(kind: ReportKind = kind, first: date = first) -> object:
                return await make_report(app, sam, kind, first, LAST)

            async def by_hand(sent: str = statement.format(**days, **quoted)) -> object:
                return await ask(sent, ())

            pairs.append(await interleave(kind.words, ours, by_hand, ROUNDS, warm=1))
        size = f"{orders:,} orders, {orders * LINES:,} lines"
        report(f"Reports of {name}, {size}, {app.db.kind}, beside one statement", pairs)
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
    whole = await takings(app, sam, FIRST, LAST)
    by_day = await make_report(app, sam, ReportKind.DAY, FIRST, LAST)
    print(f"  takings {whole.takings:,} minor units, by day {by_day.total[2]:,}: {whole.takings == by_day.total[2]}")
    await close()
    await app.printing.close()
    await app.db.close()


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
    rows: dict[Any, list[dict[str, Any]]] = {Order: [], OrderItem: [], OrderTax: [], Payment: []}
    for number in numbers:
        day = FIRST + timedelta(days=number * DAYS // orders)
        order_id = 1_000_000 + number
        lines = [books[(number * 7919 + place * 104_729) % len(books)] for place in range(LINES)]
        total = sum(book.price for book in lines)
        rows[Order].append(_order(order_id, day, total))
        rows[OrderItem] += [
            {
                "order_id": order_id,
                "position": place,
                "book_id": book.id,
                "title": book.title,
                "isbn": book.isbn,
                "quantity": 1,
                "price": book.price,
                "cost": book.cost,
                "amount": book.price,
                "tax_name": "Books 0 %",
                "tax_rate": Decimal(0),
                "net_amount": book.price,
                "tax_amount": 0,
            }
            for place, book in enumerate(lines, 1)
        ]
        tax = {"name": "Books 0 %", "rate": Decimal(0), "net_amount": total, "tax_amount": 0}
        rows[OrderTax].append({"order_id": order_id, **tax})
        rows[Payment].append({"uid": f"bench-{number}", "order_id": order_id, "tender": "cash", "amount": total})
    return rows


def _order(order_id: int, day: date, total: int) -> dict[str, Any]:
    at = datetime(day.year, day.month, day.day, 9 + order_id % 9, order_id % 60, tzinfo=UTC)
    return {
        "id": order_id,
        "uid": f"bench-{order_id}",
        "content_hash": "",
        "kind": OrderKind.SALE,
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
        "net_amount": total,
        "tax_amount": 0,
        "total_amount": total,
        "item_count": LINES,
    }
