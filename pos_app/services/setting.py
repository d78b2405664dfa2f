"""The shop's settings, shared by all its tills and stored in its database."""

import json
from dataclasses import asdict, dataclass, fields, replace
from enum import StrEnum
from typing import Any
from zoneinfo import ZoneInfo, available_timezones

from babel.core import Locale, UnknownLocaleError
from sqlalchemy import delete, insert, select
from sqlalchemy.orm import Session

from pos_app.app import App
from pos_app.domain.money import currency
from pos_app.domain.permission import Permission
from pos_app.domain.tax import TaxLevel, TaxPolicy
from pos_app.errors import Refused
from pos_app.models import Setting, table
from pos_app.services.right import Operator, require

MAX_TEXT = 500


class StockPolicy(StrEnum):
    """Whether the last copy on record may be sold once only, or the book in the customer's hand is believed."""

    STRICT = "strict"
    PHYSICAL = "physical"


@dataclass(frozen=True, slots=True)
class ShopSettings:
    """Everything a shop decides for all its tills."""

    shop_name: str = "Bookshop"
    address: str = ""
    tax_number: str = ""
    receipt_footer: str = "Thank you"
    currency: str = "GBP"
    locale: str = "en_GB"
    time_zone: str = "Europe/London"
    day_starts_at_hour: int = 4
    prices_include_tax: bool = True
    tax_level: TaxLevel = TaxLevel.LINE
    stock_policy: StockPolicy = StockPolicy.STRICT
    default_tax_rate_id: int | None = None

    @property
    def tax_policy(self) -> TaxPolicy:
        """The way tax is computed."""
        return TaxPolicy(self.prices_include_tax, self.tax_level)

    @property
    def zone(self) -> ZoneInfo:
        """The shop's time zone."""
        return ZoneInfo(self.time_zone)


def check_settings(settings: ShopSettings) -> None:
    """Raise Refused("setting.invalid", key=…) for a value that cannot be used, or the currency's own refusal."""
    currency(settings.currency)
    if not settings.shop_name.strip():
        raise Refused("setting.invalid", key="shop_name")
    for key in ("shop_name", "address", "tax_number", "receipt_footer"):
        if len(getattr(settings, key)) > MAX_TEXT:
            raise Refused("setting.invalid", key=key)
    try:
        Locale.parse(settings.locale)
    except (UnknownLocaleError, ValueError) as error:
        raise Refused("setting.invalid", key="locale") from error
    if settings.time_zone not in available_timezones():
        raise Refused("setting.invalid", key="time_zone")
    if not 0 <= settings.day_starts_at_hour <= 12:  # noqa: PLR2004 - a business day starts in the night or morning
        raise Refused("setting.invalid", key="day_starts_at_hour")


def shop_settings(session: Session) -> ShopSettings:
    """Read the settings inside an act; a stored value of the wrong type counts as not set."""
    setting = table(Setting).c
    stored: dict[str, str] = dict(session.execute(select(setting.key, setting.value)).all())
    values = {}
    for field in fields(ShopSettings):
        if field.name in stored:
            value = _typed(field.default, stored[field.name], optional=field.name == "default_tax_rate_id")
            if value is not None:
                values[field.name] = value
    return ShopSettings(**values)


def write_settings(session: Session, settings: ShopSettings) -> None:
    """Store all settings inside an act, checked first."""
    check_settings(settings)
    session.execute(delete(Setting))
    session.execute(
        insert(Setting), [{"key": key, "value": json.dumps(value)} for key, value in asdict(settings).items()]
    )


async def get_settings(app: App) -> ShopSettings:
    """Read the shop's settings."""
    return await app.db.read(shop_settings)


async def change_settings(app: App, operator: Operator, **changes: Any) -> ShopSettings:
    """Change some settings. Raises Refused("setting.invalid" | "currency.unknown" | "right.missing")."""

    def act(session: Session) -> ShopSettings:
        require(session, operator, Permission.CHANGE_SETTINGS)
        settings = replace(shop_settings(session), **changes)
        write_settings(session, settings)
        return settings

    return await app.db.write(act)


def _typed(default: Any, text: str, *, optional: bool) -> Any:
    """A stored value in its default's type, or None where it is not of it."""
    try:
        value = json.loads(text)
        if isinstance(default, StrEnum):
            return type(default)(value)
    except ValueError:
        return None
    kind = int if optional else type(default)
    return value if type(value) is kind else None
