"""The cable between tills and PostgreSQL: cut before, in and after a COMMIT, half open, and put back."""

import random
import threading
import time
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path

from pos_app.config import Config
from tests.faults.campaign import Row, Tally, make_shop, nurseries, run_out, settled
from tests.faults.diary import Follower
from tests.faults.proxy import Proxy, proxied
from tests.postgres import own_cluster

TILLS = 4
BEFORE = (b"INSERT INTO orders", b"INSERT INTO payments", b"UPDATE books", b"INSERT INTO journal_entries")


@dataclass
class Cable:
    """One till's cable; what is done to it depends on its seed alone."""

    proxy: Proxy
    diary: Follower
    dice: random.Random
    # When each fault happened.
    moments: list[float] = field(default_factory=list)

    def request_lost(self) -> None:
        self.proxy.lose_request(b"COMMIT", self.dice.randint(1, 4))
        self._until_happened()

    def reply_lost(self) -> None:
        self.proxy.lose_reply(b"COMMIT", self.dice.randint(1, 4))
        self._until_happened()

    def lost_before(self) -> None:
        lose = self.dice.choice([self.proxy.lose_request, self.proxy.lose_reply])
        lose(self.dice.choice(BEFORE))
        self._until_happened()

    def lost_after(self) -> None:
        self.diary.wait("stored")
        time.sleep(self.dice.uniform(0, 0.02))
        self.moments.append(time.monotonic())
        self.proxy.reset()

    def half_open(self) -> None:
        """Silence from a COMMIT on, which nobody is told of; then what was under way arrives, or all is reset."""
        self.proxy.pull_at(b"COMMIT", self.dice.randint(1, 4), arrives=self.dice.random() < 0.5)
        self._until_happened()
        time.sleep(self.dice.uniform(0.2, 7))
        if self.dice.random() < 0.5:
            self.proxy.reset()
        self.proxy.mend()

    def _until_happened(self) -> None:
        before = len(self.proxy.happened)
        end = time.monotonic() + 60
        while len(self.proxy.happened) == before:
            if time.monotonic() > end:
                raise TimeoutError("the till says nothing")
            time.sleep(0.005)
        self.moments.append(time.monotonic())

    def faults(self) -> list[Callable[[], None]]:
        """One of each kind."""
        return [self.request_lost, self.reply_lost, self.lost_before, self.lost_after, self.half_open]

    def hurt(self, count: int) -> None:
        for number in range(count):
            kinds = self.faults()
            kinds[number % len(kinds)]()
            self.diary.new()
            self.diary.wait("stored", 1)


def run(folder: Path, seed: int, count: int) -> Row:
    """Hurt four tills' cables so often in all."""
    folder.mkdir(exist_ok=True)
    with ExitStack() as stack:
        cluster = stack.enter_context(own_cluster(()))
        shop = make_shop(Config(folder, cluster.url), folder / "diaries", TILLS)
        running = stack.enter_context(nurseries(TILLS))
        tally = Tally("Link cut at COMMIT", shop.config)
        end = folder / "end"
        hurting = []
        for till, nursery in enumerate(running, 1):
            proxy, url = stack.enter_context(proxied(shop.config.database_url, seed=seed))
            dice = random.Random(f"{seed} {till}")
            diary = nursery.start(shop.job(till, dice.getrandbits(30), url=url, ends_with=str(end)))
            diary.wait("stored")
            share = count // TILLS + (till <= count % TILLS)
            hurting.append(_Hurting(Cable(proxy, diary, dice), share))
        for one in hurting:
            one.start()
        for one in hurting:
            one.join()
            if one.failed is not None:
                raise one.failed
        run_out(running, end)
        settled(shop, running[0], seed)
        tally.judge(shop)
    tally.row.runs = count
    for till, one in enumerate(hurting, 1):
        tally.stops(shop, one.cable.moments, till)
    return tally.row


class _Hurting(threading.Thread):
    def __init__(self, cable: Cable, count: int) -> None:
        super().__init__(name="worker-cable")
        self.cable, self._count = cable, count
        self.failed: Exception | None = None

    def run(self) -> None:
        try:
            self.cable.hurt(self._count)
        except Exception as error:  # noqa: BLE001 - told by the thread that waits
            self.failed = error
