"""What an import says of itself: of a row, and at its end."""

from pos_app.services.book_import import ImportReport
from pos_app.services.book_import_row import Fate, RowFate
from ui.format import Formatter
from ui.inventory.history_dialog import FIELDS, said

# A description would fill the window.
LONG = 120


def told(report: ImportReport, fmt: Formatter) -> str:
    """What came of an import."""
    counts = (
        (report.added, "added"),
        (report.changed, "changed"),
        (report.taken_out, "taken out"),
        (report.refused_count, "refused"),
    )
    done = ", ".join(f"{fmt.count(count)} {word}" for count, word in counts if count) or "nothing had to be changed"
    stopped = "Stopped: " if report.cancelled else "Imported: "
    skipped = fmt.count(report.skipped)
    before = f" It was broken off before: the first {skipped} rows were stored already." if report.skipped else ""
    more = " The same file imported again goes on there." if report.cancelled else ""
    return f"{stopped}{done}.{before}{more}"


def kind_of_end(report: ImportReport) -> str:
    """How loud the end is told: what was stopped is not over."""
    return "warn" if report.cancelled else "ok"


def why(row: RowFate, fmt: Formatter) -> str:
    """What becomes of a row, or why nothing does."""
    if row.fate is Fate.OUT:
        return "no longer on sale; what was sold stays as it is"
    changes = (_change(name, old, new, fmt) for name, old, new in row.changes)
    return " · ".join(filter(None, (*changes, row.reason)))


def _change(name: str, old: object, new: object, fmt: Formatter) -> str:
    shown = FIELDS.get(name, name).lower()
    if name in ("price", "cost", "stock") and old is not None:
        return f"{shown} {said(fmt, name, old)} → {said(fmt, name, new)}"
    if new in (None, ""):
        return f"{shown} taken away"
    if old in (None, "") and name != "category":
        return f"{shown} added"
    text = said(fmt, name, new)
    return f"{shown} → {text if len(text) <= LONG else text[:LONG].rstrip() + '…'}"
