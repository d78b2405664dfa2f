"""The page of a first start: plain steps, on with Enter, back with Alt ←; nothing is stored before the last."""

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QDialog, QHBoxLayout, QScrollArea, QStackedWidget, QVBoxLayout, QWidget

from pos_app.config import Config
from pos_app.errors import PosError, Refused
from pos_app.first_start import carry_out
from ui import dialogs
from ui.actions import shortcut
from ui.errors import kind_of, sentence
from ui.setup.equipment import CatalogueStep, PrinterStep, ReadyStep
from ui.setup.place import CopyStep, PlaceStep, ServerStep, TillStep
from ui.setup.shop import AdminStep, ShopStep
from ui.setup.step import Answers, Step
from ui.style.theme import fit, px
from ui.tasks import Tasks
from ui.widgets.basic import Message, label, panel, separator
from ui.widgets.key_button import KeyButton
from ui.widgets.sheet import Sheet

STEPS: tuple[type[Step], ...] = (
    PlaceStep,
    CopyStep,
    ServerStep,
    ShopStep,
    AdminStep,
    TillStep,
    PrinterStep,
    CatalogueStep,
    ReadyStep,
)
WIDTH, HEIGHT, EDGE = 680, 560, 28
# Which step a refusal of the last one goes back to.
BACK_TO: dict[str, type[Step]] = {
    "till.taken": TillStep,
    "till.name": TillStep,
    "data_dir.in_use": TillStep,
    "user.name": AdminStep,
    "pin.invalid": AdminStep,
}


class LeaveSheet(Sheet):
    """Esc: whether to stop here."""

    def __init__(self, parent: QWidget) -> None:
        """Say what that means."""
        super().__init__("Stop setting up?", parent, go="Close the program")
        self.back.show_text("Go on")
        said = label("Nothing is stored yet. The next start asks again from the beginning.")
        said.setWordWrap(True)
        self.body.addWidget(said)
        self.message.hide()
        self.go.setFocus()


class SetupPage(QWidget):
    """One step at a time; `on_done` gets the settings to open the shop with, and the answers."""

    def __init__(
        self,
        answers: Answers,
        hold: Callable[[Config], None],
        on_done: Callable[[Config, Answers], None],
        on_error: Callable[[BaseException], None],
        on_left: Callable[[], None],
    ) -> None:
        """Take what is known already; `hold` holds the till of a number, and raises what `till_held` does.

        `on_left` is called where what keeps a shop from opening is left as it is.
        """
        super().__init__()
        self.answers = answers
        self._hold, self._on_done, self._on_error, self._on_left = hold, on_done, on_error, on_left
        self.tasks = Tasks(self._tell)
        self._working = self._storing = False
        # Carried out or left: whoever asked goes on, and a key still on its way begins nothing here.
        self._ended = False
        self._carrying: asyncio.Future[Config] | None = None
        outer = QVBoxLayout(self)
        outer.setContentsMargins(16, 12, 16, 12)
        across = QHBoxLayout()
        card = panel("card")
        card.setFixedWidth(fit(WIDTH))
        card.setMaximumHeight(px(HEIGHT))
        across.addWidget(card)
        outer.addLayout(across, 1)
        layout = QVBoxLayout(card)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addLayout(self._make_head())
        layout.addWidget(separator())
        self._stack = QStackedWidget()
        self.message = Message()
        self.steps = [make(answers, self.tasks, self._say) for make in STEPS]
        for step in self.steps:
            step.done.connect(self._focus_next)
            self._stack.addWidget(_scrolled(step))
        layout.addWidget(self._stack, 1)
        told = QHBoxLayout()
        told.setContentsMargins(EDGE - 2, 4, EDGE - 2, 8)
        told.addWidget(self.message)
        layout.addLayout(told)
        layout.addWidget(separator())
        layout.addLayout(self._make_foot())
        self._place = next(place for place, step in enumerate(self.steps) if step.wanted())

    def _make_head(self) -> QVBoxLayout:
        head = QVBoxLayout()
        head.setContentsMargins(EDGE, 20, EDGE, 14)
        head.setSpacing(4)
        line = QHBoxLayout()
        self._title, self._count = label("", "heading"), label("", "muted")
        line.addWidget(self._title)
        line.addStretch(1)
        line.addWidget(self._count)
        head.addLayout(line)
        self._about = label("", "muted")
        self._about.setWordWrap(True)
        head.addWidget(self._about)
        return head

    def _make_foot(self) -> QHBoxLayout:
        foot = QHBoxLayout()
        foot.setContentsMargins(EDGE, 14, EDGE, 14)
        foot.setSpacing(10)
        words = ("Leave as it is", "Leave as it is") if self.answers.mends else ("Stop", "Stop setting up")
        stop = KeyButton(words[0], "Esc", size="big", name=words[1])
        stop.clicked.connect(self._ask_to_leave)
        self.back = KeyButton("Back", "Alt ←", size="big")
        self.back.clicked.connect(self.go_back)
        shortcut(self, "Alt+Left", self.back.click, within=False)
        self.next = KeyButton("Next", "Enter", role="primary", size="big")
        self.next.clicked.connect(self.go_on)
        foot.addWidget(stop)
        foot.addStretch(1)
        foot.addWidget(self.back)
        foot.addWidget(self.next)
        return foot

    # Steps

    @property
    def step(self) -> Step:
        """The step shown."""
        return self.steps[self._place]

    def activated(self) -> None:
        """Show where it begins."""
        self._show(self._place)

    def _show(self, place: int) -> None:
        self.step.left()
        self._place = place
        step = self.step
        self._stack.setCurrentIndex(place)
        self._say("", "none")
        step.entered()
        self._title.setText(step.title)
        self._about.setText(step.about)
        wanted = [number for number, one in enumerate(self.steps) if one.wanted()]
        self._count.setText(f"Step {wanted.index(place) + 1} of {len(wanted)}")
        self.next.show_text(step.go)
        self._see_to_buttons()
        (step.home() or self.next).setFocus()

    def _focus_next(self) -> None:
        self.next.setFocus()

    def _see_to_buttons(self) -> None:
        self.back.setEnabled(not self._working and self._before() is not None)
        self.next.setEnabled(not self._working)

    def _before(self) -> int | None:
        return next((place for place in range(self._place - 1, -1, -1) if self.steps[place].wanted()), None)

    def go_back(self) -> None:
        """Turn to the step before; what was typed stays."""
        before = self._before()
        if before is not None and not (self._working or self._ended):
            self._show(before)

    def go_on(self) -> None:
        """Check what was typed and turn to the next step; from the last one, carry everything out."""
        if not (self._working or self._ended):
            last = self._place == len(self.steps) - 1
            self.tasks.start(self._work(self._finish() if last else self._keep()))

    async def _work(self, work: Coroutine[Any, Any, None]) -> None:
        self._working = True
        self._see_to_buttons()
        try:
            await work
        finally:
            self._working = self._storing = False
            self._see_to_buttons()
            # A button that was switched off meanwhile has lost the focus.
            if self.step.home() is None:
                self.next.setFocus()

    async def _keep(self) -> None:
        step = self.step
        await step.keep()
        place = self._place + 1
        while not self.steps[place].wanted():
            place += 1
        self._show(place)

    async def _finish(self) -> None:
        self._storing = True
        try:
            self._hold(self.answers.config)
            plan = self.answers.plan()
            self._carrying = asyncio.ensure_future(carry_out(plan, lambda text: self._say(text, "none")))
            # Somebody may close the window meanwhile: a shop is made whole or not at all.
            config = await asyncio.shield(self._carrying)
        except Refused as refused:
            if (back_to := BACK_TO.get(refused.code)) is not None:
                self.answers.till_asked |= back_to is TillStep
                self._show(STEPS.index(back_to))
            raise
        self._ended = True
        self._on_done(config, self.answers)

    # Told and asked

    def _say(self, text: str, kind: str) -> None:
        self.message.say(text, kind)

    def _tell(self, error: BaseException) -> None:
        if isinstance(error, PosError):
            self._say(sentence(error), kind_of(error))
        else:
            self._on_error(error)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Enter goes on, wherever the focus is but on another button, which it presses; Esc stops, asked about once."""
        if event.isAutoRepeat():
            return
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            button = self.focusWidget()
            # One of several ways is chosen first: nobody goes on with another than the one they look at.
            other = isinstance(button, KeyButton) and button is not self.next and not button.isChecked()
            if other and isinstance(button, KeyButton):
                button.click()
            else:
                self.go_on()
        elif event.key() == Qt.Key.Key_Escape:
            self._ask_to_leave()
        else:
            super().keyPressEvent(event)

    def _ask_to_leave(self) -> None:
        if self._ended:
            return
        if self._storing:
            self._say("It is being stored: wait a moment.", "none")
        elif self.answers.mends:
            self._ended = True
            self._on_left()
        elif not self.tasks.running("leave"):
            self.tasks.start(self._leave(), key="leave")

    async def _leave(self) -> None:
        if await dialogs.show(LeaveSheet(self.window())) == QDialog.DialogCode.Accepted:
            self.window().close()

    async def settled(self) -> None:
        """Wait until nothing is under way."""
        await self.tasks.settled()

    async def close_page(self) -> None:
        """End this page's work; what is being stored runs to its end."""
        self.step.left()
        await self.tasks.close()
        if self._carrying is not None:
            await asyncio.wait({self._carrying})


def _scrolled(step: Step) -> QScrollArea:
    """Large text on a small screen has no room for a whole step."""
    area = QScrollArea()
    area.setFrameShape(QScrollArea.Shape.NoFrame)
    area.setWidgetResizable(True)
    area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
    inner = QWidget()
    around = QVBoxLayout(inner)
    around.setContentsMargins(EDGE, 16, EDGE - 4, 4)
    around.addWidget(step)
    area.setWidget(inner)
    return area
