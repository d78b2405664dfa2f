"""Keep what was changed in categories, so that taking one away is taken back like any change of titles."""

import sqlalchemy as sa
from alembic import op

from migrations import protection, tables
from migrations.tables import common_columns

revision = "0028"
down_revision = "0027"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "category_changes",
        sa.Column("act_id", sa.Integer(), nullable=False),
        # No reference: a category that was taken away is gone.
        sa.Column("category_id", sa.Integer(), nullable=False),
        sa.Column("old", sa.Text(), nullable=False),
        sa.Column("new", sa.Text(), nullable=False),
        *common_columns(),
        sa.ForeignKeyConstraint(
            ["act_id"], ["book_acts.id"], name=op.f("fk_category_changes_act_id"), ondelete="RESTRICT"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_category_changes")),
    )
    op.create_index("idx_category_changes_act", "category_changes", ["act_id", "id"])
    op.create_index(op.f("ix_category_changes_category_id"), "category_changes", ["category_id"])
    protection.forbid_always("category_changes")


def downgrade() -> None:
    tables.refuse_to_lose(("SELECT id FROM category_changes LIMIT 1", "changes of categories"))
    protection.allow("category_changes")
    op.drop_table("category_changes")
