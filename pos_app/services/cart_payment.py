"""Part payments of a basket: what is taken towards it, checked as the payment that completes the sale is."""

from datetime import date

from sqlalchemy import func, insert, select
from sqlalchemy.orm import Session

from pos_app.app import App
from pos_app.domain.free_text import free_text
from pos_app.domain.payment import OverTender, PaymentIn, Tender, TenderKind, TenderRule, settle, usable
from pos_app.errors import Refused
from pos_app.models import Cart, CartPayment, CartStatus, Customer, GiftCard, Order, Payment, Till
from pos_app.services.account import account_limit
from pos_app.services.cart import changed, drop_payment, note_part, owned, refuse_charged, remember
from pos_app.services.cart_view import CartContent, CartView, content, settlement_of, view_of
from pos_app.services.deposit import refuse_typed
from pos_app.services.gift_card import checked_code, masked
from pos_app.services.loyalty import check_backed
from pos_app.services.order_number import receipt_text_number
from pos_app.services.setting import lock_settings, shop_settings
from pos_app.services.shift import business_date
from pos_app.services.sign_in import Operator
from pos_app.services.tender import tender_rules

MAX_REFERENCE = 64


async def add_payment(app: App, operator: Operator, cart_id: int, payment: PaymentIn) -> CartView:
    """Keep money taken that does not cover what is due; `services.order.pay` takes the rest.

    The same payment sent twice is kept once. What the till's own terminal charges comes by `services.card` alone.
    Raises Refused("payment.…" | "gift_card.…" | "account.…" | "cart.…" | "card.…").
    """

    def act(session: Session) -> CartView:
        cart = owned(session, operator, cart_id)
        if payment.tender == Tender.CARD and app.terminal is not None and not cart.training:
            raise Refused("card.not_charged")
        return add_payment_within(session, app, cart, payment)

    return await app.db.write(act)


async def take_back_payment(app: App, operator: Operator, cart_id: int, uid: str) -> CartView:
    """Take a payment out of the basket, whichever it was; one that the terminal charged goes back there first.

    Raises Refused("payment.missing" | "card.charged" | "deposit.with_order" | "cart.…" | "card.open").
    """

    def act(session: Session) -> CartView:
        cart = owned(session, operator, cart_id)
        refuse_charged(session, uid)
        if session.scalar(select(CartPayment.tender).where(CartPayment.uid == uid)) == Tender.DEPOSIT:
            raise Refused("deposit.with_order")
        params = drop_payment(session, cart, uid, app.clock.now())
        return changed(session, cart, None, app.clock.now(), message="undone.payment", params=params)

    return await app.db.write(act)


def add_payment_within(session: Session, app: App, cart: Cart, payment: PaymentIn) -> CartView:
    """Keep a part payment, inside an act. Raises as `add_payment` does."""
    settings = shop_settings(session)
    now = content(session, cart.id, settings, app.clock.now())
    if any(kept.uid == payment.uid for kept in now.payments):
        return view_of(session, cart, app.clock.now(), read=now)
    if not now.lines:
        raise Refused("cart.empty")
    if now.totals.total <= 0:
        raise Refused("payment.nothing_due")
    payment = checked_payment(session, payment, settlement_of(now, settings).due, training=cart.training)
    after = settle(now.totals.total, (*now.payments, payment), cash_step=settings.cash_rounding)
    if after.due <= 0:
        raise Refused("payment.covers_all")
    if not cart.training:
        _check_backed(session, cart, payment, now, business_date(settings, app.clock.now()))
    keep_payment(session, cart, payment)
    note_part(session, cart, payment.tender, payment.uid, payment.amount, app.clock.now())
    return changed(session, cart, None, app.clock.now())


def keep_payment(session: Session, cart: Cart, payment: PaymentIn) -> None:
    """Put a payment that was looked at into the basket, as a step that can be taken back, inside an act."""
    remember(session, cart, "payment", payment=payment.uid)
    session.execute(
        insert(CartPayment).values(
            uid=payment.uid,
            cart_id=cart.id,
            tender=payment.tender,
            amount=payment.amount,
            reference=payment.reference,
            scheme=payment.scheme,
        )
    )


def checked_payment(session: Session, payment: PaymentIn, due: int, *, training: bool) -> PaymentIn:
    """A payment as the tender's rule has it, inside an act; money paid back is checked elsewhere.

    Raises Refused("payment.tender" | "payment.off" | "payment.reference" | "payment.reference_long" | "payment.used" |
    "code.card_number").
    """
    check_reference(payment)
    refuse_typed(payment)
    rule = tender_rules(session).get(payment.tender)
    if rule is None:
        raise Refused("payment.tender", tender=payment.tender[:40])
    if not rule.active:
        raise Refused("payment.off", name=rule.name)
    needs = rule.asks_reference or rule.kind is TenderKind.GIFT_CARD
    if needs and not payment.reference:
        raise Refused("payment.reference", name=rule.name)
    if not training:
        _refuse_used(session, rule, payment)
    amount = usable(rule, payment.amount, due)
    return PaymentIn(payment.uid, payment.tender, amount, payment.reference, payment.scheme, rule.name)


def check_reference(payment: PaymentIn) -> None:
    """See that what was typed with a payment may be stored.

    It is refused and never changed: a payment sent again must be the same. Raises Refused("payment.reference_long" |
    "code.card_number").
    """
    for text in (payment.reference, payment.scheme):
        if text is not None and free_text(text, MAX_REFERENCE, "payment.reference_long") != text:
            raise Refused("payment.reference_long", limit=MAX_REFERENCE)


def _refuse_used(session: Session, rule: TenderRule, payment: PaymentIn) -> None:
    """See that a voucher which is used up whole is not taken a second time, from two tills at once neither.

    One whose sale was voided may come again. Raises Refused("payment.used").
    """
    if rule.kind is not TenderKind.VOUCHER or rule.over is not OverTender.FORFEIT or not payment.reference:
        return
    lock_settings(session)
    # Without an index: vouchers are few, and every payment would carry it.
    sold = (
        select(Till.number, func.max(Order.receipt_number))
        .select_from(Payment)
        .join(Order, Order.id == Payment.order_id)
        .join(Till, Till.id == Order.till_id)
        .where(Payment.tender == payment.tender, Payment.reference == payment.reference, Order.training.is_(False))
        .group_by(Till.number)
        .having(func.sum(Payment.amount) > 0)
    )
    waiting = (
        select(CartPayment.id)
        .join(Cart, Cart.id == CartPayment.cart_id)
        .where(
            CartPayment.tender == payment.tender,
            CartPayment.reference == payment.reference,
            CartPayment.uid != payment.uid,
            Cart.status.in_((CartStatus.OPEN, CartStatus.PARKED)),
            Cart.training.is_(False),
        )
    )
    found = session.execute(sold).first()
    if found is not None:
        sale = f"sale {receipt_text_number(found[0], found[1] or 0)}"
    elif session.scalar(waiting.limit(1)) is not None:
        sale = "a sale that is not finished"
    else:
        return
    raise Refused("payment.used", name=rule.name, number=payment.reference, sale=sale)


def _check_backed(session: Session, cart: Cart, payment: PaymentIn, now: CartContent, today: date) -> None:
    """See that a gift card or an account can bear a part payment; the money moves when the sale is stored.

    Said now, while the customer has the card in hand, and not when the rest is paid.
    """
    before = [kept for kept in now.payments if kept.tender == payment.tender]
    if payment.tender == Tender.ACCOUNT:
        customer = session.get(Customer, cart.customer_id) if cart.customer_id is not None else None
        if customer is None:
            raise Refused("account.nobody")
        if customer.balance + payment.amount + sum(kept.amount for kept in before) > customer.credit_limit:
            raise account_limit(customer.name, customer.balance, customer.credit_limit)
    elif payment.tender == Tender.LOYALTY:
        used = sum(kept.amount for kept in before)
        check_backed(session, cart.customer_id, used + payment.amount, shop_settings(session))
    elif payment.tender == Tender.GIFT_CARD:
        code = checked_code(payment.reference or "")
        card = session.scalar(select(GiftCard).where(GiftCard.code == code))
        if card is None:
            raise Refused("gift_card.unknown", code=masked(code))
        if card.expires_on is not None and card.expires_on < today:
            raise Refused("gift_card.expired", code=masked(code), day=card.expires_on.isoformat())
        used = sum(kept.amount for kept in before if checked_code(kept.reference or "") == code)
        if used + payment.amount > card.balance:
            raise Refused("gift_card.short", code=masked(code))
