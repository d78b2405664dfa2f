"""A panel beside the work: it asks something under the entry field while the sale goes on."""

from PySide6.QtCore import QEvent, Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from ui.widgets.basic import Message, label, panel
from ui.widgets.key_button import KeyButton


class BesidePanel(QWidget):
    """Title, `body`, message and two buttons, hidden at first; Enter is `submit`, Esc is `leave`.

    `left` says that the panel is away.
    """

    left = Signal()

    def __init__(self, title: str, *, leave: str, go: str) -> None:
        """Take the title, the full name of leaving, and what the way forward is called."""
        super().__init__()
        frame = panel()
        around = QVBoxLayout(self)
        around.setContentsMargins(0, 0, 0, 0)
        around.addWidget(frame)
        layout = QVBoxLayout(frame)
        layout.setContentsMargins(16, 12, 16, 12)
        layout.setSpacing(8)
        self.head = QHBoxLayout()
        self.head.setSpacing(12)
        self.head.addWidget(label(title, "title"))
        layout.addLayout(self.head)
        self.body = QVBoxLayout()
        layout.addLayout(self.body)
        self.message = Message()
        back = KeyButton("Leave", "Esc", name=leave)
        back.clicked.connect(self.leave)
        self.go = KeyButton(go, "Enter", role="primary")
        self.go.clicked.connect(self.submit)
        foot = QHBoxLayout()
        foot.setSpacing(8)
        foot.addWidget(self.message, 1)
        foot.addWidget(back)
        foot.addWidget(self.go)
        layout.addLayout(foot)
        self.hide()

    def submit(self) -> None:
        """Enter: do what the way forward says."""
        raise NotImplementedError

    def leave(self) -> None:
        """Esc: put it away."""
        raise NotImplementedError

    def event(self, event: QEvent) -> bool:
        """Take Esc before the page's own shortcut does."""
        if (
            event.type() == QEvent.Type.ShortcutOverride
            and isinstance(event, QKeyEvent)
            and event.key() == Qt.Key.Key_Escape
        ):
            event.accept()
            return True
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Enter acts, Esc leaves; a key held down does neither twice."""
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and not event.isAutoRepeat():
            self.submit()
        elif event.key() == Qt.Key.Key_Escape:
            self.leave()
        else:
            super().keyPressEvent(event)
