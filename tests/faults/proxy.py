"""A cable between a till and its server that tests pull, cut and slow down, the same way each time.

Faults are asked for by name, or drawn from a seed: what happens to the third piece of the second connection depends on
the seed and those two numbers alone, not on what the machine does beside.
"""

import random
import socket
import struct
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field

PIECE = 65536
LOOK_S = 0.02


@dataclass
class _Line:
    """One connection through the proxy."""

    number: int
    till: socket.socket
    server: socket.socket
    swallow: bool = False
    over: threading.Event = field(default_factory=threading.Event)

    def end(self, *, reset: bool) -> None:
        self.over.set()
        for one in (self.till, self.server):
            with suppress(OSError):
                if reset:
                    one.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                one.shutdown(socket.SHUT_RDWR)
            one.close()


class Proxy:
    """Listens on a loopback port and carries everything to a server, until told otherwise."""

    def __init__(self, host: str, port: int, *, seed: int = 0) -> None:
        self.server = (host, port)
        self.seed = seed
        # Each piece may be late by up to so many seconds, or be the last of its connection, at this rate.
        self.late_s = 0.0
        self.cut_rate = 0.0
        self.happened: list[str] = []
        self._passing = threading.Event()
        self._passing.set()
        self._refusing = False
        self._trap: tuple[bytes, str, int] | None = None
        self._lines: list[_Line] = []
        self._made = 0
        self._lock = threading.Lock()
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]
        self._threads: list[threading.Thread] = []
        self._start(self._accept)

    # What a test does to the cable

    def pull(self) -> None:
        """Pull the cable: nothing arrives any more, and nobody is told."""
        self.happened.append("pull")
        self._passing.clear()

    def mend(self) -> None:
        """Put the cable back, and let connections be made: what was under way arrives now, as TCP has it."""
        self.happened.append("mend")
        self._refusing = False
        self._passing.set()

    def cut(self) -> None:
        """Reset every connection, and refuse new ones."""
        self.happened.append("cut")
        self._refusing = True
        self.reset()

    def reset(self) -> None:
        """Reset every connection; new ones may be made at once."""
        with self._lock:
            lines, self._lines = self._lines, []
        for line in lines:
            line.end(reset=True)

    def lose_reply(self, said: bytes, nth: int = 1) -> None:
        """Let what a till says the nth time arrive, swallow the answer, then reset that connection."""
        self._trap = (said, "reply", nth)

    def lose_request(self, said: bytes, nth: int = 1) -> None:
        """Reset the connection on which a till says something the nth time, before it arrives."""
        self._trap = (said, "request", nth)

    def pull_at(self, said: bytes, nth: int = 1, *, arrives: bool = True) -> None:
        """Pull the cable as a till says something the nth time, right after it went through or right before."""
        self._trap = (said, "pull" if arrives else "early pull", nth)

    def close(self) -> None:
        """End every connection and the proxy."""
        self._refusing = True
        self._passing.set()
        with suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self.reset()
        for thread in self._threads:
            thread.join(5)

    # What carries

    def _start(self, work: object, *arguments: object) -> None:
        thread = threading.Thread(target=work, args=arguments, name="worker-proxy", daemon=True)  # type: ignore[arg-type]
        thread.start()
        self._threads.append(thread)

    def _accept(self) -> None:
        while True:
            try:
                till, _ = self._listener.accept()
            except OSError:
                return
            self._start(self._connect, till)

    def _connect(self, till: socket.socket) -> None:
        self._passing.wait()
        if self._refusing:
            till.close()
            return
        try:
            server = socket.create_connection(self.server, timeout=5)
        except OSError:
            till.close()
            return
        server.settimeout(None)
        for one in (till, server):
            one.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        with self._lock:
            self._made += 1
            line = _Line(self._made, till, server)
            self._lines.append(line)
        self._start(self._carry, line, till, server, True)
        self._start(self._carry, line, server, till, False)

    def _carry(self, line: _Line, source: socket.socket, target: socket.socket, from_till: bool) -> None:
        place = 0
        while not line.over.is_set():
            try:
                piece = source.recv(PIECE)
            except OSError:
                piece = b""
            self._waits(line)
            if not piece or not self._let_through(line, piece, place, from_till):
                break
            place += 1
            if line.swallow and not from_till:
                break
            try:
                target.sendall(piece)
            except OSError:
                break
        line.end(reset=line.swallow)

    def _waits(self, line: _Line) -> bool:
        """Hold on while the cable is out; gives whether the connection is still there afterwards."""
        while not self._passing.wait(LOOK_S):
            if line.over.is_set():
                return False
        return True

    def _let_through(self, line: _Line, piece: bytes, place: int, from_till: bool) -> bool:
        chance = random.Random(f"{self.seed} {line.number} {place} {from_till}")
        if self.late_s:
            time.sleep(chance.uniform(0, self.late_s))
        if self.cut_rate and chance.random() < self.cut_rate:
            self.happened.append(f"cut {line.number} at {place}")
            line.swallow = True
            return False
        if from_till and self._trap is not None and self._trap[0] in piece:
            said, kind, nth = self._trap
            self._trap = (said, kind, nth - 1) if nth > 1 else None
            if nth == 1 and kind.endswith("pull"):
                self.pull()
                return kind == "pull" or self._waits(line)
            if nth == 1:
                self.happened.append(f"lost {kind} of {said.decode()}")
                line.swallow = True
                return kind == "reply"
        return True


@contextmanager
def proxied(url: str, *, seed: int = 0) -> Iterator[tuple[Proxy, str]]:
    """A proxy before a database's server, and the database's address through it."""
    from sqlalchemy.engine import make_url  # noqa: PLC0415 - processes of their own need no SQLAlchemy

    parsed = make_url(url)
    proxy = Proxy(parsed.host or "127.0.0.1", parsed.port or 5432, seed=seed)
    try:
        yield proxy, parsed.set(host="127.0.0.1", port=proxy.port).render_as_string(hide_password=False)
    finally:
        proxy.close()
