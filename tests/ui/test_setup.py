"""A first start: asked in steps, stored at once at the end, and asked again where it was left before."""

import asyncio
import shutil
import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication

from pos_app import config as machine
from pos_app.config import Config
from pos_app.domain.shop import ShopSettings
from pos_app.errors import Refused, Unavailable
from pos_app.first_start import no_shop_here
from pos_app.messages import sentence
from pos_app.services.backup import back_up
from pos_app.services.setting import check_settings, get_settings
from pos_app.services.sign_in import list_people, sign_in
from tests.conftest import Filled
from tests.ui.first_start import FirstStart, first_start
from tests.ui.keyboard import press, until
from tests.ui.till import Run
from ui import dialogs
from ui.inventory.import_sheet import ImportSheet
from ui.setup.countries import COUNTRIES, LANGUAGES, OTHER

ALT = Qt.KeyboardModifier.AltModifier


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "new"


@pytest.fixture
def alone(folder: Path) -> Config:
    """A machine that nobody has told anything."""
    return Config(folder, f"sqlite:///{folder / 'shop.db'}")


@pytest.fixture
def first(alone: Config, run: Run, qapp: QApplication) -> Iterator[FirstStart]:
    with first_start(alone, run, qapp) as made:
        yield made


def made_of(folder: Path) -> list[str]:
    """What a first start has left in its folder, but for the log and what holds the till."""
    return sorted(one.name for one in folder.iterdir() if one.name not in ("logs", "till-1.lock"))


def test_a_shop_on_this_computer_is_set_up_with_the_keyboard_alone(first: FirstStart, folder: Path, run: Run) -> None:
    assert (first.window.windowTitle(), first.title) == ("Set up – Bookstore POS", "Where is the shop?")
    first.enter()
    first.type("Buch & Co")
    first.key(Qt.Key.Key_Tab)
    first.type("Ger")
    first.enter()
    first.type("Lena")
    first.key(Qt.Key.Key_Tab)
    first.type("246800")
    first.key(Qt.Key.Key_Tab)
    first.type("246800")
    first.enter()
    assert first.title == "The receipt printer"
    first.enter()
    first.enter()
    assert first.title == "Ready"
    for seen in ("Buch & Co", "EUR", "Bücher 7 %: 7 %", "Deutsch (Deutschland)", "Lena", "kept as files", str(folder)):
        assert seen in first.reads()
    assert made_of(folder) == []
    first.open_shop()
    assert first.window.windowTitle().startswith("Sign in")
    app = first.starter.app
    assert app is not None
    settings = run(get_settings(app))
    assert (settings.shop_name, settings.currency, settings.locale) == ("Buch & Co", "EUR", "de_DE")
    assert [person.name for person in run(list_people(app))] == ["Lena"]
    assert run(sign_in(app, "Lena", "246800")).role == "admin"


def test_the_next_start_asks_nothing(alone: Config, run: Run, qapp: QApplication) -> None:
    with first_start(alone, run, qapp) as first:
        first.enter()
        first.answer_shop()
        first.open_shop()
    with first_start(alone, run, qapp) as again:
        run(asyncio.wait_for(again.opening, 20))
        assert again.window.windowTitle().startswith("Sign in")


def test_a_step_back_keeps_what_was_typed(first: FirstStart) -> None:
    first.enter()
    first.type("Marlow")
    first.enter()
    first.type("Lena")
    first.key(Qt.Key.Key_Left, modifier=ALT)
    assert first.title == "The shop"
    assert first.field("shop name").text() == "Marlow"
    first.enter()
    assert first.field("admin's name").text() == "Lena"
    first.key(Qt.Key.Key_Left, modifier=ALT)
    first.key(Qt.Key.Key_Left, modifier=ALT)
    first.key(Qt.Key.Key_Left, modifier=ALT)
    assert first.title == "Where is the shop?"


def test_a_way_that_has_the_focus_is_chosen_by_enter_before_it_goes_on(first: FirstStart) -> None:
    first.key(Qt.Key.Key_Tab, Qt.Key.Key_Return)
    assert first.title == "Where is the shop?"
    assert "backed up before" in first.reads()
    first.enter()
    assert first.title == "The copy"


def test_esc_asks_once_and_leaves_nothing(alone: Config, folder: Path, run: Run, qapp: QApplication) -> None:
    with first_start(alone, run, qapp) as first:
        first.enter()
        first.answer_shop()
        first.key(Qt.Key.Key_Escape)
        assert first.dialog is not None
        assert "Stop setting up?" in first.dialog.windowTitle()
        first.key(Qt.Key.Key_Escape)
        assert first.dialog is None
        assert first.title == "Ready"
        first.key(Qt.Key.Key_Escape)
        run(_press_and_close(first))
    assert made_of(folder) == []
    with first_start(alone, run, qapp) as again:
        assert again.title == "Where is the shop?"


async def _press_and_close(first: FirstStart) -> None:
    await press(Qt.Key.Key_Return)
    await asyncio.wait_for(first.window.closed.wait(), 10)
    await asyncio.wait_for(first.opening, 10)


def test_tables_without_a_shop_in_them_are_asked_for_again(
    alone: Config, folder: Path, sqlite_template: Path, run: Run, qapp: QApplication
) -> None:
    folder.mkdir()
    shutil.copyfile(sqlite_template, folder / "shop.db")
    with first_start(alone, run, qapp) as first:
        assert first.title == "Where is the shop?"


WRONG_SHOPS = (
    ("shop name", "", "A shop has a name"),
    ("currency", "XYZ", "XYZ"),
    ("time zone", "Nowhere", "Give a time zone by its name"),
    ("rate", "120", "0 to 100 %"),
    ("rate", "much", "“much”"),
    ("tax on books", "", "A tax needs a name"),
)
WRONG_ADMINS = (
    ({"pin,": "12", "the same": "12"}, "A PIN has 4 to 12 digits.", "pin,"),
    ({"admin's name": " "}, "A name has 1 to", "admin's name"),
    ({"the same": "999999"}, "The two PINs differ", "the same"),
)


def test_an_answer_that_cannot_be_is_told_with_the_focus_there(first: FirstStart) -> None:
    first.enter()
    first.fill(**{"shop name": "Shop"})
    for name, typed, told in WRONG_SHOPS:
        before = first.field(name).text()
        first.fill(**{name: typed})
        first.enter()
        assert first.title == "The shop"
        assert told in first.says()
        assert QApplication.focusWidget() is first.field(name)
        first.fill(**{name: before})
    first.enter()
    assert first.title == "The first admin"
    for answers, told, focus in WRONG_ADMINS:
        first.fill(**{"admin's name": "Lena", "pin,": "246800", "the same": "246800"} | answers)
        first.enter()
        assert told in first.says()
        assert QApplication.focusWidget() is first.field(focus)


def test_every_country_that_is_offered_can_be_chosen(first: FirstStart, run: Run) -> None:
    first.enter()
    first.type("Shop")
    for country in (*COUNTRIES, OTHER):
        first.do(lambda country=country: first.choice("Country").setCurrentText(country))
        run(first.page.step.keep())
        if country in COUNTRIES:
            assert first.field("currency").text() == COUNTRIES[country].currency
            assert set(COUNTRIES[country].locales) <= LANGUAGES.keys()


@pytest.mark.parametrize("locale", LANGUAGES)
def test_every_language_that_is_offered_can_be_written_in(locale: str) -> None:
    check_settings(ShopSettings(locale=locale))


def test_a_shop_whose_address_was_given_is_asked_for_without_the_place(
    config: Config, run: Run, qapp: QApplication
) -> None:
    given = Config(config.data_dir / "machine", config.database_url)
    with first_start(given, run, qapp) as first:
        first.answer_shop()
        first.open_shop()
        assert first.window.windowTitle().startswith("Sign in")
        assert first.starter.app is not None
        assert run(get_settings(first.starter.app)).shop_name == "Marlow & Daughters"
    assert not given.settings_file.exists() or "database_url" not in given.settings_file.read_text()


# What goes wrong


def test_a_folder_that_cannot_be_written_is_told_at_the_start(tmp_path: Path, run: Run, qapp: QApplication) -> None:
    (tmp_path / "file").write_text("in the way")
    folder = tmp_path / "file" / "data"
    with first_start(Config(folder, f"sqlite:///{folder / 'shop.db'}"), run, qapp) as first:
        error = first.opening.exception()
        assert isinstance(error, Unavailable)
        assert "cannot be written" in sentence(error)
        assert "--data-dir" in sentence(error)


def test_a_folder_that_takes_nothing_any_more_is_told_at_the_end_and_nothing_is_made(
    first: FirstStart, folder: Path
) -> None:
    first.enter()
    first.answer_shop()
    shutil.rmtree(folder)
    folder.write_text("in the way")
    first.enter()
    assert first.title == "Ready"
    assert "cannot be written" in first.says()
    folder.unlink()
    first.open_shop()
    assert first.window.windowTitle().startswith("Sign in")


def test_settings_that_cannot_be_kept_are_tried_again_on_the_shop_that_was_made(
    first: FirstStart, alone: Config, folder: Path, tmp_path: Path, run: Run
) -> None:
    first.enter()
    first.answer_shop()
    first.key(Qt.Key.Key_Left, Qt.Key.Key_Left, modifier=ALT)
    first.key(Qt.Key.Key_F6)
    first.do(lambda: first.choice("How it is connected").setCurrentText("A device file"))
    first.fill(address=str(tmp_path / "paper"))
    first.enter()
    first.key(Qt.Key.Key_F5)
    first.go_to("Ready")
    alone.settings_file.mkdir()
    first.enter()
    assert "cannot be changed" in first.says()
    alone.settings_file.rmdir()
    first.open_shop()
    assert first.starter.app is not None
    assert [one.name for one in run(list_people(first.starter.app))] == ["Lena"]
    assert machine.load({"data_dir": folder}, {}).printer == f"file:{tmp_path / 'paper'}"


def test_a_damaged_file_is_told_at_the_start(alone: Config, folder: Path, run: Run, qapp: QApplication) -> None:
    folder.mkdir()
    (folder / "shop.db").write_bytes(b"no database, but some other thing" * 100)
    with first_start(alone, run, qapp) as first:
        error = first.opening.exception()
        assert isinstance(error, Unavailable)
        assert "is damaged" in sentence(error)
        assert "bookstore-pos restore FILE" in sentence(error)


def test_a_file_of_a_newer_program_is_told_at_the_start(
    alone: Config, folder: Path, sqlite_shop: Filled, run: Run, qapp: QApplication
) -> None:
    folder.mkdir()
    _newer(shutil.copyfile(sqlite_shop.database, folder / "shop.db"))
    with first_start(alone, run, qapp) as first:
        error = first.opening.exception()
        assert isinstance(error, Refused)
        assert "is newer than this program" in sentence(error)
        assert "Update the program" in sentence(error)


def _newer(path: Path | str) -> None:
    with sqlite3.connect(path) as file:
        file.execute("UPDATE alembic_version SET version_num = '9999'")
    file.close()


# A copy


def test_a_shop_is_made_from_a_copy(first: FirstStart, sqlite_shop: Filled, tmp_path: Path, run: Run) -> None:
    copy = run(back_up(Config(tmp_path / "old", f"sqlite:///{sqlite_shop.database}"), tmp_path / "copy.db")).path
    first.key(Qt.Key.Key_2, modifier=ALT)
    first.enter()
    first.enter()
    assert "Choose the copy" in first.says()
    first.type(str(tmp_path / "other.db"))
    first.enter()
    assert "There is no file" in first.says()
    first.fill(**{"copy of the shop": str(copy)})
    first.go_to("Ready")
    assert str(copy) in first.reads()
    assert "Admin" not in first.reads()
    first.open_shop()
    assert first.starter.app is not None
    assert "Ana" in [one.name for one in run(list_people(first.starter.app))]


@pytest.mark.parametrize(
    ("kind", "told"),
    [("damaged", "damaged"), ("newer", "is newer than this program"), ("other", "is no backup")],
)
def test_a_copy_that_will_not_do_is_told_and_leaves_nothing(
    first: FirstStart, folder: Path, sqlite_shop: Filled, tmp_path: Path, kind: str, told: str
) -> None:
    copy = Path(shutil.copyfile(sqlite_shop.database, tmp_path / "copy.db"))
    if kind == "newer":
        _newer(copy)
    elif kind == "damaged":
        content = bytearray(copy.read_bytes())
        content[8192:200_000] = b"\xff" * (200_000 - 8192)
        copy.write_bytes(content)
    else:
        copy.write_text("a letter")
    first.key(Qt.Key.Key_2, modifier=ALT)
    first.enter()
    first.type(str(copy))
    first.go_to("Ready")
    first.enter()
    assert told in first.says()
    assert first.title == "Ready"
    assert "shop.db" not in made_of(folder)


# Printer and catalogue


def test_a_printer_is_tried_on_paper_before_there_is_a_shop(first: FirstStart, folder: Path, tmp_path: Path) -> None:
    paper = tmp_path / "paper"
    first.enter()
    first.answer_shop()
    first.key(Qt.Key.Key_Left, Qt.Key.Key_Left, modifier=ALT)
    assert first.title == "The receipt printer"
    first.key(Qt.Key.Key_F6)
    first.do(lambda: first.choice("How it is connected").setCurrentText("A device file"))
    first.fill(address=str(tmp_path / "nowhere" / "lp0"))
    first.enter()
    first.key(Qt.Key.Key_F5)
    assert "printer" in first.says().lower()
    assert first.page.message.property("kind") == "bad"
    first.key(Qt.Key.Key_F6)
    first.fill(address=str(paper))
    first.enter()
    first.key(Qt.Key.Key_F5)
    assert "The test page is sent" in first.says()
    assert b"Marlow & Daughters" in paper.read_bytes()
    assert made_of(folder) == []


def test_a_catalogue_is_looked_through_once_the_shop_is_open(first: FirstStart, tmp_path: Path, run: Run) -> None:
    titles = tmp_path / "titles.csv"
    titles.write_text("isbn,title,price\n9780141439518,Pride and Prejudice,8.99\n")
    first.enter()
    first.answer_shop()
    first.key(Qt.Key.Key_Left, modifier=ALT)
    first.type(str(tmp_path / "none.csv"))
    first.enter()
    assert "There is no file" in first.says()
    first.fill(**{"file of titles": str(titles)})
    first.enter()
    first.open_shop()

    async def seen() -> ImportSheet:
        await until(lambda: isinstance(dialogs.topmost(), ImportSheet), 20)
        sheet = dialogs.topmost()
        assert isinstance(sheet, ImportSheet)
        await until(lambda: sheet.log.count() == 1 and sheet.go.isEnabled(), 20)
        return sheet

    sheet = run(seen())
    assert first.window.windowTitle().startswith("Inventory")
    run(sheet._import())
    assert sheet.report is not None
    assert sheet.report.added == 1


def test_a_window_closed_while_it_stores_leaves_a_shop_that_is_whole(
    alone: Config, run: Run, qapp: QApplication
) -> None:
    with first_start(alone, run, qapp) as first:
        first.enter()
        first.answer_shop()

        async def close_at_once() -> None:
            await press(Qt.Key.Key_Return)
            await until(lambda: first.page._carrying is not None)
            first.window.close()
            await asyncio.wait_for(first.window.closed.wait(), 30)
            await asyncio.wait_for(first.opening, 30)

        run(close_at_once())
    assert not no_shop_here(alone)
    with first_start(alone, run, qapp) as again:
        run(asyncio.wait_for(again.opening, 20))
        assert again.window.windowTitle().startswith("Sign in")
