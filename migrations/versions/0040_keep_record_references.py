"""Know which title a record of ONIX means that tells no ISBN: by its reference."""

import sqlalchemy as sa
from alembic import op

from migrations.tables import common_columns

revision = "0040"
down_revision = "0039"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "record_references",
        sa.Column("reference", sa.String(length=100), nullable=False),
        sa.Column("isbn", sa.String(length=13), nullable=False),
        *common_columns(),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_record_references")),
    )
    op.create_index(op.f("ix_record_references_reference"), "record_references", ["reference"])


def downgrade() -> None:
    # What files tell again is no loss.
    op.drop_index(op.f("ix_record_references_reference"), table_name="record_references")
    op.drop_table("record_references")
