"""A file is taken in while the window is drawn: whoever reads it waits as long as there is something to do."""

import asyncio
import threading
import time

import pytest
from PySide6.QtCore import QTimer

from pos_app import aside
from tests.ui.till import Till


def test_whoever_reads_a_file_goes_on_when_the_window_has_done_its_work(
    till: Till, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(aside, "AT_MOST_S", 60)
    began, reads = threading.Event(), aside.thread_aside("reader")
    worked: list[float] = []

    def read() -> float:
        began.set()
        aside.give_way()
        return time.monotonic()

    def work() -> None:
        # The window is in the middle of an event when the reader comes to give way.
        until = time.monotonic() + 0.2
        while not (coming and began.is_set()) or time.monotonic() < until:
            if not coming:
                coming.append(asyncio.get_running_loop().run_in_executor(reads, read))
        worked.append(time.monotonic())

    coming: list[asyncio.Future[float]] = []

    async def act() -> float:
        QTimer.singleShot(0, till.window, work)
        while not coming or not coming[0].done():
            await asyncio.sleep(0)
        return await coming[0]

    went_on = till.run(asyncio.wait_for(act(), 30))
    reads.shutdown()
    assert worked[0] < went_on < worked[0] + 30


def test_a_window_that_never_rests_holds_nobody_up_for_ever(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(aside, "AT_MOST_S", 0.01)
    aside.window_works()
    try:
        aside.give_way()
        assert not aside._window_waits.is_set()
    finally:
        aside.window_waits()
