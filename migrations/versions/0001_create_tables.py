"""Create the tables.

What later steps add (named indexes, keys and rules) is left out here, so that each has its own way back.
"""

import sqlalchemy as sa
from alembic import context, op
from alembic.util import CommandError

from migrations import tables
from migrations.tables import common_columns, version_column

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


TABLES = (
    "categories",
    "customers",
    "settings",
    "tax_rates",
    "tills",
    "users",
    "books",
    "carts",
    "shifts",
    "book_codes",
    "cart_changes",
    "cart_items",
    "cart_payments",
    "cash_movements",
    "orders",
    "reviews",
    "order_events",
    "order_items",
    "order_taxes",
    "payments",
    "stock_movements",
)


def upgrade() -> None:
    op.create_table(
        "categories",
        sa.Column("name", sa.String(length=255), nullable=False),
        sa.Column("description", sa.Text(), nullable=True),
        sa.Column("parent_id", sa.Integer(), nullable=True),
        version_column(),
        *common_columns(),
        sa.ForeignKeyConstraint(
            ["parent_id"], ["categories.id"], name=op.f("fk_categories_parent_id"), ondelete="RESTRICT"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_categories")),
    )
    op.create_index(op.f("ix_categories_name"), "categories", ["name"], unique=True)
    op.create_index(op.f("ix_categories_parent_id"), "categories", ["parent_id"], unique=False)
    op.create_table(
        "customers",
        sa.Column("name", sa.String(length=255), nullable=False),
        sa.Column(
            "name_key",
            sa.String(length=255).with_variant(sa.String(length=255, collation="C"), "postgresql"),
            nullable=False,
        ),
        sa.Column("email", sa.String(length=255), nullable=True),
        sa.Column("phone", sa.String(length=40), nullable=True),
        sa.Column("note", sa.Text(), nullable=True),
        sa.Column("active", sa.Boolean(), server_default=sa.true(), nullable=False),
        version_column(),
        *common_columns(),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_customers")),
    )
    op.create_index(op.f("ix_customers_email"), "customers", ["email"], unique=False)
    op.create_index(op.f("ix_customers_name_key"), "customers", ["name_key"], unique=False)
    op.create_index(op.f("ix_customers_phone"), "customers", ["phone"], unique=False)
    op.create_table(
        "settings",
        sa.Column("key", sa.String(length=100), nullable=False),
        sa.Column("value", sa.Text(), nullable=False),
        version_column(),
        *common_columns(),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_settings")),
        sa.UniqueConstraint("key", name=op.f("uq_settings_key")),
    )
    op.create_table(
        "tax_rates",
        sa.Column("name", sa.String(length=80), nullable=False),
        sa.Column("rate", sa.Integer(), nullable=False),
        sa.Column("active", sa.Boolean(), server_default=sa.true(), nullable=False),
        version_column(),
        *common_columns(),
        sa.CheckConstraint("rate >= 0 AND rate <= 1000000", name=op.f("ck_tax_rates_rate_range")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_tax_rates")),
        sa.UniqueConstraint("name", name=op.f("uq_tax_rates_name")),
    )
    op.create_table(
        "tills",
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=80), nullable=False),
        sa.Column("next_receipt_number", sa.Integer(), server_default="1", nullable=False),
        sa.Column("pin_failures", sa.Integer(), server_default="0", nullable=False),
        sa.Column("pin_blocked_until", sa.DateTime(timezone=True), nullable=True),
        version_column(),
        *common_columns(),
        sa.CheckConstraint("next_receipt_number >= 1", name=op.f("ck_tills_next_receipt_number_positive")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_tills")),
        sa.UniqueConstraint("number", name=op.f("uq_tills_number")),
    )
    op.create_table(
        "users",
        sa.Column("email", sa.String(length=255), nullable=False),
        sa.Column("username", sa.String(length=100), nullable=False),
        sa.Column("hashed_password", sa.String(length=255), nullable=True),
        sa.Column("hashed_pin", sa.String(length=255), nullable=True),
        sa.Column("is_active", sa.Boolean(), server_default=sa.true(), nullable=False),
        sa.Column("is_admin", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column(
            "role",
            sa.Enum("user", "cashier", "manager", "admin", name="userrole", native_enum=False, length=20),
            server_default="user",
            nullable=False,
        ),
        sa.Column("pin_failures", sa.Integer(), server_default="0", nullable=False),
        sa.Column("pin_blocked_until", sa.DateTime(timezone=True), nullable=True),
        version_column(),
        *common_columns(),
        sa.CheckConstraint("role IN ('user', 'cashier', 'manager', 'admin')", name=op.f("ck_users_role_known")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_users")),
        sa.UniqueConstraint("email", name=op.f("uq_users_email")),
        sa.UniqueConstraint("username", name=op.f("uq_users_username")),
    )
    op.create_table("books", *tables.books())
    op.create_index(op.f("ix_books_author"), "books", ["author"], unique=False)
    op.create_index(op.f("ix_books_stock"), "books", ["stock"], unique=False)
    op.create_index(op.f("ix_books_title"), "books", ["title"], unique=False)
    op.create_table("carts", *tables.carts())
    op.create_index(
        "uq_carts_open_user",
        "carts",
        ["user_id"],
        unique=True,
        sqlite_where=sa.text("status = 'open'"),
        postgresql_where=sa.text("status = 'open'"),
    )
    op.create_table(
        "shifts",
        sa.Column("uid", sa.String(length=36), nullable=False),
        sa.Column("till_id", sa.Integer(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("business_date", sa.Date(), nullable=False),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("opening_float", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("expected", sa.BigInteger(), nullable=True),
        sa.Column("counted", sa.BigInteger(), nullable=True),
        sa.Column("difference", sa.BigInteger(), nullable=True),
        *common_columns(),
        sa.ForeignKeyConstraint(["till_id"], ["tills.id"], name=op.f("fk_shifts_till_id"), ondelete="RESTRICT"),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_shifts_user_id"), ondelete="RESTRICT"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_shifts")),
        sa.UniqueConstraint("uid", name=op.f("uq_shifts_uid")),
    )
    op.create_index(op.f("ix_shifts_business_date"), "shifts", ["business_date"], unique=False)
    op.create_index(op.f("ix_shifts_till_id"), "shifts", ["till_id"], unique=False)
    op.create_index(
        "uq_shifts_open_till",
        "shifts",
        ["till_id"],
        unique=True,
        sqlite_where=sa.text("closed_at IS NULL"),
        postgresql_where=sa.text("closed_at IS NULL"),
    )
    op.create_table(
        "book_codes",
        sa.Column("book_id", sa.Integer(), nullable=False),
        sa.Column("code", sa.String(length=64), nullable=False),
        *common_columns(),
        sa.ForeignKeyConstraint(["book_id"], ["books.id"], name=op.f("fk_book_codes_book_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_book_codes")),
        sa.UniqueConstraint("code", name=op.f("uq_book_codes_code")),
    )
    op.create_index(op.f("ix_book_codes_book_id"), "book_codes", ["book_id"], unique=False)
    op.create_table(
        "cart_changes",
        sa.Column("cart_id", sa.Integer(), nullable=False),
        sa.Column("act", sa.String(length=20), nullable=False),
        sa.Column("title", sa.String(length=255), nullable=True),
        sa.Column("before", sa.Text(), nullable=False),
        sa.Column("undone", sa.Boolean(), server_default=sa.false(), nullable=False),
        *common_columns(),
        sa.ForeignKeyConstraint(["cart_id"], ["carts.id"], name=op.f("fk_cart_changes_cart_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_cart_changes")),
    )
    op.create_index(op.f("ix_cart_changes_cart_id"), "cart_changes", ["cart_id"], unique=False)
    op.create_table("cart_items", *tables.cart_items())
    op.create_index(op.f("ix_cart_items_book_id"), "cart_items", ["book_id"], unique=False)
    op.create_table("cart_payments", *tables.cart_payments())
    op.create_index(op.f("ix_cart_payments_cart_id"), "cart_payments", ["cart_id"], unique=False)
    op.create_table(
        "cash_movements",
        sa.Column("uid", sa.String(length=36), nullable=False),
        sa.Column("shift_id", sa.Integer(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.Column("reason", sa.String(length=255), nullable=False),
        *common_columns(),
        sa.ForeignKeyConstraint(
            ["shift_id"], ["shifts.id"], name=op.f("fk_cash_movements_shift_id"), ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_cash_movements_user_id"), ondelete="RESTRICT"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_cash_movements")),
        sa.UniqueConstraint("uid", name=op.f("uq_cash_movements_uid")),
    )
    op.create_index(op.f("ix_cash_movements_shift_id"), "cash_movements", ["shift_id"], unique=False)
    op.create_table("orders", *tables.orders())
    op.create_index("idx_orders_business_date", "orders", ["business_date", "id"], unique=False)
    op.create_index("idx_orders_kind_status", "orders", ["kind", "status", "id"], unique=False)
    op.create_index(op.f("ix_orders_customer_id"), "orders", ["customer_id"], unique=False)
    op.create_index(op.f("ix_orders_shift_id"), "orders", ["shift_id"], unique=False)
    op.create_index(op.f("ix_orders_status"), "orders", ["status"], unique=False)
    op.create_index(op.f("ix_orders_user_id"), "orders", ["user_id"], unique=False)
    op.create_table("reviews", *tables.reviews())
    op.create_index(op.f("ix_reviews_book_id"), "reviews", ["book_id"], unique=False)
    op.create_table(
        "order_events",
        sa.Column("order_id", sa.Integer(), nullable=False),
        sa.Column("act", sa.String(length=20), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=True),
        sa.Column("till_id", sa.Integer(), nullable=True),
        sa.Column("happened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("details", sa.Text(), nullable=True),
        *common_columns(),
        sa.ForeignKeyConstraint(
            ["order_id"], ["orders.id"], name=op.f("fk_order_events_order_id"), ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint(["till_id"], ["tills.id"], name=op.f("fk_order_events_till_id"), ondelete="RESTRICT"),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_order_events_user_id"), ondelete="RESTRICT"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_order_events")),
    )
    op.create_index(op.f("ix_order_events_order_id"), "order_events", ["order_id"], unique=False)
    op.create_table("order_items", *tables.order_items())
    op.create_index(op.f("ix_order_items_book_id"), "order_items", ["book_id"], unique=False)
    op.create_index(op.f("ix_order_items_returned_item_id"), "order_items", ["returned_item_id"], unique=False)
    op.create_table(
        "order_taxes",
        sa.Column("order_id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=80), nullable=False),
        sa.Column("rate", sa.Integer(), nullable=False),
        sa.Column("net_amount", sa.BigInteger(), nullable=False),
        sa.Column("tax_amount", sa.BigInteger(), nullable=False),
        *common_columns(),
        sa.ForeignKeyConstraint(["order_id"], ["orders.id"], name=op.f("fk_order_taxes_order_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_order_taxes")),
        sa.UniqueConstraint("order_id", "name", "rate", name="uq_order_taxes_rate"),
    )
    op.create_table("payments", *tables.payments())
    op.create_index(op.f("ix_payments_order_id"), "payments", ["order_id"], unique=False)
    op.create_table(
        "stock_movements",
        sa.Column("uid", sa.String(length=36), nullable=False),
        sa.Column("book_id", sa.Integer(), nullable=False),
        sa.Column("delta", sa.Integer(), nullable=False),
        sa.Column(
            "reason",
            sa.Enum(
                "opening",
                "sale",
                "order",
                "cancellation",
                "return",
                "delivery",
                "correction",
                "import",
                name="stockreason",
                native_enum=False,
                length=20,
            ),
            nullable=False,
        ),
        sa.Column("document", sa.String(length=255), nullable=True),
        sa.Column("order_id", sa.Integer(), nullable=True),
        sa.Column("user_id", sa.Integer(), nullable=True),
        sa.Column("till_id", sa.Integer(), nullable=True),
        *common_columns(),
        sa.CheckConstraint(
            "reason IN ('opening', 'sale', 'order', 'cancellation', 'return', 'delivery', 'correction', 'import')",
            name=op.f("ck_stock_movements_reason_known"),
        ),
        sa.CheckConstraint("delta <> 0", name=op.f("ck_stock_movements_delta_not_zero")),
        sa.ForeignKeyConstraint(
            ["book_id"], ["books.id"], name=op.f("fk_stock_movements_book_id"), ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint(
            ["order_id"], ["orders.id"], name=op.f("fk_stock_movements_order_id"), ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint(
            ["till_id"], ["tills.id"], name=op.f("fk_stock_movements_till_id"), ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint(
            ["user_id"], ["users.id"], name=op.f("fk_stock_movements_user_id"), ondelete="RESTRICT"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_stock_movements")),
        sa.UniqueConstraint("uid", name=op.f("uq_stock_movements_uid")),
    )
    op.create_index("idx_stock_movements_book", "stock_movements", ["book_id", "id"], unique=False)
    op.create_index(op.f("ix_stock_movements_order_id"), "stock_movements", ["order_id"], unique=False)


def downgrade() -> None:
    refuse_to_lose_rows()
    for table in reversed(TABLES):
        op.drop_table(table)


def refuse_to_lose_rows() -> None:
    """Dropping tables that hold anything is asked for in so many words, or not done."""
    if context.is_offline_mode() or context.get_x_argument(as_dictionary=True).get("discard") == "everything":
        return
    for table in TABLES:
        if op.get_bind().execute(sa.text(f"SELECT 1 FROM {table} LIMIT 1")).first():
            raise CommandError(
                f"this database holds {table.replace('_', ' ')}, and going below 0001 drops every table; "
                "make a copy first, then add -x discard=everything"
            )
