"""One customer beside the list, in parts: contacts edited in place, account, loyalty, purchases, what waits."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QGridLayout,
    QHBoxLayout,
    QListWidget,
    QListWidgetItem,
    QPlainTextEdit,
    QScrollArea,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from pos_app.services.customer import CustomerRow
from pos_app.services.customer_edit import FIELDS, Consent, CustomerFile
from pos_app.services.customer_list import DocumentRow, LedgerRow, Outstanding
from ui.customers.dialog import order_words
from ui.customers.list import account_words
from ui.format import Formatter
from ui.style.theme import px
from ui.widgets.basic import ElidedLabel, Pill, caption, label, panel, restyle
from ui.widgets.conflict import ConflictBar
from ui.widgets.fields import IconField, PageField
from ui.widgets.flow import FlowLayout
from ui.widgets.key_button import KeyButton

CONTACT, ACCOUNT, LOYALTY, BOUGHT, WAITING = PARTS = ("Contact", "Account", "Loyalty", "Bought", "Waiting")
NAMES = {
    "name": "Name",
    "phone": "Phone",
    "email": "Email",
    "card": "Customer card",
    "language": "Language",
    "address": "Address",
    "note": "Notes",
}
LONG = frozenset({"address", "note"})
LIMITS = {"name": 255, "phone": 40, "email": 255, "card": 64, "language": 8}
PAGE_KEYS = ("Ctrl+N", "Ctrl+R", "Ctrl+S")
TITLES_NAMED = 2


class LongField(QPlainTextEdit):
    """A few lines of text that leave Tab, undo and redo to the page."""

    def __init__(self) -> None:
        """Two lines high; it scrolls."""
        super().__init__()
        self.setTabChangesFocus(True)
        self.setFixedHeight(2 * self.fontMetrics().lineSpacing() + px(18))


@dataclass(frozen=True, slots=True)
class Shown:
    """What the panel shows of a customer."""

    row: CustomerRow
    file: CustomerFile
    consents: Sequence[Consent]
    account: Sequence[LedgerRow]
    loyalty: Sequence[LedgerRow]
    documents: Sequence[DocumentRow]
    waits: Outstanding


class Detail(QWidget):
    """The panel; it asks the page to save, and says when there is something to save."""

    save = Signal()
    revert = Signal()
    # Of every field that two people changed it is said whose stays.
    settled = Signal()
    part_chosen = Signal(str)
    find_bought = Signal(str)
    show_receipt = Signal(str)

    def __init__(self, fmt: Formatter) -> None:
        """Lay out; nobody is shown."""
        super().__init__()
        self._fmt = fmt
        self.shown: Shown | None = None
        # Fields that two people changed and that are still to be answered for.
        self._met: list[str] = []
        frame = panel("aside")
        around = QVBoxLayout(self)
        around.setContentsMargins(0, 0, 0, 0)
        around.addWidget(frame)
        layout = QVBoxLayout(frame)
        layout.setContentsMargins(16, 16, 16, 12)
        layout.setSpacing(8)
        head = QHBoxLayout()
        self._title = ElidedLabel("", "heading")
        self._pill = Pill()
        head.addWidget(self._title, 1)
        head.addWidget(self._pill)
        layout.addLayout(head)
        self._about = label("", "muted")
        self._about.setWordWrap(True)
        layout.addWidget(self._about)
        self._chips: dict[str, KeyButton] = {}
        chips = FlowLayout(spacing=6)
        for place, name in enumerate(PARTS, 1):
            chip = KeyButton(name, f"Alt {place}", role="chip", name=name)
            chip.setCheckable(True)
            chip.clicked.connect(partial(self.choose_part, name))
            self._chips[name] = chip
            chips.addWidget(chip)
        layout.addLayout(chips)
        self._stack = QStackedWidget()
        self._parts = {
            CONTACT: self._make_contact(),
            ACCOUNT: self._make_list("Account lines"),
            LOYALTY: self._make_list("Loyalty lines"),
            BOUGHT: self._make_bought(),
            WAITING: self._make_list("What waits"),
        }
        for widget in self._parts.values():
            self._stack.addWidget(widget)
        layout.addWidget(self._stack, 1)
        self._conflict = ConflictBar()
        self._conflict.answered.connect(lambda mine: self.answer(mine=mine))
        layout.addWidget(self._conflict)
        self.part = CONTACT
        self.choose_part(CONTACT)
        self.show_nobody()

    def _make_contact(self) -> QWidget:
        content = panel("clear")
        grid = QGridLayout(content)
        grid.setContentsMargins(0, 4, 6, 0)
        grid.setHorizontalSpacing(10)
        grid.setVerticalSpacing(4)
        self._fields: dict[str, PageField | LongField] = {}
        places = (("name", 0, 0, 2), ("phone", 1, 0, 1), ("language", 1, 1, 1), ("email", 2, 0, 2), ("card", 3, 0, 2))
        for field, line, left, span in (*places, ("address", 4, 0, 2), ("note", 5, 0, 2)):
            made = LongField() if field in LONG else PageField()
            made.setAccessibleName(NAMES[field])
            if isinstance(made, PageField):
                made.setMaxLength(LIMITS[field])
                made.textEdited.connect(lambda _: self._edited())
                made.returnPressed.connect(self.save.emit)
                made.leave(*PAGE_KEYS)
            else:
                made.textChanged.connect(self._edited)
            grid.addWidget(caption(NAMES[field]), 2 * line, left, 1, span)
            grid.addWidget(made, 2 * line + 1, left, 1, span)
            self._fields[field] = made
        grid.setColumnStretch(0, 2)
        grid.setColumnStretch(1, 1)
        grid.addWidget(caption("Agreed to"), 12, 0, 1, 2)
        self._consents = label("", name="Consents")
        self._consents.setWordWrap(True)
        grid.addWidget(self._consents, 13, 0, 1, 2)
        grid.setRowStretch(14, 1)
        area = QScrollArea()
        area.setWidgetResizable(True)
        area.setFrameShape(QScrollArea.Shape.NoFrame)
        area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        area.viewport().setAutoFillBackground(False)
        area.setWidget(content)
        whole = QWidget()
        column = QVBoxLayout(whole)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(area, 1)
        row = QHBoxLayout()
        self._revert = KeyButton("Revert", "Esc")
        self._revert.clicked.connect(self.revert.emit)
        self._save = KeyButton("Save", "Ctrl S", role="primary")
        self._save.clicked.connect(self.save.emit)
        row.addStretch(1)
        row.addWidget(self._revert)
        row.addWidget(self._save)
        column.addLayout(row)
        return whole

    def _make_list(self, name: str) -> QListWidget:
        made = QListWidget()
        made.setAccessibleName(name)
        made.setWordWrap(True)
        made.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        made.setProperty("role", "results")
        made.itemActivated.connect(self._open)
        return made

    def _make_bought(self) -> QWidget:
        whole = QWidget()
        column = QVBoxLayout(whole)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(8)
        self.bought = IconField("search", "Search purchases", "Title, ISBN, March, 2026", icon="search")
        self.bought.leave(*PAGE_KEYS)
        self.bought.textEdited.connect(self.find_bought.emit)
        column.addWidget(self.bought)
        self._documents = self._make_list("Purchases")
        column.addWidget(self._documents, 1)
        row = QHBoxLayout()
        receipt = KeyButton("Receipt", "Ctrl R", name="Show receipt")
        receipt.clicked.connect(self.open_chosen)
        row.addStretch(1)
        row.addWidget(receipt)
        column.addLayout(row)
        return whole

    # What is shown

    def show_nobody(self) -> None:
        """Show that no customer is chosen."""
        self.shown = None
        self._title.show_text("No customer chosen")
        self._about.setText("Choose one in the list, or add somebody new (Ctrl+N).")
        self._pill.hide()
        self._fill(dict.fromkeys(FIELDS, ""))
        for widget in self.findChildren(QListWidget):
            widget.clear()
        self._consents.setText("")
        self._stack.setEnabled(False)
        self._show_met([])

    def show_customer(self, shown: Shown) -> None:
        """Show a customer as they are stored; what is being typed stays where it is the same customer's."""
        keep = self.edits() if self.shown is not None and self.shown.file.id == shown.file.id else {}
        self.shown = shown
        self._stack.setEnabled(True)
        row, fmt = shown.row, self._fmt
        self._title.show_text(row.name)
        account = account_words(row, fmt)
        loyalty = row.loyalty
        parts = [f"Customer {row.id}", f"account {account}" if account else "no account"]
        parts += [loyalty.words] if loyalty is not None else []
        self._about.setText(" · ".join(parts))
        self._pill.setVisible(bool(row.waiting))
        self._pill.show_state(f"{row.waiting} waiting", "ok" if row.ready else "info")
        self._fill({field: shown.file.value(field) for field in FIELDS} | keep)
        agreed = "\n".join(consent_words(one, fmt) for one in shown.consents) or "Nothing yet (F9)."
        self._consents.setText(agreed)
        self._consents.setAccessibleName(f"Consents: {agreed}")
        self._show_list(ACCOUNT, [(ledger_words(line, fmt, money=True), line.number) for line in shown.account],
                        "Nothing was bought on account yet.")  # fmt: skip
        self._show_list(LOYALTY, [(ledger_words(line, fmt, money=False), line.number) for line in shown.loyalty],
                        "No points or stamps yet.")  # fmt: skip
        waits = [(order_words(order, fmt), "") for order in shown.waits.orders]
        for hold in shown.waits.holds:
            until = f" until {fmt.date(hold.until)}" if hold.until is not None else ""
            waits.append((f"{hold.quantity} × {hold.title} · {hold.status.value}{until}", ""))
        self._show_list(WAITING, waits, "Nothing waits for this customer.")
        self.show_documents(shown.documents)
        self._edited()

    def show_documents(self, rows: Sequence[DocumentRow]) -> None:
        """Show what was bought, as far as it was asked for."""
        lines = [(document_words(row, self._fmt), row.number) for row in rows]
        empty = "Nothing like that was bought." if self.bought.text() else "Nothing was bought yet."
        _show_lines(self._documents, lines, empty)

    def _show_list(self, part: str, lines: Sequence[tuple[str, str]], empty: str) -> None:
        widget = self._parts[part]
        assert isinstance(widget, QListWidget)  # noqa: S101 - made above
        _show_lines(widget, lines, empty)

    def choose_part(self, name: str) -> None:
        """Show a part."""
        self.part = name
        for one, chip in self._chips.items():
            chip.setChecked(one == name)
        self._stack.setCurrentWidget(self._parts[name])
        self.part_chosen.emit(name)

    def focus_part(self) -> None:
        """Go to the first thing of the part shown."""
        where = {CONTACT: self._fields["name"], BOUGHT: self.bought}
        (where.get(self.part) or self._parts[self.part]).setFocus()

    def open_chosen(self) -> None:
        """Open the receipt of the line chosen."""
        chosen = self._documents if self.part == BOUGHT else self._parts[self.part]
        if isinstance(chosen, QListWidget) and chosen.currentItem() is None and chosen.count():
            chosen.setCurrentRow(0)
        if isinstance(chosen, QListWidget) and chosen.currentItem() is not None:
            self._open(chosen.currentItem())

    def _open(self, item: QListWidgetItem) -> None:
        if number := item.data(Qt.ItemDataRole.UserRole):
            self.show_receipt.emit(number)

    # What is typed

    def edits(self) -> dict[str, str]:
        """The fields that were changed, by name."""
        if self.shown is None:
            return {}
        now = {field: _text(widget) for field, widget in self._fields.items()}
        return {field: text for field, text in now.items() if text.strip() != self.shown.file.value(field).strip()}

    @property
    def dirty(self) -> bool:
        """Whether something is typed and not saved."""
        return bool(self.edits())

    def drop(self) -> None:
        """Forget what was typed."""
        if self.shown is not None:
            self._fill({field: self.shown.file.value(field) for field in FIELDS})
            self._show_met([])
            self.show_wrong("")
        self._edited()

    def show_wrong(self, code: str) -> None:
        """Mark the field a refusal is about, and go there."""
        field = code.partition(".")[2].replace("_taken", "")
        for name, widget in self._fields.items():
            restyle(widget, "invalid", value=name == field)
        if field in self._fields:
            self._fields[field].setFocus()

    def meet(self, mine: Mapping[str, str], theirs: CustomerFile) -> None:
        """Show what somebody else stored meanwhile; where both changed a field the person says whose stays."""
        assert self.shown is not None  # noqa: S101 - something was saved
        base = self.shown.file
        both = [
            field for field, text in mine.items()
            if theirs.value(field) != base.value(field) and theirs.value(field) != text
        ]  # fmt: skip
        self.shown = Shown(**{name: getattr(self.shown, name) for name in Shown.__slots__} | {"file": theirs})
        self._fill({field: theirs.value(field) for field in FIELDS} | dict(mine))
        self._show_met(both)
        self._edited()

    def answer(self, *, mine: bool) -> None:
        """Say whose stays, of the field that is asked about."""
        if not self._met or self.shown is None:
            return
        field, *rest = self._met
        if not mine:
            self._fill({field: self.shown.file.value(field)})
        self._show_met(rest)
        self._edited()
        if not rest:
            self.settled.emit()

    @property
    def asked(self) -> bool:
        """Whether it is still to be said whose stays."""
        return bool(self._met)

    def _show_met(self, fields: list[str]) -> None:
        self._met = fields
        if not fields or self.shown is None:
            self._conflict.ask("")
            return
        theirs = self.shown.file.value(fields[0]) or "nothing"
        self._conflict.ask(f"{NAMES[fields[0]]}: somebody else wrote “{theirs}” meanwhile.")
        self.choose_part(CONTACT)

    def _fill(self, texts: Mapping[str, str]) -> None:
        for field, text in texts.items():
            widget = self._fields[field]
            if _text(widget) != text:
                if isinstance(widget, PageField):
                    widget.setText(text)
                else:
                    widget.setPlainText(text)

    def _edited(self) -> None:
        if hasattr(self, "_save"):
            for button in (self._save, self._revert):
                button.setEnabled(self.dirty)


def _text(widget: PageField | LongField) -> str:
    return widget.text() if isinstance(widget, PageField) else widget.toPlainText()


def _show_lines(widget: QListWidget, lines: Sequence[tuple[str, str]], empty: str) -> None:
    """Fill a list; one that is empty says so in a line that cannot be chosen."""
    row = widget.currentRow()
    widget.clear()
    for text, number in lines:
        item = QListWidgetItem(text)
        item.setData(Qt.ItemDataRole.UserRole, number)
        widget.addItem(item)
    if not lines:
        item = QListWidgetItem(empty)
        item.setFlags(Qt.ItemFlag.NoItemFlags)
        widget.addItem(item)
    elif 0 <= row < len(lines):
        widget.setCurrentRow(row)


def consent_words(consent: Consent, fmt: Formatter) -> str:
    """What was agreed to, in a line."""
    given = f"{consent.purpose}: {consent.given_how}, {fmt.dated(consent.given_at)}, {consent.by}"
    if consent.withdrawn_at is None:
        return given
    return f"{given}; taken back {fmt.dated(consent.withdrawn_at)}, {consent.withdrawn_by}"


def ledger_words(line: LedgerRow, fmt: Formatter, *, money: bool) -> str:
    """One change of an account or of points, in a line."""
    if money:
        what = "bought" if line.delta > 0 else "paid or brought back"
        moved, then = fmt.money(abs(line.delta)), fmt.money(line.balance)
        return f"{fmt.dated(line.at)} · {line.number} · {what} {moved} · then {then}"
    why = line.reason.value if line.reason is not None else ""
    return f"{fmt.dated(line.at)} · {line.number} · {why} {line.delta:+d} · then {line.balance}"


def document_words(row: DocumentRow, fmt: Formatter) -> str:
    """One purchase, in two lines."""
    more = len(row.titles) - TITLES_NAMED
    titles = ", ".join(row.titles[:TITLES_NAMED]) + (f" and {more} more" if more > 0 else "")
    kind = "" if row.kind == "sale" else f" · {row.kind.value}"
    return f"{fmt.date(row.day)} · {row.number}{kind} · {fmt.money(row.total)}\n{titles or 'Payment to the account'}"
