"""`python -m MODULE …` as a process of its own that need not load the program first.

A helper has loaded it once, waits, and forks for each command: what comes of that is a process with the folder,
environment, standard streams, exit code and end of any other, half a second of imports sooner.
"""

import json
import os
import signal
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[1]
LONGEST_S = 60
# A request is one packet; environments are the longest part.
PACKET = 200_000


@dataclass(frozen=True)
class Forks:
    """The helper, as tests ask it."""

    _line: socket.socket

    def run(
        self, module: str, *arguments: str, env: Mapping[str, str], stdin: str = "", cwd: Path = ROOT
    ) -> subprocess.CompletedProcess[str]:
        """Run a command to its end, as `subprocess.run` does with `capture_output` and `text`."""
        with tempfile.TemporaryFile("w+") as given, tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
            given.write(stdin)
            given.seek(0)
            asked = json.dumps({"module": module, "arguments": arguments, "env": dict(env), "cwd": str(cwd)}).encode()
            socket.send_fds(self._line, [asked], [given.fileno(), out.fileno(), err.fileno()])
            code = int(self._line.recv(PACKET))
            said = []
            for stream in (out, err):
                stream.seek(0)
                said.append(stream.read().decode("utf-8"))
        return subprocess.CompletedProcess([module, *arguments], code, *said)


@contextmanager
def forks() -> Iterator[Forks]:
    """Start the helper, and end it with whatever it still runs."""
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    ours.settimeout(LONGEST_S)
    with ours, theirs:
        for end in (ours, theirs):
            end.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 2 * PACKET)
        helper = subprocess.Popen(
            [sys.executable, "-m", "tests.forks", str(theirs.fileno())],
            cwd=ROOT,
            pass_fds=[theirs.fileno()],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            start_new_session=True,
        )
        theirs.close()
        try:
            yield Forks(ours)
        finally:
            with suppress(ProcessLookupError):
                os.killpg(helper.pid, signal.SIGKILL)
            helper.wait()


def _become(asked: Mapping[str, str], streams: list[int]) -> str:
    """Make this process what `python -m MODULE` would be; gives the module.

    Python's own streams stay: nothing went through them, and they read and write what is put in their places.
    """
    for number, stream in enumerate(streams):
        os.dup2(stream, number)
        os.close(stream)
    os.chdir(asked["cwd"])
    os.environ.clear()
    os.environ.update(asked["env"])
    sys.argv = [asked["module"], *asked["arguments"]]
    sys.path[0] = asked["cwd"]
    return asked["module"]


def _serve(line: socket.socket) -> str:
    """Fork for each request and tell how that ended; in the child, gives the module to run."""
    while True:
        packet, streams, _, _ = socket.recv_fds(line, PACKET, 3)
        if not packet:
            sys.exit()
        child = os.fork()
        if child == 0:
            line.close()
            return _become(json.loads(packet), streams)
        for stream in streams:
            os.close(stream)
        _, status = os.waitpid(child, 0)
        line.send(str(os.waitstatus_to_exitcode(status)).encode())


if __name__ == "__main__":
    import gc
    import runpy
    from importlib import import_module
    from pkgutil import walk_packages

    needed = ["alembic.config", "alembic.autogenerate", "aiosqlite", "sqlalchemy.dialects.postgresql.psycopg"]
    import pos_app

    needed += [one.name for one in walk_packages(pos_app.__path__, "pos_app.") if not one.name.endswith("__main__")]
    for module in needed:
        import_module(module)
    import sqlalchemy.orm

    sqlalchemy.orm.configure_mappers()
    gc.freeze()
    # From here on a child ends as any program does: this is the last line it runs.
    runpy.run_module(_serve(socket.socket(fileno=int(sys.argv[1]))), run_name="__main__", alter_sys=True)
