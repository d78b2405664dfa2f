"""What can be done from the list of books: a row of buttons, each with its key."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from PySide6.QtWidgets import QWidget

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
    """The buttons under the list; on a narrow window they go on in a second row."""

    def __init__(self, owner: QWidget, actions: Sequence[Action]) -> None:
        """Take the page that the keys belong to."""
        super().__init__()
        flow = FlowLayout(self)
        self.buttons: dict[str, KeyButton] = {}
        for action in actions:
            if action.act is None:
                continue
            button = KeyButton(action.text, action.key.replace("+", " "), role=action.role)
            button.clicked.connect(lambda _, act=action.act: act())
            shortcut(owner, action.key, action.act)
            flow.addWidget(button)
            self.buttons[action.text] = button
        if not self.buttons:
            self.hide()
