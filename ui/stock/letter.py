"""A letter to a supplier as A4 pages: a PDF, or printed."""

from html import escape
from pathlib import Path

from PySide6.QtCore import QMarginsF, QSizeF
from PySide6.QtGui import QPagedPaintDevice, QPageLayout, QPageSize, QPdfWriter, QTextDocument, QTextOption
from PySide6.QtPrintSupport import QPrinter

from pos_app.services.letter import Letter
from ui.style.theme import print_font

DOTS_PER_INCH = 300
MARGIN_MM = 18
# What goes across a page about by the size of text, and what of it one column may want.
PAGE_LETTERS = {10: 84, 8: 105, 7: 120}
LONGEST_CODE, LONGEST_WISH = 16, 60
HEADING = 18
UNDER = "border-bottom: 1px solid #999"


def letter_html(letter: Letter) -> str:
    """The letter as HTML, data escaped."""

    def lines(texts: tuple[str, ...]) -> str:
        return "<br>".join(escape(text) for text in texts if text)

    facts = "".join(
        f"<tr><td>{escape(name)}&nbsp;&nbsp;</td><td>{escape(text)}</td></tr>" for name, text in letter.facts
    )
    sides = ["right" if place in letter.right else "left" for place in range(len(letter.heads))]
    shares, size = column_shares(letter)
    heads = "".join(
        f'<th align="{side}" width="{share}%" style="{UNDER}">{escape(head)}</th>'
        for head, side, share in zip(letter.heads, sides, shares, strict=True)
    )
    rows = "".join(
        "<tr>"
        + "".join(
            f'<td align="{side}" style="{UNDER}">{escape(text)}</td>' for text, side in zip(row, sides, strict=True)
        )
        + "</tr>"
        for row in letter.rows
    )
    note = f"<p>{escape(letter.note)}</p>" if letter.note else ""
    return (
        f'<body style="font-size: 10pt"><p><b>{lines(letter.sender)}</b></p>'
        f"<p>{lines(letter.to)}</p>"
        # In points: Qt makes a heading's size of the paper's dots, a third of the text's.
        f'<p style="font-size: {HEADING}pt; font-weight: bold">{escape(letter.title)}</p><table>{facts}</table><br>'
        # Lines of its own below each row: a frame round each cell is broken where dots are few.
        f'<table width="100%" cellpadding="4" cellspacing="0" style="font-size: {size}pt">'
        f"<thead><tr>{heads}</tr></thead>{rows}</table>"
        f"<p><b>{escape(letter.total)}</b></p>{note}</body>"
    )


def column_shares(letter: Letter) -> tuple[list[int], int]:
    """Share a page's width out, in per cent, and give the size of text for it, in points.

    No figure, code or head is broken; the rest of the width goes to where much stands.
    """
    needs, wishes = [], []
    for place, head in enumerate(letter.heads):
        cells = [row[place] for row in letter.rows]
        longest = max(map(len, cells), default=0)
        words = max((len(word) for cell in cells for word in cell.split()), default=0)
        # A head is bold.
        least = max(len(head) + 1, longest if place in letter.right else min(words, LONGEST_CODE)) + 3
        needs.append(least)
        wishes.append(max(min(longest, LONGEST_WISH) - least, 0))
    size = next((size for size, letters in PAGE_LETTERS.items() if letters >= sum(needs)), min(PAGE_LETTERS))
    left = max(PAGE_LETTERS[size] - sum(needs), 0) / max(sum(wishes), 1)
    widths = [need + wish * left for need, wish in zip(needs, wishes, strict=True)]
    return [int(100 * width / max(sum(widths), 1)) for width in widths], size


def write_letter(letter: Letter, path: Path) -> None:
    """Write a letter as a PDF of A4 pages. Raises OSError."""
    path.open("wb").close()  # fails as any file does; Qt's own writer only complains
    writer = QPdfWriter(str(path))
    writer.setResolution(DOTS_PER_INCH)
    writer.setPageSize(QPageSize(QPageSize.PageSizeId.A4))
    writer.setPageMargins(QMarginsF(MARGIN_MM, MARGIN_MM, MARGIN_MM, MARGIN_MM), QPageLayout.Unit.Millimeter)
    writer.setTitle(letter.title)
    _print(letter, writer)


def print_letter(letter: Letter, printer: QPrinter) -> None:
    """Send a letter to a printer that somebody chose."""
    printer.setDocName(letter.title)
    _print(letter, printer)


def _print(letter: Letter, device: QPagedPaintDevice) -> None:
    laid_out(letter, device).print_(device)


def laid_out(letter: Letter, device: QPagedPaintDevice) -> QTextDocument:
    """The letter on pages of a device; a word longer than its column goes on in the next line, so that none is cut."""
    document = QTextDocument()
    document.setDefaultFont(print_font())
    option = document.defaultTextOption()
    option.setWrapMode(QTextOption.WrapMode.WrapAtWordBoundaryOrAnywhere)
    document.setDefaultTextOption(option)
    document.documentLayout().setPaintDevice(device)
    document.setPageSize(QSizeF(device.width(), device.height()))
    document.setHtml(letter_html(letter))
    return document
