"""Of the prices in a file the shop's customers pay one: by kind, currency, country and day."""

from datetime import date

import pytest

from pos_app.domain.shop import ShopSettings
from pos_app.exchange.retail_price import Market, retail_price
from pos_app.exchange.title import FilePrice, Territory

TODAY = date(2026, 11, 29)
WORLD, ROW = Territory(regions=("WORLD",)), Territory(regions=("ROW",))


def chosen(*prices: FilePrice, with_tax: bool = True, country: str = "GB", currency: str = "GBP") -> str:
    """The price taken, whatever the order they stand in."""
    market = Market(currency, with_tax, country, TODAY)
    (amount,) = {retail_price(order, market) for order in (prices, prices[::-1])}
    return amount


def test_the_kind_follows_whether_the_shops_prices_include_tax() -> None:
    prices = [FilePrice(amount, "GBP", kind) for amount, kind in (("8", "01"), ("9", "02"), ("5", "05"), ("6", "07"))]
    assert (chosen(*prices), chosen(*prices, with_tax=False)) == ("9", "8")
    # What a supplier asks, or what has no kind, is nothing that a customer pays.
    assert chosen(*prices[2:], FilePrice("7", "GBP")) == ""


@pytest.mark.parametrize(
    ("better", "worse"), [("04", "02"), ("02", "42"), ("42", "12"), ("04", "14"), ("12", "22"), ("14", "24")]
)
def test_a_price_for_good_comes_before_one_for_a_time(better: str, worse: str) -> None:
    assert chosen(FilePrice("1", "GBP", worse), FilePrice("2", "GBP", better)) == "2"
    assert chosen(FilePrice("1", "GBP", worse)) == "1"


def test_a_price_in_other_money_is_none() -> None:
    prices = [FilePrice("9", "GBP", "02"), FilePrice("12", "EUR", "02")]
    assert chosen(*prices, currency="EUR", country="DE") == "12"
    assert chosen(*prices, currency="USD", country="US") == ""


@pytest.mark.parametrize(
    ("territory", "country", "holds"),
    [
        (Territory(), "GB", True),
        (Territory(), "", True),
        (Territory(("GB", "IE")), "GB", True),
        (Territory(("GB", "IE")), "US", False),
        (Territory(("GB", "IE")), "", False),
        (WORLD, "GB", True),
        (Territory((), ("WORLD",), ("US", "CA")), "GB", True),
        (Territory((), ("WORLD",), ("US", "CA")), "US", False),
        (Territory((), (), ("US",)), "US", False),
        (Territory((), (), ("US",)), "GB", True),
        (ROW, "GB", True),
        (Territory((), ("ROW",), ("GB",)), "GB", False),
        (Territory((), ("ECZ",)), "DE", True),
        (Territory((), ("ECZ",)), "GB", False),
        (Territory((), ("WORLD",), (), ("ECZ",)), "DE", False),
        (Territory((), ("WORLD",), (), ("ECZ",)), "GB", True),
        # Scotland is a part of the country only.
        (Territory((), ("GB-SCT",)), "GB", False),
        # Two markets taken together: one is all but the United States, the other is they.
        (Territory(("US",), ("WORLD",), ("US",)), "US", True),
    ],
)
def test_a_price_holds_where_its_territory_says(territory: Territory, country: str, *, holds: bool) -> None:
    assert bool(chosen(FilePrice("9", "GBP", "02", territory), country=country)) is holds


def test_the_closest_territory_is_the_one() -> None:
    prices = [
        FilePrice("4", "EUR", "02", ROW),
        FilePrice("3", "EUR", "02", WORLD),
        FilePrice("2", "EUR", "02", Territory((), ("ECZ",))),
        FilePrice("1", "EUR", "02", Territory(("DE",))),
    ]
    for count in range(4, 0, -1):
        assert chosen(*prices[:count], currency="EUR", country="DE") == str(5 - count)


@pytest.mark.parametrize(
    ("starts", "ends", "holds"),
    [
        ("", "", True),
        ("20261129", "20261129", True),
        ("20261130", "", False),
        ("", "20261128", False),
        ("2026", "2026", True),
        ("202611", "202611", True),
        ("202612", "", False),
        ("", "202610", False),
    ],
)
def test_a_price_holds_from_its_first_day_to_its_last(starts: str, ends: str, *, holds: bool) -> None:
    assert bool(chosen(FilePrice("9", "GBP", "02", Territory(), starts, ends))) is holds


def test_of_two_that_hold_the_one_that_began_last_is_the_one() -> None:
    prices = [FilePrice(amount, "GBP", "02", WORLD, starts) for amount, starts in (("7", ""), ("9", "20261001"))]
    assert chosen(*prices, FilePrice("8", "GBP", "02", WORLD, "20260101")) == "9"


@pytest.mark.parametrize(
    ("settings", "country"),
    [
        (ShopSettings(), "GB"),
        (ShopSettings(locale="de_AT"), "AT"),
        (ShopSettings(locale="de_AT", country="CH"), "CH"),
        (ShopSettings(locale="de"), ""),
        (ShopSettings(locale="zh_Hant_TW"), "TW"),
        (ShopSettings(locale="zh_Hans"), ""),
    ],
)
def test_a_shop_sells_in_its_own_country_or_in_that_of_its_language(settings: ShopSettings, country: str) -> None:
    assert settings.sells_in == country
