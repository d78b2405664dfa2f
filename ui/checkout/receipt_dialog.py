"""A receipt on the screen, as it is on paper."""

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QDialog, QHBoxLayout, QPlainTextEdit, QScrollArea, QVBoxLayout, QWidget

from pos_app.services.receipt import Receipt
from ui import dialogs
from ui.actions import plain
from ui.checkout.explain import explain_document
from ui.checkout.explain_dialog import ExplainDialog
from ui.format import Formatter
from ui.widgets.basic import ElidedLabel, label
from ui.widgets.key_button import KeyButton
from ui.widgets.paper import PaperView


async def show_receipt(receipt: Receipt, fmt: Formatter, parent: QWidget) -> None:
    """Show a receipt until it is closed; explained in between, it comes back."""
    while True:
        dialog = ReceiptDialog(receipt, parent)
        await dialogs.show(dialog)
        if not dialog.wants_explaining or receipt.sale is None:
            return
        await dialogs.show(ExplainDialog(explain_document(receipt.sale, fmt), parent))


def title_of(receipt: Receipt) -> str:
    """What a paper is called: a report is no receipt."""
    for letter in "XZ":
        if receipt.number.startswith(letter):
            return f"{letter} report {receipt.number.removeprefix(letter)}"
    return f"Receipt {receipt.number}"


class ReceiptDialog(QDialog):
    """Shows the text and says where it is kept."""

    def __init__(self, receipt: Receipt, parent: QWidget) -> None:
        """Take the receipt."""
        super().__init__(parent)
        self.wants_explaining = False
        self._explainable = receipt.sale is not None
        self.setWindowTitle(f"{title_of(receipt)} – Bookstore POS")
        layout = QVBoxLayout(self)
        layout.setContentsMargins(24, 20, 24, 20)
        layout.setSpacing(12)
        layout.addWidget(label(title_of(receipt), "heading"))
        layout.addWidget(self._paper(receipt))
        layout.addWidget(ElidedLabel(f"Kept in {receipt.path}", "small"))
        row = QHBoxLayout()
        if receipt.sale is not None:
            explain = KeyButton("Explain", "=", name="Explain the amounts")
            explain.clicked.connect(self._explain)
            row.addWidget(explain)
        row.addStretch()
        close = KeyButton("Close", "Esc", role="primary")
        close.clicked.connect(self.accept)
        row.addWidget(close)
        layout.addLayout(row)
        close.setFocus(Qt.FocusReason.OtherFocusReason)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Explain by its sign, which is no shortcut: a scan may hold one."""
        if event.text() == "=" and plain(event) and self._explainable:
            self._explain()
        else:
            super().keyPressEvent(event)

    def _explain(self) -> None:
        self.wants_explaining = True
        self.accept()

    @staticmethod
    def _paper(receipt: Receipt) -> QWidget:
        """The paper itself; one kept from another day is shown by its text."""
        if receipt.document is None:
            text = QPlainTextEdit(receipt.text)
            text.setProperty("role", "receipt")
            text.setAccessibleName("Receipt")
            text.setReadOnly(True)
            text.setMinimumSize(420, 420)
            return text
        paper = PaperView("Receipt")
        paper.show_document(receipt.document)
        area = QScrollArea()
        area.setFrameShape(QScrollArea.Shape.NoFrame)
        area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        area.setAlignment(Qt.AlignmentFlag.AlignHCenter)
        area.setWidget(paper)
        area.setMinimumSize(paper.width() + 24, min(paper.sizeHint().height() + 8, 520))
        return area
