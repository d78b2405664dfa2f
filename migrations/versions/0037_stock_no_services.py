"""Say of no service that it is out of stock: it has none."""

import sqlalchemy as sa
from alembic import op

revision = "0037"
down_revision = "0036"
branch_labels = None
depends_on = None

BEFORE = "CASE WHEN NOT active THEN 3 WHEN stock <= 0 THEN 2 WHEN stock < reorder_at THEN 1 ELSE 0 END"
NOW = (
    "CASE WHEN NOT active THEN 3 WHEN kind = 'service' THEN 0 "
    "WHEN stock <= 0 THEN 2 WHEN stock < reorder_at THEN 1 ELSE 0 END"
)


def upgrade() -> None:
    compute(NOW)


def downgrade() -> None:
    compute(BEFORE)


def compute(state: str) -> None:
    """Compute the column otherwise, which neither database changes in place (as in 0019)."""
    op.drop_index("idx_books_stock_state", "books")
    op.drop_column("books", "stock_state")
    stored = True if op.get_context().dialect.name == "postgresql" else None
    op.add_column("books", sa.Column("stock_state", sa.Integer(), sa.Computed(state, persisted=stored), nullable=True))
    op.create_index("idx_books_stock_state", "books", ["stock_state", "title_key", "id"])
