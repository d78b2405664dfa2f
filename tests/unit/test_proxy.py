"""The cable that tests pull: what it does is the same for the same seed, and nothing where nothing is asked."""

import socket
import threading
from collections.abc import Iterator

import pytest

from tests.faults.proxy import Proxy


@pytest.fixture
def echo() -> Iterator[int]:
    """A server that says back what it hears."""
    listener = socket.create_server(("127.0.0.1", 0))

    def serve(line: socket.socket) -> None:
        with line:
            while piece := line.recv(100):
                line.sendall(piece)

    def accept() -> None:
        while True:
            try:
                line, _ = listener.accept()
            except OSError:
                return
            threading.Thread(target=serve, args=[line], name="worker-echo", daemon=True).start()

    threading.Thread(target=accept, name="worker-accept", daemon=True).start()
    yield listener.getsockname()[1]
    listener.shutdown(socket.SHUT_RDWR)
    listener.close()


def exchanged(port: int, said: str, times: int = 60) -> int:
    """How many times something comes back before the connection ends."""
    with socket.create_connection(("127.0.0.1", port), 5) as line:
        for number in range(times):
            try:
                line.sendall(said.encode())
                if not line.recv(100):
                    return number
            except OSError:
                return number
    return times


def cuts(port: int, seed: int) -> list[int]:
    proxy = Proxy("127.0.0.1", port, seed=seed)
    proxy.cut_rate = 0.05
    try:
        return [exchanged(proxy.port, "x") for _ in range(6)]
    finally:
        proxy.close()


def test_the_same_seed_cuts_at_the_same_places(echo: int) -> None:
    assert cuts(echo, 1) == cuts(echo, 1)
    assert cuts(echo, 1) != cuts(echo, 2)


def test_a_reply_is_lost_after_its_request_arrived_and_a_request_before(echo: int) -> None:
    proxy = Proxy("127.0.0.1", echo)
    assert exchanged(proxy.port, "COMMIT") == 60
    for lose in (proxy.lose_reply, proxy.lose_request):
        lose(b"COMMIT", 3)
        assert exchanged(proxy.port, "COMMIT") == 2
        assert exchanged(proxy.port, "COMMIT") == 60
    assert proxy.happened == ["lost reply of COMMIT", "lost request of COMMIT"]
    proxy.close()


def test_what_is_under_way_while_the_cable_is_out_arrives_when_it_is_back(echo: int) -> None:
    proxy = Proxy("127.0.0.1", echo)
    with socket.create_connection(("127.0.0.1", proxy.port), 5) as line:
        line.sendall(b"a")
        assert line.recv(1) == b"a"
        proxy.pull()
        line.sendall(b"b")
        line.settimeout(0.2)
        with pytest.raises(TimeoutError):
            line.recv(1)
        proxy.mend()
        line.settimeout(5)
        assert line.recv(1) == b"b"
    proxy.close()
