"""A manager's reports: each sums the documents up to the cent, and leads to them."""

import asyncio
import threading
from collections.abc import AsyncIterator
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path

import pytest
import pytest_asyncio
from sqlalchemy import text, update
from sqlalchemy.orm import Session

from pos_app.database import READERS
from pos_app.domain.kinds import BookKind
from pos_app.domain.payment import PaymentIn, Tender
from pos_app.domain.sales_report import (
    WITHOUT_DOCUMENTS,
    Compare,
    Figure,
    ReportKind,
    ReportTable,
    months,
    shared_out,
    trade_week,
)
from pos_app.errors import Refused, Unavailable
from pos_app.models import Book, TaxRate
from pos_app.services import cart, order, sales_report
from pos_app.services.cart_price import discount_line
from pos_app.services.cart_return import find_return, take_back
from pos_app.services.category import category_tree, keep_category
from pos_app.services.gift_card import sell_gift_card
from pos_app.services.order_void import void_sale
from pos_app.services.report import list_z_reports, newest_business_day, takings, takings_of_months
from pos_app.services.sales_documents import list_documents
from pos_app.services.sales_overview import make_overview
from pos_app.services.sales_report import make_report
from pos_app.services.sales_report_export import export_report, export_trade_week, week_file, weeks_of_trade
from pos_app.services.shift import ShiftCount, close_shift, reopen
from pos_app.services.training import begin_training
from tests.conftest import SetClock
from tests.shop import DARKNESS, KLARA, PRIDE, SAPIENS, Shop

FIRST, LAST = date(2026, 11, 23), date(2026, 11, 25)


async def next_shift(shop: Shop) -> None:
    """Close the shift that is open, and open that of the day it is."""
    await close_shift(shop.app, shop.sam, shop.sam.shift_opened_at, ShiftCount(None))
    for name, person in shop.people.items():
        shop.people[name] = await reopen(shop.app, person)


@pytest_asyncio.fixture
async def traded(shop: Shop, clock: SetClock) -> AsyncIterator[Shop]:
    """Two days of sales, a discount, a return, a void and a card payment."""

    def know(session: Session) -> None:
        session.execute(update(Book).where(Book.isbn == PRIDE).values(cost=500, publisher="Penguin"))
        session.execute(update(Book).where(Book.isbn == KLARA).values(cost=900, publisher="Faber"))

    await shop.app.db.write(know)
    await shop.sell(PRIDE, PRIDE, KLARA)
    view = await cart.open_cart(shop.app, shop.sam)
    view = await cart.add_scan(shop.app, shop.sam, view.id, DARKNESS)
    view = await discount_line(shop.app, shop.sam, view.id, view.lines[0].key, Decimal("0.1"), "Damaged")
    await order.pay(shop.app, shop.sam, order.PayRequest.of(view, shop.payment(view.due, Tender.CARD)))
    clock.forward(days=1, hours=3)
    await next_shift(shop)
    sold = await shop.sell(PRIDE)
    view = await cart.open_cart(shop.app, shop.ana)
    found = await find_return(shop.app, "1-000001", view.id)
    view = await take_back(shop.app, shop.ana, view.id, found.lines[0].item_id, 1)
    parts = [PaymentIn(shop.app.ids.new(), part.tender, -part.amount) for part in view.refunds]
    await order.pay(shop.app, shop.ana, order.PayRequest.refund(view, *parts))
    await void_sale(shop.app, shop.sam, sold.number, "Wrong customer")
    yield shop


async def made(shop: Shop, kind: ReportKind, first: date = FIRST, last: date = LAST) -> ReportTable:
    return await make_report(shop.app, shop.sam, kind, first, last)


def column(table: ReportTable, name: str) -> list[object]:
    place = [one.name for one in table.columns].index(name)
    return [row.cells[place] for row in table.rows]


def test_days_are_cut_into_months() -> None:
    assert list(months(date(2025, 12, 30), date(2026, 2, 3))) == [
        (date(2025, 12, 30), date(2025, 12, 31)),
        (date(2026, 1, 1), date(2026, 1, 31)),
        (date(2026, 2, 1), date(2026, 2, 3)),
    ]
    assert list(months(date(2026, 2, 1), date(2026, 1, 1))) == []
    assert list(months(date(2025, 2, 10), date(2025, 9, 3), 3)) == [
        (date(2025, 2, 10), date(2025, 4, 30)),
        (date(2025, 5, 1), date(2025, 7, 31)),
        (date(2025, 8, 1), date(2025, 9, 3)),
    ]


@pytest.mark.parametrize("after", range(1, 8))
def test_the_trades_week_is_sunday_to_saturday(after: int) -> None:
    first, last = trade_week(date(2026, 11, 21) + timedelta(days=after))
    assert (first, last) == (date(2026, 11, 15), date(2026, 11, 21))


async def test_every_report_is_made_with_and_without_documents(traded: Shop) -> None:
    for kind in ReportKind:
        seen: list[tuple[int, int]] = []
        table = await make_report(
            traded.app, traded.sam, kind, FIRST, LAST, progress=lambda *at, seen=seen: seen.append(at)
        )
        assert all(len(row.cells) == len(table.columns) for row in table.rows)
        assert len(table.total) == len(table.columns)
        assert table.charted == 0 or table.columns[table.charted].figure is not Figure.TEXT
        assert all(done <= whole for done, whole in seen)
        empty = await made(traded, kind, date(2020, 1, 1), date(2020, 2, 1))
        assert len(empty.total) == len(table.columns)
        if kind is not ReportKind.SHIFTS:
            with pytest.raises(Refused, match=r"right\.missing"):
                await make_report(traded.app, traded.ana, kind, FIRST, LAST)


async def test_takings_are_the_documents_to_the_cent(traded: Shop) -> None:
    totals = await takings(traded.app, traded.sam, FIRST, LAST)
    for kind in (ReportKind.DAY, ReportKind.HOUR, ReportKind.MONTH, ReportKind.PERSON):
        table = await made(traded, kind)
        assert sum(column(table, "Takings")) == table.total[2] == totals.takings  # type: ignore[arg-type] # numbers
        assert sum(column(table, "Documents")) == table.total[1] == totals.documents  # type: ignore[arg-type] # numbers


async def test_lines_tenders_and_taxes_are_the_documents_too(traded: Shop) -> None:
    totals = await takings(traded.app, traded.sam, FIRST, LAST)
    for kind in (ReportKind.CATEGORY, ReportKind.PUBLISHER, ReportKind.BESTSELLERS, ReportKind.CATEGORIES):
        assert sum(column(await made(traded, kind), "Takings")) + totals.rounding == totals.takings  # type: ignore[arg-type] # numbers
    assert (await made(traded, ReportKind.TENDER)).total[2] == sum(one.amount for one in totals.tenders)
    assert (await made(traded, ReportKind.TAX)).total[2:4] == (totals.net, totals.tax)


async def test_days_without_sales_stand_in_their_turn(traded: Shop) -> None:
    table = await made(traded, ReportKind.DAY)
    assert column(table, "Day") == ["2026-11-23", "2026-11-24", "2026-11-25"]
    assert column(table, "Takings") == [899 * 2 + 1695 + 989, -899, 0]


async def test_takings_stand_beside_those_of_a_year_before(traded: Shop, clock: SetClock) -> None:
    first, last = date(2027, 11, 1), date(2027, 11, 30)
    clock.forward(days=365)
    await next_shift(traded)
    await traded.sell(PRIDE)
    table = await made(traded, ReportKind.MONTH, first, last)
    before = 899 * 2 + 1695 + 989 - 899
    assert [row.cells for row in table.rows] == [("2027-11", 1, 899, before, Decimal(899 - before) / before)]
    for compare, ahead in ((Compare.DATES, 0), (Compare.WEEKDAYS, -1)):
        days = await make_report(traded.app, traded.sam, ReportKind.DAY, first, last, compare=compare)
        assert days.columns[3].name == compare.beside.capitalize()
        assert days.note == compare.note
        # Monday 23 November 2026 stands beside the 23rd, a Tuesday, or beside Monday 22 November 2027.
        assert days.rows[22 + ahead].cells[1:4] == (0, 0, 899 * 2 + 1695 + 989)
        assert days.rows[23 + ahead].cells[3] == -899
        assert days.rows[23].cells[:3] == ("2027-11-24", 1, 899)
        assert days.total[:4] == ("Total", 1, 899, before)
    # A range longer than a year has its own days before it.
    years = await made(traded, ReportKind.MONTH, date(2026, 11, 1), last)
    assert (years.rows[0].cells[:4], years.rows[-1].cells[:4]) == (
        ("2026-11", 5, before, 0),
        ("2027-11", 1, 899, before),
    )


async def test_bestsellers_are_what_stayed_sold(traded: Shop) -> None:
    table = await made(traded, ReportKind.BESTSELLERS)
    assert [(row.cells[0], row.cells[3]) for row in table.rows] == [
        ("Klara and the Sun", 1),
        ("The Left Hand of Darkness", 1),
        ("Pride and Prejudice", 1),
    ]


async def test_bestsellers_total_all_that_sold_where_not_all_are_shown(
    traded: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = await made(traded, ReportKind.BESTSELLERS)
    assert whole.total == ("Total", None, None, 3, sum(column(whole, "Takings")), None)  # type: ignore[arg-type] # numbers
    monkeypatch.setattr(sales_report, "MOST_ROWS", 2)
    cut = await made(traded, ReportKind.BESTSELLERS)
    assert (cut.rows, cut.total) == (whole.rows[:2], whole.total)
    assert "the first 2 of 3 titles; the total is of all" in cut.note


async def test_closed_shifts_are_a_report_for_whoever_sees_them(traded: Shop) -> None:
    table = await make_report(traded.app, traded.ana, ReportKind.SHIFTS, FIRST, LAST)
    takings_then = 899 * 2 + 1695 + 989
    assert [row.cells for row in table.rows] == [
        ("Z 1-000001", "2026-11-23", "2026-11-24 17:06", "Sam", takings_then, None)
    ]
    assert table.total == ("Total", None, None, None, takings_then, 0)


async def test_a_report_given_up_ends_in_the_middle_of_its_statement(shop: Shop) -> None:
    endless = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT count(*) FROM n"
    db = shop.app.db
    started, ended = asyncio.Event(), threading.Event()
    loop = asyncio.get_running_loop()

    def act(session: Session) -> None:
        loop.call_soon_threadsafe(started.set)
        try:
            session.execute(text(endless))
        finally:
            ended.set()

    for _ in range(READERS + 1):
        ended.clear()
        started.clear()
        reading = asyncio.ensure_future(db.read_until_cancelled(act))
        await started.wait()
        reading.cancel()
        with pytest.raises(asyncio.CancelledError):
            await reading
        assert await asyncio.to_thread(ended.wait, 10)
    assert await db.is_reachable()


async def test_a_margin_is_of_what_was_paid_and_what_it_cost(traded: Shop) -> None:
    await traded.app.db.write(lambda session: session.execute(update(Book).values(cost=1)))
    (row,) = (await made(traded, ReportKind.MARGIN)).rows
    # Darkness had no cost when it was sold, and counts at today's.
    net, cost = 899 + 1695 + 989, 500 + 900 + 1
    assert row.cells == ("Fiction", 3, net, cost, net - cost, Decimal(net - cost) / net)


async def test_sell_through_and_categories(traded: Shop) -> None:
    table = await made(traded, ReportKind.SELL_THROUGH)
    assert [row.cells for row in table.rows] == [
        ("Fiction", 3, 29, Decimal(3) / 32),
        ("History", 0, 0, None),
    ]
    table = await made(traded, ReportKind.CATEGORIES)
    assert column(table, "Titles") == [3, 1]
    assert column(table, "Copies") == [29, 0]


async def test_categories_stand_under_what_they_are_inside_of(traded: Shop) -> None:
    app, sam = traded.app, traded.sam
    tree = await category_tree(app)
    fiction = next(node.id for node in tree if node.name == "Fiction")
    science = next(node.id for node in tree if node.name == "Science")
    await keep_category(app, sam, "Crime", parent_id=fiction)
    tree = await keep_category(app, sam, "Physics", parent_id=science)
    ids = {node.name: node.id for node in tree}

    def move(session: Session) -> None:
        session.execute(update(Book).where(Book.isbn == KLARA).values(category_id=ids["Crime"]))
        session.execute(update(Book).where(Book.isbn == SAPIENS).values(category_id=ids["Physics"]))

    before = (await made(traded, ReportKind.CATEGORIES)).total
    await app.db.write(move)
    table = await made(traded, ReportKind.CATEGORIES)
    # What only holds others stands there too, with nothing of its own, and nothing is counted twice.
    assert [row.cells[:2] for row in table.rows] == [
        ("Fiction", 2),
        ("Fiction › Crime", 1),
        ("Science", 0),
        ("Science › Physics", 1),
    ]
    assert table.total == before
    assert "Fiction › Crime" in column(await made(traded, ReportKind.SELL_THROUGH), "Category")


async def test_discounts_returns_and_voids_by_person(traded: Shop) -> None:
    table = await made(traded, ReportKind.DISCOUNTS)
    assert {row.cells[0]: row.cells[1:] for row in table.rows} == {
        "Sam": (1, 110, 0, 0, 1, -899),
        "Ana": (0, 0, 1, -899, 0, 0),
    }


async def test_slow_titles_are_in_stock_and_unsold(traded: Shop) -> None:
    await traded.app.db.write(lambda session: session.execute(update(Book).where(Book.isbn == SAPIENS).values(stock=3)))
    assert column(await made(traded, ReportKind.SLOW), "ISBN") == [SAPIENS]
    assert len((await made(traded, ReportKind.SLOW, LAST, LAST)).rows) == 4


async def test_slow_titles_without_a_cost_are_not_worth_their_price(traded: Shop) -> None:
    def set_costs(session: Session) -> None:
        session.execute(update(Book).values(cost=None))
        session.execute(update(Book).where(Book.isbn == KLARA).values(stock=4, cost=500))
        session.execute(update(Book).where(Book.isbn == SAPIENS).values(stock=3))

    await traded.app.db.write(set_costs)
    table = await made(traded, ReportKind.SLOW, LAST, LAST)
    worth = dict(zip(column(table, "ISBN"), column(table, "Worth at cost"), strict=True))
    assert (worth[KLARA], worth[SAPIENS], table.total[-1]) == (2000, None, 2000)
    copies = sum(int(str(pieces)) for pieces in column(table, "In stock")) - 4
    assert f"Of {copies} copies no cost is known" in table.note


async def test_low_stock_is_what_can_still_be_sold(traded: Shop) -> None:
    def set_level(session: Session) -> None:
        session.execute(update(Book).where(Book.isbn == KLARA).values(reorder_at=2, stock=4, reserved=2))
        session.execute(update(Book).where(Book.isbn == PRIDE).values(reorder_at=2))

    await traded.app.db.write(set_level)
    table = await made(traded, ReportKind.LOW_STOCK)
    assert [row.cells[2:] for row in table.rows] == [(KLARA, "Faber", 4, 2, 2, 0)]


async def test_a_total_is_of_all_titles_where_not_all_are_shown(traded: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    def set_levels(session: Session) -> None:
        session.execute(
            update(Book).where(Book.kind == BookKind.BOOK).values(reorder_at=10, stock=4, reserved=1, cost=500)
        )

    await traded.app.db.write(set_levels)
    monkeypatch.setattr(sales_report, "ID_SPAN", 2)
    whole = [await made(traded, kind, LAST, LAST) for kind in (ReportKind.SLOW, ReportKind.LOW_STOCK)]
    assert [len(table.rows) for table in whole] == [4, 4]
    monkeypatch.setattr(sales_report, "MOST_ROWS", 2)
    for before, kind in zip(whole, (ReportKind.SLOW, ReportKind.LOW_STOCK), strict=True):
        assert before.total[1:] == tuple(
            sum(int(str(row.cells[place])) for row in before.rows) if column.figure is not Figure.TEXT else None
            for place, column in enumerate(before.columns)
            if place
        )
        cut = await made(traded, kind, LAST, LAST)
        assert cut.rows == before.rows[:2]
        assert cut.total == before.total
        assert "of 4" in cut.note
        assert "the total is of all" in cut.note


async def test_every_row_leads_to_its_documents(traded: Shop) -> None:
    for kind in ReportKind:
        table = await made(traded, kind)
        if kind in WITHOUT_DOCUMENTS:
            assert all(row.key is None for row in table.rows)
            continue
        numbers = set()
        for row in table.rows:
            assert row.key is not None
            found = await list_documents(traded.app, traded.sam, kind, row.key, FIRST, LAST)
            numbers |= {one.number for one in found}
            # What each adds comes to what the row says.
            assert sum(one.share for one in found) == column(table, shared_out(kind))[table.rows.index(row)], kind
            if kind in (ReportKind.DAY, ReportKind.HOUR, ReportKind.PERSON):
                assert (len(found), sum(one.total for one in found)) == (row.cells[1], row.cells[2])
        assert numbers == {f"1-00000{place}" for place in range(1, 6)}, kind


async def test_documents_add_to_a_row_what_is_its_own_of_them_whatever_else_they_have(traded: Shop) -> None:
    # A gift card is sold, and not earned; change is given; a tax that was raised keeps its name.
    view = await cart.open_cart(traded.app, traded.ana)
    view = await cart.add_scan(traded.app, traded.ana, view.id, PRIDE)
    view = await sell_gift_card(traded.app, traded.ana, view.id, "GCTEST7731", 2000)
    await order.pay(traded.app, traded.ana, order.PayRequest.of(view, traded.payment(view.due + 500)))
    await traded.app.db.write(lambda session: session.execute(update(TaxRate).values(rate=Decimal("0.2"))) and None)
    await traded.sell(PRIDE, KLARA)
    first, *_ = await list_documents(traded.app, traded.sam, ReportKind.PUBLISHER, "Faber", FIRST, LAST)
    assert 0 < first.share < first.total
    for kind in set(ReportKind) - WITHOUT_DOCUMENTS:
        table = await made(traded, kind)
        for row, said in zip(table.rows, column(table, shared_out(kind)), strict=True):
            assert row.key is not None
            found = await list_documents(traded.app, traded.sam, kind, row.key, FIRST, LAST)
            assert sum(one.share for one in found) == said, (kind, row)
    assert len((await made(traded, ReportKind.TAX)).rows) > 1


async def test_training_is_in_no_report(shop: Shop) -> None:
    await begin_training(shop.app, shop.sam)
    view = await cart.open_cart(shop.app, shop.sam, training=True)
    view = await cart.add_scan(shop.app, shop.sam, view.id, PRIDE)
    await order.pay(shop.app, shop.sam, order.PayRequest.of(view, shop.payment(view.due)))
    for kind in (ReportKind.PERSON, ReportKind.BESTSELLERS, ReportKind.TENDER, ReportKind.DISCOUNTS, ReportKind.TAX):
        assert (await made(shop, kind)).rows == ()


async def test_the_trades_week_is_what_stayed_sold_from_sunday_to_saturday(
    traded: Shop, clock: SetClock, tmp_path: Path
) -> None:
    clock.forward(days=6)
    sold = ["isbn,quantity", f"{PRIDE},1", f"{DARKNESS},1", f"{KLARA},1"]
    last, before, *more = await weeks_of_trade(traded.app)
    assert (last, len(more)) == ((date(2026, 11, 22), date(2026, 11, 28)), 102)
    assert week_file(last) == "bestsellers-2026-11-28.csv"
    for week, rows in ((last, sold), (before, sold[:1])):
        path = await export_trade_week(traded.app, traded.sam, week, tmp_path / week_file(week))
        assert path.read_text("utf-8").splitlines() == rows
    # Once another week is past, that one is earlier, and still there.
    clock.forward(days=7)
    assert (await weeks_of_trade(traded.app))[1] == last
    path = await export_trade_week(traded.app, traded.sam, last, tmp_path / "again.csv")
    assert path.read_text("utf-8").splitlines() == sold
    assert not list(tmp_path.glob("*.part"))


@pytest.mark.parametrize("first", [date(2026, 11, 22), date(2026, 11, 16), date(2023, 11, 19)])
async def test_a_week_that_is_not_over_or_begins_on_another_day_is_not_written(
    traded: Shop, tmp_path: Path, first: date
) -> None:
    with pytest.raises(Refused, match=r"report\.week"):
        await export_trade_week(traded.app, traded.sam, (first, first + timedelta(days=6)), tmp_path / "week.csv")
    assert not list(tmp_path.glob("week*"))


async def test_a_report_is_written_by_what_its_name_ends_in(traded: Shop, tmp_path: Path) -> None:
    table = await made(traded, ReportKind.TAX)
    file = await export_report(traded.app, table, tmp_path / "new" / "tax.csv")
    assert file.read_text("utf-8-sig").splitlines()[1] == "Books 0 %,0.0000,35.83,0.00,35.83"
    with pytest.raises(Refused, match=r"export\.format"):
        await export_report(traded.app, table, tmp_path / "tax.doc")
    (tmp_path / "taken.csv").mkdir()
    with pytest.raises(Unavailable, match=r"export\.not_written"):
        await export_report(traded.app, table, tmp_path / "taken.csv")
    assert not list(tmp_path.glob("*.part"))


async def test_the_overview_is_the_reports_and_the_documents(traded: Shop) -> None:
    seen: list[tuple[int, int]] = []
    made_now = await make_overview(traded.app, traded.sam, FIRST, LAST, progress=lambda *at: seen.append(at))
    totals = await takings(traded.app, traded.sam, FIRST, LAST)
    glance = made_now.totals
    for name in ("takings", "documents", "sales", "sold", "average", "pieces_a_sale"):
        assert getattr(glance, name) == getattr(totals, name), name
    assert glance.came_back == totals.returns + totals.exchanges + totals.voids
    assert made_now.grain is ReportKind.DAY
    assert [span.key for span in made_now.spans] == ["2026-11-23", "2026-11-24", "2026-11-25"]
    assert sum(span.amount for span in made_now.spans) == totals.takings
    margin = await made(traded, ReportKind.MARGIN)
    assert (margin.total[-2], margin.total[-1]) == (made_now.earned, made_now.margin)
    discounts = await made(traded, ReportKind.DISCOUNTS)
    paid_back, voided = (sum(column(discounts, name)) for name in ("Paid back", "Voided"))  # type: ignore[arg-type] # numbers
    assert glance.back == -paid_back - voided > 0
    assert totals.sold - glance.back == totals.takings
    assert made_now.categories == await made(traded, ReportKind.CATEGORY)
    assert made_now.bestsellers == await made(traded, ReportKind.BESTSELLERS)
    assert made_now.change is None
    assert seen[-1][0] == seen[-1][1]
    with pytest.raises(Refused, match=r"right\.missing"):
        await make_overview(traded.app, traded.ana, FIRST, LAST)


async def test_the_overview_knows_the_year_before_whatever_the_days(traded: Shop) -> None:
    day, year = timedelta(days=1), date(2027, 11, 23)
    one = await make_overview(traded.app, traded.sam, year, year, compare=Compare.DATES)
    same = await make_overview(traded.app, traded.sam, year - day, year - day)
    assert (same.before, same.compare, same.spans) == (one.before, Compare.WEEKDAYS, one.spans)
    assert one.grain is ReportKind.HOUR
    assert one.before == (await takings(traded.app, traded.sam, FIRST, FIRST)).takings > 0
    assert sum(span.before for span in one.spans) == one.before
    assert (one.change, one.margin, one.totals.back) == (-1, None, 0)
    whole = await takings(traded.app, traded.sam, FIRST, LAST)
    for first, grain, compare in (
        (year - day, ReportKind.DAY, Compare.WEEKDAYS),
        (year - day, ReportKind.DAY, Compare.DATES),
        (date(2027, 1, 1), ReportKind.MONTH, Compare.DATES),
    ):
        several = await make_overview(traded.app, traded.sam, first, year + 2 * day, compare=compare)
        assert (several.grain, several.compare, several.before) == (grain, compare, whole.takings)
        assert sum(span.before for span in several.spans) == whole.takings


async def test_the_summary_comes_to_the_takings(traded: Shop) -> None:
    table = await made(traded, ReportKind.SUMMARY)
    totals = await takings(traded.app, traded.sam, FIRST, LAST)
    assert table.total == ("Takings", None, totals.documents, totals.takings, totals.net, totals.tax)
    by_sum = dict.fromkeys(("Tender", "Person", "Department", "Tax"), 0)
    for row in table.rows:
        if row.cells[0] in by_sum:
            by_sum[str(row.cells[0])] += int(row.cells[3] or 0)
    assert set(by_sum.values()) == {totals.takings}
    assert (await made(traded, ReportKind.SUMMARY, date(2020, 1, 1), date(2020, 1, 1))).rows == ()


async def test_the_newest_day_and_the_shifts_of_some_days_are_found(traded: Shop) -> None:
    assert await newest_business_day(traded.app, traded.sam) == date(2026, 11, 24)
    (closed,) = await list_z_reports(traded.app, traded.sam, (FIRST, LAST))
    assert (closed.business_date, closed.closed_by) == (FIRST, "Sam")
    assert await list_z_reports(traded.app, traded.sam, (LAST, LAST)) == []


async def test_before_the_first_sale_there_is_no_newest_day(shop: Shop) -> None:
    assert await newest_business_day(shop.app, shop.sam) is None
    empty = await make_overview(shop.app, shop.sam, FIRST, FIRST)
    assert (empty.spans, empty.before, empty.change, empty.margin, empty.totals.back) == ((), 0, None, None, 0)


async def test_takings_read_by_months_are_those_read_at_once(traded: Shop, clock: SetClock) -> None:
    clock.forward(days=40)
    await next_shift(traded)
    await traded.sell(DARKNESS, PRIDE)
    first, last = date(2026, 1, 1), date(2027, 1, 10)
    seen: list[tuple[int, int]] = []
    whole = await takings(traded.app, traded.sam, first, last)
    assert await takings_of_months(traded.app, traded.sam, first, last, lambda *at: seen.append(at)) == whole
    # More than a year: by quarters on SQLite, by two years on PostgreSQL.
    steps = 5 if traded.app.db.kind == "sqlite" else 1
    assert seen == [(done, steps) for done in range(1, steps + 1)]
    assert await takings_of_months(traded.app, traded.sam, FIRST, last) == whole
