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


def letter_html(letter: Letter) -> str:
    """The letter as HTML, data escaped."""

    def lines(texts: tuple[str, ...]) -> str:
        return "<br>".join(escape(text) for text in texts if text)

    facts = "".join(
        f"<tr><td>{escape(name)}&nbsp;&nbsp;</td><td>{escape(text)}</td></tr>" for name, text in letter.facts
    )
    sides = ["right" if place in letter.right else "left" for place in range(len(letter.heads))]
    heads = "".join(f'<th align="{side}">{escape(head)}</th>' for head, side in zip(letter.heads, sides, strict=True))
    rows = "".join(
        "<tr>"
        + "".join(f'<td align="{side}">{escape(text)}</td>' for text, side in zip(row, sides, strict=True))
        + "</tr>"
        for row in letter.rows
    )
    note = f"<p>{escape(letter.note)}</p>" if letter.note else ""
    return (
        f'<body style="font-size: 10pt"><p><b>{lines(letter.sender)}</b></p>'
        f"<p>{lines(letter.to)}</p><h2>{escape(letter.title)}</h2><table>{facts}</table><br>"
        f'<table width="100%" cellpadding="4" cellspacing="0" border="1" style="border-collapse: collapse; '
        f'border-color: #999"><thead><tr>{heads}</tr></thead>{rows}</table>'
        f"<p><b>{escape(letter.total)}</b></p>{note}</body>"
    )


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
