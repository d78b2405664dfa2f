"""Tables that later steps change, as the first step made them.

SQLite cannot change a table, so Alembic builds a new one; told here what the old one is, it needs no live database and
writes SQL for SQLite offline too, and it keeps the checks, which no database tells it of.
"""

import sqlalchemy as sa
from alembic import context, op
from alembic.util import CommandError

INDEXES = {
    "books": ["author", "stock", "title"],
    "cart_items": ["book_id"],
    "cart_payments": ["cart_id"],
    "carts": [],
    "order_items": ["book_id", "returned_item_id"],
    "orders": ["customer_id", "shift_id", "status", "user_id"],
    "payments": ["order_id"],
    "reviews": ["book_id"],
}
NAMED_INDEXES = {
    "orders": {
        "idx_orders_business_date": ["business_date", "id"],
        "idx_orders_kind_status": ["kind", "status", "id"],
    },
}
REFERRED = (
    "books", "carts", "users", "categories", "tax_rates", "customers", "tills", "shifts", "orders", "order_items",
    "tenders",
)  # fmt: skip
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


def carts() -> list[sa.schema.SchemaItem]:
    """The columns and rules of `carts`."""
    return [
        sa.Column("uid", sa.String(length=36), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column(
            "status",
            sa.Enum("open", "parked", "paid", name="cartstatus", native_enum=False, length=20),
            server_default="open",
            nullable=False,
        ),
        sa.Column("till_id", sa.Integer(), nullable=True),
        sa.Column("customer_id", sa.Integer(), nullable=True),
        sa.Column("note", sa.Text(), nullable=True),
        sa.Column("parked_at", sa.DateTime(timezone=True), nullable=True),
        version_column(),
        *common_columns(),
        sa.CheckConstraint("status IN ('open', 'parked', 'paid')", name=op.f("ck_carts_status_known")),
        sa.ForeignKeyConstraint(
            ["customer_id"], ["customers.id"], name=op.f("fk_carts_customer_id"), ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint(["till_id"], ["tills.id"], name=op.f("fk_carts_till_id"), ondelete="RESTRICT"),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_carts_user_id"), ondelete="RESTRICT"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_carts")),
        sa.UniqueConstraint("uid", name=op.f("uq_carts_uid")),
    ]


def cart_payments() -> list[sa.schema.SchemaItem]:
    """The columns and rules of `cart_payments`."""
    return [
        sa.Column("uid", sa.String(length=36), nullable=False),
        sa.Column("cart_id", sa.Integer(), nullable=False),
        sa.Column("tender", sa.Enum("cash", "card", name="tender", native_enum=False, length=20), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.Column("reference", sa.String(length=64), nullable=True),
        *common_columns(),
        sa.CheckConstraint("tender IN ('cash', 'card')", name=op.f("ck_cart_payments_tender_known")),
        sa.CheckConstraint("amount > 0", name=op.f("ck_cart_payments_amount_positive")),
        sa.ForeignKeyConstraint(["cart_id"], ["carts.id"], name=op.f("fk_cart_payments_cart_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_cart_payments")),
        sa.UniqueConstraint("uid", name=op.f("uq_cart_payments_uid")),
    ]


def orders() -> list[sa.schema.SchemaItem]:
    """The columns and rules of `orders`."""
    return [
        sa.Column("uid", sa.String(length=36), nullable=False),
        sa.Column("content_hash", sa.String(length=64), nullable=False),
        sa.Column(
            "kind",
            sa.Enum("sale", "return", "customer_order", name="orderkind", native_enum=False, length=20),
            nullable=False,
        ),
        sa.Column(
            "status",
            sa.Enum(
                "pending",
                "confirmed",
                "shipped",
                "delivered",
                "cancelled",
                name="orderstatus",
                native_enum=False,
                length=20,
            ),
            nullable=False,
        ),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("customer_id", sa.Integer(), nullable=True),
        sa.Column("till_id", sa.Integer(), nullable=True),
        sa.Column("shift_id", sa.Integer(), nullable=True),
        sa.Column("receipt_number", sa.Integer(), nullable=True),
        sa.Column("business_date", sa.Date(), nullable=False),
        sa.Column("placed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("paid_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("prices_include_tax", sa.Boolean(), nullable=False),
        sa.Column(
            "tax_level", sa.Enum("line", "document", name="taxlevel", native_enum=False, length=20), nullable=False
        ),
        sa.Column("discount_amount", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("net_amount", sa.BigInteger(), nullable=False),
        sa.Column("tax_amount", sa.BigInteger(), nullable=False),
        sa.Column("rounding_amount", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("total_amount", sa.BigInteger(), nullable=False),
        sa.Column("change_amount", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("item_count", sa.Integer(), nullable=False),
        sa.Column("shipping_address", sa.String(length=500), nullable=True),
        sa.Column("note", sa.Text(), nullable=True),
        version_column(),
        *common_columns(),
        sa.CheckConstraint("kind IN ('sale', 'return', 'customer_order')", name=op.f("ck_orders_kind_known")),
        sa.CheckConstraint(
            "status IN ('pending', 'confirmed', 'shipped', 'delivered', 'cancelled')",
            name=op.f("ck_orders_status_known"),
        ),
        sa.CheckConstraint("tax_level IN ('line', 'document')", name=op.f("ck_orders_tax_level_known")),
        sa.CheckConstraint("(receipt_number IS NULL) = (paid_at IS NULL)", name=op.f("ck_orders_numbered_when_paid")),
        sa.ForeignKeyConstraint(
            ["customer_id"], ["customers.id"], name=op.f("fk_orders_customer_id"), ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint(["shift_id"], ["shifts.id"], name=op.f("fk_orders_shift_id"), ondelete="RESTRICT"),
        sa.ForeignKeyConstraint(["till_id"], ["tills.id"], name=op.f("fk_orders_till_id"), ondelete="RESTRICT"),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_orders_user_id"), ondelete="RESTRICT"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_orders")),
        sa.UniqueConstraint("till_id", "receipt_number", name="uq_orders_receipt_number"),
        sa.UniqueConstraint("uid", name=op.f("uq_orders_uid")),
    ]


def order_items() -> list[sa.schema.SchemaItem]:
    """The columns and rules of `order_items`."""
    return [
        sa.Column("order_id", sa.Integer(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("book_id", sa.Integer(), nullable=False),
        sa.Column("title", sa.String(length=255), nullable=False),
        sa.Column("isbn", sa.String(length=13), nullable=True),
        sa.Column("quantity", sa.Integer(), nullable=False),
        sa.Column("price", sa.BigInteger(), nullable=False),
        sa.Column("discount_amount", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.Column("tax_name", sa.String(length=80), nullable=False),
        sa.Column("tax_rate", sa.Integer(), nullable=False),
        sa.Column("net_amount", sa.BigInteger(), nullable=False),
        sa.Column("tax_amount", sa.BigInteger(), nullable=False),
        sa.Column("returned_item_id", sa.Integer(), nullable=True),
        sa.Column("returned_quantity", sa.Integer(), server_default="0", nullable=False),
        *common_columns(),
        sa.CheckConstraint("quantity >= 1", name=op.f("ck_order_items_quantity_positive")),
        sa.CheckConstraint(
            "returned_quantity >= 0 AND returned_quantity <= quantity",
            name=op.f("ck_order_items_returned_at_most_sold"),
        ),
        sa.ForeignKeyConstraint(["book_id"], ["books.id"], name=op.f("fk_order_items_book_id"), ondelete="RESTRICT"),
        sa.ForeignKeyConstraint(["order_id"], ["orders.id"], name=op.f("fk_order_items_order_id"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(
            ["returned_item_id"], ["order_items.id"], name=op.f("fk_order_items_returned_item_id"), ondelete="RESTRICT"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_order_items")),
        sa.UniqueConstraint("order_id", "position", name="uq_order_items_position"),
    ]


def payments() -> list[sa.schema.SchemaItem]:
    """The columns and rules of `payments`."""
    return [
        sa.Column("uid", sa.String(length=36), nullable=False),
        sa.Column("order_id", sa.Integer(), nullable=False),
        sa.Column("tender", sa.Enum("cash", "card", name="tender", native_enum=False, length=20), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.Column("reference", sa.String(length=64), nullable=True),
        *common_columns(),
        sa.CheckConstraint("tender IN ('cash', 'card')", name=op.f("ck_payments_tender_known")),
        sa.CheckConstraint("amount <> 0", name=op.f("ck_payments_amount_not_zero")),
        sa.ForeignKeyConstraint(["order_id"], ["orders.id"], name=op.f("fk_payments_order_id"), ondelete="RESTRICT"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_payments")),
        sa.UniqueConstraint("uid", name=op.f("uq_payments_uid")),
    ]


def rebuilt(name: str, items: list[sa.schema.SchemaItem], *more: sa.schema.SchemaItem) -> sa.Table:
    """A table to build a new one from: what it holds, `more` that steps since have added, and its indexes."""
    metadata = sa.MetaData()
    for referred in REFERRED:
        if referred != name:
            code = [sa.Column("code", sa.String(20))] if referred == "tenders" else []
            sa.Table(referred, metadata, sa.Column("id", sa.Integer(), primary_key=True), *code)
    table = sa.Table(name, metadata, *items, *more)
    for column in INDEXES[name]:
        sa.Index(op.f(f"ix_{name}_{column}"), table.c[column])
    named = NAMED_BOOK_INDEXES if name == "books" else NAMED_INDEXES.get(name, {})
    for index, columns in named.items():
        sa.Index(index, *(table.c[column] for column in columns))
    if name == "carts":
        is_open = sa.text("status = 'open'")
        sa.Index("uq_carts_open_user", table.c.user_id, unique=True, sqlite_where=is_open, postgresql_where=is_open)
    return table


def keys(table: str, **referred: str) -> list[sa.ForeignKeyConstraint]:
    """Named references of columns to the ids of tables, whose rows stay as long as they are referred to."""
    return [
        sa.ForeignKeyConstraint([column], [f"{to}.id"], name=op.f(f"fk_{table}_{column}"), ondelete="RESTRICT")
        for column, to in referred.items()
    ]


def with_open_tender(table: str) -> list[sa.schema.SchemaItem]:
    """The columns and rules of `payments` or `cart_payments` once a shop's own tenders are allowed."""
    was = payments() if table == "payments" else cart_payments()
    return [
        *(item for item in was if getattr(item, "name", None) != op.f(f"ck_{table}_tender_known")),
        sa.Column("scheme", sa.String(length=40), nullable=True),
        sa.ForeignKeyConstraint(["tender"], ["tenders.code"], name=op.f(f"fk_{table}_tender"), ondelete="RESTRICT"),
    ]


def discards() -> bool:
    """Whether it was asked for, in so many words, that rows are lost."""
    return context.get_x_argument(as_dictionary=True).get("discard") == "everything"


def refuse_to_lose(*queries: tuple[str, str]) -> None:
    """Refuse a way back that would drop rows that somebody made, unless it is asked for in so many words."""
    if context.is_offline_mode() or discards():
        return
    for query, what in queries:
        if op.get_bind().execute(sa.text(query)).first():
            raise CommandError(
                f"this database holds {what}, which the earlier version cannot keep; make a copy first, "
                "then add -x discard=everything"
            )
