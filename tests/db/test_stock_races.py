"""Two managers, a till, a count and a delivery on one title at once: nothing lost, and the ledger is the stock.

POS_TEST_ROUNDS says how many rounds: 500 for a proof, fewer in everyday tests.
"""

import asyncio
import os

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from pos_app import app as application
from pos_app.app import App
from pos_app.config import Config
from pos_app.errors import Conflict, Refused
from pos_app.ids import Ids
from pos_app.models import Book, StockMovement
from pos_app.services import cart, order
from pos_app.services.book import get_book
from pos_app.services.book_edit import edit_book
from pos_app.services.check import verify
from pos_app.services.delivery import Came, DeliveryRequest, receive_delivery
from pos_app.services.stock_count import count_code, post_count, start_count
from pos_app.services.supplier import SupplierView, keep_supplier
from tests.conftest import SetClock
from tests.shop import PRIDE, Shop, fill

ROUNDS = int(os.environ.get("POS_TEST_ROUNDS", "15"))
OPENING = 23


class Race:
    """What each of the five did, as far as they were told it was done."""

    def __init__(self, apps: list[App], shop: Shop, supplier: int) -> None:
        self.apps, self.shop, self.supplier = apps, shop, supplier
        self.book = shop.books[PRIDE]
        self.edits = {"price": 0, "reorder_at": 0}
        self.conflicts = self.sold = self.came = self.short = 0

    async def edit(self, app: App, field: str, turn: int) -> None:
        """Change one field, again where somebody else was first, as a manager who is told would."""
        book = await get_book(app, self.book)
        while True:
            try:
                await edit_book(app, self.shop.sam, self.book, book.version, {field: 100 + turn})
            except Conflict as told:
                self.conflicts += 1
                book = told.current
            else:
                self.edits[field] = 100 + turn
                return

    async def sell(self, app: App) -> None:
        operator = self.shop.ana
        view = await cart.open_cart(app, operator)
        if not view.lines:
            view = await cart.add_scan(app, operator, view.id, PRIDE)
        while True:
            try:
                await order.pay(app, operator, order.PayRequest.of(view, self.shop.payment(view.due)))
            except Refused as told:
                if told.code == "stock.short":
                    self.short += 1
                    return
                # A manager changed the price meanwhile: the person looks at the new total and pays that.
                assert told.code in {"sale.changed", "payment.too_little"}, told
                view = await cart.get_cart(app, view.id)
            else:
                self.sold += 1
                return

    async def count(self, app: App, turn: int) -> None:
        """Count what the ledger says, or one fewer, and post it."""
        sam = self.shop.sam
        begun = await start_count(app, sam, app.ids.new())
        there = (await get_book(app, self.book)).stock
        pieces = max(there - turn % 2, 1)
        await count_code(app, sam, app.ids.new(), begun.id, PRIDE, pieces)
        await post_count(app, sam, begun.id, begun.version)

    async def receive(self, app: App, turn: int) -> None:
        request = DeliveryRequest(app.ids.new(), self.supplier, (Came(self.book, 2, cost=400 + turn),))
        await receive_delivery(app, self.shop.sam, request)
        self.came += 2


async def test_two_managers_a_till_a_count_and_a_delivery_at_once(config: Config, clock: SetClock) -> None:
    apps = [application.build(config, clock=clock, ids=Ids()) for _ in range(5)]
    shop = await fill(apps[0])
    supplier = await keep_supplier(apps[0], shop.sam, SupplierView(name="Penguin"))
    race = Race(apps, shop, supplier.id)
    for turn in range(ROUNDS):
        await asyncio.gather(
            race.edit(apps[0], "price", turn),
            race.edit(apps[1], "reorder_at", turn),
            race.sell(apps[2]),
            race.count(apps[3], turn),
            race.receive(apps[4], turn),
        )
        now = await get_book(apps[0], race.book)
        # No edit is lost: each manager's last one stands, although all five wrote the row.
        assert (now.price, now.reorder_at) == (race.edits["price"], race.edits["reorder_at"])

    def act(session: Session) -> tuple[int, int, dict[str, int]]:
        stock = session.scalars(select(Book.stock).where(Book.id == race.book)).one()
        rows = session.execute(
            select(StockMovement.reason, func.sum(StockMovement.delta))
            .where(StockMovement.book_id == race.book)
            .group_by(StockMovement.reason)
        )
        moved = {reason.value: int(delta) for reason, delta in rows}
        return stock, sum(moved.values()), moved

    stock, ledger, moved = await apps[0].db.read(act)
    assert stock == ledger >= 0
    assert moved["opening"] == OPENING
    assert -moved.get("sale", 0) == race.sold
    assert moved["delivery"] == race.came == 2 * ROUNDS
    assert race.sold + race.short == ROUNDS
    assert (await verify(apps[0])).findings == 0
    await asyncio.gather(*(app.db.close() for app in apps))
