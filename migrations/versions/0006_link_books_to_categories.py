"""Tie a book's category to the table of categories."""

import sqlalchemy as sa
from alembic import op

from migrations import tables

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("books", copy_from=tables.rebuilt("books", tables.books())) as batch:
        batch.create_foreign_key("fk_books_category", "categories", ["category_id"], ["id"], ondelete="SET NULL")


def downgrade() -> None:
    link = sa.ForeignKeyConstraint(["category_id"], ["categories.id"], name="fk_books_category", ondelete="SET NULL")
    with op.batch_alter_table("books", copy_from=tables.rebuilt("books", tables.books(), link)) as batch:
        batch.drop_constraint("fk_books_category", type_="foreignkey")
