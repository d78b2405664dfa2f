"""Every file of the book trade that lies here, broken ones included: imported, or refused by record and reason."""

from collections import Counter
from datetime import date
from pathlib import Path

import pytest

from pos_app.domain.money import currency
from pos_app.errors import Refused
from pos_app.exchange.book_file import read_book_file
from pos_app.exchange.retail_price import Market
from pos_app.services.book_import import ImportOptions, ImportReport, import_books
from pos_app.services.book_import_row import Fate, RowFate, understand
from tests.shop import Shop

DATA = Path(__file__).parents[1] / "data"
GOODBOOKS = Path(__file__).parents[2] / "pos_app" / "demo" / "data" / "books.csv.gz"
# Titles new, changed, unchanged and refused, the files taken in one after the other: some tell of the same titles.
COUNTS = {
    "marc/1251.dat": (0, 0, 0, 6),
    "marc/alphatag.dat": (0, 0, 0, 1),
    "marc/bad_eacc_encoding.dat": (0, 0, 0, 1),
    "marc/bad_indicator.dat": (1, 0, 0, 0),
    "marc/bad_marc8_escape.dat": (0, 0, 0, 1),
    "marc/bad_records.mrc": (0, 0, 0, 9),
    "marc/bad_subfield_code.dat": (1, 0, 0, 0),
    "marc/bad_tag.xml": (0, 0, 0, 1),
    "marc/batch.xml": (0, 0, 0, 2),
    "marc/diacritic.dat": (1, 0, 0, 0),
    "marc/marc.dat": (20, 0, 0, 0),
    "marc/marc8-to-unicode.dat": (0, 0, 0, 1),
    "marc/marc8.dat": (0, 0, 0, 1),
    "marc/multi_isbn.dat": (1, 0, 0, 0),
    "marc/one.dat": (0, 0, 1, 0),
    "marc/regression45.dat": (0, 0, 0, 12),
    "marc/test.dat": (8, 0, 1, 1),
    "marc/testunimarc.dat": (0, 0, 0, 1),
    "marc/utf8.xml": (0, 0, 0, 1),
    "marc/utf8_errors.dat": (0, 0, 0, 1),
    "marc/utf8_invalid.mrc": (0, 0, 0, 1),
    "marc/utf8_with_leader_flag.dat": (0, 0, 0, 1),
    "marc/utf8_without_leader_flag.dat": (0, 0, 0, 1),
    "onix/Google_Sample_ONIX_2.1.xml": (1, 0, 0, 0),
    "onix/Onix3.1-single-ref.xml": (1, 0, 0, 0),
    "onix/Onix3.1-single-short.xml": (0, 0, 1, 0),
    "onix/onix2-multiple.xml": (20, 0, 1, 0),
    "onix/onix2-single.xml": (1, 0, 0, 0),
    "onix/onix3-multiple.xml": (0, 4, 17, 0),
    "onix/onix3-single.xml": (0, 1, 0, 0),
    "onix/single-book-onix2.xml": (1, 0, 0, 0),
    "onix/single-book-onix3-short.xml": (0, 1, 0, 0),
    "onix/single-book-onix3.xml": (0, 0, 1, 0),
    # A block update of the title that the sample of release 2.1 brought.
    "onix/valid_google_onix_3.xml": (0, 1, 0, 0),
}
# The same library records as a table and as MARC: what the table names too long or without a number, the records have.
LARGE = {
    "marc/loc_books_sample.csv.gz": (3416, 0, 0, 22),
    "marc/loc_books_sample.mrc.gz": (19, 3416, 0, 3),
}
REASONS = {
    "it has no ISBN": 29,
    "it has no title": 1,
    "it is in an encoding that its record does not name": 6,
    "the list of its fields does not fit them": 6,
}


async def taken(shop: Shop, path: Path) -> tuple[ImportReport, list[RowFate]]:
    """Try a file out and take it in: what happens was foretold, and what is refused says in which record and why."""
    tried: list[RowFate] = []
    done: list[RowFate] = []
    await import_books(shop.app, path, ImportOptions(dry_run=True), operator=shop.sam, told=tried.extend)
    report = await import_books(shop.app, path, operator=shop.sam, told=done.extend)
    assert [row.line for row in done] == [row.line for row in tried] == sorted(row.line for row in done)
    refused = [row for row in done if row.fate is Fate.REFUSED]
    assert len(refused) == report.refused_count
    assert all(row.line > 0 and row.reason for row in refused)
    return report, refused


def counts(report: ImportReport) -> tuple[int, int, int, int]:
    assert report.taken_out == 0
    return report.added, report.changed, report.unchanged, report.refused_count


async def test_every_file_is_taken_or_told(shop: Shop) -> None:
    folders = [path for kind in ("marc", "onix") for path in sorted((DATA / kind).iterdir()) if path.suffix != ".txt"]
    names = [f"{path.parent.name}/{path.name}" for path in folders]
    assert sorted(names) == sorted(COUNTS | LARGE)
    found: dict[str, tuple[int, int, int, int]] = {}
    reasons: Counter[str] = Counter()
    for name in COUNTS:
        report, refused = await taken(shop, DATA / name)
        found[name] = counts(report)
        for row in refused:
            reasons[next(reason for reason in REASONS if reason in row.reason)] += 1
    assert found == COUNTS
    assert reasons == REASONS
    assert await shop.findings() == []


@pytest.mark.parametrize("config", ["sqlite"], indirect=True)
async def test_a_librarys_records_are_taken_as_a_table_and_as_marc(shop: Shop) -> None:
    found = {}
    reasons: list[str] = []
    for name in LARGE:
        report = await import_books(shop.app, DATA / name, operator=shop.sam)
        found[name] = counts(report)
        reasons += [row.reason for row in report.refused]
    assert found == LARGE
    assert Counter("longer than 255" in reason for reason in reasons) == {True: 19, False: 6}
    assert await shop.findings() == []


def test_every_isbn_of_goodbooks_that_can_be_repaired_is() -> None:
    market, money = Market("GBP", with_tax=True, country="GB", today=date(2026, 1, 1)), currency("GBP")
    fates: Counter[str] = Counter()
    isbns: set[str] = set()
    for row in read_book_file(GOODBOOKS, market):
        given = row.fields["isbn"]
        try:
            isbn = understand(row, money).isbn
        except Refused as error:
            fates["none" if not given else error.code] += 1
        else:
            fates["whole" if len(given) == 10 else "repaired"] += 1
            isbns.add(isbn)
    # Of 23 that are no ISBN of ten digits, 17 are one of thirteen without its 978. Three more are too short to be
    # certain without the column of thirteen digits, which lies beside them in the whole data set, and three are wrong.
    assert fates == {"repaired": 6_596, "whole": 2_698, "none": 700, "isbn.check_digit": 6}
    assert len(isbns) == 9_294
