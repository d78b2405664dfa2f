"""Tells at the counter that papers wait for the printer: never in the way of a sale, gone once they are printed."""

from collections.abc import Callable, Sequence

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHBoxLayout, QWidget

from pos_app.services.printing import Job, PrintQueue
from ui.widgets.basic import Message
from ui.widgets.key_button import KeyButton

KEY, AGAIN = "Ctrl+Shift+P", "Ctrl+Shift+R"


class PrintBanner(QWidget):
    """One line under the top bar while a paper waits that was tried before."""

    def __init__(self, queue: PrintQueue, show_papers: Callable[[], object]) -> None:
        """Take the queue, and what leads to its papers."""
        super().__init__()
        self._queue = queue
        row = QHBoxLayout(self)
        row.setContentsMargins(20, 8, 20, 0)
        row.setSpacing(8)
        self._message = Message()
        row.addWidget(self._message, 1)
        again = KeyButton("Try now", AGAIN.replace("+", " "), name="Print now")
        again.clicked.connect(queue.retry)
        papers = KeyButton("Papers", KEY.replace("+", " "), name="Papers that wait")
        papers.clicked.connect(show_papers)
        for button in (again, papers):
            button.setFocusPolicy(Qt.FocusPolicy.NoFocus)
            row.addWidget(button)
        self._show()
        queue.listeners.append(self._show)

    def leave(self) -> None:
        """Hear of the queue no longer: it outlives a person's time at the till."""
        if self._show in self._queue.listeners:
            self._queue.listeners.remove(self._show)

    def _show(self) -> None:
        text = told(self._queue.jobs)
        if text and text != self._message.text():
            self._message.say(text, "warn")
        self.setVisible(bool(text))


def told(jobs: Sequence[Job]) -> str:
    """What is said of the papers that wait, once one of them was tried and not taken; else nothing."""
    failed = next((job for job in jobs if job.tries), None)
    if failed is None:
        return ""
    waiting = "1 paper waits" if len(jobs) == 1 else f"{len(jobs)} papers wait"
    return f"{waiting}. {failed.reason}"
