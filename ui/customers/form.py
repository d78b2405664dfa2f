"""A new customer in four fields, of which the name is enough."""

from PySide6.QtCore import QEvent, QObject, Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QGridLayout, QLineEdit, QVBoxLayout, QWidget

from pos_app.domain.search import fold
from pos_app.services.customer import CustomerRow
from ui.customers.list import ROW_HEIGHT, CustomersList
from ui.format import Formatter
from ui.style.theme import px
from ui.widgets.basic import caption, label, restyle

MOST_SHOWN = 3
FIELDS = ("name", "phone", "email", "card")
WRONG = {"customer.card_taken": "card"} | {f"customer.{field}": field for field in FIELDS}


class CustomerForm(QWidget):
    """Asks for a new customer, and shows who may be the same person already."""

    edited = Signal()
    taken = Signal(object)

    def __init__(self, fmt: Formatter) -> None:
        """Lay out empty fields."""
        super().__init__()
        self._fields: dict[str, QLineEdit] = {}
        grid = QGridLayout()
        grid.setHorizontalSpacing(12)
        grid.setVerticalSpacing(4)
        for place, (field, name, longest) in enumerate(
            (("name", "Name", 255), ("phone", "Phone", 40), ("email", "Email", 255), ("card", "Customer card", 64))
        ):
            made = QLineEdit()
            made.setAccessibleName(name)
            made.setMaxLength(longest)
            made.textEdited.connect(lambda _: self.edited.emit())
            made.installEventFilter(self)
            row, column = divmod(place, 2)
            grid.addWidget(caption(name), 2 * row, column)
            grid.addWidget(made, 2 * row + 1, column)
            grid.setColumnStretch(column, 1)
            self._fields[field] = made
        self._fields["card"].setPlaceholderText("Scan or type; may stay empty")
        self._alike_word = label("Perhaps here already: ↓ and Enter take that one", "small")
        self.alike = CustomersList(fmt, "Perhaps the same")
        self.alike.clicked.connect(lambda _: self._take())
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(12)
        layout.addLayout(grid)
        layout.addWidget(self._alike_word)
        layout.addWidget(self.alike)
        layout.addStretch(1)
        self.show_alike([])

    def start(self, text: str, card: str = "") -> None:
        """Begin with what was searched for, put where it belongs."""
        for made in self._fields.values():
            made.clear()
            restyle(made, "invalid", value=False)
        field = "email" if "@" in text else "phone" if not any(sign.isalpha() for sign in fold(text)) else "name"
        self._fields[field].setText(text)
        self._fields["card"].setText(card)
        self.show_alike([])
        self._fields["name"].setFocus()
        self.edited.emit()

    def values(self) -> dict[str, str]:
        """What was typed, by field."""
        return {field: made.text().strip() for field, made in self._fields.items()}

    def take_scan(self, code: str) -> None:
        """Put a scanned card into its field."""
        self._fields["card"].setText(code)
        self.edited.emit()

    def show_wrong(self, code: str | None) -> None:
        """Mark the field a refusal is about, and go there; None marks nothing."""
        wrong = WRONG.get(code or "")
        for field, made in self._fields.items():
            restyle(made, "invalid", value=field == wrong)
        if wrong is not None:
            self._fields[wrong].setFocus()
            self._fields[wrong].selectAll()

    def show_alike(self, rows: list[CustomerRow]) -> None:
        """Show who may be the same person."""
        rows = rows[:MOST_SHOWN]
        self.alike.show_rows(rows, choose=False)
        self.alike.setFixedHeight(len(rows) * px(ROW_HEIGHT) + 4)
        self.alike.setVisible(bool(rows))
        self._alike_word.setVisible(bool(rows))

    def chosen(self) -> CustomerRow | None:
        """The customer chosen instead of a new one, while the focus is there."""
        return self.alike.chosen() if self.alike.hasFocus() else None

    def _take(self) -> None:
        row = self.alike.chosen()
        if row is not None:
            self.taken.emit(row)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Down goes from a field to those who may be the same."""
        if event.type() == QEvent.Type.KeyPress and isinstance(event, QKeyEvent) and event.key() == Qt.Key.Key_Down:
            if self.alike.rows:
                self.alike.setFocus()
                self.alike.move_choice(1)
            return True
        return super().eventFilter(watched, event)
