"""Windows on real services: one application and one loop for the whole session."""

import gc
from collections.abc import Iterator

import pytest

from tests.ui.till import app, loop, qapp, run, shop, till
from ui import garbage

__all__ = ["app", "loop", "qapp", "run", "shop", "till"]


@pytest.fixture(autouse=True)
def collected_as_before() -> Iterator[None]:
    """Give Python its collector back: a window takes it over, and what it set aside is hidden from the next test."""
    yield
    if garbage._outlived in gc.callbacks:
        gc.callbacks.remove(garbage._outlived)
    gc.unfreeze()
    gc.enable()
