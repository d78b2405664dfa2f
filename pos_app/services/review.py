"""Opinions on titles: the staff's picks with what they write on the shelf, and others' ratings."""

from dataclasses import dataclass

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from pos_app.app import App
from pos_app.domain.free_text import free_lines
from pos_app.domain.permission import Permission
from pos_app.errors import Refused
from pos_app.models import Book, Review, User, table
from pos_app.services.right import Operator, require

MAX_COMMENT = 1_000


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


async def keep_review(
    app: App, operator: Operator, book_id: int, rating: int, comment: str = "", *, staff_pick: bool = True
) -> list[ReviewRow]:
    """Store what this person thinks of a title, in place of what they thought before; gives all opinions.

    Raises Refused("review.invalid" | "book.missing" | "right.missing").
    """
    comment = free_lines(comment, MAX_COMMENT, "review.invalid")
    if rating not in range(1, 6):
        raise Refused("review.invalid", limit=MAX_COMMENT)

    def act(session: Session) -> list[ReviewRow]:
        require(session, operator, Permission.SELL)
        # Locked, so that the same person at two tills writes one opinion.
        if session.scalar(select(Book.id).where(Book.id == book_id).with_for_update()) is None:
            raise Refused("book.missing", book_id=book_id)
        stored = session.scalar(select(Review).where(Review.book_id == book_id, Review.user_id == operator.user_id))
        if stored is None:
            stored = Review(book_id=book_id, user_id=operator.user_id, rating=rating)
            session.add(stored)
        stored.rating, stored.comment, stored.staff_pick = rating, comment or None, staff_pick
        session.flush()
        return _rows(session, book_id, 50)

    return await app.db.write(act)


async def remove_review(app: App, operator: Operator, book_id: int) -> list[ReviewRow]:
    """Take this person's opinion of a title away; gives the others. Raises Refused("right.missing")."""

    def act(session: Session) -> list[ReviewRow]:
        require(session, operator, Permission.SELL)
        mine = table(Review).c
        session.execute(delete(table(Review)).where(mine.book_id == book_id, mine.user_id == operator.user_id))
        return _rows(session, book_id, 50)

    return await app.db.write(act)


def _rows(session: Session, book_id: int, limit: int) -> list[ReviewRow]:
    rows = session.execute(
        select(Review.id, Review.user_id, User.username, Review.rating, Review.comment, Review.staff_pick)
        .join(User, User.id == Review.user_id)
        .where(Review.book_id == book_id)
        .order_by(Review.staff_pick.desc(), Review.id.desc())
        .limit(limit)
    )
    return [ReviewRow(row[0], row[1], row[2], row[3], row[4] or "", row[5]) for row in rows]
