"""Files of new titles taken in, beside the same files only parsed and inserted by the bare driver; stalls and memory."""

import asyncio
import csv
import json
import shutil
import time
from collections.abc import Callable, Iterator
from decimal import Decimal
from itertools import islice
from pathlib import Path
from typing import Any
from xml.etree.ElementTree import iterparse

import psycopg
from sqlalchemy import insert

from pos_app import app as application
from pos_app import sqlite_library
from pos_app.app import App
from pos_app.config import Config
from pos_app.database import sqlite_driver
from pos_app.migrate import bring_up_to_date
from pos_app.models import TaxRate, table
from pos_app.services.book_import import BATCH, import_books
from tests.bench import catalogue
from tests.bench.bench_day import Heart, memory_kb
from tests.bench.onix_file import write_message
from tests.postgres import PostgresServer
from ui import garbage

# What the import writes of such files; no words are folded, which saves the bare driver nothing to store.
COLUMNS = (
    "isbn", "title", "author", "price", "title_key", "author_key", "search_text", "publisher", "published_on", "format",
    "language", "series", "series_number", "description", "stock", "reserved", "reorder_at", "sold_count", "version", "tax_rate_id",
    "kind", "active", "open_price",
)  # fmt: skip
SAME = (0, 0, 0, 0, 1, 1, "book", True, False)
# Five hundred beats a second would take a third of what the import itself does.
BEAT_S = 0.02
NAMESPACE = "{http://ns.editeur.org/onix/3.0/reference}"
PLACES = tuple(
    path.replace("/", f"/{NAMESPACE}").replace(f"./{NAMESPACE}", NAMESPACE, 1)
    for path in (
        "./DescriptiveDetail/TitleDetail/TitleElement/TitleText",
        "./DescriptiveDetail/Contributor/PersonName",
        "./PublishingDetail/Publisher/PublisherName",
        "./PublishingDetail/PublishingDate/Date",
        "./DescriptiveDetail/ProductForm",
        "./DescriptiveDetail/Language/LanguageCode",
        "./DescriptiveDetail/Collection/TitleDetail/TitleElement/TitleText",
        "./DescriptiveDetail/Collection/TitleDetail/TitleElement/PartNumber",
        "./ProductSupply/SupplyDetail/Price/PriceAmount",
    )
)
ABOUT = "/".join(f"{NAMESPACE}{name}" for name in ("CollateralDetail", "TextContent", "Text"))
Row = tuple[object, ...]


def write_file(path: Path, titles: int) -> None:
    """New titles made of the words of the real ones, the same on every machine."""
    real, authors = catalogue.words()
    with path.open("w", encoding="utf-8", newline="") as file:
        rows = csv.writer(file)
        rows.writerow(["isbn", "title", "author", "price"])
        for number in range(titles):
            title = " ".join(real[number % len(real)]) + f" {number}"
            rows.writerow([catalogue.isbn(number), title[:255], authors[number % len(authors)][:255], "9.99"])


def bare_csv(path: Path) -> Iterator[Row]:
    """Parse, nothing else."""
    with path.open(encoding="utf-8", newline="") as file:
        rows = csv.reader(file)
        next(rows)
        for isbn, title, author, _price in rows:
            yield (isbn, title, author, 999, title, author, f"{title} {author}", *(None,) * 7, *SAME)


def bare_onix(path: Path) -> Iterator[Row]:
    """Parse, in C, and take the same fields from where this file has them."""
    parsed: Any = iterparse(path, ("start", "end"))
    _, root = next(parsed)
    for event, element in parsed:
        if event == "end" and element.tag == f"{NAMESPACE}Product":
            yield _bare_product(element)
            root.clear()


def _bare_product(product: Any) -> Row:
    isbn = next(
        one.findtext(f"{NAMESPACE}IDValue")
        for one in product.iterfind(f"{NAMESPACE}ProductIdentifier")
        if one.findtext(f"{NAMESPACE}ProductIDType") == "15"
    )
    title, author, publisher, date, form, language, series, number, price = map(product.findtext, PLACES)
    cents = int((price or "0").replace(".", ""))
    found = f"{title} {author} {publisher}"
    told = (publisher, date, form, language, series, number, "".join(product.find(ABOUT).itertext()))
    return (isbn, title, author, cents, title, author, found, *told, *SAME)


KINDS: dict[str, tuple[Callable[[Path, int], None], Callable[[Path], Iterator[Row]]]] = {
    "csv": (write_file, bare_csv),
    "onix": (write_message, bare_onix),
}


async def run_sqlite(folder: Path, titles: int, kinds: tuple[str, ...] = tuple(KINDS), rounds: int = 2) -> None:
    def url(name: str) -> str:
        shutil.rmtree(folder / name, ignore_errors=True)
        (folder / name).mkdir(parents=True)
        return f"sqlite:///{(folder / name).absolute() / 'shop.db'}"

    for kind in kinds:
        await _run(folder, titles, kind, url, rounds)


async def run_postgres(
    server: PostgresServer, folder: Path, titles: int, kinds: tuple[str, ...] = tuple(KINDS), rounds: int = 2
) -> None:
    for kind in kinds:
        await _run(folder, titles, kind, lambda _name: server.create_database(), rounds)


async def _run(folder: Path, titles: int, kind: str, url: Callable[[str], str], rounds: int) -> None:
    """Ten rows of a table for one product of a message, which holds as much as that."""
    folder.mkdir(parents=True, exist_ok=True)
    count = titles if kind == "csv" else max(titles // 10, 1)
    path = folder / f"titles.{kind}"
    write, parse = KINDS[kind]
    await asyncio.to_thread(write, path, count)
    ours: list[float] = []
    limit: list[float] = []
    database = ""
    for turn in range(rounds):
        for which in ("ours", "limit") if turn % 2 else ("limit", "ours"):
            app = await _empty_shop(folder, url(which))
            database = app.db.kind
            if which == "ours":
                ours.append(await _take(app, path, count))
            else:
                limit.append(await asyncio.to_thread(_bare, app, parse(path), count))
                print(f"  {database}, bare: {limit[-1]:,.0f} rows a second", flush=True)
            await app.db.close()
    share = sum(ours) / sum(limit)
    print(f"\nImport of {count:,} new titles from {kind}, {database}, {BATCH} a transaction, {rounds} rounds in turn")
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
    # As the window does.
    garbage.spare_what_lasts()
    # What the program holds, at each twentieth of the file.
    held: list[int] = []
    heart = Heart(BEAT_S)
    started = time.perf_counter()

    def progress(done: int, total: int) -> None:
        if done * 20 >= total * (len(held) + 1):
            held.append(memory_kb() // 1024)

    report = await import_books(app, path, progress=progress)
    passed = time.perf_counter() - started
    heart.stop()
    assert report.added == titles, report
    print(
        f"  {app.db.kind}: {titles / passed:,.0f} rows a second; "
        f"longest stall of the loop {heart.longest:.1f} ms, {heart.stalls} over 50 ms "
        f"(of its own work {heart.longest_work:.1f} ms, {heart.work_stalls}); "
        f"memory {held[0]} MB after a twentieth, {max(held)} MB at most, {held[-1]} MB in the end",
        flush=True,
    )
    return titles / passed


def _bare(app: App, rows: Iterator[Row], titles: int) -> float:
    """Insert what is parsed in the fastest way each driver has, with as many commits and as durable."""
    started = time.perf_counter()
    names = ", ".join(COLUMNS)
    if app.db.kind == "sqlite":
        connection = sqlite_driver().connect(str(app.db.path), isolation_level=None)
        for pragma in sqlite_library.pragmas():
            connection.execute(pragma)
        values = ", ".join(f"json_extract(value, '$[{place}]')" for place in range(len(COLUMNS)))
        for batch in _batches(rows):
            connection.execute("BEGIN IMMEDIATE")
            # Faster by a third than executemany, which gives the interpreter away at every row.
            connection.execute(f"INSERT INTO books ({names}) SELECT {values} FROM json_each(?)", (json.dumps(batch),))
            connection.execute("COMMIT")
        connection.close()
    else:
        with psycopg.connect(app.config.database_url) as server:
            for batch in _batches(rows):
                with server.cursor().copy(f"COPY books ({names}) FROM STDIN") as copy:
                    for row in batch:
                        copy.write_row(row)
                server.commit()
    return titles / (time.perf_counter() - started)


def _batches(rows: Iterator[Row]) -> Iterator[list[Row]]:
    while batch := list(islice(rows, BATCH)):
        yield batch
