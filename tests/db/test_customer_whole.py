"""Customers whole: edited, joined, given out, erased, and their accounts."""

import asyncio
import json
from datetime import date

import pytest
from sqlalchemy import text

from pos_app.domain.order_status import OrderStatus
from pos_app.domain.payment import PaymentIn, Tender
from pos_app.domain.report import Share
from pos_app.errors import Conflict, Refused
from pos_app.receipts.report import report_text
from pos_app.receipts.text import document_text
from pos_app.services import cart, order, order_move
from pos_app.services.account_ledger import page_account, receive_payment, statement, statement_paper
from pos_app.services.cart_return import find_return, take_back
from pos_app.services.customer import (
    CustomerRow,
    add_customer,
    customer_by_card,
    customer_card,
    find_customers,
    set_credit_limit,
)
from pos_app.services.customer_edit import (
    edit_customer,
    get_customer,
    give_consent,
    list_consents,
    withdraw_consent,
)
from pos_app.services.customer_erase import ERASED, MARK, clear_receipts, erase_customer, plan_erasure
from pos_app.services.customer_export import export_customer
from pos_app.services.customer_list import count_customers, page_customers, page_documents
from pos_app.services.customer_merge import alike_groups, alike_to, merge_customers
from pos_app.services.customer_order import OrderRequest, give_back_deposit, place_from_cart
from pos_app.services.order_void import void_sale
from pos_app.services.receipt import keep_receipt, read_receipt
from pos_app.services.setting import get_settings
from pos_app.services.shift import x_report
from tests.shop import DARKNESS, KLARA, PRIDE, Shop

ROSA = 1


async def buy(shop: Shop, customer_id: int, *isbns: str, tender: Tender = Tender.CASH, note: str | None = None):
    view = await cart.open_cart(shop.app, shop.ana)
    for isbn in isbns:
        view = await cart.add_scan(shop.app, shop.ana, view.id, isbn)
    view = await cart.set_customer(shop.app, shop.ana, view.id, customer_id)
    if note:
        view = await cart.set_note(shop.app, shop.ana, view.id, note)
    return await order.pay(shop.app, shop.ana, order.PayRequest.of(view, shop.payment(view.due, tender)))


async def siobhan(shop: Shop, **more: str) -> CustomerRow:
    return await add_customer(shop.app, shop.ana, "Siobhán Kelly", "07700 900123", "siobhan@kelly.example", "C-1001")


async def names(shop: Shop, typed: str) -> list[str]:
    return [row.name for row in (await page_customers(shop.app, typed)).rows]


async def test_any_part_of_anything_finds_a_customer(shop: Shop) -> None:
    made = await siobhan(shop)
    changes = {"address": "12 Mill Lane\nDúnmore", "note": "Likes crime; pram at the door"}
    await edit_customer(shop.app, shop.ana, made.id, made.version, changes)
    for typed in (
        "iobh", "SIOBHAN", "kelly siob", "900123", "+44 7700 900123", "(07700) 900-123", "0770090", "kelly.exam",
        "c-1001", "mill lane", "dunmore", "DÚNMORE", "pram", "crime kelly",
    ):  # fmt: skip
        assert await names(shop, typed) == ["Siobhán Kelly"], typed
    assert await names(shop, "pram rosa") == []
    assert await names(shop, "%") == []
    assert await names(shop, "") == ["Rosa Marchetti", "Siobhán Kelly"]
    assert await count_customers(shop.app, "siob") == 1
    assert [row.name for row in await find_customers(shop.app, "mill lane")] == ["Siobhán Kelly"]


async def test_customers_are_paged_by_key(shop: Shop) -> None:
    for number in range(7):
        await add_customer(shop.app, shop.ana, f"Twin {number // 2}")
    seen, after = [], None
    while True:
        page = await page_customers(shop.app, "twin", after, limit=3)
        seen += [row.id for row in page.rows]
        if (after := page.after) is None:
            break
    assert len(seen) == len(set(seen)) == 7


async def test_of_two_who_edit_a_customer_the_second_is_told(shop: Shop) -> None:
    mine = await get_customer(shop.app, ROSA)
    await edit_customer(shop.app, shop.sam, ROSA, mine.version, {"phone": "020 7946 0018", "language": "IT"})
    with pytest.raises(Conflict) as told:
        await edit_customer(shop.app, shop.ana, ROSA, mine.version, {"email": "rosa@m.example"})
    assert told.value.current.phone == "020 7946 0018"
    assert told.value.current.language == "it"


@pytest.mark.parametrize(
    ("field", "typed", "code"),
    [
        ("name", "", "customer.name"),
        ("phone", "call me", "customer.phone"),
        ("language", "klingon!", "customer.language"),
        ("note", "x" * 2001, "customer.note"),
        ("note", "4111 1111 1111 1111", "code.card_number"),
        ("address", "y" * 501, "customer.address"),
    ],
)
async def test_what_cannot_be_kept_is_refused(shop: Shop, field: str, typed: str, code: str) -> None:
    before = await get_customer(shop.app, ROSA)
    with pytest.raises(Refused) as refused:
        await edit_customer(shop.app, shop.ana, ROSA, before.version, {field: typed})
    assert refused.value.code == code
    assert await get_customer(shop.app, ROSA) == before


async def test_consent_is_kept_with_who_and_when_and_can_be_taken_back(shop: Shop) -> None:
    given = await give_consent(shop.app, shop.ana, ROSA, "News by email", "At the till")
    assert [(one.purpose, one.given_how, one.by, one.withdrawn_at) for one in given] == [
        ("News by email", "At the till", "Ana", None)
    ]
    taken = await withdraw_consent(shop.app, shop.sam, ROSA, given[0].id)
    assert taken[0].withdrawn_by == "Sam"
    with pytest.raises(Refused, match=r"consent\.missing"):
        await withdraw_consent(shop.app, shop.sam, ROSA, given[0].id)
    assert await list_consents(shop.app, ROSA) == taken


async def test_an_account_is_paid_at_the_till_and_its_statement_tells(shop: Shop) -> None:
    await set_credit_limit(shop.app, shop.sam, ROSA, 10_000)
    await buy(shop, ROSA, PRIDE, tender=Tender.ACCOUNT)
    payment = PaymentIn(shop.app.ids.new(), Tender.CASH, 500)
    paid = await receive_payment(shop.app, shop.ana, ROSA, payment)
    assert await receive_payment(shop.app, shop.ana, ROSA, payment) == paid
    assert (paid.total, paid.lines, paid.customer) == (0, (), "Rosa Marchetti")
    assert (await customer_card(shop.app, ROSA)).customer.balance == 399
    assert [(row.delta, row.balance) for row in await page_account(shop.app, ROSA)] == [(-500, 399), (899, 899)]
    for amount in (0, 400, 10**15):
        with pytest.raises(Refused, match=r"account\.amount"):
            await receive_payment(shop.app, shop.ana, ROSA, PaymentIn(shop.app.ids.new(), Tender.CASH, amount))
    told = await statement(shop.app, ROSA, date(2026, 11, 1), date(2026, 11, 30))
    assert (told.before, told.after, len(told.rows)) == (0, 399, 2)
    paper = document_text(await statement_paper(shop.app, ROSA, date(2026, 11, 1), date(2026, 11, 30)))
    assert "Rosa Marchetti" in paper
    assert "3.99" in paper
    with pytest.raises(Refused, match=r"void\.not_a_sale"):
        await void_sale(shop.app, shop.sam, paid.number, "x")
    with pytest.raises(Refused, match=r"return\.nothing"):
        await find_return(shop.app, paid.number)
    receipt = await keep_receipt(shop.app, paid)
    assert "PAYMENT TO ACCOUNT" in receipt.text
    assert [line.split() for line in receipt.text.splitlines() if "5.00" in line] == [
        ["RECEIVED", "GBP", "5.00"],
        ["Cash", "5.00"],
        ["Put", "onto", "the", "account", "5.00"],
    ]
    assert "TOTAL" not in receipt.text
    assert await shop.findings() == []


async def test_money_onto_an_account_is_no_sale_in_any_count_of_the_shift(shop: Shop) -> None:
    await set_credit_limit(shop.app, shop.sam, ROSA, 10_000)
    await buy(shop, ROSA, PRIDE, tender=Tender.ACCOUNT)
    await receive_payment(shop.app, shop.ana, ROSA, PaymentIn(shop.app.ids.new(), Tender.CASH, 500))
    report = await x_report(shop.app, shop.ana)
    totals = report.totals
    assert totals.not_sales == (Share("Paid onto accounts", 1, 500),)
    assert (totals.sales, totals.documents) == (1, 1)
    for shares in (totals.people, totals.hours, totals.days):
        assert [(share.count, share.amount) for share in shares] == [(1, 899)]
    assert {share.name: share.amount for share in totals.tenders} == {"Cash": 500, "Account": 399}
    text = report_text(report, await get_settings(shop.app))
    assert ["1", "Paid", "onto", "accounts", "5.00"] in [line.split() for line in text.splitlines()]


async def test_two_tills_cannot_take_more_than_is_owed(shop: Shop) -> None:
    await set_credit_limit(shop.app, shop.sam, ROSA, 10_000)
    await buy(shop, ROSA, PRIDE, tender=Tender.ACCOUNT)
    answers = await asyncio.gather(
        *(receive_payment(shop.app, shop.ana, ROSA, PaymentIn(shop.app.ids.new(), Tender.CASH, 899)) for _ in range(3)),
        return_exceptions=True,
    )
    assert sum(isinstance(one, Refused) for one in answers) == 2
    assert (await customer_card(shop.app, ROSA)).customer.balance == 0
    assert await shop.findings() == []


async def test_a_purchase_is_found_by_title_and_month(shop: Shop) -> None:
    sale = await buy(shop, ROSA, PRIDE, KLARA)
    for typed in ("", "klara", "KLARA november", "nov 2026", PRIDE, "2026"):
        assert [row.number for row in await page_documents(shop.app, ROSA, typed)] == [sale.number], typed
    for typed in ("march", "sapiens", "klara 2025"):
        assert await page_documents(shop.app, ROSA, typed) == [], typed


async def test_customers_who_are_one_person_are_found_and_joined(shop: Shop) -> None:
    first = await siobhan(shop)
    other = await add_customer(shop.app, shop.ana, "Kelly, Siobhan", "+44 7700 900123", card="C-2002")
    third = await add_customer(shop.app, shop.ana, "Siobhan KELLY", email="SIOBHAN@kelly.example")
    for one in (first, other):
        await set_credit_limit(shop.app, shop.sam, one.id, 2000)
    await buy(shop, first.id, PRIDE, tender=Tender.ACCOUNT)
    sale = await buy(shop, other.id, DARKNESS, tender=Tender.ACCOUNT)
    common = {group.common: {row.id for row in group.customers} for group in await alike_groups(shop.app)}
    assert common["phone"] == {first.id, other.id}
    assert common["email"] == {first.id, third.id}
    assert {row.id for row in await alike_to(shop.app, first.id)} == {other.id, third.id}
    with pytest.raises(Refused, match=r"right\.missing"):
        await merge_customers(shop.app, shop.ana, first.id, other.id)
    await merge_customers(shop.app, shop.sam, third.id, other.id)
    kept = await merge_customers(shop.app, shop.sam, first.id, third.id)
    assert kept.balance == 899 + 1099
    assert kept.phone == "07700 900123"
    by_card = await customer_by_card(shop.app, "C-2002")
    assert by_card is not None
    assert by_card.id == first.id
    assert await names(shop, "c-2002") == ["Siobhán Kelly"]
    assert len(await page_documents(shop.app, first.id)) == 2
    assert await names(shop, "kelly") == ["Siobhán Kelly"]
    for again in (other.id, third.id):
        with pytest.raises(Refused, match=r"customer\.is_merged"):
            await merge_customers(shop.app, shop.sam, first.id, again)
    # What was bought by the one goes back to the account of the other.
    view = await cart.open_cart(shop.app, shop.ana)
    found = await find_return(shop.app, sale.number)
    view = await take_back(shop.app, shop.ana, view.id, found.lines[0].item_id, 1)
    back = [PaymentIn(shop.app.ids.new(), part.tender, -part.amount, part.reference) for part in view.refunds]
    await order.pay(shop.app, shop.ana, order.PayRequest.refund(view, *back))
    assert (await customer_card(shop.app, first.id)).customer.balance == 899
    assert await shop.findings() == []


async def test_erasing_a_customer_leaves_every_total_and_the_journal_intact(shop: Shop) -> None:
    made = await siobhan(shop)
    await edit_customer(
        shop.app, shop.ana, made.id, made.version, {"address": "12 Mill Lane", "note": "Pram", "language": "ga"}
    )
    await give_consent(shop.app, shop.ana, made.id, "News by email", "At the till")
    other = await add_customer(shop.app, shop.ana, "Siobhan Kelly")
    sale = await buy(shop, made.id, PRIDE, KLARA, note="for Siobhán Kelly’s niece")
    await buy(shop, other.id, DARKNESS)
    await merge_customers(shop.app, shop.sam, made.id, other.id)
    kept = await keep_receipt(shop.app, sale)
    assert "Siobhán" in kept.text
    tables = ("orders", "order_items", "order_taxes", "payments", "shifts", "stock_movements", "journal_entries")
    totals = "SELECT id, customer_id, total_amount, tax_amount, net_amount, content_hash FROM orders ORDER BY id"
    before = await rows(shop, totals), [await rows(shop, f"SELECT COUNT(*) FROM {name}") for name in tables[:-1]]
    with pytest.raises(Refused, match=r"right\.missing"):
        await erase_customer(shop.app, shop.ana, made.id)
    plan = await plan_erasure(shop.app, shop.sam, made.id)
    assert (plan.obstacle, plan.documents) == (None, 2)
    await erase_customer(shop.app, shop.sam, made.id)

    after = await rows(shop, totals), [await rows(shop, f"SELECT COUNT(*) FROM {name}") for name in tables[:-1]]
    assert after == before
    assert await shop.findings() == []
    said = await rows(shop, "SELECT content FROM journal_entries WHERE act = 'customer_erased'")
    assert json.loads(said[0][0])["customer"] == made.id
    assert await everything_kept(shop, ("siobh", "kelly", "900123", "mill lane", "c-1001", "pram", "niece")) == []
    assert "Siobhán" not in (await read_receipt(shop.app, sale.number)).text
    assert ERASED in kept.path.read_text(encoding="utf-8")
    assert await names(shop, "") == ["Rosa Marchetti"]
    assert await find_customers(shop.app, "900123") == []
    with pytest.raises(Refused, match=r"customer\.missing"):
        await erase_customer(shop.app, shop.sam, made.id)
    assert await clear_receipts(shop.app) == 0
    # Another machine, which kept the receipt and looks when it starts.
    kept.path.write_text(kept.text, encoding="utf-8")
    kept.path.with_suffix(".bin").write_bytes(kept.text.encode())
    (kept.path.parent / MARK).unlink()
    assert await clear_receipts(shop.app) == 1
    assert await everything_kept(shop, ("siobh",)) == []


async def rows(shop: Shop, sql: str) -> list[tuple[object, ...]]:
    return await shop.app.db.read(lambda session: [tuple(row) for row in session.execute(text(sql))])


async def everything_kept(shop: Shop, words: tuple[str, ...]) -> list[str]:
    """Where in the whole database, and among the files of the data folder, one of some words still stands."""
    from pos_app.models import Base

    found = []
    for table in Base.metadata.sorted_tables:
        for row in await rows(shop, f"SELECT * FROM {table.name}"):
            found += [f"{table.name}: {row}" for word in words if word in " ".join(map(str, row)).casefold()]
    for path in shop.app.config.receipts_dir.rglob("*"):
        if path.is_file():
            data = path.read_bytes().decode("utf-8", "replace").casefold()
            found += [f"{path.name}" for word in words if word in data]
    return found


async def test_who_owes_or_is_waited_for_is_not_erased(shop: Shop) -> None:
    made = await siobhan(shop)
    await set_credit_limit(shop.app, shop.sam, made.id, 5000)
    await buy(shop, made.id, PRIDE, tender=Tender.ACCOUNT)
    with pytest.raises(Refused, match=r"customer\.owes"):
        await erase_customer(shop.app, shop.sam, made.id)
    await receive_payment(shop.app, shop.ana, made.id, PaymentIn(shop.app.ids.new(), Tender.CASH, 899))
    placed = await order.place_order(
        shop.app, shop.ana.user_id, {shop.books[KLARA]: 1}, till_id=shop.ana.till_id, customer_id=made.id
    )
    with pytest.raises(Refused, match=r"customer\.waits"):
        await erase_customer(shop.app, shop.sam, made.id)
    await order_move.move_order(shop.app, shop.sam, placed.id, placed.version, OrderStatus.CANCELLED)
    view = await cart.open_cart(shop.app, shop.ana)
    view = await cart.add_scan(shop.app, shop.ana, view.id, PRIDE)
    view = await cart.set_customer(shop.app, shop.ana, view.id, made.id)
    request = OrderRequest.of(view, shop.app.ids.new(), shop.payment(400))
    ordered = (await place_from_cart(shop.app, shop.ana, request)).detail.order
    await order_move.move_order(shop.app, shop.sam, ordered.id, ordered.version, OrderStatus.CANCELLED)
    with pytest.raises(Refused, match=r"customer\.waits") as told:
        await erase_customer(shop.app, shop.sam, made.id)
    assert told.value.params["what"] == f"the deposit of order {ordered.id}"
    await give_back_deposit(shop.app, shop.sam, shop.app.ids.new(), ordered.id)
    await erase_customer(shop.app, shop.sam, made.id)
    assert await shop.findings() == []


async def test_everything_kept_of_a_person_is_given_out(shop: Shop) -> None:
    made = await siobhan(shop)
    await give_consent(shop.app, shop.ana, made.id, "News by email", "At the till")
    sale = await buy(shop, made.id, PRIDE)
    files = await export_customer(shop.app, shop.sam, made.id, shop.app.config.data_dir / "given")
    found = json.loads(files[0].read_text(encoding="utf-8"))
    assert found["customer"][0]["email"] == "siobhan@kelly.example"
    assert found["documents"][0]["number"] == sale.number
    assert found["consents"][0]["purpose"] == "News by email"
    told = files[1].read_text(encoding="utf-8")
    assert "Siobhán Kelly" in told
    assert "Pride and Prejudice" in told
    assert "Total: £8.99" in told
    assert "Paid at: 2026-11-23 14:06" in told
    assert "grams" not in told
    with pytest.raises(Refused, match=r"right\.missing"):
        await export_customer(shop.app, shop.ana, made.id, shop.app.config.data_dir)
