"""What a file says of a title, whatever its format: neutral, as text where nothing can be known about it yet."""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

# What a catalogue keeps of a title; a longer one is told without what stands below it.
MAX_TITLE = 255
MAX_DESCRIPTION = 20_000
# Said of what can be ordered.
AVAILABLE = "available"


class Notice(StrEnum):
    """What a record asks for: to be taken as it is, to change what it tells of a title, or to take the title out."""

    WHOLE = "whole"
    PART = "part"
    OUT = "out"


@dataclass(frozen=True, slots=True)
class Territory:
    """Where something holds: ISO 3166 countries and regions of ONIX list 49; everywhere, where it names none."""

    countries: tuple[str, ...] = ()
    regions: tuple[str, ...] = ()
    not_countries: tuple[str, ...] = ()
    not_regions: tuple[str, ...] = ()


# Gets how far into a file its reader is, in bytes.
Reached = Callable[[int], None]


@dataclass(frozen=True, slots=True)
class FilePrice:
    """A price as a file states it: `amount` in decimal notation, `kind` by ONIX list 58.

    `starts` and `ends` are the first and the last day, YYYYMMDD or the start of it.
    """

    amount: str
    currency: str
    kind: str = ""
    territory: Territory = Territory()
    starts: str = ""
    ends: str = ""


@dataclass(frozen=True, slots=True)
class FileTitle:
    """One record: `number` counts from 1; with a `fault` it cannot be taken, and the rest is what could be read.

    What a `notice` of a part leaves empty stays as it is, but for what stands in `cleared`.
    `language` is a code of ISO 639-2, with a country's behind it where one is given ("eng-US"); a `free` title has no
    price as it costs nothing; `availability` is one of `domain.kinds`, or `AVAILABLE`. `category`, `inactive` and
    further `barcodes` are a shop's own, told by its catalogue.
    """

    number: int
    reference: str = ""
    isbn: str = ""
    title: str = ""
    author: str = ""
    publisher: str = ""
    published_on: str = ""
    format: str = ""
    language: str = ""
    series: str = ""
    series_number: str = ""
    description: str = ""
    subjects: tuple[tuple[str, str], ...] = ()
    category: str = ""
    inactive: bool = False
    barcodes: tuple[str, ...] = ()
    prices: tuple[FilePrice, ...] = ()
    free: bool = False
    availability: str = ""
    cleared: tuple[str, ...] = ()
    notice: Notice = Notice.WHOLE
    fault: str | None = None


def nothing(_position: int) -> None:
    """Tell nobody how far a reader is."""
