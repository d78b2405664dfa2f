"""Export from the inventory: the list that is shown, told where it is, and stopped without a trace."""

import asyncio
import csv
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFileDialog

from pos_app.services import book_export
from pos_app.services.book_search import BookRow
from tests.shop import KLARA
from tests.ui.keyboard import until
from tests.ui.till import Till
from ui.inventory.export_dialog import ExportDialog, export_to

Key = Qt.Key
CTRL, ALT = Qt.KeyboardModifier.ControlModifier, Qt.KeyboardModifier.AltModifier

# What the window does with either database is the same.
pytestmark = pytest.mark.parametrize("config", ["sqlite"], indirect=True)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path / "out"
    made.mkdir()
    return made


def test_the_list_that_is_shown_is_written(till: Till, folder: Path) -> None:
    till.sign_in("Sam", "Inventory")
    till.type("klara")
    till.run(until(lambda: till.page.shown_filter.text == "klara"))
    file = folder / "titles.csv"
    till.page.start(export_to(till.page, file))
    till.run(until(lambda: isinstance(till.dialog, ExportDialog) and till.dialog.go.isEnabled()))
    till.key(Key.Key_Return)
    till.run(until(file.exists))
    till.run(until(lambda: till.sees("1 title stands in")))
    with file.open(encoding="utf-8-sig", newline="") as read:
        assert [row["isbn13"] for row in csv.DictReader(read)] == [KLARA]


def test_the_columns_the_list_shows_can_be_chosen_and_are_remembered(till: Till, folder: Path) -> None:
    till.sign_in("Sam", "Inventory")
    file = folder / "titles.csv"
    for keys in ([Key.Key_2], []):
        till.page.start(export_to(till.page, file))
        till.run(until(lambda: isinstance(till.dialog, ExportDialog) and till.dialog.go.isEnabled()))
        for key in keys:
            till.key(key, modifier=ALT)
        assert till.sees("title, isbn13, category, price, stock, reorder_at, active")
        till.key(Key.Key_Return)
        till.run(until(lambda: till.sees("5 titles stand in")))
        with file.open(encoding="utf-8-sig", newline="") as read:
            assert next(csv.reader(read)) == ["title", "isbn13", "category", "price", "stock", "reorder_at", "active"]
        file.unlink()


def test_onix_has_columns_of_its_own(till: Till, folder: Path) -> None:
    till.sign_in("Sam", "Inventory")
    till.page.start(export_to(till.page, folder / "titles.xml"))
    till.run(until(lambda: till.sees("4 titles stand in")))


def test_a_key_asks_where_to(till: Till) -> None:
    till.sign_in("Sam", "Inventory")
    till.key(Key.Key_E, modifier=CTRL)
    assert isinstance(till.dialog, QFileDialog)
    till.key(Key.Key_Escape)
    assert till.dialog is None


def test_one_that_is_stopped_leaves_nothing(till: Till, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    asked, never = asyncio.Event(), asyncio.Event()

    async def stalled(*_arguments: object) -> list[BookRow]:
        asked.set()
        await never.wait()
        return []

    monkeypatch.setattr(book_export, "rows_at", stalled)
    till.sign_in("Sam", "Inventory")
    till.page.start(export_to(till.page, folder / "titles.csv"))
    till.run(until(lambda: isinstance(till.dialog, ExportDialog) and till.dialog.go.isEnabled()))
    till.dialog.submit()
    till.run(asyncio.wait_for(asked.wait(), 5))
    till.run(until(lambda: isinstance(till.dialog, ExportDialog)))
    assert [path.name for path in folder.iterdir()] == ["titles.csv.part"]
    till.key(Key.Key_Escape)
    till.run(until(lambda: till.sees("Nothing was written.")))
    assert list(folder.iterdir()) == []


def test_a_folder_that_cannot_be_written_is_told_in_the_question(till: Till, folder: Path) -> None:
    till.sign_in("Sam", "Inventory")
    till.page.start(export_to(till.page, folder / "missing" / "titles.xlsx"))
    till.run(until(lambda: isinstance(till.dialog, ExportDialog) and till.dialog.go.isEnabled()))
    till.key(Key.Key_Return)
    till.run(until(lambda: till.sees("could not be written")))
    till.key(Key.Key_Escape)
    assert till.dialog is None


def test_who_may_not_edit_books_is_not_offered_it(till: Till) -> None:
    till.sign_in("Ana", "Inventory")
    assert not till.sees("Export…")


def test_an_empty_list_is_refused_where_it_was_asked_for(till: Till, folder: Path) -> None:
    till.sign_in("Sam", "Inventory")
    till.type("zzzz")
    till.run(until(lambda: till.page.shown_filter.text == "zzzz"))
    till.page.start(export_to(till.page, folder / "titles.xml"))
    till.run(until(lambda: till.sees("There is nothing to export")))
    assert not list(folder.iterdir())
