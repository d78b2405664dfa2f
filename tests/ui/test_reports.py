"""Reports as a manager reads them."""

from pathlib import Path

import pytest
import python_calamine
from PySide6.QtCore import Qt
from PySide6.QtGui import QAccessible
from PySide6.QtWidgets import QFileDialog, QLineEdit, QTableView

from pos_app.services.shift import ShiftCount, close_shift, reopen
from pos_app.services.sign_in import sign_in
from tests.conftest import SetClock
from tests.shop import DARKNESS, PIN, PRIDE
from tests.ui.till import Till
from ui.reports.charts import Chart, nice_step
from ui.reports.days_dialog import DaysDialog
from ui.reports.page import SHIFTS
from ui.widgets.key_button import KeyButton

Key = Qt.Key
ALT, CTRL, SHIFT = (
    Qt.KeyboardModifier.AltModifier,
    Qt.KeyboardModifier.ControlModifier,
    Qt.KeyboardModifier.ShiftModifier,
)


def said(till: Till, title: str) -> list[list[str]]:
    """What a chart tells an assistive program: it is a table."""
    (chart,) = [one for one in till.page.findChildren(Chart) if one.accessibleName() == title and one.isVisible()]
    interface = QAccessible.queryAccessibleInterface(chart)
    assert interface.role() == QAccessible.Role.Table
    return cells(chart)


def cells(table: QTableView) -> list[list[str]]:
    """What is read out of a table, row by row."""
    model = table.model()
    return [
        [
            str(model.data(model.index(row, column), Qt.ItemDataRole.AccessibleTextRole))
            for column in range(model.columnCount())
        ]
        for row in range(model.rowCount())
    ]


def look_at(till: Till, report: str) -> None:
    """F4, the report's name, Enter."""
    till.key(Key.Key_F4)
    till.type(report)
    till.key(Key.Key_Return)
    assert till.page._report.currentText() == report


def sell_and_close(till: Till) -> None:
    till.sign_in("Sam").scan(PRIDE, DARKNESS)
    till.key(Key.Key_F12)
    till.scan("1-000001", DARKNESS)
    till.key(Key.Key_F12)
    till.key(Key.Key_F10, modifier=CTRL)
    till.type("8.99")
    till.key(Key.Key_Return)
    till.key(Key.Key_Escape)


def test_the_days_takings_are_summed_and_broken_down(till: Till) -> None:
    sell_and_close(till)
    till.sign_in("Sam", "Reports")
    assert till.sees("Takings £8.99")
    assert till.sees("Sales 1")
    assert till.sees("Returns £10.99")
    assert said(till, "By category") == [["Fiction", "takings 8.99", "share 100 %"]]
    till.click("Yesterday")
    assert till.sees("Nothing was sold on these days")
    assert till.sees("Margin –")
    assert said(till, "By category") == []


def test_a_z_is_looked_at_and_printed_again(till: Till) -> None:
    sell_and_close(till)
    till.sign_in("Sam", "Reports")
    look_at(till, SHIFTS)
    assert cells(till.page._shifts.table)[0][0] == "Z 1-000001, Till 1 · closed by Sam"
    till.key(Key.Key_Return)
    assert till.dialog is not None
    assert till.sees("Z report 1-000001")
    till.key(Key.Key_Escape)
    till.key(Key.Key_P, modifier=CTRL)
    # No printer is set up: it is looked at again.
    assert till.dialog is not None
    assert till.sees("Z report 1-000001")
    till.key(Key.Key_Escape)
    till.click("Yesterday")
    assert till.sees("No shift was closed on these days. Ctrl+F10 at the checkout closes one.")
    till.key(Key.Key_Return)
    assert till.dialog is None


def test_a_cashier_is_told_who_sees_what_was_taken(till: Till) -> None:
    till.sign_in("Ana", "Reports")
    assert till.sees("Managers and admins see what the shop took")
    assert till.sees("No shift was closed on these days")


def test_a_chart_keeps_time_where_nothing_was_sold(till: Till, clock: SetClock) -> None:
    till.sign_in("Sam").scan(PRIDE)
    till.key(Key.Key_F12)
    clock.forward(hours=10)
    till.scan(DARKNESS)
    till.key(Key.Key_F12)
    till.sign_in("Sam", "Reports")
    hours = said(till, "Takings by hour")
    assert [hour[0] for hour in hours] == [f"{hour % 24:02d}:00" for hour in range(14, 25)]
    assert [hours[place][1] for place in (0, 5, -1)] == ["takings 8.99", "takings 0.00", "takings 10.99"]


def test_days_are_chosen_by_typing_them(till: Till, clock: SetClock) -> None:
    till.sign_in("Sam").scan(PRIDE)
    till.key(Key.Key_F12)
    clock.forward(days=1)
    till.run(sign_in(till.shop.app, "Sam", PIN))
    till.scan(DARKNESS)
    till.key(Key.Key_F12)
    till.sign_in("Sam", "Reports")
    assert till.sees("Takings £10.99")
    assert said(till, "Takings by hour") == [["14:00", "takings 10.99"]]
    till.key(Key.Key_6, modifier=ALT)
    assert isinstance(till.dialog, DaysDialog)
    till.type("23.11.26")
    till.key(Key.Key_Tab)
    till.type("2026-11-24")
    till.key(Key.Key_Return)
    assert till.sees("Takings £19.98")
    assert till.sees("£9.99 each")
    assert said(till, "Takings by day") == [["23 Nov 2026", "takings 8.99"], ["24 Nov 2026", "takings 10.99"]]
    assert [button.words for button in till.page.findChildren(KeyButton) if button.isChecked()] == ["From – to"]
    till.key(Key.Key_6, modifier=ALT)
    till.key(Key.Key_Escape)
    assert till.sees("Takings £19.98")
    till.key(Key.Key_2, modifier=ALT)
    assert till.sees("Takings £8.99")


def test_what_is_no_day_is_said_where_it_was_typed(till: Till) -> None:
    till.sign_in("Sam", "Reports")
    till.key(Key.Key_6, modifier=ALT)
    dialog = till.dialog
    assert isinstance(dialog, DaysDialog)
    till.type("31/02/2026")
    till.key(Key.Key_Return)
    assert till.dialog is dialog
    assert dialog.message.text() == "“31/02/2026” is no day. Type it like 23/11/2026."
    till.type("24/11/2026")
    till.key(Key.Key_Return)
    assert dialog.message.text() == "The first day is after the last. Type them the other way round."
    till.key(Key.Key_Escape)
    assert till.sees("Nothing was sold on these days")


def write_shown(till: Till, path: Path) -> None:
    """Ctrl+E, then the file's name."""
    till.key(Key.Key_E, modifier=CTRL)
    chooser = till.dialog
    assert isinstance(chooser, QFileDialog)
    chooser.findChild(QLineEdit).setText(str(path))
    till.do(chooser.accept)
    till.run(till.page.tasks.settled())


def test_the_sums_shown_are_written_for_a_spreadsheet(till: Till, tmp_path: Path) -> None:
    sell_and_close(till)
    till.sign_in("Sam", "Reports")
    (tmp_path / "exports").mkdir(exist_ok=True)
    path = tmp_path / "exports" / "sums.csv"
    write_shown(till, path)
    assert till.sees(f"Message: Written to {path}")
    text = path.read_text(encoding="utf-8-sig")
    assert "Takings,,2,8.99,8.99,0.00" in text
    assert "Department,Fiction,1,8.99,," in text
    till.key(Key.Key_2, modifier=ALT)
    till.key(Key.Key_E, modifier=CTRL)
    assert till.dialog is None
    assert till.sees("There is nothing to write.")


def test_closed_shifts_are_written_by_whoever_sees_them(till: Till, tmp_path: Path) -> None:
    sell_and_close(till)
    till.sign_in("Ana", "Reports")
    # A cashier is not asked where to.
    till.key(Key.Key_E, modifier=CTRL)
    till.run(till.page.tasks.settled())
    (path,) = (tmp_path / "exports").glob("*.xlsx")
    assert till.sees(f"Message: Written to {path}")
    rows = python_calamine.CalamineWorkbook.from_path(path).get_sheet_by_index(0).to_python()
    assert any("Z 1-000001" in row for row in rows)


def test_a_file_that_cannot_be_written_is_told_of(till: Till, tmp_path: Path) -> None:
    sell_and_close(till)
    till.sign_in("Sam", "Reports")
    write_shown(till, tmp_path.parent / "sums.doc")
    assert till.sees("sums.doc is no name for this")


def test_this_tills_shift_so_far_is_shown(till: Till) -> None:
    till.sign_in("Ana").scan(PRIDE)
    till.key(Key.Key_F12)
    till.sign_in("Ana", "Reports")
    till.key(Key.Key_F10, modifier=SHIFT)
    assert till.dialog is not None
    assert till.sees("X report 1")
    till.key(Key.Key_Escape)


def test_a_cashier_gets_no_sums_by_any_way(till: Till) -> None:
    till.sign_in("Ana", "Reports")
    assert not till.sees("Takings £")


def test_a_z_that_was_not_counted_or_is_short_says_so_in_words(till: Till) -> None:
    till.sign_in("Sam").scan(PRIDE)
    till.key(Key.Key_F12)
    till.key(Key.Key_F10, modifier=CTRL)
    till.type("8")
    till.key(Key.Key_Return)
    # Asked once for the reason.
    till.key(Key.Key_Return)
    till.key(Key.Key_Escape)
    opened = till.run(reopen(till.shop.app, till.shop.sam)).shift_opened_at
    # As a shift of an earlier day is closed when nobody did.
    till.run(close_shift(till.shop.app, till.shop.sam, opened, ShiftCount(None)))
    till.sign_in("Sam", "Reports")
    look_at(till, SHIFTS)
    told = [row[-2:] for row in cells(till.page._shifts.table)]
    assert told == [["0.00", "not counted"], ["8.99", "0.99 short"]]


@pytest.mark.parametrize(
    ("span", "unit", "step"),
    [(0, 100, 100), (1, 100, 100), (86_91, 100, 50_00), (25_000, 100, 10_000), (3, 1, 1), (1_234_567, 1, 500_000)],
)
def test_lines_of_a_chart_stand_at_round_amounts(span: int, unit: int, step: int) -> None:
    assert nice_step(span, unit) == step
