"""What is said of prices that are likely a slip of the finger: they are stored all the same."""

from collections.abc import Iterable

from pos_app.domain.kinds import BookKind
from pos_app.services.book import BookDetail
from ui.format import Formatter

LONG_TITLE = 40


def priced_low(books: Iterable[BookDetail], fmt: Formatter) -> str:
    """Say which of these titles cost nothing, or less than their copies did; empty where none does."""
    said = [(book, worry) for book in books if (worry := _worry(book, fmt))]
    if not said:
        return ""
    book, worry = said[0]
    more = f" So is it with {fmt.count(len(said) - 1)} more." if len(said) > 1 else ""
    return f"“{book.title[:LONG_TITLE]}” {worry}.{more} Ctrl+Z takes it back."


def _worry(book: BookDetail, fmt: Formatter) -> str:
    if book.open_price:
        return ""
    if book.price == 0 and book.kind is not BookKind.SERVICE:
        return "costs nothing now: its price is 0"
    if book.cost is not None and book.price < book.cost:
        return f"is priced below its cost now: {fmt.amount(book.price)} under {fmt.amount(book.cost)}"
    return ""
