"""What the command tells of a file's rows as JSON: all of them, written one by one."""

import json
import tracemalloc
from contextlib import redirect_stdout
from pathlib import Path

import pytest

from pos_app.import_told import RowsTold
from pos_app.services.book_import import ImportReport
from pos_app.services.book_import_row import Fate, RowFate

ROWS = [
    RowFate(2, Fate.NEW, "Klara", "9780593318171", 899),
    RowFate(3, Fate.REFUSED, "x, Wrong", "x", reason="it has no ISBN"),
    RowFate(4, Fate.CHANGED, "Pride", "9780141439518", 949, (("price", 899, 949),)),
    RowFate(5, Fate.UNCHANGED, "Emma", "9780141439587", 799),
]


@pytest.mark.parametrize("dry_run", [True, False])
@pytest.mark.parametrize("rows", [ROWS, ROWS[:1], []])
def test_the_whole_is_json(capsys: pytest.CaptureFixture[str], rows: list[RowFate], *, dry_run: bool) -> None:
    told, report = RowsTold(2, {}, dry_run, as_json=True), ImportReport()
    told.take(rows)
    report.take(rows)
    told.print_report(report)
    told.close()
    said = json.loads(capsys.readouterr().out)
    refused = [row for row in rows if row.fate is Fate.REFUSED]
    assert said["refused"] == [{"line": row.line, "text": row.text, "reason": row.reason} for row in refused]
    assert said["refused_count"] == len(refused)
    assert [(row["line"], row["fate"]) for row in said.pop("rows", [])] == (
        [(row.line, row.fate.value) for row in rows] if dry_run else []
    )


def test_many_refused_rows_are_never_held(tmp_path: Path) -> None:
    told = RowsTold(2, {}, dry_run=True, as_json=True)
    for first in range(0, 10_000, 500):
        told.take([RowFate(first + more, Fate.REFUSED, "x" * 200, reason="y" * 200) for more in range(500)])
    with (tmp_path / "out.json").open("w", encoding="utf-8") as out, redirect_stdout(out):
        tracemalloc.start()
        told.print_report(ImportReport(refused_count=10_000))
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
    told.close()
    assert peak < 2_000_000
    assert len(json.loads((tmp_path / "out.json").read_text(encoding="utf-8"))["rows"]) == 10_000
