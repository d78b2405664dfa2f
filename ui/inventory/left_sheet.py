"""What is asked after a change of many titles, or its undo, was cut off: to go on, to take back, or to leave it so."""

import asyncio
from collections.abc import Callable, Coroutine

from PySide6.QtWidgets import QWidget

from pos_app.services.book_bulk import BulkReport, go_on
from pos_app.services.book_bulk_left import Left, leave
from pos_app.services.book_undo import go_on_undoing, undo_act
from ui.actions import shortcut
from ui.context import Context
from ui.inventory.undo_words import undone
from ui.widgets.basic import label
from ui.widgets.key_button import KeyButton
from ui.widgets.sheet import WorkSheet


class LeftSheet(WorkSheet):
    """Says how far a change came before the program or the database went; `said` is what became of it."""

    def __init__(self, context: Context, left: Left, parent: QWidget) -> None:
        """Take what is left to do."""
        undoing = left.undoes is not None
        super().__init__(
            context,
            "An undo was cut off" if undoing else "A change was cut off",
            parent,
            go="Undo the rest" if undoing else "Change the rest",
            width=680,
        )
        self.back.show_text("Later")
        self.left, self.said, self.kind = left, "", "ok"
        self._cancel = asyncio.Event()
        self._running = False
        count = context.fmt.count
        what = "changes are taken back" if undoing else "titles are changed"
        self.body.addWidget(label(f"{count(left.done)} of {count(left.total)} {what}", "title"))
        begun = f"{context.fmt.day(left.begun_at)} {context.fmt.time(left.begun_at)}"
        note = label(
            f"Begun {begun} and stopped before its end. All others are as they were.",
            "muted",
        )
        note.setWordWrap(True)
        self.body.addWidget(note)
        self._add("Leave it so", "Alt+L", self._leave)
        if not undoing and left.done:
            self._add("Take it back", "Alt+T", self._take_back)
        self.go.setFocus()

    def _add(self, text: str, key: str, work: Callable[[], Coroutine[None, None, None]]) -> None:
        button = KeyButton(text, key.replace("+", " "), size="big")
        button.clicked.connect(lambda _=False: self._begin(work()))
        shortcut(self, key, button.click, within=False)
        self.foot.insertWidget(1, button)

    def submit(self) -> None:
        """Do the rest."""
        self._begin(self._go_on())

    def _begin(self, work: Coroutine[None, None, None]) -> None:
        if self._running:
            work.close()
            return
        self._running = True
        self.tasks.start(self._carry_out(work))

    async def _carry_out(self, work: Coroutine[None, None, None]) -> None:
        self.go.setEnabled(False)
        self.back.show_text("Cancel")
        try:
            await work
        finally:
            self._running = False
            self.go.setEnabled(True)
            self.back.show_text("Later")
        self.accept()

    async def _go_on(self) -> None:
        app, operator, count = self.context.app, self.context.operator, self.context.fmt.count
        if self.left.undoes is not None:
            report = await go_on_undoing(app, operator, self.left, self._show_progress, self._cancel)
            self.kind = "warn" if report.rest else "ok"
            self.said = f"{'' if report.rest else 'Undone. '}{undone(report, self.context.fmt)}"
            return
        done: BulkReport = await go_on(app, operator, self.left, progress=self._show_progress, cancel=self._cancel)
        stopped = "Stopped: " if done.cancelled else ""
        self.said = f"{stopped}{count(done.changed)} titles changed. Ctrl+Z takes it back."

    async def _take_back(self) -> None:
        report = await undo_act(self.context.app, self.context.operator, self.left.uid, self._show_progress)
        await self._leave()
        self.said = f"Undone: {self.context.fmt.count(report.undone)} changes."

    async def _leave(self) -> None:
        await leave(self.context.app, self.context.operator, self.left.uid)

    def _show_progress(self, done: int, total: int) -> None:
        count = self.context.fmt.count
        self.message.say(f"{count(done)} of {count(total)} done.")

    def reject(self) -> None:
        """Stop what is under way, else ask again the next time."""
        if self._running:
            self._cancel.set()
            return
        super().reject()
