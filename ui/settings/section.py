"""What every section of the settings has: a form, a message, and a way back for each change."""

from collections.abc import Awaitable, Callable, Coroutine
from typing import Any

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QLabel, QScrollArea, QVBoxLayout, QWidget

from pos_app.domain.permission import Permission, UserRole, default_grant
from pos_app.errors import PosError
from ui.actions import shortcut
from ui.context import Context
from ui.errors import kind_of, sentence
from ui.tasks import Tasks
from ui.widgets.basic import Message, label
from ui.widgets.key_button import KeyButton

Undo = Callable[[], Awaitable[object]]


class Section(QWidget):
    """One section. `changed` hands on how to take the last change back."""

    title = ""
    # What it takes to change anything here.
    permission = Permission.CHANGE_SETTINGS
    # Whether work starts in the first field.
    starts_in_field = True
    changed = Signal(object)

    def __init__(self, context: Context, tasks: Tasks) -> None:
        """Take the context and the page's tasks; nothing is read before `load`."""
        super().__init__()
        self.context, self.tasks = context, tasks
        outer = QVBoxLayout(self)
        outer.setContentsMargins(20, 16, 18, 16)
        outer.setSpacing(8)
        outer.addWidget(label(self.title, "heading"))
        self.message = Message()
        outer.addWidget(self.message)
        inner = QWidget()
        self.form = QVBoxLayout(inner)
        self.form.setContentsMargins(0, 0, 4, 0)
        self.form.setSpacing(6)
        area = self._area = QScrollArea()
        area.setProperty("role", "section")
        area.setWidgetResizable(True)
        area.setFrameShape(QScrollArea.Shape.NoFrame)
        area.setWidget(inner)
        outer.addWidget(area, 1)

    def add_key(self, button: KeyButton, key: str) -> None:
        """Let a key press a button of this section while the section is shown."""
        button.show_key(key.replace("+", " "))
        shortcut(self, key, button.click, within=False)

    @property
    def may(self) -> bool:
        """Whether the person may change anything here, as the roles are set up; services decide."""
        return self.context.operator.may(self.permission)

    def say_who_may(self) -> None:
        """Say who may change this, where the person may not."""
        if not self.may:
            roles = [f"{role.value}s" for role in UserRole if default_grant(role, self.permission).allowed]
            self.message.say(f"You see this, and {' and '.join(roles)} can change it.", "warn")

    def start(self, work: Coroutine[Any, Any, Any]) -> None:
        """Start work of this section; its errors are told here."""
        self.tasks.start(self._guarded(work))

    async def _guarded(self, work: Coroutine[Any, Any, Any]) -> None:
        try:
            await work
        except PosError as error:
            self.tell(error)

    def tell(self, error: PosError) -> None:
        """Say what was refused, and what to do."""
        self.message.say(sentence(error), kind_of(error))

    def focus_home(self) -> None:
        """Put the focus into the first field, or where the arrows scroll."""
        self._area.setFocus()
        widget = self._area.nextInFocusChain()
        while self.starts_in_field and widget is not None and widget is not self._area:
            tabbed = widget.focusPolicy() & Qt.FocusPolicy.TabFocus
            if tabbed and widget.isVisible() and widget.isEnabled() and self._area.isAncestorOf(widget):
                widget.setFocus()
                return
            widget = widget.nextInFocusChain()

    async def load(self) -> None:
        """Read and show what is set."""

    def kept(self, text: str, undo: Undo | None) -> None:
        """Say that a change is kept, and how it is taken back."""
        self.message.say(f"{text} Ctrl+Z takes it back." if undo is not None else text, "ok")
        if undo is not None:
            self.changed.emit(undo)


def hint(text: str) -> QLabel:
    """A sentence under a field."""
    made = label(text, "small")
    made.setWordWrap(True)
    return made
