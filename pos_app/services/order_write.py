"""Writing a document: its lines, taxes, payments, movements and timeline, in few statements that are made once."""

from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import Row, bindparam, func, insert, select, update
from sqlalchemy.orm import Session

from pos_app.app import App
from pos_app.domain.card import CardKind
from pos_app.domain.document import OrderLine, OrderView, Restock
from pos_app.domain.journal import Fact
from pos_app.domain.kinds import BookKind, StockReason
from pos_app.domain.order_status import OrderKind, OrderStatus
from pos_app.domain.payment import PaymentIn, Tender
from pos_app.domain.sale import SaleLineTotal, SaleTotals
from pos_app.domain.shop import ShopSettings
from pos_app.errors import Refused
from pos_app.models import (
    Book,
    CardAttempt,
    Order,
    OrderAdjustment,
    OrderEvent,
    OrderItem,
    OrderTax,
    Payment,
    StockMovement,
    Till,
    table,
)
from pos_app.services.cart_view import CartLine
from pos_app.services.journal import HEAD
from pos_app.services.order_number import receipt_text_number
from pos_app.services.right import Operator
from pos_app.services.stock import held_elsewhere

# Built once: putting a statement together takes longer than SQLite takes to carry it out.
_INSERT_ORDER = insert(table(Order)).returning(table(Order).c.id)
_SOLD = table(OrderItem).alias("sold")
_INSERT_ITEMS = insert(table(OrderItem)).values(
    cost=func.coalesce(
        select(_SOLD.c.cost).where(_SOLD.c.id == bindparam("of_item")).scalar_subquery(),
        select(table(Book).c.cost).where(table(Book).c.id == bindparam("of_book")).scalar_subquery(),
    )
)
_INSERT_TAXES = insert(table(OrderTax))
_INSERT_PAYMENTS = insert(table(Payment))
_INSERT_CARD_ATTEMPTS = insert(table(CardAttempt))
_INSERT_MOVEMENTS = insert(table(StockMovement))
_INSERT_EVENT = insert(table(OrderEvent))
_INSERT_ADJUSTMENTS = insert(table(OrderAdjustment))
_ITEM_IDS = (
    select(table(OrderItem).c.id)
    .where(table(OrderItem).c.order_id == bindparam("order"))
    .order_by(table(OrderItem).c.position)
)
_TILLS = table(Till)
_DRAW_NUMBER = (
    update(_TILLS)
    .where(_TILLS.c.id == bindparam("till"))
    .values(next_receipt_number=_TILLS.c.next_receipt_number + 1)
    .returning((_TILLS.c.next_receipt_number - 1).label("drawn"), *HEAD)
)
_DRAW_TRAINING_NUMBER = (
    update(_TILLS)
    .where(_TILLS.c.id == bindparam("till"))
    .values(next_training_number=_TILLS.c.next_training_number + 1)
    .returning((_TILLS.c.next_training_number - 1).label("drawn"), *HEAD)
)


@dataclass(frozen=True, slots=True)
class Heading:
    """What a new document says of itself beside its lines."""

    uid: str
    content_hash: str
    kind: OrderKind
    status: OrderStatus
    user_id: int
    till_id: int | None
    shift_id: int | None
    business_date: date
    placed_at: datetime
    receipt_number: int | None = None
    paid_at: datetime | None = None
    customer_id: int | None = None
    shipping_address: str | None = None
    note: str | None = None
    change_amount: int = 0
    rounding_amount: int = 0
    training: bool = False
    refers_to_id: int | None = None
    reason: str | None = None
    allowed_by_id: int | None = None


def stocked(lines: Sequence[CartLine]) -> list[CartLine]:
    """The lines that move stock, in id order, so that two tills never wait for each other crosswise.

    What comes back damaged, or goes back to the publisher, is no stock to sell.
    """
    return sorted(
        (line for line in lines if line.kind is not BookKind.SERVICE and line.restock in (None, Restock.SELLABLE)),
        key=lambda line: line.book_id,
    )


def line_values(line: CartLine, total: SaleLineTotal) -> dict[str, Any]:
    """What a line says of itself, as documents and quotes keep it."""
    return {
        "book_id": line.book_id,
        "title": line.title,
        "isbn": line.isbn,
        "quantity": line.quantity,
        "price": line.price,
        "discount_amount": line.discount,
        "amount": line.amount,
        "tax_name": line.tax_name,
        "tax_rate": line.tax_rate,
        "net_amount": total.net,
        "tax_amount": total.tax,
    }


def draw_number(session: Session, till_id: int, *, training: bool) -> Row[Any]:
    """Draw the till's next receipt number, and its journal's HEAD, which the act holds locked from here on.

    A sale that fails gives the number back, so there are no gaps.
    """
    statement = _DRAW_TRAINING_NUMBER if training else _DRAW_NUMBER
    till = session.connection().execute(statement, {"till": till_id}).one_or_none()
    if till is None:
        raise Refused("till.missing")
    return till


def write_document(
    session: Session, heading: Heading, lines: Sequence[CartLine], totals: SaleTotals, settings: ShopSettings
) -> int:
    """Write a document with its lines and taxes inside an act; gives its id."""
    connection = session.connection()
    values = asdict(heading) | {
        "currency": settings.currency,
        "prices_include_tax": settings.prices_include_tax,
        "tax_level": settings.tax_level,
        "discount_amount": totals.discount,
        "net_amount": totals.net,
        "tax_amount": totals.tax,
        "total_amount": totals.total + heading.rounding_amount,
        "item_count": sum(abs(line.quantity) for line in lines),
    }
    order_id: int = connection.execute(_INSERT_ORDER, values).scalar_one()
    if not lines:
        # Money put on an account sells nothing.
        return order_id
    connection.execute(
        _INSERT_ITEMS,
        [
            line_values(line, total)
            | {
                "order_id": order_id,
                "position": position,
                "returned_item_id": line.returned_item_id,
                "note": line.note,
                "gift_card": line.gift_card,
                "restock": line.restock,
                "of_item": line.returned_item_id,
                "of_book": line.book_id,
            }
            for position, (line, total) in enumerate(zip(lines, totals.lines, strict=True), 1)
        ],
    )
    connection.execute(
        _INSERT_TAXES,
        [
            {"order_id": order_id, "name": tax.name, "rate": tax.rate, "net_amount": tax.net, "tax_amount": tax.tax}
            for tax in totals.taxes
        ],
    )
    _write_adjustments(session, order_id, lines)
    return order_id


def _write_adjustments(session: Session, order_id: int, lines: Sequence[CartLine]) -> None:
    """Write why lines cost what they cost, where there is anything to say."""
    if not any(line.adjustments for line in lines):
        return
    ids = session.connection().scalars(_ITEM_IDS, {"order": order_id}).all()
    rows = [
        {
            "order_item_id": item_id,
            "kind": why.kind,
            "name": why.name,
            "amount": why.amount,
            "was": why.was,
            "allowed_by_id": who,
        }
        for item_id, line in zip(ids, lines, strict=True)
        for why, who in zip(line.adjustments, line.allowed_by, strict=True)
    ]
    session.connection().execute(_INSERT_ADJUSTMENTS, rows)


def line_facts(lines: Sequence[CartLine], totals: SaleTotals) -> Iterator[tuple[Fact | Decimal, ...]]:
    """What the journal binds of a document's lines, each followed by why it costs what it costs."""
    for position, (line, total) in enumerate(zip(lines, totals.lines, strict=True), 1):
        yield (
            position, line.book_id, line.title, line.isbn, line.quantity, line.price, line.discount, line.amount,
            line.tax_name, line.tax_rate, total.net, total.tax, line.returned_item_id, line.note, line.gift_card,
            line.restock,
        )  # fmt: skip
        for why, who in zip(line.adjustments, line.allowed_by, strict=True):
            yield (position, why.kind, why.name, why.amount, why.was, who)


def write_payments(session: Session, order_id: int, payments: Sequence[PaymentIn]) -> None:
    """Write what was paid inside an act."""
    rows = [
        {
            "order_id": order_id,
            "uid": payment.uid,
            "tender": payment.tender,
            "amount": payment.amount,
            "reference": payment.reference,
            "scheme": payment.scheme,
        }
        for payment in payments
    ]
    if rows:
        session.connection().execute(_INSERT_PAYMENTS, rows)


def write_card_refunds(
    session: Session, operator: Operator, payments: Sequence[PaymentIn], cart_id: int | None
) -> None:
    """Write down, inside the document's own act, what is to go back on the till's terminal once it is stored."""
    rows = [
        {
            "uid": payment.uid,
            "kind": CardKind.REFUND,
            "cart_id": cart_id,
            "till_id": operator.till_id,
            "user_id": operator.user_id,
            "amount": -payment.amount,
        }
        for payment in payments
        if payment.tender == Tender.CARD and payment.amount < 0
    ]
    if rows:
        session.connection().execute(_INSERT_CARD_ATTEMPTS, rows)


def write_movements(
    session: Session,
    app: App,
    heading: Heading,
    order_id: int,
    lines: Sequence[CartLine],
    reason: StockReason,
    document: str,
) -> None:
    """Write what a document took from stock inside an act, after the titles' own rows, which it holds locked.

    Sold is from the shop floor, then from other places, each with its own movement; what comes back goes to the floor.
    """
    moving = stocked(lines)
    held, _ = held_elsewhere(session, (line.book_id for line in moving if not line.comes_back))
    for line in moving:
        if line.book_id in held:
            # As it was before.
            held[line.book_id].floor += line.quantity

    def parts(line: CartLine) -> list[tuple[int | None, int]]:
        return held[line.book_id].take(line.quantity) if line.book_id in held else [(None, line.quantity)]

    rows = [
        {
            "uid": app.ids.new(),
            "book_id": line.book_id,
            "delta": -pieces,
            "reason": StockReason.RETURN if line.comes_back else reason,
            "document": document,
            "order_id": order_id,
            "user_id": heading.user_id,
            "till_id": heading.till_id,
            "location_id": location,
        }
        for line in moving
        for location, pieces in parts(line)
    ]
    if rows:
        session.connection().execute(_INSERT_MOVEMENTS, rows)


def write_event(session: Session, heading: Heading, order_id: int, act: str, details: str | None) -> None:
    """Write a document's first step inside an act."""
    values = {
        "order_id": order_id,
        "act": act,
        "user_id": heading.user_id,
        "till_id": heading.till_id,
        "happened_at": heading.placed_at,
        "details": details,
    }
    session.connection().execute(_INSERT_EVENT, values)


def sale_view(
    order_id: int,
    operator: Operator,
    heading: Heading,
    lines: Sequence[CartLine],
    totals: SaleTotals,
    settings: ShopSettings,
    payments: Sequence[PaymentIn],
    customer: str | None,
    refers_to: str | None = None,
) -> OrderView:
    """Give the view of a sale just written, as `order_view` would read it."""
    return OrderView(
        id=order_id,
        uid=heading.uid,
        kind=heading.kind,
        status=heading.status,
        version=1,
        number=receipt_text_number(operator.till_number, heading.receipt_number or 0, training=heading.training),
        currency=settings.currency,
        prices_include_tax=settings.prices_include_tax,
        placed_at=heading.placed_at,
        paid_at=heading.paid_at,
        business_date=heading.business_date,
        operator=operator.name,
        till=operator.till_number,
        customer=customer,
        shipping_address=heading.shipping_address,
        note=heading.note,
        discount=totals.discount,
        net=totals.net,
        tax=totals.tax,
        rounding=heading.rounding_amount,
        total=totals.total + heading.rounding_amount,
        change=heading.change_amount,
        lines=tuple(
            OrderLine(
                book_id=line.book_id,
                title=line.title,
                isbn=line.isbn,
                quantity=line.quantity,
                price=line.price,
                discount=line.discount,
                amount=line.amount,
                tax_name=line.tax_name,
                tax_rate=line.tax_rate,
                returned_quantity=0,
                note=line.note,
                gift_card=line.gift_card,
                restock=line.restock,
                returned_item_id=line.returned_item_id,
                net=total.net,
                tax=total.tax,
                adjustments=line.adjustments,
            )
            for line, total in zip(lines, totals.lines, strict=True)
        ),
        taxes=totals.taxes,
        payments=tuple(payments),
        training=heading.training,
        customer_id=heading.customer_id,
        refers_to=refers_to,
        reason=heading.reason,
    )
