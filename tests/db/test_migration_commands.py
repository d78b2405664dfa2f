"""Migrations as those meet them who write or run them by hand."""

import ast
import asyncio
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import psycopg
import pytest
from alembic import command
from alembic.config import Config as AlembicConfig
from alembic.util import CommandError
from sqlalchemy import Column, Integer, Table, text

from pos_app.config import Config
from pos_app.database import migration_engine, sqlite_driver
from pos_app.migrate import SCHEMA_HEAD
from pos_app.models import Base
from pos_app.models.base import Rate, UtcDateTime
from tests.db.migrating import ROOT, alembic, engine_for, run_sql
from tests.postgres import PostgresServer


@pytest.fixture(params=["sqlite", "postgresql"])
def empty_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path / 'empty.db'}"
    else:
        server: PostgresServer = request.getfixturevalue("postgres")
        url = server.create_database()
        yield url
        server.drop_database(url)


def run(*arguments: str, folder: Path = ROOT, **environment: str) -> subprocess.CompletedProcess[str]:
    """What a person types."""
    paths = {"PATH": "/usr/bin:/bin", "HOME": "/nowhere", "PYTHONPATH": str(folder)}
    return subprocess.run(
        [sys.executable, "-m", "alembic", *arguments],
        cwd=folder,
        env=paths | environment,
        capture_output=True,
        text=True,
        check=False,
    )


def written(url: str, *arguments: str) -> str:
    """The SQL of an offline run."""
    done = run("-x", f"url={url}", *arguments, "--sql")
    assert done.returncode == 0, done.stderr
    return done.stdout


def carry_out(url: str, script: str) -> None:
    if url.startswith("sqlite"):
        with closing(sqlite_driver().connect(url.removeprefix("sqlite:///"))) as connection:
            connection.executescript(script)
    else:
        with psycopg.connect(url, autocommit=True) as connection:
            connection.execute(script)


def schema(url: str) -> set[tuple[object, ...]]:
    """Everything a database is made of, in its own words."""
    if url.startswith("sqlite"):
        found = run_sql(url, "SELECT type, name, tbl_name, sql FROM sqlite_master WHERE sql IS NOT NULL")
        # Alembic writes a rebuilt table's rules in any order.
        return {(*rest, *sorted(re.findall(r"[^\s,()]+", str(sql)))) for *rest, sql in found}
    return set(
        run_sql(
            url,
            "SELECT 'index', indexname::text, indexdef FROM pg_indexes WHERE schemaname = 'public' UNION ALL "
            "SELECT 'rule', conname::text, pg_get_constraintdef(oid) FROM pg_constraint "
            "WHERE connamespace = 'public'::regnamespace UNION ALL "
            "SELECT 'trigger', tgname::text, pg_get_triggerdef(oid) FROM pg_trigger WHERE NOT tgisinternal UNION ALL "
            "SELECT 'column', table_name || '.' || column_name, concat_ws(' ', data_type, character_maximum_length, "
            "is_nullable, column_default, collation_name) FROM information_schema.columns "
            "WHERE table_schema = 'public'",
        )
    )


def test_the_sql_that_is_written_makes_what_the_migrations_make(empty_url: str, config: Config) -> None:
    """Up, then all the way down, carried out by the database alone."""
    if config.database_url[:6] != empty_url[:6]:
        return
    carry_out(empty_url, written(empty_url, "upgrade", "head"))
    assert schema(empty_url) == schema(config.database_url)
    assert run_sql(empty_url, "SELECT version_num FROM alembic_version") == [(SCHEMA_HEAD,)]
    assert run_sql(empty_url, "SELECT count(*) FROM categories") == [(5,)]
    command.check(alembic(empty_url))
    carry_out(empty_url, written(empty_url, "downgrade", f"{SCHEMA_HEAD}:base"))
    assert {name for _, name, *_ in schema(empty_url) if "alembic_version" not in str(name)} == set()


@pytest.mark.parametrize("engine", ["sqlite", "postgresql"])
def test_the_sql_that_is_written_is_one_transaction(engine: str) -> None:
    url = f"{engine}:///nowhere" if engine == "sqlite" else f"{engine}://pos@nowhere/shop"
    lines = written(url, "upgrade", "head").splitlines()
    assert lines.count("BEGIN;") == lines.count("COMMIT;") == 1
    if engine == "sqlite":
        assert lines.index("PRAGMA foreign_keys=OFF;") < lines.index("BEGIN;")


def test_the_address_comes_from_the_line_then_the_environment_then_the_settings(tmp_path: Path) -> None:
    machine = tmp_path / "machine"
    environment = {"BOOKSTORE_POS_DATA_DIR": str(machine)}
    assert run("upgrade", "head", **environment).returncode == 0
    assert (machine / "shop.db").exists()
    (machine / "settings.toml").write_text(f'database_url = "sqlite:///{tmp_path}/settings.db"\n')
    assert run("upgrade", "head", **environment).returncode == 0
    assert (tmp_path / "settings.db").exists()
    environment["BOOKSTORE_POS_DATABASE_URL"] = f"sqlite:///{tmp_path}/environment.db"
    assert run("upgrade", "head", **environment).returncode == 0
    assert (tmp_path / "environment.db").exists()
    done = run("-x", f"url=sqlite:///{tmp_path}/line.db", "upgrade", "head", **environment)
    assert done.returncode == 0
    assert (tmp_path / "line.db").exists()
    assert SCHEMA_HEAD in run("current", **environment).stdout


def test_no_address_is_kept_in_the_ini_file() -> None:
    assert "sqlalchemy.url" not in (ROOT / "alembic.ini").read_text()


@pytest.mark.parametrize(
    ("url", "told"),
    [
        ("mysql://pos@localhost/shop", "no database address"),
        ("postgresql://pos@127.0.0.1:1/shop", "cannot be reached"),
        ("sqlite:////nowhere/at/all/shop.db", "cannot be opened"),
    ],
)
def test_an_address_that_will_not_do_is_told_in_one_line(url: str, told: str) -> None:
    done = run("-x", f"url={url}", "current")
    assert done.returncode != 0
    assert told in done.stdout + done.stderr
    assert "Traceback" not in done.stderr


def test_going_below_the_first_step_asks_before_any_row_is_dropped(config: Config) -> None:
    run_sql(config.database_url, "INSERT INTO customers (name, name_key) VALUES ('Rosa', 'rosa')")
    line = ["-x", f"url={config.database_url}"]
    done = run(*line, "downgrade", "base")
    assert done.returncode != 0
    assert "holds customers" in done.stdout + done.stderr
    assert "Traceback" not in done.stderr
    assert run_sql(config.database_url, "SELECT version_num FROM alembic_version") == [(SCHEMA_HEAD,)]
    assert run_sql(config.database_url, "SELECT name FROM customers") == [("Rosa",)]
    assert run(*line, "-x", "discard=everything", "downgrade", "base").returncode == 0
    assert run_sql(config.database_url, "SELECT * FROM alembic_version") == []


def test_a_language_that_would_be_cut_stops_the_way_down(config: Config) -> None:
    run_sql(config.database_url, "INSERT INTO tax_rates (name, rate) VALUES ('None', 0)")
    run_sql(
        config.database_url,
        "INSERT INTO books (title, author, price, tax_rate_id, title_key, search_text, language) "
        "SELECT 'T', '', 1, id, 't', 't', 'zh-Hant-TW' FROM tax_rates",
    )
    with pytest.raises(CommandError, match="language tag"):
        command.downgrade(alembic(config.database_url), "0006")
    assert run_sql(config.database_url, "SELECT version_num FROM alembic_version") == [(SCHEMA_HEAD,)]


def test_a_default_category_with_books_or_words_of_its_own_stays(config: Config) -> None:
    run_sql(config.database_url, "UPDATE categories SET description = 'Ours' WHERE name = 'Science'")
    run_sql(
        config.database_url,
        "INSERT INTO categories (name, parent_id) SELECT 'Rome', id FROM categories WHERE name = 'History'",
    )
    command.downgrade(alembic(config.database_url), "0001")
    assert set(run_sql(config.database_url, "SELECT name FROM categories")) == {("Science",), ("History",), ("Rome",)}


def test_tills_that_run_alembic_at_once_migrate_once(empty_url: str) -> None:
    line = [sys.executable, "-m", "alembic", "-x", f"url={empty_url}", "upgrade", "head"]
    tills = [subprocess.Popen(line, cwd=ROOT, stderr=subprocess.PIPE, text=True) for _ in range(3)]
    for till in tills:
        _, errors = till.communicate(timeout=120)
        assert till.returncode == 0, errors
    assert run_sql(empty_url, "SELECT count(*) FROM categories") == [(5,)]


def test_the_steps_are_numbered_and_know_nothing_of_the_models() -> None:
    """The program tells an older database from a newer one by the number; models change, and steps must not."""
    steps = sorted((ROOT / "migrations" / "versions").glob("*.py"))
    assert [step.name[:4] for step in steps] == [f"{number:04d}" for number in range(1, int(SCHEMA_HEAD) + 1)]
    for file in (*steps, ROOT / "migrations" / "tables.py"):
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            names = [node.module or ""] if isinstance(node, ast.ImportFrom) else []
            names += [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            assert not [name for name in names if name.startswith("pos_app")], file.name


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A copy of the migrations that a test may add to."""
    folder = tmp_path / "project"
    shutil.copytree(ROOT / "migrations", folder / "migrations", ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "alembic.ini", folder)
    return folder


def in_project(project: Path, url: str) -> AlembicConfig:
    config = AlembicConfig()
    config.set_main_option("script_location", str(project / "migrations"))
    config.set_main_option("file_template", "%%(rev)s_%%(slug)s")
    config.set_main_option("path_separator", "os")
    config.attributes["url"] = url
    return config


@pytest.mark.parametrize(("options", "number"), [([], f"{int(SCHEMA_HEAD) + 1:04d}"), (["--rev-id", "0099"], "0099")])
def test_a_step_drawn_up_gets_the_next_number_or_the_one_asked_for(
    config: Config, project: Path, options: list[str], number: str
) -> None:
    line = ["-x", f"url={config.database_url}", "revision", "--autogenerate", *options, "-m", "add couriers"]
    done = run(*line, folder=project)
    assert done.returncode == 0, done.stderr
    made = project / "migrations" / "versions" / f"{number}_add_couriers.py"
    assert f"down_revision = '{SCHEMA_HEAD}'" in made.read_text().replace('"', "'")


def test_the_history_is_told_without_a_database() -> None:
    done = run("-x", "url=postgresql://pos@127.0.0.1:1/shop", "history")
    assert done.returncode == 0, done.stderr
    assert done.stdout.count(" -> ") == int(SCHEMA_HEAD)


def test_a_step_drawn_up_from_new_models_runs_as_it_is(config: Config, project: Path) -> None:
    added = Table(
        "couriers",
        Base.metadata,
        Column("id", Integer, primary_key=True),
        Column("seen_at", UtcDateTime),
        Column("discount_rate", Rate, nullable=False, index=True),
    )
    try:
        ours = in_project(project, config.database_url)
        made = command.revision(ours, "add couriers", autogenerate=True)
        drawn_up = Path(made.path).read_text()
        assert "pos_app" not in drawn_up
        assert "base." not in drawn_up
        command.upgrade(ours, "head")
        command.check(ours)
        command.downgrade(ours, "-1")
        assert run_sql(config.database_url, "SELECT version_num FROM alembic_version") == [(SCHEMA_HEAD,)]
    finally:
        Base.metadata.remove(added)
    command.check(alembic(config.database_url))


STEP = """
import sqlalchemy as sa
from alembic import op

revision = "{number}"
down_revision = "{before}"
branch_labels = None
depends_on = None


def upgrade():
    {upgrade}


def downgrade():
    pass
"""


def add_step(project: Path, place: int, upgrade: str) -> None:
    """Add a step after the newest."""
    number = f"{int(SCHEMA_HEAD) + place:04d}"
    before = f"{int(number) - 1:04d}"
    text_of_it = STEP.format(number=number, before=before, upgrade=upgrade)
    (project / "migrations" / "versions" / f"{number}_step.py").write_text(text_of_it)


def test_a_run_is_all_or_nothing(config: Config, project: Path) -> None:
    add_step(project, 1, 'op.create_table("couriers", sa.Column("id", sa.Integer(), primary_key=True))')
    add_step(project, 2, 'raise LookupError("half way")')
    before = schema(config.database_url)
    with pytest.raises(LookupError):
        command.upgrade(in_project(project, config.database_url), "head")
    assert schema(config.database_url) == before
    assert run_sql(config.database_url, "SELECT version_num FROM alembic_version") == [(SCHEMA_HEAD,)]


def test_a_step_that_leaves_references_to_nothing_is_undone(config: Config, project: Path) -> None:
    insert = "INSERT INTO book_codes (book_id, code) VALUES (999, 'x')"
    add_step(project, 1, f'op.execute("{insert}")')
    with pytest.raises(Exception, match=r"book_codes"):
        command.upgrade(in_project(project, config.database_url), "head")
    assert run_sql(config.database_url, "SELECT * FROM book_codes") == []


def test_a_table_that_others_refer_to_can_be_rebuilt(sqlite_template: Path, tmp_path: Path, project: Path) -> None:
    """Orders are spoken of by references that cascade and by triggers of other tables."""
    shutil.copyfile(sqlite_template, tmp_path / "shop.db")
    url = f"sqlite:///{tmp_path / 'shop.db'}"
    run_sql(url, "INSERT INTO users (email, username) VALUES ('a@b.c', 'Ana')")
    run_sql(
        url,
        "INSERT INTO orders (uid, content_hash, kind, status, user_id, business_date, placed_at, currency, "
        "prices_include_tax, tax_level, net_amount, tax_amount, total_amount, item_count) SELECT 'u', 'h', "
        "'customer_order', 'pending', id, '2026-11-23', '2026-11-23 12:00:00', 'GBP', true, 'line', 1, 0, 1, 1 FROM users",
    )
    run_sql(
        url,
        "INSERT INTO order_taxes (order_id, name, rate, net_amount, tax_amount) SELECT id, 'None', 0, 1, 0 FROM orders",
    )
    alter = 'batch.alter_column("shipping_address", existing_type=sa.String(500), type_=sa.String(600))'
    add_step(project, 1, f'with op.batch_alter_table("orders") as batch:\n        {alter}')
    command.upgrade(in_project(project, url), "head")
    assert run_sql(url, "SELECT o.uid FROM order_taxes t JOIN orders o ON o.id = t.order_id") == [("u",)]
    assert ("orders",) in run_sql(url, "SELECT \"table\" FROM pragma_foreign_key_list('order_taxes')")


def test_a_connection_that_would_cascade_is_refused(sqlite_template: Path, tmp_path: Path) -> None:
    shutil.copyfile(sqlite_template, tmp_path / "shop.db")
    ours = alembic("")
    engine = engine_for(f"sqlite:///{tmp_path / 'shop.db'}")
    with engine.connect() as connection:
        connection.exec_driver_sql("COMMIT")
        connection.exec_driver_sql("PRAGMA foreign_keys=ON")
        connection.exec_driver_sql("BEGIN IMMEDIATE")
        ours.attributes["connection"] = connection
        with pytest.raises(CommandError, match="references"):
            command.downgrade(ours, "0005")
        connection.rollback()
    engine.dispose()


async def test_a_running_program_can_lend_its_connection(empty_url: str) -> None:
    engine = migration_engine(empty_url)
    ours = alembic("")

    def upgrade(connection: object) -> None:
        ours.attributes["connection"] = connection
        command.upgrade(ours, "head")

    async with engine.begin() as connection:
        await connection.run_sync(upgrade)
    async with engine.connect() as connection:
        assert (await connection.execute(text("SELECT version_num FROM alembic_version"))).scalar() == SCHEMA_HEAD
    await engine.dispose()


def test_an_asynchronous_engine_will_do(empty_url: str) -> None:
    engine = migration_engine(empty_url)
    ours = alembic("")
    ours.attributes["connection"] = engine
    command.upgrade(ours, "head")
    asyncio.run(engine.dispose())
    assert run_sql(empty_url, "SELECT version_num FROM alembic_version") == [(SCHEMA_HEAD,)]
