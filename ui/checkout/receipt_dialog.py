"""A receipt on the screen, as it is on paper."""

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QDialog, QHBoxLayout, QPlainTextEdit, QVBoxLayout, QWidget

from pos_app.services.receipt import Receipt
from ui.widgets.basic import ElidedLabel, label
from ui.widgets.key_button import KeyButton


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
        paper = QPlainTextEdit(receipt.text)
        paper.setProperty("role", "receipt")
        paper.setAccessibleName("Receipt")
        paper.setReadOnly(True)
        paper.setMinimumSize(420, 420)
        layout.addWidget(paper)
        layout.addWidget(ElidedLabel(f"Kept in {receipt.path}", "small"))
        row = QHBoxLayout()
        row.addStretch()
        close = KeyButton("Close", "Esc", role="primary")
        close.clicked.connect(self.accept)
        row.addWidget(close)
        layout.addLayout(row)
        close.setFocus(Qt.FocusReason.OtherFocusReason)
