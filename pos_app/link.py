"""One connection of its own beside those that work.

It notices within two seconds that a database is out of reach, tells what other tills change as it happens, and sees
that the tables stay those of this program.

It lives in a thread, so that neither a busy loop nor a busy reader makes it look as if the database were silent.
"""

import asyncio
import contextlib
import random
import select
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from pos_app.errors import PosError, Unavailable

if TYPE_CHECKING:
    from psycopg.pq.abc import PGconn

# Rung by the database where rows of these change (migrations/versions/0033).
CHANNEL = "pos_changed"
TOPICS = frozenset({"books", "orders", "customers"})
# Every half second a question, a second for the answer: a pulled cable is told in one and a half.
ASK_EVERY_S, ANSWER_S = 0.5, 1.0
# A server that pauses for a moment goes on with what it was asked; after this it is given up.
GIVE_UP_S = 4.0
CONNECT_S = 2
FIRST_WAIT_S, LONGEST_WAIT_S = 0.2, 2.0
SQLITE_LOOK_S = 0.3
# A till's number is held by the link's session, so that a second program as the same till is told. One that was cut off
# is let go by the server within half a minute.
TILL_LOCK = 7_264_310
TILL_LOCK_WAIT_S = 40.0
_QUESTION = b"SELECT version_num, pg_is_in_recovery() FROM alembic_version"


class Watched(Protocol):
    """What a link needs of its database."""

    @property
    def path(self) -> Path | None:
        """The SQLite file, or None on PostgreSQL."""

    def link_address(self) -> str:
        """Where the link connects, for PostgreSQL's client library."""

    def cut(self) -> None:
        """Break every connection that may wait for an answer that will not come."""

    def told(self, error: BaseException) -> BaseException:
        """What a person may be told of a driver's error."""


class _Silent(Exception):
    """The server did not answer in time, or is one that takes no writes any more."""


class Link:
    """Started by a window; without it nothing waits for a database to come back."""

    def __init__(self, database: Watched) -> None:
        """Take the database to look after."""
        self._database = database
        self.online = True
        # Whether changes are heard of as they happen; behind a pooler they are not.
        self.hears = False
        self.fault: PosError | None = None
        # Set where the tables are another program's: nothing is read or written any more.
        self.refused: Unavailable | None = None
        self.on_state: list[Callable[[], None]] = []
        self.on_change: list[Callable[[frozenset[str]], None]] = []
        self._thread: threading.Thread | None = None
        self._ending = threading.Event()
        self._ticket = 0
        self._waiting: list[tuple[int, asyncio.Future[bool]]] = []
        self._silent_since: float | None = None
        self._cut = False
        # Whether no other program works as the same till; where a pooler is between, nobody can tell.
        self._held, self._held_by = True, 0.0

    # In the event loop

    def start(self, revision: str, till: int | None = None) -> None:
        """Look from now on; the tables are to be those of `revision`, and `till` nobody else's."""
        self._revision, self._till = revision, till
        self._loop = asyncio.get_running_loop()
        self._wake, self._woken = socket.socketpair()
        self._woken.setblocking(False)  # noqa: FBT003 - socket's own signature
        run = self._watch_server if self._database.path is None else self._watch_file
        self._thread = threading.Thread(target=run, name="database-link", daemon=True)
        self._thread.start()

    @property
    def started(self) -> bool:
        """Whether anybody looks."""
        return self._thread is not None and not self._ending.is_set()

    async def back(self) -> bool:
        """After a fault, wait until the database answers; False where nobody looks, or it is closed meanwhile."""
        if not self.started:
            return False
        self._ticket += 1
        answer: asyncio.Future[bool] = asyncio.get_running_loop().create_future()
        self._waiting.append((self._ticket, answer))
        self._stir()
        return await answer

    async def alone(self, waits: Callable[[], None] = lambda: None) -> bool:
        """Wait until no other program works as this till, as long as one that was cut off may be held for it.

        `waits` is told each time it is not so yet.
        """
        until = time.monotonic() + TILL_LOCK_WAIT_S
        while await self.back():
            if self._held or time.monotonic() > until:
                return self._held
            waits()
            await asyncio.sleep(ASK_EVERY_S)
        return False

    async def close(self) -> None:
        """Look no longer."""
        if self._thread is None:
            return
        self._ending.set()
        self._stir()
        self._answered(self._ticket, there=False)
        await asyncio.to_thread(self._thread.join)
        self._wake.close()
        self._woken.close()

    def _stir(self) -> None:
        with contextlib.suppress(OSError):
            self._wake.send(b"x")

    def _answered(self, ticket: int, *, there: bool = True) -> None:
        for asked, answer in list(self._waiting):
            if asked <= ticket:
                self._waiting.remove((asked, answer))
                if not answer.done():
                    answer.set_result(there)

    def _stands(self, *, online: bool, hears: bool, fault: PosError | None, refused: Unavailable | None) -> None:
        if (online, hears, refused is None) == (self.online, self.hears, self.refused is None):
            return
        came_back = online and not self.online
        self.online, self.hears, self.fault, self.refused = online, hears, fault, refused
        for tell in list(self.on_state):
            tell()
        if came_back:
            self._changed(TOPICS)  # nothing was heard meanwhile

    def _changed(self, topics: frozenset[str]) -> None:
        for tell in list(self.on_change):
            tell(topics)

    # In the link's thread

    def _tell(self, act: Callable[..., None], *arguments: Any, **named: Any) -> None:
        with contextlib.suppress(RuntimeError):  # the loop is closed: nobody listens any more
            self._loop.call_soon_threadsafe(lambda: act(*arguments, **named))

    def _lost(self, error: BaseException) -> None:
        told = self._database.told(error)
        fault = told if isinstance(told, PosError) else Unavailable("database.unreachable")
        if self._silent_since is None:
            self._silent_since = time.monotonic()
        self._tell(self._stands, online=False, hears=False, fault=fault, refused=None)
        self._give_up()

    def _give_up(self) -> None:
        """Break what waits for an answer, once, when the silence has lasted."""
        if self._silent_since is not None and not self._cut and time.monotonic() - self._silent_since > GIVE_UP_S:
            self._cut = True
            self._database.cut()

    def _there(self, revision: str, ticket: int, *, hears: bool) -> None:
        self._silent_since, self._cut = None, False
        refused: Unavailable | None = None
        ours = self._revision
        if revision > ours:
            refused = Unavailable("database.newer_now", database_revision=revision, program_revision=ours)
        elif revision < ours:
            refused = Unavailable("database.older_now", database_revision=revision, program_revision=ours)
        elif not self._held and time.monotonic() > self._held_by:
            refused = Unavailable("till.running", number=self._till)
        self._tell(self._stands, online=True, hears=hears, fault=None, refused=refused)
        self._tell(self._answered, ticket)

    def _pause(self, seconds: float, *more: socket.socket | int) -> bool:
        """Wait, unless the link is stirred or something comes on `more`; gives whether something came there."""
        ready, _, _ = select.select([self._woken, *more], [], [], seconds)
        if self._woken in ready:
            with contextlib.suppress(OSError):
                self._woken.recv(4096)
        return any(one is not self._woken for one in ready)

    # SQLite

    def _watch_file(self) -> None:
        driver = import_module("sqlite3")
        while not self._ending.is_set():
            try:
                with closing(self._opened_file(driver)) as file:
                    self._follow_file(file)
            except driver.Error as error:
                # A program that holds the whole file for a while is no file that went away.
                if "locked" not in str(error):
                    self._lost(error)
                self._pause(LONGEST_WAIT_S)

    def _opened_file(self, driver: Any) -> Any:
        assert self._database.path is not None  # noqa: S101 - SQLite's have one
        # Opened as it is: a file that went away is a fault, and not made anew.
        address = f"{self._database.path.absolute().as_uri()}?mode=rw"
        return driver.connect(address, uri=True, timeout=ANSWER_S, isolation_level=None)

    def _follow_file(self, file: Any) -> None:
        before = None
        while not self._ending.is_set():
            ticket = self._ticket
            version = file.execute("PRAGMA data_version").fetchone()[0]
            revision = str(file.execute("SELECT version_num FROM alembic_version").fetchone()[0])
            self._there(revision, ticket, hears=True)
            if before is not None and version != before:
                self._tell(self._changed, TOPICS)
            before = version
            self._pause(SQLITE_LOOK_S)

    # PostgreSQL

    def _watch_server(self) -> None:
        psycopg = import_module("psycopg")
        wait_s = FIRST_WAIT_S
        while not self._ending.is_set():
            try:
                with self._connected(psycopg) as server:
                    wait_s = FIRST_WAIT_S
                    self._follow_server(server)
            except (psycopg.Error, OSError, _Silent) as error:
                self._lost(error)
                self._pause(wait_s * random.uniform(0.8, 1.2))
                wait_s = min(wait_s * 2, LONGEST_WAIT_S)

    @contextmanager
    def _connected(self, psycopg: Any) -> "Iterator[PGconn]":
        connection = psycopg.connect(self._database.link_address(), autocommit=True, connect_timeout=CONNECT_S)
        try:
            yield connection.pgconn
        finally:
            connection.close()

    def _follow_server(self, server: "PGconn") -> None:
        # A pooler makes up the number it greets with, and gives the next question to another server process.
        direct = _ask(server, b"SELECT pg_backend_pid()")[0] == str(server.backend_pid)
        if direct:
            _ask(server, b"LISTEN " + CHANNEL.encode())
        self._held, self._held_by = self._till is None or not direct, time.monotonic() + TILL_LOCK_WAIT_S
        while not self._ending.is_set():
            ticket = self._ticket
            if not self._held:
                self._held = _ask(server, f"SELECT pg_try_advisory_lock({TILL_LOCK}, {self._till})".encode())[0] == "t"
            revision, standby = _ask(server, _QUESTION)
            if standby == "t":
                raise _Silent
            self._there(revision, ticket, hears=direct)
            self._tell_heard(server)
            until = time.monotonic() + ASK_EVERY_S
            while (left := until - time.monotonic()) > 0 and self._pause(left, server.socket):
                server.consume_input()
                self._tell_heard(server)

    def _tell_heard(self, server: "PGconn") -> None:
        heard = set()
        while (notify := server.notifies()) is not None:
            heard.add(notify.extra.decode())
        if heard & TOPICS:
            self._tell(self._changed, frozenset(heard & TOPICS))


def _ask(server: "PGconn", question: bytes) -> tuple[str, ...]:
    """Ask for one row, and wait for the answer no longer than a person would notice. Raises _Silent."""
    server.send_query(question)
    until = time.monotonic() + ANSWER_S
    while server.is_busy():
        ready, _, _ = select.select([server.socket], [], [], max(until - time.monotonic(), 0))
        if not ready:
            raise _Silent
        server.consume_input()
    row: tuple[str, ...] = ()
    while (result := server.get_result()) is not None:
        if result.error_message:
            raise OSError(result.error_message.decode(errors="replace"))
        if result.ntuples:
            row = tuple((result.get_value(0, column) or b"").decode() for column in range(result.nfields))
    return row
