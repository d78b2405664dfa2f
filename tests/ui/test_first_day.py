"""One story, end to end: a shop's day through the windows, a pulled plug in the middle, and the books at the end."""

from PySide6.QtCore import Qt

from pos_app.domain.order_status import OrderStatus
from pos_app.services.check import verify
from pos_app.services.order import place_order
from pos_app.services.order_view import get_order
from pos_app.services.receipt import read_receipt
from tests.shop import DARKNESS, KLARA, PIN, PRIDE, Shop
from tests.ui.till import Run, Till

CTRL = Qt.KeyboardModifier.ControlModifier


def test_a_day_at_the_till(shop: Shop, run: Run) -> None:
    order = run(place_order(shop.app, shop.ana.user_id, {shop.books[PRIDE]: 2}, till_id=shop.ana.till_id))

    morning = Till(shop, run)
    morning.type(PIN)
    morning.key(Qt.Key.Key_Return)
    morning.scan(PRIDE, DARKNESS)
    morning.type("20")
    morning.key(Qt.Key.Key_F12)
    assert morning.sees("Change £0.02")
    morning.scan(KLARA)
    morning.type("5")
    morning.key(Qt.Key.Key_F12)
    assert morning.sees("To pay £11.95")
    # The window goes without a word; what was scanned and the five pounds are in the database.
    morning.close()

    afternoon = Till(shop, run)
    afternoon.type(PIN)
    afternoon.key(Qt.Key.Key_Return)
    assert [line.title for line in afternoon.page.lines.lines] == ["Klara and the Sun"]
    assert afternoon.sees("To pay £11.95")
    afternoon.key(Qt.Key.Key_F11)
    assert afternoon.sees("Message: Sale 1-000002 is paid")

    afternoon.key(Qt.Key.Key_3, modifier=CTRL)
    afternoon.key(Qt.Key.Key_Right, modifier=CTRL)
    assert run(get_order(shop.app, order.id)).order.status is OrderStatus.CONFIRMED
    afternoon.close()
    assert morning.faults == afternoon.faults == []

    receipt = run(read_receipt(shop.app, "1-000002"))
    assert "Card                                 11.95" in receipt.text
    assert receipt.path.read_text() == receipt.text
    assert run(shop.stock(PRIDE)) == 20
    assert run(verify(shop.app)).findings == 0
