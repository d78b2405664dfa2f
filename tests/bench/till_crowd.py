"""Tills in processes of their own that sell as fast as they can, for tests.bench.bench_tills: a line a crowd of jobs."""

import json
import os
import resource
import sys

from pos_app.errors import Conflict, Refused
from pos_app.services import cart
from pos_app.services.book import get_book
from pos_app.services.book_edit import Change, change_book
from pos_app.services.customer_order import OrderRequest, place_from_cart
from tests.faults.till import Job, Till, born, warm

ROSA = 1


class BusyTill(Till):
    """Sells one of the hot titles in each sale, then two others; orders and edits beside what every till does."""

    def acts(self):
        return super().acts() | {
            "three": (self.three, 70),
            "return": (self.take_back, 10),
            "order": (self.order, 8),
            "edit": (self.edit, 8),
            "receive": (self.receive, 3),
            "close": (self.close, 1),
        }

    def chosen(self) -> list[int]:
        """One hot title, and two others of the rest, in an order that never is another till's reversed."""
        hot, rest = self.job.books[:10], self.job.books[10:]
        half = len(rest) // 2
        return [self.dice.choice(hot), self.dice.choice(rest[:half]), self.dice.choice(rest[half:])]

    async def three(self) -> None:
        await self.settle(await self.filled())

    async def filled(self):
        view = await self.open()
        for book in self.chosen():
            view = await self.step(view, lambda now, b=book: cart.add_book(self.app, self.operator, now.id, b))
        return view

    async def order(self) -> None:
        view = await self.filled()
        view = await self.step(view, lambda now: cart.set_customer(self.app, self.operator, now.id, ROSA))
        request = OrderRequest.of(view, self.app.ids.new())
        self.diary.note(asked=request.uid, kind="order", lines=[])
        placed = await self.again(lambda: place_from_cart(self.app, self.operator, request))
        self.diary.keep(stored=request.uid, kind="order", number=None, order=placed.detail.order.id)

    async def edit(self) -> None:
        """Change a hot title's threshold, unless somebody did so just now."""
        book = self.dice.choice(self.job.books[:10])
        before = (await self.again(lambda: get_book(self.app, book))).reorder_at
        change = {"reorder_at": Change(before, self.dice.randint(0, 9))}
        try:
            await self.again(lambda: change_book(self.app, self.operator, book, change))
            self.diary.note(edited=book)
        except (Conflict, Refused) as met:
            self.diary.note(met=met.code)


def worked_s() -> float:
    """The processor's time of all tills that have ended."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def main() -> None:
    """Say of each crowd how many tills failed, and how long they kept the processor busy."""
    warm()
    for line in sys.stdin:
        before = worked_s()
        tills = [born(Job(**job), BusyTill) for job in json.loads(line)]
        failed = sum(os.waitstatus_to_exitcode(os.waitpid(till, 0)[1]) != 0 for till in tills)
        print(json.dumps([failed, worked_s() - before]), flush=True)


if __name__ == "__main__":
    main()
