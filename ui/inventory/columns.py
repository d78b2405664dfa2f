"""The columns of the list of books: what they are called, what they show, what they are sorted by."""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass

from pos_app.domain.kinds import BookKind, StockState
from pos_app.domain.used import Grade, copy_title
from pos_app.errors import Refused
from pos_app.services.book_list import ListOrder, SortBy
from pos_app.services.book_search import BookRow
from ui.format import Formatter

TITLE_ROOM, TITLE_LEAST = 230, 160
WORTHY = 14
FIGURES_TYPED = 10
# What a state is called in the list, in small letters.
STATES = {
    StockState.IN_STOCK: "in stock",
    StockState.LOW: "low",
    StockState.OUT: "out",
    StockState.INACTIVE: "inactive",
}


@dataclass(frozen=True)
class Column:
    """One column; `width` in pixels at 100 %. Of those alike wanted the lowest `worth` gives way first."""

    by: SortBy
    head: str
    width: int
    worth: int
    text: Callable[[BookRow, Formatter], str]
    figure: bool = False
    # What tables call what it shows.
    table: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        """What it is kept under."""
        return self.by.value


def state_of(book: BookRow) -> tuple[str, str]:
    """A book's state in words and in kind."""
    if not book.active:
        return "Inactive", "off"
    if book.kind == BookKind.SERVICE:
        return "Service", "off"
    if book.stock <= 0:
        return "Out", "bad"
    aside = f"{book.reserved} set aside"
    if book.reserved >= book.stock:
        return aside, "warn"
    if book.stock < book.reorder_at:
        return "Low", "warn"
    return (aside, "info") if book.reserved else ("In stock", "ok")


def meant(typed: str, by: SortBy, fmt: Formatter) -> str | int | None:
    """What somebody looks for who types in a list sorted by a column; None where that says nothing there."""
    match by:
        case SortBy.PRICE | SortBy.COST:
            try:
                return fmt.parse(typed.strip(" .,"))
            except Refused:
                return None
        case SortBy.STOCK | SortBy.REORDER | SortBy.SOLD:
            typed = typed.strip()
            return int(typed) if typed.isascii() and typed.isdigit() and len(typed) < FIGURES_TYPED else None
        case SortBy.STATE:
            named = (state for state, word in STATES.items() if word.startswith(typed.strip().lower()))
            return next(named, None)
        case SortBy.CHANGED:
            return None
    return typed


def title_lines(book: BookRow) -> tuple[str, str]:
    """What stands in the two lines of a title: of a used copy, how worn it is comes before the author.

    Its title ends in that, too, where the line is cut; beside the new title the two would look the same.
    """
    if not book.grade:
        return book.title, book.author
    grade = Grade(book.grade)
    mark = copy_title("", grade)
    worn = f"Used, {grade.words}"
    return book.title.removesuffix(mark), f"{worn} · {book.author}" if book.author else worn


def _number(book: BookRow, _fmt: Formatter) -> str:
    """A used copy has no ISBN: its label's code instead."""
    return book.isbn or book.label_code or ""


def _series(book: BookRow, _fmt: Formatter) -> str:
    return " ".join(part for part in (book.series, book.series_number) if part)


def _year(book: BookRow, _fmt: Formatter) -> str:
    text = book.published_on or ""
    return f"{int(text[1:5])} BC" if text.startswith("-") else text[:4]


def _changed(book: BookRow, fmt: Formatter) -> str:
    return "" if book.updated_at is None else fmt.dated(book.updated_at)


def _stock(book: BookRow, _fmt: Formatter) -> str:
    return "" if book.kind == BookKind.SERVICE else str(book.stock)


def _price(book: BookRow, fmt: Formatter) -> str:
    return fmt.price(book.price, asked=book.open_price)


def _cost(book: BookRow, fmt: Formatter) -> str:
    return "" if book.cost is None else fmt.amount(book.cost)


COLUMNS: tuple[Column, ...] = (
    Column(SortBy.TITLE, "Title", 0, 99, lambda book, _: book.title, table=("title",)),
    Column(SortBy.AUTHOR, "Author", 150, 4, lambda book, _: book.author, table=("authors",)),
    Column(SortBy.ISBN, "ISBN", 136, 11, _number, table=("isbn13",)),
    Column(SortBy.CATEGORY, "Category", 128, 12, lambda book, _: book.category or "", table=("category",)),
    Column(SortBy.PUBLISHER, "Publisher", 140, 9, lambda book, _: book.publisher or "", table=("publisher",)),
    Column(SortBy.SERIES, "Series", 140, 7, _series, table=("series", "series_number")),
    Column(SortBy.PUBLISHED, "Published", 88, 5, _year, figure=True, table=("published_on",)),
    Column(SortBy.FORMAT, "Format", 100, 6, lambda book, _: book.format or "", table=("format",)),
    Column(SortBy.LANGUAGE, "Language", 92, 3, lambda book, _: book.language or "", table=("language",)),
    Column(SortBy.SHELF, "Shelf", 84, 8, lambda book, _: book.shelf or "", table=("shelf",)),
    Column(SortBy.PRICE, "Price", 72, 15, _price, figure=True, table=("price",)),
    Column(SortBy.COST, "Cost", 72, 2, _cost, figure=True, table=("cost",)),
    Column(SortBy.STOCK, "Stock", 66, 16, _stock, figure=True, table=("stock",)),
    Column(
        SortBy.REORDER, "Reorder at", 92, 10, lambda book, _: str(book.reorder_at), figure=True, table=("reorder_at",)
    ),
    Column(SortBy.SOLD, "Sold", 64, 13, lambda book, _: str(book.sold_count), figure=True, table=("sold",)),
    Column(SortBy.STATE, "State", 116, 14, lambda book, _: state_of(book)[0], table=("active",)),
    Column(SortBy.CHANGED, "Changed", 154, 1, _changed),
)
PLACES = {column.by: place for place, column in enumerate(COLUMNS)}
BY_NAME = {column.name: column for column in COLUMNS}
USUAL = tuple(
    by.value for by in (SortBy.ISBN, SortBy.CATEGORY, SortBy.PRICE, SortBy.STOCK, SortBy.REORDER, SortBy.STATE)
)
# What even a small screen with large text shows where it is chosen.
KEPT = frozenset({SortBy.PRICE, SortBy.STOCK})
# What the two ends of an order are called where they are no letters.
_FIGURES, _DATES = ("lowest first", "highest first"), ("oldest first", "newest first")
WAYS = {
    **dict.fromkeys((SortBy.PRICE, SortBy.COST, SortBy.STOCK, SortBy.REORDER, SortBy.SOLD, SortBy.ISBN), _FIGURES),
    **dict.fromkeys((SortBy.PUBLISHED, SortBy.CHANGED), _DATES),
    SortBy.STATE: ("well stocked first", "inactive first"),
}


def table_names(names: Sequence[str]) -> list[str]:
    """Give the columns of a table for those a list shows, the title always, in the list's order."""
    shown = (column for column in COLUMNS if column.by is SortBy.TITLE or column.name in names)
    return [name for column in shown for name in column.table]


def _wanted(column: Column) -> tuple[int, int]:
    """What gives way last comes first: what no list is of use without, what somebody added, the usual rest."""
    rank = 0 if column.by in KEPT else 2 if column.name in USUAL else 1
    return rank, -column.worth


def fitting(names: Sequence[str], room: int, scale: Callable[[int], int]) -> set[SortBy]:
    """Which of the columns chosen fit a width, the title always.

    Those that are usual and were merely left ticked give way before those that somebody added.
    """
    chosen = sorted((BY_NAME[name] for name in names if name in BY_NAME), key=_wanted)
    left = room - scale(TITLE_LEAST)
    # What all look for may narrow the title further than the rest.
    spare = scale(TITLE_ROOM) - scale(TITLE_LEAST)
    shown = {SortBy.TITLE}
    for column in chosen:
        narrows = column.worth >= WORTHY or column.name not in USUAL
        if column.by is not SortBy.TITLE and scale(column.width) <= left - (0 if narrows else spare):
            left -= scale(column.width)
            shown.add(column.by)
    return shown


def left_out(names: Sequence[str], shown: Collection[SortBy]) -> str:
    """Say which of the columns chosen are not among those shown, and what makes room; empty where all are."""
    out = [column.head for column in COLUMNS[1:] if column.name in names and column.by not in shown]
    if not out:
        return ""
    listed = " and ".join(part for part in (", ".join(out[:-1]), out[-1]) if part)
    return f"Not enough room for {listed}: untick others with F4, or make the window wider."


def sorted_words(order: ListOrder) -> str:
    """Say what a list is sorted by, and which end of it comes first."""
    first, last = WAYS.get(order.by, ("A to Z", "Z to A"))
    return f"Sorted by {COLUMNS[PLACES[order.by]].head}, {last if order.descending else first}"
