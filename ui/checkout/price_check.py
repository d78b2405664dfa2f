"""F3: what a book costs, large, without selling it."""

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from pos_app.domain.kinds import BookKind
from pos_app.errors import PosError
from pos_app.services.price_check import PriceTag, check_price_of
from ui.context import Context
from ui.errors import kind_of, sentence
from ui.format import ASKED
from ui.tasks import Tasks
from ui.widgets.basic import ElidedLabel, FigureLabel, Pill, label
from ui.widgets.beside import BesidePanel
from ui.widgets.fields import IconField

PROMPT = "Scan to see the price"
PRICE_WIDTH = 140
PROMOTIONS_SHOWN = 2


class PriceCheckPanel(BesidePanel):
    """Stands under the entry field; the page hands it the next scan.

    `add` asks for the book shown to be sold.
    """

    add = Signal(int)

    def __init__(self, context: Context, tasks: Tasks) -> None:
        """Take the page's tasks; hidden until it is asked for."""
        super().__init__("Price check", leave="Leave the price check", go="Add to the sale")
        self._context, self._tasks = context, tasks
        self.tag: PriceTag | None = None
        self.field = IconField("search", "Price check", f"{PROMPT}, or type the ISBN")
        self.head.addWidget(self.field, 1)
        self.body.addWidget(self._make_book())

    def _make_book(self) -> QWidget:
        self._title = ElidedLabel(role="heading")
        self._author, self._where = ElidedLabel(role="muted"), ElidedLabel(role="muted")
        words = QVBoxLayout()
        words.setSpacing(4)
        for widget in (self._title, self._author, self._where):
            words.addWidget(widget)
        self._pills = [Pill() for _ in range(PROMOTIONS_SHOWN)]
        pills = QHBoxLayout()
        pills.setSpacing(8)
        for pill in self._pills:
            pills.addWidget(pill)
        pills.addStretch(1)
        words.addStretch(1)
        self._price, self._was = FigureLabel("total"), label("", "muted")
        self._price.setMinimumWidth(PRICE_WIDTH)
        self._was.setAlignment(Qt.AlignmentFlag.AlignRight)
        figures = QVBoxLayout()
        figures.setSpacing(0)
        figures.addWidget(self._price)
        figures.addWidget(self._was)
        figures.addStretch(1)
        self._book = QWidget()
        row = QHBoxLayout()
        row.setSpacing(16)
        row.addLayout(words, 3)
        row.addLayout(figures, 2)
        column = QVBoxLayout(self._book)
        column.setContentsMargins(0, 4, 0, 0)
        column.setSpacing(6)
        column.addLayout(row)
        column.addLayout(pills)
        return self._book

    def ask(self) -> None:
        """Wait for a scan, or for a code typed."""
        self._show(None)
        self.message.say(f"{PROMPT}.", "none")
        self.field.clear()
        self.show()
        self.field.setFocus()

    async def show_code(self, code: str) -> None:
        """Show what the title of a code costs, or say what is wrong with the code."""
        try:
            tag = await check_price_of(self._context.app, code)
        except PosError as error:
            self._show(None)
            self.message.say(sentence(error), kind_of(error))
            if error.code != "code.card_number" and self.field.text():
                self.field.selectAll()
            else:
                self.field.clear()
        else:
            self.field.clear()
            self._show(tag)
            self._say_state(tag)
        self.show()
        self.field.setFocus()

    def _say_state(self, tag: PriceTag) -> None:
        if not tag.book.active:
            self.message.say("It is no longer sold.", "warn")
        elif tag.book.kind is not BookKind.SERVICE and tag.book.stock <= 0:
            self.message.say("Out of stock.", "warn")
        else:
            self.message.say("Not sold yet.", "none")

    def _show(self, tag: PriceTag | None) -> None:
        self.tag = tag
        self._book.setVisible(tag is not None)
        self.go.setEnabled(tag is not None and tag.book.active)
        if tag is None:
            return
        fmt, book = self._context.fmt, tag.book
        self._title.show_text(book.title)
        self._author.show_text(" · ".join(part for part in (book.author, book.isbn or "") if part))
        self._where.show_text(_where(tag))
        price = ASKED if book.open_price else fmt.money(tag.price)
        self._price.setText(price)
        self._price.setAccessibleName(f"Price {price}")
        self._was.setText(f"instead of {fmt.money(book.price)}" if tag.reduced else "")
        self._was.setVisible(tag.reduced)
        for place, pill in enumerate(self._pills):
            there = place < len(tag.promotions)
            pill.setVisible(there)
            if there:
                name = tag.promotions[place]
                pill.show_state(name, "ok", name=f"Promotion {name}")

    def submit(self) -> None:
        """Enter: look up what is typed, else sell what is shown."""
        typed = self.field.text().strip()
        if typed:
            self._tasks.start(self.show_code(typed), key="price check")
        elif self.tag is not None and self.go.isEnabled():
            book_id = self.tag.book.id
            self.leave()
            self.add.emit(book_id)

    def leave(self) -> None:
        """Esc: put it away."""
        self._show(None)
        self.hide()
        self.left.emit()


def _where(tag: PriceTag) -> str:
    """How many there are, and where."""
    book = tag.book
    stock = "" if book.kind is BookKind.SERVICE else f"{book.stock} in stock" if book.stock > 0 else "Out of stock"
    shelf = f"Shelf {book.shelf}" if book.shelf else ""
    return " · ".join(part for part in (stock, shelf) if part)
