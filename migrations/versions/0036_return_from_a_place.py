"""Know from which place copies went back to a publisher, as it is known of deliveries and counts."""

from alembic import op

from migrations import tables

revision = "0036"
down_revision = "0035"
branch_labels = None
depends_on = None


def upgrade() -> None:
    # In one statement that both engines know: a table rebuilt would lose the triggers that protect it.
    op.execute(
        "ALTER TABLE publisher_returns ADD COLUMN location_id INTEGER "
        "CONSTRAINT fk_publisher_returns_location_id REFERENCES locations (id) ON DELETE RESTRICT"
    )


def downgrade() -> None:
    tables.refuse_to_lose(
        ("SELECT id FROM publisher_returns WHERE location_id IS NOT NULL LIMIT 1", "returns from other places"),
    )
    op.drop_column("publisher_returns", "location_id")
