"""The window: sign-in, or the shell with its rail, top bar, pages and foot."""

import asyncio
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, Qt, QTimer
from PySide6.QtGui import (
    QCloseEvent,
    QGuiApplication,
    QKeyEvent,
)
from PySide6.QtWidgets import (
    QApplication,
    QHBoxLayout,
    QMainWindow,
    QProgressBar,
    QSizePolicy,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from pos_app.errors import PosError
from ui import dialogs, garbage, import_banner
from ui.actions import KeysDialog, shortcut
from ui.errors import Fault, FaultDialog, note, sentence
from ui.style.theme import fit, px
from ui.tasks import Tasks
from ui.widgets.basic import Pill, label, panel
from ui.widgets.fitting import FittingLabel
from ui.widgets.key_button import KeyButton
from ui.widgets.rail_button import RailButton

# This module is loaded before the window is shown; what brings SQLAlchemy along comes after it.
if TYPE_CHECKING:
    from datetime import timedelta

    from pos_app.app import App
    from pos_app.config import Config
    from pos_app.errors import Refused
    from pos_app.services.right import Operator
    from ui.context import Context
    from ui.customer_display.follow import CustomerDisplays
    from ui.format import Formatter
    from ui.inventory.import_sheet import ImportSheet
    from ui.page import Page
    from ui.scan_router import ScanRouter
    from ui.setup.page import SetupPage
    from ui.setup.step import Answers
    from ui.setup.till_page import TillPage
    from ui.sign_in.page import SignInPage

PROGRAM = "Bookstore POS"
RAIL_WIDTH, TOP_HEIGHT, FOOT_HEIGHT = 76, 52, 36
DAY_SHOWN = 1000
# Many tills ring often; a page looks this often at most.
RING_EVERY_MS = 250
KEY_OF = {
    "Checkout": "Ctrl+1",
    "Inventory": "Ctrl+2",
    "Orders": "Ctrl+3",
    "Customers": "Ctrl+4",
    "Reports": "Ctrl+5",
    "Settings": "Ctrl+,",
}
ICON_OF = {
    "Checkout": "shopping-cart",
    "Inventory": "book",
    "Orders": "package",
    "Customers": "user",
    "Reports": "chart-column",
    "Settings": "settings",
}
PATIENCE_S = 10
START_WIDTH = 640
# Shown so long at least: who tries again sees that it was, and a double click tries once.
TRIED_S = 0.6


class StartPage(QWidget):
    """What is shown until the shop is open."""

    def __init__(self) -> None:
        """Show the program's name and what it is doing."""
        super().__init__()
        outer = QVBoxLayout(self)
        outer.setAlignment(Qt.AlignmentFlag.AlignCenter)
        column = QWidget()
        column.setFixedWidth(fit(START_WIDTH))
        outer.addWidget(column)
        layout = QVBoxLayout(column)
        layout.setSpacing(14)
        layout.addWidget(label(PROGRAM, "heading"), alignment=Qt.AlignmentFlag.AlignCenter)
        self._text = label("Opening the shop…", "muted")
        self._text.setWordWrap(True)
        self._text.setAlignment(Qt.AlignmentFlag.AlignCenter)
        layout.addWidget(self._text)
        self._bar = QProgressBar()
        self._bar.setAccessibleName("Progress")
        self._bar.setTextVisible(False)
        self._bar.setRange(0, 0)
        layout.addWidget(self._bar)
        # What somebody wants done about a failure: "again" or "mend", and that something is wanted.
        self.wanted, self.answered = "", asyncio.Event()
        self._ways = QWidget()
        across = QHBoxLayout(self._ways)
        across.setContentsMargins(0, 10, 0, 0)
        across.setSpacing(10)
        leave = KeyButton("Close", "Ctrl Q", size="big")
        leave.clicked.connect(lambda: self.window().close())
        self._mend = KeyButton("", "F6", size="big")
        self._mend.clicked.connect(lambda: self._want("mend"))
        self._again = KeyButton("Try again", "Enter", role="primary", size="big")
        self._again.clicked.connect(lambda: self._want("again"))
        across.addWidget(leave)
        across.addStretch(1)
        across.addWidget(self._mend)
        across.addWidget(self._again)
        layout.addWidget(self._ways)
        self._ways.hide()
        shortcut(self, "F6", self._mend.click, within=False)

    def show_progress(self, done: int, total: int, text: str) -> None:
        """Show how far the work is."""
        self._say(text)
        self._ways.hide()
        self._bar.show()
        self._bar.setRange(0, total)
        self._bar.setValue(done)

    def show_failure(self, text: str, mend: str = "", *, waits: bool = False) -> None:
        """Say why the shop cannot be opened, and what can be done: `mend` in words, beside trying again.

        With `waits` it is tried again without anybody's doing.
        """
        self._say(text)
        self._bar.setVisible(waits)
        self._bar.setRange(0, 0)
        self._mend.show_text(mend)
        self._mend.setVisible(bool(mend))
        if self._ways.isHidden():
            self.wanted = ""
            self.answered.clear()
            self._ways.show()
            self._again.setFocus()

    def _say(self, text: str) -> None:
        self._text.setText(text)
        self._text.setAccessibleName(f"Message: {text}")

    def _want(self, what: str) -> None:
        """Take it once: a second click finds no button."""
        if self._ways.isHidden() or (what == "mend" and self._mend.isHidden()):
            return
        self.wanted = what
        self.show_progress(0, 0, "Trying again…" if what == "again" else "One moment…")
        self.answered.set()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Enter presses the button that has the focus."""
        button = self.focusWidget()
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and isinstance(button, KeyButton):
            if not event.isAutoRepeat():
                button.click()
        else:
            super().keyPressEvent(event)


def stop_timers(widget: QWidget) -> None:
    """Let nothing start by itself any more."""
    for timer in widget.findChildren(QTimer):
        timer.stop()


async def finish(router: "ScanRouter", pages: "list[Page]") -> None:
    """Carry out what was scanned and asked for, as far as the database lets it, then end the pages' work."""
    with suppress(TimeoutError):
        async with asyncio.timeout(PATIENCE_S):
            await router.drained()
            for page in pages:
                await page.settled()
    for page in pages:
        await page.close_page()


@dataclass(frozen=True)
class Kept:
    """What somebody typed and did not store before the till locked itself: the pages it stands on."""

    person: str
    pages: "dict[str, Page]" = field(default_factory=dict)
    foot_parts: dict[str, list[QWidget]] = field(default_factory=dict)


class MainWindow(QMainWindow):
    """One window for the whole program."""

    def __init__(self, size: tuple[int, int], *, kiosk: bool = False) -> None:
        """Open empty: what a shop needs comes with `open_shop`. A kiosk is left with a manager's PIN only."""
        super().__init__()
        self.kiosk = kiosk
        self.closed = asyncio.Event()
        self.tasks = Tasks(self.on_error)
        self._app: App | None = None
        self._router: ScanRouter | None = None
        self._pages: dict[str, Page] = {}
        self._foot_parts: dict[str, list[QWidget]] = {}
        self._page_makers: dict[str, Callable[[Context], Page]] = {}
        self._operator: Operator | None = None
        self._displays: CustomerDisplays | None = None
        self._imports = import_banner.ImportsAside()
        # Locks the till once nothing was pressed or moved for some time.
        self._idle = QTimer(self)
        self._idle.setSingleShot(True)
        self._idle.timeout.connect(self._lock_idle)
        self._kept: dict[int, Kept] = {}
        # What was typed into a question as the till locked itself, by who typed it: told, since it is gone.
        self._dropped: dict[int, str] = {}
        self._closing = self._telling = self._asking = False
        self._tried_at = 0.0
        self._to_tell = ""
        self._topics: frozenset[str] = frozenset()
        self._ring = QTimer(self)
        self._ring.setSingleShot(True)
        self._ring.setInterval(RING_EVERY_MS)
        self._ring.timeout.connect(self._tell_page)
        self._leaving: set[asyncio.Task[None]] = set()
        self._stack = QStackedWidget()
        self.start_page = StartPage()
        self._stack.addWidget(self.start_page)
        self.setCentralWidget(self._stack)
        self.setWindowTitle(PROGRAM)
        self.setMinimumSize(1024, 600)
        if kiosk:
            dialogs.keep_on_screen(self)
        self.resize(*size)
        for keys, act in (("Ctrl+Q", self.close), ("F1", self.show_keys), ("Shift+F1", self.show_guide)):
            shortcut(self, keys, act, within=False)

    # The shop

    def open_shop(self, app: "App", router: "ScanRouter", page_makers: "dict[str, Callable[[Context], Page]]") -> None:
        """Take the opened shop and the pages to show once somebody is signed in."""
        self._app, self._router, self._page_makers = app, router, page_makers
        app.db.link.on_state.append(self._show_link)
        app.db.link.on_change.append(self._rung)
        shortcut(self, "Ctrl+L", self.ask_lock, within=False)
        for name in page_makers:
            shortcut(self, KEY_OF[name], partial(self.show_page, name), within=False)

    def show_till(self, refused: "Refused", on_done: Callable[[int, str], None]) -> "TillPage":
        """Ask which till this is, where the number it has is another machine's."""
        from ui.setup.till_page import TillPage  # noqa: PLC0415 - after the window is shown

        page = TillPage(refused, on_done)
        self._show_alone(page, f"A new till – {PROGRAM}")
        page.activated()
        return page

    def show_setup(
        self,
        answers: "Answers",
        hold: "Callable[[Config], None]",
        on_done: "Callable[[Config, Answers], None]",
        on_left: "Callable[[], None]",
    ) -> "SetupPage":
        """Ask what a first start must know, or what keeps a shop from opening, which may be left as it is."""
        from ui.setup.page import SetupPage  # noqa: PLC0415 - after the window is shown

        self.setup_page = SetupPage(answers, hold, on_done, self.on_error, on_left)
        self._show_alone(self.setup_page, f"Set up – {PROGRAM}")
        self.setup_page.activated()
        return self.setup_page

    async def show_start(self) -> None:
        """Show that the shop is being opened, also after a first start was asked for."""
        if (page := self.__dict__.pop("setup_page", None)) is not None:
            await page.close_page()
            self._stack.removeWidget(page)
            page.deleteLater()
        self._show_alone(self.start_page, PROGRAM)

    async def ask_after_failure(self, text: str, mend: str = "") -> str:
        """Say why the shop cannot be opened, and give what is wanted: "again", "mend", or nothing but the end."""
        if self.start_page.wanted:
            await asyncio.sleep(TRIED_S - (time.monotonic() - self._tried_at))
        await self.show_start()
        self.start_page.show_failure(text, mend)
        await self.first(self.start_page.answered)
        self._tried_at = time.monotonic()
        return "" if self.closed.is_set() else self.start_page.wanted

    def show_sign_in(self, fmt: "Formatter") -> "SignInPage":
        """Ask who is at the till."""
        assert self._app is not None  # noqa: S101 - open_shop comes first
        from ui.customer_display.follow import CustomerDisplays  # noqa: PLC0415 - after the window is shown
        from ui.sign_in.page import SignInPage  # noqa: PLC0415 - after the window is shown

        self._fmt = fmt
        self._displays = CustomerDisplays(self._app, fmt)
        self.sign_in_page = SignInPage(self._app, fmt, self.signed_in, self.on_error)
        if self._router is not None:
            self._router.target = self._scanned_by_nobody
        self._show_alone(self.sign_in_page, f"Sign in – {PROGRAM}")
        self.sign_in_page.activated()
        return self.sign_in_page

    def _show_alone(self, page: QWidget, title: str) -> None:
        if self._stack.indexOf(page) < 0:
            self._stack.addWidget(page)
        self._stack.setCurrentWidget(page)
        self.setWindowTitle(title)

    def signed_in(self, operator: "Operator") -> None:
        """Show the shell for a person."""
        assert self._app is not None  # noqa: S101 - open_shop comes first
        assert self._router is not None  # noqa: S101 - as above
        self._operator = operator
        from ui.context import Context  # noqa: PLC0415 - after the window is shown

        assert self._displays is not None  # noqa: S101 - show_sign_in comes first
        self._context = Context(
            self._app, operator, self._fmt, self.on_error, self._displays, self._imports, self._all_left
        )
        self._pages, self._foot_parts = {}, {}
        self._shell = self._make_shell(operator)
        self._stack.addWidget(self._shell)
        self._stack.setCurrentWidget(self._shell)
        self._router.target = partial(self._scanned, self._pages)
        if self._fmt.settings.idle_lock_s:
            self._idle.start(self._fmt.settings.idle_lock_s * 1000)
            self._router.touched = self._idle.start
        waited = " ".join(filter(None, (self._take_up(operator), self._dropped.pop(operator.user_id, ""))))
        self.show_page("Checkout")
        if not self._to_tell:
            self._to_tell = waited
        if self._to_tell and (page := self.current_page) is not None:
            page.message.say(self._to_tell, "warn")
            self._to_tell = ""
        elif operator.opened_with is not None and (page := self.current_page) is not None:
            drawer = self._fmt.money(operator.opened_with)
            page.message.say(f"The shift is open, with {drawer} in the drawer. F10 F says how much else.", "none")

        self.tasks.start(self._let_expired_go(operator), key="expired orders")

    async def _let_expired_go(self, operator: "Operator") -> None:
        """Once a day is enough for what is kept by the day: whoever signs in first hears of it."""
        assert self._app is not None  # noqa: S101 - a shell has a shop
        from pos_app.services.order_move import let_expired_go  # noqa: PLC0415 - after the window is shown

        try:
            gone = await let_expired_go(self._app, operator)
        except PosError:
            return  # the next one to sign in asks again
        if gone:
            orders = f"{'Orders' if gone[1:] else 'Order'} {', '.join(map(str, gone))}"
            self.tell_at_counter(f"{orders}: not collected in time, so cancelled. What was held can be sold again.")

    def tell_at_counter(self, text: str) -> None:
        """Say something to whoever is at the till, or signs in next."""
        if (page := self.current_page) is not None:
            page.message.say(text, "warn")
            return
        if text not in self._to_tell:
            self._to_tell = f"{self._to_tell} {text}".strip()
        self.sign_in_page.message.say(self._to_tell, "warn")

    def _lock_idle(self) -> None:
        """Nobody has touched the till for a while: what was asked stays unanswered, the basket stays as it is.

        While the database is away the person stays: what they did waits for it.
        """
        if self._app is not None and not self._app.db.link.online:
            self._idle.start()
            return
        if self._operator is not None and (dropped := self._typed_aside()):
            self._dropped[self._operator.user_id] = dropped
        dialogs.close_all()
        self.lock(keeping=True)

    def _typed_aside(self) -> str:
        """What is typed where no page keeps it, in words for whoever typed it."""
        said = [f"“{title}” is not done; typed in it: {' · '.join(texts)}." for title, texts in dialogs.typed()]
        checkout = self._pages.get("Checkout")
        if checkout is not None and (texts := dialogs.typed_in(checkout)):
            said.append(f"In the scan field: {' · '.join(texts)}.")
        return f"The till locked itself. {' '.join(said)}" if said else ""

    def _stop_watching(self) -> None:
        self._idle.stop()
        if self._router is not None:
            self._router.touched = None

    def ask_lock(self) -> None:
        """Lock; where something is typed and not stored, only once it is said that it may be lost."""
        self._leave_by(self.lock)

    def _leave_by(self, act: Callable[[], object]) -> None:
        page = next((page for page in self._pages.values() if page.unsaved), None)
        if page is None:
            act()
        elif not self._asking:
            self._asking = True
            self.tasks.start(self._ask_to_leave(page, act))

    async def _ask_to_leave(self, page: "Page", act: Callable[[], object]) -> None:
        from ui.widgets.sheet import Sure  # noqa: PLC0415 - after the window is shown

        try:
            self.show_page(page.title)
            said = (f"{page.unsaved}: what you typed is not saved.", f"It is on the page {page.title}; Esc goes there.")
            sure = await dialogs.show(Sure("Leave without saving?", said, self, go="Drop it and leave", key="D"))
        finally:
            self._asking = False
        if sure:
            act()

    def lock(self, *, keeping: bool = False) -> None:
        """Leave the till to the next person; the basket stays in the database.

        With `keeping` nobody was asked: a page with something typed and not stored waits for who typed it.
        """
        if self._operator is None or self._router is None:
            return
        self._stop_watching()
        if keeping:
            self._keep_typed(self._operator)
        self._operator = None
        self._router.target = self._scanned_by_nobody
        stop_timers(self._shell)
        self._banner.leave()
        self._backup_banner.leave()
        self._link_banner.leave()
        self._import_banner.leave()
        if self._displays is not None:
            self._displays.show_nothing()
        leaving = asyncio.ensure_future(self._leave(self._router, list(self._pages.values()), self._shell))
        self._leaving.add(leaving)
        leaving.add_done_callback(self._leaving.discard)
        self._pages = {}
        self.sign_in_page.activated()
        if self._app is not None and not self._app.db.link.online:
            self._show_link()
        self._stack.setCurrentWidget(self.sign_in_page)
        self.setWindowTitle(f"Sign in – {PROGRAM}")

    def _keep_typed(self, operator: "Operator") -> None:
        """Take pages with something typed out of the shell, which goes."""
        kept = Kept(operator.name)
        for name in [name for name, page in self._pages.items() if page.unsaved]:
            kept.pages[name], kept.foot_parts[name] = self._pages.pop(name), self._foot_parts.pop(name)
            for widget in (kept.pages[name], *kept.foot_parts[name]):
                widget.setParent(None)
        if kept.pages:
            self._kept[operator.user_id] = kept

    def _take_up(self, operator: "Operator") -> str:
        """Put the pages that waited for somebody into their new shell; says which, in words."""
        kept = self._kept.pop(operator.user_id, None)
        if kept is None:
            return ""
        for name, page in kept.pages.items():
            self._pages[name], self._foot_parts[name] = page, kept.foot_parts[name]
            for part in kept.foot_parts[name]:
                self._foot.addWidget(part)
            self._body.addWidget(page)
        where = " and ".join(f"{page.title} ({page.unsaved})" for page in kept.pages.values())
        return f"The till locked itself. What you typed is still there, not saved yet: {where}."

    def _let_go(self) -> "list[Page]":
        """Give the pages that waited for somebody, to be ended: nobody comes for them any more."""
        waited = [page for kept in self._kept.values() for page in kept.pages.values()]
        for page in waited:
            stop_timers(page)
            # A child again, it goes with the window.
            page.setParent(self)
        self._kept = {}
        return waited

    async def _leave(self, router: "ScanRouter", pages: "list[Page]", shell: QWidget) -> None:
        """End a person's time at the till, out of sight: what they scanned and paid is carried out first."""
        await finish(router, pages)
        if self._operator is None and self._displays is not None:
            # What was still carried out has been shown to nobody's customer.
            self._displays.show_nothing()
        self._stack.removeWidget(shell)
        shell.deleteLater()
        garbage.sweep()

    async def _all_left(self) -> None:
        """Wait until everybody who left the till is gone with all they began."""
        if self._leaving:
            await asyncio.wait(set(self._leaving))

    # The shell

    def _make_shell(self, operator: "Operator") -> QWidget:
        assert self._app is not None  # noqa: S101 - a shell has a shop
        shell = QWidget()
        across = QHBoxLayout(shell)
        across.setContentsMargins(0, 0, 0, 0)
        across.setSpacing(0)
        across.addWidget(self._make_rail())
        down = QVBoxLayout()
        down.setSpacing(0)
        down.addWidget(self._make_top(operator))
        from ui.backup_banner import BackupBanner  # noqa: PLC0415 - after the window is shown
        from ui.link_banner import LinkBanner  # noqa: PLC0415 - after the window is shown
        from ui.print_banner import AGAIN, KEY, PrintBanner  # noqa: PLC0415 - after the window is shown

        self._link_banner = LinkBanner(self._app.db.link, self._app.clock, self._fmt)
        down.addWidget(self._link_banner)
        self._banner = PrintBanner(self._app.printing, self.show_papers)
        shortcut(shell, KEY, self.show_papers)
        shortcut(shell, AGAIN, self._app.printing.retry)
        down.addWidget(self._banner)
        self._backup_banner = BackupBanner(self._app.backups, self.show_backups)
        down.addWidget(self._backup_banner)
        self._import_banner = import_banner.ImportBanner(self._imports, operator, self.show_import, self._import_ended)
        shortcut(shell, import_banner.KEY, self.show_import)
        down.addWidget(self._import_banner)
        self._body = QStackedWidget()
        down.addWidget(self._body, 1)
        down.addWidget(self._make_foot())
        across.addLayout(down, 1)
        return shell

    def _make_rail(self) -> QWidget:
        rail = panel("rail")
        layout = QVBoxLayout(rail)
        layout.setContentsMargins(0, 12, 0, 12)
        layout.setSpacing(4)
        logo = label("B", "logo")
        logo.setFixedSize(36, 36)
        logo.setAlignment(Qt.AlignmentFlag.AlignCenter)
        logo.setAccessibleName(PROGRAM)
        layout.addWidget(logo, alignment=Qt.AlignmentFlag.AlignHCenter)
        layout.addSpacing(8)
        self._rail: dict[str, RailButton] = {}
        for name in self._page_makers:
            if name == "Settings":
                layout.addStretch()
            key = KEY_OF.get(name, "")
            button = RailButton(name, ICON_OF[name], key)
            button.setCheckable(True)
            button.clicked.connect(lambda _=False, name=name: self.show_page(name))
            self._rail[name] = button
            layout.addWidget(button, alignment=Qt.AlignmentFlag.AlignHCenter)
        if "Settings" not in self._page_makers:
            layout.addStretch()
        lock = RailButton("Lock", "lock", "Ctrl+L")
        lock.clicked.connect(self.ask_lock)
        layout.addWidget(lock, alignment=Qt.AlignmentFlag.AlignHCenter)
        rail.setFixedWidth(max(RAIL_WIDTH, *(button.width() + 2 for button in self._rail.values())))
        return rail

    def _make_top(self, operator: "Operator") -> QWidget:
        top = panel("top")
        top.setFixedHeight(TOP_HEIGHT)
        layout = QHBoxLayout(top)
        layout.setContentsMargins(20, 0, 20, 0)
        layout.setSpacing(14)
        self._title = label("", "title")
        self._subtitle = FittingLabel("muted")
        self._subtitle.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        layout.addWidget(self._title)
        layout.addWidget(self._subtitle, 1)
        self._state = Pill()
        layout.addWidget(self._state)
        self._database = Pill()
        self._show_database()
        layout.addWidget(self._database)
        opened = self._fmt.time(operator.shift_opened_at)
        self._till = f"Till {operator.till_number}", f"Till {operator.till_number} · Shift open {opened}"
        self._till_label = label(self._till[1], "muted", name=self._till[1])
        layout.addWidget(self._till_label)
        self._clock = label("", "muted")
        self._show_time()
        timer = QTimer(top)
        timer.timeout.connect(self._show_time)
        timer.start(1000)
        layout.addWidget(self._clock)
        who = Pill()
        who.show_state(f"{operator.name} · {operator.role.value.capitalize()}", "off", dot=False)
        layout.addWidget(who)
        return top

    def _make_foot(self) -> QWidget:
        foot = panel("foot")
        foot.setFixedHeight(FOOT_HEIGHT)
        layout = QHBoxLayout(foot)
        layout.setContentsMargins(8, 0, 8, 0)
        layout.setSpacing(8)
        self._foot = QHBoxLayout()
        self._foot.setSpacing(8)
        layout.addLayout(self._foot)
        layout.addStretch(1)
        keys = KeyButton("All shortcuts", "F1", role="quiet")
        keys.clicked.connect(self.show_keys)
        layout.addWidget(keys)
        return foot

    def _page(self, name: str) -> "Page":
        """A page, made when it is first turned to: whoever signs in to sell waits for the checkout alone."""
        if name not in self._pages:
            page = self._pages[name] = self._page_makers[name](self._context)
            page.subtitle_changed.connect(self._show_subtitle)
            page.state_changed.connect(lambda *_: self._show_state())
            page.finished.connect(self.lock)
            page.book_wanted.connect(self._show_book)
            self._foot_parts[name] = page.foot_widgets()
            for part in self._foot_parts[name]:
                self._foot.addWidget(part)
            self._body.addWidget(page)
        return self._pages[name]

    def show_page(self, name: str) -> None:
        """Turn to a page."""
        if self._operator is None or name not in self._page_makers:
            return
        new = name not in self._pages
        page = self._page(name)
        for other, button in self._rail.items():
            button.setChecked(other == name)
        for other, parts in self._foot_parts.items():
            for part in parts:
                part.setVisible(other == name)
        self._title.setText(page.title)
        self._body.setCurrentWidget(page)
        self._show_subtitle(page.subtitle)
        self._show_state()
        self.setWindowTitle(f"{page.title} – {PROGRAM}")
        page.activated()
        if new:
            garbage.spare_what_was_made()

    def _show_book(self, text: str) -> None:
        """Turn to the inventory, and find a title there."""
        self.show_page("Inventory")
        if (page := self.current_page) is not None:
            page.find_book(text)

    @property
    def has_shop(self) -> bool:
        """Whether a shop is open, so that somebody can sign in."""
        return self._displays is not None

    @property
    def current_page(self) -> "Page | None":
        """The page shown, when somebody is signed in."""
        if self._operator is None:
            return None
        shown = self._body.currentWidget()
        return next((page for page in self._pages.values() if page is shown), None)

    def _show_subtitle(self, text: str) -> None:
        page = self.current_page
        text, short = (page.subtitle, page.short_subtitle) if page is not None else (text, "")
        parts = text.split(" · ")
        wordings = [" · ".join(parts[:count]) for count in range(len(parts), 0, -1)]
        self._subtitle.show_wordings(*wordings, *([short] if short else []))

    def _show_state(self) -> None:
        page = self.current_page
        text, kind = page.state if page is not None else ("", "off")
        self._state.show_state(text, kind)
        self._state.setVisible(bool(text))

    async def _note_clock(self, moved: "timedelta") -> None:
        """Note that the machine's clock was moved, and say so: days and dates on papers come from it."""
        assert self._app is not None  # noqa: S101 - a shell has a shop
        from pos_app.services.journal import note_clock  # noqa: PLC0415 - after the window is shown

        try:
            await note_clock(self._app, moved)
        except PosError:
            return  # the clock is asked again in a second
        now = self._fmt.dated(self._app.clock.now())
        self.tell_at_counter(f"This machine's clock was moved: it says {now}. It is in the journal. Is it right?")

    def _show_time(self) -> None:
        assert self._app is not None  # noqa: S101 - a shell has a shop
        now, moved = self._app.clock.now(), self._app.clock.moved()
        if moved is not None and not self.tasks.running("clock"):
            self.tasks.start(self._note_clock(moved), key="clock")
        time = self._fmt.time(now)
        # Large text on a small screen has no room for the day, and none for when the shift was opened.
        roomy = self.width() >= px(DAY_SHOWN)
        self._clock.setText(f"{self._fmt.weekday(now)}, {time}" if roomy else time)
        self._till_label.setText(self._till[roomy])

    # The database, scans, keys, faults

    def _show_link(self) -> None:
        """Say in words how the database is, to whoever is there."""
        assert self._app is not None  # noqa: S101 - a link has a shop
        link = self._app.db.link
        if self._operator is not None:
            self._show_database()
        elif hasattr(self, "sign_in_page"):
            from ui.link_banner import told  # noqa: PLC0415 - after the window is shown

            said = told(link, self._fmt.time(self._app.clock.now()))
            self.sign_in_page.message.say(said or "The database answers again.", "bad" if said else "ok")

    def _show_database(self) -> None:
        assert self._app is not None  # noqa: S101 - a shell has a shop
        from ui.link_banner import state_words  # noqa: PLC0415 - after the window is shown

        text, kind, name = state_words(self._app.db.link, self._app.db.kind)
        self._database.show_state(text, kind, name=name)

    def _rung(self, topics: frozenset[str]) -> None:
        """Something changed in the database: the page shown looks, soon and not for each ring."""
        self._topics |= topics
        if not self._ring.isActive():
            self._ring.start()

    def _tell_page(self) -> None:
        topics, self._topics = self._topics, frozenset()
        if (page := self.current_page) is not None and page.watches & topics:
            page.changed_elsewhere()

    async def _scanned(self, pages: "dict[str, Page]", code: str) -> None:
        """A scan goes to the sale of whoever made it, from everywhere but a page that asked for scans."""
        page = self.current_page
        if pages is self._pages and page is not None and page.takes_scans:
            await page.scanned(code)
            return
        if pages is self._pages and page is not pages["Checkout"]:
            self.show_page("Checkout")
        await pages["Checkout"].scanned(code)

    async def _scanned_by_nobody(self, code: str) -> None:
        """Nobody is signed in: a scan belongs to no sale."""
        QApplication.beep()
        if self._operator is None:
            self.sign_in_page.refuse_scan(code)

    def show_papers(self) -> None:
        """Turn to the papers that wait for the printer."""
        self._show_setting("Printers and devices")

    def show_backups(self) -> None:
        """Turn to the copies of the shop."""
        self._show_setting("Backups")

    def show_import(self) -> None:
        """Bring back the import that the person signed in put aside."""
        if self._operator is None or self.tasks.running("import"):
            return
        if (sheet := self._imports.of(self._operator)) is not None:
            self.tasks.start(self._show_import(sheet), key="import")

    async def _show_import(self, sheet: "ImportSheet") -> None:
        from ui.inventory.import_sheet import show_import  # noqa: PLC0415 - after the window is shown

        await show_import(sheet, self._context)
        if not sheet.stays:
            self._import_ended()

    def _import_ended(self) -> None:
        """Show what became of titles, where the page does."""
        if (page := self.current_page) is not None and "books" in page.watches:
            page.changed_elsewhere()

    def _show_setting(self, section: str) -> None:
        self.show_page("Settings")
        if "Settings" in self._pages:
            self._pages["Settings"].turn_to(section)

    def show_keys(self) -> None:
        """List all keys, and go on to the guide from there; before the shop is open there is the guide alone."""
        if self._app is None:
            self.show_guide()
        else:
            self.tasks.start(self._show_keys(), key="help")

    async def _show_keys(self) -> None:
        own = self._pages["Checkout"].own_keys if "Checkout" in self._pages else {}
        if await dialogs.show(KeysDialog(self, own)) == KeysDialog.GUIDE:
            await self._show_guide()

    def show_guide(self, question: QWidget | None = None) -> None:
        """Open the guide at what it says of a question, or of the page shown."""
        self.tasks.start(self._show_guide(question), key="help")

    async def _show_guide(self, question: QWidget | None = None) -> None:
        from ui.guide.pages import HELP, HELP_OF_QUESTIONS, read_guide  # noqa: PLC0415 - after the window is shown
        from ui.guide.window import GuideDialog  # noqa: PLC0415 - as above

        page = self.current_page
        where = HELP[page.title if page is not None else "Sign in" if self.has_shop else "Set up"]
        kinds = [kind.__name__ for kind in type(question).__mro__]
        where = next((HELP_OF_QUESTIONS[kind] for kind in kinds if kind in HELP_OF_QUESTIONS), where)
        checkout = self._pages.get("Checkout")
        named = checkout.in_own_keys if checkout is not None else str
        papers = self._app.config.data_dir / "papers" if self._app is not None else Path.home()
        guide = GuideDialog(question or self, await read_guide(named), *where, papers, self.on_error, named)
        try:
            await dialogs.show(guide)
        finally:
            await guide.tasks.close()

    def on_error(self, error: BaseException) -> None:
        """Report a fault of ours; the program stays open. One that comes while another is told of is only logged."""
        fault = note(error)
        if not self._telling and not self._closing:
            self._telling = True
            self.tasks.start(self._tell(fault))

    async def _tell(self, fault: Fault) -> None:
        try:
            await dialogs.show(FaultDialog(fault, self))
        finally:
            self._telling = False

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Hand on what is typed where the focus takes no letters: a cashier never looks for it."""
        page = self.current_page
        plain = event.modifiers() & ~(Qt.KeyboardModifier.ShiftModifier | Qt.KeyboardModifier.KeypadModifier)
        letter = event.text().isprintable() and event.text() != "" and not plain
        if page is None or not (letter or event.key() == Qt.Key.Key_Delete) or not page.typed(event):
            super().keyPressEvent(event)

    # The end

    def closeEvent(self, event: QCloseEvent) -> None:
        """End the window's work first; what is being committed is waited for, what is typed is asked about."""
        event.ignore()
        if self._closing:
            return
        application = QGuiApplication.instance()
        if isinstance(application, QGuiApplication) and application.isSavingSession():
            # The machine goes down: nobody is there to be asked.
            self.end()
        else:
            act = self._ask_to_end if self.kiosk and self.has_shop else self.end
            self._leave_by(partial(self._leave_kept, partial(self._leave_import, act)))

    def _leave_kept(self, act: Callable[[], object]) -> None:
        """Ask before what waits for somebody is dropped."""
        kept = next(iter(self._kept.values()), None)
        if kept is None:
            act()
        elif not self._asking:
            self._asking = True
            self.tasks.start(self._ask_to_drop(kept, act))

    async def _ask_to_drop(self, kept: "Kept", act: Callable[[], object]) -> None:
        from ui.widgets.sheet import Sure  # noqa: PLC0415 - after the window is shown

        what = next(iter(kept.pages.values())).unsaved
        said = (f"{what}: what {kept.person} typed is not saved.", f"{kept.person} signs in to save it; Esc goes back.")
        try:
            sure = await dialogs.show(Sure("Close without saving?", said, self, go="Drop it and close", key="D"))
        finally:
            self._asking = False
        if sure:
            act()

    def _leave_import(self, act: Callable[[], object]) -> None:
        """Ask before an import that goes on behind the window is stopped."""
        sheet = self._imports.under_way
        if sheet is None:
            act()
        elif not self._asking:
            self._asking = True
            self.tasks.start(self._ask_to_stop(sheet, act))

    async def _ask_to_stop(self, sheet: "ImportSheet", act: Callable[[], object]) -> None:
        from ui.widgets.sheet import Sure  # noqa: PLC0415 - after the window is shown

        said = (f"{sheet.told_aside()[0]}.", f"{sheet.what_if_stopped} Esc lets it go on.")
        try:
            sure = await dialogs.show(Sure("Close during an import?", said, self, go="Stop it and close", key="D"))
        finally:
            self._asking = False
        if sure:
            act()

    def changeEvent(self, event: QEvent) -> None:
        """Fill the screen again, where a window manager made a kiosk smaller or put it away."""
        super().changeEvent(event)
        # Put away, it fills the screen still, as far as Qt knows.
        small = self.isMinimized() or not self.isFullScreen()
        if event.type() == QEvent.Type.WindowStateChange and self.kiosk and small and self.isVisible():
            QTimer.singleShot(0, self, self._fill_screen)

    def _fill_screen(self) -> None:
        if not self._closing:
            dialogs.bring_back(self)
            self.showFullScreen()

    def _ask_to_end(self) -> None:
        """Ask for the PIN of somebody who may end the program; without the database no PIN can be looked at."""
        assert self._app is not None  # noqa: S101 - there is a shop
        if not self.tasks.running("end"):
            self.tasks.start(self._let_end(), key="end")

    async def _let_end(self) -> None:
        assert self._app is not None  # noqa: S101 - there is a shop
        from pos_app.services.kiosk import list_closers  # noqa: PLC0415 - after the window is shown
        from ui.kiosk import EndDialog, NoEndDialog  # noqa: PLC0415 - as above

        # Asked all the same: a PIN that is typed out of habit must not stand in the field of the page.
        if not self._app.db.link.online:
            said = "The database is away, so that no PIN can be looked at. Try again when it answers."
            await dialogs.show(NoEndDialog(said, self))
            return
        try:
            people = await list_closers(self._app)
        except PosError as error:
            await dialogs.show(NoEndDialog(sentence(error), self))
            return
        dialog = EndDialog(self._app, people, self, self.on_error)
        accepted = await dialogs.show(dialog)
        await dialog.tasks.close()
        if accepted:
            self.end()

    def end(self) -> None:
        """End the window without asking: the person was asked, or the machine goes down."""
        if not self._closing:
            self._closing = True
            self.hide()
            self._end = asyncio.get_event_loop().create_task(self._close())

    async def _close(self) -> None:
        await self.shut_down()
        self.closed.set()

    async def first(self, event: asyncio.Event) -> None:
        """Wait for an event, or for the window's end."""
        waits = [asyncio.ensure_future(one.wait()) for one in (event, self.closed)]
        try:
            await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for wait in waits:
                wait.cancel()

    async def settled(self) -> None:
        """Wait until what is shown is complete."""
        if self.current_page is not None:
            await self.current_page.settled()
        elif hasattr(self, "sign_in_page"):
            await self.sign_in_page.settled()

    async def shut_down(self) -> None:
        """End every task of the window."""
        self.hide()
        stop_timers(self)
        if self._app is not None:
            for heard, act in (
                (self._app.db.link.on_state, self._show_link),
                (self._app.db.link.on_change, self._rung),
            ):
                if act in heard:
                    heard.remove(act)  # type: ignore[arg-type] # each from its own list
        self._stop_watching()
        dialogs.close_all()
        # First: what is sold may wait for it.
        self._imports.stop()
        if self._router is not None:
            await finish(self._router, [*self._pages.values(), *self._let_go()])
            await self._router.close()
        if self._leaving:
            await asyncio.wait(self._leaving)
        await self._imports.close(PATIENCE_S)
        if self._displays is not None:
            await self._displays.close()
        for name in ("setup_page", "sign_in_page"):
            if (page := getattr(self, name, None)) is not None:
                await page.close_page()
        await self.tasks.close()
