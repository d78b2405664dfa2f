"""How many scans were made and carried out: what is pressed after a scan is done after it, however long it takes."""

import asyncio
from collections import deque
from collections.abc import Callable


class Scans:
    """Counts the scans of this program's window."""

    def __init__(self) -> None:
        """Begin with none."""
        self.made = self.done = 0
        # The codes of those not carried out yet, as they were made.
        self.waiting: deque[str] = deque()
        self.on_change: list[Callable[[], None]] = []
        self._step: asyncio.Event | None = None

    def add(self, code: str) -> None:
        """One more was made."""
        self.made += 1
        self.waiting.append(code)
        self._tell()

    def carry_out(self, count: int = 1) -> None:
        """So many more are carried out, or will never be."""
        self.done += count
        for _ in range(count):
            self.waiting.popleft()
        self._tell()
        if self._step is not None:
            self._step.set()
            self._step = None

    def _tell(self) -> None:
        for tell in self.on_change:
            tell()

    async def until(self, made: int) -> None:
        """Wait until the first `made` are carried out."""
        while self.done < made:
            self._step = self._step or asyncio.Event()
            await self._step.wait()


scans = Scans()
