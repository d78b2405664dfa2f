"""Parking and recalling, on any till, never mixed."""

import asyncio
import re

import pytest
from sqlalchemy.orm import Session

from pos_app.app import App
from pos_app.errors import Refused
from pos_app.services import cart
from pos_app.services.cart_park import list_parked, park, recall
from tests.bench.bench_pay import recorded
from tests.shop import DARKNESS, KLARA, PRIDE, Shop, fill


async def test_a_parked_basket_is_taken_up_as_it_was(shop: Shop) -> None:
    view = await cart.open_cart(shop.app, shop.ana)
    view = await cart.add_scan(shop.app, shop.ana, view.id, PRIDE, 2)
    fresh = await park(shop.app, shop.ana, view.id, "  fetches   her purse ")
    assert (fresh.lines, fresh.parked) == ((), 1)
    (waiting,) = await list_parked(shop.app, shop.ana)
    assert (waiting.note, waiting.item_count, waiting.total, waiting.operator) == ("fetches her purse", 2, 1798, "Ana")
    back = await recall(shop.app, shop.people["Jo"], (await cart.open_cart(shop.app, shop.people["Jo"])).id, waiting.id)
    assert ([line.title for line in back.lines], back.uid, back.parked) == (["Pride and Prejudice"], view.uid, 0)


async def test_recalling_with_a_basket_open_swaps_them(shop: Shop) -> None:
    view = await cart.open_cart(shop.app, shop.ana)
    view = await cart.add_scan(shop.app, shop.ana, view.id, PRIDE)
    second = await park(shop.app, shop.ana, view.id)
    await cart.add_scan(shop.app, shop.ana, second.id, KLARA)
    back = await recall(shop.app, shop.ana, second.id, view.id)
    assert [line.title for line in back.lines] == ["Pride and Prejudice"]
    assert [one.first_title for one in await list_parked(shop.app, shop.ana)] == ["Klara and the Sun"]


async def test_two_tills_recalling_the_same_basket_get_it_once(app: App) -> None:
    shop = await fill(app, tills=2)
    view = await cart.open_cart(shop.app, shop.ana)
    await cart.add_scan(shop.app, shop.ana, view.id, DARKNESS)
    await park(shop.app, shop.ana, view.id)
    people = (shop.ana, shop.people["Till 2"])
    carts = [await cart.open_cart(shop.app, who) for who in people]
    outcomes = await asyncio.gather(
        *(recall(shop.app, who, own.id, view.id) for who, own in zip(people, carts, strict=True)),
        return_exceptions=True,
    )
    assert [one.code for one in outcomes if isinstance(one, Refused)] == ["cart.taken"]


async def test_an_empty_basket_is_not_parked(shop: Shop) -> None:
    view = await cart.open_cart(shop.app, shop.ana)
    with pytest.raises(Refused, match=r"cart\.empty"):
        await park(shop.app, shop.ana, view.id)


async def test_a_basket_left_open_by_somebody_else_at_the_till_is_taken_over(shop: Shop) -> None:
    view = await cart.open_cart(shop.app, shop.ana)
    await cart.add_scan(shop.app, shop.ana, view.id, DARKNESS)
    own = await cart.open_cart(shop.app, shop.people["Jo"])
    assert own.parked == 1
    back = await recall(shop.app, shop.people["Jo"], own.id, view.id)
    assert [line.title for line in back.lines] == ["The Left Hand of Darkness"]
    with pytest.raises(Refused, match=r"cart\.gone"):
        await cart.add_scan(shop.app, shop.ana, view.id, PRIDE)


async def test_training_and_selling_each_take_up_their_own(shop: Shop) -> None:
    real = await cart.open_cart(shop.app, shop.ana)
    real = await cart.add_scan(shop.app, shop.ana, real.id, PRIDE)
    await park(shop.app, shop.ana, real.id)
    practice = await cart.open_cart(shop.app, shop.ana, training=True)
    assert (practice.training, practice.parked) == (True, 0)
    assert await list_parked(shop.app, shop.ana, training=True) == []
    with pytest.raises(Refused, match=r"cart\.taken"):
        await recall(shop.app, shop.ana, practice.id, real.id)
    practice = await cart.add_scan(shop.app, shop.ana, practice.id, KLARA)
    await park(shop.app, shop.ana, practice.id)
    selling = await cart.open_cart(shop.app, shop.ana)
    assert (selling.training, selling.parked) == (False, 1)
    assert [one.id for one in await list_parked(shop.app, shop.ana)] == [real.id]
    assert (await recall(shop.app, shop.ana, selling.id, real.id)).uid == real.uid


async def test_what_waits_is_found_by_its_index_and_not_among_all_paid_baskets(shop: Shop) -> None:
    with recorded(shop.app) as sent:
        await cart.open_cart(shop.app, shop.ana)
    asked = next(one for one in sent if "'parked'" in one.text)

    def plan(session: Session) -> str:
        connection = session.connection()
        if shop.app.db.kind == "sqlite":
            rows = connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {asked.text}", asked.parameters)
            return "\n".join(row.detail for row in rows)
        # As prepared once for any values; the table of a test is so small that it would be looked through.
        for setting in ("enable_seqscan = off", "plan_cache_mode = force_generic_plan"):
            connection.exec_driver_sql(f"SET LOCAL {setting}")
        numbered = re.sub(r"%\((\w+)\)s", lambda found: f"${list(asked.parameters).index(found[1]) + 1}", asked.text)
        connection.exec_driver_sql(f"PREPARE asked AS {numbered}")
        nothing = ", ".join("NULL" for _ in asked.parameters)
        return "\n".join(connection.exec_driver_sql(f"EXPLAIN EXECUTE asked({nothing})").scalars())

    shown = await shop.app.db.write(plan)
    assert "idx_carts_parked" in shown
    assert "uq_carts_open_user" in shown
