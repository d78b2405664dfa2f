"""Two titles side by side, of which one is merged into the other."""

from collections.abc import Sequence

from PySide6.QtWidgets import QGridLayout, QWidget

from pos_app.domain.same_book import same_author
from pos_app.domain.search import fold
from pos_app.services.book import BookDetail
from pos_app.services.book_merge import merge_books
from pos_app.services.book_search import BookRow
from ui.actions import shortcut
from ui.context import Context
from ui.widgets.basic import caption, label
from ui.widgets.fields import Choice
from ui.widgets.key_button import KeyButton
from ui.widgets.sheet import WorkSheet

NOTE = "The one that stays keeps selling and gets the other one\u2019s codes, copies, suppliers and stock."
SAID = ("Title", "Author", "ISBN", "Publisher", "Published", "Format", "Price", "In stock")


def why(one: BookRow, other: BookRow) -> str:
    """Say what speaks for two records being one title, and what they differ in."""
    alike = one.title_key == other.title_key
    same = ["title" if one.title == other.title else "words in the title"] if alike else []
    if fold(one.author) and same_author(one.author, other.author):
        same.append("author" if one.author == other.author else f"author (“{one.author}”, “{other.author}”)")
    parts = {
        "ISBN": (one.isbn, other.isbn), "publisher": (one.publisher, other.publisher),
        "format": (one.format, other.format), "year": (_year(one), _year(other)), "price": (one.price, other.price),
    }  # fmt: skip
    same += [name for name, (a, b) in parts.items() if a and a == b]
    differ = [] if alike else ["title"]
    if fold(one.author) and fold(other.author) and not same_author(one.author, other.author):
        differ.append("author")
    differ += [name for name, (a, b) in parts.items() if a and b and a != b]
    unknown = [name for name, (a, b) in parts.items() if bool(a) != bool(b) and name != "price"]
    said = f"The same: {', '.join(same) or 'nothing'}."
    said += f" Different: {', '.join(differ)}." if differ else ""
    return said + (f" Known of one alone: {', '.join(unknown)}." if unknown else "")


def _year(book: BookRow) -> str:
    return (book.published_on or "")[:4]


class MergeSheet(WorkSheet):
    """Pairs of (goes, stays) to choose of; F4 turns one round. `made` is the title that stays, as stored."""

    def __init__(
        self, context: Context, pairs: Sequence[tuple[BookRow, BookRow]], parent: QWidget, *, found: bool = True
    ) -> None:
        """Lay out, the first pair shown; `found` says that they were not chosen by hand."""
        super().__init__(context, "Merge a duplicate", parent, go="Merge", width=760)
        self._pairs, self._turned, self._found = pairs, False, found
        self.made: BookDetail | None = None
        self._choice = Choice()
        self._choice.setAccessibleName("Titles that look like one")
        for goes, stays in pairs:
            self._choice.addItem(f"{goes.title[:60]} ({goes.isbn or 'no ISBN'} and {stays.isbn or 'no ISBN'})")
        self._choice.currentIndexChanged.connect(lambda _: self._show(turned=False))
        self.body.addWidget(self._choice)
        self._why = label("")
        self._why.setWordWrap(True)
        self.body.addWidget(self._why)
        grid = QGridLayout()
        grid.setHorizontalSpacing(16)
        self._cells = [[label("") for _ in SAID] for _ in range(2)]
        for column, head in enumerate(("Goes", "Stays"), 1):
            grid.addWidget(caption(head), 0, column)
            grid.setColumnStretch(column, 1)
            for row, cell in enumerate(self._cells[column - 1], 1):
                cell.setWordWrap(True)
                grid.addWidget(cell, row, column)
        for row, name in enumerate(SAID, 1):
            grid.addWidget(caption(name), row, 0)
        self.body.addLayout(grid)
        note = label(NOTE, "small")
        note.setWordWrap(True)
        self.body.addWidget(note)
        turn = KeyButton("Turn round", "F4", size="big")
        turn.clicked.connect(self._turn)
        self.foot.insertWidget(1, turn)
        shortcut(self, "F4", self._turn, within=False)
        self._show(turned=False)
        self._choice.setFocus()

    @property
    def pair(self) -> tuple[BookRow, BookRow]:
        """Which goes, and which stays."""
        goes, stays = self._pairs[self._choice.currentIndex()]
        return (stays, goes) if self._turned else (goes, stays)

    def _turn(self) -> None:
        self._show(turned=not self._turned)

    def _show(self, *, turned: bool) -> None:
        self._turned = turned
        fmt = self.context.fmt
        self._why.setText(f"{'' if self._found else 'You chose these two. '}{why(*self.pair)}")
        for head, cells, book in zip(("Goes", "Stays"), self._cells, self.pair, strict=True):
            texts = (
                book.title, book.author, book.isbn or "no ISBN", book.publisher or "", _year(book), book.format or "",
                fmt.money(book.price),
                str(book.stock),
            )  # fmt: skip
            for name, cell, text in zip(SAID, cells, texts, strict=True):
                cell.setText(text)
                cell.setAccessibleName(f"{head}: {name} {text}")

    def submit(self) -> None:
        """Merge them."""
        if self.tasks.idle:
            self.message.say("")
            self.tasks.start(self._merge())

    async def _merge(self) -> None:
        goes, stays = self.pair
        self.made = await merge_books(self.context.app, self.context.operator, stays.id, goes.id)
        self.accept()
