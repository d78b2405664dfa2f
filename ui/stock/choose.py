"""Which of the titles found by words is meant."""

from collections.abc import Sequence

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QWidget

from pos_app.services.book_search import BookRow
from ui.format import Formatter
from ui.stock.table import Column, RowsTable
from ui.widgets.basic import label
from ui.widgets.sheet import Sheet


class TitleChooser(Sheet):
    """The titles found, the likeliest first; Enter takes the one chosen."""

    def __init__(self, typed: str, found: Sequence[BookRow], fmt: Formatter, parent: QWidget) -> None:
        """Show what was found."""
        super().__init__("Which title?", parent, go="Take it", width=760)
        self.message.hide()
        self.body.addWidget(label(f"Found for “{typed[:60]}”", "muted"))
        self.table = RowsTable(
            "Titles found",
            [
                Column[BookRow]("Title", 0, lambda row: row.title, below=lambda row: row.author),
                Column[BookRow]("ISBN", 146, lambda row: row.isbn or "None"),
                Column[BookRow]("Price", 86, lambda row: fmt.price(row.price, asked=row.open_price), right=True),
                Column[BookRow]("Stock", 76, lambda row: str(row.stock), right=True),
            ],
        )
        self.table.show_rows(found, 0)
        self.body.addWidget(self.table, 1)
        self.table.setFocus(Qt.FocusReason.OtherFocusReason)

    @property
    def chosen(self) -> BookRow | None:
        """The title chosen."""
        row: BookRow | None = self.table.chosen
        return row
