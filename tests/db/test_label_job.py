"""Labels for titles: how many, in which order, and with which code."""

import pytest
from sqlalchemy import update
from sqlalchemy.orm import Session

from pos_app.domain.label import MOST_LABELS, STOCKS, Label, own_roll
from pos_app.domain.used import Grade
from pos_app.errors import Refused
from pos_app.models import Book
from pos_app.services.book_code import add_code
from pos_app.services.book_copy import add_copy
from pos_app.services.book_filter import BookFilter
from pos_app.services.book_list import ListOrder, SortBy
from pos_app.services.delivery import Came, DeliveryRequest, receive_delivery
from pos_app.services.label import Copies, book_labels, delivery_labels, keep_stock, kept_stock, list_labels
from pos_app.services.supplier import SupplierView, keep_supplier
from tests.shop import DARKNESS, KLARA, PRIDE, SAPIENS, Shop


async def test_a_title_gets_as_many_labels_as_were_asked_for(shop: Shop) -> None:
    job = await book_labels(shop.app, shop.books[PRIDE], 3)
    assert job.labels == [Label("Pride and Prejudice", "Jane Austen", 899, PRIDE)] * 3
    assert (job.titles, job.without_code) == (1, 0)
    with pytest.raises(Refused, match=r"book\.missing"):
        await book_labels(shop.app, 999_999, 1)


async def test_the_price_stands_behind_the_barcode_where_it_can(shop: Shop) -> None:
    job = await book_labels(shop.app, shop.books[PRIDE], 1, with_price_code=True)
    assert job.labels[0].addon == "00899"


async def test_what_has_no_isbn_carries_its_first_code(shop: Shop) -> None:
    wrap = shop.books["Gift wrap"]
    assert (await book_labels(shop.app, wrap, 1)).without_code == 1
    await add_code(shop.app, shop.sam, wrap, "WRAP-1")
    await add_code(shop.app, shop.sam, wrap, "WRAP-2")
    assert (await book_labels(shop.app, wrap, 1, with_price_code=True)).labels[0].code == "WRAP-1"
    used = await add_copy(shop.app, shop.sam, shop.books[PRIDE], Grade.GOOD, 350)
    (label,) = (await book_labels(shop.app, used.book_id, 1)).labels
    assert (label.title, label.price, label.code) == ("Pride and Prejudice (used, good)", 350, used.code)


async def test_a_list_is_labelled_in_its_order(shop: Shop) -> None:
    job = await list_labels(shop.app, BookFilter(in_stock=True), ListOrder(SortBy.PRICE), Copies.EACH, 2)
    assert [label.code for label in job.labels] == [PRIDE, PRIDE, DARKNESS, DARKNESS, KLARA, KLARA]
    stock = await list_labels(shop.app, BookFilter(), ListOrder(SortBy.TITLE), Copies.STOCK)
    assert [stock.labels.count(label) for label in dict.fromkeys(stock.labels)] == [2, 23, 7]
    assert SAPIENS not in {label.code for label in stock.labels}


async def test_a_delivery_is_labelled_as_it_came(shop: Shop) -> None:
    supplier = await keep_supplier(shop.app, shop.sam, SupplierView(name="Gardners"))
    came = (Came(shop.books[KLARA], 2, damaged=1), Came(shop.books[PRIDE], 1))
    made = await receive_delivery(shop.app, shop.sam, DeliveryRequest(shop.app.ids.new(), supplier.id, came))
    job = await delivery_labels(shop.app, made.id)
    assert sorted(label.code or "" for label in job.labels) == sorted([KLARA, KLARA, PRIDE])
    with pytest.raises(Refused, match=r"delivery\.missing"):
        await delivery_labels(shop.app, 999_999)


async def test_more_than_anybody_wants_are_refused(shop: Shop) -> None:
    with pytest.raises(Refused, match=r"label\.many"):
        await book_labels(shop.app, shop.books[PRIDE], MOST_LABELS + 1)

    def fill_up(session: Session) -> None:
        session.execute(update(Book).where(Book.isbn == PRIDE).values(stock=MOST_LABELS + 1))

    await shop.app.db.write(fill_up)
    with pytest.raises(Refused, match=r"label\.many"):
        await list_labels(shop.app, BookFilter(), None, Copies.STOCK)


async def test_the_labels_chosen_last_are_remembered_for_each_person(shop: Shop) -> None:
    assert await kept_stock(shop.app, shop.sam) is None
    for stock in (STOCKS[3], STOCKS[7], own_roll(57.5, 31)):
        await keep_stock(shop.app, shop.sam, stock)
        assert await kept_stock(shop.app, shop.sam) == stock
    assert await kept_stock(shop.app, shop.ana) is None
