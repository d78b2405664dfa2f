"""Files of the book trade taken into the catalogue, and tried out first."""

from pathlib import Path

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from pos_app.models import Book
from pos_app.services.book import find_by_code
from pos_app.services.book_import import ImportOptions, ImportReport, import_books
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


async def test_what_is_to_be_taken_out_is_told_and_not_done(shop: Shop, tmp_path: Path) -> None:
    file = tmp_path / "out.xml"
    file.write_text(ONIX.format(kind="05", prices="").replace("9780140449136", PRIDE))
    report = await take(shop, file)
    assert report.refused_count == 1
    assert "make it inactive by hand" in report.refused[0].reason
    assert (await find_by_code(shop.app, PRIDE)).active


async def test_a_dry_run_stores_no_stock_and_no_category(shop: Shop, tmp_path: Path) -> None:
    file = tmp_path / "books.csv"
    file.write_text(f"isbn,title,price,stock,category\n{PRIDE},Pride and Prejudice,9.49,50,Regency\n")
    report = await take(shop, file, dry_run=True)
    assert (report.added, report.changed) == (0, 1)
    book = await find_by_code(shop.app, PRIDE)
    assert (book.price, book.stock, book.category) == (899, 23, "Fiction")
    assert await shop.findings() == []
