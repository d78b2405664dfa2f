"""Business days at a glance, beside the same days a year before."""

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from functools import partial

from pos_app.app import App
from pos_app.domain.sales_report import Overview, ReportKind, ReportTable, Span, Value, a_year_before
from pos_app.services.report import takings_of_months
from pos_app.services.right import Operator
from pos_app.services.sales_report import make_report
from pos_app.services.setting import get_settings

# More days than these are shown as months.
MOST_DAYS = 62
STEP = 100
Progress = Callable[[int, int], None]


async def make_overview(
    app: App, operator: Operator, first: date, last: date, *, progress: Progress | None = None
) -> Overview:
    """Sum business days up for a glance, both ends included; `progress` gets steps done and in all.

    Cancelling stops between two steps. Raises Refused("right.missing").
    """
    grain = ReportKind.HOUR if first == last else ReportKind.DAY
    if (last - first).days > MOST_DAYS:
        grain = ReportKind.MONTH
    wanted = [grain, ReportKind.MARGIN, ReportKind.DISCOUNTS, ReportKind.CATEGORY, ReportKind.BESTSELLERS]
    steps = (len(wanted) + 1) * STEP

    def tell(done: int, part: int, parts: int) -> None:
        if progress is not None:
            progress(done * STEP + part * STEP // max(parts, 1), steps)

    totals = await takings_of_months(app, operator, first, last, partial(tell, 0))
    made: dict[ReportKind, ReportTable] = {}
    for done, kind in enumerate(wanted, 1):
        made[kind] = await make_report(app, operator, kind, first, last, progress=partial(tell, done))
    time = made[grain]
    if grain is ReportKind.HOUR:
        day = a_year_before(first)
        past = await make_report(app, operator, grain, day, day)
        spans = _hours(time, past, (await get_settings(app)).day_starts_at_hour)
        before = _int(past.total[2])
    else:
        spans = tuple(Span(str(row.cells[0]), _int(row.cells[2]), _int(row.cells[3])) for row in time.rows)
        before = _int(time.total[3])
    *_, earned, margin = made[ReportKind.MARGIN].total
    *_, paid_back, _, voided = made[ReportKind.DISCOUNTS].total
    return Overview(
        totals=totals,
        grain=grain,
        spans=spans,
        before=before,
        earned=_int(earned),
        margin=margin if isinstance(margin, Decimal) else None,
        back=-_int(paid_back) - _int(voided),
        categories=made[ReportKind.CATEGORY],
        bestsellers=made[ReportKind.BESTSELLERS],
    )


def _hours(time: ReportTable, past: ReportTable, starts: int) -> tuple[Span, ...]:
    """The hours of a day from its first sale to its last, as the shop's day goes, this year's and last year's."""
    now, then = ({int(str(row.key)): _int(row.cells[2]) for row in table.rows} for table in (time, past))
    places = sorted((hour - starts) % 24 for hour in {*now, *then})
    if not places:
        return ()
    hours = [(place + starts) % 24 for place in range(places[0], places[-1] + 1)]
    return tuple(Span(f"{hour:02d}", now.get(hour, 0), then.get(hour, 0)) for hour in hours)


def _int(value: Value) -> int:
    return int(value or 0)
