"""F7 where several baskets wait: which one."""

from datetime import datetime

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QWidget

from pos_app.services.cart_park import ParkedCart
from ui.format import Formatter
from ui.widgets.sheet import Sheet
from ui.widgets.two_lines import TwoLinesList

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
        self._list = TwoLinesList("Parked sales")
        self._list.make_room(len(waiting))
        rows = []
        for one in waiting:
            who = one.note or one.customer or one.first_title
            items = "1 item" if one.item_count == 1 else f"{one.item_count} items"
            mark = "Training · " if one.training else ""
            about = f"{mark}{age(one.parked_at, now)} · {items} · {one.operator}, till {one.till}"
            rows.append((who, about, fmt.money(one.total)))
        self._list.show_rows(rows)
        self._list.itemActivated.connect(lambda _: self.submit())
        self.body.addWidget(self._list)
        self._list.setFocus(Qt.FocusReason.OtherFocusReason)

    @property
    def chosen(self) -> ParkedCart:
        """The basket chosen."""
        return self._waiting[self._list.currentRow()]
