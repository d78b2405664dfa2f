"""What whoever starts the program is told in its window."""

import asyncio
from collections.abc import Callable
from pathlib import Path

import pytest
from PySide6.QtWidgets import QApplication, QLabel

from pos_app.config import Config
from tests.conftest import Filled
from tests.ui.keyboard import shown, until
from tests.ui.till import Run
from ui.main import Wish, _work
from ui.main_window import MainWindow
from ui.start import Starter


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
