"""Tills without a window, in processes of their own: each sells, takes back, closes and receives in a seeded order.

This process loads the program once and makes a till of itself for every line it reads, by fork. A till settles first
what the one before it with the same diary was interrupted in, by its id, as the counter does; then it goes on until it
is killed, has done all it should, or finds that a file named in its job is there.
"""

import asyncio
import json
import os
import random
import signal
import sys
import time
from collections.abc import Awaitable, Callable
from dataclasses import asdict, dataclass, field, replace
from datetime import datetime, timedelta
from importlib import import_module
from pathlib import Path
from types import SimpleNamespace
from typing import Any, TypeVar

from sqlalchemy import event
from sqlalchemy.orm import configure_mappers

from pos_app import app as application
from pos_app import ids
from pos_app.app import App
from pos_app.clock import Clock
from pos_app.config import Config
from pos_app.domain.payment import PaymentIn, Tender
from pos_app.domain.shop import ShopSettings
from pos_app.errors import Refused, Unavailable
from pos_app.migrate import SCHEMA_HEAD, bring_up_to_date
from pos_app.services import cart, order
from pos_app.services.cart_payment import add_payment
from pos_app.services.cart_return import find_return, take_back
from pos_app.services.cart_view import CartView
from pos_app.services.delivery import Came, DeliveryRequest, receive_delivery
from pos_app.services.receipt import keep_receipt
from pos_app.services.right import Operator
from pos_app.services.setting import check_settings
from pos_app.services.shift import ShiftCount, close_shift, reopen, x_report
from pos_app.services.sign_in import sign_in
from tests.faults.diary import Diary, basket, entries, unsettled

T = TypeVar("T")
KINDS = ("sale", "return", "close", "receive")
# How often what a person would try again is tried again, and how long they look at the sentence before.
PAUSE_S = 0.05


@dataclass(frozen=True)
class Job:
    """What a till is to do. `acts` below zero is without end; `die_in` is an act's kind, and `die_at` a step of it."""

    folder: str
    url: str
    diary: str
    till: int
    name: str
    books: list[int]
    supplier: int
    seed: int
    acts: int = -1
    kinds: list[str] = field(default_factory=lambda: list(KINDS))
    die_in: str = ""
    die_at: int = -1
    ends_with: str = ""
    # Whether receipts are kept as files, and whether the diary has to outlive this machine.
    papers: bool = True
    durable: bool = True
    # Only bring the shop up to date, and end.
    migrates: bool = False
    # How far the machine's clock is off, from the start or after so many acts.
    clock_was_s: float = 0.0
    clock_off_s: float = 0.0
    clock_jumps_after: int = -1


class ShiftedClock(Clock):
    """A machine's clock that is wrong."""

    off = timedelta()

    def now(self) -> datetime:
        return super().now() + self.off


class Steps:
    """Counts the boundaries of statements and commits that an act comes by; at one of them the till may die."""

    def __init__(self, app: App) -> None:
        self.count, self.die_at = 0, -1
        engine = app.db.writer
        event.listen(engine, "before_cursor_execute", self._step)
        event.listen(engine, "after_cursor_execute", self._step)
        commit = engine.dialect.do_commit

        def do_commit(connection: Any) -> None:
            self._step()
            commit(connection)
            self._step()

        engine.dialect.do_commit = do_commit

    def _step(self, *_: Any) -> None:
        self.count += 1
        if self.count == self.die_at:
            os.kill(os.getpid(), signal.SIGKILL)


class Till:
    """Somebody at a counter; every act is asked for in the diary before, and told to be stored after."""

    def __init__(self, app: App, operator: Operator, job: Job) -> None:
        self.app, self.operator, self.job = app, operator, job
        self.dice = random.Random(job.seed)
        self.path = Path(job.diary)
        self.diary = Diary(self.path, durable=job.durable)
        self.steps = Steps(app)
        self.sold = [entry["number"] for entry in entries(self.path) if entry.get("sold")][-40:]

    # What is lost on the way

    async def again(self, act: Callable[[], Awaitable[T]]) -> T:
        """Do what may be done twice until it is answered."""
        while True:
            try:
                return await act()
            except Unavailable as told:
                self.diary.note(told=told.code)
                await asyncio.sleep(PAUSE_S)

    async def step(self, view: CartView, act: Callable[[CartView], Awaitable[CartView]]) -> CartView:
        """Change the basket; where the answer was lost, the basket says whether it came about."""
        while True:
            try:
                after = await act(view)
                break
            except Unavailable as told:
                self.diary.note(told=told.code)
                await asyncio.sleep(PAUSE_S)
                after = await self.again(lambda: cart.open_cart(self.app, self.operator))
                if after.last_step != view.last_step:
                    break
                view = after
        self.diary.keep(scanned=after.uid, pieces=after.item_count)
        return after

    async def open(self) -> CartView:
        return await self.again(lambda: cart.open_cart(self.app, self.operator))

    # Acts

    async def sale(self) -> None:
        view = await self.open()
        for _ in range(self.dice.randint(1, 3)):
            book, pieces = self.dice.choice(self.job.books), self.dice.randint(1, 2)
            view = await self.step(
                view, lambda now, b=book, p=pieces: cart.add_book(self.app, self.operator, now.id, b, p)
            )
        if view.due > 300 and self.dice.random() < 0.2:
            part = PaymentIn(self.app.ids.new(), self.dice.choice([Tender.CARD, Tender.CASH]), 100)
            view = await self.step(view, lambda now: add_payment(self.app, self.operator, now.id, part))
        await self.settle(view)

    async def take_back(self) -> None:
        """Bring a piece of an earlier sale back; where all came back already, sell something."""
        for number in self.dice.sample(self.sold, min(len(self.sold), 5)):
            try:
                found = await self.again(lambda n=number: find_return(self.app, n))
            except Refused:
                continue
            lines = [line for line in found.lines if line.left]
            if lines:
                item = self.dice.choice(lines).item_id
                view = await self.open()
                view = await self.step(view, lambda now, i=item: take_back(self.app, self.operator, now.id, i, 1))
                await self.settle(view)
                return
        await self.sale()

    async def settle(self, view: CartView) -> None:
        """Pay a basket, or what comes back; a lost answer is looked up by the basket's id."""
        uid = self.app.ids.new
        if view.due < 0:
            back = [PaymentIn(uid(), part.tender, -part.amount, part.reference) for part in view.refunds]
            request = order.PayRequest.refund(view, *back)
        elif view.due == 0:
            request = order.PayRequest.of(view)
        else:
            over = self.dice.choice([0, 0, 500])
            request = order.PayRequest.of(view, PaymentIn(uid(), Tender.CASH, view.due + over))
        lines = [(line.book_id, line.quantity) for line in view.lines]
        kind = "return" if any(line.comes_back for line in view.lines) else "sale"
        self.diary.note(asked=view.uid, kind=kind, lines=lines)
        while True:
            try:
                sale: order.OrderView | None = await order.pay(self.app, self.operator, request)
            except Unavailable as told:
                self.diary.note(told=told.code)
                await asyncio.sleep(PAUSE_S)
                sale = await self.again(lambda: order.find_stored(self.app, view.uid))
            except Refused as refused:
                await self.drop(view, refused.code)
                return
            if sale is not None:
                break
        await self.stored(sale, kind)

    async def drop(self, view: CartView, why: str) -> None:
        """Empty a basket that is rightly refused, such as what another till took back meanwhile."""
        while view.payments and view.can_undo:
            view = await self.step(view, lambda now: cart.undo(self.app, self.operator, now.id))
        if view.lines:
            await self.again(lambda: cart.clear(self.app, self.operator, view.id))
        self.diary.keep(dropped=view.uid, why=why)

    async def stored(self, sale: order.OrderView, kind: str) -> None:
        self.diary.keep(stored=sale.uid, kind=kind, number=sale.number, steps=self.steps.count, sold=kind == "sale")
        if kind == "sale":
            self.sold.append(sale.number)
        if not self.job.papers:
            return
        try:
            await keep_receipt(self.app, sale)
        except Unavailable as told:
            self.diary.note(told=told.code)

    async def close(self) -> None:
        report = await self.again(lambda: x_report(self.app, self.operator))
        counted = report.expected + self.dice.choice([0, 0, 250])
        self.diary.note(asked=report.opened_at.isoformat(), kind="close", counted=max(counted, 0))
        await self.finish_close(report.opened_at, max(counted, 0))
        self.operator = await self.again(lambda: reopen(self.app, self.operator))

    async def finish_close(self, opened_at: datetime, counted: int) -> None:
        count = ShiftCount(counted, reason="At random")
        z = await self.again(lambda: close_shift(self.app, self.operator, opened_at, count))
        self.diary.keep(stored=opened_at.isoformat(), kind="close", number=z.number, steps=self.steps.count)

    async def receive(self) -> None:
        book, cost = self.dice.choice(self.job.books), self.dice.randint(300, 900)
        came = Came(book, self.dice.randint(1, 4), damaged=self.dice.choice([0, 0, 1]), cost=cost)
        request = DeliveryRequest(self.app.ids.new(), self.job.supplier, (came,))
        self.diary.note(asked=request.uid, kind="receive", came=asdict(came), lines=[(book, -came.quantity)])
        await self.finish_receive(request)

    async def finish_receive(self, request: DeliveryRequest) -> None:
        made = await self.again(lambda: receive_delivery(self.app, self.operator, request))
        self.diary.keep(stored=request.uid, kind="receive", number=made.number, steps=self.steps.count)

    # A day

    async def settle_before(self) -> None:
        """Find out what became of what was asked for last, and finish it where it is not there."""
        uid, pieces = basket(self.path)
        asked = unsettled(self.path)
        if asked is not None and asked["kind"] == "close":
            await self.finish_close(datetime.fromisoformat(asked["asked"]), asked["counted"])
            self.operator = await self.again(lambda: reopen(self.app, self.operator))
        elif asked is not None and asked["kind"] == "receive":
            came = Came(**asked["came"])
            await self.finish_receive(DeliveryRequest(asked["asked"], self.job.supplier, (came,)))
        elif asked is not None:
            sale = await self.again(lambda: order.find_stored(self.app, asked["asked"]))
            if sale is not None:
                await self.stored(sale, asked["kind"])
                return
        view = await self.open()
        if uid and (view.uid != uid or view.item_count < pieces):
            self.diary.keep(basket_lost=uid, held=pieces, found=view.item_count)
        if view.lines:
            await self.settle(view)

    def acts(self) -> dict[str, tuple[Callable[[], Awaitable[None]], int]]:
        """What a till does, and how often: mostly sales, as a shop has it."""
        return {
            "sale": (self.sale, 6),
            "return": (self.take_back, 2),
            "close": (self.close, 1),
            "receive": (self.receive, 1),
        }

    async def one(self, kind: str) -> None:
        self.steps.count = 0
        await self.acts()[kind][0]()

    async def run(self) -> None:
        await self.settle_before()
        self.diary.note(started=os.getpid())
        weights = [self.acts()[kind][1] for kind in self.job.kinds]
        left, job = self.job.acts, self.job
        while left and not (job.ends_with and Path(job.ends_with).exists()):
            if job.clock_jumps_after == 0:
                jump(self.app, job.clock_off_s)
            job = self.job = replace(job, clock_jumps_after=job.clock_jumps_after - 1)
            left -= 1
            await self.one(self.dice.choices(job.kinds, weights)[0])
        if job.die_in:
            self.steps.die_at = job.die_at
            await self.one(job.die_in)
            os.kill(os.getpid(), signal.SIGKILL)


def jump(app: App, seconds: float) -> None:
    """Set this process's clock off, for what it writes and for the ids it makes."""
    assert isinstance(app.clock, ShiftedClock)
    app.clock.off = timedelta(seconds=seconds)
    ids.time = SimpleNamespace(time_ns=lambda: time.time_ns() + int(seconds * 1e9))


async def work(job: Job, kind: type[Till]) -> None:
    """Open the shop as a window does, and work."""
    config = Config(Path(job.folder), job.url, till=job.till)
    if job.migrates:
        await bring_up_to_date(config)
        return
    app = application.build(config, clock=ShiftedClock())
    jump(app, job.clock_off_s if job.clock_jumps_after < 0 else job.clock_was_s)
    app.db.link.start(SCHEMA_HEAD, job.till)
    assert await app.db.link.alone()
    while True:
        try:
            operator = await sign_in(app, job.name, "1111")
            break
        except Unavailable:
            await asyncio.sleep(PAUSE_S)
    await kind(app, operator, job).run()
    await app.printing.close()
    await app.db.close()


def warm() -> None:
    """Do once what every till would do at its start: a fault campaign is not about that."""
    configure_mappers()
    check_settings(ShopSettings())
    for name in ("psycopg", "sqlalchemy.dialects.postgresql.psycopg", "sqlalchemy.dialects.sqlite.pysqlite"):
        import_module(name)


def main(kind: type[Till] = Till) -> None:
    """Make a till for every job read; says its number and how it ended."""
    warm()
    for line in sys.stdin:
        till = born(Job(**json.loads(line)), kind)
        print(till, flush=True)
        print(os.waitpid(till, 0)[1], flush=True)


def born(job: Job, kind: type[Till]) -> int:
    """Make a till of this process; gives its number."""
    if (till := os.fork()) == 0:
        try:
            asyncio.run(work(job, kind))
        except BaseException:  # noqa: BLE001 - a child must not go on as its parent
            sys.excepthook(*sys.exc_info())
            os._exit(1)
        os._exit(0)
    return till


if __name__ == "__main__":
    main()
