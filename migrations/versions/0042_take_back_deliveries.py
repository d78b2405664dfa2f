"""Let a delivery and a count be taken back by a document of its own; of a delivery it is kept what it did to costs.

A purchase order that a delivery had closed opens again with it: of a closed order nothing changes but that.
"""

import sqlalchemy as sa
from alembic import op

from migrations import protection, tables
from migrations.tables import common_columns

revision = "0042"
down_revision = "0041"
branch_labels = None
depends_on = None

COSTS = ("cost_before", "cost_after", "asked_before")
# Of a purchase order that opens again.
KEPT = (
    "id", "uid", "number", "supplier_id", "user_id", "made_at", "sent_by_id", "sent_at", "expected_on", "note",
    "created_at",
)  # fmt: skip
ENDED = "old.status IN ('closed', 'cancelled')"


def upgrade() -> None:
    for name in COSTS:
        op.add_column("delivery_lines", sa.Column(name, sa.BigInteger(), nullable=True))
    op.create_table(
        "stock_reversals",
        sa.Column("uid", sa.String(length=36), nullable=False),
        sa.Column("content_hash", sa.String(length=64), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("delivery_id", sa.Integer(), nullable=True),
        sa.Column("stock_count_id", sa.Integer(), nullable=True),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("till_id", sa.Integer(), nullable=False),
        sa.Column("posted_at", sa.DateTime(timezone=True), nullable=False),
        *common_columns(),
        sa.CheckConstraint(
            "(delivery_id IS NULL) <> (stock_count_id IS NULL)", name=op.f("ck_stock_reversals_of_one_document")
        ),
        *tables.keys(
            "stock_reversals", delivery_id="deliveries", stock_count_id="stock_counts", user_id="users", till_id="tills"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_stock_reversals")),
        sa.UniqueConstraint("uid", name=op.f("uq_stock_reversals_uid")),
        sa.UniqueConstraint("number", name=op.f("uq_stock_reversals_number")),
    )
    op.create_table(
        "stock_reversal_lines",
        sa.Column("stock_reversal_id", sa.Integer(), nullable=False),
        sa.Column("book_id", sa.Integer(), nullable=False),
        sa.Column("quantity", sa.Integer(), nullable=False),
        *common_columns(),
        sa.CheckConstraint("quantity <> 0", name=op.f("ck_stock_reversal_lines_quantity_not_zero")),
        *tables.keys("stock_reversal_lines", stock_reversal_id="stock_reversals", book_id="books"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_stock_reversal_lines")),
        sa.UniqueConstraint("stock_reversal_id", "book_id", name="uq_stock_reversal_lines_book"),
    )
    for table, columns in (
        ("stock_reversals", ("delivery_id", "stock_count_id")),
        ("stock_reversal_lines", ("book_id",)),
    ):
        for column in columns:
            op.create_index(op.f(f"ix_{table}_{column}"), table, [column])
        protection.forbid_always(table)
    op.execute(sa.insert(sa.table("document_series", sa.column("name", sa.String()))).values(name="stock_reversal"))
    opens = "old.status = 'closed' AND new.status = 'sent'"
    protect_orders(ENDED, f"(NOT ({opens}) OR {protection.changed(KEPT)})")


def downgrade() -> None:
    tables.refuse_to_lose(
        ("SELECT id FROM stock_reversals LIMIT 1", "deliveries or counts that were taken back"),
        ("SELECT id FROM delivery_lines WHERE cost_after IS NOT NULL LIMIT 1", "what deliveries did to costs"),
    )
    op.execute("DELETE FROM document_series WHERE name = 'stock_reversal'")
    op.drop_table("stock_reversal_lines")
    op.drop_table("stock_reversals")
    for name in COSTS:
        op.drop_column("delivery_lines", name)
    protect_orders(ENDED)


def protect_orders(*conditions: str) -> None:
    """Keep purchase orders that have ended as they are, but where all conditions do not hold."""
    protection.allow("purchase_orders")
    protection.forbid("purchase_orders", "update", *conditions)
    protection.forbid("purchase_orders", "delete")
    if protection.on_postgres():
        protection.forbid("purchase_orders", "truncate")
