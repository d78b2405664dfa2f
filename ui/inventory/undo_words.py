"""What an undo says of itself at its end."""

from pos_app.services.book_undo import UndoReport
from ui.format import Formatter
from ui.inventory.history_dialog import FIELDS, said

# Fields that are told by number only: categories, tax rates, suppliers, pictures.
_NUMBERS = frozenset(
    {
        "category_id",
        "tax_rate_id",
        "usual_supplier",
        "cover_image",
        "description",
        "merged_into",
        "moved_stock",
        "supplier",
    }
)
FIELDS_NAMED = 4


def put_back(report: UndoReport, fmt: Formatter) -> str:
    """Which fields are again what they were: "Price of “Sapiens” is 24.99 again.", "12 fields of 4 titles: price."."""
    one = report.first
    if one is None:
        return f"{fmt.count(report.undone)} {'change' if report.undone == 1 else 'changes'}."
    title = one.title[:40]
    if report.undone == 1 and one.field not in _NUMBERS:
        return f"{FIELDS.get(one.field, one.field)} of “{title}” is {said(fmt, one.field, one.now)} again."
    names = [FIELDS.get(name, name).lower() for name in report.fields]
    which = ", ".join(names[:FIELDS_NAMED]) + (" …" if len(names) > FIELDS_NAMED else "")
    if report.of_titles == 1:
        return f"{which} of “{title}”."
    return f"{fmt.count(report.undone)} changes in {fmt.count(report.of_titles)} titles: {which}."


def undone(report: UndoReport, fmt: Formatter) -> str:
    """What was put back, in one sentence for each kind."""
    titles = report.titles

    def told(count: int, one: str, more: str) -> str:
        return "" if not count else one if count == 1 else more.format(fmt.count(count))

    said = (
        told(report.undone, "1 field is again what it was.", "{} fields are again what they were."),
        told(titles.gone, "1 title that was added is gone.", "{} titles that were added are gone."),
        told(
            titles.inactive,
            "1 title that was added has a history: it stays, but off sale.",
            "{} titles that were added have a history: they stay, but off sale.",
        ),
        told(titles.back, "1 title is there again.", "{} titles are there again."),
        told(titles.stock, "The stock of 1 title is taken back.", "The stock of {} titles is taken back."),
        told(report.left, "1 field was changed since and kept.", "{} fields were changed since and kept."),
        told(
            titles.left,
            "1 title was sold, moved or changed since and stays.",
            "{} titles were sold, moved or changed since and stay.",
        ),
    )
    done = " ".join(one for one in said if one)
    return f"Stopped: the rest stays as it is. {done}" if report.rest is not None else done
