"""A valid ISBN that nobody sells yet: its title and price, asked for beside the sale and not in its way."""

from collections import deque
from dataclasses import dataclass

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QGridLayout, QLineEdit

from pos_app.domain.cover_price import cover_price
from pos_app.domain.isbn import format_isbn, parse_code
from pos_app.errors import PosError, Refused
from pos_app.services.book_add import add_book
from ui.context import Context
from ui.errors import kind_of, sentence
from ui.style.theme import px
from ui.tasks import Tasks
from ui.widgets.basic import caption, label, restyle
from ui.widgets.beside import BesidePanel

PRICE_WIDTH = 130
LONGEST_TITLE = 255


@dataclass(slots=True)
class _Asked:
    """A code to be added: how many copies of it were scanned, and the price on its cover as typed."""

    code: str
    copies: int
    price: str


class AddBookPanel(BesidePanel):
    """Stands under the entry field while a book is to be added; scans go on into the sale.

    `added` gives the book's id and how many copies of it were scanned, which are its first stock. Unknown books
    scanned meanwhile wait for their turn.
    """

    added = Signal(int, int)

    def __init__(self, context: Context, tasks: Tasks) -> None:
        """Take the page's tasks; hidden until something is asked."""
        super().__init__("Add this book", leave="Leave adding", go="Add and sell")
        self._context, self._tasks = context, tasks
        self._waiting: deque[_Asked] = deque()
        self._adding = False
        self._isbn = label("", "muted")
        self.head.addWidget(self._isbn)
        self.head.addStretch(1)
        self._more = label("", "small")
        self.head.addWidget(self._more)
        self.body.addLayout(self._make_fields())

    def _make_fields(self) -> QGridLayout:
        self._title, self._price = QLineEdit(), QLineEdit()
        self._price.setFixedWidth(px(PRICE_WIDTH))
        self._price.setAlignment(Qt.AlignmentFlag.AlignRight)
        grid = QGridLayout()
        grid.setHorizontalSpacing(12)
        grid.setVerticalSpacing(4)
        grid.setColumnStretch(0, 1)
        for column, (field, name, longest) in enumerate(
            ((self._title, "Title", LONGEST_TITLE), (self._price, "Price", 16))
        ):
            field.setAccessibleName(name)
            field.setMaxLength(longest)
            field.textEdited.connect(lambda _, field=field: restyle(field, "invalid", value=False))
            grid.addWidget(caption(name), 0, column)
            grid.addWidget(field, 1, column)
        return grid

    @property
    def code(self) -> str:
        """The 13 digits being asked about; empty while nothing is."""
        return self._waiting[0].code if self._waiting else ""

    def ask(self, code: str, copies: int = 1) -> None:
        """Ask for the book of a valid, unknown code; the same code again counts its copies.

        A price in the code's five-digit add-on is offered. Raises Refused as `domain.isbn.parse_code` does.
        """
        parsed = parse_code(code)
        for waiting in self._waiting:
            if waiting.code == parsed.value:
                waiting.copies += copies
                self._show_counts()
                return
        cover = cover_price(parsed.addon, self._context.fmt.settings.currency)
        price = "" if cover is None else self._context.fmt.plain(cover)
        self._waiting.append(_Asked(parsed.value, copies, price))
        if len(self._waiting) == 1:
            self._show_first()
        self._show_counts()

    def _show_first(self) -> None:
        asked = self._waiting[0]
        shown = format_isbn(asked.code)
        self._isbn.setText(shown)
        self._isbn.setAccessibleName(f"ISBN {shown}")
        self._title.clear()
        self._price.setText(asked.price)
        for field in (self._title, self._price):
            restyle(field, "invalid", value=False)
        self.message.say("No book has this number yet.", "none")
        self.show()
        self._title.setFocus()

    def _show_counts(self) -> None:
        copies, more = self._waiting[0].copies, len(self._waiting) - 1
        said = (f"{copies} copies" if copies > 1 else "", f"{more} more to add" if more else "")
        self._more.setText(" · ".join(part for part in said if part))

    def submit(self) -> None:
        """Enter: go on to what is missing, or add the book."""
        if self._adding or not self._waiting:
            return
        title = self._title.text().strip()
        if not title:
            self._say_wrong(Refused("book.title"), self._title)
            return
        if not self._price.text().strip():
            self._price.setFocus()
            return
        try:
            price = self._context.fmt.parse(self._price.text())
        except Refused as refused:
            self._say_wrong(refused, self._price)
            return
        self._adding = True
        self._tasks.start(self._add(title, price))

    async def _add(self, title: str, price: int) -> None:
        app, operator, asked = self._context.app, self._context.operator, self._waiting[0]
        try:
            book_id = await add_book(app, operator, asked.code, title, price, stock=asked.copies)
        except PosError as error:
            self._say_wrong(error, self._price if error.code.startswith("price.") else self._title)
            return
        finally:
            self._adding = False
        self._next()
        self.added.emit(book_id, asked.copies)

    def leave(self) -> None:
        """Esc: do not add this one."""
        if self._waiting and not self._adding:
            self._next()

    def _next(self) -> None:
        self._waiting.popleft()
        if self._waiting:
            self._show_first()
            self._show_counts()
            return
        self.hide()
        self.left.emit()

    def _say_wrong(self, error: PosError, field: QLineEdit) -> None:
        self.message.say(sentence(error), kind_of(error))
        restyle(field, "invalid", value=True)
        field.setFocus()
        field.selectAll()
