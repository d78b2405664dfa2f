"""Promotions, by their laws and by cases worked out by hand."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pos_app.domain.promotion import PromotedLine, PromotionKind, PromotionRule, Saving, apply_promotions

TODAY = date(2026, 11, 23)
FICTION, HISTORY = 1, 2
THREE_FOR_TWO = PromotionRule(1, "3 for 2", PromotionKind.BUNDLE, buy=3, pay=2)


def line(price: int, quantity: int = 1, *, book: int = 1, category: int | None = FICTION) -> PromotedLine:
    return PromotedLine(book, category, quantity, price)


def amounts(savings: list[Saving | None]) -> list[int]:
    return [saving.amount if saving is not None else 0 for saving in savings]


def off(rule: PromotionRule, *lines: PromotedLine, today: date = TODAY) -> list[int]:
    return amounts(apply_promotions([rule], lines, today))


LINES = st.lists(
    st.builds(
        PromotedLine,
        book_id=st.integers(1, 5),
        category_id=st.one_of(st.none(), st.integers(1, 3)),
        quantity=st.integers(0, 7),
        price=st.integers(0, 50_000),
        open=st.booleans(),
    ),
    max_size=6,
)


@st.composite
def _rules(draw: st.DrawFn) -> list[PromotionRule]:
    made = []
    for number in range(draw(st.integers(0, 4))):
        buy = draw(st.integers(0, 4))
        made.append(
            PromotionRule(
                number + 1,
                f"Rule {number + 1}",
                draw(st.sampled_from(PromotionKind)),
                rate=draw(st.decimals(0, 1, places=4)),
                amount=draw(st.integers(0, 60_000)),
                buy=buy,
                pay=draw(st.integers(0, buy)),
                category_ids=draw(st.frozensets(st.integers(1, 3), max_size=2)),
                book_ids=draw(st.frozensets(st.integers(1, 5), max_size=2)),
                starts_on=draw(st.one_of(st.none(), st.dates(TODAY - timedelta(2), TODAY + timedelta(2)))),
                ends_on=draw(st.one_of(st.none(), st.dates(TODAY - timedelta(2), TODAY + timedelta(2)))),
            )
        )
    return made


RULES = _rules()


@given(RULES, LINES)
def test_a_line_never_costs_less_than_nothing_nor_more_than_before(
    rules: list[PromotionRule], lines: list[PromotedLine]
) -> None:
    savings = apply_promotions(rules, lines, TODAY)
    assert len(savings) == len(lines)
    for saving, one in zip(savings, lines, strict=True):
        assert saving is None or 0 < saving.amount <= one.quantity * one.price


@given(RULES, LINES)
def test_a_saving_is_of_a_rule_that_runs_and_holds(rules: list[PromotionRule], lines: list[PromotedLine]) -> None:
    by_id = {rule.id: rule for rule in rules}
    for saving, one in zip(apply_promotions(rules, lines, TODAY), lines, strict=True):
        if saving is not None:
            rule = by_id[saving.promotion_id]
            assert one.open
            assert rule.runs(TODAY)
            assert rule.holds_for(one)
            assert rule.name == saving.name


@given(RULES, LINES, st.randoms(use_true_random=False))
def test_the_order_of_rules_and_lines_does_not_matter_for_the_sum(
    rules: list[PromotionRule], lines: list[PromotedLine], random: object
) -> None:
    mixed_rules, mixed_lines = list(rules), list(lines)
    random.shuffle(mixed_rules)  # type: ignore[attr-defined] # a random.Random
    random.shuffle(mixed_lines)  # type: ignore[attr-defined] # the same
    before = sum(amounts(apply_promotions(rules, lines, TODAY)))
    assert sum(amounts(apply_promotions(mixed_rules, mixed_lines, TODAY))) == before


@given(LINES, st.integers(1, 5), st.data())
def test_a_bundle_alone_frees_the_cheapest_of_each_full_bundle(
    lines: list[PromotedLine], buy: int, data: st.DataObject
) -> None:
    pay = data.draw(st.integers(0, buy))
    rule = PromotionRule(1, "Bundle", PromotionKind.BUNDLE, buy=buy, pay=pay)
    prices = sorted((one.price for one in lines if one.open for _ in range(one.quantity)), reverse=True)
    taken = prices[: len(prices) // buy * buy]
    free = len(taken) // buy * (buy - pay)
    assert sum(off(rule, *lines)) == sum(taken[len(taken) - free :])


def test_three_for_two_spreads_the_cheapest_over_all_three() -> None:
    assert off(THREE_FOR_TWO, line(899), line(1099), line(1695)) == [219, 267, 413]
    assert sum((219, 267, 413)) == 899


def test_three_for_two_counts_pieces_and_not_lines() -> None:
    assert off(THREE_FOR_TWO, line(1000, 3)) == [1000]
    assert off(THREE_FOR_TWO, line(1000, 2)) == [0]
    # Seven pieces are two full bundles of the six dearest; the two cheapest of those are free.
    assert sum(off(THREE_FOR_TWO, line(1000, 4), line(500, 2), line(100))) == 1000


def test_a_piece_left_over_is_not_in_the_bundle() -> None:
    assert off(THREE_FOR_TWO, line(1000, 3), line(100)) == [1000, 0]


def test_a_price_set_by_hand_stays_and_fills_no_bundle() -> None:
    by_hand = PromotedLine(1, FICTION, 1, 100, open=False)
    assert off(THREE_FOR_TWO, line(1000, 2), by_hand) == [0, 0]


def test_the_best_for_the_customer_is_taken_once() -> None:
    tenth = PromotionRule(1, "10 %", PromotionKind.PERCENT, rate=Decimal("0.1"))
    pound = PromotionRule(2, "£1 off", PromotionKind.AMOUNT, amount=100)
    savings = apply_promotions([tenth, pound], [line(899), line(1695)], TODAY)
    assert savings == [Saving(2, "£1 off", 100), Saving(1, "10 %", 170)]


@pytest.mark.parametrize(
    ("rule", "saved"),
    [
        (PromotionRule(1, "20 %", PromotionKind.PERCENT, rate=Decimal("0.2")), 360),
        (PromotionRule(1, "£2 off", PromotionKind.AMOUNT, amount=200), 400),
        (PromotionRule(1, "£10 off", PromotionKind.AMOUNT, amount=1000), 1798),
        (PromotionRule(1, "£5 each", PromotionKind.PRICE, amount=500), 798),
        (PromotionRule(1, "£10 each", PromotionKind.PRICE, amount=1000), 0),
        (PromotionRule(1, "Nothing for nothing", PromotionKind.BUNDLE), 0),
    ],
)
def test_two_pieces_at_8_99(rule: PromotionRule, saved: int) -> None:
    assert off(rule, line(899, 2)) == [saved]


def test_first_and_last_day_count() -> None:
    rule = PromotionRule(
        1, "Week", PromotionKind.AMOUNT, amount=100, starts_on=TODAY, ends_on=TODAY + timedelta(days=6)
    )
    days = [TODAY + timedelta(days=step) for step in (-1, 0, 6, 7)]
    assert [off(rule, line(899), today=day) for day in days] == [[0], [100], [100], [0]]


def test_a_rule_holds_for_its_category_and_its_titles() -> None:
    rule = PromotionRule(
        1,
        "Some",
        PromotionKind.AMOUNT,
        amount=100,
        category_ids=frozenset({HISTORY}),
        book_ids=frozenset({7}),
    )
    lines = (line(500, category=HISTORY), line(500, book=7), line(500), line(500, category=None))
    assert off(rule, *lines) == [100, 100, 0, 0]
