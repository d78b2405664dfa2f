"""What a shop decides for all its tills."""

from dataclasses import dataclass
from enum import StrEnum
from zoneinfo import ZoneInfo

from pos_app.domain.loyalty import LoyaltyKind, LoyaltyRule
from pos_app.domain.tax import TaxLevel, TaxPolicy

COUNTRY_LETTERS = 2


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
    # The picture at the head of papers, by the SHA-256 under which it is kept; empty is none.
    logo: str = ""
    currency: str = "GBP"
    locale: str = "en_GB"
    time_zone: str = "Europe/London"
    day_starts_at_hour: int = 4
    prices_include_tax: bool = True
    tax_level: TaxLevel = TaxLevel.LINE
    stock_policy: StockPolicy = StockPolicy.STRICT
    default_tax_rate_id: int | None = None
    # The smallest coin that cash is rounded to, in minor units; 1 rounds nothing.
    cash_rounding: int = 1
    # The article that gift cards are sold as; made when the first one is sold.
    gift_card_book_id: int | None = None
    # Seconds without a key after which the till locks itself; 0 never.
    idle_lock_s: int = 600
    # What a drawer holds when a shift is opened, in minor units.
    default_float: int = 0
    # Whether the person closing a shift sees what should be in the drawer before they have counted.
    blind_count: bool = False
    # Days after which a return needs a manager; 0 is without limit.
    return_days: int = 30
    # For how many days copies are kept for a customer once their order is whole; 0 is without limit.
    hold_days: int = 14
    # Whether orders not collected by then are cancelled by themselves, unless something was paid for them.
    let_expired_go: bool = False
    # Days in which what is bought on account is to be paid.
    invoice_days: int = 30
    # What a customer is told once their order is there; what stands in braces is put in.
    order_message: str = (
        "Dear {name}, your order {order} is here: {titles}. We keep it until {until}. Left to pay: {due}. {shop}"
    )
    receipt_width: int = 42
    # The counter's keys that are not the usual ones, as domain.counter_key reads them.
    counter_keys: str = ""
    # Where the shop stands, ISO 3166; empty is the country of its language.
    country: str = ""
    # What customers are given for coming back: `loyalty_step` minor units a point, a full card of so many, its worth.
    loyalty: LoyaltyKind = LoyaltyKind.OFF
    loyalty_step: int = 100
    loyalty_full: int = 10
    loyalty_worth: int = 500

    @property
    def loyalty_rule(self) -> LoyaltyRule:
        """What a purchase earns and a full card is worth."""
        return LoyaltyRule(self.loyalty, self.loyalty_step, self.loyalty_full, self.loyalty_worth)

    @property
    def tax_policy(self) -> TaxPolicy:
        """The way tax is computed."""
        return TaxPolicy(self.prices_include_tax, self.tax_level)

    @property
    def sells_in(self) -> str:
        """The country it sells in, ISO 3166; empty where neither setting names one."""
        place = self.locale.replace("-", "_").rpartition("_")[2]
        return self.country or (place if len(place) == COUNTRY_LETTERS and place.isupper() else "")

    @property
    def zone(self) -> ZoneInfo:
        """The shop's time zone."""
        return ZoneInfo(self.time_zone)
