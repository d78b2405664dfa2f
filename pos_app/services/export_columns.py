"""Which columns a person writes tables of titles with: all, or those their list shows; remembered."""

from enum import StrEnum

from pos_app.app import App
from pos_app.services.right import Operator
from pos_app.services.saved_view import keep_text, kept_text

LIST, NAME = "export", "columns"


class ExportColumns(StrEnum):
    """What of each title is written."""

    ALL = "all"
    SHOWN = "shown"


async def export_columns(app: App, operator: Operator) -> ExportColumns:
    """Give what this person chose last."""
    kept = await kept_text(app, operator, LIST, NAME)
    return ExportColumns(kept) if kept in set(ExportColumns) else ExportColumns.ALL


async def keep_export_columns(app: App, operator: Operator, columns: ExportColumns) -> None:
    """Remember a choice."""
    await keep_text(app, operator, LIST, NAME, columns)
