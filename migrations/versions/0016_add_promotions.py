"""Add promotions, prices asked for at the counter, and the grid of what has no barcode."""

import sqlalchemy as sa
from alembic import op

from migrations import tables
from migrations.tables import common_columns, version_column

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("books", sa.Column("open_price", sa.Boolean(), server_default=sa.false(), nullable=False))
    op.create_table(
        "promotions",
        sa.Column("name", sa.String(length=80), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("rate", sa.Integer(), nullable=True),
        sa.Column("amount", sa.BigInteger(), nullable=True),
        sa.Column("buy", sa.Integer(), nullable=True),
        sa.Column("pay", sa.Integer(), nullable=True),
        sa.Column("category_id", sa.Integer(), nullable=True),
        sa.Column("starts_on", sa.Date(), nullable=True),
        sa.Column("ends_on", sa.Date(), nullable=True),
        sa.Column("active", sa.Boolean(), server_default=sa.true(), nullable=False),
        version_column(),
        *common_columns(),
        sa.CheckConstraint("kind IN ('percent', 'amount', 'price', 'bundle')", name=op.f("ck_promotions_kind_known")),
        sa.CheckConstraint(
            "ends_on IS NULL OR starts_on IS NULL OR ends_on >= starts_on", name=op.f("ck_promotions_ends_after_start")
        ),
        *tables.keys("promotions", category_id="categories"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_promotions")),
    )
    op.create_table(
        "promotion_books",
        sa.Column("promotion_id", sa.Integer(), nullable=False),
        sa.Column("book_id", sa.Integer(), nullable=False),
        *common_columns(),
        sa.ForeignKeyConstraint(
            ["promotion_id"], ["promotions.id"], name=op.f("fk_promotion_books_promotion_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["book_id"], ["books.id"], name=op.f("fk_promotion_books_book_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_promotion_books")),
        sa.UniqueConstraint("promotion_id", "book_id", name="uq_promotion_books_book"),
    )
    op.create_index(op.f("ix_promotion_books_book_id"), "promotion_books", ["book_id"])
    op.create_table(
        "quick_keys",
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("label", sa.String(length=40), nullable=False),
        sa.Column("book_id", sa.Integer(), nullable=False),
        *common_columns(),
        sa.ForeignKeyConstraint(["book_id"], ["books.id"], name=op.f("fk_quick_keys_book_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_quick_keys")),
        sa.UniqueConstraint("position", name=op.f("uq_quick_keys_position")),
    )
    op.create_index(op.f("ix_quick_keys_book_id"), "quick_keys", ["book_id"])


def downgrade() -> None:
    tables.refuse_to_lose(
        ("SELECT id FROM promotions LIMIT 1", "promotions"),
        ("SELECT id FROM quick_keys LIMIT 1", "quick keys"),
        ("SELECT id FROM books WHERE open_price LIMIT 1", "articles whose price is asked for"),
    )
    for table in ("quick_keys", "promotion_books", "promotions"):
        op.drop_table(table)
    op.drop_column("books", "open_price")
