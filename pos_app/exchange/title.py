"""What a file says of a title, whatever its format: neutral, as text where nothing can be known about it yet."""

from collections.abc import Callable
from dataclasses import dataclass

# Gets how far into a file its reader is, in bytes.
Reached = Callable[[int], None]


@dataclass(frozen=True, slots=True)
class FilePrice:
    """A price as a file states it: `amount` in decimal notation, `kind` by ONIX list 58, dates as YYYYMMDD."""

    amount: str
    currency: str
    kind: str = ""
    countries: tuple[str, ...] = ()
    not_countries: tuple[str, ...] = ()
    starts: str = ""
    ends: str = ""


@dataclass(frozen=True, slots=True)
class FileTitle:
    """One record: `number` counts from 1; with a `fault` it cannot be taken, and the rest is what could be read.

    `partial` marks a block update: what it leaves empty stays as it is. `delete` asks for the title's removal.
    `language` is a code of ISO 639-2, with a country's behind it where one is given ("eng-US"); a `free` title has no
    price as it costs nothing.
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
    prices: tuple[FilePrice, ...] = ()
    free: bool = False
    availability: str = ""
    partial: bool = False
    delete: bool = False
    fault: str | None = None


def nothing(_position: int) -> None:
    """Tell nobody how far a reader is."""
