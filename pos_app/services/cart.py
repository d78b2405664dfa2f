"""The basket: every change is committed, can be undone, and gives back the whole basket as it now stands."""

import json
from collections.abc import Iterable
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from sqlalchemy import bindparam, delete, insert, select, update
from sqlalchemy.orm import Session

from pos_app.app import App
from pos_app.domain.payment import PaymentIn, Settlement, Tender, settle
from pos_app.domain.permission import Permission
from pos_app.domain.pricing import MAX_QUANTITY, check_quantity
from pos_app.domain.sale import SaleLine, SaleTotals, compute_sale
from pos_app.domain.shop import ShopSettings
from pos_app.errors import Refused
from pos_app.models import (
    Book,
    BookKind,
    Cart,
    CartChange,
    CartItem,
    CartPayment,
    CartStatus,
    TaxRate,
    Till,
    table,
)
from pos_app.services.book import find_sellable
from pos_app.services.right import require
from pos_app.services.setting import shop_settings
from pos_app.services.sign_in import Operator

MAX_LINES = 500
_ITEM_FIELDS = ("position", "quantity", "price", "price_override", "discount_rate", "discount_amount", "allowed_by_id")


@dataclass(frozen=True, slots=True)
class CartLine:
    """One line as shown: unit price, discount and amount in minor units."""

    book_id: int
    title: str
    author: str
    isbn: str | None
    kind: BookKind
    quantity: int
    price: int
    discount: int
    amount: int
    tax_name: str
    tax_rate: Decimal


@dataclass(frozen=True, slots=True)
class CartView:
    """A basket as it stands in the database. `touched` is the book whose line the last act changed."""

    id: int
    uid: str
    currency: str
    lines: tuple[CartLine, ...]
    totals: SaleTotals
    payments: tuple[PaymentIn, ...]
    settlement: Settlement
    can_undo: bool
    touched: int | None = None
    message: str | None = None
    params: dict[str, Any] = field(default_factory=dict)

    @property
    def item_count(self) -> int:
        """How many pieces the lines hold together."""
        return sum(line.quantity for line in self.lines)

    @property
    def due(self) -> int:
        """What is still to pay."""
        return self.settlement.due


@dataclass(frozen=True, slots=True)
class CartContent:
    """A basket's rows, read in one act and computed."""

    lines: tuple[CartLine, ...]
    totals: SaleTotals
    payments: tuple[PaymentIn, ...]


async def open_cart(app: App, operator: Operator) -> CartView:
    """Give the operator's open basket, or a new one; a basket left open at another till comes to this one."""
    return await app.db.write(lambda session: _open(session, app, operator))


async def get_cart(app: App, cart_id: int) -> CartView:
    """Read a basket as it stands. Raises Refused("cart.gone")."""

    def act(session: Session) -> CartView:
        cart = session.get(Cart, cart_id)
        if cart is None or cart.status is not CartStatus.OPEN:
            raise Refused("cart.gone")
        return _view(session, cart, shop_settings(session))

    return await app.db.read(act)


async def add_scan(app: App, operator: Operator, cart_id: int, code: str, quantity: int = 1) -> CartView:
    """Add the book a scanned or typed code stands for.

    Raises Refused("book.unknown" | "book.inactive" | "isbn.…" | "code.…" | "quantity.…" | "cart.…").
    """

    def act(session: Session) -> CartView:
        return _add(session, operator, cart_id, find_sellable(session, code), quantity)

    return await app.db.write(act)


async def add_book(app: App, operator: Operator, cart_id: int, book_id: int, quantity: int = 1) -> CartView:
    """Add a book chosen from a list. Raises as `add_scan` does."""

    def act(session: Session) -> CartView:
        book = session.get(Book, book_id)
        if book is None:
            raise Refused("book.missing", book_id=book_id)
        return _add(session, operator, cart_id, book, quantity)

    return await app.db.write(act)


async def set_quantity(app: App, operator: Operator, cart_id: int, book_id: int, quantity: int) -> CartView:
    """Set a line's quantity; 0 removes the line. Raises Refused("quantity.…" | "cart.no_line" | "cart.…")."""
    return await app.db.write(lambda session: _set_quantity(session, operator, cart_id, book_id, quantity))


async def remove_line(app: App, operator: Operator, cart_id: int, book_id: int) -> CartView:
    """Take a line out. Raises Refused("cart.no_line" | "cart.…")."""
    return await set_quantity(app, operator, cart_id, book_id, 0)


async def clear(app: App, operator: Operator, cart_id: int) -> CartView:
    """Take all lines out, as one step to undo. Raises Refused("cart.part_paid" | "cart.empty" | "cart.…")."""

    def act(session: Session) -> CartView:
        cart = _owned(session, operator, cart_id)
        items = _items(session, cart.id)
        if not items:
            raise Refused("cart.empty")
        _remember(session, cart, "clear", items.keys(), items)
        session.execute(delete(CartItem).where(CartItem.cart_id == cart.id))
        return _changed(session, cart, None)

    return await app.db.write(act)


async def undo(app: App, operator: Operator, cart_id: int) -> CartView:
    """Take back the last step not yet taken back. Raises Refused("cart.nothing_to_undo" | "cart.…")."""
    return await app.db.write(lambda session: _undo(session, operator, cart_id))


async def add_payment(app: App, operator: Operator, cart_id: int, payment: PaymentIn) -> CartView:
    """Keep money taken that does not cover what is due; `services.order.pay` takes the rest.

    The same payment sent twice is kept once. Raises Refused("payment.…" | "cart.…").
    """
    return await app.db.write(lambda session: _add_payment(session, operator, cart_id, payment))


_LINES = (
    select(
        table(CartItem).c.book_id,
        table(Book).c.title,
        table(Book).c.author,
        table(Book).c.isbn,
        table(Book).c.kind,
        table(CartItem).c.quantity,
        table(CartItem).c.price,
        table(CartItem).c.price_override,
        table(CartItem).c.discount_rate,
        table(CartItem).c.discount_amount,
        table(TaxRate).c.name,
        table(TaxRate).c.rate,
    )
    .join_from(table(CartItem), table(Book), table(Book).c.id == table(CartItem).c.book_id)
    .join(table(TaxRate), table(TaxRate).c.id == table(Book).c.tax_rate_id)
    .where(table(CartItem).c.cart_id == bindparam("cart"))
    .order_by(table(CartItem).c.position)
)
_PAYMENTS = (
    select(
        table(CartPayment).c.uid,
        table(CartPayment).c.tender,
        table(CartPayment).c.amount,
        table(CartPayment).c.reference,
    )
    .where(table(CartPayment).c.cart_id == bindparam("cart"))
    .order_by(table(CartPayment).c.id)
)


def content(session: Session, cart_id: int, settings: ShopSettings) -> CartContent:
    """Read and compute a basket inside an act."""
    rows = session.connection().execute(_LINES, {"cart": cart_id}).all()
    totals = compute_sale(
        settings.tax_policy,
        [
            SaleLine(
                quantity=row.quantity,
                price=row.price if row.price_override is None else row.price_override,
                discount=row.discount_rate if row.discount_amount is None else row.discount_amount,
                tax_name=row.name,
                tax_rate=row.rate,
            )
            for row in rows
        ],
    )
    lines = tuple(
        CartLine(
            book_id=row.book_id,
            title=row.title,
            author=row.author,
            isbn=row.isbn,
            kind=row.kind,
            quantity=row.quantity,
            price=row.price if row.price_override is None else row.price_override,
            discount=total.discount,
            amount=total.amount,
            tax_name=row.name,
            tax_rate=row.rate,
        )
        for row, total in zip(rows, totals.lines, strict=True)
    )
    return CartContent(lines, totals, payments_of(session, cart_id))


def payments_of(session: Session, cart_id: int) -> tuple[PaymentIn, ...]:
    """The money already taken towards a basket, in order."""
    return tuple(PaymentIn(*row) for row in session.connection().execute(_PAYMENTS, {"cart": cart_id}))


def _open(session: Session, app: App, operator: Operator) -> CartView:
    require(session, operator, Permission.SELL)
    cart = session.scalar(select(Cart).where(Cart.user_id == operator.user_id, Cart.status == CartStatus.OPEN))
    if cart is None:
        cart = Cart(uid=app.ids.new(), user_id=operator.user_id, till_id=operator.till_id)
        session.add(cart)
    elif cart.till_id != operator.till_id:
        cart.till_id = operator.till_id
    session.flush()
    return _view(session, cart, shop_settings(session))


def _owned(session: Session, operator: Operator, cart_id: int) -> Cart:
    """The operator's open basket at this till, locked against a second writer."""
    require(session, operator, Permission.SELL)
    cart = session.scalar(select(Cart).where(Cart.id == cart_id).with_for_update())
    if cart is None or cart.status is not CartStatus.OPEN or cart.user_id != operator.user_id:
        raise Refused("cart.gone")
    if cart.till_id != operator.till_id:
        number = session.scalar(select(Till.number).where(Till.id == cart.till_id))
        raise Refused("cart.elsewhere", till=number)
    return cart


def _add(session: Session, operator: Operator, cart_id: int, book: Book, quantity: int) -> CartView:
    check_quantity(quantity)
    if not book.active:
        raise Refused("book.inactive", title=book.title)
    cart = _owned(session, operator, cart_id)
    items = _items(session, cart.id)
    old = items.get(book.id)
    if old is None and len(items) >= MAX_LINES:
        raise Refused("cart.too_long", limit=MAX_LINES)
    if old is not None and old["quantity"] + quantity > MAX_QUANTITY:
        raise Refused("quantity.too_large", limit=MAX_QUANTITY)
    _remember(session, cart, "add", [book.id], items)
    if old is None:
        position = 1 + max((item["position"] for item in items.values()), default=0)
        session.execute(
            insert(CartItem).values(
                cart_id=cart.id, book_id=book.id, position=position, quantity=quantity, price=book.price
            )
        )
    else:
        _write_quantity(session, cart.id, book.id, old["quantity"] + quantity)
    return _changed(session, cart, book.id)


def _set_quantity(session: Session, operator: Operator, cart_id: int, book_id: int, quantity: int) -> CartView:
    if quantity != 0:
        check_quantity(quantity)
    cart = _owned(session, operator, cart_id)
    items = _items(session, cart.id)
    if book_id not in items:
        raise Refused("cart.no_line")
    _remember(session, cart, "quantity" if quantity else "remove", [book_id], items)
    if quantity:
        _write_quantity(session, cart.id, book_id, quantity)
    else:
        session.execute(delete(CartItem).where(CartItem.cart_id == cart.id, CartItem.book_id == book_id))
    return _changed(session, cart, book_id)


def _write_quantity(session: Session, cart_id: int, book_id: int, quantity: int) -> None:
    session.execute(
        update(CartItem).where(CartItem.cart_id == cart_id, CartItem.book_id == book_id).values(quantity=quantity),
        execution_options={"synchronize_session": False},
    )


def _add_payment(session: Session, operator: Operator, cart_id: int, payment: PaymentIn) -> CartView:
    cart = _owned(session, operator, cart_id)
    now = content(session, cart.id, shop_settings(session))
    if any(kept.uid == payment.uid for kept in now.payments):
        return _view_of(session, now, cart)
    if not now.lines:
        raise Refused("cart.empty")
    after = settle(now.totals.total, (*now.payments, payment))
    if after.due <= 0:
        raise Refused("payment.covers_all")
    _remember(session, cart, "payment", [], {}, payment_uid=payment.uid)
    session.execute(
        insert(CartPayment).values(
            uid=payment.uid,
            cart_id=cart.id,
            tender=payment.tender,
            amount=payment.amount,
            reference=payment.reference,
        )
    )
    return _changed(session, cart, None)


def _items(session: Session, cart_id: int) -> dict[int, dict[str, Any]]:
    """The basket's lines by book, as plain values."""
    item = table(CartItem).c
    columns = [item[name] for name in _ITEM_FIELDS]
    rows = session.execute(select(item.book_id, *columns).where(item.cart_id == cart_id).order_by(item.position))
    return {row.book_id: dict(zip(_ITEM_FIELDS, row[1:], strict=True)) for row in rows}


def _remember(
    session: Session,
    cart: Cart,
    act: str,
    book_ids: Iterable[int],
    items: dict[int, dict[str, Any]],
    payment_uid: str | None = None,
) -> None:
    """Keep what the step is about to change, so that it can be taken back, today or after a restart."""
    before = {"lines": {book_id: items.get(book_id) for book_id in book_ids}, "payment": payment_uid}
    session.execute(insert(CartChange).values(cart_id=cart.id, act=act, before=json.dumps(before, default=str)))


def _undo(session: Session, operator: Operator, cart_id: int) -> CartView:
    cart = _owned(session, operator, cart_id)
    change = session.scalar(
        select(CartChange)
        .where(CartChange.cart_id == cart.id, CartChange.undone.is_(False))
        .order_by(CartChange.id.desc())
        .limit(1)
    )
    if change is None:
        raise Refused("cart.nothing_to_undo")
    change.undone = True
    before = json.loads(change.before)
    params: dict[str, Any] = {}
    touched = None
    if before["payment"]:
        params = _take_back_payment(session, before["payment"])
    for book_id, item in before["lines"].items():
        touched = int(book_id)
        session.execute(delete(CartItem).where(CartItem.cart_id == cart.id, CartItem.book_id == touched))
        if item is not None:
            rate = item["discount_rate"]
            values = {**item, "discount_rate": None if rate is None else Decimal(rate)}
            session.execute(insert(CartItem).values(cart_id=cart.id, book_id=touched, **values))
    session.flush()
    return _changed(session, cart, touched, message=f"undone.{change.act}", params=params)


def _take_back_payment(session: Session, uid: str) -> dict[str, Any]:
    payment = session.scalars(select(CartPayment).where(CartPayment.uid == uid)).one()
    session.delete(payment)
    return {"tender": payment.tender, "amount": payment.amount}


def _changed(
    session: Session,
    cart: Cart,
    touched: int | None,
    *,
    message: str | None = None,
    params: dict[str, Any] | None = None,
) -> CartView:
    """The basket after a step; a step that would leave it paid over is refused."""
    now = content(session, cart.id, shop_settings(session))
    view = _view_of(session, now, cart, touched=touched, message=message, params=params or {})
    if now.payments and view.settlement.due <= 0:
        raise Refused("cart.part_paid", paid=view.settlement.paid)
    return view


def _view(session: Session, cart: Cart, settings: ShopSettings) -> CartView:
    return _view_of(session, content(session, cart.id, settings), cart, currency=settings.currency)


def _view_of(
    session: Session,
    now: CartContent,
    cart: Cart,
    *,
    currency: str | None = None,
    touched: int | None = None,
    message: str | None = None,
    params: dict[str, Any] | None = None,
) -> CartView:
    undoable = session.scalar(
        select(CartChange.id).where(CartChange.cart_id == cart.id, CartChange.undone.is_(False)).limit(1)
    )
    return CartView(
        id=cart.id,
        uid=cart.uid,
        currency=currency or shop_settings(session).currency,
        lines=now.lines,
        totals=now.totals,
        payments=now.payments,
        settlement=settle(now.totals.total, now.payments),
        can_undo=undoable is not None,
        touched=touched,
        message=message,
        params=params or {},
    )


__all__ = ["CartLine", "CartView", "Tender"]
