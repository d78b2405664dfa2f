"""Let a shop have tenders of its own, and keep a card's brand and last digits with its payment."""

import sqlalchemy as sa
from alembic import op

from migrations import protection, tables
from migrations.tables import common_columns, version_column

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

KNOWN = "tender IN ('cash', 'card')"
DEFAULTS = (
    ("cash", "Cash", "cash", "change", True, False, 1),
    ("card", "Card", "card", "refuse", False, False, 2),
    ("gift_card", "Gift card", "gift_card", "refuse", False, False, 3),
    ("book_token", "Book token", "voucher", "forfeit", False, True, 4),
    ("account", "Account", "account", "refuse", False, False, 5),
)


def upgrade() -> None:
    made = op.create_table(
        "tenders",
        sa.Column("code", sa.String(length=20), nullable=False),
        sa.Column("name", sa.String(length=40), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("over", sa.String(length=20), nullable=False),
        sa.Column("opens_drawer", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("asks_reference", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("active", sa.Boolean(), server_default=sa.true(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        version_column(),
        *common_columns(),
        sa.CheckConstraint(
            "kind IN ('cash', 'card', 'gift_card', 'voucher', 'account')", name=op.f("ck_tenders_kind_known")
        ),
        sa.CheckConstraint("over IN ('change', 'refuse', 'forfeit')", name=op.f("ck_tenders_over_known")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_tenders")),
        sa.UniqueConstraint("code", name=op.f("uq_tenders_code")),
    )
    names = ("code", "name", "kind", "over", "opens_drawer", "asks_reference", "position")
    op.bulk_insert(made, [dict(zip(names, row, strict=True)) for row in DEFAULTS])
    for table, columns in (("payments", tables.payments()), ("cart_payments", tables.cart_payments())):
        with op.batch_alter_table(table, copy_from=tables.rebuilt(table, columns)) as batch:
            batch.drop_constraint(op.f(f"ck_{table}_tender_known"), type_="check")
            batch.add_column(sa.Column("scheme", sa.String(length=40), nullable=True))
            batch.create_foreign_key(op.f(f"fk_{table}_tender"), "tenders", ["tender"], ["code"], ondelete="RESTRICT")
    if not protection.on_postgres():
        protection.forbid_always("payments")


def downgrade() -> None:
    tables.refuse_to_lose(
        ("SELECT id FROM payments WHERE tender NOT IN ('cash', 'card') LIMIT 1", "payments with other tenders"),
        ("SELECT id FROM cart_payments WHERE tender NOT IN ('cash', 'card') LIMIT 1", "payments with other tenders"),
    )
    for table in ("payments", "cart_payments"):
        now = tables.rebuilt(table, tables.with_open_tender(table))
        with op.batch_alter_table(table, copy_from=now) as batch:
            batch.drop_constraint(op.f(f"fk_{table}_tender"), type_="foreignkey")
            batch.drop_column("scheme")
            batch.create_check_constraint(op.f(f"ck_{table}_tender_known"), KNOWN)
    if not protection.on_postgres():
        protection.forbid_always("payments")
    op.drop_table("tenders")
