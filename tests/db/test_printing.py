"""A printer that is off, slow, strange or gone: no sale waits for it, and every paper comes out once."""

import asyncio
import contextlib
import os
import socket
import struct
import sys
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from pos_app.config import Config
from pos_app.devices import printer_link, receipt_printer
from pos_app.devices.receipt_printer import PrinterStatus, Sender, check_setting, read_status, status
from pos_app.doctor import Level, examine
from pos_app.errors import Refused, Unavailable
from pos_app.receipts.escpos import INIT, PULSE
from pos_app.services import printing
from pos_app.services.printing import REPEATED, JobState, PrintQueue

FINE = [b"\x12"] * 4
PAPER_OUT = [b"\x1a", b"\x32", b"\x12", b"\x72"]
COVER_OPEN = [b"\x1a", b"\x16", b"\x12", b"\x12"]
SILENT = [b""] * 4
GARBAGE = [b"HTTP/1.1 400 Bad Request\r\n\r\n"] * 4
QUICK_S = 0.1


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(printing, "PAUSES_S", (0.02,))
    monkeypatch.setattr(printer_link, "STATUS_S", 0.3)
    monkeypatch.setattr(printer_link, "LINGER_S", 0.2)


class Printer:
    """A network printer on this machine, with a temper; `paper` is what it printed."""

    def __init__(self, answers: list[bytes] = FINE) -> None:
        self.answers, self.paper = answers, bytearray()
        self._server = socket.create_server(("127.0.0.1", 0))
        self.setting = f"tcp:127.0.0.1:{self._server.getsockname()[1]}"
        # Breaks the connection off once it printed so many bytes.
        self.breaks_after: int | None = None
        # Whether it takes bytes at all, and whether it says when all is printed.
        self.reads = threading.Event()
        self.reads.set()
        self.confirms = True
        threading.Thread(target=self._serve, name="worker-fake", daemon=True).start()

    def _serve(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                connection, _ = self._server.accept()
                with connection, contextlib.suppress(OSError):
                    self._talk(connection)

    def _talk(self, connection: socket.socket) -> None:
        waiting = b""
        while True:
            self.reads.wait(20)
            data = connection.recv(1 << 16)
            if not data:
                self.paper += waiting
                return
            waiting = self._take(connection, waiting + data)
            if self.breaks_after is not None and len(self.paper) >= self.breaks_after:
                self.breaks_after = None
                connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                return

    def _take(self, connection: socket.socket, data: bytes) -> bytes:
        """Print and answer; gives the start of a command whose end has not come yet."""
        place = 0
        while place < len(data):
            command = data[place : place + 3]
            if command[:1] in b"\x10\x1d" and len(command) < 3:
                return data[place:]
            if command[:2] == b"\x10\x04":
                connection.sendall(self.answers[command[2] - 1])
                place += 3
            elif command == b"\x1dr\x01":
                connection.sendall(b"\x00" if self.confirms and self.answers is FINE else b"")
                place += 3
            else:
                end = min(
                    at for at in (data.find(b"\x10", place + 1), data.find(b"\x1d", place + 1), len(data)) if at > 0
                )
                limit = len(data) if self.breaks_after is None else place + self.breaks_after - len(self.paper)
                end = min(end, limit)
                self.paper += data[place:end]
                place = end
                if self.breaks_after is not None and len(self.paper) >= self.breaks_after:
                    return b""
        return b""

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
    assert time.perf_counter() - before < QUICK_S


async def failed(queue: PrintQueue) -> str:
    """Wait until the first job failed, and give the sentence that is shown."""
    await until(lambda: bool(queue.jobs) and queue.jobs[0].state is JobState.FAILED)
    return queue.jobs[0].reason


@contextlib.asynccontextmanager
async def heartbeat() -> object:  # type: ignore[misc] # an async generator
    """See that the loop goes on all the while."""
    gaps: list[float] = []

    async def beat() -> None:
        while True:
            before = time.perf_counter()
            await asyncio.sleep(0.005)
            gaps.append(time.perf_counter() - before)

    task = asyncio.create_task(beat())
    yield
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    assert max(gaps, default=0) < 0.5


# What goes right.


@pytest.mark.parametrize("answers", [FINE, SILENT, GARBAGE])
async def test_papers_come_out_once_and_in_order(tmp_path: Path, printer: Printer, answers: list[bytes]) -> None:
    printer.answers = answers
    queue = PrintQueue(tmp_path, printer.setting)
    for number in range(5):
        await quick_put(queue, str(number), f"<{number}>".encode())
    await until(lambda: not queue.jobs)
    await until(lambda: printer.paper == bytearray(b"<0><1><2><3><4>"))
    assert list(tmp_path.iterdir()) == []
    assert [(job.name, job.state) for job in queue.recent] == [(str(n), JobState.DONE) for n in range(5)]
    await queue.close()


async def test_a_printer_that_never_says_done_is_asked_no_more(
    tmp_path: Path, printer: Printer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(receipt_printer, "DONE_S", 0.1)
    printer.confirms = False
    queue = PrintQueue(tmp_path, printer.setting)
    for name in ("<1>", "<2>"):
        await queue.put(name, name.encode())
    await until(lambda: not queue.jobs)
    assert printer.paper == bytearray(b"<1><2>")
    await queue.close()


async def test_listeners_hear_of_every_state(tmp_path: Path) -> None:
    queue, heard = PrintQueue(tmp_path, "simulated"), []
    queue.listeners.append(lambda: heard.append([job.state for job in queue.jobs]))
    await queue.put("1-000001", b"paper")
    await until(lambda: not queue.jobs)
    assert heard == [[JobState.WAITING], [JobState.PRINTING], []]
    assert list(queue.simulated) == [b"paper"]
    await queue.close()


async def test_without_a_printer_nothing_is_kept(tmp_path: Path) -> None:
    queue = PrintQueue(tmp_path, "none")
    await queue.put("1-000001", b"paper")
    assert queue.jobs == ()
    assert list(tmp_path.iterdir()) == []


# What goes wrong at the printer.


async def test_a_printer_that_is_off_is_waited_for(tmp_path: Path, printer: Printer) -> None:
    setting = printer.setting
    printer.stop()
    queue = PrintQueue(tmp_path, setting)
    await quick_put(queue, "1-000001", b"paper")
    said = await failed(queue)
    assert "it is switched off or not there" in said
    assert "See that it is on and connected" in said
    other = Printer()
    queue.send_to(queue.jobs[0], other.setting)
    await until(lambda: not queue.jobs)
    assert other.paper == bytearray(b"paper")
    other.stop()
    await queue.close()


@pytest.mark.parametrize(
    ("answers", "what_to_do"), [(PAPER_OUT, "put a new roll in"), (COVER_OPEN, "The cover is open: close it")]
)
async def test_a_printer_that_would_not_print_gets_nothing_until_it_would(
    tmp_path: Path, printer: Printer, answers: list[bytes], what_to_do: str
) -> None:
    printer.answers = answers
    queue = PrintQueue(tmp_path, printer.setting)
    for name in ("<1>", "<2>", "<3>"):
        await quick_put(queue, name, name.encode())
    assert what_to_do in await failed(queue)
    await asyncio.sleep(0.2)
    assert printer.paper == bytearray()
    printer.answers = FINE
    await until(lambda: not queue.jobs)
    assert printer.paper == bytearray(b"<1><2><3>")
    await queue.close()


@pytest.mark.parametrize("first", [SILENT, GARBAGE])
async def test_a_printer_that_did_not_answer_once_is_asked_again(
    tmp_path: Path, printer: Printer, monkeypatch: pytest.MonkeyPatch, first: list[bytes]
) -> None:
    monkeypatch.setattr(receipt_printer, "ASK_AGAIN_S", 0.2)
    printer.answers = first
    queue = PrintQueue(tmp_path, printer.setting)
    await quick_put(queue, "<1>", b"<1>")
    await until(lambda: not queue.jobs)
    printer.answers = PAPER_OUT
    await asyncio.sleep(0.25)
    await quick_put(queue, "<2>", b"<2>")
    assert "put a new roll in" in await failed(queue)
    printer.answers = FINE
    await until(lambda: not queue.jobs)
    assert printer.paper == bytearray(b"<1><2>")
    await queue.close()


async def test_paper_that_runs_out_in_the_middle_is_told_and_the_paper_repeated(
    tmp_path: Path, printer: Printer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(receipt_printer, "DONE_S", 0.1)
    printer.confirms = False
    queue = PrintQueue(tmp_path, printer.setting)
    asked = iter([FINE, PAPER_OUT, FINE])
    ask = receipt_printer._ask  # noqa: SLF001 - the printer changes between two questions

    def change_and_ask(link: printer_link.Link) -> PrinterStatus:
        printer.answers = next(asked, FINE)
        return ask(link)

    monkeypatch.setattr(receipt_printer, "_ask", change_and_ask)
    await queue.put("1-000001", b"paper")
    assert "the paper is out: put a new roll in" in await failed(queue)
    printer.confirms = True
    await until(lambda: not queue.jobs)
    assert printer.paper == bytearray(b"paper" + REPEATED + b"paper")
    await queue.close()


async def test_a_printer_that_takes_nothing_for_a_minute_stops_no_sale(
    tmp_path: Path, printer: Printer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(printer_link, "WRITE_S", 0.3)
    printer.answers = SILENT
    printer.reads.clear()
    queue = PrintQueue(tmp_path, printer.setting)
    much = b"x" * 20_000_000
    await queue.put("much", much)
    async with heartbeat():
        for number in range(20):
            await quick_put(queue, str(number), b"y")
        assert "it does not answer" in await failed(queue)
    monkeypatch.setattr(printer_link, "WRITE_S", 10)
    printer.reads.set()
    await until(lambda: not queue.jobs, 30)
    assert bytes(printer.paper).endswith(REPEATED + much + b"y" * 20)
    await queue.close()


async def test_a_printer_that_vanishes_in_the_middle_prints_all_of_it_again_and_says_so(
    tmp_path: Path, printer: Printer
) -> None:
    printer.breaks_after = 7
    queue = PrintQueue(tmp_path, printer.setting)
    for name in ("<first>", "<second>"):
        await quick_put(queue, name, name.encode() * 2)
    await until(lambda: not queue.jobs)
    assert printer.paper == bytearray(b"<first>" + REPEATED + b"<first><first><second><second>")
    await queue.close()


async def test_what_goes_to_another_printer_does_not_wait_for_the_one_that_is_off(
    tmp_path: Path, printer: Printer
) -> None:
    off = Printer()
    off.stop()
    queue = PrintQueue(tmp_path, off.setting)
    for name in ("<1>", "<2>", "<3>"):
        await queue.put(name, name.encode())
    await failed(queue)
    queue.send_to(queue.jobs[1], printer.setting)
    await until(lambda: len(queue.jobs) == 2)  # noqa: PLR2004 - those that wait for the first printer
    assert printer.paper == bytearray(b"<2>")
    assert [job.name for job in queue.jobs] == ["<1>", "<3>"]
    await queue.close()


async def test_sending_elsewhere_while_it_is_tried_is_not_forgotten(tmp_path: Path) -> None:
    waiting, papers = threading.Event(), []

    def send(printer: str, data: bytes) -> None:
        if printer == "file:/off":
            waiting.wait(5)
            raise Unavailable("printer.failed", reason="it is off")
        papers.append((printer, data))

    queue = PrintQueue(tmp_path, "file:/off", send)
    await queue.put("1-000001", b"paper")
    await until(lambda: queue.jobs[0].state is JobState.PRINTING)
    queue.send_to(queue.jobs[0], "file:/other")
    waiting.set()
    await until(lambda: not queue.jobs)
    assert papers == [("file:/other", b"paper")]
    await queue.close()


async def test_one_paper_that_cannot_be_sent_stops_none_behind_it(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    papers: list[bytes] = []

    def send(_printer: str, data: bytes) -> None:
        if data == b"<1>" and not papers:
            raise ZeroDivisionError
        papers.append(data)

    queue = PrintQueue(tmp_path, "file:/x", send)
    for name in ("<1>", "<2>"):
        await queue.put(name, name.encode())
    await until(lambda: papers == [b"<2>"])
    assert "send it to another printer" in await failed(queue)
    assert "print job" in caplog.text
    queue.retry()
    await until(lambda: papers == [b"<2>", b"<1>"])
    await queue.close()


# What goes wrong at the till.


async def test_what_was_not_printed_is_printed_after_a_restart(tmp_path: Path) -> None:
    codes = iter(["printer.failed"])

    def off(_printer: str, _data: bytes) -> None:
        raise Unavailable(next(codes, "printer.broke_off"), reason="it is off")

    first = PrintQueue(tmp_path, "file:/x", off)
    for name in ("1-000001", "1-000002"):
        await first.put(name, name.encode())
    await until(lambda: first.jobs[0].tries > 1)
    await first.close()
    papers: list[bytes] = []
    second = PrintQueue(tmp_path, "file:/x", lambda _printer, data: papers.append(data))
    await second.start()
    await until(lambda: not second.jobs)
    assert papers == [REPEATED + b"1-000001", b"1-000002"]
    assert list(tmp_path.iterdir()) == []
    await second.close()


async def test_what_never_reached_the_printer_is_not_called_repeated(tmp_path: Path) -> None:
    papers: list[bytes] = []
    faults = iter([Unavailable("printer.failed", reason="it is off"), Unavailable("printer.not_ready", state="…")])

    def send(_printer: str, data: bytes) -> None:
        if fault := next(faults, None):
            raise fault
        papers.append(data)

    queue = PrintQueue(tmp_path, "file:/x", send)
    await queue.put("1-000001", b"paper")
    await until(lambda: not queue.jobs)
    assert papers == [b"paper"]
    await queue.close()


async def test_a_till_that_dies_while_it_prints_says_so_on_the_next_paper(tmp_path: Path) -> None:
    entered = threading.Event()

    def die(_printer: str, _data: bytes) -> None:
        entered.set()
        time.sleep(0.2)
        raise Unavailable("printer.broke_off", reason="the power went")

    first = PrintQueue(tmp_path, "file:/x", die)
    await first.put("1-000001", b"paper")
    await until(entered.is_set)
    assert len(list(tmp_path.glob("*.started"))) == 1
    papers: list[bytes] = []
    second = PrintQueue(tmp_path, "file:/x", lambda _printer, data: papers.append(data))
    await second.start()
    await until(lambda: not second.jobs)
    assert papers == [REPEATED + b"paper"]
    await first.close()
    await second.close()


async def test_closing_waits_for_the_paper_that_is_being_printed_but_not_for_a_stall(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    entered, go_on, papers = threading.Event(), threading.Event(), []

    def send(_printer: str, data: bytes) -> None:
        entered.set()
        go_on.wait(5)
        papers.append(data)

    queue = PrintQueue(tmp_path, "file:/x", send)
    await queue.put("1-000001", b"paper")
    await until(entered.is_set)
    asyncio.get_running_loop().call_later(0.1, go_on.set)
    await queue.close()
    assert papers == [b"paper"]
    assert list(tmp_path.iterdir()) == []
    monkeypatch.setattr(printing, "CLOSE_S", 0.05)
    go_on.clear()
    entered.clear()
    queue = PrintQueue(tmp_path, "file:/x", send)
    await queue.put("1-000002", b"paper")
    await until(entered.is_set)
    before = time.perf_counter()
    await queue.close()
    assert time.perf_counter() - before < 1
    # Even so it is printed once: who sent it forgets it.
    go_on.set()
    await until(lambda: not list(tmp_path.iterdir()))


async def test_a_full_disk_does_not_keep_the_paper_from_the_customer(tmp_path: Path) -> None:
    file = tmp_path / "no-folder"
    file.write_text("a file where the folder should be")
    queue = PrintQueue(file / "queue", "simulated")
    with pytest.raises(Unavailable) as refusal:
        await queue.put("1-000001", b"paper")
    assert refusal.value.code == "receipt.not_kept"
    await until(lambda: list(queue.simulated) == [b"paper"])
    await queue.close()


async def test_a_paper_can_be_given_up(tmp_path: Path) -> None:
    def off(_printer: str, _data: bytes) -> None:
        raise Unavailable("printer.failed", reason="it is off")

    queue = PrintQueue(tmp_path, "file:/x", off)
    await queue.put("1-000001", b"paper")
    await failed(queue)
    await queue.drop(queue.jobs[0])
    assert queue.jobs == ()
    assert list(tmp_path.iterdir()) == []
    await queue.close()


async def test_what_is_no_job_is_left_alone(tmp_path: Path) -> None:
    for name, content in (("nonsense.job", b"{"), ("1-1.job", b"[]\n"), ("x-1.job", b'{"name": "x"}\nx')):
        (tmp_path / name).write_bytes(content)
    queue = PrintQueue(tmp_path, "simulated")
    await queue.start()
    assert queue.jobs == ()
    await queue.close()


# The drawer.


async def test_a_drawer_opens_at_once_or_not_at_all(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def off(_printer: str, _data: bytes) -> None:
        raise Unavailable("printer.failed", reason="it is off")

    queue = PrintQueue(tmp_path, "simulated")
    await queue.put("Open drawer", INIT + PULSE)
    await queue.put("1-000001", INIT + PULSE + b"paper")
    await until(lambda: not queue.jobs)
    assert list(queue.simulated) == [INIT + PULSE, INIT + PULSE + b"paper"]
    await queue.close()
    first = PrintQueue(tmp_path, "file:/x", off)
    await first.put("Open drawer", INIT + PULSE)
    await first.put("1-000001", INIT + PULSE + b"paper")
    await failed(first)
    await first.close()
    monkeypatch.setattr(printing, "DRAWER_S", 0.0)
    later = PrintQueue(tmp_path, "simulated")
    await later.start()
    await until(lambda: not later.jobs)
    assert list(later.simulated) == [INIT + b"paper"]
    await later.close()


# What the doctor says.


@pytest.mark.parametrize(
    ("answers", "level", "words"),
    [
        (FINE, Level.OK, "Ready, paper fine."),
        (PAPER_OUT, Level.WARN, "The paper is out: put a new roll in."),
        (SILENT, Level.OK, "It does not say how it is."),
    ],
)
async def test_the_doctor_asks_the_printer(
    config: Config, printer: Printer, answers: list[bytes], level: Level, words: str
) -> None:
    printer.answers = answers
    (finding,) = [one for one in await examine(replace(config, printer=printer.setting)) if one.subject == "printer"]
    assert (finding.level, finding.sentence) == (level, f"Receipts are sent to {printer.setting}. {words}")
    printer.stop()
    (finding,) = [one for one in await examine(replace(config, printer=printer.setting)) if one.subject == "printer"]
    assert finding.level is Level.BAD
    assert "it is switched off or not there" in finding.sentence


async def test_what_is_no_printer_is_not_asked(printer: Printer) -> None:
    printer.answers = PAPER_OUT
    await asyncio.to_thread(Sender(asks=False).send, printer.setting, b"Total 8.99")
    await until(lambda: printer.paper == bytearray(b"Total 8.99"))


# Other ways to a printer.


def test_a_file_takes_the_place_of_a_printer(tmp_path: Path) -> None:
    path = tmp_path / "paper"
    for data in (b"<1>", b"<2>"):
        Sender().send(f"file:{path}", data)
    assert path.read_bytes() == b"<1><2>"
    assert not status(f"file:{path}").answers
    with pytest.raises(Unavailable) as refusal:
        Sender().send(f"file:{tmp_path / 'no' / 'such'}", b"x")
    assert refusal.value.code == "printer.failed"
    with pytest.raises(Unavailable):
        Sender().send("file:/dev/no-such-printer", b"x")
    assert not Path("/dev/no-such-printer").exists()


@pytest.mark.skipif(sys.platform == "win32", reason="named pipes of POSIX")
def test_a_device_that_nobody_reads_is_given_up(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(printer_link, "WRITE_S", 0.1)
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    with pytest.raises(Unavailable) as refusal:
        Sender().send(f"file:{pipe}", b"x")
    assert refusal.value.code == "printer.failed"
    reader = os.open(pipe, os.O_RDONLY | os.O_NONBLOCK)
    with pytest.raises(Unavailable) as refusal:
        Sender().send(f"file:{pipe}", bytes(1 << 20))
    assert (refusal.value.code, refusal.value.params) == ("printer.broke_off", {"reason": "it does not answer"})
    os.close(reader)


@pytest.mark.parametrize(("setting", "library"), [("usb:04b8:0e15", "pyusb"), ("serial:/dev/ttyS0", "pyserial")])
def test_a_library_that_is_missing_is_named(setting: str, library: str, monkeypatch: pytest.MonkeyPatch) -> None:
    for module in ("usb", "usb.core", "usb.util", "serial"):
        monkeypatch.setitem(sys.modules, module, None)
    for act in (lambda: Sender().send(setting, b"x"), lambda: status(setting)):
        with pytest.raises(Unavailable) as refusal:
            act()
        assert (refusal.value.code, refusal.value.params) == ("printer.library", {"library": library})


def test_the_systems_own_queue_gets_the_bytes_untouched(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    command = tmp_path / "lp"
    command.write_text(f'#!/bin/sh\necho "$@" > {tmp_path}/said\ncat > {tmp_path}/data\n')
    command.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")
    Sender().send("system:Till 2", b"\x1b@\xff\x00")
    assert (tmp_path / "said").read_text() == "-d Till 2 -o raw -s\n"
    assert (tmp_path / "data").read_bytes() == b"\x1b@\xff\x00"
    command.write_text("#!/bin/sh\ncat >/dev/null\necho 'lp: The printer does not exist.' >&2\nexit 1\n")
    with pytest.raises(Unavailable) as refusal:
        Sender().send("system:Till 2", b"x")
    assert refusal.value.params == {"reason": "The printer does not exist"}
    monkeypatch.setenv("PATH", "")
    with pytest.raises(Unavailable) as refusal:
        Sender().send("system:Till 2", b"x")
    assert "lp is missing" in refusal.value.params["reason"]


@pytest.mark.parametrize(
    ("answer", "sentence"),
    [
        (b"\x12", "Ready, paper fine."),
        (b"\xff", "It does not say how it is."),
        (b"G", "It does not say how it is."),
    ],
)
def test_a_printer_is_asked_how_it_is_and_garbage_is_no_answer(answer: bytes, sentence: str) -> None:
    printer = Printer(answers=[answer] * 4)
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
    "setting",
    [
        "serial:/dev/ttyS0@fast",
        "tcp:host",
        "tcp:host:99999",
        "usb:04b8",
        "usb:04b8:zzzz",
        "carrier:pigeon",
        "file:",
        "file:x",
    ],
)
def test_an_address_that_cannot_be_is_refused(setting: str) -> None:
    with pytest.raises(Refused):
        check_setting(setting)


@pytest.mark.parametrize(
    "setting",
    [
        "none",
        "simulated",
        "file:/dev/lp0",
        "tcp:192.0.2.1:9100",
        "usb:04b8:0e15",
        "serial:/dev/ttyS0",
        "serial:COM3@9600",
        "system:Till",
    ],
)
def test_every_kind_of_address_is_known(setting: str) -> None:
    check_setting(setting)
