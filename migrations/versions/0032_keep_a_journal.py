"""Keep a journal for each till, its entries chained by hash; what was sold before is taken as it stands."""

import hashlib
import json
from datetime import UTC, datetime, timedelta

import sqlalchemy as sa
from alembic import context, op

from migrations import protection

revision = "0032"
down_revision = "0029"
branch_labels = None
depends_on = None

GENESIS = "0" * 64


def upgrade() -> None:
    now = sa.func.now()
    op.create_table(
        "journal_entries",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=now, nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), server_default=now, nullable=False),
        sa.Column("till_id", sa.Integer(), nullable=False),
        sa.Column("sequence", sa.Integer(), nullable=False),
        sa.Column("act", sa.String(30), nullable=False),
        sa.Column("happened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("content", sa.Text(), nullable=False),
        sa.Column("previous_hash", sa.String(64), nullable=False),
        sa.Column("hash", sa.String(64), nullable=False),
        sa.ForeignKeyConstraint(["till_id"], ["tills.id"], name="fk_journal_entries_till_id", ondelete="RESTRICT"),
        sa.PrimaryKeyConstraint("id", name="pk_journal_entries"),
        sa.UniqueConstraint("till_id", "sequence", name="uq_journal_entries_sequence"),
    )
    op.add_column("tills", sa.Column("journal_sequence", sa.Integer(), server_default="0", nullable=False))
    op.add_column("tills", sa.Column("journal_hash", sa.String(64), server_default="", nullable=False))
    op.add_column("tills", sa.Column("journal_at", sa.DateTime(timezone=True), nullable=True))
    if not context.is_offline_mode():
        _adopt()
    protection.forbid_always("journal_entries")


def _adopt() -> None:
    """One first entry for each till, up to whose numbers documents are taken as they stand."""
    connection = op.get_bind()
    at = datetime.now(UTC)
    micros = (at - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(microseconds=1)
    stored = at if protection.on_postgres() else at.replace(tzinfo=None)
    tills = connection.execute(
        sa.text("SELECT id, number, next_receipt_number, next_training_number, next_z_number FROM tills ORDER BY id")
    ).all()
    for till in tills:
        facts = {
            "act": "adopted", "at": micros, "form": 1, "receipt": till.next_receipt_number - 1, "sequence": 1,
            "till": till.number, "training": till.next_training_number - 1, "user": None, "z": till.next_z_number - 1,
        }  # fmt: skip
        content = json.dumps(facts, sort_keys=True, separators=(",", ":"), ensure_ascii=True)
        hashed = hashlib.sha256(f"{GENESIS}\n{content}".encode()).hexdigest()
        entries = sa.table("journal_entries", *map(sa.column, ENTRY_COLUMNS))
        connection.execute(
            entries.insert().values(
                dict(zip(ENTRY_COLUMNS, (till.id, 1, "adopted", stored, content, GENESIS, hashed), strict=True))
            )
        )
        connection.execute(
            sa.text("UPDATE tills SET journal_sequence = 1, journal_hash = :hash, journal_at = :at WHERE id = :id"),
            {"hash": hashed, "at": stored, "id": till.id},
        )


ENTRY_COLUMNS = ("till_id", "sequence", "act", "happened_at", "content", "previous_hash", "hash")


def downgrade() -> None:
    protection.allow("journal_entries")
    op.drop_table("journal_entries")
    for column in ("journal_at", "journal_hash", "journal_sequence"):
        op.drop_column("tills", column)
