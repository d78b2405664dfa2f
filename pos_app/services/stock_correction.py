"""Stock corrected by hand: a row of the ledger that stands in the title's history too, and is taken back by another.

The row bears the uid of its act, so that what happened to the stock since can be told when the act is to be undone.
"""

import re

from sqlalchemy import select
from sqlalchemy.orm import Session

from pos_app.app import App
from pos_app.domain.kinds import BookKind
from pos_app.domain.permission import Permission
from pos_app.models import Book, BookMerge, StockMovement, table
from pos_app.services.book_addition import BACK, SETTING, move_stock
from pos_app.services.book_history import record_changes
from pos_app.services.right import Operator, require
from pos_app.services.stock import stock_at

MAX_STOCK = 1_000_000
# What a title's history calls it. No field of a title: nothing but the ledger may set the stock.
CORRECTED = "corrected_stock"
# The rest of the document's 255 letters says that it was taken back.
REASON_KEPT = 240
_MOVED = table(StockMovement).c
# What a merge moves from title to title sets no stock.
_MERGING = re.compile(r"Merged (into|from) \d+|Merge undone")


def correct(session: Session, app: App, operator: Operator, act_uid: str, book: Book, delta: int, reason: str) -> None:
    """Move a locked title's stock by a correction, as part of the act `act_uid`: the one of this title and act."""
    move_stock(session, app, operator, book.id, delta, reason, uid=act_uid)
    there = book.stock
    record_changes(session, operator, act_uid, book.id, {CORRECTED: there}, {CORRECTED: there + delta})


def take_correction_back(
    session: Session, app: App, operator: Operator, book: Book, act_uid: str, uid: str, delta: int
) -> bool:
    """Move a locked title's stock back by `delta`, in the act `uid` that takes `act_uid` back; tells whether it did.

    It does not where a count, an import or another correction set the stock since, or copies are gone or set aside.
    Raises Refused("right.missing").
    """
    require(session, operator, Permission.CORRECT_STOCK)
    made = session.execute(select(_MOVED.id, _MOVED.document).where(_MOVED.uid == act_uid)).one_or_none()
    if made is None or not _can_go_back(session, book, made.id, delta):
        return False
    reason = made.document or ""
    # Done again it is what it was.
    said = reason.removeprefix(BACK) if reason.startswith(BACK) else f"{BACK}{reason[:REASON_KEPT]}"
    move_stock(session, app, operator, book.id, delta, said, uid=uid)
    session.refresh(book, ["stock"])
    return True


def _can_go_back(session: Session, book: Book, made: int, delta: int) -> bool:
    merged = session.scalar(select(BookMerge.id).where(BookMerge.book_id == book.id))
    if book.kind is BookKind.SERVICE or merged is not None or book.stock + delta > MAX_STOCK:
        return False
    # What was set since and taken back again set nothing.
    since = select(_MOVED.delta, _MOVED.document).where(
        _MOVED.book_id == book.id, _MOVED.id > made, _MOVED.location_id.is_(None), _MOVED.reason.in_(SETTING)
    )
    if sum(row.delta for row in session.execute(since) if not _MERGING.fullmatch(row.document or "")):
        return False
    here = min(book.stock - book.reserved, stock_at(session, [book.id], None)[book.id])
    return delta > 0 or here + delta >= 0
