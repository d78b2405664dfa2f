"""What whoever starts the program is told in its window."""

import asyncio
import shutil
from collections.abc import Awaitable, Callable
from contextlib import ExitStack
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLabel

from pos_app.config import Config
from pos_app.till_lock import till_held
from tests.conftest import Filled
from tests.ui.keyboard import outside, press, shown, until
from tests.ui.till import Run
from ui.main import Wish, _work
from ui.main_window import MainWindow
from ui.start import Starter
from ui.widgets.key_button import KeyButton

WISH = Wish(demo=False, page="Checkout", sign_in=None, screenshot=None, died=())


def started(config: Config, run: Run, qt: QApplication, wish: Wish, holds: Callable[[MainWindow, str], bool]) -> int:
    """Start a window, wait until it shows something, and give the program's exit code."""
    window = MainWindow((1024, 768))
    starter = Starter(qt, window, config, demo=False, asks=True)

    def said() -> str:
        return "\n".join(one.text() for one in window.findChildren(QLabel) if one.isVisible())

    async def work() -> int:
        await shown(window)
        opening = asyncio.ensure_future(_work(starter, wish))
        try:
            await until(lambda: holds(window, said()), 30)
        finally:
            window.end()
            code = await opening
            await starter.close()
        return code

    return run(work())


def test_a_crash_is_told_at_the_next_start(tmp_path: Path, sqlite_shop: Filled, run: Run, qapp: QApplication) -> None:
    (tmp_path / "shop.db").write_bytes(Path(sqlite_shop.database).read_bytes())
    config = Config(tmp_path, f"sqlite:///{tmp_path / 'shop.db'}")
    report = tmp_path / "logs" / "crash-20261123-140600-1.txt"
    wish = Wish(demo=False, page="Checkout", sign_in=None, screenshot=None, died=[report])
    told = "The program ended by a fault of its own the last time."
    assert started(config, run, qapp, wish, lambda _, said: told in said and str(report) in said) == 0


@pytest.mark.parametrize(
    ("fault", "said"),
    [(OSError(28, "No space left on device"), "The disk is full."), (ZeroDivisionError(), "ZeroDivisionError")],
)
def test_what_keeps_the_shop_closed_is_told_in_the_window(
    tmp_path: Path,
    run: Run,
    qapp: QApplication,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
    fault: Exception,
    said: str,
) -> None:
    async def fails(_self: Starter) -> None:
        raise fault

    monkeypatch.setattr(Starter, "open", fails)
    wish = Wish(demo=False, page="Checkout", sign_in=None, screenshot=None, died=())
    config = Config(tmp_path, f"sqlite:///{tmp_path / 'shop.db'}")
    assert started(config, run, qapp, wish, lambda _, shown: said in shown) == 1
    assert ("fault" in caplog.text) == (said == "ZeroDivisionError")


def of(window: MainWindow, words: str) -> KeyButton | None:
    """A button of the start's page that is shown."""
    found = [one for one in window.start_page.findChildren(KeyButton) if one.isVisible() and one.words == words]
    return found[0] if found else None


def attended(starter: Starter, run: Run, story: Callable[[], Awaitable[None]]) -> int:
    """Start with somebody at it, and give the exit code."""

    async def work() -> int:
        await shown(starter.window)
        opening = asyncio.ensure_future(_work(starter, WISH))
        try:
            await asyncio.wait_for(story(), 40)
        finally:
            starter.window.end()
            code = await opening
            await starter.close()
        return code

    return run(work())


@pytest.fixture
def folder(tmp_path: Path, sqlite_shop: Filled) -> Config:
    shutil.copyfile(sqlite_shop.database, tmp_path / "shop.db")
    return Config(tmp_path, f"sqlite:///{tmp_path / 'shop.db'}")


def test_a_start_that_failed_is_tried_again_and_goes_on_into_the_program(
    folder: Config, run: Run, qapp: QApplication
) -> None:
    window = MainWindow((1024, 768))
    tries: list[int] = []

    def load() -> Config:
        tries.append(1)
        return folder

    starter = Starter(qapp, window, folder, demo=False, asks=True, load=load)

    other = ExitStack()
    other.enter_context(till_held(folder))

    async def story() -> None:
        await until(lambda: of(window, "Try again") is not None, 30)
        again = of(window, "Try again")
        assert again is not None
        assert again.hasFocus()
        assert of(window, "Another address…") is None
        # Twice with the mouse is once.
        for click in (QTest.mouseClick, QTest.mouseDClick):
            await outside(lambda click=click: click(again, Qt.MouseButton.LeftButton))
        assert of(window, "Try again") is None
        await until(lambda: of(window, "Try again") is not None, 30)
        assert len(tries) == 1
        other.close()
        await press(Qt.Key.Key_Return)
        await until(lambda: window.has_shop, 30)

    assert attended(starter, run, story) == 0
    assert len(tries) == 2


def test_settings_are_read_anew_and_what_is_wrong_now_is_told(folder: Config, run: Run, qapp: QApplication) -> None:
    window = MainWindow((1024, 768))
    found = [OSError(13, "Permission denied"), folder]

    def load() -> Config:
        one = found.pop(0)
        if isinstance(one, OSError):
            raise one
        return one

    wrong = Config(folder.data_dir, folder.database_url, card_terminal="foo")
    starter = Starter(qapp, window, wrong, demo=False, asks=True, load=load)

    def said() -> str:
        return window.start_page._text.text()

    async def story() -> None:
        await until(lambda: "card_terminal cannot be “foo”" in said(), 30)
        await press(Qt.Key.Key_Return)
        await until(lambda: "Permission denied" in said(), 30)
        await press(Qt.Key.Key_Return)
        await until(lambda: window.has_shop, 30)

    assert attended(starter, run, story) == 0


def test_settings_mended_while_a_server_is_waited_for_are_taken(folder: Config, run: Run, qapp: QApplication) -> None:
    window = MainWindow((1024, 768))
    wrong = Config(folder.data_dir, "postgresql://lena@127.0.0.1:1/shop")
    starter = Starter(qapp, window, wrong, demo=False, asks=True, load=lambda: folder)

    async def story() -> None:
        await until(lambda: "It is tried again every few seconds." in window.start_page._text.text(), 30)
        await press(Qt.Key.Key_Return)
        await until(lambda: window.has_shop, 30)

    assert attended(starter, run, story) == 0


def test_settings_that_name_no_shop_any_more_make_none_unasked(folder: Config, run: Run, qapp: QApplication) -> None:
    (folder.data_dir / "shop.db").unlink()
    window = MainWindow((1024, 768))
    wrong = Config(folder.data_dir, "postgresql://lena@127.0.0.1:1/shop")
    starter = Starter(qapp, window, wrong, demo=False, asks=True, load=lambda: folder)

    async def story() -> None:
        await until(lambda: "It is tried again every few seconds." in window.start_page._text.text(), 30)
        await press(Qt.Key.Key_Return)
        await until(lambda: hasattr(window, "setup_page"), 30)
        assert not (folder.data_dir / "shop.db").exists()

    attended(starter, run, story)
    assert not (folder.data_dir / "shop.db").exists()


@pytest.mark.parametrize(
    ("left", "told"),
    [
        (b"", "is empty: the shop that was in it is gone"),
        (b"SQLite format 3\0" + b"?" * 8000, "is damaged, or is none"),
    ],
)
def test_a_lost_file_is_told_and_its_newest_copy_taken_back(
    folder: Config, run: Run, qapp: QApplication, left: bytes, told: str
) -> None:
    copy = folder.data_dir / "backups" / "shop-20261121T100000Z.db"
    copy.parent.mkdir()
    shutil.copyfile(folder.data_dir / "shop.db", copy)
    (folder.data_dir / "shop.db").write_bytes(left)
    window = MainWindow((1024, 768))
    starter = Starter(qapp, window, folder, demo=False, asks=True)

    async def story() -> None:
        await until(lambda: of(window, "From a copy…") is not None, 30)
        assert told in window.start_page._text.text()
        # Nobody has to close the program first, to do in a terminal what is told.
        with till_held(folder):
            pass
        # Left as it is, it is told as before, and nothing was made.
        await press(Qt.Key.Key_F6)
        await until(lambda: hasattr(window, "setup_page"), 30)
        await press(Qt.Key.Key_Escape)
        await until(lambda: of(window, "Try again") is not None, 30)
        assert told in window.start_page._text.text()
        assert (folder.data_dir / "shop.db").read_bytes() == left
        await press(Qt.Key.Key_F6)
        await until(lambda: hasattr(window, "setup_page"), 30)
        page = window.setup_page
        assert page.step.title == "The copy"
        while page.step.title != "Ready":
            title = page.step.title
            await press(Qt.Key.Key_Return)
            await until(lambda title=title: page.step.title != title)
        assert str(copy) in " ".join(one.text() for one in page.step.findChildren(QLabel))
        await press(Qt.Key.Key_Return)
        await until(lambda: window.has_shop, 30)

    assert attended(starter, run, story) == 0
    assert [one.read_bytes() for one in folder.data_dir.glob("shop-before-*.db")] == [left]


def test_where_the_file_is_gone_a_shop_from_the_copy_is_proposed(folder: Config, run: Run, qapp: QApplication) -> None:
    copy = folder.data_dir / "backups" / "shop-20261121T100000Z.db"
    copy.parent.mkdir()
    (folder.data_dir / "shop.db").rename(copy)
    window = MainWindow((1024, 768))
    starter = Starter(qapp, window, folder, demo=False, asks=True)

    async def story() -> None:
        await until(lambda: hasattr(window, "setup_page"), 30)
        told = " ".join(one.text() for one in window.setup_page.step.findChildren(QLabel))
        assert f"The newest of this folder is taken, {copy.name}, or another." in told
        await press(Qt.Key.Key_Return)
        await until(lambda: window.setup_page.step.title == "The copy")

    assert attended(starter, run, story) == 0
