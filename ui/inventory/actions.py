"""What can be done from the list of books: a row of buttons, each with its key."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHBoxLayout, QWidget

from ui.actions import shortcut
from ui.widgets.flow import FlowLayout
from ui.widgets.key_button import KeyButton


@dataclass(frozen=True)
class Action:
    """One button and its key; without an act it is not shown."""

    text: str
    key: str
    act: Callable[[], object] | None
    role: str | None = None


class ActionBar(QWidget):
    """The buttons under the list; on a narrow window they go on in a second row. The last stands apart."""

    def __init__(self, owner: QWidget, actions: Sequence[Action]) -> None:
        """Take the page that the keys belong to."""
        super().__init__()
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(8)
        flowing = QWidget()
        row.addWidget(flowing, 1)
        flow = FlowLayout(flowing)
        self.buttons: dict[str, KeyButton] = {}
        for action in actions:
            if action.act is None:
                continue
            button = KeyButton(action.text, action.key.replace("+", " "), role=action.role)
            button.clicked.connect(lambda _, act=action.act: act())
            shortcut(owner, action.key, action.act)
            if action is actions[-1]:
                row.addWidget(button, alignment=Qt.AlignmentFlag.AlignTop)
            else:
                flow.addWidget(button)
            self.buttons[action.text] = button
        if not self.buttons:
            self.hide()
