"""Suppliers with their terms, and what they ask for a title."""

from dataclasses import replace
from decimal import Decimal

import pytest

from pos_app.errors import Conflict, Refused
from pos_app.services.book import get_book
from pos_app.services.book_bulk import BulkChange, bulk_edit, preview_bulk
from pos_app.services.book_edit import Change, change_cells
from pos_app.services.book_history import book_history
from pos_app.services.book_undo import redo, undo
from pos_app.services.purchase_order import count_nobodys, suggest
from pos_app.services.supplier import (
    SupplierView,
    expected_cost,
    keep_supplier,
    list_suppliers,
    set_supplier_of,
)
from tests.shop import KLARA, PRIDE, Shop

PENGUIN = SupplierView(name=" Penguin ", san="0000011", discount_rate=Decimal("0.4"), terms_days=60, return_days=180)


async def test_a_supplier_is_kept_with_its_terms(shop: Shop) -> None:
    kept = await keep_supplier(shop.app, shop.sam, PENGUIN)
    assert (kept.name, kept.discount_rate, kept.terms_days, kept.return_days) == ("Penguin", Decimal("0.4"), 60, 180)
    await keep_supplier(shop.app, shop.sam, replace(kept, active=False))
    assert await list_suppliers(shop.app) == []
    assert [one.name for one in await list_suppliers(shop.app, also_inactive=True)] == ["Penguin"]


async def test_of_two_managers_the_second_is_told_what_the_first_changed(shop: Shop) -> None:
    kept = await keep_supplier(shop.app, shop.sam, PENGUIN)
    await keep_supplier(shop.app, shop.sam, replace(kept, lead_days=3))
    with pytest.raises(Conflict) as told:
        await keep_supplier(shop.app, shop.sam, replace(kept, lead_days=9))
    assert told.value.current.lead_days == 3


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"name": " "}, "supplier.name"),
        ({"name": "n" * 256}, "supplier.text"),
        ({"discount_rate": Decimal(2)}, "supplier.terms"),
        ({"lead_days": -1}, "supplier.terms"),
        ({"id": 99}, "supplier.missing"),
    ],
)
async def test_what_cannot_be_kept_is_told(shop: Shop, changes: dict[str, object], code: str) -> None:
    with pytest.raises(Refused) as told:
        await keep_supplier(shop.app, shop.sam, replace(PENGUIN, **changes))  # type: ignore[arg-type]
    assert told.value.code == code


async def test_a_name_is_taken_once_and_a_cashier_keeps_none(shop: Shop) -> None:
    await keep_supplier(shop.app, shop.sam, PENGUIN)
    for operator, code in ((shop.sam, "supplier.name"), (shop.ana, "right.missing")):
        with pytest.raises(Refused) as told:
            await keep_supplier(shop.app, operator, PENGUIN)
        assert told.value.code == code


async def test_the_usual_supplier_of_a_title_changes(shop: Shop) -> None:
    first = await keep_supplier(shop.app, shop.sam, PENGUIN)
    second = await keep_supplier(shop.app, shop.sam, SupplierView(name="Gardners"))
    book = shop.books[PRIDE]
    await set_supplier_of(shop.app, shop.sam, book, first.id, cost=500)
    await set_supplier_of(shop.app, shop.sam, book, second.id)
    from sqlalchemy import select

    from pos_app.models import BookSupplier

    rows = await shop.app.db.read(
        lambda session: session.execute(
            select(BookSupplier.supplier_id, BookSupplier.cost).order_by(BookSupplier.position)
        ).all()
    )
    assert [tuple(row) for row in rows] == [(second.id, None), (first.id, 500)]


def test_a_copy_should_cost_what_was_asked_last_else_the_price_less_the_discount() -> None:
    assert expected_cost(899, None, Decimal("0.4")) == 539
    assert expected_cost(899, 500, Decimal("0.4")) == 500


async def test_titles_get_their_supplier_and_one_undo_takes_it_back(shop: Shop) -> None:
    app, sam = shop.app, shop.sam
    penguin, faber = [await keep_supplier(app, sam, SupplierView(name=name)) for name in ("Penguin", "Faber")]
    pride, klara = shop.books[PRIDE], shop.books[KLARA]
    await set_supplier_of(app, sam, pride, penguin.id, cost=500)

    async def usual() -> list[int | None]:
        return [(await get_book(app, book)).usual_supplier for book in (pride, klara)]

    change = BulkChange(usual_supplier=faber.id)
    preview = await preview_bulk(app, sam, [pride, klara], change)
    assert [dict(row.changes) for row in preview.rows] == [
        {"usual_supplier": (penguin.id, faber.id)},
        {"usual_supplier": (None, faber.id)},
    ]
    report = await bulk_edit(app, sam, [pride, klara], change)
    assert (report.changed, await usual()) == (2, [faber.id, faber.id])
    assert (await bulk_edit(app, sam, [pride, klara], change)).changed == 0
    assert (await undo(app, sam)).undone == 2
    assert await usual() == [penguin.id, None]
    assert (await redo(app, sam)).undone == 2
    assert await usual() == [faber.id, faber.id]
    rows = await book_history(app, sam, pride, field="usual_supplier")
    assert [(row.old, row.new) for row in rows] == [("Penguin", "Faber"), ("Faber", "Penguin"), ("Penguin", "Faber")]


async def test_a_supplier_is_one_field_of_a_title_that_two_people_may_change(shop: Shop) -> None:
    app, sam = shop.app, shop.sam
    penguin, faber = [await keep_supplier(app, sam, SupplierView(name=name)) for name in ("Penguin", "Faber")]
    pride = shop.books[PRIDE]
    (made,) = await change_cells(
        app, sam, {pride: {"usual_supplier": Change(None, penguin.id), "shelf": Change(None, "A1")}}
    )
    assert (made.usual_supplier, made.shelf) == (penguin.id, "A1")
    with pytest.raises(Conflict) as told:
        await change_cells(app, sam, {pride: {"usual_supplier": Change(None, faber.id)}})
    assert told.value.params["fields"] == ("usual_supplier",)
    (made,) = await change_cells(app, sam, {pride: {"usual_supplier": Change(penguin.id, None)}})
    assert made.usual_supplier is None
    await undo(app, sam)
    await undo(app, sam)
    now = await get_book(app, pride)
    assert (now.usual_supplier, now.shelf) == (None, None)
    with pytest.raises(Refused, match=r"supplier\.missing"):
        await change_cells(app, sam, {pride: {"usual_supplier": Change(None, 99)}})
    with pytest.raises(Refused, match=r"supplier\.missing"):
        await bulk_edit(app, sam, [pride], BulkChange(usual_supplier=99))


async def test_titles_below_their_level_that_come_from_nobody_are_counted(shop: Shop) -> None:
    app, sam = shop.app, shop.sam
    penguin = await keep_supplier(app, sam, PENGUIN)
    await bulk_edit(app, sam, list(shop.books.values()), BulkChange(fields={"reorder_at": 9}))
    assert await count_nobodys(app) == 3
    await set_supplier_of(app, sam, shop.books[KLARA], penguin.id)
    assert await count_nobodys(app) == 2
    assert [one.title for one in await suggest(app, sam, penguin.id)] == ["Klara and the Sun"]
