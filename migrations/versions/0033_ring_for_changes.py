"""Let PostgreSQL ring where titles, orders or customers change: tills that listen look at once."""

from alembic import op

from migrations.protection import on_postgres

revision = "0033"
down_revision = "0032"
branch_labels = None
depends_on = None

TABLES = ("books", "orders", "customers")


def upgrade() -> None:
    if not on_postgres():
        return  # a file tells by its own counter
    op.execute(
        "CREATE FUNCTION pos_ring() RETURNS trigger LANGUAGE plpgsql AS $$ "
        "BEGIN PERFORM pg_notify('pos_changed', TG_TABLE_NAME); RETURN NULL; END $$"
    )
    for table in TABLES:
        op.execute(
            f"CREATE TRIGGER trg_{table}_rings AFTER INSERT OR UPDATE OR DELETE ON {table} "
            "FOR EACH STATEMENT EXECUTE FUNCTION pos_ring()"
        )


def downgrade() -> None:
    if not on_postgres():
        return
    for table in TABLES:
        op.execute(f"DROP TRIGGER trg_{table}_rings ON {table}")
    op.execute("DROP FUNCTION pos_ring()")
