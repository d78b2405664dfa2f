"""Threads for work that takes minutes, which leave processors and interpreter to whoever waits at the window."""

import os
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress

# As `nice` counts: of a processor that both want, the window's thread gets three parts in four. With nine in ten a
# thread that has Python's interpreter waits too long for a processor, and the window for it.
NICE = 5
BELOW_NORMAL = -1  # THREAD_PRIORITY_BELOW_NORMAL
# How often a thread that gives way looks whether it may go on, and after how long it does in any case.
LOOK_S, AT_MOST_S = 0.0005, 0.05


class _Window:
    """Whether the window has something to do."""

    works = False


def window_works() -> None:
    """Say that the window has something to do: a thread aside waits where it may."""
    _Window.works = True


def window_waits() -> None:
    """Say that the window has done what there was to do."""
    _Window.works = False


def give_way() -> None:
    """Wait while the window works; called between two steps of less than a millisecond.

    Threads that want Python's interpreter get it in turns: beside two of them the window is drawn a third as fast.
    """
    if _Window.works:
        until = time.monotonic() + AT_MOST_S
        while _Window.works and time.monotonic() < until:
            time.sleep(LOOK_S)


def thread_aside(name: str) -> ThreadPoolExecutor:
    """Make a thread that comes after all others of this program; where a system has no such thing, one like others."""
    return ThreadPoolExecutor(1, thread_name_prefix=name, initializer=_come_after)


def _come_after() -> None:
    # A thread of less rank can be had, but not be given its rank back: it is made for this work alone.
    if sys.platform == "win32":
        import ctypes  # noqa: PLC0415 - only there

        kernel = ctypes.WinDLL("kernel32")
        kernel.GetCurrentThread.restype = ctypes.c_void_p
        kernel.SetThreadPriority(ctypes.c_void_p(kernel.GetCurrentThread()), BELOW_NORMAL)
    elif sys.platform == "linux":
        with suppress(OSError):
            os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), NICE)
