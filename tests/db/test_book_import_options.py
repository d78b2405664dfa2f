"""Taking files in with choices: other columns, one's own prices, all or none; broken off and gone on with; undone."""

import asyncio
import csv
import signal
import sys
from asyncio.subprocess import DEVNULL, PIPE
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
import xlsxwriter
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from pos_app.errors import Refused, Unavailable
from pos_app.models import Book, BookImport
from pos_app.services import book_import
from pos_app.services.book import find_by_code, stock_history
from pos_app.services.book_bulk_left import list_left
from pos_app.services.book_code import add_code, list_codes
from pos_app.services.book_history import book_history, undo_state
from pos_app.services.book_import import BATCH, ImportOptions, ImportReport, import_books
from pos_app.services.book_import_row import Fate, RowFate
from pos_app.services.book_undo import UndoReport, last_import, undo_act
from pos_app.services.category import category_tree
from pos_app.services.check import verify
from tests.sheets import write_table
from tests.shop import DARKNESS, KLARA, PRIDE, Shop

HEAD = "isbn,title,author,price,stock,category\n"


def write(folder: Path, *lines: str, head: str = HEAD) -> Path:
    path = folder / "books.csv"
    path.write_text(head + "".join(f"{line}\n" for line in lines), encoding="utf-8")
    return path


def many(count: int) -> list[str]:
    """Rows of new titles."""
    rows = []
    for number in range(1, count + 1):
        stem = f"978{number:09}"
        check = -sum((1, 3)[place % 2] * int(digit) for place, digit in enumerate(stem)) % 10
        rows.append(f"{stem}{check},Title {number},Author,1.00,2,")
    return rows


async def take(
    shop: Shop, path: Path, options: ImportOptions | None = None, *, told: list[RowFate] | None = None
) -> ImportReport:
    fates: list[RowFate] = [] if told is None else told
    return await import_books(shop.app, path, options, operator=shop.sam, told=fates.extend)


async def test_every_row_is_told_with_what_becomes_of_it(shop: Shop, tmp_path: Path) -> None:
    path = write(
        tmp_path,
        f"{PRIDE},Pride and Prejudice,Jane Austen,9.49,23,Fiction",
        "9780439023481,The Hunger Games,Suzanne Collins,8.99,4,Science fiction",
        f"{DARKNESS},The Left Hand of Darkness,Ursula K. Le Guin,10.99,9,Fiction",
        "9780439023482,Wrong digit,x,1,1,",
        "9780439023481,The Hunger Games,Suzanne Collins,9.99,4,",
    )
    tried: list[RowFate] = []
    await take(shop, path, ImportOptions(dry_run=True), told=tried)
    assert [(row.line, row.fate, row.price) for row in tried] == [
        (2, Fate.CHANGED, 949),
        (3, Fate.NEW, 899),
        (4, Fate.CHANGED, 1099),
        (5, Fate.REFUSED, None),
        (6, Fate.CHANGED, 999),
    ]
    assert tried[0].changes == (("price", 899, 949),)
    assert tried[2].changes == (("stock", 7, 9),)
    assert "last digit" in tried[3].reason
    assert (await find_by_code(shop.app, PRIDE)).price == 899
    done: list[RowFate] = []
    await take(shop, path, told=done)
    assert done == tried
    assert (await find_by_code(shop.app, "9780439023481")).price == 999
    assert await shop.findings() == []


async def test_what_a_file_changed_stands_in_the_history_and_is_taken_back_as_one(shop: Shop, tmp_path: Path) -> None:
    path = write(tmp_path, f"{PRIDE},Pride & Prejudice,Jane Austen,9.49,23,New arrivals", f"{KLARA},Klara,,9,,")
    report = await take(shop, path)
    rows = await book_history(shop.app, shop.sam, shop.books[PRIDE])
    assert {(row.kind, row.operator, row.field, row.old, row.new) for row in rows} == {
        ("import", "Sam", "title", "Pride and Prejudice", "Pride & Prejudice"),
        ("import", "Sam", "price", 899, 949),
        ("import", "Sam", "category_id", "Fiction", "New arrivals"),
    }
    # By one key of the list nobody takes back a whole file.
    assert (await undo_state(shop.app, shop.sam)).undo is None
    undone = await undo_act(shop.app, shop.sam, report.act, kind="import")
    assert undone.left == 0
    book = await find_by_code(shop.app, PRIDE)
    assert (book.title, book.price, book.category) == ("Pride and Prejudice", 899, "Fiction")


async def test_prices_stay_where_they_are_to_stay(shop: Shop, tmp_path: Path) -> None:
    path = write(
        tmp_path, f"{PRIDE},Pride & Prejudice,Jane Austen,9.49,,", "9780439023481,The Hunger Games,Collins,8.99,,"
    )
    report = await take(shop, path, ImportOptions(keep_prices=True))
    assert (report.added, report.changed) == (1, 1)
    book = await find_by_code(shop.app, PRIDE)
    assert (book.title, book.price) == ("Pride & Prejudice", 899)
    assert (await find_by_code(shop.app, "9780439023481")).price == 899


async def test_all_or_none_stores_nothing_where_one_row_is_refused(shop: Shop, tmp_path: Path) -> None:
    rows, whole = many(BATCH + 1), ImportOptions(all_or_none=True)
    told: list[RowFate] = []
    report = await take(shop, write(tmp_path, *rows, "abc,Letters,x,1,1,"), whole, told=told)
    assert (report.withheld, report.added, report.refused_count) == (True, 0, 1)
    assert [row.line for row in told] == [BATCH + 3]
    with pytest.raises(Refused, match=r"book\.unknown|code\."):
        await find_by_code(shop.app, rows[0][:13])
    report = await take(shop, write(tmp_path, *rows), whole)
    assert (report.withheld, report.added) == (False, len(rows))


async def test_columns_are_taken_for_what_they_are_chosen_for(shop: Shop, tmp_path: Path) -> None:
    head = "number,name of it,price,our price\n"
    path = write(tmp_path, "9780439023481,The Hunger Games,7.77,8.99", head=head)
    with pytest.raises(Refused, match=r"import\.no_columns"):
        await take(shop, path)
    columns = {"isbn": "number", "title": "name of it", "price": "our price"}
    await take(shop, path, ImportOptions(columns=columns))
    assert (await find_by_code(shop.app, "9780439023481")).price == 899
    await take(shop, path, ImportOptions(columns=columns | {"price": ""}))
    with pytest.raises(Refused, match=r"import\.no_columns"):
        await take(shop, path, ImportOptions(columns=columns | {"price": "gone"}))


async def test_a_spreadsheet_is_taken_as_a_table_of_text_is(shop: Shop, tmp_path: Path) -> None:
    path = tmp_path / "books.xlsx"
    with xlsxwriter.Workbook(path) as book:
        sheet = book.add_worksheet()
        sheet.write_row(0, 0, ["ISBN", "Title", "Author", "Price", "Stock"])
        sheet.write_row(1, 0, [9780141439518, "Pride and Prejudice", "Jane Austen", 9.49, 23])
        sheet.write_row(2, 0, ["9780439023481", "The Hunger Games", "Suzanne Collins", 8.99, 4])
    report = await take(shop, path)
    assert (report.added, report.changed, report.refused_count) == (1, 1, 0)
    assert (await find_by_code(shop.app, PRIDE)).price == 949


async def test_an_isbn_without_its_978_is_repaired_and_told(shop: Shop, tmp_path: Path) -> None:
    rows = (f"{PRIDE[3:]},,Pride and Prejudice", "385535144,9.78038553514e+12,The Whole", ",9.78125E+12,Rounded")
    told: list[RowFate] = []
    report = await take(shop, write(tmp_path, *rows, head="isbn,isbn13,title\n"), told=told)
    assert (report.added, report.unchanged, report.refused_count) == (1, 1, 1)
    assert [row.isbn for row in told[:2]] == [PRIDE, "9780385535144"]
    assert "385535144 is one that lost the 978" in told[1].reason
    assert "was rounded by a spreadsheet" in told[2].reason
    assert (await find_by_code(shop.app, "9780385535144")).title == "The Whole"


async def test_a_title_is_found_by_its_further_codes_too(shop: Shop, tmp_path: Path) -> None:
    await add_code(shop.app, shop.sam, shop.books[PRIDE], "9780439023481")
    report = await take(shop, write(tmp_path, "9780439023481,Pride and Prejudice,Jane Austen,9.49,23,Fiction"))
    assert (report.added, report.changed) == (0, 1)
    book = await find_by_code(shop.app, PRIDE)
    assert (book.isbn, book.price) == (PRIDE, 949)


async def stop_after_a_batch(shop: Shop, path: Path, options: ImportOptions | None = None) -> ImportReport:
    cancel = asyncio.Event()
    return await import_books(
        shop.app, path, options, operator=shop.sam, progress=lambda _done, _total: cancel.set(), cancel=cancel
    )


async def stored(shop: Shop, *, broken_off: int = 0) -> tuple[int, int]:
    """Titles of `many` and their copies; no more imports stand half done."""

    def act(session: Session) -> tuple[int, int]:
        titles, copies = session.execute(
            select(func.count(), func.coalesce(func.sum(Book.stock), 0)).where(Book.title.like("Title %"))
        ).one()
        assert session.scalar(select(func.count()).where(BookImport.finished.is_(False))) == broken_off
        return titles, copies

    return await shop.app.db.read(act)


async def test_all_or_none_is_stopped_at_any_time_and_stores_nothing(shop: Shop, tmp_path: Path) -> None:
    path, whole = write(tmp_path, *many(3 * BATCH)), ImportOptions(all_or_none=True)
    report = await stop_after_a_batch(shop, path, whole)
    assert (report.cancelled, report.withheld, report.added) == (True, False, 0)
    for enough in (1, BATCH + 1, 2 * BATCH + 1):
        cancel = asyncio.Event()
        told: list[RowFate] = []

        def tell(rows: Sequence[RowFate], told: list[RowFate] = told, enough: int = enough) -> None:
            told.extend(rows)
            if len(told) >= enough:
                cancel.set()  # noqa: B023 - called in this round only

        report = await import_books(shop.app, path, whole, operator=shop.sam, told=tell, cancel=cancel)
        # Once the last row is stored there is nothing left to stop.
        if enough > 2 * BATCH:
            break
        assert (report.cancelled, report.withheld, report.added, report.act) == (True, False, 0, ""), enough
        assert await stored(shop) == (0, 0)
    assert (report.cancelled, report.added, report.skipped) == (False, 3 * BATCH, 0)
    assert await stored(shop) == (3 * BATCH, 6 * BATCH)
    assert await shop.findings() == []


async def test_all_or_none_stores_nothing_where_storing_fails(
    shop: Shop, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path, whole = write(tmp_path, *many(2 * BATCH)), ImportOptions(all_or_none=True)
    real, calls = book_import.store_rows, 0

    def second_fails(*given: Any, **named: Any) -> list[RowFate]:
        nonlocal calls
        calls += 1
        if calls == 2:
            raise RuntimeError
        return real(*given, **named)

    def second_refuses(*given: Any, **named: Any) -> list[RowFate]:
        nonlocal calls
        calls += 1
        return [RowFate(7, Fate.REFUSED, "x", reason="odd")] if calls == 2 else real(*given, **named)

    monkeypatch.setattr(book_import, "store_rows", second_fails)
    with pytest.raises(RuntimeError):
        await take(shop, path, whole)
    assert await stored(shop) == (0, 0)
    calls = 0
    monkeypatch.setattr(book_import, "store_rows", second_refuses)
    report = await take(shop, path, whole)
    assert (report.withheld, report.added, report.refused_count) == (True, 0, 1)
    assert await stored(shop) == (0, 0)


async def test_all_or_none_whose_window_is_gone_stores_nothing(shop: Shop, tmp_path: Path) -> None:
    path, begun = write(tmp_path, *many(3 * BATCH)), asyncio.Event()
    task = asyncio.ensure_future(
        import_books(
            shop.app,
            path,
            ImportOptions(all_or_none=True),
            operator=shop.sam,
            told=lambda rows: begun.set() if rows else None,
        )
    )
    await begun.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    # Sold after it, as writers take their turns.
    await shop.sell(DARKNESS)
    assert await stored(shop) == (0, 0)


async def test_tills_sell_while_all_or_none_is_stored(shop: Shop, tmp_path: Path) -> None:
    path = write(tmp_path, *many(3 * BATCH), f"{PRIDE},Pride and Prejudice,Jane Austen,9.49,,")
    sales: list[asyncio.Task[object]] = []

    def sell_once(rows: Sequence[RowFate]) -> None:
        if rows and not sales:
            sales.append(asyncio.ensure_future(shop.sell(DARKNESS)))

    await import_books(shop.app, path, ImportOptions(all_or_none=True), operator=shop.sam, told=sell_once)
    await sales[0]
    assert (await stored(shop), await shop.stock(DARKNESS)) == ((3 * BATCH, 6 * BATCH), 6)
    assert await shop.findings() == []


async def test_all_or_none_takes_hold_of_its_titles_before_it_changes_the_first(shop: Shop, tmp_path: Path) -> None:
    # A sale takes hold of titles by their number; in the order of the file, it and the import would block each other.
    lines = [f"{DARKNESS},The Left Hand of Darkness,Le Guin,9.49,,", f"{PRIDE},Pride and Prejudice,Jane Austen,9.49,,"]
    path = write(tmp_path, lines[0], *many(3 * BATCH), lines[1])
    tasks: list[asyncio.Task[object]] = []
    got_hold = False

    async def take_hold() -> None:
        nonlocal got_hold
        wanted = select(Book.id).where(Book.isbn == PRIDE).with_for_update(nowait=True)
        with suppress(Unavailable):
            await shop.app.db.write(lambda session: session.execute(wanted).all())
            got_hold = True

    def compete(rows: Sequence[RowFate]) -> None:
        if rows and not tasks:
            tasks.extend((asyncio.ensure_future(take_hold()), asyncio.ensure_future(shop.sell(PRIDE, DARKNESS))))

    seen: list[bool] = []

    def tell(rows: Sequence[RowFate]) -> None:
        compete(rows)
        seen.append(got_hold)

    report = await import_books(shop.app, path, ImportOptions(all_or_none=True), operator=shop.sam, told=tell)
    assert not any(seen)
    await asyncio.gather(*tasks)
    assert (report.changed, await shop.stock(PRIDE), await shop.stock(DARKNESS)) == (2, 22, 6)
    assert await shop.findings() == []


KILLED = """
import asyncio, os, signal, sys
from pathlib import Path
from pos_app import app as application
from pos_app.config import Config
from pos_app.services.book_import import ImportOptions, import_books

def told(rows):
    if rows:
        os.kill(os.getpid(), signal.SIGKILL)

async def main():
    app = application.build(Config(Path(sys.argv[1]), sys.argv[2]))
    await import_books(app, Path(sys.argv[3]), ImportOptions(all_or_none=True), told=told)

asyncio.run(main())
"""


async def test_all_or_none_that_is_killed_while_it_stores_leaves_nothing(shop: Shop, tmp_path: Path) -> None:
    path, config = write(tmp_path, *many(3 * BATCH)), shop.app.config
    command = [sys.executable, "-c", KILLED, str(config.data_dir), config.database_url, str(path)]
    process = await asyncio.create_subprocess_exec(*command, cwd=Path(__file__).parents[2])
    assert await process.wait() == -signal.SIGKILL
    assert await stored(shop) == (0, 0)
    report = await take(shop, path, ImportOptions(all_or_none=True))
    assert (report.added, report.skipped) == (3 * BATCH, 0)
    assert await shop.findings() == []


async def test_a_dry_run_remembers_what_rows_far_above_would_have_made(shop: Shop, tmp_path: Path) -> None:
    twice = f"{PRIDE},Pride and Prejudice,Jane Austen,9.49,20,Regency"
    rows = many(BATCH)
    path = write(tmp_path, twice, *rows, twice, *rows, rows[0].replace("1.00,2", "1.00,3"), rows[0])
    tried: list[RowFate] = []
    report = await take(shop, path, ImportOptions(dry_run=True), told=tried)
    assert (report.added, report.changed, report.unchanged) == (BATCH, 3, BATCH + 1)
    done: list[RowFate] = []
    assert (await take(shop, path, told=done)).added == BATCH
    assert done == tried


async def test_what_was_broken_off_goes_on_where_it_stopped(shop: Shop, tmp_path: Path) -> None:
    path = write(tmp_path, f"{PRIDE},Pride and Prejudice,Jane Austen,8.99,20,", *many(BATCH + 5))
    stopped = await stop_after_a_batch(shop, path)
    assert (stopped.cancelled, stopped.added, stopped.changed) == (True, BATCH - 1, 1)
    # Sold meanwhile: counted again from the start, the file would put it back on the shelf.
    await shop.sell(PRIDE)
    went_on = await take(shop, path)
    assert (went_on.skipped, went_on.added, went_on.changed, went_on.act) == (BATCH, 6, 0, stopped.act)
    assert await shop.stock(PRIDE) == 19
    assert len(await stock_history(shop.app, shop.books[PRIDE])) == 3
    # At its end, the same file is a new import again.
    again = await take(shop, path)
    assert (again.skipped, again.changed) == (0, 1)
    assert (await verify(shop.app)).findings == 0


async def test_what_was_broken_off_and_taken_back_begins_anew(shop: Shop, tmp_path: Path) -> None:
    path = write(tmp_path, *many(BATCH + 5))
    stopped = await stop_after_a_batch(shop, path)
    await undo_act(shop.app, shop.sam, stopped.act, kind="import")
    again = await take(shop, path)
    assert (again.skipped, again.added + again.changed) == (0, BATCH + 5)
    assert await shop.findings() == []


async def test_what_only_set_stock_and_was_taken_back_begins_anew_too(shop: Shop, tmp_path: Path) -> None:
    rows = many(BATCH + 5)
    await take(shop, write(tmp_path, *rows))
    path = write(tmp_path, *(row.replace("1.00,2", "1.00,7") for row in rows))
    stopped = await stop_after_a_batch(shop, path)
    assert (await undo_act(shop.app, shop.sam, stopped.act, kind="import")).titles.stock == BATCH
    # Nor is it offered once more.
    offered = await last_import(shop.app, shop.sam)
    assert offered is not None
    assert offered.act != stopped.act
    again = await take(shop, path)
    assert (again.skipped, again.changed, await stored(shop, broken_off=1)) == (
        0,
        BATCH + 5,
        (BATCH + 5, 7 * BATCH + 35),
    )
    assert await shop.findings() == []


async def stop_the_undo(shop: Shop, act: str) -> UndoReport:
    """Take back the first five hundred titles of an import."""
    stop = asyncio.Event()
    return await undo_act(shop.app, shop.sam, act, lambda _done, _total: stop.set(), kind="import", cancel=stop)


@pytest.mark.parametrize("whole", [False, True])
async def test_a_file_imported_again_ends_what_was_left_to_take_back_of_it(
    shop: Shop, tmp_path: Path, *, whole: bool
) -> None:
    path, batches = write(tmp_path, *many(3 * BATCH)), list[int]()
    stop = asyncio.Event()

    def count(rows: Sequence[RowFate]) -> None:
        batches.append(len(rows))
        if len(batches) == 2 and not whole:
            stop.set()

    first = await import_books(shop.app, path, operator=shop.sam, told=count, cancel=stop)
    assert first.added == (3 if whole else 2) * BATCH
    undone = await stop_the_undo(shop, first.act)
    assert (undone.titles.inactive, len(await list_left(shop.app, shop.sam))) == (BATCH, 1)
    # By somebody else: whose undo it is does not matter.
    again = await import_books(shop.app, path, operator=shop.people["Max"])
    assert (again.skipped, again.refused_count, await list_left(shop.app, shop.sam)) == (0, 0, [])
    # Also where it is still under way, or stands on the screen.
    with pytest.raises(Refused, match=r"undo\.over"):
        await undo_act(shop.app, shop.sam, first.act, kind="import", left=undone.rest)
    on_sale = select(func.count()).where(Book.title.like("Title %"), Book.active)
    assert await shop.app.db.read(lambda session: session.scalar(on_sale)) == 3 * BATCH
    assert await shop.findings() == []


async def test_another_file_leaves_an_undo_to_go_on(shop: Shop, tmp_path: Path) -> None:
    first = await take(shop, write(tmp_path, *many(2 * BATCH)))
    undone = await stop_the_undo(shop, first.act)
    await take(shop, write(tmp_path, f"{PRIDE},Pride and Prejudice,Jane Austen,9.49,20,"))
    assert await list_left(shop.app, shop.sam) == [undone.rest]
    rest = await undo_act(shop.app, shop.sam, first.act, kind="import", left=undone.rest)
    assert (rest.rest, await list_left(shop.app, shop.sam)) == (None, [])


async def test_whoever_goes_on_gives_way_between_rows_that_were_taken_before(
    shop: Shop, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = write(tmp_path, *many(BATCH + 6))
    await stop_after_a_batch(shop, path)
    ways: list[int] = []
    monkeypatch.setattr(book_import, "give_way", lambda: ways.append(1))
    assert (await take(shop, path)).skipped == BATCH
    assert len(ways) == BATCH + 6


def write_as(path: Path, rows: list[str]) -> None:
    """Write rows of `many` in the format that the file's name says; ONIX has no place for stock."""
    cells = [row.split(",") for row in rows]
    if path.suffix != ".xml":
        write_table(path, [HEAD.strip().split(","), *cells])
        return
    products = "".join(
        f"<Product><RecordReference>{isbn}</RecordReference><NotificationType>03</NotificationType><ProductIdentifier>"
        f"<ProductIDType>15</ProductIDType><IDValue>{isbn}</IDValue></ProductIdentifier><DescriptiveDetail>"
        f"<TitleDetail><TitleType>01</TitleType><TitleElement><TitleElementLevel>01</TitleElementLevel>"
        f"<TitleText>{title}</TitleText></TitleElement></TitleDetail></DescriptiveDetail></Product>"
        for isbn, title, *_rest in cells
    )
    path.write_text(f'<ONIXMessage release="3.0">{products}</ONIXMessage>', encoding="utf-8")


# What is read makes no difference to the database.
@pytest.mark.parametrize(
    ("config", "name"),
    [("sqlite", "books.csv"), ("postgresql", "books.csv"), ("sqlite", "books.xlsx"), ("sqlite", "books.xml")],
    indirect=["config"],
)
async def test_one_that_was_killed_goes_on_with_nothing_double_and_nothing_missing(
    shop: Shop, tmp_path: Path, name: str
) -> None:
    rows, path = many(6 * BATCH - 1), tmp_path / name
    # The row that is refused is told as soon as the batch it stands in is stored.
    write_as(path, ["abc,Letters,x,1,1,", *rows])
    config = shop.app.config
    command = [sys.executable, "-u", "-m", "pos_app", "import", str(path), "--data-dir", str(config.data_dir)]
    process = await asyncio.create_subprocess_exec(
        *command, "--database-url", config.database_url, stdout=PIPE, stderr=DEVNULL, cwd=Path(__file__).parents[2]
    )
    assert process.stdout is not None
    assert b"line " in await process.stdout.readline()
    process.kill()
    await process.wait()
    report = await take(shop, path)
    assert BATCH <= report.skipped < 6 * BATCH
    assert report.skipped + report.added == 6 * BATCH

    def stored(session: Session) -> tuple[int, int]:
        titles, copies = session.execute(
            select(func.count(), func.sum(Book.stock)).where(Book.title.like("Title %"))
        ).one()
        return titles, copies

    assert await shop.app.db.read(stored) == (len(rows), 0 if path.suffix == ".xml" else 2 * len(rows))
    assert await shop.findings() == []


async def test_one_file_is_not_taken_in_by_two_at_once(shop: Shop, tmp_path: Path) -> None:
    path = write(tmp_path, *many(2 * BATCH))
    await stop_after_a_batch(shop, path)
    results = await asyncio.gather(take(shop, path), take(shop, path), return_exceptions=True)
    refused = [one for one in results if isinstance(one, Refused)]
    taken = [one for one in results if isinstance(one, ImportReport)]
    assert len(refused) + len(taken) == 2
    assert [one.code for one in refused] in ([], ["import.elsewhere"])
    assert sum(one.added for one in taken) == BATCH

    def runs(session: Session) -> list[tuple[int, bool]]:
        return [(rows, done) for rows, done in session.execute(select(BookImport.rows, BookImport.finished))]

    assert (2 * BATCH, True) in await shop.app.db.read(runs)


async def test_series_come_back_from_an_export(shop: Shop, tmp_path: Path) -> None:
    path = tmp_path / "books.csv"
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows(
            [["isbn", "title", "series", "series_number"], ["9780439023481", "The Hunger Games", "Hunger Games", "1"]]
        )
    await take(shop, path)
    book = await find_by_code(shop.app, "9780439023481")
    assert (book.series, book.series_number) == ("Hunger Games", "1")


FULL = "isbn,title,kind,barcodes,category,tax_rate\n"


async def test_a_row_with_a_tax_the_shop_does_not_know_is_refused(shop: Shop, tmp_path: Path) -> None:
    rows = ("9780439023481,The Hunger Games,,,,Nothing at all", "9780140449136,Odyssey,,,,Standard 20 %")
    path = write(tmp_path, *rows, head=FULL)
    report = await take(shop, path)
    assert (report.added, [row.line for row in report.refused]) == (1, [2])
    assert "Nothing at all" in report.refused[0].reason
    assert (await find_by_code(shop.app, "9780140449136")).tax_name == "Standard 20 %"
    assert (await take(shop, path, ImportOptions(all_or_none=True))).withheld


async def test_a_barcode_of_another_title_is_told_and_left_with_it(shop: Shop, tmp_path: Path) -> None:
    told: list[RowFate] = []
    path = write(tmp_path, f"9780439023481,The Hunger Games,,{PRIDE}|2000000000015,,", head=FULL)
    report = await take(shop, path, told=told)
    assert (report.added, told[0].fate) == (1, Fate.NEW)
    assert told[0].reason.startswith(f"Barcode {PRIDE} is another title's and is left out. ")
    book = await find_by_code(shop.app, "2000000000015")
    assert (book.isbn, (await find_by_code(shop.app, PRIDE)).id) == ("9780439023481", shop.books[PRIDE])
    # The file's own codes go with the title.
    await undo_act(shop.app, shop.sam, report.act, kind="import")
    with pytest.raises(Refused):
        await find_by_code(shop.app, "2000000000015")


async def test_further_barcodes_stand_in_the_history_and_are_taken_back(shop: Shop, tmp_path: Path) -> None:
    report = await take(shop, write(tmp_path, f"{PRIDE},Pride and Prejudice,,2000000000015,,", head=FULL))
    assert report.changed == 1
    (row,) = await book_history(shop.app, shop.sam, shop.books[PRIDE])
    assert (row.field, row.old, row.new) == ("code", None, "2000000000015")
    assert (await undo_act(shop.app, shop.sam, report.act, kind="import")).undone == 1
    assert await list_codes(shop.app, shop.books[PRIDE]) == []


async def test_categories_are_made_inside_of_what_they_are_told_to_be_in(shop: Shop, tmp_path: Path) -> None:
    rows = (
        "9780439023481,A,,,Dystopia,",
        "9780140449136,B,,,Fiction › Young › Dystopia,",
        f"{PRIDE},C,,,Epic › History,",
    )
    await take(shop, write(tmp_path, *rows, head=FULL))
    paths = {node.name: node.path for node in await category_tree(shop.app)}
    assert paths["Dystopia"] == ("Fiction", "Young", "Dystopia")
    # One that is there stays where the shop has put it.
    assert (paths["History"], paths["Epic"]) == (("History",), ("Epic",))


async def test_goods_without_a_number_are_known_by_their_name_and_taken_back(shop: Shop, tmp_path: Path) -> None:
    path = write(tmp_path, ",Tote bag,other,,,", ",Not said what,,,,", ",Gift wrap,service,,,", head=FULL)
    report = await take(shop, path)
    assert (report.added, report.unchanged, report.refused_count) == (1, 1, 1)
    assert (await take(shop, path)).added == 0
    assert (await undo_act(shop.app, shop.sam, report.act, kind="import")).titles.gone == 1
    assert await shop.findings() == []
