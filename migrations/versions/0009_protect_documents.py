"""Make paid documents, payments, stock movements and closed shifts append-only, in the database itself."""

from alembic import op

from migrations.protection import allow, forbid, forbid_always, forbid_paid_orders, forbid_when_paid, on_postgres

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

# A paid order may still be shipped or delivered; a sold line may still be returned. Everything else stays.
ORDER_COLUMNS = (
    "id", "uid", "content_hash", "kind", "user_id", "customer_id", "till_id", "shift_id", "receipt_number",
    "business_date", "placed_at", "paid_at", "currency", "prices_include_tax", "tax_level", "discount_amount",
    "net_amount", "tax_amount", "rounding_amount", "total_amount", "change_amount", "item_count", "shipping_address",
    "note", "created_at",
)  # fmt: skip
ITEM_COLUMNS = (
    "id", "order_id", "position", "book_id", "title", "isbn", "quantity", "price", "discount_amount", "amount",
    "tax_name", "tax_rate", "net_amount", "tax_amount", "returned_item_id", "created_at",
)  # fmt: skip
ALWAYS = ("payments", "stock_movements", "cash_movements", "order_events")
OF_PAID = {"order_items": ITEM_COLUMNS, "order_taxes": ()}
TABLES = (*ALWAYS, *OF_PAID, "orders", "shifts")


def upgrade() -> None:
    if on_postgres():
        make_functions()
    for table in ALWAYS:
        forbid_always(table)
    for table, columns in OF_PAID.items():
        forbid_when_paid(table, columns)
    forbid_paid_orders(ORDER_COLUMNS)
    forbid("shifts", "update", "old.closed_at IS NOT NULL")
    forbid("shifts", "delete")
    if on_postgres():
        forbid("shifts", "truncate")


def downgrade() -> None:
    for table in TABLES:
        allow(table)
    if on_postgres():
        op.execute("DROP FUNCTION pos_append_only()")
        op.execute("DROP FUNCTION pos_append_only_when_paid()")


def make_functions() -> None:
    op.execute(
        "CREATE FUNCTION pos_append_only() RETURNS trigger LANGUAGE plpgsql AS $$ "
        "BEGIN RAISE EXCEPTION 'append-only: %', TG_TABLE_NAME USING ERRCODE = 'restrict_violation'; END $$"
    )
    op.execute(
        "CREATE FUNCTION pos_append_only_when_paid() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
        "IF EXISTS (SELECT 1 FROM orders WHERE orders.paid_at IS NOT NULL AND (orders.id = OLD.order_id "
        "OR TG_OP = 'UPDATE' AND orders.id = NEW.order_id)) THEN "
        "RAISE EXCEPTION 'append-only: %', TG_TABLE_NAME USING ERRCODE = 'restrict_violation'; END IF; "
        "IF TG_OP = 'DELETE' THEN RETURN OLD; END IF; RETURN NEW; END $$"
    )
