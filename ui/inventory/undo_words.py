"""What an undo says of itself at its end."""

from pos_app.services.book_undo import UndoReport
from pos_app.services.review import REVIEW
from pos_app.services.stock_correction import CORRECTED
from ui.format import Formatter
from ui.inventory.history_dialog import FIELDS, said

# Fields whose value says little or too much: numbers of categories, tax rates and suppliers, pictures, long texts.
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
        REVIEW,
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
        # Copies may have been sold since the correction: then it never was that before.
        again = "" if one.field == CORRECTED else " again"
        return f"{FIELDS.get(one.field, one.field)} of “{title}” is {said(fmt, one.field, one.now)}{again}."
    names = [FIELDS.get(name, name).lower() for name in report.fields]
    which = ", ".join(names[:FIELDS_NAMED]) + (" …" if len(names) > FIELDS_NAMED else "")
    if report.of_titles == 1:
        return f"{which} of “{title}”."
    return f"{fmt.count(report.undone)} changes in {fmt.count(report.of_titles)} titles: {which}."


def stays(report: UndoReport, fmt: Formatter) -> str:
    """Which fields were not put back, and why; empty where all were."""
    stock = next((kept for kept in report.kept if kept.field == CORRECTED), None)
    text = ""
    if others := report.left - (stock is not None):
        first = next(kept for kept in report.kept if kept is not stock)
        stands = f"{FIELDS.get(first.field, first.field)} of “{first.title[:40]}”"
        text = f" {fmt.count(others)} changed by somebody else since and kept, such as {stands}."
        text += f" It is {said(fmt, first.field, first.now)}." if first.field in ("price", "cost") else ""
    if stock is not None:
        text += f" The stock stays {stock.now}: it was counted again, or copies were sold or set aside since."
    return text


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
