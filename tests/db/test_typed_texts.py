"""Every service that stores what is typed in a person's own words refuses a card's number and stores nothing of it."""

from collections.abc import Awaitable, Callable
from decimal import Decimal

import pytest
from sqlalchemy import String, Text, cast, select
from sqlalchemy.orm import Session

from pos_app.domain.payment import PaymentIn, Tender
from pos_app.domain.permission import UserRole
from pos_app.domain.promotion import PromotionKind
from pos_app.domain.used import Grade
from pos_app.errors import Refused
from pos_app.models import BaseModel
from pos_app.services import cart, order
from pos_app.services.book_add import add_book
from pos_app.services.book_copy import add_copy
from pos_app.services.book_edit import Change, StockCount, change_book, correct_stock
from pos_app.services.cart_park import park
from pos_app.services.cart_payment import add_payment
from pos_app.services.cart_price import discount_line, discount_sale, override_price, override_tax
from pos_app.services.cart_return import take_back_without_receipt
from pos_app.services.cart_view import CartView
from pos_app.services.category import keep_category
from pos_app.services.customer import add_customer
from pos_app.services.delivery import Came, DeliveryRequest, receive_delivery
from pos_app.services.drawer import move_cash, no_sale
from pos_app.services.gift_card import sell_gift_card
from pos_app.services.order_void import void_sale
from pos_app.services.promotion_edit import PromotionRow, keep_promotion
from pos_app.services.publisher_return import return_to_publisher
from pos_app.services.purchase_order import make_purchase_order
from pos_app.services.quick_key import add_quick_key
from pos_app.services.review import keep_review
from pos_app.services.saved_view import View, keep_view
from pos_app.services.shift import ShiftCount, close_shift
from pos_app.services.stock_count import start_count
from pos_app.services.supplier import SupplierView, keep_supplier, list_suppliers
from pos_app.services.tax_rate import add_tax_rate
from pos_app.services.tender import add_tender
from pos_app.services.user import add_user
from tests.shop import PRIDE, Shop

CARD = "4111 1111 1111 1111"
Act = Callable[[Shop, CartView, str], Awaitable[object]]


async def pay(shop: Shop, view: CartView, text: str) -> object:
    payment = PaymentIn(shop.app.ids.new(), Tender.CARD, view.due, text)
    return await order.pay(shop.app, shop.sam, order.PayRequest.of(view, payment))


async def void(shop: Shop, _view: CartView, text: str) -> object:
    return await void_sale(shop.app, shop.sam, (await shop.sell(PRIDE)).number, text)


async def correct(shop: Shop, view: CartView, text: str) -> object:
    there = await shop.stock(PRIDE)
    return await correct_stock(shop.app, shop.sam, view.lines[0].book_id, StockCount(there + 1, there, text))


async def penguin(shop: Shop) -> int:
    there = [row.id for row in await list_suppliers(shop.app)]
    return there[0] if there else (await keep_supplier(shop.app, shop.sam, SupplierView(name="Faber"))).id


async def deliver(shop: Shop, view: CartView, text: str) -> object:
    came = (Came(view.lines[0].book_id, 2),)
    return await receive_delivery(
        shop.app, shop.sam, DeliveryRequest(shop.app.ids.new(), await penguin(shop), came, reference=text)
    )


async def buy(shop: Shop, view: CartView, text: str) -> object:
    lines = {view.lines[0].book_id: 2}
    return await make_purchase_order(
        shop.app, shop.sam, shop.app.ids.new(), await penguin(shop), lines, note=f"Soon:\n{text}"
    )


async def send_back(shop: Shop, view: CartView, text: str) -> object:
    lines = {view.lines[0].book_id: 1}
    return await return_to_publisher(
        shop.app, shop.sam, shop.app.ids.new(), await penguin(shop), lines, note=text, accept_late=True
    )


async def promote(shop: Shop, _view: CartView, text: str) -> object:
    wanted = PromotionRow(text, PromotionKind.PERCENT, rate=Decimal("0.1"))
    return await keep_promotion(shop.app, shop.people["Max"], wanted)


async def shelve(shop: Shop, view: CartView, text: str) -> object:
    return await change_book(shop.app, shop.sam, view.lines[0].book_id, {"shelf": Change(None, text)})


TYPED: dict[str, Act] = {
    "note on a line": lambda s, v, t: cart.set_note(s.app, s.sam, v.id, t, v.lines[0].key),
    "note on the sale": lambda s, v, t: cart.set_note(s.app, s.sam, v.id, t),
    "park": lambda s, v, t: park(s.app, s.sam, v.id, t),
    "discount": lambda s, v, t: discount_line(s.app, s.sam, v.id, v.lines[0].key, Decimal("0.1"), t),
    "sale's discount": lambda s, v, t: discount_sale(s.app, s.sam, v.id, Decimal("0.1"), t),
    "price": lambda s, v, t: override_price(s.app, s.sam, v.id, v.lines[0].key, 100, t),
    "tax": lambda s, v, t: override_tax(s.app, s.sam, v.id, v.lines[0].key, None, t),
    "return": lambda s, v, t: take_back_without_receipt(s.app, s.sam, v.id, PRIDE, reason=t),
    "part payment": lambda s, v, t: add_payment(s.app, s.sam, v.id, PaymentIn(s.app.ids.new(), Tender.CARD, 100, t)),
    "payment": pay,
    "gift card": lambda s, v, t: sell_gift_card(s.app, s.sam, v.id, t, 1000),
    "cash": lambda s, _v, t: move_cash(s.app, s.sam, s.app.ids.new(), -100, t),
    "no sale": lambda s, _v, t: no_sale(s.app, s.sam, s.app.ids.new(), t),
    "void": void,
    "difference": lambda s, _v, t: close_shift(s.app, s.sam, s.sam.shift_opened_at, ShiftCount(5, reason=t)),
    "customer's name": lambda s, _v, t: add_customer(s.app, s.sam, f"Jo {t}"),
    "customer's phone": lambda s, _v, t: add_customer(s.app, s.sam, "Jo Blum", phone=t),
    "customer's card": lambda s, _v, t: add_customer(s.app, s.sam, "Jo Blum", card=t),
    "stock": correct,
    "supplier": lambda s, _v, t: keep_supplier(s.app, s.sam, SupplierView(name=f"Penguin {t}")),
    "supplier's account": lambda s, _v, t: keep_supplier(s.app, s.sam, SupplierView(name="Penguin", account_number=t)),
    "supplier's note": lambda s, _v, t: keep_supplier(s.app, s.sam, SupplierView(name="Penguin", note=f"Pay by\n{t}")),
    "delivery": deliver,
    "purchase order": buy,
    "back to the publisher": send_back,
    "used copy": lambda s, v, t: add_copy(s.app, s.sam, v.lines[0].book_id, Grade.GOOD, 100, note=t),
    "opinion": lambda s, v, t: keep_review(s.app, s.sam, v.lines[0].book_id, 5, f"Good.\n{t}"),
    "category": lambda s, _v, t: keep_category(s.app, s.sam, t),
    "tax rate": lambda s, _v, t: add_tax_rate(s.app, s.people["Max"], t, Decimal(0)),
    "tender": lambda s, _v, t: add_tender(s.app, s.people["Max"], t),
    "person": lambda s, _v, t: add_user(s.app, t, UserRole.CASHIER, "4711"),
    "quick key": lambda s, _v, t: add_quick_key(s.app, s.sam, t, 100, 1),
    "promotion": promote,
    "view": lambda s, _v, t: keep_view(s.app, s.sam, t, View()),
    "shelf to count": lambda s, _v, t: start_count(s.app, s.sam, s.app.ids.new(), shelf=t),
    "shelf of a title": shelve,
    "title": lambda s, _v, t: add_book(s.app, s.sam, "9780140328721", f"Matilda {t}", 799),
}


async def stored_texts(shop: Shop) -> list[str]:
    """Every text that any table holds."""

    def act(session: Session) -> list[str]:
        found: list[str] = []
        for one in BaseModel.metadata.sorted_tables:
            for column in one.columns:
                if isinstance(column.type, String | Text):
                    rows = session.scalars(select(cast(column, Text)).where(column.is_not(None)))
                    found += [row for row in rows if row]
        return found

    return await shop.app.db.read(act)


@pytest.mark.parametrize("name", TYPED)
async def test_a_card_number_is_refused_and_nowhere_stored(shop: Shop, name: str) -> None:
    view = await cart.open_cart(shop.app, shop.sam)
    view = await cart.add_scan(shop.app, shop.sam, view.id, PRIDE)
    for number in (CARD, CARD.replace(" ", ""), CARD.replace(" ", "-")):
        with pytest.raises(Refused, match=r"code\.card_number|gift_card\.code|customer\.card"):
            await TYPED[name](shop, view, number)
    kept = ["".join(sign for sign in text if sign.isdigit()) for text in await stored_texts(shop)]
    assert not [text for text in kept if "4111111111111111" in text]


OFFICE = (
    "supplier", "supplier's account", "supplier's note", "delivery", "purchase order", "back to the publisher",
    "used copy", "opinion", "category", "tender", "quick key", "promotion", "view", "shelf to count",
)  # fmt: skip


@pytest.mark.parametrize("name", ["void", "cash", "no sale", "discount", "park", "note on a line", *OFFICE])
async def test_too_long_is_refused_and_control_signs_are_not_stored(shop: Shop, name: str) -> None:
    view = await cart.open_cart(shop.app, shop.sam)
    view = await cart.add_scan(shop.app, shop.sam, view.id, PRIDE)
    with pytest.raises(Refused):
        await TYPED[name](shop, view, "x" * 3000)
    await TYPED[name](shop, view, "a\x1b@b\x1dV")
    assert not [text for text in await stored_texts(shop) if "\x1b" in text or "\x1d" in text]
