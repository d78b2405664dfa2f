"""What a return says and shows, while it is under way and when it is lost to another till."""

from dataclasses import replace

import pytest
from PySide6.QtCore import Qt

from pos_app.domain.payment import PaymentIn, Tender
from pos_app.services import cart, order
from pos_app.services.book_code import add_code
from pos_app.services.cart_return import find_return, take_back
from pos_app.services.gift_card import sell_gift_card
from pos_app.services.setting import change_settings
from tests.shop import KLARA, PRIDE, Shop
from tests.ui.till import Till
from ui.checkout.returning import HEADS
from ui.widgets.basic import ElidedLabel

Key = Qt.Key
pytestmark = pytest.mark.parametrize("config", ["sqlite"], indirect=True)


async def return_elsewhere(shop: Shop, number: str, pieces: int) -> None:
    """Have books of a sale come back at another screen."""
    jo = shop.people["Jo"]
    line = (await find_return(shop.app, number)).lines[0]
    view = await cart.open_cart(shop.app, jo)
    view = await take_back(shop.app, jo, view.id, line.item_id, pieces)
    payment = PaymentIn(shop.app.ids.new(), Tender.CASH, view.totals.total)
    await order.pay(shop.app, jo, order.PayRequest.refund(view, payment))


def test_a_scan_too_many_does_not_speak_of_what_never_came_back(till: Till) -> None:
    till.sign_in().scan(PRIDE, PRIDE)
    till.key(Key.Key_F12)
    till.scan("1-000001", PRIDE, PRIDE, PRIDE)
    assert till.sees("Message: “Pride and Prejudice” is ticked as often as it can come back: 2.")
    till.key(Key.Key_F12)
    assert till.sees("Give back £17.98")
    till.scan("1-000001", PRIDE)
    assert till.sees("Message: “Pride and Prejudice”: none on this receipt can still come back.")


def test_the_discount_as_sold_is_that_of_the_books_that_come_back(till: Till) -> None:
    till.sign_in("Sam").scan(KLARA)
    till.key(Key.Key_F12)
    till.scan(PRIDE)
    till.type("10")
    till.key(Key.Key_F8)
    till.type("s")
    till.key(Key.Key_Return)
    assert till.sees("0.90")
    till.scan("1-000001", KLARA)
    assert not till.sees("Discount as sold")
    till.key(Key.Key_Escape)
    till.key(Key.Key_F12)
    till.scan("1-000002", PRIDE)
    assert "0.90" in till.names()[till.names().index("Discount as sold") + 1]


@pytest.mark.parametrize("sees_the_sale", [True, False])
def test_what_came_back_elsewhere_meanwhile_is_no_longer_ticked(till: Till, *, sees_the_sale: bool) -> None:
    till.sign_in().scan(PRIDE, PRIDE)
    till.key(Key.Key_F12)
    till.scan("1-000001", PRIDE, PRIDE)
    if not sees_the_sale:
        till.key(Key.Key_F9)
    assert till.sees("Refund £17.98")
    till.run(return_elsewhere(till.shop, "1-000001", 1))
    till.key(Key.Key_F12)
    assert till.sees("Message: “Pride and Prejudice” came back at another till meanwhile")
    assert till.sees("Refund £8.99")
    till.click("Refund")
    assert till.sees("Give back £8.99")
    assert till.run(till.shop.findings()) == []


def test_a_small_screen_shows_the_discount_and_which_sale_it_is(till: Till) -> None:
    till.do(lambda: till.window.resize(1024, 768))
    till.sign_in("Sam").scan(PRIDE)
    till.type("10")
    till.key(Key.Key_F8)
    till.type("s")
    till.key(Key.Key_Return)
    till.key(Key.Key_F12)
    till.scan("1-000001")
    table = till.page.returns.table
    cell = table.visualRect(table.model().index(0, len(HEADS) - 1))
    with_discount = table.viewport().grab(cell).toImage()
    model = till.page.returns._model
    till.do(lambda: setattr(model, "lines", tuple(replace(line, discount=0) for line in model.lines)))
    assert table.viewport().grab(cell).toImage() != with_discount
    said = next(label for label in till.window.findChildren(ElidedLabel) if "1-000001 ·" in label.accessibleName())
    assert said.text() == said.accessibleName()


def test_a_return_lost_to_another_till_refunds_nothing(till: Till) -> None:
    till.sign_in().scan(PRIDE)
    till.key(Key.Key_F12)
    till.scan("1-000001", PRIDE)
    till.run(return_elsewhere(till.shop, "1-000001", 1))
    till.key(Key.Key_F12)
    assert till.sees("Message: “Pride and Prejudice” came back at another till meanwhile")
    assert till.sees("Refund £0.00")
    assert till.page.cart.lines == ()
    till.key(Key.Key_Escape)
    till.scan(KLARA)
    assert till.sees("Total £16.95")


def test_a_gift_card_is_ticked_by_its_code_and_a_good_by_its_own(till: Till) -> None:
    shop = till.shop
    till.run(add_code(shop.app, shop.sam, shop.books[PRIDE], "TOTE-1"))

    async def sell() -> None:
        view = await cart.open_cart(shop.app, shop.sam)
        view = await sell_gift_card(shop.app, shop.sam, view.id, "GC1001", 500)
        view = await cart.add_scan(shop.app, shop.sam, view.id, PRIDE)
        await order.pay(shop.app, shop.sam, order.PayRequest.of(view, shop.payment(view.due)))

    till.run(sell())
    till.sign_in("Sam").scan("1-000001", "GC1001")
    assert till.sees("Message: Gift card · 1 comes back")
    till.scan("TOTE-1")
    assert till.sees("Message: Pride and Prejudice · 1 comes back")
    till.scan(KLARA)
    assert till.sees("That book is not on receipt 1-000001")
    till.scan("4006381333931")
    assert till.sees("That book is not on receipt 1-000001")


def test_what_the_open_sale_sells_stands_beside_what_comes_back(till: Till) -> None:
    till.sign_in("Sam").scan(KLARA)
    till.key(Key.Key_F12)
    till.scan(PRIDE, PRIDE, "1-000001", KLARA)
    names = till.names()
    assert names[names.index("To be sold · 2 items") + 1] == "17.98"
    assert names[names.index("Comes back") + 1] == "16.95"
    assert till.sees("To pay £1.03")


def test_a_voucher_that_paid_is_handed_out_again(till: Till) -> None:
    shop = till.shop

    async def sell() -> None:
        view = await cart.open_cart(shop.app, shop.sam)
        view = await cart.add_scan(shop.app, shop.sam, view.id, PRIDE)
        payment = PaymentIn(shop.app.ids.new(), Tender.BOOK_TOKEN, 899, "BT-7")
        await order.pay(shop.app, shop.sam, order.PayRequest.of(view, payment))

    till.run(sell())
    till.sign_in("Sam").scan("1-000001", PRIDE)
    till.key(Key.Key_F12)
    assert till.sees("Message: Return 1-000002 is stored. Hand out: Book token worth £8.99.")


def test_the_refund_named_is_what_goes_back_with_its_rounding(till: Till) -> None:
    shop = till.shop
    till.run(change_settings(shop.app, shop.people["Max"], cash_rounding=5))
    till.sign_in("Sam").scan(PRIDE)
    till.key(Key.Key_F12)
    till.scan("1-000001", PRIDE)
    names = till.names()
    assert till.sees("Refund £9.00")
    assert names[names.index("Rounding") + 1] == "0.01"
    till.key(Key.Key_F12)
    assert till.sees("Give back £9.00")
