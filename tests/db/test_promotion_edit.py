"""Arranging promotions: what makes no sense is refused in a sentence that says what would."""

from datetime import date
from decimal import Decimal

import pytest

from pos_app.domain.promotion import PromotionKind
from pos_app.errors import Refused
from pos_app.messages import sentence
from pos_app.services.promotion_edit import PromotionRow, keep_promotion, list_promotions
from tests.shop import Shop

PERCENT, AMOUNT, PRICE, BUNDLE = PromotionKind
A_FIFTH = Decimal("0.2")
NONSENSE = [
    (PromotionRow("", PERCENT, rate=A_FIFTH), "promotion.name"),
    (PromotionRow("   ", PERCENT, rate=A_FIFTH), "promotion.name"),
    (
        PromotionRow("Late", PERCENT, rate=A_FIFTH, starts_on=date(2026, 3, 2), ends_on=date(2026, 3, 1)),
        "promotion.days",
    ),
    (PromotionRow("Nothing", PERCENT), "promotion.percent"),
    (PromotionRow("Nothing", PERCENT, rate=Decimal(0)), "promotion.percent"),
    (PromotionRow("Next to nothing", PERCENT, rate=Decimal("0.0000001")), "promotion.percent"),
    (PromotionRow("More than all", PERCENT, rate=Decimal("1.01")), "promotion.percent"),
    (PromotionRow("Dearer", PERCENT, rate=Decimal("-0.1")), "promotion.percent"),
    (PromotionRow("Not a number", PERCENT, rate=Decimal("NaN")), "promotion.percent"),
    (PromotionRow("Endless", PERCENT, rate=Decimal("Infinity")), "promotion.percent"),
    (PromotionRow("3 for 0", BUNDLE, buy=3, pay=0), "promotion.bundle"),
    (PromotionRow("3 for 3", BUNDLE, buy=3, pay=3), "promotion.bundle"),
    (PromotionRow("2 for 3", BUNDLE, buy=2, pay=3), "promotion.bundle"),
    (PromotionRow("3 for less", BUNDLE, buy=3, pay=-1), "promotion.bundle"),
    (PromotionRow("A wall of books", BUNDLE, buy=100, pay=99), "promotion.bundle"),
    (PromotionRow("Neither", BUNDLE), "promotion.bundle"),
    (PromotionRow("Nothing off", AMOUNT, amount=0), "promotion.amount"),
    (PromotionRow("Dearer", AMOUNT, amount=-100), "promotion.amount"),
    (PromotionRow("Less than nothing", PRICE, amount=-1), "promotion.price"),
    (PromotionRow("x" * 81, PERCENT, rate=A_FIFTH), "promotion.name"),
    (PromotionRow("No price", PRICE), "promotion.price"),
]


@pytest.mark.parametrize(("wanted", "code"), NONSENSE, ids=lambda one: one if isinstance(one, str) else one.name)
async def test_a_promotion_that_makes_no_sense_is_refused(shop: Shop, wanted: PromotionRow, code: str) -> None:
    with pytest.raises(Refused) as refused:
        await keep_promotion(shop.app, shop.sam, wanted)
    assert refused.value.code == code
    assert not sentence(refused.value).startswith("That did not work")
    assert await list_promotions(shop.app) == []


@pytest.mark.parametrize(
    "wanted",
    [
        PromotionRow("Given away", PERCENT, rate=Decimal(1)),
        PromotionRow("One day", PERCENT, rate=A_FIFTH, starts_on=date(2026, 3, 2), ends_on=date(2026, 3, 2)),
        PromotionRow("2 for 1", BUNDLE, buy=2, pay=1),
        PromotionRow("A penny off", AMOUNT, amount=1),
        PromotionRow("For nothing", PRICE, amount=0),
    ],
    ids=lambda one: one.name,
)
async def test_a_promotion_at_the_edge_of_sense_is_kept(shop: Shop, wanted: PromotionRow) -> None:
    assert [row.name for row in await keep_promotion(shop.app, shop.sam, wanted)] == [wanted.name]
