"""Loyalty's ledger: earned in the sale's own act, taken back exactly by what comes back, and never overspent."""

from collections.abc import Sequence

from sqlalchemy import case, func, insert, or_, select, update
from sqlalchemy.orm import Session

from pos_app.app import App
from pos_app.domain.kinds import BookKind
from pos_app.domain.loyalty import LoyaltyKind, LoyaltyMoved, LoyaltyReason, LoyaltyRule, LoyaltyStand
from pos_app.domain.payment import PaymentIn, Tender
from pos_app.domain.shop import ShopSettings
from pos_app.errors import Refused
from pos_app.models import Book, Customer, LoyaltyMovement, Order, OrderItem, Payment, table
from pos_app.services.cart_view import CartLine
from pos_app.services.customer_family import family, kept_id

_CUSTOMERS, _MOVES, _ITEMS = table(Customer), table(LoyaltyMovement), table(OrderItem)
_C, _L, _I, _O, _P = _CUSTOMERS.c, _MOVES.c, _ITEMS.c, table(Order).c, table(Payment).c


def stand(points: int, rule: LoyaltyRule) -> LoyaltyStand | None:
    """Give a customer's points as the shop's rule has them; None where it gives nothing and nothing is left."""
    if rule.kind is LoyaltyKind.OFF:
        return None
    return LoyaltyStand(rule.kind, points, rule.full, rule.spendable(points))


def move_loyalty(
    session: Session,
    app: App,
    order_id: int,
    customer_id: int | None,
    lines: Sequence[CartLine],
    payments: Sequence[PaymentIn],
    refers_to_id: int | None,
    settings: ShopSettings,
) -> LoyaltyMoved | None:
    """Write what a paid document does to points, inside its act, after its lines and payments are written.

    What comes back is counted by the rule its sale was made by, and for whom it was made. Gives what was moved of the
    document's own customer.
    Raises Refused("loyalty.nobody" | "loyalty.off" | "loyalty.short").
    """
    rule = settings.loyalty_rule
    paid = sum(payment.amount for payment in payments if payment.tender == Tender.LOYALTY)
    returned = {line.returned_item_id for line in lines if line.returned_item_id is not None}
    if rule.kind is LoyaltyKind.OFF and not paid and not returned:
        return None
    moved = []
    owner = None if customer_id is None else kept_id(session, customer_id)
    if returned:
        sales = select(_I.order_id).where(_I.id.in_(returned)).distinct().order_by(_I.order_id)
        for sale_id in session.scalars(sales).all():
            moved += _taken_back(session, app, order_id, sale_id)
    if paid < 0 and refers_to_id is not None:
        moved += _given_back(session, app, order_id, refers_to_id)
    if owner is not None:
        if paid > 0:
            moved.append(_move(session, app, owner, order_id, order_id, LoyaltyReason.REDEEMED, -rule.cost(paid), rule))
        earned = rule.earned(*_bought(session, order_id))
        if earned:
            moved.append(_move(session, app, owner, order_id, order_id, LoyaltyReason.EARNED, earned, rule))
    elif paid > 0:
        raise Refused("loyalty.nobody")
    return _summed([one for whose, one in moved if whose == owner])


def check_backed(session: Session, customer_id: int | None, amount: int, settings: ShopSettings) -> None:
    """See that a customer's full cards bear a part payment, inside an act; the points move when the sale is stored.

    Raises as `move_loyalty` does.
    """
    if customer_id is None:
        raise Refused("loyalty.nobody")
    points = session.scalar(select(_C.points).where(_C.id == kept_id(session, customer_id))) or 0
    rule = settings.loyalty_rule
    if rule.kind is LoyaltyKind.OFF:
        raise Refused("loyalty.off")
    if rule.cost(amount) > points:
        raise Refused("loyalty.short")


def loyalty_of(session: Session, order_id: int, customer_id: int | None) -> LoyaltyMoved | None:
    """Give what a document moved of its own customer, inside an act; None where it moved nothing of theirs."""
    if customer_id is None:
        return None
    query = select(_L.reason, _L.delta, _L.balance, _L.kind).where(
        _L.order_id == order_id, _L.customer_id.in_(family(kept_id(session, customer_id)))
    )
    return _summed([tuple(row) for row in session.execute(query.order_by(_L.id))])


Moved = tuple[LoyaltyReason, int, int, LoyaltyKind]


def _summed(moved: Sequence[Moved]) -> LoyaltyMoved | None:
    if not moved:
        return None
    sums = {reason: sum(delta for why, delta, *_ in moved if why is reason) for reason in LoyaltyReason}
    return LoyaltyMoved(moved[-1][3], sums[LoyaltyReason.EARNED], sums[LoyaltyReason.REDEEMED], moved[-1][2])


def _bought(session: Session, sale_id: int) -> tuple[int, int]:
    """What is left of a sale after all that came back of it: money, and books; gift cards are neither."""
    sold = select(_I.id).where(_I.order_id == sale_id, _I.quantity > 0, _I.gift_card.is_(None))
    kind = table(Book).c.kind
    row = session.execute(
        select(
            func.sum(_I.net_amount + _I.tax_amount).label("amount"),
            func.sum(case((kind == BookKind.BOOK, _I.quantity), else_=0)).label("books"),
        )
        .join_from(_ITEMS, table(Book), table(Book).c.id == _I.book_id)
        .where(or_(_I.id.in_(sold), _I.returned_item_id.in_(sold)))
    ).one()
    return int(row.amount or 0), int(row.books or 0)


def _taken_back(session: Session, app: App, order_id: int, sale_id: int) -> list[tuple[int, Moved]]:
    """Bring what a sale earned to what is left of it."""
    made = _made(session, LoyaltyReason.EARNED, [sale_id])
    if made is None:
        return []
    customer_id, rule, stands, _ = made
    delta = rule.earned(*_bought(session, sale_id)) - stands
    if not delta:
        return []
    owner = kept_id(session, customer_id)
    return [_move(session, app, owner, order_id, sale_id, LoyaltyReason.EARNED, delta, rule)]


def _given_back(session: Session, app: App, order_id: int, refers_to_id: int) -> list[tuple[int, Moved]]:
    """Bring the points used for a sale, and for the exchanges since, to what is left paid by them."""
    chain = select(_O.id, _O.refers_to_id).where(_O.id == refers_to_id).cte("chain", recursive=True)
    older = select(_O.id, _O.refers_to_id).join_from(table(Order), chain, _O.id == chain.c.refers_to_id)
    ids = session.scalars(select(chain.union_all(older).c.id)).all()
    made = _made(session, LoyaltyReason.REDEEMED, ids)
    if made is None:
        return []
    customer_id, rule, stands, sale_id = made
    left = session.scalar(
        select(func.sum(_P.amount))
        .join_from(table(Payment), table(Order), _O.id == _P.order_id)
        .where(_P.tender == Tender.LOYALTY, or_(_O.id.in_(ids), _O.refers_to_id.in_(ids)))
    )
    delta = -rule.cost(int(left or 0)) - stands
    if not delta:
        return []
    owner = kept_id(session, customer_id)
    return [_move(session, app, owner, order_id, sale_id, LoyaltyReason.REDEEMED, delta, rule)]


def _made(session: Session, reason: LoyaltyReason, sale_ids: Sequence[int]) -> tuple[int, LoyaltyRule, int, int] | None:
    """For whom and by which rule points of some sales moved, how they stand now, and which sale was the first."""
    query = select(_MOVES).where(_L.sale_id.in_(sale_ids), _L.reason == reason).order_by(_L.id)
    rows = session.execute(query).all()
    if not rows:
        return None
    first = rows[0]
    rule = LoyaltyRule(first.kind, first.step, first.full_at, first.worth)
    return first.customer_id, rule, sum(row.delta for row in rows), first.sale_id


def _move(
    session: Session,
    app: App,
    customer_id: int,
    order_id: int,
    sale_id: int,
    reason: LoyaltyReason,
    delta: int,
    rule: LoyaltyRule,
) -> tuple[int, Moved]:
    """Move points, and give whose; using some stands on there being enough in the UPDATE, for two tills at once.

    What comes back takes its points back even where they are used already: they are owed then, and earned again first.
    """
    uses = reason is LoyaltyReason.REDEEMED and delta < 0
    if uses and rule.kind is LoyaltyKind.OFF:
        raise Refused("loyalty.off")
    changed = update(_CUSTOMERS).where(_C.id == customer_id, *([_C.points + delta >= 0] if uses else []))
    balance = session.connection().scalar(changed.values(points=_C.points + delta).returning(_C.points))
    if balance is None:
        raise Refused("loyalty.short")
    session.connection().execute(
        insert(_MOVES).values(
            uid=app.ids.new(),
            customer_id=customer_id,
            order_id=order_id,
            sale_id=sale_id,
            reason=reason,
            delta=delta,
            balance=balance,
            kind=rule.kind,
            step=rule.step,
            full_at=rule.full,
            worth=rule.worth,
        )
    )
    return customer_id, (reason, delta, balance, rule.kind)
