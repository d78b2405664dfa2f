"""A scan goes to the sale wherever the focus is; what a person types goes where it was typed."""

import asyncio
from collections.abc import Iterator

import pytest
from PySide6.QtCore import QEvent, Qt
from PySide6.QtGui import QKeyEvent, QKeySequence, QShortcut
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QComboBox, QDialog, QLineEdit, QPushButton, QVBoxLayout, QWidget

from tests.ui.keyboard import Keyboard, focus_window, outside, press, shown, until
from tests.ui.till import Run
from ui import dialogs
from ui.actions import shortcut
from ui.scan_router import ScanRouter


class Counter(QWidget):
    """A window with a field, a list and a button, and a router whose scans are kept."""

    def __init__(self, qt: QApplication) -> None:
        super().__init__()
        self.field, self.list, self.button = QLineEdit(), QComboBox(), QPushButton("Pay")
        self.list.addItems(["Apple", "Banana", "Cherry"])
        layout = QVBoxLayout(self)
        for widget in (self.field, self.list, self.button):
            layout.addWidget(widget)
        self.errors: list[BaseException] = []
        self.scans: list[str] = []
        self.clicks = 0
        self.button.clicked.connect(self._clicked)
        self.router = ScanRouter(qt, self.errors.append)
        self.router.target = self._scanned

    def _clicked(self) -> None:
        self.clicks += 1

    async def _scanned(self, code: str) -> None:
        await asyncio.sleep(0)
        self.scans.append(code)


@pytest.fixture
def keyboard() -> Keyboard:
    return Keyboard()


@pytest.fixture
def counter(run: Run, qapp: QApplication) -> Iterator[Counter]:
    async def opened() -> Counter:
        counter = Counter(qapp)
        await shown(counter)
        counter.field.setFocus()
        return counter

    counter = run(opened())
    yield counter
    run(counter.router.close())
    counter.hide()
    counter.deleteLater()


CODES = [f"97800000{number:05d}" for number in range(40)]


def test_forty_scans_in_a_row_arrive_in_order_and_leave_the_field_empty(
    run: Run, counter: Counter, keyboard: Keyboard
) -> None:
    for code in CODES:
        keyboard.scan(code)
    run(until(lambda: len(counter.scans) == len(CODES)))
    assert counter.scans == CODES
    assert not counter.field.text()
    assert counter.router.idle


def test_a_scan_is_taken_from_a_list_and_from_a_button(run: Run, counter: Counter, keyboard: Keyboard) -> None:
    for widget in (counter.list, counter.button):
        widget.setFocus()
        keyboard.scan(CODES[0])
    run(until(lambda: len(counter.scans) == 2))
    assert counter.list.currentText() == "Apple"
    assert counter.clicks == 0


def test_no_shortcut_of_one_character_can_fire_on_a_scan(run: Run, counter: Counter, keyboard: Keyboard) -> None:
    fired: list[str] = []
    for key in "9=A":
        QShortcut(QKeySequence(key), counter, activated=lambda key=key: fired.append(key))
    keyboard.scan(f"A={CODES[0]}")
    run(until(lambda: bool(counter.scans)))
    run(outside(lambda: QTest.keyClick(focus_window(), "9")))
    run(until(lambda: counter.router.idle))
    assert counter.scans == [f"A={CODES[0]}"]
    assert fired == []


def test_a_shortcut_of_one_character_is_refused(counter: Counter) -> None:
    with pytest.raises(ValueError, match="9"):
        shortcut(counter, "9", counter.close)


def test_thirteen_digits_typed_by_a_person_stay_in_the_field(run: Run, counter: Counter, keyboard: Keyboard) -> None:
    entered: list[str] = []
    counter.field.returnPressed.connect(lambda: entered.append(counter.field.text()))
    keyboard.type("9780141439518\n", 45)
    run(until(lambda: bool(entered)))
    assert entered == ["9780141439518"]
    assert not counter.scans


def test_what_is_typed_before_a_click_stays_in_the_field_it_was_typed_in(
    run: Run, counter: Counter, keyboard: Keyboard
) -> None:
    other = QLineEdit()
    layout = counter.layout()
    assert layout is not None
    layout.addWidget(other)

    def busy() -> None:
        # A stalled program sees the key and the click that follows it one right after the other.
        QTest.keyClick(focus_window(), "9")
        assert counter.router.holding
        where = other.mapTo(counter, other.rect().center())
        QTest.mouseClick(focus_window(), Qt.MouseButton.LeftButton, pos=where)

    run(until(other.isVisible))
    run(outside(busy))
    run(until(lambda: counter.router.idle))
    assert (counter.field.text(), other.text()) == ("9", "")
    assert other.hasFocus()


def test_typing_between_two_scans_goes_to_the_field(run: Run, counter: Counter, keyboard: Keyboard) -> None:
    keyboard.scan(CODES[0])
    keyboard.type("3*", 150)
    keyboard.scan(CODES[1], after_ms=200)
    run(until(lambda: len(counter.scans) == 2))
    assert counter.field.text() == "3*"


def test_a_stalled_window_tears_no_scan_apart(run: Run, counter: Counter, keyboard: Keyboard) -> None:
    async def stalled() -> None:
        keyboard.type(CODES[0][:7], 2)
        await until(lambda: not counter.router.idle)
        loop = asyncio.get_running_loop()
        end = loop.time() + 0.4
        while loop.time() < end:
            pass
        keyboard.type(f"{CODES[0][7:]}\n", 2, after_ms=0)
        await until(lambda: bool(counter.scans or counter.field.text()))

    run(stalled())
    assert counter.scans == [CODES[0]]
    assert not counter.field.text()


def test_held_digits_reach_the_field_before_the_key_that_follows_acts(run: Run, counter: Counter) -> None:
    acted: list[str] = []

    async def typed() -> None:
        for keys in ("F12", "Ctrl+L", "Esc"):
            QShortcut(QKeySequence(keys), counter, activated=lambda: acted.append(counter.field.text()))
        for key, modifiers in (
            (Qt.Key.Key_F12, Qt.KeyboardModifier.NoModifier),
            (Qt.Key.Key_L, Qt.KeyboardModifier.ControlModifier),
            (Qt.Key.Key_Escape, Qt.KeyboardModifier.NoModifier),
        ):
            counter.field.clear()
            await press(Qt.Key.Key_5)
            await press(Qt.Key.Key_0)
            assert not counter.field.text()
            await press(key, modifiers)

    run(typed())
    assert acted == ["50", "50", "50"]


@pytest.mark.parametrize(
    ("key", "left"), [(Qt.Key.Key_Backspace, "5"), (Qt.Key.Key_Home, "50"), (Qt.Key.Key_Left, "50")]
)
def test_an_editing_key_finds_the_held_digits_in_the_field(counter: Counter, run: Run, key: Qt.Key, left: str) -> None:
    async def typed() -> None:
        await press(Qt.Key.Key_5)
        await press(Qt.Key.Key_0)
        await press(key)

    run(typed())
    assert counter.field.text() == left


def test_each_typed_key_arrives_once(run: Run, counter: Counter) -> None:
    async def typed() -> None:
        for letter in "a title":
            await press(Qt.Key.Key_Space if letter == " " else Qt.Key(ord(letter.upper())))
            await asyncio.sleep(0.06)

    run(typed())
    assert counter.field.text() == "a title"


def test_space_presses_a_button_once_however_long_it_is_held(run: Run, counter: Counter) -> None:
    async def held() -> None:
        counter.button.setFocus()
        window = focus_window()
        await outside(lambda: QTest.keyPress(window, Qt.Key.Key_Space))
        for _ in range(4):
            await asyncio.sleep(0.06)
            again = QKeyEvent(QEvent.Type.KeyPress, Qt.Key.Key_Space, Qt.KeyboardModifier.NoModifier, " ", True)  # noqa: FBT003
            QApplication.postEvent(window, again)
        await asyncio.sleep(0.1)
        await outside(lambda: QTest.keyRelease(window, Qt.Key.Key_Space))

    run(held())
    assert counter.clicks == 1


def test_a_letter_typed_into_an_open_list_chooses_from_it(run: Run, counter: Counter) -> None:
    async def typed() -> None:
        counter.list.showPopup()
        await until(lambda: QApplication.activePopupWidget() is not None)
        await press(Qt.Key.Key_C)
        await until(lambda: counter.router.idle)
        await press(Qt.Key.Key_Return)
        await until(lambda: QApplication.activePopupWidget() is None)

    run(typed())
    assert counter.list.currentText() == "Cherry"


def test_scans_wait_while_a_question_is_on_the_screen(run: Run, counter: Counter, keyboard: Keyboard) -> None:
    async def asked() -> None:
        dialog = QDialog(counter)
        answer = asyncio.ensure_future(dialogs.show(dialog))
        await until(dialog.isActiveWindow)
        for code in CODES[:3]:
            keyboard.scan(code)
        await until(lambda: not counter.router.idle)
        await asyncio.sleep(0.05)
        assert not counter.scans
        dialog.accept()
        assert await answer == QDialog.DialogCode.Accepted
        await until(lambda: len(counter.scans) == 3)

    run(asked())
    assert counter.scans == CODES[:3]


def test_a_scan_that_fails_is_told_of_and_the_next_is_taken(run: Run, counter: Counter, keyboard: Keyboard) -> None:
    async def fails_once(code: str) -> None:
        if not counter.errors:
            raise ValueError(code)
        counter.scans.append(code)

    counter.router.target = fails_once
    keyboard.scan(CODES[0])
    keyboard.scan(CODES[1])
    run(until(lambda: bool(counter.errors and counter.scans)))
    assert [str(error) for error in counter.errors] == [CODES[0]]
    assert counter.scans == [CODES[1]]


def test_a_scan_belongs_to_whoever_was_at_the_till_when_it_was_made(
    run: Run, counter: Counter, keyboard: Keyboard
) -> None:
    async def left() -> None:
        held = asyncio.Event()
        hers: list[str] = []

        async def slow(code: str) -> None:
            await held.wait()
            hers.append(code)

        counter.router.target = slow
        for code in CODES[:3]:
            keyboard.scan(code)
        await until(lambda: not counter.router.idle)
        await asyncio.sleep(0)
        QApplication.sendPostedEvents()
        counter.router.target = None
        held.set()
        await counter.router.drained()
        assert hers == CODES[:3]

    run(left())


def test_nobody_at_the_till_means_a_scan_is_beeped_away(run: Run, counter: Counter, keyboard: Keyboard) -> None:
    async def scanned() -> None:
        target, counter.router.target = counter.router.target, None
        keyboard.scan(CODES[0])
        await asyncio.sleep(0.05)
        await until(lambda: counter.router.idle)
        counter.router.target = target
        keyboard.scan(CODES[1])
        await until(lambda: bool(counter.scans))

    run(scanned())
    assert counter.scans == [CODES[1]]


def test_a_barcode_of_four_thousand_characters_is_one_scan(run: Run, counter: Counter, keyboard: Keyboard) -> None:
    keyboard.scan("7" * 4000)
    run(until(lambda: bool(counter.scans)))
    assert counter.scans == ["7" * 4000]
    assert not counter.field.text()
