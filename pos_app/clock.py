"""The time, replaceable in tests."""

import sys
import time
from datetime import UTC, datetime, timedelta

# A clock that network time puts right is off by less.
MOVED = timedelta(minutes=1)


class Clock:
    """The machine's clock."""

    def __init__(self) -> None:
        """Begin to watch whether it is moved."""
        self._ahead = self._ahead_of_boot()

    def now(self) -> datetime:
        """Give the time of day, aware, in UTC."""
        return datetime.now(UTC)

    def monotonic(self) -> float:
        """Give seconds that never run backwards, for measuring."""
        return time.monotonic()

    def moved(self) -> timedelta | None:
        """Give how far the time of day was moved since `seen`, where somebody moved it.

        Ask often: a clock that is merely slow or fast is taken for right each time. A machine that slept is not moved.
        """
        moved = self._ahead_of_boot() - self._ahead
        if abs(moved) >= MOVED:
            return moved
        self.seen()
        return None

    def seen(self) -> None:
        """Take the time of day as it is now for right."""
        self._ahead = self._ahead_of_boot()

    def _ahead_of_boot(self) -> timedelta:
        return self.now() - datetime.fromtimestamp(self.since_boot(), UTC)

    def since_boot(self) -> float:
        """Give seconds that nobody sets, those asleep included."""
        if sys.platform == "linux":
            return time.clock_gettime(time.CLOCK_BOOTTIME)
        if sys.platform == "darwin":
            # The one that goes on while the machine sleeps there.
            return time.clock_gettime(time.CLOCK_MONOTONIC)
        return time.monotonic()
