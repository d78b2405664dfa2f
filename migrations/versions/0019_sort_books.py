"""Let lists of books be sorted and filtered by anything shown, search publishers and series, and keep views."""

from collections.abc import Callable

import sqlalchemy as sa
from alembic import context, op

from migrations import tables
from migrations.folding import fold, sort_key
from migrations.tables import common_columns

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None

CHUNK = 10_000
SORTED_BY = (
    "author_key", "price", "stock", "reorder_at", "cost", "publisher", "series", "published_on", "format", "language",
    "shelf", "sold_count", "updated_at",
)  # fmt: skip
SORT_KEY = sa.String(length=255).with_variant(sa.String(length=255, collation="C"), "postgresql")
# The state that a list shows: 0 in stock, 1 low, 2 out, 3 inactive.
STATE = "CASE WHEN NOT active THEN 3 WHEN stock <= 0 THEN 2 WHEN stock < reorder_at THEN 1 ELSE 0 END"
# The words of publisher and series stand at the end, so that they can be taken off again.
ADDED = (
    "(SELECT w.words FROM new_words w "
    "WHERE w.publisher = coalesce(books.publisher, '') AND w.series = coalesce(books.series, ''))"
)
SOLD = "('sale', 'order', 'return', 'cancellation')"


def upgrade() -> None:
    op.create_table(
        "saved_views",
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("list_name", sa.String(length=40), nullable=False),
        sa.Column("name", sa.String(length=80), nullable=False),
        sa.Column("content", sa.Text(), nullable=False),
        *common_columns(),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_saved_views_user_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_saved_views")),
        sa.UniqueConstraint("user_id", "list_name", "name", name="uq_saved_views_name"),
    )
    op.add_column("books", sa.Column("author_key", SORT_KEY, server_default="", nullable=False))
    op.add_column("books", sa.Column("sold_count", sa.Integer(), server_default="0", nullable=False))
    drop_words()
    fill()
    make_words()
    for column in SORTED_BY:
        op.create_index(f"idx_books_{column}", "books", [column, "id"])
    # Computed by the database: a column that sales had to keep in step would one day not be. SQLite adds only what it
    # computes as it reads, PostgreSQL indexes only what it has stored.
    stored = True if op.get_context().dialect.name == "postgresql" else None
    computed = sa.Computed(STATE, persisted=stored)
    op.add_column("books", sa.Column("stock_state", sa.Integer(), computed, nullable=True))
    op.create_index("idx_books_stock_state", "books", ["stock_state", "title_key", "id"])


def downgrade() -> None:
    tables.refuse_to_lose(("SELECT id FROM saved_views WHERE name <> '' LIMIT 1", "saved views"))
    op.drop_index("idx_books_stock_state", "books")
    op.drop_column("books", "stock_state")
    for column in SORTED_BY:
        op.drop_index(f"idx_books_{column}", "books")
    drop_words()
    take_words_off()
    make_words()
    for column in ("sold_count", "author_key"):
        op.drop_column("books", column)
    op.drop_table("saved_views")


def fill() -> None:
    """Fold each author and each publisher once, then write every book once: a million takes a minute, not an hour.

    SQL that is only written down, not run, has no rows to fold: the books found by it keep the words they had.
    """
    if context.is_offline_mode():
        return
    remember("new_authors", "SELECT DISTINCT author FROM books", ("author",), sort_key)
    remember_words()
    op.execute("CREATE TEMPORARY TABLE new_sold (book_id INTEGER PRIMARY KEY, pieces INTEGER)")
    op.execute(
        f"INSERT INTO new_sold SELECT book_id, -sum(delta) FROM stock_movements WHERE reason IN {SOLD} "  # noqa: S608 - constants
        "GROUP BY book_id"
    )
    op.execute(
        "UPDATE books SET author_key = (SELECT a.words FROM new_authors a WHERE a.author = books.author), "  # noqa: S608 - constants
        f"search_text = trim(search_text || ' ' || {ADDED}), "
        "sold_count = coalesce((SELECT s.pieces FROM new_sold s WHERE s.book_id = books.id), 0)"
    )
    for name in ("new_authors", "new_words", "new_sold"):
        op.execute(f"DROP TABLE {name}")


def take_words_off() -> None:
    """Leave the words of title and author."""
    if context.is_offline_mode():
        return
    remember_words()
    op.execute(
        "UPDATE books SET search_text = trim(substr(search_text, 1, "  # noqa: S608 - constants
        f"length(search_text) - length({ADDED}))) WHERE search_text LIKE '%' || {ADDED} AND {ADDED} <> ''"
    )
    op.execute("DROP TABLE new_words")


def remember_words() -> None:
    """The folded words of each pair of publisher and series."""
    query = "SELECT DISTINCT coalesce(publisher, ''), coalesce(series, '') FROM books"
    remember("new_words", query, ("publisher", "series"), lambda *names: fold(" ".join(names)))


def remember(name: str, query: str, columns: tuple[str, ...], folded: Callable[..., str]) -> None:
    """Keep what each value of a query is folded to, in a table of this connection."""
    made = sa.table(name, *(sa.column(column, sa.Text) for column in (*columns, "words")))
    typed = ", ".join(f"{column} TEXT" for column in (*columns, "words"))
    op.execute(f"CREATE TEMPORARY TABLE {name} ({typed}, PRIMARY KEY ({', '.join(columns)}))")
    values = op.get_bind().execute(sa.text(query)).all()
    for start in range(0, len(values), CHUNK):
        rows = [
            {**dict(zip(columns, value, strict=True)), "words": folded(*value)}
            for value in values[start : start + CHUNK]
        ]
        op.get_bind().execute(sa.insert(made), rows)
    if op.get_context().dialect.name == "postgresql":
        op.execute(f"ANALYZE {name}")


def drop_words() -> None:
    """Take the index of words away: building it once is quicker than changing it a million times."""
    if op.get_context().dialect.name == "postgresql":
        op.execute("DROP INDEX idx_books_search")
    else:
        op.execute("DROP TRIGGER trg_books_words_update")


def make_words() -> None:
    """Build the index of words anew, as step 0008 made it."""
    if op.get_context().dialect.name == "postgresql":
        op.execute(
            "CREATE INDEX idx_books_search ON books USING gin (to_tsvector('simple'::regconfig, search_text)) "
            "WITH (fastupdate = off)"
        )
        return
    op.execute("INSERT INTO books_fts(books_fts) VALUES ('rebuild')")
    op.execute(
        "CREATE TRIGGER trg_books_words_update AFTER UPDATE OF search_text ON books BEGIN "
        "INSERT INTO books_fts(books_fts, rowid, search_text) VALUES ('delete', old.id, old.search_text); "
        "INSERT INTO books_fts(rowid, search_text) VALUES (new.id, new.search_text); END"
    )
