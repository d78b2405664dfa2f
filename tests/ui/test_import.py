"""Import in the inventory: what a file would do is shown first; then it is taken, stopped, or taken back."""

import asyncio
from pathlib import Path

import pytest
from PySide6.QtCore import QMimeData, QPoint, QPointF, Qt, QUrl
from PySide6.QtGui import QDragEnterEvent, QDropEvent
from PySide6.QtWidgets import QApplication, QFileDialog

from pos_app.errors import Refused
from pos_app.services.book import find_by_code
from pos_app.services.book_edit import Change, change_book
from pos_app.services.book_import import BATCH
from tests.shop import KLARA, PRIDE
from tests.ui.keyboard import until
from tests.ui.till import Till
from ui.inventory.import_columns import ColumnsDialog
from ui.inventory.import_sheet import FATES, ImportSheet, import_from
from ui.stock.table import RowsTable
from ui.widgets.key_button import KeyButton
from ui.widgets.sheet import Choices

Key = Qt.Key
CTRL, ALT = Qt.KeyboardModifier.ControlModifier, Qt.KeyboardModifier.AltModifier
HUNGER = "9780439023481"

# What the window does with either database is the same.
pytestmark = pytest.mark.parametrize("config", ["sqlite"], indirect=True)


def file_of(folder: Path, *lines: str, head: str = "isbn,title,author,price,stock") -> Path:
    path = folder / "autumn-list.csv"
    path.write_text("\n".join((head, *lines, "")), encoding="utf-8")
    return path


def opened(till: Till, path: Path) -> ImportSheet:
    till.sign_in("Sam", "Inventory")
    till.page.start(import_from(till.page, path))
    till.run(until(lambda: isinstance(till.dialog, ImportSheet)))
    sheet = till.dialog
    assert isinstance(sheet, ImportSheet)
    return sheet


def tried(till: Till, path: Path) -> ImportSheet:
    sheet = opened(till, path)
    till.run(until(lambda: till.sees("A dry run: nothing is stored yet.")))
    return sheet


def shown(sheet: ImportSheet) -> list[list[str]]:
    """The list, as it says its cells."""
    table = sheet.findChild(RowsTable)
    assert isinstance(table, RowsTable)
    rows = table.rows
    return [[rows.index(row, column).data() for column in range(rows.columnCount())] for row in range(rows.rowCount())]


def price(till: Till, isbn: str) -> int:
    return till.run(find_by_code(till.shop.app, isbn)).price


def test_a_key_asks_for_the_file(till: Till) -> None:
    till.sign_in("Sam", "Inventory")
    till.key(Key.Key_I, modifier=CTRL)
    assert isinstance(till.dialog, QFileDialog)
    till.key(Key.Key_Escape)
    assert till.dialog is None


def test_a_file_can_be_dropped_in(till: Till, tmp_path: Path) -> None:
    till.sign_in("Sam", "Inventory")
    path = file_of(tmp_path, f"{HUNGER},The Hunger Games,Suzanne Collins,8.99,2")
    for paths, taken in (([path, path], False), ([tmp_path], False), ([path], True)):
        dragged = QMimeData()
        dragged.setUrls([QUrl.fromLocalFile(str(one)) for one in paths])
        entering = QDragEnterEvent(
            QPoint(200, 200), Qt.DropAction.CopyAction, dragged, Qt.MouseButton.LeftButton, Qt.KeyboardModifier(0)
        )
        entering.ignore()
        QApplication.sendEvent(till.page, entering)
        assert entering.isAccepted() is taken
    dropping = QDropEvent(
        QPointF(200, 200), Qt.DropAction.CopyAction, dragged, Qt.MouseButton.LeftButton, Qt.KeyboardModifier(0)
    )
    QApplication.sendEvent(till.page, dropping)
    till.run(until(lambda: till.sees("A dry run: nothing is stored yet.")))


def test_what_a_file_would_do_is_shown_row_by_row_before_it_does_it(till: Till, tmp_path: Path) -> None:
    path = file_of(
        tmp_path,
        f"{PRIDE},Pride and Prejudice,Jane Austen,9.49,23",
        f"{HUNGER},The Hunger Games,Suzanne Collins,8.99,4",
        "9780439023482,Wrong digit,x,1,1",
    )
    sheet = tried(till, path)
    rows = shown(sheet)
    assert rows[:2] == [
        ["2", "Changed", PRIDE, "Pride and Prejudice, price 8.99 → 9.49", "9.49"],
        ["3", "New", HUNGER, "The Hunger Games", "8.99"],
    ]
    assert rows[2][:3] == ["4", "Refused", "9780439023482"]
    assert rows[2][3].startswith("Wrong digit, x, 1, 1, ")
    assert "last digit" in rows[2][3]
    till.key(Key.Key_6, modifier=ALT)
    assert [row[1] for row in shown(sheet)] == ["Refused"]
    # What a narrow list cuts is read below it.
    assert till.sees("Row 4: 9780439023482 is mistyped: its last digit should be 1, not 2.")
    assert price(till, PRIDE) == 899
    till.key(Key.Key_Return)
    till.run(until(lambda: till.sees("Imported: 1 added, 1 changed, 1 refused.")))
    assert price(till, PRIDE) == 949
    till.key(Key.Key_F9)
    till.run(until(lambda: till.sees("1 field is again what")))
    assert price(till, PRIDE) == 899
    till.key(Key.Key_Escape)
    till.run(until(lambda: till.dialog is None))


def test_prices_can_stay_and_all_or_none_holds_the_import_back(till: Till, tmp_path: Path) -> None:
    path = file_of(tmp_path, f"{PRIDE},Pride & Prejudice,Jane Austen,9.49,23", "abc,Letters,x,1,1")
    sheet = tried(till, path)
    till.key(Key.Key_F7)
    till.run(until(lambda: till.sees("Rows are refused, so nothing would be stored. F7 takes the others.")))
    till.key(Key.Key_Return)
    assert price(till, PRIDE) == 899
    till.key(Key.Key_F7)
    till.key(Key.Key_F6)
    till.run(until(lambda: [row[3] for row in shown(sheet)][:1] == ["Pride & Prejudice, title → Pride & Prejudice"]))
    till.run(until(lambda: till.sees("A dry run: nothing is stored yet.")))
    till.key(Key.Key_Return)
    till.run(until(lambda: till.sees("Imported: 1 changed, 1 refused.")))
    assert price(till, PRIDE) == 899


def test_columns_of_other_names_are_asked_for_and_remembered(till: Till, tmp_path: Path) -> None:
    path = file_of(tmp_path, f"{HUNGER},The Hunger Games,8.99", head="number,what it is called,price")
    opened(till, path)
    till.run(until(lambda: isinstance(till.dialog, ColumnsDialog)))
    till.key(Key.Key_Return)
    assert till.sees("Choose the column that holds the ISBN.")
    till.key(Key.Key_Down)
    till.key(Key.Key_Tab)
    till.key(Key.Key_Down)
    till.key(Key.Key_Down)
    till.key(Key.Key_Return)
    till.run(until(lambda: till.sees("A dry run: nothing is stored yet.")))
    till.key(Key.Key_Escape)
    till.run(until(lambda: till.dialog is None))
    # What one manager said holds for the others.
    till.sign_in("Max", "Inventory")
    till.page.start(import_from(till.page, path))
    till.run(until(lambda: till.sees("A dry run: nothing is stored yet.")))
    till.key(Key.Key_Return)
    till.run(until(lambda: till.sees("Imported: 1 added.")))
    assert price(till, HUNGER) == 899


def test_a_price_list_is_taken_without_titles(till: Till, tmp_path: Path) -> None:
    path = file_of(tmp_path, f"{PRIDE},9.49", f"{HUNGER},8.99", head="isbn,price")
    opened(till, path)
    till.run(until(lambda: isinstance(till.dialog, ColumnsDialog)))
    till.key(Key.Key_Return)
    till.run(until(lambda: till.sees("A dry run: nothing is stored yet.")))
    till.key(Key.Key_Return)
    till.run(until(lambda: till.sees("Imported: 1 changed, 1 refused.")))
    assert price(till, PRIDE) == 949


def test_one_that_is_stopped_says_so_and_goes_on_later(till: Till, tmp_path: Path) -> None:
    lines = []
    for number in range(8 * BATCH):
        stem = f"978{number:09}"
        check = -sum((1, 3)[place % 2] * int(digit) for place, digit in enumerate(stem)) % 10
        lines.append(f"{stem}{check},Title {number},x,1,1")
    path = file_of(tmp_path, *lines)
    sheet = tried(till, path)
    assert sheet.log.count() == 8 * BATCH

    async def stop() -> None:
        await until(lambda: sheet.stored > 0)
        sheet.back.click()

    till.page.start(stop())
    till.key(Key.Key_Return)
    till.run(until(lambda: till.sees("The same file imported again goes on there.")))
    assert sheet.report is not None
    stored = sheet.report.added
    assert 0 < stored < 8 * BATCH
    assert sheet.message.property("kind") == "warn"
    said = sheet.message.text()
    till.key(Key.Key_Escape)
    till.run(until(lambda: till.dialog is None))
    assert (till.page.message.text(), till.page.message.property("kind")) == (said, "warn")
    till.page.start(import_from(till.page, path))
    till.run(until(lambda: till.sees("A dry run: nothing is stored yet.")))
    assert till.page.message.text() == ""
    till.key(Key.Key_Return)
    till.run(until(lambda: till.sees(f"the first {till.page.fmt.count(stored)} rows were stored already")))


def test_enter_leaves_nothing_while_the_file_is_tried_out(till: Till, tmp_path: Path) -> None:
    sheet = opened(till, file_of(tmp_path, f"{HUNGER},The Hunger Games,Suzanne Collins,8.99,2"))
    assert not sheet.go.isEnabled()
    sheet.back.setFocus()
    till.key(Key.Key_Return)
    assert till.dialog is sheet
    till.run(until(lambda: till.sees("A dry run: nothing is stored yet.")))
    # Gone to once the file is tried out, it is what is meant.
    sheet.back.setFocus()
    till.key(Key.Key_Return)
    till.run(until(lambda: till.dialog is None))


def test_large_counts_leave_their_keys_room(till: Till, tmp_path: Path) -> None:
    sheet = tried(till, file_of(tmp_path, f"{HUNGER},The Hunger Games,Suzanne Collins,8.99,2"))
    choices = sheet.findChild(Choices)
    assert isinstance(choices, Choices)
    for name in FATES:
        choices.say(name, f"{name} 19,940")
    till.settle()
    buttons = choices.findChildren(KeyButton)
    assert len(buttons) == len(FATES)
    assert all(button.width() >= button.sizeHint().width() for button in buttons)


@pytest.mark.parametrize("content", [b"PK\x03\x04 no sheet", b"", b"\x89PNG\r\n\x1a\n"])
def test_a_file_that_is_none_of_titles_is_told(till: Till, tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "a.bin"
    path.write_bytes(content)
    opened(till, path)
    till.run(until(lambda: till.sees("cannot be read")))
    till.run(until(lambda: isinstance(till.dialog, ImportSheet)))
    till.key(Key.Key_Escape)
    till.run(until(lambda: till.dialog is None))


def test_cashiers_take_no_files_in(till: Till) -> None:
    till.sign_in("Ana", "Inventory")
    till.key(Key.Key_I, modifier=CTRL)
    till.run(asyncio.sleep(0))
    assert till.dialog is None
    with pytest.raises(Refused):
        till.run(find_by_code(till.shop.app, HUNGER))
    assert price(till, KLARA)


def test_a_file_whose_rows_are_all_refused_says_so(till: Till, tmp_path: Path) -> None:
    tried(till, file_of(tmp_path, "9780439023482,Wrong digit,x,1,1"))
    assert till.sees("Message: All rows are refused: nothing can be stored. The list says why, row by row.")


def test_a_file_without_names_is_mapped_by_what_stands_first(till: Till, tmp_path: Path) -> None:
    path = file_of(tmp_path, f"{PRIDE},Pride and Prejudice,8.99", head=f"{HUNGER},The Hunger Games,8.49")
    opened(till, path)
    till.run(until(lambda: isinstance(till.dialog, ColumnsDialog)))
    assert till.sees("The file does not name its columns")
    # The ISBN is known by itself, and the keyboard begins at the title.
    till.type("2")
    till.key(Key.Key_Return)
    till.run(until(lambda: till.sees("A dry run: nothing is stored yet.")))
    till.key(Key.Key_Return)
    till.run(until(lambda: till.sees("Imported: 1 added.")))
    assert till.run(find_by_code(till.shop.app, HUNGER)).title == "The Hunger Games"


def test_a_row_says_what_of_it_is_not_taken_beside_what_changes(till: Till, tmp_path: Path) -> None:
    path = file_of(tmp_path, f"{PRIDE},Pride and Prejudice,9.49,soon", head="isbn,title,price,published")
    sheet = tried(till, path)
    assert shown(sheet)[0][3] == (
        "Pride and Prejudice, price 8.99 → 9.49 · Its date of publication, “soon”, cannot be read: left out."
    )
    assert till.sees("Changed 1")


def test_after_an_import_undo_asks_whether_that_is_meant(till: Till, tmp_path: Path) -> None:
    shop = till.shop
    till.run(change_book(shop.app, shop.sam, shop.books[KLARA], {"price": Change(1695, 1795)}))
    sheet = tried(till, file_of(tmp_path, f"{PRIDE},Pride and Prejudice,Jane Austen,9.49,23"))
    till.key(Key.Key_Return)
    till.run(until(lambda: till.sees("Imported: 1 changed.")))
    till.key(Key.Key_Escape)
    till.run(until(lambda: till.dialog is None))
    till.key(Key.Key_Z, modifier=CTRL)
    assert till.sees("You imported autumn-list.csv: ")
    till.key(Key.Key_Return)
    assert till.dialog is None
    assert (price(till, PRIDE), price(till, KLARA)) == (949, 1795)
    till.key(Key.Key_Z, modifier=CTRL)
    till.key(Key.Key_T)
    assert till.sees("The import is taken back: Price of “Pride and Prejudice” is 8.99 again.")
    assert (price(till, PRIDE), price(till, KLARA)) == (899, 1795)
    till.key(Key.Key_Z, modifier=CTRL)
    assert till.dialog is None
    assert till.sees("Undone: Price of “Klara and the Sun” is 16.95 again.")
    till.key(Key.Key_F10)
    till.key(Key.Key_L)
    assert till.sees("There is no import of yours to take back.")
    assert sheet.report is not None


def test_what_was_done_before_an_import_is_undone_alone_and_the_import_under_f10(till: Till, tmp_path: Path) -> None:
    shop = till.shop
    till.run(change_book(shop.app, shop.sam, shop.books[KLARA], {"price": Change(1695, 1795)}))
    tried(till, file_of(tmp_path, f"{PRIDE},Pride and Prejudice,Jane Austen,9.49,23"))
    till.key(Key.Key_Return)
    till.run(until(lambda: till.sees("Imported: 1 changed.")))
    till.key(Key.Key_Escape)
    till.run(until(lambda: till.dialog is None))
    till.key(Key.Key_Z, modifier=CTRL)
    till.key(Key.Key_B)
    assert till.sees("Undone: Price of “Klara and the Sun” is 16.95 again.")
    assert (price(till, PRIDE), price(till, KLARA)) == (949, 1695)
    till.key(Key.Key_F10)
    till.key(Key.Key_L)
    till.key(Key.Key_T)
    assert (price(till, PRIDE), price(till, KLARA)) == (899, 1695)
