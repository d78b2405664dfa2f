"""Follow customer orders: how they are fulfilled, what is held for their lines, and their deposits.

Orders placed before stay as they are: their stock was taken when they were placed.
"""

import sqlalchemy as sa
from alembic import op

from migrations import protection, tables
from migrations.tables import common_columns, version_column

revision = "0036"
down_revision = "0035"
branch_labels = None
depends_on = None

DEPOSIT = "pos_deposit"
LINKS = {"order_item_id": "order_items", "delivery_id": "deliveries"}


def upgrade() -> None:
    op.create_table(
        "customer_orders",
        sa.Column("order_id", sa.Integer(), nullable=False),
        sa.Column("way", sa.String(length=20), nullable=False),
        sa.Column("promised_on", sa.Date(), nullable=True),
        sa.Column("ready_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("hold_until", sa.Date(), nullable=True),
        sa.Column("told_at", sa.DateTime(timezone=True), nullable=True),
        *common_columns(),
        sa.CheckConstraint("way IN ('collect', 'ship')", name=op.f("ck_customer_orders_way_known")),
        *tables.keys("customer_orders", order_id="orders"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_customer_orders")),
        sa.UniqueConstraint("order_id", name=op.f("uq_customer_orders_order_id")),
    )
    op.create_table(
        "deposit_movements",
        sa.Column("uid", sa.String(length=36), nullable=False),
        sa.Column("order_id", sa.Integer(), nullable=False),
        sa.Column("document_id", sa.Integer(), nullable=False),
        sa.Column("delta", sa.BigInteger(), nullable=False),
        sa.Column("tender", sa.String(length=20), nullable=False),
        sa.Column("reference", sa.String(length=64), nullable=True),
        sa.Column("scheme", sa.String(length=40), nullable=True),
        *common_columns(),
        sa.CheckConstraint("delta <> 0", name=op.f("ck_deposit_movements_delta_not_zero")),
        *tables.keys("deposit_movements", order_id="orders", document_id="orders"),
        sa.ForeignKeyConstraint(
            ["tender"], ["tenders.code"], name=op.f("fk_deposit_movements_tender"), ondelete="RESTRICT"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_deposit_movements")),
        sa.UniqueConstraint("uid", name=op.f("uq_deposit_movements_uid")),
    )
    for column in ("order_id", "document_id"):
        op.create_index(op.f(f"ix_deposit_movements_{column}"), "deposit_movements", [column])
    protection.forbid_always("deposit_movements")
    with op.batch_alter_table("reservations", copy_from=reservations()) as batch:
        for column, to in LINKS.items():
            batch.add_column(sa.Column(column, sa.Integer(), nullable=True))
            batch.create_foreign_key(op.f(f"fk_reservations_{column}"), to, [column], ["id"], ondelete="RESTRICT")
    for column in LINKS:
        op.create_index(op.f(f"ix_reservations_{column}"), "reservations", [column])
    op.execute(
        "INSERT INTO tenders (code, name, kind, over, active, position) "
        f"SELECT '{DEPOSIT}', 'Deposit', 'voucher', 'refuse', false, COALESCE(MAX(position), 0) + 1 FROM tenders"
    )


def reservations(*more: sa.schema.SchemaItem) -> sa.Table:
    """`reservations` as it is, for SQLite, which builds a new one."""
    metadata = sa.MetaData()
    for referred in ("books", "customers", "users", "order_items", "deliveries"):
        sa.Table(referred, metadata, sa.Column("id", sa.Integer(), primary_key=True))
    table = sa.Table(
        "reservations",
        metadata,
        sa.Column("uid", sa.String(length=36), nullable=False),
        sa.Column("book_id", sa.Integer(), nullable=False),
        sa.Column("quantity", sa.Integer(), nullable=False),
        sa.Column("status", sa.String(length=20), nullable=False),
        sa.Column("customer_id", sa.Integer(), nullable=True),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("until", sa.Date(), nullable=True),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        version_column(),
        *common_columns(),
        sa.CheckConstraint(
            "status IN ('waiting', 'held', 'collected', 'cancelled')", name=op.f("ck_reservations_status_known")
        ),
        sa.CheckConstraint("quantity >= 1", name=op.f("ck_reservations_quantity_positive")),
        *tables.keys("reservations", book_id="books", customer_id="customers", user_id="users"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_reservations")),
        sa.UniqueConstraint("uid", name=op.f("uq_reservations_uid")),
        *more,
    )
    sa.Index("idx_reservations_book", table.c.book_id, table.c.status, table.c.id)
    sa.Index(op.f("ix_reservations_customer_id"), table.c.customer_id)
    return table


def downgrade() -> None:
    tables.refuse_to_lose(
        ("SELECT id FROM deposit_movements LIMIT 1", "deposits"),
        ("SELECT id FROM customer_orders LIMIT 1", "customer orders that hold copies"),
        (f"SELECT id FROM payments WHERE tender = '{DEPOSIT}' LIMIT 1", "payments by deposit"),
    )
    now = reservations(
        *(sa.Column(column, sa.Integer(), nullable=True) for column in LINKS),
        *tables.keys("reservations", **LINKS),
    )
    for column in LINKS:
        op.drop_index(op.f(f"ix_reservations_{column}"), "reservations")
    with op.batch_alter_table("reservations", copy_from=now) as batch:
        for column in LINKS:
            batch.drop_constraint(op.f(f"fk_reservations_{column}"), type_="foreignkey")
            batch.drop_column(column)
    if tables.discards():
        op.execute(
            f"DELETE FROM tenders WHERE code = '{DEPOSIT}' AND code NOT IN "
            "(SELECT tender FROM payments UNION SELECT tender FROM cart_payments)"
        )
    else:
        op.execute(f"DELETE FROM cart_payments WHERE tender = '{DEPOSIT}'")
        op.execute(f"DELETE FROM tenders WHERE code = '{DEPOSIT}'")
    protection.allow("deposit_movements")
    op.drop_table("deposit_movements")
    op.drop_table("customer_orders")
