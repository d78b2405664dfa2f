"""How an amount came about: of an order, of a receipt on the screen, told from what is stored and from nothing else."""

from decimal import Decimal

import pytest
from PySide6.QtCore import Qt
from sqlalchemy import select
from sqlalchemy.orm import Session

from pos_app.domain.document import OrderView
from pos_app.domain.kinds import BookKind
from pos_app.domain.money import currency
from pos_app.domain.permission import Permission
from pos_app.domain.promotion import PromotionKind
from pos_app.models import Book, Promotion
from pos_app.services import cart, order
from pos_app.services.cart_price import discount_line
from pos_app.services.cart_return import find_return, take_back
from pos_app.services.order_view import get_sale
from pos_app.services.order_void import void_sale
from pos_app.services.setting import change_settings, get_settings
from pos_app.services.sign_in import approve
from tests.shop import DARKNESS, KLARA, PIN, PRIDE
from tests.ui.till import Till
from ui.checkout.explain import explain_document
from ui.checkout.explain_dialog import ExplainDialog
from ui.checkout.receipt_dialog import ReceiptDialog
from ui.format import Formatter

Key = Qt.Key
CTRL, SHIFT = Qt.KeyboardModifier.ControlModifier, Qt.KeyboardModifier.ShiftModifier

pytestmark = pytest.mark.parametrize("config", ["sqlite"], indirect=True)


def sell_with_help(till: Till, *isbns: str) -> OrderView:
    """Ana sells with a quarter off the first line, which Sam let pass."""
    shop = till.shop

    async def act() -> OrderView:
        view = await cart.open_cart(shop.app, shop.ana)
        for isbn in isbns:
            view = await cart.add_scan(shop.app, shop.ana, view.id, isbn)
        approval = await approve(shop.app, shop.ana, "Sam", PIN, Permission.DISCOUNT, 2500)
        key = view.lines[0].key
        view = await discount_line(shop.app, shop.ana, view.id, key, Decimal("0.25"), "Damaged", approval)
        paid = shop.payment(view.cash_due)
        return await order.pay(shop.app, shop.ana, order.PayRequest.of(view, paid))

    return till.run(act())


def explained(till: Till, document: OrderView) -> list[tuple[str, str]]:
    settings = till.run(get_settings(till.shop.app))
    blocks = explain_document(document, Formatter(settings, currency(settings.currency)))
    return [row for block in blocks for row in block.rows]


def stored(till: Till, number: str) -> OrderView:
    return till.run(get_sale(till.shop.app, number))


def show_sales(till: Till, name: str = "Ana") -> None:
    till.sign_in(name, "Orders")
    till.do(lambda: till.page.choose_list("Sales"))


@pytest.mark.parametrize("modifier", [Qt.KeyboardModifier.NoModifier, SHIFT])
def test_equals_on_the_orders_page_says_who_asked_and_who_allowed(till: Till, modifier: Qt.KeyboardModifier) -> None:
    sell_with_help(till, KLARA, PRIDE)
    show_sales(till)
    assert any(button == "Explain the amounts" for button in till.names())
    till.key(Key.Key_Equal, modifier=modifier)
    assert isinstance(till.dialog, ExplainDialog)
    assert till.sees("Discount on the line: Damaged, asked for by Ana, allowed by Sam")
    assert till.sees("Sale 1-000001")
    assert till.sees("Klara and the Sun")
    assert till.page.search.text() == ""
    till.key(Key.Key_Return)
    assert till.dialog is None


def test_the_button_and_the_list_explain_as_the_search_field_does(till: Till) -> None:
    sell_with_help(till, KLARA)
    show_sales(till)
    till.click("Explain the amounts")
    assert isinstance(till.dialog, ExplainDialog)
    till.key(Key.Key_Escape)
    till.do(till.page.table.setFocus)
    till.key(*[Key.Key_Equal] * 2)
    assert isinstance(till.dialog, ExplainDialog)
    till.key(Key.Key_Escape)
    assert till.dialog is None


def test_with_nothing_chosen_equals_asks_nothing(till: Till) -> None:
    till.sign_in("Ana", "Orders")
    till.key(Key.Key_Equal)
    assert till.dialog is None


@pytest.mark.parametrize("name", ["Ana", "Sam", "Max"])
def test_a_receipt_on_the_screen_is_explained_to_everybody_and_comes_back(till: Till, name: str) -> None:
    till.sign_in(name).scan(PRIDE)
    till.key(Key.Key_F12)
    till.key(Key.Key_R, modifier=CTRL)
    till.key(Key.Key_Equal)
    assert isinstance(till.dialog, ExplainDialog)
    assert till.sees("1 × 8.99")
    till.key(Key.Key_Return)
    assert isinstance(till.dialog, ReceiptDialog)
    till.key(Key.Key_Escape)
    assert till.dialog is None


def test_a_report_on_the_screen_has_nothing_of_the_kind(till: Till) -> None:
    till.sign_in()
    till.key(Key.Key_F10, modifier=SHIFT)
    dialog = till.dialog
    assert "Explain the amounts" not in till.names()
    till.key(Key.Key_Equal)
    assert till.dialog is dialog
    till.key(Key.Key_Escape)


def test_promotions_are_told_by_name_with_what_they_took_off(till: Till) -> None:
    def promote(session: Session) -> None:
        session.add(Promotion(name="Autumn reads", kind=PromotionKind.PERCENT, rate=Decimal("0.1")))

    till.run(till.shop.app.db.write(promote))
    sale = till.run(till.shop.sell(PRIDE, PRIDE))
    rows = explained(till, stored(till, sale.number))
    assert ("Promotion: Autumn reads", "-1.80") in rows
    assert ("Promotions and discounts", "-1.80") in rows
    assert ("Total, taxes included", "16.18") in rows


def test_cash_rounding_is_a_step_of_its_own_and_the_change_comes_last(till: Till) -> None:
    shop = till.shop
    till.run(change_settings(shop.app, shop.people["Max"], cash_rounding=5))

    async def act() -> OrderView:
        view = await cart.open_cart(shop.app, shop.ana)
        view = await cart.add_scan(shop.app, shop.ana, view.id, PRIDE)
        return await order.pay(shop.app, shop.ana, order.PayRequest.of(view, shop.payment(1000)))

    rows = explained(till, stored(till, till.run(act()).number))
    assert rows[1:] == [
        ("1 item at its price", "8.99"),
        ("Rounded for cash", "0.01"),
        ("Total, taxes included", "9.00"),
        ("Tax in it: 0.00, Books 0 %, 0 % on 8.99 net", ""),
        ("Cash taken", "10.00"),
        ("Change given", "-1.00"),
        ("1 × 8.99", "8.99"),
        ("Amount", "8.99"),
        ("Tax in it: 0.00, Books 0 %, 0 %", ""),
    ]


def test_what_came_back_is_told_with_its_share_and_the_sale_tells_that_it_did(till: Till) -> None:
    shop = till.shop
    sale = sell_with_help(till, PRIDE, PRIDE, PRIDE)

    async def give_back() -> OrderView:
        view = await cart.open_cart(shop.app, shop.ana)
        found = await find_return(shop.app, sale.number, view.id)
        view = await take_back(shop.app, shop.ana, view.id, found.lines[0].item_id, 1, reason="Changed mind")
        return await order.pay(shop.app, shop.ana, order.PayRequest.refund(view, shop.payment(view.cash_due)))

    back = stored(till, till.run(give_back()).number)
    rows = explained(till, back)
    assert ("1 × 8.99 that come back", "-8.99") in rows
    assert ("Its share of the discount it was sold with", "2.25") in rows
    assert ("Takes back from sale 1-000001", "") in rows
    assert ("Reason: Changed mind", "") in rows
    assert ("Cash paid back", "-6.74") in rows
    assert ("1 of 3 came back since", "") in explained(till, stored(till, sale.number))


def test_a_void_tells_why_and_who_let_it_pass(till: Till) -> None:
    shop = till.shop
    sale = till.run(shop.sell(DARKNESS))
    approval = till.run(approve(shop.app, shop.ana, "Sam", PIN, Permission.VOID, 1099))
    voided = till.run(void_sale(shop.app, shop.ana, sale.number, "Rung up twice", approval))
    rows = explained(till, stored(till, voided.number))
    assert ("Reason: Rung up twice", "") in rows
    assert ("Asked for by Ana, allowed by Sam", "") in rows


def test_todays_settings_and_prices_change_nothing_of_what_was(till: Till) -> None:
    shop = till.shop
    sale = till.run(shop.sell(PRIDE))
    before = explained(till, stored(till, sale.number))
    till.run(change_settings(shop.app, shop.people["Max"], prices_include_tax=False, cash_rounding=10))

    def dearer(session: Session) -> None:
        session.scalars(select(Book).where(Book.isbn == PRIDE)).one().price = 1

    till.run(shop.app.db.write(dearer))
    assert explained(till, stored(till, sale.number)) == before


@pytest.mark.parametrize("inclusive", [True, False])
def test_the_steps_sum_to_the_total_with_tax_in_the_prices_and_on_them(till: Till, *, inclusive: bool) -> None:
    shop = till.shop
    till.run(change_settings(shop.app, shop.people["Max"], prices_include_tax=inclusive, cash_rounding=5))

    def taxed(session: Session) -> None:
        wrap = session.scalars(select(Book).where(Book.kind == BookKind.SERVICE)).one()
        session.scalars(select(Book).where(Book.isbn == DARKNESS)).one().tax_rate_id = wrap.tax_rate_id

    till.run(shop.app.db.write(taxed))
    sale = stored(till, sell_with_help(till, KLARA, DARKNESS, PRIDE).number)
    fmt = Formatter(till.run(get_settings(shop.app)), currency("GBP"))
    whole, *lines = explain_document(sale, fmt)

    def figures(rows: tuple[tuple[str, str], ...], end: str) -> tuple[Decimal, Decimal]:
        values = [(text, Decimal(figure.replace(",", ""))) for text, figure in rows if figure]
        place = next(place for place, (text, _) in enumerate(values) if text.startswith(end))
        return sum((value for _, value in values[:place]), Decimal(0)), values[place][1]

    steps, total = figures(whole.rows, "Total")
    assert steps == total == Decimal(sale.total) / 100
    for block in lines:
        steps, amount = figures(block.rows, "Amount")
        assert steps == amount
    paid = [Decimal(figure) for text, figure in whole.rows if text.endswith("taken") or text == "Change given"]
    assert sum(paid) == total
