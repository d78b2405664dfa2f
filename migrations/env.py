"""Runs migrations: from the command line over the asynchronous drivers, from inside the program on its connection."""

import asyncio
import os
from logging.config import fileConfig
from typing import Any

from alembic import context
from sqlalchemy import Connection, Engine, text
from sqlalchemy.ext.asyncio import AsyncEngine

from pos_app import config as machine
from pos_app.database import migration_engine
from pos_app.migrate import POSTGRES_LOCK
from pos_app.models import Base

# Tables that SQLite keeps for its search index; the migration that makes the index looks after them.
SEARCH_TABLES = ("books_fts",)
SEARCH_INDEXES = ("idx_books_search",)


def database_url() -> str:
    """The address: the program's own, or from `-x url=…`, else the environment, else this machine's settings."""
    given_url = context.config.attributes.get("url") or context.get_x_argument(as_dictionary=True).get("url")
    return given_url or machine.load({}, os.environ).database_url


def is_ours(_object: Any, name: str | None, kind: str, _reflected: bool, _other: Any) -> bool:  # noqa: FBT001 - signature of Alembic
    """Leave the search index out of autogenerate: it is made of SQL that models cannot say."""
    if kind == "index":
        return name not in SEARCH_INDEXES
    return not (kind == "table" and (name or "").startswith(SEARCH_TABLES))


def configure(**options: Any) -> None:
    """Set Alembic up the same way however it was started."""
    context.configure(
        target_metadata=Base.metadata, compare_type=True, include_object=is_ours, user_module_prefix="base.", **options
    )


def run_on(connection: Connection) -> None:
    """Run what was asked for in one transaction that holds a lock, and check the references before it commits."""
    sqlite = connection.dialect.name == "sqlite"
    configure(connection=connection, render_as_batch=sqlite)
    with context.begin_transaction():
        if not sqlite:
            connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": POSTGRES_LOCK})
        context.run_migrations()
        if sqlite and connection.exec_driver_sql("PRAGMA foreign_key_check").first():
            raise RuntimeError("a migration left rows that refer to nothing")


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
    with context.begin_transaction():
        context.run_migrations()


given = context.config.attributes.get("connection")
if context.config.config_file_name is not None and context.config.attributes.get("url") is None:
    fileConfig(context.config.config_file_name, disable_existing_loggers=False)
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
