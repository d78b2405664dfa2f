"""Which column of a supplier's table holds what: chosen once, remembered for every table with the same columns."""

import hashlib
import json
from collections.abc import Mapping, Sequence

from sqlalchemy import insert, select, update
from sqlalchemy.orm import Session

from pos_app.app import App
from pos_app.domain.permission import Permission
from pos_app.exchange.csv_books import COLUMNS, NOTHING
from pos_app.models import ImportColumns, table
from pos_app.services.right import Operator, require


async def chosen_columns(app: App, names: Sequence[str]) -> dict[str, str]:
    """Give what the shop chose for a table with these columns: what is taken → the column's name, "" for none."""
    column = table(ImportColumns).c
    query = select(column.content).where(column.signature == _signature(names))
    content = await app.db.read(lambda session: session.scalar(query))
    kept: dict[str, str] = json.loads(content) if content else {}
    return {what: name for what, name in kept.items() if what in COLUMNS and name in (NOTHING, *names)}


async def keep_columns(app: App, operator: Operator, names: Sequence[str], columns: Mapping[str, str]) -> None:
    """Remember a choice for tables with these columns, for everybody. Raises Refused("right.missing")."""
    stored, signature, content = table(ImportColumns), _signature(names), json.dumps(dict(columns))

    def act(session: Session) -> None:
        require(session, operator, Permission.IMPORT)
        renewing = update(stored).where(stored.c.signature == signature).values(content=content)
        if session.execute(renewing.returning(stored.c.id)).first() is None:
            session.execute(insert(stored).values(signature=signature, content=content))

    await app.db.write(act)


def _signature(names: Sequence[str]) -> str:
    return hashlib.sha256("\0".join(names).encode()).hexdigest()[:40]
