"""The tree of categories: changed by more than one, never a circle, and taken back as changes of titles are."""

import asyncio
from decimal import Decimal

import pytest

from pos_app.domain.promotion import PromotionKind
from pos_app.errors import Conflict, Refused
from pos_app.services import category_remove
from pos_app.services.book import get_book
from pos_app.services.book_edit import Change, change_book
from pos_app.services.book_history import book_history
from pos_app.services.book_undo import redo, undo
from pos_app.services.category import CategoryNode, category_tree, keep_category
from pos_app.services.category_remove import category_use, remove_category
from pos_app.services.promotion_edit import PromotionRow, keep_promotion
from tests.shop import KLARA, PRIDE, SAPIENS, Shop


async def node(shop: Shop, name: str) -> CategoryNode:
    return next(one for one in await category_tree(shop.app) if one.name == name)


async def names(shop: Shop) -> list[tuple[str, ...]]:
    return [one.path for one in await category_tree(shop.app) if "Fiction" in one.path or "Crime" in one.path]


async def category_of(shop: Shop, isbn: str) -> str | None:
    return (await get_book(shop.app, shop.books[isbn])).category


async def test_a_category_is_made_renamed_and_moved(shop: Shop) -> None:
    fiction = await node(shop, "Fiction")
    tree = await keep_category(shop.app, shop.sam, "  Crime  ", parent_id=fiction.id)
    crime = next(one for one in tree if one.name == "Crime")
    assert (crime.depth, crime.path) == (1, ("Fiction", "Crime"))
    with pytest.raises(Refused, match=r"category\.circle"):
        await keep_category(shop.app, shop.sam, "Fiction", parent_id=crime.id, category_id=fiction.id)
    with pytest.raises(Refused, match=r"category\.circle"):
        await keep_category(shop.app, shop.sam, "Fiction", parent_id=fiction.id, category_id=fiction.id)
    await keep_category(shop.app, shop.sam, "Crime & Thrillers", category_id=crime.id)
    assert (await node(shop, "Crime & Thrillers")).depth == 0
    with pytest.raises(Conflict, match=r"category\.changed"):
        await keep_category(shop.app, shop.sam, "Noir", category_id=crime.id)
    with pytest.raises(Refused, match=r"right\.missing"):
        await keep_category(shop.app, shop.ana, "Noir")


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("", "category.name"),
        ("  \t", "category.name"),
        ("x" * 256, "category.name"),
        ("fICTION", "category.taken"),
        ("Fic\x1btion", "category.taken"),
        ("4111 1111 1111 1111", "code.card_number"),
    ],
)
async def test_what_no_category_can_be_called(shop: Shop, name: str, code: str) -> None:
    with pytest.raises(Refused) as refused:
        await keep_category(shop.app, shop.sam, name)
    assert refused.value.code == code


async def test_two_moves_at_once_make_no_circle(shop: Shop) -> None:
    await keep_category(shop.app, shop.sam, "Crime")
    fiction, crime = await node(shop, "Fiction"), await node(shop, "Crime")
    done = await asyncio.gather(
        keep_category(shop.app, shop.sam, "Fiction", parent_id=crime.id, category_id=fiction.id),
        keep_category(shop.app, shop.sam, "Crime", parent_id=fiction.id, category_id=crime.id),
        return_exceptions=True,
    )
    assert sorted(type(one).__name__ for one in done) == ["Refused", "list"]
    assert len(await names(shop)) == 2


async def test_making_renaming_and_moving_are_undone(shop: Shop) -> None:
    fiction = await node(shop, "Fiction")
    await keep_category(shop.app, shop.sam, "Crime")
    crime = await node(shop, "Crime")
    await keep_category(shop.app, shop.sam, "Noir", parent_id=fiction.id, category_id=crime.id)
    assert (await node(shop, "Noir")).path == ("Fiction", "Noir")
    await undo(shop.app, shop.sam)
    assert (await node(shop, "Crime")).path == ("Crime",)
    await undo(shop.app, shop.sam)
    assert await names(shop) == [("Fiction",)]
    await redo(shop.app, shop.sam)
    await redo(shop.app, shop.sam)
    assert (await node(shop, "Noir")).path == ("Fiction", "Noir")


async def test_a_category_is_taken_away_with_its_titles_and_comes_back(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Three titles in two transactions.
    monkeypatch.setattr(category_remove, "BATCH", 2)
    fiction = await node(shop, "Fiction")
    await keep_category(shop.app, shop.sam, "Crime", parent_id=fiction.id)
    history = await node(shop, "History")
    use = await category_use(shop.app, fiction.id)
    assert (use.titles, use.inside) == (3, 1)
    told: list[tuple[int, int]] = []
    await remove_category(
        shop.app, shop.sam, fiction.id, fiction.version, titles_to=history.id, progress=lambda *at: told.append(at)
    )
    assert told == [(2, 3), (3, 3)]
    assert await names(shop) == [("Crime",)]
    assert [await category_of(shop, isbn) for isbn in (PRIDE, KLARA, SAPIENS)] == ["History"] * 3
    # Its number is nobody else's.
    await keep_category(shop.app, shop.people["Max"], "Poetry Corner")
    assert (await node(shop, "Poetry Corner")).id != fiction.id
    report = await undo(shop.app, shop.sam)
    assert (report.undone, report.left) == (5, 0)
    assert await names(shop) == [("Fiction",), ("Fiction", "Crime")]
    assert (await node(shop, "Fiction")).id == fiction.id
    assert [await category_of(shop, isbn) for isbn in (PRIDE, KLARA, SAPIENS)] == ["Fiction", "Fiction", "History"]
    await redo(shop.app, shop.sam)
    assert await names(shop) == [("Crime",)]
    assert await category_of(shop, PRIDE) == "History"
    await undo(shop.app, shop.sam)
    assert await names(shop) == [("Fiction",), ("Fiction", "Crime")]
    assert await shop.findings() == []


async def test_titles_go_nowhere_where_nothing_is_said(shop: Shop) -> None:
    fiction = await node(shop, "Fiction")
    await remove_category(shop.app, shop.sam, fiction.id, fiction.version)
    assert await category_of(shop, PRIDE) is None
    change = (await book_history(shop.app, shop.sam, shop.books[PRIDE]))[0]
    assert (change.kind, change.field, change.new) == ("category", "category_id", None)


async def test_what_somebody_did_since_stays(shop: Shop) -> None:
    fiction, history = await node(shop, "Fiction"), await node(shop, "History")
    await remove_category(shop.app, shop.sam, fiction.id, fiction.version, titles_to=history.id)
    await change_book(shop.app, shop.people["Max"], shop.books[PRIDE], {"category_id": Change(history.id, None)})
    await keep_category(shop.app, shop.people["Max"], "Fiction")
    with pytest.raises(Conflict, match=r"undo\.changed") as refused:
        await undo(shop.app, shop.sam)
    assert {kept.title for kept in refused.value.current.kept} >= {"Fiction", "Pride and Prejudice"}
    assert await category_of(shop, PRIDE) is None
    assert await category_of(shop, KLARA) == "History"


async def test_a_category_that_others_stand_on_stays(shop: Shop) -> None:
    fiction = await node(shop, "Fiction")
    promotion = PromotionRow("Ten off", PromotionKind.PERCENT, rate=Decimal("0.1"), category_id=fiction.id)
    await keep_promotion(shop.app, shop.people["Max"], promotion)
    with pytest.raises(Refused, match=r"category\.bound"):
        await remove_category(shop.app, shop.sam, fiction.id, fiction.version)
    assert await category_of(shop, PRIDE) == "Fiction"


async def test_what_is_refused_when_one_is_taken_away(shop: Shop) -> None:
    fiction = await node(shop, "Fiction")
    with pytest.raises(Refused, match=r"category\.missing"):
        await remove_category(shop.app, shop.sam, 999_999, 1)
    with pytest.raises(Refused, match=r"category\.missing"):
        await remove_category(shop.app, shop.sam, fiction.id, fiction.version, titles_to=fiction.id)
    with pytest.raises(Conflict, match=r"category\.changed"):
        await remove_category(shop.app, shop.sam, fiction.id, fiction.version + 1)
    with pytest.raises(Refused, match=r"right\.missing"):
        await remove_category(shop.app, shop.ana, fiction.id, fiction.version)
