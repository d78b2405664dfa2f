"""The index of words follows the books, and costs nothing where words do not change."""

import shutil
from contextlib import closing
from pathlib import Path

import pytest
from alembic import command

from pos_app.database import sqlite_driver
from tests.db.migrating import alembic, run_sql
from tests.postgres import PostgresServer

BOOK = (
    "INSERT INTO books (title, author, price, tax_rate_id, title_key, search_text) "
    "SELECT '{0}', '', 1, id, '{0}', '{0}' FROM tax_rates"
)


@pytest.fixture
def url(sqlite_template: Path, tmp_path: Path) -> str:
    shutil.copyfile(sqlite_template, tmp_path / "shop.db")
    made = f"sqlite:///{tmp_path / 'shop.db'}"
    run_sql(made, "INSERT INTO tax_rates (name, rate) VALUES ('None', 0)")
    for title in ("emma", "persuasion", "emma again"):
        run_sql(made, BOOK.format(title))
    return made


def hits(url: str, words: str) -> list[object]:
    found = run_sql(
        url,
        "SELECT title FROM books WHERE id IN (SELECT rowid FROM books_fts WHERE books_fts MATCH "
        f"'{words}') ORDER BY title",
    )
    return [title for (title,) in found]


def is_whole(url: str) -> None:
    """Raises when the index and the books differ."""
    run_sql(url, "INSERT INTO books_fts(books_fts, rank) VALUES ('integrity-check', 1)")


def test_the_index_follows_new_changed_and_deleted_books(url: str) -> None:
    assert hits(url, "emma") == ["emma", "emma again"]
    run_sql(url, "UPDATE books SET search_text = 'sanditon' WHERE title = 'emma'")
    run_sql(url, "DELETE FROM books WHERE title = 'persuasion'")
    assert hits(url, "emma") == ["emma again"]
    assert hits(url, "sand*") == ["emma"]
    is_whole(url)


def test_the_index_is_filled_with_the_books_that_are_there(url: str) -> None:
    command.downgrade(alembic(url), "0007")
    run_sql(url, BOOK.format("sanditon"))
    command.upgrade(alembic(url), "head")
    assert hits(url, "sanditon") == ["sanditon"]
    is_whole(url)


def test_selling_writes_nothing_into_the_index(url: str) -> None:
    everything = "SELECT id, hex(block) FROM books_fts_data ORDER BY id"
    before = run_sql(url, everything)
    run_sql(url, "UPDATE books SET stock = 7, price = 9, version = version + 1")
    assert run_sql(url, everything) == before


def test_a_replaced_book_leaves_no_words_behind(url: str, tmp_path: Path) -> None:
    """With recursive triggers, as the program has them."""
    with closing(sqlite_driver().connect(tmp_path / "shop.db")) as connection:
        connection.execute("PRAGMA recursive_triggers=ON")
        connection.execute("UPDATE books SET isbn = '9780141439518' WHERE title = 'emma'")
        connection.execute(
            "INSERT OR REPLACE INTO books (isbn, title, author, price, tax_rate_id, title_key, search_text) "
            "SELECT '9780141439518', 'sanditon', '', 1, id, 's', 'sanditon' FROM tax_rates"
        )
        connection.commit()
    assert hits(url, "emma") == ["emma again"]
    is_whole(url)


@pytest.mark.parametrize(
    ("index", "asked"),
    [
        ("idx_books_search", "to_tsvector('simple', search_text) @@ to_tsquery('simple', 'word77:*')"),
        (
            "idx_books_search_first",
            "to_tsvector('simple', search_text) @@ to_tsquery('simple', 'word77:*') AND greatest(stock, sold_count) > 0",
        ),
        ("idx_books_no_isbn", "isbn IS NULL"),
        ("idx_books_no_cover", "cover_image IS NULL"),
        ("idx_books_no_description", "description IS NULL"),
        ("idx_books_open_price", "open_price = true"),
    ],
)
def test_postgres_looks_up_in_the_index(
    postgres: PostgresServer, postgres_template: str, index: str, asked: str
) -> None:
    url = postgres.create_database(postgres_template)
    run_sql(url, "INSERT INTO tax_rates (name, rate) VALUES ('None', 0)")
    run_sql(
        url,
        "INSERT INTO books (title, author, price, tax_rate_id, title_key, search_text, isbn, stock, "
        "cover_image, description, open_price) "
        "SELECT 'b', '', 1, t.id, 'b', 'word' || n, nullif(n, n / 100 * 100), CASE WHEN n % 10 = 0 THEN 1 ELSE 0 END, "
        "nullif('c', CASE WHEN n % 100 = 0 THEN 'c' END), nullif('d', CASE WHEN n % 100 = 0 THEN 'd' END), n % 100 = 0 "
        "FROM tax_rates t, generate_series(1, 5000) n",
    )
    run_sql(url, "ANALYZE books")
    plan = run_sql(url, f"EXPLAIN SELECT id FROM books WHERE {asked}")
    assert any(f"{index} " in str(line) for line in plan), plan
    postgres.drop_database(url)
