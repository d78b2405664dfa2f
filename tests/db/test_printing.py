"""A printer that is off, slow, strange or gone: no sale waits for it, and every paper comes out once."""

import asyncio
import contextlib
import socket
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from pos_app.devices import receipt_printer
from pos_app.devices.receipt_printer import PrinterStatus, check_setting, read_status, status
from pos_app.errors import Refused, Unavailable
from pos_app.services import printing
from pos_app.services.printing import JobState, PrintQueue


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(printing, "PAUSES_S", (0.02,))


class Printer:
    """A network printer on this machine, with a temper."""

    def __init__(self, answer: bytes = b"") -> None:
        self.answer, self.received = answer, bytearray()
        self._server = socket.create_server(("127.0.0.1", 0))
        self.setting = f"tcp:127.0.0.1:{self._server.getsockname()[1]}"
        self.closes_after: int | None = None
        self.reads = threading.Event()
        self.reads.set()
        self._thread = threading.Thread(target=self._serve, name="worker-fake", daemon=True)
        self._thread.start()

    def _serve(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                connection, _ = self._server.accept()
                with connection:
                    self._talk(connection)

    def _talk(self, connection: socket.socket) -> None:
        taken = 0
        with contextlib.suppress(OSError):
            while True:
                self.reads.wait(20)
                data = connection.recv(1 << 20)
                if not data:
                    return
                self.received += data
                taken += len(data)
                for _ in range(data.count(b"\x10\x04")):
                    connection.sendall(self.answer)
                if self.closes_after is not None and taken >= self.closes_after:
                    return

    def stop(self) -> None:
        self.reads.set()
        # A thread that waits in accept keeps the port open until it is woken.
        with contextlib.suppress(OSError):
            self._server.shutdown(socket.SHUT_RDWR)
        self._server.close()


@pytest.fixture
def printer() -> Iterator[Printer]:
    made = Printer()
    yield made
    made.stop()


async def until(holds: Callable[[], bool], timeout_s: float = 10) -> None:
    async with asyncio.timeout(timeout_s):
        while not holds():
            await asyncio.sleep(0.005)


async def quick_put(queue: PrintQueue, name: str, data: bytes) -> None:
    """Put a job, which never takes longer than a sale can wait."""
    before = time.perf_counter()
    await queue.put(name, data)
    assert time.perf_counter() - before < 0.1


async def test_papers_come_out_once_and_in_order(tmp_path: Path, printer: Printer) -> None:
    queue = PrintQueue(tmp_path, printer.setting)
    for number in range(5):
        await quick_put(queue, str(number), f"<{number}>".encode())
    await until(lambda: not queue.jobs)
    await until(lambda: printer.received == bytearray(b"<0><1><2><3><4>"))
    assert list(tmp_path.iterdir()) == []
    await queue.close()


async def test_a_printer_that_is_off_is_waited_for(tmp_path: Path, printer: Printer) -> None:
    setting = printer.setting
    printer.stop()
    queue = PrintQueue(tmp_path, setting)
    await quick_put(queue, "1-000001", b"paper")
    await until(lambda: bool(queue.jobs) and queue.jobs[0].state is JobState.FAILED)
    assert "it is switched off or not there" in queue.jobs[0].reason
    assert "nothing is lost" in queue.jobs[0].reason
    other = Printer()
    queue.send_to(queue.jobs[0], other.setting)
    await until(lambda: not queue.jobs)
    await until(lambda: b"paper" in other.received)
    other.stop()
    await queue.close()


async def test_a_printer_that_takes_nothing_for_a_minute_stops_no_sale(
    tmp_path: Path, printer: Printer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(receipt_printer, "WRITE_S", 0.3)
    printer.reads.clear()
    queue = PrintQueue(tmp_path, printer.setting)
    much = b"x" * 20_000_000
    await quick_put(queue, "long", much[:1000])
    queue_again = PrintQueue(tmp_path / "much", printer.setting)
    await queue_again.put("much", much)
    for number in range(20):
        await quick_put(queue_again, str(number), b"y")
    await until(lambda: queue_again.jobs[0].state is JobState.FAILED)
    assert "it does not answer" in queue_again.jobs[0].reason
    printer.reads.set()
    await until(lambda: not queue_again.jobs, 60)
    await queue.close()
    await queue_again.close()


async def test_a_paper_that_was_begun_says_so_when_it_is_printed_again(tmp_path: Path) -> None:
    papers: list[bytes] = []
    failures = iter([True, False])

    def send(_printer: str, data: bytes) -> None:
        if next(failures):
            raise Unavailable("printer.failed", reason="it vanished in the middle")
        papers.append(data)

    queue = PrintQueue(tmp_path, "tcp:nowhere:9100", send)
    await queue.put("1-000001", b"paper")
    await until(lambda: not queue.jobs)
    assert papers == [printing.REPEATED + b"paper"]
    await queue.close()


async def test_what_was_not_printed_is_printed_after_a_restart(tmp_path: Path) -> None:
    def off(_printer: str, _data: bytes) -> None:
        raise Unavailable("printer.failed", reason="it is off")

    first = PrintQueue(tmp_path, "file:/dev/null", off)
    for name in ("1-000001", "1-000002"):
        await first.put(name, name.encode())
    await until(lambda: first.jobs[0].state is JobState.FAILED)
    await first.close()
    papers: list[bytes] = []
    second = PrintQueue(tmp_path, "file:/dev/null", lambda _printer, data: papers.append(data))
    await second.start()
    await until(lambda: not second.jobs)
    assert papers == [printing.REPEATED + b"1-000001", b"1-000002"]
    assert list(tmp_path.iterdir()) == []
    await second.close()


async def test_a_paper_can_be_given_up(tmp_path: Path) -> None:
    def off(_printer: str, _data: bytes) -> None:
        raise Unavailable("printer.failed", reason="it is off")

    queue = PrintQueue(tmp_path, "file:/dev/null", off)
    await queue.put("1-000001", b"paper")
    await until(lambda: queue.jobs[0].state is JobState.FAILED)
    await queue.drop(queue.jobs[0])
    assert queue.jobs == ()
    await queue.close()


async def test_the_simulated_printer_keeps_what_it_printed(tmp_path: Path) -> None:
    queue = PrintQueue(tmp_path, "simulated")
    await queue.put("1-000001", b"paper")
    await until(lambda: queue.simulated == [b"paper"])
    await queue.close()


@pytest.mark.parametrize(
    ("answer", "sentence"),
    [
        (b"\x12", "Ready, paper fine."),
        (b"\xff", "It does not say how it is."),
        (b"G", "It does not say how it is."),
    ],
)
def test_a_printer_is_asked_how_it_is_and_garbage_is_no_answer(answer: bytes, sentence: str) -> None:
    printer = Printer(answer)
    assert status(printer.setting).sentence == sentence
    printer.stop()


@pytest.mark.parametrize(
    ("answers", "wanted"),
    [
        ([0x1A, 0x12, 0x12, 0x12], PrinterStatus(True, offline=True)),
        ([0x1A, 0x16, 0x12, 0x12], PrinterStatus(True, offline=True, cover_open=True)),
        ([0x1A, 0x32, 0x12, 0x72], PrinterStatus(True, offline=True, paper_out=True)),
        ([0x12, 0x12, 0x12, 0x1E], PrinterStatus(True, paper_low=True)),
        ([0x12, 0x12, 0x5A, 0x12], PrinterStatus(True, error=True)),
        ([None, None, None, None], PrinterStatus(False)),
    ],
)
def test_the_status_bits_are_read(answers: list[int | None], wanted: PrinterStatus) -> None:
    found = read_status(answers)
    assert found == wanted
    assert found.sentence.endswith(".")


@pytest.mark.parametrize(
    "setting", ["tcp:host", "tcp:host:99999", "usb:04b8", "usb:04b8:zzzz", "carrier:pigeon", "file:"]
)
def test_an_address_that_cannot_be_is_refused(setting: str) -> None:
    with pytest.raises(Refused):
        check_setting(setting)


@pytest.mark.parametrize(
    "setting",
    ["none", "simulated", "file:/dev/lp0", "tcp:192.0.2.1:9100", "usb:04b8:0e15", "serial:/dev/ttyS0", "system:Till"],
)
def test_every_kind_of_address_is_known(setting: str) -> None:
    check_setting(setting)
