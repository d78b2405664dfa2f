"""Books in spreadsheets (xlsx, xls, ods): the first sheet that has anything in it, its first row naming the columns."""

import re
import zipfile
import zlib
from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime
from itertools import chain
from pathlib import Path

import python_calamine
from python_calamine import CalamineError, CalamineWorkbook

from pos_app.errors import Refused
from pos_app.exchange.cell import unwrapped
from pos_app.exchange.csv_books import MAX_FIELD, NEEDED, CsvRow, chosen_places, numbered

ZIP, OLE = b"PK\x03\x04", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
# What a sheet may unpack to, in bytes, and reach to, in cells: the library holds each in 30 bytes, empty ones too.
MOST_BYTES = 600_000_000
MOST_CELLS = 16_800_000
CHUNK = 1 << 20
OVERLAP = 4_096
LETTERS = 26
# Whole numbers up to here are what a sheet holds them as: fifteen digits.
EXACT = 1e15
_XLSX_CELL = re.compile(rb"""\br\s*=\s*["']([A-Za-z]{1,3})([0-9]{1,7})["']""")
# An error, or a formula without a value; a text that a formula gave may be empty.
# Nothing reaches over an angle: a hostile sheet would be searched for ever.
_UNKNOWN = re.compile(
    rb"""<c(\s[^<>]*\bt="e"[^<>]*)>"""
    rb"""|<c((?:\s+(?!t=)[\w:]+="[^"<>]*")*)\s*>\s*<f\b[^<>]*(?:/>|>[^<]*</f>)\s*(?:<v\s*/>|<v>\s*</v>)?\s*</c>"""
)
MOST_UNKNOWN = 100_000
_ODS_TAG = re.compile(rb"<(?:[\w.-]+:)?(table-row|table-cell|covered-table-cell)\b([^>]*)>")
_ODS_REPEATED = re.compile(rb"""(?:rows|columns)-repeated\s*=\s*["']([0-9]{1,9})["']""")
# What the library raises for files that are broken.
BROKEN = (
    CalamineError,
    OSError,
    EOFError,
    ValueError,
    zipfile.BadZipFile,
    zlib.error,
    NotImplementedError,
    RuntimeError,
)


def is_sheet(head: bytes) -> bool:
    """Whether a file begins as spreadsheets do."""
    return head.startswith((ZIP, OLE))


def sheet_names(path: Path) -> tuple[list[str], list[str]]:
    """Give the names of the columns as `csv_books.column_names` does. Raises Refused("import.unreadable")."""
    return numbered(_head(_open(path)[0])[1])


def read_sheet(
    path: Path, needed: tuple[str, ...] = NEEDED, columns: Mapping[str, str] | None = None
) -> Iterator[CsvRow]:
    """Read a spreadsheet as `csv_books.read_books` reads text; a row's line is its row in the sheet.

    Raises Refused("import.unreadable" | "import.no_columns").
    """
    rows, height, unknown = _open(path)
    size = path.stat().st_size
    above, head = _head(rows)
    names, first = numbered(head)
    if first:
        rows, above = chain([first], rows), above - 1
    places = chosen_places(path, names, needed, columns)
    for number, cells in enumerate(rows, start=above + 1):
        texts = [_text(cell) for cell in cells]
        if not any(texts):
            continue
        too_long = any(len(text) > MAX_FIELD for text in texts)
        fault = f"a field is longer than {MAX_FIELD:,} characters" if too_long else None
        if unknown and fault is None:
            lost = (what for what, place in places.items() if (number, place) in unknown and not texts[place])
            if (what := next(lost, None)) is not None:
                fault = f"its {what} is an error in the sheet, or a formula that was never computed"
        fields = {what: texts[place][:MAX_FIELD] for what, place in places.items() if place < len(texts)}
        yield CsvRow(number, fields, min(size * number // height, size), fault)


def _head(rows: Iterator[Sequence[object]]) -> tuple[int, list[str]]:
    """The first row that has anything in it: its number, and what it says."""
    for number, cells in enumerate(rows, start=1):
        names = [_text(cell) for cell in cells]
        if any(names):
            return number, names
    return 0, []


def _open(path: Path) -> tuple[Iterator[Sequence[object]], int, set[tuple[int, int]]]:
    """Give a sheet's rows from its very first, how many have something, and which cells hold no value."""
    unknown: dict[str, set[tuple[int, int]]] = {}
    try:
        with path.open("rb") as file:
            packed = file.read(len(ZIP)) == ZIP
        if packed and (fault := _too_large(path, unknown)):
            raise Refused("import.unreadable", path=str(path), reason=fault)
        book = CalamineWorkbook.from_path(path)
        for place, about in enumerate(book.sheets_metadata):
            if about.typ is python_calamine.SheetTypeEnum.WorkSheet:
                sheet = book.get_sheet_by_index(place)
                if sheet.height:
                    # Rows come with the empty ones above, but without the empty columns at their left.
                    column = (sheet.start or (0, 0))[1]
                    lost = {(line, at - column) for line, at in unknown.get(f"xl/worksheets/sheet{place + 1}.xml", ())}
                    return iter(sheet.iter_rows()), sheet.height, lost
    except BROKEN as error:
        raise Refused("import.unreadable", path=str(path), reason=_why(error)) from error
    raise Refused("import.unreadable", path=str(path), reason="no sheet in it has anything written on it")


def _why(error: Exception) -> str:
    """What is wrong with a file, in words of ours: the library's are for whoever wrote it."""
    if isinstance(error, python_calamine.PasswordError):
        return "a password protects it: save it without one"
    said = error.strerror if isinstance(error, OSError) else None
    return said or "it is no whole spreadsheet: open it in a spreadsheet program and save it anew"


def _text(cell: object) -> str:
    """What a cell says, as a table of text would say it."""
    if isinstance(cell, float):
        return str(int(cell)) if cell.is_integer() and abs(cell) < EXACT else repr(cell)
    if isinstance(cell, datetime):
        return cell.date().isoformat()
    if isinstance(cell, date):
        return cell.isoformat()
    return unwrapped(str(cell).replace("\0", "").strip())


def _too_large(path: Path, unknown: dict[str, set[tuple[int, int]]]) -> str | None:
    """Look at what a packed sheet unpacks to before anything unpacks it; gives what is wrong.

    `unknown` gets which cells (line, place) of which part hold no value: the library gives them as empty.
    """
    size = 0
    with zipfile.ZipFile(path) as packed:
        if sum(entry.file_size for entry in packed.infolist()) > MOST_BYTES:
            return _too_much()
        for entry in packed.infolist():
            # What an entry says of its own size is not believed: it is read to its real end.
            entry.file_size = MOST_BYTES + CHUNK
            cells, rest = _Cells(), b""
            with packed.open(entry) as stream:
                while chunk := stream.read(CHUNK):
                    size += len(chunk)
                    if size > MOST_BYTES:
                        return _too_much()
                    if entry.filename.startswith("xl/worksheets/"):
                        rest = _find_unknown(rest + chunk, unknown.setdefault(entry.filename, set()))
                    if cells.take(chunk) > MOST_CELLS:
                        return f"its sheet reaches over more than {MOST_CELLS // 1_000_000} million cells"
    return None


def _find_unknown(text: bytes, found: set[tuple[int, int]]) -> bytes:
    """Find errors and formulas without a value; gives the end of the text, where a cell may have begun."""
    if (b"<f" in text or b't="e"' in text) and len(found) < MOST_UNKNOWN:
        for cell in _UNKNOWN.finditer(text):
            if place := _XLSX_CELL.search(cell[1] or cell[2]):
                found.add((int(place[2]), _number(place[1]) - 1))
    return text[max(text.rfind(b"<c "), len(text) - OVERLAP) :] if b"<c " in text else b""


def _too_much() -> str:
    return f"it unpacks to more than {MOST_BYTES // 1_000_000} MB"


class _Cells:
    """Counts how many cells a sheet reaches over, from its XML as it is unpacked."""

    def __init__(self) -> None:
        self._rest = b""
        self._row = self._column = 0
        # Of an OpenDocument sheet: rows and columns that have something, what of both has nothing yet.
        self._height = self._width = self._rows_waiting = self._columns_waiting = 0

    def take(self, chunk: bytes) -> int:
        """Take the next bytes; gives the cells so far."""
        text = self._rest + chunk
        for letters, digits in _XLSX_CELL.findall(text):
            self._row = max(self._row, int(digits))
            self._column = max(self._column, _number(letters))
        end = text.rfind(b">") + 1
        for name, attributes in _ODS_TAG.findall(text[:end]):
            self._take_tag(name, attributes)
        self._rest = text[max(end, len(text) - OVERLAP) :]
        return max(self._row * self._column, self._height * self._width)

    def _take_tag(self, name: bytes, attributes: bytes) -> None:
        """Count a row or a cell, which stands for many where it is repeated; empty ones only before others."""
        found = _ODS_REPEATED.search(attributes)
        times = int(found[1]) if found else 1
        if name == b"table-row":
            self._rows_waiting += times
            self._columns_waiting = 0
            return
        self._columns_waiting += times
        if b"value" in attributes or not attributes.endswith(b"/"):
            self._width = max(self._width, self._columns_waiting)
            self._height += self._rows_waiting
            self._rows_waiting = 0


def _number(letters: bytes) -> int:
    number = 0
    for letter in letters.upper():
        number = number * LETTERS + letter - ord("A") + 1
    return number
