"""A file of new titles taken in, beside the same file only parsed and inserted by the bare driver; stalls and memory."""

import asyncio
import csv
import shutil
import time
from collections.abc import Callable, Iterator
from decimal import Decimal
from itertools import islice
from pathlib import Path

import psycopg
from sqlalchemy import insert

from pos_app import app as application
from pos_app.app import App
from pos_app.config import Config
from pos_app.database import sqlite_driver
from pos_app.migrate import bring_up_to_date
from pos_app.models import TaxRate, table
from pos_app.services.book_import import BATCH, import_books
from tests.bench import catalogue
from tests.bench.bench_day import Heart, memory_kb
from tests.postgres import PostgresServer
from ui import garbage

COLUMNS = ("isbn", "title", "author", "price", "stock", "tax_rate_id", "title_key", "search_text")
ROUNDS = 2


def write_file(path: Path, titles: int) -> None:
    """New titles made of the words of the real ones, the same on every machine."""
    real, authors = catalogue.words()
    with path.open("w", encoding="utf-8", newline="") as file:
        rows = csv.writer(file)
        rows.writerow(["isbn", "title", "author", "price"])
        for number in range(titles):
            stem = f"978{number:09}"
            check = -sum((1, 3)[place % 2] * int(digit) for place, digit in enumerate(stem)) % 10
            title = " ".join(real[number % len(real)]) + f" {number}"
            rows.writerow([f"{stem}{check}", title[:255], authors[number % len(authors)][:255], "9.99"])


async def run_sqlite(folder: Path, titles: int) -> None:
    def url(name: str) -> str:
        shutil.rmtree(folder / name, ignore_errors=True)
        (folder / name).mkdir(parents=True)
        return f"sqlite:///{(folder / name).absolute() / 'shop.db'}"

    await _run(folder, titles, url)


async def run_postgres(server: PostgresServer, folder: Path, titles: int) -> None:
    await _run(folder, titles, lambda _name: server.create_database())


async def _run(folder: Path, titles: int, url: Callable[[str], str]) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / "titles.csv"
    write_file(path, titles)
    ours: list[float] = []
    limit: list[float] = []
    kind = ""
    for turn in range(ROUNDS):
        for which in ("ours", "limit") if turn % 2 else ("limit", "ours"):
            app = await _empty_shop(folder, url(which))
            kind = app.db.kind
            if which == "ours":
                ours.append(await _take(app, path, titles))
            else:
                limit.append(await asyncio.to_thread(_bare, app, path, titles))
            await app.db.close()
    share = sum(ours) / sum(limit)
    print(f"\nImport of {titles:,} new titles from CSV, {kind}, {BATCH} a transaction, {ROUNDS} rounds each in turn")
    print(f"  rows a second: {_said(ours)}; parsed and inserted by the bare driver: {_said(limit)}; {share:.0%} of it")


def _said(rates: list[float]) -> str:
    return ", ".join(f"{rate:,.0f}" for rate in rates)


async def _empty_shop(folder: Path, url: str) -> App:
    config = Config(folder.absolute(), url)
    await bring_up_to_date(config)
    app = application.build(config)
    await app.db.write(
        lambda session: session.execute(insert(table(TaxRate)).values(name="Books 0 %", rate=Decimal(0)))
    )
    return app


async def _take(app: App, path: Path, titles: int) -> float:
    before = memory_kb()
    # As the window does.
    garbage.spare_what_lasts()
    heart = Heart()
    started = time.perf_counter()
    report = await import_books(app, path)
    passed = time.perf_counter() - started
    heart.stop()
    assert report.added == titles
    print(
        f"  {app.db.kind}: longest stall of the loop {heart.longest:.1f} ms, {heart.stalls} over 50 ms; "
        f"memory {(memory_kb() - before) / 1024:+.1f} MB",
        flush=True,
    )
    return titles / passed


def _bare(app: App, path: Path, titles: int) -> float:
    """Parse and insert, nothing else: no ISBN is checked, nothing looked up, no words are folded."""
    started = time.perf_counter()
    with path.open(encoding="utf-8", newline="") as file:
        rows = csv.reader(file)
        next(rows)
        made = ((isbn, title, author, 999, 0, 1, title, title) for isbn, title, author, _price in rows)
        if app.db.kind == "sqlite":
            connection = sqlite_driver().connect(str(app.db.path))
            connection.execute("PRAGMA journal_mode=WAL")
            connection.execute("PRAGMA synchronous=FULL")
            for batch in _batches(made):
                connection.executemany(
                    f"INSERT INTO books ({', '.join(COLUMNS)}) VALUES (?, ?, ?, ?, ?, ?, ?, ?)", batch
                )
                connection.commit()
            connection.close()
        else:
            with psycopg.connect(app.config.database_url) as server:
                for batch in _batches(made):
                    server.cursor().executemany(
                        f"INSERT INTO books ({', '.join(COLUMNS)}) VALUES (%s, %s, %s, %s, %s, %s, %s, %s)", batch
                    )
                    server.commit()
    return titles / (time.perf_counter() - started)


def _batches(rows: Iterator[tuple[object, ...]]) -> Iterator[list[tuple[object, ...]]]:
    while batch := list(islice(rows, BATCH)):
        yield batch
