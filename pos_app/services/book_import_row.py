"""What a row of a file says of a title, and what would become of it."""

import re
from calendar import monthrange
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from pos_app.domain.isbn import BOOK_PREFIXES, parse_code, repair_isbn, try_isbn13
from pos_app.domain.kinds import Availability, BookKind
from pos_app.domain.money import Currency, parse_price
from pos_app.domain.search import book_keys
from pos_app.domain.subject import read_subjects
from pos_app.domain.used import Grade
from pos_app.errors import PosError, Refused
from pos_app.exchange.csv_books import BETWEEN_CODES, INSIDE, NO, YES, CsvRow
from pos_app.exchange.title import AVAILABLE, MAX_DESCRIPTION, Notice
from pos_app.messages import sentence

MAX_TEXT = 255
MAX_STOCK = 1_000_000
SHOWN = 200
TEXTS = (
    ("author", MAX_TEXT),
    ("publisher", MAX_TEXT),
    ("language", 16),
    ("format", 40),
    ("shelf", 40),
    ("series", MAX_TEXT),
    ("series_number", 20),
    ("description", MAX_DESCRIPTION),
)
ISBN_LENGTHS = (10, 13)
# So many digits tell a number from others.
TELLING = 9
KINDS = frozenset(kind.value for kind in BookKind)
SUPPLIES = {AVAILABLE: None, **{state.value: state for state in Availability}}
GRADES = {grade.value: grade for grade in Grade}
ANSWERS = {YES: True, "true": True, "1": True, NO: False, "false": False, "0": False}
# Before the name that a good without any code is known by; no code begins so.
NAMED = "\n"
_BETWEEN = re.compile(r"[\s,;|]+")
# As spreadsheets write numbers out: 9781250809063.0, 9.781250809063E+12.
_NUMBER = re.compile(r"([0-9]{1,20})(?:[.,]([0-9]{1,20}))?(?:[eE]\+?([0-9]{1,2}))?", re.ASCII)
MOST_DIGITS = 20
_DATE = re.compile(r"(-?)([0-9]{1,4})(?:-([0-9]{2})(?:-([0-9]{2}))?)?")
MOST_DATE, MONTHS, LEAP_YEAR = 40, 12, 2000


class Fate(StrEnum):
    """What becomes of a row."""

    NEW = "new"
    CHANGED = "changed"
    UNCHANGED = "unchanged"
    OUT = "taken out"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class RowFate:
    """A row, by its line in the file (its record, in files without lines), and what becomes of it.

    `changes` are field, old and new value, amounts in minor units; `reason` says why it is refused, why nothing becomes
    of it, or what of it could not be taken. `text` is what a refused row said, else the title. `price` (minor units) is
    what the title costs then.
    """

    line: int
    fate: Fate
    text: str
    isbn: str = ""
    price: int | None = None
    changes: tuple[tuple[str, Any, Any], ...] = ()
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Copy:
    """That a row is a used copy: of the title with this code, or else of this name."""

    of: str
    grade: Grade
    note: str | None


@dataclass(frozen=True, slots=True)
class NewBook:
    """A row that makes sense: fields as `books` holds them, the stock counted, and the category by its path.

    `keys` are what a new title of these fields is sorted and found by. With a `notice` that is not of the whole, a
    title that is not there may be no new one. `codes` are further barcodes, `copy` what it is a
    used copy of. A good that is no book may have no ISBN. `note` says what of the row could not be taken.
    `subject` is the category of a title that has none yet. A record that only its `reference` tells has no ISBN yet.
    """

    line: int
    isbn: str
    fields: dict[str, Any]
    keys: dict[str, str]
    stock: int | None
    category: str | None
    notice: Notice = Notice.WHOLE
    codes: tuple[str, ...] = ()
    copy: Copy | None = None
    note: str = ""
    subject: str | None = None
    reference: str = ""
    # What a title is known by: its ISBN, else its barcode, else its name.
    key: str = field(init=False)

    def __post_init__(self) -> None:
        """Say once what is asked for often."""
        key = self.isbn or (self.codes[0] if self.codes else NAMED + self.fields.get("title", ""))
        object.__setattr__(self, "key", key)

    @property
    def can_be_new(self) -> bool:
        """Whether it says enough for a title of its own."""
        return self.notice is not Notice.OUT and "title" in self.fields


def understand(row: CsvRow, money: Currency, tax_rates: Mapping[str, int] | None = None) -> NewBook:
    """Make sense of a row; `tax_rates` are the shop's by name. Raises PosError with what is wrong with it."""
    if row.fault:
        raise Refused("import.row", reason=row.fault)
    given = {name: value for name, value in row.fields.items() if value}
    referred = row.reference if row.notice is not Notice.WHOLE else ""
    code, beside = given.get("isbn", ""), given.pop("isbn13", "")
    # The ISBN of thirteen digits that stands beside that of ten is looked at where it is the only one.
    code = code or beside
    if not code and given.get("kind") not in KINDS and not referred:
        raise Refused("import.row", reason="it has no ISBN")
    notes: list[str] = []
    isbn = read_isbn(code, beside, notes, cut=not row.record) if code else ""
    if row.notice is Notice.OUT:
        return NewBook(row.line, isbn, {"active": False}, {}, None, None, row.notice, reference=row.reference)
    title = given.get("title", "")
    if len(title) > MAX_TEXT:
        raise Refused("import.title", limit=MAX_TEXT)
    if not title and not isbn and row.notice is Notice.WHOLE:
        # What has no ISBN is known by its name.
        raise Refused("import.row", reason="it has neither an ISBN nor a title")
    fields = _fields(given, money, notes)
    for name in row.cleared:
        fields.setdefault(name, "" if name == "author" else None)
    if "tax_rate" in given:
        if given["tax_rate"] not in (tax_rates or {}):
            raise Refused("import.tax_rate", name=given["tax_rate"][:SHOWN])
        fields["tax_rate_id"] = (tax_rates or {})[given["tax_rate"]]
    stock = _whole(given["stock"]) if "stock" in given else None
    keys = book_keys(title, fields.get("author", ""), fields.get("publisher"), fields.get("series"))
    codes = _codes(given["barcodes"], isbn) if "barcodes" in given else ()
    category = _category(given.get("category", ""))
    return NewBook(
        row.line,
        isbn,
        fields,
        keys,
        stock,
        category,
        row.notice,
        codes,
        _copy(given, isbn),
        " ".join(notes),
        row.subject or None,
        row.reference,
    )


def _copy(given: Mapping[str, str], isbn: str) -> Copy | None:
    if "copy_of" not in given:
        return None
    if isbn:
        raise Refused("import.row", reason="a used copy has no ISBN of its own")
    grade = GRADES.get(given.get("grade", ""))
    if grade is None:
        raise Refused("import.row", reason=f"the grade of a used copy is one of {', '.join(GRADES)}")
    return Copy(parse_code(given["copy_of"]).value, grade, given.get("note", "")[:MAX_TEXT] or None)


def read_isbn(text: str, beside: str, notes: list[str], *, cut: bool = True) -> str:
    """Give the ISBN of a cell; where it holds several, the first. Raises Refused as `repair_isbn` does.

    `beside` is the ISBN of thirteen digits of the same row, rounded or not; `notes` get what is repaired beyond zeros.
    Digits may be `cut` from it where it stood in a table.
    """
    text = _as_digits(text)
    try:
        return repair_isbn(text)
    except Refused:
        if cut and (found := _with_prefix(text, beside)) is not None:
            notes.append(f"Its ISBN is read as {found}: {text} is one that lost the 978 at its beginning.")
            return found
        first, *others = _BETWEEN.split(text.strip())
        whole = len(first) in ISBN_LENGTHS and others
        if not whole or (found := try_isbn13(first)) is None:
            raise
        return found


def _with_prefix(text: str, beside: str) -> str | None:
    """Give the ISBN-13 of digits that lost their 978, and zeros behind it, where nothing in the row says another one.

    One number in ten is an ISBN by chance: of fewer than nine digits it is taken only if the row says it again.
    """
    if not (text.isascii() and text.isdigit() and len(text) <= ISBN_LENGTHS[0]):
        return None
    found = BOOK_PREFIXES[0] + text.zfill(ISBN_LENGTHS[0])
    if try_isbn13(found) is None:
        return None
    said = _says(beside, found)
    return found if said or (said is None and len(text) >= TELLING) else None


def _says(text: str, isbn: str) -> bool | None:
    """Whether a cell, which a spreadsheet may have rounded or cut, says an ISBN; None where it says too little."""
    number = _NUMBER.fullmatch(text)
    if number is None:
        other = try_isbn13(text)
        return None if other is None else other == isbn
    whole, fraction, power = number[1], number[2] or "", int(number[3] or 0)
    if not power:
        return isbn.startswith(whole) if len(whole) >= TELLING else None
    digits = (whole + fraction).rstrip("0")
    if not TELLING <= len(digits) <= len(isbn):
        return None
    step = 10 ** (len(isbn) - len(digits))
    return len(whole) + power == len(isbn) and (int(isbn) + step // 2) // step == int(digits)


def _as_digits(text: str) -> str:
    """Give a code that a spreadsheet made a number of as its digits. Raises Refused where digits are lost."""
    found = _NUMBER.fullmatch(text)
    if found is None:
        return text
    whole, fraction, power = found[1], found[2] or "", int(found[3] or 0)
    if power > len(fraction) or len(whole) + power > MOST_DIGITS:
        raise Refused("import.rounded", code=text[:SHOWN])
    if fraction[power:].strip("0"):
        return text
    return whole + fraction[:power]


def _codes(text: str, isbn: str) -> tuple[str, ...]:
    """Give the codes of a cell but for the ISBN. Raises Refused as `parse_code` does."""
    codes = (parse_code(part).value for part in text.split(BETWEEN_CODES) if part.strip())
    return tuple(dict.fromkeys(code for code in codes if code != isbn))


def _category(path: str) -> str | None:
    """Give a category with what it is inside of, each name as long as names may be."""
    names = (name.strip()[:MAX_TEXT].strip() for name in path.split(INSIDE))
    return INSIDE.join(name for name in names if name) or None


def _fields(given: Mapping[str, str], money: Currency, notes: list[str]) -> dict[str, Any]:
    """What is said of a title, as `books` holds it; `notes` get what of it cannot be taken."""
    fields: dict[str, Any] = {"title": given["title"]} if "title" in given else {}
    for name in ("price", "cost"):
        if name in given:
            fields[name] = parse_price(given[name], money)
    for name, limit in TEXTS:
        if name in given:
            text = fields[name] = given[name][:limit]
            if len(text) < len(given[name]):
                notes.append(f"Its {name.replace('_', ' ')} is cut after {limit:,} characters.")
    if "published_on" in given:
        day = published(given["published_on"])
        if day is None:
            # What stands there stays: it may be right.
            notes.append(f"Its date of publication, “{given['published_on'][:MOST_DATE]}”, cannot be read: left out.")
        else:
            fields["published_on"] = day
    if "reorder_at" in given:
        fields["reorder_at"] = _whole(given["reorder_at"])
    return fields | _of_a_kind(given) | _subjects(given, notes)


def _subjects(given: Mapping[str, str], notes: list[str]) -> dict[str, Any]:
    if "subjects" not in given:
        return {}
    codes = read_subjects(given["subjects"])
    if not codes:
        notes.append("Its subjects are no codes of Thema, BIC or BISAC: left out.")
    return {"subjects": codes} if codes else {}


def _of_a_kind(given: Mapping[str, str]) -> dict[str, Any]:
    """What is one of a few answers; words of others in columns of these names say nothing here."""
    fields: dict[str, Any] = {}
    if given.get("kind") in KINDS:
        fields["kind"] = BookKind(given["kind"])
    if given.get("availability") in SUPPLIES:
        fields["availability"] = SUPPLIES[given["availability"]]
    for name in ("active", "open_price"):
        if (answer := ANSWERS.get(given.get(name, "").casefold())) is not None:
            fields[name] = answer
    return fields


def refused_row(row: CsvRow, error: PosError) -> RowFate:
    """Tell of a row that is not taken, but never the digits of a card."""
    hidden = error.code == "code.card_number"
    left_out = ("isbn", "isbn13") if hidden else ("isbn13",) if row.fields.get("isbn") else ()
    text = ", ".join(value for name, value in row.fields.items() if value and name not in left_out)[:SHOWN]
    isbn = "" if hidden else row.fields.get("isbn", "")[:20]
    return RowFate(row.line, Fate.REFUSED, text, isbn, reason=sentence(error))


def published(text: str) -> str | None:
    """Give a year, a month or a day as ISO 8601 has it, None where it is none; spreadsheets make floats of years."""
    match = _DATE.fullmatch(text.removesuffix(".0"))
    if match is None:
        return None
    month, day = match[3], match[4]
    if month and not 1 <= int(month) <= MONTHS:
        return None
    # By a year with a leap day, where there was none of that number in the calendar.
    year = int(match[2]) or LEAP_YEAR
    if day and not 1 <= int(day) <= monthrange(LEAP_YEAR if match[1] else year, int(month))[1]:
        return None
    return "-".join(part for part in (f"{match[1]}{int(match[2]):04d}", month, day) if part)


def _whole(text: str) -> int:
    text = text.removesuffix(".0")
    if not (text.isascii() and text.isdigit() and int(text[:9]) <= MAX_STOCK):
        raise Refused("stock.invalid", limit=MAX_STOCK)
    return int(text)
