"""Gift cards: sold as a line, redeemed as a tender, with a ledger that cannot be overspent."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from sqlalchemy import insert, select, update
from sqlalchemy.orm import Session

from pos_app.app import App
from pos_app.domain.free_text import refuse_card_number
from pos_app.domain.gift_code import new_code
from pos_app.domain.isbn import CodeKind, parse_code
from pos_app.domain.kinds import BookKind
from pos_app.domain.money import MAX_AMOUNT
from pos_app.domain.payment import PaymentIn, Tender
from pos_app.domain.permission import Permission
from pos_app.errors import Refused
from pos_app.models import Book, BookCode, Cart, GiftCard, GiftCardMovement, GiftCardReason, TaxRate, table
from pos_app.services.cart import insert_line, items_of, remember, step
from pos_app.services.cart_view import CartLine, CartView, line_key
from pos_app.services.right import require_or_approved
from pos_app.services.setting import change_one, lock_settings, shop_settings
from pos_app.services.shift import business_date
from pos_app.services.sign_in import Operator
from pos_app.services.tax_rate import OUTSIDE_TAX

# As they are issued anywhere.
MIN_CODE, MAX_CODE = 4, 32
_CARDS = table(GiftCard)


@dataclass(frozen=True, slots=True)
class GiftCardView:
    """A card and what is on it, in minor units."""

    code: str
    balance: int
    expires_on: date | None


def checked_code(code: str) -> str:
    """A card's code as it is stored, without spaces and hyphens. Raises Refused("gift_card.code")."""
    bare = "".join(code.replace("-", "").split()).upper()
    if not MIN_CODE <= len(bare) <= MAX_CODE or not bare.isascii() or not bare.isalnum():
        raise Refused("gift_card.code", limit=MAX_CODE)
    return bare


def masked(code: str) -> str:
    """A card's code as papers show it: its last four places."""
    return f"···· {code[-4:]}"


async def get_gift_card(app: App, code: str) -> GiftCardView:
    """Give a card's balance. Raises Refused("gift_card.code" | "gift_card.unknown" | "gift_card.expired")."""
    code = checked_code(code)

    def act(session: Session) -> GiftCardView:
        card = session.scalar(select(GiftCard).where(GiftCard.code == code))
        if card is None:
            raise Refused("gift_card.unknown", code=masked(code))
        today = business_date(shop_settings(session), app.clock.now())
        if card.expires_on is not None and card.expires_on < today:
            raise Refused("gift_card.expired", code=masked(code), day=card.expires_on.isoformat())
        return GiftCardView(card.code, card.balance, card.expires_on)

    return await app.db.read(act)


async def sell_gift_card(
    app: App, operator: Operator, cart_id: int, code: str | None, amount: int, approval: str | None = None
) -> CartView:
    """Put a card worth `amount` into the basket, a new one where no code is given; it is good once paid for.

    Raises Refused("gift_card.code" | "gift_card.book" | "code.card_number" | "gift_card.amount" | "gift_card.one" |
    "right.missing" | "approval.invalid" | "cart.…").
    """
    card = new_code() if code is None else checked_code(code)
    if code is not None:
        refuse_card_number(card)
    if not 0 < amount <= MAX_AMOUNT:
        raise Refused("gift_card.amount")
    now = app.clock.now()

    def act(session: Session, cart: Cart) -> str:
        if code is not None:
            _refuse_title(session, card)
        approver = require_or_approved(session, operator, Permission.SELL_GIFT_CARDS, None, approval, now)
        book_id = _article(session)
        part = f"card {card}"
        key = line_key(book_id, part)
        items = items_of(session, cart.id)
        if key in items:
            raise Refused("gift_card.one")
        remember(session, cart, "gift card", lines=[key], items=items)
        values = {"book_id": book_id, "part": part, "price": amount, "gift_card": card, "allowed_by_id": approver}
        insert_line(session, cart, items, quantity=1, **values)
        return key

    return await step(app, operator, cart_id, act)


def _refuse_title(session: Session, card: str) -> None:
    """See that a code is no title's, which could pay for itself; a card sold with such a code before still pays.

    Raises Refused("gift_card.book").
    """
    try:
        read = parse_code(card)
    except Refused:
        return
    title = session.scalar(select(Book.title).join(BookCode).where(BookCode.code == read.value))
    if title is None and read.kind is not CodeKind.OTHER:
        title = session.scalar(select(Book.title).where(Book.isbn == read.value))
    if title is not None or read.kind is CodeKind.ISBN:
        raise Refused("gift_card.book", title=title or "a book")


def _article(session: Session) -> int:
    """The article that cards are sold as: no stock, outside tax, and found by no search."""
    lock_settings(session)  # so that two tills do not make two of it
    settings = shop_settings(session)
    if settings.gift_card_book_id is not None and session.get(Book, settings.gift_card_book_id) is not None:
        return settings.gift_card_book_id
    tax = session.scalar(select(TaxRate).where(TaxRate.name == OUTSIDE_TAX))
    if tax is None:
        tax = TaxRate(name=OUTSIDE_TAX, rate=Decimal(0))
        session.add(tax)
        session.flush()
    book = Book(
        title="Gift card",
        author="",
        price=0,
        kind=BookKind.SERVICE,
        tax_rate_id=tax.id,
        title_key="gift card",
        search_text="",
        active=False,
    )
    session.add(book)
    session.flush()
    change_one(session, "gift_card_book_id", book.id)
    return book.id


def move_gift_cards(
    session: Session, app: App, order_id: int, lines: Sequence[CartLine], payments: Sequence[PaymentIn]
) -> None:
    """Write what a document does to cards, inside its act; cards are locked in the order of their codes.

    Raises Refused("gift_card.unknown" | "gift_card.expired" | "gift_card.short" | "gift_card.spent").
    """
    moves = sorted(_moves(lines, payments))
    for code, reason, delta in moves:
        card_id = _move(session, app, code, GiftCardReason(reason), delta)
        session.execute(
            insert(table(GiftCardMovement)).values(
                uid=app.ids.new(),
                gift_card_id=card_id,
                delta=delta,
                reason=GiftCardReason(reason),
                order_id=order_id,
            )
        )


def _moves(lines: Sequence[CartLine], payments: Sequence[PaymentIn]) -> Iterable[tuple[str, str, int]]:
    for line in lines:
        if line.gift_card:
            reason = GiftCardReason.TAKEN_BACK if line.comes_back else GiftCardReason.SOLD
            yield line.gift_card, reason.value, line.amount
    for payment in payments:
        if payment.tender == Tender.GIFT_CARD:
            reason = GiftCardReason.REDEEMED if payment.amount > 0 else GiftCardReason.REFUNDED
            yield checked_code(payment.reference or ""), reason.value, -payment.amount


def _move(session: Session, app: App, code: str, reason: GiftCardReason, delta: int) -> int:
    card = session.execute(select(_CARDS).where(_CARDS.c.code == code).with_for_update()).one_or_none()
    if card is None:
        if reason is not GiftCardReason.SOLD:
            raise Refused("gift_card.unknown", code=masked(code))
        made: int = session.execute(insert(_CARDS).values(code=code, balance=delta).returning(_CARDS.c.id)).scalar_one()
        return made
    today = business_date(shop_settings(session), app.clock.now())
    if reason is GiftCardReason.REDEEMED and card.expires_on is not None and card.expires_on < today:
        raise Refused("gift_card.expired", code=masked(code), day=card.expires_on.isoformat())
    moved = session.connection().execute(
        update(_CARDS)
        .where(_CARDS.c.id == card.id, _CARDS.c.balance + delta >= 0)
        .values(balance=_CARDS.c.balance + delta, version=_CARDS.c.version + 1)
    )
    if moved.rowcount != 1:
        if reason is GiftCardReason.TAKEN_BACK:
            raise Refused("gift_card.spent", code=masked(code))
        raise Refused("gift_card.short", code=masked(code))
    found: int = card.id
    return found
