"""Which column of a supplier's table holds what: chosen once, remembered for every table with the same columns."""

import hashlib
import json
from collections.abc import Mapping, Sequence

from sqlalchemy import insert, select, update
from sqlalchemy.orm import Session

from pos_app.app import App
from pos_app.exchange.csv_books import COLUMNS, NOTHING
from pos_app.models import SavedView, table
from pos_app.services.right import Operator

LIST = "import"


async def chosen_columns(app: App, operator: Operator, names: Sequence[str]) -> dict[str, str]:
    """Give what this person chose for a table with these columns: what is taken → the column's name, "" for none."""
    column = table(SavedView).c

    def act(session: Session) -> str | None:
        mine = (column.user_id == operator.user_id, column.list_name == LIST, column.name == _signature(names))
        return session.scalar(select(column.content).where(*mine))

    content = await app.db.read(act)
    kept: dict[str, str] = json.loads(content) if content else {}
    return {what: name for what, name in kept.items() if what in COLUMNS and name in (NOTHING, *names)}


async def keep_columns(app: App, operator: Operator, names: Sequence[str], columns: Mapping[str, str]) -> None:
    """Remember a choice for tables with these columns, in place of an older one."""
    column = table(SavedView).c
    mine = {"user_id": operator.user_id, "list_name": LIST, "name": _signature(names)}
    content = json.dumps(dict(columns))

    def act(session: Session) -> None:
        here = [column[name] == value for name, value in mine.items()]
        kept = session.execute(update(table(SavedView)).where(*here).values(content=content).returning(column.id))
        if kept.first() is None:
            session.execute(insert(table(SavedView)).values(**mine, content=content))

    await app.db.write(act)


def _signature(names: Sequence[str]) -> str:
    return hashlib.sha256("\0".join(names).encode()).hexdigest()[:40]
