"""Views of the list of books are kept for each person."""

import pytest
from sqlalchemy import update
from sqlalchemy.orm import Session

from pos_app.domain.kinds import Missing, StockState
from pos_app.errors import Refused
from pos_app.models import SavedView, table
from pos_app.services.book_filter import BookFilter
from pos_app.services.book_list import ListOrder, SortBy
from pos_app.services.saved_view import LEFT, View, drop_view, keep_view, list_views
from tests.shop import Shop

LOW = View(
    BookFilter(
        text="guin", category_id=2, state=StockState.LOW, missing=Missing.COST, publisher="Knopf", subject="93:FF"
    ),
    ListOrder(SortBy.SOLD, descending=True),
    ("price", "stock"),
    changed_days=7,
)


async def test_a_view_is_kept_changed_and_forgotten(shop: Shop) -> None:
    await keep_view(shop.app, shop.sam, "To reorder", LOW)
    await keep_view(shop.app, shop.sam, LEFT, View(columns=("isbn",)))
    assert await list_views(shop.app, shop.sam) == {LEFT: View(columns=("isbn",)), "To reorder": LOW}
    await keep_view(shop.app, shop.sam, "To reorder", View())
    assert (await list_views(shop.app, shop.sam))["To reorder"] == View()
    await drop_view(shop.app, shop.sam, "To reorder")
    assert list(await list_views(shop.app, shop.sam)) == [LEFT]


async def test_views_are_a_persons_own(shop: Shop) -> None:
    await keep_view(shop.app, shop.sam, "Mine", LOW)
    assert await list_views(shop.app, shop.ana) == {}


async def test_a_view_nobody_can_read_shows_everything(shop: Shop) -> None:
    await keep_view(shop.app, shop.sam, "Odd", LOW)
    for content in ("", "[]", '{"wanted": {"state": 9}}', '{"wanted": {}, "order": {"by": "colour"}}'):

        def act(session: Session, content: str = content) -> None:
            session.execute(update(table(SavedView)).values(content=content))

        await shop.app.db.write(act)
        assert await list_views(shop.app, shop.sam) == {"Odd": View()}


async def test_a_name_too_long_is_refused(shop: Shop) -> None:
    with pytest.raises(Refused, match=r"view\.name"):
        await keep_view(shop.app, shop.sam, "x" * 81, LOW)
