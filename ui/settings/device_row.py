"""A device in a list of them: its name, its address, its state, and what can be done with it."""

from collections.abc import Callable, Sequence

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QBoxLayout, QHBoxLayout, QVBoxLayout, QWidget

from ui.widgets.basic import Pill, label, panel, separator
from ui.widgets.key_button import KeyButton


class DeviceRow(QWidget):
    """One device: its name, its address, its state, and what can be done with it."""

    def __init__(self, name: str) -> None:
        """Take its name."""
        super().__init__()
        self.name = name
        across = QBoxLayout(QBoxLayout.Direction.LeftToRight, self)
        across.setContentsMargins(12, 10, 12, 10)
        across.setSpacing(8)
        self._words = QVBoxLayout()
        self._words.setSpacing(2)
        self._words.addWidget(label(name))
        self._address = label("", "small")
        self._address.setWordWrap(True)
        self._words.addWidget(self._address)
        across.addLayout(self._words, 1)
        self.pill = Pill("…", "off", name=f"{name}: …")
        self.buttons: list[KeyButton] = []
        self._buttons = QHBoxLayout()
        self._buttons.setSpacing(8)
        self._buttons.addWidget(self.pill)
        across.addLayout(self._buttons)
        self._across = across

    def stack(self, *, narrow: bool) -> None:
        """Put state and buttons under the name where there is no room beside it."""
        self._across.setDirection(QBoxLayout.Direction.TopToBottom if narrow else QBoxLayout.Direction.LeftToRight)
        if narrow:
            self._words.addWidget(self.pill, 0, Qt.AlignmentFlag.AlignLeft)
        else:
            self._buttons.insertWidget(0, self.pill, 0, Qt.AlignmentFlag.AlignVCenter)

    def add_button(self, text: str, act: Callable[[], object]) -> KeyButton:
        """Add something that can be done."""
        button = KeyButton(text, name=f"{text.rstrip('…')} {self.name.lower()}")
        button.clicked.connect(lambda _=False: act())
        self._buttons.addWidget(button)
        self.buttons.append(button)
        return button

    def show_state(self, address: str, state: str, kind: str) -> None:
        """Show where it is and how."""
        self._address.setText(address)
        self.pill.show_state(state, kind, name=f"{self.name}: {state}")


def boxed(rows: Sequence[DeviceRow]) -> QWidget:
    """Put rows into one box."""
    box = panel()
    column = QVBoxLayout(box)
    column.setContentsMargins(0, 0, 0, 0)
    column.setSpacing(0)
    for place, row in enumerate(rows):
        if place:
            column.addWidget(separator())
        column.addWidget(row)
    return box
