"""What a sale was paid with goes back the way it came, however often its books come back or are exchanged."""

import random
from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pos_app.domain.money import round_cash
from pos_app.domain.payment import PaidPart, PaymentIn, Tender
from pos_app.domain.purse import Purse, Settled, plan_refund, settled_with

TENDERS = (Tender.CARD, Tender.GIFT_CARD, Tender.ACCOUNT, Tender.CASH)


def sold(worth: dict[str, int], step: int) -> Purse:
    """A sale of which so much was paid by each tender, what was left of it in coins."""
    payments = [PaymentIn(tender, tender, amount) for tender, amount in worth.items() if amount]
    rounding = 0
    if cash := worth.get(Tender.CASH, 0):
        coins = round_cash(cash, step)
        rounding = coins - cash
        payments = [paid for paid in payments if paid.tender != Tender.CASH]
        payments += [PaymentIn("cash", Tender.CASH, coins + 500)] if coins else []
    change = 500 if any(paid.tender == Tender.CASH for paid in payments) else 0
    return settled_with(Settled(sum(worth.values()), rounding, change, 0, 0, payments, 7), None, step)


def give_back(purse: Purse, worth: int, step: int, *, in_cash: bool = False) -> Counter[str]:
    plan = plan_refund(purse, worth, 0, step)
    parts = plan.parts
    if in_cash:
        parts = (PaidPart(Tender.CASH, plan.in_cash),) if plan.in_cash else ()
    payments = [PaymentIn("", part.tender, -part.amount, part.reference) for part in parts]
    settled_with(Settled(-worth, worth - sum(part.amount for part in parts), 0, worth, 0, payments), purse, step)
    return Counter({part.tender: part.amount for part in parts})


def exchange(purse: Purse, worth: int, step: int, added: int = 0) -> Purse:
    paid = [PaymentIn("added", Tender.CARD, added)] if added else []
    return settled_with(Settled(added, 0, 0, worth, 0, paid), purse, step)


@pytest.mark.parametrize(("step", "price", "pieces"), [(100, 50, 10), (10, 95, 6), (5, 298, 5)])
def test_piece_by_piece_no_more_coins_go_back_than_were_paid(step: int, price: int, pieces: int) -> None:
    purse = sold({Tender.CASH: price * pieces}, step)
    back = [give_back(purse, price, step)[Tender.CASH] for _ in range(pieces)]
    assert sum(back) == round_cash(price * pieces, step)
    assert back[0] == round_cash(price, step)


@given(st.lists(st.integers(1, 5000), min_size=1, max_size=12), st.sampled_from([1, 5, 10, 100]), st.data())
def test_coins_of_all_pieces_sum_to_the_coins_paid(prices: list[int], step: int, data: st.DataObject) -> None:
    paid = round_cash(sum(prices), step)
    purse, back = sold({Tender.CASH: sum(prices)}, step), 0
    for price in prices:
        kept = purse
        if data.draw(st.booleans()):
            kept = exchange(purse, price, step)
        back += give_back(kept, price, step)[Tender.CASH]
        assert back <= paid
    assert back == paid
    assert purse.parts == ()


@given(st.lists(st.integers(0, 3000), min_size=4, max_size=4), st.sampled_from([1, 5, 100]), st.integers(0, 10**6))
def test_no_tender_gets_more_than_it_paid_whatever_is_exchanged(worths: list[int], step: int, seed: int) -> None:
    dice = random.Random(seed)
    worth = dict(zip(TENDERS, worths, strict=True))
    paid = Counter(worth) + Counter()
    paid[Tender.CASH] = round_cash(worth[Tender.CASH], step)
    documents = [[sold(worth, step), sum(worths)]]
    back: Counter[str] = Counter()
    while left := [document for document in documents if document[1]]:
        document = dice.choice(left)
        purse, whole = document
        some = whole if len(documents) > 8 else dice.randint(1, whole)
        document[1] -= some
        if len(documents) <= 8 and dice.random() < 0.5:
            added = dice.choice([0, 0, 250])
            paid[Tender.CARD] += added
            documents.append([exchange(purse, some, step, added), some + added])
        else:
            back += give_back(purse, some, step)
        assert all(back[tender] <= paid[tender] for tender in TENDERS)
    assert back == paid + Counter()


@given(st.integers(1, 500), st.integers(1, 12), st.sampled_from([1, 5, 100]))
def test_coins_for_a_card_come_to_what_the_card_paid_once_rounded(price: int, pieces: int, step: int) -> None:
    purse = sold({Tender.CARD: price * pieces}, step)
    back = sum(give_back(purse, price, step, in_cash=True)[Tender.CASH] for _ in range(pieces))
    assert back <= price * pieces + step // 2


def test_what_an_exchange_gave_back_is_not_in_it() -> None:
    purse = sold({Tender.CARD: 1000, Tender.CASH: 1000}, 1)
    plan = plan_refund(purse, 500, 0, 1)
    assert [(part.tender, part.amount) for part in plan.parts] == [("card", 500)]
    payments = [PaymentIn("", Tender.CARD, -500)]
    new = settled_with(Settled(-500, 0, 0, 2000, 0, payments), purse, 1)
    assert [(part.tender, part.amount) for part in new.parts] == [("card", 500), ("cash", 1000)]
    assert purse.parts == ()


def test_a_book_without_a_receipt_takes_nothing_of_the_sale() -> None:
    purse = sold({Tender.CARD: 10000}, 1)
    plan = plan_refund(purse, 5000, 5000, 1)
    assert [(part.tender, part.amount) for part in plan.parts] == [("card", 5000), ("cash", 5000)]
    payments = [PaymentIn("", part.tender, -part.amount) for part in plan.parts]
    settled_with(Settled(-10000, 0, 0, 5000, 5000, payments), purse, 1)
    assert [(part.tender, part.amount) for part in purse.parts] == [("card", 5000)]
