"""What a shop decides for all its tills."""

from dataclasses import dataclass
from enum import StrEnum
from zoneinfo import ZoneInfo

from pos_app.domain.tax import TaxLevel, TaxPolicy


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
