"""What became of every row of a file, kept on disk: a million rows cost eight bytes each in memory."""

import json
import tempfile
from array import array
from collections.abc import Sequence
from dataclasses import astuple

from pos_app.services.book_import_row import Fate, RowFate


class FateLog:
    """Rows in the order of the file, all of them or those of one fate; the file is gone with the object."""

    def __init__(self) -> None:
        """Begin with none. Raises OSError."""
        self._file = tempfile.TemporaryFile("w+b")  # noqa: SIM115 - closed in close
        self._end = 0
        self._places: dict[Fate | None, array[int]] = {fate: array("q") for fate in (None, *Fate)}

    def add(self, fates: Sequence[RowFate]) -> None:
        """Keep further rows."""
        self._file.seek(self._end)
        for fate in fates:
            line = json.dumps(astuple(fate), ensure_ascii=False).encode() + b"\n"
            self._places[None].append(self._end)
            self._places[fate.fate].append(self._end)
            self._file.write(line)
            self._end += len(line)

    def count(self, fate: Fate | None = None) -> int:
        """Say how many rows there are, of one fate or of all."""
        return len(self._places[fate])

    def rows(self, fate: Fate | None, first: int, count: int) -> list[RowFate]:
        """Give some rows of one fate, or of all."""
        found = []
        for place in self._places[fate][first : first + count]:
            self._file.seek(place)
            line, kind, text, isbn, price, changes, reason = json.loads(self._file.readline())
            found.append(
                RowFate(line, Fate(kind), text, isbn, price, tuple((name, *both) for name, *both in changes), reason)
            )
        return found

    def close(self) -> None:
        """Throw the rows away."""
        self._file.close()
