"""Add rights as data, single approvals, and charges asked of the card terminal."""

import sqlalchemy as sa
from alembic import op

from migrations import tables
from migrations.tables import common_columns, version_column

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "rights",
        sa.Column("role", sa.String(length=20), nullable=False),
        sa.Column("permission", sa.String(length=40), nullable=False),
        sa.Column("allowed", sa.Boolean(), nullable=False),
        sa.Column("most", sa.BigInteger(), nullable=True),
        version_column(),
        *common_columns(),
        sa.CheckConstraint("role IN ('user', 'cashier', 'manager', 'admin')", name=op.f("ck_rights_role_known")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_rights")),
        sa.UniqueConstraint("role", "permission", name="uq_rights_role_permission"),
    )
    op.create_table(
        "approvals",
        sa.Column("uid", sa.String(length=36), nullable=False),
        sa.Column("approver_id", sa.Integer(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("till_id", sa.Integer(), nullable=False),
        sa.Column("permission", sa.String(length=40), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=True),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("used_at", sa.DateTime(timezone=True), nullable=True),
        *common_columns(),
        *tables.keys("approvals", approver_id="users", user_id="users", till_id="tills"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_approvals")),
        sa.UniqueConstraint("uid", name=op.f("uq_approvals_uid")),
    )
    op.create_table(
        "card_attempts",
        sa.Column("uid", sa.String(length=36), nullable=False),
        sa.Column("cart_id", sa.Integer(), nullable=False),
        sa.Column("till_id", sa.Integer(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.Column("outcome", sa.String(length=20), server_default="pending", nullable=False),
        sa.Column("scheme", sa.String(length=40), nullable=True),
        sa.Column("terminal_reference", sa.String(length=64), nullable=True),
        sa.Column("tries", sa.Integer(), server_default="0", nullable=False),
        version_column(),
        *common_columns(),
        sa.ForeignKeyConstraint(["cart_id"], ["carts.id"], name=op.f("fk_card_attempts_cart_id"), ondelete="CASCADE"),
        *tables.keys("card_attempts", till_id="tills", user_id="users"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_card_attempts")),
        sa.UniqueConstraint("uid", name=op.f("uq_card_attempts_uid")),
    )
    op.create_index(op.f("ix_card_attempts_cart_id"), "card_attempts", ["cart_id"])


def downgrade() -> None:
    tables.refuse_to_lose(
        ("SELECT id FROM rights LIMIT 1", "rights"),
        ("SELECT id FROM approvals LIMIT 1", "approvals"),
        ("SELECT id FROM card_attempts LIMIT 1", "card charges"),
    )
    for table in ("card_attempts", "approvals", "rights"):
        op.drop_table(table)
