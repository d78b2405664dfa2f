"""Taking files of books into the catalogue: what can be taken is, and the rest is told row by row."""

import asyncio
import csv
import gzip
from pathlib import Path

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from pos_app.app import App
from pos_app.errors import Refused
from pos_app.models import Book, Category, StockMovement
from pos_app.services import book_import_row
from pos_app.services.book import find_by_code, list_categories, stock_history
from pos_app.services.book_edit import edit_book
from pos_app.services.book_import import BATCH, ImportOptions, ImportReport, import_books
from pos_app.services.book_import_row import Fate, RowFate
from pos_app.services.book_search import suggest
from pos_app.services.check import verify
from tests.shop import DARKNESS, PRIDE, Shop

HEAD = "isbn,title,author,price,stock,category\n"


async def take(shop: Shop, folder: Path, content: str) -> ImportReport:
    path = folder / "books.csv"
    path.write_text(content, encoding="utf-8")
    return await import_books(shop.app, path, operator=shop.sam)


async def test_new_books_are_added_with_their_stock_as_a_movement(shop: Shop, tmp_path: Path) -> None:
    report = await take(shop, tmp_path, HEAD + "439023483,The Hunger Games,Suzanne Collins,8.99,4,Science fiction\n")
    assert (report.added, report.changed, report.unchanged, report.refused_count) == (1, 0, 0, 0)
    book = await find_by_code(shop.app, "9780439023481")
    assert (book.title, book.author, book.price, book.stock) == ("The Hunger Games", "Suzanne Collins", 899, 4)
    assert (book.category, book.tax_name) == ("Science fiction", "Books 0 %")
    (step,) = await stock_history(shop.app, book.id)
    assert (step.delta, step.reason.value, step.operator) == (4, "import", "Sam")
    assert [row.id for row in await suggest(shop.app, "collins hung")] == [book.id]
    assert (await verify(shop.app)).findings == 0


async def test_known_books_are_changed_in_what_the_file_says_only(shop: Shop, tmp_path: Path) -> None:
    report = await take(shop, tmp_path, f"isbn,title,author,price\n{PRIDE},Pride and Prejudice,Jane Austen,9.49\n")
    assert (report.added, report.changed, report.unchanged) == (0, 1, 0)
    book = await find_by_code(shop.app, PRIDE)
    assert (book.price, book.stock, book.category, book.version) == (949, 23, "Fiction", 2)


async def test_the_same_file_again_changes_nothing(shop: Shop, tmp_path: Path) -> None:
    content = (
        HEAD + f"{PRIDE},Pride and Prejudice,Jane Austen,9.49,20,Fiction\n0062316095,Sapiens,Harari,24.99,3,History\n"
    )
    assert (await take(shop, tmp_path, content)).changed == 2
    again = await take(shop, tmp_path, content)
    assert (again.added, again.changed, again.unchanged, again.refused_count) == (0, 0, 2, 0)
    assert (await find_by_code(shop.app, PRIDE)).version == 2
    assert len(await stock_history(shop.app, shop.books[PRIDE])) == 2


async def test_forms_and_languages_of_a_table_come_in_the_shops_words(shop: Shop, tmp_path: Path) -> None:
    content = (
        "isbn,title,language,format\n"
        f"{PRIDE},Pride and Prejudice,ger,BC\n{DARKNESS},The Left Hand of Darkness,fra,paperback\n"
        "9780439023481,The Hunger Games,eng-US,Tea towel\n"
    )
    assert (await take(shop, tmp_path, content)).refused == []
    books = [await find_by_code(shop.app, code) for code in (PRIDE, DARKNESS, "9780439023481")]
    stored = [(book.language, book.format) for book in books]
    assert stored == [("de", "Paperback"), ("fr", "Paperback"), ("en-US", "Tea towel")]
    again = await take(shop, tmp_path, content)
    assert (again.added, again.changed, again.unchanged) == (0, 0, 3)


NO_TITLE = "9780439023481 is new and has no title. Give it one, or leave the row out."


@pytest.mark.parametrize("head", ["isbn,price,category", "isbn,price,category,title"])
@pytest.mark.parametrize("dry_run", [True, False])
async def test_a_price_list_needs_no_titles_but_of_new_ones(
    shop: Shop, tmp_path: Path, head: str, *, dry_run: bool
) -> None:
    path, end = tmp_path / "prices.csv", "," * head.count("title")
    path.write_text(f"{head}\n{PRIDE},9.49,{end}\n9780439023481,8.99,Nowhere{end}\n")
    told: list[RowFate] = []
    await import_books(shop.app, path, ImportOptions(dry_run=dry_run), operator=shop.sam, told=told.extend)
    assert [(row.line, row.fate, row.isbn) for row in told] == [
        (2, Fate.CHANGED, PRIDE),
        (3, Fate.REFUSED, "9780439023481"),
    ]
    assert (told[0].text, told[1].reason) == ("Pride and Prejudice", NO_TITLE)
    book = await find_by_code(shop.app, PRIDE)
    assert (book.title, book.price) == ("Pride and Prejudice", 899 if dry_run else 949)
    assert "Nowhere" not in {category.name for category in await list_categories(shop.app)}
    with pytest.raises(Refused, match=r"book\.unknown|code\."):
        await find_by_code(shop.app, "9780439023481")


@pytest.mark.parametrize("dry_run", [True, False])
async def test_a_title_that_an_earlier_row_brings_needs_none_in_later_rows(
    shop: Shop, tmp_path: Path, *, dry_run: bool
) -> None:
    path = tmp_path / "books.csv"
    path.write_text(HEAD + "9780439023481,The Hunger Games,x,8.99,,\n9780439023481,,,7.99,,Young Adult\n")
    told: list[RowFate] = []
    await import_books(shop.app, path, ImportOptions(dry_run=dry_run), operator=shop.sam, told=told.extend)
    assert [(row.fate, row.text, row.price) for row in told] == [
        (Fate.NEW, "The Hunger Games", 899),
        (Fate.CHANGED, "The Hunger Games", 799),
    ]


async def test_a_new_title_without_words_holds_all_or_none_back(shop: Shop, tmp_path: Path) -> None:
    path = tmp_path / "prices.csv"
    path.write_text(f"isbn,price\n{PRIDE},9.49\n9780439023481,8.99\n")
    report = await import_books(shop.app, path, ImportOptions(all_or_none=True), operator=shop.sam)
    assert (report.withheld, report.refused_count, report.refused[0].reason) == (True, 1, NO_TITLE)
    assert (await find_by_code(shop.app, PRIDE)).price == 899


BAD = [
    ("9780141439519,Wrong digit,x,1,1,", "last digit"),
    ("12345678901,Too long,x,1,1,", "11 digits"),
    ("abc,Letters,x,1,1,", "no ISBN"),
    (",No number,x,1,1,", "no ISBN"),
    ("4012888888881881,A card,x,1,1,", "card number"),
    ("9780439023481,,x,1,1,", NO_TITLE),
    (f"9780062316097,{'x' * 256},x,1,1,", "longer than 255 characters"),
    ("9780062316097,Price,x,€9.99,1,", "no amount"),
    ("9780062316097,Price,x,-1,1,", "no amount"),
    ("9780062316097,Price,x,9.999,1,", "decimals"),
    ("9780062316097,Price,x,10000000000000,1,", "too large"),
    ("9780062316097,Stock,x,1,-1,", "Stock"),
    ("9780062316097,Stock,x,1,0.5,", "Stock"),
    ("9780062316097,Stock,x,1,99999999999999999999,", "Stock"),
    ("9780062316097,Columns,x", "fewer columns"),
    ("9780062316097,Columns, and commas,x,1,1,Fiction", "more columns"),
    ('9780062316097,"Quotes,x,1,1,', "quotation marks"),
    ("9780062316097,N\0UL,x,1,1,", "NUL"),
]


async def test_each_row_refused_says_where_and_why_and_stops_no_other(shop: Shop, tmp_path: Path) -> None:
    good = f"{DARKNESS},The Left Hand of Darkness,Ursula K. Le Guin,{{}},7,Fiction\n"
    content = HEAD + "".join(f"{line}\n{good.format(number + 1)}" for number, (line, _) in enumerate(BAD))
    report = await take(shop, tmp_path, content)
    assert [row.line for row in report.refused] == list(range(2, 2 + 2 * len(BAD), 2))
    for row, (line, reason) in zip(report.refused, BAD, strict=True):
        assert reason in row.reason, (line[:60], row.reason)
    assert (report.added, report.refused_count) == (0, len(BAD))
    assert (await find_by_code(shop.app, DARKNESS)).price == len(BAD) * 100
    assert (await find_by_code(shop.app, "9780062316097")).title == "Sapiens"
    assert "4012888888881881" not in "".join(row.reason + row.text for row in report.refused)
    assert (await verify(shop.app)).findings == 0


async def test_odd_but_harmless_texts_are_taken_as_they_are(shop: Shop, tmp_path: Path) -> None:
    odd = ['=HYPERLINK("http://x")', "O'Brien's 100% \"_*\" NEAR(", "<b>bold</b>", "📚\u202e", "ß" * 255]
    path = tmp_path / "odd.csv"
    with path.open("w", encoding="utf-16", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["ISBN", "Title", "Author"])
        stems = [f"{number:09}" for number in range(1, 6)]
        writer.writerows([stem + _check_digit(stem), title, "x" * 300] for stem, title in zip(stems, odd, strict=True))
    report = await import_books(shop.app, path, operator=shop.sam)
    titles = await shop.app.db.read(
        lambda session: list(session.scalars(select(Book.title).order_by(Book.id).offset(5)))
    )
    assert (report.refused, titles) == ([], odd)


async def test_more_than_a_batch_is_taken_with_progress_and_every_refusal_is_handed_on(
    shop: Shop, tmp_path: Path
) -> None:
    path = tmp_path / "books.csv.gz"
    good = [f"{number:09}" for number in range(1, 2 * BATCH)]
    lines = [f"{stem}{_check_digit(stem)},Title {stem},Author,1.00,2,\n" for stem in good]
    path.write_bytes(gzip.compress((HEAD + "".join(lines) + "bad,row,x,1,1,\n" * 1_200).encode()))
    steps: list[tuple[int, int]] = []
    fates: list[RowFate] = []
    report = await import_books(
        shop.app,
        path,
        operator=shop.sam,
        progress=lambda done, total: steps.append((done, total)),
        told=fates.extend,
    )
    refused = [row for row in fates if row.fate is Fate.REFUSED]
    assert (report.added, report.refused_count, len(refused), len(report.refused)) == (len(good), 1_200, 1_200, 1_000)
    assert steps == sorted(steps)
    assert {total for _, total in steps} == {path.stat().st_size}
    assert steps[-1][0] == steps[-1][1]
    assert (await verify(shop.app)).findings == 0


def _check_digit(stem: str) -> str:
    rest = sum((place + 1) * int(digit) for place, digit in enumerate(stem)) % 11
    return "X" if rest == 10 else str(rest)


async def test_a_cancelled_import_keeps_what_it_took_and_says_so(shop: Shop, tmp_path: Path) -> None:
    path = tmp_path / "books.csv"
    stems = [f"{number:09}" for number in range(1, 3 * BATCH)]
    path.write_text(HEAD + "".join(f"{stem}{_check_digit(stem)},T,A,1.00,1,\n" for stem in stems), encoding="utf-8")
    cancel = asyncio.Event()
    report = await import_books(
        shop.app, path, operator=shop.sam, progress=lambda _done, _total: cancel.set(), cancel=cancel
    )
    assert (report.added, report.cancelled) == (BATCH, True)
    assert (await verify(shop.app)).findings == 0


async def test_a_sale_during_an_import_is_not_lost(shop: Shop, tmp_path: Path) -> None:
    line = f"{DARKNESS},The Left Hand of Darkness,Ursula K. Le Guin,10.99,{{}},Fiction\n"
    path = tmp_path / "books.csv"
    path.write_text(HEAD + line.format(30) * 3 * BATCH, encoding="utf-8")
    view, _ = await asyncio.gather(shop.sell(DARKNESS), import_books(shop.app, path, operator=shop.sam))
    assert view.number == "1-000001"
    steps = await stock_history(shop.app, shop.books[DARKNESS], 100)
    assert [step.reason.value for step in steps].count("sale") == 1
    assert sum(step.delta for step in steps) == await shop.stock(DARKNESS)
    assert (await verify(shop.app)).findings == 0


async def test_categories_are_made_once_however_long_their_names_are(shop: Shop, tmp_path: Path) -> None:
    name = "Crime " * 60
    content = HEAD + f"{PRIDE},Pride and Prejudice,Jane Austen,9,1,{name}\n"
    for _ in range(2):
        assert (await take(shop, tmp_path, content)).refused_count == 0
    made = await shop.app.db.read(
        lambda session: list(session.scalars(select(Category).where(Category.name.like("Crime%"))))
    )
    assert len(made) == 1
    assert len(await list_categories(shop.app)) == 6


async def test_the_columns_of_the_real_catalogue_are_taken(shop: Shop, tmp_path: Path) -> None:
    head = "book_id,isbn,isbn13,authors,original_publication_year,original_title,title,language_code\n"
    report = await take(
        shop,
        tmp_path,
        head
        + '1,439023483,9.78043902348e+12,Suzanne Collins,2008.0,x,"The Hunger Games (#1)",eng\n'
        + "2,30805213X,9.78030805213e+12,Homer,-720.0,x,Odyssey,eng\n"
        + "3,,,Nobody,1999.0,x,Without a number,eng\n",
    )
    assert report.added + report.refused_count == 3
    book = await find_by_code(shop.app, "9780439023481")
    assert (book.published_on, book.language, book.price, book.stock) == ("2008", "en", 0, 0)


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("2008.0", "2008"),
        ("-720.0", "-0720"),
        ("1813-01-28", "1813-01-28"),
        ("1813-01", "1813-01"),
        ("28.1.1813", None),
        ("soon", None),
        ("20080", None),
        ("٢٠٠٨", None),
    ],
)
def test_a_date_is_kept_as_far_as_it_is_sure(given: str, kept: str | None) -> None:
    assert book_import_row.published(given) == kept


async def test_importing_is_for_managers(shop: Shop, tmp_path: Path) -> None:
    path = tmp_path / "books.csv"
    path.write_text(HEAD + "0062316095,Sapiens,Harari,1.00,3,\n", encoding="utf-8")
    with pytest.raises(Refused, match=r"right\.missing"):
        await import_books(shop.app, path, operator=shop.ana)
    assert (await find_by_code(shop.app, "0062316095")).price == 2499


async def test_a_shop_without_tax_rates_is_told_to_set_one_up(app: App, tmp_path: Path) -> None:
    path = tmp_path / "books.csv"
    path.write_text(HEAD + "0062316095,Sapiens,Harari,1.00,3,\n", encoding="utf-8")
    with pytest.raises(Refused, match=r"import\.no_tax_rate"):
        await import_books(app, path)


async def test_an_import_by_the_machine_itself_names_nobody(shop: Shop, tmp_path: Path) -> None:
    path = tmp_path / "books.csv"
    path.write_text(HEAD + "439023483,The Hunger Games,Suzanne Collins,8.99,4,\n", encoding="utf-8")
    await import_books(shop.app, path)

    def moved(session: Session) -> list[tuple[int | None, int]]:
        rows = session.execute(
            select(StockMovement.user_id, StockMovement.delta).where(StockMovement.reason == "import")
        )
        return [(user, delta) for user, delta in rows]

    assert await shop.app.db.read(moved) == [(None, 4)]


async def test_a_new_title_without_a_price_is_asked_for_at_the_till_until_a_price_is_told(
    shop: Shop, tmp_path: Path
) -> None:
    path, fates = tmp_path / "books.csv", list[RowFate]()
    path.write_text(f"isbn,title,price\n439023483,The Hunger Games,\n{PRIDE},Pride and Prejudice,\n")
    await import_books(shop.app, path, ImportOptions(dry_run=True), operator=shop.sam, told=fates.extend)
    assert (fates[0].fate, fates[0].price) == (Fate.NEW, None)
    assert "the till will ask" in fates[0].reason
    await import_books(shop.app, path, operator=shop.sam)
    found = await find_by_code(shop.app, "9780439023481")
    assert (found.price, found.open_price) == (0, True)
    with pytest.raises(Refused, match=r"book\.open_price"):
        await shop.sell("9780439023481")
    # What is there keeps its price.
    kept = await find_by_code(shop.app, PRIDE)
    assert (kept.price, kept.open_price) == (899, False)
    await take(shop, tmp_path, "isbn,title,price\n439023483,The Hunger Games,8.99\n")
    found = await find_by_code(shop.app, "9780439023481")
    assert (found.price, found.open_price) == (899, False)


async def test_a_price_typed_in_the_catalogue_ends_the_asking(shop: Shop, tmp_path: Path) -> None:
    await take(shop, tmp_path, "isbn,title\n439023483,The Hunger Games\n")
    found = await find_by_code(shop.app, "9780439023481")
    edited = await edit_book(shop.app, shop.sam, found.id, found.version, {"price": 799})
    assert (edited.price, edited.open_price) == (799, False)


async def test_a_price_of_nothing_that_a_file_tells_is_believed(shop: Shop, tmp_path: Path) -> None:
    await take(shop, tmp_path, "isbn,title,price\n439023483,The Hunger Games,0.00\n")
    found = await find_by_code(shop.app, "9780439023481")
    assert (found.price, found.open_price) == (0, False)
