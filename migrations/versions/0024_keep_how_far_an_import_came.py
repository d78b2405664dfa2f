"""Keep how far a file of titles was taken in, so that one that was broken off goes on there."""

import sqlalchemy as sa
from alembic import op

from migrations.tables import common_columns

revision = "0024"
down_revision = "0023"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "book_imports",
        sa.Column("uid", sa.String(length=36), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("file_name", sa.String(length=255), nullable=False),
        sa.Column("rows", sa.Integer(), nullable=False),
        sa.Column("finished", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=True),
        sa.Column("till_id", sa.Integer(), nullable=True),
        *common_columns(),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_book_imports_user_id"), ondelete="RESTRICT"),
        sa.ForeignKeyConstraint(["till_id"], ["tills.id"], name=op.f("fk_book_imports_till_id"), ondelete="RESTRICT"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_book_imports")),
        sa.UniqueConstraint("uid", name=op.f("uq_book_imports_uid")),
    )
    op.create_index("idx_book_imports_digest", "book_imports", ["digest", "finished"])


def downgrade() -> None:
    op.drop_table("book_imports")
