"""Promotions that make no sense are refused when they are kept, and not found out at the counter."""

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest

from pos_app.domain.promotion import PromotionKind
from pos_app.errors import Refused
from pos_app.services.promotion_edit import PromotionRow, keep_promotion
from tests.shop import Shop

THREE_FOR_TWO = PromotionRow("3 for 2", PromotionKind.BUNDLE, buy=3, pay=2)
TENTH = PromotionRow("A tenth", PromotionKind.PERCENT, rate=Decimal("0.1"))


@pytest.mark.parametrize(
    ("wanted", "code"),
    [
        (replace(THREE_FOR_TWO, pay=0), "promotion.amount"),
        (replace(THREE_FOR_TWO, pay=3), "promotion.amount"),
        (replace(THREE_FOR_TWO, pay=4), "promotion.amount"),
        (replace(THREE_FOR_TWO, buy=None), "promotion.amount"),
        (replace(TENTH, rate=Decimal(0)), "promotion.amount"),
        (replace(TENTH, rate=Decimal("1.01")), "promotion.amount"),
        (replace(TENTH, rate=None), "promotion.amount"),
        (PromotionRow("Off", PromotionKind.AMOUNT, amount=-1), "promotion.amount"),
        (PromotionRow("Off", PromotionKind.AMOUNT, amount=0), "promotion.amount"),
        (replace(TENTH, name="  "), "promotion.name"),
        (replace(TENTH, name="x" * 81), "promotion.name"),
        (replace(TENTH, starts_on=date(2026, 12, 2), ends_on=date(2026, 12, 1)), "promotion.days"),
    ],
)
async def test_nonsense_is_refused(shop: Shop, wanted: PromotionRow, code: str) -> None:
    with pytest.raises(Refused) as refused:
        await keep_promotion(shop.app, shop.sam, wanted)
    assert refused.value.code == code


async def test_sense_is_kept(shop: Shop) -> None:
    for wanted in (THREE_FOR_TWO, TENTH, PromotionRow("A price", PromotionKind.PRICE, amount=0)):
        assert (await keep_promotion(shop.app, shop.sam, wanted))[0].name == wanted.name
