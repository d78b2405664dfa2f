"""Adding a title, at the counter while its buyer waits or by hand: a title and a price are enough."""

from sqlalchemy import insert, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from pos_app.app import App
from pos_app.domain.free_text import refuse_card_number
from pos_app.domain.isbn import Code, CodeKind, parse_code
from pos_app.domain.kinds import BookKind, StockReason
from pos_app.domain.permission import Permission
from pos_app.domain.pricing import check_price
from pos_app.domain.search import is_storable, search_words, sort_key
from pos_app.errors import Refused
from pos_app.models import Book, Category, StockMovement, TaxRate, table
from pos_app.services.book import find_sellable
from pos_app.services.book_addition import Added, keep_additions
from pos_app.services.book_search import BookRow, book_rows
from pos_app.services.right import Operator, require
from pos_app.services.setting import shop_settings
from pos_app.services.tax_rate import OUTSIDE_TAX

MAX_TEXT = 255
MAX_STOCK = 1_000_000


async def add_book(
    app: App,
    operator: Operator,
    isbn: str,
    title: str,
    price: int,
    author: str = "",
    category_id: int | None = None,
    tax_rate_id: int | None = None,
    stock: int = 0,
    *,
    kind: BookKind | None = None,
    only_new: bool = False,
) -> int:
    """Add a title under an ISBN or EAN, or under none, at a price in minor units, and give its id.

    `stock` is what there is of it. A code that is sold already, be it for a second only, gives that title's id and
    changes nothing; with `only_new` it is refused. Without a tax rate it is the shop's default; without a kind, another
    good where the code is no ISBN. Raises Refused("book.title" | "book.author" | "book.category" | "book.tax_rate" |
    "book.service_stock" | "book.known" | "price.invalid" | "stock.invalid" | "import.no_tax_rate" | "isbn.…" |
    "code.…" | "right.missing").
    """
    code = _checked_code(isbn) if isbn.strip() else None
    if kind is None:
        kind = BookKind.BOOK if code is None or code.kind is CodeKind.ISBN else BookKind.OTHER
    title, author = " ".join(title.split()), " ".join(author.split())
    _check(title, author, price, stock, kind)

    def found(known: Book) -> int:
        if only_new:
            raise Refused("book.known", title=known.title, price=known.price)
        return known.id

    def act(session: Session) -> int:
        require(session, operator, Permission.ADD_BOOKS)
        if (known := _known(session, code)) is not None:
            return found(known)
        if category_id is not None and session.get(Category, category_id) is None:
            raise Refused("book.category")
        book = Book(
            isbn=None if code is None else code.value,
            title=title,
            author=author,
            price=price,
            stock=stock,
            category_id=category_id,
            tax_rate_id=_tax_rate(session, tax_rate_id),
            kind=kind,
            title_key=sort_key(title),
            search_text=search_words(title, author),
        )
        try:
            with session.begin_nested():
                session.add(book)
                session.flush()
        except IntegrityError:
            # Another till has added it meanwhile: theirs is the one.
            known = _known(session, code)
            if known is None:
                raise
            return found(known)
        _write_opening(session, app, operator, book.id, stock)
        moved = {book.id: stock} if stock else {}
        added = Added(ids=[book.id]) if code is None else Added([code.value])
        keep_additions(session, operator, app.ids.new(), "add", added, moved)
        return book.id

    return await app.db.write(act)


async def same_title(app: App, title: str) -> BookRow | None:
    """Give a title on sale of the same words, so that nobody adds it twice; the one most stocked."""

    def act(session: Session) -> BookRow | None:
        same = select(Book.id).where(Book.title_key == sort_key(" ".join(title.split())), Book.active)
        return next(iter(book_rows(session, same.order_by(Book.stock.desc(), Book.id).limit(1))), None)

    return await app.db.read(act)


def default_tax_rate(session: Session) -> int:
    """Give the rate of a new title inside an act: the shop's choice, else its lowest, as books are taxed least.

    Raises Refused("import.no_tax_rate").
    """
    rate = usual_tax_rate(session)
    if rate is None:
        raise Refused("import.no_tax_rate")
    return rate


def usual_tax_rate(session: Session) -> int | None:
    """Give what `default_tax_rate` gives, None where the shop has no rate."""
    chosen = shop_settings(session).default_tax_rate_id
    # That of gift cards is no title's, unless somebody chose it.
    in_use = select(TaxRate.id).where(TaxRate.active, TaxRate.name != OUTSIDE_TAX)
    rates = session.scalars(in_use.order_by(TaxRate.rate, TaxRate.id)).all()
    return chosen if chosen is not None and chosen in rates else next(iter(rates), None)


def _checked_code(text: str) -> Code:
    code = parse_code(text)
    if code.kind is CodeKind.OTHER:
        raise Refused("isbn.letters", code=code.value)
    return code


def _check(title: str, author: str, price: int, stock: int, kind: BookKind) -> None:
    if not title or len(title) > MAX_TEXT or not is_storable(title):
        raise Refused("book.title")
    if len(author) > MAX_TEXT or not is_storable(author):
        raise Refused("book.author")
    for text in (title, author):
        refuse_card_number(text)
    check_price(price if _is_whole(price) else -1)
    if not _is_whole(stock) or not 0 <= stock <= MAX_STOCK:
        raise Refused("stock.invalid", limit=MAX_STOCK)
    if stock and kind is BookKind.SERVICE:
        raise Refused("book.service_stock")


def _known(session: Session, code: Code | None) -> Book | None:
    if code is None:
        return None
    try:
        return find_sellable(session, code.value)
    except Refused as refused:
        if refused.code != "book.unknown":
            raise
        return None


def _tax_rate(session: Session, tax_rate_id: int | None) -> int:
    if tax_rate_id is None:
        return default_tax_rate(session)
    rate = session.get(TaxRate, tax_rate_id)
    if rate is None or not rate.active:
        raise Refused("book.tax_rate")
    return rate.id


def _write_opening(session: Session, app: App, operator: Operator, book_id: int, stock: int) -> None:
    """Stock is the sum of its movements, from the first copy on."""
    if stock:
        session.execute(
            insert(table(StockMovement)).values(
                uid=app.ids.new(),
                book_id=book_id,
                delta=stock,
                reason=StockReason.OPENING,
                document="Added at the counter",
                user_id=operator.user_id,
                till_id=operator.till_id,
            )
        )


def _is_whole(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)
