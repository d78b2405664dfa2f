"""Money back: exact mirrors, never more than was sold, to where it came from."""

import asyncio
from decimal import Decimal

import pytest
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from pos_app.app import App
from pos_app.domain.document import OrderView, Restock
from pos_app.domain.order_status import OrderKind
from pos_app.domain.payment import PaymentIn, Tender
from pos_app.domain.permission import Grant, Permission, UserRole
from pos_app.domain.promotion import PromotionKind
from pos_app.domain.purse import Purse
from pos_app.errors import Refused
from pos_app.models import Book, Customer, OrderItem
from pos_app.services import cart, order
from pos_app.services.cart_park import park, recall
from pos_app.services.cart_payment import add_payment
from pos_app.services.cart_price import discount_line
from pos_app.services.cart_return import change_return, find_return, take_back, take_back_without_receipt
from pos_app.services.cart_view import CartView
from pos_app.services.gift_card import sell_gift_card
from pos_app.services.order_view import get_sale
from pos_app.services.order_void import void_sale
from pos_app.services.promotion_edit import PromotionRow, keep_promotion
from pos_app.services.right import About, Operator, change_right
from pos_app.services.setting import change_settings
from pos_app.services.sign_in import approve
from tests.conftest import SetClock
from tests.shop import DARKNESS, KLARA, PIN, PRIDE, Shop, fill


def refund(shop: Shop, view: CartView) -> order.PayRequest:
    parts = [
        PaymentIn(shop.app.ids.new(), part.tender, -part.amount, part.reference, part.scheme) for part in view.refunds
    ]
    return order.PayRequest.refund(view, *parts)


async def start(shop: Shop, number: str, *pieces: int, operator: Operator | None = None) -> CartView:
    operator = operator or shop.ana
    view = await cart.open_cart(shop.app, operator)
    found = await find_return(shop.app, number, view.id)
    for line, count in zip(found.lines, pieces, strict=True):
        if count:
            view = await take_back(shop.app, operator, view.id, line.item_id, count)
    return view


async def test_one_of_three_goes_back_for_what_was_paid_for_it(shop: Shop) -> None:
    sale = await shop.sell(PRIDE, DARKNESS, KLARA)
    view = await start(shop, sale.number, 0, 1, 0)
    assert (view.totals.total, [(part.tender, part.amount) for part in view.refunds]) == (-1099, [("cash", 1099)])
    back = await order.pay(shop.app, shop.ana, refund(shop, view))
    assert (back.kind, back.total, back.number, back.refers_to) == (OrderKind.RETURN, -1099, "1-000002", "1-000001")
    assert await get_sale(shop.app, back.number) == back
    assert await shop.stock(DARKNESS) == 7
    found = await find_return(shop.app, sale.number)
    assert [line.left for line in found.lines] == [1, 0, 1]
    assert await shop.findings() == []


async def test_a_line_keeps_what_it_cost_when_it_was_sold_and_takes_it_back(shop: Shop) -> None:
    async def cost(amount: int) -> None:
        await shop.app.db.write(lambda session: session.execute(update(Book).values(cost=amount)))

    await cost(600)
    sale = await shop.sell(DARKNESS)
    await cost(700)
    view = await start(shop, sale.number, 1)
    view = await cart.add_scan(shop.app, shop.ana, view.id, KLARA)
    await order.pay(shop.app, shop.ana, order.PayRequest.of(view, shop.payment(view.due)))
    kept = await shop.app.db.read(
        lambda session: session.execute(select(OrderItem.quantity, OrderItem.cost).order_by(OrderItem.id)).all()
    )
    assert [tuple(row) for row in kept] == [(1, 600), (-1, 600), (1, 700)]


async def test_the_same_line_does_not_come_back_twice(shop: Shop) -> None:
    sale = await shop.sell(PRIDE)
    view = await start(shop, sale.number, 1)
    await order.pay(shop.app, shop.ana, refund(shop, view))
    view = await cart.open_cart(shop.app, shop.ana)
    item = (await find_return(shop.app, sale.number)).lines[0].item_id
    with pytest.raises(Refused, match=r"return\.too_many"):
        await take_back(shop.app, shop.ana, view.id, item, 1)


async def test_two_tills_returning_the_same_receipt_pay_it_back_once(shop: Shop) -> None:
    sale = await shop.sell(PRIDE)
    views = [await start(shop, sale.number, 1, operator=who) for who in (shop.ana, shop.people["Jo"])]
    requests = [refund(shop, view) for view in views]
    outcomes = await asyncio.gather(
        *(
            order.pay(shop.app, who, request)
            for who, request in zip((shop.ana, shop.people["Jo"]), requests, strict=True)
        ),
        return_exceptions=True,
    )
    refused = [one for one in outcomes if isinstance(one, Refused)]
    assert len(refused) == 1
    assert refused[0].code in {"return.too_many", "sale.changed"}
    assert await shop.findings() == []


async def test_shares_of_an_odd_line_sum_to_the_line_whatever_the_order(shop: Shop) -> None:
    view = await cart.open_cart(shop.app, shop.ana)
    view = await cart.add_scan(shop.app, shop.ana, view.id, PRIDE, 3)
    view = await discount_line(shop.app, shop.ana, view.id, view.lines[0].key, 100)
    sale = await order.pay(shop.app, shop.ana, order.PayRequest.of(view, shop.payment(view.due)))
    total = 0
    for count in (1, 2):
        back = await order.pay(shop.app, shop.ana, refund(shop, await start(shop, sale.number, count)))
        total += back.total
    assert total == -sale.total == -2597
    assert await shop.findings() == []


async def test_split_tenders_go_back_the_way_they_came(shop: Shop) -> None:
    view = await cart.open_cart(shop.app, shop.ana)
    for isbn in (KLARA, PRIDE):
        view = await cart.add_scan(shop.app, shop.ana, view.id, isbn)
    view = await add_payment(shop.app, shop.ana, view.id, shop.payment(1500, Tender.CARD))
    sale = await order.pay(shop.app, shop.ana, order.PayRequest.of(view, shop.payment(2000)))
    view = await start(shop, sale.number, 1, 0)
    assert [(part.tender, part.amount) for part in view.refunds] == [("card", 1500), ("cash", 195)]
    with pytest.raises(Refused, match=r"refund\.other_tenders"):
        await order.pay(shop.app, shop.ana, order.PayRequest.refund(view, shop.payment(-1695, Tender.CARD)))
    await order.pay(shop.app, shop.ana, refund(shop, view))
    view = await start(shop, sale.number, 0, 1)
    assert [(part.tender, part.amount) for part in view.refunds] == [("cash", 899)]


async def test_in_cash_what_was_not_paid_in_cash_takes_a_manager(shop: Shop) -> None:
    sale = await shop.sell(PRIDE, tender=Tender.CARD)
    view = await start(shop, sale.number, 1)
    request = order.PayRequest.refund(view, shop.payment(-899))
    with pytest.raises(Refused) as refused:
        await order.pay(shop.app, shop.ana, request)
    assert (refused.value.code, refused.value.params["permission"]) == ("right.missing", "refund_in_cash")
    uid = await approve(shop.app, shop.ana, "Sam", PIN, Permission.REFUND_IN_CASH, 899)
    back = await order.pay(shop.app, shop.ana, request, uid)
    assert [(paid.tender, paid.amount) for paid in back.payments] == [("cash", -899)]
    assert (await get_sale(shop.app, back.number)).allowed_by == "Sam"


async def test_in_cash_what_was_paid_in_cash_takes_nobody(shop: Shop) -> None:
    sale = await shop.sell(PRIDE)
    view = await start(shop, sale.number, 1)
    back = await order.pay(shop.app, shop.ana, order.PayRequest.refund(view, shop.payment(-899)))
    assert (await get_sale(shop.app, back.number)).allowed_by is None


async def owed(shop: Shop) -> dict[str, int]:
    def act(session: Session) -> dict[str, int]:
        return {row.name: row.balance for row in session.execute(select(Customer.name, Customer.balance))}

    return await shop.app.db.read(act)


async def on_account(shop: Shop) -> tuple[int, str]:
    """Rosa buys a book on her account, and there is somebody else: the other's id and the sale's number."""

    def customers(session: Session) -> tuple[int, int]:
        other = Customer(name="Otto Other", name_key="otto other", credit_limit=5000)
        rosa = session.scalars(select(Customer)).one()
        rosa.credit_limit = 5000
        session.add(other)
        session.flush()
        return rosa.id, other.id

    rosa_id, other_id = await shop.app.db.write(customers)
    view = await cart.open_cart(shop.app, shop.ana)
    view = await cart.add_scan(shop.app, shop.ana, view.id, PRIDE)
    view = await cart.set_customer(shop.app, shop.ana, view.id, rosa_id)
    sale = await order.pay(shop.app, shop.ana, order.PayRequest.of(view, shop.payment(899, Tender.ACCOUNT)))
    return other_id, sale.number


@pytest.mark.parametrize("attached", [True, False])
async def test_what_was_put_on_an_account_goes_back_to_that_account(shop: Shop, *, attached: bool) -> None:
    other_id, number = await on_account(shop)
    view = await start(shop, number, 1)
    view = await cart.set_customer(shop.app, shop.ana, view.id, other_id if attached else None)
    await order.pay(shop.app, shop.ana, refund(shop, view))
    assert await owed(shop) == {"Rosa Marchetti": 0, "Otto Other": 0}
    assert await shop.findings() == []


async def test_nobody_is_asked_to_let_a_void_pass_of_what_came_back_already(shop: Shop) -> None:
    sale = await shop.sell(PRIDE, PRIDE)
    view = await start(shop, sale.number, 1)
    await order.pay(shop.app, shop.ana, refund(shop, view))
    with pytest.raises(Refused, match=r"void\.returned"):
        await void_sale(shop.app, shop.people["Jo"], sale.number, "Changed mind")


async def test_a_void_gives_back_to_the_account_of_the_sale(shop: Shop) -> None:
    _, number = await on_account(shop)
    await void_sale(shop.app, shop.sam, number, "Mistake")
    assert await owed(shop) == {"Rosa Marchetti": 0, "Otto Other": 0}


async def test_what_was_never_paid_is_not_given_out_in_cash(shop: Shop) -> None:
    _, number = await on_account(shop)
    view = await start(shop, number, 1, operator=shop.people["Max"])
    with pytest.raises(Refused, match=r"refund\.account"):
        await order.pay(shop.app, shop.people["Max"], order.PayRequest.refund(view, shop.payment(-899)))
    assert await owed(shop) == {"Rosa Marchetti": 899, "Otto Other": 0}


async def test_an_exchange_is_one_document_and_settles_the_difference(shop: Shop) -> None:
    sale = await shop.sell(PRIDE)
    view = await start(shop, sale.number, 1)
    view = await cart.add_scan(shop.app, shop.ana, view.id, KLARA)
    assert view.due == 796
    swap = await order.pay(shop.app, shop.ana, order.PayRequest.of(view, shop.payment(1000)))
    assert (swap.kind, swap.total, swap.change) == (OrderKind.EXCHANGE, 796, 204)
    assert (await shop.stock(PRIDE), await shop.stock(KLARA)) == (23, 1)
    assert await shop.findings() == []


async def test_a_damaged_copy_does_not_go_back_on_the_shelf(shop: Shop) -> None:
    sale = await shop.sell(PRIDE)
    view = await cart.open_cart(shop.app, shop.ana)
    item = (await find_return(shop.app, sale.number)).lines[0].item_id
    view = await take_back(shop.app, shop.ana, view.id, item, 1, restock=Restock.DAMAGED)
    await order.pay(shop.app, shop.ana, refund(shop, view))
    assert await shop.stock(PRIDE) == 22
    assert await shop.findings() == []


async def test_without_a_receipt_it_takes_a_manager(shop: Shop) -> None:
    view = await cart.open_cart(shop.app, shop.ana)
    with pytest.raises(Refused) as refused:
        await take_back_without_receipt(shop.app, shop.ana, view.id, PRIDE)
    assert (refused.value.code, refused.value.params["amount"]) == ("right.missing", 899)
    assert refused.value.params["about"] == About("Pride and Prejudice")
    uid = await approve(shop.app, shop.ana, "Sam", PIN, Permission.RETURN_WITHOUT_RECEIPT, 899)
    view = await take_back_without_receipt(shop.app, shop.ana, view.id, PRIDE, approval=uid)
    back = await order.pay(shop.app, shop.ana, refund(shop, view))
    assert (back.kind, back.total) == (OrderKind.RETURN, -899)
    stored = await get_sale(shop.app, back.number)
    assert (stored.operator, stored.allowed_by) == ("Ana", "Sam")
    assert await shop.findings() == []


async def test_a_limit_is_for_the_whole_return_and_not_for_each_book(shop: Shop) -> None:
    manager = Grant(allowed=True, most=1500)
    await change_right(shop.app, shop.people["Max"], UserRole.MANAGER, Permission.RETURN_WITHOUT_RECEIPT, manager)
    view = await cart.open_cart(shop.app, shop.sam)
    view = await take_back_without_receipt(shop.app, shop.sam, view.id, PRIDE)
    for more in (
        take_back_without_receipt(shop.app, shop.sam, view.id, DARKNESS),
        take_back_without_receipt(shop.app, shop.sam, view.id, PRIDE),
        change_return(shop.app, shop.sam, view.id, view.lines[0].key, 2),
    ):
        with pytest.raises(Refused, match=r"right\.limit"):
            await more
    with pytest.raises(Refused, match=r"return\.more"):
        await cart.set_quantity(shop.app, shop.sam, view.id, view.lines[0].key, 2)
    await order.pay(shop.app, shop.sam, refund(shop, view))


async def test_more_of_what_comes_back_without_a_receipt_takes_another_pin(shop: Shop) -> None:
    view = await cart.open_cart(shop.app, shop.ana)
    uid = await approve(shop.app, shop.ana, "Sam", PIN, Permission.RETURN_WITHOUT_RECEIPT, 899)
    view = await take_back_without_receipt(shop.app, shop.ana, view.id, PRIDE, approval=uid)
    key = view.lines[0].key
    with pytest.raises(Refused) as refused:
        await change_return(shop.app, shop.ana, view.id, key, 3)
    assert refused.value.params["amount"] == 3 * 899
    uid = await approve(shop.app, shop.ana, "Sam", PIN, Permission.RETURN_WITHOUT_RECEIPT, 3 * 899)
    view = await change_return(shop.app, shop.ana, view.id, key, 3, uid)
    assert view.totals.total == -3 * 899
    view = await change_return(shop.app, shop.ana, view.id, key, 1)
    await order.pay(shop.app, shop.ana, refund(shop, view))


async def test_no_more_comes_back_by_a_key_than_was_sold(shop: Shop) -> None:
    sale = await shop.sell(PRIDE, PRIDE)
    view = await start(shop, sale.number, 1)
    key = view.lines[0].key
    view = await change_return(shop.app, shop.ana, view.id, key, 2)
    with pytest.raises(Refused, match=r"return\.too_many"):
        await change_return(shop.app, shop.ana, view.id, key, 3)
    assert view.totals.total == -2 * 899


async def test_a_return_begun_by_a_manager_is_not_paid_out_by_a_cashier_alone(shop: Shop) -> None:
    view = await cart.open_cart(shop.app, shop.sam)
    view = await take_back_without_receipt(shop.app, shop.sam, view.id, PRIDE)
    await park(shop.app, shop.sam, view.id)
    mine = await cart.open_cart(shop.app, shop.ana)
    view = await recall(shop.app, shop.ana, mine.id, view.id)
    with pytest.raises(Refused, match=r"right\.missing"):
        await order.pay(shop.app, shop.ana, refund(shop, view))
    uid = await approve(shop.app, shop.ana, "Sam", PIN, Permission.RETURN_WITHOUT_RECEIPT, 899)
    back = await order.pay(shop.app, shop.ana, refund(shop, view), uid)
    assert (await get_sale(shop.app, back.number)).allowed_by == "Sam"


async def test_an_act_that_takes_two_rights_takes_two_approvals(shop: Shop) -> None:
    sale = await shop.sell(PRIDE, tender=Tender.CARD)
    view = await cart.open_cart(shop.app, shop.sam)
    view = await take_back_without_receipt(shop.app, shop.sam, view.id, KLARA)
    item = (await find_return(shop.app, sale.number)).lines[0].item_id
    await take_back(shop.app, shop.sam, view.id, item, 1)
    view = await cart.open_cart(shop.app, shop.ana, take_over=True)
    request = order.PayRequest.refund(view, shop.payment(view.totals.total))
    approvals: list[str] = []
    asked = []
    for _ in range(2):
        with pytest.raises(Refused) as refused:
            await order.pay(shop.app, shop.ana, request, " ".join(approvals) or None)
        permission, amount = Permission(refused.value.params["permission"]), refused.value.params["amount"]
        asked.append((permission, amount))
        approvals.append(await approve(shop.app, shop.ana, "Sam", PIN, permission, amount))
    assert asked == [(Permission.RETURN_WITHOUT_RECEIPT, 1695), (Permission.REFUND_IN_CASH, 899)]
    back = await order.pay(shop.app, shop.ana, request, " ".join(approvals))
    assert (await get_sale(shop.app, back.number)).allowed_by == "Sam"
    assert await shop.findings() == []


async def test_a_late_return_takes_a_manager_once_and_keeps_both_names(shop: Shop, clock: SetClock) -> None:
    sale = await shop.sell(PRIDE)
    clock.forward(days=31)
    with pytest.raises(Refused, match=r"right\.missing"):
        await start(shop, sale.number, 1)
    view = await cart.open_cart(shop.app, shop.ana)
    (line,) = (await find_return(shop.app, sale.number, view.id)).lines
    uid = await approve(shop.app, shop.ana, "Sam", PIN, Permission.RETURN_WITHOUT_RECEIPT, 899)
    await take_back(shop.app, shop.ana, view.id, line.item_id, 1, approval=uid)
    # Where it goes is told afterwards, by the cashier alone.
    view = await take_back(shop.app, shop.ana, view.id, line.item_id, 1, restock=Restock.DAMAGED)
    back = await order.pay(shop.app, shop.ana, refund(shop, view))
    stored = await get_sale(shop.app, back.number)
    assert (stored.operator, stored.allowed_by, stored.lines[0].restock) == ("Ana", "Sam", Restock.DAMAGED)


async def test_a_return_that_needs_nobody_names_nobody(shop: Shop) -> None:
    sale = await shop.sell(PRIDE)
    back = await order.pay(shop.app, shop.ana, refund(shop, await start(shop, sale.number, 1)))
    assert (await get_sale(shop.app, back.number)).allowed_by is None


async def test_cash_rounding_is_mirrored(shop: Shop) -> None:
    await change_settings(shop.app, shop.people["Max"], cash_rounding=5)
    view = await cart.open_cart(shop.app, shop.ana)
    view = await cart.add_scan(shop.app, shop.ana, view.id, PRIDE, 3)
    assert (view.due, view.cash_due) == (2697, 2695)
    sale = await order.pay(shop.app, shop.ana, order.PayRequest.of(view, shop.payment(2695)))
    assert (sale.rounding, sale.total, sale.change) == (-2, 2695, 0)
    back = await order.pay(shop.app, shop.ana, refund(shop, await start(shop, sale.number, 3)))
    assert (back.rounding, back.total) == (2, -2695)
    assert await shop.findings() == []


async def test_what_rounds_to_nothing_is_let_go(shop: Shop) -> None:
    await change_settings(shop.app, shop.people["Max"], cash_rounding=5)
    view = await cart.open_cart(shop.app, shop.ana)
    view = await cart.add_scan(shop.app, shop.ana, view.id, PRIDE)
    view = await add_payment(shop.app, shop.ana, view.id, shop.payment(897, Tender.CARD))
    assert (view.due, view.cash_due) == (2, 0)
    sale = await order.pay(shop.app, shop.ana, order.PayRequest.closing(view))
    assert (sale.rounding, sale.total) == (-2, 897)
    assert await shop.findings() == []


async def test_a_sale_is_voided_whole_on_its_own_day(shop: Shop) -> None:
    view = await cart.open_cart(shop.app, shop.sam)
    view = await cart.add_scan(shop.app, shop.sam, view.id, KLARA)
    view = await discount_line(shop.app, shop.sam, view.id, view.lines[0].key, Decimal("0.15"))
    sale = await order.pay(shop.app, shop.sam, order.PayRequest.of(view, shop.payment(5000)))
    with pytest.raises(Refused, match=r"right\.missing"):
        await void_sale(shop.app, shop.ana, sale.number, "Mistake")
    voided = await void_sale(shop.app, shop.sam, sale.number, "Wrong customer")
    assert (voided.kind, voided.total, voided.tax) == (OrderKind.VOID, -sale.total, -sale.tax)
    assert [(paid.tender, paid.amount) for paid in voided.payments] == [("cash", -sale.total)]
    with pytest.raises(Refused, match=r"void\.before") as refused:
        await void_sale(shop.app, shop.sam, sale.number, "Again")
    assert refused.value.params == {"number": sale.number, "void": voided.number}
    assert await void_sale(shop.app, shop.sam, sale.number, "The answer was lost", uid=voided.uid) == voided
    assert await shop.stock(KLARA) == 2
    with pytest.raises(Refused, match=r"return\.too_many"):
        await start(shop, sale.number, 1)
    assert await shop.findings() == []


async def test_a_void_gives_back_every_payment_however_many_there_are(shop: Shop) -> None:
    view = await cart.open_cart(shop.app, shop.sam)
    view = await cart.add_scan(shop.app, shop.sam, view.id, DARKNESS, 3)
    for number in range(25):
        token = PaymentIn(shop.app.ids.new(), Tender.BOOK_TOKEN, 100, f"WBD{number}")
        view = await add_payment(shop.app, shop.sam, view.id, token)
    sale = await order.pay(shop.app, shop.sam, order.PayRequest.of(view, shop.payment(view.due, Tender.CARD)))
    voided = await void_sale(shop.app, shop.sam, sale.number, "Mistake")
    assert (len(voided.payments), sum(paid.amount for paid in voided.payments)) == (26, -sale.total)
    assert await shop.findings() == []


@pytest.mark.parametrize("included", [True, False])
async def test_a_void_is_taxed_as_its_sale_was_whatever_prices_hold_since(shop: Shop, *, included: bool) -> None:
    admin = shop.people["Max"]
    await change_settings(shop.app, admin, prices_include_tax=included)
    view = await cart.open_cart(shop.app, shop.sam)
    view = await cart.add_book(shop.app, shop.sam, view.id, shop.books["Gift wrap"])
    sale = await order.pay(shop.app, shop.sam, order.PayRequest.of(view, shop.payment(view.due)))
    assert sale.tax > 0
    await change_settings(shop.app, admin, prices_include_tax=not included)
    voided = await void_sale(shop.app, shop.sam, sale.number, "Mistake")
    assert (voided.total, voided.tax, voided.prices_include_tax) == (-sale.total, -sale.tax, included)
    assert await shop.findings() == []


async def test_no_document_is_written_whose_payments_are_not_its_total(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    sale = await shop.sell(PRIDE)
    monkeypatch.setattr("pos_app.services.order_void.purse_of", lambda *_: Purse())
    with pytest.raises(ValueError, match="paid with 0"):
        await void_sale(shop.app, shop.sam, sale.number, "Mistake")
    assert (await find_return(shop.app, sale.number)).lines[0].left == 1
    assert await shop.findings() == []


async def paid_by(shop: Shop, tender: Tender, *isbns: str) -> OrderView:
    """A sale paid by one tender."""
    reference = None
    if tender is Tender.GIFT_CARD:
        reference = "GCTEST0001"
        view = await cart.open_cart(shop.app, shop.sam)
        view = await sell_gift_card(shop.app, shop.sam, view.id, reference, 9999)
        await order.pay(shop.app, shop.sam, order.PayRequest.of(view, shop.payment(9999)))
    view = await cart.open_cart(shop.app, shop.ana)
    for isbn in isbns:
        view = await cart.add_scan(shop.app, shop.ana, view.id, isbn)
    if tender is Tender.ACCOUNT:

        def limit(session: Session) -> int:
            customer = session.scalars(select(Customer)).one()
            customer.credit_limit = 100_000
            return customer.id

        view = await cart.set_customer(shop.app, shop.ana, view.id, await shop.app.db.write(limit))
    payment = PaymentIn(shop.app.ids.new(), tender, view.due, reference)
    return await order.pay(shop.app, shop.ana, order.PayRequest.of(view, payment))


@pytest.mark.parametrize("tender", [Tender.CARD, Tender.GIFT_CARD, Tender.ACCOUNT])
async def test_an_exchange_passes_on_what_the_book_was_paid_with(shop: Shop, tender: Tender) -> None:
    number, paid = (await paid_by(shop, tender, DARKNESS)).number, 1099
    for isbn in (PRIDE, KLARA, DARKNESS):
        view = await start(shop, number, 1)
        view = await cart.add_scan(shop.app, shop.ana, view.id, isbn)
        if view.due < 0:
            assert [(part.tender, part.amount) for part in view.refunds] == [(tender, -view.due)]
            paid += view.due
            request = refund(shop, view)
        else:
            request = order.PayRequest.of(view, *([shop.payment(view.due)] if view.due else []))
        number = (await order.pay(shop.app, shop.ana, request)).number
    view = await start(shop, number, 1)
    in_cash = PaymentIn(shop.app.ids.new(), Tender.CASH, view.cash_due)
    refused = "refund.account" if tender is Tender.ACCOUNT else "right.missing"
    with pytest.raises(Refused, match=refused.replace(".", r"\.")):
        await order.pay(shop.app, shop.ana, order.PayRequest.refund(view, in_cash))
    back = await order.pay(shop.app, shop.ana, refund(shop, view))
    given = {part.tender: -part.amount for part in back.payments}
    assert given == {tender: 303, "cash": 796}

    def owed(session: Session) -> int:
        return session.scalars(select(Customer.balance)).one()

    assert await shop.app.db.read(owed) == 0
    assert await shop.findings() == []


async def test_a_book_without_a_receipt_goes_back_in_cash_and_not_to_the_card(shop: Shop) -> None:
    sale = await shop.sell(PRIDE, PRIDE, tender=Tender.CARD)
    view = await start(shop, sale.number, 1, operator=shop.sam)
    view = await take_back_without_receipt(shop.app, shop.sam, view.id, DARKNESS)
    assert [(part.tender, part.amount) for part in view.refunds] == [("card", 899), ("cash", 1099)]
    await order.pay(shop.app, shop.sam, refund(shop, view))
    view = await start(shop, sale.number, 1)
    assert [(part.tender, part.amount) for part in view.refunds] == [("card", 899)]
    await order.pay(shop.app, shop.ana, refund(shop, view))
    assert await shop.findings() == []


@pytest.mark.parametrize(("step", "price", "pieces"), [(100, 50, 10), (10, 95, 6), (5, 298, 5)])
async def test_piece_by_piece_no_more_goes_back_than_was_paid(shop: Shop, step: int, price: int, pieces: int) -> None:
    await change_settings(shop.app, shop.people["Max"], cash_rounding=step)

    def reprice(session: Session) -> None:
        session.execute(update(Book).where(Book.isbn == PRIDE).values(price=price))

    await shop.app.db.write(reprice)
    view = await cart.open_cart(shop.app, shop.ana)
    view = await cart.add_scan(shop.app, shop.ana, view.id, PRIDE, pieces)
    sale = await order.pay(shop.app, shop.ana, order.PayRequest.of(view, shop.payment(view.cash_due)))
    left = sale.total
    for _ in range(pieces):
        view = await start(shop, sale.number, 1)
        assert -view.cash_due == sum(part.amount for part in view.refunds)
        left += (await order.pay(shop.app, shop.ana, refund(shop, view))).total
        assert left >= 0
    assert left == 0
    assert await shop.findings() == []


async def test_two_tills_never_give_a_card_more_than_it_paid(app: App) -> None:
    shop = await fill(app, tills=2)
    view = await cart.open_cart(app, shop.ana)
    for isbn in (PRIDE, DARKNESS):
        view = await cart.add_scan(app, shop.ana, view.id, isbn)
    view = await add_payment(app, shop.ana, view.id, shop.payment(1000, Tender.CARD))
    sale = await order.pay(app, shop.ana, order.PayRequest.of(view, shop.payment(view.due)))
    first = await start(shop, sale.number, 1, 0)
    second = await start(shop, sale.number, 0, 1, operator=shop.people["Till 2"])
    got = await asyncio.gather(
        order.pay(app, shop.ana, refund(shop, first)),
        order.pay(app, shop.people["Till 2"], refund(shop, second)),
        return_exceptions=True,
    )
    (refused,) = [one for one in got if isinstance(one, Refused)]
    assert refused.code == "refund.other_tenders"
    assert await shop.findings() == []


async def test_without_a_receipt_a_book_is_worth_what_it_is_sold_for_today(shop: Shop) -> None:
    half = PromotionRow("Half price", PromotionKind.PERCENT, rate=Decimal("0.5"), isbns=(KLARA,))
    await keep_promotion(shop.app, shop.sam, half)
    sale = await shop.sell(KLARA, PRIDE)
    view = await cart.open_cart(shop.app, shop.sam)
    view = await cart.add_scan(shop.app, shop.sam, view.id, KLARA)
    view = await take_back_without_receipt(shop.app, shop.sam, view.id, KLARA)
    assert view.totals.total == 0
    view = await take_back_without_receipt(shop.app, shop.sam, view.id, PRIDE)
    back = await order.pay(shop.app, shop.sam, refund(shop, view))
    assert (back.lines[1].amount, back.total) == (-sale.lines[0].amount, -899)
    assert await shop.findings() == []
