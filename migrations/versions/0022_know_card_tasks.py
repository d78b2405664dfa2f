"""Keep reversals and refunds asked of the card terminal beside the charges, and who said by hand what became of one."""

import sqlalchemy as sa
from alembic import op

from migrations import tables
from migrations.tables import common_columns, version_column

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None

CART = "fk_card_attempts_cart_id"


def attempts(*more: sa.schema.SchemaItem, cart_may_go: bool) -> sa.Table:
    """The table as it stands before this step, or after it."""
    metadata = sa.MetaData()
    for referred in ("carts", "tills", "users"):
        sa.Table(referred, metadata, sa.Column("id", sa.Integer(), primary_key=True))
    table = sa.Table(
        "card_attempts",
        metadata,
        sa.Column("uid", sa.String(length=36), nullable=False),
        sa.Column("cart_id", sa.Integer(), nullable=cart_may_go),
        sa.Column("till_id", sa.Integer(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.Column("outcome", sa.String(length=20), server_default="pending", nullable=False),
        sa.Column("scheme", sa.String(length=40), nullable=True),
        sa.Column("terminal_reference", sa.String(length=64), nullable=True),
        sa.Column("tries", sa.Integer(), server_default="0", nullable=False),
        version_column(),
        *common_columns(),
        sa.ForeignKeyConstraint(
            ["cart_id"], ["carts.id"], name=CART, ondelete="SET NULL" if cart_may_go else "CASCADE"
        ),
        *tables.keys("card_attempts", till_id="tills", user_id="users"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_card_attempts")),
        sa.UniqueConstraint("uid", name=op.f("uq_card_attempts_uid")),
        *more,
    )
    sa.Index(op.f("ix_card_attempts_cart_id"), table.c.cart_id)
    return table


def added() -> list[sa.Column]:
    return [
        sa.Column("kind", sa.String(length=20), server_default="charge", nullable=False),
        sa.Column("of_uid", sa.String(length=36), nullable=True),
        sa.Column("said_by_id", sa.Integer(), nullable=True),
    ]


def upgrade() -> None:
    with op.batch_alter_table("card_attempts", copy_from=attempts(cart_may_go=False)) as batch:
        for column in added():
            batch.add_column(column)
        batch.alter_column("cart_id", existing_type=sa.Integer(), nullable=True)
        batch.drop_constraint(CART, type_="foreignkey")
        batch.create_foreign_key(CART, "carts", ["cart_id"], ["id"], ondelete="SET NULL")
        batch.create_foreign_key(
            op.f("fk_card_attempts_said_by_id"), "users", ["said_by_id"], ["id"], ondelete="RESTRICT"
        )
        batch.create_check_constraint(op.f("ck_card_attempts_kind_known"), "kind IN ('charge', 'reversal', 'refund')")
    op.create_index(op.f("ix_card_attempts_of_uid"), "card_attempts", ["of_uid"])
    # The few that are open are looked for whenever a till starts.
    still_open = sa.text("outcome IN ('pending', 'unknown') OR kind = 'refund' AND outcome <> 'approved'")
    op.create_index(
        "idx_card_attempts_open", "card_attempts", ["till_id"], sqlite_where=still_open, postgresql_where=still_open
    )


def downgrade() -> None:
    tables.refuse_to_lose(("SELECT id FROM card_attempts WHERE kind <> 'charge' LIMIT 1", "card refunds"))
    op.execute("DELETE FROM card_attempts WHERE kind <> 'charge' OR cart_id IS NULL")
    op.drop_index("idx_card_attempts_open", table_name="card_attempts")
    op.drop_index(op.f("ix_card_attempts_of_uid"), table_name="card_attempts")
    now = attempts(
        *added(),
        sa.CheckConstraint("kind IN ('charge', 'reversal', 'refund')", name=op.f("ck_card_attempts_kind_known")),
        *tables.keys("card_attempts", said_by_id="users"),
        cart_may_go=True,
    )
    with op.batch_alter_table("card_attempts", copy_from=now) as batch:
        batch.drop_constraint(op.f("ck_card_attempts_kind_known"), type_="check")
        batch.drop_constraint(op.f("fk_card_attempts_said_by_id"), type_="foreignkey")
        batch.drop_constraint(CART, type_="foreignkey")
        batch.create_foreign_key(CART, "carts", ["cart_id"], ["id"], ondelete="CASCADE")
        batch.alter_column("cart_id", existing_type=sa.Integer(), nullable=False)
        for column in reversed(added()):
            batch.drop_column(column.name)
