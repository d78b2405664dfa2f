"""The XML under ONIX for Books: one product at a time, in bounded memory, with no entity of the file's own.

Entities a file declares are refused (they are how a small file becomes a huge one, or reads other files); the
named letters of HTML, which ONIX 2.1 allows, come from Python's own table.
"""

import codecs
import re
from collections.abc import Iterator
from html.entities import html5
from pathlib import Path
from typing import BinaryIO
from xml.etree.ElementTree import Element, TreeBuilder  # noqa: S405 - only the tree; nothing is parsed by it
from xml.parsers import expat

from pos_app.errors import Refused
from pos_app.exchange.csv_books import WINDOWS
from pos_app.exchange.packed import UNREADABLE, open_unpacked, why_unreadable

CHUNK = 65_536
MAX_RECORD = 4_000_000
MAX_TAG = 1_000_000
MAX_DEPTH = 60
_DECLARED = re.compile(rb"""<\?xml[^>]{0,200}?encoding\s*=\s*["']([A-Za-z0-9._-]{1,40})["']""")
_LEGACY = ("iso8859", "cp", "mac-", "koi8", "big5", "gb", "euc", "shift_jis")
_CONTROL = dict.fromkeys([*range(9), 11, 12, *range(14, 32), 0xFFFE, 0xFFFF, *range(0xD800, 0xE000)], " ")


def read_elements(path: Path, wanted: frozenset[str]) -> Iterator[Element]:
    """Yield every element whose name (without namespace, in small letters) is wanted, whole, outermost only.

    Raises Refused("import.unreadable") at the place where the file stops to be XML, is an attack, or cannot be read.
    """
    parser = _Parser(wanted)
    try:
        with open_unpacked(path) as file:
            decode = codecs.getincrementaldecoder(_encoding(file))(_errors(file)).decode
            file.seek(0)
            while data := file.read(CHUNK):
                parser.feed(decode(data))
                yield from parser.take()
            parser.feed(decode(b"", final=True), last=True)
            yield from parser.take()
    except expat.ExpatError as error:
        yield from parser.take()
        reason = f"line {error.lineno}: {expat.ErrorString(error.code)}"
        raise Refused("import.unreadable", path=str(path), reason=reason) from error
    except _Attack as error:
        yield from parser.take()
        raise Refused("import.unreadable", path=str(path), reason=str(error)) from error
    except UNREADABLE as error:
        raise Refused("import.unreadable", path=str(path), reason=why_unreadable(error)) from error


class _Attack(Exception):
    """What no honest file holds."""


def _encoding(file: BinaryIO) -> str:
    """The encoding a file has, which is not always the one it claims."""
    file.seek(0)
    head = file.read(400)
    if head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return "utf-16"
    if head[:2] in (b"<\0", b"\0<"):
        return "utf-16-le" if head[1:2] == b"\0" else "utf-16-be"
    match = _DECLARED.search(head)
    claimed = match[1].decode("ascii") if match else "utf-8"
    try:
        name = codecs.lookup(claimed).name
    except LookupError:
        name = "utf-8"
    # Python knows codecs that are no encodings of files (punycode, rot13); only these are.
    if not name.startswith(_LEGACY) or head.startswith(codecs.BOM_UTF8) or _is_utf8(file):
        return "utf-8-sig"
    return "cp1252" if name == "iso8859-1" else name


def _errors(file: BinaryIO) -> str:
    return WINDOWS if _encoding(file) == "utf-8-sig" else "replace"


def _is_utf8(file: BinaryIO) -> bool:
    """Whether all bytes are UTF-8; a text of another encoding with letters outside ASCII practically never is."""
    file.seek(0)
    decoder = codecs.getincrementaldecoder("utf-8")()
    try:
        while data := file.read(CHUNK):
            decoder.decode(data)
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return False
    return True


class _Parser:
    def __init__(self, wanted: frozenset[str]) -> None:
        self._wanted = wanted
        self._ready: list[Element] = []
        self._tree: TreeBuilder | None = None
        self._depth = self._inside = self._size = self._silent = 0
        self._heard = False
        parser = expat.ParserCreate("utf-8")
        parser.buffer_text = True
        parser.UseForeignDTD(True)  # noqa: FBT003 - undeclared entities are handed over instead of ending the file
        parser.StartElementHandler = self._start
        parser.EndElementHandler = self._end
        parser.CharacterDataHandler = self._text
        parser.SkippedEntityHandler = self._named
        parser.EntityDeclHandler = self._declared
        self._expat = parser

    def feed(self, text: str, *, last: bool = False) -> None:
        self._heard = False
        data = text.translate(_CONTROL).encode()
        self._expat.Parse(data, last)
        self._silent = 0 if self._heard else self._silent + len(data)
        if self._silent > MAX_TAG:
            raise _Attack(f"a tag or comment is longer than {MAX_TAG:,} bytes")

    def take(self) -> list[Element]:
        ready, self._ready = self._ready, []
        return ready

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        self._heard = True
        self._depth += 1
        if self._depth > MAX_DEPTH:
            raise _Attack(f"its elements are nested more than {MAX_DEPTH} deep")
        local = name.rpartition(":")[2].lower()
        if self._tree is None and local in self._wanted:
            self._tree, self._inside, self._size = TreeBuilder(), self._depth, 0  # noqa: S314 - builds, parses nothing
        if self._tree is not None:
            self._grow(len(name) + sum(map(len, attributes.values())) + 50)
            self._tree.start(local, attributes)

    def _end(self, name: str) -> None:
        self._heard = True
        if self._tree is not None:
            self._tree.end(name.rpartition(":")[2].lower())
            if self._depth == self._inside:
                self._ready.append(self._tree.close())
                self._tree = None
        self._depth -= 1

    def _text(self, text: str) -> None:
        self._heard = True
        if self._tree is not None:
            self._grow(len(text))
            self._tree.data(text)

    def _grow(self, by: int) -> None:
        self._size += by
        if self._size > MAX_RECORD:
            raise _Attack(f"a record is longer than {MAX_RECORD:,} characters")

    def _named(self, name: str, is_parameter: bool) -> None:  # noqa: FBT001 - expat's signature
        if not is_parameter:
            self._text(html5.get(name + ";", f"&{name};"))

    def _declared(self, name: str, *_rest: object) -> None:
        raise _Attack(f"it declares an entity of its own ({name[:40]}), which is not accepted")
