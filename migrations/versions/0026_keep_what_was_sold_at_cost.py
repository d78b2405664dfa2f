"""Keep with each line sold what a piece cost then, so that past margins stay what they were; find gift cards sold.

Lines sold before say nothing of it: what a title cost then was not kept.
"""

import sqlalchemy as sa
from alembic import op

from migrations import protection

revision = "0026"
down_revision = "0025"
branch_labels = None
depends_on = None

OLD_COLUMNS = (
    "id", "order_id", "position", "book_id", "title", "isbn", "quantity", "price", "discount_amount", "amount",
    "tax_name", "tax_rate", "net_amount", "tax_amount", "returned_item_id", "created_at", "note", "gift_card",
    "restock",
)  # fmt: skip


def upgrade() -> None:
    protection.allow("order_items")
    op.add_column("order_items", sa.Column("cost", sa.BigInteger(), nullable=True))
    protection.forbid_when_paid("order_items", (*OLD_COLUMNS, "cost"))
    # Takings leave the gift cards sold out: few lines among millions.
    sold = sa.text("gift_card IS NOT NULL")
    op.create_index("idx_order_items_gift_card", "order_items", ["order_id"], sqlite_where=sold, postgresql_where=sold)


def downgrade() -> None:
    op.drop_index("idx_order_items_gift_card", "order_items")
    protection.allow("order_items")
    op.drop_column("order_items", "cost")
    protection.forbid_when_paid("order_items", OLD_COLUMNS)
