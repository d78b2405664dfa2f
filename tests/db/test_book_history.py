"""What was changed is known, and can be taken back, with nobody's edit lost."""

import asyncio
from decimal import Decimal
from functools import partial
from pathlib import Path

import pytest
from sqlalchemy import event, func, select, text

from pos_app.domain.used import Grade
from pos_app.errors import Conflict, Refused
from pos_app.models import BookSupplier, Supplier
from pos_app.services.book import find_by_code, get_book, list_categories
from pos_app.services.book_add import add_book
from pos_app.services.book_bulk import BulkChange, bulk_edit, preview_bulk
from pos_app.services.book_code import add_code, list_codes, remove_code
from pos_app.services.book_copy import add_copy, list_copies
from pos_app.services.book_edit import Change, change_book
from pos_app.services.book_filter import BookFilter
from pos_app.services.book_history import book_history, record_changes, undo_state
from pos_app.services.book_import import import_books
from pos_app.services.book_list import open_list
from pos_app.services.book_merge import find_duplicates, merge_books, merged_into
from pos_app.services.book_search import suggest
from pos_app.services.book_undo import last_import, redo, undo, undo_act
from pos_app.services.cover import MAX_BYTES, get_cover, set_cover
from pos_app.services.review import keep_review, list_reviews, own_review, remove_review
from tests.shop import DARKNESS, KLARA, PRIDE, SAPIENS, Shop

PNG = b"\x89PNG\r\n\x1a\n" + b"x" * 100


async def price(shop: Shop, isbn: str, before: int, after: int) -> None:
    await change_book(shop.app, shop.sam, shop.books[isbn], {"price": Change(before, after)})


async def prices(shop: Shop) -> list[int]:
    return [(await get_book(shop.app, shop.books[isbn])).price for isbn in (PRIDE, DARKNESS, KLARA, SAPIENS)]


async def test_history_names_who_when_old_and_new(shop: Shop) -> None:
    history = next(row.id for row in await list_categories(shop.app) if row.name == "History")
    fiction = (await get_book(shop.app, shop.books[PRIDE])).category_id
    await price(shop, PRIDE, 899, 999)
    await change_book(shop.app, shop.sam, shop.books[PRIDE], {"category_id": Change(fiction, history)})
    rows = await book_history(shop.app, shop.sam, shop.books[PRIDE])
    assert [(row.operator, row.till, row.field, row.old, row.new) for row in rows] == [
        ("Sam", 1, "category_id", "Fiction", "History"),
        ("Sam", 1, "price", 899, 999),
    ]
    assert rows[0].happened_at.tzinfo is not None
    assert await book_history(shop.app, shop.sam, shop.books[PRIDE], field="price") == rows[1:]
    assert await book_history(shop.app, shop.sam, shop.books[PRIDE], before=rows[1].id) == []
    with pytest.raises(Refused, match=r"right\.missing"):
        await book_history(shop.app, shop.ana, shop.books[PRIDE])


async def test_two_managers_change_different_fields_and_a_till_sells(shop: Shop) -> None:
    book = shop.books[PRIDE]
    await asyncio.gather(
        change_book(shop.app, shop.sam, book, {"price": Change(899, 999)}),
        change_book(shop.app, shop.people["Max"], book, {"reorder_at": Change(0, 7)}),
        shop.sell(PRIDE),
    )
    now = await get_book(shop.app, book)
    assert (now.price, now.reorder_at, now.stock) == (999, 7, 22)
    assert await shop.findings() == []


async def test_the_same_field_is_the_first_ones(shop: Shop) -> None:
    book = shop.books[PRIDE]
    await price(shop, PRIDE, 899, 999)
    with pytest.raises(Conflict, match=r"book\.field_changed") as conflict:
        await change_book(shop.app, shop.people["Max"], book, {"price": Change(899, 777), "shelf": Change(None, "A")})
    assert conflict.value.params["fields"] == ("price",)
    assert (conflict.value.current.price, conflict.value.current.shelf) == (999, None)


async def test_undo_and_redo_go_through_all_of_it(shop: Shop) -> None:
    await price(shop, PRIDE, 899, 999)
    await price(shop, KLARA, 1695, 1700)
    await undo(shop.app, shop.sam)
    await undo(shop.app, shop.sam)
    assert await prices(shop) == [899, 1099, 1695, 2499]
    with pytest.raises(Refused, match=r"undo\.nothing"):
        await undo(shop.app, shop.sam)
    await redo(shop.app, shop.sam)
    assert (await prices(shop))[:3] == [999, 1099, 1695]
    await redo(shop.app, shop.sam)
    assert (await prices(shop))[:3] == [999, 1099, 1700]
    await undo(shop.app, shop.sam)
    assert (await prices(shop))[2] == 1695
    await price(shop, DARKNESS, 1099, 1000)
    with pytest.raises(Refused, match=r"redo\.nothing"):
        await redo(shop.app, shop.sam)


async def test_an_undo_leaves_what_somebody_else_changed_since(shop: Shop) -> None:
    book = shop.books[PRIDE]
    await change_book(shop.app, shop.sam, book, {"price": Change(899, 999), "shelf": Change(None, "A")})
    await change_book(shop.app, shop.people["Max"], book, {"price": Change(999, 500)})
    report = await undo(shop.app, shop.sam)
    assert (report.undone, [(kept.field, kept.now) for kept in report.kept]) == (1, [("price", 500)])
    now = await get_book(shop.app, book)
    assert (now.price, now.shelf) == (500, None)
    with pytest.raises(Conflict, match=r"undo\.changed"):
        await undo_act(shop.app, shop.sam, (await book_history(shop.app, shop.sam, book, field="price"))[1].act)


async def test_many_are_changed_by_filter_and_taken_back_by_one_undo(shop: Shop) -> None:
    fiction = (await get_book(shop.app, shop.books[PRIDE])).category_id
    change, scope = BulkChange(Decimal("0.05"), round_to=5, fields={"reorder_at": 3}), BookFilter(category_id=fiction)
    preview = await preview_bulk(shop.app, shop.sam, scope, change)
    assert preview.total == 3
    assert {row.title: dict(row.changes)["price"] for row in preview.rows}["Klara and the Sun"] == (1695, 1780)
    seen: list[tuple[int, int]] = []
    report = await bulk_edit(shop.app, shop.sam, scope, change, progress=lambda *done: seen.append(done))
    assert (report.changed, report.unchanged, seen) == (3, 0, [(3, 3)])
    assert await prices(shop) == [945, 1155, 1780, 2499]
    assert (await undo_state(shop.app, shop.sam)).undo_kind == "bulk"
    await undo(shop.app, shop.sam)
    assert await prices(shop) == [899, 1099, 1695, 2499]
    assert (await get_book(shop.app, shop.books[KLARA])).reorder_at == 0
    await redo(shop.app, shop.sam)
    assert await prices(shop) == [945, 1155, 1780, 2499]


async def test_of_all_that_are_changed_those_priced_at_nothing_or_below_cost_are_counted(shop: Shop) -> None:
    """Not of the first ones alone; of what costs nothing it is not said besides that it is below its cost."""
    for isbn, cost in ((PRIDE, 809), (DARKNESS, 990), (KLARA, 1000)):
        before = (await get_book(shop.app, shop.books[isbn])).cost
        await change_book(shop.app, shop.sam, shop.books[isbn], {"cost": Change(before, cost)})
    asked = await add_book(shop.app, shop.sam, "9780571364909", "Card", 100, "", tax_rate_id=None)
    await change_book(shop.app, shop.sam, asked, {"open_price": Change(False, True)})  # noqa: FBT003
    everything, chosen = BookFilter(), list(shop.books.values())
    for rate, said in (("-0.1", (0, 1)), ("-0.11", (0, 2)), ("-0.5", (0, 3)), ("-1", (4, 0)), ("0.05", (0, 0))):
        for scope in (everything, chosen):
            preview = await preview_bulk(shop.app, shop.sam, scope, BulkChange(Decimal(rate)))
            assert (preview.free, preview.below) == said, rate
    preview = await preview_bulk(shop.app, shop.sam, everything, BulkChange(fields={"reorder_at": 3}))
    assert (preview.free, preview.below) == (0, 0)


async def test_an_undo_of_many_writes_its_titles_at_once(shop: Shop) -> None:
    await bulk_edit(shop.app, shop.sam, BookFilter(), BulkChange(fields={"reorder_at": 7}))
    sent: list[str] = []
    event.listen(shop.app.db.writer, "before_cursor_execute", lambda _c, _cursor, statement, *_: sent.append(statement))
    report = await undo(shop.app, shop.sam)
    assert report.undone > 3
    assert len([statement for statement in sent if statement.startswith("UPDATE books")]) == 1


async def test_a_change_of_many_that_leaves_the_filter_still_reaches_all(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    from pos_app.services import book_bulk, book_undo

    monkeypatch.setattr(book_bulk, "BATCH", 2)
    monkeypatch.setattr(book_undo, "BATCH", 2)
    history = next(row.id for row in await list_categories(shop.app) if row.name == "History")
    fiction = (await get_book(shop.app, shop.books[PRIDE])).category_id
    report = await bulk_edit(
        shop.app, shop.sam, BookFilter(category_id=fiction), BulkChange(fields={"category_id": history})
    )
    assert report.changed == 3
    assert len((await open_list(shop.app, BookFilter(category_id=history)))[1]) == 4
    assert (await undo(shop.app, shop.sam)).undone == 3
    cancel = asyncio.Event()
    cancel.set()
    report = await bulk_edit(
        shop.app, shop.sam, list(shop.books.values()), BulkChange(fields={"shelf": "X"}), cancel=cancel
    )
    assert (report.changed, report.cancelled) == (0, True)


@pytest.mark.parametrize(
    ("change", "code"),
    [
        (BulkChange(), "bulk.nothing"),
        (BulkChange(Decimal(-2)), "bulk.rate"),
        (BulkChange(Decimal("NaN")), "bulk.rate"),
        (BulkChange(fields={"title": "x"}), "bulk.isbn"),
        (BulkChange(fields={"reorder_at": -1}), "reorder.invalid"),
    ],
)
async def test_nonsense_changes_of_many_are_refused(shop: Shop, change: BulkChange, code: str) -> None:
    with pytest.raises(Refused) as refused:
        await bulk_edit(shop.app, shop.sam, BookFilter(), change)
    assert refused.value.code == code


async def test_codes_are_added_found_taken_away_and_undone(shop: Shop) -> None:
    book = shop.books[PRIDE]
    assert await add_code(shop.app, shop.sam, book, "4006381333931") == ["4006381333931"]
    assert (await find_by_code(shop.app, "4006381333931")).id == book
    with pytest.raises(Refused, match=r"code\.taken"):
        await add_code(shop.app, shop.sam, shop.books[KLARA], "4006381333931")
    with pytest.raises(Refused, match=r"code\.taken"):
        await add_code(shop.app, shop.sam, shop.books[KLARA], PRIDE)
    assert await remove_code(shop.app, shop.sam, book, "4006381333931") == []
    await undo(shop.app, shop.sam)
    assert await list_codes(shop.app, book) == ["4006381333931"]


async def test_a_used_copy_is_sold_by_its_label(shop: Shop) -> None:
    copy = await add_copy(shop.app, shop.sam, shop.books[KLARA], Grade.VERY_GOOD, 650, note="Name inside")
    assert copy.code is not None
    sold = await shop.sell(copy.code)
    assert sold.total == 650
    (row,) = await list_copies(shop.app, shop.books[KLARA])
    assert (row.stock, row.grade, row.note) == (0, Grade.VERY_GOOD, "Name inside")
    assert (await get_book(shop.app, row.book_id)).title == "Klara and the Sun (used, very good)"
    with pytest.raises(Refused, match=r"copy\.of_copy"):
        await add_copy(shop.app, shop.sam, row.book_id, Grade.POOR, 1)
    assert await shop.findings() == []


async def test_two_records_of_one_book_are_found_whoever_publishes_it(shop: Shop) -> None:
    add = partial(add_book, shop.app, shop.sam)
    twin = await add("9780571364909", "Klara and the Sun", 899, "Ishiguro, Kazuo")
    await change_book(shop.app, shop.sam, twin, {"publisher": Change(None, "Another House")})
    await add("9780140328721", "Klara and the Sun", 799, "Somebody Else")
    (group,) = await find_duplicates(shop.app, shop.sam)
    assert {book.id for book in group.books} == {twin, shop.books[KLARA]}
    await change_book(shop.app, shop.sam, twin, {"format": Change(None, "Hardback")})
    klara = await get_book(shop.app, shop.books[KLARA])
    await change_book(shop.app, shop.sam, klara.id, {"format": Change(klara.format, "Paperback")})
    assert await find_duplicates(shop.app, shop.sam) == []


@pytest.mark.parametrize(
    ("field", "one", "other"),
    [
        ("author", "", "Kazuo Ishiguro"),
        ("author", "Kazuo Tanaka", "Kazuo Ishiguro"),
        ("language", "de", "en-GB"),
        ("published_on", "2021", "2022-03"),
        ("series_number", "1", "2"),
    ],
)
async def test_books_that_only_share_a_name_are_not_offered_as_one(
    shop: Shop, field: str, one: str, other: str
) -> None:
    twin = await add_book(shop.app, shop.sam, "9780571364909", "Klara and the Sun", 899, "Ishiguro, K.")
    assert len(await find_duplicates(shop.app, shop.sam)) == 1
    for book_id, value in ((twin, one), (shop.books[KLARA], other)):
        before = getattr(await get_book(shop.app, book_id), field)
        await change_book(shop.app, shop.sam, book_id, {field: Change(before, value)})
    assert await find_duplicates(shop.app, shop.sam) == []


async def test_a_used_copy_is_told_from_the_new_title_and_undone_with_its_stock(shop: Shop) -> None:
    copy = await add_copy(shop.app, shop.sam, shop.books[KLARA], Grade.GOOD, 650, stock=2)
    rows = {row.id: row for row in await suggest(shop.app, "klara")}
    assert (rows[copy.book_id].grade, rows[copy.book_id].label_code) == ("good", copy.code)
    assert (rows[shop.books[KLARA]].grade, rows[shop.books[KLARA]].label_code) == (None, None)
    for _ in range(2):
        await undo(shop.app, shop.sam)
        book = await get_book(shop.app, copy.book_id)
        assert (book.active, book.stock) == (False, 0)
        await redo(shop.app, shop.sam)
        book = await get_book(shop.app, copy.book_id)
        assert (book.active, book.stock) == (True, 2)
    assert await shop.findings() == []


async def test_duplicates_are_found_merged_and_parted_again(shop: Shop) -> None:
    into, old = shop.books[PRIDE], shop.books[DARKNESS]
    await change_book(
        shop.app,
        shop.sam,
        old,
        {
            "title": Change("The Left Hand of Darkness", "Pride & Prejudice"),
            "author": Change("Ursula K. Le Guin", "Jane Austen"),
        },
    )
    await change_book(shop.app, shop.sam, into, {"title": Change("Pride and Prejudice", "Pride Prejudice")})
    (group,) = await find_duplicates(shop.app, shop.sam)
    assert [row.id for row in group.books] == [into, old]
    await add_code(shop.app, shop.sam, old, "SHELF-1")
    await add_copy(shop.app, shop.sam, old, Grade.GOOD, 300)

    def supply(session: object) -> None:
        supplier = Supplier(name="Gardners")
        session.add(supplier)  # type: ignore[attr-defined]
        session.flush()  # type: ignore[attr-defined]
        session.add(BookSupplier(book_id=old, supplier_id=supplier.id))  # type: ignore[attr-defined]

    await shop.app.db.write(supply)
    merged = await merge_books(shop.app, shop.sam, into, old)
    assert merged.stock == 30
    assert await list_codes(shop.app, into) == ["SHELF-1", DARKNESS]
    assert (await find_by_code(shop.app, DARKNESS)).id == into
    assert len(await list_copies(shop.app, into)) == 1
    assert await merged_into(shop.app, old) == into
    with pytest.raises(Refused, match=r"merge\.done"):
        await merge_books(shop.app, shop.sam, into, old)
    assert await shop.findings() == []
    report = await undo(shop.app, shop.sam)
    assert report.left == 0
    back = await get_book(shop.app, old)
    assert (back.isbn, back.stock, back.active, await list_codes(shop.app, old)) == (DARKNESS, 7, True, ["SHELF-1"])
    assert (await get_book(shop.app, into)).stock == 23
    assert await list_codes(shop.app, into) == []
    assert await merged_into(shop.app, old) is None
    count = select(func.count()).select_from(BookSupplier).where(BookSupplier.book_id == into)
    assert await shop.app.db.read(lambda session: session.scalar(count)) == 0
    assert await shop.findings() == []
    await redo(shop.app, shop.sam)
    assert (await find_by_code(shop.app, DARKNESS)).stock == 30
    assert await shop.findings() == []


async def test_what_cannot_be_merged(shop: Shop) -> None:
    with pytest.raises(Refused, match=r"merge\.itself"):
        await merge_books(shop.app, shop.sam, 1, 1)
    with pytest.raises(Refused, match=r"merge\.kind"):
        await merge_books(shop.app, shop.sam, shop.books[PRIDE], shop.books["Gift wrap"])


async def test_covers_are_small_pictures_and_come_back(shop: Shop) -> None:
    book = shop.books[PRIDE]
    await set_cover(shop.app, shop.sam, book, PNG)
    await set_cover(shop.app, shop.sam, shop.books[KLARA], PNG)
    assert await get_cover(shop.app, book) == PNG
    await set_cover(shop.app, shop.sam, book, None)
    assert await get_cover(shop.app, book) is None
    await undo(shop.app, shop.sam)
    assert await get_cover(shop.app, book) == PNG
    with pytest.raises(Refused, match=r"cover\.size"):
        await set_cover(shop.app, shop.sam, book, PNG + b"x" * MAX_BYTES)
    with pytest.raises(Refused, match=r"cover\.picture"):
        await set_cover(shop.app, shop.sam, book, b"<svg/>")


async def test_one_opinion_a_person(shop: Shop) -> None:
    book = shop.books[PRIDE]
    await keep_review(shop.app, shop.ana, book, 4, "Witty.", staff_pick=False)
    await keep_review(shop.app, shop.sam, book, 5, "The best.")
    rows = await keep_review(shop.app, shop.ana, book, 5, "Wittier.", staff_pick=False)
    assert [(row.person, row.rating, row.staff_pick) for row in rows] == [("Sam", 5, True), ("Ana", 5, False)]
    await remove_review(shop.app, shop.sam, book)
    assert [row.comment for row in await list_reviews(shop.app, book)] == ["Wittier."]
    with pytest.raises(Refused, match=r"review\.invalid"):
        await keep_review(shop.app, shop.ana, book, 6)


async def test_an_opinion_stands_in_the_history_and_is_undone_and_done_again(shop: Shop) -> None:
    book = shop.books[PRIDE]
    await keep_review(shop.app, shop.sam, book, 5, "The best.\nRead it twice.")
    # Said again as it is, nothing was done.
    await keep_review(shop.app, shop.sam, book, 5, "The best.\nRead it twice.")
    await keep_review(shop.app, shop.sam, book, 3, "So so.", staff_pick=False)
    await remove_review(shop.app, shop.sam, book)

    async def mine() -> tuple[int, str, bool] | None:
        row = await own_review(shop.app, shop.sam, book)
        return None if row is None else (row.rating, row.comment, row.staff_pick)

    rows = await book_history(shop.app, shop.sam, book, field="review")
    said = [row.new and (row.new["rating"], row.new["staff_pick"]) for row in rows]
    assert (said, {row.operator for row in rows}) == ([None, (3, False), (5, True)], {"Sam"})
    first, second = (5, "The best.\nRead it twice.", True), (3, "So so.", False)
    for expected in (second, first, None):
        await undo(shop.app, shop.sam)
        assert await mine() == expected
    for expected in (first, second, None):
        await redo(shop.app, shop.sam)
        assert await mine() == expected
    await undo(shop.app, shop.sam)
    # What nobody took back in the list, but wrote anew meanwhile, is theirs.
    act = (await book_history(shop.app, shop.sam, book, field="review"))[-1].act
    with pytest.raises(Conflict, match=r"undo\.changed"):
        await undo_act(shop.app, shop.people["Max"], act)
    assert await mine() == second
    assert await own_review(shop.app, shop.ana, book) is None


async def test_an_import_writes_history_without_being_undone(shop: Shop) -> None:
    book, uid = shop.books[PRIDE], shop.app.ids.new()

    def act(session: object) -> int:
        return record_changes(session, shop.sam, uid, book, {"price": 1}, {"price": 2, "shelf": None}, kind="import")  # type: ignore[arg-type]

    assert await shop.app.db.write(act) == 1
    assert [row.kind for row in await book_history(shop.app, shop.sam, book)] == ["import"]
    assert (await undo_state(shop.app, shop.sam)).undo is None


async def test_an_import_that_undo_would_pass_over_is_known_until_it_is_taken_back(shop: Shop, tmp_path: Path) -> None:
    app, sam = shop.app, shop.sam
    assert await last_import(app, sam) is None
    await price(shop, PRIDE, 899, 999)
    file = tmp_path / "spring.csv"
    file.write_text(f"isbn,title,price\n{PRIDE},Pride and Prejudice,11.99\n")
    report = await import_books(app, file, operator=sam)
    for known in (await last_import(app, sam), await last_import(app, sam, since_undo=True)):
        assert known is not None
        assert (known.act, known.file_name) == (report.act, "spring.csv")
    assert await last_import(app, shop.people["Max"]) is None
    await price(shop, PRIDE, 1199, 1299)
    assert await last_import(app, sam, since_undo=True) is None
    await undo(app, sam)
    assert await last_import(app, sam, since_undo=True) is not None
    await undo_act(app, sam, report.act, kind="import")
    assert await last_import(app, sam) is None
    assert (await get_book(app, shop.books[PRIDE])).price == 999


@pytest.mark.parametrize("statement", ["UPDATE book_changes SET old = '1'", "DELETE FROM book_acts"])
async def test_history_is_append_only(shop: Shop, statement: str) -> None:
    await price(shop, PRIDE, 899, 999)
    with pytest.raises(Exception, match="append-only"):
        await shop.app.db.write(lambda session: session.execute(text(statement)))
