"""What is paid, what is still due, and the change."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from pos_app.domain.money import MAX_AMOUNT, Currency
from pos_app.errors import Refused


class Tender(StrEnum):
    """What a customer pays with."""

    CASH = "cash"
    CARD = "card"


@dataclass(frozen=True, slots=True)
class PaymentIn:
    """Money handed over, in minor units. `uid` is made by the client: one press of a key, one payment."""

    uid: str
    tender: Tender
    amount: int
    reference: str | None = None


@dataclass(frozen=True, slots=True)
class Settlement:
    """How payments stand against a total; paid − change + due = total."""

    total: int
    paid: int
    due: int
    change: int


def settle(total: int, payments: Sequence[PaymentIn]) -> Settlement:
    """Set payments against a total; only cash is paid over, and its excess is the change.

    Raises Refused("payment.invalid" | "payment.too_large" | "payment.card_over").
    """
    for payment in payments:
        if payment.amount <= 0:
            raise Refused("payment.invalid")
        if payment.amount > MAX_AMOUNT:
            raise Refused("payment.too_large", limit=MAX_AMOUNT)
    paid = sum(payment.amount for payment in payments)
    cash = sum(payment.amount for payment in payments if payment.tender is Tender.CASH)
    over = max(paid - total, 0)
    if over > cash:
        raise Refused("payment.card_over", due=max(total - cash, 0))
    return Settlement(total=total, paid=paid, due=max(total - paid, 0), change=over)


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
