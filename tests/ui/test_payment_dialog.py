"""The payment dialog: gift cards told before they are taken, cards named, and keys that act once."""

import pytest
from PySide6.QtCore import QEvent, Qt
from PySide6.QtGui import QKeyEvent, QShortcut
from PySide6.QtWidgets import QApplication, QWidget

from pos_app.domain.payment import Tender
from pos_app.services import cart, order
from pos_app.services.gift_card import sell_gift_card
from pos_app.services.order_view import get_sale
from tests.shop import KLARA, PIN, PRIDE
from tests.ui.keyboard import focus_window, strike
from tests.ui.till import Till
from ui.checkout import paying as paying_rules
from ui.checkout import payment_dialog
from ui.checkout.ask_dialog import AmountDialog
from ui.checkout.payment_dialog import PaymentDialog
from ui.customers.dialog import CustomerDialog

Key = Qt.Key
ALT = Qt.KeyboardModifier.AltModifier
CODE = "GCTEST7731AB"

pytestmark = pytest.mark.parametrize("config", ["sqlite"], indirect=True)


def issue(till: Till, amount: int, code: str = CODE) -> None:
    async def act() -> None:
        shop = till.shop
        view = await cart.open_cart(shop.app, shop.sam)
        view = await sell_gift_card(shop.app, shop.sam, view.id, code, amount)
        await order.pay(shop.app, shop.sam, order.PayRequest.of(view, shop.payment(amount)))

    till.run(act())


def dialog(till: Till) -> PaymentDialog:
    assert isinstance(till.dialog, PaymentDialog)
    return till.dialog


def paying(till: Till, isbn: str = KLARA) -> PaymentDialog:
    till.sign_in().scan(isbn)
    till.key(Key.Key_F5)
    return dialog(till)


def focused() -> str:
    widget = QApplication.focusWidget()
    assert widget is not None
    return widget.accessibleName()


def hold(till: Till, key: Key, repeats: int = 8) -> None:
    """Hold a key down: one press, then what the window system repeats, to whatever window has the keys then."""

    till.do(lambda: strike_down(key, again=False))
    for _ in range(repeats):
        till.do(lambda: strike_down(key, again=True))
    # Shortcuts are asked before a window is, and only by the window system: they must not repeat either.
    assert not [one.key().toString() for one in till.window.findChildren(QShortcut) if one.autoRepeat()]


def strike_down(key: Key, *, again: bool) -> None:
    text = "\r" if key == Key.Key_Return else ""
    event = QKeyEvent(QEvent.Type.KeyPress, key, Qt.KeyboardModifier.NoModifier, text, again)
    QApplication.sendEvent(focus_window(), event)


@pytest.mark.parametrize("leave", [Key.Key_Return, Key.Key_Tab])
def test_a_typed_gift_card_says_what_it_holds_and_offers_it(till: Till, leave: Key) -> None:
    issue(till, 1000)
    made = paying(till)
    assert focused() == "Card code (scan or type it)"
    till.type(CODE.lower())
    till.key(leave)
    assert till.sees("Message: Gift card ···· 31AB holds £10.00.")
    assert made._field.text() == "10.00"
    assert till.sees("Still to pay £6.95 after this")
    assert till.page.cart.payments == ()
    assert focused() == "Amount"
    till.key(Key.Key_Return)
    assert till.sees("To pay £6.95")


def test_a_gift_card_that_holds_more_offers_what_is_due(till: Till) -> None:
    issue(till, 5000)
    made = paying(till)
    till.type(CODE)
    till.key(Key.Key_Return)
    assert made._field.text() == "16.95"
    till.key(Key.Key_Return)
    assert till.dialog is None
    sale = till.run(get_sale(till.shop.app, "1-000002"))
    assert [(paid.tender, paid.amount, paid.reference) for paid in sale.payments] == [(Tender.GIFT_CARD, 1695, CODE)]


def test_a_wrong_code_says_so_at_once_and_is_corrected_in_place(till: Till) -> None:
    issue(till, 1000)
    made = paying(till)
    till.type("GCWRONG1")
    till.key(Key.Key_Return)
    assert till.sees("Message: No gift card has the code ···· ONG1.")
    assert (focused(), made._field.text()) == ("Card code (scan or type it)", "")
    till.type(CODE)
    till.key(Key.Key_Return)
    assert till.sees("holds £10.00")
    assert till.page.cart.payments == ()


def test_an_amount_typed_within_the_balance_stays_and_one_beyond_it_does_not(till: Till) -> None:
    issue(till, 1000)
    till.sign_in().scan(KLARA)
    till.type("5")
    till.key(Key.Key_F5)
    made = dialog(till)
    till.type(CODE)
    till.key(Key.Key_Return)
    assert made._field.text() == "5"
    till.key(Key.Key_Escape)
    till.type("12")
    till.key(Key.Key_F5)
    made = dialog(till)
    till.type(CODE)
    till.key(Key.Key_Return)
    assert made._field.text() == "10.00"


def test_what_the_card_gave_to_this_sale_already_is_not_offered_again(till: Till) -> None:
    issue(till, 1000)
    till.sign_in().scan(KLARA)
    till.type("4")
    till.key(Key.Key_F5)
    till.type(CODE)
    till.key(Key.Key_Return, Key.Key_Return)
    till.key(Key.Key_Return)
    assert till.sees("To pay £12.95")
    made = dialog(till)
    till.do(made._reference.setFocus)
    till.type(CODE)
    till.key(Key.Key_Return)
    assert till.sees("holds £6.00")
    assert made._field.text() == "6.00"


def test_an_empty_card_says_so(till: Till) -> None:
    issue(till, 899)
    till.sign_in().scan(PRIDE)
    till.scan(CODE)
    till.key(Key.Key_Return)
    till.scan(KLARA)
    till.key(Key.Key_F5)
    till.type(CODE)
    till.key(Key.Key_Return)
    assert till.sees("Message: Gift card ···· 31AB holds £0.00. Take another way to pay.")
    till.key(Key.Key_Return)
    assert till.sees("A payment must be more than nothing.")


def test_a_card_on_a_terminal_apart_is_kept_with_its_scheme_and_number(till: Till) -> None:
    made = paying(till)
    till.key(Key.Key_2, modifier=ALT)
    assert till.sees("Kind of card, if you like")
    assert focused() == "Amount"
    till.key(Key.Key_Tab)
    assert focused() == "Number"
    till.type("0815")
    till.key(Key.Key_Tab)
    assert focused() == "Kind of card"
    till.type("v")
    assert made._scheme.currentText().casefold() == "visa"
    till.key(Key.Key_Return)  # takes what was completed
    till.key(Key.Key_Return)
    assert till.dialog is None
    assert till.sees("Card Visa")
    sale = till.run(get_sale(till.shop.app, "1-000001"))
    assert [(paid.reference, paid.scheme) for paid in sale.payments] == [("0815", "Visa")]


def test_another_scheme_may_be_typed_and_none_is_required(till: Till) -> None:
    made = paying(till)
    till.key(Key.Key_2, modifier=ALT)
    till.type("5")
    till.do(made._scheme.setFocus)
    till.type("Carte Bleue")
    till.key(Key.Key_Return)
    assert till.sees("To pay £11.95")
    assert made._scheme.currentText() == ""
    till.key(Key.Key_2, modifier=ALT)
    till.key(Key.Key_Return)
    sale = till.run(get_sale(till.shop.app, "1-000001"))
    assert [(paid.amount, paid.scheme) for paid in sale.payments] == [(500, "Carte Bleue"), (1195, None)]


def test_f11_asks_nothing(till: Till) -> None:
    till.sign_in().scan(KLARA)
    till.key(Key.Key_F11)
    assert till.dialog is None
    assert till.sees("Message: Sale 1-000001 is paid")


def test_the_number_of_a_bank_card_is_kept_nowhere(till: Till) -> None:
    made = paying(till)
    till.key(Key.Key_2, modifier=ALT)
    for field in (made._reference, made._scheme.lineEdit()):
        till.do(lambda field=field: field.setText("4111 1111 1111 1111"))
        till.key(Key.Key_Return)
        assert till.sees("That looks like a card number")
        assert (made._reference.text(), made._scheme.currentText()) == ("", "")
    assert till.page.cart.payments == ()


def test_tab_goes_from_top_to_bottom_and_enter_presses_the_button_it_stands_on(till: Till) -> None:
    paying(till)
    till.key(Key.Key_1, modifier=ALT)
    till.type("5")
    till.key(Key.Key_Return)
    assert till.sees("To pay £11.95")
    seen = [focused()]
    for _ in range(5):
        till.key(Key.Key_Tab)
        seen.append(focused())
    assert seen == ["Amount", "Remove the last payment", "Back", "Finish, no receipt", "Finish & print", "Amount"]
    till.key(Key.Key_Tab)
    till.key(Key.Key_Return)
    assert till.sees("To pay £16.95")
    till.key(Key.Key_Tab)
    assert focused() == "Back"
    till.key(Key.Key_Return)
    assert till.dialog is None
    assert [line.quantity for line in till.page.cart.lines] == [1]


def test_the_last_payment_is_removed_by_its_key(till: Till) -> None:
    paying(till)
    till.key(Key.Key_1, modifier=ALT)
    till.type("5")
    till.key(Key.Key_Return)
    till.key(Key.Key_R, modifier=ALT)
    assert till.sees("To pay £16.95")


def test_a_card_payment_taken_back_is_told_in_the_dialog_and_nothing_older(till: Till) -> None:
    made = paying(till)
    till.key(Key.Key_2, modifier=ALT)
    till.type("5")
    till.key(Key.Key_Return)
    till.type("999")
    till.key(Key.Key_Return)
    assert "Only cash may be more" in made.message.text()
    till.key(Key.Key_R, modifier=ALT)
    assert made.message.text() == "Card £5.00 taken back. Cancel it on the card terminal too."
    assert made.message.property("kind") == "warn"


def test_f4_leaves_for_the_customer_and_what_was_taken_stays_taken(till: Till) -> None:
    made = paying(till)
    till.key(Key.Key_1, modifier=ALT)
    till.type("5")
    till.key(Key.Key_Return)
    account = list(made._buttons).index(Tender.ACCOUNT)
    till.key(Key(Key.Key_1 + account), modifier=ALT)
    assert "first (F4)" in made.message.text()
    till.key(Key.Key_F4)
    assert isinstance(till.dialog, CustomerDialog)
    till.type("rosa")
    till.key(Key.Key_Return)
    assert till.dialog is None
    assert till.page.cart.customer == "Rosa Marchetti"
    assert till.sees("To pay £11.95")


@pytest.mark.parametrize("scanned", [True, False])
def test_a_number_that_is_missing_is_typed_or_scanned_at_once(till: Till, *, scanned: bool) -> None:
    made = paying(till)
    token = list(made._buttons).index(Tender.BOOK_TOKEN)
    till.key(Key(Key.Key_1 + token), modifier=ALT)
    assert focused() == "Amount"
    till.key(Key.Key_Return)
    assert "needs a number" in made.message.text()
    assert focused() == "Number"
    if scanned:
        till.scan("BT0004711")
    else:
        till.type("BT0004711")
    assert made._reference.text() == "BT0004711"
    assert made.message.text() == ""
    till.key(Key.Key_Return)
    sale = till.run(get_sale(till.shop.app, "1-000001"))
    assert [(paid.tender, paid.reference) for paid in sale.payments] == [(Tender.BOOK_TOKEN, "BT0004711")]


def test_every_button_shows_its_key_but_the_amounts(till: Till) -> None:
    made = paying(till)
    till.key(Key.Key_1, modifier=ALT)
    till.type("5")
    till.key(Key.Key_Return)
    bare = [one.accessibleName() for one in made.findChildren(QWidget) if hasattr(one, "_key") and one.isVisible()]
    keyless = [name for name in bare if not name.startswith("Amount ")]
    described = [
        one.accessibleName() for one in made.findChildren(QWidget) if one.accessibleDescription().startswith("Key ")
    ]
    assert set(keyless) <= set(described)


# Keys held down, or pressed twice at once


def test_enter_held_down_takes_one_part_payment(till: Till) -> None:
    paying(till)
    till.key(Key.Key_1, modifier=ALT)
    till.type("5")
    hold(till, Key.Key_Return)
    assert till.sees("To pay £11.95")
    assert len(till.page.cart.payments) == 1


def test_enter_held_down_pays_one_sale_and_starts_nothing_else(till: Till) -> None:
    paying(till)
    till.key(Key.Key_1, modifier=ALT)
    hold(till, Key.Key_Return)
    assert till.dialog is None
    assert till.sees("Message: Sale 1-000001 is paid")
    assert till.run(till.shop.stock(KLARA)) == 1


def test_escape_held_down_leaves_the_question_and_not_the_return_beneath(till: Till) -> None:
    till.sign_in().scan(PRIDE)
    till.key(Key.Key_F12)
    till.scan("1-000001", PRIDE)
    till.key(Key.Key_F10)
    assert till.dialog is not None
    hold(till, Key.Key_Escape)
    assert till.dialog is None
    assert till.page.returns.active
    assert [line.quantity for line in till.page.cart.lines] == [-1]


def test_escape_held_down_leaves_the_pin_and_not_the_question_that_asked_for_it(till: Till) -> None:
    till.sign_in().scan(KLARA)
    till.key(Key.Key_F10)
    till.key(Key.Key_P)
    till.type("1")
    till.key(Key.Key_1, modifier=ALT)
    till.key(Key.Key_Return)
    assert till.sees("asks for another price")
    hold(till, Key.Key_Escape)
    assert till.dialog is None
    assert till.sees("Total £16.95")
    till.key(Key.Key_F10)
    till.key(Key.Key_P)
    till.type("1")
    till.key(Key.Key_1, modifier=ALT)
    till.key(Key.Key_Return)
    till.type(PIN)
    till.key(Key.Key_Return)
    assert till.sees("Total £1.00")


@pytest.mark.parametrize("key", [Key.Key_F8, Key.Key_F5, Key.Key_F10])
def test_a_key_pressed_twice_at_once_asks_one_question(till: Till, key: Key) -> None:
    till.sign_in().scan(KLARA)
    asked: list[object] = []
    run = till.page.flows.run

    def counted(flow: object) -> object:
        asked.append(flow)
        return run(flow)

    till.page.flows.run = counted

    def twice() -> None:
        strike(key)
        strike(key)

    till.do(twice)
    assert till.dialog is not None
    assert len(asked) == 1
    till.key(Key.Key_Escape)
    assert till.dialog is None
    till.key(key)
    assert till.dialog is not None


@pytest.fixture
def slow_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    """However long a key takes here, one that follows at once counts as the key's own."""
    for module in (paying_rules, payment_dialog):
        monkeypatch.setattr(module, "BOUNCE_MS", 60_000)


def bounce(till: Till, key: Key, times: int = 2) -> None:
    def act() -> None:
        for _ in range(times):
            strike(key)

    till.do(act)


@pytest.mark.usefixtures("slow_machine")
@pytest.mark.parametrize(("key", "tender"), [(Key.Key_F12, "cash"), (Key.Key_F11, "card")])
def test_a_tender_key_that_bounces_is_one_payment(till: Till, key: Key, tender: str) -> None:
    till.sign_in().scan(KLARA)
    till.type("5")
    bounce(till, key, 5)
    assert [(paid.tender, paid.amount) for paid in till.page.cart.payments] == [(tender, 500)]
    till.type("6")
    till.key(key)
    assert till.page.cart.due == 595
    till.key(Key.Key_F11 if key == Key.Key_F12 else Key.Key_F12)
    assert till.sees("Message: Sale 1-000001 is paid")


def test_two_tender_keys_at_once_are_two_payments(till: Till) -> None:
    till.sign_in().scan(KLARA)
    till.type("5")

    def both() -> None:
        strike(Key.Key_F12)
        strike(Key.Key_F11)

    till.do(both)
    sale = till.run(get_sale(till.shop.app, "1-000001"))
    assert [(paid.tender, paid.amount) for paid in sale.payments] == [("cash", 500), ("card", 1195)]


@pytest.mark.usefixtures("slow_machine")
@pytest.mark.parametrize(("key", "tender"), [(Key.Key_F12, "cash"), (Key.Key_F11, "card")])
def test_the_keys_of_the_counter_pay_the_rest_in_the_dialog_once(till: Till, key: Key, tender: str) -> None:
    issue(till, 500)
    made = paying(till)
    till.type(CODE)
    till.key(Key.Key_Return)
    till.key(Key.Key_Return)
    assert (till.dialog, till.page.cart.due) == (made, 1195)
    bounce(till, key, 5)
    sale = till.run(get_sale(till.shop.app, "1-000002"))
    assert [(paid.tender, paid.amount) for paid in sale.payments] == [("gift_card", 500), (tender, 1195)]
    assert till.dialog is None


@pytest.mark.usefixtures("slow_machine")
def test_enter_that_bounces_is_one_part_payment(till: Till) -> None:
    made = paying(till)
    till.key(Key.Key_1, modifier=ALT)
    till.type("5")
    till.key(Key.Key_Return)
    bounce(till, Key.Key_Return)
    assert till.dialog is made
    assert len(till.page.cart.payments) == 1
    till.type("6")
    till.key(Key.Key_Return)
    assert len(till.page.cart.payments) == 2


def test_a_card_is_no_more_than_what_is_due(till: Till) -> None:
    paying(till)
    till.key(Key.Key_2, modifier=ALT)
    till.type("999")
    assert till.sees("Too much by £982.05")
    till.key(Key.Key_Return)
    assert till.sees("Only cash may be more than is due")
    assert till.page.cart.payments == ()


def test_f11_takes_no_more_than_what_is_due_beside_the_cash(till: Till) -> None:
    till.sign_in().scan(KLARA)
    till.type("10")
    till.key(Key.Key_F12)
    till.type("16.95")
    till.key(Key.Key_F11)
    assert till.sees("Only cash may be more than is due")
    assert till.page.cart.due == 695


def test_a_void_leaves_the_open_sale_on_the_screen(till: Till) -> None:
    till.sign_in("Sam").scan(KLARA)
    till.key(Key.Key_F12)
    till.scan(PRIDE)
    till.key(Key.Key_F10)
    till.key(Key.Key_V)
    till.type("R")
    till.key(Key.Key_Return)
    assert till.sees("Give back £16.95")
    assert till.sees("Total £8.99")
    till.key(Key.Key_F12)
    assert till.run(get_sale(till.shop.app, "1-000003")).total == 899


def test_f5_right_after_a_scan_pays_for_what_was_scanned(till: Till) -> None:
    till.sign_in().scan(KLARA)
    till.key(Key.Key_F12)

    def at_once() -> None:
        till.page.start(till.page.scanned(PRIDE))
        QApplication.processEvents()
        strike(Key.Key_F5)

    till.do(at_once)
    assert dialog(till)
    assert till.sees("To pay £8.99")


@pytest.mark.parametrize("place", [Key.Key_1, Key.Key_2, Key.Key_3])
def test_a_book_scanned_while_paying_is_told_and_no_number_of_a_payment(till: Till, place: Key) -> None:
    made = paying(till)
    till.key(place, modifier=ALT)
    till.scan(PRIDE)
    assert till.sees("That is a book, and it was not added")
    assert made._reference.text() == ""
    assert made._buttons[list(made._buttons)[place - Key.Key_1]].isChecked()
    till.key(Key.Key_Escape)
    till.scan(PRIDE)
    assert len(till.page.cart.lines) == 2


def test_what_of_a_token_is_not_given_back_is_said_before_it_is_taken(till: Till) -> None:
    made = paying(till)
    till.key(Key(Key.Key_1 + list(made._buttons).index(Tender.BOOK_TOKEN)), modifier=ALT)
    till.type("20")
    assert till.sees("Not given back £3.05 after this")


def test_after_a_part_payment_the_rest_is_typed(till: Till) -> None:
    made = paying(till)
    till.key(Key(Key.Key_1 + list(made._buttons).index(Tender.BOOK_TOKEN)), modifier=ALT)
    till.type("5")
    made._reference.setFocus()
    till.type("BT1")
    till.key(Key.Key_Return)
    assert focused() == "Amount"


def test_training_takes_a_gift_card_that_was_sold_nowhere_but_in_training(till: Till) -> None:
    till.sign_in()
    till.key(Key.Key_F10)
    till.type("m")
    till.scan(KLARA)
    till.key(Key.Key_F5)
    made = dialog(till)
    till.key(Key(Key.Key_1 + list(made._buttons).index(Tender.GIFT_CARD)), modifier=ALT)
    till.scan(CODE)
    assert made._field.text() == "16.95"
    till.key(Key.Key_Return)
    sale = till.run(get_sale(till.shop.app, "T1-000001"))
    assert [(paid.tender, paid.amount) for paid in sale.payments] == [(Tender.GIFT_CARD, 1695)]


def test_a_gift_cards_code_that_cannot_be_is_told_where_it_is_typed(till: Till) -> None:
    till.sign_in()
    till.key(Key.Key_F10)
    till.type("g")
    till.type("25")
    till.key(Key.Key_Tab)
    till.type("gc?")
    till.key(Key.Key_Return)
    assert isinstance(till.dialog, AmountDialog)
    assert till.dialog.message.text().startswith("A gift card's code has 4 to 32 letters and digits")
    till.type("gc-1001")
    till.key(Key.Key_Return)
    assert till.dialog is None
    assert till.page.cart.lines[0].gift_card == "GC1001"
