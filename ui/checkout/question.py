"""What all questions of the counter share: one at a time, in turn with the scans, a refusal told beside the work."""

import asyncio
from collections.abc import Awaitable, Callable, Coroutine
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from PySide6.QtWidgets import QWidget

from pos_app.errors import PosError, Unavailable
from pos_app.services.cart_view import CartView
from ui import dialogs
from ui.approval import with_approval
from ui.errors import sentence
from ui.scans import scans
from ui.widgets.basic import label
from ui.widgets.sheet import Sheet

if TYPE_CHECKING:
    from ui.checkout.page import CheckoutPage


SCANS_S = 3


class Questions:
    """The questions of one page."""

    def __init__(self, page: "CheckoutPage") -> None:
        """Take the page."""
        self.page = page
        self.busy = False

    async def run(self, flow: Coroutine[Any, Any, None]) -> None:
        """Carry a question out, which the page has marked as asked; a refusal is told beside the work."""
        try:
            with suppress(TimeoutError):
                # What was scanned before belongs to what is asked; while the database is away it waits longer.
                await asyncio.wait_for(scans.until(scans.made), SCANS_S)
            await flow
        except PosError as error:
            self.page.tell(error)
        finally:
            flow.close()
            self.busy = False
            self.page.entry.setFocus()

    async def step(self, act: Callable[[CartView, str | None], Awaitable[CartView]]) -> None:
        """Change the basket, asking a manager where it takes one."""
        page = self.page

        async def turn() -> None:
            cart = await page.open()
            page.show_step(await with_approval(page.context, page, lambda approval: act(cart, approval)))

        await page.in_turn(turn)

    async def insist(self, act: Callable[[str | None], Awaitable[object]]) -> None:
        """Do what carries an id of its own, and where the answer is lost, offer to send the very same again.

        Asking the whole question anew would give it another id, and what was stored after all would be stored twice.
        """
        page = self.page
        while True:
            try:
                await with_approval(page.context, page, act)
            except Unavailable as unavailable:
                if not await dialogs.show(AgainDialog(sentence(unavailable), page)):
                    raise
            else:
                return


class AgainDialog(Sheet):
    """The answer was lost: whether to send the same again."""

    def __init__(self, said: str, parent: QWidget) -> None:
        """Take what happened."""
        super().__init__("No answer", parent, go="Send it again")
        for text, role in ((said, "sum"), ("Sent again it counts once, whether or not it arrived before.", "muted")):
            line = label(text, role)
            line.setWordWrap(True)
            self.body.addWidget(line)
        self.go.setFocus()
