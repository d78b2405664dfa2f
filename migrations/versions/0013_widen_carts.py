"""Let a basket hold discounts, overrides, notes, gift cards and books that come back."""

import sqlalchemy as sa
from alembic import op

from migrations import tables

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

PARKED = "status = 'parked'"
CART_COLUMNS = (
    ("training", sa.Boolean(), False),
    ("discount_rate", sa.Integer(), True),
    ("discount_amount", sa.BigInteger(), True),
    ("discount_reason", sa.String(length=80), True),
    ("discount_allowed_by_id", sa.Integer(), True),
    ("return_reason", sa.String(length=80), True),
)
ITEM_COLUMNS = (
    ("part", sa.String(length=64), False),
    ("discount_reason", sa.String(length=80), True),
    ("price_reason", sa.String(length=80), True),
    ("price_allowed_by_id", sa.Integer(), True),
    ("tax_rate_id", sa.Integer(), True),
    ("tax_reason", sa.String(length=80), True),
    ("tax_allowed_by_id", sa.Integer(), True),
    ("cover_price", sa.BigInteger(), True),
    ("note", sa.String(length=255), True),
    ("gift_card", sa.String(length=32), True),
    ("comes_back", sa.Boolean(), False),
    ("returned_item_id", sa.Integer(), True),
    ("restock", sa.String(length=20), True),
)
CART_LINKS = {"discount_allowed_by_id": "users"}
ITEM_LINKS = {
    "price_allowed_by_id": "users",
    "tax_rate_id": "tax_rates",
    "tax_allowed_by_id": "users",
    "returned_item_id": "order_items",
}


def columns(wanted: tuple[tuple[str, sa.types.TypeEngine, bool], ...]) -> list[sa.Column]:
    """The columns this step adds; what may not be null starts as false, or as an empty text."""
    empty = {False: sa.false(), True: sa.text("''")}
    return [
        sa.Column(
            name, kind, nullable=nullable, server_default=None if nullable else empty[isinstance(kind, sa.String)]
        )
        for name, kind, nullable in wanted
    ]


def once(*columns: str) -> sa.UniqueConstraint:
    """What stands once in a basket."""
    return sa.UniqueConstraint("cart_id", "book_id", *columns, name="uq_cart_book")


def upgrade() -> None:
    with op.batch_alter_table("carts", copy_from=tables.rebuilt("carts", tables.carts())) as batch:
        for column in columns(CART_COLUMNS):
            batch.add_column(column)
        for column, to in CART_LINKS.items():
            batch.create_foreign_key(op.f(f"fk_carts_{column}"), to, [column], ["id"], ondelete="RESTRICT")
    op.create_index(
        "idx_carts_parked", "carts", ["parked_at"], sqlite_where=sa.text(PARKED), postgresql_where=sa.text(PARKED)
    )
    was = tables.rebuilt("cart_items", tables.cart_items(), once())
    with op.batch_alter_table("cart_items", copy_from=was) as batch:
        batch.drop_constraint("uq_cart_book", type_="unique")
        for column in columns(ITEM_COLUMNS):
            batch.add_column(column)
        batch.create_unique_constraint("uq_cart_book", ["cart_id", "book_id", "part"])
        for column, to in ITEM_LINKS.items():
            batch.create_foreign_key(op.f(f"fk_cart_items_{column}"), to, [column], ["id"], ondelete="RESTRICT")


def downgrade() -> None:
    tables.refuse_to_lose(
        ("SELECT id FROM cart_items WHERE part <> '' OR comes_back OR note IS NOT NULL LIMIT 1", "baskets with more"),
        (
            "SELECT id FROM carts WHERE training OR discount_rate IS NOT NULL OR discount_amount IS NOT NULL LIMIT 1",
            "baskets with discounts",
        ),
    )
    now = tables.rebuilt(
        "cart_items",
        tables.cart_items(),
        *columns(ITEM_COLUMNS),
        once("part"),
        *tables.keys("cart_items", **ITEM_LINKS),
    )
    with op.batch_alter_table("cart_items", copy_from=now) as batch:
        for column in ITEM_LINKS:
            batch.drop_constraint(op.f(f"fk_cart_items_{column}"), type_="foreignkey")
        batch.drop_constraint("uq_cart_book", type_="unique")
        for name, _, _ in reversed(ITEM_COLUMNS):
            batch.drop_column(name)
        batch.create_unique_constraint("uq_cart_book", ["cart_id", "book_id"])
    op.drop_index("idx_carts_parked", table_name="carts")
    now = tables.rebuilt("carts", tables.carts(), *columns(CART_COLUMNS), *tables.keys("carts", **CART_LINKS))
    with op.batch_alter_table("carts", copy_from=now) as batch:
        for column in CART_LINKS:
            batch.drop_constraint(op.f(f"fk_carts_{column}"), type_="foreignkey")
        for name, _, _ in reversed(CART_COLUMNS):
            batch.drop_column(name)
