"""The print queue: a job is kept as a file at once and sent when the printer takes it; no sale ever waits for it."""

import asyncio
import json
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from enum import StrEnum
from pathlib import Path

from pos_app.devices import receipt_printer
from pos_app.errors import PosError
from pos_app.messages import sentence

Send = Callable[[str, bytes], None]
# Seconds before each further try; the last holds for all later ones.
PAUSES_S = (1.0, 2.0, 5.0, 10.0, 30.0)
REPEATED = b"\x1b@\n*** repeated after a fault ***\n"


class JobState(StrEnum):
    """Where a job stands."""

    WAITING = "waiting"
    PRINTING = "printing"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Job:
    """One paper that waits; `started` says that some of it may be on paper already."""

    path: Path
    name: str
    printer: str
    state: JobState = JobState.WAITING
    tries: int = 0
    reason: str = ""
    started: bool = False


class PrintQueue:
    """Jobs of this machine, in the order they came. Build it anywhere; use it in the event loop's thread.

    `put` returns once the job is on disk; one worker sends, in a thread of its own, so that a printer that stalls
    stops nothing but the papers behind it. A job is gone from disk only once the printer took all of it.
    """

    def __init__(self, folder: Path, printer: str, send: Send = receipt_printer.send) -> None:
        """Take the folder jobs are kept in and the printer they go to."""
        self.printer = printer
        self.listeners: list[Callable[[], None]] = []
        # What the simulated printer printed, the newest last.
        self.simulated: list[bytes] = []
        self._folder, self._send = folder, send
        self._jobs: list[Job] = []
        self._worker: asyncio.Task[None] | None = None
        self._wake: asyncio.Event | None = None
        self._thread: ThreadPoolExecutor | None = None
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
        """Keep a job and have it printed; gives nothing to wait for. Raises OSError where the disk refuses it."""
        if self.printer == "none" or self._closed:
            return
        self._serial += 1
        path = self._folder / f"{time.time_ns():020d}-{self._serial:04d}.job"
        await asyncio.to_thread(_keep, path, name, data)
        self._jobs.append(Job(path, name, self.printer))
        self._tell()
        self._go()

    def retry(self) -> None:
        """Try at once what waits."""
        self._jobs = [replace(job, state=JobState.WAITING) for job in self._jobs]
        self._go()

    def send_to(self, job: Job, printer: str) -> None:
        """Have a job printed elsewhere. Raises Refused("printer.setting")."""
        receipt_printer.check_setting(printer)
        self._change(job, replace(job, printer=printer, state=JobState.WAITING, tries=0))
        self._go()

    async def drop(self, job: Job) -> None:
        """Give a job up; its receipt stays in the receipts' folder."""
        await asyncio.to_thread(_forget, job.path)
        self._jobs = [one for one in self._jobs if one.path != job.path]
        self._tell()

    async def close(self) -> None:
        """Stop; what was not printed waits on disk for the next start."""
        self._closed = True
        if self._worker is not None:
            self._worker.cancel()
            await asyncio.gather(self._worker, return_exceptions=True)
        if self._thread is not None:
            # A send that is stalled ends by its own time-out; nobody waits for it.
            self._thread.shutdown(wait=False, cancel_futures=True)

    def _go(self) -> None:
        """See to it that somebody works, and now."""
        if self._closed:
            return
        if self._wake is None:
            self._wake = asyncio.Event()
        self._wake.set()
        if self._worker is None or self._worker.done():
            self._thread = self._thread or ThreadPoolExecutor(1, thread_name_prefix="worker-printer")
            self._worker = asyncio.get_running_loop().create_task(self._work(self._wake))

    async def _work(self, wake: asyncio.Event) -> None:
        while self._jobs:
            wake.clear()
            job = self._jobs[0]
            if await self._try(job):
                continue
            pause = PAUSES_S[min(job.tries, len(PAUSES_S) - 1)]
            try:
                async with asyncio.timeout(pause):
                    await wake.wait()
            except TimeoutError:
                continue

    async def _try(self, job: Job) -> bool:
        """Send one job; whether the next may follow at once."""
        busy = replace(job, state=JobState.PRINTING)
        self._change(job, busy)
        data = await asyncio.to_thread(_read, job.path)
        if data is None:
            await self.drop(busy)
            return True
        await asyncio.to_thread(_mark_started, job.path)
        whole = REPEATED + data if job.started else data
        try:
            if job.printer == "simulated":
                self.simulated.append(whole)
            else:
                await asyncio.get_running_loop().run_in_executor(self._thread, self._send, job.printer, whole)
        except PosError as error:
            failed = replace(busy, state=JobState.FAILED, tries=job.tries + 1, reason=sentence(error), started=True)
            self._change(busy, failed)
            return False
        await self.drop(busy)
        return True

    def _change(self, old: Job, new: Job) -> None:
        self._jobs = [new if job.path == old.path else job for job in self._jobs]
        self._tell()

    def _tell(self) -> None:
        for listener in list(self.listeners):
            listener()


def _keep(path: Path, name: str, data: bytes) -> None:
    """Write a job whole or not at all; a job that is lost with the power is still among the receipts."""
    path.parent.mkdir(parents=True, exist_ok=True)
    fresh = path.with_suffix(".part")
    fresh.write_bytes(json.dumps({"name": name}).encode() + b"\n" + data)
    fresh.replace(path)


def _mark_started(path: Path) -> None:
    path.with_suffix(".started").touch()


def _forget(path: Path) -> None:
    # The mark goes last: a job without it would be printed again as if it were new.
    path.unlink(missing_ok=True)
    path.with_suffix(".started").unlink(missing_ok=True)


def _read(path: Path) -> bytes | None:
    try:
        return path.read_bytes().partition(b"\n")[2]
    except FileNotFoundError:
        return None


def _load(folder: Path, printer: str) -> list[Job]:
    jobs = []
    for path in sorted(folder.glob("*.job")):
        head = path.read_bytes().partition(b"\n")[0]
        try:
            name = str(json.loads(head)["name"])
        except (ValueError, KeyError, TypeError):
            continue
        jobs.append(Job(path, name, printer, started=path.with_suffix(".started").exists()))
    return jobs
