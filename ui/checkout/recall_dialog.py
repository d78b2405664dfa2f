"""F7 where several baskets wait: which one."""

from datetime import datetime

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QListWidget, QListWidgetItem, QWidget

from pos_app.services.cart_park import ParkedCart
from ui.format import Formatter
from ui.style.theme import px
from ui.widgets.sheet import Sheet

MINUTES_PER_HOUR = 60


def age(parked_at: datetime, now: datetime) -> str:
    """How long a basket has waited, in words."""
    minutes = max(int((now - parked_at).total_seconds() // 60), 0)
    if minutes < 1:
        return "just now"
    if minutes < MINUTES_PER_HOUR:
        return f"{minutes} min ago"
    hours = minutes // MINUTES_PER_HOUR
    return f"{hours} h ago" if hours < 24 else f"{hours // 24} d ago"  # noqa: PLR2004 - hours in a day


class RecallDialog(Sheet):
    """The baskets that wait, with what tells them apart."""

    def __init__(self, waiting: list[ParkedCart], fmt: Formatter, now: datetime, parent: QWidget) -> None:
        """Take the baskets, the newest first."""
        super().__init__("Recall", parent, go="Take it up", width=620)
        self._waiting = waiting
        self._list = QListWidget()
        self._list.setAccessibleName("Parked sales")
        self._list.setUniformItemSizes(True)
        self._list.setMinimumHeight(px(44) * min(max(len(waiting), 3), 8))
        for one in waiting:
            who = one.note or one.customer or one.first_title
            items = "1 item" if one.item_count == 1 else f"{one.item_count} items"
            mark = "TRAINING · " if one.training else ""
            text = f"{mark}{who} · {items} · {fmt.money(one.total)} · {one.operator}, till {one.till}"
            item = QListWidgetItem(f"{text} · {age(one.parked_at, now)}")
            item.setSizeHint(item.sizeHint().expandedTo(item.sizeHint().__class__(0, px(40))))
            self._list.addItem(item)
        self._list.setCurrentRow(0)
        self._list.itemActivated.connect(lambda _: self.submit())
        self.body.addWidget(self._list)
        self._list.setFocus(Qt.FocusReason.OtherFocusReason)

    @property
    def chosen(self) -> ParkedCart:
        """The basket chosen."""
        return self._waiting[self._list.currentRow()]
