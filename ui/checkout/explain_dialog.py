"""Shows how amounts came about: of the basket, of an order, of a receipt."""

from collections.abc import Sequence

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QGridLayout, QLabel, QScrollArea, QWidget

from ui.checkout.explain import Explained
from ui.style.theme import px
from ui.widgets.basic import label
from ui.widgets.sheet import Sheet

TALLEST = 420


class ExplainDialog(Sheet):
    """One amount after the other, each with its steps."""

    def __init__(self, explained: Sequence[Explained], parent: QWidget) -> None:
        """Take what is to be explained."""
        super().__init__("How this number came about", parent, go="Close", width=560)
        self.back.hide()
        inner = QWidget()
        grid = QGridLayout(inner)
        grid.setColumnStretch(0, 1)
        grid.setVerticalSpacing(8)
        row = 0
        for block in explained:
            head = label(block.title, "title")
            head.setWordWrap(True)
            grid.addWidget(head, row, 0, 1, 2)
            for text, figure in block.rows:
                row += 1
                said = label(text, "sum")
                said.setWordWrap(True)
                grid.addWidget(said, row, 0)
                grid.addWidget(_figure(figure), row, 1)
            row += 1
            grid.setRowMinimumHeight(row, 12)
            row += 1
        grid.setRowStretch(row, 1)
        area = QScrollArea()
        area.setAccessibleName("How this number came about")
        area.setWidgetResizable(True)
        area.setWidget(inner)
        area.setFrameShape(QScrollArea.Shape.NoFrame)
        area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        area.setMinimumHeight(min(px(TALLEST), inner.sizeHint().height() + 8))
        self.body.addWidget(area)
        # So that the arrows and Page Down read a long one to its end; Enter closes it from anywhere.
        area.setFocus()


def _figure(text: str) -> QLabel:
    made = label(text, "figure")
    made.setAlignment(made.alignment().AlignRight | made.alignment().AlignVCenter)
    return made
