"""Quotes: what a basket comes to, kept under a number, found again, and taken up at the prices offered."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from sqlalchemy import ColumnElement, insert, or_, select, update
from sqlalchemy.orm import Session

from pos_app.app import App
from pos_app.domain.isbn import try_isbn13
from pos_app.domain.pricing import points_below
from pos_app.domain.sale import SaleLine, SaleLineTotal, total_up
from pos_app.domain.search import fold
from pos_app.errors import Refused
from pos_app.models import Book, Customer, CustomerMerge, Order, Quote, QuoteLine, Till, table
from pos_app.receipts.invoice import invoice_document
from pos_app.receipts.layout import Document
from pos_app.services import journal
from pos_app.services.cart import insert_line, items_of, owned, remember
from pos_app.services.cart_view import CartView, content, line_key, view_of
from pos_app.services.customer_family import kept_id
from pos_app.services.order_hold import item_of
from pos_app.services.order_number import MAX_DIGITS, document_number
from pos_app.services.order_write import line_values
from pos_app.services.quote_line import line_of_quote, quote_part
from pos_app.services.right import Operator
from pos_app.services.setting import shop_settings
from pos_app.services.shift import business_date

DAYS = 30
LISTED = 200
_B, _C, _L, _M, _O, _Q, _T = (
    table(model).c for model in (Book, Customer, QuoteLine, CustomerMerge, Order, Quote, Till)
)


@dataclass(frozen=True, slots=True)
class QuoteRow:
    """One quote in a list; `became` is the number of the order or sale it became, amounts are minor units."""

    id: int
    customer_id: int
    customer: str
    made_on: date
    valid_until: date
    item_count: int
    total: int
    became: str | None


async def make_quote(app: App, operator: Operator, uid: str, cart_id: int) -> QuoteRow:
    """Keep a basket as a quote for its customer; the basket stays what it is, and nothing is held.

    The same uid again gives the stored one. Raises Refused("order.nobody" | "order.training" | "order.only_books" |
    "cart.…" | "right.missing").
    """
    now = app.clock.now()

    def act(session: Session) -> QuoteRow:
        stored = session.scalar(select(_Q.id).where(_Q.uid == uid))
        if stored is not None:
            return _row(session, stored)
        cart = owned(session, operator, cart_id)
        settings = shop_settings(session)
        if cart.training:
            raise Refused("order.training")
        if cart.customer_id is None:
            raise Refused("order.nobody")
        read = content(session, cart.id, settings, now)
        if not read.lines:
            raise Refused("cart.empty")
        if any(line.comes_back or line.gift_card or item_of(line.key) is not None for line in read.lines):
            raise Refused("order.only_books")
        today = business_date(settings, now)
        values = {
            "uid": uid,
            "customer_id": kept_id(session, cart.customer_id),
            "user_id": operator.user_id,
            "till_id": operator.till_id,
            "made_at": now,
            "made_on": today,
            "valid_until": today + timedelta(days=DAYS),
            "currency": settings.currency,
            "prices_include_tax": settings.prices_include_tax,
            "total_amount": read.totals.total,
            "item_count": sum(line.quantity for line in read.lines),
            "note": cart.note,
        }
        quote_id: int = session.execute(insert(table(Quote)).values(values).returning(_Q.id)).scalar_one()
        rows = [
            {"quote_id": quote_id, "position": position} | line_values(line, total)
            for position, (line, total) in enumerate(zip(read.lines, read.totals.lines, strict=True), 1)
        ]
        session.execute(insert(table(QuoteLine)), rows)
        journal.append(
            session,
            operator.till_id,
            "quoted",
            now,
            user_id=operator.user_id,
            quote=uid,
            number=quote_id,
            customer=kept_id(session, cart.customer_id),
            total=read.totals.total,
        )
        return _row(session, quote_id)

    return await app.db.write(act)


async def list_quotes(app: App, text: str = "", limit: int = LISTED) -> list[QuoteRow]:
    """Give the newest quotes, those found by a number, an ISBN, or words of a customer or a title."""

    def act(session: Session) -> list[QuoteRow]:
        query = _rows()
        if text.strip():
            query = query.where(_matches(text.strip()[:100]))
        return [_as_row(row) for row in session.execute(query.order_by(_Q.id.desc()).limit(limit))]

    return await app.db.read(act)


async def quote_paper(app: App, quote_id: int) -> Document:
    """Give a quote as its customer gets it, as often as it is asked for. Raises Refused("quote.missing")."""

    def act(session: Session) -> Document:
        quote = _stored(session, quote_id)
        settings = shop_settings(session)
        lines = _lines(session, quote_id)
        totals = total_up(
            [SaleLine(line.quantity, line.price, line.discount_amount, line.tax_name, line.tax_rate) for line in lines],
            [SaleLineTotal(line.discount_amount, line.amount, line.net_amount, line.tax_amount) for line in lines],
        )
        whose = session.execute(select(_C.name, _C.address).where(_C.id == kept_id(session, quote.customer_id))).one()
        return invoice_document(
            settings,
            f"QUOTE {quote_id}",
            (whose.name, whose.address or ""),
            [("Date", quote.made_on), ("Prices hold until", quote.valid_until)],
            [(line.quantity, line.title, line.isbn, line.amount) for line in lines],
            totals.taxes,
            quote.total_amount,
            [quote.note] if quote.note else [],
            prices_include_tax=quote.prices_include_tax,
        )

    return await app.db.read(act)


async def take_quote(app: App, operator: Operator, cart_id: int, quote_id: int) -> CartView:
    """Take a quote into the basket, for its customer and at its prices: to be sold, invoiced, or ordered from there.

    Past its day a title costs what it costs today; the view's message is "quote.today" then. Raises
    Refused("quote.missing" | "quote.taken" | "quote.done" | "order.training" | "book.inactive" | "cart.…").
    """
    now = app.clock.now()

    def act(session: Session) -> CartView:
        cart = owned(session, operator, cart_id)
        if cart.training:
            raise Refused("order.training")
        quote = _stored(session, quote_id)
        if quote.order_id is not None:
            raise Refused("quote.done", number=quote_id, became=_row(session, quote_id).became)
        lines, items = _lines(session, quote_id), items_of(session, cart.id)
        keys = [line_key(line.book_id, quote_part(line.id)) for line in lines]
        if any(key in items for key in keys):
            raise Refused("quote.taken", number=quote_id)
        remember(session, cart, "quote", heading=True, lines=keys)
        cart.customer_id = kept_id(session, quote.customer_id)
        session.flush()
        holds = business_date(shop_settings(session), now) <= quote.valid_until
        for line in lines:
            if not line.active:
                raise Refused("book.inactive", title=line.title)
            off = line.discount_amount if holds else 0
            price = line.price if holds else line.price_now
            insert_line(
                session,
                cart,
                items_of(session, cart.id),
                book_id=line.book_id,
                part=quote_part(line.id),
                quantity=line.quantity,
                price=price,
                discount_amount=off or None,
                discount_reason="As quoted" if off else None,
                # It was looked at when the quote was made.
                allowed_points=points_below(price * line.quantity - off, price * line.quantity) if off else None,
            )
        said = {"number": quote_id, "customer": _row(session, quote_id).customer, "until": quote.valid_until}
        message = "quote.taken_up" if holds else "quote.today"
        return view_of(session, cart, now, touched=keys[0], message=message, params=said)

    return await app.db.write(act)


def end_quotes(session: Session, keys: Iterable[str], order_id: int) -> None:
    """Note of the quotes that some lines of a basket came from what they became, inside its act."""
    ids = [number for number in map(line_of_quote, keys) if number is not None]
    if ids:
        quotes = select(_L.quote_id).where(_L.id.in_(ids))
        open_ones = (_Q.id.in_(quotes), _Q.order_id.is_(None))
        session.execute(update(table(Quote)).where(*open_ones).values(order_id=order_id, version=_Q.version + 1))


def open_quotes(session: Session, order_id: int) -> None:
    """Let the quotes that became a sale that is voided be taken again, inside its act."""
    became = _Q.order_id == order_id
    session.execute(update(table(Quote)).where(became).values(order_id=None, version=_Q.version + 1))


def _stored(session: Session, quote_id: int) -> Any:
    row = session.execute(select(table(Quote)).where(_Q.id == quote_id)).one_or_none()
    if row is None:
        raise Refused("quote.missing", number=quote_id)
    return row


def _lines(session: Session, quote_id: int) -> list[Any]:
    query = select(table(QuoteLine), _B.active, _B.price.label("price_now"))
    query = query.join_from(table(QuoteLine), table(Book), _B.id == _L.book_id).where(_L.quote_id == quote_id)
    return list(session.execute(query.order_by(_L.position)).all())


def _rows() -> Any:
    return (
        select(
            _Q.id,
            _Q.customer_id,
            _C.name,
            _Q.made_on,
            _Q.valid_until,
            _Q.item_count,
            _Q.total_amount,
            _Q.order_id,
            _T.number,
            _O.receipt_number,
            _O.training,
        )
        .join_from(table(Quote), table(Customer), _C.id == _Q.customer_id)
        .join(table(Order), _O.id == _Q.order_id, isouter=True)
        .join(table(Till), _T.id == _O.till_id, isouter=True)
    )


def _row(session: Session, quote_id: int) -> QuoteRow:
    return _as_row(session.execute(_rows().where(_Q.id == quote_id)).one())


def _as_row(row: Any) -> QuoteRow:
    became = None
    if row.order_id is not None:
        became = document_number(row.order_id, row.number, row.receipt_number, training=row.training)
    return QuoteRow(
        row.id,
        row.customer_id,
        row.name,
        row.made_on,
        row.valid_until,
        row.item_count,
        row.total_amount,
        became,
    )


def _matches(text: str) -> ColumnElement[bool]:
    found: list[ColumnElement[bool]] = []
    if text.isascii() and text.isdigit() and len(text) <= MAX_DIGITS:
        found.append(_Q.id == int(text))
    if isbn := try_isbn13(text):
        found.append(_Q.id.in_(select(_L.quote_id).where(_L.isbn == isbn)))
    words = fold(text).split()
    named = select(_C.id).where(*(_C.name_key.contains(word, autoescape=True) for word in words))
    joined = select(_M.customer_id).where(_M.into_id.in_(named))
    titled = select(_L.quote_id).join_from(table(QuoteLine), table(Book), _B.id == _L.book_id)
    titled = titled.where(*(_B.search_text.contains(word, autoescape=True) for word in words))
    found += [_Q.customer_id.in_(named), _Q.customer_id.in_(joined), _Q.id.in_(titled)]
    return or_(*found)
