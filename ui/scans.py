"""How many scans were made and carried out: what is pressed after a scan is done after it, however long it takes."""

import asyncio


class Scans:
    """Counts the scans of this program's window."""

    def __init__(self) -> None:
        """Begin with none."""
        self.made = self.done = 0
        self._step: asyncio.Event | None = None

    def add(self) -> None:
        """One more was made."""
        self.made += 1

    def carry_out(self, count: int = 1) -> None:
        """So many more are carried out, or will never be."""
        self.done += count
        if self._step is not None:
            self._step.set()
            self._step = None

    async def until(self, made: int) -> None:
        """Wait until the first `made` are carried out."""
        while self.done < made:
            self._step = self._step or asyncio.Event()
            await self._step.wait()


scans = Scans()
