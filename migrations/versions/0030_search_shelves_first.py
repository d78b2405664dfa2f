"""Index the words of what stands on a shelf or sells by themselves on PostgreSQL, and what has no ISBN.

A search ranks those first. The ISBN's own index holds no numbers there.
"""

from alembic import op

revision = "0030"
down_revision = "0029"
branch_labels = None
depends_on = None


def upgrade() -> None:
    if op.get_context().dialect.name == "postgresql":
        # One expression: two columns' conditions would be looked up in the columns' own indexes as well.
        op.execute(
            "CREATE INDEX idx_books_search_first ON books USING gin (to_tsvector('simple'::regconfig, search_text)) "
            "WITH (fastupdate = off) WHERE greatest(stock, sold_count) > 0"
        )
        op.execute("CREATE INDEX idx_books_no_isbn ON books (id) WHERE isbn IS NULL")


def downgrade() -> None:
    if op.get_context().dialect.name == "postgresql":
        op.execute("DROP INDEX idx_books_no_isbn")
        op.execute("DROP INDEX idx_books_search_first")
