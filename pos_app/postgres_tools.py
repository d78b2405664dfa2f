"""PostgreSQL's own programs, run as they are found on this machine, and whole databases on its server."""

import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy.engine import URL

from pos_app.database import translate
from pos_app.errors import PosError, Refused, Unavailable, not_writable
from pos_app.private import make_private_file
from pos_app.sqlite_file import make_folder
from pos_app.version import system_environment

if TYPE_CHECKING:
    import psycopg

TOOL_FOLDERS = ("/usr/lib/postgresql/*/bin", "/usr/pgsql-*/bin", "C:/Program Files/PostgreSQL/*/bin")
TOOL_TIME_LIMIT_S = 3_600


def run_tool(name: str, url: URL | None, *arguments: str) -> None:
    """Run one of PostgreSQL's programs; the password goes by the environment, which other users cannot read."""
    tool = _tool(name)
    environment = system_environment() | {"LC_ALL": "C"}  # what it says is told on, and read below
    where: tuple[str, ...] = ()
    if url is not None:
        if url.password:
            environment["PGPASSWORD"] = str(url.password)
        bare = URL.create(
            "postgresql", url.username, host=url.host, port=url.port, database=url.database, query=url.query
        )
        where = (f"--dbname={bare.render_as_string(hide_password=False)}", "--no-password")
    try:
        done = subprocess.run(  # noqa: S603 - the server's own program, found by its name
            [tool, *where, *arguments],
            env=environment,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
            timeout=TOOL_TIME_LIMIT_S,
            check=False,
        )
    except subprocess.TimeoutExpired as error:
        raise Refused("backup.failed", tool=name, reason="it took longer than an hour") from error
    if done.returncode:
        if "server version mismatch" in done.stderr:
            raise Refused("backup.tool_old", tool=name)
        if "No space left on device" in done.stderr:
            raise Unavailable("database.disk_full")
        if url is not None and "no pg_hba.conf entry" in done.stderr:
            raise Refused("backup.not_let_in", database=url.database, user=url.username)
        reason = (done.stderr.strip().splitlines() or ["no reason given"])[0][:300]
        raise Refused("backup.failed", tool=name, reason=reason)


def _tool(name: str) -> str:
    """The newest of PostgreSQL's programs of that name: an older one refuses a newer server."""
    folders = sorted(
        (folder for pattern in TOOL_FOLDERS for folder in Path(Path(pattern).anchor).glob(pattern.partition("/")[2])),
        key=lambda folder: int((re.findall(r"\d+", str(folder.parent.name)) or ["0"])[0]),
    )
    found = shutil.which(name, path=os.pathsep.join([*(map(str, reversed(folders))), os.environ.get("PATH", "")]))
    if found is None:
        raise Refused("backup.tool_missing", tool=name)
    return found


def lacks_programs(release: int) -> str:
    """Why a server of this release cannot be dumped from here; empty where it can."""
    try:
        tool = _tool("pg_dump")
    except Refused:
        return "pg_dump is not installed here."
    said = subprocess.run([tool, "--version"], capture_output=True, text=True, check=False)  # noqa: S603 - as above
    found = re.search(r"\d+", said.stdout)
    old = found is None or int(found[0]) < release
    return f"pg_dump here is older than the server (release {release})." if old else ""


def write_dump(url: URL, target: Path, *, privileges: bool = False) -> None:
    """Dump a database in PostgreSQL's own compressed form, whole or not at all, and look through it.

    With `privileges` it says what each role may do, for the same server. Raises Refused("backup.tool_missing" |
    "backup.tool_old" | "backup.not_let_in" | "backup.failed") or Unavailable.
    """
    make_folder(target.parent)
    part = target.with_name(target.name + ".part")
    try:
        leave_out = ("--no-owner",) if privileges else ("--no-owner", "--no-privileges")
        part.unlink(missing_ok=True)
        make_private_file(part)
        run_tool("pg_dump", url, "--format=custom", *leave_out, f"--file={part}")
        run_tool("pg_restore", None, "--list", str(part))
        with part.open("rb+") as file:
            os.fsync(file.fileno())
        part.replace(target)
    except OSError as error:
        raise not_writable(target.parent, error) from error
    finally:
        part.unlink(missing_ok=True)


def read_dump(dump: Path, url: URL, *, privileges: bool = False) -> None:
    """Read a dump into an empty database, with what each role may do where asked.

    Raises Refused("backup.tool_missing" | "backup.not_let_in" | "backup.failed") or Unavailable.
    """
    leave_out = ("--no-owner",) if privileges else ("--no-owner", "--no-privileges")
    run_tool("pg_restore", url, "--exit-on-error", *leave_out, str(dump))


def on_server(url: URL, *statements: str, through: str | None = "postgres") -> None:
    """Run statements about whole databases, all or none where the server can.

    By way of the server's own database, since one in use cannot be renamed. Raises Refused or Unavailable.
    """
    import psycopg  # noqa: PLC0415 - only where there is a server

    try:
        with connected(url.set(database=through)) as connection:
            if len(statements) == 1:  # making and dropping databases is refused inside a transaction
                connection.execute(statements[0].encode())
                return
            with connection.transaction():
                for statement in statements:
                    connection.execute(statement.encode())
    except psycopg.errors.ObjectInUse as error:
        raise Refused("restore.in_use", path=str(url.database)) from error
    except psycopg.errors.InsufficientPrivilege as error:
        raise Refused("restore.no_right", user=str(url.username)) from error
    except psycopg.OperationalError as error:
        raise _told(error) from error


@contextmanager
def connected(url: URL) -> "Iterator[psycopg.Connection]":
    """Connect for a moment, each statement by itself. Raises Unavailable."""
    import psycopg  # noqa: PLC0415 - only where there is a server

    where = url.set(drivername="postgresql").render_as_string(hide_password=False)
    try:
        connection = psycopg.connect(where, autocommit=True, connect_timeout=5)
    except psycopg.OperationalError as error:
        raise _told(error) from error
    with connection:
        yield connection


def _told(error: Exception) -> PosError:
    told = translate(error)
    return told if isinstance(told, PosError) else Unavailable("database.unreachable")
