"""Make room for language tags such as zh-Hant-TW beside three-letter codes."""

import sqlalchemy as sa
from alembic import context, op
from alembic.util import CommandError

from migrations import tables

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


NARROW, WIDE = 8, 16


def books(language_length: int) -> sa.Table:
    """The table with its category's key."""
    link = sa.ForeignKeyConstraint(["category_id"], ["categories.id"], name="fk_books_category", ondelete="SET NULL")
    return tables.rebuilt("books", tables.books(language_length), link)


def upgrade() -> None:
    with op.batch_alter_table("books", copy_from=books(NARROW)) as batch:
        batch.alter_column("language", existing_type=sa.String(NARROW), type_=sa.String(WIDE))


def downgrade() -> None:
    refuse_to_cut()
    with op.batch_alter_table("books", copy_from=books(WIDE)) as batch:
        batch.alter_column("language", existing_type=sa.String(WIDE), type_=sa.String(NARROW))


def refuse_to_cut() -> None:
    """SQLite would keep a longer tag in the narrow column, PostgreSQL would fail in its own words."""
    if context.is_offline_mode():
        return
    found = op.get_bind().execute(sa.text(f"SELECT id FROM books WHERE length(language) > {NARROW} LIMIT 1")).first()
    if found:
        raise CommandError(f"book {found[0]} has a language tag of more than {NARROW} characters; shorten it first")
