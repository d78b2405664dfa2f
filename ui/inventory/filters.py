"""Which books the list shows: the question that asks, and a chip for each answer that can be taken off again."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QStringListModel, Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import (
    QCompleter,
    QGridLayout,
    QLineEdit,
    QListView,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QVBoxLayout,
    QWidget,
)

from pos_app.domain.kinds import Missing, StockState
from pos_app.domain.search import fold
from pos_app.domain.subject import subject_title
from pos_app.errors import PosError, Refused
from pos_app.services.book import CategoryRow
from pos_app.services.book_filter import BookFilter
from pos_app.services.book_list import Choices
from pos_app.services.subject import MOST_COUNTED as SUBJECTS_COUNTED
from pos_app.services.subject import SubjectInUse
from ui.actions import shortcut
from ui.errors import kind_of, sentence
from ui.format import Formatter
from ui.languages import language_words
from ui.widgets.basic import Message, caption
from ui.widgets.fields import Choice
from ui.widgets.flow import FlowLayout
from ui.widgets.key_button import KeyButton
from ui.widgets.sheet import Sheet

STATES = {
    StockState.IN_STOCK: "Well stocked",
    StockState.LOW: "Low",
    StockState.OUT: "Out",
    StockState.INACTIVE: "Inactive",
}
MISSING = {
    Missing.ISBN: "No ISBN",
    Missing.AUTHOR: "No author",
    Missing.CATEGORY: "No category",
    Missing.PUBLISHER: "No publisher",
    Missing.COST: "No cost",
    Missing.FORMAT: "No format",
    Missing.LANGUAGE: "No language",
    Missing.SHELF: "No shelf",
    Missing.YEAR: "No year",
    Missing.SUPPLIER: "No supplier",
    Missing.PRICE: "No price",
    Missing.COVER: "No cover",
    Missing.DESCRIPTION: "No description",
}
# As many are counted by themselves for a chip; how many are listed is counted for the list.
MOST_COUNTED = 50_000
# As many publishers are offered at once.
MOST_OFFERED = 30
STEP = "    "
# How many days back, the one it is looked at among them.
DAYS = {1: "Today", 7: "In the last 7 days", 30: "In the last 30 days", 365: "In the last year"}


@dataclass(frozen=True)
class Shown:
    """What is asked for: `changed_days` counts back from the day it is looked at, which is the first."""

    wanted: BookFilter = field(default_factory=BookFilter)
    changed_days: int | None = None


def tree(categories: Sequence[CategoryRow]) -> list[tuple[int, int, str]]:
    """Categories below their parents: how far in, the number and the name of each."""
    below: dict[int | None, list[CategoryRow]] = {}
    for category in categories:
        below.setdefault(category.parent_id, []).append(category)

    def under(parent: int | None, depth: int) -> list[tuple[int, int, str]]:
        rows = []
        for category in below.get(parent, []):
            rows += [(depth, category.id, category.name), *under(category.id, depth + 1)]
        return rows

    return under(None, 0)


def having(typed: str, names: Sequence[tuple[str, str]]) -> list[str]:
    """Names with what is typed in them, those first that start with it, then those of which a word does.

    Each name comes with how it reads folded; case and accents tell nothing apart.
    """
    sought = fold(typed)
    ranked: tuple[list[str], list[str], list[str]] = ([], [], [])
    for name, folded in names:
        at = folded.find(sought)
        if at >= 0:
            ranked[0 if at == 0 else 1 if f" {sought}" in folded else 2].append(name)
    return [name for names_of in ranked for name in names_of]


class _Indented(QStyledItemDelegate):
    """Draws each category as far in as it lies; its text itself starts with its name, so that letters find it."""

    def __init__(self, depths: Sequence[int], parent: QWidget) -> None:
        """Take how far in each row is."""
        super().__init__(parent)
        self._depths = depths

    def initStyleOption(self, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex) -> None:
        """Move the text in."""
        super().initStyleOption(option, index)
        option.text = STEP * self._depths[index.row()] + option.text


class ListedField(QLineEdit):
    """A field that the arrow down lists what there is for; `entered` is Enter while nothing of the list is chosen."""

    listed = Signal(str)
    entered = Signal()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Ask for a list; Enter is not lost on a list that nothing is chosen of."""
        offered = None if self.completer() is None else self.completer().popup()
        enter = event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter)
        # Not by the current one: that is the first, as a list gets the focus.
        if enter and offered is not None and offered.isVisible() and not offered.selectionModel().hasSelection():
            offered.hide()
            self.entered.emit()
            return
        if event.key() == Qt.Key.Key_Down:
            self.listed.emit(self.text())
            return
        super().keyPressEvent(event)


class FiltersDialog(Sheet):
    """F3: everything the list can be narrowed by.

    `asked` tells what is typed of a subject; `offer_subjects` answers it. `publishers_asked` is told once, as somebody
    starts to type a publisher; `take_publishers` answers it.
    """

    asked = Signal(str)
    publishers_asked = Signal()

    def __init__(
        self,
        shown: Shown,
        choices: Choices,
        categories: Sequence[CategoryRow],
        fmt: Formatter,
        parent: QWidget,
    ) -> None:
        """Start with what is shown now."""
        super().__init__("Filters", parent, go="Show", width=640)
        self._fmt, self.answer = fmt, shown
        wanted = shown.wanted
        self._grid = QGridLayout()
        self._grid.setHorizontalSpacing(16)
        self._grid.setVerticalSpacing(4)
        self.body.addLayout(self._grid)
        self._places = 0
        stock: list[tuple[object, str]] = [("any", "Any in stock"), *STATES.items()]
        rows = tree(categories)
        self.category = self._choice("Category", [(number, name) for _, number, name in rows], wanted.category_id)
        # Its rows are those of the other lists that are offered: with a delegate of its own a box gives them no room.
        offered = QListView()
        offered.setProperty("role", "offered")
        self.category.setView(offered)
        self.category.setItemDelegate(_Indented([0, *(depth for depth, _, _ in rows)], self.category))
        self.stock = self._choice("Stock", stock, "any" if wanted.in_stock else wanted.state)
        self.price_from = self._field("Price from", "" if wanted.min_price is None else fmt.plain(wanted.min_price))
        self.price_to = self._field("Price to", "" if wanted.max_price is None else fmt.plain(wanted.max_price))
        # Each with how it reads folded; None until they are read.
        self._publishers: Sequence[tuple[str, str]] | None = None
        self._publisher_waits = self._publishers_asked = False
        self._make_publisher(wanted.publisher or "")
        self.supplier = self._choice("Supplier", choices.suppliers, wanted.supplier_id)
        self.format = self._choice("Format", [(each, each) for each in choices.formats], wanted.format)
        self.language = self._choice("Language", _languages(choices.languages), wanted.language)
        self.changed = self._choice("Changed", list(DAYS.items()), shown.changed_days)
        self.missing = self._choice("Missing data", list(MISSING.items()), wanted.missing)
        self.subject = ListedField()
        self.subject.setPlaceholderText("Words or a code; ↓ lists them")
        self._add("Subject", self.subject, wide=True)
        # What the texts offered stand for; Enter that came before its answer waits for it.
        self._subjects: dict[str, str] = {}
        self._waiting = ""
        if wanted.subject is not None:
            title = subject_title(wanted.subject)
            self._subjects[title] = wanted.subject
            self.subject.setText(title)
        self.subject.entered.connect(self.submit)
        self._found = self._completed(self.subject)
        self.subject.textEdited.connect(self.asked)
        # What was said of other words no longer holds.
        self.subject.textEdited.connect(lambda: self.message.say(""))
        self.subject.listed.connect(self._list_subjects)
        clear = KeyButton("No filters", "Alt N", size="big")
        clear.setShortcut("Alt+N")
        clear.clicked.connect(self._clear)
        self.foot.insertWidget(1, clear)
        self.category.setFocus(Qt.FocusReason.OtherFocusReason)

    def _add(self, name: str, field: QWidget, *, wide: bool = False, below: QWidget | None = None) -> None:
        field.setAccessibleName(name)
        row, column = divmod(self._places, 2)
        self._grid.addWidget(caption(name), 2 * row, column)
        if below is None:
            # At the top: what stands beside it may be told something below.
            self._grid.addWidget(field, 2 * row + 1, column, 1, 2 if wide else 1, Qt.AlignmentFlag.AlignTop)
        else:
            both = QVBoxLayout()
            both.setSpacing(4)
            both.addWidget(field)
            both.addWidget(below)
            both.addStretch(1)
            self._grid.addLayout(both, 2 * row + 1, column)
        self._grid.setColumnStretch(column, 1)
        self._places += 1

    def _completed(self, field: QLineEdit) -> QStringListModel:
        """What is offered below a field as it is typed in."""
        model = QStringListModel(self)
        completer = QCompleter(model, self)
        completer.setCaseSensitivity(Qt.CaseSensitivity.CaseInsensitive)
        completer.setCompletionMode(QCompleter.CompletionMode.UnfilteredPopupCompletion)
        # A list of its own: the one it would make draws rows that no style reaches.
        offered = QListView()
        offered.setProperty("role", "offered")
        completer.setPopup(offered)
        offered.setItemDelegate(QStyledItemDelegate(offered))
        field.setCompleter(completer)
        return model

    def _list_subjects(self, text: str) -> None:
        """List what is below the subject that is there, or what fits what is typed."""
        scheme, _, code = self._subjects.get(text.strip(), "").partition(":")
        self.asked.emit(f"{scheme}:{code}" if code else text)

    def offer_subjects(self, typed: str, found: Sequence[SubjectInUse]) -> None:
        """Offer subjects for what was typed; where Enter was pressed meanwhile, take the first."""
        offered = {}
        for one in found:
            many = one.titles > SUBJECTS_COUNTED
            titles = f"{self._fmt.count(min(one.titles, SUBJECTS_COUNTED))}{'+' * many}"
            offered[f"{subject_title(one.subject)} · {titles}"] = one.subject
        self._subjects |= offered
        self._found.setStringList(list(offered))
        if not found and (popup := self.subject.completer().popup()) is not None:
            # A list without rows would stay, and take the next Enter for itself.
            popup.hide()
        waiting, self._waiting = self._waiting, ""
        if not waiting or waiting != typed:
            if self.subject.hasFocus() and found:
                self.subject.completer().complete()
            return
        if not found:
            self.message.say(f"No title has a subject “{waiting}”. The arrow down lists those in use.", "warn")
            self.subject.setFocus()
            self.subject.selectAll()
            return
        self.subject.setText(next(iter(offered)))
        self.submit()

    def _make_publisher(self, text: str) -> None:
        self.publisher, self.no_publisher = ListedField(), Message()
        self.publisher.setText(text)
        self.publisher.setMaxLength(255)
        self.no_publisher.hide()
        self._add("Publisher", self.publisher, below=self.no_publisher)
        self._names = self._completed(self.publisher)
        self.publisher.textEdited.connect(self._offer_publishers)
        self.publisher.listed.connect(self._offer_publishers)
        self.publisher.entered.connect(self.submit)

    def take_publishers(self, names: Sequence[tuple[str, str]]) -> None:
        """Know the publishers in use, offer those that fit what is typed, and go on with Enter that waited for them."""
        self._publishers = names
        waits, self._publisher_waits = self._publisher_waits, False
        if waits:
            self.submit()
        elif self.publisher.hasFocus():
            self._offer_publishers(self.publisher.text())

    def lack_publishers(self, error: PosError) -> None:
        """Tell that they could not be read; they are asked for again."""
        self._publisher_waits = self._publishers_asked = False
        self._say_publisher(sentence(error))

    def _ask_publishers(self) -> None:
        if not self._publishers_asked:
            self._publishers_asked = True
            self.publishers_asked.emit()

    def _offer_publishers(self, typed: str) -> None:
        """Offer the publishers whose names have what is typed in them."""
        self._say_publisher("")
        # Typed on, it is to be shown before it is taken.
        self._publisher_waits = False
        if self._publishers is None:
            self._ask_publishers()
            return
        found = having(typed, self._publishers)
        self._names.setStringList(found[:MOST_OFFERED])
        completer = self.publisher.completer()
        if found and self.publisher.hasFocus():
            completer.complete()
        elif (popup := completer.popup()) is not None:
            popup.hide()
        if not found:
            # At once: who waits for a list to choose from would go on waiting.
            self._say_publisher(self._no_publisher(typed.strip()))

    def _no_publisher(self, typed: str) -> str:
        """Say that no publisher is called so, and what can be done."""
        if not self._publishers:
            return "No title has a publisher yet. Ctrl+D in the list shows the field for it."
        return f"No title has a publisher “{typed}”. Type fewer letters, or empty the field and press ↓ for all."

    def _say_publisher(self, text: str) -> None:
        self.no_publisher.say(text, "warn")
        self.no_publisher.setVisible(bool(text))

    def _publisher_found(self) -> bool:
        """Whether what is typed names one publisher; it is written as that one is. Else it is told, or looked up."""
        typed = self.publisher.text().strip()
        if not typed or typed == self.answer.wanted.publisher:
            return True
        if self._publishers is None:
            self._publisher_waits = True
            self._ask_publishers()
            return False
        found = having(typed, self._publishers)
        named = [name for name in found if name == typed] or [name for name in found if fold(name) == fold(typed)]
        # Of names that have it in them a single one is meant.
        sure = named[:1] or (found if len(found) == 1 else [])
        if sure:
            self.publisher.setText(sure[0])
            return True
        many = f"{self._fmt.count(len(found))} publishers have “{typed}” in their names: choose one."
        self._say_publisher(many if found else self._no_publisher(typed))
        self.publisher.setFocus()
        self.publisher.selectAll()
        return False

    def _choice(self, name: str, choices: Sequence[tuple[object, str]], now: object) -> Choice:
        made = Choice()
        made.addItem("All", None)
        for value, text in choices:
            made.addItem(text, value)
            if value == now and now is not None:
                made.setCurrentIndex(made.count() - 1)
        made.setSizeAdjustPolicy(Choice.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        self._add(name, made)
        return made

    def _field(self, name: str, text: str) -> QLineEdit:
        made = QLineEdit(text)
        made.setMaxLength(255)
        self._add(name, made)
        return made

    def _clear(self) -> None:
        self.answer = Shown(BookFilter(text=self.answer.wanted.text))
        self.accept()

    def submit(self) -> None:
        """Read the answers; a price that is none is told, a subject that was typed is looked up first."""
        subject = self.subject.text().strip()
        if subject and subject not in self._subjects:
            self._waiting = subject
            self.asked.emit(subject)
            return
        if not self._publisher_found():
            return
        stock = self.stock.currentData()
        try:
            wanted = replace(
                self.answer.wanted,
                category_id=self.category.currentData(),
                min_price=self._price(self.price_from),
                max_price=self._price(self.price_to),
                in_stock=stock == "any",
                state=stock if isinstance(stock, StockState) else None,
                publisher=self.publisher.text().strip() or None,
                supplier_id=self.supplier.currentData(),
                subject=self._subjects.get(subject),
                format=self.format.currentData(),
                language=self.language.currentData(),
                missing=self.missing.currentData(),
            )
        except Refused as error:
            self.message.say(sentence(error), kind_of(error))
            return
        if wanted.min_price is not None and wanted.max_price is not None and wanted.min_price > wanted.max_price:
            self.message.say("No price is above the one and below the other. Swap “Price from” and “Price to”.", "warn")
            self.price_from.setFocus()
            self.price_from.selectAll()
            return
        self.answer = Shown(wanted, self.changed.currentData())
        self.accept()

    def _price(self, field: QLineEdit) -> int | None:
        try:
            return self._fmt.parse(field.text()) if field.text().strip() else None
        except Refused:
            field.setFocus()
            raise


@dataclass(frozen=True)
class Chip:
    """One filter that is set: what it says, the filter by itself, and what is left without it."""

    text: str
    alone: BookFilter
    without: Shown


def chips(
    shown: Shown, fmt: Formatter, categories: Sequence[CategoryRow], suppliers: Sequence[tuple[int, str]]
) -> list[Chip]:
    """A chip for each filter that is set; the text searched for has its own field."""
    wanted = shown.wanted
    found = []
    for text, names in _said(wanted, fmt, {row.id: row.name for row in categories}, dict(suppliers)):
        taken: dict[str, Any] = {name: getattr(BookFilter(), name) for name in names}
        kept: dict[str, Any] = {name: getattr(wanted, name) for name in names}
        left = Shown(replace(wanted, **taken), shown.changed_days)
        found.append(Chip(text, replace(BookFilter(), **kept), left))
    if shown.changed_days is not None:
        without = Shown(replace(wanted, changed_since=None))
        text = f"Changed: {DAYS.get(shown.changed_days, f'in the last {shown.changed_days} days').lower()}"
        found.append(Chip(text, BookFilter(changed_since=wanted.changed_since), without))
    return found


def _said(
    wanted: BookFilter, fmt: Formatter, categories: dict[int, str], suppliers: dict[int, str]
) -> Iterator[tuple[str, tuple[str, ...]]]:
    """What each filter that is set says, and the fields it is made of."""
    if wanted.category_id is not None:
        yield f"Category: {categories.get(wanted.category_id, 'one taken away')}", ("category_id",)
    if wanted.min_price is not None or wanted.max_price is not None:
        low, high = ("" if price is None else fmt.amount(price) for price in (wanted.min_price, wanted.max_price))
        yield f"Price {low}–{high}", ("min_price", "max_price")
    if wanted.in_stock:
        yield "In stock", ("in_stock",)
    if wanted.state is not None:
        yield f"Stock: {STATES[wanted.state]}", ("state",)
    for name in ("publisher", "format", "language"):
        if value := getattr(wanted, name):
            yield f"{name.capitalize()}: {language_words(value) if name == 'language' else value}", (name,)
    if wanted.supplier_id is not None:
        yield f"Supplier: {suppliers.get(wanted.supplier_id, 'one taken away')}", ("supplier_id",)
    if wanted.subject is not None:
        yield f"Subject: {subject_title(wanted.subject)}", ("subject",)
    if wanted.missing is not None:
        yield MISSING[wanted.missing], ("missing",)


def _languages(tags: Sequence[str]) -> list[tuple[str, str]]:
    """Languages to choose of, by name, each with what else it finds: "English (en), with en-GB, en-US"."""
    kinds = {tag: [one for one in tags if one.startswith(f"{tag}-")] for tag in tags}
    words = {tag: language_words(tag) + (f", with {', '.join(more)}" if more else "") for tag, more in kinds.items()}
    return sorted(words.items(), key=lambda one: (fold(language_words(one[0].partition("-")[0])), one[0]))


class ChipRow(QWidget):
    """The filters that are set; pressing one takes it off."""

    def __init__(self, remove: Callable[[Shown], None]) -> None:
        """Take what is told of the filter that is left."""
        super().__init__()
        self._remove = remove
        self._flow = FlowLayout(self, spacing=6)
        self.buttons: list[KeyButton] = []
        self._chips: list[Chip] = []
        self.hide()

    def show_chips(self, made: Sequence[Chip]) -> None:
        """Show other filters."""
        while (item := self._flow.takeAt(0)) is not None:
            if (widget := item.widget()) is not None:
                widget.hide()
                widget.deleteLater()
        self.buttons, self._chips = [], list(made)
        for number, chip in enumerate(made, 1):
            key = f"Alt+{number}" if number < 10 else ""  # noqa: PLR2004 - as many digits
            button = KeyButton(f"{chip.text}  ✕", key.replace("+", " "), role="filter", name=f"{chip.text}, take off")
            # Clicked it leaves the focus where it is: it goes away, and the focus with it to the next that comes.
            button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
            if key:
                shortcut(button, key, button.click, within=False)
            button.clicked.connect(lambda _, left=chip.without: self._remove(left))
            self._flow.addWidget(button)
            self.buttons.append(button)
        self.setVisible(bool(made))

    def show_counts(self, counts: Sequence[int], fmt: Formatter) -> None:
        """Say at each chip how many books it leaves by itself."""
        for button, chip, count in zip(self.buttons, self._chips, counts, strict=False):
            said = f"{fmt.count(MOST_COUNTED)}+" if count > MOST_COUNTED else fmt.count(count)
            titles = "1 title" if count == 1 else f"{said} titles"
            button.show_text(f"{chip.text} · {said}  ✕", name=f"{chip.text}, {titles}, take off")
        self._flow.invalidate()
