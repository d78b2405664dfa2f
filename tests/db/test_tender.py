"""The ways to pay: each has a name of its own."""

import asyncio
from dataclasses import replace

import pytest

from pos_app.domain.payment import TENDERS, Tender
from pos_app.errors import Refused
from pos_app.services.tender import add_tender, change_tender, list_tenders
from tests.shop import Shop


@pytest.mark.parametrize("name", ["Cash", "cash", " CASH ", "Gift  card"])
async def test_a_name_that_is_taken_is_refused(shop: Shop, name: str) -> None:
    with pytest.raises(Refused, match=r"tender\.taken"):
        await add_tender(shop.app, shop.people["Max"], name)


async def test_nor_is_a_way_to_pay_renamed_to_it(shop: Shop) -> None:
    max_ = shop.people["Max"]
    voucher = await add_tender(shop.app, max_, "Town voucher")
    with pytest.raises(Refused, match=r"tender\.taken"):
        await change_tender(shop.app, max_, replace(voucher, name="card"))
    with pytest.raises(Refused, match=r"tender\.taken"):
        await change_tender(shop.app, max_, replace(TENDERS[Tender.CARD], name="TOWN VOUCHER"))
    kept = await change_tender(shop.app, max_, replace(voucher, name="Town Voucher", asks_reference=True))
    assert (kept.name, kept.asks_reference) == ("Town Voucher", True)


async def test_one_that_is_switched_off_keeps_its_name(shop: Shop) -> None:
    max_ = shop.people["Max"]
    await change_tender(shop.app, max_, replace(TENDERS[Tender.BOOK_TOKEN], active=False))
    with pytest.raises(Refused, match=r"tender\.taken"):
        await add_tender(shop.app, max_, "Book token")


async def test_two_people_at_once_add_it_once(shop: Shop) -> None:
    answers = await asyncio.gather(
        *(add_tender(shop.app, shop.people["Max"], "Town voucher") for _ in range(2)), return_exceptions=True
    )
    assert [one.code for one in answers if isinstance(one, Refused)] == ["tender.taken"]
    assert [tender.name for tender in await list_tenders(shop.app)].count("Town voucher") == 1
