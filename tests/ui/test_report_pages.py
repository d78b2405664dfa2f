"""Reports on paper: whose, of what and of which days on every page, the picture first, no row parted."""

import random
from dataclasses import replace
from datetime import date
from pathlib import Path

import pypdfium2
import pytest
from PySide6.QtWidgets import QApplication

from pos_app.domain.money import currency
from pos_app.domain.sales_report import Figure, ReportColumn, ReportKind, ReportRow, ReportTable
from pos_app.domain.shop import ShopSettings
from ui.format import Formatter
from ui.reports.drawn import DRAWN, drawn
from ui.reports.paper import write_report_pdf
from ui.reports.report_view import table_paper
from ui.style import theme

FMT = Formatter(ShopSettings(shop_name="Hatchet & Quill"), currency("GBP"))
FIRST, LAST = date(2026, 1, 1), date(2026, 3, 31)


def table(kind: ReportKind, count: int) -> ReportTable:
    """Bestsellers or sales by category, so many."""
    rng = random.Random(kind.value)
    rows = tuple(
        ReportRow((f"Title {number} {'of many words ' * rng.randint(0, 9)}".strip(), number, number * 100))
        for number in range(count, 0, -1)
    )
    columns = (ReportColumn("Title"), ReportColumn("Pieces", Figure.COUNT), ReportColumn("Takings", Figure.MONEY))
    pieces = count * (count + 1) // 2
    return ReportTable(kind, FIRST, LAST, columns, rows, ("Total", pieces, pieces * 100), 2, "A note.")


def pages(path: Path) -> list[str]:
    with pypdfium2.PdfDocument(path) as document:
        return [page.get_textpage().get_text_range() for page in document]


@pytest.mark.parametrize("look", ["light", "dark"])
def test_each_page_says_whose_it_is_and_repeats_the_heads(qapp: QApplication, tmp_path: Path, look: str) -> None:
    theme.apply(qapp, look, 150 if look == "dark" else 100)
    try:
        paper = table_paper(FMT, table(ReportKind.CATEGORY, 120))
        assert paper is not None
        write_report_pdf(paper, FMT, tmp_path / "report.pdf")
    finally:
        theme.apply(qapp, "light")
    found = pages(tmp_path / "report.pdf")
    assert len(found) > 2
    for number, text in enumerate(found, 1):
        assert f"Page {number} of {len(found)}" in text
        assert text.count("Hatchet & Quill") == 1
        assert "Sales by category" in text
        assert "31 Mar" in text
        assert "Pieces" in text
    # Every row on one page; the first six are drawn too.
    flat = [" ".join(text.split()) for text in found]
    places = {
        number: [place for place, text in enumerate(flat) if f"Title {number} " in text] for number in range(1, 115)
    }
    assert all(len(pages) == 1 for pages in places.values())
    assert sorted(places, key=lambda number: -number) == sorted(places, key=lambda number: (places[number][0], -number))
    assert "Total: Pieces 7,260, Takings 7,260.00" in flat[-1]
    assert "A note." in found[-1]


def test_what_is_drawn_is_dark_on_white_in_every_look(qapp: QApplication, tmp_path: Path) -> None:
    paper = table_paper(FMT, table(ReportKind.CATEGORY, 30))
    assert paper is not None
    pictures = []
    for look, size in (("light", 100), ("dark", 150)):
        theme.apply(qapp, look, size)
        write_report_pdf(paper, FMT, tmp_path / f"{look}.pdf")
        with pypdfium2.PdfDocument(tmp_path / f"{look}.pdf") as document:
            pictures.append(bytes(document[0].render(scale=1).buffer))
    theme.apply(qapp, "light")
    assert pictures[0] == pictures[1]


def test_the_sums_of_what_is_drawn_are_those_of_the_report() -> None:
    for count in (1, DRAWN, DRAWN + 1, 40):
        made = table(ReportKind.CATEGORY, count)
        shown = drawn(FMT, made)
        assert sum(row.size for row in shown.rows) == made.total[2]
        assert len(shown.rows) == min(count, DRAWN + 1)
        assert (shown.rows[-1].name == "Others") is (count > DRAWN + 1)
        assert list(shown.places) == list(range(DRAWN if count > DRAWN + 1 else count))
    # Rows of a tree stand in its order; the largest are drawn, and lead to their own rows.
    tree = replace(table(ReportKind.CATEGORIES, 9), rows=table(ReportKind.CATEGORIES, 9).rows[::-1])
    assert [tree.rows[place].cells[1] for place in drawn(FMT, tree).places] == [9, 8, 7, 6, 5, 4]
    # Of single titles the others are told, but would make the bars too short to compare.
    others = drawn(FMT, table(ReportKind.BESTSELLERS, 40)).rows[-1]
    assert (others.size, others.cells) == (0, ("Others", "595.00"))
