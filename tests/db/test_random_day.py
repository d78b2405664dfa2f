"""Any day at the counter keeps every rule: random sales, splits, discounts, returns, exchanges, voids, both databases."""

import random
from collections import Counter
from decimal import Decimal

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from pos_app.app import App
from pos_app.domain.document import OrderView, Restock
from pos_app.domain.gift_code import new_code
from pos_app.domain.order_status import OrderKind
from pos_app.domain.payment import PaymentIn, Tender
from pos_app.domain.promotion import PromotionKind
from pos_app.domain.shop import StockPolicy
from pos_app.domain.tax import TaxLevel
from pos_app.errors import Refused
from pos_app.models import Book, Promotion, TaxRate
from pos_app.services import cart, order
from pos_app.services.cart_payment import add_payment
from pos_app.services.cart_price import discount_line, discount_sale
from pos_app.services.cart_return import find_return, take_back
from pos_app.services.cart_view import CartView
from pos_app.services.gift_card import get_gift_card, sell_gift_card
from pos_app.services.order_void import void_sale
from pos_app.services.setting import change_settings
from pos_app.services.shift import ShiftCount, close_shift, x_report
from tests.shop import DARKNESS, KLARA, PRIDE, SAPIENS, Shop, fill

ISBNS = (PRIDE, DARKNESS, KLARA, SAPIENS)


class Day:
    """Somebody selling at random; `documents` is what they were told is stored."""

    def __init__(self, shop: Shop, seed: int) -> None:
        self.shop, self.app, self.who = shop, shop.app, shop.people["Max"]
        self.dice = random.Random(seed)
        self.documents: list[OrderView] = []
        self.cards: list[str] = []
        # What lies in each sale and all that followed from it, by its first number: what was paid less what went back.
        self.roots: dict[str, str] = {}
        self.held: dict[str, Counter[tuple[str, str | None]]] = {}

    def keep(self, document: OrderView) -> None:
        """Note a document; no tender of a sale ever gives back more than it paid."""
        if document.number in self.roots:
            return
        self.documents.append(document)
        root = self.roots.get(document.refers_to or "", document.number)
        self.roots[document.number] = root
        held = self.held.setdefault(root, Counter())
        for paid in document.payments:
            held[paid.tender, paid.reference] += paid.amount
        held[Tender.CASH, None] -= document.change
        assert min(held.values()) >= 0, (document, held)

    async def basket(self) -> CartView:
        view = await cart.open_cart(self.app, self.who)
        for _ in range(self.dice.randint(1, 4)):
            isbn, count = self.dice.choice(ISBNS), self.dice.randint(1, 3)
            view = await cart.add_scan(self.app, self.who, view.id, isbn, count)
        if self.dice.random() < 0.4:
            line = self.dice.choice(view.lines)
            off = self.dice.choice([Decimal("0.1"), Decimal("0.333333"), 37, 1])
            view = await discount_line(self.app, self.who, view.id, line.key, off, "At random")
        if self.dice.random() < 0.3:
            view = await discount_sale(self.app, self.who, view.id, self.dice.choice([Decimal("0.05"), 111]), "Whole")
        return view

    async def pay(self, view: CartView) -> OrderView:
        """Settle a basket with a random split."""
        uid = self.app.ids.new
        if view.due < 0:
            parts = [PaymentIn(uid(), part.tender, -part.amount, part.reference) for part in view.refunds]
            return await order.pay(self.app, self.who, order.PayRequest.refund(view, *parts))
        if view.due > 600 and self.dice.random() < 0.5:
            part = self.dice.randint(1, view.due - 200)
            tender = self.dice.choice([Tender.CARD, Tender.BOOK_TOKEN])
            payment = PaymentIn(uid(), tender, part, f"X-{uid()}" if tender is Tender.BOOK_TOKEN else None)
            view = await add_payment(self.app, self.who, view.id, payment)
        if self.cards and view.due > 300 and self.dice.random() < 0.5:
            card = await get_gift_card(self.app, self.dice.choice(self.cards))
            worth = min(card.balance, view.due - 200)
            if worth > 0:
                payment = PaymentIn(uid(), Tender.GIFT_CARD, worth, card.code)
                view = await add_payment(self.app, self.who, view.id, payment)
        for number in range(self.dice.choice([0] * 9 + [22])):
            if view.due > 100:
                token = PaymentIn(uid(), Tender.BOOK_TOKEN, 10, f"T-{number}-{uid()}")
                view = await add_payment(self.app, self.who, view.id, token)
        if view.due > 600 and self.dice.random() < 0.3:
            view = await add_payment(self.app, self.who, view.id, PaymentIn(uid(), Tender.CASH, 300))
            over = PaymentIn(uid(), Tender.CARD, view.due + self.dice.choice([1, 300]))
            with pytest.raises(Refused, match=r"payment\.over"):
                await order.pay(self.app, self.who, order.PayRequest.of(view, over))
        if view.due == 0:
            return await order.pay(self.app, self.who, order.PayRequest.of(view))
        if self.dice.random() < 0.6:
            if view.cash_due == 0:
                return await order.pay(self.app, self.who, order.PayRequest.closing(view))
            cash = PaymentIn(uid(), Tender.CASH, view.cash_due + self.dice.choice([0, 5, 500, 2000]))
            return await order.pay(self.app, self.who, order.PayRequest.of(view, cash))
        return await order.pay(self.app, self.who, order.PayRequest.of(view, PaymentIn(uid(), Tender.CARD, view.due)))

    async def come_back(self, *, exchange: bool) -> None:
        sale = self.dice.choice(self.documents)
        view = await cart.open_cart(self.app, self.who)
        for line in (await find_return(self.app, sale.number)).lines:
            if line.left and self.dice.random() < 0.6:
                restock = self.dice.choice(list(Restock))
                count = self.dice.randint(1, line.left)
                view = await take_back(self.app, self.who, view.id, line.item_id, count, restock=restock)
        if view.lines and exchange:
            view = await cart.add_scan(self.app, self.who, view.id, self.dice.choice(ISBNS))
        if view.lines:
            self.keep(await self.pay(view))

    async def piece_by_piece(self) -> None:
        """Bring all of a document back, each piece by itself."""
        sale = self.dice.choice(self.documents)
        for line in (await find_return(self.app, sale.number)).lines:
            for _ in range(line.left):
                view = await cart.open_cart(self.app, self.who)
                view = await take_back(self.app, self.who, view.id, line.item_id, 1)
                self.keep(await self.pay(view))
        root = self.roots[sale.number]
        family = [one for one in self.documents if self.roots[one.number] == root]
        if all(one.kind is not OrderKind.EXCHANGE for one in family):
            assert set(self.held[root].values()) == {0}

    async def step(self) -> None:
        chance = self.dice.random()
        if chance < 0.55 or not self.documents:
            self.keep(await self.pay(await self.basket()))
        elif chance < 0.65:
            code = new_code()
            view = await cart.open_cart(self.app, self.who)
            view = await sell_gift_card(self.app, self.who, view.id, code, self.dice.choice([500, 1999]))
            self.keep(await self.pay(view))
            self.cards.append(code)
        elif chance < 0.75:
            self.keep(await void_sale(self.app, self.who, self.dice.choice(self.documents).number, "Mistake"))
        elif chance < 0.8:
            await self.piece_by_piece()
        else:
            await self.come_back(exchange=chance > 0.9)

    async def run(self, steps: int) -> None:
        for _ in range(steps):
            try:
                await self.step()
            except Refused as refused:
                # What the counter rightly refuses: no stock left, a sale that came back already, a card that is used.
                assert refused.code in {
                    "stock.short",
                    "return.nothing",
                    "void.returned",
                    "void.not_a_sale",
                    "gift_card.spent",
                    "gift_card.short",
                    "sale.changed",
                }, refused
            view = await cart.open_cart(self.app, self.who)
            if view.payments:
                while view.can_undo:
                    view = await cart.undo(self.app, self.who, view.id)
            if view.lines:
                await cart.clear(self.app, self.who, view.id)


async def prepare(app: App, *, inclusive: bool, level: TaxLevel, step: int) -> Shop:
    shop = await fill(app)
    await change_settings(app, shop.people["Max"], prices_include_tax=inclusive, tax_level=level, cash_rounding=step)

    def act(session: Session) -> None:
        rates = [TaxRate(name="Reduced", rate=Decimal("0.055")), TaxRate(name="Odd", rate=Decimal("0.19"))]
        session.add_all([*rates, Promotion(name="3 for 2", kind=PromotionKind.BUNDLE, buy=3, pay=2)])
        session.flush()
        for book, rate in zip(session.scalars(select(Book).where(Book.isbn.is_not(None))), rates * 2, strict=False):
            book.tax_rate_id = rate.id

    await app.db.write(act)
    return shop


@pytest.mark.parametrize("seed", range(6))
async def test_any_day_keeps_every_rule(app: App, seed: int) -> None:
    dice = random.Random(seed)
    shop = await prepare(
        app, inclusive=bool(seed % 2), level=list(TaxLevel)[seed // 2 % 2], step=dice.choice([1, 5, 10, 100])
    )
    day = Day(shop, seed)
    await day.run(40)
    assert await shop.findings() == []
    kinds = Counter(document.kind for document in {one.uid: one for one in day.documents}.values())
    assert kinds[OrderKind.SALE] > 5
    x = await x_report(app, day.who)
    stored = {one.uid: one for one in day.documents}.values()
    gift_cards = sum(line.amount for one in stored for line in one.lines if line.gift_card)
    assert x.totals.takings == sum(one.total for one in stored) - gift_cards
    assert x.totals.documents == len(stored)
    cash = sum(paid.amount for one in stored for paid in one.payments if paid.tender == Tender.CASH)
    assert x.expected == cash - sum(one.change for one in stored)
    assert sum(share.amount for share in x.totals.tenders) == sum(one.total for one in stored)
    assert sum(tax.tax for tax in x.totals.taxes) == x.totals.tax
    z = await close_shift(app, day.who, x.opened_at, ShiftCount(x.expected))
    assert (z.difference, z.number, z.totals) == (0, 1, x.totals)
    assert await shop.findings() == []


@pytest.mark.parametrize("seed", range(4))
async def test_a_refund_after_any_sale_sums_to_nothing_per_tax_and_tender(app: App, seed: int) -> None:
    shop = await prepare(app, inclusive=bool(seed % 2), level=list(TaxLevel)[seed // 2], step=5)
    await change_settings(app, shop.people["Max"], stock_policy=StockPolicy.PHYSICAL)
    day = Day(shop, seed + 100)
    sale = await day.pay(await day.basket())
    view = await cart.open_cart(app, day.who)
    for line in (await find_return(app, sale.number)).lines:
        view = await take_back(app, day.who, view.id, line.item_id, line.left)
    back = await day.pay(view)
    taxes: Counter[str] = Counter()
    tenders: Counter[str] = Counter()
    for one in (sale, back):
        for tax in one.taxes:
            taxes[tax.name] += tax.tax
            taxes[f"{tax.name} net"] += tax.net
        for paid in one.payments:
            tenders[paid.tender] += paid.amount
        tenders[Tender.CASH] -= one.change
    assert set(taxes.values()) == {0}
    assert set(tenders.values()) == {0}
    assert sale.total + back.total == 0
    assert await shop.findings() == []
