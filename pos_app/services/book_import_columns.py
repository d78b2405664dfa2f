"""Which column of a supplier's table holds what: chosen once, remembered for every table with the same columns."""

import hashlib
import json
from collections.abc import Mapping, Sequence

from pos_app.app import App
from pos_app.exchange.csv_books import COLUMNS, NOTHING
from pos_app.services.right import Operator
from pos_app.services.saved_view import keep_text, kept_text

LIST = "import"


async def chosen_columns(app: App, operator: Operator, names: Sequence[str]) -> dict[str, str]:
    """Give what this person chose for a table with these columns: what is taken → the column's name, "" for none."""
    content = await kept_text(app, operator, LIST, _signature(names))
    kept: dict[str, str] = json.loads(content) if content else {}
    return {what: name for what, name in kept.items() if what in COLUMNS and name in (NOTHING, *names)}


async def keep_columns(app: App, operator: Operator, names: Sequence[str], columns: Mapping[str, str]) -> None:
    """Remember a choice for tables with these columns, in place of an older one."""
    await keep_text(app, operator, LIST, _signature(names), json.dumps(dict(columns)))


def _signature(names: Sequence[str]) -> str:
    return hashlib.sha256("\0".join(names).encode()).hexdigest()[:40]
