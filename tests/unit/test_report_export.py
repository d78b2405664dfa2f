"""Sums as a spreadsheet reads them: every figure, and no cell that computes."""

import csv
import io
from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pos_app.domain.money import currency
from pos_app.domain.report import Share
from pos_app.exchange.csv_totals import HEAD, cell, totals_csv
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
        ("", ""),
    ],
)
def test_what_would_compute_is_shown_instead(text: str, shown: str) -> None:
    assert cell(text) == shown


@settings(max_examples=60)
@given(st.text(max_size=30))
def test_no_name_computes_or_breaks_a_row(name: str) -> None:
    totals = replace(DAY.totals, departments=(Share(name, 1, 100),), people=(Share(name, 1, 100),))
    rows = list(csv.reader(io.StringIO(totals_csv(totals, TODAY, TODAY, currency("GBP")))))
    assert all(len(row) == len(HEAD) for row in rows)
    (row,) = [row for row in rows if row[0] == "Department"]
    assert row[2:4] == ["1", "1.00"]
    assert not row[1].lstrip().startswith(("=", "+", "-", "@"))


def test_amounts_are_plain_numbers_of_the_currency() -> None:
    def rows(code: str) -> dict[str, list[str]]:
        text = totals_csv(DAY.totals, TODAY, TODAY, currency(code))
        return {row[0]: row for row in csv.reader(io.StringIO(text))}

    assert rows("GBP")["Takings"] == ["Takings", "", "64", "800.00", "790.00", "10.00"]
    assert rows("JPY")["Takings"][3] == "80000"
    assert rows("TND")["Takings"][3] == "80.000"
    assert rows("GBP")["Tax"] == ["Tax", "Standard 20 %", "", "60.00", "50.00", "10.00"]
    assert rows("GBP")["Business days"][1] == "2026-11-23 to 2026-11-23"
