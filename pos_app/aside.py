"""Threads for work that takes minutes, which leave the processors to whoever waits at the window."""

import os
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress

# As `nice` counts: of a processor that both want, the window's thread gets nine parts in ten.
NICE = 10
BELOW_NORMAL = -1  # THREAD_PRIORITY_BELOW_NORMAL


def thread_aside(name: str) -> ThreadPoolExecutor:
    """Make a thread that comes after all others of this program; where a system has no such thing, one like others."""
    return ThreadPoolExecutor(1, thread_name_prefix=name, initializer=_come_after)


def _come_after() -> None:
    # A thread of less rank can be had, but not be given its rank back: it is made for this work alone.
    if sys.platform == "win32":
        import ctypes  # noqa: PLC0415 - only there

        ctypes.windll.kernel32.SetThreadPriority(ctypes.windll.kernel32.GetCurrentThread(), BELOW_NORMAL)
    elif sys.platform == "linux":
        with suppress(OSError):
            os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), NICE)
