"""Sheets of Excel (xlsx) row by row: how many there are costs no memory, and no texts but one row's are held."""

import math
import posixpath
import re
import tempfile
from array import array
from collections import deque
from collections.abc import Iterator
from contextlib import closing
from datetime import date, timedelta
from xml.etree.ElementTree import Element  # noqa: S405 - only the tree; nothing is parsed by it

from pos_app.exchange.cell import unwrapped
from pos_app.exchange.csv_books import MAX_FIELD
from pos_app.exchange.sheet_part import (
    AS_CSV,
    MOST_BYTES,
    MOST_CELLS,
    MOST_COLUMNS,
    MOST_IN_ROW,
    MOST_ROWS,
    LocalNames,
    Parts,
    SheetRow,
    TooMuch,
    too_large,
)

WORKBOOK = "xl/workbook.xml"
# Different texts of a file: eight bytes of memory each, and their letters on disk.
MOST_TEXTS = 6_000_000
# Texts that come again and again are not looked up each time.
KEPT, KEPT_LENGTH = 10_000, 60
# Up to so many bytes they need no disk.
IN_MEMORY = 16_000_000
LETTERS, DIGITS = 26, "0123456789"
# Whole numbers up to here are what a sheet holds them as: fifteen digits.
EXACT, EXACT_DIGITS = 1e15, 15
MOST_SHEETS = 1_000
MOST_STYLES, MOST_CODE = 100_000, 500
# The formats that Excel knows by number and that show a day; of others nothing is asked that is quoted or escaped.
DAYS = frozenset((*range(14, 18), 22, *range(27, 37), *range(50, 59)))
_NO_PART = re.compile(r'"[^"]*"|\\.|\[[^\]]*\]|_.|\*.')
DAY = len("2026-01-01")
GENERAL = ("general", "standard")
_ESCAPED = re.compile(r"_x([0-9A-Fa-f]{4})_")
_ISO_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")


def xlsx_rows(parts: Parts) -> Iterator[SheetRow]:
    """Give the rows of the first sheet that has anything in it. Raises TooMuch, ExpatError, ValueError."""
    sheets, from_1904 = _sheets(parts)
    related = _related(parts)
    texts = Texts()
    with closing(texts):
        if (part := next((to for kind, to in related.values() if kind == "sharedStrings"), "")) in parts:
            _read_texts(parts, part, texts)
        days = _day_styles(parts, next((to for kind, to in related.values() if kind == "styles"), ""))
        for place, number in enumerate(sheets, start=1):
            kind, target = related.get(number, ("worksheet", f"xl/worksheets/sheet{place}.xml"))
            if kind != "worksheet" or target not in parts:
                continue
            found = False
            for row in _Sheet(texts, days, from_1904=from_1904).rows(parts, target):
                found = True
                yield row
            if found:
                return


def _sheets(parts: Parts) -> tuple[list[str], bool]:
    """Give the relations of the sheets in the order of the workbook, and whether its days count from 1904."""
    names, sheets, from_1904 = LocalNames(), list[str](), False

    def start(name: str, attributes: dict[str, str]) -> None:
        nonlocal from_1904
        if names[name] == "sheet" and len(sheets) < MOST_SHEETS:
            sheets.append(next((said for key, said in attributes.items() if key.endswith(":id")), ""))
        elif names[name] == "workbookPr":
            from_1904 = attributes.get("date1904") in ("1", "true")

    deque(parts.parse(WORKBOOK, start), maxlen=0)
    return sheets, from_1904


def _related(parts: Parts) -> dict[str, tuple[str, str]]:
    """Give what belongs to the workbook: by its relation what it is, and the name of its part."""
    names = LocalNames()
    found: dict[str, tuple[str, str]] = {}

    def start(name: str, attributes: dict[str, str]) -> None:
        if names[name] == "Relationship" and len(found) < MOST_SHEETS:
            target = attributes.get("Target", "").replace("\\", "/")
            kind = attributes.get("Type", "").rpartition("/")[2]
            found[attributes.get("Id", "")] = (kind, posixpath.normpath(posixpath.join("/xl", target)).lstrip("/"))

    if (part := "xl/_rels/workbook.xml.rels") in parts:
        deque(parts.parse(part, start), maxlen=0)
    return found


def _day_styles(parts: Parts, part: str) -> bytearray:
    """Give of each style of cells whether it shows a number as a day."""
    names, styles, inside = LocalNames(), bytearray(), False
    shown = set(DAYS)

    def start(name: str, attributes: dict[str, str]) -> None:
        nonlocal inside
        what = names[name]
        if what == "numFmt" and len(shown) < MOST_STYLES:
            number = int(attributes.get("numFmtId", "0"))
            (shown.add if _shows_day(attributes.get("formatCode", "")) else shown.discard)(number)
        elif what == "cellXfs":
            inside = True
        elif what == "xf" and inside and len(styles) < MOST_STYLES:
            styles.append(int(attributes.get("numFmtId", "0")) in shown)

    def end(name: str) -> None:
        nonlocal inside
        inside = inside and names[name] != "cellXfs"

    if part in parts:
        deque(parts.parse(part, start, end), maxlen=0)
    return styles


def _shows_day(code: str) -> bool:
    """Whether a format shows a day, and no mere number or time: an m without hours or seconds is a month."""
    code = _NO_PART.sub("", code[:MOST_CODE]).lower()
    return code not in GENERAL and ("d" in code or "y" in code or ("m" in code and not {"h", "s"} & set(code)))


class Texts:
    """The texts that cells share, on disk where they are many: a million of them are eight megabytes of memory then."""

    def __init__(self) -> None:
        """Begin with none. Raises OSError."""
        self._file = tempfile.SpooledTemporaryFile(IN_MEMORY)  # noqa: SIM115 - closed in close
        self._ends = array("q", [0])
        self.kept: dict[str, str] = {}

    def add(self, text: str) -> None:
        """Keep a further text. Raises TooMuch."""
        if len(self._ends) > MOST_TEXTS:
            raise TooMuch(f"it has more than {MOST_TEXTS // 1_000_000} million different texts: {AS_CSV}")
        self._ends.append(self._ends[-1] + self._file.write(text.encode("utf-8", "replace")))

    def __getitem__(self, place: str) -> str:
        """Give a text by its number. Raises ValueError."""
        if (text := self.kept.get(place)) is not None:
            return text
        number = int(place)
        if not 0 <= number < len(self._ends) - 1:
            raise ValueError(place)
        begin = self._ends[number]
        self._file.seek(begin)
        text = self._file.read(self._ends[number + 1] - begin).decode("utf-8")
        if len(text) <= KEPT_LENGTH:
            if len(self.kept) >= KEPT:
                self.kept.clear()
            self.kept[place] = text
        return text

    def close(self) -> None:
        """Throw the texts away."""
        self._file.close()


def _read_texts(parts: Parts, part: str, texts: Texts) -> None:
    for ready, _done in parts.children(part, "sst"):
        for one in ready:
            # Nearly all are a text and nothing else.
            plain = len(one) == 1 and not len(one[0])
            texts.add(_clean((one[0].text or "") if plain else said(one))[: MAX_FIELD + 1])


def said(element: Element) -> str:
    """Give a text whose parts are written differently, without how it is spoken, as of Japanese words."""
    texts = []
    for part in element:
        match part.tag.rpartition(":")[2]:
            case "t":
                texts.append(part.text or "")
            case "r":
                texts += [one.text or "" for one in part if one.tag.rpartition(":")[2] == "t"]
    return "".join(texts)


class _Sheet:
    """The rows of one sheet."""

    def __init__(self, texts: Texts, days: bytearray, *, from_1904: bool) -> None:
        self._texts, self._days = texts, days
        self._first_day = date(1904, 1, 1) if from_1904 else date(1899, 12, 30)
        self._from_1904 = from_1904
        self._columns: dict[str, int] = {}
        self._letters = 0

    def rows(self, parts: Parts, part: str) -> Iterator[SheetRow]:
        """Give the rows that have anything in them."""
        number, room = 0, MOST_CELLS
        for ready, done in parts.children(part, "sheetData"):
            for row in ready:
                given = row.get("r")
                number = number + 1 if given is None else int(given)
                if not 0 < number <= MOST_ROWS:
                    raise TooMuch(f"it has more than {MOST_ROWS:,} rows")
                room -= len(row) + 1
                if room < 0:
                    raise TooMuch(f"it has more than {MOST_CELLS // 1_000_000} million cells: {AS_CSV}")
                cells, lost, fault = self._cells(row)
                # A text that all cells share is read as often as they are.
                if self._letters > MOST_BYTES:
                    raise TooMuch(too_large())
                if cells or lost or fault:
                    yield SheetRow(number, cells, tuple(lost), fault, done)

    def _cells(self, row: Element) -> tuple[dict[int, str], list[int], str | None]:
        cells: dict[int, str] = {}
        lost: list[int] = []
        column, size = -1, 0
        columns, kept = self._columns, self._texts.kept
        for cell in row:
            if (place := cell.get("r")) is None:
                column += 1
            elif (known := columns.get(place.rstrip(DIGITS))) is not None:
                column = known
            else:
                column = self._column_of(place)
            # Nearly all cells are of these two kinds.
            if cell.get("t") == "s" and len(cell) == 1 and (known_text := kept.get(cell[0].text or "")) is not None:
                text: str | None = known_text
            else:
                text = self._cell_text(cell)
            if text is None:
                lost.append(column)
            elif text:
                size += len(text)
                if size > MOST_IN_ROW:
                    self._letters += size
                    return {}, [], f"the row is longer than {MOST_IN_ROW:,} characters"
                cells[column] = text
        self._letters += size
        return cells, lost, None

    def _cell_text(self, cell: Element) -> str | None:
        """What a cell says; None where its value is not known, as of a formula that was never computed."""
        kind, value, formula = cell.get("t", "n"), "", False
        for part in cell:
            tag = part.tag
            if tag == "v" or tag.endswith(":v"):
                value = part.text or ""
            elif tag == "is" or tag.endswith(":is"):
                return _clean(said(part))[: MAX_FIELD + 1]
            else:
                formula = formula or tag == "f" or tag.endswith(":f")
        if kind == "e":
            return None
        if not value:
            # A text that a formula gave may be empty.
            return None if formula and kind != "str" else ""
        if kind == "s":
            return self._texts[value]
        if kind == "n":
            return self._number_text(value, cell.get("s"))
        return _other_text(kind, value)

    def _number_text(self, text: str, style: str | None) -> str:
        """What a number says, as a table of text would: a day where it is shown as one."""
        if style and int(style) < len(self._days) and self._days[int(style)]:
            return self._day(float(text)) or text
        if text.isdecimal() and text.isascii() and len(text) <= EXACT_DIGITS:
            return text
        return number_text(float(text))

    def _day(self, value: float) -> str | None:
        if not 1 <= value < MOST_ROWS * 3:
            return None
        # Excel has a 29th of February 1900.
        days = int(value) + (not self._from_1904 and value < 60)  # noqa: PLR2004 - that day
        try:
            return (self._first_day + timedelta(days)).isoformat()
        except OverflowError:
            return None

    def _column_of(self, place: str) -> int:
        letters = place.rstrip(DIGITS)
        column = self._columns.get(letters)
        if column is None:
            column = 0
            for letter in letters[:4].upper():
                column = column * LETTERS + ord(letter) - ord("A") + 1
            if not 0 < column <= MOST_COLUMNS:
                raise TooMuch(f"it has more than {MOST_COLUMNS:,} columns")
            column = self._columns[letters] = column - 1
        return column


def _other_text(kind: str, value: str) -> str:
    if kind == "b":
        return "True" if value == "1" else "False"
    if kind == "d":
        return value[:DAY] if _ISO_DAY.match(value) else value[: MAX_FIELD + 1]
    return _clean(value)[: MAX_FIELD + 1]


def number_text(value: float) -> str:
    """Give a number as a table of text has it."""
    return str(int(value)) if math.isfinite(value) and value.is_integer() and abs(value) < EXACT else repr(value)


def _clean(text: str) -> str:
    """Give a text without blanks around it, its escaped signs as they are, and of a code as a formula the code."""
    if "_x" in text:
        text = _ESCAPED.sub(_sign, text)
    text = text.replace("\0", "").strip()
    return unwrapped(text) if text.startswith("=") else text


def _sign(found: re.Match[str]) -> str:
    sign = chr(int(found[1], 16))
    return "" if "\ud800" <= sign <= "\udfff" else sign
