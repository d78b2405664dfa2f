"""The database asked without anything in between, with the statements that an act sends."""

from collections.abc import Awaitable, Callable, Sequence
from typing import Any

import psycopg
from sqlalchemy import event

from pos_app.app import App
from pos_app.database import sqlite_driver
from tests.bench.harness import Act, Sample, interleave


async def raw_reader(app: App) -> tuple[Callable[[str, Any], Awaitable[object]], Callable[[], Awaitable[None]]]:
    """The database asked without anything in between."""
    if app.db.kind == "sqlite":
        connection = sqlite_driver().connect(str(app.db.path))

        async def ask(statement: str, parameters: Any) -> object:
            return connection.execute(statement, parameters).fetchall()

        async def close() -> None:
            connection.close()

        return ask, close
    server = await psycopg.AsyncConnection.connect(app.config.database_url, autocommit=True)

    async def ask_server(statement: str, parameters: Any) -> object:
        return await (await server.execute(statement, parameters or None)).fetchall()

    return ask_server, server.close


class Recorded:
    """The statements an act sends, to be sent again without anything in between."""

    def __init__(self, app: App) -> None:
        self.statements: list[tuple[str, Any]] = []
        self._engine = app.db.readers

    async def of(self, act: Act) -> list[tuple[str, Any]]:
        self.statements = []
        event.listen(self._engine, "before_cursor_execute", self._keep)
        try:
            await act()
        finally:
            event.remove(self._engine, "before_cursor_execute", self._keep)
        return self.statements

    def _keep(self, _connection: Any, _cursor: Any, statement: str, parameters: Any, *_rest: Any) -> None:
        if statement.startswith(("SELECT", "WITH")):
            self.statements.append((statement, parameters))


async def against_raw(
    app: App, name: str, act: Act, ask: Callable[[str, Any], Awaitable[object]], rounds: int
) -> tuple[Sample, Sample]:
    """Time an act beside its own statements in the raw driver."""
    statements = await Recorded(app).of(act)

    async def raw() -> None:
        for statement, parameters in statements:
            await ask(statement, parameters)

    return await interleave(name, act, raw, rounds, warm=2)


def joined(name: str, pairs: Sequence[tuple[Sample, Sample]]) -> tuple[Sample, Sample]:
    """All of a kind as one line."""
    return (
        Sample(name, [one for pair in pairs for one in pair[0].times]),
        Sample(name, [one for pair in pairs for one in pair[1].times]),
    )
