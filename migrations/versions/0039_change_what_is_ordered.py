"""Let what is ordered be changed until it is sold, by rows that say how a line stands from then on; keep quotes.

A till's role changes no document: it adds such a row, and the database carries it out. Of a paid order it is refused,
as every change is. A line of nothing is one that is no longer wanted. Copies collected say by which sale, so that they
are held again where it is voided.
"""

import sqlalchemy as sa
from alembic import context, op

from migrations import protection, tables
from migrations.tables import common_columns, version_column

revision = "0039"
down_revision = "0038"
branch_labels = None
depends_on = None

RETURNED = "returned_quantity >= 0 AND (returned_quantity <= quantity OR quantity < 0 AND returned_quantity = 0)"
NOT_ZERO, NOTHING = "quantity <> 0", "quantity <> 0 OR amount = 0 AND net_amount = 0 AND tax_amount = 0"
ITEM_COLUMNS = (
    "id", "order_id", "position", "book_id", "title", "isbn", "quantity", "price", "discount_amount", "amount",
    "tax_name", "tax_rate", "net_amount", "tax_amount", "returned_item_id", "created_at", "note", "gift_card",
    "restock", "cost",
)  # fmt: skip
_LINE = (
    "UPDATE order_items SET quantity = new.quantity, discount_amount = new.discount_amount, amount = new.amount, "
    "net_amount = new.net_amount, tax_amount = new.tax_amount, updated_at = new.happened_at "
    "WHERE id = new.order_item_id AND order_id = new.order_id"
)
APPLY = (
    _LINE,
    "UPDATE order_taxes SET "
    + ", ".join(
        f"{column} = (SELECT COALESCE(SUM(line.{column}), 0) FROM order_items line WHERE "
        "line.order_id = order_taxes.order_id AND line.tax_name = order_taxes.name "
        "AND line.tax_rate = order_taxes.rate)"
        for column in ("net_amount", "tax_amount")
    )
    + " WHERE order_id = new.order_id",
    "UPDATE orders SET updated_at = new.happened_at, "
    + ", ".join(
        f"{column} = (SELECT COALESCE(SUM({summed}), 0) FROM order_items line WHERE line.order_id = orders.id)"
        for column, summed in {
            "discount_amount": "line.discount_amount",
            "net_amount": "line.net_amount",
            "tax_amount": "line.tax_amount",
            "total_amount": "line.net_amount + line.tax_amount",
            "item_count": "ABS(line.quantity)",
        }.items()
    )
    + " WHERE id = new.order_id",
)


def upgrade() -> None:
    check_lines(NOTHING)
    # Without a key of its own, for which SQLite would rebuild the table: a sale is never deleted.
    op.add_column("reservations", sa.Column("sale_id", sa.Integer(), nullable=True))
    op.create_table(
        "order_changes",
        sa.Column("order_id", sa.Integer(), nullable=False),
        sa.Column("order_item_id", sa.Integer(), nullable=False),
        sa.Column("quantity", sa.Integer(), nullable=False),
        *(sa.Column(f"{name}amount", sa.BigInteger(), nullable=False) for name in ("discount_", "", "net_", "tax_")),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("till_id", sa.Integer(), nullable=False),
        sa.Column("happened_at", sa.DateTime(timezone=True), nullable=False),
        *common_columns(),
        sa.CheckConstraint("quantity >= 0", name=op.f("ck_order_changes_quantity_not_negative")),
        *tables.keys("order_changes", order_id="orders", order_item_id="order_items", user_id="users", till_id="tills"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_order_changes")),
    )
    op.create_index(op.f("ix_order_changes_order_id"), "order_changes", ["order_id"])
    protection.forbid_always("order_changes")
    carry_out()
    op.create_table(
        "quotes",
        sa.Column("uid", sa.String(length=36), nullable=False),
        sa.Column("customer_id", sa.Integer(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("till_id", sa.Integer(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("made_on", sa.Date(), nullable=False),
        sa.Column("valid_until", sa.Date(), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("prices_include_tax", sa.Boolean(), nullable=False),
        sa.Column("total_amount", sa.BigInteger(), nullable=False),
        sa.Column("item_count", sa.Integer(), nullable=False),
        sa.Column("note", sa.Text(), nullable=True),
        sa.Column("order_id", sa.Integer(), nullable=True),
        version_column(),
        *common_columns(),
        *tables.keys("quotes", customer_id="customers", user_id="users", till_id="tills", order_id="orders"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_quotes")),
        sa.UniqueConstraint("uid", name=op.f("uq_quotes_uid")),
    )
    for column in ("customer_id", "order_id"):
        op.create_index(op.f(f"ix_quotes_{column}"), "quotes", [column])
    op.create_table(
        "quote_lines",
        sa.Column("quote_id", sa.Integer(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("book_id", sa.Integer(), nullable=False),
        sa.Column("title", sa.String(length=255), nullable=False),
        sa.Column("isbn", sa.String(length=13), nullable=True),
        sa.Column("quantity", sa.Integer(), nullable=False),
        sa.Column("price", sa.BigInteger(), nullable=False),
        sa.Column("discount_amount", sa.BigInteger(), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.Column("tax_name", sa.String(length=80), nullable=False),
        sa.Column("tax_rate", sa.Integer(), nullable=False),
        sa.Column("net_amount", sa.BigInteger(), nullable=False),
        sa.Column("tax_amount", sa.BigInteger(), nullable=False),
        *common_columns(),
        sa.CheckConstraint("quantity >= 1", name=op.f("ck_quote_lines_quantity_positive")),
        *tables.keys("quote_lines", quote_id="quotes", book_id="books"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_quote_lines")),
        sa.UniqueConstraint("quote_id", "position", name="uq_quote_lines_position"),
    )
    op.create_index(op.f("ix_quote_lines_book_id"), "quote_lines", ["book_id"])


def downgrade() -> None:
    tables.refuse_to_lose(
        ("SELECT id FROM quotes LIMIT 1", "quotes"),
        ("SELECT id FROM order_changes LIMIT 1", "changes of what was ordered"),
        ("SELECT id FROM order_items WHERE quantity = 0 LIMIT 1", "lines that are no longer wanted"),
    )
    op.drop_table("quote_lines")
    op.drop_table("quotes")
    protection.allow("order_changes")
    on = " ON order_changes" if protection.on_postgres() else ""
    op.execute(f"DROP TRIGGER trg_order_changes_carried_out{on}")
    op.drop_table("order_changes")
    if protection.on_postgres():
        op.execute("DROP FUNCTION pos_change_order()")
    op.drop_column("reservations", "sale_id")
    check_lines(NOT_ZERO)


def carry_out() -> None:
    """Let the database do what a change says, in its owner's name."""
    if not protection.on_postgres():
        body = "; ".join(APPLY)
        op.execute(
            f"CREATE TRIGGER trg_order_changes_carried_out AFTER INSERT ON order_changes FOR EACH ROW BEGIN {body}; END"
        )
        return
    schema = "public" if context.is_offline_mode() else op.get_bind().scalar(sa.text("SELECT current_schema()"))
    body = "; ".join(APPLY)
    op.execute(
        "CREATE FUNCTION pos_change_order() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER "
        f'SET search_path = "{schema}", pg_temp AS $$ BEGIN {body}; RETURN NULL; END $$'
    )
    op.execute("REVOKE EXECUTE ON FUNCTION pos_change_order() FROM PUBLIC")
    op.execute(
        "CREATE TRIGGER trg_order_changes_carried_out AFTER INSERT ON order_changes "
        "FOR EACH ROW EXECUTE FUNCTION pos_change_order()"
    )


def check_lines(rule: str) -> None:
    """Have lines kept to another rule; SQLite builds a new table, with its triggers and its index of some rows."""
    before = NOT_ZERO if rule == NOTHING else NOTHING
    if protection.on_postgres():
        op.drop_constraint(op.f("ck_order_items_quantity_not_zero"), "order_items", type_="check")
        op.create_check_constraint(op.f("ck_order_items_quantity_not_zero"), "order_items", rule)
        return
    protection.allow("order_items")
    with op.batch_alter_table("order_items", copy_from=order_items(before)) as batch:
        batch.drop_constraint(op.f("ck_order_items_quantity_not_zero"), type_="check")
        batch.create_check_constraint(op.f("ck_order_items_quantity_not_zero"), rule)
    protection.forbid_when_paid("order_items", ITEM_COLUMNS)


def order_items(rule: str) -> sa.Table:
    """`order_items` as it is, for SQLite."""
    gone = {op.f("ck_order_items_quantity_positive"), op.f("ck_order_items_returned_at_most_sold")}
    table = tables.rebuilt(
        "order_items",
        [item for item in tables.order_items() if getattr(item, "name", None) not in gone],
        sa.Column("note", sa.String(length=255), nullable=True),
        sa.Column("gift_card", sa.String(length=32), nullable=True),
        sa.Column("restock", sa.String(length=20), nullable=True),
        sa.Column("cost", sa.BigInteger(), nullable=True),
        sa.CheckConstraint(rule, name=op.f("ck_order_items_quantity_not_zero")),
        sa.CheckConstraint(RETURNED, name=op.f("ck_order_items_returned_at_most_sold")),
    )
    sold = sa.text("gift_card IS NOT NULL")
    sa.Index("idx_order_items_gift_card", table.c.order_id, sqlite_where=sold, postgresql_where=sold)
    return table
