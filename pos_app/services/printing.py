"""The print queue: a job is kept as a file at once and sent when the printer takes it; no sale ever waits for it."""

import asyncio
import contextlib
import json
import logging
import threading
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, replace
from enum import StrEnum
from pathlib import Path
from typing import Any

from pos_app.devices import receipt_printer
from pos_app.errors import PosError, Unavailable
from pos_app.messages import sentence
from pos_app.receipts.escpos import INIT, PULSE

Send = Callable[[str, bytes], None]
# Seconds before each further try; the last holds for all later ones.
PAUSES_S = (1.0, 2.0, 5.0, 10.0, 30.0)
# After so many seconds a drawer stays shut: nobody may be standing there any more.
DRAWER_S = 60.0
# How long closing waits for a paper that is being printed.
CLOSE_S = 2.0
RECENT = 50
REPEATED = b"\x1b@\n*** repeated after a fault ***\n"
log = logging.getLogger(__name__)


class JobState(StrEnum):
    """Where a job stands."""

    WAITING = "waiting"
    PRINTING = "printing"
    FAILED = "failed"
    DONE = "done"


@dataclass(frozen=True, slots=True)
class Job:
    """One paper; `reason` is the sentence to show where it failed.

    `begun` says that some of it may be on paper already, `given_up` that it is not tried again by itself.
    """

    path: Path
    name: str
    printer: str
    state: JobState = JobState.WAITING
    tries: int = 0
    reason: str = ""
    begun: bool = False
    given_up: bool = False

    @property
    def age_s(self) -> float:
        """Seconds since it was put; below zero where the clock was set back."""
        return time.time() - int(self.path.stem.partition("-")[0]) / 1e9


class PrintQueue:
    """Jobs of this machine, in the order they came. Build it anywhere; use it in the event loop's thread.

    `put` returns once the job is on disk; one worker sends, in a thread, so that a printer that stalls stops nothing
    but the papers behind it. A job is gone from disk only once the printer took all of it: each is printed at least
    once, and one that was begun says so when it is printed again.
    """

    def __init__(self, folder: Path, printer: str, send: Send | None = None) -> None:
        """Take the folder jobs are kept in and the printer they go to."""
        self.printer = printer
        self.listeners: list[Callable[[], None]] = []
        # What the simulated printer printed, the newest last.
        self.simulated: deque[bytes] = deque(maxlen=RECENT)
        # What is done, the newest last.
        self.recent: deque[Job] = deque(maxlen=RECENT)
        self._folder, self._send = folder, send or receipt_printer.Sender().send
        self._jobs: list[Job] = []
        # Jobs that the disk did not take are printed all the same.
        self._unkept: dict[Path, bytes] = {}
        # When each printer that failed may be tried again, on the loop's clock.
        self._again: dict[str, float] = {}
        self._worker: asyncio.Task[None] | None = None
        self._wake: asyncio.Event | None = None
        self._serial = 0
        self._loaded = self._closed = False

    @property
    def jobs(self) -> tuple[Job, ...]:
        """What waits, in order."""
        return tuple(self._jobs)

    async def start(self) -> None:
        """Take up what an earlier run left behind."""
        if not self._loaded:
            self._loaded = True
            self._jobs = [*await asyncio.to_thread(_load, self._folder, self.printer), *self._jobs]
        if self._jobs:
            self._go()

    async def put(self, name: str, data: bytes) -> None:
        """Keep a job and have it printed; nothing is printed where the printer is "none".

        Raises Unavailable("receipt.not_kept") where the disk refuses it; it is printed even then.
        """
        if self.printer == "none":
            return
        self._serial += 1
        path = self._folder / f"{time.time_ns():020d}-{self._serial:04d}.job"
        refused: OSError | None = None
        try:
            await asyncio.to_thread(_keep, path, name, data)
        except OSError as error:
            refused = error
            self._unkept[path] = data
        self._jobs.append(Job(path, name, self.printer))
        self._tell()
        self._go()
        if refused is not None:
            raise Unavailable("receipt.not_kept", path=str(path), reason=refused.strerror or str(refused)) from refused

    def retry(self) -> None:
        """Try at once what waits."""
        self._again.clear()
        self._jobs = [
            job if job.state is JobState.PRINTING else replace(job, state=JobState.WAITING, given_up=False)
            for job in self._jobs
        ]
        self._tell()
        self._go()

    def send_to(self, job: Job, printer: str) -> None:
        """Have a job printed elsewhere. Raises Refused("printer.setting")."""
        receipt_printer.check_setting(printer)
        self._change(job.path, printer=printer, state=JobState.WAITING, tries=0, given_up=False)
        self._go()

    async def drop(self, job: Job) -> None:
        """Give a job up; its receipt stays in the receipts' folder."""
        with contextlib.suppress(OSError):
            await asyncio.to_thread(_forget, job.path)
        self._take_away(job.path)
        self._tell()

    async def close(self) -> None:
        """Stop, after the paper that is being printed; what was not printed waits on disk for the next start."""
        self._closed = True
        if self._worker is None:
            return
        if self._wake is not None:
            self._wake.set()
        await asyncio.wait({self._worker}, timeout=CLOSE_S)
        self._worker.cancel()
        await asyncio.gather(self._worker, return_exceptions=True)

    def _go(self) -> None:
        """See to it that somebody works, and now."""
        if self._closed:
            return
        if self._wake is None:
            self._wake = asyncio.Event()
        self._wake.set()
        if self._worker is None or self._worker.done():
            self._worker = asyncio.get_running_loop().create_task(self._work(self._wake))

    async def _work(self, wake: asyncio.Event) -> None:
        now = asyncio.get_running_loop().time
        while not self._closed:
            wake.clear()
            tried = [job for job in self._jobs if not job.given_up]
            job = next((job for job in tried if self._again.get(job.printer, 0) <= now()), None)
            if job is not None:
                await self._try(job)
            elif tried:
                pause = min(self._again[job.printer] for job in tried) - now()
                with contextlib.suppress(TimeoutError):
                    async with asyncio.timeout(max(pause, 0)):
                        await wake.wait()
            else:
                return

    async def _try(self, job: Job) -> None:
        """Send one job, and note what became of it."""
        self._change(job.path, state=JobState.PRINTING)
        try:
            kept = self._unkept.get(job.path) or await asyncio.to_thread(_read, job.path)
            data = _fit_for_now(job, kept)
            if data is not None:
                await _in_thread(lambda: self._carry_out(job, data))
                if job.printer == "simulated":
                    self.simulated.append(data)
            else:
                await asyncio.to_thread(_forget, job.path)
        except PosError as error:
            self._fail(job, sentence(error), begun=job.begun or error.code == "printer.broke_off")
        except Exception:
            # One paper that cannot be sent must not stop those behind it.
            log.exception("print job %s", job.path.name)
            self._fail(job, sentence(Unavailable("printer.fault")), begun=job.begun, given_up=True)
        else:
            self._take_away(job.path)
            self.recent.append(replace(job, state=JobState.DONE, reason=""))
            self._again.pop(job.printer, None)
            self._tell()

    def _fail(self, job: Job, reason: str, *, begun: bool, given_up: bool = False) -> None:
        if not given_up:
            pause = PAUSES_S[min(job.tries, len(PAUSES_S) - 1)]
            self._again[job.printer] = asyncio.get_running_loop().time() + pause
        self._change(
            job.path, state=JobState.FAILED, tries=job.tries + 1, reason=reason, begun=begun, given_up=given_up
        )

    def _carry_out(self, job: Job, data: bytes) -> None:
        """In a thread: send, and forget the job there too, so that no end of the program comes between the two."""
        mark = _mark(job.path)
        with contextlib.suppress(OSError):
            mark.touch()
        try:
            self._send(job.printer, data)
        except PosError as error:
            if error.code != "printer.broke_off" and not job.begun:
                with contextlib.suppress(OSError):
                    mark.unlink(missing_ok=True)
            raise
        with contextlib.suppress(OSError):
            _forget(job.path)

    def _change(self, path: Path, **fields: Any) -> None:
        self._jobs = [replace(job, **fields) if job.path == path else job for job in self._jobs]
        self._tell()

    def _take_away(self, path: Path) -> None:
        self._jobs = [job for job in self._jobs if job.path != path]
        self._unkept.pop(path, None)

    def _tell(self) -> None:
        for listener in list(self.listeners):
            listener()


async def _in_thread(act: Callable[[], None]) -> None:
    """Wait for something in a thread that the end of the program does not wait for."""
    loop = asyncio.get_running_loop()
    done: asyncio.Future[None] = loop.create_future()

    def settle(error: BaseException | None) -> None:
        if done.cancelled():
            return
        if error is None:
            done.set_result(None)
        else:
            done.set_exception(error)

    def run() -> None:
        failure: BaseException | None = None
        try:
            act()
        except Exception as error:  # noqa: BLE001 - handed to who waits
            failure = error
        with contextlib.suppress(RuntimeError):  # the loop is closed, and nobody waits
            loop.call_soon_threadsafe(settle, failure)

    threading.Thread(target=run, name="worker-printer", daemon=True).start()
    await done


def _fit_for_now(job: Job, data: bytes | None) -> bytes | None:
    """What to send of a job as things are; None where nothing is left of it."""
    if data is None:
        return None
    # A drawer opens while its sale is going on, not when a printer comes back to an empty counter.
    if data.startswith(INIT + PULSE) and (job.begun or not 0 <= job.age_s <= DRAWER_S):
        data = INIT + data.removeprefix(INIT + PULSE)
    if data == INIT:
        return None
    return REPEATED + data if job.begun else data


def _keep(path: Path, name: str, data: bytes) -> None:
    """Write a job whole or not at all; a job that is lost with the power is still among the receipts."""
    path.parent.mkdir(parents=True, exist_ok=True)
    fresh = path.with_suffix(".part")
    fresh.write_bytes(json.dumps({"name": name}).encode() + b"\n" + data)
    fresh.replace(path)


def _mark(path: Path) -> Path:
    return path.with_suffix(".started")


def _forget(path: Path) -> None:
    # The mark goes last: a job without it would be printed again as if it were new.
    path.unlink(missing_ok=True)
    _mark(path).unlink(missing_ok=True)


def _read(path: Path) -> bytes | None:
    try:
        return path.read_bytes().partition(b"\n")[2]
    except FileNotFoundError:
        return None


def _load(folder: Path, printer: str) -> list[Job]:
    jobs = []
    for path in sorted(folder.glob("*.job")):
        try:
            name = str(json.loads(path.read_bytes().partition(b"\n")[0])["name"])
            job = Job(path, name, printer, begun=_mark(path).exists())
            _ = job.age_s
        except (OSError, ValueError, KeyError, TypeError):
            continue  # nothing this program wrote
        jobs.append(job)
    return jobs
