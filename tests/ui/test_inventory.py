"""The catalogue as its manager uses it."""

from PySide6.QtCore import Qt
from PySide6.QtTest import QAbstractItemModelTester

from pos_app.services.book import get_book
from pos_app.services.book_edit import edit_book
from tests.shop import DARKNESS, KLARA
from tests.ui.till import Till


def titles(till: Till) -> list[str]:
    model = till.page.books
    return [model.index(row, 0).data() for row in range(model.rowCount())]


def choose(till: Till, title: str) -> None:
    till.do(lambda: till.page.table.setCurrentIndex(till.page.books.index(titles(till).index(title), 0)))


def edit(till: Till, field: object, text: str) -> None:
    field.setFocus()  # type: ignore[attr-defined]
    field.selectAll()  # type: ignore[attr-defined]
    till.type(text)


def test_all_books_are_listed_by_title_and_found_as_typed(till: Till) -> None:
    till.sign_in("Sam", "Inventory")
    assert titles(till)[1:] == ["Klara and the Sun", "Pride and Prejudice", "Sapiens", "The Left Hand of Darkness"]
    till.type("guin")
    assert titles(till) == ["The Left Hand of Darkness"]


def test_the_model_keeps_qts_rules(till: Till) -> None:
    till.sign_in("Sam", "Inventory")
    QAbstractItemModelTester(till.page.books, QAbstractItemModelTester.FailureReportingMode.Fatal)
    till.type("k")
    till.key(Qt.Key.Key_Backspace)


def test_filters_narrow_the_list(till: Till) -> None:
    till.sign_in("Sam", "Inventory")
    till.do(lambda: till.page._from.setText("10"))
    till.do(lambda: till.page._in_stock.setChecked(True))
    assert titles(till) == ["Klara and the Sun", "The Left Hand of Darkness"]


def test_a_price_is_changed_in_place(till: Till) -> None:
    till.sign_in("Sam", "Inventory")
    choose(till, "Klara and the Sun")
    edit(till, till.page.detail._price, "17.50")
    till.key(Qt.Key.Key_S, modifier=Qt.KeyboardModifier.ControlModifier)
    assert till.sees("Message: “Klara and the Sun” is saved.")
    assert till.run(get_book(till.shop.app, till.shop.books[KLARA])).price == 1750


def test_a_stock_correction_is_a_movement(till: Till) -> None:
    till.sign_in("Sam", "Inventory")
    choose(till, "Klara and the Sun")
    edit(till, till.page.detail._stock, "5")
    till.key(Qt.Key.Key_Return)
    assert till.run(till.shop.stock(KLARA)) == 5
    assert till.sees("Correction Corrected by hand")


def test_a_conflict_is_shown_field_by_field_and_mine_can_be_kept(till: Till) -> None:
    till.sign_in("Sam", "Inventory")
    choose(till, "Klara and the Sun")
    book = till.run(get_book(till.shop.app, till.shop.books[KLARA]))
    till.run(edit_book(till.shop.app, till.shop.sam, book.id, book.version, {"reorder_at": 9}))
    edit(till, till.page.detail._price, "15")
    till.key(Qt.Key.Key_Return)
    assert till.sees("Changed meanwhile. Reorder at: 0 → 9.")
    till.do(till.page.keep_mine)
    kept = till.run(get_book(till.shop.app, book.id))
    assert (kept.price, kept.reorder_at) == (1500, 9)


def test_a_sale_meanwhile_is_not_overwritten_by_a_count(till: Till) -> None:
    till.sign_in("Sam", "Inventory")
    choose(till, "The Left Hand of Darkness")
    till.run(till.shop.sell(DARKNESS))
    edit(till, till.page.detail._stock, "8")
    till.key(Qt.Key.Key_Return)
    assert till.sees("Changed meanwhile. Stock: 7 → 6.")
    assert till.run(till.shop.stock(DARKNESS)) == 6


def test_nonsense_in_a_field_is_told_and_marked(till: Till) -> None:
    till.sign_in("Sam", "Inventory")
    choose(till, "Klara and the Sun")
    edit(till, till.page.detail._price, "abc")
    till.key(Qt.Key.Key_Return)
    assert till.sees("“abc” is no amount")


def test_a_cashier_sees_and_cannot_change(till: Till) -> None:
    till.sign_in("Ana", "Inventory")
    choose(till, "Klara and the Sun")
    assert not till.page.detail._price.isEnabled()
