"""Add locations, purchase orders, deliveries, returns to publishers, transfers, stock counts and reservations."""

import sqlalchemy as sa
from alembic import op

from migrations import protection, tables
from migrations.tables import common_columns, keys, version_column

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None

OLD_REASONS = ("opening", "sale", "order", "cancellation", "return", "delivery", "correction", "import")
REASONS = (*OLD_REASONS, "count", "transfer", "publisher_return")
ALWAYS = (
    "deliveries", "delivery_lines", "publisher_returns", "publisher_return_lines", "transfers", "transfer_lines",
    "stock_count_entries", "stock_count_lines",
)  # fmt: skip
WHEN_ENDED = {"purchase_orders": ("closed", "cancelled"), "stock_counts": ("posted", "cancelled")}
SERIES = ("purchase_order", "delivery", "publisher_return", "stock_count", "transfer")
TABLES = (
    "reservations", "stock_count_lines", "stock_count_entries", "stock_counts", "transfer_lines", "transfers",
    "publisher_return_lines", "publisher_returns", "delivery_lines", "deliveries", "purchase_order_lines",
    "purchase_orders", "document_series", "locations",
)  # fmt: skip


def upgrade() -> None:
    make_locations()
    widen_ledger()
    op.add_column("books", sa.Column("reserved", sa.Integer(), server_default="0", nullable=False))
    make_purchase_orders()
    make_deliveries()
    make_publisher_returns()
    make_transfers()
    make_counts()
    make_reservations()
    for table in ALWAYS:
        protection.forbid_always(table)
    for table, ended in WHEN_ENDED.items():
        forbid_when_ended(table, ended)


def downgrade() -> None:
    tables.refuse_to_lose(
        ("SELECT id FROM stock_movements WHERE location_id IS NOT NULL LIMIT 1", "stock in other locations"),
        (
            "SELECT id FROM stock_movements WHERE reason IN ('count', 'transfer', 'publisher_return') LIMIT 1",
            "counts or returns to publishers",
        ),
        *((f"SELECT id FROM {table} LIMIT 1", table.replace("_", " ")) for table in TABLES[:-2]),
    )
    for table in TABLES[:-1]:
        op.drop_table(table)
    op.drop_column("books", "reserved")
    narrow_ledger()
    op.drop_table("locations")


def forbid_when_ended(table: str, ended: tuple[str, ...]) -> None:
    """Keep what has come to its end as it is, and let nothing be deleted."""
    protection.forbid(table, "update", f"old.status IN ({', '.join(map(repr, ended))})")
    protection.forbid(table, "delete")
    if protection.on_postgres():
        protection.forbid(table, "truncate")


def make_locations() -> None:
    op.create_table(
        "locations",
        sa.Column("name", sa.String(length=80), nullable=False),
        sa.Column("active", sa.Boolean(), server_default=sa.true(), nullable=False),
        version_column(),
        *common_columns(),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_locations")),
        sa.UniqueConstraint("name", name=op.f("uq_locations_name")),
    )
    op.create_table(
        "document_series",
        sa.Column("name", sa.String(length=40), nullable=False),
        sa.Column("next_number", sa.Integer(), server_default="1", nullable=False),
        *common_columns(),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_document_series")),
        sa.UniqueConstraint("name", name=op.f("uq_document_series_name")),
    )
    # The first row is number 1 on both engines: the shop floor.
    for place in ("Shop floor", "Store room"):
        op.execute(sa.insert(sa.table("locations", sa.column("name", sa.String()))).values(name=place))
    for series in SERIES:
        op.execute(sa.insert(sa.table("document_series", sa.column("name", sa.String()))).values(name=series))


def ledger(reasons: tuple[str, ...], *more: sa.schema.SchemaItem) -> sa.Table:
    """The ledger of stock with the reasons it knows."""
    metadata = sa.MetaData()
    for referred in ("books", "orders", "users", "tills", "locations"):
        sa.Table(referred, metadata, sa.Column("id", sa.Integer(), primary_key=True))
    made = sa.Table(
        "stock_movements",
        metadata,
        sa.Column("uid", sa.String(length=36), nullable=False),
        sa.Column("book_id", sa.Integer(), nullable=False),
        sa.Column("delta", sa.Integer(), nullable=False),
        sa.Column("reason", sa.String(length=20), nullable=False),
        sa.Column("document", sa.String(length=255), nullable=True),
        sa.Column("order_id", sa.Integer(), nullable=True),
        sa.Column("user_id", sa.Integer(), nullable=True),
        sa.Column("till_id", sa.Integer(), nullable=True),
        *common_columns(),
        *more,
        sa.CheckConstraint(known(reasons), name=op.f("ck_stock_movements_reason_known")),
        sa.CheckConstraint("delta <> 0", name=op.f("ck_stock_movements_delta_not_zero")),
        *keys("stock_movements", book_id="books", order_id="orders", user_id="users", till_id="tills"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_stock_movements")),
        sa.UniqueConstraint("uid", name=op.f("uq_stock_movements_uid")),
    )
    sa.Index("idx_stock_movements_book", made.c.book_id, made.c.id)
    sa.Index(op.f("ix_stock_movements_order_id"), made.c.order_id)
    return made


def known(reasons: tuple[str, ...]) -> str:
    return f"reason IN ({', '.join(map(repr, reasons))})"


def widen_ledger() -> None:
    protection.allow("stock_movements")
    with op.batch_alter_table("stock_movements", copy_from=ledger(OLD_REASONS)) as batch:
        batch.drop_constraint(op.f("ck_stock_movements_reason_known"), type_="check")
        batch.create_check_constraint(op.f("ck_stock_movements_reason_known"), known(REASONS))
        batch.add_column(sa.Column("location_id", sa.Integer(), nullable=True))
        batch.create_foreign_key(
            op.f("fk_stock_movements_location_id"), "locations", ["location_id"], ["id"], ondelete="RESTRICT"
        )
    elsewhere = sa.text("location_id IS NOT NULL")
    op.create_index(
        "idx_stock_movements_elsewhere",
        "stock_movements",
        ["book_id", "location_id"],
        sqlite_where=elsewhere,
        postgresql_where=elsewhere,
    )
    protection.forbid_always("stock_movements")


def narrow_ledger() -> None:
    protection.allow("stock_movements")
    op.drop_index("idx_stock_movements_elsewhere", "stock_movements")
    now = ledger(
        REASONS,
        sa.Column("location_id", sa.Integer(), nullable=True),
        *keys("stock_movements", location_id="locations"),
    )
    with op.batch_alter_table("stock_movements", copy_from=now) as batch:
        batch.drop_constraint(op.f("fk_stock_movements_location_id"), type_="foreignkey")
        batch.drop_column("location_id")
        batch.drop_constraint(op.f("ck_stock_movements_reason_known"), type_="check")
        batch.create_check_constraint(op.f("ck_stock_movements_reason_known"), known(OLD_REASONS))
    protection.forbid_always("stock_movements")


def identity(table: str, *, numbered: bool = True) -> list[sa.schema.SchemaItem]:
    """What a document is known by."""
    number = [sa.Column("number", sa.Integer(), nullable=False)] if numbered else []
    unique = [sa.UniqueConstraint("number", name=op.f(f"uq_{table}_number"))] if numbered else []
    return [
        sa.Column("uid", sa.String(length=36), nullable=False),
        *number,
        *common_columns(),
        sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{table}")),
        sa.UniqueConstraint("uid", name=op.f(f"uq_{table}_uid")),
        *unique,
    ]


def posted(table: str) -> list[sa.schema.SchemaItem]:
    """What says of a posted document what it holds, and who made it when."""
    return [
        sa.Column("content_hash", sa.String(length=64), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("till_id", sa.Integer(), nullable=False),
        sa.Column("posted_at", sa.DateTime(timezone=True), nullable=False),
        *keys(table, user_id="users", till_id="tills"),
    ]


def line(table: str, of: str, parent: str) -> list[sa.schema.SchemaItem]:
    """What every line of a stock document has: one a title."""
    return [
        sa.Column(of, sa.Integer(), nullable=False),
        sa.Column("book_id", sa.Integer(), nullable=False),
        *common_columns(),
        *keys(table, **{of: parent, "book_id": "books"}),
        sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{table}")),
        sa.UniqueConstraint(of, "book_id", name=f"uq_{table}_book"),
    ]


def pieces(table: str) -> list[sa.schema.SchemaItem]:
    return [
        sa.Column("quantity", sa.Integer(), nullable=False),
        sa.CheckConstraint("quantity >= 1", name=op.f(f"ck_{table}_quantity_positive")),
    ]


def cost(table: str) -> list[sa.schema.SchemaItem]:
    return [
        sa.Column("cost", sa.BigInteger(), nullable=True),
        sa.CheckConstraint("cost >= 0", name=op.f(f"ck_{table}_cost_not_negative")),
    ]


def index(table: str, column: str) -> None:
    op.create_index(op.f(f"ix_{table}_{column}"), table, [column])


def make_purchase_orders() -> None:
    op.create_table(
        "purchase_orders",
        *identity("purchase_orders"),
        sa.Column("supplier_id", sa.Integer(), nullable=False),
        sa.Column("status", sa.String(length=20), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("sent_by_id", sa.Integer(), nullable=True),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_by_id", sa.Integer(), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("expected_on", sa.Date(), nullable=True),
        sa.Column("note", sa.Text(), nullable=True),
        version_column(),
        sa.CheckConstraint(
            "status IN ('draft', 'sent', 'closed', 'cancelled')", name=op.f("ck_purchase_orders_status_known")
        ),
        *keys("purchase_orders", supplier_id="suppliers", user_id="users", sent_by_id="users", ended_by_id="users"),
    )
    op.create_index("idx_purchase_orders_supplier", "purchase_orders", ["supplier_id", "status", "id"])
    op.create_table(
        "purchase_order_lines",
        *line("purchase_order_lines", "purchase_order_id", "purchase_orders"),
        *pieces("purchase_order_lines"),
        sa.Column("received_quantity", sa.Integer(), server_default="0", nullable=False),
        *cost("purchase_order_lines"),
        sa.CheckConstraint("received_quantity >= 0", name=op.f("ck_purchase_order_lines_received_not_negative")),
    )
    index("purchase_order_lines", "book_id")


def make_deliveries() -> None:
    op.create_table(
        "deliveries",
        *identity("deliveries"),
        sa.Column("supplier_id", sa.Integer(), nullable=False),
        sa.Column("purchase_order_id", sa.Integer(), nullable=True),
        sa.Column("location_id", sa.Integer(), nullable=True),
        sa.Column("reference", sa.String(length=80), nullable=True),
        *posted("deliveries"),
        *keys("deliveries", supplier_id="suppliers", purchase_order_id="purchase_orders", location_id="locations"),
    )
    index("deliveries", "supplier_id")
    index("deliveries", "purchase_order_id")
    op.create_table(
        "delivery_lines",
        *line("delivery_lines", "delivery_id", "deliveries"),
        sa.Column("purchase_order_line_id", sa.Integer(), nullable=True),
        sa.Column("quantity", sa.Integer(), nullable=False),
        sa.Column("damaged", sa.Integer(), server_default="0", nullable=False),
        *cost("delivery_lines"),
        sa.Column("expected_cost", sa.BigInteger(), nullable=True),
        sa.Column("over", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.CheckConstraint(
            "quantity >= 0 AND damaged >= 0 AND quantity + damaged >= 1",
            name=op.f("ck_delivery_lines_something_came"),
        ),
        *keys("delivery_lines", purchase_order_line_id="purchase_order_lines"),
    )
    index("delivery_lines", "book_id")
    index("delivery_lines", "purchase_order_line_id")


def make_publisher_returns() -> None:
    op.create_table(
        "publisher_returns",
        *identity("publisher_returns"),
        sa.Column("supplier_id", sa.Integer(), nullable=False),
        sa.Column("note", sa.String(length=255), nullable=True),
        *posted("publisher_returns"),
        *keys("publisher_returns", supplier_id="suppliers"),
    )
    index("publisher_returns", "supplier_id")
    op.create_table(
        "publisher_return_lines",
        *line("publisher_return_lines", "publisher_return_id", "publisher_returns"),
        *pieces("publisher_return_lines"),
        *cost("publisher_return_lines"),
        sa.Column("return_by", sa.Date(), nullable=True),
    )
    index("publisher_return_lines", "book_id")


def make_transfers() -> None:
    op.create_table(
        "transfers",
        *identity("transfers"),
        sa.Column("from_location_id", sa.Integer(), nullable=False),
        sa.Column("to_location_id", sa.Integer(), nullable=False),
        *posted("transfers"),
        sa.CheckConstraint("from_location_id <> to_location_id", name=op.f("ck_transfers_somewhere_else")),
        *keys("transfers", from_location_id="locations", to_location_id="locations"),
    )
    op.create_table("transfer_lines", *line("transfer_lines", "transfer_id", "transfers"), *pieces("transfer_lines"))
    index("transfer_lines", "book_id")


def make_counts() -> None:
    op.create_table(
        "stock_counts",
        *identity("stock_counts"),
        sa.Column("status", sa.String(length=20), nullable=False),
        sa.Column("location_id", sa.Integer(), nullable=True),
        sa.Column("category_id", sa.Integer(), nullable=True),
        sa.Column("shelf", sa.String(length=40), nullable=True),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_by_id", sa.Integer(), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        version_column(),
        sa.CheckConstraint("status IN ('open', 'posted', 'cancelled')", name=op.f("ck_stock_counts_status_known")),
        *keys("stock_counts", location_id="locations", category_id="categories", user_id="users", ended_by_id="users"),
    )
    index("stock_counts", "status")
    op.create_table(
        "stock_count_entries",
        *identity("stock_count_entries", numbered=False),
        sa.Column("stock_count_id", sa.Integer(), nullable=False),
        sa.Column("book_id", sa.Integer(), nullable=False),
        sa.Column("quantity", sa.Integer(), nullable=False),
        sa.Column("expected", sa.Integer(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("till_id", sa.Integer(), nullable=False),
        sa.Column("counted_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("quantity <> 0", name=op.f("ck_stock_count_entries_quantity_not_zero")),
        *keys("stock_count_entries", stock_count_id="stock_counts", book_id="books", user_id="users", till_id="tills"),
    )
    op.create_index("idx_stock_count_entries_book", "stock_count_entries", ["stock_count_id", "book_id", "id"])
    index("stock_count_entries", "book_id")
    op.create_table(
        "stock_count_lines",
        *line("stock_count_lines", "stock_count_id", "stock_counts"),
        *(sa.Column(name, sa.Integer(), nullable=False) for name in ("expected", "counted", "moved", "difference")),
    )
    index("stock_count_lines", "book_id")


def make_reservations() -> None:
    op.create_table(
        "reservations",
        *identity("reservations", numbered=False),
        sa.Column("book_id", sa.Integer(), nullable=False),
        *pieces("reservations"),
        sa.Column("status", sa.String(length=20), nullable=False),
        sa.Column("customer_id", sa.Integer(), nullable=True),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("until", sa.Date(), nullable=True),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        version_column(),
        sa.CheckConstraint(
            "status IN ('waiting', 'held', 'collected', 'cancelled')", name=op.f("ck_reservations_status_known")
        ),
        *keys("reservations", book_id="books", customer_id="customers", user_id="users"),
    )
    op.create_index("idx_reservations_book", "reservations", ["book_id", "status", "id"])
    index("reservations", "customer_id")
