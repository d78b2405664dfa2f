"""Which of the system's printers takes a paper."""

from PySide6.QtPrintSupport import QAbstractPrintDialog, QPrintDialog, QPrinter, QPrinterInfo
from PySide6.QtWidgets import QDialog, QWidget

from ui import dialogs
from ui.context import Context
from ui.files import may_choose
from ui.widgets.basic import label
from ui.widgets.sheet import Choices, Sheet

# Printers of Windows that print nothing but ask for a file, anywhere.
_TO_FILE = ("pdf", "xps", "onenote", "fax")
ROWS = 8
# Qt's names for what asks for a file in its print dialog.
FILE_PARTS = ("filename", "fileBrowser")
WRITE_INSTEAD = "Write a PDF instead."


class PrinterDialog(QPrintDialog):
    """Which printer, with copies and pages; shown as every question is. A file is written by Ctrl+E alone."""

    def __init__(self, printer: QPrinter, parent: QWidget) -> None:
        """Take what is set up by the answer."""
        super().__init__(printer, parent)
        self.setOption(QAbstractPrintDialog.PrintDialogOption.PrintToFile, on=False)
        for name in FILE_PARTS:
            # Without a printer Qt leaves them there, and what they open deletes files.
            if (part := self.findChild(QWidget, name)) is not None:
                part.hide()
                part.setEnabled(False)

    def open(self) -> None:  # type: ignore[override] # what every other dialog has
        """Show it without a loop of its own: the print dialog's own way wants to know whom to tell."""
        QDialog.open(self)


class PrinterSheet(Sheet):
    """Which printer, and nothing else: for whoever is not to get at the machine's files."""

    def __init__(self, parent: QWidget, names: list[str], usual: str, instead: str) -> None:
        """Take the printers' names; `instead` says what to do where there are none."""
        super().__init__("Print on", parent, go="Print", width=520)
        self.printers = Choices(names, columns=1, chosen=usual if usual in names else names[0] if names else None)
        self.body.addWidget(self.printers)
        if not names:
            none = label(f"This machine has no printer for sheets of paper. {instead}", "muted")
            none.setWordWrap(True)
            self.body.addWidget(none)
            self.go.hide()
        (self.go if names else self.back).setFocus()

    def submit(self) -> None:
        """Print on the one chosen, where there is one."""
        if self.printers.chosen:
            self.accept()


async def ask_printer(parent: QWidget, context: Context | None, instead: str) -> QPrinter | None:
    """Ask on which printer; None where it is left. Without a context it is not known who asks."""
    printer = QPrinter(QPrinter.PrinterMode.HighResolution)
    if context is not None and may_choose(context, parent):
        given = await dialogs.show(PrinterDialog(printer, parent)) == QDialog.DialogCode.Accepted.value
        return printer if given else None
    sheet = PrinterSheet(parent, printer_names(), QPrinterInfo.defaultPrinterName(), instead)
    if await dialogs.show(sheet) != QDialog.DialogCode.Accepted.value:
        return None
    printer.setPrinterName(sheet.printers.chosen)
    return printer


def printer_names() -> list[str]:
    """Give the system's printers that print on paper."""
    names = QPrinterInfo.availablePrinterNames()
    return [name for name in names if not any(word in name.lower() for word in _TO_FILE)][:ROWS]
