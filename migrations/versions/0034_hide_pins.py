"""Let a till's database role know who has a PIN without reading the hashes, and one person's hash by a function."""

import sqlalchemy as sa
from alembic import context, op

from migrations.protection import on_postgres

revision = "0034"
down_revision = "0033"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column(
        "users",
        # SQLite adds no stored column to a table that is there; PostgreSQL 15 knows no other.
        sa.Column("has_pin", sa.Boolean(), sa.Computed("hashed_pin IS NOT NULL", persisted=on_postgres())),
    )
    if on_postgres():
        schema = "public" if context.is_offline_mode() else op.get_bind().scalar(sa.text("SELECT current_schema()"))
        # The path is fixed: with the caller's, a table of the caller's own would be read in the owner's name.
        op.execute(
            "CREATE FUNCTION pos_hashed_pin(person integer) RETURNS text LANGUAGE sql STABLE SECURITY DEFINER "
            f'SET search_path = "{schema}", pg_temp '
            "AS $$ SELECT hashed_pin FROM users WHERE id = person AND is_active $$"
        )
        op.execute("REVOKE EXECUTE ON FUNCTION pos_hashed_pin(integer) FROM PUBLIC")


def downgrade() -> None:
    if on_postgres():
        op.execute("DROP FUNCTION pos_hashed_pin(integer)")
    op.drop_column("users", "has_pin")
