"""What the sold lines of a document stand for, tender by tender, so that money goes back the way it came."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from pos_app.domain.money import round_cash
from pos_app.domain.payment import PaidPart, PaymentIn, Tender


@dataclass(slots=True)
class _Part:
    """One tender's share: what came in and what is left, as money and as what the goods it bought are worth.

    The two differ by cash rounding, and where a manager gave out in coins what was not paid in them.
    """

    of: PaidPart
    money_in: int = 0
    worth_in: int = 0
    money: int = 0
    worth: int = 0

    def share(self, worth: int, step: int) -> int:
        """The money that goes back for `worth`, which is at most what is left.

        Coins are rounded over all that came back of the part so far and not return by return, so that they never
        come to more than was paid, and in the end to exactly that.
        """
        if self.of.tender != Tender.CASH:
            return min(worth, self.money)
        back = self.worth_in - self.worth + worth
        so_far = self.money_in if back >= self.worth_in else min(round_cash(back, step), self.money_in)
        return min(max(so_far - (self.money_in - self.money), 0), self.money)

    def take(self, worth: int, money: int) -> None:
        """Take both away, as far as they are there."""
        self.worth -= min(worth, self.worth)
        self.money -= min(money, self.money)


@dataclass(frozen=True, slots=True)
class Share:
    """What goes back of one tender: `part.amount` is money, `worth` what it stands for."""

    part: PaidPart
    worth: int


class Purse:
    """What a sale, or an exchange, was settled with, and what is left of it after what came back.

    An exchange is settled with what the books that came back were paid with, and with what was added. So a card's money
    goes back to the card however often a book was exchanged.
    """

    def __init__(self) -> None:
        """Start with nothing."""
        self._parts: dict[tuple[str, str | None, int | None], _Part] = {}

    @property
    def parts(self) -> tuple[PaidPart, ...]:
        """What may still go back, in the order it was paid."""
        return tuple(replace(part.of, amount=part.money) for part in self._parts.values() if part.money > 0)

    def put(self, of: PaidPart, worth: int) -> None:
        """Add money that bought goods of this `worth`."""
        part = self._parts.setdefault((of.tender, of.reference, of.customer_id), _Part(of))
        part.money_in += of.amount
        part.money += of.amount
        part.worth_in += worth
        part.worth += worth

    def plan(self, worth: int, step: int) -> list[Share]:
        """Give what goes back for goods of this `worth`: other tenders first, cash last, in coins of `step`."""
        return [Share(replace(part.of, amount=part.share(taken, step)), taken) for part, taken in self._of_worth(worth)]

    def pass_on(self, worth: int, step: int) -> list[Share]:
        """Take what goods of this `worth` were paid with away, for the lines that an exchange gives for them."""
        shares = self.plan(worth, step)
        for (part, taken), share in zip(self._of_worth(worth), shares, strict=True):
            part.take(taken, share.part.amount)
        return shares

    def give_back(self, worth: int, paid_back: Sequence[PaymentIn], step: int) -> None:
        """Take away what a document paid back for goods of this `worth`; its payments are below zero.

        Coins given for what was not paid in cash take it away all the same.
        """
        coins = 0
        for payment in paid_back:
            if payment.tender == Tender.CASH:
                coins -= payment.amount
                continue
            left = -payment.amount
            for part in self._parts.values():
                if (part.of.tender, part.of.reference) == (payment.tender, payment.reference) and left > 0:
                    money = min(left, part.money)
                    standing_for = min(money, part.worth, worth)
                    part.take(standing_for, money)
                    left, worth = left - money, worth - standing_for
        for part, taken in reversed(self._of_worth(worth)):
            money = min(coins, part.share(taken, step))
            part.take(taken, money)
            coins -= money
        for part in self._parts.values():
            money = min(coins, part.money)
            part.take(0, money)
            coins -= money

    def _of_worth(self, worth: int) -> list[tuple[_Part, int]]:
        """The parts that stand for goods of this `worth`, each with how much of it."""
        drawn = []
        for part in sorted(self._parts.values(), key=lambda part: part.of.tender == Tender.CASH):
            taken = min(part.worth, worth)
            if taken > 0:
                drawn.append((part, taken))
                worth -= taken
        return drawn


@dataclass(frozen=True, slots=True)
class Settled:
    """A paid document as it moves money: what its lines come to, below zero where more came back than was sold.

    `proved` is what the lines came to that came back with a receipt, `unproved` those without one, both above zero.
    `payments` are those of the document, below zero where money went back.
    """

    total: int
    rounding: int
    change: int
    proved: int
    unproved: int
    payments: Sequence[PaymentIn]
    customer_id: int | None = None

    @property
    def proved_back(self) -> int:
        """For how much of what came back with a receipt money went back; the rest went into the new lines."""
        return min(max(-self.total, 0), self.proved)

    @property
    def unproved_back(self) -> int:
        """For how much of what came back without one money went back."""
        return max(-self.total, 0) - self.proved_back


def settled_with(document: Settled, origin: Purse | None, step: int) -> Purse:
    """Give what a document's sold lines were settled with, and take from `origin` what it took from there."""
    purse = Purse()
    _put_own(purse, document)
    paid_back = [payment for payment in document.payments if payment.amount < 0]
    if origin is not None:
        if document.unproved_back:
            # Those coins were never part of the sale.
            apart = PaymentIn("", Tender.CASH, round_cash(document.unproved_back, step))
            paid_back.append(apart)
        origin.give_back(document.proved_back, paid_back, step)
        for share in origin.pass_on(document.proved - document.proved_back, step):
            purse.put(share.part, share.worth)
    if unproved := document.unproved - document.unproved_back:
        purse.put(PaidPart(Tender.CASH, unproved, name="Cash"), unproved)
    return purse


def _put_own(purse: Purse, document: Settled) -> None:
    """Put in what was paid with the document itself; change came out of cash, and rounding touches nothing else."""
    if document.total < 0:
        return
    coins = -document.change
    for payment in document.payments:
        if payment.tender == Tender.CASH:
            coins += payment.amount
            continue
        owner = document.customer_id if payment.tender == Tender.ACCOUNT else None
        part = PaidPart(payment.tender, payment.amount, payment.reference, payment.scheme, payment.name, owner)
        purse.put(part, payment.amount)
    if coins or document.rounding:
        purse.put(PaidPart(Tender.CASH, coins, name="Cash"), coins - document.rounding)


@dataclass(frozen=True, slots=True)
class Refund:
    """What goes back for a basket that comes to less than nothing: the way it came, or all of it in coins."""

    parts: tuple[PaidPart, ...] = ()
    in_cash: int = 0


def plan_refund(purse: Purse, proved: int, unproved: int, step: int) -> Refund:
    """Plan what goes back for books with a receipt, out of `purse`, and in cash for those without one."""
    shares = purse.plan(proved, step)
    others = [share.part for share in shares if share.part.tender != Tender.CASH and share.part.amount]
    coins = sum(share.part.amount for share in shares if share.part.tender == Tender.CASH)
    coins += round_cash(unproved, step)
    in_cash = coins + round_cash(sum(part.amount for part in others), step)
    cash = [PaidPart(Tender.CASH, coins, name="Cash")] if coins else []
    return Refund((*others, *cash), in_cash)
