"""Forget the largest part that was let pass of a whole sale: what is let pass is kept with each line."""

import sqlalchemy as sa
from alembic import op

revision = "0025"
down_revision = "0024"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.drop_column("carts", "discount_allowed_points")


def downgrade() -> None:
    op.add_column("carts", sa.Column("discount_allowed_points", sa.Integer(), nullable=True))
