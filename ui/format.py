"""Amounts, numbers and times as people of the shop's language read them."""

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from functools import lru_cache

from babel.dates import format_date, format_interval, format_time
from babel.numbers import format_currency, format_decimal, format_percent, get_currency_symbol, get_group_symbol

from pos_app.domain.money import Currency, parse_amount
from pos_app.domain.shop import ShopSettings

# In the place of a price that the till asks for.
ASKED = "price?"


@lru_cache(maxsize=4_096)
def _amount(major: Decimal, digits: int, locale: str) -> str:
    """Made once: a list says its prices each time it is drawn."""
    return format_decimal(major, format="#,##0" + ("." + "0" * digits if digits else ""), locale=locale)


@dataclass(frozen=True)
class Formatter:
    """Formats for one shop; amounts are minor units."""

    settings: ShopSettings
    currency: Currency

    @property
    def symbol(self) -> str:
        """The sign of the currency: £."""
        return get_currency_symbol(self.currency.code, locale=self.settings.locale)

    @property
    def group(self) -> str:
        """What stands between thousands."""
        return get_group_symbol(locale=self.settings.locale)

    def money(self, amount: int) -> str:
        """An amount with its currency: £48.23."""
        return format_currency(self._major(amount), self.currency.code, locale=self.settings.locale)

    def price(self, amount: int, *, asked: bool) -> str:
        """A price without currency, or that the till asks for it: 0.00 would be one."""
        return ASKED if asked else self.amount(amount)

    def amount(self, amount: int) -> str:
        """An amount without currency: 48.23."""
        return _amount(self._major(amount), self.currency.digits, self.settings.locale)

    def short(self, amount: int) -> str:
        """An amount as said of a note: 50, or 48.23 where there are odd pence."""
        whole = amount % self.currency.unit == 0
        return self.count(amount // self.currency.unit) if whole else self.amount(amount)

    def plain(self, amount: int) -> str:
        """An amount as typed into a field."""
        return f"{self._major(amount):.{self.currency.digits}f}"

    def parse(self, text: str) -> int:
        """An amount as typed. Raises Refused as `domain.money.parse_amount` does."""
        return parse_amount(text, self.currency.digits)

    def percent(self, rate: Decimal) -> str:
        """A rate: 20 %."""
        return format_percent(rate, format="#,##0.### %", locale=self.settings.locale)

    def count(self, number: int) -> str:
        """A number of things: 10,000."""
        return format_decimal(number, locale=self.settings.locale)

    def time(self, moment: datetime) -> str:
        """A time of day: 14:06."""
        return format_time(moment.astimezone(self.settings.zone), "HH:mm", locale=self.settings.locale)

    def day(self, moment: datetime) -> str:
        """A day: 23 Nov."""
        return format_date(moment.astimezone(self.settings.zone), "d MMM", locale=self.settings.locale)

    def weekday(self, moment: datetime) -> str:
        """A day with its name: Mon 23 Nov."""
        return format_date(moment.astimezone(self.settings.zone), "EEE d MMM", locale=self.settings.locale)

    def long_day(self, moment: datetime) -> str:
        """A day in full: Monday 23 November."""
        return format_date(moment.astimezone(self.settings.zone), "EEEE d MMMM", locale=self.settings.locale)

    def month(self, day: date) -> str:
        """A month with its year: Nov 2026."""
        return format_date(day, "MMM y", locale=self.settings.locale)

    def days(self, first: date, last: date) -> str:
        """Days from the first to the last: 1–23 Nov 2026."""
        return format_interval(first, last, "yMMMd", locale=self.settings.locale)

    def date(self, day: date) -> str:
        """A day with its year: 23 Nov 2026."""
        return format_date(day, "d MMM y", locale=self.settings.locale)

    def moment(self, moment: datetime) -> str:
        """A day and time: 23 Nov 13:41."""
        return f"{self.day(moment)} {self.time(moment)}"

    def dated(self, moment: datetime) -> str:
        """A day with its year, and time: 23 Nov 2026 13:41."""
        return f"{self.date(moment.astimezone(self.settings.zone).date())} {self.time(moment)}"

    def when(self, moment: datetime, now: datetime) -> str:
        """A day and time, with the year where it is not this one: 23 Nov 13:41, 23 Nov 2025 13:41."""
        return self.moment(moment) if self._this_year(moment, now) else self.dated(moment)

    def day_of(self, moment: datetime, now: datetime) -> str:
        """A day, with its year where it is not this one: 23 Nov, 23 Nov 2025."""
        return (
            self.day(moment)
            if self._this_year(moment, now)
            else self.date(moment.astimezone(self.settings.zone).date())
        )

    def short_when(self, moment: datetime, now: datetime) -> str:
        """What of a moment tells it from others in little room: 23 Nov 13:41, or 23 Nov 2025."""
        return self.moment(moment) if self._this_year(moment, now) else self.day_of(moment, now)

    def recent(self, moment: datetime, now: datetime) -> str:
        """A time as people say it: Today 13:58, Yesterday, 20 Nov, 20 Nov 2025."""
        zone = self.settings.zone
        days = (now.astimezone(zone).date() - moment.astimezone(zone).date()).days
        if days == 0:
            return f"Today {self.time(moment)}"
        return "Yesterday" if days == 1 else self.day_of(moment, now)

    def _this_year(self, moment: datetime, now: datetime) -> bool:
        zone = self.settings.zone
        return moment.astimezone(zone).year == now.astimezone(zone).year

    def _major(self, amount: int) -> Decimal:
        return Decimal(amount).scaleb(-self.currency.digits)
