"""The demo shop's past, three weeks and the same ones of last year: shifts, sales and orders that balance like real ones."""

import random
from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from itertools import accumulate
from typing import Any
from uuid import UUID

from pos_app.demo.catalogue import OTHER_TAX, TAX_RATES
from pos_app.demo.people import ANA, CUSTOMERS, JO, SAM, STREETS
from pos_app.domain.customer_order import Way
from pos_app.domain.kinds import BookKind, StockReason
from pos_app.domain.order_status import OrderKind, OrderStatus
from pos_app.domain.payment import PaymentIn, Tender
from pos_app.domain.sale import SaleLine, SaleTotals, compute_sale
from pos_app.domain.sales_report import Compare
from pos_app.domain.shop import ShopSettings
from pos_app.domain.stock import ReservationStatus
from pos_app.services.order import content_hash
from pos_app.services.order_number import receipt_text_number
from pos_app.services.order_view import OPEN_STATUSES
from pos_app.services.shift import business_date

DAYS = 21
TILLS = (1, 2)
OPENING_FLOAT = 10_000
NOTES = (500, 1_000, 2_000, 5_000)
SUNDAY = 6
RATES = {number: (name, rate) for number, name, rate in TAX_RATES}
# Days ago, each status an order went through after being placed; the last two were called off.
ORDERS = (
    (0, ()), (0, ()), (1, ()),
    (1, ("confirmed",)), (2, ("confirmed",)), (3, ("confirmed",)),
    (4, ("confirmed", "shipped")), (6, ("confirmed", "shipped")),
    (8, ("confirmed", "shipped", "delivered")), (11, ("confirmed", "delivered")), (15, ("confirmed", "shipped", "delivered")),
    (9, ("cancelled",)), (13, ("confirmed", "cancelled")),
)  # fmt: skip


@dataclass(slots=True)
class Trade:
    """Rows of the tables that past trade fills, and how many pieces of each title it took."""

    shifts: list[dict[str, Any]] = field(default_factory=list)
    orders: list[dict[str, Any]] = field(default_factory=list)
    items: list[dict[str, Any]] = field(default_factory=list)
    taxes: list[dict[str, Any]] = field(default_factory=list)
    payments: list[dict[str, Any]] = field(default_factory=list)
    movements: list[dict[str, Any]] = field(default_factory=list)
    events: list[dict[str, Any]] = field(default_factory=list)
    follows: list[dict[str, Any]] = field(default_factory=list)
    holds: list[dict[str, Any]] = field(default_factory=list)
    reserved: Counter[int] = field(default_factory=Counter)
    next_number: Counter[int] = field(default_factory=lambda: Counter(dict.fromkeys(TILLS, 1)))
    taken: Counter[int] = field(default_factory=Counter)


@dataclass(frozen=True, slots=True)
class _Plan:
    """A document to be written: when, where, by whom and of what; lines are (book, quantity, discount)."""

    at: datetime
    day: date
    till: int
    user: int
    lines: tuple[tuple[dict[str, Any], int, Decimal | None], ...]
    shift: int | None = None
    steps: tuple[str, ...] = ()


def make_trade(
    books: list[dict[str, Any]], settings: ShopSettings, today: date, now: datetime, chance: random.Random
) -> Trade:
    """Make the past of a shop whose business day is `today`."""
    maker = _Maker(books, settings, today, now, chance)
    plans = sorted([*maker.plan_sales(), *maker.plan_orders()], key=lambda plan: plan.at)
    for plan in plans:
        if plan.shift is None:
            maker.write_order(plan)
        else:
            maker.write_sale(plan)
    maker.close_shifts()
    return maker.trade


def make_uid(at: datetime, chance: random.Random) -> str:
    """A version 7 id of that moment, as `pos_app.ids` would have made it then."""
    high = int(at.timestamp() * 1000) << 16 | 0x7000 | chance.getrandbits(12)
    return str(UUID(int=high << 64 | 1 << 63 | chance.getrandbits(62)))


class _Maker:
    def __init__(
        self, books: list[dict[str, Any]], settings: ShopSettings, today: date, now: datetime, chance: random.Random
    ) -> None:
        self.trade = Trade()
        self._settings, self._today, self._now, self._chance = settings, today, now, chance
        self._books = [book for book in books if book["tax_rate_id"] != OTHER_TAX]
        self._goods = [book for book in books if book["tax_rate_id"] == OTHER_TAX and book["title"] != "Reading light"]
        # Well-known books sell more often; computed once, since every sale draws from it.
        self._odds = list(accumulate(1 / (place + 40) for place in range(len(self._books))))
        self._cash: defaultdict[int, int] = defaultdict(int)
        self._customers = chance.sample(range(1, len(CUSTOMERS) + 1), len(ORDERS))

    def plan_sales(self) -> Iterator[_Plan]:
        """Sales of each past day, at both tills; of the same dates and weekdays last year, to compare with."""
        past = [self._today - timedelta(days=back) for back in range(DAYS, 0, -1)]
        first, last = (
            compare.before(day) for compare, day in ((Compare.DATES, past[0]), (Compare.WEEKDAYS, self._today))
        )
        year_before = [first + timedelta(days=place) for place in range((last - first).days + 1)]
        for day in [*year_before, *past]:
            sunday = day.weekday() == SUNDAY
            people = {1: self._chance.choice((ANA, JO)), 2: self._chance.choice((JO, SAM))}
            shifts = {till: self._open_shift(till, people[till], day, sunday=sunday) for till in TILLS}
            for _ in range(self._chance.randint(16, 22) if sunday else self._chance.randint(26, 40)):
                minute = self._chance.randint(0, 330 if sunday else 500)
                at = self._local(day, 11 if sunday else 9, 5) + timedelta(
                    minutes=minute, seconds=self._chance.randint(0, 59)
                )
                till = self._chance.choices(TILLS, (3, 2))[0]
                yield _Plan(at, day, till, people[till], self._basket(), shifts[till])

    def plan_orders(self) -> Iterator[_Plan]:
        """Orders of customers, some of them of today."""
        for place, (back, steps) in enumerate(ORDERS):
            at = self._now - timedelta(days=back, minutes=25 + 47 * place)
            day = business_date(self._settings, at)
            lines = tuple(
                (book, self._chance.choice((1, 1, 1, 2)), None) for book in self._pick(self._chance.randint(1, 4))
            )
            yield _Plan(at, day, 1, self._chance.choice((ANA, JO)), lines, steps=steps)

    def _local(self, day: date, hour: int, minute: int) -> datetime:
        return datetime.combine(day, time(hour, minute), self._settings.zone)

    def _open_shift(self, till: int, user: int, day: date, *, sunday: bool) -> int:
        opened = self._local(day, 10 if sunday else 8, 50 + till)
        closed = self._local(day, 17 if sunday else 18, 4 + till)
        number = len(self.trade.shifts) + 1
        self.trade.shifts.append(
            {
                "id": number,
                "uid": make_uid(opened, self._chance),
                "till_id": till,
                "user_id": user,
                "business_date": day,
                "opened_at": opened,
                "closed_at": closed,
                "opening_float": OPENING_FLOAT,
            }
        )
        return number

    def _pick(self, count: int) -> list[dict[str, Any]]:
        """Different titles that have a price to be sold at."""
        found = {book["id"]: book for book in self._chance.choices(self._books, cum_weights=self._odds, k=count)}
        return list(found.values())

    def _basket(self) -> tuple[tuple[dict[str, Any], int, Decimal | None], ...]:
        chance = self._chance
        lines: list[tuple[dict[str, Any], int, Decimal | None]] = [
            (book, 2 if chance.random() < 0.05 else 1, Decimal("0.1") if chance.random() < 0.03 else None)  # noqa: PLR2004 - rarely
            for book in self._pick(chance.choices((1, 2, 3, 4, 6), (50, 27, 13, 7, 3))[0])
        ]
        if chance.random() < 0.15:  # noqa: PLR2004 - now and then
            lines.append((chance.choice(self._goods), 1, None))
        return tuple(lines)

    def write_sale(self, plan: _Plan) -> None:
        """Write a sale as `services.order.pay` does."""
        uid, totals = make_uid(plan.at, self._chance), self._totals(plan)
        number = self.trade.next_number[plan.till]
        self.trade.next_number[plan.till] += 1
        payments, change = self._paid(totals.total, plan.at)
        text = receipt_text_number(plan.till, number)
        order_id = self._write_document(
            plan,
            totals,
            uid=uid,
            content_hash=content_hash(uid, _seen(plan, totals), totals.total, payments),
            kind=OrderKind.SALE,
            status=OrderStatus.DELIVERED,
            shift_id=plan.shift,
            receipt_number=number,
            paid_at=plan.at,
            change_amount=change,
        )
        self.trade.payments += [
            {
                "uid": one.uid,
                "order_id": order_id,
                "tender": one.tender,
                "amount": one.amount,
                "reference": one.reference,
                "created_at": plan.at,
            }
            for one in payments
        ]
        assert plan.shift is not None  # noqa: S101 - a sale has one
        self._cash[plan.shift] += sum(one.amount for one in payments if one.tender is Tender.CASH) - change
        self._move_stock(plan, order_id, StockReason.SALE, text, plan.at, -1)
        self._event(plan, order_id, "paid", plan.at, text)

    def write_order(self, plan: _Plan) -> None:
        """Write a customer order: one that stands as `services.customer_order` places it, an older one as it was then."""
        uid, totals = make_uid(plan.at, self._chance), self._totals(plan)
        customer = self._customers.pop()
        stands = not plan.steps or plan.steps[-1] in OPEN_STATUSES
        sent = "shipped" in plan.steps or self._chance.random() < 0.5  # noqa: PLR2004 - half are sent
        sent = sent and not (stands and "shipped" in plan.steps)
        address = f"{self._chance.randint(1, 80)} {self._chance.choice(STREETS)}, Marlow" if sent else None
        order_id = self._write_document(
            plan,
            totals,
            uid=uid,
            content_hash=content_hash(uid, _seen(plan, totals), totals.total, ()),
            kind=OrderKind.CUSTOMER_ORDER,
            status=OrderStatus(plan.steps[-1]) if plan.steps else OrderStatus.PENDING,
            customer_id=customer,
            shipping_address=address,
            note=None if address or stands else "Collects in the shop",
            version=1 + len(plan.steps),
        )
        document = f"Order {order_id}"
        if stands:
            self._follow(plan, order_id, customer, Way.SHIP if sent else Way.COLLECT)
        else:
            self._move_stock(plan, order_id, StockReason.ORDER, document, plan.at, -1)
        self._event(plan, order_id, "placed", plan.at, None)
        for place, step in enumerate(plan.steps, 1):
            at = plan.at + timedelta(hours=7 * place, minutes=13)
            self._event(plan, order_id, "ready" if stands and step == "shipped" else step, at, None)
            if step == "cancelled":
                self._move_stock(plan, order_id, StockReason.CANCELLATION, document, at, 1)

    def _follow(self, plan: _Plan, order_id: int, customer: int, way: Way) -> None:
        """Hold what the shelf has of an order; of one that is on its way all of it, as came for it."""
        ready = "shipped" in plan.steps
        first = len(self.trade.items) - len(plan.lines) + 1
        for item_id, (book, quantity, _) in enumerate(plan.lines, first):
            if book["kind"] is BookKind.SERVICE:
                continue
            free = max(book["stock"] - self.trade.reserved[book["id"]], 0)
            held = quantity if ready else 0 if not plan.steps else min(quantity, free)
            short = max(held - free, 0)
            if short:
                # What came for it lies on the shelf beside what the shop counts as its own.
                book["stock"] += short
            self.trade.reserved[book["id"]] += held
            for status, pieces in ((ReservationStatus.HELD, held), (ReservationStatus.WAITING, quantity - held)):
                if pieces:
                    self.trade.holds.append(
                        {
                            "uid": make_uid(plan.at, self._chance),
                            "book_id": book["id"],
                            "quantity": pieces,
                            "status": status,
                            "customer_id": customer,
                            "name": CUSTOMERS[customer - 1],
                            "user_id": plan.user,
                            "made_at": plan.at,
                            "order_item_id": item_id,
                            "created_at": plan.at,
                        }
                    )
        self.trade.follows.append(
            {
                "order_id": order_id,
                "way": way,
                "promised_on": plan.day + timedelta(days=self._chance.choice((2, 3, 5, 7))),
                "ready_at": plan.at + timedelta(hours=14) if ready else None,
                "hold_until": plan.day + timedelta(days=14) if ready else None,
            }
        )

    def close_shifts(self) -> None:
        """Count the drawers: mostly right, now and then a coin off."""
        for shift in self.trade.shifts:
            expected = OPENING_FLOAT + self._cash[shift["id"]]
            difference = self._chance.choices((0, -5, 10, -100, 20), (80, 7, 6, 4, 3))[0]
            shift |= {"expected": expected, "counted": expected + difference, "difference": difference}

    def _totals(self, plan: _Plan) -> SaleTotals:
        return compute_sale(
            self._settings.tax_policy,
            [
                SaleLine(quantity, book["price"], discount, *RATES[book["tax_rate_id"]])
                for book, quantity, discount in plan.lines
            ],
        )

    def _paid(self, total: int, at: datetime) -> tuple[tuple[PaymentIn, ...], int]:
        """Card, cash with a note or exact, or a note and the rest by card."""
        chance = self._chance
        kind = chance.choices(("card", "note", "exact", "both"), (56, 30, 10, 4))[0]
        note = next((note for note in NOTES if note >= total), -(-total // 1_000) * 1_000)
        if kind == "both" and total > 1_000:  # noqa: PLR2004 - a note of ten and a card
            parts = [(Tender.CASH, 1_000), (Tender.CARD, total - 1_000)]
        else:
            parts = [(Tender.CARD, total) if kind == "card" else (Tender.CASH, note if kind == "note" else total)]
        payments = tuple(PaymentIn(make_uid(at, chance), tender, amount) for tender, amount in parts)
        return payments, sum(amount for _, amount in parts) - total

    def _write_document(self, plan: _Plan, totals: SaleTotals, **heading: Any) -> int:
        order_id = len(self.trade.orders) + 1
        unset = dict.fromkeys(("shift_id", "receipt_number", "paid_at", "customer_id", "shipping_address", "note"))
        self.trade.orders.append(
            {
                **unset,
                "version": 1,
                "change_amount": 0,
                **heading,
                "id": order_id,
                "user_id": plan.user,
                "till_id": plan.till,
                "business_date": plan.day,
                "placed_at": plan.at,
                "created_at": plan.at,
                "currency": self._settings.currency,
                "prices_include_tax": self._settings.prices_include_tax,
                "tax_level": self._settings.tax_level,
                "discount_amount": totals.discount,
                "net_amount": totals.net,
                "tax_amount": totals.tax,
                "total_amount": totals.total,
                "item_count": sum(quantity for _, quantity, _ in plan.lines),
            }
        )
        for position, ((book, quantity, _), line) in enumerate(zip(plan.lines, totals.lines, strict=True), 1):
            name, rate = RATES[book["tax_rate_id"]]
            self.trade.items.append(
                {
                    "order_id": order_id,
                    "position": position,
                    "book_id": book["id"],
                    "title": book["title"],
                    "isbn": book["isbn"],
                    "quantity": quantity,
                    "price": book["price"],
                    "cost": book["cost"],
                    "discount_amount": line.discount,
                    "amount": line.amount,
                    "tax_name": name,
                    "tax_rate": rate,
                    "net_amount": line.net,
                    "tax_amount": line.tax,
                }
            )
        self.trade.taxes += [
            {"order_id": order_id, "name": tax.name, "rate": tax.rate, "net_amount": tax.net, "tax_amount": tax.tax}
            for tax in totals.taxes
        ]
        return order_id

    def _move_stock(
        self, plan: _Plan, order_id: int, reason: StockReason, document: str, at: datetime, sign: int
    ) -> None:
        for book, quantity, _ in plan.lines:
            if book["kind"] is not BookKind.SERVICE:
                self.trade.taken[book["id"]] -= sign * quantity
                self.trade.movements.append(
                    {
                        "uid": make_uid(at, self._chance),
                        "book_id": book["id"],
                        "delta": sign * quantity,
                        "reason": reason,
                        "document": document,
                        "order_id": order_id,
                        "user_id": plan.user,
                        "till_id": plan.till,
                        "created_at": at,
                    }
                )

    def _event(self, plan: _Plan, order_id: int, act: str, at: datetime, details: str | None) -> None:
        self.trade.events.append(
            {
                "order_id": order_id,
                "act": act,
                "user_id": plan.user,
                "till_id": plan.till,
                "happened_at": at,
                "details": details,
                "created_at": at,
            }
        )


def _seen(plan: _Plan, totals: SaleTotals) -> list[tuple[int, int, int, int]]:
    """The lines in the form a document's hash is made of."""
    return [
        (book["id"], quantity, book["price"], line.discount)
        for (book, quantity, _), line in zip(plan.lines, totals.lines, strict=True)
    ]
