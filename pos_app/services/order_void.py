"""Taking a whole sale back on its own day, as a document of its own."""

from collections.abc import Collection
from dataclasses import replace

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from pos_app.app import App
from pos_app.domain.document import OrderView, Restock
from pos_app.domain.free_text import free_text
from pos_app.domain.order_status import OrderKind, OrderStatus
from pos_app.domain.payment import PaidPart, PaymentIn, Tender
from pos_app.domain.permission import Permission
from pos_app.domain.sale import SaleLineTotal, SoldLine, total_up
from pos_app.errors import Refused
from pos_app.models import Book, Order, OrderItem, table
from pos_app.services.cart_view import CartContent, CartLine, line_key
from pos_app.services.deposit import used_by
from pos_app.services.order import content_hash, move_stock, seen, write_paid
from pos_app.services.order_hold import collected_by, hold_again, lock
from pos_app.services.order_view import order_view, sale_by_number
from pos_app.services.order_write import Heading
from pos_app.services.quote import open_quotes
from pos_app.services.refund import purse_of
from pos_app.services.right import About, require_or_approved
from pos_app.services.setting import shop_settings
from pos_app.services.shift import shift_to_sell_in
from pos_app.services.sign_in import Operator
from pos_app.services.tender import tender_rules

MAX_REASON = 80
_ITEMS = table(OrderItem)


async def void_sale(
    app: App,
    operator: Operator,
    number: str,
    reason: str,
    approval: str | None = None,
    *,
    training: bool | None = None,
    uid: str | None = None,
) -> OrderView:
    """Void a sale of the open shift's day: every line and payment mirrored, nothing of it left.

    An order that it collected stands again as before: its copies are held, its deposit is one again. The sale may be
    another till's. `training` says which of the two the person is in: neither voids the other's. The same `uid` again
    gives the document that voided it; another is told that it is voided, since its money was given back then. Raises
    Refused("void.reason" | "void.before" | "void.other_day" | "void.other_mode" | "void.returned" | "void.not_a_sale" |
    "shift.closed" | "receipt.…" | "right.…" | "approval.invalid" | "gift_card.spent").
    """
    reason = free_text(reason, MAX_REASON, "void.reason", needed=True)
    now, uid = app.clock.now(), uid or app.ids.new()

    def act(session: Session) -> OrderView:
        sale = sale_by_number(session, number)
        order = session.scalars(select(Order).where(Order.id == sale.id).with_for_update()).one()
        before = session.scalar(select(Order.id).where(Order.refers_to_id == order.id, Order.kind == OrderKind.VOID))
        if before is not None:
            made = order_view(session, before)
            if made.uid != uid:
                raise Refused("void.before", number=sale.number, void=made.number)
            return made
        settings = shop_settings(session)
        shift_id, day = shift_to_sell_in(session, app, settings, operator.till_id, operator.user_id, now)
        if training is not None and order.training is not training:
            raise Refused("void.other_mode", number=sale.number, training=training)
        if order.kind is not OrderKind.SALE or not order.item_count:
            raise Refused("void.not_a_sale", number=sale.number)
        if order.business_date != day:
            raise Refused("void.other_day", number=sale.number)
        freed = collected_by(session, order, sale.number)
        parts = purse_of(session, order.id, settings.cash_rounding).parts
        parts = _kept_deposits(session, order.id, {row.order_id for row in freed}, parts)
        read = _mirrored(session, order, parts)
        # Nobody is called to let pass what cannot be.
        about = About(f"Receipt {sale.number}")
        approver = require_or_approved(session, operator, Permission.VOID, order.total_amount, approval, now, about)
        lock(session, [line.book_id for line in read.lines])
        payments = [
            PaymentIn(app.ids.new(), part.tender, -part.amount, part.reference, part.scheme, part.name)
            for part in parts
        ]
        if not order.training:
            move_stock(session, read.lines, settings)
        heading = Heading(
            uid=uid,
            content_hash=content_hash(uid, seen(read.lines), read.totals.total, payments),
            kind=OrderKind.VOID,
            status=OrderStatus.DELIVERED,
            user_id=operator.user_id,
            till_id=operator.till_id,
            shift_id=shift_id,
            business_date=day,
            placed_at=now,
            paid_at=now,
            customer_id=order.customer_id,
            rounding_amount=-order.rounding_amount,
            training=order.training,
            refers_to_id=order.id,
            reason=reason,
            allowed_by_id=approver,
        )
        # As the sale was taxed, whatever was changed since: each amount is that of the sale turned round.
        as_sold = replace(settings, prices_include_tax=order.prices_include_tax, tax_level=order.tax_level)
        made = write_paid(session, app, operator, heading, read, payments, as_sold, sale.customer, sale.number, None)
        hold_again(session, operator, freed, made.number, now)
        open_quotes(session, order.id)
        return replace(made, orders_again=tuple(dict.fromkeys(row.order_id for row in freed)))

    return await app.db.write(act)


def _kept_deposits(
    session: Session, sale_id: int, order_ids: Collection[int], parts: tuple[PaidPart, ...]
) -> tuple[PaidPart, ...]:
    """What goes back, less what was used of the deposits of orders that stand again: those become deposits again."""
    left = {(part.tender, part.reference): part for part in parts}
    name = tender_rules(session)[Tender.DEPOSIT].name
    kept = []
    for order_id, used in used_by(session, sale_id, order_ids).items():
        for part in used:
            before = left[part.tender, part.reference]
            left[part.tender, part.reference] = replace(before, amount=before.amount - part.amount)
        amount = sum(part.amount for part in used)
        kept.append(PaidPart(Tender.DEPOSIT, amount, str(order_id), name=name))
    return (*(part for part in left.values() if part.amount), *kept)


def _mirrored(session: Session, order: Order, parts: tuple[PaidPart, ...]) -> CartContent:
    """A sale's lines with every amount turned round; the pieces are marked as returned."""
    rows = session.execute(
        select(_ITEMS, table(Book).c.author, table(Book).c.kind.label("book_kind"))
        .join_from(_ITEMS, table(Book), table(Book).c.id == _ITEMS.c.book_id)
        .where(_ITEMS.c.order_id == order.id)
        .order_by(_ITEMS.c.position)
    ).all()
    if any(row.returned_quantity for row in rows):
        raise Refused("void.returned")
    session.execute(update(_ITEMS).where(_ITEMS.c.order_id == order.id).values(returned_quantity=_ITEMS.c.quantity))
    totals = [SaleLineTotal(-row.discount_amount, -row.amount, -row.net_amount, -row.tax_amount) for row in rows]
    sold = [
        SoldLine(row.quantity, row.price, row.net_amount, row.tax_amount, 0, row.tax_name, row.tax_rate) for row in rows
    ]
    lines = tuple(
        CartLine(
            key=line_key(row.book_id, f"back {row.id}"),
            book_id=row.book_id,
            title=row.title,
            author=row.author,
            isbn=row.isbn,
            kind=row.book_kind,
            quantity=-row.quantity,
            price=row.price,
            discount=-row.discount_amount,
            amount=-row.amount,
            tax_name=row.tax_name,
            tax_rate=row.tax_rate,
            gift_card=row.gift_card,
            returned_item_id=row.id,
            restock=Restock.SELLABLE,
        )
        for row in rows
    )
    return CartContent(lines, total_up(sold, totals), (), parts)
