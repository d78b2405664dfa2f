"""Keep the subject codes that the trade's files tell of a title: Thema, BIC and BISAC."""

import sqlalchemy as sa
from alembic import op

from migrations import tables

revision = "0043"
down_revision = "0042"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("books", sa.Column("subjects", sa.String(length=500), nullable=True))


def downgrade() -> None:
    tables.refuse_to_lose(("SELECT id FROM books WHERE subjects IS NOT NULL LIMIT 1", "subject codes of titles"))
    op.drop_column("books", "subjects")
