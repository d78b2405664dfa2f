"""A new shop's answers from a file, so that nobody has to sit at forty tills: TOML, the words as in Settings."""

import tomllib
from dataclasses import fields
from decimal import Decimal, InvalidOperation
from enum import StrEnum
from pathlib import Path
from typing import Any

from pos_app.domain.shop import ShopSettings
from pos_app.errors import Refused
from pos_app.services.first_start import FirstStart

NEEDED = ("shop_name", "currency", "locale", "time_zone", "tax_name", "tax_rate", "admin_name")
# These name rows that a new shop does not have yet.
_ROWS = ("default_tax_rate_id", "gift_card_book_id", "logo")
SETTINGS = {field.name: field.default for field in fields(ShopSettings) if field.name not in _ROWS}


def read_answers(path: Path) -> tuple[FirstStart, bool]:
    """Give the answers, and whether the admin's PIN is among them; it is empty else. `tax_rate` is in per cent.

    Raises Refused("first_start.unreadable" | "first_start.unknown" | "first_start.missing" | "first_start.value").
    """
    try:
        with path.open("rb") as file:
            values = tomllib.load(file, parse_float=Decimal)
    except (OSError, tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise Refused("first_start.unreadable", path=str(path), reason=str(error)) from error
    known = {*NEEDED, "admin_pin", *SETTINGS}
    if unknown := sorted(values.keys() - known):
        raise Refused("first_start.unknown", key=unknown[0], path=str(path), known=", ".join(sorted(known)))
    if missing := [key for key in NEEDED if key not in values]:
        raise Refused("first_start.missing", path=str(path), keys=", ".join(missing))
    settings = ShopSettings(**{key: _setting(key, values[key]) for key in SETTINGS if key in values})
    answers = FirstStart(
        settings,
        tax_name=_text("tax_name", values["tax_name"]),
        tax_rate=_rate(values["tax_rate"]),
        admin_name=_text("admin_name", values["admin_name"]),
        admin_pin=_text("admin_pin", values.get("admin_pin", "")),
    )
    return answers, "admin_pin" in values


def _setting(key: str, value: Any) -> Any:
    """A setting in the type it has."""
    usual = SETTINGS[key]
    if isinstance(usual, StrEnum):
        kind = type(usual)
        try:
            return kind(value)
        except ValueError as error:
            raise Refused("first_start.value", key=key, reason=f"one of {', '.join(kind)}") from error
    if type(value) is not type(usual):
        wanted = {str: "text", bool: "true or false", int: "a whole number"}[type(usual)]
        raise Refused("first_start.value", key=key, reason=f"{wanted} is needed")
    return value


def _text(key: str, value: Any) -> str:
    if not isinstance(value, str):
        raise Refused("first_start.value", key=key, reason="text is needed, in quotation marks")
    return value


def _rate(value: Any) -> Decimal:
    """Per cent as a fraction: 5.5 is 0.055."""
    try:
        if isinstance(value, bool):
            raise InvalidOperation
        return Decimal(value).scaleb(-2)
    except (InvalidOperation, TypeError, ValueError) as error:
        raise Refused("first_start.value", key="tax_rate", reason="a number in per cent is needed") from error
