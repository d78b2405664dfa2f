"""Books in comma-separated files, as spreadsheets and suppliers write them: read row by row, whatever is wrong."""

import codecs
import csv
import gzip
import io
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, cast

from pos_app.errors import Refused

MAX_LINE = 1_000_000
MAX_FIELD = 100_000
SAMPLE = 64_000
# Names a column may have, by what it holds.
COLUMNS = {
    "isbn": ("isbn13", "isbn", "ean", "gtin", "barcode", "isbn10"),
    "title": ("title", "name", "titel", "titre"),
    "author": ("authors", "author", "contributor", "autor", "auteur"),
    "price": ("price", "retail price", "rrp", "preis", "prix"),
    "cost": ("cost", "purchase price", "einkaufspreis"),
    "stock": ("stock", "quantity", "qty", "on hand", "bestand"),
    "category": ("category", "subject", "genre", "kategorie"),
    "publisher": ("publisher", "verlag", "éditeur"),
    "published_on": ("published_on", "published", "original_publication_year", "year", "publication date"),
    "language": ("language", "language_code", "sprache"),
    "format": ("format", "binding"),
    "shelf": ("shelf", "location"),
    "reorder_at": ("reorder_at", "reorder at", "minimum"),
}


@dataclass(frozen=True, slots=True)
class CsvRow:
    """One row: its line in the file, its fields by what they hold, and how far into the file it is (bytes)."""

    line: int
    fields: dict[str, str]
    position: int
    fault: str | None = None


def read_books(path: Path) -> Iterator[CsvRow]:
    """Read a file of books, UTF-8, UTF-16 or Windows-1252, plain or gzipped.

    A row that cannot be read comes with a `fault`. Raises Refused("import.unreadable" | "import.no_columns").
    """
    try:
        with path.open("rb") as raw:
            packed = raw.read(2) == b"\x1f\x8b"
            raw.seek(0)
            source = cast("BinaryIO", gzip.GzipFile(fileobj=raw)) if packed else raw
            encoding = _encoding(source)
            source.seek(0)
            yield from _rows(path, raw, io.TextIOWrapper(source, encoding, errors="replace", newline=""))
    except (OSError, EOFError) as error:
        raise Refused("import.unreadable", path=str(path), reason=str(error)[:200]) from error


def _encoding(source: BinaryIO) -> str:
    sample = source.read(SAMPLE)
    if sample.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return "utf-16"
    try:
        codecs.getincrementaldecoder("utf-8")().decode(sample)
    except UnicodeDecodeError:
        return "cp1252"
    return "utf-8-sig"


def _rows(path: Path, raw: BinaryIO, text: io.TextIOWrapper) -> Iterator[CsvRow]:
    csv.field_size_limit(MAX_FIELD)
    lines = _Lines(text)
    head = next(lines, "")
    delimiter = max(",;\t|", key=head.count)
    names = next(csv.reader([head], delimiter=delimiter), [])
    places = _places(names)
    if missing := [name for name in ("isbn", "title") if name not in places]:
        raise Refused("import.no_columns", path=str(path), missing=" and ".join(missing))
    reader = csv.reader(lines, delimiter=delimiter)
    while True:
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            yield CsvRow(lines.number, {}, raw.tell(), str(error))
            reader = csv.reader(lines, delimiter=delimiter)
            continue
        if not any(cell.strip() for cell in cells):
            continue
        fault = "the row has fewer columns than the first line" if len(cells) < len(names) else lines.fault()
        fields = {name: cells[place].strip() for name, place in places.items() if place < len(cells)}
        yield CsvRow(lines.number, fields, raw.tell(), fault)


def _places(names: list[str]) -> dict[str, int]:
    """Where each thing stands; where several columns would do, the first name in the list wins."""
    known = {name.strip().casefold(): place for place, name in reversed(list(enumerate(names)))}
    places = {}
    for what, aliases in COLUMNS.items():
        found = next((known[alias] for alias in aliases if alias in known), None)
        if found is not None:
            places[what] = found
    # A spreadsheet's isbn13 is often a rounded float; the ten digits beside it are whole.
    if "isbn13" in known and "isbn" in known:
        places["isbn"] = known["isbn"]
    return places


class _Lines:
    """Lines of bounded length without NUL characters, counted."""

    def __init__(self, text: io.TextIOWrapper) -> None:
        self._text = text
        self.number = 0
        self._fault: str | None = None

    def __iter__(self) -> "_Lines":
        return self

    def __next__(self) -> str:
        line = self._text.readline(MAX_LINE)
        if not line:
            raise StopIteration
        self.number += 1
        if len(line) == MAX_LINE and not line.endswith("\n"):
            self._skip_rest()
            self._fault = f"the line is longer than {MAX_LINE:,} characters"
            return line[:200].replace('"', "") + "\n"
        if "\0" in line:
            self._fault = "the line has NUL characters in it"
            line = line.replace("\0", "")
        return line

    def _skip_rest(self) -> None:
        while (part := self._text.readline(MAX_LINE)) and not part.endswith("\n"):
            pass

    def fault(self) -> str | None:
        """What was wrong with the lines since the last time of asking."""
        fault, self._fault = self._fault, None
        return fault
