"""One book beside the list: what it is, what it costs, how its stock moved; changed in place."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from PySide6.QtCore import QEvent, QObject, QRect, QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QDragEnterEvent,
    QDropEvent,
    QKeyEvent,
    QPainter,
    QPaintEvent,
    QPixmap,
)
from PySide6.QtWidgets import (
    QComboBox,
    QGridLayout,
    QHBoxLayout,
    QLineEdit,
    QVBoxLayout,
    QWidget,
)

from pos_app.domain.kinds import BookKind
from pos_app.domain.subject import subject_title, subjects_of
from pos_app.errors import Refused
from pos_app.messages import sentence
from pos_app.services.book import BookDetail, CategoryRow, StockStep
from pos_app.services.stock_correction import MAX_STOCK
from pos_app.services.tax_rate import TaxRateRow
from ui.format import ASKED, Formatter
from ui.languages import language_words
from ui.stock.correct import REASONS
from ui.stock.words import movement_words
from ui.widgets.basic import ElidedLabel, caption, label, panel, restyle, separator
from ui.widgets.conflict import ConflictBar
from ui.widgets.cover import paint_cover
from ui.widgets.drop import one_file
from ui.widgets.fields import Choice, PageField
from ui.widgets.key_button import KeyButton

STEPS_SHOWN = 7
# Where it is asked too why the stock changes: more would press all rows together in a window of 768.
STEPS_BESIDE_WHY = 5
# Of the rows of fields the one that has the stock.
STOCK_ROW = 1
WHY, NOT_SAID = "Why the stock changes", "Choose: first letter"
# Acts on the title, whose keys a field on some desktops takes to edit its text.
PAGE_KEYS = ("Ctrl+H", "Ctrl+B", "Ctrl+N", "Ctrl+D", "Ctrl+E", "Ctrl+I")
FIELD_NAMES = {
    "price": "Price",
    "cost": "Cost",
    "stock": "Stock",
    "reorder_at": "Reorder at",
    "category_id": "Category",
    "tax_rate_id": "Tax",
}


@dataclass(frozen=True)
class Edits:
    """What the person changed: fields by name, and the stock counted, if it was, with why; empty is not said yet."""

    fields: dict[str, object]
    counted: int | None
    reason: str = ""

    def __bool__(self) -> bool:
        return bool(self.fields) or self.counted is not None


@dataclass(frozen=True)
class _Typed:
    """What stands in the fields: what differs from the book, and by field why the rest of it cannot be stored."""

    fields: dict[str, object]
    counted: int | None
    wrong: dict[str, Refused]


class Cover(QWidget):
    """A book's cover, large; a picture's file may be dropped on it."""

    dropped = Signal(str)

    def __init__(self) -> None:
        """Start blank."""
        super().__init__()
        self._title = ""
        self._picture = QPixmap()
        self.setAcceptDrops(True)
        self.setAccessibleName("Cover")
        self.setFixedSize(QSize(84, 124))

    def show_title(self, title: str) -> None:
        """Show another book's."""
        self._title, self._picture = title, QPixmap()
        self.update()

    def show_picture(self, content: bytes | None) -> None:
        """Show a stored cover, which is small and was checked when it was stored; None shows the title's colours."""
        self._picture = QPixmap()
        if content is not None:
            self._picture.loadFromData(content)
        self.update()

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        """Take one file of this machine."""
        one_file(event)

    def dropEvent(self, event: QDropEvent) -> None:
        """Pass the file on."""
        if path := one_file(event):
            self.dropped.emit(path)

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Paint it."""
        if not self._picture.isNull():
            size = self._picture.size().scaled(self.size(), Qt.AspectRatioMode.KeepAspectRatio)
            where = QRect((self.width() - size.width()) // 2, 0, size.width(), size.height())
            painter = QPainter(self)
            painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
            painter.drawPixmap(where, self._picture)
            return
        paint_cover(QPainter(self), QRectF(self.rect()), self._title, radius=6)


class Detail(QWidget):
    """The panel; it asks the page to save, and says when there is something to save."""

    save = Signal()
    revert = Signal()
    # Of every field that two people changed it is said whose stays.
    settled = Signal()
    ledger = Signal()

    def __init__(self, fmt: Formatter, now: Callable[[], datetime], *, may_edit: bool) -> None:
        """Lay out as the mock-up has it; `now` tells what the time is."""
        super().__init__()
        self._fmt, self._now, self._may_edit = fmt, now, may_edit
        self.book: BookDetail | None = None
        # Why the stock changed last.
        self._reason = ""
        # Fields that two people changed and that are still to be answered for.
        self._met: list[str] = []
        self._met_by: Mapping[str, str] = {}
        frame = panel("aside")
        around = QVBoxLayout(self)
        around.setContentsMargins(0, 0, 0, 0)
        around.addWidget(frame)
        layout = QVBoxLayout(frame)
        layout.setContentsMargins(20, 20, 20, 16)
        layout.setSpacing(10)
        layout.addLayout(self._make_head())
        layout.addLayout(self._make_fields())
        self._history = QWidget()
        history = QVBoxLayout(self._history)
        history.setContentsMargins(0, 0, 0, 0)
        history.setSpacing(10)
        history.addLayout(self._make_history_head())
        self._steps = QGridLayout()
        self._steps.setVerticalSpacing(6)
        self._steps.setHorizontalSpacing(12)
        self._steps.setColumnStretch(1, 1)
        history.addLayout(self._steps)
        layout.addWidget(self._history)
        layout.addStretch(1)
        self._conflict = ConflictBar()
        self._conflict.answered.connect(lambda mine: self.answer(mine=mine))
        layout.addWidget(self._conflict)
        layout.addLayout(self._make_buttons())

    def _make_head(self) -> QHBoxLayout:
        row = QHBoxLayout()
        row.setSpacing(14)
        self.cover = Cover()
        row.addWidget(self.cover, alignment=Qt.AlignmentFlag.AlignTop)
        words = QVBoxLayout()
        words.setSpacing(4)
        self._title = label("", "heading")
        self._title.setWordWrap(True)
        self._author = ElidedLabel(role="muted")
        self._isbn, self._facts, self._subjects, self._rating = (ElidedLabel(role="small") for _ in range(4))
        self._subjects.hide()
        # Else it would be taken for the new title.
        self._used = ElidedLabel(role="pill")
        restyle(self._used, "kind", "info")
        self._used.hide()
        for widget in (self._title, self._author, self._used, self._facts, self._isbn, self._subjects, self._rating):
            words.addWidget(widget)
        words.addStretch(1)
        row.addLayout(words, 1)
        return row

    def _make_fields(self) -> QGridLayout:
        self._price, self._cost, self._stock, self._reorder = (PageField() for _ in range(4))
        # What is typed into, by what it is of.
        self._lines: dict[str, QLineEdit] = {
            "price": self._price,
            "cost": self._cost,
            "stock": self._stock,
            "reorder_at": self._reorder,
        }
        self._category, self._tax = Choice(), Choice()
        grid = QGridLayout()
        grid.setHorizontalSpacing(10)
        grid.setVerticalSpacing(4)
        fields: list[tuple[str, QWidget]] = [
            ("Price", self._price),
            ("Cost", self._cost),
            ("Stock", self._stock),
            ("Reorder at", self._reorder),
            ("Category", self._category),
            ("Tax", self._tax),
        ]
        self._why_caption, self._why = caption(WHY), Choice()
        self._why.setAccessibleName(WHY)
        self._why.addItem(NOT_SAID, "")
        for reason in REASONS:
            self._why.addItem(reason, reason)
        self._why.installEventFilter(self)
        for place, (name, field) in enumerate(fields):
            row, column = divmod(place, 2)
            # Below the stock it is asked why that changes.
            row += row > STOCK_ROW
            field.setAccessibleName(name)
            grid.addWidget(caption(name), 2 * row, column)
            grid.addWidget(field, 2 * row + 1, column)
            grid.setColumnStretch(column, 1)
            field.setEnabled(self._may_edit)
            if isinstance(field, PageField):
                field.textEdited.connect(self._edited)
                field.returnPressed.connect(self.save.emit)
                field.setMaxLength(16)
                field.leave(*PAGE_KEYS)
            elif isinstance(field, QComboBox):
                field.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
                field.activated.connect(lambda _: self._edited())
        grid.addWidget(self._why_caption, 2 * STOCK_ROW + 2, 0, 1, 2)
        grid.addWidget(self._why, 2 * STOCK_ROW + 3, 0, 1, 2)
        self._show_why(shown=False)
        return grid

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Enter saves from where it is said why the stock changes, as from every other field."""
        if watched is not self._why or event.type() != QEvent.Type.KeyPress or not isinstance(event, QKeyEvent):
            return super().eventFilter(watched, event)
        enter = event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter)
        if enter and not event.isAutoRepeat():
            self.save.emit()
        return enter

    @property
    def by_tab(self) -> tuple[QWidget, ...]:
        """What Tab goes through, in this order; the reason stands behind the stock that it is of."""
        fields = (self._price, self._cost, self._stock, self._why, self._reorder, self._category, self._tax)
        return (*fields, self._ledger_button, self._revert_button, self._save_button)

    def remember(self, reason: str) -> None:
        """Begin with the reason that this person gave last."""
        self._reason = reason if reason in REASONS else ""
        if self._why.isHidden():
            self._why.setCurrentIndex(max(self._why.findData(self._reason), 0))

    def ask_why(self) -> None:
        """Go to where it is said why the stock changes."""
        self._why.setFocus(Qt.FocusReason.OtherFocusReason)

    def _show_why(self, *, shown: bool) -> None:
        if not shown:
            if self._why.hasFocus():
                self._stock.setFocus(Qt.FocusReason.OtherFocusReason)
            # The next time the one that was given last; nothing typed is lost by it.
            self._why.setCurrentIndex(max(self._why.findData(self._reason), 0))
        for widget in (self._why_caption, self._why):
            widget.setVisible(shown)

    def _make_history_head(self) -> QHBoxLayout:
        row = QHBoxLayout()
        self._aside = ElidedLabel(role="small")
        row.addWidget(self._aside, 1)
        self._ledger_button = KeyButton("Movements", "F9", role="quiet")
        self._ledger_button.clicked.connect(self.ledger.emit)
        row.addWidget(self._ledger_button)
        return row

    def _make_buttons(self) -> QHBoxLayout:
        row = QHBoxLayout()
        row.setSpacing(8)
        self._revert_button = KeyButton("Revert", "Esc")
        self._save_button = KeyButton("Save", "Ctrl S", role="primary")
        self._revert_button.clicked.connect(self.revert.emit)
        self._save_button.clicked.connect(self.save.emit)
        for button in (self._revert_button, self._save_button):
            button.setEnabled(False)
        row.addWidget(self._revert_button, 1)
        row.addWidget(self._save_button, 1)
        if not self._may_edit:
            self._revert_button.hide()
            self._save_button.hide()
            row.addWidget(label("A manager can change books.", "small"))
        return row

    def show_choices(self, categories: list[CategoryRow], taxes: list[TaxRateRow]) -> None:
        """Learn what can be chosen."""
        self._category.clear()
        self._category.addItem("None", None)
        for category in categories:
            self._category.addItem(category.name, category.id)
        self._tax.clear()
        for tax in taxes:
            self._tax.addItem(tax.name, tax.id)

    def show_book(self, book: BookDetail, steps: list[StockStep]) -> None:
        """Show a book as it is stored."""
        self.book = book
        self.cover.show_title(book.title)
        self._title.setText(self._fitting(book.title))
        self._author.show_text(book.author)
        number = book.isbn or book.label_code
        self._isbn.show_text(" · ".join(part for part in (number, book.shelf and f"Shelf {book.shelf}") if part))
        used = "" if book.grade is None else f"Used, {book.grade.words}"
        self._used.show_text(" · ".join(part for part in (used, book.copy_note) if part))
        self._used.setVisible(bool(used))
        facts = (book.publisher, _year(book.published_on), book.format, book.language and language_words(book.language))
        self._facts.show_text(" · ".join(fact for fact in facts if fact))
        subjects = " · ".join(subject_title(f"{scheme}:{code}") for scheme, code in subjects_of(book.subjects))
        self._subjects.show_text(subjects)
        self._subjects.setVisible(bool(subjects))
        self._rating.show_text("" if book.rating is None else f"★ {book.rating:.1f} · {_reviews(book.reviews)}")
        for name in FIELD_NAMES:
            self._fill(name, book)
        for field in (self._price, self._cost, self._reorder, self._category, self._tax):
            field.setEnabled(self._may_edit)
        self._stock.setEnabled(self._may_edit and book.kind is not BookKind.SERVICE)
        aside = f"{book.reserved} set aside, {book.available} to sell" if book.reserved else ""
        self._aside.show_text(aside or "Stock history")
        self._met = []
        self._show_conflict("")
        self._show_steps(steps)
        self._edited()

    def show_none(self) -> None:
        """Show that there is no book."""
        self.book, self._met = None, []
        self.cover.show_title("")
        self._title.setText("No title chosen")
        self._used.hide()
        self._subjects.hide()
        for words in (self._author, self._isbn, self._facts, self._rating, self._aside):
            words.show_text("")
        for field in (self._price, self._cost, self._stock, self._reorder):
            field.clear()
            field.setEnabled(False)
        for box in (self._category, self._tax):
            box.setCurrentIndex(-1)
            box.setEnabled(False)
        self._show_conflict("")
        self._show_steps([])
        self._edited()

    def _fitting(self, title: str) -> str:
        """As much of a title as stands in four lines."""
        room = max(self.width() - self.cover.width() - 54, 100)
        letters = 4 * room // self._title.fontMetrics().averageCharWidth()
        return title if len(title) <= letters else title[: letters - 1] + "…"

    def _fill(self, name: str, book: BookDetail) -> None:
        """Show a field as it is stored."""
        value = getattr(book, name)
        match name:
            case "price" | "cost":
                field = self._price if name == "price" else self._cost
                asked = name == "price" and book.open_price
                field.setText("" if value is None or asked else self._fmt.plain(value))
                field.setPlaceholderText(ASKED if asked else "")
            case "stock" | "reorder_at":
                (self._stock if name == "stock" else self._reorder).setText(str(value))
            case _:
                box = self._category if name == "category_id" else self._tax
                if box is self._tax and box.findData(value) < 0:
                    # No longer in use; shown as another one it would be stored as that with the next change.
                    box.addItem(book.tax_name, value)
                box.setCurrentIndex(max(box.findData(value), 0))

    def _show_steps(self, steps: list[StockStep]) -> None:
        while (item := self._steps.takeAt(0)) is not None:
            if (widget := item.widget()) is not None:
                widget.hide()
                widget.deleteLater()
        if not steps:
            self._steps.addWidget(label("No movements yet.", "muted"), 0, 0)
        left = self.book.stock if self.book is not None else 0
        for row, step in enumerate(steps[:STEPS_SHOWN]):
            delta = label(f"{step.delta:+d}".replace("-", "−"))
            delta.setAlignment(Qt.AlignmentFlag.AlignRight)
            self._steps.addWidget(label(self._fmt.short_when(step.happened_at, self._now()), "small"), 2 * row, 0)
            self._steps.addWidget(ElidedLabel(movement_words(step.reason, step.document)), 2 * row, 1)
            self._steps.addWidget(delta, 2 * row, 2)
            balance = label(str(left).replace("-", "−"), "small", name=f"{left} left")
            balance.setAlignment(Qt.AlignmentFlag.AlignRight)
            self._steps.addWidget(balance, 2 * row, 3)
            self._steps.addWidget(separator(), 2 * row + 1, 0, 1, 4)
            left -= step.delta

    def _show_last_steps(self, *, shown: bool) -> None:
        for line in range(2 * STEPS_BESIDE_WHY, 2 * STEPS_SHOWN):
            for column in range(self._steps.columnCount()):
                item = self._steps.itemAtPosition(line, column)
                if item is not None and (widget := item.widget()) is not None:
                    widget.setVisible(shown)

    def edits(self) -> Edits:
        """Give what differs from the book as it was shown. Raises Refused where a field cannot be stored."""
        typed = self._typed()
        for error in typed.wrong.values():
            raise error
        return Edits(typed.fields, typed.counted, "" if typed.counted is None else self._why.currentData())

    def _typed(self) -> _Typed:
        """Read the fields. The focus stays where it is: this is asked with every key, in whichever field."""
        book = self.book
        if book is None:
            return _Typed({}, None, {})
        parsers = {"price": self._fmt.parse, "cost": self._fmt.parse, "reorder_at": _level, "stock": _stock}
        now: dict[str, object] = {"category_id": self._category.currentData(), "tax_rate_id": self._tax.currentData()}
        wrong: dict[str, Refused] = {}
        for name, field in self._lines.items():
            text = field.text().strip()
            if name == "price" and self._asked:
                now[name] = book.price
            elif name == "cost" and not text:
                now[name] = None
            elif name == "stock" and text == str(book.stock):
                now[name] = book.stock  # also where more were sold than were on record
            else:
                try:
                    now[name] = parsers[name](field.text())
                except Refused as error:
                    wrong[name] = error
        fields = {name: value for name, value in now.items() if value != getattr(book, name)}
        counted = fields.pop("stock", None)
        return _Typed(fields, None if counted is None else int(str(counted)), wrong)

    def fault(self) -> str:
        """Say what is wrong with what was typed, field by field; empty where all of it can be stored."""
        wrong = self._typed().wrong
        if not wrong:
            return ""
        first, *others = wrong
        said = sentence(wrong[first])
        name = FIELD_NAMES[first]
        said = said if said.startswith(name) else f"{name}: {said}"
        return f"{said} Wrong too: {', '.join(FIELD_NAMES[other] for other in others)}." if others else said

    def go_to_fault(self) -> None:
        """Go to the first field that cannot be stored, its text marked to be typed over."""
        for name in self._typed().wrong:
            self._lines[name].setFocus(Qt.FocusReason.OtherFocusReason)
            self._lines[name].selectAll()
            return

    def mark(self, names: Collection[str]) -> None:
        """Mark these fields as wrong, and no others."""
        for name, field in self._lines.items():
            restyle(field, "invalid", value=name in names)

    @property
    def _asked(self) -> bool:
        """Whether the till asks for the price, and none is typed here."""
        return self.book is not None and self.book.open_price and not self._price.text().strip()

    def _edited(self) -> None:
        typed = self._typed()
        self.mark(typed.wrong)
        changed = bool(typed.fields or typed.wrong) or typed.counted is not None
        self._save_button.setEnabled(changed)
        self._revert_button.setEnabled(changed)
        stock = "" if self.book is None else str(self.book.stock)
        asked = self._stock.isEnabled() and self._stock.text().strip() != stock
        self._show_why(shown=asked)
        self._show_last_steps(shown=not asked)

    @property
    def dirty(self) -> bool:
        """Whether there is something to save."""
        return self._save_button.isEnabled()

    @property
    def asking(self) -> bool:
        """Whether it is still to be said whose value of a field stays."""
        return bool(self._met)

    def ask(self, current: BookDetail, met: Mapping[str, str]) -> None:
        """Ask of the fields that `met` by whom whose value stays; in those not changed here the stored one does."""
        mine = self._typed()
        kept = {*mine.fields, *mine.wrong, *(("stock",) if mine.counted is not None else ())}
        self.book = current
        for name in FIELD_NAMES:
            if name not in kept:
                self._fill(name, current)
        self._met, self._met_by = list(met), met
        self._ask_next()

    def answer(self, *, mine: bool) -> None:
        """Keep what was typed here in the field asked for, or take what somebody else stored."""
        if not self._met or self.book is None:
            return
        name = self._met.pop(0)
        if not mine:
            self._fill(name, self.book)
        self._edited()
        self._ask_next()
        if not self._met:
            self.settled.emit()

    def _ask_next(self) -> None:
        text = ""
        if self._met and self.book is not None:
            name, left = self._met[0], len(self._met) - 1
            word, now = FIELD_NAMES.get(name, name), self._said(name, getattr(self.book, name))
            text = f"{word} became {now} meanwhile{self._met_by[name]}. You typed {self._mine(name)}."
            text += f" {left} more after it." if left else ""
        self._show_conflict(text)

    def _mine(self, name: str) -> str:
        mine = self._typed()
        if name in mine.wrong:
            return f"“{self._lines[name].text().strip()}”"
        value = mine.counted if name == "stock" else mine.fields.get(name, getattr(self.book, name))
        return self._said(name, value)

    def _show_conflict(self, text: str) -> None:
        self._conflict.ask(text)
        # A question comes first where there is not room for both.
        self._history.setVisible(not text)

    def differences(self, before: BookDetail, now: BookDetail, but: Sequence[str] = ()) -> str:
        """Say field by field what differs between two states of a book."""
        return "; ".join(
            f"{word}: {self._said(name, getattr(before, name))} → {self._said(name, getattr(now, name))}"
            for name, word in FIELD_NAMES.items()
            if name not in but and getattr(before, name) != getattr(now, name)
        )

    def _said(self, name: str, value: object) -> str:
        if value is None:
            return "none"
        if name in ("price", "cost"):
            return self._fmt.amount(int(str(value)))
        box = {"category_id": self._category, "tax_rate_id": self._tax}.get(name)
        return str(value) if box is None else box.itemText(max(box.findData(value), 0))


def _stock(text: str) -> int:
    return _whole(text, "stock.invalid")


def _level(text: str) -> int:
    return _whole(text, "reorder.invalid")


def _whole(text: str, code: str) -> int:
    text = text.strip()
    if not (text.isascii() and text.isdigit() and int(text) <= MAX_STOCK):
        raise Refused(code, limit=f"{MAX_STOCK:,}")
    return int(text)


def _year(published_on: str | None) -> str:
    if published_on is None:
        return ""
    return f"{int(published_on[1:5])} BC" if published_on.startswith("-") else published_on[:4]


def _reviews(count: int) -> str:
    return "1 review" if count == 1 else f"{count} reviews"
