"""Titles as tables for spreadsheets, CSV and Excel: what `import` reads back as it was."""

import csv
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path

import xlsxwriter

from pos_app.domain.subject import subject_words
from pos_app.exchange.cell import cell
from pos_app.exchange.csv_books import BETWEEN_CODES, NO, YES
from pos_app.exchange.title import AVAILABLE

# Named as the import knows them.
HEAD = (
    "isbn13", "title", "authors", "price", "cost", "stock", "category", "publisher", "published_on", "format",
    "language", "series", "series_number", "shelf", "reorder_at", "sold", "kind", "active", "open_price", "barcodes",
    "tax_rate", "description", "availability", "subjects", "copy_of", "copy_grade", "copy_note",
)  # fmt: skip
# What the guide and other files call some of them; written so where they are asked for so.
ALSO = {"isbn": "isbn13", "author": "authors", "published": "published_on"}
# In a sheet, in letters.
WIDTHS = {"isbn13": 15, "title": 36, "authors": 36, "category": 20, "publisher": 20}
# Excel ends here.
MOST_ROWS = 1_048_575


@dataclass(frozen=True, slots=True)
class TitleRow:
    """One title as a row; amounts in major units, None where there is nothing to say.

    `category` names what it is inside of too; `copy_of` is by what the title is known that a used copy is of.
    """

    isbn: str | None
    title: str
    author: str
    price: Decimal
    cost: Decimal | None
    stock: int
    category: str | None
    publisher: str | None
    published_on: str | None
    format: str | None
    language: str | None
    series: str | None
    series_number: str | None
    shelf: str | None
    reorder_at: int
    sold: int
    kind: str
    active: bool
    open_price: bool
    barcodes: tuple[str, ...]
    tax_rate: str
    description: str | None = None
    availability: str | None = None
    subjects: str | None = None
    copy_of: str | None = None
    copy_grade: str | None = None
    copy_note: str | None = None

    @property
    def cells(self) -> tuple[str | int | Decimal | None, ...]:
        """Its cells in the order of `HEAD`."""
        return (
            self.isbn, self.title, self.author, self.price, self.cost, self.stock, self.category, self.publisher,
            self.published_on, self.format, self.language, self.series, self.series_number, self.shelf,
            self.reorder_at, self.sold, self.kind, YES if self.active else NO, YES if self.open_price else NO,
            BETWEEN_CODES.join(self.barcodes), self.tax_rate, self.description, self.availability or AVAILABLE,
            BETWEEN_CODES.join(subject_words(self.subjects)) or None, self.copy_of, self.copy_grade, self.copy_note,
        )  # fmt: skip


def is_column(name: str) -> bool:
    """Whether a table has such a column."""
    return ALSO.get(name, name) in HEAD


def place_of(name: str) -> int:
    """Give where a column stands among the cells of a row, by either of its names."""
    return HEAD.index(ALSO.get(name, name))


class CsvTable:
    """Writes titles as comma-separated rows; the mark at the beginning has spreadsheets read it as UTF-8."""

    def __init__(self, path: Path, columns: Sequence[str] = HEAD) -> None:
        """Open the file and write the head, with some of its columns. Raises OSError."""
        self._places = [place_of(name) for name in columns]
        self._file = path.open("w", encoding="utf-8-sig", newline="")
        self._rows = csv.writer(self._file)
        self._rows.writerow(columns)

    def write(self, rows: Iterable[TitleRow]) -> None:
        """Write rows; what a spreadsheet would compute is quoted."""
        places = self._places
        self._rows.writerows([_text(cells[place]) for place in places] for cells in (row.cells for row in rows))

    def close(self) -> None:
        """End the file."""
        self._file.close()


class ExcelTable:
    """Writes titles as a sheet: codes and dates as text, amounts and pieces as numbers, and nothing that computes."""

    def __init__(self, path: Path, columns: Sequence[str] = HEAD) -> None:
        """Start the sheet with some of the columns.

        Rows go to disk as they are written, so that their number costs no memory. Raises OSError.
        """
        options = {
            "constant_memory": True,
            "strings_to_formulas": False,
            "strings_to_urls": False,
            "strings_to_numbers": False,
        }
        # Opened here, so that a folder that cannot be written is known before anything is collected for it.
        self._file = path.open("wb")
        self._book = xlsxwriter.Workbook(self._file, options)
        self._sheet = self._book.add_worksheet("Titles")
        self._money = self._book.add_format({"num_format": "0.00"})
        bold = self._book.add_format({"bold": True})
        self._sheet.freeze_panes(1, 0)
        self._places = [place_of(name) for name in columns]
        for column, place in enumerate(self._places):
            self._sheet.set_column(column, column, WIDTHS.get(HEAD[place], 12))
        self._sheet.write_row(0, 0, columns, bold)
        self._next = 1

    def write(self, rows: Iterable[TitleRow]) -> None:
        """Write rows. Raises OverflowError where a sheet holds no more."""
        for row in rows:
            if self._next > MOST_ROWS:
                raise OverflowError
            cells = row.cells
            self._write(self._next, [cells[place] for place in self._places])
            self._next += 1

    def _write(self, place: int, cells: Sequence[str | int | Decimal | None]) -> None:
        for column, value in enumerate(cells):
            if isinstance(value, str):
                self._sheet.write_string(place, column, value)
            elif isinstance(value, Decimal):
                self._sheet.write_number(place, column, value, self._money)
            elif value is not None:
                self._sheet.write_number(place, column, value)

    def close(self) -> None:
        """End the file. Raises OSError."""
        with self._file:
            self._book.close()


def _text(value: str | int | Decimal | None) -> str:
    if value is None:
        return ""
    return cell(value) if isinstance(value, str) else str(value)
