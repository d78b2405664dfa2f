"""What happens to errors that reach a window: a sentence where it happened, or a report of a fault of ours."""

import logging
import traceback
from dataclasses import dataclass

from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QDialog, QDialogButtonBox, QLabel, QVBoxLayout, QWidget

from pos_app.errors import PosError, Unavailable
from pos_app.log import action, new_number
from pos_app.messages import sentence
from ui.style.theme import px
from ui.widgets.key_button import KeyButton

log = logging.getLogger("bookstore_pos")


def kind_of(error: PosError) -> str:
    """How loud an error is: amber for what a person can mend, red for what is out of reach."""
    return "bad" if isinstance(error, Unavailable) else "warn"


@dataclass(frozen=True, slots=True)
class Fault:
    """A fault of the program itself, as it stands in the log."""

    number: str
    details: str


def note(error: BaseException) -> Fault:
    """Write an error that nobody foresaw into the log, under the number of what a person had begun."""
    fault = Fault(action.get() or new_number(), "".join(traceback.format_exception(error)))
    log.error("fault %s\n%s", fault.number, fault.details)
    return fault


class FaultDialog(QDialog):
    """Tells of a fault of the program itself, which goes on running."""

    def __init__(self, fault: Fault, parent: QWidget | None) -> None:
        """Show the number, and hand the details out."""
        super().__init__(parent)
        self.setWindowTitle("Something went wrong")
        text = QLabel(
            "The program met a fault of its own. Your last step may not have been carried out; everything before it is "
            f"stored. If it happens again, give whoever looks after the tills this number: {fault.number}"
        )
        text.setTextFormat(Qt.TextFormat.PlainText)
        text.setWordWrap(True)
        text.setFixedWidth(px(440))
        text.setMinimumHeight(text.heightForWidth(px(440)))
        buttons = QDialogButtonBox()
        copy, go_on = KeyButton("Copy details", "Ctrl C"), KeyButton("Go on", "Enter", role="primary")
        copy.setShortcut("Ctrl+C")
        buttons.addButton(copy, QDialogButtonBox.ButtonRole.ActionRole)
        buttons.addButton(go_on, QDialogButtonBox.ButtonRole.AcceptRole)
        go_on.setDefault(True)
        go_on.setFocus()
        copy.clicked.connect(lambda: QGuiApplication.clipboard().setText(f"{fault.number}\n{fault.details}"))
        buttons.accepted.connect(self.accept)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(24, 24, 24, 24)
        layout.setSpacing(20)
        layout.addWidget(text)
        layout.addWidget(buttons)


__all__ = ["Fault", "FaultDialog", "kind_of", "note", "sentence"]
