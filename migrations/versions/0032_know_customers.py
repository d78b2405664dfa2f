"""Know customers whole: address, language, what they agreed to, who is the same person, loyalty, and erasure.

A paid document's note and address may be taken away from now on, and still not be changed: they can hold what tells of
a person, and neither the journal nor any sum rests on them.
"""

import sqlalchemy as sa
from alembic import context, op

from migrations import protection, tables
from migrations.folding import fold
from migrations.tables import common_columns

revision = "0032"
down_revision = "0031"
branch_labels = None
depends_on = None

AT_ONCE = 1_000
KEPT = (
    "id", "uid", "content_hash", "kind", "user_id", "customer_id", "till_id", "shift_id", "receipt_number",
    "business_date", "placed_at", "paid_at", "currency", "prices_include_tax", "tax_level", "discount_amount",
    "net_amount", "tax_amount", "rounding_amount", "total_amount", "change_amount", "item_count", "created_at",
    "training", "refers_to_id", "reason", "allowed_by_id",
)  # fmt: skip
PERSONAL = ("shipping_address", "note")
LOYALTY = "pos_loyalty"
PARTS = "customers_fts"


def columns() -> list[sa.Column]:
    """What `customers` gets."""
    return [
        sa.Column("address", sa.String(500), nullable=True),
        sa.Column("language", sa.String(8), nullable=True),
        sa.Column("search_text", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("search_grams", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("points", sa.Integer(), server_default="0", nullable=False),
        sa.Column("erased_at", sa.DateTime(timezone=True), nullable=True),
    ]


def upgrade() -> None:
    for column in columns():
        op.add_column("customers", column)
    if not context.is_offline_mode():
        fill(op.get_bind())
    op.create_index("idx_customers_active_name_key", "customers", ["active", "name_key", "id"])
    index_parts()
    op.create_table(
        "customer_merges",
        sa.Column("customer_id", sa.Integer(), nullable=False),
        sa.Column("into_id", sa.Integer(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("merged_at", sa.DateTime(timezone=True), nullable=False),
        *common_columns(),
        *tables.keys("customer_merges", customer_id="customers", into_id="customers", user_id="users"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_customer_merges")),
        sa.UniqueConstraint("customer_id", name=op.f("uq_customer_merges_customer_id")),
    )
    op.create_index(op.f("ix_customer_merges_into_id"), "customer_merges", ["into_id"])
    op.create_table(
        "customer_consents",
        sa.Column("customer_id", sa.Integer(), nullable=False),
        sa.Column("purpose", sa.String(80), nullable=False),
        sa.Column("given_how", sa.String(80), nullable=False),
        sa.Column("given_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("withdrawn_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("withdrawn_user_id", sa.Integer(), nullable=True),
        *common_columns(),
        *tables.keys("customer_consents", customer_id="customers", user_id="users", withdrawn_user_id="users"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_customer_consents")),
    )
    op.create_index(op.f("ix_customer_consents_customer_id"), "customer_consents", ["customer_id"])
    op.create_table(
        "loyalty_movements",
        sa.Column("uid", sa.String(36), nullable=False),
        sa.Column("customer_id", sa.Integer(), nullable=False),
        sa.Column("order_id", sa.Integer(), nullable=False),
        sa.Column("sale_id", sa.Integer(), nullable=False),
        sa.Column("reason", sa.String(20), nullable=False),
        sa.Column("delta", sa.Integer(), nullable=False),
        sa.Column("balance", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(20), nullable=False),
        sa.Column("step", sa.BigInteger(), nullable=False),
        sa.Column("full_at", sa.Integer(), nullable=False),
        sa.Column("worth", sa.BigInteger(), nullable=False),
        *common_columns(),
        sa.CheckConstraint("delta <> 0", name=op.f("ck_loyalty_movements_delta_not_zero")),
        sa.CheckConstraint("kind IN ('off', 'points', 'stamps')", name=op.f("ck_loyalty_movements_kind_known")),
        sa.CheckConstraint("reason IN ('earned', 'redeemed')", name=op.f("ck_loyalty_movements_reason_known")),
        *tables.keys("loyalty_movements", customer_id="customers", order_id="orders", sale_id="orders"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_loyalty_movements")),
        sa.UniqueConstraint("uid", name=op.f("uq_loyalty_movements_uid")),
    )
    for column in ("customer_id", "order_id", "sale_id"):
        op.create_index(op.f(f"ix_loyalty_movements_{column}"), "loyalty_movements", [column])
    protection.forbid_always("loyalty_movements")
    op.execute(
        "INSERT INTO tenders (code, name, kind, over, position) "
        f"SELECT '{LOYALTY}', 'Loyalty', 'voucher', 'refuse', COALESCE(MAX(position), 0) + 1 FROM tenders"
    )
    protection.allow("orders")
    protection.forbid_paid_orders(KEPT, PERSONAL)


def index_parts() -> None:
    """An index of every three letters that follow one another, as books have one of their words."""
    if protection.on_postgres():
        op.execute(
            "CREATE INDEX idx_customers_search ON customers "
            "USING gin (to_tsvector('simple'::regconfig, search_grams)) WITH (fastupdate = off)"
        )
        return
    op.execute(
        f"CREATE VIRTUAL TABLE {PARTS} USING fts5(search_grams, content='customers', content_rowid='id', "
        "tokenize='unicode61 remove_diacritics 0', detail=none, columnsize=0)"
    )
    new = f"INSERT INTO {PARTS}(rowid, search_grams) VALUES (new.id, new.search_grams);"
    old = f"INSERT INTO {PARTS}({PARTS}, rowid, search_grams) VALUES ('delete', old.id, old.search_grams);"
    op.execute(f"CREATE TRIGGER trg_customers_parts_insert AFTER INSERT ON customers BEGIN {new} END")
    op.execute(f"CREATE TRIGGER trg_customers_parts_delete AFTER DELETE ON customers BEGIN {old} END")
    op.execute(
        f"CREATE TRIGGER trg_customers_parts_update AFTER UPDATE OF search_grams ON customers BEGIN {old} {new} END"
    )
    op.execute(f"INSERT INTO {PARTS}({PARTS}) VALUES ('rebuild')")


def drop_parts() -> None:
    """Take the index away."""
    if protection.on_postgres():
        op.execute("DROP INDEX idx_customers_search")
        return
    for event in ("insert", "delete", "update"):
        op.execute(f"DROP TRIGGER trg_customers_parts_{event}")
    op.execute(f"DROP TABLE {PARTS}")


def fill(connection: sa.Connection) -> None:
    """What customers are found by beside their names, some at a time."""
    names = ("id", "name_key", "phone", "email", "card", "note", "search_text", "search_grams")
    customers = sa.table("customers", *map(sa.column, names))
    last = 0
    query = sa.select(customers).where(customers.c.id > sa.bindparam("after")).order_by(customers.c.id).limit(AT_ONCE)
    put = sa.update(customers).where(customers.c.id == sa.bindparam("of"))
    put = put.values(search_text=sa.bindparam("words"), search_grams=sa.bindparam("parts"))
    while rows := connection.execute(query, {"after": last}).all():
        said = [{"of": row.id, "words": words(row), "parts": grams(f"{row.name_key} {words(row)}")} for row in rows]
        connection.execute(put, said)
        last = rows[-1].id


def words(row: "sa.Row[tuple[int]]") -> str:
    """As the program folds them: the digits of the number, then what is written."""
    digits = "".join(sign for sign in row.phone or "" if sign.isascii() and sign.isdigit())
    card = "".join((row.card or "").split()).casefold()
    parts = (digits, fold(row.email or ""), card, fold(row.card or ""), fold(row.note or ""))
    return " ".join(part for part in parts if part)


def grams(text: str) -> str:
    """Every three letters that follow one another in a word, each once and marked."""
    return " ".join(sorted({f"x{word[at : at + 3]}" for word in text.split() for at in range(len(word) - 2)}))


def downgrade() -> None:
    tables.refuse_to_lose(
        ("SELECT id FROM loyalty_movements LIMIT 1", "customers' loyalty"),
        ("SELECT id FROM customer_consents LIMIT 1", "what customers agreed to"),
        ("SELECT id FROM customer_merges LIMIT 1", "customers who are the same person"),
        ("SELECT id FROM customers WHERE address IS NOT NULL OR language IS NOT NULL LIMIT 1", "customers' addresses"),
        ("SELECT id FROM customers WHERE erased_at IS NOT NULL LIMIT 1", "customers who were erased"),
        (f"SELECT id FROM cart_payments WHERE tender = '{LOYALTY}' LIMIT 1", "payments by loyalty"),
        (f"SELECT id FROM payments WHERE tender = '{LOYALTY}' LIMIT 1", "payments by loyalty"),
    )
    protection.allow("orders")
    protection.forbid_paid_orders((*KEPT, *PERSONAL))
    if tables.discards():
        # Payments stay what they were: under a tender that the earlier program takes for a voucher.
        op.execute(
            f"DELETE FROM tenders WHERE code = '{LOYALTY}' AND code NOT IN "
            "(SELECT tender FROM payments UNION SELECT tender FROM cart_payments)"
        )
    else:
        op.execute(f"DELETE FROM tenders WHERE code = '{LOYALTY}'")
    protection.allow("loyalty_movements")
    for table in ("loyalty_movements", "customer_consents", "customer_merges"):
        op.drop_table(table)
    drop_parts()
    op.drop_index("idx_customers_active_name_key", "customers")
    for column in reversed(columns()):
        op.drop_column("customers", column.name)
