"""Customers: found by whatever they say, added while they wait, and what waits for them."""

import asyncio
from datetime import date

import pytest
from sqlalchemy import insert, update
from sqlalchemy.orm import Session

from pos_app.domain.order_status import OrderStatus
from pos_app.domain.payment import PaymentIn, Tender
from pos_app.domain.search import customer_keys
from pos_app.errors import Refused
from pos_app.models import Customer, table
from pos_app.services import cart, order
from pos_app.services.cart_return import find_return, take_back
from pos_app.services.customer import (
    CustomerRow,
    add_customer,
    bought_before,
    customer_by_card,
    customer_card,
    find_customers,
    likely_duplicates,
    set_credit_limit,
)
from tests.conftest import SetClock
from tests.shop import DARKNESS, KLARA, PRIDE, Shop

ROSA = 1


async def add(shop: Shop, name: str, phone: str = "", email: str = "", card: str = "") -> CustomerRow:
    return await add_customer(shop.app, shop.ana, name, phone, email, card)


async def found(shop: Shop, text: str) -> list[str]:
    return [row.name for row in await find_customers(shop.app, text)]


async def people(shop: Shop) -> None:
    await add(shop, "Siobhán Kelly", "07700 900123", "siobhan+books@kelly.example", "C-1001")
    await add(shop, "St Anne’s School", "+44 20 7946 0018", "office@stannes.example")
    await add(shop, "Tomasz Zieliński", "(020) 7946-0955")
    await add(shop, "Anneliese Roth", "030 23125 000", card="C-2002")


async def test_a_customer_is_found_by_any_part_of_what_they_say(shop: Shop) -> None:
    await people(shop)
    for typed, names in {
        "rosa": ["Rosa Marchetti"],
        "MARCH": ["Rosa Marchetti"],
        "chett": ["Rosa Marchetti"],
        "marchetti rosa": ["Rosa Marchetti"],
        "siobhan": ["Siobhán Kelly"],
        "ZIELINSKI": ["Tomasz Zieliński"],
        "07700 900123": ["Siobhán Kelly"],
        "07700900123": ["Siobhán Kelly"],
        "+44 7700 900123": ["Siobhán Kelly"],
        "900123": ["Siobhán Kelly"],
        "020 7946": ["St Anne’s School", "Tomasz Zieliński"],
        "020-79460018": ["St Anne’s School"],
        "kelly.example": ["Siobhán Kelly"],
        "OFFICE@STANNES.EXAMPLE": ["St Anne’s School"],
        "+books": ["Siobhán Kelly"],
        "c-1001": ["Siobhán Kelly"],
        "C-20": ["Anneliese Roth"],
        "": [],
        "  ": [],
        "nobody": [],
        "rosa kelly": [],
    }.items():
        assert await found(shop, typed) == names, typed


async def test_a_name_that_starts_so_comes_before_one_with_the_word_inside(shop: Shop) -> None:
    await people(shop)
    await add(shop, "Joanne Hall")
    assert await found(shop, "anne") == ["Anneliese Roth", "St Anne’s School", "Joanne Hall"]


async def test_a_whole_card_or_number_comes_first(shop: Shop) -> None:
    await add(shop, "Aaron", "1234567")
    await add(shop, "Zoe", "23456")
    await add(shop, "Aaron 77")
    await add(shop, "Zara", card="77")
    assert await found(shop, "23456") == ["Zoe", "Aaron"]
    assert await found(shop, "77") == ["Zara", "Aaron 77"]


@pytest.mark.parametrize(
    "text", ["'", "%", "_", '"', "\\", "\0", "\ud800", "<b>", "a" * 10_000, "📚", "\u202ea", "--;"]
)
async def test_whatever_is_typed_is_answered(shop: Shop, text: str) -> None:
    await people(shop)
    assert len(await find_customers(shop.app, text)) <= 5


async def test_only_as_many_as_asked_for_and_each_once(shop: Shop) -> None:
    for number in range(30):
        await add(shop, f"Anna Example {number}", f"5550{number:04d}", f"anna{number}@example.org")
    rows = await find_customers(shop.app, "anna", limit=12)
    assert len(rows) == len({row.id for row in rows}) == 12


async def test_a_customer_who_is_gone_is_not_offered(shop: Shop) -> None:
    row = await add(shop, "Old Name", card="OLD1")

    def act(session: Session) -> None:
        session.execute(update(table(Customer)).where(table(Customer).c.id == row.id).values(active=False))

    await shop.app.db.write(act)
    assert await found(shop, "old name") == []
    assert await customer_by_card(shop.app, "OLD1") is None


async def test_a_card_names_its_customer_however_it_is_read(shop: Shop) -> None:
    row = await add(shop, "Siobhán Kelly", card=" c-10 01 ")
    assert row.card == "C-1001"
    for code in ("C-1001", "c-1001", " C-1001\n"):
        customer = await customer_by_card(shop.app, code)
        assert customer is not None
        assert customer.name == "Siobhán Kelly"
    assert await customer_by_card(shop.app, "C-1002") is None
    for code, refusal in {
        "": "customer.card",
        "x" * 65: "customer.card",
        "4012888888881881": "code.card_number",
    }.items():
        with pytest.raises(Refused) as refused:
            await customer_by_card(shop.app, code)
        assert refused.value.code == refusal


async def test_a_name_is_enough(shop: Shop) -> None:
    row = await add(shop, "  Mei-Ling   Chow ")
    assert (row.name, row.phone, row.email, row.card) == ("Mei-Ling Chow", None, None, None)
    assert (row.balance, row.credit_limit, row.waiting, row.duplicates) == (0, 0, 0, ())


REFUSED = [
    ({"name": ""}, "customer.name"),
    ({"name": "..."}, "customer.name"),
    ({"name": "x" * 256}, "customer.name"),
    ({"name": "nul\0"}, "customer.name"),
    ({"name": "half a sign \ud83d"}, "customer.name"),
    ({"name": "turned \u202e round"}, "customer.name"),
    ({"phone": "twelve"}, "customer.phone"),
    ({"phone": "12"}, "customer.phone"),
    ({"phone": "1" * 41}, "customer.phone"),
    ({"phone": "٠٧٧٠٠"}, "customer.phone"),
    ({"email": "rosa"}, "customer.email"),
    ({"email": "rosa@home"}, "customer.email"),
    ({"email": "ro sa@home.example"}, "customer.email"),
    ({"email": "r" * 255 + "@home.example"}, "customer.email"),
    ({"card": "x" * 65}, "customer.card"),
    ({"card": "a\0b"}, "customer.card"),
    ({"card": "4012 8888 8888 1881"}, "code.card_number"),
    ({"name": "4012888888881881"}, "code.card_number"),
    ({"phone": "4012-8888-8888-1881"}, "code.card_number"),
]


@pytest.mark.parametrize(("given", "code"), REFUSED)
async def test_what_cannot_be_kept_is_refused_and_nobody_is_added(shop: Shop, given: dict[str, str], code: str) -> None:
    with pytest.raises(Refused) as refused:
        await add(shop, **{"name": "Rosetta Stone", **given})
    assert refused.value.code == code
    assert await found(shop, "rosetta") == []


async def test_a_long_number_with_its_country_is_no_payment_card(shop: Shop) -> None:
    assert (await add(shop, "Karl Weiß", "+49 1512 3456784")).phone == "+49 1512 3456784"


async def test_who_may_be_the_same_is_shown_and_not_in_the_way(shop: Shop) -> None:
    await people(shop)
    for given, names in [
        ({"name": "Marchetti Rosa"}, ["Rosa Marchetti"]),
        ({"name": "siobhan kelly"}, ["Siobhán Kelly"]),
        ({"name": "Ms Kelly", "phone": "+44 (0) 7700 900123"}, ["Siobhán Kelly"]),
        ({"name": "S. Kelly", "email": "Siobhan+Books@kelly.example"}, ["Siobhán Kelly"]),
        ({"name": "Rosa"}, []),
        ({"name": "Somebody Else", "phone": "07700 900124", "email": "else@kelly.example"}, []),
        ({"name": "", "phone": "", "email": "@"}, []),
    ]:
        assert [row.name for row in await likely_duplicates(shop.app, **given)] == names, given
    row = await add(shop, "Rosa Marchetti")
    assert [one.id for one in row.duplicates] == [ROSA]
    assert row.id != ROSA


async def test_a_card_belongs_to_one_customer_even_from_two_tills_at_once(shop: Shop) -> None:
    outcomes = await asyncio.gather(
        *(add(shop, f"Customer {number}", card="C-1") for number in range(4)), return_exceptions=True
    )
    refused = [outcome for outcome in outcomes if isinstance(outcome, Refused)]
    assert [one.code for one in refused] == ["customer.card_taken"] * 3
    owner = await customer_by_card(shop.app, "C-1")
    assert owner is not None
    assert {one.params["name"] for one in refused} == {owner.name}


async def test_a_manager_sets_how_much_a_customer_may_owe(shop: Shop) -> None:
    with pytest.raises(Refused, match=r"right\.missing"):
        await set_credit_limit(shop.app, shop.ana, ROSA, 10_000)
    row = await set_credit_limit(shop.app, shop.sam, ROSA, 10_000)
    assert (row.credit_limit, row.version) == (10_000, 2)
    for amount in (-1, 10**18, 9.5, True):
        with pytest.raises(Refused, match=r"customer\.limit"):
            await set_credit_limit(shop.app, shop.sam, ROSA, amount)  # type: ignore[arg-type]
    with pytest.raises(Refused, match=r"customer\.missing"):
        await set_credit_limit(shop.app, shop.sam, 4711, 1)


async def sell_to(shop: Shop, customer_id: int, *isbns: str, tender: Tender = Tender.CASH) -> str:
    view = await cart.open_cart(shop.app, shop.ana)
    view = await cart.set_customer(shop.app, shop.ana, view.id, customer_id)
    for isbn in isbns:
        view = await cart.add_scan(shop.app, shop.ana, view.id, isbn)
    payment = PaymentIn(shop.app.ids.new(), tender, view.due)
    return (await order.pay(shop.app, shop.ana, order.PayRequest.of(view, payment))).number


async def test_the_card_shows_account_and_purchases(shop: Shop, clock: SetClock) -> None:
    await set_credit_limit(shop.app, shop.sam, ROSA, 10_000)
    await sell_to(shop, ROSA, PRIDE, KLARA, tender=Tender.ACCOUNT)
    clock.forward(days=0.1)
    await sell_to(shop, ROSA, PRIDE, PRIDE)
    card = await customer_card(shop.app, ROSA)
    assert (card.customer.balance, card.customer.credit_limit) == (899 + 1695, 10_000)
    assert [(one.title, one.quantity) for one in card.purchases] == [
        ("Pride and Prejudice", 2),
        ("Pride and Prejudice", 1),
        ("Klara and the Sun", 1),
    ]
    with pytest.raises(Refused, match=r"customer\.missing"):
        await customer_card(shop.app, 4711)


async def test_what_was_bought_before_is_known_and_what_came_back_is_not(shop: Shop) -> None:
    number = await sell_to(shop, ROSA, PRIDE, KLARA)
    await shop.sell(DARKNESS)
    ids = [shop.books[isbn] for isbn in (PRIDE, DARKNESS, KLARA)]
    today = date(2026, 11, 23)
    assert await bought_before(shop.app, ROSA, ids) == {ids[0]: today, ids[2]: today}
    assert await bought_before(shop.app, ROSA, []) == {}
    assert await bought_before(shop.app, 4711, ids) == {}
    view = await cart.open_cart(shop.app, shop.ana)
    sale = await find_return(shop.app, number)
    view = await take_back(shop.app, shop.ana, view.id, sale.lines[0].item_id, 1)
    refund = [PaymentIn(shop.app.ids.new(), one.tender, -one.amount) for one in view.refunds]
    await order.pay(shop.app, shop.ana, order.PayRequest.refund(view, *refund))
    assert await bought_before(shop.app, ROSA, ids) == {ids[2]: today}


async def test_training_is_no_purchase(shop: Shop) -> None:
    view = await cart.open_cart(shop.app, shop.ana, training=True)
    view = await cart.set_customer(shop.app, shop.ana, view.id, ROSA)
    view = await cart.add_scan(shop.app, shop.ana, view.id, PRIDE)
    await order.pay(shop.app, shop.ana, order.PayRequest.of(view, shop.payment(view.due)))
    assert await bought_before(shop.app, ROSA, [shop.books[PRIDE]]) == {}
    assert (await customer_card(shop.app, ROSA)).purchases == ()


async def test_orders_that_wait_are_shown_until_they_are_handed_over(shop: Shop) -> None:
    async def place(address: str | None, *steps: OrderStatus) -> int:
        items = {shop.books[PRIDE]: 2, shop.books[DARKNESS]: 1}
        placed = await order.place_order(shop.app, shop.ana.user_id, items, customer_id=ROSA, shipping_address=address)
        version = placed.version
        for status in steps:
            version = (await order.move_order(shop.app, shop.ana, placed.id, version, status)).order.version
        return placed.id

    await place(None)
    collect = await place(None, OrderStatus.CONFIRMED)
    post = await place("1 Mill Lane", OrderStatus.CONFIRMED)
    way = await place("1 Mill Lane", OrderStatus.CONFIRMED, OrderStatus.SHIPPED)
    await place(None, OrderStatus.CONFIRMED, OrderStatus.DELIVERED)
    await place(None, OrderStatus.CANCELLED)
    card = await customer_card(shop.app, ROSA)
    assert [(one.id, one.number, one.ready, one.status, one.due) for one in card.waiting] == [
        (collect, str(collect), True, OrderStatus.CONFIRMED, 2897),
        (post, str(post), False, OrderStatus.CONFIRMED, 2897),
        (way, str(way), False, OrderStatus.SHIPPED, 2897),
    ]
    assert card.waiting[0].titles == ("Pride and Prejudice", "The Left Hand of Darkness")
    (row,) = await find_customers(shop.app, "rosa")
    assert (row.waiting, row.ready) == (3, 1)
    assert row == card.customer


async def test_a_search_among_many_finds_the_one(shop: Shop) -> None:
    rows = [
        {
            "name": f"Person {number:05d}",
            "phone": f"0160 {number:06d}",
            **customer_keys(f"Person {number:05d}", f"0160 {number:06d}"),
        }
        for number in range(3_000)
    ]
    await shop.app.db.write(lambda session: session.execute(insert(table(Customer)), rows))
    assert await found(shop, "02999") == ["Person 02999"]
    assert await found(shop, "0160 002998") == ["Person 02998"]
    assert (await found(shop, "person"))[:2] == ["Person 00000", "Person 00001"]
