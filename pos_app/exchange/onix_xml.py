"""The XML under ONIX for Books: one product at a time, in bounded memory, with no entity of the file's own.

Entities a file declares are refused (they are how a small file becomes a huge one, or reads other files); the
named letters of HTML, which ONIX 2.1 allows, come from Python's own table.
"""

import codecs
import re
from collections.abc import Iterator, Mapping
from html.entities import html5
from pathlib import Path
from types import MappingProxyType
from typing import BinaryIO
from xml.etree.ElementTree import Element, TreeBuilder  # noqa: S405 - only the tree; nothing is parsed by it
from xml.parsers import expat

from pos_app.aside import give_way
from pos_app.errors import Refused
from pos_app.exchange.csv_books import WINDOWS
from pos_app.exchange.packed import UNREADABLE, open_unpacked, place_in, why_unreadable
from pos_app.exchange.title import Reached, nothing

CHUNK = 65_536
MAX_RECORD = 4_000_000
MAX_TAG = 1_000_000
MAX_DEPTH = 60
MAX_ELEMENTS = 80_000
# Of a file whose every element has a name of its own.
MAX_NAMES = 10_000
_DECLARED = re.compile(rb"""<\?xml[^>]{0,200}?encoding\s*=\s*["']([A-Za-z0-9._-]{1,40})["']""")
# Of what the library says, what a person can mend something by.
_FAULTS = {
    expat.errors.XML_ERROR_NO_ELEMENTS: "the file ends before anything was told",
    expat.errors.XML_ERROR_UNCLOSED_TOKEN: "the file ends in the middle of a tag",
    expat.errors.XML_ERROR_TAG_MISMATCH: "a tag is closed that was not opened last",
    expat.errors.XML_ERROR_DUPLICATE_ATTRIBUTE: "a tag says the same thing twice",
    expat.errors.XML_ERROR_JUNK_AFTER_DOC_ELEMENT: "something stands behind the end of the message",
    expat.errors.XML_ERROR_UNCLOSED_CDATA_SECTION: "the file ends in the middle of a text",
    expat.errors.XML_ERROR_INVALID_TOKEN: "a sign stands where XML has none, such as a bare & or <",
}
_NO_WORDS: Mapping[str, str] = MappingProxyType({})
_LEGACY = ("iso8859", "cp", "mac-", "koi8", "big5", "gb", "euc", "shift_jis")
# Control characters, which XML does not allow and files hold all the same.
_BLANKS = bytes(32 if code < 32 and code not in b"\t\n\r" else code for code in range(256))


def read_elements(
    path: Path, wanted: frozenset[str], words: Mapping[str, str] = _NO_WORDS, reached: Reached = nothing
) -> Iterator[Element]:
    """Yield every element whose name (without namespace, in small letters) is wanted, whole, outermost only.

    `words` are other names for some, which they are given instead. `reached` gets how many bytes are read.

    Raises Refused("import.unreadable") at the place where the file stops to be XML, is an attack, or cannot be read.
    """
    parser = _Parser(wanted, words)
    try:
        with open_unpacked(path) as file:
            decode = codecs.getincrementaldecoder(_encoding(file))(_errors(file)).decode
            file.seek(0)
            while data := file.read(CHUNK):
                parser.feed(decode(data))
                reached(place_in(file))
                yield from parser.take()
            parser.feed(decode(b"", final=True), last=True)
            yield from parser.take()
    except expat.ExpatError as error:
        yield from parser.take()
        reason = f"line {error.lineno}: {_FAULTS.get(expat.ErrorString(error.code), 'it is no XML from here on')}"
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


class _Names(dict[str, str]):
    """What elements are called without their namespace, in small letters and in other words; asked once for each."""

    def __init__(self, words: Mapping[str, str]) -> None:
        self._words = words

    def __missing__(self, name: str) -> str:
        local = name.rpartition(":")[2].lower()
        known = self._words.get(local, local)
        if len(self) < MAX_NAMES:
            self[name] = known
        return known


class _Parser:
    """Builds what is wanted and lets go of the rest. Text goes from one library in C to the other past all of this."""

    def __init__(self, wanted: frozenset[str], words: Mapping[str, str]) -> None:
        self._wanted = wanted
        self._names = _Names(words)
        self._ready: list[Element] = []
        self._tree: TreeBuilder | None = None
        # Bytes handed over, and where the record under way began.
        self._fed = self._begun = 0
        self._depth = self._silent = 0
        self._heard = False
        parser = expat.ParserCreate("utf-8")
        parser.buffer_text = True
        parser.UseForeignDTD(True)  # noqa: FBT003 - undeclared entities are handed over instead of ending the file
        parser.SkippedEntityHandler = self._named
        parser.EntityDeclHandler = self._declared
        self._expat = parser
        self._look_out()

    def feed(self, text: str, *, last: bool = False) -> None:
        self._heard = False
        data = text.encode("utf-8", "replace").translate(_BLANKS)
        if b"\xef\xbf" in data:
            data = data.replace(b"\xef\xbf\xbe", b" ").replace(b"\xef\xbf\xbf", b" ")
        self._expat.Parse(data, last)
        self._fed += len(data)
        self._silent = 0 if self._heard or self._tree is not None else self._silent + len(data)
        if self._silent > MAX_TAG:
            raise _Attack(f"a tag or comment is longer than {MAX_TAG:,} bytes")
        if self._tree is not None and self._fed - self._begun > MAX_RECORD:
            raise _Attack(f"a record is longer than {MAX_RECORD:,} characters")

    def take(self) -> list[Element]:
        ready, self._ready = self._ready, []
        return ready

    def _look_out(self) -> None:
        """Build nothing until something wanted begins."""
        self._tree = None
        self._expat.StartElementHandler = self._start
        self._expat.EndElementHandler = self._end
        self._expat.CharacterDataHandler = self._hear

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        self._heard = True
        self._depth += 1
        if self._depth > MAX_DEPTH:
            raise _Attack(f"its elements are nested more than {MAX_DEPTH} deep")
        if self._names[name] in self._wanted:
            self._build(name, attributes)

    def _build(self, name: str, attributes: dict[str, str]) -> None:
        """Build a record, by functions that know nothing but it: they are called for each of its elements."""
        tree = TreeBuilder()  # noqa: S314 - builds, parses nothing
        names, start, end = self._names, tree.start, tree.end
        depth, room = self._depth, MAX_ELEMENTS

        def start_inside(name: str, attributes: dict[str, str]) -> None:
            nonlocal depth, room
            depth += 1
            room -= 1
            if depth > MAX_DEPTH or not room:
                nested = f"its elements are nested more than {MAX_DEPTH} deep"
                raise _Attack(nested if room else f"a record has more than {MAX_ELEMENTS:,} elements")
            start(names[name], attributes)

        def end_inside(name: str) -> None:
            nonlocal depth
            give_way()
            end(name)
            depth -= 1
            if depth < self._depth:
                self._depth = depth
                self._heard = True
                self._ready.append(tree.close())
                self._look_out()

        start(names[name], attributes)
        self._tree, self._begun = tree, self._fed
        self._expat.StartElementHandler = start_inside
        self._expat.EndElementHandler = end_inside
        self._expat.CharacterDataHandler = tree.data

    def _end(self, _name: str) -> None:
        self._heard = True
        self._depth -= 1

    def _hear(self, _text: str) -> None:
        self._heard = True

    def _named(self, name: str, is_parameter: bool) -> None:  # noqa: FBT001 - expat's signature
        if not is_parameter and self._tree is not None:
            self._tree.data(html5.get(name + ";", f"&{name};"))

    def _declared(self, name: str, *_rest: object) -> None:
        raise _Attack(f"it declares an entity of its own ({name[:40]}), which is not accepted")
