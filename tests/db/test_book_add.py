"""Adding a title at the counter, and seeing what one costs."""

import asyncio
from datetime import date
from decimal import Decimal

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from pos_app.domain.kinds import BookKind
from pos_app.domain.permission import Grant, Permission, UserRole
from pos_app.domain.promotion import PromotionKind
from pos_app.errors import Refused
from pos_app.models import BookCode, Promotion, PromotionBook, TaxRate
from pos_app.services.book import find_by_code, get_book, list_categories, stock_history
from pos_app.services.book_add import add_book, same_title
from pos_app.services.book_search import suggest
from pos_app.services.price_check import check_price_of
from pos_app.services.right import change_right
from pos_app.services.setting import change_settings
from tests.conftest import SetClock
from tests.shop import PRIDE, SAPIENS, Shop

EMMA = "9780141439587"


async def tax(shop: Shop, name: str) -> int:
    def act(session: Session) -> int:
        return session.scalars(select(TaxRate.id).where(TaxRate.name == name)).one()

    return await shop.app.db.read(act)


async def test_a_title_and_a_price_are_enough(shop: Shop) -> None:
    book_id = await add_book(shop.app, shop.ana, EMMA, "  Emma ", 799)
    book = await find_by_code(shop.app, EMMA)
    assert (book.id, book.isbn, book.title, book.author, book.price) == (book_id, EMMA, "Emma", "", 799)
    assert (book.tax_name, book.stock, book.kind.value, book.active) == ("Books 0 %", 0, "book", True)
    assert [row.id for row in await suggest(shop.app, "emma")] == [book_id]


async def test_a_code_that_is_sold_already_gives_its_title_or_is_refused_where_only_a_new_one_will_do(
    shop: Shop,
) -> None:
    assert await add_book(shop.app, shop.sam, PRIDE, "Another", 799) == shop.books[PRIDE]
    with pytest.raises(Refused, match=r"book\.known") as told:
        await add_book(shop.app, shop.sam, PRIDE, "Another", 799, only_new=True)
    assert told.value.params == {"title": "Pride and Prejudice", "price": (await find_by_code(shop.app, PRIDE)).price}
    assert await add_book(shop.app, shop.sam, EMMA, "Emma", 799, only_new=True) != shop.books[PRIDE]
    # Two tills at once: one adds it, the other is told.
    both = [add_book(shop.app, shop.sam, "9780140449136", "Crime", 799, only_new=True) for _ in range(2)]
    ends = await asyncio.gather(*both, return_exceptions=True)
    assert sorted(isinstance(end, Refused) for end in ends) == [False, True]


async def test_everything_else_may_be_given(shop: Shop) -> None:
    history = next(row.id for row in await list_categories(shop.app) if row.name == "History")
    standard = await tax(shop, "Standard 20 %")
    await add_book(shop.app, shop.ana, EMMA, "Emma", 799, "Jane Austen", history, standard, 3)
    book = await find_by_code(shop.app, EMMA)
    assert (book.author, book.category, book.tax_name, book.stock) == ("Jane Austen", "History", "Standard 20 %", 3)
    assert [row.id for row in await suggest(shop.app, "austen emma")] == [book.id]
    (step,) = await stock_history(shop.app, book.id)
    assert (step.delta, step.reason.value, step.operator) == (3, "opening", "Ana")
    assert await shop.findings() == []


async def test_the_tax_is_the_shops_own_choice(shop: Shop) -> None:
    standard = await tax(shop, "Standard 20 %")
    await change_settings(shop.app, shop.people["Max"], default_tax_rate_id=standard)
    await add_book(shop.app, shop.ana, EMMA, "Emma", 799)
    assert (await find_by_code(shop.app, EMMA)).tax_name == "Standard 20 %"


@pytest.mark.parametrize("code", ["0-14-143958-0", "978-0-14-143958-7", EMMA + "50799"])
async def test_a_number_is_kept_as_13_digits_however_it_is_written(shop: Shop, code: str) -> None:
    await add_book(shop.app, shop.ana, code, "Emma", 799)
    assert (await find_by_code(shop.app, EMMA)).title == "Emma"


async def test_a_code_that_is_no_books_makes_another_good(shop: Shop) -> None:
    await add_book(shop.app, shop.ana, "4006381333931", "Highlighter", 150)
    assert (await find_by_code(shop.app, "4006381333931")).kind.value == "other"


async def test_what_has_no_isbn_is_added_as_the_kind_it_is(shop: Shop) -> None:
    history = next(row.id for row in await list_categories(shop.app) if row.name == "History")
    made = await add_book(shop.app, shop.sam, " ", "Tote bag", 1200, category_id=history, kind=BookKind.OTHER, stock=2)
    book = await get_book(shop.app, made)
    assert (book.isbn, book.kind, book.category, book.stock) == (None, BookKind.OTHER, "History", 2)
    assert await add_book(shop.app, shop.sam, "", "Tote bag", 1300, kind=BookKind.OTHER) != made
    wrap = await add_book(shop.app, shop.sam, "", "Wrapping", 100, kind=BookKind.SERVICE)
    assert (await get_book(shop.app, wrap)).kind is BookKind.SERVICE
    with pytest.raises(Refused, match=r"service_stock"):
        await add_book(shop.app, shop.sam, "", "Wrapping", 100, kind=BookKind.SERVICE, stock=1)
    assert await shop.findings() == []


async def test_a_title_of_the_same_words_is_told_of(shop: Shop) -> None:
    assert await same_title(shop.app, "Emma") is None
    twin = await same_title(shop.app, "  pride and  Prejudice ")
    assert twin is not None
    assert twin.isbn == PRIDE


async def test_a_book_just_added_can_be_sold(shop: Shop) -> None:
    await add_book(shop.app, shop.ana, EMMA, "Emma", 799, stock=1)
    assert (await shop.sell(EMMA)).total == 799
    assert await shop.stock(EMMA) == 0
    assert await shop.findings() == []


async def test_a_book_that_is_there_is_given_back_unchanged(shop: Shop) -> None:
    assert await add_book(shop.app, shop.ana, PRIDE, "Another title", 1, stock=5) == shop.books[PRIDE]
    book = await find_by_code(shop.app, PRIDE)
    assert (book.title, book.price, book.stock) == ("Pride and Prejudice", 899, 23)


async def test_a_second_barcode_of_a_title_is_that_title(shop: Shop) -> None:
    await shop.app.db.write(lambda session: session.add(BookCode(book_id=shop.books[PRIDE], code=EMMA)))
    assert await add_book(shop.app, shop.ana, EMMA, "Emma", 799) == shop.books[PRIDE]


async def test_two_tills_that_add_the_same_make_one_book(shop: Shop) -> None:
    ids = await asyncio.gather(
        *(add_book(shop.app, shop.ana, EMMA, f"Emma {number}", 700 + number, stock=1) for number in range(5))
    )
    assert len(set(ids)) == 1
    assert await shop.stock(EMMA) == 1
    assert await shop.findings() == []


REFUSED = [
    ({"title": ""}, "book.title"),
    ({"title": " "}, "book.title"),
    ({"title": "x" * 256}, "book.title"),
    ({"title": "nul\0"}, "book.title"),
    ({"author": "x" * 256}, "book.author"),
    ({"author": "\ud83d"}, "book.author"),
    ({"price": -1}, "price.invalid"),
    ({"price": 10**18}, "price.invalid"),
    ({"price": 9.99}, "price.invalid"),
    ({"price": True}, "price.invalid"),
    ({"stock": -1}, "stock.invalid"),
    ({"stock": 10**9}, "stock.invalid"),
    ({"stock": 0.5}, "stock.invalid"),
    ({"category_id": 4711}, "book.category"),
    ({"tax_rate_id": 4711}, "book.tax_rate"),
    ({"isbn": "9780141439588"}, "isbn.check_digit"),
    ({"isbn": "978014143958"}, "isbn.length"),
    ({"isbn": "EMMA"}, "isbn.letters"),
    ({"isbn": "4012888888881881"}, "code.card_number"),
]


@pytest.mark.parametrize(("given", "code"), REFUSED)
async def test_what_a_book_cannot_have_is_refused_and_nothing_is_added(
    shop: Shop, given: dict[str, object], code: str
) -> None:
    values = {"isbn": EMMA, "title": "Emma", "price": 799} | given
    with pytest.raises(Refused) as refused:
        await add_book(shop.app, shop.ana, **values)
    assert refused.value.code == code
    assert await suggest(shop.app, "emma") == []


async def test_a_rate_no_longer_charged_is_no_choice(shop: Shop) -> None:
    standard = await tax(shop, "Standard 20 %")

    def act(session: Session) -> None:
        for rate in session.scalars(select(TaxRate)):
            rate.active = False

    await shop.app.db.write(act)
    with pytest.raises(Refused, match=r"book\.tax_rate"):
        await add_book(shop.app, shop.ana, EMMA, "Emma", 799, tax_rate_id=standard)
    with pytest.raises(Refused, match=r"import\.no_tax_rate"):
        await add_book(shop.app, shop.ana, EMMA, "Emma", 799)


async def test_a_shop_decides_who_adds_books(shop: Shop) -> None:
    await change_right(shop.app, shop.people["Max"], UserRole.CASHIER, Permission.ADD_BOOKS, Grant(allowed=False))
    with pytest.raises(Refused, match=r"right\.missing"):
        await add_book(shop.app, shop.ana, EMMA, "Emma", 799)


# What a title costs


async def promote(shop: Shop, name: str, *isbns: str, **values: object) -> None:
    def act(session: Session) -> None:
        promotion = Promotion(name=name, **values)
        session.add(promotion)
        session.flush()
        session.add_all(PromotionBook(promotion_id=promotion.id, book_id=shop.books[isbn]) for isbn in isbns)

    await shop.app.db.write(act)


async def test_a_price_is_the_titles_own_where_nothing_runs(shop: Shop) -> None:
    tag = await check_price_of(shop.app, SAPIENS)
    assert (tag.book.title, tag.price, tag.promotions, tag.reduced) == ("Sapiens", 2499, (), False)


async def test_a_running_promotion_is_named_and_taken_off(shop: Shop, clock: SetClock) -> None:
    await promote(
        shop, "Austen week", PRIDE, kind=PromotionKind.PERCENT, rate=Decimal("0.1"), ends_on=date(2026, 11, 23)
    )
    tag = await check_price_of(shop.app, PRIDE)
    assert (tag.price, tag.promotions, tag.reduced) == (809, ("Austen week",), True)
    assert (await check_price_of(shop.app, SAPIENS)).promotions == ()
    clock.forward(days=1)
    assert (await check_price_of(shop.app, PRIDE)).price == 899


async def test_a_promotion_for_several_is_named_though_one_is_no_cheaper(shop: Shop) -> None:
    await promote(shop, "3 for 2", kind=PromotionKind.BUNDLE, buy=3, pay=2)
    tag = await check_price_of(shop.app, PRIDE)
    assert (tag.price, tag.promotions, tag.reduced) == (899, ("3 for 2",), False)


async def test_a_code_nobody_sells_is_refused(shop: Shop) -> None:
    with pytest.raises(Refused, match=r"book\.unknown"):
        await check_price_of(shop.app, EMMA)
