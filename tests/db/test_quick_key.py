"""The grid of what has no barcode: what is on it, and what of the catalogue may be put there."""

import asyncio

import pytest
from sqlalchemy import update

from pos_app.errors import Refused
from pos_app.models import Book
from pos_app.services.quick_key import MAX_KEYS, add_quick_key, add_title_key, list_quick_keys, remove_quick_key
from pos_app.services.tax_rate import list_tax_rates
from tests.shop import KLARA, PRIDE, Shop


async def test_a_title_is_put_on_the_grid_sold_as_it_is_and_taken_off(shop: Shop) -> None:
    wrap = shop.books["Gift wrap"]
    (key,) = await add_title_key(shop.app, shop.sam, wrap)
    assert (key.label, key.book_id, key.price, key.open_price) == ("Gift wrap", wrap, 200, False)
    assert [one.book_id for one in await add_title_key(shop.app, shop.sam, shop.books[PRIDE])] == [
        wrap,
        shop.books[PRIDE],
    ]
    assert [one.label for one in await remove_quick_key(shop.app, shop.sam, key.id)] == ["Pride and Prejudice"]


@pytest.mark.parametrize(
    ("title", "label"),
    [
        ("A Dance with Dragons (A Song of Ice and Fire, #5)", "A Dance with Dragons (A Song of Ice and…"),
        ("Donaudampfschifffahrtselektrizitätenhauptbetriebswerk", "Donaudampfschifffahrtselektrizitätenhau…"),
        ("Beautiful Disaster and Others, Told Anew (Whole)", "Beautiful Disaster and Others, Told…"),
    ],
)
async def test_a_long_title_is_shortened_between_its_words(shop: Shop, title: str, label: str) -> None:
    query = update(Book).where(Book.isbn == PRIDE).values(title=title)
    await shop.app.db.write(lambda session: session.execute(query))
    (key,) = await add_title_key(shop.app, shop.sam, shop.books[PRIDE])
    assert key.label == label
    assert len(label) <= 40


async def test_what_cannot_be_there_is_refused(shop: Shop) -> None:
    with pytest.raises(Refused, match=r"right\.missing"):
        await add_title_key(shop.app, shop.ana, shop.books[PRIDE])
    with pytest.raises(Refused, match=r"book\.missing"):
        await add_title_key(shop.app, shop.sam, 9_999)
    query = update(Book).where(Book.isbn == KLARA).values(active=False)
    await shop.app.db.write(lambda session: session.execute(query))
    with pytest.raises(Refused, match=r"book\.inactive"):
        await add_title_key(shop.app, shop.sam, shop.books[KLARA])
    tax = (await list_tax_rates(shop.app))[0].id
    for number in range(MAX_KEYS):
        await add_quick_key(shop.app, shop.sam, f"Thing {number}", 100, tax)
    with pytest.raises(Refused, match=r"quick_key\.full"):
        await add_title_key(shop.app, shop.sam, shop.books[PRIDE])
    assert len(await list_quick_keys(shop.app)) == MAX_KEYS


async def test_two_managers_put_it_there_once(shop: Shop) -> None:
    await add_title_key(shop.app, shop.sam, shop.books[PRIDE])
    answers = await asyncio.gather(
        *(add_title_key(shop.app, shop.sam, shop.books["Gift wrap"]) for _ in range(2)), return_exceptions=True
    )
    assert [one.code for one in answers if isinstance(one, Refused)] == ["quick_key.there"]
    assert len(await list_quick_keys(shop.app)) == 2
