"""Why a search found a title is seen in its row, whatever columns are shown."""

from typing import Any

import pytest
from PySide6.QtGui import QFont, QFontMetrics

from pos_app.services.book import get_book
from pos_app.services.book_edit import Change, change_book
from tests.shop import DARKNESS, KLARA
from tests.ui.till import Till
from ui.inventory import table as books_table
from ui.inventory.reasons import beside, reason
from ui.style.theme import px, sized


@pytest.mark.parametrize(
    ("typed", "hidden", "told"),
    [
        ("penguin", ("Penguin Books", ""), "Penguin Books"),
        ("peng", ("Penguin Books", "Penguins"), "Penguin Books"),
        ("klara", ("Klara Verlag", ""), ""),
        ("klara penguin", ("Penguin Books", "Klara"), "Penguin Books"),
        ("classics penguin", ("Penguin", "Modern Classics 3"), "Penguin · Modern Classics 3"),
        ("éditions", ("Editions du Seuil", ""), "Editions du Seuil"),
        ("978-0571", ("9780571364879", "", "Faber"), "9780571364879"),
        ("978-0571", ("", "Faber"), ""),
        ("", ("Penguin",), ""),
    ],
)
def test_only_what_is_seen_nowhere_else_is_told(typed: str, hidden: tuple[str, ...], told: str) -> None:
    assert reason(typed, ("Klara and the Sun", "Kazuo Ishiguro"), hidden) == told


@pytest.mark.usefixtures("qapp")
def test_a_long_author_leaves_room_for_the_reason() -> None:
    long, metrics = "Gabriel José de la Concordia García Márquez", QFontMetrics(sized(px(12), QFont.Weight.Normal))
    for width in (110, 160, 230):
        line = beside(long, "Penguin", px(12), width)
        assert line.endswith("… · Penguin")
        assert metrics.horizontalAdvance(line) <= width
    assert beside("", "Penguin", px(12), 160) == "Penguin"
    assert beside("Kazuo Ishiguro", "", px(12), 20) == "Kazuo Ishiguro"


def test_a_publisher_that_matched_is_marked_below_the_title_unless_its_column_is_shown(
    till: Till, monkeypatch: pytest.MonkeyPatch
) -> None:
    app, sam = till.shop.app, till.shop.sam
    for isbn, name in ((KLARA, "Penguin Books"), (DARKNESS, "Orbit")):
        book = till.shop.books[isbn]
        before = till.run(get_book(app, book)).publisher
        till.run(change_book(app, sam, book, {"publisher": Change(before, name)}))
    drawn: dict[str, tuple[str, list[str]]] = {}
    draw = books_table.draw_two_lines

    def seen(painter: Any, rect: Any, upper: str, lower: str, **more: Any) -> None:
        drawn[upper] = (lower, [lower[start : start + length] for start, length in more["lower_marks"]])
        draw(painter, rect, upper, lower, **more)

    monkeypatch.setattr(books_table, "draw_two_lines", seen)
    till.sign_in("Sam", "Inventory")
    till.page.table.grab()
    assert drawn["Klara and the Sun"] == ("Kazuo Ishiguro", [])
    till.type("peng")
    drawn.clear()
    till.page.table.grab()
    assert drawn == {"Klara and the Sun": ("Kazuo Ishiguro · Penguin Books", ["Peng"])}
    # With a column of its own it is marked there.
    till.do(lambda: till.page._choose_columns(("publisher", "price")))
    drawn.clear()
    till.page.table.grab()
    assert drawn == {"Klara and the Sun": ("Kazuo Ishiguro", [])}
