"""How the list looks: its columns and order (F4), and views kept by name (F5)."""

from collections.abc import Sequence

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QCheckBox, QGridLayout, QHBoxLayout, QLineEdit, QListWidget, QWidget

from pos_app.services.book_list import ListOrder, SortBy
from ui.inventory.columns import COLUMNS
from ui.style.theme import px
from ui.widgets.basic import caption, label
from ui.widgets.fields import Choice
from ui.widgets.key_button import KeyButton
from ui.widgets.sheet import Sheet


class ColumnsDialog(Sheet):
    """F4: which columns are shown, and what the list is sorted by."""

    def __init__(self, columns: Sequence[str], order: ListOrder, parent: QWidget) -> None:
        """Start with what is shown now."""
        super().__init__("Columns and order", parent, go="Show", width=560)
        self.columns, self.order = tuple(columns), order
        self.boxes: dict[str, QCheckBox] = {}
        grid = QGridLayout()
        grid.setHorizontalSpacing(16)
        grid.setVerticalSpacing(8)
        for place, column in enumerate(COLUMNS[1:]):
            box = QCheckBox(column.head)
            box.setAccessibleName(column.head)
            box.setChecked(column.name in columns)
            self.boxes[column.name] = box
            grid.addWidget(box, place // 3, place % 3)
        self.body.addLayout(grid)
        self.body.addWidget(label("With no room for all, the usual ones are left out before those you add.", "small"))
        self.body.addWidget(caption("Sorted by"))
        row = QHBoxLayout()
        self.by = Choice()
        self.by.setAccessibleName("Sorted by")
        self.by.addItem("Best match, then title", SortBy.MATCH)
        for column in COLUMNS:
            self.by.addItem(column.head, column.by)
        self.by.setCurrentIndex(max(self.by.findData(order.by), 0))
        self.down = QCheckBox("From the end")
        self.down.setAccessibleName("From the end")
        self.down.setChecked(order.descending)
        row.addWidget(self.by, 1)
        row.addWidget(self.down)
        self.body.addLayout(row)
        next(iter(self.boxes.values())).setFocus(Qt.FocusReason.OtherFocusReason)

    def submit(self) -> None:
        """Keep the answers."""
        self.columns = tuple(name for name, box in self.boxes.items() if box.isChecked())
        self.order = ListOrder(self.by.currentData(), self.down.isChecked())
        self.accept()


class ViewsDialog(Sheet):
    """F5: show a view kept, keep this one, take one away."""

    def __init__(self, names: Sequence[str], parent: QWidget) -> None:
        """Take the names of the views there are."""
        super().__init__("Views", parent, go="Show", width=460)
        self.chosen: str | None = None
        self.kept: str | None = None
        self.dropped: str | None = None
        self.list = QListWidget()
        self.list.setAccessibleName("Views kept")
        self.list.addItems(list(names))
        self.list.setCurrentRow(0)
        self.list.setMinimumHeight(px(160))
        self.list.itemActivated.connect(lambda _: self.submit())
        if names:
            self.body.addWidget(self.list)
        else:
            self.body.addWidget(label("No views yet. Filter and sort the list, then keep it under a name.", "muted"))
        self.name: QLineEdit = self.add_field("Keep what is shown now as", placeholder="To reorder")
        keep = KeyButton("Keep", "Alt K", size="big")
        keep.setShortcut("Alt+K")
        keep.clicked.connect(self._keep)
        drop = KeyButton("Take away", "Alt T", size="big")
        drop.setShortcut("Alt+T")
        drop.clicked.connect(self._drop)
        drop.setEnabled(bool(names))
        self.foot.insertWidget(1, drop)
        self.foot.insertWidget(2, keep)
        (self.list if names else self.name).setFocus(Qt.FocusReason.OtherFocusReason)

    def _selected(self) -> str | None:
        item = self.list.currentItem()
        return None if item is None else item.text()

    def submit(self) -> None:
        """Enter keeps what a name was typed for, else shows the view chosen."""
        if self.name.text().strip():
            self._keep()
            return
        self.chosen = self._selected()
        self.accept()

    def _keep(self) -> None:
        if not self.name.text().strip():
            self.message.say("Type a name for this view.", "warn")
            self.name.setFocus()
            return
        self.kept = self.name.text().strip()
        self.accept()

    def _drop(self) -> None:
        self.dropped = self._selected()
        self.accept()
