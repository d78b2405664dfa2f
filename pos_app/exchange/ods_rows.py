"""Sheets of OpenDocument (ods) row by row, whatever number of rows and cells a tag stands for."""

from collections.abc import Iterator

from pos_app.exchange.cell import unwrapped
from pos_app.exchange.csv_books import MAX_FIELD
from pos_app.exchange.sheet_part import (
    AS_CSV,
    MOST_CELLS,
    MOST_COLUMNS,
    MOST_IN_ROW,
    MOST_ROWS,
    LocalNames,
    Parts,
    SheetRow,
    TooMuch,
)
from pos_app.exchange.xlsx_rows import number_text

CONTENT = "content.xml"
NUMBERS = ("float", "percentage", "currency")
DAY = len("2026-01-01")
# Names of attributes, whatever their namespace is called.
_REPEATED = ("number-rows-repeated", "number-columns-repeated")


def ods_rows(parts: Parts) -> Iterator[SheetRow]:
    """Give the rows of the first sheet that has anything in it. Raises TooMuch, ExpatError, ValueError."""
    sheet = _Sheet()
    for done in parts.parse(CONTENT, sheet.start, sheet.end, sheet.hear):
        for number, times, cells, lost, fault in sheet.ready:
            for again in range(times):
                yield SheetRow(number + again, cells, lost, fault, done)
        sheet.ready.clear()
        if sheet.over:
            return


class _Sheet:
    """Hears a document's elements, and makes rows of them."""

    def __init__(self) -> None:
        self.ready: list[tuple[int, int, dict[int, str], tuple[int, ...], str | None]] = []
        # A sheet with something in it has come to its end.
        self.over = self._found = False
        self._names = LocalNames()
        self._number, self._rows = 1, 1
        self._cells: dict[int, str] = {}
        self._lost: list[int] = []
        self._column, self._columns = 0, 1
        self._row_size = self._size = self._aside = 0
        self._value = ""
        self._said: list[str] = []
        self._hears = self._error = False
        self._room = MOST_CELLS

    def start(self, name: str, attributes: dict[str, str]) -> None:
        what = self._names[name]
        if what in ("table-cell", "covered-table-cell"):
            self._begin_cell({self._names[key]: value for key, value in attributes.items()})
        elif what == "p":
            self._hears = not self._aside
            if self._said:
                self._add("\n")
        elif what == "table-row":
            self._rows = _times(attributes, self._names, _REPEATED[0])
            self._cells, self._lost, self._column, self._row_size = {}, [], 0, 0
        elif what == "s" and self._hears:
            self._add(" ")
        elif what in ("tab", "line-break") and self._hears:
            self._add("\n")
        elif what == "annotation":
            self._aside += 1
        elif what == "table":
            self._number = 1

    def end(self, name: str) -> None:
        what = self._names[name]
        if what == "p":
            self._hears = False
        elif what in ("table-cell", "covered-table-cell"):
            self._end_cell()
        elif what == "table-row":
            self._end_row()
        elif what == "annotation":
            self._aside -= 1
        elif what == "table":
            self.over = self._found

    def hear(self, text: str) -> None:
        if self._hears and not self._aside:
            self._add(text)

    def _add(self, text: str) -> None:
        if self._size <= MAX_FIELD:
            self._size += len(text)
            self._said.append(text)

    def _begin_cell(self, said: dict[str, str]) -> None:
        self._said.clear()
        self._size = 0
        self._columns = _times(said, self._names, _REPEATED[1])
        kind = said.get("value-type", "")
        self._error = kind == "error" or self._names_error(said)
        if kind in NUMBERS and said.get("value"):
            self._value = number_text(float(said["value"]))
        elif kind == "date":
            self._value = said.get("date-value", "")[:DAY]
        elif kind == "boolean":
            self._value = "True" if said.get("boolean-value") == "true" else "False"
        else:
            self._value = said.get("string-value", "")[: MAX_FIELD + 1]

    @staticmethod
    def _names_error(said: dict[str, str]) -> bool:
        """Whether a formula gave an error, which LibreOffice writes as an empty text that shows one."""
        return "formula" in said and said.get("value-type") == "string" and said.get("string-value") == ""

    def _end_cell(self) -> None:
        text = self._value or "".join(self._said)
        first, self._column = self._column, self._column + self._columns
        if self._error and text.startswith(("#", "Err:")):
            self._lost.append(first)
            return
        text = unwrapped(text.replace("\0", "").strip())
        if not text:
            return
        if self._column > MOST_COLUMNS:
            raise TooMuch(f"it reaches over more than {MOST_COLUMNS:,} columns of cells")
        self._row_size += len(text) * self._columns
        if self._row_size <= MOST_IN_ROW:
            self._cells.update(dict.fromkeys(range(first, self._column), text))

    def _end_row(self) -> None:
        first, self._number = self._number, self._number + self._rows
        if self.over or not (self._cells or self._lost):
            return
        if self._number > MOST_ROWS + 1:
            raise TooMuch(f"it has more than {MOST_ROWS:,} rows")
        self._room -= len(self._cells) * self._rows
        if self._room < 0:
            raise TooMuch(f"it has more than {MOST_CELLS // 1_000_000} million cells: {AS_CSV}")
        self._found = True
        fault = f"the row is longer than {MOST_IN_ROW:,} characters" if self._row_size > MOST_IN_ROW else None
        self.ready.append((first, self._rows, self._cells, tuple(self._lost), fault))


def _times(attributes: dict[str, str], names: LocalNames, wanted: str) -> int:
    """How many rows or cells a tag stands for."""
    for key, value in attributes.items():
        if names[key] == wanted:
            return max(1, int(value[:10]))
    return 1
