"""A title added by hand: a book, another good or a service, with an ISBN or without."""

from collections.abc import Sequence

from PySide6.QtWidgets import QWidget

from pos_app.domain.isbn import parse_code
from pos_app.domain.kinds import BookKind
from pos_app.errors import Refused
from pos_app.services.book import BookDetail, CategoryRow, find_by_code, get_book
from pos_app.services.book_add import add_book, same_title
from ui.context import Context
from ui.inventory.ask import Act, AskSheet
from ui.inventory.book_forms import KINDS
from ui.widgets.basic import caption
from ui.widgets.fields import Choice

BLAME = {
    "amount": "Price", "price": "Price", "isbn": "ISBN", "code": "ISBN", "book.title": "Title", "book.author": "Author",
    "book.known": "ISBN",
}  # fmt: skip
ANY_KIND = "By its code"


class NewBookSheet(AskSheet):
    """`made` is the title as stored; a title of the same words is told of before a second one is added."""

    def __init__(self, context: Context, categories: Sequence[CategoryRow], parent: QWidget) -> None:
        """Lay out the fields."""
        fields = dict.fromkeys(("ISBN", "Title", "Author", "Price"), "")
        super().__init__(context, "New book", fields, parent, go="Add", act=self._add, blame=BLAME)
        self._fields["ISBN"].setPlaceholderText("Empty where it has none")
        self._kind, self._category = Choice(), Choice()
        self._kind.addItem(ANY_KIND, None)
        for text, kind in KINDS.items():
            self._kind.addItem(text, kind)
        self._category.addItem("No category", None)
        for row in categories:
            self._category.addItem(row.name, row.id)
        for name, choice in (("Kind", self._kind), ("Category", self._category)):
            choice.setAccessibleName(name)
            self.body.addWidget(caption(name))
            self.body.addWidget(choice)
        # The title whose twin was told of: Enter again adds it all the same.
        self._told = ""

    def scanned(self, code: str) -> None:
        """Take a book held under the scanner as the new one."""
        self._fields["ISBN"].setText(code)
        self._fields["Title"].setFocus()
        self._say_beside("ISBN", "")
        self.tasks.start(self._look(code), key="look")

    async def _look(self, code: str) -> None:
        """Say of a title that is there already, before the rest of it is typed."""
        try:
            known = await find_by_code(self.context.app, code)
        except Refused as told:
            if told.code != "book.unknown":
                raise
            return
        raise Refused("book.known", title=known.title, price=self.context.fmt.money(known.price))

    def submit(self) -> None:
        """Add it; a number just scanned is looked up by that too."""
        self.tasks.cancel("look")
        super().submit()

    async def _carry_out(self, act: Act) -> None:
        isbn, title, *_ = self.answers
        if title and title != self._told and (twin := await same_title(self.context.app, title)) is not None:
            self._told = title
            if not isbn or isbn.replace("-", "") != twin.isbn:
                known = (
                    f"“{twin.title}” is there already: {twin.isbn or 'no ISBN'}, {self.context.fmt.money(twin.price)}."
                )
                self.message.say(f"{known} Enter again adds a second one.", "warn")
                return
        await super()._carry_out(act)

    async def _add(self, _sheet: AskSheet) -> BookDetail:
        app, operator = self.context.app, self.context.operator
        isbn, title, author, price = self.answers
        kind: BookKind | None = (None, *KINDS.values())[self._kind.currentIndex()]
        category: int | None = self._category.currentData()
        if isbn:
            parse_code(isbn)  # what is wrong first is told first
        if not price:
            raise Refused("price.missing")
        amount = self.context.fmt.parse(price)
        try:
            made = await add_book(app, operator, isbn, title, amount, author, category, kind=kind, only_new=True)
        except Refused as told:
            if told.code != "book.known":
                raise
            price = self.context.fmt.money(told.params["price"])
            raise Refused("book.known", title=told.params["title"], price=price) from told
        return await get_book(app, made)
