"""An import goes on behind the window: its sheet is put aside, told of in a line, and brought back."""

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import Qt
from sqlalchemy import select

from pos_app.errors import PosError
from pos_app.models import BookImport
from pos_app.services import book_undo
from pos_app.services.book import find_by_code
from pos_app.services.book_import import BATCH
from tests.shop import PRIDE
from tests.ui.keyboard import press, until
from tests.ui.test_import import file_of, shown, tried
from tests.ui.till import Till
from ui import dialogs
from ui.import_banner import ImportBanner
from ui.inventory.import_sheet import ImportSheet, import_from
from ui.inventory.page import InventoryPage
from ui.widgets.key_button import KeyButton

Key = Qt.Key
CTRL, ALT = Qt.KeyboardModifier.ControlModifier, Qt.KeyboardModifier.AltModifier
NONE = Qt.KeyboardModifier.NoModifier
CTRL_SHIFT = CTRL | Qt.KeyboardModifier.ShiftModifier
BATCHES = 3
# Storing three batches, or taking them back, on a machine that has other things to do.
PATIENT_S = 30
WRONG = "9780439023482,Wrong digit,x,1,1"

# What the window does with either database is the same.
pytestmark = pytest.mark.parametrize("config", ["sqlite"], indirect=True)


def isbn(number: int) -> str:
    stem = f"978{number:09}"
    return f"{stem}{-sum((1, 3)[place % 2] * int(digit) for place, digit in enumerate(stem)) % 10}"


def lines(count: int = BATCHES * BATCH) -> list[str]:
    """Rows of a file, the second of them wrong."""
    rows = [f"{isbn(number)},Title {number},x,1,1" for number in range(count)]
    return [rows[0], WRONG, *rows[2:]]


class Held:
    """Lets so many batches be written, and others wait."""

    def __init__(self) -> None:
        self.lets = asyncio.Semaphore(1)

    def all(self) -> None:
        for _ in range(BATCHES):
            self.lets.release()


@pytest.fixture
def held(till: Till, monkeypatch: pytest.MonkeyPatch) -> Held:
    """The first batch is written, what comes after it waits until the test lets it."""
    made = Held()
    write = till.shop.app.db.write

    async def wait(act: Callable[..., Any], *, aside: bool = False) -> Any:
        if aside:
            await made.lets.acquire()
        return await write(act, aside=aside)

    monkeypatch.setattr(till.shop.app.db, "write", wait)
    return made


def begun(till: Till, folder: Path) -> ImportSheet:
    """An import whose first batch is stored, its sheet on the screen."""
    sheet = tried(till, file_of(folder, *lines()))

    async def begin() -> None:
        await press(Key.Key_Return)
        await until(lambda: sheet.stored > 0)

    till.run(begin())
    return sheet


def put_aside(till: Till) -> None:
    till.run(press(Key.Key_F2))
    till.run(until(lambda: till.dialog is None))
    till.settle()


def aside(till: Till, folder: Path) -> ImportSheet:
    """An import that was put aside by its key."""
    sheet = begun(till, folder)
    put_aside(till)
    return sheet


def closed(till: Till) -> None:
    till.run(press(Key.Key_Escape))
    till.run(until(lambda: till.dialog is None))
    till.settle()


def bring_back(till: Till, key: Qt.Key = Key.Key_I, modifier: Qt.KeyboardModifier = CTRL_SHIFT) -> None:
    till.run(press(key, modifier))
    till.run(until(lambda: isinstance(till.dialog, ImportSheet) and till.dialog.isActiveWindow()))


def banner(till: Till) -> ImportBanner:
    found = till.window.findChildren(ImportBanner)
    return next(one for one in found if one.isVisibleTo(till.window))


def button(till: Till) -> KeyButton:
    return next(one for one in banner(till).findChildren(KeyButton))


def finished(till: Till) -> list[tuple[int, bool]]:
    found = till.run(
        till.shop.app.db.read(lambda session: session.execute(select(BookImport.rows, BookImport.finished)).all())
    )
    return [(rows, done) for rows, done in found]


async def take_it_over(till: Till) -> None:
    """Go on with the same file as another till: the one that is aside fails."""

    def act(session: Any) -> None:
        session.query(BookImport).update({"rows": 2 * BATCH})

    await till.shop.app.db.write(act)


def there(till: Till, number: int) -> bool:
    try:
        till.run(find_by_code(till.shop.app, isbn(number)))
    except PosError:
        return False
    return True


def test_the_window_is_used_while_an_import_goes_on(till: Till, held: Held, tmp_path: Path) -> None:
    sheet = aside(till, tmp_path)
    till.run(until(lambda: till.sees("Message: autumn-list.csv – Importing… 500 of 1,500")))
    assert till.sees("Show import")
    # A title is looked up, and sold.
    till.type("pride")
    assert till.page.books.rowCount() == 1
    till.scan(PRIDE)
    assert till.page.title == "Checkout"
    till.key(Key.Key_F12)
    till.settle()
    assert till.run(find_by_code(till.shop.app, PRIDE)).stock == 22
    assert till.sees("Message: autumn-list.csv – Importing… 500 of 1,500")
    bring_back(till)
    assert till.dialog is sheet
    assert sheet.back.words == "Cancel"
    put_aside(till)
    assert not there(till, BATCHES * BATCH - 1)
    held.all()
    said = "autumn-list.csv – Imported: 1,499 added, 1 refused."
    till.run(until(lambda: till.sees(f"Message: {said}"), PATIENT_S))
    assert there(till, BATCHES * BATCH - 1)
    # The rows that were refused are still there to be read.
    bring_back(till)
    till.key(Key.Key_6, modifier=ALT)
    assert [row[:2] for row in shown(sheet)] == [["3", "Refused"]]
    closed(till)
    assert not till.sees(said)
    till.key(Key.Key_I, modifier=CTRL_SHIFT)
    assert till.dialog is None


def test_the_list_stands_where_it_stood_when_an_import_has_ended(till: Till, held: Held, tmp_path: Path) -> None:
    sheet = aside(till, tmp_path)
    page = till.page
    assert isinstance(page, InventoryPage)
    till.type("pride")
    till.key(Key.Key_Down)
    before = page.detail.book
    assert before is not None
    page.search.clear()
    till.settle()
    page.live.stop()
    held.all()
    till.run(until(lambda: not sheet.goes_on, PATIENT_S))
    # Told at once, and not by the clock, which is stopped.
    till.run(until(lambda: page.books.rowCount() == 5 + BATCHES * BATCH - 1, PATIENT_S))
    till.settle()
    assert page.detail.book is not None
    assert page.books.row(page.table.currentIndex().row()).id == page.detail.book.id  # type: ignore[union-attr]


def test_escape_stops_it_once_it_is_brought_back(till: Till, held: Held, tmp_path: Path) -> None:
    sheet = aside(till, tmp_path)
    bring_back(till)
    till.run(press(Key.Key_Escape))
    held.lets.release()
    till.run(until(lambda: till.sees("Stopped: 999 added, 1 refused. The same file imported again goes on there.")))
    assert till.dialog is sheet
    assert finished(till) == [(2 * BATCH, False)]


def test_somebody_else_sees_it_and_has_no_hand_in_it(till: Till, held: Held, tmp_path: Path) -> None:
    sheet = aside(till, tmp_path)
    till.key(Key.Key_L, modifier=CTRL)
    assert till.page is None
    till.sign_in("Max", "Inventory")
    assert till.sees("Message: Sam: autumn-list.csv – Importing… 500 of 1,500")
    assert not button(till).isVisible()
    till.key(Key.Key_I, modifier=CTRL_SHIFT)
    assert till.dialog is None
    till.key(Key.Key_I, modifier=CTRL)
    assert till.dialog is None
    assert till.sees("Sam imports autumn-list.csv at this till. Another file can be taken in once that has ended.")
    held.all()
    till.run(until(lambda: not sheet.goes_on, PATIENT_S))
    # What came of it is told to whoever began it.
    assert not till.sees("autumn-list.csv – ")
    till.key(Key.Key_L, modifier=CTRL)
    till.sign_in("Sam", "Orders")
    assert till.sees("Message: autumn-list.csv – Imported: 1,499 added, 1 refused.")
    bring_back(till)
    assert sheet.context is till.page.context
    # Taken back aside as well.
    held.all()
    till.run(press(Key.Key_F9))
    till.run(until(lambda: till.sees("1,499 titles that were added have a history"), PATIENT_S))
    closed(till)


def test_another_file_waits_and_the_first_is_brought_back(till: Till, held: Held, tmp_path: Path) -> None:
    sheet = aside(till, tmp_path)
    bring_back(till, modifier=CTRL)
    assert till.dialog is sheet
    assert till.sees("This import goes on. Another file can be taken in once it has ended.")
    put_aside(till)
    held.all()
    till.run(until(lambda: not sheet.goes_on, PATIENT_S))
    other = tmp_path / "other"
    other.mkdir()
    till.page.start(import_from(till.page, file_of(other, f"{isbn(7)},Title 7,x,1,1")))
    # What came of the first is looked at before the other is.
    till.run(until(lambda: till.dialog is sheet and sheet.isActiveWindow()))
    assert till.sees("Imported: 1,499 added, 1 refused.")
    till.run(press(Key.Key_Escape))
    till.run(until(lambda: till.sees("A dry run: nothing is stored yet."), PATIENT_S))
    assert till.dialog is not sheet


def test_a_till_that_locks_itself_puts_it_aside(till: Till, held: Held, tmp_path: Path) -> None:
    sheet = begun(till, tmp_path)
    till.do(till.window._lock_idle)
    assert (till.page, till.dialog) == (None, None)
    held.all()
    till.run(until(lambda: not sheet.goes_on, PATIENT_S))
    till.sign_in("Sam", "Checkout")
    assert till.sees("Message: autumn-list.csv – Imported: 1,499 added, 1 refused.")


def test_closing_the_program_asks_once_and_stops_between_two_batches(till: Till, held: Held, tmp_path: Path) -> None:
    aside(till, tmp_path)
    till.do(till.window.close)
    assert till.sees("autumn-list.csv – Importing… 500 of 1,500")
    assert till.sees("What is stored stays so, and the same file imported again goes on there. Esc lets it go on.")
    till.key(Key.Key_Escape)
    assert till.dialog is None
    assert not till.window.closed.is_set()
    # Who is not signed in is asked too.
    till.key(Key.Key_L, modifier=CTRL)
    till.do(till.window.close)
    assert till.sees("Close during an import?")

    async def close() -> None:
        await press(Key.Key_D)
        await until(till.window.isHidden)
        held.lets.release()
        await until(till.window.closed.is_set, PATIENT_S)

    till.run(close())
    assert finished(till) == [(2 * BATCH, False)]
    assert till.run(till.shop.findings()) == []


def test_one_that_fails_aside_says_so(till: Till, held: Held, tmp_path: Path) -> None:
    sheet = aside(till, tmp_path)
    till.run(take_it_over(till))
    held.all()
    till.run(until(lambda: not sheet.goes_on, PATIENT_S))
    till.run(until(lambda: till.sees("autumn-list.csv is being imported by somebody else right now.")))
    assert button(till).isVisible()
    bring_back(till)
    assert sheet.message.property("kind") in ("warn", "bad")
    closed(till)


def test_taking_it_all_back_is_stopped_and_goes_on(till: Till, tmp_path: Path) -> None:
    sheet = tried(till, file_of(tmp_path, *lines()))
    till.key(Key.Key_Return)
    assert till.sees("Imported: 1,499 added, 1 refused.")

    async def stop() -> None:
        await press(Key.Key_F9)
        await until(lambda: sheet.goes_on and sheet.how_far[0] > 0)
        assert till.sees("Taking it all back…")
        assert sheet.back.isEnabled()
        await press(Key.Key_Escape)
        await until(lambda: not sheet.goes_on, PATIENT_S)

    till.run(stop())
    till.settle()
    assert till.sees("Message: Stopped: the rest stays as it is. ")
    taken = sum(not till.run(find_by_code(till.shop.app, isbn(n))).active for n in (0, 3, 700, 1400))
    assert 0 < taken < 4
    till.click("Take the rest back")
    assert not till.sees("Take the rest back")
    assert not till.run(find_by_code(till.shop.app, isbn(0))).active
    assert not till.run(find_by_code(till.shop.app, isbn(1400))).active
    closed(till)
    # What is told last is what was done last.
    assert "taken back" in till.page.message.text()


def test_an_import_that_is_taken_back_later_is_stopped_by_escape(till: Till, tmp_path: Path) -> None:
    tried(till, file_of(tmp_path, *lines()))
    till.key(Key.Key_Return)
    closed(till)
    till.key(Key.Key_F10)
    till.key(Key.Key_L)

    async def stop() -> None:
        await press(Key.Key_T)
        till.window.activateWindow()
        await until(lambda: till.sees("done … Esc stops it.") and till.window.isActiveWindow())
        await press(Key.Key_Escape)

    till.run(stop())
    till.settle()
    assert till.sees("Message: Stopped: the rest stays as it is. ")
    assert till.sees("F10, L goes on.")
    till.key(Key.Key_F10)
    till.key(Key.Key_L)
    assert till.sees("An undo was cut off")
    till.key(Key.Key_Return)
    assert till.sees("Message: Undone. ")
    assert not any(till.run(find_by_code(till.shop.app, isbn(number))).active for number in (0, 700, 1400))


def test_the_tabs_count_the_rows_they_show_after_one_that_went_on(till: Till, held: Held, tmp_path: Path) -> None:
    sheet = begun(till, tmp_path)
    till.run(press(Key.Key_Escape))
    held.lets.release()
    till.run(until(lambda: till.sees("Stopped: 999 added, 1 refused.")))
    for counts in (
        {"All": 1500, "New": 1499, "Unchanged": 0, "Refused": 1},
        {"All": 1500, "New": 500, "Unchanged": 999, "Refused": 1},
    ):
        for tab, (name, count) in enumerate(counts.items(), start=1):
            place = {"All": 1, "New": 2, "Changed": 3, "Unchanged": 4, "Refused": 6}[name]
            till.key(Key(Key.Key_0 + place), modifier=ALT)
            assert till.sees(f"{name} {till.page.fmt.count(count)}"), (tab, name)
            assert len(shown(sheet)) == count
        assert till.sees("The list is of the whole file, as it was tried out.")
        till.key(Key.Key_Escape)
        till.run(until(lambda: till.dialog is None))
        held.all()
        sheet = tried(till, file_of(tmp_path, *lines()))
        till.key(Key.Key_Return)


def test_one_that_goes_on_is_not_taken_back_beside_it(till: Till, held: Held, tmp_path: Path) -> None:
    sheet = aside(till, tmp_path)
    for keys in ([(Key.Key_F10, NONE), (Key.Key_L, NONE)], [(Key.Key_Z, CTRL), (Key.Key_T, NONE)]):
        for key, modifier in keys:
            till.run(press(key, modifier))
            till.run(until(lambda: till.dialog is not None and till.dialog.isActiveWindow()))
        till.run(until(lambda: till.dialog is sheet))
        assert till.sees("This goes on. An import can be taken back once it has ended.")
        put_aside(till)
    held.all()
    till.run(until(lambda: not sheet.goes_on, PATIENT_S))
    assert till.sees("autumn-list.csv – Imported: 1,499 added, 1 refused.")
    assert all(till.run(find_by_code(till.shop.app, isbn(number))).active for number in (0, 1400))


def test_one_of_somebody_else_that_goes_on_is_told_of_instead(till: Till, held: Held, tmp_path: Path) -> None:
    aside(till, tmp_path)
    till.key(Key.Key_L, modifier=CTRL)
    till.sign_in("Max", "Inventory")
    till.key(Key.Key_F10)
    till.key(Key.Key_L)
    assert till.sees("Sam imports autumn-list.csv at this till. An import can be taken back once that has ended.")
    held.all()


def test_an_undo_that_goes_on_is_not_offered_as_cut_off(
    till: Till, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    sheet = tried(till, file_of(tmp_path, *lines()))
    till.key(Key.Key_Return)
    lets = asyncio.Semaphore(1)
    write = till.shop.app.db.write

    async def wait(act: Callable[..., Any], *, aside: bool = False) -> Any:
        if getattr(act, "func", None) is book_undo._take:
            await lets.acquire()
        return await write(act, aside=aside)

    monkeypatch.setattr(till.shop.app.db, "write", wait)

    async def begin() -> None:
        await press(Key.Key_F9)
        await until(lambda: sheet.goes_on and sheet.how_far[0] > 0)

    till.run(begin())
    put_aside(till)
    # Neither where it is asked for, nor unasked once somebody has signed in.
    till.key(Key.Key_F10)
    till.run(press(Key.Key_L))
    till.run(until(lambda: till.dialog is sheet))
    assert till.sees("This goes on. An import can be taken back once it has ended.")
    put_aside(till)
    till.key(Key.Key_L, modifier=CTRL)
    till.sign_in("Sam", "Inventory")
    assert till.dialog is None
    for _ in range(BATCHES):
        lets.release()
    till.run(until(lambda: till.sees("1,499 titles that were added have a history"), PATIENT_S))
    assert not sheet.goes_on


@pytest.mark.parametrize(("broken", "key"), [(False, Key.Key_F9), (True, Key.Key_Return)])
def test_two_do_not_go_on_beside_each_other(
    till: Till, held: Held, tmp_path: Path, *, broken: bool, key: Qt.Key
) -> None:
    first = aside(till, tmp_path)
    if broken:
        till.run(take_it_over(till))
    held.all()
    till.run(until(lambda: not first.goes_on, PATIENT_S))
    while not held.lets.locked():
        till.run(held.lets.acquire())
    till.key(Key.Key_L, modifier=CTRL)
    till.sign_in("Max", "Inventory")
    other = tmp_path / "other"
    other.mkdir()
    till.page.start(import_from(till.page, file_of(other, f"{isbn(7000)},Title 7000,x,1,1")))
    till.run(until(lambda: till.sees("A dry run: nothing is stored yet."), PATIENT_S))
    second = till.dialog
    assert isinstance(second, ImportSheet)
    till.run(press(Key.Key_Return))
    till.run(until(lambda: second.goes_on))
    put_aside(till)
    till.key(Key.Key_L, modifier=CTRL)
    till.sign_in("Sam", "Orders")
    assert till.sees(". Max imports autumn-list.csv at this till.")
    bring_back(till)
    till.key(key)
    assert not first.goes_on
    assert till.sees("Max imports autumn-list.csv at this till. This can be done once that has ended.")
    held.all()
    till.run(until(lambda: not second.goes_on, PATIENT_S))
    assert there(till, 7000)
    assert till.run(find_by_code(till.shop.app, isbn(0))).active


def test_an_end_that_nobody_looked_at_waits_where_the_till_locks_itself(till: Till, held: Held, tmp_path: Path) -> None:
    sheet = begun(till, tmp_path)
    held.all()
    till.run(until(lambda: not sheet.goes_on, PATIENT_S))
    till.do(till.window._lock_idle)
    till.sign_in("Sam", "Checkout")
    assert till.sees("Message: autumn-list.csv – Imported: 1,499 added, 1 refused.")
    bring_back(till)
    till.do(till.window._lock_idle)
    till.sign_in("Sam", "Inventory")
    # Nor does another file come before it.
    bring_back(till, modifier=CTRL)
    till.do(till.window._lock_idle)
    assert till.dialog is None
    till.sign_in("Sam", "Checkout")
    bring_back(till)
    till.key(Key.Key_6, modifier=ALT)
    assert [row[:2] for row in shown(sheet)] == [["3", "Refused"]]
    closed(till)
    assert not till.sees("autumn-list.csv – ")
    # One that was only tried out is not kept.
    till.do(lambda: till.window.show_page("Inventory"))
    till.page.start(import_from(till.page, tmp_path / "autumn-list.csv"))
    till.run(until(lambda: till.sees("Nothing would change: the other rows are refused."), PATIENT_S))
    till.do(till.window._lock_idle)
    till.sign_in("Sam", "Checkout")
    assert not till.sees("autumn-list.csv – ")


def faulty(till: Till, monkeypatch: pytest.MonkeyPatch) -> asyncio.Event:
    """The first batch is stored, and what comes after it breaks, once the test lets it; so does a file as a whole."""
    lets, write, written = asyncio.Event(), till.shop.app.db.write, []

    async def fail(act: Callable[..., Any], *, aside: bool = False) -> Any:
        if aside or getattr(act, "func", None) is book_undo._take:
            written.append(act)
            if len(written) > 1:
                await lets.wait()
                raise ZeroDivisionError
        return await write(act, aside=aside)

    async def fail_whole(_acts: Any) -> None:
        await lets.wait()
        raise ZeroDivisionError

    monkeypatch.setattr(till.shop.app.db, "write", fail)
    monkeypatch.setattr(till.shop.app.db, "write_in_steps", fail_whole)
    return lets


def test_an_undo_that_breaks_aside_says_what_is_to_be_done(
    till: Till, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    sheet = tried(till, file_of(tmp_path, *lines()))
    till.key(Key.Key_Return)
    lets = faulty(till, monkeypatch)
    till.run(press(Key.Key_F9))
    till.run(until(lambda: sheet.goes_on))
    put_aside(till)
    lets.set()
    till.run(until(lambda: not sheet.goes_on, PATIENT_S))
    till.run(until(lambda: till.sees("Message: autumn-list.csv – Broken off. F9 takes the rest back.")))
    assert [type(fault) for fault in till.faults] == [ZeroDivisionError]
    till.faults.clear()


@pytest.mark.parametrize(
    ("whole", "said"),
    [
        (False, "Broken off. The same file imported again goes on where it stopped."),
        (True, "Broken off: nothing of the file is stored."),
    ],
)
def test_an_import_that_breaks_aside_says_what_is_stored(
    till: Till, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, *, whole: bool, said: str
) -> None:
    sheet = tried(till, file_of(tmp_path, *lines()[2:]))
    if whole:
        till.key(Key.Key_F7)
    lets = faulty(till, monkeypatch)
    till.run(press(Key.Key_Return))
    till.run(until(lambda: sheet.goes_on))
    put_aside(till)
    lets.set()
    till.run(until(lambda: not sheet.goes_on, PATIENT_S))
    till.run(until(lambda: till.sees(f"Message: autumn-list.csv – {said}")))
    assert there(till, 2) is not whole
    assert [type(fault) for fault in till.faults] == [ZeroDivisionError]
    till.faults.clear()


def test_two_keys_at_once_show_it_once(till: Till, held: Held, tmp_path: Path) -> None:
    sheet = aside(till, tmp_path)
    held.all()
    till.run(until(lambda: not sheet.goes_on, PATIENT_S))
    till.settle()

    async def both() -> None:
        await press(Key.Key_I, CTRL)
        await press(Key.Key_I, CTRL_SHIFT)
        await until(lambda: till.dialog is sheet and sheet.isActiveWindow())

    till.run(both())
    assert list(dialogs._open.values()) == [sheet]
    till.run(press(Key.Key_Escape))
    # What came of it is looked at, then a file is asked for.
    till.run(until(lambda: till.dialog is not sheet))
    till.settle()
    assert sheet not in till.window._imports.sheets


def test_one_whose_page_ends_beneath_it_leaves_nothing_behind(till: Till, tmp_path: Path) -> None:
    sheet = tried(till, file_of(tmp_path, *lines()))
    file = sheet.log._file
    till.run(till.page.close_page())
    assert till.dialog is None
    assert file.closed
