"""Add the five categories every shop starts with."""

from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

NAMES = ("Fiction", "Non-Fiction", "Science", "History", "Technology")


def upgrade() -> None:
    for name in NAMES:
        op.execute(
            f"INSERT INTO categories (name) SELECT '{name}' "
            f"WHERE NOT EXISTS (SELECT 1 FROM categories WHERE name = '{name}')"
        )


def downgrade() -> None:
    """Take back those that nothing uses; a category with books or a description in it is the shop's own by now."""
    names = ", ".join(f"'{name}'" for name in NAMES)
    op.execute(
        f"DELETE FROM categories WHERE name IN ({names}) AND description IS NULL AND parent_id IS NULL "
        "AND id NOT IN (SELECT category_id FROM books WHERE category_id IS NOT NULL) "
        "AND id NOT IN (SELECT parent_id FROM categories WHERE parent_id IS NOT NULL)"
    )
