"""Many tills at once: all invariants afterwards, and sales a second beside the same statements without the program."""

import asyncio
import json
import os
import random
import re
import shutil
import subprocess
import sys
import time
from collections import Counter
from contextlib import closing
from dataclasses import asdict
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import psycopg
from sqlalchemy import insert, update
from sqlalchemy.engine import make_url
from sqlalchemy.orm import Session

from pos_app import app as application
from pos_app import sqlite_library
from pos_app.config import Config
from pos_app.database import sqlite_driver
from pos_app.domain.payment import PaymentIn, Tender
from pos_app.domain.shop import StockPolicy
from pos_app.migrate import bring_up_to_date
from pos_app.models import Book, StockMovement, StockReason, Till
from pos_app.services import cart, order
from pos_app.services.sign_in import sign_in
from tests.bench.bench_pay import Statement, recorded
from tests.bench.harness import Sample
from tests.bench.sale_script import MILLION, RECEIPTS, SEQUENCES, STARTS, Recording, Replay, pgbench_script
from tests.faults.campaign import ROOT, Shop, judge, make_shop
from tests.faults.diary import entries
from tests.postgres import Cluster, own_cluster

HOT, TITLES = 10, 210
# Titles of the ten that run out, and how many copies there are: what is refused at the end must have been sold.
SCARCE, COPIES = 2, 40
MIXED = ["three", "return", "order", "edit", "receive", "close"]
TURN_S = 30
# A till writes each of its statements once a day: that is over before a turn is measured.
WARM_S = 20
# Until which all processes of the driver alone are there and connected.
READY_S = 10


def made_shop(config: Config, diaries: Path, tills: int) -> Shop:
    """A shop whose ids tell which table they are of, with ten hot titles and two hundred others."""
    asyncio.run(bring_up_to_date(config))
    begin_at(config, tuple(STARTS))
    shop = make_shop(config, diaries, tills, policy=StockPolicy.STRICT)
    opening = asyncio.run(_stocked(shop))
    if config.database_url.startswith("sqlite"):
        _drop_beginnings(config)
    return Shop(config, diaries, tills, shop.people, sorted(opening), shop.supplier, opening)


def begin_at(config: Config, tables: tuple[str, ...]) -> None:
    """Let the ids of each table begin in a million of its own; a file counts on from its largest, so it gets one."""
    if config.database_url.startswith("postgresql"):
        with psycopg.connect(config.database_url) as server:
            for table in tables:
                server.execute(f"ALTER SEQUENCE {table}_id_seq RESTART WITH {STARTS[table] * MILLION + 1}")
        return
    with closing(sqlite_driver().connect(config.data_dir / "shop.db", isolation_level=None)) as file:
        file.execute("PRAGMA ignore_check_constraints=ON")
        for table in tables:
            needed = [
                row for row in file.execute(f"PRAGMA table_xinfo({table})") if row[3] and row[4] is None and not row[6]
            ]
            names = [row[1] for row in needed if row[1] != "id"]
            values = [
                f"'begin {table}'" if "CHAR" in row[2] or "TEXT" in row[2] else "0" for row in needed if row[1] != "id"
            ]
            file.execute(
                f"INSERT INTO {table} ({', '.join(['id', *names])}) VALUES ({STARTS[table] * MILLION}, {', '.join(values)})"
            )


def _drop_beginnings(config: Config) -> None:
    with closing(sqlite_driver().connect(config.data_dir / "shop.db", isolation_level=None)) as file:
        for table, million in STARTS.items():
            kept = file.execute(
                "SELECT name, sql FROM sqlite_master WHERE type = 'trigger' AND tbl_name = ? AND name LIKE 'trg%'",
                [table],
            ).fetchall()
            for name, _ in kept:
                file.execute(f"DROP TRIGGER {name}")
            file.execute(f"DELETE FROM {table} WHERE id = {million * MILLION}")
            for _, sql in kept:
                file.execute(sql)


async def _stocked(shop: Shop) -> dict[int, int]:
    """More titles, and copies of all."""
    app = application.build(shop.config)

    def act(session: Session) -> dict[int, int]:
        first = session.get_one(Book, shop.books[0])
        more = TITLES - len(shop.books)
        session.add_all(
            Book(title=f"Title {number}", author="", price=899, tax_rate_id=first.tax_rate_id, title_key=f"{number}",
                 search_text=f"title {number}")
            for number in range(more)
        )  # fmt: skip
        session.flush()
        opening: dict[int, int] = {}
        for book in session.query(Book).where(Book.kind == first.kind, Book.id % MILLION != 0).order_by(Book.id):
            copies = COPIES if len(opening) < SCARCE else 1_000_000
            session.execute(
                insert(StockMovement).values(
                    uid=app.ids.new(), book_id=book.id, delta=copies - book.stock, reason=StockReason.CORRECTION
                )
            )
            book.stock = opening[book.id] = copies
        return opening

    opening = await app.db.write(act)
    await app.db.close()
    return opening


class Crowd:
    """A process that makes all tills at once, already loaded."""

    def __init__(self) -> None:
        self.worked_s = 0.0
        command = [sys.executable, "-m", "tests.bench.till_crowd"]
        self._process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=ROOT)

    def work(
        self, shop: Shop, kinds: list[str], seconds: float, first: int = 1, *, warm_s: float = 0
    ) -> tuple[float, float]:
        """Let all tills work so long, once each has signed in and worked for `warm_s`; gives when that was.

        None may end by itself.
        """
        end = shop.diaries / "end"
        end.unlink(missing_ok=True)
        tills = range(first, shop.tills + 1)
        jobs = [
            shop.job(till, random.randrange(1 << 30), kinds=kinds, ends_with=str(end), papers=False, durable=False)
            for till in tills
        ]
        places = {till: sum(1 for _ in entries(shop.diary(till))) for till in tills}
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps([asdict(job) for job in jobs]) + "\n")
        self._process.stdin.flush()
        while not all(
            any("started" in one for one in list(entries(shop.diary(till)))[places[till] :]) for till in tills
        ):
            time.sleep(0.5)
        time.sleep(warm_s)
        began = time.monotonic()
        time.sleep(seconds)
        ended = time.monotonic()
        end.touch()
        failed, self.worked_s = json.loads(self._process.stdout.readline())
        assert failed == 0, f"{failed} tills failed"
        return began, ended

    def close(self) -> None:
        assert self._process.stdin is not None
        self._process.stdin.close()
        self._process.wait()


def told_between(shop: Shop, began: float, ended: float) -> tuple[Counter[str], list[float], list[float], Counter[str]]:
    """What was acknowledged by kind, how long paying and a whole sale took in ms, and what a person was told instead."""
    kinds: Counter[str] = Counter()
    told: Counter[str] = Counter()
    paying: list[float] = []
    whole: list[float] = []
    for till in range(1, shop.tills + 1):
        asked = last = 0.0
        for entry in entries(shop.diary(till)):
            inside = began <= entry["at"] <= ended
            if "asked" in entry:
                asked = entry["at"]
            if "stored" in entry and inside:
                kinds[entry["kind"]] += 1
                if entry["kind"] == "sale":
                    paying.append((entry["at"] - asked) * 1000)
                    whole.append((entry["at"] - last) * 1000)
            kinds["edit"] += "edited" in entry and inside
            told[entry.get("told") or (entry.get("why") or entry.get("met") or "")] += inside
            if "stored" in entry or "edited" in entry or "started" in entry or "dropped" in entry or "met" in entry:
                last = entry["at"]
    del told[""]
    return kinds, paying, whole, told


async def record(shop: Shop, till: int) -> Recording:
    """Have one till sell once, and keep what it sent."""
    app = application.build(Config(shop.config.data_dir, shop.config.database_url, till=till))
    operator = await sign_in(app, shop.people[till], "1111")
    books = [shop.books[0], shop.books[HOT], shop.books[HOT + (TITLES - HOT) // 2]]

    async def sale(acts: list[list[Statement]]) -> None:
        with recorded(app) as sent:
            view = await cart.open_cart(app, operator)
        acts.append(sent)
        for book in books:
            with recorded(app) as sent:
                view = await cart.add_book(app, operator, view.id, book)
            acts.append(sent)
        with recorded(app) as sent:
            await order.pay(app, operator, order.PayRequest.of(view, PaymentIn(app.ids.new(), Tender.CASH, view.due)))
        acts.append(sent)

    await sale([])

    def mark(session: Session) -> int:
        # Large enough to be known again wherever they come.
        marks = {"next_receipt_number": RECEIPTS * MILLION + 1, "journal_sequence": SEQUENCES * MILLION}
        session.execute(update(Till).where(Till.number == till).values(marks))
        return int(session.query(Till.id).where(Till.number == till).scalar() or 0)

    till_id = await app.db.write(mark)
    acts: list[list[Statement]] = []
    await sale(acts)
    await app.printing.close()
    await app.db.close()
    first = {5: till_id, 6: operator.user_id, 8: 8 * MILLION + till, 10: SEQUENCES * MILLION}
    return Recording(acts, first, books)


def rate(title: str, ours: list[float], limit: list[float]) -> None:
    """Print sales a second, ours beside the limit's, and the ratio of the means."""
    mine, floor = sum(ours) / len(ours), sum(limit) / len(limit)
    print(
        f"{title}: {mine:.1f} sales/s, limit {floor:.1f} (turns {ours} and {limit}), ratio {mine / floor:.0%}",
        flush=True,
    )


def mixed(shop: Shop, crowd: Crowd, seconds: int, name: str) -> None:
    """Everything at once, then every rule."""
    began, ended = crowd.work(shop, MIXED, seconds, first=2)
    kinds, paying, whole, told = told_between(shop, began, ended)
    found = judge(shop)
    oversold = [finding for finding in found.broken if "below zero" in finding]
    took = ended - began
    pay, sale = Sample("pay", paying), Sample("sale", whole)
    print(
        f"{name}, {shop.tills - 1} tills, mixed for {took:.0f} s: {sum(kinds.values()) / took:.1f} acts/s, "
        f"{kinds['sale'] / took:.1f} sales/s ({dict(kinds)}); pay p50 {pay.p50:.0f} ms, p99 {pay.at(99):.0f} ms, "
        f"whole sale p50 {sale.p50:.0f} ms, p99 {sale.at(99):.0f} ms\n"
        f"  acknowledged {found.acknowledged}, lost {len(found.lost)}, double {len(found.double)}, "
        f"oversold {len(oversold)}, gaps {found.gaps}, rules broken {len(found.broken)} {found.broken[:5]}; told: {dict(told)}",
        flush=True,
    )


def run_postgres(folder: Path, seconds: int, tills: int = 50, turn_s: int = TURN_S) -> None:
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    crowd = Crowd()
    with own_cluster(()) as cluster:
        shop = made_shop(Config(folder, cluster.url), folder / "diaries", tills + 1)
        with psycopg.connect(beside(cluster.url, "template1"), autocommit=True) as server:
            for copy in ("recorded", "bare", "driver"):
                server.execute(f"CREATE DATABASE {copy} TEMPLATE postgres")
        other = shop.at(Config(folder, beside(cluster.url, "recorded")))
        recording = asyncio.run(record(other, 2))
        rest = shop.books[HOT : HOT + (TITLES - HOT) // 2], shop.books[HOT + (TITLES - HOT) // 2 :]
        script = folder / "sale.sql"
        script.write_text(pgbench_script(recording, HOT, rest), encoding="utf-8")
        mixed(shop, crowd, seconds, "PostgreSQL")
        restock(shop)
        ours: list[float] = []
        driver: list[float] = []
        limit: list[float] = []
        for turn in ("ours", "driver", "limit", "limit", "driver", "ours"):
            server = server_s(cluster)
            if turn == "limit":
                limit.append(pgbench(cluster, script, tills, turn_s))
                print(f"  pgbench: the server {server_s(cluster) - server:.1f} s of the processor", flush=True)
                continue
            if turn == "driver":
                sales, worked_s = raw_sales(beside(cluster.url, "driver"), recording, shop, tills, turn_s)
                driver.append(sales)
            else:
                began, ended = crowd.work(shop, ["three"], turn_s, first=2, warm_s=WARM_S)
                kinds, *_ = told_between(shop, began, ended)
                ours.append(round(kinds["sale"] / (ended - began), 1))
                worked_s = crowd.worked_s
            print(
                f"  {turn}: the server {server_s(cluster) - server:.1f} s of the processor, the tills {worked_s:.1f} s, "
                "their start included",
                flush=True,
            )
        statements = sum(len(act) for act in recording.acts)
        title = f"PostgreSQL, {tills} tills, sales alone ({statements} statements)"
        rate(f"{title} beside pgbench", ours, limit)
        rate(f"{title} beside as many Python processes with the driver alone", ours, driver)
    crowd.close()


def server_s(cluster: Cluster) -> float:
    """The processor's time that the server has taken with every connection that has ended."""
    fields = Path(f"/proc/{cluster.number}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()
    return sum(map(int, fields[11:15])) / os.sysconf("SC_CLK_TCK")


def beside(url: str, database: str) -> str:
    """Another database of the same server."""
    return make_url(url).set(database=database).render_as_string(hide_password=False)


def restock(shop: Shop) -> None:
    """Put copies back of what ran out, so that selling alone refuses nothing."""

    async def act() -> None:
        app = application.build(shop.config)

        def put(session: Session) -> None:
            for book in shop.books[:SCARCE]:
                session.execute(update(Book).where(Book.id == book).values(stock=Book.stock + MILLION))
                moved = {"uid": app.ids.new(), "book_id": book, "delta": MILLION, "reason": StockReason.DELIVERY}
                session.execute(insert(StockMovement).values(**moved))

        await app.db.write(put)
        await app.db.close()

    asyncio.run(act())


def pgbench(cluster: Cluster, script: Path, tills: int, turn_s: int) -> float:
    """Sales a second of the same statements, sent by PostgreSQL's own program."""
    options = ["-n", "-M", "prepared", "-c", str(tills), "-j", "2", "-T", str(turn_s), "-f", str(script)]
    command = [
        str(cluster.binaries / "pgbench"),
        *options,
        "-h",
        "127.0.0.1",
        "-p",
        str(cluster.port),
        "-U",
        "postgres",
    ]
    done = subprocess.run([*command, "bare"], check=True, capture_output=True, text=True)
    found = re.search(r"tps = ([0-9.]+)", done.stdout)
    assert found, done.stderr
    assert "failed transactions: 0" in done.stdout, done.stdout
    return round(float(found[1]), 1)


def run_sqlite(folder: Path, seconds: int, tills: int = 8) -> None:
    shutil.rmtree(folder, ignore_errors=True)
    (folder / "shop").mkdir(parents=True)
    config = Config(folder / "shop", f"sqlite:///{folder / 'shop' / 'shop.db'}")
    shop = made_shop(config, folder / "diaries", tills + 1)
    for copy in ("recorded", "limit"):
        (folder / copy).mkdir()
        shutil.copyfile(folder / "shop" / "shop.db", folder / copy / "shop.db")
    other = Config(folder / "recorded", f"sqlite:///{folder / 'recorded' / 'shop.db'}")
    begin_at(other, ("carts", "orders"))
    recording = asyncio.run(record(shop.at(other), 2))
    crowd = Crowd()
    mixed(shop, crowd, seconds, "SQLite")
    restock(shop)
    ours: list[float] = []
    limit: list[float] = []
    for turn in ("ours", "limit", "limit", "ours"):
        if turn == "limit":
            limit.append(raw_sales(f"sqlite:///{folder / 'limit' / 'shop.db'}", recording, shop, tills)[0])
        else:
            began, ended = crowd.work(shop, ["three"], TURN_S, first=2, warm_s=WARM_S)
            kinds, *_ = told_between(shop, began, ended)
            ours.append(round(kinds["sale"] / (ended - began), 1))
    rate(f"SQLite, {tills} tills, sales alone beside the driver", ours, limit)
    crowd.close()


def raw_sales(url: str, recording: Recording, shop: Shop, tills: int, turn_s: int = TURN_S) -> tuple[float, float]:
    """Sales a second of the same statements, sent by as many processes with the driver alone, and their processor's time.

    They are forks of one that has loaded all there is, as the tills are, and begin together.
    """
    context = get_context("forkserver")
    context.set_forkserver_preload([__name__])
    with context.Pool(tills) as pool:
        starts_at = time.monotonic() + READY_S
        done = pool.starmap(_sell_raw, [(url, recording, till, shop.books, starts_at, turn_s) for till in range(tills)])
    sold, worked = zip(*done, strict=True)
    return round(sum(sold) / turn_s, 1), sum(worked)


def _sell_raw(
    url: str, recording: Recording, till: int, books: list[int], starts_at: float, turn_s: int
) -> tuple[int, float]:
    connection = _raw_connection(url)
    dice, replay, sold = random.Random(till), Replay(recording, till), 0
    half = HOT + (TITLES - HOT) // 2
    assert time.monotonic() < starts_at, "not all were ready in time"
    time.sleep(starts_at - time.monotonic())
    while time.monotonic() < starts_at + turn_s:
        chosen = [dice.choice(books[:HOT]), dice.choice(books[HOT:half]), dice.choice(books[half:])]
        replay.run(connection, f"{till}-{time.monotonic_ns()}", chosen)
        sold += 1
    connection.close()
    return sold, time.process_time()


def _raw_connection(url: str) -> Any:
    if url.startswith("postgresql"):
        return psycopg.connect(url, prepare_threshold=0)
    connection = sqlite_driver().connect(make_url(url).database, isolation_level=None, timeout=10)
    for pragma in sqlite_library.pragmas():
        connection.execute(pragma)
    return connection
