"""Which of the prices that a file of the trade states is the one a customer of this shop pays."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from pos_app.exchange.title import FilePrice, Territory

# ONIX list 58, without and with tax: fixed by law, recommended, the publisher's own, an importer's; then those for a
# special sale and before publication. What a supplier asks of the shop is none of them.
RETAIL = {
    False: ("03", "01", "41", "33", "13", "11", "23", "21", "31"),
    True: ("04", "02", "42", "34", "14", "12", "24", "22"),
}
# ONIX list 49: countries of Europe whose sole currency is the euro.
EURO = "ECZ"
EURO_COUNTRIES = frozenset({
    "AD", "AT", "BE", "BG", "CY", "DE", "EE", "ES", "FI", "FR", "GR", "HR", "IE", "IT", "LT", "LU", "LV", "MC", "ME",
    "MT", "NL", "PT", "SI", "SK", "SM", "VA", "XK",
})  # fmt: skip
WORLD, REST_OF_WORLD = "WORLD", "ROW"
# How closely a territory fits a country, the closest first.
NAMED, IN_EURO, IN_WORLD, IN_REST = range(4)


@dataclass(frozen=True, slots=True)
class Market:
    """Where a shop sells: ISO 4217 currency, whether its prices include tax, ISO 3166 country, and the day."""

    currency: str
    with_tax: bool
    country: str
    today: date


def retail_price(prices: Iterable[FilePrice], market: Market) -> str:
    """Give the amount of the price that holds in a market today, "" where none does.

    Of several the kind decides (`RETAIL`), then how closely the territory names the shop's country, then which began
    last.
    """
    kinds = RETAIL[market.with_tax]
    today = market.today.strftime("%Y%m%d")
    found = []
    for price in prices:
        if price.currency != market.currency or price.kind not in kinds or not _holds(price, today):
            continue
        fit = _fit(price.territory, market.country)
        if fit is not None:
            found.append((kinds.index(price.kind), fit, -int(price.starts.ljust(8, "0")), price.amount))
    return min(found, key=lambda one: one[:3])[-1] if found else ""


def _holds(price: FilePrice, today: str) -> bool:
    return price.starts <= today and (not price.ends or price.ends.ljust(8, "9") >= today)


def _fit(territory: Territory, country: str) -> int | None:
    """How closely a territory fits a country; None where it leaves it out."""
    regions = territory.regions
    if country in territory.countries:
        return NAMED
    in_euro = country in EURO_COUNTRIES
    if country in territory.not_countries or (in_euro and EURO in territory.not_regions):
        return None
    if in_euro and EURO in regions:
        return IN_EURO
    if WORLD in regions or not (territory.countries or regions):
        return IN_WORLD
    return IN_REST if REST_OF_WORLD in regions else None
