"""Closed shifts: every Z report as it was printed."""

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QStackedLayout, QVBoxLayout, QWidget

from pos_app.services.report import ZRow
from ui.format import Formatter
from ui.stock.table import Column, RowsTable
from ui.widgets.basic import EmptyState, panel

NOTHING = "No shift was closed on these days. Ctrl+F10 at the checkout closes one."


class ShiftsView(QWidget):
    """Z reports of all tills, the newest first; Enter on one asks to look at it."""

    wanted = Signal()
    # What could not be read is to be read again.
    again = Signal()

    def __init__(self, fmt: Formatter) -> None:
        """Start with nothing."""
        super().__init__()
        self._fmt = fmt
        self.table = RowsTable(
            "Z reports",
            [
                Column[ZRow](
                    "Z report",
                    0,
                    lambda row: f"Z {row.till}-{row.number:06d}",
                    below=lambda row: f"Till {row.till} · closed by {row.closed_by}",
                ),
                Column[ZRow](
                    "Business day",
                    170,
                    lambda row: fmt.date(row.business_date),
                    below=lambda row: f"closed {fmt.dated(row.closed_at)}",
                ),
                Column[ZRow]("Takings", 120, lambda row: fmt.amount(row.takings), right=True),
                Column[ZRow]("Counted", 150, self.counted, pill=_kind),
            ],
        )
        self.table.activated.connect(lambda _: self.wanted.emit())
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        paper = panel()
        self._stack = QStackedLayout(paper)
        self._stack.setContentsMargins(1, 1, 1, 1)
        self._nothing = EmptyState(NOTHING)
        self._failed = EmptyState("The closed shifts could not be read.", "Read again", self.again.emit, "Alt+A")
        self._stack.addWidget(self._nothing)
        self._stack.addWidget(self.table)
        self._stack.addWidget(self._failed)
        column.addWidget(paper)

    def counted(self, row: ZRow) -> str:
        """How the count of a drawer came out, in words."""
        if row.difference is None:
            return "not counted"
        if not row.difference:
            return "exact"
        return f"{self._fmt.amount(abs(row.difference))} {'over' if row.difference > 0 else 'short'}"

    def show_rows(self, rows: list[ZRow]) -> None:
        """Show other reports."""
        self.table.show_rows(rows, 0)
        self._stack.setCurrentIndex(1 if rows else 0)

    def show_nothing(self) -> None:
        """Show that nothing could be read."""
        self.show_rows([])
        self._stack.setCurrentWidget(self._failed)

    @property
    def chosen(self) -> ZRow | None:
        """The report chosen."""
        return self.table.chosen

    def focus_home(self) -> bool:
        """Put the focus into the list; False where it is empty."""
        if self._stack.currentWidget() is not self.table:
            return False
        self.table.setFocus(Qt.FocusReason.OtherFocusReason)
        return True


def _kind(row: ZRow) -> str:
    """The kind of a count's state."""
    if row.difference is None:
        return "off"
    return "warn" if row.difference else "ok"
