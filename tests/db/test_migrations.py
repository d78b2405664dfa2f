"""The database's history goes both ways, with rows in place, on both engines."""

import asyncio
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from alembic import command
from alembic.script import ScriptDirectory
from alembic.util import CommandError
from pytest_alembic.config import Config as PytestAlembicConfig
from pytest_alembic.tests import (  # noqa: F401 - collected here, on both engines
    test_model_definitions_match_ddl,
    test_single_head_revision,
    test_up_down_consistency,
    test_upgrade,
)
from sqlalchemy import Engine, inspect, text
from sqlalchemy.exc import DBAPIError

from pos_app import app as application
from pos_app.config import Config
from pos_app.errors import Refused
from pos_app.migrate import SCHEMA_HEAD, bring_up_to_date
from tests.conftest import START, SetClock, database_name
from tests.db.migrating import ROOT, alembic, engine_for, run_sql
from tests.forks import Forks
from tests.postgres import PostgresServer
from tests.shop import PRIDE, fill

REVISIONS = sorted(step.name[:4] for step in (ROOT / "migrations" / "versions").glob("0*.py"))


@pytest.fixture(params=["sqlite", "postgresql"])
def empty_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path / 'empty.db'}"
    else:
        server: PostgresServer = request.getfixturevalue("postgres")
        url = server.create_database()
        yield url
        server.drop_database(url)


@pytest.fixture
def alembic_config() -> PytestAlembicConfig:
    return PytestAlembicConfig(config_options={"script_location": str(ROOT / "migrations")})


@pytest.fixture
def alembic_engine(empty_url: str) -> Iterator[Engine]:
    engine = engine_for(empty_url)
    yield engine
    engine.dispose()


def test_the_program_knows_its_newest_migration() -> None:
    assert ScriptDirectory.from_config(alembic("")).get_current_head() == SCHEMA_HEAD


def snapshot(url: str) -> dict[str, list[tuple[object, ...]]]:
    """Every row of every table that both ends of a way have."""
    engine = engine_for(url)
    with engine.connect() as connection:
        names = [name for name in inspect(connection).get_table_names() if "fts" not in name and "alembic" not in name]
        order = {"book_subjects": "subject, book_id"}
        rows = {
            name: list(map(tuple, connection.execute(text(f"SELECT * FROM {name} ORDER BY {order.get(name, 'id')}"))))
            for name in names
        }
    engine.dispose()
    return rows


async def trade(config: Config, clock: SetClock) -> None:
    """A sale, an order, and what they bring along."""
    from pos_app.services.order import place_order

    app = application.build(config, clock=clock)
    shop = await fill(app)
    await shop.sell(PRIDE)
    await place_order(app, shop.ana.user_id, {shop.books[PRIDE]: 1}, till_id=shop.ana.till_id)
    await app.db.close()


@pytest.fixture(scope="module")
def sold_file(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("sold") / "shop.db"
    shutil.copyfile(sqlite_template, path)
    asyncio.run(trade(Config(path.parent, f"sqlite:///{path}"), SetClock(START)))
    return path


@pytest.fixture(scope="module")
def sold_database(postgres: PostgresServer, postgres_template: str, tmp_path_factory: pytest.TempPathFactory) -> str:
    url = postgres.create_database(postgres_template)
    asyncio.run(trade(Config(tmp_path_factory.mktemp("sold"), url), SetClock(START)))
    return database_name(url)


@pytest.fixture(params=["sqlite", "postgresql"])
def sold(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Config]:
    """A shop that has sold something, on either database: a copy of one made before."""
    if request.param == "sqlite":
        shutil.copyfile(request.getfixturevalue("sold_file"), tmp_path / "shop.db")
        yield Config(tmp_path, f"sqlite:///{tmp_path / 'shop.db'}")
    else:
        server: PostgresServer = request.getfixturevalue("postgres")
        url = server.create_database(request.getfixturevalue("sold_database"))
        yield Config(tmp_path, url)
        server.drop_database(url)


@pytest.mark.parametrize("revision", REVISIONS[1:])
def test_down_and_up_again_keeps_every_row(sold: Config, revision: str) -> None:
    before = snapshot(sold.database_url)
    below = REVISIONS[REVISIONS.index(revision) - 1]
    command.downgrade(alembic(sold.database_url), below)
    command.upgrade(alembic(sold.database_url), "head")
    after = snapshot(sold.database_url)
    # The defaults that nothing used were taken back and made anew.
    for name in ("categories", "tenders", "locations", "document_series"):
        before.pop(name), after.pop(name)
    assert after == before
    command.check(alembic(sold.database_url))


def test_the_index_of_subjects_is_filled_anew_and_kept_by_whatever_writes_titles(sold: Config) -> None:
    url, index = sold.database_url, "SELECT subject, book_id FROM book_subjects ORDER BY book_id, subject"
    run_sql(url, "UPDATE books SET subjects = '93:FBA 10:FIC019000 93:FBA' WHERE id = 1")
    run_sql(url, "UPDATE books SET subjects = '93:NH' WHERE id = 2")
    rows = [("10:FIC019000", 1), ("93:FBA", 1), ("93:NH", 2)]
    assert run_sql(url, index) == rows
    command.downgrade(alembic(url), "0043")
    command.upgrade(alembic(url), "head")
    assert run_sql(url, index) == rows
    run_sql(url, "UPDATE books SET subjects = NULL, price = price + 1 WHERE id = 1")
    run_sql(url, "UPDATE books SET price = price + 1 WHERE id = 2")
    assert run_sql(url, index) == [("93:NH", 2)]


def test_categories_in_use_survive_the_way_down(sold: Config) -> None:
    command.downgrade(alembic(sold.database_url), "0001")
    names = {row[0] for row in run_sql(sold.database_url, "SELECT name FROM categories")}
    assert names == {"Fiction", "History"}
    command.upgrade(alembic(sold.database_url), "head")
    names = [row[0] for row in run_sql(sold.database_url, "SELECT name FROM categories ORDER BY id")]
    assert sorted(names) == ["Fiction", "History", "Non-Fiction", "Science", "Technology"]


def test_a_shop_that_sold_something_is_not_dropped_unasked(sold: Config) -> None:
    with pytest.raises(CommandError, match="discard=everything"):
        command.downgrade(alembic(sold.database_url), "base")
    assert len(run_sql(sold.database_url, "SELECT id FROM orders")) == 2


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE orders SET total_amount = 1 WHERE paid_at IS NOT NULL",
        "UPDATE orders SET paid_at = NULL, receipt_number = NULL WHERE paid_at IS NOT NULL",
        "DELETE FROM orders WHERE paid_at IS NOT NULL",
        "UPDATE order_items SET price = 1 WHERE order_id = 1",
        "DELETE FROM order_items WHERE order_id = 1",
        "UPDATE order_taxes SET tax_amount = 1 WHERE order_id = 1",
        "DELETE FROM order_taxes WHERE order_id = 1",
        "UPDATE payments SET amount = 1",
        "DELETE FROM payments",
        "UPDATE stock_movements SET delta = 9",
        "DELETE FROM stock_movements",
        "UPDATE order_events SET act = 'x'",
        "DELETE FROM order_events",
        "DELETE FROM shifts",
    ],
)
def test_the_database_itself_refuses_to_change_documents(sold: Config, statement: str) -> None:
    with pytest.raises(DBAPIError, match="append-only"):
        run_sql(sold.database_url, statement)


def test_a_closed_shift_stays_closed(sold: Config) -> None:
    run_sql(sold.database_url, "UPDATE shifts SET closed_at = opened_at")
    with pytest.raises(DBAPIError, match="append-only"):
        run_sql(sold.database_url, "UPDATE shifts SET closed_at = NULL")


@pytest.mark.parametrize("table", ["orders", "order_items", "payments", "stock_movements"])
def test_postgres_refuses_to_empty_them_too(postgres: PostgresServer, postgres_template: str, table: str) -> None:
    url = postgres.create_database(postgres_template)
    with pytest.raises(DBAPIError, match="append-only"):
        run_sql(url, f"TRUNCATE {table} CASCADE")
    postgres.drop_database(url)


def test_what_may_change_on_a_paid_order_does(sold: Config) -> None:
    run_sql(sold.database_url, "UPDATE order_items SET returned_quantity = 1 WHERE order_id = 1")
    run_sql(sold.database_url, "UPDATE orders SET status = 'delivered', version = version + 1 WHERE id = 1")


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE books SET price = -1",
        "UPDATE books SET kind = 'spoon'",
        "INSERT INTO reviews (user_id, book_id, rating) VALUES (1, 1, 6)",
        "UPDATE books SET category_id = 999",
        "INSERT INTO cart_items (cart_id, book_id, position, quantity, price) VALUES (1, 1, 1, 0, 1)",
    ],
)
def test_the_rules_of_the_tables_hold_after_all_rebuilding(sold: Config, statement: str) -> None:
    if "category_id" in statement and sold.database_url.startswith("sqlite"):
        # SQLite checks keys only where a connection asks for it, which these raw ones do not.
        keys = run_sql(sold.database_url, "SELECT \"table\" FROM pragma_foreign_key_list('books')")
        assert ("categories",) in keys
        return
    with pytest.raises(DBAPIError):
        run_sql(sold.database_url, statement)


COMMANDS = [
    ["upgrade", "head"],
    ["current"],
    ["history"],
    ["downgrade", "-1"],
    ["downgrade", "0003"],
    ["upgrade", "head"],
    ["check"],
    ["upgrade", "head", "--sql"],
    ["downgrade", "0021:0001", "--sql"],
    ["downgrade", "base"],
]


def test_every_alembic_command_works_from_the_command_line(empty_url: str, forked: Forks) -> None:
    line = [sys.executable, "-m", "alembic", "-x", f"url={empty_url}", "current"]
    cold = subprocess.run(line, cwd=ROOT, capture_output=True, text=True, check=False)
    assert cold.returncode == 0, cold.stderr
    for arguments in COMMANDS:
        done = forked.run("alembic", "-x", f"url={empty_url}", *arguments, env=os.environ, cwd=ROOT)
        assert done.returncode == 0, (arguments, done.stderr)
        if "--sql" in arguments:
            assert "ALTER TABLE" in done.stdout or "DROP" in done.stdout


def test_a_new_revision_is_drawn_up_empty_right_after_an_upgrade(empty_url: str, tmp_path: Path) -> None:
    copy = tmp_path / "project"
    for name in ("migrations", "alembic.ini"):
        source = ROOT / name
        copier = shutil.copytree if source.is_dir() else shutil.copy
        copy.mkdir(exist_ok=True)
        copier(source, copy / name)
    base = [sys.executable, "-m", "alembic", "-x", f"url={empty_url}"]
    environment = {**__import__("os").environ, "PYTHONPATH": f"{copy}:{ROOT}"}
    for arguments in (["upgrade", "head"], ["revision", "--autogenerate", "-m", "look"]):
        done = subprocess.run(
            [*base, *arguments], cwd=copy, env=environment, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stderr
    (made,) = (copy / "migrations" / "versions").glob("*_look.py")
    assert made.read_text().count("pass") == 2


def test_two_tills_starting_at_once_migrate_once(empty_url: str, tmp_path: Path) -> None:
    line = [sys.executable, "-m", "pos_app", "--data-dir", str(tmp_path), "--database-url", empty_url, "migrate"]
    tills = [subprocess.Popen(line, cwd=ROOT, stderr=subprocess.PIPE, text=True) for _ in range(3)]
    for till in tills:
        _, errors = till.communicate(timeout=60)
        assert till.returncode == 0, errors
    assert run_sql(empty_url, "SELECT count(*) FROM categories") == [(5,)]


async def test_a_database_newer_than_the_program_is_refused(config: Config) -> None:
    await asyncio.to_thread(run_sql, config.database_url, "UPDATE alembic_version SET version_num = '9999'")
    with pytest.raises(Refused) as refusal:
        await bring_up_to_date(config)
    assert refusal.value.code == "database.newer"
    assert refusal.value.params == {"database_revision": "9999", "program_revision": SCHEMA_HEAD}


def test_an_old_file_is_copied_before_it_is_changed_and_put_back_when_that_fails(
    tmp_path: Path, sqlite_template: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from pos_app import migrate

    config = Config(tmp_path, f"sqlite:///{tmp_path / 'shop.db'}")
    shutil.copyfile(sqlite_template, tmp_path / "shop.db")
    command.downgrade(alembic(config.database_url), "0005")
    run_sql(config.database_url, "INSERT INTO customers (name, name_key) VALUES ('Rosa', 'rosa')")

    def fail(_path: Path) -> None:
        raise RuntimeError("the check failed")

    monkeypatch.setattr(migrate, "_check", fail)
    with pytest.raises(Refused) as refusal:
        asyncio.run(bring_up_to_date(config))
    assert refusal.value.code == "database.migration_failed"
    assert run_sql(config.database_url, "SELECT version_num FROM alembic_version") == [("0005",)]
    monkeypatch.undo()
    assert asyncio.run(bring_up_to_date(config))
    assert run_sql(config.database_url, "SELECT name FROM customers") == [("Rosa",)]
    assert len(list((tmp_path / "backups").glob("shop-*.db"))) == 2
