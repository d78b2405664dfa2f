"""Checkout as its cashier uses it: keys in, what can be read out."""

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from sqlalchemy import update
from sqlalchemy.orm import Session

from pos_app.models import Book
from pos_app.services.order_view import OrderFilter, page_orders
from tests.shop import DARKNESS, KLARA, PRIDE, SAPIENS
from tests.ui.till import Till

Key = Qt.Key


def lines(till: Till) -> list[tuple[str, int]]:
    return [(line.title, line.quantity) for line in till.page.lines.lines]


def test_three_scans_and_f12_are_a_paid_sale(till: Till) -> None:
    till.sign_in().scan(PRIDE, DARKNESS, DARKNESS)
    assert lines(till) == [("Pride and Prejudice", 1), ("The Left Hand of Darkness", 2)]
    assert till.sees("Total £30.97")
    till.key(Key.Key_F12)
    assert till.sees("Change £0.00")
    assert till.sees("Message: Sale 1-000001 is paid")
    assert till.run(till.shop.stock(DARKNESS)) == 5
    receipt = till.shop.app.config.receipts_dir / "1-000001.txt"
    assert "TOTAL GBP                            30.97" in receipt.read_text()


def test_fifty_and_f12_give_change(till: Till) -> None:
    till.sign_in().scan(PRIDE)
    till.type("50")
    till.key(Key.Key_F12)
    assert till.sees("Change £41.01")


def test_digits_and_a_tender_key_pressed_without_a_pause_keep_their_order(till: Till) -> None:
    till.sign_in().scan(PRIDE)
    till.key(Key.Key_5, Key.Key_0, Key.Key_F12)
    assert till.sees("Change £41.01")


def test_part_cash_then_card_completes_in_four_keys(till: Till) -> None:
    till.sign_in().scan(SAPIENS, KLARA)
    till.key(Key.Key_Up)
    till.key(Key.Key_Delete)
    till.type("10")
    till.key(Key.Key_F12)
    assert till.sees("To pay £6.95")
    till.key(Key.Key_F11)
    assert till.sees("Change £0.00")


def test_forty_scans_in_a_burst_from_any_page_and_field_all_arrive_in_order(till: Till) -> None:
    till.sign_in(page="Inventory")
    search = till.page.search
    till.scan(*[PRIDE, DARKNESS, KLARA, SAPIENS] * 10)
    assert lines(till) == [
        ("Pride and Prejudice", 10),
        ("The Left Hand of Darkness", 10),
        ("Klara and the Sun", 10),
        ("Sapiens", 10),
    ]
    assert search.text() == ""
    assert till.page.entry.text() == ""


def test_thirteen_digits_typed_by_a_person_are_typing(till: Till) -> None:
    till.sign_in().type(PRIDE)
    assert till.page.entry.text() == PRIDE
    assert lines(till) == []
    till.key(Key.Key_Return)
    assert lines(till) == [("Pride and Prejudice", 1)]


def test_a_mistyped_isbn_is_explained_and_stays_to_be_corrected(till: Till) -> None:
    till.sign_in().type("9780141439519")
    till.key(Key.Key_Return)
    assert till.sees("its last digit should be 8, not 9")
    assert till.page.entry.text() == "9780141439519"


def test_a_title_is_found_as_it_is_typed_and_chosen_with_enter(till: Till) -> None:
    till.sign_in().type("klara")
    assert till.page.results.isVisible()
    till.key(Key.Key_Return)
    assert lines(till) == [("Klara and the Sun", 1)]


def test_three_times_before_a_scan_adds_three(till: Till) -> None:
    till.sign_in().type("3*")
    till.scan(PRIDE)
    assert lines(till) == [("Pride and Prejudice", 3)]
    assert till.page.entry.text() == ""


def test_plus_minus_delete_and_undo_work_on_the_chosen_line(till: Till) -> None:
    till.sign_in().scan(PRIDE)
    till.type("+")
    assert lines(till) == [("Pride and Prejudice", 2)]
    till.type("-")
    assert lines(till) == [("Pride and Prejudice", 1)]
    till.key(Key.Key_Delete)
    assert lines(till) == []
    till.key(Key.Key_Z, modifier=Qt.KeyboardModifier.ControlModifier)
    assert lines(till) == [("Pride and Prejudice", 1)]


def test_a_double_click_on_pay_is_one_payment(till: Till) -> None:
    till.sign_in().scan(PRIDE)
    till.type("5")
    button = till.page.totals._cash
    till.do(lambda: [QTest.mouseClick(button, Qt.MouseButton.LeftButton) for _ in range(2)])
    assert till.sees("To pay £3.99")


def test_f12_twice_pays_once(till: Till) -> None:
    till.sign_in().scan(PRIDE)
    till.key(Key.Key_F12, Key.Key_F12)
    sales = till.run(page_orders(till.shop.app, OrderFilter()))
    assert len(sales.rows) == 1
    assert till.sees("Change £0.00")


def test_the_next_scan_starts_the_next_sale(till: Till) -> None:
    till.sign_in().scan(PRIDE)
    till.key(Key.Key_F12)
    till.scan(KLARA)
    assert lines(till) == [("Klara and the Sun", 1)]
    assert till.sees("Total £16.95")


def test_a_book_out_of_stock_is_told_and_the_basket_stays(till: Till) -> None:
    till.sign_in().scan(SAPIENS)
    till.key(Key.Key_F12)
    assert till.sees("“Sapiens”: 1 wanted, 0 in stock")
    assert lines(till) == [("Sapiens", 1)]


def test_the_basket_is_back_after_locking(till: Till) -> None:
    till.sign_in().scan(PRIDE)
    till.key(Key.Key_L, modifier=Qt.KeyboardModifier.ControlModifier)
    assert till.window.windowTitle() == "Sign in – Bookstore POS"
    till.sign_in()
    assert lines(till) == [("Pride and Prejudice", 1)]


def test_a_card_number_is_refused_and_not_kept(till: Till) -> None:
    till.sign_in().type("4111111111111111")
    till.key(Key.Key_Return)
    assert till.sees("That looks like a card number")
    assert till.page.entry.text() == ""


def test_scans_while_signed_out_are_not_sold_later(till: Till) -> None:
    till.scan(PRIDE)
    till.sign_in()
    assert lines(till) == []


def test_every_control_has_a_name(till: Till) -> None:
    from PySide6.QtWidgets import QAbstractButton, QComboBox, QLineEdit, QTableView

    till.sign_in().scan(PRIDE)
    for name in ("Checkout", "Inventory", "Orders", "Reports", "Settings"):
        till.do(lambda name=name: till.window.show_page(name))
        for kind in (QAbstractButton, QLineEdit, QComboBox, QTableView):
            for widget in till.page.findChildren(kind):
                if widget.isVisible() and not widget.objectName().startswith("qt_"):
                    assert widget.accessibleName() or isinstance(widget.parent(), QTableView), (name, widget)


def test_an_amount_too_large_is_told_though_it_is_searched_for_and_escape_clears_it(till: Till) -> None:
    till.sign_in().scan(PRIDE)
    till.type("99999999999999999")
    till.key(Key.Key_F12)
    assert till.sees("Message: That amount is too large.")
    till.key(Key.Key_Escape)
    assert till.page.entry.text() == ""
    till.key(Key.Key_F12)
    assert till.sees("is paid and stored")


def test_a_title_without_a_price_is_asked_for_as_it_is_scanned(till: Till) -> None:
    def forget(session: Session) -> None:
        session.execute(update(Book).where(Book.id == till.shop.books[PRIDE]).values(price=0, open_price=True))

    till.run(till.shop.app.db.write(forget))
    till.sign_in().scan(PRIDE)
    assert till.dialog is not None
    till.type("8.50")
    till.key(Key.Key_Return)
    assert till.sees("Total £8.50")
    assert lines(till) == [("Pride and Prejudice", 1)]
