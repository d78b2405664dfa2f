"""How this machine stands: what the doctor finds, what went wrong lately, and one file for whoever helps from afar."""

import asyncio
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHBoxLayout, QLabel

from pos_app.config import Config
from pos_app.diagnostics import STAMP, write_diagnostics
from pos_app.doctor import Finding, Level, examine
from pos_app.errors import Refused
from pos_app.log import LogEvent, read_events
from ui.context import Context
from ui.files import ask_where
from ui.settings.section import Section, hint
from ui.stock.table import Column, WrappingTable
from ui.tasks import Tasks
from ui.widgets.basic import Pill, label
from ui.widgets.key_button import KeyButton

WORDS = {Level.OK: "Fine", Level.WARN: "Warning", Level.BAD: "Problem"}
KINDS = {Level.OK: "ok", Level.WARN: "warn", Level.BAD: "bad"}
NAMES = {"sqlite": "SQLite", "postgresql": "PostgreSQL", "qt": "Qt"}
EVENTS = 50
# Faults of so many days keep the whole from being fine.
LATELY = timedelta(days=7)
FAULTS = ("ERROR", "CRITICAL")
FINDINGS_HEIGHT, EVENTS_HEIGHT = 190, 140


class StatusSection(Section):
    """Looked at whenever it is shown; anybody sees it, and who may change settings sends it."""

    title = "Status"
    starts_in_field = False

    def __init__(self, context: Context, tasks: Tasks) -> None:
        """Lay the findings, what went wrong, and the buttons out."""
        super().__init__(context, tasks)
        # The line around what has the focus touches nothing.
        self.form.setContentsMargins(12, 10, 12, 10)
        top = QHBoxLayout()
        top.setSpacing(8)
        self.form.addLayout(top)
        keys = QHBoxLayout()
        keys.setSpacing(8)
        self.summary = Pill("Looking…", "off")
        again, self._send = KeyButton("Look again"), KeyButton("Diagnostics…")
        again.clicked.connect(lambda: self.start(self.load()))
        self._send.clicked.connect(lambda: self.start(self._ask_where()))
        self._send.setEnabled(self.may)
        self.add_key(again, "F5")
        self.add_key(self._send, "F6")
        top.addWidget(self.summary)
        top.addStretch(1)
        keys.addWidget(again)
        keys.addWidget(self._send)
        keys.addStretch(1)
        self.form.addLayout(keys)
        self.findings = WrappingTable(
            "What was looked at",
            (
                Column[Finding]("How it is", 130, lambda one: WORDS[one.level], pill=lambda one: KINDS[one.level]),
                Column[Finding]("What was found, and what to do", 0, _said, below=lambda one: one.next_step),
            ),
            height=FINDINGS_HEIGHT,
        )
        self.form.addWidget(self.findings, 2)
        self._whole = _whole()
        self.form.addWidget(self._whole)
        self.form.addWidget(label("What went wrong lately", "section"))
        self.events = WrappingTable(
            "What went wrong lately",
            (
                Column[LogEvent]("How bad", 130, lambda one: one.level.capitalize(), pill=_kind),
                Column[LogEvent]("What happened, and when", 0, lambda one: one.text, below=_when),
            ),
            height=EVENTS_HEIGHT,
        )
        self.form.addWidget(self.events, 1)
        self._log = hint("")
        self._log.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.form.addWidget(self._log)
        self.findings.selectionModel().currentRowChanged.connect(lambda *_: self._show_whole())

    @property
    def _config(self) -> Config:
        """What holds now; the printer may have been changed since the start."""
        return replace(self.context.app.config, printer=self.context.app.printing.printer)

    async def load(self) -> None:
        """Look at everything; it takes a second or two, and what was found before stays meanwhile."""
        self.summary.show_state("Looking…", "off")
        went_wrong = await self._show_events()
        found = sorted(await examine(self._config, in_window=True), key=lambda one: -one.level)
        self.findings.show_rows(found, 0)
        self.findings.scrollToTop()
        self._show_whole()
        self.summary.show_state(*_summed_up(found, went_wrong=went_wrong))

    async def _show_events(self) -> bool:
        """Show what the log tells; gives whether it is of a fault of the last days."""
        path = self.context.app.config.log_file
        try:
            found = await asyncio.to_thread(read_events, path, EVENTS)
        except OSError as error:
            raise Refused("events.unreadable", path=str(path), reason=error.strerror or str(error)) from error
        self.events.show_rows(found[::-1], 0)
        shown = "The newest first" if found else "Nothing went wrong, as far as is known"
        self._log.setText(f"{shown}. All of it stands in {path}; bookstore-pos events tells it too.")
        since = f"{datetime.now(UTC).astimezone() - LATELY:%Y-%m-%d %H:%M:%S}"
        return any(one.level in FAULTS and one.at >= since for one in found)

    def _show_whole(self) -> None:
        """What is cut in the list stands below it whole."""
        finding: Finding | None = self.findings.chosen
        self._whole.setText(f"{finding.sentence} {finding.next_step}".strip() if finding is not None else "")

    async def _ask_where(self) -> None:
        """Ask for a file, and write into it how this till stands."""
        config = self._config
        name = f"bookstore-pos-till{config.till}-{datetime.now(UTC):{STAMP}}.zip"
        path = await ask_where(self.context, self, "Diagnostics", name, {"Packed file (*.zip)": "zip"})
        if path is not None:
            made = await write_diagnostics(config, path, self.message.say)
            self.message.say(
                f"{made.path} says how this till stands ({made.size / 1e3:.0f} kB): no customers, no passwords. "
                "Send it to whoever helps.",
                "ok",
            )


def _whole() -> QLabel:
    made = hint("")
    made.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
    return made


def _said(finding: Finding) -> str:
    return f"{NAMES.get(finding.subject, finding.subject.capitalize())}: {finding.sentence}"


def _kind(event: LogEvent) -> str:
    return "warn" if event.level == "WARNING" else "bad"


def _when(event: LogEvent) -> str:
    last = f" · {event.reason}" if event.details else ""
    return f"{event.at}{last}"


def _summed_up(found: list[Finding], *, went_wrong: bool = False) -> tuple[str, str]:
    """All of it in a few words, and how bad the worst is."""
    bad, warn = (sum(one.level is level for one in found) for level in (Level.BAD, Level.WARN))
    counted = [
        f"{count} {name}{'' if count == 1 else 's'}" for count, name in ((bad, "problem"), (warn, "warning")) if count
    ]
    if went_wrong:
        counted.append("something went wrong lately")
    told = " · ".join(counted) or "Everything is fine"
    return told[0].upper() + told[1:], "bad" if bad else "warn" if counted else "ok"
