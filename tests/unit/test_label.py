"""Sheets and rolls of labels: every label lies on its page, beside the others, and none is left out."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pos_app.domain.cover_price import CURRENCIES, cover_price, price_addon
from pos_app.domain.label import STOCKS, Label, LabelStock, own_roll, pages, stock_named
from pos_app.errors import Refused

LABEL = Label("Pride and Prejudice", "Jane Austen", 899, "9780141439518")


@pytest.mark.parametrize("stock", STOCKS, ids=lambda stock: f"{stock.name} {stock.width}")
def test_labels_lie_on_their_page_and_beside_each_other(stock: LabelStock) -> None:
    wide, tall = stock.page
    corners = [stock.corner(place) for place in range(stock.a_page)]
    assert len(set(corners)) == stock.a_page
    assert all(left >= 0 and top >= 0 for left, top in corners)
    assert max(left for left, _ in corners) + stock.width <= wide + 0.01
    assert max(top for _, top in corners) + stock.height <= tall + 0.01
    assert min(stock.gap_x, stock.gap_y) >= 0
    if stock.is_sheet:
        # Sheets have the same edge at both sides, within what a printer is off.
        right = wide - max(left for left, _ in corners) - stock.width
        assert abs(right - stock.left) < 1.0
        bottom = tall - max(top for _, top in corners) - stock.height
        assert abs(bottom - stock.top) < 1.5


@given(st.integers(0, 300), st.integers(1, 65), st.sampled_from(STOCKS))
def test_every_label_has_one_place(count: int, first: int, stock: LabelStock) -> None:
    first = min(first, stock.a_page)
    labels = [Label(str(number), "", number, None) for number in range(count)]
    made = list(pages(labels, stock, first))
    assert [label for page in made for _, label in page] == labels
    assert all(0 <= place < stock.a_page for page in made for place, _ in page)
    assert all(len({place for place, _ in page}) == len(page) > 0 for page in made)
    if made:
        assert made[0][0][0] == (first - 1 if stock.is_sheet else 0)


@pytest.mark.parametrize(
    ("text", "name", "size"),
    [
        ("L7160", "Avery L7160", (63.5, 38.1)),
        ("dymo 99012", "Dymo 99012", (89, 36)),
        ("50x30", "Roll", (50, 30)),
        ("57.5 × 31", "Roll", (57.5, 31)),
    ],
)
def test_labels_are_found_by_what_they_are_called(text: str, name: str, size: tuple[float, float]) -> None:
    stock = stock_named(text)
    assert (stock.name, (stock.width, stock.height)) == (name, size)


@pytest.mark.parametrize("text", ["", "huge", "Avery", "50x", "50x30x2"])
def test_labels_nobody_knows_are_refused(text: str) -> None:
    with pytest.raises(Refused, match=r"label\.unknown"):
        stock_named(text)


@pytest.mark.parametrize("size", [(5, 30), (50, 500), (0, 0)])
def test_a_roll_of_an_impossible_size_is_refused(size: tuple[float, float]) -> None:
    with pytest.raises(Refused, match=r"label\.size"):
        own_roll(*size)


@given(st.integers(0, 200_000), st.sampled_from([*CURRENCIES.values(), "EUR"]))
def test_a_price_behind_a_barcode_is_read_as_it_was_written(price: int, currency: str) -> None:
    addon = price_addon(price, currency)
    if addon is not None:
        assert len(addon) == 5
        assert cover_price(addon, currency) == price
    elif currency != "EUR":
        # Too much for five digits, or one of those that say no price.
        assert price > 9_998 or price == 0
