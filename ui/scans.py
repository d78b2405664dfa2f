"""How many scans were made and carried out: what is pressed after a scan is done after it, however long it takes."""

import asyncio
from collections import deque

from PySide6.QtCore import QObject, Signal


class Scans(QObject):
    """Counts the scans of this program's window."""

    # One was made, or carried out.
    changed = Signal()

    def __init__(self) -> None:
        """Begin with none."""
        super().__init__()
        self.made = self.done = 0
        # The codes of those not carried out yet, as they were made.
        self.waiting: deque[str] = deque()
        self._step: asyncio.Event | None = None

    def add(self, code: str) -> None:
        """One more was made."""
        self.made += 1
        self.waiting.append(code)
        self.changed.emit()

    def carry_out(self, count: int = 1) -> None:
        """So many more are carried out, or will never be."""
        self.done += count
        for _ in range(count):
            self.waiting.popleft()
        self.changed.emit()
        if self._step is not None:
            self._step.set()
            self._step = None

    async def until(self, made: int) -> None:
        """Wait until the first `made` are carried out."""
        while self.done < made:
            self._step = self._step or asyncio.Event()
            await self._step.wait()


scans = Scans()
