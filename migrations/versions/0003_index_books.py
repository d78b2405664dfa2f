"""Index books by what lists are sorted and filtered by."""

from alembic import op

from migrations import tables

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    for name, columns in tables.NAMED_BOOK_INDEXES.items():
        op.create_index(name, "books", columns)


def downgrade() -> None:
    for name in tables.NAMED_BOOK_INDEXES:
        op.drop_index(name, "books")
