"""Make paid documents, payments, stock movements and closed shifts append-only, in the database itself.

SQLite drops the triggers of a table that is rebuilt: a later step that rebuilds one of these makes them anew.
"""

from alembic import op

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
    if op.get_context().dialect.name == "postgresql":
        protect_postgres()
    else:
        protect_sqlite()


def downgrade() -> None:
    postgres = op.get_context().dialect.name == "postgresql"
    for table in TABLES:
        for event in ("update", "delete", "truncate") if postgres else ("update", "delete"):
            op.execute(f"DROP TRIGGER trg_{table}_no_{event}" + (f" ON {table}" if postgres else ""))
    if postgres:
        op.execute("DROP FUNCTION pos_append_only()")
        op.execute("DROP FUNCTION pos_append_only_when_paid()")


def changed(columns: tuple[str, ...], differs: str) -> str:
    """The condition that one of the columns gets another value, compared and not listed, so that no alias evades it."""
    return "(" + " OR ".join(f"new.{column} {differs} old.{column}" for column in columns) + ")"


def protect_sqlite() -> None:
    def forbid(table: str, event: str, *conditions: str) -> None:
        when = f"WHEN {' AND '.join(conditions)} " if conditions else ""
        op.execute(
            f"CREATE TRIGGER trg_{table}_no_{event} BEFORE {event.upper()} ON {table} {when}"
            f"BEGIN SELECT RAISE(ABORT, 'append-only: {table}'); END"
        )

    def paid(*rows: str) -> str:
        numbers = ", ".join(f"{row}.order_id" for row in rows)
        return f"EXISTS (SELECT 1 FROM orders WHERE orders.id IN ({numbers}) AND orders.paid_at IS NOT NULL)"

    for table in ALWAYS:
        forbid(table, "update")
        forbid(table, "delete")
    for table, columns in OF_PAID.items():
        # A line may no more be moved into a paid order than out of it.
        forbid(table, "update", *([changed(columns, "IS NOT")] if columns else []), paid("old", "new"))
        forbid(table, "delete", paid("old"))
    forbid("orders", "update", "old.paid_at IS NOT NULL", changed(ORDER_COLUMNS, "IS NOT"))
    forbid("orders", "delete", "old.paid_at IS NOT NULL")
    forbid("shifts", "update", "old.closed_at IS NOT NULL")
    forbid("shifts", "delete")


def protect_postgres() -> None:
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

    def forbid(table: str, event: str, *conditions: str, function: str = "pos_append_only") -> None:
        each = "STATEMENT" if event == "truncate" else "ROW"
        when = f"WHEN ({' AND '.join(conditions)}) " if conditions else ""
        op.execute(
            f"CREATE TRIGGER trg_{table}_no_{event} BEFORE {event.upper()} ON {table} FOR EACH {each} {when}"
            f"EXECUTE FUNCTION {function}()"
        )

    for table in ALWAYS:
        forbid(table, "update")
        forbid(table, "delete")
    for table, columns in OF_PAID.items():
        conditions = [changed(columns, "IS DISTINCT FROM")] if columns else []
        forbid(table, "update", *conditions, function="pos_append_only_when_paid")
        forbid(table, "delete", function="pos_append_only_when_paid")
    forbid("orders", "update", "old.paid_at IS NOT NULL", changed(ORDER_COLUMNS, "IS DISTINCT FROM"))
    forbid("orders", "delete", "old.paid_at IS NOT NULL")
    forbid("shifts", "update", "old.closed_at IS NOT NULL")
    forbid("shifts", "delete")
    for table in TABLES:
        forbid(table, "truncate")
