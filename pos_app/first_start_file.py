"""A first start's answers from a file, so that nobody has to sit at forty tills: TOML, the words as in Settings.

At its top stands what a new shop is asked, and in the table [machine] what each machine keeps for itself.
"""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, fields
from decimal import Decimal, InvalidOperation
from enum import StrEnum
from pathlib import Path
from typing import Any

from pos_app.config_check import look_through
from pos_app.domain.shop import ShopSettings
from pos_app.errors import Refused
from pos_app.services.first_start import FirstStart

NEEDED = ("shop_name", "currency", "locale", "time_zone", "tax_name", "tax_rate", "admin_name")
OPTIONAL = ("admin_pin", "till_name", "catalogue", "test_page", "machine")
# In the place of a till's number: the lowest that no machine has.
FREE = "free"
# These name rows that a new shop does not have yet.
_ROWS = ("default_tax_rate_id", "gift_card_book_id", "logo")
SETTINGS = {field.name: field.default for field in fields(ShopSettings) if field.name not in _ROWS}


@dataclass(frozen=True, slots=True)
class SetUpFile:
    """Everything a file answers. The admin's PIN is empty where it is not among that."""

    answers: FirstStart
    # Settings of this machine, by name; of its till's number, whether the lowest free one is meant.
    machine: Mapping[str, Any]
    free_till: bool = False
    till_name: str = ""
    # Titles to begin with, and whether the printer is tried.
    catalogue: Path | None = None
    test_page: bool = False

    @property
    def is_till(self) -> bool:
        """Whether this machine is to be a till of the shop."""
        return self.free_till or "till" in self.machine


def read_answers(path: Path) -> SetUpFile:
    """Give the answers; `tax_rate` is in per cent there, and a catalogue's path begins where the file is.

    Raises Refused("first_start.unreadable" | "first_start.unknown" | "first_start.missing" | "first_start.value" |
    "first_start.file" | "config.unknown" | "config.value" | "config.password").
    """
    try:
        values = tomllib.loads(path.read_text(encoding="utf-8-sig"), parse_float=Decimal)
    except (OSError, tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise Refused("first_start.unreadable", path=str(path), reason=str(error)) from error
    known = {*NEEDED, *OPTIONAL, *SETTINGS}
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
    machine = values.get("machine", {})
    if not isinstance(machine, dict):
        raise Refused("first_start.value", key="machine", reason="it is a table: [machine]")
    free = machine.get("till") == FREE
    return SetUpFile(
        answers,
        _machine({key: value for key, value in machine.items() if not (free and key == "till")}, path),
        free_till=free,
        till_name=_text("till_name", values.get("till_name", "")),
        catalogue=_catalogue(path, _text("catalogue", values.get("catalogue", ""))),
        test_page=_switch("test_page", values.get("test_page", False)),
    )


def _machine(values: Mapping[str, Any], path: Path) -> dict[str, Any]:
    """Settings as they are kept in the machine's own file, each looked at as at a start, devices too."""
    checked, wrong = look_through(values, path, "data_dir")
    if wrong:
        raise wrong[0]
    return {key: "x".join(map(str, value)) if key == "window_size" else value for key, value in checked.items()}


def _catalogue(path: Path, named: str) -> Path | None:
    if not named:
        return None
    file = path.parent / named
    if not file.is_file():
        raise Refused("first_start.file", path=str(file))
    return file


def _switch(key: str, value: Any) -> bool:
    if not isinstance(value, bool):
        raise Refused("first_start.value", key=key, reason="true or false is needed")
    return value


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
