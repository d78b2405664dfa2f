"""Opinions on titles: the staff's picks with what they write on the shelf, and others' ratings.

Each change of one stands in the title's history, and is undone as every other change of the title.
"""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import delete, insert, select, update
from sqlalchemy.orm import Session

from pos_app.app import App
from pos_app.domain.free_text import free_lines
from pos_app.domain.permission import Permission
from pos_app.errors import Refused
from pos_app.models import Book, Review, User, table
from pos_app.services.book_history import record_changes
from pos_app.services.right import Operator, require

MAX_COMMENT = 1_000
# What a title's history calls it.
REVIEW = "review"
# An opinion as the history keeps it: whose it is, and what it says.
Kept = dict[str, Any]


@dataclass(frozen=True, slots=True)
class ReviewRow:
    """One person's opinion of one title, 1 to 5 stars."""

    id: int
    user_id: int
    person: str
    rating: int
    comment: str
    staff_pick: bool


async def list_reviews(app: App, book_id: int, limit: int = 50) -> list[ReviewRow]:
    """Give a title's opinions, staff picks first."""
    return await app.db.read(lambda session: _rows(session, book_id, limit))


async def own_review(app: App, operator: Operator, book_id: int) -> ReviewRow | None:
    """Give what this person thinks of a title, None where they have said nothing."""

    def act(session: Session) -> ReviewRow | None:
        rows = session.execute(_QUERY.where(Review.book_id == book_id, Review.user_id == operator.user_id))
        return next((_row(row) for row in rows), None)

    return await app.db.read(act)


async def keep_review(
    app: App, operator: Operator, book_id: int, rating: int, comment: str = "", *, staff_pick: bool = True
) -> list[ReviewRow]:
    """Store what this person thinks of a title, in place of what they thought before; gives all opinions.

    Raises Refused("review.invalid" | "book.missing" | "right.missing").
    """
    comment = free_lines(comment, MAX_COMMENT, "review.invalid")
    if rating not in range(1, 6):
        raise Refused("review.invalid", limit=MAX_COMMENT)
    wanted = {"user_id": operator.user_id, "rating": rating, "comment": comment, "staff_pick": staff_pick}
    return await app.db.write(lambda session: _change(session, app, operator, book_id, wanted))


async def remove_review(app: App, operator: Operator, book_id: int) -> list[ReviewRow]:
    """Take this person's opinion of a title away; gives the others.

    Raises Refused("book.missing" | "right.missing").
    """
    return await app.db.write(lambda session: _change(session, app, operator, book_id, None))


def _change(session: Session, app: App, operator: Operator, book_id: int, wanted: Kept | None) -> list[ReviewRow]:
    require(session, operator, Permission.SELL)
    # Locked, so that the same person at two tills writes one opinion.
    if session.scalar(select(Book.id).where(Book.id == book_id).with_for_update()) is None:
        raise Refused("book.missing", book_id=book_id)
    before = _kept(session, book_id, operator.user_id)
    if before != wanted:
        _write(session, book_id, operator.user_id, wanted)
        record_changes(session, operator, app.ids.new(), book_id, {REVIEW: before}, {REVIEW: wanted})
    return _rows(session, book_id, 50)


def restore_review(session: Session, book_id: int, was: Kept | None, now: Kept | None) -> tuple[Kept | None] | None:
    """Put an opinion of a locked title back inside an act; else give what stands there instead, in a tuple."""
    user_id = (was or now or {})["user_id"]
    current = _kept(session, book_id, user_id)
    if current != now or session.scalar(select(User.id).where(User.id == user_id)) is None:
        return (current,)
    _write(session, book_id, user_id, was)
    return None


def _kept(session: Session, book_id: int, user_id: int) -> Kept | None:
    mine = table(Review).c
    mine_alone = select(mine.user_id, mine.rating, mine.comment, mine.staff_pick).where(
        mine.book_id == book_id, mine.user_id == user_id
    )
    kept = session.execute(mine_alone).mappings().one_or_none()
    return None if kept is None else {**kept, "comment": kept["comment"] or ""}


def _write(session: Session, book_id: int, user_id: int, wanted: Kept | None) -> None:
    mine = table(Review).c
    here = (mine.book_id == book_id) & (mine.user_id == user_id)
    if wanted is None:
        session.execute(delete(table(Review)).where(here))
        return
    values = {**wanted, "comment": wanted["comment"] or None}
    del values["user_id"]
    if session.execute(update(table(Review)).where(here).values(values).returning(mine.id)).first() is None:
        session.execute(insert(table(Review)).values(book_id=book_id, user_id=user_id, **values))


_QUERY = select(Review.id, Review.user_id, User.username, Review.rating, Review.comment, Review.staff_pick).join(
    User, User.id == Review.user_id
)


def _rows(session: Session, book_id: int, limit: int) -> list[ReviewRow]:
    rows = session.execute(
        _QUERY.where(Review.book_id == book_id).order_by(Review.staff_pick.desc(), Review.id.desc()).limit(limit)
    )
    return [_row(row) for row in rows]


def _row(row: Any) -> ReviewRow:
    number, user_id, person, rating, comment, pick = row
    return ReviewRow(number, user_id, person, rating, comment or "", pick)
