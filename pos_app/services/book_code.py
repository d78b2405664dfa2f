"""Further barcodes of a title, beside its ISBN."""

from sqlalchemy import delete, insert, select
from sqlalchemy.orm import Session

from pos_app.app import App
from pos_app.domain.isbn import parse_code
from pos_app.domain.permission import Permission
from pos_app.domain.search import is_storable
from pos_app.errors import Refused
from pos_app.models import Book, BookCode, table
from pos_app.services.book_edit import locked
from pos_app.services.book_history import record_changes
from pos_app.services.right import Operator, require

CODES = table(BookCode)


async def list_codes(app: App, book_id: int) -> list[str]:
    """Give a title's further codes, in the order they were added."""
    query = select(CODES.c.code).where(CODES.c.book_id == book_id).order_by(CODES.c.id)
    return await app.db.read(lambda session: list(session.scalars(query)))


async def add_code(app: App, operator: Operator, book_id: int, text: str) -> list[str]:
    """Let a title be found by another code; gives all its further codes.

    A code the title has already changes nothing. Raises Refused("code.taken" | "code.…" | "isbn.…" | "book.missing" |
    "right.missing").
    """
    code = parse_code(text).value
    if not is_storable(code):
        raise Refused("code.empty")

    def act(session: Session) -> list[str]:
        book = locked(session, operator, book_id)
        if book.isbn != code and code not in codes_of(session, book_id):
            give_code(session, book_id, code)
            record_changes(session, operator, app.ids.new(), book_id, {}, {"code": code}, kind="code")
        return codes_of(session, book_id)

    return await app.db.write(act)


async def remove_code(app: App, operator: Operator, book_id: int, code: str) -> list[str]:
    """Take a further code from a title; gives the others. Raises Refused("code.missing" | "right.missing")."""

    def act(session: Session) -> list[str]:
        require(session, operator, Permission.EDIT_BOOKS)
        locked(session, operator, book_id)
        gone = delete(CODES).where(CODES.c.book_id == book_id, CODES.c.code == code).returning(CODES.c.id)
        if session.execute(gone).first() is None:
            raise Refused("code.missing", code=code)
        record_changes(session, operator, app.ids.new(), book_id, {"code": code}, {"code": None}, kind="code")
        return codes_of(session, book_id)

    return await app.db.write(act)


def codes_of(session: Session, book_id: int) -> list[str]:
    """Give a title's further codes inside an act."""
    return list(session.scalars(select(CODES.c.code).where(CODES.c.book_id == book_id).order_by(CODES.c.id)))


def give_code(session: Session, book_id: int, code: str) -> None:
    """Give a title a code inside an act. Raises Refused("code.taken")."""
    taken = session.scalar(select(Book.title).where(Book.isbn == code))
    if taken is None:
        taken = session.scalar(select(Book.title).join(BookCode).where(BookCode.code == code))
    if taken is not None:
        raise Refused("code.taken", code=code, title=taken)
    session.execute(insert(CODES).values(book_id=book_id, code=code))
