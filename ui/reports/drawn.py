"""What of a report is drawn, on the screen and on paper."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from pos_app.domain.sales_report import Figure, ReportColumn, ReportKind, ReportRow, ReportTable, Value
from pos_app.exchange.csv_books import INSIDE
from ui.format import Formatter
from ui.reports.charts import ChartRow
from ui.reports.overview import OTHERS, span_names

IN_TIME = frozenset({ReportKind.DAY, ReportKind.HOUR, ReportKind.MONTH})
# Where a report in time has what stands beside it.
PAST = 3
DRAWN = 6
# Of hundreds: all others together would make the bars too short to compare.
ONE_BY_ONE = frozenset({ReportKind.PUBLISHER, ReportKind.BESTSELLERS, ReportKind.SLOW, ReportKind.LOW_STOCK})
STEP = "\N{NO-BREAK SPACE}" * 4


@dataclass(frozen=True)
class Drawn:
    """A report's picture: columns in time, else bars; `places` says which rows of the report its rows are."""

    title: str
    heads: tuple[str, ...]
    rows: list[ChartRow]
    in_time: bool
    mark_words: str = ""
    places: Sequence[int] = ()


def drawn(fmt: Formatter, table: ReportTable) -> Drawn:
    """Lay out what is drawn: all spans of time, else the first rows, and all others as one, so that the sums agree.

    Of a tree, whose rows stand in its order, the largest come first.
    """
    in_time, head = table.kind in IN_TIME, table.columns[table.charted]
    past = (table.columns[PAST].name.lower(),) if in_time and table.kind is not ReportKind.HOUR else ()
    title = table.kind.words if in_time else f"{table.kind.words}: {head.name.lower()}"
    heads = (table.columns[0].name, head.name.lower(), *past)
    if not table.charted:
        return Drawn(title, heads, [], in_time)
    places = list(range(len(table.rows)))
    if table.kind is ReportKind.CATEGORIES:
        places.sort(key=lambda place: -_size(table.rows[place].cells[table.charted]))
    if not in_time and len(places) > DRAWN + 1:
        del places[DRAWN:]
    shown = [table.rows[place] for place in places]
    rows = [_in_time(fmt, table, row) if in_time else _bar(fmt, table, row) for row in shown]
    whole = table.total[table.charted]
    if len(places) < len(table.rows) and head.figure in (Figure.COUNT, Figure.MONEY) and isinstance(whole, int):
        rest = whole - sum(_size(row.cells[table.charted]) for row in shown)
        size = 0 if table.kind in ONE_BY_ONE else rest
        rows.append(ChartRow(OTHERS, size, (OTHERS, cell_text(fmt, head, rest))))
    return Drawn(title, heads, rows, in_time, past[0] if past else "", places)


def _bar(fmt: Formatter, table: ReportTable, row: ReportRow) -> ChartRow:
    name, value = str(row.cells[0]), row.cells[table.charted]
    cells = (name, cell_text(fmt, table.columns[table.charted], value))
    # What it is inside of would leave the bar no room.
    return ChartRow(name.rpartition(INSIDE)[2], _size(value), cells)


def _in_time(fmt: Formatter, table: ReportTable, row: ReportRow) -> ChartRow:
    value, mark = row.cells[table.charted], None
    cells: tuple[str, ...] = (
        first_text(fmt, table.kind, str(row.cells[0])),
        cell_text(fmt, table.columns[table.charted], value),
    )
    if table.kind is not ReportKind.HOUR:
        past = row.cells[PAST]
        mark = past if isinstance(past, int) else None
        cells += (cell_text(fmt, table.columns[PAST], past),)
    return ChartRow(span_names(fmt, table.kind, str(row.cells[0]))[0], _size(value), cells, mark)


def _size(value: Value) -> int:
    return int(value * 10_000) if isinstance(value, Decimal) else value if isinstance(value, int) else 0


def first_text(fmt: Formatter, kind: ReportKind, name: str) -> str:
    """Say a day or a month as people do, and a category of the tree a step further in than what it is inside of."""
    if kind is ReportKind.DAY:
        return fmt.date(date.fromisoformat(name))
    if kind is ReportKind.MONTH:
        return fmt.month(date.fromisoformat(f"{name}-01"))
    if kind is ReportKind.CATEGORIES:
        return STEP * name.count(INSIDE) + name.rpartition(INSIDE)[2]
    return name


def cell_text(fmt: Formatter, column: ReportColumn, value: Value) -> str:
    """Say a figure as its column means it."""
    if value is None:
        return ""
    if isinstance(value, str):
        return value
    if column.figure is Figure.PERCENT:
        return fmt.percent(round(Decimal(value), 3))
    return fmt.amount(int(value)) if column.figure is Figure.MONEY else fmt.count(int(value))
