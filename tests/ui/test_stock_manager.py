"""What a manager does with the stock of a title: its ledger, its supplier, what came damaged, goods without a number."""

import asyncio
from typing import Any

import pytest
from PySide6.QtCore import QEvent, Qt
from PySide6.QtGui import QHelpEvent
from PySide6.QtWidgets import QApplication, QToolTip

from pos_app.domain.kinds import StockReason
from pos_app.domain.purchase import PurchaseStatus
from pos_app.models import Book, BookCode, BookKind
from pos_app.services.book import get_book
from pos_app.services.book_bulk import BulkChange, bulk_edit
from pos_app.services.book_edit import Change, StockCount, change_book, correct_stock
from pos_app.services.book_filter import BookFilter
from pos_app.services.delivery import Came, DeliveryRequest, get_delivery, receive_delivery
from pos_app.services.purchase_order import list_purchase_orders, make_purchase_order, move_purchase_order
from pos_app.services.reservation import reserve
from pos_app.services.stock import stock_ledger
from pos_app.services.stock_count import count_code, post_count, start_count
from pos_app.services.supplier import SupplierView, keep_supplier, list_suppliers
from tests.conftest import SetClock
from tests.db.stockroom import keep_stock
from tests.shop import DARKNESS, KLARA, PRIDE, SAPIENS, Shop
from tests.ui.keyboard import until
from tests.ui.test_look import cut
from tests.ui.test_stock import opened, started, told
from tests.ui.till import Run, Till
from ui.inventory.book_forms import FieldsDialog
from ui.inventory.bulk_dialog import BulkDialog
from ui.stock import flows
from ui.stock.table import RowsTable
from ui.stock.words import REASONS, movement_words
from ui.style import theme

TOTE = "2000000000015"
on_one_database = pytest.mark.parametrize("config", ["sqlite"], indirect=True)
ALT = Qt.KeyboardModifier.AltModifier
CTRL = Qt.KeyboardModifier.ControlModifier


def add_tote(till: Till, code: str | None = TOTE) -> int:
    """A thing without an ISBN, found by a code of its own or only by its name."""

    def act(session: Any) -> int:
        tax = session.get_one(Book, till.shop.books[PRIDE]).tax_rate_id
        made = Book(title="Tote bag", author="", price=1200, tax_rate_id=tax, kind=BookKind.OTHER,
                    title_key="tote bag", search_text="tote bag")  # fmt: skip
        session.add(made)
        session.flush()
        if code is not None:
            session.add(BookCode(book_id=made.id, code=code))
        return made.id

    number: int = till.run(till.shop.app.db.write(act))
    return number


@pytest.fixture
def penguin(till: Till) -> SupplierView:
    made: SupplierView = till.run(
        keep_supplier(till.shop.app, till.shop.sam, SupplierView(name="Penguin", return_days=30))
    )
    return made


def choose(till: Till, isbn: str) -> None:
    """Find a title in the list, as a manager does."""
    till.do(lambda: till.page.search.setText(isbn))
    assert till.page.detail.book.isbn == isbn


def test_every_reason_has_its_words() -> None:
    assert set(REASONS) == set(StockReason)
    said = [
        movement_words(StockReason.SALE, "1-000012"),
        movement_words(StockReason.DELIVERY, "Delivery 3"),
        movement_words(StockReason.PUBLISHER_RETURN, "Return 1"),
        movement_words(StockReason.RETURN, "1-000013"),
        movement_words(StockReason.ORDER, "Order 7"),
        movement_words(StockReason.CORRECTION, "Damaged"),
        movement_words(StockReason.OPENING, None),
    ]
    assert said == [
        "Sale 1-000012", "Delivery 3", "Publisher return 1", "Return 1-000013", "Order 7", "Correction: Damaged",
        "Opening stock",
    ]  # fmt: skip


@on_one_database
def test_a_title_with_every_kind_of_movement_is_shown_with_what_each_left(till: Till) -> None:
    till.run(keep_stock(till.shop))
    till.run(till.shop.sell(PRIDE))
    till.run(reserve(till.shop.app, till.shop.ana, till.shop.app.ids.new(), till.shop.books[PRIDE], 2, "Rosa"))
    till.sign_in("Sam", "Inventory")
    choose(till, PRIDE)
    stock = till.page.detail.book.stock
    for seen in ("Sale 1-000001", "Count 1", "Transfer 1", "Publisher return 1", "Delivery 1", f"{stock} left"):
        assert till.sees(seen), (seen, till.names())
    assert till.sees(f"2 set aside, {stock - 2} to sell")
    assert "2 set aside" in "\n".join(
        till.page.books.index(0, column).data() or "" for column in range(till.page.books.columnCount())
    )


def test_the_ledger_is_one_key_away_goes_back_to_the_beginning_and_corrects(till: Till) -> None:
    app, sam, book = till.shop.app, till.shop.sam, till.shop.books[PRIDE]

    async def move_often() -> None:
        for turn in range(230):
            await correct_stock(app, sam, book, StockCount(22 + turn % 2, 23 - turn % 2, f"Turn {turn}"))

    till.run(move_often())
    till.run(reserve(app, till.shop.ana, app.ids.new(), book, 3, "Rosa"))
    till.sign_in("Sam", "Inventory")
    choose(till, PRIDE)
    till.key(Qt.Key.Key_F9)
    assert till.sees("23 copies: Shop floor 23. Set aside: 3, so that 20 can be sold.")
    table = till.dialog.table  # type: ignore[union-attr] # a window of stock
    assert table.rows.rowCount() == 231
    till.key(Qt.Key.Key_End)
    till.do(lambda: table.rows.row(230))
    assert table.rows.row(230).reason is StockReason.OPENING
    assert (table.rows.row(230).balance, table.rows.row(229).document) == (23, "Turn 0")
    till.key(Qt.Key.Key_F4)
    till.type("20")
    till.key(Qt.Key.Key_4, modifier=ALT)
    till.key(Qt.Key.Key_F12)
    assert till.sees("20 in stock now.")
    first = table.rows.row(0)
    assert (first.document, first.delta, first.balance, first.operator) == ("Stolen or lost", -3, 20, "Sam")
    till.key(Qt.Key.Key_Return)
    assert till.dialog is None
    assert till.page.detail.book.stock == 20


@on_one_database
def test_a_title_is_corrected_from_the_menu_and_a_cashier_is_told_who_may(till: Till) -> None:
    till.sign_in("Sam", "Inventory")
    choose(till, KLARA)
    till.key(Qt.Key.Key_F8)
    till.key(Qt.Key.Key_O)
    till.type("1")
    till.dialog._words.setFocus()  # type: ignore[union-attr] # the correction
    till.type("coffee on it")
    till.key(Qt.Key.Key_F12)
    assert till.run(stock_ledger(till.shop.app, till.shop.books[KLARA]))[0].document == "coffee on it"
    till.sign_in("Ana", "Inventory")
    choose(till, KLARA)
    for letter, act in ((Qt.Key.Key_O, "correcting the stock"), (Qt.Key.Key_R, "ordering from suppliers")):
        till.key(Qt.Key.Key_F8)
        till.key(letter)
        assert till.dialog is None
        assert till.sees(f"Message: You may not do this: {act}.")
    till.key(Qt.Key.Key_F6)
    assert till.sees("Message: You may not do this: receiving deliveries.")
    till.key(Qt.Key.Key_F8)
    till.key(Qt.Key.Key_M)
    assert "Correct" not in till.names()
    till.key(Qt.Key.Key_Escape)


def test_damaged_copies_never_enter_the_stock_and_stand_in_the_document(till: Till, penguin: SupplierView) -> None:
    sheet = opened(till, flows.receive_delivery)
    till.scan(PRIDE, KLARA)
    sheet.table.setCurrentIndex(sheet.table.rows.index(0, 0))
    sheet._came.setFocus()
    sheet._came.selectAll()
    till.type("3")
    sheet._damaged.setFocus()
    sheet._damaged.selectAll()
    till.type("4")
    till.key(Qt.Key.Key_F12)
    assert till.dialog is sheet
    assert till.sees("3 copies came: no more of them can be damaged.")
    sheet._damaged.selectAll()
    till.type("3")
    till.key(Qt.Key.Key_F12)
    assert till.sees("Damaged, to be claimed: 3.")
    till.key(Qt.Key.Key_Return)
    assert [till.run(till.shop.stock(isbn)) for isbn in (PRIDE, KLARA)] == [23, 3]
    made = till.run(get_delivery(till.shop.app, 1))
    assert [(line.quantity, line.damaged) for line in made.lines] == [(1, 0), (0, 3)]
    assert till.run(till.shop.findings()) == []
    assert made.supplier == penguin.name


@on_one_database
def test_the_fields_are_those_of_the_row_chosen(till: Till, penguin: SupplierView) -> None:
    sheet = opened(till, flows.receive_delivery)
    till.scan(PRIDE, KLARA, KLARA)
    sheet._came.setFocus()
    till.key(Qt.Key.Key_Up)
    assert (sheet.table.chosen.expected.isbn, sheet._came.text()) == (PRIDE, "1")
    till.type("5")
    assert [line.came for line in sheet.lines.values()] == [5, 2]
    till.key(Qt.Key.Key_Escape, Qt.Key.Key_Escape)
    assert penguin.id


@on_one_database
def test_goods_are_found_by_words_and_chosen_where_several_have_them(till: Till) -> None:
    add_tote(till, code=None)
    sheet = opened(till, flows.count_stock)
    till.key(Qt.Key.Key_F12)
    sheet = till.dialog
    till.type("tote")
    till.key(Qt.Key.Key_Return)
    assert till.sees("“Tote bag”: 1")
    till.type("the")
    till.key(Qt.Key.Key_Return)
    assert "Klara and the Sun" in told(till)
    assert "The Left Hand of Darkness" in told(till)
    place = next(
        place for place in range(2) if till.dialog.table.rows.row(place).isbn == DARKNESS  # type: ignore[union-attr]
    )  # fmt: skip
    till.key(*[Qt.Key.Key_Down] * place, Qt.Key.Key_Return)
    assert till.sees("“The Left Hand of Darkness”: 1")
    till.type("nowhere")
    till.key(Qt.Key.Key_Return)
    assert till.sees("No book has the number nowhere.")
    assert till.dialog is sheet
    till.key(Qt.Key.Key_Escape)


@on_one_database
def test_one_is_taken_back_by_any_code_and_review_and_back_keeps_the_list(till: Till) -> None:
    add_tote(till)
    opened(till, flows.count_stock)
    till.key(Qt.Key.Key_F12)
    till.scan(PRIDE, TOTE, TOTE)
    till.key(Qt.Key.Key_F4)
    assert till.sees("“Tote bag”: 1")
    till.key(Qt.Key.Key_F12)
    assert till.sees("Review count 1: Everything") or till.sees("difference")
    till.key(Qt.Key.Key_Escape)
    assert till.dialog.table.rows.rowCount() == 2  # type: ignore[union-attr] # the count again
    assert [(row.title, row.counted) for row in till.dialog.lines.values()] == [  # type: ignore[union-attr]
        ("Tote bag", 1),
        ("Pride and Prejudice", 1),
    ]
    till.key(Qt.Key.Key_Escape)


@on_one_database
def test_others_counts_are_seen_and_a_count_posted_elsewhere_is_said(till: Till) -> None:
    app, shop = till.shop.app, till.shop
    count = till.run(start_count(app, shop.ana, app.ids.new()))
    till.run(count_code(app, shop.people["Jo"], app.ids.new(), count.id, PRIDE, 22))
    opened(till, flows.count_stock)
    till.key(Qt.Key.Key_Return)
    assert [row.counted for row in till.dialog.lines.values()] == [22]  # type: ignore[union-attr]
    till.scan(PRIDE)
    assert till.sees("Counted by everybody so far: 23 copies of 1 title.")
    till.key(Qt.Key.Key_F12)
    till.run(post_count(app, shop.people["Max"], count.id, count.version))
    till.key(Qt.Key.Key_F12)
    assert till.sees("Count 1 is over.")
    assert till.run(shop.stock(PRIDE)) == 23
    till.key(Qt.Key.Key_Escape)
    till.key(Qt.Key.Key_Escape)


@on_one_database
def test_a_return_past_its_window_goes_only_where_it_was_agreed(
    till: Till, penguin: SupplierView, clock: SetClock
) -> None:
    app, sam, book = till.shop.app, till.shop.sam, till.shop.books[PRIDE]
    till.run(receive_delivery(app, sam, DeliveryRequest(app.ids.new(), penguin.id, (Came(book, 2),))))
    clock.forward(days=40)
    opened(till, flows.return_to_publisher)
    till.scan(PRIDE)
    till.key(Qt.Key.Key_F12)
    assert till.sees("could go back until")
    assert till.sees("F4 sends it all the same.")
    till.key(Qt.Key.Key_F4)
    till.key(Qt.Key.Key_F12)
    assert till.sees("Message: Return 1 is posted")
    assert till.run(till.shop.stock(PRIDE)) == 24


def test_a_title_gets_its_supplier_and_is_suggested_then(till: Till, penguin: SupplierView) -> None:
    till.sign_in("Sam", "Inventory")
    choose(till, KLARA)
    till.key(Qt.Key.Key_D, modifier=CTRL)
    dialog = till.dialog
    assert isinstance(dialog, FieldsDialog)
    assert dialog._supplier.itemText(1) == "Penguin · 0 % off, pay in 30 days"
    dialog._supplier.setFocus()
    till.key(Qt.Key.Key_Down)
    till.key(Qt.Key.Key_Return)
    assert till.run(get_book(till.shop.app, till.shop.books[KLARA])).usual_supplier == penguin.id
    till.key(Qt.Key.Key_Z, modifier=CTRL)
    assert till.run(get_book(till.shop.app, till.shop.books[KLARA])).usual_supplier is None


@on_one_database
def test_many_titles_get_their_supplier_at_once(till: Till, penguin: SupplierView) -> None:
    app, sam = till.shop.app, till.shop.sam

    async def set_levels() -> None:
        await bulk_edit(app, sam, BookFilter(), BulkChange(fields={"reorder_at": 9}))

    till.run(set_levels())
    opened(till, flows.purchase_orders)
    till.key(Qt.Key.Key_F12)
    till.key(Qt.Key.Key_F3)
    assert till.sees("3 titles below their level have no supplier: give them one in the list (Ctrl+B).")
    till.key(Qt.Key.Key_Escape)
    till.key(Qt.Key.Key_B, modifier=CTRL)
    dialog = till.dialog
    assert isinstance(dialog, BulkDialog)
    dialog._supplier.setFocus()
    till.key(Qt.Key.Key_Down)
    till.key(Qt.Key.Key_Return)
    till.run(until(dialog._preview.isVisible))
    assert [dialog._preview.rows.index(0, column).data() for column in (1, 2, 3)] == [
        "Usual supplier",
        "none",
        "Penguin",
    ]
    till.key(Qt.Key.Key_Return)
    till.do(lambda: till.page.start(flows.purchase_orders(till.page)))
    till.key(Qt.Key.Key_F12)
    till.key(Qt.Key.Key_F3)
    assert till.sees("3 titles suggested.")
    till.key(Qt.Key.Key_Escape, Qt.Key.Key_Escape)
    assert penguin.id


@on_one_database
def test_what_was_typed_of_a_supplier_is_not_dropped_unasked(till: Till, penguin: SupplierView) -> None:
    till.run(keep_supplier(till.shop.app, till.shop.sam, SupplierView(name="Faber")))
    sheet = opened(till, flows.suppliers)
    assert sheet._fields["name"].text() == "Faber"
    sheet._fields["phone"].setFocus()
    till.type("555")
    sheet.table.setFocus()
    till.key(Qt.Key.Key_Down)
    assert till.sees("What was typed is not kept yet.")
    assert (sheet._fields["name"].text(), sheet.table.chosen.name) == ("Faber", "Faber")
    till.key(Qt.Key.Key_Escape)
    assert till.dialog is sheet
    assert till.sees("What was typed would be lost. Esc again leaves.")
    till.key(Qt.Key.Key_F12)
    assert [row.phone for row in till.run(list_suppliers(till.shop.app))] == ["555", None]
    till.key(Qt.Key.Key_Down)
    assert sheet._fields["name"].text() == penguin.name
    till.key(Qt.Key.Key_Escape)
    assert till.dialog is None


@on_one_database
def test_a_cashier_looks_at_suppliers_and_orders_and_is_offered_no_more(till: Till, penguin: SupplierView) -> None:
    app, sam = till.shop.app, till.shop.sam
    order = till.run(make_purchase_order(app, sam, app.ids.new(), penguin.id, {till.shop.books[PRIDE]: 1000}))
    opened(till, flows.suppliers, "Ana")
    assert not till.sees("Keep")
    assert not till.sees("New")
    till.key(Qt.Key.Key_F12)
    till.key(Qt.Key.Key_Escape)
    till.do(lambda: till.page.start(flows.purchase_orders(till.page)))
    assert not till.sees("New order")
    till.key(Qt.Key.Key_Return)
    assert not till.sees("Mark as sent")
    assert not till.sees("Cancel order")
    assert till.sees("PDF")
    till.key(Qt.Key.Key_Escape)
    assert order.pieces == 1000


@on_one_database
def test_the_buttons_of_a_sent_order_stand_side_by_side(till: Till, penguin: SupplierView) -> None:
    app, sam = till.shop.app, till.shop.sam
    order = till.run(make_purchase_order(app, sam, app.ids.new(), penguin.id, {till.shop.books[PRIDE]: 1}))
    till.run(move_purchase_order(app, sam, order.id, order.version, PurchaseStatus.SENT))
    opened(till, flows.purchase_orders)
    till.key(Qt.Key.Key_Return)
    sheet = till.dialog
    shown = [button for button in sheet._buttons.values() if button.isVisible()]  # type: ignore[union-attr]
    assert [button.words for button in shown] == ["PDF", "CSV", "Print", "Close order", "Cancel order"]
    tops = [button.y() for button in shown]
    assert tops == [tops[0]] * 5
    till.key(Qt.Key.Key_Escape)


EVERY = [
    flows.receive_delivery, flows.count_stock, flows.purchase_orders, flows.transfer_stock, flows.suppliers,
    flows.reservations, flows.return_to_publisher, flows.show_value,
]  # fmt: skip


@on_one_database
@pytest.mark.parametrize("scale", [100, 150])
def test_no_heading_of_a_list_is_cut(shop: Shop, run: Run, qapp: QApplication, scale: int) -> None:
    theme.apply(qapp, "light", scale)
    till = Till(shop, run)
    try:
        till.do(lambda: till.window.resize(1024, 768))
        run(keep_supplier(shop.app, shop.sam, SupplierView(name="Penguin", return_days=30)))
        till.sign_in("Sam", "Inventory")
        for flow in EVERY:
            dialog = started(till, flow)
            assert dialog.width() <= 1024
            assert cut(dialog) == []
            assert cut_heads(dialog) == [], flow.__name__
            till.key(Qt.Key.Key_Escape)
    finally:
        till.close()
        # Dressing a window anew that is about to go takes seconds.
        run(asyncio.sleep(0))
        theme.apply(qapp, "light")


def cut_heads(dialog: Any) -> list[str]:
    """The columns' names that their columns have no room for."""
    found = []
    for table in dialog.findChildren(RowsTable):
        head = table.horizontalHeader()
        for column in range(table.rows.columnCount()):
            text = str(table.rows.headerData(column, Qt.Orientation.Horizontal) or "")
            shown = table.isVisible() and not table.isColumnHidden(column)
            if shown and head.fontMetrics().horizontalAdvance(text) + 8 > table.columnWidth(column):
                found.append(f"{text}: {table.columnWidth(column)}")
    return found


@on_one_database
def test_a_cashier_who_counted_is_told_at_the_review_who_posts_it(till: Till) -> None:
    opened(till, flows.count_stock, "Ana")
    till.key(Qt.Key.Key_F12)
    till.scan(PRIDE)
    till.key(Qt.Key.Key_F12)
    assert till.sees("Message: You may not do this: correcting the stock.")
    assert till.sees("The count stays open until then, at any till.")
    till.key(Qt.Key.Key_F12)
    assert till.sees("Post the count")
    till.key(Qt.Key.Key_Escape)
    till.key(Qt.Key.Key_Escape)
    assert till.sees("stays open; go on with it at any till.")


@on_one_database
def test_what_a_supplier_asks_is_typed_where_it_is_chosen_and_taken_back(till: Till, penguin: SupplierView) -> None:
    app = till.shop.app

    def terms() -> tuple[int | None, int | None]:
        book = till.run(get_book(app, till.shop.books[KLARA]))
        return book.usual_supplier, book.supplier_cost

    till.sign_in("Sam", "Inventory")
    choose(till, KLARA)
    till.key(Qt.Key.Key_D, modifier=CTRL)
    dialog = till.dialog
    assert isinstance(dialog, FieldsDialog)
    assert not dialog._asked.isEnabled()
    dialog._supplier.setFocus()
    till.key(Qt.Key.Key_Down)
    till.key(Qt.Key.Key_Tab)
    till.type("9..5")
    till.key(Qt.Key.Key_Return)
    assert till.sees("“9..5” is no amount")
    dialog._asked.selectAll()
    till.type("9.5")
    till.key(Qt.Key.Key_Return)
    assert till.dialog is None
    assert terms() == (penguin.id, 950)
    till.key(Qt.Key.Key_D, modifier=CTRL)
    assert isinstance(till.dialog, FieldsDialog)
    assert till.dialog._asked.text() == "9.50"
    till.dialog._texts["isbn"].setText("9780593318172")
    till.key(Qt.Key.Key_Return)
    assert till.sees("is mistyped: its last digit should be 1, not 2.")
    till.key(Qt.Key.Key_Escape)
    till.key(Qt.Key.Key_Z, modifier=CTRL)
    assert terms() == (None, None)
    till.key(Qt.Key.Key_Y, modifier=CTRL)
    assert terms() == (penguin.id, 950)


@on_one_database
def test_what_is_still_to_come_is_listed_by_supplier_with_what_it_costs(till: Till, penguin: SupplierView) -> None:
    app, sam, books = till.shop.app, till.shop.sam, till.shop.books
    other = till.run(keep_supplier(app, sam, SupplierView(name="Faber", lead_days=2)))
    for supplier, lines in ((penguin, {PRIDE: 3}), (other, {SAPIENS: 2, KLARA: 1})):
        wanted = {books[isbn]: pieces for isbn, pieces in lines.items()}
        order = till.run(make_purchase_order(app, sam, app.ids.new(), supplier.id, wanted))
        till.run(move_purchase_order(app, sam, order.id, order.version, PurchaseStatus.SENT))
    till.run(reserve(app, till.shop.ana, app.ids.new(), books[SAPIENS], 1, "Rosa", wait=True))
    came = DeliveryRequest(app.ids.new(), other.id, (Came(books[KLARA], 1),), order.id)
    till.run(receive_delivery(app, sam, came))
    opened(till, flows.purchase_orders)
    till.key(Qt.Key.Key_F6)
    sheet = till.dialog
    rows = [row for _, row in sheet.table.rows.loaded()]  # type: ignore[union-attr] # a window of stock
    assert [(row.supplier, row.number, row.isbn, row.pieces, row.waiting) for row in rows] == [
        ("Faber", 2, SAPIENS, 2, 1),
        ("Penguin", 1, PRIDE, 3, 0),
    ]
    assert till.sees("5 copies of 2 titles, £76.95 at cost.")
    sheet._whose.setCurrentIndex(1)  # type: ignore[union-attr]
    assert till.sees("2 copies of 1 title, £49.98 at cost.")
    till.key(Qt.Key.Key_Return)
    till.key(Qt.Key.Key_Return)
    assert till.sees("2 copies still to come, expected")
    till.key(Qt.Key.Key_F8)
    assert till.sees("Cancel order 2?")
    till.key(Qt.Key.Key_Return)
    assert till.run(list_purchase_orders(app))[0].status is PurchaseStatus.SENT


@on_one_database
def test_where_nothing_is_on_its_way_it_says_so_and_a_title_that_is_cut_is_told_whole(
    till: Till, penguin: SupplierView
) -> None:
    app, sam, book = till.shop.app, till.shop.sam, till.shop.books[PRIDE]
    long = "<b>Pride</b> and Prejudice " + "with all that was ever written about it " * 4
    till.run(change_book(app, sam, book, {"title": Change("Pride and Prejudice", long.strip())}))
    till.run(make_purchase_order(app, sam, app.ids.new(), penguin.id, {book: 3}))
    opened(till, flows.purchase_orders)
    till.key(Qt.Key.Key_F6)
    assert till.sees("Nothing is on its way: no order that was sent waits for copies.")
    till.key(Qt.Key.Key_Return)
    till.key(Qt.Key.Key_Return)
    assert till.sees("3 copies of 1 title, £26.97 at cost.")
    table = till.dialog.table  # type: ignore[union-attr] # a window of stock
    for column, whole in ((2, False), (0, True)):
        where = table.visualRect(table.rows.index(0, column)).center()
        asked = QHelpEvent(QEvent.Type.ToolTip, where, table.viewport().mapToGlobal(where))
        QApplication.sendEvent(table.viewport(), asked)
        assert ("&lt;b&gt;Pride&lt;/b&gt; and Prejudice with all" in QToolTip.text()) is whole
