"""Let a book stand once in a basket."""

import sqlalchemy as sa
from alembic import op

from migrations import tables

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("cart_items", copy_from=tables.rebuilt("cart_items", tables.cart_items())) as batch:
        batch.create_unique_constraint("uq_cart_book", ["cart_id", "book_id"])


def downgrade() -> None:
    unique = sa.UniqueConstraint("cart_id", "book_id", name="uq_cart_book")
    now = tables.rebuilt("cart_items", tables.cart_items(), unique)
    with op.batch_alter_table("cart_items", copy_from=now) as batch:
        batch.drop_constraint("uq_cart_book", type_="unique")
