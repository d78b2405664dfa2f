"""What item delegates draw alike."""

import math
from collections.abc import Sequence
from functools import lru_cache

from PySide6.QtCore import QPointF, QRect, QRectF, Qt
from PySide6.QtGui import QColor, QFont, QFontMetrics, QHelpEvent, QPainter, QTextLayout, QTextOption
from PySide6.QtWidgets import QStyle, QStyleOptionViewItem, QToolTip, QWidget

from ui.style.theme import font, px, sized, tokens
from ui.widgets.tip import plain_tip

PILLS = {
    "ok": ("accent_soft", "accent"),
    "warn": ("warn_soft", "warn"),
    "bad": ("danger_soft", "danger"),
    "info": ("info_soft", "info"),
    "off": ("surface_2", "ink_2"),
}
# Of a pill's width what is dot and edge.
PILL_BESIDE = 34
WORDS = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
FIGURES = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
# Words that are wrapped take so many lines.
MOST_LINES = 6


@lru_cache(maxsize=64)
def _colour(name: str) -> QColor:
    """A colour read once: a list asks for it at every cell."""
    return QColor(name)


@lru_cache(maxsize=4_096)
def _elided(text: str, pixels: int, weight: QFont.Weight, width: int) -> str:
    """A text that ends in … where it is too long; a list is drawn many times before other texts come."""
    return QFontMetrics(sized(pixels, weight)).elidedText(text, Qt.TextElideMode.ElideRight, width)


def fill_row(painter: QPainter, option: QStyleOptionViewItem) -> None:
    """Fill a cell's ground and draw the line under its row."""
    rect: QRect = option.rect
    state: QStyle.StateFlag = option.state
    chosen = state & QStyle.StateFlag.State_Selected
    painter.fillRect(rect, _colour(tokens().accent_soft if chosen else tokens().surface))
    painter.fillRect(rect.left(), rect.bottom(), rect.width(), 1, _colour(tokens().line))


def draw_marks(painter: QPainter, rect: QRect, text: str, used: QFont, spans: Sequence[tuple[int, int]]) -> None:
    """Mark parts of a text that is about to be drawn from the left of a rectangle: a ground, and a line under it."""
    metrics = QFontMetrics(used)
    end = rect.right()
    if spans and metrics.horizontalAdvance(text) > rect.width():
        end -= metrics.horizontalAdvance("…") + metrics.averageCharWidth()
    for start, length in spans:
        left = rect.left() + metrics.horizontalAdvance(text[:start])
        width = min(metrics.horizontalAdvance(text[start : start + length]), end - left)
        if width <= 0:
            continue
        top = rect.top() + (rect.height() - metrics.height()) // 2
        painter.fillRect(QRect(left, top, width, metrics.height()), _colour(tokens().warn_soft))
        painter.fillRect(QRect(left, top + metrics.height() - 2, width, 2), _colour(tokens().warn))


def draw_two_lines(  # noqa: PLR0913 - two texts, each with what is marked in it
    painter: QPainter,
    rect: QRect,
    upper: str,
    lower: str,
    *,
    upper_marks: Sequence[tuple[int, int]] = (),
    lower_marks: Sequence[tuple[int, int]] = (),
    middle: bool = False,
) -> None:
    """Draw a title over a smaller line, each ending in … where it is too long; in the `middle` where both ends tell."""
    upper_font, lower_font = font(14, QFont.Weight.Medium), font(12)
    if not lower:
        draw_marks(painter, rect, upper, upper_font, upper_marks)
        draw_text(painter, rect, upper, weight=QFont.Weight.Medium)
        return
    upper_height, lower_height = QFontMetrics(upper_font).height(), QFontMetrics(lower_font).height()
    top = rect.top() + (rect.height() - upper_height - lower_height) // 2
    for text, used, colour, y, height, marks in (
        (upper, upper_font, tokens().ink, top, upper_height, upper_marks),
        (lower, lower_font, tokens().ink_2, top + upper_height, lower_height, lower_marks),
    ):
        draw_marks(painter, QRect(rect.left(), y, rect.width(), height), text, used, marks)
        painter.setFont(used)
        painter.setPen(_colour(colour))
        if middle and text is lower:
            shown = QFontMetrics(used).elidedText(text, Qt.TextElideMode.ElideMiddle, rect.width())
        else:
            shown = _elided(text, used.pixelSize(), used.weight(), rect.width())
        painter.drawText(QRect(rect.left(), y, rect.width(), height), Qt.AlignmentFlag.AlignVCenter, shown)


def draw_text(
    painter: QPainter,
    rect: QRect,
    text: str,
    *,
    right: bool = False,
    weight: QFont.Weight = QFont.Weight.Normal,
    colour: str | None = None,
) -> None:
    """Draw one line of text, figures to the right."""
    pixels = px(14)
    painter.setFont(sized(pixels, weight))
    painter.setPen(_colour(colour or tokens().ink))
    painter.drawText(rect, FIGURES if right else WORDS, _elided(text, pixels, weight, rect.width()))


def laid_out(text: str, used: QFont, width: int) -> tuple[QTextLayout, float]:
    """Break a text into lines of a width, long paths too, and give them with their height; … ends what is too much."""
    layout, option = QTextLayout(text, used), QTextOption()
    option.setWrapMode(QTextOption.WrapMode.WrapAtWordBoundaryOrAnywhere)
    layout.setTextOption(option)
    layout.beginLayout()
    height = 0.0
    while (line := layout.createLine()).isValid():
        line.setLineWidth(max(width, 1))
        line.setPosition(QPointF(0, height))
        height += line.height()
        start, rest = line.textStart(), text[line.textStart() :]
        if layout.lineCount() == MOST_LINES and QFontMetrics(used).horizontalAdvance(rest) > width:
            layout.endLayout()
            shown = QFontMetrics(used).elidedText(rest, Qt.TextElideMode.ElideRight, width)
            return laid_out(f"{text[:start].rstrip()}\u2028{shown}", used, width)
    layout.endLayout()
    return layout, height


def draw_wrapped(painter: QPainter, rect: QRect, upper: str, lower: str) -> None:
    """Draw a title over smaller words, both in as many lines as they take."""
    top, blocks = 0.0, []
    for text, used, ink in (
        (upper, font(14, QFont.Weight.Medium), tokens().ink),
        (lower, font(12), tokens().ink_2),
    ):
        if text:
            layout, height = laid_out(text, used, rect.width())
            blocks.append((layout, top, ink))
            top += height
    start = rect.top() + max((rect.height() - top) / 2, 0)
    for layout, y, ink in blocks:
        painter.setPen(_colour(ink))
        layout.draw(painter, QPointF(rect.left(), start + y))


def wrapped_height(upper: str, lower: str, width: int) -> int:
    """Give the height that `draw_wrapped` takes."""
    texts = ((upper, font(14, QFont.Weight.Medium)), (lower, font(12)))
    return math.ceil(sum(laid_out(text, used, width)[1] for text, used in texts if text))


def tell_whole(event: QHelpEvent, view: QWidget, width: int, lines: Sequence[tuple[str, QFont]]) -> bool:
    """Show the lines of a cell whole where one of them is cut at a width; as plain text, whatever they hold."""
    cut = any(QFontMetrics(used).horizontalAdvance(text) > width for text, used in lines)
    QToolTip.showText(event.globalPos(), plain_tip(*(text for text, _ in lines)) if cut else "", view)
    return True


def draw_reduced(
    painter: QPainter, rect: QRect, amount: str, discount: str, *, weight: QFont.Weight = QFont.Weight.Normal
) -> None:
    """Draw an amount, and under it what came off: a small screen has no column for it."""
    half = rect.height() // 2
    for top, text, used, ink in (
        (rect.top() + 4, amount, font(14, weight), tokens().ink),
        (rect.top() + half - 2, discount, font(12), tokens().accent),
    ):
        painter.setFont(used)
        painter.setPen(_colour(ink))
        flags = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
        painter.drawText(QRect(rect.left(), top, rect.width(), half - 2), flags, text)


def pill_width(text: str) -> int:
    """Room for a state whole: the width of words is told in whole pixels, and a part of one short they are cut."""
    return QFontMetrics(font(12, QFont.Weight.Medium)).horizontalAdvance(text) + PILL_BESIDE + 1


def draw_pill(painter: QPainter, rect: QRect, text: str, kind: str) -> None:
    """Draw a state with its dot."""
    ground, ink = (getattr(tokens(), name) for name in PILLS[kind])
    used = font(12, QFont.Weight.Medium)
    text = QFontMetrics(used).elidedText(text, Qt.TextElideMode.ElideRight, rect.width() - PILL_BESIDE)
    width = QFontMetrics(used).horizontalAdvance(text) + PILL_BESIDE
    height = px(12) + 10
    where = QRectF(rect.left(), rect.top() + (rect.height() - height) / 2, width, height)
    painter.setPen(_colour(tokens().line) if kind == "off" else Qt.PenStyle.NoPen)
    painter.setBrush(_colour(ground))
    painter.drawRoundedRect(where, height / 2, height / 2)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(_colour(ink))
    painter.drawEllipse(QRectF(where.left() + 10, where.center().y() - 3.5, 7, 7))
    painter.setFont(used)
    painter.setPen(_colour(ink))
    painter.drawText(where.adjusted(23, 0, 0, 0), Qt.AlignmentFlag.AlignVCenter, text)
