"""Documents stay as they are, whoever asks the database to change them."""

import asyncio

import pytest
from sqlalchemy import Boolean, Column, Date, DateTime, Integer, text
from sqlalchemy import Enum as SqlEnum
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from pos_app import app as application
from pos_app.config import Config
from pos_app.domain.document import AdjustmentKind
from pos_app.domain.loyalty import LoyaltyKind, LoyaltyReason
from pos_app.domain.order_status import OrderStatus
from pos_app.models import (
    AccountMovement,
    Base,
    BookAct,
    BookChange,
    CashMovement,
    CategoryChange,
    Customer,
    Delivery,
    DeliveryLine,
    DepositMovement,
    GiftCard,
    GiftCardMovement,
    GiftCardReason,
    JournalEntry,
    LoyaltyMovement,
    Order,
    OrderAdjustment,
    OrderChange,
    OrderEvent,
    OrderItem,
    OrderTax,
    Payment,
    PublisherReturn,
    PublisherReturnLine,
    PurchaseOrder,
    Shift,
    StockCountDocument,
    StockCountEntry,
    StockCountLine,
    StockMovement,
    StockReversal,
    StockReversalLine,
    TillEvent,
    Transfer,
    TransferLine,
    ZReport,
    table,
)
from pos_app.services.book_edit import Change, change_book
from pos_app.services.category import keep_category
from pos_app.services.order import place_order
from tests.conftest import SetClock
from tests.db.migrating import engine_for, run_sql
from tests.db.stockroom import keep_stock
from tests.postgres import PostgresServer
from tests.shop import PRIDE, fill

CHANGEABLE = {"orders": {"version", "updated_at"}, "order_items": {"returned_quantity", "updated_at"}}
DOCUMENTS = (
    Order,
    OrderItem,
    OrderTax,
    Payment,
    StockMovement,
    CashMovement,
    OrderEvent,
    Shift,
    OrderAdjustment,
    GiftCardMovement,
    AccountMovement,
    ZReport,
    TillEvent,
    Delivery,
    DeliveryLine,
    PublisherReturn,
    PublisherReturnLine,
    Transfer,
    TransferLine,
    StockCountEntry,
    StockCountLine,
    PurchaseOrder,
    StockCountDocument,
    BookAct,
    BookChange,
    CategoryChange,
    JournalEntry,
    LoyaltyMovement,
    DepositMovement,
    OrderChange,
    StockReversal,
    StockReversalLine,
)


@pytest.fixture
def sold(config: Config, clock: SetClock) -> Config:
    """Order 1 paid and order 2 not, cash put into the drawer, and a closed shift beside the open one."""

    async def trade() -> None:
        app = application.build(config, clock=clock)
        shop = await fill(app, tills=2)
        await shop.sell(PRIDE)
        await place_order(app, shop.ana.user_id, {shop.books[PRIDE]: 1}, till_id=shop.ana.till_id)

        def act(session: Session) -> None:
            session.execute(text("UPDATE shifts SET closed_at = opened_at WHERE till_id = 2"))
            session.add(CashMovement(uid=app.ids.new(), shift_id=1, user_id=shop.ana.user_id, amount=5, reason="x"))
            card, customer = GiftCard(code="GC1", balance=5), Customer(name="Rosa", name_key="rosa", balance=5)
            session.add_all([card, customer])
            session.flush()
            why = GiftCardReason.SOLD
            session.add_all(
                [
                    OrderAdjustment(order_item_id=1, kind=AdjustmentKind.PROMOTION, name="x"),
                    GiftCardMovement(uid="g", gift_card_id=card.id, delta=5, reason=why, order_id=1),
                    AccountMovement(uid="a", customer_id=customer.id, delta=5, order_id=1),
                    LoyaltyMovement(
                        uid="l",
                        customer_id=customer.id,
                        order_id=1,
                        sale_id=1,
                        reason=LoyaltyReason.EARNED,
                        delta=5,
                        balance=5,
                        kind=LoyaltyKind.POINTS,
                        step=100,
                        full_at=10,
                        worth=500,
                    ),
                    DepositMovement(uid="d", order_id=2, document_id=1, delta=5, tender="cash"),
                    OrderChange(
                        order_id=2,
                        order_item_id=2,
                        quantity=1,
                        discount_amount=0,
                        amount=899,
                        net_amount=899,
                        tax_amount=0,
                        user_id=1,
                        till_id=1,
                        happened_at=clock.now(),
                    ),
                    ZReport(shift_id=2, till_id=2, user_id=1, number=1, content="{}"),
                    TillEvent(till_id=1, user_id=1, act="no_sale", happened_at=clock.now()),
                ]
            )

        await app.db.write(act)
        price = {"price": Change(899, 999)}
        await change_book(app, shop.people["Sam"], shop.books[PRIDE], price)
        await keep_category(app, shop.people["Sam"], "Crime")
        await keep_stock(shop)
        await app.db.close()

    asyncio.run(trade())
    return config


def another_value(column: "Column[object]") -> str:
    """SQL for a value that the column does not have now."""
    kind = column.type
    match kind:
        case SqlEnum():
            return f"CASE {column.name} WHEN '{kind.enums[0]}' THEN '{kind.enums[1]}' ELSE '{kind.enums[0]}' END"
        case Boolean():
            return f"NOT {column.name}"
        case Date():
            return "'2001-01-01'"
    impl = getattr(kind, "impl", kind)
    if isinstance(impl, DateTime):
        return "'2001-01-01 00:00:00'"
    if isinstance(impl, Integer):
        return f"COALESCE({column.name}, 0) + 1"
    return "'?'"


def tries(config: Config, statements: list[str]) -> dict[str, str]:
    """What each statement came to, each alone and undone."""
    engine = engine_for(config.database_url)
    found = {}
    for statement in statements:
        with engine.connect() as connection:
            try:
                count = connection.execute(text(statement)).rowcount
                found[statement] = f"{count} rows"
            except DBAPIError as error:
                found[statement] = str(error.orig).splitlines()[0]
            connection.rollback()
    engine.dispose()
    return found


@pytest.mark.parametrize("model", DOCUMENTS)
def test_no_column_of_a_document_changes(sold: Config, model: type[Base]) -> None:
    name = model.__tablename__
    where = {"orders": "id = 1", "order_items": "order_id = 1", "shifts": "till_id = 2"}.get(name, "1 = 1")
    if name == "order_taxes":
        run_sql(
            sold.database_url,
            "INSERT INTO order_taxes (order_id, name, rate, net_amount, tax_amount) VALUES (1, 'Other', 1, 1, 1)",
        )
    columns = [column for column in table(model).columns if column.name not in CHANGEABLE.get(name, set())]
    changes = [f"UPDATE {name} SET {column.name} = {another_value(column)} WHERE {where}" for column in columns]
    found = tries(sold, [*changes, f"DELETE FROM {name} WHERE {where}"])
    assert {said for said in found.values() if f"append-only: {name}" not in said} == set(), found


def test_a_document_with_a_number_keeps_its_status_and_an_order_moves_on(sold: Config) -> None:
    """Whoever asks, and to whatever; that it is written again as it stands is no change."""
    others = [status.value for status in OrderStatus if status is not OrderStatus.DELIVERED]
    numbered = [f"UPDATE orders SET status = '{status}' WHERE id = 1" for status in others]
    found = tries(sold, numbered)
    assert all("append-only: orders" in said for said in found.values()), found
    stays = "UPDATE orders SET status = 'delivered', version = version + 1 WHERE id = 1"
    moves = [f"UPDATE orders SET status = '{status.value}' WHERE id = 2" for status in OrderStatus]
    assert set(tries(sold, [stays, *moves]).values()) == {"1 rows"}


def test_what_a_shipment_and_a_return_need_still_changes(sold: Config) -> None:
    found = tries(
        sold,
        [
            "UPDATE orders SET status = 'shipped', version = version + 1, updated_at = '2027-01-01' WHERE id = 2",
            "UPDATE order_items SET returned_quantity = 1, updated_at = '2027-01-01' WHERE order_id = 1",
            "UPDATE orders SET total_amount = 1 WHERE id = 2",
            "UPDATE order_items SET price = 1 WHERE order_id = 2",
            "UPDATE shifts SET closed_at = opened_at WHERE id = 1",
        ],
    )
    assert set(found.values()) == {"1 rows"}, found


def test_a_line_is_moved_neither_into_a_paid_order_nor_out_of_it(sold: Config) -> None:
    found = tries(
        sold,
        [
            "UPDATE order_items SET order_id = 1, position = 9 WHERE order_id = 2",
            "UPDATE order_items SET order_id = 2, position = 9 WHERE order_id = 1",
            "UPDATE order_taxes SET order_id = 1, name = 'x' WHERE order_id = 2",
        ],
    )
    assert all("append-only: order_" in said for said in found.values()), found


def test_the_row_number_is_no_way_round(sold: Config) -> None:
    if sold.database_url.startswith("postgresql"):
        return
    for name in ("orders", "order_items", "payments", "stock_movements", "order_events"):
        with pytest.raises(DBAPIError, match="append-only"):
            run_sql(sold.database_url, f"UPDATE {name} SET rowid = 77 WHERE rowid = 1")


async def test_replacing_a_row_is_no_way_round(sold: Config) -> None:
    app = application.build(sold)
    try:
        if app.db.kind == "postgresql":
            return
        for name in ("payments", "stock_movements", "order_events", "orders"):

            def act(session: Session, name: str = name) -> None:
                session.execute(text("PRAGMA defer_foreign_keys=ON"))
                session.execute(text(f"INSERT OR REPLACE INTO {name} SELECT * FROM {name} WHERE id = 1"))

            with pytest.raises(DBAPIError, match=f"append-only: {name}"):
                await app.db.write(act)
    finally:
        await app.db.close()


def test_both_engines_have_the_same_triggers(
    postgres: PostgresServer, postgres_template: str, sqlite_template: object
) -> None:
    """A step that rebuilds a table on SQLite loses its triggers unless it makes them anew."""
    url = postgres.create_database(postgres_template)
    here = run_sql(
        url,
        "SELECT tgname FROM pg_trigger WHERE NOT tgisinternal AND tgname NOT LIKE '%_no_truncate' "
        "AND tgname NOT LIKE '%_rings' AND tgname NOT LIKE '%_carried_out' AND tgname NOT LIKE 'trg_books_subjects_%'",
    )
    postgres.drop_database(url)
    there = run_sql(
        f"sqlite:///{sqlite_template}",
        "SELECT name FROM sqlite_master WHERE type = 'trigger' AND name NOT LIKE 'trg_books_words_%' "
        "AND name NOT LIKE 'trg_customers_parts_%' AND name NOT LIKE '%_carried_out' "
        "AND name NOT LIKE 'trg_books_subjects_%'",
    )
    assert set(here) == set(there)
    assert len(here) == 2 * len(DOCUMENTS)
