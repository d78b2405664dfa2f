"""Which SQLite library is used, and how durable it is told to be."""

import sys
from contextlib import suppress
from importlib import import_module

BUSY_TIMEOUT_MS = 10_000
# Earlier releases take the search index's triggers for untrusted and would refuse every new book.
FULL_TEXT_TRUSTED = (3, 44)


def install() -> None:
    """Put the SQLite of the pysqlite3 wheel in the standard library's place.

    Must run before anything imports `sqlite3`, since two SQLite libraries on one file in one process can damage it.
    Where there is no such wheel the interpreter's own library stays, and `pragmas()` takes its faults into account.
    """
    if "sqlite3" in sys.modules:
        return
    with suppress(ImportError):
        sys.modules["sqlite3"] = import_module("pysqlite3")
        sys.modules["sqlite3.dbapi2"] = import_module("pysqlite3.dbapi2")


def version() -> tuple[int, ...]:
    """The version of the library in use."""
    return tuple(import_module("sqlite3").sqlite_version_info)


def safe_wal() -> bool:
    """Whether WAL may be used: releases before these can lose commits when a WAL is reset (sqlite.org/wal.html)."""
    now = version()
    return now >= (3, 51, 3) or (3, 50, 7) <= now < (3, 51) or (3, 44, 6) <= now < (3, 45)


def pragmas() -> list[str]:
    """What every connection is told. Each pair of the first two keeps every acknowledged commit through a power cut."""
    journal = ["journal_mode=WAL", "synchronous=FULL"] if safe_wal() else ["journal_mode=TRUNCATE", "synchronous=EXTRA"]
    # Without recursive triggers a row that REPLACE takes away wakes none, and append-only tables could be rewritten.
    rest = ["foreign_keys=ON", f"busy_timeout={BUSY_TIMEOUT_MS}", "cell_size_check=ON", "recursive_triggers=ON"]
    if version() >= FULL_TEXT_TRUSTED:
        rest.append("trusted_schema=OFF")
    # macOS acknowledges a plain fsync before the disk has the data.
    return [f"PRAGMA {pragma}" for pragma in [*rest, *journal, "fullfsync=ON"]]
