"""Make paid documents, payments, stock movements and closed shifts append-only, in the database itself."""

from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

# A paid order may still be shipped or delivered; a sold line may still be returned.
ORDER_COLUMNS = (
    "id, uid, content_hash, kind, user_id, customer_id, till_id, shift_id, receipt_number, business_date, placed_at, "
    "paid_at, currency, prices_include_tax, tax_level, discount_amount, net_amount, tax_amount, rounding_amount, "
    "total_amount, change_amount, item_count, shipping_address, note"
)
ITEM_COLUMNS = (
    "id, order_id, position, book_id, title, isbn, quantity, price, discount_amount, amount, tax_name, tax_rate, "
    "net_amount, tax_amount, returned_item_id"
)
ALWAYS = ("payments", "stock_movements", "cash_movements", "order_events")
OF_PAID = {"order_items": ITEM_COLUMNS, "order_taxes": None}
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


def protect_sqlite() -> None:
    def forbid(table: str, event: str, *, columns: str | None = None, when: str | None = None) -> None:
        what = f"UPDATE OF {columns}" if event == "update" and columns else event.upper()
        condition = f"WHEN {when} " if when else ""
        op.execute(
            f"CREATE TRIGGER trg_{table}_no_{event} BEFORE {what} ON {table} {condition}"
            f"BEGIN SELECT RAISE(ABORT, 'append-only: {table}'); END"
        )

    paid = "EXISTS (SELECT 1 FROM orders WHERE orders.id = old.order_id AND orders.paid_at IS NOT NULL)"
    for table in ALWAYS:
        forbid(table, "update")
        forbid(table, "delete")
    for table, columns in OF_PAID.items():
        forbid(table, "update", columns=columns, when=paid)
        forbid(table, "delete", when=paid)
    forbid("orders", "update", columns=ORDER_COLUMNS, when="old.paid_at IS NOT NULL")
    forbid("orders", "delete", when="old.paid_at IS NOT NULL")
    forbid("shifts", "update", when="old.closed_at IS NOT NULL")
    forbid("shifts", "delete")


def protect_postgres() -> None:
    op.execute(
        "CREATE FUNCTION pos_append_only() RETURNS trigger LANGUAGE plpgsql AS $$ "
        "BEGIN RAISE EXCEPTION 'append-only: %', TG_TABLE_NAME USING ERRCODE = 'restrict_violation'; END $$"
    )
    op.execute(
        "CREATE FUNCTION pos_append_only_when_paid() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
        "IF EXISTS (SELECT 1 FROM orders WHERE orders.id = OLD.order_id AND orders.paid_at IS NOT NULL) THEN "
        "RAISE EXCEPTION 'append-only: %', TG_TABLE_NAME USING ERRCODE = 'restrict_violation'; END IF; "
        "IF TG_OP = 'DELETE' THEN RETURN OLD; END IF; RETURN NEW; END $$"
    )

    def forbid(table: str, event: str, *, columns: str | None = None, when: str = "", function: str = "") -> None:
        what = f"UPDATE OF {columns}" if event == "update" and columns else event.upper()
        each = "STATEMENT" if event == "truncate" else "ROW"
        condition = f"WHEN ({when}) " if when else ""
        op.execute(
            f"CREATE TRIGGER trg_{table}_no_{event} BEFORE {what} ON {table} FOR EACH {each} {condition}"
            f"EXECUTE FUNCTION {function or 'pos_append_only'}()"
        )

    for table in ALWAYS:
        forbid(table, "update")
        forbid(table, "delete")
    for table, columns in OF_PAID.items():
        forbid(table, "update", columns=columns, function="pos_append_only_when_paid")
        forbid(table, "delete", function="pos_append_only_when_paid")
    forbid("orders", "update", columns=ORDER_COLUMNS, when="OLD.paid_at IS NOT NULL")
    forbid("orders", "delete", when="OLD.paid_at IS NOT NULL")
    forbid("shifts", "update", when="OLD.closed_at IS NOT NULL")
    forbid("shifts", "delete")
    for table in TABLES:
        forbid(table, "truncate")
