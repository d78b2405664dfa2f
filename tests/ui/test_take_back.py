"""Taking deliveries and counts back at the till: shown once, done by one key, and said."""

from PySide6.QtCore import Qt

from pos_app.services.delivery import Came, DeliveryRequest, receive_delivery
from pos_app.services.publisher_return import return_to_publisher
from pos_app.services.reservation import reserve
from pos_app.services.stock_count import count_code, post_count, start_count
from pos_app.services.supplier import SupplierView, keep_supplier
from tests.shop import KLARA, PRIDE, SAPIENS
from tests.ui.keyboard import until
from tests.ui.test_stock import opened, told
from tests.ui.till import Till
from ui.stock import flows


def delivered(till: Till, **lines: int) -> None:
    app, sam = till.shop.app, till.shop.sam
    isbns = {"pride": PRIDE, "sapiens": SAPIENS}
    penguin = till.run(keep_supplier(app, sam, SupplierView(name="Penguin")))
    came = tuple(Came(till.shop.books[isbns[name]], pieces) for name, pieces in lines.items())
    till.run(receive_delivery(app, sam, DeliveryRequest(app.ids.new(), penguin.id, came)))


def test_a_delivery_is_chosen_looked_at_and_taken_back(till: Till) -> None:
    app = till.shop.app
    till.run(reserve(app, till.shop.ana, app.ids.new(), till.shop.books[SAPIENS], 1, "Rosa", wait=True))
    delivered(till, pride=5, sapiens=2)
    till.run(till.shop.sell(SAPIENS))
    opened(till, flows.take_back_posted)
    assert "Delivery 1, Penguin" in told(till)
    till.key(Qt.Key.Key_Return)
    assert till.sees("Delivery 1 from Penguin, shop floor, posted")
    assert till.sees("Taking it back moves 6 copies out of the stock, of 2 titles.")
    assert till.sees("Held no longer, and waited for again: 1 × Sapiens for Rosa.")
    assert "+1 stays: not there any more" in told(till)
    till.key(Qt.Key.Key_Return)
    assert till.sees("F12 takes it back, Esc leaves it as it is.")
    assert till.run(till.shop.stock(PRIDE)) == 28
    till.key(Qt.Key.Key_F12)
    assert till.dialog is None
    assert till.sees("Message: Delivery 1 is taken back, 6 copies out of the stock, of 2 titles.")
    assert (till.run(till.shop.stock(PRIDE)), till.run(till.shop.stock(SAPIENS))) == (23, 0)
    # What is left of it says so, and cannot be taken back once more.
    till.do(lambda: till.page.start(flows.take_back_posted(till.page)))
    assert "Partly taken back" in told(till)
    till.key(Qt.Key.Key_Return)
    assert till.sees("Nothing of it is left to be taken back.")
    assert not till.dialog.end.isEnabled()


def test_a_delivery_just_posted_is_taken_back_from_what_it_came_to(till: Till) -> None:
    till.run(keep_supplier(till.shop.app, till.shop.sam, SupplierView(name="Penguin")))
    opened(till, flows.receive_delivery)
    till.scan(PRIDE, PRIDE)
    till.key(Qt.Key.Key_F12)
    till.key(Qt.Key.Key_F4)
    assert till.sees("Taking it back moves 2 copies out of the stock, of 1 title.")
    till.key(Qt.Key.Key_F12)
    assert till.run(till.shop.stock(PRIDE)) == 23


def test_what_is_sold_while_it_is_looked_at_is_shown_before_it_is_done(till: Till) -> None:
    delivered(till, sapiens=2)
    opened(till, flows.take_back_posted)
    till.key(Qt.Key.Key_Return)
    till.run(till.shop.sell(SAPIENS))
    till.key(Qt.Key.Key_F12)
    assert till.sees("Something was sold or counted meanwhile.")
    assert till.sees("Taking it back moves 1 copy out of the stock, of 1 title.")
    till.key(Qt.Key.Key_F12)
    assert till.run(till.shop.stock(SAPIENS)) == 0


def test_a_count_is_taken_back_and_a_cashier_is_told_who_may(till: Till) -> None:
    app, sam, books = till.shop.app, till.shop.sam, till.shop.books
    count = till.run(start_count(app, sam, app.ids.new()))
    till.run(count_code(app, sam, app.ids.new(), count.id, books[PRIDE], 20))
    till.run(count_code(app, sam, app.ids.new(), count.id, books[KLARA], 4))
    till.run(post_count(app, sam, count.id, count.version))
    opened(till, flows.take_back_posted, who="Ana")
    till.key(Qt.Key.Key_Return)
    assert till.sees("Taking it back moves 2 copies out of the stock and 3 copies into the stock, of 2 titles.")
    assert till.sees("Ask a manager or an admin.")
    assert not till.dialog.end.isEnabled()
    till.key(Qt.Key.Key_Escape)
    till.sign_in("Sam", "Inventory")
    till.do(lambda: till.page.start(flows.take_back_posted(till.page)))
    till.key(Qt.Key.Key_Return)
    till.key(Qt.Key.Key_F12)
    assert till.run(till.shop.stock(PRIDE)) == 23
    assert till.run(till.shop.stock(KLARA)) == 2


def test_where_nothing_was_posted_it_says_so(till: Till) -> None:
    opened(till, flows.take_back_posted)
    assert till.sees("Nothing was posted yet: no delivery, no count, no return.")
    assert not till.dialog.end.isEnabled()


def test_single_titles_and_copies_of_a_delivery_are_chosen(till: Till) -> None:
    delivered(till, pride=5, sapiens=2)
    opened(till, flows.take_back_posted)
    till.key(Qt.Key.Key_Return)
    till.key(Qt.Key.Key_F6)
    assert till.sees("Nothing of it is chosen. F5 chooses a title, F6 all.")
    till.key(Qt.Key.Key_F12)
    assert till.dialog is not None
    till.key(Qt.Key.Key_F5)
    assert till.sees("Taking it back moves 5 copies out of the stock, of 1 title.")
    till.do(till.dialog._copies.setFocus)
    till.do(till.dialog._copies.selectAll)
    till.type("9")
    assert till.sees("“Pride and Prejudice”: 5 copies can go, not 9.")
    till.key(Qt.Key.Key_Backspace)
    till.type("x")
    assert till.sees("Copies are whole numbers; 0 leaves the title as it is.")
    assert not till.dialog.end.isEnabled()
    till.key(Qt.Key.Key_Backspace)
    till.type("2")
    assert till.sees("Taking it back moves 2 copies out of the stock, of 1 title.")
    till.key(Qt.Key.Key_F12)
    assert till.sees("Message: Delivery 1 is partly taken back, 2 copies out of the stock, of 1 title.")
    assert (till.run(till.shop.stock(PRIDE)), till.run(till.shop.stock(SAPIENS))) == (26, 2)


def test_a_past_return_sent_in_error_is_taken_back_and_its_credit_told(till: Till) -> None:
    app, sam, pride = till.shop.app, till.shop.sam, till.shop.books[PRIDE]
    penguin = till.run(keep_supplier(app, sam, SupplierView(name="Penguin", return_days=30)))
    came = DeliveryRequest(app.ids.new(), penguin.id, (Came(pride, 2, cost=500),))
    till.run(receive_delivery(app, sam, came))
    till.run(return_to_publisher(app, sam, app.ids.new(), penguin.id, {pride: 2}))
    opened(till, flows.return_to_publisher)
    till.key(Qt.Key.Key_F6)
    till.key(Qt.Key.Key_F4)
    till.run(until(lambda: till.sees("Return 1 to Penguin, shop floor, posted")))
    assert till.sees("Taking it back moves 2 copies into the stock, of 1 title. Penguin was to credit £10.00 for it")
    till.key(Qt.Key.Key_F12)
    assert till.sees("Message: Return 1 is taken back, 2 copies into the stock, of 1 title.")
    assert till.run(till.shop.stock(PRIDE)) == 25
    till.do(lambda: till.page.start(flows.return_to_publisher(till.page)))
    till.key(Qt.Key.Key_F6)
    assert "Taken back" in told(till)
