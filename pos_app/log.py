"""The program's log: a file in the data folder that is turned over, so that it never fills a disk."""

import logging
import re
from logging.handlers import RotatingFileHandler
from pathlib import Path

MAX_BYTES = 1_000_000
FILES_KEPT = 5
_PASSWORD = re.compile(r"(://[^:/@\s]*:)[^@\s]*@|([?&]password=)[^&\s]*", re.IGNORECASE)


def without_password(text: str) -> str:
    """Give a database address, or a text with one in it, with the password blotted out."""
    return _PASSWORD.sub(lambda match: f"{match[1]}***@" if match[1] else f"{match[2]}***", text)


class _Formatter(logging.Formatter):
    """Keeps passwords of database addresses out of the file, tracebacks included."""

    def format(self, record: logging.LogRecord) -> str:
        return without_password(super().format(record))


def start_log(path: Path) -> bool:
    """Write warnings and our own notes to the file from now on; False where it cannot be written."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handler = RotatingFileHandler(path, maxBytes=MAX_BYTES, backupCount=FILES_KEPT, encoding="utf-8")
    except OSError:
        return False
    handler.setFormatter(_Formatter("%(asctime)s %(levelname)s %(name)s: %(message)s"))
    logging.raiseExceptions = False  # a full disk must not turn every note into a traceback on the screen
    logging.getLogger().addHandler(handler)
    logging.getLogger().setLevel(logging.WARNING)
    logging.getLogger("pos_app").setLevel(logging.INFO)
    logging.getLogger("ui").setLevel(logging.INFO)
    return True
