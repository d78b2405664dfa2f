"""Know which machine has a till's number: its data folder's id, its name, and where the folder lies on it."""

import sqlalchemy as sa
from alembic import op

revision = "0035"
down_revision = "0034"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("tills", sa.Column("machine_uid", sa.String(36), nullable=True))
    op.add_column("tills", sa.Column("machine_name", sa.String(80), nullable=True))
    op.add_column("tills", sa.Column("machine_place", sa.String(64), nullable=True))


def downgrade() -> None:
    for column in ("machine_place", "machine_name", "machine_uid"):
        op.drop_column("tills", column)
