"""Add suppliers, and which titles are had from them, and series of titles."""

import sqlalchemy as sa
from alembic import op

from migrations import tables
from migrations.tables import common_columns, version_column

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "suppliers",
        sa.Column("name", sa.String(length=255), nullable=False),
        sa.Column("account_number", sa.String(length=40), nullable=True),
        sa.Column("san", sa.String(length=20), nullable=True),
        sa.Column("email", sa.String(length=255), nullable=True),
        sa.Column("phone", sa.String(length=40), nullable=True),
        sa.Column("address", sa.String(length=500), nullable=True),
        sa.Column("discount_rate", sa.Integer(), server_default="0", nullable=False),
        sa.Column("terms_days", sa.Integer(), server_default="30", nullable=False),
        sa.Column("lead_days", sa.Integer(), server_default="7", nullable=False),
        sa.Column("return_days", sa.Integer(), nullable=True),
        sa.Column("note", sa.Text(), nullable=True),
        sa.Column("active", sa.Boolean(), server_default=sa.true(), nullable=False),
        version_column(),
        *common_columns(),
        sa.CheckConstraint(
            "discount_rate >= 0 AND discount_rate <= 1000000", name=op.f("ck_suppliers_discount_at_most_whole")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_suppliers")),
        sa.UniqueConstraint("name", name=op.f("uq_suppliers_name")),
    )
    op.add_column("books", sa.Column("series", sa.String(length=255), nullable=True))
    op.add_column("books", sa.Column("series_number", sa.String(length=20), nullable=True))
    # A table of its own: a title is had from several, and SQLite would have to build a million books anew for a key.
    op.create_table(
        "book_suppliers",
        sa.Column("book_id", sa.Integer(), nullable=False),
        sa.Column("supplier_id", sa.Integer(), nullable=False),
        sa.Column("position", sa.Integer(), server_default="1", nullable=False),
        sa.Column("article_number", sa.String(length=40), nullable=True),
        sa.Column("cost", sa.BigInteger(), nullable=True),
        *common_columns(),
        sa.CheckConstraint("cost >= 0", name=op.f("ck_book_suppliers_cost_not_negative")),
        sa.ForeignKeyConstraint(["book_id"], ["books.id"], name=op.f("fk_book_suppliers_book_id"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(
            ["supplier_id"], ["suppliers.id"], name=op.f("fk_book_suppliers_supplier_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_book_suppliers")),
        sa.UniqueConstraint("book_id", "supplier_id", name="uq_book_suppliers_supplier"),
    )
    op.create_index("idx_book_suppliers_supplier", "book_suppliers", ["supplier_id", "book_id"])


def downgrade() -> None:
    tables.refuse_to_lose(
        ("SELECT id FROM suppliers LIMIT 1", "suppliers"),
        ("SELECT id FROM books WHERE series IS NOT NULL LIMIT 1", "series"),
    )
    op.drop_table("book_suppliers")
    for column in ("series_number", "series"):
        op.drop_column("books", column)
    op.drop_table("suppliers")
