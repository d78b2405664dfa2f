"""The demo shop: quick to make, sound, the same each time, and made once."""

import asyncio
import random
from collections import Counter
from datetime import date
from decimal import Decimal

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from pos_app.app import App
from pos_app.demo import build_demo
from pos_app.demo.build import SEED, _work_out
from pos_app.demo.catalogue import make_catalogue
from pos_app.demo.supply import supplier_of
from pos_app.domain.isbn import try_isbn13
from pos_app.domain.order_status import OrderKind, OrderStatus
from pos_app.domain.payment import PaymentIn, Tender
from pos_app.domain.permission import UserRole
from pos_app.domain.purchase import PurchaseStatus
from pos_app.domain.sales_report import Compare
from pos_app.domain.used import Grade
from pos_app.errors import Refused
from pos_app.models import Book, BookSupplier, Customer, Order, Review, Shift, Till, UsedCopy, User
from pos_app.services import cart, order
from pos_app.services.book import get_category_stats, stock_history
from pos_app.services.book_copy import list_copies
from pos_app.services.book_filter import BookFilter
from pos_app.services.book_list import measure_list, open_list
from pos_app.services.book_search import suggest
from pos_app.services.check import verify
from pos_app.services.delivery import Came, DeliveryRequest, list_deliveries, receive_delivery
from pos_app.services.order_view import OrderFilter, count_by_status, get_sale, page_orders
from pos_app.services.publisher_return import list_returnable
from pos_app.services.purchase_order import count_nobodys, get_purchase_order, list_purchase_orders
from pos_app.services.purchase_order import suggest as suggest_purchase
from pos_app.services.quick_key import list_quick_keys
from pos_app.services.setting import get_settings
from pos_app.services.sign_in import list_people, sign_in
from pos_app.services.subject import MOST_COUNTED, list_subjects
from pos_app.services.supplier import list_suppliers
from tests.conftest import SetClock


async def test_it_is_made_once_with_progress_and_is_sound(app: App) -> None:
    seen: list[tuple[int, int]] = []
    assert await build_demo(app, lambda done, total, _text: seen.append((done, total)))
    assert seen == sorted(seen)
    assert seen[-1] == (100, 100)
    report = await verify(app)
    assert [check for check in report.checks if check.findings] == []
    assert not await build_demo(app)


async def test_every_page_has_something_to_show_and_the_shop_can_go_on_selling(app: App) -> None:
    await build_demo(app)
    assert (await measure_list(app, (await open_list(app, BookFilter()))[0])).total == 10_017
    # Subjects to filter by, used copies beside their titles, and picks to print a card for.
    broad = {one.subject: one.titles for one in await list_subjects(app, "Thema F")}
    assert len(broad) > 8
    assert broad["93:F"] > MOST_COUNTED
    stats = {row.name: row for row in await get_category_stats(app)}
    assert {"Fiction", "Non-Fiction", "Science", "History", "Technology", "Fantasy"} <= stats.keys()
    assert [person.name for person in await list_people(app)] == ["Ana", "Jo", "Sam", "Max"]
    assert (await get_settings(app)).shop_name == "Marlow & Daughters, High Street"
    counts = await count_by_status(app, OrderFilter(kind=OrderKind.CUSTOMER_ORDER))
    assert sum(counts.values()) >= 12
    assert all(counts[status] for status in OrderStatus)
    keys = [key.label for key in await list_quick_keys(app)]
    assert keys == [
        "Tote bag, canvas", "Bookmark, leather", "Notebook, A5 ruled", "Greeting card", "Reading light", "Gift wrap",
        "Postage and packing",
    ]  # fmt: skip
    pi = next(row for row in await suggest(app, "life of pi") if row.isbn)
    assert [(copy.grade, copy.price, copy.stock) for copy in await list_copies(app, pi.id)] == [(Grade.GOOD, 399, 1)]
    found = await suggest(app, "the hobbit")
    assert any(row.title == "The Hobbit" for row in found)

    def act(session: Session) -> None:
        used = set(session.scalars(select(UsedCopy.book_id)))
        about = select(Book.id, Book.isbn, Book.price, Book.cost, Book.stock).where(Book.author != "")
        books = [book for book in session.execute(about) if book.id not in used]
        numbers = [book.isbn for book in books if book.isbn]
        assert len(numbers) == 10_000 - 723
        assert all(try_isbn13(number) == number for number in numbers)
        assert all(799 <= book.price <= 2499 and str(book.price)[-2:] in {"99", "49", "95"} for book in books)
        assert all(54 <= book.cost * 100 // book.price <= 66 for book in books)
        assert all(0 <= book.stock <= 12 for book in books)
        assert session.scalar(select(func.count()).where(Book.stock == 0, Book.author != ""))
        assert session.scalar(select(func.count()).where(Book.stock < Book.reorder_at))
        assert session.scalar(select(func.count()).select_from(Customer)) == 20
        assert session.scalar(select(func.count()).where(Review.staff_pick)) == 5
        assert len(used) == 10
        assert session.scalar(select(func.count()).where(Shift.closed_at.is_(None))) == 0
        days = Counter(session.scalars(select(Order.business_date).where(Order.receipt_number.is_not(None))))
        this_year = {day for day in days if day.year == 2026}
        assert len(this_year) == 21
        # Last year's same dates and same weekdays, those of today too.
        before = {compare.before(day) for compare in Compare for day in (*this_year, date(2026, 11, 23))}
        assert set(days) == this_year | before
        assert all(15 <= sold <= 40 for sold in days.values())
        assert set(session.scalars(select(User.role))) == {UserRole.CASHIER, UserRole.MANAGER, UserRole.ADMIN}

    await app.db.read(act)
    ana = await sign_in(app, "Ana", "1111")
    book = next(row for row in await suggest(app, "pride and prejudice") if row.isbn and row.stock)
    view = await cart.open_cart(app, ana)
    view = await cart.add_scan(app, ana, view.id, book.isbn or "")
    view = await cart.add_scan(app, ana, view.id, "2000000000060")
    sale = await order.pay(app, ana, order.PayRequest.of(view, PaymentIn(app.ids.new(), Tender.CARD, view.due)))
    assert [tax.rate for tax in sale.taxes if tax.tax] != []
    assert (await get_sale(app, sale.number)).total == book.price + 200
    placed = await order.place_order(app, ana.user_id, {book.id: 1} if book.stock > 1 else {10_001: 1})
    assert (await page_orders(app, OrderFilter())).rows[0].id == placed.id
    assert (await stock_history(app, book.id))[0].delta == -1
    assert (await verify(app)).findings == 0


async def test_buying_has_something_to_show_and_can_go_on(app: App) -> None:
    await build_demo(app)
    sam = await sign_in(app, "Sam", "3333")
    wholesaler = (await list_suppliers(app))[-1]
    assert (wholesaler.name, wholesaler.discount_rate, wholesaler.return_days) == (
        "Ridgeway Book Wholesale",
        Decimal("0.4"),
        90,
    )
    draft, waiting = await list_purchase_orders(app)
    assert (draft.status, waiting.status) == (PurchaseStatus.DRAFT, PurchaseStatus.SENT)
    assert (waiting.supplier, waiting.received) == (wholesaler.name, 0)
    assert waiting.pieces >= 8
    assert len(await list_deliveries(app, 200)) > 20
    assert len(await list_returnable(app, sam, wholesaler.id)) > 100
    assert len(await suggest_purchase(app, sam, wholesaler.id)) > 20
    assert await count_nobodys(app) == 0

    def known(session: Session) -> dict[int, int]:
        return dict(session.execute(select(BookSupplier.book_id, BookSupplier.supplier_id)).all())

    # Said in SQL when the shop is made, and in Python where its deliveries are worked out.
    books = make_catalogue(random.Random(SEED)).books
    assert await app.db.read(known) == {book["id"]: supplier for book in books if (supplier := supplier_of(book))}
    order = await get_purchase_order(app, waiting.id)
    came = tuple(Came(line.book_id, line.quantity) for line in order.lines)
    made = await receive_delivery(app, sam, DeliveryRequest(app.ids.new(), wholesaler.id, came, order.id))
    assert made.pieces == waiting.pieces
    assert made.slips  # customers waited for some of it
    assert (await get_purchase_order(app, waiting.id)).status is PurchaseStatus.CLOSED
    assert (await verify(app)).findings == 0


async def test_two_tills_that_start_at_once_make_one_shop(app: App) -> None:
    made = await asyncio.gather(build_demo(app), build_demo(app))
    assert sorted(made) == [False, True]
    assert (await verify(app)).findings == 0


async def test_a_demo_broken_off_leaves_nothing_and_can_be_made_again(app: App) -> None:
    def stop(done: int, _total: int, _text: str) -> None:
        if done > 50:
            raise KeyError("cut off")

    with pytest.raises(KeyError):
        await build_demo(app, stop)
    assert await app.db.read(lambda session: session.scalar(select(func.count()).select_from(Book))) == 0
    assert await build_demo(app)


async def test_a_shop_with_books_but_nobody_in_it_is_not_touched(app: App) -> None:
    await app.db.write(lambda session: session.add(Till(number=1, name="Till 1")))
    with pytest.raises(Refused, match=r"demo\.not_empty"):
        await build_demo(app)


def test_it_is_the_same_each_time(clock: SetClock) -> None:
    first, again = (_work_out(clock.now()) for _ in range(2))
    assert first.catalogue == again.catalogue
    assert first.trade == again.trade
    assert first.supply == again.supply
