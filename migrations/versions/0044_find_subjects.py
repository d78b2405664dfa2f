"""Let titles be found by their subjects, and a publisher return be taken back.

A table of its own is the index of `books.subjects`, kept by triggers that stock and price changes do not wake.
"""

import sqlalchemy as sa
from alembic import op

from migrations import protection, tables
from migrations.tables import common_columns

revision = "0044"
down_revision = "0043"
branch_labels = None
depends_on = None

# Compared byte by byte on both engines: the codes that begin alike stand side by side.
CODE = sa.String(length=30).with_variant(sa.String(length=30, collation="C"), "postgresql")
TAKEN_BACK = ("delivery_id", "stock_count_id", "publisher_return_id")
OF_ONE = "ck_stock_reversals_of_one_document"
WITHOUT_RETURNS = "(delivery_id IS NULL) <> (stock_count_id IS NULL)"
WITH_RETURNS = " + ".join(f"CASE WHEN {column} IS NULL THEN 0 ELSE 1 END" for column in TAKEN_BACK) + " = 1"


def upgrade() -> None:
    make_subjects()
    protection.allow("stock_reversals")
    with op.batch_alter_table("stock_reversals", copy_from=stock_reversals(WITHOUT_RETURNS)) as batch:
        batch.add_column(sa.Column("publisher_return_id", sa.Integer(), nullable=True))
        batch.create_foreign_key(
            op.f("fk_stock_reversals_publisher_return_id"),
            "publisher_returns",
            ["publisher_return_id"],
            ["id"],
            ondelete="RESTRICT",
        )
        batch.drop_constraint(op.f(OF_ONE), type_="check")
        batch.create_check_constraint(op.f(OF_ONE), WITH_RETURNS)
    op.create_index(op.f("ix_stock_reversals_publisher_return_id"), "stock_reversals", ["publisher_return_id"])
    protection.forbid_always("stock_reversals")


def downgrade() -> None:
    tables.refuse_to_lose(
        (
            "SELECT id FROM stock_reversals WHERE publisher_return_id IS NOT NULL LIMIT 1",
            "returns to publishers that were taken back",
        )
    )
    for table in ("stock_reversal_lines", "stock_reversals"):
        protection.allow(table)
    if tables.discards():
        theirs = "SELECT id FROM stock_reversals WHERE publisher_return_id IS NOT NULL"
        op.execute(f"DELETE FROM stock_reversal_lines WHERE stock_reversal_id IN ({theirs})")  # noqa: S608 - a constant
        op.execute("DELETE FROM stock_reversals WHERE publisher_return_id IS NOT NULL")
    op.drop_index(op.f("ix_stock_reversals_publisher_return_id"), "stock_reversals")
    column = sa.Column("publisher_return_id", sa.Integer(), nullable=True)
    key = tables.keys("stock_reversals", publisher_return_id="publisher_returns")
    with op.batch_alter_table("stock_reversals", copy_from=stock_reversals(WITH_RETURNS, column, *key)) as batch:
        batch.drop_constraint(op.f(OF_ONE), type_="check")
        batch.drop_constraint(op.f("fk_stock_reversals_publisher_return_id"), type_="foreignkey")
        batch.drop_column("publisher_return_id")
        batch.create_check_constraint(op.f(OF_ONE), WITHOUT_RETURNS)
    for table in ("stock_reversal_lines", "stock_reversals"):
        protection.forbid_always(table)
    drop_subjects()


def make_subjects() -> None:
    """A row for each code of each title, and what keeps them so."""
    op.create_table(
        "book_subjects",
        sa.Column("subject", CODE, nullable=False),
        sa.Column("book_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["book_id"], ["books.id"], name=op.f("fk_book_subjects_book_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("subject", "book_id", name=op.f("pk_book_subjects")),
        sqlite_with_rowid=False,
    )
    op.create_index("idx_book_subjects_book", "book_subjects", ["book_id", "subject"])
    if protection.on_postgres():
        each = "unnest(string_to_array({0}.subjects, ' '))"
        fill = "INSERT INTO book_subjects (subject, book_id) SELECT {0}, {1}.id {2}ON CONFLICT DO NOTHING"
        op.execute(
            "CREATE FUNCTION pos_book_subjects() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
            "IF TG_OP = 'UPDATE' THEN DELETE FROM book_subjects WHERE book_id = old.id; END IF; "
            f"{fill.format(each.format('new'), 'new', '')}; RETURN NULL; END $$"
        )
        for event, when in (
            ("INSERT", "new.subjects IS NOT NULL"),
            ("UPDATE OF subjects", "new.subjects IS DISTINCT FROM old.subjects"),
        ):
            op.execute(
                f"CREATE TRIGGER trg_books_subjects_{event.split()[0].lower()} AFTER {event} ON books "
                f"FOR EACH ROW WHEN ({when}) EXECUTE FUNCTION pos_book_subjects()"
            )
        op.execute(fill.format(each.format("books"), "books", "FROM books WHERE subjects IS NOT NULL "))
        return
    # Codes have neither quotes nor backslashes: between quotes they are an array.
    split = "json_each('[\"' || replace({0}.subjects, ' ', '\",\"') || '\"]')"
    fill = "INSERT OR IGNORE INTO book_subjects (subject, book_id) SELECT value, {0}.id FROM {1}"
    new = fill.format("new", split.format("new"))
    op.execute(
        f"CREATE TRIGGER trg_books_subjects_insert AFTER INSERT ON books WHEN new.subjects IS NOT NULL BEGIN {new}; END"
    )
    op.execute(
        "CREATE TRIGGER trg_books_subjects_update AFTER UPDATE OF subjects ON books "
        "WHEN new.subjects IS NOT old.subjects BEGIN "
        f"DELETE FROM book_subjects WHERE book_id = old.id; {new} WHERE new.subjects IS NOT NULL; END"
    )
    op.execute(fill.format("books", f"books, {split.format('books')} WHERE books.subjects IS NOT NULL"))


def drop_subjects() -> None:
    """The codes of a title stay with it."""
    for event in ("insert", "update"):
        op.execute(f"DROP TRIGGER trg_books_subjects_{event}" + (" ON books" if protection.on_postgres() else ""))
    if protection.on_postgres():
        op.execute("DROP FUNCTION pos_book_subjects()")
    op.drop_table("book_subjects")


def stock_reversals(rule: str, *more: sa.schema.SchemaItem) -> sa.Table:
    """`stock_reversals` as it is, for SQLite."""
    metadata = sa.MetaData()
    for referred in ("deliveries", "stock_counts", "publisher_returns", "users", "tills"):
        sa.Table(referred, metadata, sa.Column("id", sa.Integer(), primary_key=True))
    table = sa.Table(
        "stock_reversals",
        metadata,
        sa.Column("uid", sa.String(length=36), nullable=False),
        sa.Column("content_hash", sa.String(length=64), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("delivery_id", sa.Integer(), nullable=True),
        sa.Column("stock_count_id", sa.Integer(), nullable=True),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("till_id", sa.Integer(), nullable=False),
        sa.Column("posted_at", sa.DateTime(timezone=True), nullable=False),
        *common_columns(),
        *more,
        sa.CheckConstraint(rule, name=op.f(OF_ONE)),
        *tables.keys(
            "stock_reversals", delivery_id="deliveries", stock_count_id="stock_counts", user_id="users", till_id="tills"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_stock_reversals")),
        sa.UniqueConstraint("uid", name=op.f("uq_stock_reversals_uid")),
        sa.UniqueConstraint("number", name=op.f("uq_stock_reversals_number")),
    )
    for column in ("delivery_id", "stock_count_id"):
        sa.Index(op.f(f"ix_stock_reversals_{column}"), table.c[column])
    return table
