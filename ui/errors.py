"""What happens to errors that reach a window: a sentence where it happened, or a report of a fault of ours."""

import logging
import traceback
from uuid import uuid4

from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QDialog, QDialogButtonBox, QLabel, QVBoxLayout, QWidget

from pos_app.errors import PosError, Unavailable
from pos_app.messages import sentence

log = logging.getLogger("bookstore_pos")


def kind_of(error: PosError) -> str:
    """How loud an error is: amber for what a person can mend, red for what is out of reach."""
    return "bad" if isinstance(error, Unavailable) else "warn"


class FaultDialog(QDialog):
    """Tells of a fault of the program itself, which goes on running."""

    def __init__(self, error: BaseException, parent: QWidget | None) -> None:
        """Log the error under a number that the dialog shows."""
        super().__init__(parent)
        self.number = uuid4().hex[:8]
        self._details = "".join(traceback.format_exception(error))
        log.error("fault %s\n%s", self.number, self._details)
        self.setWindowTitle("Something went wrong")
        text = QLabel(
            "The program met a fault of its own. Your last step may not have been carried out; everything before it is "
            f"stored. If it happens again, give whoever looks after the tills this number: {self.number}"
        )
        text.setTextFormat(Qt.TextFormat.PlainText)
        text.setWordWrap(True)
        buttons = QDialogButtonBox()
        copy = buttons.addButton("Copy details", QDialogButtonBox.ButtonRole.ActionRole)
        buttons.addButton("Go on", QDialogButtonBox.ButtonRole.AcceptRole)
        copy.clicked.connect(lambda: QGuiApplication.clipboard().setText(f"{self.number}\n{self._details}"))
        buttons.accepted.connect(self.accept)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(24, 24, 24, 24)
        layout.setSpacing(20)
        layout.addWidget(text)
        layout.addWidget(buttons)
        self.setMinimumWidth(460)


__all__ = ["FaultDialog", "kind_of", "sentence"]
