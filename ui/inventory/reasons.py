"""Why a search found a title whose row shows none of the words: its publisher, say, with no column for it."""

from collections.abc import Sequence
from functools import lru_cache

from PySide6.QtCore import Qt
from PySide6.QtGui import QFont, QFontMetrics

from pos_app.domain.search import fold, matches
from ui.style.theme import sized

# A list is drawn many times before other texts come: each is looked through once.
KEPT = 4_096
# How much of a line the author keeps beside a long reason: one part of so many.
AUTHORS_PART = 3


@lru_cache(maxsize=KEPT)
def marks(text: str, typed: str) -> Sequence[tuple[int, int]]:
    """Give where in a text the words typed are (`matches`)."""
    return tuple(matches(text, typed))


@lru_cache(maxsize=KEPT)
def reason(typed: str, shown: tuple[str, ...], hidden: tuple[str, ...]) -> str:
    """Give the texts not shown that hold words which no text shown does; empty where all is seen."""
    left = set(fold(typed).split()).difference(*(_words(text, typed) for text in shown))
    told = []
    for text in hidden:
        if left & (here := _words(text, typed)):
            told.append(text)
            left -= here
    return " · ".join(told)


def _words(text: str, typed: str) -> set[str]:
    """Which of the words typed are in a text."""
    spans = marks(text, typed)
    if text.isdigit() and spans:
        # Found by its first digits, however they are parted as they are typed.
        return set(fold(typed).split())
    return {fold(text[start : start + length]) for start, length in spans}


@lru_cache(maxsize=KEPT)
def beside(line: str, why: str, pixels: int, width: int) -> str:
    """Give a line with a reason after it; of the two the line is cut first, since the reason is why it is there."""
    if not (line and why):
        return line or why
    metrics, tail = QFontMetrics(sized(pixels, QFont.Weight.Normal)), f" · {why}"
    room = max(width - metrics.horizontalAdvance(tail), width // AUTHORS_PART)
    return metrics.elidedText(line, Qt.TextElideMode.ElideRight, room) + tail
