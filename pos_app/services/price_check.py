"""What a title costs today, promotions included, without selling it."""

from dataclasses import dataclass

from sqlalchemy.orm import Session

from pos_app.app import App
from pos_app.domain.promotion import PromotedLine, apply_promotions
from pos_app.services.book import BookDetail, book_detail, find_sellable
from pos_app.services.promotion import promotion_rules
from pos_app.services.setting import shop_settings
from pos_app.services.shift import business_date


@dataclass(frozen=True, slots=True)
class PriceTag:
    """A title and the price of one piece, in minor units; `promotions` are those that run for it, by name.

    A promotion for several pieces is named too, though one piece alone is no cheaper for it.
    """

    book: BookDetail
    price: int
    promotions: tuple[str, ...]

    @property
    def reduced(self) -> bool:
        """Whether one piece costs less than its own price."""
        return self.price < self.book.price


async def check_price_of(app: App, code: str) -> PriceTag:
    """Give the price of the title a code stands for. Raises Refused as `services.book.find_by_code` does."""
    now = app.clock.now()

    def act(session: Session) -> PriceTag:
        book = book_detail(session, find_sellable(session, code).id)
        line = PromotedLine(book.id, book.category_id, 1, book.price)
        today = business_date(shop_settings(session), now)
        rules = [rule for rule in promotion_rules(session) if rule.runs(today) and rule.holds_for(line)]
        (saving,) = apply_promotions(rules, [line], today)
        return PriceTag(book, book.price - (saving.amount if saving else 0), tuple(rule.name for rule in rules))

    return await app.db.read(act)
