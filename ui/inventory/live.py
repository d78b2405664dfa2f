"""What other tills change, as it happens: asked for every other second, and read only where something did."""

from collections.abc import Callable
from datetime import datetime
from time import monotonic

from PySide6.QtCore import QObject, QTimer

from pos_app.app import App
from pos_app.errors import PosError
from pos_app.services.book_list import Changes, changes_since
from ui.tasks import Tasks

EVERY_MS = 2_000
# A list of a million titles takes most of a second to be read anew. While a file is imported it grows all the time: it
# then rests so many times as long as that took, and the window has the processors.
RESTS = 9


class Live(QObject):
    """Asks while its page is shown; a database out of reach is asked again, the page says so when it reads."""

    def __init__(self, app: App, tasks: Tasks, tell: Callable[[Changes, bool], None], back: Callable[[], None]) -> None:
        """Take what is told of changes and whether there are new titles, and what once the database is `back`."""
        super().__init__()
        self._app, self._tasks, self._tell, self._back = app, tasks, tell, back
        self._away = False
        self._seen: datetime | None = None
        self._newest = 0
        self._rests_until = 0.0
        self._timer = QTimer(self)
        self._timer.setInterval(EVERY_MS)
        self._timer.timeout.connect(self.look)

    def start(self) -> None:
        """Ask from now on."""
        self.look()
        self._timer.start()

    def stop(self) -> None:
        """Ask no more."""
        self._timer.stop()

    def look(self) -> None:
        """Ask now."""
        self._tasks.start(self._look(), key="live")

    def look_at_once(self) -> None:
        """Ask now, and tell whatever there is."""
        self._rests_until = 0.0
        self.look()

    def rest(self, took_s: float) -> None:
        """Let the list be for a while, as reading it anew took so long."""
        self._rests_until = monotonic() + RESTS * took_s

    async def _look(self) -> None:
        try:
            changes = await changes_since(self._app, self._seen)
        except PosError:
            self._away = True
            return
        if self._away:
            self._away = False
            self._back()
            return
        if self._seen is not None and self._tasks.running("list"):
            # Told now, it would cut off what is being read; it is told the next time.
            return
        grown = changes.newest_id > self._newest
        if (grown or changes.rows is None) and monotonic() < self._rests_until:
            # Also told the next time.
            return
        first, self._seen, self._newest = self._seen is None, changes.seen, changes.newest_id
        if not first and (grown or changes.rows != ()):
            self._tell(changes, grown)
