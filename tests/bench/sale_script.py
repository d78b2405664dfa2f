"""A sale's statements, as the program sent them, written down so that something else can send them for any till.

What depends on the sale is known by its size: ids of each table begin at a million of their own. Each is replaced by
what the same statement gives where it is sent again; ids that the program makes are made of a random number.
"""

import re
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from pos_app.database import sqlite_driver
from tests.bench.bench_pay import Statement

MILLION = 1_000_000
# Tables by the million their ids begin in.
STARTS = {"carts": 1, "orders": 2, "tills": 5, "users": 6, "books": 7, "shifts": 8}
RECEIPTS, SEQUENCES = 9, 10
_UID = re.compile(r"[0-9a-f]{8}-[0-9a-f-]{27}")
_PARAMETER = re.compile(r"%\((\w+)\)s")


@dataclass(frozen=True)
class Recording:
    """The acts of one sale at one till: each a transaction. `first` is what the till's rows begin with, by million."""

    acts: list[list[Statement]]
    first: dict[int, int]
    books: list[int]


def gives(text: str) -> str:
    """The name of what a statement gives that later ones need; empty where nothing is. A receipt is the till's head."""
    if text.startswith("INSERT INTO carts"):
        return "cart"
    if text.startswith("INSERT INTO orders "):
        return "order"
    if text.startswith("UPDATE tills") and "RETURNING" in text:
        return "receipt"
    return ""


def pgbench_script(recording: Recording, tens: int, rest: tuple[list[int], list[int]]) -> str:
    """The sale as a script of pgbench, for till number `client + 2`; books are one of the first ten and of two lists."""
    uids: dict[str, str] = {}
    lines = [
        "\\set r random(1, 1000000000000000)",
        f"\\set hot random(0, {tens - 1})",
        f"\\set low random(0, {len(rest[0]) - 1})",
        f"\\set high random(0, {len(rest[1]) - 1})",
    ]
    starts = {
        recording.books[0]: f"({recording.books[0]} + :hot)",
        recording.books[1]: f"({rest[0][0]} + :low)",
        recording.books[2]: f"({rest[1][0]} + :high)",
    }

    def value(of: Any) -> str:
        if of is None:
            return "NULL"
        if isinstance(of, bool):
            return "true" if of else "false"
        if isinstance(of, int):
            return number(of)
        if isinstance(of, str) and _UID.fullmatch(of):
            return f"('u' || :r || '-{uids.setdefault(of, str(len(uids)))}')"
        if isinstance(of, datetime | date):
            of = of.isoformat()
        if isinstance(of, Decimal):
            return str(of)
        return "E'" + str(of).replace("\\", "\\\\").replace("'", "\\'").replace(":", "\\072") + "'"

    def number(of: int) -> str:
        if of in starts:
            return starts[of]
        match of // MILLION:
            case 1:
                return ":cart_id"
            case 2:
                return ":order_id"
            case 9:
                return ":receipt_drawn"
            case 10:
                return f"(:receipt_journal_sequence + {of - recording.first[10]})"
            case 5 | 6 | 8 as table:
                return f"({recording.first[table]} + :client_id)"
        return str(of)

    for act in recording.acts:
        lines.append("BEGIN;")
        for one in act:
            rows = one.parameters if one.many else [one.parameters]
            sent = [
                _PARAMETER.sub(lambda found, row=row: value(row[found[1]]), " ".join(one.text.split())) for row in rows
            ]
            if one.many:
                lines += ["\\startpipeline", *(f"{each};" for each in sent), "\\endpipeline"]
            else:
                name = gives(one.text)
                lines.append(f"{sent[0]} \\gset {name}_" if name else f"{sent[0]};")
        lines.append("COMMIT;")
    return "\n".join(lines) + "\n"


class Replay:
    """The sale in the driver itself, for one till; `till` counts from the one that was recorded."""

    def __init__(self, recording: Recording, till: int) -> None:
        self._recording, self._till = recording, till

    def run(self, connection: Any, stamp: str, books: list[int]) -> None:
        """Send all of it once; `stamp` makes the ids of this sale."""
        uids: dict[str, str] = {}
        got: dict[str, int] = {}
        known = dict(zip(self._recording.books, books, strict=True))

        def value(of: Any) -> Any:
            if isinstance(of, str) and _UID.fullmatch(of):
                return uids.setdefault(of, f"{stamp}-{len(uids)}")
            if not isinstance(of, int) or isinstance(of, bool) or of < MILLION:
                return of
            if of in known:
                return known[of]
            match of // MILLION:
                case 1:
                    return got["cart"]
                case 2:
                    return got["order"]
                case 9:
                    return got["drawn"]
                case 10:
                    return got["journal_sequence"] + of - self._recording.first[10]
                case 5 | 6 | 8 as table:
                    return self._recording.first[table] + self._till
            return of

        def values(row: Any) -> Any:
            return {key: value(of) for key, of in row.items()} if isinstance(row, dict) else tuple(map(value, row))

        for act in self._recording.acts:
            begin(connection)
            cursor = connection.cursor()
            for one in act:
                if one.many:
                    cursor.executemany(one.text, [values(row) for row in one.parameters])
                    continue
                cursor.execute(one.text, values(one.parameters))
                rows = cursor.fetchall() if cursor.description else []
                match gives(one.text):
                    case "receipt":
                        got |= dict(zip((column[0] for column in cursor.description), rows[0], strict=True))
                    case "cart" | "order" as name:
                        got[name] = rows[0][0]
            connection.commit()


def begin(connection: Any) -> None:
    """Wait for a file's lock, however long others are quicker; psycopg begins by itself."""
    while isinstance(connection, sqlite_driver().Connection):
        try:
            connection.execute("BEGIN IMMEDIATE")
        except sqlite_driver().OperationalError as error:
            if "locked" not in str(error):
                raise
        else:
            return
