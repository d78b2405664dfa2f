"""A small display for the customer, at an address like a printer's."""

import asyncio
import logging
from concurrent.futures import ThreadPoolExecutor

from pos_app.devices import receipt_printer
from pos_app.errors import PosError

_log = logging.getLogger(__name__)


class LineDisplay:
    """Shows the latest text; older ones that were not shown yet are dropped, and a fault holds nothing up.

    `fault` is why the last text is not shown, None where it is. The log says so once, until the display works again.
    """

    def __init__(self, setting: str) -> None:
        """Take its address: `none`, or as a printer's. Raises Refused("printer.setting")."""
        receipt_printer.check_setting(setting)
        self.fault: PosError | None = None
        self._setting, self._send = setting, receipt_printer.Sender(asks=False).send
        self._latest: bytes | None = None
        self._task: asyncio.Task[None] | None = None
        self._thread: ThreadPoolExecutor | None = None
        self._closed = False

    def show(self, data: bytes) -> None:
        """Show what the bytes say, as soon as the display takes them; nothing any more once it is closed."""
        if self._setting == "none" or self._closed:
            return
        self._latest = data
        if self._task is None or self._task.done():
            self._thread = self._thread or ThreadPoolExecutor(1, thread_name_prefix="worker-display")
            self._task = asyncio.get_running_loop().create_task(self._work())

    async def settled(self) -> None:
        """Wait until the latest text is shown, or is known not to be."""
        if self._task is not None:
            await asyncio.wait([self._task])

    async def _work(self) -> None:
        while self._latest is not None:
            data, self._latest = self._latest, None
            try:
                await asyncio.get_running_loop().run_in_executor(self._thread, self._send, self._setting, data)
                self.fault = None
            except PosError as error:
                if self.fault is None:
                    _log.warning("The customer's line display shows nothing: %s", error)
                self.fault = error

    async def close(self) -> None:
        """Stop. A text that the display is just taking is not waited for."""
        self._closed = True
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)
        if self._thread is not None:
            self._thread.shutdown(wait=False, cancel_futures=True)
