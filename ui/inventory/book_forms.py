"""All fields of a title."""

from collections.abc import Callable, Mapping
from decimal import Decimal

from PySide6.QtWidgets import QGridLayout, QLineEdit, QWidget

from pos_app.domain.kinds import Availability, BookKind
from pos_app.errors import Refused
from pos_app.services.book import BookDetail
from pos_app.services.book_edit import Change, change_cells
from pos_app.services.supplier import ASKED, USUAL, SupplierView
from ui.context import Context
from ui.widgets.basic import caption, restyle
from ui.widgets.fields import Choice
from ui.widgets.sheet import WorkSheet

TEXTS = {
    "title": "Title", "author": "Author", "isbn": "ISBN", "publisher": "Publisher", "series": "Series",
    "series_number": "Number in series", "published_on": "Published", "format": "Format", "language": "Language",
    "shelf": "Shelf", "description": "Description",
}  # fmt: skip
# Which field a refusal is about, by what its code starts with.
BLAME = {
    "isbn": "isbn", "code.": "isbn", "book.title": "title", "book.author": "author", "book.publisher": "publisher",
    "book.published": "published_on", "book.shelf": "shelf", "amount": ASKED, "price": ASKED, "supplier.nobody": ASKED,
}  # fmt: skip
COLUMNS = 3
NEEDED = frozenset({"title", "author"})
SUPPLIES: dict[str, Availability | None] = {
    "Can be ordered": None, "Not published yet": Availability.FORTHCOMING,
    "Not to be had for now": Availability.UNAVAILABLE, "Out of print": Availability.OUT_OF_PRINT,
    "Withdrawn": Availability.WITHDRAWN,
}  # fmt: skip
PRICES = {"As in the list": False, "Asked for": True}
KINDS = {"Book": BookKind.BOOK, "Other goods": BookKind.OTHER, "Service": BookKind.SERVICE}


class FieldsDialog(WorkSheet):
    """All fields of a title that the panel has no room for; what cannot be stored is told beside what was typed."""

    def __init__(self, context: Context, book: BookDetail, suppliers: Mapping[str, int], parent: QWidget) -> None:
        """Show them as they are stored; `suppliers` by what is said of them."""
        super().__init__(context, "All fields", parent, go="Save", width=860)
        self._book = book
        self.saved = False
        grid = QGridLayout()
        grid.setHorizontalSpacing(12)
        grid.setVerticalSpacing(4)
        self._texts: dict[str, QLineEdit] = {}
        for place, (name, word) in enumerate(TEXTS.items()):
            field = QLineEdit(getattr(book, name) or "")
            field.setMaxLength(20_000 if name == "description" else 255)
            self._texts[name] = field
            self._place(grid, place, word, field)
        self._kind, self._active, self._supplier, self._supply = Choice(), Choice(), Choice(), Choice()
        self._open = Choice()
        self._supplier.setSizeAdjustPolicy(Choice.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        self._supplier.addItem("Nobody yet", None)
        for text, number in suppliers.items():
            self._supplier.addItem(text, number)
        for text, kind in KINDS.items():
            self._kind.addItem(text, kind)
        for text, active in (("Yes", True), ("No", False)):
            self._active.addItem(text, active)
        self._asked = self._texts[ASKED] = QLineEdit()
        self._asked.setMaxLength(20)
        extras: tuple[tuple[str, QWidget], ...] = (
            ("Kind", self._kind), ("Supplier", self._supplier), ("Supplier’s cost", self._asked),
            ("On sale", self._active), ("Supply", self._supply), ("Price at the till", self._open),
        )  # fmt: skip
        for text, asked in PRICES.items():
            self._open.addItem(text, asked)
        self._open.setCurrentIndex(list(PRICES.values()).index(book.open_price))
        for text, supply in SUPPLIES.items():
            self._supply.addItem(text, supply)
        self._supply.setCurrentIndex(list(SUPPLIES.values()).index(book.availability))
        self._kind.setCurrentIndex(list(KINDS.values()).index(book.kind))
        self._active.setCurrentIndex(int(not book.active))
        self._supplier.setCurrentIndex(max(self._supplier.findData(book.usual_supplier), 0))
        for place, (word, extra) in enumerate(extras, len(TEXTS)):
            self._place(grid, place, word, extra)
        self.body.addLayout(grid)
        self._supplier.currentIndexChanged.connect(lambda _: self._supplier_chosen())
        self._supplier_chosen()
        for field in self._texts.values():
            field.setCursorPosition(0)
            field.textEdited.connect(lambda _, field=field: restyle(field, "invalid", value=False))
        self._texts["title"].setFocus()

    @staticmethod
    def _place(grid: QGridLayout, place: int, word: str, field: QWidget) -> None:
        row, column = divmod(place, COLUMNS)
        field.setAccessibleName(word)
        grid.addWidget(caption(word), 2 * row, column)
        grid.addWidget(field, 2 * row + 1, column)
        grid.setColumnStretch(column, 1)

    def _supplier_chosen(self) -> None:
        """The cost is that of the supplier chosen: of another one nothing is known here."""
        here, asked = self._supplier.currentData(), self._book.supplier_cost
        known = asked is not None and here == self._book.usual_supplier
        self._asked.setText(self.context.fmt.plain(asked) if known and asked is not None else "")
        self._asked.setPlaceholderText("price less discount" if here is not None else "")
        self._asked.setEnabled(here is not None)

    def _offered(self, supplier_id: int) -> bool:
        """Whether a supplier can be chosen; one no longer used stays that of its titles until another is chosen."""
        return self._supplier.findData(supplier_id) >= 0

    def _changes(self) -> dict[str, Change]:
        """What differs. Raises Refused("amount.…")."""
        book = self._book
        now: dict[str, object] = {
            name: self._texts[name].text().strip() or ("" if name in NEEDED else None) for name in TEXTS
        }
        now |= {"kind": list(KINDS.values())[self._kind.currentIndex()], "active": self._active.currentIndex() == 0}
        now["open_price"] = list(PRICES.values())[self._open.currentIndex()]
        now["availability"] = list(SUPPLIES.values())[self._supply.currentIndex()]
        if self._supplier.currentIndex() or book.usual_supplier is None or self._offered(book.usual_supplier):
            now[USUAL] = self._supplier.currentData()
            text = self._asked.text().strip()
            if text or now[USUAL] == book.usual_supplier:
                now[ASKED] = self.context.fmt.parse(text) if text else None
        was = {name: getattr(book, name) for name in now}
        changes = {name: Change(was[name], value) for name, value in now.items() if value != was[name]}
        if USUAL in changes and now.get(ASKED) is not None:
            # As high as what the one before asked, it is still to be kept of this one.
            changes[ASKED] = Change(was[ASKED], now[ASKED])
        return changes

    def submit(self) -> None:
        """Store what differs."""
        if not self.tasks.idle:
            return
        self.message.say("")
        try:
            changes = self._changes()
        except Refused as error:
            self.tell(error)
            return
        if changes:
            self.tasks.start(self._save(changes))
        else:
            self.accept()

    async def _save(self, changes: Mapping[str, Change]) -> None:
        await change_cells(self.context.app, self.context.operator, {self._book.id: changes})
        self.saved = True
        self.accept()

    def tell(self, error: BaseException) -> None:
        """Tell of an error below; the field that it is about is marked and gone to."""
        code = error.code if isinstance(error, Refused) else ""
        if name := next((name for start, name in BLAME.items() if code.startswith(start)), None):
            restyle(self._texts[name], "invalid", value=True)
            self._texts[name].setFocus()
            self._texts[name].selectAll()
        super().tell(error)


def supplier_words(row: SupplierView, percent: Callable[[Decimal], str]) -> str:
    """A supplier with its terms, as it is chosen from a list."""
    return f"{row.name} · {percent(row.discount_rate)} off, pay in {row.terms_days} days"
