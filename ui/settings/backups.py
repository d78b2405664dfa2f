"""Copies of the shop on this machine: the last, the schedule, where they lie, and one more now."""

import asyncio

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QGridLayout

from pos_app.domain.permission import Permission
from pos_app.services.backup import Backup, backup_folder, list_backups
from ui.actions import shortcut
from ui.context import Context
from ui.settings.section import Section, hint
from ui.stock.table import Column, RowsTable
from ui.tasks import Tasks
from ui.widgets.basic import caption, label
from ui.widgets.key_button import KeyButton

SHOWN = 20
TABLE_HEIGHT = 180


class BackupsSection(Section):
    """What a till with its own file keeps safe by itself; a server's database is backed up where the server is."""

    title = "Backups"
    permission = Permission.CHANGE_SETTINGS

    def __init__(self, context: Context, tasks: Tasks) -> None:
        """Lay the state, the button and the list of copies out."""
        super().__init__(context, tasks)
        grid = QGridLayout()
        grid.setHorizontalSpacing(16)
        grid.setVerticalSpacing(10)
        grid.setColumnStretch(1, 1)
        self._said = {name: label("", "body") for name in ("Last copy", "Schedule", "Folder", "Second place")}
        for row, (name, value) in enumerate(self._said.items()):
            value.setWordWrap(True)
            value.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
            grid.addWidget(caption(name), row, 0, Qt.AlignmentFlag.AlignTop)
            grid.addWidget(value, row, 1)
        self.form.addLayout(grid)
        self._now = KeyButton("Back up now", "Ctrl B", name="Back up now")
        self._now.clicked.connect(self._pressed)
        shortcut(self, "Ctrl+B", self._pressed, within=False)
        self.form.addWidget(self._now, alignment=Qt.AlignmentFlag.AlignLeft)
        fmt = context.fmt
        self._table = RowsTable(
            "Copies of the shop",
            (
                Column[Backup]("Made", 164, lambda one: fmt.dated(one.made_at)),
                Column[Backup]("Size", 100, lambda one: f"{one.size / 1e6:.1f} MB", right=True),
                Column[Backup]("File", 0, lambda one: one.path.name),
            ),
            height=TABLE_HEIGHT,
        )
        self.form.addWidget(self._table, 1)
        self._hint = hint("")
        self.form.addWidget(self._hint)

    async def load(self) -> None:
        """Read which copies there are."""
        config = self.context.app.config
        server = self.context.app.db.kind != "sqlite"
        for widget in (self._now, self._table):
            widget.setVisible(not server)
        if server:
            self._said["Last copy"].setText("Made where the server is")
            self._said["Schedule"].setText("The server's own; bookstore-pos backup FILE makes a copy from here")
            self._said["Folder"].setText("–")
            self._said["Second place"].setText("–")
            self._hint.setText("One database serves every till, so one machine backs it up for all.")
            return
        self._now.setEnabled(self.may)
        hours = config.backup_every_h
        self._said["Schedule"].setText(
            f"Every {hours} hours, the newest {config.backups_kept} are kept" if hours else "Off"
        )
        self._said["Folder"].setText(str(backup_folder(config)))
        self._said["Second place"].setText(
            config.backup_second_dir or "None: a disk that breaks takes the copies along"
        )
        self._hint.setText(
            f"Schedule and places stand in {config.settings_file} (backup_every_h, backups_kept, backup_second_dir). "
            "bookstore-pos restore FILE puts a copy back, with this window closed."
        )
        self._show(await asyncio.to_thread(list_backups, config))
        self.say_who_may()

    def _show(self, copies: list[Backup]) -> None:
        self._said["Last copy"].setText(self.context.fmt.dated(copies[0].made_at) if copies else "None yet")
        self._table.show_rows(copies[:SHOWN])

    def _pressed(self) -> None:
        if self.may and self._now.isVisible() and self._now.isEnabled():
            self._now.setEnabled(False)
            self.message.say("Copying the shop…", "none")
            self.start(self._make())

    async def _make(self) -> None:
        schedule = self.context.app.backups
        try:
            made = await schedule.look(now=True)
        finally:
            self._now.setEnabled(True)
        if schedule.fault is not None:
            raise schedule.fault
        assert made is not None  # noqa: S101 - asked for, it is made or told why not
        self._show(await asyncio.to_thread(list_backups, self.context.app.config))
        self.kept(f"{made.path.name} holds the whole shop.", None)
