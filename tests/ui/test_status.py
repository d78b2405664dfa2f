"""How a till stands, in the window: findings in words and colours, what went wrong, and a file for whoever helps."""

import logging
import zipfile
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QFileDialog, QLineEdit

from pos_app.doctor import Finding, Level
from pos_app.log import start_log
from tests.ui.till import Till
from ui.models.drawing import MOST_LINES, laid_out, wrapped_height
from ui.settings.status import StatusSection, _summed_up
from ui.style import theme
from ui.style.theme import font

ALT = Qt.KeyboardModifier.AltModifier


def status(till: Till, name: str = "Max") -> StatusSection:
    till.sign_in(name, "Settings")
    till.key(Qt.Key.Key_S, modifier=ALT)
    section = till.page.sections["Status"]
    assert isinstance(section, StatusSection)
    return section


def _name(chooser: QFileDialog, target: Path) -> None:
    """Type a whole path, as a person does."""
    edit = chooser.findChild(QLineEdit, "fileNameEdit")
    assert isinstance(edit, QLineEdit)
    edit.setText(str(target))


def rows(section: StatusSection) -> list[Finding]:
    model = section.findings.rows
    return [model.here(number) for number in range(model.rowCount())]


@pytest.mark.parametrize("config", ["sqlite", "postgresql"], indirect=True)
def test_everything_looked_at_stands_in_words_the_worst_first(till: Till) -> None:
    section = status(till)
    found = rows(section)
    assert {"program", "data folder", "printer", "database", "durability", "clock"} <= {one.subject for one in found}
    assert [one.level for one in found] == sorted((one.level for one in found), reverse=True)
    assert section.summary.text() == f"● {_summed_up(found)[0]}"
    model = section.findings.rows
    assert model.data(model.index(len(found) - 1, 0)) == "Fine"


@pytest.mark.parametrize(
    ("levels", "told"),
    [
        ((Level.OK, Level.OK), ("Everything is fine", "ok")),
        ((Level.OK, Level.WARN), ("1 warning", "warn")),
        ((Level.BAD, Level.WARN, Level.BAD, Level.WARN), ("2 problems · 2 warnings", "bad")),
    ],
)
def test_findings_are_summed_up(levels: tuple[Level, ...], told: tuple[str, str]) -> None:
    assert _summed_up([Finding(level, "disk", "full") for level in levels]) == told


def test_a_problem_is_told_with_what_to_do_and_is_gone_once_it_is_mended(till: Till, tmp_path: Path) -> None:
    till.shop.app.printing.printer = f"file:{tmp_path / 'nowhere' / 'lp0'}"
    section = status(till)
    worst = rows(section)[0]
    assert (worst.level, worst.subject) == (Level.BAD, "printer")
    assert "1 problem" in section.summary.text()
    assert "Connect the printer, or change the setting." in section._whole.text()
    (tmp_path / "nowhere").mkdir()
    till.key(Qt.Key.Key_F5)
    assert "problem" not in section.summary.text()


def test_what_went_wrong_lately_is_listed_with_its_number_the_newest_first(
    till: Till, caplog: pytest.LogCaptureFixture
) -> None:
    root, path = logging.getLogger(), till.shop.app.config.log_file
    before, level = list(root.handlers), root.level
    assert start_log(path)
    try:
        logging.getLogger("pos_app").warning("the printer is slow")
        logging.getLogger("pos_app").error("fault 12ab34cd\nTraceback\nValueError: odd")
    finally:
        for handler in [one for one in root.handlers if one not in before]:
            root.removeHandler(handler)
            handler.close()
        root.setLevel(level)
    section = status(till)
    model = section.events.rows
    assert [model.here(number).text for number in range(2)] == ["fault 12ab34cd", "the printer is slow"]
    assert "ValueError: odd" in str(model.data(model.index(0, 1)))
    assert "omething went wrong lately" in section.summary.text()
    assert section.summary.property("kind") != "ok"
    assert str(path) in section._log.text()


def test_sentences_take_the_lines_they_need_also_where_text_is_large(till: Till, qapp: QApplication) -> None:
    theme.apply(qapp, "light", 150)
    try:
        till.window.resize(1024, 768)
        section = status(till)
        table = section.findings
        column = table.rows.columns[1]
        assert column.below is not None
        heights = set()
        for number, row in enumerate(rows(section)):
            needed = wrapped_height(column.text(row), column.below(row), table.columnWidth(1) - 20)
            assert table.rowHeight(number) >= needed
            heights.add(table.rowHeight(number))
        assert len(heights) > 1
        long = "/srv/" + "a-folder-with-a-name/" * 60
        assert laid_out(long, font(14), 200)[0].lineCount() == MOST_LINES
    finally:
        theme.apply(qapp, "light", 100)


def test_a_log_without_faults_says_so(till: Till) -> None:
    section = status(till)
    assert "Nothing went wrong, as far as is known" in section._log.text()


def test_diagnostics_are_packed_where_somebody_says(till: Till, tmp_path: Path) -> None:
    section = status(till)
    till.key(Qt.Key.Key_F6)
    chooser = till.dialog
    assert isinstance(chooser, QFileDialog)
    assert "bookstore-pos-till1-" in chooser.selectedFiles()[0]
    (tmp_path / "exports").mkdir(exist_ok=True)
    target = tmp_path / "exports" / "help.zip"
    till.do(lambda: (_name(chooser, target), chooser.accept()))
    assert f"{target} says how this till stands" in section.message.text()
    with zipfile.ZipFile(target) as packed:
        assert {"about.json", "doctor.json", "settings.json", "database.json"} <= set(packed.namelist())


def test_a_place_that_takes_no_file_is_told(till: Till, tmp_path: Path) -> None:
    section = status(till)
    (tmp_path / "exports").mkdir(exist_ok=True)
    target = tmp_path / "exports" / "there.zip"
    till.key(Qt.Key.Key_F6)
    chooser = till.dialog
    assert isinstance(chooser, QFileDialog)

    def answer() -> None:
        _name(chooser, target)
        chooser.accept()
        # Somebody else is quicker.
        target.write_text("kept")

    till.do(answer)
    assert "is there already" in section.message.text()
    assert target.read_text() == "kept"


def test_a_cashier_sees_it_and_sends_nothing(till: Till) -> None:
    section = status(till, "Ana")
    assert rows(section)
    till.key(Qt.Key.Key_F6)
    assert till.dialog is None
