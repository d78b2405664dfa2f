"""What an undo says of itself at its end."""

from pos_app.services.book_undo import UndoReport
from ui.format import Formatter


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
    return " ".join(one for one in said if one)
