"""A manager's report as a file for a spreadsheet: amounts in major units with a full stop, whatever the locale."""

import csv
from collections.abc import Sequence
from decimal import Decimal
from pathlib import Path

import xlsxwriter

from pos_app.domain.money import Currency
from pos_app.domain.sales_report import Figure, ReportColumn, ReportTable, Value
from pos_app.exchange.cell import cell


def write_csv(table: ReportTable, path: Path, money: Currency) -> None:
    """Write the rows and their sum; the mark at the beginning has spreadsheets read it as UTF-8. Raises OSError."""
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        rows = csv.writer(file)
        rows.writerow(column.name for column in table.columns)
        for cells in _lines(table):
            rows.writerow(_text(value, column, money) for value, column in zip(cells, table.columns, strict=True))


def write_excel(table: ReportTable, path: Path, money: Currency) -> None:
    """Write the rows and their sum as a sheet; codes are text, and nothing computes. Raises OSError."""
    with path.open("wb") as file:
        book = xlsxwriter.Workbook(file, {"strings_to_formulas": False, "strings_to_urls": False})
        sheet = book.add_worksheet(table.kind.words[:31])
        bold = book.add_format({"bold": True})
        shown = {
            Figure.MONEY: book.add_format({"num_format": "#,##0." + "0" * money.digits if money.digits else "#,##0"}),
            Figure.PERCENT: book.add_format({"num_format": "0.0 %"}),
            Figure.COUNT: book.add_format({"num_format": "#,##0"}),
        }
        sheet.freeze_panes(1, 0)
        sheet.set_column(0, 0, 36)
        sheet.set_column(1, len(table.columns) - 1, 16)
        sheet.write_row(0, 0, [column.name for column in table.columns], bold)
        for row, cells in enumerate(_lines(table), 1):
            for place, (value, column) in enumerate(zip(cells, table.columns, strict=True)):
                if isinstance(value, str):
                    sheet.write_string(row, place, value)
                elif value is not None:
                    number = Decimal(value).scaleb(-money.digits) if column.figure is Figure.MONEY else value
                    sheet.write_number(row, place, number, shown[column.figure])
        book.close()


def _lines(table: ReportTable) -> Sequence[tuple[Value, ...]]:
    return [*(row.cells for row in table.rows), table.total]


def _text(value: Value, column: ReportColumn, money: Currency) -> str:
    if value is None:
        return ""
    if isinstance(value, str):
        return cell(value)
    if column.figure is Figure.MONEY:
        return f"{Decimal(value).scaleb(-money.digits):.{money.digits}f}"
    return f"{value:.4f}" if isinstance(value, Decimal) else str(value)
