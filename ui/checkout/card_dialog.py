"""While the card terminal is asked: what it is doing, a way out, and a person's word where it says nothing."""

import asyncio
from functools import partial

from PySide6.QtWidgets import QHBoxLayout, QProgressBar, QWidget

from pos_app.devices.card_terminal import CardTerminal, ask_safely
from pos_app.domain.card import CardKind, CardOutcome, CardResult
from pos_app.errors import PosError
from pos_app.services.card import CardTask
from ui.actions import shortcut
from ui.context import Context
from ui.errors import sentence
from ui.tasks import Tasks
from ui.widgets.basic import label
from ui.widgets.key_button import KeyButton
from ui.widgets.sheet import Sheet

TITLES = {
    CardKind.CHARGE: "Card",
    CardKind.REVERSAL: "Back to the card",
    CardKind.REFUND: "Back to the card",
}


class CardDialog(Sheet):
    """Shows the amount until it is known what became of it; `result_of_task` is what is known in the end.

    Leaving asks the terminal to stop and then what became of it: it never just looks away. Where the terminal gives no
    answer, or does not give money back, a person says what happened: then `by_hand` is true.
    """

    def __init__(self, context: Context, terminal: CardTerminal | None, task: CardTask, parent: QWidget) -> None:
        """Take what is asked; without a terminal only a person can say what became of it."""
        super().__init__(TITLES[task.kind], parent, go="Ask again", width=560, tells_below=False)
        self.result_of_task = CardResult(CardOutcome.UNKNOWN, task.uid)
        self.by_hand = False
        # Why nothing could be asked.
        self.failure: PosError | None = None
        self._context, self._terminal, self._task = context, terminal, task
        self._asked = task.known
        self._stopping = False
        self.tasks = Tasks(self._tell)
        self._said = context.fmt.money(task.amount)
        self.body.addWidget(label(self._said, "due"))
        self._bar = QProgressBar()
        self._bar.setRange(0, 0)
        self._bar.setTextVisible(False)
        self._bar.setAccessibleName("Waiting for the terminal")
        self.body.addWidget(self._bar)
        self.body.addWidget(self.message)
        self._words = QHBoxLayout()
        self._words.setSpacing(8)
        charged = task.kind is CardKind.CHARGE
        self._yes = self._add_word("It was charged" if charged else "It went back", "Alt 1", CardOutcome.APPROVED)
        self._no = self._add_word(
            "It was not charged" if charged else "It did not go back", "Alt 2", CardOutcome.DECLINED
        )
        self.body.addLayout(self._words)

    def _add_word(self, text: str, key: str, outcome: CardOutcome) -> KeyButton:
        button = KeyButton(text, key, size="big")
        button.clicked.connect(lambda: self._say(outcome))
        shortcut(self, key.replace(" ", "+"), partial(self._say, outcome), within=False)
        self._words.addWidget(button)
        return button

    def begin(self) -> None:
        """Ask the terminal."""
        self._show_asking(asking=True)
        if self._terminal is None:
            self._leave_to_person(f"No terminal is set up at this till any more. {self._look()}")
            return
        self.tasks.start(self._ask(self._terminal), key="ask")

    async def _ask(self, terminal: CardTerminal) -> None:
        task, code = self._task, self._context.fmt.currency.code
        known, self._asked = self._asked, True
        back = task.kind is not CardKind.CHARGE
        result = await ask_safely(terminal, task.uid, task.amount, code, self.message.say, known=known, back=back)
        self._take(result)

    def _take(self, result: CardResult) -> None:
        """Leave with an answer; where there is none, or the money is still owed, a person is asked."""
        self.result_of_task = result
        goes_back = self._task.kind is not CardKind.CHARGE
        if result.outcome is CardOutcome.APPROVED or (result.final and not goes_back):
            super().reject()
        elif result.final:
            self._leave_to_person(
                f"The terminal did not give {self._said} back. Give it back there by hand, or leave it."
            )
        else:
            self._leave_to_person(f"The terminal does not say what became of it. {self._look()}")

    def _look(self) -> str:
        done = "was charged" if self._task.kind is CardKind.CHARGE else "went back"
        return f"Look at its display or journal: {self._said} {done}, or not."

    def _leave_to_person(self, said: str) -> None:
        self.message.say(said, "warn")
        self._show_asking(asking=False)

    def _show_asking(self, *, asking: bool) -> None:
        self._stopping = False
        self._bar.setVisible(asking)
        can_ask = self._terminal is not None and not self.result_of_task.final
        self.go.setVisible(not asking and can_ask)
        self.go.setEnabled(not asking and can_ask)
        self._yes.setVisible(not asking)
        # A refund of a document stays owed: there is nothing else to say but that it went back.
        self._no.setVisible(not asking and self._task.kind is not CardKind.REFUND)
        self.back.setEnabled(True)
        self.back.show_text("Cancel" if asking else "Later")
        # Enter asks again, and never says by itself what happened.
        (self.go if self.go.isVisibleTo(self) else self.back).setFocus()

    def submit(self) -> None:
        """Ask once more."""
        if self.tasks.idle and self.go.isVisible():
            self.begin()

    def _say(self, outcome: CardOutcome) -> None:
        """Take a person's word."""
        button = self._yes if outcome is CardOutcome.APPROVED else self._no
        if button.isVisible():
            self.by_hand = True
            self.result_of_task = CardResult(outcome, self._task.uid)
            super().reject()

    def reject(self) -> None:
        """Stop it, once; the dialog ends when it is known what became of it, or later where nobody knows."""
        if self.tasks.idle or self._terminal is None:
            super().reject()
        elif not self._stopping:
            self._stopping = True
            self.back.setEnabled(False)
            self.message.say("Stopping… The terminal is asked what became of it.", "warn")
            self.tasks.start(self._stop(self._terminal), key="ask")

    async def _stop(self, terminal: CardTerminal) -> None:
        result = await terminal.cancel(self._task.uid)
        for _ in range(3):
            if result.final:
                break
            await asyncio.sleep(0.3)
            result = await terminal.status(self._task.uid)
        self._take(result)

    def _tell(self, error: BaseException) -> None:
        if not isinstance(error, PosError):
            self._context.on_error(error)
        elif self._task.kind is CardKind.CHARGE:
            # Nothing was asked: the line to the terminal never stood.
            self.result_of_task = CardResult(CardOutcome.CANCELLED, self._task.uid)
            self.failure = error
            super().reject()
        else:
            self._asked = False
            self._leave_to_person(sentence(error))
