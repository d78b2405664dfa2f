"""Receipts that are shown or printed again."""

from pos_app.services.receipt import Receipt, gift_receipt, read_receipt, reprint
from ui.checkout.question import Questions
from ui.checkout.receipt_dialog import show_receipt


class PaperQuestions(Questions):
    """The last sale's papers."""

    def show_receipt(self) -> None:
        """Ctrl+R: the last receipt on the screen."""
        if self.page.last is not None:
            self.page.ask(self._show_receipt(self.page.last.number))

    async def _show_receipt(self, number: str) -> None:
        await show_receipt(await read_receipt(self.page.app, number), self.page.fmt, self.page)

    def reprint(self) -> None:
        """Ctrl+P: the last receipt again, marked COPY; without a printer it is shown."""
        self.page.ask(self._reprint())

    async def _reprint(self) -> None:
        page = self.page
        receipt = await reprint(page.app, page.operator, training=page.training)
        await self._shown_or_told(receipt, f"Receipt {receipt.number} goes to the printer again, marked COPY.")

    async def _gift_receipt(self) -> None:
        page = self.page
        receipt = await gift_receipt(page.app, page.operator, training=page.training)
        await self._shown_or_told(receipt, f"The gift receipt of {receipt.number} goes to the printer.")

    async def _shown_or_told(self, receipt: Receipt, told: str) -> None:
        """Show a paper where no printer is set; else say that it is printed."""
        page = self.page
        if page.app.printing.printer == "none":
            await show_receipt(receipt, page.fmt, page)
        else:
            page.message.say(told, "ok")
