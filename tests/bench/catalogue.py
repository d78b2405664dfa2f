"""A shop of a million titles whose words are drawn from the real catalogue, made once and kept in build/bench."""

import asyncio
import csv
import gzip
import random
import shutil
from datetime import UTC, datetime, timedelta
from importlib import resources
from pathlib import Path
from typing import Any

import psycopg
from sqlalchemy import insert, select, text, update
from sqlalchemy.orm import Session

from pos_app import app as application
from pos_app.app import App
from pos_app.config import Config
from pos_app.demo import build_demo
from pos_app.domain.search import search_words, sort_key
from pos_app.migrate import bring_up_to_date
from pos_app.models import Book, BookSupplier, Category, StockMovement, StockReason, Supplier, table
from pos_app.models.base import BaseModel

FOLDER = Path("build") / "bench"
CHUNK = 10_000
SUPPLIERS = 8
NARROWER = "ABCDEFGHJKLMNPQRSTUV"
# Broad subjects and how many titles in a hundred have one; each has twenty narrower ones.
THEMA = {"FB": 20, "FF": 12, "FR": 10, "YF": 15, "NH": 8, "DN": 8, "WB": 5, "JP": 4, "VS": 4, "PD": 3, "AV": 1}


async def demo_app(folder: Path, url: str) -> App:
    """The demo shop in a database of either kind."""
    config = Config(folder.absolute(), url)
    await bring_up_to_date(config)
    app = application.build(config)
    await build_demo(app, lambda _done, _total, _text: None)
    return app


async def sqlite_demo() -> App:
    folder = FOLDER / "demo"
    return await demo_app(folder, f"sqlite:///{folder.absolute() / 'shop.db'}")


async def sqlite_million(titles: int) -> App:
    folder = FOLDER / f"titles-{titles}"
    if not (folder / "done").exists():
        shutil.rmtree(folder, ignore_errors=True)
    app = await demo_app(folder, f"sqlite:///{folder.absolute() / 'shop.db'}")
    if not (folder / "done").exists():
        await grow(app, titles)
        (folder / "done").touch()
    return app


def words() -> tuple[list[list[str]], list[str]]:
    """The real titles taken apart, and the real authors."""
    source = next(
        path for path in (resources.files("pos_app.demo") / "data").iterdir() if path.name.endswith(".csv.gz")
    )
    with source.open("rb") as raw, gzip.open(raw, "rt", encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    return [row["title"].split() for row in rows], [row["authors"].split(",")[0] for row in rows]


def isbn(number: int) -> str:
    """One of a thousand million ISBNs."""
    stem = f"978{number:09}"
    return f"{stem}{-sum((1, 3)[place % 2] * int(digit) for place, digit in enumerate(stem)) % 10}"


async def grow(app: App, titles: int) -> None:
    """Add titles until there are so many: each word and each author as often as in the real catalogue."""
    chance = random.Random(1)
    real, authors = words()
    pool = [word for title in real for word in title]
    start = await app.db.read(lambda session: session.execute(text("SELECT count(*), max(id) FROM books")).one())

    houses = [name.split()[-1] for name in authors[:1_500]]
    categories = await app.db.write(_sort_out)
    made_at = datetime.now(UTC) - timedelta(days=60)

    def made(number: int) -> dict[str, object]:
        title = " ".join(chance.choice(pool) for _ in range(len(chance.choice(real))))[:255]
        author = chance.choice(authors)[:255]
        publisher = f"{chance.choice(houses)} {chance.choice(('Books', 'Press', 'House', 'Verlag'))}"
        series = f"{chance.choice(pool)[:80]} Library" if chance.random() < 0.05 else None
        # As in a shop: nearly everything can be ordered, one title in 25 is on the shelf, most sell seldom.
        stock = chance.randrange(1, 12) if chance.random() < 0.04 else 0
        sold = int(chance.paretovariate(0.9)) % 5_000 if chance.random() < 0.06 else 0
        broad = chance.choices(tuple(THEMA), tuple(THEMA.values()), k=2)
        codes = [f"93:{broad[0]}{chance.choice(NARROWER)}", f"93:{broad[1]}{chance.choice(NARROWER)}"]
        codes.append(f"10:{chance.choice(('FIC', 'BIO', 'HIS', 'CKB', 'MUS'))}{chance.randrange(1, 60):03d}000")
        return {
            "id": number,
            "isbn": f"979{number:010d}" if chance.random() < 0.99 else None,
            "title": title,
            "author": author,
            "price": chance.randrange(499, 2999),
            "cost": chance.randrange(299, 1999) if chance.random() < 0.9 else None,
            "stock": stock,
            "reorder_at": chance.randrange(5) if stock else 0,
            "sold_count": sold,
            "tax_rate_id": 1,
            "category_id": chance.choice(categories) if chance.random() < 0.98 else None,
            "publisher": publisher if chance.random() < 0.95 else None,
            "series": series,
            "series_number": str(chance.randrange(1, 30)) if series else None,
            "published_on": str(chance.randrange(1950, 2026)),
            "format": chance.choices(("Paperback", "Hardback", "E-book", "Audio CD"), (60, 30, 8, 2))[0],
            "language": chance.choices(("en", "de", "fr", "es", "it", "pl"), (80, 8, 5, 4, 2, 1))[0],
            "shelf": f"{chance.choice('ABCDEFGH')}{chance.randrange(1, 40)}" if stock else None,
            "subjects": " ".join(dict.fromkeys(codes)) if chance.random() < 0.8 else None,
            "author_key": sort_key(author),
            "updated_at": made_at + timedelta(seconds=number),
            "title_key": sort_key(title),
            "search_text": search_words(title, author, publisher, series),
        }

    last = start[1] + titles - start[0]
    for first in range(start[1] + 1, last + 1, CHUNK):
        rows = [made(number) for number in range(first, min(first + CHUNK, last + 1))]

        supplied = [
            {"book_id": row["id"], "supplier_id": chance.randrange(1, SUPPLIERS + 1)}
            for row in rows
            if chance.random() < 0.2
        ]
        moved = [
            {
                "uid": app.ids.new(),
                "book_id": row["id"],
                "delta": row["stock"],
                "reason": StockReason.CORRECTION,
                "created_at": row["updated_at"],
            }
            for row in rows
            if row["stock"]
        ]
        chunk = [(Book, rows), (BookSupplier, supplied), (StockMovement, moved)]

        def act(session: Session, chunk: list[tuple[type[BaseModel], list[dict[str, Any]]]] = chunk) -> None:
            for model, made in chunk:
                session.execute(insert(table(model)), made)

        await app.db.write(act)
    await app.db.write(tidy)
    if app.db.kind == "postgresql":
        with psycopg.connect(app.config.database_url, autocommit=True) as server:
            # The rows above brought their own numbers.
            server.execute("SELECT setval(pg_get_serial_sequence('books', 'id'), %s)", (last,))
            await asyncio.to_thread(server.execute, "VACUUM books")


def _sort_out(session: Session) -> list[int]:
    """Suppliers, and a tree of categories."""
    session.execute(insert(table(Supplier)), [{"name": f"Wholesaler {number}"} for number in range(1, SUPPLIERS + 1)])
    ids = list(session.scalars(select(Category.id).order_by(Category.id)))
    session.execute(update(table(Category)).where(table(Category).c.id.in_(ids[3:6])).values(parent_id=ids[0]))
    return ids


def tidy(session: Session) -> None:
    """What a database does by itself in time, done now: statistics, and one piece of search index."""
    if session.get_bind().dialect.name == "sqlite":
        session.execute(text("INSERT INTO books_fts(books_fts) VALUES ('optimize')"))
    session.execute(text("ANALYZE"))


if __name__ == "__main__":
    asyncio.run(sqlite_million(1_000_000))
