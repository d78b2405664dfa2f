"""A till's database role: a whole trading day goes through, and nothing changes what was sold."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import psycopg
import pytest
import pytest_asyncio
from sqlalchemy.engine import make_url

from pos_app import app as application
from pos_app.app import App
from pos_app.cli import main
from pos_app.config import Config
from pos_app.doctor import Finding, Level, examine
from pos_app.domain.order_status import OrderStatus
from pos_app.domain.payment import PaymentIn, Tender
from pos_app.domain.permission import Permission
from pos_app.errors import Refused
from pos_app.messages import sentence
from pos_app.migrate import bring_up_to_date
from pos_app.models import Base
from pos_app.services import cart
from pos_app.services.book_edit import Change, StockCount, change_book
from pos_app.services.book_import import import_books
from pos_app.services.book_undo import redo, undo
from pos_app.services.cart_park import park, recall
from pos_app.services.cart_price import discount_line
from pos_app.services.category import keep_category
from pos_app.services.customer import add_customer
from pos_app.services.customer_edit import give_consent
from pos_app.services.customer_erase import erase_customer
from pos_app.services.customer_merge import merge_customers
from pos_app.services.customer_order import OrderRequest, place_from_cart
from pos_app.services.drawer import move_cash, no_sale
from pos_app.services.order import PayRequest, pay, place_order
from pos_app.services.order_edit import change_line
from pos_app.services.order_move import move_order
from pos_app.services.order_view import get_order
from pos_app.services.order_void import void_sale
from pos_app.services.quote import make_quote, take_quote
from pos_app.services.review import keep_review
from pos_app.services.right import change_right, list_rights
from pos_app.services.shift import ShiftCount, close_shift, set_float, x_report
from pos_app.services.sign_in import approve, list_approvers, list_people, sign_in
from pos_app.services.till import claim_till
from pos_app.services.user import set_pin
from pos_app.till_role import FREE, GOES_ON, HIDDEN, KEPT
from tests.conftest import SetClock
from tests.db import test_book_addition as additions
from tests.db import test_book_history as history
from tests.db import test_category as categories
from tests.db import test_purchase_order as purchases
from tests.db import test_quick_key as quick_keys
from tests.db import test_saved_view as views
from tests.db import test_supplier as suppliers
from tests.db.stockroom import keep_stock
from tests.db.test_customer_order import collect, place
from tests.db.test_random_day import Day
from tests.shop import PIN, PRIDE, Shop, fill

pytestmark = pytest.mark.parametrize("config", ["postgresql"], indirect=True)
ROLE = "till-of-tests"


@pytest.fixture
def role(config: Config) -> Iterator[Config]:
    """The address of the shop for a till's role, which the command has made one."""
    with psycopg.connect(config.database_url, autocommit=True) as server:
        server.execute(f'DROP ROLE IF EXISTS "{ROLE}"')
        server.execute(f'CREATE ROLE "{ROLE}" LOGIN')
    given = ["--data-dir", str(config.data_dir), "--database-url", config.database_url]
    assert main(["grant-till", ROLE, "--apply", *given]) == 0
    yield replace(config, database_url=as_role(config.database_url))
    with psycopg.connect(config.database_url, autocommit=True) as server:
        server.execute(f'DROP OWNED BY "{ROLE}"')
        server.execute(f'DROP ROLE "{ROLE}"')


def as_role(url: str) -> str:
    return make_url(url).set(username=ROLE).render_as_string(hide_password=False)


@pytest_asyncio.fixture
async def counter(config: Config, role: Config, clock: SetClock) -> AsyncIterator[Shop]:
    """A shop that its owner set up, at a till that signs in as the till's role."""
    owner = application.build(config, clock=clock)
    shop = await fill(owner)
    await owner.printing.close()
    await owner.db.close()
    app = application.build(role, clock=clock)
    yield replace(shop, app=app)
    await app.printing.close()
    await app.db.close()


async def test_a_trading_day_goes_through(counter: Shop, tmp_path: Path) -> None:
    app = counter.app
    await claim_till(app, "Front")
    assert [person.name for person in await list_people(app)] == ["Ana", "Jo", "Sam", "Max"]
    ana, sam = await sign_in(app, "Ana", PIN), await sign_in(app, "Sam", PIN)
    with pytest.raises(Refused, match=r"sign_in\.wrong"):
        await sign_in(app, "Jo", "9999")
    await counter.sell(PRIDE, operator=ana)
    view = await cart.open_cart(app, ana)
    view = await cart.add_scan(app, ana, view.id, PRIDE)
    assert await list_approvers(app, Permission.DISCOUNT, 2500)
    uid = await approve(app, ana, "Sam", PIN, Permission.DISCOUNT, 2500)
    view = await discount_line(app, ana, view.id, view.lines[0].key, Decimal("0.25"), "Bent", uid)
    empty = await park(app, ana, view.id, "later")
    view = await recall(app, ana, empty.id, view.id)
    await cart.clear(app, ana, view.id)
    await move_cash(app, ana, app.ids.new(), 500, "Change")
    await no_sale(app, sam, app.ids.new(), "Looked")
    customer = await add_customer(app, ana, name="Nadia Haddad")
    placed = await place_order(
        app, ana.user_id, {counter.books[PRIDE]: 1}, till_id=ana.till_id, customer_id=customer.id
    )
    detail = await get_order(app, placed.id)
    await move_order(app, sam, placed.id, detail.order.version, OrderStatus.CONFIRMED)
    await change_book(app, sam, counter.books[PRIDE], {"price": Change(899, 950)})
    await change_book(
        app, sam, counter.books[PRIDE], {"price": Change(950, 960)}, StockCount(30, await counter.stock(PRIDE))
    )
    await keep_review(app, sam, counter.books[PRIDE], 5, "Read it twice.")
    await keep_review(app, sam, counter.books[PRIDE], 4, "Read it once.", staff_pick=False)
    for back in (undo, undo, redo, undo, undo):
        await back(app, sam)
    await keep_category(app, sam, "Crime")
    right = next(one for one in await list_rights(app) if one.permission is Permission.DISCOUNT and one.grant.most)
    await change_right(app, counter.people["Max"], right.role, right.permission, right.grant)
    sheet = tmp_path / "books.csv"
    sheet.write_text("isbn,title,author,price\n9780000000002,A Thing,Somebody,3.50\n", encoding="utf-8")
    assert (await import_books(app, sheet)).added == 1
    assert await counter.findings() == []


async def test_customers_are_joined_and_erased(counter: Shop) -> None:
    app, people = counter.app, counter.people
    kept, other = [await add_customer(app, people["Sam"], name=name) for name in ("Nadia Haddad", "N. Haddad")]
    await give_consent(app, people["Sam"], other.id, "Letters", "On paper")
    await merge_customers(app, people["Sam"], kept.id, other.id)
    await erase_customer(app, people["Max"], kept.id)
    assert await counter.findings() == []


async def test_orders_are_placed_changed_and_quoted(counter: Shop) -> None:
    """A change is a row that the database carries out in its owner's name."""
    app, ana = counter.app, counter.ana
    view = await cart.open_cart(app, ana)
    view = await cart.add_scan(app, ana, view.id, PRIDE, 2)
    view = await cart.set_customer(app, ana, view.id, 1)
    quote = await make_quote(app, ana, app.ids.new(), view.id)
    await cart.clear(app, ana, view.id)
    view = await take_quote(app, ana, view.id, quote.id)
    order = (await place_from_cart(app, ana, OrderRequest.of(view, app.ids.new()))).detail.order
    done = await change_line(app, ana, order.id, order.version, order.lines[0].id, 1)
    assert done.detail.order.total == 899
    assert await counter.findings() == []


async def test_stock_documents_go_through(counter: Shop) -> None:
    await keep_stock(counter)
    assert await counter.findings() == []


@pytest.mark.parametrize(
    "act",
    [
        categories.test_titles_go_nowhere_where_nothing_is_said,
        history.test_codes_are_added_found_taken_away_and_undone,
        history.test_covers_are_small_pictures_and_come_back,
        history.test_duplicates_are_found_merged_and_parted_again,
        history.test_one_opinion_a_person,
        additions.test_a_new_book_is_undone_and_done_again,
        purchases.test_a_draft_is_edited_sent_and_closed,
        quick_keys.test_a_title_is_put_on_the_grid_sold_as_it_is_and_taken_off,
        suppliers.test_titles_get_their_supplier_and_one_undo_takes_it_back,
        views.test_a_view_is_kept_changed_and_forgotten,
    ],
    ids=lambda act: act.__name__,
)
async def test_what_ends_is_taken_away_and_what_goes_on_is_changed(
    counter: Shop, act: Callable[[Shop], Awaitable[None]]
) -> None:
    """As the owner's role may, so may a till's: whatever a row is deleted for, or changed in but a few columns."""
    await act(counter)
    assert await counter.findings() == []


@pytest.mark.parametrize("seed", [2, 3])
async def test_a_day_at_random_ends_with_its_z(counter: Shop, seed: int) -> None:
    day = Day(counter, seed)
    await set_float(counter.app, day.who, 5000)
    await day.run(25)
    x = await x_report(counter.app, day.who)
    z = await close_shift(counter.app, day.who, x.opened_at, ShiftCount(x.expected))
    assert (z.difference, z.number) == (0, 1)
    assert await counter.findings() == []


CHANGEABLE = {
    "book_additions", "book_codes", "book_imports", "book_merges", "book_subjects", "book_suppliers", "books", "cart_changes", "cart_items",
    "cart_payments", "carts", "categories", "covers", "customer_consents", "customer_orders", "customers", "document_series", "gift_cards", "import_columns",
    "locations", "promotion_books", "promotions", "purchase_order_lines", "quick_keys", "record_references", "reservations", "reviews", "rights",
    "saved_views", "settings", "suppliers", "tax_rates", "tenders", "used_copies",
}  # fmt: skip
# Nothing is taken out of these: what other rows are counted by or refer to is switched off instead.
STAYS = {
    *KEPT, *HIDDEN, "book_imports", "covers", "customer_orders", "customers", "document_series", "gift_cards",
    "import_columns", "locations", "promotions", "record_references", "reservations", "settings", "suppliers", "tax_rates",
    "tenders",
}  # fmt: skip
# What no act changes of the tables that change, beside which row it is and since when.
UNCHANGED = {
    "book_additions": "act_id",
    "book_codes": "book_id code updated_at",
    "book_imports": "uid digest file_name user_id till_id",
    "book_merges": "book_id into_id updated_at",
    "book_subjects": "subject book_id",
    "book_suppliers": "book_id supplier_id article_number",
    "cart_changes": "cart_id act title before",
    "cart_payments": "uid cart_id tender amount reference scheme updated_at",
    "covers": "digest media_type content updated_at",
    "customer_consents": "customer_id purpose given_how given_at user_id",
    "customer_orders": "order_id way promised_on",
    "document_series": "name",
    "gift_cards": "code expires_on",
    "import_columns": "signature",
    "locations": "name active version updated_at",
    "promotion_books": "promotion_id book_id updated_at",
    "purchase_order_lines": "purchase_order_id book_id quantity cost",
    "record_references": "reference isbn updated_at",
    "reservations": "uid book_id customer_id until user_id made_at order_item_id",
    "reviews": "user_id book_id",
    "rights": "role permission allowed most version updated_at",
    "saved_views": "user_id list_name name",
    "settings": "key",
    "tenders": "code kind",
    "used_copies": "book_id grade note",
}
# What changes of documents, and of people: all else of them stays.
CHANGES = {
    "approvals": ("used_at",),
    "card_attempts": ("outcome", "scheme", "terminal_reference", "tries", "said_by_id"),
    "customer_merges": ("into_id",),
    "order_items": ("returned_quantity",),
    # What tells of a person is taken away where they are erased, and not changed: triggers see to it.
    "orders": ("status", "version", "shipping_address", "note"),
    "purchase_orders": (
        "status", "sent_by_id", "sent_at", "ended_by_id", "ended_at", "expected_on", "note", "version",
    ),
    "quotes": ("order_id", "note", "version"),
    "shifts": ("opening_float", "closed_at", "expected", "counted", "difference"),
    "stock_counts": ("status", "ended_by_id", "ended_at", "version"),
    "tills": (
        "name", "next_receipt_number", "next_training_number", "next_z_number", "journal_sequence", "journal_hash",
        "journal_at", "machine_uid", "machine_name", "machine_place", "pin_failures", "pin_blocked_until", "version",
    ),
    "users": ("pin_failures", "pin_blocked_until", "version"),
}  # fmt: skip
FORBIDDEN = [
    *(
        f"UPDATE {name} SET id = id"
        for name in ("orders", "order_items", "payments", "stock_movements", "journal_entries")
    ),
    *(f"DELETE FROM {name}" for name in ("orders", "order_items", "payments", "shifts", "z_reports", "till_events")),
    *(f"TRUNCATE {name} CASCADE" for name in ("orders", "journal_entries", "books")),
    "UPDATE orders SET total_amount = 0",
    "UPDATE shifts SET business_date = '2020-01-01'",
    "UPDATE tills SET number = 9",
    "SELECT hashed_pin FROM users",
    "SELECT hashed_password FROM users",
    "SELECT * FROM users",
    "SELECT id FROM users WHERE hashed_pin LIKE '$argon2id$%'",
    "UPDATE users SET hashed_pin = 'x'",
    "UPDATE users SET role = 'admin'",
    "INSERT INTO users (email, username) VALUES ('x@y', 'x')",
    "DELETE FROM users",
    "UPDATE alembic_version SET version_num = '0001'",
    "CREATE TABLE mine (id integer)",
    "CREATE TEMPORARY TABLE users (id integer)",
    "CREATE FUNCTION mine() RETURNS integer LANGUAGE sql AS 'SELECT 1'",
    "CREATE SCHEMA mine",
    "ALTER TABLE orders ADD COLUMN mine integer",
    "ALTER TABLE orders DISABLE TRIGGER ALL",
    "DROP TABLE journal_entries CASCADE",
    "DROP TRIGGER trg_orders_no_update ON orders",
    "CREATE OR REPLACE FUNCTION pos_append_only() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END'",
    "SET session_replication_role = replica",
    "SET ROLE postgres",
    "COPY orders TO PROGRAM 'cat'",
    "COPY books FROM '/etc/passwd'",
    "SELECT pg_read_file('/etc/passwd')",
    "SELECT rolpassword FROM pg_authid",
    "ALTER SYSTEM SET fsync = off",
    'ALTER ROLE "till-of-tests" SUPERUSER',
]


def test_what_is_forbidden_is_refused(counter: Shop) -> None:
    assert len(set(FORBIDDEN)) >= 30
    allowed = []
    with psycopg.connect(counter.app.config.database_url, autocommit=True) as server:
        for statement in FORBIDDEN:
            try:
                server.execute(statement.encode())
            except psycopg.errors.InsufficientPrivilege:
                continue
            allowed.append(statement)
    assert allowed == []


def test_of_every_table_what_no_act_needs_is_refused(counter: Shop) -> None:
    """Each column of each table, and each table, tried by itself; what is allowed does what is there to nothing."""
    wanted, refused = set(), set()
    with psycopg.connect(counter.app.config.database_url, autocommit=True) as server:
        for name, table in Base.metadata.tables.items():
            kept = {"id", "created_at", *UNCHANGED.get(name, "").split()} & {column.name for column in table.columns}
            if name not in CHANGEABLE:
                changes = {*CHANGES[name], "updated_at"} if name in CHANGES else set()
                kept = {column.name for column in table.columns} - changes
            wanted |= {f"UPDATE {name} SET {column} = DEFAULT WHERE false" for column in kept}
            wanted |= {f"DELETE FROM {name} WHERE false"} if name in STAYS else set()
            tried = [f"UPDATE {name} SET {column.name} = DEFAULT WHERE false" for column in table.columns]
            for statement in (*tried, f"DELETE FROM {name} WHERE false"):
                try:
                    server.execute(statement.encode())
                except psycopg.errors.InsufficientPrivilege:
                    refused.add(statement)
    assert refused == wanted


def test_a_hash_is_read_one_at_a_time_and_of_those_who_may_sign_in(counter: Shop, config: Config) -> None:
    with psycopg.connect(config.database_url, autocommit=True) as owner:
        owner.execute("UPDATE users SET is_active = false WHERE username = 'Jo'")
    with psycopg.connect(counter.app.config.database_url) as server:
        rows = server.execute("SELECT username, pos_hashed_pin(id) IS NOT NULL FROM users ORDER BY id").fetchall()
    assert rows == [("Ana", True), ("Jo", False), ("Sam", True), ("Max", True)]


def test_every_table_is_named_and_every_column_is_one(config: Config) -> None:
    tables = Base.metadata.tables
    for name, columns in (GOES_ON | HIDDEN).items():
        assert set(columns) <= {column.name for column in tables[name].columns}, name
    # The rest may be changed and deleted: a new table is thought about before it is one of them.
    assert set(KEPT) | set(HIDDEN) <= set(tables)
    assert FREE == CHANGEABLE


async def test_what_was_sold_keeps_its_status_and_orders_move_on(counter: Shop) -> None:
    """A sale, a deposit's document and a void's; the order that the void opens again moves back and on."""
    placed = await place(counter, PRIDE, deposit=300)
    sale = await collect(counter)
    back = await void_sale(counter.app, counter.sam, sale.number, "Rung up wrong")
    assert placed.deposit is not None
    with psycopg.connect(counter.app.config.database_url, autocommit=True) as server:
        for document in (sale.id, placed.deposit.id, back.id):
            with pytest.raises(psycopg.errors.RestrictViolation):
                server.execute("UPDATE orders SET status = 'cancelled' WHERE id = %s", [document])
    now = (await get_order(counter.app, placed.detail.order.id)).order
    assert now.status is OrderStatus.SHIPPED
    assert (await collect(counter)).total == 899
    assert (await get_order(counter.app, now.id)).order.status is OrderStatus.DELIVERED
    assert await counter.findings() == []


def test_triggers_hold_against_the_owner_too(counter: Shop, config: Config) -> None:
    asyncio.run(_sell_once(config))
    with psycopg.connect(config.database_url, autocommit=True) as owner:
        for statement in ("UPDATE payments SET amount = 1", "DELETE FROM journal_entries", "TRUNCATE payments"):
            with pytest.raises(psycopg.errors.RestrictViolation):
                owner.execute(statement.encode())


async def _sell_once(config: Config) -> None:
    app: App = application.build(config)
    people = await list_people(app)
    operator = await sign_in(app, people[0].name, PIN)
    view = await cart.open_cart(app, operator)
    view = await cart.add_scan(app, operator, view.id, PRIDE)
    await pay(app, operator, PayRequest.of(view, PaymentIn(app.ids.new(), Tender.CASH, view.due)))
    await app.db.close()


async def test_what_is_the_owners_is_told_as_such(counter: Shop) -> None:
    with pytest.raises(Refused) as refused:
        await set_pin(counter.app, "Ana", "4321")
    assert "the owner's" in sentence(refused.value)
    assert await sign_in(counter.app, "Ana", PIN)


async def test_a_till_may_not_migrate_and_is_told_who_may(
    counter: Shop, config: Config, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("pos_app.migrate.SCHEMA_HEAD", "9998")
    with pytest.raises(Refused) as refused:
        await bring_up_to_date(counter.app.config)
    assert refused.value.code == "database.older_role"
    assert "bookstore-pos migrate as the owner" in sentence(refused.value)


def test_the_command_writes_what_it_would_run(config: Config, role: Config, capsys: pytest.CaptureFixture[str]) -> None:
    given = ["--data-dir", str(config.data_dir), "--database-url", config.database_url]
    assert main(["grant-till", ROLE, *given]) == 0
    lines = capsys.readouterr().out.splitlines()
    with psycopg.connect(config.database_url, autocommit=True) as server:
        for line in lines:
            server.execute(line.encode())
    assert any(line.startswith("GRANT SELECT (") and "hashed" not in line for line in lines)
    for name, code in (("nobody at all", "has no role"), ("postgres", "owns the tables")):
        assert main(["grant-till", name, *given]) == 1
        assert code in capsys.readouterr().err


async def test_the_doctor_says_whose_role_it_is(counter: Shop, config: Config) -> None:
    async def role(of: Config) -> Finding:
        return next(finding for finding in await examine(of) if finding.subject == "role")

    assert (await role(config)).level is Level.WARN
    assert (await role(counter.app.config)).level is Level.OK
    with psycopg.connect(config.database_url, autocommit=True) as owner:
        owner.execute(f'GRANT DELETE ON document_series TO "{ROLE}"')
        more = await role(counter.app.config)
        owner.execute(f'REVOKE DELETE ON document_series FROM "{ROLE}"')
        owner.execute(f'GRANT UPDATE (code) ON gift_cards TO "{ROLE}"')
        wider = await role(counter.app.config)
        owner.execute(f'REVOKE UPDATE ON books FROM "{ROLE}"')
    assert (more.level, wider.level) == (Level.WARN, Level.WARN)
    assert more.sentence == f"{ROLE} may change more than a till needs, of document_series."
    assert wider.sentence == f"{ROLE} may change more than a till needs, of gift_cards."
    lacking = await role(counter.app.config)
    assert lacking.level is Level.BAD
    assert "books" in lacking.sentence


def test_a_migration_by_the_owner_grants_again(config: Config, role: Config) -> None:
    with psycopg.connect(config.database_url, autocommit=True) as owner:
        owner.execute(f'REVOKE ALL ON books FROM "{ROLE}"')
        # As an earlier version let it.
        owner.execute(f'GRANT DELETE, UPDATE ON document_series TO "{ROLE}"')
        assert main(["migrate", "--data-dir", str(config.data_dir), "--database-url", config.database_url]) == 0
        found = owner.execute(
            "SELECT has_column_privilege(%(role)s, 'books', 'price', 'UPDATE'), "
            "has_table_privilege(%(role)s, 'document_series', 'DELETE'), "
            "has_column_privilege(%(role)s, 'document_series', 'name', 'UPDATE')",
            {"role": ROLE},
        ).fetchone()
    assert found == (True, False, False)
    # The tills' own role finds nothing to do, and is not told off for it.
    assert main(["migrate", "--data-dir", str(role.data_dir), "--database-url", role.database_url]) == 0
