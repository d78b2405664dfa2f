"""What is left of a program that died of a fault below Python: kept in the logs' folder, and told at the next start."""

import faulthandler
import logging
import os
import platform
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import BinaryIO

from pos_app.till_lock import is_locked, lock_file
from pos_app.version import program_version

REPORTS_KEPT = 10
# What Python writes for a signal, and on Windows for an exception of the system's.
_SIGNS = ("Fatal Python error", "Windows fatal exception")

log = logging.getLogger("pos_app.crash")


@contextmanager
def crashes_kept(folder: Path) -> Iterator[list[Path]]:
    """Have what every thread was doing written down if this process dies of a fault; first tell of those that did.

    Gives the reports that are new. A folder that cannot be written, or a full disk, keeps nothing, and no program from
    starting.
    """
    died: list[Path] = []
    with suppress(OSError):
        _tell_of_earlier(folder, died)
    path = folder / f"crash-{os.getpid()}.part"
    file = _begin(path)
    if file is None:
        yield died
        return
    with file:
        faulthandler.enable(file)
        try:
            yield died
        finally:
            faulthandler.disable()
    with suppress(OSError):
        path.unlink()


def _begin(path: Path) -> BinaryIO | None:
    """Open the file that a crash is written into; None, and no file, where that cannot be."""
    begun = datetime.now(UTC).isoformat(timespec="seconds")
    head = f"Bookstore POS {program_version()}, {platform.platform(terse=True)}, started {begun}\n"
    try:
        # Unbuffered: what a full disk refuses must not be tried again when the file is closed.
        file = path.open("wb+", buffering=0)
    except OSError:
        return None
    try:
        lock_file(file.fileno())
        file.write(head.encode())
    except OSError:
        file.close()
        with suppress(OSError):
            path.unlink()
        return None
    return file


def reports(folder: Path) -> list[Path]:
    """Give the reports that are kept, the oldest first."""
    return sorted(folder.glob("crash-*.txt"))


def _tell_of_earlier(folder: Path, died: list[Path]) -> None:
    """Keep what processes that are gone have written, and say so in the log, where events are told from."""
    for left in sorted(folder.glob("crash-*.part")):
        if is_locked(left):
            continue  # another till in this folder, alive and well
        said = left.read_text(encoding="utf-8", errors="replace")
        if not any(sign in said for sign in _SIGNS):
            left.unlink()  # killed, or the power failed: nothing of ours went wrong
            continue
        when = datetime.fromtimestamp(left.stat().st_mtime, UTC)
        kept = left.with_name(f"crash-{when:%Y%m%d-%H%M%S}-{left.stem.removeprefix('crash-')}.txt")
        left.replace(kept)
        died.append(kept)
        log.error("the program died on %s UTC; %s says of what\n%s", f"{when:%Y-%m-%d %H:%M:%S}", kept, said.strip())
    for old in reports(folder)[:-REPORTS_KEPT]:
        old.unlink()
