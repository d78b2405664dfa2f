"""What is paid, what is still due, and the change."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from pos_app.domain.money import MAX_AMOUNT, Currency, round_cash
from pos_app.errors import Refused


class Tender(StrEnum):
    """The tenders every shop has; it may add its own, which differ in nothing but name and rules."""

    CASH = "cash"
    CARD = "card"
    GIFT_CARD = "gift_card"
    BOOK_TOKEN = "book_token"  # noqa: S105 - of paper, and no secret
    ACCOUNT = "account"
    LOYALTY = "pos_loyalty"
    DEPOSIT = "pos_deposit"


class TenderKind(StrEnum):
    """How a tender works: what a terminal, a ledger or a drawer has to do with it."""

    CASH = "cash"
    CARD = "card"
    GIFT_CARD = "gift_card"
    VOUCHER = "voucher"
    ACCOUNT = "account"


class OverTender(StrEnum):
    """What happens to money beyond what is due: it is given back in cash, refused, or forfeited."""

    CHANGE = "change"
    REFUSE = "refuse"
    FORFEIT = "forfeit"


@dataclass(frozen=True, slots=True)
class TenderRule:
    """One way to pay, as the shop has set it up; `code` is what payments are stored under."""

    code: str
    name: str
    kind: TenderKind
    over: OverTender = OverTender.REFUSE
    opens_drawer: bool = False
    asks_reference: bool = False
    active: bool = True
    position: int = 0


DEFAULT_TENDERS = (
    TenderRule(Tender.CASH, "Cash", TenderKind.CASH, OverTender.CHANGE, opens_drawer=True, position=1),
    TenderRule(Tender.CARD, "Card", TenderKind.CARD, position=2),
    TenderRule(Tender.GIFT_CARD, "Gift card", TenderKind.GIFT_CARD, position=3),
    TenderRule(
        Tender.BOOK_TOKEN, "Book token", TenderKind.VOUCHER, OverTender.FORFEIT, asks_reference=True, position=4
    ),
    TenderRule(Tender.ACCOUNT, "Account", TenderKind.ACCOUNT, position=5),
    TenderRule(Tender.LOYALTY, "Loyalty", TenderKind.VOUCHER, position=6),
    # Nobody hands it over: it is what was paid before.
    TenderRule(Tender.DEPOSIT, "Deposit", TenderKind.VOUCHER, active=False, position=7),
)
TENDERS: Mapping[str, TenderRule] = {tender.code: tender for tender in DEFAULT_TENDERS}


@dataclass(frozen=True, slots=True)
class PaymentIn:
    """Money handed over, in minor units; below zero where it is paid back.

    `uid` is made by the client: one press of a key, one payment. `tender` is a tender's code and `name` what the shop
    calls it. `reference` is a gift card's code, a voucher's number or what the card terminal calls the charge;
    `scheme` is the card's brand and last four digits.
    """

    uid: str
    tender: str
    amount: int
    reference: str | None = None
    scheme: str | None = field(default=None, compare=False)
    name: str = field(default="", compare=False)


@dataclass(frozen=True, slots=True)
class Settlement:
    """How payments stand against a total; paid − change + due = total + rounding.

    `due` is what a card would have to pay and `cash_due` what coins would; `rounding` is what cash rounding adds to the
    total, not zero only once cash has closed the sale.
    """

    total: int
    paid: int
    due: int
    change: int
    cash_due: int = 0
    rounding: int = 0


def settle(
    total: int, payments: Sequence[PaymentIn], *, cash_step: int = 1, closes_in_cash: bool = False
) -> Settlement:
    """Set payments against a total of zero or more; only cash is paid over, and its excess is the change.

    Only what is left for cash is rounded, to `cash_step`, and only when cash closes the sale: `closes_in_cash` says so
    where what is left rounds to nothing and no coin changes hands. A voucher's worth beyond the sale is cut off by
    `usable` before it comes here. Raises Refused("payment.invalid" | "payment.too_large" | "payment.over").
    """
    for payment in payments:
        if payment.amount <= 0:
            raise Refused("payment.invalid")
        if payment.amount > MAX_AMOUNT:
            raise Refused("payment.too_large", limit=MAX_AMOUNT)
    paid = sum(payment.amount for payment in payments)
    cash = sum(payment.amount for payment in payments if payment.tender == Tender.CASH)
    left = total - (paid - cash)
    if left < 0:
        raise Refused("payment.over", due=max(total - cash, 0))
    rounded = round_cash(left, cash_step)
    if left and (cash or closes_in_cash) and cash >= rounded:
        return Settlement(total, paid, 0, cash - rounded, 0, rounded - left)
    if not left:
        return Settlement(total, paid, 0, cash)
    return Settlement(total, paid, left - cash, 0, rounded - cash)


def usable(rule: TenderRule, amount: int, due: int) -> int:
    """Give how much of what is handed over counts towards what is `due`.

    A voucher's worth beyond it is forfeited. Only cash may be more: its excess is change, and that of anything else
    would come out of the drawer. Raises Refused("payment.over").
    """
    if rule.over is OverTender.FORFEIT:
        return min(amount, due)
    if amount > due and rule.kind is not TenderKind.CASH:
        raise Refused("payment.over", due=due)
    return amount


@dataclass(frozen=True, slots=True)
class PaidPart:
    """What one payment of a sale still stands for, after change and earlier refunds.

    `customer_id` is whose account it was put on.
    """

    tender: str
    amount: int
    reference: str | None = None
    scheme: str | None = None
    name: str = ""
    customer_id: int | None = None


# Notes in major units, smallest first, of the currencies whose notes differ from 5, 10, 20, 50, 100.
_NOTES = {
    "JPY": (1000, 5000, 10000),
    "CHF": (10, 20, 50, 100, 200),
    "SEK": (20, 50, 100, 200, 500),
    "NOK": (50, 100, 200, 500),
    "DKK": (50, 100, 200, 500),
    "CZK": (100, 200, 500, 1000, 2000),
    "PLN": (10, 20, 50, 100, 200),
}
_USUAL_NOTES = (5, 10, 20, 50, 100)


def quick_notes(due: int, currency: Currency, count: int = 4) -> list[int]:
    """Give the amounts a customer is likely to hand over: the exact one, then what notes make of it."""
    if due <= 0:
        return []
    notes = [note * currency.unit for note in _NOTES.get(currency.code, _USUAL_NOTES)]
    rounded = sorted({-(-due // note) * note for note in notes} - {due})
    return [due, *rounded[: count - 1]]


def most_change(currency: Currency) -> int:
    """Give the most change that is believed: five of the largest notes. More is a book's number, or a slip."""
    return 5 * _NOTES.get(currency.code, _USUAL_NOTES)[-1] * currency.unit


# Coins and notes in minor units, largest first, for counting a drawer.
_PIECES = {
    "GBP": (5000, 2000, 1000, 500, 200, 100, 50, 20, 10, 5, 2, 1),
    "USD": (10000, 5000, 2000, 1000, 500, 200, 100, 25, 10, 5, 1),
    "EUR": (20000, 10000, 5000, 2000, 1000, 500, 200, 100, 50, 20, 10, 5, 2, 1),
    "CHF": (20000, 10000, 5000, 2000, 1000, 500, 200, 100, 50, 20, 10, 5),
    "JPY": (10000, 5000, 2000, 1000, 500, 100, 50, 10, 5, 1),
}


def pieces(currency: Currency) -> tuple[int, ...]:
    """Give the notes and coins of a currency, largest first, in minor units."""
    if currency.code in _PIECES:
        return _PIECES[currency.code]
    if currency.digits == 0:
        return _PIECES["JPY"]
    return tuple(piece * currency.unit // 100 for piece in _PIECES["EUR"])
