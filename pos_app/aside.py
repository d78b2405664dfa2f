"""Threads for work that takes minutes, which leave processors and interpreter to whoever waits at the window."""

import os
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress

# As `nice` counts: of a processor that both want, the window's thread gets three parts in four. With nine in ten a
# thread that has Python's interpreter waits too long for a processor, and the window for it.
NICE = 5
BELOW_NORMAL = -1  # THREAD_PRIORITY_BELOW_NORMAL
# After how long a thread that gives way goes on in any case.
AT_MOST_S = 0.05

# Whether the window has nothing to do. It is waited for: whoever looks again and again takes Python's interpreter from
# the window for each look, and on a machine with other work may keep it for milliseconds.
_window_waits = threading.Event()
_window_waits.set()


def window_works() -> None:
    """Say that the window has something to do: a thread aside waits where it may."""
    if _window_waits.is_set():
        _window_waits.clear()


def window_waits() -> None:
    """Say that the window has done what there was to do."""
    _window_waits.set()


def give_way() -> None:
    """Wait while the window works; called between two steps of less than a millisecond.

    Threads that want Python's interpreter get it in turns: beside two of them the window is drawn a third as fast.
    """
    if not _window_waits.is_set():
        _window_waits.wait(AT_MOST_S)


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
