"""Keep what the trade's files say of titles that cannot be ordered: forthcoming, out of print, withdrawn."""

import sqlalchemy as sa
from alembic import op

revision = "0031"
down_revision = "0030"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("books", sa.Column("availability", sa.String(length=20), nullable=True))


def downgrade() -> None:
    op.drop_column("books", "availability")
