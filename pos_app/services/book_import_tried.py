"""What the rows of a file tried out would make of titles, kept on disk for rows of the same titles further down."""

import json
from collections.abc import Collection, Mapping
from typing import Any

from pos_app.database import sqlite_driver

# ISBN, fields, the stock that is there, the stock counted, and whether it is a used copy.
State = tuple[str, dict[str, Any], int, int | None, bool]


class Tried:
    """Titles by a key of their own; gone with the object. A million of them cost no more memory than a hundred."""

    def __init__(self) -> None:
        """Begin with none."""
        # A database without a name lies in a file of its own that nobody else sees, and goes with its connection.
        self._titles = sqlite_driver().connect("", isolation_level=None, check_same_thread=False)
        self._titles.execute("PRAGMA journal_mode=OFF")
        self._titles.execute("CREATE TABLE titles (key TEXT PRIMARY KEY, state TEXT) WITHOUT ROWID")
        self._titles.execute("CREATE TABLE record_references (reference TEXT PRIMARY KEY, isbn TEXT) WITHOUT ROWID")

    def keep(self, titles: Mapping[str, State]) -> None:
        """Keep what titles would be."""
        rows = json.dumps([[key, json.dumps(state, ensure_ascii=False)] for key, state in titles.items()])
        self._titles.execute(
            "INSERT OR REPLACE INTO titles SELECT json_extract(value, '$[0]'), json_extract(value, '$[1]') "
            "FROM json_each(?)",
            (rows,),
        )

    def recall(self, keys: Collection[str]) -> dict[str, State]:
        """Give those of these titles that were kept."""
        found = self._titles.execute(
            "SELECT titles.key, state FROM json_each(?) AS wanted JOIN titles ON titles.key = wanted.value",
            (json.dumps(list(keys)),),
        )
        return {key: tuple(json.loads(state)) for key, state in found}

    def keep_references(self, told: Mapping[str, str]) -> None:
        """Keep by which references records called titles."""
        self._titles.execute(
            "INSERT OR REPLACE INTO record_references SELECT key, value FROM json_each(?)", (json.dumps(dict(told)),)
        )

    def recall_references(self, references: Collection[str]) -> dict[str, str]:
        """Give the ISBNs of those of these references that were kept."""
        found = self._titles.execute(
            "SELECT reference, isbn FROM json_each(?) AS wanted JOIN record_references ON reference = wanted.value",
            (json.dumps(list(references)),),
        )
        return dict(found.fetchall())

    def close(self) -> None:
        """Throw the titles away."""
        self._titles.close()
