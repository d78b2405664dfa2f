"""Keep how large a discount was let pass, so that a later step cannot make it larger unseen."""

import sqlalchemy as sa
from alembic import op

revision = "0023"
down_revision = "0022"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("cart_items", sa.Column("allowed_points", sa.Integer(), nullable=True))
    op.add_column("carts", sa.Column("discount_allowed_points", sa.Integer(), nullable=True))


def downgrade() -> None:
    op.drop_column("carts", "discount_allowed_points")
    op.drop_column("cart_items", "allowed_points")
