"""Keep the report a shift is closed with, and what is done at a till beside selling."""

import sqlalchemy as sa
from alembic import op

from migrations import protection, tables
from migrations.tables import common_columns

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None


def upgrade() -> None:
    for column in ("next_training_number", "next_z_number"):
        op.add_column("tills", sa.Column(column, sa.Integer(), server_default="1", nullable=False))
    op.create_table(
        "z_reports",
        sa.Column("shift_id", sa.Integer(), nullable=False),
        sa.Column("till_id", sa.Integer(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("content", sa.Text(), nullable=False),
        *common_columns(),
        *tables.keys("z_reports", shift_id="shifts", till_id="tills", user_id="users"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_z_reports")),
        sa.UniqueConstraint("shift_id", name=op.f("uq_z_reports_shift_id")),
        sa.UniqueConstraint("till_id", "number", name="uq_z_reports_number"),
    )
    op.create_table(
        "till_events",
        sa.Column("till_id", sa.Integer(), nullable=False),
        sa.Column("shift_id", sa.Integer(), nullable=True),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("allowed_by_id", sa.Integer(), nullable=True),
        sa.Column("act", sa.String(length=30), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=True),
        sa.Column("details", sa.Text(), nullable=True),
        sa.Column("training", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("happened_at", sa.DateTime(timezone=True), nullable=False),
        *common_columns(),
        *tables.keys("till_events", till_id="tills", shift_id="shifts", user_id="users", allowed_by_id="users"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_till_events")),
    )
    op.create_index(op.f("ix_till_events_shift_id"), "till_events", ["shift_id"])
    protection.forbid_always("z_reports")
    protection.forbid_always("till_events")


def downgrade() -> None:
    tables.refuse_to_lose(
        ("SELECT id FROM z_reports LIMIT 1", "Z reports"), ("SELECT id FROM till_events LIMIT 1", "till events")
    )
    op.drop_table("till_events")
    op.drop_table("z_reports")
    for column in ("next_z_number", "next_training_number"):
        op.drop_column("tills", column)
