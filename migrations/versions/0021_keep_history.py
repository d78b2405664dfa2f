"""Keep the history of titles, their covers, used copies, merged titles and the staff's picks."""

import sqlalchemy as sa
from alembic import op

from migrations import protection, tables
from migrations.tables import common_columns

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None

GRADES = "'as_new', 'very_good', 'good', 'fair', 'poor'"


def upgrade() -> None:
    op.create_table(
        "book_acts",
        sa.Column("uid", sa.String(length=36), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("undoes_uid", sa.String(length=36), nullable=True),
        sa.Column("user_id", sa.Integer(), nullable=True),
        sa.Column("till_id", sa.Integer(), nullable=True),
        *common_columns(),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_book_acts_user_id"), ondelete="RESTRICT"),
        sa.ForeignKeyConstraint(["till_id"], ["tills.id"], name=op.f("fk_book_acts_till_id"), ondelete="RESTRICT"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_book_acts")),
        sa.UniqueConstraint("uid", name=op.f("uq_book_acts_uid")),
    )
    op.create_index("idx_book_acts_user", "book_acts", ["user_id", "id"])
    op.create_table(
        "book_changes",
        sa.Column("act_id", sa.Integer(), nullable=False),
        sa.Column("book_id", sa.Integer(), nullable=False),
        sa.Column("field", sa.String(length=40), nullable=False),
        sa.Column("old", sa.Text(), nullable=False),
        sa.Column("new", sa.Text(), nullable=False),
        *common_columns(),
        sa.ForeignKeyConstraint(["act_id"], ["book_acts.id"], name=op.f("fk_book_changes_act_id"), ondelete="RESTRICT"),
        sa.ForeignKeyConstraint(["book_id"], ["books.id"], name=op.f("fk_book_changes_book_id"), ondelete="RESTRICT"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_book_changes")),
    )
    op.create_index("idx_book_changes_book", "book_changes", ["book_id", "id"])
    op.create_index("idx_book_changes_act", "book_changes", ["act_id", "id"])
    op.create_table(
        "covers",
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("media_type", sa.String(length=20), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        *common_columns(),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_covers")),
        sa.UniqueConstraint("digest", name=op.f("uq_covers_digest")),
    )
    op.create_table(
        "used_copies",
        sa.Column("book_id", sa.Integer(), nullable=False),
        sa.Column("copy_of_id", sa.Integer(), nullable=False),
        sa.Column("grade", sa.String(length=20), nullable=False),
        sa.Column("note", sa.String(length=255), nullable=True),
        *common_columns(),
        sa.CheckConstraint(f"grade IN ({GRADES})", name=op.f("ck_used_copies_grade_known")),
        sa.ForeignKeyConstraint(["book_id"], ["books.id"], name=op.f("fk_used_copies_book_id"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(
            ["copy_of_id"], ["books.id"], name=op.f("fk_used_copies_copy_of_id"), ondelete="RESTRICT"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_used_copies")),
        sa.UniqueConstraint("book_id", name=op.f("uq_used_copies_book_id")),
    )
    op.create_index(op.f("ix_used_copies_copy_of_id"), "used_copies", ["copy_of_id"])
    op.create_table(
        "book_merges",
        sa.Column("book_id", sa.Integer(), nullable=False),
        sa.Column("into_id", sa.Integer(), nullable=False),
        *common_columns(),
        sa.CheckConstraint("book_id <> into_id", name=op.f("ck_book_merges_into_another")),
        sa.ForeignKeyConstraint(["book_id"], ["books.id"], name=op.f("fk_book_merges_book_id"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["into_id"], ["books.id"], name=op.f("fk_book_merges_into_id"), ondelete="RESTRICT"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_book_merges")),
        sa.UniqueConstraint("book_id", name=op.f("uq_book_merges_book_id")),
    )
    op.create_index(op.f("ix_book_merges_into_id"), "book_merges", ["into_id"])
    op.add_column("reviews", sa.Column("staff_pick", sa.Boolean(), server_default=sa.false(), nullable=False))
    for table in ("book_acts", "book_changes"):
        protection.forbid_always(table)


def downgrade() -> None:
    tables.refuse_to_lose(
        ("SELECT id FROM book_changes LIMIT 1", "changes of books"),
        ("SELECT id FROM covers LIMIT 1", "covers"),
        ("SELECT id FROM used_copies LIMIT 1", "used copies"),
        ("SELECT id FROM book_merges LIMIT 1", "merged titles"),
        ("SELECT id FROM reviews WHERE staff_pick LIMIT 1", "staff picks"),
    )
    for table in ("book_changes", "book_acts"):
        protection.allow(table)
    op.drop_column("reviews", "staff_pick")
    for table in ("book_merges", "used_copies", "covers", "book_changes", "book_acts"):
        op.drop_table(table)
