"""Let titles be found that have no price of their own, no cover and no description.

Each index holds those alone: what most titles have adds nothing to it.
"""

import sqlalchemy as sa
from alembic import op

revision = "0045"
down_revision = "0044"
branch_labels = None
depends_on = None

LACKING = {
    "idx_books_open_price": ("open_price", "open_price = {true}"),
    "idx_books_no_cover": ("cover_image", "cover_image IS NULL"),
    "idx_books_no_description": ("description", "description IS NULL"),
}


def upgrade() -> None:
    true = "true" if op.get_context().dialect.name == "postgresql" else "1"
    for name, (column, lacks) in LACKING.items():
        where = sa.text(lacks.format(true=true))
        op.create_index(name, "books", [column, "id"], sqlite_where=where, postgresql_where=where)


def downgrade() -> None:
    for name in LACKING:
        op.drop_index(name, "books")
