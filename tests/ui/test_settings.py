"""Settings as a manager changes them, and takes them back."""

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QComboBox, QLineEdit, QTableWidget, QWidget
from sqlalchemy.orm import Session

from pos_app.config import load
from pos_app.domain.permission import Permission, UserRole
from pos_app.models import Till as ShopTill
from pos_app.services.promotion_edit import list_promotions
from pos_app.services.quick_key import list_quick_keys
from pos_app.services.right import list_rights
from pos_app.services.setting import get_settings
from pos_app.services.tender import list_tenders
from pos_app.services.till import list_tills
from tests.shop import DARKNESS, KLARA, PRIDE
from tests.ui.till import Till
from ui.settings.page import SECTIONS
from ui.style import theme
from ui.style.tokens import CONTRAST, LIGHT
from ui.widgets.key_button import KeyButton

Key = Qt.Key
CTRL = Qt.KeyboardModifier.ControlModifier


def field(till: Till, name: str) -> QLineEdit:
    found = [one for one in till.window.findChildren(QLineEdit) if one.accessibleName() == name and one.isVisible()]
    assert len(found) == 1, name
    return found[0]


def fill(till: Till, **texts: str) -> None:
    for name, text in texts.items():
        till.do(lambda name=name, text=text: field(till, name.replace("_", " ")).setText(text))


def section(till: Till, name: str) -> QWidget:
    till.click(f"Section {name}")
    return next(one for one in till.page.sections.values() if one.title == name)


def test_a_field_is_kept_as_it_is_left_and_taken_back(till: Till) -> None:
    till.sign_in("Max", "Settings")
    name = field(till, "Shop name")
    before = name.text()
    till.do(lambda: (name.setFocus(), name.setText("Marlow & Daughters"), name.editingFinished.emit()))
    assert till.run(get_settings(till.shop.app)).shop_name == "Marlow & Daughters"
    till.key(Key.Key_Z, modifier=CTRL)
    assert till.run(get_settings(till.shop.app)).shop_name == before


@pytest.mark.parametrize(
    ("name", "typed", "told"),
    [
        ("Days in which books come back without a manager", "soon", "Type a whole number of days, from 0 to 3650."),
        ("Days in which books come back without a manager", "4000", "“4000” is not kept. Type a whole number of days"),
        ("The business day turns at (hour)", "25", "Type a whole hour, from 0 (midnight) to 12 (noon)."),
        ("Shop name", " ", "A shop has a name of 1 to 500 letters. Type one."),
    ],
)
def test_a_value_that_cannot_be_is_told_and_stays_to_be_corrected(till: Till, name: str, typed: str, told: str) -> None:
    till.sign_in("Max", "Settings")
    before = till.run(get_settings(till.shop.app))
    line = field(till, name)
    till.do(lambda: (line.setText(typed), line.editingFinished.emit()))
    assert till.sees(told)
    assert line.text() == typed
    assert till.run(get_settings(till.shop.app)) == before


def test_a_cashier_sees_and_is_told_who_may(till: Till) -> None:
    till.sign_in("Ana", "Settings")
    assert till.sees("You see this, and admins can change it")
    assert not field(till, "Shop name").isEnabled()


def test_what_a_role_may_is_typed_into_one_table(till: Till) -> None:
    till.sign_in("Max", "Settings")
    table = section(till, "People and rights").findChild(QTableWidget)
    assert isinstance(table, QTableWidget)
    row = next(row for row in range(table.rowCount()) if table.item(row, 0).text().startswith("Give discounts"))
    assert table.item(row, 1).text() == "10 %"
    till.do(lambda: table.item(row, 1).setText("15 %"))
    assert table.item(row, 1).text() == "15 % *"
    rights = {(one.role, one.permission): one for one in till.run(list_rights(till.shop.app))}
    assert rights[UserRole.CASHIER, Permission.DISCOUNT].grant.most == 1500
    till.do(lambda: table.item(row, 1).setText("a lot"))
    assert till.sees("is no limit")
    assert table.item(row, 1).text() == "15 % *"
    till.do(lambda: table.item(row, 1).setText(""))
    assert table.item(row, 1).text() == "10 %"


def test_a_changed_right_holds_at_once(till: Till) -> None:
    till.sign_in("Max", "Settings")
    table = section(till, "People and rights").findChild(QTableWidget)
    assert isinstance(table, QTableWidget)
    row = next(row for row in range(table.rowCount()) if table.item(row, 0).text().startswith("Give discounts"))
    till.do(lambda: table.item(row, 1).setText("no"))
    till.key(Key.Key_L, modifier=CTRL)
    till.sign_in().scan(KLARA)
    till.type("5")
    till.key(Key.Key_F8)
    till.type("d")
    till.key(Key.Key_Return)
    assert till.sees("asks for a discount of 5 %")
    till.key(Key.Key_Escape)


def test_a_promotion_is_arranged_and_applies(till: Till) -> None:
    till.sign_in("Sam", "Settings")
    promotions = section(till, "Promotions")
    fill(till, Promotion_name="3 for 2", Promotion_how_much="3/2")
    till.do(lambda: promotions._kind.setCurrentIndex(3))
    till.click("Keep promotion")
    assert [row.name for row in till.run(list_promotions(till.shop.app))] == ["3 for 2"]
    assert till.sees("3 for 2: 3 for the price of 2, the cheapest free on everything")
    till.do(lambda: till.window.show_page("Checkout"))
    till.scan(PRIDE, DARKNESS, KLARA)
    assert till.sees("Total £27.94")


def test_a_promotion_that_takes_nothing_off_is_refused(till: Till) -> None:
    till.sign_in("Sam", "Settings")
    section(till, "Promotions")
    fill(till, Promotion_name="Nothing", Promotion_how_much="0")
    till.click("Keep promotion")
    assert till.sees("A part taken off is more than 0 and at most 100 %.")
    fill(till, Promotion_how_much="much")
    till.click("Keep promotion")
    assert till.sees("Give how much as 20, 2.50 or 3/2")


def test_a_department_key_takes_the_price_typed(till: Till) -> None:
    till.sign_in("Sam", "Settings")
    section(till, "Quick keys")
    fill(till, Quick_key_name="Stationery", Quick_key_price="")
    till.click("Add key")
    assert [key.open_price for key in till.run(list_quick_keys(till.shop.app))] == [True]
    till.do(lambda: till.window.show_page("Checkout"))
    till.type("4.50")
    till.key(Key.Key_K, modifier=CTRL)
    till.key(Key.Key_1)
    assert till.sees("Total £4.50")
    till.key(Key.Key_K, modifier=CTRL)
    till.key(Key.Key_1)
    till.type("2")
    till.key(Key.Key_Return)
    assert till.sees("Total £6.50")


def test_a_tender_of_the_shops_own_can_be_paid_with(till: Till) -> None:
    till.sign_in("Max", "Settings")
    section(till, "Tenders")
    till.do(lambda: field(till, "New tender").setText("Town voucher"))
    till.click("Add tender")
    assert "Town voucher" in [tender.name for tender in till.run(list_tenders(till.shop.app))]
    till.do(lambda: till.window.show_page("Checkout"))
    till.scan(PRIDE)
    till.key(Key.Key_F5)
    till.click("Tender Town voucher")
    till.key(Key.Key_Return)
    assert till.sees("is paid")


def test_colours_hold_at_once_and_the_size_of_text_from_the_next_start(till: Till) -> None:
    till.sign_in("Max", "Settings")
    look = section(till, "Look")

    def choose(box: QComboBox, text: str) -> None:
        till.do(lambda: (box.setCurrentText(text), box.activated.emit(box.currentIndex())))

    colours, sizes = look.findChildren(QComboBox)
    app = QApplication.instance()
    try:
        choose(colours, "High contrast")
        assert theme.tokens() == CONTRAST
        choose(sizes, "Half as large again")
        assert till.sees("The size of the text changes when the program starts next.")
        config = load({"data_dir": till.shop.app.config.data_dir}, {})
        assert (config.theme, config.text_scale) == ("contrast", 150)
        till.key(Key.Key_Z, modifier=CTRL)
        till.key(Key.Key_Z, modifier=CTRL)
        assert theme.tokens() == LIGHT
        config = load({"data_dir": till.shop.app.config.data_dir}, {})
        assert (config.theme, config.text_scale) == ("light", 100)
    finally:
        theme.apply(app, "light")


@pytest.mark.parametrize("config", ["sqlite"], indirect=True)
def test_every_button_of_a_section_shows_a_key_of_its_own(till: Till) -> None:
    till.sign_in("Max", "Settings")
    for place, make in enumerate(SECTIONS):
        till.do(lambda place=place: till.page.show_section(place))
        one = till.page.sections[make.title]
        keys = [button.accessibleDescription() for button in one.findChildren(KeyButton) if button.isVisible()]
        assert "" not in keys, (one.title, [b.words for b in one.findChildren(KeyButton)])
        assert len(set(keys)) == len(keys), (one.title, keys)


@pytest.mark.parametrize("config", ["sqlite"], indirect=True)
def test_quick_keys_are_added_and_moved_by_keys(till: Till) -> None:
    till.sign_in("Max", "Settings")
    section(till, "Quick keys")
    for name in ("Card", "Wrap"):
        fill(till, Quick_key_name=name, Quick_key_price="2")
        till.key(Key.Key_N, modifier=CTRL)
    quick = section(till, "Quick keys")
    till.do(lambda: quick._list.setCurrentRow(1))
    till.key(Key.Key_Up, modifier=Qt.KeyboardModifier.AltModifier)
    assert [key.label for key in till.run(list_quick_keys(till.shop.app))] == ["Wrap", "Card"]


def test_something_of_the_catalogue_is_put_on_the_grid_by_a_few_letters(till: Till) -> None:
    till.sign_in("Sam", "Settings")
    quick = section(till, "Quick keys")
    till.do(field(till, "Find in the catalogue").setFocus)
    till.type("wrap gif")
    assert [book.title for book in quick._found.books] == ["Gift wrap"]
    assert quick._found.data(quick._found.index(0, 0)) == "Gift wrap, £2.00"
    till.key(Key.Key_Return)
    assert till.sees("Gift wrap is on the grid. Ctrl+Z takes it back.")
    assert field(till, "Find in the catalogue").text() == ""
    # Enter right after the last letter: what is typed is looked for, not what was found before.
    till.do(lambda: (field(till, "Find in the catalogue").setText(PRIDE), quick._put(), quick._put()))
    wrap, pride = till.run(list_quick_keys(till.shop.app))
    assert (wrap.book_id, wrap.label, wrap.price) == (till.shop.books["Gift wrap"], "Gift wrap", 200)
    assert pride.book_id == till.shop.books[PRIDE]
    till.do(lambda: (field(till, "Find in the catalogue").setText("gift"), quick._put()))
    assert till.sees("“Gift wrap” has a quick key already.")
    till.do(lambda: (field(till, "Find in the catalogue").setText("no such thing"), quick._put()))
    assert till.sees("Nothing in the catalogue is called that.")
    till.do(lambda: field(till, "Find in the catalogue").setText(""))
    till.key(Key.Key_Z, modifier=CTRL)
    assert [key.label for key in till.run(list_quick_keys(till.shop.app))] == ["Gift wrap"]
    till.do(lambda: till.window.show_page("Checkout"))
    till.key(Key.Key_K, modifier=CTRL)
    till.key(Key.Key_1)
    assert till.sees("Total £2.00")


@pytest.mark.parametrize("config", ["sqlite"], indirect=True)
def test_a_section_is_made_when_it_is_first_turned_to(till: Till) -> None:
    till.sign_in("Max", "Settings")
    assert list(till.page.sections) == ["Shop"]
    till.click("Section Look")
    till.click("Section Shop")
    assert list(till.page.sections) == ["Shop", "Look"]


@pytest.mark.parametrize("config", ["postgresql"], indirect=True)
def test_a_manager_gives_a_tills_number_back_and_is_asked_once(till: Till) -> None:
    app = till.shop.app

    def taken(session: Session) -> None:
        session.add(ShopTill(number=2, name="Upstairs", machine_uid="u", machine_name="pc-2", machine_place="p"))

    till.run(app.db.write(taken))
    till.sign_in("Sam", "Settings")
    till.key(Key.Key_Minus, modifier=Qt.KeyboardModifier.AltModifier)
    table = till.page.sections["Tills"]._table
    assert [table.model().index(row, 2).data() for row in range(2)] == ["this machine (here)", "pc-2"]
    table.selectRow(0)
    assert not till.page.sections["Tills"]._free.isEnabled()
    table.selectRow(1)
    till.key(Key.Key_G, modifier=CTRL)
    till.key(Key.Key_Return)
    assert till.sees("Till 2 is free.")
    assert till.run(list_tills(app))[1].machine is None
