"""Amounts: read, rounded, paid."""

import json
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pos_app.domain.money import MAX_AMOUNT, currency, parse_amount, parse_price, round_cash, round_half_away
from pos_app.domain.payment import PaidPart, PaymentIn, Tender, quick_notes, settle
from pos_app.domain.pricing import check_quantity, price_line, spread
from pos_app.domain.purse import Purse, plan_refund
from pos_app.errors import Refused

DATA: dict[str, Any] = json.loads((Path(__file__).parents[1] / "data" / "tax_cases.json").read_text())


def refusal(act: Any, *args: Any) -> str:
    with pytest.raises(Refused) as refused:
        act(*args)
    return refused.value.code


@pytest.mark.parametrize(
    ("text", "minor"),
    [("50", 5000), ("50.5", 5050), ("50,50", 5050), (".5", 50), ("0", 0), (" 7.00 ", 700), ("1.500", 150)],
)
def test_an_amount_is_read_as_typed(text: str, minor: int) -> None:
    assert parse_amount(text, 2) == minor


@pytest.mark.parametrize("text", ["", ".", "1e5", "-1", "1.000,00", "1 000", "٣", "0x10", "NaN", "5" * 41, "12a"])
def test_what_is_no_amount_is_not_guessed(text: str) -> None:
    assert refusal(parse_amount, text, 2) == "amount.invalid"


def test_an_amount_too_fine_or_too_large_is_refused() -> None:
    assert refusal(parse_amount, "1.005", 2) == "amount.too_precise"
    assert refusal(parse_amount, "1000000000000000", 2) == "amount.too_large"
    assert parse_amount("1", 0) == 1
    assert refusal(parse_amount, "1.5", 0) == "amount.too_precise"


@given(st.integers(0, MAX_AMOUNT))
def test_an_amount_written_and_read_is_the_same(minor: int) -> None:
    assert parse_amount(f"{Decimal(minor).scaleb(-2):.2f}", 2) == minor


@pytest.mark.parametrize(("amount", "rounded"), [("0.5", 1), ("-0.5", -1), ("1.4999", 1), ("2.5", 3)])
def test_halves_go_away_from_zero(amount: str, rounded: int) -> None:
    assert round_half_away(Decimal(amount)) == rounded


def test_currencies_know_their_decimals() -> None:
    assert [currency(code).digits for code in ("GBP", "JPY", "TND")] == [2, 0, 3]
    assert refusal(currency, "XXQ") == "currency.unknown"


CASH = [
    case
    for case in DATA["cases"]
    if case.get("kind") == "cash_rounding" and case["cash_mode"] == "half_up" and "tenders" not in case
]


def test_cash_is_rounded_as_the_register_maker_has_it() -> None:
    table = next(table for table in DATA["cash_tables"] if table["name"].startswith("Australia"))
    for digits, to in table["map"].items():
        low, _, high = digits.partition("-")
        for last in range(int(low), int(high or low) + 1):
            assert round_cash(1000 + last, 5) == 1000 + to


@pytest.mark.parametrize("case", CASH, ids=lambda case: case["id"])
def test_cash_rounding_cases(case: dict[str, Any]) -> None:
    total, step = (int(Decimal(case[name]) * 100) for name in ("total_incl", "cash_step"))
    assert round_cash(total, step) == int(Decimal(case["expect"]["to_pay"]) * 100)


SPLIT = [
    case
    for case in DATA["cases"]
    if case.get("kind") == "cash_rounding" and case["cash_mode"] == "half_up" and "tenders" in case
]


@pytest.mark.parametrize("case", SPLIT, ids=lambda case: case["id"])
def test_only_what_is_left_for_cash_is_rounded_and_a_refund_mirrors_it(case: dict[str, Any]) -> None:
    def minor(text: str) -> int:
        return int(Decimal(text) * 100)

    total, rounding = minor(case["total_incl"]), minor(case["expect"]["rounding"])
    step = minor(case["cash_step"])
    paid = [(Tender(one["kind"]), minor(one["amount"])) for one in case["tenders"]]
    if total > 0:
        payments = [PaymentIn(str(place), tender, amount) for place, (tender, amount) in enumerate(paid)]
        got = settle(total, payments, cash_step=step)
        assert (got.rounding, got.due, got.change) == (rounding, 0, 0)
        return
    purse = Purse()
    for tender, amount in paid:
        # More lies in the sale than comes back, so that what goes back in coins has to be rounded.
        coins = 10**6 if tender is Tender.CASH else -amount
        purse.put(PaidPart(tender, coins), coins)
    back = plan_refund(purse, -total, 0, step).parts
    assert [(part.tender, -part.amount) for part in back] == paid
    assert -sum(part.amount for part in back) - total == rounding


def test_every_case_of_cash_rounding_is_claimed_or_rounds_another_way() -> None:
    others = [
        one["id"] for one in DATA["cases"] if one.get("kind") == "cash_rounding" and one["cash_mode"] != "half_up"
    ]
    assert (len(CASH), len(SPLIT), len(others)) == (1, 4, 7)


def cash(amount: int) -> PaymentIn:
    return PaymentIn("a", Tender.CASH, amount)


def card(amount: int) -> PaymentIn:
    return PaymentIn("b", Tender.CARD, amount)


@given(st.integers(0, 10**6), st.lists(st.integers(1, 10**6), max_size=5))
def test_paid_less_change_and_due_is_the_total(total: int, amounts: list[int]) -> None:
    got = settle(total, [cash(amount) for amount in amounts])
    assert got.paid - got.change + got.due == total
    assert not (got.change and got.due)


def test_only_cash_is_paid_over() -> None:
    assert settle(1000, [card(600), cash(500)]).change == 100
    assert refusal(settle, 1000, [card(1001)]) == "payment.over"
    assert refusal(settle, 1000, [cash(100), card(1500)]) == "payment.over"


def test_payments_have_limits() -> None:
    assert refusal(settle, 1000, [cash(0)]) == "payment.invalid"
    assert refusal(settle, 1000, [cash(10**15)]) == "payment.too_large"


def test_quick_notes_are_what_a_customer_hands_over() -> None:
    assert quick_notes(4823, currency("GBP")) == [4823, 5000, 6000, 10000]
    assert quick_notes(1980, currency("JPY")) == [1980, 2000, 5000, 10000]
    assert quick_notes(0, currency("GBP")) == []


@pytest.mark.parametrize("quantity", [0, -1, 0.5, True, "3", None])
def test_a_quantity_is_a_whole_number_from_one(quantity: object) -> None:
    assert refusal(check_quantity, quantity) == "quantity.invalid"


def test_quantities_and_prices_have_limits() -> None:
    assert refusal(check_quantity, 10**18) == "quantity.too_large"
    assert refusal(price_line, 1, -1) == "price.invalid"


@pytest.mark.parametrize(
    ("discount", "code"),
    [
        (Decimal("1.01"), "discount.too_large"),
        (901, "discount.too_large"),
        (-1, "discount.negative"),
        (Decimal("-0.1"), "discount.negative"),
    ],
)
def test_a_discount_is_from_nothing_to_all(discount: Decimal | int, code: str) -> None:
    assert refusal(price_line, 1, 900, discount) == code


def test_discounts_are_rounded_once_a_line() -> None:
    assert price_line(1, 1695, Decimal("0.1")).amount == 1525
    assert price_line(3, 999, 100).amount == 2897


@given(st.integers(0, 10**6), st.lists(st.integers(1, 10**6), min_size=1))
def test_a_discount_on_a_sale_is_spread_exactly(discount: int, amounts: list[int]) -> None:
    if discount > sum(amounts):
        assert refusal(spread, discount, amounts) == "discount.too_large"
    else:
        parts = spread(discount, amounts)
        assert sum(parts) == discount
        assert all(part <= amount for part, amount in zip(parts, amounts, strict=True))


@pytest.mark.parametrize(
    ("text", "amount"),
    [
        ("7.99", 799),
        ("£7.99", 799),
        ("£ 7,99", 799),
        ("7.99 £", 799),
        ("GBP 7.99", 799),
        ("7.99gbp", 799),
        ("1,234.50", 123450),
        ("1.234,50", 123450),
        ("1 234,50", 123450),
        ("1\u202f234,50", 123450),
        ("1\u00a0234.50", 123450),
        ("£1,234,567.00", 123456700),
        ("1 234", 123400),
        ("1234.5", 123450),
        ("8.990", 899),
    ],
)
def test_prices_of_files_are_read_where_they_are_sure(text: str, amount: int) -> None:
    assert parse_price(text, currency("GBP")) == amount


@pytest.mark.parametrize(
    "text",
    ["€7.99", "$7.99", "EUR 7.99", "1,234", "1,230", "1,23,456", "1,234,50", "12 34", "-7.99", "£", "", "££7.99"],
)
def test_prices_of_files_that_are_not_sure_are_refused(text: str) -> None:
    with pytest.raises(Refused, match=r"amount\."):
        parse_price(text, currency("GBP"))


def test_grouped_thousands_of_a_currency_without_decimals_are_not_taken_for_decimals() -> None:
    assert parse_price("1,234,000", currency("JPY")) == 1_234_000
    with pytest.raises(Refused):
        parse_price("12,000", currency("JPY"))
