"""Amounts as integers of the currency's minor unit, and the one rounding function."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal

from babel.core import UnknownLocaleError
from babel.numbers import (
    UnknownCurrencyError,
    get_currency_precision,
    get_currency_symbol,
    validate_currency,
)

from pos_app.errors import Refused

# A hundred million of the major unit in most currencies: far above any sale, far below 64 bits.
MAX_AMOUNT = 10**10


@dataclass(frozen=True, slots=True)
class Currency:
    """An ISO 4217 currency and how many decimals its minor unit has."""

    code: str
    digits: int

    @property
    def unit(self) -> int:
        """Minor units in one major unit."""
        return int(10**self.digits)


def currency(code: str) -> Currency:
    """Look a currency up by its ISO code. Raises Refused("currency.unknown")."""
    try:
        validate_currency(code)
    except (UnknownCurrencyError, UnknownLocaleError) as error:
        raise Refused("currency.unknown", currency=code[:10]) from error
    return Currency(code, get_currency_precision(code))


def round_half_away(amount: Decimal) -> int:
    """Round to a whole minor unit, halves away from zero: the only rounding of money in this program."""
    return int(amount.quantize(Decimal(1), rounding=ROUND_HALF_UP))


def round_cash(amount: int, step: int) -> int:
    """Round an amount to what coins can pay, `step` being the smallest coin in minor units."""
    return round_half_away(Decimal(amount) / step) * step


def allocate(amount: int, weights: Sequence[int]) -> list[int]:
    """Split an amount in proportion to weights by largest remainder; the parts sum exactly to it."""
    whole = sum(weights)
    if any(weight < 0 for weight in weights):
        raise ValueError("a weight below zero")
    if whole == 0:
        if amount:
            raise ValueError("nothing to split an amount over")
        return [0] * len(weights)
    sign, size = (-1, -amount) if amount < 0 else (1, amount)
    parts = [size * weight // whole for weight in weights]
    by_remainder = sorted(range(len(weights)), key=lambda place: (-(size * weights[place] % whole), place))
    for place in by_remainder[: size - sum(parts)]:
        parts[place] += 1
    return [sign * part for part in parts]


_AMOUNT = re.compile(r"(\d*)(?:[.,](\d*))?")


def parse_amount(text: str, digits: int) -> int:
    """Read an amount as typed: digits with at most one decimal mark, comma or full stop; never guesses.

    Raises Refused("amount.invalid" | "amount.too_precise" | "amount.too_large").
    """
    text = text.strip()
    match = _AMOUNT.fullmatch(text) if text.isascii() and len(text) <= 40 else None  # noqa: PLR2004 - longer is no amount
    if match is None or not (match[1] or match[2]):
        raise Refused("amount.invalid", text=text[:40])
    fraction = match[2] or ""
    if len(fraction) > digits and fraction[digits:].strip("0"):
        raise Refused("amount.too_precise", text=text, digits=digits)
    amount = int((match[1] or "0") + fraction[:digits].ljust(digits, "0"))
    if amount > MAX_AMOUNT:
        raise Refused("amount.too_large", limit=MAX_AMOUNT)
    return amount


# Thousands parted by one mark or blank throughout, and at most one other mark with decimals.
_GROUPED = re.compile(r"([1-9][0-9]{0,2})((?:([., '])[0-9]{3})(?:\3[0-9]{3})*)(?:([.,])([0-9]+))?", re.ASCII)
_BLANKS = re.compile(r"[\s\u00a0\u202f]+")


def parse_price(text: str, money: Currency) -> int:
    """Read an amount as files write it: also with the sign or the code of `money`, and thousands grouped.

    What could be thousands or decimals ("1,234") is refused. Raises Refused as `parse_amount` does.
    """
    if "," not in text and text.replace(".", "").isdigit():
        # As nearly all of a file's are.
        return parse_amount(text, money.digits)
    bare = _BLANKS.sub(" ", text).strip()
    for sign in (money.code, get_currency_symbol(money.code, locale="en")):
        if bare.upper().startswith(sign):
            bare = bare[len(sign) :].lstrip()
        elif bare.upper().endswith(sign):
            bare = bare[: -len(sign)].rstrip()
        else:
            continue
        break
    found = _GROUPED.fullmatch(bare)
    if found is None or found[3] == found[4]:
        return parse_amount(bare, money.digits)
    one_group = len(found[2]) == 4  # noqa: PLR2004 - a mark and three digits
    if found[4] is None and one_group and found[3] in ".,":
        if found[3] == "," and money.digits != 3:  # noqa: PLR2004 - there "1,234" has three decimals
            raise Refused("amount.invalid", text=text[:40])
        return parse_amount(bare, money.digits)
    whole = found[1] + found[2].replace(found[3], "")
    return parse_amount(f"{whole}.{found[5] or ''}", money.digits)
