"""Pay until it is durable, beside the very same statements given to the raw driver on a copy that evolves alike."""

import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import psycopg
from sqlalchemy import event, select
from sqlalchemy.engine import make_url
from sqlalchemy.orm import Session

from pos_app import app as application
from pos_app import sqlite_library
from pos_app.app import App
from pos_app.config import Config
from pos_app.database import sqlite_driver
from pos_app.demo import build_demo
from pos_app.domain.payment import PaymentIn, Tender
from pos_app.migrate import bring_up_to_date
from pos_app.models import Book
from pos_app.services import cart, order
from pos_app.services.sign_in import sign_in
from tests.bench.harness import Sample, report
from tests.postgres import PostgresServer

ROUNDS = 200


@dataclass(frozen=True)
class Statement:
    text: str
    parameters: Any
    many: bool


class Raw(Protocol):
    def run(self, statements: list[Statement]) -> None: ...

    def close(self) -> None: ...


class RawSqlite:
    """The raw driver, with the program's own pragmas."""

    def __init__(self, path: Path) -> None:
        self._connection = sqlite_driver().connect(str(path), isolation_level=None)
        for pragma in sqlite_library.pragmas():
            self._connection.execute(pragma)

    def run(self, statements: list[Statement]) -> None:
        connection = self._connection
        connection.execute("BEGIN IMMEDIATE")
        for one in statements:
            if one.many:
                connection.executemany(one.text, one.parameters)
            else:
                connection.execute(one.text, one.parameters).fetchall()
        connection.execute("COMMIT")

    def close(self) -> None:
        self._connection.close()


class RawPostgres:
    """The raw driver on a connection that is already open."""

    def __init__(self, connection: psycopg.Connection[Any]) -> None:
        self._connection = connection

    def run(self, statements: list[Statement]) -> None:
        with self._connection.cursor() as cursor:
            for one in statements:
                if one.many:
                    cursor.executemany(one.text, one.parameters)
                else:
                    cursor.execute(one.text, one.parameters)
                    if cursor.description:
                        cursor.fetchall()
        self._connection.commit()

    def close(self) -> None:
        self._connection.close()


@contextmanager
def recorded(app: App) -> Iterator[list[Statement]]:
    """The statements that writing acts send meanwhile."""
    engine = app.db.writer
    sent: list[Statement] = []

    def keep(_connection: Any, _cursor: Any, text: str, parameters: Any, _context: Any, many: bool) -> None:  # noqa: FBT001
        if text != "BEGIN IMMEDIATE":
            sent.append(Statement(text, parameters, many))

    event.listen(engine, "before_cursor_execute", keep)
    yield sent
    event.remove(engine, "before_cursor_execute", keep)


async def measure(app: App, raw: Raw, rounds: int) -> tuple[Sample, Sample, int]:
    ana = await sign_in(app, "Ana", "1111")

    def plenty(session: Session) -> list[int]:
        return list(session.scalars(select(Book.id).where(Book.stock >= 5).limit(rounds * 2)))

    books = await app.db.read(plenty)
    ours: list[float] = []
    floor: list[float] = []
    count = 0
    for turn in range(rounds):
        with recorded(app) as preparing:
            view = await cart.open_cart(app, ana)
        raw.run(preparing)
        for place in range(3):
            with recorded(app) as preparing:
                view = await cart.add_book(app, ana, view.id, books[(turn + place * 7) % len(books)])
            raw.run(preparing)
        request = order.PayRequest.of(view, PaymentIn(app.ids.new(), Tender.CASH, view.due))
        with recorded(app) as paying:
            started = time.perf_counter()
            await order.pay(app, ana, request)
            ours.append((time.perf_counter() - started) * 1000)
        started = time.perf_counter()
        raw.run(paying)
        floor.append((time.perf_counter() - started) * 1000)
        count = len(paying)
    return Sample("pay → durable, 3 lines", ours[10:]), Sample("limit", floor[10:]), count


async def run_sqlite(folder: Path) -> None:
    shutil.rmtree(folder, ignore_errors=True)
    config = Config(folder.absolute(), f"sqlite:///{folder.absolute() / 'shop.db'}")
    await bring_up_to_date(config)
    app = application.build(config)
    await build_demo(app, lambda _done, _total, _text: None)
    await sign_in(app, "Ana", "1111")
    await app.db.close()
    shutil.copyfile(folder / "shop.db", folder / "copy.db")
    app = application.build(config)
    raw = RawSqlite(folder / "copy.db")
    ours, limit, count = await measure(app, raw, ROUNDS)
    report(f"Pay on SQLite, WAL and FULL, {count} statements", [(ours, limit)])
    raw.close()
    await app.db.close()


async def run_postgres(server: PostgresServer, folder: Path) -> None:
    url = server.create_database()
    config = Config(folder.absolute(), url)
    await bring_up_to_date(config)
    app = application.build(config)
    await build_demo(app, lambda _done, _total, _text: None)
    await sign_in(app, "Ana", "1111")
    await app.db.close()
    copy = server.create_database(make_url(url).database or "")
    app = application.build(config)
    raw = RawPostgres(psycopg.connect(copy))
    ours, limit, count = await measure(app, raw, ROUNDS)
    report(f"Pay on PostgreSQL, fsync on, {count} statements", [(ours, limit)])
    raw.close()
    await app.db.close()
