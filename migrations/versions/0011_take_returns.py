"""Let lines come back, keep why a line costs what it costs, and set training apart.

A line that came back has a quantity and amounts below zero, so that everything sums by itself.
"""

import sqlalchemy as sa
from alembic import op

from migrations import protection, tables
from migrations.tables import common_columns

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

OLD_KINDS = "kind IN ('sale', 'return', 'customer_order')"
KINDS = "kind IN ('sale', 'return', 'exchange', 'void', 'customer_order')"
OLD_RETURNED = "returned_quantity >= 0 AND returned_quantity <= quantity"
RETURNED = "returned_quantity >= 0 AND (returned_quantity <= quantity OR quantity < 0 AND returned_quantity = 0)"
OLD_ORDER_COLUMNS = (
    "id", "uid", "content_hash", "kind", "user_id", "customer_id", "till_id", "shift_id", "receipt_number",
    "business_date", "placed_at", "paid_at", "currency", "prices_include_tax", "tax_level", "discount_amount",
    "net_amount", "tax_amount", "rounding_amount", "total_amount", "change_amount", "item_count", "shipping_address",
    "note", "created_at",
)  # fmt: skip
OLD_ITEM_COLUMNS = (
    "id", "order_id", "position", "book_id", "title", "isbn", "quantity", "price", "discount_amount", "amount",
    "tax_name", "tax_rate", "net_amount", "tax_amount", "returned_item_id", "created_at",
)  # fmt: skip
ORDER_COLUMNS = (*OLD_ORDER_COLUMNS, "training", "refers_to_id", "reason", "allowed_by_id")
ITEM_COLUMNS = (*OLD_ITEM_COLUMNS, "note", "gift_card", "restock")


def upgrade() -> None:
    unprotect()
    with op.batch_alter_table("orders", copy_from=tables.rebuilt("orders", tables.orders())) as batch:
        batch.drop_constraint(op.f("ck_orders_kind_known"), type_="check")
        batch.create_check_constraint(op.f("ck_orders_kind_known"), KINDS)
        batch.drop_constraint("uq_orders_receipt_number", type_="unique")
        batch.add_column(sa.Column("training", sa.Boolean(), server_default=sa.false(), nullable=False))
        batch.add_column(sa.Column("refers_to_id", sa.Integer(), nullable=True))
        batch.add_column(sa.Column("reason", sa.String(length=80), nullable=True))
        batch.add_column(sa.Column("allowed_by_id", sa.Integer(), nullable=True))
        batch.create_unique_constraint("uq_orders_receipt_number", ["till_id", "training", "receipt_number"])
        for column, to in (("refers_to_id", "orders"), ("allowed_by_id", "users")):
            batch.create_foreign_key(op.f(f"fk_orders_{column}"), to, [column], ["id"], ondelete="RESTRICT")
        batch.create_index(op.f("ix_orders_refers_to_id"), ["refers_to_id"])
    with op.batch_alter_table("order_items", copy_from=tables.rebuilt("order_items", tables.order_items())) as batch:
        batch.drop_constraint(op.f("ck_order_items_quantity_positive"), type_="check")
        batch.create_check_constraint(op.f("ck_order_items_quantity_not_zero"), "quantity <> 0")
        batch.drop_constraint(op.f("ck_order_items_returned_at_most_sold"), type_="check")
        batch.create_check_constraint(op.f("ck_order_items_returned_at_most_sold"), RETURNED)
        batch.add_column(sa.Column("note", sa.String(length=255), nullable=True))
        batch.add_column(sa.Column("gift_card", sa.String(length=32), nullable=True))
        batch.add_column(sa.Column("restock", sa.String(length=20), nullable=True))
    op.create_table(
        "order_adjustments",
        sa.Column("order_item_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("name", sa.String(length=80), nullable=False),
        sa.Column("amount", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("was", sa.String(length=80), nullable=True),
        sa.Column("allowed_by_id", sa.Integer(), nullable=True),
        *common_columns(),
        sa.CheckConstraint(
            "kind IN ('price', 'tax', 'promotion', 'line_discount', 'sale_discount')",
            name=op.f("ck_order_adjustments_kind_known"),
        ),
        sa.ForeignKeyConstraint(
            ["order_item_id"],
            ["order_items.id"],
            name=op.f("fk_order_adjustments_order_item_id"),
            ondelete="RESTRICT",
        ),
        sa.ForeignKeyConstraint(
            ["allowed_by_id"], ["users.id"], name=op.f("fk_order_adjustments_allowed_by_id"), ondelete="RESTRICT"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_order_adjustments")),
    )
    op.create_index(op.f("ix_order_adjustments_order_item_id"), "order_adjustments", ["order_item_id"])
    protect(ORDER_COLUMNS, ITEM_COLUMNS)
    protection.forbid_always("order_adjustments")


def downgrade() -> None:
    tables.refuse_to_lose(
        ("SELECT id FROM orders WHERE kind IN ('exchange', 'void') LIMIT 1", "exchanges or voided sales"),
        ("SELECT id FROM orders WHERE training OR refers_to_id IS NOT NULL LIMIT 1", "training or returns"),
        ("SELECT id FROM order_items WHERE quantity < 0 LIMIT 1", "lines that came back"),
        (
            "SELECT id FROM order_items WHERE note IS NOT NULL OR gift_card IS NOT NULL OR restock IS NOT NULL LIMIT 1",
            "lines with notes or gift cards",
        ),
        ("SELECT id FROM order_adjustments LIMIT 1", "reasons for prices"),
    )
    unprotect()
    op.drop_table("order_adjustments")
    with op.batch_alter_table("order_items", copy_from=tables.rebuilt("order_items", items_now())) as batch:
        for column in ("restock", "gift_card", "note"):
            batch.drop_column(column)
        batch.drop_constraint(op.f("ck_order_items_returned_at_most_sold"), type_="check")
        batch.create_check_constraint(op.f("ck_order_items_returned_at_most_sold"), OLD_RETURNED)
        batch.drop_constraint(op.f("ck_order_items_quantity_not_zero"), type_="check")
        batch.create_check_constraint(op.f("ck_order_items_quantity_positive"), "quantity >= 1")
    now = tables.rebuilt("orders", orders_now())
    sa.Index(op.f("ix_orders_refers_to_id"), now.c.refers_to_id)
    with op.batch_alter_table("orders", copy_from=now) as batch:
        batch.drop_index(op.f("ix_orders_refers_to_id"))
        for column in ("refers_to_id", "allowed_by_id"):
            batch.drop_constraint(op.f(f"fk_orders_{column}"), type_="foreignkey")
        batch.drop_constraint("uq_orders_receipt_number", type_="unique")
        batch.create_unique_constraint("uq_orders_receipt_number", ["till_id", "receipt_number"])
        for column in ("allowed_by_id", "reason", "refers_to_id", "training"):
            batch.drop_column(column)
        batch.drop_constraint(op.f("ck_orders_kind_known"), type_="check")
        batch.create_check_constraint(op.f("ck_orders_kind_known"), OLD_KINDS)
    protect(OLD_ORDER_COLUMNS, OLD_ITEM_COLUMNS)


def orders_now() -> list[sa.schema.SchemaItem]:
    """The columns and rules of `orders` after this step."""
    gone = {op.f("ck_orders_kind_known"), "uq_orders_receipt_number"}
    return [
        *(item for item in tables.orders() if getattr(item, "name", None) not in gone),
        sa.Column("training", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("refers_to_id", sa.Integer(), nullable=True),
        sa.Column("reason", sa.String(length=80), nullable=True),
        sa.Column("allowed_by_id", sa.Integer(), nullable=True),
        sa.CheckConstraint(KINDS, name=op.f("ck_orders_kind_known")),
        sa.UniqueConstraint("till_id", "training", "receipt_number", name="uq_orders_receipt_number"),
        sa.ForeignKeyConstraint(
            ["refers_to_id"], ["orders.id"], name=op.f("fk_orders_refers_to_id"), ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint(
            ["allowed_by_id"], ["users.id"], name=op.f("fk_orders_allowed_by_id"), ondelete="RESTRICT"
        ),
    ]


def items_now() -> list[sa.schema.SchemaItem]:
    """The columns and rules of `order_items` after this step."""
    gone = {op.f("ck_order_items_quantity_positive"), op.f("ck_order_items_returned_at_most_sold")}
    return [
        *(item for item in tables.order_items() if getattr(item, "name", None) not in gone),
        sa.Column("note", sa.String(length=255), nullable=True),
        sa.Column("gift_card", sa.String(length=32), nullable=True),
        sa.Column("restock", sa.String(length=20), nullable=True),
        sa.CheckConstraint("quantity <> 0", name=op.f("ck_order_items_quantity_not_zero")),
        sa.CheckConstraint(RETURNED, name=op.f("ck_order_items_returned_at_most_sold")),
    ]


def unprotect() -> None:
    """The columns that may not change become others; a trigger that asks `orders` is in the way of renaming."""
    for table in ("orders", "order_items", "order_taxes"):
        protection.allow(table)


def protect(orders: tuple[str, ...], items: tuple[str, ...]) -> None:
    """Protect what stands in the tables now."""
    protection.forbid_paid_orders(orders)
    protection.forbid_when_paid("order_items", items)
    protection.forbid_when_paid("order_taxes", ())
