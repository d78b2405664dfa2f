"""What is ordered is changed until it is in the customer's hands: fewer, more, other titles."""

from decimal import Decimal

import pytest

from pos_app.domain.customer_order import Way
from pos_app.domain.order_status import OrderStatus
from pos_app.errors import Conflict, Refused
from pos_app.services import cart
from pos_app.services.cart_price import discount_line
from pos_app.services.customer_order import OrderRequest, get_stand, give_back_deposit, place_from_cart
from pos_app.services.order_edit import Changed, add_title, change_line
from pos_app.services.order_move import move_order
from pos_app.services.order_paper import order_paper
from pos_app.services.order_view import get_order
from pos_app.services.stock import availability
from tests.db.test_check import spoil
from tests.db.test_customer_order import arrive, basket, collect, place
from tests.shop import DARKNESS, KLARA, PRIDE, SAPIENS, Shop


async def change(shop: Shop, order_id: int, position: int, quantity: int) -> Changed:
    order = (await get_order(shop.app, order_id)).order
    return await change_line(shop.app, shop.ana, order_id, order.version, order.lines[position - 1].id, quantity)


async def words(shop: Shop, order_id: int) -> list[str]:
    stand = await get_stand(shop.app, order_id)
    assert stand is not None
    return [f"{line.quantity} {line.title}: {line.words}" for line in stand.lines]


async def test_fewer_are_waited_for_first_and_then_fewer_are_held(shop: Shop) -> None:
    one = (await place(shop, KLARA, KLARA, KLARA, PRIDE)).detail.order
    changed = await change(shop, one.id, 1, 2)
    assert await words(shop, one.id) == ["2 Klara and the Sun: held", "1 Pride and Prejudice: held"]
    assert (changed.detail.order.status, changed.detail.order.total) == (OrderStatus.SHIPPED, 2 * 1695 + 899)
    assert changed.detail.order.item_count == 3
    await change(shop, one.id, 1, 1)
    assert (await availability(shop.app, shop.books[KLARA])).available == 1
    steps = [(step.act, step.details) for step in (await get_order(shop.app, one.id)).steps]
    assert steps[:3] == [
        ("changed", "Klara and the Sun: 2 → 1"), ("ready", None), ("changed", "Klara and the Sun: 3 → 2"),
    ]  # fmt: skip
    assert await shop.findings() == []
    assert (await collect(shop)).total == 1695 + 899
    assert await shop.findings() == []


async def test_more_are_held_where_they_are_there_and_an_order_that_was_ready_waits_again(shop: Shop) -> None:
    one = (await place(shop, KLARA)).detail.order
    assert one.status is OrderStatus.SHIPPED
    changed = await change(shop, one.id, 1, 3)
    assert await words(shop, one.id) == ["3 Klara and the Sun: 2 of 3 held, 1 to come"]
    assert changed.detail.order.status is OrderStatus.CONFIRMED
    await arrive(shop, klara=1)
    assert (await get_order(shop.app, one.id)).order.status is OrderStatus.SHIPPED
    assert (await collect(shop)).total == 3 * 1695
    assert await shop.findings() == []


async def test_what_is_let_go_is_the_next_customers(shop: Shop) -> None:
    first, second = (await place(shop, KLARA, KLARA)).detail.order, (await place(shop, KLARA)).detail.order
    await change(shop, first.id, 1, 1)
    assert (await get_order(shop.app, second.id)).order.status is OrderStatus.SHIPPED
    assert await shop.findings() == []


async def test_a_title_is_taken_out_and_another_added_at_todays_price(shop: Shop) -> None:
    one = (await place(shop, PRIDE, SAPIENS, deposit=3300)).detail.order
    gone = await change(shop, one.id, 2, 0)
    assert (gone.detail.order.total, gone.over, gone.detail.order.status) == (899, 2401, OrderStatus.SHIPPED)
    assert [line.title for line in gone.detail.order.lines] == ["Pride and Prejudice"]
    wrap = shop.books["Gift wrap"]
    more = await add_title(shop.app, shop.ana, one.id, gone.detail.order.version, wrap)
    assert [(tax.name, tax.tax) for tax in more.detail.order.taxes] == [("Books 0 %", 0), ("Standard 20 %", 33)]
    more = await add_title(shop.app, shop.ana, one.id, more.detail.order.version, shop.books[DARKNESS], 2)
    assert more.detail.order.total == 899 + 200 + 2 * 1099
    assert len((await order_paper(shop.app, one.id)).blocks) > 0
    assert (await collect(shop)).total == 899 + 200 + 2 * 1099
    assert (await get_order(shop.app, one.id)).order.status is OrderStatus.DELIVERED
    assert (await give_back_deposit(shop.app, shop.ana, shop.app.ids.new(), one.id)).payments[0].amount == 3
    assert await shop.findings() == []
    await change_of_taken_out_is_refused(shop, one.id)


async def change_of_taken_out_is_refused(shop: Shop, order_id: int) -> None:
    with pytest.raises(Refused, match=r"order\.ended"):
        await change(shop, order_id, 1, 2)


async def test_a_discount_agreed_goes_with_the_pieces(shop: Shop) -> None:
    view = await basket(shop, PRIDE, PRIDE)
    view = await discount_line(shop.app, shop.ana, view.id, view.lines[0].key, Decimal("0.1"), "School")
    one = (await place_from_cart(shop.app, shop.ana, OrderRequest.of(view, shop.app.ids.new()))).detail.order
    assert one.total == 1618
    assert (await change(shop, one.id, 1, 1)).detail.order.total == 809
    assert (await change(shop, one.id, 1, 3)).detail.order.total == 2697 - 270
    assert await shop.findings() == []


async def test_pieces_collected_stay_and_an_order_with_nothing_left_is_done(shop: Shop) -> None:
    one = (await place(shop, SAPIENS, PRIDE)).detail.order
    await collect(shop)
    with pytest.raises(Refused, match=r"order\.collected"):
        await change(shop, one.id, 2, 0)
    done = await change(shop, one.id, 1, 0)
    assert done.detail.order.status is OrderStatus.DELIVERED
    assert await shop.findings() == []


async def test_what_cannot_be_changed_is_told_and_changes_nothing(shop: Shop) -> None:
    one = (await place(shop, DARKNESS, deposit=1099, way=Way.SHIP, address="2 High Street")).detail.order
    with pytest.raises(Refused, match=r"order\.nothing_left"):
        await change(shop, one.id, 1, 0)
    with pytest.raises(Conflict, match=r"order\.changed"):
        await change_line(shop.app, shop.ana, one.id, one.version - 1, one.lines[0].id, 2)
    with pytest.raises(Refused, match=r"order\.no_line"):
        await change_line(shop.app, shop.ana, one.id, one.version, 9999, 2)
    with pytest.raises(Refused, match=r"book\.missing"):
        await add_title(shop.app, shop.ana, one.id, one.version, 9999)
    sent = await move_order(shop.app, shop.ana, one.id, one.version, OrderStatus.SHIPPED)
    with pytest.raises(Refused, match=r"order\.sent"):
        await add_title(shop.app, shop.ana, one.id, sent.order.version, shop.books[PRIDE])
    assert (await get_order(shop.app, one.id)).order.total == 1099
    assert await shop.findings() == []


async def test_a_basket_that_holds_more_than_is_left_is_not_paid(shop: Shop) -> None:
    from pos_app.services import order
    from pos_app.services.customer_order import take_ready

    one = (await place(shop, PRIDE, PRIDE)).detail.order
    view = await cart.open_cart(shop.app, shop.ana)
    view = await take_ready(shop.app, shop.ana, view.id, one.id)
    await change(shop, one.id, 1, 1)
    with pytest.raises(Refused, match=r"order\.not_held"):
        await order.pay(shop.app, shop.ana, order.PayRequest.of(view, shop.payment(view.due)))
    assert await shop.findings() == []


async def test_a_change_past_the_program_is_found(shop: Shop) -> None:
    one = (await place(shop, PRIDE, PRIDE)).detail.order
    await change(shop, one.id, 1, 1)
    await spoil(shop, f"UPDATE order_items SET title = 'Another' WHERE order_id = {one.id}")
    assert f"journal: order {one.id}: it is not as the journal has it" in await shop.findings()
    await spoil(shop, f"UPDATE order_items SET quantity = 2 WHERE order_id = {one.id}")
    said = f"changes of orders: order {one.id}, line 1: 2 for 899, changed to 1 for 899"
    assert said in await shop.findings()
