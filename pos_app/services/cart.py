"""The basket: every change is committed, can be undone, and gives back the whole basket as it now stands."""

import json
from collections.abc import Callable, Iterable
from datetime import datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import ColumnElement, bindparam, delete, exists, insert, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from pos_app.app import App
from pos_app.domain.card import UNANSWERED, CardKind, CardOutcome
from pos_app.domain.cover_price import cover_price
from pos_app.domain.free_text import free_text
from pos_app.domain.isbn import parse_code
from pos_app.domain.payment import Tender
from pos_app.domain.permission import Permission
from pos_app.domain.pricing import MAX_QUANTITY, check_price, check_quantity, points_below
from pos_app.errors import Refused
from pos_app.models import (
    Book,
    CardAttempt,
    Cart,
    CartChange,
    CartItem,
    CartPayment,
    CartStatus,
    Customer,
    OrderItem,
    Till,
    TillEvent,
    User,
    table,
)
from pos_app.services import journal
from pos_app.services.book import find_sellable
from pos_app.services.cart_handover import has_lines, left_here, make_ones_own
from pos_app.services.cart_limit import check_discounts, given_points
from pos_app.services.cart_view import (
    CartContent,
    CartLine,
    CartView,
    content,
    line_key,
    payments_of,
    settlement_of,
    view_of,
)
from pos_app.services.customer_family import kept_id
from pos_app.services.order_hold import item_of
from pos_app.services.quote_line import line_of_quote
from pos_app.services.report import PART_PAYMENT
from pos_app.services.right import About, require, require_or_approved
from pos_app.services.setting import shop_settings
from pos_app.services.shift import open_shift
from pos_app.services.sign_in import Operator
from pos_app.services.tender import tender_rules
from pos_app.services.training import require_training

MAX_LINES = 500
MAX_NOTE = 255
ITEM_FIELDS = tuple(
    column.name
    for column in table(CartItem).columns
    if column.name not in {"id", "cart_id", "created_at", "updated_at"}
)
CART_FIELDS = (
    "customer_id",
    "note",
    "discount_rate",
    "discount_amount",
    "discount_reason",
    "discount_allowed_by_id",
    "return_reason",
)
_RATES = {"discount_rate"}
_CARD = table(CardAttempt).c
_C = table(CartItem).c
# Built once: putting a statement together takes longer than SQLite takes to carry it out.
_ITEMS = select(_C.id, *(_C[name] for name in ITEM_FIELDS)).where(_C.cart_id == bindparam("cart")).order_by(_C.position)
_INSERT_ITEM = insert(table(CartItem))
_INSERT_CHANGE = insert(table(CartChange))


async def open_cart(app: App, operator: Operator, *, training: bool = False, take_over: bool = False) -> CartView:
    """Give the operator's open basket, or a new one; a basket left open at another till comes to this one.

    A new basket, or an empty one, is for training or for real as asked; one with lines stays what it is. With
    `take_over`, asked for once after signing in, the basket that somebody else left at this till goes on as the
    operator's, unless they have one of their own here: then it can be recalled, and the view's message says so.
    """

    def act(session: Session) -> CartView:
        return _open(session, app, operator, training=training, take_over=take_over)

    try:
        return await app.db.write(act)
    except IntegrityError:
        # The same person began one at another till at this moment; a person has one.
        return await app.db.write(act)


async def get_cart(app: App, cart_id: int) -> CartView:
    """Read a basket as it stands. Raises Refused("cart.gone")."""

    def act(session: Session) -> CartView:
        cart = session.get(Cart, cart_id)
        if cart is None or cart.status is not CartStatus.OPEN:
            raise Refused("cart.gone")
        return view_of(session, cart, app.clock.now())

    return await app.db.read(act)


async def add_scan(
    app: App, operator: Operator, cart_id: int, code: str, quantity: int = 1, approval: str | None = None
) -> CartView:
    """Add the book a scanned or typed code stands for; a price in its five-digit add-on is kept to be compared.

    One more of a book that a manager let pass at another price takes a manager again. Raises Refused("book.unknown" |
    "book.inactive" | "book.open_price" | "isbn.…" | "code.…" | "quantity.…" | "cart.…" | "right.…" |
    "approval.invalid").
    """
    now = app.clock.now()

    def act(session: Session, cart: Cart) -> str:
        book = find_sellable(session, code)
        if book.open_price:
            raise Refused("book.open_price", book_id=book.id, title=book.title)
        key = _add(session, cart, book, quantity, let=(operator, approval, now))
        cover = cover_price(parse_code(code).addon, shop_settings(session).currency)
        if cover is not None:
            session.execute(
                update(CartItem)
                .where(CartItem.cart_id == cart.id, CartItem.book_id == book.id)
                .values(cover_price=cover),
                execution_options={"synchronize_session": False},
            )
        return key

    return await step(app, operator, cart_id, act)


async def add_book(
    app: App,
    operator: Operator,
    cart_id: int,
    book_id: int,
    quantity: int = 1,
    *,
    price: int | None = None,
    approval: str | None = None,
) -> CartView:
    """Add a book chosen from a list, or an article at the price asked for. Raises as `add_scan` does."""
    let = (operator, approval, app.clock.now())

    def act(session: Session, cart: Cart) -> str:
        book = session.get(Book, book_id)
        if book is None:
            raise Refused("book.missing", book_id=book_id)
        if not book.open_price:
            return _add(session, cart, book, quantity, let=let)
        if price is None:
            raise Refused("book.open_price", book_id=book.id, title=book.title)
        check_price(price)
        return _add(session, cart, book, quantity, let=let, part=f"at {price}", values={"price": price})

    return await step(app, operator, cart_id, act)


async def set_quantity(
    app: App, operator: Operator, cart_id: int, key: str, quantity: int, approval: str | None = None
) -> CartView:
    """Set how many of a line; 0 removes it.

    More of what a manager let pass takes a manager again, and more of what comes back goes by `services.cart_return`.
    Raises Refused("quantity.…" | "cart.no_line" | "cart.…" | "return.more" | "right.…" | "approval.invalid").
    """
    if quantity != 0:
        check_quantity(quantity)
    now = app.clock.now()

    def act(session: Session, cart: Cart) -> str:
        item = line_of(session, cart, key)
        if item["gift_card"] and quantity > 1:
            raise Refused("gift_card.one")
        if item["comes_back"] and quantity > item["quantity"]:
            raise Refused("return.more")
        if item_of(item["part"]) is not None and quantity > item["quantity"]:
            raise Refused("order.more")
        if line_of_quote(item["part"]) is not None and quantity > item["quantity"]:
            raise Refused("quote.more")
        remember(session, cart, "quantity" if quantity else "remove", lines=[key])
        if not quantity:
            session.execute(delete(CartItem).where(CartItem.id == item["id"]))
        else:
            write_line(session, item["id"], quantity=quantity)
        if quantity > item["quantity"]:
            _let_more_pass(session, operator, cart, key, approval, now)
        return key

    return await step(app, operator, cart_id, act)


async def remove_line(app: App, operator: Operator, cart_id: int, key: str) -> CartView:
    """Take a line out. Raises Refused("cart.no_line" | "cart.…")."""
    return await set_quantity(app, operator, cart_id, key, 0)


async def clear(app: App, operator: Operator, cart_id: int) -> CartView:
    """Take everything out, as one step to undo. Raises Refused("cart.part_paid" | "cart.empty" | "cart.…")."""

    def act(session: Session, cart: Cart) -> None:
        keys = list(items_of(session, cart.id))
        if not keys:
            raise Refused("cart.empty")
        remember(session, cart, "clear", lines=keys, heading=True)
        session.execute(delete(CartItem).where(CartItem.cart_id == cart.id))
        for name in CART_FIELDS:
            setattr(cart, name, None)
        session.flush()

    return await step(app, operator, cart_id, act)


async def set_note(app: App, operator: Operator, cart_id: int, text: str, key: str | None = None) -> CartView:
    """Note something on a line, or on the sale without `key`; an empty text takes the note away.

    Raises Refused("note.invalid" | "code.card_number" | "cart.…").
    """
    note = free_text(text, MAX_NOTE, "note.invalid") or None

    def act(session: Session, cart: Cart) -> str | None:
        if key is None:
            remember(session, cart, "note", heading=True)
            cart.note = note
            session.flush()
            return None
        item = line_of(session, cart, key)
        remember(session, cart, "note", lines=[key])
        write_line(session, item["id"], note=note)
        return key

    return await step(app, operator, cart_id, act)


async def set_customer(app: App, operator: Operator, cart_id: int, customer_id: int | None) -> CartView:
    """Attach a customer, or nobody. Raises Refused("customer.missing" | "customer.paid" | "cart.…")."""

    def act(session: Session, cart: Cart) -> None:
        whose = None if customer_id is None else kept_id(session, customer_id)
        if whose is not None:
            person = session.get(Customer, whose)
            if person is None or not person.active:
                raise Refused("customer.missing")
        _refuse_payer_left(session, cart, whose)
        remember(session, cart, "customer", heading=True)
        cart.customer_id = whose
        session.flush()

    return await step(app, operator, cart_id, act)


def _refuse_payer_left(session: Session, cart: Cart, whose: int | None) -> None:
    """See that who paid a part from their account or full card stays: nobody else's would bear it."""
    if cart.customer_id is None or kept_id(session, cart.customer_id) == whose:
        return
    own = next(
        (part for part in payments_of(session, cart.id) if part.tender in (Tender.ACCOUNT, Tender.LOYALTY)), None
    )
    if own is not None:
        name = session.scalar(select(Customer.name).where(Customer.id == cart.customer_id))
        raise Refused("customer.paid", name=name, tender=own.name)


async def undo(app: App, operator: Operator, cart_id: int) -> CartView:
    """Take back the last step not yet taken back. Raises Refused("cart.nothing_to_undo" | "cart.…")."""

    def act(session: Session) -> CartView:
        cart = owned(session, operator, cart_id)
        view = _undo(session, app, cart)
        # A deposit came with its order's lines, and goes with them.
        while view.params.get("tender") == Tender.DEPOSIT:
            view = _undo(session, app, cart)
        return view

    return await app.db.write(act)


def _open(session: Session, app: App, operator: Operator, *, training: bool, take_over: bool) -> CartView:
    require(session, operator, Permission.SELL)
    if training:
        require_training(session, operator)
    # Locked, so that nobody takes it over while it comes to this till.
    cart = session.scalar(
        select(Cart).where(Cart.user_id == operator.user_id, Cart.status == CartStatus.OPEN).with_for_update()
    )
    if cart is not None and cart.till_id != operator.till_id and card_open_at(session, cart.id) is not None:
        # Only the terminal of its own till can say what became of its charge.
        cart.status, cart.parked_at, cart.version = CartStatus.PARKED, app.clock.now(), cart.version + 1
        session.flush()
        cart = None
    if take_over:
        view = _take_over(session, app, operator, cart, training=training)
        if view is not None:
            return view
    if cart is None:
        cart = Cart(uid=app.ids.new(), user_id=operator.user_id, till_id=operator.till_id, training=training)
        session.add(cart)
    else:
        if cart.till_id != operator.till_id:
            cart.till_id = operator.till_id
        if cart.training is not training and not items_of(session, cart.id):
            cart.training = training
    session.flush()
    return view_of(session, cart, app.clock.now())


def _take_over(session: Session, app: App, operator: Operator, own: Cart | None, *, training: bool) -> CartView | None:
    """Go on with what somebody else left at this till; None where there is nothing, or somebody was quicker."""
    now = app.clock.now()
    left = left_here(session, operator, training=training)
    if left is None:
        return None
    cart_id, owner_id, name = left
    own_lines = own is not None and has_lines(session, own.id)
    if own is not None and own_lines and own.till_id == operator.till_id:
        return view_of(session, own, now, message="basket.waits", params={"name": name})
    said: dict[str, Any] = {"name": name, "parked": own_lines}
    if own is not None and own_lines:
        # The customer stands here: what was begun at another till waits, to be recalled.
        own.status, own.parked_at, own.version = CartStatus.PARKED, now, own.version + 1
    elif own is not None:
        session.delete(own)
    session.flush()
    if not make_ones_own(session, operator, cart_id, owner_id, now):
        fresh = Cart(uid=app.ids.new(), user_id=operator.user_id, till_id=operator.till_id, training=training)
        session.add(fresh)
        session.flush()
        return view_of(session, fresh, now)
    cart = session.get_one(Cart, cart_id, populate_existing=True)
    return view_of(session, cart, now, message="basket.taken_over", params=said)


def card_is_open(cart_id: ColumnElement[int]) -> ColumnElement[bool]:
    """The condition that the terminal is being asked about a basket: until it has answered, the basket stands still."""
    return exists().where(_CARD.cart_id == cart_id, _CARD.kind != CardKind.REFUND, _CARD.outcome.in_(UNANSWERED))


_CART_TO_CHANGE = (
    select(Cart, card_is_open(table(Cart).c.id).label("card_open"))
    .where(Cart.id == bindparam("cart"))
    .with_for_update(of=Cart)
)


def card_open_at(session: Session, cart_id: int) -> int | None:
    """The number of the till whose terminal is still to be asked about a basket, inside an act."""
    return session.scalar(
        select(Till.number)
        .join(CardAttempt, CardAttempt.till_id == Till.id)
        .where(_CARD.cart_id == cart_id, _CARD.kind != CardKind.REFUND, _CARD.outcome.in_(UNANSWERED))
        .limit(1)
    )


def owned(session: Session, operator: Operator, cart_id: int) -> Cart:
    """The operator's open basket at this till, locked against a second writer.

    Raises Refused("cart.gone" | "cart.elsewhere" | "card.open").
    """
    require(session, operator, Permission.SELL)
    row = session.execute(_CART_TO_CHANGE, {"cart": cart_id}).one_or_none()
    cart: Cart | None = row.Cart if row is not None else None
    if row is None or cart is None or cart.status is not CartStatus.OPEN or cart.user_id != operator.user_id:
        raise Refused("cart.gone")
    if cart.till_id != operator.till_id:
        number = session.scalar(select(Till.number).where(Till.id == cart.till_id))
        raise Refused("cart.elsewhere", till=number)
    if row.card_open:
        raise Refused("card.open")
    return cart


async def step(app: App, operator: Operator, cart_id: int, change: Callable[[Session, Cart], str | None]) -> CartView:
    """Change a basket in one transaction; `change` gives the key of the line it touched.

    A step that would leave the basket paid over is refused, and one that makes a discount larger than was let pass.
    """
    now = app.clock.now()

    def act(session: Session) -> CartView:
        cart = owned(session, operator, cart_id)
        touched = change(session, cart)
        read = content(session, cart.id, shop_settings(session), now)
        check_discounts(session, operator, cart.id, read)
        return changed(session, cart, touched, now, read=read)

    return await app.db.write(act)


def changed(
    session: Session,
    cart: Cart,
    touched: str | None,
    now: datetime,
    *,
    read: CartContent | None = None,
    message: str | None = None,
    params: dict[str, Any] | None = None,
) -> CartView:
    """Give a basket that was changed inside an act. Raises Refused("cart.part_paid") where it is now paid over."""
    settings = shop_settings(session)
    read = read or content(session, cart.id, settings, now)
    paid = sum(payment.amount for payment in read.payments)
    # What is paid otherwise than in cash and is more than all comes to is no mistyped amount here.
    if paid and (read.totals.total <= paid or settlement_of(read, settings).due <= 0):
        raise Refused("cart.part_paid", paid=paid)
    _check_deposits(session, read)
    return view_of(session, cart, now, read=read, touched=touched, message=message, params=params)


def _check_deposits(session: Session, read: CartContent) -> None:
    """See that each order's deposit pays for its own lines alone. Raises Refused("deposit.with_order")."""
    for paid in read.payments:
        if paid.tender == Tender.DEPOSIT:
            items = set(session.scalars(select(OrderItem.id).where(OrderItem.order_id == int(paid.reference or 0))))
            if sum(line.amount for line in read.lines if item_of(line.key) in items) < paid.amount:
                raise Refused("deposit.with_order")


def _add(
    session: Session,
    cart: Cart,
    book: Book,
    quantity: int,
    *,
    let: tuple[Operator, str | None, datetime],
    part: str = "",
    values: dict[str, Any] | None = None,
) -> str:
    """Add a book, or more of it; `let` is who adds it, with an approval they may have, and when."""
    check_quantity(quantity)
    if not book.active:
        raise Refused("book.inactive", title=book.title)
    items = items_of(session, cart.id)
    key = line_key(book.id, part)
    old = items.get(key)
    if old is not None and old["quantity"] + quantity > MAX_QUANTITY:
        raise Refused("quantity.too_large", limit=MAX_QUANTITY)
    remember(session, cart, "add", lines=[key], items=items)
    if old is not None:
        write_line(session, old["id"], quantity=old["quantity"] + quantity)
    else:
        insert_line(
            session,
            cart,
            items,
            book_id=book.id,
            part=part,
            quantity=quantity,
            **{"price": book.price} | (values or {}),
        )
    operator, approval, now = let
    # A line just put in has nothing taken off it but what the whole sale has.
    if old is not None or cart.discount_rate is not None or cart.discount_amount is not None:
        _let_more_pass(session, operator, cart, key, approval, now)
    return key


def _let_more_pass(
    session: Session, operator: Operator, cart: Cart, key: str, approval: str | None, now: datetime
) -> None:
    """See that there may be more of a line at what is taken off it: what was let pass was let pass as it stood.

    An amount off stays that amount however much there is, and is not asked about again.
    """
    item = line_of(session, cart, key)
    if item["price_override"] is not None:
        below = points_below(item["price_override"], item["price"])
        about = About(title_of(session, item["book_id"]), item["price"], item["price_override"])
        require_or_approved(session, operator, Permission.OVERRIDE_PRICE, below, approval, now, about)
    rates, amounts = (item["discount_rate"], cart.discount_rate), (item["discount_amount"], cart.discount_amount)
    if all(off is None for off in (*rates, *amounts)):
        return
    read = content(session, cart.id, shop_settings(session), now)
    points = given_points(session, cart.id, read).get(key, 0)
    if any(rate is not None for rate in rates):
        require_or_approved(session, operator, Permission.DISCOUNT, points, approval, now, about_line(read, key))
    write_line(session, item["id"], allowed_points=points or None)


def about_line(read: CartContent, key: str) -> About | None:
    """What a manager is asked about a line: all of it, before and after what is taken off."""
    line = next((line for line in read.lines if line.key == key), None)
    return None if line is None else About(line.title, line.quantity * line.price, line.amount)


def title_of(session: Session, book_id: int) -> str | None:
    """The title of a book, inside an act."""
    return session.scalar(select(Book.title).where(Book.id == book_id))


def insert_line(session: Session, cart: Cart, items: dict[str, dict[str, Any]], **values: Any) -> None:
    """Add a line at the end, inside an act. Raises Refused("cart.too_long")."""
    if len(items) >= MAX_LINES:
        raise Refused("cart.too_long", limit=MAX_LINES)
    position = 1 + max((item["position"] for item in items.values()), default=0)
    session.execute(_INSERT_ITEM, {"cart_id": cart.id, "position": position, **values})


def write_line(session: Session, item_id: int, **values: Any) -> None:
    """Change a line inside an act."""
    session.execute(
        update(CartItem).where(CartItem.id == item_id).values(**values),
        execution_options={"synchronize_session": False},
    )


def line_of(session: Session, cart: Cart, key: str) -> dict[str, Any]:
    """A line as plain values, inside an act. Raises Refused("cart.no_line")."""
    item = items_of(session, cart.id).get(key)
    if item is None:
        raise Refused("cart.no_line")
    return item


def items_of(session: Session, cart_id: int) -> dict[str, dict[str, Any]]:
    """The basket's lines by key, as plain values with their ids, inside an act."""
    found = [dict(row) for row in session.execute(_ITEMS, {"cart": cart_id}).mappings()]
    return {line_key(item["book_id"], item["part"]): item for item in found}


def remember(
    session: Session,
    cart: Cart,
    act: str,
    *,
    lines: Iterable[str] = (),
    items: dict[str, dict[str, Any]] | None = None,
    heading: bool = False,
    payment: str | None = None,
) -> None:
    """Keep what a step is about to change, so that it can be taken back, today or after a restart.

    `lines` are the keys of lines, `heading` stands for what the basket says of itself, `payment` is a payment's uid.
    """
    keys = list(lines)
    known = items if items is not None else items_of(session, cart.id) if keys else {}
    before = {
        "lines": {key: {name: known[key][name] for name in ITEM_FIELDS} if key in known else None for key in keys},
        "cart": {name: getattr(cart, name) for name in CART_FIELDS} if heading else None,
        "payment": payment,
        "by": cart.user_id,
    }
    session.execute(_INSERT_CHANGE, {"cart_id": cart.id, "act": act, "before": json.dumps(before, default=str)})


def _undo(session: Session, app: App, cart: Cart) -> CartView:
    change = session.scalar(
        select(CartChange)
        .where(CartChange.cart_id == cart.id, CartChange.undone.is_(False))
        .order_by(CartChange.id.desc())
        .limit(1)
    )
    if change is None:
        raise Refused("cart.nothing_to_undo")
    before = json.loads(change.before)
    if before["payment"]:
        refuse_charged(session, before["payment"])
    change.undone = True
    params = {}
    if before["payment"]:
        params = _take_back_payment(session, cart, before["payment"], app.clock.now())
    touched = None
    items = items_of(session, cart.id)
    params |= _whose_and_what(session, cart, before, items)
    for key, item in before["lines"].items():
        touched = key
        if key in items:
            session.execute(delete(CartItem).where(CartItem.id == items[key]["id"]))
        if item is not None:
            session.execute(insert(CartItem).values(cart_id=cart.id, **_typed(item)))
    for name, value in _typed(before.get("cart") or {}).items():
        setattr(cart, name, value)
    session.flush()
    return changed(session, cart, touched, app.clock.now(), message=f"undone.{change.act}", params=params)


def _whose_and_what(
    session: Session, cart: Cart, before: dict[str, Any], items: dict[str, dict[str, Any]]
) -> dict[str, Any]:
    """Who did a step that is about to be undone, where it was somebody else, and which title it was about."""
    found: dict[str, Any] = {}
    # Baskets of an older program do not say who did their steps.
    if (by := before.get("by")) not in (None, cart.user_id):
        found["by"] = session.scalar(select(User.username).where(User.id == by))
    if len(before["lines"]) == 1:
        ((key, item),) = before["lines"].items()
        book_id = (item or items.get(key, {})).get("book_id")
        found["title"] = session.scalar(select(Book.title).where(Book.id == book_id))
    return found


def _typed(values: dict[str, Any]) -> dict[str, Any]:
    """Values as JSON kept them, in their own types."""
    return {name: Decimal(value) if name in _RATES and value is not None else value for name, value in values.items()}


def refuse_charged(session: Session, uid: str) -> None:
    """See that a payment was not charged by the terminal. Raises Refused("card.charged", uid, amount)."""
    amount = session.scalar(select(_CARD.amount).where(_CARD.uid == uid, _CARD.outcome == CardOutcome.APPROVED))
    if amount is not None:
        raise Refused("card.charged", uid=uid, amount=amount)


def drop_payment(session: Session, cart: Cart, uid: str, now: datetime) -> dict[str, Any]:
    """Take a payment out, inside an act, and the step that Undo would take back with it."""
    steps = session.scalars(
        select(CartChange).where(
            CartChange.cart_id == cart.id, CartChange.act == "payment", CartChange.undone.is_(False)
        )
    )
    for change in steps:
        if json.loads(change.before)["payment"] == uid:
            change.undone = True
    return _take_back_payment(session, cart, uid, now)


def note_part(session: Session, cart: Cart, tender: str, uid: str, amount: int, now: datetime) -> None:
    """Note cash taken towards a basket, or given back: the drawer holds it before there is a sale."""
    if tender != Tender.CASH or cart.training or cart.till_id is None:
        return
    # Locked as a sale locks it: a shift that is being counted knows of it or is closed already.
    shift = open_shift(session, cart.till_id)
    session.execute(
        insert(table(TillEvent)).values(
            till_id=cart.till_id,
            shift_id=None if shift is None else shift.id,
            user_id=cart.user_id,
            act=PART_PAYMENT,
            amount=amount,
            details=uid,
            happened_at=now,
        )
    )
    journal.append(session, cart.till_id, PART_PAYMENT, now, user_id=cart.user_id, uid=uid, amount=amount)


def _take_back_payment(session: Session, cart: Cart, uid: str, now: datetime) -> dict[str, Any]:
    payment = session.scalar(select(CartPayment).where(CartPayment.uid == uid))
    if payment is None:
        raise Refused("payment.missing")
    session.delete(payment)
    session.flush()
    note_part(session, cart, payment.tender, payment.uid, -payment.amount, now)
    rule = tender_rules(session).get(payment.tender)
    return {"tender": payment.tender, "amount": payment.amount, "name": rule.name if rule else payment.tender}


__all__ = ["CartContent", "CartLine", "CartView"]
