"""The collector of cycles never looks twice at what lasts while somebody is at the till."""

import gc
import weakref
from collections.abc import Iterator

import pytest

from ui import garbage


@pytest.fixture(autouse=True)
def as_before() -> Iterator[None]:
    yield
    gc.callbacks.remove(garbage._outlived)
    gc.unfreeze()


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


def test_asked_twice_it_is_told_of_each_collection_once() -> None:
    garbage.spare_what_lasts()
    garbage.spare_what_lasts()
    assert gc.callbacks.count(garbage._outlived) == 1
