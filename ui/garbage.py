"""Keeps Python's collector of cycles from stopping the till.

A full collection looks at everything that is alive: a hundred milliseconds once the program is loaded, and it comes in
the middle of a sale. What outlives one is therefore set aside (`gc.freeze`), so that the next looks only at what came
since; what was set aside is looked at when the till is left and nobody waits.
"""

import gc
from typing import Any

OLDEST = 2


def spare_what_lasts() -> None:
    """Set aside what is loaded, and from now on what outlives a full collection."""
    if _outlived not in gc.callbacks:
        gc.callbacks.append(_outlived)
    gc.freeze()


def sweep() -> None:
    """Look at everything once, where it was set aside."""
    if _outlived in gc.callbacks:
        gc.unfreeze()
        gc.collect()


def _outlived(phase: str, info: dict[str, Any]) -> None:
    if phase == "stop" and info["generation"] == OLDEST:
        gc.freeze()
