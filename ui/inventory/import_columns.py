"""Which of a table's columns holds what."""

from collections.abc import Mapping, Sequence

from PySide6.QtWidgets import QGridLayout, QWidget

from pos_app.exchange.csv_books import COLUMNS, NEEDED, NOTHING, OF_COPIES
from ui.inventory.history_dialog import FIELDS
from ui.widgets.basic import caption, label
from ui.widgets.fields import Choice
from ui.widgets.sheet import Sheet

# As many beside each other: below each other they would be higher than a small screen with large text.
ACROSS = 4
NOT_TAKEN = "Not taken"
NAMES = {"isbn": "ISBN", "active": "On sale"}


class ColumnsDialog(Sheet):
    """One choice for each field; `columns` is what was chosen, "" for what is not taken."""

    def __init__(
        self, names: Sequence[str], chosen: Mapping[str, str], parent: QWidget, *, first: Sequence[str] = ()
    ) -> None:
        """Take the file's columns, and which of them are taken for what; `first` is the row of a file without names."""
        super().__init__("Columns of the file", parent, go="Take them so", width=900)
        self.columns: dict[str, str] = {}
        unnamed = "The file does not name its columns: each is shown with what stands first in it. "
        remembered = "Remembered for every file with {} columns, for everybody in the shop."
        note = label(
            unnamed + remembered.format("as many") if first else remembered.format("the same"),
            "muted",
        )
        note.setWordWrap(True)
        self.body.addWidget(note)
        grid = QGridLayout()
        grid.setHorizontalSpacing(12)
        grid.setVerticalSpacing(4)
        self._choices: dict[str, Choice] = {}
        # Columns without names are told by their numbers, and what stands in them needs the room.
        shown = {
            name: f"{place}: {cell.strip()}" for place, (name, cell) in enumerate(zip(names, first, strict=False), 1)
        }
        for place, what in enumerate(what for what in COLUMNS if what not in OF_COPIES):
            name = NAMES.get(what) or FIELDS.get(what, what.replace("_", " ").capitalize())
            choice = Choice()
            choice.setAccessibleName(name)
            if what not in NEEDED:
                choice.addItem(NOT_TAKEN, NOTHING)
            for column in dict.fromkeys(names):
                if column.strip():
                    choice.addItem(shown.get(column, column)[:60], column)
            choice.setCurrentIndex(choice.findData(chosen.get(what, NOTHING)))
            row, column_place = divmod(place, ACROSS)
            grid.addWidget(caption(name), 2 * row, column_place)
            grid.addWidget(choice, 2 * row + 1, column_place)
            self._choices[what] = choice
        self.body.addLayout(grid)
        # A title is asked for too: what is new needs one.
        asked = next((what for what in (*NEEDED, "title") if what not in chosen), "isbn")
        self._choices[asked].setFocus()

    def submit(self) -> None:
        """Enter: take the columns so."""
        missing = [what for what in NEEDED if not self._choices[what].currentData()]
        if missing:
            self.message.say("Choose the column that holds the ISBN.", "warn")
            self._choices[missing[0]].setFocus()
            return
        self.columns = {what: choice.currentData() or NOTHING for what, choice in self._choices.items()}
        self.accept()
