"""A stock put right by hand is known in the title's history and taken back by one undo, by the ledger alone."""

from pathlib import Path

import pytest

from pos_app.domain.permission import Grant, Permission, UserRole
from pos_app.errors import Conflict, Refused
from pos_app.services.book import get_book, stock_history
from pos_app.services.book_add import add_book
from pos_app.services.book_edit import Change, StockCount, change_book, correct_stock
from pos_app.services.book_history import book_history
from pos_app.services.book_import import import_books
from pos_app.services.book_merge import merge_books
from pos_app.services.book_undo import redo, undo, undo_act
from pos_app.services.right import change_right
from pos_app.services.transfer import transfer
from tests.shop import DARKNESS, KLARA, PRIDE, Shop

FLOOR, ROOM = 1, 2


async def correct(shop: Shop, isbn: str, counted: int, reason: str = "Found") -> None:
    await correct_stock(shop.app, shop.sam, shop.books[isbn], StockCount(counted, await shop.stock(isbn), reason))


async def ledger(shop: Shop, isbn: str) -> list[tuple[int, str | None]]:
    return [(step.delta, step.document) for step in await stock_history(shop.app, shop.books[isbn])]


async def test_price_and_stock_saved_together_come_back_together_and_go_again(shop: Shop) -> None:
    book = shop.books[PRIDE]
    await change_book(shop.app, shop.sam, book, {"price": Change(899, 999)}, StockCount(20, 23, "Damaged"))
    before = await ledger(shop, PRIDE)
    report = await undo(shop.app, shop.sam)
    assert (report.undone, report.left, report.fields) == (2, 0, ("corrected_stock", "price"))
    assert ((now := await get_book(shop.app, book)).price, now.stock) == (899, 23)
    # By a row of its own: what the ledger said stays.
    assert await ledger(shop, PRIDE) == [(3, "Taken back: Damaged"), *before]
    await redo(shop.app, shop.sam)
    assert ((now := await get_book(shop.app, book)).price, now.stock) == (999, 20)
    assert (await ledger(shop, PRIDE))[0] == (-3, "Damaged")
    await undo(shop.app, shop.sam)
    assert ((now := await get_book(shop.app, book)).price, now.stock) == (899, 23)
    assert await shop.findings() == []


async def test_a_correction_stands_in_the_history_with_who_old_and_new(shop: Shop) -> None:
    await correct(shop, PRIDE, 20)
    await shop.sell(PRIDE)
    await undo(shop.app, shop.sam)
    rows = await book_history(shop.app, shop.sam, shop.books[PRIDE])
    assert [(row.operator, row.till, row.field, row.old, row.new, row.undone) for row in rows] == [
        ("Sam", 1, "corrected_stock", 19, 22, False),
        ("Sam", 1, "corrected_stock", 23, 20, True),
    ]


async def test_several_corrections_are_taken_back_and_done_again_one_by_one(shop: Shop) -> None:
    for counted in (25, 21, 30):
        await correct(shop, PRIDE, counted)
    for stock in (21, 25, 23):
        await undo(shop.app, shop.sam)
        assert await shop.stock(PRIDE) == stock
    for stock in (25, 21, 30):
        await redo(shop.app, shop.sam)
        assert await shop.stock(PRIDE) == stock
    assert await shop.findings() == []


async def test_what_was_counted_again_since_stays(shop: Shop) -> None:
    book = shop.books[PRIDE]
    await change_book(shop.app, shop.sam, book, {"price": Change(899, 999)}, StockCount(20, 23, "Damaged"))
    await correct_stock(shop.app, shop.people["Max"], book, StockCount(21, 20, "Found"))
    report = await undo(shop.app, shop.sam)
    assert (report.undone, [(kept.field, kept.now) for kept in report.kept]) == (1, [("corrected_stock", 21)])
    assert ((now := await get_book(shop.app, book)).price, now.stock) == (899, 21)
    assert await shop.findings() == []


async def test_copies_that_were_sold_since_are_not_taken_out_again(shop: Shop) -> None:
    await correct(shop, KLARA, 3)
    for _ in range(3):
        await shop.sell(KLARA)
    with pytest.raises(Conflict, match=r"undo\.stock") as refused:
        await undo(shop.app, shop.sam)
    assert (refused.value.params["title"], refused.value.params["stock"]) == ("Klara and the Sun", 0)
    assert await shop.stock(KLARA) == 0
    # What is refused is passed over: it would be in the way of what was done before it.
    with pytest.raises(Refused, match=r"undo\.nothing"):
        await undo(shop.app, shop.sam)
    assert await shop.findings() == []


async def test_copies_in_another_place_are_not_taken_from_the_shop_floor(shop: Shop) -> None:
    await correct(shop, KLARA, 4)
    await transfer(shop.app, shop.ana, shop.app.ids.new(), FLOOR, ROOM, {shop.books[KLARA]: 3})
    with pytest.raises(Conflict, match=r"undo\.stock"):
        await undo(shop.app, shop.sam)
    assert await shop.stock(KLARA) == 4


async def test_who_may_not_correct_stock_takes_no_correction_back(shop: Shop) -> None:
    await correct(shop, PRIDE, 20)
    (row,) = await book_history(shop.app, shop.sam, shop.books[PRIDE])
    may_not = (UserRole.MANAGER, Permission.CORRECT_STOCK, Grant(allowed=False))
    await change_right(shop.app, shop.people["Max"], *may_not)
    with pytest.raises(Refused, match=r"right\.missing"):
        await undo_act(shop.app, shop.sam, row.act)
    assert await shop.stock(PRIDE) == 20


async def test_a_merge_sets_no_stock(shop: Shop) -> None:
    await correct(shop, PRIDE, 20)
    await merge_books(shop.app, shop.sam, shop.books[PRIDE], shop.books[DARKNESS])
    together = await shop.stock(PRIDE)
    (row,) = await book_history(shop.app, shop.sam, shop.books[PRIDE], field="corrected_stock")
    await undo_act(shop.app, shop.sam, row.act)
    assert await shop.stock(PRIDE) == together + 3
    assert await shop.findings() == []


async def test_a_new_title_whose_stock_was_put_right_and_back_is_undone(shop: Shop) -> None:
    made = await add_book(shop.app, shop.sam, "9780140328721", "Matilda", 799)
    await correct_stock(shop.app, shop.sam, made, StockCount(5, 0, "Found"))
    await undo(shop.app, shop.sam)
    report = await undo(shop.app, shop.sam)
    assert (report.titles.gone, report.titles.inactive, report.titles.left) == (0, 1, 0)
    assert await shop.findings() == []


async def test_an_import_is_taken_back_after_a_correction_that_was_undone(shop: Shop, tmp_path: Path) -> None:
    file = tmp_path / "stock.csv"
    file.write_text(f"isbn,title,author,price,stock\n{PRIDE},Pride and Prejudice,Jane Austen,8.99,50\n")
    imported = await import_books(shop.app, file, operator=shop.sam)
    await correct(shop, PRIDE, 60)
    await undo(shop.app, shop.sam)
    report = await undo_act(shop.app, shop.sam, imported.act, kind="import")
    assert (report.titles.stock, report.titles.left) == (1, 0)
    assert await shop.stock(PRIDE) == 23
    assert await shop.findings() == []
