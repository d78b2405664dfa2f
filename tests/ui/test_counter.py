"""What a cashier does in a day, by keys and by what can be read."""

from dataclasses import replace

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractButton, QComboBox

from pos_app.domain.document import AdjustmentKind
from pos_app.domain.payment import TENDERS, Tender
from pos_app.domain.permission import Grant, Permission, UserRole
from pos_app.domain.shop import StockPolicy
from pos_app.services import cart, cart_park
from pos_app.services.cart import open_cart
from pos_app.services.cart_return import find_return, take_back, take_back_without_receipt
from pos_app.services.customer import add_customer
from pos_app.services.order_view import get_sale
from pos_app.services.right import Operator, change_right
from pos_app.services.setting import change_settings
from pos_app.services.tender import change_tender
from tests.shop import DARKNESS, KLARA, PIN, PRIDE, SAPIENS
from tests.ui.keyboard import focus_window, strike, without_pause
from tests.ui.till import Till
from ui.checkout.ask_dialog import DiscountDialog
from ui.checkout.lines import _under
from ui.widgets.key_button import KeyButton

# What the window does is the same on either database; the services are tried on both.
pytestmark = pytest.mark.parametrize("config", ["sqlite"], indirect=True)

Key = Qt.Key
ALT, CTRL = Qt.KeyboardModifier.AltModifier, Qt.KeyboardModifier.ControlModifier


def lines(till: Till) -> list[tuple[str, int]]:
    return [(line.title, line.quantity) for line in till.page.lines.lines]


def test_park_and_recall_take_a_key_each(till: Till) -> None:
    till.sign_in().scan(PRIDE, KLARA)
    till.type("blue coat")
    till.key(Key.Key_F6)
    assert till.sees("Message: Parked.")
    assert lines(till) == []
    till.scan(DARKNESS)
    till.key(Key.Key_F12)
    till.key(Key.Key_F7)
    assert lines(till) == [("Pride and Prejudice", 1), ("Klara and the Sun", 1)]
    assert till.sees("“blue coat” taken up")


def test_recall_follows_what_another_till_parks_and_takes_up(till: Till) -> None:
    till.sign_in()
    shop = till.shop
    recall = next(one for one in till.page.buttons.findChildren(KeyButton) if one.accessibleName() == "Recall")

    async def park_elsewhere() -> int:
        view = await cart.open_cart(shop.app, shop.people["Jo"])
        await cart.add_scan(shop.app, shop.people["Jo"], view.id, PRIDE)
        await cart_park.park(shop.app, shop.people["Jo"], view.id)
        return view.id

    parked = till.run(park_elsewhere())
    assert not recall.isEnabled()
    till.do(till.page._parked.timeout.emit)
    assert (recall.isEnabled(), recall.words) == (True, "Recall · 1")

    async def take_up_elsewhere() -> None:
        view = await cart.open_cart(shop.app, shop.people["Jo"])
        await cart_park.recall(shop.app, shop.people["Jo"], view.id, parked)
        await cart.clear(shop.app, shop.people["Jo"], parked)

    till.run(take_up_elsewhere())
    till.do(till.page._parked.timeout.emit)
    assert (recall.isEnabled(), recall.words) == (False, "Recall")


def test_after_a_payment_there_is_nothing_to_park_until_the_next_scan(till: Till) -> None:
    till.sign_in().scan(PRIDE)
    page = till.page
    shown = page.buttons.findChildren(KeyButton)
    of_a_basket = [*(one for one in shown if one.words in {"Park", "Discount"}), page.foot.undo]
    assert [one.isEnabled() for one in of_a_basket] == [True] * 3
    till.key(Key.Key_F12)
    assert till.sees("is paid and stored")
    assert [one.isEnabled() for one in of_a_basket] == [False] * 3
    till.scan(PRIDE)
    assert [one.isEnabled() for one in of_a_basket] == [True] * 3


def test_with_several_parked_the_arrows_and_enter_choose(till: Till) -> None:
    till.sign_in()
    for isbn in (PRIDE, DARKNESS):
        till.scan(isbn)
        till.key(Key.Key_F6)
    till.key(Key.Key_F7)
    assert till.dialog is not None
    till.key(Key.Key_Down)
    till.key(Key.Key_Return)
    assert lines(till) == [("Pride and Prejudice", 1)]


def test_a_scanned_receipt_starts_the_return_and_scanned_books_are_ticked(till: Till) -> None:
    till.sign_in().scan(PRIDE, DARKNESS, KLARA)
    till.key(Key.Key_F12)
    till.scan("1-000001")
    assert till.sees("Return of sale 1-000001")
    till.scan(DARKNESS)
    assert till.sees("Refund £10.99")
    till.key(Key.Key_F12)
    assert till.sees("Give back £10.99")
    assert till.sees("Message: Return 1-000002 is stored")
    till.scan("1-000001")
    till.scan(DARKNESS)
    assert till.sees("none on this receipt can still come back")


def test_a_book_that_is_not_on_the_receipt_does_not_come_back(till: Till) -> None:
    till.sign_in().scan(PRIDE)
    till.key(Key.Key_F12)
    till.scan("1-000001", KLARA)
    assert till.sees("not on receipt 1-000001")
    till.key(Key.Key_F12)
    assert till.sees("Nothing comes back yet")
    till.key(Key.Key_Escape)
    till.scan(KLARA)
    assert lines(till) == [("Klara and the Sun", 1)]


def test_an_exchange_is_settled_in_one_document(till: Till) -> None:
    till.sign_in().scan(PRIDE)
    till.key(Key.Key_F12)
    till.scan("1-000001", PRIDE)
    till.key(Key.Key_F9)
    till.scan(KLARA)
    assert lines(till) == [("Pride and Prejudice", -1), ("Klara and the Sun", 1)]
    assert till.sees("Total £7.96")
    till.key(Key.Key_F12)
    assert till.sees("Message: Exchange 1-000002")


def test_leaving_a_return_refunds_nothing(till: Till) -> None:
    till.sign_in().scan(PRIDE)
    till.key(Key.Key_F12)
    till.scan("1-000001", PRIDE)
    till.key(Key.Key_Escape)
    assert lines(till) == []
    till.scan(KLARA)
    assert till.sees("Total £16.95")


def test_a_discount_within_the_limit_needs_nobody(till: Till) -> None:
    till.sign_in().scan(KLARA)
    till.type("10")
    till.key(Key.Key_F8)
    till.type("d")
    till.key(Key.Key_Return)
    assert till.sees("Total £15.25")
    till.key(Key.Key_Z, modifier=CTRL)
    assert till.sees("Total £16.95")


def test_more_than_the_limit_asks_for_a_managers_pin_once(till: Till) -> None:
    till.sign_in().scan(KLARA)
    till.type("25")
    till.key(Key.Key_F8)
    till.type("d")
    till.key(Key.Key_Return)
    assert till.sees("asks for a discount of 25 %")
    assert till.sees("Klara and the Sun: £12.71 instead of £16.95")
    till.type("9999")
    till.key(Key.Key_Return)
    assert till.sees("Wrong PIN")
    till.type(PIN)
    till.key(Key.Key_Return)
    assert till.sees("Total £12.71")
    till.key(Key.Key_F12)
    sale = till.run(get_sale(till.shop.app, "1-000001"))
    assert sale.lines[0].adjustments[0].allowed_by == "Sam"


def test_walking_away_from_the_pin_leaves_the_price(till: Till) -> None:
    till.sign_in().scan(KLARA)
    till.type("25")
    till.key(Key.Key_F8)
    till.type("d")
    till.key(Key.Key_Return)
    till.key(Key.Key_Escape)
    assert till.sees("That is beyond your limit: a discount. Ask a manager or an admin.")
    assert till.sees("Total £16.95")


@pytest.mark.parametrize("code", ["GCTEST7731AB", "SHOP0001"], ids=["made here", "printed with its own"])
def test_a_gift_card_is_sold_and_pays_by_its_scan(till: Till, code: str) -> None:
    till.sign_in()
    till.key(Key.Key_F10)
    till.key(Key.Key_G)
    till.type("20")
    till.scan(code)
    till.key(Key.Key_Return)
    assert till.sees("Total £20.00")
    till.key(Key.Key_F12)
    till.scan(PRIDE)
    till.scan(code)
    assert till.dialog is not None
    assert till.sees("holds £20.00")
    till.key(Key.Key_Return)
    assert till.sees("Message: Sale 1-000002 is paid")
    till.scan(code)
    assert till.sees("holds £11.01")


def test_the_payment_dialog_takes_any_split(till: Till) -> None:
    till.sign_in().scan(KLARA)
    till.key(Key.Key_F5)
    till.click("Tender Book token")
    till.type("5")
    till.do(lambda: till.dialog._reference.setText("BT-1"))
    till.key(Key.Key_Return)
    assert till.sees("To pay £11.95")
    till.click("Tender Card")
    till.key(Key.Key_Return)
    assert till.dialog is None
    sale = till.run(get_sale(till.shop.app, "1-000001"))
    assert [(paid.tender, paid.amount) for paid in sale.payments] == [("book_token", 500), ("card", 1195)]


def test_a_payment_in_the_dialog_is_taken_back(till: Till) -> None:
    till.sign_in().scan(KLARA)
    till.key(Key.Key_F5)
    till.click("Tender Cash")
    till.type("10")
    till.key(Key.Key_Return)
    assert till.sees("To pay £6.95")
    till.click("Remove the last payment")
    assert till.sees("To pay £16.95")
    till.key(Key.Key_Escape)
    assert till.sees("Total £16.95")


def test_enter_held_down_in_the_payment_dialog_pays_once(till: Till) -> None:
    till.sign_in().scan(KLARA)
    till.key(Key.Key_F5)
    till.click("Tender Cash")
    till.key(*[Key.Key_Return] * 5)
    assert till.sees("Message: Sale 1-000001 is paid")
    assert till.run(till.shop.stock(KLARA)) == 1


def test_a_scan_while_a_question_is_open_waits_for_its_end(till: Till) -> None:
    till.sign_in().scan(KLARA)
    till.key(Key.Key_F8)
    till.do(lambda: None)
    till.scan(PRIDE)
    assert lines(till) == [("Klara and the Sun", 1)]
    till.key(Key.Key_Escape)
    assert lines(till) == [("Klara and the Sun", 1), ("Pride and Prejudice", 1)]


def test_price_check_shows_and_does_not_sell(till: Till) -> None:
    till.sign_in()
    till.key(Key.Key_F3)
    till.scan(SAPIENS)
    assert till.sees("Price £24.99")
    assert till.sees("Message: Out of stock.")
    assert lines(till) == []
    till.scan(PRIDE)
    assert lines(till) == [("Pride and Prejudice", 1)]


def test_a_shop_that_sells_nothing_it_has_not_says_so_at_the_scan(till: Till) -> None:
    shop = till.shop
    till.run(change_settings(shop.app, shop.people["Max"], stock_policy=StockPolicy.STRICT))
    till.sign_in().scan(SAPIENS)
    assert till.sees("Sapiens · 1 × 24.99. None is in stock, and the shop sells no more than it has.")
    till.key(Key.Key_Delete)
    till.scan(KLARA, KLARA, KLARA)
    assert till.sees("Only 2 are in stock")
    till.key(Key.Key_Minus)
    till.key(Key.Key_F12)
    assert till.sees("Message: Sale 1-000001 is paid")


def test_training_sells_nothing_and_says_so(till: Till) -> None:
    till.sign_in()
    till.key(Key.Key_F10)
    till.key(Key.Key_M)
    assert till.sees("Training")
    till.scan(PRIDE)
    till.key(Key.Key_F12)
    assert till.sees("Sale T1-000001 is paid and stored. It was training")
    assert till.run(till.shop.stock(PRIDE)) == 23
    assert not till.sees("Scan the first book to start a sale.")
    till.key(Key.Key_F10)
    till.key(Key.Key_M)
    assert till.sees("Scan the first book to start a sale.")
    till.scan(PRIDE)
    till.key(Key.Key_F12)
    assert till.sees("Sale 1-000001 is paid")


def test_equals_explains_how_an_amount_came_about(till: Till) -> None:
    till.sign_in().scan(KLARA)
    till.type("10")
    till.key(Key.Key_F8)
    till.type("d")
    till.key(Key.Key_Return)
    till.type("=")
    assert till.sees("Discount on the line: Damaged")
    assert till.sees("15.25")
    till.key(Key.Key_Return)
    assert till.dialog is None


def test_void_takes_the_whole_sale_back(till: Till) -> None:
    till.sign_in("Sam").scan(PRIDE)
    till.key(Key.Key_F12)
    till.key(Key.Key_F10)
    till.key(Key.Key_V)
    till.type("r")
    till.key(Key.Key_Return)
    assert till.sees("Message: Void 1-000002 is stored")
    assert till.sees("Give back £8.99")
    assert till.run(till.shop.stock(PRIDE)) == 23


def test_a_manager_reads_which_receipt_is_to_be_voided(till: Till) -> None:
    till.sign_in("Ana").scan(PRIDE)
    till.key(Key.Key_F12)
    till.key(Key.Key_F10)
    till.key(Key.Key_V)
    till.type("r")
    till.key(Key.Key_Return)
    assert till.sees("Receipt 1-000001")
    till.type(PIN)
    till.key(Key.Key_Return)
    assert till.sees("Message: Void 1-000002 is stored")


def test_f12_five_times_in_a_row_is_one_sale_and_no_complaint(till: Till) -> None:
    till.sign_in().scan(PRIDE)
    till.key(*[Key.Key_F12] * 5)
    assert till.sees("Message: Sale 1-000001 is paid")
    assert till.run(till.shop.stock(PRIDE)) == 22


def test_a_price_on_the_cover_that_differs_is_shown(till: Till) -> None:
    till.sign_in().scan(PRIDE + "01299")
    assert till.sees("The cover says £12.99: check the price")
    assert till.sees("Total £8.99")


def test_somebody_else_takes_over_what_was_left_open(till: Till) -> None:
    till.sign_in().scan(PRIDE)
    till.key(Key.Key_L, modifier=CTRL)
    jo: Operator = till.shop.people["Jo"]
    till.sign_in(jo.name)
    assert lines(till) == [("Pride and Prejudice", 1)]


def test_a_customer_is_added_attached_and_remembered(till: Till) -> None:
    till.sign_in().scan(PRIDE)
    till.key(Key.Key_F4)
    assert till.dialog is not None
    till.type("Jonas Weber")
    till.click("New customer")
    till.key(Key.Key_Return)
    assert till.sees("Customer Jonas Weber")
    till.key(Key.Key_F12)
    till.scan(PRIDE)
    till.key(Key.Key_F4)
    till.type("weber")
    till.key(Key.Key_Return)
    assert till.sees("Jonas Weber bought “Pride and Prejudice” on 23 Nov 2026")


def test_an_unknown_isbn_is_added_and_the_next_scan_is_not_swallowed(till: Till) -> None:
    till.sign_in().scan("9780306406157", KLARA)
    assert lines(till) == [("Klara and the Sun", 1)]
    assert till.page.adding.isVisible()
    till.type("New Book")
    till.key(Key.Key_Return)
    till.type("5")
    till.key(Key.Key_Return)
    assert lines(till) == [("Klara and the Sun", 1), ("New Book", 1)]
    assert till.sees("Total £21.95")
    till.key(Key.Key_F12)
    assert till.sees("is paid")


def test_a_customers_card_is_scanned_at_any_time(till: Till) -> None:
    till.run(add_customer(till.shop.app, till.shop.ana, "Jonas Weber", card="MEMBER-77"))
    till.sign_in().scan(PRIDE)
    till.scan("MEMBER-77")
    assert till.sees("Message: Jonas Weber is attached.")
    assert till.sees("Customer Jonas Weber")
    assert lines(till) == [("Pride and Prejudice", 1)]


def test_a_return_is_told_by_keys_alone_where_books_go_why_and_how_money_is_given(till: Till) -> None:
    till.sign_in().scan(PRIDE)
    till.key(Key.Key_F11)
    till.scan("1-000001")
    till.scan(PRIDE)
    till.key(Key.Key_F6)
    assert till.sees("They go to: Damaged")
    till.key(Key.Key_F7)
    reason = next(name for name in till.names() if name.startswith("Reason: "))
    assert till.sees("Pride and Prejudice · 1 comes back · put: Damaged · why: ")
    till.key(Key.Key_F12, modifier=CTRL)
    assert till.sees("Ana asks for a refund in cash of what was paid otherwise: £8.99")
    till.type(PIN)
    till.key(Key.Key_Return)
    returned = till.run(get_sale(till.shop.app, "1-000002"))
    assert [(paid.tender, paid.amount) for paid in returned.payments] == [("cash", -899)]
    assert returned.reason == reason.removeprefix("Reason: ")
    assert returned.lines[0].restock == "damaged"
    till.scan("1-000001")
    till.key(Key.Key_F8)
    assert till.sees("Return without receipt")


def test_a_sale_is_finished_without_a_receipt_by_keys(till: Till) -> None:
    till.sign_in().scan(PRIDE)
    till.do(lambda: till.page.ask(till.page.flows.payment()))
    till.key(Key.Key_Return, modifier=CTRL)
    assert till.dialog is None
    assert till.sees("is paid and stored")
    # Nothing is printed, and what was sold is kept all the same.
    assert not till.shop.app.printing.recent
    assert "Pride and Prejudice" in (till.shop.app.config.receipts_dir / "1-000001.txt").read_text(encoding="utf-8")


def test_another_tax_takes_a_managers_pin_and_keeps_both_names(till: Till) -> None:
    till.sign_in().scan(KLARA)
    till.key(Key.Key_F10)
    till.key(Key.Key_T)
    till.key(Key.Key_3, modifier=ALT)
    till.type("Sold as a calendar")
    till.key(Key.Key_Return)
    assert till.sees("Ana asks for another tax")
    till.type(PIN)
    till.key(Key.Key_Return)
    till.key(Key.Key_F12)
    sale = till.run(get_sale(till.shop.app, "1-000001"))
    (why,) = sale.lines[0].adjustments
    assert (sale.operator, why.allowed_by) == ("Ana", "Sam")
    assert (why.kind, why.name, why.was) == (AdjustmentKind.TAX, "Sold as a calendar", "Books 0 %")
    assert (sale.lines[0].tax_name, sale.lines[0].tax, sale.tax) == ("Standard 20 %", 282, 282)


def test_another_price_takes_a_managers_pin_and_keeps_its_reason(till: Till) -> None:
    till.sign_in().scan(KLARA)
    till.key(Key.Key_F10)
    till.key(Key.Key_P)
    till.type("12")
    till.key(Key.Key_3, modifier=ALT)
    till.key(Key.Key_Return)
    till.type(PIN)
    till.key(Key.Key_Return)
    assert till.sees("Total £12.00")
    assert till.page.cart.lines[0].adjustments[0].name == "Price match"


def test_a_gift_card_scanned_into_its_question_survives_a_managers_pin(till: Till) -> None:
    till.run(
        change_right(
            till.shop.app,
            till.shop.people["Max"],
            UserRole.CASHIER,
            Permission.SELL_GIFT_CARDS,
            Grant(allowed=False),
        )
    )
    till.sign_in()
    till.key(Key.Key_F10)
    till.key(Key.Key_G)
    till.type("20")
    till.scan("GCTEST7731AB")
    till.key(Key.Key_Return)
    till.type(PIN)
    till.key(Key.Key_Return)
    assert till.page.cart.lines[0].gift_card == "GCTEST7731AB"


def test_the_sum_typed_is_the_sum_due_though_no_coins_make_it(till: Till) -> None:
    till.run(change_settings(till.shop.app, till.shop.people["Max"], cash_rounding=5))
    till.sign_in().scan(PRIDE)
    till.type("8.98")
    till.key(Key.Key_F12)
    assert till.sees("No coins make up that amount of cash")
    till.type("8.99")
    till.key(Key.Key_F12)
    assert till.sees("is paid and stored")
    assert till.run(get_sale(till.shop.app, "1-000001")).total == 900


def test_a_card_that_asks_for_a_number_opens_the_question_for_it(till: Till) -> None:
    max_ = till.shop.people["Max"]
    till.run(change_tender(till.shop.app, max_, replace(TENDERS[Tender.CARD], asks_reference=True)))
    till.sign_in().scan(PRIDE)
    till.key(Key.Key_F11)
    assert till.dialog is not None
    assert till.dialog.windowTitle().startswith("Payment")
    till.key(Key.Key_Return)
    assert till.sees("Card needs a number")
    till.key(Key.Key_Escape)
    till.run(change_tender(till.shop.app, max_, replace(TENDERS[Tender.CARD], active=False)))
    till.key(Key.Key_1, modifier=CTRL)
    till.key(Key.Key_F11)
    assert till.sees("Card is not in use here")


def test_more_of_what_a_manager_let_pass_takes_a_manager_again(till: Till) -> None:
    till.sign_in().scan(PRIDE)
    till.key(Key.Key_F10)
    till.key(Key.Key_P)
    till.type("5.00d")
    till.key(Key.Key_Return)
    till.type(PIN)
    till.key(Key.Key_Return)
    assert till.sees("Total £5.00")
    till.scan(PRIDE)
    assert till.sees("Ana asks for another price of 44.39 %")
    assert till.sees("Pride and Prejudice: £5.00 instead of £8.99")
    till.key(Key.Key_Escape)
    assert till.sees("Total £5.00")
    till.key(Key.Key_Plus)
    till.type(PIN)
    till.key(Key.Key_Return)
    assert till.sees("Total £10.00")


def test_equals_after_a_sale_explains_that_sale(till: Till) -> None:
    till.sign_in()
    till.key(Key.Key_Equal)
    assert till.sees("There is no amount to explain yet. Scan a book first.")
    till.scan(PRIDE)
    till.key(Key.Key_F12)
    till.key(Key.Key_Equal)
    assert till.dialog is not None
    assert till.sees("Pride and Prejudice")
    till.key(Key.Key_Return)
    assert till.sees("Change £0.00")


def test_what_went_back_to_a_card_is_not_to_be_given_out_of_the_drawer(till: Till) -> None:
    till.sign_in().scan(PRIDE)
    till.key(Key.Key_F11)
    till.scan("1-000001", PRIDE)
    till.key(Key.Key_F12)
    assert till.sees("Back to: Card £8.99")
    assert not till.sees("Give back £0.00")


@pytest.mark.parametrize("key", [Key.Key_P, Key.Key_T, Key.Key_N])
def test_what_changes_a_line_says_that_there_is_none(till: Till, key: Key) -> None:
    till.sign_in()
    till.key(Key.Key_F10)
    till.key(key)
    assert till.dialog is None
    assert till.sees("There is no line to change yet")


def test_a_gift_card_typed_shows_what_it_holds_and_offers_it(till: Till) -> None:
    till.sign_in()
    till.key(Key.Key_F10)
    till.key(Key.Key_G)
    till.type("5")
    till.scan("GCTEST7731AB")
    till.key(Key.Key_Return)
    till.key(Key.Key_F12)
    till.scan(PRIDE)
    till.key(Key.Key_F5)
    till.type("GCNOBODY")
    till.key(Key.Key_Return)
    assert till.sees("No gift card has the code")
    till.key(Key.Key_A, modifier=CTRL)
    till.type("gctest7731ab")
    till.key(Key.Key_Return)
    assert till.sees("holds £5.00")
    till.key(Key.Key_Return)
    assert till.sees("To pay £3.99")
    till.key(Key.Key_Escape)
    till.key(Key.Key_F12)
    assert till.sees("is paid and stored")


def test_the_kind_of_a_card_taken_elsewhere_is_kept(till: Till) -> None:
    till.sign_in().scan(PRIDE)
    till.key(Key.Key_F5)
    till.key(Key.Key_2, modifier=ALT)
    kind = next(box for box in till.dialog.findChildren(QComboBox) if box.accessibleName() == "Kind of card")
    assert kind.isVisible()
    till.do(lambda: kind.setCurrentText("Mastercard"))
    till.key(Key.Key_Return)
    assert till.sees("is paid and stored")
    assert till.run(get_sale(till.shop.app, "1-000001")).payments[0].scheme == "Mastercard"


def test_the_last_receipt_is_of_training_or_real_as_one_is(till: Till) -> None:
    till.sign_in("Sam").scan(PRIDE)
    till.key(Key.Key_F12)
    till.key(Key.Key_F10)
    till.key(Key.Key_M)
    assert till.sees("No sale at this till yet")
    till.key(Key.Key_P, modifier=CTRL)
    assert till.dialog is None
    till.key(Key.Key_F10)
    till.key(Key.Key_V)
    till.type("1-000001")
    till.type("r")
    till.key(Key.Key_Tab)
    till.do(till.dialog.submit)
    assert till.dialog is None or till.dialog.message.text()
    while till.dialog is not None:
        till.key(Key.Key_Escape)
    assert till.run(till.shop.stock(PRIDE)) == 22
    till.scan(KLARA)
    till.key(Key.Key_F12)
    assert till.sees("Last sale T1-000001")
    till.key(Key.Key_P, modifier=CTRL)
    assert till.sees("Receipt T1-000001")
    till.key(Key.Key_Escape)
    till.key(Key.Key_F10)
    till.key(Key.Key_M)
    assert till.sees("Last sale 1-000001")
    till.key(Key.Key_P, modifier=CTRL)
    assert till.sees("Receipt 1-000001")


def test_training_and_real_baskets_are_not_taken_up_by_one_another(till: Till) -> None:
    till.sign_in().scan(PRIDE)
    till.key(Key.Key_F6)
    till.key(Key.Key_F10)
    till.key(Key.Key_M)
    assert till.page.cart.parked == 0
    till.key(Key.Key_F7)
    assert lines(till) == []
    assert till.sees("Training")
    till.scan(KLARA)
    till.key(Key.Key_F6)
    till.key(Key.Key_F10)
    till.key(Key.Key_M)
    assert till.page.cart.parked == 1
    till.key(Key.Key_F7)
    assert lines(till) == [("Pride and Prejudice", 1)]


def test_another_sale_of_the_day_is_voided_by_its_number_or_its_barcode(till: Till) -> None:
    till.sign_in("Sam").scan(PRIDE)
    till.key(Key.Key_F12)
    till.scan(KLARA)
    till.key(Key.Key_F12)
    till.key(Key.Key_F10)
    till.key(Key.Key_V)
    till.scan("1-000001")
    till.key(Key.Key_Return)
    assert till.sees("Choose a reason")
    till.type("r")
    till.key(Key.Key_Return)
    assert till.sees("Message: Void 1-000003 is stored")
    assert till.run(get_sale(till.shop.app, "1-000003")).reason == "Rung up wrong"
    assert till.run(till.shop.stock(PRIDE)) == 23


def test_a_discount_says_that_a_reason_is_missing(till: Till) -> None:
    till.sign_in().scan(KLARA)
    till.type("10")
    till.key(Key.Key_F8)
    till.key(Key.Key_Return)
    assert till.sees("Choose a reason")
    till.type("s")
    assert not till.sees("Choose a reason")
    till.key(Key.Key_Return)
    assert till.page.cart.lines[0].adjustments[0].name == "Staff"


def test_the_basket_stays_on_the_screen_when_the_person_changes(till: Till) -> None:
    till.sign_in().scan(PRIDE, KLARA)
    till.key(Key.Key_L, modifier=CTRL)
    till.sign_in("Jo")
    assert lines(till) == [("Pride and Prejudice", 1), ("Klara and the Sun", 1)]
    assert till.sees("Ana began this basket. It goes on as yours.")
    till.key(Key.Key_F12)
    assert till.run(get_sale(till.shop.app, "1-000001")).operator == "Jo"
    till.scan(PRIDE)
    till.key(Key.Key_L, modifier=CTRL)
    till.sign_in("Ana").scan(KLARA)
    assert lines(till) == [("Pride and Prejudice", 1), ("Klara and the Sun", 1)]


def test_training_takes_a_managers_pin_where_the_right_is_missing(till: Till) -> None:
    shop = till.shop
    till.run(change_right(shop.app, shop.people["Max"], UserRole.CASHIER, Permission.TRAIN, Grant(allowed=False)))
    till.sign_in().scan(PRIDE)
    for pin in ("", PIN):
        till.key(Key.Key_F10)
        till.key(Key.Key_M)
        assert till.sees("Ana asks for training")
        till.type(pin)
        till.key(Key.Key_Return if pin else Key.Key_Escape)
        assert till.page.training is bool(pin)
    till.scan(KLARA)
    till.key(Key.Key_F12)
    till.scan(KLARA)
    till.key(Key.Key_F12)
    assert till.sees("Sale T1-000002 is paid")


@pytest.mark.parametrize("letter", [Key.Key_P, Key.Key_T, Key.Key_N, Key.Key_D, Key.Key_L])
def test_what_needs_a_line_says_so_while_there_is_none(till: Till, letter: Key) -> None:
    till.sign_in("Sam")
    till.key(Key.Key_F10)
    till.key(letter)
    assert till.dialog is None
    assert till.sees("Scan a book")


@pytest.mark.parametrize("key", [Key.Key_Plus, Key.Key_Minus, Key.Key_Delete])
def test_so_do_the_keys_of_a_line(till: Till, key: Key) -> None:
    till.sign_in()
    till.key(key)
    assert till.sees("Message: There is no line to change yet.")
    assert not till.page.entry.text()


def test_equals_names_the_manager_who_let_the_sale_just_stored_pass(till: Till) -> None:
    never = Grant(allowed=False)
    till.run(change_right(till.shop.app, till.shop.people["Max"], UserRole.CASHIER, Permission.SELL_GIFT_CARDS, never))
    till.sign_in()
    till.key(Key.Key_F10)
    till.key(Key.Key_G)
    till.type("20")
    till.key(Key.Key_Return)
    till.type(PIN)
    till.key(Key.Key_Return)
    till.key(Key.Key_F12)
    till.key(Key.Key_Equal)
    assert till.sees("Asked for by Ana, allowed by Sam")


def test_scans_that_wait_behind_a_question_are_told_and_carried_out(till: Till) -> None:
    till.sign_in().scan(PRIDE)
    till.key(Key.Key_F8)
    till.scan(KLARA)
    assert till.sees("1 scan waits until this is answered")
    till.scan(DARKNESS)
    assert till.sees("2 scans wait until this is answered")
    till.key(Key.Key_Escape)
    assert {line.isbn for line in till.page.cart.lines} == {PRIDE, KLARA, DARKNESS}


def test_three_times_typed_at_once_before_a_scan_makes_three(till: Till) -> None:
    till.sign_in()
    till.scan("3*" + PRIDE)
    assert [line.quantity for line in till.page.cart.lines] == [3]


def test_what_takes_two_rights_asks_for_two_pins_one_after_the_other(till: Till) -> None:
    till.sign_in().scan(PRIDE)
    till.key(Key.Key_F11)
    till.sign_in("Sam")
    app, sam = till.shop.app, till.shop.sam
    view = till.run(open_cart(app, sam))
    till.run(take_back_without_receipt(app, sam, view.id, KLARA))
    item = till.run(find_return(app, "1-000001")).lines[0].item_id
    till.run(take_back(app, sam, view.id, item, 1))
    till.sign_in("Ana")
    till.scan("1-000001")
    till.key(Key.Key_F12, modifier=CTRL)
    assert till.sees("Ana asks for a return without receipt or late: £16.95.")
    till.type(PIN)
    till.key(Key.Key_Return)
    assert till.sees("Ana asks for a refund in cash of what was paid otherwise: £8.99.")
    till.type(PIN)
    till.key(Key.Key_Return)
    returned = till.run(get_sale(app, "1-000002"))
    assert [(paid.tender, paid.amount) for paid in returned.payments] == [("cash", -899 - 1695)]


def test_the_counters_keys_work_wherever_in_the_window_the_focus_is(till: Till) -> None:
    till.sign_in()
    till.scan(PRIDE, DARKNESS)
    for name in ("All shortcuts", "Inventory"):
        button = next(one for one in till.window.findChildren(QAbstractButton) if one.accessibleName() == name)
        till.do(button.setFocus)
        assert button.hasFocus()
        till.key(Qt.Key.Key_F2)
        assert till.page.entry.hasFocus()
        till.do(button.setFocus)
        till.type("3")
        assert (till.page.entry.hasFocus(), till.page.entry.text()) == (True, "3")
        till.key(Qt.Key.Key_Escape)
        till.do(button.setFocus)
    till.key(Qt.Key.Key_Minus)
    assert till.page.cart.item_count == 1
    till.do(button.setFocus)
    till.key(Qt.Key.Key_F12)
    assert till.sees("Change")


def test_a_discount_above_the_price_is_told_where_it_is_typed(till: Till) -> None:
    till.sign_in("Sam").scan(PRIDE)
    till.type("100")
    till.key(Key.Key_F8)
    till.key(Key.Key_4, modifier=ALT)
    till.type("s")
    till.key(Key.Key_Return)
    assert isinstance(till.dialog, DiscountDialog)
    assert till.dialog.message.text().startswith("A discount cannot be more than the price")
    assert till.dialog._field.text() == "100"


def test_what_a_strict_shop_has_not_stays_marked_in_the_list(till: Till) -> None:
    till.run(change_settings(till.shop.app, till.shop.people["Max"], stock_policy=StockPolicy.STRICT))
    till.sign_in().scan(SAPIENS, PRIDE)
    under = [_under(line, till.page.fmt, 400) for line in till.page.lines.lines]
    assert under == ["0 in stock · Yuval Noah Harari · 9780062316097", "Jane Austen · 9780141439518"]


def test_of_many_authors_less_is_said_than_of_why_a_line_costs_less(till: Till) -> None:
    till.sign_in("Sam").scan(PRIDE)
    line = replace(
        till.page.lines.lines[0], author="Anne Frank, Eleanor Roosevelt, B. M. Mooyaart-Doubleday", note="ring"
    )
    said = _under(line, till.page.fmt, 300)
    assert said.startswith("Anne Frank")
    assert said.endswith("… · 9780141439518 · “ring”")


@pytest.mark.parametrize("key", [Key.Key_F12, Key.Key_F6])
def test_a_key_pressed_after_two_scans_is_done_after_both(till: Till, key: Key) -> None:
    till.sign_in()

    def burst() -> None:
        with without_pause(till.router):
            for code in (PRIDE, KLARA):
                for letter in code:
                    QTest.keyClick(focus_window(), letter)
                QTest.keyClick(focus_window(), Key.Key_Return)
        strike(key)

    till.do(burst)
    if key is Key.Key_F12:
        assert till.sees("Message: Sale 1-000001 is paid")
        assert till.run(get_sale(till.shop.app, "1-000001")).total == 899 + 1695
    else:
        assert [parked.item_count for parked in till.run(cart_park.list_parked(till.shop.app, till.shop.ana))] == [2]
    assert lines(till) == []


def test_a_question_asked_after_a_scan_is_about_what_was_scanned(till: Till) -> None:
    till.sign_in("Sam").scan(PRIDE)

    def burst() -> None:
        with without_pause(till.router):
            for letter in KLARA:
                QTest.keyClick(focus_window(), letter)
            QTest.keyClick(focus_window(), Key.Key_Return)
        strike(Key.Key_F8)

    till.do(burst)
    assert isinstance(till.dialog, DiscountDialog)
    assert "Klara and the Sun" in till.names()


def test_where_there_is_little_room_why_a_line_costs_less_is_said_first(till: Till) -> None:
    till.sign_in("Sam").scan(PRIDE)
    line = replace(till.page.lines.lines[0], note="ring")
    assert _under(line, till.page.fmt, 120) == "“ring” · 9780141439518 · Jane Austen"


def test_a_scan_that_a_stall_tore_apart_is_the_book_and_no_money(till: Till) -> None:
    till.sign_in()
    till.type(PRIDE[0])
    till.scan(PRIDE[1:])
    assert lines(till) == [("Pride and Prejudice", 1)]
    assert not till.page.entry.text()
    till.type("20")
    till.scan("9781234567890")
    assert till.page.entry.text() == "20"
