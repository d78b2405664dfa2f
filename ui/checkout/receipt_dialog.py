"""A receipt on the screen, as it is on paper."""

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QDialog, QHBoxLayout, QPlainTextEdit, QScrollArea, QVBoxLayout, QWidget

from pos_app.services.receipt import Receipt
from ui.widgets.basic import ElidedLabel, label
from ui.widgets.key_button import KeyButton
from ui.widgets.paper import PaperView


class ReceiptDialog(QDialog):
    """Shows the text and says where it is kept."""

    def __init__(self, receipt: Receipt, parent: QWidget) -> None:
        """Take the receipt."""
        super().__init__(parent)
        self.setWindowTitle(f"Receipt {receipt.number} – Bookstore POS")
        layout = QVBoxLayout(self)
        layout.setContentsMargins(24, 20, 24, 20)
        layout.setSpacing(12)
        layout.addWidget(label(f"Receipt {receipt.number}", "heading"))
        layout.addWidget(self._paper(receipt))
        layout.addWidget(ElidedLabel(f"Kept in {receipt.path}", "small"))
        row = QHBoxLayout()
        row.addStretch()
        close = KeyButton("Close", "Esc", role="primary")
        close.clicked.connect(self.accept)
        row.addWidget(close)
        layout.addLayout(row)
        close.setFocus(Qt.FocusReason.OtherFocusReason)

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
