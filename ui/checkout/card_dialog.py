"""While a card is charged: what the terminal is doing, and a way out."""

import asyncio

from PySide6.QtWidgets import QProgressBar, QWidget

from pos_app.devices.card_terminal import CardTerminal, charge_safely
from pos_app.domain.card import CardOutcome, CardResult
from pos_app.errors import PosError
from ui.context import Context
from ui.errors import kind_of, sentence
from ui.tasks import Tasks
from ui.widgets.basic import label
from ui.widgets.sheet import Sheet


class CardDialog(Sheet):
    """Shows the amount until the terminal has answered; `result` is the answer, None where nothing was asked.

    Leaving asks the terminal to stop and then what became of the charge: it never just looks away.
    """

    def __init__(
        self, context: Context, terminal: CardTerminal, uid: str, amount: int, *, known: bool, parent: QWidget
    ) -> None:
        """Take the charge; `known` is one that was asked for before and has to be asked about first."""
        super().__init__("Card", parent)
        self.result_of_charge: CardResult | None = None
        self._context, self._terminal, self._uid, self._amount, self._known = context, terminal, uid, amount, known
        self.tasks = Tasks(self._tell)
        self.go.hide()
        self.body.addWidget(label(context.fmt.money(amount), "due"))
        self._bar = QProgressBar()
        self._bar.setRange(0, 0)
        self._bar.setTextVisible(False)
        self._bar.setAccessibleName("Waiting for the terminal")
        self.body.addWidget(self._bar)
        self.back.show_text("Cancel")
        self._stopping = False

    def begin(self) -> None:
        """Ask the terminal."""
        self.tasks.start(self._charge(), key="charge")

    async def _charge(self) -> None:
        currency = self._context.fmt.currency.code
        self.result_of_charge = await charge_safely(
            self._terminal, self._uid, self._amount, currency, self.message.say, known=self._known
        )
        super().reject()

    def reject(self) -> None:
        """Stop the charge, once; the dialog ends when it is known what became of it."""
        if not self._stopping:
            self._stopping = True
            self.back.setEnabled(False)
            self.message.say("Stopping… The terminal is asked what became of it.", "warn")
            self.tasks.start(self._stop(), key="charge")

    async def _stop(self) -> None:
        result = await self._terminal.cancel(self._uid)
        for _ in range(3):
            if result.final:
                break
            await asyncio.sleep(0.3)
            result = await self._terminal.status(self._uid)
        self.result_of_charge = result
        super().reject()

    def _tell(self, error: BaseException) -> None:
        if isinstance(error, PosError):
            # Nothing was asked: the line to the terminal never stood.
            self.result_of_charge = CardResult(CardOutcome.CANCELLED, self._uid)
            self.message.say(sentence(error), kind_of(error))
            self.failure = error
            super().reject()
        else:
            self._context.on_error(error)

    failure: PosError | None = None
