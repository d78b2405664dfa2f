"""Papers as documents of blocks, which text, printers, PDF and screens draw each in their own way."""

import textwrap
import unicodedata
from dataclasses import dataclass
from typing import Literal

Align = Literal["left", "centre"]


@dataclass(frozen=True, slots=True)
class Text:
    """A paragraph; longer ones are wrapped."""

    text: str
    align: Align = "left"
    bold: bool = False


@dataclass(frozen=True, slots=True)
class Row:
    """A text to the left, over more lines where it must be, and a figure to the right of the last; neither is cut."""

    left: str
    right: str
    bold: bool = False
    tall: bool = False


@dataclass(frozen=True, slots=True)
class Rule:
    """A line across."""


@dataclass(frozen=True, slots=True)
class Barcode:
    """A Code 128 barcode with its text under it."""

    text: str


@dataclass(frozen=True, slots=True)
class Logo:
    """The shop's picture, as its file's bytes; drawn where something can draw it."""

    content: bytes


Block = Text | Row | Rule | Barcode | Logo


@dataclass(frozen=True, slots=True)
class Document:
    """One paper: its blocks from top to bottom, and how many letters fit across."""

    blocks: tuple[Block, ...]
    width: int = 42


@dataclass(frozen=True, slots=True)
class Line:
    """One line of letters as laid out; at most the document's width."""

    text: str
    bold: bool = False
    tall: bool = False


FIXED_SPACE = "\u00a0"
# Held by a letter that is no space while other spaces are joined.
_HELD = "\ue000"
_FIXED = {0xE000: None, 0xA0: _HELD, 0x2007: _HELD, 0x202F: _HELD}
# No text of a row takes more lines than this, however long it is.
ROW_LINES = 6


def plain(text: str) -> str:
    """Keep what prints: control and direction characters could cut the paper, open the drawer or forge a line.

    Every kind of space and line break is one space, those within figures stay unbreakable, and accents are joined with
    their letters.
    """
    spaced = " ".join(text.translate(_FIXED).split()).replace(_HELD, FIXED_SPACE)
    kept = "".join(letter for letter in spaced if not unicodedata.category(letter).startswith("C"))
    return unicodedata.normalize("NFC", kept).strip()


def columns(text: str) -> int:
    """How many columns a text takes: letters of Chinese, Japanese and Korean take two, marks none."""
    return sum(_columns_of(letter) for letter in text)


def _columns_of(letter: str) -> int:
    if unicodedata.category(letter) in ("Mn", "Me"):
        return 0
    return 2 if unicodedata.east_asian_width(letter) in "WF" else 1


def cut(text: str, width: int) -> str:
    """Shorten a text to some columns."""
    taken = 0
    for place, letter in enumerate(text):
        taken += _columns_of(letter)
        if taken > width:
            return text[:place]
    return text


def lay_out(block: Block, width: int) -> list[Line]:
    """Give the lines of letters of a block; a barcode's and a logo's are none."""
    match block:
        case Text():
            parts = block.text.splitlines() or [""]
            return [_line(line, bold=block.bold) for part in parts for line in _wrap(block, part, width)]
        case Row():
            return [_line(line, bold=block.bold, tall=block.tall) for line in _row(block, width)]
        case Rule():
            return [Line("-" * width)]
    return []


def _line(text: str, *, bold: bool = False, tall: bool = False) -> Line:
    return Line(text.replace(FIXED_SPACE, " "), bold, tall)


def _row(block: Row, width: int) -> list[str]:
    indent = "  " if block.left.startswith("  ") else ""
    lines = [indent + line for line in wrapped(plain(block.left), width - len(indent))[:ROW_LINES]] or [""]
    first, *more = wrapped(plain(block.right), width) or [""]
    if first and columns(lines[-1]) + 1 + columns(first) > width:
        lines.append("")
    gap = width - columns(lines[-1]) - columns(first)
    lines[-1] += f"{' ' * gap}{first}" if first else ""
    return [*lines, *(f"{' ' * (width - columns(line))}{line}" for line in more)]


def _wrap(block: Text, part: str, width: int) -> list[str]:
    indent = "  " if part.startswith("  ") else ""
    lines = wrapped(plain(part), width - len(indent)) or [""]
    if block.align == "centre":
        return [f"{' ' * ((width - columns(line)) // 2)}{line}" for line in lines]
    return [f"{indent}{line}" for line in lines]


def wrapped(text: str, width: int) -> list[str]:
    """Break a text at words, and within a word, or a script without spaces, where it is too long."""
    if columns(text) <= width:
        return [text] if text else []
    lines: list[str] = []
    for line in textwrap.wrap(text, width, break_on_hyphens=False):
        rest = line
        while columns(rest) > width:
            head = cut(rest, width)
            lines.append(head)
            rest = rest[len(head) :]
        lines.append(rest)
    return lines
