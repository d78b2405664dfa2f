"""Titles that were added are taken back as far as nobody minds: gone, off sale, or left to who did something since."""

import asyncio
from collections.abc import Callable, Collection
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from pos_app.errors import Conflict, Refused
from pos_app.models import Book, BookAct, BookAddition
from pos_app.services.book import find_by_code, get_book, stock_history
from pos_app.services.book_add import add_book
from pos_app.services.book_addition import TAKEN_BACK, TakenBack
from pos_app.services.book_bulk_left import list_left
from pos_app.services.book_edit import Change, StockCount, change_book, correct_stock
from pos_app.services.book_history import undo_state
from pos_app.services.book_import import BATCH, ImportReport, import_books
from pos_app.services.book_search import suggest
from pos_app.services.book_undo import UndoReport, redo, undo, undo_act
from pos_app.services.review import keep_review
from tests.shop import PRIDE, Shop

HUNGER, ODYSSEY = "9780439023481", "9780140449136"
HEAD = "isbn,title,author,price,stock\n"
PRIDE_ROW = f"{PRIDE},Pride and Prejudice,Jane Austen,8.99,{{}}"


def row(isbn: str, stock: int | str = "") -> str:
    return f"{isbn},Title {isbn},Somebody,5.00,{stock}"


def isbns_of(count: int) -> list[str]:
    isbns = []
    for number in range(1, count + 1):
        stem = f"978{number:09}"
        isbns.append(f"{stem}{-sum((1, 3)[place % 2] * int(digit) for place, digit in enumerate(stem)) % 10}")
    return isbns


async def take(shop: Shop, folder: Path, *rows: str) -> ImportReport:
    path = folder / "books.csv"
    path.write_text(HEAD + "".join(f"{one}\n" for one in rows), encoding="utf-8")
    return await import_books(shop.app, path, operator=shop.sam)


async def back(shop: Shop, report: ImportReport) -> UndoReport:
    done = await undo_act(shop.app, shop.sam, report.act, kind="import")
    assert await shop.findings() == []
    return done


async def there(shop: Shop, isbn: str) -> bool | None:
    """Whether a title is on sale; None where it is not in the catalogue."""
    return await shop.app.db.read(lambda session: session.scalar(select(Book.active).where(Book.isbn == isbn)))


async def off_sale(shop: Shop, isbns: Collection[str], *, but: Collection[str]) -> None:
    """Somebody takes titles off sale, all but some."""
    changing = update(Book).where(Book.isbn.in_(isbns)).values(active=Book.isbn.in_(but))
    await shop.app.db.write(lambda session: session.execute(changing))


async def rest(shop: Shop) -> int:
    """How many additions are still to be taken back."""
    return await shop.app.db.read(lambda session: session.scalar(select(func.count()).select_from(BookAddition)) or 0)


async def test_titles_of_an_import_go_and_stock_goes_back_by_the_ledger(shop: Shop, tmp_path: Path) -> None:
    report = await take(shop, tmp_path, row(HUNGER), row(ODYSSEY, 4), PRIDE_ROW.format(50))
    assert await shop.stock(PRIDE) == 50
    await shop.sell(PRIDE)
    done = await back(shop, report)
    assert (done.undone, done.left, done.titles) == (0, 0, TakenBack(gone=1, inactive=1, stock=2))
    # One had no history and is gone; the other's stock is in the ledger for good.
    assert (await there(shop, HUNGER), await there(shop, ODYSSEY)) == (None, False)
    assert (await shop.stock(ODYSSEY), await shop.stock(PRIDE)) == (0, 22)
    odyssey = await find_by_code(shop.app, ODYSSEY)
    steps = await stock_history(shop.app, odyssey.id)
    assert [(step.delta, step.reason.value, step.document) for step in steps] == [
        (-4, "correction", TAKEN_BACK),
        (4, "import", None),
    ]
    assert await rest(shop) == 0
    with pytest.raises(Refused, match=r"undo\.nothing"):
        await back(shop, report)


async def test_what_was_sold_ordered_or_changed_since_stays(shop: Shop, tmp_path: Path) -> None:
    isbns = ["9780000000019", "9780000000026", "9780000000033", "9780000000040"]
    report = await take(shop, tmp_path, *(row(isbn, 3) for isbn in isbns))
    _, edited, praised, counted = [(await find_by_code(shop.app, isbn)) for isbn in isbns]
    await shop.sell(isbns[0])
    await change_book(shop.app, shop.people["Max"], edited.id, {"shelf": Change(None, "A 1")})
    await keep_review(shop.app, shop.ana, praised.id, 5, "Read it twice.")
    await correct_stock(shop.app, shop.sam, counted.id, StockCount(5, 3))
    with pytest.raises(Conflict, match=r"undo\.changed") as conflict:
        await back(shop, report)
    assert conflict.value.current.titles == TakenBack(left=4)
    assert [await there(shop, isbn) for isbn in isbns] == [True] * 4
    assert [await shop.stock(isbn) for isbn in isbns] == [2, 3, 3, 5]
    # What somebody changed and put back again is no longer in the way.
    await change_book(shop.app, shop.people["Max"], edited.id, {"shelf": Change("A 1", None)})
    done = await back(shop, report)
    assert done.titles == TakenBack(inactive=1, left=3, stock=1)
    assert (await get_book(shop.app, edited.id)).active is False


async def test_stock_that_somebody_set_since_is_theirs(shop: Shop, tmp_path: Path) -> None:
    report = await take(shop, tmp_path, PRIDE_ROW.format(50), row(HUNGER))
    await correct_stock(shop.app, shop.sam, shop.books[PRIDE], StockCount(40, 50))
    done = await back(shop, report)
    assert done.titles == TakenBack(gone=1, left=1)
    assert await shop.stock(PRIDE) == 40


async def test_stock_does_not_go_below_nothing(shop: Shop, tmp_path: Path) -> None:
    report = await take(shop, tmp_path, PRIDE_ROW.format(24))
    for _ in range(12):
        await shop.sell(PRIDE, PRIDE)
    with pytest.raises(Conflict, match=r"undo\.changed"):
        await back(shop, report)
    assert await shop.stock(PRIDE) == 0


async def test_an_import_of_many_batches_is_taken_back_whole(shop: Shop, tmp_path: Path) -> None:
    isbns = isbns_of(BATCH + 19)
    # The first stands in the second batch again, with other words, another price and another count.
    rows = [row(isbns[0], 4), *(row(isbn) for isbn in isbns[1:]), f"{isbns[0]},Renamed,Somebody,6.00,7"]
    report = await take(shop, tmp_path, *rows)
    assert (report.added, report.changed) == (len(isbns), 1)
    seen: list[tuple[int, int]] = []
    done = await undo_act(shop.app, shop.sam, report.act, lambda *at: seen.append(at), kind="import")
    assert (done.undone, done.titles) == (2, TakenBack(gone=len(isbns) - 1, inactive=1, stock=2))
    assert seen == sorted(seen)
    assert seen[-1][0] == seen[-1][1]
    assert (await there(shop, isbns[0]), await shop.stock(isbns[0])) == (False, 0)
    assert await shop.findings() == []


async def test_taking_an_import_back_is_stopped_between_two_steps_and_goes_on(shop: Shop, tmp_path: Path) -> None:
    isbns = isbns_of(3 * BATCH)
    await take(shop, tmp_path, *(row(isbn) for isbn in isbns[: BATCH + 20]))
    # Of most titles that are there a price changes, and others are new.
    report = await take(shop, tmp_path, *(row(isbn).replace("5.00", "6.00") for isbn in isbns))
    assert (report.added, report.changed) == (2 * BATCH - 20, BATCH + 20)
    total = BATCH + 20 + 2 * BATCH
    left, seen = None, list[tuple[int, int]]()

    def at(done: int, of: int) -> None:
        seen.append((done, of))
        cancel.set()

    for steps in range(1, 5):
        cancel = asyncio.Event()
        done = await undo_act(shop.app, shop.sam, report.act, at, kind="import", left=left, cancel=cancel)
        # Stopped or killed there, it is told of and goes on.
        left = done.rest
        assert (await list_left(shop.app, shop.sam)) == [left] * (left is not None)
        assert len(seen) == steps
    # Its end tells of the whole.
    assert (done.rest, done.undone, done.left) == (None, BATCH + 20, 0)
    assert done.titles == TakenBack(gone=2 * BATCH - 20)
    assert seen == [(BATCH, total), (BATCH + 20, total), (2 * BATCH + 20, total), (total, total)]
    assert [await there(shop, isbns[0]), await there(shop, isbns[-1]), await rest(shop)] == [True, None, 2]
    assert (await find_by_code(shop.app, isbns[BATCH])).price == 500
    assert await shop.findings() == []


async def test_an_import_is_taken_back_aside_and_one_title_at_once(
    shop: Shop, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    isbns = isbns_of(BATCH + 20)
    await take(shop, tmp_path, row(isbns[0]))
    report = await take(shop, tmp_path, *(row(isbn).replace("5.00", "6.00") for isbn in isbns))
    ranks: list[bool] = []
    write = shop.app.db.write

    async def noted(act: Callable[[Session], Any], *, aside: bool = False) -> Any:
        ranks.append(aside)
        return await write(act, aside=aside)

    monkeypatch.setattr(shop.app.db, "write", noted)
    done = await undo_act(shop.app, shop.sam, report.act, kind="import")
    # One batch of fields, and one of titles for each of the file's batches.
    assert (done.undone, done.titles.gone, sum(ranks)) == (1, BATCH + 19, 3)
    await add_book(shop.app, shop.sam, HUNGER, "The Hunger Games", 899)
    ranks.clear()
    await undo(shop.app, shop.sam)
    # Somebody waits for it.
    assert ranks
    assert not any(ranks)


async def test_one_of_exactly_a_batch_of_fields_is_kept_where_it_stops(shop: Shop, tmp_path: Path) -> None:
    isbns = isbns_of(BATCH)
    await take(shop, tmp_path, *(row(isbn) for isbn in isbns))
    report = await take(shop, tmp_path, *(row(isbn).replace("5.00", "6.00") for isbn in isbns))
    stop = asyncio.Event()
    done = await undo_act(shop.app, shop.sam, report.act, lambda _done, _total: stop.set(), kind="import", cancel=stop)
    # Said to be stopped, it is there to be gone on with.
    assert done.rest is not None
    assert await list_left(shop.app, shop.sam) == [done.rest]
    done = await undo_act(shop.app, shop.sam, report.act, kind="import", left=done.rest)
    assert (done.rest, done.undone, await list_left(shop.app, shop.sam)) == (None, BATCH, [])


async def test_one_that_goes_on_tells_of_the_whole_where_others_hold_the_rest(shop: Shop, tmp_path: Path) -> None:
    isbns = isbns_of(2 * BATCH)
    report = await take(shop, tmp_path, *(row(isbn) for isbn in isbns))
    for first, then in ((None, TakenBack(left=2 * BATCH)), (isbns[:BATCH], TakenBack(gone=BATCH, left=BATCH))):
        await off_sale(shop, isbns, but=first or ())
        stop = asyncio.Event()
        done = await undo_act(
            shop.app, shop.sam, report.act, lambda _done, _total, stop=stop: stop.set(), kind="import", cancel=stop
        )
        # What stayed with others is still kept for another try, and not counted twice.
        assert (done.rest is None, done.titles) == (False, TakenBack(left=BATCH))
        done = await undo_act(shop.app, shop.sam, report.act, kind="import", left=done.rest)
        assert (done.rest, done.titles, await list_left(shop.app, shop.sam)) == (None, then, [])
    with pytest.raises(Conflict, match=r"undo\.changed"):
        await undo_act(shop.app, shop.sam, report.act, kind="import")


async def test_one_that_goes_on_tells_of_all_fields_that_others_changed(shop: Shop, tmp_path: Path) -> None:
    isbns = isbns_of(BATCH + 20)
    await take(shop, tmp_path, *(row(isbn) for isbn in isbns))
    report = await take(shop, tmp_path, *(row(isbn).replace("5.00", "6.00") for isbn in isbns))
    for isbn in (isbns[0], isbns[-1]):
        book = await find_by_code(shop.app, isbn)
        await change_book(shop.app, shop.people["Max"], book.id, {"price": Change(600, 700)})
    stop = asyncio.Event()
    done = await undo_act(shop.app, shop.sam, report.act, lambda _done, _total: stop.set(), kind="import", cancel=stop)
    assert (done.undone, done.left) == (BATCH - 1, 1)
    done = await undo_act(shop.app, shop.sam, report.act, kind="import", left=done.rest)
    assert (done.undone, done.left) == (BATCH + 18, 2)


async def test_a_file_taken_in_again_is_on_sale_again(shop: Shop, tmp_path: Path) -> None:
    rows = (row(HUNGER), row(ODYSSEY, 4))
    await back(shop, await take(shop, tmp_path, *rows))
    report = await take(shop, tmp_path, *rows)
    assert (report.added, report.changed) == (1, 1)
    assert (await there(shop, HUNGER), await there(shop, ODYSSEY), await shop.stock(ODYSSEY)) == (True, True, 4)
    # What a person took off sale stays off.
    await change_book(shop.app, shop.sam, (await find_by_code(shop.app, ODYSSEY)).id, {"active": Change(True, False)})
    await take(shop, tmp_path, *rows)
    assert await there(shop, ODYSSEY) is False


async def test_a_new_book_is_undone_and_done_again(shop: Shop) -> None:
    made = await add_book(shop.app, shop.sam, HUNGER, "The Hunger Games", 899, "Suzanne Collins")
    before = await get_book(shop.app, made)
    assert (await undo_state(shop.app, shop.sam)).undo_kind == "add"
    assert (await undo(shop.app, shop.sam)).titles == TakenBack(gone=1)
    assert await there(shop, HUNGER) is None
    assert (await redo(shop.app, shop.sam)).titles == TakenBack(back=1)
    after = await find_by_code(shop.app, HUNGER)
    assert replace(after, id=before.id) == before
    assert (await undo(shop.app, shop.sam)).titles == TakenBack(gone=1)
    with pytest.raises(Refused, match=r"undo\.nothing"):
        await undo(shop.app, shop.sam)
    await redo(shop.app, shop.sam)
    assert await there(shop, HUNGER)
    assert await shop.findings() == []


async def test_a_new_book_that_was_changed_goes_off_sale_once_its_changes_are_undone(shop: Shop) -> None:
    made = await add_book(shop.app, shop.sam, HUNGER, "The Hunger Games", 899, stock=2)
    await change_book(shop.app, shop.sam, made, {"price": Change(899, 999)})
    assert (await undo(shop.app, shop.sam)).undone == 1
    assert (await undo(shop.app, shop.sam)).titles == TakenBack(inactive=1, stock=1)
    assert (await there(shop, HUNGER), await shop.stock(HUNGER)) == (False, 0)
    assert (await redo(shop.app, shop.sam)).titles == TakenBack(stock=1)
    assert (await there(shop, HUNGER), await shop.stock(HUNGER)) == (True, 2)
    assert await shop.findings() == []


async def test_a_new_book_with_stock_is_undone_and_done_again_and_again(shop: Shop) -> None:
    await add_book(shop.app, shop.sam, HUNGER, "The Hunger Games", 899, stock=2)
    for _ in range(2):
        await undo(shop.app, shop.sam)
        assert (await there(shop, HUNGER), await shop.stock(HUNGER)) == (False, 0)
        await redo(shop.app, shop.sam)
        assert (await there(shop, HUNGER), await shop.stock(HUNGER)) == (True, 2)
    assert await shop.findings() == []


async def test_a_new_title_without_isbn_is_undone_and_done_again(shop: Shop) -> None:
    made = await add_book(shop.app, shop.sam, "", "Tote bag", 1200)
    for _ in range(2):
        await undo(shop.app, shop.sam)
        with pytest.raises(Refused, match=r"book\.missing"):
            await get_book(shop.app, made)
        assert (await redo(shop.app, shop.sam)).titles == TakenBack(back=1)
        (row,) = await suggest(shop.app, "tote bag")
        made = row.id
    assert await shop.findings() == []


async def test_stock_counted_since_a_new_book_was_taken_back_stays_as_counted(shop: Shop) -> None:
    made = await add_book(shop.app, shop.sam, HUNGER, "The Hunger Games", 899, stock=2)
    await undo(shop.app, shop.sam)
    await correct_stock(shop.app, shop.people["Max"], made, StockCount(5, 0, "Found"))
    report = await redo(shop.app, shop.sam)
    assert (report.undone, report.titles) == (1, TakenBack(left=1))
    assert (await there(shop, HUNGER), await shop.stock(HUNGER)) == (True, 5)
    assert await shop.findings() == []


async def test_what_cannot_be_undone_does_not_bar_the_way_to_what_was_done_before(shop: Shop) -> None:
    await change_book(shop.app, shop.sam, shop.books[PRIDE], {"price": Change(899, 999)})
    await add_book(shop.app, shop.sam, HUNGER, "The Hunger Games", 899, stock=2)
    await shop.sell(HUNGER)
    with pytest.raises(Conflict, match=r"undo\.changed"):
        await undo(shop.app, shop.sam)
    assert (await undo(shop.app, shop.sam)).undone == 1
    assert (await find_by_code(shop.app, PRIDE)).price == 899
    assert await there(shop, HUNGER)
    await redo(shop.app, shop.sam)
    assert (await find_by_code(shop.app, PRIDE)).price == 999
    with pytest.raises(Refused, match=r"nothing"):
        await redo(shop.app, shop.sam)
    with pytest.raises(Refused, match=r"redo\.nothing"):
        await redo(shop.app, shop.sam)


async def test_its_number_may_be_anothers_by_then(shop: Shop) -> None:
    await add_book(shop.app, shop.sam, HUNGER, "The Hunger Games", 899)
    await undo(shop.app, shop.sam)
    await add_book(shop.app, shop.people["Max"], HUNGER, "Hunger", 100)
    with pytest.raises(Conflict, match=r"undo\.changed"):
        await redo(shop.app, shop.sam)
    assert (await find_by_code(shop.app, HUNGER)).title == "Hunger"


async def test_taking_back_is_for_who_may_edit(shop: Shop, tmp_path: Path) -> None:
    report = await take(shop, tmp_path, row(HUNGER))
    with pytest.raises(Refused, match=r"right\.missing"):
        await undo_act(shop.app, shop.ana, report.act, kind="import")
    assert await there(shop, HUNGER)


async def test_an_import_that_adds_writes_one_act(shop: Shop, tmp_path: Path) -> None:
    report = await take(shop, tmp_path, row(HUNGER), row(ODYSSEY))

    def acts(session: Session) -> list[tuple[str, str]]:
        return [(uid, kind) for uid, kind in session.execute(select(BookAct.uid, BookAct.kind))]

    assert await shop.app.db.read(acts) == [(report.act, "import")]
