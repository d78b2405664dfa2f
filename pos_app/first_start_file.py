"""A first start's answers from a file, so that nobody has to sit at forty tills: TOML, the words as in Settings.

At its top stands what a new shop is asked, and in the table [machine] what each machine keeps for itself.
"""

import tomllib
from collections.abc import Container, Mapping
from dataclasses import dataclass, fields
from decimal import Decimal, InvalidOperation
from enum import StrEnum
from pathlib import Path
from typing import Any

from pos_app.config_check import look_through
from pos_app.domain.shop import ShopSettings
from pos_app.errors import Refused, in_words
from pos_app.messages import sentence
from pos_app.services.first_start import FirstStart, check_admin, check_tax
from pos_app.services.setting import RANGES, check_settings
from pos_app.services.till import MAX_NAME as MAX_TILL_NAME

NEEDED = ("shop_name", "currency", "locale", "time_zone", "tax_name", "tax_rate", "admin_name")
# So many values are named one by one.
FEW = 10
OPTIONAL = ("admin_pin", "till_name", "catalogue", "test_page", "machine")


def _range(values: Container[int]) -> str:
    if not isinstance(values, range):
        few = tuple(values) if isinstance(values, tuple) and len(values) <= FEW else ()
        return f"one of {', '.join(map(str, few))}" if few else "0 (never), or 30 or more seconds"
    return f"a whole number from {values[0]} to {values[-1]}"


# What values take, as far as a reader of the file cannot see it in a list.
RULES = {
    "shop_name": "1 to 500 letters that print",
    "currency": "a code of three letters such as GBP or EUR",
    "locale": "a language's code such as en_GB or de_DE",
    "time_zone": "a time zone's name such as Europe/London",
    "country": "a country's code such as GB, or nothing",
    "address": "at most 500 letters",
    "tax_number": "at most 500 letters",
    "receipt_footer": "at most 500 letters",
    "order_message": "at most 500 letters",
    **{key: _range(values) for key, values in RANGES.items()},
}
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
    "config.unknown" | "config.value" | "config.password").
    """
    try:
        values = tomllib.loads(path.read_text(encoding="utf-8-sig"), parse_float=Decimal)
    except (OSError, tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise Refused("first_start.unreadable", path=str(path), reason=in_words(error)) from error
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
    _check(answers)
    machine = values.get("machine", {})
    if not isinstance(machine, dict):
        raise _refused("machine", machine, "it is a table: [machine]")
    free = machine.get("till") == FREE
    return SetUpFile(
        answers,
        _machine({key: value for key, value in machine.items() if not (free and key == "till")}, path),
        free_till=free,
        till_name=_till_name(values.get("till_name", ""), is_till="till" in machine),
        catalogue=_catalogue(path, _text("catalogue", values.get("catalogue", ""))),
        test_page=_switch("test_page", values.get("test_page", False)),
    )


def _check(answers: FirstStart) -> None:
    """See that a shop can be made of the answers, before anything is. Raises Refused("first_start.value")."""
    settings = answers.settings
    try:
        check_settings(settings)
    except Refused as refused:
        key = str(refused.params.get("key", "currency"))
        raise _refused(key, getattr(settings, key), RULES.get(key, "that cannot be used here")) from refused
    try:
        check_tax(answers.tax_name.strip(), answers.tax_rate)
    except Refused as refused:
        said = f"{answers.tax_name}, {answers.tax_rate.scaleb(2).normalize():f}"
        raise _refused("tax_name, tax_rate", said, "a tax has a name and 0 to 99.999 per cent") from refused
    try:
        # A PIN that is asked for is looked at when it is typed.
        check_admin(answers.admin_name, answers.admin_pin or "0000")
    except Refused as refused:
        if refused.code == "pin.invalid":
            raise _refused("admin_pin", "…", "a PIN has 4 to 12 digits, in quotation marks") from refused
        raise _refused("admin_name", answers.admin_name, sentence(refused).removesuffix(".")) from refused


def _till_name(value: Any, *, is_till: bool) -> str:
    """The till's name, which only a machine that is to be a till has."""
    name = _text("till_name", value)
    if name and not is_till:
        raise _refused("till_name", name, f'this machine is to be no till; add till = "{FREE}" under [machine]')
    if len(name.strip()) > MAX_TILL_NAME or not name.isprintable():
        raise _refused("till_name", name, f"1 to {MAX_TILL_NAME} letters that print")
    return name


def _refused(key: str, value: Any, reason: str) -> Refused:
    return Refused("first_start.value", key=key, value=str(value)[:60], reason=reason)


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
        raise _refused("catalogue", named, f"there is no file {file}")
    return file


def _switch(key: str, value: Any) -> bool:
    if not isinstance(value, bool):
        raise _refused(key, value, "true or false is needed")
    return value


def _setting(key: str, value: Any) -> Any:
    """A setting in the type it has."""
    usual = SETTINGS[key]
    if isinstance(usual, StrEnum):
        kind = type(usual)
        try:
            return kind(value)
        except ValueError as error:
            raise _refused(key, value, f"one of {', '.join(kind)}") from error
    if type(value) is not type(usual):
        wanted = {str: "text", bool: "true or false", int: "a whole number"}[type(usual)]
        raise _refused(key, value, f"{wanted} is needed")
    return value


def _text(key: str, value: Any) -> str:
    if not isinstance(value, str):
        raise _refused(key, value, "text is needed, in quotation marks")
    return value


def _rate(value: Any) -> Decimal:
    """Per cent as a fraction: 5.5 is 0.055."""
    try:
        if isinstance(value, bool):
            raise InvalidOperation
        return Decimal(value).scaleb(-2)
    except (InvalidOperation, TypeError, ValueError) as error:
        raise _refused("tax_rate", value, "a number in per cent is needed") from error
