"""F4: the customer found, added or let go, by keys and scans alone."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from PySide6.QtCore import Qt

from pos_app.domain.loyalty import LoyaltyKind, LoyaltyStand
from pos_app.domain.order_status import OrderStatus
from pos_app.services import order, order_move
from pos_app.services.customer import add_customer, customer_by_card, find_customers, set_credit_limit
from tests.shop import DARKNESS, KLARA, PRIDE
from tests.ui.till import Till
from ui import dialogs
from ui.checkout.customer_card import CustomerCard
from ui.customers.dialog import CustomerDialog, pick_customer

# What the window does is the same on either database; the services are tried on both.
pytestmark = pytest.mark.parametrize("config", ["sqlite"], indirect=True)

Key = Qt.Key
ROSA = 1


class Picked:
    """What the dialog ended with."""

    dialog: CustomerDialog | None = None


@pytest.fixture
def pick(till: Till) -> Iterator[Any]:
    till.sign_in()

    def open_dialog(attached: int | None = None) -> Picked:
        picked = Picked()

        async def ask() -> None:
            picked.dialog = await pick_customer(till.page.context, attached, till.page)

        till.do(lambda: till.page.start(ask()))
        return picked

    yield open_dialog
    till.do(dialogs.close_all)


def people(till: Till) -> None:
    for name, phone, card in (
        ("Siobhán Kelly", "07700 900123", "C-1001"),
        ("Rosalind Hall", "07700 900456", ""),
        ("Anneliese Roth", "", ""),
    ):
        till.run(add_customer(till.shop.app, till.shop.ana, name, phone, "", card))


def listed(till: Till) -> list[str]:
    dialog = till.dialog
    assert isinstance(dialog, CustomerDialog)
    return [row.name for row in dialog.list.rows]


def test_a_name_and_enter_attach(till: Till, pick: Any) -> None:
    picked = pick()
    assert till.sees("Search customers")
    till.type("march")
    till.key(Key.Key_Return)
    assert till.dialog is None
    assert picked.dialog.chosen.name == "Rosa Marchetti"
    assert not picked.dialog.detached


def test_enter_does_not_wait_for_the_list(till: Till, pick: Any) -> None:
    picked = pick()
    till.key(Key.Key_M, Key.Key_A, Key.Key_R, Key.Key_C, Key.Key_Return)
    assert picked.dialog.chosen.name == "Rosa Marchetti"


def test_of_several_the_arrows_choose(till: Till, pick: Any) -> None:
    people(till)
    picked = pick()
    till.type("ros")
    assert listed(till) == ["Rosa Marchetti", "Rosalind Hall"]
    till.key(Key.Key_Down, Key.Key_Down, Key.Key_Up, Key.Key_Down)
    till.key(Key.Key_Return)
    assert picked.dialog.chosen.name == "Rosalind Hall"


def test_a_hasty_enter_among_several_lets_the_person_choose(till: Till, pick: Any) -> None:
    people(till)
    pick()
    till.key(Key.Key_R, Key.Key_O, Key.Key_S, Key.Key_Return)
    assert listed(till) == ["Rosa Marchetti", "Rosalind Hall"]
    assert till.dialog is not None


def test_a_phone_number_finds_its_owner(till: Till, pick: Any) -> None:
    people(till)
    picked = pick()
    till.type("900123")
    till.key(Key.Key_Return)
    assert picked.dialog.chosen.name == "Siobhán Kelly"


def test_a_scanned_card_attaches_at_once(till: Till, pick: Any) -> None:
    people(till)
    picked = pick()
    till.scan("C-1001")
    assert till.dialog is None
    assert picked.dialog.chosen.name == "Siobhán Kelly"


def test_a_scanned_book_or_payment_card_is_told_and_attaches_nobody(till: Till, pick: Any) -> None:
    pick()
    till.scan(PRIDE)
    assert till.sees("Message: That is a book")
    till.scan("4012888888881881")
    assert till.sees("looks like a card number")
    assert till.dialog is not None


def test_a_new_customer_takes_plus_a_name_and_enter(till: Till, pick: Any) -> None:
    picked = pick()
    till.type("+")
    assert till.sees("Name")
    till.type("Priya Raman")
    till.key(Key.Key_Tab)
    till.type("+44 7700 900789")
    till.key(Key.Key_Return)
    assert till.dialog is None
    chosen = picked.dialog.chosen
    assert (chosen.name, chosen.phone) == ("Priya Raman", "+44 7700 900789")
    assert [row.id for row in till.run(find_customers(till.shop.app, "07700 900789"))] == [chosen.id]


def test_what_was_searched_for_is_where_the_form_starts(till: Till, pick: Any) -> None:
    picked = pick()
    till.type("zelda")
    assert till.sees("Nobody found for “zelda”")
    till.key(Key.Key_Return)
    assert till.sees("Message: Nobody found")
    till.type("+")
    till.key(Key.Key_Return)
    assert picked.dialog.chosen.name == "zelda"


def test_a_new_card_is_given_out_by_scanning_it(till: Till, pick: Any) -> None:
    picked = pick()
    till.scan("C-7007")
    assert till.sees("Nobody has the card C-7007 yet")
    till.type("+")
    till.type("Grace Adeyemi")
    till.key(Key.Key_Return)
    assert picked.dialog.chosen.card == "C-7007"
    owner = till.run(customer_by_card(till.shop.app, "c-7007"))
    assert owner is not None
    assert owner.name == "Grace Adeyemi"


def test_a_card_scanned_into_the_form_goes_into_its_field(till: Till, pick: Any) -> None:
    picked = pick()
    till.type("+")
    till.type("Grace Adeyemi")
    till.scan("C-7008")
    till.key(Key.Key_Return)
    assert picked.dialog.chosen.card == "C-7008"


def test_what_is_wrong_is_said_and_the_form_stays(till: Till, pick: Any) -> None:
    picked = pick()
    till.type("+")
    till.key(Key.Key_Return)
    assert till.sees("Message: A customer needs a name")
    till.type("Leo")
    till.key(Key.Key_Tab)
    till.type("abc")
    till.key(Key.Key_Return)
    assert till.sees("Message: A phone number has digits")
    assert till.dialog.focusWidget().accessibleName() == "Phone"
    till.type("12345")
    till.key(Key.Key_Return)
    assert picked.dialog.chosen.phone == "12345"


def test_enter_held_down_adds_one_customer(till: Till, pick: Any) -> None:
    pick()
    till.type("+")
    till.type("Leo Fontaine")
    till.key(*[Key.Key_Return] * 4)
    assert len(till.run(find_customers(till.shop.app, "Leo Fontaine"))) == 1


def test_somebody_who_may_be_the_same_is_shown_and_can_be_taken_instead(till: Till, pick: Any) -> None:
    people(till)
    picked = pick()
    till.type("+")
    till.type("kelly siobhan")
    assert till.sees("Perhaps here already")
    till.key(Key.Key_Down)
    till.key(Key.Key_Return)
    assert picked.dialog.chosen.name == "Siobhán Kelly"
    assert len(till.run(find_customers(till.shop.app, "kelly"))) == 1


def test_escape_goes_back_one_step_at_a_time(till: Till, pick: Any) -> None:
    picked = pick()
    till.type("ro")
    till.type("+")
    assert till.sees("Customer card")
    till.key(Key.Key_Escape)
    assert till.dialog is not None
    assert listed(till) == ["Rosa Marchetti"]
    till.key(Key.Key_Escape)
    assert till.dialog is None
    assert (picked.dialog.chosen, picked.dialog.detached) == (None, False)


def test_del_lets_the_customer_go(till: Till, pick: Any) -> None:
    picked = pick(ROSA)
    assert listed(till) == ["Rosa Marchetti"]
    till.key(Key.Key_Delete)
    assert till.dialog is None
    assert (picked.dialog.chosen, picked.dialog.detached) == (None, True)


def test_del_in_a_text_deletes_and_with_nobody_attached_does_nothing(till: Till, pick: Any) -> None:
    pick(ROSA)
    till.type("ab")
    till.key(Key.Key_Home)
    till.key(Key.Key_Delete)
    assert till.dialog.field.text() == "b"
    till.key(Key.Key_Escape)
    pick()
    till.key(Key.Key_Delete)
    assert till.dialog is not None
    assert not till.dialog.none.isVisible()


def test_what_waits_is_shown_beside_each(till: Till, pick: Any) -> None:
    app, ana = till.shop.app, till.shop.ana
    items = {till.shop.books[PRIDE]: 1, till.shop.books[DARKNESS]: 1, till.shop.books[KLARA]: 1}
    placed = till.run(order.place_order(app, ana.user_id, items, customer_id=ROSA))
    till.run(order_move.move_order(app, ana, placed.id, placed.version, OrderStatus.CONFIRMED))
    pick()
    till.type("rosa")
    index = till.dialog.list.model().index(0, 0)
    assert index.data(Qt.ItemDataRole.AccessibleTextRole) == "Rosa Marchetti, 1 order ready"
    assert till.sees(
        f"Order {placed.id} · Pride and Prejudice, The Left Hand of Darkness and 1 more · ready · £36.93 to pay"
    )


def test_buttons_do_what_their_keys_do(till: Till, pick: Any) -> None:
    picked = pick(ROSA)
    till.click("New customer")
    till.click("Back")
    till.click("No customer")
    assert picked.dialog.detached


def test_a_name_cannot_draw(till: Till, pick: Any) -> None:
    till.run(add_customer(till.shop.app, till.shop.ana, "<b>Bold</b> & Sons"))
    pick()
    till.type("bold")
    assert listed(till) == ["<b>Bold</b> & Sons"]


def test_f4_attaches_to_the_sale_and_lets_go_again(till: Till) -> None:
    till.sign_in().scan(PRIDE)
    assert till.sees("No customer")
    till.key(Key.Key_F4)
    till.type("rosa")
    till.key(Key.Key_Return)
    assert till.sees("Customer Rosa Marchetti")
    till.key(Key.Key_F4)
    till.key(Key.Key_Delete)
    assert till.sees("No customer")
    assert not till.sees("Customer Rosa Marchetti")


def test_the_card_says_whose_sale_it_is(till: Till) -> None:
    till.sign_in()
    card = CustomerCard(till.page.fmt)
    assert card.accessibleName() == "No customer"
    app = till.shop.app
    (rosa,) = till.run(find_customers(app, "rosa"))
    card.show_customer(rosa)
    assert card.accessibleName() == "Customer Rosa Marchetti, Customer"
    till.run(set_credit_limit(app, till.shop.sam, ROSA, 10_000))
    placed = till.run(order.place_order(app, till.shop.ana.user_id, {till.shop.books[PRIDE]: 1}, customer_id=ROSA,
                                        shipping_address="1 Mill Lane"))  # fmt: skip
    till.run(order_move.move_order(app, till.shop.ana, placed.id, placed.version, OrderStatus.CONFIRMED))
    (rosa,) = till.run(find_customers(app, "rosa"))
    card.show_customer(rosa)
    assert card.accessibleName() == "Customer Rosa Marchetti, Account £0.00 of £100.00 · 1 order waiting"
    card.show_customer(replace(rosa, loyalty=LoyaltyStand(LoyaltyKind.STAMPS, 7, 10, 0)))
    name, account = "Rosa Marchetti", "£0.00 of £100.00"
    assert card.lines(600) == (name, f"Account {account} · 7 of 10 stamps · 1 order waiting")
    assert card.lines(240) == (name, f"{account} · 7 stamps · 1 waiting")
    assert card.lines(190) == (f"{name} · 7 stamps", f"{account} · 1 waiting")
    clicked: list[bool] = []
    card.clicked.connect(lambda: clicked.append(True))
    card.click()
    assert clicked == [True]
    card.show_customer(None)
    assert card.accessibleName() == "No customer"
    card.deleteLater()
