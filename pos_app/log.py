"""The program's log: a file in the data folder that is turned over, so that it never fills a disk."""

import logging
import re
from collections import deque
from collections.abc import Iterator
from contextvars import ContextVar
from dataclasses import dataclass
from logging.handlers import RotatingFileHandler
from pathlib import Path
from uuid import uuid4

from pos_app.private import make_private_folder

MAX_BYTES = 1_000_000
FILES_KEPT = 5
# A line that begins an entry; those of a traceback follow it.
_BEGINS = re.compile(r"(\d{4}-\d\d-\d\d \d\d:\d\d:\d\d),\d{3} ([A-Z]+) (\S+): (.*)")
_WORTH_TELLING = ("WARNING", "ERROR", "CRITICAL")
# Up to the last @: a password that has one is often typed as it is, though it should be %40.
_PASSWORD = re.compile(r"(://[^:/@\s]*:)[^\s\"'?]*@|([?&](?:ssl)?password=)[^&\s\"']*", re.IGNORECASE)
# What PostgreSQL tells of the row an error is about: names, addresses, amounts. They may hold lines of their own.
_AFTER_ROW = r"HINT:|\[SQL|\(Background|Traceback|The above exception|During handling|  File \"|\d{4}-\d\d-\d\d \d\d:"
_ROW = re.compile(rf"^(DETAIL|CONTEXT):.*?(?=^(?:{_AFTER_ROW})|\Z)", re.MULTILINE | re.DOTALL)
# What a traceback ends with: the error's name and its words.
_RAISED = re.compile(r"^(?!DETAIL|CONTEXT|HINT)[A-Za-z_][\w.]*(?:: .*)?$")
_FATAL = "Fatal Python error"


def without_password(text: str) -> str:
    """Give a database address, or a text with one in it, with the password blotted out."""
    return _PASSWORD.sub(lambda match: f"{match[1]}***@" if match[1] else f"{match[2]}***", text)


def without_rows(text: str) -> str:
    """Give an error's words, or a traceback, without what the database tells of the row it is about."""
    return _ROW.sub(lambda match: f"{match[1]}: left out, since it may be of customers\n", text)


# What a person began (a key, a button) has a number, which every line written meanwhile carries, and so does the
# question that tells of a fault.
action: ContextVar[str] = ContextVar("action", default="")


def new_number() -> str:
    """Give a number that a person can read out."""
    return uuid4().hex[:8]


class _Formatter(logging.Formatter):
    """Keeps passwords of database addresses, and rows of its tables, out of the file, tracebacks included."""

    def format(self, record: logging.LogRecord) -> str:
        number = action.get()
        record.action = f"[{number}] " if number else ""
        return without_rows(without_password(super().format(record)))


class _File(RotatingFileHandler):
    """A log that begins anew when it is full, unless another program has it open.

    Windows lets nobody rename such a file: the attempt would lose the note, and the older files one by one.
    """

    def doRollover(self) -> None:
        """Turn the log over, where it can be renamed; else go on in it as it is."""
        if self.stream is not None:
            self.stream.close()
        try:
            # There and back: turning it over begins with the older files.
            moved = self.rotation_filename(f"{self.baseFilename}.full")
            Path(self.baseFilename).rename(moved).rename(self.baseFilename)
        except OSError:
            self.stream = self._open()
        else:
            super().doRollover()


def start_log(path: Path) -> bool:
    """Write warnings and our own notes to the file from now on; False where it cannot be written."""
    try:
        make_private_folder(path.parent)
        handler = _File(path, maxBytes=MAX_BYTES, backupCount=FILES_KEPT, encoding="utf-8")
    except OSError:
        return False
    handler.setFormatter(_Formatter("%(asctime)s %(levelname)s %(name)s: %(action)s%(message)s"))
    logging.raiseExceptions = False  # a full disk must not turn every note into a traceback on the screen
    logging.getLogger().addHandler(handler)
    logging.getLogger().setLevel(logging.WARNING)
    logging.getLogger("pos_app").setLevel(logging.INFO)
    logging.getLogger("ui").setLevel(logging.INFO)
    return True


def end_log() -> None:
    """Close the files notes go to: Windows removes no folder with a file in it that is open."""
    root = logging.getLogger()
    for handler in [one for one in root.handlers if isinstance(one, _File)]:
        root.removeHandler(handler)
        handler.close()


@dataclass(frozen=True, slots=True)
class LogEvent:
    """An entry of the log: when, by this machine's clock, how bad, and what; `details` is its traceback."""

    at: str
    level: str
    text: str
    details: str = ""

    @property
    def reason(self) -> str:
        """What the details come to, in a line: the error that was raised last, or what the interpreter died of."""
        lines = self.details.splitlines()
        fatal = next((line for line in lines if line.startswith(_FATAL)), "")
        return fatal or next((line for line in reversed(lines) if _RAISED.match(line)), lines[-1] if lines else "")


def log_files(path: Path) -> list[Path]:
    """Give the log and the ones it was turned over into, the oldest first."""
    turned = [path.with_name(f"{path.name}.{number}") for number in range(FILES_KEPT, 0, -1)]
    return [one for one in (*turned, path) if one.is_file()]


def read_events(path: Path, limit: int) -> list[LogEvent]:
    """Give the newest warnings and errors of a log, the oldest first. Raises OSError."""
    return list(deque((event for one in log_files(path) for event in _events(one)), limit))


def _events(path: Path) -> Iterator[LogEvent]:
    found: LogEvent | None = None
    below: list[str] = []
    with path.open(encoding="utf-8", errors="replace") as file:
        for line in file:
            begins = _BEGINS.match(line)
            if begins is None:
                below.append(line)
                continue
            if found is not None:
                yield LogEvent(found.at, found.level, found.text, "".join(below).strip())
            at, level, _, text = begins.groups()
            found = LogEvent(at, level, text.strip()) if level in _WORTH_TELLING else None
            below.clear()
    if found is not None:
        yield LogEvent(found.at, found.level, found.text, "".join(below).strip())
