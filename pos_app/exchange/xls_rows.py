"""Sheets of the old Excel format (xls), which its library holds whole: weighed before it is opened."""

import struct
from array import array
from collections.abc import Iterator
from contextlib import suppress
from datetime import date, datetime
from pathlib import Path

import python_calamine
from python_calamine import CalamineWorkbook

from pos_app.exchange.cell import unwrapped
from pos_app.exchange.sheet_part import SheetRow, TooMuch
from pos_app.exchange.xlsx_rows import number_text

# What the library may need for a file, as weighed here.
MOST_MEMORY = 110_000_000
LARGER = "it says that it is larger than sheets of its format are"
AS_XLSX = "save it as xlsx or as CSV"
# Bytes that the library needs for a text or a cell that is there, for a place in a sheet, and for a formula's letters.
A_CELL, A_PLACE, A_FORMULA = 48, 32, 16
MOST_ROWS, MOST_COLUMNS, MOST_SHEETS = 65_536, 256, 255
END_OF_CHAIN = 0xFFFFFFFA
ENTRY, LISTED, SMALL, ROOT = 128, 109, 64, 5
STREAMS = ("Workbook", "Book")
# What a text says of itself.
TWO_BYTES, SPOKEN, SEVERAL_FONTS = 1, 4, 8
# Records of the stream, by their numbers.
EOF, SHEET, TEXTS, FURTHER, SIZE, LABEL_OF_TEXTS, FORMULA, SEVERAL = 0x0A, 0x85, 0xFC, 0x3C, 0x200, 0xFD, 0x06, 0xBD
CELLS = frozenset((LABEL_OF_TEXTS, FORMULA, SEVERAL, 0x203, 0x204, 0x205, 0x27E, 0xD6, 0x01, 0x02, 0x03, 0x04, 0x05))


def xls_rows(path: Path) -> Iterator[SheetRow]:
    """Give the rows of the first sheet that has anything in it.

    Raises TooMuch, and what the library raises: CalamineError, ValueError, and a panic of its own.
    """
    _weigh(path)
    book = CalamineWorkbook.from_path(path)
    for place, about in enumerate(book.sheets_metadata):
        if about.typ is not python_calamine.SheetTypeEnum.WorkSheet:
            continue
        sheet = book.get_sheet_by_index(place)
        if not (height := sheet.height):
            continue
        # Rows come with the empty ones above, but without the empty columns at their left.
        left = (sheet.start or (0, 0))[1]
        for number, cells in enumerate(sheet.iter_rows(), start=1):
            said = {at: text for at, cell in enumerate(cells, left) if (text := _text(cell))}
            if said:
                yield SheetRow(number, said, (), None, min(number / height, 1))
        return


def _text(cell: object) -> str:
    """What a cell says, as a table of text would say it."""
    if isinstance(cell, float):
        return number_text(cell)
    if isinstance(cell, datetime):
        return cell.date().isoformat()
    if isinstance(cell, date):
        return cell.isoformat()
    return unwrapped(str(cell).replace("\0", "").strip())


def _weigh(path: Path) -> None:
    """Refuse a file of which the library would need too much memory. Raises TooMuch, ValueError, struct.error."""
    size = path.stat().st_size
    # It holds the file and the stream inside of it.
    if 2 * size > MOST_MEMORY:
        raise TooMuch(_heavy())
    stream = _stream(path.read_bytes())
    if stream is not None and 2 * size + _weight(stream) > MOST_MEMORY:
        raise TooMuch(_heavy())


def _heavy() -> str:
    return f"it is larger than sheets of the old format are taken: {AS_XLSX}"


def _stream(data: bytes) -> bytes | None:
    """Take the stream of the sheets out of the file; None where there is none, as of one that a password protects."""
    box = _Container(data)
    entries = list(box.entries())
    if any(name == "_VBA_PROJECT_CUR" for name, _start, _size in entries):
        raise TooMuch(f"it has programs (macros) in it: {AS_XLSX}")
    for wanted in STREAMS:
        for name, start, size in entries:
            if name == wanted:
                return box.stream(start, size)
    return None


class _Container:
    """A compound file: streams by name in chains of sectors, small ones inside of the stream of its root."""

    def __init__(self, data: bytes) -> None:
        self._data = data
        self._sector = 1 << min(struct.unpack_from("<H", data, 30)[0], 12)
        count, self._first, self._cutoff, self._small_first, further = struct.unpack_from("<II4xII4xI", data, 44)
        self._root = END_OF_CHAIN
        listed = list(struct.unpack_from(f"<{LISTED}I", data, 76))
        while further < END_OF_CHAIN and len(listed) < count and len(part := self._at(further)) == self._sector:
            *more, further = struct.unpack(f"<{self._sector // 4}I", part)
            listed += more
        self._table = array("I")
        for number in listed[:count]:
            if number < END_OF_CHAIN and len(part := self._at(number)) == self._sector:
                self._table.frombytes(part)

    def entries(self) -> Iterator[tuple[str, int, int]]:
        """Give what is in it: name, where it starts, and how long it is."""
        entries = self._chain(self._first)
        for begin in range(0, len(entries) - ENTRY + 1, ENTRY):
            length, kind = struct.unpack_from("<HB", entries, begin + 64)
            start, size = struct.unpack_from("<II", entries, begin + 116)
            if kind == ROOT:
                self._root = start
            yield entries[begin : begin + max(0, min(length, 64) - 2)].decode("utf-16-le", "replace"), start, size

    def stream(self, start: int, size: int) -> bytes:
        """Give a stream."""
        if size >= self._cutoff:
            return self._chain(start)[:size]
        links, within, parts = array("I", self._chain(self._small_first)), self._chain(self._root), list[bytes]()
        while start < len(links) and len(parts) * SMALL < len(within):
            parts.append(within[start * SMALL : (start + 1) * SMALL])
            start = links[start]
        return b"".join(parts)[:size]

    def _at(self, number: int) -> bytes:
        return self._data[(number + 1) * self._sector : (number + 2) * self._sector]

    def _chain(self, number: int) -> bytes:
        parts: list[bytes] = []
        while number < len(self._table) and len(parts) * self._sector < len(self._data):
            parts.append(self._at(number))
            number = self._table[number]
        return b"".join(parts)


# Where a sheet begins; its rows and columns, as Excel tells them since 97; a cell's row, column and format; which text.
_BEGIN, _EXTENT, _CELL, _TEXT_CELL = map(struct.Struct, ("<I", "<4xI2xH", "<HH2x", "<6xI"))


def _records(stream: bytes, begin: int) -> Iterator[tuple[int, int, int]]:
    """Give the records up to the end of what begins there: their kind, and where they begin and end."""
    while begin + 4 <= len(stream):
        kind, length = struct.unpack_from("<HH", stream, begin)
        if kind == EOF:
            return
        yield kind, begin + 4, min(begin + 4 + length, len(stream))
        begin += 4 + length


def _weight(stream: bytes) -> int:
    """What the library will need for the sheets, in bytes."""
    sheets: list[int] = []
    texts: list[tuple[int, int]] = []
    in_texts = False
    for kind, begin, end in _records(stream, 0):
        in_texts = kind == TEXTS or (in_texts and kind == FURTHER)
        if in_texts:
            texts = [(begin, end)] if kind == TEXTS else [*texts, (begin, end)]
        elif kind == SHEET and end - begin >= _BEGIN.size:
            sheets.append(_BEGIN.unpack_from(stream, begin)[0])
    if len(sheets) > MOST_SHEETS:
        raise TooMuch(f"it has more than {MOST_SHEETS} sheets: {AS_XLSX}")
    lengths = _lengths(stream, texts) if texts else array("I")
    weight = A_CELL * len(lengths) + sum(lengths)
    for begin in sheets:
        weight += _weight_of_sheet(stream, begin, lengths, MOST_MEMORY - weight)
        if weight > MOST_MEMORY:
            break
    return weight


def _weight_of_sheet(stream: bytes, begin: int, lengths: "array[int]", most: int) -> int:
    weight: int = 0
    bottom = right = 0
    top, left = MOST_ROWS, MOST_COLUMNS
    for kind, first, end in _records(stream, begin):
        if kind == SIZE and end - first >= _EXTENT.size:
            rows, columns = _EXTENT.unpack_from(stream, first)
            if rows > MOST_ROWS or columns > MOST_COLUMNS:
                raise TooMuch(LARGER)
        if kind not in CELLS or end - first < _CELL.size:
            # The text that a formula gave.
            weight += end - first if kind in (0x207, FURTHER) else 0
            continue
        row, column = _CELL.unpack_from(stream, first)
        last = column
        if kind == SEVERAL:
            last = max(column, struct.unpack_from("<H", stream, end - 2)[0])
        if last >= MOST_COLUMNS:
            raise TooMuch(LARGER)
        weight += A_CELL * (last - column + 1)
        if kind == LABEL_OF_TEXTS and end - first >= _TEXT_CELL.size:
            number = _TEXT_CELL.unpack_from(stream, first)[0]
            weight += lengths[number] if number < len(lengths) else 0
        else:
            weight += (end - first) * (A_FORMULA if kind == FORMULA else 1)
        top, bottom, left, right = min(top, row), max(bottom, row), min(left, column), max(right, last)
        if weight > most:
            return weight
    return weight + A_PLACE * max(0, bottom - top + 1) * max(0, right - left + 1)


def _lengths(stream: bytes, parts: list[tuple[int, int]]) -> "array[int]":
    """How many bytes each of the shared texts can come to."""
    stated = struct.unpack_from("<I", stream, parts[0][0] + 4)[0]
    if stated > len(stream):
        raise TooMuch("it says that it has more texts than it can hold")
    texts, lengths = _SharedTexts(stream, parts), array("I")
    with suppress(EOFError):
        for _ in range(stated):
            lengths.append(texts.skip())
    return lengths


class _SharedTexts:
    """Goes through texts that lie in several records, one after the other."""

    def __init__(self, stream: bytes, parts: list[tuple[int, int]]) -> None:
        self._stream, self._parts = stream, iter(parts)
        self._turn()
        self._place += 8

    def _turn(self) -> None:
        """Go on in the next record. Raises EOFError."""
        self._place, self._end = next(self._parts, (-1, -1))
        if self._place < 0:
            raise EOFError

    def skip(self) -> int:
        """Go past a text; gives how many bytes it can come to."""
        while self._place >= self._end:
            self._turn()
        letters, flags = struct.unpack_from("<HB", self._stream, self._place)
        self._place += 3
        behind = 0
        if flags & SEVERAL_FONTS:
            behind += 4 * struct.unpack_from("<H", self._stream, self._place)[0]
            self._place += 2
        if flags & SPOKEN:
            behind += struct.unpack_from("<I", self._stream, self._place)[0]
            self._place += 4
        self._skip_letters(letters, 1 + (flags & TWO_BYTES))
        while behind > self._end - self._place:
            behind -= max(0, self._end - self._place)
            self._turn()
        self._place += behind
        return int(letters * 3)

    def _skip_letters(self, letters: int, width: int) -> None:
        """Go past letters; each record says anew how wide they are."""
        while True:
            taken = min(letters, max(0, self._end - self._place) // width)
            letters -= taken
            self._place += taken * width
            if not letters:
                return
            self._turn()
            width = 1 + (self._stream[self._place] & TWO_BYTES)
            self._place += 1
