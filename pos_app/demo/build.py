"""Making the demo shop in one transaction, whole or not at all."""

import asyncio
import json
import random
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import case, func, insert, literal, select, text, update
from sqlalchemy.orm import Session

from pos_app.app import App
from pos_app.demo.catalogue import BOOKS_TAX, TAX_RATES, Catalogue, make_catalogue
from pos_app.demo.people import CUSTOMERS, REVIEWS, SAM, STAFF
from pos_app.demo.subjects import TREE
from pos_app.demo.supply import A_YEAR, GOODS, PUBLISHER, SUPPLIERS, WHOLESALER, Supply, make_supply
from pos_app.demo.trade import TILLS, Trade, make_trade, make_uid
from pos_app.domain.kinds import BookKind, StockReason
from pos_app.domain.permission import UserRole
from pos_app.domain.search import customer_keys, fold
from pos_app.domain.shop import ShopSettings
from pos_app.errors import Refused
from pos_app.models import (
    Base,
    Book,
    BookCode,
    BookSupplier,
    Category,
    Customer,
    CustomerOrder,
    Delivery,
    DeliveryLine,
    DocumentSeries,
    Order,
    OrderEvent,
    OrderItem,
    OrderTax,
    Payment,
    PurchaseOrder,
    PurchaseOrderLine,
    QuickKey,
    Reservation,
    Review,
    Shift,
    StockMovement,
    Supplier,
    TaxRate,
    Till,
    UsedCopy,
    User,
    ZReport,
    table,
)
from pos_app.services.journal import adopt
from pos_app.services.report import shift_report
from pos_app.services.setting import write_settings
from pos_app.services.shift import business_date
from pos_app.services.sign_in import hash_pin

Progress = Callable[[int, int, str], None]

SEED = 1813
AT_ONCE = 1_000
SETTINGS = ShopSettings(
    shop_name="Marlow & Daughters, High Street",
    address="7 High Street, Marlow",
    tax_number="GB 000 0000 00",
    receipt_footer="Thank you. Bring this receipt and we take a book back within 30 days.",
    currency="GBP",
    time_zone="Europe/London",
    prices_include_tax=True,
    default_tax_rate_id=BOOKS_TAX,
)
Z_DAYS = 7
# So many stars are a staff pick, with a card at the shelf.
BEST = 5


@dataclass(frozen=True, slots=True)
class _Shop:
    """Everything to be written, worked out beforehand."""

    hashed_pins: tuple[str, ...]
    catalogue: Catalogue
    trade: Trade
    supply: Supply


async def build_demo(app: App, progress: Progress = lambda _done, _total, _text: None) -> bool:
    """Make the demo shop in an empty database; False, and nothing done, where somebody works there already.

    `progress` is called with how much is done, of how much, and a text, from whatever thread is at work.
    Raises Refused("demo.not_empty") where there are books or tills but nobody.
    """
    now = app.clock.now()
    if await app.db.read(_is_taken):
        return False
    progress(0, 100, "Reading the catalogue…")
    shop = await asyncio.to_thread(_work_out, now)
    return await app.db.write(lambda session: _write(session, shop, progress, now))


def _is_taken(session: Session) -> bool:
    if session.scalar(select(User.id).limit(1)) is not None:
        return True
    for model in (Book, TaxRate, Till, Customer, Order):
        if session.scalar(select(model.id).limit(1)) is not None:
            raise Refused("demo.not_empty")
    return False


def _work_out(now: datetime) -> _Shop:
    chance = random.Random(SEED)  # noqa: S311 - a demo, the same each time
    catalogue = make_catalogue(chance)
    trade = make_trade(catalogue.books, SETTINGS, business_date(SETTINGS, now), now, chance)
    hashed = tuple(hash_pin(pin) for _, pin, _ in STAFF)
    supply = make_supply(catalogue, trade, SETTINGS, business_date(SETTINGS, now), now, chance)
    return _Shop(hashed, catalogue, trade, supply)


def _write(session: Session, shop: _Shop, progress: Progress, now: datetime) -> bool:
    if session.get_bind().dialect.name == "postgresql":
        # Two tills that start at once: the second waits, and then finds the shop made.
        session.execute(text("LOCK TABLE users IN SHARE ROW EXCLUSIVE MODE"))
    if _is_taken(session):
        return False
    write_settings(session, SETTINGS)
    categories = _write_categories(session)
    _write_people(session, shop)
    _insert(session, TaxRate, [{"id": number, "name": name, "rate": rate} for number, name, rate in TAX_RATES])
    rows = [{**book, "category_id": categories[book["category"]]} for book in shop.catalogue.books]
    for row in rows:
        del row["category"]
        row["sold_count"] = shop.trade.taken[row["id"]]
        row["reserved"] = shop.trade.reserved[row["id"]]
    for start in range(0, len(rows), AT_ONCE):
        progress(10 + start * 60 // len(rows), 100, f"Shelving {len(rows):,} books…")
        _insert(session, Book, rows[start : start + AT_ONCE])
    _write_suppliers(session)
    _write_copies(session, shop, categories, now)
    progress(70, 100, "Three weeks of sales…")
    _write_trade(session, shop)
    for series, documents in (("delivery", shop.supply.deliveries), ("purchase_order", shop.supply.orders)):
        drawn = update(table(DocumentSeries)).where(table(DocumentSeries).c.name == series)
        session.execute(drawn.values(next_number=len(documents) + 1))
    progress(90, 100, "Z reports…")
    _write_z_reports(session, shop.trade)
    for till_id in sorted(shop.trade.next_number):
        adopt(session, till_id, now)
    _insert(session, Review, [_review(*review) for review in REVIEWS])
    # What nobody scans: it has no barcode, or lies in a drawer. Old books without a number are searched for.
    loose = [book for book in shop.catalogue.books if book["kind"] is not BookKind.BOOK]
    _insert(
        session,
        QuickKey,
        [{"position": place, "label": book["title"], "book_id": book["id"]} for place, book in enumerate(loose, 1)],
    )
    if session.get_bind().dialect.name == "postgresql":
        _advance_sequences(session)
    progress(100, 100, "Ready")
    return True


def _write_categories(session: Session) -> dict[str, int]:
    """Add what is missing of the tree; gives every category's id by name."""
    found = {row.name: row.id for row in session.execute(select(Category.name, Category.id))}
    _insert(session, Category, [{"name": name} for name in TREE if name not in found])
    found = {row.name: row.id for row in session.execute(select(Category.name, Category.id))}
    children = [
        {"name": child, "parent_id": found[parent]}
        for parent, names in TREE.items()
        for child in names
        if child not in found
    ]
    _insert(session, Category, children)
    return {row.name: row.id for row in session.execute(select(Category.name, Category.id))}


def _write_people(session: Session, shop: _Shop) -> None:
    _insert(
        session,
        User,
        [
            {
                "id": number,
                "username": name,
                "email": f"{name.lower()}@marlow.example",
                "role": role,
                "is_admin": role is UserRole.ADMIN,
                "hashed_pin": hashed,
            }
            for number, ((name, _, role), hashed) in enumerate(zip(STAFF, shop.hashed_pins, strict=True), 1)
        ],
    )
    _insert(
        session,
        Till,
        [
            {"id": number, "number": number, "name": f"Till {number}", "next_receipt_number": next_number}
            for number, next_number in sorted(shop.trade.next_number.items())
        ],
    )
    _insert(
        session,
        Customer,
        [
            {
                "id": number,
                "name": name,
                "email": f"{fold(name).replace(' ', '.')}@mail.example",
                "phone": f"01632 960{number:03d}",
                **customer_keys(name, f"01632 960{number:03d}", f"{fold(name).replace(' ', '.')}@mail.example"),
            }
            for number, name in enumerate(CUSTOMERS, 1)
        ],
    )


def _write_suppliers(session: Session) -> None:
    """The suppliers, and whom each title comes from as `supply.supplier_of` says: in one statement, not by the row."""
    _insert(session, Supplier, SUPPLIERS)
    book = table(Book).c
    goods = book.kind == BookKind.OTHER
    whose = case((goods, GOODS), (book.format == "Hardback", PUBLISHER), else_=WHOLESALER)
    # A book costs its price less the discount; what a thing without a list price costs has to be known.
    rows = select(book.id, whose, literal(1), case((goods, book.cost))).where(book.kind != BookKind.SERVICE)
    columns = ["book_id", "supplier_id", "position", "cost"]
    session.execute(insert(table(BookSupplier)).from_select(columns, rows.order_by(book.id)))


def _write_copies(session: Session, shop: _Shop, categories: Mapping[str, int], now: datetime) -> None:
    """The used copies, which no supplier has, and the codes of all that has no number."""
    chance = random.Random(SEED)
    rows = [{**book, "category_id": categories[book["category"]]} for book in shop.catalogue.copies]
    for row in rows:
        del row["category"]
    _insert(session, Book, rows)
    _insert(session, BookCode, shop.catalogue.codes)
    _insert(session, UsedCopy, shop.catalogue.used)
    at = now - timedelta(days=A_YEAR)
    moved = {"reason": StockReason.OPENING, "document": "Used copy", "user_id": SAM, "created_at": at}
    movements = [{"uid": make_uid(at, chance), "book_id": row["id"], "delta": row["stock"], **moved} for row in rows]
    _insert(session, StockMovement, movements)


def _write_trade(session: Session, shop: _Shop) -> None:
    trade = shop.trade
    # In the order in which they happened, as the stock history shows them.
    movements = sorted([*_filled(shop.supply.movements), *trade.movements], key=lambda row: row["created_at"])
    for model, rows in (
        (Shift, trade.shifts),
        (Order, trade.orders),
        (OrderItem, trade.items),
        (OrderTax, trade.taxes),
        (Payment, trade.payments),
        (OrderEvent, trade.events),
        (StockMovement, movements),
        (CustomerOrder, trade.follows),
        (Reservation, trade.holds),
        (Delivery, shop.supply.deliveries),
        (DeliveryLine, shop.supply.delivery_lines),
        (PurchaseOrder, shop.supply.orders),
        (PurchaseOrderLine, shop.supply.order_lines),
    ):
        _insert(session, model, rows)


def _write_z_reports(session: Session, trade: Trade) -> None:
    """Keep the reports of the last week's shifts, as closing them does: the tills are as new as that."""
    people = dict(enumerate((name for name, _, _ in STAFF), 1))
    rows = []
    for number, shift in enumerate(trade.shifts[-len(TILLS) * Z_DAYS :]):
        closed = {
            "number": number // len(TILLS) + 1,
            "closed_at": shift["closed_at"],
            "closed_by": people[shift["user_id"]],
            "counted": shift["counted"],
            "difference": shift["difference"],
            "reason": "not given" if shift["difference"] else None,
        }
        report = shift_report(session, session.get_one(Shift, shift["id"]), **closed)
        rows.append(
            {
                "shift_id": shift["id"],
                "till_id": shift["till_id"],
                "user_id": shift["user_id"],
                "number": closed["number"],
                "content": json.dumps(report.to_json(), ensure_ascii=True),
                "created_at": shift["closed_at"],
            }
        )
    _insert(session, ZReport, rows)
    session.execute(update(table(Till)).values(next_z_number=Z_DAYS + 1))


def _filled(movements: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Rows of one statement have the same columns."""
    return [{"order_id": None, "till_id": None, **row} for row in movements]


def _review(user_id: int, place: int, rating: int, comment: str) -> dict[str, Any]:
    pick = rating == BEST
    return {"user_id": user_id, "book_id": place + 1, "rating": rating, "comment": comment, "staff_pick": pick}


def _insert(session: Session, model: type[Base], rows: Sequence[Mapping[str, Any]]) -> None:
    for start in range(0, len(rows), AT_ONCE):
        session.execute(insert(table(model)), list(rows[start : start + AT_ONCE]))


def _advance_sequences(session: Session) -> None:
    """Rows were given their ids; the next ones come after them."""
    for model in (User, Till, TaxRate, Book, Customer, Shift, Order, Supplier, Delivery, PurchaseOrder):
        name = model.__tablename__
        last = session.scalar(select(func.max(table(model).c.id)))
        session.execute(select(func.setval(func.pg_get_serial_sequence(name, "id"), last)))
