"""Keep which titles an act added and what stock it set, so that it is taken back; and columns of tables for all.

How a table is read was each person's own: what was chosen last holds for the shop.
"""

import sqlalchemy as sa
from alembic import op

from migrations.tables import common_columns

revision = "0027"
down_revision = "0026"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "book_additions",
        sa.Column("act_id", sa.Integer(), nullable=False),
        sa.Column("content", sa.Text(), nullable=False),
        *common_columns(),
        sa.ForeignKeyConstraint(
            ["act_id"], ["book_acts.id"], name=op.f("fk_book_additions_act_id"), ondelete="RESTRICT"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_book_additions")),
    )
    op.create_index(op.f("ix_book_additions_act_id"), "book_additions", ["act_id"])
    op.create_table(
        "import_columns",
        sa.Column("signature", sa.String(length=40), nullable=False),
        sa.Column("content", sa.Text(), nullable=False),
        *common_columns(),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_import_columns")),
        sa.UniqueConstraint("signature", name=op.f("uq_import_columns_signature")),
    )
    op.execute(
        "INSERT INTO import_columns (signature, content) SELECT name, content FROM saved_views "
        "WHERE id IN (SELECT max(id) FROM saved_views WHERE list_name = 'import' GROUP BY name)"
    )
    op.execute("DELETE FROM saved_views WHERE list_name = 'import'")


def downgrade() -> None:
    # Everybody reads the tables as the shop did.
    op.execute(
        "INSERT INTO saved_views (user_id, list_name, name, content) "
        "SELECT users.id, 'import', signature, import_columns.content FROM import_columns CROSS JOIN users"
    )
    op.drop_table("import_columns")
    op.drop_table("book_additions")
