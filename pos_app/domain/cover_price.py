"""The price behind a book's barcode: the five-digit add-on (Bookland EAN), whose first digit names a currency."""

CURRENCIES = {"0": "GBP", "1": "GBP", "3": "AUD", "4": "NZD", "5": "USD", "6": "CAD"}
# 59999 means "more than it can say", 90000 "no price".
NO_PRICE = frozenset({"59999", "90000", "00000"})
LENGTH = 5


def cover_price(addon: str | None, currency: str) -> int | None:
    """Give the cover price in a five-digit add-on, in minor units, where it is one in the shop's currency."""
    if addon is None or len(addon) != LENGTH or addon in NO_PRICE:
        return None
    if CURRENCIES.get(addon[0]) != currency:
        return None
    return int(addon) if addon[0] in "01" else int(addon[1:])


def price_addon(price: int, currency: str) -> str | None:
    """Give the add-on that says a price (minor units); None where the trade has none for it."""
    digit = next((digit for digit, code in CURRENCIES.items() if code == currency), None)
    if digit is None:
        return None
    addon = f"{price:05d}" if digit == "0" else f"{digit}{price:04d}"
    return addon if cover_price(addon, currency) == price else None
