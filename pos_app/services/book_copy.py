"""Used copies beside a new title: titles of their own, graded, with a price and a label code each."""

from dataclasses import dataclass
from itertools import chain, count

from sqlalchemy import select
from sqlalchemy.orm import Session

from pos_app.app import App
from pos_app.domain.free_text import free_text
from pos_app.domain.kinds import BookKind, StockReason
from pos_app.domain.pricing import check_price
from pos_app.domain.search import fold, sort_key
from pos_app.domain.used import Grade, copy_code, copy_title
from pos_app.errors import Refused
from pos_app.models import Book, BookCode, UsedCopy
from pos_app.services.book_addition import Added, keep_additions, move_stock
from pos_app.services.book_code import give_code
from pos_app.services.book_edit import MAX_TEXT, locked
from pos_app.services.book_history import record_changes
from pos_app.services.right import Operator
from pos_app.services.stock_correction import MAX_STOCK


@dataclass(frozen=True, slots=True)
class CopyRow:
    """A used copy: its own title's id, price in minor units, how many there are, and the code on its label."""

    book_id: int
    grade: Grade
    price: int
    stock: int
    code: str | None
    note: str | None
    active: bool


async def list_copies(app: App, book_id: int) -> list[CopyRow]:
    """Give a title's used copies, the newest last."""
    return await app.db.read(lambda session: _rows(session, book_id))


async def add_copy(
    app: App, operator: Operator, book_id: int, grade: Grade, price: int, *, stock: int = 1, note: str | None = None
) -> CopyRow:
    """Add used copies of one grade at one price (minor units); they come with a label code of their own.

    Raises Refused("copy.of_copy" | "copy.service" | "price.invalid" | "stock.invalid" | "book.text" | "book.missing" |
    "right.missing").
    """
    check_price(price)
    if not 0 <= stock <= MAX_STOCK:
        raise Refused("stock.invalid", limit=MAX_STOCK)
    note = free_text(note, MAX_TEXT, "book.text") or None

    def act(session: Session) -> CopyRow:
        new = locked(session, operator, book_id)
        if new.kind is BookKind.SERVICE:
            raise Refused("copy.service")
        if session.scalar(select(UsedCopy.id).where(UsedCopy.book_id == book_id)) is not None:
            raise Refused("copy.of_copy")
        title = copy_title(new.title, grade)
        book = Book(
            title=title,
            author=new.author,
            price=price,
            category_id=new.category_id,
            tax_rate_id=new.tax_rate_id,
            publisher=new.publisher,
            published_on=new.published_on,
            format=new.format,
            language=new.language,
            cover_image=new.cover_image,
            kind=new.kind,
            subjects=new.subjects,
            title_key=sort_key(title),
            search_text=fold(f"{title} {new.author}"),
        )
        session.add(book)
        session.flush()
        session.add(UsedCopy(book_id=book.id, copy_of_id=book_id, grade=grade, note=note or None))
        give_code(session, book.id, _free_code(session, book.id))
        # Undone, the copy is no longer sold, and none of it is there.
        act_uid = app.ids.new()
        record_changes(session, operator, act_uid, book.id, {"active": False}, {"active": True}, kind="copy")
        move_stock(session, app, operator, book.id, stock, "Used copy", StockReason.OPENING)
        keep_additions(session, operator, act_uid, "copy", Added(), {book.id: stock} if stock else {})
        session.flush()
        return next(row for row in _rows(session, book_id) if row.book_id == book.id)

    return await app.db.write(act)


def _free_code(session: Session, book_id: int) -> str:
    """A code of its own: one that came in a file of another shop's may be the first there is for this number."""
    first = copy_code(book_id)
    taken = set(session.scalars(select(BookCode.code).where(BookCode.code.startswith(first))))
    codes = chain([first], (f"{first}-{number}" for number in count(2)))
    return next(code for code in codes if code not in taken)


def _rows(session: Session, book_id: int) -> list[CopyRow]:
    code = (
        select(BookCode.code)
        .where(BookCode.book_id == Book.id)
        .order_by(BookCode.id)
        .limit(1)
        .correlate(Book)
        .scalar_subquery()
    )
    rows = session.execute(
        select(Book.id, UsedCopy.grade, Book.price, Book.stock, code, UsedCopy.note, Book.active)
        .join(UsedCopy, UsedCopy.book_id == Book.id)
        .where(UsedCopy.copy_of_id == book_id)
        .order_by(Book.id)
    )
    return [CopyRow(*row) for row in rows]
