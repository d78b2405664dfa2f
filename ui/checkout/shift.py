"""Questions about the shift and its drawer: X report, closing, float, cash in and out, training."""

from pos_app.services import cart as basket
from pos_app.services.cart_park import list_parked, park
from pos_app.services.drawer import move_cash, no_sale
from pos_app.services.receipt import keep_report, open_drawer
from pos_app.services.setting import get_settings
from pos_app.services.shift import set_float, shift_summary, x_report
from pos_app.services.training import begin_training
from ui import dialogs
from ui.approval import with_approval
from ui.checkout.ask_dialog import AmountDialog
from ui.checkout.question import Questions
from ui.checkout.receipt_dialog import ReceiptDialog
from ui.shift.cash_dialog import CashDialog, NoSaleDialog
from ui.shift.close_dialog import CloseShiftDialog


class ShiftQuestions(Questions):
    """What a till does beside selling."""

    def x_report(self) -> None:
        """Shift+F10: the shift so far, on paper and on the screen."""
        self.page.ask(self._x_report())

    async def _x_report(self) -> None:
        page = self.page
        report = await with_approval(page.context, page, lambda approval: x_report(page.app, page.operator, approval))
        await dialogs.show(ReceiptDialog(await keep_report(page.app, report), page))

    def close_shift(self) -> None:
        """Ctrl+F10: count, close, and leave the till."""
        self.page.ask(self._close_shift())

    async def _close_shift(self) -> None:
        page = self.page
        # Asked for now: the shop may have changed it since somebody signed in.
        blind = (await get_settings(page.app)).blind_count
        dialog = CloseShiftDialog(page.context, await shift_summary(page.app, page.operator), page, blind=blind)
        if page.training:
            dialog.warn_of_training()
        elif parked := len(await list_parked(page.app, page.operator)):
            dialog.tell_of_parked(parked)
        await dialogs.show(dialog)
        await dialog.tasks.close()
        if dialog.wants_x:
            await self._x_report()
        elif dialog.report is not None:
            await dialogs.show(ReceiptDialog(await keep_report(page.app, dialog.report), page))
            page.finished.emit()

    async def _cash(self) -> None:
        page, uid = self.page, self.page.app.ids.new()
        dialog = CashDialog(page.fmt, page)
        if not await dialogs.show(dialog):
            return
        await self.insist(
            lambda approval: move_cash(
                page.app, page.operator, uid, dialog.amount, dialog.reason, approval, training=page.training
            )
        )
        word = "put in" if dialog.amount > 0 else "taken out"
        practice = " It was training: it is in no total." if page.training else ""
        said = f"{page.fmt.money(abs(dialog.amount))} {word}: {dialog.reason}.{practice}"
        left = (await shift_summary(page.app, page.operator)).expected if dialog.amount < 0 else 0
        if left < 0 and not page.training:
            page.message.say(f"{said} The drawer should hold {page.fmt.money(left)} now: was it that much?", "warn")
        else:
            page.message.say(said, "ok")

    async def _float(self) -> None:
        page = self.page
        report = await shift_summary(page.app, page.operator)
        dialog = AmountDialog(
            "Opening float", page.fmt, page, amount=report.opening_float, name="In the drawer at first"
        )
        if await dialogs.show(dialog) and (amount := dialog.amount) is not None:
            await with_approval(
                page.context, page, lambda approval: set_float(page.app, page.operator, amount, approval)
            )
            page.message.say(f"The shift opened with {page.fmt.money(amount)}.", "ok")

    async def _no_sale(self) -> None:
        page, uid = self.page, self.page.app.ids.new()
        dialog = NoSaleDialog(page)
        if not await dialogs.show(dialog):
            return
        await self.insist(
            lambda approval: no_sale(page.app, page.operator, uid, dialog.reason, approval, training=page.training)
        )
        if page.training:
            page.message.say(f"The drawer stays shut in training: {dialog.reason}.", "ok")
            return
        page.start(open_drawer(page.app))
        page.message.say(f"The drawer is opened: {dialog.reason}.", "ok")

    def train(self) -> None:
        """Turn training on or off; a basket with lines is parked first."""
        self.page.ask(self._train())

    async def _train(self) -> None:
        page = self.page
        if not page.training:
            await with_approval(page.context, page, lambda approval: begin_training(page.app, page.operator, approval))

        async def turn() -> None:
            cart = await page.open()
            wanted = not cart.training
            if cart.lines:
                await park(page.app, page.operator, cart.id)
            page.returns.end()
            # What was paid in the other mode does not stay on the screen as if it were of this one.
            page.cart, page.training, page.paid_shown = None, wanted, False
            page.show_cart(await basket.open_cart(page.app, page.operator, training=wanted))
            await page.read_last()
            said = "Training: nothing is really sold. F10 leaves it." if wanted else "Training is over."
            page.message.say(said + (" The sale before is parked." if cart.lines else ""), "warn" if wanted else "ok")

        await page.in_turn(turn)
