"""Tables that later steps change, as the first step made them.

SQLite cannot change a table, so Alembic builds a new one; told here what the old one is, it needs no live database and
writes SQL for SQLite offline too, and it keeps the checks, which no database tells it of.
"""

import sqlalchemy as sa
from alembic import op

INDEXES = {"books": ["author", "stock", "title"], "cart_items": ["book_id"], "reviews": ["book_id"]}
NAMED_BOOK_INDEXES = {
    "idx_books_title_author": ["title", "author"],
    "idx_books_price_stock": ["price", "stock"],
    "idx_books_title_key": ["title_key", "id"],
    "idx_books_category_title_key": ["category_id", "title_key", "id"],
}


def common_columns() -> list[sa.Column]:
    """What every table has."""
    return [
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.func.now(), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), server_default=sa.func.now(), nullable=False),
    ]


def version_column() -> sa.Column:
    """What every editable table has."""
    return sa.Column("version", sa.Integer(), server_default="1", nullable=False)


def books(language_length: int = 8) -> list[sa.schema.SchemaItem]:
    """The columns and rules of `books`."""
    return [
        sa.Column("isbn", sa.String(length=13), nullable=True),
        sa.Column("title", sa.String(length=255), nullable=False),
        sa.Column("author", sa.String(length=255), nullable=False),
        sa.Column("description", sa.Text(), nullable=True),
        sa.Column("price", sa.BigInteger(), nullable=False),
        sa.Column("cost", sa.BigInteger(), nullable=True),
        sa.Column("stock", sa.Integer(), server_default="0", nullable=False),
        sa.Column("reorder_at", sa.Integer(), server_default="0", nullable=False),
        sa.Column("category_id", sa.Integer(), nullable=True),
        sa.Column("tax_rate_id", sa.Integer(), nullable=False),
        sa.Column("cover_image", sa.String(length=500), nullable=True),
        sa.Column("publisher", sa.String(length=255), nullable=True),
        sa.Column("published_on", sa.String(length=11), nullable=True),
        sa.Column("format", sa.String(length=40), nullable=True),
        sa.Column("language", sa.String(length=language_length), nullable=True),
        sa.Column("shelf", sa.String(length=40), nullable=True),
        sa.Column(
            "kind",
            sa.Enum("book", "other", "service", name="bookkind", native_enum=False, length=20),
            server_default="book",
            nullable=False,
        ),
        sa.Column("active", sa.Boolean(), server_default=sa.true(), nullable=False),
        sa.Column(
            "title_key",
            sa.String(length=255).with_variant(sa.String(length=255, collation="C"), "postgresql"),
            nullable=False,
        ),
        sa.Column("search_text", sa.Text(), nullable=False),
        version_column(),
        *common_columns(),
        sa.CheckConstraint("kind IN ('book', 'other', 'service')", name=op.f("ck_books_kind_known")),
        sa.CheckConstraint("cost >= 0", name=op.f("ck_books_cost_not_negative")),
        sa.CheckConstraint("price >= 0", name=op.f("ck_books_price_not_negative")),
        sa.CheckConstraint("reorder_at >= 0", name=op.f("ck_books_reorder_at_not_negative")),
        sa.ForeignKeyConstraint(
            ["tax_rate_id"], ["tax_rates.id"], name=op.f("fk_books_tax_rate_id"), ondelete="RESTRICT"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_books")),
        sa.UniqueConstraint("isbn", name=op.f("uq_books_isbn")),
    ]


def cart_items() -> list[sa.schema.SchemaItem]:
    """The columns and rules of `cart_items`."""
    return [
        sa.Column("cart_id", sa.Integer(), nullable=False),
        sa.Column("book_id", sa.Integer(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("quantity", sa.Integer(), server_default="1", nullable=False),
        sa.Column("price", sa.BigInteger(), nullable=False),
        sa.Column("price_override", sa.BigInteger(), nullable=True),
        sa.Column("discount_rate", sa.Integer(), nullable=True),
        sa.Column("discount_amount", sa.BigInteger(), nullable=True),
        sa.Column("allowed_by_id", sa.Integer(), nullable=True),
        *common_columns(),
        sa.CheckConstraint("price >= 0", name=op.f("ck_cart_items_price_not_negative")),
        sa.CheckConstraint("quantity >= 1 AND quantity <= 9999", name=op.f("ck_cart_items_quantity_range")),
        sa.ForeignKeyConstraint(
            ["allowed_by_id"], ["users.id"], name=op.f("fk_cart_items_allowed_by_id"), ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint(["book_id"], ["books.id"], name=op.f("fk_cart_items_book_id"), ondelete="RESTRICT"),
        sa.ForeignKeyConstraint(["cart_id"], ["carts.id"], name=op.f("fk_cart_items_cart_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_cart_items")),
    ]


def reviews() -> list[sa.schema.SchemaItem]:
    """The columns and rules of `reviews`."""
    return [
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("book_id", sa.Integer(), nullable=False),
        sa.Column("rating", sa.Integer(), nullable=False),
        sa.Column("comment", sa.Text(), nullable=True),
        *common_columns(),
        sa.ForeignKeyConstraint(["book_id"], ["books.id"], name=op.f("fk_reviews_book_id"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_reviews_user_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_reviews")),
    ]


def rebuilt(name: str, items: list[sa.schema.SchemaItem], *more: sa.schema.SchemaItem) -> sa.Table:
    """A table to build a new one from: what it holds, `more` that steps since have added, and its indexes."""
    metadata = sa.MetaData()
    for referred in {"books", "carts", "users", "categories", "tax_rates"} - {name}:
        sa.Table(referred, metadata, sa.Column("id", sa.Integer(), primary_key=True))
    table = sa.Table(name, metadata, *items, *more)
    for column in INDEXES[name]:
        sa.Index(op.f(f"ix_{name}_{column}"), table.c[column])
    if name == "books":
        for index, columns in NAMED_BOOK_INDEXES.items():
            sa.Index(index, *(table.c[column] for column in columns))
    return table
