"""An unknown book is added beside the sale, and the sale goes on."""

from collections.abc import Iterator

import pytest
from PySide6.QtCore import Qt

from pos_app.domain.permission import Grant, Permission, UserRole
from pos_app.errors import Refused
from pos_app.services.book import find_by_code
from pos_app.services.right import change_right
from tests.shop import KLARA, PRIDE
from tests.ui.till import Till
from ui.checkout.add_book import AddBookPanel

# What the window does is the same on either database; the services are tried on both.
pytestmark = pytest.mark.parametrize("config", ["sqlite"], indirect=True)

Key = Qt.Key
EMMA, PERSUASION = "9780141439587", "9780141439686"


class Desk:
    """The panel on the page, and what it said."""

    def __init__(self, till: Till) -> None:
        self.till = till
        self.added: list[tuple[int, int]] = []
        self.ids: list[int] = []
        self.times_left = 0
        self.panel: AddBookPanel = till.page.adding
        self.panel.added.connect(lambda book_id, copies: self.added.append((book_id, copies)))
        # Who counts no copies takes the id alone.
        self.panel.added.connect(self._added)
        self.panel.left.connect(self._left)

    def _added(self, book_id: int) -> None:
        self.ids.append(book_id)

    def _left(self) -> None:
        self.times_left += 1

    def ask(self, code: str, copies: int = 1) -> None:
        self.till.do(lambda: self.panel.ask(code, copies))

    def focus(self) -> str:
        widget = self.till.window.focusWidget()
        return "" if widget is None else widget.accessibleName()


@pytest.fixture
def desk(till: Till) -> Iterator[Desk]:
    till.sign_in()
    return Desk(till)


def test_a_title_a_price_and_enter_add_the_book(till: Till, desk: Desk) -> None:
    desk.ask(EMMA)
    assert till.sees("ISBN 978-0-14-143958-7")
    assert desk.focus() == "Title"
    till.type("Emma")
    till.key(Key.Key_Return)
    assert desk.focus() == "Price"
    till.type("7.99")
    till.key(Key.Key_Return)
    book = till.run(find_by_code(till.shop.app, EMMA))
    assert (book.title, book.price, book.stock) == ("Emma", 799, 1)
    assert desk.added == [(book.id, 1)]
    assert desk.ids == [book.id]
    assert desk.times_left == 1
    assert not desk.panel.isVisible()
    assert [(line.title, line.quantity) for line in till.page.lines.lines] == [("Emma", 1)]
    till.key(Key.Key_F12)
    assert till.sees("Message: Sale 1-000001 is paid")
    assert till.run(till.shop.findings()) == []


def test_scans_go_on_into_the_sale_meanwhile(till: Till, desk: Desk) -> None:
    desk.ask(EMMA)
    till.type("Em")
    till.scan(PRIDE, KLARA)
    assert [line.title for line in till.page.lines.lines] == ["Pride and Prejudice", "Klara and the Sun"]
    assert desk.panel.isVisible()
    assert desk.panel._title.text() == "Em"


def test_the_same_unknown_book_again_counts_and_another_waits_its_turn(till: Till, desk: Desk) -> None:
    desk.ask(EMMA)
    till.type("Emma")
    desk.ask(PERSUASION)
    desk.ask(EMMA, 2)
    assert till.sees("3 copies · 1 more to add")
    assert desk.panel._title.text() == "Emma"
    till.key(Key.Key_Tab)
    till.type("7.99")
    till.key(Key.Key_Return)
    assert till.run(till.shop.stock(EMMA)) == 3
    assert till.sees("ISBN 978-0-14-143968-6")
    assert (desk.panel._title.text(), desk.panel._price.text()) == ("", "")
    assert desk.times_left == 0
    till.key(Key.Key_Escape)
    assert [copies for _, copies in desk.added] == [3]
    assert desk.times_left == 1


def test_copies_scanned_one_after_the_other_are_all_sold(till: Till, desk: Desk) -> None:
    till.scan(EMMA, PRIDE, EMMA)
    assert till.sees("2 copies")
    till.type("Emma")
    till.key(Key.Key_Tab)
    till.type("7.99")
    till.key(Key.Key_Return)
    assert [(line.title, line.quantity) for line in till.page.lines.lines] == [("Pride and Prejudice", 1), ("Emma", 2)]
    till.key(Key.Key_F12)
    assert till.sees("Message: Sale 1-000001 is paid")


def test_escape_leaves_and_adds_nothing(till: Till, desk: Desk) -> None:
    desk.ask(EMMA)
    till.type("Emma")
    till.key(Key.Key_Escape)
    assert not desk.panel.isVisible()
    assert (desk.added, desk.times_left) == ([], 1)
    with pytest.raises(Refused, match=r"book\.unknown"):
        till.run(find_by_code(till.shop.app, EMMA))


def test_enter_pressed_many_times_adds_one_book(till: Till, desk: Desk) -> None:
    desk.ask(EMMA)
    till.type("Emma")
    till.key(Key.Key_Tab)
    till.type("5")
    till.key(*[Key.Key_Return] * 5)
    assert len(desk.added) == 1
    assert till.run(till.shop.stock(EMMA)) == 1


def test_what_is_wrong_is_said_beside_its_field(till: Till, desk: Desk) -> None:
    desk.ask(EMMA)
    till.key(Key.Key_Return)
    assert till.sees("Message: A book needs a title")
    till.type("Emma")
    till.key(Key.Key_Return)
    till.type("7.9.9")
    till.key(Key.Key_Return)
    assert till.sees("Message: “7.9.9” is no amount")
    assert desk.focus() == "Price"
    till.type("8")
    till.key(Key.Key_Return)
    assert till.run(find_by_code(till.shop.app, EMMA)).price == 800


def test_a_price_on_the_cover_is_offered(till: Till, desk: Desk) -> None:
    desk.ask(EMMA + "01299")
    assert desk.panel.code == EMMA
    till.type("Emma")
    till.key(Key.Key_Return)
    assert till.run(find_by_code(till.shop.app, EMMA)).price == 1299


def test_who_may_not_add_books_is_told_and_keeps_what_was_typed(till: Till, desk: Desk) -> None:
    never = Grant(allowed=False)
    till.run(change_right(till.shop.app, till.shop.people["Max"], UserRole.CASHIER, Permission.ADD_BOOKS, never))
    desk.ask(EMMA)
    till.type("Emma")
    till.key(Key.Key_Tab)
    till.type("8")
    till.key(Key.Key_Return)
    assert till.sees("Message: You may not do this: adding a book. Ask a manager or an admin.")
    assert desk.panel._title.text() == "Emma"
    assert desk.added == []


def test_what_another_till_added_meanwhile_is_the_book(till: Till, desk: Desk) -> None:
    desk.ask(PRIDE)
    till.type("My title")
    till.key(Key.Key_Tab)
    till.type("1")
    till.key(Key.Key_Return)
    assert desk.added == [(till.shop.books[PRIDE], 1)]
    assert till.run(find_by_code(till.shop.app, PRIDE)).price == 899


def test_buttons_do_what_their_keys_do(till: Till, desk: Desk) -> None:
    desk.ask(EMMA)
    till.type("Emma")
    till.key(Key.Key_Tab)
    till.type("8")
    till.click("Add and sell")
    assert len(desk.added) == 1
    desk.ask(PERSUASION)
    till.click("Leave adding")
    assert desk.times_left == 2


def test_money_waits_until_the_book_is_added_or_left(till: Till) -> None:
    till.sign_in().scan(PRIDE, EMMA)
    till.type("50")
    till.key(Key.Key_F12)
    assert till.sees("Message: A book waits to be added")
    assert till.page.cart.due == 899
    till.key(Key.Key_Escape)
    till.type("50")
    till.key(Key.Key_F12)
    assert till.sees("Change £41.01")
