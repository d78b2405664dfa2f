"""Many rows in one statement: they go over as one JSON text, whatever their number.

A parameter for each value of each row costs more than storing them does: the statement is built and read anew for each
number of rows, and SQLite's driver gives the interpreter away and asks for it back at every row.
"""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import lru_cache
from typing import Any

from sqlalchemy import (
    JSON,
    ColumnElement,
    FromClause,
    Insert,
    Integer,
    String,
    Table,
    Text,
    Update,
    bindparam,
    cast,
    column,
    func,
    insert,
    literal_column,
    select,
    text,
    update,
)
from sqlalchemy.orm import Session

ROWS = "bulk_rows"
STATEMENTS = 100
# So many signs go over at once: SQLite keeps in memory what a statement changes until it ends, of long rows 20 MB.
PACKED = 100_000


def plan_anew(session: Session) -> None:
    """Have PostgreSQL plan each statement of this transaction for the tables as they are now.

    The plan it stores is made while a shop's first titles come in, and reads all of them for each lookup ever after.
    """
    if not _is_sqlite(session):
        session.execute(text("SET LOCAL plan_cache_mode = force_custom_plan"))


def listed(session: Session, values: Iterable[str | int]) -> ColumnElement[Any]:
    """Give values, all of one kind, as the column of a table to join.

    Of a long IN, PostgreSQL's stored plan compares each row of the table asked with each of the values.
    """
    values = list(values)
    given = bindparam(None, json.dumps(values), Text)
    if _is_sqlite(session):
        return func.json_each(given).table_valued(column("value", String)).c.value
    each = func.json_array_elements_text(cast(given, JSON)).table_valued(column("value", String)).render_derived()
    return cast(each.c.value, Integer) if values and isinstance(values[0], int) else each.c.value


def insert_rows(session: Session, into: Table, rows: Sequence[Mapping[str, Any]]) -> None:
    """Insert rows, in their order; all have the same columns, and values that JSON can hold."""
    if rows:
        names = tuple(rows[0])
        statement = _inserting(into, names, sqlite=_is_sqlite(session))
        _execute(session, statement, rows, names)


def update_rows(
    session: Session, into: Table, rows: Sequence[Mapping[str, Any]], *, added: tuple[str, ...] = ()
) -> None:
    """Change rows found by their `id`; all have the same columns, of which those in `added` are added to."""
    if rows:
        names = tuple(rows[0])
        statement = _updating(into, names, added, sqlite=_is_sqlite(session))
        _execute(session, statement, rows, names)


def _execute(
    session: Session, statement: Insert | Update, rows: Sequence[Mapping[str, Any]], names: Sequence[str]
) -> None:
    for part in _parts([_packed(session, row, names) for row in rows]):
        session.connection().execute(statement, {ROWS: f"[{','.join(part)}]"})


def _parts(packed: Sequence[str]) -> Iterator[Sequence[str]]:
    """Take many texts apart, so that each part is about `PACKED` signs long."""
    first = length = 0
    for place, one in enumerate(packed):
        length += len(one)
        if length >= PACKED:
            yield packed[first : place + 1]
            first, length = place + 1, 0
    if first < len(packed):
        yield packed[first:]


def _is_sqlite(session: Session) -> bool:
    return session.get_bind().dialect.name == "sqlite"


def _packed(session: Session, row: Mapping[str, Any], names: Sequence[str]) -> str:
    return json.dumps([row[name] for name in names] if _is_sqlite(session) else dict(row), ensure_ascii=False)


@lru_cache(STATEMENTS)
def _inserting(into: Table, names: tuple[str, ...], *, sqlite: bool) -> Insert:
    given = _given(into, names, sqlite=sqlite)
    return insert(into).from_select(names, select(*given.values()), include_defaults=False)


@lru_cache(STATEMENTS)
def _updating(into: Table, names: tuple[str, ...], added: tuple[str, ...], *, sqlite: bool) -> Update:
    given = _given(into, names, sqlite=sqlite)
    values = {name: into.c[name] + value if name in added else value for name, value in given.items() if name != "id"}
    return update(into).where(into.c.id == given["id"]).values(values)


def _given(into: Table, names: tuple[str, ...], *, sqlite: bool) -> dict[str, ColumnElement[Any]]:
    """The columns of the rows handed over."""
    packed = bindparam(ROWS, type_=Text)
    if sqlite:
        row = func.json_each(packed).table_valued(column("value", Text)).c.value
        # The places are written into the statement: SQLite finds a place it knows faster.
        return {
            name: func.json_extract(row, literal_column(f"'$[{place}]'"), type_=into.c[name].type)
            for place, name in enumerate(names)
        }
    rows: FromClause = (
        func.json_to_recordset(cast(packed, JSON))
        .table_valued(*(column(name, _plain(into, name)) for name in names))
        .render_derived(with_types=True)
    )
    return {name: rows.c[name] for name in names}


def _plain(into: Table, name: str) -> Any:
    """The type of a column as the server names it, without a collation."""
    kind = into.c[name].type
    return String(kind.length) if isinstance(kind, String) and not isinstance(kind, Text) else kind
