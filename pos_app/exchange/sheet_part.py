"""The XML inside of packed spreadsheets: read once, never held, and with a limit to all that it may have."""

import zipfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO, NamedTuple
from xml.etree.ElementTree import Element, TreeBuilder  # noqa: S405 - only the tree; nothing is parsed by it
from xml.parsers import expat

from pos_app.aside import give_way

# So little that what comes of it is little, whatever it says.
CHUNK = 8_192
# What is read of a file may unpack to so much: a million rows of the shop's own columns are 1.4 GB.
MOST_BYTES = 2_000_000_000
# Such a million has 27 million.
MOST_CELLS = 30_000_000
MOST_ELEMENTS = 4 * MOST_CELLS
# Where Excel ends; LibreOffice does too.
MOST_ROWS, MOST_COLUMNS = 1_048_576, 16_384
# All cells of a row together, as in a line of text.
MOST_IN_ROW = 1_000_000
# So much may come before a row or a text ends.
MOST_UNFINISHED = 1_000_000
# A tag or a comment, which the parser holds whole; names, which it keeps; and elements in each other.
MOST_IN_TAG = 1_000_000
MOST_NAMES = 1_000
MOST_DEPTH = 100
END_OF_PART = 2.0
# The list of a file's parts, which is read whole.
MOST_LISTED = 5_000_000
AS_CSV = "save it as CSV (comma-separated), which has no limit"
_END, _END_64, _END_SIZE = b"PK\x05\x06", b"PK\x06\x07", 22
_LONGEST_END = 65_557

Start = Callable[[str, dict[str, str]], None]
End = Callable[[str], None]
Text = Callable[[str], None]


class TooMuch(Exception):
    """What no honest file holds, or more than is taken of one."""


class SheetRow(NamedTuple):
    """A row: its number from 1, its texts by their column from 0, columns without their value, and its own fault.

    `done` is how much of the sheet is read with it, of 1.
    """

    number: int
    cells: dict[int, str]
    lost: tuple[int, ...]
    fault: str | None
    done: float


class LocalNames(dict[str, str]):
    """What elements are called without their namespace; asked once for each."""

    def __missing__(self, name: str) -> str:
        local = self[name] = name.rpartition(":")[2]
        return local


class Parts:
    """The parts of a packed file, by their names in small letters."""

    def __init__(self, packed: zipfile.ZipFile) -> None:
        """Take the list of them."""
        self._packed = packed
        self._entries = {entry.filename.replace("\\", "/").lower(): entry for entry in packed.infolist()}
        self._read = 0

    def __contains__(self, name: str) -> bool:
        """Whether there is such a part."""
        return name.lower() in self._entries

    def beginning(self, name: str, size: int) -> bytes:
        """Give the first bytes of a part."""
        with self._packed.open(self._entries[name.lower()]) as stream:
            return stream.read(size)

    def parse(self, name: str, start: Start, end: End | None = None, text: Text | None = None) -> Iterator[float]:
        """Tell of a part's elements and texts as they come; after each step gives how much of it is read, of 1.

        Raises TooMuch and expat.ExpatError, and what zipfile does.
        """
        return self._feed(name, _parser(start, end, text))

    def children(self, name: str, parent: str) -> Iterator[tuple[list[Element], float]]:
        """Give what is inside of the first element called so as it comes to its end, with how much of the part is read.

        Nothing of Python is called for an element: five calls a cell would take four times as long. Raises as `parse`.
        """
        names, tree, inside, outside, quiet = LocalNames(), TreeBuilder(), list[Element](), list[Element](), 0  # noqa: S314

        def start(name: str, attributes: dict[str, str]) -> None:
            if names[name] == parent:
                outside.append(tree.start("outside", {}))
                inside.append(tree.start(name, attributes))
                parser.StartElementHandler = tree.start
                parser.EndElementHandler = tree.end
                parser.CharacterDataHandler = tree.data

        parser = _parser(start, None, None)
        for done in self._feed(name, parser):
            if not inside:
                continue
            # The last one may be under way, but where something follows behind all of them or the part is over.
            over = len(outside[0]) > 1 or done > 1
            ready = inside[0][:] if over else inside[0][:-1]
            del inside[0][: len(ready)]
            quiet = 0 if ready else quiet + CHUNK
            if quiet > MOST_UNFINISHED:
                raise TooMuch(f"a row or a text in it is longer than {MOST_UNFINISHED:,} bytes")
            yield ready, done
            if over:
                return

    def _feed(self, name: str, parser: expat.XMLParserType) -> Iterator[float]:
        """Feed a part to a parser; gives how much of it is read, of 1, and more than 1 at its end."""
        entry = self._entries[name.lower()]
        whole = max(entry.file_size, 1)
        # What an entry says of its own size is not believed: it is read to its real end.
        entry.file_size = MOST_BYTES + CHUNK
        fed = 0
        try:
            with self._packed.open(entry) as stream:
                while chunk := stream.read(CHUNK):
                    give_way()
                    fed += len(chunk)
                    self._read += len(chunk)
                    if self._read > MOST_BYTES:
                        raise TooMuch(too_large())
                    parser.Parse(chunk)
                    if fed - parser.CurrentByteIndex > MOST_IN_TAG:
                        raise TooMuch(f"a tag or comment in it is longer than {MOST_IN_TAG:,} bytes")
                    if len(parser.intern) > MOST_NAMES:
                        raise TooMuch("its elements have more names than those of spreadsheets")
                    yield min(fed / whole, 1)
                parser.Parse(b"", True)  # noqa: FBT003 - expat's own
                yield END_OF_PART
        finally:
            entry.file_size = whole


def too_large() -> str:
    """Say that there is more in a file than is read of one."""
    return f"it unpacks to more than {MOST_BYTES // 1_000_000:,} MB"


@contextmanager
def open_parts(path: Path) -> Iterator[Parts]:
    """Open a packed file. Raises TooMuch, OSError and zipfile.BadZipFile."""
    with path.open("rb") as file:
        if _listed(file) > MOST_LISTED:
            raise TooMuch("it is a heap of more files than a spreadsheet has")
        with zipfile.ZipFile(file) as packed:
            yield Parts(packed)


def _listed(file: BinaryIO) -> int:
    """How long the list of a packed file's parts is, which the library reads whole."""
    size = file.seek(0, 2)
    file.seek(max(0, size - _LONGEST_END - len(_END)))
    tail = file.read()
    place = tail.rfind(_END)
    stated = int.from_bytes(tail[place + 12 : place + 16], "little") if place >= 0 else 0
    if stated == 0xFFFFFFFF and tail[place - 20 : place - 16] == _END_64:
        file.seek(min(int.from_bytes(tail[place - 12 : place - 4], "little"), size))
        stated = int.from_bytes(file.read(56)[40:48], "little")
    file.seek(0)
    return stated


def _parser(start: Start, end: End | None, text: Text | None) -> expat.XMLParserType:
    """Make a parser that counts, and that stops where a file wants to declare something: sheets never do."""
    parser = expat.ParserCreate()
    parser.buffer_text = True
    room, depth = MOST_ELEMENTS, 0

    def counted_start(name: str, attributes: dict[str, str]) -> None:
        nonlocal room, depth
        room -= 1
        depth += 1
        if not room or depth > MOST_DEPTH:
            nested = f"its elements are nested more than {MOST_DEPTH} deep"
            raise TooMuch(f"it has more than {MOST_ELEMENTS // 1_000_000} million elements" if not room else nested)
        start(name, attributes)

    def counted_end(name: str) -> None:
        nonlocal depth
        depth -= 1
        if end is not None:
            end(name)

    def declared(*_said: object) -> None:
        raise TooMuch("it declares entities of its own, which is not accepted")

    parser.StartElementHandler = counted_start
    parser.EndElementHandler = counted_end
    if text is not None:
        parser.CharacterDataHandler = text
    parser.StartDoctypeDeclHandler = declared
    return parser
