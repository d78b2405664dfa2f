"""Engines, sessions and transactions; the only place that knows drivers and translates their errors.

A use case is an *act*: a plain function on a `Session`. `Database` carries it. An act runs whole in a thread of its
own, which costs one change of thread instead of one turn of the loop a statement (docs/decisions/0002).
"""

import asyncio
import random
import re
import socket
import threading
import time
from collections.abc import AsyncGenerator, Awaitable, Callable, Coroutine
from concurrent.futures import ThreadPoolExecutor
from contextlib import aclosing, nullcontext, suppress
from importlib import import_module
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Any, Literal, TypeVar
from weakref import WeakSet

from pos_app import sqlite_library  # isort: skip - must come before SQLAlchemy and aiosqlite load sqlite3

sqlite_library.install()

from sqlalchemy import Engine, Executable, create_engine, event, text  # noqa: E402 - after the swap above
from sqlalchemy.engine import URL, make_url  # noqa: E402 - as above
from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError  # noqa: E402 - as above
from sqlalchemy.exc import TimeoutError as PoolTimeoutError  # noqa: E402 - as above
from sqlalchemy.ext.asyncio import (  # noqa: E402 - as above
    AsyncEngine,
    create_async_engine,
)
from sqlalchemy.orm import Session  # noqa: E402 - as above

from pos_app.address_fault import mistakes  # noqa: E402 - as above
from pos_app.aside import thread_aside  # noqa: E402 - as above
from pos_app.errors import PosError, Refused, Unavailable  # noqa: E402 - as above
from pos_app.link import Link  # noqa: E402 - as above
from pos_app.private import make_private_file  # noqa: E402 - as above
from pos_app.server_address import checked  # noqa: E402 - as above

if TYPE_CHECKING:
    from sqlalchemy.engine.interfaces import DBAPIConnection
    from sqlalchemy.pool import ConnectionPoolEntry

T = TypeVar("T")
Act = Callable[[Session], object]

TRIES = 5
# For a row that another keeps: a file of titles that is stored at once keeps its own for a minute or more, and what a
# till sells of them waits rather than fails.
LOCK_NOT_HAD, LOCK_WAITS = "55P03", 24
# So many readings at once; some take seconds, and a page of a list must not wait for them. One more goes on aside.
READERS = 6
# On PostgreSQL; a SQLite file has one.
WRITERS = 12
STOP_S, STOP_AGAIN_S = 2, 0.05
SQLITE_BUSY_TIMEOUT_S = 10
# How soon another program's lock is asked for again, never at one pace: who always asks just before another always gets
# it. SQLite itself waits longer each time, a tenth of a second in the
# end: whoever came last has the better chance then, and behind a file being imported a sale may wait for ever.
ASK_AGAIN_S = (0.001, 0.004)
# Another till may hold a row for the length of its commit; anything longer is a fault to be told.
POSTGRES_LIMITS = {"lock_timeout": "5s", "statement_timeout": "30s", "idle_in_transaction_session_timeout": "60s"}
# How soon the server takes a till for gone that was cut off in a transaction, and lets go of the rows it holds.
POSTGRES_PROBES = {"tcp_keepalives_idle": "5", "tcp_keepalives_interval": "2", "tcp_keepalives_count": "3"}
# The numbers of a list are gathered in memory; where a million would not fit, each would be looked for among all.
POSTGRES_MEMORY = {"work_mem": "32MB"}
POSTGRES_OPTIONS = " ".join(
    f"-c {name}={value}" for name, value in (POSTGRES_LIMITS | POSTGRES_PROBES | POSTGRES_MEMORY).items()
)
# Of readers: what a list asks for may be rare or all there is, and a plan for both is good for neither.
POSTGRES_PLANS = " -c plan_cache_mode=force_custom_plan"
POSTGRES_CONNECT = {
    "connect_timeout": "5",
    "keepalives": "1",
    "keepalives_idle": "10",
    "keepalives_interval": "5",
    "keepalives_count": "3",
    "tcp_user_timeout": "15000",
}
# While connecting, PostgreSQL's client library hands on the server's words but not its code.
_REFUSED_AT_THE_DOOR = re.compile(r'FATAL: .*(password authentication failed|role ".*" does not exist|pg_hba)')
_NO_SUCH_DATABASE = re.compile(r'FATAL: .*database ".*" does not exist')
# user@host:port,host:port/… has no place in SQLAlchemy's addresses.
_SEVERAL = re.compile(r"postgresql://([^/@]*@)?([^/@?,]+(?:,[^/@?,]+)+)(/.*)")
REBUILDING = ("PRAGMA foreign_keys=OFF", "PRAGMA legacy_alter_table=ON")
NETWORK_FILE_SYSTEMS = frozenset({"nfs", "nfs4", "cifs", "smb3", "smbfs", "9p", "afs", "ncpfs", "fuse.sshfs"})


class Database:
    """One database of either kind. Build it in any thread; use it in the event loop's."""

    kind: Literal["sqlite", "postgresql"]

    def __init__(self, url: str, direct_url: str = "") -> None:
        """Prepare engines for `sqlite:///…` or `postgresql://…`; connects on first use.

        `direct_url` is the server's own address where `url` is that of a pooler, which carries no doorbell.
        """
        self.url = _parse(url)
        self.direct_url = _parse(direct_url) if direct_url else self.url
        self._raw: WeakSet[Any] = WeakSet()
        # Whether a pooler is between, as seen when connecting.
        self.pooled = False
        self.writer: Engine
        if self.url.get_backend_name() == "sqlite":
            self.kind = "sqlite"
            self.readers = _sqlite_engine(self.url, READERS + 1, _begin_deferred)
            self.writer = _sqlite_engine(self.url, 1, _begin_in_turn)
        else:
            self.kind = "postgresql"
            self.readers = _postgres_readers(self.url)
            self.writer = _postgres_engine(self.url)
            for engine in (self.readers, self.writer):
                event.listen(engine, "connect", self._opened)
        # Whoever writes a file in steps keeps the others out between them.
        self._turn = asyncio.Lock() if self.kind == "sqlite" else nullcontext()
        self.link = Link(self)
        self._reading = ThreadPoolExecutor(READERS, thread_name_prefix="database-reader")
        writers = 1 if self.kind == "sqlite" else WRITERS
        self._writing = ThreadPoolExecutor(writers, thread_name_prefix="database-writer")
        self._reading_aside = thread_aside("database-reader-aside")
        self._writing_aside = thread_aside("database-aside")
        self._running: set[asyncio.Task[Any]] = set()
        self._closing = False

    @property
    def path(self) -> Path | None:
        """The SQLite file, or None on PostgreSQL."""
        return Path(self.url.database or "") if self.kind == "sqlite" else None

    async def read(self, act: Callable[[Session], T], *, aside: bool = False) -> T:
        """Run a reading act in a thread of its own: on SQLite in one snapshot. Raises Unavailable.

        With `aside` it may take longer: nobody waits for it, and it comes after whoever does.
        Cancelling the caller does not stop it: a connection cut off in a statement would have to be thrown away. Under
        a window it waits for a database out of reach, and asks again.
        """
        thread = self._reading_aside if aside else self._reading
        return await self._patiently(lambda: self._to_the_end(self._read(act, thread)))

    async def _read(self, act: Callable[[Session], T], thread: ThreadPoolExecutor) -> T:
        try:
            return await asyncio.get_running_loop().run_in_executor(thread, self._read_here, act)
        except (DBAPIError, PoolTimeoutError, OSError) as error:
            raise translate(error) from error

    def _read_here(self, act: Callable[[Session], T]) -> T:
        with Session(self.readers, expire_on_commit=False) as session:
            return act(session)

    async def read_until_cancelled(self, act: Callable[[Session], T]) -> T:
        """Run a reading act that ends in the middle of a statement when its caller is cancelled. Raises Unavailable.

        For what reads a second or more: given up, it would still take a reader and the machine from the next.
        """
        statement = _Statement(act)
        try:
            return await self.read(statement.run)
        except asyncio.CancelledError:
            stopping = asyncio.ensure_future(asyncio.to_thread(statement.stop))
            self._running.add(stopping)
            stopping.add_done_callback(self._forget)
            raise

    async def write(self, act: Callable[[Session], T], *, aside: bool = False) -> T:
        """Run an act in one transaction and commit it before returning; `aside` where it is one of very many.

        The whole act runs again, up to five times, when the database asks for it (deadlock, serialization, busy), and
        for two minutes where a row is another's.
        Cancelling the caller does not stop it: a commit is never cancelled half way. Under a window it waits for a
        database that went away before it was asked to commit. Raises Unavailable; "database.in_doubt" where the
        connection was lost in the commit: ask by the act's own id what became of it.
        """
        thread = self._writing_aside if aside else self._writing
        return await self._patiently(lambda: self._to_the_end(self._write(act, thread)))

    async def _patiently(self, attempt: Callable[[], Awaitable[T]]) -> T:
        """Try again what the database never got, as soon as it answers; whoever is cancelled waits no longer."""
        for tries_left in reversed(range(TRIES)):
            if self.link.refused is not None:
                raise self.link.refused
            try:
                return await attempt()
            except Unavailable as error:
                if error.code == "database.read_only" and self._may_fail_over:
                    # A server that became a standby; the next connection finds the one that took over.
                    await self._let_go()
                elif error.code != "database.unreachable":
                    raise
                if not (tries_left and await self.link.back()):
                    raise
        raise AssertionError("unreachable")

    @property
    def _may_fail_over(self) -> bool:
        return self.kind == "postgresql" and "," in str(self.url.query.get("host", ""))

    async def _let_go(self) -> None:
        """Close the connections nobody uses, so that the next ones are new."""
        loop = asyncio.get_running_loop()
        await loop.run_in_executor(self._writing, self.writer.dispose)
        await loop.run_in_executor(self._reading, self.readers.dispose)

    async def _to_the_end(self, work: Coroutine[Any, Any, T]) -> T:
        if self._closing:
            # A connection opened now would outlive the program's end, and its thread with it.
            work.close()
            raise Unavailable("database.unreachable")
        task = asyncio.ensure_future(work)
        self._running.add(task)
        task.add_done_callback(self._forget)
        return await asyncio.shield(task)

    def _forget(self, task: asyncio.Task[Any]) -> None:
        self._running.discard(task)
        if not task.cancelled():
            task.exception()  # a caller that was cancelled no longer asks for it

    async def _write(self, act: Callable[[Session], T], thread: ThreadPoolExecutor) -> T:
        tries = waits = 0
        while True:
            try:
                return await self._write_once(act, thread)
            except (DBAPIError, PoolTimeoutError, OSError) as error:
                if _sqlstate(error) == LOCK_NOT_HAD:
                    waits += 1
                else:
                    tries += 1
                if tries == TRIES or waits == LOCK_WAITS or not _worth_retrying(error):
                    raise translate(error) from error
                await asyncio.sleep(random.uniform(0.005, 0.05) * max(tries, 1))  # noqa: S311 - jitter

    async def _write_once(self, act: Callable[[Session], T], thread: ThreadPoolExecutor) -> T:
        async with self._turn:
            return await asyncio.get_running_loop().run_in_executor(thread, self._write_here, act)

    def _write_here(self, act: Callable[[Session], T]) -> T:
        with Session(self.writer, expire_on_commit=False) as session:
            result = act(session)
            _commit(session)
            return result

    async def write_in_steps(self, acts: AsyncGenerator[Act, None]) -> None:
        """Run acts as they come in one transaction, committed after the last; an exception of any takes all back.

        On SQLite every other writer waits until then, on PostgreSQL who wants the same rows. Nothing runs a second
        time. Cancelling the caller stops nothing: what gives the acts must end them. Raises Unavailable.
        """
        await self._to_the_end(self._write_in_steps(acts))

    async def _write_in_steps(self, acts: AsyncGenerator[Act, None]) -> None:
        try:
            async with aclosing(acts), self._turn:
                await self._steps(acts)
        except (DBAPIError, PoolTimeoutError, OSError) as error:
            raise translate(error) from error

    async def _steps(self, acts: AsyncGenerator[Act, None]) -> None:
        loop = asyncio.get_running_loop()
        session = Session(self.writer, expire_on_commit=False)
        try:
            async for act in acts:
                await loop.run_in_executor(self._writing_aside, act, session)
            await loop.run_in_executor(self._writing_aside, _commit, session)
        finally:
            await loop.run_in_executor(self._writing_aside, session.close)

    async def is_reachable(self) -> bool:
        """Ask the database for a sign of life."""
        try:
            await self.read(lambda session: session.execute(text("SELECT 1")).all())
        except Unavailable:
            return False
        return True

    async def close(self) -> None:
        """Take no more work, wait for what is under way, then close every connection; done once."""
        if self._closing:
            return
        self._closing = True
        await self.link.close()
        while self._running:
            await asyncio.wait(self._running)
        loop = asyncio.get_running_loop()
        await loop.run_in_executor(self._reading, self.readers.dispose)
        await loop.run_in_executor(self._writing, self.writer.dispose)
        self._reading.shutdown()
        self._reading_aside.shutdown()
        self._writing.shutdown()
        self._writing_aside.shutdown()

    # For the link

    def link_address(self) -> str:
        """The address of a connection of its own, for PostgreSQL's client library."""
        import psycopg.conninfo  # noqa: PLC0415 - only where there is a server

        _, said = self.readers.dialect.create_connect_args(_postgres_url(self.direct_url))
        said.pop("context", None)  # the engine's own adapters, once it has connected
        return psycopg.conninfo.make_conninfo("", **said)

    def told(self, error: BaseException) -> BaseException:
        """What a person may be told of an error."""
        return translate(error)

    def cut(self) -> None:
        """Break PostgreSQL's connections: whoever waits for an answer that will not come learns of it at once.

        Called from another thread than theirs, so it touches nothing but the sockets.
        """
        import psycopg  # noqa: PLC0415 - only where there is a server

        for raw in list(self._raw):
            # One that was closed meanwhile is as good.
            with (
                suppress(OSError, psycopg.Error),
                socket.fromfd(raw.pgconn.socket, socket.AF_INET, socket.SOCK_STREAM) as copy,
            ):
                copy.shutdown(socket.SHUT_RDWR)

    def _opened(self, connection: Any, _record: "ConnectionPoolEntry") -> None:
        """Note a new connection; behind a pooler statements are not prepared, since the next may go elsewhere."""
        raw = getattr(connection, "driver_connection", connection)
        self._raw.add(raw)
        cursor = connection.cursor()
        cursor.execute("SELECT pg_backend_pid()")
        if cursor.fetchone()[0] != raw.info.backend_pid:
            self.pooled, raw.prepare_threshold = True, None
        cursor.close()
        connection.rollback()


def _commit(session: Session) -> None:
    """Commit; a connection lost before is a transaction that never was, one lost in it is in doubt."""
    session.flush()
    raw = session.connection().connection.driver_connection
    try:
        session.commit()
    except (DBAPIError, OSError) as error:
        if session.get_bind().dialect.name == "sqlite" and raw is not None:
            # SQLite leaves a transaction open that it could not commit, and its lock on the file with it.
            raw.rollback()
        told = translate(error)
        if isinstance(told, PosError) and told.code == "database.unreachable":
            raise Unavailable("database.in_doubt") from error
        raise


class _Statement:
    """A reading act that another thread can stop."""

    def __init__(self, act: Callable[[Session], Any]) -> None:
        self._act = act
        self._lock, self._ended = threading.Lock(), threading.Event()
        self._connection: Any = None
        self._stopped = False

    def run(self, session: Session) -> Any:
        with self._lock:
            if self._stopped:
                raise Unavailable("database.busy")
            self._connection = session.connection().connection.driver_connection
        try:
            return self._act(session)
        finally:
            with self._lock:
                self._connection = None
                if self._stopped:
                    # The server may stop whatever this connection does next.
                    session.invalidate()
            self._ended.set()

    def stop(self) -> None:
        """Stop what is under way, and again until it has ended: between two statements there is nothing to stop."""
        while self._stop_once():
            self._ended.wait(STOP_AGAIN_S)

    def _stop_once(self) -> bool:
        with self._lock:
            self._stopped = True
            if self._connection is None:
                return False
            if hasattr(self._connection, "interrupt"):
                self._connection.interrupt()
            else:
                self._connection.cancel_safe(timeout=STOP_S)
            return True


def as_stored(session: Session, statement: Executable, parameters: dict[str, Any] | None = None) -> list[Any]:
    """Read rows as the driver gives them, with no type's translation: half the processor's time where rows are many."""
    with session.connection().execute(statement, parameters) as result:
        return list(result.cursor.fetchall())


def sqlite_driver() -> ModuleType:
    """The SQLite module in use, for copies and checks of whole files."""
    return import_module("sqlite3")


def _parse(url: str) -> URL:
    for mistake in mistakes(url):
        raise mistake
    try:
        parsed = parse_address(url)
    except Exception as error:
        raise Refused("database.url") from error
    if parsed.get_backend_name() == "sqlite" and parsed.database:
        _refuse_network_path(Path(parsed.database))
    elif parsed.get_backend_name() != "postgresql" or not parsed.database:
        raise Refused("database.url")
    return parsed


def parse_address(url: str) -> URL:
    """Take an address apart; several servers, `postgresql://user@one:5432,two:5432/shop`, as libpq's own form.

    Of several the one that takes writes is meant; what an address leaves open of encryption is filled in. Raises
    ValueError or SQLAlchemy's ArgumentError.
    """
    found = _SEVERAL.fullmatch(url)
    if found is None:
        one = make_url(url)
        if one.get_backend_name() != "postgresql":
            return one
        hosts = one.host or str(one.query.get("host", ""))
        return one.set(query=checked(hosts.split(","), one.query))
    servers = [server.rpartition(":") if ":" in server else (server, "", "5432") for server in found[2].split(",")]
    parsed = make_url(f"postgresql://{found[1] or ''}{found[3]}")
    query = {
        "host": ",".join(server[0] for server in servers),
        "port": ",".join(server[2] for server in servers),
        "target_session_attrs": "read-write",
        **parsed.query,
    }
    return parsed.set(query=checked((server[0] for server in servers), query))


def _refuse_network_path(path: Path) -> None:
    """WAL needs shared memory between processes, which network file systems do not give."""
    if str(path).startswith(("\\\\", "//")) or _file_system(path) in NETWORK_FILE_SYSTEMS:
        raise Refused("database.network_path", path=str(path))


def _file_system(path: Path) -> str:
    """The type of the file system `path` lies on, where Linux tells it; else an empty string."""
    try:
        mounts = [line.split() for line in Path("/proc/self/mounts").read_text(encoding="utf-8").splitlines()]
    except OSError:
        return ""
    real = path.absolute().parent
    under = [(len(mount[1]), mount[2]) for mount in mounts if real.is_relative_to(mount[1].replace("\\040", " "))]
    return max(under, default=(0, ""))[1]


def migration_engine(url: str) -> AsyncEngine:
    """An engine whose transactions hold SQLite's write lock from the start.

    SQLite is made ready for rebuilding tables: references are off, since dropping the old table must not take along
    the rows that refer to it (the migrations check them before they commit), and renaming the new one leaves alone
    the triggers that speak of it. Raises Refused("database.url"), Unavailable("database.missing").
    """
    parsed = _parse(url)
    if parsed.get_backend_name() == "postgresql":
        return create_async_engine(_postgres_url(parsed), hide_parameters=True)
    if not Path(parsed.database or "").absolute().parent.is_dir():
        # Asked for a file in no folder, the driver's thread may outlive the loop and end in a traceback.
        raise Unavailable("database.missing")
    with suppress(OSError):  # what keeps it from being made is told when it is opened
        make_private_file(Path(parsed.database or ""))
    engine = create_async_engine(
        parsed.set(drivername="sqlite+aiosqlite"),
        connect_args={"timeout": SQLITE_BUSY_TIMEOUT_S},
        hide_parameters=True,
    )
    event.listen(engine.sync_engine, "connect", _prepare_sqlite)
    event.listen(engine.sync_engine, "connect", _prepare_rebuilding)
    event.listen(engine.sync_engine, "begin", begin_immediate)
    return engine


def _prepare_rebuilding(connection: "DBAPIConnection", _record: "ConnectionPoolEntry") -> None:
    cursor = connection.cursor()
    for pragma in REBUILDING:
        cursor.execute(pragma)
    cursor.close()


def _begin_deferred(connection: Any) -> None:
    connection.exec_driver_sql("BEGIN")


def begin_immediate(connection: Any) -> None:
    """Take the write lock at once: a reader that turns writer fails without waiting."""
    connection.exec_driver_sql("BEGIN IMMEDIATE")


def _begin_in_turn(connection: Any) -> None:
    """Take the write lock as soon as no other program has it."""
    raw = connection.connection.driver_connection
    until = time.monotonic() + SQLITE_BUSY_TIMEOUT_S
    raw.execute("PRAGMA busy_timeout=0")
    try:
        while True:
            try:
                begin_immediate(connection)
            except OperationalError as error:
                if not _is_locked(error) or time.monotonic() > until:
                    raise
            else:
                return
            time.sleep(random.uniform(*ASK_AGAIN_S))  # noqa: S311 - jitter
    finally:
        # Without WAL a commit waits for readers, which SQLite does well enough.
        raw.execute(f"PRAGMA busy_timeout={sqlite_library.BUSY_TIMEOUT_MS}")


def _sqlite_engine(url: URL, connections: int, begin: Callable[[Any], None]) -> Engine:
    engine = create_engine(
        url.set(drivername="sqlite+pysqlite"),
        connect_args={"timeout": SQLITE_BUSY_TIMEOUT_S, "check_same_thread": False},
        pool_size=connections,
        max_overflow=0,
        hide_parameters=True,
    )
    event.listen(engine, "connect", _prepare_sqlite)
    event.listen(engine, "begin", begin)
    return engine


def _prepare_sqlite(connection: "DBAPIConnection", _record: "ConnectionPoolEntry") -> None:
    """Durable, checked and transactional: the driver's own transaction handling loses updates."""
    connection.isolation_level = None
    cursor = connection.cursor()
    for pragma in sqlite_library.pragmas():
        cursor.execute(pragma)
    cursor.close()


def _postgres_engine(url: URL) -> Engine:
    return create_engine(
        _postgres_url(url),
        pool_size=8,
        max_overflow=WRITERS + 1 - 8,
        pool_timeout=10,
        hide_parameters=True,  # a log must not hold what people are called, nor hashes of their PINs
    )


def _postgres_readers(url: URL) -> Engine:
    """Readers, each statement by itself: READ COMMITTED gives statements no more, and this saves asking twice more."""
    return create_engine(
        _postgres_url(url, POSTGRES_PLANS),
        isolation_level="AUTOCOMMIT",
        pool_size=READERS + 1,
        max_overflow=0,
        hide_parameters=True,
    )


def _postgres_url(url: URL, more: str = "") -> URL:
    query = {**POSTGRES_CONNECT, "options": POSTGRES_OPTIONS + more, "application_name": "bookstore-pos", **url.query}
    return url.set(drivername="postgresql+psycopg", query=query)


def _sqlstate(error: BaseException) -> str:
    return str(getattr(getattr(error, "orig", None), "sqlstate", None) or "")


def _worth_retrying(error: BaseException) -> bool:
    """Deadlock or serialization failure on PostgreSQL, a lock not had in time on either engine."""
    return _sqlstate(error) in {"40001", "40P01", LOCK_NOT_HAD} or (
        isinstance(error, OperationalError) and _is_locked(error)
    )


def _is_locked(error: OperationalError) -> bool:
    return "database is locked" in str(error)


def _never_answered(error: OperationalError) -> bool:
    """A server that could not be asked gives no state; SQLite never gives one, and is lost when its disk is."""
    if hasattr(error.orig, "sqlstate"):
        return not _sqlstate(error)
    return "disk I/O error" in str(error.orig)


def translate(error: BaseException) -> BaseException:
    """What a person may be told of a driver's error; the error itself where it is a fault of ours."""
    said = str(getattr(error, "orig", error))
    state = _sqlstate(error)
    if "is full" in said or state == "53100":
        return Unavailable("database.disk_full")
    if "readonly database" in said or state == "25006":
        return Unavailable("database.read_only")
    # 57014 is a statement that took too long, or was stopped: the server is there.
    if "database is locked" in said or state in {LOCK_NOT_HAD, "57014"}:
        return Unavailable("database.busy")
    if state in {"28P01", "28000"} or _REFUSED_AT_THE_DOOR.search(said):
        return Unavailable("database.sign_in_refused")
    if state == "42501":
        return Refused("database.no_right")
    if "unsupported startup parameter" in said:
        return Unavailable("database.pooler")
    if state == "3D000" or "unable to open database file" in said or _NO_SUCH_DATABASE.search(said):
        return Unavailable("database.missing")
    if "malformed" in said or "not a database" in said:
        return Unavailable("database.damaged")
    lost = isinstance(error, (InterfaceError, PoolTimeoutError, OSError)) or (
        isinstance(error, OperationalError) and (_never_answered(error) or state[:2] in {"08", "57"})
    )
    return Unavailable("database.unreachable") if lost else error
