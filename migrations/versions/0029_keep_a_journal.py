"""Keep a journal for each till, its entries chained by hash; what was sold before is taken as it stands."""

import hashlib
import json
from datetime import UTC, datetime, timedelta

import sqlalchemy as sa
from alembic import context, op

from migrations import protection
from migrations.tables import common_columns, discards

revision = "0029"
down_revision = "0028"
branch_labels = None
depends_on = None

GENESIS = "0" * 64
KEPT = "journal_entries_kept"
COLUMNS = (
    "till_id", "sequence", "act", "happened_at", "content", "previous_hash", "hash", "id", "created_at", "updated_at",
)  # fmt: skip


def upgrade() -> None:
    op.create_table(
        "journal_entries",
        sa.Column("till_id", sa.Integer(), nullable=False),
        sa.Column("sequence", sa.Integer(), nullable=False),
        sa.Column("act", sa.String(30), nullable=False),
        sa.Column("happened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("content", sa.Text(), nullable=False),
        sa.Column("previous_hash", sa.String(64), nullable=False),
        sa.Column("hash", sa.String(64), nullable=False),
        *common_columns(),
        sa.ForeignKeyConstraint(
            ["till_id"], ["tills.id"], name=op.f("fk_journal_entries_till_id"), ondelete="RESTRICT"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_journal_entries")),
        sa.UniqueConstraint("till_id", "sequence", name=op.f("uq_journal_entries_sequence")),
    )
    op.add_column("tills", sa.Column("journal_sequence", sa.Integer(), server_default="0", nullable=False))
    op.add_column("tills", sa.Column("journal_hash", sa.String(64), server_default="", nullable=False))
    op.add_column("tills", sa.Column("journal_at", sa.DateTime(timezone=True), nullable=True))
    if not context.is_offline_mode():
        _take_up_kept(op.get_bind())
        _adopt(op.get_bind())
    protection.forbid_always("journal_entries")


def _take_up_kept(connection: sa.Connection) -> None:
    """Go on with the chains that the way down kept."""
    if not sa.inspect(connection).has_table(KEPT):
        return
    columns = ", ".join(COLUMNS)
    connection.execute(sa.text(f"INSERT INTO journal_entries ({columns}) SELECT {columns} FROM {KEPT}"))
    op.drop_table(KEPT)
    last = "(SELECT {} FROM journal_entries WHERE till_id = tills.id ORDER BY sequence DESC LIMIT 1)"
    connection.execute(
        sa.text(
            f"UPDATE tills SET journal_sequence = {last.format('sequence')}, journal_hash = {last.format('hash')}, "
            f"journal_at = {last.format('happened_at')} "
            "WHERE EXISTS (SELECT 1 FROM journal_entries WHERE till_id = tills.id)"
        )
    )
    if protection.on_postgres():
        connection.execute(
            sa.text(
                "SELECT setval(pg_get_serial_sequence('journal_entries', 'id'), GREATEST(1, "
                "(SELECT COALESCE(MAX(id), 1) FROM journal_entries)))"
            )
        )


def _adopt(connection: sa.Connection) -> None:
    """One entry for each till whose chain does not know all of its documents, which are taken as they stand."""
    at = datetime.now(UTC)
    micros = (at - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(microseconds=1)
    stored = at if protection.on_postgres() else at.replace(tzinfo=None)
    for till in connection.execute(sa.text("SELECT * FROM tills ORDER BY id")).all():
        if till.journal_sequence and _knows_all(connection, till):
            continue
        sequence = till.journal_sequence + 1
        facts = {
            "act": "adopted", "at": micros, "form": 1, "receipt": till.next_receipt_number - 1, "sequence": sequence,
            "till": till.number, "training": till.next_training_number - 1, "user": None, "z": till.next_z_number - 1,
        }  # fmt: skip
        content = json.dumps(facts, sort_keys=True, separators=(",", ":"), ensure_ascii=True)
        before = till.journal_hash or GENESIS
        hashed = hashlib.sha256(f"{before}\n{content}".encode()).hexdigest()
        values = (till.id, sequence, "adopted", stored, content, before, hashed)
        entries = sa.table("journal_entries", *map(sa.column, COLUMNS[:7]))
        connection.execute(entries.insert().values(dict(zip(COLUMNS[:7], values, strict=True))))
        connection.execute(
            sa.text(
                "UPDATE tills SET journal_sequence = :sequence, journal_hash = :hash, journal_at = :at WHERE id = :id"
            ),
            {"sequence": sequence, "hash": hashed, "at": stored, "id": till.id},
        )


def _knows_all(connection: sa.Connection, till: sa.Row[tuple[int]]) -> bool:
    """Whether as many documents stand in a chain as the till has numbered."""
    known = 0
    entries = sa.text("SELECT act, content FROM journal_entries WHERE till_id = :till ORDER BY sequence")
    for act, content in connection.execute(entries, {"till": till.id}):
        if act == "adopted":
            facts = json.loads(content)
            known = facts["receipt"] + facts["training"]
        elif act in {"paid", "returned", "voided"}:
            known += 1
    return known == till.next_receipt_number - 1 + till.next_training_number - 1


def downgrade() -> None:
    """An older program has no use for the chains, and does not lose them: they are taken up on the way back."""
    protection.allow("journal_entries")
    if not (context.is_offline_mode() or discards()):
        op.execute(f"CREATE TABLE {KEPT} AS SELECT {', '.join(COLUMNS)} FROM journal_entries")
    op.drop_table("journal_entries")
    for column in ("journal_at", "journal_hash", "journal_sequence"):
        op.drop_column("tills", column)
