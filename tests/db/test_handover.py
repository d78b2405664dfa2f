"""One person leaves a till and another one goes on: the basket on its screen is neither lost nor mixed."""

import asyncio
from decimal import Decimal

import pytest
from sqlalchemy import select

from pos_app.app import App
from pos_app.domain.permission import Grant, Permission, UserRole
from pos_app.errors import Refused
from pos_app.models import TillEvent
from pos_app.services import cart
from pos_app.services.cart_park import list_parked
from pos_app.services.cart_price import discount_line
from pos_app.services.right import change_right
from pos_app.services.sign_in import approve
from pos_app.services.training import begin_training
from tests.shop import DARKNESS, KLARA, PIN, PRIDE, Shop, fill


async def left_by(shop: Shop, name: str, *isbns: str) -> cart.CartView:
    view = await cart.open_cart(shop.app, shop.people[name])
    for isbn in isbns:
        view = await cart.add_scan(shop.app, shop.people[name], view.id, isbn)
    return view


async def test_the_basket_on_the_screen_goes_on_with_who_signs_in(shop: Shop) -> None:
    left = await left_by(shop, "Ana", PRIDE, KLARA)
    jo = shop.people["Jo"]
    taken = await cart.open_cart(shop.app, jo, take_over=True)
    assert (taken.uid, taken.message, taken.params["name"]) == (left.uid, "basket.taken_over", "Ana")
    assert (len(taken.lines), taken.parked) == (2, 0)
    await cart.add_scan(shop.app, jo, taken.id, DARKNESS)
    with pytest.raises(Refused, match=r"cart\.gone"):
        await cart.add_scan(shop.app, shop.ana, left.id, PRIDE)
    assert (await cart.open_cart(shop.app, shop.ana)).lines == ()
    events = await shop.app.db.read(lambda session: session.scalars(select(TillEvent)).all())
    assert [(one.act, one.user_id, one.details) for one in events] == [
        ("basket_taken_over", jo.user_id, f"begun by Ana: {left.uid}")
    ]


async def test_who_has_an_own_basket_at_the_till_keeps_it_and_is_told_of_the_other(shop: Shop) -> None:
    own = await left_by(shop, "Jo", KLARA)
    left = await left_by(shop, "Ana", PRIDE)
    shown = await cart.open_cart(shop.app, shop.people["Jo"], take_over=True)
    assert (shown.uid, shown.message, shown.parked) == (own.uid, "basket.waits", 1)
    assert [one.id for one in await list_parked(shop.app, shop.people["Jo"])] == [left.id]


async def test_a_new_basket_in_the_midst_of_work_is_never_somebody_elses(shop: Shop) -> None:
    await left_by(shop, "Ana", PRIDE)
    assert (await cart.open_cart(shop.app, shop.people["Jo"])).lines == ()


async def test_a_training_basket_goes_on_in_training_alone(shop: Shop) -> None:
    practice = await cart.open_cart(shop.app, shop.ana, training=True)
    await cart.add_scan(shop.app, shop.ana, practice.id, PRIDE)
    assert (await cart.open_cart(shop.app, shop.people["Jo"], take_over=True)).lines == ()


async def test_an_own_basket_at_another_till_is_parked_and_never_mixed(app: App) -> None:
    shop = await fill(app, tills=2)
    there = shop.people["Till 2"]
    own = await cart.open_cart(shop.app, there)
    own = await cart.add_scan(shop.app, there, own.id, KLARA)
    left = await left_by(shop, "Ana", PRIDE)
    here = type(there)(there.user_id, there.name, there.role, shop.ana.till_id, 1, there.shift_opened_at)
    taken = await cart.open_cart(shop.app, here, take_over=True)
    assert (taken.uid, taken.params["parked"], taken.parked) == (left.uid, True, 1)
    assert [one.id for one in await list_parked(shop.app, here)] == [own.id]


async def test_two_who_sign_in_at_once_never_both_have_it(shop: Shop) -> None:
    left = await left_by(shop, "Ana", PRIDE)
    outcomes = await asyncio.gather(
        *(cart.open_cart(shop.app, shop.people[name], take_over=True) for name in ("Jo", "Sam", "Max")),
        cart.open_cart(shop.app, shop.ana),
    )
    holders = [view for view in outcomes if view.uid == left.uid]
    assert await shop.findings() == []
    assert holders
    # Whoever held it first may have been followed by somebody; in the end it is one person's, whole.
    owned = []
    for name in ("Ana", "Jo", "Sam", "Max"):
        view = await cart.open_cart(shop.app, shop.people[name])
        owned += [name] if view.lines else []
        assert len(view.lines) in (0, 1)
    assert len(owned) == 1


async def test_what_a_manager_gave_goes_no_further_than_it_stood(shop: Shop) -> None:
    view = await left_by(shop, "Sam", PRIDE)
    view = await discount_line(shop.app, shop.sam, view.id, view.lines[0].key, Decimal("0.4"), "Damaged")
    taken = await cart.open_cart(shop.app, shop.ana, take_over=True)
    assert taken.totals.total == view.totals.total
    with pytest.raises(Refused, match=r"right\.limit"):
        await cart.add_scan(shop.app, shop.ana, taken.id, PRIDE)
    await cart.add_scan(shop.app, shop.ana, taken.id, KLARA)


async def test_training_takes_the_right_or_a_managers_pin_for_the_shift(shop: Shop) -> None:
    await change_right(shop.app, shop.people["Max"], UserRole.CASHIER, Permission.TRAIN, Grant(allowed=False))
    for act in (begin_training(shop.app, shop.ana), cart.open_cart(shop.app, shop.ana, training=True)):
        with pytest.raises(Refused, match=r"right\.missing"):
            await act
    approval = await approve(shop.app, shop.ana, "Sam", PIN, Permission.TRAIN)
    await begin_training(shop.app, shop.ana, approval)
    assert (await cart.open_cart(shop.app, shop.ana, training=True)).training
    with pytest.raises(Refused, match=r"right\.missing"):
        await begin_training(shop.app, shop.ana)
    with pytest.raises(Refused, match=r"right\.missing"):
        await cart.open_cart(shop.app, shop.people["Jo"], training=True)
