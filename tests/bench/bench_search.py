"""Search as somebody types, and the page at the end of the list, beside the bare statement in the raw driver."""

from collections.abc import Awaitable, Callable
from typing import Any

import psycopg

from pos_app.app import App
from pos_app.database import sqlite_driver
from pos_app.services.book_search import BookFilter, book_anchors, last_page, page_books, suggest
from tests.bench.harness import Sample, interleave, report

QUERIES = {
    "common word": "love",
    "most common word": "the",
    "two letters": "ha",
    "one letter more": "har",
    "two words": "secret garden",
    "two common words": "the of",
    "author": "stephen king",
    "author's start": "agatha chr",
    "ISBN's start": "97801",
    "whole ISBN": "9780439023481",
    "no hit": "xyzzyplugh",
    "title in full": "harry potter and the",
}
# What a search cannot do without: finding the ids and reading their rows, once.
SQLITE_LIMIT = (
    "SELECT b.id, b.version, b.isbn, b.title, b.author, b.category_id, c.name, b.price, b.stock, b.reorder_at, b.shelf, "
    "b.active, b.title_key FROM books_fts f JOIN books b ON b.id = f.rowid LEFT JOIN categories c ON c.id = b.category_id "
    "WHERE books_fts MATCH ? LIMIT 12"
)
POSTGRES_LIMIT = (
    "SELECT b.id, b.version, b.isbn, b.title, b.author, b.category_id, c.name, b.price, b.stock, b.reorder_at, b.shelf, "
    "b.active, b.title_key FROM books b LEFT JOIN categories c ON c.id = b.category_id "
    "WHERE to_tsvector('simple'::regconfig, b.search_text) @@ to_tsquery('simple', %s) LIMIT 12"
)
LAST = "SELECT id, title, author, price, stock FROM books ORDER BY title_key DESC, id DESC LIMIT 200"


async def raw_reader(app: App) -> tuple[Callable[[str, Any], Awaitable[object]], Callable[[], Awaitable[None]]]:
    """The database asked without anything in between."""
    if app.db.kind == "sqlite":
        connection = sqlite_driver().connect(str(app.db.path))

        async def ask(statement: str, parameters: Any) -> object:
            return connection.execute(statement, parameters).fetchall()

        async def close() -> None:
            connection.close()

        return ask, close
    server = await psycopg.AsyncConnection.connect(app.config.database_url, autocommit=True)

    async def ask_server(statement: str, parameters: Any) -> object:
        return await (await server.execute(statement, parameters or None)).fetchall()

    return ask_server, server.close


async def run(app: App, title: str, rounds: int = 40) -> None:
    ask, close = await raw_reader(app)
    pairs, all_times = [], []
    for name, query in QUERIES.items():
        words = query.split()
        sqlite = app.db.kind == "sqlite"
        match = " ".join(f'"{word}"' for word in words) + "*" if sqlite else " & ".join(words) + ":*"
        statement = SQLITE_LIMIT if sqlite else POSTGRES_LIMIT

        async def ours(query: str = query) -> object:
            return await suggest(app, query)

        async def limit(match: str = match, statement: str = statement) -> object:
            return await ask(statement, (match,))

        pair = await interleave(f"search: {name}", ours, limit, rounds, warm=3)
        pairs.append(pair)
        all_times += pair[0].times

    async def end() -> object:
        return await last_page(app, BookFilter())

    async def end_limit() -> object:
        return await ask(LAST, ())

    pairs.append(await interleave("page: the last 200 rows", end, end_limit, rounds))
    anchors = await book_anchors(app, BookFilter())
    middle = anchors.keys[len(anchors.keys) * 9 // 10] if anchors.keys else None

    async def far() -> object:
        return await page_books(app, BookFilter(), after=middle, skip=anchors.step - 1)

    pairs.append(await interleave("page: 200 rows at nine tenths", far, end_limit, rounds))

    async def count() -> object:
        return await book_anchors(app, BookFilter())

    async def nothing() -> object:
        return await ask("SELECT count(*) FROM books", ())

    pairs.append(await interleave("count and anchors of the whole list", count, nothing, 3, warm=1))
    report(f"{title}: {anchors.total:,} titles, {app.db.kind}", pairs)
    searched = Sample("all searches", all_times)
    print(f"all searches: p50 {searched.p50:.2f}, p95 {searched.at(95):.2f}, p99 {searched.at(99):.2f}", flush=True)
    await close()
