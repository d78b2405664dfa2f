"""Lists of books in any order and with any filter, beside the same statements in the raw driver, and the naive way."""

import time
from datetime import UTC, datetime, timedelta
from typing import Any

from pos_app.app import App
from pos_app.domain.kinds import Missing, StockState
from pos_app.services.book_filter import BookFilter
from pos_app.services.book_list import (
    PAGE_SIZE,
    ListOrder,
    SortBy,
    measure_list,
    open_list,
    place_of,
    rows_at,
    values_of,
)
from tests.bench.harness import Sample, report
from tests.bench.raw import against_raw, joined, raw_reader

JUMPS = (0, 250_000, 500_000, 750_000, 900_000, 999_700)
FAR = 900_000
LETTERS = (
    SortBy.MATCH, SortBy.TITLE, SortBy.AUTHOR, SortBy.CATEGORY, SortBy.PUBLISHER, SortBy.SERIES, SortBy.FORMAT,
    SortBy.LANGUAGE, SortBy.SHELF,
)  # fmt: skip
NAIVE = "SELECT * FROM books ORDER BY {0} LIMIT 200 OFFSET " + str(FAR)

# What somebody would sort by who has no keys.
COLUMNS = {SortBy.TITLE: "title", SortBy.AUTHOR: "author", SortBy.PRICE: "price", SortBy.SOLD: "sold_count DESC"}


async def filters(app: App) -> dict[str, BookFilter]:
    publisher = (await values_of(app, SortBy.PUBLISHER, "M"))[0]
    return {
        "in stock": BookFilter(in_stock=True),
        "low": BookFilter(state=StockState.LOW),
        "out": BookFilter(state=StockState.OUT),
        "price, 2 in 10": BookFilter(min_price=1000, max_price=1500),
        "price, 3 in 1,000": BookFilter(max_price=505),
        "category and below": BookFilter(category_id=1),
        "one category": BookFilter(category_id=7),
        "publisher": BookFilter(publisher=publisher),
        "format, 6 in 10": BookFilter(format="Paperback"),
        "format, 2 in 100": BookFilter(format="Audio CD"),
        "language, 1 in 100": BookFilter(language="pl"),
        "supplier": BookFilter(supplier_id=3),
        "subject, 3 in 10": BookFilter(subject="93:FB"),
        "subject, 2 in 100": BookFilter(subject="93:AV"),
        "subject, 1 in 1,000": BookFilter(subject="93:AVA"),
        "subject, 6 in 10": BookFilter(subject="93:F"),
        "changed": BookFilter(changed_since=datetime.now(UTC) - timedelta(days=49)),
        **{f"no {missing.value}": BookFilter(missing=missing) for missing in Missing},
    }


def pairs() -> dict[str, BookFilter]:
    """Two or three things at once, of which each passes many titles and all together few, and words beside."""
    return {
        "in stock, category and below": BookFilter(in_stock=True, category_id=1),
        "in stock, one category": BookFilter(in_stock=True, category_id=7),
        "in stock, supplier": BookFilter(in_stock=True, supplier_id=3),
        "in stock, subject 6 in 10": BookFilter(in_stock=True, subject="93:F"),
        "in stock, subject 2 in 100": BookFilter(in_stock=True, subject="93:AV"),
        "in stock, language 8 in 10": BookFilter(in_stock=True, language="en"),
        "in stock, on sale, price": BookFilter(in_stock=True, on_sale=True, min_price=1000, max_price=1500),
        "low, paperback": BookFilter(state=StockState.LOW, format="Paperback"),
        "category, language 1 in 100": BookFilter(category_id=1, language="pl"),
        "category, language 8 in 100": BookFilter(category_id=7, language="de"),
        "subject 3 in 10, language 8 in 100": BookFilter(subject="93:FB", language="de"),
        "supplier, no cost": BookFilter(supplier_id=3, missing=Missing.COST),
        "a common word, subject 6 in 10": BookFilter(text="love", subject="93:F"),
        "a common word, subject 1 in 1,000": BookFilter(text="love", subject="93:AVA"),
        "two words, in stock, category": BookFilter(text="the king", in_stock=True, category_id=7),
        "a rare word, subject 3 in 10": BookFilter(text="hamlet", subject="93:FB"),
    }


async def run(app: App, title: str, rounds: int = 12) -> None:
    ask, close = await raw_reader(app)
    firsts, jumps, typed, narrowed, naive = [], [], [], [], []
    for by in SortBy:
        order = ListOrder(by, descending=by in (SortBy.SOLD, SortBy.CHANGED))

        async def first(order: ListOrder = order) -> object:
            return await open_list(app, BookFilter(), order)

        firsts.append(await against_raw(app, f"first page by {by.value}", first, ask, rounds))
        whole = await measure_list(app, (await open_list(app, BookFilter(), order))[0])
        for row in JUMPS:

            async def jump(row: int = row, whole: Any = whole) -> object:
                return await rows_at(app, whole, row)

            jumps.append(await against_raw(app, f"by {by.value}, row {row:,}", jump, ask, 4))
            if row == FAR and by in COLUMNS:
                started = time.perf_counter()
                await ask(NAIVE.format(COLUMNS[by]), ())
                naive.append((jumps[-1][0], Sample("", [(time.perf_counter() - started) * 1000])))
        if by in LETTERS:

            async def letters(whole: Any = whole) -> object:
                return await place_of(app, whole, "m")

            typed.append(await against_raw(app, f"m typed, by {by.value}", letters, ask, 4))
    together, within = [], []
    singles = await filters(app)
    for name, wanted in (singles | pairs()).items():
        # Every order of a single filter; of several four, which go along different indexes.
        for by in SortBy if name in singles else (SortBy.TITLE, SortBy.PRICE, SortBy.AUTHOR, SortBy.SOLD):

            async def narrow(wanted: BookFilter = wanted, by: SortBy = by) -> object:
                return await open_list(app, wanted, ListOrder(by, descending=by is SortBy.SOLD))

            asked = narrowed if name in singles else together
            asked.append(await against_raw(app, f"{name} by {by.value}", narrow, ask, 2 if name in singles else 4))
        if name in singles:
            some = await measure_list(app, (await open_list(app, wanted))[0])
            for part in (3, 7, 10):

                async def inside(some: Any = some, part: int = part) -> object:
                    return await rows_at(app, some, max((some.total or 0) * part // 10 - PAGE_SIZE, 0))

                within.append(await against_raw(app, f"{name}, at {part} in 10", inside, ask, 2))
    slowest = [pair for each in (narrowed, together) for pair in sorted(each, key=lambda one: -one[0].p50)[:6]]
    summary = [
        joined("first page, 18 orders", firsts),
        joined("jumps, 18 orders", jumps),
        joined("a letter typed, 9 orders", typed),
        joined(f"{len(singles)} filters, 18 orders", narrowed),
        joined("jumps in them", within),
        joined("two or three filters, or one and words", together),
    ]
    report(f"{title}, {app.db.kind}: lists beside the same statements in the raw driver", summary + slowest)
    report(f"Jumps to row {FAR:,} beside the naive way, OFFSET", [joined(f"{len(naive)} orders", naive)])
    await close()
