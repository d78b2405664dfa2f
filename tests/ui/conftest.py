"""Windows on real services: one application and one loop for the whole session."""

import gc
from collections.abc import Iterator

import pytest

from tests.ui.till import app, loop, qapp, run, shop, till
from ui import garbage

__all__ = ["app", "loop", "qapp", "run", "shop", "till"]

# Where what a window does depends on the database, and the story of the counter. The services are tried on both
# everywhere; another window sees no difference.
BOTH = {
    "test_checkout", "test_first_day", "test_keystrokes", "test_link_banner", "test_orders", "test_orders_window",
    "test_setup", "test_till_page", "test_window", "test_backups",
}  # fmt: skip

# So many objects more since the last look: a dozen windows.
MADE = 200_000


@pytest.hookimpl(tryfirst=True)
def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Try windows on one database, but for those above and for tests that say which they want."""
    told = any("config" in mark.args[0] for mark in metafunc.definition.iter_markers("parametrize"))
    if "config" in metafunc.fixturenames and not told and metafunc.module.__name__ not in BOTH:
        metafunc.definition.add_marker(pytest.mark.parametrize("config", ["sqlite"], indirect=True))


@pytest.fixture(autouse=True)
def collected_here() -> Iterator[None]:
    """Let Python's collector run in this thread alone: another that frees a window's parts takes the process with it.

    What lasts is looked at again: a window sets it aside, and it would be hidden from the next test.
    """
    gc.disable()
    yield
    if garbage._outlived in gc.callbacks:
        gc.callbacks.remove(garbage._outlived)
    gc.unfreeze()
    if gc.get_count()[0] > MADE:
        gc.collect()
