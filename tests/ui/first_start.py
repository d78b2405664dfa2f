"""The window of a first start, with somebody at it."""

import asyncio
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QComboBox, QDialog, QLabel, QLineEdit

from pos_app.config import Config
from tests.ui.keyboard import focus_window, outside, shown, strike, until
from tests.ui.till import Run
from ui.main_window import MainWindow
from ui.setup.page import SetupPage
from ui.start import Starter


class FirstStart:
    """A program that was just started, used by its keys and read by its accessible names."""

    def __init__(self, config: Config, run: Run, qt: QApplication, size: tuple[int, int] = (1024, 768)) -> None:
        self.run, self.faults = run, []
        self.window = MainWindow(size)
        self.window.on_error = self.faults.append  # type: ignore[method-assign]
        self.starter = Starter(qt, self.window, config, demo=False, asks=True)

        async def start() -> None:
            await shown(self.window)
            self.opening = asyncio.ensure_future(self.starter.open())
            await until(lambda: self.opening.done() or hasattr(self.window, "setup_page"), 30)

        run(start())

    @property
    def page(self) -> SetupPage:
        return self.window.setup_page

    @property
    def title(self) -> str:
        return self.page._title.text()

    def calm(self) -> None:
        """Wait until nothing is under way but perhaps a question, or the shop is opening."""

        async def wait() -> None:
            quiet = 0
            while quiet < 3:
                free = (self.page.tasks.idle and not self.timing) or self.dialog is not None
                quiet = quiet + 1 if free else 0
                await asyncio.sleep(0.002)
            if QApplication.focusWindow() is None:
                (self.dialog or self.window).activateWindow()
                await until(lambda: QApplication.focusWindow() is not None)

        self.run(asyncio.wait_for(wait(), 30))

    @property
    def timing(self) -> bool:
        """Whether an address is about to be tried."""
        timer = getattr(self.page.step, "_timer", None)
        return timer is not None and timer.isActive()

    @property
    def dialog(self) -> QDialog | None:
        shown_now = QApplication.activeModalWidget()
        return shown_now if isinstance(shown_now, QDialog) else None

    def do(self, act: Callable[[], object]) -> None:
        self.run(outside(act))
        self.calm()

    def key(self, *keys: Qt.Key, modifier: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier) -> None:
        for key in keys:
            self.do(lambda key=key: strike(key, modifier))

    def enter(self) -> None:
        self.key(Qt.Key.Key_Return)

    def type(self, text: str) -> None:
        """Type where the focus is."""
        self.do(lambda: QTest.keyClicks(QApplication.focusWidget(), text))

    def field(self, name: str) -> QLineEdit:
        within = self.dialog or self.page
        fields = [one for one in within.findChildren(QLineEdit) if one.isVisible()]
        found = [one for one in fields if one.accessibleName().lower().startswith(name.lower())]
        assert found, (name, [one.accessibleName() for one in fields])
        return found[0]

    def choice(self, name: str) -> QComboBox:
        within = self.dialog or self.page
        found = [one for one in within.findChildren(QComboBox) if one.isVisible() and one.accessibleName() == name]
        assert found, name
        return found[0]

    def fill(self, **answers: str) -> None:
        def act() -> None:
            for name, text in answers.items():
                self.field(name.replace("_", " ")).setText(text)

        self.do(act)

    def says(self) -> str:
        return self.page.message.text()

    def reads(self) -> str:
        """All that stands on the step shown."""
        return " · ".join(one.text() for one in self.page.step.findChildren(QLabel) if one.isVisible())

    def go_to(self, title: str) -> None:
        """Press Enter until a step is shown."""
        for _ in range(9):
            if self.title == title:
                return
            self.enter()
        raise AssertionError((title, self.title, self.says()))

    def answer_shop(self) -> None:
        """Answer what a new shop is asked, from its name to the last look."""
        assert self.title == "The shop"
        self.type("Marlow & Daughters")
        self.enter()
        self.fill(**{"admin's name": "Lena", "pin,": "246800", "the same pin": "246800"})
        self.go_to("Ready")

    def open_shop(self) -> None:
        """Enter on the last step, and wait for the shop."""
        self.do(lambda: QTest.keyClick(focus_window(), Qt.Key.Key_Return))
        self.run(asyncio.wait_for(self.opening, 40))

    def start_says(self) -> str:
        return self.window.start_page._text.text()

    def close(self) -> None:
        self.run(self.starter.close())

        async def end() -> None:
            self.window.closed.set()
            await asyncio.wait({self.opening}, timeout=20)

        self.run(end())
        if not self.opening.cancelled():
            self.opening.exception()
        self.window.deleteLater()


@contextmanager
def first_start(
    config: Config, run: Run, qt: QApplication, size: tuple[int, int] = (1024, 768)
) -> Iterator[FirstStart]:
    """Start the program, and end it."""
    made = FirstStart(config, run, qt, size)
    try:
        yield made
    finally:
        made.close()
    for fault in made.faults:
        raise fault
