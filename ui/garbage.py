"""Keeps Python's collector of cycles from stopping the till.

A full collection looks at everything that is alive: a hundred milliseconds once the program is loaded, and it comes in
the middle of a sale. What outlives one is therefore set aside (`gc.freeze`), so that the next looks only at what came
since; what was set aside is looked at when the till is left and nobody waits.

Python collects in whatever thread happens to make the next object. A widget or a model that a thread reading the
database frees, while the window or a screen reader still looks at it, takes the program with it: so only the window's
thread collects.
"""

import gc
from typing import Any

from PySide6.QtCore import QObject, QTimer

OLDEST = 2
LOOK_MS = 100


def collect_here(owner: QObject) -> None:
    """Collect in this thread alone from now on, when as much was made as Python itself waits for."""
    gc.disable()
    timer = QTimer(owner)
    timer.timeout.connect(_collect_due)
    timer.start(LOOK_MS)


def _collect_due() -> None:
    due = [age for age, (made, most) in enumerate(zip(gc.get_count(), gc.get_threshold(), strict=True)) if made > most]
    if due:
        gc.collect(due[-1])


def spare_what_lasts() -> None:
    """Set aside what is loaded, and from now on what outlives a full collection."""
    if _outlived not in gc.callbacks:
        gc.callbacks.append(_outlived)
    gc.freeze()


def spare_what_was_made() -> None:
    """Set aside what was just made to last, such as a page, where things are set aside at all.

    Left to the next full collection, a page and what is loaded with it took 36 ms in the middle of scrolling.
    """
    if _outlived in gc.callbacks:
        gc.freeze()


def sweep() -> None:
    """Look at everything once, where it was set aside."""
    if _outlived in gc.callbacks:
        gc.unfreeze()
        gc.collect()


def _outlived(phase: str, info: dict[str, Any]) -> None:
    if phase == "stop" and info["generation"] == OLDEST:
        gc.freeze()
