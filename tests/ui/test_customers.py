"""The page of customers: found, edited, paid, joined and erased by keys."""

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLineEdit

from pos_app.domain.loyalty import LoyaltyKind
from pos_app.domain.payment import Tender
from pos_app.services import cart, order
from pos_app.services.customer import add_customer, customer_card, set_credit_limit
from pos_app.services.customer_edit import edit_customer, get_customer, list_consents
from pos_app.services.customer_list import count_customers
from pos_app.services.setting import change_settings
from tests.shop import KLARA, PRIDE
from tests.ui.till import Till

pytestmark = pytest.mark.parametrize("config", ["sqlite"], indirect=True)
CTRL, ALT = Qt.KeyboardModifier.ControlModifier, Qt.KeyboardModifier.AltModifier
ROSA = 1


def siobhan(till: Till) -> int:
    shop = till.shop
    return till.run(
        add_customer(shop.app, shop.ana, "Siobhán Kelly", "07700 900123", "siobhan@kelly.example", "C-1001")
    ).id


def sell(till: Till, customer_id: int, *isbns: str, tender: Tender = Tender.CASH) -> str:
    shop = till.shop

    async def act() -> str:
        view = await cart.open_cart(shop.app, shop.ana)
        for isbn in isbns:
            view = await cart.add_scan(shop.app, shop.ana, view.id, isbn)
        view = await cart.set_customer(shop.app, shop.ana, view.id, customer_id)
        paid = await order.pay(shop.app, shop.ana, order.PayRequest.of(view, shop.payment(view.due, tender)))
        return paid.number

    return till.run(act())


def field(till: Till, name: str) -> QLineEdit:
    return next(one for one in till.page.findChildren(QLineEdit) if one.accessibleName() == name)


def test_the_page_has_the_names_that_scripts_rely_on(till: Till) -> None:
    till.sign_in("Ana")
    till.key(Qt.Key.Key_4, modifier=CTRL)
    assert till.window.windowTitle() == "Customers – Bookstore POS"
    for name in ("Customers", "Search customers"):
        assert name in till.names()
    assert till.page.table.accessibleName() == "Customers"


def test_a_customer_is_found_by_any_part_and_shown(till: Till) -> None:
    siobhan(till)
    till.sign_in("Ana", "Customers")
    till.type("0123")
    assert till.page.customers.rowCount() == 1
    assert till.page.detail.shown.row.name == "Siobhán Kelly"
    till.key(Qt.Key.Key_Escape)
    assert till.page.customers.rowCount() == 2
    till.type("nobody at all")
    assert till.sees("Nobody has all of that")


def test_a_customer_is_edited_in_place_and_taken_back(till: Till) -> None:
    till.sign_in("Ana", "Customers")
    till.do(lambda: (field(till, "Phone").setText("020 7946 0018"), till.page.detail._edited()))
    till.key(Qt.Key.Key_F9)
    assert till.sees("Save the customer (Ctrl+S)")
    till.key(Qt.Key.Key_S, modifier=CTRL)
    assert till.run(get_customer(till.shop.app, ROSA)).phone == "020 7946 0018"
    till.key(Qt.Key.Key_Z, modifier=CTRL)
    assert till.run(get_customer(till.shop.app, ROSA)).phone == ""
    till.do(lambda: field(till, "Phone").setText("call me"))
    till.key(Qt.Key.Key_S, modifier=CTRL)
    assert till.sees("A phone number has digits")
    assert field(till, "Phone").property("invalid") is True
    till.key(Qt.Key.Key_Escape)
    assert field(till, "Phone").text() == ""


def test_of_two_who_edit_the_same_field_the_second_says_whose_stays(till: Till) -> None:
    shop = till.shop
    till.sign_in("Ana", "Customers")
    till.run(edit_customer(shop.app, shop.sam, ROSA, 1, {"phone": "020 7946 0018", "language": "it"}))
    till.do(lambda: (field(till, "Phone").setText("07700 900123"), field(till, "Email").setText("rosa@m.example")))
    till.key(Qt.Key.Key_S, modifier=CTRL)
    assert till.sees("Phone: somebody else wrote “020 7946 0018” meanwhile.")
    till.key(Qt.Key.Key_K, modifier=ALT)
    now = till.run(get_customer(shop.app, ROSA))
    assert (now.phone, now.email, now.language) == ("07700 900123", "rosa@m.example", "it")


def test_different_fields_of_two_both_stay(till: Till) -> None:
    shop = till.shop
    till.sign_in("Ana", "Customers")
    till.run(edit_customer(shop.app, shop.sam, ROSA, 1, {"phone": "020 7946 0018"}))
    till.do(lambda: field(till, "Email").setText("rosa@m.example"))
    till.key(Qt.Key.Key_S, modifier=CTRL)
    now = till.run(get_customer(shop.app, ROSA))
    assert (now.phone, now.email) == ("020 7946 0018", "rosa@m.example")


def test_consent_is_kept_by_a_key(till: Till) -> None:
    till.sign_in("Ana", "Customers")
    till.key(Qt.Key.Key_F9)
    till.type("News by email")
    till.key(Qt.Key.Key_Return)
    assert [one.purpose for one in till.run(list_consents(till.shop.app, ROSA))] == ["News by email"]
    assert till.sees("News by email: At the till")


def test_what_is_owed_is_taken_at_the_till(till: Till) -> None:
    shop = till.shop
    till.run(set_credit_limit(shop.app, shop.sam, ROSA, 5000))
    sell(till, ROSA, PRIDE, tender=Tender.ACCOUNT)
    till.sign_in("Ana", "Customers")
    till.key(Qt.Key.Key_F6)
    till.type("10")
    till.key(Qt.Key.Key_Return)
    assert till.run(customer_card(shop.app, ROSA)).customer.balance == 0
    assert till.sees("Rosa Marchetti paid £8.99 of what they owed. Change £1.01.")
    till.key(Qt.Key.Key_F7)
    till.key(Qt.Key.Key_Return)
    assert till.dialog is not None
    path = shop.app.config.data_dir / "statement.pdf"
    till.do(lambda: till.dialog.write(path))
    assert path.read_bytes().startswith(b"%PDF")
    text = path.with_suffix(".txt")
    till.do(lambda: till.dialog.write(text))
    assert "STATEMENT OF ACCOUNT" in text.read_text(encoding="utf-8")
    till.key(Qt.Key.Key_Escape)
    assert till.run(shop.findings()) == []


def test_a_limit_is_a_managers_and_can_be_taken_back(till: Till) -> None:
    till.sign_in("Sam", "Customers")
    till.key(Qt.Key.Key_F8)
    till.type("50")
    till.key(Qt.Key.Key_Return)
    assert till.run(customer_card(till.shop.app, ROSA)).customer.credit_limit == 5000
    till.key(Qt.Key.Key_Z, modifier=CTRL)
    assert till.run(customer_card(till.shop.app, ROSA)).customer.credit_limit == 0


def test_a_purchase_opens_its_receipt(till: Till) -> None:
    number = sell(till, ROSA, PRIDE, KLARA)
    till.sign_in("Ana", "Customers")
    till.key(Qt.Key.Key_4, modifier=ALT)
    till.type("klara nov")
    till.key(Qt.Key.Key_R, modifier=CTRL)
    assert till.sees(f"Receipt {number}")
    till.key(Qt.Key.Key_Escape)


def test_two_customers_are_joined_after_asking_once(till: Till) -> None:
    made = siobhan(till)
    till.run(add_customer(till.shop.app, till.shop.ana, "Kelly Siobhan"))
    till.sign_in("Sam", "Customers")
    till.type("c-1001")
    assert till.page.detail.shown.row.id == made
    till.key(Qt.Key.Key_F10)
    till.type("j")
    till.key(Qt.Key.Key_Return)
    assert till.sees("This cannot be undone")
    till.key(Qt.Key.Key_Return)
    assert till.sees("are one customer now")
    assert till.run(count_customers(till.shop.app)) == 2


def test_erasing_asks_once_and_leaves_the_totals(till: Till) -> None:
    made = siobhan(till)
    sell(till, made, PRIDE)
    till.sign_in("Sam", "Customers")
    till.type("kelly")
    till.key(Qt.Key.Key_F10)
    till.type("e")
    assert till.sees("1 receipt keeps its lines and totals, without the name.")
    # What cannot be undone is not what Enter does by itself.
    till.key(Qt.Key.Key_Return)
    assert till.run(count_customers(till.shop.app)) == 2
    till.key(Qt.Key.Key_F10)
    till.type("e")
    till.click("Erase")
    assert till.sees("The person's data is erased")
    assert till.run(count_customers(till.shop.app)) == 1
    assert till.run(till.shop.findings()) == []


def test_a_cashier_is_told_who_may_erase(till: Till) -> None:
    till.sign_in("Ana", "Customers")
    till.key(Qt.Key.Key_F10)
    till.type("e")
    assert till.sees("Ask a manager")


def test_everything_kept_is_given_out(till: Till) -> None:
    till.sign_in("Sam", "Customers")
    folder = till.shop.app.config.data_dir / "given"
    till.run(till.page.acts.give_out_to(folder))
    assert sorted(path.name for path in folder.iterdir()) == ["customer-1.json", "customer-1.txt"]


def test_a_full_card_pays_at_the_till_and_shows_there(till: Till) -> None:
    shop = till.shop
    rule = {"loyalty": LoyaltyKind.STAMPS, "loyalty_full": 2, "loyalty_worth": 500}
    till.run(change_settings(shop.app, shop.people["Max"], **rule))
    sell(till, ROSA, PRIDE, PRIDE)
    till.sign_in("Ana")
    till.scan(PRIDE)
    till.key(Qt.Key.Key_F4)
    till.type("rosa")
    till.key(Qt.Key.Key_Return)
    assert till.sees("2 stamps, 1 full card")
    till.key(Qt.Key.Key_F5)
    till.do(lambda: till.dialog.choose(Tender.LOYALTY))
    assert till.sees("Full cards pay £5.00")
    till.key(Qt.Key.Key_Return)
    assert till.sees("To pay £3.99")
    till.key(Qt.Key.Key_Escape)
    till.run(add_customer(shop.app, shop.ana, "Jonas Weber"))
    till.key(Qt.Key.Key_F4)
    till.type("weber")
    till.key(Qt.Key.Key_Return)
    assert till.sees("Rosa Marchetti paid a part of this sale by Loyalty. Take the payment back first (Ctrl+Z).")
    assert till.sees("Customer Rosa Marchetti")
    till.key(Qt.Key.Key_F12)
    assert till.sees("Customer Rosa Marchetti, 1 of 2 stamps")
    stand = till.run(customer_card(shop.app, ROSA)).customer.loyalty
    assert stand is not None
    assert stand.points == 1
    assert till.run(shop.findings()) == []
    till.scan(PRIDE)
    assert till.sees("No customer")


def test_arrows_in_the_search_choose_in_the_list(till: Till) -> None:
    siobhan(till)
    till.sign_in("Ana", "Customers")
    till.do(till.page.search.setFocus)
    row = till.page.table.currentIndex().row()
    till.key(Qt.Key.Key_Down)
    assert till.page.table.currentIndex().row() == row + 1
    assert till.page.table.hasFocus()
