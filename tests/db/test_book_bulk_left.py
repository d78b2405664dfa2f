"""A change of many titles that was cut off is told of, and goes on, is taken back or left so."""

from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import pytest

from pos_app.domain.book_act import change_price
from pos_app.domain.kinds import StockState
from pos_app.errors import Refused
from pos_app.services import book_bulk, book_undo
from pos_app.services.book_bulk import BulkChange, bulk_edit, go_on
from pos_app.services.book_bulk_left import leave, list_left
from pos_app.services.book_filter import BookFilter
from pos_app.services.book_import import BATCH
from pos_app.services.book_undo import go_on_undoing, redo, undo, undo_act
from tests.db.test_book_addition import isbns_of, row, take
from tests.db.test_book_history import prices
from tests.shop import Shop


class PulledError(Exception):
    """The plug, between two transactions."""


def pull(done: int, _total: int) -> None:
    if done == 2:
        raise PulledError


async def test_a_change_of_many_that_was_cut_off_says_so_and_goes_on_where_it_stopped(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(book_bulk, "BATCH", 2)
    up, sam = BulkChange(Decimal("0.05")), shop.sam
    for scope in (BookFilter(), list(shop.books.values())):
        before = await prices(shop)
        with pytest.raises(PulledError):
            await bulk_edit(shop.app, sam, scope, up, progress=pull)
        (left,) = await list_left(shop.app, sam)
        assert (left.done, left.changed, left.total) == (2, 2, 5)
        assert await list_left(shop.app, shop.ana) == []
        assert await list_left(shop.app, replace(sam, till_id=sam.till_id + 1)) == []
        report = await go_on(shop.app, sam, left)
        assert (report.changed, await list_left(shop.app, sam)) == (5, [])
        assert await prices(shop) == [change_price(price, Decimal("0.05")) for price in before]
        await undo(shop.app, sam)
        assert await prices(shop) == before


async def test_the_same_change_asked_for_again_is_made_once(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(book_bulk, "BATCH", 2)
    up = BulkChange(Decimal("0.05"), fields={"shelf": "X"})
    with pytest.raises(PulledError):
        await bulk_edit(shop.app, shop.sam, BookFilter(state=StockState.IN_STOCK), up, uid="again", progress=pull)
    for _ in range(2):
        report = await bulk_edit(shop.app, shop.sam, BookFilter(state=StockState.IN_STOCK), up, uid="again")
        assert (report.changed, await prices(shop)) == (4, [944, 1154, 1780, 2499])


async def test_what_was_cut_off_is_left_so_or_taken_back(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(book_bulk, "BATCH", 2)
    before = await prices(shop)
    for end in (leave, None):
        with pytest.raises(PulledError):
            await bulk_edit(shop.app, shop.sam, BookFilter(), BulkChange(Decimal("0.05")), progress=pull)
        (left,) = await list_left(shop.app, shop.sam)
        if end is not None:
            await end(shop.app, shop.sam, left.uid)
            assert await list_left(shop.app, shop.sam) == []
        await undo(shop.app, shop.sam)
        assert (await prices(shop), await list_left(shop.app, shop.sam)) == (before, [])


async def test_an_undo_that_was_cut_off_goes_on_where_it_stopped(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(book_undo, "BATCH", 2)
    before = await prices(shop)
    await bulk_edit(shop.app, shop.sam, BookFilter(), BulkChange(Decimal("0.05")))
    with pytest.raises(PulledError):
        await undo(shop.app, shop.sam, pull)
    (left,) = await list_left(shop.app, shop.sam)
    assert (left.done, left.total, left.undoes is None) == (2, 5, False)
    assert await prices(shop) != before
    report = await go_on_undoing(shop.app, shop.sam, left, lambda _done, _total: None)
    assert (report.undone, report.left, await prices(shop)) == (5, 0, before)
    assert await list_left(shop.app, shop.sam) == []
    await redo(shop.app, shop.sam)
    await undo(shop.app, shop.sam)
    assert await prices(shop) == before


async def test_an_undo_whose_rest_another_did_is_told_of_no_more(shop: Shop, tmp_path: Path) -> None:
    report = await take(shop, tmp_path, *(row(isbn) for isbn in isbns_of(2 * BATCH)))

    def cut_off(_done: int, _total: int) -> None:
        raise PulledError

    with pytest.raises(PulledError):
        await undo_act(shop.app, shop.sam, report.act, cut_off, kind="import")
    (left,) = await list_left(shop.app, shop.sam)
    # Begun anew instead of gone on with.
    assert (await undo_act(shop.app, shop.sam, report.act, kind="import")).titles.gone == BATCH
    with pytest.raises(Refused, match=r"undo\.nothing"):
        await go_on_undoing(shop.app, shop.sam, left, lambda _done, _total: None)
    assert await list_left(shop.app, shop.sam) == []


async def test_nor_where_the_act_had_changed_fields_too(shop: Shop, tmp_path: Path) -> None:
    isbns = isbns_of(2 * BATCH)
    await take(shop, tmp_path, row(isbns[0]))
    report = await take(shop, tmp_path, *(row(isbn).replace("5.00", "6.00") for isbn in isbns))

    def cut_off(done: int, _total: int) -> None:
        if done > 1:
            raise PulledError

    with pytest.raises(PulledError):
        await undo_act(shop.app, shop.sam, report.act, cut_off, kind="import")
    (left,) = await list_left(shop.app, shop.sam)
    await undo_act(shop.app, shop.sam, report.act, kind="import")
    done = await go_on_undoing(shop.app, shop.sam, left, lambda _done, _total: None)
    assert (done.rest, await list_left(shop.app, shop.sam)) == (None, [])
