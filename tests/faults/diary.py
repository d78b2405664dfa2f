"""What a till was asked for and what it was told is stored, on a disk that no fault touches.

One JSON object a line, with the moment on the clock that all processes share: `asked` before an act is carried out,
`stored` after its service returned, which is on the disk before anything else happens, and `told` for each fault that a
person would have been told of.
"""

import json
import os
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

Entry = dict[str, Any]


class Diary:
    """Written by one till at a time."""

    def __init__(self, path: Path, *, durable: bool = True) -> None:
        self._durable = durable
        torn = path.exists() and not path.read_bytes().endswith(b"\n")
        self._file = path.open("a", encoding="utf-8")
        if torn:
            self._file.write("\n")

    def note(self, **said: Any) -> None:
        """Keep what must outlive this process."""
        self._file.write(json.dumps({"at": time.monotonic(), **said}) + "\n")
        self._file.flush()

    def keep(self, **said: Any) -> None:
        """Keep what must outlive this machine."""
        self.note(**said)
        if self._durable:
            os.fsync(self._file.fileno())


def entries(path: Path) -> Iterator[Entry]:
    """What a diary says; a line that its till was killed in the middle of says nothing."""
    if not path.exists():
        return
    for line in path.read_text(encoding="utf-8").splitlines():
        try:
            yield json.loads(line)
        except ValueError:
            continue


def unsettled(path: Path) -> Entry | None:
    """The act that was asked for last, where nobody knows what became of it."""
    last: Entry | None = None
    for entry in entries(path):
        if "asked" in entry:
            last = entry
        elif last is not None and entry.get("stored", entry.get("dropped")) == last["asked"]:
            last = None
    return last


def basket(path: Path) -> tuple[str, int]:
    """The id of the last basket, and how many pieces it was told to hold; none once it was paid."""
    uid, pieces = "", 0
    for entry in entries(path):
        if "scanned" in entry:
            uid, pieces = entry["scanned"], entry["pieces"]
        elif entry.get("stored", entry.get("dropped")) == uid:
            uid, pieces = "", 0
    return uid, pieces


class Follower:
    """Reads what is added to a diary."""

    def __init__(self, path: Path, *, durable: bool = True) -> None:
        self._durable = durable
        self._path, self._place = path, path.stat().st_size if path.exists() else 0

    def new(self) -> list[Entry]:
        """What was written whole since the last look."""
        if not self._path.exists():
            return []
        with self._path.open("rb") as file:
            file.seek(self._place)
            said = file.read()
        whole = said[: said.rfind(b"\n") + 1]
        self._place += len(whole)
        found = []
        for line in whole.splitlines():
            try:
                found.append(json.loads(line))
            except ValueError:
                continue
        return found

    def wait(self, word: str, times: int = 1, seconds: float = 60) -> Entry:
        """Wait until a word was said so many times more; gives the last entry with it."""
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            for entry in self.new():
                times -= word in entry
                if times <= 0:
                    return entry
            time.sleep(0.004)
        raise TimeoutError(f"{self._path.name} says no {word} within {seconds} s")
