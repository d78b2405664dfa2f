"""Tells whoever is at the till that the database is out of reach, and what becomes of what they do meanwhile."""

from PySide6.QtWidgets import QHBoxLayout, QWidget

from pos_app.clock import Clock
from pos_app.link import Link
from ui.errors import sentence
from ui.format import Formatter
from ui.scans import scans
from ui.widgets.basic import Message

# So many of the scans that wait are named, the last ones.
SHOWN = 3


class LinkBanner(QWidget):
    """One line under the top bar until the database answers again."""

    def __init__(self, link: Link, clock: Clock, fmt: Formatter) -> None:
        """Take the link to hear of."""
        super().__init__()
        self._link, self._clock, self._fmt = link, clock, fmt
        self._since = ""
        row = QHBoxLayout(self)
        row.setContentsMargins(20, 8, 20, 0)
        self._message = Message()
        row.addWidget(self._message, 1)
        self._show()
        link.on_state.append(self._show)
        scans.changed.connect(self._show)

    def leave(self) -> None:
        """Hear of the link no longer: it outlives a person's time at the till."""
        if self._show in self._link.on_state:
            self._link.on_state.remove(self._show)
            scans.changed.disconnect(self._show)

    def _show(self) -> None:
        if self._link.online:
            self._since = ""
        elif not self._since:
            self._since = self._fmt.time(self._clock.now())
        text = told(self._link, self._since)
        if text and (waiting := list(scans.waiting)):
            last = ", ".join(waiting[-SHOWN:])
            count = "1 scan waits" if not waiting[1:] else f"{len(waiting)} scans wait"
            text += f" {count}: {'… ' if waiting[SHOWN:] else ''}{last}."
        if text:
            self._message.say(text, "bad")
        self.setVisible(bool(text))


def told(link: Link, since: str) -> str:
    """What is said of the database; nothing while all is well."""
    if link.refused is not None:
        return sentence(link.refused)
    if link.online:
        return ""
    return (
        f"The database has not answered since {since}. What you do now waits, and is carried out once it answers; "
        "nothing is lost."
    )


def state_words(link: Link, kind: str) -> tuple[str, str, str]:
    """The top bar's pill: its text, its kind, and its accessible name."""
    if link.refused is not None and link.refused.code == "till.running":
        return "Till in use", "bad", "Database: till in use elsewhere"
    if link.refused is not None:
        return "Update needed", "bad", "Database: of another version"
    if not link.online:
        return "Offline", "bad", "Database: offline, trying again"
    if kind == "sqlite":
        return "SQLite", "ok", "Database: SQLite"
    return "Online", "ok", "Database: PostgreSQL online"
