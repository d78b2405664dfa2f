"""A window with somebody at it, on real services, and the fixtures that make one."""

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractButton, QApplication, QDialog, QLabel, QWidget

from pos_app import app as application
from pos_app.app import App
from pos_app.config import Config
from pos_app.domain.money import currency
from pos_app.services.setting import get_settings
from tests.conftest import SetClock, filled_shop
from tests.shop import PIN, Shop
from tests.ui.keyboard import focus_window, outside, paced, shown, strike, until, without_pause
from ui.format import Formatter
from ui.loop import Loop
from ui.main_window import MainWindow
from ui.scan_router import ScanRouter
from ui.start import PAGES
from ui.style import theme

Run = Callable[[Awaitable[Any]], Any]


async def end_tasks_left() -> list[str]:
    """End what a test left running, so that the next one is not blamed for it, and give what it was."""
    tasks = asyncio.all_tasks() - {asyncio.current_task()}
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    return [str(task.get_coro()) for task in tasks]


@pytest.fixture(scope="session")
def qapp() -> QApplication:
    app = QApplication(["tests"])
    app.setQuitOnLastWindowClosed(False)
    theme.apply(app, "light")
    return app


@pytest.fixture(scope="session")
def loop(qapp: QApplication) -> Iterator[Loop]:
    made = Loop(qapp)
    asyncio.set_event_loop(made)
    yield made
    made.close()


@pytest.fixture
def run(loop: Loop) -> Run:
    asyncio.set_event_loop(loop)
    return loop.run_until_complete


@pytest.fixture
def app(config: Config, clock: SetClock, run: Run) -> Iterator[App]:
    built = application.build(config, clock=clock)
    yield built
    run(built.printing.close())
    run(built.db.close())

    left = run(end_tasks_left())
    if left:
        # Said in full: asserts are only taken apart in the tests themselves.
        raise AssertionError(f"left running: {left}")


@pytest.fixture
def shop(app: App, request: pytest.FixtureRequest) -> Shop:
    return filled_shop(app, request)


class Till:
    """A window with somebody at it, used by its keys and read by its accessible names."""

    def __init__(self, shop: Shop, run: Run) -> None:
        self.shop, self.run = shop, run
        self.faults: list[BaseException] = []
        self.strokes = 0
        self.window = MainWindow((1366, 768))
        self.window.on_error = self.faults.append  # type: ignore[method-assign]
        app = QApplication.instance()
        assert isinstance(app, QApplication)

        async def open_shop() -> None:
            self.router = ScanRouter(app, self.faults.append)
            self.window.open_shop(shop.app, self.router, dict(PAGES))
            settings = await get_settings(shop.app)
            self.window.show_sign_in(Formatter(settings, currency(settings.currency)))

        self.run(open_shop())
        self.run(shown(self.window))
        self.settle()

    def sign_in(self, name: str = "Ana", page: str = "Checkout") -> "Till":
        async def act() -> None:
            self.window.signed_in(self.shop.people[name])
            self.window.show_page(page)

        self.run(act())
        self.settle()
        return self

    @property
    def page(self) -> Any:
        return self.window.current_page

    def settle(self) -> None:
        """Wait until no key is held, no scan waits and no task runs, or a question is on the screen."""

        async def wait() -> None:
            calm = 0
            while calm < 3:
                calm = calm + 1 if self._calm() else 0
                await asyncio.sleep(0.002 if calm == 0 else 0)
            # Off the screen there is no window manager that gives the focus on when a question closes.
            if QApplication.focusWindow() is None:
                (self.dialog or self.window).activateWindow()
                await until(lambda: QApplication.focusWindow() is not None)

        self.run(asyncio.wait_for(wait(), 20))

    def _calm(self) -> bool:
        """Whether nothing is under way but perhaps a question."""
        if (dialog := self.dialog) is not None:
            return not self.router.holding and (not hasattr(dialog, "tasks") or dialog.tasks.idle)
        page = self.window.current_page or getattr(self.window, "sign_in_page", None)
        return self.router.idle and (page is None or page.tasks.idle)

    @property
    def dialog(self) -> QDialog | None:
        """The question on the screen."""
        shown = QApplication.activeModalWidget()
        return shown if isinstance(shown, QDialog) else None

    def click(self, name: str) -> None:
        """Press a button by its accessible name, in the question on the screen or the window."""
        within = self.dialog or self.window
        found = [
            one for one in within.findChildren(QAbstractButton) if one.accessibleName() == name and one.isVisible()
        ]
        assert found, (name, self.names())
        self.do(lambda: QTest.mouseClick(found[0], Qt.MouseButton.LeftButton))

    def do(self, act: Callable[[], object]) -> None:
        """Do something as Qt would: on the running loop, in no task."""
        self.run(outside(act))
        self.settle()

    def scan(self, *codes: str) -> None:
        """As a scanner does."""

        def keys() -> None:
            with without_pause(self.router):
                for code in codes:
                    for letter in code:
                        QTest.keyClick(focus_window(), letter)
                    QTest.keyClick(focus_window(), Qt.Key.Key_Return)

        self.do(keys)

    def type(self, text: str) -> None:
        """As a person does: 45 ms a key, which no scanner is."""

        self.strokes += len(text)

        async def keys() -> None:
            with paced(self.router, 45):
                for letter in text:
                    await outside(lambda letter=letter: QTest.keyClick(focus_window(), letter))

        self.run(keys())
        self.settle()

    def key(self, *keys: Qt.Key, modifier: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier) -> None:
        """Press keys one right after the other."""
        self.strokes += len(keys)
        self.do(lambda: [strike(key, modifier) for key in keys])

    def names(self) -> list[str]:
        """What an assistive program could read now."""
        within = [self.window] if self.dialog is None else [self.window, self.dialog]
        widgets = [widget for one in within for widget in one.findChildren(QWidget)]
        return [widget.accessibleName() or _text(widget) for widget in widgets if widget.isVisible()]

    def sees(self, name: str) -> bool:
        return any(name in seen for seen in self.names())

    def labels(self) -> list[str]:
        return [widget.text() for widget in self.window.findChildren(QLabel) if widget.isVisible()]

    def close(self) -> None:
        """End the window, once."""
        if self.window.closed.is_set():
            return
        # Asked about nothing: what a test leaves typed is dropped.
        self.run(outside(self.window.end))
        self.run(asyncio.wait_for(self.window.closed.wait(), 20))
        self.window.deleteLater()


def _text(widget: QWidget) -> str:
    return widget.text() if isinstance(widget, QLabel) else ""


@pytest.fixture
def till(shop: Shop, run: Run) -> Iterator[Till]:
    made = Till(shop, run)
    yield made
    made.close()
    for fault in made.faults:
        raise fault


__all__ = ["PIN", "Till"]
