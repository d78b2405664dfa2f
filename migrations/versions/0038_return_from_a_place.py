"""Know from which place copies went back to a publisher, as it is known of deliveries and counts."""

import sqlalchemy as sa
from alembic import op

from migrations import tables

revision = "0038"
down_revision = "0037"
branch_labels = None
depends_on = None


def upgrade() -> None:
    # Without a key of its own, for which SQLite would rebuild the table: the ledger's rows of a return have one.
    op.add_column("publisher_returns", sa.Column("location_id", sa.Integer(), nullable=True))


def downgrade() -> None:
    tables.refuse_to_lose(
        ("SELECT id FROM publisher_returns WHERE location_id IS NOT NULL LIMIT 1", "returns from other places"),
    )
    op.drop_column("publisher_returns", "location_id")
