"""PostgreSQL's own programs, run as they are found on this machine."""

import os
import re
import shutil
import subprocess
from pathlib import Path

from sqlalchemy.engine import URL

from pos_app.errors import Refused
from pos_app.version import system_environment

TOOL_FOLDERS = ("/usr/lib/postgresql/*/bin", "/usr/pgsql-*/bin", "C:/Program Files/PostgreSQL/*/bin")
TOOL_TIME_LIMIT_S = 3_600


def run_tool(name: str, url: URL | None, *arguments: str) -> None:
    """Run one of PostgreSQL's programs; the password goes by the environment, which other users cannot read."""
    tool = _tool(name)
    environment = system_environment()
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
