"""What every page of the window has."""

from collections.abc import Coroutine, Mapping
from typing import Any

from PySide6.QtCore import Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QWidget

from pos_app.errors import PosError
from ui.actions import Shown
from ui.context import Context
from ui.errors import kind_of, sentence
from ui.tasks import Tasks
from ui.widgets.basic import Message


class Page(Shown):
    """A page: its title, its own tasks, its message line, and what it puts into the foot of the window."""

    title = ""
    subtitle_changed = Signal(str)
    # A state worth a pill in the top bar: its text, empty for none, and its kind.
    state_changed = Signal(str, str)

    # What of the database the page shows and other tills change: tables that ring (pos_app.link).
    watches: frozenset[str] = frozenset()

    # Whether scans are for this page while it is shown, instead of for the sale.
    takes_scans = False

    # A title is to be shown in the inventory: what a search finds it by.
    book_wanted = Signal(str)

    # The person's time at the till is over.
    finished = Signal()

    def __init__(self, context: Context) -> None:
        """Take what to work with; nothing is read before `activated`."""
        super().__init__()
        self.context = context
        self.app, self.fmt = context.app, context.fmt
        self.tasks = Tasks(self.tell)
        self.message = Message()
        self.subtitle = self.short_subtitle = ""
        self.state = ("", "off")

    @property
    def unsaved(self) -> str:
        """What is typed here and not stored, in words; empty for nothing. Whoever leaves the till is asked about it."""
        return ""

    @property
    def own_keys(self) -> Mapping[str, str]:
        """The keys of this page that the shop has changed, by the usual ones."""
        return {}

    def in_own_keys(self, text: str) -> str:
        """Give a text with the keys that the shop has changed in the place of the usual ones."""
        return text

    def tell(self, error: BaseException) -> None:
        """Tell the person of an error beside their work; a fault of ours goes to the window."""
        if isinstance(error, PosError):
            self.message.say(sentence(error), kind_of(error))
        else:
            self.context.on_error(error)

    def start(self, work: Coroutine[Any, Any, Any], key: str | None = None) -> None:
        """Start work of this page."""
        self.tasks.start(work, key=key)

    def show_subtitle(self, text: str, short: str = "") -> None:
        """Say something beside the title; `short` is what must be read where there is hardly any room."""
        self.subtitle, self.short_subtitle = text, short
        self.subtitle_changed.emit(text)

    def show_state(self, text: str, kind: str = "warn") -> None:
        """Say in the top bar what is out of the ordinary on this page."""
        self.state = (text, kind)
        self.state_changed.emit(text, kind)

    def find_book(self, text: str) -> None:
        """Show what a search for these words finds, on a page with a list."""

    def turn_to(self, part: str) -> None:
        """Show a part of the page by its name, where it has parts."""

    def foot_widgets(self) -> list[QWidget]:
        """What belongs to the left of the window's foot."""
        return []

    def activated(self) -> None:
        """The page is shown: read what may have changed, take the focus."""

    def changed_elsewhere(self) -> None:
        """Something that the page watches was changed, here or at another till: look at it."""

    def focus_home(self) -> None:
        """Put the focus where work starts."""

    def typed(self, event: QKeyEvent) -> bool:
        """Take a letter typed where it means nothing: in the rail or the foot. Gives whether it is taken."""
        del event
        return False

    async def scanned(self, code: str) -> None:
        """Take a scan, on the page that sells or one that `takes_scans`."""

    async def settled(self) -> None:
        """Wait until what is shown is complete."""
        await self.tasks.settled()

    async def close_page(self) -> None:
        """End this page's work."""
        await self.tasks.close()
