"""Every task of a window, so that none is lost, doubled or left behind."""

import asyncio
from collections.abc import Callable, Coroutine
from contextvars import copy_context
from typing import Any

from pos_app.log import action, new_number


class Tasks:
    """Starts coroutines and looks after them."""

    def __init__(self, on_error: Callable[[BaseException], None]) -> None:
        """Take what is to be told of errors that a task lets out."""
        self._on_error = on_error
        self._all: set[asyncio.Task[Any]] = set()
        self._by_key: dict[str, asyncio.Task[Any]] = {}

    def start(self, work: Coroutine[Any, Any, Any], *, key: str | None = None) -> asyncio.Task[Any]:
        """Start work; an older task of the same key is cancelled, since its answer is no longer wanted.

        It has a number in the log, unless it is a part of work that has one.
        """
        context = copy_context()
        if not context.get(action):
            context.run(action.set, new_number())
        task = asyncio.get_event_loop().create_task(work, context=context)
        if key is not None:
            older = self._by_key.get(key)
            if older is not None:
                older.cancel()
            self._by_key[key] = task
        self._all.add(task)
        task.add_done_callback(self._done, context=context)
        return task

    def cancel(self, key: str) -> None:
        """Cancel the task of a key, where one is under way: its answer is no longer wanted."""
        if (task := self._by_key.get(key)) is not None:
            task.cancel()

    def running(self, key: str) -> bool:
        """Whether the task of a key is under way."""
        return key in self._by_key

    def _done(self, task: asyncio.Task[Any]) -> None:
        self._all.discard(task)
        for key in [key for key, kept in self._by_key.items() if kept is task]:
            del self._by_key[key]
        if not task.cancelled() and (error := task.exception()) is not None:
            self._on_error(error)

    @property
    def idle(self) -> bool:
        """Whether nothing is under way."""
        return not self._all

    async def settled(self) -> None:
        """Wait until nothing is under way."""
        while self._all:
            await asyncio.wait(set(self._all))

    async def close(self) -> None:
        """Cancel everything and wait for it; commits run to their end."""
        for task in list(self._all):
            task.cancel()
        await self.settled()
