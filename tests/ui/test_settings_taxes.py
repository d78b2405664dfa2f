"""Taxes as an admin changes them, and takes that back."""

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QCheckBox, QLineEdit

from pos_app.services import cart
from pos_app.services.gift_card import sell_gift_card
from pos_app.services.tax_rate import list_tax_rates
from tests.shop import PRIDE
from tests.ui.till import Till

Key = Qt.Key
CTRL, ALT = Qt.KeyboardModifier.ControlModifier, Qt.KeyboardModifier.AltModifier


def field(till: Till, name: str) -> QLineEdit:
    found = [one for one in till.window.findChildren(QLineEdit) if one.accessibleName() == name and one.isVisible()]
    assert len(found) == 1, name
    return found[0]


def write(till: Till, name: str, text: str, *then: Key) -> None:
    """Type into a field in the place of what stands in it."""
    till.do(lambda: (field(till, name).setFocus(), field(till, name).selectAll()))
    till.type(text)
    till.key(*(then or (Key.Key_Return,)))


def taxes(till: Till) -> list[tuple[str, str, bool]]:
    rows = till.run(list_tax_rates(till.shop.app, unused=True))
    return [(row.name, str(row.rate.normalize()), row.active) for row in rows]


def test_a_tax_is_added_renamed_and_given_another_rate_by_keys(till: Till) -> None:
    till.sign_in("Max", "Settings")
    till.key(Key.Key_2, modifier=ALT)
    write(till, "New tax", "Reduced", Key.Key_Tab)
    till.type("5,5 %")
    till.key(Key.Key_Return)
    assert ("Reduced", "0.055", True) in taxes(till)
    assert till.sees("Reduced: titles can be given it in Inventory. Ctrl+Z takes it back.")
    write(till, "Rate of Reduced in %", "6", Key.Key_Return, Key.Key_Tab)
    assert ("Reduced", "0.06", True) in taxes(till)
    assert till.sees("Reduced, 6 %: kept for what is sold from now on. Ctrl+Z takes it back.")
    write(till, "Name of Reduced", "Lower", Key.Key_Tab)
    assert ("Lower", "0.06", True) in taxes(till)
    # The rows are made anew, and work goes on where it was.
    assert field(till, "Rate of Lower in %").hasFocus()
    till.key(Key.Key_Z, modifier=CTRL)
    till.key(Key.Key_Z, modifier=CTRL)
    assert ("Reduced", "0.055", True) in taxes(till)
    till.key(Key.Key_Z, modifier=CTRL)
    assert ("Reduced", "0.055", False) in taxes(till)


def test_a_new_rate_is_charged_for_the_next_book(till: Till) -> None:
    till.sign_in("Max", "Settings")
    till.click("Section Taxes")
    write(till, "Rate of Books 0 % in %", "10")
    till.do(lambda: till.window.show_page("Checkout"))
    till.scan(PRIDE)
    till.key(Key.Key_F12)
    sale = till.run(till.shop.sell(PRIDE))
    assert [(tax.name, tax.tax) for tax in sale.taxes] == [("Books 0 %", 82)]


def test_what_cannot_be_is_told_with_what_to_do(till: Till) -> None:
    till.sign_in("Max", "Settings")
    till.click("Section Taxes")
    before = taxes(till)
    till.click("Books 0 % is in use")
    assert till.sees(
        "4 titles, such as “Klara and the Sun”, have the tax Books 0 %. Give another one in Inventory first"
    )
    box = next(one for one in till.window.findChildren(QCheckBox) if one.accessibleName() == "Books 0 % is in use")
    assert box.isChecked()
    write(till, "Rate of Standard 20 % in %", "much")
    assert till.sees("A tax needs a name and a rate from 0 to 100 %.")
    write(till, "Name of Standard 20 %", "books 0 %")
    assert till.sees("There is a tax called Books 0 % already. Choose another name.")
    assert taxes(till) == before


def test_what_gift_cards_are_sold_at_is_shown_and_stays(till: Till) -> None:
    shop = till.shop

    async def sell() -> None:
        view = await cart.open_cart(shop.app, shop.ana)
        await sell_gift_card(shop.app, shop.ana, view.id, "GC1234", 2500)

    till.run(sell())
    till.sign_in("Max", "Settings")
    till.click("Section Taxes")
    assert not field(till, "Name of Outside tax").isEnabled()
    assert not field(till, "Rate of Outside tax in %").isEnabled()
    assert till.sees("Gift cards'")


def test_a_manager_sees_them_and_is_told_who_may(till: Till) -> None:
    till.sign_in("Sam", "Settings")
    till.click("Section Taxes")
    assert till.sees("You see this, and admins can change it")
    assert not field(till, "New tax").isEnabled()
