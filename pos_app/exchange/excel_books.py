"""Books in spreadsheets (xlsx, xls, ods): the first sheet that has anything in it, its first row naming the columns."""

import struct
import zipfile
import zlib
from collections.abc import Generator, Iterator, Mapping
from contextlib import closing, contextmanager
from itertools import chain
from pathlib import Path
from xml.parsers import expat

import python_calamine
from python_calamine import CalamineError

from pos_app.errors import Refused
from pos_app.exchange.csv_books import MAX_FIELD, NEEDED, CsvRow, chosen_places, numbered
from pos_app.exchange.ods_rows import CONTENT, ods_rows
from pos_app.exchange.sheet_part import Parts, SheetRow, TooMuch, open_parts
from pos_app.exchange.xls_rows import xls_rows
from pos_app.exchange.xlsx_rows import WORKBOOK, xlsx_rows

ZIP, OLE = b"PK\x03\x04", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
# The list of an OpenDocument's parts, which says whether they are locked.
MANIFEST, MANIFEST_SIZE = "META-INF/manifest.xml", 100_000
LOCKED = "a password protects it: save it without one"
# What the libraries raise for files that are broken.
BROKEN = (
    CalamineError,
    OSError,
    EOFError,
    ValueError,
    zipfile.BadZipFile,
    zlib.error,
    NotImplementedError,
    RuntimeError,
    expat.ExpatError,
    struct.error,
)


def is_sheet(head: bytes) -> bool:
    """Whether a file begins as spreadsheets do."""
    return head.startswith((ZIP, OLE))


def sheet_names(path: Path) -> tuple[list[str], list[str]]:
    """Give the names of the columns as `csv_books.column_names` does. Raises Refused("import.unreadable")."""
    with _told(path), closing(_rows(path)) as rows:
        return numbered(_head(path, rows)[2])


def read_sheet(
    path: Path, needed: tuple[str, ...] = NEEDED, columns: Mapping[str, str] | None = None
) -> Iterator[CsvRow]:
    """Read a spreadsheet as `csv_books.read_books` reads text; a row's line is its row in the sheet.

    Raises Refused("import.unreadable" | "import.no_columns").
    """
    with _told(path), closing(_rows(path)) as rows:
        size = path.stat().st_size
        row, left, head = _head(path, rows)
        names, first = numbered(head)
        places = {what: place + left for what, place in chosen_places(path, names, needed, columns).items()}
        for number, cells, lost, fault, done in chain([row], rows) if first else rows:
            said = fault
            fields = {what: cells.get(place, "") for what, place in places.items()}
            if said is None and any(len(text) > MAX_FIELD for text in fields.values()):
                said = f"a field is longer than {MAX_FIELD:,} characters"
                fields = {what: text[:MAX_FIELD] for what, text in fields.items()}
            if lost and said is None and (what := next((what for what in places if places[what] in lost), None)):
                said = f"its {what} is an error in the sheet, or a formula that was never computed"
            yield CsvRow(number, fields, min(int(size * done), size), said)


def _head(path: Path, rows: Iterator[SheetRow]) -> tuple[SheetRow, int, list[str]]:
    """The first row that has anything in it, where it begins, and what it says from there on."""
    row = next((row for row in rows if row.cells), None)
    if row is None:
        raise Refused("import.unreadable", path=str(path), reason="no sheet in it has anything written on it")
    left = min(row.cells)
    return row, left, [row.cells.get(place, "") for place in range(left, max(row.cells) + 1)]


def _rows(path: Path) -> Generator[SheetRow]:
    """Give the rows of a spreadsheet of any format. Raises TooMuch and what `BROKEN` lists."""
    with path.open("rb") as file:
        packed = file.read(len(ZIP)) == ZIP
    if not packed:
        yield from xls_rows(path)
        return
    with open_parts(path) as parts:
        yield from _packed_rows(parts)


def _packed_rows(parts: Parts) -> Iterator[SheetRow]:
    if WORKBOOK in parts:
        return xlsx_rows(parts)
    if "xl/workbook.bin" in parts:
        raise TooMuch("it is in the binary format of Excel: save it as xlsx")
    if CONTENT not in parts:
        raise zipfile.BadZipFile
    if MANIFEST in parts and b"encryption-data" in parts.beginning(MANIFEST, MANIFEST_SIZE):
        raise TooMuch(LOCKED)
    return ods_rows(parts)


@contextmanager
def _told(path: Path) -> Iterator[None]:
    """Tell what is wrong with a file in words of ours: the libraries' are for whoever wrote it."""
    try:
        yield
    except TooMuch as error:
        raise Refused("import.unreadable", path=str(path), reason=str(error)) from error
    except BROKEN as error:
        raise Refused("import.unreadable", path=str(path), reason=_why(error)) from error
    except BaseException as error:
        # What the library of the old format does with a file that it did not reckon with; it has no name to import.
        if type(error).__name__ != "PanicException":
            raise
        raise Refused("import.unreadable", path=str(path), reason=_why(RuntimeError())) from error


def _why(error: Exception) -> str:
    if isinstance(error, python_calamine.PasswordError):
        return LOCKED
    said = error.strerror if isinstance(error, OSError) else None
    return said or "it is no whole spreadsheet: open it in a spreadsheet program and save it anew"
