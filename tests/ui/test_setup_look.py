"""Every step of a first start on the smallest screen, in both colours, at every text size: no word of it is cut."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from PySide6.QtWidgets import QApplication

from pos_app.config import Config
from pos_app.first_start import Standing
from pos_app.server_address import ServerAddress
from pos_app.services.till import TillRow
from tests.ui.keyboard import outside, shown, until
from tests.ui.test_look import cut, cut_fields, overlapping, sideways
from tests.ui.till import Run
from ui import dialogs
from ui.main_window import MainWindow
from ui.setup.place import ServerStep
from ui.setup.step import Answers, Place
from ui.style import theme

# What a title bar leaves of 1024×768 and 1366×768.
SIZES = ((1024, 740), (1366, 740))
STANDING = Standing("Marlow & Daughters", "16.2", owns=True, tills=(TillRow(1, "Front", "FRONT-PC"),))
# The longest sentence that an address is answered with.
LONGEST = (
    "server.shop.example shows a certificate that nobody trusted by this machine signed. Name the file of whoever signed "
    "it, such as the server's own root.crt."
)


@pytest.fixture(params=[("light", 100), ("dark", 150)], ids=str)
def dressed(request: pytest.FixtureRequest, qapp: QApplication) -> Iterator[None]:
    theme.apply(qapp, *request.param)
    yield
    theme.apply(qapp, "light")


@pytest.mark.parametrize("size", SIZES)
def test_no_word_of_a_step_is_cut(dressed: None, run: Run, tmp_path: Path, size: tuple[int, int]) -> None:
    window = MainWindow(size)
    answers = Answers(Config(tmp_path, f"sqlite:///{tmp_path / 'shop.db'}"), standing=STANDING)
    answers.server = ServerAddress("server.shop.example", "5432", "shop", "shop_owner")
    answers.settings = replace(answers.settings, shop_name="Marlow & Daughters of Little Wittering")
    answers.tax_name, answers.admin_name = "Books 0 %", "Max"
    faults: list[BaseException] = []

    async def look() -> None:
        page = window.show_setup(answers, lambda _: None, lambda *_: None, lambda: None)
        page._on_error = faults.append
        await shown(window)
        for place, step in enumerate(page.steps):
            answers.place = next(way for way in (Place.NEW, Place.COPY, Place.SHARED) if _is_asked(answers, step, way))
            page._show(place)
            await page.settled()
            if isinstance(step, ServerStep):
                page._say(LONGEST, "bad")
            for _ in range(3):
                # What is said anew is laid out, and what is around it then.
                await outside(QApplication.sendPostedEvents)
            assert window.size().width() == size[0], page.step.title
            assert cut(window) == [], page.step.title
            assert cut_fields(window) == [], page.step.title
            assert sideways(window) == [], page.step.title
            assert overlapping(page) == [], page.step.title
        page._ask_to_leave()
        await until(lambda: dialogs.topmost() is not None)
        question = dialogs.topmost()
        assert question is not None
        await until(question.isVisible)
        assert cut(question) == []
        dialogs.close_all()
        await window.shut_down()

    run(look())
    window.deleteLater()
    assert faults == []


def _is_asked(answers: Answers, step: object, way: Place) -> bool:
    answers.place = way
    return bool(step.wanted())  # type: ignore[attr-defined] # a step
