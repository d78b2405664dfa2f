"""What tests of stock documents share."""

from pos_app.domain.purchase import PurchaseStatus
from pos_app.services.delivery import Came, DeliveryRequest, receive_delivery
from pos_app.services.publisher_return import return_to_publisher
from pos_app.services.purchase_order import make_purchase_order, move_purchase_order
from pos_app.services.stock_count import count_code, post_count, start_count
from pos_app.services.stock_reversal import Posted, look_at_reversal, take_back
from pos_app.services.supplier import SupplierView, keep_supplier
from pos_app.services.transfer import transfer
from tests.shop import DARKNESS, PRIDE, Shop


async def keep_stock(shop: Shop) -> None:
    """One stock document of each kind, all of them posted."""
    app, sam, book = shop.app, shop.sam, shop.books[PRIDE]
    penguin = await keep_supplier(app, sam, SupplierView(name="Penguin", return_days=90))
    order = await make_purchase_order(app, sam, app.ids.new(), penguin.id, {book: 2})
    order = await move_purchase_order(app, sam, order.id, order.version, PurchaseStatus.SENT)
    came = DeliveryRequest(app.ids.new(), penguin.id, (Came(book, 2),), order.id)
    await receive_delivery(app, sam, came)
    wrong = await receive_delivery(
        app, sam, DeliveryRequest(app.ids.new(), penguin.id, (Came(shop.books[DARKNESS], 1, cost=1),))
    )
    await take_back(app, sam, app.ids.new(), await look_at_reversal(app, Posted.DELIVERY, wrong.id))
    await return_to_publisher(app, sam, app.ids.new(), penguin.id, {book: 1})
    await transfer(app, sam, app.ids.new(), 1, 2, {book: 1})
    count = await start_count(app, sam, app.ids.new())
    await count_code(app, sam, app.ids.new(), count.id, PRIDE, 22)
    await post_count(app, sam, count.id, count.version)
