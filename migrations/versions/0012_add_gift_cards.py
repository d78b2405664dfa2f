"""Add gift cards and customers' accounts, each with its ledger."""

import sqlalchemy as sa
from alembic import op

from migrations import protection, tables
from migrations.tables import common_columns, version_column

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "gift_cards",
        sa.Column("code", sa.String(length=32), nullable=False),
        sa.Column("balance", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("expires_on", sa.Date(), nullable=True),
        version_column(),
        *common_columns(),
        sa.CheckConstraint("balance >= 0", name=op.f("ck_gift_cards_balance_not_negative")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_gift_cards")),
        sa.UniqueConstraint("code", name=op.f("uq_gift_cards_code")),
    )
    op.create_table(
        "gift_card_movements",
        sa.Column("uid", sa.String(length=36), nullable=False),
        sa.Column("gift_card_id", sa.Integer(), nullable=False),
        sa.Column("delta", sa.BigInteger(), nullable=False),
        sa.Column("reason", sa.String(length=20), nullable=False),
        sa.Column("order_id", sa.Integer(), nullable=False),
        *common_columns(),
        sa.CheckConstraint("delta <> 0", name=op.f("ck_gift_card_movements_delta_not_zero")),
        sa.CheckConstraint(
            "reason IN ('sold', 'redeemed', 'refunded', 'taken_back')",
            name=op.f("ck_gift_card_movements_reason_known"),
        ),
        *tables.keys("gift_card_movements", gift_card_id="gift_cards", order_id="orders"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_gift_card_movements")),
        sa.UniqueConstraint("uid", name=op.f("uq_gift_card_movements_uid")),
    )
    op.add_column("customers", sa.Column("card", sa.String(length=64), nullable=True))
    op.add_column("customers", sa.Column("credit_limit", sa.BigInteger(), server_default="0", nullable=False))
    op.add_column("customers", sa.Column("balance", sa.BigInteger(), server_default="0", nullable=False))
    op.create_index(op.f("ix_customers_card"), "customers", ["card"], unique=True)
    op.create_table(
        "account_movements",
        sa.Column("uid", sa.String(length=36), nullable=False),
        sa.Column("customer_id", sa.Integer(), nullable=False),
        sa.Column("delta", sa.BigInteger(), nullable=False),
        sa.Column("order_id", sa.Integer(), nullable=False),
        *common_columns(),
        sa.CheckConstraint("delta <> 0", name=op.f("ck_account_movements_delta_not_zero")),
        *tables.keys("account_movements", customer_id="customers", order_id="orders"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_account_movements")),
        sa.UniqueConstraint("uid", name=op.f("uq_account_movements_uid")),
    )
    for table, column in LINKS:
        op.create_index(op.f(f"ix_{table}_{column}"), table, [column])
    protection.forbid_always("gift_card_movements")
    protection.forbid_always("account_movements")


LINKS = (
    ("gift_card_movements", "gift_card_id"),
    ("gift_card_movements", "order_id"),
    ("account_movements", "customer_id"),
    ("account_movements", "order_id"),
)


def downgrade() -> None:
    tables.refuse_to_lose(
        ("SELECT id FROM gift_cards LIMIT 1", "gift cards"),
        ("SELECT id FROM account_movements LIMIT 1", "customers' accounts"),
        ("SELECT id FROM customers WHERE card IS NOT NULL OR credit_limit <> 0 LIMIT 1", "customers' cards or limits"),
    )
    op.drop_table("account_movements")
    op.drop_index(op.f("ix_customers_card"), table_name="customers")
    for column in ("balance", "credit_limit", "card"):
        op.drop_column("customers", column)
    op.drop_table("gift_card_movements")
    op.drop_table("gift_cards")
