"""Customer orders at the counter, in a few keys."""

import pytest
from PySide6.QtCore import Qt

from pos_app.domain.customer_order import Way
from pos_app.domain.order_status import OrderStatus
from pos_app.services.cart import clear, open_cart, set_customer
from pos_app.services.customer_order import get_stand
from pos_app.services.order_view import get_order
from pos_app.services.order_void import void_sale
from tests.shop import PRIDE
from tests.ui.till import Till
from ui.checkout.order_dialog import SHIP

pytestmark = pytest.mark.parametrize("config", ["sqlite"], indirect=True)
CTRL = Qt.KeyboardModifier.ControlModifier
ROSA = 1


def attach(till: Till) -> None:
    cart = till.run(open_cart(till.shop.app, till.shop.ana))
    till.run(set_customer(till.shop.app, till.shop.ana, cart.id, ROSA))
    till.do(till.page.activated)


def test_a_basket_becomes_an_order_in_two_keys_beside_its_customer(till: Till) -> None:
    till.sign_in("Ana")
    till.scan(PRIDE)
    attach(till)
    till.key(Qt.Key.Key_O, modifier=CTRL)
    assert till.dialog is not None
    assert till.sees("1 held at once")
    till.key(Qt.Key.Key_Return)
    assert till.dialog is None
    assert till.sees("Order 1 of Rosa Marchetti is placed: all of it is held.")
    assert till.run(get_order(till.shop.app, 1)).order.status is OrderStatus.SHIPPED
    assert till.page.cart.lines == ()


def test_what_is_typed_is_the_deposit_and_it_is_taken_off_when_the_order_is_fetched(till: Till) -> None:
    till.sign_in("Ana")
    till.scan(PRIDE)
    attach(till)
    till.type("5")
    till.key(Qt.Key.Key_O, modifier=CTRL)
    till.key(Qt.Key.Key_Return)
    assert till.sees("Deposit £5.00.")
    attach(till)
    till.key(Qt.Key.Key_T, modifier=CTRL)
    assert till.sees("Deposit £5.00 is taken off.")
    assert till.page.cart.due == 399
    till.key(Qt.Key.Key_F12)
    assert till.run(get_order(till.shop.app, 1)).order.status is OrderStatus.DELIVERED
    assert till.run(till.shop.findings()) == []


def test_a_deposit_that_is_refused_is_asked_for_again_with_all_that_was_typed(till: Till) -> None:
    till.sign_in("Ana")
    till.scan(PRIDE)
    attach(till)
    till.type("5")
    till.key(Qt.Key.Key_O, modifier=CTRL)
    till.do(lambda: till.dialog._way.choose(SHIP))
    typed = {"_note": "Gift", "_promised": "7", "_address": "1 Quay"}
    for name, text in typed.items():
        till.do(lambda name=name, text=text: getattr(till.dialog, name).setText(text))
    till.do(lambda: till.dialog._tenders.choose("Account"))
    till.key(Qt.Key.Key_Return)
    assert till.dialog is not None
    assert till.sees("Message: Rosa Marchetti's account does not reach that far.")
    assert {name: getattr(till.dialog, name).text() for name in typed} == typed
    till.do(lambda: till.dialog._tenders.choose("Cash"))
    till.key(Qt.Key.Key_Return)
    assert till.sees("Deposit £5.00.")
    placed = till.run(get_order(till.shop.app, 1)).order
    stand = till.run(get_stand(till.shop.app, 1))
    assert (stand.way, stand.deposit, placed.note) == (Way.SHIP, 500, "Gift")


def test_an_orders_slip_that_is_scanned_brings_it_into_the_sale(till: Till) -> None:
    till.sign_in("Ana")
    till.scan(PRIDE)
    attach(till)
    till.key(Qt.Key.Key_O, modifier=CTRL)
    till.key(Qt.Key.Key_Return)
    till.scan("ORDER-1")
    assert till.sees("Taken into the sale for Rosa Marchetti.")
    assert till.page.cart.customer == "Rosa Marchetti"


def test_an_order_without_a_customer_is_told_where_it_is_asked_for(till: Till) -> None:
    till.sign_in("Ana")
    till.scan(PRIDE)
    till.key(Qt.Key.Key_O, modifier=CTRL)
    assert till.dialog is None
    assert till.sees("An order needs a customer: F4 attaches one.")


def test_what_is_held_is_said_once_the_customer_is_attached(till: Till) -> None:
    till.sign_in("Ana")
    till.scan(PRIDE)
    attach(till)
    till.key(Qt.Key.Key_O, modifier=CTRL)
    till.key(Qt.Key.Key_Return)
    till.key(Qt.Key.Key_F4)
    till.type("Rosa")
    till.key(Qt.Key.Key_Return)
    assert till.sees("Held for Rosa Marchetti: “Pride and Prejudice”. Ctrl+T takes it into the sale.")


def test_wrong_days_and_deposits_are_told_and_lose_nothing(till: Till) -> None:
    till.sign_in("Ana")
    till.scan(PRIDE)
    attach(till)
    till.key(Qt.Key.Key_O, modifier=CTRL)
    till.type("soon")
    till.key(Qt.Key.Key_Return)
    assert till.sees("Type in how many days")
    till.type("5")
    till.do(lambda: till.dialog._deposit.setText("99"))
    till.key(Qt.Key.Key_Return)
    assert till.sees("No more than £8.99 is left to pay.")
    till.do(lambda: till.dialog._deposit.setText("8.99"))
    till.key(Qt.Key.Key_Return)
    stand = till.run(get_stand(till.shop.app, 1))
    assert stand is not None
    assert (stand.deposit, stand.unpaid) == (899, 0)


def test_a_quote_is_kept_written_again_and_taken_into_the_sale(till: Till) -> None:
    till.sign_in("Ana")
    till.scan(PRIDE)
    attach(till)
    till.key(Qt.Key.Key_F10)
    till.type("u")
    till.type("q")
    paper = till.shop.app.config.data_dir / "papers" / "quote-1.pdf"
    assert paper.read_bytes().startswith(b"%PDF")
    assert len(till.page.cart.lines) == 1
    till.run(clear(till.shop.app, till.shop.ana, till.page.cart.id))
    till.do(till.page.activated)
    paper.unlink()
    till.key(Qt.Key.Key_F10)
    till.type("u")
    till.type("k")
    till.run(till.dialog.tasks.settled())
    assert till.dialog.list.item(0).text().startswith("1 · Rosa Marchetti · £8.99")
    till.key(Qt.Key.Key_P, modifier=CTRL)
    till.run(till.dialog.tasks.settled())
    assert paper.exists()
    till.key(Qt.Key.Key_Return)
    assert till.sees("Quote 1 for Rosa Marchetti: sell it, or Ctrl+O orders it.")
    assert (till.page.cart.customer, till.page.cart.due) == ("Rosa Marchetti", 899)
    till.key(Qt.Key.Key_Z, modifier=CTRL)
    assert till.sees("Undone: the taking of the quote.")


def test_voiding_what_an_order_was_collected_by_says_that_it_stands_again(till: Till) -> None:
    till.sign_in("Sam")
    till.scan(PRIDE)
    cart = till.run(open_cart(till.shop.app, till.shop.sam))
    till.run(set_customer(till.shop.app, till.shop.sam, cart.id, ROSA))
    till.do(till.page.activated)
    till.type("5")
    till.key(Qt.Key.Key_O, modifier=CTRL)
    till.key(Qt.Key.Key_Return)
    cart = till.run(open_cart(till.shop.app, till.shop.sam))
    till.run(set_customer(till.shop.app, till.shop.sam, cart.id, ROSA))
    till.do(till.page.activated)
    till.key(Qt.Key.Key_T, modifier=CTRL)
    till.key(Qt.Key.Key_F12)
    voided = till.run(void_sale(till.shop.app, till.shop.sam, "1-000002", "Wrong"))
    till.do(lambda: till.page.show_void(voided))
    assert till.sees("Void 1-000003 is stored. Order 1 stands again, its copies held.")
    assert till.sees("£3.99")
