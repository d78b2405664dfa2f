"""What tests of migrations share."""

import io
from pathlib import Path

from alembic.config import Config as AlembicConfig
from sqlalchemy import Engine, create_engine, event, text
from sqlalchemy.engine import make_url

from pos_app.database import begin_immediate

ROOT = Path(__file__).parents[2]


def engine_for(url: str) -> Engine:
    parsed = make_url(url)
    if parsed.get_backend_name() == "postgresql":
        return create_engine(parsed.set(drivername="postgresql+psycopg"))
    engine = create_engine(parsed)

    @event.listens_for(engine, "connect")
    def prepare(connection: object, _record: object) -> None:
        connection.isolation_level = None  # type: ignore[attr-defined]

    event.listen(engine, "begin", begin_immediate)
    return engine


def alembic(url: str) -> AlembicConfig:
    config = AlembicConfig(stdout=io.StringIO())  # Alembic would keep what pytest had for stdout when it was loaded
    config.set_main_option("script_location", str(ROOT / "migrations"))
    config.attributes["url"] = url
    return config


def run_sql(url: str, statement: str) -> list[tuple[object, ...]]:
    engine = engine_for(url)
    try:
        with engine.begin() as connection:
            result = connection.execute(text(statement))
            return list(map(tuple, result)) if result.returns_rows else []
    finally:
        engine.dispose()
