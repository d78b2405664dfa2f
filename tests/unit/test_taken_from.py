"""What is sold is taken from the shop floor first, then from other places; only the floor falls below nothing."""

from hypothesis import given
from hypothesis import strategies as st

from pos_app.domain.stock import taken_from


@given(st.integers(-3, 9), st.lists(st.integers(0, 5), max_size=3), st.integers(1, 12))
def test_what_is_sold_is_taken_from_where_it_lies(floor: int, held: list[int], pieces: int) -> None:
    elsewhere = list(enumerate(held, 2))
    parts = taken_from(floor, elsewhere, pieces)
    assert sum(taken for _, taken in parts) == pieces
    assert all(taken > 0 for _, taken in parts)
    assert all(taken <= dict(elsewhere)[place] for place, taken in parts if place is not None)
    here = dict(parts).get(None, 0)
    assert here >= min(pieces, max(floor, 0))
    if here > max(floor, 0):
        assert pieces - here == sum(held)
