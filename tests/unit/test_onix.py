"""ONIX for Books: every sample is read, and what attacks the reader is refused before it costs anything."""

import time
import tracemalloc
from pathlib import Path

import pytest

from pos_app.errors import Refused
from pos_app.exchange.onix import read_onix
from pos_app.exchange.onix_xml import CHUNK
from pos_app.exchange.title import FilePrice, FileTitle, Notice, Territory

SAMPLES = Path(__file__).parents[1] / "data" / "onix"
# Records, and those of them that cannot be taken.
COUNTS = {
    "Google_Sample_ONIX_2.1.xml": (1, 0),
    "Onix3.1-single-ref.xml": (1, 0),
    "Onix3.1-single-short.xml": (1, 0),
    "onix2-multiple.xml": (21, 0),
    "onix2-single.xml": (1, 0),
    "onix3-multiple.xml": (21, 0),
    "onix3-single.xml": (1, 0),
    "single-book-onix2.xml": (1, 0),
    "single-book-onix3-short.xml": (1, 0),
    "single-book-onix3.xml": (1, 0),
    "valid_google_onix_3.xml": (1, 0),
}
BODY = "<ISBN>9780141439518</ISBN><DistinctiveTitle>{}</DistinctiveTitle>"


def read(folder: Path, content: bytes | str) -> list[FileTitle]:
    path = folder / "file.xml"
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return list(read_onix(path))


def message(*bodies: str) -> str:
    return "<ONIXMessage>" + "".join(f"<Product>{body}</Product>" for body in bodies) + "</ONIXMessage>"


def test_every_sample_is_read_and_counted() -> None:
    found = {path.name: list(read_onix(path)) for path in SAMPLES.glob("*.xml")}
    assert {name: (len(rows), sum(row.fault is not None for row in rows)) for name, rows in found.items()} == COUNTS


def test_reference_names_and_short_tags_say_the_same() -> None:
    assert list(read_onix(SAMPLES / "Onix3.1-single-ref.xml")) == list(read_onix(SAMPLES / "Onix3.1-single-short.xml"))


def test_a_product_comes_with_all_that_a_shop_wants_to_know() -> None:
    (book,) = read_onix(SAMPLES / "single-book-onix3.xml")
    assert (book.isbn, book.title, book.author) == ("9780007232833", "Roseanna", "Maj Sjöwall, Per Wahlöö")
    assert (book.publisher, book.published_on, book.language) == ("HarperCollins Publishers", "2006-08-07", "eng")
    assert (book.series, book.availability, len(book.prices)) == ("The Martin Beck series", "available", 3)
    assert book.prices[0] == FilePrice("7.99", "GBP", "02", Territory(("GB",)))


def test_prices_keep_their_time_their_places_and_the_messages_currency(tmp_path: Path) -> None:
    price = (
        "<SupplyDetail><Price><PriceType>02</PriceType><PriceAmount>5.00</PriceAmount><Territory>"
        "<CountriesExcluded>US CA</CountriesExcluded></Territory><PriceDate><PriceDateRole>14</PriceDateRole>"
        "<Date>20260101</Date></PriceDate></Price></SupplyDetail>"
    )
    text = message(BODY.format("T") + price).replace(
        "<Product>", "<Header><DefaultCurrencyCode>EUR</DefaultCurrencyCode></Header><Product>"
    )
    (book,) = read(tmp_path, text)
    assert book.prices == (FilePrice("5.00", "EUR", "02", Territory(not_countries=("US", "CA")), "20260101"),)


def test_deletes_and_block_updates_need_no_title(tmp_path: Path) -> None:
    given = ("05", "04", "12", "03", "88")
    kinds = [f"<NotificationType>{kind}</NotificationType><ISBN>0141439513</ISBN>" for kind in given]
    rows = read(tmp_path, message(*kinds, "<DistinctiveTitle>T</DistinctiveTitle>"))
    assert [(row.notice, row.fault) for row in rows] == [
        (Notice.OUT, None),
        (Notice.PART, None),
        (Notice.PART, None),
        (Notice.WHOLE, "it has no title"),
        (Notice.WHOLE, "it is marked as a test"),
        (Notice.WHOLE, "it has no ISBN"),
    ]


def test_an_update_of_the_supply_says_nothing_else(tmp_path: Path) -> None:
    body = "<NotificationType>12</NotificationType>" + BODY.format("Repeated") + PRICE.format("02", "5.00", "GBP")
    (book,) = read(tmp_path, message(body))
    assert (book.title, [price.amount for price in book.prices]) == ("", ["5.00"])


PRICE = (
    "<SupplyDetail><Price><PriceType>{}</PriceType><PriceAmount>{}</PriceAmount><CurrencyCode>{}</CurrencyCode>"
    "</Price></SupplyDetail>"
)
TERRITORIES = {
    "<Territory><CountriesIncluded>GB IE</CountriesIncluded></Territory>": Territory(("GB", "IE")),
    "<Territory><RegionsIncluded>WORLD</RegionsIncluded><CountriesExcluded>US</CountriesExcluded></Territory>": (
        Territory((), ("WORLD",), ("US",))
    ),
    "<Territory><RegionsIncluded>ROW</RegionsIncluded><RegionsExcluded>ECZ</RegionsExcluded></Territory>": (
        Territory((), ("ROW",), (), ("ECZ",))
    ),
    "<CountryCode>GB</CountryCode><CountryCode>IE</CountryCode><Territory>ROW</Territory>": (
        Territory(("GB", "IE"), ("ROW",))
    ),
    "<b251>gb</b251><j304>US CA</j304><j308>ECZ</j308>": Territory(("GB",), (), ("US", "CA"), ("ECZ",)),
    "": Territory(("AU", "NZ"), ("ECZ",)),
}


@pytest.mark.parametrize("inside", TERRITORIES)
def test_a_price_holds_in_its_own_territory_or_in_that_of_its_market(tmp_path: Path, inside: str) -> None:
    markets = (
        "<Market><Territory><CountriesIncluded>AU NZ</CountriesIncluded></Territory></Market>"
        "<Market><Territory><RegionsIncluded>ECZ</RegionsIncluded></Territory></Market>"
    )
    price = f"<SupplyDetail><Price><PriceAmount>5</PriceAmount>{inside}</Price></SupplyDetail>"
    (book,) = read(tmp_path, message(BODY.format("T") + f"<ProductSupply>{markets}{price}</ProductSupply>"))
    assert [one.territory for one in book.prices] == [TERRITORIES[inside]]


def test_a_supply_of_release_2_says_where_to(tmp_path: Path) -> None:
    where = "<SupplyToCountry>GB</SupplyToCountry><SupplyToTerritory>ROW</SupplyToTerritory>"
    text = message(
        BODY.format("T") + f"<SupplyDetail>{where}<Price><PriceAmount>5</PriceAmount></Price></SupplyDetail>"
    )
    head = "<Header><DefaultPriceTypeCode>02</DefaultPriceTypeCode></Header><Product>"
    (book,) = read(tmp_path, text.replace("<Product>", head))
    assert book.prices == (FilePrice("5", "", "02", Territory(("GB",), ("ROW",))),)


def test_prices_for_libraries_and_of_cartons_are_left_out(tmp_path: Path) -> None:
    kinds = ("<PriceQualifier>10</PriceQualifier>", "<MinimumOrderQuantity>10</MinimumOrderQuantity>", "")
    prices = "".join(f"<Price>{kind}<PriceAmount>{place}</PriceAmount></Price>" for place, kind in enumerate(kinds))
    (book,) = read(tmp_path, message(BODY.format("T") + f"<SupplyDetail>{prices}</SupplyDetail>"))
    assert [one.amount for one in book.prices] == ["2"]


def test_a_price_has_its_days_in_any_of_the_ways_to_say_them(tmp_path: Path) -> None:
    def dated(role: str, text: str) -> str:
        return f"<PriceDate><PriceDateRole>{role}</PriceDateRole><Date>{text}</Date></PriceDate>"

    ways = (
        dated("14", "20260101") + dated("15", "202606"),
        dated("24", "2026010120260630"),
        "<PriceEffectiveFrom>2026-01-01</PriceEffectiveFrom><PriceEffectiveUntil>20260630T2359</PriceEffectiveUntil>",
    )
    prices = "".join(f"<Price><PriceAmount>5</PriceAmount>{way}</Price>" for way in ways)
    (book,) = read(tmp_path, message(BODY.format("T") + f"<SupplyDetail>{prices}</SupplyDetail>"))
    days = [(one.starts, one.ends) for one in book.prices]
    assert days == [("20260101", "202606"), ("20260101", "20260630"), ("20260101", "20260630")]


@pytest.mark.parametrize(
    ("claimed", "real"),
    [
        ("utf-8", "utf-8"),
        ("utf-8", "cp1252"),
        ("utf-8", "utf-8-sig"),
        ("ISO-8859-1", "utf-8"),
        ("ISO-8859-1", "cp1252"),
        ("windows-1252", "cp1252"),
        ("utf-16", "utf-16"),
        ("utf-8", "utf-16"),
        ("utf-16", "utf-8"),
        ("no-such-thing", "utf-8"),
        ("punycode", "utf-8"),
        ("rot13", "utf-8"),
    ],
)
def test_a_file_need_not_have_the_encoding_it_claims(tmp_path: Path, claimed: str, real: str) -> None:
    text = f'<?xml version="1.0" encoding="{claimed}"?>' + message(BODY.format("Wahlöö – “x”"))
    assert [row.title for row in read(tmp_path, text.encode(real))] == ["Wahlöö – “x”"]


def test_the_named_letters_of_html_are_known(tmp_path: Path) -> None:
    kind = '<!DOCTYPE ONIXMessage SYSTEM "http://www.editeur.org/onix/2.1/reference/onix-international.dtd">'
    for head in ("", kind):
        assert read(tmp_path, head + message(BODY.format("Caf&eacute; &amp; &nowhere;")))[0].title == "Café & &nowhere;"


def test_a_file_that_breaks_off_keeps_what_came_before(tmp_path: Path) -> None:
    rows = read(tmp_path, message(BODY.format("T")).removesuffix("</ONIXMessage>") + "<Product><b></Product>")
    assert [row.title for row in rows] == ["T", ""]
    assert "line 1: a tag is closed that was not opened last" in (rows[1].fault or "")


BOMB = "<!DOCTYPE x [<!ENTITY a 'aaaaaaaaaa'><!ENTITY b '&a;&a;&a;&a;&a;&a;'>]>"
ATTACKS = {
    "bomb": (BOMB + message(BODY.format("&b;")), "declares an entity"),
    "outside": ("<!DOCTYPE x [<!ENTITY a SYSTEM 'file:///etc/passwd'>]>" + message("&a;"), "declares an entity"),
    "parameter": ("<!DOCTYPE x [<!ENTITY % a SYSTEM 'http://127.0.0.1/'> %a;]>" + message(), "declares an entity"),
    "deep": ("<a>" * 1_000, "nested"),
    "empty": ("", "the file ends before anything was told"),
    "no xml": ("isbn,title\n", "it is no XML from here on"),
    "another xml": ("<html/>", "no ONIX product"),
}


@pytest.mark.parametrize("name", ATTACKS)
def test_attacks_and_other_files_are_refused_with_a_reason(tmp_path: Path, name: str) -> None:
    content, reason = ATTACKS[name]
    with pytest.raises(Refused) as refusal:
        read(tmp_path, content)
    assert reason in str(refusal.value.params["reason"])


@pytest.mark.parametrize("opening", ["<ONIXMessage><Product><b>", "<ONIXMessage><Product a='", "<ONIXMessage><!--"])
def test_a_gigabyte_without_an_end_is_refused_in_little_time_and_memory(tmp_path: Path, opening: str) -> None:
    path = tmp_path / "huge.xml"
    with path.open("wb") as file:
        file.write(opening.encode() + b"x" * CHUNK * 200)
        # A file with a hole takes no room; what is in it is never reached.
        file.truncate(1 << 30)
    tracemalloc.start()
    started = time.monotonic()
    with pytest.raises(Refused, match="unreadable"):
        list(read_onix(path))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert time.monotonic() - started < 10
    assert peak < 64_000_000


def test_authors_stand_in_the_order_of_their_numbers(tmp_path: Path) -> None:
    named = "<Contributor>{}<ContributorRole>A01</ContributorRole><PersonName>{}</PersonName></Contributor>"
    third, first = named.format("", "Gaiman"), named.format("<SequenceNumber>1</SequenceNumber>", "Pratchett")
    second = named.format("<SequenceNumber>2</SequenceNumber>", "Baxter")
    (book,) = read(tmp_path, message(BODY.format("Good Omens") + third + second + first))
    assert book.author == "Pratchett, Baxter, Gaiman"


def test_a_record_is_told_by_its_reference_alone_only_where_it_changes_a_title(tmp_path: Path) -> None:
    kinds = [
        f"<RecordReference>r1</RecordReference><NotificationType>{kind}</NotificationType>" for kind in ("05", "03")
    ]
    rows = read(tmp_path, message(*kinds, "<NotificationType>05</NotificationType>"))
    assert [(row.reference, row.fault) for row in rows] == [
        ("r1", None),
        ("r1", "it has no ISBN"),
        ("", "it has no ISBN"),
    ]


def test_the_main_subject_comes_first(tmp_path: Path) -> None:
    subject = "<Subject>{}<SubjectSchemeIdentifier>93</SubjectSchemeIdentifier><SubjectCode>{}</SubjectCode></Subject>"
    (book,) = read(
        tmp_path, message(BODY.format("T") + subject.format("", "NHD") + subject.format("<MainSubject/>", "FBA"))
    )
    assert book.subjects == (("93", "FBA"), ("93", "NHD"))
