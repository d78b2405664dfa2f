"""A manager's reports in the window: chosen by key, drawn, followed to their documents, written and printed."""

import asyncio
import csv
from pathlib import Path

import pytest
import python_calamine
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QFileDialog

from pos_app.domain.sales_report import ReportKind
from pos_app.errors import Unavailable
from pos_app.services import sales_report
from pos_app.services.sign_in import sign_in
from tests.conftest import SetClock
from tests.shop import DARKNESS, PIN, PRIDE
from tests.ui.keyboard import outside, strike, until
from tests.ui.till import Till
from ui.checkout.receipt_dialog import ReceiptDialog
from ui.printers import PrinterDialog
from ui.reports import page
from ui.reports.charts import Chart
from ui.reports.report_view import DocumentsSheet

Key = Qt.Key
ALT, CTRL, SHIFT = (
    Qt.KeyboardModifier.AltModifier,
    Qt.KeyboardModifier.ControlModifier,
    Qt.KeyboardModifier.ShiftModifier,
)

# What the window does with either database is the same.
pytestmark = pytest.mark.parametrize("config", ["sqlite"], indirect=True)


def sell_and_look(till: Till, *isbns: str) -> None:
    till.sign_in("Sam").scan(*isbns)
    till.key(Key.Key_F12)
    till.sign_in("Sam", "Reports")


def choose(till: Till, kind: ReportKind) -> None:
    """F4, then the report's name."""
    till.key(Key.Key_F4)
    choice = till.page._report
    choice.hidePopup()
    choice.setCurrentIndex(choice.findText(kind.words))
    till.run(till.page.tasks.settled())


def look_at_shifts(till: Till) -> None:
    till.page._report.setCurrentIndex(till.page._report.findText(page.SHIFTS))
    till.run(till.page.tasks.settled())


def rows(till: Till) -> list[list[str]]:
    table = till.page._view.rows.rows
    return [
        [str(table.data(table.index(row, column))) for column in range(table.columnCount())]
        for row in range(table.rowCount())
    ]


def test_every_report_is_shown_and_has_its_picture_in_words(till: Till) -> None:
    sell_and_look(till, PRIDE, DARKNESS)
    for kind in set(ReportKind) - {ReportKind.SHIFTS}:
        choose(till, kind)
        view = till.page._view
        assert view.table.kind is kind
        assert view.isVisible()
        drawn = [chart for chart in view.findChildren(Chart) if chart.isVisible()]
        assert [bool(chart.rows) for chart in drawn] == ([True] if view.table.rows and view.table.charted else [])
    till.page._report.setCurrentIndex(0)
    assert not till.page._view.isVisible()
    assert till.sees("Takings £19.98")


def test_sales_by_category_say_pieces_takings_and_share(till: Till) -> None:
    sell_and_look(till, PRIDE, DARKNESS)
    choose(till, ReportKind.CATEGORY)
    assert rows(till) == [["Fiction", "2", "19.98", "100 %"]]
    assert till.sees("Total: Pieces 2, Takings 19.98")
    till.key(Key.Key_2, modifier=ALT)
    till.run(till.page.tasks.settled())
    assert till.sees("Nothing was sold on these days.")
    assert rows(till) == []
    assert not till.page._view.rows.isVisible()


def test_enter_leads_to_the_documents_and_to_the_receipt(till: Till) -> None:
    sell_and_look(till, PRIDE)
    choose(till, ReportKind.BESTSELLERS)
    assert till.page._view.rows.hasFocus()
    till.key(Key.Key_Return)
    till.run(
        until(
            lambda: isinstance(till.dialog, DocumentsSheet) and till.sees("1 document, £8.99 in all. Enter shows one.")
        )
    )
    till.key(Key.Key_Return)
    till.run(until(lambda: isinstance(till.dialog, ReceiptDialog)))
    assert till.sees("1-000001")
    till.key(Key.Key_Escape)
    till.key(Key.Key_Escape)
    assert till.dialog is None


def test_a_row_without_documents_leads_nowhere(till: Till) -> None:
    sell_and_look(till, PRIDE)
    choose(till, ReportKind.STOCK_VALUE)
    till.key(Key.Key_Return)
    assert till.dialog is None
    assert not any(button.isEnabled() for button in till.page._periods.values())


def test_a_title_that_does_not_sell_leads_to_the_inventory(till: Till) -> None:
    sell_and_look(till, PRIDE)
    choose(till, ReportKind.SLOW)
    first = till.page._view.rows.rows.row(0)
    assert not till.page._acts["Documents"].isVisible()
    assert till.page._acts["The title"].isVisible()
    till.key(Key.Key_Return)
    till.run(until(lambda: till.page.title == "Inventory" and till.page.detail.book is not None))
    assert till.page.search.text() == first.cells[2]
    till.run(until(lambda: till.page.detail.book.isbn == first.cells[2]))


def test_a_report_is_written_for_a_spreadsheet_and_on_paper(till: Till, tmp_path: Path) -> None:
    sell_and_look(till, PRIDE)
    choose(till, ReportKind.PERSON)
    view = till.page._view
    paper = view.paper()
    for name in ("people.csv", "people.xlsx", "people.pdf"):
        till.run(till.page.write_report(view.table, paper, tmp_path / name))
        assert till.sees("Written to")
    with (tmp_path / "people.csv").open(encoding="utf-8-sig", newline="") as file:
        assert list(csv.reader(file)) == [
            ["Person", "Documents", "Takings", "A document"],
            ["Sam", "1", "8.99", "8.99"],
            ["Total", "1", "8.99", ""],
        ]
    sheet = python_calamine.CalamineWorkbook.from_path(tmp_path / "people.xlsx").get_sheet_by_index(0).to_python()
    assert sheet[1:] == [["Sam", 1.0, 8.99, 8.99], ["Total", 1.0, 8.99, ""]]
    assert (tmp_path / "people.pdf").read_bytes().startswith(b"%PDF-")
    assert sorted(path.name for path in tmp_path.glob("people*")) == ["people.csv", "people.pdf", "people.xlsx"]
    till.key(Key.Key_E, modifier=CTRL)
    assert isinstance(till.dialog, QFileDialog)
    till.key(Key.Key_Escape)
    till.key(Key.Key_P, modifier=CTRL)
    till.run(until(lambda: isinstance(till.dialog, PrinterDialog)))
    till.key(Key.Key_Escape)


def test_the_trades_week_is_isbn_and_quantity(till: Till) -> None:
    sell_and_look(till, PRIDE)
    choose(till, ReportKind.BESTSELLERS)
    till.key(Key.Key_F9)
    till.run(until(lambda: till.sees("Written to")))
    (path,) = (till.page.app.config.data_dir / "exports").glob("bestsellers-*.csv")
    # The shop's day is a Monday: what was sold today is no part of the last whole week.
    assert (path.name, path.read_text("utf-8").splitlines()) == ("bestsellers-2026-11-21.csv", ["isbn,quantity"])


def test_what_takes_long_is_stopped_by_a_key(till: Till, monkeypatch: pytest.MonkeyPatch) -> None:
    sell_and_look(till, PRIDE)
    choose(till, ReportKind.DAY)
    never = asyncio.Event()

    async def stalled(*_arguments: object, **_named: object) -> None:
        await never.wait()

    monkeypatch.setattr(sales_report._Maker, "_sold", stalled)
    till.page._report.setCurrentIndex(till.page._report.findText(ReportKind.MARGIN.words))
    till.run(until(till.page._acts["Stop"].isVisible))
    till.run(outside(lambda: strike(Key.Key_Escape)))
    till.run(till.page.tasks.settled())
    assert till.sees("Stopped: what is shown is of before.")
    assert till.page._view.table.kind is ReportKind.DAY
    assert till.page._view.isEnabled()
    assert not till.page._acts["Stop"].isVisible()


def test_a_late_answer_never_takes_the_place_of_a_newer(till: Till, monkeypatch: pytest.MonkeyPatch) -> None:
    sell_and_look(till, PRIDE)
    choose(till, ReportKind.DAY)
    real, waits = page.make_report, [asyncio.Event(), asyncio.Event()]

    async def held(*arguments: object, **named: object) -> object:
        # Given up, the first goes on to its end, as a statement does that cannot be stopped.
        first, *rest = waits
        waits[:] = rest
        answer = asyncio.ensure_future(real(*arguments, **named))  # type: ignore[arg-type] # as it was called
        await asyncio.shield(first.wait())
        return await answer

    events = list(waits)
    monkeypatch.setattr(page, "make_report", held)
    stop = till.page._acts["Stop"]
    till.page.choose("Yesterday")
    till.run(until(stop.isVisible))
    till.page.choose("Today")
    # The first is given up by now; the key that stops is the second's.
    till.run(asyncio.sleep(0.2))
    assert stop.isVisible()
    events[1].set()
    till.run(until(lambda: not stop.isVisible()))
    events[0].set()
    till.run(till.page.tasks.settled())
    assert till.page._view.table.total[:3] == ("Total", 1, 899)
    assert till.page.message.text() == ""


def test_a_cashier_sees_no_reports(till: Till) -> None:
    till.sign_in("Ana", "Reports")
    assert not till.page._report.isVisible()
    till.key(Key.Key_F4)
    assert not till.page._view.isVisible()


def bring(till: Till, clock: SetClock, days: int) -> None:
    """Go on to another day, on which Sam signs in anew."""
    clock.forward(days=days)
    till.run(sign_in(till.shop.app, "Sam", PIN))


def test_the_page_opens_at_days_that_have_something(till: Till, clock: SetClock) -> None:
    till.sign_in("Sam").scan(PRIDE)
    till.key(Key.Key_F12)
    bring(till, clock, 1)
    till.sign_in("Sam", "Reports")
    assert [name for name, button in till.page._periods.items() if button.isChecked()] == ["This month"]
    assert till.sees("Takings £8.99")
    # What somebody chose stays, whether or not there is anything.
    till.key(Key.Key_1, modifier=ALT)
    till.key(Key.Key_1, modifier=CTRL)
    till.key(Key.Key_5, modifier=CTRL)
    assert till.sees("Takings £0.00")
    bring(till, clock, 60)
    till.sign_in("Sam", "Reports")
    assert [name for name, button in till.page._periods.items() if button.isChecked()] == ["From – to"]
    assert till.sees("Takings £8.99")


def test_takings_stand_beside_those_of_a_year_before(till: Till, clock: SetClock) -> None:
    till.sign_in("Sam").scan(PRIDE)
    till.key(Key.Key_F12)
    till.sign_in("Sam", "Reports")
    assert till.sees("No takings 364 days before")
    bring(till, clock, 364)
    till.sign_in("Sam").scan(PRIDE, DARKNESS)
    till.key(Key.Key_F12)
    till.sign_in("Sam", "Reports")
    assert till.sees("+122.2 % on 364 days before")
    assert till.page._overview.columns.mark_words == "same weekdays, 364 days before"
    chart = till.page._overview.columns
    assert [row.cells for row in chart.rows] == [("14:00", "19.98", "8.99")]
    assert [row.mark for row in chart.rows] == [899]
    till.key(Key.Key_F6)
    assert till.sees("No takings a year before")
    choose(till, ReportKind.DAY)
    assert till.sees("Beside each day stands the same date of the year before")
    till.key(Key.Key_F6)
    assert till.sees("Beside each day stands the same weekday of the year before, 364 days back.")
    # Months stand beside the same months, so that there is nothing to choose.
    for report in (ReportKind.MONTH, ReportKind.TAX):
        choose(till, report)
        assert not till.page._acts["Same dates"].isVisible()


def test_what_is_drawn_leads_to_its_documents_by_keys(till: Till) -> None:
    sell_and_look(till, PRIDE)
    till.scan(DARKNESS)
    till.key(Key.Key_F12)
    till.sign_in("Sam", "Reports")
    overview = till.page._overview
    assert overview.best.hasFocus()
    for view in (overview.bars, overview.columns):
        till.do(lambda: strike(Key.Key_Tab, SHIFT))
        assert view.hasFocus()
        till.key(Key.Key_Return)
        till.run(until(lambda: till.sees("2 documents, £19.98 in all. Enter shows one.")))
        till.key(Key.Key_Escape)
        assert till.dialog is None
    # Sums and documents come to the same.
    assert till.sees("Takings £19.98")


def test_the_arrows_go_from_day_to_day(till: Till, clock: SetClock) -> None:
    till.sign_in("Sam").scan(PRIDE)
    till.key(Key.Key_F12)
    bring(till, clock, 1)
    till.sign_in("Sam", "Reports")
    till.key(Key.Key_4, modifier=ALT)
    chart = till.page._overview.columns
    till.do(lambda: strike(Key.Key_Tab, SHIFT))
    till.do(lambda: strike(Key.Key_Tab, SHIFT))
    assert (chart.hasFocus(), chart.currentIndex().row()) == (True, 22)
    shown = []
    for key in (Key.Key_Right, Key.Key_Right, Key.Key_Left, Key.Key_Home, Key.Key_Up, Key.Key_Down, Key.Key_End):
        till.key(key)
        shown.append(chart.currentIndex().row())
    assert shown == [23, 23, 22, 0, 0, 1, 23]
    middle = chart.visualRect(chart.model().index(22, 1)).center()
    assert chart.indexAt(middle).row() == 22
    till.do(lambda: QTest.mouseClick(chart.viewport(), Qt.MouseButton.LeftButton, pos=middle))
    assert chart.currentIndex().row() == 22


def test_the_overview_is_printed_as_its_summary(till: Till) -> None:
    sell_and_look(till, PRIDE)
    till.key(Key.Key_P, modifier=CTRL)
    till.run(until(lambda: isinstance(till.dialog, PrinterDialog)))
    till.key(Key.Key_Escape)
    till.key(Key.Key_2, modifier=ALT)
    till.key(Key.Key_P, modifier=CTRL)
    assert till.dialog is None
    assert till.sees("There is nothing to print.")


def test_the_summary_has_every_breakdown(till: Till) -> None:
    sell_and_look(till, PRIDE, DARKNESS)
    choose(till, ReportKind.SUMMARY)
    shown = rows(till)
    assert ["Sales, Documents", "1", "19.98", "", ""] in shown
    assert ["Cash, Tender", "1", "19.98", "", ""] in shown
    assert ["Fiction, Department", "2", "19.98", "", ""] in shown
    assert ["Sam, Person", "1", "19.98", "", ""] in shown
    assert till.sees("Takings: Count 1, Amount 19.98")


def test_what_cannot_be_read_is_said_and_not_shown(till: Till, monkeypatch: pytest.MonkeyPatch) -> None:
    sell_and_look(till, PRIDE)

    async def gone(*_arguments: object, **_named: object) -> None:
        raise Unavailable("database.unreachable")

    with monkeypatch.context() as broken:
        broken.setattr(page, "make_overview", gone)
        broken.setattr(page, "make_report", gone)
        till.key(Key.Key_4, modifier=ALT)
        assert till.sees("Takings –")
        assert till.sees("Not read")
        assert not till.sees("No books sold")
        assert till.page.message.property("kind") == "bad"
        choose(till, ReportKind.TAX)
        assert till.sees("This report could not be read.")
        till.key(Key.Key_Return)
        assert till.dialog is None
        broken.setattr(page, "list_z_reports", gone)
        look_at_shifts(till)
        assert till.sees("The closed shifts could not be read.")
        choose(till, ReportKind.TAX)
    # The way out stands where the rows would.
    till.key(Key.Key_A, modifier=ALT)
    assert not till.sees("This report could not be read.")
    look_at_shifts(till)
    assert not till.sees("The closed shifts could not be read.")
    choose(till, ReportKind.TAX)
    till.key(Key.Key_1, modifier=ALT)
    assert rows(till) != []
    assert till.page.message.text() == ""
