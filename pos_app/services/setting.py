"""The shop's settings, shared by all its tills and stored in its database."""

import json
import re
from collections.abc import Container
from dataclasses import asdict, fields, replace
from datetime import datetime
from enum import StrEnum
from functools import lru_cache
from typing import Any
from zoneinfo import available_timezones

from babel.core import Locale, UnknownLocaleError
from sqlalchemy import insert, select, update
from sqlalchemy.orm import Session

from pos_app.app import App
from pos_app.domain.counter_key import read_counter_keys
from pos_app.domain.journal import canonical
from pos_app.domain.money import currency
from pos_app.domain.permission import Permission
from pos_app.domain.shop import COUNTRY_LETTERS, ShopSettings
from pos_app.errors import Refused
from pos_app.models import Setting, table
from pos_app.services import journal
from pos_app.services.right import Operator, require
from pos_app.services.setting_text import forget_setting_text, setting_text

MAX_TEXT = 500
# Groups of countries and what is unknown, which Babel lists among them.
NO_COUNTRIES = ("EU", "EZ", "QO", "UN", "XA", "XB", "ZZ")
_DIGEST = re.compile(r"[0-9a-f]{64}")
OPTIONAL = ("default_tax_rate_id", "gift_card_book_id")
RANGES: dict[str, Container[int]] = {
    "day_starts_at_hour": range(13),
    # The smallest coins of the world's currencies, in minor units.
    "cash_rounding": (1, 5, 10, 20, 50, 100),
    "idle_lock_s": (0, *range(30, 24 * 3600 + 1)),
    "return_days": range(3651),
    "hold_days": range(366),
    "invoice_days": range(366),
    "receipt_width": (32, 42, 48),
    "default_float": range(10**8),
    "loyalty_step": range(1, 10**8),
    "loyalty_full": range(1, 100_001),
    "loyalty_worth": range(1, 10**8),
}


_LOCKED = select(table(Setting).c.key).order_by(table(Setting).c.key).with_for_update()


def check_settings(settings: ShopSettings) -> None:
    """Raise Refused("setting.invalid", key=…) for a value that cannot be used, or the currency's own refusal."""
    currency(settings.currency)
    for field in fields(settings):
        if not _usable(field.name, getattr(settings, field.name)):
            raise Refused("setting.invalid", key=field.name)


@lru_cache(maxsize=256)
def _usable(key: str, value: Any) -> bool:
    """Whether a value of the right type may be used; remembered, since every act reads the settings."""
    match key:
        case "currency":
            return _known_currency(value)
        case "locale":
            return _known_locale(value)
        case "time_zone":
            return value in available_timezones()
        case _ if key in RANGES:
            return value in RANGES[key]
        case "default_tax_rate_id" | "gift_card_book_id":
            return value is None or bool(0 < value < 2**31)
        case "country":
            return value == "" or value in countries()
        case "logo":
            return value == "" or _DIGEST.fullmatch(value) is not None
        case "counter_keys":
            return len(value) <= MAX_TEXT and _known_keys(value)
        case "shop_name" | "address" | "tax_number" | "receipt_footer" | "order_message":
            return _usable_text(key, value)
    return True


def _usable_text(key: str, value: str) -> bool:
    if key == "shop_name":
        return 0 < len(value.strip()) <= MAX_TEXT and value.isprintable()
    # Lines are welcome; other control characters could steer a receipt printer.
    return len(value) <= MAX_TEXT and value.replace("\n", "").isprintable()


@lru_cache(maxsize=1)
def countries() -> dict[str, str]:
    """Give the countries there are by their ISO 3166 codes, called as English calls them."""
    named = Locale("en").territories
    return {code: name for code, name in named.items() if len(code) == COUNTRY_LETTERS and code not in NO_COUNTRIES}


def _known_keys(text: str) -> bool:
    try:
        read_counter_keys(text)
    except Refused:
        return False
    return True


def _known_currency(code: str) -> bool:
    try:
        currency(code)
    except Refused:
        return False
    return True


def _known_locale(name: str) -> bool:
    try:
        Locale.parse(name)
    except (UnknownLocaleError, ValueError):
        return False
    return True


def shop_settings(session: Session) -> ShopSettings:
    """The settings inside an act, read once in it; a stored value that cannot be used counts as not set."""
    return _settings(setting_text(session))


@lru_cache(maxsize=8)
def _settings(text: str) -> ShopSettings:
    """What a text stands for; remembered, since it hardly ever changes."""
    values = {}
    stored = {key: value for key, _, value in (line.partition("=") for line in text.split("\n"))}
    for field in fields(ShopSettings):
        if field.name in stored:
            value = _typed(field.default, stored[field.name], optional=field.name in OPTIONAL)
            if value is not None and _usable(field.name, value):
                values[field.name] = value
    return ShopSettings(**values)


def write_settings(session: Session, settings: ShopSettings) -> None:
    """Store all settings inside an act, checked first; keys that another release knows stay as they are."""
    check_settings(settings)
    forget_setting_text(session)
    setting = table(Setting)
    stored: dict[str, str] = dict(session.execute(select(setting.c.key, setting.c.value).with_for_update()).all())
    values = {key: json.dumps(value) for key, value in asdict(settings).items()}
    for key, value in values.items():
        if key not in stored:
            session.execute(insert(setting).values(key=key, value=value))
        elif stored[key] != value:
            changed = {"value": value, "version": setting.c.version + 1}
            session.execute(update(setting).where(setting.c.key == key).values(changed))


def lock_settings(session: Session) -> None:
    """Let one act at a time change settings, which are read anew behind the lock."""
    session.execute(_LOCKED)
    forget_setting_text(session)


def change_one(session: Session, key: str, value: Any) -> None:
    """Store one setting inside an act, by the program itself and not by a person."""
    write_settings(session, replace(shop_settings(session), **{key: value}))


async def get_settings(app: App) -> ShopSettings:
    """Read the shop's settings."""
    return await app.db.read(shop_settings)


async def change_settings(app: App, operator: Operator, **changes: Any) -> ShopSettings:
    """Change some settings. Raises Refused("setting.invalid" | "currency.unknown" | "right.missing")."""
    now = app.clock.now()
    return await app.db.write(lambda session: keep_changes(session, operator, now, **changes))


def keep_changes(session: Session, operator: Operator, now: datetime, **changes: Any) -> ShopSettings:
    """Change some settings inside an act, and tell the journal. Raises as `change_settings` does."""
    require(session, operator, Permission.CHANGE_SETTINGS)
    # Locked before they are read: what another admin stored meanwhile must not be written back to what it was.
    lock_settings(session)
    before = shop_settings(session)
    settings = replace(before, **changes)
    write_settings(session, settings)
    changed = {key: json.dumps(value) for key, value in asdict(settings).items() if getattr(before, key) != value}
    if changed:
        said = canonical(changed)
        journal.append(session, operator.till_id, "settings", now, user_id=operator.user_id, changed=said)
    return settings


def _typed(default: Any, text: str, *, optional: bool) -> Any:
    """A stored value in its default's type, or None where it is not of it."""
    try:
        value = json.loads(text)
        if isinstance(default, StrEnum):
            return type(default)(value)
    except (ValueError, RecursionError):
        return None
    kind = int if optional else type(default)
    return value if type(value) is kind else None
