"""The windows of stock as a manager uses them: keys and scans alone."""

from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtPrintSupport import QPrintDialog
from PySide6.QtWidgets import QApplication, QLabel

from pos_app.domain.purchase import PurchaseStatus
from pos_app.services.book import get_book
from pos_app.services.delivery import Came, DeliveryRequest, receive_delivery
from pos_app.services.purchase_order import (
    PurchaseView,
    list_purchase_orders,
    make_purchase_order,
    move_purchase_order,
)
from pos_app.services.reservation import reserve
from pos_app.services.stock import availability
from pos_app.services.stock_count import count_code
from pos_app.services.stock_count_view import Uncounted, list_counts
from pos_app.services.supplier import SupplierView, keep_supplier, list_suppliers, set_supplier_of
from pos_app.services.transfer import transfer
from tests.shop import DARKNESS, KLARA, PRIDE, SAPIENS, Shop
from tests.ui.keyboard import outside, strike, until
from tests.ui.test_look import cut
from tests.ui.till import Run, Till
from ui import dialogs
from ui.page import Page
from ui.stock import flows
from ui.stock.count import CountSheet, ReviewSheet, WriteOffDialog
from ui.stock.suppliers import SuppliersSheet
from ui.stock.table import RowsTable
from ui.style import theme

Flow = Callable[[Page], Coroutine[Any, Any, None]]


def opened(till: Till, flow: Flow, who: str = "Sam") -> Any:
    """Sign in, and open a window of stock as the inventory does."""
    till.sign_in(who, "Inventory")
    return started(till, flow)


def started(till: Till, flow: Flow) -> Any:
    """Open a window of stock for whoever is at the inventory."""
    till.do(lambda: till.page.start(flow(till.page)))
    return till.dialog


def told(till: Till) -> str:
    """All that the lists of the window on the screen say."""
    assert till.dialog is not None
    models = [table.rows for table in till.dialog.findChildren(RowsTable)]
    places = [(m, row, column) for m in models for row in range(m.rowCount()) for column in range(m.columnCount())]
    return "\n".join(m.index(row, column).data() for m, row, column in places)


@pytest.fixture
def penguin(till: Till) -> SupplierView:
    kept = SupplierView(name="Penguin", return_days=30)
    made: SupplierView = till.run(keep_supplier(till.shop.app, till.shop.sam, kept))
    for isbn in (PRIDE, SAPIENS):
        till.run(set_supplier_of(till.shop.app, till.shop.sam, till.shop.books[isbn], made.id))
    return made


@pytest.fixture
def sent(till: Till, penguin: SupplierView) -> PurchaseView:
    app, sam = till.shop.app, till.shop.sam
    lines = {till.shop.books[PRIDE]: 2, till.shop.books[SAPIENS]: 1}
    order = till.run(make_purchase_order(app, sam, app.ids.new(), penguin.id, lines))
    made: PurchaseView = till.run(move_purchase_order(app, sam, order.id, order.version, PurchaseStatus.SENT))
    return made


def test_a_delivery_is_scanned_against_its_order_and_who_waits_is_named(till: Till, sent: PurchaseView) -> None:
    app = till.shop.app
    till.run(reserve(app, till.shop.ana, app.ids.new(), till.shop.books[SAPIENS], 1, "Rosa", wait=True))
    sheet = opened(till, flows.receive_delivery)
    assert sheet._order.currentText() == f"{sent.number} · 3 to come"
    till.scan(PRIDE, SAPIENS, PRIDE)
    assert [line.came for line in sheet.lines.values()] == [2, 1]
    assert till.run(till.shop.stock(PRIDE)) == 23
    till.key(Qt.Key.Key_F12)
    assert "1 copy held for Rosa" in told(till)
    till.key(Qt.Key.Key_Return)
    assert till.sees("Message: Delivery 1: 3 copies taken into stock.")
    assert till.run(till.shop.stock(PRIDE)) == 25
    assert till.run(till.shop.stock(SAPIENS)) == 1
    assert till.run(list_purchase_orders(app))[0].status is PurchaseStatus.CLOSED


def test_what_came_over_must_be_said_to_be_taken(till: Till, sent: PurchaseView) -> None:
    sheet = opened(till, flows.receive_delivery)
    till.scan(PRIDE, PRIDE, PRIDE)
    assert till.sees("more came than was ordered. F6 takes it.")
    till.key(Qt.Key.Key_F12)
    assert till.dialog is sheet
    assert till.sees("3 came, still to come: 2. Accept the rest, or send it back. F6 takes them.")
    till.key(Qt.Key.Key_F6)
    till.key(Qt.Key.Key_F12)
    assert "more than ordered" in told(till)
    till.key(Qt.Key.Key_Return)
    assert till.run(till.shop.stock(PRIDE)) == 26
    assert sent.number == 1


def test_damage_and_another_cost_are_typed(till: Till, sent: PurchaseView) -> None:
    sheet = opened(till, flows.receive_delivery)
    till.scan(PRIDE, PRIDE)
    till.key(Qt.Key.Key_F5)
    sheet._cost.setFocus()
    till.type("9.50")
    (line,) = sheet.lines.values()
    assert (line.came, line.damaged, line.cost, line.dearer) == (2, 1, 950, 51)
    till.key(Qt.Key.Key_F12)
    assert till.sees("Damaged, to be claimed: 1.")
    till.key(Qt.Key.Key_Return)
    assert till.run(till.shop.stock(PRIDE)) == 24
    assert sent.number == 1


def test_a_note_that_was_taken_in_already_is_asked_about_once(till: Till, penguin: SupplierView) -> None:
    app, sam = till.shop.app, till.shop.sam
    line = Came(till.shop.books[PRIDE], 1)
    till.run(receive_delivery(app, sam, DeliveryRequest(app.ids.new(), penguin.id, (line,), reference="GN-1")))
    sheet = opened(till, flows.receive_delivery)
    sheet._reference.setFocus()
    till.type("GN-1")
    till.scan(PRIDE)
    till.key(Qt.Key.Key_F12)
    assert till.sees("GN-1 of Penguin is delivery 1, taken in on ")
    till.key(Qt.Key.Key_Return)
    assert till.dialog is sheet
    assert till.run(till.shop.stock(PRIDE)) == 24
    till.key(Qt.Key.Key_F12)
    till.key(Qt.Key.Key_T)
    assert till.sees("1 copy of 1 title from Penguin in stock now.")
    till.key(Qt.Key.Key_Return)
    assert till.run(till.shop.stock(PRIDE)) == 25


def test_a_suppliers_file_is_taken(till: Till, sent: PurchaseView, tmp_path: Path) -> None:
    path = tmp_path / "file.csv"
    refused = ["9780000000002,1,1", "9780000000003,1,1", "9780000000019,1,1", f"{KLARA},two,1", "9780000000026,1,1"]
    path.write_text("\n".join(["isbn,quantity,cost", f"{PRIDE},2,5.00", *refused]) + "\n")
    sheet = opened(till, flows.receive_delivery)
    till.do(lambda: sheet.start(sheet.load_file(path)))
    assert till.sees(
        "1 title of the file is taken. Not taken: 5 rows; F7 shows them. "
        "Not in the catalogue: 9780000000002, 9780000000019, 9780000000026."
    )
    shown = told(till)
    assert "its quantity is no whole number" in shown
    assert all(isbn in shown for isbn in ("9780000000002", "9780000000019", "9780000000026"))
    till.key(Qt.Key.Key_Return)
    assert till.dialog is sheet
    till.key(Qt.Key.Key_F7)
    assert told(till) == shown
    till.key(Qt.Key.Key_Return)
    till.key(Qt.Key.Key_F4)
    assert [line.came for line in sheet.lines.values()] == [2, 1]
    till.key(Qt.Key.Key_Escape)
    assert till.sees("The 2 titles listed would be lost. Esc again leaves.")
    till.key(Qt.Key.Key_Escape)
    assert till.dialog is None
    assert sent.number == 1


def test_without_a_supplier_nothing_is_received(till: Till) -> None:
    sheet = opened(till, flows.receive_delivery)
    assert till.sees("There is no supplier yet.")
    till.key(Qt.Key.Key_F12)
    assert till.dialog is sheet
    till.key(Qt.Key.Key_F10)
    assert isinstance(till.dialog, SuppliersSheet)
    assert till.sees("There is no supplier yet. Fill in the fields below; F12 keeps it.")
    till.type("Penguin")
    till.key(Qt.Key.Key_F12)
    assert told(till).startswith("Penguin")
    assert till.dialog.table.isVisible()
    till.key(Qt.Key.Key_Escape)
    till.run(until(lambda: till.dialog is sheet and sheet.tasks.idle))
    assert sheet._supplier.currentText() == "Penguin"
    assert sheet.entry.isEnabled()
    till.key(Qt.Key.Key_Escape)


def test_a_count_is_scanned_reviewed_and_posted(till: Till) -> None:
    opened(till, flows.count_stock)
    assert till.sees("Nothing is being counted.")
    till.key(Qt.Key.Key_F12)
    till.scan(PRIDE, PRIDE, PRIDE)
    sheet = till.dialog
    sheet._pieces.setFocus()
    sheet._pieces.selectAll()
    till.type("20")
    till.scan(PRIDE)
    till.scan(KLARA)
    assert till.sees("Counted by everybody so far: 24 copies of 2 titles.")
    till.key(Qt.Key.Key_F4)
    till.scan("9780000000002")
    assert till.sees("No book has the number")
    till.run(till.shop.sell(PRIDE))
    till.key(Qt.Key.Key_F12)
    assert till.sees("1 difference, worth −£33.90. Not counted: 1 title (7 copies worth £76.93), which stays as it is.")
    till.key(Qt.Key.Key_F12)
    assert till.sees("Message: Count 1 is posted.")
    assert till.run(till.shop.stock(PRIDE)) == 22
    assert till.run(till.shop.stock(KLARA)) == 0
    assert till.run(till.shop.findings()) == []


def test_a_review_with_nothing_in_its_list_says_why(till: Till) -> None:
    opened(till, flows.count_stock)
    till.key(Qt.Key.Key_F12)
    till.key(Qt.Key.Key_F12)
    alt = Qt.KeyboardModifier.AltModifier
    till.key(Qt.Key.Key_2, modifier=alt)
    assert till.sees("Nothing is counted yet. Esc goes back to counting.")
    till.key(Qt.Key.Key_3, modifier=alt)
    assert not till.sees("All that should be there was counted.")
    till.key(Qt.Key.Key_Escape)
    till.run(till.shop.sell(KLARA))
    till.scan(KLARA)
    till.key(Qt.Key.Key_F12)
    assert till.sees("No differences: all that was counted is as the ledger says.")


def test_a_count_stays_open_and_is_gone_on_with(till: Till) -> None:
    opened(till, flows.count_stock, "Ana")
    till.key(Qt.Key.Key_F12)
    till.scan(DARKNESS)
    till.key(Qt.Key.Key_Escape)
    assert till.sees("Count 1 stays open")
    till.do(lambda: till.page.start(flows.count_stock(till.page)))
    till.key(Qt.Key.Key_Return)
    till.scan(DARKNESS)
    assert till.sees("Counted by everybody so far: 2 copies of 1 title.")
    till.key(Qt.Key.Key_F12)
    till.key(Qt.Key.Key_F4)
    assert till.sees("which are set to nothing")
    till.key(Qt.Key.Key_F12)
    assert till.sees("You may not do this: correcting the stock. Ask a manager or an admin.")
    till.key(Qt.Key.Key_Escape)
    till.key(Qt.Key.Key_Escape)
    assert till.dialog is None


def test_a_count_is_posted_only_once_its_review_was_on_the_screen(till: Till) -> None:
    opened(till, flows.count_stock)
    till.key(Qt.Key.Key_F12)
    till.scan(PRIDE)

    async def bounce() -> None:
        await outside(lambda: strike(Qt.Key.Key_F12))
        await until(lambda: isinstance(till.dialog, ReviewSheet))
        assert not till.dialog.end.isEnabled()
        await outside(lambda: strike(Qt.Key.Key_F12))
        await until(lambda: till.sees("1 difference"))
        assert not till.dialog.end.isEnabled()
        await outside(lambda: [strike(Qt.Key.Key_F12), strike(Qt.Key.Key_Return)])

    till.run(bounce())
    till.settle()
    assert isinstance(till.dialog, ReviewSheet)
    assert till.sees("Read the differences first, then press F12 again.")
    assert till.run(till.shop.stock(PRIDE)) == 23
    till.key(Qt.Key.Key_F12)
    assert till.sees("Message: Count 1 is posted.")
    assert till.run(till.shop.stock(PRIDE)) == 1


def test_a_scan_before_a_count_is_started_is_refused_and_not_sold(till: Till) -> None:
    opened(till, flows.count_stock)
    till.scan(DARKNESS)
    assert till.dialog.message.text().startswith(f"{DARKNESS} was not taken")
    till.key(Qt.Key.Key_F12)
    assert isinstance(till.dialog, CountSheet)
    assert till.window.windowTitle().startswith("Inventory")
    till.scan(DARKNESS)
    assert till.sees("Counted by everybody so far: 1 copy of 1 title.")


def test_what_nobody_counted_is_written_off_only_once_it_is_asked_about(till: Till) -> None:
    opened(till, flows.count_stock)
    till.key(Qt.Key.Key_F12)
    till.key(Qt.Key.Key_F12)
    till.key(Qt.Key.Key_F4)
    assert till.sees("Not counted: 3 titles (32 copies worth £317.60), which are set to nothing.")
    till.key(Qt.Key.Key_F12)
    assert isinstance(till.dialog, WriteOffDialog)
    assert (till.dialog.go.accessibleDescription(), till.dialog.back.hasFocus()) == ("Key W", True)
    assert till.sees("Nobody counted them. 32 copies worth £317.60 would be gone from the stock.")
    till.key(Qt.Key.Key_Return)
    assert isinstance(till.dialog, ReviewSheet)
    assert till.run(till.shop.stock(PRIDE)) == 23
    till.key(Qt.Key.Key_F12)
    till.key(Qt.Key.Key_W)
    assert till.sees("Message: Count 1 is posted.")
    assert till.run(till.shop.stock(PRIDE)) == 0


def test_the_title_beside_the_list_is_shown_as_a_count_and_a_delivery_leave_it(
    till: Till, penguin: SupplierView
) -> None:
    till.sign_in("Sam", "Inventory")
    till.page.search.setText("Klara")
    till.run(until(lambda: till.page.detail.book is not None and till.page.detail.book.isbn == KLARA))
    till.settle()
    till.key(Qt.Key.Key_F7)
    till.key(Qt.Key.Key_F12)
    till.scan(KLARA)
    till.key(Qt.Key.Key_F12)
    till.key(Qt.Key.Key_F12)
    assert till.sees("Message: Count 1 is posted.")
    assert till.page.detail._stock.text() == "1"
    assert till.sees("Count 1")
    till.key(Qt.Key.Key_F6)
    till.scan(KLARA, KLARA)
    till.key(Qt.Key.Key_F12)
    till.key(Qt.Key.Key_F12)
    till.run(until(lambda: till.dialog is None))
    till.settle()
    assert till.page.detail._stock.text() == "3"
    assert till.sees("Delivery 1")
    assert penguin.id


def test_an_open_count_is_thrown_away_once_that_is_sure(till: Till) -> None:
    opened(till, flows.count_stock)
    till.key(Qt.Key.Key_F12)
    till.scan(PRIDE)
    till.key(Qt.Key.Key_Escape)
    till.do(lambda: till.page.start(flows.count_stock(till.page)))
    start = till.dialog
    till.key(Qt.Key.Key_F8)
    assert till.sees("Everything: 1 copy of 1 title counted, started by Sam.")
    till.key(Qt.Key.Key_Return)
    assert till.dialog is start
    assert [count.number for count in till.run(list_counts(till.shop.app))] == [1]
    till.key(Qt.Key.Key_F8)
    till.key(Qt.Key.Key_T)
    assert till.sees("Count 1 is thrown away; the stock is as it was.")
    assert till.sees("Nothing is being counted.")
    assert till.run(list_counts(till.shop.app)) == []
    assert till.run(till.shop.stock(PRIDE)) == 23
    till.key(Qt.Key.Key_Escape)


def test_large_numbers_of_a_count_are_written_as_the_shop_does(till: Till) -> None:
    dialog = WriteOffDialog(Uncounted(8802, 16419, 12_345_678), till.window._fmt, till.window)
    said = [widget.text() for widget in dialog.findChildren(QLabel)]
    assert "Set 8,802 titles to nothing?" in said
    assert "Nobody counted them. 16,419 copies worth £123,456.78 would be gone from the stock." in said
    dialog.deleteLater()


@pytest.mark.parametrize("config", ["sqlite"], indirect=True)
def test_a_count_and_its_review_show_what_happens_meanwhile(till: Till) -> None:
    app, ana = till.shop.app, till.shop.ana
    opened(till, flows.count_stock)
    till.key(Qt.Key.Key_F12)
    till.scan(DARKNESS, DARKNESS)
    sheet = till.dialog
    assert isinstance(sheet, CountSheet)
    till.run(count_code(app, ana, app.ids.new(), sheet.count.id, DARKNESS, 1))
    till.do(sheet._look_again)
    till.run(until(lambda: sheet.tasks.idle))
    assert told(till).endswith("\n3")
    till.key(Qt.Key.Key_F12)
    review = till.dialog
    assert isinstance(review, ReviewSheet)
    till.run(until(lambda: review.tasks.idle))
    before = told(till)
    till.run(till.shop.sell(DARKNESS))
    till.do(review._look_again)
    till.run(until(lambda: review.tasks.idle))
    assert told(till) != before
    assert "\n−1\n" in told(till)
    till.key(Qt.Key.Key_Escape)
    till.key(Qt.Key.Key_Escape)


def test_an_order_is_suggested_changed_sent_and_written(till: Till, penguin: SupplierView) -> None:
    app = till.shop.app
    till.run(reserve(app, till.shop.ana, app.ids.new(), till.shop.books[SAPIENS], 2, "Rosa", wait=True))
    opened(till, flows.purchase_orders)
    assert till.sees("Nothing is on order.")
    till.key(Qt.Key.Key_F12)
    till.key(Qt.Key.Key_F3)
    assert till.sees("1 title suggested.")
    till.scan(PRIDE)
    sheet = till.dialog
    sheet._copies.setFocus()
    sheet._copies.selectAll()
    till.type("7")
    till.key(Qt.Key.Key_F4)
    assert till.sees("Order 1 is saved as a draft.")
    till.key(Qt.Key.Key_F12)
    assert till.sees("Order 1 is marked as sent and waits for its delivery. Send the supplier ")
    exports = app.config.data_dir / "exports"
    assert (exports / "purchase-order-1.pdf").read_bytes().startswith(b"%PDF")
    rows = (exports / "purchase-order-1.csv").read_text("utf-8-sig").splitlines()
    assert rows[0] == "ISBN,Title,Quantity,Unit cost,Currency"
    assert f"{PRIDE},Pride and Prejudice,7,8.99,GBP" in rows
    printed = app.config.data_dir / "printed.pdf"
    till.key(Qt.Key.Key_F9)
    asked = till.dialog
    assert isinstance(asked, QPrintDialog)
    asked.printer().setOutputFileName(str(printed))
    till.do(lambda: asked.done(QPrintDialog.DialogCode.Accepted))
    assert till.sees("Purchase order 1 is sent to")
    assert printed.read_bytes().startswith(b"%PDF")
    till.key(Qt.Key.Key_F7)
    assert till.sees("The supplier is not told by this")
    till.key(Qt.Key.Key_C)
    assert till.sees("Order 1 is closed now.")
    till.key(Qt.Key.Key_Escape)
    assert till.dialog is None
    assert penguin.name == "Penguin"


def test_stock_is_carried_to_the_store_room(till: Till) -> None:
    opened(till, flows.transfer_stock, "Ana")
    till.key(Qt.Key.Key_F3)
    till.scan(PRIDE, PRIDE)
    till.key(Qt.Key.Key_F12)
    assert till.sees("Message: Transfer 1: 2 copies carried from Shop floor to Store room.")
    there = till.run(availability(till.shop.app, till.shop.books[PRIDE]))
    assert there.places == (("Shop floor", 21), ("Store room", 2))


@pytest.mark.parametrize("config", ["sqlite"], indirect=True)
def test_what_was_done_to_stock_is_said_in_the_inventory_and_stays(till: Till) -> None:
    till.sign_in("Sam", "Inventory")
    till.run(until(lambda: till.page.detail.book is not None))
    till.key(Qt.Key.Key_F8)
    till.key(Qt.Key.Key_T)
    till.run(until(lambda: till.dialog is not None))
    till.scan(PRIDE, PRIDE)
    till.key(Qt.Key.Key_F3)
    till.key(Qt.Key.Key_F12)
    till.run(until(lambda: till.dialog is None))
    till.run(until(lambda: till.page.tasks.idle))
    assert till.sees("Message: Transfer 1: 2 copies carried from Shop floor to Store room.")


@pytest.mark.parametrize("config", ["sqlite"], indirect=True)
def test_a_past_return_is_made_a_letter_again_and_more_than_delivered_is_told(till: Till, sent: PurchaseView) -> None:
    app, sam, pride = till.shop.app, till.shop.sam, till.shop.books[PRIDE]
    opened(till, flows.return_to_publisher)
    till.key(Qt.Key.Key_F6)
    assert till.sees("Nothing was sent back yet.")
    till.key(Qt.Key.Key_Escape)
    till.key(Qt.Key.Key_Escape)
    came = DeliveryRequest(app.ids.new(), sent.supplier.id, (Came(pride, 2),))
    till.run(receive_delivery(app, sam, came))
    till.run(transfer(app, sam, app.ids.new(), 1, 2, {pride: 25}))
    till.do(lambda: till.page.start(flows.return_to_publisher(till.page)))
    sheet: Any = till.dialog
    assert till.sees("Nothing of this supplier is there to go back.")
    till.do(lambda: sheet.place.setCurrentIndex(1))
    till.scan(PRIDE, PRIDE, PRIDE)
    till.key(Qt.Key.Key_F12)
    assert till.sees("2 can go back: delivered less returned. More only if they agreed. F4 sends it all the same.")
    till.do(lambda: (sheet._copies.setText("2"), sheet._copies.textEdited.emit("2")))
    till.key(Qt.Key.Key_F12)
    assert till.sees("Message: Return 1 is posted. Its letter is in ")
    assert till.run(availability(app, pride)).places == (("Shop floor", 0), ("Store room", 23))
    pdf = app.config.data_dir / "exports" / "return-1.pdf"
    pdf.unlink()
    till.do(lambda: till.page.start(flows.return_to_publisher(till.page)))
    till.key(Qt.Key.Key_F6)
    till.key(Qt.Key.Key_F12)
    assert till.sees("The letter of return 1 is in ")
    assert pdf.exists()


def test_copies_go_back_to_the_publisher(till: Till, sent: PurchaseView) -> None:
    opened(till, flows.receive_delivery)
    till.key(Qt.Key.Key_F4)
    till.key(Qt.Key.Key_F12)
    till.key(Qt.Key.Key_Return)
    till.do(lambda: till.page.start(flows.return_to_publisher(till.page)))
    till.scan(PRIDE)
    till.key(Qt.Key.Key_F12)
    assert till.sees("Message: Return 1 is posted")
    assert till.run(till.shop.stock(PRIDE)) == 24
    assert (till.shop.app.config.data_dir / "exports" / "return-1.pdf").exists()
    assert sent.number == 1


def test_a_supplier_is_added_and_no_longer_used(till: Till) -> None:
    sheet = opened(till, flows.suppliers)
    assert till.sees("There is no supplier yet.")
    till.type("Gardners")
    sheet._fields["discount"].setText("35")
    till.key(Qt.Key.Key_F12)
    assert till.sees("Gardners is kept.")
    (kept,) = till.run(list_suppliers(till.shop.app))
    assert (kept.name, str(kept.discount_rate)) == ("Gardners", "0.35")
    till.key(Qt.Key.Key_F4)
    assert till.run(list_suppliers(till.shop.app)) == []
    till.key(Qt.Key.Key_Escape)


def test_a_title_shows_its_ledger_and_the_shop_its_value(till: Till) -> None:
    till.run(till.shop.sell(PRIDE))
    till.sign_in("Sam", "Inventory")
    book = till.run(get_book(till.shop.app, till.shop.books[PRIDE]))
    till.do(lambda: till.page.start(flows.show_ledger(till.page, book)))
    assert till.sees("22 copies: Shop floor 22.")
    assert "Sale, 1-000001" in told(till)
    till.key(Qt.Key.Key_Escape)
    till.do(lambda: till.page.start(flows.choose_act(till.page)))
    till.key(Qt.Key.Key_V)
    assert till.sees("at price.")
    till.key(Qt.Key.Key_Escape)


def test_a_copy_is_set_aside_and_somebody_waits(till: Till) -> None:
    opened(till, flows.reservations, "Ana")
    assert till.sees("Nothing is set aside.")
    till.type("Rosa")
    till.scan(KLARA)
    assert till.sees("“Klara and the Sun” for Rosa is set aside.")
    till.type("Ben")
    till.scan(SAPIENS)
    assert till.sees("is not there; it is noted that they wait.")
    assert till.run(availability(till.shop.app, till.shop.books[KLARA])).available == 1
    till.key(Qt.Key.Key_F3)
    assert till.sees("“Klara and the Sun” for Rosa can be sold now.")
    till.key(Qt.Key.Key_F4)
    assert till.sees("“Sapiens”: 1 wanted, 0 in stock.")
    till.key(Qt.Key.Key_F5)
    assert till.sees("is no longer kept")
    till.key(Qt.Key.Key_F12)
    assert till.dialog is None


def test_a_correction_has_its_reason_in_the_ledger(till: Till) -> None:
    till.sign_in("Sam", "Inventory")
    book = till.run(get_book(till.shop.app, till.shop.books[PRIDE]))
    till.do(lambda: till.page.start(flows.correct(till.page, book)))
    till.type("21")
    till.key(Qt.Key.Key_3, modifier=Qt.KeyboardModifier.AltModifier)
    till.key(Qt.Key.Key_F12)
    assert till.sees("“Pride and Prejudice”: 21 in stock now.")
    till.do(lambda: till.page.start(flows.show_ledger(till.page, book)))
    assert "Correction, Damaged" in told(till)
    till.key(Qt.Key.Key_Escape)


@pytest.mark.parametrize("config", ["sqlite"], indirect=True)
@pytest.mark.parametrize(
    "flow", [flows.receive_delivery, flows.count_stock, flows.purchase_orders, flows.transfer_stock, flows.suppliers]
)
def test_no_button_is_cut_at_large_text_on_a_small_screen(shop: Shop, run: Run, qapp: QApplication, flow: Flow) -> None:
    theme.apply(qapp, "light", 150)
    try:
        till = Till(shop, run)
        till.do(lambda: till.window.resize(1024, 768))
        dialog = opened(till, flow)
        assert dialog.width() <= 1024
        assert cut(dialog) == []
        till.key(Qt.Key.Key_Escape)
        till.close()
    finally:
        theme.apply(qapp, "light")


@pytest.mark.parametrize("config", ["sqlite"], indirect=True)
def test_a_delivery_half_scanned_is_there_again_after_the_till_was_left(till: Till, sent: PurchaseView) -> None:
    opened(till, flows.receive_delivery)
    till.scan(PRIDE, PRIDE, KLARA)
    assert till.dialog is not None
    uid = till.dialog.uid  # type: ignore[attr-defined] # a stock window's
    till.do(lambda: (dialogs.close_all(), till.window.lock()))
    again = opened(till, flows.receive_delivery)
    assert till.sees("Not taken into stock yet: 2 titles, here again as they were.")
    assert (again.uid, [line.came for line in again.lines.values()]) == (uid, [2, 1])
    assert again._order.currentData() == sent.id
    till.key(Qt.Key.Key_Escape)
    till.key(Qt.Key.Key_Escape)
    assert till.dialog is None
    assert not opened(till, flows.receive_delivery).lines
    till.key(Qt.Key.Key_Escape)
