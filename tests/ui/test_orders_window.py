"""The order window: board and list, filters, several at once, papers, and what another till changes."""

import asyncio
import time
from collections.abc import Iterator
from datetime import date

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication

from pos_app import app as application
from pos_app.config import Config
from pos_app.domain.customer_order import Way
from pos_app.domain.order_status import OrderStatus
from pos_app.domain.payment import Tender
from pos_app.services import cart
from pos_app.services.customer import set_credit_limit
from pos_app.services.customer_order import OrderRequest, get_stand, place_from_cart
from pos_app.services.delivery import Came, DeliveryRequest, receive_delivery
from pos_app.services.order import PayRequest, pay
from pos_app.services.order_move import move_order
from pos_app.services.order_view import OrderFilter, get_order, page_orders
from pos_app.services.setting import change_settings
from pos_app.services.supplier import SupplierView, keep_supplier
from tests.conftest import SetClock
from tests.shop import KLARA, PRIDE, SAPIENS, Shop
from tests.ui.till import Run, Till
from ui.orders.table import remarks

SQLITE = pytest.mark.parametrize("config", ["sqlite"], indirect=True)
POSTGRES = pytest.mark.parametrize("config", ["postgresql"], indirect=True)
CTRL, ALT = Qt.KeyboardModifier.ControlModifier, Qt.KeyboardModifier.AltModifier
ROSA = 1


def place(till: Till, *isbns: str, deposit: int = 0, way: Way = Way.COLLECT, address: str = "") -> int:
    """Place an order as the counter does; gives its number."""

    async def act() -> int:
        app, ana = till.shop.app, till.shop.ana
        view = await cart.open_cart(app, ana)
        for isbn in isbns:
            view = await cart.add_scan(app, ana, view.id, isbn)
        view = await cart.set_customer(app, ana, view.id, ROSA)
        paid = [till.shop.payment(deposit)] if deposit else []
        request = OrderRequest.of(view, app.ids.new(), *paid, way=way, address=address)
        return (await place_from_cart(app, ana, request)).detail.order.id

    return int(till.run(act()))


def move(till: Till, order_id: int, to: OrderStatus) -> None:
    version = till.run(get_order(till.shop.app, order_id)).order.version
    till.run(move_order(till.shop.app, till.shop.sam, order_id, version, to))


def status(till: Till, order_id: int) -> OrderStatus:
    return OrderStatus(till.run(get_order(till.shop.app, order_id)).order.status)


def listed(till: Till) -> list[int]:
    return [row.id for row in till.page._rows]


async def within(seconds: float, seen: object) -> float:
    """Wait until something is seen; gives how long it took."""
    began = time.perf_counter()
    while not seen():  # type: ignore[operator]
        assert time.perf_counter() - began < seconds, "not seen in time"
        await asyncio.sleep(0.01)
    return time.perf_counter() - began


@pytest.fixture
def other(till: Till, config: Config, clock: SetClock, run: Run) -> Iterator[Till]:
    """A second window on the same database, with a program of its own."""
    app = application.build(config, clock=clock)
    made = Till(Shop(app, till.shop.books, till.shop.people), run)
    yield made
    made.close()
    run(app.printing.close())
    run(app.db.close())


@POSTGRES
def test_what_another_window_moves_shows_within_a_second_and_what_is_chosen_stays(till: Till, other: Till) -> None:
    first, second, third = (place(till, SAPIENS) for _ in range(3))
    till.sign_in("Ana", "Orders")
    other.sign_in("Sam", "Orders")
    till.do(lambda: till.page.table.selectRow(listed(till).index(second)))
    other.do(lambda: other.page.table.selectRow(listed(other).index(first)))
    assert till.page.detail.shown.order.id == second
    other.do(lambda: other.page.move_to(OrderStatus.CONFIRMED))

    def seen() -> bool:
        return any(row.id == first and row.status is OrderStatus.CONFIRMED for row in till.page._rows)

    assert till.run(within(1.0, seen)) < 1.0
    till.settle()
    assert till.page.chosen_ids() == [second]
    assert till.page.detail.shown.order.id == second
    assert first in till.page.orders.marked
    other.do(lambda: other.page.table.selectRow(listed(other).index(second)))
    other.do(lambda: other.page.move_to(OrderStatus.CANCELLED))
    till.run(within(1.0, lambda: second not in listed(till)))
    assert third in listed(till)


@SQLITE
def test_the_board_shows_each_order_in_its_column_and_is_walked_by_arrows(till: Till) -> None:
    ready, waiting = place(till, PRIDE), place(till, SAPIENS)
    till.sign_in("Ana", "Orders")
    till.key(Qt.Key.Key_F4)
    board = till.page.board
    counts = {one.value: model.row_count() for one, model in board.models.items()}
    assert counts == {"pending": 1, "confirmed": 0, "shipped": 1}
    assert till.sees("Ready or sent 1")
    assert board.current_id == waiting
    till.key(Qt.Key.Key_Right)
    assert board.current_id == ready
    assert till.page.detail.shown.order.id == ready
    till.key(Qt.Key.Key_F4)
    assert not till.page.shows_board


@SQLITE
def test_filters_narrow_the_list_and_esc_takes_them_off(till: Till) -> None:
    ready, waiting = place(till, PRIDE, deposit=899), place(till, SAPIENS)
    till.sign_in("Ana", "Orders")
    till.key(Qt.Key.Key_3, modifier=ALT)
    assert listed(till) == [ready]
    till.key(Qt.Key.Key_3, modifier=ALT)
    till.key(Qt.Key.Key_4, modifier=ALT)
    assert listed(till) == [waiting]
    till.key(Qt.Key.Key_Escape)
    assert listed(till) == [waiting, ready]


@SQLITE
def test_the_list_is_narrowed_to_what_is_to_come_from_a_supplier(till: Till) -> None:
    waiting, _ = place(till, SAPIENS), place(till, PRIDE)
    app, sam = till.shop.app, till.shop.sam
    supplier = till.run(keep_supplier(app, sam, SupplierView(name="Gardners")))
    line = Came(till.shop.books[SAPIENS], 0, damaged=1, cost=900)
    till.run(receive_delivery(app, sam, DeliveryRequest(app.ids.new(), supplier.id, (line,))))
    till.sign_in("Ana", "Orders")
    till.key(Qt.Key.Key_F3)
    assert till.dialog is not None
    till.type("1")
    assert listed(till) == [waiting]
    till.key(Qt.Key.Key_F3)
    assert len(listed(till)) == 2


@SQLITE
def test_several_chosen_orders_are_moved_at_once_and_what_may_not_is_told(till: Till) -> None:
    first, second = place(till, SAPIENS), place(till, SAPIENS)
    till.sign_in("Ana", "Orders")
    till.do(till.page.table.selectAll)
    assert till.sees("2 orders chosen")
    assert till.sees("£49.98 in all.")
    till.key(Qt.Key.Key_Right, modifier=CTRL)
    assert [status(till, one) for one in (first, second)] == [OrderStatus.CONFIRMED] * 2
    till.do(till.page.table.selectAll)
    till.key(Qt.Key.Key_Right, modifier=CTRL)
    assert till.sees("0 of 2 orders are a step on now.")
    assert till.sees("“Sapiens” is still to come: 1.")


@SQLITE
def test_several_chosen_go_each_its_own_step_by_the_button_that_says_how_many(till: Till) -> None:
    pending = place(till, SAPIENS)
    paid = place(till, PRIDE, way=Way.SHIP, address="1 Quay", deposit=899)
    till.sign_in("Ana", "Orders")
    till.do(till.page.table.selectAll)
    till.click("Move 2 on")
    assert [status(till, one) for one in (pending, paid)] == [OrderStatus.CONFIRMED, OrderStatus.SHIPPED]
    till.do(lambda: till.page.table.selectRow(0))
    assert till.sees(f"Order {paid}")
    assert not till.sees("Move 2 on")


@SQLITE
def test_cancelling_offers_the_deposit_back_the_way_it_was_paid(till: Till) -> None:
    order = place(till, PRIDE, deposit=500)
    till.sign_in("Sam", "Orders")
    till.key(Qt.Key.Key_Delete, modifier=CTRL)
    assert till.dialog is not None
    assert till.sees("The deposit of £5.00 goes back the way it was paid.")
    till.key(Qt.Key.Key_Return)
    assert till.sees("Given back: Cash £5.00.")
    stand = till.run(get_stand(till.shop.app, order))
    assert stand is not None
    assert stand.deposit == 0
    assert till.run(till.shop.findings()) == []


@SQLITE
def test_the_customer_is_told_by_words_a_draft_or_a_card(till: Till) -> None:
    order = place(till, PRIDE)
    till.sign_in("Ana", "Orders")
    till.key(Qt.Key.Key_F6)
    till.key(Qt.Key.Key_Return)
    assert "Dear Rosa Marchetti, your order 1 is here: Pride and Prejudice." in QGuiApplication.clipboard().text()
    till.key(Qt.Key.Key_F6)
    till.key(Qt.Key.Key_E, modifier=CTRL)
    draft = till.shop.app.config.data_dir / "drafts" / f"order-{order}.eml"
    assert b"X-Unsent: 1" in draft.read_bytes()
    till.key(Qt.Key.Key_F6)
    till.key(Qt.Key.Key_P, modifier=CTRL)
    assert till.dialog is not None
    till.key(Qt.Key.Key_Return)
    acts = [step.act for step in till.run(get_order(till.shop.app, order)).steps]
    assert acts.count("told") == 3
    assert till.sees("Customer told: card")


@SQLITE
def test_the_picking_list_and_the_order_are_papers(till: Till) -> None:
    place(till, PRIDE, KLARA)
    till.sign_in("Ana", "Orders")
    till.key(Qt.Key.Key_F7)
    assert till.dialog is not None
    till.key(Qt.Key.Key_Return)
    till.key(Qt.Key.Key_P, modifier=CTRL)
    assert till.dialog is not None
    till.key(Qt.Key.Key_Return)
    assert till.dialog is None


@SQLITE
def test_what_nobody_fetches_is_told_on_the_board_and_kept_longer_by_a_key(till: Till, clock: SetClock) -> None:
    order = place(till, PRIDE)
    clock.forward(days=15)
    till.sign_in("Ana", "Orders")
    till.key(Qt.Key.Key_5, modifier=ALT)
    assert listed(till) == [order]
    assert "EXPIRED" in till.page.orders.remarks(till.page._rows[0])
    till.key(Qt.Key.Key_F10)
    till.type("k")
    assert till.sees("is kept until")
    assert listed(till) == []


@SQLITE
def test_a_prepaid_order_is_sent_and_delivered_from_the_window(till: Till) -> None:
    order = place(till, PRIDE, deposit=899, way=Way.SHIP, address="1 High Street")
    till.sign_in("Ana", "Orders")
    till.key(Qt.Key.Key_Right, modifier=CTRL)
    assert status(till, order) is OrderStatus.SHIPPED
    till.key(Qt.Key.Key_Right, modifier=CTRL)
    assert status(till, order) is OrderStatus.DELIVERED
    assert till.run(till.shop.stock(PRIDE)) == 22
    assert till.run(till.shop.findings()) == []


@SQLITE
def test_who_signs_in_hears_which_orders_were_cancelled_since_nobody_fetched_them(till: Till, clock: SetClock) -> None:
    order_id = place(till, PRIDE)
    till.run(change_settings(till.shop.app, till.shop.people["Max"], let_expired_go=True))
    clock.forward(days=15)
    till.sign_in("Ana")
    assert till.sees(
        f"Message: Order {order_id}: not collected in time, so cancelled. What was held can be sold again."
    )
    assert status(till, order_id) is OrderStatus.CANCELLED
    till.do(lambda: till.window.show_page("Orders"))
    till.do(lambda: till.page.choose_list("Cancelled"))
    assert till.sees("Not collected in time, by Ana")


def test_invoices_and_reminders_are_written_as_pdf(till: Till, clock: SetClock) -> None:
    async def on_account() -> None:
        app, ana = till.shop.app, till.shop.ana
        await set_credit_limit(app, till.shop.sam, ROSA, 100_000)
        view = await cart.open_cart(app, ana)
        view = await cart.add_scan(app, ana, view.id, PRIDE)
        view = await cart.set_customer(app, ana, view.id, ROSA)
        await pay(app, ana, PayRequest.of(view, till.shop.payment(view.due, Tender.ACCOUNT)))

    till.run(on_account())
    till.sign_in("Ana", "Orders")
    till.do(lambda: till.page.choose_list("Sales"))
    till.key(Qt.Key.Key_F10)
    till.type("i")
    papers = till.shop.app.config.data_dir / "papers"
    assert (papers / "invoice-1-000001.pdf").read_bytes().startswith(b"%PDF")
    till.key(Qt.Key.Key_F10)
    till.type("r")
    assert till.sees("No account is overdue.")
    clock.forward(days=40)
    till.key(Qt.Key.Key_F10)
    till.type("r")
    till.run(till.dialog.tasks.settled())
    assert till.sees("1-000001 of 23 Nov 2026, due 23 Dec 2026: £8.99")
    till.key(Qt.Key.Key_Return)
    till.run(till.dialog.tasks.settled())
    assert (papers / f"reminder-{ROSA}.pdf").exists()


@SQLITE
def test_what_is_ordered_is_changed_by_keys(till: Till) -> None:
    order = place(till, KLARA, KLARA, PRIDE, deposit=3000)
    till.sign_in("Ana", "Orders")
    till.key(Qt.Key.Key_F8)
    dialog = till.dialog
    for _ in range(2):
        till.key(Qt.Key.Key_Minus)
        till.run(dialog.tasks.settled())
    assert [line.title for line in dialog.detail.order.lines] == ["Pride and Prejudice"]
    till.key(Qt.Key.Key_Plus)
    till.run(dialog.tasks.settled())
    assert [(line.title, line.quantity) for line in dialog.detail.order.lines] == [("Pride and Prejudice", 2)]
    assert till.sees("£12.02 more is paid than it comes to")
    till.key(Qt.Key.Key_F2)
    till.type("sapiens")
    till.run(dialog.tasks.settled())
    till.key(Qt.Key.Key_Return)
    till.run(dialog.tasks.settled())
    till.key(Qt.Key.Key_Return)
    assert till.dialog is None
    lines = till.run(get_order(till.shop.app, order)).order.lines
    assert [(line.title, line.quantity) for line in lines] == [("Pride and Prejudice", 2), ("Sapiens", 1)]
    assert till.run(till.shop.findings()) == []


@SQLITE
def test_filters_fold_into_one_button_where_there_is_no_room(till: Till) -> None:
    place(till, SAPIENS)
    till.sign_in("Ana", "Orders")
    assert till.page._filters["Mine"].isVisible()
    assert not till.page._filters_button.isVisible()
    till.do(lambda: till.window.resize(1024, 768))
    assert not till.page._filters["Mine"].isVisible()
    till.key(Qt.Key.Key_F9)
    till.type("3")
    assert till.page._filters_button.words == "Filters 1"
    assert listed(till) == []
    till.key(Qt.Key.Key_3, modifier=ALT)
    assert len(listed(till)) == 1
    till.key(Qt.Key.Key_F5)
    till.type("2")
    assert till.page._list == "Pending"


@SQLITE
def test_what_a_person_does_about_copies_nobody_fetches_is_said(till: Till, clock: SetClock) -> None:
    place(till, PRIDE, deposit=100)
    clock.forward(days=15)
    till.sign_in("Ana", "Orders")
    assert till.sees("Nobody came: F6 tells them again, F10, K keeps it longer, or Ctrl+Del lets it go.")


@SQLITE
def test_a_deposit_goes_back_to_the_card_and_by_hand_where_the_terminal_stands_apart(till: Till) -> None:
    async def with_card() -> int:
        app, ana = till.shop.app, till.shop.ana
        view = await cart.open_cart(app, ana)
        view = await cart.add_scan(app, ana, view.id, PRIDE)
        view = await cart.set_customer(app, ana, view.id, ROSA)
        request = OrderRequest.of(view, app.ids.new(), till.shop.payment(300, Tender.CARD))
        return (await place_from_cart(app, ana, request)).detail.order.id

    order = till.run(with_card())
    till.sign_in("Sam", "Orders")
    till.key(Qt.Key.Key_Delete, modifier=CTRL)
    till.key(Qt.Key.Key_Return)
    assert till.sees("1-000002 is stored. Give £3.00 back on the card terminal by hand.")
    assert status(till, order) is OrderStatus.CANCELLED


@SQLITE
def test_where_nothing_is_ordered_board_and_list_say_so(till: Till) -> None:
    till.sign_in("Ana", "Orders")
    for _ in range(3):
        assert till.sees("No orders here.")
        till.key(Qt.Key.Key_F4)


@SQLITE
def test_arrows_in_the_search_choose_in_the_list(till: Till) -> None:
    place(till, PRIDE)
    place(till, KLARA)
    till.sign_in("Sam", "Orders")
    till.do(till.page.search.setFocus)
    first, second = listed(till)[:2]
    assert till.page.table.currentIndex().row() == 0
    till.key(Qt.Key.Key_Down)
    assert till.page.table.currentIndex().row() == 1
    assert till.page.table.hasFocus()
    assert first != second


@SQLITE
def test_many_are_cancelled_once_it_is_asked_and_what_was_paid_stays_in_sight(till: Till) -> None:
    orders = [place(till, PRIDE, deposit=400), place(till, KLARA, deposit=600)]
    till.sign_in("Sam", "Orders")
    till.do(till.page.table.selectAll)
    till.key(Qt.Key.Key_Delete, modifier=CTRL)
    assert till.sees("Deposits of £10.00 are then to be given back")
    till.key(Qt.Key.Key_Return)
    assert OrderStatus.CANCELLED not in [status(till, one) for one in orders]
    till.key(Qt.Key.Key_Delete, modifier=CTRL)
    till.click("Cancel 2 orders")
    assert till.sees("2 of 2 orders are cancelled now.")
    wanted = OrderFilter(statuses=(OrderStatus.CANCELLED,))
    rows = till.run(page_orders(till.shop.app, wanted)).rows
    said = [remarks(row, date(2026, 11, 23), till.page.fmt) for row in rows]
    assert said == ["deposit of £6.00 to give back", "deposit of £4.00 to give back"]
