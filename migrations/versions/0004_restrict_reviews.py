"""Let a rating be 1 to 5, and a person review a book once."""

import sqlalchemy as sa
from alembic import op

from migrations import tables

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def rating() -> sa.CheckConstraint:
    """A rating is 1 to 5."""
    return sa.CheckConstraint("rating >= 1 AND rating <= 5", name=op.f("check_rating_range"))


def once() -> sa.UniqueConstraint:
    """A person reviews a book once."""
    return sa.UniqueConstraint("user_id", "book_id", name="uq_user_book_review")


def upgrade() -> None:
    with op.batch_alter_table("reviews", copy_from=tables.rebuilt("reviews", tables.reviews())) as batch:
        batch.create_check_constraint(op.f("check_rating_range"), "rating >= 1 AND rating <= 5")
        batch.create_unique_constraint("uq_user_book_review", ["user_id", "book_id"])


def downgrade() -> None:
    now = tables.rebuilt("reviews", tables.reviews(), rating(), once())
    with op.batch_alter_table("reviews", copy_from=now) as batch:
        batch.drop_constraint("uq_user_book_review", type_="unique")
        batch.drop_constraint(op.f("check_rating_range"), type_="check")
