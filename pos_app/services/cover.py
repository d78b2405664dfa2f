"""Covers: small pictures kept in the database, so that every till of a shop shows them."""

import hashlib
from collections.abc import Collection

from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from pos_app.app import App
from pos_app.errors import Refused
from pos_app.models import Book, StoredCover, table
from pos_app.services.book import BookDetail, book_detail
from pos_app.services.book_edit import apply_changes, locked
from pos_app.services.right import Operator

MAX_BYTES = 60_000


def media_type(content: bytes) -> str:
    """Tell what a picture is by its first bytes. Raises Refused("cover.picture")."""
    if content.startswith(b"\xff\xd8\xff"):
        return "image/jpeg"
    if content.startswith(b"\x89PNG\r\n\x1a\n"):
        return "image/png"
    if content[:4] == b"RIFF" and content[8:12] == b"WEBP":
        return "image/webp"
    raise Refused("cover.picture")


def check_picture(content: bytes) -> None:
    """See that a picture was made small before. Raises Refused("cover.size" | "cover.picture")."""
    if len(content) > MAX_BYTES:
        raise Refused("cover.size", limit=MAX_BYTES // 1000)
    media_type(content)


def keep_picture(session: Session, content: bytes) -> str:
    """Keep a checked picture inside an act, once; gives the digest it is found by."""
    digest = hashlib.sha256(content).hexdigest()
    if session.scalar(select(StoredCover.id).where(StoredCover.digest == digest)) is None:
        session.execute(
            insert(table(StoredCover)).values(digest=digest, media_type=media_type(content), content=content)
        )
    return digest


async def set_cover(app: App, operator: Operator, book_id: int, content: bytes | None) -> BookDetail:
    """Give a title a cover that was decoded, checked and made small before; None takes it away. One undo takes it back.

    Raises Refused("cover.size" | "cover.picture" | "book.missing" | "right.missing").
    """
    if content is not None:
        check_picture(content)

    def act(session: Session) -> BookDetail:
        book = locked(session, operator, book_id)
        digest = None if content is None else keep_picture(session, content)
        apply_changes(session, operator, app.ids.new(), book, {"cover_image": digest}, kind="cover")
        return book_detail(session, book_id)

    return await app.db.write(act)


async def get_cover(app: App, book_id: int) -> bytes | None:
    """Give a title's cover, or None."""
    query = select(StoredCover.content).join(Book, Book.cover_image == StoredCover.digest).where(Book.id == book_id)
    return await app.db.read(lambda session: session.scalar(query))


async def get_covers(app: App, digests: Collection[str]) -> dict[str, bytes]:
    """Give covers by their digests, for a list that shows some."""
    query = select(StoredCover.digest, StoredCover.content).where(StoredCover.digest.in_(digests))
    return await app.db.read(lambda session: dict(session.execute(query).all()))
