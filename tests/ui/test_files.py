"""Where files go: nobody at the counter gets at the machine's disk, and nobody writes over the shop's own files."""

from pathlib import Path

import pypdfium2
import pytest
from PySide6.QtCore import Qt
from PySide6.QtPrintSupport import QAbstractPrintDialog, QPrinter, QPrinterInfo
from PySide6.QtWidgets import QFileDialog, QLineEdit, QWidget

from pos_app.errors import Refused
from tests.ui.keyboard import until
from tests.ui.till import Till
from ui.customers.acts import StatementDialog
from ui.files import fresh_file, refuse_target
from ui.guide.window import GuideDialog
from ui.printers import FILE_PARTS, PrinterDialog, PrinterSheet, printer_names

Key = Qt.Key
SHIFT, CTRL = Qt.KeyboardModifier.ShiftModifier, Qt.KeyboardModifier.ControlModifier


sqlite = pytest.mark.parametrize("config", ["sqlite"], indirect=True)


def data_dir(till: Till) -> Path:
    return till.shop.app.config.data_dir


def open_guide(till: Till) -> None:
    till.key(Key.Key_F1, modifier=SHIFT)
    till.run(until(lambda: isinstance(till.dialog, GuideDialog)))
    till.settle()


@sqlite
@pytest.mark.parametrize("name", ["Ana", "Max"])
def test_the_guide_asks_nobody_where_its_pages_go(till: Till, name: str) -> None:
    till.sign_in(name)
    open_guide(till)
    till.key(Key.Key_E, modifier=CTRL)
    assert isinstance(till.dialog, GuideDialog)
    path = data_dir(till) / "papers" / "guide-cashier.pdf"
    assert till.sees(f"It is in {path}")
    assert len(pypdfium2.PdfDocument(path)) > 1
    till.key(Key.Key_P, modifier=CTRL)
    till.run(until(lambda: isinstance(till.dialog, PrinterSheet)))
    till.key(Key.Key_Escape)
    assert isinstance(till.dialog, GuideDialog)


@sqlite
def test_a_cashiers_file_goes_where_the_program_says(till: Till) -> None:
    till.sign_in("Ana", "Customers")
    till.run(until(lambda: till.sees("Rosa Marchetti")))
    till.key(Key.Key_F7)
    till.key(Key.Key_Return)
    till.run(until(lambda: isinstance(till.dialog, StatementDialog)))
    for name in ("statement.pdf", "statement-2.pdf"):
        till.key(Key.Key_E, modifier=CTRL)
        assert isinstance(till.dialog, StatementDialog)
        assert till.sees(f"It is in {data_dir(till) / 'exports' / name}")
    till.key(Key.Key_Escape)


@sqlite
def test_in_front_of_a_kiosk_a_manager_is_not_asked_either(till: Till) -> None:
    till.window.kiosk = True
    till.sign_in("Max", "Inventory")
    till.key(Key.Key_E, modifier=CTRL)
    assert not isinstance(till.dialog, QFileDialog)
    till.key(Key.Key_Escape)
    till.window.kiosk = False


@sqlite
def test_a_manager_writes_over_nothing_of_the_shop_and_deletes_nothing(till: Till, tmp_path: Path) -> None:
    till.sign_in("Max", "Inventory")
    shop_file = data_dir(till) / "settings.xlsx"
    shop_file.parent.mkdir(parents=True, exist_ok=True)
    for target, said in (
        (shop_file, "is among the shop's own files, and nothing was written"),
        (
            data_dir(till).parent / "other.db",
            "is no name for this: nothing was written. Let it end in .xlsx, .csv, .xml",
        ),
    ):
        till.key(Key.Key_E, modifier=CTRL)
        chooser = till.dialog
        assert isinstance(chooser, QFileDialog)
        options = QFileDialog.Option.ReadOnly | QFileDialog.Option.DontUseNativeDialog
        assert chooser.options() & options == options
        till.do(lambda chooser=chooser, target=target: _accept(chooser, target))
        assert till.dialog is None
        assert till.sees(said)
        assert not target.exists()


def _accept(chooser: QFileDialog, target: Path) -> None:
    edit = chooser.findChild(QLineEdit, "fileNameEdit")
    assert isinstance(edit, QLineEdit)
    edit.setText(str(target))
    chooser.accept()


def test_only_exports_and_papers_are_for_people(tmp_path: Path) -> None:
    for folder in ("", "exports", "papers", "backups"):
        (tmp_path / folder).mkdir(exist_ok=True)
    (tmp_path / "exports" / "way").symlink_to(tmp_path)
    for name in ("exports/a.pdf", "papers/a.pdf"):
        refuse_target(tmp_path / name, tmp_path)
    for name in ("a.pdf", "backups/a.pdf", "exports/../a.pdf", "exports/way/a.pdf", "."):
        with pytest.raises(Refused) as refused:
            refuse_target(tmp_path / name, tmp_path)
        assert refused.value.code == "file.of_shop"
    refuse_target(tmp_path.parent / "a.pdf", tmp_path)


def test_what_is_there_keeps_its_name(tmp_path: Path) -> None:
    assert fresh_file(tmp_path, "a.pdf").name == "a.pdf"
    (tmp_path / "a.pdf").touch()
    (tmp_path / "a-2.pdf").touch()
    assert fresh_file(tmp_path, "a.pdf").name == "a-3.pdf"


@sqlite
def test_no_printer_that_is_a_file_is_offered(till: Till, monkeypatch: pytest.MonkeyPatch) -> None:
    there = ["Office", "Microsoft Print to PDF", "Microsoft XPS Document Writer"]
    monkeypatch.setattr(QPrinterInfo, "availablePrinterNames", lambda: there)
    assert printer_names() == ["Office"]
    printer = QPrinter()
    dialog = PrinterDialog(printer, till.window)
    parts = [dialog.findChild(QWidget, name) for name in FILE_PARTS]
    assert not any(part.isEnabled() for part in parts if part is not None)
    assert not dialog.testOption(QAbstractPrintDialog.PrintDialogOption.PrintToFile)
    dialog.deleteLater()
