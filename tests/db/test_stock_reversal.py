"""Taking deliveries and counts back: what moves, what stays and why, and what waits again."""

import asyncio
from dataclasses import replace

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from pos_app.domain.order_status import OrderStatus
from pos_app.domain.purchase import PurchaseStatus
from pos_app.domain.stock import ReservationStatus
from pos_app.errors import Conflict, Refused
from pos_app.messages import sentence
from pos_app.models import BookSupplier, JournalEntry
from pos_app.services import cart
from pos_app.services.book import get_book
from pos_app.services.book_edit import StockCount, correct_stock
from pos_app.services.customer_order import OrderRequest, place_from_cart
from pos_app.services.delivery import Came, DeliveryRequest, DeliveryView, receive_delivery
from pos_app.services.order_view import get_order
from pos_app.services.publisher_return import list_returnable
from pos_app.services.purchase_order import get_purchase_order, make_purchase_order, move_purchase_order
from pos_app.services.reservation import list_reservations, reserve
from pos_app.services.stock import stock_ledger
from pos_app.services.stock_count import count_code, post_count, start_count
from pos_app.services.stock_count_view import CountView
from pos_app.services.stock_reversal import Posted, Reversal, Stays, list_posted, look_at_reversal, take_back
from pos_app.services.supplier import SupplierView, keep_supplier, list_suppliers
from pos_app.services.transfer import transfer
from tests.conftest import SetClock
from tests.shop import DARKNESS, KLARA, PRIDE, SAPIENS, Shop


async def came(shop: Shop, *lines: Came, order_id: int | None = None, note: str = "", place: int = 1) -> DeliveryView:
    suppliers = await list_suppliers(shop.app)
    supplier = suppliers[0] if suppliers else await keep_supplier(shop.app, shop.sam, SupplierView(name="Penguin"))
    asked = DeliveryRequest(shop.app.ids.new(), supplier.id, lines, order_id, place, note)
    return await receive_delivery(shop.app, shop.sam, asked)


async def counted(shop: Shop, **found: int) -> CountView:
    isbns = {"pride": PRIDE, "sapiens": SAPIENS, "klara": KLARA}
    count = await start_count(shop.app, shop.sam, shop.app.ids.new())
    for name, pieces in found.items():
        await count_code(shop.app, shop.sam, shop.app.ids.new(), count.id, isbns[name], pieces)
    return await post_count(shop.app, shop.sam, count.id, count.version)


async def looked(shop: Shop, document: DeliveryView | CountView) -> Reversal:
    kind = Posted.DELIVERY if isinstance(document, DeliveryView) else Posted.COUNT
    return await look_at_reversal(shop.app, kind, document.id)


async def undone(shop: Shop, document: DeliveryView | CountView) -> Reversal:
    return await take_back(shop.app, shop.sam, shop.app.ids.new(), await looked(shop, document))


async def test_a_delivery_taken_back_moves_its_copies_out_and_stays_as_it_was(shop: Shop) -> None:
    book = shop.books[PRIDE]
    made = await came(shop, Came(book, 5, damaged=1, cost=600), note="LS-1")
    done = await undone(shop, made)
    assert (done.number, done.document, done.goes) == (1, made.number, {book: -5})
    assert await shop.stock(PRIDE) == 23
    (last, first, *_) = await stock_ledger(shop.app, book)
    assert (last.document, last.delta, last.balance) == ("Delivery 1 taken back", -5, 23)
    assert (first.document, first.delta) == ("Delivery 1", 5)
    (row,) = await list_posted(shop.app)
    assert (row.kind, row.number, row.whom, row.pieces, row.back) == (Posted.DELIVERY, 1, "Penguin", 5, 5)

    def journal(session: Session) -> list[str]:
        wanted = select(JournalEntry.content).where(JournalEntry.act == "delivery_taken_back")
        return list(session.scalars(wanted))

    (entry,) = await shop.app.db.read(journal)
    assert '"document":1,' in entry
    assert '"pieces":5' in entry
    assert await shop.findings() == []


async def test_what_a_title_cost_and_its_supplier_asked_is_as_before(shop: Shop) -> None:
    book = shop.books[KLARA]

    async def costs() -> tuple[int | None, int | None]:
        asked = select(BookSupplier.cost).where(BookSupplier.book_id == book)
        return (await get_book(shop.app, book)).cost, await shop.app.db.read(lambda session: session.scalar(asked))

    await came(shop, Came(book, 2, cost=700))
    before = await costs()
    wrong = await came(shop, Came(book, 2, cost=90_000))
    assert (await costs())[0] != before[0]
    await undone(shop, wrong)
    assert await costs() == before
    # Something else by now: a later delivery was weighed in, and nobody can tell them apart.
    wrong = await came(shop, Came(book, 1, cost=80_000))
    await came(shop, Came(book, 1, cost=900))
    after = await costs()
    await undone(shop, wrong)
    assert await costs() == after


async def test_the_order_it_came_for_waits_again_also_where_the_delivery_had_closed_it(
    shop: Shop, clock: SetClock
) -> None:
    supplier = await keep_supplier(shop.app, shop.sam, SupplierView(name="Penguin", return_days=90))
    lines = {shop.books[PRIDE]: 3, shop.books[SAPIENS]: 2}
    order = await make_purchase_order(shop.app, shop.sam, shop.app.ids.new(), supplier.id, lines)
    order = await move_purchase_order(shop.app, shop.sam, order.id, order.version, PurchaseStatus.SENT)
    made = await came(shop, *(Came(book, pieces) for book, pieces in lines.items()), order_id=order.id)
    assert (await get_purchase_order(shop.app, order.id)).status is PurchaseStatus.CLOSED
    assert (await looked(shop, made)).purchase_order == order.number
    await undone(shop, made)
    order = await get_purchase_order(shop.app, order.id)
    assert order.status is PurchaseStatus.SENT
    assert [line.received for line in order.lines] == [0, 0]
    assert await list_returnable(shop.app, shop.sam, supplier.id) == []
    assert await shop.findings() == []
    # Taken in anew, as it should have been; then closed by hand, it waits for nothing.
    again = await came(shop, Came(shop.books[PRIDE], 3), order_id=order.id)
    order = await get_purchase_order(shop.app, order.id)
    clock.forward(minutes=1)
    await move_purchase_order(shop.app, shop.sam, order.id, order.version, PurchaseStatus.CLOSED)
    assert (await looked(shop, again)).purchase_order is None
    await undone(shop, again)
    order = await get_purchase_order(shop.app, order.id)
    assert (order.status, [line.received for line in order.lines]) == (PurchaseStatus.CLOSED, [0, 0])
    assert await shop.findings() == []


async def test_its_suppliers_note_may_be_taken_in_again(shop: Shop) -> None:
    book = shop.books[PRIDE]
    made = await came(shop, Came(book, 5), note="LS-1")
    with pytest.raises(Refused, match=r"delivery\.known_note"):
        await came(shop, Came(book, 4), note="LS-1")
    await undone(shop, made)
    assert (await came(shop, Came(book, 4), note="LS-1")).number == 2


async def test_what_was_sold_or_carried_away_stays_and_is_said(shop: Shop) -> None:
    book = shop.books[SAPIENS]
    made = await came(shop, Came(book, 5), Came(shop.books[PRIDE], 1))
    await shop.sell(SAPIENS, SAPIENS)
    await transfer(shop.app, shop.sam, shop.app.ids.new(), 1, 2, {book: 1})
    seen = await looked(shop, made)
    line = next(line for line in seen.lines if line.book_id == book)
    assert (line.moved, line.goes, line.left, line.stays) == (5, -2, 3, Stays.GONE)
    await take_back(shop.app, shop.sam, shop.app.ids.new(), seen)
    assert await shop.stock(SAPIENS) == 1
    # What was carried away comes back: the rest of it goes, and then nothing.
    await transfer(shop.app, shop.sam, shop.app.ids.new(), 2, 1, {book: 1})
    line = next(line for line in (await looked(shop, made)).lines if line.book_id == book)
    assert (line.before, line.goes, line.left) == (-2, -1, 2)
    await undone(shop, made)
    with pytest.raises(Refused, match=r"reversal\.nothing") as told:
        await undone(shop, made)
    assert "Nothing of Delivery 1 can be taken back" in sentence(told.value)
    assert (await list_posted(shop.app))[0].back == 4
    assert await shop.findings() == []


async def test_copies_held_for_customers_are_let_go_and_named_unless_others_are_there(shop: Shop) -> None:
    app, book = shop.app, shop.books[SAPIENS]
    await reserve(app, shop.ana, app.ids.new(), book, 2, "Rosa", wait=True)
    await reserve(app, shop.ana, app.ids.new(), book, 2, "Omar", wait=True)
    made = await came(shop, Came(book, 4))
    assert [one.status for one in await list_reservations(app, book)] == [ReservationStatus.HELD] * 2
    # One more is there by another way, so that one of four can stay set aside.
    detail = await get_book(app, book)
    await correct_stock(app, shop.sam, shop.books[PRIDE], StockCount(22, 23, "Damaged"))
    other = await came(shop, Came(book, 1))
    assert detail.stock == 4
    seen = await looked(shop, made)
    assert seen.goes == {book: -4}
    assert [(hold.name, hold.pieces) for hold in seen.released] == [("Omar", 2), ("Rosa", 1)]
    await take_back(app, shop.sam, app.ids.new(), seen)
    stands = [(one.name, one.quantity, one.status.value) for one in await list_reservations(app, book)]
    assert sorted(stands) == [("Omar", 2, "waiting"), ("Rosa", 1, "held"), ("Rosa", 1, "waiting")]
    detail = await get_book(app, book)
    assert (detail.stock, detail.reserved) == (1, 1)
    # That copy came by the other delivery and is set aside: it is no longer free to go.
    (line,) = (await looked(shop, other)).lines
    assert (line.goes, line.stays) == (0, Stays.GONE)
    assert await shop.findings() == []


async def test_an_order_that_a_delivery_had_made_ready_waits_again(shop: Shop) -> None:
    app = shop.app
    view = await cart.open_cart(app, shop.ana)
    view = await cart.add_book(app, shop.ana, view.id, shop.books[SAPIENS], 2)
    view = await cart.set_customer(app, shop.ana, view.id, 1)
    placed = (await place_from_cart(app, shop.ana, OrderRequest.of(view, app.ids.new()))).detail.order
    made = await came(shop, Came(shop.books[SAPIENS], 2))
    ready = await get_order(app, placed.id)
    assert ready.order.status is OrderStatus.SHIPPED
    (hold,) = (await looked(shop, made)).released
    assert (hold.order_id, hold.pieces) == (placed.id, 2)
    await undone(shop, made)
    waits = await get_order(app, placed.id)
    assert waits.order.status is OrderStatus.CONFIRMED
    told = [(event.act, event.details) for event in waits.steps][:2]
    assert told == [("confirmed", None), ("taken back", "2 × Sapiens (Delivery 1 taken back)")]
    assert await shop.stock(SAPIENS) == 0
    # The next delivery makes it ready as the first did.
    await came(shop, Came(shop.books[SAPIENS], 2))
    assert (await get_order(app, placed.id)).order.status is OrderStatus.SHIPPED
    assert await shop.findings() == []


async def test_what_was_counted_since_is_right_as_it_is(shop: Shop) -> None:
    book = shop.books[PRIDE]
    made = await came(shop, Came(book, 5))
    count = await counted(shop, pride=23)  # it never came, and the count has put that right
    (line,) = (await looked(shop, made)).lines
    assert (line.goes, line.stays) == (0, Stays.CORRECTED)
    with pytest.raises(Refused, match=r"reversal\.nothing"):
        await undone(shop, made)
    await undone(shop, count)  # it was the count that was wrong
    assert (await looked(shop, made)).goes == {book: -5}


async def test_a_delivery_into_the_store_room_goes_from_there(shop: Shop) -> None:
    book = shop.books[PRIDE]
    made = await came(shop, Came(book, 5), place=2)
    await transfer(shop.app, shop.sam, shop.app.ids.new(), 2, 1, {book: 4})
    seen = await looked(shop, made)
    assert (seen.place, seen.goes) == ("Store room", {book: -1})
    await take_back(shop.app, shop.sam, shop.app.ids.new(), seen)
    assert await shop.findings() == []


async def test_a_count_taken_back_moves_its_differences_the_other_way(shop: Shop) -> None:
    count = await counted(shop, pride=20, klara=4)
    assert (await shop.stock(PRIDE), await shop.stock(KLARA)) == (20, 4)
    await shop.sell(KLARA, KLARA, KLARA)
    seen = await looked(shop, count)
    assert seen.whom == "Everything"
    assert [(line.moved, line.goes, line.stays) for line in seen.lines] == [(2, -1, Stays.GONE), (-3, 3, None)]
    await take_back(shop.app, shop.sam, shop.app.ids.new(), seen)
    assert (await shop.stock(PRIDE), await shop.stock(KLARA)) == (23, 0)
    assert (await stock_ledger(shop.app, shop.books[PRIDE]))[0].document == "Count 1 taken back"
    assert await shop.findings() == []
    with pytest.raises(Refused, match=r"right\.missing"):
        await take_back(shop.app, shop.ana, shop.app.ids.new(), seen)


async def test_a_title_that_a_later_count_put_right_stays_as_that_left_it(shop: Shop) -> None:
    first = await counted(shop, pride=20, klara=1)
    second = await counted(shop, pride=22)
    assert [(line.goes, line.stays) for line in (await looked(shop, first)).lines] == [(1, None), (0, Stays.CORRECTED)]
    await undone(shop, second)
    await undone(shop, first)
    assert await shop.stock(PRIDE) == 23
    assert await shop.findings() == []


async def test_an_open_count_and_no_document_at_all_are_not_taken_back(shop: Shop) -> None:
    count = await start_count(shop.app, shop.sam, shop.app.ids.new())
    with pytest.raises(Refused, match=r"count\.missing"):
        await looked(shop, count)
    with pytest.raises(Refused, match=r"delivery\.missing"):
        await look_at_reversal(shop.app, Posted.DELIVERY, 99)


async def test_it_is_done_once_however_often_it_is_asked(shop: Shop) -> None:
    made = await came(shop, Came(shop.books[DARKNESS], 5))
    seen, uid = await looked(shop, made), shop.app.ids.new()
    done = await asyncio.gather(*(take_back(shop.app, shop.sam, uid, seen) for _ in range(3)))
    assert {one.number for one in done} == {1}
    assert await shop.stock(DARKNESS) == 7
    others = [take_back(shop.app, shop.sam, shop.app.ids.new(), seen) for _ in range(2)]
    told = await asyncio.gather(*others, return_exceptions=True)
    assert {type(one) for one in told} == {Conflict}
    assert await shop.findings() == []


async def test_what_was_sold_since_it_was_looked_at_is_shown_first(shop: Shop, clock: SetClock) -> None:
    made = await came(shop, Came(shop.books[SAPIENS], 2))
    seen = await looked(shop, made)
    clock.forward(minutes=1)
    await shop.sell(SAPIENS)
    with pytest.raises(Conflict, match=r"reversal\.changed") as told:
        await take_back(shop.app, shop.sam, shop.app.ids.new(), seen)
    assert told.value.current.goes == {shop.books[SAPIENS]: -1}
    assert await shop.stock(SAPIENS) == 1


async def some(shop: Shop, document: DeliveryView | CountView, **pieces: int) -> Reversal:
    isbns = {"pride": PRIDE, "sapiens": SAPIENS, "klara": KLARA}
    seen = await looked(shop, document)
    nothing = seen.with_pieces(dict.fromkeys(seen.goes, 0))
    chosen = nothing.with_pieces({shop.books[isbns[name]]: count for name, count in pieces.items()})
    return await look_at_reversal(shop.app, seen.kind, seen.id, chosen)


async def test_single_titles_and_pieces_of_a_delivery_are_taken_back_and_the_rest_later(shop: Shop) -> None:
    app, pride, sapiens = shop.app, shop.books[PRIDE], shop.books[SAPIENS]
    made = await came(shop, Came(pride, 5, cost=600), Came(sapiens, 3, cost=700), note="LS-1")
    seen = await some(shop, made, pride=2)
    assert [(line.most, line.goes, line.left) for line in seen.lines] == [(-5, -2, 3), (-3, 0, 3)]
    done = await take_back(app, shop.sam, app.ids.new(), seen)
    assert (done.number, done.goes) == (1, {pride: -2})
    assert (await shop.stock(PRIDE), await shop.stock(SAPIENS)) == (26, 3)
    # The rest of the delivery stands: its note stays known.
    with pytest.raises(Refused, match=r"delivery\.known_note"):
        await came(shop, Came(pride, 2), note="LS-1")
    # Never more than came, however much is asked.
    seen = await some(shop, made, pride=99, sapiens=3)
    assert seen.goes == {pride: -3, sapiens: -3}
    done = await take_back(app, shop.sam, app.ids.new(), seen)
    assert done.number == 2
    assert (await shop.stock(PRIDE), await shop.stock(SAPIENS)) == (23, 0)
    assert (await list_posted(app))[0].back == 8
    assert (await came(shop, Came(pride, 4), note="LS-1")).number == 2
    assert await shop.findings() == []


async def test_nothing_chosen_is_told_and_a_wish_made_up_elsewhere_moves_no_more_than_came(shop: Shop) -> None:
    made = await came(shop, Came(shop.books[SAPIENS], 3))
    with pytest.raises(Refused, match=r"reversal\.none_chosen"):
        await take_back(shop.app, shop.sam, shop.app.ids.new(), await some(shop, made))
    seen = await looked(shop, made)
    more = replace(seen, lines=tuple(replace(line, goes=-9) for line in seen.lines))
    with pytest.raises(Conflict, match=r"reversal\.changed") as told:
        await take_back(shop.app, shop.sam, shop.app.ids.new(), more)
    assert told.value.current.goes == {shop.books[SAPIENS]: -3}
    assert await shop.stock(SAPIENS) == 3


async def test_two_people_who_take_the_same_copies_back_at_once_do_it_once(shop: Shop) -> None:
    app, pride, sapiens = shop.app, shop.books[PRIDE], shop.books[SAPIENS]
    made = await came(shop, Came(pride, 5), Came(sapiens, 3))
    both = [await some(shop, made, pride=2), await some(shop, made, pride=2)]
    told = await asyncio.gather(
        *(take_back(app, shop.sam, app.ids.new(), seen) for seen in both), return_exceptions=True
    )
    (conflict,) = [one for one in told if isinstance(one, Conflict)]
    assert conflict.current.goes == {}
    assert await shop.stock(PRIDE) == 26
    # Different titles at once: both go.
    both = [await some(shop, made, pride=1), await some(shop, made, sapiens=1)]
    await asyncio.gather(*(take_back(app, shop.sam, app.ids.new(), seen) for seen in both))
    assert (await shop.stock(PRIDE), await shop.stock(SAPIENS)) == (25, 2)
    assert await shop.findings() == []


async def test_an_order_asks_again_only_for_what_was_taken_back_of_it(shop: Shop) -> None:
    supplier = await keep_supplier(shop.app, shop.sam, SupplierView(name="Penguin"))
    pride, sapiens, klara = (shop.books[isbn] for isbn in (PRIDE, SAPIENS, KLARA))
    order = await make_purchase_order(shop.app, shop.sam, shop.app.ids.new(), supplier.id, {pride: 3, sapiens: 2})
    order = await move_purchase_order(shop.app, shop.sam, order.id, order.version, PurchaseStatus.SENT)
    lines = (Came(pride, 3), Came(sapiens, 2), Came(klara, 1, accept_over=True))
    made = await came(shop, *lines, order_id=order.id)
    seen = await some(shop, made, klara=1)
    assert seen.purchase_order is None
    await take_back(shop.app, shop.sam, shop.app.ids.new(), seen)
    assert (await get_purchase_order(shop.app, order.id)).status is PurchaseStatus.CLOSED
    seen = await some(shop, made, pride=1)
    assert seen.purchase_order == order.number
    await take_back(shop.app, shop.sam, shop.app.ids.new(), seen)
    order = await get_purchase_order(shop.app, order.id)
    assert order.status is PurchaseStatus.SENT
    assert {line.book_id: line.received for line in order.lines} == {pride: 2, sapiens: 2}
    assert await shop.findings() == []


async def test_of_copies_held_only_as_many_are_let_go_as_the_chosen_ones_need(shop: Shop) -> None:
    app, book = shop.app, shop.books[SAPIENS]
    await reserve(app, shop.ana, app.ids.new(), book, 2, "Rosa", wait=True)
    made = await came(shop, Came(book, 4))
    assert (await some(shop, made, sapiens=2)).released == ()
    seen = await some(shop, made, sapiens=3)
    assert [(hold.name, hold.pieces) for hold in seen.released] == [("Rosa", 1)]
    await take_back(app, shop.sam, app.ids.new(), seen)
    detail = await get_book(app, book)
    assert (detail.stock, detail.reserved) == (1, 1)
    assert await shop.findings() == []


async def test_of_a_count_single_titles_are_taken_back_whole(shop: Shop) -> None:
    count = await counted(shop, pride=20, klara=4)
    seen = await some(shop, count, pride=1)
    assert seen.goes == {shop.books[PRIDE]: 3}
    await take_back(shop.app, shop.sam, shop.app.ids.new(), seen)
    assert (await shop.stock(PRIDE), await shop.stock(KLARA)) == (23, 4)
    await take_back(shop.app, shop.sam, shop.app.ids.new(), await some(shop, count, klara=2))
    assert await shop.stock(KLARA) == 2
    assert await shop.findings() == []
