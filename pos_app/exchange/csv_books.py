"""Books in comma-separated files, as spreadsheets and suppliers write them: read row by row, whatever is wrong."""

import codecs
import csv
import gzip
import io
import re
from collections import Counter, deque
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, cast

from pos_app.errors import Refused
from pos_app.exchange.cell import shown_text
from pos_app.exchange.packed import UNREADABLE, why_unreadable
from pos_app.exchange.title import Notice

MAX_LINE = 1_000_000
MAX_FIELD = 100_000
# A description may hold line ends; a quotation mark that never closes must not swallow the rest of the file.
MAX_ROW_LINES = 50
SHOWN = 200
# How much of a file tells its encoding.
BEGINNING = 200
# The likelier come first.
SEPARATORS = ",;\t|^:"
# Any other sign may part columns but these; it is believed where so many names are known under it.
NO_SEPARATORS = "\"'_"
CERTAIN, MOST_SIGNS = 2, 20
# A title that is there needs no more: a price list tells none.
NEEDED = ("isbn",)
# A number as long as codes are, hyphens and a spreadsheet's decimals among it: no column is called so.
_CODE = re.compile(r"[0-9][0-9 -]{7,16}[0-9Xx]|[0-9]{8,14}[.,]0+|[0-9][.,][0-9]{1,14}[eE]\+?1[0-9]", re.ASCII)
# Chosen where no column is to be taken.
NOTHING = ""
# Names a column may have, by what it holds.
COLUMNS = {
    "isbn": ("isbn13", "isbn", "ean", "gtin", "barcode", "isbn10"),
    "title": ("title", "name", "titel", "titre"),
    "author": ("authors", "author", "contributor", "autor", "auteur"),
    "price": ("price", "retail price", "rrp", "preis", "prix"),
    "cost": ("cost", "unit cost", "purchase price", "einkaufspreis"),
    "stock": ("stock", "quantity", "qty", "on hand", "bestand", "delivered", "shipped"),
    "category": ("category", "subject", "genre", "kategorie"),
    "publisher": ("publisher", "verlag", "éditeur"),
    "published_on": ("published_on", "published", "original_publication_year", "year", "publication date"),
    "language": ("language", "language_code", "sprache"),
    "format": ("format", "binding"),
    "shelf": ("shelf", "location"),
    "series": ("series",),
    "series_number": ("series_number", "series number", "volume"),
    "reorder_at": ("reorder_at", "reorder at", "minimum"),
    "kind": ("kind",),
    "active": ("active",),
    "open_price": ("open_price",),
    "barcodes": ("barcodes",),
    "tax_rate": ("tax_rate",),
    "description": ("description", "blurb", "beschreibung"),
    "availability": ("availability",),
    "subjects": ("subjects",),
    "copy_of": ("copy_of",),
    "grade": ("copy_grade",),
    "note": ("copy_note",),
}
# The thirteen digits beside those of ten: what tells whether a repaired number is right.
BESIDE = "isbn13"
# Of used copies: told by the shop's own files only.
OF_COPIES = ("copy_of", "grade", "note")
# Between several barcodes in one cell, and between a category and what is inside it.
BETWEEN_CODES, INSIDE = "|", " › "
YES, NO = "yes", "no"


@dataclass(frozen=True, slots=True)
class CsvRow:
    """One row: its line in the file, its fields by what they hold, and how far into the file it is (bytes)."""

    line: int
    fields: dict[str, str]
    position: int
    fault: str | None = None
    notice: Notice = Notice.WHOLE
    # What the title no longer has, by what it was.
    cleared: tuple[str, ...] = ()
    # What the sender calls the record, and the category that its subject would have in a shop.
    reference: str = ""
    subject: str = ""
    # Of MARC or ONIX, whose numbers no spreadsheet cut.
    record: bool = False


def read_books(
    path: Path, needed: tuple[str, ...] = NEEDED, columns: Mapping[str, str] | None = None
) -> Iterator[CsvRow]:
    """Read a file of books, UTF-8, UTF-16 or Windows-1252, plain or gzipped; `needed` are the columns it must have.

    `columns` says which of the file's columns holds what, where their names do not.

    A row that cannot be read comes with a `fault`. Raises Refused("import.unreadable" | "import.no_columns").
    """
    try:
        with path.open("rb") as raw, _as_text(raw) as text:
            yield from _rows(path, raw, text, needed, columns)
    except UNREADABLE as error:
        raise Refused("import.unreadable", path=str(path), reason=why_unreadable(error)) from error


def column_names(path: Path) -> tuple[list[str], list[str]]:
    """Give the names in a file's first line; where it names none, numbers instead, and the first row.

    Raises Refused("import.unreadable").
    """
    try:
        with path.open("rb") as raw, _as_text(raw) as text:
            return numbered(_head(_Lines(text))[1])
    except UNREADABLE as error:
        raise Refused("import.unreadable", path=str(path), reason=why_unreadable(error)) from error


def _as_text(raw: BinaryIO) -> io.TextIOWrapper:
    packed = raw.read(2) == b"\x1f\x8b"
    raw.seek(0)
    source = cast("BinaryIO", gzip.GzipFile(fileobj=raw)) if packed else raw
    encoding = _encoding(source.read(BEGINNING))
    source.seek(0)
    errors = "replace" if encoding.startswith("utf-16") else WINDOWS
    return io.TextIOWrapper(source, encoding, errors=errors, newline="")


def _encoding(beginning: bytes) -> str:
    """Tell UTF-16 by its mark, or where it has none by the NUL in every other byte of what names the columns."""
    if beginning.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return "utf-16"
    letters = len(beginning) // 2
    first, second = beginning[: 2 * letters : 2], beginning[1::2]
    for name, full, empty in (("utf-16-le", first, second), ("utf-16-be", second, first)):
        if letters and empty.count(0) * 10 > letters * 9 and 0 not in full:
            return name
    return "utf-8-sig"


def _as_windows(error: UnicodeError) -> tuple[str, int]:
    """Read bytes that are no UTF-8 as Windows-1252: right for whole files of it, and for lines pasted into others."""
    if not isinstance(error, UnicodeDecodeError):
        raise error
    return error.object[error.start : error.end].decode("cp1252", "replace"), error.end


WINDOWS = "or-windows-1252"
codecs.register_error(WINDOWS, _as_windows)


# The line by which Excel is told what parts the columns; a tab may be lost at its end.
_NAMED = re.compile(r'"?sep=([^\w\s"]|\t)?"?', re.IGNORECASE)
_QUOTED = re.compile(r'"[^"]*"')


def _head(lines: "_Lines") -> tuple[str, list[str]]:
    """What parts the columns, and what they are called."""
    csv.field_size_limit(MAX_FIELD)
    head = _first(lines)
    if (named := _NAMED.fullmatch(head.strip())) is not None:
        delimiter, head = named[1] or "\t", _first(lines)
    else:
        delimiter = _delimiter(head)
    return delimiter, next(csv.reader([head], delimiter=delimiter), [])


def _delimiter(head: str) -> str:
    """What parts the columns: the likeliest sign, or another where the names under it are known and not under that."""
    bare = _QUOTED.sub("", head)
    likely = max(SEPARATORS, key=bare.count)
    found = _known_names(head, likely)
    if found >= CERTAIN:
        return likely
    signs = Counter(sign for sign in bare if not (sign.isalnum() or sign.isspace() or sign in NO_SEPARATORS))
    others = {sign: _known_names(head, sign) for sign, _count in signs.most_common(MOST_SIGNS)}
    best = max(others, key=others.__getitem__, default=likely)
    return best if others.get(best, 0) >= max(CERTAIN, found + 1) else likely


def _known_names(head: str, delimiter: str) -> int:
    try:
        return len(places_of(next(csv.reader([head], delimiter=delimiter), [])))
    except csv.Error:
        return 0


def _first(lines: "_Lines") -> str:
    """The next line that has anything in it."""
    while lines.begin_row():
        if (line := next(lines)).strip():
            return line
    return ""


def numbered(head: list[str]) -> tuple[list[str], list[str]]:
    """Give a first row as names and nothing; one that names no columns as their numbers and itself."""
    known = any(name.strip().casefold() in aliases for name in head for aliases in COLUMNS.values())
    if known or not any(_CODE.fullmatch(shown_text(name.strip())) for name in head):
        return head, []
    return [f"Column {place}" for place in range(1, len(head) + 1)], head


def _rows(
    path: Path, raw: BinaryIO, text: io.TextIOWrapper, needed: tuple[str, ...], columns: Mapping[str, str] | None
) -> Iterator[CsvRow]:
    lines = _Lines(text)
    delimiter, head = _head(lines)
    names, first = numbered(head)
    if first:
        lines.give_back()
    places = chosen_places(path, names, needed, columns)
    while lines.begin_row():
        cells, fault = _read_row(lines, delimiter, len(names))
        if fault is None and not any(cell.strip() for cell in cells):
            continue
        if fault is not None:
            lines.keep_only_first()
        fields = {name: shown_text(cells[place].strip()) for name, place in places.items() if place < len(cells)}
        yield CsvRow(lines.row_number, fields, raw.tell(), fault)


def _read_row(lines: "_Lines", delimiter: str, width: int) -> tuple[list[str], str | None]:
    """One row's cells, and what is wrong with it."""
    try:
        cells = next(csv.reader(lines, delimiter=delimiter, strict=True), [])
    except csv.Error as error:
        too_long = "larger than field limit" in str(error)
        fault = f"a field is longer than {MAX_FIELD:,} characters" if too_long else "its quotation marks do not match"
        lines.keep_only_first()
        shown = lines.first[:SHOWN].replace('"', "")
        return next(csv.reader([shown], delimiter=delimiter), []), lines.fault or fault
    if lines.fault is None and any(cell.strip() for cell in cells):
        if len(cells) < width:
            return cells, "it has fewer columns than the first line"
        if any(cell.strip() for cell in cells[width:]):
            return cells, "it has more columns than the first line"
    return cells, lines.fault


def chosen_places(
    path: Path, names: list[str], needed: tuple[str, ...], columns: Mapping[str, str] | None
) -> dict[str, int]:
    """Give where each thing stands: as chosen, else as the columns' names say. Raises Refused("import.no_columns")."""
    chosen = columns or {}
    places = {what: place for what, place in places_of(names).items() if what not in chosen}
    places |= {what: names.index(name) for what, name in chosen.items() if name in names}
    missing = [what for what, name in chosen.items() if name != NOTHING and name not in names]
    if missing := missing or [what for what in needed if what not in places]:
        raise Refused("import.no_columns", path=str(path), missing=" and ".join(missing))
    return places


def places_of(names: list[str]) -> dict[str, int]:
    """Give where each thing stands by the columns' names; where several would do, the first name known wins."""
    known = {name.strip().casefold(): place for place, name in reversed(list(enumerate(names)))}
    places = {}
    for what, aliases in COLUMNS.items():
        found = next((known[alias] for alias in aliases if alias in known), None)
        if found is not None:
            places[what] = found
    # A spreadsheet's isbn13 is often a rounded float; the ten digits beside it are whole.
    if "isbn13" in known and "isbn" in known:
        places["isbn"], places[BESIDE] = known["isbn"], known["isbn13"]
    return places


class _Lines:
    """Lines of bounded length without NUL characters, counted; a row takes as many as it needs."""

    def __init__(self, text: io.TextIOWrapper) -> None:
        self._text = text
        self._waiting: deque[tuple[int, str, str | None]] = deque()
        self._taken: list[tuple[int, str, str | None]] = []
        self._number = 0

    def __iter__(self) -> "_Lines":
        return self

    def __next__(self) -> str:
        if len(self._taken) >= MAX_ROW_LINES:
            raise csv.Error
        line = self._waiting.popleft() if self._waiting else self._read()
        self._taken.append(line)
        return line[1]

    def begin_row(self) -> bool:
        """Start a row with the next line, if there is one."""
        self._taken.clear()
        if not self._waiting:
            try:
                self._waiting.append(self._read())
            except StopIteration:
                return False
        return True

    def give_back(self) -> None:
        """Let the row's lines be read again."""
        self._waiting.extendleft(reversed(self._taken))
        self._taken.clear()

    def keep_only_first(self) -> None:
        """Give the lines after the row's first back: they may be rows of their own."""
        self._waiting.extendleft(reversed(self._taken[1:]))
        del self._taken[1:]

    @property
    def first(self) -> str:
        """The row's first line."""
        return self._taken[0][1]

    @property
    def row_number(self) -> int:
        """The number of the row's first line, counted from 1."""
        return self._taken[0][0]

    @property
    def fault(self) -> str | None:
        """What was wrong with the row's lines."""
        return next((fault for _, _, fault in self._taken if fault), None)

    def _read(self) -> tuple[int, str, str | None]:
        line = self._text.readline(MAX_LINE)
        if not line:
            raise StopIteration
        self._number += 1
        if len(line) == MAX_LINE and not line.endswith("\n"):
            self._skip_rest()
            line = line[:SHOWN].replace('"', "") + "\n"
            return self._number, line, f"the line is longer than {MAX_LINE:,} characters"
        fault = "the line has NUL characters in it" if "\0" in line else None
        return self._number, line.replace("\0", ""), fault

    def _skip_rest(self) -> None:
        while (part := self._text.readline(MAX_LINE)) and not part.endswith("\n"):
            pass
