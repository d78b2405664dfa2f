"""Tells whoever is at the till that the last copy of the shop could not be made: a fault nobody sees costs the shop."""

from collections.abc import Callable

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHBoxLayout, QWidget

from pos_app.services.backup import BackupSchedule
from ui.errors import sentence
from ui.widgets.basic import Message
from ui.widgets.key_button import KeyButton


class BackupBanner(QWidget):
    """One line under the top bar until a copy is made."""

    def __init__(self, schedule: BackupSchedule, show_backups: Callable[[], object]) -> None:
        """Take the schedule, and what leads to its copies."""
        super().__init__()
        self._schedule = schedule
        row = QHBoxLayout(self)
        row.setContentsMargins(20, 8, 20, 0)
        row.setSpacing(8)
        self._message = Message()
        row.addWidget(self._message, 1)
        button = KeyButton("Backups", name="Show backups")
        button.clicked.connect(show_backups)
        button.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        row.addWidget(button)
        self._show()
        schedule.listeners.append(self._show)

    def leave(self) -> None:
        """Hear of the schedule no longer: it outlives a person's time at the till."""
        if self._show in self._schedule.listeners:
            self._schedule.listeners.remove(self._show)

    def _show(self) -> None:
        fault = self._schedule.fault
        if fault is not None:
            self._message.say(f"The shop was not backed up. {sentence(fault)}", "warn")
        self.setVisible(fault is not None)
