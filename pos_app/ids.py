"""Ids made by the client (UUID version 7, RFC 9562): unique everywhere, and close together in an index."""

import secrets
import threading
import time
import uuid


class Ids:
    """A source of ids that grow within one process, also when the clock is set back."""

    def __init__(self) -> None:
        """Start at the present time."""
        self._last = 0
        self._lock = threading.Lock()

    def new(self) -> str:
        """Give a new id as 36 characters."""
        with self._lock:
            # 48 bits of milliseconds and 12 of their fraction, as RFC 9562 method 3 allows; then randomness.
            stamp = max(time.time_ns() * 4096 // 1_000_000, self._last + 1)
            self._last = stamp
        high = (stamp >> 12) << 16 | 0x7000 | stamp & 0xFFF
        low = 1 << 63 | secrets.randbits(62)
        return str(uuid.UUID(int=high << 64 | low))
