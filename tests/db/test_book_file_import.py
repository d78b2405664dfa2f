"""Files of the book trade taken into the catalogue, and tried out first."""

from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from pos_app.domain.kinds import Availability
from pos_app.models import Book
from pos_app.services import book_import
from pos_app.services.book import find_by_code
from pos_app.services.book_history import book_history
from pos_app.services.book_import import ImportOptions, ImportReport, import_books
from pos_app.services.book_import_row import Fate, RowFate
from pos_app.services.book_undo import undo_act
from pos_app.services.setting import change_settings
from tests.shop import PRIDE, Shop

DATA = Path(__file__).parents[1] / "data"

ONIX = """<?xml version="1.0"?><ONIXMessage release="3.0"><Product><RecordReference>a</RecordReference>
<NotificationType>{kind}</NotificationType>
<ProductIdentifier><ProductIDType>15</ProductIDType><IDValue>9780140449136</IDValue></ProductIdentifier>
<DescriptiveDetail><TitleDetail><TitleType>01</TitleType><TitleElement><TitleElementLevel>01</TitleElementLevel>
<TitleText>Crime and Punishment</TitleText></TitleElement></TitleDetail></DescriptiveDetail>
<ProductSupply><SupplyDetail>{prices}</SupplyDetail></ProductSupply></Product></ONIXMessage>"""
PRICE = "<Price><PriceType>{}</PriceType><PriceAmount>{}</PriceAmount><CurrencyCode>{}</CurrencyCode></Price>"


async def take(shop: Shop, path: Path, *, dry_run: bool = False) -> ImportReport:
    return await import_books(shop.app, path, ImportOptions(dry_run=dry_run), operator=shop.sam)


async def count(shop: Shop) -> int:
    def act(session: Session) -> int:
        return session.scalar(select(func.count()).select_from(Book)) or 0

    return await shop.app.db.read(act)


@pytest.mark.parametrize(
    ("name", "added", "refused"),
    [
        ("onix/onix3-single.xml", 1, 0),
        ("onix/single-book-onix3-short.xml", 1, 0),
        ("onix/single-book-onix2.xml", 1, 0),
        # One of its 21 products is there twice.
        ("onix/onix2-multiple.xml", 20, 0),
        ("marc/multi_isbn.dat", 1, 0),
        ("marc/batch.xml", 0, 2),
    ],
)
async def test_files_of_the_trade_are_taken_or_told(shop: Shop, name: str, added: int, refused: int) -> None:
    before = await count(shop)
    tried = await take(shop, DATA / name, dry_run=True)
    assert await count(shop) == before
    report = await take(shop, DATA / name)
    assert (report.added, report.refused_count) == (added, refused)
    assert (tried.added, tried.changed, tried.refused_count) == (report.added, report.changed, report.refused_count)
    assert await count(shop) == before + added
    again = await take(shop, DATA / name)
    assert (again.added, again.changed) == (0, 0)


async def test_the_retail_price_of_the_shops_kind_and_currency_is_taken(shop: Shop, tmp_path: Path) -> None:
    prices = "".join(PRICE.format(*one) for one in (("01", "8.00", "GBP"), ("02", "9.99", "GBP"), ("02", "12", "EUR")))
    file = tmp_path / "autumn.xml"
    file.write_text(ONIX.format(kind="03", prices=prices))
    await take(shop, file)
    assert (await find_by_code(shop.app, "9780140449136")).price == 999


def product(kind: str, isbn: str, *blocks: str) -> str:
    number = f"<ProductIDType>15</ProductIDType><IDValue>{isbn}</IDValue>"
    return (
        f"<Product><RecordReference>{isbn}</RecordReference><NotificationType>{kind}</NotificationType>"
        f"<ProductIdentifier>{number}</ProductIdentifier>{''.join(blocks)}</Product>"
    )


def written(folder: Path, *products: str) -> Path:
    file = folder / "update.xml"
    file.write_text(f'<ONIXMessage release="3.1">{"".join(products)}</ONIXMessage>')
    return file


def supply(*prices: tuple[str, str, str]) -> str:
    inside = "".join(PRICE.format(*price) for price in prices)
    return (
        "<ProductSupply><SupplyDetail><ProductAvailability>21</ProductAvailability>"
        f"{inside}</SupplyDetail></ProductSupply>"
    )


TITLED = (
    "<DescriptiveDetail><TitleDetail><TitleType>01</TitleType><TitleElement><TitleElementLevel>01"
    "</TitleElementLevel><TitleText>{}</TitleText></TitleElement></TitleDetail>{}</DescriptiveDetail>"
)


async def fates(shop: Shop, path: Path, *, dry_run: bool = False) -> list[RowFate]:
    told: list[RowFate] = []
    await import_books(shop.app, path, ImportOptions(dry_run=dry_run), operator=shop.sam, told=told.extend)
    return told


async def test_an_update_of_the_supply_changes_the_price_and_nothing_else(shop: Shop, tmp_path: Path) -> None:
    before = await find_by_code(shop.app, PRIDE)
    (row,) = await fates(shop, written(tmp_path, product("04", PRIDE, supply(("02", "9.49", "GBP")))))
    assert (row.fate, row.changes) == (Fate.CHANGED, (("price", 899, 949),))
    after = await find_by_code(shop.app, PRIDE)
    assert after == replace(before, price=949, version=before.version + 1)


async def test_an_update_of_one_block_leaves_what_the_others_said(shop: Shop, tmp_path: Path) -> None:
    series = (
        "<Collection><TitleDetail><TitleType>01</TitleType><TitleElement><TitleElementLevel>02</TitleElementLevel>"
        "<TitleText>Penguin Classics</TitleText></TitleElement></TitleDetail></Collection>"
    )
    publishing = (
        "<PublishingDetail><Publisher><PublishingRole>01</PublishingRole><PublisherName>Penguin</PublisherName>"
        "</Publisher></PublishingDetail>"
    )
    before = await find_by_code(shop.app, PRIDE)
    await fates(shop, written(tmp_path, product("04", PRIDE, TITLED.format("Pride &amp; Prejudice", series))))
    await fates(shop, written(tmp_path, product("04", PRIDE, publishing)))
    after = await find_by_code(shop.app, PRIDE)
    assert after == replace(
        before,
        title="Pride & Prejudice",
        # The block names nobody who made the book.
        author="",
        series="Penguin Classics",
        publisher="Penguin",
        version=before.version + 2,
    )


DESCRIBED = (
    "<CollateralDetail><TextContent><TextType>03</TextType><ContentAudience>00</ContentAudience>"
    "<Text>{}</Text></TextContent></CollateralDetail>"
)
PUBLISHED = (
    "<PublishingDetail><Publisher><PublishingRole>01</PublishingRole><PublisherName>Penguin</PublisherName></Publisher>"
    "<PublishingStatus>{}</PublishingStatus></PublishingDetail>"
)


async def test_a_block_that_no_longer_says_something_takes_it_away(shop: Shop, tmp_path: Path) -> None:
    await fates(shop, written(tmp_path, product("04", PRIDE, DESCRIBED.format("Of a truth."), PUBLISHED.format("07"))))
    before = await find_by_code(shop.app, PRIDE)
    assert (before.description, before.publisher, before.availability) == ("Of a truth.", "Penguin", "out of print")
    told = await fates(shop, written(tmp_path, product("04", PRIDE, "<CollateralDetail/>")))
    assert told[0].changes == (("description", "Of a truth.", None),)
    told = await fates(shop, written(tmp_path, product("04", PRIDE, "<PublishingDetail/>")))
    assert told[0].changes == (("publisher", "Penguin", None),)
    after = await find_by_code(shop.app, PRIDE)
    assert after == replace(before, description=None, publisher=None, version=before.version + 2)
    # A whole record that says nothing of it takes nothing away: shops know more than their suppliers tell.
    await fates(shop, written(tmp_path, product("03", PRIDE, TITLED.format(before.title, ""), "<PublishingDetail/>")))
    assert (await find_by_code(shop.app, PRIDE)).author == "Jane Austen"


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("<p>First.</p><p>Sec<i>o</i>nd &amp; last.</p>", "First. Second & last."),
        ("&lt;p&gt;First.&lt;/p&gt;&lt;p&gt;Sec&lt;b&gt;o&lt;/b&gt;nd &amp;amp; last.", "First. Second & last."),
        ("3 &lt; 4", "3 < 4"),
        ("long " * 6_000, ("long " * 4_000)),
    ],
)
async def test_descriptions_are_kept_without_their_markup(shop: Shop, tmp_path: Path, text: str, kept: str) -> None:
    await fates(shop, written(tmp_path, product("04", PRIDE, DESCRIBED.format(text))))
    assert (await find_by_code(shop.app, PRIDE)).description == kept


@pytest.mark.parametrize(
    ("status", "supplied", "kept"),
    [
        ("02", "10", Availability.FORTHCOMING),
        ("04", "31", Availability.UNAVAILABLE),
        ("07", "21", Availability.OUT_OF_PRINT),
        ("04", "49", Availability.WITHDRAWN),
        ("04", "21", None),
        ("04", "99", None),
    ],
)
async def test_what_the_trade_says_of_supply_is_kept_and_sells_on(
    shop: Shop, tmp_path: Path, status: str, supplied: str, kept: Availability | None
) -> None:
    blocks = (PUBLISHED.format(status), supply(("02", "8.99", "GBP")).replace("21<", f"{supplied}<", 1))
    await fates(shop, written(tmp_path, product("04", PRIDE, *blocks)))
    after = await find_by_code(shop.app, PRIDE)
    # What is on the shelf can be sold, whatever can be ordered.
    assert (after.availability, after.active) == (kept, True)
    await fates(shop, written(tmp_path, product("04", PRIDE, PUBLISHED.format("04"))))
    assert (await find_by_code(shop.app, PRIDE)).availability is None


async def test_an_update_of_what_is_not_there_is_a_new_title_only_where_it_says_enough(
    shop: Shop, tmp_path: Path
) -> None:
    there = await count(shop)
    path = written(
        tmp_path,
        product("04", "9780140449136", supply(("02", "9.49", "GBP"))),
        product("04", "9780439023481", TITLED.format("The Hunger Games", ""), supply(("02", "8.99", "GBP"))),
        product("04", "9780439023481", supply(("02", "9.99", "GBP"))),
    )
    told = await fates(shop, path)
    assert [(row.fate, row.reason) for row in told] == [
        (Fate.UNCHANGED, "It is not in the catalogue."),
        (Fate.NEW, ""),
        (Fate.CHANGED, ""),
    ]
    assert await count(shop) == there + 1
    assert (await find_by_code(shop.app, "9780439023481")).price == 999


async def test_a_delete_takes_a_title_off_sale_and_is_told_as_that(shop: Shop, tmp_path: Path) -> None:
    await shop.sell(PRIDE)
    there = await count(shop)
    path = written(tmp_path, product("05", PRIDE), product("05", "9780140449136"), product("05", PRIDE))
    tried = await fates(shop, path, dry_run=True)
    assert [(row.fate, row.text) for row in tried] == [
        (Fate.OUT, "Pride and Prejudice"),
        (Fate.UNCHANGED, ""),
        (Fate.UNCHANGED, "Pride and Prejudice"),
    ]
    assert (await find_by_code(shop.app, PRIDE)).active
    report = await take(shop, path)
    assert (report.taken_out, report.changed, report.unchanged, report.refused_count) == (1, 0, 2, 0)
    book = await find_by_code(shop.app, PRIDE)
    assert (book.active, book.stock, await count(shop)) == (False, 22, there)
    (change, *_) = await book_history(shop.app, shop.sam, book.id)
    assert (change.kind, change.field, change.old, change.new) == ("import", "active", True, False)
    await undo_act(shop.app, shop.sam, report.act, kind="import")
    assert (await find_by_code(shop.app, PRIDE)).active
    assert await shop.findings() == []


async def test_a_price_is_taken_for_the_country_of_the_shop(shop: Shop, tmp_path: Path) -> None:
    def price(amount: str, territory: str) -> str:
        made = PRICE.format("02", amount, "GBP")
        return made.replace("</Price>", f"<Territory>{territory}</Territory></Price>")

    prices = (
        price("7.00", "<RegionsIncluded>WORLD</RegionsIncluded><CountriesExcluded>GB</CountriesExcluded>")
        + price("8.00", "<RegionsIncluded>ROW</RegionsIncluded>")
        + price("9.00", "<CountriesIncluded>GB IE</CountriesIncluded>")
    )
    path = written(
        tmp_path, product("04", PRIDE, f"<ProductSupply><SupplyDetail>{prices}</SupplyDetail></ProductSupply>")
    )
    for country, expected in (("", 900), ("AU", 700), ("IE", 900)):
        await change_settings(shop.app, shop.people["Max"], country=country)
        await take(shop, path)
        assert (await find_by_code(shop.app, PRIDE)).price == expected


async def test_a_list_without_authors_leaves_them(shop: Shop, tmp_path: Path) -> None:
    file = tmp_path / "prices.csv"
    file.write_text(f"isbn,title,price\n{PRIDE},Pride and Prejudice,9.49\n")
    await take(shop, file)
    book = await find_by_code(shop.app, PRIDE)
    assert (book.author, book.price) == ("Jane Austen", 949)


async def test_a_dry_run_stores_no_stock_and_no_category(shop: Shop, tmp_path: Path) -> None:
    file = tmp_path / "books.csv"
    file.write_text(f"isbn,title,price,stock,category\n{PRIDE},Pride and Prejudice,9.49,50,Regency\n")
    report = await take(shop, file, dry_run=True)
    assert (report.added, report.changed) == (0, 1)
    book = await find_by_code(shop.app, PRIDE)
    assert (book.price, book.stock, book.category) == (899, 23, "Fiction")
    assert await shop.findings() == []


def referred(kind: str, reference: str, *blocks: str, isbn: str = "") -> str:
    number = f"<ProductIdentifier><ProductIDType>15</ProductIDType><IDValue>{isbn}</IDValue></ProductIdentifier>"
    return (
        f"<Product><RecordReference>{reference}</RecordReference><NotificationType>{kind}</NotificationType>"
        f"{number if isbn else ''}{''.join(blocks)}</Product>"
    )


async def test_a_delete_by_reference_alone_finds_the_title_it_was_told_of(shop: Shop, tmp_path: Path) -> None:
    whole = referred("03", "org.example.17", TITLED.format("Crime and Punishment", ""), isbn="9780140449136")
    await fates(shop, written(tmp_path, whole))
    delete = written(tmp_path, referred("05", "org.example.17"), referred("05", "org.example.18"))
    tried = await fates(shop, delete, dry_run=True)
    assert [(row.fate, row.isbn) for row in tried] == [(Fate.OUT, "9780140449136"), (Fate.REFUSED, "")]
    assert "“org.example.18”" in tried[1].reason
    assert await fates(shop, delete) == tried
    assert not (await find_by_code(shop.app, "9780140449136")).active
    # The last that was told counts; one that holds the ISBN itself need not be told before.
    await fates(shop, written(tmp_path, referred("03", "org.example.17", TITLED.format("Pride", ""), isbn=PRIDE)))
    changed = await fates(
        shop,
        written(
            tmp_path,
            referred("04", "org.example.17", supply(("02", "9.49", "GBP"))),
            referred("12", f"org.example.{PRIDE}", supply(("02", "9.99", "GBP"))),
        ),
    )
    assert [(row.isbn, row.price) for row in changed] == [(PRIDE, 949), (PRIDE, 999)]
    assert await shop.findings() == []


async def test_a_reference_told_in_the_same_file_is_known_when_it_is_tried_out_too(
    shop: Shop, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(book_import, "BATCH", 2)
    whole = referred("03", "r1", TITLED.format("Crime and Punishment", ""), isbn="9780140449136")
    other = referred("03", "r2", TITLED.format("The Hunger Games", ""), isbn="9780439023481")
    file = written(tmp_path, whole, other, referred("05", "r1"), referred("05", "r2"))
    tried = await fates(shop, file, dry_run=True)
    assert [row.fate for row in tried] == [Fate.NEW, Fate.NEW, Fate.OUT, Fate.OUT]
    assert await fates(shop, file) == tried


SUBJECT = "<Subject><SubjectSchemeIdentifier>93</SubjectSchemeIdentifier><SubjectCode>{}</SubjectCode></Subject>"


async def test_subject_codes_are_kept_with_the_title_the_main_one_first(shop: Shop, tmp_path: Path) -> None:
    def coded(*codes: tuple[str, str, str]) -> str:
        return "".join(
            f"<Subject>{main}<SubjectSchemeIdentifier>{scheme}</SubjectSchemeIdentifier>"
            f"<SubjectCode>{code}</SubjectCode></Subject>"
            for main, scheme, code in codes
        )

    main = "<MainSubject/>"
    told = coded(("", "10", "FIC019000"), ("", "93", "NHD"), (main, "93", "FBA"), ("", "94", "1DDU"), ("", "20", "x"))
    await fates(shop, written(tmp_path, product("03", PRIDE, TITLED.format("Pride and Prejudice", told))))
    assert (await find_by_code(shop.app, PRIDE)).subjects == "93:FBA 93:NHD 94:1DDU 10:FIC019000"
    # A whole record that is silent leaves them; a block without any takes them away.
    await fates(shop, written(tmp_path, product("03", PRIDE, TITLED.format("Pride and Prejudice", ""))))
    assert (await find_by_code(shop.app, PRIDE)).subjects is not None
    block = product("04", PRIDE, TITLED.format("Pride and Prejudice", coded(("", "93", "FBC"))))
    await fates(shop, written(tmp_path, block))
    assert (await find_by_code(shop.app, PRIDE)).subjects == "93:FBC"
    await fates(shop, written(tmp_path, product("04", PRIDE, TITLED.format("Pride and Prejudice", ""))))
    assert (await find_by_code(shop.app, PRIDE)).subjects is None


async def test_a_subject_puts_a_title_into_a_category_where_it_has_none(shop: Shop, tmp_path: Path) -> None:
    def of(isbn: str, code: str, kind: str = "03") -> str:
        return product(kind, isbn, TITLED.format("A title", SUBJECT.format(code)))

    file = written(tmp_path, of("9780140449136", "NHD"), of(PRIDE, "NHD"), of("9780439023481", "YFC", "04"))
    tried = await fates(shop, file, dry_run=True)
    assert await fates(shop, file) == tried
    assert (await find_by_code(shop.app, "9780140449136")).category == "History"
    # What the shop chose stays.
    assert (await find_by_code(shop.app, PRIDE)).category == "Fiction"
    assert (await find_by_code(shop.app, "9780439023481")).category == "Children’s Books"
    # A title that is known and has no category gets one.
    await fates(shop, written(tmp_path, product("03", "9780593318188", TITLED.format("A title", ""))))
    (row,) = await fates(shop, written(tmp_path, of("9780593318188", "FBA")))
    assert row.changes == (("subjects", None, "93:FBA"), ("category", None, "Fiction"))


async def test_a_date_that_cannot_be_read_is_told_in_its_row(shop: Shop, tmp_path: Path) -> None:
    file = tmp_path / "books.csv"
    file.write_text(f"isbn,title,published_on\n{PRIDE},Pride & Prejudice,soon\n", encoding="utf-8")
    (row,) = await fates(shop, file)
    assert (row.fate, row.reason) == (Fate.CHANGED, "Its date of publication, “soon”, cannot be read: left out.")
