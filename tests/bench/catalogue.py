"""A shop of a million titles whose words are drawn from the real catalogue, made once and kept in build/bench."""

import asyncio
import csv
import gzip
import random
import shutil
from importlib import resources
from pathlib import Path

from sqlalchemy import insert, text
from sqlalchemy.orm import Session

from pos_app import app as application
from pos_app.app import App
from pos_app.config import Config
from pos_app.demo import build_demo
from pos_app.domain.search import fold, sort_key
from pos_app.migrate import bring_up_to_date
from pos_app.models import Book, table

FOLDER = Path("build") / "bench"
CHUNK = 10_000


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


async def grow(app: App, titles: int) -> None:
    """Add titles until there are so many: each word and each author as often as in the real catalogue."""
    chance = random.Random(1)
    real, authors = words()
    pool = [word for title in real for word in title]
    start = await app.db.read(lambda session: session.execute(text("SELECT count(*), max(id) FROM books")).one())

    def made(number: int) -> dict[str, object]:
        title = " ".join(chance.choice(pool) for _ in range(len(chance.choice(real))))[:255]
        author = chance.choice(authors)[:255]
        return {
            "id": number,
            "isbn": f"979{number:010d}",
            "title": title,
            "author": author,
            "price": chance.randrange(499, 2999),
            "stock": 0,
            "tax_rate_id": 1,
            "category_id": chance.randrange(1, 6),
            "title_key": sort_key(title),
            "search_text": fold(f"{title} {author}"),
        }

    last = start[1] + titles - start[0]
    for first in range(start[1] + 1, last + 1, CHUNK):
        rows = [made(number) for number in range(first, min(first + CHUNK, last + 1))]

        def act(session: Session, rows: list[dict[str, object]] = rows) -> None:
            session.execute(insert(table(Book)), rows)

        await app.db.write(act)
    await app.db.write(tidy)


def tidy(session: Session) -> None:
    """What a database does by itself in time, done now: statistics, and one piece of search index."""
    if session.get_bind().dialect.name == "sqlite":
        session.execute(text("INSERT INTO books_fts(books_fts) VALUES ('optimize')"))
    session.execute(text("ANALYZE"))


if __name__ == "__main__":
    asyncio.run(sqlite_million(1_000_000))
