"""Runs migrations: from the command line over the asynchronous drivers, from inside the program on its connection."""

import asyncio
import os
from logging.config import fileConfig
from typing import Any, Literal

from alembic import context
from alembic.util import CommandError
from sqlalchemy import Connection, Engine, TypeDecorator, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncEngine

from pos_app import config as machine
from pos_app.database import REBUILDING, migration_engine, translate
from pos_app.errors import PosError
from pos_app.messages import sentence
from pos_app.migrate import POSTGRES_LOCK, POSTGRES_LOCK_WAIT_S
from pos_app.models import Base

# Tables that SQLite keeps for its search index; the migration that makes the index looks after them.
SEARCH_TABLES = ("books_fts", "customers_fts")
# Indexes that only PostgreSQL has.
POSTGRES_INDEXES = ("idx_books_search", "idx_books_search_first", "idx_books_no_isbn", "idx_customers_search")


def database_url() -> str:
    """The address: the program's own, or from `-x url=…`, else the environment, else this machine's settings."""
    given_url = context.config.attributes.get("url") or context.get_x_argument(as_dictionary=True).get("url")
    if given_url:
        return str(given_url)
    settings = machine.load({}, os.environ)
    settings.data_dir.mkdir(parents=True, exist_ok=True)
    return settings.database_url


def is_ours(_object: Any, name: str | None, kind: str, _reflected: bool, _other: Any) -> bool:  # noqa: FBT001 - signature of Alembic
    """Leave out of autogenerate what one engine alone has: it is made of SQL that models cannot say."""
    if kind == "index":
        return name not in POSTGRES_INDEXES
    return not (kind == "table" and (name or "").startswith(SEARCH_TABLES))


def plain_type(kind: str, item: Any, _context: Any) -> str | Literal[False]:
    """Draw up a type of ours as what it is stored as: a migration must not change when the models do."""
    return f"sa.{item.impl!r}" if kind == "type" and isinstance(item, TypeDecorator) else False


def give_number(_context: Any, _revision: Any, drawn_up: list[Any]) -> None:
    """Number a new migration, where no id was asked for: the program tells older from newer by the number."""
    if getattr(context.config.cmd_opts, "rev_id", None) is None:
        drawn_up[0].rev_id = f"{int(context.script.get_current_head() or 0) + 1:04d}"


def configure(**options: Any) -> None:
    """Set Alembic up the same way however it was started."""
    context.configure(
        target_metadata=Base.metadata,
        compare_type=True,
        include_object=is_ours,
        render_item=plain_type,
        process_revision_directives=give_number,
        # Alembic's default for SQLite is a transaction a step, which would let go of the lock between two of them.
        transactional_ddl=True,
        **options,
    )


def run_on(connection: Connection) -> None:
    """Run what was asked for in one transaction that holds a lock, and check the references before it commits."""
    sqlite = connection.dialect.name == "sqlite"
    ran: list[Any] = []

    def applied(**step: Any) -> None:
        ran.append(step)
        if tell := context.config.attributes.get("applied"):
            tell(step["step"].up_revision_id)

    configure(connection=connection, render_as_batch=sqlite, on_version_apply=applied)
    with context.begin_transaction():
        if sqlite:
            refuse_to_cascade(connection)
        else:
            wait_for_other_tills(connection)
        context.run_migrations()
        if ran and sqlite:
            refuse_broken_references(connection)
        if ran and (check := context.config.attributes.get("check")):
            check(connection)


def refuse_to_cascade(connection: Connection) -> None:
    """Rebuilding a table drops the old one, and rows that refer to it would go along."""
    if connection.exec_driver_sql("PRAGMA foreign_keys").scalar():
        raise CommandError("switch references off on this connection first (PRAGMA foreign_keys=OFF)")


def wait_for_other_tills(connection: Connection) -> None:
    """Let one till migrate at a time; then let no table be waited for so long that the other tills stand still."""
    connection.exec_driver_sql("SET LOCAL statement_timeout = 0")
    connection.exec_driver_sql(f"SET LOCAL lock_timeout = '{POSTGRES_LOCK_WAIT_S}s'")
    connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": POSTGRES_LOCK})
    connection.exec_driver_sql("SET LOCAL lock_timeout = '10s'")


def refuse_broken_references(connection: Connection) -> None:
    """References are off while SQLite's tables are rebuilt, so they are checked here, while all can be undone."""
    broken = connection.exec_driver_sql("PRAGMA foreign_key_check").first()
    if broken:
        raise CommandError(f"row {broken[1]} of {broken[0]} refers to a row of {broken[2]} that is not there")


async def run_async(engine: AsyncEngine) -> None:
    """Run over an asynchronous engine."""
    async with engine.connect() as connection:
        await connection.run_sync(run_on)
        await connection.commit()


async def run_online() -> None:
    """Open the database and run."""
    engine = migration_engine(database_url())
    try:
        await run_async(engine)
    finally:
        await engine.dispose()


def run_offline() -> None:
    """Write the statements instead of carrying them out."""
    url = database_url()
    sqlite = url.startswith("sqlite")
    configure(
        dialect_name="sqlite" if sqlite else "postgresql",
        literal_binds=True,
        render_as_batch=sqlite,
        dialect_opts={"paramstyle": "named"},
    )
    if sqlite:
        for pragma in REBUILDING:
            context.execute(pragma)
    with context.begin_transaction():
        context.run_migrations()


def run() -> None:
    """Run offline, on what the caller gave, or on the address's database."""
    given = context.config.attributes.get("connection")
    if context.is_offline_mode():
        run_offline()
    elif isinstance(given, Connection):
        run_on(given)
    elif isinstance(given, Engine):
        with given.connect() as own, own.begin():
            run_on(own)
    else:
        # psycopg refuses the loop that Windows makes by default.
        with asyncio.Runner(loop_factory=asyncio.SelectorEventLoop) as runner:
            runner.run(run_async(given) if isinstance(given, AsyncEngine) else run_online())


from_command_line = context.config.cmd_opts is not None
if from_command_line and context.config.config_file_name is not None:
    fileConfig(context.config.config_file_name, disable_existing_loggers=False)
try:
    run()
except (PosError, DBAPIError, OSError) as error:
    told = error if isinstance(error, PosError) else translate(error)
    if from_command_line and isinstance(told, PosError):
        raise CommandError(sentence(told)) from error
    raise
