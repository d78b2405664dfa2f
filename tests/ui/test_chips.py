"""Chips stand off from the page in every theme: those that filter the list, and those chosen of several."""

from collections.abc import Iterator

import pytest
from PySide6.QtCore import QPoint
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QApplication, QHBoxLayout, QWidget

from pos_app.services.book_filter import BookFilter
from tests.ui.test_window import contrast
from tests.ui.till import Till
from ui.inventory.filters import Shown
from ui.style import theme
from ui.style.tokens import Tokens
from ui.widgets.key_button import KeyButton

EDGE = 3


@pytest.fixture(params=["light", "dark", "contrast"])
def tokens(qapp: QApplication, request: pytest.FixtureRequest) -> Iterator[Tokens]:
    theme.apply(qapp, request.param)
    yield theme.tokens()
    theme.apply(qapp, "light")


def edge(drawn: QImage, widget: QWidget, canvas: str) -> float:
    """How far the left edge of a widget stands off from the ground, in the middle of its height."""
    place = widget.mapTo(widget.window(), QPoint(0, widget.height() // 2))
    return max(contrast(drawn.pixelColor(place.x() + step, place.y()).name(), canvas) for step in range(2))


def test_a_filter_has_an_outline_and_is_large_enough_to_touch(till: Till, tokens: Tokens) -> None:
    till.sign_in("Sam", "Inventory")
    till.do(lambda: till.page.show_only(Shown(BookFilter(min_price=500, in_stock=True))))
    drawn = till.window.grab().toImage()
    for chip in till.page.chip_row.buttons:
        assert edge(drawn, chip, tokens.canvas) >= EDGE
        assert chip.height() >= 40
        inside = chip.mapTo(till.window, chip.rect().topLeft())
        ground = drawn.pixelColor(inside.x() + 6, inside.y() + 6).name()
        assert contrast(tokens.ink, ground) >= 7


@pytest.mark.parametrize("checked", [False, True])
def test_a_chip_has_an_outline(qapp: QApplication, tokens: Tokens, *, checked: bool) -> None:
    holder = QWidget()
    chip = KeyButton("Open", "F5", role="chip")
    chip.setCheckable(True)
    chip.setChecked(checked)
    QHBoxLayout(holder).addWidget(chip)
    holder.show()
    assert edge(holder.grab().toImage(), chip, tokens.canvas) >= EDGE
    holder.close()
