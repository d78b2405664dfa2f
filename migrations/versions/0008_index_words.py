"""Index the words of titles and authors.

SQLite gets a full-text table kept by triggers, which stock and price changes do not wake; PostgreSQL an index.
"""

from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

WORDS = "books_fts"


def upgrade() -> None:
    if op.get_context().dialect.name == "postgresql":
        op.execute(
            "CREATE INDEX idx_books_search ON books USING gin (to_tsvector('simple'::regconfig, search_text)) "
            "WITH (fastupdate = off)"
        )
        return
    op.execute(
        f"CREATE VIRTUAL TABLE {WORDS} USING fts5(search_text, content='books', content_rowid='id', "
        "tokenize='unicode61 remove_diacritics 0', prefix='1 2 3', detail=none, columnsize=0)"
    )
    new, old = (
        f"INSERT INTO {WORDS}(rowid, search_text) VALUES (new.id, new.search_text);",
        (f"INSERT INTO {WORDS}({WORDS}, rowid, search_text) VALUES ('delete', old.id, old.search_text);"),
    )
    op.execute(f"CREATE TRIGGER trg_books_words_insert AFTER INSERT ON books BEGIN {new} END")
    op.execute(f"CREATE TRIGGER trg_books_words_delete AFTER DELETE ON books BEGIN {old} END")
    op.execute(f"CREATE TRIGGER trg_books_words_update AFTER UPDATE OF search_text ON books BEGIN {old} {new} END")
    op.execute(f"INSERT INTO {WORDS}({WORDS}) VALUES ('rebuild')")


def downgrade() -> None:
    if op.get_context().dialect.name == "postgresql":
        op.execute("DROP INDEX idx_books_search")
        return
    for event in ("insert", "delete", "update"):
        op.execute(f"DROP TRIGGER trg_books_words_{event}")
    op.execute(f"DROP TABLE {WORDS}")
