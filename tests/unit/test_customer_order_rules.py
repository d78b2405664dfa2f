"""Who gets what came, what a deposit still stands for, and when an order may move on."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pos_app.domain.customer_order import (
    LineStand,
    Way,
    check_way_on,
    discount_share,
    draw,
    is_expired,
    is_whole,
    share_out,
)
from pos_app.domain.order_status import OrderStatus
from pos_app.domain.payment import PaidPart
from pos_app.errors import Refused

amounts = st.integers(1, 10_000)


@given(st.integers(-5, 50), st.lists(st.integers(1, 9), max_size=12))
def test_copies_go_to_who_came_first_and_no_more_than_there_are(available: int, wants: list[int]) -> None:
    waiting = list(enumerate(wants))
    shared = share_out(available, waiting)
    assert sum(pieces for _, pieces in shared) == min(max(available, 0), sum(wants))
    assert [who for who, _ in shared] == list(range(len(shared)))
    assert all(pieces == wants[who] for who, pieces in shared[:-1])


@given(st.lists(amounts, max_size=6), st.integers(0, 60_000))
def test_a_deposit_is_drawn_from_the_oldest_part_and_never_beyond_what_is_left(parts: list[int], asked: int) -> None:
    paid = [PaidPart(f"tender {place}", amount) for place, amount in enumerate(parts)]
    if asked > sum(parts):
        with pytest.raises(Refused, match=r"deposit\.spent"):
            draw(paid, asked)
        return
    drawn = draw(paid, asked)
    assert sum(part.amount for part in drawn) == asked
    assert [part.tender for part in drawn] == [part.tender for part in paid[: len(drawn)]]
    assert all(part.amount == whole.amount for part, whole in zip(drawn[:-1], paid, strict=False))


@given(st.integers(0, 10_000), st.lists(st.integers(1, 9), min_size=1, max_size=6))
def test_the_shares_of_a_discount_sum_to_it_whatever_is_collected_when(discount: int, parts: list[int]) -> None:
    shares, before = [], 0
    for pieces in parts:
        shares.append(discount_share(discount, sum(parts), before, pieces))
        before += pieces
    assert sum(shares) == discount
    assert all(share >= 0 for share in shares)


@pytest.mark.parametrize(
    ("to", "way", "to_come", "unpaid", "code"),
    [
        (OrderStatus.SHIPPED, Way.COLLECT, 1, 0, "order.not_whole"),
        (OrderStatus.SHIPPED, Way.SHIP, 0, 1, "order.unpaid"),
        (OrderStatus.DELIVERED, Way.COLLECT, 0, 1, "order.at_the_till"),
        (OrderStatus.DELIVERED, Way.SHIP, 1, 0, "order.not_whole"),
        (OrderStatus.SHIPPED, Way.COLLECT, 0, 100, None),
        (OrderStatus.CONFIRMED, Way.SHIP, 3, 100, None),
        (OrderStatus.CANCELLED, Way.SHIP, 3, 100, None),
        (OrderStatus.DELIVERED, Way.SHIP, 0, 0, None),
    ],
)
def test_what_must_be_true_before_a_move(
    to: OrderStatus, way: Way, to_come: int, unpaid: int, code: str | None
) -> None:
    lines = [LineStand("Sapiens", 3, 3 - to_come, 0)]
    if code is None:
        check_way_on(to, way, lines, unpaid)
        return
    with pytest.raises(Refused) as told:
        check_way_on(to, way, lines, unpaid)
    assert told.value.code == code


def test_a_line_says_where_it_stands() -> None:
    words = [LineStand("A", 3, held, collected).words for held, collected in ((0, 0), (3, 0), (1, 0), (1, 1), (0, 3))]
    assert words == ["to come", "held", "1 of 3 held, 2 to come", "1 collected, 1 of 3 held, 1 to come", "collected"]
    assert is_whole([LineStand("Wrap", 1, 0, 0, service=True)])


def test_only_what_is_ready_to_be_fetched_expires() -> None:
    today = date(2026, 11, 29)
    assert is_expired(OrderStatus.SHIPPED, Way.COLLECT, date(2026, 11, 28), today)
    assert not is_expired(OrderStatus.SHIPPED, Way.COLLECT, today, today)
    assert not is_expired(OrderStatus.SHIPPED, Way.SHIP, date(2026, 11, 28), today)
    assert not is_expired(OrderStatus.DELIVERED, Way.COLLECT, date(2026, 11, 28), today)
