"""Any sequence of placing, arriving, collecting, cancelling and giving back keeps every rule."""

import random

import pytest

from pos_app.domain.order_status import OrderStatus
from pos_app.domain.payment import Tender
from pos_app.errors import Refused
from pos_app.services import cart, order
from pos_app.services.cart_payment import add_payment
from pos_app.services.customer_order import OrderRequest, get_stand, give_back_deposit, place_from_cart, take_ready
from pos_app.services.delivery import Came, DeliveryRequest, receive_delivery
from pos_app.services.order_move import move_order
from pos_app.services.order_view import OrderFilter, get_order, page_orders
from pos_app.services.stock import availability
from pos_app.services.supplier import SupplierView, keep_supplier
from tests.shop import DARKNESS, KLARA, PRIDE, SAPIENS, Shop

ROSA = 1
STEPS = 45


class Day:
    """Somebody at the till who does what a die says; what is refused changes nothing."""

    def __init__(self, shop: Shop, chance: random.Random, supplier: int) -> None:
        self.shop, self.app, self.chance, self.supplier = shop, shop.app, chance, supplier
        self.taken = self.used = self.back = 0

    async def place(self) -> None:
        view = await cart.open_cart(self.app, self.shop.ana)
        for isbn in self.chance.choices((PRIDE, DARKNESS, KLARA, SAPIENS), k=self.chance.randint(1, 3)):
            view = await cart.add_scan(self.app, self.shop.ana, view.id, isbn, self.chance.randint(1, 2))
        view = await cart.set_customer(self.app, self.shop.ana, view.id, ROSA)
        if self.chance.random() < 0.3:
            view = await add_payment(self.app, self.shop.ana, view.id, self.shop.payment(100))
        paid = []
        if (deposit := self.chance.choice((0, 0, 250, view.due))) > 0:
            paid.append(self.shop.payment(deposit, self.chance.choice((Tender.CASH, Tender.CARD))))
        request = OrderRequest.of(view, self.app.ids.new(), *paid)
        await place_from_cart(self.app, self.shop.ana, request)
        if self.chance.random() < 0.3:
            await place_from_cart(self.app, self.shop.ana, request)
        self.taken += sum(payment.amount for payment in request.payments)

    async def arrive(self) -> None:
        books = self.chance.sample(sorted(self.shop.books.values())[:4], 2)
        lines = tuple(Came(book, self.chance.randint(1, 3)) for book in books)
        await receive_delivery(self.app, self.shop.sam, DeliveryRequest(self.app.ids.new(), self.supplier, lines))

    async def collect(self) -> None:
        view = await cart.open_cart(self.app, self.shop.ana)
        view = await cart.set_customer(self.app, self.shop.ana, view.id, ROSA)
        view = await take_ready(self.app, self.shop.ana, view.id, None)
        paid = [self.shop.payment(view.due)] if view.due else []
        sale = await order.pay(self.app, self.shop.ana, order.PayRequest.of(view, *paid))
        self.used += sum(payment.amount for payment in sale.payments if payment.tender == Tender.DEPOSIT)

    async def one(self) -> int:
        rows = (await page_orders(self.app, OrderFilter(order.OrderKind.CUSTOMER_ORDER))).rows
        if not rows:
            raise Refused("order.missing", order_id=0)
        return self.chance.choice(rows).id

    async def move(self) -> None:
        now = (await get_order(self.app, await self.one())).order
        to = self.chance.choice(
            (OrderStatus.CONFIRMED, OrderStatus.SHIPPED, OrderStatus.DELIVERED, OrderStatus.CANCELLED)
        )
        stand = await get_stand(self.app, now.id)
        await move_order(self.app, self.shop.ana, now.id, now.version, to)
        if to is OrderStatus.DELIVERED and stand is not None:
            self.used += now.total

    async def give_back(self) -> None:
        given = await give_back_deposit(self.app, self.shop.sam, self.app.ids.new(), await self.one())
        self.back += given.payments[0].amount

    async def sell(self) -> None:
        await self.shop.sell(self.chance.choice((PRIDE, KLARA, SAPIENS)), operator=self.shop.people["Jo"])


@pytest.mark.parametrize("seed", [1, 2, 3])
async def test_any_sequence_keeps_every_rule(shop: Shop, seed: int) -> None:
    chance = random.Random(seed)
    supplier = await keep_supplier(shop.app, shop.sam, SupplierView(name="Gardners"))
    day = Day(shop, chance, supplier.id)
    acts = (day.place, day.place, day.arrive, day.collect, day.move, day.move, day.give_back, day.sell)
    done = 0
    for step in range(STEPS):
        act = chance.choice(acts)
        try:
            await act()
            done += 1
        except Refused:
            view = await cart.open_cart(shop.app, shop.ana)
            while view.can_undo:
                view = await cart.undo(shop.app, shop.ana, view.id)
        if step % 9 == 0:
            assert await shop.findings() == []
    assert await shop.findings() == []
    rows = (await page_orders(shop.app, OrderFilter(order.OrderKind.CUSTOMER_ORDER))).rows
    left = sum(row.follow.deposit for row in rows if row.follow is not None)
    assert day.taken == day.used + day.back + left
    for book in shop.books.values():
        there = await availability(shop.app, book)
        assert 0 <= there.reserved <= max(there.stock, 0)
    assert done > STEPS // 3
