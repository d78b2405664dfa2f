"""Sums as a spreadsheet reads them: every figure, and no cell that computes."""

import csv
from dataclasses import replace
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pos_app.domain.money import currency
from pos_app.domain.report import Share, Totals
from pos_app.exchange.cell import cell, shown_text
from pos_app.exchange.report_table import write_csv
from pos_app.services.report_summary import summary_table
from tests.unit.test_report_paper import DAY

TODAY = date(2026, 11, 23)


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("Fiction", "Fiction"),
        ("=HYPERLINK(1)", "'=HYPERLINK(1)"),
        ("+44", "'+44"),
        ("-1", "'-1"),
        ("@SUM(A1)", "'@SUM(A1)"),
        ("\t=1", "' =1"),
        ("\r\n=1", "'  =1"),
        ("a=1", "a=1"),
        ("اسماعیل\u200cزاده", "اسماعیل\u200cزاده"),
        ("\u200c=1", "'\u200c=1"),
        (" \u200f =1", "' \u200f =1"),
        ("a\x07b\u202ec", "a b c"),
        ("", ""),
    ],
)
def test_what_would_compute_is_shown_instead(text: str, shown: str) -> None:
    assert cell(text) == shown
    if text.isprintable() or "\u200c" in text:
        assert shown_text(cell(text)) == text


@settings(max_examples=60)
@given(st.text(max_size=30))
def test_no_name_computes_or_breaks_a_row(name: str) -> None:
    totals = replace(DAY.totals, departments=(Share(name, 1, 100),), people=(Share(name, 1, 100),))
    head, *rows = written(totals, "GBP")
    assert all(len(row) == len(head) for row in rows)
    (row,) = [row for row in rows if row[0] == "Department"]
    assert row[2:4] == ["1", "1.00"]
    assert not row[1].lstrip().startswith(("=", "+", "-", "@"))


def test_amounts_are_plain_numbers_of_the_currency() -> None:
    def rows(code: str) -> dict[str, list[str]]:
        return {row[0]: row for row in written(DAY.totals, code)}

    assert rows("GBP")["Takings"] == ["Takings", "", "64", "800.00", "790.00", "10.00"]
    assert rows("JPY")["Takings"][3] == "80000"
    assert rows("TND")["Takings"][3] == "80.000"
    assert rows("GBP")["Tax"] == ["Tax", "Standard · 20 %", "", "60.00", "50.00", "10.00"]


def written(totals: Totals, code: str) -> list[list[str]]:
    """The summary of some sums as it is read from its file."""
    with TemporaryDirectory() as folder:
        path = Path(folder) / "summary.csv"
        write_csv(summary_table(totals, TODAY, TODAY), path, currency(code))
        with path.open(encoding="utf-8-sig", newline="") as file:
            return list(csv.reader(file))
