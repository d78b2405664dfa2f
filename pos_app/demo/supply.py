"""Where the demo shop's books come from: suppliers with their terms, three weeks of deliveries, orders on their way."""

import random
from collections import Counter, defaultdict
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

from pos_app.demo.catalogue import BESTSELLERS, Catalogue
from pos_app.demo.people import SAM
from pos_app.demo.trade import DAYS, TILLS, Trade, make_uid
from pos_app.domain.kinds import BookKind, StockReason
from pos_app.domain.purchase import PurchaseStatus
from pos_app.domain.shop import ShopSettings
from pos_app.domain.stock import ReservationStatus
from pos_app.services.stock import content_hash
from pos_app.services.supplier import expected_cost

DELIVERY_SIZES = (2, 3, 5)
A_YEAR = 366
WHOLESALER, PUBLISHER, GOODS = 1, 2, 3
# All invented; addresses and numbers are from the ranges kept free for such use.
SUPPLIERS: tuple[dict[str, Any], ...] = (
    {
        "id": WHOLESALER,
        "name": "Ridgeway Book Wholesale",
        "account_number": "MAR-2207",
        "email": "orders@ridgeway.example",
        "phone": "01632 960301",
        "address": "Unit 4, Ridgeway Park, Marlow",
        "discount_rate": Decimal("0.4"),
        "terms_days": 30,
        "lead_days": 2,
        "return_days": 90,
        "note": "Orders by four o’clock come the day after next.",
    },
    {
        "id": PUBLISHER,
        "name": "Harrow & Finch Publishers",
        "account_number": "77140",
        "email": "trade@harrowfinch.example",
        "phone": "01632 960302",
        "address": "12 Quarry Street, Marlow",
        "discount_rate": Decimal("0.45"),
        "terms_days": 60,
        "lead_days": 7,
        "return_days": 180,
        "note": None,
    },
    {
        "id": GOODS,
        "name": "Papermill Gifts",
        "account_number": "B-518",
        "email": "hello@papermill.example",
        "phone": "01632 960303",
        "address": "Old Mill, Mill Lane, Marlow",
        "discount_rate": Decimal("0.5"),
        "terms_days": 14,
        "lead_days": 10,
        # Takes nothing back.
        "return_days": None,
        "note": None,
    },
)
RATES = {row["id"]: row["discount_rate"] for row in SUPPLIERS}
# How many titles the order on its way asks for because few are left, and at most because customers wait for them.
ORDERED, WAITED_FOR = 8, 4
DRAFTED = 5


@dataclass(slots=True)
class Supply:
    """Rows of the tables that buying fills."""

    movements: list[dict[str, Any]] = field(default_factory=list)
    deliveries: list[dict[str, Any]] = field(default_factory=list)
    delivery_lines: list[dict[str, Any]] = field(default_factory=list)
    orders: list[dict[str, Any]] = field(default_factory=list)
    order_lines: list[dict[str, Any]] = field(default_factory=list)


def supplier_of(book: dict[str, Any]) -> int | None:
    """Whom a title comes from: paperbacks from the wholesaler, hard covers from their publisher, services from nobody."""
    if book["kind"] is BookKind.BOOK:
        return PUBLISHER if book["format"] == "Hardback" else WHOLESALER
    return GOODS if book["kind"] is BookKind.OTHER else None


def make_supply(
    catalogue: Catalogue, trade: Trade, settings: ShopSettings, today: date, now: datetime, chance: random.Random
) -> Supply:
    """Make what came in, enough for all that was taken and all that is there, and what is on its way."""
    supply = Supply()

    def morning(days_ago: int, minute: int) -> datetime:
        return datetime.combine(today - timedelta(days=days_ago), time(8, minute), settings.zone)

    def came(book: dict[str, Any], delta: int, reason: StockReason, document: str, at: datetime) -> None:
        supply.movements.append(
            {
                "uid": make_uid(at, chance),
                "book_id": book["id"],
                "delta": delta,
                "reason": reason,
                "document": document,
                "user_id": SAM,
                "created_at": at,
            }
        )

    delivered: defaultdict[tuple[int, int], list[tuple[dict[str, Any], int]]] = defaultdict(list)
    for book in catalogue.books:
        # Never more than is left today, so that no sale went before its delivery.
        pieces = min(chance.choice(DELIVERY_SIZES), book["stock"]) if trade.taken[book["id"]] else 0
        supplier = supplier_of(book)
        opening = book["stock"] + trade.taken[book["id"]] - pieces
        if opening:
            came(book, opening, StockReason.OPENING, "Opening stock", morning(A_YEAR + DAYS + 2, 30))
        if pieces and supplier is not None:
            delivered[-chance.randint(1, DAYS - 2), supplier].append((book, pieces))
    for number, ((back, supplier), books) in enumerate(sorted(delivered.items()), 1):
        at = morning(-back, 40)
        reference = f"GN-{8860 + back}-{supplier}"
        lines = [(book["id"], pieces, book["cost"]) for book, pieces in books]
        supply.deliveries.append(
            {
                "id": number,
                "uid": make_uid(at, chance),
                "content_hash": content_hash([supplier, reference, lines]),
                "number": number,
                "supplier_id": supplier,
                "reference": reference,
                "user_id": SAM,
                "till_id": TILLS[-1],
                "posted_at": at,
                "created_at": at,
            }
        )
        for book, pieces in books:
            came(book, pieces, StockReason.DELIVERY, f"Delivery {number}", at)
            supply.delivery_lines.append(
                {
                    "delivery_id": number,
                    "book_id": book["id"],
                    "quantity": pieces,
                    "cost": book["cost"],
                    "expected_cost": expected_cost(book["price"], None, RATES[supplier]),
                    "created_at": at,
                }
            )
    _order(supply, catalogue, trade, today, now, chance)
    return supply


def _order(
    supply: Supply, catalogue: Catalogue, trade: Trade, today: date, now: datetime, chance: random.Random
) -> None:
    """One order to the wholesaler that is on its way, and one to the publisher that is being drawn up."""
    waits: Counter[int] = Counter()
    for hold in trade.holds:
        if hold["status"] is ReservationStatus.WAITING:
            waits[hold["book_id"]] += hold["quantity"]
    wanted: dict[int, dict[int, int]] = {WHOLESALER: {}, PUBLISHER: {}}
    for book in catalogue.books[:BESTSELLERS]:
        supplier, number = supplier_of(book), book["id"]
        lines = wanted[supplier or WHOLESALER]
        if waits[number] and supplier == WHOLESALER and sum(1 for one in lines if waits[one]) < WAITED_FOR:
            lines[number] = waits[number] + book["reorder_at"]
        elif book["stock"] < book["reorder_at"] and len(lines) < (ORDERED if supplier == WHOLESALER else DRAFTED):
            lines[number] = 2 * book["reorder_at"] - book["stock"]
    sent = now - timedelta(days=1, hours=2)
    for number, (supplier, status, at) in enumerate(
        ((WHOLESALER, PurchaseStatus.SENT, sent), (PUBLISHER, PurchaseStatus.DRAFT, now - timedelta(hours=3))), 1
    ):
        draft = status is PurchaseStatus.DRAFT
        supply.orders.append(
            {
                "id": number,
                "uid": make_uid(at, chance),
                "number": number,
                "supplier_id": supplier,
                "status": status,
                "user_id": SAM,
                "made_at": at,
                "sent_by_id": None if draft else SAM,
                "sent_at": None if draft else at,
                "expected_on": None if draft else today + timedelta(days=1),
                "created_at": at,
            }
        )
        for book_id, pieces in sorted(wanted[supplier].items()):
            cost = expected_cost(catalogue.books[book_id - 1]["price"], None, RATES[supplier])
            supply.order_lines.append(
                {"purchase_order_id": number, "book_id": book_id, "quantity": pieces, "cost": cost, "created_at": at}
            )
