"""MARC 21 as neutral titles: ISO 2709 (MARC-8 or UTF-8, whatever the leader claims) and MARCXML.

Fields and subfields: Library of Congress, "MARC 21 Format for Bibliographic Data".
"""

import logging
import re
import unicodedata
import warnings
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO

from pymarc import Record
from pymarc.exceptions import BadSubfieldCodeWarning, PymarcException

from pos_app.domain.isbn import repair_isbn
from pos_app.errors import PosError, Refused
from pos_app.exchange.onix_xml import read_elements
from pos_app.exchange.packed import UNREADABLE, open_unpacked, place_in, why_unreadable
from pos_app.exchange.title import MAX_TITLE, FileTitle, Reached, nothing
from pos_app.messages import sentence

CHUNK = 65_536
END = b"\x1d"
# ISO 2709 writes a record's length in five digits.
MAX_RECORD = 99_999
LEADER = 24
# Its warnings hold whole fields of the file, and name neither file nor record.
logging.getLogger("pymarc").setLevel(logging.CRITICAL)
_YEAR = re.compile(r"[12][0-9]{3}")


@dataclass(frozen=True, slots=True)
class _Fields:
    """A record's fields by tag: control fields' text, and subfields as (code, text)."""

    control: dict[str, str] = field(default_factory=dict)
    data: dict[str, list[list[tuple[str, str]]]] = field(default_factory=dict)

    def all(self, tag: str, codes: str) -> list[str]:
        """For each field of this tag, its subfields with these codes in one text."""
        found = self.data.get(tag, [])
        return [" ".join(text for code, text in one if code and code in codes and text) for one in found]

    def first(self, codes: str, *tags: str) -> str:
        return next((text for tag in tags for text in self.all(tag, codes) if text), "")


def read_marc(path: Path, reached: Reached = nothing) -> Iterator[FileTitle]:
    """Every record in its order; one that cannot be read has a `fault` and stops no other.

    `reached` gets how many bytes are read. Raises Refused("import.unreadable").
    """
    try:
        with open_unpacked(path) as file:
            head = file.read(CHUNK).lstrip(b"\xef\xbb\xbf \t\r\n")
            file.seek(0)
            if not head.startswith(b"<"):
                yield from _from_iso(path, file, reached)
                return
    except UNREADABLE as error:
        raise Refused("import.unreadable", path=str(path), reason=why_unreadable(error)) from error
    yield from _from_xml(path, reached)


def _from_iso(path: Path, file: BinaryIO, reached: Reached) -> Iterator[FileTitle]:
    number = 0
    for data in _split(file):
        reached(place_in(file))
        if number == 0 and not data[:5].isdigit():
            raise Refused("import.unreadable", path=str(path), reason="it is no MARC file")
        number += 1
        if len(data) > MAX_RECORD:
            yield FileTitle(number, fault=f"the record is longer than {MAX_RECORD:,} bytes")
            continue
        try:
            yield _title(_decoded(data), number)
        # pymarc lets what a broken directory leads to through as it comes.
        except (PymarcException, ValueError, IndexError, KeyError, TypeError):
            yield FileTitle(number, fault="it is no whole MARC record: the list of its fields does not fit them")
    if number == 0:
        raise Refused("import.unreadable", path=str(path), reason="it holds no MARC record")


def _split(file: BinaryIO) -> Iterator[bytes]:
    """Records by their end mark, as their stated lengths are often wrong; of one too long only the start is kept."""
    rest = b""
    while data := file.read(CHUNK):
        *whole, tail = data.split(END)
        for part in whole:
            if record := (rest + part).lstrip(b"\r\n \0"):
                yield record + END
            rest = b""
        rest = rest + tail if len(rest) <= MAX_RECORD else rest
    if record := rest.strip(b"\r\n \0\x1a"):
        yield record


def _decoded(data: bytes) -> _Fields:
    data = b"%05d" % len(data) + data[5:]
    utf8 = True
    try:
        data.decode("utf-8")
    except UnicodeDecodeError:
        # Bytes that claim to be UTF-8 and are not are replaced one by one; without the claim they are MARC-8.
        utf8 = data[9:10] == b"a"
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", BadSubfieldCodeWarning)
        record = Record(data, to_unicode=True, force_utf8=utf8, hide_utf8_warnings=True, utf8_handling="replace")
    fields = _Fields()
    for one in record.fields:
        if one.is_control_field():
            fields.control.setdefault(one.tag, one.data or "")
        else:
            parts = [(sub.code, _clean(sub.value)) for sub in one.subfields]
            fields.data.setdefault(one.tag, []).append(parts)
    return fields


def _from_xml(path: Path, reached: Reached) -> Iterator[FileTitle]:
    number = 0
    try:
        for element in read_elements(path, frozenset({"record"}), reached=reached):
            number += 1
            fields = _Fields()
            for one in element.iter("controlfield"):
                fields.control.setdefault(one.get("tag", ""), one.text or "")
            for one in element.iter("datafield"):
                parts = [(sub.get("code", ""), _clean(sub.text or "")) for sub in one.iter("subfield")]
                fields.data.setdefault(one.get("tag", ""), []).append(parts)
            yield _title(fields, number)
    except Refused as error:
        if number == 0:
            raise
        yield FileTitle(number + 1, fault=sentence(error))
    else:
        if number == 0:
            raise Refused("import.unreadable", path=str(path), reason="it holds no MARC record")


def _clean(text: str) -> str:
    """Composed letters: catalogues write marks apart from their letters."""
    return " ".join(unicodedata.normalize("NFC", text).split())


def _title(fields: _Fields, number: int) -> FileTitle:
    isbn = _isbn(fields.all("020", "a"))
    title = fields.first("abnp", "245").rstrip(" /:;,=")
    if len(title) > MAX_TITLE:
        title = fields.first("anp", "245").rstrip(" /:;,=")
    fault = None if isbn and title else "it has no ISBN" if title else "it has no title"
    # Bytes of another encoding, read as MARC-8, come out as marks without letters.
    if sum(unicodedata.combining(letter) > 0 for letter in title) * 4 > len(title) > 0:
        fault = "it is in an encoding that its record does not name"
    dated = fields.first("c", "264", "260")
    year = _YEAR.search(dated)
    language = fields.control.get("008", "")[35:38].strip()
    return FileTitle(
        number=number,
        reference=fields.control.get("001", "").strip(),
        isbn=isbn,
        title=title.replace(" : ", ": "),
        author=_authors(fields),
        publisher=fields.first("b", "264", "260").strip(" ,:;"),
        published_on=year[0] if year else dated,
        language=language if language.isalpha() and len(language) == 3 else "",
        series=fields.first("a", "490", "830").strip(" ;,"),
        series_number=fields.first("v", "490", "830").strip(" ;,."),
        description=fields.first("a", "520"),
        subjects=tuple(("lcsh", text.rstrip(".")) for text in fields.all("650", "a") if text),
        fault=fault,
    )


def _isbn(given: list[str]) -> str:
    """The first number that is right, without the note after it; else the first as it stands."""
    bare = [words[0].split("(")[0].strip(":;,") for text in given if (words := text.split())]
    for text in bare:
        try:
            return repair_isbn(text)
        except PosError:
            continue
    return next(iter(bare), "")


def _authors(fields: _Fields) -> str:
    """Who wrote it: the main entry, and those added beside it who are not said to have done something else.

    An added entry with a title of its own is another work that is in the book.
    """
    names = [_name(fields.first("a", "100", "110"))]
    for parts in fields.data.get("700", ()):
        codes = dict(reversed(parts))
        role = codes.get("e", "").strip(" .,").casefold() or codes.get("4", "").strip().casefold()
        if "t" not in codes and role in {"", "author", "joint author", "aut"}:
            names.append(_name(codes.get("a", "")))
    return ", ".join(dict.fromkeys(name for name in names if name))


def _name(text: str) -> str:
    """Turn "Austen, Jane," into what stands on a cover."""
    last, comma, first = text.strip(" ,").partition(", ")
    first = first.strip(" ,")
    # The point after an initial belongs to it, the one after a name to the record.
    if first[-1:] == "." and first[-3:-2].isalpha():
        first = first[:-1]
    return f"{first} {last}" if comma else last
