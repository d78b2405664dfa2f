"""SQL that is made once for all tests of a process, and not anew for each test's own database."""

from typing import Any

from sqlalchemy import Engine, create_engine
from sqlalchemy.util import LRUCache

from pos_app import database
from pos_app.models import Base

# More than the program has; enough for what differs by the length of a list.
ROOM = 3000


class _Statements(LRUCache[Any, Any]):
    """What SQLAlchemy made of each statement, found again by every engine of a kind.

    The program has one database all day and makes each statement's SQL once. Of a server only its version bears upon
    the SQL, and that stands in the key.
    """

    __slots__ = ()

    @staticmethod
    def _of_its_kind(key: tuple[Any, ...]) -> tuple[Any, ...]:
        dialect, *statement = key
        return (type(dialect), dialect.server_version_info, *statement)

    def get(self, key: tuple[Any, ...], default: Any = None) -> Any:
        return super().get(self._of_its_kind(key), default)

    def __setitem__(self, key: tuple[Any, ...], value: Any) -> None:
        super().__setitem__(self._of_its_kind(key), value)


_kept = _Statements(ROOM)


def _engine(*arguments: Any, **named: Any) -> Engine:
    engine = create_engine(*arguments, **named)
    engine._compiled_cache = _kept
    return engine


def share() -> None:
    """Let every database of this process, and every table's own statements, keep their SQL in one place.

    Left to themselves, the tables keep those of engines that are gone, half a megabyte a test.
    """
    database.create_engine = _engine
    for mapper in Base.registry.mappers:
        mapper.__dict__["_compiled_cache"] = _kept
