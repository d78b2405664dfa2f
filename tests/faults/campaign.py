"""What all faults share: a shop to be hurt, tills to be started again, and the judging of what is left."""

import asyncio
import json
import os
import signal
import subprocess
import sys
import time
from bisect import bisect
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from pos_app import app as application
from pos_app.config import Config
from pos_app.domain.permission import UserRole
from pos_app.domain.shop import StockPolicy
from pos_app.migrate import bring_up_to_date
from pos_app.models import Book, Delivery, Order, Shift, Till, User, ZReport
from pos_app.services.check import verify
from pos_app.services.setting import change_settings
from pos_app.services.supplier import SupplierView, keep_supplier
from tests.faults.diary import Follower, entries
from tests.faults.till import Job
from tests.shop import fill

ROOT = Path(__file__).parents[2]


@dataclass
class Row:
    """One line of the table: what a fault did, so many times, to what had been acknowledged."""

    fault: str
    database: str
    runs: int
    acknowledged: int = 0
    lost: int = 0
    double: int = 0
    gaps: int = 0
    # What `verify` found, and what stock says that the acknowledged acts do not.
    broken: int = 0
    longest_stop_s: float = 0.0
    said: list[str] = field(default_factory=list)

    @property
    def clean(self) -> bool:
        """Whether nothing was lost, doubled, left out or broken."""
        return not (self.lost or self.double or self.gaps or self.broken)


@dataclass(frozen=True)
class Shop:
    """A shop that tills are started in; its diaries lie apart from its data."""

    config: Config
    diaries: Path
    tills: int
    people: dict[int, str]
    books: list[int]
    supplier: int
    opening: dict[int, int]

    def diary(self, till: int) -> Path:
        return self.diaries / f"till-{till}.jsonl"

    def job(self, till: int, seed: int, **more: Any) -> Job:
        """What a till of this shop starts with."""
        folder, url = str(self.config.data_dir), self.config.database_url
        more = {"folder": folder, "url": url, "books": self.books, "supplier": self.supplier} | more
        return Job(diary=str(self.diary(till)), till=till, name=self.people[till], seed=seed, **more)

    def at(self, config: Config) -> "Shop":
        """The same shop, its database elsewhere."""
        return replace(self, config=config)

    def entries(self) -> Iterator[dict[str, Any]]:
        """What all tills' diaries say."""
        for till in range(1, self.tills + 1):
            yield from entries(self.diary(till))


def make_shop(config: Config, diaries: Path, tills: int = 1, *, policy: StockPolicy = StockPolicy.PHYSICAL) -> Shop:
    """Bring an empty database up to date and put books, people and tills into it."""

    async def make() -> Shop:
        await bring_up_to_date(config)
        app = application.build(config)
        made = await fill(app, tills)
        await change_settings(app, made.people["Max"], stock_policy=policy)
        supplier = await keep_supplier(app, made.sam, SupplierView(name="Penguin"))
        people = {1: "Sam"} | {number: f"Till {number}" for number in range(2, tills + 1)}

        def promote(session: Session) -> dict[int, int]:
            # Closing a shift and receiving are a manager's.
            session.execute(update(User).where(User.username.like("Till %")).values(role=UserRole.MANAGER))
            return dict(session.execute(select(Book.id, Book.stock).where(Book.isbn.is_not(None))).all())

        opening = await app.db.write(promote)
        await app.printing.close()
        await app.db.close()
        return Shop(config, diaries, tills, people, sorted(opening), supplier.id, opening)

    diaries.mkdir(exist_ok=True)
    return asyncio.run(make())


class Nursery:
    """A process that tills are made from, one after the other."""

    def __init__(self) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.faults.till"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            cwd=ROOT,
        )
        self.pid = 0

    def start(self, job: Job) -> Follower:
        """Start a till; gives its diary from here on."""
        follower = Follower(Path(job.diary))
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps(asdict(job)) + "\n")
        self._process.stdin.flush()
        self.pid = int(self._line())
        return follower

    def signal(self, what: signal.Signals) -> None:
        os.kill(self.pid, what)

    def kill_if_there(self) -> None:
        """Kill what may have ended already: nobody has asked for how it did, so that its number is still its own."""
        with suppress(ProcessLookupError):
            self.signal(signal.SIGKILL)

    def wait_stopped(self) -> None:
        """Wait until every thread of the till stands still."""
        states = Path(f"/proc/{self.pid}/task")
        while any(stat.read_text().rpartition(")")[2].split()[0] != "T" for stat in states.glob("*/stat")):
            time.sleep(0.001)

    def wait(self) -> int:
        """Wait until the till has ended; gives the signal that ended it, or 0. A till that failed fails the run."""
        status = int(self._line())
        self.pid = 0
        assert not os.WIFEXITED(status) or os.WEXITSTATUS(status) == 0, "a till failed by itself"
        return os.WTERMSIG(status) if os.WIFSIGNALED(status) else 0

    def kill(self) -> None:
        self.signal(signal.SIGKILL)
        self.wait()

    def _line(self) -> str:
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        assert line, "the tills are gone"
        return line

    def close(self) -> None:
        """End the process, and with it a till that a failed run left."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        if self.pid:
            self.signal(signal.SIGKILL)
        self._process.stdin.close()
        self._process.wait()
        self._process.stdout.close()


@contextmanager
def nurseries(count: int = 1) -> Iterator[list[Nursery]]:
    """As many as tills run side by side."""
    made = [Nursery() for _ in range(count)]
    try:
        yield made
    finally:
        for one in made:
            one.close()


def settled(shop: Shop, nursery: Nursery, seed: int) -> None:
    """Let each till settle what it was interrupted in, and end."""
    for till in range(1, shop.tills + 1):
        nursery.start(shop.job(till, seed, acts=0))
        assert nursery.wait() == 0


def run_out(running: list[Nursery], end: Path) -> None:
    """Let running tills end after the act they are in."""
    end.touch()
    for nursery in running:
        assert nursery.wait() == 0


@dataclass
class Judgement:
    """What is wrong with what is stored."""

    acknowledged: int
    lost: set[str]
    double: set[str]
    gaps: int
    broken: list[str]


def judge(shop: Shop) -> Judgement:
    """Hold what the diaries say against what is stored; every act must be settled."""
    return asyncio.run(_judge(shop))


async def _judge(shop: Shop) -> Judgement:
    told: dict[str, tuple[str, Any]] = {}
    asked: dict[str, list[tuple[int, int]]] = {}
    lost = set()
    for entry in shop.entries():
        if "asked" in entry:
            asked[entry["asked"]] = entry.get("lines", [])
        elif "stored" in entry:
            said = (entry["kind"], entry["number"])
            if told.setdefault(entry["stored"], said) != said:
                lost.add(entry["stored"])
        elif "basket_lost" in entry:
            lost.add(entry["basket_lost"])
    app = application.build(shop.config)
    stored, numbers, stock = await app.db.read(_facts)
    broken = [f"{check.name}: {finding}" for check in (await verify(app)).checks for finding in check.findings]
    await app.db.close()
    lost |= {uid for uid, said in told.items() if stored.get(uid, ("", ""))[1] != said[1]}
    # A shift that was left open on an earlier day is closed by itself, which nobody asked for.
    double = {uid for uid, (kind, _) in stored.items() if uid not in told and kind != "close"}
    gaps = sum(max(drawn, default=0) - len(set(drawn)) + len(drawn) - len(set(drawn)) for drawn in numbers.values())
    expected = Counter(shop.opening)
    for uid in told:
        for book, pieces in asked.get(uid, []):
            expected[book] -= pieces
    broken += [
        f"book {book}: stock {stock[book]}, told {expected[book]}" for book in stock if stock[book] != expected[book]
    ]
    return Judgement(len(told), lost, double, gaps, broken)


def _facts(session: Session) -> tuple[dict[str, tuple[str, Any]], dict[str, list[int]], dict[int, int]]:
    """What is stored: every document by its id, the numbers of every series, and each title's stock."""
    stored: dict[str, tuple[str, Any]] = {}
    numbers: dict[str, list[int]] = {}
    papers = select(Order.uid, Order.receipt_number, Till.number).join(Till, Till.id == Order.till_id)
    for uid, receipt, till in session.execute(papers):
        # An order that was placed has no number until something is paid.
        stored[uid] = ("paper", None if receipt is None else f"{till}-{receipt:06d}")
        if receipt is not None:
            numbers.setdefault(f"receipts of {till}", []).append(receipt)
    for uid, number in session.execute(select(Delivery.uid, Delivery.number)):
        stored[uid] = ("receive", number)
        numbers.setdefault("deliveries", []).append(number)
    closed = select(Shift.opened_at, ZReport.number, ZReport.till_id).join(ZReport, ZReport.shift_id == Shift.id)
    for opened_at, number, till_id in session.execute(closed):
        stored[opened_at.isoformat()] = ("close", number)
        numbers.setdefault(f"closings of {till_id}", []).append(number)
    stock = dict(session.execute(select(Book.id, Book.stock).where(Book.isbn.is_not(None))).all())
    return stored, numbers, stock


class Tally:
    """Adds up a row while its faults happen."""

    def __init__(self, fault: str, config: Config) -> None:
        self.row = Row(fault, "SQLite" if config.database_url.startswith("sqlite") else "PostgreSQL", 0)
        self._lost: set[str] = set()
        self._double: set[str] = set()

    def judge(self, shop: Shop) -> None:
        """Judge what is left now; what was wrong once stays wrong."""
        found = judge(shop)
        self._lost |= found.lost
        self._double |= found.double
        row = self.row
        row.acknowledged, row.lost, row.double = found.acknowledged, len(self._lost), len(self._double)
        row.gaps, row.broken = max(row.gaps, found.gaps), max(row.broken, len(found.broken))
        row.said += [f"lost {uid}" for uid in found.lost] + [f"double {uid}" for uid in found.double] + found.broken

    def stops(self, shop: Shop, faults: list[float], only: int = 0) -> None:
        """Note how long at most a till, or only one, had nothing acknowledged after one of these moments."""
        for till in [only] if only else range(1, shop.tills + 1):
            told = [entry["at"] for entry in entries(shop.diary(till)) if "stored" in entry]
            for fault in faults:
                place = bisect(told, fault)
                if place < len(told):
                    self.row.longest_stop_s = max(self.row.longest_stop_s, told[place] - fault)


def until(true: Callable[[], bool], seconds: float = 60) -> None:
    """Wait until something is so."""
    end = time.monotonic() + seconds
    while not true():
        if time.monotonic() > end:
            raise TimeoutError
        time.sleep(0.01)
