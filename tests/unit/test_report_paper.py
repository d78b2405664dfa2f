"""X and Z reports as values: what is stored comes back the same, and their papers show every figure."""

import json
from dataclasses import replace
from datetime import UTC, date, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pos_app.domain.report import CashLine, Share, ShiftReport, TaxShare, Totals, from_json
from pos_app.domain.shop import ShopSettings
from pos_app.receipts.report import report_document, report_text
from pos_app.receipts.text import document_text

AMOUNTS = st.integers(-(10**12), 10**12)
COUNTS = st.integers(0, 10**6)
NAMES = st.text(max_size=40)
SHARES = st.builds(Share, NAMES, COUNTS, AMOUNTS)
SEVERAL = st.lists(SHARES, max_size=3).map(tuple)
MOMENTS = st.datetimes(datetime(2000, 1, 1), datetime(2100, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001 - bounds are
TOTALS = st.builds(
    Totals,
    *(COUNTS,) * 5,
    *(AMOUNTS,) * 5,
    SHARES,
    SEVERAL,
    st.lists(st.builds(TaxShare, NAMES, COUNTS, AMOUNTS, AMOUNTS), max_size=2).map(tuple),
    *(SEVERAL,) * 4,
    COUNTS,
    st.none() | COUNTS,
    st.none() | COUNTS,
    SEVERAL,
    SHARES,
    SHARES,
)
REPORTS = st.builds(
    ShiftReport,
    till=st.integers(1, 99),
    number=st.none() | st.integers(1, 10**6),
    opened_at=MOMENTS,
    opened_by=NAMES,
    closed_at=st.none() | MOMENTS,
    closed_by=st.none() | NAMES,
    business_date=st.dates(date(2000, 1, 1), date(2100, 1, 1)),
    currency=st.sampled_from(["GBP", "EUR", "JPY", "TND"]),
    opening_float=AMOUNTS,
    cash_taken=AMOUNTS,
    cash_paid_back=AMOUNTS,
    cash_moves=st.lists(st.builds(CashLine, NAMES, AMOUNTS, NAMES), max_size=3).map(tuple),
    expected=AMOUNTS,
    counted=st.none() | AMOUNTS,
    difference=st.none() | AMOUNTS,
    reason=st.none() | NAMES,
    pieces=st.lists(st.tuples(COUNTS, COUNTS), max_size=4).map(tuple),
    totals=TOTALS,
    next_number=st.none() | COUNTS,
)

DAY = ShiftReport(
    till=2,
    number=218,
    opened_at=datetime(2026, 11, 23, 8, 57, tzinfo=UTC),
    opened_by="Ana",
    closed_at=datetime(2026, 11, 23, 18, 2, tzinfo=UTC),
    closed_by="Sam",
    business_date=date(2026, 11, 23),
    currency="GBP",
    opening_float=10_000,
    cash_taken=27_135,
    cash_paid_back=1_125,
    cash_moves=(CashLine("window cleaner", -1_200, "Ana"),),
    expected=34_810,
    counted=34_822,
    difference=12,
    reason="Rounding in the tip jar",
    pieces=((5_000, 6), (2_000, 2), (1_000, 0), (1, 822)),
    totals=Totals(
        sales=63,
        returns=1,
        exchanges=0,
        voids=0,
        pieces=121,
        takings=80_000,
        net=79_000,
        tax=1_000,
        rounding=0,
        discount=500,
        gift_cards=Share("Gift cards sold", 1, 2_000),
        tenders=(Share("Cash", 40, 26_010), Share("Card", 24, 55_990)),
        taxes=(TaxShare("Books", 0, 74_000, 0), TaxShare("Standard", 200_000, 5_000, 1_000)),
        departments=(Share("Fiction", 100, 74_000), Share("Gifts", 21, 6_000)),
        people=(Share("Ana", 64, 80_000),),
        adjustments=(Share("Line discounts", 3, 500),),
        hours=(Share("14", 64, 80_000),),
        no_sales=2,
        first_number=4_120,
        last_number=4_183,
    ),
)


@settings(max_examples=40)
@given(REPORTS)
def test_a_report_comes_back_as_it_was_stored(report: ShiftReport) -> None:
    assert from_json(json.loads(json.dumps(report.to_json()))) == report


def test_a_z_of_an_older_program_is_still_read() -> None:
    stored = DAY.to_json()
    del stored["next_number"]
    for name in ("days", "cash_in", "cash_out"):
        del stored["totals"][name]
    assert from_json(stored) == DAY


def test_the_average_is_rounded_and_nothing_where_nothing_was_sold() -> None:
    assert DAY.totals.average == 1270
    assert replace(DAY.totals, takings=5, sales=2).average == 3
    assert replace(DAY.totals, takings=-5, sales=2).average == -3
    assert replace(DAY.totals, takings=-100, sales=0).average == 0


@pytest.mark.parametrize("width", [32, 42, 48])
def test_a_zs_paper_shows_every_figure_within_its_width(width: int) -> None:
    text = report_text(DAY, ShopSettings(shop_name="Marlow & Daughters", receipt_width=width))
    lines = text.splitlines()
    assert max(len(line) for line in lines) <= width
    ends = [line.split()[-1] for line in lines if line.strip()]
    for figure in ("800.00", "260.10", "559.90", "20.00", "10.00", "740.00", "60.00", "100.00", "271.35", "-11.25"):
        assert figure in ends
    for line in ("Z report 2-000218", "6 x 50.00", "822 x 0.01", "348.10", "348.22", "Over", "Rounding in the tip jar"):
        assert line in text
    assert "x 10.00" not in text
    assert "004120 - 004183" in text


def test_an_x_says_neither_who_closed_nor_what_was_counted() -> None:
    x = replace(DAY, number=None, closed_at=None, closed_by=None, counted=None, difference=None, reason=None, pieces=())
    text = report_text(x, ShopSettings())
    assert "X report, till 2" in text
    assert "Expected in drawer" in text
    assert "ounted" not in text
    assert "Closed" not in text


@pytest.mark.parametrize(
    ("report", "said"),
    [
        (replace(DAY, counted=None, difference=None, pieces=()), "Not counted"),
        (replace(DAY, counted=None, difference=None, pieces=(), reason="left open"), "Reason: left open"),
        (replace(DAY, counted=34_800, difference=-10), "Short"),
        (replace(DAY, counted=34_810, difference=0, reason=None), "Difference"),
    ],
)
def test_the_paper_says_how_the_count_came_out(report: ShiftReport, said: str) -> None:
    assert said in report_text(report, ShopSettings())


def test_a_copy_says_so_first() -> None:
    assert report_text(DAY, ShopSettings(), copy=True).splitlines()[0].strip() == "*** COPY ***"


@settings(max_examples=40)
@given(REPORTS, st.sampled_from([32, 42, 48]))
def test_no_report_breaks_its_paper(report: ShiftReport, width: int) -> None:
    document = report_document(report, ShopSettings(receipt_width=width))
    assert "\x1b" not in document_text(document)
