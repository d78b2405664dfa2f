"""A new till's first start on a database that others use: its number and its name."""

from collections.abc import Callable

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLineEdit, QVBoxLayout, QWidget

from pos_app.config import WHOLE
from pos_app.errors import Refused
from ui.errors import sentence
from ui.widgets.basic import Message, caption, label, panel
from ui.widgets.key_button import KeyButton


class TillPage(QWidget):
    """Two fields; what is typed is handed on, and comes back with a refusal where it will not do."""

    def __init__(self, refused: Refused, on_done: Callable[[int, str], None]) -> None:
        """Take why it is asked, and what is to be called with the number and the name."""
        super().__init__()
        self._on_done = on_done
        outer = QVBoxLayout(self)
        outer.setAlignment(Qt.AlignmentFlag.AlignCenter)
        card = panel("card")
        card.setFixedWidth(560)
        layout = QVBoxLayout(card)
        layout.setContentsMargins(32, 28, 32, 28)
        layout.setSpacing(10)
        layout.addWidget(label("A new till", "heading"))
        about = label("This shop has other tills. Give this one a number that is free, and a name.", "muted")
        about.setWordWrap(True)
        layout.addWidget(about)
        self._number, self._name = QLineEdit(str(refused.params["free"])), QLineEdit()
        self._name.setPlaceholderText("such as Upstairs")
        for text, field in (("Till number", self._number), ("Till name", self._name)):
            layout.addWidget(caption(text))
            field.setAccessibleName(text)
            field.returnPressed.connect(self._submit)
            layout.addWidget(field)
        self.message = Message()
        layout.addWidget(self.message)
        done = KeyButton("Use this till", "Enter", role="primary", size="big")
        done.clicked.connect(self._submit)
        layout.addWidget(done)
        outer.addWidget(card)

    def activated(self) -> None:
        """Wait for the name; the number is proposed."""
        self._name.setFocus()

    def refuse(self, refused: Refused) -> None:
        """Say why that number or name will not do, and wait for another."""
        self.message.say(sentence(refused), "warn")
        if "free" in refused.params:
            self._number.setText(str(refused.params["free"]))
        self._number.setFocus()
        self._number.selectAll()

    def _submit(self) -> None:
        typed = self._number.text().strip()
        low, high = WHOLE["till"]
        if typed.isascii() and typed.isdigit() and low <= int(typed) <= high:
            self._on_done(int(typed), self._name.text())
        else:
            self.message.say(f"A till's number is a whole number from {low} to {high}. Type it again.", "warn")
            self._number.setFocus()
