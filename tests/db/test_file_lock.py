"""A file that another program writes to: who wants to write waits for it, and is told when that lasts too long."""

import asyncio
from contextlib import closing

import pytest
from sqlalchemy import insert, text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from pos_app import database
from pos_app.database import sqlite_driver
from pos_app.errors import Unavailable
from pos_app.models import BookCode, table
from tests.shop import PRIDE, Shop

pytestmark = pytest.mark.parametrize("config", ["sqlite"], indirect=True)


async def test_a_sale_waits_for_the_program_that_writes_and_is_then_stored(shop: Shop) -> None:
    with closing(sqlite_driver().connect(shop.app.db.path, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        selling = asyncio.ensure_future(shop.sell(PRIDE))
        done, _ = await asyncio.wait([selling], timeout=0.2)
        assert not done
        other.execute("COMMIT")
        assert (await selling).number == "1-000001"
    assert await shop.findings() == []


async def test_a_program_that_never_ends_writing_is_told(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(database, "SQLITE_BUSY_TIMEOUT_S", 0.05)
    monkeypatch.setattr(database, "TRIES", 2)
    with closing(sqlite_driver().connect(shop.app.db.path, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(Unavailable, match=r"database\.busy"):
            await shop.sell(PRIDE)
        other.execute("COMMIT")
    assert (await shop.sell(PRIDE)).number == "1-000001"


async def test_a_commit_that_fails_lets_go_of_the_file(shop: Shop) -> None:
    def act(session: Session) -> None:
        session.execute(text("PRAGMA defer_foreign_keys=ON"))
        session.execute(insert(table(BookCode)).values(book_id=999_999, code="5012345678900"))

    with pytest.raises(IntegrityError):
        await shop.app.db.write(act)
    with closing(sqlite_driver().connect(shop.app.db.path, isolation_level=None, timeout=0)) as other:
        other.execute("BEGIN IMMEDIATE")
        other.execute("COMMIT")
    assert (await shop.sell(PRIDE)).number == "1-000001"
