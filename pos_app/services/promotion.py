"""The promotions that may apply to a basket, read inside an act."""

from collections import defaultdict
from decimal import Decimal

from sqlalchemy import exists, select, true
from sqlalchemy.orm import Session

from pos_app.domain.promotion import PromotionRule
from pos_app.models import Category, Promotion, PromotionBook, table

_P = table(Promotion)
_ACTIVE = select(_P).where(_P.c.active == true()).order_by(_P.c.id)
# The condition that there is one.
ANY_ACTIVE = exists().where(_P.c.active == true())


def promotion_rules(session: Session) -> list[PromotionRule]:
    """Give all active promotions; a category's holds for the categories below it too."""
    rows = session.connection().execute(_ACTIVE).all()
    if not rows:
        return []
    books: dict[int, set[int]] = defaultdict(set)
    listed = select(PromotionBook.promotion_id, PromotionBook.book_id)
    for promotion_id, book_id in session.execute(listed):
        books[promotion_id].add(book_id)
    below = _categories_below(session) if any(row.category_id for row in rows) else {}
    return [
        PromotionRule(
            id=row.id,
            name=row.name,
            kind=row.kind,
            rate=row.rate or Decimal(0),
            amount=row.amount or 0,
            buy=row.buy or 0,
            pay=row.pay or 0,
            category_ids=frozenset(below.get(row.category_id, {row.category_id}) if row.category_id else ()),
            book_ids=frozenset(books[row.id]),
            starts_on=row.starts_on,
            ends_on=row.ends_on,
        )
        for row in rows
    ]


def _categories_below(session: Session) -> dict[int, set[int]]:
    """Each category with all those below it."""
    parents = dict(session.execute(select(Category.id, Category.parent_id)).all())
    below: dict[int, set[int]] = defaultdict(set)
    for category in parents:
        above: int | None = category
        while above is not None and category not in below[above]:
            below[above].add(category)
            above = parents.get(above)
    return below
