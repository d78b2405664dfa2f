"""Charges on the till's terminal: checked before they are asked, never forgotten, and never taken back silently."""

from contextlib import suppress
from dataclasses import replace
from random import Random

import pytest
from sqlalchemy import func, select, text
from sqlalchemy.orm import Session

from pos_app.app import App
from pos_app.devices.card_terminal import SimulatedTerminal
from pos_app.domain.card import CardKind, CardOutcome, CardResult
from pos_app.domain.payment import PaymentIn, Tender
from pos_app.domain.shop import StockPolicy
from pos_app.errors import Refused
from pos_app.models import Book, CardAttempt, Cart, CartPayment, CartStatus, Payment, Till
from pos_app.services import cart as basket
from pos_app.services.card import begin_charge, begin_reversal, end_task, open_tasks
from pos_app.services.cart_park import park, recall
from pos_app.services.cart_payment import add_payment, take_back_payment
from pos_app.services.cart_view import CartView
from pos_app.services.order import PayRequest, pay
from pos_app.services.order_void import void_sale
from pos_app.services.setting import change_settings, shop_settings
from pos_app.services.shift import ShiftCount, close_shift, ensure_open, x_report
from pos_app.services.sign_in import Operator
from tests.shop import DARKNESS, KLARA, PRIDE, SAPIENS, Shop


@pytest.fixture
def charging(shop: Shop) -> Shop:
    """A shop whose tills have a terminal of their own."""
    return replace(shop, app=replace(shop.app, terminal=SimulatedTerminal()))


async def basket_of(shop: Shop, *isbns: str) -> CartView:
    cart = await basket.open_cart(shop.app, shop.ana)
    for isbn in isbns:
        cart = await basket.add_scan(shop.app, shop.ana, cart.id, isbn)
    return cart


def card(shop: Shop, amount: int) -> PaymentIn:
    return PaymentIn(shop.app.ids.new(), Tender.CARD, amount)


def approved(uid: str) -> CardResult:
    return CardResult(CardOutcome.APPROVED, uid, "Visa", "4242", "A1")


async def charge(shop: Shop, cart: CartView, amount: int) -> CartView:
    task = await begin_charge(shop.app, shop.ana, PayRequest.of(cart), card(shop, amount))
    after = await end_task(shop.app, shop.ana, approved(task.uid))
    assert after is not None
    return after


async def attempts(app: App) -> int:
    return await app.db.read(lambda session: session.scalar(select(func.count(CardAttempt.id))) or 0)


async def test_an_approved_charge_is_a_payment_at_once(charging: Shop) -> None:
    cart = await charge(charging, await basket_of(charging, PRIDE), 899)
    assert cart.due == 0
    assert [(paid.amount, paid.reference, paid.scheme) for paid in cart.payments] == [(899, "A1", "Visa ···· 4242")]
    assert await charging.findings() == []
    sale = await pay(charging.app, charging.ana, PayRequest.of(cart))
    assert [paid.amount for paid in sale.payments] == [899]
    assert await charging.findings() == []


async def test_nothing_is_asked_where_the_stock_would_refuse_it(charging: Shop) -> None:
    await change_settings(charging.app, charging.people["Max"], stock_policy=StockPolicy.STRICT)
    cart = await basket_of(charging, SAPIENS)
    with pytest.raises(Refused, match=r"stock\.short"):
        await begin_charge(charging.app, charging.ana, PayRequest.of(cart), card(charging, 2499))
    assert await attempts(charging.app) == 0


async def test_nothing_is_asked_without_a_shift(charging: Shop) -> None:
    cart = await basket_of(charging, PRIDE)
    x = await x_report(charging.app, charging.sam)
    await close_shift(charging.app, charging.sam, x.opened_at, ShiftCount(0))
    with pytest.raises(Refused, match=r"shift\.closed"):
        await begin_charge(charging.app, charging.ana, PayRequest.of(cart), card(charging, 899))
    assert await attempts(charging.app) == 0


@pytest.mark.parametrize("amount", [899, 500])
async def test_nothing_is_asked_for_a_basket_that_changed(charging: Shop, amount: int) -> None:
    seen = PayRequest.of(await basket_of(charging, PRIDE))
    await basket_of(charging, DARKNESS)
    with pytest.raises(Refused, match=r"sale\.changed"):
        await begin_charge(charging.app, charging.ana, seen, card(charging, amount))
    assert await attempts(charging.app) == 0


@pytest.mark.parametrize(("amount", "code"), [(900, "payment.over"), (0, "payment.invalid"), (-5, "payment.invalid")])
async def test_nothing_is_asked_for_an_amount_that_cannot_be(charging: Shop, amount: int, code: str) -> None:
    cart = await basket_of(charging, PRIDE)
    with pytest.raises(Refused, match=code.replace(".", r"\.")):
        await begin_charge(charging.app, charging.ana, PayRequest.of(cart), card(charging, amount))
    assert await attempts(charging.app) == 0


async def test_a_rehearsal_leaves_nothing_behind(charging: Shop) -> None:
    cart = await basket_of(charging, PRIDE)
    await begin_charge(charging.app, charging.ana, PayRequest.of(cart), card(charging, 899))
    stock = await charging.app.db.read(lambda session: session.get_one(Book, charging.books[PRIDE]).stock)
    assert stock == 23
    assert [task.kind for task in await open_tasks(charging.app, charging.ana, cart.id)] == [CardKind.CHARGE]
    assert await charging.findings() == []


async def test_a_basket_stands_still_while_a_charge_is_open(charging: Shop) -> None:
    shop, app = charging, charging.app
    cart = await basket_of(shop, PRIDE)
    await begin_charge(app, shop.ana, PayRequest.of(cart), card(shop, 500))
    cash = shop.payment(899)
    for act in (
        lambda: basket.add_scan(app, shop.ana, cart.id, KLARA),
        lambda: basket.set_quantity(app, shop.ana, cart.id, cart.lines[0].key, 0),
        lambda: basket.clear(app, shop.ana, cart.id),
        lambda: basket.undo(app, shop.ana, cart.id),
        lambda: add_payment(app, shop.ana, cart.id, shop.payment(100)),
        lambda: park(app, shop.ana, cart.id),
        lambda: pay(app, shop.ana, PayRequest.of(cart, cash)),
        lambda: begin_charge(app, shop.ana, PayRequest.of(cart), card(shop, 899)),
    ):
        with pytest.raises(Refused, match=r"card\.open"):
            await act()


async def test_what_was_declined_leaves_the_basket_free(charging: Shop) -> None:
    cart = await basket_of(charging, PRIDE)
    task = await begin_charge(charging.app, charging.ana, PayRequest.of(cart), card(charging, 899))
    after = await end_task(charging.app, charging.ana, CardResult(CardOutcome.DECLINED, task.uid))
    assert after is not None
    assert after.payments == ()
    await pay(charging.app, charging.ana, PayRequest.of(after, charging.payment(899)))
    assert await charging.findings() == []


async def test_what_is_final_stays_so(charging: Shop) -> None:
    cart = await basket_of(charging, PRIDE)
    task = await begin_charge(charging.app, charging.ana, PayRequest.of(cart), card(charging, 899))
    for result in (approved(task.uid), approved(task.uid), CardResult(CardOutcome.DECLINED, task.uid)):
        after = await end_task(charging.app, charging.ana, result)
        assert after is not None
        assert [paid.amount for paid in after.payments] == [899]


async def test_a_charged_part_goes_back_to_the_card_before_it_leaves_the_basket(charging: Shop) -> None:
    shop, app = charging, charging.app
    cart = await charge(shop, await basket_of(shop, PRIDE), 500)
    uid = cart.payments[0].uid
    for take_back in (basket.undo(app, shop.ana, cart.id), take_back_payment(app, shop.ana, cart.id, uid)):
        with pytest.raises(Refused, match=r"card\.charged") as refused:
            await take_back
        assert refused.value.params == {"uid": uid, "amount": 500}
    task = await begin_reversal(app, shop.ana, cart.id, uid, app.ids.new())
    assert (task.kind, task.amount) == (CardKind.REVERSAL, 500)
    with pytest.raises(Refused, match=r"card\.open"):
        await basket.add_scan(app, shop.ana, cart.id, KLARA)
    after = await end_task(app, shop.ana, approved(task.uid))
    assert after is not None
    assert after.payments == ()
    assert await shop.findings() == []
    undone = await basket.undo(app, shop.ana, cart.id)
    assert undone.lines == ()  # the step before the payment, not the payment once more


async def test_a_reversal_that_is_declined_keeps_the_payment(charging: Shop) -> None:
    shop, app = charging, charging.app
    cart = await charge(shop, await basket_of(shop, PRIDE), 500)
    task = await begin_reversal(app, shop.ana, cart.id, cart.payments[0].uid, app.ids.new())
    after = await end_task(app, shop.ana, CardResult(CardOutcome.DECLINED, task.uid))
    assert after is not None
    assert [paid.amount for paid in after.payments] == [500]
    assert await shop.findings() == []


async def test_another_payment_is_taken_back_wherever_it_stands(shop: Shop) -> None:
    cart = await basket_of(shop, PRIDE)
    cart = await add_payment(shop.app, shop.ana, cart.id, shop.payment(300))
    cart = await basket.add_scan(shop.app, shop.ana, cart.id, KLARA)
    cart = await take_back_payment(shop.app, shop.ana, cart.id, cart.payments[0].uid)
    assert (cart.payments, len(cart.lines)) == ((), 2)
    with pytest.raises(Refused, match=r"payment\.missing"):
        await take_back_payment(shop.app, shop.ana, cart.id, "gone")
    assert len((await basket.undo(shop.app, shop.ana, cart.id)).lines) == 1


async def test_no_card_is_stored_that_the_terminal_did_not_charge(charging: Shop) -> None:
    shop, app = charging, charging.app
    cart = await basket_of(shop, PRIDE)
    with pytest.raises(Refused, match=r"card\.not_charged"):
        await pay(app, shop.ana, PayRequest.of(cart, card(shop, 899)))
    with pytest.raises(Refused, match=r"card\.not_charged"):
        await add_payment(app, shop.ana, cart.id, card(shop, 100))


async def test_a_refund_is_written_down_with_its_document(charging: Shop) -> None:
    shop, app = charging, charging.app
    sale = await pay(app, shop.ana, PayRequest.of(await charge(shop, await basket_of(shop, PRIDE), 899)))
    voided = await void_sale(app, shop.sam, sale.number, "Mistake")
    (task,) = await open_tasks(app, shop.sam)
    assert (task.kind, task.amount, task.uid) == (CardKind.REFUND, 899, voided.payments[0].uid)
    await end_task(app, shop.sam, CardResult(CardOutcome.DECLINED, task.uid))
    assert await open_tasks(app, shop.sam) == [task]  # until it went back, be it by hand
    await end_task(app, shop.sam, CardResult(CardOutcome.APPROVED, task.uid), by_hand=True)
    assert await open_tasks(app, shop.sam) == []
    assert await shop.findings() == []


async def test_a_charge_is_asked_about_at_the_till_that_asked_for_it(charging: Shop) -> None:
    shop, app = charging, charging.app
    elsewhere = await at_second_till(shop)
    cart = await basket_of(shop, PRIDE)
    task = await begin_charge(app, shop.ana, PayRequest.of(cart), card(shop, 899))
    fresh = await basket.open_cart(app, elsewhere)
    assert fresh.lines == ()
    assert await open_tasks(app, elsewhere, cart.id) == []
    with pytest.raises(Refused, match=r"card\.elsewhere"):
        await recall(app, elsewhere, fresh.id, cart.id)
    here = await basket.open_cart(app, shop.ana)
    back = await recall(app, shop.ana, here.id, cart.id)
    assert [one.uid for one in await open_tasks(app, shop.ana, back.id)] == [task.uid]
    after = await end_task(app, shop.ana, approved(task.uid))
    assert after is not None
    await pay(app, shop.ana, PayRequest.of(after))
    assert await shop.findings() == []


STRAY_REFUND = (
    "INSERT INTO card_attempts (uid, kind, till_id, user_id, amount) "
    "SELECT 'x', 'refund', till_id, user_id, 5 FROM card_attempts LIMIT 1"
)


@pytest.mark.parametrize(
    ("change", "rule"),
    [
        ("DELETE FROM cart_payments", "charge "),
        ("UPDATE carts SET status = 'paid'", "is no longer there to take it"),
        (STRAY_REFUND, "refund x of 5"),
    ],
)
async def test_verify_finds_money_that_was_forgotten(charging: Shop, change: str, rule: str) -> None:
    cart = await charge(charging, await basket_of(charging, PRIDE), 500)
    await begin_charge(charging.app, charging.ana, PayRequest.of(cart), card(charging, 100))
    assert await charging.findings() == []
    await charging.app.db.write(lambda session: session.execute(text(change)))
    assert any(rule in found for found in await charging.findings())


async def at_second_till(shop: Shop) -> Operator:
    """Ana, signed in at another till."""

    def act(session: Session) -> Operator:
        till = Till(number=2, name="Till 2")
        session.add(till)
        session.flush()
        now = shop.app.clock.now()
        ensure_open(session, shop.app.ids, shop_settings(session), till_id=till.id, user_id=shop.ana.user_id, now=now)
        return replace(shop.ana, till_id=till.id, till_number=2)

    return await shop.app.db.write(act)


@pytest.mark.parametrize("seed", range(3))
async def test_what_moved_on_the_terminal_is_what_is_stored(charging: Shop, seed: int) -> None:
    shop, app, dice = charging, charging.app, Random(seed)
    terminal = app.terminal
    assert isinstance(terminal, SimulatedTerminal)
    sold: list[str] = []

    async def charge_some(cart: CartView) -> None:
        amount = dice.choice([cart.due, dice.randint(1, max(cart.due, 1)), cart.due + 5])
        task = await begin_charge(app, shop.ana, PayRequest.of(cart), card(shop, amount))
        result = await terminal.charge(task.uid, task.amount, "GBP")
        if dice.random() < 0.8:  # else the till dies here
            await end_task(app, shop.ana, result)

    async def give_back(cart: CartView) -> None:
        uid = dice.choice(cart.payments).uid if cart.payments else "none"
        task = await begin_reversal(app, shop.ana, cart.id, uid, app.ids.new())
        result = await terminal.refund(task.uid, task.amount, "GBP")
        if dice.random() < 0.7:
            await end_task(app, shop.ana, result)

    async def finish(cart: CartView) -> None:
        rest = [shop.payment(cart.due)] if cart.due else []
        sold.append((await pay(app, shop.ana, PayRequest.of(cart, *rest))).number)

    async def void(_cart: CartView) -> None:
        if sold:
            await void_sale(app, shop.sam, dice.choice(sold), "Rung up wrong")

    async def settle(cart: CartView) -> None:
        for task in await open_tasks(app, shop.ana, cart.id):
            asked = terminal.refund(task.uid, task.amount, "GBP") if task.kind is CardKind.REFUND else None
            await end_task(app, shop.ana, await (asked or terminal.status(task.uid)))

    acts = [
        lambda cart: basket.add_scan(app, shop.ana, cart.id, PRIDE),
        lambda cart: basket.add_scan(app, shop.ana, cart.id, PRIDE),
        lambda cart: add_payment(app, shop.ana, cart.id, shop.payment(dice.randint(1, max(cart.due, 1)))),
        lambda cart: basket.undo(app, shop.ana, cart.id),
        lambda cart: basket.clear(app, shop.ana, cart.id),
        charge_some,
        charge_some,
        give_back,
        finish,
        finish,
        void,
        settle,
        settle,
    ]
    for _ in range(80):
        cart = await basket.open_cart(app, shop.ana)
        with suppress(Refused):
            await dice.choice(acts)(cart)
    await settle(await basket.open_cart(app, shop.ana))
    assert sold
    assert await shop.findings() == []

    def stored(session: Session) -> int:
        waiting = select(func.coalesce(func.sum(CartPayment.amount), 0)).join(Cart, Cart.id == CartPayment.cart_id)
        in_baskets = session.scalar(waiting.where(CartPayment.tender == Tender.CARD, Cart.status != CartStatus.PAID))
        paid = session.scalar(select(func.coalesce(func.sum(Payment.amount), 0)).where(Payment.tender == Tender.CARD))
        return (in_baskets or 0) + (paid or 0)

    assert sum(amount for _, amount in terminal.moved) == await app.db.read(stored)
