"""The taxes titles are sold at: changed for what is sold from now on, and never taken from under a title."""

import asyncio
import json
from dataclasses import replace
from decimal import Decimal

import pytest
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from pos_app.errors import Conflict, Refused
from pos_app.models import Book, JournalEntry, TaxRate
from pos_app.services import cart
from pos_app.services.book_add import usual_tax_rate
from pos_app.services.gift_card import sell_gift_card
from pos_app.services.order_view import get_sale
from pos_app.services.quick_key import add_quick_key
from pos_app.services.right import Operator
from pos_app.services.tax_rate import OUTSIDE_TAX, TaxRateRow, add_tax_rate, change_tax_rate, list_tax_rates
from tests.shop import PRIDE, Shop


async def rate(shop: Shop, name: str) -> TaxRateRow:
    return next(row for row in await list_tax_rates(shop.app, unused=True) if row.name == name)


async def without_titles(shop: Shop, name: str) -> TaxRateRow:
    """A tax that no title on sale has."""
    found = await rate(shop, name)
    query = update(Book).where(Book.tax_rate_id == found.id).values(active=False)
    await shop.app.db.write(lambda session: session.execute(query))
    return found


def boss(shop: Shop) -> Operator:
    return shop.people["Max"]


async def test_those_in_use_are_listed_by_name_and_the_others_where_asked(shop: Shop) -> None:
    off = await without_titles(shop, "Books 0 %")
    await change_tax_rate(shop.app, boss(shop), replace(off, active=False))
    assert [(row.name, row.rate) for row in await list_tax_rates(shop.app)] == [("Standard 20 %", Decimal("0.2"))]
    assert [row.name for row in await list_tax_rates(shop.app, unused=True)] == ["Books 0 %", "Standard 20 %"]


async def test_a_tax_is_added_and_the_journal_told(shop: Shop) -> None:
    made = await add_tax_rate(shop.app, boss(shop), "  Reduced  5.5 % ", Decimal("0.055"))
    assert (made.name, made.rate, made.active, made.version) == ("Reduced 5.5 %", Decimal("0.055"), True, 1)
    assert made in await list_tax_rates(shop.app)
    last = select(JournalEntry).order_by(JournalEntry.id.desc()).limit(1)
    entry = await shop.app.db.read(lambda session: json.loads(session.scalars(last).one().content))
    assert (entry["act"], entry["user"]) == ("settings", boss(shop).user_id)
    assert json.loads(entry["tax"]) == {"id": made.id, "name": "Reduced 5.5 %", "rate": 55_000, "active": True}
    assert await shop.findings() == []


async def test_a_new_rate_holds_from_now_on_and_documents_keep_theirs(shop: Shop) -> None:
    before = await shop.sell(PRIDE)
    books = await rate(shop, "Books 0 %")
    kept = await change_tax_rate(shop.app, boss(shop), replace(books, name="Books 10 %", rate=Decimal("0.1")))
    assert kept.version == books.version + 1
    after = await shop.sell(PRIDE)
    assert [(tax.name, tax.rate) for tax in (await get_sale(shop.app, before.number)).taxes] == [("Books 0 %", 0)]
    assert [(tax.name, tax.rate, tax.tax) for tax in after.taxes] == [("Books 10 %", Decimal("0.1"), 82)]
    assert await shop.findings() == []


@pytest.mark.parametrize(
    ("name", "percent", "code"),
    [
        ("books 0 %", "0.1", "tax.taken"),
        ("OUTSIDE  TAX", "0.1", "tax.taken"),
        (" ", "0.1", "tax.invalid"),
        ("x" * 81, "0.1", "tax.invalid"),
        ("Much", "1.1", "tax.invalid"),
        ("Less", "-0.1", "tax.invalid"),
        ("Odd", "0.1234567", "tax.invalid"),
        ("None", "NaN", "tax.invalid"),
    ],
)
async def test_what_cannot_be_is_refused(shop: Shop, name: str, percent: str, code: str) -> None:
    before = await list_tax_rates(shop.app, unused=True)
    with pytest.raises(Refused) as refused:
        await add_tax_rate(shop.app, boss(shop), name, Decimal(percent))
    assert refused.value.code == code
    with pytest.raises(Refused) as refused:
        await change_tax_rate(
            shop.app, boss(shop), replace(await rate(shop, "Standard 20 %"), name=name, rate=Decimal(percent))
        )
    assert refused.value.code == code
    assert await list_tax_rates(shop.app, unused=True) == before


async def test_a_cashier_and_a_manager_change_none(shop: Shop) -> None:
    with pytest.raises(Refused, match=r"right\.missing"):
        await add_tax_rate(shop.app, shop.ana, "Reduced", Decimal("0.05"))
    with pytest.raises(Refused, match=r"right\.missing"):
        await change_tax_rate(shop.app, shop.sam, replace(await rate(shop, "Books 0 %"), name="Books"))


async def test_a_tax_that_titles_on_sale_have_stays_in_use(shop: Shop) -> None:
    with pytest.raises(Refused, match=r"tax\.used") as refused:
        await change_tax_rate(shop.app, boss(shop), replace(await rate(shop, "Books 0 %"), active=False))
    assert refused.value.params["used"] == "4 titles, such as “Klara and the Sun”, have"
    with pytest.raises(Refused, match=r"tax\.used") as refused:
        await change_tax_rate(shop.app, boss(shop), replace(await rate(shop, "Standard 20 %"), active=False))
    assert refused.value.params["used"] == "1 title, “Gift wrap”, has"


async def test_one_that_is_off_is_given_to_nothing_and_can_be_switched_on_again(shop: Shop) -> None:
    off = await without_titles(shop, "Standard 20 %")
    off = await change_tax_rate(shop.app, boss(shop), replace(off, active=False))
    with pytest.raises(Refused, match=r"book\.tax_rate"):
        await add_quick_key(shop.app, shop.sam, "Bag", 20, off.id)
    with pytest.raises(Refused, match=r"tax\.taken"):
        await add_tax_rate(shop.app, boss(shop), "standard 20 %", Decimal("0.2"))
    on = await change_tax_rate(shop.app, boss(shop), replace(off, active=True))
    assert (on.active, on.version) == (True, 3)
    await add_quick_key(shop.app, shop.sam, "Bag", 20, on.id)


async def test_the_last_one_in_use_stays_though_two_people_switch_both_off_at_once(shop: Shop) -> None:
    taxes = [await without_titles(shop, name) for name in ("Books 0 %", "Standard 20 %")]
    answers = await asyncio.gather(
        *(change_tax_rate(shop.app, boss(shop), replace(one, active=False)) for one in taxes), return_exceptions=True
    )
    assert [one.code for one in answers if isinstance(one, Refused)] == ["tax.last"]
    assert len(await list_tax_rates(shop.app)) == 1


async def test_whoever_saw_it_as_it_was_is_shown_it_as_it_is(shop: Shop) -> None:
    seen = await rate(shop, "Standard 20 %")
    now = await change_tax_rate(shop.app, boss(shop), replace(seen, rate=Decimal("0.21")))
    with pytest.raises(Conflict, match=r"tax\.changed") as met:
        await change_tax_rate(shop.app, boss(shop), replace(seen, name="VAT"))
    assert met.value.current == now
    with pytest.raises(Refused, match=r"tax\.missing"):
        await change_tax_rate(shop.app, boss(shop), replace(seen, id=999))


async def test_what_gift_cards_are_sold_at_stays_as_it_is_and_is_no_new_titles(shop: Shop) -> None:
    def outside_too(session: Session) -> None:
        # As a shop without untaxed books has them: what is outside tax has the lowest rate.
        session.execute(update(TaxRate).where(TaxRate.name == "Books 0 %").values(rate=Decimal("0.05")))

    await shop.app.db.write(outside_too)
    view = await cart.open_cart(shop.app, shop.ana)
    await sell_gift_card(shop.app, shop.ana, view.id, "GC1234", 2500)
    outside = await rate(shop, OUTSIDE_TAX)
    assert outside.fixed
    for change in ({"name": "Other"}, {"rate": Decimal("0.2")}, {"active": False}):
        with pytest.raises(Refused, match=r"tax\.fixed"):
            await change_tax_rate(shop.app, boss(shop), replace(outside, **change))
    usual = await shop.app.db.read(usual_tax_rate)
    assert usual == (await rate(shop, "Books 0 %")).id
    # Nor is it left as the last one in use.
    first, last = [await without_titles(shop, name) for name in ("Books 0 %", "Standard 20 %")]
    await change_tax_rate(shop.app, boss(shop), replace(first, active=False))
    with pytest.raises(Refused, match=r"tax\.last"):
        await change_tax_rate(shop.app, boss(shop), replace(last, active=False))
