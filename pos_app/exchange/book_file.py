"""Files of books in whatever format, as rows of fields by what they hold."""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from pos_app.domain.isbn import try_isbn13
from pos_app.domain.subject import kept_subjects
from pos_app.errors import Refused
from pos_app.exchange.csv_books import BESIDE, BETWEEN_CODES, NO, CsvRow, column_names, places_of, read_books
from pos_app.exchange.excel_books import is_sheet, read_sheet, sheet_names
from pos_app.exchange.marc import read_marc
from pos_app.exchange.onix import read_onix
from pos_app.exchange.packed import UNREADABLE, open_unpacked, why_unreadable
from pos_app.exchange.retail_price import Market, retail_price
from pos_app.exchange.title import FileTitle
from pos_app.exchange.trade_codes import language_tag, shop_category, table_form, table_language

HEAD = 65_536
TABLES: dict[str, Callable[..., Iterator[CsvRow]]] = {"csv": read_books, "sheet": read_sheet}
# What a table may say in the trade's codes, in the shop's words.
WORDS = {"format": table_form, "language": table_language}
# A MARC leader: the record's length in five digits, and where its data start in five more.
_MARC = re.compile(rb"[0-9]{5}.{7}[0-9]{5}", re.DOTALL)
# Pictures and programs are a tenth of these; a text has none, or a few by accident. NUL is told row by row.
_CONTROLS = re.compile(rb"[\x01-\x08\x0b\x0c\x0e-\x1f]")
FEW = 50
_ROOT = re.compile(rb"<\s*(?:[A-Za-z_][\w.-]*:)?([A-Za-z_]\w*)")


def read_book_file(path: Path, market: Market, columns: Mapping[str, str] | None = None) -> Iterator[CsvRow]:
    """Give a file's rows: ONIX for Books, MARC 21 (also as XML), a spreadsheet, else comma-separated text.

    `columns` says of a table which column holds what, where its names do not.

    Of several prices the one is taken that holds in the shop's market. Raises Refused("import.unreadable" |
    "import.no_columns").
    """
    kind = _kind(path)
    if kind in TABLES:
        for row in TABLES[kind](path, columns=columns):
            # Else a filter on a language or a form would miss what came from a table.
            for name, words in WORDS.items():
                if text := row.fields.get(name):
                    row.fields[name] = words(text)
            yield row
        return
    position = 0

    def reached(place: int) -> None:
        nonlocal position
        position = place

    for title in read_onix(path, reached) if kind == "onix" else read_marc(path, reached):
        yield replace(_row(title, market), position=position)


def read_table(path: Path, needed: tuple[str, ...]) -> Iterator[CsvRow]:
    """Give the rows of a table, comma-separated text or a spreadsheet, that has the columns `needed`.

    Raises Refused("import.unreadable" | "import.no_columns").
    """
    kind = _kind(path)
    if kind not in TABLES:
        raise Refused("import.unreadable", path=str(path), reason="it is no table: take one of CSV, xlsx, xls or ods")
    return TABLES[kind](path, needed)


@dataclass(frozen=True, slots=True)
class TableColumns:
    """The columns of a table, and which of them are taken for what.

    Of a table that names none they are numbered, and `first` is its first row.
    """

    names: list[str]
    known: dict[str, str]
    first: list[str] = field(default_factory=list)


def table_columns(path: Path) -> TableColumns | None:
    """Give the columns that a table has; None for files that are no tables.

    Raises Refused("import.unreadable").
    """
    kind = _kind(path)
    if kind not in TABLES:
        return None
    names, first = column_names(path) if kind == "csv" else sheet_names(path)
    if not any(name.strip() for name in names):
        raise Refused("import.unreadable", path=str(path), reason="it is empty")
    known = {what: names[place] for what, place in places_of(names).items() if what != BESIDE}
    # A book's code is told from other numbers by its last digit.
    codes = (name for name, cell in zip(names, first, strict=bool(first)) if try_isbn13(cell.strip()))
    if first and (code := next(codes, None)) is not None:
        known["isbn"] = code
    return TableColumns(names, known, first)


def _kind(path: Path) -> str:
    """The format by what the file starts with, whatever its name says."""
    try:
        with open_unpacked(path) as file:
            head = file.read(HEAD)
            if is_sheet(head):
                return "sheet"
            head = head.replace(b"\0", b"").lstrip(b"\xef\xbb\xbf\xfe\xff \t\r\n")
            is_marc = _MARC.match(head) is not None
            if not is_marc and len(_CONTROLS.findall(head)) * FEW > len(head):
                raise Refused("import.unreadable", path=str(path), reason="it holds no text, whatever its name says")
    except UNREADABLE as error:
        raise Refused("import.unreadable", path=str(path), reason=why_unreadable(error)) from error
    if not head.startswith(b"<"):
        return "marc" if is_marc else "csv"
    roots = [name for name in _ROOT.findall(head) if name.lower() not in (b"xml", b"doctype")]
    return "marc" if roots and roots[0].lower() in (b"collection", b"record") else "onix"


def _row(title: FileTitle, market: Market) -> CsvRow:
    fields = {
        "isbn": title.isbn,
        "title": title.title,
        "author": title.author,
        "publisher": title.publisher,
        "published_on": title.published_on,
        "format": title.format,
        "language": language_tag(title.language),
        "category": title.category,
        "active": NO if title.inactive else "",
        "barcodes": BETWEEN_CODES.join(title.barcodes),
        "series": title.series,
        "series_number": title.series_number,
        "description": title.description,
        "availability": title.availability,
        "subjects": kept_subjects(title.subjects),
        "price": retail_price(title.prices, market) or ("0" if title.free else ""),
    }
    subject = "" if title.category else shop_category(title.subjects)
    return CsvRow(
        title.number, fields, 0, title.fault, title.notice, title.cleared, title.reference, subject, record=True
    )
