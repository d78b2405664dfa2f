"""Customer orders from the till to the last copy collected, with their deposits."""

import asyncio
from datetime import date

import pytest
from sqlalchemy import update
from sqlalchemy.orm import Session

from pos_app.domain.customer_order import Way
from pos_app.domain.order_status import OrderStatus
from pos_app.domain.payment import PaymentIn, Tender
from pos_app.domain.report import Share
from pos_app.errors import Refused
from pos_app.models import Book, StockMovement, StockReason
from pos_app.services import cart, order
from pos_app.services.cart_payment import add_payment, take_back_payment
from pos_app.services.cart_return import find_return, take_back
from pos_app.services.cart_view import CartView
from pos_app.services.customer_order import (
    OrderRequest,
    Placed,
    get_stand,
    give_back_deposit,
    held_now,
    keep_longer,
    place_from_cart,
    take_ready,
)
from pos_app.services.delivery import Came, DeliveryRequest, receive_delivery
from pos_app.services.order_move import let_expired_go, move_order
from pos_app.services.order_view import get_order
from pos_app.services.reservation import reserve
from pos_app.services.right import Operator
from pos_app.services.setting import change_settings
from pos_app.services.shift import x_report
from pos_app.services.stock import availability
from pos_app.services.supplier import SupplierView, keep_supplier
from tests.conftest import SetClock
from tests.shop import DARKNESS, KLARA, PRIDE, SAPIENS, Shop

ROSA = 1


async def basket(shop: Shop, *isbns: str, operator: Operator | None = None, customer: int | None = ROSA) -> CartView:
    operator = operator or shop.ana
    view = await cart.open_cart(shop.app, operator)
    for isbn in isbns:
        view = await cart.add_scan(shop.app, operator, view.id, isbn)
    return await cart.set_customer(shop.app, operator, view.id, customer)


async def place(shop: Shop, *isbns: str, deposit: int = 0, tender: Tender = Tender.CASH, **how: object) -> Placed:
    view = await basket(shop, *isbns)
    paid = [shop.payment(deposit, tender)] if deposit else []
    request = OrderRequest.of(view, shop.app.ids.new(), *paid, **how)  # type: ignore[arg-type]
    return await place_from_cart(shop.app, shop.ana, request)


async def arrive(shop: Shop, **pieces: int) -> list[tuple[int | None, str, int]]:
    supplier = await keep_supplier(shop.app, shop.sam, SupplierView(name=f"Supplier {shop.app.ids.new()}"))
    isbns = {"sapiens": SAPIENS, "klara": KLARA, "pride": PRIDE, "darkness": DARKNESS}
    lines = tuple(Came(shop.books[isbns[name]], count) for name, count in pieces.items())
    made = await receive_delivery(shop.app, shop.sam, DeliveryRequest(shop.app.ids.new(), supplier.id, lines))
    return [(slip.order_id, slip.title, slip.pieces) for slip in made.slips]


async def collect(shop: Shop, customer: int = ROSA) -> order.OrderView:
    view = await cart.open_cart(shop.app, shop.ana)
    await cart.set_customer(shop.app, shop.ana, view.id, customer)
    view = await take_ready(shop.app, shop.ana, view.id)
    paid = [shop.payment(view.due)] if view.due else []
    return await order.pay(shop.app, shop.ana, order.PayRequest.of(view, *paid))


async def test_an_order_holds_what_is_there_and_waits_for_the_rest(shop: Shop) -> None:
    placed = await place(shop, KLARA, KLARA, KLARA, PRIDE, deposit=500, promised_on=date(2026, 12, 1))
    assert [line.words for line in placed.stand.lines] == ["2 of 3 held, 1 to come", "held"]
    assert (placed.stand.deposit, placed.detail.order.status) == (500, OrderStatus.PENDING)
    there = await availability(shop.app, shop.books[KLARA])
    assert (there.stock, there.available) == (2, 0)
    assert placed.deposit is not None
    assert (placed.deposit.number, placed.deposit.total) == ("1-000001", 0)
    with pytest.raises(Refused, match=r"stock\.short"):
        await shop.sell(KLARA)
    assert await shop.findings() == []


async def test_an_order_whole_at_once_is_ready_and_the_deposit_is_netted_when_it_is_collected(shop: Shop) -> None:
    placed = await place(shop, PRIDE, deposit=300, tender=Tender.CARD)
    assert placed.detail.order.status is OrderStatus.SHIPPED
    assert placed.stand.hold_until is not None
    sale = await collect(shop)
    assert [(paid.tender, paid.amount) for paid in sale.payments] == [("pos_deposit", 300), ("cash", 599)]
    assert (sale.total, sale.tax, await shop.stock(PRIDE)) == (899, 0, 22)
    done = await get_order(shop.app, placed.detail.order.id)
    assert done.order.status is OrderStatus.DELIVERED
    assert [step.act for step in done.steps] == ["delivered", "collected", "ready", "deposit", "placed"]
    report = await x_report(shop.app, shop.ana)
    assert (report.cash_taken, report.totals.takings) == (599, 899)
    assert {share.name: share.amount for share in report.totals.tenders} == {"Cash": 599, "Card": 300, "Deposit": 0}
    assert await shop.findings() == []


async def test_the_same_order_sent_again_is_placed_once_and_other_contents_are_heard(shop: Shop) -> None:
    view = await basket(shop, PRIDE)
    request = OrderRequest.of(view, shop.app.ids.new(), shop.payment(200))
    first = await place_from_cart(shop.app, shop.ana, request)
    again = await place_from_cart(shop.app, shop.ana, request)
    assert again.detail.order.id == first.detail.order.id
    other = OrderRequest(request.uid, request.cart_id, request.lines, request.total, (shop.payment(300),))
    with pytest.raises(Refused, match=r"sale\.other_content"):
        await place_from_cart(shop.app, shop.ana, other)
    assert await shop.findings() == []


async def test_money_taken_towards_a_basket_becomes_the_deposit_and_the_drawer_agrees(shop: Shop) -> None:
    view = await basket(shop, PRIDE)
    view = await add_payment(shop.app, shop.ana, view.id, shop.payment(400))
    await place_from_cart(shop.app, shop.ana, OrderRequest.of(view, shop.app.ids.new()))
    report = await x_report(shop.app, shop.ana)
    assert (report.expected, report.open_sales) == (400, 0)
    assert (await cart.open_cart(shop.app, shop.ana)).lines == ()
    assert await shop.findings() == []


async def test_without_a_deposit_the_basket_starts_anew_and_nothing_is_numbered(shop: Shop) -> None:
    first = await place(shop, PRIDE)
    second = await place(shop, PRIDE)
    assert first.deposit is None
    assert first.detail.order.id != second.detail.order.id
    with pytest.raises(Refused, match=r"cart\.nothing_to_undo"):
        await cart.undo(shop.app, shop.ana, (await cart.open_cart(shop.app, shop.ana)).id)
    assert (await shop.sell(PRIDE)).number == "1-000001"
    assert await shop.findings() == []


async def test_copies_that_come_go_to_who_ordered_first_and_what_is_whole_is_ready(shop: Shop) -> None:
    first, second, third = [await place(shop, SAPIENS) for _ in range(3)]
    ids = [placed.detail.order.id for placed in (first, second, third)]
    assert await arrive(shop, sapiens=2) == [(ids[0], "Sapiens", 1), (ids[1], "Sapiens", 1)]
    statuses = [(await get_order(shop.app, one)).order.status for one in ids]
    assert statuses == [OrderStatus.SHIPPED, OrderStatus.SHIPPED, OrderStatus.PENDING]
    assert (await availability(shop.app, shop.books[SAPIENS])).available == 0
    steps = (await get_order(shop.app, ids[0])).steps
    assert [step.act for step in steps] == ["ready", "arrived", "placed"]
    assert steps[1].details == "1 × Sapiens (delivery 1)"
    assert await shop.findings() == []


async def test_who_waits_by_name_alone_has_their_place_in_the_line(shop: Shop) -> None:
    await reserve(shop.app, shop.ana, shop.app.ids.new(), shop.books[SAPIENS], 1, "Ben", wait=True)
    placed = await place(shop, SAPIENS)
    assert await arrive(shop, sapiens=1) == [(None, "Sapiens", 1)]
    assert await arrive(shop, sapiens=3) == [(placed.detail.order.id, "Sapiens", 1)]
    assert (await availability(shop.app, shop.books[SAPIENS])).available == 2
    assert await shop.findings() == []


async def test_an_order_may_come_and_be_collected_in_parts(shop: Shop) -> None:
    placed = await place(shop, SAPIENS, PRIDE, deposit=1000)
    sale = await collect(shop)
    assert [line.title for line in sale.lines] == ["Pride and Prejudice"]
    assert [(paid.tender, paid.amount) for paid in sale.payments] == [("pos_deposit", 899)]
    stand = await get_stand(shop.app, placed.detail.order.id)
    assert stand is not None
    assert ([line.words for line in stand.lines], stand.deposit) == (["to come", "collected"], 101)
    await arrive(shop, sapiens=1)
    assert (await collect(shop)).total == 2499
    assert (await get_order(shop.app, placed.detail.order.id)).order.status is OrderStatus.DELIVERED
    with pytest.raises(Refused, match=r"order\.nothing_ready"):
        await collect(shop)
    assert await shop.findings() == []


async def test_cancelling_lets_go_for_the_next_in_line_and_the_deposit_goes_back_the_way_it_came(shop: Shop) -> None:
    first = await place(shop, KLARA, KLARA, deposit=700, tender=Tender.CARD)
    second = await place(shop, KLARA)
    one = first.detail.order
    gone = await move_order(shop.app, shop.ana, one.id, one.version, OrderStatus.CANCELLED)
    assert gone.order.status is OrderStatus.CANCELLED
    assert (await get_order(shop.app, second.detail.order.id)).order.status is OrderStatus.SHIPPED
    assert (await availability(shop.app, shop.books[KLARA])).available == 1
    uid = shop.app.ids.new()
    back = await give_back_deposit(shop.app, shop.ana, uid, one.id)
    assert [(paid.tender, paid.amount) for paid in back.payments] == [("pos_deposit", 700), ("card", -700)]
    assert (await give_back_deposit(shop.app, shop.ana, uid, one.id)).number == back.number
    with pytest.raises(Refused, match=r"deposit\.none"):
        await give_back_deposit(shop.app, shop.ana, shop.app.ids.new(), one.id)
    assert await shop.findings() == []


async def test_the_deposit_of_an_order_that_stands_is_not_given_back(shop: Shop) -> None:
    placed = await place(shop, PRIDE, deposit=100)
    with pytest.raises(Refused, match=r"deposit\.order_stands"):
        await give_back_deposit(shop.app, shop.ana, shop.app.ids.new(), placed.detail.order.id)


async def test_an_order_is_sent_only_when_it_is_whole_and_paid_and_sold_when_it_is_delivered(shop: Shop) -> None:
    placed = await place(shop, PRIDE, SAPIENS, deposit=899, way=Way.SHIP, address="1 High Street")
    one = placed.detail.order
    confirmed = await move_order(shop.app, shop.ana, one.id, one.version, OrderStatus.CONFIRMED)
    with pytest.raises(Refused, match=r"order\.not_whole"):
        await move_order(shop.app, shop.ana, one.id, confirmed.order.version, OrderStatus.SHIPPED)
    await arrive(shop, sapiens=1)
    now = (await get_order(shop.app, one.id)).order
    assert now.status is OrderStatus.CONFIRMED
    with pytest.raises(Refused, match=r"order\.unpaid"):
        await move_order(shop.app, shop.ana, one.id, now.version, OrderStatus.SHIPPED)
    paid = await place(shop, DARKNESS, deposit=1099, way=Way.SHIP, address="2 High Street")
    two = paid.detail.order
    sent = await move_order(shop.app, shop.ana, two.id, two.version, OrderStatus.SHIPPED)
    done = await move_order(shop.app, shop.ana, two.id, sent.order.version, OrderStatus.DELIVERED)
    assert done.order.status is OrderStatus.DELIVERED
    assert await shop.stock(DARKNESS) == 6
    assert (await x_report(shop.app, shop.ana)).totals.takings == 1099
    assert await shop.findings() == []


async def test_what_was_agreed_is_what_is_paid_though_the_price_has_changed(shop: Shop) -> None:
    from decimal import Decimal

    from pos_app.services.book import find_by_code
    from pos_app.services.book_edit import edit_book
    from pos_app.services.cart_price import discount_sale

    view = await basket(shop, PRIDE, PRIDE, DARKNESS)
    view = await discount_sale(shop.app, shop.ana, view.id, Decimal("0.1"), "School")
    placed = await place_from_cart(shop.app, shop.ana, OrderRequest.of(view, shop.app.ids.new()))
    book = await find_by_code(shop.app, PRIDE)
    await edit_book(shop.app, shop.sam, book.id, book.version, {"price": 5000})
    sale = await collect(shop)
    assert sale.total == placed.detail.order.total == round((2 * 899 + 1099) * 0.9)
    assert await shop.findings() == []


async def test_voiding_what_an_order_was_collected_by_lets_it_stand_as_before(shop: Shop) -> None:
    from pos_app.services.order_void import void_sale

    placed = await place(shop, PRIDE, deposit=300, tender=Tender.CARD)
    before = await get_stand(shop.app, placed.detail.order.id)
    sale = await collect(shop)
    back = await void_sale(shop.app, shop.sam, sale.number, "Rung up wrong")
    assert [(paid.tender, paid.amount) for paid in back.payments] == [("cash", -599), ("pos_deposit", -300)]
    now = await get_order(shop.app, placed.detail.order.id)
    assert (now.order.status, now.steps[0].act) == (OrderStatus.SHIPPED, "reopened")
    assert await get_stand(shop.app, placed.detail.order.id) == before
    there = await availability(shop.app, shop.books[PRIDE])
    assert (there.stock, there.available) == (23, 22)
    assert await shop.findings() == []
    assert (await collect(shop)).total == 899
    assert (await x_report(shop.app, shop.ana)).totals.takings == 899
    assert await shop.findings() == []


async def test_voiding_a_part_holds_that_part_again_and_the_rest_stays_collected(shop: Shop) -> None:
    from pos_app.services.order_void import void_sale

    placed = await place(shop, SAPIENS, PRIDE, deposit=1000)
    first = await collect(shop)
    await arrive(shop, sapiens=1)
    second = await collect(shop)
    await void_sale(shop.app, shop.sam, second.number, "Rung up wrong")
    stand = await get_stand(shop.app, placed.detail.order.id)
    assert stand is not None
    assert ([line.words for line in stand.lines], stand.deposit) == (["held", "collected"], 101)
    await void_sale(shop.app, shop.sam, first.number, "Rung up wrong")
    stand = await get_stand(shop.app, placed.detail.order.id)
    assert stand is not None
    assert ([line.words for line in stand.lines], stand.deposit) == (["held", "held"], 1000)
    assert await shop.findings() == []


async def test_voiding_what_was_sent_lets_the_order_be_on_its_way_again(shop: Shop) -> None:
    from pos_app.services.order_void import void_sale

    one = (await place(shop, DARKNESS, deposit=1099, way=Way.SHIP, address="2 High Street")).detail.order
    sent = await move_order(shop.app, shop.ana, one.id, one.version, OrderStatus.SHIPPED)
    done = await move_order(shop.app, shop.ana, one.id, sent.order.version, OrderStatus.DELIVERED)
    number = next(step.details for step in done.steps if step.act == "collected")
    await void_sale(shop.app, shop.sam, number or "", "Came back by post")
    assert (await get_order(shop.app, one.id)).order.status is OrderStatus.SHIPPED
    assert await shop.findings() == []


async def test_what_was_cancelled_since_stays_so_and_its_deposit_goes_back_the_way_it_came(shop: Shop) -> None:
    from pos_app.services.order_void import void_sale

    placed = await place(shop, SAPIENS, PRIDE, deposit=500, tender=Tender.CARD)
    sale = await collect(shop)
    now = (await get_order(shop.app, placed.detail.order.id)).order
    await move_order(shop.app, shop.ana, now.id, now.version, OrderStatus.CANCELLED)
    back = await void_sale(shop.app, shop.sam, sale.number, "Rung up wrong")
    assert sorted((paid.tender, paid.amount) for paid in back.payments) == [("card", -500), ("cash", -399)]
    assert (await get_order(shop.app, now.id)).order.status is OrderStatus.CANCELLED
    assert await shop.findings() == []


@pytest.mark.parametrize(
    ("prepare", "code"),
    [("nobody", "order.nobody"), ("empty", "cart.empty"), ("address", "order.address"), ("much", "deposit.too_much")],
)
async def test_what_cannot_be_ordered_is_told_and_changes_nothing(shop: Shop, prepare: str, code: str) -> None:
    isbns = [] if prepare == "empty" else [PRIDE]
    view = await basket(shop, *isbns, customer=None if prepare == "nobody" else ROSA)
    paid = [shop.payment(900)] if prepare == "much" else []
    way = Way.SHIP if prepare == "address" else Way.COLLECT
    with pytest.raises(Refused) as told:
        await place_from_cart(shop.app, shop.ana, OrderRequest.of(view, shop.app.ids.new(), *paid, way=way))
    assert told.value.code == code
    assert await shop.findings() == []


async def test_a_deposit_cannot_be_typed_and_no_more_is_taken_than_is_held(shop: Shop) -> None:
    await place(shop, PRIDE)
    view = await cart.open_cart(shop.app, shop.ana)
    await cart.set_customer(shop.app, shop.ana, view.id, ROSA)
    view = await take_ready(shop.app, shop.ana, view.id)
    with pytest.raises(Refused, match=r"order\.more"):
        await cart.set_quantity(shop.app, shop.ana, view.id, view.lines[0].key, 2)
    false = PaymentIn(shop.app.ids.new(), Tender.DEPOSIT, 100, "1")
    with pytest.raises(Refused, match=r"payment\.tender"):
        await add_payment(shop.app, shop.ana, view.id, false)
    undone = await cart.undo(shop.app, shop.ana, view.id)
    assert undone.lines == ()


async def test_an_order_is_in_one_basket_at_a_time_and_its_deposit_with_it(shop: Shop) -> None:
    placed = await place(shop, PRIDE, deposit=200)
    order_id = placed.detail.order.id
    people = shop.ana, shop.people["Jo"]
    views = [await cart.open_cart(shop.app, who) for who in people]
    takes = [take_ready(shop.app, who, view.id, order_id) for who, view in zip(people, views, strict=True)]
    taken = await asyncio.gather(*takes, return_exceptions=True)
    refused = [one for one in taken if isinstance(one, Refused)]
    assert [one.code for one in refused] == ["order.in_basket"]
    assert refused[0].params["place"] == "the sale open at till 1"
    first = next(at for at, one in enumerate(taken) if not isinstance(one, BaseException))
    mine, other = people[first], people[1 - first]
    view = await cart.undo(shop.app, mine, views[first].id)
    # One step: neither its lines nor its deposit stay.
    assert (view.lines, view.payments) == ((), ())
    view = await take_ready(shop.app, other, views[1 - first].id, order_id)
    assert (view.due, [paid.amount for paid in view.payments]) == (699, [200])
    with pytest.raises(Refused, match=r"deposit\.with_order"):
        await take_back_payment(shop.app, other, view.id, view.payments[0].uid)
    with pytest.raises(Refused, match=r"cart\.part_paid"):
        await cart.remove_line(shop.app, other, view.id, view.lines[0].key)
    await order.pay(shop.app, other, order.PayRequest.of(view, shop.payment(view.due)))
    assert await shop.findings() == []


async def test_a_copy_that_comes_back_is_put_aside_for_who_waits_longest(shop: Shop) -> None:
    sale = await shop.sell(KLARA, KLARA)
    placed = await place(shop, KLARA)
    assert [line.held for line in placed.stand.lines] == [0]
    view = await cart.open_cart(shop.app, shop.sam)
    item = (await find_return(shop.app, sale.number)).lines[0]
    view = await take_back(shop.app, shop.sam, view.id, item.item_id, 2)
    request = order.PayRequest.refund(view, PaymentIn(shop.app.ids.new(), Tender.CASH, view.totals.total))
    back = await order.pay(shop.app, shop.sam, request)
    assert back.put_aside == ("1 × Klara and the Sun for Rosa Marchetti",)
    stand = await get_stand(shop.app, placed.detail.order.id)
    assert stand is not None
    assert [line.held for line in stand.lines] == [1]
    assert (await get_order(shop.app, placed.detail.order.id)).order.status is OrderStatus.SHIPPED
    assert await shop.findings() == []


async def test_a_deposit_pays_for_the_books_of_its_own_order_alone(shop: Shop) -> None:
    await place(shop, PRIDE, deposit=500)
    await place(shop, DARKNESS)
    view = await cart.open_cart(shop.app, shop.ana)
    await cart.set_customer(shop.app, shop.ana, view.id, ROSA)
    view = await take_ready(shop.app, shop.ana, view.id)
    mine = next(line for line in view.lines if line.isbn == PRIDE)
    with pytest.raises(Refused, match=r"deposit\.with_order"):
        await cart.remove_line(shop.app, shop.ana, view.id, mine.key)
    other = next(line for line in view.lines if line.isbn == DARKNESS)
    view = await cart.remove_line(shop.app, shop.ana, view.id, other.key)
    assert view.due == 899 - 500


async def test_a_later_order_takes_no_copy_that_an_earlier_one_waits_for(shop: Shop) -> None:
    await place(shop, SAPIENS)

    def back(session: Session) -> None:
        book = shop.books[SAPIENS]
        session.execute(update(Book).where(Book.id == book).values(stock=2))
        session.add(StockMovement(uid=shop.app.ids.new(), book_id=book, delta=2, reason=StockReason.CORRECTION))

    await shop.app.db.write(back)
    view = await basket(shop, SAPIENS)
    assert await held_now(shop.app, view) == 1
    placed = await place(shop, SAPIENS)  # two, with the one in the basket
    assert [line.held for line in placed.stand.lines] == [1]
    placed = await place(shop, SAPIENS)
    assert [line.held for line in placed.stand.lines] == [0]
    assert await shop.findings() == []


async def test_copies_that_nobody_fetches_are_told_and_stay_held_until_somebody_decides(
    shop: Shop, clock: SetClock
) -> None:
    placed = await place(shop, PRIDE)
    clock.forward(days=15)
    stand = await get_stand(shop.app, placed.detail.order.id)
    assert stand is not None
    assert stand.expired
    assert (await availability(shop.app, shop.books[PRIDE])).available == 22
    kept = await keep_longer(shop.app, shop.ana, placed.detail.order.id, placed.detail.order.version)
    assert not kept.expired
    assert await shop.findings() == []


async def test_what_is_to_be_sent_comes_into_a_basket_only_by_its_number(shop: Shop) -> None:
    sent = (await place(shop, PRIDE, way=Way.SHIP, address="1 Quay")).detail.order.id
    view = await basket(shop)
    with pytest.raises(Refused) as refused:
        await take_ready(shop.app, shop.ana, view.id)
    assert (refused.value.code, refused.value.params["code"]) == ("order.to_be_sent", f"ORDER-{sent}")
    await place(shop, KLARA)
    view = await basket(shop)
    view = await take_ready(shop.app, shop.ana, view.id)
    assert [line.isbn for line in view.lines] == [KLARA]
    view = await take_ready(shop.app, shop.ana, view.id, sent)
    assert [line.isbn for line in view.lines] == [KLARA, PRIDE]


async def test_what_nobody_fetched_is_let_go_where_the_shop_wants_it_but_not_what_was_paid_for_or_is_being_sold(
    shop: Shop, clock: SetClock
) -> None:
    plain, paid, taken, waits = [
        (await place(shop, isbn, deposit=deposit)).detail.order.id
        for isbn, deposit in ((PRIDE, 0), (PRIDE, 100), (DARKNESS, 0), (SAPIENS, 0))
    ]
    clock.forward(days=15)
    assert await let_expired_go(shop.app, shop.ana) == ()
    await change_settings(shop.app, shop.people["Max"], let_expired_go=True)
    view = await cart.open_cart(shop.app, shop.sam)
    await take_ready(shop.app, shop.sam, view.id, taken)

    assert await let_expired_go(shop.app, shop.ana) == (plain,)

    stands = [(await get_order(shop.app, one)).order.status for one in (plain, paid, taken, waits)]
    assert stands == [OrderStatus.CANCELLED, OrderStatus.SHIPPED, OrderStatus.SHIPPED, OrderStatus.PENDING]
    assert (await availability(shop.app, shop.books[PRIDE])).available == 22
    assert [step.act for step in (await get_order(shop.app, plain)).steps][:2] == ["cancelled", "expired"]
    assert await let_expired_go(shop.app, shop.ana) == ()
    assert await shop.findings() == []


async def test_tills_that_let_go_at_once_do_so_once(shop: Shop, clock: SetClock) -> None:
    await change_settings(shop.app, shop.people["Max"], let_expired_go=True)
    late = [(await place(shop, PRIDE)).detail.order.id for _ in range(3)]
    clock.forward(days=15)
    gone = await asyncio.gather(*(let_expired_go(shop.app, person) for person in (shop.ana, shop.sam)))
    assert sorted(one for some in gone for one in some) == late
    assert await shop.findings() == []


async def test_what_is_missing_is_ordered_from_its_supplier_once(shop: Shop) -> None:
    from pos_app.domain.purchase import PurchaseStatus
    from pos_app.services.purchase_order import buy_missing, move_purchase_order, suggest

    gardners = await keep_supplier(shop.app, shop.sam, SupplierView(name="Gardners"))
    noted = Came(shop.books[SAPIENS], 0, damaged=1, cost=1500)
    await receive_delivery(shop.app, shop.sam, DeliveryRequest(shop.app.ids.new(), gardners.id, (noted,)))
    first, second = await place(shop, SAPIENS, SAPIENS), await place(shop, KLARA, KLARA, KLARA)
    (wanted,) = await suggest(shop.app, shop.sam, gardners.id)
    assert (wanted.need.waiting, wanted.need.suggested) == (2, 2)
    ids = [first.detail.order.id, second.detail.order.id]
    (draft,), nobodys = await buy_missing(shop.app, shop.sam, ids)
    assert ([(line.title, line.quantity) for line in draft.lines], nobodys) == ([("Sapiens", 2)], 1)
    assert await suggest(shop.app, shop.sam, gardners.id) == []
    with pytest.raises(Refused, match=r"purchase\.nothing_missing"):
        await buy_missing(shop.app, shop.sam, ids[:1])
    sent = await move_purchase_order(shop.app, shop.sam, draft.id, draft.version, PurchaseStatus.SENT)
    request = DeliveryRequest(shop.app.ids.new(), gardners.id, (Came(shop.books[SAPIENS], 2),), sent.id)
    assert [slip.order_id for slip in (await receive_delivery(shop.app, shop.sam, request)).slips] == ids[:1]
    assert (await collect(shop)).total > 0
    assert await shop.findings() == []


async def test_a_deposits_receipt_says_what_it_is(shop: Shop) -> None:
    from pos_app.services.receipt import keep_receipt, read_receipt

    placed = await place(shop, PRIDE, deposit=500)
    assert placed.deposit is not None
    await keep_receipt(shop.app, placed.deposit)
    text = (await read_receipt(shop.app, placed.deposit.number)).text
    assert "DEPOSIT, ORDER 1" in text
    assert "Kept for order 1" in text
    assert "TOTAL" not in text
    report = await x_report(shop.app, shop.ana)
    assert report.totals.not_sales == (Share("Deposits for orders", 1, 500),)
    assert report.totals.people == ()


async def test_deposits_by_gift_card_and_on_account_go_back_to_them(shop: Shop) -> None:
    from pos_app.services.customer import customer_card, set_credit_limit
    from pos_app.services.gift_card import get_gift_card, sell_gift_card

    view = await cart.open_cart(shop.app, shop.ana)
    view = await sell_gift_card(shop.app, shop.ana, view.id, "GIFT1234", 2000)
    await order.pay(shop.app, shop.ana, order.PayRequest.of(view, shop.payment(2000)))
    await set_credit_limit(shop.app, shop.sam, ROSA, 5000)
    view = await basket(shop, SAPIENS)
    card = PaymentIn(shop.app.ids.new(), Tender.GIFT_CARD, 700, "GIFT1234")
    view = await add_payment(shop.app, shop.ana, view.id, card)
    view = await add_payment(shop.app, shop.ana, view.id, shop.payment(300, Tender.ACCOUNT))
    placed = await place_from_cart(shop.app, shop.ana, OrderRequest.of(view, shop.app.ids.new()))
    assert (await get_gift_card(shop.app, "GIFT1234")).balance == 1300
    assert (await customer_card(shop.app, ROSA)).customer.balance == 300
    one = placed.detail.order
    await move_order(shop.app, shop.ana, one.id, one.version, OrderStatus.CANCELLED)
    back = await give_back_deposit(shop.app, shop.sam, shop.app.ids.new(), one.id)
    assert sorted((paid.tender, paid.amount) for paid in back.payments) == [
        ("account", -300), ("gift_card", -700), ("pos_deposit", 1000),
    ]  # fmt: skip
    assert (await get_gift_card(shop.app, "GIFT1234")).balance == 2000
    assert (await customer_card(shop.app, ROSA)).customer.balance == 0
    assert await shop.findings() == []


async def test_a_book_of_a_collected_order_comes_back_to_what_its_deposit_was_paid_with(shop: Shop) -> None:
    from pos_app.services.cart_return import find_return, take_back

    await place(shop, PRIDE, PRIDE, deposit=1000, tender=Tender.CARD)
    sale = await collect(shop)
    view = await cart.open_cart(shop.app, shop.ana)
    found = await find_return(shop.app, sale.number, view.id)
    view = await take_back(shop.app, shop.ana, view.id, found.lines[0].item_id, 2)
    assert sorted((part.tender, part.amount) for part in view.refunds) == [("card", 1000), ("cash", 798)]
    parts = [
        PaymentIn(shop.app.ids.new(), part.tender, -part.amount, part.reference, part.scheme) for part in view.refunds
    ]
    await order.pay(shop.app, shop.ana, order.PayRequest.refund(view, *parts))
    assert await shop.findings() == []


async def test_lists_are_narrowed_to_what_is_late_ready_unpaid_expired_or_mine(shop: Shop) -> None:
    from pos_app.services.order_view import Only, OrderFilter, count_by_status, page_orders

    late = (await place(shop, SAPIENS, promised_on=date(2026, 11, 24))).detail.order.id
    ready = (await place(shop, PRIDE, deposit=899)).detail.order.id
    today = date(2026, 11, 25)

    async def found(*only: Only, day: date = today, user_id: int = shop.ana.user_id) -> list[int]:
        wanted = OrderFilter(order.OrderKind.CUSTOMER_ORDER, only=frozenset(only), today=day, user_id=user_id)
        counts = await count_by_status(shop.app, wanted)
        rows = (await page_orders(shop.app, wanted)).rows
        assert sum(counts.values()) == len(rows)
        return [row.id for row in rows]

    assert await found() == [ready, late]
    assert await found(Only.LATE) == [late]
    assert await found(Only.READY) == [ready]
    assert await found(Only.UNPAID) == [late]
    assert await found(Only.EXPIRED) == []
    assert await found(Only.EXPIRED, day=date(2027, 1, 1)) == [ready]
    assert await found(Only.MINE) == [ready, late]
    assert await found(Only.MINE, user_id=shop.sam.user_id) == []
    assert await found(Only.LATE, Only.READY) == []


async def test_what_is_ordered_and_how_it_moves_stands_in_the_journal(shop: Shop) -> None:
    from sqlalchemy import select

    from pos_app.models import JournalEntry
    from tests.db.test_check import spoil

    one = (await place(shop, PRIDE, SAPIENS, deposit=100)).detail.order
    await move_order(shop.app, shop.ana, one.id, one.version, OrderStatus.CANCELLED)
    acts = select(JournalEntry.act).order_by(JournalEntry.id)
    assert await shop.app.db.read(lambda session: session.scalars(acts).all()) == [
        "shift_opened", "ordered", "paid", "order_moved",
    ]  # fmt: skip
    assert await shop.findings() == []
    await spoil(shop, f"UPDATE order_items SET title = 'Another' WHERE order_id = {one.id} AND position = 1")
    assert f"journal: order {one.id}: it is not as the journal has it" in await shop.findings()


async def test_copies_that_come_to_another_place_are_handed_out_and_said_where_they_lie(shop: Shop) -> None:
    from pos_app.receipts.text import document_text
    from pos_app.services.order_paper import hold_papers, picking_list, slips_of_order

    one = (await place(shop, SAPIENS)).detail.order
    supplier = await keep_supplier(shop.app, shop.sam, SupplierView(name="Gardners"))
    lines = (Came(shop.books[SAPIENS], 2),)
    made = await receive_delivery(
        shop.app, shop.sam, DeliveryRequest(shop.app.ids.new(), supplier.id, lines, location_id=2)
    )
    assert [(slip.order_id, slip.place) for slip in made.slips] == [(one.id, "Store room")]
    now = await get_order(shop.app, one.id)
    assert now.order.status is OrderStatus.SHIPPED
    assert now.steps[1].details == "1 × Sapiens (delivery 1, in Store room)"
    papers = [*await hold_papers(shop.app, made.slips), *await slips_of_order(shop.app, one.id)]
    assert ["To be fetched from: Store room" in document_text(paper) for paper in papers] == [True, True]
    assert "Store room" in document_text(await picking_list(shop.app, [one.id]))
    assert (await collect(shop)).total == 2499
    assert (await availability(shop.app, shop.books[SAPIENS])).places == (("Shop floor", 0), ("Store room", 1))
    assert await shop.findings() == []
