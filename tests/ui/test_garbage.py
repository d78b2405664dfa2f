"""The collector of cycles never looks twice at what lasts while somebody is at the till."""

import asyncio
import gc
import threading
import weakref
from typing import Any

from PySide6.QtCore import QObject

from tests.ui.keyboard import until
from tests.ui.till import Run
from ui import garbage


def test_what_outlives_a_full_collection_is_set_aside() -> None:
    garbage.spare_what_lasts()
    lasting = [[number] for number in range(1000)]
    before = gc.get_freeze_count()
    gc.collect()
    assert gc.get_freeze_count() >= before + len(lasting)
    assert not any(one is lasting for one in gc.get_objects())


def test_a_cycle_that_was_set_aside_is_freed_when_the_till_is_left() -> None:
    class Ring:
        pass

    garbage.spare_what_lasts()
    ring = Ring()
    ring.itself = ring
    freed: list[bool] = []
    weakref.finalize(ring, freed.append, True)
    gc.collect()
    del ring
    gc.collect()
    assert freed == []
    garbage.sweep()
    assert freed == [True]


def test_a_page_just_made_is_set_aside_without_being_looked_at() -> None:
    before = gc.get_freeze_count()
    garbage.spare_what_was_made()
    assert gc.get_freeze_count() == before
    garbage.spare_what_lasts()
    before = gc.get_freeze_count()
    page = [[number] for number in range(1000)]
    garbage.spare_what_was_made()
    assert gc.get_freeze_count() >= before + len(page)


def test_asked_twice_it_is_told_of_each_collection_once() -> None:
    garbage.spare_what_lasts()
    garbage.spare_what_lasts()
    assert gc.callbacks.count(garbage._outlived) == 1


def test_no_other_thread_frees_what_the_window_made(run: Run) -> None:
    collecting: list[threading.Thread] = []
    freed: list[bool] = []

    class Ring:
        pass

    def note(phase: str, _info: dict[str, Any]) -> None:
        if phase == "start":
            collecting.append(threading.current_thread())

    def busy() -> None:
        for _ in range(20_000):
            ring = Ring()
            ring.itself = ring

    owner = QObject()
    garbage.collect_here(owner)
    gc.callbacks.append(note)
    try:
        ring = Ring()
        ring.itself = ring
        weakref.finalize(ring, freed.append, True)
        del ring
        run(asyncio.to_thread(busy))
        run(until(lambda: bool(freed)))
    finally:
        gc.callbacks.remove(note)
    assert set(collecting) == {threading.main_thread()}
