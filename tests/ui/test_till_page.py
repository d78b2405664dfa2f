"""A new till's first start on a shop that has others: its number is proposed, its name asked for, and both are kept."""

import asyncio
import socket
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLabel
from sqlalchemy.engine import make_url

from pos_app import config as machine
from pos_app.config import Config
from pos_app.services.till import claim_till, list_tills
from tests.faults.proxy import proxied
from tests.shop import Shop
from tests.ui.keyboard import focus_window, outside, press, shown, until
from tests.ui.till import Run
from ui.main import Wish, _work
from ui.main_window import MainWindow
from ui.setup.place import ServerStep
from ui.setup.till_page import TillPage
from ui.start import Starter
from ui.widgets.key_button import KeyButton

pytestmark = pytest.mark.parametrize("config", ["postgresql"], indirect=True)


@pytest.fixture
def starter(config: Config, shop: Shop, run: Run, tmp_path: Path, qapp: QApplication) -> Iterator[Starter]:
    """The program in a new folder, on a shop whose till 1 is another machine's."""
    run(claim_till(shop.app, "Front"))
    window = MainWindow((1366, 768))
    made = Starter(qapp, window, replace(config, data_dir=tmp_path / "new"), demo=False, asks=True)
    yield made
    run(made.close())
    window.deleteLater()


def test_a_new_till_takes_a_free_number_and_a_name(starter: Starter, shop: Shop, run: Run, tmp_path: Path) -> None:
    window = starter.window

    async def story() -> None:
        opening = asyncio.ensure_future(starter.open())
        await shown(window)

        async def page_with(text: str) -> TillPage:
            while True:
                pages = [page for page in window.findChildren(TillPage) if page.isVisible()]
                if pages and any(text in one.text() for one in pages[0].findChildren(QLabel)):
                    return pages[0]
                await asyncio.sleep(0.01)

        page = await page_with("This shop has other tills")
        assert page._number.text() == "2"
        await outside(lambda: page._number.setText("0"))
        await outside(lambda: QTest.keyClick(page._number, Qt.Key.Key_Return))
        await page_with("whole number from 1 to 999")
        await outside(lambda: page._number.setText("1"))
        await outside(lambda: QTest.keyClick(page._number, Qt.Key.Key_Return))
        await page_with("Till 1 is in use on")
        assert page._number.text() == "2"
        await outside(lambda: QTest.keyClicks(page._name, "Upstairs"))
        await outside(lambda: QTest.keyClick(focus_window(), Qt.Key.Key_Return))
        await opening

    run(asyncio.wait_for(story(), 40))
    assert window.windowTitle().startswith("Sign in")
    assert [(till.number, till.name) for till in run(list_tills(shop.app))] == [(1, "Front"), (2, "Upstairs")]
    assert machine.load({"data_dir": tmp_path / "new"}, {}).till == 2
    assert starter.app is not None
    assert starter.app.config.till == 2


def test_a_server_that_is_not_there_yet_is_waited_for(
    config: Config, run: Run, tmp_path: Path, qapp: QApplication, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("ui.start.AGAIN_S", 0.2)
    window = MainWindow((1366, 768))
    with proxied(config.database_url) as (proxy, url):
        proxy.cut()
        made = Starter(qapp, window, Config(tmp_path / "new", url), demo=False, asks=True)

        async def story() -> None:
            opening = asyncio.ensure_future(made.open())
            while not any("tried again" in one.text() for one in window.start_page.findChildren(QLabel)):
                await asyncio.sleep(0.01)
            proxy.mend()
            while not hasattr(window, "setup_page"):
                await asyncio.sleep(0.01)
            await outside(window.close)
            await opening

        run(asyncio.wait_for(story(), 40))
        run(made.close())
    window.deleteLater()


@pytest.mark.parametrize("away", [True, False], ids=["server away", "no such database"])
def test_an_address_that_no_longer_holds_is_mended_where_the_start_says_so(
    config: Config, shop: Shop, run: Run, tmp_path: Path, qapp: QApplication, *, away: bool
) -> None:
    """Waited for or refused: the fields of the first start come with what stands in the settings, and mend it there."""
    right = make_url(config.database_url)
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        wrong = right.set(port=probe.getsockname()[1]) if away else right.set(database="shoop")
    folder = tmp_path / "new"
    folder.mkdir()
    (folder / "settings.toml").write_text(f'database_url = "{wrong.render_as_string(hide_password=False)}"\n', "utf-8")
    window = MainWindow((1366, 768))

    def load() -> Config:
        return machine.load({"data_dir": folder}, {})

    made = Starter(qapp, window, load(), demo=False, asks=True, load=load)

    async def story() -> None:
        await shown(window)
        opening = asyncio.ensure_future(_work(made, Wish(False, "Checkout", None, None, ())))
        try:
            mend = next(one for one in window.start_page.findChildren(KeyButton) if one.usual_key == "F6")
            await until(lambda: mend.isVisible() and mend.words == "Another address…", 20)
            await press(Qt.Key.Key_F6)
            await until(lambda: hasattr(window, "setup_page"), 20)
            page = window.setup_page
            step = page.step
            assert isinstance(step, ServerStep)
            assert (step.host.text(), step.user.text()) == (str(right.host), right.username)
            assert (step.port.text(), step.database.text()) == (str(wrong.port), wrong.database)
            await outside(lambda: (step.port.setText(str(right.port)), step.database.setText(str(right.database))))
            while not window.has_shop:
                if hasattr(window, "setup_page") and not page._working and page.next.isVisible():
                    await press(Qt.Key.Key_Return)
                await asyncio.sleep(0.01)
        finally:
            window.end()
            assert await opening == 0
            await made.close()

    run(asyncio.wait_for(story(), 60))
    window.deleteLater()
    kept = make_url(load().database_url)
    assert (kept.port, kept.database) == (right.port, right.database)


def test_a_window_closed_instead_takes_nothing(starter: Starter, shop: Shop, run: Run) -> None:
    async def story() -> None:
        opening = asyncio.ensure_future(starter.open())
        while not starter.window.findChildren(TillPage):
            await asyncio.sleep(0.01)
        await outside(starter.window.close)
        await opening

    run(asyncio.wait_for(story(), 40))
    assert [till.number for till in run(list_tills(shop.app))] == [1]
